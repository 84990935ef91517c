#ifndef GATEWAY_MASK_MASK_INTERNAL_H
#define GATEWAY_MASK_MASK_INTERNAL_H

#include <openssl/types.h>

#include "gateway/mask/mask.h"
#include "policy/transform/transform.h"

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
	uint64_t done;	       /* bytes of the source accounted for */
	EVP_MD_CTX *kept;      /* NULL when nobody asked for it */
	struct bytes *collect; /* kept bytes go here too, or NULL */
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

/* For the next: into the list, while there is one. */
NEED int mask_edit_list(
    struct mask_change *c, const struct mask_edit *e, struct fault *f);

/* One edit into the record alone, for rows, whose bytes the caller takes.
 * (Here, since large tables have tens of millions, which are only counted.) */
NEED static inline int
mask_edit_add(struct mask_change *c, uint64_t at, uint64_t cut, uint64_t put,
    struct fault *f)
{
	const struct mask_edit e = { at, cut, put };

	if (cut == 0 && put == 0)
		return 0;
	if (c->complete && mask_edit_list(c, &e, f) != 0)
		return -1;
	c->nchanges++;
	c->cut += cut;
	c->put += put;
	return 0;
}

/* Add what a part, which begins behind all that c has, says. */
NEED int mask_change_join(
    struct mask_change *c, const struct mask_change *part, struct fault *f);

/* An edit of a text in code points, beside the one in bytes. */
NEED int mask_shift_add(
    struct mask_change *c, const struct mask_edit *e, struct fault *f);

/* How far the source has been accounted for. */
uint64_t mask_done(const struct mask_out *o);

/*
 * What row formats share: which record is next, what its ids are, and the
 * change record when somebody wants one.
 */
struct mask_rows {
	const struct row_format *format;
	struct mask_source src;
	bool all; /* no part was given: the format sets it */
	struct mask_part part;
	struct mask_change *change; /* or NULL */
	struct bytes *kept;	    /* what is kept goes here too, or NULL */
	uint64_t number;	    /* of the next record */
	struct bytes id;
	struct bytes subject;
	struct transform_later later; /* tokens of the record in hand, */
	bool gather;		      /* and of some before it */
	void *state;		      /* the format's own */
	const struct mask_look *look; /* while one is wanted, or NULL */
	struct looked *looked;	      /* one for each of its fields */
	size_t nlooked;
};

/* ---- look.c ---- */

struct looked {
	struct bytes found, sent, raw;
	bool any, spelt;
	unsigned form;
};

/* For a format: the value of look->fields[i] in this record, and what becomes
 * of it. */
NEED int look_note(struct mask_rows *m, size_t i, const struct slice *found,
    const struct slice *sent, struct fault *f);
/* And how it is spelt, where m->look->spelt asks for that. */
NEED int look_spelt(struct mask_rows *m, size_t i, const struct slice *raw,
    unsigned form, struct fault *f);
void look_close(struct mask_rows *m);

/* One row format.  open makes m->state, for m->part, which it sets if m->all;
 * move goes on with m->part in the state that open made; next is
 * mask_rows_next() without the ids' part, and passes over a record when row is
 * NULL: out is then where tokens of those before it wait; close accepts what a
 * failed open left.  cut_next() gives the source piece by piece from the header
 * to its end, blank lines included: *more is false when there was nothing left,
 * and after a failure part says where it began.  cut_held() is cut_next() of no
 * more than some HELD_BYTES, which stay in memory in *held, the format's own
 * (NULL at first), with part->held, and ends as well where cut_next() would, if
 * target is over 0; one source is cut by one of the two.  held_free() and
 * cut_close() accept NULL, the latter what a failed cut_open() left.
 */
struct row_format {
	int (*open)(struct mask_rows *m, struct fault *f);
	int (*move)(struct mask_rows *m, struct fault *f);
	void (*close)(struct mask_rows *m);
	int (*header)(struct mask_rows *m, struct bytes *out, struct fault *f);
	int (*next)(struct mask_rows *m, struct mask_row *row,
	    struct bytes *out, bool *end, struct fault *f);
	int (*cut_open)(void **out, const struct mask_source *src,
	    uint64_t target, struct fault *f);
	int (*cut_next)(
	    void *cutter, struct mask_part *part, bool *more, struct fault *f);
	int (*cut_held)(void *cutter, void **held, struct mask_part *part,
	    bool *more, struct fault *f);
	void (*held_free)(void *held);
	void (*cut_close)(void *cutter);
};

/* The format of a plan's rows, or NULL. */
const struct row_format *row_format_of(const struct file_plan *plan);

extern const struct row_format csv_rows;
extern const struct row_format jsonl_rows;

/* For a format, once it has a record: row gets number and original id (value
 * is the item_id field's, or NULL where the plan has none), and the next record
 * gets the next number.  FAULT_INPUT for a value that is empty, holds a NUL or
 * is too long. */
NEED int rows_identify(struct mask_rows *m, struct mask_row *row,
    const struct slice *value, struct fault *f);

/* An identified row's item id, of TOKEN_CHARS: transform_now() on m->later and
 * out writes it at out[at], unless it is there at once. */
void rows_item(
    struct mask_rows *m, const struct mask_row *row, uint8_t *out, size_t at);

/* A record is written, but for the tokens that wait: make them, unless more
 * are to be gathered first. */
void rows_made(struct mask_rows *m, uint8_t *out);

/* rows_file.c: mask_file() of a row source, its header and every record. */
NEED int rows_file(const struct mask_source *src, struct mask_sink sink,
    struct mask_change *change, struct fault *f);

/* Each format's own file. */
NEED int csv_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f);
NEED int text_shape(const struct mask_source *src,
    const struct mask_reading *as, struct shape *out, struct fault *f);
NEED int text_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f);

NEED int json_shape(const struct mask_source *src,
    const struct mask_reading *as, struct shape *out, struct fault *f);
NEED int json_subject(
    const struct mask_source *src, struct bytes *out, struct fault *f);
NEED int json_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f);
NEED int jsonl_shape(const struct mask_source *src,
    const struct mask_reading *as, struct shape *out, struct fault *f);

/* What a picture's file does: name its metadata blocks, and mask it.  The
 * second accounts for all of the source's bytes through o and fills *view. */
NEED int jpeg_shape(const struct mask_source *src,
    const struct mask_reading *as, struct shape *out, struct fault *f);
NEED int jpeg_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f);
NEED int png_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f);
NEED int png_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f);

NEED int dicom_shape(const struct mask_source *src,
    const struct mask_reading *as, struct shape *out, struct fault *f);
NEED int dicom_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f);
NEED int dicom_subject(
    const struct mask_source *src, struct bytes *out, struct fault *f);
NEED int dicom_series(
    const struct mask_source *src, struct mask_series *out, struct fault *f);

#endif
