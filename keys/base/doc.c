/* Small JSON documents over jansson, and RFC 8785 output; see doc.h. */

#include "keys/base/doc.h"

#include <math.h>
#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

#define DEPTH_MAX 32
#define INTEGER_MAX 9007199254740991 /* 2^53-1, RFC 8785 appendix D */

/* jansson's own limit is 2,048 levels; count ours before it recurses. */
static int
check_depth(const uint8_t *p, size_t len, struct fault *f)
{
	bool in_string = false;
	size_t depth = 0;

	for (size_t i = 0; i < len; i++) {
		if (in_string) {
			if (p[i] == '\\')
				i++;
			else if (p[i] == '"')
				in_string = false;
		} else if (p[i] == '"') {
			in_string = true;
		} else if (p[i] == '[' || p[i] == '{') {
			if (++depth > DEPTH_MAX)
				return fault_set(f, FAULT_INPUT,
				    "JSON nested over %d levels", DEPTH_MAX);
		} else if ((p[i] == ']' || p[i] == '}') && depth > 0) {
			depth--;
		}
	}
	return 0;
}

int
doc_read(json_t **out, const void *p, size_t len, struct fault *f)
{
	json_error_t e;
	json_t *got;

	if (check_depth(p, len, f) != 0)
		return -1;
	got = json_loadb(p, len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	if (got == NULL)
		return fault_set(f, FAULT_INPUT, "line %d:%d: not JSON",
		    e.line > 0 ? e.line : 1, e.column > 0 ? e.column : 1);
	*out = got;
	return 0;
}

/* RFC 8785 section 3.2.2.2. */
static int
write_string(struct bytes *out, const char *s, size_t len, struct fault *f)
{
	static const char shorts[] = "btnvfr";

	if (bytes_add(out, "\"", 1, f) != 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		int rc;

		if (c == '"' || c == '\\')
			rc = bytes_addf(out, f, "\\%c", c);
		else if (c >= 8 && c <= 13 && c != 11)
			rc = bytes_addf(out, f, "\\%c", shorts[c - 8]);
		else if (c < 0x20)
			rc = bytes_addf(out, f, "\\u%04x", c);
		else
			rc = bytes_add(out, &c, 1, f);
		if (rc != 0)
			return -1;
	}
	return bytes_add(out, "\"", 1, f);
}

/*
 * ECMA-262 Number::toString (RFC 8785 section 3.2.2.3): the fewest digits
 * that read back as the same double, laid out by the place of the point.
 */
static int
write_real(struct bytes *out, double v, struct fault *f)
{
	char text[40], digits[24];
	int precision, exponent, n = 0;
	const char *sign = v < 0 ? "-" : "";

	if (!isfinite(v))
		return fault_set(f, FAULT_INPUT, "a number that is not finite");
	if (v == 0)
		return bytes_add(out, "0", 1, f);
	for (precision = 0; precision < 17; precision++) {
		(void)snprintf(text, sizeof(text), "%.*e", precision, fabs(v));
		if (strtod(text, NULL) == fabs(v))
			break;
	}
	for (const char *p = text; *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	digits[n] = '\0';
	exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
	if (exponent >= n && exponent <= 21)
		return bytes_addf(out, f, "%s%s%.*s", sign, digits,
		    exponent - n, "000000000000000000000");
	if (exponent > 0 && exponent <= 21)
		return bytes_addf(out, f, "%s%.*s.%s", sign, exponent, digits,
		    digits + exponent);
	if (exponent > -6 && exponent <= 0)
		return bytes_addf(
		    out, f, "%s0.%.*s%s", sign, -exponent, "000000", digits);
	return bytes_addf(out, f, "%s%c%s%se%c%d", sign, digits[0],
	    n > 1 ? "." : "", digits + 1, exponent > 0 ? '+' : '-',
	    abs(exponent - 1));
}

/* Order of member names: by UTF-16 code units (RFC 8785 section 3.2.3).  It
 * differs from the order of UTF-8 bytes only where a surrogate pair (4 bytes,
 * 0xf0 and up) meets U+E000 to U+FFFF (3 bytes, 0xee and 0xef). */
static int
compare_names(const void *a, const void *b)
{
	const unsigned char *x = *(const unsigned char *const *)a;
	const unsigned char *y = *(const unsigned char *const *)b;

	while (*x != 0 && *x == *y) {
		x++;
		y++;
	}
	if (*x >= 0xee && *y >= 0xee && (*x >= 0xf0) != (*y >= 0xf0))
		return *x >= 0xf0 ? -1 : 1;
	return *x - *y;
}

static int
write_object(struct bytes *out, const json_t *o, struct fault *f)
{
	size_t n = json_object_size(o), i = 0;
	const char **names, *name;
	json_t *value, *all = (json_t *)(uintptr_t)o;
	int rc = -1;

	if ((names = mem_array(n, sizeof(*names))) == NULL)
		return fault_memory(f);
	json_object_foreach(all, name, value) names[i++] = name;
	qsort(names, n, sizeof(*names), compare_names);
	if (bytes_add(out, "{", 1, f) != 0)
		goto out;
	for (i = 0; i < n; i++)
		if ((i > 0 && bytes_add(out, ",", 1, f) != 0) ||
		    write_string(out, names[i], strlen(names[i]), f) != 0 ||
		    bytes_add(out, ":", 1, f) != 0 ||
		    doc_write(out, json_object_get(o, names[i]), f) != 0)
			goto out;
	rc = bytes_add(out, "}", 1, f);
out:
	mem_free(names);
	return rc;
}

static int
write_list(struct bytes *out, const json_t *a, struct fault *f)
{
	if (bytes_add(out, "[", 1, f) != 0)
		return -1;
	for (size_t i = 0; i < json_array_size(a); i++)
		if ((i > 0 && bytes_add(out, ",", 1, f) != 0) ||
		    doc_write(out, json_array_get(a, i), f) != 0)
			return -1;
	return bytes_add(out, "]", 1, f);
}

int
doc_write(struct bytes *out, const json_t *value, struct fault *f)
{
	json_int_t n;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return write_object(out, value, f);
	case JSON_ARRAY:
		return write_list(out, value, f);
	case JSON_STRING:
		return write_string(out, json_string_value(value),
		    json_string_length(value), f);
	case JSON_INTEGER:
		n = json_integer_value(value);
		if (n > INTEGER_MAX || n < -INTEGER_MAX)
			return fault_set(
			    f, FAULT_INPUT, "an integer beyond 2^53-1");
		return bytes_addf(out, f, "%lld", (long long)n);
	case JSON_REAL:
		return write_real(out, json_real_value(value), f);
	case JSON_TRUE:
		return bytes_add_text(out, "true", f);
	case JSON_FALSE:
		return bytes_add_text(out, "false", f);
	case JSON_NULL:
		return bytes_add_text(out, "null", f);
	}
	abort(); /* jansson has no other type */
}

static int
wrong(const char *key, const char *want, struct fault *f)
{
	return fault_set(f, FAULT_INPUT, "member \"%s\": %s", key, want);
}

int
doc_text(const json_t *o, const char *key, const char **out, struct fault *f)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_string(v))
		return wrong(key, "needs text", f);
	if (strlen(json_string_value(v)) != json_string_length(v))
		return wrong(key, "holds a NUL", f);
	*out = json_string_value(v);
	return 0;
}

int
doc_number(const json_t *o, const char *key, uint64_t max, uint64_t *out,
    struct fault *f)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_integer(v) || json_integer_value(v) < 0 ||
	    (uint64_t)json_integer_value(v) > max)
		return fault_set(f, FAULT_INPUT,
		    "member \"%s\": needs an integer from 0 to %llu", key,
		    (unsigned long long)max);
	*out = (uint64_t)json_integer_value(v);
	return 0;
}

int
doc_bool(const json_t *o, const char *key, bool *out, struct fault *f)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_boolean(v))
		return wrong(key, "needs true or false", f);
	*out = json_is_true(v);
	return 0;
}

int
doc_object(const json_t *o, const char *key, json_t **out, struct fault *f)
{
	json_t *v = json_object_get(o, key);

	if (!json_is_object(v))
		return wrong(key, "needs an object", f);
	*out = v;
	return 0;
}

int
doc_list(const json_t *o, const char *key, json_t **out, struct fault *f)
{
	json_t *v = json_object_get(o, key);

	if (!json_is_array(v))
		return wrong(key, "needs a list", f);
	*out = v;
	return 0;
}

int
doc_hex(
    const json_t *o, const char *key, uint8_t *out, size_t len, struct fault *f)
{
	const char *text;

	if (doc_text(o, key, &text, f) != 0)
		return -1;
	if (!hex_read(out, len, text, strlen(text)))
		return fault_set(f, FAULT_INPUT,
		    "member \"%s\": needs %zu bytes in lower-case hexadecimal",
		    key, len);
	return 0;
}

int
doc_time(const json_t *o, const char *key, int64_t *out, struct fault *f)
{
	const char *text;

	if (doc_text(o, key, &text, f) != 0)
		return -1;
	if (!clock_read(out, text, strlen(text)))
		return wrong(key, "needs a time like 2026-11-23T20:15:00Z", f);
	return 0;
}

int
doc_only(const json_t *o, const char *keys, struct fault *f)
{
	json_t *value, *all = (json_t *)(uintptr_t)o;
	const char *name;

	if (!json_is_object(o))
		return fault_set(f, FAULT_INPUT, "needs an object");
	json_object_foreach(all, name, value)
	{
		size_t len = strlen(name);
		const char *p = keys;

		while (*p != '\0') {
			size_t word = strcspn(p, " ");

			if (word == len && strncmp(p, name, len) == 0)
				break;
			p += word + (p[word] == ' ' ? 1 : 0);
		}
		if (*p == '\0' || len == 0)
			return fault_set(
			    f, FAULT_INPUT, "unknown member \"%s\"", name);
	}
	return 0;
}
