#ifndef GATEWAY_MASK_MASK_INTERNAL_H
#define GATEWAY_MASK_MASK_INTERNAL_H

#include <openssl/types.h>

#include "gateway/mask/mask.h"

/*
 * What the formats share: the table that finds them, and the one way by which
 * delivered bytes leave a whole-file masker.
 *
 * A masker walks its source from the first byte to the last and says of each
 * run whether it is kept or cut, so the change record and the kept digest
 * cannot disagree with what was delivered.
 */
struct mask_out {
	struct mask_sink sink;
	struct mask_change *change;
	uint64_t done;	  /* bytes of the source accounted for */
	EVP_MD_CTX *kept; /* NULL when nobody asked for it */
};

/* For mask.c: before and after a format's own function.  finish demands that
 * all size bytes were accounted for. */
NEED int mask_out_open(struct mask_out *o, struct mask_sink sink,
    struct mask_change *change, struct fault *f);
NEED int mask_out_finish(struct mask_out *o, uint64_t size, struct fault *f);
void mask_out_close(struct mask_out *o);

/* The next len bytes of the source, at p, are delivered as they are. */
NEED int mask_keep(
    struct mask_out *o, const void *p, size_t len, struct fault *f);

/* The next cut bytes of the source are not delivered; put bytes at p (NULL
 * with 0) are, in their place. */
NEED int mask_swap(struct mask_out *o, uint64_t cut, const void *p, size_t put,
    struct fault *f);

/* One edit into the record alone, for rows, whose bytes the caller takes. */
NEED int mask_edit_add(struct mask_change *c, uint64_t at, uint64_t cut,
    uint64_t put, struct fault *f);

/* How far the source has been accounted for. */
uint64_t mask_done(const struct mask_out *o);

/* What a picture's file does: name its metadata blocks, and mask it.  The
 * second accounts for all of the source's bytes through o and fills *view. */
NEED int jpeg_shape(
    const struct mask_source *src, struct shape *out, struct fault *f);
NEED int jpeg_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f);
NEED int png_shape(
    const struct mask_source *src, struct shape *out, struct fault *f);
NEED int png_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f);

#endif
