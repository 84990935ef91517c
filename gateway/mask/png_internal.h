#ifndef GATEWAY_MASK_PNG_INTERNAL_H
#define GATEWAY_MASK_PNG_INTERNAL_H

#include "gateway/mask/image_internal.h"

/*
 * A PNG file (W3C Portable Network Graphics, third edition) as a run of pieces
 * that touch each other and leave no byte of the file out.
 */

/* Type, ':' and a keyword of 79. */
#define PNG_BLOCK_CHARS 84u

/* Where in the file we are; each may only come after the one before. */
enum png_stage {
	PNG_START,   /* nothing read */
	PNG_HEADER,  /* IHDR was read */
	PNG_PALETTE, /* PLTE was read */
	PNG_DATA,    /* IDAT: more of it may follow, at once */
	PNG_BEHIND,  /* something came after IDAT */
	PNG_END	     /* IEND was read */
};

struct png {
	struct image_window w;
	uint64_t at; /* where the next piece begins */
	enum png_stage stage;
	uint64_t data; /* bytes left of the kept chunk's content */
	bool in_chunk; /* its head was handed out, its checksum not */
	uint32_t crc;  /* over what was handed out of it */
	uint32_t seen; /* one bit for each kind of chunk that comes once */
	uint32_t width, height;
	uint8_t depth, colour;
	uint32_t palette;  /* entries */
	uint32_t sequence; /* next number of an animation's chunk */
	bool animated;	   /* acTL was read */
	bool has_frame;	   /* fcTL was read */
	bool has_exif;
	unsigned orientation; /* of the first eXIf, or 0 */
};

struct png_piece {
	uint64_t at, len; /* in the file; len 0: there is no further piece */
	/* Kept: its bytes, valid until the next call.  Else NULL. */
	const uint8_t *kept;
	/* Not kept: the metadata block's name, as a shape has it. */
	char block[PNG_BLOCK_CHARS + 1];
	bool exif; /* the block that gave the orientation */
};

/* As with JPEG: jpeg_internal.h. */
NEED int png_open(struct png *g, int fd, uint64_t size, struct fault *f);
void png_close(struct png *g);

/* The next piece.  FAULT_INPUT when it is no PNG, is cut short, or has what
 * png_chunk.c refuses. */
NEED int png_next(struct png *g, struct png_piece *p, struct fault *f);

/* CRC-32 of ISO 3309 and PNG's Annex D over len more bytes, from 0 on. */
NEED uint32_t png_crc(uint32_t crc, const uint8_t *p, size_t len);

/*
 * Judge a chunk of the kept kinds by its place, its length and its first
 * fields; *kept is false for any other ancillary chunk.  type has four
 * letters, head the first content bytes, as many as min(len, 26).
 * FAULT_INPUT for a kept kind that is not as the standard has it, and for a
 * critical chunk that is not known.
 */
NEED int png_chunk_judge(struct png *g, const uint8_t *type, uint32_t len,
    const uint8_t *head, bool *kept, struct fault *f);
#define PNG_HEAD_BYTES 26u

#endif
