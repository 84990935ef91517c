/*
 * A text before and after, in pieces that a page can show side by side, and
 * what is still found in the pieces that leave as they are.
 *
 * Offsets of edits are those of a change record, so what is marked as cut is
 * what was cut.  A find counts once, when the first of its bytes is met that
 * was there before: what a mask has put in is no find.
 */

#include <string.h>

#include "gateway/flow/sheet_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* Edits in the place of one that replaced a sentence. */
#define PARTS_MAX 256u

/* Words behind one another that make free text. */
#define PROSE_WORDS 4u

/* ---- Finds in what leaves ---- */

struct finds {
	unsigned least; /* score of what is sure */
	struct sheet_find *at;
	size_t n, room;
	size_t next; /* the first that does not end before where we are */
	size_t met;  /* those in front were counted */
};

static int
pass(void *arg, const void *p, size_t len, struct fault *f)
{
	(void)arg;
	(void)p;
	(void)len;
	(void)f;
	return 0;
}

static int
add_find(void *arg, const struct redact_cut *cut, struct fault *f)
{
	struct finds *s = arg;

	if (s->n == s->room) {
		size_t room = s->room == 0 ? 64 : 2 * s->room;
		void *at = mem_resize(s->at, room * sizeof(*s->at));

		if (at == NULL)
			return fault_memory(f);
		s->at = at;
		s->room = room;
	}
	s->at[s->n++] = (struct sheet_find){ cut->at, cut->at + cut->bytes,
		cut->entity, cut->score >= s->least };
	return 0;
}

static int
look(struct finds *s, const struct sheet_view *v, const struct slice *text,
    struct fault *f)
{
	const struct redact_pieces to = { pass, add_find, s };

	*s = (struct finds){ .least = v->search->first };
	if (text->len == 0 || !utf8_valid(text->at, text->len))
		return 0;
	if (transform_redact(
		v->search, &v->site, text->at, text->len, &to, f) != 0)
		return -1;
	if (v->members != NULL)
		s->n = sheet_drop_members(s->at, s->n, text, v->members);
	return 0;
}

/* ---- Pieces ---- */

/* UTF-8 without NUL, whatever stands there. */
static int
put_shown(struct bytes *out, const uint8_t *p, size_t len, struct fault *f)
{
	struct bytes text;
	int rc = 0;

	bytes_init(&text, 3 * len);
	for (size_t i = 0, used; rc == 0 && i < len; i += used) {
		int32_t c = utf8_next(p + i, len - i, &used);

		rc = c > 0 ? bytes_add(&text, p + i, used, f)
			   : bytes_add_text(&text, "\xef\xbf\xbd", f);
	}
	if (rc == 0)
		rc = put_slice(out, text.at, text.len, f);
	bytes_free(&text);
	return rc;
}

static int
put_piece(struct sheet_view *v, enum sheet_piece kind, const uint8_t *p,
    size_t len, struct fault *f)
{
	size_t shown = len < v->room ? len : v->room;

	if (v->out == NULL || len == 0)
		return 0;
	while (shown < len && shown > 0 && (p[shown] & 0xc0) == 0x80)
		shown--;
	v->more = v->more || shown < len;
	if (shown == 0) {
		v->room = 0;
		return 0;
	}
	v->room -= shown;
	if (put_u8(v->out, (uint8_t)kind, f) != 0)
		return -1;
	return put_shown(v->out, p, shown, f);
}

static int
put_gap(struct sheet_view *v, size_t len, struct fault *f)
{
	char words[TEXT_GROUPED];

	if (v->room == 0)
		return 0;
	text_grouped(words, len);
	if (put_u8(v->out, SHEET_GAP, f) != 0)
		return -1;
	return put_slice(v->out, words, strlen(words), f);
}

/* What is the same and has no find: long ones are cut in the middle. */
static int
put_same(struct sheet_view *v, const uint8_t *p, size_t len, struct fault *f)
{
	size_t head = SHEET_END_BYTES, tail = len - SHEET_END_BYTES;

	if (v->out == NULL || len <= 3 * (size_t)SHEET_END_BYTES)
		return put_piece(v, SHEET_SAME, p, len, f);
	while (head > 0 && (p[head] & 0xc0) == 0x80)
		head--;
	while (tail < len && (p[tail] & 0xc0) == 0x80)
		tail++;
	if (put_piece(v, SHEET_SAME, p, head, f) != 0 ||
	    put_gap(v, tail - head, f) != 0)
		return -1;
	return put_piece(v, SHEET_SAME, p + tail, len - tail, f);
}

/* [from, to) of a find, which was there before. */
static int
put_left(struct sheet_view *v, const struct sheet_find *x, const uint8_t *p,
    size_t len, struct fault *f)
{
	if (v->out == NULL)
		return 0;
	if (v->room < len) {
		v->more = true;
		v->room = 0;
		return 0;
	}
	if (put_piece(v, SHEET_LEFT, p, len, f) != 0 ||
	    put_text(v->out, x->entity, f) != 0)
		return -1;
	return put_u8(v->out, x->sure ? 1 : 0, f);
}

static void
count_find(struct sheet_view *v, struct finds *s)
{
	if (s->met > s->next)
		return;
	s->met = s->next + 1;
	if (s->at[s->next].sure)
		v->risk.sure++;
	else
		v->risk.doubtful++;
}

/* ---- Words ---- */

static bool
word_byte(uint8_t c)
{
	return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What may stand between words of a sentence; quotes, braces and colons are
 * how data is written. */
static bool
between(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ',' ||
	       c == '.' || c == ';' || c == '\'' || c == '-' || c == '(' ||
	       c == ')' || c == '!' || c == '?' || (c >= '0' && c <= '9');
}

static uint32_t
prose(const uint8_t *p, size_t len)
{
	uint32_t all = 0, run = 0;

	for (size_t i = 0; i < len;) {
		size_t start = i;

		while (i < len && word_byte(p[i]))
			i++;
		if (i > start) {
			run++;
			continue;
		}
		if (!between(p[i])) {
			all += run >= PROSE_WORDS ? run : 0;
			run = 0;
		}
		i++;
	}
	return all + (run >= PROSE_WORDS ? run : 0);
}

/* ---- A text ---- */

/* after[from, to), which was there before. */
static int
kept(struct sheet_view *v, struct finds *s, const struct slice *after,
    size_t from, size_t to, struct fault *f)
{
	if (from == to)
		return 0;
	v->risk.words += prose(after->at + from, to - from);
	while (from < to) {
		const struct sheet_find *x;
		size_t end;

		while (s->next < s->n && s->at[s->next].to <= from)
			s->next++;
		x = s->next < s->n ? &s->at[s->next] : NULL;
		if (x == NULL || x->from >= to)
			return put_same(v, after->at + from, to - from, f);
		if (x->from > from) {
			if (put_same(v, after->at + from, x->from - from, f) !=
			    0)
				return -1;
			from = x->from;
		}
		count_find(v, s);
		end = x->to < to ? x->to : to;
		if (put_left(v, x, after->at + from, end - from, f) != 0)
			return -1;
		from = end;
	}
	return 0;
}

static size_t
least(size_t a, uint64_t b)
{
	return b < a ? (size_t)b : a;
}

struct places {
	size_t was, is; /* in before and after */
	bool end;	/* of what of them is there */
};

static int
one_edit(struct sheet_view *v, struct finds *s, const struct sheet_text *t,
    const struct mask_edit *e, struct places *at, struct fault *f)
{
	size_t same = least(t->after.len - at->is, e->at - at->was), cut, put;

	if (kept(v, s, &t->after, at->is, at->is + same, f) != 0)
		return -1;
	at->is += same;
	at->was = least(t->before.len, e->at);
	cut = least(t->before.len - at->was, e->cut);
	put = least(t->after.len - at->is, e->put);
	v->risk.changes++;
	if ((cut > 0 &&
		put_piece(v, SHEET_CUT, t->before.at + at->was, cut, f) != 0) ||
	    (put > 0 &&
		put_piece(v, SHEET_PUT, t->after.at + at->is, put, f) != 0))
		return -1;
	at->was += cut;
	at->is += put;
	at->end = cut < e->cut || put < e->put;
	v->more = v->more || at->end;
	return 0;
}

/* A sentence that was replaced by another: word by word. */
static int
finer(struct sheet_view *v, struct finds *s, const struct sheet_text *t,
    const struct mask_edit *e, struct places *at, struct fault *f)
{
	struct mask_edit parts[PARTS_MAX];
	size_t n = PARTS_MAX, put_at = at->is + (size_t)(e->at - at->was);
	const struct slice cut = { t->before.at + e->at, (size_t)e->cut };
	const struct slice put = { t->after.at + put_at, (size_t)e->put };

	if (sheet_diff(&cut, &put, parts, &n, f) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		parts[i].at += e->at;
		if (one_edit(v, s, t, &parts[i], at, f) != 0)
			return -1;
	}
	return 0;
}

/* Is it there, and a sentence before and after? */
static bool
sentences(const struct sheet_text *t, const struct mask_edit *e,
    const struct places *at)
{
	uint64_t put_at = at->is + (e->at - at->was);

	return e->at + e->cut <= t->before.len &&
	       put_at + e->put <= t->after.len && e->cut > 0 && e->put > 0 &&
	       memchr(t->before.at + e->at, ' ', (size_t)e->cut) != NULL &&
	       memchr(t->after.at + put_at, ' ', (size_t)e->put) != NULL;
}

/* The edits one after the other, as far as both texts are there. */
static int
walk(struct sheet_view *v, struct finds *s, const struct sheet_text *t,
    struct fault *f)
{
	struct places at = { .was = 0 };

	for (size_t i = 0; i < t->nedits && !at.end; i++) {
		const struct mask_edit *e = &t->edits[i];

		if ((sentences(t, e, &at) ? finer(v, s, t, e, &at, f)
					  : one_edit(v, s, t, e, &at, f)) != 0)
			return -1;
	}
	return at.end ? 0 : kept(v, s, &t->after, at.is, t->after.len, f);
}

int
sheet_view_text(
    struct sheet_view *v, const struct sheet_text *t, struct fault *f)
{
	struct finds finds = { .n = 0 };
	int rc = -1;

	if (look(&finds, v, &t->after, f) == 0)
		rc = walk(v, &finds, t, f);
	mem_free(finds.at);
	if (rc != 0 || v->out == NULL)
		return rc;
	return put_u8(v->out, 0, f);
}
