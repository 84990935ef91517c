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

/* Add the pairs of one class, few and many boxes of it: their number and the
 * sum of their IoU. */
struct sum {
	double iou;
	size_t pairs;
};

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

static int
pair_class(const struct labels_box *a, size_t na, const struct labels_box *b,
    size_t nb, struct sum *sum, struct fault *f)
{
	if (na == 0 || nb == 0)
		return 0;
	if (na > nb)
		return pair_class(b, nb, a, na, sum, f);
	if (na > ASSIGN_MAX)
		return pair_in_turn(a, na, b, nb, sum, f);
	return pair_best(a, na, b, nb, sum, f);
}

static int
boxes_alike(const struct labels_answer *a, const struct labels_answer *b,
    const uint32_t *class_map, double *out, struct fault *f)
{
	size_t na, nb, i = 0, k = 0;
	struct labels_box *x = sorted(a, NULL, &na);
	struct labels_box *y = sorted(b, class_map, &nb);
	struct sum sum = { 0 };
	int rc = -1;

	if (x == NULL || y == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	while (i < na && k < nb) {
		size_t i0 = i, k0 = k;
		uint32_t class =
		    x[i].class < y[k].class ? x[i].class : y[k].class;

		while (i < na && x[i].class == class)
			i++;
		while (k < nb && y[k].class == class)
			k++;
		if (pair_class(x + i0, i - i0, y + k0, k - k0, &sum, f) != 0)
			goto out;
	}
	*out = na + nb == 0 ? 1 : sum.iou / (double)(na + nb - sum.pairs);
	rc = 0;
out:
	mem_free(x);
	mem_free(y);
	return rc;
}

static double
spans_alike(const struct labels_answer *a, const struct labels_answer *b,
    const uint32_t *class_map)
{
	size_t same = 0;

	if (a->nparts + b->nparts == 0)
		return 1;
	for (uint32_t i = 0; i < b->nparts; i++) {
		const struct labels_span *s = &b->spans[i];
		uint32_t class =
		    class_map == NULL ? s->class : class_map[s->class];

		for (uint32_t k = 0; k < a->nparts; k++)
			if (a->spans[k].start == s->start &&
			    a->spans[k].end == s->end &&
			    a->spans[k].class == class)
				same++;
	}
	return 2 * (double)same / ((double)a->nparts + (double)b->nparts);
}

int
labels_alike(enum labels_metric metric, const struct labels_answer *a,
    const struct labels_answer *b, const uint32_t *class_map, double *out,
    struct fault *f)
{
	if (metric == LABELS_MEAN_IOU)
		return boxes_alike(a, b, class_map, out, f);
	if (metric == LABELS_SPAN_F1) {
		*out = spans_alike(a, b, class_map);
		return 0;
	}
	if (a->state != b->state || a->state == LABELS_EMPTY)
		*out = a->state == b->state;
	else if (a->spans != NULL)
		*out = spans_alike(a, b, class_map) == 1;
	else
		*out = a->class ==
		       (class_map == NULL ? b->class : class_map[b->class]);
	return 0;
}
