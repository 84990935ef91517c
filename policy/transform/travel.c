/* A transform as bytes of a message and as text of the policy language. */

#include <inttypes.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/transform/transform_internal.h"

static bool
edges_sound(const struct transform *t)
{
	const int64_t one = (int64_t)DECIMAL_ONE;

	for (size_t i = 0; i < t->nedges; i++) {
		const struct decimal *e = &t->edges[i];

		if (e->parts >= DECIMAL_ONE || e->whole >= one ||
		    e->whole < -one || (e->whole == -one && e->parts == 0))
			return false;
	}
	for (size_t i = 1; i < t->nedges; i++)
		if (decimal_compare(&t->edges[i - 1], &t->edges[i]) >= 0)
			return false;
	return true;
}

static bool
text_sound(const char *text, size_t max)
{
	return text != NULL && strlen(text) <= max &&
	       utf8_valid(text, strlen(text));
}

/* A character that may stand for masked ones: it is seen. */
static bool
fill_sound(uint32_t c)
{
	return c > 0x20 && c <= 0x10ffff && (c < 0x7f || c > 0xa0) &&
	       (c < 0xd800 || c > 0xdfff);
}

bool
transform_sound(const struct transform *t)
{
	const struct decimal zero = { 0, 0 };

	if ((t->domain != NULL) != (t->action == TRANSFORM_TOKEN) ||
	    (t->text != NULL) != (t->action == TRANSFORM_CONSTANT) ||
	    t->grain > GRAIN_MONTH || t->order > ORDER_MDY || !edges_sound(t))
		return false;
	switch (t->action) {
	case TRANSFORM_REFUSE:
	case TRANSFORM_KEEP:
	case TRANSFORM_DROP:
	case TRANSFORM_DATE:
		return true;
	case TRANSFORM_TOKEN:
		return text_sound(t->domain, TRANSFORM_NAME_MAX) &&
		       t->domain[0] != '\0';
	case TRANSFORM_MASK:
		return t->first <= TRANSFORM_CHARS_MAX &&
		       t->last <= TRANSFORM_CHARS_MAX && fill_sound(t->fill) &&
		       t->fills <= TRANSFORM_FILL_MAX;
	case TRANSFORM_TRUNCATE:
		return t->first > 0 && t->first <= TRANSFORM_CHARS_MAX;
	case TRANSFORM_BINS:
		return t->nedges > 0 && t->nedges <= TRANSFORM_EDGES_MAX;
	case TRANSFORM_WIDTH:
		return t->nedges == 1 &&
		       decimal_compare(&t->edges[0], &zero) > 0;
	case TRANSFORM_CONSTANT:
		return text_sound(t->text, TRANSFORM_TEXT_MAX);
	}
	return false;
}

int
transform_put(struct bytes *b, const struct transform *t, struct fault *f)
{
	must(transform_sound(t));
	if (put_u8(b, (uint8_t)t->action, f) != 0 ||
	    put_u32(b, t->line, f) != 0 || put_u32(b, t->first, f) != 0 ||
	    put_u32(b, t->last, f) != 0 || put_u32(b, t->fill, f) != 0 ||
	    put_u32(b, t->fills, f) != 0 ||
	    put_u8(b, (uint8_t)t->grain, f) != 0 ||
	    put_u8(b, (uint8_t)t->order, f) != 0 ||
	    put_u16(b, (uint16_t)t->nedges, f) != 0)
		return -1;
	for (size_t i = 0; i < t->nedges; i++)
		if (put_u64(b, (uint64_t)t->edges[i].whole, f) != 0 ||
		    put_u64(b, t->edges[i].parts, f) != 0)
			return -1;
	if (t->action == TRANSFORM_TOKEN)
		return put_text(b, t->domain, f);
	if (t->action == TRANSFORM_CONSTANT)
		return put_text(b, t->text, f);
	return 0;
}

static int
take_edges(struct reader *r, struct transform *t, struct fault *f)
{
	uint16_t n;
	uint64_t whole;

	if (take_u16(r, &n, f) != 0)
		return -1;
	if (n > TRANSFORM_EDGES_MAX)
		return fault_set(f, FAULT_INPUT, "plan has too many bins");
	if (n == 0)
		return 0;
	if ((t->edges = mem_array(n, sizeof(*t->edges))) == NULL)
		return fault_memory(f);
	t->nedges = n;
	for (size_t i = 0; i < n; i++) {
		if (take_u64(r, &whole, f) != 0 ||
		    take_u64(r, &t->edges[i].parts, f) != 0)
			return -1;
		t->edges[i].whole = (int64_t)whole;
	}
	return 0;
}

/* Text as a plan carries it: no NUL inside. */
static int
take_owned(struct reader *r, size_t max, char **out, struct fault *f)
{
	struct slice s;

	if (take_slice(r, max, &s, f) != 0)
		return -1;
	if (s.len > 0 && memchr(s.at, 0, s.len) != NULL)
		return fault_set(f, FAULT_INPUT, "plan text holds a NUL");
	if ((*out = mem_text(s.at, s.len)) == NULL)
		return fault_memory(f);
	return 0;
}

int
transform_take(struct reader *r, struct transform *t, struct fault *f)
{
	struct transform got = { .action = TRANSFORM_REFUSE };
	uint8_t action, grain, order;
	int rc = -1;

	*t = got;
	if (take_u8(r, &action, f) != 0 || take_u32(r, &got.line, f) != 0 ||
	    take_u32(r, &got.first, f) != 0 || take_u32(r, &got.last, f) != 0 ||
	    take_u32(r, &got.fill, f) != 0 || take_u32(r, &got.fills, f) != 0 ||
	    take_u8(r, &grain, f) != 0 || take_u8(r, &order, f) != 0 ||
	    take_edges(r, &got, f) != 0)
		goto out;
	got.action = (enum transform_action)action;
	got.grain = (enum transform_grain)grain;
	got.order = (enum transform_order)order;
	if (action == TRANSFORM_TOKEN &&
	    take_owned(r, TRANSFORM_NAME_MAX, &got.domain, f) != 0)
		goto out;
	if (action == TRANSFORM_CONSTANT &&
	    take_owned(r, TRANSFORM_TEXT_MAX, &got.text, f) != 0)
		goto out;
	if (!transform_sound(&got)) {
		(void)fault_set(f, FAULT_INPUT, "plan has a broken transform");
		goto out;
	}
	*t = got;
	got = (struct transform){ .action = TRANSFORM_REFUSE };
	rc = 0;
out:
	transform_free(&got);
	return rc;
}

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

static int
print_numbers(struct bytes *out, const struct transform *t, struct fault *f)
{
	bool bins = t->action == TRANSFORM_BINS;

	if (bytes_addf(
		out, f, "{generalise: {%s", bins ? "bins: [" : "width: ") != 0)
		return -1;
	for (size_t i = 0; i < t->nedges; i++)
		if ((i > 0 && bytes_add_text(out, ", ", f) != 0) ||
		    decimal_print(out, &t->edges[i], f) != 0)
			return -1;
	return bytes_add_text(out, bins ? "]}}" : "}}", f);
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

int
transform_print(struct bytes *out, const struct transform *t, struct fault *f)
{
	static const char *const orders[] = { "", ", order: dmy",
		", order: mdy" };

	switch (t->action) {
	case TRANSFORM_REFUSE:
		return bytes_add_text(out, "refuse", f);
	case TRANSFORM_KEEP:
		return bytes_add_text(out, "keep", f);
	case TRANSFORM_DROP:
		return bytes_add_text(out, "drop", f);
	case TRANSFORM_TOKEN:
		return print_around(
		    out, "{token: {domain: ", t->domain, "}}", f);
	case TRANSFORM_MASK:
		return print_mask(out, t, f);
	case TRANSFORM_TRUNCATE:
		return bytes_addf(out, f, "{truncate: %" PRIu32 "}", t->first);
	case TRANSFORM_DATE:
		return bytes_addf(out, f, "{generalise: {date: %s%s}}",
		    t->grain == GRAIN_YEAR ? "year" : "month",
		    orders[t->order]);
	case TRANSFORM_BINS:
	case TRANSFORM_WIDTH:
		return print_numbers(out, t, f);
	case TRANSFORM_CONSTANT:
		return print_around(out, "{constant: ", t->text, "}", f);
	}
	must(false); /* the compiler sees that every action is above */
	return -1;
}
