/*
 * Postal addresses.
 *
 *     [number] street-word name [number] | name street-word [number]
 *     | number name number | box number
 *         and behind it any of:  unit, line, town, post code, country
 *
 * Commas and line ends divide the parts; an empty line, or what can be no part,
 * ends the address.
 */

#include "policy/detect/word_internal.h"

#define NAME_MAX 8u  /* tokens of a street's name */
#define TAIL_MAX 24u /* of what is behind */

struct walk {
	const struct word_scan *w;
	const uint8_t *p;
	size_t at;
	unsigned score;
};

static bool
near_by(const struct token *t, uint16_t more)
{
	return (t->gap & ~(uint16_t)(G_BLANK | more)) == 0;
}

static bool
is_number(const struct token *t)
{
	return t->shape == S_NUMBER && t->len <= 6;
}

/* A word that a street or town may be called. */
static bool
is_word(const struct word_scan *w, size_t i)
{
	const struct token *t = &w->t[i];

	if (t->shape == S_NUMBER || (t->means & (W_TIME | W_UNIT)) != 0)
		return false;
	if (t->shape != S_LOWER)
		return true;
	return (t->means & W_PARTICLE) != 0 ||
	       (w->lower &&
		   (t->means & (W_ENGLISH | W_AT | W_SAY | W_NAME)) == 0);
}

/* The numbers of a house: 23, 1º D; 12-14; s/n; km 9,1. */
static void
take_house(struct walk *x)
{
	const struct word_scan *w = x->w;
	size_t parts = 0;

	while (x->at < w->n && parts < 6) {
		const struct token *t = &w->t[x->at];

		if (!near_by(t, G_COMMA | G_HYPHEN | G_SLASH | G_OTHER |
				    (parts > 0 ? G_STOP : 0)))
			break;
		if (is_number(t) ||
		    (t->letters == 1 && parts > 0 && t->shape != S_LOWER) ||
		    ((t->means & W_UNIT) != 0 && parts > 0)) {
			x->at++;
			parts++;
			continue;
		}
		/* s/n; n 23; km 5 */
		if ((t->len == 1 || t->len == 2) &&
		    (x->p[t->start] == 's' || x->p[t->start] == 'k' ||
			x->p[t->start] == 'n' || x->p[t->start] == 'N') &&
		    x->at + 1 < w->n &&
		    ((w->t[x->at + 1].gap & G_SLASH) != 0 ||
			is_number(&w->t[x->at + 1]))) {
			x->at += 2;
			parts += 2;
			continue;
		}
		break;
	}
}

/* Units, towns, codes and countries behind a street. */
static void
take_tail(struct walk *x)
{
	const struct word_scan *w = x->w;
	size_t begun = x->at, end = x->at, bare = 0;

	while (x->at < w->n && x->at - begun < TAIL_MAX) {
		const struct token *t = &w->t[x->at];
		bool apart = (t->gap & (G_COMMA | G_LINE)) != 0;

		if ((t->gap & (G_STOP | G_COLON | G_OTHER)) != 0 &&
		    !((t->gap & G_STOP) != 0 &&
			(w->t[x->at - 1].means & W_UNIT) != 0))
			break;
		if ((t->gap & G_LINES) != 0 && bare > 6)
			break;
		if ((t->means & (W_UNIT | W_ARMY)) != 0 || is_number(t)) {
			end = ++x->at;
			bare = 0;
			x->score += 5;
			continue;
		}
		/* a state's letters before a code: TX 75001 */
		if (apart && t->letters <= 3 && x->at + 1 < w->n &&
		    is_number(&w->t[x->at + 1]) &&
		    near_by(&w->t[x->at + 1], G_LINE)) {
			end = x->at += 2;
			bare = 0;
			continue;
		}
		if (!is_word(w, x->at) ||
		    (!apart && bare == 0 && end == begun &&
			(t->means & W_COMMON) != 0))
			break;
		if (t->shape == S_LOWER && !w->lower &&
		    (t->means & W_PARTICLE) != 0) {
			x->at++;
			continue;
		}
		if ((t->means & W_COMMON) != 0 &&
		    (t->means & (W_PLACE | W_COUNTRY)) == 0 &&
		    (t->gap & G_LINE) == 0 && t->shape != S_CAPITALS)
			break;
		end = ++x->at;
		bare++;
	}
	x->at = end;
}

/* Calle Mayor 5; Via Giberti 75. */
static bool
take_led(struct walk *x, bool numbered)
{
	const struct word_scan *w = x->w;
	const struct token *t = &w->t[x->at];
	size_t from = x->at, names = 0, house;

	bool slash = x->at + 1 < w->n && t->len == 1 &&
		     (w->t[x->at + 1].gap & G_SLASH) != 0;
	bool weak = t->shape == S_LOWER && !w->lower && t->letters < 5 &&
		    !slash; /* rue, but "via mail" as well */

	if ((t->means & W_STREET) == 0 || (weak && t->letters < 3))
		return false;
	for (x->at++; x->at < w->n && x->at - from < NAME_MAX; x->at++) {
		if (!near_by(&w->t[x->at],
			G_STOP | G_HYPHEN | G_SLASH | G_QUOTE | G_COMMA) ||
		    !is_word(w, x->at))
			break;
		if ((w->t[x->at].gap & G_STOP) != 0 && x->at > from + 1 &&
		    w->t[x->at - 1].letters > 4)
			break;
		names += w->t[x->at].shape != S_LOWER || w->lower;
	}
	house = x->at;
	take_house(x);
	if (names == 0 && x->at == house)
		return false;
	if (x->at == house && !numbered && (weak || t->letters < 4))
		return false;
	x->score = x->at > house || numbered ? 75 : 55;
	return true;
}

/* Is it Dr or St with a capital behind it on its line?  "Dear Dr Who" is no
 * drive, and "near St Mary" no street. */
static bool
leads_name(const struct word_scan *w, size_t i)
{
	const struct token *next = &w->t[i + 1];

	return (w->t[i].means & (W_TITLE | W_PARTICLE)) != 0 && i + 1 < w->n &&
	       near_by(next, G_STOP) &&
	       (next->shape == S_CAPITAL || next->shape == S_CAPITALS);
}

/* 92 Mill Street; Hedemannstrasse 15; 49 Bergshaugen 43. */
static bool
take_named(struct walk *x, bool numbered)
{
	const struct word_scan *w = x->w;
	size_t from = x->at, house;
	bool street = false;

	if (!numbered && !token_leads(w, from))
		return false;
	for (; x->at < w->n && x->at - from < NAME_MAX; x->at++) {
		const struct token *t = &w->t[x->at];
		uint16_t more = x->at == from ? G_STOP | G_COMMA
					      : G_HYPHEN | G_QUOTE | G_STOP;

		if (!is_word(w, x->at) || (x->at > from && !near_by(t, more)) ||
		    (x->at == from && numbered && !near_by(t, G_COMMA)))
			break;
		if (x->at > from && (t->gap & G_STOP) != 0 &&
		    w->t[x->at - 1].letters > 2)
			break;
		if ((t->means & W_STREET_END) != 0 && x->at > from &&
		    (numbered ||
			(!leads_name(w, x->at) &&
			    (t->letters > 3 || t->shape != S_LOWER)))) {
			street = true;
			x->at++;
			break;
		}
		street = street || (t->is & MET_COMPOUND) != 0;
	}
	if (x->at == from)
		return false;
	house = x->at;
	if (x->at < w->n && is_number(&w->t[x->at]) && near_by(&w->t[x->at], 0))
		take_house(x);
	if (!street && !(numbered && (x->at > house)))
		return false;
	if (street && !numbered && x->at == house &&
	    (w->lower || w->t[from].shape == S_LOWER))
		return false;
	x->score = street && (numbered || x->at > house) ? 75
		   : numbered				 ? 50
							 : 45;
	return true;
}

/* P.O. Box 12; Unit 4502 Box 4881, DPO AA 19766; Apt. 5. */
static bool
take_box(struct walk *x)
{
	const struct word_scan *w = x->w;
	size_t from = x->at;

	/* P.O. */
	if (w->t[from].len == 1 && from + 2 < w->n &&
	    (x->p[w->t[from].start] | 32) == 'p' && w->t[from + 1].len == 1 &&
	    (x->p[w->t[from + 1].start] | 32) == 'o')
		x->at += 2;
	if ((w->t[x->at].means & (W_UNIT | W_ARMY)) == 0 ||
	    w->t[x->at].letters < 3 || x->at + 1 >= w->n)
		return false;
	if ((w->t[x->at].means & W_ARMY) != 0 && is_word(w, x->at + 1)) {
		x->at += 2;
		x->score = 50;
		return x->at < w->n && (w->t[x->at].means & W_ARMY) != 0;
	}
	if (!is_number(&w->t[x->at + 1]) || !near_by(&w->t[x->at + 1], G_STOP))
		return false;
	x->at += 2;
	x->score = 60;
	return true;
}

bool
find_address(
    const struct word_scan *w, const uint8_t *p, size_t i, struct find *out)
{
	struct walk x = { .w = w, .p = p, .at = i };
	size_t first = i;
	bool numbered = false, got;

	while (x.at < w->n && x.at - i < 2 && is_number(&w->t[x.at]) &&
	       w->t[x.at].len <= 5 && (x.at == i || near_by(&w->t[x.at], 0))) {
		numbered = true;
		x.at++;
	}
	if (x.at >= w->n || (numbered && !near_by(&w->t[x.at], G_COMMA)))
		return false;
	if (!numbered && w->t[i].shape == S_LOWER && !w->lower &&
	    (w->t[i].means & W_STREET) == 0)
		return false;
	i = x.at;
	got = take_box(&x);
	if (!got) {
		x.at = i;
		got = take_led(&x, numbered);
	}
	if (!got) {
		x.at = i;
		got = take_named(&x, numbered);
	}
	if (!got)
		return false;
	take_tail(&x);
	*out = (struct find){ .from = numbered ? first : i,
		.to = x.at,
		.rule = R_ADDRESS,
		.score = (uint8_t)(x.score > 90 ? 90 : x.score),
		.list = "address grammar" };
	return true;
}
