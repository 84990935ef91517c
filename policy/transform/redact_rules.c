/*
 * What is looked for in texts: options as bytes, and the rules compiled from
 * them, which all transforms with the same options share.
 *
 *     put:  u8 lowest score | entities | allow | deny | recognisers
 *     list: u16 n, n texts        recogniser: entity, pattern, validator or
 *                                 "", list of context words, u8 score
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/transform/redact_internal.h"

struct redact_rules {
	size_t holders;
	struct bytes options; /* as they travel */
	struct redact_set set;
	struct redact_rules *next; /* of those of this process */
};

/* All of this process: a policy has a few. */
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct redact_rules *all;

/* ---- Options to bytes and back ---- */

static int
put_list(struct bytes *b, const char *const *list, struct fault *f)
{
	size_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	if (n > UINT16_MAX)
		return fault_set(
		    f, FAULT_INPUT, "a list of more than %u texts", UINT16_MAX);
	if (put_u16(b, (uint16_t)n, f) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (put_text(b, list[i], f) != 0)
			return -1;
	return 0;
}

static int
put_options(struct bytes *b, const struct detect_options *o, struct fault *f)
{
	if (put_u8(b, (uint8_t)o->min_score, f) != 0 ||
	    put_list(b, o->entities, f) != 0 || put_list(b, o->allow, f) != 0 ||
	    put_list(b, o->deny, f) != 0 ||
	    put_u16(b, (uint16_t)o->ncustom, f) != 0)
		return -1;
	for (size_t i = 0; i < o->ncustom; i++) {
		const struct detect_custom *c = &o->custom[i];

		if (put_text(b, c->entity, f) != 0 ||
		    put_text(b, c->pattern, f) != 0 ||
		    put_text(b, c->validator != NULL ? c->validator : "", f) !=
			0 ||
		    put_list(b, c->context, f) != 0 ||
		    put_u8(b, (uint8_t)c->score, f) != 0)
			return -1;
	}
	return 0;
}

/* Options read back: everything that they point to. */
struct taken {
	struct detect_options o;
	struct detect_custom *custom;
	char **texts;
	size_t ntexts, texts_room;
	const char ***lists;
	size_t nlists;
};

static void
taken_free(struct taken *t)
{
	for (size_t i = 0; i < t->ntexts; i++)
		mem_free(t->texts[i]);
	for (size_t i = 0; i < t->nlists; i++)
		mem_free(t->lists[i]);
	mem_free(t->texts);
	mem_free(t->lists);
	mem_free(t->custom);
}

static int
take_one(struct reader *r, struct taken *t, const char **out, struct fault *f)
{
	struct slice s;

	if (take_slice(r, REDACT_TEXT_MAX, &s, f) != 0)
		return -1;
	if (s.len > 0 && memchr(s.at, 0, s.len) != NULL)
		return fault_set(f, FAULT_INPUT, "plan text holds a NUL");
	if (t->ntexts == t->texts_room) {
		size_t room = t->texts_room == 0 ? 64 : 2 * t->texts_room;
		char **texts = mem_resize(t->texts, room * sizeof(*texts));

		if (texts == NULL)
			return fault_memory(f);
		t->texts = texts;
		t->texts_room = room;
	}
	if ((t->texts[t->ntexts] = mem_text(s.at, s.len)) == NULL)
		return fault_memory(f);
	*out = t->texts[t->ntexts++];
	return 0;
}

static int
take_list(
    struct reader *r, struct taken *t, const char *const **out, struct fault *f)
{
	const char ***lists, **list;
	uint16_t n;

	if (take_u16(r, &n, f) != 0)
		return -1;
	lists = mem_resize(t->lists, (t->nlists + 1) * sizeof(*lists));
	if (lists == NULL)
		return fault_memory(f);
	t->lists = lists;
	if ((list = mem_array((size_t)n + 1, sizeof(*list))) == NULL)
		return fault_memory(f);
	t->lists[t->nlists++] = list;
	for (uint16_t i = 0; i < n; i++)
		if (take_one(r, t, &list[i], f) != 0)
			return -1;
	*out = n > 0 ? list : NULL;
	return 0;
}

static int
take_custom(
    struct reader *r, struct taken *t, struct detect_custom *c, struct fault *f)
{
	uint8_t score;

	if (take_one(r, t, &c->entity, f) != 0 ||
	    take_one(r, t, &c->pattern, f) != 0 ||
	    take_one(r, t, &c->validator, f) != 0 ||
	    take_list(r, t, &c->context, f) != 0 || take_u8(r, &score, f) != 0)
		return -1;
	if (c->validator[0] == '\0')
		c->validator = NULL;
	c->score = score;
	return 0;
}

static int
take_options(struct reader *r, struct taken *t, struct fault *f)
{
	uint8_t score;
	uint16_t n;

	if (take_u8(r, &score, f) != 0 ||
	    take_list(r, t, &t->o.entities, f) != 0 ||
	    take_list(r, t, &t->o.allow, f) != 0 ||
	    take_list(r, t, &t->o.deny, f) != 0 || take_u16(r, &n, f) != 0)
		return -1;
	t->o.min_score = score;
	if (n > REDACT_CUSTOM_MAX)
		return fault_set(f, FAULT_INPUT, "more than %u recognisers",
		    REDACT_CUSTOM_MAX);
	if ((t->custom = mem_array(n, sizeof(*t->custom))) == NULL)
		return fault_memory(f);
	for (uint16_t i = 0; i < n; i++)
		if (take_custom(r, t, &t->custom[i], f) != 0)
			return -1;
	t->o.custom = t->custom;
	t->o.ncustom = n;
	return take_end(r, f);
}

/* ---- Rules, once each ---- */

int
redact_set_begin(struct redact_set *s, struct slice options,
    const struct dictionary *d, struct fault *f)
{
	struct reader in = { options.at, options.at + options.len };
	struct taken t = { .ntexts = 0 };
	int rc = -1;

	*s = (struct redact_set){ .detector = NULL };
	if (take_options(&in, &t, f) == 0) {
		t.o.dictionary = d;
		rc = detector_new(&s->detector, &t.o, f);
	}
	taken_free(&t);
	if (rc == 0)
		must(pthread_mutex_init(&s->lock, NULL) == 0);
	return rc;
}

void
redact_set_end(struct redact_set *s)
{
	if (s->detector == NULL)
		return;
	while (s->idle != NULL) {
		struct redact_scan *scan = s->idle;

		s->idle = scan->next;
		detect_spans_free(&scan->spans);
		detect_scan_free(scan->scan);
		mem_free(scan);
	}
	detector_free(s->detector);
	(void)pthread_mutex_destroy(&s->lock); /* nobody waits for it */
}

static void
rules_free(struct redact_rules *r)
{
	if (r == NULL)
		return;
	redact_set_end(&r->set);
	bytes_free(&r->options);
	mem_free(r);
}

static int
rules_new(struct redact_rules **out, struct slice options, struct fault *f)
{
	struct redact_rules *r;

	if ((r = mem_new(sizeof(*r))) == NULL)
		return fault_memory(f);
	r->holders = 1;
	bytes_init(&r->options, REDACT_OPTIONS_MAX);
	if (bytes_add(&r->options, options.at, options.len, f) != 0 ||
	    redact_set_begin(&r->set, options, NULL, f) != 0) {
		rules_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

/* Those of these options: of this process if it has them, or made. */
static int
rules_of(struct redact_rules **out, struct slice options, struct fault *f)
{
	struct redact_rules *r;
	int rc = 0;

	pthread_mutex_lock(&all_lock);
	for (r = all; r != NULL; r = r->next)
		if (r->options.len == options.len &&
		    memcmp(r->options.at, options.at, options.len) == 0)
			break;
	if (r != NULL)
		r->holders++;
	else if ((rc = rules_new(&r, options, f)) == 0) {
		r->next = all;
		all = r;
	}
	pthread_mutex_unlock(&all_lock);
	*out = rc == 0 ? r : NULL;
	return rc;
}

struct redact_rules *
redact_share(struct redact_rules *rules)
{
	if (rules == NULL)
		return NULL;
	pthread_mutex_lock(&all_lock);
	rules->holders++;
	pthread_mutex_unlock(&all_lock);
	return rules;
}

void
redact_drop(struct redact_rules *rules)
{
	struct redact_rules **at = &all;

	if (rules == NULL)
		return;
	pthread_mutex_lock(&all_lock);
	if (--rules->holders > 0)
		rules = NULL;
	while (rules != NULL && *at != rules)
		at = &(*at)->next;
	if (rules != NULL)
		*at = rules->next;
	pthread_mutex_unlock(&all_lock);
	rules_free(rules);
}

int
transform_rules(
    struct transform *t, const struct detect_options *o, struct fault *f)
{
	struct bytes b;
	int rc;

	must(t->action == TRANSFORM_DETECT);
	bytes_init(&b, REDACT_OPTIONS_MAX);
	if ((rc = put_options(&b, o, f)) == 0) {
		redact_drop(t->rules);
		rc = rules_of(&t->rules, (struct slice){ b.at, b.len }, f);
	}
	bytes_free(&b);
	return rc;
}

bool
transform_rules_digest(const struct transform *t, uint8_t digest[32])
{
	if (t->rules == NULL)
		return false;
	detector_digest(t->rules->set.detector, digest);
	return true;
}

int
redact_put(struct bytes *b, const struct redact_rules *rules, struct fault *f)
{
	return put_slice(b, rules->options.at, rules->options.len, f);
}

int
redact_take(struct reader *r, struct redact_rules **out, struct fault *f)
{
	struct slice options;

	if (take_slice(r, REDACT_OPTIONS_MAX, &options, f) != 0)
		return -1;
	return rules_of(out, options, f);
}

/* ---- Scans ---- */

struct redact_set *
redact_plain(struct redact_rules *rules)
{
	return &rules->set;
}

struct slice
redact_options(const struct redact_rules *rules)
{
	return (struct slice){ rules->options.at, rules->options.len };
}

int
redact_borrow(struct redact_set *set, struct redact_scan **out, struct fault *f)
{
	struct redact_scan *s;

	pthread_mutex_lock(&set->lock);
	if ((s = set->idle) != NULL)
		set->idle = s->next;
	pthread_mutex_unlock(&set->lock);
	if (s == NULL) {
		if ((s = mem_new(sizeof(*s))) == NULL)
			return fault_memory(f);
		s->set = set;
		detect_spans_init(&s->spans);
		if (detect_scan_new(&s->scan, set->detector, f) != 0) {
			mem_free(s);
			return -1;
		}
	}
	*out = s;
	return 0;
}

void
redact_give_back(struct redact_scan *scan)
{
	struct redact_set *set;

	if (scan == NULL)
		return;
	set = scan->set;
	pthread_mutex_lock(&set->lock);
	scan->next = set->idle;
	set->idle = scan;
	pthread_mutex_unlock(&set->lock);
}
