/* Row sources masked by several threads: as one would, and in order. */

#include "tests/support/mask_plan.h"

#define THREADS 4u

/* The same key for each thread. */
static struct transform_key *made[THREADS];
static const struct transform_key *fields[THREADS];
static struct mask_keys keys[THREADS];

static void
share(struct trial *b)
{
	struct secret key = { 0 };
	struct fault f;

	assert_ok(
	    secret_copy(&key, "0123456789abcdef0123456789abcdef", 32, &f));
	for (unsigned i = 0; i < THREADS; i++) {
		assert_ok(transform_key_new(&made[i], "token:x", &key, &f));
		fields[i] = made[i];
		keys[i] =
		    (struct mask_keys){ .field = &fields[i], .nfields = 1 };
	}
	secret_free(&key);
	b->src.keys = keys;
	b->src.threads = THREADS;
}

static void
unshare(void)
{
	for (unsigned i = 0; i < THREADS; i++)
		transform_key_free(made[i]);
}

/* What parts came, each counted by what it says of itself. */
struct seen {
	uint64_t to, first, parts;
	uint64_t fails_at; /* work() of the part that begins there */
	uint64_t worked[MASK_TEAM_SLOTS];
};

static int
see_work(void *arg, const struct mask_source *src, const struct mask_part *part,
    unsigned slot, struct fault *f)
{
	struct seen *s = arg;

	must(src->threads == 1 && slot < MASK_TEAM_SLOTS);
	s->worked[slot] = part->from + 1;
	if (s->fails_at != 0 && part->from >= s->fails_at)
		return fault_set(f, FAULT_INPUT, "no good from %llu on",
		    (unsigned long long)part->from);
	return 0;
}

static int
see_done(
    void *arg, const struct mask_part *part, unsigned slot, struct fault *f)
{
	struct seen *s = arg;

	(void)f;
	must(s->worked[slot] == part->from + 1);
	must(part->from == s->to && part->first == s->first);
	s->to = part->to;
	s->first += part->records;
	s->parts++;
	return 0;
}

static void
decide(struct trial *b, const char *name, enum transform_action action)
{
	size_t i = 0;

	while (strcmp(b->plan.fields[i].name, name) != 0)
		i++;
	b->plan.fields[i].how.action = action;
}

static void
parts_are_done_in_order_and_cover_the_source(void **state)
{
	(void)state;
	for (int json = 0; json < 2; json++) {
		struct seen s = { .first = 1 };
		struct mask_team t = { .target = 300,
			.work = see_work,
			.done = see_done,
			.arg = &s };
		struct bytes text;
		struct trial b;
		struct fault f;

		trial_rows(&text, 2000, json);
		trial_open(&b, json ? TYPE_JSONL : TYPE_CSV, text.at, text.len);
		assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
		share(&b);
		t.src = &b.src;
		s.to = json ? 0 : strlen("id,name,note\r\n");
		assert_ok(mask_team_run(&t, &f));
		assert_int_equal(s.to, text.len);
		assert_int_equal(s.first, 2001);
		assert_true(s.parts > 100);
		unshare();
		trial_close(&b);
		bytes_free(&text);
	}
}

static void
the_first_part_that_fails_is_told_and_none_behind_it_is_done(void **state)
{
	struct seen s = { .first = 1, .fails_at = 20000 };
	struct mask_team t = {
		.target = 300, .work = see_work, .done = see_done, .arg = &s
	};
	char want[64];
	struct bytes text;
	struct trial b;
	struct fault f;

	(void)state;
	trial_rows(&text, 2000, false);
	trial_open(&b, TYPE_CSV, text.at, text.len);
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	share(&b);
	t.src = &b.src;
	s.to = strlen("id,name,note\r\n");
	assert_refused(mask_team_run(&t, &f), FAULT_INPUT);
	assert_in_range(s.to, 20000, 20400);
	(void)snprintf(want, sizeof(want), "no good from %llu on",
	    (unsigned long long)s.to);
	assert_string_equal(f.text, want);
	unshare();
	trial_close(&b);
	bytes_free(&text);
}

static void
many_threads_make_what_one_makes(void **state)
{
	static const size_t sizes[] = { 0, 1, 3000, 80000 };

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		bool json = i % 2 == 1;
		struct mask_change one;
		struct bytes text, out;
		struct trial b;
		struct fault f;

		trial_rows(&text, sizes[i / 2], json);
		trial_open(&b, json ? TYPE_JSONL : TYPE_CSV, text.at, text.len);
		if (json && text.len == 0) {
			trial_close(&b);
			bytes_free(&text);
			continue; /* has no field to plan */
		}
		assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
		decide(&b, "note", TRANSFORM_DROP);
		decide(&b, "name", TRANSFORM_TOKEN);
		assert_ok(trial_mask(&b, &f));
		out = b.out;
		one = b.change;
		bytes_init(&b.out, (size_t)1 << 28);
		mask_change_init(&b.change, true);
		share(&b);
		assert_ok(trial_mask(&b, &f));
		assert_int_equal(b.out.len, out.len);
		assert_memory_equal(b.out.at, out.at, out.len);
		assert_int_equal(b.change.records, sizes[i / 2]);
		assert_int_equal(b.change.nedits, one.nedits);
		assert_int_equal(b.change.complete, one.complete);
		assert_int_equal(b.change.complete, sizes[i / 2] < 10000);
		assert_int_equal(b.change.nchanges, one.nchanges);
		assert_int_equal(b.change.cut, one.cut);
		assert_int_equal(b.change.put, one.put);
		assert_int_equal(b.change.has_kept, one.has_kept);
		assert_int_equal(one.has_kept, one.complete);
		assert_memory_equal(b.change.kept, one.kept, 32);
		if (one.nedits > 0)
			assert_memory_equal(b.change.edits, one.edits,
			    one.nedits * sizeof(*one.edits));
		unshare();
		mask_change_free(&one);
		bytes_free(&out);
		trial_close(&b);
		bytes_free(&text);
	}
}

static void
what_cannot_be_cut_is_told_by_record_and_column(void **state)
{
	struct bytes text;
	struct trial b;
	struct fault f;

	(void)state;
	trial_rows(&text, 200000, false);
	assert_ok(bytes_add_text(&text, "7,\"x\"y,z\r\n8,a,b\r\n", &f));
	trial_open(&b, TYPE_CSV, text.at, text.len);
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	share(&b);
	assert_refused(trial_mask(&b, &f), FAULT_INPUT);
	assert_string_equal(f.text,
	    "dir/in: record 200001: column \"name\" (p.yaml:2): text behind a "
	    "closing quote");
	unshare();
	trial_close(&b);
	bytes_free(&text);
}

#define SHAPES TEST_SIZE(200000u, 40000u)

/* Records whose members come and go over a few parts, of 4 MiB: names, kinds of
 * values, elements told apart.  Fewer are longer. */
static void
make_shapes(struct bytes *text)
{
	struct fault f;

	bytes_init(text, 1 << 28);
	for (size_t i = 0; i < SHAPES; i++)
		assert_ok(bytes_addf(text, &f,
		    "{\"id\": %zu, \"f%zu\": {\"x\": %s, \"a\":"
		    " [%s1, [2, null]%s]}, \"tail\": %s, \"wide\": \"%*s\"}\n",
		    i, i / (SHAPES / 7), i % 3 == 0 ? "null" : "\"text\"",
		    i % 7 == 0 ? "[], " : "", i > SHAPES / 4 * 3 ? ", {}" : "",
		    i < SHAPES / 20 * 19 ? "1" : "{\"late\": true}",
		    TEST_SIZE(1, 300), ""));
}

static int
see_nothing(
    void *arg, uint32_t field, const void *value, size_t len, struct fault *f)
{
	(void)arg;
	(void)field;
	(void)value;
	(void)len;
	(void)f;
	return 0;
}

/* As whoever reads all values, one after the other, finds it. */
static void
shape_by_values(
    struct trial *b, const struct mask_reading *as, struct shape *out)
{
	const struct mask_viewer to = { see_nothing, NULL };
	struct mask_values *v;
	uint32_t *numbers;
	struct fault f;

	shape_init(out, TYPE_JSONL);
	assert_ok(mask_values_open(&v, as, &to, &f));
	assert_ok(mask_values_file(v, &b->src, &f));
	assert_ok(mask_values_names(v, out, &numbers, &f));
	mem_free(numbers);
	mask_values_close(v);
}

static void
lines_have_one_shape_however_many_threads_read_them(void **state)
{
	struct shape want, got;
	struct bytes text;
	struct trial b;
	struct fault f;

	(void)state;
	make_shapes(&text);
	trial_open(&b, TYPE_JSONL, text.at, text.len);
	for (int apart = 0; apart < 2; apart++) {
		char first[] = "*.a[0]", last[] = "*.a[-1]";
		char *patterns[] = { first, last };
		struct names told = { patterns, 2 };
		const struct mask_reading as = { .type = TYPE_JSONL,
			.apart = apart == 1 ? &told : NULL };

		b.src.threads = 1;
		shape_init(&want, TYPE_JSONL);
		if (apart == 0)
			shape_by_values(&b, &as, &want);
		else
			assert_ok(mask_shape(&b.src, &as, &want, &f));
		assert_true(want.nfields > 20);
		for (b.src.threads = 1; b.src.threads <= THREADS;
		     b.src.threads++) {
			shape_init(&got, TYPE_JSONL);
			assert_ok(mask_shape(&b.src, &as, &got, &f));
			assert_int_equal(got.nfields, want.nfields);
			for (size_t i = 0; i < want.nfields; i++) {
				assert_string_equal(
				    got.fields[i].name, want.fields[i].name);
				assert_int_equal(
				    got.fields[i].holds, want.fields[i].holds);
			}
			shape_free(&got);
		}
		shape_free(&want);
	}
	trial_close(&b);
	bytes_free(&text);
}

/* The shape of about so many bytes of it. */
static void
shape_of_beginning(struct trial *b, uint64_t most, struct shape *out)
{
	const struct mask_reading as = { .type = TYPE_JSONL, .most = most };
	struct fault f;

	shape_init(out, TYPE_JSONL);
	assert_ok(mask_shape(&b->src, &as, out, &f));
}

static void
a_plan_by_the_beginning_is_held_to_it(void **state)
{
	/* behind some that are all alike: what is new of it, if anything */
	static const struct {
		const char *line, *new;
	} cases[] = {
		{ "{\"d\":[1,{}],\"b\":\"x\",\"a\":1}", NULL },
		{ "{}", NULL },
		{ "{\"a\":null}", "a" },
		{ "{\"a\":{}}", "a" },
		{ "{\"a\":[1]}", "a[*]" },
		{ "{\"a\":{\"b\":1}}", "a.b" },
		{ "{\"b\":true,\"c\":1}", "c" },
		{ "{\"d\":[null]}", "d[*]" },
		{ "{\"d\":[[1]]}", "d[*][*]" },
		{ "{\"d\":[{\"x\":[]}]}", "d[*].x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char want[80];
		struct bytes text;
		struct shape met;
		struct trial b;
		struct fault f;

		bytes_init(&text, 1 << 20);
		for (size_t k = 0; k < 100; k++)
			assert_ok(bytes_add_text(
			    &text, "{\"a\":1,\"b\":\"x\",\"d\":[2,{}]}\n", &f));
		assert_ok(bytes_addf(&text, &f, "{}\n%s\n", cases[i].line));
		trial_open(&b, TYPE_JSONL, text.at, text.len);
		shape_of_beginning(&b, 200, &met);
		assert_int_equal(met.nfields, 3);
		shape_free(&met);
		shape_of_beginning(&b, 100 * 27 + 1, &met);
		assert_int_equal(met.nfields, 4); /* and the empty line's */
		assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
		b.src.met = &met;
		(void)snprintf(want, sizeof(want),
		    "dir/in: record 102: path \"%s\": is not in its beginning",
		    cases[i].new);
		if (cases[i].new == NULL) {
			assert_ok(trial_mask(&b, &f));
			assert_int_equal(b.out.len, text.len);
		} else {
			assert_refused(trial_mask(&b, &f), FAULT_POLICY);
			assert_string_equal(f.text, want);
		}
		b.src.met = NULL;
		assert_ok(trial_mask(&b, &f));
		shape_free(&met);
		trial_close(&b);
		bytes_free(&text);
	}
}

static void
a_line_that_is_no_json_is_told_by_its_number(void **state)
{
	const struct mask_reading as = { .type = TYPE_JSONL };
	struct shape got;
	struct bytes text;
	struct trial b;
	struct fault f;
	char want[48];

	(void)state;
	(void)snprintf(
	    want, sizeof(want), "dir/in: record %u: byte ", SHAPES + 1);
	make_shapes(&text);
	assert_ok(bytes_add_text(&text, "\n{]\n{]\n", &f));
	trial_open(&b, TYPE_JSONL, text.at, text.len);
	b.src.threads = THREADS;
	shape_init(&got, TYPE_JSONL);
	assert_refused(mask_shape(&b.src, &as, &got, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, want));
	shape_free(&got);
	trial_close(&b);
	bytes_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_done_in_order_and_cover_the_source),
		cmocka_unit_test(
		    the_first_part_that_fails_is_told_and_none_behind_it_is_done),
		cmocka_unit_test(many_threads_make_what_one_makes),
		cmocka_unit_test(
		    what_cannot_be_cut_is_told_by_record_and_column),
		cmocka_unit_test(
		    lines_have_one_shape_however_many_threads_read_them),
		cmocka_unit_test(a_plan_by_the_beginning_is_held_to_it),
		cmocka_unit_test(a_line_that_is_no_json_is_told_by_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
