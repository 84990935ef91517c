/*
 * People: a title or a role and a name behind it, names of the lists, and, in
 * English, capitals where no sentence begins.
 */

#include "policy/detect/word_internal.h"

#define NAME_TOKENS_MAX 8u

/* May token i be joined to a name that ends before it?  One blank, a hyphen, an
 * apostrophe, or the point of an initial. */
static bool
is_joined(const struct word_scan *w, size_t i)
{
	uint16_t gap = w->t[i].gap;

	if ((gap & ~(uint16_t)(G_BLANK | G_HYPHEN | G_QUOTE | G_STOP)) != 0)
		return false;
	if ((gap & G_STOP) != 0)
		return w->t[i - 1].letters == 1 &&
		       w->t[i - 1].shape != S_NUMBER;
	return true;
}

static bool
is_initial(const struct token *t)
{
	return t->letters == 1 &&
	       (t->shape == S_CAPITAL || t->shape == S_CAPITALS);
}

/* "'s" and the like behind a name. */
static bool
is_tail(const struct token *t)
{
	return (t->gap & G_QUOTE) != 0 && t->shape == S_LOWER &&
	       t->letters <= 2;
}

/* How far a name goes whose first token is i: capitals, particles between
 * them, initials. */
static size_t
name_end(const struct word_scan *w, size_t i)
{
	size_t end = i + 1;

	for (size_t k = end; k < w->n && k - i < NAME_TOKENS_MAX; k++) {
		const struct token *t = &w->t[k];

		if (!is_joined(w, k) || is_tail(t))
			break;
		if ((t->gap & G_HYPHEN) != 0 && (t->gap & G_BLANK) != 0)
			break;
		if (is_initial(t) && !w->lower) {
			end = k + 1;
			continue;
		}
		if ((t->means & W_PARTICLE) != 0 && t->shape == S_LOWER)
			continue;
		if (!token_is_name(w, k) ||
		    (t->means & (W_ORG_END | W_ORG | W_UNIT)) != 0)
			break;
		if ((t->means & (W_GIVEN | W_SURNAME)) == 0 &&
		    (t->means & (W_COMMON | W_COUNTRY | W_STREET_END)) != 0)
			break;
		end = k + 1;
	}
	return end;
}

static bool
say(struct find *out, size_t from, size_t to, unsigned score, const char *list)
{
	*out = (struct find){ .from = from,
		.to = to,
		.rule = R_PERSON,
		.score = (uint8_t)score,
		.list = list };
	return true;
}

/* Dr. X, Herr X; patient X, if X looks like a name. */
static bool
find_titled(const struct word_scan *w, size_t i, struct find *out)
{
	const struct token *t = &w->t[i];
	size_t k = i + 1;
	bool title = (t->means & W_TITLE) != 0;

	if (!title && (t->means & W_ROLE) == 0)
		return false;
	while (title && k < w->n && k - i < 4 &&
	       (w->t[k].means & (W_TITLE | W_PARTICLE)) != 0 &&
	       (w->t[k].means & (W_GIVEN | W_SURNAME)) == 0)
		k++;
	if (k >= w->n || k + 1 > i + 4)
		return false;
	if ((w->t[k].gap & ~(uint16_t)(G_BLANK | G_STOP)) != 0 ||
	    (!title && (w->t[k].gap & G_STOP) != 0))
		return false;
	if (w->t[k].shape == S_LOWER
		? !(w->lower && title && w->t[k].letters > 2 &&
		      (w->t[k].means & (W_ENGLISH | W_SPANISH | W_COMMON)) == 0)
		: w->t[k].shape != S_CAPITAL &&
		      !(w->t[k].shape == S_CAPITALS && title))
		return false;
	if (!title && ((w->t[k].means & (W_GIVEN | W_SURNAME)) == 0 ||
			  (w->t[k].means & W_AMBIGUOUS) != 0))
		return false;
	if ((w->t[k].means & (W_TIME | W_PEOPLE | W_ORG)) != 0 &&
	    (w->t[k].means & W_SURNAME) == 0 && !title)
		return false;
	return say(out, k, name_end(w, k), title ? 85 : 70, "titles and roles");
}

/* "my name is X", "me llamo X". */
static bool
find_said(const struct word_scan *w, size_t i, struct find *out)
{
	size_t k = i + 1;

	if ((w->t[i].means & W_NAME) == 0)
		return false;
	/* is, or the second word of "call me" */
	if (k < w->n &&
	    ((w->t[k].means & W_SAY) != 0 ||
		((w->t[k].means & W_ENGLISH) != 0 && w->t[k].letters == 2)))
		k++;
	if (k >= w->n || (w->t[k].gap & (G_LINE | G_LINES | G_STOP)) != 0)
		return false;
	if (w->t[k].shape == S_LOWER && !w->lower)
		return false;
	if (!token_is_name(w, k) || (w->t[k].means & (W_COMMON | W_TITLE)) != 0)
		return false;
	return say(out, k, name_end(w, k), 75, "what says a name");
}

/* Of the lists. */
static bool
find_listed(const struct word_scan *w, size_t i, struct find *out)
{
	const struct token *t = &w->t[i];
	bool unsure = (t->means & (W_AMBIGUOUS | W_COMMON)) != 0;
	bool starts = token_starts_sentence(w, i);
	size_t to, listed = 0;

	if ((t->means & (W_GIVEN | W_SURNAME)) == 0 || t->letters < 3)
		return false;
	if (w->lower && unsure && (i + 1 >= w->n || !token_is_name(w, i + 1)))
		return false;
	to = name_end(w, i);
	for (size_t k = i; k < to; k++)
		listed += (w->t[k].means & (W_GIVEN | W_SURNAME)) != 0;
	if (to - i > 1 && !(unsure && listed == 1 && starts))
		return say(out, i, to, listed > 1 ? 85 : 65, "names");
	if (t->shape == S_CAPITALS)
		return false;
	if (unsure && starts && w->english && i + 1 < w->n &&
	    ((w->t[i + 1].gap & G_COMMA) != 0 ||
		(w->t[i + 1].means & W_SAY) != 0) &&
	    (t->means & W_COMMON) == 0)
		return say(out, i, to, 45, "names");
	if (unsure && (starts || w->lower || !w->english))
		return false;
	if ((t->means & W_GIVEN) == 0 && (t->means & W_PLACE) != 0)
		return false;
	return say(out, i, to, starts ? 50 : 60, "names");
}

/* Capitals that nobody knows, where no sentence begins. */
static bool
find_capital(const struct word_scan *w, size_t i, struct find *out)
{
	const struct token *t = &w->t[i];
	bool before = i > 0 && w->t[i - 1].shape == S_CAPITAL &&
		      (t->gap & ~(uint16_t)G_BLANK) == 0;

	/* a label is nobody */
	if (i + 1 < w->n && (w->t[i + 1].gap & G_COLON) != 0)
		return false;
	if (!w->english || t->letters < 3 ||
	    (t->means & ~(uint32_t)(W_AMBIGUOUS | W_PARTICLE)) != 0)
		return false;
	if (w->lower)
		return t->shape == S_LOWER && t->letters > 3 &&
		       say(out, i, name_end(w, i), 40, "unknown words");
	if (t->shape != S_CAPITAL || before)
		return false;
	return say(out, i, name_end(w, i),
	    token_starts_sentence(w, i) ? 40 : 45, "capitals");
}

bool
find_person(
    const struct word_scan *w, const uint8_t *p, size_t i, struct find *out)
{
	(void)p;
	if (find_titled(w, i, out) || find_said(w, i, out))
		return true;
	if (!token_is_name(w, i))
		return false;
	return find_listed(w, i, out) || find_capital(w, i, out);
}
