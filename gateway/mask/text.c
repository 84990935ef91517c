/*
 * Text, once every byte was seen to be UTF-8: delivered as it is (`text: keep`,
 * which says that the policy's author knows what is in it), or searched for
 * personal data, with what was found replaced (`text: detect`).
 *
 * A text that is searched is held as one, since a name may stand anywhere; one
 * that is kept passes through a window.
 */

#include <string.h>

#include "gateway/mask/mask_internal.h"
#include "gateway/mask/window_internal.h"
#include "keys/base/text.h"
#include "policy/rules/rules.h"

#define TEXT_WINDOW (256u * 1024)

/* One text that is searched; the longest book has 10 MiB. */
#define TEXT_SEARCHED_MAX (64u * 1024 * 1024)

/* Of well-formed UTF-8: all bytes but those that go on with a character, which
 * begin with the bits 10.  Eight at a time: a tenth of an export hangs on it.
 */
static uint64_t
code_points(const uint8_t *p, size_t len)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t n = len, eight;
	size_t i = 0;

	for (; i + sizeof(eight) <= len; i += sizeof(eight)) {
		memcpy(&eight, p + i, sizeof(eight));
		n -= ((eight >> 7 & ~eight >> 6 & ones) * ones) >> 56;
	}
	for (; i < len; i++)
		n -= (p[i] & 0xc0) == 0x80;
	return n;
}

/* ---- Every byte seen ---- */

static int
hint_utf16(const char *path, struct fault *f)
{
	return fault_hint(
	    f, "iconv -f utf-16 -t utf-8 %s, if that is what it is", path);
}

/* A piece of a text that begins at byte base. */
static int
check_utf8(const struct mask_source *src, const uint8_t *p, size_t len,
    uint64_t base, struct fault *f)
{
	if (utf8_valid(p, len))
		return 0;
	(void)fault_set(f, FAULT_INPUT,
	    "not UTF-8 text within %zu bytes of byte %llu", len,
	    (unsigned long long)base);
	/* a byte order mark, or what stands beside ASCII */
	if ((base == 0 && len > 1 && p[0] + p[1] == 0xff + 0xfe) ||
	    memchr(p, 0, len) != NULL)
		return hint_utf16(src->path, f);
	return -1;
}

/* A NUL is UTF-8, and between letters hides them from every rule. */
static int
check_nul(const struct mask_source *src, const uint8_t *p, size_t len,
    uint64_t *line, struct fault *f)
{
	const uint8_t *nul = memchr(p, 0, len), *end;

	len = nul == NULL ? len : (size_t)(nul - p);
	for (end = p + len; (p = memchr(p, '\n', (size_t)(end - p))) != NULL;
	     p++)
		++*line;
	if (nul == NULL)
		return 0;
	(void)fault_set(f, FAULT_INPUT, "line %llu: a NUL byte (is it UTF-16?)",
	    (unsigned long long)*line);
	return hint_utf16(src->path, f);
}

/* Read a text in pieces of whole characters, into o or only to look at; one
 * that is searched has no NULs. */
static int
see_text(const struct mask_source *src, bool searched, struct mask_out *o,
    struct mask_view *view, struct fault *f)
{
	struct mask_window w;
	uint64_t line = 1;
	size_t ready = 0;
	int rc = -1;

	if (window_open(&w, src->fd, 0, src->size, TEXT_WINDOW, f) != 0)
		goto out;
	while (!window_whole(&w) || w.len > ready) {
		if (window_fill(&w, ready, f) != 0)
			goto out;
		ready = w.len;
		if (!window_whole(&w))
			ready -= utf8_partial(w.buf, w.len);
		if (check_utf8(src, w.buf, ready, w.base, f) != 0 ||
		    (searched && check_nul(src, w.buf, ready, &line, f) != 0))
			goto out;
		if (o == NULL)
			continue;
		view->chars += code_points(w.buf, ready);
		if (mask_keep(o, w.buf, ready, f) != 0)
			goto out;
	}
	rc = 0;
out:
	window_close(&w);
	return rc;
}

/* Text has no names; but whether it can be searched is better known before
 * anything is exported. */
int
text_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	(void)out;
	return as->searched ? see_text(src, true, NULL, NULL, f) : 0;
}

/* ---- Searched ---- */

struct searched {
	struct mask_out *o;
	struct mask_view *view;
};

static int
keep_piece(void *arg, const void *p, size_t len, struct fault *f)
{
	struct searched *s = arg;

	s->view->chars += code_points(p, len);
	return mask_keep(s->o, p, len, f);
}

static int
swap_piece(void *arg, const struct redact_cut *cut, struct fault *f)
{
	struct searched *s = arg;
	const struct mask_edit shift = { cut->char_at, cut->chars,
		code_points(cut->put.at, cut->put.len) };

	s->view->chars += shift.put;
	if (mask_swap(s->o, cut->bytes, cut->put.at, cut->put.len, f) != 0)
		return -1;
	return mask_shift_add(s->o->change, &shift, f);
}

static int
redact_text(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f)
{
	const struct plan_field *field = &src->plan->fields[0];
	const struct mask_keys *keys = src->keys;
	const struct transform_site site = {
		.key = mask_field_key(keys, field->key),
		.path = src->path,
		.field = field->name,
		.subject = src->subject,
		.dictionary = keys->dictionary,
	};
	struct searched s = { o, view };
	const struct redact_pieces to = { keep_piece, swap_piece, &s };
	struct mask_window w;
	uint64_t line = 1;
	int rc = -1;

	if (window_open(&w, src->fd, 0, src->size, TEXT_SEARCHED_MAX, f) != 0)
		goto out;
	while (!window_whole(&w))
		if (window_fill(&w, 0, f) != 0)
			goto out;
	if (check_utf8(src, w.buf, w.len, 0, f) != 0 ||
	    check_nul(src, w.buf, w.len, &line, f) != 0)
		goto out;
	rc = transform_redact(&field->how, &site, w.buf, w.len, &to, f);
	if (rc != 0)
		(void)file_plan_at(src->plan, field, f);
out:
	window_close(&w);
	return rc;
}

int
text_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f)
{
	view->chars = 0;
	return src->plan->nfields == 0 ? see_text(src, false, o, view, f)
				       : redact_text(src, o, view, f);
}
