/* Organisations: capitals that end in a legal form or a trade, and houses that
 * say what they are in front: hospital, university. */

#include "policy/detect/word_internal.h"

#define ORG_TOKENS_MAX 10u

static bool
is_name(const struct word_scan *w, size_t i)
{
	return w->t[i].shape == S_CAPITAL || w->t[i].shape == S_CAPITALS ||
	       w->t[i].shape == S_MIXED;
}

/* Capitals up to a legal form. */
static bool
find_ended(const struct word_scan *w, size_t i, struct find *out)
{
	size_t end = 0;

	for (size_t k = i + 1; k < w->n && k - i < ORG_TOKENS_MAX; k++) {
		const struct token *t = &w->t[k];

		if ((t->gap & ~(uint16_t)(G_BLANK | G_HYPHEN | G_COMMA |
					  G_OTHER | G_QUOTE)) != 0)
			break;
		if ((t->means & W_ORG_END) != 0 &&
		    (is_name(w, k) || w->lower)) {
			end = k + 1;
			continue;
		}
		if (!is_name(w, k) && !w->lower && (t->means & W_AND) == 0 &&
		    (t->means & W_PARTICLE) == 0)
			break;
		if (w->lower && (t->means & (W_COMMON | W_ENGLISH)) != 0)
			break;
	}
	if (end == 0)
		return false;
	*out = (struct find){ .from = i,
		.to = end,
		.rule = R_ORGANIZATION,
		.score = w->lower ? 45 : 75,
		.list = "legal forms" };
	return true;
}

/* Does a full stop before token i, of the name of a house, end no sentence?
 * Dr. Peset; Carlos J. Finlay. */
static bool
is_brief(const struct word_scan *w, size_t i)
{
	const uint32_t everyday =
	    W_COMMON | W_ENGLISH | W_SPANISH | W_GERMAN | W_OTHER;
	const struct token *before = &w->t[i - 1];

	return (before->means & W_TITLE) != 0 ||
	       (before->letters == 1 && is_name(w, i - 1) &&
		   (w->t[i].means & everyday) == 0);
}

/* Hospital X de Y, up to its address; X University. */
static bool
find_headed(
    const struct word_scan *w, const uint8_t *p, size_t i, struct find *out)
{
	struct find street = { 0 };
	size_t end = i + 1, names = 0;

	if ((w->t[i].means & W_ORG) == 0)
		return false;
	for (size_t k = i + 1; k < w->n && k - i < ORG_TOKENS_MAX; k++) {
		const struct token *t = &w->t[k];

		if ((t->gap & ~(uint16_t)(G_BLANK | G_HYPHEN | G_QUOTE)) != 0 &&
		    !((t->gap & G_STOP) != 0 && is_brief(w, k)))
			break;
		if ((t->means & W_STREET) != 0 &&
		    find_address(w, p, k, &street))
			break;
		if (is_name(w, k)) {
			end = k + 1;
			names++;
		} else if ((t->means & (W_PARTICLE | W_AND)) == 0 &&
			   !(t->letters == 2 && (t->means & W_ENGLISH) != 0))
			break;
	}
	if (names == 0)
		return false;
	*out = (struct find){ .from = i,
		.to = end,
		.rule = R_ORGANIZATION,
		.score = 70,
		.list = "houses" };
	return true;
}

bool
find_organisation(
    const struct word_scan *w, const uint8_t *p, size_t i, struct find *out)
{
	size_t k;

	if (!is_name(w, i) && !(w->lower && w->t[i].letters > 3 &&
				  (w->t[i].means & W_ENGLISH) == 0))
		return false;
	if (find_ended(w, i, out) || find_headed(w, p, i, out))
		return true;
	for (k = i + 1; k < w->n && k - i < 5 && is_name(w, k) &&
			(w->t[k].gap & ~(uint16_t)G_BLANK) == 0;
	     k++)
		if ((w->t[k].means & W_ORG) != 0 && w->english) {
			*out = (struct find){ .from = i,
				.to = k + 1,
				.rule = R_ORGANIZATION,
				.score = 65,
				.list = "houses" };
			return true;
		}
	return false;
}
