/*
 * Of spans that overlap the better one stays: the one with a proof, else the
 * longer, else the one with the higher score.  A check digit alone, which any
 * number in ten has by chance, is no proof.  Spans that hang together, each
 * overlapping the next, are settled as one heap, best first, so that taking
 * the better of two never uncovers what a third had covered.
 */

#include <stdlib.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/detect/detect_internal.h"

/* Of one heap at most so many are compared with each other; a larger one is
 * settled in parts, so that the time stays linear. */
#define HEAP_MAX 64u

void
detect_spans_init(struct detect_spans *s)
{
	memset(s, 0, sizeof(*s));
}

void
detect_spans_free(struct detect_spans *s)
{
	mem_free(s->at);
	memset(s, 0, sizeof(*s));
}

static int
add(struct detect_spans *out, const struct detect_span *span, struct fault *f)
{
	if (out->n == out->room) {
		size_t room = out->room == 0 ? 64 : 2 * out->room;
		struct detect_span *more =
		    mem_resize(out->at, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(f);
		out->at = more;
		out->room = room;
	}
	out->at[out->n++] = *span;
	return 0;
}

static int
by_start(const void *a, const void *b)
{
	const struct found *f = a, *g = b;
	const struct detect_span *x = &f->span, *y = &g->span;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (strcmp(x->entity, y->entity) != 0)
		return strcmp(x->entity, y->entity);
	return (int)g->matched - (int)f->matched;
}

/* What a lone check digit scores at most (docs/DETECT.md, Recognisers). */
#define SCORE_CHANCE 50u

static bool
is_proven(const struct detect_span *x)
{
	return x->proven && x->score > SCORE_CHANCE;
}

static int
by_worth(const void *a, const void *b)
{
	const struct detect_span *x = &((const struct found *)a)->span;
	const struct detect_span *y = &((const struct found *)b)->span;
	size_t xlen = x->end - x->start, ylen = y->end - y->start;

	if (is_proven(x) != is_proven(y))
		return is_proven(x) ? -1 : 1;
	if (xlen != ylen)
		return xlen > ylen ? -1 : 1;
	return by_start(a, b);
}

/* Disjoint spans in order of start.  Of n spans they are fewer than 2 n: one
 * that covers others fills each of the gaps between them for good (what is
 * trimmed off has no letter for a later one), and adds two at its ends. */
struct pieces {
	struct detect_span at[2 * HEAP_MAX];
	size_t n;
};

/* Is what a better find leaves of x still found?  What would count by itself
 * never stays for having stood beside something better. */
static bool
leaves_rest(const struct detect_span *x)
{
	return x->score >= DETECT_MIN_SCORE;
}

/* Without what is no letter or digit at its ends; false when that is all. */
static bool
trim(struct detect_span *x, const uint8_t *p)
{
	while (x->start < x->end && !letters_word(p, x->start, x->end))
		x->start++;
	while (x->end > x->start && p[x->end - 1] < 0x80 &&
	       !letters_word(p, x->end - 1, x->end))
		x->end--;
	return x->start < x->end;
}

static void
insert(struct pieces *all, size_t at, const struct detect_span *x)
{
	must(all->n < 2 * HEAP_MAX);
	memmove(
	    all->at + at + 1, all->at + at, (all->n - at) * sizeof(*all->at));
	all->at[at] = *x;
	all->n++;
}

/* The first piece that ends behind at. */
static size_t
piece_behind(const struct pieces *all, size_t at)
{
	size_t k = 0;

	while (k < all->n && all->at[k].end <= at)
		k++;
	return k;
}

/* Add x if no piece, all of them better, overlaps it. */
static void
add_whole(struct pieces *all, const struct detect_span *x)
{
	size_t k = piece_behind(all, x->start);

	if (k == all->n || all->at[k].start >= x->end)
		insert(all, k, x);
}

/* Add what the pieces leave of x. */
static void
add_rest(struct pieces *all, const struct detect_span *x, const uint8_t *p)
{
	struct detect_span rest = *x;
	size_t k = piece_behind(all, x->start);

	if (!leaves_rest(x))
		return;
	while (rest.start < x->end) {
		bool last = k == all->n || all->at[k].start >= x->end;
		size_t next = last ? x->end : all->at[k].end;

		rest.end = last ? x->end : all->at[k].start;
		if (rest.start < rest.end && trim(&rest, p))
			insert(all, k++, &rest);
		rest.start = next;
		k++;
	}
}

/* The n spans of one heap: the best, the best of those that it does not touch
 * and so on; then what all these leave of the others. */
static int
settle(struct found *heap, size_t n, const uint8_t *p, struct detect_spans *out,
    struct fault *f)
{
	struct pieces all;

	all.n = 0;
	if (n > 1)
		qsort(heap, n, sizeof(*heap), by_worth);
	for (size_t i = 0; i < n; i++)
		add_whole(&all, &heap[i].span);
	for (size_t i = 0; i < n && n > 1; i++)
		add_rest(&all, &heap[i].span, p);
	for (size_t i = 0; i < all.n; i++) {
		/* A heap that was cut may reach into the one before. */
		if (out->n > 0 && all.at[i].start < out->at[out->n - 1].end) {
			all.at[i].start = out->at[out->n - 1].end;
			if (all.at[i].start >= all.at[i].end ||
			    !leaves_rest(&all.at[i]) || !trim(&all.at[i], p))
				continue;
		}
		if (add(out, &all.at[i], f) != 0)
			return -1;
	}
	return 0;
}

/* Drop what is too weak to count at all. */
static size_t
weed(struct detect_scan *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nfound; i++)
		if (s->found[i].span.score >= s->d->min_score)
			s->found[n++] = s->found[i];
	return n;
}

/* Drop what is allowed, and only then: what it covered is allowed with it. */
static void
drop_allowed(struct detect_scan *s, const uint8_t *p, struct detect_spans *out)
{
	char folded[256];
	size_t n = 0;

	for (size_t i = 0; i < out->n; i++) {
		const struct detect_span *x = &out->at[i];
		size_t len = x->end - x->start;

		if (len > sizeof(folded) ||
		    words_find(&s->d->allow, folded,
			letters_fold(
			    folded, sizeof(folded), p + x->start, len)) == NULL)
			out->at[n++] = *x;
	}
	out->n = n;
}

static void
count_characters(const uint8_t *p, struct detect_spans *out)
{
	size_t at = 0, chars = 0;

	for (size_t i = 0; i < out->n; i++) {
		struct detect_span *x = &out->at[i];

		if (x->start >= at)
			chars += detect_characters(p + at, x->start - at);
		else /* only where overlaps are reported */
			chars -= detect_characters(p + x->start, at - x->start);
		at = x->start;
		x->char_start = chars;
		x->char_end =
		    chars + detect_characters(p + x->start, x->end - x->start);
	}
}

int
spans_settle(struct detect_scan *s, const uint8_t *p, size_t len,
    struct detect_spans *out, struct fault *f)
{
	size_t n = weed(s);

	(void)len;
	out->n = 0;
	if (n > 1)
		qsort(s->found, n, sizeof(*s->found), by_start);
	for (size_t i = 0; i < n;) {
		size_t end = s->found[i].span.end, k = i + 1;

		if (s->d->overlaps) {
			if (add(out, &s->found[i++].span, f) != 0)
				return -1;
			continue;
		}
		while (
		    k < n && k - i < HEAP_MAX && s->found[k].span.start < end) {
			if (s->found[k].span.end > end)
				end = s->found[k].span.end;
			k++;
		}
		if (settle(s->found + i, k - i, p, out, f) != 0)
			return -1;
		i = k;
	}
	if (s->d->allow.n > 0)
		drop_allowed(s, p, out);
	count_characters(p, out);
	return 0;
}
