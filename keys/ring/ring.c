/*
 * The ring, made and opened.
 *
 * ring_create() builds everything in a folder beside keys/ and renames it as
 * its last act, so that a home has a whole ring or none.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/ring/ring_internal.h"

#define KEYS "keys"
#define KEYS_DRAFT ".draft-keys"

const char *
ring_home(const struct ring *r)
{
	return r->id;
}

enum role
ring_role(const struct ring *r)
{
	return r->role;
}

bool
ring_is_split(const struct ring *r)
{
	return r->split;
}

const struct age_recipient *
ring_recovery(const struct ring *r)
{
	return r->has_recovery ? &r->recovery : NULL;
}

void
ring_lock(struct ring *r, unsigned branches)
{
	for (unsigned b = 0; b < RING_BRANCHES; b++)
		if ((branches & 1u << b) != 0)
			age_identity_free(&r->branch[b]);
}

bool
ring_unlocked(const struct ring *r, unsigned branches)
{
	for (unsigned b = 0; b < RING_BRANCHES; b++)
		if ((branches & 1u << b) != 0 && r->branch[b].secret.len == 0)
			return false;
	return true;
}

int
ring_need(const struct ring *r, unsigned branches, struct fault *f)
{
	for (unsigned b = 0; b < RING_BRANCHES; b++)
		if ((branches & 1u << b) != 0 && !ring_unlocked(r, 1u << b)) {
			(void)fault_set(f, FAULT_POLICY, "branch %s is locked",
			    ring_branches[b]);
			return fault_hint(f,
			    "unlock it with its passphrase (--passphrase-fd N) "
			    "or --identity FILE");
		}
	return 0;
}

void
ring_close(struct ring *r)
{
	if (r == NULL)
		return;
	ring_lock(r, RING_ALL);
	file_close(&r->keys);
	mem_free(r);
}

static struct ring *
ring_new(int home, struct fault *f)
{
	struct ring *r = mem_new(sizeof(*r));

	if (r == NULL) {
		(void)fault_memory(f);
		return NULL;
	}
	r->home = home;
	r->keys = -1;
	return r;
}

/* "BRANCH", or "BRANCH/KIND" of a kind. */
static void
folder_path(char out[KEY_PATH_MAX], unsigned b, const char *kind)
{
	int n = snprintf(out, KEY_PATH_MAX, "%s%s%s", ring_branches[b],
	    kind != NULL ? "/" : "", kind != NULL ? kind : "");

	must(n > 0 && (size_t)n < KEY_PATH_MAX);
}

/* Do something to keys/, then to every branch, then to every kind. */
static int
each_folder(const struct ring *r,
    int (*act)(int fd, const char *path, struct fault *f), struct fault *f)
{
	char path[KEY_PATH_MAX];

	if (act(r->keys, ".", f) != 0)
		return -1;
	for (unsigned b = 0; b < RING_BRANCHES; b++) {
		folder_path(path, b, NULL);
		if (act(r->keys, path, f) != 0)
			return -1;
	}
	for (unsigned k = 0; k < RING_KINDS; k++) {
		folder_path(path, ring_kinds[k].branch, ring_kinds[k].name);
		if (act(r->keys, path, f) != 0)
			return -1;
	}
	return 0;
}

static int
make_folder(int fd, const char *path, struct fault *f)
{
	return strcmp(path, ".") == 0 ? 0 : folder_make(fd, path, f);
}

static int
sync_folder(int fd, const char *path, struct fault *f)
{
	int leaf, rc;

	if (folder_open(fd, path, &leaf, f) != 0)
		return -1;
	rc = folder_sync(leaf, path, f);
	file_close(&leaf);
	return rc;
}

/* The folder of a kind that the program which made the home did not know. */
static int
add_folder(int fd, const char *path, struct fault *f)
{
	char above[KEY_PATH_MAX];
	char *slash;

	if (file_is_there(fd, path))
		return 0;
	(void)snprintf(above, sizeof(above), "%s", path);
	if ((slash = strrchr(above, '/')) == NULL)
		return 0; /* a branch: look_at() says that it is gone */
	*slash = '\0';
	if (folder_make(fd, path, f) != 0)
		return -1;
	return sync_folder(fd, above, f);
}

static int
look_at(int fd, const char *path, struct fault *f)
{
	int leaf, rc;

	if (folder_open(fd, path, &leaf, f) != 0)
		return -1;
	rc = folder_is_ours(leaf, path, 077, f);
	file_close(&leaf);
	return rc;
}

static int
sweep_folder(int fd, const char *path, struct fault *f)
{
	int leaf, rc;

	if (folder_open(fd, path, &leaf, f) != 0)
		return -1;
	rc = draft_sweep(leaf, f);
	file_close(&leaf);
	return rc;
}

int
ring_sweep(struct ring *r, struct fault *f)
{
	if (r->swept)
		return 0;
	if (each_folder(r, sweep_folder, f) != 0)
		return fault_at(f, "keys");
	r->swept = true;
	return 0;
}

int
ring_folders(int home, struct fault *f)
{
	struct ring r = { .home = home, .keys = -1 };
	int rc;

	if (folder_open(home, KEYS, &r.keys, f) != 0)
		return -1;
	rc = each_folder(&r, make_folder, f);
	file_close(&r.keys);
	return rc;
}

int
ring_open(struct ring **out, int home, struct fault *f)
{
	struct ring *r;

	*out = NULL;
	if (folder_is_ours(home, "the home", 022, f) != 0)
		return -1;
	if (!file_is_there(home, KEYS)) {
		(void)fault_set(f, FAULT_INPUT, "keys: not there");
		return fault_hint(f, "handoff init makes an owner's home, "
				     "handoff enroll a vendor's");
	}
	if ((r = ring_new(home, f)) == NULL)
		return -1;
	if (folder_open(home, KEYS, &r->keys, f) != 0)
		goto fail;
	if (each_folder(r, add_folder, f) != 0 ||
	    each_folder(r, look_at, f) != 0) {
		(void)fault_at(f, "keys");
		goto fail;
	}
	if (record_read(r, f) != 0)
		goto fail;
	*out = r;
	return 0;
fail:
	ring_close(r);
	return -1;
}

/* The root to what opens it, and to the recovery. */
static int
wrap_root(struct ring *r, const struct ring_init *init,
    const struct age_identity *root, struct fault *f)
{
	const struct holders recovery = { .to = { &r->recovery, 1 } };
	struct label l = root_label(r);

	if (!init->split &&
	    wrap_for(r, ROOT_FILE, &l, root, init->unlock[0], f) != 0)
		return -1;
	if (!r->has_recovery)
		return 0;
	l = recovery_label(r);
	return wrap_to(r, ROOT_RECOVERY_FILE, &l, root, &recovery, f);
}

/* Each branch to the root, and in a split home to what opens it alone. */
static int
wrap_branches(struct ring *r, const struct ring_init *init,
    const struct age_identity *root, struct fault *f)
{
	struct age_identity lent = *root; /* the secret stays the root's */
	const struct age_identities by = { &lent, 1 };
	char path[KEY_PATH_MAX];

	for (unsigned b = 0; b < RING_BRANCHES; b++) {
		struct label l = branch_label(r, b);

		branch_path(path, b, BRANCH_FILE);
		if (wrap_by(r, path, &l, &r->branch[b], &by, f) != 0)
			return -1;
		branch_path(path, b, UNLOCK_FILE);
		if (init->split && wrap_for(r, path, &l, &r->branch[b],
				       init->unlock[b], f) != 0)
			return -1;
	}
	return 0;
}

/* Everything in keys/, but for its name. */
static int
fill(struct ring *r, const struct ring_init *init, struct fault *f)
{
	struct age_identity root = { .kind = AGE_OTHER };
	int rc = -1;

	id_new(r->id, 'h');
	r->role = init->role;
	r->split = init->split;
	r->has_recovery = init->recovery != NULL;
	if (r->has_recovery)
		r->recovery = *init->recovery;
	if (age_identity_new(&root, f) != 0)
		goto out;
	for (unsigned b = 0; b < RING_BRANCHES; b++)
		if (age_identity_new(&r->branch[b], f) != 0 ||
		    age_identity_recipient(&r->to[b], &r->branch[b], f) != 0)
			goto out;
	if (record_write(r, f) != 0 || wrap_root(r, init, &root, f) != 0 ||
	    wrap_branches(r, init, &root, f) != 0)
		goto out;
	for (size_t i = 0; i < init->nkeys; i++)
		if (key_make(r, &init->keys[i], NULL, f) != 0)
			goto out;
	rc = each_folder(r, sync_folder, f);
out:
	age_identity_free(&root);
	return rc;
}

/* Give the finished folder its name, durably. */
static int
publish(int home, struct fault *f)
{
	if (renameat2(home, KEYS_DRAFT, home, KEYS, RENAME_NOREPLACE) != 0)
		return fault_errno(f, "name keys");
	if (folder_sync(home, "the home", f) == 0)
		return 0;
	(void)renameat(home, KEYS, home, KEYS_DRAFT); /* not durable: gone */
	return -1;
}

int
ring_create(
    struct ring **out, int home, const struct ring_init *init, struct fault *f)
{
	struct ring *r;

	*out = NULL;
	must(init->recovery == NULL || init->recovery->kind != AGE_SCRYPT);
	if (folder_is_ours(home, "the home", 022, f) != 0)
		return -1;
	if (file_is_there(home, KEYS))
		return fault_set(f, FAULT_USAGE, "this home has keys already");
	if ((r = ring_new(home, f)) == NULL)
		return -1;
	if (folder_remove(home, KEYS_DRAFT, f) == 0 &&
	    folder_make(home, KEYS_DRAFT, f) == 0 &&
	    folder_open(home, KEYS_DRAFT, &r->keys, f) == 0 &&
	    each_folder(r, make_folder, f) == 0 && fill(r, init, f) == 0 &&
	    publish(home, f) == 0) {
		*out = r;
		return 0;
	}
	ring_close(r);
	(void)!folder_remove(home, KEYS_DRAFT, &(struct fault){ 0 }); /* or
		 the next call does */
	return -1;
}
