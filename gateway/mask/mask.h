#ifndef GATEWAY_MASK_MASK_H
#define GATEWAY_MASK_MASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"
#include "keys/base/wire.h"

struct file_plan;     /* policy/rules: what is decided for one file */
struct plan_field;    /* and for one of its fields */
struct names;	      /* policy/rules: texts */
struct shape;	      /* policy/rules: the names found in one file */
struct token_key;     /* keys/pseudonym */
struct transform_key; /* policy/transform */
struct transform_refs;
struct transform_dictionary;

/*
 * One source file, its plan, a sink.
 *
 * A masker knows one format and nothing of keys' homes, vendors or logs.  It
 * reads a descriptor, does to each column, path or metadata block what the
 * plan decided for that very name, and answers with a change record.  A name
 * that the plan does not have is FAULT_POLICY, "path: record N: column ...",
 * whatever a shape taken earlier said: a file may have changed since.
 *
 * Two kinds of source:
 *   rows (csv, jsonl)                  one item a record: mask_rows_*
 *   whole files (json, text, images; csv and jsonl, where the plan's unit
 *   says so)                           one item a file:   mask_file
 *
 * The same source, plan and keys give the same bytes, always; a caller may
 * mask a file twice, first into a sink that only counts.
 *
 * In every function: FAULT_INPUT is a source that is not what its type says,
 * or over a limit, or became shorter (the message has its record or offset,
 * never a value), FAULT_POLICY a name without a decision, FAULT_SYSTEM reading
 * or memory; a sink's own faults are passed on.
 */

/* One record of a row source, one value of a JSON document.  The largest seen
 * are pictures in base64; what is larger belongs in a file of its own. */
#define MASK_RECORD_MAX (16u * 1024 * 1024)

/* An original id, PATH#VALUE: no longer than a path may be here. */
#define MASK_ID_MAX 4096u

/* Columns of a CSV file, distinct paths of a JSON one.  Spreadsheets end at
 * 16,384 columns. */
#define MASK_NAMES_MAX 16384u

/* Nesting of a JSON value that is followed; the minefield's deepest accepted
 * case has 500. */
#define MASK_DEPTH_MAX 512u

/* The keys that one batch's workers hold for one plan. */
struct mask_keys {
	/* one for each of the plan's keys, in their order */
	const struct transform_key *const *field;
	size_t nfields;
	/* makes item ids; NULL leaves `_item` out (handoff sanitise) */
	const struct token_key *item;
	/* the dataset's files, for item_ref; NULL: a field with one is
	 * refused */
	const struct transform_refs *refs;
	/* the dataset's own names, for detect; NULL: there are none */
	struct transform_dictionary *dictionary;
};

/* That of a field (plan_field.key), or NULL where it needs none. */
static inline const struct transform_key *
mask_field_key(const struct mask_keys *keys, size_t key)
{
	return key < keys->nfields ? keys->field[key] : NULL;
}

/* Threads that mask one source.  More cores than that wait for memory. */
#define MASK_THREADS_MAX 16u

/* As many as there are cores for. */
unsigned mask_threads(void);

/*
 * Keys of this run alone, for looking at what a mask does without a home: one
 * for each of the plan's keys, fresh from the operating system, so its tokens
 * join with none of any other run.  keys has the same ones for each of so many
 * threads (1 to MASK_THREADS_MAX).  An item_ref's result is made up likewise:
 * nobody looks whether a file of that name is there.  The caller
 * mask_fresh_free()s *out, after a failure too.
 */
struct mask_fresh {
	struct mask_keys keys[MASK_THREADS_MAX];
	unsigned threads;
	struct transform_key **made;
	size_t n;
	struct token_key *item;
	struct transform_refs *refs;
};
NEED int mask_fresh_make(struct mask_fresh *out, const struct file_plan *plan,
    unsigned threads, struct fault *f);

/* The same for one thread, all of it made from seed: for several files whose
 * tokens are to join with one another. */
#define MASK_SEED_BYTES 32u
NEED int mask_fresh_from(struct mask_fresh *out, const struct file_plan *plan,
    const uint8_t seed[MASK_SEED_BYTES], struct fault *f);
void mask_fresh_free(struct mask_fresh *k);

/* A file to mask.  Everything is borrowed until the last call that uses it.
 * fd needs to be seekable; its position is neither used nor moved. */
struct mask_source {
	int fd;
	uint64_t size;
	const char *path; /* in original ids and messages */
	const struct file_plan *plan;
	const struct mask_keys *keys;
	/* The key of the person whom all of it is about, unless the plan has a
	 * field that says so of each record; or empty. */
	struct slice subject;
	/* Threads that may mask it, if it has rows: keys is then an array of so
	 * many, which are the same keys.  0 and 1: the caller's alone. */
	unsigned threads;
	/* What was met in the beginning of it (mask_reading.most), where the
	 * plan was made by no more: a jsonl source that has another path, or
	 * another kind of value at one, is then FAULT_POLICY.  Or NULL. */
	const struct shape *met;
};

/* Where delivered bytes go.  write() takes all len or sets f and returns -1. */
struct mask_sink {
	int (*write)(void *arg, const void *p, size_t len, struct fault *f);
	void *arg;
};

/* Once in a process that masks, before it enters its sandbox: libraries open
 * their configuration, and tokens are compared with the library's own HMAC; and
 * memory is set so that threads can share it.  FAULT_SYSTEM where they fail. */
NEED int mask_start(struct fault *f);

/* -- The change record --------------------------------------------------- */

/* At offset at of the source, cut bytes were left out and put bytes stand in
 * their place. */
struct mask_edit {
	uint64_t at;
	uint64_t cut;
	uint64_t put;
};

/* Edits that are listed; where there are more, none is, and only the totals
 * count: a list is for checking single files, not tables of millions of values.
 * As JSON it takes 40 MiB. */
#define MASK_EDITS_MAX (1u << 16)

/*
 * How a picture's coordinates as delivered relate to its own.  orientation is
 * Exif's (JEITA CP-3451, tag 0x0112), 1 to 8, as found in the source.  With
 * upright the pixels were turned by it and none is left to apply; without, it
 * is delivered in an Exif block of its own, and width and height are those of
 * the stored pixels.  All zero for what is no picture, but for a text's chars,
 * which its labels count.
 */
struct mask_view {
	uint8_t orientation;
	bool upright;
	uint32_t width, height;		  /* stored in the source */
	uint32_t sent_width, sent_height; /* stored as delivered */
	uint64_t chars;			  /* of a text: its code points */
};

struct mask_change {
	struct mask_edit *edits; /* by offset, never overlapping; or none */
	size_t nedits;
	size_t room;
	bool complete; /* every edit is listed */
	/* Of a text: the same edits in code points, or none where edits has
	 * none; they do not travel with the rest. */
	struct mask_edit *shifts;
	size_t nshifts, shifts_room;
	uint64_t nchanges, cut, put;
	uint64_t source_bytes, sent_bytes, records;
	struct mask_view view;
	bool want_kept; /* set by the caller: take the digest below */
	bool has_kept;
	uint8_t kept[32]; /* SHA-256 over the source without what was cut */
};

/* Empty; want_kept costs a SHA-256 over what is kept. */
void mask_change_init(struct mask_change *c, bool want_kept);
void mask_change_free(struct mask_change *c);

/* As JSON (docs/FORMATS.md, change record); the caller json_decref()s *out. */
NEED int mask_change_json(
    json_t **out, const struct mask_change *c, struct fault *f);

/* As a message between our processes, and back; *c is then the caller's to
 * mask_change_free(), and untouched on failure. */
NEED int mask_change_put(
    struct bytes *b, const struct mask_change *c, struct fault *f);
NEED int mask_change_take(
    struct reader *r, struct mask_change *c, struct fault *f);

/* Which field of a DICOM file's plan a replaced value is of: its edit stands
 * behind that of its header, which is before.  *field is NULL for what was put
 * in besides. */
NEED int mask_edit_field(const struct mask_source *src,
    const struct mask_edit *before, const struct plan_field **field,
    struct fault *f);

/* The view alone, which is what a label needs on its way back. */
NEED int mask_view_put(
    struct bytes *b, const struct mask_view *v, struct fault *f);
NEED int mask_view_take(struct reader *r, struct mask_view *v, struct fault *f);

/* -- Any source ---------------------------------------------------------- */

/* How to read a file before it has a plan: what its rule says. */
struct mask_reading {
	unsigned type;	/* enum file_type (policy/rules) */
	bool header;	/* csv: the first record names the columns */
	char delimiter; /* csv; 0: find it in the header */
	/* json, jsonl: patterns that end in an index, whose elements are told
	 * apart (file_rule.apart); NULL: none */
	const struct names *apart;
	/* text: for personal data, so that it must be UTF-8; dicom: a picture
	 * that may have text in it is FAULT_POLICY */
	bool searched;
	/* jsonl: only records of about so many bytes are read, from the
	 * start of the file; 0: all */
	uint64_t most;
};

/*
 * Find every name in a file: CSV columns and delimiter, JSON paths, a
 * picture's metadata blocks.  One pass in bounded memory; CSV's columns stand
 * in the first record, and the others are read when they are masked.
 * src->plan and src->keys are not used; jsonl is read by as many threads as
 * src->threads says.  *out is the caller's, initialised,
 * and is added to.
 */
NEED int mask_shape(const struct mask_source *src,
    const struct mask_reading *as, struct shape *out, struct fault *f);

/*
 * Every value of csv, json and jsonl files, as a transform would get it, shown
 * to see(): text unescaped and without quotes; null and empty containers are
 * not shown.  field numbers columns, or paths over all files that one reader
 * is given.  A failure of see() ends the reading.
 */
struct mask_viewer {
	int (*see)(void *arg, uint32_t field, const void *value, size_t len,
	    struct fault *f);
	void *arg;
};
struct mask_values;
NEED int mask_values_open(struct mask_values **out,
    const struct mask_reading *as, const struct mask_viewer *to,
    struct fault *f);
void mask_values_close(struct mask_values *v);

/* Show those of one file; csv files have the columns of the first.  src->plan
 * and src->keys are not used.  After a failure the next file may follow, and
 * what was shown was shown. */
NEED int mask_values_file(
    struct mask_values *v, const struct mask_source *src, struct fault *f);

/* Records so far; documents of json. */
uint64_t mask_values_records(const struct mask_values *v);

/* The names of all fields that were met, into *out (the caller's, initialised),
 * and the number of each, the caller's to mem_free() also after a failure. */
NEED int mask_values_names(const struct mask_values *v, struct shape *out,
    uint32_t **numbers, struct fault *f);

/* Mask a whole file into sink.  change is the caller's, initialised; after a
 * failure its contents and what the sink was given are to be thrown away. */
NEED int mask_file(const struct mask_source *src, struct mask_sink sink,
    struct mask_change *change, struct fault *f);

/* Does a file of that plan, which is one item, say by a field of its own whom
 * it is about?  Append that one to out: the value of the plan's subject field,
 * or nothing where the file has none. */
NEED bool mask_names_subject(const struct file_plan *plan);
NEED int mask_subject(
    const struct mask_source *src, struct bytes *out, struct fault *f);

/*
 * Which series of which study (PS3.3 A.1.2) a DICOM file is a part of, and
 * which of its instances: InstanceNumber, 0 where it has none.  src->plan and
 * src->keys are not used.  FAULT_INPUT as well where one of the two has no UID
 * by PS3.5 9.1.
 */
#define MASK_UID_CHARS 64u
struct mask_series {
	char study[MASK_UID_CHARS + 1], series[MASK_UID_CHARS + 1];
	uint32_t instance;
};
NEED int mask_series(
    const struct mask_source *src, struct mask_series *out, struct fault *f);

/*
 * A picture of that type (enum file_type) for people to look at: append a JPEG
 * of at most MASK_THUMB_SIDE pixels a side, upright by that orientation, with
 * white where the picture is transparent and no metadata.  FAULT_INPUT says why
 * there is none: the libraries do not read it, or it has more pixels than
 * MASK_THUMB_PIXELS, of which a decoder may hold all.
 */
#define MASK_THUMB_SIDE 360u
#define MASK_THUMB_PIXELS 40000000u
NEED int mask_thumb(struct bytes *out, unsigned type, const struct slice *file,
    unsigned orientation, struct fault *f);

/* The extension of a delivered file of that plan, without the dot ("csv"). */
const char *mask_extension(const struct file_plan *plan);

/* Are its rows the items? */
bool mask_has_rows(const struct file_plan *plan);

/* -- Rows ---------------------------------------------------------------- */

/* Consecutive records of a source: bytes [from, to), both at the start of a
 * record or the end of the file. */
struct mask_part {
	uint64_t from, to;
	uint64_t first;	  /* number of the first record, from 1 */
	uint64_t records; /* how many there are */
	/* Which of them stay behind, a bit each, the first in the lowest bit
	 * of the first byte; NULL: none.  Borrowed. */
	const uint8_t *left;
	void *held; /* what mask_team_run() has read of it, or NULL */
};

/* Bytes of a part's left, and whether the record at that place (from 0) stays
 * behind. */
#define MASK_LEFT_BYTES(records) (((records) + 7) / 8)
static inline bool
mask_left_has(const uint8_t *left, uint64_t place)
{
	return left != NULL && (left[place / 8] >> (place % 8) & 1) != 0;
}

struct mask_cuts {
	struct mask_part *parts;
	size_t nparts;
	uint64_t records; /* in all of them */
};

/*
 * Cut a row source into parts of about target bytes (never within a record, so
 * one part may be larger), in one fast pass that also counts.  A source
 * without records has no parts.  *out is the caller's to mask_cuts_free().
 */
NEED int mask_rows_cut(const struct mask_source *src, uint64_t target,
    struct mask_cuts *out, struct fault *f);
void mask_cuts_free(struct mask_cuts *c);

/*
 * A row source by src->threads threads: it is cut into parts of about target
 * bytes, or with target 0 into such as are read once, by who cuts them, and fit
 * a cache with what is made of them (with whole set, parts of about that size
 * end where one of those does: at the first record's end that is so far from
 * where the last one ended), and each meets work() in some thread, as
 * soon as it is cut, and then done(), in the order of the parts.  src->keys of
 * what work() is given are its thread's own; slot, below MASK_TEAM_SLOTS, is
 * the part's until done() returns.  Ends with the first fault of the first part
 * that has one; a source that cannot be cut is given to work() from there to
 * its end, whose fault says what is wrong with it.  Faults of work() and done()
 * name the path themselves.
 */
#define MASK_TEAM_SLOTS (MASK_THREADS_MAX + 2u)
struct mask_team {
	const struct mask_source *src;
	uint64_t target, whole;
	int (*work)(void *arg, const struct mask_source *src,
	    const struct mask_part *part, unsigned slot, struct fault *f);
	int (*done)(void *arg, const struct mask_part *part, unsigned slot,
	    struct fault *f);
	void *arg;
};
NEED int mask_team_run(const struct mask_team *t, struct fault *f);

struct mask_rows;

struct mask_row {
	uint64_t number;  /* of the record in the source, from 1 */
	uint64_t at, len; /* its bytes there, line end included */
	/* The original id, path#VALUE or path#NUMBER; until the next call. */
	struct slice id;
	/* The value of the plan's subject field, or the source's; likewise. */
	struct slice subject;
	/* Where the item id, of 26 characters, begins in what was appended; of
	 * no meaning without a key for it.  It is a keyed hash of the original
	 * id: two records with one item id have one original id, which the
	 * caller refuses. */
	size_t item_at;
};

/*
 * Read part (all of the source: NULL) of a row source.  The header, if the
 * format has one, is read from the start of the file and held against the
 * plan here; a column or member of the name `_item` is refused.  change is
 * NULL or the caller's until close, and gets the edits.  *out is the caller's
 * to mask_rows_close().
 */
NEED int mask_rows_open(struct mask_rows **out, const struct mask_source *src,
    const struct mask_part *part, struct mask_change *change, struct fault *f);
void mask_rows_close(struct mask_rows *m);

/* Go on with another part, by other keys maybe (src->keys), of the same source
 * by the same plan; the header was looked at by mask_rows_open(). */
NEED int mask_rows_move(struct mask_rows *m, const struct mask_source *src,
    const struct mask_part *part, struct fault *f);

/* Append what goes before the rows: a CSV header whose first column is
 * `_item`, nothing for JSONL. */
NEED int mask_rows_header(
    struct mask_rows *m, struct bytes *out, struct fault *f);

/*
 * For who takes all records of a part into one out, and looks at none before
 * *end: tokens of several records are then made together, which is faster.
 */
void mask_rows_gather(struct mask_rows *m);

/*
 * Take the next record that does not stay behind and append it as delivered,
 * its `_item` first and its own line end behind it (the file's, where the last
 * record has none and item ids are made).  With out NULL the record is read,
 * checked and identified, and not masked.  *end: there was none left and row
 * and out are untouched. After a failure only mask_rows_close() may follow.
 */
NEED int mask_rows_next(struct mask_rows *m, struct mask_row *row,
    struct bytes *out, bool *end, struct fault *f);

/*
 * Fields of a record for who measures them before it leaves: fields[n] are
 * indices of the plan's.  sent[i] is what becomes of the value, found[i] (found
 * may be NULL) the value as it stands; both until the next call, and empty for
 * what the record has not, or does not deliver.  Where a path has several
 * values in a record they are one, in their order with MASK_LOOK_BETWEEN
 * between.
 *
 * spelt (or NULL) is how sent stands in the record as it leaves, quotes and
 * escapes included, and in what form: of several values all bits.
 */
#define MASK_LOOK_BETWEEN 0x1f /* unit separator */
#define MASK_SPELT_BARE 1u     /* csv: no quotes; json: a number, true, false */
#define MASK_SPELT_QUOTED 2u   /* quotes: in json a string; in csv needlessly */
#define MASK_SPELT_ODD 4u      /* needless escapes; null, {}, []; csv: "" */
struct mask_spelt {
	struct slice raw; /* empty for what a record has not, and for nothing */
	unsigned form;	  /* 0: has it not; or csv, in quotes that it needs */
};
struct mask_look {
	const size_t *fields;
	size_t n;
	struct slice *sent;
	struct slice *found;
	struct mask_spelt *spelt;
};

/* As mask_rows_next() without out; every call on m is with the same fields. */
NEED int mask_rows_look(struct mask_rows *m, struct mask_row *row,
    struct mask_look *look, bool *end, struct fault *f);

/*
 * For tests of policies: append a DICOM file of those attributes with those
 * values, texts and whole numbers, and with what no file can do without.
 * FAULT_INPUT for a name that is none, or has no such value.
 */
NEED int mask_dicom_make(struct bytes *out, const struct names *names,
    const struct names *values, struct fault *f);

/* And the attributes at the top of such a file, by name, their values without
 * padding: a call each. */
struct dicom_texts {
	int (*see)(void *arg, const char *name, const struct slice *value,
	    struct fault *f);
	void *arg;
};
NEED int mask_dicom_texts(const struct mask_source *src,
    const struct dicom_texts *to, struct fault *f);

#endif
