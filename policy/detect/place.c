/* Places: countries and towns of the lists, and capitals behind a word that
 * says where. */

#include "policy/detect/word_internal.h"

static bool
is_part(const struct word_scan *w, size_t i)
{
	const struct token *t = &w->t[i];

	if ((t->gap & ~(uint16_t)(G_BLANK | G_HYPHEN | G_QUOTE)) != 0)
		return false;
	if (t->shape == S_CAPITAL || t->shape == S_CAPITALS)
		return (t->means & (W_TIME | W_COMMON | W_ORG | W_ORG_END |
				       W_GIVEN)) == 0 ||
		       (t->means & (W_PLACE | W_COUNTRY)) != 0;
	return w->lower && (t->means & (W_PLACE | W_COUNTRY)) != 0;
}

static size_t
place_end(const struct word_scan *w, size_t i)
{
	size_t end = i + 1;

	for (size_t k = end; k < w->n && k - i < 7; k++) {
		if (is_part(w, k))
			end = k + 1;
		else if ((w->t[k].means & (W_PARTICLE | W_AND)) == 0 ||
			 w->t[k].shape != S_LOWER ||
			 (w->t[k].gap & ~(uint16_t)(G_BLANK | G_HYPHEN)) != 0)
			break;
	}
	return end;
}

bool
find_place(
    const struct word_scan *w, const uint8_t *p, size_t i, struct find *out)
{
	const struct token *t = &w->t[i];
	bool listed = (t->means & (W_PLACE | W_COUNTRY)) != 0 &&
		      (t->means & W_COMMON) == 0;
	bool led = i > 0 && (w->t[i - 1].means & W_AT) != 0 &&
		   (t->gap & ~(uint16_t)G_BLANK) == 0;

	(void)p;
	*out = (struct find){ .from = i, .rule = R_LOCATION, .score = 60 };
	if (t->shape == S_LOWER
		? !(w->lower && t->letters > 3)
		: t->shape != S_CAPITAL && t->shape != S_CAPITALS)
		return false;
	if (i + 1 < w->n && (w->t[i + 1].gap & G_COLON) != 0)
		return false; /* a label */
	if (t->letters < 3 || (t->means & (W_TIME | W_PEOPLE)) != 0)
		return false;
	out->list = "places";
	if (listed && (t->shape != S_CAPITALS || t->letters > 3)) {
		out->to = place_end(w, i);
		return true;
	}
	if ((t->means & W_COUNTRY) != 0 && led) {
		out->to = place_end(w, i);
		return true;
	}
	/* "in Runkelen"; names of the lists are people's first. */
	if (!led || !w->english || t->shape == S_LOWER ||
	    (t->shape == S_CAPITALS && t->letters < 5) ||
	    (t->means & (W_COMMON | W_GIVEN | W_TITLE)) != 0)
		return false;
	out->score = 50;
	out->list = "capitals behind a word of place";
	out->to = place_end(w, i);
	return true;
}
