/* Label lines, written: one spelling for one set, so that two runs over the
 * same labels give the same bytes; jsonl.c shows the lines and reads them. */

#include "gateway/labels/labels_internal.h"
#include "keys/base/clock.h"

static int
write_class(const struct labels *l, struct labels_sink *s, uint32_t class,
    struct fault *f)
{
	if (labels_sink_text(s, "\"class\":", f) != 0)
		return -1;
	return labels_sink_string(s, labels_class_name(l, class), f);
}

static int
write_box(const struct labels *l, struct labels_sink *s,
    const struct labels_box *b, struct fault *f)
{
	if (labels_sink_text(s, "{", f) != 0 ||
	    write_class(l, s, b->class, f) != 0 ||
	    labels_sink_text(s, ",\"x\":", f) != 0 ||
	    labels_sink_decimal(s, b->x, f) != 0 ||
	    labels_sink_text(s, ",\"y\":", f) != 0 ||
	    labels_sink_decimal(s, b->y, f) != 0 ||
	    labels_sink_text(s, ",\"w\":", f) != 0 ||
	    labels_sink_decimal(s, b->w, f) != 0 ||
	    labels_sink_text(s, ",\"h\":", f) != 0 ||
	    labels_sink_decimal(s, b->h, f) != 0)
		return -1;
	return labels_sink_text(s, b->crowd ? ",\"crowd\":true}" : "}", f);
}

static int
write_span(const struct labels *l, struct labels_sink *s,
    const struct labels_span *span, struct fault *f)
{
	if (labels_sink_text(s, "{", f) != 0 ||
	    write_class(l, s, span->class, f) != 0)
		return -1;
	return bytes_addf(&s->buffer, f, ",\"start\":%llu,\"end\":%llu}",
	    (unsigned long long)span->start, (unsigned long long)span->end);
}

static int
write_parts(const struct labels *l, struct labels_sink *s,
    const struct labels_answer *a, struct fault *f)
{
	bool boxes = l->kind == LABELS_BOXES;

	if (labels_sink_text(s, boxes ? "\"boxes\":[" : "\"spans\":[", f) != 0)
		return -1;
	for (uint32_t i = 0; i < a->nparts; i++) {
		if (i > 0 && labels_sink_text(s, ",", f) != 0)
			return -1;
		if ((boxes ? write_box(l, s, &a->boxes[i], f)
			   : write_span(l, s, &a->spans[i], f)) != 0)
			return -1;
	}
	return labels_sink_text(s, "]}\n", f);
}

static int
write_said(const struct labels *l, struct labels_sink *s,
    const struct labels_answer *a, struct fault *f)
{
	if (a->state == LABELS_EMPTY)
		return labels_sink_text(s, "\"state\":\"empty\"}\n", f);
	if (a->state == LABELS_SKIPPED) {
		if (labels_sink_text(
			s, "\"state\":\"skipped\",\"reason\":", f) != 0 ||
		    labels_sink_string(s, a->reason, f) != 0)
			return -1;
		return labels_sink_text(s, "}\n", f);
	}
	if (l->kind != LABELS_CLASS)
		return write_parts(l, s, a, f);
	if (write_class(l, s, a->class, f) != 0)
		return -1;
	return labels_sink_text(s, "}\n", f);
}

static int
write_answer(const struct labels *l, struct labels_sink *s,
    const struct labels_answer *a, struct fault *f)
{
	const char *annotator = labels_annotator_name(l, a->annotator);
	char at[CLOCK_CHARS + 1];

	if (labels_sink_text(s, "{\"item\":", f) != 0 ||
	    labels_sink_string(s, labels_item(l, a->item)->id, f) != 0 ||
	    labels_sink_text(s, ",", f) != 0)
		return -1;
	if (annotator[0] != '\0' &&
	    (labels_sink_text(s, "\"annotator\":", f) != 0 ||
		labels_sink_string(s, annotator, f) != 0 ||
		labels_sink_text(s, ",", f) != 0))
		return -1;
	clock_write(at, a->at);
	if (a->at != 0 && bytes_addf(&s->buffer, f, "\"at\":\"%s\",", at) != 0)
		return -1;
	return write_said(l, s, a, f);
}

int
labels_write_jsonl(const struct labels *l, int fd, struct fault *f)
{
	struct labels_sink s;
	int rc = -1;

	must(l->settled);
	labels_sink_init(&s, fd);
	for (size_t i = 0; i < l->nanswers; i++)
		if (write_answer(l, &s, &l->answer[i].answer, f) != 0 ||
		    labels_sink_spill(&s, f) != 0)
			goto out;
	rc = labels_sink_end(&s, f);
out:
	bytes_free(&s.buffer);
	return rc;
}
