/*
 * risk: what is measured before a table leaves, and what it has to meet.
 *
 * A threshold that nothing can fail by (l without a sensitive column) is an
 * error and not a comfort.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/near.h"
#include "policy/rules/parse_internal.h"

#define LEVELS_MAX 14u /* and the value in front, and "*" behind */

const char *const risk_share_words[] = { "uniqueness", "prosecutor",
	"journalist", "marketer", "suppressed", NULL };
const char *const risk_loss_words[] = { "granularity", "discernibility",
	"entropy", NULL };

/* ---- Columns ---- */

static int
add_field(const struct tree *y, const struct node *n, struct risk_rule *r,
    struct risk_field **out, struct fault *f)
{
	struct risk_field *grown, *field;
	struct path path = { .n = 0 };
	struct fault none = { 0 };
	const char *text;

	if (tree_text(y, n, "a column or a path", &text, f) != 0)
		return -1;
	for (size_t i = 0; i < r->nfields; i++)
		if (strcmp(r->fields[i].name, text) == 0)
			return tree_fault(
			    y, n, f, "\"%s\" is here twice", text);
	if (r->nfields == 2 * POLICY_QUASI_MAX)
		return tree_fault(
		    y, n, f, "more than %u columns", 2 * POLICY_QUASI_MAX);
	grown = mem_resize(r->fields, (r->nfields + 1) * sizeof(*grown));
	if (grown == NULL)
		return fault_memory(f);
	r->fields = grown;
	field = &grown[r->nfields++];
	*field = (struct risk_field){ .line = n->line };
	if (parse_copy(&field->name, text, f) != 0)
		return -1;
	/* A column may be called what is no path. */
	if (parse_path(y, n, &path, &field->path, &none) == 0 && path.below) {
		mem_free(field->path);
		field->path = NULL;
	}
	path_free(&path);
	if (none.kind == FAULT_SYSTEM) {
		*f = none;
		return -1;
	}
	*out = field;
	return 0;
}

static size_t
count_role(const struct risk_rule *r, bool quasi)
{
	size_t count = 0;

	for (size_t i = 0; i < r->nfields; i++)
		count += (r->fields[i].role == FIELD_QUASI) == quasi;
	return count;
}

static int
check_count(const struct tree *y, const struct node *n,
    const struct risk_rule *r, bool quasi, struct fault *f)
{
	if (count_role(r, quasi) <= POLICY_QUASI_MAX)
		return 0;
	return tree_fault(y, n, f, "more than %u", POLICY_QUASI_MAX);
}

static int
read_quasi(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;
	struct risk_field *field;

	if (n->kind != NODE_LIST || n->child == NULL) {
		(void)tree_fault(y, n, f, "expected a list of columns");
		return fault_hint(
		    f, "quasi_identifiers: [born, postcode, sex]");
	}
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (add_field(y, e, r, &field, f) != 0)
			return -1;
	return check_count(y, n, r, true, f);
}

static int
read_sensitive(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "equal", "ordered", NULL };
	struct risk_rule *r = to;
	struct risk_field *field;
	size_t i;

	if (n->kind != NODE_MAP || n->child == NULL) {
		(void)tree_fault(
		    y, n, f, "expected columns, each with its distance");
		return fault_hint(
		    f, "sensitive: {diagnosis: equal, income: ordered}");
	}
	for (const struct node *k = n->child; k != NULL; k = k->next->next) {
		if (add_field(y, k, r, &field, f) != 0 ||
		    tree_word(y, k->next, words, &i, f) != 0)
			return -1;
		field->role = i == 0 ? FIELD_EQUAL : FIELD_ORDERED;
	}
	return check_count(y, n, r, false, f);
}

/* ---- Levels ---- */

/* What a search can try on values without keys, person or chance. */
static bool
is_level(const struct transform *t)
{
	return t->action != TRANSFORM_REFUSE && t->action != TRANSFORM_DROP &&
	       t->action != TRANSFORM_CONSTANT && !transform_needs_key(t) &&
	       !transform_needs_subject(t);
}

static int
read_field_levels(const struct tree *y, const struct node *n,
    struct risk_field *field, struct fault *f)
{
	size_t count = 0;

	if (n->kind != NODE_LIST || n->child == NULL) {
		(void)tree_fault(y, n, f, "expected actions, the finest first");
		return fault_hint(f, "[{generalise: {date: month}}, "
				     "{generalise: {date: year}}]");
	}
	for (const struct node *e = n->child; e != NULL; e = e->next)
		count++;
	if (count > LEVELS_MAX)
		return tree_fault(y, n, f, "more than %u levels", LEVELS_MAX);
	if ((field->levels = mem_array(count, sizeof(*field->levels))) == NULL)
		return fault_memory(f);
	for (const struct node *e = n->child; e != NULL; e = e->next) {
		struct transform *t = &field->levels[field->nlevels++];

		if (parse_action(y, e, t, f) != 0)
			return -1;
		if (is_level(t))
			continue;
		(void)tree_fault(y, e, f,
		    "is no level: those are keep, mask, truncate and "
		    "generalise");
		return fault_hint(f, "that a column is left out is tried "
				     "anyway, as the last level");
	}
	return 0;
}

static int
read_levels(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	if (n->kind != NODE_MAP || n->child == NULL) {
		(void)tree_fault(y, n, f,
		    "expected quasi-identifiers, each with its levels");
		return fault_hint(
		    f, "levels: {born: [{generalise: {date: year}}]}");
	}
	for (const struct node *k = n->child; k != NULL; k = k->next->next) {
		const char *words[2 * POLICY_QUASI_MAX + 1] = { NULL }, *near;
		struct risk_field *field = NULL;

		for (size_t i = 0; i < r->nfields; i++) {
			words[i] = r->fields[i].name;
			if (strcmp(r->fields[i].name, k->text) == 0 &&
			    r->fields[i].role == FIELD_QUASI)
				field = &r->fields[i];
		}
		if (field == NULL) {
			(void)tree_fault(y, k, f,
			    "\"%s\" is none of the quasi_identifiers, which "
			    "stand in front",
			    k->text);
			near = near_word(k->text, words);
			return near == NULL
				   ? -1
				   : fault_hint(f, "did you mean %s?", near);
		}
		if (read_field_levels(y, k->next, field, f) != 0)
			return -1;
	}
	return 0;
}

/* ---- A rule ---- */

static int
read_suppress(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	return parse_percent(y, n, &r->share[SHARE_SUPPRESSED], f);
}

static int
read_loss(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;
	size_t i;

	if (tree_word(y, n, risk_loss_words, &i, f) != 0)
		return -1;
	r->loss = (enum risk_loss)i;
	return 0;
}

static int
read_file(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	return parse_glob(y, n, &r->file, f);
}

static int
read_missing(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	return parse_missing(y, n, &r->may_miss, f);
}

static int
check_rule(const struct tree *y, const struct node *n,
    const struct risk_rule *r, struct fault *f)
{
	const char *count = r->population.count;
	bool sensitive = r->l_distinct != 0 || r->l_entropy != 0 ||
			 r->recursive_l != 0 || r->t != 0;

	if (sensitive && count_role(r, false) == 0) {
		(void)tree_fault(
		    y, n, f, "l and t are about sensitive columns");
		return fault_hint(f, "sensitive: {diagnosis: equal}");
	}
	for (size_t i = 0; count != NULL && i < r->nfields; i++)
		if (strcmp(r->fields[i].name, count) == 0)
			return tree_fault(y, n, f,
			    "population: the count \"%s\" is a column that "
			    "is measured, too",
			    count);
	if (r->share[SHARE_SUPPRESSED] > 0 && r->k == 0 && !sensitive &&
	    (r->population.file == NULL ||
		r->share[SHARE_JOURNALIST] == RISK_ANY)) {
		(void)tree_fault(y, n, f,
		    "suppress_at_most: rows of which classes? k, l or t says");
		return fault_hint(f, "k: 5");
	}
	return 0;
}

static int
read_rule(const struct tree *y, const struct node *n, struct policy *p,
    struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "file", true, read_file },
		{ "quasi_identifiers", true, read_quasi },
		{ "sensitive", false, read_sensitive },
		{ "levels", false, read_levels },
		{ "lose_least", false, read_loss },
		{ "k", false, parse_risk_k },
		{ "l", false, parse_risk_l },
		{ "t", false, parse_risk_t },
		{ "max", false, parse_risk_max },
		{ "suppress_at_most", false, read_suppress },
		{ "missing", false, read_missing },
		{ "population", false, parse_population },
		{ NULL, false, NULL },
	};
	struct risk_rule *grown, *r;

	if (p->nrisks == POLICY_RISK_RULES_MAX)
		return tree_fault(
		    y, n, f, "more than %u of them", POLICY_RISK_RULES_MAX);
	grown = mem_resize(p->risks, (p->nrisks + 1) * sizeof(*grown));
	if (grown == NULL)
		return fault_memory(f);
	p->risks = grown;
	r = &grown[p->nrisks++];
	*r = (struct risk_rule){ .line = n->line };
	for (unsigned i = 0; i < SHARE_SUPPRESSED; i++)
		r->share[i] = RISK_ANY;
	if (tree_map(y, n, keys, "risk", r, f) != 0)
		return -1;
	return check_rule(y, n, r, f);
}

int
parse_risk(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	if (n->kind != NODE_LIST)
		return read_rule(y, n, to, f);
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (read_rule(y, e, to, f) != 0)
			return -1;
	return 0;
}

static int
read_colluding(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy *p = to;

	return parse_names(y, n, "a vendor's name", &p->colluding, f);
}

int
parse_exposure(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "colluding", true, read_colluding },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "exposure", to, f);
}

void
policy_free_risk(struct policy *p)
{
	for (size_t i = 0; i < p->nrisks; i++) {
		struct risk_rule *r = &p->risks[i];

		for (size_t k = 0; k < r->nfields; k++) {
			for (size_t j = 0; j < r->fields[k].nlevels; j++)
				transform_free(&r->fields[k].levels[j]);
			mem_free(r->fields[k].levels);
			mem_free(r->fields[k].name);
			mem_free(r->fields[k].path);
		}
		mem_free(r->fields);
		mem_free(r->file);
		policy_free_population(&r->population);
	}
	mem_free(p->risks);
	names_free(&p->colluding);
}
