/*
 * Of spans that overlap the better one stays: the one with a proof, else the
 * longer, else the one with the higher score.  Spans that hang together, each
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

static int
by_worth(const void *a, const void *b)
{
	const struct detect_span *x = &((const struct found *)a)->span;
	const struct detect_span *y = &((const struct found *)b)->span;
	size_t xlen = x->end - x->start, ylen = y->end - y->start;

	if (x->proven != y->proven)
		return x->proven ? -1 : 1;
	if (xlen != ylen)
		return xlen > ylen ? -1 : 1;
	return by_start(a, b);
}

/* What the dataset itself knows of a text is never left uncovered because a
 * better span covers a part of it. */
static bool
is_known(const struct found *x)
{
	return !x->matched && x->span.score >= 90 && x->span.list != NULL &&
	       (strcmp(x->span.list, "dictionary") == 0 ||
		   strcmp(x->span.list, "own record") == 0);
}

/* Cut x to what the kept spans leave of it, at its beginning or its end; false
 * when that is nothing. */
static bool
cut(struct detect_span *x, const struct found *kept, size_t n, const uint8_t *p)
{
	for (size_t k = 0; k < n; k++) {
		const struct detect_span *y = &kept[k].span;

		if (x->start >= y->end || x->end <= y->start)
			continue;
		if (x->start < y->start)
			x->end = y->start;
		else
			x->start = y->end;
		if (x->start >= x->end)
			return false;
	}
	while (x->start < x->end && !letters_word(p, x->start, x->end))
		x->start++;
	while (x->end > x->start && p[x->end - 1] < 0x80 &&
	       !letters_word(p, x->end - 1, x->end))
		x->end--;
	return x->start < x->end;
}

/* The n spans of one heap: the best, the best of what it leaves, and so on. */
static int
settle(struct found *heap, size_t n, const uint8_t *p, struct detect_spans *out,
    struct fault *f)
{
	size_t kept = 0;

	if (n > 1)
		qsort(heap, n, sizeof(*heap), by_worth);
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < kept && (heap[i].span.start >= heap[k].span.end ||
				       heap[i].span.end <= heap[k].span.start))
			k++;
		if (k == kept ||
		    (is_known(&heap[i]) && cut(&heap[i].span, heap, kept, p))) {
			struct found t = heap[kept];

			heap[kept++] = heap[i];
			heap[i] = t;
		}
	}
	if (kept > 1)
		qsort(heap, kept, sizeof(*heap), by_start);
	for (size_t i = 0; i < kept; i++) {
		/* A heap that was cut may reach into the one before. */
		if (out->n > 0 && heap[i].span.start < out->at[out->n - 1].end)
			continue;
		if (add(out, &heap[i].span, f) != 0)
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
