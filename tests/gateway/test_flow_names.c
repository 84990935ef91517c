/* gateway/flow: the dataset's own names, read by a worker into sealed memory,
 * and what texts are searched for with it. */

#include "gateway/flow/flow.h"
#include "policy/detect/detect.h"
#include "policy/transform/transform.h"
#include "tests/support/worker.h"

static const struct process_role test_roles[] = {
	{ "worker", worker_role },
	{ NULL, NULL },
};

static struct fault f;

/* One file's names, asked of the worker; "given PERSON" a field. */
struct table {
	const char *path, *text;
	enum file_type type;
	const char *fields[4];
	enum dictionary_names names[4];
	const char *subject; /* field, or NULL */
	const char *whose;   /* of all of it, or NULL */
};

static void
read_names(struct bench *b, bool first, const struct table *t)
{
	struct worker_file file = {
		.path = t->path, .size = strlen(t->text), .plan = UINT32_MAX
	};
	struct message m;
	uint16_t n = 0;

	if (t->whose != NULL)
		file.subject = (struct slice){ (const uint8_t *)t->whose,
			strlen(t->whose) };
	message_init(&m, MESSAGE_MAX);
	assert_ok(ask_begin(&m, WORKER_DICTIONARY, &f));
	assert_ok(put_u8(&m.body, first, &f));
	assert_ok(message_give_fd(&m, memory_fd(t->text, strlen(t->text)), &f));
	assert_ok(worker_put_file(&m.body, &file, &f));
	assert_ok(put_u8(&m.body, (uint8_t)t->type, &f));
	assert_ok(put_u8(&m.body, 1, &f));
	assert_ok(put_u8(&m.body, 0, &f));
	assert_ok(put_u8(&m.body, t->type != TYPE_CSV, &f));
	while (n < 4 && t->fields[n] != NULL)
		n++;
	assert_ok(put_u16(&m.body, n, &f));
	for (uint16_t i = 0; i < n; i++) {
		assert_ok(put_u8(&m.body, (uint8_t)t->names[i], &f));
		assert_ok(put_text(&m.body, t->fields[i], &f));
	}
	assert_ok(put_text(&m.body, t->subject != NULL ? t->subject : "", &f));
	run(b, &m);
}

/* Which of the fields it said to be there, as "110". */
static const char *
found(struct bench *b)
{
	static char text[8];
	size_t n = 0;
	uint8_t has;

	assert_done(b);
	while (reader_left(&b->r.body) > 0) {
		assert_ok(take_u8(&b->r.body, &has, &f));
		text[n++] = has ? '1' : '0';
	}
	text[n] = '\0';
	return text;
}

/* The whole dictionary; *values is how many it says there are. */
static int
seal(struct bench *b, uint64_t *values)
{
	struct message m;
	uint64_t words, bytes;
	int fd;

	assert_ok(sealed_new(&fd, "names", &f));
	message_init(&m, 64);
	assert_ok(ask_begin(&m, WORKER_DICTIONARY_END, &f));
	assert_ok(message_add_fd(&m, fd, &f));
	run(b, &m);
	assert_done(b);
	assert_ok(take_u64(&b->r.body, values, &f));
	assert_ok(take_u64(&b->r.body, &words, &f));
	assert_ok(take_u64(&b->r.body, &bytes, &f));
	assert_ok(take_end(&b->r.body, &f));
	assert_int_equal(lseek(fd, 0, SEEK_END), bytes);
	assert_ok(sealed_end(fd, "names", &f));
	return fd;
}

struct known {
	const void *map;
	size_t len;
	struct transform_dictionary *d;
	struct transform t;
};

static void
know(struct known *k, int fd)
{
	k->t = (struct transform){
		.action = TRANSFORM_DETECT, .first = 60, .style = REDACT_TAG
	};
	assert_ok(transform_rules(
	    &k->t, &(struct detect_options){ .min_score = 60 }, &f));
	assert_ok(sealed_map(&k->map, &k->len, fd, "names", &f));
	assert_ok(transform_dictionary_open(&k->d, k->map, k->len, &f));
	(void)close(fd);
}

static void
forget(struct known *k)
{
	transform_free(&k->t);
	transform_dictionary_free(k->d);
	sealed_unmap(k->map, k->len);
}

/* What is made of a text of a person, or of a record of a file. */
static void
made(const struct known *k, const char *whose, const char *path,
    uint64_t record, const char *text, const char *want)
{
	const struct transform_site site = { .path = path,
		.record = record,
		.subject = { (const uint8_t *)whose,
		    whose != NULL ? strlen(whose) : 0 },
		.dictionary = k->d };
	struct bytes out;

	bytes_init(&out, 1 << 16);
	assert_ok(transform_apply(&k->t, &site, text, strlen(text), &out, &f));
	assert_ok(bytes_end_text(&out, &f));
	assert_string_equal((const char *)out.at, want);
	bytes_free(&out);
}

#define PAIR "<PERSON> wins"

static void
the_parts_of_a_record_s_name_are_one_person(void **state)
{
	static const struct table t = { "p.csv",
		"no,given,family,tel\n1,Dawn,Rivers,\n2,Rose,Fields,030 "
		"1234567\n"
		"3,,Marsh,\n",
		TYPE_CSV, { "given", "family", "nothing", "tel" },
		{ NAMES_PERSON, NAMES_PERSON, NAMES_PERSON, NAMES_PHONE }, NULL,
		NULL };
	struct known k;
	struct bench b;
	uint64_t values;

	(void)state;
	bench_start(&b, 1);
	read_names(&b, true, &t);
	assert_string_equal(found(&b), "1101");
	know(&k, seal(&b, &values));
	assert_int_equal(values, 4);
	made(&k, NULL, "x", 0, "RIVERS, DAWN wins", PAIR);
	made(&k, NULL, "x", 0, "FIELDS, ROSE wins", PAIR);
	made(&k, NULL, "x", 0, "FIELDS, DAWN wins", "FIELDS, DAWN wins");
	made(&k, NULL, "x", 0, "RIVERS, ROSE wins", "RIVERS, ROSE wins");
	made(&k, NULL, "x", 0, "tel 0301234567", "tel <PHONE_NUMBER>");
	forget(&k);
	bench_end(&b);
}

static void
in_a_document_a_path_that_comes_again_is_another_person(void **state)
{
	static const struct table t = { "s.json",
		"{\"s\":[{\"g\":\"Dawn\",\"f\":\"Rivers\"},"
		"{\"f\":\"Fields\",\"x\":1,\"g\":\"Rose\"},{\"g\":\"Ivy\"}]}",
		TYPE_JSON, { "s[*].g", "$..f" }, { NAMES_PERSON, NAMES_PERSON },
		NULL, NULL };
	struct known k;
	struct bench b;
	uint64_t values;

	(void)state;
	bench_start(&b, 1);
	read_names(&b, true, &t);
	assert_string_equal(found(&b), "11");
	know(&k, seal(&b, &values));
	assert_int_equal(values, 3);
	made(&k, NULL, "x", 0, "RIVERS, DAWN wins", PAIR);
	made(&k, NULL, "x", 0, "FIELDS, ROSE wins", PAIR);
	made(&k, NULL, "x", 0, "FIELDS, DAWN wins", "FIELDS, DAWN wins");
	/* all of them are the document's own */
	made(&k, NULL, "s.json", 0, "Dawn said", "<PERSON> said");
	forget(&k);
	bench_end(&b);
}

/* By a field, wherever it stands; by the file; by the record. */
static void
names_are_their_subject_s_or_their_record_s(void **state)
{
	static const struct table byfield = { "a.jsonl",
		"{\"n\":\"Frost\",\"id\":\"P1\"}\n\n{\"id\":\"P2\",\"n\":"
		"\"Snow\"}\n",
		TYPE_JSONL, { "n" }, { NAMES_PERSON }, "id", NULL };
	static const struct table byfile = { "P3/a.json", "{\"n\":\"Marsh\"}",
		TYPE_JSON, { "n" }, { NAMES_PERSON }, NULL, "P3" };
	static const struct table byrecord = { "c.csv", "n\nHill\n\nBrook\n",
		TYPE_CSV, { "n" }, { NAMES_PERSON }, NULL, NULL };
	static const struct table both = { "d.csv", "id,n\nX-1,Lake\n",
		TYPE_CSV, { "id", "n" }, { NAMES_ID, NAMES_PERSON }, "id",
		NULL };
	struct known k;
	struct bench b;
	uint64_t values;

	(void)state;
	bench_start(&b, 1);
	read_names(&b, true, &byfield);
	assert_string_equal(found(&b), "1");
	read_names(&b, false, &byfile);
	assert_string_equal(found(&b), "1");
	read_names(&b, false, &byrecord);
	assert_string_equal(found(&b), "1");
	read_names(&b, false, &both);
	assert_string_equal(found(&b), "11");
	know(&k, seal(&b, &values));
	made(&k, "P1", "x", 0, "Frost said", "<PERSON> said");
	made(&k, "P2", "x", 0, "Frost said", "Frost said");
	made(&k, "P2", "x", 0, "Snow said", "<PERSON> said");
	made(&k, "P3", "x", 0, "Marsh said", "<PERSON> said");
	made(&k, NULL, "P3/a.json", 0, "Marsh said", "Marsh said");
	made(&k, NULL, "c.csv", 1, "Hill said", "<PERSON> said");
	made(&k, NULL, "c.csv", 2, "Hill said", "Hill said");
	made(&k, NULL, "c.csv", 3, "Brook said", "<PERSON> said");
	made(&k, "X-1", "x", 0, "Lake said", "<PERSON> said");
	forget(&k);
	bench_end(&b);
}

static void
what_is_no_name_or_no_table_is_refused_with_its_record(void **state)
{
	static const struct table torn = { "t.csv", "n,m\nA,1\nB\n", TYPE_CSV,
		{ "n" }, { NAMES_PERSON }, NULL, NULL };
	static const struct table again = { "t.csv", "n\nDawn Rivers\n",
		TYPE_CSV, { "n" }, { NAMES_PERSON }, NULL, NULL };
	struct table longer = { "l.csv", NULL, TYPE_CSV, { "n" },
		{ NAMES_ADDRESS }, NULL, NULL };
	char text[1024];
	struct bench b;
	struct known k;
	uint64_t values;

	(void)state;
	bench_start(&b, 1);
	read_names(&b, true, &torn);
	assert_said(&b, FAULT_INPUT, "t.csv: record 2");
	memset(text, 'a', sizeof(text));
	memcpy(text, "n\nshort\n", 8);
	text[8 + DICTIONARY_VALUE_MAX + 1] = '\n';
	text[8 + DICTIONARY_VALUE_MAX + 2] = '\0';
	longer.text = text;
	read_names(&b, true, &longer);
	assert_said(&b, FAULT_INPUT, "l.csv: record 2: a value over 512");
	assert_null(strstr(b.r.fault.text, "aaa"));
	/* begun anew, nothing of it is left */
	read_names(&b, true, &again);
	assert_string_equal(found(&b), "1");
	know(&k, seal(&b, &values));
	assert_int_equal(values, 1);
	forget(&k);
	bench_end(&b);
}

static void
only_sealed_memory_of_names_is_taken(void **state)
{
	static const char names[] = "no dictionary";
	struct message m;
	struct bench b;
	int fd;

	(void)state;
	bench_start(&b, 1);
	message_init(&m, 64);
	assert_ok(ask_begin(&m, WORKER_KNOWN, &f));
	assert_ok(message_give_fd(&m, memory_fd(names, sizeof(names)), &f));
	run(&b, &m);
	assert_said(&b, FAULT_INPUT, "no sealed memory of a dictionary");
	assert_ok(sealed_new(&fd, "names", &f));
	assert_ok(file_write(fd, names, sizeof(names), &f));
	assert_ok(sealed_end(fd, "names", &f));
	assert_int_equal(write(fd, "x", 1), -1); /* nobody can */
	message_init(&m, 64);
	assert_ok(ask_begin(&m, WORKER_KNOWN, &f));
	assert_ok(message_give_fd(&m, fd, &f));
	run(&b, &m);
	assert_int_equal(b.r.fault.kind, FAULT_INPUT);
	message_init(&m, 64);
	assert_ok(ask_begin(&m, WORKER_DICTIONARY_END, &f));
	assert_ok(message_give_fd(&m, memory_fd("", 0), &f));
	run(&b, &m);
	assert_said(&b, FAULT_SYSTEM, "no dictionary was begun");
	bench_end(&b);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_of_a_record_s_name_are_one_person),
		cmocka_unit_test(
		    in_a_document_a_path_that_comes_again_is_another_person),
		cmocka_unit_test(names_are_their_subject_s_or_their_record_s),
		cmocka_unit_test(
		    what_is_no_name_or_no_table_is_refused_with_its_record),
		cmocka_unit_test(only_sealed_memory_of_names_is_taken),
	};

	process_begin(argc, argv, test_roles);
	assert_ok(secret_start(&f));
	assert_ok(transform_start(&f));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
