/* A transform as bytes of a message, and whether it is one that the policy
 * language has. */

#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/transform/redact_internal.h"

static bool
has_domain(enum transform_action a)
{
	return a == TRANSFORM_TOKEN || a == TRANSFORM_REVERSIBLE ||
	       a == TRANSFORM_FPE || a == TRANSFORM_DETECT;
}

static bool
has_text(enum transform_action a)
{
	return a == TRANSFORM_CONSTANT || a == TRANSFORM_FPE ||
	       a == TRANSFORM_LEVEL || a == TRANSFORM_DETECT;
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

/* Two letters at least, each seen and there once, and none that may also stand
 * between. */
bool
transform_letters_fit(const char *text, const char *apart)
{
	uint32_t letters[TRANSFORM_LETTERS_MAX], between[TRANSFORM_BETWEEN_MAX];
	size_t n, m;

	if (!text_sound(text, TRANSFORM_TEXT_MAX) ||
	    !text_sound(apart, TRANSFORM_BETWEEN_MAX))
		return false;
	n = letters_read(letters, TRANSFORM_LETTERS_MAX, text);
	m = letters_read(between, TRANSFORM_BETWEEN_MAX, apart);
	for (size_t i = 0; i < m; i++)
		if (between[i] != ' ' && !fill_sound(between[i]))
			return false;
	for (size_t i = 0; i < n; i++) {
		if (!fill_sound(letters[i]))
			return false;
		for (size_t k = 0; k < i; k++)
			if (letters[k] == letters[i])
				return false;
		for (size_t k = 0; k < m; k++)
			if (between[k] == letters[i])
				return false;
	}
	return n >= 2;
}

static bool
fpe_sound(const struct transform *t)
{
	return transform_letters_fit(t->text, t->between) &&
	       t->first <= TRANSFORM_KEPT_MAX &&
	       t->last <= TRANSFORM_KEPT_MAX &&
	       (!t->luhn || strcmp(t->text, transform_alphabet("digits")) == 0);
}

static bool
decimal_sound(const struct decimal *e)
{
	const int64_t one = (int64_t)DECIMAL_ONE;

	return e->parts < DECIMAL_ONE && e->whole < one && e->whole >= -one &&
	       (e->whole > -one || e->parts > 0);
}

static bool
rising(const struct decimal *e, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (decimal_compare(&e[i - 1], &e[i]) >= 0)
			return false;
	return true;
}

/* One width or step over 0 and, behind it, the ends. */
static bool
steps_sound(const struct transform *t)
{
	const struct decimal zero = { 0, 0 };
	size_t n = 1u + (t->ends & 1) + (t->ends >> 1);

	if (t->nedges != n || decimal_compare(&t->edges[0], &zero) <= 0 ||
	    !rising(t->edges + 1, n - 1))
		return false;
	/* a bin must not lie on both sides of an end */
	for (size_t i = 1; i < n && t->action == TRANSFORM_WIDTH; i++)
		if (decimal_to_parts(&t->edges[i]) %
			decimal_to_parts(&t->edges[0]) !=
		    0)
			return false;
	return true;
}

static bool
noise_sound(const struct transform *t)
{
	__int128 within, step;

	if (t->nedges != 2)
		return false;
	within = decimal_to_parts(&t->edges[0]);
	step = decimal_to_parts(&t->edges[1]);
	return step > 0 && within >= step &&
	       within / step <= TRANSFORM_STEPS_MAX;
}

bool
transform_numbers_fit(const struct transform *t)
{
	const struct decimal most = { 90, 0 }, zero = { 0, 0 };

	for (size_t i = 0; i < t->nedges; i++)
		if (!decimal_sound(&t->edges[i]))
			return false;
	switch (t->action) {
	case TRANSFORM_BINS:
		return t->nedges > 0 && t->nedges <= TRANSFORM_EDGES_MAX &&
		       rising(t->edges, t->nedges);
	case TRANSFORM_WIDTH:
	case TRANSFORM_ROUND:
		return steps_sound(t);
	case TRANSFORM_ENDS:
		return t->ends != 0 &&
		       t->nedges == (size_t)((t->ends & 1) + (t->ends >> 1)) &&
		       rising(t->edges, t->nedges);
	case TRANSFORM_GRID:
		return t->nedges == 1 &&
		       decimal_compare(&t->edges[0], &zero) > 0 &&
		       decimal_compare(&t->edges[0], &most) <= 0;
	case TRANSFORM_NOISE:
		return noise_sound(t);
	default:
		return t->nedges == 0;
	}
}

static bool
ends_sound(const struct transform *t)
{
	return t->ends == 0 || (t->ends <= (ENDS_BOTTOM | ENDS_TOP) &&
				   (t->action == TRANSFORM_WIDTH ||
				       t->action == TRANSFORM_ROUND ||
				       t->action == TRANSFORM_ENDS));
}

/* A day that clock.h can write. */
static bool
day_sound(int64_t at)
{
	int64_t first, last;

	return clock_days(&first, 1, 1, 1) && clock_days(&last, 9999, 12, 31) &&
	       at >= first && at <= last;
}

static bool
age_sound(const struct transform *t)
{
	return t->first > 0 && t->first <= TRANSFORM_YEARS_MAX && t->last > 0 &&
	       t->last <= TRANSFORM_YEARS_MAX && day_sound(t->at);
}

bool
transform_sound(const struct transform *t)
{
	if ((t->domain != NULL) != has_domain(t->action) ||
	    (t->text != NULL) != has_text(t->action) ||
	    (t->between != NULL) != (t->action == TRANSFORM_FPE) ||
	    (t->luhn && t->action != TRANSFORM_FPE) ||
	    (t->scope != SCOPE_PROJECT && t->action != TRANSFORM_TOKEN) ||
	    (t->at != 0 && t->action != TRANSFORM_AGE) ||
	    ((t->style != 0 || t->doubtful != 0) &&
		t->action != TRANSFORM_DETECT) ||
	    (t->rules != NULL) != (t->action == TRANSFORM_DETECT) ||
	    t->scope > SCOPE_RECORD || t->grain > GRAIN_QUARTER ||
	    t->order > ORDER_MDY || !ends_sound(t) || !transform_numbers_fit(t))
		return false;
	if (t->domain != NULL && (!text_sound(t->domain, TRANSFORM_NAME_MAX) ||
				     t->domain[0] == '\0'))
		return false;
	switch (t->action) {
	case TRANSFORM_FPE:
		return fpe_sound(t);
	case TRANSFORM_MASK:
		return t->first <= TRANSFORM_CHARS_MAX &&
		       t->last <= TRANSFORM_CHARS_MAX && fill_sound(t->fill) &&
		       t->fills <= TRANSFORM_FILL_MAX;
	case TRANSFORM_TRUNCATE:
		return t->first > 0 && t->first <= TRANSFORM_CHARS_MAX;
	case TRANSFORM_CONSTANT:
		return text_sound(t->text, TRANSFORM_TEXT_MAX);
	case TRANSFORM_DETECT:
		return t->first > 0 && t->first <= 100 &&
		       t->style <= REDACT_DROP && t->doubtful <= DOUBT_REFUSE &&
		       text_sound(t->text, REDACT_TEXT_MAX);
	case TRANSFORM_AGE:
		return age_sound(t);
	case TRANSFORM_POSTCODE:
		return t->first > 0 && t->first < TRANSFORM_KEPT_MAX;
	case TRANSFORM_IP:
		return t->first < 32 && t->last < 128;
	case TRANSFORM_SHIFT:
		return t->first > 0 && t->first <= TRANSFORM_DAYS_MAX;
	case TRANSFORM_LEVEL:
		return t->first > 0 && t->first <= TRANSFORM_LEVELS_DEEP &&
		       t->levels != NULL &&
		       text_sound(t->text, TRANSFORM_TEXT_MAX);
	case TRANSFORM_ITEM_REF:
		return t->first <= BY_IDENTIFIER;
	case TRANSFORM_UID:
		return true;
	default:
		return t->action <= TRANSFORM_NOISE;
	}
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
	    put_u8(b, (uint8_t)t->scope, f) != 0 ||
	    put_u8(b, (uint8_t)(t->luhn | t->ends << 1), f) != 0 ||
	    put_u64(b, (uint64_t)t->at, f) != 0 ||
	    put_u16(b, (uint16_t)t->nedges, f) != 0)
		return -1;
	for (size_t i = 0; i < t->nedges; i++)
		if (put_u64(b, (uint64_t)t->edges[i].whole, f) != 0 ||
		    put_u64(b, t->edges[i].parts, f) != 0)
			return -1;
	if ((t->domain != NULL && put_text(b, t->domain, f) != 0) ||
	    (t->text != NULL && put_text(b, t->text, f) != 0))
		return -1;
	if (t->action == TRANSFORM_LEVEL)
		return bytes_add(b, t->sha256, sizeof(t->sha256), f) != 0
			   ? -1
			   : levels_put(b, t->levels, f);
	if (t->action == TRANSFORM_DETECT)
		return put_u8(b, (uint8_t)t->style, f) != 0 ||
			       put_u8(b, (uint8_t)t->doubtful, f) != 0
			   ? -1
			   : redact_put(b, t->rules, f);
	return t->between != NULL ? put_text(b, t->between, f) : 0;
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

/* The fixed part, up to the edges. */
static int
take_head(struct reader *r, struct transform *t, struct fault *f)
{
	uint8_t action, grain, order, scope, flags;
	uint64_t at;

	if (take_u8(r, &action, f) != 0 || take_u32(r, &t->line, f) != 0 ||
	    take_u32(r, &t->first, f) != 0 || take_u32(r, &t->last, f) != 0 ||
	    take_u32(r, &t->fill, f) != 0 || take_u32(r, &t->fills, f) != 0 ||
	    take_u8(r, &grain, f) != 0 || take_u8(r, &order, f) != 0 ||
	    take_u8(r, &scope, f) != 0 || take_u8(r, &flags, f) != 0 ||
	    take_u64(r, &at, f) != 0)
		return -1;
	t->action = (enum transform_action)action;
	t->grain = (enum transform_grain)grain;
	t->order = (enum transform_order)order;
	t->scope = (enum transform_scope)scope;
	t->luhn = flags & 1;
	t->ends = flags >> 1;
	t->at = (int64_t)at;
	return 0;
}

static int
take_detect(struct reader *r, struct transform *t, struct fault *f)
{
	uint8_t style, doubtful;

	if (take_u8(r, &style, f) != 0 || take_u8(r, &doubtful, f) != 0)
		return -1;
	t->style = (enum redact_style)style;
	t->doubtful = (enum redact_doubt)doubtful;
	return redact_take(r, &t->rules, f);
}

int
transform_take(struct reader *r, struct transform *t, struct fault *f)
{
	struct transform got = { .action = TRANSFORM_REFUSE };
	int rc = -1;

	*t = got;
	if (take_head(r, &got, f) != 0 || take_edges(r, &got, f) != 0 ||
	    (has_domain(got.action) &&
		take_owned(r, TRANSFORM_NAME_MAX, &got.domain, f) != 0) ||
	    (has_text(got.action) &&
		take_owned(r, REDACT_TEXT_MAX, &got.text, f) != 0) ||
	    (got.action == TRANSFORM_DETECT && take_detect(r, &got, f) != 0) ||
	    (got.action == TRANSFORM_FPE &&
		take_owned(r, TRANSFORM_BETWEEN_MAX, &got.between, f) != 0) ||
	    (got.action == TRANSFORM_LEVEL &&
		(take_bytes(r, got.sha256, sizeof(got.sha256), f) != 0 ||
		    levels_take(r, &got.levels, f) != 0)))
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
