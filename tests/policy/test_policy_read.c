/* policy/rules: what a policy says is what is read, and what is printed; and
 * each way of getting it wrong has its message. */

#include "tests/support/test.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/rules.h"
#include "tests/policy/good_policy.h"

static struct fault f;

static struct policy *
read_text(const char *text)
{
	struct policy *p = NULL;

	f = (struct fault){ 0 };
	if (policy_read(&p, "policy.yaml", text, strlen(text), &f) != 0)
		return NULL;
	return p;
}

static struct policy *
good(void)
{
	struct policy *p = read_text(good_policy);

	if (p == NULL)
		fail_msg("%s", f.text);
	return p;
}

static void
the_top_of_a_policy_is_read(void **state)
{
	struct policy *p = good();
	uint8_t digest[32];

	(void)state;
	assert_string_equal(p->name, "policy.yaml");
	assert_string_equal(p->project, "triage");
	assert_string_equal(p->purpose, "train-triage-model");
	assert_int_equal(p->recipients.n, 2);
	assert_string_equal(p->recipients.at[1], "beta-2");
	assert_int_equal(p->retention, 90 * 86400);
	assert_int_equal(p->agreements.n, 2);
	assert_string_equal(p->agreements.at[0], "nda");
	assert_true(p->two_approvers);
	assert_true(p->offline);
	assert_int_equal(p->nsubjects, 2);
	assert_string_equal(p->subjects[0].field, "customer_id");
	assert_false(p->subjects[0].path);
	assert_string_equal(p->subjects[1].file, "*.jsonl");
	assert_true(p->subjects[1].path);
	assert_int_equal(p->nfiles, 7);
	crypto_hash_sha256(
	    digest, (const uint8_t *)good_policy, strlen(good_policy));
	assert_memory_equal(p->digest, digest, 32);
	policy_free(p);
}

static void
labels_are_read(void **state)
{
	struct policy *p = good();

	(void)state;
	assert_true(p->labels.given);
	assert_int_equal(p->labels.kind, LABEL_BOXES);
	assert_int_equal(p->labels.classes.n, 2);
	assert_string_equal(p->labels.classes.at[1], "wild dog");
	assert_true(p->labels.unanswered_negative);
	assert_true(p->labels.golden);
	assert_int_equal(p->labels.metric, GOLDEN_MEAN_IOU);
	assert_int_equal(p->labels.pass, 800000);
	policy_free(p);
}

static void
columns_and_their_actions_are_read(void **state)
{
	struct policy *p = good();
	const struct file_rule *r = &p->files[0];

	(void)state;
	assert_int_equal(r->type, TYPE_CSV);
	assert_int_equal(r->line, 13);
	assert_true(r->header);
	assert_int_equal(r->delimiter, ';');
	assert_true(r->may_miss);
	assert_string_equal(r->item_id, "customer_id");
	assert_int_equal(r->fields_line, 20);
	assert_int_equal(r->nfields, 28);
	assert_string_equal(r->fields[0].how.domain, "customer_id");
	assert_int_equal(r->fields[0].how.line, 20);
	/* a column called NO is Norway, and no boolean */
	assert_string_equal(r->fields[2].name, "NO");
	assert_string_equal(r->fields[3].how.domain, "mail");
	assert_int_equal(r->fields[4].how.first, 2);
	assert_int_equal(r->fields[4].how.last, 4);
	assert_int_equal(r->fields[4].how.fill, 'x');
	assert_int_equal(r->fields[4].how.fills, 3);
	assert_int_equal(r->fields[5].how.action, TRANSFORM_MASK);
	assert_int_equal(r->fields[5].how.fill, '*');
	assert_int_equal(r->fields[6].how.grain, GRAIN_MONTH);
	assert_int_equal(r->fields[6].how.order, ORDER_DMY);
	assert_int_equal(r->fields[7].how.nedges, 3);
	assert_int_equal(r->fields[7].how.edges[1].whole, 17);
	assert_int_equal(r->fields[8].how.edges[0].whole, 1000);
	assert_int_equal(r->fields[9].how.first, 3);
	assert_string_equal(r->fields[10].how.text, "NO");
	assert_string_equal(r->fields[11].name, "odd: name");
	assert_int_equal(r->fields[11].how.action, TRANSFORM_REFUSE);
	policy_free(p);
}

static void
what_keyed_actions_need_is_read(void **state)
{
	struct policy *p = good();
	const struct field_rule *r = p->files[0].fields + 12;

	(void)state;
	assert_int_equal(r[0].how.action, TRANSFORM_REVERSIBLE);
	assert_string_equal(r[0].how.domain, "id");
	assert_int_equal(r[1].how.action, TRANSFORM_FPE);
	assert_string_equal(r[1].how.text, "0123456789");
	assert_string_equal(r[1].how.between, " -");
	assert_true(r[1].how.luhn);
	assert_int_equal(r[1].how.first, 6);
	assert_int_equal(r[1].how.last, 4);
	assert_string_equal(r[2].how.text, "0123456789ABCDEF");
	assert_string_equal(r[2].how.between, "");
	/* the column's name, as for a token */
	assert_string_equal(r[2].how.domain, "code");
	assert_false(r[2].how.luhn);
	assert_int_equal(r[3].how.action, TRANSFORM_RANDOM);
	assert_null(r[3].how.domain);
	assert_int_equal(r[4].how.scope, SCOPE_DOCUMENT);
	assert_int_equal(r[5].how.action, TRANSFORM_SHIFT);
	assert_int_equal(r[5].how.first, 30);
	assert_int_equal(r[5].how.order, ORDER_DMY);
	assert_int_equal(r[6].how.action, TRANSFORM_NOISE);
	assert_int_equal(r[6].how.edges[0].whole, 2);
	assert_int_equal(r[6].how.edges[1].parts, 500000000000000000u);
	policy_free(p);
}

static void
every_way_to_generalise_is_read(void **state)
{
	struct policy *p = good();
	const struct field_rule *r = p->files[0].fields + 19;

	(void)state;
	assert_int_equal(r[0].how.action, TRANSFORM_WIDTH);
	assert_int_equal(r[0].how.ends, ENDS_BOTTOM | ENDS_TOP);
	assert_int_equal(r[0].how.edges[1].whole, 15);
	assert_int_equal(r[0].how.edges[2].whole, 40);
	assert_int_equal(r[1].how.action, TRANSFORM_ROUND);
	assert_int_equal(r[1].how.nedges, 2);
	assert_int_equal(r[2].how.action, TRANSFORM_ENDS);
	assert_int_equal(r[2].how.ends, ENDS_TOP);
	assert_int_equal(r[3].how.action, TRANSFORM_AGE);
	assert_int_equal(r[3].how.at, 20454);
	assert_int_equal(r[3].how.first, 5);
	assert_int_equal(r[3].how.last, 89);
	assert_int_equal(r[4].how.action, TRANSFORM_POSTCODE);
	assert_int_equal(r[5].how.action, TRANSFORM_GRID);
	assert_int_equal(r[6].how.action, TRANSFORM_IP);
	assert_int_equal(r[6].how.first, 24);
	assert_int_equal(r[6].how.last, 48);
	assert_int_equal(r[7].how.action, TRANSFORM_EMAIL);
	assert_int_equal(r[8].how.grain, GRAIN_QUARTER);
	policy_free(p);
}

static void
paths_are_read_in_canonical_form(void **state)
{
	struct policy *p = good();
	const struct file_rule *r = &p->files[1];

	(void)state;
	assert_string_equal(r->fields[2].name, "visits[*].icd");
	assert_string_equal(r->fields[3].name, "[\"odd.name\"]");
	assert_true(r->fields[3].whole);
	assert_string_equal(r->fields[4].name, "patient");
	assert_true(r->fields[4].below);
	/* patient.id is kept, so patient is not dropped whole */
	assert_false(r->fields[4].whole);
	assert_string_equal(p->files[2].fields[0].name, "$");
	assert_true(p->files[2].fields[0].below);
	assert_true(p->files[2].fields[0].whole);
	policy_free(p);
}

static void
a_delimiter_is_a_word_or_the_character_itself(void **state)
{
	static const struct {
		const char *spelt;
		char meant;
	} rows[] = { { "auto", 0 }, { "comma", ',' }, { "\",\"", ',' },
		{ "\";\"", ';' }, { "\"\\t\"", '\t' }, { "tab", '\t' },
		{ "pipe", '|' }, { "\"|\"", '|' } };
	char text[400];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy *p;

		(void)snprintf(text, sizeof(text),
		    "handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n"
		    "retention: 1d\nagreements: []\n"
		    "files: [{match: a, type: csv, columns: {}, delimiter: "
		    "%s}]\n",
		    rows[i].spelt);
		if ((p = read_text(text)) == NULL)
			fail_msg("%s: %s", rows[i].spelt, f.text);
		assert_int_equal(p->files[0].delimiter, rows[i].meant);
		policy_free(p);
	}
}

static void
the_other_kinds_of_files_are_read(void **state)
{
	struct policy *p = good();

	(void)state;
	assert_int_equal(p->files[3].type, TYPE_JPEG);
	assert_true(p->files[3].drop_metadata);
	assert_int_equal(p->files[4].type, TYPE_PNG);
	assert_false(p->files[4].drop_metadata);
	assert_int_equal(p->files[5].type, TYPE_TEXT);
	assert_string_equal(
	    p->files[6].exclude, "free text waits for detection");
	policy_free(p);
}

static const char smallest[] = "handoff: 1\nproject: p\npurpose: q\n"
			       "recipients: [a]\nretention: 1d\n"
			       "agreements: []\nfiles: [{match: a, exclude: b}]"
			       "\n";

static void
what_is_not_said_is_the_strict_default(void **state)
{
	static const char *const bom[] = { "\xef\xbb\xbf", "---\n",
		"%YAML 1.1\n---\n", "# a comment\n\n" };
	struct policy *p = read_text(smallest);

	(void)state;
	assert_non_null(p);
	assert_false(p->two_approvers);
	assert_false(p->offline);
	assert_int_equal(p->nsubjects, 0);
	assert_int_equal(p->agreements.n, 0);
	assert_false(p->labels.given);
	policy_free(p);
	for (size_t i = 0; i < 4; i++) {
		char text[512];

		(void)snprintf(text, sizeof(text), "%s%s", bom[i], smallest);
		if ((p = read_text(text)) == NULL)
			fail_msg("%s: %s", bom[i], f.text);
		policy_free(p);
	}
}

static void
a_policy_printed_and_read_again_is_the_same(void **state)
{
	struct policy *p = good(), *again;
	struct bytes one, two;

	(void)state;
	bytes_init(&one, 1 << 20);
	bytes_init(&two, 1 << 20);
	assert_ok(policy_print(&one, p, &f));
	assert_ok(policy_read(&again, "policy.yaml", one.at, one.len, &f));
	assert_ok(policy_print(&two, again, &f));
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.at, two.at, one.len);
	assert_int_equal(again->nfiles, p->nfiles);
	assert_int_equal(again->files[0].nfields, p->files[0].nfields);
	assert_int_equal(again->labels.pass, p->labels.pass);
	policy_free(p);
	policy_free(again);
	bytes_free(&one);
	bytes_free(&two);
}

static void
only_named_vendors_are_permitted(void **state)
{
	struct policy *p = good();

	(void)state;
	assert_ok(policy_permits(p, "acme", &f));
	assert_refused(policy_permits(p, "acm", &f), FAULT_POLICY);
	assert_string_equal(f.hint, "did you mean acme?");
	assert_refused(policy_permits(p, "gamma", &f), FAULT_POLICY);
	assert_string_equal(
	    f.text, "vendor gamma: not among the recipients of policy.yaml");
	assert_string_equal(f.hint, "policy.yaml names acme, beta-2");
	policy_free(p);
}

struct warnings {
	char text[8][300];
	size_t n;
};

static void
collect(void *to, const char *text)
{
	struct warnings *w = to;

	assert_true(w->n < 8);
	(void)snprintf(w->text[w->n++], sizeof(w->text[0]), "%s", text);
}

static void
rules_never_reached_are_warned_of(void **state)
{
	static const char text[] =
	    "handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n"
	    "retention: 1d\nagreements: [nda, dpaa, iso27001]\n"
	    "subject: {file: notes/a.csv, column: id}\n"
	    "files:\n"
	    "  - {match: \"notes/**\", exclude: b}\n"
	    "  - {match: notes/a.csv, type: csv, columns: {id: keep}}\n"
	    "  - {match: other, exclude: b}\n";
	struct policy *p = good();
	struct warnings w = { .n = 0 };

	(void)state;
	policy_warnings(p, collect, &w);
	assert_int_equal(w.n, 1);
	assert_non_null(strstr(w.text[0], "keep: \"patient.id\" is called"));
	w.n = 0;
	policy_free(p);
	p = read_text(text);
	assert_non_null(p);
	policy_warnings(p, collect, &w);
	assert_int_equal(w.n, 3);
	assert_string_equal(w.text[0], "policy.yaml:10: never reached: "
				       "\"notes/**\" in line 9 matches first");
	assert_string_equal(w.text[1],
	    "policy.yaml: agreements: \"dpaa\" is unusual; did you mean dpa?");
	assert_string_equal(w.text[2],
	    "policy.yaml:7: subject: line 9 excludes \"notes/a.csv\"");
	policy_free(p);
}

static void
every_allocation_may_fail(void **state)
{
	bool done = false;

	(void)state;
	for (long n = 0; !done; n++) {
		struct policy *p = NULL;
		struct bytes out;

		bytes_init(&out, 1 << 20);
		f = (struct fault){ 0 };
		mem_fail_after(n);
		done = policy_read(&p, "policy.yaml", good_policy,
			   strlen(good_policy), &f) == 0 &&
		       policy_print(&out, p, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		policy_free(p);
		bytes_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_top_of_a_policy_is_read),
		cmocka_unit_test(labels_are_read),
		cmocka_unit_test(columns_and_their_actions_are_read),
		cmocka_unit_test(what_keyed_actions_need_is_read),
		cmocka_unit_test(every_way_to_generalise_is_read),
		cmocka_unit_test(paths_are_read_in_canonical_form),
		cmocka_unit_test(a_delimiter_is_a_word_or_the_character_itself),
		cmocka_unit_test(the_other_kinds_of_files_are_read),
		cmocka_unit_test(what_is_not_said_is_the_strict_default),
		cmocka_unit_test(a_policy_printed_and_read_again_is_the_same),
		cmocka_unit_test(only_named_vendors_are_permitted),
		cmocka_unit_test(rules_never_reached_are_warned_of),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
