/*
 * policy/risk against an implementation that is plainly right and slow: every
 * class compared pair by pair, every distance by its definition, every level
 * vector tried.
 */

#include "tests/policy/risk_tables.h"

#include <math.h>
#include <stdio.h>

#include "keys/base/secret.h"

#define ROWS 40
#define QUASI 3
#define VALUES 4 /* sensitive: "0" ... "3" */
#define TABLES TEST_SIZE(60, 12)

/* Quasi-identifier q has values 0 ... 7; at level l they are v >> l, and the
 * last level is "*". */
static const unsigned tops[QUASI] = { 3, 2, 1 };

struct made {
	unsigned n, people;
	bool subjects, ordered;
	unsigned quasi[ROWS][QUASI], value[ROWS], person[ROWS];
	struct risk_table *t;
	struct risk_lattice *x;
};

/* A generator of our own, so that a failure comes again (xorshift64). */
static uint64_t
draw(uint64_t below)
{
	static uint64_t s = 88172645463325252u;

	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	return (s >> 11) % below;
}

static unsigned
up(size_t q, unsigned v, unsigned level)
{
	return level == tops[q] ? 0 : v >> level;
}

static struct risk_hierarchy *
make_hierarchy(size_t q)
{
	char text[512] = "";

	for (unsigned v = 0; v < 8; v++) {
		char *end = text + strlen(text);

		end += sprintf(end, "%u", v);
		for (unsigned l = 1; l < tops[q]; l++)
			end += sprintf(end, ";l%u-%u", l, v >> l);
		(void)sprintf(end, ";*\n");
	}
	return hierarchy_of(text);
}

static void
make(struct made *m)
{
	struct risk_column c[] = { { "a", RISK_QUASI, RISK_EQUAL },
		{ "b", RISK_QUASI, RISK_EQUAL },
		{ "c", RISK_QUASI, RISK_EQUAL },
		{ "s", RISK_SENSITIVE, RISK_EQUAL } };
	struct risk_hierarchy *h[QUASI];
	struct fault f = { 0 };
	uint64_t spread = 2 + draw(7);

	m->n = (unsigned)(VALUES + draw(ROWS - VALUES));
	m->subjects = draw(2) == 0;
	m->ordered = draw(2) == 0;
	m->people = draw(2) == 0 ? 1000 : 1 + (unsigned)draw(m->n);
	c[3].distance = m->ordered ? RISK_ORDERED : RISK_EQUAL;
	assert_ok(risk_table_new(&m->t, c, 4, m->subjects, 0, &f));
	for (unsigned i = 0; i < m->n; i++) {
		char text[QUASI + 2][12];
		struct slice s[QUASI + 2];

		for (size_t q = 0; q < QUASI; q++)
			m->quasi[i][q] =
			    (unsigned)draw(spread < 8 ? spread : 8);
		/* codes come in the order of the numbers */
		m->value[i] =
		    i < VALUES ? i : (unsigned)(draw(VALUES) * draw(2));
		m->person[i] = m->subjects ? (unsigned)draw(m->people) : i;
		for (size_t q = 0; q < QUASI + 2; q++) {
			(void)sprintf(text[q], "%u",
			    q < QUASI	 ? m->quasi[i][q]
			    : q == QUASI ? m->value[i]
					 : m->person[i]);
			s[q] = slice_of_text(text[q]);
		}
		assert_ok(risk_table_add(m->t, i + 1, &s[QUASI + 1], s, &f));
	}
	for (size_t q = 0; q < QUASI; q++)
		h[q] = make_hierarchy(q);
	assert_ok(risk_lattice_new(
	    &m->x, m->t, (const struct risk_hierarchy *const *)h, &f));
	for (size_t q = 0; q < QUASI; q++)
		risk_hierarchy_free(h[q]);
}

static void
unmake(struct made *m)
{
	risk_lattice_free(m->x);
	risk_table_free(m->t);
}

static bool
alike(const struct made *m, unsigned i, unsigned k, const uint8_t *levels)
{
	for (size_t q = 0; q < QUASI; q++)
		if (up(q, m->quasi[i][q], levels[q]) !=
		    up(q, m->quasi[k][q], levels[q]))
			return false;
	return true;
}

/* Shares of values among the rows in set, each person once; persons there. */
static unsigned
shares(const struct made *m, const bool *in, double p[VALUES])
{
	unsigned have[VALUES] = { 0 }, persons = 0;
	unsigned count[VALUES] = { 0 };

	for (unsigned v = 0; v < VALUES; v++)
		for (unsigned i = 0; i < m->n; i++) {
			bool again = !in[i] || m->value[i] != v;

			for (unsigned k = 0; k < i && !again; k++)
				again = in[k] && m->value[k] == v &&
					m->person[k] == m->person[i];
			have[v] += !again;
		}
	for (unsigned i = 0; i < m->n; i++) {
		unsigned best = m->value[i];
		bool again = !in[i];

		for (unsigned k = 0; k < i && !again; k++)
			again = in[k] && m->person[k] == m->person[i];
		if (again)
			continue;
		persons++;
		for (unsigned k = 0; k < m->n; k++)
			if (in[k] && m->person[k] == m->person[i] &&
			    (have[m->value[k]] > have[best] ||
				(have[m->value[k]] == have[best] &&
				    m->value[k] < best)))
				best = m->value[k];
		count[best]++;
	}
	for (unsigned v = 0; v < VALUES; v++)
		p[v] = (double)count[v] / persons;
	return persons;
}

static double
distance(const struct made *m, const double p[VALUES], const double q[VALUES])
{
	double sum = 0, running = 0;

	for (unsigned v = 0; v < VALUES; v++) {
		running += p[v] - q[v];
		sum += m->ordered ? fabs(running) / (VALUES - 1)
				  : fabs(p[v] - q[v]) / 2;
	}
	return sum;
}

static double
ratio(const double p[VALUES], unsigned l)
{
	double s[VALUES], tail = 0;

	memcpy(s, p, sizeof(s));
	for (unsigned i = 0; i < VALUES; i++)
		for (unsigned k = i + 1; k < VALUES; k++)
			if (s[k] > s[i]) {
				double swap = s[i];

				s[i] = s[k];
				s[k] = swap;
			}
	for (unsigned i = l - 1; i < VALUES; i++)
		tail += s[i];
	return tail > 0 ? s[0] / tail : INFINITY;
}

struct plain {
	uint64_t k, classes, failing, suppressed;
	unsigned distinct;
	double entropy, recursive, closeness;
	double loss[RISK_METRICS];
	bool met;
};

/* What row i loses at these levels, or if it is left out. */
static void
lose(const struct made *m, unsigned i, const uint8_t *levels, bool out,
    double loss[RISK_METRICS])
{
	for (size_t q = 0; q < QUASI; q++) {
		unsigned level = out ? tops[q] : levels[q], leaves = 0;
		unsigned finest = 0, coarse = 0;

		for (unsigned v = 0; v < 8; v++)
			leaves +=
			    up(q, v, level) == up(q, m->quasi[i][q], level);
		for (unsigned k = 0; k < m->n; k++) {
			finest += m->quasi[k][q] == m->quasi[i][q];
			coarse += up(q, m->quasi[k][q], level) ==
				  up(q, m->quasi[i][q], level);
		}
		loss[RISK_GRANULARITY] += (leaves - 1) / 7.0;
		/* row i is one of both */
		/* cppcheck-suppress invalidFunctionArg */
		loss[RISK_ENTROPY] += log(coarse) - log(finest);
	}
}

static void
measure_plainly(struct plain *r, const struct made *m, const uint8_t *levels,
    const struct risk_thresholds *w)
{
	double q[VALUES], most[RISK_METRICS] = { 0 };
	bool all[ROWS];

	*r = (struct plain){ .k = UINT64_MAX, .distinct = 99, .entropy = 99 };
	memset(all, 1, sizeof(all));
	(void)shares(m, all, q);
	for (unsigned i = 0; i < m->n; i++) {
		bool in[ROWS] = { false }, first = true, fails;
		double p[VALUES], entropy = 0, d, c;
		unsigned rows = 0, distinct = 0;
		uint64_t persons;

		for (unsigned k = 0; k < m->n; k++) {
			in[k] = alike(m, i, k, levels);
			rows += in[k];
			first = first && (!in[k] || k >= i);
		}
		persons = shares(m, in, p);
		for (unsigned v = 0; v < VALUES; v++) {
			distinct += p[v] > 0;
			entropy -= p[v] > 0 ? p[v] * log(p[v]) : 0;
		}
		entropy = exp(entropy);
		d = distance(m, p, q);
		c = ratio(p, w->recursive_l > 0 ? w->recursive_l : 2);
		fails = persons < w->k || distinct < w->l_distinct ||
			entropy < w->l_entropy - 1e-9 ||
			(w->recursive_l > 0 && !(c < w->recursive_c)) ||
			(w->t > 0 && d > w->t + 1e-9);
		lose(m, i, levels, fails, r->loss);
		lose(m, i, levels, true, most);
		r->loss[RISK_DISCERNIBILITY] += fails ? m->n : rows;
		r->suppressed += fails;
		if (!first)
			continue;
		r->classes++;
		r->failing += fails;
		r->k = persons < r->k ? persons : r->k;
		r->distinct = distinct < r->distinct ? distinct : r->distinct;
		r->entropy = entropy < r->entropy ? entropy : r->entropy;
		r->recursive = c > r->recursive ? c : r->recursive;
		r->closeness = d > r->closeness ? d : r->closeness;
	}
	r->loss[RISK_GRANULARITY] /= m->n * QUASI;
	r->loss[RISK_DISCERNIBILITY] /= (double)m->n * m->n;
	r->loss[RISK_ENTROPY] = most[RISK_ENTROPY] > 0
				    ? r->loss[RISK_ENTROPY] / most[RISK_ENTROPY]
				    : 0;
	r->met = r->suppressed <= w->suppress_rows && r->suppressed < m->n;
}

static void
draw_thresholds(struct risk_thresholds *w, unsigned n)
{
	*w = (struct risk_thresholds){ 0 };
	if (draw(3) > 0)
		w->k = (uint32_t)(1 + draw(6));
	if (draw(3) == 0)
		w->l_distinct = (uint32_t)(1 + draw(4));
	if (draw(4) == 0)
		w->l_entropy = 1 + (double)draw(200) / 100;
	if (draw(4) == 0) {
		w->recursive_c = 0.505 + (double)draw(400) / 100;
		w->recursive_l = (uint32_t)(1 + draw(4));
	}
	if (draw(3) == 0)
		w->t = 0.1003 + (double)draw(60) / 100;
	if (draw(2) == 0)
		w->suppress_rows = draw(n / 3 + 1);
}

static bool
next_vector(uint8_t levels[QUASI])
{
	for (size_t q = 0; q < QUASI; q++) {
		if (levels[q]++ < tops[q])
			return true;
		levels[q] = 0;
	}
	return false;
}

static void
figures_are_those_of_the_definitions(void **state)
{
	(void)state;
	for (int round = 0; round < TABLES; round++) {
		uint8_t levels[QUASI] = { 0 };
		struct risk_thresholds want;
		struct made m;

		make(&m);
		draw_thresholds(&want, m.n);
		do {
			struct fault f = { 0 };
			struct risk_report r;
			struct plain p;

			measure_plainly(&p, &m, levels, &want);
			assert_ok(risk_measure(&r, m.x, levels, &want, &f));
			assert_int_equal(r.k, p.k);
			assert_int_equal(r.classes, p.classes);
			assert_int_equal(r.failing, p.failing);
			assert_int_equal(r.nsuppress, p.suppressed);
			assert_int_equal(r.met, p.met);
			assert_int_equal(r.spread[0].distinct, p.distinct);
			assert_near(r.spread[0].entropy, p.entropy);
			assert_near(r.spread[0].closeness, p.closeness);
			if (isinf(p.recursive))
				assert_true(isinf(r.spread[0].recursive));
			else
				assert_near(r.spread[0].recursive, p.recursive);
			for (int i = 0; i < RISK_METRICS; i++)
				assert_near(r.loss[i], p.loss[i]);
			risk_report_free(&r);
		} while (next_vector(levels));
		unmake(&m);
	}
}

static void
the_optimum_is_that_of_trying_everything(void **state)
{
	unsigned found = 0, refused = 0;

	(void)state;
	for (int round = 0; round < 20 * TABLES; round++) {
		struct risk_goal goal = { .metric =
					      (enum risk_metric)(round % 3) };
		uint8_t levels[QUASI] = { 0 };
		struct risk_choice c;
		struct fault f = { 0 };
		double best = INFINITY;
		struct plain p;
		struct made m;

		make(&m);
		draw_thresholds(&goal.want, m.n);
		do {
			measure_plainly(&p, &m, levels, &goal.want);
			if (p.met && p.loss[goal.metric] < best)
				best = p.loss[goal.metric];
		} while (next_vector(levels));
		if (isinf(best)) {
			assert_refused(
			    risk_search(&c, m.x, &goal, &f), FAULT_POLICY);
			refused++;
		} else {
			assert_ok(risk_search(&c, m.x, &goal, &f));
			assert_true(c.exact);
			assert_int_equal(c.nodes, 4 * 3 * 2);
			assert_near(c.loss[goal.metric], best);
			measure_plainly(&p, &m, c.levels, &goal.want);
			assert_true(p.met);
			assert_int_equal(p.suppressed, c.suppressed);
			for (int i = 0; i < RISK_METRICS; i++)
				assert_near(c.loss[i], p.loss[i]);
			found++;
		}
		unmake(&m);
	}
	/* both happened, often */
	assert_true(found > 5 * TABLES && refused > TABLES);
}

static int
start(void **state)
{
	struct fault f = { 0 };

	(void)state;
	return secret_start(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_those_of_the_definitions),
		cmocka_unit_test(the_optimum_is_that_of_trying_everything),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
