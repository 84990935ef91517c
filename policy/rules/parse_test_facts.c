/* What a file of tests takes to be true of vendors: their agreements, and what
 * they are by law. */

#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/mem.h"
#include "policy/rules/parse_internal.h"

#define FACTS_MAX 256u

int
parse_day(
    const struct tree *y, const struct node *n, int64_t *out, struct fault *f)
{
	const char *text;

	if (tree_text(y, n, "a date", &text, f) != 0)
		return -1;
	if (clock_read_date(out, text, strlen(text)))
		return 0;
	(void)tree_fault(y, n, f, "expected a date");
	return fault_hint(f, "dates are like 2026-11-29");
}

/* -- Agreements ---------------------------------------------------------- */

static int
read_fact_vendor(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct test_fact *t = to;

	return parse_name(
	    y, n, "a vendor's name", POLICY_NAME_CHARS, &t->vendor, f);
}

static int
read_fact_type(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct test_fact *t = to;

	return parse_name(
	    y, n, "a type of agreement", POLICY_NAME_CHARS, &t->type, f);
}

static int
read_from(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct test_fact *t = to;

	return parse_day(y, n, &t->from, f);
}

static int
read_until(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct test_fact *t = to;

	return parse_day(y, n, &t->until, f);
}

static int
read_sha256(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct test_fact *t = to;

	t->known = true;
	return parse_sha256(y, n, t->sha256, f);
}

int
parse_test_facts(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "vendor", true, read_fact_vendor },
		{ "type", true, read_fact_type },
		{ "from", true, read_from },
		{ "until", false, read_until },
		{ "sha256", false, read_sha256 },
		{ NULL, false, NULL },
	};
	struct policy_tests *t = to;
	size_t count = 0;

	if (n->kind != NODE_LIST)
		return tree_fault(y, n, f, "expected a list of agreements");
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (++count > FACTS_MAX)
			return tree_fault(
			    y, e, f, "more than %u agreements", FACTS_MAX);
	t->judges_facts = true;
	if ((t->facts = mem_array(count, sizeof(*t->facts))) == NULL)
		return fault_memory(f);
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (tree_map(y, e, keys, "an agreement", &t->facts[t->nfacts++],
			f) != 0)
			return -1;
	return 0;
}

/* -- Vendors ------------------------------------------------------------- */

static int
read_name(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct test_vendor *v = to;

	return parse_name(
	    y, n, "a vendor's name", POLICY_NAME_CHARS, &v->name, f);
}

static int
read_country(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct test_vendor *v = to;
	const char *text;

	if (tree_text(y, n, "a country", &text, f) != 0)
		return -1;
	if (strlen(text) != 2 || legal_country(text) == NULL) {
		(void)tree_fault(y, n, f, "no country has this code");
		return fault_hint(f, "ISO 3166-1 alpha-2, upper case: DE");
	}
	memcpy(v->country, text, sizeof(v->country));
	return 0;
}

static int
read_model(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "dedicated", "crowd", NULL };
	struct test_vendor *v = to;
	size_t i;

	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	v->crowd = i == 1;
	return 0;
}

int
parse_test_vendors(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "name", true, read_name },
		{ "country", true, read_country },
		{ "model", false, read_model },
		{ NULL, false, NULL },
	};
	struct policy_tests *t = to;
	size_t count = 0;

	if (n->kind != NODE_LIST || n->child == NULL)
		return tree_fault(y, n, f, "expected a list of vendors");
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (++count > FACTS_MAX)
			return tree_fault(
			    y, e, f, "more than %u vendors", FACTS_MAX);
	if ((t->vendors = mem_array(count, sizeof(*t->vendors))) == NULL)
		return fault_memory(f);
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (tree_map(y, e, keys, "a vendor", &t->vendors[t->nvendors++],
			f) != 0)
			return -1;
	return 0;
}
