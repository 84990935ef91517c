#ifndef GATEWAY_FLOW_PLAN_INTERNAL_H
#define GATEWAY_FLOW_PLAN_INTERNAL_H

#include "gateway/flow/flow.h"
#include "gateway/flow/scan_internal.h"
#include "gateway/flow/worker_internal.h"
#include "gateway/mask/mask.h"
#include "gateway/process/process.h"
#include "keys/sign/sign.h"
#include "policy/rules/rules.h"

/* Files of one shape under one rule share a plan. */
struct plan_one {
	struct file_plan plan;
	uint32_t rule;	  /* index into policy->files */
	uint32_t subject; /* index into policy->subjects, or their number */
	uint32_t example; /* a file that has it */
	uint64_t files, bytes, items;
	uint8_t shape[DIGEST_BYTES];  /* of rule, subject, risk and shape */
	uint8_t digest[DIGEST_BYTES]; /* of the plan's bytes */
};

/* scan_file.plan until it is known, and for a file that was refused. */
#define PLAN_NONE UINT32_MAX

/* Why an item stays behind that the policy would let go. */
enum plan_reason {
	PLAN_UNSELECTED, /* nobody asked for it */
	PLAN_SUPPRESSED, /* its person objected, or is restricted */
	PLAN_RISKY,	 /* it would stand out */
	PLAN_SENT	 /* the vendor has it */
};
#define PLAN_REASONS 4u

/* What is packed as one: a whole file, or a part of a row file. */
#define PLAN_WHOLE UINT32_MAX
struct plan_unit {
	uint32_t file;
	uint32_t part; /* index into parts, or PLAN_WHOLE */
	/* 0: all of it leaves.  Of a whole file that stays: its reason and 1.
	 * Of a part of which records stay: its index into left and 1. */
	uint32_t left;
	/* 0: one file.  Else an item of several, its index into bundles and 1;
	 * part is PLAN_WHOLE, file the first of its files. */
	uint32_t bundle;
};

/* Files that are one item (a folder, a series, a study): members[first,
 * first + n). */
struct plan_bundle {
	uint32_t first, n;
	uint32_t lowest; /* of the files */
};

/* Of a DICOM file whose series or study is the item: where in uids that UID is,
 * and 1; 0 of any other.  And its number in the series. */
struct plan_series {
	uint32_t uid, number;
};

/* The records of a part that stay behind, a bit each as in mask_part.left. */
struct plan_left {
	uint8_t *all;		    /* whatever the reason; mask_part.left */
	uint8_t *why[PLAN_REASONS]; /* one reason's; NULL: none */
	uint64_t n;		    /* how many stay */
};

/* A row file's parts, as they came. */
struct plan_cut {
	uint32_t file, first, n;
};

/* Where an item is that was asked for by its id. */
struct plan_place {
	uint32_t file;	 /* PLAN_NONE: nowhere */
	uint64_t record; /* from 1; 0: the whole file */
};

/* An item of the plan, as plan_leave() has it. */
struct plan_item {
	uint32_t unit;
	uint64_t place;
};

/* The dataset's own names, for detect: in sealed memory. */
struct dictionary_made {
	int fd; /* or -1 */
	uint64_t files, values, words, bytes;
};

struct plan {
	struct policy *policy;
	struct bytes text; /* of the policy, as given */
	struct scan scan;
	struct plan_one *plans;
	uint32_t nplans, room;
	uint32_t *map; /* by shape: plan and 1, or 0; open addressing */
	uint32_t map_room;
	struct plan_cut *cuts;
	uint32_t ncuts, cuts_room;
	struct mask_part *parts;
	uint32_t nparts, parts_room;
	uint32_t *members; /* files, by bundle */
	uint32_t nmembers;
	struct plan_series *series; /* by file; NULL: there are none */
	struct bytes uids;	    /* each with its NUL */
	/* By file: where in persons the key of whom it is about is, and 1; 0
	 * where nobody is known, or the path says.  NULL: there is none. */
	uint32_t *whose;
	struct bytes persons;	     /* slices */
	struct plan_bundle *bundles; /* by original id */
	uint32_t nbundles;
	struct plan_unit *units; /* those that leave, then those that stay */
	uint32_t nunits, nstay;
	struct plan_left *left;
	uint32_t nleft, left_room;
	uint64_t files, bytes, items; /* that leave */
	uint64_t excluded;
	uint64_t stay[PLAN_REASONS]; /* items */
	bool suppressing;	     /* persons were looked for */
	uint64_t unmatched;	     /* files in which none can be */
	struct plan_risk *risks;     /* risk_internal.h */
	uint32_t nrisks;
	int refs; /* the table for references (package_refs_write), or -1 */
	struct dictionary_made dictionary;
	struct plan_place *wanted; /* of plan_options.wanted, one each */
	struct plan_item *kept;	   /* those of them that are there, sorted */
	size_t nkept;
	uint64_t gone; /* of those of --overlap-with: no longer there */
	uint8_t digest[DIGEST_BYTES];
	/* By file: the SHA-256 of what it holds, zeros where that is of no
	 * account; NULL: of none (plan_contents.c). */
	uint8_t (*contents)[DIGEST_BYTES];
	/* Told each shape before it is decided, once at least; or NULL. */
	void (*seen)(void *arg, uint32_t rule, const struct shape *shape);
	void *seen_arg;
};

/* plan.c: an empty one, the caller's to plan_free(); and all that comes behind
 * shapes and plan_idle(), to the digest and the references. */
NEED int plan_new(struct plan **out, struct fault *f);
NEED int plan_rest(struct plan *p, struct pool *pool,
    const struct plan_options *o, struct fault *f);

/* The worker with the fewest jobs, and whether it can take another. */
size_t crew_least(const struct pool *p, bool *room);

/* ---- crew_one.c: one worker that is asked in order ---- */

struct crew_one {
	struct pool *pool;
	struct pool_result result; /* of the last request that was answered */
};
NEED int crew_one_give(
    struct crew_one *c, const struct message *m, struct fault *f);
/* Until all were answered.  Both fail with the first fault that it tells. */
NEED int crew_one_drain(struct crew_one *c, struct fault *f);

/* Tell it a plan, by its number. */
NEED int crew_one_plan(struct crew_one *c, struct message *m,
    const struct plan *p, uint32_t plan, struct fault *f);

/* Ask the first worker of a pool and wait for it; what it could not do is our
 * fault. */
NEED int crew_ask(struct pool *pool, const struct message *m,
    struct pool_result *r, struct fault *f);

/* Begin a request about the rows of a part: file, part, and number, which rows
 * are known by. */
NEED int crew_put_part(struct message *m, uint16_t ask, const struct plan *p,
    uint32_t unit, uint32_t number, struct fault *f);

/* ---- crew_files.c: the same of many files ---- */

/* Files that are asked about, those of one kind together and, but for the last,
 * of fewer than most bytes in a request. */
struct crew_files {
	struct plan *p;
	struct pool *pool;
	const struct flow_progress *progress;
	const char *doing; /* for the progress */
	uint64_t most;
	unsigned (*kind)(const struct plan *p, uint32_t file); /* 0: not */
	/* The request, up to the number of its files (u16), which follow with
	 * their plans unused; and what is answered of each, in order. */
	int (*begin)(struct message *m, unsigned kind, struct fault *f);
	int (*take)(
	    struct plan *p, uint32_t file, struct reader *r, struct fault *f);
};
NEED int crew_ask_files(const struct crew_files *how, struct fault *f);

/* Add item to a growing array.  FAULT_INPUT at 2^32 of them. */
NEED int plan_grow(
    void **at, uint32_t n, uint32_t *room, size_t size, struct fault *f);

/* ---- crew_keys.c: the keys that workers of one purpose have ---- */

struct crew_keys {
	struct keeper *keeper;
	json_t *about; /* whose they are, as the keeper is told; owned */
	char **names;  /* each once; owned */
	uint32_t n, room;
	/* Those of a plan: its dictionary is handed on, too, and its digest
	 * told by who has the key. */
	const struct plan *plan;
	uint8_t dictionary[DIGEST_BYTES];
	bool has_dictionary;
	uint8_t rules[DIGEST_BYTES]; /* that texts are searched by, keyed */
	bool has_rules;
};
NEED int crew_keys_add(struct crew_keys *k, const char *name, struct fault *f);
NEED int crew_keys_of_plan(
    struct crew_keys *k, const struct plan *p, struct fault *f);
void crew_keys_free(struct crew_keys *k);

/* For pool_options.ready, with a struct crew_keys as state: hand a worker that
 * is new a channel to the keeper, who gives it the keys. */
int crew_hand_keys(void *state, struct channel *worker, struct fault *f);

/* crew_rules.c: the key of the digest of the rules that texts are searched by,
 * if any are; and have a worker that was given its keys make it, once. */
NEED int crew_rules_key(
    struct crew_keys *k, const struct plan *p, struct fault *f);
NEED int crew_hand_rules(
    struct crew_keys *k, struct channel *worker, struct fault *f);

/* plan_values.c: lines that keep what values look like, or make tokens of few,
 * told as warnings. */
NEED int plan_values(
    const struct plan *p, const struct policy_check *o, struct fault *f);

/* plan_shapes.c: every file's plan; refusals into r, FAULT_POLICY if any. */
NEED int plan_shapes(struct plan *p, struct pool *pool, struct refusals *r,
    const struct flow_progress *progress, struct fault *f);

/* plan_idle.c: FAULT_POLICY for rules of risk and subject that have no file of
 * the dataset; all of them into r. */
NEED int plan_idle(const struct plan *p, struct refusals *r, struct fault *f);

/* plan_contents.c: what the files hold, where the policy makes the digest of a
 * plan stand for it; before plan_settle(). */
NEED int plan_contents(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f);

/* plan_rows.c: every row file's parts, and which of the wanted ids are there.
 */
NEED int plan_rows(struct plan *p, struct pool *pool,
    const struct plan_wanted *wanted, const struct flow_progress *progress,
    struct fault *f);

/* ---- plan_whose.c: whom whole files are about ---- */

/* Find out, after plan_units().  FAULT_POLICY for an item of two persons, and
 * for a file that no record names and should. */
NEED int plan_whose(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f);

/* The key of the person whom all of a file, or of an item, is about; empty when
 * there is none.  Valid as long as the plan. */
struct slice plan_subject(const struct plan *p, uint32_t file);
struct slice plan_unit_subject(const struct plan *p, const struct plan_unit *u);

/* The file as workers are told of it. */
struct worker_file plan_file(const struct plan *p, uint32_t file);

/* For plan_refs_whose(): is any file somebody's because a record names it?
 * The file says itself whose it is; a record of that person names it. */
NEED bool plan_is_named(const struct plan *p);
NEED int plan_is_of(
    struct plan *p, uint32_t file, const struct slice *key, struct fault *f);
NEED int plan_named_by(
    struct plan *p, uint32_t file, const struct slice *key, struct fault *f);

/* plan_suppressed.c: who is suppressed stays behind; between plan_units() and
 * plan_settle().  k knows who, with RING_EXPORT unlocked; NULL: nobody. */
NEED int plan_suppressed(struct plan *p, struct pool *pool, struct keeper *k,
    const struct flow_progress *progress, struct fault *f);

/* ---- plan_series.c: the series or study of DICOM files ---- */

/* Find them out, before plan_bundles().  FAULT_INPUT for a file without. */
NEED int plan_series(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f);

/* The UID of the item that a file is of, of those that were asked; and any
 * file's number in its series, or 0. */
struct slice plan_series_uid(const struct plan *p, uint32_t file);
uint32_t plan_series_number(const struct plan *p, uint32_t file);

/* ---- plan_bundles.c: which files are one item ---- */

/* FAULT_POLICY for a file in no folder, or labels that could not say which file
 * they mean; FAULT_INPUT for an original id of two items. */
NEED int plan_bundles(struct plan *p, struct fault *f);

/* Is an item of the files of that plan several of them together? */
NEED bool plan_is_several(const struct file_plan *plan);

/* The original id of a bundle; and the file that the one of that id goes by,
 * false when there is none. */
struct slice plan_bundle_id(const struct plan *p, const struct plan_bundle *d);
NEED bool plan_bundle_find(
    const struct plan *p, const char *id, uint32_t *file);

/* The original id of a unit that is no part. */
struct slice plan_unit_original(
    const struct plan *p, const struct plan_unit *u);

/* How many files a unit has, which, and bytes of them or of its part. */
uint32_t plan_unit_files(const struct plan *p, const struct plan_unit *u);
uint32_t plan_unit_file(
    const struct plan *p, const struct plan_unit *u, uint32_t i);
uint64_t plan_unit_size(const struct plan *p, const struct plan_unit *u);

/*
 * plan_dictionary.c: what the policy names under detect: dictionary: is read,
 * and known to every worker of the pool, whose ready is plan_hand_names() with
 * the plan as state.  FAULT_POLICY for what no file has.
 */
NEED int plan_dictionary(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f);
int plan_hand_names(void *state, struct channel *worker, struct fault *f);

/* plan_page.c: for worker_attributes(), a file in memory to write to; and the
 * page of what is told. */
NEED int plan_give_memory(struct message *m, struct fault *f);
NEED int plan_page_write(const json_t *told, const char *dir, struct fault *f);

/* plan_show.c: a list of texts, or NULL without memory. */
json_t *plan_names_json(const struct names *names);

/* A dictionary of lines of JSON, whose members are called after what they name
 * (dictionary_names_words), and "subject"; *fd is the caller's. */
NEED int dictionary_of_lines(
    int *fd, const struct bytes *lines, struct fault *f);

/* Have a worker know one, in sealed memory; none when fd is -1.  *keyed: it had
 * the key of its digest. */
NEED int dictionary_hand(int fd, struct channel *worker,
    uint8_t digest[DIGEST_BYTES], bool *keyed, struct fault *f);

/* ---- plan_units.c: what is packed, and what stays behind ----
 *
 * Between plan_units() and plan_settle() every unit is there, in the order of
 * files and parts, and whoever has a reason leaves items behind.  An item is a
 * unit and a place in it: the record, from 0, in a part; 0 for a whole file
 * or folder.
 * The first reason stands.
 */
NEED int plan_units(struct plan *p, struct fault *f);

/* Does the item leave, as far as is known? */
NEED bool plan_leaves(const struct plan *p, uint32_t unit, uint64_t place);
NEED int plan_leave(struct plan *p, uint32_t unit, uint64_t place,
    enum plan_reason why, struct fault *f);

/* All items of a unit, and those of them that leave. */
NEED uint64_t plan_unit_all(const struct plan *p, uint32_t unit);
NEED uint64_t plan_unit_items(const struct plan *p, uint32_t unit);

/* A file's units: [*from, *to); none when it is excluded. */
void plan_units_of(
    const struct plan *p, uint32_t file, uint32_t *from, uint32_t *to);

/* Count what leaves and what stays, put units that stay whole behind the
 * others, and take the digest.  From here on nothing changes. */
NEED int plan_settle(struct plan *p, struct fault *f);
void plan_left_free(struct plan *p);

/* plan_refs.c: the table of references, if a field refers, and FAULT_POLICY for
 * the first value that names no file that leaves. */
NEED int plan_refs(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f);
NEED int plan_refs_whose(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f);

/* ---- plan_hashes.c: what tells items apart, without reading one ---- */

/* What is hashed, and under which key; see() is told of every item that
 * leaves, each unit's in order, and may leave that one behind. */
struct plan_seen {
	uint32_t unit;
	uint64_t place;
	const uint8_t *item;	/* WORKER_HASH_BYTES of the original id */
	const uint8_t *subject; /* of the subject or field; NULL: has none */
};
struct plan_hashing {
	uint8_t of; /* WORKER_OF_ITEM, WORKER_OF_SUBJECT */
	const uint8_t
	    *key;	   /* SIP_KEY_BYTES; NULL: that of plan_hashes_sent() */
	const char *field; /* in the subject's place, or NULL */
	int (*see)(void *arg, const struct plan_seen *s, struct fault *f);
	void *arg;
	const char *doing; /* for the progress */
};
NEED int plan_hashes(struct plan *p, struct pool *pool,
    const struct plan_hashing *h, const struct flow_progress *progress,
    struct fault *f);

/* Give every worker the key for what a vendor holds; about is the keeper's
 * ({"sent":...}) and is taken over. */
NEED int plan_hashes_sent(
    struct pool *pool, struct keeper *k, json_t *about, struct fault *f);

/* ---- plan_select.c, plan_sample.c: what is asked for ---- */
NEED int plan_choose(struct plan *p, struct pool *pool,
    const struct plan_options *o, struct fault *f);
NEED int plan_sample(struct plan *p, struct pool *pool,
    const struct plan_options *o, struct fault *f);

/* Leave an item behind, unless it was wanted by its id. */
NEED int plan_pass_over(struct plan *p, const struct plan_seen *s,
    enum plan_reason why, struct fault *f);

/* Unit and place of an item; false when it is nowhere. */
NEED bool plan_find(const struct plan *p, const struct plan_place *at,
    uint32_t *unit, uint64_t *place);

/* "not_selected", "suppressed", "risk", "sent". */
const char *plan_reason_name(enum plan_reason why);

#endif
