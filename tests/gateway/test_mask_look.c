/* gateway/mask: fields of rows as they leave, for who measures them. */

#include "tests/support/mask_plan.h"

#include <stdio.h>

#define N 2

/* All rows as "sent[found]|sent[found]\n", with the subject in front. */
static void
look(struct trial *b, const size_t *fields, const struct mask_part *part,
    char *out, size_t room)
{
	struct slice sent[N], found[N];
	struct mask_look l = { fields, N, sent, found, NULL };
	struct mask_rows *m;
	struct mask_row row;
	struct fault f = { 0 };
	bool end = false;
	size_t at = 0;

	out[0] = '\0';
	assert_ok(mask_rows_open(&m, &b->src, part, NULL, &f));
	for (;;) {
		if (mask_rows_look(m, &row, &l, &end, &f) != 0)
			fail_msg("%s", f.text);
		if (end)
			break;
		at += (size_t)snprintf(out + at, room - at,
		    "%d%.*s:", (int)row.number, (int)row.subject.len,
		    (const char *)row.subject.at);
		for (size_t i = 0; i < N; i++)
			at +=
			    (size_t)snprintf(out + at, room - at, "%.*s[%.*s]|",
				(int)sent[i].len, (const char *)sent[i].at,
				(int)found[i].len, (const char *)found[i].at);
	}
	mask_rows_close(m);
}

static void
a_csv_field_is_seen_as_it_leaves_and_as_it_stands(void **state)
{
	static const char text[] = "who,a,b\r\nx,\"one,two\",three\r\n"
				   "y,,\"f\"\"our\"\r\n";
	static const size_t fields[N] = { 2, 1 };
	struct trial b;
	char out[256];

	(void)state;
	trial_open(&b, TYPE_CSV, text, sizeof(text) - 1);
	b.plan.delimiter = ',';
	(void)trial_field(&b, "who", TRANSFORM_DROP);
	(void)trial_field(&b, "a", TRANSFORM_TRUNCATE);
	(void)trial_field(&b, "b", TRANSFORM_KEEP);
	b.plan.subject = 0;
	look(&b, fields, NULL, out, sizeof(out));
	assert_string_equal(
	    out, "1x:three[three]|on[one,two]|2y:f\"our[f\"our]|[]|");
	trial_close(&b);
}

/* A file whose path says whose it is; a field of the plan goes before that. */
static void
rows_are_of_whom_their_file_is(void **state)
{
	static const char csv[] = "a,b\n1,x\n";
	static const char line[] = "{\"a\":\"1\",\"b\":\"x\"}\n";
	static const size_t fields[N] = { 0, 1 };
	char out[256];

	(void)state;
	for (int i = 0; i < 4; i++) {
		bool table = i < 2;
		struct trial b;

		trial_open(&b, table ? TYPE_CSV : TYPE_JSONL,
		    table ? csv : line,
		    table ? sizeof(csv) - 1 : sizeof(line) - 1);
		b.plan.delimiter = ',';
		(void)trial_field(&b, "a", TRANSFORM_KEEP);
		(void)trial_field(&b, "b", TRANSFORM_KEEP);
		b.src.subject = (struct slice){ (const uint8_t *)"ann", 3 };
		if (i % 2 == 1)
			b.plan.subject = 1;
		look(&b, fields, NULL, out, sizeof(out));
		assert_string_equal(
		    out, i % 2 == 1 ? "1x:1[1]|x[x]|" : "1ann:1[1]|x[x]|");
		trial_close(&b);
	}
}

static void
what_stays_behind_is_not_seen(void **state)
{
	static const char text[] = "a,b\n1,x\n2,y\n3,z\n";
	static const size_t fields[N] = { 0, 1 };
	static const uint8_t left[1] = { 2 };
	const struct mask_part part = { .from = 4,
		.to = sizeof(text) - 1,
		.first = 1,
		.records = 3,
		.left = left };
	struct trial b;
	char out[256];

	(void)state;
	trial_open(&b, TYPE_CSV, text, sizeof(text) - 1);
	b.plan.delimiter = ',';
	(void)trial_field(&b, "a", TRANSFORM_KEEP);
	(void)trial_field(&b, "b", TRANSFORM_KEEP);
	look(&b, fields, &part, out, sizeof(out));
	assert_string_equal(out, "1:1[1]|x[x]|3:3[3]|z[z]|");
	trial_close(&b);
}

static void
values_of_one_path_are_one_in_their_order(void **state)
{
	static const char text[] =
	    "{\"t\":[\"abc\",\"def\"],\"n\":7}\n{\"n\":null,\"t\":[]}\n"
	    "{\"t\":[\"xyz\"]}\n";
	static const size_t fields[N] = { 2, 0 };
	struct trial b;
	char out[256];

	(void)state;
	trial_open(&b, TYPE_JSONL, text, sizeof(text) - 1);
	(void)trial_field(&b, "n", TRANSFORM_KEEP);
	(void)trial_field(&b, "t[*]", TRANSFORM_TRUNCATE);
	trial_field(&b, "t", TRANSFORM_KEEP)->hollow = true;
	qsort(b.plan.fields, b.plan.nfields, sizeof(*b.plan.fields),
	    trial_compare);
	assert_string_equal(b.plan.fields[2].name, "t[*]");
	look(&b, fields, NULL, out, sizeof(out));
	assert_string_equal(out, "1:ab\x1f"
				 "de[abc\x1f"
				 "def]|7[7]|2:[]|[]|3:xy[xyz]|[]|");
	trial_close(&b);
}

/* The look at a whole file and its mask agree, whatever the action. */
static void
what_is_seen_is_what_is_delivered(void **state)
{
	static const char text[] = "a,b\nHello,World\n\"x,y\",z\n";
	static const size_t fields[N] = { 0, 1 };
	static const enum transform_action actions[] = { TRANSFORM_KEEP,
		TRANSFORM_TOKEN, TRANSFORM_TRUNCATE, TRANSFORM_CONSTANT };

	(void)state;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		struct trial b, again;
		char seen[512], delivered[512];
		struct fault f = { 0 };

		trial_open(&b, TYPE_CSV, text, sizeof(text) - 1);
		assert_ok(trial_all(&b, actions[i], &f));
		assert_ok(trial_mask(&b, &f));
		look(&b, fields, NULL, seen, sizeof(seen));
		/* what was delivered, kept and looked at */
		trial_open(&again, TYPE_CSV, b.out.at, b.out.len);
		assert_ok(trial_all(&again, TRANSFORM_KEEP, &f));
		look(&again, fields, NULL, delivered, sizeof(delivered));
		for (char *s = seen, *d = delivered; strchr(d, '[') != NULL;) {
			size_t len = strcspn(d, "[");

			assert_memory_equal(s, d, len);
			s += strcspn(s, "]") + 1;
			d += strcspn(d, "]") + 1;
		}
		trial_close(&again);
		trial_close(&b);
	}
}

/* All rows as raw/form|raw/form\n: how the fields stand where they leave. */
static void
assert_spelt(enum file_type type, const char *text,
    enum transform_action second, const char *want)
{
	static const size_t fields[N] = { 0, 1 };
	struct mask_spelt spelt[N];
	struct slice sent[N];
	struct mask_look l = { fields, N, sent, NULL, spelt };
	struct fault f = { 0 };
	struct mask_rows *m;
	struct mask_row row;
	struct trial b;
	char out[512];
	bool end = false;
	size_t at = 0;

	trial_open(&b, type, text, strlen(text));
	b.plan.delimiter = ',';
	(void)trial_field(&b, "a", TRANSFORM_KEEP);
	(void)trial_field(&b, "b", second);
	assert_ok(mask_rows_open(&m, &b.src, NULL, NULL, &f));
	for (;;) {
		if (mask_rows_look(m, &row, &l, &end, &f) != 0)
			fail_msg("%s", f.text);
		if (end)
			break;
		for (size_t i = 0; i < N; i++)
			at += (size_t)snprintf(out + at, sizeof(out) - at,
			    "%.*s/%u%c", (int)spelt[i].raw.len,
			    (const char *)spelt[i].raw.at, spelt[i].form,
			    i == 0 ? '|' : '\n');
	}
	assert_string_equal(out, want);
	mask_rows_close(m);
	trial_close(&b);
}

static void
how_a_value_is_spelt_is_seen(void **state)
{
	(void)state;
	assert_spelt(TYPE_CSV, "a,b\nf,\"f\"\n\"f,m\",\n\"\",\"a\"\"b\"\n",
	    TRANSFORM_KEEP, "f/1|\"f\"/2\n\"f,m\"/0|/1\n\"\"/4|\"a\"\"b\"/0\n");
	/* a constant is x,y there, two characters of it xx */
	assert_spelt(TYPE_CSV, "a,b\nf,\"f\"\n\"f\",f\n", TRANSFORM_CONSTANT,
	    "f/1|\"x,y\"/0\n\"f\"/2|\"x,y\"/0\n");
	assert_spelt(TYPE_CSV, "a,b\n1,\"one\"\n2,one\n", TRANSFORM_TRUNCATE,
	    "1/1|\"on\"/2\n2/1|on/1\n");
	assert_spelt(TYPE_JSONL,
	    "{\"a\":1,\"b\":\"x\"}\n{\"a\":\"1\",\"b\":\"\\u0078\"}\n"
	    "{\"a\":null,\"b\":\"a\\\"b\"}\n{\"b\":true}\n",
	    TRANSFORM_KEEP,
	    "1/1|\"x\"/2\n\"1\"/2|\"\\u0078\"/4\n"
	    "null/4|\"a\\\"b\"/2\n/0|true/1\n");
	assert_spelt(TYPE_JSONL,
	    "{\"a\":1,\"b\":null}\n{\"a\":1,\"b\":{}}\n{\"a\":1,\"b\":2}\n",
	    TRANSFORM_CONSTANT,
	    "1/1|\"x,y\"/2\n1/1|\"x,y\"/2\n1/1|\"x,y\"/2\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_csv_field_is_seen_as_it_leaves_and_as_it_stands),
		cmocka_unit_test(rows_are_of_whom_their_file_is),
		cmocka_unit_test(what_stays_behind_is_not_seen),
		cmocka_unit_test(values_of_one_path_are_one_in_their_order),
		cmocka_unit_test(what_is_seen_is_what_is_delivered),
		cmocka_unit_test(how_a_value_is_spelt_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
