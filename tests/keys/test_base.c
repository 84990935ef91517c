/* keys/base: faults, bytes, memory, messages, times. */

#include "tests/support/test.h"

#include <errno.h>
#include <string.h>

#include "keys/base/bytes.h"
#include "keys/base/clock.h"
#include "keys/base/mem.h"
#include "keys/base/wire.h"

/* --- fault --- */

static void
the_first_fault_stays_and_callers_add_where(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(fault_set(&f, FAULT_FORGED, "tag of %d", 7), -1);
	assert_int_equal(fault_set(&f, FAULT_SYSTEM, "later"), -1);
	assert_int_equal(f.kind, FAULT_FORGED);
	assert_int_equal(fault_at(&f, "row %d", 3), -1);
	assert_int_equal(fault_at(&f, "%s", "a.csv"), -1);
	assert_string_equal(f.text, "a.csv: row 3: tag of 7");
	assert_int_equal(fault_hint(&f, "try %s", "this"), -1);
	assert_int_equal(fault_hint(&f, "or that"), -1);
	assert_string_equal(f.hint, "try this");
	fault_clear(&f);
	assert_int_equal(f.kind, FAULT_NONE);
	assert_string_equal(f.text, "");
	assert_int_equal(fault_hint(&f, "no fault, no hint"), -1);
	assert_string_equal(f.hint, "");
}

static void
a_system_call_is_told_with_its_reason(void **state)
{
	struct fault f = { 0 };

	(void)state;
	errno = ENOSPC;
	assert_int_equal(fault_errno(&f, "write %s", "x"), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_string_equal(f.text, "write x: No space left on device");
	assert_string_equal(
	    f.hint, "make room there, and give the same command again");
	fault_clear(&f);
	errno = EIO;
	assert_int_equal(fault_errno(&f, "write %s", "x"), -1);
	assert_string_equal(f.hint, "");
	fault_clear(&f);
	assert_int_equal(fault_memory(&f), -1);
	assert_string_equal(f.text, "out of memory");
}

/* A file's name may hold anything; a terminal must not obey it. */
static void
nothing_in_a_fault_moves_the_cursor(void **state)
{
	struct fault f = { 0 };

	(void)state;
	(void)fault_set(&f, FAULT_INPUT, "%s",
	    "a\033[2Jb\nc\x7f"
	    "d\xc2\x9b"
	    "e\x9b"
	    "f\xc3\xa9g\xe2\x80\xae"
	    "h\xe2\x80\x8b");
	assert_string_equal(f.text, "a?[2Jb?c?d?e?f\xc3\xa9g?h?");
}

static void
a_long_fault_is_cut_at_a_character(void **state)
{
	char name[1000];
	struct fault f = { 0 };

	(void)state;
	for (size_t pad = 0; pad < 4; pad++) {
		memset(name, 'x', pad);
		for (size_t i = pad; i + 4 < sizeof(name); i += 4)
			memcpy(name + i, "\xf0\x9f\x98\x80", 5);
		fault_clear(&f);
		(void)fault_set(&f, FAULT_INPUT, "%s", name);
		assert_int_equal((strlen(f.text) - pad) % 4, 0);
		assert_null(strchr(f.text, '?'));
		assert_true(strlen(f.text) > 470);
		(void)fault_at(&f, "where");
		assert_memory_equal(f.text, "where: ", 7);
		assert_int_equal((strlen(f.text) - 7 - pad) % 4, 0);
		(void)fault_at(&f, "%s", name);
		assert_true(strlen(f.text) < sizeof(f.text));
	}
}

/* --- bytes --- */

static void
one_byte_past_the_cap_is_refused_and_changes_nothing(void **state)
{
	struct fault f = { 0 };
	struct bytes b;

	(void)state;
	bytes_init(&b, 4);
	assert_ok(bytes_add(&b, "four", 4, &f));
	assert_refused(bytes_add(&b, "!", 1, &f), FAULT_INPUT);
	assert_string_equal(f.text, "more than 4 bytes");
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.at, "four", 4);
	assert_refused(bytes_reserve(&b, SIZE_MAX, &f), FAULT_INPUT);
	assert_refused(bytes_end_text(&b, &f), FAULT_INPUT);
	bytes_free(&b);
	bytes_free(&b);
	assert_int_equal(b.cap, 4);
	bytes_free(NULL);
}

static void
bytes_grow_by_doubling_up_to_the_cap(void **state)
{
	struct fault f = { 0 };
	struct bytes b;
	unsigned grown = 0;

	(void)state;
	bytes_init(&b, 100000);
	for (size_t i = 0; i < 100000; i++) {
		size_t room = b.room;
		uint8_t c = (uint8_t)(i * 7);

		assert_ok(bytes_add(&b, &c, 1, &f));
		grown += b.room != room;
		assert_true(b.room <= b.cap);
	}
	assert_true(grown < 15);
	for (size_t i = 0; i < 100000; i++)
		assert_int_equal(b.at[i], (uint8_t)(i * 7));
	bytes_reset(&b);
	assert_int_equal(b.len, 0);
	assert_int_equal(b.room, 100000);
	assert_ok(bytes_addf(&b, &f, "%s-%03d", "a", 7));
	assert_ok(bytes_add_text(&b, "!", &f));
	assert_ok(bytes_end_text(&b, &f));
	assert_string_equal((char *)b.at, "a-007!");
	assert_int_equal(b.len, 6);
	bytes_free(&b);
}

static void
every_allocation_may_fail(void **state)
{
	int done = 0;

	(void)state;
	for (long n = 0; !done; n++) {
		struct fault f = { 0 };
		struct bytes b;
		size_t len = 0;
		int failed = 0;

		mem_fail_after(n);
		bytes_init(&b, 4096);
		for (int i = 0; i < 40 && !failed; i++) {
			len = b.len;
			failed = bytes_add(&b, "0123456789", 10, &f) != 0;
		}
		mem_fail_after(-1);
		if (failed) {
			assert_int_equal(f.kind, FAULT_SYSTEM);
			assert_int_equal(b.len, len);
		} else {
			done = 1;
		}
		bytes_free(&b);
		assert_true(n < 100);
	}
}

/* --- mem --- */

static void
memory_is_zeroed_and_sizes_do_not_wrap(void **state)
{
	unsigned char *p = mem_array(3, 5);
	size_t n;
	char *text;

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(p[i], 0);
	mem_free(p);
	mem_free(NULL);
	assert_null(mem_array(SIZE_MAX / 2, 3));
	assert_null(mem_text("x", SIZE_MAX));
	assert_non_null(p = mem_new(0));
	mem_free(p);
	assert_non_null(text = mem_text("abcdef", 3));
	assert_string_equal(text, "abc");
	mem_free(text);
	assert_true(size_add(SIZE_MAX - 1, 1, &n) && n == SIZE_MAX);
	assert_false(size_add(SIZE_MAX, 1, &n));
	assert_true(size_mul(SIZE_MAX / 2, 2, &n) && n == SIZE_MAX - 1);
	assert_false(size_mul(SIZE_MAX / 2 + 1, 2, &n));
}

static void
memory_that_is_read_here_and_there_keeps_what_it_has(void **state)
{
	const size_t n = (size_t)9 << 20;
	unsigned char *p = mem_new(n);

	(void)state;
	assert_non_null(p);
	mem_scattered(NULL, n);
	memset(p, 7, n);
	for (size_t i = 0; i < n / 3; i += n / 9)
		mem_scattered(p + i, n - 2 * i);
	for (size_t i = 0; i < n; i++)
		if (p[i] != 7)
			fail_msg("byte %zu changed", i);
	mem_free(p);
}

/* --- wire --- */

static void
a_message_reads_back_and_to_its_last_byte(void **state)
{
	struct fault f = { 0 }, told = { FAULT_POLICY, "no", "ask" }, heard;
	struct bytes b;
	struct reader r;
	struct slice s;
	uint8_t u8, raw[2];
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	char text[4];

	(void)state;
	bytes_init(&b, 4096);
	assert_ok(put_u8(&b, 0xfe, &f));
	assert_ok(put_u16(&b, 0xfedc, &f));
	assert_ok(put_u32(&b, 0xfedcba98, &f));
	assert_ok(put_u64(&b, 0xfedcba9876543210, &f));
	assert_ok(put_slice(&b, "slice", 5, &f));
	assert_ok(put_text(&b, "abc", &f));
	assert_ok(put_slice(&b, NULL, 0, &f));
	assert_ok(put_fault(&b, &told, &f));
	assert_ok(bytes_add(&b, "zz", 2, &f));
	assert_memory_equal(b.at, "\xfe\xfe\xdc\xfe\xdc\xba\x98", 7);
	r = reader_of(b.at, b.len);
	assert_ok(take_u8(&r, &u8, &f));
	assert_ok(take_u16(&r, &u16, &f));
	assert_ok(take_u32(&r, &u32, &f));
	assert_ok(take_u64(&r, &u64, &f));
	assert_true(u8 == 0xfe && u16 == 0xfedc && u32 == 0xfedcba98 &&
		    u64 == 0xfedcba9876543210);
	assert_ok(take_slice(&r, 5, &s, &f));
	assert_memory_equal(s.at, "slice", 5);
	assert_ok(take_text(&r, text, sizeof(text), &f));
	assert_string_equal(text, "abc");
	assert_ok(take_slice(&r, 0, &s, &f));
	assert_int_equal(s.len, 0);
	assert_ok(take_fault(&r, &heard, &f));
	assert_int_equal(heard.kind, FAULT_POLICY);
	assert_string_equal(heard.text, "no");
	assert_string_equal(heard.hint, "ask");
	assert_refused(take_end(&r, &f), FAULT_INPUT);
	assert_int_equal(reader_left(&r), 2);
	assert_ok(take_bytes(&r, raw, 2, &f));
	assert_ok(take_end(&r, &f));
	bytes_free(&b);
}

static void
a_message_cut_anywhere_is_refused(void **state)
{
	struct fault f = { 0 }, told;
	struct bytes b;

	(void)state;
	bytes_init(&b, 4096);
	assert_ok(put_u64(&b, 1, &f));
	assert_ok(put_text(&b, "text", &f));
	assert_ok(put_fault(&b, &(struct fault){ FAULT_INPUT, "x", "" }, &f));
	for (size_t len = 0; len < b.len; len++) {
		struct reader r = reader_of(b.at, len);
		uint64_t n;
		char text[16];

		f = (struct fault){ 0 };
		assert_true(take_u64(&r, &n, &f) != 0 ||
			    take_text(&r, text, sizeof(text), &f) != 0 ||
			    take_fault(&r, &told, &f) != 0);
		assert_int_equal(f.kind, FAULT_INPUT);
	}
	bytes_free(&b);
}

static void
lengths_nuls_and_kinds_in_messages_are_judged(void **state)
{
	static const uint8_t nul[] = { 0, 0, 0, 3, 'a', 0, 'b' };
	static const uint8_t huge[] = { 0xff, 0xff, 0xff, 0xff, 'a' };
	static const uint8_t one[] = { 1, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t nine[] = { 9, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct fault f = { 0 }, told;
	struct reader r = reader_of(nul, sizeof(nul));
	struct slice s;
	char text[16];

	(void)state;
	assert_refused(take_text(&r, text, sizeof(text), &f), FAULT_INPUT);
	r = reader_of(nul, sizeof(nul));
	assert_refused(take_text(&r, text, 3, &f), FAULT_INPUT);
	assert_refused(take_slice(&r, 2, &s, &f), FAULT_INPUT);
	assert_int_equal(reader_left(&r), sizeof(nul)); /* as it was */
	r = reader_of(huge, sizeof(huge));
	assert_refused(take_slice(&r, SIZE_MAX, &s, &f), FAULT_INPUT);
	r = reader_of(one, sizeof(one));
	assert_refused(take_fault(&r, &told, &f), FAULT_INPUT);
	r = reader_of(nine, sizeof(nine));
	assert_refused(take_fault(&r, &told, &f), FAULT_INPUT);
	r = reader_of(NULL, 0);
	assert_ok(take_end(&r, &f));
}

/* --- clock --- */

static void
times_are_written_and_read_in_one_form(void **state)
{
	static const struct {
		int64_t at;
		const char *text;
	} times[] = { { 0, "1970-01-01T00:00:00Z" },
		{ 951782399, "2000-02-28T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 1795465200, "2026-11-23T20:20:00Z" },
		{ 4107542400, "2100-03-01T00:00:00Z" },
		{ -62135596800, "0001-01-01T00:00:00Z" },
		{ 253402300799, "9999-12-31T23:59:59Z" } };
	static const char *const wrong[] = { "2026-11-23T20:20:00z",
		"2026-11-23 20:20:00Z", "2026-11-23T20:20:00", "2026-11-23T",
		"2026-11-23T24:00:00Z", "2026-11-23T23:60:00Z",
		"2026-11-23T23:59:60Z", "2026-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-04-31T00:00:00Z",
		"2026-04-00T00:00:00Z", "0000-01-01T00:00:00Z",
		"2026-11-23T20:20:00+00:00", "2026-11-23T20:20:0 Z",
		"+026-11-23T20:20:00Z", "" };
	char text[CLOCK_CHARS + 1], date[CLOCK_DATE_CHARS + 1];
	int64_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		clock_write(text, times[i].at);
		assert_string_equal(text, times[i].text);
		assert_true(clock_read(&at, text, CLOCK_CHARS));
		assert_int_equal(at, times[i].at);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (clock_read(&at, wrong[i], strlen(wrong[i])))
			fail_msg("%s is read", wrong[i]);
	clock_write_date(date, 951782400 + 3600);
	assert_string_equal(date, "2000-02-29");
	assert_true(clock_read(&at, date, CLOCK_DATE_CHARS));
	assert_int_equal(at, 951782400);
	assert_true(clock_monotonic() <= clock_monotonic());
	assert_true(clock_now() > 1700000000);
}

/* Every day of four centuries, one after another. */
static void
days_follow_each_other(void **state)
{
	int64_t last, days;

	(void)state;
	assert_true(clock_days(&last, 1899, 12, 31));
	for (int y = 1900; y < 2300; y++)
		for (int m = 1; m <= 12; m++)
			for (int d = 1; d <= 31; d++) {
				if (!clock_days(&days, y, m, d)) {
					assert_true(d > 28 && m != 1);
					continue;
				}
				assert_int_equal(days, last + 1);
				last = days;
			}
	assert_false(clock_days(&days, 0, 1, 1));
	assert_false(clock_days(&days, 10000, 1, 1));
}

/* A policy may say 999999999y; the sum must still be a time. */
static void
spans_have_one_unit_and_times_an_end(void **state)
{
	static const char *const wrong[] = { "", "d", "1", "1x", "-1d", "1 d",
		"01d", "1000000001d", "1dd", "1D" };
	char text[CLOCK_CHARS + 1];
	int64_t span;

	(void)state;
	assert_true(clock_read_span(&span, "90d", 3) && span == 7776000);
	assert_true(clock_read_span(&span, "0s", 2) && span == 0);
	assert_true(clock_read_span(&span, "2h", 2) && span == 7200);
	assert_true(clock_read_span(&span, "5m", 2) && span == 300);
	assert_true(clock_read_span(&span, "1w", 2) && span == 604800);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(
		    clock_read_span(&span, wrong[i], strlen(wrong[i])));
	assert_true(clock_read_span(&span, "999999999y", 10));
	clock_write(text, clock_now() + span);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
	clock_write(text, INT64_MIN);
	assert_string_equal(text, "0001-01-01T00:00:00Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_fault_stays_and_callers_add_where),
		cmocka_unit_test(a_system_call_is_told_with_its_reason),
		cmocka_unit_test(nothing_in_a_fault_moves_the_cursor),
		cmocka_unit_test(a_long_fault_is_cut_at_a_character),
		cmocka_unit_test(
		    one_byte_past_the_cap_is_refused_and_changes_nothing),
		cmocka_unit_test(bytes_grow_by_doubling_up_to_the_cap),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(memory_is_zeroed_and_sizes_do_not_wrap),
		cmocka_unit_test(
		    memory_that_is_read_here_and_there_keeps_what_it_has),
		cmocka_unit_test(a_message_reads_back_and_to_its_last_byte),
		cmocka_unit_test(a_message_cut_anywhere_is_refused),
		cmocka_unit_test(lengths_nuls_and_kinds_in_messages_are_judged),
		cmocka_unit_test(times_are_written_and_read_in_one_form),
		cmocka_unit_test(days_follow_each_other),
		cmocka_unit_test(spans_have_one_unit_and_times_an_end),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
