/*
 * population: of whom a table is a sample, for the chance of somebody who does
 * not know who is in it.  A CSV file beside the policy, which is read where
 * risk is measured and never leaves.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/parse_internal.h"

static int
read_file(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_population *p = to;

	return parse_beside(y, n, "a population", &p->file, f);
}

static int
read_sha256(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_population *p = to;

	return parse_sha256(y, n, p->sha256, f);
}

static int
read_count(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_population *p = to;
	const char *text;

	if (tree_text(y, n, "a column", &text, f) != 0)
		return -1;
	return parse_copy(&p->count, text, f);
}

int
parse_population(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "file", true, read_file },
		{ "sha256", true, read_sha256 },
		{ "count", false, read_count },
		{ NULL, false, NULL },
	};
	struct risk_rule *r = to;

	r->population.line = n->line;
	return tree_map(y, n, keys, "population", &r->population, f);
}

void
policy_free_population(struct risk_population *p)
{
	mem_free(p->file);
	mem_free(p->count);
}
