/*
 * All figures of a table at one vector of levels.
 *
 *     rows --> classes --> verdict --> report
 *
 * Not here: what is a class (grouping.c), who is counted (persons.c), when a
 * class fails (judge.c).
 */

#include <stdlib.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/risk/risk_internal.h"

/* Classes so small are counted in an array, larger ones are sorted. */
#define SMALL 4096u

/* What measuring holds on the way. */
struct measuring {
	const struct risk_lattice *x;
	struct risk_grouper g;
	struct risk_classes c;
	struct risk_verdict v;
	uint32_t *joined[RISK_QUASI_MAX]; /* rows' codes, then population's */
	uint64_t *population;		  /* F of each class */
};

static void
measuring_free(struct measuring *m)
{
	risk_grouper_free(&m->g);
	risk_verdict_free(&m->v);
	mem_free(m->c.of);
	mem_free(m->population);
	for (size_t q = 0; q < RISK_QUASI_MAX; q++)
		mem_free(m->joined[q]);
}

/* Rows and population in one run of codes, so that they share classes. */
static int
join_population(
    struct measuring *m, struct risk_digit *digits, size_t n, struct fault *f)
{
	const struct risk_table *t = m->x->t;

	for (size_t d = 0; d < n; d++) {
		const struct risk_coded *c = NULL;

		for (size_t q = 0; q < t->nquasi; q++)
			if (t->columns[t->quasi[q]].rows == digits[d].code)
				c = &t->columns[t->quasi[q]];
		must(c != NULL);
		m->joined[d] =
		    mem_array(t->n + t->npopulation, sizeof(**m->joined));
		if (m->joined[d] == NULL)
			return fault_memory(f);
		memcpy(m->joined[d], c->rows, t->n * sizeof(*c->rows));
		memcpy(m->joined[d] + t->n, c->population,
		    t->npopulation * sizeof(*c->population));
		digits[d].code = m->joined[d];
	}
	return 0;
}

/* Classes are numbered as they appear: rows first, so the population's own
 * classes come behind those of the rows, and are dropped. */
static int
count_population(struct measuring *m, size_t all, struct fault *f)
{
	const struct risk_table *t = m->x->t;
	uint32_t last = 0;

	for (size_t i = 0; i < t->n; i++)
		last = m->c.of[i] > last ? m->c.of[i] : last;
	m->c.n = (size_t)last + 1;
	m->population = mem_array(m->c.n, sizeof(*m->population));
	if (m->population == NULL)
		return fault_memory(f);
	for (size_t i = t->n; i < all; i++) {
		uint64_t *sum;

		if (m->c.of[i] > last)
			continue;
		sum = &m->population[m->c.of[i]];
		if (__builtin_add_overflow(*sum, t->counts[i - t->n], sum))
			*sum = UINT64_MAX;
	}
	return 0;
}

static int
make_classes(struct measuring *m, const uint8_t *levels, struct fault *f)
{
	const struct risk_table *t = m->x->t;
	struct risk_digit digits[RISK_QUASI_MAX];
	size_t nd = risk_digits(digits, m->x, levels);
	size_t all = t->n + t->npopulation;

	if ((m->c.of = mem_array(all, sizeof(*m->c.of))) == NULL)
		return fault_memory(f);
	if (t->npopulation > 0 && join_population(m, digits, nd, f) != 0)
		return -1;
	if (risk_group(&m->g, digits, nd, all, &m->c, f) != 0)
		return -1;
	if (t->npopulation > 0)
		return count_population(m, all, f);
	return 0;
}

/* F of a class. */
static uint64_t
known_persons(const struct measuring *m, size_t k)
{
	uint64_t here = m->v.persons[k];

	return m->population != NULL && m->population[k] > here
		   ? m->population[k]
		   : here;
}

static void
judge_population(const struct measuring *m, const struct risk_thresholds *want)
{
	for (size_t k = 0; k < m->v.nclasses; k++)
		if (known_persons(m, k) < want->k_population)
			m->v.fails[k] |= RISK_FAILS_POPULATION;
}

static void
report_chances(struct risk_report *r, const struct measuring *m)
{
	struct risk_chances *h = &r->chances;
	uint64_t least = UINT64_MAX;
	double n = 0, known = 0, ratio = 0, back, forth;

	for (size_t k = 0; k < m->v.nclasses; k++) {
		uint64_t here = m->v.persons[k], all = known_persons(m, k);

		least = all < least ? all : least;
		n += (double)here;
		known += (double)all;
		ratio += (double)here / (double)all;
	}
	back = (double)r->classes / known;
	forth = ratio / n;
	h->prosecutor_highest = 1 / (double)r->k;
	h->prosecutor_average = (double)r->classes / n;
	h->journalist_highest = 1 / (double)least;
	h->journalist_average = back > forth ? back : forth;
	h->marketer = forth;
	h->population = m->population != NULL;
	r->uniqueness = (double)r->unique / n;
}

static int
compare(const void *one, const void *two)
{
	uint64_t a, b;

	memcpy(&a, one, sizeof(a));
	memcpy(&b, two, sizeof(b));
	return (a > b) - (a < b);
}

/* Append a size to the histogram, sizes coming in rising order. */
static void
add_size(struct risk_report *r, uint64_t persons, uint64_t classes)
{
	struct risk_size *last =
	    r->nsizes > 0 ? &r->sizes[r->nsizes - 1] : NULL;

	if (last != NULL && last->persons == persons)
		last->classes += classes;
	else
		r->sizes[r->nsizes++] = (struct risk_size){ persons, classes };
}

static int
report_sizes(struct risk_report *r, const struct measuring *m, struct fault *f)
{
	const struct risk_verdict *v = &m->v;
	uint64_t *small = mem_array(SMALL, sizeof(*small)), *large = NULL;
	size_t nsmall = 0, nlarge = 0, at = 0;
	int rc = -1;

	if (small == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t k = 0; k < v->nclasses; k++) {
		if (v->persons[k] >= SMALL)
			nlarge++;
		else
			nsmall += small[v->persons[k]]++ == 0;
	}
	large = mem_array(nlarge, sizeof(*large));
	r->sizes = mem_array(nsmall + nlarge, sizeof(*r->sizes));
	if (large == NULL || r->sizes == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t k = 0; k < v->nclasses; k++)
		if (v->persons[k] >= SMALL)
			large[at++] = v->persons[k];
	qsort(large, nlarge, sizeof(*large), compare);
	for (uint64_t s = 1; s < SMALL; s++)
		if (small[s] > 0)
			add_size(r, s, small[s]);
	for (size_t i = 0; i < nlarge; i++)
		add_size(r, large[i], 1);
	r->classes = v->nclasses;
	r->k = r->sizes[0].persons;
	r->largest = r->sizes[r->nsizes - 1].persons;
	r->unique = small[1];
	rc = 0;
out:
	mem_free(small);
	mem_free(large);
	return rc;
}

/* The failing classes to show, the smallest first. */
static void
show_class(struct risk_report *r, uint32_t *class_shown,
    const struct risk_verdict *v, uint32_t k)
{
	struct risk_class c = { v->rows[k], v->persons[k], v->fails[k], { 0 } };
	size_t at = r->nshown;

	if (r->nshown < RISK_SHOWN_CLASSES)
		r->nshown++;
	else if (r->shown[--at].persons <= c.persons)
		return;
	for (; at > 0 && r->shown[at - 1].persons > c.persons; at--) {
		r->shown[at] = r->shown[at - 1];
		class_shown[at] = class_shown[at - 1];
	}
	r->shown[at] = c;
	class_shown[at] = k;
}

static void
first_rows(struct risk_report *r, const struct measuring *m,
    const uint32_t *class_shown)
{
	const struct risk_table *t = m->x->t;
	size_t have[RISK_SHOWN_CLASSES] = { 0 };

	/* fill is scratch by now: which class is shown where */
	memset(m->v.fill, 0, m->v.nclasses * sizeof(*m->v.fill));
	for (uint32_t i = 0; i < r->nshown; i++)
		m->v.fill[class_shown[i]] = i + 1;
	for (size_t i = 0; i < t->n; i++) {
		uint32_t at = m->v.fill[m->c.of[i]];

		if (at > 0 && have[at - 1] < RISK_SHOWN_ROWS)
			r->shown[at - 1].first[have[at - 1]++] = t->numbers[i];
	}
}

static int
report_failing(struct risk_report *r, const struct measuring *m,
    const struct risk_thresholds *want, struct fault *f)
{
	const struct risk_table *t = m->x->t;
	uint32_t class_shown[RISK_SHOWN_CLASSES];
	uint64_t rows = 0;

	for (uint32_t k = 0; k < m->v.nclasses; k++) {
		if (m->v.fails[k] == 0)
			continue;
		r->failing++;
		rows += m->v.rows[k];
		show_class(r, class_shown, &m->v, k);
	}
	r->met = rows < t->n && rows <= risk_may_suppress(want, t->n);
	if ((r->suppress = mem_array(rows, sizeof(*r->suppress))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < t->n; i++)
		if (m->v.fails[m->c.of[i]] != 0)
			r->suppress[r->nsuppress++] = t->numbers[i];
	qsort(r->suppress, r->nsuppress, sizeof(*r->suppress), compare);
	first_rows(r, m, class_shown);
	return 0;
}

static void
report_loss(
    struct risk_report *r, const struct measuring *m, const uint8_t *levels)
{
	const struct risk_table *t = m->x->t;
	uint32_t code[RISK_QUASI_MAX];
	double rest[RISK_METRICS];

	risk_loss_base(r->loss, m->x, levels);
	for (size_t k = 0; k < m->v.nclasses; k++) {
		double n = (double)m->v.rows[k];

		if (m->v.fails[k] == 0) {
			r->loss[RISK_DISCERNIBILITY] += n * n;
			continue;
		}
		for (size_t q = 0; q < t->nquasi; q++)
			code[q] = t->columns[t->quasi[q]].rows[m->g.first[k]];
		risk_loss_rest(rest, m->x, levels, code);
		r->loss[RISK_GRANULARITY] += n * rest[RISK_GRANULARITY];
		r->loss[RISK_ENTROPY] += n * rest[RISK_ENTROPY];
		r->loss[RISK_DISCERNIBILITY] += n * (double)t->n;
	}
	risk_loss_scale(r->loss, m->x);
}

int
risk_measure(struct risk_report *out, const struct risk_lattice *x,
    const uint8_t *levels, const struct risk_thresholds *want, struct fault *f)
{
	struct measuring m = { .x = x };
	struct risk_report r = { .rows = x->t->n, .persons = x->persons };
	struct risk_units u;
	int rc = -1;

	*out = (struct risk_report){ 0 };
	risk_grouper_init(&m.g);
	risk_units_of_rows(&u, x);
	u.all = true;
	if (risk_thresholds_check(want, f) != 0 ||
	    risk_levels_check(x, levels, f) != 0 ||
	    make_classes(&m, levels, f) != 0)
		goto out;
	mem_free(m.g.keys); /* not needed while judging, and large */
	m.g.keys = NULL;
	if (risk_judge(&m.v, x, &u, &m.c, want, f) != 0 ||
	    report_sizes(&r, &m, f) != 0)
		goto out;
	judge_population(&m, want);
	if (report_failing(&r, &m, want, f) != 0)
		goto out;
	report_chances(&r, &m);
	report_loss(&r, &m, levels);
	r.nspread = u.nvalue;
	memcpy(r.spread, m.v.spread, sizeof(r.spread));
	*out = r;
	r = (struct risk_report){ 0 }; /* the caller's from here */
	rc = 0;
out:
	risk_report_free(&r);
	measuring_free(&m);
	return rc;
}

void
risk_report_free(struct risk_report *r)
{
	if (r == NULL)
		return;
	mem_free(r->sizes);
	mem_free(r->suppress);
	*r = (struct risk_report){ 0 };
}
