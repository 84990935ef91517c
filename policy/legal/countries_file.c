/*
 * The table of countries as a file:
 *
 *     date,2026-08-05
 *     country,status,from,until,scope,reference
 *     US,adequate,2023-07-10,,certified,"Decision (EU) 2023/1795"
 *     XX,third,,,,
 *
 * RFC 4180 with LF or CRLF, six fields a line.  A line is blank or a comment
 * when it is empty or begins with '#'.  Dates are the first and the last day.
 * What is not understood is refused with its line and column, since a row that
 * was passed over would be one that does not forbid.
 */

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/legal/legal_internal.h"

#define DAY ((int64_t)86400)
#define FIELDS 6u
#define FIELD_BYTES 256u
#define HEAD "country,status,from,until,scope,reference"

struct file {
	const char *name;
	const uint8_t *p, *end;
	size_t line;
	const uint8_t *start; /* of the line */
};

static int
bad(const struct file *r, const uint8_t *at, struct fault *f, const char *what)
{
	size_t column = 1;

	/* In characters: continuation bytes do not count. */
	for (const uint8_t *p = r->start; p < at; p++)
		column += (*p & 0xc0) != 0x80;
	return fault_set(
	    f, FAULT_INPUT, "%s:%zu:%zu: %s", r->name, r->line, column, what);
}

/* One field, and where it began. */
struct field {
	const uint8_t *at;
	size_t len;
	char text[FIELD_BYTES + 1];
};

static int
quoted(struct file *r, struct field *x, struct fault *f)
{
	const uint8_t *p = r->p + 1;

	for (;;) {
		if (p == r->end || *p == '\n')
			return bad(r, x->at, f, "the quotes do not end");
		if (*p == '"' && (p + 1 == r->end || p[1] != '"'))
			break;
		if (x->len == FIELD_BYTES)
			return bad(r, x->at, f, "the field is too long");
		x->text[x->len++] = (char)*p;
		p += *p == '"' ? 2 : 1;
	}
	r->p = p + 1;
	return 0;
}

static int
plain(struct file *r, struct field *x, struct fault *f)
{
	for (; r->p < r->end && *r->p != ',' && *r->p != '\n'; r->p++) {
		if (*r->p == '\r' && r->p + 1 < r->end && r->p[1] == '\n')
			break;
		if (*r->p == '"')
			return bad(r, r->p, f, "quotes inside a field");
		if (x->len == FIELD_BYTES)
			return bad(r, x->at, f, "the field is too long");
		x->text[x->len++] = (char)*r->p;
	}
	return 0;
}

static int
take_field(struct file *r, struct field *x, struct fault *f)
{
	x->at = r->p;
	x->len = 0;
	if ((r->p < r->end && *r->p == '"' ? quoted(r, x, f)
					   : plain(r, x, f)) != 0)
		return -1;
	x->text[x->len] = '\0';
	if (strlen(x->text) != x->len || !utf8_valid(x->text, x->len))
		return bad(r, x->at, f, "not UTF-8 text");
	for (size_t i = 0; i < x->len; i++)
		if ((unsigned char)x->text[i] < ' ' || x->text[i] == 0x7f)
			return bad(r, x->at, f, "a control character");
	return 0;
}

static bool
line_ends(const struct file *r)
{
	return r->p == r->end || *r->p == '\n' ||
	       (*r->p == '\r' && r->p + 1 < r->end && r->p[1] == '\n');
}

static void
next_line(struct file *r)
{
	if (r->p < r->end && *r->p == '\r')
		r->p++;
	if (r->p < r->end)
		r->p++;
	r->line++;
	r->start = r->p;
}

/* To the next line that says something; false at the end. */
static bool
find_line(struct file *r)
{
	while (r->p < r->end) {
		if (*r->p == '#')
			while (r->p < r->end && *r->p != '\n')
				r->p++;
		else if (!line_ends(r))
			return true;
		next_line(r);
	}
	return false;
}

/* Exactly n fields. */
static int
take_line(struct file *r, struct field *x, size_t n, struct fault *f)
{
	for (size_t i = 0; i < n; i++) {
		if (take_field(r, &x[i], f) != 0)
			return -1;
		if (i + 1 == n)
			break;
		if (r->p == r->end || *r->p != ',')
			return bad(r, r->p, f,
			    n == 2 ? "expected date,YYYY-MM-DD"
				   : "expected six fields: " HEAD);
		r->p++;
	}
	if (!line_ends(r))
		return bad(r, r->p, f, "something behind the last field");
	return 0;
}

static int
read_date(
    const struct file *r, const struct field *x, int64_t *out, struct fault *f)
{
	if (!clock_read_date(out, x->text, x->len))
		return bad(r, x->at, f, "expected a date like 2026-01-31");
	if (*out < DAY)
		return bad(r, x->at, f, "expected a date after 1970-01-01");
	return 0;
}

static int
read_row(const struct file *r, const struct field x[FIELDS],
    struct legal_row *row, struct fault *f)
{
	*row = (struct legal_row){ .own = true };
	if (legal_country(x[0].text) == NULL) {
		(void)bad(r, x[0].at, f, "not a country of ISO 3166-1");
		return fault_hint(f, "two capital letters, such as NL");
	}
	memcpy(row->country, x[0].text, sizeof(row->country));
	for (row->status = LEGAL_EEA;
	     strcmp(x[1].text, legal_status_name(row->status)) != 0;
	     row->status++)
		if (row->status == LEGAL_THIRD)
			return bad(
			    r, x[1].at, f, "expected eea, adequate or third");
	if (x[2].len > 0 && read_date(r, &x[2], &row->from, f) != 0)
		return -1;
	if (x[3].len > 0) {
		if (read_date(r, &x[3], &row->until, f) != 0)
			return -1;
		row->until += DAY;
		if (row->until <= row->from)
			return bad(r, x[3].at, f, "it ends before it begins");
	}
	if (x[4].len > 0 &&
	    (row->status != LEGAL_ADEQUATE ||
		!text_only(x[4].text, "abcdefghijklmnopqrstuvwxyz0123456789-",
		    LEGAL_SCOPE_CHARS)))
		return bad(r, x[4].at, f,
		    "a scope is a word a-z, 0-9 or -, of an adequate country");
	if (x[5].len > LEGAL_REFERENCE_BYTES)
		return bad(r, x[5].at, f, "the reference is too long");
	if (x[5].len == 0 && row->status == LEGAL_ADEQUATE)
		return bad(r, x[5].at, f, "which decision? no reference");
	memcpy(row->scope, x[4].text, x[4].len + 1);
	memcpy(row->reference, x[5].text, x[5].len + 1);
	return 0;
}

static int
read_rows(struct file *r, struct legal_countries *c, struct fault *f)
{
	struct field x[FIELDS];
	struct legal_row row;

	while (find_line(r)) {
		if (take_line(r, x, FIELDS, f) != 0 ||
		    read_row(r, x, &row, f) != 0)
			return -1;
		if (c->n == LEGAL_ROWS_MAX)
			return bad(r, x[0].at, f, "too many rows");
		if (legal_row_add(c, &row, f) != 0)
			return -1;
		next_line(r);
	}
	return 0;
}

static int
read_head(struct file *r, struct legal_countries *c, struct fault *f)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };
	struct field x[2];

	if (r->end - r->p >= 3 && memcmp(r->p, mark, sizeof(mark)) == 0)
		r->p = r->start = r->p + sizeof(mark);
	(void)find_line(r);
	if (take_line(r, x, 2, f) != 0)
		return -1;
	if (strcmp(x[0].text, "date") != 0)
		return bad(r, x[0].at, f, "expected date,YYYY-MM-DD");
	if (read_date(r, &x[1], &c->date, f) != 0)
		return -1;
	next_line(r);
	(void)find_line(r);
	if ((size_t)(r->end - r->p) < strlen(HEAD) ||
	    memcmp(r->p, HEAD, strlen(HEAD)) != 0)
		return bad(r, r->p, f, "expected " HEAD);
	r->p += strlen(HEAD);
	if (!line_ends(r))
		return bad(r, r->p, f, "expected " HEAD);
	next_line(r);
	return 0;
}

static int
by_country(const void *x, const void *y)
{
	const struct legal_row *a = x, *b = y;
	int c = strcmp(a->country, b->country);

	if (c != 0)
		return c;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->until != b->until)
		return a->until < b->until ? -1 : 1;
	return strcmp(a->reference, b->reference);
}

static int
digest_all(struct legal_countries *c, struct fault *f)
{
	struct bytes text;
	int rc;

	bytes_init(&text, 8 * LEGAL_FILE_BYTES);
	rc = legal_countries_write(&text, c, f);
	if (rc == 0)
		must(crypto_hash_sha256(c->digest, text.at, text.len) == 0);
	bytes_free(&text);
	return rc;
}

int
legal_countries_read(struct legal_countries *out, const char *name,
    const void *p, size_t len, struct fault *f)
{
	struct legal_countries c = { .own = len > 0 };
	struct file r = { name, p, p, 1, p };
	int64_t builtin;

	*out = (struct legal_countries){ .rows = NULL };
	must(clock_read_date(&builtin, legal_builtin_date, CLOCK_DATE_CHARS));
	c.date = builtin;
	if (len > 0)
		r.end += len;
	if (len > LEGAL_FILE_BYTES)
		return fault_set(f, FAULT_INPUT, "%s: over %u bytes", name,
		    LEGAL_FILE_BYTES);
	if (len > 0 && (read_head(&r, &c, f) != 0 || read_rows(&r, &c, f) != 0))
		goto fail;
	if (legal_builtin_add(&c, f) != 0)
		goto fail;
	qsort(c.rows, c.n, sizeof(*c.rows), by_country);
	if (digest_all(&c, f) != 0)
		goto fail;
	*out = c;
	return 0;
fail:
	legal_countries_free(&c);
	return -1;
}

/* ---- Writing ---- */

static int
write_date(struct bytes *out, int64_t at, struct fault *f)
{
	char day[CLOCK_DATE_CHARS + 1] = "";

	if (at != 0)
		clock_write_date(day, at);
	return bytes_addf(out, f, ",%s", day);
}

static int
write_text(struct bytes *out, const char *text, struct fault *f)
{
	if (bytes_add(out, "\"", 1, f) != 0)
		return -1;
	for (; *text != '\0'; text++)
		if (bytes_add(out, *text == '"' ? "\"\"" : text,
			*text == '"' ? 2 : 1, f) != 0)
			return -1;
	return bytes_add(out, "\"", 1, f);
}

int
legal_countries_write(
    struct bytes *out, const struct legal_countries *c, struct fault *f)
{
	char day[CLOCK_DATE_CHARS + 1];

	clock_write_date(day, c->date);
	if (bytes_addf(out, f, "date,%s\n" HEAD "\n", day) != 0)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		const struct legal_row *row = &c->rows[i];

		if (bytes_addf(out, f, "%s,%s", row->country,
			legal_status_name(row->status)) != 0 ||
		    write_date(out, row->from, f) != 0 ||
		    write_date(
			out, row->until == 0 ? 0 : row->until - DAY, f) != 0 ||
		    bytes_addf(out, f, ",%s,", row->scope) != 0 ||
		    write_text(out, row->reference, f) != 0 ||
		    bytes_add(out, "\n", 1, f) != 0)
			return -1;
	}
	return 0;
}

static json_t *
row_json(const struct legal_row *row, struct fault *f)
{
	json_t *o = json_pack("{s:s,s:s,s:s,s:b}", "country", row->country,
	    "name", legal_country(row->country), "status",
	    legal_status_name(row->status), "own", (int)row->own);

	if (o == NULL) {
		(void)fault_memory(f);
		return NULL;
	}
	if (legal_set_date(o, "from", row->from, f) == 0 &&
	    legal_set_last_day(o, "until", row->until, f) == 0) {
		if ((row->scope[0] == '\0' ||
			json_object_set_new(
			    o, "scope", json_string(row->scope)) == 0) &&
		    (row->reference[0] == '\0' ||
			json_object_set_new(
			    o, "reference", json_string(row->reference)) == 0))
			return o;
		(void)fault_memory(f);
	}
	json_decref(o);
	return NULL;
}

/* The table as the file that it would be. */
static int
set_csv(json_t *o, const struct legal_countries *c, struct fault *f)
{
	struct bytes text;
	int rc = -1;

	bytes_init(&text, 8 * LEGAL_FILE_BYTES);
	if (legal_countries_write(&text, c, f) == 0)
		rc = json_object_set_new(o, "csv",
			 json_stringn((const char *)text.at, text.len)) == 0
			 ? 0
			 : fault_memory(f);
	bytes_free(&text);
	return rc;
}

int
legal_countries_json(
    json_t **out, const struct legal_countries *c, struct fault *f)
{
	char digest[HEX_CHARS(sizeof(c->digest)) + 1];
	json_t *list = json_array(), *o;

	*out = NULL;
	hex_write(digest, c->digest, sizeof(c->digest));
	o = json_pack("{s:s,s:b,s:o}", "digest", digest, "own", (int)c->own,
	    "countries", list);
	if (o == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < c->n; i++) {
		json_t *row = row_json(&c->rows[i], f);

		if (row == NULL)
			goto fail;
		if (json_array_append_new(list, row) != 0) {
			(void)fault_memory(f);
			goto fail;
		}
	}
	if (legal_set_date(o, "date", c->date, f) != 0 || set_csv(o, c, f) != 0)
		goto fail;
	*out = o;
	return 0;
fail:
	json_decref(o);
	return -1;
}
