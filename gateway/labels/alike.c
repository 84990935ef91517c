/*
 * How alike two answers on one item are: the measure under both the golden
 * score and the agreement of annotators.  labels.h defines it.
 */

#include <math.h>
#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/mem.h"

/* Above this on both sides, boxes are paired in turn: the assignment takes
 * rows^2 x columns steps, and strangers choose both. */
#define ASSIGN_MAX 500u

/* Steps, of about a nanosecond, that a pair of answers takes before a box is
 * compared: two lists made; and each part in them, copied and sorted. */
#define PAIR_STEPS 256u
#define PART_STEPS 16u

/*
 * The Hungarian method with potentials, one row at a time along a shortest
 * augmenting path: rows^2 x columns steps (E. L. Lawler, "Combinatorial
 * Optimization", 1976, chapter 5).  Row 0 and column 0 stand for "none".
 */
struct assignment {
	double *row_price, *column_price, *slack;
	size_t *row_of, *from;
	bool *done;
};

static void
augment(struct assignment *s, const double *gain, size_t row, size_t columns)
{
	size_t at = 0;

	s->row_of[0] = row;
	for (size_t c = 0; c <= columns; c++) {
		s->slack[c] = INFINITY;
		s->done[c] = false;
	}
	do {
		size_t r = s->row_of[at], next = 0;
		double least = INFINITY;

		s->done[at] = true;
		for (size_t c = 1; c <= columns; c++) {
			double cost;

			if (s->done[c])
				continue;
			cost = -gain[(r - 1) * columns + c - 1] -
			       s->row_price[r] - s->column_price[c];
			if (cost < s->slack[c]) {
				s->slack[c] = cost;
				s->from[c] = at;
			}
			if (s->slack[c] < least) {
				least = s->slack[c];
				next = c;
			}
		}
		for (size_t c = 0; c <= columns; c++) {
			if (s->done[c]) {
				s->row_price[s->row_of[c]] += least;
				s->column_price[c] -= least;
			} else {
				s->slack[c] -= least;
			}
		}
		at = next;
	} while (s->row_of[at] != 0);
	while (at != 0) {
		s->row_of[at] = s->row_of[s->from[at]];
		at = s->from[at];
	}
}

int
labels_assign(const double *gain, size_t rows, size_t columns, size_t *pair,
    struct fault *f)
{
	struct assignment s = { 0 };
	int rc = -1;

	must(rows <= columns);
	s.row_price = mem_array(rows + 1, sizeof(*s.row_price));
	s.column_price = mem_array(columns + 1, sizeof(*s.column_price));
	s.slack = mem_array(columns + 1, sizeof(*s.slack));
	s.row_of = mem_array(columns + 1, sizeof(*s.row_of));
	s.from = mem_array(columns + 1, sizeof(*s.from));
	s.done = mem_array(columns + 1, sizeof(*s.done));
	if (s.row_price == NULL || s.column_price == NULL || s.slack == NULL ||
	    s.row_of == NULL || s.from == NULL || s.done == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t r = 1; r <= rows; r++)
		augment(&s, gain, r, columns);
	for (size_t c = 1; c <= columns; c++)
		if (s.row_of[c] != 0)
			pair[s.row_of[c] - 1] = c - 1;
	rc = 0;
out:
	mem_free(s.row_price);
	mem_free(s.column_price);
	mem_free(s.slack);
	mem_free(s.row_of);
	mem_free(s.from);
	mem_free(s.done);
	return rc;
}

static double
side(int64_t at, int64_t length, int64_t other_at, int64_t other_length)
{
	int64_t low = at > other_at ? at : other_at;
	int64_t high = at + length < other_at + other_length
			   ? at + length
			   : other_at + other_length;

	return high > low ? (double)(high - low) : 0;
}

static double
iou(const struct labels_box *a, const struct labels_box *b)
{
	double both =
	    side(a->x, a->w, b->x, b->w) * side(a->y, a->h, b->y, b->h);

	return both == 0 ? 0
			 : both / ((double)a->w * (double)a->h +
				      (double)b->w * (double)b->h - both);
}

static int
by_class(const void *a, const void *b)
{
	const struct labels_box *x = a, *y = b;

	return x->class < y->class ? -1 : x->class > y->class;
}

/* The parts that take part, by class: boxes without crowds, spans as boxes of
 * height 1.  The caller frees; NULL without memory. */
static struct labels_box *
sorted(const struct labels_answer *a, const uint32_t *class_map, size_t *n)
{
	struct labels_box *list = mem_array(a->nparts, sizeof(*list));

	*n = 0;
	for (uint32_t i = 0; list != NULL && i < a->nparts; i++) {
		struct labels_box b = { .h = 1 };

		if (a->boxes != NULL) {
			b = a->boxes[i];
		} else {
			b.class = a->spans[i].class;
			b.x = (int64_t)a->spans[i].start;
			b.w = (int64_t)(a->spans[i].end - a->spans[i].start);
		}
		if (class_map != NULL)
			b.class = class_map[b.class];
		if (!b.crowd)
			list[(*n)++] = b;
	}
	if (*n > 1)
		qsort(list, *n, sizeof(*list), by_class);
	return list;
}

/* What the pairs of all classes come to. */
struct sum {
	double iou;
	size_t pairs;
};

/* Take steps from the allowance. */
static int
spend(struct labels_compare *c, uint64_t a, uint64_t b, struct fault *f)
{
	uint64_t steps = a * b + 1;

	if (steps > LABELS_WORK_MAX - c->work)
		return fault_set(f, FAULT_INPUT, "too much to compare");
	c->work += steps;
	return 0;
}

static int
pair_in_turn(const struct labels_box *few, size_t nfew,
    const struct labels_box *many, size_t nmany, struct sum *sum,
    struct fault *f)
{
	bool *taken = mem_array(nmany, sizeof(*taken));

	if (taken == NULL)
		return fault_memory(f);
	for (size_t r = 0; r < nfew; r++) {
		double best = 0;
		size_t at = 0;

		for (size_t c = 0; c < nmany; c++) {
			double v = taken[c] ? 0 : iou(&few[r], &many[c]);

			if (v > best) {
				best = v;
				at = c;
			}
		}
		if (best > 0) {
			taken[at] = true;
			sum->iou += best;
			sum->pairs++;
		}
	}
	mem_free(taken);
	return 0;
}

static int
pair_best(const struct labels_box *few, size_t nfew,
    const struct labels_box *many, size_t nmany, struct sum *sum,
    struct fault *f)
{
	double *gain = mem_array(nfew * nmany, sizeof(*gain));
	size_t *pair = mem_array(nfew, sizeof(*pair));
	int rc = -1;

	if (gain == NULL || pair == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t r = 0; r < nfew; r++)
		for (size_t c = 0; c < nmany; c++)
			gain[r * nmany + c] = iou(&few[r], &many[c]);
	if (labels_assign(gain, nfew, nmany, pair, f) != 0)
		goto out;
	for (size_t r = 0; r < nfew; r++) {
		double v = gain[r * nmany + pair[r]];

		sum->iou += v;
		sum->pairs += v > 0;
	}
	rc = 0;
out:
	mem_free(gain);
	mem_free(pair);
	return rc;
}

/* A run of boxes of one class. */
struct run {
	const struct labels_box *at;
	size_t n;
};

static struct run
run_of(
    const struct labels_box *at, const struct labels_box *end, uint32_t class)
{
	struct run r = { at, 0 };

	while (at + r.n != end && at[r.n].class == class)
		r.n++;
	return r;
}

static int
pair_class(struct labels_compare *c, struct run a, struct run b,
    struct sum *sum, struct fault *f)
{
	if (a.n > b.n)
		return pair_class(c, b, a, sum, f);
	if (a.n == 0)
		return 0;
	if (a.n > ASSIGN_MAX)
		return spend(c, a.n, b.n, f) != 0
			   ? -1
			   : pair_in_turn(a.at, a.n, b.at, b.n, sum, f);
	return spend(c, (uint64_t)a.n * a.n, b.n, f) != 0
		   ? -1
		   : pair_best(a.at, a.n, b.at, b.n, sum, f);
}

static int
boxes_alike(struct labels_compare *c, const struct labels_answer *a,
    const struct labels_answer *b, double *out, struct fault *f)
{
	size_t na, nb, i = 0, k = 0;
	struct labels_box *x, *y;
	struct sum sum = { 0 };
	int rc = -1;

	if (spend(c, PART_STEPS, (uint64_t)a->nparts + b->nparts, f) != 0 ||
	    spend(c, PAIR_STEPS, 1, f) != 0)
		return -1;
	x = sorted(a, NULL, &na);
	y = sorted(b, c->class_map, &nb);
	if (x == NULL || y == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	while (i < na && k < nb) {
		uint32_t class =
		    x[i].class < y[k].class ? x[i].class : y[k].class;
		struct run p = run_of(x + i, x + na, class);
		struct run q = run_of(y + k, y + nb, class);

		i += p.n;
		k += q.n;
		if (pair_class(c, p, q, &sum, f) != 0)
			goto out;
	}
	*out = na + nb == 0 ? 1 : sum.iou / (double)(na + nb - sum.pairs);
	rc = 0;
out:
	mem_free(x);
	mem_free(y);
	return rc;
}

static int
compare_places(const struct labels_span *x, const struct labels_span *y)
{
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

/* Both lists are in the order of their places (judge.c); spans of one place
 * differ in class. */
static int
spans_alike(struct labels_compare *c, const struct labels_answer *a,
    const struct labels_answer *b, double *out, struct fault *f)
{
	size_t same = 0, from = 0;

	if (a->nparts + b->nparts == 0) {
		*out = 1;
		return 0;
	}
	if (spend(c, (uint64_t)a->nparts + b->nparts, 1, f) != 0)
		return -1;
	for (uint32_t i = 0; i < b->nparts; i++) {
		const struct labels_span *s = &b->spans[i];
		uint32_t class =
		    c->class_map == NULL ? s->class : c->class_map[s->class];
		size_t k;

		while (
		    from < a->nparts && compare_places(&a->spans[from], s) < 0)
			from++;
		for (k = from;
		     k < a->nparts && compare_places(&a->spans[k], s) == 0; k++)
			same += a->spans[k].class == class;
		if (spend(c, k - from, 1, f) != 0)
			return -1;
	}
	*out = 2 * (double)same / ((double)a->nparts + (double)b->nparts);
	return 0;
}

bool
labels_takes_part(const struct labels_answer *a)
{
	if (a->boxes == NULL)
		return a->nparts > 0;
	for (uint32_t i = 0; i < a->nparts; i++)
		if (!a->boxes[i].crowd)
			return true;
	return false;
}

int
labels_alike(struct labels_compare *c, const struct labels_answer *a,
    const struct labels_answer *b, double *out, struct fault *f)
{
	if (spend(c, 1, 1, f) != 0)
		return -1;
	if (c->metric == LABELS_MEAN_IOU)
		return boxes_alike(c, a, b, out, f);
	if (c->metric == LABELS_SPAN_F1)
		return spans_alike(c, a, b, out, f);
	if (a->state != b->state || a->state == LABELS_EMPTY) {
		*out = a->state == b->state;
	} else if (a->spans != NULL) {
		if (spans_alike(c, a, b, out, f) != 0)
			return -1;
		*out = *out == 1;
	} else {
		*out =
		    a->class ==
		    (c->class_map == NULL ? b->class : c->class_map[b->class]);
	}
	return 0;
}
