/*
 * One value in, one value out; see transform.h for the rules.
 *
 * Promises: what is appended depends on the transform, the key and the value
 * alone; a value is either transformed as docs/POLICY.md defines or refused;
 * out is untouched by a refusal.
 *
 * Not here: which transform a field gets (policy/rules), what a value is in a
 * file (gateway/mask), keys (keys/ring).
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "keys/pseudonym/pseudonym.h"
#include "policy/transform/transform_internal.h"

static int
not_utf8(struct fault *f)
{
	return fault_set(f, FAULT_INPUT, "not UTF-8 text");
}

/* Characters in well-formed text. */
static size_t
count_chars(const uint8_t *p, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			n++;
	return n;
}

/* Where the n-th character begins; len when there are no more than n. */
static size_t
char_at(const uint8_t *p, size_t len, size_t n)
{
	size_t i = 0;

	while (i < len && ((p[i] & 0xc0) == 0x80 || n-- > 0))
		i++;
	return i;
}

static int
apply_token(const struct token_key *key, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	char token[TOKEN_CHARS + 1];

	must(key != NULL);
	token_make(key, value, len, token);
	return bytes_add(out, token, TOKEN_CHARS, f);
}

/* A value no longer than what would be kept of it is masked whole. */
static int
apply_mask(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	size_t n, first = t->first, last = t->last, from, to;

	if (!utf8_valid(value, len))
		return not_utf8(f);
	n = count_chars(value, len);
	if (n <= first + last)
		first = last = 0;
	from = char_at(value, len, first);
	to = char_at(value, len, n - last);
	if (bytes_add(out, value, from, f) != 0)
		return -1;
	for (size_t i = t->fills != 0 ? t->fills : n - first - last; i > 0; i--)
		if (utf8_add(out, t->fill, f) != 0)
			return -1;
	return bytes_add(out, value + to, len - to, f);
}

static int
apply_truncate(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	if (!utf8_valid(value, len))
		return not_utf8(f);
	return bytes_add(out, value, char_at(value, len, t->first), f);
}

static int
apply(const struct transform *t, const struct token_key *key,
    const uint8_t *value, size_t len, struct bytes *out, struct fault *f)
{
	switch (t->action) {
	case TRANSFORM_KEEP:
		return bytes_add(out, value, len, f);
	case TRANSFORM_DROP:
		return 0;
	case TRANSFORM_TOKEN:
		return apply_token(key, value, len, out, f);
	case TRANSFORM_MASK:
		return apply_mask(t, value, len, out, f);
	case TRANSFORM_TRUNCATE:
		return apply_truncate(t, value, len, out, f);
	case TRANSFORM_DATE:
		return generalise_date(t, value, len, out, f);
	case TRANSFORM_BINS:
		return generalise_bins(t, value, len, out, f);
	case TRANSFORM_WIDTH:
		return generalise_width(t, value, len, out, f);
	case TRANSFORM_CONSTANT:
		return bytes_add_text(out, t->text, f);
	case TRANSFORM_REFUSE:
		break;
	}
	return fault_set(f, FAULT_POLICY, "the policy refuses this field");
}

/* Nothing to transform: no bytes, or, where a number or date is expected,
 * nothing but blanks. */
static bool
is_empty(const struct transform *t, const uint8_t *value, size_t len)
{
	bool blanks = t->action == TRANSFORM_DATE ||
		      t->action == TRANSFORM_BINS ||
		      t->action == TRANSFORM_WIDTH;

	while (blanks && len > 0 &&
	       (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	return len == 0;
}

int
transform_apply(const struct transform *t, const struct token_key *key,
    const void *value, size_t len, struct bytes *out, struct fault *f)
{
	size_t was = out->len;

	if (t->action != TRANSFORM_CONSTANT && t->action != TRANSFORM_REFUSE &&
	    is_empty(t, value, len))
		return 0;
	if (apply(t, key, value, len, out, f) != 0) {
		out->len = was;
		return -1;
	}
	return 0;
}

void
transform_free(struct transform *t)
{
	if (t == NULL)
		return;
	mem_free(t->domain);
	mem_free(t->text);
	mem_free(t->edges);
	*t = (struct transform){ .action = TRANSFORM_REFUSE };
}

static int
copy_text(char **to, const char *from, struct fault *f)
{
	if (from == NULL)
		return 0;
	if ((*to = mem_text(from, strlen(from))) == NULL)
		return fault_memory(f);
	return 0;
}

int
transform_copy(
    struct transform *to, const struct transform *from, struct fault *f)
{
	*to = *from;
	to->domain = NULL;
	to->text = NULL;
	to->edges = NULL;
	if (copy_text(&to->domain, from->domain, f) != 0 ||
	    copy_text(&to->text, from->text, f) != 0)
		goto out;
	if (from->nedges > 0) {
		to->edges = mem_array(from->nedges, sizeof(*to->edges));
		if (to->edges == NULL) {
			(void)fault_memory(f);
			goto out;
		}
		memcpy(
		    to->edges, from->edges, from->nedges * sizeof(*to->edges));
	}
	return 0;
out:
	transform_free(to);
	return -1;
}
