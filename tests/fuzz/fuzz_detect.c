/*
 * policy/detect on any bytes.  Properties: spans lie in the text, in order, and
 * do not overlap; they begin and end between characters; their code points are
 * those that utf8_next() counts; the same text gives the same spans again,
 * whatever the scan remembers; folded twice a text is as folded once.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/detect/detect.h"
#include "policy/detect/fold_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct detector *detector;
static struct detect_scan *scan;

static void
start(void)
{
	struct detect_options o = { .min_score = 1 };
	struct fault f = { 0 };

	if (detector != NULL)
		return;
	must(detector_new(&detector, &o, &f) == 0);
	must(detect_scan_new(&scan, detector, &f) == 0);
}

/* Code points by another way: one character at a time. */
static size_t
count(const uint8_t *p, size_t len)
{
	size_t n = 0;

	for (size_t i = 0, used; i < len; i += used, n++)
		if (utf8_next(p + i, len - i, &used) < 0)
			used = 1;
	return n;
}

/* Whole UTF-8 is cut nowhere inside of a character. */
static void
is_border(const uint8_t *p, size_t at, size_t len)
{
	must(at == len || (p[at] & 0xc0) != 0x80);
}

static void
fold_twice(const uint8_t *p, size_t len)
{
	struct fold a = { NULL, 0 }, b = { NULL, 0 };
	struct fault f = { 0 };
	const uint8_t *once, *twice;
	size_t n, m;

	must(fold_text(&a, p, len, &once, &n, &f) == 0);
	must(n <= len && (utf8_valid(once, n) || !utf8_valid(p, len)));
	must(fold_text(&b, once, n, &twice, &m, &f) == 0);
	if (utf8_valid(p, len))
		must(m == n && (n == 0 || memcmp(once, twice, n) == 0));
	fold_free(&a);
	fold_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct detect_spans once, again;
	struct fault f = { 0 };
	size_t end = 0;

	start();
	fold_twice(data, size);
	detect_spans_init(&once);
	detect_spans_init(&again);
	must(detect_text(scan, data, size, &once, &f) == 0);
	for (size_t i = 0; i < once.n; i++) {
		const struct detect_span *x = &once.at[i];

		must(x->start >= end && x->end > x->start && x->end <= size);
		must(x->score >= 1 && x->score <= 100);
		must(x->char_end - x->char_start ==
		     count(data + x->start, x->end - x->start));
		if (utf8_valid(data, size)) {
			must(x->char_start == count(data, x->start));
			is_border(data, x->start, size);
			is_border(data, x->end, size);
		}
		end = x->end;
	}
	must(detect_text(scan, data, size, &again, &f) == 0);
	must(once.n == again.n);
	for (size_t i = 0; i < once.n; i++)
		must(once.at[i].start == again.at[i].start &&
		     once.at[i].end == again.at[i].end &&
		     once.at[i].score == again.at[i].score &&
		     once.at[i].entity == again.at[i].entity);
	detect_spans_free(&once);
	detect_spans_free(&again);
	return 0;
}
