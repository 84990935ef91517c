#ifndef GATEWAY_KEEPER_KEEPER_H
#define GATEWAY_KEEPER_KEEPER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/process/process.h"
#include "keys/base/fault.h"
#include "keys/ring/ring.h"

/*
 * The keeper: the process that has a home's keys, its catalog and its log.
 *
 *     command  -- JSON asks -->  keeper  <-- asks of requests --  listener
 *     worker   -- key asks  -->          <-- TLS key ----------   courier
 *
 * There is one for each home at a time; it holds the home's lock.  A command
 * that gets the lock starts a keeper of its own; one that does not connects to
 * the keeper that is there, if that serves others (an agent's, an export's).
 * A keeper that serves outlasts its command until those it serves have ended.
 * Who may ask what is one table, asks.c.  The keeper reads passphrases itself,
 * has no network, and parses no item, no label and no policy.
 *
 * An answer leaves only after what it stands for is durable in the log.
 */

/* ---- Starting and asking (start.c) ---- */

struct keeper;

/* Everything is borrowed for the call. */
struct keeper_options {
	const char *home;  /* the folder */
	unsigned branches; /* what to unlock (RING_RELEASE ...); 0: only look */
	/* Where passphrases come from: the first line of a descriptor, one line
	 * for each that is asked for; -1: the terminal. */
	int passphrase;
	const char *identity; /* an age identity file in their place, or NULL */
	bool serve;	      /* if it is ours, let other commands use it */
	bool own;	      /* it must be ours */
};

/*
 * Start or find the keeper of a home and unlock branches for this command.
 * Without RING_RELEASE it cannot write.  FAULT_USAGE when there is no home;
 * FAULT_SYSTEM naming the holder's pid when another keeper has the home for
 * over five seconds and serves nobody else, or it must be ours; as ring_open(),
 * ring_unlock() and catalog_open() otherwise.  The caller keeper_close()s *out.
 */
NEED int keeper_open(
    struct keeper **out, const struct keeper_options *o, struct fault *f);

/*
 * Unlock more.  An ask that needs more than is unlocked is refused,
 * FAULT_POLICY with this text, and is not carried out; an ask of a person is
 * refused before that for what is wrong with it whatever is unlocked.
 */
#define KEEPER_LOCKED "this needs a branch that was not unlocked"
NEED int keeper_unlock(struct keeper *k, const struct keeper_options *o,
    unsigned branches, struct fault *f);

/* End it, if it was started here.  Where other commands use it, wait for them,
 * and say so on standard error; SIGTERM and SIGINT then end this process, and
 * the keeper with it.  -1 when it had died, with its fault.  NULL is fine. */
int keeper_close(struct keeper *k, struct fault *f);

/* What a new home is to be. */
struct keeper_home {
	enum role role; /* owner or vendor */
	const char *name;
	bool split; /* owner: one passphrase for each branch */
	const struct age_recipient *recovery; /* or NULL */

	/* What else to do before it appears in its place, everything being
	 * unlocked; or NULL. */
	int (*more)(struct keeper *k, void *arg, struct fault *f);
	void *arg;
};

/*
 * Make an owner's or a vendor's home at o->home (o->branches and serve are not
 * used): beside its place, and renamed into it when it is whole.  FAULT_USAGE
 * when something is there.
 */
NEED int keeper_create(const struct keeper_options *o,
    const struct keeper_home *h, struct fault *f);

/*
 * Ask by JSON.  in is taken over (NULL: memory ended); *out is the caller's to
 * json_decref(), out may be NULL.  Descriptors: give stay the caller's, got
 * become the caller's, want of them exactly.
 */
struct keeper_fds {
	const int *give;
	size_t ngive;
	int *got;
	size_t want;
};
NEED int keeper_ask(
    struct keeper *k, uint16_t code, json_t *in, json_t **out, struct fault *f);
NEED int keeper_ask_fds(struct keeper *k, uint16_t code, json_t *in,
    struct keeper_fds *fds, json_t **out, struct fault *f);

/* Who asks, as bits of the ask table. */
enum keeper_peer {
	KEEPER_COMMAND = 1,
	KEEPER_WORKER = 2,
	KEEPER_LISTENER = 4,
	KEEPER_COURIER = 8
};

/*
 * A further channel to the keeper, to hand to a worker, listener or courier:
 * what that peer may have is said here, by about (which is taken over), and
 * by nothing that the peer says later.  The caller closes *fd.
 */
NEED int keeper_peer(struct keeper *k, enum keeper_peer as, json_t *about,
    int *fd, struct fault *f);

/* ---- Where a new home will be (place.c) ---- */

#define KEEPER_PATH_MAX 4096u

/* A folder beside the home's place. */
struct keeper_place {
	const char *home; /* borrowed */
	int parent;
	int folder; /* of the draft */
	char name[256];
	char draft[32];
	char path[KEEPER_PATH_MAX + 40]; /* of the draft, as home is */
	bool kept;
};

/* Make the draft, and remove drafts that crashes left there.  FAULT_USAGE when
 * something is at home already.  It ends with keeper_place_drop(), except after
 * a failure of this. */
NEED int keeper_place_new(
    struct keeper_place *p, const char *home, struct fault *f);

/* Rename it into its place, durably. */
NEED int keeper_place_keep(struct keeper_place *p, struct fault *f);

/* Remove it, unless it was kept. */
void keeper_place_drop(struct keeper_place *p);

/* Make the folders of every home that are not there yet. */
NEED int keeper_folders(int home, struct fault *f);

/* ---- Changing what unlocks (rotate.c) ---- */

struct keeper_change {
	struct keeper_options now; /* passphrase, identity: as it is */
	const char *recovery;	   /* or the recovery identity's file */
	struct keeper_options to;  /* passphrase, identity: as it shall be */
};

/*
 * Change what unlocks the home, or in a split home those of its branches, one
 * text each.  Nothing needs to be unlocked.  As ring_rewrap().
 */
NEED int keeper_change(struct keeper *k, const struct keeper_change *c,
    unsigned branches, struct fault *f);

/* ---- Roles of the program (roles.c) ---- */

/* "keeper", and "passphrase", which asks at the terminal. */
NEED int keeper_role(struct channel *up, struct fault *f);
NEED int keeper_passphrase_role(struct channel *up, struct fault *f);

/* ---- Asks ---- */

/*
 * All are JSON unless they say otherwise; members marked ? may be missing.
 * Ids, names and times are as in docs/FORMATS.md.
 */
enum keeper_asks {
	/* {} -> {"home","role","split","log" verifier key,"entries","head"
	 * checkpoint,"speaks": of the asks below, so that a command does not
	 * ask a keeper of another version what that takes for something else;
	 * this one stays what it is} */
	KEEPER_WHO = 0x0100,
	/* {"branches","means"}, with a descriptor of the text */
	KEEPER_UNLOCK,
	/* {"as": enum keeper_peer, "about"}; -> a descriptor */
	KEEPER_PEER,
	/* {"role","name","split","recovery"?,"means"}, with descriptors of
	 * the texts that shall unlock, and of the owner's card */
	KEEPER_CREATE,

	/* ---- batches.c, seal.c: export, in an owner's home ---- */

	/* {"vendor","agreements": types,"terms"? as legal_terms_json(),
	 * "colluding"? names}: may a batch be begun for it?  -> {"vendor"
	 * id,"confirmed" bool, "decision" as legal_decision_json()};
	 * FAULT_POLICY when not */
	KEEPER_BATCH_CHECK = 0x0200,
	/* {"vendor": name,"colluding": names,"plan" digest}, with a descriptor
	 * to write to: for each batch that one of them holds, by any id that
	 * has its name or a key of its, but those begun with that plan, u64
	 * length and a list of catalog_each_holdings() -> {"batches","as_of"};
	 * with "count": true and without a descriptor only these, and nothing
	 * has to be unlocked */
	KEEPER_HOLDINGS,
	/* {"vendor","name"?,"project","policy" text,"plan" digest,"source",
	 * "agreements","terms"?,"approve"? self or two (else as the vendor's
	 * model wants it),"retention" seconds,"offline",
	 * "plan_approved"? bool: refused unless it was,
	 * "golden"?:{"metric","pass" millionths,"lines" digest},"risk"?:
	 * {"report","suppressed","as_of"?}}, with golden a descriptor of the
	 * lines, with "as_of" one of what the vendor will hold by it.  Begins
	 * one, or finds the open one that was begun with the same (by its name,
	 * one that is sealed, too).
	 * -> {"batch","name","state","resumed" bool,"returns"
	 * recipient,"recovery"? recipient,"log" verifier key,"owner"
	 * digest,"begun","golden"? root,"decision"?, "policy" digest in it,
	 * which the manifest must have}
	 */
	KEEPER_BATCH_BEGIN,
	/* {"batch"}: name or id ->
	 * {"batch" id,"state","manifest" its object, zeros before it is sealed,
	 * "manifest_bytes","shards":[{"n","object","bytes","items","index",
	 * "index_bytes","join","join_bytes"}]}: those that are logged */
	KEEPER_BATCH_SHARDS,
	/* {"batch","shards":[n...]}: fresh identities; those that were made
	 * before are destroyed.  FAULT_POLICY when one is logged
	 * -> {"recipients": one for each} */
	KEEPER_SHARD_KEYS,
	/* {"batch", and a row as above,"persons"?,"sent"? bool}: three objects
	 * are there, durable.  With sent a descriptor of KEY_SENT's hashes of
	 * its items' original ids, 16 bytes each, behind which may stand whom
	 * each is about, 8 bytes; then with persons over 0 one of so many
	 * keyed hashes of subjects, sorted */
	KEEPER_SHARD_SEALED,
	/* {"batch"}, with a descriptor of the manifest's statement: its
	 * subjects must be the logged shards; signs it, seals it, logs it
	 * -> {"manifest" digest,"object","revision"} */
	KEEPER_BATCH_SEAL,
	/* {"batch"}: log the release of all its shards without an agent, or
	 * find that of before -> {"batch","name","release" entry,"receipt",
	 * "log" verifier key,"card" our own,"manifest_object","shards" their
	 * number}.  FAULT_POLICY as for any release */
	KEEPER_OFFLINE,
	/* {"release","first","count"}: of a release as above
	 * -> {"shards":[{"n","object","bytes","header" base64,"skip","index",
	 * "index_bytes","index_header","index_skip"}]} */
	KEEPER_OFFLINE_SHARDS,
	/* By a worker, whose channel was made with {"batch","keys": names of
	 * fields' keys (keys/pseudonym, key_name_read())}; or, before there is
	 * a batch, {"vendor","project","keys"}: then what comes from a batch's
	 * seed comes from one that nobody has.
	 * Empty; -> not JSON but wire.h: slices of 32 bytes, the keys for item
	 * ids, for the order of rows, for groups, for persons, for the layout,
	 * for what the vendor was sent; u16 n; n slices of 32 bytes, the
	 * fields' in their order; without a batch one more, for what is held */
	KEEPER_WORKER_KEYS,

	/* plans.c
	 *
	 * {"vendor","project","plan" digest,"by"} -> {"n"}: logged that it was
	 * approved; RING_RELEASE */
	KEEPER_PLAN_APPROVE,
	/* {"vendor","project","tokens","by"}: logged that somebody looks
	 * behind them -> {"vendor" id,"n"}; RING_RELEASE, RING_EXPORT and
	 * RING_REVEAL.  Workers whose channel was made with {"reveal":
	 * {"vendor" id,"n"},"keys"} may then ask KEEPER_WORKER_KEYS; those of
	 * a batch's seed are of no batch */
	KEEPER_REVEAL,

	/* sent.c: what a vendor was sent, in an owner's home.  "sent" is
	 * {"vendor","project"}, all of it, but for batches that are still open
	 * or ended before a release; or {"batch"}.
	 *
	 * {"sent","share","most"}, with a descriptor to write hashes to, those
	 * of the share (catalog_sent_share()), about "most" of them
	 * -> {"shares": 0 when there are none,"hashes"}; RING_EXPORT */
	KEEPER_SENT,
	/* By a worker, whose channel was made with {"sent"}.  Empty; -> not
	 * JSON but a slice of 32 bytes, of whose key the hashes are */
	KEEPER_SENT_KEY,

	/* Cards, owners, vendors, papers.  A card is the text of its envelope;
	 * "fingerprint" in an ask is what somebody compared, in either
	 * spelling, and FAULT_FORGED unless it is the card's. */

	/* {"owner"?} -> {"card","name","role","home","fingerprint","words"}:
	 * our own card; of a vendor's home the one made for that owner (id or
	 * name; may be missing where there is one) */
	KEEPER_CARD = 0x0800,
	/* {"card","fingerprint"?,"name"?} -> an owner as below.  Makes an
	 * identity for that owner; name is how we call ourselves, as before
	 * when missing.  FAULT_POLICY when it is known with another card and
	 * no fingerprint confirms this one. */
	KEEPER_OWNER_ADD,
	/* {} -> {"owners":[{"home","name","fingerprint","words","confirmed"
	 * bool,"own":{"name","fingerprint","words"}}...]} */
	KEEPER_OWNERS,
	/* {"name","card","country","model","fingerprint"?} -> a vendor as
	 * below.  FAULT_POLICY when name or card are there already, except to
	 * confirm them. */
	KEEPER_VENDOR_ADD,
	/* {"vendor","fingerprint"} -> a vendor */
	KEEPER_VENDOR_CONFIRM,
	/* {"vendor","to": "suspended", "resumed" or "ended"} -> a vendor */
	KEEPER_VENDOR_CHANGE,
	/* {} -> {"vendors":[{"id","name","model","added","confirmed",
	 * "suspended","ended" times or null,"fingerprint","words","country",
	 * "country_name","card_name"}...]} */
	KEEPER_VENDORS,
	/* {"vendor","type","name","from","until"?}, with a descriptor of the
	 * paper -> {"agreement","vendor","type"} */
	KEEPER_AGREEMENT_ADD,
	/* {"vendor"?} -> {"agreements":[{"id","vendor","type","from",
	 * "until","ended","in_force","name","document":{"bytes","object",
	 * "sha256"}}...]} */
	KEEPER_AGREEMENTS,
	/* {"agreement"} -> {"agreement"} */
	KEEPER_AGREEMENT_END,
	/* {} -> as legal_countries_json(); law.c */
	KEEPER_COUNTRIES,
	/* suppress.c.  {"subject","reason": objection, restriction or
	 * withdrawn} -> {"suppression","reason","batches":[{"id","name",
	 * "vendor","state","shards"} that are about the subject]} */
	KEEPER_SUPPRESS_ADD,
	/* {"subject"} or {"suppression"} -> {"suppression"} */
	KEEPER_SUPPRESS_REMOVE,
	/* {} -> {"suppressions":[{"id","reason","at","ended"}]} */
	KEEPER_SUPPRESSIONS,
	/* By a worker, whose channel was made with {"suppressed"}.  Empty; ->
	 * not JSON but wire.h: slice of 32 bytes, the key for persons, and
	 * slice of the hashes of all who are suppressed */
	KEEPER_SUPPRESSED,
	/* erase.c.  {"subject"} -> {"lists": how many had the person, "sent",
	 * "others": as in catalog_erased, "suppressed"
	 * bool,"batches":[{"id","name","vendor","vendor_id"}]}. FAULT_POLICY
	 * while a hold or a batch that is still here says no */
	KEEPER_ERASE,
	/* erase_again.c.  {} -> {"restored":[entry ...]}: each that says that
	 * this home was made of a backup.  FAULT_USAGE when there is none */
	KEEPER_RESTORATIONS,
	/* erase_again.c.  {"logs":[{"salts": {entry: its salt ...} of those
	 * restorations and the entries before them,"erased":[{"n": an entry,
	 * "person"? of it}],"suppressed" {id: {"n","reason","person"?} ...},
	 * those that were not ended,"entries": of the log} ...],"none": of some
	 * restoration there is no log} -> {"persons": how many erased after the
	 * backups were back,"unnamed": erasures that name nobody,"lists",
	 * "sent","others","suppressed": how many were suppressed after them and
	 * are again,"suppressed_unnamed"}.  FAULT_USAGE unless each restoration
	 * that was not made good has its log, which goes on from there without
	 * it */
	KEEPER_ERASE_AGAIN,
	/* holds.c.  {"target": a batch or vendor, or "subject","reason"} ->
	 * {"hold","batches"? of a subject, as above} */
	KEEPER_HOLD_ADD,
	/* {} -> {"holds":[{"id","of": batch, vendor or subject,"name",
	 * "reason","at","ended"}]} */
	KEEPER_HOLDS,
	/* {"hold"} -> {"hold"} */
	KEEPER_HOLD_END,

	/* approvals.c, batch_page.c, endings.c, shred.c: of sealed batches.
	 * A batch is named by name or id.
	 *
	 * {"vendor"?} -> {"batches":[{"id","name","vendor","state","approve",
	 * "approvals","approvals_needed","offline","shards","items","bytes",
	 * "retention","begun","sealed","approved","ended","until" of its grant
	 * or null}...]} */
	KEEPER_BATCHES,
	/* {"batch"} -> a line as above, and {"to": a vendor,"required" types,
	 * "agreements","golden": null or {"root","metric","pass"},"manifest",
	 * "revision","policy" text?,"report" text? (risk, as measured at
	 * export),"approved_by","releases":[{"seq","at",
	 * "shards","offline","acknowledged"}],"returns":[{"id","at","verdict",
	 * "items","answered","score"?}], and "legal"? decision, and
	 * "grantable": until when an approval now would grant, and
	 * "grantable_most": if asked to; or "hindered": why it would not} */
	KEEPER_BATCH_PAGE,
	/* {"batch","revision" as it was shown,"by","until"?} -> {"batch",
	 * "name","approvals","approvals_needed","until","grant"?}.
	 * FAULT_POLICY also when "by" has approved before */
	KEEPER_BATCH_APPROVE,
	/* {"batch","until"} -> {"batch","name","grant","until"} */
	KEEPER_BATCH_EXTEND,
	/* {"batch"} -> {"batch","name","vendor","state","releases","offline"
	 * of them,"acknowledged" of them} */
	KEEPER_BATCH_WITHDRAW,
	/* The same, with {"keys","objects"} destroyed.  May be repeated. */
	KEEPER_BATCH_SHRED,
	/* {"target": a batch or a vendor} -> {"target","name","batches": as
	 * KEEPER_BATCH_WITHDRAW answers, of every batch that was meant} */
	KEEPER_STOP,
	/* whose.c.  {"subject"} -> {"batches":[{"id","name","vendor","state",
	 * "shards"} that are about the person, also if they were shredded],
	 * "suppression": null or {"id","reason","at"},"holds": ids} */
	KEEPER_PERSON,

	/* ---- returns.c, verdicts.c, return_key.c: the way back, in an
	 * owner's home ---- */

	/* {"batch"?} -> {"returns":[{"return","batch","batch_name",
	 * "batch_state","vendor","vendor_name","object","bytes","at",
	 * "ingested"?,"verdict"?,"items","answered","score" in
	 * millionths?}]}, oldest first */
	KEEPER_RETURN_LIST = 0x0700,
	/* {"head" base64, of an age file} -> {"batch"} whose return recipient
	 * it is for */
	KEEPER_RETURN_WHOSE,
	/* {"batch","envelope","object","bytes"}: a return that came by hand;
	 * verifies it, logs it -> {"return"} */
	KEEPER_RETURN_TAKE,
	/* {"return"} -> a row of the list, and {"manifest","manifest_object",
	 * "released"?,"golden" bool, then "golden_object","metric","pass" in
	 * millionths, "before":[returns taken in before], "unjudged":[those of
	 * them that no verdict by golden items covers],
	 * "lists":{RETURN: as KEEPER_INGEST_DONE had them},
	 * "shards":[{"n","index","index_bytes","join","join_bytes"}]}.
	 * FAULT_POLICY when it was accepted already */
	KEEPER_INGEST_BEGIN,
	/* {"return","envelope"}: verify -> {"complete","at",
	 * "labels":[{"name","sha256"}]}.  FAULT_FORGED for another signature
	 * or a statement about something else */
	KEEPER_INGEST_VERIFY,
	/* {"return","verdict","items","answered","empty","skipped","score"?
	 * when it was judged by golden items,"whole" bool: nothing more will
	 * come,"golden" bool: rejected by golden items,"lists"? {"spoken",
	 * "golden"?} digests of what stays of it} -> {"seq","told": the
	 * state that the vendor sees,"withheld" bool: it is told no verdict on
	 * this batch any more} */
	KEEPER_INGEST_DONE,
	/* Workers known by {"ingest": batch}; no JSON: u8 kind, u32 shard,
	 * slice of an age header -> its file key, 16 bytes.  Kind 0: sealed to
	 * the batch's return recipient; 1: to that shard's identity */
	KEEPER_RETURN_KEY,
	/* ---- vendor_side.c: in a vendor's home; owner is an owner's home ----
	 */

	/* Workers known by {"owner"}; no JSON: slice of an age header addressed
	 * to us -> its file key, 16 bytes. */
	KEEPER_FILE_KEY = 0x0400,
	/* {"owner"}, with descriptors of a small age file addressed to us, from
	 * where it stands, and of where to write its plaintext; -> {} */
	KEEPER_OPEN_SEALED,
	/* {"owner","method","path","nonce","body" digest} -> {"statement"} */
	KEEPER_SIGN_REQUEST,
	/* {"owner","batch","manifest" digest,"return","complete","files":
	 * [{"name","sha256"}]} -> {"statement"} */
	KEEPER_SIGN_RETURN,
	/* {"owner","batch","release","receipt" digest,"objects":
	 * [{"name","sha256"}]} -> {"statement"} */
	KEEPER_SIGN_RECEIVED,
	/* show.c, log.c: they need nothing unlocked unless they say so.
	 *
	 * {} -> {"home","role","split","recovery" is there one,"log","entries",
	 * "backup" and
	 * "restored" time?,
	 * "objects" {"all","missing","altered"} by name and size,
	 * "out","due","wrong","held","owners","inbox" lists,"more" how many did
	 * not fit}.  What each list has is in show.c. */
	KEEPER_STATUS = 0x0500,
	/* {"from","count"} -> {"entries": [{"seq","entry"}],"next"} */
	KEEPER_ENTRIES,
	/* {"seq"} -> {"facts"}: its sidecar; RING_REVEAL */
	KEEPER_SIDECAR,
	/* {"seq"} -> {"receipt"} */
	KEEPER_PROVE,
	/* {} -> {"entries"}: catalog_check() */
	KEEPER_CHECK,
	/* {} -> {"batches": ids,"objects": of no batch}; {"batch","from" shard}
	 * -> {"name","objects","next" shard?}.  An object is {"what","n" of
	 * shards,"sha256","bytes" or 0}. */
	KEEPER_OBJECTS,

	/* backup.c, rotate.c
	 *
	 * {} -> {"entries","log","recovery" recipient}: a copy of the catalog
	 * is run/backup/catalog.db from here on, whatever lay there before.
	 * FAULT_POLICY when the home has no recovery recipient */
	KEEPER_BACKUP_COPY,
	/* {"object","bytes","entries"} -> {"seq"}; RING_RELEASE */
	KEEPER_BACKUP_MADE,
	/* {"entries"} -> {"seq"}: this home was made of a backup of so many;
	 * RING_RELEASE */
	KEEPER_RESTORED,
	/* {"branches","now","to"}, both enum ring_means, with descriptors of
	 * the texts: what unlocks from here on */
	KEEPER_ROTATE,
};

/* Nothing that a home says is longer. */
#define KEEPER_JSON_MAX ((size_t)15 << 20)

#endif
