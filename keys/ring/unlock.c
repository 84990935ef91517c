/*
 * What opens a home: passphrase or identity file, root, branches.
 *
 *     whole   passphrase --> root.age --> root --> BRANCH/branch.age
 *     split   passphrase --> BRANCH/unlock.age
 *     lost    recovery identity --> root-recovery.age --> root --> ...
 *
 * Each step checks that what it opens was made with the secret of the step
 * before (bind.c), and that a branch is the one whose recipient home.json
 * names.
 *
 * The root exists in memory only inside ring_create(), ring_unlock() and
 * ring_rewrap().
 */

#include <stdio.h>
#include <string.h>

#include "keys/base/files.h"
#include "keys/ring/ring_internal.h"

struct label
root_label(const struct ring *r)
{
	return (struct label){ r->id, "root", "root", r->record, false };
}

struct label
recovery_label(const struct ring *r)
{
	return (struct label){ r->id, "root", "recovery", r->record, true };
}

struct label
branch_label(const struct ring *r, unsigned b)
{
	return (struct label){ r->id, "branch", ring_branches[b], r->record,
		false };
}

void
branch_path(char out[KEY_PATH_MAX], unsigned b, const char *file)
{
	int n = snprintf(out, KEY_PATH_MAX, "%s/%s", ring_branches[b], file);

	must(n > 0 && (size_t)n < KEY_PATH_MAX);
}

/* The identities in an identity file, or the passphrase as one. */
static int
identities_of(
    struct age_identities *ids, const struct ring_unlock *how, struct fault *f)
{
	struct age_identity id;

	if (how->means != RING_PASSPHRASE) {
		if (age_identities_read(
			ids, (const char *)how->text.at, how->text.len, f) == 0)
			return 0;
		return fault_at(f, "the identity file");
	}
	if (age_identity_passphrase(&id, how->text.at, how->text.len, f) != 0)
		return -1;
	if (age_identities_add(ids, &id, f) != 0) {
		age_identity_free(&id);
		return -1;
	}
	return 0;
}

/* Whom to seal to so that the identities open. */
static int
recipients_of(struct age_recipients *to, const struct age_identities *ids,
    struct fault *f)
{
	for (size_t i = 0; i < ids->n; i++) {
		const struct age_identity *id = &ids->at[i];
		struct age_recipient r = { 0 };
		int rc = id->kind == AGE_SCRYPT
			     ? age_recipient_passphrase(
				   &r, id->secret.at, id->secret.len, f)
			     : age_identity_recipient(&r, id, f);

		if (rc != 0 || age_recipients_add(to, &r, f) != 0) {
			age_recipient_free(&r);
			return -1;
		}
	}
	return 0;
}

int
wrap_to(const struct ring *r, const char *path, const struct label *l,
    const struct age_identity *id, const struct holders *h, struct fault *f)
{
	struct secret body = { 0 };
	struct bytes text;
	int rc = -1;

	bytes_init(&text, WRAP_MAX);
	if (body_of_identity(&body, id, f) == 0 &&
	    wrapped_seal(&text, l, &body, h, f) == 0 &&
	    file_put_below(r->keys, path, &text, f) == 0)
		rc = 0;
	else
		(void)fault_at(f, "keys/%s", path);
	bytes_free(&text);
	secret_free(&body);
	return rc;
}

int
wrap_by(const struct ring *r, const char *path, const struct label *l,
    const struct age_identity *id, const struct age_identities *by,
    struct fault *f)
{
	struct holders h = { .to = { NULL, 0 } };
	int rc = -1;

	if (recipients_of(&h.to, by, f) == 0 &&
	    bind_of_identities(&h.bind, l, by, f) == 0)
		rc = wrap_to(r, path, l, id, &h, f);
	age_recipients_free(&h.to);
	secret_free(&h.bind);
	return rc;
}

int
wrap_for(const struct ring *r, const char *path, const struct label *l,
    const struct age_identity *id, const struct ring_unlock *how,
    struct fault *f)
{
	struct age_identities by = { 0 };
	int rc = -1;

	if (identities_of(&by, how, f) == 0)
		rc = wrap_by(r, path, l, id, &by, f);
	age_identities_free(&by);
	return rc;
}

/* Unwrap what stands under path; FAULT_FORGED unless it is what l says. */
static int
unwrap(const struct ring *r, const char *path, const struct label *l,
    const struct age_identities *ids, struct age_identity *out, struct fault *f)
{
	struct secret body = { 0 }, bind = { 0 };
	struct bytes file;
	int rc = -1;

	bytes_init(&file, WRAP_MAX);
	if (file_read(r->keys, path, &file, f) != 0)
		(void)fault_at(f, "keys");
	else if (bind_of_identities(&bind, l, ids, f) != 0 ||
		 wrapped_open(&body, l, &file, ids, &bind, f) != 0 ||
		 identity_of_body(out, &body, f) != 0)
		(void)fault_at(f, "keys/%s", path);
	else
		rc = 0;
	secret_free(&bind);
	secret_free(&body);
	bytes_free(&file);
	return rc;
}

/* Is a wrap opened by a passphrase?  Tells people who typed one in vain. */
static int
opens_by_passphrase(
    const struct ring *r, const char *path, bool *yes, struct fault *f)
{
	struct age_header h = { 0 };
	struct bytes file;
	int rc = -1;

	bytes_init(&file, WRAP_MAX);
	if (file_read(r->keys, path, &file, f) != 0)
		(void)fault_at(f, "keys");
	else if (age_header_read(&h, file.at, file.len, f) != 0)
		(void)fault_at(f, "keys/%s", path);
	else {
		*yes = h.stanzas[0].kind == AGE_SCRYPT;
		rc = 0;
	}
	age_header_free(&h);
	bytes_free(&file);
	return rc;
}

/* The same by what a person has, with messages that he can act on. */
static int
unwrap_by(const struct ring *r, const char *path, const struct label *l,
    const struct ring_unlock *how, struct age_identity *out, struct fault *f)
{
	bool wanted;
	struct age_identities ids = { 0 };
	int rc = -1;

	if (opens_by_passphrase(r, path, &wanted, f) != 0)
		return -1;
	if ((how->means == RING_PASSPHRASE) != wanted) {
		(void)fault_set(f, FAULT_INPUT, "keys/%s: opens with %s", path,
		    wanted ? "a passphrase, not an identity file"
			   : "an identity file, not a passphrase");
		return wanted ? -1 : fault_hint(f, "-i FILE");
	}
	if (identities_of(&ids, how, f) == 0)
		rc = unwrap(r, path, l, &ids, out, f);
	age_identities_free(&ids);
	return rc;
}

static int
root_open(const struct ring *r, const struct ring_unlock *how,
    struct age_identity *root, struct fault *f)
{
	struct label l = root_label(r);

	if (how->means != RING_RECOVERY)
		return unwrap_by(r, ROOT_FILE, &l, how, root, f);
	if (!r->has_recovery)
		return fault_set(f, FAULT_INPUT,
		    "this home was made without a recovery recipient");
	l = recovery_label(r);
	return unwrap_by(r, ROOT_RECOVERY_FILE, &l, how, root, f);
}

/* Branch b, by the root when there is one, else by its own unlock. */
static int
branch_open(const struct ring *r, unsigned b, const struct age_identity *root,
    const struct ring_unlock *how, struct age_identity *out, struct fault *f)
{
	struct label l = branch_label(r, b);
	struct age_identity key;
	struct age_identities ids = { &key, 1 };
	char path[KEY_PATH_MAX];

	if (root == NULL) {
		branch_path(path, b, UNLOCK_FILE);
		return unwrap_by(r, path, &l, how, out, f);
	}
	key = *root; /* lent, not copied: the secret is the root's */
	branch_path(path, b, BRANCH_FILE);
	if (unwrap(r, path, &l, &ids, out, f) == 0)
		return 0;
	fault_own_file(f);
	return -1;
}

/* Is it the identity whose recipient the record names? */
static int
branch_fits(const struct ring *r, unsigned b, const struct age_identity *id,
    struct fault *f)
{
	struct age_recipient to;

	if (age_identity_recipient(&to, id, f) != 0)
		return -1;
	if (r->to[b].kind == AGE_X25519 &&
	    memcmp(to.key, r->to[b].key, AGE_X25519_BYTES) == 0)
		return 0;
	return fault_set(f, FAULT_FORGED,
	    "keys/%s: not the branch that keys/home.json names",
	    ring_branches[b]);
}

/* Open every branch of bits into got, whose others stay empty. */
static int
branches_by(const struct ring *r, unsigned branches,
    const struct age_identity *root, const struct ring_unlock *how,
    struct age_identity got[RING_BRANCHES], struct fault *f)
{
	for (unsigned b = 0; b < RING_BRANCHES; b++)
		if ((branches & 1u << b) != 0 &&
		    (branch_open(r, b, root, how, &got[b], f) != 0 ||
			branch_fits(r, b, &got[b], f) != 0))
			return -1;
	return 0;
}

static void
branches_free(struct age_identity got[RING_BRANCHES])
{
	for (unsigned b = 0; b < RING_BRANCHES; b++)
		age_identity_free(&got[b]);
}

/* The same, by what there is; on failure some may be open. */
static int
branches_open(const struct ring *r, unsigned branches,
    const struct ring_unlock *how, struct age_identity got[RING_BRANCHES],
    struct fault *f)
{
	bool by_root = !r->split || how->means == RING_RECOVERY;
	struct age_identity root = { .kind = AGE_OTHER };
	int rc;

	if (by_root && root_open(r, how, &root, f) != 0)
		return -1;
	rc = branches_by(r, branches, by_root ? &root : NULL, how, got, f);
	age_identity_free(&root);
	return rc;
}

int
ring_unlock(struct ring *r, unsigned branches, const struct ring_unlock *how,
    struct fault *f)
{
	struct age_identity got[RING_BRANCHES] = { 0 };
	int rc;

	must(branches != 0 && (branches & ~RING_ALL) == 0);
	rc = branches_open(r, branches, how, got, f);
	if (rc == 0) /* before the first key is written or destroyed */
		rc = ring_sweep(r, f);
	for (unsigned b = 0; b < RING_BRANCHES; b++) {
		if (rc != 0)
			age_identity_free(&got[b]);
		else if ((branches & 1u << b) != 0) {
			age_identity_free(&r->branch[b]);
			r->branch[b] = got[b]; /* the ring's from here */
		}
	}
	return rc;
}

/* A root that opens no branch of ours is not ours, and must not take the place
 * of the one that does. */
static int
rewrap_root(const struct ring *r, const struct ring_unlock *now,
    const struct ring_unlock *to, struct fault *f)
{
	struct age_identity got[RING_BRANCHES] = { 0 };
	struct age_identity root = { .kind = AGE_OTHER };
	struct label l = root_label(r);
	int rc = -1;

	if (root_open(r, now, &root, f) == 0 &&
	    branches_by(r, RING_ALL, &root, now, got, f) == 0)
		rc = wrap_for(r, ROOT_FILE, &l, &root, to, f);
	branches_free(got);
	age_identity_free(&root);
	return rc;
}

int
ring_rewrap(struct ring *r, const struct ring_unlock *now, unsigned branches,
    const struct ring_unlock *to, struct fault *f)
{
	struct age_identity got[RING_BRANCHES] = { 0 };
	char path[KEY_PATH_MAX];
	int rc;

	must(to->means != RING_RECOVERY);
	if (!r->split)
		return rewrap_root(r, now, to, f);
	must(branches != 0 && (branches & ~RING_ALL) == 0);
	rc = branches_open(r, branches, now, got, f);
	for (unsigned b = 0; rc == 0 && b < RING_BRANCHES; b++) {
		struct label l = branch_label(r, b);

		if ((branches & 1u << b) == 0)
			continue;
		branch_path(path, b, UNLOCK_FILE);
		rc = wrap_for(r, path, &l, &got[b], to, f);
	}
	branches_free(got);
	return rc;
}
