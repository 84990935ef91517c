/*
 * The JSON tokens that label files are made of; see json_internal.h.
 *
 * A state machine of its own and not a library's tree: a COCO file of half a
 * gigabyte must not become three in memory, numbers must keep the digits that
 * were written, and a finding must say the line.  Not a reader of datasets:
 * those are rewritten in place by gateway/mask.
 */

#include "gateway/labels/json_internal.h"

#include <string.h>

#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

#define BUFFER_BYTES ((size_t)64 << 10)
#define DEPTH_MAX 64u

/* What may come next. */
enum {
	EXPECT_VALUE,	       /* the document, or behind a colon */
	EXPECT_ELEMENT,	       /* behind a comma in a list */
	EXPECT_ELEMENT_OR_END, /* behind '[' */
	EXPECT_NAME,	       /* behind a comma in an object */
	EXPECT_NAME_OR_END,    /* behind '{' */
	EXPECT_COMMA_OR_END,
	EXPECT_NOTHING
};

int
labels_json_open(struct labels_json *j, int fd, uint64_t max, struct fault *f)
{
	labels_json_of(j, NULL, 0, 1);
	j->fd = fd;
	j->left = max;
	if ((j->buffer = mem_new(BUFFER_BYTES)) == NULL)
		return fault_memory(f);
	return 0;
}

void
labels_json_of(struct labels_json *j, const void *p, size_t len, uint32_t line)
{
	*j = (struct labels_json){ .fd = -1, .line = line };
	bytes_init(&j->text, LABELS_TEXT_MAX + 1);
	if (len > 0) {
		j->at = p;
		j->end = j->at + len;
	}
}

void
labels_json_free(struct labels_json *j)
{
	mem_free(j->buffer);
	bytes_free(&j->text);
	j->buffer = NULL;
}

static int
malformed(struct labels_json *j, const char *what, struct fault *f)
{
	j->broken = true;
	return fault_set(f, FAULT_INPUT, "not JSON: %s", what);
}

/* The next byte without taking it, or -1 at the end; *rc is -1 on a fault. */
static int
peek(struct labels_json *j, int *rc, struct fault *f)
{
	size_t want = BUFFER_BYTES, got;
	uint8_t more;

	if (j->at != j->end)
		return *j->at;
	if (j->fd == -1)
		return -1;
	if (j->left < want)
		want = (size_t)j->left;
	if (want == 0) {
		if ((*rc = file_read_some(j->fd, &more, 1, &got, f)) == 0 &&
		    got != 0) {
			j->broken = true;
			*rc = fault_set(f, FAULT_INPUT, "too large a file");
		}
		return -1;
	}
	if ((*rc = file_read_some(j->fd, j->buffer, want, &got, f)) != 0)
		return -1;
	j->left -= got;
	j->at = j->buffer;
	j->end = j->buffer + got;
	return got == 0 ? -1 : *j->at;
}

static int
take(struct labels_json *j, int *rc, struct fault *f)
{
	int c = peek(j, rc, f);

	if (c != -1)
		j->at++;
	if (c == '\n')
		j->line++;
	return c;
}

static int
keep(struct labels_json *j, const void *p, size_t len, struct fault *f)
{
	if (len > LABELS_TEXT_MAX - j->text.len)
		j->cut = true;
	if (j->cut)
		return 0;
	return bytes_add(&j->text, p, len, f);
}

static int
take_hex4(struct labels_json *j, uint32_t *out, struct fault *f)
{
	int rc = 0;

	*out = 0;
	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdefABCDEF";
		int c = take(j, &rc, f);
		const char *d = c > 0 ? strchr(digits, c) : NULL;

		if (rc != 0)
			return -1;
		if (d == NULL)
			return malformed(j, "a bad \\u escape", f);
		*out = *out << 4 | (uint32_t)(d - digits > 15 ? d - digits - 6
							      : d - digits);
	}
	return 0;
}

/* Behind a backslash. */
static int
take_escape(struct labels_json *j, struct fault *f)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	struct bytes one;
	uint32_t c, low;
	int rc = 0, b = take(j, &rc, f);
	const char *p = b > 0 ? strchr(from, b) : NULL;

	if (rc != 0)
		return -1;
	if (p != NULL)
		return keep(j, &to[p - from], 1, f);
	if (b != 'u')
		return malformed(j, "a bad escape", f);
	if (take_hex4(j, &c, f) != 0)
		return -1;
	if (c >= 0xd800 && c < 0xdc00) {
		b = take(j, &rc, f);
		if (b == '\\')
			b = take(j, &rc, f) == 'u' ? 0 : -1;
		if (b != 0)
			return rc != 0 ? -1
				       : malformed(j, "half a surrogate", f);
		if (take_hex4(j, &low, f) != 0)
			return -1;
		if (low < 0xdc00 || low > 0xdfff)
			return malformed(j, "half a surrogate", f);
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c >= 0xdc00 && c < 0xe000) {
		return malformed(j, "half a surrogate", f);
	}
	bytes_init(&one, 4);
	rc = utf8_add(&one, c, f);
	if (rc == 0)
		rc = keep(j, one.at, one.len, f);
	bytes_free(&one);
	return rc;
}

/* Behind the opening quote. */
static int
take_string(struct labels_json *j, struct fault *f)
{
	int rc = 0, c;

	bytes_reset(&j->text);
	j->cut = false;
	while ((c = take(j, &rc, f)) != '"') {
		const uint8_t *run = j->at - 1;

		if (rc != 0)
			return -1;
		if (c == -1)
			return malformed(j, "text without an end", f);
		if (c < 0x20)
			return malformed(j, "a control character in text", f);
		if (c == '\\') {
			if (take_escape(j, f) != 0)
				return -1;
			continue;
		}
		while (j->at != j->end && *j->at >= 0x20 && *j->at != '"' &&
		       *j->at != '\\')
			j->at++;
		if (keep(j, run, (size_t)(j->at - run), f) != 0)
			return -1;
	}
	if (!j->cut && !utf8_valid(j->text.at, j->text.len))
		return malformed(j, "text that is not UTF-8", f);
	return bytes_end_text(&j->text, f);
}

/* RFC 8259, section 6. */
static bool
is_number(const char *p)
{
	if (*p == '-')
		p++;
	if (*p == '0')
		p++;
	else if (*p >= '1' && *p <= '9')
		p += strspn(p, "0123456789");
	else
		return false;
	if (*p == '.') {
		size_t n = strspn(++p, "0123456789");

		if (n == 0)
			return false;
		p += n;
	}
	if (*p == 'e' || *p == 'E') {
		size_t n;

		p++;
		if (*p == '+' || *p == '-')
			p++;
		if ((n = strspn(p, "0123456789")) == 0)
			return false;
		p += n;
	}
	return *p == '\0';
}

/* A number, true, false, null, NaN, Infinity: letters, digits, signs. */
static int
take_word(struct labels_json *j, struct fault *f)
{
	static const struct {
		const char *word;
		enum labels_token token;
	} words[] = {
		{ "true", TOKEN_TRUE },
		{ "false", TOKEN_FALSE },
		{ "null", TOKEN_NULL },
		{ "NaN", TOKEN_NAN },
		{ "Infinity", TOKEN_NAN },
		{ "-Infinity", TOKEN_NAN },
	};
	const char *text;
	int rc = 0, c;

	bytes_reset(&j->text);
	j->cut = false;
	while (
	    (c = peek(j, &rc, f)) != -1 && c < 0x80 &&
	    ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		(c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.')) {
		if (keep(j, j->at, 1, f) != 0)
			return -1;
		j->at++;
	}
	if (rc != 0 || bytes_end_text(&j->text, f) != 0)
		return -1;
	text = (const char *)j->text.at;
	if (!j->cut && is_number(text)) {
		j->token = TOKEN_NUMBER;
		return 0;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i].word) == 0) {
			j->token = words[i].token;
			return 0;
		}
	return malformed(j, "neither a value nor a mark", f);
}

static bool
in_object(const struct labels_json *j)
{
	return j->depth > 0 && (j->objects >> (j->depth - 1) & 1) != 0;
}

static int
open_container(struct labels_json *j, bool object, struct fault *f)
{
	if (j->depth == DEPTH_MAX)
		return malformed(j, "nested too deeply", f);
	j->objects &= ~((uint64_t)1 << j->depth);
	j->objects |= (uint64_t)object << j->depth;
	j->depth++;
	j->token = object ? TOKEN_OBJECT : TOKEN_LIST;
	j->expect = object ? EXPECT_NAME_OR_END : EXPECT_ELEMENT_OR_END;
	return 0;
}

static int
close_container(struct labels_json *j, bool object, struct fault *f)
{
	if (j->depth == 0 || in_object(j) != object ||
	    (j->expect != EXPECT_COMMA_OR_END &&
		j->expect !=
		    (object ? EXPECT_NAME_OR_END : EXPECT_ELEMENT_OR_END)))
		return malformed(j, "a bracket out of place", f);
	j->depth--;
	j->token = object ? TOKEN_OBJECT_END : TOKEN_LIST_END;
	j->expect = j->depth == 0 ? EXPECT_NOTHING : EXPECT_COMMA_OR_END;
	return 0;
}

/* The next byte that is no white space, taken; -1 at the end. */
static int
take_mark(struct labels_json *j, int *rc, struct fault *f)
{
	int c;

	do
		c = take(j, rc, f);
	while (c == ' ' || c == '\t' || c == '\n' || c == '\r');
	return c;
}

static int
take_name(struct labels_json *j, struct fault *f)
{
	int rc = 0;

	if (take_string(j, f) != 0)
		return -1;
	if (take_mark(j, &rc, f) != ':')
		return rc != 0 ? -1 : malformed(j, "a name without ':'", f);
	j->token = TOKEN_NAME;
	j->expect = EXPECT_VALUE;
	return 0;
}

/* A file may begin with U+FEFF (RFC 8259, section 8.1); a text in memory is
 * a line of one, and may not. */
static int
pass_byte_order_mark(struct labels_json *j, struct fault *f)
{
	int rc = 0;

	j->started = true;
	if (j->fd == -1 || peek(j, &rc, f) != 0xef)
		return rc;
	j->at++;
	for (int i = 0; i < 2; i++)
		if (take(j, &rc, f) != (i == 0 ? 0xbb : 0xbf))
			return rc != 0 ? -1 : malformed(j, "not UTF-8", f);
	j->marked = true;
	return 0;
}

int
labels_json_next(struct labels_json *j, struct fault *f)
{
	int rc = 0, c;

	if (!j->started && pass_byte_order_mark(j, f) != 0)
		return -1;
	c = take_mark(j, &rc, f);
	if (c == ',' && rc == 0) {
		if (j->expect != EXPECT_COMMA_OR_END)
			return malformed(j, "a ',' out of place", f);
		j->expect = in_object(j) ? EXPECT_NAME : EXPECT_ELEMENT;
		c = take_mark(j, &rc, f);
	}
	if (rc != 0)
		return -1;
	if (c == -1) {
		if (j->expect != EXPECT_NOTHING)
			return malformed(j, "cut short", f);
		j->token = TOKEN_END;
		return 0;
	}
	if (c == '}' || c == ']')
		return close_container(j, c == '}', f);
	if (j->expect == EXPECT_NOTHING)
		return malformed(j, "something behind the end", f);
	if (j->expect == EXPECT_COMMA_OR_END)
		return malformed(j, "a ',' is missing", f);
	if (j->expect == EXPECT_NAME || j->expect == EXPECT_NAME_OR_END)
		return c == '"' ? take_name(j, f)
				: malformed(j, "a name is missing", f);
	if (c == '{' || c == '[')
		return open_container(j, c == '{', f);
	j->expect = j->depth == 0 ? EXPECT_NOTHING : EXPECT_COMMA_OR_END;
	if (c == '"') {
		j->token = TOKEN_TEXT;
		return take_string(j, f);
	}
	j->at--; /* the byte just taken is still in the buffer */
	return take_word(j, f);
}

int
labels_json_leave(struct labels_json *j, unsigned depth, struct fault *f)
{
	while (j->depth > depth)
		if (labels_json_next(j, f) != 0)
			return -1;
	return 0;
}

int
labels_json_skip(struct labels_json *j, struct fault *f)
{
	if (j->token == TOKEN_OBJECT || j->token == TOKEN_LIST)
		return labels_json_leave(j, j->depth - 1, f);
	return 0;
}
