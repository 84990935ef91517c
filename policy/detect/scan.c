/*
 * One scan over a text.  At each place where a word begins (or a sign that a
 * pattern begins with) the automaton walks as far as any pattern goes; of the
 * ends that it finds each rule takes the longest that its validator agrees to.
 * A rule does not look again into what it has found.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/known_internal.h"

int
detect_scan_new(
    struct detect_scan **out, const struct detector *d, struct fault *f)
{
	struct detect_scan *s = mem_new(sizeof(*s));

	if (s == NULL)
		return fault_memory(f);
	s->d = d;
	s->covered = mem_array(d->nrules + 1, sizeof(*s->covered));
	s->tried = mem_array(d->nrules + 1, sizeof(*s->tried));
	s->words = mem_new(sizeof(*s->words));
	s->mets = mem_array(MET_WORDS + 1, sizeof(*s->met));
	s->named = mem_new(sizeof(*s->named));
	if (s->covered == NULL || s->tried == NULL || s->mets == NULL ||
	    s->words == NULL || s->named == NULL) {
		detect_scan_free(s);
		return fault_memory(f);
	}
	if (d->dictionary != NULL && known_new(&s->known, f) != 0) {
		detect_scan_free(s);
		return -1;
	}
	if (automaton_new(&s->automaton, &d->net, f) != 0) {
		detect_scan_free(s);
		return -1;
	}
	s->begins = automaton_begins(s->automaton);
	/* Each has a line of the cache to itself. */
	s->met = s->mets;
	while ((uintptr_t)s->met % sizeof(*s->met) != 0)
		s->met = (void *)((char *)s->met + 8);
	*out = s;
	return 0;
}

void
detect_scan_free(struct detect_scan *s)
{
	if (s == NULL)
		return;
	automaton_free(s->automaton);
	mem_free(s->covered);
	mem_free(s->tried);
	mem_free(s->mets);
	mem_free(s->around.heard);
	mem_free(s->words);
	known_free(s->known);
	known_named_free(s->named);
	fold_free(&s->fold);
	mem_free(s->found);
	mem_free(s->matches);
	mem_free(s);
}

int
scan_found(struct detect_scan *s, const struct detect_span *span, bool matched,
    struct fault *f)
{
	if (s->nfound == s->found_room) {
		size_t room = s->found_room == 0 ? 256 : 2 * s->found_room;
		struct found *more = mem_resize(s->found, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(f);
		s->found = more;
		s->found_room = room;
	}
	s->found[s->nfound++] = (struct found){ *span, matched };
	return 0;
}

/* ---- Matches of patterns ---- */

static int
add_match(struct detect_scan *s, const struct match *m, struct fault *f)
{
	if (s->nmatches == s->matches_room) {
		size_t room = s->matches_room == 0 ? 256 : 2 * s->matches_room;
		struct match *more =
		    mem_resize(s->matches, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(f);
		s->matches = more;
		s->matches_room = room;
	}
	s->matches[s->nmatches++] = *m;
	return 0;
}

/* One rule's match of text[at..end). */
static int
judge(struct detect_scan *s, size_t at, size_t end, uint32_t which,
    struct fault *f)
{
	const uint8_t *p = s->text;
	uint32_t rule = s->d->patterns[which].rule;
	const struct recogniser *row = s->d->rules[rule].row;
	struct match m = { .pattern = which, .score = row->score };

	if (s->tried[rule] == s->walk || s->before + at < s->covered[rule])
		return 0;
	/* A name with '_' between its words is several words. */
	while (at < end && p[at] == '_')
		at++;
	while (end > at && p[end - 1] == '_')
		end--;
	if (at == end)
		return 0;
	m.start = at;
	m.end = end;
	if (s->d->rules[rule].beside != NULL &&
	    !s->d->rules[rule].beside(p, at, end, s->len))
		return 0;
	if (row->valid != NULL) {
		if (!row->valid((const char *)p + at, end - at))
			return 0;
		m.score = row->valid_score;
		m.proven = row->valid_score > row->score;
	}
	s->tried[rule] = s->walk;
	s->covered[rule] = s->before + end;
	return add_match(s, &m, f);
}

/* Those that are good enough, with the words around them, are found. */
static int
judge_matches(struct detect_scan *s, struct fault *f)
{
	for (size_t i = 0; i < s->nmatches; i++) {
		const struct match *m = &s->matches[i];
		const char *word;
		unsigned score = context_judge(s, m, &word);
		const struct recogniser *row;
		struct detect_span span;

		if (score < s->d->min_score)
			continue;
		row = s->d->rules[s->d->patterns[m->pattern].rule].row;
		span = (struct detect_span){ .entity = row->entity,
			.start = m->start,
			.end = m->end,
			.score = (uint8_t)score,
			.proven = m->proven,
			.pattern = s->d->patterns[m->pattern].text,
			.context = word,
			.country = row->country,
			.source = row->source };
		if (scan_found(s, &span, true, f) != 0)
			return -1;
	}
	return 0;
}

/* All that begins at start and, in a state, is at a place behind it. */
static int
walk(struct detect_scan *s, uint32_t state, size_t start, size_t at,
    struct fault *f)
{
	struct ending ends[ENDINGS_MAX];
	size_t n;

	if (automaton_walk(s->automaton, state, s->text, at, s->len,
		letters_cut, ends, &n, f) != 0)
		return -1;
	if (n == 0)
		return 0;
	if (++s->walk == 0) {
		memset(s->tried, 0, s->d->nrules * sizeof(*s->tried));
		s->walk = 1;
	}
	while (n-- > 0)
		for (size_t i = 0; i < ends[n].n; i++)
			if (judge(s, start, ends[n].end, ends[n].which[i], f) !=
			    0)
				return -1;
	return 0;
}

/* Room for new states; what was remembered by them is forgotten with them. */
static int
make_room(struct detect_scan *s, struct fault *f)
{
	if (!automaton_full(s->automaton))
		return 0;
	for (size_t i = 0; i < MET_WORDS; i++)
		s->met[i].state = AUTOMATON_UNKNOWN;
	return automaton_forget(s->automaton, f);
}

int
scan_sign(struct detect_scan *s, size_t at, struct fault *f)
{
	if (make_room(s, f) != 0)
		return -1;
	return walk(s, automaton_start(s->automaton), at, at, f);
}

/* Where the automaton is behind a word, and behind a blank more. */
static int
step(struct detect_scan *s, struct met *m, size_t at, struct fault *f)
{
	m->state = automaton_start(s->automaton);
	if (automaton_step(s->automaton, &m->state, s->text + at, m->len, f) !=
	    0)
		return -1;
	m->blank = m->state;
	return automaton_step(
	    s->automaton, &m->blank, (const uint8_t *)" ", 1, f);
}

/* No pattern goes on behind m, which ends before end, with what is there, a
 * state and at are behind a blank: whether a letter says so is kept. */
static void
is_over(const struct detect_scan *s, struct met *m, uint32_t state, size_t at)
{
	if (state == AUTOMATON_DEAD)
		m->over = UINT32_MAX;
	else if (state == m->blank && at < s->len &&
		 (s->text[at] & 0xe0) == 0x60 &&
		 automaton_dies(s->automaton, state, s->text + at, 1))
		m->over |= 1u << (s->text[at] & 0x1f);
}

int
scan_word(struct detect_scan *s, struct met *m, size_t at, struct fault *f)
{
	size_t end = at + m->len, next = end;
	uint32_t state;

	if ((m->is & MET_JOINED) == 0) {
		for (; at < end; at++)
			if (s->begins[s->text[at]] &&
			    letters_cut(s->text, at, s->len) &&
			    scan_sign(s, at, f) != 0)
				return -1;
		return 0;
	}
	if (m == &s->unmet)
		return scan_sign(s, at, f);
	if (m->state == AUTOMATON_UNKNOWN &&
	    (make_room(s, f) != 0 || step(s, m, at, f) != 0))
		return -1;
	state = m->state;
	if (!automaton_ends(state) && end < s->len && s->text[end] == ' ') {
		state = m->blank;
		next++;
	}
	if (state != AUTOMATON_DEAD &&
	    (automaton_ends(state) || !automaton_dies(s->automaton, state,
					  s->text + next, s->len - next)))
		return walk(s, state, at, next, f);
	if (next > end || state == AUTOMATON_DEAD)
		is_over(s, m, state, next);
	return 0;
}

int
detect_text(struct detect_scan *s, const void *text, size_t len,
    struct detect_spans *out, struct fault *f)
{
	s->before += s->len + 1;
	s->nfound = s->nmatches = 0;
	s->around.nheard = s->around.at = 0;
	known_named_reset(s->named);
	if (fold_text(&s->fold, text, len, &s->text, &s->len, f) != 0 ||
	    words_scan(s, f) != 0 || judge_matches(s, f) != 0 ||
	    spans_settle(s, s->text, s->len, out, f) != 0)
		return -1;
	if (s->text != text)
		fold_back(text, len, out);
	return 0;
}
