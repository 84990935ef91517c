/*
 * The owner's lists: items of a batch, rows of a join map.
 *
 * They are ours and signed or sealed, so anything wrong is a fault with its
 * line, and no finding.  Members that others need are passed over.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/mem.h"

struct row {
	char item[LABELS_ID_MAX + 1];
	char original[LABELS_ID_MAX + 1];
	char type[LABELS_NAME_MAX + 1];
	char group[LABELS_NAME_MAX + 1];
	char *shifts; /* or NULL */
	bool has_original, has_group, has_chars;
	uint64_t number[4]; /* width, height, chars, orientation */
};
enum { WIDTH, HEIGHT, CHARS, ORIENTATION };

static int
copy_text(char *to, size_t room, const struct labels_json *j, struct fault *f)
{
	if (labels_json_text(j, room - 1, false, f) != 0)
		return -1;
	memcpy(to, j->text.at, j->text.len);
	to[j->text.len] = '\0';
	return 0;
}

static int
read_item(void *to, struct labels_json *j, struct fault *f)
{
	struct row *row = to;

	return copy_text(row->item, sizeof(row->item), j, f);
}

static int
read_original(void *to, struct labels_json *j, struct fault *f)
{
	struct row *row = to;

	row->has_original = true;
	return copy_text(row->original, sizeof(row->original), j, f);
}

static int
read_type(void *to, struct labels_json *j, struct fault *f)
{
	struct row *row = to;

	return copy_text(row->type, sizeof(row->type), j, f);
}

static int
read_group(void *to, struct labels_json *j, struct fault *f)
{
	struct row *row = to;

	row->has_group = true;
	return copy_text(row->group, sizeof(row->group), j, f);
}

static int
read_shifts(void *to, struct labels_json *j, struct fault *f)
{
	struct row *row = to;

	if (labels_json_text(j, LABELS_LINE_MAX, false, f) != 0)
		return -1;
	if ((row->shifts = mem_text(j->text.at, j->text.len)) == NULL)
		return fault_memory(f);
	return 0;
}

static int
read_number(void *to, struct labels_json *j, struct fault *f)
{
	static const uint64_t most[] = { LABELS_SIDE_MAX, LABELS_SIDE_MAX,
		INT64_MAX, 8 };
	struct row *row = to;

	row->has_chars = row->has_chars || j->which == CHARS;
	return labels_json_whole(j, most[j->which], &row->number[j->which], f);
}

static int
ignore(void *to, const char *name, struct fault *f)
{
	(void)to;
	(void)name;
	(void)f;
	return 0;
}

static int
read_row(struct row *row, const uint8_t *p, size_t len, struct fault *f)
{
	static const struct labels_member members[] = {
		{ "item", read_item, 0 },
		{ "original", read_original, 0 },
		{ "type", read_type, 0 },
		{ "group", read_group, 0 },
		{ "width", read_number, WIDTH },
		{ "height", read_number, HEIGHT },
		{ "chars", read_number, CHARS },
		{ "orientation", read_number, ORIENTATION },
		{ "shifts", read_shifts, 0 },
		{ NULL, NULL, 0 },
	};
	struct labels_json j;
	uint32_t seen;
	int rc = -1;

	mem_free(row->shifts);
	memset(row, 0, sizeof(*row));
	labels_json_of(&j, p, len, 1);
	if (labels_json_next(&j, f) != 0 ||
	    labels_json_object(&j, members, row, &seen, ignore, f) != 0 ||
	    labels_json_next(&j, f) != 0)
		goto out;
	if ((seen & 1) == 0) {
		(void)fault_set(f, FAULT_INPUT, "no item");
		goto out;
	}
	rc = 0;
out:
	labels_json_free(&j);
	return rc;
}

/* Every line of fd as a row, to each(). */
static int
read_rows(int fd, const char *name, void *to,
    int (*each)(void *to, const struct row *row, struct fault *f),
    struct fault *f)
{
	struct labels_lines r;
	struct row *row = mem_new(sizeof(*row));
	const uint8_t *p;
	size_t len;
	bool more;
	int rc = -1;

	if (labels_lines_open(&r, fd, f) != 0)
		goto out;
	if (row == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (;;) {
		if (labels_lines_next(&r, &p, &len, &more, f) != 0)
			goto out;
		if (!more)
			break;
		if (r.too_long) {
			(void)fault_set(f, FAULT_INPUT,
			    "a line of over %zu bytes", LABELS_LINE_MAX);
			goto out;
		}
		if (len == 0)
			continue;
		if (read_row(row, p, len, f) != 0 || each(to, row, f) != 0)
			goto out;
	}
	rc = 0;
out:
	if (rc != 0)
		(void)fault_at(f, "%s:%u", name, r.line);
	labels_lines_free(&r);
	if (row != NULL)
		mem_free(row->shifts);
	mem_free(row);
	return rc;
}

static int
add_item(void *to, const struct row *row, struct fault *f)
{
	const struct labels_item item = {
		.id = row->item,
		.type = row->type,
		.width = (uint32_t)row->number[WIDTH],
		.height = (uint32_t)row->number[HEIGHT],
		.has_chars = row->has_chars,
		.chars = row->number[CHARS],
	};

	return labels_add_item(to, &item, f);
}

int
labels_read_items(struct labels *l, int fd, const char *name, struct fault *f)
{
	return read_rows(fd, name, l, add_item, f);
}

struct growing {
	struct labels_origins rows;
	size_t room;
};

/* "at cut put,..." in rising order and apart from each other. */
static int
add_shifts(struct labels_origin *o, const char *text, struct fault *f)
{
	uint64_t behind = 0;
	size_t n = 1;

	if (strcmp(text, "?") == 0) {
		o->lost = true;
		return 0;
	}
	for (const char *at = text; *at != '\0'; at++)
		n += *at == ',';
	if ((o->shifts = mem_array(n, sizeof(*o->shifts))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < n; i++) {
		struct labels_shift *s = &o->shifts[i];
		int used = 0;

		if (sscanf(text, "%" SCNu64 " %" SCNu64 " %" SCNu64 "%n",
			&s->at, &s->cut, &s->put, &used) != 3 ||
		    s->at < behind || s->at > INT64_MAX / 4 ||
		    s->cut > INT64_MAX / 4 || s->put > INT64_MAX / 4 ||
		    text[used] != (i + 1 < n ? ',' : '\0'))
			return fault_set(
			    f, FAULT_INPUT, "its shifts are not in order");
		behind = s->at + s->cut;
		text += used + 1;
		o->nshifts++;
	}
	return 0;
}

static int
add_origin(void *to, const struct row *row, struct fault *f)
{
	struct growing *g = to;
	struct labels_origin *o;
	char *item, *original, *group = NULL;

	if (!row->has_original)
		return fault_set(f, FAULT_INPUT, "no original");
	if (labels_grow((void **)&g->rows.at, &g->room, g->rows.n,
		sizeof(*g->rows.at), LABELS_ITEMS_MAX, f) != 0)
		return fault_at(f, "rows");
	item = mem_text(row->item, strlen(row->item));
	original = mem_text(row->original, strlen(row->original));
	if (row->has_group)
		group = mem_text(row->group, strlen(row->group));
	o = &g->rows.at[g->rows.n++];
	*o = (struct labels_origin){ .item = item,
		.original = original,
		.group = group,
		.orientation = (unsigned)row->number[ORIENTATION],
		.width = (uint32_t)row->number[WIDTH],
		.height = (uint32_t)row->number[HEIGHT] };
	if (item == NULL || original == NULL ||
	    (row->has_group && group == NULL))
		return fault_memory(f);
	return row->shifts == NULL ? 0 : add_shifts(o, row->shifts, f);
}

int
labels_read_origins(
    struct labels_origins *out, int fd, const char *name, struct fault *f)
{
	struct growing g = { .room = 0 };

	if (read_rows(fd, name, &g, add_origin, f) != 0) {
		labels_origins_free(&g.rows);
		return -1;
	}
	*out = g.rows;
	return 0;
}

void
labels_origins_free(struct labels_origins *o)
{
	for (size_t i = 0; i < o->n; i++) {
		mem_free((void *)(uintptr_t)o->at[i].item);
		mem_free((void *)(uintptr_t)o->at[i].original);
		mem_free((void *)(uintptr_t)o->at[i].group);
		mem_free(o->at[i].shifts);
	}
	mem_free(o->at);
	*o = (struct labels_origins){ 0 };
}
