/* The checker: a return judged, scored and joined, in a process of its own. */

#include "tests/support/shard.h"

#include "gateway/flow/checker_internal.h"
#include "gateway/flow/flow.h"
#include "keys/base/doc.h"

#define BATCH "b-abcdefghijklmnopqrstuvwxyz"
#define RETURN "r-abcdefghijklmnopqrstuvwxyz"
#define A "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccc"
#define WHO "\"annotator\":\"a1\",\"at\":\"2026-11-01T10:00:00Z\""
#define NOW 1800000000

#define CONTRACT "{\"kind\":\"boxes\",\"classes\":[\"cat\",\"dog\"]}"
/* As delivered: a.jpg stands upright, 30 wide; it is stored 40 x 30. */
#define ITEMS                                                            \
	"{\"item\":\"" A "\",\"type\":\"jpeg\",\"width\":30,\"height\":" \
	"40}\n"                                                          \
	"{\"item\":\"" B "\",\"type\":\"jpeg\",\"width\":40,\"height\":" \
	"30}\n"                                                          \
	"{\"item\":\"" C "\",\"type\":\"jpeg\",\"width\":40,\"height\":" \
	"30}\n"
#define ORIGINS                                                   \
	"{\"item\":\"" A "\",\"original\":\"p/a.jpg\",\"group\":" \
	"\"g1\",\"orientation\":6,\"width\":40,\"height\":30}\n"  \
	"{\"item\":\"" B "\",\"original\":\"p/b, c.jpg\","        \
	"\"orientation\":1,\"width\":40,\"height\":30}\n"         \
	"{\"item\":\"" C "\",\"original\":\"p/c.jpg\",\"group\":" \
	"\"g1\",\"orientation\":1,\"width\":40,\"height\":30}\n"
#define ANSWER_A                                                     \
	"{\"item\":\"" A "\"," WHO ",\"boxes\":[{\"class\":\"cat\"," \
	"\"x\":2,\"y\":3,\"w\":10,\"h\":5}]}\n"
#define ANSWER_B "{\"item\":\"" B "\"," WHO ",\"boxes\":[]}\n"
#define GOLDEN_A                                               \
	"{\"item\":\"p/a.jpg\",\"boxes\":[{\"class\":\"cat\"," \
	"\"x\":3,\"y\":18,\"w\":5,\"h\":10}]}\n"

/* A return's archive in memory, and what was signed about it. */
struct sent {
	struct return_statement says;
	int archive;
};

static void
sent_start(struct sent *s, const char *labels)
{
	struct return_label l = { .fd = memory_fd(labels, strlen(labels)) };
	struct package_object made;
	struct return_draft d = { slice_of_text("envelope"), &l, 1, NULL, 1 };
	struct fault f = { 0 };
	struct bytes tar;
	struct batch b;
	int sealed = memory_fd("", 0);

	batch_start(&b);
	d.to = &b.to;
	memset(s, 0, sizeof(*s));
	assert_ok(return_label_of(&l, 0, "x.jsonl", &f));
	assert_ok(return_file_write(sealed, &d, &made, &f));
	plain_of(&tar, sealed, &b);
	s->archive = memory_fd(tar.at, tar.len);
	s->says.labels[0] = l;
	s->says.nlabels = 1;
	bytes_free(&tar);
	file_close(&sealed);
	file_close(&l.fd);
	batch_end(&b);
}

static void
text_is(int fd, const char *want)
{
	struct fault f = { 0 };
	struct bytes got;

	bytes_init(&got, 1 << 20);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(file_read_fd(fd, &got, &f));
	assert_ok(bytes_end_text(&got, &f));
	assert_string_equal((const char *)got.at, want);
	bytes_free(&got);
}

static json_t *
contract(void)
{
	json_t *o;
	struct fault f = { 0 };

	assert_ok(doc_read(&o, CONTRACT, strlen(CONTRACT), &f));
	return o;
}

/* The first checker over these label lines.  The caller json_decref()s
 * *report and closes *answers. */
static int
first(const char *labels, json_t **report, int *answers, struct fault *f)
{
	struct sent s;
	struct checker c;
	struct check_labels job = { .terms = {
					.contract = contract(), .now = NOW } };
	struct bytes envelope, table;
	int rc = -1;

	bytes_init(&envelope, RETURN_ENVELOPE_MAX);
	bytes_init(&table, 1 << 20);
	sent_start(&s, labels);
	*answers = memory_fd("", 0);
	job.says = &s.says;
	job.items = memory_fd(ITEMS, strlen(ITEMS));
	(void)lseek(job.items, 0, SEEK_SET);
	job.scratch = memory_fd("", 0);
	job.answers = *answers;
	if (checker_open(&c, f) == 0 &&
	    checker_archive(&c, s.archive, &envelope, f) == 0 &&
	    checker_labels(&c, &job, report, &table, f) == 0) {
		assert_int_equal(envelope.len, 8);
		assert_true(table.len > 0);
		rc = 0;
	}
	if (checker_close(&c, f) != 0)
		rc = -1;
	json_decref((json_t *)(uintptr_t)job.terms.contract);
	file_close(&job.items);
	file_close(&job.scratch);
	file_close(&s.archive);
	bytes_free(&envelope);
	bytes_free(&table);
	return rc;
}

static const char *
word(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void
good_labels_are_written_in_one_spelling(void **state)
{
	struct fault f = { 0 };
	json_t *report;
	int answers;

	(void)state;
	assert_ok(first(ANSWER_B "\n\n" ANSWER_A, &report, &answers, &f));
	assert_string_equal(word(report, "verdict"), "partial");
	text_is(answers,
	    ANSWER_A "{\"item\":\"" B "\"," WHO ",\"state\":\"empty\"}\n");
	json_decref(report);
	file_close(&answers);
}

static void
what_is_wrong_is_found(void **state)
{
	static const struct {
		const char *line, *code;
	} cases[] = {
		{ "{\"item\":\"" A "\"," WHO ",\"class\":\"cat\"}\n",
		    "wrong-kind" },
		{ "{\"item\":\"zzz\"," WHO ",\"boxes\":[]}\n", "unknown-item" },
		{ ANSWER_B ANSWER_B, "duplicate" },
		{ "{\"item\":\"" A "\"," WHO
		  ",\"boxes\":[{\"class\":\"cow\",\"x\":0,\"y\":0,\"w\":1,"
		  "\"h\":1}]}\n",
		    "unknown-class" },
		/* inside the stored picture, not inside the one delivered */
		{ "{\"item\":\"" A "\"," WHO
		  ",\"boxes\":[{\"class\":\"cat\",\"x\":25,\"y\":0,\"w\":10,"
		  "\"h\":1}]}\n",
		    "box-outside" },
		{ "{\"item\":\"" A "\",\"annotator\":\"a\",\"at\":"
		  "\"2099-01-01T00:00:00Z\",\"boxes\":[]}\n",
		    "time-future" },
		{ "[[[[[[[[[[[[[[[[\n", "malformed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault f = { 0 };
		json_t *report;
		int answers;

		assert_ok(first(cases[i].line, &report, &answers, &f));
		assert_string_equal(word(report, "verdict"), "rejected");
		assert_non_null(json_object_get(
		    json_object_get(report, "found"), cases[i].code));
		json_decref(report);
		file_close(&answers);
	}
}

/* Bombs: one answer of too many boxes, one line that never ends. */
static void
bombs_are_findings(void **state)
{
	static const char head[] = "{\"item\":\"" B "\"," WHO ",\"boxes\":[";
	static const char box[] =
	    "{\"class\":\"cat\",\"x\":0,\"y\":0,\"w\":1,\"h\":1},";
	struct fault f = { 0 };
	struct bytes text;
	json_t *report;
	int answers;

	(void)state;
	for (int i = 0; i < 2; i++) {
		bytes_init(&text, (size_t)64 << 20);
		assert_ok(bytes_add_text(&text, head, &f));
		for (int n = 0; n < (i == 0 ? 5000 : 200000); n++)
			assert_ok(bytes_add_text(&text, box, &f));
		assert_ok(bytes_add_text(&text, i == 0 ? "{}]}\n" : "", &f));
		assert_ok(bytes_end_text(&text, &f));
		assert_ok(first((const char *)text.at, &report, &answers, &f));
		assert_string_equal(word(report, "verdict"), "rejected");
		json_decref(report);
		file_close(&answers);
		bytes_free(&text);
	}
}

/* The second checker over these answers. */
struct second {
	struct check_join job;
	json_t *result;
};

static int
second_after(struct second *s, const char *answers, const char *golden,
    const char *spoken, const char *recalled, struct fault *f)
{
	struct checker c;
	int rc = -1;

	memset(s, 0, sizeof(*s));
	s->job.terms.contract = contract();
	s->job.terms.now = NOW;
	s->job.items = memory_fd(ITEMS, strlen(ITEMS));
	s->job.answers = memory_fd(answers, strlen(answers));
	s->job.origins = memory_fd(ORIGINS, strlen(ORIGINS));
	s->job.spoken = memory_fd(spoken, strlen(spoken));
	s->job.recalled = memory_fd(recalled, strlen(recalled));
	s->job.golden = golden == NULL ? -1 : memory_fd(golden, strlen(golden));
	s->job.metric = "mean_iou";
	s->job.pass = 800000;
	for (int i = 0; i < CHECK_OUTPUTS; i++)
		s->job.out[i] = memory_fd("", 0);
	(void)lseek(s->job.items, 0, SEEK_SET);
	(void)lseek(s->job.answers, 0, SEEK_SET);
	(void)lseek(s->job.origins, 0, SEEK_SET);
	(void)lseek(s->job.spoken, 0, SEEK_SET);
	(void)lseek(s->job.recalled, 0, SEEK_SET);
	if (golden != NULL)
		(void)lseek(s->job.golden, 0, SEEK_SET);
	if (checker_open(&c, f) == 0 &&
	    checker_join(&c, &s->job, &s->result, f) == 0)
		rc = 0;
	if (checker_close(&c, f) != 0)
		rc = -1;
	return rc;
}

static int
second(struct second *s, const char *answers, const char *golden,
    const char *spoken, struct fault *f)
{
	return second_after(s, answers, golden, spoken, "", f);
}

static void
second_end(struct second *s)
{
	json_decref((json_t *)(uintptr_t)s->job.terms.contract);
	json_decref(s->result);
	file_close(&s->job.items);
	file_close(&s->job.answers);
	file_close(&s->job.origins);
	file_close(&s->job.spoken);
	file_close(&s->job.recalled);
	file_close(&s->job.golden);
	for (int i = 0; i < CHECK_OUTPUTS; i++)
		file_close(&s->job.out[i]);
}

static void
answers_go_back_to_the_originals(void **state)
{
	struct fault f = { 0 };
	struct second s;
	const json_t *score;

	(void)state;
	assert_ok(second(&s, ANSWER_A ANSWER_B, GOLDEN_A, "", &f));
	text_is(s.job.out[CHECK_JSONL],
	    "{\"item\":\"p/a.jpg\"," WHO ",\"boxes\":[{\"class\":\"cat\","
	    "\"x\":2,\"y\":3,\"w\":10,\"h\":5}]}\n"
	    "{\"item\":\"p/b, c.jpg\"," WHO ",\"state\":\"empty\"}\n");
	text_is(s.job.out[CHECK_ORIGINAL_JSONL],
	    "{\"item\":\"p/a.jpg\"," WHO ",\"boxes\":[{\"class\":\"cat\","
	    "\"x\":3,\"y\":18,\"w\":5,\"h\":10}]}\n"
	    "{\"item\":\"p/b, c.jpg\"," WHO ",\"state\":\"empty\"}\n");
	text_is(s.job.out[CHECK_GROUPS],
	    "item,group\np/a.jpg,g1\n\"p/b, c.jpg\",\np/c.jpg,g1\n");
	text_is(s.job.out[CHECK_OPEN], "item,group\np/c.jpg,g1\n");
	text_is(s.job.out[CHECK_SPOKEN], A "\n" B "\n");
	score = json_object_get(s.result, "score");
	assert_true(json_is_true(json_object_get(score, "passed")));
	assert_true(json_number_value(json_object_get(score, "value")) == 1.0);
	assert_true(json_number_value(json_object_get(score, "low")) < 1.0);
	second_end(&s);
}

static void
a_box_elsewhere_fails_the_golden_answer(void **state)
{
	struct fault f = { 0 };
	struct second s;
	const json_t *score;

	(void)state;
	/* right only if one took it to be in the stored picture's pixels */
	assert_ok(second(&s,
	    "{\"item\":\"" A "\"," WHO ",\"boxes\":[{\"class\":\"cat\","
	    "\"x\":3,\"y\":18,\"w\":5,\"h\":10}]}\n",
	    GOLDEN_A, "", &f));
	score = json_object_get(s.result, "score");
	assert_false(json_is_true(json_object_get(score, "passed")));
	second_end(&s);
}

static void
returns_of_one_batch_add_up(void **state)
{
	struct fault f = { 0 };
	struct second s;
	const json_t *batch;

	(void)state;
	assert_ok(second(&s, ANSWER_A, NULL, A "\n" C "\n", &f));
	text_is(s.job.out[CHECK_OPEN], "item,group\n\"p/b, c.jpg\",\n");
	batch = json_object_get(s.result, "batch");
	assert_int_equal(
	    json_integer_value(json_object_get(batch, "again")), 1);
	assert_int_equal(json_integer_value(json_object_get(batch, "open")), 1);
	assert_true(json_is_null(json_object_get(s.result, "score")));
	second_end(&s);
	assert_refused(second(&s, ANSWER_A, NULL, A, &f), FAULT_INPUT);
	second_end(&s);
}

static int
number(const json_t *o, const char *key)
{
	return (int)json_integer_value(json_object_get(o, key));
}

#define GOLDEN_B "{\"item\":\"p/b, c.jpg\",\"boxes\":[]}\n"

/* Two golden items; what was said of them in which return is all one. */
static void
golden_items_are_judged_over_all_returns(void **state)
{
	struct fault f = { 0 };
	struct second s;

	(void)state;
	assert_ok(second(&s, ANSWER_A, GOLDEN_A GOLDEN_B, "", &f));
	assert_string_equal(word(s.result, "golden"), "too few to judge");
	assert_true(json_is_false(json_object_get(s.result, "whole")));
	assert_int_equal(
	    number(json_object_get(s.result, "score"), "needed"), 2);
	text_is(s.job.out[CHECK_GOLDEN], "0 1000000000\n");
	second_end(&s);
	assert_ok(second_after(
	    &s, ANSWER_A, GOLDEN_A GOLDEN_B, "", "1 1000000000\n", &f));
	assert_string_equal(word(s.result, "golden"), "passed");
	assert_int_equal(
	    number(json_object_get(s.result, "score"), "answered"), 2);
	second_end(&s);
	assert_ok(second_after(
	    &s, ANSWER_A, GOLDEN_A GOLDEN_B, "", "0 0\n1 0\n", &f));
	assert_string_equal(word(s.result, "golden"), "failed");
	second_end(&s);
	/* nothing on golden items, now or ever: not judged, not passed */
	assert_ok(second(&s, ANSWER_B, GOLDEN_A, "", &f));
	assert_string_equal(word(s.result, "golden"), "too few to judge");
	text_is(s.job.out[CHECK_GOLDEN], "");
	second_end(&s);
	assert_refused(
	    second_after(&s, ANSWER_A, GOLDEN_A, "", "7 0\n", &f), FAULT_INPUT);
	second_end(&s);
}

static void
a_file_that_was_not_signed_is_not_read(void **state)
{
	struct fault f = { 0 };
	struct sent s;
	struct checker c;
	struct check_labels job = { .terms = {
					.contract = contract(), .now = NOW } };
	struct bytes envelope, table;
	json_t *report = NULL;

	(void)state;
	bytes_init(&envelope, RETURN_ENVELOPE_MAX);
	bytes_init(&table, 1 << 20);
	sent_start(&s, ANSWER_A);
	job.says = &s.says;
	job.items = memory_fd(ITEMS, strlen(ITEMS));
	job.scratch = memory_fd("", 0);
	job.answers = memory_fd("", 0);
	s.says.labels[0].sha256[0] ^= 1;
	assert_ok(checker_open(&c, &f));
	assert_refused(
	    checker_labels(&c, &job, &report, &table, &f), FAULT_PEER);
	assert_ok(checker_archive(&c, s.archive, &envelope, &f));
	assert_refused(
	    checker_labels(&c, &job, &report, &table, &f), FAULT_FORGED);
	s.says.labels[0].sha256[0] ^= 1;
	s.says.labels[1] = s.says.labels[0];
	s.says.nlabels = 2;
	(void)lseek(job.items, 0, SEEK_SET);
	assert_refused(
	    checker_labels(&c, &job, &report, &table, &f), FAULT_FORGED);
	f = (struct fault){ 0 };
	assert_ok(checker_close(&c, &f));
	assert_null(report);
	json_decref((json_t *)(uintptr_t)job.terms.contract);
	file_close(&job.items);
	file_close(&job.scratch);
	file_close(&job.answers);
	file_close(&s.archive);
	bytes_free(&envelope);
	bytes_free(&table);
}

static const struct process_role test_roles[] = {
	{ "checker", checker_role },
	{ NULL, NULL },
};

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_labels_are_written_in_one_spelling),
		cmocka_unit_test(what_is_wrong_is_found),
		cmocka_unit_test(bombs_are_findings),
		cmocka_unit_test(answers_go_back_to_the_originals),
		cmocka_unit_test(a_box_elsewhere_fails_the_golden_answer),
		cmocka_unit_test(returns_of_one_batch_add_up),
		cmocka_unit_test(golden_items_are_judged_over_all_returns),
		cmocka_unit_test(a_file_that_was_not_signed_is_not_read),
	};

	process_begin(argc, argv, test_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
