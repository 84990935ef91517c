/* gateway/cli: what a person reads is what was meant, and nothing that somebody
 * else chose steers a terminal. */

#include "tests/support/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/cli.h"

/* What speak_to() writes, against what printf() would. */
#define SAME(...)                                                \
	do {                                                     \
		char want[400], *got = NULL;                     \
		size_t len;                                      \
		FILE *to = open_memstream(&got, &len);           \
		assert_non_null(to);                             \
		speak_to(to, __VA_ARGS__);                       \
		(void)fclose(to);                                \
		(void)snprintf(want, sizeof(want), __VA_ARGS__); \
		assert_string_equal(got, want);                  \
		free(got);                                       \
	} while (0)

static char *
spoken(const char *text)
{
	char *got = NULL;
	size_t len;
	FILE *to = open_memstream(&got, &len);

	assert_non_null(to);
	speak_to(to, "[%s]\n", text);
	(void)fclose(to);
	return got;
}

static void
numbers_and_texts_are_written_as_printf_does(void **state)
{
	(void)state;
	SAME("%s", "");
	SAME("plain, 100%%\n");
	SAME("%d %d %u %zu", -5, 0, 7u, (size_t)1 << 40);
	SAME("%ld %lu %lld %llu", -1L, 2UL, -3LL, UINT64_MAX + 0ULL);
	SAME("%" PRIu64 " %" PRId64, UINT64_MAX, INT64_MIN);
	SAME("[%6lld] [%-6lld] [%06u] [%02x] [%x]", 12LL, 12LL, 12u, 10u, 255u);
	SAME("%.4f %.0f %.3g %f [%8.2f] [%-8.2f]", 0.12345, 2.5, 0.9, 1.0,
	    3.14159, 2.0);
	SAME("[%10s] [%-10s] [%.3s] [%-8.2s] [%s]", "abc", "abc", "abcdef",
	    "abc", "x");
	SAME("[%*s] [%-*s] [%*s] [%.*s]", 5, "ab", 5, "ab", -5, "ab", 2, "abc");
	SAME("%s%s%s %s", "a", "", "b", "c");
}

static void
a_text_cannot_steer_the_terminal_or_begin_a_line(void **state)
{
	static const char *const rows[][2] = {
		{ "a\033[2Jb", "[a?[2Jb]\n" },
		{ "a\nhandoff: ok", "[a?handoff: ok]\n" },
		{ "a\rb\tc\bd\x7f", "[a?b?c?d?]\n" },
		{ "csi \xc2\x9b"
		  "2J",
		    "[csi ?2J]\n" },
		{ "gnp.\xe2\x80\xae"
		  "exe",
		    "[gnp.?exe]\n" },
		{ "\xe2\x81\xa6x\xe2\x81\xa9\xe2\x80\x8e", "[?x??]\n" },
		{ "ac\xe2\x80\x8bme", "[ac?me]\n" },
		{ "\xef\xbb\xbf"
		  "acme",
		    "[?acme]\n" },
		{ "bad \xff\xc3", "[bad ??]\n" },
		{ "long \xc0\xaf", "[long ??]\n" },
		{ "M\xc3\xbcnchen \xe4\xb8\xad \xf0\x9f\x98\x80",
		    "[M\xc3\xbcnchen \xe4\xb8\xad \xf0\x9f\x98\x80]\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *got = spoken(rows[i][0]);

		assert_string_equal(got, rows[i][1]);
		free(got);
	}
}

static void
a_width_counts_characters_and_a_cut_one_is_seen(void **state)
{
	char *got = NULL;
	size_t len;
	FILE *to = open_memstream(&got, &len);

	(void)state;
	assert_non_null(to);
	speak_to(to, "[%-4s][%4s][%.1s]", "\xc3\xbc", "\xff\x1b", "\xc3\xbc");
	(void)fclose(to);
	assert_string_equal(got, "[\xc3\xbc   ][  ??][?]");
	free(got);
}

static void
lines_keep_their_ends_and_nothing_else(void **state)
{
	static const char text[] = "one\n\033two\r\n\0three\xe2\x80\xa8\n";
	char *got = NULL;
	size_t len;
	FILE *to = open_memstream(&got, &len);

	(void)state;
	assert_non_null(to);
	speak_lines(to, text, sizeof(text) - 1);
	(void)fclose(to);
	assert_string_equal(got, "one\n?two?\n?three?\n");
	free(got);
}

static void
a_paragraph_is_broken_at_spaces_and_counts_characters(void **state)
{
	static const char long_word[] =
	    "a/path/that/is/longer/than/a/line/of/a/terminal/and/has/no/space/"
	    "where/it/could/be/broken";
	char umlauts[2 * SPEAK_WIDTH + 1], want[600], *got = NULL;
	size_t len;
	FILE *to = open_memstream(&got, &len);

	(void)state;
	assert_non_null(to);
	for (size_t i = 0; i < SPEAK_WIDTH; i++)
		memcpy(umlauts + 2 * i, "\xc3\xbc", 3);
	speak_wrapped(to, 4, "%s fits\n", umlauts);
	speak_wrapped(to, 4, "  short  as it is\n");
	speak_wrapped(
	    to, 2, "%s, and\033 what  %s  then\n", "one\n", long_word);
	(void)fclose(to);
	(void)snprintf(want, sizeof(want),
	    "%s\n    fits\n  short  as it is\n"
	    "one?, and\033 what\n  %s\n  then\n",
	    umlauts, long_word);
	assert_string_equal(got, want);
	free(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_texts_are_written_as_printf_does),
		cmocka_unit_test(
		    a_text_cannot_steer_the_terminal_or_begin_a_line),
		cmocka_unit_test(
		    a_width_counts_characters_and_a_cut_one_is_seen),
		cmocka_unit_test(lines_keep_their_ends_and_nothing_else),
		cmocka_unit_test(
		    a_paragraph_is_broken_at_spaces_and_counts_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
