/*
 * A new home, from the command's side: made beside its place, and renamed into
 * it as the last act, so that a crash leaves a folder that nobody takes for a
 * home.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/keeper/keeper.h"
#include "gateway/keeper/passphrase_internal.h"
#include "gateway/keeper/start_internal.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"
#include "keys/base/text.h"

/* The folder that the home will lie in, and the home's name there. */
static int
open_parent(const char *home, int *fd, char name[256], struct fault *f)
{
	char path[4096];
	size_t len = strlen(home);
	char *slash;

	while (len > 1 && home[len - 1] == '/')
		len--;
	if (len == 0 || len >= sizeof(path))
		return fault_set(f, FAULT_USAGE, "--home: not a folder's name");
	memcpy(path, home, len);
	path[len] = '\0';
	slash = strrchr(path, '/');
	if (strlen(slash != NULL ? slash + 1 : path) > 200)
		return fault_set(
		    f, FAULT_USAGE, "--home: the name is too long");
	(void)snprintf(name, 256, "%s", slash != NULL ? slash + 1 : path);
	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return fault_set(f, FAULT_USAGE, "--home: not a folder's name");
	if (slash == NULL)
		return folder_open(AT_FDCWD, ".", fd, f);
	*(slash == path ? slash + 1 : slash) = '\0';
	return folder_open(AT_FDCWD, path, fd, f);
}

/* What shall unlock, as descriptors: one, or one for each branch. */
static int
unlock_texts(const struct keeper_options *o, bool split, int fds[RING_BRANCHES],
    struct fault *f)
{
	static const char *const prompts[RING_BRANCHES] = {
		"New passphrase (release): ", "New passphrase (export): ",
		"New passphrase (reveal): "
	};
	size_t n = split ? RING_BRANCHES : 1;

	if (o->identity != NULL && split)
		return fault_set(f, FAULT_USAGE,
		    "one identity for three branches is no split");
	for (size_t i = 0; i < n; i++)
		if (unlock_text(o, split ? prompts[i] : "New passphrase: ",
			true, &fds[i], f) != 0)
			return -1;
	return 0;
}

static json_t *
words_of(const struct keeper_options *o, const struct keeper_home *h,
    struct fault *f)
{
	json_t *in = json_pack("{s:s,s:s,s:b,s:i}", "role", role_name(h->role),
	    "name", h->name, "split", (int)h->split, "means",
	    o->identity == NULL ? RING_PASSPHRASE : RING_IDENTITY);
	struct bytes text;

	if (in == NULL || h->recovery == NULL)
		return in;
	bytes_init(&text, 4096);
	if (age_recipient_write(&text, h->recovery, f) != 0 ||
	    json_object_set_new(in, "recovery",
		json_stringn((const char *)text.at, text.len)) != 0) {
		json_decref(in);
		in = NULL;
	}
	bytes_free(&text);
	return in;
}

/* Fill the folder. */
static int
fill(const struct keeper_options *o, const struct keeper_home *h, int folder,
    struct fault *f)
{
	int texts[RING_BRANCHES] = { -1, -1, -1 }, rc = -1;
	struct keeper_fds fds = { texts, h->split ? RING_BRANCHES : 1, NULL,
		0 };
	struct keeper *k = NULL;

	if (unlock_texts(o, h->split, texts, f) != 0 ||
	    keeper_start(&k, folder, f) != 0)
		goto out;
	rc = keeper_ask_fds(k, KEEPER_CREATE, words_of(o, h, f), &fds, NULL, f);
	if (rc == 0 && h->more != NULL)
		rc = h->more(k, h->arg, f);
out:
	if (keeper_close(k, f) != 0)
		rc = -1;
	for (size_t i = 0; i < RING_BRANCHES; i++)
		file_close(&texts[i]);
	return rc;
}

int
keeper_create(const struct keeper_options *o, const struct keeper_home *h,
    struct fault *f)
{
	char name[256], draft[256 + 16];
	uint8_t random[5];
	int parent = -1, folder = -1, rc = -1;

	if (open_parent(o->home, &parent, name, f) != 0)
		return fault_at(f, "%s", o->home);
	if (faccessat(parent, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		(void)fault_set(f, FAULT_USAGE, "%s is there already", o->home);
		(void)fault_hint(f, "handoff status --home %s", o->home);
		goto out;
	}
	random_fill(random, sizeof(random));
	(void)snprintf(draft, sizeof(draft), ".%s.", name);
	base32_write(draft + strlen(draft), random, sizeof(random));
	if (folder_make(parent, draft, f) != 0 ||
	    folder_open(parent, draft, &folder, f) != 0)
		goto out;
	rc = fill(o, h, folder, f);
	if (rc == 0 &&
	    renameat2(parent, draft, parent, name, RENAME_NOREPLACE) != 0)
		rc = fault_errno(f, "%s", o->home);
	if (rc == 0)
		rc = folder_sync(parent, o->home, f);
	else
		(void)!folder_remove(parent, draft, &(struct fault){ 0 });
out:
	file_close(&folder);
	file_close(&parent);
	return rc;
}
