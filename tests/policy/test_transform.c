/* policy/transform: what each action makes of a value, what it refuses, and
 * that it arrives in a worker as it left. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/pseudonym/pseudonym.h"
#include "policy/transform/transform.h"

static struct fault f;

#define MASK(a, b, n)                                                \
	{                                                            \
		.action = TRANSFORM_MASK, .first = (a), .last = (b), \
		.fill = '*', .fills = (n)                            \
	}

static void
assert_gives(const struct transform *t, const char *value, const char *want)
{
	struct bytes out;

	bytes_init(&out, 4096);
	assert_ok(bytes_add_text(&out, "before:", &f));
	f = (struct fault){ 0 };
	if (transform_apply(t, NULL, value, strlen(value), &out, &f) != 0)
		fail_msg("\"%s\": %s", value, f.text);
	assert_ok(bytes_end_text(&out, &f));
	if (strcmp((const char *)out.at + 7, want) != 0)
		fail_msg("\"%s\" became \"%s\", not \"%s\"", value,
		    (const char *)out.at + 7, want);
	bytes_free(&out);
}

static void
assert_refuses(
    const struct transform *t, const char *value, enum fault_kind kind)
{
	struct bytes out;

	bytes_init(&out, 4096);
	assert_ok(bytes_add_text(&out, "before:", &f));
	f = (struct fault){ 0 };
	if (transform_apply(t, NULL, value, strlen(value), &out, &f) == 0)
		fail_msg("\"%s\" was let through", value);
	assert_int_equal(f.kind, kind);
	assert_int_equal(out.len, 7);
	/* whatever it says, it does not say the value */
	if (strlen(value) > 3)
		assert_null(strstr(f.text, value));
	bytes_free(&out);
}

static void
a_zeroed_transform_refuses_everything(void **state)
{
	struct transform t = { 0 };

	(void)state;
	assert_refuses(&t, "value", FAULT_POLICY);
	assert_refuses(&t, "", FAULT_POLICY);
}

static void
keep_leaves_bytes_alone_and_drop_leaves_none(void **state)
{
	struct transform keep = { .action = TRANSFORM_KEEP };
	struct transform drop = { .action = TRANSFORM_DROP };

	(void)state;
	assert_gives(&keep, "a\xff b\n", "a\xff b\n");
	assert_gives(&drop, "a", "");
}

static void
mask_counts_characters_and_keeps_the_length(void **state)
{
	struct transform last4 = MASK(0, 4, 0), both = MASK(2, 1, 0);
	struct transform all = MASK(0, 0, 0);

	(void)state;
	assert_gives(
	    &last4, "DE89370400440532013000", "******************3000");
	assert_gives(&both, "abcdef", "ab***f");
	assert_gives(&all, "abc", "***");
	/* e, an accent of its own, a euro sign, an emoji: four characters */
	assert_gives(&both, "e\xcc\x81\xe2\x82\xac\xf0\x9f\x99\x82",
	    "e\xcc\x81*\xf0\x9f\x99\x82");
}

static void
mask_never_shows_a_value_whole(void **state)
{
	struct transform last4 = MASK(0, 4, 0), both = MASK(2, 1, 0);

	(void)state;
	assert_gives(&last4, "1234", "****");
	assert_gives(&last4, "12345", "*2345");
	assert_gives(&last4, "1", "*");
	assert_gives(&both, "abc", "***");
	assert_gives(&both, "abcd", "ab*d");
}

static void
mask_of_a_fixed_length_hides_how_long_the_value_was(void **state)
{
	struct transform t = MASK(1, 0, 3);

	(void)state;
	assert_gives(&t, "Ann", "A***");
	assert_gives(&t, "Bartholomew", "B***");
	assert_gives(&t, "C", "***");
	t.fill = 0x2588;
	assert_gives(&t, "Ann", "A\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88");
}

static void
truncate_counts_characters(void **state)
{
	struct transform t = { .action = TRANSFORM_TRUNCATE, .first = 2 };

	(void)state;
	assert_gives(&t, "12345", "12");
	assert_gives(&t, "1", "1");
	assert_gives(&t, "\xc3\xa4\xc3\xb6\xc3\xbc", "\xc3\xa4\xc3\xb6");
}

static void
malformed_text_is_refused_where_characters_count(void **state)
{
	static const char *const bad[] = { "abc\xff", "\xc3", "\xed\xa0\x80xx",
		"\xf5\x80\x80\x80", "a\x80" };
	struct transform mask = MASK(0, 1, 0);
	struct transform cut = { .action = TRANSFORM_TRUNCATE, .first = 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_refuses(&mask, bad[i], FAULT_INPUT);
		assert_refuses(&cut, bad[i], FAULT_INPUT);
	}
}

static void
the_empty_value_stays_empty_except_under_constant(void **state)
{
	char text[] = "-";
	struct decimal edge = { 0, 0 };
	struct transform all[] = {
		{ .action = TRANSFORM_KEEP },
		{ .action = TRANSFORM_DROP },
		{ .action = TRANSFORM_TOKEN },
		MASK(0, 0, 3),
		{ .action = TRANSFORM_TRUNCATE, .first = 1 },
		{ .action = TRANSFORM_DATE },
		{ .action = TRANSFORM_BINS, .edges = &edge, .nedges = 1 },
	};
	struct transform constant = { .action = TRANSFORM_CONSTANT,
		.text = text };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_gives(&all[i], "", "");
	assert_gives(&constant, "", "-");
	assert_gives(&constant, "x", "-");
	/* blanks are nothing where a date or number is expected */
	assert_gives(&all[5], " \t ", "");
	assert_gives(&all[6], "  ", "");
}

static void
a_token_is_the_one_that_the_field_key_makes(void **state)
{
	static const uint8_t key[32] = { 1 };
	char domain[] = "email", want[TOKEN_CHARS + 1];
	struct transform t = { .action = TRANSFORM_TOKEN, .domain = domain };
	struct transform_key *field;
	struct transform_site site = { .path = "p" };
	struct secret secret;
	struct token_key *k;
	struct bytes out;

	(void)state;
	assert_ok(token_key_new(&k, key, sizeof(key), &f));
	token_make(k, "a@b", 3, want);
	assert_ok(secret_copy(&secret, key, sizeof(key), &f));
	assert_ok(transform_key_new(&field, "token:email", &secret, &f));
	site.key = field;
	bytes_init(&out, 64);
	assert_ok(transform_apply(&t, &site, "a@b", 3, &out, &f));
	assert_int_equal(out.len, TOKEN_CHARS);
	assert_memory_equal(out.at, want, TOKEN_CHARS);
	bytes_free(&out);
	secret_free(&secret);
	transform_key_free(field);
	token_key_free(k);
}

static void
a_full_output_is_refused_and_left_as_it_was(void **state)
{
	struct transform mask = MASK(2, 2, 8);
	struct bytes out;

	(void)state;
	for (size_t cap = 3; cap < 15; cap++) {
		bytes_init(&out, cap);
		assert_ok(bytes_add(&out, "xyz", 3, &f));
		assert_refused(
		    transform_apply(&mask, NULL, "abcdefgh", 8, &out, &f),
		    FAULT_INPUT);
		assert_int_equal(out.len, 3);
		assert_memory_equal(out.at, "xyz", 3);
		bytes_free(&out);
	}
}

/* One of every action, with every parameter at work. */
static struct decimal some_edges[] = { { -1, 500000000000000000u }, { 0, 0 },
	{ 18, 1 } };
static struct decimal some_width[] = { { 0, 250000000000000000u } };
static struct decimal some_ends[] = { { 5, 0 }, { 10, 0 }, { 90, 0 } };
static struct decimal some_noise[] = { { 2, 0 }, { 0, 500000000000000000u } };
static char some_digits[] = "0123456789", some_marks[] = " -",
	    some_letters[] = "ab\xc3\xa4\"", nothing[] = "";
static char some_domain[] = "e-mail \"x\"\n\xe2\x80\xa8",
	    some_text[] = "\\ \xf0\x9f\x99\x82";
static const struct transform samples[] = {
	{ .action = TRANSFORM_REFUSE, .line = 1 },
	{ .action = TRANSFORM_KEEP, .line = 2 },
	{ .action = TRANSFORM_DROP, .line = 3 },
	{ .action = TRANSFORM_TOKEN, .line = 4, .domain = some_domain },
	{ .action = TRANSFORM_MASK,
	    .line = 5,
	    .first = 1,
	    .last = 10000,
	    .fill = 0x1f642,
	    .fills = 64 },
	{ .action = TRANSFORM_MASK, .fill = '"' },
	{ .action = TRANSFORM_TRUNCATE, .line = 6, .first = 10000 },
	{ .action = TRANSFORM_DATE, .line = 7 },
	{ .action = TRANSFORM_DATE,
	    .line = 8,
	    .grain = GRAIN_MONTH,
	    .order = ORDER_MDY },
	{ .action = TRANSFORM_BINS,
	    .line = 9,
	    .edges = some_edges,
	    .nedges = 3 },
	{ .action = TRANSFORM_WIDTH,
	    .line = 10,
	    .edges = some_width,
	    .nedges = 1 },
	{ .action = TRANSFORM_CONSTANT, .line = 11, .text = some_text },
	{ .action = TRANSFORM_REVERSIBLE, .line = 12, .domain = some_domain },
	{ .action = TRANSFORM_TOKEN,
	    .domain = some_domain,
	    .scope = SCOPE_RECORD },
	{ .action = TRANSFORM_FPE,
	    .line = 13,
	    .first = 6,
	    .last = 4,
	    .luhn = true,
	    .domain = some_domain,
	    .text = some_digits,
	    .between = some_marks },
	{ .action = TRANSFORM_FPE,
	    .domain = some_domain,
	    .text = some_letters,
	    .between = nothing },
	{ .action = TRANSFORM_RANDOM, .line = 14 },
	{ .action = TRANSFORM_DATE, .grain = GRAIN_QUARTER },
	{ .action = TRANSFORM_AGE,
	    .line = 15,
	    .first = 5,
	    .last = 89,
	    .order = ORDER_DMY,
	    .at = 20454 },
	{ .action = TRANSFORM_WIDTH,
	    .ends = ENDS_BOTTOM | ENDS_TOP,
	    .edges = some_ends,
	    .nedges = 3 },
	{ .action = TRANSFORM_ROUND,
	    .ends = ENDS_TOP,
	    .edges = some_ends,
	    .nedges = 2 },
	{ .action = TRANSFORM_ENDS,
	    .ends = ENDS_BOTTOM,
	    .edges = some_ends,
	    .nedges = 1 },
	{ .action = TRANSFORM_POSTCODE, .first = 3 },
	{ .action = TRANSFORM_GRID, .edges = some_width, .nedges = 1 },
	{ .action = TRANSFORM_IP, .first = 24, .last = 48 },
	{ .action = TRANSFORM_EMAIL },
	{ .action = TRANSFORM_SHIFT, .first = 3660, .order = ORDER_MDY },
	{ .action = TRANSFORM_NOISE, .edges = some_noise, .nedges = 2 },
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void
assert_same(const struct transform *a, const struct transform *b)
{
	struct bytes one, two;

	bytes_init(&one, 65536);
	bytes_init(&two, 65536);
	assert_ok(transform_put(&one, a, &f));
	assert_ok(transform_put(&two, b, &f));
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.at, two.at, one.len);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->action, b->action);
	bytes_free(&one);
	bytes_free(&two);
}

static void
a_transform_arrives_as_it_left(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct transform got, copy;
		struct reader r;
		struct bytes b;

		bytes_init(&b, 65536);
		assert_ok(transform_put(&b, &samples[i], &f));
		r = reader_of(b.at, b.len);
		assert_ok(transform_take(&r, &got, &f));
		assert_ok(take_end(&r, &f));
		assert_same(&got, &samples[i]);
		assert_ok(transform_copy(&copy, &got, &f));
		transform_free(&got);
		assert_int_equal(got.action, TRANSFORM_REFUSE);
		assert_same(&copy, &samples[i]);
		transform_free(&copy);
		bytes_free(&b);
	}
}

static void
a_message_cut_short_or_changed_gives_a_sound_transform_or_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct bytes b;

		bytes_init(&b, 65536);
		assert_ok(transform_put(&b, &samples[i], &f));
		for (size_t n = 0; n < b.len; n++) {
			struct reader r = reader_of(b.at, n);
			struct transform got;

			assert_refused(
			    transform_take(&r, &got, &f), FAULT_INPUT);
			assert_int_equal(got.action, TRANSFORM_REFUSE);
		}
		for (size_t n = 0; n < b.len * 255; n++) {
			struct reader r = reader_of(b.at, b.len);
			uint8_t was = b.at[n / 255];
			struct transform got;
			struct bytes again;

			b.at[n / 255] = (uint8_t)(was + 1 + n % 255);
			f = (struct fault){ 0 };
			if (transform_take(&r, &got, &f) == 0) {
				bytes_init(&again, 65536);
				assert_ok(transform_put(&again, &got, &f));
				bytes_free(&again);
				transform_free(&got);
			}
			b.at[n / 255] = was;
		}
		bytes_free(&b);
	}
}

static void
a_transform_prints_as_the_policy_writes_it(void **state)
{
	static const char *const want[SAMPLES] = { "refuse", "keep", "drop",
		"{token: {domain: \"e-mail \\\"x\\\"\\u000A\\u2028\"}}",
		"{mask: {keep_first: 1, keep_last: 10000, fill: "
		"\"\xf0\x9f\x99\x82\", length: 64}}",
		"{mask: {keep_first: 0, keep_last: 0, fill: \"\\\"\", length: "
		"same}}",
		"{truncate: 10000}", "{generalise: {date: year}}",
		"{generalise: {date: month, order: mdy}}",
		"{generalise: {bins: [-0.5, 0, 18.000000000000000001]}}",
		"{generalise: {width: 0.25}}",
		"{constant: \"\\\\ \xf0\x9f\x99\x82\"}",
		"{reversible: {domain: \"e-mail \\\"x\\\"\\u000A\\u2028\"}}",
		"{token: {domain: \"e-mail \\\"x\\\"\\u000A\\u2028\", scope: "
		"record}}",
		"{fpe: {alphabet: digits, domain: \"e-mail "
		"\\\"x\\\"\\u000A\\u2028\", luhn: yes, keep_first: 6, "
		"keep_last: 4, separators: \" -\"}}",
		"{fpe: {alphabet: \"ab\xc3\xa4\\\"\", domain: \"e-mail "
		"\\\"x\\\"\\u000A\\u2028\", luhn: no, keep_first: 0, "
		"keep_last: 0, separators: \"\"}}",
		"random", "{generalise: {date: quarter}}",
		"{generalise: {age_band: {at: 2026-01-01, width: 5, over: 89, "
		"order: dmy}}}",
		"{generalise: {width: 5, bottom: 10, top: 90}}",
		"{generalise: {round: {to: 5}, top: 10}}",
		"{generalise: {bottom: 5}}",
		"{generalise: {postcode: {keep: 3}}}",
		"{generalise: {grid: {degrees: 0.25}}}",
		"{generalise: {ip: {v4: 24, v6: 48}}}",
		"{generalise: {email: domain}}",
		"{shift: {days: 3660, by: subject, order: mdy}}",
		"{noise: {within: 2, to: 0.5}}" };

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct bytes b;

		bytes_init(&b, 65536);
		assert_ok(transform_print(&b, &samples[i], &f));
		assert_ok(bytes_end_text(&b, &f));
		assert_string_equal((const char *)b.at, want[i]);
		bytes_free(&b);
	}
}

static void
every_allocation_may_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		bool done = false;

		for (long n = 0; !done; n++) {
			struct transform copy = { 0 }, got = { 0 };
			struct bytes b;
			struct reader r;

			bytes_init(&b, 65536);
			f = (struct fault){ 0 };
			mem_fail_after(n);
			if (transform_copy(&copy, &samples[i], &f) == 0 &&
			    transform_print(&b, &copy, &f) == 0 &&
			    (bytes_reset(&b),
				transform_put(&b, &copy, &f) == 0)) {
				r = reader_of(b.at, b.len);
				done = transform_take(&r, &got, &f) == 0;
			}
			mem_fail_after(-1);
			if (!done)
				assert_int_equal(f.kind, FAULT_SYSTEM);
			transform_free(&copy);
			transform_free(&got);
			bytes_free(&b);
		}
	}
}

static int
start(void **state)
{
	(void)state;
	return secret_start(&f) != 0 || pseudonym_start(&f) != 0 ? -1 : 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_transform_refuses_everything),
		cmocka_unit_test(keep_leaves_bytes_alone_and_drop_leaves_none),
		cmocka_unit_test(mask_counts_characters_and_keeps_the_length),
		cmocka_unit_test(mask_never_shows_a_value_whole),
		cmocka_unit_test(
		    mask_of_a_fixed_length_hides_how_long_the_value_was),
		cmocka_unit_test(truncate_counts_characters),
		cmocka_unit_test(
		    malformed_text_is_refused_where_characters_count),
		cmocka_unit_test(
		    the_empty_value_stays_empty_except_under_constant),
		cmocka_unit_test(a_token_is_the_one_that_the_field_key_makes),
		cmocka_unit_test(a_full_output_is_refused_and_left_as_it_was),
		cmocka_unit_test(a_transform_arrives_as_it_left),
		cmocka_unit_test(
		    a_message_cut_short_or_changed_gives_a_sound_transform_or_none),
		cmocka_unit_test(a_transform_prints_as_the_policy_writes_it),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
