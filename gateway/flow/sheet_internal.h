#ifndef GATEWAY_FLOW_SHEET_INTERNAL_H
#define GATEWAY_FLOW_SHEET_INTERNAL_H

#include "gateway/flow/plan_internal.h"

/*
 * Items before and after, for the owner's eyes: what coordinator and worker say
 * to each other of them.
 *
 *   SHEET_BEGIN  slice: 32 bytes that keys are made from; a transform that
 *                finds what is left in a text; names: members of JSON that
 *                the policy names                                  -> nothing
 *   SHEET        file, u8 whether a part, part; u8 whether it is shown
 *                -> for each record of the part, or once, an item until the
 *                answer ends
 *
 *   item   u64 record or 0, slice original id, 5 times u32 of struct sheet_risk
 *          (kin is not told); and if it is shown u8:
 *            SHEET_TEXT     fields: u8 1, text name, pieces, u8 0; u8 0; u8
 *                           whether there is more than is shown
 *            SHEET_ATTRIBUTES  the same, of a DICOM file: those that do not
 *                           stay as they are, or in which something is found
 *            SHEET_PICTURE  u32 width, height, and as sent; thumbnails before
 *                           and after, slices; text why there is none
 *   piece  u8 kind, slice of UTF-8 without NUL; behind SHEET_LEFT text entity,
 *          u8 whether it is sure
 */
enum { SHEET_TEXT = 1, SHEET_ATTRIBUTES, SHEET_PICTURE };

enum sheet_piece {
	SHEET_SAME = 1, /* before and after */
	SHEET_LEFT,	/* the same, and something was found in it */
	SHEET_CUT,	/* before alone */
	SHEET_PUT,	/* after alone */
	SHEET_GAP	/* the same, and not shown: how many bytes, in words */
};

/* What is known of how risky an item is, in the order in which it counts. */
struct sheet_risk {
	uint32_t kin;	   /* persons in its class, where that fails; or 0 */
	uint32_t sure;	   /* finds that remain */
	uint32_t doubtful; /* the same, under the least score */
	uint32_t words;	   /* of free text, that leave as they are */
	uint32_t changes;  /* that were needed */
	uint32_t blocks;   /* of metadata, that go */
};

/* Shown of one item: screens of text; a line that is kept is cut in the middle
 * where it is longer than two of its ends. */
#define SHEET_ITEM_BYTES 16384u
#define SHEET_END_BYTES 320u

/* Of one text so much is looked at. */
#define SHEET_LOOKED_BYTES ((size_t)1 << 20)

/* Records of a part in one request: a screen each fits an answer. */
#define SHEET_RECORDS_MAX 64u

/* Of a folder's files. */
#define SHEET_FOLDER_FILES 8u

/* A picture with its thumbnails. */
#define SHEET_PICTURE_BYTES ((uint64_t)64 << 20)
#define SHEET_THUMB_BYTES ((size_t)1 << 18)

/* ---- worker_view.c: a text before and after, in pieces ---- */

struct sheet_find {
	size_t from, to; /* bytes of the text */
	const char *entity;
	bool sure;
};

struct sheet_view {
	const struct transform *search;
	const struct names
	    *members;		    /* of JSON that the policy names; or NULL */
	struct transform_site site; /* whose it is */
	struct bytes *out;	    /* NULL: it is only weighed */
	size_t room;		    /* of out, that pieces may still take */
	bool more;		    /* something did not fit */
	struct sheet_risk risk;
};

/* Before and after, and what was cut and put where: edits by offset, the bytes
 * behind the last one being the same. */
struct sheet_text {
	struct slice before, after;
	const struct mask_edit *edits;
	size_t nedits;
};
NEED int sheet_view_text(
    struct sheet_view *v, const struct sheet_text *t, struct fault *f);

/* ---- worker_members.c ----
 *
 * Leave out of n finds, by offset, those that lie in the name of a member of
 * that JSON text which members has.  How many remain.
 */
size_t sheet_drop_members(struct sheet_find *at, size_t n,
    const struct slice *text, const struct names *members);

/*
 * ---- worker_diff.c: what of a value is the same ----
 *
 * The edits, of their own places, that make put of cut, at most *n (1 or more)
 * of them into out.  Where it has too many words there is one: all of it.
 */
NEED int sheet_diff(const struct slice *cut, const struct slice *put,
    struct mask_edit *out, size_t *n, struct fault *f);

/* ---- worker_sheet.c, worker_sheet_rows.c ---- */

struct worker_sheet {
	uint8_t seed[MASK_SEED_BYTES];
	struct transform search;
	struct names members;
};

/* Names in a policy, which has at most 1 MiB. */
#define SHEET_MEMBERS_MAX ((size_t)1 << 19)

/* One request: the file, and where its items go. */
struct sheet_showing {
	const struct worker_sheet *sheet;
	const struct mask_source *src;
	int made; /* of a DICOM file: what leaves is written there; else -1 */
	bool show;
	struct bytes *out;  /* the answer */
	struct bytes shown; /* of one item, behind its weights */
};

struct sheet_view sheet_view_of(struct sheet_showing *s);
NEED int sheet_put_item(struct sheet_showing *s, uint64_t record,
    const struct slice *id, const struct sheet_risk *r, struct fault *f);
NEED int sheet_begin_text(
    struct sheet_showing *s, uint8_t kind, struct fault *f);
NEED int sheet_begin_field(
    struct sheet_showing *s, const char *name, struct fault *f);
NEED int sheet_end_text(
    struct sheet_showing *s, const struct sheet_view *v, struct fault *f);

/* t->before and t->after, with the edits of a change record. */
NEED int sheet_show_document(struct sheet_showing *s, struct sheet_view *v,
    const struct sheet_text *t, const struct mask_change *change,
    struct fault *f);

/* The first SHEET_LOOKED_BYTES of len bytes at a place, in place of what out
 * has. */
NEED int sheet_read_source(struct bytes *out, const struct mask_source *src,
    uint64_t at, uint64_t len, struct fault *f);

/* worker_sheet_dicom.c */
NEED int sheet_attributes(struct sheet_showing *s, struct fault *f);

NEED int sheet_table(
    struct sheet_showing *s, const struct mask_part *part, struct fault *f);
NEED int sheet_lines(
    struct sheet_showing *s, const struct mask_part *part, struct fault *f);

/* ---- In the coordinator: sheet.c, sheet_draw.c, sheet_show.c ---- */

/* An item that is looked at. */
struct sheet_one {
	uint32_t unit;
	uint64_t place;
	uint32_t kind; /* its plan's number; of a folder, its first file's */
	struct sheet_risk risk;
	uint32_t rank; /* sheet_choose: of equal risk the same */
	uint32_t turn; /* how many of its kind are before it in its rank */
	bool shown;
};

struct sheet {
	const struct plan *p;
	const struct flow_progress *progress;
	const char *seed;
	uint32_t want;
	struct pool *pool;
	struct pool_result result;
	uint8_t *told;	  /* by plan: the worker knows it */
	uint64_t *before; /* items in front of each unit */
	uint64_t items;	  /* that leave */
	struct sheet_one *at;
	uint32_t n, room;
	uint32_t looked; /* items that were weighed */
};

/* Fill s->at with items to be weighed, sorted by unit and place; then, once
 * they are, keep those that are shown, riskiest first. */
NEED int sheet_draw(struct sheet *s, struct fault *f);
NEED int sheet_choose(struct sheet *s, struct fault *f);

/* For report_sheet(): an item without its parts, NULL without memory; then each
 * of its files' part, which the worker's answer goes on with.  id is a
 * record's. */
json_t *sheet_item(const struct plan *p, const struct sheet_one *one);
NEED int sheet_take_shown(json_t *item, const struct plan *p,
    const struct sheet_one *one, uint32_t file, const struct slice *id,
    struct reader *r, struct fault *f);

/* What plan_sheet() answers. */
NEED int sheet_tell(
    json_t **out, const struct sheet *s, const char *dir, struct fault *f);

#endif
