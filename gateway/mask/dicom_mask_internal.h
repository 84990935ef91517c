#ifndef GATEWAY_MASK_DICOM_MASK_INTERNAL_H
#define GATEWAY_MASK_DICOM_MASK_INTERNAL_H

#include "gateway/mask/dicom_internal.h"
#include "gateway/mask/mask_internal.h"

struct file_plan;
struct plan_field;
struct transform_site;

/*
 * DICOM files as they leave: dicom_mask.c decides piece by piece, dicom_value.c
 * makes one value, dicom_write.c spells what is made anew, dicom_stream.c looks
 * into compressed frames.
 */

/* ---- dicom_write.c ---- */

/* Who made a file (PS3.7 D.3.3.2): a UUID of this program's own. */
#define DICOM_IMPLEMENTATION "2.25.40727585238382955103910802214180759110"
#define DICOM_VERSION "HANDOFF"

/* Append the header of an element, an item or a delimiter. */
NEED int dicom_put_head(struct bytes *b, bool implicit, uint32_t tag,
    const char *vr, uint32_t len, struct fault *f);

/* Append an element with that value, padded to an even length. */
NEED int dicom_put(struct bytes *b, bool implicit, uint32_t tag, const char *vr,
    const struct slice *value, struct fault *f);

/* Append a preamble of zeros and the meta information of a file of that syntax,
 * class and instance, with nothing in it that was not asked for. */
NEED int dicom_put_start(struct bytes *b, const char *syntax,
    const char *sop_class, const char *sop_instance, struct fault *f);

/*
 * What a file says of its de-identification (PS3.15 E.1.1, step 5; PS3.3
 * C.12.1 and C.7.1): four attributes, the n-th of which (from 0, in the order
 * of their tags) is appended by dicom_put_told() as the plan has it.
 */
#define DICOM_TOLD 4u
extern const uint32_t dicom_told[DICOM_TOLD];
NEED int dicom_put_told(struct bytes *b, bool implicit, unsigned n,
    const struct file_plan *plan, struct fault *f);

/* ---- dicom_value.c ---- */

/* A value that is to be changed, and where it stands. */
struct dicom_change {
	const struct plan_field *field;
	const struct transform_site *site;
	const char *vr;
	bool utf8;     /* the file says that its texts are */
	uint64_t *nth; /* of all values; counted on */
};

/*
 * Append what becomes of a text of one or more values, without padding.
 * FAULT_POLICY where that is none of its VR (PS3.5 6.2), or the file's
 * character set cannot write it.
 */
NEED int dicom_change_value(struct bytes *out, const struct dicom_change *c,
    const struct slice *value, struct fault *f);

/* ---- dicom_kept.c ---- */

/*
 * Is that what an attribute of a tag and VR (the standard's) may hold that
 * stays as it is?  It is looser than PS3.5 6.2 where devices are, and no looser
 * than that no name passes for a number, a date or a UID, and nothing hides
 * behind a NUL.
 */
NEED bool dicom_kept_fits(
    uint32_t tag, const char *vr, const struct slice *value);

/* The same of a part of a longer value, by its characters alone; false for a VR
 * that has no long values. */
NEED bool dicom_kept_part(const char *vr, const uint8_t *p, size_t len);

/* Is each byte one of set's characters? */
NEED bool dicom_only(const struct slice *s, const char *set);

/* Is it YYYYMMDDHHMMSS.FFFFFF&ZZXX, or as much of it as is known? */
NEED bool dicom_is_datetime(const struct slice *s);

/* ---- dicom_stream.c ---- */

/* Frames as they pass: which bytes are of no use to who shows them. */
struct dicom_stream {
	enum dicom_coding coding;
	unsigned state; /* of dicom_stream.c */
	unsigned code;	/* of the marker in hand */
	uint64_t left;	/* bytes of what is in hand */
	uint64_t part;	/* JPEG 2000: of the tile part in hand */
	uint64_t psot;	/* as its header says it */
};

/* A fragment begins: of another frame, where one was over. */
void dicom_stream_fragment(struct dicom_stream *s);

/* Of the next len bytes of it (at least one), keep are to be kept and then so
 * many blanked; together at least one.  FAULT_INPUT for what is no frame. */
NEED int dicom_stream_look(struct dicom_stream *s, const uint8_t *p, size_t len,
    size_t *keep, size_t *blank, struct fault *f);

/* The last fragment is over: FAULT_INPUT in the middle of a frame. */
NEED int dicom_stream_end(const struct dicom_stream *s, struct fault *f);

/* ---- dicom_mask.c ---- */

/* What the plan decides, by tag. */
struct decision {
	uint32_t tag;
	const struct plan_field *field;
};

struct masking {
	struct dicom d;
	const struct mask_source *src;
	struct mask_out *o;
	struct decision *decisions;
	size_t ndecisions;
	struct dicom_facts facts;
	struct dicom_stream stream;
	unsigned fragments; /* of the pixels in hand */
	unsigned told;	    /* of DICOM_TOLD, how many are written */
	uint64_t nth;	    /* of changed values */
	struct bytes text;  /* what becomes of a value */
	struct bytes put;   /* the element in its place */
};

/* Bytes of the source, as they are; a sequence whole, in whose place m->put
 * stands. */
NEED int masking_keep(
    struct masking *m, uint64_t at, uint64_t len, struct fault *f);
NEED int masking_cut_whole(
    struct masking *m, const struct dicom_piece *p, struct fault *f);

/* What the plan says of an attribute; FAULT_POLICY where it says nothing. */
NEED int masking_decide(const struct masking *m, const struct dicom_piece *p,
    const struct plan_field **out, struct fault *f);

/* ---- dicom_pixels.c ---- */

/* p is kept: FAULT_POLICY where it is a picture in which there may be text. */
NEED int masking_pixels(
    struct masking *m, const struct dicom_piece *p, struct fault *f);

/* Pixels that are not compressed, and are kept.  FAULT_INPUT where there are
 * not as many as the picture has; what stands behind them goes. */
NEED int masking_native(
    struct masking *m, const struct dicom_piece *p, struct fault *f);

/* The header of compressed frames, and one of their fragments. */
NEED int masking_frames(
    struct masking *m, const struct dicom_piece *p, struct fault *f);
NEED int masking_fragment(
    struct masking *m, const struct dicom_piece *p, struct fault *f);

#endif
