/*
 * One node of the lattice after the other, without going back to the rows.
 *
 * Rows that are alike at the lowest levels are alike everywhere above, so they
 * are folded into base classes once, and into units where persons and
 * sensitive values matter.  A node's classes are unions of the classes of any
 * finer node: some nodes that were looked at are kept, and the next one is
 * made from the kept one that is finer and has the fewest classes.
 */

#include "policy/risk/nodes_internal.h"

#include <string.h>

#include "keys/base/mem.h"

/* Nodes kept, and what they may take together. */
#define KEPT_MAX 64u
#define KEPT_BYTES ((size_t)64 * 1024 * 1024)

struct kept {
	uint8_t levels[RISK_QUASI_MAX];
	size_t n;	/* classes; 0: nothing kept */
	uint32_t *rep;	/* a base class in each */
	uint32_t *of;	/* the class of each base class */
	uint64_t since; /* when it was last of use */
};

struct risk_nodes {
	const struct risk_lattice *x;
	const struct risk_goal *goal;
	uint64_t may_suppress;
	size_t nbase;
	uint32_t *code[RISK_QUASI_MAX];	 /* the table's, of a base class */
	uint32_t *there[RISK_QUASI_MAX]; /* the same of a kept node's */
	struct risk_units u;
	uint32_t *base; /* of each unit; NULL: unit i is base class i */
	uint32_t *weight, *person;
	uint32_t *value[RISK_SENSITIVE_MAX], *by_value[RISK_SENSITIVE_MAX];
	struct kept kept[KEPT_MAX];
	size_t nkept;
	uint64_t now;
	uint32_t *step;	   /* class of a kept node's class */
	uint32_t *of_unit; /* class of each unit */
	struct risk_grouper g;
	struct risk_verdict v;
};

/* Base classes of the rows; *of gets the class of each row. */
static int
fold_rows(struct risk_nodes *s, uint32_t **of, struct fault *f)
{
	const struct risk_table *t = s->x->t;
	struct risk_digit digits[RISK_QUASI_MAX];
	struct risk_classes c = { mem_array(t->n, sizeof(*c.of)), 0 };

	if ((*of = c.of) == NULL)
		return fault_memory(f);
	if (risk_group(&s->g, digits,
		risk_digits(digits, s->x, s->goal->lowest), t->n, &c, f) != 0)
		return -1;
	s->nbase = c.n;
	for (size_t q = 0; q < t->nquasi; q++) {
		const uint32_t *rows = t->columns[t->quasi[q]].rows;

		s->code[q] = mem_array(c.n, sizeof(**s->code));
		s->there[q] = mem_array(c.n, sizeof(**s->there));
		if (s->code[q] == NULL || s->there[q] == NULL)
			return fault_memory(f);
		for (size_t b = 0; b < c.n; b++)
			s->code[q][b] = rows[s->g.first[b]];
	}
	return 0;
}

/* Units: rows of one base class, one person and the same values. */
static int
fold_units(struct risk_nodes *s, const uint32_t *base, struct risk_classes *c,
    struct fault *f)
{
	const struct risk_lattice *x = s->x;
	struct risk_digit digits[RISK_SENSITIVE_MAX + 2];
	size_t nd = 0;

	digits[nd++] = (struct risk_digit){ base, NULL, s->nbase };
	if (x->repeated)
		digits[nd++] = (struct risk_digit){ x->t->person, NULL,
			x->t->people.count };
	for (size_t i = 0; i < s->u.nvalue; i++)
		digits[nd++] = (struct risk_digit){ x->ranks[i].row, NULL,
			x->ranks[i].nvalues };
	return risk_group(&s->g, digits, nd, x->t->n, c, f);
}

static int
make_units(struct risk_nodes *s, const uint32_t *base, struct fault *f)
{
	const struct risk_lattice *x = s->x;
	struct risk_classes c = { mem_array(x->t->n, sizeof(*c.of)), 0 };
	int rc = -1;

	if (c.of == NULL)
		return fault_memory(f);
	if (risk_asks_values(&s->goal->want))
		s->u.nvalue = x->t->nsensitive;
	if (fold_units(s, base, &c, f) != 0)
		goto out;
	s->u.n = c.n;
	s->weight = mem_array(c.n, sizeof(*s->weight));
	s->base = mem_array(c.n, sizeof(*s->base));
	s->of_unit = mem_array(c.n, sizeof(*s->of_unit));
	s->person = mem_array(x->repeated ? c.n : 0, sizeof(*s->person));
	if (s->weight == NULL || s->base == NULL || s->of_unit == NULL ||
	    s->person == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t i = 0; i < x->t->n; i++)
		s->weight[c.of[i]]++;
	for (size_t i = 0; i < c.n; i++) {
		s->base[i] = base[s->g.first[i]];
		if (x->repeated)
			s->person[i] = x->t->person[s->g.first[i]];
	}
	s->u.weight = s->weight;
	s->u.person = x->repeated ? s->person : NULL;
	s->u.npersons = x->t->people.count;
	for (size_t k = 0; k < s->u.nvalue; k++) {
		s->value[k] = mem_array(c.n, sizeof(**s->value));
		if (s->value[k] == NULL) {
			(void)fault_memory(f);
			goto out;
		}
		for (size_t i = 0; i < c.n; i++)
			s->value[k][i] = x->ranks[k].row[s->g.first[i]];
		if (risk_sort_by(&s->by_value[k], s->value[k], c.n,
			x->ranks[k].nvalues, f) != 0)
			goto out;
		s->u.value[k] = s->value[k];
		s->u.by_value[k] = s->by_value[k];
	}
	rc = 0;
out:
	mem_free(c.of);
	return rc;
}

/* Memory for kept nodes; the first is the base, and stays. */
static int
make_kept(struct risk_nodes *s, struct fault *f)
{
	size_t fit = KEPT_BYTES / (2 * sizeof(uint32_t) * s->nbase);

	s->step = mem_array(s->nbase, sizeof(*s->step));
	if (s->step == NULL)
		return fault_memory(f);
	fit = fit > KEPT_MAX ? KEPT_MAX : fit < 3 ? 3 : fit;
	for (size_t i = 0; i < fit; i++) {
		struct kept *k = &s->kept[s->nkept++];

		k->rep = mem_array(s->nbase, sizeof(*k->rep));
		k->of = mem_array(s->nbase, sizeof(*k->of));
		if (k->rep == NULL || k->of == NULL)
			return fault_memory(f);
	}
	memcpy(s->kept[0].levels, s->goal->lowest, RISK_QUASI_MAX);
	s->kept[0].n = s->nbase;
	for (uint32_t b = 0; b < s->nbase; b++)
		s->kept[0].rep[b] = s->kept[0].of[b] = b;
	return 0;
}

int
risk_nodes_new(struct risk_nodes **out, const struct risk_lattice *x,
    const struct risk_goal *goal, struct fault *f)
{
	struct risk_nodes *s;
	uint32_t *base = NULL;
	int rc = -1;

	*out = NULL;
	if ((s = mem_new(sizeof(*s))) == NULL)
		return fault_memory(f);
	s->x = x;
	s->goal = goal;
	s->may_suppress = risk_may_suppress(&goal->want, x->t->n);
	risk_grouper_init(&s->g);
	if (fold_rows(s, &base, f) != 0 || make_units(s, base, f) != 0 ||
	    make_kept(s, f) != 0)
		goto out;
	*out = s;
	s = NULL; /* the caller's from here */
	rc = 0;
out:
	mem_free(base);
	risk_nodes_free(s);
	return rc;
}

void
risk_nodes_free(struct risk_nodes *s)
{
	if (s == NULL)
		return;
	for (size_t q = 0; q < RISK_QUASI_MAX; q++) {
		mem_free(s->code[q]);
		mem_free(s->there[q]);
	}
	for (size_t k = 0; k < RISK_SENSITIVE_MAX; k++) {
		mem_free(s->value[k]);
		mem_free(s->by_value[k]);
	}
	for (size_t i = 0; i < s->nkept; i++) {
		mem_free(s->kept[i].rep);
		mem_free(s->kept[i].of);
	}
	mem_free(s->base);
	mem_free(s->weight);
	mem_free(s->person);
	mem_free(s->step);
	mem_free(s->of_unit);
	risk_grouper_free(&s->g);
	risk_verdict_free(&s->v);
	mem_free(s);
}

static bool
finer(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t q = 0; q < n; q++)
		if (a[q] > b[q])
			return false;
	return true;
}

/* The kept node to start from, and the one to give up for the new one. */
static void
choose(struct risk_nodes *s, const uint8_t *levels, struct kept **from,
    struct kept **to)
{
	*from = &s->kept[0];
	*to = NULL;
	for (size_t i = 1; i < s->nkept; i++) {
		struct kept *k = &s->kept[i];

		if (k->n > 0 && k->n < (*from)->n &&
		    finer(k->levels, levels, s->x->t->nquasi))
			*from = k;
	}
	(*from)->since = ++s->now;
	for (size_t i = 1; i < s->nkept; i++) {
		struct kept *k = &s->kept[i];

		if (k != *from && (*to == NULL || k->since < (*to)->since))
			*to = k;
	}
}

/* The classes of a node, from those of a finer one. */
static int
coarsen(struct risk_nodes *s, const struct kept *from, struct kept *to,
    const uint8_t *levels, struct fault *f)
{
	const struct risk_lattice *x = s->x;
	struct risk_digit digits[RISK_QUASI_MAX];
	struct risk_classes c = { s->step, 0 };
	size_t nd = 0;

	to->n = 0;
	for (size_t q = 0; q < x->t->nquasi; q++) {
		const struct risk_rung *r = &x->quasi[q].rungs[levels[q]];

		if (r->ncodes == 1)
			continue;
		for (size_t i = 0; i < from->n; i++)
			s->there[q][i] = s->code[q][from->rep[i]];
		digits[nd++] =
		    (struct risk_digit){ s->there[q], r->up, r->ncodes };
	}
	if (risk_group(&s->g, digits, nd, from->n, &c, f) != 0)
		return -1;
	for (size_t i = 0; i < c.n; i++)
		to->rep[i] = from->rep[s->g.first[i]];
	for (size_t b = 0; b < s->nbase; b++)
		to->of[b] = s->step[from->of[b]];
	memcpy(to->levels, levels, x->t->nquasi);
	to->since = ++s->now;
	to->n = c.n;
	return 0;
}

/* Which failures of a class say that its finer parts fail as well. */
static unsigned
monotone_fails(const struct risk_nodes *s)
{
	if (s->x->repeated)
		return RISK_FAILS_K;
	return s->may_suppress == 0 ? ~0u : RISK_FAILS_K | RISK_FAILS_DISTINCT;
}

static void
weigh(const struct risk_nodes *s, const struct kept *node,
    struct risk_outcome *out)
{
	const struct risk_lattice *x = s->x;
	unsigned monotone = monotone_fails(s);
	uint64_t lost = 0;
	double rest[RISK_METRICS], all = (double)x->t->n;
	uint32_t code[RISK_QUASI_MAX];

	*out = (struct risk_outcome){ 0 };
	risk_loss_base(out->loss, x, node->levels);
	for (size_t k = 0; k < node->n; k++) {
		double n = (double)s->v.rows[k];

		out->discernibility_bound += n * n / (all * all);
		if (s->v.fails[k] == 0) {
			out->loss[RISK_DISCERNIBILITY] += n * n;
			continue;
		}
		for (size_t q = 0; q < x->t->nquasi; q++)
			code[q] = s->code[q][node->rep[k]];
		risk_loss_rest(rest, x, node->levels, code);
		out->loss[RISK_GRANULARITY] += n * rest[RISK_GRANULARITY];
		out->loss[RISK_ENTROPY] += n * rest[RISK_ENTROPY];
		out->loss[RISK_DISCERNIBILITY] += n * all;
		out->suppressed += s->v.rows[k];
		if ((s->v.fails[k] & monotone) != 0)
			lost += s->v.rows[k];
	}
	risk_loss_scale(out->loss, x);
	out->hopeless = lost > s->may_suppress;
	out->met =
	    out->suppressed <= s->may_suppress && out->suppressed < x->t->n;
}

int
risk_nodes_look(struct risk_nodes *s, const uint8_t *levels,
    struct risk_outcome *out, struct fault *f)
{
	struct risk_classes c = { s->of_unit, 0 };
	struct kept *from, *to;

	choose(s, levels, &from, &to);
	if (coarsen(s, from, to, levels, f) != 0)
		return -1;
	for (size_t i = 0; i < s->u.n; i++)
		s->of_unit[i] = to->of[s->base[i]];
	c.n = to->n;
	if (risk_judge(&s->v, s->x, &s->u, &c, &s->goal->want, f) != 0)
		return -1;
	weigh(s, to, out);
	return 0;
}
