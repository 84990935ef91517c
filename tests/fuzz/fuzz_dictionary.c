/*
 * A dictionary out of foreign bytes, and texts searched with one.  The first
 * byte says which:
 *
 *   even: the rest, split at the first "\n--\n", is a list of values (a line
 *         each: a digit for the kind, the value) and a text.  A block is made
 *         of the values, read back, and damaged at a place that the input
 *         chooses; opened or refused, it never reads outside.
 *   odd:  the rest is a block as it came.
 *
 * The rules are made once, with no dictionary in them: each input's is put into
 * their place, since reading the lists of words takes longer than all the rest.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/known_internal.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const uint8_t subject[DICTIONARY_SUBJECT_BYTES] = { 7 };
static struct detector *detector;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const entities[] = { "PERSON", NULL };
	struct detect_options o = { .entities = entities };
	struct fault f = { 0 };

	(void)argc;
	(void)argv;
	must(detect_start(&f) == 0);
	must(detector_new(&detector, &o, &f) == 0);
	/* all that a dictionary knows, and none of the patterns for it */
	for (size_t i = 0; i < KNOWN_ENTITIES; i++)
		detector->known[i] = true;
	return 0;
}

/* No word of the record is told by the sieve that it is none. */
static void
sieve_lets_own_words_through(struct detect_scan *s)
{
	const struct word_scan *w = s->words;

	for (size_t i = 0; i < w->n; i++) {
		const struct token *t = &w->t[i];
		struct look look;

		known_look(s, t, false, &look);
		must(look.own == NULL || t->shape >= S_NUMBER ||
		     known_may_own(s->known, t, s->text + t->start));
	}
}

static void
search(const struct dictionary *dictionary, const uint8_t *text, size_t len)
{
	struct detect_record r = { .subject = subject };
	struct detect_spans got;
	struct detect_scan *s;
	struct fault f = { 0 };
	size_t before = 0;
	char name[256];

	detector->dictionary = dictionary;
	must(detect_scan_new(&s, detector, &f) == 0);
	must(detect_scan_record(s, &r, &f) == 0);
	detect_spans_init(&got);
	must(detect_text(s, text, len, &got, &f) == 0);
	for (size_t i = 0; i < got.n; i++) {
		must(got.at[i].start >= before);
		must(got.at[i].end > got.at[i].start && got.at[i].end <= len);
		before = got.at[i].end;
	}
	sieve_lets_own_words_through(s);
	must(detect_named(s, &got, text, &f) == 0);
	for (size_t i = 0; i < got.n; i++)
		must(detect_same(s, &got.at[i], text, name, sizeof(name)) <=
		     sizeof(name));
	detect_spans_free(&got);
	detect_scan_free(s);
}

/* Open a copy (as aligned as a mapping is) and search with it. */
static bool
open_and_search(const uint8_t *block, size_t n, const uint8_t *text, size_t len)
{
	uint8_t *copy = mem_new(n);
	struct dictionary *d;
	struct fault f = { 0 };
	bool good;

	must(copy != NULL);
	if (n > 0)
		memcpy(copy, block, n);
	good = dictionary_open(&d, copy, n, &f) == 0;
	if (good) {
		search(d, text, len);
		dictionary_free(d);
	} else
		must(f.kind == FAULT_INPUT);
	mem_free(copy);
	return good;
}

static void
add_line(struct dictionary_builder *b, const uint8_t *p, size_t len)
{
	struct fault f = { 0 };

	if (len < 2 || len > DICTIONARY_VALUE_MAX)
		return;
	must(dictionary_add(b, (enum dictionary_kind)(p[0] & 3),
		 (const char *)p + 1, len - 1, (p[0] & 4) != 0 ? subject : NULL,
		 &f) == 0);
}

static void
make_and_search(const uint8_t *p, size_t len)
{
	const uint8_t *text = memmem(p, len, "\n--\n", 4);
	size_t values = text == NULL ? len : (size_t)(text - p), n, at;
	struct dictionary_builder *b;
	struct fault f = { 0 };
	uint8_t *block;

	must(dictionary_new(&b, &f) == 0);
	for (size_t i = 0; i < values;) {
		const uint8_t *end = memchr(p + i, '\n', values - i);
		size_t k = end == NULL ? values - i : (size_t)(end - p) - i;

		add_line(b, p + i, k);
		i += k + 1;
	}
	must(dictionary_seal(b, &block, &n, &f) == 0);
	dictionary_builder_free(b);
	must(open_and_search(block, n, p + values, len - values));
	if (len >= 4) {
		at = ((size_t)p[len - 1] << 8 | p[len - 2]) % n;
		block[at] ^= p[len - 3] | 1;
		(void)open_and_search(block, n, p + values, len - values);
	}
	mem_free(block);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	if (len == 0)
		return 0;
	if ((p[0] & 1) == 0)
		make_and_search(p + 1, len - 1);
	else
		(void)open_and_search(p + 1, len - 1, p + 1, len - 1);
	return 0;
}
