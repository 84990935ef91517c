/*
 * Label lines, read; jsonl_write.c writes them.
 *
 *	{"item":I,"annotator":A,"at":T,"class":C}
 *	{"item":I,"annotator":A,"at":T,"boxes":[{"class":C,"x":N,"y":N,"w":N,
 *	    "h":N,"crowd":true}]}
 *	{"item":I,"annotator":A,"at":T,"spans":[{"class":C,"start":N,"end":N}]}
 *	{"item":I,"annotator":A,"at":T,"state":"empty"}
 *	{"item":I,"annotator":A,"at":T,"state":"skipped","reason":R}
 *
 * A line is one answer.  Members in any order, none of them unknown, since a
 * misspelt one would otherwise go missing in silence.  A line that is not
 * understood is a finding; the next one is read all the same.
 */

#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/mem.h"

/* A line being read.  Names of classes are judged once the item is known,
 * wherever it stands in the line: the line is read twice, item first. */
struct line {
	struct labels *l;
	struct labels_draft *d;
	struct labels_box box;
	struct labels_span span;
	bool part_bad;
};

static int
copy_text(char *to, size_t room, const struct labels_json *j, bool empty,
    struct fault *f)
{
	if (labels_json_text(j, room - 1, empty, f) != 0)
		return -1;
	memcpy(to, j->text.at, j->text.len);
	to[j->text.len] = '\0';
	return 0;
}

static int
read_item(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;

	return copy_text(line->d->item, sizeof(line->d->item), j, false, f);
}

static int
read_annotator(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;

	line->d->has_annotator = true;
	return copy_text(
	    line->d->annotator, sizeof(line->d->annotator), j, false, f);
}

static int
read_at(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;

	if (labels_json_text(j, LABELS_NAME_MAX, true, f) != 0)
		return -1;
	line->d->at = labels_time_of(
	    line->l, j->text.len > 0 ? (const char *)j->text.at : "", line->d);
	return 0;
}

static int
read_state(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;
	const char *text = (const char *)j->text.at;

	if (labels_json_text(j, LABELS_NAME_MAX, false, f) != 0)
		return -1;
	if (strcmp(text, "empty") == 0)
		line->d->state = LABELS_EMPTY;
	else if (strcmp(text, "skipped") == 0)
		line->d->state = LABELS_SKIPPED;
	else
		return fault_set(f, FAULT_INPUT, "needs empty or skipped");
	return 0;
}

static int
read_reason(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;

	return copy_text(line->d->reason, sizeof(line->d->reason), j, true, f);
}

/* The class of the whole item, or of a part. */
static int
read_class_into(
    struct line *line, struct labels_json *j, uint32_t *class, struct fault *f)
{
	if (labels_json_text(j, LABELS_NAME_MAX, false, f) != 0)
		return -1;
	if (!labels_class_of(line->l, (const char *)j->text.at, j->text.len,
		line->d->item, line->d->line, class))
		line->d->bad = line->part_bad = true;
	return 0;
}

static int
read_class(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;

	line->d->kind = LABELS_CLASS;
	return read_class_into(line, j, &line->d->class, f);
}

static int
read_box_class(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;

	return read_class_into(line, j, &line->box.class, f);
}

static int
read_coordinate(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;
	struct labels_box *b = &line->box;
	int64_t *out[] = { &b->x, &b->y, &b->w, &b->h };

	if (j->token == TOKEN_NAN) {
		line->d->bad = line->part_bad = true;
		labels_find(line->l, FOUND_BOX_NOT_FINITE, line->d->line,
		    line->d->item, "box %zu has a coordinate that is no number",
		    line->d->nparts + 1);
		return 0;
	}
	if (j->token != TOKEN_NUMBER)
		return fault_set(f, FAULT_INPUT, "needs a number");
	if (!labels_decimal_read(out[j->which], (const char *)j->text.at,
		j->text.len, &line->d->rounded))
		return fault_set(f, FAULT_INPUT, "a number out of range");
	return 0;
}

static int
read_crowd(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;

	if (j->token != TOKEN_TRUE && j->token != TOKEN_FALSE)
		return fault_set(f, FAULT_INPUT, "needs true or false");
	line->box.crowd = j->token == TOKEN_TRUE;
	return 0;
}

static int
read_box(void *to, struct labels_json *j, struct fault *f)
{
	static const struct labels_member members[] = {
		{ "class", read_box_class, 0 },
		{ "x", read_coordinate, 0 },
		{ "y", read_coordinate, 1 },
		{ "w", read_coordinate, 2 },
		{ "h", read_coordinate, 3 },
		{ "crowd", read_crowd, 0 },
		{ NULL, NULL, 0 },
	};
	struct line *line = to;
	uint32_t seen;

	line->box = (struct labels_box){ 0 };
	line->part_bad = false;
	if (labels_json_object(j, members, line, &seen, NULL, f) != 0)
		return -1;
	if ((seen & 0x1f) != 0x1f)
		return fault_set(
		    f, FAULT_INPUT, "a box needs class, x, y, w and h");
	return line->part_bad ? 0 : labels_draft_box(line->d, &line->box, f);
}

static int
read_boxes(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;

	line->d->kind = LABELS_BOXES;
	return labels_json_list(j, read_box, line, f);
}

static int
read_span_class(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;

	return read_class_into(line, j, &line->span.class, f);
}

static int
read_end(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;
	uint64_t *out[] = { &line->span.start, &line->span.end };

	return labels_json_whole(j, INT64_MAX, out[j->which], f);
}

static int
read_span(void *to, struct labels_json *j, struct fault *f)
{
	static const struct labels_member members[] = {
		{ "class", read_span_class, 0 },
		{ "start", read_end, 0 },
		{ "end", read_end, 1 },
		{ NULL, NULL, 0 },
	};
	struct line *line = to;
	uint32_t seen;

	line->span = (struct labels_span){ 0 };
	line->part_bad = false;
	if (labels_json_object(j, members, line, &seen, NULL, f) != 0)
		return -1;
	if (seen != 7)
		return fault_set(
		    f, FAULT_INPUT, "a span needs class, start and end");
	return line->part_bad ? 0 : labels_draft_span(line->d, &line->span, f);
}

static int
read_spans(void *to, struct labels_json *j, struct fault *f)
{
	struct line *line = to;

	line->d->kind = LABELS_SPANS;
	return labels_json_list(j, read_span, line, f);
}

static int
pass(void *to, struct labels_json *j, struct fault *f)
{
	(void)to;
	return labels_json_skip(j, f);
}

static const struct labels_member line_members[] = {
	{ "class", read_class, 0 },
	{ "boxes", read_boxes, 0 },
	{ "spans", read_spans, 0 },
	{ "state", read_state, 0 },
	{ "item", pass, 0 },
	{ "annotator", read_annotator, 0 },
	{ "at", read_at, 0 },
	{ "reason", read_reason, 0 },
	{ NULL, NULL, 0 },
};
enum { SAID = 0xf, ITEM = 0x10, REASON = 0x80 };

/* First pass: the item alone, so that every finding can name it. */
static const struct labels_member item_members[] = {
	{ "item", read_item, 0 },
	{ NULL, NULL, 0 },
};

static int
ignore(void *to, const char *name, struct fault *f)
{
	(void)to;
	(void)name;
	(void)f;
	return 0;
}

static int
read_document(struct line *line, struct labels_json *j,
    const struct labels_member *members,
    int (*extra)(void *to, const char *name, struct fault *f), uint32_t *seen,
    struct fault *f)
{
	if (labels_json_next(j, f) != 0 ||
	    labels_json_object(j, members, line, seen, extra, f) != 0)
		return -1;
	return labels_json_next(j, f);
}

static int
read_line(struct line *line, const uint8_t *p, size_t len, struct fault *f)
{
	struct labels_draft *d = line->d;
	struct labels_json j;
	uint32_t seen = 0;
	int rc = -1;

	labels_json_of(&j, p, len, d->line);
	if (read_document(line, &j, item_members, ignore, &seen, f) != 0)
		goto out;
	if (seen == 0) {
		(void)fault_set(f, FAULT_INPUT, "no item");
		goto out;
	}
	labels_json_free(&j);
	labels_json_of(&j, p, len, d->line);
	if (read_document(line, &j, line_members, NULL, &seen, f) != 0)
		goto out;
	if ((seen & SAID) == 0 || ((seen & SAID) & ((seen & SAID) - 1)) != 0) {
		(void)fault_set(f, FAULT_INPUT,
		    "needs one of class, boxes, spans and state");
		goto out;
	}
	if ((seen & REASON) != 0 && d->state != LABELS_SKIPPED) {
		(void)fault_set(f, FAULT_INPUT,
		    "a reason belongs to \"state\":\"skipped\"");
		goto out;
	}
	if (d->state == LABELS_SKIPPED && d->reason[0] == '\0') {
		d->bad = true;
		labels_find(line->l, FOUND_REASON_MISSING, d->line, d->item,
		    "skipped without a reason");
	}
	rc = labels_put(line->l, d, f);
out:
	labels_json_free(&j);
	return rc;
}

static bool
is_blank(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			return false;
	return true;
}

/* One line; what is wrong with it becomes a finding. */
static int
take_line(struct line *line, const struct labels_lines *r, const uint8_t *p,
    size_t len, struct fault *f)
{
	labels_draft_reset(line->d);
	line->d->line = r->line;
	if (r->too_long) {
		labels_find(line->l, FOUND_TOO_MANY, r->line, NULL,
		    "a line of over %zu bytes", LABELS_LINE_MAX);
		return 0;
	}
	if (r->line == 1 && len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		labels_find(line->l, FOUND_BYTE_ORDER_MARK, 1, NULL,
		    "a byte order mark, passed over");
		p += 3;
		len -= 3;
	}
	if (is_blank(p, len))
		return 0;
	if (read_line(line, p, len, f) == 0)
		return 0;
	if (f->kind != FAULT_INPUT)
		return -1;
	labels_find(line->l, FOUND_MALFORMED, r->line,
	    line->d->item[0] != '\0' ? line->d->item : NULL, "%s", f->text);
	fault_clear(f);
	return 0;
}

int
labels_read_jsonl(struct labels *l, int fd, struct fault *f)
{
	struct labels_draft draft = { 0 };
	struct line line = { .l = l, .d = &draft };
	struct labels_lines r;
	const uint8_t *p;
	size_t len;
	bool more = true;
	int rc = -1;

	if (labels_lines_open(&r, fd, f) != 0)
		goto out;
	while (more) {
		if (labels_lines_next(&r, &p, &len, &more, f) != 0 ||
		    (more && take_line(&line, &r, p, len, f) != 0))
			goto out;
	}
	rc = 0;
out:
	labels_lines_free(&r);
	labels_draft_free(&draft);
	return rc;
}
