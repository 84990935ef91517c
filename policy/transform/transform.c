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
#include "policy/transform/redact_internal.h"

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

/* The actions that need only the value. */
static int
apply_plain(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	switch (t->action) {
	case TRANSFORM_MASK:
		return apply_mask(t, value, len, out, f);
	case TRANSFORM_TRUNCATE:
		return apply_truncate(t, value, len, out, f);
	case TRANSFORM_DATE:
		return generalise_date(t, value, len, out, f);
	case TRANSFORM_AGE:
		return generalise_age(t, value, len, out, f);
	case TRANSFORM_BINS:
		return generalise_bins(t, value, len, out, f);
	case TRANSFORM_WIDTH:
		return generalise_width(t, value, len, out, f);
	case TRANSFORM_ROUND:
		return generalise_round(t, value, len, out, f);
	case TRANSFORM_ENDS:
		return generalise_ends(t, value, len, out, f);
	case TRANSFORM_GRID:
		return generalise_grid(t, value, len, out, f);
	case TRANSFORM_POSTCODE:
		return generalise_postcode(t, value, len, out, f);
	case TRANSFORM_IP:
		return generalise_ip(t, value, len, out, f);
	case TRANSFORM_EMAIL:
		return generalise_email(t, value, len, out, f);
	case TRANSFORM_LEVEL:
		return generalise_level(t, value, len, out, f);
	default:
		return fault_set(
		    f, FAULT_POLICY, "the policy refuses this field");
	}
}

static int
refer(const struct transform *t, const struct transform_site *site,
    const struct slice *value, struct bytes *out, struct fault *f)
{
	if (site == NULL || site->refs == NULL)
		return fault_set(f, FAULT_POLICY,
		    "names a file of a dataset, and none is at hand");
	return site->refs->find(
	    site->refs->arg, (enum transform_by)t->first, value, out, f);
}

static int
apply(const struct transform *t, const struct transform_site *site,
    const struct slice *value, struct bytes *out, struct fault *f)
{
	switch (t->action) {
	case TRANSFORM_KEEP:
		return bytes_add(out, value->at, value->len, f);
	case TRANSFORM_DROP:
		return 0;
	case TRANSFORM_CONSTANT:
		return bytes_add_text(out, t->text, f);
	case TRANSFORM_TOKEN:
	case TRANSFORM_RANDOM:
		return value_token(t, site, value, out, f);
	case TRANSFORM_REVERSIBLE:
		return value_reversible(site, value, false, out, f);
	case TRANSFORM_FPE:
		return value_fpe(t, site, value, false, out, f);
	case TRANSFORM_SHIFT:
		return shift_date(t, site, value, out, f);
	case TRANSFORM_NOISE:
		return add_noise(t, site, value, out, f);
	case TRANSFORM_DETECT:
		return redact_value(t, site, value, out, f);
	case TRANSFORM_UID:
		return replace_uid(site, value, out, f);
	case TRANSFORM_ITEM_REF:
		return refer(t, site, value, out, f);
	default:
		return apply_plain(t, value->at, value->len, out, f);
	}
}

/* Is a number, a date or an address expected, around which blanks are none of
 * it? */
static bool
ignores_blanks(enum transform_action action)
{
	switch (action) {
	case TRANSFORM_DATE:
	case TRANSFORM_BINS:
	case TRANSFORM_WIDTH:
	case TRANSFORM_AGE:
	case TRANSFORM_ROUND:
	case TRANSFORM_ENDS:
	case TRANSFORM_POSTCODE:
	case TRANSFORM_GRID:
	case TRANSFORM_IP:
	case TRANSFORM_EMAIL:
	case TRANSFORM_SHIFT:
	case TRANSFORM_NOISE:
		return true;
	default:
		return false;
	}
}

/* Nothing to transform: no bytes, or nothing but blanks. */
static bool
is_empty(const struct transform *t, const uint8_t *value, size_t len)
{
	bool blanks = ignores_blanks(t->action);

	while (blanks && len > 0 &&
	       (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	return len == 0;
}

int
transform_apply(const struct transform *t, const struct transform_site *site,
    const void *value, size_t len, struct bytes *out, struct fault *f)
{
	const struct slice from = { value, len };
	size_t was = out->len;

	if (t->action != TRANSFORM_CONSTANT && t->action != TRANSFORM_REFUSE &&
	    is_empty(t, value, len))
		return 0;
	if (apply(t, site, &from, out, f) != 0) {
		out->len = was;
		return -1;
	}
	return 0;
}

bool
transform_needs_subject(const struct transform *t)
{
	return t->action == TRANSFORM_SHIFT;
}

int
transform_reveal(const struct transform *t, const struct transform_site *site,
    const void *value, size_t len, struct bytes *out, struct fault *f)
{
	const struct slice from = { value, len };
	size_t was = out->len;
	int rc;

	if (t->action != TRANSFORM_REVERSIBLE && t->action != TRANSFORM_FPE)
		return fault_set(f, FAULT_POLICY,
		    "only reversible and fpe can be undone from the value");
	if (len == 0)
		return 0;
	if (t->action == TRANSFORM_REVERSIBLE)
		rc = value_reversible(site, &from, true, out, f);
	else
		rc = value_fpe(t, site, &from, true, out, f);
	if (rc != 0)
		out->len = was;
	return rc;
}

int
transform_start(struct fault *f)
{
	return detect_start(f);
}

void
transform_free(struct transform *t)
{
	if (t == NULL)
		return;
	mem_free(t->domain);
	mem_free(t->text);
	mem_free(t->between);
	levels_drop(t->levels);
	redact_drop(t->rules);
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
	to->between = NULL;
	to->edges = NULL;
	to->levels = levels_share(from->levels);
	to->rules = redact_share(from->rules);
	if (copy_text(&to->domain, from->domain, f) != 0 ||
	    copy_text(&to->text, from->text, f) != 0 ||
	    copy_text(&to->between, from->between, f) != 0)
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
