/*
 * COCO, written: one picture and one annotation a line, ids from 1 in the
 * order of items, so that the same set gives the same bytes.
 *
 * Every picture is listed, the open ones too, and nothing else.  Members of
 * ours: images[].answers (who said what and when; without it an empty picture
 * could not be told from an open one) and annotations[].annotator; other
 * readers pass over them.
 */

#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/clock.h"

bool
labels_is_picture(const struct labels_item *item)
{
	static const char *const others[] = { "csv", "json", "jsonl", "text",
		"txt" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(item->type, others[i]) == 0)
			return false;
	return true;
}

/* The name of an item's file: its id with the type's extension if the id is
 * one of ours, else the id, which is then an original's path. */
static int
write_file_name(
    struct labels_sink *s, const struct labels_item *item, struct fault *f)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz234567";
	char name[LABELS_ID_MAX + LABELS_NAME_MAX + 2];
	const char *type = item->type;

	if (strcmp(type, "jpeg") == 0)
		type = "jpg";
	else if (strcmp(type, "text") == 0)
		type = "txt";
	else if (strcmp(type, "dicom") == 0)
		type = "dcm";
	if (strlen(item->id) == LABELS_ITEM_CHARS &&
	    strspn(item->id, set) == LABELS_ITEM_CHARS && type[0] != '\0')
		(void)snprintf(name, sizeof(name), "%s.%s", item->id, type);
	else
		(void)snprintf(name, sizeof(name), "%s", item->id);
	return labels_sink_string(s, name, f);
}

static int
write_member(
    struct labels_sink *s, const char *name, const char *text, struct fault *f)
{
	if (text[0] == '\0')
		return 0;
	if (bytes_addf(&s->buffer, f, "\"%s\":", name) != 0 ||
	    labels_sink_string(s, text, f) != 0)
		return -1;
	return labels_sink_text(s, ",", f);
}

static int
write_answer(const struct labels *l, struct labels_sink *s,
    const struct labels_answer *a, struct fault *f)
{
	char at[CLOCK_CHARS + 1] = "";

	if (a->at != 0)
		clock_write(at, a->at);
	if (labels_sink_text(s, "{", f) != 0 ||
	    write_member(s, "annotator", labels_annotator_name(l, a->annotator),
		f) != 0 ||
	    write_member(s, "at", at, f) != 0 ||
	    (a->state == LABELS_SKIPPED &&
		write_member(s, "reason", a->reason, f) != 0))
		return -1;
	return bytes_addf(
	    &s->buffer, f, "\"state\":\"%s\"}", labels_state_name(a->state));
}

/* Is there anything to say that the annotations alone do not? */
static bool
must_say(const struct labels *l, const struct labels_answer *a)
{
	return a->state != LABELS_ANSWERED || a->at != 0 ||
	       labels_annotator_name(l, a->annotator)[0] != '\0';
}

static int
write_answers(
    const struct labels *l, struct labels_sink *s, size_t i, struct fault *f)
{
	size_t first, n = labels_answers_on(l, i, &first), written = 0;

	for (size_t k = first; k < first + n; k++) {
		const struct labels_answer *a = &l->answer[k].answer;

		if (!must_say(l, a))
			continue;
		if (labels_sink_text(
			s, written++ == 0 ? ",\"answers\":[" : ",", f) != 0 ||
		    write_answer(l, s, a, f) != 0)
			return -1;
	}
	return written == 0 ? 0 : labels_sink_text(s, "]", f);
}

static int
write_image(const struct labels *l, struct labels_sink *s, size_t i,
    bool *first, struct fault *f)
{
	const struct labels_item *item = labels_item(l, i);

	if (!labels_is_picture(item))
		return 0;
	if (bytes_addf(&s->buffer, f, "%s{\"id\":%zu,\"file_name\":",
		*first ? "\n" : ",\n", i + 1) != 0 ||
	    write_file_name(s, item, f) != 0 ||
	    (item->width > 0 &&
		bytes_addf(&s->buffer, f, ",\"width\":%u,\"height\":%u",
		    item->width, item->height) != 0) ||
	    write_answers(l, s, i, f) != 0 || labels_sink_text(s, "}", f) != 0)
		return -1;
	*first = false;
	return labels_sink_spill(s, f);
}

/* w * h, exactly: 18 digits behind the point, the last ones mostly zero. */
static int
write_area(struct labels_sink *s, int64_t w, int64_t h, struct fault *f)
{
	unsigned __int128 area = (unsigned __int128)(uint64_t)w * (uint64_t)h;
	const uint64_t unit = UINT64_C(1000000000000000000);
	uint64_t fraction = (uint64_t)(area % unit);
	char text[60];
	size_t n;

	(void)snprintf(text, sizeof(text), "%llu.%018llu",
	    (unsigned long long)(area / unit), (unsigned long long)fraction);
	for (n = strlen(text); text[n - 1] == '0'; n--)
		text[n - 1] = '\0';
	if (text[n - 1] == '.')
		text[n - 1] = '\0';
	return labels_sink_text(s, text, f);
}

static int
write_box(struct labels_sink *s, const struct labels_box *b, struct fault *f)
{
	if (labels_sink_text(s, ",\"bbox\":[", f) != 0 ||
	    labels_sink_decimal(s, b->x, f) != 0 ||
	    labels_sink_text(s, ",", f) != 0 ||
	    labels_sink_decimal(s, b->y, f) != 0 ||
	    labels_sink_text(s, ",", f) != 0 ||
	    labels_sink_decimal(s, b->w, f) != 0 ||
	    labels_sink_text(s, ",", f) != 0 ||
	    labels_sink_decimal(s, b->h, f) != 0 ||
	    labels_sink_text(s, "],\"area\":", f) != 0 ||
	    write_area(s, b->w, b->h, f) != 0)
		return -1;
	return bytes_addf(&s->buffer, f, ",\"iscrowd\":%d", b->crowd ? 1 : 0);
}

static int
write_annotation(const struct labels *l, struct labels_sink *s,
    const struct labels_answer *a, const struct labels_box *b, size_t id,
    struct fault *f)
{
	const char *annotator = labels_annotator_name(l, a->annotator);

	if (bytes_addf(&s->buffer, f,
		"%s{\"id\":%zu,\"image_id\":%zu,\"category_id\":%zu",
		id == 1 ? "\n" : ",\n", id, (size_t)a->item + 1,
		(size_t)(b != NULL ? b->class : a->class) + 1) != 0 ||
	    (b != NULL && write_box(s, b, f) != 0))
		return -1;
	if (annotator[0] != '\0' &&
	    (labels_sink_text(s, ",\"annotator\":", f) != 0 ||
		labels_sink_string(s, annotator, f) != 0))
		return -1;
	if (labels_sink_text(s, "}", f) != 0)
		return -1;
	return labels_sink_spill(s, f);
}

static int
write_annotations(
    const struct labels *l, struct labels_sink *s, struct fault *f)
{
	size_t id = 0;

	for (size_t i = 0; i < l->nanswers; i++) {
		const struct labels_answer *a = &l->answer[i].answer;

		if (a->state != LABELS_ANSWERED ||
		    !labels_is_picture(labels_item(l, a->item)))
			continue;
		if (l->kind == LABELS_CLASS &&
		    write_annotation(l, s, a, NULL, ++id, f) != 0)
			return -1;
		for (uint32_t k = 0; k < a->nparts; k++)
			if (write_annotation(l, s, a, &a->boxes[k], ++id, f) !=
			    0)
				return -1;
	}
	return 0;
}

static int
write_categories(const struct labels *l, struct labels_sink *s, struct fault *f)
{
	for (uint32_t i = 0; i < l->classes.n; i++)
		if (bytes_addf(&s->buffer, f, "%s{\"id\":%u,\"name\":",
			i == 0 ? "\n" : ",\n", i + 1) != 0 ||
		    labels_sink_string(s, l->classes.text[i], f) != 0 ||
		    labels_sink_text(s, ",\"supercategory\":\"\"}", f) != 0 ||
		    labels_sink_spill(s, f) != 0)
			return -1;
	return 0;
}

int
labels_write_coco(const struct labels *l, int fd, struct fault *f)
{
	struct labels_sink s;
	bool first = true;
	int rc = -1;

	must(l->settled);
	if (l->kind == LABELS_SPANS)
		return fault_set(
		    f, FAULT_INPUT, "COCO has no place for spans of text");
	labels_sink_init(&s, fd);
	if (labels_sink_text(&s,
		"{\"info\":{\"description\":\"labels\"},\"licenses\":[],\n"
		"\"categories\":[",
		f) != 0 ||
	    write_categories(l, &s, f) != 0 ||
	    labels_sink_text(&s, "],\n\"images\":[", f) != 0)
		goto out;
	for (size_t i = 0; i < l->nitems; i++)
		if (write_image(l, &s, i, &first, f) != 0)
			goto out;
	if (labels_sink_text(&s, "],\n\"annotations\":[", f) != 0 ||
	    write_annotations(l, &s, f) != 0 ||
	    labels_sink_text(&s, "]}\n", f) != 0)
		goto out;
	rc = labels_sink_end(&s, f);
out:
	bytes_free(&s.buffer);
	return rc;
}
