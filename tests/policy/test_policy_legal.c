/* policy/rules: legal: as it is read and printed, and each slip in it with its
 * place and its words. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"

static struct fault f;

#define TOP                                                        \
	"handoff: 1\nproject: p\npurpose: q\nrecipients: [acme]\n" \
	"retention: 90d\nagreements: []\nfiles: [{match: x, exclude: y}]\n"
#define SHA "0101010101010101010101010101010101010101010101010101010101010101"
#define LEAST                                                           \
	"  basis: eu-gdpr:A6-1-f\n  purposes: [dpv:ServiceProvision]\n" \
	"  data: [pd:Name]\n"

static struct policy *
read_text(const char *text)
{
	struct policy *p = NULL;

	f = (struct fault){ 0 };
	if (policy_read(&p, "p.yaml", text, strlen(text), &f) != 0)
		return NULL;
	return p;
}

static struct policy *
good(const char *text)
{
	struct policy *p = read_text(text);

	if (p == NULL)
		fail_msg("%s", f.text);
	return p;
}

static const char all[] =
    TOP "legal:\n"
	"  controller: \"Clinic, +31 20 5550100\"\n"
	"  dpo: dpo@clinic.example\n" LEAST "  exception: eu-gdpr:A9-2-a\n"
	"  recipients: [dpv:DataProcessor, dpv:DataSubProcessor]\n"
	"  crowd: {special: allow}\n"
	"  facts:\n"
	"    dpia: {sha256: " SHA ", date: 2026-01-10}\n"
	"    tia: {sha256: " SHA ", date: 2026-01-10, until: 2026-12-31}\n"
	"    scc: {module: 2, sha256: " SHA ", date: 2026-01-10}\n"
	"    sub-processors: {sha256: " SHA ", date: 2026-01-10}\n"
	"    undertaking: {sha256: " SHA ", date: 2026-01-10}\n"
	"    covered: {sha256: " SHA ", date: 2026-01-10}\n"
	"    authority: {sha256: " SHA ", date: 2026-01-10}\n";

static void
every_key_is_read(void **state)
{
	struct policy *p = good(all);
	const struct legal_terms *t = &p->legal;

	(void)state;
	assert_true(t->given);
	assert_string_equal(t->policy, "p.yaml");
	assert_int_equal(t->line, 9);
	assert_string_equal(t->controller, "Clinic, +31 20 5550100");
	assert_string_equal(t->dpo, "dpo@clinic.example");
	assert_string_equal(t->basis->id, "eu-gdpr:A6-1-f");
	assert_string_equal(t->exception->id, "eu-gdpr:A9-2-a");
	assert_int_equal(t->recipients.n, 2);
	assert_true(t->special_to_crowd);
	for (unsigned i = 0; i < LEGAL_PAPERS; i++) {
		assert_true(t->papers[i].given);
		assert_int_equal(t->papers[i].sha256[31], 1);
		assert_int_equal(t->papers[i].date, 1768003200);
		assert_int_equal(t->papers[i].line, 18 + i);
	}
	assert_int_equal(t->papers[LEGAL_TIA].until, 1798761600);
	assert_int_equal(t->papers[LEGAL_SCC].module, 2);
	policy_free(p);
}

static void
what_is_left_out_has_its_default(void **state)
{
	struct policy *p = good(TOP "legal:\n" LEAST);

	(void)state;
	assert_true(p->legal.given);
	assert_null(p->legal.controller);
	assert_null(p->legal.exception);
	assert_false(p->legal.special_to_crowd);
	assert_int_equal(p->legal.recipients.n, 1);
	assert_string_equal(p->legal.recipients.at[0]->id, "dpv:DataProcessor");
	assert_false(p->approve_given);
	policy_free(p);
	p = good(TOP);
	assert_false(p->legal.given);
	assert_string_equal(p->legal.policy, "p.yaml");
	policy_free(p);
}

static void
what_is_printed_reads_as_the_same(void **state)
{
	static const char *const texts[] = { all, TOP "legal:\n" LEAST, TOP,
		TOP "approve: self\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct policy *p = good(texts[i]), *again;
		struct bytes first, second;

		bytes_init(&first, 65536);
		bytes_init(&second, 65536);
		assert_ok(policy_print(&first, p, &f));
		assert_ok(bytes_end_text(&first, &f));
		again = good((const char *)first.at);
		assert_ok(policy_print(&second, again, &f));
		assert_int_equal(first.len, second.len);
		assert_memory_equal(first.at, second.at, first.len);
		assert_int_equal(p->legal.given, again->legal.given);
		assert_int_equal(p->approve_given, again->approve_given);
		for (unsigned k = 0; k < LEGAL_PAPERS; k++) {
			const struct legal_document *d = &p->legal.papers[k],
						    *e =
							&again->legal.papers[k];

			assert_int_equal(d->given, e->given);
			assert_int_equal(d->date, e->date);
			assert_int_equal(d->until, e->until);
			assert_int_equal(d->module, e->module);
			assert_memory_equal(d->sha256, e->sha256, 32);
		}
		policy_free(p);
		policy_free(again);
		bytes_free(&first);
		bytes_free(&second);
	}
}

static void
slips_are_told(void **state)
{
	static const struct {
		const char *text, *says, *hint;
	} slips[] = {
		{ "legal: {}\n", "8:8: legal needs \"basis\"", "" },
		{ "legal: yes\n", "8:8: expected legal (a map), found a text",
		    "" },
		{ "legal:\n" LEAST "  basis: eu-gdpr:A6-1-a\n", "12:3: ", "" },
		{ "legal:\n  basis: consent\n",
		    "9:10: \"consent\" is not a legal basis of Art. 6(1) that "
		    "is known here",
		    "handoff policy terms lists them" },
		{ "legal:\n  basis: eu-gdpr:A9-2-a\n",
		    "9:10: \"eu-gdpr:A9-2-a\" is not a legal basis",
		    "did you" },
		{ "legal:\n  purposes: dpv:ServiceProvision\n",
		    "9:13: expected a list", "write [dpv:ServiceProvision]" },
		{ "legal:\n  purposes: [dpv:ServiceProvison]\n",
		    "9:14: \"dpv:ServiceProvison\" is not a purpose",
		    "did you mean dpv:ServiceProvision?" },
		{ "legal:\n  data: [pd:Name, pd:Name]\n",
		    "9:19: \"pd:Name\" is here twice", "" },
		{ "legal:\n  data: []\n", "9:9: expected a list", "" },
		{ "legal:\n  dpo: \"\"\n", "9:8: a contact has 1 to 256", "" },
		{ "legal:\n  crowd: {special: yes}\n", "9:20: ", "" },
		{ "legal:\n  facts: {dpai: {}}\n",
		    "9:11: unknown key \"dpai\" in facts",
		    "did you mean dpia?" },
		{ "legal:\n  facts: {dpia: {sha256: ab, date: 2026-01-01}}\n",
		    "9:26: expected a SHA-256", "sha256sum FILE" },
		{ "legal:\n  facts: {dpia: {sha256: " SHA "}}\n",
		    "9:17: dpia needs \"date\"", "" },
		{ "legal:\n  facts: {dpia: {sha256: " SHA
		  ", date: 31.1.2026}}\n",
		    "9:98: expected a date like 2026-01-31", "" },
		{ "legal:\n  facts: {dpia: {sha256: " SHA
		  ", date: 2026-01-01, until: 2025-01-01}}\n",
		    "9:17: it ends before its date", "" },
		{ "legal:\n  facts: {dpia: {module: 2, sha256: " SHA
		  ", date: 2026-01-01}}\n",
		    "9:18: unknown key \"module\"", "" },
		{ "legal:\n  facts: {scc: {sha256: " SHA
		  ", date: 2026-01-01}}\n",
		    "9:16: scc needs \"module\"", "" },
		{ "legal:\n  facts: {scc: {module: 5, sha256: " SHA
		  ", date: 2026-01-01}}\n",
		    "9:25: ", "" },
		{ "legal:\n" LEAST "  facts: {scc: {module: 1, sha256: " SHA
		  ", date: 2026-01-01}}\n",
		    "9:3: module 1 of the clauses is not for a processor",
		    "module: 2" },
	};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		char want[256];

		(void)snprintf(text, sizeof(text), TOP "%s", slips[i].text);
		if (read_text(text) != NULL)
			fail_msg("%zu: accepted: %s", i, slips[i].text);
		assert_int_equal(f.kind, FAULT_INPUT);
		(void)snprintf(want, sizeof(want), "p.yaml:%s", slips[i].says);
		if (strncmp(f.text, want, strlen(want)) != 0)
			fail_msg("%zu: %s, not %s", i, f.text, want);
		if (strstr(f.hint, slips[i].hint) == NULL)
			fail_msg("%zu: hint %s", i, f.hint);
	}
}

static void
module_1_is_for_a_controller(void **state)
{
	struct policy *p = good(TOP
	    "legal:\n" LEAST "  recipients: [dpv:DataController]\n"
	    "  facts: {scc: {module: 1, sha256: " SHA ", date: 2026-01-01}}\n");

	(void)state;
	assert_int_equal(p->legal.papers[LEGAL_SCC].module, 1);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(what_is_left_out_has_its_default),
		cmocka_unit_test(what_is_printed_reads_as_the_same),
		cmocka_unit_test(slips_are_told),
		cmocka_unit_test(module_1_is_for_a_controller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
