/* policy/rules: hundreds of ways to get a policy wrong, each with its line,
 * its column and its words. */

#include "tests/policy/slips.h"

static void
slips_at_the_top_are_told(void **state)
{
	static const struct slip slips[] = {
		{ "handoff: 1", "handoff: 2",
		    "1:10: this program reads version 1 of policies",
		    "handoff: 1" },
		{ "handoff: 1\n", "", "1:1: a policy needs \"handoff\"", NULL },
		{ "project: triage", "project: Tri age",
		    "2:10: a project's name is 1 to 64 letters a-z, digits or "
		    "-",
		    NULL },
		{ "project: triage", "project:",
		    "2:9: expected a project's name, found nothing", NULL },
		{ "project: triage", "project: [a]",
		    "2:10: expected a project's name, found a list", NULL },
		{ "project: triage\n", "", "1:1: a policy needs \"project\"",
		    NULL },
		{ "purpose", "purpos",
		    "3:1: unknown key \"purpos\" in a policy",
		    "did you mean purpose?" },
		{ "purpose", "xyzzy", "3:1: unknown key \"xyzzy\" in a policy",
		    "the keys are handoff, project" },
		{ "[acme, beta-2]", "acme", "4:13: expected a list", "[acme]" },
		{ "[acme, beta-2]", "[]", "4:13: no recipient is named", NULL },
		{ "[acme, beta-2]", "[acme, acme]",
		    "4:20: \"acme\" is here twice", NULL },
		{ "beta-2", "Beta",
		    "4:20: a vendor's name is 1 to 32 letters a-z, digits or -",
		    NULL },
		{ "90d", "6m", "5:12: expected days, weeks or years", "90d" },
		{ "90d", "0d", "5:12: expected days, weeks or years", NULL },
		{ "[nda, dpa]", "{nda: dpa}", "6:13: expected a list", NULL },
		{ "two", "three", "7:10: unknown \"three\"",
		    "it can be self or two" },
		{ "two", "yes", "7:10: unknown \"yes\"", NULL },
		{ "offline: allow", "offline: alow", "8:10: unknown \"alow\"",
		    "did you mean allow?" },
		{ "offline: allow", "offline: allow\noffline: deny",
		    "9:1: \"offline\" is here twice, first in line 8", NULL },
		{ ", column: customer_id}", "}",
		    "10:5: subject needs a column or a field",
		    "subject: {file: customers.csv, column: customer_id}" },
		{ "column: customer_id}", "column: a, field: b}",
		    "10:45: one of column, field, path and by, not two of them",
		    NULL },
		{ "patient.id}", "'visits[*].id'}",
		    "11:30: path \"visits[*].id\": a key is one value a "
		    "record, "
		    "without * and ..",
		    NULL },
		{ "customers.csv, c", "/customers.csv, c",
		    "10:12: patterns are relative to the dataset, without / in "
		    "front",
		    "photos/**/*.jpg" },
	};

	(void)state;
	ASSERT_SLIPS(slips);
}

static void
slips_in_file_rules_are_told(void **state)
{
	static const struct slip slips[] = {
		{ "match: customers.csv\n", "matches: customers.csv\n",
		    "13:5: unknown key \"matches\" in a file rule",
		    "did you mean match?" },
		{ "match: customers.csv\n", "match: a//b\n",
		    "13:12: an empty part between slashes", NULL },
		{ "delimiter: semicolon", "delimiter: \"\\t\\t\"",
		    "16:16: unknown \"??\"", NULL },
		{ "match: customers.csv\n", "match: a**\n",
		    "13:12: ** stands between slashes, alone", NULL },
		{ "match: customers.csv\n", "match: \"\"\n",
		    "13:12: an empty pattern", NULL },
		{ "  - match: customers.csv\n    type: csv\n",
		    "  - match: customers.csv\n",
		    "13:5: a file rule needs \"type\" or \"exclude\"",
		    "type: csv, json" },
		{ "type: csv", "type: tsv", "14:11: unknown \"tsv\"",
		    "did you mean csv?" },
		{ "type: csv", "type: [csv]",
		    "14:11: expected csv, json, jsonl, text, jpeg, png or "
		    "dicom, found a list",
		    NULL },
		{ "header: yes", "header: true", "15:13: unknown \"true\"",
		    "it can be yes or no" },
		{ "yes\n    delimiter: semicolon", "no\n    delimiter: auto",
		    "16:16: without a header the delimiter must be named",
		    "delimiter: comma, semicolon, tab or pipe" },
		{ "semicolon", "colon", "16:16: unknown \"colon\"",
		    "auto, comma, semicolon, tab or pipe" },
		{ "missing: allow", "missing: ok", "17:14: unknown \"ok\"",
		    "refuse or allow" },
		{ "    columns:\n", "    column:\n",
		    "19:5: unknown key \"column\" in a file rule",
		    "did you mean columns?" },
		{ "    columns:\n", "    fields:\n",
		    "20:7: a csv file has no fields", NULL },
		{ "type: csv\n", "type: csv\n    exclude: x\n",
		    "14:11: an excluded file has no type", NULL },
		{ "type: csv\n    header", "exclude: x\n    header",
		    "15:13: an excluded file has no header", NULL },
		{ "fields: {\"**\": keep}", "columns: {a: keep}",
		    "60:14: a json file has no columns", NULL },
		{ "    fields: {\"**\": keep}\n", "",
		    "58:5: a json file needs fields", "fields:" },
		{ "    metadata: drop\n    pixels: keep\n", "",
		    "61:5: a jpeg file needs its pixels decided",
		    "pixels: keep" },
		{ "metadata: drop", "metadata: keep", "63:15: unknown \"keep\"",
		    "it can be drop" },
		{ "pixels: keep", "pixels: blur", "64:13: unknown \"blur\"",
		    NULL },
		{ "    text: keep\n", "",
		    "68:5: a text file needs its text decided", "text: keep" },
		{ "exclude: \"free text waits for detection\"", "exclude:",
		    "72:13: expected a reason, found nothing", NULL },
		{ "exclude: \"free text waits for detection\"",
		    "exclude: \" \"", "72:14: exclude needs a reason", NULL },
		{ "item_id: customer_id", "item_id: Customer-ID",
		    "18:14: item_id \"Customer-ID\" is none of the columns",
		    "did you mean \"customer_id\"?" },
		{ "item_id: id", "item_id: visits[*].id",
		    "50:14: path \"visits[*].id\": a key is one value a "
		    "record, "
		    "without * and ..",
		    NULL },
		{ "    text: keep\n", "    text: keep\n    item_id: x\n",
		    "71:14: a text file has no item_id", NULL },
	};

	(void)state;
	ASSERT_SLIPS(slips);
}

static void
slips_in_actions_are_told(void **state)
{
	static const struct slip slips[] = {
		{ "customer_id: token\n", "customer_id: tokn\n",
		    "20:20: unknown \"tokn\"", "did you mean token?" },
		{ "customer_id: token\n", "customer_id: pseudonymise\n",
		    "20:20: unknown \"pseudonymise\"",
		    "keep, drop, token, reversible" },
		{ "customer_id: token\n", "customer_id: hash\n",
		    "20:20: \"hash\" is no action: a hash without a key is "
		    "undone by trying values",
		    "write: token" },
		{ "customer_id: token\n", "customer_id: {SHA256: yes}\n",
		    "20:21: \"SHA256\" is no action: a hash without a key is "
		    "undone by trying values",
		    "write: token" },
		{ "customer_id: token\n", "customer_id:\n",
		    "20:19: expected keep, drop, token, reversible, fpe, "
		    "random, mask, truncate, generalise, shift, noise, detect, "
		    "item_ref, uid, constant or refuse, found nothing",
		    NULL },
		{ "customer_id: token\n", "customer_id: [token]\n",
		    "20:20: expected keep, drop, token, reversible, fpe, "
		    "random, mask, truncate, generalise, shift, noise, detect, "
		    "item_ref, uid, constant or refuse, found a list",
		    NULL },
		{ "name: drop", "name: {drop: 1}", "21:14: drop takes nothing",
		    "write: drop" },
		{ "name: drop", "name: {drop: 1, keep: 1}",
		    "21:13: a field has one action", NULL },
		{ "name: drop", "name: {}", "21:13: a field has one action",
		    NULL },
		{ "name: drop", "name: truncate",
		    "21:13: truncate needs to know more", "{truncate: 3}" },
		{ "name: drop", "name: generalise",
		    "21:13: generalise needs to know more", NULL },
		{ "name: drop", "name: generalize",
		    "21:13: unknown \"generalize\"",
		    "did you mean generalise?" },
		{ "name: drop", "name: constant",
		    "21:13: constant needs to know more", NULL },
		{ "{domain: mail}", "{domian: mail}",
		    "23:23: unknown key \"domian\" in token",
		    "did you mean domain?" },
		{ "{domain: mail}", "mail",
		    "23:22: expected token (a map), found a text", NULL },
		{ "keep_first: 2", "keep_first: -2",
		    "24:33: expected a whole number from 0 to 10000", NULL },
		{ "keep_first: 2", "keep_first: \"2\"",
		    "24:33: expected a whole number, without quotes", NULL },
		{ "keep_first: 2", "keep_first: 02",
		    "24:33: expected a whole number from 0 to 10000", NULL },
		{ "keep_first: 2", "keep_first: 10001",
		    "24:33: expected a whole number from 0 to 10000", NULL },
		{ "fill: x", "fill: xy", "24:56: expected one character",
		    NULL },
		{ "fill: x", "fill: \" \"",
		    "24:56: fill must be a visible character", NULL },
		{ "length: 3", "length: short",
		    "24:67: expected a whole number from 1 to 64",
		    "length is same" },
		{ "length: 3", "length: 0",
		    "24:67: expected a whole number from 1 to 64", NULL },
	};

	(void)state;
	ASSERT_SLIPS(slips);
}

static void
slips_in_what_actions_need_are_told(void **state)
{
	static const struct slip slips[] = {
		{ "date: month", "date: day", "26:33: unknown \"day\"",
		    "it can be year, quarter or month" },
		{ "order: dmy", "order: ymd", "26:47: unknown \"ymd\"", NULL },
		{ "{bins: [0, 17.5, 65]}", "{bins: [0, 17.5, 17.50]}",
		    "27:42: the edges of bins must rise", NULL },
		{ "{bins: [0, 17.5, 65]}", "{bins: []}",
		    "27:32: expected a list of edges", "bins: [0, 18" },
		{ "{bins: [0, 17.5, 65]}", "{bins: [a]}",
		    "27:33: expected a number of at most 18 digits before and "
		    "behind the point",
		    NULL },
		{ "{bins: [0, 17.5, 65]}", "{bins: [0], width: 1}",
		    "27:37: unknown key \"width\" in generalise", NULL },
		{ "{bins: [0, 17.5, 65]}", "{bin: [0]}",
		    "27:26: unknown \"bin\"", "did you mean bins?" },
		{ "{bins: [0, 17.5, 65]}", "year",
		    "27:25: generalise needs a way", "{date: year}" },
		{ "width: 1000", "width: 0", "28:36: a width must be over 0",
		    NULL },
		{ "width: 1000", "width: -1", "28:36: a width must be over 0",
		    NULL },
		{ "truncate: 3", "truncate: 0",
		    "29:28: expected a whole number from 1 to 10000", NULL },
		{ "constant: NO",
		    "constant: ", "30:27: expected a text, found nothing",
		    "{constant: \"\"}" },
		{ "{metric: mean_iou, pass: 0.8}",
		    "{metric: mean_iou, pass: 0.8, metric: accuracy}",
		    "77:41: \"metric\" is here twice, first in line 77", NULL },
		{ "name: drop", "iban: drop",
		    "24:7: \"iban\" is here twice, first in line 21", NULL },
		{ "name: drop", "?\n      : drop",
		    "21:8: a column without a name", NULL },
		{ "name: drop", "? [a]\n      : drop",
		    "21:9: a key must be a word, not a list", NULL },
	};

	(void)state;
	ASSERT_SLIPS(slips);
}

static void
slips_in_labels_are_told(void **state)
{
	static const struct slip slips[] = {
		{ "kind: boxes", "kind: box", "74:9: unknown \"box\"",
		    "did you mean boxes?" },
		{ "  kind: boxes\n", "", "74:3: labels needs \"kind\"", NULL },
		{ "[cat, \"wild dog\"]", "[]",
		    "75:12: expected a list of classes",
		    "classes: [cat, dog]" },
		{ "[cat, \"wild dog\"]", "[cat, dog, cat]",
		    "75:23: class \"cat\" is here twice", NULL },
		{ "negative", "false", "76:15: unknown \"false\"", NULL },
		{ "mean_iou", "iou", "77:20: unknown \"iou\"", NULL },
		{ "mean_iou", "accuracy",
		    "74:3: accuracy does not measure boxes",
		    "metric: mean_iou" },
		{ "0.8", "80",
		    "77:36: expected a number from 0 to 1 with at most "
		    "six decimals",
		    NULL },
		{ "0.8", "1.000001",
		    "77:36: expected a number from 0 to 1 with at most six "
		    "decimals",
		    NULL },
		{ "0.8", "0.1234567",
		    "77:36: expected a number from 0 to 1 with at most six "
		    "decimals",
		    NULL },
		{ "0.8", "-0.5",
		    "77:36: expected a number from 0 to 1 with at most six "
		    "decimals",
		    NULL },
		{ ", pass: 0.8", "", "77:11: golden needs \"pass\"", NULL },
	};

	(void)state;
	ASSERT_SLIPS(slips);
}

static void
what_yaml_has_and_policies_do_not_is_told(void **state)
{
	static const struct slip slips[] = {
		{ "project: triage", "project: &a triage",
		    "2:10: anchors (&name) are not allowed", "again" },
		{ "project: triage", "project: *a",
		    "2:10: aliases (*name) are not allowed", "quotes" },
		{ "match: \"*.jsonl\"", "match: *.jsonl",
		    "48:13: ", "put quotes around" },
		{ "project: triage", "project: !!str triage",
		    "2:10: tags (!name) are not allowed", "leave the tag out" },
		{ "[nda, dpa]", "!x [nda, dpa]",
		    "6:13: tags (!name) are not allowed", NULL },
		{ "[nda, dpa]", "&x [nda, dpa]",
		    "6:13: anchors (&name) are not allowed", NULL },
		{ "{file: c", "&x {file: c",
		    "10:5: anchors (&name) are not allowed", NULL },
		{ "labels:", "...\n---\nlabels:",
		    "74:1: a second document; a policy is one", NULL },
		{ "labels:", "---\nlabels:",
		    "73:1: a second document; a policy is one", NULL },
		{ "handoff: 1", "%TAG ! tag:x,2000:\n---\nhandoff: 1",
		    "1:1: tags are not allowed", NULL },
		{ "    type: csv", "\ttype: csv",
		    "14:1: ", "indent with spaces, not with tabs" },
		{ "      name: drop", "     name: drop", "21:6: ",
		    "while parsing a block mapping that begins in line 13" },
		{ "project: triage", "project: \"tri\\0age\"",
		    "2:10: a text with control characters", NULL },
		{ "project: triage", "project: tri\xff", "2:13: ", NULL },
		{ "project: triage", "project: \x01", "2:10: ", NULL },
		{ "project: triage", "<<: {project: triage}",
		    "2:1: unknown key \"<<\" in a policy", NULL },
		{ "[acme, beta-2]", "[[[[[[[[[[[[[a]]]]]]]]]]]]]",
		    "4:24: nested more than 12 deep", NULL },
	};

	(void)state;
	ASSERT_SLIPS(slips);
}

static void
nothing_and_almost_nothing_are_refused(void **state)
{
	static const char *const texts[] = { "", " ", "\n", "---", "# x", "{}",
		"[]", "x", "handoff", "handoff: 1", "\xef\xbb\xbf", "- a" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (accepted(texts[i], strlen(texts[i])))
			fail_msg("accepted: %s", texts[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_at_the_top_are_told),
		cmocka_unit_test(slips_in_file_rules_are_told),
		cmocka_unit_test(slips_in_actions_are_told),
		cmocka_unit_test(slips_in_what_actions_need_are_told),
		cmocka_unit_test(slips_in_labels_are_told),
		cmocka_unit_test(what_yaml_has_and_policies_do_not_is_told),
		cmocka_unit_test(nothing_and_almost_nothing_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
