/*
 * A rule set: the rows that were asked for, the owner's own, and what is
 * allowed and denied, compiled once.
 */

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/near.h"
#include "policy/detect/generic_internal.h"
#include "policy/detect/known_internal.h"

/* Of the rules that are code: raise it when they find other things. */
#define RULES_VERSION "handoff-detect-6"

/* ---- Names ---- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

#define ENTITIES_MAX 1024u
static const char *names[ENTITIES_MAX + 1];
static size_t nnames;

/* All entities, sorted, each once. */
static void
list_names(void)
{
	size_t n = 0;

	if (nnames > 0)
		return;
	for (size_t t = 0; t < recogniser_tables_count; t++)
		for (size_t i = 0; i < *recogniser_tables[t].count; i++) {
			must(n < ENTITIES_MAX);
			names[n++] = recogniser_tables[t].rows[i].entity;
		}
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		if (nnames == 0 || strcmp(names[i], names[nnames - 1]) != 0)
			names[nnames++] = names[i];
	names[nnames] = NULL;
}

const char *
detect_entity(size_t i)
{
	list_names();
	return i < nnames ? names[i] : NULL;
}

static bool
is_asked(const struct detect_options *o, const char *entity)
{
	if (o->entities == NULL)
		return true;
	for (size_t i = 0; o->entities[i] != NULL; i++)
		if (strcmp(o->entities[i], entity) == 0)
			return true;
	return false;
}

static bool
is_own(const struct detect_options *o, const char *entity)
{
	for (size_t i = 0; i < o->ncustom; i++)
		if (strcmp(o->custom[i].entity, entity) == 0)
			return true;
	return false;
}

static int
check_entities(const struct detect_options *o, struct fault *f)
{
	list_names();
	for (size_t i = 0; o->entities != NULL && o->entities[i] != NULL; i++) {
		const char *e = o->entities[i], *near;

		if (is_own(o, e) ||
		    bsearch(&e, names, nnames, sizeof(*names), by_name) != NULL)
			continue;
		near = near_word(e, names);
		(void)fault_set(f, FAULT_USAGE, "unknown entity \"%s\"", e);
		return near == NULL ? -1
				    : fault_hint(f, "did you mean %s?", near);
	}
	return 0;
}

/* ---- Compiling ---- */

static int
add_pattern(
    struct detector *d, uint32_t rule, const char *text, struct fault *f)
{
	struct pattern p;
	void *more;
	int rc = -1;

	if (d->npatterns % 256 == 0) {
		more = mem_resize(
		    d->patterns, (d->npatterns + 256) * sizeof(*d->patterns));
		if (more == NULL)
			return fault_memory(f);
		d->patterns = more;
	}
	if (pattern_read(&p, text, f) == 0)
		rc = net_add(&d->net, &p, (uint32_t)d->npatterns, f);
	pattern_free(&p);
	if (rc != 0)
		return fault_at(f, "%s", d->rules[rule].row->entity);
	d->patterns[d->npatterns].rule = rule;
	d->patterns[d->npatterns++].text = text;
	return 0;
}

static int
add_rule(struct detector *d, const struct recogniser *row, struct fault *f)
{
	uint32_t rule = (uint32_t)d->nrules;

	if (d->nrules % 256 == 0) {
		void *more =
		    mem_resize(d->rules, (d->nrules + 256) * sizeof(*d->rules));

		if (more == NULL)
			return fault_memory(f);
		d->rules = more;
	}
	d->rules[d->nrules].row = row;
	d->rules[d->nrules++].beside = beside_of(row->entity);
	for (size_t i = 0; row->patterns[i] != NULL; i++)
		if (add_pattern(d, rule, row->patterns[i], f) != 0)
			return -1;
	return context_add(d, rule, row->context, f);
}

static int
add_rules(struct detector *d, const struct detect_options *o, struct fault *f)
{
	for (size_t t = 0; t < recogniser_tables_count; t++)
		for (size_t i = 0; i < *recogniser_tables[t].count; i++) {
			const struct recogniser *row =
			    &recogniser_tables[t].rows[i];

			if (is_asked(o, row->entity) &&
			    add_rule(d, row, f) != 0)
				return -1;
		}
	for (size_t i = 0; i < own_rows(d->own); i++)
		if (add_rule(d, own_row(d->own, i), f) != 0)
			return -1;
	return 0;
}

/* Which of the rules over words are asked for, and their lists. */
static int
add_words(struct detector *d, const struct detect_options *o, struct fault *f)
{
	for (size_t i = 0; i < WORD_RULES; i++) {
		d->word_rules[i] = is_asked(o, recognisers_words[i].entity);
		d->any_words = d->any_words || d->word_rules[i];
	}
	d->dictionary = o->dictionary;
	for (size_t i = 0; i < KNOWN_ENTITIES; i++)
		d->known[i] = is_asked(o, known_entities[i]);
	if (!d->any_words && d->dictionary == NULL)
		return 0;
	return lexicon_make(&d->lexicon, f) != 0 ||
		       fields_labels(&d->labels, f) != 0
		   ? -1
		   : 0;
}

static int
add_allowed(struct detector *d, const struct detect_options *o, struct fault *f)
{
	for (size_t i = 0; o->allow != NULL && o->allow[i] != NULL; i++) {
		const char *text;
		size_t len;

		if (own_fold(d->own, o->allow[i], &text, &len, f) != 0 ||
		    words_put(&d->allow, text, len, f) == NULL)
			return -1;
	}
	return 0;
}

/* ---- The digest ---- */

static void
hash_text(EVP_MD_CTX *md, const char *text)
{
	uint8_t there = text != NULL;

	must(EVP_DigestUpdate(md, &there, 1) == 1);
	if (text != NULL)
		must(EVP_DigestUpdate(md, text, strlen(text) + 1) == 1);
}

static void
hash_bytes(void *arg, const void *p, size_t n)
{
	must(EVP_DigestUpdate(arg, p, n) == 1);
}

static void
hash_list(EVP_MD_CTX *md, const char *const *list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		hash_text(md, list[i]);
	hash_text(md, NULL);
}

static int
make_digest(struct detector *d, const struct detect_options *o, struct fault *f)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t judged[4];

	if (md == NULL)
		return fault_memory(f);
	must(EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1);
	hash_text(md, RULES_VERSION);
	for (size_t i = 0; i < d->nrules; i++) {
		const struct recogniser *row = d->rules[i].row;

		hash_text(md, row->entity);
		hash_text(md, row->country);
		hash_list(md, row->patterns);
		hash_list(md, row->context);
		judged[0] = row->score;
		judged[1] = row->valid_score;
		judged[2] = row->needs_context;
		judged[3] = row->valid != NULL;
		must(EVP_DigestUpdate(md, judged, 4) == 1);
	}
	hash_list(md, o->allow);
	judged[0] = (uint8_t)d->min_score;
	judged[1] = d->overlaps;
	/* Not what the dictionary holds: a digest that leaves the home must
	 * not tell who guesses the names that he is right. */
	judged[2] = d->dictionary != NULL;
	must(EVP_DigestUpdate(md, judged, 3) == 1);
	if (d->any_words)
		lexicon_each(hash_bytes, md);
	must(EVP_DigestFinal_ex(md, d->digest, NULL) == 1);
	EVP_MD_CTX_free(md);
	return 0;
}

void
detector_digest(const struct detector *d, uint8_t digest[32])
{
	memcpy(digest, d->digest, sizeof(d->digest));
}

/* ---- One ---- */

int
detect_start(struct fault *f)
{
	uint8_t digest[32];
	unsigned size;

	if (EVP_Digest("", 0, digest, &size, EVP_sha256(), NULL) != 1)
		return fault_set(f, FAULT_SYSTEM, "no SHA-256 here");
	return 0;
}

int
detector_new(
    struct detector **out, const struct detect_options *o, struct fault *f)
{
	struct detector *d;

	if (check_entities(o, f) != 0)
		return -1;
	if (o->min_score > 100)
		return fault_set(f, FAULT_USAGE, "a score is 1 to 100");
	if ((d = mem_new(sizeof(*d))) == NULL)
		return fault_memory(f);
	d->overlaps = o->overlaps;
	d->min_score = o->min_score != 0     ? o->min_score
		       : o->entities != NULL ? 1
					     : DETECT_MIN_SCORE;
	if (own_new(&d->own, o, f) != 0 || add_rules(d, o, f) != 0 ||
	    add_words(d, o, f) != 0 || add_allowed(d, o, f) != 0 ||
	    make_digest(d, o, f) != 0) {
		detector_free(d);
		return -1;
	}
	*out = d;
	return 0;
}

void
detector_free(struct detector *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->nfolded; i++)
		mem_free(d->folded[i]);
	mem_free(d->folded);
	mem_free(d->cues);
	words_free(&d->cue_words);
	words_free(&d->allow);
	words_free(&d->lexicon);
	words_free(&d->labels);
	net_free(&d->net);
	mem_free(d->patterns);
	mem_free(d->rules);
	own_free(d->own);
	mem_free(d);
}
