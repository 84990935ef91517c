/*
 * A stream of any size in windows of a fixed one.
 *
 *     buffer   |-- left --|-- block 1 --|-- block 2 --|-- ahead --|
 *
 * Each block is scanned by a thread of its own, which sees something of what
 * is before and behind, and reports what begins in the block.  A block ends
 * behind a line, or a word, where there is an end near by.  JSON lines are cut
 * between lines instead, and each record's text is scanned by itself.
 */

#include <pthread.h>
#include <string.h>

#include "gateway/cli/detect_child_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "policy/detect/detect.h"

#define BLOCK_BYTES ((size_t)1 << 20)
#define LEFT_BYTES 512u	  /* what a block sees of the one before */
#define AHEAD_BYTES 8192u /* and of the one behind; no span is longer */
#define THREADS_MAX 64u

/* One line has to fit the buffer. */
#define LINE_BYTES_MAX ((size_t)64 << 20)
#define OUT_BYTES_MAX ((size_t)1 << 30)

struct block {
	struct stream *stream;
	pthread_t thread;
	struct detect_scan *scan;
	struct detect_spans spans;
	struct bytes out;
	const uint8_t *text; /* all that it may look at */
	size_t len, from, cut;
	uint64_t chars, records, nspans;
	uint64_t record; /* the number of its first */
	uint64_t at;	 /* where text[from] is in the source */
	struct fault fault;
	int rc;
};

struct stream {
	const struct detect_request *ask;
	int source, sink;
	struct bytes buffer;
	size_t left; /* bytes in front that were reported already */
	bool end;    /* the source has no more */
	uint64_t at; /* offset of buffer.at[left] in the source */
	uint64_t char_at, record_at, line_at;
	uint64_t printed; /* where the last span that was printed ended */
	struct block *blocks;
	size_t nblocks;
	struct detect_answer *answer;
};

/* ---- In a thread ---- */

/* The member of one record, and its spans. */
static int
do_record(struct block *b, const uint8_t *line, size_t len, struct fault *f)
{
	const struct detect_request *ask = b->stream->ask;
	json_t *doc = NULL, *member;
	const char *text;
	size_t n;
	int rc = -1;

	if (doc_read(&doc, line, len, f) != 0)
		return -1;
	member = json_object_get(doc, ask->field);
	if (!json_is_string(member)) {
		(void)fault_set(f, FAULT_INPUT, "no text \"%s\"", ask->field);
		goto out;
	}
	text = json_string_value(member);
	n = json_string_length(member);
	if (memchr(text, 0, n) != NULL) {
		(void)fault_set(
		    f, FAULT_INPUT, "a NUL character (is it UTF-16?)");
		goto out;
	}
	if (detect_text(b->scan, text, n, &b->spans, f) != 0 ||
	    bytes_addf(&b->out, f, "{\"record\":%llu,\"spans\":[",
		(unsigned long long)(b->record + b->records)) != 0)
		goto out;
	for (size_t i = 0; i < b->spans.n; i++)
		if ((i > 0 && bytes_add(&b->out, ",", 1, f) != 0) ||
		    detect_line(
			&b->out, &b->spans.at[i], 0, 0, ask->explain, f) != 0)
			goto out;
	b->nspans += b->spans.n;
	rc = bytes_add_text(&b->out, "]}\n", f);
out:
	json_decref(doc);
	return rc;
}

static int
do_records(struct block *b, struct fault *f)
{
	const uint8_t *at = b->text + b->from, *end = b->text + b->cut;

	for (b->records = 0; at < end; b->records++) {
		const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));

		if (stop == NULL)
			stop = end;
		if (stop > at && do_record(b, at, (size_t)(stop - at), f) != 0)
			return fault_at(f, "record %llu",
			    (unsigned long long)(b->record + b->records));
		at = stop + 1;
	}
	return 0;
}

/* Where every second byte is a NUL no rule finds a thing: that is not said as
 * if nothing were there. */
static int
refuse_nul(const struct block *b, struct fault *f)
{
	const uint8_t *from = b->text + b->from;
	const uint8_t *nul = memchr(from, 0, b->cut - b->from);

	if (nul == NULL)
		return 0;
	(void)fault_set(f, FAULT_INPUT, "byte %llu: a NUL (is it UTF-16?)",
	    (unsigned long long)(b->at + (uint64_t)(nul - from)));
	return fault_hint(f, "iconv -f utf-16 -t utf-8 <FILE | handoff detect");
}

static int
do_text(struct block *b, struct fault *f)
{
	if (refuse_nul(b, f) != 0)
		return -1;
	if (detect_text(b->scan, b->text, b->len, &b->spans, f) != 0)
		return -1;
	b->chars = detect_characters(b->text + b->from, b->cut - b->from);
	return 0;
}

static void *
do_block(void *arg)
{
	struct block *b = arg;

	b->rc = b->stream->ask->field != NULL ? do_records(b, &b->fault)
					      : do_text(b, &b->fault);
	return NULL;
}

/* ---- Blocks ---- */

/* Where a block that may end at most at the given byte does end. */
static size_t
find_cut(const struct stream *s, size_t from, size_t most)
{
	const uint8_t *p = s->buffer.at;
	size_t least =
	    most - from > AHEAD_BYTES ? most - AHEAD_BYTES : from + 1;

	for (size_t at = most; at > least; at--)
		if (p[at - 1] == '\n')
			return at;
	for (size_t at = most; at > least; at--)
		if (p[at - 1] == ' ' || p[at - 1] == '\t')
			return at;
	while (most > least && (p[most] & 0xc0) == 0x80)
		most--;
	return most;
}

/* Share what was read among the blocks; how many got some. */
static size_t
cut_text(struct stream *s)
{
	size_t from = s->left, n = 0, all = s->buffer.len;

	for (; n < s->nblocks && from < all; n++) {
		struct block *b = &s->blocks[n];
		size_t cut =
		    all - from > BLOCK_BYTES ? from + BLOCK_BYTES : all;
		size_t see, first = from > LEFT_BYTES ? from - LEFT_BYTES : 0;

		if (!s->end && all - cut < AHEAD_BYTES) {
			if (n > 0)
				break;
			cut = all - AHEAD_BYTES;
		}
		if (cut < all)
			cut = find_cut(s, from, cut);
		see = all - cut > AHEAD_BYTES ? cut + AHEAD_BYTES : all;
		b->at = s->at + (from - s->left);
		b->text = s->buffer.at + first;
		b->len = see - first;
		b->from = from - first;
		b->cut = cut - first;
		from = cut;
	}
	s->left = from;
	return n;
}

static size_t
cut_lines(struct stream *s)
{
	size_t from = s->left, n = 0, all = s->buffer.len;

	if (!s->end)
		while (all > from && s->buffer.at[all - 1] != '\n')
			all--;
	for (uint64_t record = s->record_at; n < s->nblocks && from < all;
	     n++) {
		struct block *b = &s->blocks[n];
		size_t cut = from + (all - from) / (s->nblocks - n);

		while (cut < all && s->buffer.at[cut - (cut > from)] != '\n')
			cut++;
		b->text = s->buffer.at;
		b->from = from;
		b->cut = cut;
		b->record = record;
		for (size_t i = from; i < cut; i++)
			record += s->buffer.at[i] == '\n';
		from = cut;
	}
	s->left = from;
	return n;
}

static int
run_blocks(struct stream *s, size_t n, struct fault *f)
{
	size_t started = 1;
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		bytes_reset(&s->blocks[i].out);
		s->blocks[i].nspans = s->blocks[i].records = 0;
	}
	for (; started < n; started++)
		if (pthread_create(&s->blocks[started].thread, NULL, do_block,
			&s->blocks[started]) != 0)
			break;
	(void)do_block(&s->blocks[0]);
	for (size_t i = started; i < n; i++)
		(void)do_block(&s->blocks[i]);
	for (size_t i = 1; i < started; i++)
		(void)pthread_join(s->blocks[i].thread, NULL);
	for (size_t i = 0; i < n && rc == 0; i++)
		if ((rc = s->blocks[i].rc) != 0)
			*f = s->blocks[i].fault;
	return rc;
}

static uint64_t
lines(const uint8_t *p, size_t len)
{
	uint64_t n = 0;

	for (const uint8_t *end = p + len;
	     (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		n++;
	return n;
}

/* Counted, where that is wanted. */
static int
count_span(struct stream *s, struct block *b, const struct detect_span *x,
    struct fault *f)
{
	b->nspans++;
	return detect_counts_add(s->ask->counts, b->text, x,
	    s->line_at + lines(b->text + b->from, x->start - b->from), f);
}

/* A text block's lines.  What begins before it, or inside what was printed, is
 * the block's before it. */
static int
print_text(struct stream *s, struct block *b, struct fault *f)
{
	uint64_t bytes = s->at - b->from;
	size_t before = detect_characters(b->text, b->from);

	for (size_t i = 0; i < b->spans.n; i++) {
		struct detect_span x = b->spans.at[i];

		if (x.start < b->from || x.start >= b->cut ||
		    bytes + x.start < s->printed)
			continue;
		if (!s->ask->overlaps)
			s->printed = bytes + x.end;
		if (s->ask->counts != NULL) {
			if (count_span(s, b, &x, f) != 0)
				return -1;
			continue;
		}
		x.char_start -= before;
		x.char_end -= before;
		x.start -= b->from;
		x.end -= b->from;
		if (detect_line(&b->out, &x, s->at, s->char_at, s->ask->explain,
			f) != 0 ||
		    bytes_add(&b->out, "\n", 1, f) != 0)
			return -1;
		b->nspans++;
	}
	s->char_at += b->chars;
	if (s->ask->counts != NULL)
		s->line_at += lines(b->text + b->from, b->cut - b->from);
	return 0;
}

static int
print_block(struct stream *s, struct block *b, struct fault *f)
{
	if (s->ask->field == NULL && print_text(s, b, f) != 0)
		return -1;
	s->at += b->cut - b->from;
	s->record_at += b->records;
	s->answer->bytes = s->at;
	s->answer->records = s->record_at - 1;
	s->answer->spans += b->nspans;
	return b->out.len == 0 ? 0
			       : file_write(s->sink, b->out.at, b->out.len, f);
}

/* ---- The stream ---- */

/* Read until the buffer holds enough for all blocks. */
static int
fill(struct stream *s, struct fault *f)
{
	size_t keep = s->ask->field != NULL ? 0 : LEFT_BYTES, got;
	size_t drop = s->left > keep ? s->left - keep : 0;
	size_t want = LEFT_BYTES + s->nblocks * BLOCK_BYTES + AHEAD_BYTES;

	if (s->buffer.len > 0)
		memmove(
		    s->buffer.at, s->buffer.at + drop, s->buffer.len - drop);
	s->buffer.len -= drop;
	s->left -= drop;
	while (want <= s->buffer.len) /* a line longer than that */
		want *= 2;
	if (bytes_reserve(&s->buffer, want - s->buffer.len, f) != 0)
		return -1;
	while (!s->end && s->buffer.len < want) {
		if (file_read_some(s->source, s->buffer.at + s->buffer.len,
			want - s->buffer.len, &got, f) != 0)
			return -1;
		s->end = got == 0;
		s->buffer.len += got;
	}
	return 0;
}

static int
run(struct stream *s, struct fault *f)
{
	while (!s->end || s->left < s->buffer.len) {
		size_t n;

		if (fill(s, f) != 0)
			return -1;
		n = s->ask->field != NULL ? cut_lines(s) : cut_text(s);
		if (run_blocks(s, n, f) != 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (print_block(s, &s->blocks[i], f) != 0)
				return -1;
	}
	return 0;
}

int
detect_stream(const struct detector *d, const struct detect_request *ask,
    int source, int sink, struct detect_answer *out, struct fault *f)
{
	struct stream s = { .ask = ask,
		.source = source,
		.sink = sink,
		.record_at = 1,
		.line_at = 1,
		.answer = out };
	int rc = -1;

	s.nblocks = process_cores();
	if (s.nblocks > THREADS_MAX)
		s.nblocks = THREADS_MAX;
	bytes_init(
	    &s.buffer, 2 * LINE_BYTES_MAX + (THREADS_MAX + 1) * BLOCK_BYTES);
	if ((s.blocks = mem_array(s.nblocks, sizeof(*s.blocks))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < s.nblocks; i++) {
		s.blocks[i].stream = &s;
		detect_spans_init(&s.blocks[i].spans);
		bytes_init(&s.blocks[i].out, OUT_BYTES_MAX);
	}
	for (size_t i = 0; i < s.nblocks; i++)
		if (detect_scan_new(&s.blocks[i].scan, d, f) != 0)
			goto out;
	rc = run(&s, f);
out:
	for (size_t i = 0; i < s.nblocks; i++) {
		detect_scan_free(s.blocks[i].scan);
		detect_spans_free(&s.blocks[i].spans);
		bytes_free(&s.blocks[i].out);
	}
	mem_free(s.blocks);
	bytes_free(&s.buffer);
	return rc;
}
