#ifndef GATEWAY_MASK_DICOM_INTERNAL_H
#define GATEWAY_MASK_DICOM_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/mask/image_internal.h"
#include "gateway/mask/mask.h"
#include "keys/base/bytes.h"
#include "keys/base/fault.h"

/*
 * DICOM files (PS3.10, PS3.5) as pieces, one after another: dicom_read.c reads,
 * dicom.c finds names and what a file says of itself.  dicom_mask_internal.h
 * goes on.
 *
 * Memory does not grow with the file: no value is held but those that are
 * changed, which have a ceiling.
 */

/* Sequences in one another.  Structured reports, the deepest that there are,
 * nest a dozen. */
#define DICOM_DEPTH_MAX 64u

/* A value that is changed, or that tells what the file is: the longest texts
 * of PS3.5 6.2 but UT's and UC's, which are held as far. */
#define DICOM_VALUE_MAX (64u * 1024)
_Static_assert(DICOM_VALUE_MAX <= IMAGE_TAKE_MAX, "one is taken whole");

/* A length that is not told: an end is marked instead (PS3.5 7.5). */
#define DICOM_UNDEFINED UINT32_MAX

#define TAG_MEDIA_CLASS 0x00020002u
#define TAG_TRANSFER_SYNTAX 0x00020010u
#define TAG_CHARACTER_SET 0x00080005u
#define TAG_IMAGE_TYPE 0x00080008u
#define TAG_SOP_CLASS 0x00080016u
#define TAG_SOP_INSTANCE 0x00080018u
#define TAG_MODALITY 0x00080060u
#define TAG_IDENTITY_REMOVED 0x00120062u
#define TAG_METHOD 0x00120063u
#define TAG_METHOD_CODES 0x00120064u
#define TAG_STUDY 0x0020000du
#define TAG_SERIES 0x0020000eu
#define TAG_INSTANCE_NUMBER 0x00200013u
#define TAG_SAMPLES 0x00280002u
#define TAG_PHOTOMETRIC 0x00280004u
#define TAG_FRAMES 0x00280008u
#define TAG_ROWS 0x00280010u
#define TAG_COLUMNS 0x00280011u
#define TAG_BITS 0x00280100u
#define TAG_BURNED_IN 0x00280301u
#define TAG_DATES_MODIFIED 0x00280303u
#define TAG_OVERLAY_BIT 0x60000102u
#define TAG_FLOAT_PIXELS 0x7fe00008u
#define TAG_DOUBLE_PIXELS 0x7fe00009u
#define TAG_PIXELS 0x7fe00010u
#define TAG_ITEM 0xfffee000u
#define TAG_ITEM_END 0xfffee00du
#define TAG_SEQUENCE_END 0xfffee0ddu

/* What compressed frames are, as far as it matters here. */
enum dicom_coding {
	CODING_NONE, /* pixels as they are */
	CODING_RLE,  /* a table of segments, and those */
	CODING_JPEG, /* marker segments */
	CODING_JPEG_LS,
	CODING_J2K /* JPEG 2000 */
};

enum dicom_event {
	DICOM_VALUE,	    /* an element and its value */
	DICOM_SEQUENCE,	    /* the header of a sequence */
	DICOM_ITEM,	    /* that of one of its items */
	DICOM_ITEM_END,	    /* head 0 where a length said so */
	DICOM_SEQUENCE_END, /* likewise */
	DICOM_FRAMES,	    /* the header of encapsulated pixel data */
	DICOM_FRAGMENT,	    /* a run of them; the first is the offset table */
	DICOM_FRAMES_END,
	DICOM_END /* of the file */
};

struct dicom_piece {
	enum dicom_event event;
	uint32_t tag;	   /* of repeating groups the first's (policy/dicom) */
	bool group_length; /* (gggg,0000), which no file needs */
	bool implicit;	   /* its header has no VR */
	/* As in the file; where it has none, or UN, the standard's, or UN */
	char vr[3];
	bool unnamed;	/* UN in the file, whatever vr is */
	uint32_t raw;	/* the tag as in the file */
	uint32_t len;	/* of the value, or DICOM_UNDEFINED */
	uint64_t at;	/* where its header is in the file */
	size_t head;	/* bytes of that */
	unsigned depth; /* of sequences around it */
};

enum dicom_inside { IN_DATASET, IN_SEQUENCE, IN_FRAMES };

struct dicom_level {
	enum dicom_inside inside;
	bool undefined; /* a delimiter ends it, else its length */
	bool implicit;
	uint32_t tag;  /* of the sequence */
	uint32_t last; /* IN_DATASET: the tag before */
	uint64_t end;  /* nothing of it lies behind */
};

struct dicom {
	struct image_window w;
	const char *path; /* for hints; borrowed */
	uint64_t at;	  /* of the next piece */
	uint64_t dataset; /* where the file's data set begins */
	bool meta;	  /* before that: the meta information */
	bool implicit;
	enum dicom_coding coding;
	char syntax[MASK_UID_CHARS + 1];
	/* a sequence and its item take one each */
	struct dicom_level level[2 * DICOM_DEPTH_MAX + 2];
	unsigned top;
};

/*
 * Read the file's preamble and meta information.  FAULT_INPUT for what is no
 * DICOM file, or in a transfer syntax that is not read, with a command that
 * makes one of it that is.  Ends with dicom_close(), after a failure too.
 */
NEED int dicom_open(
    struct dicom *d, const struct mask_source *src, struct fault *f);
void dicom_close(struct dicom *d);

/* The command that makes of a file one that is read here, as the fault's hint.
 * Always returns -1. */
int dicom_hint_convert(const char *path, struct fault *f);

/* Begin again at the data set. */
void dicom_rewind(struct dicom *d);

/* The next piece.  FAULT_INPUT "offset N: ..." for what PS3.5 does not allow;
 * nothing may follow then. */
NEED int dicom_next(struct dicom *d, struct dicom_piece *p, struct fault *f);

/* p was DICOM_SEQUENCE or DICOM_FRAMES: go behind its end. */
NEED int dicom_skip(
    struct dicom *d, const struct dicom_piece *p, struct fault *f);

/* The value of a DICOM_VALUE, in place until the next call.  FAULT_INPUT past
 * DICOM_VALUE_MAX. */
NEED int dicom_value(struct dicom *d, const struct dicom_piece *p,
    struct slice *out, struct fault *f);

/* Without the padding at its ends: spaces, and NULs behind. */
struct slice dicom_trim(struct slice s);

/* Is it a UID (PS3.5 9.1)? */
NEED bool dicom_uid_valid(const struct slice *s);

/* ---- dicom_facts.c ---- */

/*
 * What of the top of a file has to be known before anything of it is written.
 * Texts are trimmed, and empty where it has none.
 */
struct dicom_facts {
	char sop_class[MASK_UID_CHARS + 1], sop_instance[MASK_UID_CHARS + 1];
	char study[MASK_UID_CHARS + 1], series[MASK_UID_CHARS + 1];
	char instance_number[17], modality[17], burned_in[17];
	char photometric[17], frames[17];
	bool utf8;	/* SpecificCharacterSet says so of its texts */
	bool secondary; /* ImageType: made from another image */
	bool embedded;	/* an overlay lies in unused bits of its pixels */
	uint32_t rows, columns, samples, bits; /* of a pixel; 0: not told */
	struct bytes subject; /* the value of that tag; owned */
};

/* Read them, subject being a tag at the top of the file or 0, and rewind d.
 * FAULT_INPUT for a UID that is none, and for a subject that two readers could
 * read in two ways: that is no UTF-8, holds a NUL, or more values than one.
 * dicom_facts_free() after a failure too. */
NEED int dicom_facts_read(struct dicom_facts *out, struct dicom *d,
    uint32_t subject, struct fault *f);
void dicom_facts_free(struct dicom_facts *facts);

/* FAULT_INPUT for a file that does not say what it is, and which. */
NEED int dicom_facts_complete(const struct dicom_facts *facts, struct fault *f);

/* Is it a picture, that is one of the three kinds of pixel data? */
NEED bool dicom_is_picture(uint32_t tag);

/* FAULT_POLICY for a picture that may have text in it, which nobody has looked
 * for. */
NEED int dicom_facts_clean(const struct dicom_facts *facts, struct fault *f);

/* How many bytes the pixels of that kind take, with what makes them even (PS3.5
 * 8.1).  FAULT_INPUT where the file does not say. */
NEED int dicom_facts_pixels(const struct dicom_facts *facts, uint32_t tag,
    uint64_t *bytes, struct fault *f);

#endif
