/* policy/transform, policy/rules: hierarchies of labels, from the line of the
 * policy to the value, and what is no hierarchy. */

#include "tests/support/test.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/rules/rules.h"

static struct fault f;

static struct transform
level(uint32_t n)
{
	struct transform t = { .action = TRANSFORM_LEVEL, .first = n };

	t.text = mem_text("h.csv", 5);
	assert_non_null(t.text);
	return t;
}

static void
assert_gives(const struct transform *t, const char *value, const char *want)
{
	struct bytes out;

	bytes_init(&out, 4096);
	assert_ok(transform_apply(t, NULL, value, strlen(value), &out, &f));
	assert_ok(bytes_end_text(&out, &f));
	assert_string_equal((const char *)out.at, want);
	bytes_free(&out);
}

static void
assert_refuses(const struct transform *t, const char *value)
{
	struct bytes out;

	bytes_init(&out, 4096);
	assert_refused(transform_apply(t, NULL, value, strlen(value), &out, &f),
	    FAULT_INPUT);
	assert_int_equal(out.len, 0);
	assert_string_equal(f.text, "a value that is not in the hierarchy");
	bytes_free(&out);
}

static void
values_become_the_labels_of_their_level(void **state)
{
	static const char text[] = "K36,K35-K38,K00-K93\r\n"
				   "K35,K35-K38,K00-K93\n"
				   "\"L,\"\"20\",\"L20\",\n"
				   "\xc3\xa4,b,\"two\nlines\"";
	struct transform one = level(1), two = level(2);

	(void)state;
	assert_ok(transform_levels_read(&one, text, sizeof(text) - 1, &f));
	assert_ok(transform_levels_read(&two, text, sizeof(text) - 1, &f));
	assert_gives(&one, "K35", "K35-K38");
	assert_gives(&one, "K36", "K35-K38");
	assert_gives(&one, "L,\"20", "L20");
	assert_gives(&one, "\xc3\xa4", "b");
	assert_gives(&one, "", "");
	assert_gives(&two, "K36", "K00-K93");
	assert_gives(&two, "L,\"20", "");
	assert_gives(&two, "\xc3\xa4", "two\nlines");
	assert_refuses(&one, "K37");
	assert_refuses(&one, "K3");
	assert_refuses(&one, "K350");
	assert_refuses(&one, "k35");
	assert_refuses(&one, " K35");
	transform_free(&one);
	transform_free(&two);
}

static void
what_is_no_hierarchy_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "has no values" },
		{ "a,1\nb\n", "line 2: has 0 levels, and level 1 is asked" },
		{ "a,1\na,2\n", "a value is there twice" },
		{ "a,1\n,2\n", "line 2: an empty value" },
		{ "a,1\n\n", "line 2: has 0 levels" },
		{ "a,1\n\"b,2\n", "line 2: a quote is not closed" },
		{ "a,1\nb\"c,2\n", "line 2: a quote in a field" },
		{ "a,1\n\"b\"c,2\n", "line 2: text behind a quoted field" },
		{ "a,1\rb,2\r", "line 1: text behind a quoted field, or a CR" },
		{ "a;1\nb,2\n", "line 2: has 0 levels" },
		{ "a,\xff\n", "not UTF-8 text" },
	};
	struct transform t = level(1);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_refused(transform_levels_read(&t, cases[i].text,
				   strlen(cases[i].text), &f),
		    FAULT_INPUT);
		if (strncmp(f.text, cases[i].want, strlen(cases[i].want)) != 0)
			fail_msg("\"%s\" gives %s", cases[i].text, f.text);
		assert_null(t.levels);
	}
	assert_refused(transform_levels_read(&t, "a\0,b", 4, &f), FAULT_INPUT);
	transform_free(&t);
}

static void
ceilings_are_told(void **state)
{
	struct transform t = level(1);
	struct bytes text;

	(void)state;
	bytes_init(&text, 2 * TRANSFORM_LEVELS_BYTES);
	for (unsigned i = 0; i <= TRANSFORM_LEVELS_ROWS; i++)
		assert_ok(bytes_addf(&text, &f, "%x,x\n", i));
	assert_refused(
	    transform_levels_read(&t, text.at, text.len, &f), FAULT_INPUT);
	assert_string_equal(f.text, "line 65537: more than 65536 values");
	text.len -= strlen("10000,x\n");
	assert_ok(transform_levels_read(&t, text.at, text.len, &f));
	assert_gives(&t, "ffff", "x");
	transform_free(&t);
	t = level(1);
	while (text.len <= TRANSFORM_LEVELS_BYTES)
		assert_ok(bytes_add_text(&text, "12345678901234567890", &f));
	assert_refused(
	    transform_levels_read(&t, text.at, text.len, &f), FAULT_INPUT);
	transform_free(&t);
	bytes_free(&text);
}

static void
a_hierarchy_travels_whole_or_not_at_all(void **state)
{
	static const char text[] = "b,2\na,1\nccc,\n";
	struct transform t = level(1), copy, got;
	struct reader r;
	struct bytes b;

	(void)state;
	assert_ok(transform_levels_read(&t, text, sizeof(text) - 1, &f));
	assert_ok(transform_copy(&copy, &t, &f));
	transform_free(&t);
	assert_gives(&copy, "a", "1");
	bytes_init(&b, 4096);
	assert_ok(transform_put(&b, &copy, &f));
	transform_free(&copy);
	for (size_t n = 0; n < b.len; n++) {
		r = reader_of(b.at, n);
		assert_refused(transform_take(&r, &got, &f), FAULT_INPUT);
	}
	for (size_t i = 0; i < b.len; i++) {
		b.at[i] ^= 1;
		r = reader_of(b.at, b.len);
		f = (struct fault){ 0 };
		if (transform_take(&r, &got, &f) == 0)
			transform_free(&got);
		b.at[i] ^= 1;
	}
	r = reader_of(b.at, b.len);
	assert_ok(transform_take(&r, &got, &f));
	assert_ok(take_end(&r, &f));
	assert_gives(&got, "b", "2");
	assert_gives(&got, "ccc", "");
	assert_refuses(&got, "c");
	transform_free(&got);
	bytes_free(&b);
}

static void
every_allocation_may_fail(void **state)
{
	static const char text[] = "b,2\na,1\n";
	bool done = false;

	(void)state;
	for (long n = 0; !done; n++) {
		struct transform t = level(1), got = { 0 };
		struct reader r;
		struct bytes b;

		bytes_init(&b, 4096);
		f = (struct fault){ 0 };
		mem_fail_after(n);
		if (transform_levels_read(&t, text, sizeof(text) - 1, &f) ==
			0 &&
		    transform_put(&b, &t, &f) == 0) {
			r = reader_of(b.at, b.len);
			done = transform_take(&r, &got, &f) == 0;
		}
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		transform_free(&t);
		transform_free(&got);
		bytes_free(&b);
	}
}

/* -- In a policy --------------------------------------------------------- */

static int
read_line(const char *how, struct policy **out)
{
	char text[2048];

	(void)snprintf(text, sizeof(text),
	    "handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n"
	    "retention: 1d\nagreements: []\nfiles:\n- match: a\n  type: csv\n"
	    "  columns:\n    x: {generalise: {hierarchy: {%s}}}\n",
	    how);
	f = (struct fault){ 0 };
	return policy_read(out, "p", text, strlen(text), &f);
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void
the_line_names_a_file_beside_the_policy(void **state)
{
	static const char *const bad[] = { "file: h.csv, level: 1",
		"file: ../h.csv, level: 1, sha256: " ZEROS,
		"file: /h.csv, level: 1, sha256: " ZEROS,
		"file: .h, level: 1, sha256: " ZEROS,
		"file: \"\", level: 1, sha256: " ZEROS,
		"file: h.csv, level: 0, sha256: " ZEROS,
		"file: h.csv, level: 17, sha256: " ZEROS,
		"file: h.csv, level: 1, sha256: abc",
		"file: h.csv, sha256: " ZEROS, "level: 1, sha256: " ZEROS };
	struct policy *p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(read_line(bad[i], &p), FAULT_INPUT);
	assert_ok(read_line("file: h.csv, level: 16, sha256: " ZEROS, &p));
	assert_string_equal(policy_wants(p), "h.csv");
	policy_free(p);
}

static void
a_policy_takes_the_file_that_it_names_and_no_other(void **state)
{
	static const char text[] = "a,1\n", short_text[] = "a\n";
	uint8_t digest[32];
	char hex[65], line[200];
	struct file_plan plan;
	struct policy *p;
	struct shape s;

	(void)state;
	(void)crypto_hash_sha256(digest, (const uint8_t *)text, 4);
	hex_write(hex, digest, sizeof(digest));
	(void)snprintf(
	    line, sizeof(line), "file: h.csv, level: 1, sha256: %s", hex);
	assert_ok(read_line(line, &p));
	shape_init(&s, TYPE_CSV);
	s.delimiter = ',';
	assert_ok(shape_add(&s, "x", 1, HOLDS_VALUE, &f));
	/* not before it was read */
	assert_refused(
	    policy_decide(p, "a", &s, &plan, NULL, &f), FAULT_POLICY);
	assert_string_equal(
	    f.text, "a: column \"x\" (p:11): its hierarchy has not been read");
	assert_refused(policy_give(p, "a,2\n", 4, &f), FAULT_INPUT);
	assert_string_equal(
	    f.text, "p:11: h.csv is not the file that the policy names");
	assert_non_null(strstr(f.hint, "if it is to be this one: sha256: "));
	assert_string_equal(policy_wants(p), "h.csv");
	assert_ok(policy_give(p, text, 4, &f));
	assert_null(policy_wants(p));
	assert_ok(policy_decide(p, "a", &s, &plan, NULL, &f));
	assert_gives(&plan.fields[0].how, "a", "1");
	policy_free(p);
	/* the plan has its own hold of it */
	assert_gives(&plan.fields[0].how, "a", "1");
	file_plan_free(&plan);
	(void)crypto_hash_sha256(digest, (const uint8_t *)short_text, 2);
	hex_write(hex, digest, sizeof(digest));
	(void)snprintf(
	    line, sizeof(line), "file: h.csv, level: 1, sha256: %s", hex);
	assert_ok(read_line(line, &p));
	assert_refused(policy_give(p, short_text, 2, &f), FAULT_INPUT);
	assert_string_equal(
	    f.text, "h.csv: line 1: has 0 levels, and level 1 is asked");
	policy_free(p);
	shape_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_become_the_labels_of_their_level),
		cmocka_unit_test(what_is_no_hierarchy_is_refused_with_its_line),
		cmocka_unit_test(ceilings_are_told),
		cmocka_unit_test(a_hierarchy_travels_whole_or_not_at_all),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(the_line_names_a_file_beside_the_policy),
		cmocka_unit_test(
		    a_policy_takes_the_file_that_it_names_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
