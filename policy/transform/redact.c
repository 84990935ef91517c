/*
 * Personal data in a text, found (policy/detect) and replaced, each span by
 * what the policy's style says; everything between spans stays byte for byte.
 *
 * Promises
 *   - What is found with at least the policy's score never stays.
 *   - What is doubtful goes, stays or stops the export, as the policy says;
 *     without a word of it, it goes.
 *   - A text that is not UTF-8, or has NULs, is refused: what cannot be read
 *     cannot be searched.
 *
 * Rules are compiled once in a process for each set of options, and shared; a
 * scan, which is one thread's, is borrowed for one text (redact_rules.c).
 */

#include <sodium.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/detect/detect.h"
#include "policy/transform/redact_internal.h"

const char *const redact_styles[] = { "tag", "number", "surrogate", "mask",
	"same_length", "drop", NULL };
const char *const redact_doubts[] = { "redact", "keep", "refuse", NULL };

/* A find as it is compared: folded, and no longer than any name. */
#define FOLDED_MAX 256u

/* Finds of one text and their numbers, in a table at most half full. */
struct numbers {
	struct number {
		const char *entity;
		uint64_t hash;
		uint32_t n;
	} * at;
	size_t used, room;
	struct count {
		const char *entity;
		uint32_t n;
	} counts[REDACT_ENTITIES_MAX];
	size_t ncounts;
	uint8_t key[crypto_shorthash_KEYBYTES];
};

static int
numbers_grow(struct numbers *m, struct fault *f)
{
	size_t room = m->room == 0 ? 64 : 2 * m->room;
	struct number *at = mem_array(room, sizeof(*at));

	if (at == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < m->room; i++) {
		size_t k = (size_t)m->at[i].hash & (room - 1);

		if (m->at[i].entity == NULL)
			continue;
		while (at[k].entity != NULL)
			k = (k + 1) & (room - 1);
		at[k] = m->at[i];
	}
	mem_free(m->at);
	m->at = at;
	m->room = room;
	return 0;
}

/* Two finders may name one entity, each with a text of its own. */
static bool
same_entity(const char *a, const char *b)
{
	return a == b || strcmp(a, b) == 0;
}

/* How many different ones of this entity there were, this one included. */
static uint32_t
count(struct numbers *m, const char *entity)
{
	size_t i = 0;

	while (i < m->ncounts && !same_entity(m->counts[i].entity, entity))
		i++;
	must(i < REDACT_ENTITIES_MAX);
	if (i == m->ncounts)
		m->counts[m->ncounts++] = (struct count){ entity, 0 };
	return ++m->counts[i].n;
}

static int
number_of(struct numbers *m, const char *entity, const struct slice *folded,
    uint32_t *n, struct fault *f)
{
	uint8_t h[crypto_shorthash_BYTES];
	uint64_t hash;
	size_t k;

	if (2 * (m->used + 1) > m->room && numbers_grow(m, f) != 0)
		return -1;
	(void)crypto_shorthash(h, folded->at, folded->len, m->key);
	memcpy(&hash, h, sizeof(hash));
	k = (size_t)hash & (m->room - 1);
	while (m->at[k].entity != NULL &&
	       (m->at[k].hash != hash || !same_entity(m->at[k].entity, entity)))
		k = (k + 1) & (m->room - 1);
	if (m->at[k].entity == NULL) {
		m->at[k] = (struct number){ entity, hash, count(m, entity) };
		m->used++;
	}
	*n = m->at[k].n;
	return 0;
}

/* ---- What stands in place of a find ---- */

struct redacting {
	const struct transform *t;
	const struct transform_site *site;
	struct detect_scan *scan;
	struct numbers numbers;
	struct bytes put;
};

/* Of entity and folded text, 40 bits of a token: few enough to be read by
 * people, and of a million persons in a batch one pair in two is alike. */
#define SURROGATE_CHARS 10u

static int
add_surrogate(struct redacting *r, const char *entity,
    const struct slice *folded, struct fault *f)
{
	char token[TOKEN_CHARS + 1];
	struct bytes b;
	int rc = -1;

	must(r->site != NULL && r->site->key != NULL &&
	     r->site->key->use == KEY_FIELD);
	bytes_init(&b, REDACT_NAME_MAX + FOLDED_MAX + 16);
	if (put_text(&b, entity, f) == 0 &&
	    put_slice(&b, folded->at, folded->len, f) == 0) {
		token_make(r->site->key->mac, b.at, b.len, token);
		rc = bytes_addf(&r->put, f, "<%s_%.*s>", entity,
		    (int)SURROGATE_CHARS, token);
	}
	bytes_free(&b);
	return rc;
}

static int
add_stars(struct redacting *r, size_t n, struct fault *f)
{
	if (bytes_reserve(&r->put, n, f) != 0)
		return -1;
	memset(r->put.at + r->put.len, '*', n);
	r->put.len += n;
	return 0;
}

/* Do equal finds become the same? */
static bool
tells_apart(const struct transform *t)
{
	return t->style == REDACT_NUMBER || t->style == REDACT_SURROGATE;
}

static int
replace(struct redacting *r, const uint8_t *text, const struct detect_span *s,
    struct fault *f)
{
	char buf[FOLDED_MAX];
	struct slice folded = { (const uint8_t *)buf, 0 };
	uint32_t n;

	if (tells_apart(r->t))
		folded.len = detect_same(r->scan, s, text, buf, sizeof(buf));
	bytes_reset(&r->put);
	switch (r->t->style) {
	case REDACT_NUMBER:
		if (number_of(&r->numbers, s->entity, &folded, &n, f) != 0)
			return -1;
		return bytes_addf(
		    &r->put, f, "<%s_%u>", s->entity, (unsigned)n);
	case REDACT_SURROGATE:
		return add_surrogate(r, s->entity, &folded, f);
	case REDACT_MASK:
		return add_stars(r, 3, f);
	case REDACT_SAME_LENGTH:
		return add_stars(r, s->char_end - s->char_start, f);
	case REDACT_DROP:
		return 0;
	case REDACT_TAG:
	default:
		return bytes_addf(&r->put, f, "<%s>", s->entity);
	}
}

/* ---- A whole text ---- */

/* Below the policy's score something is doubtful, if the policy lets it stay
 * it was not even looked for. */
static int
doubt(const struct transform *t, const struct detect_span *s, struct fault *f)
{
	if (s->score >= t->first || t->doubtful != DOUBT_REFUSE)
		return 0;
	(void)fault_set(f, FAULT_POLICY,
	    "characters %zu to %zu may be %s (%u %%), which is doubtful",
	    s->char_start, s->char_end, s->entity, (unsigned)s->score);
	return fault_hint(f, "look at it, then: allow: [...] under detect:, or "
			     "doubtful: redact");
}

static int
each_span(struct redacting *r, const uint8_t *text, size_t len,
    const struct detect_spans *spans, const struct redact_pieces *to,
    struct fault *f)
{
	struct redact_cut cut = { .at = 0 };
	size_t done = 0;

	if (tells_apart(r->t) && detect_named(r->scan, spans, text, f) != 0)
		return -1;
	for (size_t i = 0; i < spans->n; i++) {
		const struct detect_span *s = &spans->at[i];

		if (doubt(r->t, s, f) != 0 || replace(r, text, s, f) != 0 ||
		    to->keep(to->arg, text + done, s->start - done, f) != 0)
			return -1;
		cut = (struct redact_cut){ .at = s->start,
			.bytes = s->end - s->start,
			.char_at = s->char_start,
			.chars = s->char_end - s->char_start,
			.put = { r->put.at, r->put.len },
			.entity = s->entity,
			.score = s->score };
		if (to->swap(to->arg, &cut, f) != 0)
			return -1;
		done = s->end;
	}
	return to->keep(to->arg, text + done, len - done, f);
}

/* Whose text it is: that person's own names are found with certainty. */
static int
tell_owner(struct redact_scan *scan, const struct transform_site *site,
    struct fault *f)
{
	uint8_t owner[TRANSFORM_OWNER_BYTES];
	const struct detect_record record = { .subject = owner };

	if (site == NULL || site->dictionary == NULL)
		return 0;
	transform_owner(owner, &site->subject, site->path, site->record);
	return detect_scan_record(scan->scan, &record, f);
}

int
transform_redact(const struct transform *t, const struct transform_site *site,
    const void *text, size_t len, const struct redact_pieces *to,
    struct fault *f)
{
	struct redacting r = { .t = t, .site = site };
	struct redact_scan *scan = NULL;
	struct redact_set *set;
	int rc = -1;

	must(t->action == TRANSFORM_DETECT && t->rules != NULL);
	if (!utf8_valid(text, len))
		return fault_set(f, FAULT_INPUT, "not UTF-8 text");
	if (len > 0 && memchr(text, 0, len) != NULL)
		return fault_set(
		    f, FAULT_INPUT, "a NUL character (is it UTF-16?)");
	bytes_init(&r.put, REDACT_PUT_MAX);
	random_fill(r.numbers.key, sizeof(r.numbers.key));
	if (redact_set_for(t->rules, site, &set, f) == 0 &&
	    redact_borrow(set, &scan, f) == 0 &&
	    tell_owner(scan, site, f) == 0 &&
	    detect_text(scan->scan, text, len, &scan->spans, f) == 0) {
		r.scan = scan->scan;
		rc = each_span(&r, text, len, &scan->spans, to, f);
	}
	redact_give_back(scan);
	mem_free(r.numbers.at);
	bytes_free(&r.put);
	return rc;
}

/* ---- As one value among others ---- */

static int
keep_value(void *arg, const void *p, size_t len, struct fault *f)
{
	return bytes_add(arg, p, len, f);
}

static int
swap_value(void *arg, const struct redact_cut *cut, struct fault *f)
{
	return bytes_add(arg, cut->put.at, cut->put.len, f);
}

int
redact_value(const struct transform *t, const struct transform_site *site,
    const struct slice *value, struct bytes *out, struct fault *f)
{
	const struct redact_pieces to = { keep_value, swap_value, out };

	return transform_redact(t, site, value->at, value->len, &to, f);
}
