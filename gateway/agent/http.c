/*
 * The head of an HTTP request, one byte at a time; see http_internal.h.
 *
 * A line is judged when its LF comes, a byte when it comes: so the verdict and
 * the byte at which it falls are the same however the network cuts the bytes.
 *
 * Not here: bodies (their length is known, they are simply counted), paths'
 * meaning (route.c), sockets.
 */

#include <string.h>

#include "gateway/agent/http_internal.h"
#include "keys/base/clock.h"
#include "keys/base/text.h"

void
http_begin(struct http_parser *p)
{
	memset(p, 0, sizeof(*p));
	bytes_init(&p->head, HTTP_HEAD_MAX);
}

void
http_end(struct http_parser *p)
{
	bytes_free(&p->head);
	http_begin(p);
}

static bool
bad(struct http_parser *p, uint16_t status, const char *why)
{
	p->status = status;
	p->why = why;
	return false;
}

/* ---- Characters ---- */

static bool
is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* tchar, RFC 9110 section 5.6.2 */
static bool
is_token(uint8_t c)
{
	return is_alnum(c) || (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
same_text(const uint8_t *at, size_t len, const char *want)
{
	if (len != strlen(want))
		return false;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = at[i];

		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c - 'A' + 'a');
		if (c != (uint8_t)want[i])
			return false;
	}
	return true;
}

/* ---- Fields: each is given its value, without white space around it ---- */

static bool
field_host(struct http_parser *p, const uint8_t *at, size_t len)
{
	if (len == 0 || len > 255)
		return bad(p, 400, "Host is empty or too long");
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(at[i]) && strchr("-.:[]_", at[i]) == NULL)
			return bad(p, 400, "Host is not a host");
	p->has_host = true;
	return true;
}

static bool
field_length(struct http_parser *p, const uint8_t *at, size_t len)
{
	if (!u64_read(&p->length, (const char *)at, len, INT64_MAX))
		return bad(p, 400, "Content-Length is not a number");
	p->has_length = true;
	return true;
}

static bool
field_transfer(struct http_parser *p, const uint8_t *at, size_t len)
{
	if (same_text(at, len, "chunked"))
		return bad(p, 411,
		    "chunked bodies are not read; send "
		    "Content-Length");
	return bad(p, 400, "Transfer-Encoding is not read");
}

static bool
field_connection(struct http_parser *p, const uint8_t *at, size_t len)
{
	if (same_text(at, len, "close"))
		p->close = true;
	else if (!same_text(at, len, "keep-alive"))
		return bad(
		    p, 400, "Connection is neither close nor keep-alive");
	return true;
}

static bool
field_expect(struct http_parser *p, const uint8_t *at, size_t len)
{
	if (!same_text(at, len, "100-continue"))
		return bad(p, 417, "Expect is not 100-continue");
	p->expects_continue = true;
	return true;
}

static bool
field_range(struct http_parser *p, const uint8_t *at, size_t len)
{
	static const char unit[] = "bytes=";
	const char *text = (const char *)at + sizeof(unit) - 1;
	struct http_range r = { .given = true };
	const char *dash;
	size_t chars, before;

	if (len < sizeof(unit) || memcmp(at, unit, sizeof(unit) - 1) != 0)
		return bad(p, 400, "Range is not in bytes");
	chars = len - (sizeof(unit) - 1);
	if ((dash = memchr(text, '-', chars)) == NULL)
		return bad(p, 400, "Range is not one range");
	before = (size_t)(dash - text);
	if (before == 0) {
		r.suffix = true;
		if (!u64_read(&r.first, dash + 1, chars - 1, INT64_MAX))
			return bad(p, 400, "Range is not one range");
	} else {
		r.open = before + 1 == chars;
		if (!u64_read(&r.first, text, before, INT64_MAX) ||
		    (!r.open && !u64_read(&r.last, dash + 1, chars - before - 1,
				    INT64_MAX)))
			return bad(p, 400, "Range is not one range");
		if (!r.open && r.last < r.first)
			return bad(p, 400, "Range ends before it begins");
	}
	p->range = r;
	return true;
}

static bool
field_statement(struct http_parser *p, const uint8_t *at, size_t len)
{
	p->statement.at = (uint32_t)(at - p->head.at);
	p->statement.len = (uint32_t)len;
	return true;
}

/* Names in lower case.  Other fields are read, checked for grammar and for
 * coming once, and mean nothing here. */
static const struct {
	const char *name;
	bool (*take)(struct http_parser *p, const uint8_t *at, size_t len);
} fields[] = {
	{ "host", field_host },
	{ "content-length", field_length },
	{ "transfer-encoding", field_transfer },
	{ "connection", field_connection },
	{ "expect", field_expect },
	{ "range", field_range },
	{ "handoff-request", field_statement },
};

/* ---- Lines ---- */

static bool
came_before(struct http_parser *p, struct http_run name)
{
	for (size_t i = 0; i < p->nnames; i++) {
		const uint8_t *a = p->head.at + name.at;
		const uint8_t *b = p->head.at + p->names[i].at;
		size_t j = 0;

		if (p->names[i].len != name.len)
			continue;
		/* Tokens: 0x20 apart is the same letter, or never a token. */
		while (j < name.len &&
		       (a[j] == b[j] ||
			   (is_alnum(a[j]) && is_alnum(b[j]) && a[j] >= 'A' &&
			       b[j] >= 'A' && (a[j] ^ b[j]) == 0x20)))
			j++;
		if (j == name.len)
			return true;
	}
	return false;
}

static bool
read_field(struct http_parser *p, const uint8_t *at, size_t len)
{
	struct http_run name = { (uint32_t)(at - p->head.at), 0 };
	const uint8_t *value, *end = at + len;

	while (name.len < len && is_token(at[name.len]))
		name.len++;
	if (name.len == 0 || name.len == len || at[name.len] != ':')
		return bad(p, 400, "a header line is not \"name: value\"");
	if (p->nnames == HTTP_FIELDS_MAX)
		return bad(p, 431, "too many headers");
	if (came_before(p, name))
		return bad(p, 400, "a header comes twice");
	p->names[p->nnames++] = name;
	value = at + name.len + 1;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (value < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (same_text(at, name.len, fields[i].name))
			return fields[i].take(p, value, (size_t)(end - value));
	return true;
}

/* Plain segments only; "/" alone and a trailing "/" are not asked for. */
static bool
read_path(struct http_parser *p, const uint8_t *at, size_t len)
{
	size_t segment = 0;

	if (len == 0 || at[0] != '/')
		return bad(p, 400, "the target is not a path");
	if (len > AGENT_PATH_MAX)
		return bad(p, 414, "the path is too long");
	for (size_t i = 1; i <= len; i++) {
		if (i < len && at[i] != '/') {
			if (!is_alnum(at[i]) && strchr("._-~", at[i]) == NULL)
				return bad(p, 400, "the path is not plain");
			segment++;
			continue;
		}
		if (segment == 0 || (segment == 1 && at[i - 1] == '.') ||
		    (segment == 2 && at[i - 1] == '.' && at[i - 2] == '.'))
			return bad(p, 400, "the path is not plain");
		segment = 0;
	}
	memcpy(p->path, at, len);
	p->path[len] = '\0';
	return true;
}

static bool
read_request_line(struct http_parser *p, const uint8_t *at, size_t len)
{
	static const char version[] = "HTTP/1.1";
	const uint8_t *sp = memchr(at, ' ', len), *target, *sp2;
	size_t method, rest;

	if (sp == NULL)
		return bad(p, 400, "not a request line");
	method = (size_t)(sp - at);
	if (method == 0)
		return bad(p, 400, "not a request line");
	for (size_t i = 0; i < method; i++)
		if (at[i] < 'A' || at[i] > 'Z')
			return bad(p, 400, "not a request line");
	target = sp + 1;
	rest = len - method - 1;
	if ((sp2 = memchr(target, ' ', rest)) == NULL)
		return bad(p, 400, "not a request line");
	rest -= (size_t)(sp2 - target) + 1;
	if (rest != sizeof(version) - 1 || memcmp(sp2 + 1, "HTTP/", 5) != 0)
		return bad(p, 400, "not a request line");
	if (memcmp(sp2 + 1, version, rest) != 0)
		return bad(p, 505, "only HTTP/1.1 is spoken here");
	if (method >= sizeof(p->method))
		return bad(p, 501, "unknown method");
	memcpy(p->method, at, method);
	return read_path(p, target, (size_t)(sp2 - target));
}

/* ---- Bytes ---- */

/* One line is whole, without its CRLF; *whole when it ends the head. */
static bool
read_line(struct http_parser *p, bool *whole)
{
	const uint8_t *at = p->head.at + p->line;
	size_t len = p->head.len - p->line - 2;

	*whole = false;
	if (p->lines++ == 0)
		return read_request_line(p, at, len);
	if (len > 0)
		return read_field(p, at, len);
	if (!p->has_host)
		return bad(p, 400, "Host is missing");
	*whole = true;
	return true;
}

static bool
take_byte(struct http_parser *p, uint8_t c, bool *whole)
{
	struct fault f = { 0 };

	*whole = false;
	if (p->head.len == HTTP_HEAD_MAX)
		return bad(p, 431, "the head is over 16 KiB");
	if (bytes_add(&p->head, &c, 1, &f) != 0)
		return bad(p, 503, "no memory");
	if (p->cr != (c == '\n'))
		return bad(p, 400, "a line does not end in CRLF");
	if (p->cr) {
		p->cr = false;
		if (!read_line(p, whole))
			return false;
		p->line = p->head.len;
		return true;
	}
	p->cr = c == '\r';
	if (!p->cr && c != '\t' && (c < 0x20 || c > 0x7e))
		return bad(p, 400, "a byte that no header has");
	return true;
}

enum http_got
http_feed(struct http_parser *p, const uint8_t *at, size_t len, size_t *used)
{
	bool whole = false;

	must(p->status == 0);
	for (*used = 0; *used < len && !whole;)
		if (!take_byte(p, at[(*used)++], &whole))
			return HTTP_BAD;
	return whole ? HTTP_WHOLE : HTTP_MORE;
}

/* ---- What answers need ---- */

bool
http_range_of(
    const struct http_range *r, uint64_t size, uint64_t *first, uint64_t *count)
{
	uint64_t last;

	if (r->suffix) {
		*count = r->first < size ? r->first : size;
		*first = size - *count;
		return *count > 0;
	}
	if (r->first >= size)
		return false;
	last = r->open || r->last >= size ? size - 1 : r->last;
	*first = r->first;
	*count = last - r->first + 1;
	return true;
}

const char *
http_reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 206, "Partial Content" },
		{ 307, "Temporary Redirect" },
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 411, "Length Required" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 416, "Range Not Satisfiable" },
		{ 417, "Expectation Failed" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Other";
}

void
http_date(char out[HTTP_DATE_CHARS + 1], int64_t at)
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* from 1970 on */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char utc[CLOCK_CHARS + 1];
	int month;

	must(at >= 0);
	clock_write(utc, at); /* 2026-11-23T20:15:00Z */
	month = (utc[5] - '0') * 10 + utc[6] - '0';
	(void)snprintf(out, HTTP_DATE_CHARS + 1,
	    "%.3s, %.2s %.3s %.4s %.8s GMT", days + at / 86400 % 7 * 3, utc + 8,
	    months + (month - 1) * 3, utc, utc + 11);
}
