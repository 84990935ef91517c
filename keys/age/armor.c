/*
 * ASCII armor (age.md, "ASCII armor"): strict PEM (RFC 7468, section 3) under
 * the label AGE ENCRYPTED FILE, so that one file has one armored form.
 *
 * Accepted besides that form: CRLF line ends, and up to ARMOR_SPACE_MAX bytes
 * of white space before BEGIN and after END.  Both directions work on a
 * stream, line by line, and hold one line.
 */

#include <string.h>

#include "keys/age/age_internal.h"

#define BEGIN_LINE "-----BEGIN AGE ENCRYPTED FILE-----"
#define END_LINE "-----END AGE ENCRYPTED FILE-----"
#define COLUMNS 64u
#define COLUMN_BYTES 48u

/* White space around the armor: what mail and editors add, not a hiding
 * place. */
#define ARMOR_SPACE_MAX 1024u

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
age_is_armor(const void *p, size_t len)
{
	const uint8_t *at = p;
	const size_t n = sizeof("-----BEGIN ") - 1;

	while (len > 0 && is_space(*at)) {
		at++;
		len--;
	}
	return len >= n && memcmp(at, "-----BEGIN ", n) == 0;
}

int
age_armor_add(struct age_armoring *a, struct bytes *out, const void *p,
    size_t len, struct fault *f)
{
	const uint8_t *in = p;

	if (!a->begun && bytes_add_text(out, BEGIN_LINE "\n", f) != 0)
		return -1;
	a->begun = true;
	while (len > 0) {
		size_t n = COLUMN_BYTES - a->held_len;

		n = len < n ? len : n;
		memcpy(a->held + a->held_len, in, n);
		a->held_len += n;
		in += n;
		len -= n;
		if (a->held_len < COLUMN_BYTES)
			break;
		if (base64_add(out, a->held, COLUMN_BYTES, true, f) != 0 ||
		    bytes_add(out, "\n", 1, f) != 0)
			return -1;
		a->held_len = 0;
	}
	return 0;
}

int
age_armor_end(struct age_armoring *a, struct bytes *out, struct fault *f)
{
	if (age_armor_add(a, out, NULL, 0, f) != 0 ||
	    base64_add(out, a->held, a->held_len, true, f) != 0 ||
	    (a->held_len > 0 && bytes_add(out, "\n", 1, f) != 0))
		return -1;
	return bytes_add_text(out, END_LINE "\n", f);
}

int
age_armor_write(struct bytes *out, const void *p, size_t len, struct fault *f)
{
	struct age_armoring a = { 0 };

	if (age_armor_add(&a, out, p, len, f) != 0)
		return -1;
	return age_armor_end(&a, out, f);
}

static int
bad(struct fault *f, const char *what)
{
	return fault_set(f, FAULT_INPUT, "armor: %s", what);
}

/* Have a line's worth of text at hand, or all that is left. */
static int
refill(struct age_unarmor *u, struct fault *f)
{
	size_t got;

	if (u->ended || u->len - u->at >= 2 * COLUMNS)
		return 0;
	memmove(u->text, u->text + u->at, u->len - u->at);
	u->len -= u->at;
	u->at = 0;
	if (u->from.pull(u->from.context, u->text + u->len,
		sizeof(u->text) - u->len, &got, f) != 0)
		return -1;
	u->ended = got < sizeof(u->text) - u->len;
	u->len += got;
	return 0;
}

/* Skip white space up to the ceiling. */
static int
skip_space(struct age_unarmor *u, struct fault *f)
{
	for (size_t n = 0;; n++) {
		if (refill(u, f) != 0)
			return -1;
		if (u->at == u->len || !is_space(u->text[u->at]))
			return 0;
		if (n == ARMOR_SPACE_MAX)
			return bad(f, "too much white space around it");
		u->at++;
	}
}

/* The next line without its end, in u->text. */
static int
next_line(struct age_unarmor *u, struct slice *line, struct fault *f)
{
	const uint8_t *start, *lf;
	size_t left;

	if (refill(u, f) != 0)
		return -1;
	start = u->text + u->at;
	left = u->len - u->at;
	lf = memchr(start, '\n', left);
	*line =
	    (struct slice){ start, lf != NULL ? (size_t)(lf - start) : left };
	u->at += line->len + (lf != NULL ? 1 : 0);
	if (lf == NULL && !u->ended)
		return bad(f, "a line is over 64 characters");
	if (line->len > 0 && start[line->len - 1] == '\r')
		line->len--;
	/* Without a line end only the END line is whole. */
	if (lf == NULL && (line->len != sizeof(END_LINE) - 1 ||
			      memcmp(start, END_LINE, line->len) != 0)) {
		u->cut = true;
		return fault_set(
		    f, FAULT_FORGED, "armor: cut short, no END line");
	}
	return 0;
}

static bool
is(const struct slice *line, const char *want)
{
	return line->len == strlen(want) &&
	       memcmp(line->at, want, line->len) == 0;
}

/* END came: nothing but white space may follow. */
static int
finish(struct age_unarmor *u, struct fault *f)
{
	u->place = ARMOR_DONE;
	if (skip_space(u, f) != 0)
		return -1;
	return u->at == u->len ? 0 : bad(f, "something behind its END line");
}

static int
begin(struct age_unarmor *u, struct fault *f)
{
	struct slice line;

	if (skip_space(u, f) != 0 || next_line(u, &line, f) != 0)
		return -1;
	if (!is(&line, BEGIN_LINE))
		return bad(f, "not a BEGIN line of age");
	u->place = ARMOR_BODY;
	return 0;
}

/* Decode one line into u->held, or finish. */
static int
body_line(struct age_unarmor *u, struct fault *f)
{
	struct slice line;

	if (next_line(u, &line, f) != 0)
		return -1;
	if (is(&line, END_LINE))
		return finish(u, f);
	if (u->place == ARMOR_LAST)
		return bad(f, "a line behind the last");
	if (line.len == 0 || line.len > COLUMNS)
		return bad(f, "a line that is empty or over 64 characters");
	if (!base64_read(u->held, sizeof(u->held), &u->held_len,
		(const char *)line.at, line.len, true))
		return bad(f, "a line that is not canonical base64");
	u->held_at = 0;
	if (u->held_len < COLUMN_BYTES)
		u->place = ARMOR_LAST;
	return 0;
}

static int
pull(struct age_unarmor *u, uint8_t *to, size_t len, size_t *got,
    struct fault *f)
{
	if (u->place == ARMOR_BEFORE && begin(u, f) != 0)
		return -1;
	while (*got < len) {
		size_t n = u->held_len - u->held_at;

		if (n == 0 && u->place == ARMOR_DONE)
			break;
		if (n == 0 && body_line(u, f) != 0)
			return -1;
		n = u->held_len - u->held_at;
		n = n < len - *got ? n : len - *got;
		memcpy(to + *got, u->held + u->held_at, n);
		u->held_at += n;
		*got += n;
	}
	return 0;
}

int
age_unarmor_pull(
    void *context, void *p, size_t len, size_t *got, struct fault *f)
{
	struct age_unarmor *u = context;

	*got = 0;
	if (u->broken.kind == FAULT_NONE &&
	    pull(u, p, len, got, &u->broken) == 0)
		return 0;
	return fault_set(f, u->broken.kind, "%s", u->broken.text);
}

int
age_armor_read(struct bytes *out, const void *p, size_t len, struct fault *f)
{
	bool cut;

	return age_armor_take(out, p, len, &cut, f);
}

int
age_armor_take(
    struct bytes *out, const void *p, size_t len, bool *cut, struct fault *f)
{
	struct slice left = { p, len };
	struct age_unarmor u = { .from = { age_memory_pull, &left } };
	uint8_t some[4096];
	size_t was = out->len, got;
	int rc;

	do {
		rc = age_unarmor_pull(&u, some, sizeof(some), &got, f);
		if (bytes_add(out, some, got, f) != 0)
			rc = -1;
	} while (rc == 0 && got > 0);
	*cut = u.cut;
	if (rc != 0 && !u.cut)
		out->len = was;
	return rc;
}
