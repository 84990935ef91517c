/*
 * A JPEG picture turned upright without loss.
 *
 * libjpeg-turbo moves the DCT coefficients about and codes them again, so that
 * every sample comes out as it was (tjTransform).  It is asked for
 * TJXOPT_PERFECT: partial blocks at an edge that would become the left or top
 * one cannot be moved, and then nothing is.  The caller has another way; this
 * file never decides that a picture cannot leave.
 *
 * libjpeg's errors end in TurboJPEG's own setjmp and come back as a status; it
 * prints nothing and never exits.  A warning (data with errors in it) counts
 * as failure: what cannot be read whole is not written anew.
 */

#include "gateway/mask/jpeg_internal.h"
#include "gateway/mask/pictures_internal.h"

/*
 * Memory for one picture: its coefficients twice (as read and as turned), the
 * file, and the file to be.  A 12-megapixel photo with 4:2:0 needs 80 MiB, one
 * with 4:2:2 103; two workers of this and their buffers stay under 256.
 */
#define JPEG_TURN_BYTES (104ull * 1024 * 1024)

/* What brings a picture of each orientation upright, and which of its edges
 * then have to end on a whole block. */
static const struct {
	int op;
	bool right, bottom;
} turns[9] = {
	[2] = { TJXOP_HFLIP, true, false },
	[3] = { TJXOP_ROT180, true, true },
	[4] = { TJXOP_VFLIP, false, true },
	[5] = { TJXOP_TRANSPOSE, false, false },
	[6] = { TJXOP_ROT90, false, true },
	[7] = { TJXOP_TRANSVERSE, true, true },
	[8] = { TJXOP_ROT270, true, false },
};

bool
jpeg_may_turn(const struct jpeg *j)
{
	uint64_t blocks = 0, across, down;
	uint32_t h = 1, v = 1;

	if (j->orientation <= 1 || j->precision != 8 || j->height == 0 ||
	    (j->frame > JPEG_SOF2 && j->frame != JPEG_SOF9 &&
		j->frame != JPEG_SOF10))
		return false;
	for (unsigned i = 0; i < j->components; i++) {
		h = j->part[i].h > h ? j->part[i].h : h;
		v = j->part[i].v > v ? j->part[i].v : v;
		blocks += (uint64_t)j->part[i].h * j->part[i].v;
	}
	/* 4:1:1 on its side has no name, and some decoders refuse it. */
	if (h > 2 && j->orientation >= 5)
		return false;
	if (j->components == 1) /* never interleaved: one block is its unit */
		h = v = 1, blocks = 1;
	across = (j->width + 8 * h - 1) / (8 * h);
	down = (j->height + 8 * v - 1) / (8 * v);
	if (turns[j->orientation].right && j->width % (8 * h) != 0)
		return false;
	if (turns[j->orientation].bottom && j->height % (8 * v) != 0)
		return false;
	return 2 * (across * down * blocks * 64 * 2 + j->w.size) <=
	       JPEG_TURN_BYTES;
}

int
jpeg_turn(const struct jpeg *j, const struct bytes *in, struct bytes *out,
    bool *done, struct fault *f)
{
	bool progressive = j->frame == JPEG_SOF2 || j->frame == JPEG_SOF10;
	tjtransform how = { 0 };
	unsigned long turned_len = 0;
	unsigned char *turned = NULL;
	tjhandle tj;
	int rc = 0;

	*done = false;
	must(j->orientation > 1 && j->orientation <= 8);
	if (pictures_load(f) != 0)
		return -1;
	if ((tj = tjInitTransform()) == NULL)
		return fault_memory(f);
	how.op = turns[j->orientation].op;
	how.options = TJXOPT_PERFECT | TJXOPT_COPYNONE |
		      (progressive ? TJXOPT_PROGRESSIVE : 0);
	if (tjTransform(tj, in->at, (unsigned long)in->len, 1, &turned,
		&turned_len, &how, TJFLAG_LIMITSCANS) == 0) {
		rc = bytes_add(out, turned, turned_len, f);
		*done = rc == 0;
	}
	tjFree(turned);
	(void)tjDestroy(tj); /* only frees */
	return rc;
}
