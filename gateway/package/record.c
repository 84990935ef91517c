/*
 * The lines of an index and of a join: canonical JSON, one object a line.
 *
 * They are written by hand, since there may be a million of them, and an index
 * is read by writing again what was read and comparing, so that a line has one
 * spelling.  Members are sorted, as RFC 8785 wants them.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/package/package_internal.h"

/* Eight characters, do all of them stand for themselves in a JSON string?  None
 * is over 0x7f, under 0x20, a quote, or a backslash: in each of the sums below
 * a byte without its first bit has it then (or one above such a byte has). */
static bool
eight_plain(const uint8_t *p)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t x, quote, backslash;

	memcpy(&x, p, sizeof(x));
	quote = x ^ ones * '"';
	backslash = x ^ ones * '\\';
	return ((x | (x - ones * ' ') | (quote - ones) | (backslash - ones)) &
		   ones * 0x80) == 0;
}

/* Are they plain throughout? */
static bool
all_plain(const uint8_t *p, size_t len)
{
	size_t i = 0;

	for (; i + 8 <= len; i += 8)
		if (!eight_plain(p + i))
			return false;
	if (len >= 8)
		return i == len || eight_plain(p + len - 8);
	for (; i < len; i++)
		if (p[i] < ' ' || p[i] > 0x7f || p[i] == '"' || p[i] == '\\')
			return false;
	return true;
}

/* Those that a JSON string wants escaped are, and the rest is as it was: at
 * most RECORD_ESCAPED bytes for each.  Returns where they end. */
static char *
put_escaped(char *to, const uint8_t *p, size_t len)
{
	static const char shorts[] = "btn?fr"; /* 8 to 13; 11 has none */

	for (size_t i = 0; i < len; i++) {
		if (p[i] >= ' ' && p[i] != '"' && p[i] != '\\') {
			*to++ = (char)p[i];
			continue;
		}
		*to++ = '\\';
		if (p[i] >= ' ')
			*to++ = (char)p[i];
		else if (p[i] >= 8 && p[i] <= 13 && p[i] != 11)
			*to++ = shorts[p[i] - 8];
		else {
			memcpy(to, "u00", 3);
			hex_write(to + 3, p + i, 1); /* and a NUL */
			to += 5;
		}
	}
	return to;
}

int
record_text(struct bytes *b, const void *text, size_t len, struct fault *f)
{
	char *to;

	if (!utf8_valid(text, len))
		return fault_set(f, FAULT_INPUT, "a name that is not UTF-8");
	if (bytes_reserve(b, RECORD_ESCAPED * len + 3, f) != 0)
		return -1;
	to = (char *)b->at + b->len;
	*to++ = '"';
	to = put_escaped(to, text, len);
	*to++ = '"';
	b->len = (size_t)(to - (char *)b->at);
	return 0;
}

/* A literal, or text, at to; where it ends. */
#define LINE_PUT(to, literal) line_put(to, literal, sizeof(literal) - 1)
static inline char *
line_put(char *to, const void *p, size_t len)
{
	memcpy(to, p, len);
	return to + len;
}

/* ---- the index ------------------------------------------------------------
 */

char *
record_row_entry(char *to, const char item[TOKEN_CHARS])
{
	to = LINE_PUT(to, "{\"item\":\"");
	to = line_put(to, item, TOKEN_CHARS);
	return LINE_PUT(to, "\"}\n");
}

/* As older programs wrote it too: with the member. */
static int
record_row_again(
    struct bytes *b, const struct package_entry *e, struct fault *f)
{
	return e->member[0] == '\0'
		   ? bytes_addf(b, f, "{\"item\":\"%s\"}\n", e->item)
		   : bytes_addf(b, f, "{\"item\":\"%s\",\"member\":\"%s\"}\n",
			 e->item, e->member);
}

int
record_entry(struct bytes *b, const struct package_entry *e, struct fault *f)
{
	char hex[DIGEST_CHARS + 1], line[512];
	int n;

	if (e->row)
		return record_row_again(b, e, f);
	hex_write(hex, e->sha256, DIGEST_BYTES);
	if (e->item[0] == '\0')
		n = snprintf(line, sizeof(line),
		    "{\"bytes\":%" PRIu64 ",\"items\":%" PRIu64
		    ",\"member\":\"%s\",\"sha256\":\"%s\",\"type\":\"%s\"}\n",
		    e->bytes, e->items, e->member, hex, e->type);
	else if (e->width == 0 && e->chars == 0)
		n = snprintf(line, sizeof(line),
		    "{\"bytes\":%" PRIu64 ",\"item\":\"%s\",\"member\":\"%s\","
		    "\"sha256\":\"%s\",\"type\":\"%s\"}\n",
		    e->bytes, e->item, e->member, hex, e->type);
	else if (e->width == 0)
		n = snprintf(line, sizeof(line),
		    "{\"bytes\":%" PRIu64 ",\"chars\":%" PRIu64
		    ",\"item\":\"%s\",\"member\":\"%s\","
		    "\"sha256\":\"%s\",\"type\":\"%s\"}\n",
		    e->bytes, e->chars, e->item, e->member, hex, e->type);
	else
		n = snprintf(line, sizeof(line),
		    "{\"bytes\":%" PRIu64 ",\"height\":%" PRIu32
		    ",\"item\":\"%s\",\"member\":\"%s\",\"sha256\":\"%s\","
		    "\"type\":\"%s\",\"width\":%" PRIu32 "}\n",
		    e->bytes, e->height, e->item, e->member, hex, e->type,
		    e->width);
	must(n > 0 && (size_t)n < sizeof(line));
	return bytes_add(b, line, (size_t)n, f);
}

/* Behind name, a number. */
static bool
find_number(const char *line, const char *name, uint64_t max, uint64_t *out)
{
	const char *at = strstr(line, name);

	if (at == NULL)
		return false;
	at += strlen(name);
	return u64_read(out, at, strspn(at, "0123456789"), max);
}

/* Behind name, text of the given characters up to a quote. */
static bool
find_text(
    const char *line, const char *name, const char *set, char *out, size_t room)
{
	const char *at = strstr(line, name);
	size_t n;

	if (at == NULL)
		return false;
	at += strlen(name);
	n = strspn(at, set);
	if (n >= room || at[n] != '"')
		return false;
	memcpy(out, at, n);
	out[n] = '\0';
	return true;
}

#define BASE32_SET "abcdefghijklmnopqrstuvwxyz234567"

/* What a line that record_entry() wrote must have in it. */
static bool
find_entry(struct package_entry *e, const char *line)
{
	char hex[DIGEST_CHARS + 1];
	uint64_t side;

	e->row = strncmp(line, "{\"item\"", 7) == 0;
	/* the row of a part needs none: it stands behind its line */
	if (!find_text(line, "\"member\":\"", BASE32_SET "0189.", e->member,
		sizeof(e->member)) &&
	    !e->row)
		return false;
	if (!find_text(
		line, "\"item\":\"", BASE32_SET, e->item, sizeof(e->item)) &&
	    !find_number(line, "\"items\":", UINT64_MAX >> 11, &e->items))
		return false;
	if (e->row)
		return true;
	if (e->item[0] != '\0')
		e->items = package_member_nth(e->member) <= 1;
	if (!find_number(line, "\"bytes\":", UINT64_MAX >> 11, &e->bytes) ||
	    !find_text(
		line, "\"sha256\":\"", "0123456789abcdef", hex, sizeof(hex)) ||
	    !hex_read(e->sha256, DIGEST_BYTES, hex, strlen(hex)) ||
	    !find_text(
		line, "\"type\":\"", BASE32_SET, e->type, sizeof(e->type)))
		return false;
	if (find_number(line, "\"width\":", UINT32_MAX, &side))
		e->width = (uint32_t)side;
	if (find_number(line, "\"height\":", UINT32_MAX, &side))
		e->height = (uint32_t)side;
	(void)!find_number(line, "\"chars\":", e->bytes, &e->chars);
	return e->chars == 0 || strcmp(e->type, "text") == 0;
}

/* 26 characters of an id, a dot, a known extension; a row may have none. */
static bool
is_member(const struct package_entry *e)
{
	static const char *const extensions[] = { "csv", "json", "jsonl", "txt",
		"jpg", "png", "dcm" };
	const char *dot = e->member + TOKEN_CHARS;

	if (e->row && e->member[0] == '\0')
		return strlen(e->item) == TOKEN_CHARS;
	if (strspn(e->member, BASE32_SET) != TOKEN_CHARS || *dot != '.')
		return false;
	/* only a file has a place in a folder */
	if (package_member_nth(e->member) > 0 && !e->row && e->item[0] != '\0')
		dot += 1 + PACKAGE_NUMBER_CHARS;
	if (e->item[0] != '\0' && strlen(e->item) != TOKEN_CHARS)
		return false;
	if (!e->row && e->item[0] != '\0' &&
	    memcmp(e->item, e->member, TOKEN_CHARS) != 0)
		return false;
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (strcmp(dot + 1, extensions[i]) == 0)
			return true;
	return false;
}

int
record_read_entry(
    struct package_entry *e, const char *line, size_t len, struct fault *f)
{
	struct package_entry got = { .row = false };
	struct bytes again;
	char text[512];
	int rc = -1;

	bytes_init(&again, sizeof(text));
	if (len >= sizeof(text))
		return fault_set(f, FAULT_INPUT, "an index line too long");
	memcpy(text, line, len);
	text[len] = '\0';
	if (!find_entry(&got, text) || !is_member(&got)) {
		(void)fault_set(f, FAULT_INPUT, "not an index line");
		goto out;
	}
	if (record_entry(&again, &got, f) != 0)
		goto out;
	if (again.len != len + 1 || memcmp(again.at, line, len) != 0) {
		(void)fault_set(f, FAULT_INPUT, "not an index line");
		goto out;
	}
	*e = got;
	rc = 0;
out:
	bytes_free(&again);
	return rc;
}

/* ---- the join -------------------------------------------------------------
 */

static int
record_original(struct bytes *b, const void *text, size_t len, struct fault *f)
{
	if (len > PACKAGE_ORIGINAL_MAX)
		return fault_set(f, FAULT_INPUT, "an original id over %u bytes",
		    PACKAGE_ORIGINAL_MAX);
	if (len > 0 && memchr(text, 0, len) != NULL)
		return fault_set(
		    f, FAULT_INPUT, "an original id that holds a NUL");
	return record_text(b, text, len, f);
}

static int
record_list(
    struct bytes *b, const struct mask_edit *edits, size_t n, struct fault *f)
{
	for (size_t i = 0; i < n; i++)
		if (bytes_addf(b, f, "%s[%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]",
			i == 0 ? "[" : ",", edits[i].at, edits[i].cut,
			edits[i].put) != 0)
			return -1;
	return bytes_add_text(b, n == 0 ? "[]" : "]", f);
}

static int
record_edits(struct bytes *b, const struct mask_change *c, struct fault *f)
{
	bool all = c->complete && c->nedits <= RECORD_EDITS_MAX;

	if (bytes_addf(b, f, "\"changes\":%" PRIu64 ",", c->nchanges) != 0)
		return -1;
	if (all && c->nshifts > 0 &&
	    (bytes_add_text(b, "\"char_edits\":", f) != 0 ||
		record_list(b, c->shifts, c->nshifts, f) != 0 ||
		bytes_add_text(b, ",", f) != 0))
		return -1;
	if (bytes_addf(b, f, "\"cut\":%" PRIu64 ",\"edits\":", c->cut) != 0 ||
	    record_list(b, c->edits, all ? c->nedits : 0, f) != 0)
		return -1;
	return bytes_addf(
	    b, f, ",\"edits_complete\":%s", all ? "true" : "false");
}

/* Which of its item's files it is: the name in the folder that is the item, or
 * its path, where that is something else. */
static int
record_name(struct bytes *b, const struct slice *item, const char *path,
    struct fault *f)
{
	size_t len = strlen(path);

	if (len > item->len && memcmp(path, item->at, item->len) == 0 &&
	    path[item->len] == '/') {
		path += item->len + 1;
		len -= item->len + 1;
	}
	if (bytes_add_text(b, ",\"name\":", f) != 0)
		return -1;
	return record_original(b, path, len, f);
}

/*
 * {"bytes":..,"changes":..,["char_edits":[[at,cut,put]..],]"cut":..,
 *  "edits":[[at,cut,put]..],
 *  "edits_complete":..,["group":"..",]["height":..,]"item":"..","member":"..",
 *  ["name":"..",]["orientation":..,]"original":"..","put":..,"sha256":"..",
 *  "source_bytes":..[,"upright":..,"width":..]}
 */
int
record_file(struct bytes *b, const struct package_entry *e,
    const struct slice *original, const struct mask_source *src,
    const struct mask_change *c, struct fault *f)
{
	const struct mask_view *v = &c->view;
	char hex[DIGEST_CHARS + 1];
	bool picture = v->width != 0;

	hex_write(hex, e->sha256, DIGEST_BYTES);
	if (bytes_addf(b, f, "{\"bytes\":%" PRIu64 ",", e->bytes) != 0 ||
	    record_edits(b, c, f) != 0)
		return -1;
	if (e->group[0] != '\0' &&
	    bytes_addf(b, f, ",\"group\":\"%s\"", e->group) != 0)
		return -1;
	if (picture && bytes_addf(b, f, ",\"height\":%" PRIu32, v->height) != 0)
		return -1;
	if (bytes_addf(b, f, ",\"item\":\"%s\",\"member\":\"%s\"", e->item,
		e->member) != 0)
		return -1;
	if (package_member_nth(e->member) > 0 &&
	    record_name(b, original, src->path, f) != 0)
		return -1;
	if (picture && bytes_addf(b, f, ",\"orientation\":%u",
			   (unsigned)v->orientation) != 0)
		return -1;
	if (bytes_add_text(b, ",\"original\":", f) != 0 ||
	    record_original(b, original->at, original->len, f) != 0 ||
	    bytes_addf(b, f,
		",\"put\":%" PRIu64
		",\"sha256\":\"%s\",\"source_bytes\":%" PRIu64,
		c->put, hex, src->size) != 0)
		return -1;
	if (picture && bytes_addf(b, f, ",\"upright\":%s,\"width\":%" PRIu32,
			   v->upright ? "true" : "false", v->width) != 0)
		return -1;
	return bytes_add(b, "}\n", 2, f);
}

/* {"bytes":..,"first":..,"from":..,"member":"..","path":"..","records":..,
 *  "sha256":"..","to":..} */
int
record_part(struct bytes *b, const struct package_entry *e,
    const struct mask_source *src, const struct mask_part *part,
    struct fault *f)
{
	char hex[DIGEST_CHARS + 1];

	hex_write(hex, e->sha256, DIGEST_BYTES);
	if (bytes_addf(b, f,
		"{\"bytes\":%" PRIu64 ",\"first\":%" PRIu64 ",\"from\":%" PRIu64
		",\"member\":\"%s\",\"path\":",
		e->bytes, part->first, part->from, e->member) != 0 ||
	    record_original(b, src->path, strlen(src->path), f) != 0)
		return -1;
	return bytes_addf(b, f,
	    ",\"records\":%" PRIu64 ",\"sha256\":\"%s\",\"to\":%" PRIu64 "}\n",
	    part->records, hex, part->to);
}

/* What identifies a row is a value of the data: of any length, in any spelling
 * that is UTF-8. */
static int
put_value(char **to, const struct slice *value, struct fault *f)
{
	if (all_plain(value->at, value->len)) {
		*to = line_put(*to, value->at, value->len);
		return 0;
	}
	if (memchr(value->at, 0, value->len) != NULL)
		return fault_set(
		    f, FAULT_INPUT, "an original id that holds a NUL");
	if (!utf8_valid(value->at, value->len))
		return fault_set(f, FAULT_INPUT, "a name that is not UTF-8");
	*to = put_escaped(*to, value->at, value->len);
	return 0;
}

/* {["group":"..",]"item":"..","row":..}, or "value":".." for the row */
int
record_row(char **line, const struct record_row *r, struct fault *f)
{
	char *to = *line;

	to = LINE_PUT(to, "{");
	if (r->group[0] != '\0') {
		to = LINE_PUT(to, "\"group\":\"");
		to = line_put(to, r->group, TOKEN_CHARS);
		to = LINE_PUT(to, "\",");
	}
	to = LINE_PUT(to, "\"item\":\"");
	to = line_put(to, r->item, TOKEN_CHARS);
	if (r->numbered) {
		to = LINE_PUT(to, "\",\"row\":");
		to = line_put(to, r->value.at, r->value.len);
		*line = LINE_PUT(to, "}\n");
		return 0;
	}
	to = LINE_PUT(to, "\",\"value\":\"");
	if (put_value(&to, &r->value, f) != 0)
		return -1;
	*line = LINE_PUT(to, "\"}\n");
	return 0;
}
