/*
 * Whose a whole file is: guesses at the part of its path that may be a person's
 * key, and which of them the values bear out.
 *
 *     photos/ *.jpg --> photos/{subject}.jpg, photos/{subject}-*.jpg, ...
 *     texts there   --> how many are values of a subject's column?
 *
 * A guess says nothing by itself: it is proposed where nine of ten files bear
 * it out.  What a pattern takes is what the policy would take.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/propose/draft_internal.h"

/* What stands between a key and the rest of a name. */
static const char separators[] = "-_. ";

struct making {
	struct guesses *out;
	const struct look *files;
	uint32_t n;
	const struct look_rules *rules;
	uint32_t rule, step; /* every step-th of its files */
};

void
guesses_free(struct guesses *g)
{
	for (uint32_t i = 0; i < g->n; i++)
		mem_free(g->at[i].pattern);
	mem_free(g->at);
	bytes_free(&g->texts);
	*g = (struct guesses){ 0 };
}

static bool
is_whole(const struct look *l)
{
	return l->known && l->type != TYPE_CSV && l->type != TYPE_JSONL;
}

/* The text that a guess takes from a path. */
static bool
text_of(const struct guess *g, const char *path, struct slice *out)
{
	const char *base = strrchr(path, '/'), *dot;

	if (g->pattern != NULL)
		return policy_path_subject(g->pattern, path, out);
	base = base == NULL || g->by == BY_PATH ? path : base + 1;
	dot = g->by == BY_IDENTIFIER ? strrchr(base, '.') : NULL;
	*out = (struct slice){ (const uint8_t *)base, dot != NULL && dot != base
							  ? (size_t)(dot - base)
							  : strlen(base) };
	return true;
}

static int
add_texts(const struct making *m, struct guess *g, struct fault *f)
{
	const struct look_rule *r = &m->rules->at[m->rule];
	uint32_t seen = 0, all = 0;

	g->first = m->out->ntexts;
	for (uint32_t i = 0; i < m->n; i++) {
		struct slice text;

		if (m->files[i].group != r->group ||
		    !glob_matches(r->glob, m->files[i].path) ||
		    seen++ % m->step != 0)
			continue;
		all++;
		if (!text_of(g, m->files[i].path, &text))
			continue;
		if (put_slice(&m->out->texts, text.at, text.len, f) != 0)
			return -1;
		m->out->ntexts++;
	}
	g->n = all;
	return 0;
}

/* Taken back where fewer than nine of ten paths are of its form; a text that is
 * asked about twice is asked twice. */
static int
add_guess(const struct making *m, const char *pattern, enum transform_by by,
    struct fault *f)
{
	struct guesses *o = m->out;
	struct guess g = { .rule = m->rule, .by = by };
	size_t texts = o->texts.len;
	uint32_t ntexts = o->ntexts;

	if (o->texts.len > GUESS_BYTES)
		return 0;
	if (o->n == o->room) {
		uint32_t room = o->room == 0 ? 32 : 2 * o->room;
		void *grown = mem_resize(o->at, room * sizeof(*o->at));

		if (grown == NULL)
			return fault_memory(f);
		o->at = grown;
		o->room = room;
	}
	if (pattern != NULL &&
	    (g.pattern = mem_text(pattern, strlen(pattern))) == NULL)
		return fault_memory(f);
	o->at[o->n++] = g;
	if (add_texts(m, &o->at[o->n - 1], f) != 0)
		return -1;
	g = o->at[o->n - 1];
	g.asked = o->ntexts - ntexts;
	o->at[o->n - 1] = g;
	if (10 * (uint64_t)g.asked < 9 * (uint64_t)g.n) {
		o->texts.len = texts;
		o->ntexts = ntexts;
		mem_free(o->at[--o->n].pattern);
	}
	return 0;
}

/* Of "photos/ ** / *.jpg": head "photos/", deep, and the name in front of and
 * behind its star. */
struct parts {
	int head;
	bool deep;
	const char *start, *star;
};

static bool
take_apart(const char *glob, struct parts *p)
{
	const char *deep = strstr(glob, "**/"), *slash = strrchr(glob, '/');

	*p = (struct parts){ .deep = deep != NULL,
		.start = slash == NULL ? glob : slash + 1 };
	p->head = (int)((deep != NULL ? deep : p->start) - glob);
	p->star = strchr(p->start, '*');
	return p->star != NULL;
}

static int
guess_in(const struct making *m, const char *glob, struct fault *f)
{
	char pattern[POLICY_GLOB_MAX + 32];
	struct parts p;
	int start;

	if (!take_apart(glob, &p))
		return 0;
	start = (int)(p.star - p.start);
	(void)snprintf(pattern, sizeof(pattern), "%.*s" SUBJECT_SIGN "/**/%s",
	    p.head, glob, p.start);
	if (p.deep && add_guess(m, pattern, BY_PATH, f) != 0)
		return -1;
	(void)snprintf(pattern, sizeof(pattern), "%.*s" SUBJECT_SIGN "%s",
	    (int)(p.star - glob), glob, p.star + 1);
	if (add_guess(m, pattern, BY_PATH, f) != 0)
		return -1;
	for (const char *s = separators; *s != '\0'; s++) {
		(void)snprintf(pattern, sizeof(pattern),
		    "%.*s" SUBJECT_SIGN "%c*%s", (int)(p.star - glob), glob, *s,
		    p.star + 1);
		if (add_guess(m, pattern, BY_PATH, f) != 0)
			return -1;
		(void)snprintf(pattern, sizeof(pattern),
		    "%.*s%.*s*%c" SUBJECT_SIGN "%s", (int)(p.start - glob),
		    glob, start, p.start, *s, p.star + 1);
		if (add_guess(m, pattern, BY_PATH, f) != 0)
			return -1;
	}
	return 0;
}

int
guesses_make(struct guesses *out, const struct look *files, uint32_t n,
    const struct look_rules *rules, struct fault *f)
{
	struct making m = { out, files, n, rules, 0, 1 };
	bool *whole = mem_array((size_t)rules->groups + 1, sizeof(*whole));

	*out = (struct guesses){ 0 };
	bytes_init(&out->texts, SIZE_MAX);
	if (whole == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < n; i++)
		whole[files[i].group] = is_whole(&files[i]);
	for (; m.rule < rules->n; m.rule++) {
		const struct look_rule *r = &rules->at[m.rule];

		if (!whole[r->group])
			continue;
		m.step = r->files / GUESS_FILES + 1;
		if (guess_in(&m, r->glob, f) != 0 ||
		    add_guess(&m, NULL, BY_PATH, f) != 0 ||
		    add_guess(&m, NULL, BY_BASENAME, f) != 0 ||
		    add_guess(&m, NULL, BY_IDENTIFIER, f) != 0) {
			mem_free(whole);
			return -1;
		}
	}
	mem_free(whole);
	return 0;
}

/* ---- What the values bear out ---- */

/* The field whose values would have to be its texts: a subject's column; or one
 * that names files, beside one. */
static const struct draft_field *
field_of(const struct draft_group *g, const struct guess *x)
{
	static const char *const refs[] = { [BY_PATH] =
						"{item_ref: {by: path}}",
		[BY_BASENAME] = "{item_ref: {by: basename}}",
		[BY_IDENTIFIER] = "{item_ref: {by: identifier}}" };

	if (g->subject == SIZE_MAX)
		return NULL;
	if (x->pattern != NULL)
		return &g->fields[g->subject];
	for (size_t i = 0; i < g->nfields; i++)
		if (strcmp(g->fields[i].p.action, refs[x->by]) == 0)
			return &g->fields[i];
	return NULL;
}

/* The first of the best; those by path are in front. */
bool
draft_whose(
    const struct policy_draft *d, uint32_t rule, struct draft_whose *out)
{
	*out = (struct draft_whose){ .guess = NULL };
	for (uint32_t i = 0; d->guesses != NULL && i < d->guesses->n; i++) {
		const struct guess *x = &d->guesses->at[i];

		for (uint32_t k = 0; x->rule == rule && k < d->rules->n; k++) {
			const struct draft_group *g =
			    &d->groups[d->rules->at[k].group];
			const struct draft_field *field = field_of(g, x);

			if (field == NULL || field->known == NULL ||
			    field->known[i] <= out->known ||
			    10 * (uint64_t)field->known[i] <
				9 * (uint64_t)x->n ||
			    (out->guess != NULL && x->pattern == NULL))
				continue;
			*out = (struct draft_whose){ x, field,
				d->rules->at[k].glob, field->known[i] };
		}
	}
	return out->guess != NULL;
}
