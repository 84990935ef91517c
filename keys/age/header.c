/*
 * An age header's grammar, read and written (age.md, "Header").
 *
 *     age-encryption.org/v1
 *     -> X25519 SHARE               argument line, one or more VCHAR words
 *     WRAPPED                       base64, 64 columns; ends with a shorter
 *     --- MAC                       line, which may be empty
 *
 * The reader takes the head of a buffer and says whether a whole header is
 * there, the right beginning of one, or something else; a stream reads on
 * after the second.  It decides nothing about keys: open.c does.
 */

#include <string.h>

#include "keys/age/age_internal.h"
#include "keys/base/mem.h"

#define VERSION_LINE "age-encryption.org/v1\n"
#define COLUMNS 64u
#define COLUMN_BYTES 48u
#define MAC_CHARS 43u

int
age_stanza_write(struct bytes *out, const char *args, const uint8_t *body,
    size_t len, struct fault *f)
{
	if (bytes_add_text(out, "-> ", f) != 0 ||
	    bytes_add_text(out, args, f) != 0 ||
	    bytes_add(out, "\n", 1, f) != 0)
		return -1;
	for (; len >= COLUMN_BYTES; body += COLUMN_BYTES, len -= COLUMN_BYTES)
		if (base64_add(out, body, COLUMN_BYTES, false, f) != 0 ||
		    bytes_add(out, "\n", 1, f) != 0)
			return -1;
	if (base64_add(out, body, len, false, f) != 0)
		return -1;
	return bytes_add(out, "\n", 1, f);
}

bool
age_argument(uint8_t *out, size_t len, const struct slice *arg)
{
	size_t got;

	return base64_read(
		   out, len, &got, (const char *)arg->at, arg->len, false) &&
	       got == len;
}

void
age_header_free(struct age_header *h)
{
	if (h == NULL)
		return;
	mem_free(h->stanzas);
	bytes_free(&h->text);
	bytes_free(&h->bodies);
	*h = (struct age_header){ 0 };
}

/* One pass over the text: what stands where, or where it goes wrong. */
struct scan {
	const uint8_t *at;
	const uint8_t *end;
	struct fault *f;
};

static enum age_scan
bad(struct scan *s, const char *what)
{
	(void)fault_set(s->f, FAULT_INPUT, "header: %s", what);
	return AGE_SCAN_BAD;
}

/* The line at s->at; WHOLE when its newline is there (which is skipped). */
static enum age_scan
take_line(struct scan *s, struct slice *line)
{
	size_t left = (size_t)(s->end - s->at);
	const uint8_t *lf = left > 0 ? memchr(s->at, '\n', left) : NULL;

	line->at = s->at;
	line->len = lf != NULL ? (size_t)(lf - s->at) : left;
	s->at += line->len;
	if (lf == NULL)
		return AGE_SCAN_SHORT;
	s->at++;
	return AGE_SCAN_WHOLE;
}

/* Does what there is of line agree with the beginning of want? */
static bool
begins(const struct slice *line, const char *want)
{
	size_t n = strlen(want);

	return memcmp(line->at, want, line->len < n ? line->len : n) == 0;
}

static enum age_scan
scan_version(struct scan *s)
{
	size_t n = sizeof(VERSION_LINE) - 1, left = (size_t)(s->end - s->at);
	size_t domain = sizeof("age-encryption.org/") - 1;

	if (memcmp(s->at, VERSION_LINE, left < n ? left : n) != 0)
		return bad(
		    s, left >= n && memcmp(s->at, VERSION_LINE, domain) == 0
			   ? "a version of age that this program does not know"
			   : "not an age file");
	if (left < n)
		return AGE_SCAN_SHORT;
	s->at += n;
	return AGE_SCAN_WHOLE;
}

/* Words of VCHAR with one space between, behind "-> ". */
static enum age_scan
scan_args(struct scan *s, struct slice line, bool whole, struct age_stanza *out)
{
	const uint8_t *at = line.at + 3, *end = line.at + line.len;

	while (at <= end) {
		const uint8_t *word = at;

		while (at<end && * at> 0x20 && *at < 0x7f)
			at++;
		if (at < end && *at != ' ')
			return bad(s, "a character no argument may have");
		if (at == word && (at < end || whole))
			return bad(s, "an empty argument");
		if (out->nargs < 3)
			out->arg[out->nargs] =
			    (struct slice){ word, (size_t)(at - word) };
		out->nargs++;
		at++;
	}
	return whole ? AGE_SCAN_WHOLE : AGE_SCAN_SHORT;
}

/* Body lines of 64 characters and one that is shorter, into bodies. */
static enum age_scan
scan_body(struct scan *s, struct bytes *bodies, struct age_stanza *out)
{
	struct slice line;
	size_t start = bodies->len, n;

	do {
		enum age_scan whole = take_line(s, &line);
		uint8_t *to = bodies->at + bodies->len;

		if (line.len > COLUMNS)
			return bad(s, "a stanza's line is over 64 characters");
		if (!base64_read(to, COLUMN_BYTES, &n, (const char *)line.at,
			line.len, false)) {
			/* Cut anywhere, the rest need not be canonical. */
			if (whole == AGE_SCAN_SHORT &&
			    base64_read(to, COLUMN_BYTES, &n,
				(const char *)line.at, line.len & ~(size_t)3,
				false))
				return AGE_SCAN_SHORT;
			return bad(s, "a stanza's body is not base64");
		}
		if (whole == AGE_SCAN_SHORT)
			return AGE_SCAN_SHORT;
		bodies->len += n;
	} while (line.len == COLUMNS);
	out->body = (struct slice){ bodies->at + start, bodies->len - start };
	return AGE_SCAN_WHOLE;
}

static enum age_scan
scan_mac(struct scan *s, struct slice line, bool whole, uint8_t mac[32])
{
	struct slice text = { line.at + 4, line.len - 4 };

	if (text.len > MAC_CHARS || (whole && !age_argument(mac, 32, &text)))
		return bad(s, "a malformed MAC");
	return whole ? AGE_SCAN_WHOLE : AGE_SCAN_SHORT;
}

static enum age_kind
kind_of(const struct slice *type)
{
	static const enum age_kind kinds[] = { AGE_X25519, AGE_SCRYPT,
		AGE_HYBRID };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *name = age_type_of(kinds[i])->name;

		if (strlen(name) == type->len &&
		    memcmp(name, type->at, type->len) == 0)
			return kinds[i];
	}
	return AGE_OTHER;
}

/* Stanzas up to the MAC line; h->text and h->bodies have their room. */
static enum age_scan
scan_lines(struct scan *s, struct age_header *h, size_t room)
{
	for (;;) {
		struct age_stanza *out = &h->stanzas[h->nstanzas];
		struct slice line;
		bool whole = take_line(s, &line) == AGE_SCAN_WHOLE;
		enum age_scan scan;

		if (line.len >= 4 && begins(&line, "--- ")) {
			if (h->nstanzas == 0)
				return bad(s, "no recipient stanza");
			return scan_mac(s, line, whole, h->mac);
		}
		if (!whole && line.len < 4 &&
		    (begins(&line, "--- ") || begins(&line, "-> ")))
			return AGE_SCAN_SHORT;
		if (line.len < 3 || !begins(&line, "-> "))
			return bad(s, "a line that is no stanza and no MAC");
		must(h->nstanzas < room);
		*out = (struct age_stanza){ 0 };
		scan = scan_args(s, line, whole, out);
		if (scan == AGE_SCAN_WHOLE)
			scan = scan_body(s, &h->bodies, out);
		if (scan != AGE_SCAN_WHOLE)
			return scan;
		out->kind = kind_of(&out->arg[0]);
		h->nstanzas++;
	}
}

/* Bytes up to the end of the first line that begins as the MAC's does, which
 * no line of a stanza can; or all there are, up to the ceiling. */
static size_t
header_bytes(const uint8_t *p, size_t len)
{
	const uint8_t *mac, *lf;
	size_t most = len < AGE_HEADER_MAX ? len : AGE_HEADER_MAX;

	if ((mac = memmem(p, most, "\n---", 4)) == NULL)
		return most;
	lf = memchr(mac + 1, '\n', most - (size_t)(mac + 1 - p));
	return lf != NULL ? (size_t)(lf + 1 - p) : most;
}

enum age_scan
age_header_scan(
    struct age_header *h, const void *p, size_t len, struct fault *f)
{
	size_t kept = header_bytes(p, len);
	size_t room = kept / 6 + 1; /* a stanza is at least "-> x\n\n" */
	enum age_scan scan = AGE_SCAN_BAD;
	struct scan s;

	*h = (struct age_header){ 0 };
	bytes_init(&h->text, AGE_HEADER_MAX);
	bytes_init(&h->bodies, AGE_HEADER_MAX);
	if (bytes_add(&h->text, p, kept, f) != 0 ||
	    bytes_reserve(&h->bodies, kept, f) != 0)
		goto out;
	if ((h->stanzas = mem_array(room, sizeof(*h->stanzas))) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	s = (struct scan){ h->text.at, h->text.at + kept, f };
	if ((scan = scan_version(&s)) == AGE_SCAN_WHOLE)
		scan = scan_lines(&s, h, room);
	if (scan == AGE_SCAN_SHORT && kept == AGE_HEADER_MAX)
		scan = bad(&s, "over a mebibyte");
	h->len = (size_t)(s.at - h->text.at);
out:
	if (scan != AGE_SCAN_WHOLE)
		age_header_free(h);
	return scan;
}

int
age_header_read(
    struct age_header *h, const void *p, size_t len, struct fault *f)
{
	if (len == 0) {
		*h = (struct age_header){ 0 };
		return fault_set(f, FAULT_INPUT, "header: nothing there");
	}
	switch (age_header_scan(h, p, len, f)) {
	case AGE_SCAN_WHOLE:
		return 0;
	case AGE_SCAN_SHORT:
		return fault_set(f, FAULT_FORGED, "header: cut short");
	case AGE_SCAN_BAD:
		break;
	}
	return -1;
}
