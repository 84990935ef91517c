/*
 * A text as it is searched, and the way back; see fold_internal.h.
 *
 * Nothing is kept of where a character went: to go back the text is folded
 * again, counting, up to the end of the last span.  Both ways take one pass,
 * and a text of which nothing is folded is only looked through.
 */

#include "policy/detect/fold_internal.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/detect/detect_internal.h"

/* ---- Characters ---- */

/* C0: those that part fields and pages are blanks (U+001C to U+001F, vertical
 * tabulation, form feed), the others show nothing. */
static size_t
fold_control(int32_t c, char *out)
{
	if (c == '\t' || c == '\n' || c == '\r')
		return FOLD_AS_IT_IS;
	*out = ' ';
	return c == '\v' || c == '\f' || (c >= 0x1c && c < 0x20);
}

static size_t
fold_by(const struct fold_range *r, uint32_t c, char out[FOLD_CHARS_MAX])
{
	static const char *const ligatures[] = { "ff", "fi", "fl", "ffi", "ffl",
		"st", "st" };
	uint32_t n = c - r->first;

	switch ((enum fold_how)r->how) {
	case FOLD_SKIP:
	case FOLD_MARK:
		return 0;
	case FOLD_LIGATURE:
		memcpy(out, ligatures[n], strlen(ligatures[n]));
		return strlen(ligatures[n]);
	case FOLD_SHIFT:
		break;
	case FOLD_DIGIT:
		n %= 10;
		break;
	case FOLD_LETTER:
		n %= 52;
		n += n < 26 ? 0 : 'a' - 'A' - 26;
		break;
	case FOLD_ONE:
	default:
		n = 0;
		break;
	}
	out[0] = (char)((uint32_t)r->to + n);
	return 1;
}

/* The range that c is in, or NULL. */
static const struct fold_range *
range_of(int32_t c)
{
	size_t from = 0, to = fold_ranges_count;

	while (from < to) {
		size_t mid = from + (to - from) / 2;
		const struct fold_range *r = &fold_ranges[mid];

		if ((uint32_t)c < r->first)
			to = mid;
		else if ((uint32_t)c > r->last)
			from = mid + 1;
		else
			return r;
	}
	return NULL;
}

size_t
fold_one(int32_t c, char out[FOLD_CHARS_MAX])
{
	const struct fold_range *r;

	if (c < 0)
		return FOLD_AS_IT_IS;
	if (c < 0x80)
		return c < 0x20 || c == 0x7f ? fold_control(c, out)
					     : FOLD_AS_IT_IS;
	r = range_of(c);
	return r == NULL ? FOLD_AS_IT_IS : fold_by(r, (uint32_t)c, out);
}

/* Bytes that a character which is folded may begin with: C0 and DEL, and the
 * first bytes of the table's characters. */
static const bool may_fold[256] = {
#define X(b) [b] = true
	X(0x00), X(0x01), X(0x02), X(0x03), X(0x04), X(0x05), X(0x06), X(0x07),
	X(0x08), X(0x0b), X(0x0c), X(0x0e), X(0x0f), X(0x10), X(0x11), X(0x12),
	X(0x13), X(0x14), X(0x15), X(0x16), X(0x17), X(0x18), X(0x19), X(0x1a),
	X(0x1b), X(0x1c), X(0x1d), X(0x1e), X(0x1f), X(0x7f), X(0xc2), X(0xcc),
	X(0xcd), X(0xd6), X(0xd8), X(0xd9), X(0xdb), X(0xdc), X(0xdf), X(0xe0),
	X(0xe1), X(0xe2), X(0xe3), X(0xea), X(0xef), X(0xf0), X(0xf3)
#undef X
};

/* One character at p: how many bytes it is of, and what it is searched as. */
static size_t
read_one(const uint8_t *p, size_t len, char out[FOLD_CHARS_MAX], size_t *used)
{
	int32_t c;

	*used = 1;
	if (p[0] < 0x80)
		return may_fold[p[0]] ? fold_one(p[0], out) : FOLD_AS_IT_IS;
	if ((c = utf8_next(p, len, used)) < 0)
		*used = 1;
	return may_fold[p[0]] ? fold_one(c, out) : FOLD_AS_IT_IS;
}

/* How many bytes p begins with from ' ' to '~'. */
static size_t
printable(const uint8_t *p, size_t len)
{
	size_t i = 0;

#ifdef __SSE2__
	for (; len - i >= 16; i += 16) {
		__m128i c = _mm_loadu_si128((const void *)(p + i));
		/* signed: those over 0x7f are below */
		__m128i is =
		    _mm_andnot_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8(0x7f)),
			_mm_cmpgt_epi8(c, _mm_set1_epi8(0x1f)));
		unsigned mask = (unsigned)_mm_movemask_epi8(is);

		if (mask != 0xffff)
			return i + (unsigned)__builtin_ctz(~mask);
	}
#endif
	while (i < len && p[i] >= ' ' && p[i] <= '~')
		i++;
	return i;
}

/* How much of p is searched as it is. */
static size_t
plain(const uint8_t *p, size_t len)
{
	char as[FOLD_CHARS_MAX];
	size_t i = 0, used;

	while ((i += printable(p + i, len - i)) < len) {
		if (!may_fold[p[i]]) {
			i++;
			continue;
		}
		if (read_one(p + i, len - i, as, &used) != FOLD_AS_IT_IS)
			break;
		i += used;
	}
	return i;
}

/* ---- Texts ---- */

void
fold_free(struct fold *o)
{
	mem_free(o->at);
}

size_t
fold_into(char *out, size_t room, const void *text, size_t len)
{
	const uint8_t *p = text;
	size_t n = 0, used;

	for (size_t i = 0; i < len; i += used) {
		char as[FOLD_CHARS_MAX];
		size_t k = read_one(p + i, len - i, as, &used);
		const void *from = as;

		if (k == FOLD_AS_IT_IS) {
			from = p + i;
			k = used;
		}
		if (k > room - n)
			break;
		memcpy(out + n, from, k);
		n += k;
	}
	return n;
}

int
fold_text(struct fold *o, const uint8_t *p, size_t len, const uint8_t **out,
    size_t *n, struct fault *f)
{
	size_t done = plain(p, len);

	*out = p;
	*n = len;
	if (done == len)
		return 0;
	if (o->room < len) {
		mem_free(o->at);
		o->room = 0;
		if ((o->at = mem_new(len)) == NULL)
			return fault_memory(f);
		o->room = len;
	}
	memcpy(o->at, p, done);
	*out = o->at;
	*n = done;
	while (done < len) {
		size_t used, k;

		k = read_one(p + done, len - done, (char *)o->at + *n, &used);
		must(k != FOLD_AS_IT_IS);
		*n += k;
		done += used;
		k = plain(p + done, len - done);
		memcpy(o->at + *n, p + done, k);
		*n += k;
		done += k;
	}
	return 0;
}

/* ---- Back ---- */

/* As far as a text was folded. */
struct place {
	size_t at, chars; /* of the text */
	size_t folded;	  /* bytes */
};

/* Over one character. */
static void
step(const uint8_t *p, size_t len, struct place *to)
{
	char as[FOLD_CHARS_MAX];
	size_t used, k = read_one(p + to->at, len - to->at, as, &used);

	if (k == FOLD_AS_IT_IS)
		k = used;
	to->folded += k;
	to->at += used;
	to->chars++;
}

/* To the character that has text[target] of the folded text, over all that is
 * before it, unseen or not. */
static void
go_to(const uint8_t *p, size_t len, struct place *to, size_t target)
{
	struct place next = *to;

	while (next.at < len) {
		step(p, len, &next);
		if (next.folded > target)
			return;
		*to = next;
	}
}

/* Behind the character that text[target - 1] of the folded text is of. */
static void
go_behind(const uint8_t *p, size_t len, struct place *to, size_t target)
{
	while (to->at < len && to->folded < target)
		step(p, len, to);
}

static bool
is_mark(const uint8_t *p, size_t len)
{
	const struct fold_range *r;
	size_t used;

	if (p[0] < 0x80 || !may_fold[p[0]])
		return false;
	r = range_of(utf8_next(p, len, &used));
	return r != NULL && r->how == FOLD_MARK;
}

void
fold_back(const uint8_t *p, size_t len, struct detect_spans *spans)
{
	struct place from = { .at = 0 }, end = from;

	for (size_t i = 0; i < spans->n; i++) {
		struct detect_span *x = &spans->at[i];

		/* Where overlaps are reported it may begin before the last
		 * ended. */
		if (end.folded <= x->start)
			from = end;
		go_to(p, len, &from, x->start);
		end = from;
		go_behind(p, len, &end, x->end);
		while (end.at < len && is_mark(p + end.at, len - end.at))
			step(p, len, &end);
		x->start = from.at;
		x->end = end.at;
		x->char_start = from.chars;
		x->char_end = end.chars;
	}
}

/* ---- Names as they are compared ---- */

size_t
detect_fold(char *out, size_t room, const void *text, size_t len)
{
	const uint8_t *p = text;
	size_t n = 0;

	for (size_t i = 0, used; i < len; i += used) {
		char as[FOLD_CHARS_MAX];
		size_t k = read_one(p + i, len - i, as, &used);
		const void *from = as;

		if (k == FOLD_AS_IT_IS) {
			from = p + i;
			k = used;
		}
		if (k == 0)
			continue;
		k = letters_fold(out + n, room - n, from, k);
		if (k == 0)
			break;
		n += k;
	}
	return n;
}
