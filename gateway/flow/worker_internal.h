#ifndef GATEWAY_FLOW_WORKER_INTERNAL_H
#define GATEWAY_FLOW_WORKER_INTERNAL_H

#include "gateway/mask/mask.h"
#include "gateway/package/package.h"
#include "gateway/process/process.h"
#include "policy/rules/rules.h"

/*
 * What coordinator and worker say to each other.  A *file* is text path,
 * u64 size, u32 plan, slice of whom all of it is about or nothing, and a
 * descriptor of the message; plans are known by
 * numbers that the coordinator gives, and told to a worker before they are
 * used.
 *
 *   KEYS     descriptor of a channel to the keeper; u16 n, n texts: names of
 * keys, in the keeper's order                                  -> nothing PLANS
 * u32 n, n times u32 number, file plan                   -> nothing SHAPES   u8
 * type, u8 header, u8 delimiter, u32 n, n texts: the rule's apart; u8
 * whether a text is searched; u16 n, n files (plan unused)
 *            -> n times u8 WORKER_SAID ..., and then as that says
 *   CUT      file (its plan's number unused), its plan, u32 n, n original ids
 * as slices
 *            -> u64 records, u32 n, n parts; n times u64 the record that has
 *            that id, 0 when none has.  A fault when an item id comes twice
 *   SENT     descriptor of a channel to the keeper, who knows whose key   ->
 *            nothing
 *   HASHES   u8 of (WORKER_OF bits), u8 whether under SENT's key, else slice
 *            of a key of 16 bytes, u32 the place in the part to begin at,
 *            file, its plan, part
 *            -> u8 whether there is more, u32 n, n times for each bit 16 bytes
 *            and, behind all, n times u8 WORKER_OF bits of what was empty
 *   PATHS    as HASHES up to the key, u32 n, n times for each bit a slice: the
 *            original id, the subject
 *            -> as HASHES, with 0 for more
 *   REVEAL   u32 n, n texts looked for, file, its plan, u8 whether a part, part
 *            -> u32 n, n finds: u32 which text, text the column or path, u64
 *            the first record or 0, u64 how often, slice the value
 *   UNDO     u32 n, n texts looked for, u32 n, n transforms
 *            -> u32 n, n: u32 which text, u32 which transform, slice the value
 *   EXAMPLES file, its plan, u8 whether a part, part
 *            -> u8 1, u32 n fields, n: u8 how many, slices of what is sent; or
 *            u8 2, slice of the beginning of what is sent; or u8 0
 *   LAYOUT   u64 target, u32 n, n u64 sizes
 *            -> u32 shards, their ends as u32, n u32 order
 *   BEGIN    descriptors of three drafts, of one for persons and of one for
 * what is sent; recipients of
 * shard and of join, each u16 n, n texts; forgets a shard that was begun    ->
 * nothing FILES    u16 n, n files, whole ones                             ->
 * nothing ROWS     file, part                                             ->
 * nothing END      -> package_made
 *
 *   LOOK     u16 n, n files (plan unused)
 *            -> n times u8 1, u8 type, u8 header, u8 delimiter, 32 bytes: a
 *            digest of a table's names; or u8 0, a fault
 *   SURVEY   u8 first, u8 last; with first u8 type, u8 header, u8 delimiter,
 *            u32 n, n texts: paths of the dataset; u16 n, n files
 *            -> n times u8 1, or u8 0, a fault; with last u64 records, a shape,
 *            and the evidence of each of its fields
 *
 *   CASE     file (its plan's number unused), its plan, slice: what test keys
 *            are derived from, u64 size of a document that is expected, or 0;
 * u8 whether files may be referred to, u32 n, n texts: those that leave;
 *            descriptors of the file, of an empty one to write to, and of that
 *            document
 *            -> slice of whom it is about, slice of what was made; of a table
 * or document u8 1, u32 field, slice ...; u8 0; u32 n, n times u32 field, u8
 * holds, text name; and the same of the document that is expected
 *
 *   REFS     file (its plan's number unused), descriptor of a table of
 *            references; its plan, u8 1 for rows and then the part -> nothing;
 *            a fault when a value names no file
 *
 *   WHOSE    as REFS; u64 the record to begin at, u8 whether there is a table
 *            -> slice of the subject that a JSON document names; u64 the record
 *            to go on with, or 0; to the end: the path of a file that a record
 *            names, slice of that record's subject
 *   SUPPRESSED_KEYS u32 n, n slices -> n times u8: is suppressed
 *
 * FILES has behind each file u32 nth, its place in an item of several files,
 * from 1, or 0, and a slice, the original id of that item.  BEGIN has u8 1
 * behind the recipients, and a table of references behind its drafts, where
 * there is one.
 *
 * A FILES, ROWS or END that fails has thrown the shard away.
 */
enum worker_ask {
	WORKER_KEYS = 1,
	WORKER_PLANS,
	WORKER_SHAPES,
	WORKER_CUT,
	WORKER_REFS,
	WORKER_SENT,
	WORKER_HASHES,
	WORKER_PATHS,
	WORKER_REVEAL,
	WORKER_UNDO,
	WORKER_EXAMPLES,
	WORKER_LAYOUT,
	WORKER_BEGIN,
	WORKER_FILES,
	WORKER_ROWS,
	WORKER_END,
	WORKER_LOOK,
	WORKER_SURVEY,
	WORKER_CASE,
	WORKER_RISK_BEGIN,
	WORKER_RISK_ROWS,
	WORKER_RISK_POPULATION,
	WORKER_RISK_END,
	/* descriptor of a channel to the keeper: who is suppressed -> nothing
	 */
	WORKER_SUPPRESSING,
	/* file, its plan, part, u64 from: places of records of those -> u8 1
	 * when there are more behind the last, u32 n, n times u32 place */
	WORKER_SUPPRESSED,
	WORKER_EXPOSE_BEGIN,
	WORKER_EXPOSE_ROWS,
	WORKER_EXPOSE_END,
	WORKER_WHOSE,
	WORKER_SUPPRESSED_KEYS,
	/* u8 whether it is the first, file (plan unused), u8 type, u8 header,
	 * u8 delimiter, u8 whether fields are paths, u16 n, n times u8 enum
	 * dictionary_names and text name, text the subject's field or ""
	 * -> n times u8 whether the file has it.  One worker makes it */
	WORKER_DICTIONARY,
	/* descriptor of memory to write the dictionary to
	 * -> u64 values, u64 words, u64 bytes */
	WORKER_DICTIONARY_END,
	/* descriptor of that memory, sealed -> slice: its digest under
	 * WORKER_DICTIONARY_KEY, or empty for a worker without that key */
	WORKER_KNOWN,
	WORKER_SHEET_BEGIN, /* sheet_internal.h */
	WORKER_SHEET,
	/* 32 bytes, a digest of rules -> 32 bytes, keyed by WORKER_RULES_KEY */
	WORKER_RULES,
	WORKER_CONTENTS, /* u16 n, n files (plan unused) -> n times 32 bytes */
	/* u8 whether of studies, u16 n, n files (plan unused) -> n times text:
	 * the UID, u32 the instance number */
	WORKER_SERIES
};

/* The field key that a dictionary's digest is made with: of the vendor and
 * project, as tokens are. */
#define WORKER_DICTIONARY_KEY "token:dictionary"

/* That of the rules by which texts are searched. */
#define WORKER_RULES_KEY "token:detect"

/* Places in one answer. */
#define WORKER_PLACES_MAX 65536u

enum worker_said {
	WORKER_SAID_FAULT, /* a fault: this file alone */
	WORKER_SAID_SHAPE, /* slice of the shape as shape_put() wrote it */
	WORKER_SAID_SAME   /* the same as the file before */
};

/* What of a record is hashed; its subject field is whatever the plan of the
 * request says. */
#define WORKER_OF_ITEM 1u
#define WORKER_OF_SUBJECT 2u

/* Records in one answer: two hashes each are 8 MiB. */
#define WORKER_HASHES_MAX (1u << 18)
#define WORKER_HASH_BYTES SIP_HASH_BYTES

/* Of each field so many, each cut to so many bytes; of a document the
 * beginning. */
#define WORKER_EXAMPLES_MAX 3u
#define WORKER_EXAMPLE_BYTES 120u
#define WORKER_EXAMPLE_TEXT 800u
#define WORKER_EXAMPLE_FILES 8u /* dicom: whose attributes are looked at */
enum { EXAMPLES_NONE, EXAMPLES_FIELDS, EXAMPLES_TEXT };

/*
 * ---- worker_attributes.c: a DICOM file before and after ----
 *
 * For each field of src->plan the text at the top of the file and of what
 * leaves, which is written to made, a file of its own; there false: none is
 * there, or it is no text.  more: some could not be read.
 * worker_attributes_free() after a failure too.
 */
struct attribute_text {
	bool there;
	size_t at, len;
};
struct worker_attributes {
	size_t n;
	struct attribute_text *before, *after;
	struct bytes text;
	bool more;
};
NEED int worker_attributes(struct worker_attributes *out,
    const struct mask_source *src, int made, struct fault *f);
void worker_attributes_free(struct worker_attributes *a);
struct slice worker_attribute(
    const struct worker_attributes *a, const struct attribute_text *text);

/* Files in one message. */
#define WORKER_FILES_MAX 60u

/* Units that can be put in an order; their sizes fit in one message. */
#define WORKER_UNITS_MAX ((uint32_t)2000000)

struct worker_file {
	const char *path;
	uint64_t size;
	uint32_t plan;
	struct slice subject; /* whom all of it is about, or empty */
};
/* A person's key, where it is of a whole file: a number, a name. */
#define WORKER_SUBJECT_MAX 4096u
/* crew_one.c: begin a request for the shapes of n files, read as said. */
NEED int crew_put_shapes(struct message *m, const struct mask_reading *as,
    uint16_t n, struct fault *f);
NEED int worker_put_file(
    struct bytes *b, const struct worker_file *file, struct fault *f);
NEED int worker_put_part(
    struct bytes *b, const struct mask_part *p, struct fault *f);
/* What stays behind of it (left) is borrowed from the message. */
NEED int worker_take_part(
    struct reader *r, struct mask_part *p, struct fault *f);

/* ---- In the worker ---- */

/* Of a shard: three objects, the persons, what was sent. */
#define WORKER_DRAFTS 5u

/* A plan and its keys, found when first needed. */
struct worker_plan {
	bool known;
	struct file_plan plan;
	const struct transform_key **keys;
};

struct worker_survey; /* worker_survey.c */

struct worker {
	unsigned threads;	      /* for what is one large file */
	struct worker_survey *survey; /* of policy init, while it counts */
	struct worker_plan *plans;
	size_t nplans;
	/* keys, once they came */
	char **names; /* of field keys */
	struct transform_key **field_keys;
	size_t nnames;
	struct token_key *item, *order, *subject, *person;
	struct secret layout;
	struct secret sent; /* key of what the vendor was sent */
	/* the shard in the making */
	struct package_shard *shard;
	struct package_room *room; /* of all its shards, or NULL */
	struct package_keys keys;
	struct token_key *suppressing; /* whose hashes those are */
	uint8_t *suppressed;	       /* sorted */
	size_t nsuppressed;
	struct measuring *risk; /* what is measured, or NULL */
	struct exposing *exposing;
	struct worker_sheet *sheet; /* what is shown to the owner, or NULL */
	struct token_key *held;	    /* only where exposure is measured */
	int drafts[WORKER_DRAFTS];
	struct package_refs *refs; /* or NULL */
	struct age_recipients to, owner;
	struct worker_dictionary *making; /* worker_dictionary.c, or NULL */
	const void *known; /* memory that dictionary lies in, or NULL */
	size_t known_len;
	struct transform_dictionary *dictionary;
};

/* A file of a request, its descriptor taken out of the message. */
struct worker_source {
	char path[PACKAGE_ORIGINAL_MAX + 1];
	struct mask_source src;
	uint32_t plan;
};
NEED int worker_take_file(
    struct asked *a, size_t i, struct worker_source *s, struct fault *f);
void worker_source_close(struct worker_source *s);

/* The plan of that number. */
NEED int worker_plan(struct worker *w, uint32_t number,
    struct worker_plan **out, struct fault *f);

/* A key of 32 bytes, as the keeper puts it. */
NEED int worker_take_secret(
    struct reader *r, struct secret *out, struct fault *f);

/* The batch's keys of a plan's fields, in their order; the caller mem_free()s
 * *out. */
NEED int worker_keys_of(const struct worker *w, const struct file_plan *plan,
    const struct transform_key ***out, struct fault *f);
const struct transform_key *worker_key(
    const struct worker *w, const char *name);

/* worker_rows.c: FAULT_INPUT for the first of records that has the item id of
 * one before it. */
NEED int worker_unique(
    const struct mask_source *src, uint64_t records, struct fault *f);
/* Take u32 n and n original ids; put for each which record has it, or 0. */
NEED int worker_find(const struct mask_source *src, struct reader *r,
    struct bytes *out, struct fault *f);

/* worker_cut.c, worker_hashes.c, worker_reveal.c, worker_shard.c */
int worker_cut(void *state, struct asked *a, struct fault *f);
int worker_refs(void *state, struct asked *a, struct fault *f);
int worker_whose(void *state, struct asked *a, struct fault *f);
int worker_look(void *state, struct asked *a, struct fault *f);
int worker_case(void *state, struct asked *a, struct fault *f);
int worker_survey(void *state, struct asked *a, struct fault *f);
void worker_drop_survey(struct worker *w);
int worker_sent(void *state, struct asked *a, struct fault *f);
int worker_hashes(void *state, struct asked *a, struct fault *f);
int worker_paths(void *state, struct asked *a, struct fault *f);
int worker_reveal(void *state, struct asked *a, struct fault *f);
int worker_undo(void *state, struct asked *a, struct fault *f);
int worker_examples(void *state, struct asked *a, struct fault *f);
int worker_begin(void *state, struct asked *a, struct fault *f);
int worker_files(void *state, struct asked *a, struct fault *f);
int worker_rows(void *state, struct asked *a, struct fault *f);
int worker_end(void *state, struct asked *a, struct fault *f);
void worker_drop_shard(struct worker *w);

/* worker_risk.c */
int worker_risk_begin(void *state, struct asked *a, struct fault *f);
int worker_risk_rows(void *state, struct asked *a, struct fault *f);
int worker_risk_population(void *state, struct asked *a, struct fault *f);
int worker_risk_end(void *state, struct asked *a, struct fault *f);
void worker_risk_drop(struct worker *w);

/* worker_suppressed.c */
int worker_suppressing(void *state, struct asked *a, struct fault *f);
int worker_suppressed(void *state, struct asked *a, struct fault *f);
int worker_suppressed_keys(void *state, struct asked *a, struct fault *f);
void worker_suppressed_drop(struct worker *w);

/* worker_dictionary.c: what masks know is w->dictionary, or NULL. */
int worker_dictionary(void *state, struct asked *a, struct fault *f);
int worker_dictionary_end(void *state, struct asked *a, struct fault *f);
int worker_known(void *state, struct asked *a, struct fault *f);
void worker_drop_dictionary(struct worker *w);
void worker_forget_names(struct worker *w);

/* worker_exposure.c */
int worker_expose_begin(void *state, struct asked *a, struct fault *f);
int worker_expose_rows(void *state, struct asked *a, struct fault *f);
int worker_expose_end(void *state, struct asked *a, struct fault *f);
void worker_expose_drop(struct worker *w);

/* worker_shard.c: the plan and its fields' keys for a source; the keys are in
 * w->keys.mask until the next. */
NEED int worker_use_plan(
    struct worker *w, struct worker_source *s, struct fault *f);

/* worker_sheet.c */
int worker_sheet_begin(void *state, struct asked *a, struct fault *f);
int worker_sheet(void *state, struct asked *a, struct fault *f);
int worker_rules(void *state, struct asked *a, struct fault *f);
int worker_contents(void *state, struct asked *a, struct fault *f);
int worker_series(void *state, struct asked *a, struct fault *f);
void worker_sheet_drop(struct worker *w);

#endif
