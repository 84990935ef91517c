/*
 * The dataset's own names in its notes:
 *
 *     bench_dictionary notes PATIENTS NOTES   recall and precision
 *     bench_dictionary speed NAMES MB         MB/s on one core, without a
 *                                             dictionary and with one
 *
 * Made up from a seed, the same always.  Patients are of six languages, in
 * which a note mentions its own patient, or another one, in full, turned round,
 * by initial, inflected, misspelt, by one word, as a file is named; by phone
 * number, id and address.  Between them stand everyday words that are names as
 * well, and names of nobody that are one letter away from a patient's.  A note
 * of two knows whose it is.  Only what the dictionary finds counts: a mention
 * is found when all of it is covered; a find is right when it lies in one.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "keys/base/bytes.h"
#include "keys/base/clock.h"
#include "keys/base/mem.h"
#include "policy/detect/detect.h"
#include "tests/bench/made_notes.h"

/* ---- Judging ---- */

struct tally {
	uint64_t mentions[FORMS], missed[FORMS], finds, wrong;
	unsigned shown;
};

static void
judge(struct tally *t, const struct note *n, const struct detect_spans *got)
{
	bool covered[sizeof(n->text)] = { false };
	bool named[sizeof(n->text)] = { false };

	for (size_t m = 0; m < n->nmentions; m++)
		for (size_t i = n->mentions[m].start; i < n->mentions[m].end;
		     i++)
			named[i] = true;
	for (size_t g = 0; g < got->n; g++) {
		const struct detect_span *x = &got->at[g];
		size_t in = 0;

		if (x->list == NULL || (strcmp(x->list, "dictionary") != 0 &&
					   strcmp(x->list, "own record") != 0))
			continue;
		for (size_t i = x->start; i < x->end; i++) {
			covered[i] = true;
			in += named[i];
		}
		t->finds++;
		if (5 * in >= 4 * (x->end - x->start))
			continue;
		t->wrong++;
		if (getenv("BENCH_SHOW") != NULL && t->shown++ < 40)
			printf("wrong: %.*s (%s) in: %s\n",
			    (int)(x->end - x->start), n->text + x->start,
			    x->context, n->text);
	}
	for (size_t m = 0; m < n->nmentions; m++) {
		size_t i = n->mentions[m].start;

		while (i < n->mentions[m].end &&
		       (covered[i] || strchr(" .,_", n->text[i]) != NULL))
			i++;
		t->mentions[n->mentions[m].form]++;
		if (i == n->mentions[m].end)
			continue;
		t->missed[n->mentions[m].form]++;
		if (getenv("BENCH_SHOW") != NULL && t->shown++ < 40)
			printf("missed %s: %.*s in: %s\n",
			    forms[n->mentions[m].form],
			    (int)(n->mentions[m].end - n->mentions[m].start),
			    n->text + n->mentions[m].start, n->text);
	}
}

static void
report(const struct tally *t)
{
	uint64_t mentions = 0, missed = 0;

	for (size_t i = 0; i < FORMS; i++) {
		mentions += t->mentions[i];
		missed += t->missed[i];
		printf("%-24s %8llu  recall %.4f\n", forms[i],
		    (unsigned long long)t->mentions[i],
		    1 - (double)t->missed[i] / (double)t->mentions[i]);
	}
	printf("%-24s %8llu  recall %.4f  precision %.4f  (goals 0.98)\n",
	    "all", (unsigned long long)mentions,
	    1 - (double)missed / (double)mentions,
	    1 - (double)t->wrong / (double)t->finds);
}

/* ---- The two questions ---- */

struct kit {
	uint8_t *block;
	struct dictionary *dictionary;
	struct detector *d;
	struct detect_scan *s;
	struct detect_spans got;
};

static void
kit_open(struct kit *k, struct dictionary_builder *b, bool overlaps)
{
	struct detect_options o = { .overlaps = overlaps };
	struct fault f = { 0 };
	size_t len;

	memset(k, 0, sizeof(*k));
	if (b != NULL) {
		double begun = clock_monotonic();

		ok(dictionary_seal(b, &k->block, &len, &f), &f);
		ok(dictionary_open(&k->dictionary, k->block, len, &f), &f);
		printf("dictionary               %8zu  words and numbers, "
		       "%.1f MiB, sealed and opened in %.2f s\n",
		    dictionary_words(k->dictionary), (double)len / (1u << 20),
		    clock_monotonic() - begun);
		dictionary_builder_free(b);
	}
	o.dictionary = k->dictionary;
	ok(detector_new(&k->d, &o, &f), &f);
	ok(detect_scan_new(&k->s, k->d, &f), &f);
	detect_spans_init(&k->got);
}

static void
kit_close(struct kit *k)
{
	detect_spans_free(&k->got);
	detect_scan_free(k->s);
	detector_free(k->d);
	dictionary_free(k->dictionary);
	mem_free(k->block);
}

static void
bench_notes(size_t count, size_t nnotes)
{
	struct patient *patients = mem_array(count, sizeof(*patients));
	struct dictionary_builder *b;
	struct tally t = { .shown = 0 };
	struct fault f = { 0 };
	struct kit k;

	must(patients != NULL);
	ok(dictionary_new(&b, &f), &f);
	for (size_t i = 0; i < count; i++) {
		make_patient(&patients[i], i);
		add_patient(b, &patients[i]);
	}
	kit_open(&k, b, true);
	for (size_t i = 0; i < nnotes; i++) {
		static struct note n;
		const struct patient *own = &patients[draw() % count];
		struct detect_record r = { .subject = own->subject };
		bool known = i % 2 == 0;

		make_note(&n, patients, count, own, known);
		ok(detect_scan_record(k.s, known ? &r : NULL, &f), &f);
		ok(detect_text(k.s, n.text, n.n, &k.got, &f), &f);
		judge(&t, &n, &k.got);
	}
	report(&t);
	kit_close(&k);
	mem_free(patients);
}

/* Seconds that this process had of a core, whoever else wanted one. */
static double
core_seconds(void)
{
	struct timespec t;

	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* MB/s a core of the texts, one note at a time. */
static double
speed(struct kit *k, const struct bytes *notes)
{
	double begun = core_seconds();
	struct fault f = { 0 };

	for (size_t at = 0; at < notes->len;) {
		const uint8_t *p = notes->at + at;
		const uint8_t *end = memchr(p, '\n', notes->len - at);
		size_t n = end == NULL ? notes->len - at : (size_t)(end - p);

		ok(detect_text(k->s, p, n, &k->got, &f), &f);
		at += n + 1;
	}
	return (double)notes->len / 1e6 / (core_seconds() - begun);
}

static void
bench_speed(size_t names, size_t mb)
{
	struct dictionary_builder *b;
	struct fault f = { 0 };
	struct bytes notes;
	struct kit without, with;
	static struct patient few[1000];
	double plain, both;

	ok(dictionary_new(&b, &f), &f);
	for (size_t i = 0; i < names; i++) {
		struct patient p;
		char text[128];

		make_patient(&p, i);
		if (i < 1000)
			few[i] = p;
		snprintf(text, sizeof(text), "%s %s", p.first, p.last);
		add(b, DICTIONARY_NAME, text, &p);
	}
	bytes_init(&notes, mb * 1000000 + 4096);
	while (notes.len < mb * 1000000) {
		static struct note n;

		make_note(&n, few, 1000, &few[draw() % 1000], false);
		for (size_t i = 0; i < 4; i++)
			say_prose(&n, few[draw() % 1000].language);
		say(&n, "\n");
		ok(bytes_add(&notes, n.text, n.n, &f), &f);
	}
	kit_open(&without, NULL, false);
	kit_open(&with, b, false);
	plain = speed(&without, &notes);
	both = speed(&with, &notes);
	printf("all recognisers          %8.1f MB/s\n"
	       "and the dictionary       %8.1f MB/s  %.2f of it (goal 0.5)\n",
	    plain, both, both / plain);
	kit_close(&without);
	kit_close(&with);
	bytes_free(&notes);
}

int
main(int argc, char **argv)
{
	size_t a = argc == 4 ? (size_t)strtoul(argv[2], NULL, 10) : 0;
	size_t b = argc == 4 ? (size_t)strtoul(argv[3], NULL, 10) : 0;
	struct fault f = { 0 };

	ok(detect_start(&f), &f);
	if (a > 0 && b > 0 && strcmp(argv[1], "notes") == 0)
		bench_notes(a, b);
	else if (a > 0 && b > 0 && strcmp(argv[1], "speed") == 0)
		bench_speed(a, b);
	else {
		fputs("usage: bench_dictionary notes PATIENTS NOTES\n"
		      "       bench_dictionary speed NAMES MB\n",
		    stderr);
		return 2;
	}
	return 0;
}
