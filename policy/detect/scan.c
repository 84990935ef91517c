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
	s->around.memo = mem_array(MEMO_WORDS, sizeof(*s->around.memo));
	if (s->covered == NULL || s->tried == NULL || s->around.memo == NULL ||
	    s->words == NULL) {
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
	mem_free(s->around.memo);
	mem_free(s->around.heard);
	mem_free(s->words);
	known_free(s->known);
	mem_free(s->found);
	mem_free(s);
}

int
scan_found(struct detect_scan *s, const struct detect_span *span, uint32_t rule,
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
	s->found[s->nfound++] = (struct found){ *span, rule };
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
	struct detect_span span = { .entity = row->entity,
		.score = row->score,
		.pattern = s->d->patterns[which].text,
		.country = row->country,
		.source = row->source };

	if (s->tried[rule] == s->walk || at < s->covered[rule])
		return 0;
	/* A name with '_' between its words is several words. */
	while (at < end && p[at] == '_')
		at++;
	while (end > at && p[end - 1] == '_')
		end--;
	if (at == end)
		return 0;
	span.start = at;
	span.end = end;
	if (s->d->rules[rule].beside != NULL &&
	    !s->d->rules[rule].beside(p, at, end, s->len))
		return 0;
	if (row->valid != NULL) {
		if (!row->valid((const char *)p + at, end - at))
			return 0;
		span.score = row->valid_score;
		span.proven = row->valid_score > row->score;
	}
	s->tried[rule] = s->walk;
	s->covered[rule] = end;
	return scan_found(s, &span, rule, f);
}

static int
walk(struct detect_scan *s, size_t at, struct fault *f)
{
	struct ending ends[ENDINGS_MAX];
	size_t n;

	if (automaton_walk(s->automaton, s->text, at, s->len, letters_cut, ends,
		&n, f) != 0)
		return -1;
	if (n == 0)
		return 0;
	if (++s->walk == 0) {
		memset(s->tried, 0, s->d->nrules * sizeof(*s->tried));
		s->walk = 1;
	}
	while (n-- > 0)
		for (size_t i = 0; i < ends[n].n; i++)
			if (judge(s, at, ends[n].end, ends[n].which[i], f) != 0)
				return -1;
	return 0;
}

static int
scan_patterns(struct detect_scan *s, struct fault *f)
{
	for (size_t at = 0; at < s->len; at++)
		if (automaton_begins(s->automaton, s->text[at]) &&
		    letters_cut(s->text, at, s->len) && walk(s, at, f) != 0)
			return -1;
	return 0;
}

int
detect_text(struct detect_scan *s, const void *text, size_t len,
    struct detect_spans *out, struct fault *f)
{
	const uint8_t *p = text;

	s->text = p;
	s->len = len;
	s->nfound = 0;
	memset(s->covered, 0, s->d->nrules * sizeof(*s->covered));
	if (scan_patterns(s, f) != 0 ||
	    ((s->d->any_words || s->known != NULL) && words_scan(s, f) != 0))
		return -1;
	if (s->nfound > 0 && context_listen(s->d, &s->around, p, len, f) != 0)
		return -1;
	for (size_t i = 0; i < s->nfound; i++)
		context_judge(s->d, &s->around, p, len, &s->found[i]);
	return spans_settle(s, p, len, out, f);
}
