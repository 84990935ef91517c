/* risk: the numbers in it, and what they may be. */

#include <string.h>

#include "policy/rules/parse_internal.h"

#define K_MAX 1000000u
#define L_MAX 4096u

/* ---- Numbers ---- */

/* A number with at most six decimals, in millionths. */
static int
read_millionths(const struct tree *y, const struct node *n, const char *what,
    uint64_t max, uint64_t *out, struct fault *f)
{
	const uint64_t step = 1000000000000u; /* 10^-6 in parts of 10^-18 */
	struct decimal d;
	const char *text;
	bool exact;

	if (tree_text(y, n, what, &text, f) != 0)
		return -1;
	if (n->plain && decimal_read(&d, text, strlen(text), &exact) && exact &&
	    d.whole >= 0 && (uint64_t)d.whole <= max && d.parts % step == 0) {
		*out = (uint64_t)d.whole * POLICY_MILLION + d.parts / step;
		if (*out <= max * POLICY_MILLION)
			return 0;
	}
	(void)tree_fault(
	    y, n, f, "expected %s, with at most six decimals", what);
	return tree_point(text, f);
}

/* 5%, 0.5%: in millionths of the whole. */
int
parse_percent(
    const struct tree *y, const struct node *n, uint32_t *out, struct fault *f)
{
	const uint64_t step = 100000000000000u; /* 10^-4 in parts of 10^-18 */
	struct decimal d;
	const char *text;
	size_t len;
	bool exact;

	if (tree_text(y, n, "a share such as 5%", &text, f) != 0)
		return -1;
	len = strlen(text);
	if (len > 1 && text[len - 1] == '%' &&
	    decimal_read(&d, text, len - 1, &exact) && exact && d.whole >= 0 &&
	    d.whole <= 100 && (d.whole < 100 || d.parts == 0) &&
	    d.parts % step == 0) {
		*out = (uint32_t)d.whole * 10000 + (uint32_t)(d.parts / step);
		return 0;
	}
	(void)tree_fault(
	    y, n, f, "expected 0%% to 100%%, with at most four decimals");
	return fault_hint(f, "5%%");
}

/* The chance of a link, which is never none. */
static int
read_chance(
    const struct tree *y, const struct node *n, uint32_t *out, struct fault *f)
{
	if (parse_percent(y, n, out, f) != 0)
		return -1;
	if (*out != 0)
		return 0;
	(void)tree_fault(y, n, f, "no class is so large that it is never");
	return fault_hint(f, "5%%");
}

/* ---- Thresholds ---- */

int
parse_risk_k(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	return tree_number(y, n, 2, K_MAX, &r->k, f);
}

static int
read_distinct(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	return tree_number(y, n, 2, L_MAX, &r->l_distinct, f);
}

static int
read_entropy(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	if (read_millionths(y, n, "a number over 1", L_MAX, &r->l_entropy, f) !=
	    0)
		return -1;
	if (r->l_entropy <= POLICY_MILLION)
		return tree_fault(y, n, f, "expected a number over 1");
	return 0;
}

static int
read_c(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	if (read_millionths(
		y, n, "a number over 0", L_MAX, &r->recursive_c, f) != 0)
		return -1;
	if (r->recursive_c == 0)
		return tree_fault(y, n, f, "expected a number over 0");
	return 0;
}

static int
read_recursive_l(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	return tree_number(y, n, 2, L_MAX, &r->recursive_l, f);
}

static int
read_recursive(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "c", true, read_c },
		{ "l", true, read_recursive_l },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "recursive", to, f);
}

int
parse_risk_l(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "distinct", false, read_distinct },
		{ "entropy", false, read_entropy },
		{ "recursive", false, read_recursive },
		{ NULL, false, NULL },
	};

	if (n->kind == NODE_SCALAR) {
		(void)tree_fault(y, n, f, "which l-diversity?");
		return fault_hint(
		    f, "l: {distinct: %s}", n->text[0] == '\0' ? "2" : n->text);
	}
	return tree_map(y, n, keys, "l", to, f);
}

int
parse_risk_t(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	if (read_millionths(y, n, "a number over 0, up to 1", 1, &r->t, f) != 0)
		return -1;
	if (r->t == 0)
		return tree_fault(y, n, f, "expected a number over 0, up to 1");
	return 0;
}

static int
read_uniqueness(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	return parse_percent(y, n, &r->share[SHARE_UNIQUE], f);
}

static int
read_prosecutor(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	return read_chance(y, n, &r->share[SHARE_PROSECUTOR], f);
}

static int
read_journalist(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	return read_chance(y, n, &r->share[SHARE_JOURNALIST], f);
}

static int
read_marketer(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct risk_rule *r = to;

	return read_chance(y, n, &r->share[SHARE_MARKETER], f);
}

int
parse_risk_max(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "uniqueness", false, read_uniqueness },
		{ "prosecutor", false, read_prosecutor },
		{ "journalist", false, read_journalist },
		{ "marketer", false, read_marketer },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "max", to, f);
}
