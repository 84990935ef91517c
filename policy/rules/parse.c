/*
 * A policy from its text: the top of the file, and the small things in it.
 *
 *     bytes --> tree.c (tree with places) --> tables here --> struct policy
 *
 * Promises: what is not understood is refused with its line and column; a key
 * that decides what leaves has no silent default.
 */

#include <sodium.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/legal/legal.h"
#include "policy/rules/parse_internal.h"

#define PROJECT_CHARS 64u
#define NAMES_MAX 64u /* vendors, agreements: a list a person checks */

int
parse_copy(char **out, const char *text, struct fault *f)
{
	char *copy = mem_text(text, strlen(text));

	if (copy == NULL)
		return fault_memory(f);
	mem_free(*out);
	*out = copy;
	return 0;
}

int
parse_name(const struct tree *y, const struct node *n, const char *what,
    size_t max, char **out, struct fault *f)
{
	const char *text;

	if (tree_text(y, n, what, &text, f) != 0)
		return -1;
	if (!text_only(text, "abcdefghijklmnopqrstuvwxyz0123456789-", max))
		return tree_fault(y, n, f,
		    "%s is 1 to %zu letters a-z, digits or -", what, max);
	return parse_copy(out, text, f);
}

int
parse_missing(
    const struct tree *y, const struct node *n, bool *allow, struct fault *f)
{
	static const char *const words[] = { "refuse", "allow", NULL };
	size_t i;

	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	*allow = i == 1;
	return 0;
}

int
parse_glob(
    const struct tree *y, const struct node *n, char **out, struct fault *f)
{
	const char *text, *problem;

	if (tree_text(y, n, "a pattern", &text, f) != 0)
		return -1;
	if ((problem = glob_problem(text)) != NULL) {
		(void)tree_fault(y, n, f, "%s", problem);
		return fault_hint(f, "patterns are like  customers.csv  "
				     "\"photos/**/*.jpg\"  \"notes/**\"");
	}
	return parse_copy(out, text, f);
}

int
parse_names(const struct tree *y, const struct node *n, const char *what,
    struct names *out, struct fault *f)
{
	char *name = NULL;
	int rc = -1;

	if (n->kind != NODE_LIST) {
		(void)tree_fault(y, n, f, "expected a list");
		return fault_hint(
		    f, "write [%s]", n->kind == NODE_SCALAR ? n->text : "a, b");
	}
	for (const struct node *e = n->child; e != NULL; e = e->next) {
		if (parse_name(y, e, what, POLICY_NAME_CHARS, &name, f) != 0)
			goto out;
		for (size_t i = 0; i < out->n; i++)
			if (strcmp(out->at[i], name) == 0) {
				(void)tree_fault(
				    y, e, f, "\"%s\" is here twice", name);
				goto out;
			}
		if (names_add(out, name, strlen(name), NAMES_MAX, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mem_free(name);
	return rc;
}

static int
read_version(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	(void)to;
	if (n->kind == NODE_SCALAR && strcmp(n->text, "1") == 0)
		return 0;
	(void)tree_fault(y, n, f, "this program reads version 1 of policies");
	return fault_hint(f, "handoff: 1");
}

static int
read_project(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy *p = to;

	return parse_name(
	    y, n, "a project's name", PROJECT_CHARS, &p->project, f);
}

static int
read_purpose(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy *p = to;

	return parse_name(y, n, "a purpose", PROJECT_CHARS, &p->purpose, f);
}

static int
read_recipients(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy *p = to;

	if (parse_names(y, n, "a vendor's name", &p->recipients, f) != 0)
		return -1;
	if (p->recipients.n == 0)
		return tree_fault(y, n, f, "no recipient is named");
	return 0;
}

static int
read_retention(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy *p = to;
	const char *text;

	if (tree_text(y, n, "a time like 90d", &text, f) != 0)
		return -1;
	if (!legal_retention(&p->retention, text)) {
		(void)tree_fault(y, n, f, "expected days, weeks or years");
		return fault_hint(f, "90d, 12w or 2y; at most 100 years");
	}
	return parse_copy(&p->retention_text, text, f);
}

static int
read_agreements(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy *p = to;

	return parse_names(y, n, "a type of agreement", &p->agreements, f);
}

static int
read_approve(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "self", "two", NULL };
	struct policy *p = to;
	size_t i;

	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	p->two_approvers = i == 1;
	p->approve_given = true;
	return 0;
}

static int
read_plan(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "free", "approved", NULL };
	struct policy *p = to;
	size_t i;

	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	p->plan_approved = i == 1;
	return 0;
}

static int
read_offline(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "deny", "allow", NULL };
	struct policy *p = to;
	size_t i;

	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	p->offline = i == 1;
	return 0;
}

const struct tree_key policy_keys[] = {
	{ "handoff", true, read_version },
	{ "project", true, read_project },
	{ "purpose", true, read_purpose },
	{ "recipients", true, read_recipients },
	{ "retention", true, read_retention },
	{ "agreements", true, read_agreements },
	{ "approve", false, read_approve },
	{ "plan", false, read_plan },
	{ "offline", false, read_offline },
	{ "subject", false, parse_subjects },
	{ "files", true, parse_files },
	{ "labels", false, parse_labels },
	{ "detect", false, parse_detection },
	{ "risk", false, parse_risk },
	{ "exposure", false, parse_exposure },
	{ "legal", false, parse_legal },
	{ NULL, false, NULL },
};

/* The elements that readers of a rule's files have to tell apart. */
static int
list_apart(struct policy *p, struct fault *f)
{
	for (size_t i = 0; i < p->nfiles; i++) {
		struct file_rule *r = &p->files[i];

		if (r->exclude != NULL ||
		    (r->type != TYPE_JSON && r->type != TYPE_JSONL))
			continue;
		if (apart_add(&r->apart, &r->item_path, f) != 0)
			return -1;
		for (size_t k = 0; k < r->nfields; k++)
			if (apart_add(&r->apart, &r->fields[k].path, f) != 0)
				return -1;
		for (size_t k = 0; k < p->nsubjects; k++)
			if (apart_add(&r->apart, &p->subjects[k].where, f) != 0)
				return -1;
	}
	return 0;
}

int
policy_read(struct policy **out, const char *name, const void *bytes,
    size_t len, struct fault *f)
{
	struct policy *p = mem_new(sizeof(*p));
	struct tree y = { .name = name };
	int rc = -1;

	if (p == NULL)
		return fault_memory(f);
	if (parse_copy(&p->name, name, f) != 0 ||
	    parse_copy(&p->legal.policy, name, f) != 0 ||
	    tree_read(&y, name, bytes, len, f) != 0 ||
	    tree_map(&y, y.root, policy_keys, "a policy", p, f) != 0 ||
	    list_apart(p, f) != 0 || policy_compile_detection(p, f) != 0)
		goto out;
	must(crypto_hash_sha256(p->digest, bytes, len) == 0);
	*out = p;
	p = NULL; /* the caller's from here */
	rc = 0;
out:
	tree_free(&y);
	policy_free(p);
	return rc;
}

void
policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->nfiles; i++)
		policy_free_file_rule(&p->files[i]);
	mem_free(p->files);
	policy_free_subjects(p);
	policy_free_risk(p);
	detection_free(&p->detection);
	mem_free(p->name);
	mem_free(p->project);
	mem_free(p->purpose);
	mem_free(p->retention_text);
	names_free(&p->recipients);
	names_free(&p->agreements);
	names_free(&p->labels.classes);
	legal_terms_free(&p->legal);
	mem_free(p);
}
