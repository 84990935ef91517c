/*
 * A strict JSON reader that pulls events; see json_internal.h.
 *
 * It copies nothing and decides nothing: an event is a pair of offsets.  The
 * depth of nesting is a number and a bit a level, so no input can use up a
 * stack.  Strings are looked through 16 bytes at a time.
 */

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "gateway/mask/json_internal.h"
#include "keys/base/text.h"

enum want {
	WANT_VALUE,   /* the document's, or behind a colon */
	WANT_ELEMENT, /* the first of an array */
	WANT_MEMBER,  /* the first of an object */
	WANT_MORE,    /* a comma or a close */
	WANT_END
};

static int
begin(struct json_reader *r)
{
	static const uint8_t mark[3] = { 0xef, 0xbb, 0xbf };

	r->hold = JSON_NOWHERE;
	r->want = WANT_VALUE;
	r->depth = 0;
	if (r->base == 0 && r->len >= 3 && memcmp(r->p, mark, 3) == 0)
		r->at = 3;
	return 0;
}

void
json_read_window(struct json_reader *r, struct mask_window *w)
{
	*r = (struct json_reader){
		.window = w, .p = w->buf, .len = w->len, .base = w->base
	};
	(void)begin(r);
}

void
json_read_text(
    struct json_reader *r, const uint8_t *p, size_t len, uint64_t base)
{
	r->window = NULL;
	r->p = p;
	r->len = len;
	r->at = 0;
	r->base = base;
	(void)begin(r);
}

static int
refuse(const struct json_reader *r, const char *what, struct fault *f)
{
	uint64_t at = r->base + r->at;

	return fault_set(
	    f, FAULT_INPUT, "byte %llu: %s", (unsigned long long)at, what);
}

/* Read on: *got says whether there was more. */
static int
more(struct json_reader *r, bool *got, struct fault *f)
{
	uint64_t upto = r->hold < r->start ? r->hold : r->start;
	size_t gone;

	*got = r->window != NULL && !window_whole(r->window);
	if (!*got)
		return 0;
	if (r->leave != NULL && r->leave(r->arg, upto, f) != 0)
		return -1;
	gone = (size_t)(upto - r->base);
	if (window_fill(r->window, gone, f) != 0)
		return fault_at(f, "byte %llu", (unsigned long long)upto);
	r->at -= gone;
	r->p = r->window->buf;
	r->len = r->window->len;
	r->base = r->window->base;
	return 0;
}

/* The next byte, or -1 at the end. */
static inline int
peek(struct json_reader *r, int *c, struct fault *f)
{
	bool got = true;

	while (r->at >= r->len) {
		if (more(r, &got, f) != 0)
			return -1;
		if (!got) {
			*c = -1;
			return 0;
		}
	}
	*c = r->p[r->at];
	return 0;
}

/* Have n bytes from r->at on, if there are so many. */
static int
need(struct json_reader *r, size_t n, struct fault *f)
{
	bool got = true;

	while (r->len - r->at < n && got)
		if (more(r, &got, f) != 0)
			return -1;
	return 0;
}

static inline int
skip_space(struct json_reader *r, int *c, struct fault *f)
{
	for (;;) {
		if (peek(r, c, f) != 0)
			return -1;
		if (*c != ' ' && *c != '\n' && *c != '\r' && *c != '\t')
			return 0;
		r->at++;
	}
}

/* -- Strings ------------------------------------------------------------- */

/* The first of p[i, len) that is a quote, a backslash or a control character;
 * *high if bytes over 0x7f may be among those before. */
static size_t
plain_run(const uint8_t *p, size_t i, size_t len, bool *high)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i slash = _mm_set1_epi8('\\');
	const __m128i control = _mm_set1_epi8(0x1f);

	for (; i < len; i += 16) {
		__m128i v =
		    _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i hit =
		    _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote),
				     _mm_cmpeq_epi8(v, slash)),
			_mm_cmpeq_epi8(_mm_max_epu8(v, control), control));
		int bits = _mm_movemask_epi8(hit);

		*high |= _mm_movemask_epi8(v) != 0;
		if (bits != 0) {
			i += (size_t)__builtin_ctz((unsigned)bits);
			return i < len ? i : len;
		}
	}
	return len;
#else
	while (i < len && p[i] != '"' && p[i] != '\\' && p[i] >= 0x20)
		*high |= p[i++] > 0x7f;
	return i;
#endif
}

/* Four hexadecimal digits at p, or -1. */
static int32_t
hex4(const uint8_t *p)
{
	int32_t v = 0;

	for (int i = 0; i < 4; i++) {
		int c = p[i] | 0x20;

		if (p[i] >= '0' && p[i] <= '9')
			v = v << 4 | (p[i] - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (c - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* One escape, at its backslash. */
static int
scan_escape(struct json_reader *r, struct fault *f)
{
	const uint8_t *p;
	size_t left;
	int32_t c, d;

	if (need(r, 12, f) != 0)
		return -1;
	p = r->p + r->at;
	left = r->len - r->at;
	r->escaped = true;
	if (left < 2 || p[1] == 0 || strchr("\"\\/bfnrtu", p[1]) == NULL)
		return refuse(r, "no such escape", f);
	if (p[1] != 'u') {
		r->at += 2;
		return 0;
	}
	if (left < 6 || (c = hex4(p + 2)) < 0)
		return refuse(r, "no such escape", f);
	if (c >= 0xd800 && c <= 0xdfff) {
		d = left < 12 || p[6] != '\\' || p[7] != 'u' ? -1 : hex4(p + 8);
		if (c >= 0xdc00 || d < 0xdc00 || d > 0xdfff)
			return refuse(r, "half of a surrogate pair", f);
		r->at += 6;
	}
	r->at += 6;
	return 0;
}

/* A string, at its first quote. */
static int
scan_string(struct json_reader *r, struct fault *f)
{
	bool high = false, got;

	r->from = r->base + r->at;
	r->escaped = false;
	r->at++;
	for (;;) {
		r->at = plain_run(r->p, r->at, r->len, &high);
		if (r->at >= r->len) {
			if (more(r, &got, f) != 0)
				return -1;
			if (!got)
				return refuse(r, "a string without end", f);
		} else if (r->p[r->at] == '"')
			break;
		else if (r->p[r->at] != '\\')
			return refuse(r, "a control character in a string", f);
		else if (scan_escape(r, f) != 0)
			return -1;
	}
	r->at++;
	r->to = r->base + r->at;
	if (high && !utf8_valid(json_token(r).at, json_token(r).len)) {
		r->at = (size_t)(r->from - r->base);
		return refuse(r, "a string that is not UTF-8", f);
	}
	return 0;
}

/* -- Numbers and words --------------------------------------------------- */

static int
scan_digits(struct json_reader *r, int *c, struct fault *f)
{
	if (peek(r, c, f) != 0)
		return -1;
	if (*c < '0' || *c > '9')
		return refuse(r, "a number that ends too soon", f);
	while (*c >= '0' && *c <= '9') {
		r->at++;
		if (peek(r, c, f) != 0)
			return -1;
	}
	return 0;
}

/* RFC 8259, section 6. */
static int
scan_number(struct json_reader *r, int c, struct fault *f)
{
	r->from = r->base + r->at;
	if (c == '-') {
		r->at++;
		if (peek(r, &c, f) != 0)
			return -1;
	}
	if (c == '0') {
		r->at++;
		if (peek(r, &c, f) != 0)
			return -1;
	} else if (scan_digits(r, &c, f) != 0)
		return -1;
	if (c == '.') {
		r->at++;
		if (scan_digits(r, &c, f) != 0)
			return -1;
	}
	if (c == 'e' || c == 'E') {
		r->at++;
		if (peek(r, &c, f) != 0)
			return -1;
		if (c == '+' || c == '-')
			r->at++;
		if (scan_digits(r, &c, f) != 0)
			return -1;
	}
	r->to = r->base + r->at;
	return 0;
}

static int
scan_word(struct json_reader *r, const char *word, struct fault *f)
{
	size_t n = strlen(word);

	if (need(r, n, f) != 0)
		return -1;
	if (r->len - r->at < n || memcmp(r->p + r->at, word, n) != 0)
		return refuse(r, "expected a value", f);
	r->from = r->base + r->at;
	r->at += n;
	r->to = r->base + r->at;
	return 0;
}

/* -- Grammar ------------------------------------------------------------- */

static bool
in_object(const struct json_reader *r)
{
	unsigned level = r->depth - 1;

	return r->objects[level / 64] >> level % 64 & 1;
}

static void
after_value(struct json_reader *r)
{
	r->want = r->depth > 0 ? WANT_MORE : WANT_END;
}

/* An object or array, at its bracket c. */
static int
scan_open(struct json_reader *r, int c, enum json_event *event, struct fault *f)
{
	uint64_t bit = (uint64_t)1 << r->depth % 64;

	if (r->depth == MASK_DEPTH_MAX)
		return refuse(r, "nested too deep", f);
	r->from = r->base + r->at;
	r->object = c == '{';
	r->at++;
	if (skip_space(r, &c, f) != 0)
		return -1;
	if (c == (r->object ? '}' : ']')) {
		r->at++;
		r->to = r->base + r->at;
		*event = EVENT_EMPTY;
		after_value(r);
		return 0;
	}
	if (r->object)
		r->objects[r->depth / 64] |= bit;
	else
		r->objects[r->depth / 64] &= ~bit;
	r->depth++;
	/* white space behind it is the first member's lead */
	r->to = r->from + 1;
	r->at = (size_t)(r->to - r->base);
	*event = EVENT_OPEN;
	r->want = r->object ? WANT_MEMBER : WANT_ELEMENT;
	return 0;
}

static int
scan_value(
    struct json_reader *r, int c, enum json_event *event, struct fault *f)
{
	int rc;

	if (c == '{' || c == '[')
		return scan_open(r, c, event, f);
	*event = c == 'n' ? EVENT_NULL : EVENT_VALUE;
	r->string = c == '"';
	if (c == '"')
		rc = scan_string(r, f);
	else if (c == '-' || (c >= '0' && c <= '9'))
		rc = scan_number(r, c, f);
	else if (c == 't' || c == 'f' || c == 'n')
		rc = scan_word(r,
		    c == 't'   ? "true"
		    : c == 'f' ? "false"
			       : "null",
		    f);
	else
		rc = refuse(r, "expected a value", f);
	after_value(r);
	return rc;
}

static int
scan_name(struct json_reader *r, int c, enum json_event *event, struct fault *f)
{
	if (c != '"')
		return refuse(r, "expected a name", f);
	if (scan_string(r, f) != 0 || skip_space(r, &c, f) != 0)
		return -1;
	if (c != ':')
		return refuse(r, "expected a colon", f);
	r->at++;
	*event = EVENT_NAME;
	r->want = WANT_VALUE;
	return 0;
}

/* A comma and what is behind it, or the close of what is open. */
static int
scan_more(struct json_reader *r, int c, enum json_event *event, struct fault *f)
{
	bool object = in_object(r);

	if (c == ',') {
		r->comma = r->base + r->at;
		r->at++;
		r->lead = r->base + r->at;
		if (skip_space(r, &c, f) != 0)
			return -1;
		return object ? scan_name(r, c, event, f)
			      : scan_value(r, c, event, f);
	}
	if (c != (object ? '}' : ']'))
		return refuse(r,
		    object ? "expected a comma or }" : "expected a comma or ]",
		    f);
	r->from = r->base + r->at;
	r->at++;
	r->to = r->from + 1;
	r->depth--;
	*event = EVENT_CLOSE;
	after_value(r);
	return 0;
}

int
json_next(struct json_reader *r, enum json_event *event, struct fault *f)
{
	int c;

	r->start = r->base + r->at;
	r->comma = JSON_NOWHERE;
	r->lead = r->start;
	if (skip_space(r, &c, f) != 0)
		return -1;
	switch ((enum want)r->want) {
	case WANT_VALUE:
	case WANT_ELEMENT:
		return scan_value(r, c, event, f);
	case WANT_MEMBER:
		return scan_name(r, c, event, f);
	case WANT_MORE:
		return scan_more(r, c, event, f);
	case WANT_END:
		break;
	}
	if (c != -1)
		return refuse(r, "text behind the value", f);
	r->from = r->to = r->base + r->at;
	*event = EVENT_END;
	return 0;
}
