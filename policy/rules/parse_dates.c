/* What the ways to generalise a date need. */

#include <string.h>

#include "keys/base/clock.h"
#include "policy/rules/parse_internal.h"

int
parse_order(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const orders[] = { "dmy", "mdy", NULL };
	struct transform *t = to;
	size_t i;

	if (tree_word(y, n, orders, &i, f) != 0)
		return -1;
	t->order = i == 0 ? ORDER_DMY : ORDER_MDY;
	return 0;
}

int
parse_date(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "year", "quarter", "month", NULL };
	static const enum transform_grain grains[] = { GRAIN_YEAR,
		GRAIN_QUARTER, GRAIN_MONTH };
	struct transform *t = to;
	size_t i;

	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	t->grain = grains[i];
	return 0;
}

static int
read_at(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	const char *text;
	int64_t at;

	if (tree_text(y, n, "a date", &text, f) != 0)
		return -1;
	if (!clock_read_date(&at, text, strlen(text))) {
		(void)tree_fault(y, n, f, "expected a date as 2026-01-31");
		return fault_hint(f, "ages are those of one day, so that the "
				     "same data gives the same result");
	}
	t->at = at / 86400;
	return 0;
}

static int
read_band(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 1, TRANSFORM_YEARS_MAX, &t->first, f);
}

static int
read_over(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 1, TRANSFORM_YEARS_MAX, &t->last, f);
}

int
parse_age(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "at", true, read_at },
		{ "width", true, read_band },
		{ "over", false, read_over },
		{ "order", false, parse_order },
		{ NULL, false, NULL },
	};
	struct transform *t = to;

	t->last = 89; /* 45 CFR 164.514(b)(2)(i)(C) */
	return tree_map(y, n, keys, "age_band", to, f);
}
