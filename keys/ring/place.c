/*
 * Where each kind of key lies.
 *
 * Every kind has a folder.  Shards have one more for each batch, since a home
 * may have 100,000 of them and a batch's end is what destroys most.
 */

#include <stdio.h>

#include "keys/base/files.h"
#include "keys/ring/ring_internal.h"

enum { RELEASE, EXPORT, REVEAL };

const struct kind_row ring_kinds[RING_KINDS] = {
	[RING_DOMAIN] = { "domain", EXPORT, EXPORT, BODY_SECRET },
	[RING_SEED] = { "seed", EXPORT, EXPORT, BODY_SECRET },
	[RING_SUBJECT] = { "subject", EXPORT, EXPORT, BODY_SECRET },
	[RING_MANIFEST] = { "manifest", EXPORT, EXPORT, BODY_SIGN },
	[RING_SHARD] = { "shard", RELEASE, RELEASE, BODY_IDENTITY },
	[RING_LOG] = { "log", RELEASE, RELEASE, BODY_SIGN },
	[RING_TLS] = { "tls", RELEASE, RELEASE, BODY_SIGN },
	[RING_VENDOR] = { "vendor", RELEASE, RELEASE, BODY_IDENTITY },
	[RING_VENDOR_SIGN] = { "vendor-sign", RELEASE, RELEASE, BODY_SIGN },
	[RING_RETURN] = { "return", REVEAL, EXPORT, BODY_IDENTITY },
	[RING_OFFICER] = { "officer", REVEAL, REVEAL, BODY_IDENTITY },
	[RING_OFFICER_SIGN] = { "officer-sign", REVEAL, REVEAL, BODY_SIGN },
};

static bool
id_is_fit(const char *id)
{
	return text_only(
		   id, "abcdefghijklmnopqrstuvwxyz0123456789.-", KEY_ID_MAX) &&
	       id[0] != '.' && id[0] != '-';
}

int
key_place(struct place *p, const struct ring_name *name, struct fault *f)
{
	bool shard = name->kind == RING_SHARD;
	const char *branch;

	must(name->kind < RING_KINDS);
	if (!id_is_fit(name->id))
		return fault_set(f, FAULT_INPUT,
		    "the id of a key: not 1 to %u of a-z, 0-9, '.' and '-'",
		    KEY_ID_MAX);
	p->row = &ring_kinds[name->kind];
	branch = ring_branches[p->row->branch];
	(void)snprintf(p->folder, sizeof(p->folder), "%s/%s%s%s", branch,
	    p->row->name, shard ? "/" : "", shard ? name->id : "");
	if (shard) {
		(void)snprintf(
		    p->file, sizeof(p->file), "%u.age", name->number);
		(void)snprintf(
		    p->id, sizeof(p->id), "%.96s/%u", name->id, name->number);
	} else {
		(void)snprintf(p->file, sizeof(p->file), "%.96s.age", name->id);
		(void)snprintf(p->id, sizeof(p->id), "%.96s", name->id);
	}
	return 0;
}

struct label
key_label(const struct ring *r, const struct place *p)
{
	return (
	    struct label){ .home = r->id, .kind = p->row->name, .id = p->id };
}

int
key_folder(
    const struct ring *r, const struct place *p, int *fd, struct fault *f)
{
	*fd = -1;
	if (!file_is_there(r->keys, p->folder))
		return 0;
	return folder_open(r->keys, p->folder, fd, f);
}
