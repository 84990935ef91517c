/* policy/transform: tokens as far as they are to join, what is random is so
 * once, dates of one person keep their distance, noise its bound. */

#include "tests/policy/keyed.h"

#include <stdio.h>
#include <stdlib.h>

#include "keys/base/clock.h"

static char digits[] = "0123456789", nothing[] = "";

/* Are the results at two sites the same? */
static bool
same(const struct transform *t, const struct transform_site *a,
    const struct transform_site *b)
{
	char *one = made(transform_apply, t, a, "x");
	char *two = made(transform_apply, t, b, "x");
	bool equal = strcmp(one, two) == 0;

	assert_int_equal(strlen(one), TOKEN_CHARS);
	mem_free(one);
	mem_free(two);
	return equal;
}

static void
a_token_joins_as_far_as_its_scope(void **state)
{
	struct transform t = { .action = TRANSFORM_TOKEN, .domain = domain };
	struct transform_key *project = key_of(&t, 1), *batch;
	struct transform_site a = {
		.key = project, .path = "f", .field = "c", .record = 1
	};
	struct transform_site b = a, column = a, record = a, file = a;

	(void)state;
	t.scope = SCOPE_DOCUMENT;
	batch = key_of(&t, 1);
	column.field = "d";
	record.record = 2;
	file.path = "g";
	t.scope = SCOPE_PROJECT;
	assert_true(same(&t, &a, &file));
	a.key = b.key = column.key = record.key = file.key = batch;
	t.scope = SCOPE_DOCUMENT;
	assert_true(same(&t, &a, &b));
	assert_true(same(&t, &a, &column));
	assert_true(same(&t, &a, &record));
	assert_false(same(&t, &a, &file));
	t.scope = SCOPE_RECORD;
	assert_true(same(&t, &a, &column));
	assert_false(same(&t, &a, &record));
	assert_false(same(&t, &a, &file));
	t = (struct transform){ .action = TRANSFORM_RANDOM };
	assert_true(same(&t, &a, &b));
	assert_false(same(&t, &a, &column));
	assert_false(same(&t, &a, &record));
	assert_false(same(&t, &a, &file));
	b.nth = 1;
	assert_false(same(&t, &a, &b));
	transform_key_free(project);
	transform_key_free(batch);
}

/* Every action that needs a key of the pseudonymisation domain. */
static void
two_vendors_share_nothing(void **state)
{
	static const char *const values[] = { "4929123456789", "1234567",
		"0000000000" };
	struct transform all[] = {
		{ .action = TRANSFORM_TOKEN },
		{ .action = TRANSFORM_REVERSIBLE },
		{ .action = TRANSFORM_FPE, .text = digits, .between = nothing }
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct transform_site a = { .path = "f" }, b = { .path = "f" };

		all[i].domain = domain;
		a.key = key_of(&all[i], 1);
		b.key = key_of(&all[i], 2);
		for (size_t k = 0; k < 3; k++) {
			char *one =
			    made(transform_apply, &all[i], &a, values[k]);
			char *two =
			    made(transform_apply, &all[i], &b, values[k]);

			assert_string_not_equal(one, two);
			mem_free(one);
			mem_free(two);
		}
		site_free(&a);
		site_free(&b);
	}
}

static int64_t
day_of(const char *text)
{
	int64_t at;

	assert_true(clock_read_date(&at, text, CLOCK_DATE_CHARS));
	return at / 86400;
}

static int64_t
shifted(const struct transform *t, const struct transform_site *site,
    const char *value)
{
	char *text = made(transform_apply, t, site, value);
	int64_t day = day_of(text);

	mem_free(text);
	return day;
}

static void
dates_of_one_person_keep_their_distance(void **state)
{
	const struct transform t = { .action = TRANSFORM_SHIFT, .first = 3 };
	struct transform_site site = { .key = key_of(&t, 1), .path = "f" };
	unsigned seen[7] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 6000; i++) {
		char who[16];
		int64_t moved;

		(void)snprintf(who, sizeof(who), "p%u", i);
		site.subject = slice_of_text(who);
		site.record = i;
		moved = shifted(&t, &site, "2024-02-28") - day_of("2024-02-28");
		assert_true(moved >= -3 && moved <= 3 && moved != 0);
		seen[moved + 3]++;
		assert_int_equal(
		    shifted(&t, &site, "1.1.1999") - day_of("1999-01-01"),
		    moved);
		assert_int_equal(
		    shifted(&t, &site, "31 Dec 2023") - day_of("2023-12-31"),
		    moved);
	}
	for (unsigned i = 0; i < 7; i++)
		if (i != 3 && (seen[i] < 850 || seen[i] > 1150))
			fail_msg("%u of 6000 are %d", seen[i], (int)i - 3);
	site_free(&site);
}

static void
a_time_stays_behind_its_day(void **state)
{
	const struct transform t = { .action = TRANSFORM_SHIFT, .first = 1 };
	struct transform_site site = { .key = key_of(&t, 1),
		.subject = { (const uint8_t *)"ann", 3 } };
	char *text;

	(void)state;
	text = made(transform_apply, &t, &site, " 2024-05-05T12:30:59.25Z ");
	assert_string_equal(text + 10, "T12:30:59.25Z");
	mem_free(text);
	text = made(transform_apply, &t, &site, "5.5.2024 08:00");
	assert_string_equal(text + 10, " 08:00");
	mem_free(text);
	text = made(transform_apply, &t, &site, " ");
	assert_string_equal(text, "");
	mem_free(text);
	assert_refuses(transform_apply, &t, &site, "2024-05", "without a day");
	assert_refuses(transform_apply, &t, &site, "2024", "without a day");
	assert_refuses(transform_apply, &t, &site, "3/4/2024", "exchanged");
	assert_refuses(transform_apply, &t, &site, "soon", "not a date");
	site.subject.len = 0;
	assert_refuses(
	    transform_apply, &t, &site, "2024-05-05", "names no subject");
	site_free(&site);
}

static void
a_shift_never_leaves_the_calendar(void **state)
{
	const struct transform t = { .action = TRANSFORM_SHIFT, .first = 1 };
	struct transform_site site = { .key = key_of(&t, 1) };
	struct bytes out;
	unsigned refused = 0;

	(void)state;
	bytes_init(&out, 64);
	for (char who = 'a'; who <= 'z'; who++) {
		site.subject = (struct slice){ (const uint8_t *)&who, 1 };
		f = (struct fault){ 0 };
		bytes_reset(&out);
		if (transform_apply(&t, &site, "9999-12-31", 10, &out, &f) !=
		    0) {
			assert_int_equal(f.kind, FAULT_INPUT);
			refused++;
		} else
			assert_memory_equal(out.at, "9999-12-30", 10);
	}
	assert_true(refused > 2 && refused < 24);
	bytes_free(&out);
	site_free(&site);
}

static void
noise_stays_within_its_bound_and_off_the_value_s_own_digits(void **state)
{
	struct decimal edges[] = { { 2, 0 }, { 0, 500000000000000000u } };
	const struct transform t = {
		.action = TRANSFORM_NOISE, .edges = edges, .nedges = 2
	};
	struct transform_site site = {
		.key = key_of(&t, 1), .path = "f", .field = "c"
	};
	unsigned seen[16] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 8000; i++) {
		char *text, *again;
		double got;

		site.record = i;
		text = made(transform_apply, &t, &site, "70.37");
		again = made(transform_apply, &t, &site, "70.37");
		assert_string_equal(text, again);
		got = strtod(text, NULL);
		/* multiples of 0.5 in [68.37, 72.37] */
		assert_true(got >= 68.5 && got <= 72);
		assert_true(2 * got == (double)(int)(2 * got));
		seen[(int)(2 * (got - 68.5))]++;
		mem_free(text);
		mem_free(again);
	}
	for (unsigned i = 0; i < 8; i++)
		if (seen[i] < 850 || seen[i] > 1150)
			fail_msg("%u of 8000 at %u", seen[i], i);
	assert_refuses(transform_apply, &t, &site, "heavy", "not a number");
	site_free(&site);
}

static void
every_allocation_may_fail(void **state)
{
	struct decimal edges[] = { { 2, 0 }, { 1, 0 } };
	const struct transform all[] = { { .action = TRANSFORM_FPE,
					     .domain = domain,
					     .text = digits,
					     .between = nothing },
		{ .action = TRANSFORM_REVERSIBLE, .domain = domain },
		{ .action = TRANSFORM_RANDOM },
		{ .action = TRANSFORM_NOISE, .edges = edges, .nedges = 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct transform_site site = {
			.key = key_of(&all[i], 1), .path = "f", .field = "c"
		};
		bool done = false;

		for (long n = 0; !done; n++) {
			struct bytes out;

			bytes_init(&out, 4096);
			f = (struct fault){ 0 };
			mem_fail_after(n);
			done = transform_apply(&all[i], &site, "12345678", 8,
				   &out, &f) == 0;
			mem_fail_after(-1);
			if (!done) {
				assert_int_equal(f.kind, FAULT_SYSTEM);
				assert_int_equal(out.len, 0);
			}
			bytes_free(&out);
		}
		site_free(&site);
	}
}

/* Rows of the same few values over and over, and of new ones, so that tokens
 * are remembered, and forgotten. */
static void
a_token_for_later_is_the_one_made_now(void **state)
{
	const struct transform t = { .action = TRANSFORM_TOKEN,
		.domain = domain };
	struct transform_key *key = key_of(&t, 1);
	const struct transform_site site = { .key = key };
	char out[20 * TRANSFORM_TOKEN_CHARS], values[20][80];
	struct transform_later later;
	struct bytes want;

	(void)state;
	bytes_init(&want, sizeof(out));
	for (unsigned row = 0; row < 20000; row++) {
		size_t at = 0;

		later.n = 0;
		bytes_reset(&want);
		for (unsigned i = 0; i < 20; i++) {
			char *value = values[i % 2 == 0 ? i : 1];
			int len = snprintf(value, sizeof(*values), "%0*u",
			    (int)(row % 71), row / 5000 * row % 999 + i % 7);
			struct slice s = { (uint8_t *)value, (size_t)len };

			if (!transform_later(
				&later, &t, key, &s, i % 2 == 0, at, out + at))
				continue;
			at += TRANSFORM_TOKEN_CHARS;
			assert_ok(transform_apply(
			    &t, &site, value, (size_t)len, &want, &f));
		}
		transform_now(&later, (uint8_t *)out);
		assert_int_equal(at, want.len);
		assert_memory_equal(out, want.at, at);
	}
	bytes_free(&want);
	transform_key_free(key);
}

static void
an_id_for_later_is_its_token_unless_it_is_long(void **state)
{
	const uint8_t secret[32] = { 3 };
	char out[2 * TOKEN_CHARS], want[TOKEN_CHARS + 1], value[80];
	struct transform_later later = { .n = 0 };
	struct token_key *key;

	(void)state;
	memset(value, 'i', sizeof(value));
	assert_ok(token_key_new(&key, secret, sizeof(secret), &f));
	for (size_t len = 0; len < sizeof(value); len++) {
		struct slice id = { (uint8_t *)value, len };
		bool first = transform_later_id(&later, key, &id, TOKEN_CHARS);
		bool second = transform_later_id(&later, key, &id, 0);

		assert_int_equal(first, len > 0 && len <= 55);
		assert_int_equal(second, first);
		if (!first)
			continue;
		transform_now(&later, (uint8_t *)out);
		assert_int_equal(later.n, 0);
		token_make(key, value, len, want);
		assert_memory_equal(out, want, TOKEN_CHARS);
		assert_memory_equal(out + TOKEN_CHARS, want, TOKEN_CHARS);
	}
	token_key_free(key);
}

static void
what_is_no_plain_token_is_not_for_later(void **state)
{
	struct transform t = { .action = TRANSFORM_TOKEN, .domain = domain };
	struct transform_key *key = key_of(&t, 1);
	struct transform_later later = { .n = 0 };
	uint8_t value[56] = { 'x' };
	char out[TRANSFORM_TOKEN_CHARS];

	(void)state;
	for (size_t len = 0; len <= sizeof(value); len += sizeof(value)) {
		const struct slice s = { value, len };

		assert_false(
		    transform_later(&later, &t, key, &s, false, 0, out));
	}
	for (unsigned scope = SCOPE_DOCUMENT; scope <= SCOPE_RECORD; scope++) {
		const struct slice s = { value, 1 };

		t.scope = (enum transform_scope)scope;
		assert_false(
		    transform_later(&later, &t, key, &s, false, 0, out));
	}
	t = (struct transform){ .action = TRANSFORM_RANDOM };
	assert_false(transform_later(
	    &later, &t, key, &(struct slice){ value, 1 }, false, 0, out));
	assert_int_equal(later.n, 0);
	transform_key_free(key);
}

static void
a_key_has_a_name_that_says_what_for(void **state)
{
	static const char *const bad[] = { "", "token", "token:", "email",
		"shift:x", "value:x", "item:", "tokens:x", ":x", "fpe" };
	struct transform_key *k;
	struct secret key;
	const char *field;
	enum key_use use;

	(void)state;
	assert_ok(secret_new(&key, 32, &f));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_refused(
		    key_name_read(bad[i], &use, &field, &f), FAULT_INPUT);
		assert_refused(
		    transform_key_new(&k, bad[i], &key, &f), FAULT_INPUT);
		assert_null(k);
	}
	assert_ok(key_name_read("token:a:b", &use, &field, &f));
	assert_int_equal(use, KEY_FIELD);
	assert_string_equal(field, "a:b");
	transform_key_free(NULL);
	secret_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_joins_as_far_as_its_scope),
		cmocka_unit_test(two_vendors_share_nothing),
		cmocka_unit_test(dates_of_one_person_keep_their_distance),
		cmocka_unit_test(a_time_stays_behind_its_day),
		cmocka_unit_test(a_shift_never_leaves_the_calendar),
		cmocka_unit_test(
		    noise_stays_within_its_bound_and_off_the_value_s_own_digits),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(a_token_for_later_is_the_one_made_now),
		cmocka_unit_test(
		    an_id_for_later_is_its_token_unless_it_is_long),
		cmocka_unit_test(what_is_no_plain_token_is_not_for_later),
		cmocka_unit_test(a_key_has_a_name_that_says_what_for),
	};

	return cmocka_run_group_tests(tests, keyed_start, NULL);
}
