#ifndef GATEWAY_CATALOG_CATALOG_INTERNAL_H
#define GATEWAY_CATALOG_CATALOG_INTERNAL_H

#include "gateway/catalog/catalog.h"

/*
 * The fold: rows that follow from the entries and from nothing else.  The same
 * functions change the rows of the home when an entry is added and those of a
 * database in memory when the log is replayed.
 */
struct fold {
	struct rows *rows; /* borrowed */
	const char *rule;  /* why the last entry was refused */
	uint64_t next;	   /* the number of the next entry */
	char home[ID_CHARS + 1];
	char role[8];
};

/* One entry on its way into the rows. */
struct step {
	struct fold *fold;
	int64_t seq;
	const struct audit_leaf *leaf;
};

/* A kind of entry: its own members in order of name, as "name=type" with
 *   c  commitment    d  digest    t  time    n  number    b  true or false
 *   w  word [a-z0-9_-]    X-  id of that letter (one of several: XY-)
 *   one|two  one of these    [one|two]  list of these, sorted, no repeats
 * and a '?' behind what may be null. */
struct kind {
	const char *name;
	const char *members;
	const char *subject; /* whose facts it commits to; NULL: the home's */
	int (*apply)(const struct step *s, struct fault *f);
};
extern const struct kind kinds[];

/* ---- members.c ---- */

NEED const struct kind *kind_of(const struct audit_leaf *l);
NEED const struct kind *kind_named(const char *name);

/* Has the leaf the members of its kind, and no other?  FAULT_INPUT. */
NEED int members_check(
    const struct kind *k, const struct audit_leaf *l, struct fault *f);

/* Is member a commitment of that kind? */
NEED bool members_commits(const struct kind *k, const char *member, size_t len);

/* Values of a leaf that members_check() has passed.  text: NULL for null. */
const struct slice *value_text(const struct step *s, const char *name);
int64_t value_number(const struct step *s, const char *name);
bool value_true(const struct step *s, const char *name);
bool value_is(const struct step *s, const char *name, const char *word);

/* ---- fold.c ---- */

/* The tables that the fold owns, for making them and comparing them. */
struct fold_table {
	const char *name;
	const char *key; /* its columns */
};
extern const struct fold_table fold_tables[];

/*
 * Tables that a home made by an older program has not, each with its indexes,
 * and indexes alone: they are made when it is opened, tables empty, before it
 * is compared with its log, which has no entry for them then.  What stands here
 * is never changed, since homes have it; the list ends with a NULL name.
 */
struct later_table {
	const char *name;
	const char *sql;
};
extern const struct later_table later_tables[];
NEED int later_make(struct rows *rows, struct fault *f);

/* All tables of a home, those that came later too, as scripts in the order in
 * which they are made, the log's first; NULL behind the last. */
const char *fold_script(size_t i);

/* All of them but the log's, where none is. */
NEED int fold_make(struct rows *rows, struct fault *f);

/* Put an entry into the rows.  FAULT_POLICY when they do not allow it, and
 * s->fold->rule says which rule; FAULT_INPUT when it is not of its kind. */
NEED int fold_entry(
    struct fold *d, const struct audit_leaf *l, struct fault *f);

/* The same for an entry of the log, where all of that is FAULT_FORGED. */
NEED int fold_replay(
    struct fold *d, uint64_t seq, const struct audit_leaf *l, struct fault *f);

/* FAULT_POLICY with the rule's code. */
int fold_refuse(struct fold *d, struct fault *f, const char *rule,
    const char *fmt, ...) PRINTF(4, 5);

/* Run SQL that must change one row, else refuse as repeated. */
#define FOLD_INSERT(s, f, ...)                                  \
	(rows_run((s)->fold->rows, NULL, (f), __VA_ARGS__) != 0 \
		? -1                                            \
		: fold_inserted((s), (f)))
NEED int fold_inserted(const struct step *s, struct fault *f);

/* ---- people.c, batches.c, releases.c: what each kind does ---- */

struct vendor_now {
	bool confirmed;
	bool suspended;
};
/* The vendor of that id; refuses an unknown or ended one. */
NEED int vendor_find(const struct step *s, const struct slice *id,
    struct vendor_now *v, struct fault *f);

int apply_home_created(const struct step *s, struct fault *f);
int apply_card_issued(const struct step *s, struct fault *f);
int apply_backup_made(const struct step *s, struct fault *f);
int apply_restored(const struct step *s, struct fault *f);
int apply_owner_confirmed(const struct step *s, struct fault *f);
int apply_stranger(const struct step *s, struct fault *f);
int apply_subject_erased(const struct step *s, struct fault *f);
int apply_erasures_repeated(const struct step *s, struct fault *f);
int apply_suppressed(const struct step *s, struct fault *f);
int apply_vendor_added(const struct step *s, struct fault *f);
int apply_vendor_confirmed(const struct step *s, struct fault *f);
int apply_vendor_suspended(const struct step *s, struct fault *f);
int apply_vendor_resumed(const struct step *s, struct fault *f);
int apply_vendor_ended(const struct step *s, struct fault *f);
int apply_agreement_added(const struct step *s, struct fault *f);
int apply_agreement_ended(const struct step *s, struct fault *f);
int apply_plan_approved(const struct step *s, struct fault *f);
int apply_revealed(const struct step *s, struct fault *f);
int apply_batch_begun(const struct step *s, struct fault *f);
int apply_shard_sealed(const struct step *s, struct fault *f);
int apply_batch_holds(const struct step *s, struct fault *f);
int apply_risk_measured(const struct step *s, struct fault *f);
int apply_shard_subjects(const struct step *s, struct fault *f);
int apply_batch_sealed(const struct step *s, struct fault *f);
int apply_batch_approved(const struct step *s, struct fault *f);
int apply_batch_withdrawn(const struct step *s, struct fault *f);
int apply_batch_shredded(const struct step *s, struct fault *f);
int apply_stopped(const struct step *s, struct fault *f);
int apply_grant_made(const struct step *s, struct fault *f);
int apply_grant_extended(const struct step *s, struct fault *f);
int apply_release(const struct step *s, struct fault *f);
/* Do the rows allow the release that the leaf says?  FAULT_POLICY by a rule. */
NEED int release_allowed(const struct step *s, struct fault *f);
int apply_refused(const struct step *s, struct fault *f);
int apply_acknowledged(const struct step *s, struct fault *f);
int apply_returned(const struct step *s, struct fault *f);
int apply_ingested(const struct step *s, struct fault *f);
int apply_deletion_stated(const struct step *s, struct fault *f);

/* ---- law.c ---- */

int apply_legal_decided(const struct step *s, struct fault *f);
int apply_hold_begun(const struct step *s, struct fault *f);
int apply_hold_ended(const struct step *s, struct fault *f);
int apply_suppression_added(const struct step *s, struct fault *f);
int apply_suppression_ended(const struct step *s, struct fault *f);
int apply_suppression_named(const struct step *s, struct fault *f);

/* Refuses what would destroy something of a batch that is held, itself or with
 * its vendor. */
NEED int hold_none(
    const struct step *s, const struct slice *batch, struct fault *f);

/* ---- blank.c ---- */

/* All tables of a home, without rows, in the place of what a database in memory
 * holds. */
NEED int blank_make(struct rows *rows, struct fault *f);

/* ---- catalog.c ---- */

struct catalog {
	struct audit *audit;
	struct rows *rows; /* the audit's */
	struct fold fold;
	bool failed; /* the group cannot be committed */
};

/* A savepoint around one entry and the rows beside it. */
NEED int entry_begin(struct catalog *c, struct fault *f);
NEED int entry_end(struct catalog *c, int rc, struct fault *f);

/* catalog_add() inside such a savepoint. */
NEED int entry_add(struct catalog *c, const struct catalog_entry *e,
    uint64_t *seq, struct fault *f);

/* ---- compare.c ---- */

/* Does every table and row of the home follow from the log?  want is the fold
 * in memory.  FAULT_FORGED names the first that does not. */
NEED int compare_rows(struct rows *home, struct rows *want, struct fault *f);

/* Does each index of the table lead to its rows, and to no others?  A lookup
 * takes what an index says for what the row says.  FAULT_FORGED. */
NEED int compare_indexes(struct rows *home, const char *table, struct fault *f);

/* ---- known_batches.c ---- */

/* A shard from a row of n, object, bytes, items, contents, their bytes,
 * origins, their bytes. */
NEED int shard_read(
    sqlite3_stmt *row, struct catalog_shard *s, struct fault *f);

/* ---- facts.c ---- */

extern const char facts_schema[];

/* Keep a fact and tell its commitment. */
NEED int fact_keep(struct catalog *c, const struct catalog_fact_name *name,
    struct slice bytes, uint8_t commitment[DIGEST_BYTES], struct fault *f);
/* Is a row's fact what the log committed to?  Columns: salt, bytes, digest of
 * the commitment; and the fault where it is not. */
NEED bool fact_holds(sqlite3_stmt *row);
int fact_forged(const char *id, const char *member, struct fault *f);
/* The same where the row may be missing (a LEFT JOIN), which it then says. */
int fact_unlike(
    sqlite3_stmt *row, const char *id, const char *member, struct fault *f);

/* Erase a list of persons and its salt, that another took the place of; the
 * commitment in the log then tells nothing.  Inside that one's group. */
NEED int fact_erase(
    struct catalog *c, const struct catalog_fact_name *name, struct fault *f);

NEED int facts_check(struct catalog *c, struct fault *f);

/* The name of what id names, into out. */
NEED int fact_name_of(struct catalog *c, const char *id,
    char out[CATALOG_NAME_MAX + 1], struct fault *f);

/* What was asked for by its id or by name, was it found by that?  FAULT_FORGED
 * where the index of names led to another. */
NEED int fact_named(
    const char *asked, const char *id, const char *name, struct fault *f);

/* Is every name there?  Asked where none is found: one that is gone may be the
 * one that was sought.  FAULT_FORGED names what has lost its name. */
NEED int fact_names_known(struct catalog *c, struct fault *f);

/* Is name in use for something that has not ended?  letter: 'v' or 'b'. */
NEED int fact_name_taken(struct catalog *c, char letter, struct slice name,
    bool *taken, struct fault *f);

/* ---- sent.c ---- */

/* Forget that items about a person were sent; adds how many. */
NEED int sent_erase(struct catalog *c,
    const uint8_t subject[CATALOG_SUBJECT_BYTES], uint64_t *n, struct fault *f);

/* The same of all items of a shard, where it was not kept whom they are
 * about. */
NEED int sent_erase_shard(struct catalog *c, const char *batch, uint32_t shard,
    uint64_t *n, struct fault *f);

/* ---- holdings.c ---- */

/* Every person of whom some vendor holds something. */
struct person_walk {
	int (*each)(void *arg, const uint8_t *person, struct fault *f);
	void *arg;
};
NEED int holdings_each_person(
    struct catalog *c, struct person_walk *w, struct fault *f);

/* Take a person out of what every vendor holds; adds how many lists had it. */
NEED int holdings_erase(struct catalog *c,
    const uint8_t subject[CATALOG_SUBJECT_BYTES], uint64_t *lists,
    struct fault *f);

/* ---- cursor.c ---- */

/* Rows one by one, with a statement of its own, so that whoever is told of a
 * row may ask for others. */
struct cursor {
	struct catalog *catalog;
	sqlite3_stmt *row;
};
NEED int cursor_open(struct cursor *k, struct catalog *c, const char *sql,
    const char *id, struct fault *f);
NEED int cursor_next(struct cursor *k, bool *more, struct fault *f);
void cursor_close(struct cursor *k);

/* Columns as values of ours; NULL reads as 0 or empty.  FAULT_FORGED when the
 * column does not hold what we write. */
NEED int column_time(sqlite3_stmt *row, int i, int64_t *out, struct fault *f);
NEED int column_digest(
    sqlite3_stmt *row, int i, uint8_t out[DIGEST_BYTES], struct fault *f);
NEED int column_text(
    sqlite3_stmt *row, int i, char *out, size_t room, struct fault *f);
uint64_t column_number(sqlite3_stmt *row, int i);

#endif
