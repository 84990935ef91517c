#ifndef GATEWAY_MASK_JSON_INTERNAL_H
#define GATEWAY_MASK_JSON_INTERNAL_H

#include "gateway/mask/mask_internal.h"
#include "gateway/mask/window_internal.h"
#include "policy/rules/rules.h"

/*
 * JSON as RFC 8259 has it, and not a byte more.  Where the RFC leaves a choice:
 *   - a byte order mark in front is passed over
 *   - numbers of any size and precision are good: they are not computed with
 *   - text is UTF-8; an escaped surrogate without its other half is refused
 *   - an object may not have a name twice, spelled alike or not: of two
 *     values one could pass unmasked
 *   - values nest MASK_DEPTH_MAX deep
 */

/* -- Reading (json_scan.c) ----------------------------------------------- */

enum json_event {
	EVENT_OPEN,  /* of an object or array that is not empty */
	EVENT_CLOSE, /* its end */
	EVENT_NAME,  /* of a member, with its colon; its value is next */
	EVENT_VALUE, /* a string, a number, true or false */
	EVENT_NULL,  /* null */
	EVENT_EMPTY, /* {} or [], white space inside included */
	EVENT_END    /* of the document, and nothing behind it */
};

#define JSON_NOWHERE UINT64_MAX

/*
 * Pulls one event at a time out of a window, or out of a text that is all in
 * memory.  Offsets are the source's.  Bytes from hold on, which is the
 * consumer's, and from the event in hand on, are in memory; before any others
 * go, leave() is told up to where.
 */
struct json_reader {
	struct mask_window *window; /* NULL: p[0..len) is everything */
	const uint8_t *p;
	size_t len;
	size_t at;
	uint64_t base; /* of p[0] in the source */
	uint64_t hold; /* JSON_NOWHERE: nothing */
	int (*leave)(void *arg, uint64_t upto, struct fault *f); /* or NULL */
	void *arg;

	/* the event in hand */
	uint64_t comma; /* in front of a name or element, or JSON_NOWHERE */
	uint64_t lead;	/* behind that, or behind the open bracket */
	uint64_t from, to;
	bool object;  /* EVENT_OPEN, EVENT_EMPTY: not an array */
	bool string;  /* EVENT_VALUE */
	bool escaped; /* a name or string: it has escapes */

	/* grammar */
	uint64_t start;
	unsigned want;
	unsigned depth;
	uint64_t objects[MASK_DEPTH_MAX / 64];
};

/* All of w, or the len bytes at p, which lie at offset base of the source and
 * have WINDOW_SLACK readable bytes behind them. */
void json_read_window(struct json_reader *r, struct mask_window *w);
void json_read_text(
    struct json_reader *r, const uint8_t *p, size_t len, uint64_t base);

/* The next event.  FAULT_INPUT "byte N: what" for what is no JSON. */
NEED int json_next(
    struct json_reader *r, enum json_event *event, struct fault *f);

/* The bytes of the event in hand. */
struct slice json_token(const struct json_reader *r);

/* The text of the name or value in hand: unescaped, or as written for what is
 * no string.  In place, or in scratch, which is overwritten. */
NEED int json_text(const struct json_reader *r, struct bytes *scratch,
    struct slice *out, struct fault *f);

/* Append a value as a JSON string. */
NEED int json_write(
    struct bytes *out, const void *p, size_t len, struct fault *f);

/* -- Paths (json_paths.c) ------------------------------------------------ */

/* Distinct places in a document, those of whole subtrees included, and all
 * their names: what SHAPE_FIELDS_MAX paths can have, four deep and longish. */
#define JSON_PLACES_MAX (4 * SHAPE_FIELDS_MAX)
#define JSON_NAMES_MAX (64u * 1024 * 1024)

/* A place in documents of one shape.  0 is the top. */
struct json_place {
	uint32_t parent;
	uint32_t first; /* the child met first last time, or 0 */
	uint32_t next;	/* the sibling that came behind it last time, or 0 */
	uint32_t name;	/* in names; element of an array: JSON_ANY */
	uint32_t chars; /* of an element that is told apart: its kind and 1 */
	uint8_t holds;	/* shapes: HOLDS_; plans: those of json_met() */
	bool below;	/* plans: a field lies below */
	uint64_t seen;	/* the object it was in last */
	const struct plan_field *field; /* plans: what decides it, or NULL */
	bool item, subject;		/* plans: its value is that key */
	uint32_t number;		/* plans: of the field, from 1, or 0 */
	uint32_t apart; /* of an array: JSON_APART_ ..., or in arrays + 2 */
};
#define JSON_ANY UINT32_MAX
#define JSON_APART_UNKNOWN 0u /* no element of it was met */
#define JSON_APART_NONE 1u    /* its elements are all one place */

/* An element that an index names: by its number, its number from the end, or
 * both. */
struct json_kind {
	uint32_t array; /* its place */
	int32_t front, back;
	uint32_t place;
};

/* An array some of whose elements are told apart: by which numbers. */
struct json_array {
	uint64_t *told; /* a bit for each of json_paths.told */
};

struct json_paths {
	struct json_place *at;
	uint32_t n;
	uint32_t room;
	uint32_t *table; /* open addressing; 0 is free */
	uint32_t slots;	 /* a power of two, at least twice n */
	struct bytes names;
	uint8_t key[16];
	/* json_apart.c */
	struct path *told; /* patterns that end in an index */
	size_t ntold;
	bool ends; /* one of them counts from the end */
	struct json_array *arrays;
	uint32_t narrays;
	struct json_kind *kinds;
	uint32_t nkinds;
};

/* The caller ends with json_paths_free(), after a failure too. */
NEED int json_paths_init(struct json_paths *t, struct fault *f);
void json_paths_free(struct json_paths *t);

/* The child of a place by name (NULL: the elements of an array), new if it was
 * not there.  last is the child that came before, or 0.  The place may move:
 * *out is an index. */
NEED int json_child(struct json_paths *t, uint32_t parent, uint32_t last,
    const struct slice *name, uint32_t *out, struct fault *f);

/* A new place below parent, which json_child() does not find. */
NEED int json_place_add(struct json_paths *t, uint32_t parent,
    const struct slice *name, uint32_t *out, struct fault *f);

/* Make the places of a plan's fields. */
NEED int json_plan(
    struct json_paths *t, const struct file_plan *plan, struct fault *f);

/* Note in the places what each holds of a shape. */
NEED int json_met(
    struct json_paths *t, const struct shape *met, struct fault *f);

/* Append a place's canonical path. */
NEED int json_path(const struct json_paths *t, uint32_t place,
    struct bytes *out, struct fault *f);

/* -- Elements told apart (json_apart.c) ---------------------------------- */

/* Tell elements apart as these patterns say (NULL: none); once, before the
 * first document. */
NEED int json_apart_by(
    struct json_paths *t, const struct names *apart, struct fault *f);
void json_apart_free(struct json_paths *t);

/* The place of the element that an index names, at [front], [back] or both of
 * the array at parent; new if it was not there. */
NEED int json_element(struct json_paths *t, uint32_t parent, int32_t front,
    int32_t back, uint32_t *out, struct fault *f);

/* The place of the next element of the open array, or 0 where it is one of
 * the others.  length is the array's, if t->ends. */
NEED int json_element_at(struct json_paths *t, uint32_t parent, uint32_t number,
    uint32_t length, uint32_t *out, struct fault *f);

/* How many elements each array of a document has that is not empty, in the
 * order of their brackets. */
struct json_lengths {
	uint32_t *at;
	size_t n, room;
	size_t next; /* of the walk that uses them */
};
/* 64 MiB of them: what one document may have where a rule counts from the end
 * of an array. */
#define JSON_ARRAYS_MAX ((size_t)1 << 24)

/* Over what was there.  r is set to the document, and at its end then. */
NEED int json_measure(
    struct json_lengths *l, struct json_reader *r, struct fault *f);

/* -- Walking (json_walk.c) ----------------------------------------------- */

/* Where a walk stands: an open object or array. */
struct json_frame {
	uint32_t place;
	uint32_t last;	 /* the member met last */
	uint64_t serial; /* of this very object */
	bool object;
	uint32_t kept;			/* members delivered so far */
	uint32_t number, length;	/* told apart: the next element's, and
					   how many there are */
	const struct plan_field *whole; /* decides all inside, or NULL */
};

/*
 * Follows a reader's events through the places of documents, and refuses names
 * that an object has twice.  Shapes and masks both walk.
 */
struct json_walk {
	struct json_reader reader;
	struct json_paths paths;
	struct json_frame *frames; /* MASK_DEPTH_MAX + 1; the first: the top */
	unsigned depth;
	uint64_t serial;
	uint32_t place;	 /* of the event in hand */
	uint64_t member; /* where its member or element begins, its comma
			    included */
	uint64_t inner;	 /* the same, without the comma */
	bool rows;	 /* a record: its top may not have `_item` */
	struct bytes text;
	struct json_lengths lengths; /* if paths.ends: of the document, by
					json_walk_measure() */
};

/* apart as in json_apart_by(). */
NEED int json_walk_open(
    struct json_walk *w, const struct names *apart, struct fault *f);
void json_walk_close(struct json_walk *w);

/* Look how long the arrays of the text are that the reader was set to, which
 * is then set to it again.  Nothing where nobody needs to know. */
NEED int json_walk_measure(struct json_walk *w, struct fault *f);

/* At the start of a document; the reader is set. */
void json_walk_begin(struct json_walk *w);

/*
 * The next event but EVENT_NAME, with w->place, w->member and w->inner; on
 * EVENT_OPEN the new frame is pushed (frames[depth]), on EVENT_CLOSE the frame
 * that ends is frames[depth + 1] and place is its.
 */
NEED int json_walk_next(
    struct json_walk *w, enum json_event *event, struct fault *f);

/* Put `path "..."` in front of a fault: where the walk stands. */
int json_walk_at(const struct json_walk *w, struct fault *f);

/* -- Masking (json_mask.c) ----------------------------------------------- */

/* A key found in a document: the item's or the subject's. */
struct json_key {
	struct bytes text;
	bool found;
	bool sole; /* no array is around it: it cannot be there again */
};

/* One document after another, masked by one plan. */
struct json_mask {
	struct json_walk walk;
	const struct mask_source *src;
	struct mask_out *out; /* NULL: only the keys are wanted */
	const char *item;     /* to be put in as `_item`, or NULL */
	struct json_key id, subject;
	bool by_subject;	/* a field of the plan needs to know it first */
	struct bytes person;	/* it, from a reading of its own */
	struct mask_rows *look; /* who wants to see values, or NULL */
	/* Rows: tokens that are made at their end, and what they stand in,
	 * which is out's; or NULL */
	struct transform_later *later;
	const struct bytes *rows;
	uint64_t record, nth; /* of the document, and of values changed in it */

	uint64_t done;	  /* accounted for in out, as a source's offset */
	bool cutting;	  /* from done on, a member goes */
	uint64_t cut_end; /* where it ends, without what follows */
	unsigned skip;	  /* depth of a container that goes whole, or 0 */
	const struct plan_field *by; /* what it goes by */
	struct bytes text, made, quoted;
};

/* src is borrowed.  The caller ends with json_mask_close(), after a failure
 * too. */
NEED int json_mask_open(
    struct json_mask *m, const struct mask_source *src, struct fault *f);
void json_mask_close(struct json_mask *m);

/*
 * Mask the document that m->walk.reader was set to, from its first byte to its
 * last.  With m->item the document must be an object.  m->id and m->subject
 * get the texts of those keys, if the plan has them and they are there.  Where
 * only they are wanted (out and look are NULL), and both that the plan has were
 * met and cannot come again, the rest of the document is not read.
 * With m->by_subject the same document is to be run before without m->out,
 * and that subject kept by json_mask_know().
 */
NEED int json_mask_run(struct json_mask *m, struct fault *f);
NEED int json_mask_know(struct json_mask *m, struct fault *f);

/* What the plan's field makes of a value, in m->made. */
NEED int json_transform(struct json_mask *m, const struct plan_field *field,
    struct slice value, struct fault *f);

/* json_look.c: what leaves of the value in hand, for m->look, whose it is. */
NEED int json_look(struct json_mask *m, enum json_event event,
    const struct plan_field *field, struct fault *f);

/* -- Lines (jsonl.c) ----------------------------------------------------- */

/* A line in a window, its line end included. */
struct json_line {
	size_t from, to;
	bool blank;
};

/* The line that begins at *at, which is moved behind it; false in *more when
 * there is none. */
NEED int jsonl_line(struct mask_window *w, size_t *at, struct json_line *line,
    bool *more, struct fault *f);

/* 3 where the file begins with a byte order mark, else 0. */
NEED int jsonl_mark(struct mask_window *w, size_t *mark, struct fault *f);

/* -- Shapes (json.c, jsonl_shape.c) -------------------------------------- */

/* What a place holds of which this event tells: HOLDS_, or 0. */
static inline uint8_t
json_holds(enum json_event event)
{
	return event == EVENT_VALUE   ? HOLDS_VALUE
	       : event == EVENT_NULL  ? HOLDS_NULL
	       : event == EVENT_EMPTY ? HOLDS_EMPTY
				      : 0;
}

/* Note what the document holds that w->reader was set to, in w->paths. */
NEED int json_shape_add(struct json_walk *w, struct fault *f);

/* Each line of a jsonl source that is not blank, shown to see(), which may read
 * WINDOW_SLACK bytes behind it; at is its offset.  Faults get its number. */
NEED int jsonl_lines(const struct mask_source *src,
    int (*see)(
	void *arg, const uint8_t *p, size_t len, uint64_t at, struct fault *f),
    void *arg, struct fault *f);

/* Add what was noted in part, which came behind all that w has. */
NEED int json_shape_join(
    struct json_walk *w, const struct json_walk *part, struct fault *f);

/* Everything that was noted, as a shape. */
NEED int json_shape_finish(
    const struct json_walk *w, struct shape *out, struct fault *f);

#endif
