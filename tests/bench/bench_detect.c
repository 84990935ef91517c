/*
 * How fast texts are read for personal data, each line of a file one text, by
 * one thread and by two, without a dictionary and with one of many names:
 *
 *     bench_detect FILE NAMES
 *
 * Prints without and with, on a line each, three times MB/s: of one, and of
 * two, by the time that they had of a core, whoever else wanted one; of two, by
 * the clock on the wall.
 */

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keys/base/bytes.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "policy/detect/detect.h"

/* Everything here must work; say what did not. */
static void
ok(int rc, const struct fault *f)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench_detect: %s\n", f->text);
	exit(1);
}

/* ---- Names ---- */

static const char *const syllables[] = { "ba", "ri", "ko", "wal", "sen", "mi",
	"lo", "ne", "ta", "gru", "ber", "hof", "ska", "dor", "vik", "an" };
/* and one of these for every hundredth: everyday words that are names */
static const char *const everyday[] = { "Work", "Fall", "May", "Will", "Long",
	"Knee", "Fever", "Seen" };

/* Two words of two to four syllables, of a million all different. */
static void
make_name(char out[64], size_t i)
{
	uint64_t r = (i + 1) * 0x9e3779b97f4a7c15u;
	int n = 0;

	for (unsigned word = 0; word < 2; word++) {
		int from = n;

		for (unsigned k = 2 + (unsigned)(r >> 62); k-- > 0; r *= 5)
			n += snprintf(out + n, 64 - (size_t)n, "%s",
			    syllables[r >> 50 & 15]);
		out[from] = (char)(out[from] - 32);
		if (word == 0)
			out[n++] = ' ';
		else if (i % 100 == 0)
			(void)snprintf(out + from, 64 - (size_t)from, "%s",
			    everyday[i / 100 % 8]);
	}
}

static void
make_dictionary(struct dictionary **out, uint8_t **block, size_t names)
{
	struct dictionary_builder *b;
	struct fault f = { 0 };
	char name[64];
	size_t len;

	ok(dictionary_new(&b, &f), &f);
	for (size_t i = 0; i < names; i++) {
		make_name(name, i);
		ok(dictionary_add(
		       b, DICTIONARY_NAME, name, strlen(name), NULL, &f),
		    &f);
	}
	ok(dictionary_seal(b, block, &len, &f), &f);
	dictionary_builder_free(b);
	ok(dictionary_open(out, *block, len, &f), &f);
}

/* ---- Reading ---- */

struct share {
	const struct detector *d;
	const uint8_t *at;
	size_t len;
	double seconds; /* of a core */
};

static void *
scan(void *arg)
{
	struct share *x = arg;
	struct detect_scan *s;
	struct detect_spans got;
	struct fault f = { 0 };
	struct timespec t;

	ok(detect_scan_new(&s, x->d, &f), &f);
	detect_spans_init(&got);
	for (size_t at = 0; at < x->len;) {
		const uint8_t *p = x->at + at;
		const uint8_t *end = memchr(p, '\n', x->len - at);
		size_t n = end == NULL ? x->len - at : (size_t)(end - p);

		ok(detect_text(s, p, n, &got, &f), &f);
		at += n + 1;
	}
	detect_spans_free(&got);
	detect_scan_free(s);
	must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
	x->seconds = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
	return NULL;
}

struct speeds {
	double one, two, wall;
};

static void
measure(const struct detector *d, const struct bytes *text, struct speeds *best)
{
	struct share one = { d, text->at, text->len, 0 };
	struct share two[2] = { { d, text->at, text->len / 2, 0 },
		{ d, text->at + text->len / 2, text->len - text->len / 2, 0 } };
	double mb = (double)text->len / 1e6, begun, got;
	pthread_t threads[2];

	must(pthread_create(&threads[0], NULL, scan, &one) == 0 &&
	     pthread_join(threads[0], NULL) == 0);
	begun = clock_monotonic();
	for (size_t i = 0; i < 2; i++)
		must(pthread_create(&threads[i], NULL, scan, &two[i]) == 0);
	for (size_t i = 0; i < 2; i++)
		must(pthread_join(threads[i], NULL) == 0);
	got = mb / (clock_monotonic() - begun);
	best->wall = got > best->wall ? got : best->wall;
	got = mb / one.seconds;
	best->one = got > best->one ? got : best->one;
	got = mb / 2 / two[0].seconds + mb / 2 / two[1].seconds;
	best->two = got > best->two ? got : best->two;
}

static void
bench(const struct detect_options *o, const struct bytes *text)
{
	struct speeds best = { 0 };
	struct fault f = { 0 };
	struct detector *d;

	ok(detector_new(&d, o, &f), &f);
	for (size_t round = 0; round < 3; round++)
		measure(d, text, &best);
	detector_free(d);
	printf("%.1f %.1f %.1f\n", best.one, best.two, best.wall);
}

int
main(int argc, char **argv)
{
	struct detect_options o = { .min_score = 0 };
	struct fault f = { 0 };
	struct bytes text;
	struct dictionary *names;
	uint8_t *block;

	if (argc != 3) {
		fputs("usage: bench_detect FILE NAMES\n", stderr);
		return 2;
	}
	bytes_init(&text, (size_t)1 << 32);
	ok(file_read(AT_FDCWD, argv[1], &text, &f), &f);
	ok(detect_start(&f), &f);
	bench(&o, &text);
	make_dictionary(&names, &block, strtoul(argv[2], NULL, 10));
	o.dictionary = names;
	bench(&o, &text);
	dictionary_free(names);
	mem_free(block);
	bytes_free(&text);
	return 0;
}
