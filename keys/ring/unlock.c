/*
 * What opens a home: passphrase or identity file, root, branches.
 *
 *     whole   passphrase --> root.age --> root --> BRANCH/branch.age
 *     split   passphrase --> BRANCH/unlock.age
 *     lost    recovery identity --> root-recovery.age --> root --> ...
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
	return (struct label){ r->id, "root", "root", r->record };
}

struct label
branch_label(const struct ring *r, unsigned b)
{
	return (struct label){ r->id, "branch", ring_branches[b], r->record };
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

/* Whom to seal to so that how opens. */
static int
recipients_of(
    struct age_recipients *to, const struct ring_unlock *how, struct fault *f)
{
	struct age_identities ids = { 0 };
	struct age_recipient r = { 0 };
	int rc = -1;

	if (how->means == RING_PASSPHRASE) {
		if (age_recipient_passphrase(
			&r, how->text.at, how->text.len, f) != 0 ||
		    age_recipients_add(to, &r, f) != 0)
			goto out;
		return 0;
	}
	if (identities_of(&ids, how, f) != 0)
		goto out;
	for (size_t i = 0; i < ids.n; i++)
		if (age_identity_recipient(&r, &ids.at[i], f) != 0 ||
		    age_recipients_add(to, &r, f) != 0)
			goto out;
	rc = 0;
out:
	age_recipient_free(&r);
	age_identities_free(&ids);
	return rc;
}

int
wrap_to(const struct ring *r, const char *path, const struct label *l,
    const struct age_identity *id, const struct age_recipients *to,
    struct fault *f)
{
	struct secret body = { 0 };
	struct bytes text;
	int rc = -1;

	bytes_init(&text, WRAP_MAX);
	if (body_of_identity(&body, id, f) == 0 &&
	    wrapped_seal(&text, l, &body, to->at, to->n, f) == 0 &&
	    file_put_below(r->keys, path, &text, f) == 0)
		rc = 0;
	else
		(void)fault_at(f, "keys/%s", path);
	bytes_free(&text);
	secret_free(&body);
	return rc;
}

int
wrap_for(const struct ring *r, const char *path, const struct label *l,
    const struct age_identity *id, const struct ring_unlock *how,
    struct fault *f)
{
	struct age_recipients to = { 0 };
	int rc = -1;

	if (recipients_of(&to, how, f) == 0)
		rc = wrap_to(r, path, l, id, &to, f);
	age_recipients_free(&to);
	return rc;
}

/* Unwrap what stands under path; FAULT_FORGED unless it is what l says. */
static int
unwrap(const struct ring *r, const char *path, const struct label *l,
    const struct age_identities *ids, struct age_identity *out, struct fault *f)
{
	struct secret body = { 0 };
	struct bytes file;
	int rc = -1;

	bytes_init(&file, WRAP_MAX);
	if (file_read(r->keys, path, &file, f) != 0)
		(void)fault_at(f, "keys");
	else if (wrapped_open(&body, l, &file, ids->at, ids->n, f) != 0 ||
		 identity_of_body(out, &body, f) != 0)
		(void)fault_at(f, "keys/%s", path);
	else
		rc = 0;
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
	if ((how->means == RING_PASSPHRASE) != wanted)
		return fault_set(f, FAULT_INPUT, "keys/%s: opens with %s", path,
		    wanted ? "a passphrase, not an identity file"
			   : "an identity file, not a passphrase");
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

/* Open every branch of bits into got, whose others stay empty. */
static int
branches_open(const struct ring *r, unsigned branches,
    const struct ring_unlock *how, struct age_identity got[RING_BRANCHES],
    struct fault *f)
{
	bool by_root = !r->split || how->means == RING_RECOVERY;
	struct age_identity root = { .kind = AGE_OTHER };
	int rc = -1;

	if (by_root && root_open(r, how, &root, f) != 0)
		return -1;
	for (unsigned b = 0; b < RING_BRANCHES; b++)
		if ((branches & 1u << b) != 0 &&
		    branch_open(
			r, b, by_root ? &root : NULL, how, &got[b], f) != 0)
			goto out;
	rc = 0;
out:
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

int
ring_rewrap(struct ring *r, const struct ring_unlock *now, unsigned branches,
    const struct ring_unlock *to, struct fault *f)
{
	struct age_identity got[RING_BRANCHES] = { 0 };
	struct age_identity root = { .kind = AGE_OTHER };
	struct label l = root_label(r);
	char path[KEY_PATH_MAX];
	int rc = -1;

	must(to->means != RING_RECOVERY);
	if (!r->split) {
		if (root_open(r, now, &root, f) == 0)
			rc = wrap_for(r, ROOT_FILE, &l, &root, to, f);
		age_identity_free(&root);
		return rc;
	}
	must(branches != 0 && (branches & ~RING_ALL) == 0);
	if (branches_open(r, branches, now, got, f) != 0)
		goto out;
	for (unsigned b = 0; b < RING_BRANCHES; b++) {
		if ((branches & 1u << b) == 0)
			continue;
		l = branch_label(r, b);
		branch_path(path, b, UNLOCK_FILE);
		if (wrap_for(r, path, &l, &got[b], to, f) != 0)
			goto out;
	}
	rc = 0;
out:
	for (unsigned b = 0; b < RING_BRANCHES; b++)
		age_identity_free(&got[b]);
	return rc;
}
