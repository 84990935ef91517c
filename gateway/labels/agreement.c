/*
 * Do annotators agree more than chance would have it?
 *
 * Krippendorff's alpha from the matrix of coincidences: in every unit, each
 * ordered pair of ratings counts 1/(m-1), m being the unit's ratings.  Only
 * the values that occur matter, so that a domain need not be given: a value
 * that nobody used adds nothing to any sum.
 */

#include <math.h>
#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/mem.h"

#define VALUES_MAX 2048u

bool
labels_level_read(enum labels_level *out, const char *name)
{
	static const char *const names[] = { "nominal", "ordinal", "interval",
		"ratio" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0) {
			*out = (enum labels_level)i;
			return true;
		}
	return false;
}

static int
by_unit_and_value(const void *a, const void *b)
{
	const struct labels_rating *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->annotator < y->annotator ? -1 : x->annotator > y->annotator;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The distinct values in order. */
static int
list_values(const struct labels_rating *ratings, size_t n, double **out,
    size_t *nvalues, struct fault *f)
{
	double *values = mem_array(n, sizeof(*values));
	size_t kept = 0;

	if (values == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < n; i++)
		values[i] = ratings[i].value;
	if (n > 1)
		qsort(values, n, sizeof(*values), by_value);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || values[kept - 1] != values[i])
			values[kept++] = values[i];
	*out = values;
	*nvalues = kept;
	if (kept <= VALUES_MAX)
		return 0;
	mem_free(values);
	*out = NULL;
	return fault_set(
	    f, FAULT_INPUT, "more than %u distinct values", VALUES_MAX);
}

struct table {
	const double *values;
	size_t n;
	double *together; /* n x n coincidences; NULL for nominal */
	double apart;	  /* their sum but for the diagonal, then */
	double *total;	  /* of each value, in units rated twice or more */
	double all;
	double same_pairs, pairs;
};

static size_t
index_of(const struct table *t, double value)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->values[mid] < value)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* One unit's ratings, sorted by value, m of them.  Where no value is nearer to
 * another, how many are apart is known without looking at pairs, of which a
 * stranger may have made many. */
static void
count_unit(struct table *t, const struct labels_rating *r, size_t m)
{
	size_t ni, nk;

	for (size_t i = 0; i < m; i += ni) {
		size_t c = index_of(t, r[i].value);

		for (ni = 1; i + ni < m && r[i + ni].value == r[i].value;)
			ni++;
		t->total[c] += (double)ni;
		t->same_pairs += (double)ni * (double)(ni - 1);
		t->apart += (double)ni * (double)(m - ni) / (double)(m - 1);
		for (size_t k = 0; t->together != NULL && k < m; k += nk) {
			size_t d = index_of(t, r[k].value);

			for (nk = 1;
			     k + nk < m && r[k + nk].value == r[k].value;)
				nk++;
			if (c != d) /* a value is no distance from itself */
				t->together[c * t->n + d] +=
				    (double)ni * (double)nk / (double)(m - 1);
		}
	}
	t->all += (double)m;
	t->pairs += (double)m * (double)(m - 1);
}

/* Squared difference of two values (Krippendorff 2011, section 4). */
static double
difference(const struct table *t, enum labels_level level, size_t c, size_t k)
{
	double a = t->values[c], b = t->values[k], v = 0;

	if (c == k)
		return 0;
	switch (level) {
	case LABELS_NOMINAL:
		return 1;
	case LABELS_ORDINAL:
		for (size_t g = c < k ? c : k; g <= (c < k ? k : c); g++)
			v += t->total[g];
		v -= (t->total[c] + t->total[k]) / 2;
		break;
	case LABELS_INTERVAL:
		v = a - b;
		break;
	case LABELS_RATIO:
		v = a + b == 0 ? 0 : (a - b) / (a + b);
		break;
	}
	return v * v;
}

static void
alpha(const struct table *t, enum labels_level level,
    struct labels_agreement *out)
{
	double observed = 0, expected = 0;

	for (size_t c = 0; c < t->n; c++)
		for (size_t k = 0; k < t->n; k++) {
			double d;

			if (c == k || t->total[c] == 0 || t->total[k] == 0)
				continue;
			d = difference(t, level, c, k);
			if (t->together != NULL)
				observed += t->together[c * t->n + k] * d;
			expected += t->total[c] * t->total[k] * d;
		}
	if (t->together == NULL)
		observed = t->apart;
	if (expected > 0) {
		out->has_alpha = true;
		out->alpha = 1 - (t->all - 1) * observed / expected;
	}
	if (t->pairs > 0) {
		out->has_percent = true;
		out->percent = t->same_pairs / t->pairs;
	}
}

/* Cohen's kappa over the units that both rated. */
static int
kappa(const struct table *t, const struct labels_rating *r, size_t n,
    struct labels_agreement *out, struct fault *f)
{
	double *first = mem_array(t->n, sizeof(*first));
	double *second = mem_array(t->n, sizeof(*second));
	double both = 0, same = 0, chance = 0;

	if (first == NULL || second == NULL) {
		mem_free(first);
		mem_free(second);
		return fault_memory(f);
	}
	for (size_t i = 0; i + 1 < n; i++) {
		const struct labels_rating *x = &r[i], *y = &r[i + 1];

		if (x->unit != y->unit)
			continue;
		both++;
		same += x->value == y->value;
		first[index_of(
		    t, x->annotator < y->annotator ? x->value : y->value)]++;
		second[index_of(
		    t, x->annotator < y->annotator ? y->value : x->value)]++;
	}
	for (size_t c = 0; c < t->n && both > 0; c++)
		chance += first[c] / both * (second[c] / both);
	if (both > 0 && chance < 1) {
		out->has_kappa = true;
		out->kappa = (same / both - chance) / (1 - chance);
	}
	mem_free(first);
	mem_free(second);
	return 0;
}

static int
compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int
count_annotators(
    const struct labels_rating *r, size_t n, size_t *out, struct fault *f)
{
	uint32_t *who = mem_array(n, sizeof(*who));

	if (who == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < n; i++)
		who[i] = r[i].annotator;
	if (n > 1)
		qsort(who, n, sizeof(*who), compare_u32);
	*out = 0;
	for (size_t i = 0; i < n; i++)
		*out += i == 0 || who[i] != who[i - 1];
	mem_free(who);
	return 0;
}

int
labels_agree_ratings(struct labels_rating *ratings, size_t n,
    enum labels_level level, struct labels_agreement *out, struct fault *f)
{
	struct labels_agreement a = { 0 };
	struct table t = { 0 };
	double *values = NULL;
	size_t m;
	int rc = -1;

	if (n > 1)
		qsort(ratings, n, sizeof(*ratings), by_unit_and_value);
	if (list_values(ratings, n, &values, &t.n, f) != 0 ||
	    count_annotators(ratings, n, &a.annotators, f) != 0)
		goto out;
	t.values = values;
	if (level != LABELS_NOMINAL)
		t.together = mem_array(t.n * t.n, sizeof(*t.together));
	t.total = mem_array(t.n, sizeof(*t.total));
	if ((level != LABELS_NOMINAL && t.together == NULL) ||
	    t.total == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t i = 0; i < n; i += m) {
		for (m = 1;
		     i + m < n && ratings[i + m].unit == ratings[i].unit;)
			m++;
		if (m < 2)
			continue;
		count_unit(&t, ratings + i, m);
		a.units++;
	}
	a.pairs = (size_t)(t.pairs / 2);
	alpha(&t, level, &a);
	if (a.annotators == 2 && kappa(&t, ratings, n, &a, f) != 0)
		goto out;
	*out = a;
	rc = 0;
out:
	mem_free(values);
	mem_free(t.together);
	mem_free(t.total);
	return rc;
}

/* A class as a number: its place on the list, or what its name says. */
static int
value_of(const struct labels *l, const struct labels_answer *a,
    enum labels_level level, double *out, struct fault *f)
{
	const char *name;
	char *end;

	if (level == LABELS_NOMINAL) {
		*out = a->state == LABELS_EMPTY ? -1 : (double)a->class;
		return 0;
	}
	name = labels_class_name(l, a->class);
	*out = strtod(name, &end);
	if (end == name || *end != '\0' || !isfinite(*out))
		return fault_set(
		    f, FAULT_INPUT, "beyond nominal, classes must be numbers");
	return 0;
}

static int
agree_classes(const struct labels *l, enum labels_level level,
    struct labels_agreement *out, struct fault *f)
{
	struct labels_rating *r = mem_array(l->nanswers, sizeof(*r));
	size_t n = 0;
	int rc = -1;

	if (r == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < l->nanswers; i++) {
		const struct labels_answer *a = &l->answer[i].answer;

		if (a->state == LABELS_SKIPPED ||
		    (a->state == LABELS_EMPTY && level != LABELS_NOMINAL))
			continue;
		r[n] = (struct labels_rating){ a->item, a->annotator, 0 };
		if (value_of(l, a, level, &r[n].value, f) != 0)
			goto out;
		n++;
	}
	rc = labels_agree_ratings(r, n, level, out, f);
out:
	mem_free(r);
	return rc;
}

/* The answers on one item, how alike they are in pairs. */
struct alike {
	struct labels_compare compare;
	const struct labels_answer **list; /* those that have parts */
	double sum;
};

/* Answers without parts are alike, and like no other: they are counted.  *pairs
 * is of all. */
static int
agree_item(struct alike *a, const struct labels *l, size_t item, size_t *pairs,
    struct fault *f)
{
	size_t first, n = labels_answers_on(l, item, &first);
	size_t some = 0, none = 0;
	double v;

	for (size_t i = first; i < first + n; i++) {
		const struct labels_answer *p = &l->answer[i].answer;

		if (p->state == LABELS_SKIPPED)
			continue;
		if (labels_takes_part(p))
			a->list[some++] = p;
		else
			none++;
	}
	for (size_t x = 0; x < some; x++)
		for (size_t y = x + 1; y < some; y++) {
			if (labels_alike(&a->compare, a->list[x], a->list[y],
				&v, f) != 0)
				return -1;
			a->sum += v;
		}
	n = some + none;
	*pairs = n < 2 ? 0 : n * (n - 1) / 2;
	a->sum += none < 2 ? 0 : (double)none * (double)(none - 1) / 2;
	return 0;
}

/* Boxes and spans: every pair of answers on one item. */
static int
agree_parts(
    const struct labels *l, struct labels_agreement *out, struct fault *f)
{
	struct alike alike = {
		.compare.metric =
		    l->kind == LABELS_BOXES ? LABELS_MEAN_IOU : LABELS_SPAN_F1,
		.list = mem_array(l->nanswers, sizeof(*alike.list)),
	};
	struct labels_agreement a = { .annotators = l->annotators.n };
	uint32_t nobody;
	int rc = 0;

	if (alike.list == NULL)
		return fault_memory(f);
	/* who did not say who they are */
	if (labels_names_find(&l->annotators, "", 0, &nobody))
		a.annotators--;
	for (size_t i = 0; rc == 0 && i < l->nitems; i++) {
		size_t pairs = 0;

		rc = agree_item(&alike, l, i, &pairs, f);
		a.units += pairs > 0;
		a.pairs += pairs;
	}
	mem_free(alike.list);
	if (rc != 0)
		return -1;
	if (a.pairs > 0) {
		a.has_alike = true;
		a.alike = alike.sum / (double)a.pairs;
	}
	*out = a;
	return 0;
}

int
labels_agree(const struct labels *l, enum labels_level level,
    struct labels_agreement *out, struct fault *f)
{
	must(l->settled);
	if (l->kind == LABELS_BOXES || l->kind == LABELS_SPANS)
		return agree_parts(l, out, f);
	return agree_classes(l, level, out, f);
}
