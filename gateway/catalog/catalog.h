#ifndef GATEWAY_CATALOG_CATALOG_H
#define GATEWAY_CATALOG_CATALOG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/audit/audit.h"
#include "keys/base/bytes.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"

/*
 * What a home knows: vendors, agreements, batches, shards, grants, releases,
 * returns.
 *
 * All of it is a fold of the log: adding an entry changes rows, and nothing
 * else does.  At open the whole log is folded again into memory and compared
 * with the rows table by table, so a row that was edited by hand is noticed
 * and widens nothing.  An entry that the rows do not allow (a release without
 * a live grant, a second shard of a number) is refused, when it is added and
 * when it is replayed.
 *
 * What must not stand in an entry (names, cards, policies) is a *fact*: bytes
 * beside the log, bound by a salted commitment in an entry and checked against
 * it whenever they are read.
 *
 * The kinds of entries and their members are listed in docs/FORMATS.md.
 */
struct catalog;

/* The smallest word that SQLite and JSON agree on for sizes and counts. */
#define CATALOG_NUMBER_MAX 9007199254740991u
/* A fact: a card has 1 KiB, a policy some tens. */
#define CATALOG_FACT_MAX (1u << 20)
/* A list of persons: those of a shard of 64 MiB, a row of eight bytes each. */
#define CATALOG_PERSONS_MAX (256u << 20)
#define CATALOG_NAME_MAX 255u
/* Shards one release may name, so that a request and a sidecar stay small. */
#define CATALOG_RELEASE_MAX 4096u

/* ---- open, add ------------------------------------------------------------
 */

/*
 * Make the catalog and log of a new home: h->log's name is AUDIT_ORIGIN and the
 * home's id.  role is "owner" or "vendor".  The first entry is made and is
 * durable.  FAULT_USAGE when the home has a catalog.db already.
 */
NEED int catalog_create(struct catalog **out, const struct audit_home *h,
    const char *role, struct fault *f);

/*
 * Open it: audit_open(), then the comparison of every row with the log.
 * FAULT_FORGED names what differs; nothing may then be served.  With h->key
 * NULL it is for reading only.
 */
NEED int catalog_open(
    struct catalog **out, const struct audit_home *h, struct fault *f);
void catalog_close(struct catalog *c);

/* The log beneath, for receipts, tiles, checkpoints and publishing; its group
 * functions are not to be called. */
struct audit *catalog_audit(struct catalog *c);

/* The home's id, "h-...", and its role. */
const char *catalog_home(const struct catalog *c);
const char *catalog_role(const struct catalog *c);

/* Group commit, as in audit.h: begin, add what is waiting, commit, answer.
 * A commit that fails leaves no row of its group. */
NEED int catalog_begin(struct catalog *c, struct fault *f);
NEED int catalog_commit(struct catalog *c, struct fault *f);
void catalog_rollback(struct catalog *c);

/* Bytes to keep beside an entry; member is the entry's member that shall hold
 * their commitment. */
struct catalog_fact {
	const char *member;
	struct slice bytes;
};

/* What is to be recorded: body has the kind's own members, except those that
 * facts stand for.  The time is audit_now(). */
struct catalog_entry {
	const char *kind;
	json_t *body; /* borrowed, not changed */
	const struct catalog_fact *facts;
	size_t nfacts;
	struct slice sidecar; /* sealed, or empty */
};

/*
 * Add one entry to the group.  A refused entry leaves the group as it was.
 * FAULT_POLICY when what the home knows does not allow it (catalog_rule() then
 * has the rule's code), FAULT_INPUT when it is not an entry of that kind.
 */
NEED int catalog_add(struct catalog *c, const struct catalog_entry *e,
    uint64_t *seq, struct fault *f);

/* begin, add, commit. */
NEED int catalog_record(struct catalog *c, const struct catalog_entry *e,
    uint64_t *seq, struct fault *f);

/* The code of the rule by which the last catalog_add() or catalog_release()
 * failed with FAULT_POLICY, for answers and "refused" entries; the list is in
 * docs/FORMATS.md. */
const char *catalog_rule(const struct catalog *c);

/* One release, as asked for. */
struct catalog_release {
	const char *grant;
	const uint32_t *shards; /* ascending, no repeats; NULL: all */
	size_t nshards;
	const uint8_t *request; /* its SHA-256, or NULL offline */
	bool offline;
	struct slice sidecar;
};

/* Add the release entry: batch, vendor's recipient, manifest and root come from
 * the catalog.  As catalog_add(). */
NEED int catalog_release(struct catalog *c, const struct catalog_release *r,
    uint64_t *seq, struct fault *f);

/* Would it be taken now, had nobody asked before?  Nothing is added.  As
 * catalog_add(). */
NEED int catalog_release_allowed(
    struct catalog *c, const struct catalog_release *r, struct fault *f);

/* ---- facts -----------------------------------------------------------------
 */

/* A fact about id ("v-...", "b-..."): the member that commits to it, and the
 * entry's "n", 0 where the kind has none.  Appended to out.  FAULT_INPUT when
 * the log commits to none, or to a list of persons that another took the place
 * of; FAULT_FORGED when it is not what the log committed to, or gone. */
struct catalog_fact_name {
	const char *id;
	const char *member;
	uint64_t n;
};
NEED int catalog_fact(struct catalog *c, const struct catalog_fact_name *name,
    struct bytes *out, struct fault *f);

/* Did the log commit to such a fact? */
NEED int catalog_committed(struct catalog *c,
    const struct catalog_fact_name *name, bool *yes, struct fault *f);

/* ---- subjects.c: whom items are about -------------------------------------
 */

/* A person: HMAC-SHA-256 of the subject's key as the dataset has it, under a
 * key of the home (KEY_PERSON), the same in all batches. */
#define CATALOG_SUBJECT_BYTES 32u

/* The persons of one shard. */
struct catalog_subjects {
	const char *batch; /* its id */
	uint32_t shard;
	uint64_t n;	     /* of the fact "subjects"; not used to add */
	struct slice hashes; /* CATALOG_SUBJECT_BYTES each, rising */
};

/*
 * Keep the persons of a shard that was logged before, in an open batch, or
 * fewer of them than before; adds an entry to the group.  seq may be NULL.
 * FAULT_INPUT for hashes that are not rising; as catalog_add() otherwise.
 */
NEED int catalog_subjects_add(struct catalog *c,
    const struct catalog_subjects *list, uint64_t *seq, struct fault *f);

/*
 * The lists of a batch (its id), or of all when it is NULL; shards whose items
 * name no subject have none.  What list points to need not outlast the call.
 * FAULT_FORGED where one is not what the log committed to, or gone.
 */
NEED int catalog_each_subjects(struct catalog *c, const char *batch,
    int (*each)(
	void *arg, const struct catalog_subjects *list, struct fault *f),
    void *arg, struct fault *f);

/* The one of a shard, if it has one. */
NEED int catalog_shard_subjects(struct catalog *c, const char *batch,
    uint32_t shard,
    int (*each)(
	void *arg, const struct catalog_subjects *list, struct fault *f),
    void *arg, struct fault *f);

/* Is the person in the list?  NULL, or where its hash is. */
const uint8_t *catalog_subjects_find(const struct catalog_subjects *list,
    const uint8_t subject[CATALOG_SUBJECT_BYTES]);

/* Every person in a list, of shards and of what vendors hold: its hash, once
 * for each list. */
NEED int catalog_each_person(struct catalog *c,
    int (*each)(void *arg, const uint8_t *person, struct fault *f), void *arg,
    struct fault *f);

/*
 * Take the person out of every list, of shards and of what vendors hold: for
 * each a new list, entry and salt, and the old ones are overwritten; and of
 * what vendors were sent the items that are about the person.  Inside a group
 * that records why.
 */
struct catalog_erased {
	uint64_t lists; /* out of which the person was taken; 0 too */
	uint64_t sent;	/* items that are forgotten to have been sent */
	/* further ones, in shards about the person of which it was not kept
	 * whom their items are about: all of such a shard */
	uint64_t others;
};
NEED int catalog_subject_erase(struct catalog *c,
    const uint8_t subject[CATALOG_SUBJECT_BYTES], struct catalog_erased *out,
    struct fault *f);

/* ---- holdings.c: what vendors hold of persons ------------------------------
 *
 * What a batch gives its vendor of quasi-identifiers and sensitive columns, by
 * person, so that a later one can be measured together with it:
 *
 *     u16 n, n attributes: text name, u8 sensitive, u8 level
 *     persons, rising: subject[32], u16 n, n times u8 attribute, value[16]
 *
 * in the encoding of wire.h; a value is the first 128 bits of a MAC (KEY_HELD)
 * of attribute, level and value.  A batch holds from its begin on, since it may
 * be released at any time, unless it was withdrawn before anything of it was.
 */
#define CATALOG_HELD_BYTES 16u
#define CATALOG_ATTRIBUTES_MAX 64u /* of one batch */

/* Keep it for a batch just begun.  FAULT_INPUT for what is not such a list. */
NEED int catalog_holdings_add(struct catalog *c, const char *batch,
    struct slice holdings, struct fault *f);

struct catalog_holdings {
	const char *batch;
	struct slice bytes;
};
/* What a vendor (its id) holds, batch by batch.  FAULT_FORGED as above. */
NEED int catalog_each_holdings(struct catalog *c, const char *vendor,
    int (*each)(void *arg, const struct catalog_holdings *h, struct fault *f),
    void *arg, struct fault *f);

/* How many lists were ever kept: who measures against them can see that one
 * was added meanwhile. */
NEED int catalog_holdings_count(
    struct catalog *c, uint64_t *count, struct fault *f);

/* ---- what is known ----------------------------------------------------------
 */

/* FAULT_INPUT from a getter: there is no such thing.  Times are seconds; 0 is
 * never. */

struct catalog_vendor {
	char id[ID_CHARS + 1];
	char name[CATALOG_NAME_MAX + 1];
	bool crowd;
	uint8_t recipient[DIGEST_BYTES]; /* SHA-256 of the recipient string */
	uint8_t verifier[DIGEST_BYTES];	 /* SHA-256 of the Ed25519 key */
	uint8_t tls[DIGEST_BYTES];	 /* SHA-256 of the TLS public key */
	int64_t added;
	int64_t confirmed;
	int64_t suspended;
	int64_t ended;
};
NEED int catalog_vendor(struct catalog *c, const char *name_or_id,
    struct catalog_vendor *out, struct fault *f);
NEED int catalog_vendor_by_tls(struct catalog *c,
    const uint8_t tls[DIGEST_BYTES], struct catalog_vendor *out,
    struct fault *f);
NEED int catalog_each_vendor(struct catalog *c,
    int (*each)(void *arg, const struct catalog_vendor *v, struct fault *f),
    void *arg, struct fault *f);

struct catalog_agreement {
	char id[ID_CHARS + 1];
	char vendor[ID_CHARS + 1];
	char type[8]; /* nda dpa scc other */
	int64_t from;
	int64_t until; /* 0: open */
	int64_t ended;
};
/* Agreements with a vendor, or all when it is NULL. */
NEED int catalog_each_agreement(struct catalog *c, const char *vendor,
    int (*each)(void *arg, const struct catalog_agreement *a, struct fault *f),
    void *arg, struct fault *f);
/* Is one of that type with that vendor in force at that time? */
NEED int catalog_in_force(struct catalog *c, const char *vendor,
    const char *type, int64_t at, bool *yes, struct fault *f);

enum catalog_state {
	CATALOG_OPEN,	   /* begun: shards are being sealed */
	CATALOG_SEALED,	   /* waits for approval */
	CATALOG_APPROVED,  /* can be released under a grant */
	CATALOG_WITHDRAWN, /* no further release */
	CATALOG_SHREDDED   /* our keys and objects are gone */
};
const char *catalog_state_name(enum catalog_state s);

struct catalog_batch {
	char id[ID_CHARS + 1];
	char name[CATALOG_NAME_MAX + 1];
	char vendor[ID_CHARS + 1];
	enum catalog_state state;
	uint32_t approvals_needed;
	uint32_t approvals;
	uint64_t approvals_ever; /* the next "n" is one more */
	uint64_t retention;	 /* seconds */
	bool offline;
	char agreements[96]; /* required types, separated by spaces */
	bool golden;
	uint8_t golden_root[DIGEST_BYTES];
	char metric[33];
	uint64_t pass_ppm;
	uint8_t manifest[DIGEST_BYTES]; /* of the last revision */
	/* that manifest, sealed to vendor and owner */
	uint8_t manifest_object[DIGEST_BYTES];
	uint64_t manifest_bytes;
	uint64_t revision; /* 0: not sealed yet */
	uint64_t shards;
	uint64_t items;
	int64_t begun;
	int64_t sealed;
	int64_t approved;
	int64_t ended; /* withdrawn or shredded */
};
NEED int catalog_batch(struct catalog *c, const char *name_or_id,
    struct catalog_batch *out, struct fault *f);
/* Batches for a vendor's id, or all when it is NULL, oldest first. */
NEED int catalog_each_batch(struct catalog *c, const char *vendor,
    int (*each)(void *arg, const struct catalog_batch *b, struct fault *f),
    void *arg, struct fault *f);

struct catalog_shard {
	uint32_t n; /* from 0, without gaps once the batch is sealed */
	uint8_t object[DIGEST_BYTES];
	uint64_t bytes;
	uint64_t items;
	/* Objects that lie beside it: what is in it, sealed to the same
	 * identity; where it came from, sealed to the owner. */
	uint8_t index[DIGEST_BYTES];
	uint64_t index_bytes;
	uint8_t join[DIGEST_BYTES];
	uint64_t join_bytes;
};
NEED int catalog_shard(struct catalog *c, const char *batch, uint32_t n,
    struct catalog_shard *out, struct fault *f);
NEED int catalog_each_shard(struct catalog *c, const char *batch,
    int (*each)(void *arg, const struct catalog_shard *s, struct fault *f),
    void *arg, struct fault *f);

/* What of its batches a vendor is sent as an object: the manifest, and of a
 * shard the object itself and its index; no join map, and nothing of another
 * vendor's. */
struct catalog_object {
	char batch[ID_CHARS + 1];
	bool manifest; /* the batch's last */
	uint32_t shard;
};
NEED int catalog_object(struct catalog *c, const char *vendor,
    const uint8_t sha256[DIGEST_BYTES], bool *found, struct catalog_object *out,
    struct fault *f);

struct catalog_grant {
	char id[ID_CHARS + 1];
	char batch[ID_CHARS + 1];
	char vendor[ID_CHARS + 1];
	int64_t from;
	int64_t until;
};
NEED int catalog_each_grant(struct catalog *c, const char *batch,
    int (*each)(void *arg, const struct catalog_grant *g, struct fault *f),
    void *arg, struct fault *f);
/* The grant for a batch that is live at that time and lasts longest; *found
 * false when there is none. */
NEED int catalog_live_grant(struct catalog *c, const char *batch, int64_t at,
    bool *found, struct catalog_grant *out, struct fault *f);

struct catalog_released {
	uint64_t seq;
	char grant[ID_CHARS + 1];
	char batch[ID_CHARS + 1];
	int64_t at;
	uint64_t count;
	bool offline;
	int64_t acknowledged;
};
NEED int catalog_each_release(struct catalog *c, const char *batch,
    int (*each)(void *arg, const struct catalog_released *r, struct fault *f),
    void *arg, struct fault *f);
/* Of a batch's shards, each once: those that were released, and of those the
 * ones that its vendor has not acknowledged by any release, deliveries in a
 * folder aside. */
struct catalog_shards_out {
	uint64_t released;
	uint64_t unacknowledged;
};
NEED int catalog_shards_out(struct catalog *c, const char *batch,
    struct catalog_shards_out *out, struct fault *f);
/* The release that answered a request of that digest before, if any. */
NEED int catalog_answered(struct catalog *c,
    const uint8_t request[DIGEST_BYTES], bool *found,
    struct catalog_released *out, struct fault *f);
/* The one of that entry, if that is a release. */
NEED int catalog_released(struct catalog *c, uint64_t seq, bool *found,
    struct catalog_released *out, struct fault *f);
/* The one of a batch that so many others follow: 0, the last. */
NEED int catalog_release_before(struct catalog *c, const char *batch,
    uint64_t others, bool *found, struct catalog_released *out,
    struct fault *f);
/* The shards of a release, in order.  FAULT_FORGED when they are not those
 * whose root the entry has. */
NEED int catalog_release_shards(struct catalog *c, uint64_t seq,
    int (*each)(void *arg, const struct catalog_shard *s, struct fault *f),
    void *arg, struct fault *f);

/* What the vendor last stated about having deleted a batch. */
struct catalog_deletion {
	uint64_t seq;
	int64_t at;
	uint8_t statement[DIGEST_BYTES];
};
NEED int catalog_last_deletion(struct catalog *c, const char *batch,
    bool *found, struct catalog_deletion *out, struct fault *f);

struct catalog_return {
	char id[ID_CHARS + 1];
	char batch[ID_CHARS + 1];
	uint8_t object[DIGEST_BYTES];
	uint64_t bytes;
	int64_t at;
	int64_t ingested;
	char verdict[16]; /* accepted partial rejected; empty before ingest */
	uint64_t items;
	uint64_t answered;
	bool scored; /* judged by golden items */
	uint64_t score_ppm;
	char told[16]; /* its vendor: accepted refused rejected; or empty */
};
NEED int catalog_return(struct catalog *c, const char *id,
    struct catalog_return *out, struct fault *f);
/* Returns for a batch, or all when it is NULL, oldest first. */
NEED int catalog_each_return(struct catalog *c, const char *batch,
    int (*each)(void *arg, const struct catalog_return *r, struct fault *f),
    void *arg, struct fault *f);

/* ---- law.c: decisions, holds, suppressions ---- */

/* How many decisions about a batch there are (facts "decision" of the batch,
 * numbered from 1); 0 for one that an older program began. */
NEED int catalog_last_decision(
    struct catalog *c, const char *batch, uint64_t *n, struct fault *f);

/* Nothing of what is held is destroyed.  Facts of the hold: "reason", and
 * "subject" of one of a subject. */
struct catalog_hold {
	char id[ID_CHARS + 1];
	char target[ID_CHARS + 1]; /* batch or vendor; empty: a subject */
	int64_t at;
	int64_t ended;
};
NEED int catalog_each_hold(struct catalog *c,
    int (*each)(void *arg, const struct catalog_hold *h, struct fault *f),
    void *arg, struct fault *f);

/* Is a batch held, itself or with its vendor? */
NEED int catalog_held(
    struct catalog *c, const char *batch, bool *yes, struct fault *f);

/* In the log, sealed for the home alone: CATALOG_SUBJECT_BYTES and a tag. */
#define CATALOG_NAMED_BYTES 48u

/* A subject of whom nothing leaves: its fact "subject". */
struct catalog_suppression {
	char id[ID_CHARS + 1];
	char reason[16]; /* objection restriction withdrawn */
	int64_t at;
	int64_t ended;
};
NEED int catalog_each_suppression(struct catalog *c,
    int (*each)(
	void *arg, const struct catalog_suppression *p, struct fault *f),
    void *arg, struct fault *f);

/* When the last backup was made, 0 if never. */
NEED int catalog_last_backup(struct catalog *c, int64_t *at, struct fault *f);

/* The same of when this home was made of a backup. */
NEED int catalog_last_restore(struct catalog *c, int64_t *at, struct fault *f);

/* The same of when what was erased after a backup was erased again. */
NEED int catalog_last_repeat(struct catalog *c, int64_t *at, struct fault *f);

/* The i-th kind of entry, by name; NULL past the last. */
const char *catalog_kind(size_t i);

/* Entries from number seq on, as read. */
NEED int catalog_each_entry(struct catalog *c, uint64_t seq,
    int (*each)(void *arg, uint64_t seq, const struct audit_leaf *leaf,
	struct fault *f),
    void *arg, struct fault *f);

/* ---- owners.c: what concerns no batch --------------------------------------
 */

/* How many plans were approved for a vendor (its id), and how often pseudonyms
 * of its were looked behind: the facts "plan" and "approver", and "query",
 * numbered from 1. */
NEED int catalog_plans(
    struct catalog *c, const char *vendor, uint64_t *n, struct fault *f);
NEED int catalog_reveals(
    struct catalog *c, const char *vendor, uint64_t *n, struct fault *f);

/* ---- sent.c: what a vendor was sent ----------------------------------------
 *
 * Beside the log and not out of it: keyed hashes of the original ids of each
 * shard's items, CATALOG_SENT_BYTES each, in no order, so that an export can
 * send what is new.  Who edits them changes what is sent again, and nothing
 * else.  Without the domain's key they say nothing.  Beside them is whom each
 * item is about, so that they go with the person (catalog_subject_erase()): the
 * first bytes of the person's hash, zeros for nobody, in the items' order.
 * Batches of before this was kept have none.
 */
#define CATALOG_SENT_BYTES 16u
#define CATALOG_WHOSE_BYTES 8u

struct catalog_sent {
	struct slice hashes;
	struct slice whose; /* empty: nobody's */
};

/* In the group that has the shard's entry.  FAULT_INPUT unless they are whole
 * hashes, and somebody or nobody for each. */
NEED int catalog_sent_keep(struct catalog *c, const char *batch, uint32_t n,
    const struct catalog_sent *sent, struct fault *f);

/* Each shard's hashes, in the order of the shards, valid during the call. */
NEED int catalog_each_sent(struct catalog *c, const char *batch,
    int (*each)(void *arg, struct slice hashes, struct fault *f), void *arg,
    struct fault *f);

/* Which of so many shares a hash is in, where not all fit in memory. */
uint64_t catalog_sent_share(
    const uint8_t hash[CATALOG_SENT_BYTES], uint64_t shares);

/* ---- whole
 * ------------------------------------------------------------------- */

/* Check what open does not: every fact against its commitment and every
 * commitment for its fact, every sidecar against its entry, every release's
 * list against its root. */
NEED int catalog_check(struct catalog *c, struct fault *f);

/* A consistent copy of the database as dir's new file name (0600), while
 * everything goes on; not inside a group. */
NEED int catalog_copy(
    struct catalog *c, int dir, const char *name, struct fault *f);

/* The fold alone, in memory: for judging a log from its published files.
 * FAULT_INPUT when log is not named after a home. */
struct catalog_fold;
NEED int catalog_fold_new(
    struct catalog_fold **out, const struct vkey *log, struct fault *f);
/* FAULT_FORGED names the entry and why it cannot be. */
NEED int catalog_fold_entry(struct catalog_fold *d, uint64_t seq,
    const struct audit_leaf *leaf, struct fault *f);
void catalog_fold_free(struct catalog_fold *d);

#endif
