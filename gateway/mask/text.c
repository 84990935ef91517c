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

int
text_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	(void)src; /* text has no names */
	(void)as;
	(void)out;
	(void)f;
	return 0;
}

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

static int
keep_text(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f)
{
	struct mask_window w;
	size_t ready = 0;
	int rc = -1;

	view->chars = 0;
	if (window_open(&w, src->fd, 0, src->size, TEXT_WINDOW, f) != 0)
		goto out;
	while (!window_whole(&w) || w.len > ready) {
		if (window_fill(&w, ready, f) != 0)
			goto out;
		ready = w.len;
		if (!window_whole(&w))
			ready -= utf8_partial(w.buf, w.len);
		if (!utf8_valid(w.buf, ready)) {
			(void)fault_set(f, FAULT_INPUT,
			    "not UTF-8 text within %zu bytes of byte %llu",
			    ready, (unsigned long long)w.base);
			goto out;
		}
		view->chars += code_points(w.buf, ready);
		if (mask_keep(o, w.buf, ready, f) != 0)
			goto out;
	}
	rc = 0;
out:
	window_close(&w);
	return rc;
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
		.key =
		    field->key < keys->nfields ? keys->field[field->key] : NULL,
		.path = src->path,
		.field = field->name,
		.subject = src->subject,
		.dictionary = keys->dictionary,
	};
	struct searched s = { o, view };
	const struct redact_pieces to = { keep_piece, swap_piece, &s };
	struct mask_window w;
	int rc = -1;

	if (window_open(&w, src->fd, 0, src->size, TEXT_SEARCHED_MAX, f) != 0)
		goto out;
	while (!window_whole(&w))
		if (window_fill(&w, 0, f) != 0)
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
	return src->plan->nfields == 0 ? keep_text(src, o, view, f)
				       : redact_text(src, o, view, f);
}
