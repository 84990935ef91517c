/*
 * TESTS.yaml: cases for a policy, read like the policy itself, key by key
 * through tables.
 */

#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/mem.h"
#include "policy/rules/parse_internal.h"

/* A file of tests is written and read by people. */
#define CASES_MAX 10000u
#define LISTED_MAX 10000u

static int
copy_text(const struct tree *y, const struct node *n, const char *what,
    char **out, struct fault *f)
{
	const char *text;

	if (tree_text(y, n, what, &text, f) != 0)
		return -1;
	return parse_copy(out, text, f);
}

/* -- Cases --------------------------------------------------------------- */

/* Names and values, as pairs in lists of one length. */
static int
read_pairs(const struct tree *y, const struct node *n, struct names *keys,
    struct names *values, struct fault *f)
{
	const char *text;

	if (n->kind != NODE_MAP)
		return tree_fault(
		    y, n, f, "expected a map of columns and values");
	for (const struct node *k = n->child; k != NULL; k = k->next->next) {
		if (k->next->kind != NODE_SCALAR)
			return tree_fault(
			    y, k->next, f, "a column has one value");
		text = k->next->text;
		if (names_add(keys, k->text, strlen(k->text), SHAPE_FIELDS_MAX,
			f) != 0 ||
		    names_add(
			values, text, strlen(text), SHAPE_FIELDS_MAX, f) != 0)
			return -1;
	}
	return 0;
}

static int
read_case_name(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_case *c = to;

	return copy_text(y, n, "a name", &c->name, f);
}

static int
read_file(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_case *c = to;

	return copy_text(y, n, "a path", &c->file, f);
}

static int
read_case_vendor(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_case *c = to;

	return parse_name(
	    y, n, "a vendor's name", POLICY_NAME_CHARS, &c->vendor, f);
}

static int
read_case_date(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_case *c = to;

	return parse_day(y, n, &c->date, f);
}

static int
read_row(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_case *c = to;

	c->input = CASE_ROW;
	return read_pairs(y, n, &c->columns, &c->values, f);
}

static int
read_document(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_case *c = to;

	c->input = CASE_DOCUMENT;
	return copy_text(y, n, "a document as text", &c->text, f);
}

static int
read_text_input(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_case *c = to;

	c->input = CASE_TEXT;
	return copy_text(y, n, "a text", &c->text, f);
}

static int
read_expect(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_case *c = to;

	c->wants = CASE_GIVES;
	if (n->kind == NODE_MAP)
		return read_pairs(y, n, &c->want_columns, &c->want_values, f);
	return copy_text(y, n, "what is delivered", &c->want, f);
}

static int
read_refused(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_case *c = to;

	c->wants = CASE_REFUSED;
	return copy_text(y, n, "a part of the refusal", &c->want, f);
}

static int
read_excluded(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_case *c = to;

	c->wants = CASE_EXCLUDED;
	return copy_text(y, n, "a part of the reason", &c->want, f);
}

static const struct tree_key case_keys[] = {
	{ "name", true, read_case_name },
	{ "file", true, read_file },
	{ "vendor", false, read_case_vendor },
	{ "date", false, read_case_date },
	{ "row", false, read_row },
	{ "document", false, read_document },
	{ "text", false, read_text_input },
	{ "expect", false, read_expect },
	{ "refused", false, read_refused },
	{ "excluded", false, read_excluded },
	{ NULL, false, NULL },
};

static size_t
count_keys(const struct node *n, const char *const *words)
{
	size_t found = 0;

	for (const struct node *k = n->child; k != NULL; k = k->next->next)
		for (size_t i = 0; words[i] != NULL; i++)
			found += strcmp(k->text, words[i]) == 0;
	return found;
}

static int
judge_case(const struct tree *y, const struct node *n,
    const struct policy_case *c, struct fault *f)
{
	static const char *const inputs[] = { "row", "document", "text", NULL };
	static const char *const outputs[] = { "expect", "refused", "excluded",
		NULL };

	if (count_keys(n, inputs) > 1)
		return tree_fault(
		    y, n, f, "a case has one of row, document and text");
	if (count_keys(n, outputs) != 1) {
		(void)tree_fault(
		    y, n, f, "a case has one of expect, refused and excluded");
		return fault_hint(f, "expect: {column: value}, or refused: "
				     "\"a part of the message\"");
	}
	if (c->wants == CASE_GIVES && c->input == CASE_NOTHING)
		return tree_fault(
		    y, n, f, "expect needs a row, a document or a text");
	if (c->wants == CASE_GIVES &&
	    (c->input == CASE_ROW) == (c->want != NULL))
		return tree_fault(y, n, f,
		    c->input == CASE_ROW
			? "of a row a map of columns is expected"
			: "of a document or text a text is expected");
	return 0;
}

static void
free_case(struct policy_case *c)
{
	mem_free(c->name);
	mem_free(c->file);
	mem_free(c->vendor);
	mem_free(c->text);
	mem_free(c->want);
	names_free(&c->columns);
	names_free(&c->values);
	names_free(&c->want_columns);
	names_free(&c->want_values);
}

static int
read_cases(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_tests *t = to;
	size_t count = 0;

	if (n->kind != NODE_LIST || n->child == NULL)
		return tree_fault(y, n, f, "expected a list of cases");
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (++count > CASES_MAX)
			return tree_fault(
			    y, e, f, "more than %u cases", CASES_MAX);
	if ((t->cases = mem_array(count, sizeof(*t->cases))) == NULL)
		return fault_memory(f);
	for (const struct node *e = n->child; e != NULL; e = e->next) {
		struct policy_case *c = &t->cases[t->ncases++];

		c->line = e->line;
		c->date = INT64_MIN;
		if (tree_map(y, e, case_keys, "a case", c, f) != 0 ||
		    judge_case(y, e, c, f) != 0)
			return -1;
	}
	return 0;
}

/* -- The top ------------------------------------------------------------- */

static int
read_version(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	(void)to;
	if (n->kind == NODE_SCALAR && strcmp(n->text, "1") == 0)
		return 0;
	(void)tree_fault(y, n, f, "this program reads version 1 of tests");
	return fault_hint(f, "handoff-test: 1");
}

static int
read_policy(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_tests *t = to;

	if (copy_text(y, n, "the policy's file", &t->policy, f) != 0)
		return -1;
	if (t->policy[0] == '/')
		return tree_fault(
		    y, n, f, "the policy is named from the tests' folder");
	return 0;
}

static int
read_key(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_tests *t = to;

	return copy_text(y, n, "a text", &t->key, f);
}

static int
read_vendor(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_tests *t = to;

	return parse_name(
	    y, n, "a vendor's name", POLICY_NAME_CHARS, &t->vendor, f);
}

static int
read_date(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_tests *t = to;

	return parse_day(y, n, &t->date, f);
}

static int
read_countries(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_tests *t = to;

	return copy_text(y, n, "a file", &t->countries, f);
}

static int
read_list(const struct tree *y, const struct node *n, const char *what,
    struct names *to, struct fault *f)
{
	const char *text;

	if (n->kind != NODE_LIST)
		return tree_fault(y, n, f, "expected a list of %s", what);
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (tree_text(y, e, what, &text, f) != 0 ||
		    names_add(to, text, strlen(text), LISTED_MAX, f) != 0)
			return -1;
	return 0;
}

static int
read_suppressed(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_tests *t = to;

	return read_list(y, n, "keys of persons", &t->suppressed, f);
}

static int
read_files(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_tests *t = to;

	t->judges_files = true;
	return read_list(y, n, "paths", &t->files, f);
}

static const struct tree_key test_keys[] = {
	{ "handoff-test", true, read_version },
	{ "policy", true, read_policy },
	{ "vendor", true, read_vendor },
	{ "date", true, read_date },
	{ "key", false, read_key },
	{ "agreements", false, parse_test_facts },
	{ "vendors", false, parse_test_vendors },
	{ "countries", false, read_countries },
	{ "suppressed", false, read_suppressed },
	{ "files", false, read_files },
	{ "dictionary", false, parse_test_names },
	{ "cases", true, read_cases },
	{ NULL, false, NULL },
};

int
policy_tests_read(struct policy_tests **out, const char *name, const void *p,
    size_t len, struct fault *f)
{
	struct policy_tests *t = mem_new(sizeof(*t));
	struct tree y = { .name = name };
	int rc = -1;

	if (t == NULL)
		return fault_memory(f);
	if (tree_read(&y, name, p, len, f) != 0 ||
	    tree_map(&y, y.root, test_keys, "a file of tests", t, f) != 0 ||
	    (t->key == NULL && parse_copy(&t->key, "handoff", f) != 0))
		goto out;
	if (t->nvendors > 0 && !t->judges_facts) {
		(void)tree_fault(&y, y.root, f,
		    "vendors are judged by their agreements, too");
		(void)fault_hint(f, "agreements: []");
		goto out;
	}
	*out = t;
	t = NULL;
	rc = 0;
out:
	tree_free(&y);
	policy_tests_free(t);
	return rc;
}

void
policy_tests_free(struct policy_tests *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->ncases; i++)
		free_case(&t->cases[i]);
	for (size_t i = 0; i < t->nfacts; i++) {
		mem_free(t->facts[i].vendor);
		mem_free(t->facts[i].type);
	}
	for (size_t i = 0; i < t->nvendors; i++)
		mem_free(t->vendors[i].name);
	test_names_free(t);
	mem_free(t->cases);
	mem_free(t->facts);
	mem_free(t->vendors);
	mem_free(t->countries);
	names_free(&t->suppressed);
	names_free(&t->files);
	mem_free(t->policy);
	mem_free(t->key);
	mem_free(t->vendor);
	mem_free(t);
}
