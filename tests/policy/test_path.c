/* policy/rules: JSON paths, read, printed and followed. */

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"
#include "tests/support/test.h"

static struct fault f;

static struct policy *
read_text(const char *text)
{
	struct policy *p;

	f = (struct fault){ 0 };
	return policy_read(&p, "policy.yaml", text, strlen(text), &f) == 0
		   ? p
		   : NULL;
}

static void
a_path_has_one_canonical_form_however_it_is_spelt(void **state)
{
	static const struct {
		const char *spelt; /* as YAML */
		const char *canonical;
		bool below;
	} rows[] = {
		{ "$", "$", false },
		{ "$.a", "a", false },
		{ "a.b-c_1", "a.b-c_1", false },
		{ "'$[*]'", "[*]", false },
		{ "'[*][*]'", "[*][*]", false },
		{ "'$[\"a\"]'", "a", false },
		{ "\"['a'].b\"", "a.b", false },
		{ "'[\"a b\"]'", "[\"a b\"]", false },
		{ "a b.c", "[\"a b\"].c", false },
		{ "$a", "[\"$a\"]", false },
		{ "'[\"a\\u0062\\u00e9\"]'", "ab\xc3\xa9", false },
		{ "'[\"\\ud83d\\ude42\"]'", "\xf0\x9f\x99\x82", false },
		{ "'[\"\\u0000\"]'", "[\"\\u0000\"]", false },
		{ "'[\"\\/\\\\\\\"\"]'", "[\"/\\\\\\\"\"]", false },
		{ "'[\"\"]'", "[\"\"]", false },
		{ "'**'", "$", true },
		{ "$.**", "$", true },
		{ "a.**", "a", true },
		{ "'a[*].**'", "a[*]", true },
		{ "'[\"**\"]'", "[\"**\"]", false },
		{ "NO", "NO", false },
		{ "1", "1", false },
		{ "a.*", "a[*]", false },
		{ "'*'", "[*]", false },
		{ "'$.*.b'", "[*].b", false },
		{ "'a[0]'", "a[0]", false },
		{ "'[-12].b'", "[-12].b", false },
		{ "$..b", "$..b", false },
		{ "..b", "$..b", false },
		{ "a..b.c", "a..b.c", false },
		{ "'a..[\"b\"]'", "a..b", false },
		{ "'a..[\"x.y\"][1]'", "a..[\"x.y\"][1]", false },
		{ "$..*", "$..[*]", false },
		{ "'$..[0]..[-1].**'", "$..[0]..[-1]", true },
	};
	char text[400];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy *p;
		const struct field_rule *r;

		(void)snprintf(text, sizeof(text),
		    "handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n"
		    "retention: 1d\nagreements: []\n"
		    "files: [{match: a, type: json, fields: {%s: keep}}]\n",
		    rows[i].spelt);
		if ((p = read_text(text)) == NULL)
			fail_msg("%s: %s", rows[i].spelt, f.text);
		r = &p->files[0].fields[0];
		if (strcmp(r->name, rows[i].canonical) != 0 ||
		    r->below != rows[i].below)
			fail_msg("%s is %s", rows[i].spelt, r->name);
		policy_free(p);
	}
}

static void
a_pattern_names_what_rfc_9535_says(void **state)
{
	static const char *const places[] = { "a", "a.b", "a[*]", "a[0]",
		"a[-1]", "a[0,-1]", "a[*].b", "a[0].b", "x.a.b", "b", "a.c.b",
		"a.c.d.b" };
	static const struct {
		const char *pattern;
		const char *selects; /* a digit each: 1 or 0 */
	} rows[] = {
		{ "a.b", "010000000000" },
		{ "a.*", "011111000000" },
		{ "a[*]", "011111000000" },
		{ "a[0]", "000101000000" },
		{ "a[-1]", "000011000000" },
		{ "a.*.b", "000000110010" },
		{ "a[0].b", "000000010000" },
		{ "$..b", "010000111111" },
		{ "a..b", "010000110011" },
		{ "$..a.b", "010000001000" },
		{ "a..*", "011111110011" },
		{ "$..*", "111111111111" },
		{ "$..[0]", "000101000000" },
		{ "$..[-1]", "000011000000" },
		{ "*.*.b", "000000111010" },
		{ "$..c..b", "000000000011" },
		{ "$", "000000000000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct path pattern = { .n = 0 }, place = { .n = 0 };

		assert_ok(path_read(&pattern, rows[i].pattern, &f));
		for (size_t k = 0; k < sizeof(places) / sizeof(places[0]);
		     k++) {
			struct path_state s = path_start(&pattern);
			bool want = rows[i].selects[k] == '1';

			assert_ok(path_read(&place, places[k], &f));
			for (size_t n = 0; n < place.n; n++)
				path_follow(
				    &s, &pattern, &place, &place.steps[n]);
			if ((s.here >> pattern.n & 1) != want)
				fail_msg("%s %s %s", rows[i].pattern,
				    want ? "misses" : "selects", places[k]);
		}
		path_free(&pattern);
		path_free(&place);
	}
}

static void
indices_tell_elements_apart_each_once(void **state)
{
	static const char text[] =
	    "handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n"
	    "retention: 1d\nagreements: []\n"
	    "subject: {file: a, field: 's[0].id'}\n"
	    "files: [{match: a, type: jsonl, item_id: 'i[2]', fields: {"
	    "'a[0].b[-1]': keep, 'a[0].c': drop, '$..x[0]': keep, "
	    "'**': keep}}]\n";
	static const char *const want[] = { "i[2]", "a[0]", "a[0].b[-1]",
		"$..x[0]", "s[0]" };
	struct policy *p = read_text(text);

	(void)state;
	if (p == NULL)
		fail_msg("%s", f.text);
	assert_int_equal(p->files[0].apart.n, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(p->files[0].apart.at[i], want[i]);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_path_has_one_canonical_form_however_it_is_spelt),
		cmocka_unit_test(a_pattern_names_what_rfc_9535_says),
		cmocka_unit_test(indices_tell_elements_apart_each_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
