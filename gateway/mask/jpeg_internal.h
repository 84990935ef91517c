#ifndef GATEWAY_MASK_JPEG_INTERNAL_H
#define GATEWAY_MASK_JPEG_INTERNAL_H

#include "gateway/mask/image_internal.h"
#include "keys/base/bytes.h"

/*
 * A JPEG file (ITU-T T.81, Annex B) as a run of pieces that touch each other
 * and leave no byte of the file out.
 */

/* Components of one picture: CMYK has four, and no decoder reads more. */
#define JPEG_COMPONENTS_MAX 4u

struct jpeg {
	struct image_window w;
	uint64_t at;	/* where the next piece begins */
	bool started;	/* SOI was read */
	bool scanning;	/* at is inside entropy-coded data */
	bool ended;	/* EOI was read */
	bool has_jfif;	/* a JFIF segment was kept */
	bool has_exif;	/* an Exif block was met */
	unsigned frame; /* the SOF marker's code, or 0 */
	unsigned precision;
	unsigned components;
	struct {
		uint8_t id, h, v;
	} part[JPEG_COMPONENTS_MAX];
	uint32_t width, height; /* height 0: a DNL segment will tell */
	uint64_t scans;
	unsigned orientation; /* of the first Exif block, or 0 */
};

/* What a piece may need in its place: a JFIF or Adobe segment without what
 * followed the fields that a decoder reads. */
#define JPEG_PUT_MAX 24u
#define JPEG_BLOCK_CHARS 23u

struct jpeg_piece {
	uint64_t at, len; /* in the file; len 0: there is no further piece */
	/* Kept: its bytes, valid until the next call.  Else NULL. */
	const uint8_t *kept;
	/* Not kept: the metadata block's name, as a shape has it, and what is
	 * to stand in its place. */
	char block[JPEG_BLOCK_CHARS + 1];
	uint8_t put[JPEG_PUT_MAX];
	size_t nput;
	bool exif; /* the block that gave the orientation */
};

/* FAULT_INPUT as in image_open().  Ends with jpeg_close(), also after a
 * failure. */
NEED int jpeg_open(struct jpeg *j, int fd, uint64_t size, struct fault *f);
void jpeg_close(struct jpeg *j);

/* Begin again at the first piece. */
void jpeg_rewind(struct jpeg *j);

/*
 * The next piece.  FAULT_INPUT when it is no JPEG, is cut short, or has what
 * jpeg_marker.c refuses.  A file is whole once a piece of no length came.
 */
NEED int jpeg_next(struct jpeg *j, struct jpeg_piece *p, struct fault *f);

/* Marker codes (T.81, Table B.1). */
#define JPEG_SOF0 0xc0u
#define JPEG_SOF2 0xc2u
#define JPEG_DHT 0xc4u
#define JPEG_SOF9 0xc9u
#define JPEG_SOF10 0xcau
#define JPEG_DAC 0xccu
#define JPEG_RST0 0xd0u
#define JPEG_RST7 0xd7u
#define JPEG_SOI 0xd8u
#define JPEG_EOI 0xd9u
#define JPEG_SOS 0xdau
#define JPEG_DQT 0xdbu
#define JPEG_DNL 0xdcu
#define JPEG_DRI 0xddu
#define JPEG_APP0 0xe0u
#define JPEG_APP1 0xe1u
#define JPEG_APP14 0xeeu
#define JPEG_APP15 0xefu
#define JPEG_COM 0xfeu

/* Name and decide an application segment whose content is body[len]; whole is
 * the segment with its marker. */
void jpeg_application(struct jpeg *j, struct jpeg_piece *p, unsigned code,
    const uint8_t *body, size_t len);

/*
 * Is it worth trying to turn the picture upright?  No where block edges are in
 * the way, where libjpeg-turbo has no transform for the kind, where it takes
 * more than JPEG_TURN_BYTES of memory, or where it stands upright.  j has read
 * its frame and orientation.
 */
NEED bool jpeg_may_turn(const struct jpeg *j);

/*
 * Append to out the picture whose file is in, turned upright without loss.
 * *done is false, and out as it was, where libjpeg-turbo finds errors in the
 * data.
 */
NEED int jpeg_turn(const struct jpeg *j, const struct bytes *in,
    struct bytes *out, bool *done, struct fault *f);

#endif
