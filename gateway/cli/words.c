/*
 * The words of this program, each with one meaning, in code, help, documents
 * and reports alike.  `handoff help WORD` prints them.
 */

#include "gateway/cli/cli.h"

const struct exit_status exit_statuses[] = {
	{ FAULT_NONE, "done", NULL },
	{ FAULT_USAGE, "usage",
	    "an unknown command, option or word, or a wrong number of "
	    "operands" },
	{ FAULT_POLICY, "refused by policy",
	    "a rule says no, and the message names it" },
	{ FAULT_FORGED, "forged or altered",
	    "a tag, hash or signature is wrong" },
	{ FAULT_PEER, "the other side or the network failed", NULL },
	{ FAULT_INPUT, "malformed, over a limit, or named and not there",
	    "no such batch, vendor, agreement, return, file" },
	{ FAULT_SYSTEM, "system",
	    "disk, memory, descriptors, a lock that another process holds" },
	{ 0, NULL, NULL },
};

const struct word words[] = {
	{ "acknowledgement",
	    "The receiver's signed statement over a receipt and the digests of "
	    "the objects that it verified.  The log gets an entry of its own "
	    "for it.  A release says that a key may have left; only an "
	    "acknowledgement shows that something arrived." },
	{ "agreement",
	    "An NDA, DPA (GDPR Article 28), SCC module or other paper in force "
	    "with a vendor between two dates.  The paper is kept sealed; the "
	    "log has a commitment to it.  A policy names the types that must "
	    "be in force at export and at every release." },
	{ "approval",
	    "What lets a sealed batch be released at all: one person's, or two "
	    "persons', as the policy's `approve` says." },
	{ "batch",
	    "The items exported together to one vendor under one policy.  It "
	    "has a name that its owner gave it and a random id, b-..., and is "
	    "divided into shards." },
	{ "branch",
	    "A third of a home's keys, with an unlock of its own.  release: "
	    "what gives keys to vendors and writes the log.  export: what "
	    "makes pseudonyms and manifests.  reveal: what leads from what was "
	    "sent back to persons.  An unattended agent unlocks release "
	    "alone." },
	{ "card",
	    "What a home shows of itself to another: name, age recipient, "
	    "Ed25519 verifier key and TLS key, signed by itself.  Anyone can "
	    "make one, so its fingerprint is compared over another channel "
	    "before anything is released." },
	{ "checkpoint",
	    "A signed note that pins how many entries the log has and the root "
	    "of the tree over them.  Whoever keeps an old one can show that "
	    "entries were taken away or rewritten later." },
	{ "dataset",
	    "What the owner has: a folder, or one file, of source files.  It "
	    "is read and never written." },
	{ "delete",
	    "The vendor's side of an ending: its files go, and a signed "
	    "statement says so.  The statement is proof of a promise, not of "
	    "the deletion." },
	{ "domain",
	    "A pseudonymisation domain (EDPB Guidelines 01/2025): those who "
	    "may hold pseudonyms that link to each other.  By default one "
	    "vendor and one project, so that two vendors cannot join their "
	    "data by our tokens." },
	{ "end",
	    "Of an agreement or a vendor: it is over, and does not come back.  "
	    "Releases that need it stop." },
	{ "entry",
	    "One line of the log, in canonical JSON with a salt of its own.  "
	    "It holds random ids, counts, times and commitments; nothing that "
	    "identifies a person without a secret that can be destroyed." },
	{ "erase",
	    "To take out one person, everywhere: from what is kept, from what "
	    "may still be released, and from the sidecars." },
	{ "golden item",
	    "An item whose answer the owner knows, hidden among the others by "
	    "a keyed shuffle.  The log commits to the answers, the metric and "
	    "the pass mark before the vendor sees anything." },
	{ "grant",
	    "A vendor's permission to be given keys for the shards of a batch, "
	    "between two dates.  It permits; the release is the act." },
	{ "hold",
	    "What keeps a batch, a vendor's batches or all that is about a "
	    "person from being destroyed, because somebody has to be able to "
	    "look at it.  It suspends shredding, erasure and retention." },
	{ "home",
	    "The gateway's directory: keys, catalog, log, objects.  It is "
	    "--home DIR, else $HANDOFF_HOME, else ./.handoff if that is there, "
	    "else $XDG_DATA_HOME/handoff.  Only its owner may write to it." },
	{ "ingest",
	    "To take a return in: check it against the contract, score it on "
	    "the golden items, and join its labels to the original ids." },
	{ "item",
	    "One thing to label: a file, a row or a document.  Its files stay "
	    "in one shard.  Delivered, it is called by 26 random letters, new "
	    "in every batch." },
	{ "log",
	    "The append-only transparency log of a home (C2SP tlog-tiles): "
	    "what left, under which rule, to whom, and what came back.  "
	    "Anybody can verify it from its files alone with `handoff audit "
	    "verify`." },
	{ "manifest",
	    "The signed statement that describes a batch: its shards and items "
	    "by digest, its contract and terms.  A new revision names the one "
	    "before it and waits for new approval." },
	{ "offline",
	    "A delivery without an agent: `handoff export --name BATCH --to "
	    "DIR` writes an approved batch as a folder, sealed to its vendor, "
	    "to be carried there.  The policy must say `offline: allow`.  It "
	    "is a release like any other, of every shard at once." },
	{ "officer",
	    "Who watches for compliance: verifies the log, reads sidecars, "
	    "gives account of it to others." },
	{ "owner", "Whose data it is; who decides what may leave." },
	{ "plan",
	    "A policy held against a dataset's real shape: every file, column, "
	    "field and metadata block with exactly one decided action.  It is "
	    "made before a byte is exported.  What is not in it, or changed "
	    "since, stops the shard." },
	{ "policy",
	    "The owner's YAML: what may leave, in which form, to whom, for "
	    "which purpose, how long.  docs/POLICY.md, handoff-policy(5)." },
	{ "project",
	    "One labelling purpose of an owner, named in the policy.  With the "
	    "vendor it names the pseudonymisation domain." },
	{ "receipt",
	    "An entry's bytes and the proof that they are in the log (C2SP "
	    "tlog-proof).  It checks offline, with `handoff verify` or another "
	    "program." },
	{ "recovery",
	    "An age identity that is kept offline.  The home's root, the join "
	    "maps and every backup are sealed to its recipient too, so that a "
	    "lost passphrase or machine does not lose the keys." },
	{ "release",
	    "The act that makes a shard readable: its file key is wrapped to "
	    "the vendor, after the log says so.  A released key cannot be "
	    "called back." },
	{ "retention",
	    "How long a vendor may keep a batch after its release, as the "
	    "policy's `retention` says: a number and d, w or y, for days, "
	    "weeks or years." },
	{ "return",
	    "A vendor's labels for a batch, complete or partial: signed, then "
	    "sealed with the signature inside to the batch's return "
	    "recipient." },
	{ "shard",
	    "One sealed object of a batch: an age file whose plaintext is a "
	    "tar.  Each has an identity of its own; destroying that makes the "
	    "shard unreadable at rest." },
	{ "shred",
	    "To destroy our keys and objects of a batch.  What a vendor was "
	    "given stays with the vendor.  Until the last backup that has the "
	    "keys has expired, nothing is called unreadable." },
	{ "sidecar",
	    "The private facts of an entry, sealed to the officers.  It can be "
	    "erased; the entry stays and still proves what it proved." },
	{ "stop",
	    "To withdraw everything of a batch or a vendor now, and open an "
	    "incident." },
	{ "subject",
	    "The natural person that items are about, named by a key to which "
	    "the policy points." },
	{ "suppression",
	    "That nothing of a person leaves any more: after an objection "
	    "(GDPR "
	    "Article 21), a restriction (Article 18) or a withdrawn consent "
	    "(Article 7).  Plans and exports leave the person out, and a shard "
	    "that has something of them is not released." },
	{ "suspend",
	    "To stop releases to a vendor for a while.  It can be resumed; "
	    "stop and end cannot." },
	{ "vendor",
	    "Who labels: a dedicated team or a crowd.  Known by its card, and "
	    "confirmed by the card's fingerprint." },
	{ "withdraw",
	    "To allow no further release of a batch.  What was released stays "
	    "released." },
	{ "witness",
	    "An outside party that countersigns checkpoints, so that an owner "
	    "cannot show two logs to two people.  Without one, receipts and "
	    "reports say `unwitnessed`." },
	{ NULL, NULL },
};
