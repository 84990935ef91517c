/*
 * A window over a picture's file, and Exif's Orientation; see
 * image_internal.h.
 *
 * Of all that Exif can say, only Orientation changes how a picture is looked
 * at, so it alone is read, and it alone is ever written.  The thumbnail's
 * directory, GPS and maker notes are never entered.
 */

#include "gateway/mask/image_internal.h"

#include <string.h>

#include "gateway/mask/mask.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "policy/rules/rules.h"

#define TAG_ORIENTATION 0x0112u
#define TYPE_SHORT 3u

int
image_open(struct image_window *w, int fd, uint64_t size, struct fault *f)
{
	*w = (struct image_window){ .fd = fd, .size = size };
	if (size > IMAGE_BYTES_MAX)
		return fault_set(f, FAULT_INPUT,
		    "a picture over %llu MiB is not read",
		    IMAGE_BYTES_MAX >> 20);
	return image_open_long(w, fd, size, f);
}

int
image_open_long(struct image_window *w, int fd, uint64_t size, struct fault *f)
{
	*w = (struct image_window){ .fd = fd, .size = size };
	if (size == 0)
		return fault_set(f, FAULT_INPUT, "an empty file");
	w->room = size < IMAGE_WINDOW ? (size_t)size : IMAGE_WINDOW;
	if ((w->buf = mem_new(w->room)) == NULL)
		return fault_memory(f);
	return 0;
}

void
image_close(struct image_window *w)
{
	mem_free(w->buf);
	w->buf = NULL;
}

/* Move the window so that it begins at offset at and holds all it can. */
static int
image_move(struct image_window *w, uint64_t at, struct fault *f)
{
	uint64_t left = w->size - at;
	size_t want = left < w->room ? (size_t)left : w->room;
	size_t kept = 0, got;

	if (at >= w->from && at - w->from < w->len) {
		kept = w->len - (size_t)(at - w->from);
		memmove(w->buf, w->buf + (at - w->from), kept);
	}
	w->from = at;
	w->len = kept;
	if (file_read_at(
		w->fd, w->buf + kept, want - kept, at + kept, &got, f) != 0)
		return -1;
	w->len += got;
	if (w->len != want)
		return fault_set(
		    f, FAULT_INPUT, "became shorter while it was read");
	return 0;
}

int
image_take(struct image_window *w, uint64_t at, size_t len, const uint8_t **p,
    struct fault *f)
{
	must(len <= IMAGE_TAKE_MAX);
	if (at > w->size || len > w->size - at)
		return fault_set(f, FAULT_INPUT, "cut short");
	if ((at < w->from || at - w->from > w->len ||
		w->len - (at - w->from) < len) &&
	    image_move(w, at, f) != 0)
		return -1;
	*p = w->buf + (at - w->from);
	return 0;
}

int
image_some(struct image_window *w, uint64_t at, uint64_t max, const uint8_t **p,
    size_t *len, struct fault *f)
{
	size_t there;

	if (at >= w->size)
		return fault_set(f, FAULT_INPUT, "cut short");
	if ((at < w->from || at - w->from >= w->len) &&
	    image_move(w, at, f) != 0)
		return -1;
	there = w->len - (size_t)(at - w->from);
	*p = w->buf + (at - w->from);
	*len = there < max ? there : (size_t)max;
	return 0;
}

static unsigned
exif_u16(const uint8_t *p, bool big)
{
	return big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static uint32_t
exif_u32(const uint8_t *p, bool big)
{
	uint32_t first = exif_u16(p, big), second = exif_u16(p + 2, big);

	return big ? first << 16 | second : second << 16 | first;
}

unsigned
exif_orientation(const uint8_t *p, size_t len)
{
	unsigned entries, value;
	uint32_t at;
	bool big;

	if (len < 8 ||
	    (memcmp(p, "MM\0*", 4) != 0 && memcmp(p, "II*\0", 4) != 0))
		return 0;
	big = p[0] == 'M';
	at = exif_u32(p + 4, big);
	if (at > len - 2)
		return 0;
	entries = exif_u16(p + at, big);
	at += 2;
	for (; entries > 0 && len - at >= 12; entries--, at += 12) {
		if (exif_u16(p + at, big) != TAG_ORIENTATION)
			continue;
		if (exif_u16(p + at + 2, big) != TYPE_SHORT ||
		    exif_u32(p + at + 4, big) != 1)
			return 0;
		value = exif_u16(p + at + 8, big);
		return value >= 1 && value <= 8 ? value : 0;
	}
	return 0;
}

void
exif_write_lone(uint8_t out[EXIF_LONE_BYTES], unsigned orientation)
{
	static const uint8_t lone[EXIF_LONE_BYTES] = {
		'M', 'M', 0, '*', 0, 0, 0, 8, /* big-endian, directory at 8 */
		0, 1,			      /* one entry: */
		1, 0x12, 0, TYPE_SHORT, 0, 0, 0, 1, 0, 0, 0, 0, /* tag 0x112 */
		0, 0, 0, 0					/* no next */
	};

	must(orientation >= 1 && orientation <= 8);
	memcpy(out, lone, sizeof(lone));
	out[19] = (uint8_t)orientation;
}

int
image_block_found(struct shape *s, const char *block, struct fault *f)
{
	for (size_t i = 0; i < s->nfields; i++)
		if (strcmp(s->fields[i].name, block) == 0)
			return 0;
	if (s->nfields == IMAGE_BLOCKS_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %u kinds of metadata blocks", IMAGE_BLOCKS_MAX);
	return shape_add(s, block, strlen(block), HOLDS_VALUE, f);
}

int
image_block_decided(
    const struct file_plan *plan, const char *block, struct fault *f)
{
	for (size_t i = 0; i < plan->nfields; i++)
		if (strcmp(plan->fields[i].name, block) == 0 &&
		    plan->fields[i].how.action == TRANSFORM_DROP)
			return 0;
	return fault_set(f, FAULT_POLICY,
	    "the plan says nothing about metadata block \"%s\"", block);
}

void
image_view(struct mask_view *view, uint32_t width, uint32_t height,
    unsigned orientation, bool turned)
{
	/* Orientations 5 to 8 exchange the sides. */
	bool aside = turned && orientation >= 5;

	*view = (struct mask_view){
		.orientation = (uint8_t)(orientation == 0 ? 1 : orientation),
		.upright = turned || orientation <= 1,
		.width = width,
		.height = height,
		.sent_width = aside ? height : width,
		.sent_height = aside ? width : height,
	};
}
