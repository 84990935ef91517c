/* The golden score and its interval; labels.h defines both. */

#include <math.h>
#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/mem.h"

/* The 97.5 % quantile of the normal distribution. */
#define Z 1.959963984540054

static const struct {
	const char *name;
	const char *fits;
	enum labels_kind kind, or_kind;
} metrics[] = {
	[LABELS_ACCURACY] = { "accuracy", "class or spans", LABELS_CLASS,
	    LABELS_SPANS },
	[LABELS_MEAN_IOU] = { "mean_iou", "boxes or spans", LABELS_BOXES,
	    LABELS_SPANS },
	[LABELS_SPAN_F1] = { "span_f1", "spans", LABELS_SPANS, LABELS_SPANS },
};

/* A set without an answer fits everything. */
static bool
fits(enum labels_metric metric, enum labels_kind kind)
{
	return kind == LABELS_ANY || kind == metrics[metric].kind ||
	       kind == metrics[metric].or_kind;
}

bool
labels_metric_read(enum labels_metric *out, const char *name)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		if (strcmp(name, metrics[i].name) == 0) {
			*out = (enum labels_metric)i;
			return true;
		}
	return false;
}

const char *
labels_metric_name(enum labels_metric m)
{
	return metrics[m].name;
}

static double
clamp(double v)
{
	return v < 0 ? 0 : v > 1 ? 1 : v;
}

void
labels_wilson(double mean, size_t n, double *low, double *high)
{
	double count = (double)n, centre, half;

	if (n == 0) {
		*low = 0;
		*high = 1;
		return;
	}
	centre = (mean + Z * Z / (2 * count)) / (1 + Z * Z / count);
	half = Z / (1 + Z * Z / count) *
	       sqrt(mean * (1 - mean) / count + Z * Z / (4 * count * count));
	*low = clamp(centre - half);
	*high = clamp(centre + half);
}

/*
 * The regularised incomplete beta function I_x(a, b) by its continued
 * fraction (NIST DLMF 8.17.22), evaluated from the front (Lentz); for
 * x < (a + 1) / (a + b + 2), where it converges fast.
 */
static double
beta_fraction(double x, double a, double b)
{
	const double tiny = 1e-300;
	double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), h = d;

	for (int m = 1; m < 100000; m++) {
		double k = m, step;
		double even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
		double odd = -(a + k) * (a + b + k) * x /
			     ((a + 2 * k) * (a + 2 * k + 1));

		d = 1 + even * d;
		c = 1 + even / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		h *= d * c;
		d = 1 + odd * d;
		c = 1 + odd / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		step = d * c;
		h *= step;
		if (fabs(step - 1) < 1e-15)
			break;
	}
	return h *
	       exp(a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a) -
		   lgamma(b)) /
	       a;
}

static double
incomplete_beta(double x, double a, double b)
{
	if (x <= 0)
		return 0;
	if (x >= 1)
		return 1;
	return x < (a + 1) / (a + b + 2) ? beta_fraction(x, a, b)
					 : 1 - beta_fraction(1 - x, b, a);
}

/* P(|T| > t) = I_{df/(df+t^2)}(df/2, 1/2); halved until it is 5 %. */
double
labels_student(double df)
{
	double low = 0, high = 1;

	must(df > 0);
	while (incomplete_beta(df / (df + high * high), df / 2, 0.5) > 0.05)
		high *= 2;
	for (int i = 0; i < 200 && high - low > 1e-13 * high; i++) {
		double t = (low + high) / 2;

		if (incomplete_beta(df / (df + t * t), df / 2, 0.5) > 0.05)
			low = t;
		else
			high = t;
	}
	return high;
}

/* The golden classes as the return numbers them; the caller frees. */
static uint32_t *
map_classes(const struct labels *l, const struct labels *golden)
{
	uint32_t *map = mem_array(golden->classes.n, sizeof(*map));

	for (uint32_t i = 0; map != NULL && i < golden->classes.n; i++) {
		const char *name = golden->classes.text[i];

		if (!labels_names_find(
			&l->classes, name, strlen(name), &map[i]))
			map[i] = UINT32_MAX;
	}
	return map;
}

/* Sums over the scores, exact enough for n up to millions in [0,1]. */
struct tally {
	double sum, squares, first;
	bool vary;
};

static void
tally_add(struct tally *t, size_t n, double v)
{
	if (n == 0)
		t->first = v;
	t->vary = t->vary || v != t->first;
	t->sum += v;
	/* from the first score, so that little is lost in the difference */
	t->squares += (v - t->first) * (v - t->first);
}

static int
score_item(const struct labels *l, const struct labels_answer *truth,
    size_t item, struct labels_compare *c, struct labels_score *s,
    struct tally *t, struct fault *f)
{
	size_t first, n = labels_answers_on(l, item, &first);
	enum labels_state state = labels_item_state(l, item);
	double v;

	s->open += state == LABELS_OPEN;
	s->skipped += state == LABELS_SKIPPED;
	for (size_t i = first; i < first + n; i++) {
		const struct labels_answer *a = &l->answer[i].answer;

		if (a->state == LABELS_SKIPPED)
			continue;
		if (labels_alike(c, a, truth, &v, f) != 0)
			return -1;
		tally_add(t, s->answers, v);
		s->answers++;
	}
	return 0;
}

static void
conclude(struct labels_score *s, const struct tally *t)
{
	double n = (double)s->answers, off, variance, half;

	s->low = 0;
	s->high = 1;
	if (s->answers == 0)
		return;
	s->value = t->sum / n;
	s->passed = s->value >= s->pass;
	if (s->metric == LABELS_ACCURACY || !t->vary) {
		labels_wilson(s->value, s->answers, &s->low, &s->high);
		return;
	}
	off = s->value - t->first;
	variance = (t->squares - n * off * off) / (n - 1);
	half = labels_student(n - 1) * sqrt(fmax(variance, 0) / n);
	s->low = clamp(s->value - half);
	s->high = clamp(s->value + half);
}

int
labels_score(const struct labels *l, const struct labels *golden,
    enum labels_metric metric, double pass, struct labels_score *out,
    struct fault *f)
{
	struct labels_score s = { .metric = metric, .pass = pass };
	struct labels_compare c = { .metric = metric };
	struct tally t = { 0 };
	uint32_t *map;
	int rc = -1;

	must(l->settled && golden->settled);
	if (!fits(metric, l->kind) || !fits(metric, golden->kind) ||
	    (l->kind != golden->kind && l->kind != LABELS_ANY &&
		golden->kind != LABELS_ANY))
		return fault_set(f, FAULT_INPUT, "%s is a score for %s",
		    metrics[metric].name, metrics[metric].fits);
	if ((map = map_classes(l, golden)) == NULL)
		return fault_memory(f);
	c.class_map = map;
	for (size_t i = 0; i < golden->nanswers; i++) {
		const struct labels_answer *truth = &golden->answer[i].answer;
		size_t item;

		if (truth->state == LABELS_SKIPPED ||
		    (i > 0 &&
			golden->answer[i - 1].answer.item == truth->item)) {
			(void)fault_set(f, FAULT_INPUT,
			    "golden line %u: needs one answer an item",
			    truth->line);
			goto out;
		}
		s.golden++;
		if (!labels_find_item(
			l, labels_item(golden, truth->item)->id, &item))
			s.open++;
		else if (score_item(l, truth, item, &c, &s, &t, f) != 0)
			goto out;
	}
	conclude(&s, &t);
	*out = s;
	rc = 0;
out:
	mem_free(map);
	return rc;
}
