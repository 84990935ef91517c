/* What a golden score is by, and its intervals; labels.h defines both.  The
 * scores themselves are golden.c's. */

#include <math.h>
#include <string.h>

#include "gateway/labels/labels_internal.h"

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

int
labels_metric_fits(enum labels_metric metric, enum labels_kind a,
    enum labels_kind b, struct fault *f)
{
	if (fits(metric, a) && fits(metric, b) &&
	    (a == b || a == LABELS_ANY || b == LABELS_ANY))
		return 0;
	return fault_set(f, FAULT_INPUT, "%s is a score for %s",
	    metrics[metric].name, metrics[metric].fits);
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

double
labels_clamp(double v)
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
	*low = labels_clamp(centre - half);
	*high = labels_clamp(centre + half);
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
