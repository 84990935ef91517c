/* A transform as text of the policy language, in canonical form. */

#include <inttypes.h>
#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/text.h"
#include "policy/transform/transform_internal.h"

const char *const transform_bys[] = { "path", "basename", "identifier", NULL };

/* Does YAML want this character escaped?  (YAML 1.2, 5.1: printable.) */
static bool
must_escape(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x2028 ||
	       c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff;
}

int
transform_quote(struct bytes *out, const char *text, struct fault *f)
{
	size_t len = strlen(text), used = 1;

	if (bytes_add_text(out, "\"", f) != 0)
		return -1;
	for (size_t i = 0; i < len; i += used) {
		int32_t c = utf8_next(text + i, len - i, &used);
		int rc;

		must(c >= 0);
		if (c == '"' || c == '\\')
			rc = bytes_addf(out, f, "\\%c", (char)c);
		else if (must_escape((uint32_t)c))
			rc = bytes_addf(out, f, "\\u%04X", (unsigned)c);
		else
			rc = bytes_add(out, text + i, used, f);
		if (rc != 0)
			return -1;
	}
	return bytes_add_text(out, "\"", f);
}

static int
print_mask(struct bytes *out, const struct transform *t, struct fault *f)
{
	struct bytes fill;
	int rc = -1;

	bytes_init(&fill, 8);
	if (bytes_addf(out, f,
		"{mask: {keep_first: %" PRIu32 ", keep_last: %" PRIu32
		", fill: ",
		t->first, t->last) != 0 ||
	    utf8_add(&fill, t->fill, f) != 0 || bytes_end_text(&fill, f) != 0 ||
	    transform_quote(out, (const char *)fill.at, f) != 0)
		goto out;
	if (t->fills != 0)
		rc = bytes_addf(out, f, ", length: %" PRIu32 "}}", t->fills);
	else
		rc = bytes_add_text(out, ", length: same}}", f);
out:
	bytes_free(&fill);
	return rc;
}

/* Word and number: ", top: 90". */
static int
print_number(struct bytes *out, const char *word, const struct decimal *d,
    struct fault *f)
{
	if (bytes_add_text(out, word, f) != 0)
		return -1;
	return decimal_print(out, d, f);
}

static int
print_bins(struct bytes *out, const struct transform *t, struct fault *f)
{
	if (bytes_add_text(out, "{generalise: {bins: ", f) != 0)
		return -1;
	for (size_t i = 0; i < t->nedges; i++)
		if (print_number(out, i == 0 ? "[" : ", ", &t->edges[i], f) !=
		    0)
			return -1;
	return bytes_add_text(out, "]}}", f);
}

/* width, round and ends alone: bottom and top last. */
static int
print_steps(struct bytes *out, const struct transform *t, struct fault *f)
{
	const struct decimal *e = t->edges;
	const char *comma = ", ";
	int rc = bytes_add_text(out, "{generalise: {", f);

	if (t->action == TRANSFORM_ENDS)
		comma = "";
	else if (rc == 0)
		rc = print_number(out,
		    t->action == TRANSFORM_WIDTH ? "width: " : "round: {to: ",
		    e++, f);
	if (rc == 0 && t->action == TRANSFORM_ROUND)
		rc = bytes_add_text(out, "}", f);
	if (rc == 0 && (t->ends & ENDS_BOTTOM)) {
		rc = bytes_add_text(out, comma, f);
		if (rc == 0)
			rc = print_number(out, "bottom: ", e++, f);
		comma = ", ";
	}
	if (rc == 0 && (t->ends & ENDS_TOP)) {
		rc = bytes_add_text(out, comma, f);
		if (rc == 0)
			rc = print_number(out, "top: ", e, f);
	}
	return rc == 0 ? bytes_add_text(out, "}}", f) : -1;
}

/* Open, quoted text, close. */
static int
print_around(struct bytes *out, const char *open, const char *text,
    const char *close, struct fault *f)
{
	if (bytes_add_text(out, open, f) != 0 ||
	    transform_quote(out, text, f) != 0)
		return -1;
	return bytes_add_text(out, close, f);
}

static int
print_fpe(struct bytes *out, const struct transform *t, struct fault *f)
{
	const char *name = letters_name(t->text);

	if (bytes_add_text(out, "{fpe: {alphabet: ", f) != 0 ||
	    (name != NULL ? bytes_add_text(out, name, f)
			  : transform_quote(out, t->text, f)) != 0 ||
	    print_around(out, ", domain: ", t->domain, "", f) != 0 ||
	    bytes_addf(out, f,
		", luhn: %s, keep_first: %" PRIu32 ", keep_last: %" PRIu32,
		t->luhn ? "yes" : "no", t->first, t->last) != 0)
		return -1;
	return print_around(out, ", separators: ", t->between, "}}", f);
}

static const char *const orders[] = { "", ", order: dmy", ", order: mdy" };

static int
print_age(struct bytes *out, const struct transform *t, struct fault *f)
{
	char at[CLOCK_DATE_CHARS + 1];

	clock_write_date(at, t->at * 86400);
	return bytes_addf(out, f,
	    "{generalise: {age_band: {at: %s, width: %" PRIu32
	    ", over: %" PRIu32 "%s}}}",
	    at, t->first, t->last, orders[t->order]);
}

static int
print_date(struct bytes *out, const struct transform *t, struct fault *f)
{
	static const char *const grains[] = { "year", "month", "quarter" };

	return bytes_addf(out, f, "{generalise: {date: %s%s}}",
	    grains[t->grain], orders[t->order]);
}

static int
print_token(struct bytes *out, const struct transform *t, struct fault *f)
{
	static const char *const scopes[] = { "}}", ", scope: document}}",
		", scope: record}}" };

	return print_around(
	    out, "{token: {domain: ", t->domain, scopes[t->scope], f);
}

static int
print_noise(struct bytes *out, const struct transform *t, struct fault *f)
{
	if (print_number(out, "{noise: {within: ", &t->edges[0], f) != 0 ||
	    print_number(out, ", to: ", &t->edges[1], f) != 0)
		return -1;
	return bytes_add_text(out, "}}", f);
}

static int
print_grid(struct bytes *out, const struct transform *t, struct fault *f)
{
	if (print_number(
		out, "{generalise: {grid: {degrees: ", &t->edges[0], f) != 0)
		return -1;
	return bytes_add_text(out, "}}}", f);
}

static int
print_level(struct bytes *out, const struct transform *t, struct fault *f)
{
	char hex[HEX_CHARS(sizeof(t->sha256)) + 1];

	hex_write(hex, t->sha256, sizeof(t->sha256));
	if (print_around(
		out, "{generalise: {hierarchy: {file: ", t->text, "", f) != 0)
		return -1;
	return bytes_addf(
	    out, f, ", level: %" PRIu32 ", sha256: %s}}}", t->first, hex);
}

/* What is found and looked for in the order of the policy's list. */
static int
print_detect(struct bytes *out, const struct transform *t, struct fault *f)
{
	if (bytes_addf(
		out, f, "{detect: {style: %s", redact_styles[t->style]) != 0)
		return -1;
	if (t->text[0] != '\0' &&
	    bytes_addf(out, f, ", entities: [%s]", t->text) != 0)
		return -1;
	if (t->style == REDACT_SURROGATE &&
	    print_around(out, ", domain: ", t->domain, "", f) != 0)
		return -1;
	return bytes_addf(out, f, ", min_score: %" PRIu32 ", doubtful: %s}}",
	    t->first, redact_doubts[t->doubtful]);
}

int
transform_print(struct bytes *out, const struct transform *t, struct fault *f)
{
	switch (t->action) {
	case TRANSFORM_REFUSE:
		return bytes_add_text(out, "refuse", f);
	case TRANSFORM_KEEP:
		return bytes_add_text(out, "keep", f);
	case TRANSFORM_DROP:
		return bytes_add_text(out, "drop", f);
	case TRANSFORM_RANDOM:
		return bytes_add_text(out, "random", f);
	case TRANSFORM_TOKEN:
		return print_token(out, t, f);
	case TRANSFORM_REVERSIBLE:
		return print_around(
		    out, "{reversible: {domain: ", t->domain, "}}", f);
	case TRANSFORM_FPE:
		return print_fpe(out, t, f);
	case TRANSFORM_MASK:
		return print_mask(out, t, f);
	case TRANSFORM_TRUNCATE:
		return bytes_addf(out, f, "{truncate: %" PRIu32 "}", t->first);
	case TRANSFORM_DATE:
		return print_date(out, t, f);
	case TRANSFORM_AGE:
		return print_age(out, t, f);
	case TRANSFORM_BINS:
		return print_bins(out, t, f);
	case TRANSFORM_WIDTH:
	case TRANSFORM_ROUND:
	case TRANSFORM_ENDS:
		return print_steps(out, t, f);
	case TRANSFORM_POSTCODE:
		return bytes_addf(out, f,
		    "{generalise: {postcode: {keep: %" PRIu32 "}}}", t->first);
	case TRANSFORM_GRID:
		return print_grid(out, t, f);
	case TRANSFORM_IP:
		return bytes_addf(out, f,
		    "{generalise: {ip: {v4: %" PRIu32 ", v6: %" PRIu32 "}}}",
		    t->first, t->last);
	case TRANSFORM_EMAIL:
		return bytes_add_text(out, "{generalise: {email: domain}}", f);
	case TRANSFORM_SHIFT:
		return bytes_addf(out, f,
		    "{shift: {days: %" PRIu32 ", by: subject%s}}", t->first,
		    orders[t->order]);
	case TRANSFORM_NOISE:
		return print_noise(out, t, f);
	case TRANSFORM_LEVEL:
		return print_level(out, t, f);
	case TRANSFORM_DETECT:
		return print_detect(out, t, f);
	case TRANSFORM_UID:
		return bytes_add_text(out, "uid", f);
	case TRANSFORM_ITEM_REF:
		return bytes_addf(
		    out, f, "{item_ref: {by: %s}}", transform_bys[t->first]);
	case TRANSFORM_CONSTANT:
		return print_around(out, "{constant: ", t->text, "}", f);
	}
	must(false); /* the compiler sees that every action is above */
	return -1;
}
