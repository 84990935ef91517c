#ifndef GATEWAY_MASK_IMAGE_INTERNAL_H
#define GATEWAY_MASK_IMAGE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/fault.h"

/*
 * What the picture formats share: a window over the file, and the one fact of
 * Exif that decides how a picture is looked at.
 */

/* One picture.  The largest camera files in the wild (100 megapixels, little
 * compression) stay under 100 MiB; whole-slide images go in as tiles. */
#define IMAGE_BYTES_MAX (256ull * 1024 * 1024)

/* Bytes of a picture held at a time: most photos of a labelling set fit whole,
 * so that they cost one read. */
#define IMAGE_WINDOW (256u * 1024)

/* The largest run that image_take() hands out: a whole JPEG segment, or as
 * much of an eXIf chunk, behind its type. */
#define IMAGE_TAKE_MAX (64u * 1024 + 4)

/* A part of a file in memory, which moves forward as it is asked to. */
struct image_window {
	int fd;	       /* borrowed */
	uint64_t size; /* of the file */
	uint64_t from; /* where in the file buf[0] lies */
	size_t len;    /* bytes in buf */
	size_t room;
	uint8_t *buf;
};

/* FAULT_INPUT for a file past IMAGE_BYTES_MAX or an empty one, FAULT_SYSTEM
 * for memory.  The caller ends with image_close(), after a failure too. */
NEED int image_open(
    struct image_window *w, int fd, uint64_t size, struct fault *f);
/* The same for what is never held whole: of any size. */
NEED int image_open_long(
    struct image_window *w, int fd, uint64_t size, struct fault *f);
void image_close(struct image_window *w);

/* Exactly len bytes (at most IMAGE_TAKE_MAX) of the file from offset at, in
 * place until the next call.  FAULT_INPUT "cut short" where the file ends. */
NEED int image_take(struct image_window *w, uint64_t at, size_t len,
    const uint8_t **p, struct fault *f);

/* The bytes from offset at on that are at hand: at least one, at most max.
 * FAULT_INPUT "cut short" where the file ends. */
NEED int image_some(struct image_window *w, uint64_t at, uint64_t max,
    const uint8_t **p, size_t *len, struct fault *f);

/*
 * The Orientation (tag 0x0112, one SHORT) of the first directory of a TIFF
 * structure, as Exif has it: 1 to 8, or 0 when there is none to be had.
 * Either byte order; no offset is followed out of p[0..len).
 */
NEED unsigned exif_orientation(const uint8_t *p, size_t len);

/* A TIFF structure that holds Orientation and nothing else. */
#define EXIF_LONE_BYTES 26u
void exif_write_lone(uint8_t out[EXIF_LONE_BYTES], unsigned orientation);

/* The identifier in front of the TIFF structure, in JPEG and, against the
 * specification, in some PNGs. */
#define EXIF_IDENTIFIER "Exif\0"
#define EXIF_IDENTIFIER_BYTES 6u

/* Kinds of metadata blocks that one picture may have.  Camera files have a
 * dozen; with PNG's keywords a stranger could make any number. */
#define IMAGE_BLOCKS_MAX 256u

struct shape;
struct file_plan;
struct mask_view;

/* Add a block's name to the shape, unless it is there.  FAULT_INPUT past
 * IMAGE_BLOCKS_MAX of them. */
NEED int image_block_found(struct shape *s, const char *block, struct fault *f);

/* FAULT_POLICY unless the plan says to drop the block of that name. */
NEED int image_block_decided(
    const struct file_plan *plan, const char *block, struct fault *f);

/* Fill view: the stored size, the orientation found (0: none) and whether the
 * pixels were turned by it. */
void image_view(struct mask_view *view, uint32_t width, uint32_t height,
    unsigned orientation, bool turned);

#endif
