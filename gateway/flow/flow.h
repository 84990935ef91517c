#ifndef GATEWAY_FLOW_FLOW_H
#define GATEWAY_FLOW_FLOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/audit/audit.h"
#include "gateway/keeper/keeper.h"
#include "gateway/process/process.h"
#include "keys/age/age.h"
#include "keys/base/bytes.h"
#include "policy/rules/rules.h"

/*
 * The stories: what an owner, a vendor, an officer do, from the first
 * descriptor opened to the last entry logged.
 *
 * A flow runs in the command's own process, the coordinator: it walks folders,
 * hands descriptors to workers, asks the keeper, and holds no key.  It parses
 * nothing that came from outside and prints nothing; the command does.
 */

/* Told now and then how far a flow is; all 0: nobody knows; done 0 as well: it
 * cannot be counted.  doing is the caller's again afterwards.  tell may be
 * NULL. */
struct flow_progress {
	void (*tell)(void *arg, const char *doing, uint64_t done, uint64_t all);
	void *arg;
};

/* ---- worker.c: sources meet their parser, and are sealed ------------------
 */

/* The role "worker": shapes, parts and shards out of descriptors. */
NEED int worker_role(struct channel *up, struct fault *f);

/* ---- files.c: files by their paths -----------------------------------------
 */

struct flow_file {
	uint32_t n, of; /* the n-th, from 0, of so many */
	uint64_t size;
};
struct flow_file_seer {
	/* fd is closed when it returns. */
	int (*see)(void *arg, const char *path, int fd, struct flow_file file,
	    struct fault *f);
	void *arg;
};

/* Every file below a folder, hidden ones too, in the order of their paths, or
 * the one that is given.  FAULT_INPUT for a link, a device, a path that is no
 * UTF-8; a failure of see() ends it. */
NEED int flow_files(
    const char *given, const struct flow_file_seer *to, struct fault *f);

/* ---- policy_file.c: a policy and the files beside it ---------------------
 */

/* Read the policy at path, its bytes into text (the caller's, initialised with
 * the ceiling), and every file that it names, from its folder.  Faults are
 * those of policy_read() and policy_give(), and of reading.  On success *out is
 * the caller's, to policy_free(); NULL otherwise. */
NEED int policy_load(
    struct policy **out, const char *path, struct bytes *text, struct fault *f);

/* ---- plan.c: what would leave, decided before a byte does -----------------
 */

struct plan;

/* Original ids that must be items of the dataset; found[i] is set for each that
 * is, and leaves. */
struct plan_wanted {
	const char *const *ids;
	size_t n;
	bool *found;
};

/* Which of the items that may leave are asked for, by all that is given
 * together: of those listed, those that the vendor has not; of these a sample.
 * Items of plan_options.wanted (golden ones) leave in any case. */
enum plan_by { PLAN_BY_ITEM, PLAN_BY_SUBJECT, PLAN_BY_CLASS };

/* A sample is remembered as hashes while it is found: some 270 MB of them. */
#define PLAN_SAMPLE_MAX 4000000u
struct plan_selection {
	const char *items;     /* a file of original ids, one a line, or NULL */
	bool fresh;	       /* what the vendor has not had in this project */
	const char *overlap;   /* what was in that batch, or NULL */
	struct keeper *keeper; /* RING_EXPORT unlocked; for the two above */
	uint64_t sample;       /* so many; 0: all */
	enum plan_by by;       /* of what */
	const char *class;     /* the column or path that has the class */
	const char *seed;      /* which sample; NULL: the first */
};

/* Everything is borrowed for the call; refusals is initialised, and tells the
 * first of them in the order of the files. */
struct plan_options {
	const char *dataset; /* a folder or a file */
	const char *policy;  /* a file */
	const char *vendor;  /* its name, as the policy has it; NULL: any */
	struct refusals *refusals;
	const struct plan_wanted *wanted;    /* or NULL */
	const struct plan_selection *select; /* or NULL: all */
	bool search; /* look for the levels of risk: that lose least */
	struct keeper *suppressed; /* who knows whom to leave out, with
				    * RING_EXPORT unlocked; NULL: nobody */
	struct flow_progress progress;
};

/*
 * Meet a policy with a dataset's real shape.  FAULT_POLICY when anything is
 * left undecided, with the first refusal in f; FAULT_INPUT for what is not what
 * its type says, an item id that comes twice, a link.  The caller plan_free()s
 * *out.
 */
NEED int plan_make(
    struct plan **out, const struct plan_options *o, struct fault *f);
void plan_free(struct plan *p);

/* Is there nothing that the vendor has not had?  *had is how many it has. */
NEED bool plan_nothing_new(const struct plan *p, uint64_t *had);

/* What is decided, and under which rules: {"policy","project","purpose",
 * "retention","agreements","approve","offline","vendors","labels"?,"digest",
 * "files","bytes","items","excluded","left_behind"?:{REASON: items},
 * "gone"?,"suppression"?:{"unmatched_files"},
 * "dictionary"?:{"files","values","words","bytes"},
 * "decisions":[{"example","files","bytes",
 * "items","type","rule","exclude"?,"pixels"?: "keep",
 * "fields":[{"name","action","rule"}]}]}.
 * The caller json_decref()s *out. */
NEED int plan_json(json_t **out, const struct plan *p, struct fault *f);

/*
 * The page of a plan as DIR/plan.html (0600; DIR is made, 0700, where it is not
 * there): what plan_json() says and what more is in it, with examples masked by
 * workers.  told is added to.  What refuses it nevertheless is put on top by
 * plan_page_refuse() before.  Or of what refused it, and the policy at that
 * path.
 */
NEED int plan_page(const struct plan *p, json_t *told, const char *dir,
    const struct flow_progress *progress, struct fault *f);
NEED int plan_page_refuse(
    json_t *told, const struct fault *why, struct fault *f);
NEED int plan_page_refused(const struct refusals *r, const char *policy,
    const char *vendor, const char *dir, struct fault *f);

/* The names that a policy's detect: dictionary: finds in a dataset, in sealed
 * memory (gateway/process, sealed.c) as transform_dictionary_open() wants it;
 * for one file that is masked by itself.  The caller closes *fd.  FAULT_POLICY
 * for what no file has. */
NEED int flow_dictionary(int *fd, const struct policy *p, const char *dataset,
    const struct flow_progress *progress, struct fault *f);

/* ---- sheet.c: some of it before and after, for the owner's eyes ----------
 */

#define SHEET_MAX 500u /* a page that a browser opens */
struct sheet_options {
	uint32_t n;	  /* items, 1 to SHEET_MAX */
	const char *seed; /* which; NULL: the first */
	const char *dir;  /* for the page; made, 0700 */
	struct flow_progress progress;
};

/*
 * Write dir/sheet.html (0600, whole or not at all): n of the items that leave,
 * the riskiest of ten times as many, before and after.  It holds original data.
 * *told has none: {"page","items","of": that leave,"looked_at",
 * "with":{"failing_class","finds_left","doubtful_left","free_text"}: of how
 * many items on the page that is true}; the caller json_decref()s it.
 */
NEED int plan_sheet(json_t **told, const struct plan *p,
    const struct sheet_options *o, struct fault *f);

/* Does what leaves meet the thresholds of risk:?  FAULT_POLICY names the first
 * that is not met, and the classes that fail, by size and rows. */
NEED int plan_risk_met(const struct plan *p, struct fault *f);

/* ---- plan_exposure.c: what a vendor would then hold of persons ------------
 */

/* plan, keeper, vendor and holdings (-1) are the caller's to set; the rest is
 * what is found.  exposure_free() it. */
struct exposure {
	const struct plan *plan;
	struct keeper *keeper;
	const char *vendor;
	struct flow_progress progress;
	uint64_t batches; /* that vendor, or those it shares with, has */
	json_t *found;	  /* {"batches","persons","classes","k"}, or NULL */
	struct fault why; /* why it may not be; FAULT_NONE: it may */
	/* What the vendor would hold of persons (a file in memory), measured
	 * when so many lists were kept. */
	int holdings;
	uint64_t as_of;
};

/* Does any rule of risk: tell persons apart, so that it can be measured? */
NEED bool exposure_any(const struct plan *p);

/* Only how many batches are held; nothing has to be unlocked for it. */
NEED int exposure_count(struct exposure *e, struct fault *f);

/* Measure it, with RING_EXPORT unlocked.  Whether it may be is told by
 * exposure_met(), whose FAULT_POLICY names classes by size and rows. */
NEED int exposure_measure(struct exposure *e, struct fault *f);
NEED int exposure_met(const struct exposure *e, struct fault *f);
void exposure_free(struct exposure *e);

/* ---- init.c, init_look.c, init_count.c: a first policy from data ----------
 */

struct policy_init {
	const char *dataset; /* a folder or a file */
	const char *vendor;  /* or NULL */
	unsigned profile;    /* enum profile (policy/propose) */
	struct flow_progress progress;
};

/*
 * Look at a dataset and append a first policy to out: every file, column and
 * path has its line, and `plan` stops at the `refuse`d ones alone.  Workers
 * read the data.  *told is {"rules","fields","dropped": fields,"refused":
 * fields,"excluded": rules,"files","files_excluded","texts_excluded": files of
 * them that `text: detect` would mask}, the caller's to json_decref().
 */
NEED int flow_policy_init(struct bytes *out, json_t **told,
    const struct policy_init *o, struct fault *f);

/* ---- policy_test.c, policy_case.c: cases that a policy must meet ----------
 */

/*
 * Run a file of tests against the policy that it names.  *report, the caller's,
 * is {"tests","policy","cases":[{"name","line","ok","why"?}],"failed",
 * "coverage":{"all","covered","percent","missing":[{"rule","what"}]}}.
 * FAULT_INPUT when tests or policy cannot be read; that cases fail is no
 * failure of the call.
 */
NEED int flow_policy_test(json_t **report, const char *tests, struct fault *f);

/* ---- plan_check.c: a policy held against a dataset ------------------------
 */

struct policy_check {
	const char *policy;  /* a file */
	const char *dataset; /* a folder or a file */
	void (*tell)(void *to, const char *text);
	void *to;
	struct refusals *refusals; /* initialised, and empty */
	struct flow_progress progress;
};

/*
 * What policy_warnings() cannot know: rules that decide no file, columns and
 * paths that are in none of a rule's files, one call of tell() each; and, into
 * refusals, what would stop a plan, but for what a vendor and a home have to do
 * with it (recipients, agreements, the law, who is suppressed, what was sent).
 * That there are refusals is no failure.  FAULT_INPUT for what is not what its
 * rule says, and for item ids that come twice.
 */
NEED int flow_policy_check(const struct policy_check *o, struct fault *f);

/* ---- reveal.c: behind a vendor's pseudonyms, for their owner ---------------
 */

/* Everything is borrowed. */
struct reveal_options {
	struct keeper *keeper; /* all branches unlocked */
	const char *policy;    /* a file */
	const char *dataset;   /* where tokens are looked for, or NULL */
	const char *vendor;
	const char *project; /* NULL: the policy's */
	const char *by;	     /* who looks */
	const char *const *tokens;
	size_t n;
	struct refusals *refusals; /* as plan_options has it */
	struct flow_progress progress;
};

/*
 * Find what pseudonyms stand for.  Who looks behind which is logged first.
 * {"vendor","project","found":[{"pseudonym","how": "token", "reversible" or
 * "fpe","value","proven" bool,"field","where"?,"times"?}],"unknown":[...]}.
 * fpe has no tag: without a dataset, what it undoes to is not proven.  The
 * caller json_decref()s *out.
 */
NEED int reveal(json_t **out, const struct reveal_options *o, struct fault *f);

/* ---- export.c, export_golden.c: the plan carried out ----------------------
 */

/* Items whose answers are known, read from label lines whose "item" is an
 * original id.  Read before the plan, which must find them (wanted); checked
 * against its contract afterwards. */
struct golden_lines;
NEED int golden_read(
    struct golden_lines **out, const char *path, struct fault *f);
const struct plan_wanted *golden_wanted(const struct golden_lines *g);
/* FAULT_POLICY where the policy has no golden:, FAULT_INPUT names the line that
 * is no answer under the contract, or about no item. */
NEED int golden_check(
    const struct golden_lines *g, const struct plan *p, struct fault *f);
void golden_free(struct golden_lines *g);

struct keeper;
struct export_options {
	struct keeper *keeper; /* RING_RELEASE and RING_EXPORT unlocked */
	const char *home;      /* its folder */
	const struct plan *plan;
	const char *vendor;
	const char *name;		   /* of the batch, or NULL */
	const struct golden_lines *golden; /* or NULL */
	struct flow_progress progress;
};

/* May the plan be carried out for that vendor, today?  FAULT_POLICY when it is
 * not known, suspended or ended, an agreement is not in force, or the law says
 * no.  *decision says on what grounds (legal_decision_json()), the caller's to
 * json_decref(). */
NEED int export_check(struct keeper *k, const struct plan *p,
    const char *vendor, json_t **decision, struct fault *f);

/*
 * Seal what the plan says into a batch, or go on with the open batch that was
 * begun with the same.  Nothing is released.  FAULT_POLICY for a vendor without
 * the agreements in force; FAULT_INPUT where a source changed since the plan;
 * what was logged until then stays, and calling again goes on there.
 * *out: {"batch","name","state","resumed","shards","items","bytes",
 * "manifest","files","countries"? of the decision that it was begun under},
 * the caller's to json_decref().
 */
NEED int export_batch(
    json_t **out, const struct export_options *o, struct fault *f);

/* ---- offline.c, offline_ready.c: delivery without an agent ----------------
 */

struct offline_options {
	struct keeper *keeper; /* RING_RELEASE unlocked */
	const char *home;      /* its folder */
	const char *batch;     /* sealed and approved; name or id */
	const char *to;	       /* a folder, made here */
	struct flow_progress progress;
};

/*
 * Log the release of a whole batch, then write it into a folder that a vendor
 * opens with age and tar: shards, their indexes, manifest, receipt, checksums,
 * and START-HERE.txt, which comes last and says how.  FAULT_POLICY as for any
 * release, and without `offline: allow`; FAULT_USAGE when something else is in
 * the folder, FAULT_INPUT when objects of the batch are missing: both before
 * anything is released, and a folder made here is gone again.  Calling again
 * with the same folder writes it again under the same release.  *out:
 * {"batch","name","release","shards","bytes","folder"}.
 */
NEED int offline_deliver(
    json_t **out, const struct offline_options *o, struct fault *f);

/* ---- checker.c: a stranger's labels meet their parser --------------------
 */

/* The role "checker": one return's bytes, and nothing else. */
NEED int checker_role(struct channel *up, struct fault *f);

/* ---- unsealer.c: the owner's objects of one batch, opened ----------------
 */

/* The role "unsealer": a channel to the keeper, and an object at a time. */
NEED int unsealer_role(struct channel *up, struct fault *f);

/* ---- ingest.c: labels that came back --------------------------------------
 */

struct ingest_options {
	const char *home; /* the home's folder */
	const char *out;  /* a folder for what is accepted, made if need be */
	bool dry_run;	  /* judge, and record and keep nothing */
	struct flow_progress progress;
};

/*
 * Take in one return, named by its id or as a file that was carried here, or
 * with what NULL all that wait in quarantine.  What is accepted lies as a
 * folder in o->out, called by the return's id, and is whole and durable before
 * the log says `ingested` and quarantine lets go of the return; a rejected one
 * stays there with findings.json and findings.txt.  After a crash anywhere the
 * same call completes it.
 *
 * *report, the caller's, is {"returns":[{"return","batch","batch_name",
 * "vendor_name","verdict","status","complete","dry_run","turnaround","labels",
 * "golden": "passed", "failed", "too few to judge" or null,"score" over all
 * returns that were taken in,"unjudged_before": the returns that were taken in
 * before and share that verdict,"agreement","over_all_returns","table",
 * "output"?,"told": the state that the vendor sees,"withheld": it is told no
 * more verdicts on this batch}]}; status is the fault's kind that a refusal
 * stands for, and with verdict "failed" there is only that and "why".  -1 when
 * a return named by itself cannot be judged (one that was taken in already:
 * FAULT_POLICY), or nothing could be begun.
 */
NEED int flow_ingest(struct keeper *k, const struct ingest_options *o,
    const char *what, json_t **report, struct fault *f);
/* ---- agent.c: serving what vendors ask -------------------------------------
 */

struct keeper;

/* Serve until SIGTERM or SIGINT: k was opened to serve, with RING_RELEASE.
 * ready is told the address once it takes connections; with check nothing is
 * served once it does. */
struct flow_agent {
	const char *listen; /* "ADDRESS:PORT", or NULL: AGENT_LISTEN */
	bool check;
	void (*ready)(void *arg, const char *address);
	void *arg;
};
NEED int flow_agent_check(const struct flow_agent *o, struct fault *f);
NEED int flow_agent(
    struct keeper *k, const struct flow_agent *o, struct fault *f);

/* ---- inbox.c, fetch.c, return.c: a vendor's side --------------------------
 */

/* The roles of their workers: "opener". */
NEED int opener_role(struct channel *up, struct fault *f);

/*
 * What an owner has for us: {"owner","home","agent","batches":[...]}, the rows
 * being the owner's list with "here" and "folder" where we have something of
 * it.  Without an agent's address, and none known, what is here.
 */
struct flow_inbox {
	const char *home;
	const char *owner; /* name or id; NULL: the only one */
	const char *agent; /* "HOST:PORT" or a URL; NULL: as last time */
	struct flow_progress progress;
};
NEED int flow_inbox_check(const struct flow_inbox *o, struct fault *f);
NEED int flow_inbox(struct keeper *k, const struct flow_inbox *o, json_t **out,
    struct fault *f);

/* What is here, of all owners: {"batches":[{"batch","name","here","folder",
 * "shards","items"}]}.  No keeper is asked. */
NEED int flow_inbox_here(const char *home, json_t **out, struct fault *f);

/* The receipts of all releases to us: {"receipts":[{"batch","name","owner",
 * "receipt"}]}. */
NEED int flow_receipts(const char *home, json_t **out, struct fault *f);

/*
 * Fetch a batch, or all that were approved and are not here, and unpack them
 * into folder; several each into a folder of its own below it.  The same call
 * goes on where an earlier one was stopped.
 * FAULT_POLICY when the owner refuses, FAULT_FORGED when what came is not what
 * the owner signed.  *out is {"batches":[{"batch","name","folder","shards",
 * "members","items","bytes","acknowledged"}],"here","waiting","ended"}, the
 * last three counting what was listed and not fetched, without a name: it is
 * all here, it waits for approval, it has ended.
 */
struct flow_fetch {
	const char *home;
	const char *from;   /* an agent's address, or a folder */
	const char *owner;  /* name or id; NULL: by address, or the only one */
	const char *folder; /* NULL: one of the batch's name */
	const char *batch;  /* name or id; NULL: all */
	bool keep;	    /* the sealed shards, in the inbox */
	struct flow_progress progress;
};
/* What of it can be told before anything is unlocked. */
NEED int flow_fetch_check(const struct flow_fetch *o, struct fault *f);
NEED int flow_fetch(struct keeper *k, const struct flow_fetch *o, json_t **out,
    struct fault *f);

/*
 * Send labels for a batch back: judged by a worker, signed, sealed to the
 * batch's return recipient, and uploaded in parts; or written to a file, to be
 * carried by hand.  The same call with the same labels goes on where an earlier
 * one was stopped.  FAULT_POLICY when they would be rejected and force is not
 * set; *out is then {"report"}, which the caller json_decref()s as well.
 * *out is {"return","batch","state","bytes","report"}.
 */
struct flow_return {
	const char *home;
	const char *batch;
	char *const *labels; /* paths */
	size_t nlabels;
	bool complete;	   /* nothing more will come */
	bool force;	   /* send also what would be rejected */
	const char *to;	   /* a file, or NULL: the agent */
	const char *agent; /* NULL: as last time */
	struct flow_progress progress;
};
NEED int flow_return_check(const struct flow_return *o, struct fault *f);
NEED int flow_return(struct keeper *k, const struct flow_return *o,
    json_t **out, struct fault *f);

/* ---- backup.c: all that a home is, sealed ---------------------------------
 */

/* Everything is borrowed for the call. */
struct flow_backup {
	const char *home; /* the folder */
	int out;	  /* empty, and the caller's to keep or drop */
	bool objects;	  /* sealed shards, too */
	struct flow_progress progress;
};

struct flow_backup_made {
	uint8_t sha256[DIGEST_BYTES];
	uint64_t bytes;	     /* of the sealed file */
	uint64_t entries;    /* of the log, in it */
	uint64_t files;	     /* in it */
	uint64_t left_files; /* sealed shards not in it */
	uint64_t left_bytes;
};

/*
 * Write a backup of a home: an age file to its recovery recipient, with a tar
 * of everything but what can be made again.  The database in it was checked as
 * at every open.  It is durable in out, and in the log, when this returns 0;
 * what it is called is for the caller.  k needs RING_RELEASE.  FAULT_POLICY
 * when the home has no recovery recipient; FAULT_SYSTEM when another backup is
 * being made.
 */
NEED int flow_backup(struct keeper *k, const struct flow_backup *o,
    struct flow_backup_made *made, struct fault *f);

/* ---- objects.c: are the sealed objects those that the log names? ---------
 */

struct flow_objects {
	const char *home;
	struct flow_progress progress;
};
struct flow_objects_seen {
	uint64_t all, missing, altered;
	uint64_t bytes; /* hashed */
	json_t *wrong;	/* {"wrong" missing or altered,"what","n","sha256",
			 * "batch"? name}, the first 1,000 */
};

/* Hash each.  That some are not right is no failure; the caller
 * json_decref()s seen->wrong. */
NEED int flow_objects(struct keeper *k, const struct flow_objects *o,
    struct flow_objects_seen *seen, struct fault *f);

/* ---- log_copy.c: a log from its published files alone ----------------------
 */

struct flow_log_copy {
	const char *folder;
	const char *checkpoint; /* its name in there */
	const struct vkey *log;
	/* of every entry of a home's log, in order; or NULL */
	int (*entry)(void *arg, uint64_t seq, const struct audit_leaf *leaf,
	    struct fault *f);
	void *arg;
};

/* Verify it whole; *out is its checkpoint.  FAULT_FORGED names the first entry
 * that is not what was signed, or cannot be. */
NEED int flow_log_copy(const struct flow_log_copy *o,
    struct audit_checkpoint *out, struct fault *f);

/* Who was erased and who is suppressed in it, and the salts by which it is told
 * what it goes on from: one of KEEPER_ERASE_AGAIN's logs; restored is
 * KEEPER_RESTORATIONS's. */
NEED int flow_since_backup(const char *folder, const struct vkey *log,
    const json_t *restored, json_t **out, struct fault *f);

/* ---- restore.c: a home out of a backup ------------------------------------
 */

struct flow_restore {
	int in;				  /* the backup, from where it stands */
	const char *identity;		  /* the recovery identity's file */
	const struct age_identities *ids; /* the same, read */
	const char *key;	  /* the log's verifier key, or NULL: any */
	const char *fingerprint;  /* of an owner's card, or NULL: any */
	struct keeper_options to; /* home: where to; what shall unlock it */
	struct flow_progress progress;
};

struct flow_restored {
	uint64_t entries; /* that the backup had */
	uint64_t files;
	/* As KEEPER_WHO, and of an owner's home its card's "name",
	 * "fingerprint" and "words"; the caller's to json_decref(). */
	json_t *who;
};

/*
 * Make a home of a backup.  It is in its place only when it is whole: its log
 * and rows checked, its passphrase changed, the restoration logged.
 * FAULT_USAGE when something is in its place; FAULT_INPUT for an archive that
 * flow_backup() does not write; FAULT_FORGED for one that was altered, and for
 * another log than key's, or another card than fingerprint's.
 *
 * Whoever knows the recovery recipient, which is public, can make a backup of
 * a home of his own, with its own root: nothing inside can tell.  So whose it
 * is must be compared with what is known elsewhere.
 */
NEED int flow_restore(
    const struct flow_restore *o, struct flow_restored *done, struct fault *f);

/* The role "unpack": an opened backup into an empty folder. */
NEED int unpack_role(struct channel *up, struct fault *f);

#endif
