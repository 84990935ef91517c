/*
 * JPEG pictures: everything leaves that is not the picture.
 *
 *     markers --> kept | cut --> out
 *
 * Bytes that are kept are copied, so the picture decodes to exactly the same
 * samples.  Two things are made anew: a picture that lies on its side is turned
 * upright without loss (jpeg_turn.c), or, where that cannot be, carries an Exif
 * block that holds its Orientation and nothing else, in the old one's place.
 * Either way a viewer shows it as before, and the view says which it was.
 *
 * Which segments stay is decided in jpeg_marker.c and jpeg_application.c.
 */

#include <string.h>

#include "gateway/mask/jpeg_internal.h"
#include "gateway/mask/mask_internal.h"
#include "policy/rules/rules.h"

/* Marker, length, identifier, and the structure itself. */
#define LONE_SEGMENT_BYTES (4 + EXIF_IDENTIFIER_BYTES + EXIF_LONE_BYTES)

int
jpeg_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	struct jpeg_piece p;
	struct jpeg j;
	int rc = -1;

	(void)as;
	if (jpeg_open(&j, src->fd, src->size, f) != 0)
		goto out;
	do {
		if (jpeg_next(&j, &p, f) != 0)
			goto out;
		if (p.len != 0 && p.kept == NULL &&
		    image_block_found(out, p.block, f) != 0)
			goto out;
	} while (p.len != 0);
	rc = 0;
out:
	jpeg_close(&j);
	return rc;
}

/* Read what stands before the first scan. */
static int
read_head(struct jpeg *j, struct fault *f)
{
	struct jpeg_piece p;

	do {
		if (jpeg_next(j, &p, f) != 0)
			return -1;
	} while (j->scans == 0);
	return 0;
}

/* The segment that carries an orientation on, in place of a whole Exif. */
static void
write_lone_segment(uint8_t out[LONE_SEGMENT_BYTES], unsigned orientation)
{
	out[0] = 0xff;
	out[1] = JPEG_APP1;
	out[2] = 0;
	out[3] = LONE_SEGMENT_BYTES - 2;
	memcpy(out + 4, EXIF_IDENTIFIER, EXIF_IDENTIFIER_BYTES);
	exif_write_lone(out + 4 + EXIF_IDENTIFIER_BYTES, orientation);
}

/* Where pieces go: out at once, or into memory first, to be turned. */
struct way {
	const struct mask_source *src;
	struct mask_out *o; /* NULL: clean it is */
	struct bytes *clean;
	unsigned orientation; /* to be carried on in an Exif block, or 0 */
};

/* One block that does not leave, and what does in its place. */
static int
cut_piece(const struct way *w, const struct jpeg_piece *p, struct fault *f)
{
	uint8_t lone[LONE_SEGMENT_BYTES];

	if (image_block_decided(w->src->plan, p->block, f) != 0)
		return -1;
	if (w->o == NULL)
		return bytes_add(w->clean, p->put, p->nput, f);
	if (!p->exif || w->orientation <= 1)
		return mask_swap(w->o, p->len, p->put, p->nput, f);
	write_lone_segment(lone, w->orientation);
	return mask_swap(w->o, p->len, lone, sizeof(lone), f);
}

/* Walk the whole file. */
static int
copy_pieces(struct jpeg *j, const struct way *w, struct fault *f)
{
	struct jpeg_piece p;
	int rc;

	jpeg_rewind(j);
	do {
		if (jpeg_next(j, &p, f) != 0)
			return -1;
		if (p.len == 0)
			return 0;
		if (p.kept == NULL)
			rc = cut_piece(w, &p, f);
		else if (w->o == NULL)
			rc = bytes_add(w->clean, p.kept, (size_t)p.len, f);
		else
			rc = mask_keep(w->o, p.kept, (size_t)p.len, f);
	} while (rc == 0);
	return -1;
}

/* What leaves is made from what would have left, so that nothing that was cut
 * can keep the picture from being turned, or find its way into it. */
static int
deliver_turned(struct jpeg *j, const struct mask_source *src,
    struct mask_out *o, bool *done, struct fault *f)
{
	struct bytes clean, turned;
	struct way way = { .src = src, .clean = &clean };
	int rc = -1;

	bytes_init(&clean, (size_t)src->size);
	bytes_init(&turned, IMAGE_BYTES_MAX);
	if (copy_pieces(j, &way, f) != 0 ||
	    jpeg_turn(j, &clean, &turned, done, f) != 0)
		goto out;
	if (*done && mask_swap(o, src->size, turned.at, turned.len, f) != 0)
		goto out;
	rc = 0;
out:
	bytes_free(&clean);
	bytes_free(&turned);
	return rc;
}

int
jpeg_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f)
{
	struct way way = { .src = src, .o = o };
	bool done = false;
	struct jpeg j;
	int rc = -1;

	if (jpeg_open(&j, src->fd, src->size, f) != 0 || read_head(&j, f) != 0)
		goto out;
	way.orientation = j.orientation;
	if (jpeg_may_turn(&j) && deliver_turned(&j, src, o, &done, f) != 0)
		goto out;
	if (!done && copy_pieces(&j, &way, f) != 0)
		goto out;
	image_view(view, j.width, j.height, way.orientation, done);
	rc = 0;
out:
	jpeg_close(&j);
	return rc;
}
