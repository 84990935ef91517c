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
jpeg_shape(const struct mask_source *src, struct shape *out, struct fault *f)
{
	struct jpeg_piece p;
	struct jpeg j;
	int rc = -1;

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

/* One block that does not leave, and what does in its place. */
static int
cut_piece(const struct mask_source *src, struct mask_out *o,
    const struct jpeg_piece *p, unsigned orientation, struct fault *f)
{
	uint8_t lone[LONE_SEGMENT_BYTES];

	if (image_block_decided(src->plan, p->block, f) != 0)
		return -1;
	if (o == NULL)
		return 0;
	if (!p->exif || orientation <= 1)
		return mask_swap(o, p->len, p->put, p->nput, f);
	write_lone_segment(lone, orientation);
	return mask_swap(o, p->len, lone, sizeof(lone), f);
}

/* Walk the whole file; o is NULL when other bytes leave in its place. */
static int
copy_pieces(struct jpeg *j, const struct mask_source *src, struct mask_out *o,
    unsigned orientation, struct fault *f)
{
	struct jpeg_piece p;

	for (;;) {
		if (jpeg_next(j, &p, f) != 0)
			return -1;
		if (p.len == 0)
			return 0;
		if (p.kept == NULL) {
			if (cut_piece(src, o, &p, orientation, f) != 0)
				return -1;
		} else if (o != NULL &&
			   mask_keep(o, p.kept, (size_t)p.len, f) != 0) {
			return -1;
		}
	}
}

int
jpeg_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f)
{
	unsigned orientation;
	struct bytes turned;
	struct jpeg j;
	bool done = false;
	int rc = -1;

	bytes_init(&turned, IMAGE_BYTES_MAX);
	if (jpeg_open(&j, src->fd, src->size, f) != 0 || read_head(&j, f) != 0)
		goto out;
	orientation = j.orientation;
	if (orientation > 1 && jpeg_turn(&j, &turned, &done, f) != 0)
		goto out;
	jpeg_rewind(&j);
	if (copy_pieces(&j, src, done ? NULL : o, orientation, f) != 0)
		goto out;
	if (done && mask_swap(o, src->size, turned.at, turned.len, f) != 0)
		goto out;
	image_view(view, j.width, j.height, orientation, done);
	rc = 0;
out:
	jpeg_close(&j);
	bytes_free(&turned);
	return rc;
}
