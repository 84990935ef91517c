/* policy/rules: JSON paths that are none, and lines that get in each other's
 * way. */

#include "tests/policy/slips.h"

static void
slips_in_paths_are_told(void **state)
{
	static const struct slip slips[] = {
		{ "visits[*].icd", "visits[x].icd",
		    "55:7: path \"visits[x].icd\": [ is followed by *, by an "
		    "index or by a quoted name, and ]",
		    "visits[*].icd" },
		{ "visits[*].icd", "visits[01].icd",
		    "55:7: path \"visits[01].icd\": no index: 0 is the first, "
		    "-1 the last",
		    NULL },
		{ "visits[*].icd", "visits[-0]",
		    "55:7: path \"visits[-0]\": no index: 0 is the first, -1 "
		    "the last",
		    NULL },
		{ "visits[*].icd", "visits[1000000001]",
		    "55:7: path \"visits[1000000001]\": no index: 0 is the "
		    "first, -1 the last",
		    NULL },
		{ "visits[*].icd", "visits[0,-1]",
		    "55:7: path \"visits[0,-1]\": one index stands in brackets",
		    NULL },
		{ "visits[*].icd", "visits[0,1]",
		    "55:7: path \"visits[0,1]\": one index stands in brackets",
		    NULL },
		{ "visits[*].icd", "visits[1:2]",
		    "55:7: path \"visits[1:2]\": an index ends in ]", NULL },
		{ "visits[*].icd", "visits..",
		    "55:7: path \"visits..\": a name is missing", NULL },
		{ "visits[*].icd", ".visits",
		    "55:7: path \".visits\": a name is missing", NULL },
		{ "visits[*].icd", "visits.",
		    "55:7: path \"visits.\": a name is missing", NULL },
		{ "visits[*].icd", "visits.*icd",
		    "55:7: path \"visits.*icd\": a name with * ] or quotes is "
		    "written [\"...\"]",
		    NULL },
		{ "visits[*].icd", "visits.**.icd",
		    "55:7: path \"visits.**.icd\": ** stands at the end; any "
		    "depth is written ..",
		    NULL },
		{ "visits[*].icd", "visits[*]icd",
		    "55:7: path \"visits[*]icd\": a dot is missing behind ]",
		    NULL },
		{ "visits[*].icd", "visits.[*]",
		    "55:7: path \"visits.[*]\": a dot in front of [", NULL },
		{ "visits[*].icd", "'visits[\"a\"'",
		    "55:7: path \"visits[\"a\"\": a quoted name ends in ]",
		    NULL },
		{ "visits[*].icd", "'visits[\"a'",
		    "55:7: path \"visits[\"a\": a quoted name does not end",
		    NULL },
		{ "visits[*].icd", "'[\"\\x\"]'",
		    "55:7: path \"[\"\\x\"]\": unknown escape in a quoted name",
		    NULL },
		{ "visits[*].icd", "'[\"\\u12\"]'",
		    "55:7: path \"[\"\\u12\"]\": \\u needs four hexadecimal "
		    "digits",
		    NULL },
		{ "visits[*].icd", "'[\"\\ud800\"]'",
		    "55:7: path \"[\"\\ud800\"]\": \\u names half a character",
		    NULL },
		{ "visits[*].icd", "\"\"", "55:7: path \"\": a name is missing",
		    NULL },
		{ "visits[*].icd", "$.", "55:7: path \"$.\": a name is missing",
		    NULL },
	};

	(void)state;
	ASSERT_SLIPS(slips);
}

static void
lines_that_cannot_win_are_told(void **state)
{
	static const struct slip slips[] = {
		{ "item_id: id", "item_id: $..id",
		    "50:14: path \"$..id\": a key is one value a record, "
		    "without * and ..",
		    NULL },
		{ "item_id: id", "item_id: id.**",
		    "50:14: path \"id.**\": ** is not one place", NULL },
		{ "visits[*].icd", "$.patient.id",
		    "55:7: never reached: line 54 already decides it", NULL },
		{ "visits[*].icd", "'[\"odd.name\"].x'",
		    "56:7: line 55 decides a part of it in another way",
		    ".**" },
		{ "visits[*].icd: keep", "patient: drop",
		    "55:7: line 54 decides a part of it in another way",
		    "patient.**" },
		{ "visits[*].icd: keep", "\"patient['id']\": drop",
		    "55:7: never reached: line 54 already decides it", NULL },
		{ "visits[*].icd: keep", "\"*.id\": drop\n      x.id: keep",
		    "56:7: never reached: line 55 already decides it", NULL },
		{ "visits[*].icd: keep", "$..x: drop\n      a[0].x.y: keep",
		    "56:7: never reached: line 55 already decides it", NULL },
		{ "visits[*].icd: keep", "a[0].x: keep\n      '$..a[*]': drop",
		    "56:7: line 55 decides a part of it in another way",
		    "for the rest of it write $..a[*].**" },
		{ "patient.**: drop", "patient.**: drop\n      patient.x: keep",
		    "58:7: never reached: line 57 already decides it", NULL },
		{ "      id: token\n", "      visits: drop\n      id: token\n",
		    "56:7: never reached: line 53 already decides it", NULL },
		{ "\"**\": keep", "\"**\": drop",
		    "60:14: this leaves nothing of the file", "exclude" },
		{ "\"**\": keep", "\"**\": token",
		    "60:14: a token for this field needs a domain",
		    "domain: customer" },
	};

	(void)state;
	ASSERT_SLIPS(slips);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_in_paths_are_told),
		cmocka_unit_test(lines_that_cannot_win_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
