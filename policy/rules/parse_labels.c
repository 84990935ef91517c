/* labels: what the vendor is asked, and how its answers are scored. */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/parse_internal.h"

#define CLASS_BYTES_MAX 256u /* a class is a word or a short phrase */
#define MILLION 1000000u

static const char *const kinds[] = { "class", "boxes", "spans", NULL };
static const char *const metrics[] = { "accuracy", "mean_iou", NULL };

const char *
label_kind_name(enum label_kind kind)
{
	must(kind <= LABEL_SPANS);
	return kinds[kind];
}

const char *
golden_metric_name(enum golden_metric metric)
{
	must(metric <= GOLDEN_MEAN_IOU);
	return metrics[metric];
}

static int
read_kind(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct label_contract *c = to;
	size_t i;

	if (tree_word(y, n, kinds, &i, f) != 0)
		return -1;
	c->kind = (enum label_kind)i;
	return 0;
}

/* By text, and the same text by place. */
static int
compare_texts(const void *a, const void *b)
{
	const struct node *const *na = a, *const *nb = b;
	int c = strcmp((*na)->text, (*nb)->text);

	if (c != 0)
		return c;
	if ((*na)->line != (*nb)->line)
		return (*na)->line < (*nb)->line ? -1 : 1;
	return (*na)->column < (*nb)->column ? -1 : 1;
}

/* No class twice. */
static int
check_distinct(
    const struct tree *y, const struct node *n, size_t count, struct fault *f)
{
	const struct node **sorted = mem_array(count, sizeof(*sorted));
	size_t i = 0;
	int rc = 0;

	if (sorted == NULL)
		return fault_memory(f);
	for (const struct node *e = n->child; e != NULL; e = e->next)
		sorted[i++] = e;
	qsort(sorted, count, sizeof(*sorted), compare_texts);
	for (i = 1; i < count && rc == 0; i++)
		if (strcmp(sorted[i - 1]->text, sorted[i]->text) == 0)
			rc = tree_fault(y, sorted[i], f,
			    "class \"%s\" is here twice", sorted[i]->text);
	mem_free(sorted);
	return rc;
}

static int
read_classes(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct label_contract *c = to;
	const char *text;

	if (n->kind != NODE_LIST || n->child == NULL) {
		(void)tree_fault(y, n, f, "expected a list of classes");
		return fault_hint(f, "classes: [cat, dog]");
	}
	for (const struct node *e = n->child; e != NULL; e = e->next) {
		if (tree_text(y, e, "a class", &text, f) != 0)
			return -1;
		if (text[0] == '\0' || strlen(text) > CLASS_BYTES_MAX ||
		    strpbrk(text, "\t\r\n") != NULL)
			return tree_fault(y, e, f,
			    "a class has 1 to %u bytes in one line",
			    CLASS_BYTES_MAX);
		if (c->classes.n == POLICY_CLASSES_MAX)
			return tree_fault(y, e, f, "more than %u classes",
			    POLICY_CLASSES_MAX);
		if (names_add(&c->classes, text, strlen(text),
			POLICY_CLASSES_MAX, f) != 0)
			return -1;
	}
	return check_distinct(y, n, c->classes.n, f);
}

static int
read_unanswered(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "open", "negative", NULL };
	struct label_contract *c = to;
	size_t i;

	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	c->unanswered_negative = i == 1;
	return 0;
}

static int
read_metric(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct label_contract *c = to;
	size_t i;

	if (tree_word(y, n, metrics, &i, f) != 0)
		return -1;
	c->metric = (enum golden_metric)i;
	return 0;
}

static int
read_pass(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	const uint64_t step = 1000000000000u; /* 10^-6 in parts of 10^-18 */
	struct label_contract *c = to;
	struct decimal d;
	const char *text;
	bool exact;

	if (tree_text(y, n, "a number from 0 to 1", &text, f) != 0)
		return -1;
	if (!n->plain || !decimal_read(&d, text, strlen(text), &exact) ||
	    !exact || d.whole < 0 || d.whole > 1 ||
	    (d.whole == 1 && d.parts != 0) || d.parts % step != 0) {
		(void)tree_fault(y, n, f,
		    "expected a number from 0 to 1 with at most six decimals");
		return tree_point(text, f);
	}
	c->pass = (uint32_t)d.whole * MILLION + (uint32_t)(d.parts / step);
	return 0;
}

static int
read_golden(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "metric", true, read_metric },
		{ "pass", true, read_pass },
		{ NULL, false, NULL },
	};
	struct label_contract *c = to;

	c->golden = true;
	return tree_map(y, n, keys, "golden", to, f);
}

const struct tree_key label_keys[] = {
	{ "kind", true, read_kind },
	{ "classes", true, read_classes },
	{ "unanswered", false, read_unanswered },
	{ "golden", false, read_golden },
	{ NULL, false, NULL },
};

int
parse_labels(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy *p = to;
	struct label_contract *c = &p->labels;

	c->given = true;
	if (tree_map(y, n, label_keys, "labels", c, f) != 0)
		return -1;
	if (c->golden &&
	    (c->kind == LABEL_CLASS) != (c->metric == GOLDEN_ACCURACY) &&
	    c->kind != LABEL_SPANS) {
		(void)tree_fault(y, n, f, "%s does not measure %s",
		    golden_metric_name(c->metric), label_kind_name(c->kind));
		return fault_hint(f, "metric: %s",
		    c->kind == LABEL_CLASS ? "accuracy" : "mean_iou");
	}
	return 0;
}
