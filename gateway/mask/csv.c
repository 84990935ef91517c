/*
 * The first record of a CSV file: which delimiter, which line ends, which
 * columns.  See csv_internal.h for the dialects.
 *
 * What is found here is held against the plan by csv_rows.c; a delimiter
 * guessed wrongly gives names that no plan has, and stops the file.  Without
 * names there is nothing to hold against a guess, so none is made.
 */

#include <string.h>

#include "gateway/mask/csv_internal.h"
#include "keys/base/text.h"

static const char delimiters[] = ",;\t|";

/* What the first record shows while it is looked through. */
struct guess {
	const char *delimiters; /* those that it can be */
	size_t seen[sizeof(delimiters) - 1];
	bool quoted;
	bool start; /* a field begins */
	size_t at;
};

/* The one seen most; of a file of one column, the first.  Of two seen as often
 * neither is better. */
static int
most_seen(const struct guess *g, char *out, struct fault *f)
{
	size_t best = 0, like = 0;

	for (size_t i = 1; i < sizeof(delimiters) - 1; i++) {
		if (g->seen[i] > g->seen[best])
			best = like = i;
		else if (g->seen[i] == g->seen[best])
			like = i;
	}
	*out = delimiters[best];
	if (g->seen[best] == 0 || like == best)
		return 0;
	(void)fault_set(f, FAULT_INPUT,
	    "the first record: its delimiter can be %s or %s",
	    delimiter_name(delimiters[best]), delimiter_name(delimiters[like]));
	return fault_hint(f, "name it in the file's rule:   delimiter: %s",
	    delimiter_name(delimiters[best]));
}

/* Look through p[g->at, len) for the first line end outside quotes; true when
 * there is one, at g->at.  While the delimiter is not known each of them begins
 * a field, which matters for where a quote opens. */
static bool
find_line_end(struct guess *g, const uint8_t *p, size_t len)
{
	for (; g->at < len; g->at++) {
		const char *d;
		char c = (char)p[g->at];

		if (c == '"' && (g->quoted || g->start)) {
			g->quoted = !g->quoted;
			/* a doubled quote opens again at once */
			g->start = !g->quoted;
			continue;
		}
		if (g->quoted)
			continue;
		if (c == '\n' || c == '\r')
			return true;
		d = c == '\0' ? NULL : strchr(g->delimiters, c);
		if (d != NULL)
			g->seen[d - g->delimiters]++;
		g->start = d != NULL;
	}
	return false;
}

/* Read the first record into h->raw, and find out how it is written. */
static int
read_first(struct csv_head *h, struct mask_window *w, struct fault *f)
{
	static const uint8_t mark[3] = { 0xef, 0xbb, 0xbf };
	const char given[2] = { h->delimiter, '\0' };
	struct guess g = { .start = true };
	size_t end;

	g.delimiters = h->delimiter != 0 ? given : delimiters;
	if (window_fill(w, 0, f) != 0)
		return -1;
	h->bom = w->len >= 3 && memcmp(w->buf, mark, 3) == 0;
	g.at = h->bom ? 3 : 0;
	while (!find_line_end(&g, w->buf, w->len)) {
		if (window_whole(w))
			break;
		if (window_fill(w, 0, f) != 0)
			return -1;
	}
	/* one more byte, to tell CR from CRLF */
	if (g.at + 1 >= w->len && !window_whole(w) && window_fill(w, 0, f) != 0)
		return -1;
	end = g.at;
	h->newline = '\n';
	if (end < w->len && w->buf[end] == '\r') {
		h->crlf = end + 1 < w->len && w->buf[end + 1] == '\n';
		h->newline = h->crlf ? '\n' : '\r';
	}
	if (end < w->len)
		end += h->crlf ? 2 : 1;
	if (end == (h->bom ? 3 : 0))
		return fault_set(f, FAULT_INPUT, "an empty file");
	if (h->delimiter == 0 && most_seen(&g, &h->delimiter, f) != 0)
		return -1;
	h->data = h->names ? end : h->bom ? 3 : 0;
	return bytes_add(
	    &h->raw, w->buf + (h->bom ? 3 : 0), end - (h->bom ? 3 : 0), f);
}

/* Cut the first record into columns. */
static int
scan_first(struct csv_head *h, struct fault *f)
{
	struct csv_scan *s = &h->scan;
	size_t len = h->raw.len;

	if (csv_scan_open(s, h->delimiter, h->newline, f) != 0 ||
	    bytes_reserve(&h->raw, WINDOW_SLACK, f) != 0)
		return -1;
	memset(h->raw.at + len, 0, WINDOW_SLACK);
	csv_scan(s, h->raw.at, len, true);
	if (s->bad != NULL)
		return fault_set(
		    f, FAULT_INPUT, "the first record: %s", s->bad);
	if (s->nends == 0 || s->nmarks > MASK_NAMES_MAX)
		return fault_set(f, FAULT_INPUT,
		    "the first record: more than %u columns", MASK_NAMES_MAX);
	if (s->nends != 1 || s->ends[0] != s->nmarks)
		return fault_set(f, FAULT_INPUT,
		    "the first record: cannot tell its delimiter");
	if (!utf8_valid(h->raw.at, len))
		return fault_set(
		    f, FAULT_INPUT, "the first record: not UTF-8 text");
	return 0;
}

static int
refuse_item(const struct csv_head *h, struct fault *f)
{
	struct bytes scratch;
	struct slice name;
	int rc = 0;

	bytes_init(&scratch, MASK_RECORD_MAX);
	for (size_t i = 0; rc == 0 && i < h->scan.nmarks; i++) {
		rc = csv_head_name(h, i, &scratch, &name, f);
		if (rc == 0 && name.len == 5 &&
		    memcmp(name.at, "_item", 5) == 0)
			rc = fault_set(f, FAULT_INPUT,
			    "has a column \"_item\", which is for item ids");
	}
	bytes_free(&scratch);
	return rc;
}

int
csv_head_read(struct csv_head *h, const struct mask_source *src, bool names,
    char delimiter, struct fault *f)
{
	struct mask_window w;
	int rc = -1;

	*h = (struct csv_head){ .names = names, .delimiter = delimiter };
	bytes_init(&h->raw, MASK_RECORD_MAX + WINDOW_SLACK);
	if (!names && delimiter == 0)
		return fault_set(f, FAULT_INPUT,
		    "no header, and a delimiter that nobody named");
	if (window_open(&w, src->fd, 0, src->size, MASK_RECORD_MAX, f) == 0 &&
	    read_first(h, &w, f) == 0 && scan_first(h, f) == 0)
		rc = names ? refuse_item(h, f) : 0;
	window_close(&w);
	return rc;
}

void
csv_head_close(struct csv_head *h)
{
	bytes_free(&h->raw);
	csv_scan_close(&h->scan);
}

struct slice
csv_head_raw(const struct csv_head *h, size_t i)
{
	size_t from = i == 0 ? 0 : h->scan.marks[i - 1] + 1u;
	size_t to = h->scan.marks[i];

	must(i < h->scan.nmarks);
	if (i + 1 == h->scan.nmarks && h->crlf)
		to--;
	return (struct slice){ h->raw.at + from, to - from };
}

int
csv_head_name(const struct csv_head *h, size_t i, struct bytes *scratch,
    struct slice *out, struct fault *f)
{
	struct slice raw = csv_head_raw(h, i);

	return csv_value(raw.at, raw.len, scratch, out, f);
}

int
csv_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	struct csv_head h;
	struct bytes scratch;
	struct slice name;
	int rc;

	bytes_init(&scratch, MASK_RECORD_MAX);
	rc = csv_head_read(&h, src, as->header, as->delimiter, f);
	for (size_t i = 0; rc == 0 && i < h.scan.nmarks; i++) {
		bytes_reset(&scratch);
		if (as->header)
			rc = csv_head_name(&h, i, &scratch, &name, f);
		else if ((rc = bytes_addf(&scratch, f, "%zu", i + 1)) == 0)
			name = (struct slice){ scratch.at, scratch.len };
		if (rc == 0)
			rc = shape_add(out, name.at, name.len, HOLDS_VALUE, f);
	}
	if (rc == 0)
		out->delimiter = h.delimiter;
	csv_head_close(&h);
	bytes_free(&scratch);
	return rc;
}
