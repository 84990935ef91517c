/* One label file: which format it is, and whether that was agreed on. */

#include <string.h>
#include <unistd.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define LOOK_BYTES ((size_t)64 << 10)
#define FILES_MAX 65536u

static int
is_jsonl(void *to, struct labels_json *j, struct fault *f)
{
	*(enum labels_format *)to = LABELS_JSONL;
	j->broken = true; /* seen enough */
	return fault_set(f, FAULT_INPUT, "a label line");
}

static int
is_coco(void *to, struct labels_json *j, struct fault *f)
{
	*(enum labels_format *)to = LABELS_COCO;
	j->broken = true;
	return fault_set(f, FAULT_INPUT, "a COCO file");
}

static int
ignore(void *to, const char *name, struct fault *f)
{
	(void)to;
	(void)name;
	(void)f;
	return 0;
}

/* The first member that only one format has decides; none: label lines. */
static int
look(int fd, enum labels_format *out, struct fault *f)
{
	static const struct labels_member members[] = {
		{ "item", is_jsonl, 0 },
		{ "annotator", is_jsonl, 0 },
		{ "at", is_jsonl, 0 },
		{ "class", is_jsonl, 0 },
		{ "boxes", is_jsonl, 0 },
		{ "spans", is_jsonl, 0 },
		{ "state", is_jsonl, 0 },
		{ "images", is_coco, 0 },
		{ "annotations", is_coco, 0 },
		{ "categories", is_coco, 0 },
		{ "info", is_coco, 0 },
		{ "licenses", is_coco, 0 },
		{ NULL, NULL, 0 },
	};
	struct fault why = { 0 };
	struct labels_json j;
	uint8_t *p = mem_new(LOOK_BYTES);
	off_t at = lseek(fd, 0, SEEK_CUR);
	size_t got = 0;
	uint32_t seen;
	int rc = -1;

	*out = LABELS_JSONL;
	if (p == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (at == -1) {
		(void)fault_errno(f, "looking at the format");
		goto out;
	}
	if (file_read_at(fd, p, LOOK_BYTES, (uint64_t)at, &got, f) != 0)
		goto out;
	rc = 0;
	if (got >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		labels_json_of(&j, p + 3, got - 3, 1);
	else
		labels_json_of(&j, p, got, 1);
	/* What is wrong with it is for the reader to say. */
	if (labels_json_next(&j, &why) != 0 ||
	    labels_json_object(&j, members, out, &seen, ignore, &why) != 0)
		fault_clear(&why);
	labels_json_free(&j);
out:
	mem_free(p);
	return rc;
}

int
labels_read(struct labels *l, int fd, const char *name,
    enum labels_format format, struct fault *f)
{
	char shown[LABELS_SHOWN_CHARS + 1];
	int rc;

	must(!l->settled);
	(void)labels_shown(shown, name, strlen(name));
	if (labels_names_add(
		&l->files, shown, strlen(shown), FILES_MAX, &l->file, f) != 0)
		return fault_at(f, "label files");
	if (format == LABELS_AUTO && look(fd, &format, f) != 0)
		return -1;
	if (l->contract.formats != 0 &&
	    (l->contract.formats & (unsigned)format) == 0) {
		labels_find(l, FOUND_WRONG_FORMAT, 0, NULL,
		    "%s is not a format that was agreed on",
		    format == LABELS_COCO ? "COCO" : "JSONL");
		return 0;
	}
	rc = format == LABELS_COCO ? labels_read_coco(l, fd, f)
				   : labels_read_jsonl(l, fd, f);
	if (rc == 0 && l->no_memory)
		rc = fault_memory(f);
	return rc;
}
