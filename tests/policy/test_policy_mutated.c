/* policy/rules: a good policy with each key misspelt, each line doubled, each
 * byte changed: refused at the right place, or still a policy. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"
#include "tests/policy/good_policy.h"

static struct fault f;

/* Read len bytes; true when accepted.  A refusal says where. */
static bool
accepted(const char *text, size_t len)
{
	struct policy *p = NULL;
	unsigned line, column;
	int used = 0;

	f = (struct fault){ 0 };
	if (policy_read(&p, "policy.yaml", text, len, &f) == 0) {
		policy_free(p);
		return true;
	}
	assert_null(p);
	assert_int_equal(f.kind, FAULT_INPUT);
	if (sscanf(f.text, "policy.yaml:%u:%u: %n", &line, &column, &used) !=
		2 ||
	    used == 0 || f.text[used] == '\0' || line == 0 || column == 0)
		fail_msg("no place in: %s", f.text);
	return false;
}

/* Every key of the schema, one letter changed: told at its very place. */
static void
every_misspelt_key_is_found_at_its_place(void **state)
{
	unsigned line = 1, column = 1, tried = 0;
	char text[8192], want[64];
	bool names = false; /* inside columns: or fields: */

	(void)state;
	for (const char *p = good_policy; *p != '\0'; p++) {
		size_t len = strspn(p, "abcdefghijklmnopqrstuvwxyz_");

		if (column == 1)
			names = strncmp(p, "      ", 6) == 0;
		if (len > 0 && strncmp(p + len, ": ", 2) == 0 &&
		    !(names && column == 7) &&
		    strchr(" {-", p[-1 + (p == good_policy)])) {
			(void)snprintf(text, sizeof(text), "%.*sq%s",
			    (int)(p - good_policy), good_policy, p);
			if (accepted(text, strlen(text)))
				fail_msg("accepted at %u:%u", line, column);
			(void)snprintf(want, sizeof(want),
			    "policy.yaml:%u:%u: unknown ", line, column);
			if (strncmp(f.text, want, strlen(want)) != 0)
				fail_msg("not %s: %s", want, f.text);
			tried++;
		}
		if (len > 1) {
			p += len - 1;
			column += (unsigned)len - 1;
		}
		column = *p == '\n' ? 1 : column + 1;
		line += *p == '\n';
	}
	print_message("%u keys\n", tried);
	assert_true(tried > 50);
}

/* Every line whose key is in it, twice: told where it comes again. */
static void
every_line_written_twice_is_found_at_its_place(void **state)
{
	unsigned line = 1, tried = 0;
	char text[8192], want[64];

	(void)state;
	for (const char *p = good_policy; *p != '\0'; line++) {
		size_t len = strcspn(p, "\n") + 1, indent = strspn(p, " ");

		if (p[indent] != '-' && p[len - 2] != ':') {
			(void)snprintf(text, sizeof(text), "%.*s%.*s%s",
			    (int)(p - good_policy), good_policy, (int)len, p,
			    p);
			assert_false(accepted(text, strlen(text)));
			(void)snprintf(want, sizeof(want),
			    "policy.yaml:%u:%zu: \"", line + 1, indent + 1);
			if (strncmp(f.text, want, strlen(want)) != 0)
				fail_msg("not %s: %s", want, f.text);
			assert_non_null(strstr(f.text, "is here twice"));
			tried++;
		}
		p += len;
	}
	assert_true(tried > 40);
}

/* Every byte left out, doubled, replaced by a seventh of the others, in turn:
 * refused with a place, or still a policy; accepted() checks which.  Under
 * sanitizers a fifth of the bytes: a fuzz target has the rest. */
static void
every_byte_may_be_wrong(void **state)
{
	static const char others[] = "\n\t :{}[]\"'#*&!%x0\xff\x7f";
	size_t len = strlen(good_policy);
	unsigned refused = 0, tried = 0;
	char text[8192];

	(void)state;
	for (size_t i = 0; i < len; i += TEST_SIZE(1, 5)) {
		memcpy(text, good_policy, i);
		memcpy(text + i, good_policy + i + 1, len - i - 1);
		refused += !accepted(text, len - 1);
		memcpy(text, good_policy, i + 1);
		memcpy(text + i + 1, good_policy + i, len - i);
		refused += !accepted(text, len + 1);
		refused += !accepted(good_policy, i);
		memcpy(text, good_policy, len);
		for (size_t k = i % 7; k < sizeof(others); k += 7) {
			text[i] = others[k];
			refused += !accepted(text, len);
			tried++;
		}
	}
	assert_true(refused > tried / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_misspelt_key_is_found_at_its_place),
		cmocka_unit_test(
		    every_line_written_twice_is_found_at_its_place),
		cmocka_unit_test(every_byte_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
