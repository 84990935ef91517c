/*
 * What each value of each quasi-identifier becomes at each level: a table of
 * codes per level, so that generalising a column is one look-up a row.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/risk/risk_internal.h"

/* Row and column of a value that has no place in its hierarchy. */
static int
refuse_code(const struct risk_table *t, const struct risk_coded *c,
    uint32_t code, struct fault *f)
{
	for (size_t i = 0; i < t->n; i++)
		if (c->rows[i] == code)
			return fault_set(f, FAULT_INPUT,
			    "row %llu: column \"%s\": a value that its "
			    "hierarchy does not have",
			    (unsigned long long)t->numbers[i], c->name);
	for (size_t i = 0; i < t->npopulation; i++)
		if (c->population[i] == code)
			return fault_set(f, FAULT_INPUT,
			    "population line %zu: column \"%s\": a value that "
			    "its hierarchy does not have",
			    i + 1, c->name);
	return 0; /* of a row that was refused */
}

static int
rung_new(struct risk_rung *r, size_t codes, size_t generalised, struct fault *f)
{
	r->up = mem_array(codes, sizeof(*r->up));
	r->leaves = mem_array(generalised, sizeof(*r->leaves));
	r->rows = mem_array(generalised, sizeof(*r->rows));
	r->ncodes = (uint32_t)generalised;
	if (r->up == NULL || r->leaves == NULL || r->rows == NULL)
		return fault_memory(f);
	return 0;
}

/* Two levels: the value, and "*". */
static int
plain_ladder(struct risk_ladder *q, const struct risk_coded *c, struct fault *f)
{
	size_t n = c->dict.count;

	q->top = 1;
	q->leaves = (uint32_t)n;
	if (rung_new(&q->rungs[0], n, n, f) != 0 ||
	    rung_new(&q->rungs[1], n, 1, f) != 0)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		q->rungs[0].up[i] = i;
		q->rungs[0].leaves[i] = 1;
	}
	q->rungs[1].leaves[0] = q->leaves;
	return 0;
}

/* One level of a hierarchy: leaf[code] is the code's place in it. */
static int
step_rung(struct risk_rung *r, const struct risk_hierarchy *h, unsigned level,
    const uint32_t *leaf, size_t n, struct fault *f)
{
	const struct risk_step *s = level > 0 ? &h->steps[level - 1] : NULL;
	size_t values = h->values.count;

	if (rung_new(r, n, s != NULL ? s->labels.count : values, f) != 0)
		return -1;
	for (uint32_t v = 0; v < values; v++)
		r->leaves[s != NULL ? s->label[v] : v]++;
	for (size_t i = 0; i < n; i++)
		r->up[i] = s != NULL ? s->label[leaf[i]] : leaf[i];
	return 0;
}

static int
hierarchy_ladder(struct risk_ladder *q, const struct risk_table *t,
    const struct risk_coded *c, const struct risk_hierarchy *h, struct fault *f)
{
	size_t n = c->dict.count;
	uint32_t *leaf = mem_array(n, sizeof(*leaf));
	int rc = -1;

	if (leaf == NULL)
		return fault_memory(f);
	q->top = h->nsteps;
	q->leaves = (uint32_t)h->values.count;
	for (uint32_t i = 0; i < n; i++) {
		struct slice s = risk_dict_at(&c->dict, i);

		leaf[i] = risk_dict_find(&h->values, s.at, s.len);
		if (leaf[i] != RISK_NONE)
			continue;
		if (refuse_code(t, c, i, f) != 0)
			goto out;
		leaf[i] = 0;
	}
	for (unsigned l = 0; l <= q->top; l++)
		if (step_rung(&q->rungs[l], h, l, leaf, n, f) != 0)
			goto out;
	rc = 0;
out:
	mem_free(leaf);
	return rc;
}

/* Sensitive columns: ranks of the rows, and their shares. */
static int
add_ranks(struct risk_lattice *x, size_t s, struct fault *f)
{
	const struct risk_table *t = x->t;
	const struct risk_coded *c = &t->columns[t->sensitive[s]];
	struct risk_ranks *k = &x->ranks[s];

	if (risk_ranks_new(k, t, t->sensitive[s], f) != 0)
		return -1;
	k->row = mem_array(t->n, sizeof(*k->row));
	if (k->row == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < t->n; i++)
		k->row[i] = k->of_code[c->rows[i]];
	if (risk_sort_by(&k->by_value, k->row, t->n, k->nvalues, f) != 0)
		return -1;
	return 0;
}

void
risk_units_of_rows(struct risk_units *u, const struct risk_lattice *x)
{
	*u = (struct risk_units){ .n = x->t->n,
		.person = x->repeated ? x->t->person : NULL,
		.npersons = x->t->people.count,
		.nvalue = x->t->nsensitive };
	for (size_t s = 0; s < u->nvalue; s++) {
		u->value[s] = x->ranks[s].row;
		u->by_value[s] = x->ranks[s].by_value;
	}
}

static int
count_persons(struct risk_lattice *x, struct fault *f)
{
	const struct risk_table *t = x->t;
	uint8_t *seen;

	x->persons = t->n;
	if (!t->subjects)
		return 0;
	if ((seen = mem_new(t->people.count)) == NULL)
		return fault_memory(f);
	x->persons = 0;
	for (size_t i = 0; i < t->n; i++) {
		x->persons += !seen[t->person[i]];
		seen[t->person[i]] = 1;
	}
	mem_free(seen);
	x->repeated = x->persons < t->n;
	return 0;
}

static int
build(struct risk_lattice *x, const struct risk_hierarchy *const *hierarchies,
    struct fault *f)
{
	const struct risk_table *t = x->t;
	struct risk_units u;

	x->quasi = mem_array(t->nquasi, sizeof(*x->quasi));
	x->ranks = mem_array(t->nsensitive, sizeof(*x->ranks));
	if (x->quasi == NULL || x->ranks == NULL)
		return fault_memory(f);
	for (size_t q = 0; q < t->nquasi; q++) {
		const struct risk_coded *c = &t->columns[t->quasi[q]];

		if (hierarchies != NULL && hierarchies[q] != NULL) {
			if (hierarchy_ladder(
				&x->quasi[q], t, c, hierarchies[q], f) != 0)
				return -1;
		} else if (plain_ladder(&x->quasi[q], c, f) != 0) {
			return -1;
		}
		risk_loss_prepare(x, q);
	}
	if (count_persons(x, f) != 0)
		return -1;
	for (size_t s = 0; s < t->nsensitive; s++)
		if (add_ranks(x, s, f) != 0)
			return -1;
	risk_units_of_rows(&u, x);
	for (size_t s = 0; s < t->nsensitive; s++)
		if (risk_ranks_share(&x->ranks[s], &u, s, f) != 0)
			return -1;
	return 0;
}

int
risk_lattice_new(struct risk_lattice **out, struct risk_table *t,
    const struct risk_hierarchy *const *hierarchies, struct fault *f)
{
	struct risk_lattice *x;

	*out = NULL;
	if (t->n == 0)
		return fault_set(f, FAULT_USAGE, "no rows");
	if ((x = mem_new(sizeof(*x))) == NULL)
		return fault_memory(f);
	x->t = t;
	if (build(x, hierarchies, f) != 0) {
		risk_lattice_free(x);
		return -1;
	}
	t->sealed = true;
	*out = x;
	return 0;
}

void
risk_lattice_free(struct risk_lattice *x)
{
	if (x == NULL)
		return;
	for (size_t q = 0; x->quasi != NULL && q < x->t->nquasi; q++)
		for (unsigned l = 0; l < RISK_LEVELS_MAX; l++) {
			mem_free(x->quasi[q].rungs[l].up);
			mem_free(x->quasi[q].rungs[l].leaves);
			mem_free(x->quasi[q].rungs[l].rows);
		}
	for (size_t s = 0; x->ranks != NULL && s < x->t->nsensitive; s++)
		risk_ranks_free(&x->ranks[s]);
	mem_free(x->quasi);
	mem_free(x->ranks);
	mem_free(x);
}

unsigned
risk_lattice_levels(const struct risk_lattice *x, size_t quasi)
{
	must(quasi < x->t->nquasi);
	return x->quasi[quasi].top;
}

int
risk_levels_check(
    const struct risk_lattice *x, const uint8_t *levels, struct fault *f)
{
	const struct risk_table *t = x->t;

	for (size_t q = 0; q < t->nquasi; q++)
		if (levels[q] > x->quasi[q].top)
			return fault_set(f, FAULT_USAGE,
			    "column \"%s\": level %u of %u",
			    t->columns[t->quasi[q]].name, levels[q],
			    x->quasi[q].top);
	return 0;
}

size_t
risk_digits(
    struct risk_digit *out, const struct risk_lattice *x, const uint8_t *levels)
{
	const struct risk_table *t = x->t;
	size_t n = 0;

	for (size_t q = 0; q < t->nquasi; q++) {
		const struct risk_rung *r = &x->quasi[q].rungs[levels[q]];

		if (r->ncodes > 1)
			out[n++] =
			    (struct risk_digit){ t->columns[t->quasi[q]].rows,
				    r->up, r->ncodes };
	}
	return n;
}
