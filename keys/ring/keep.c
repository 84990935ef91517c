/*
 * Keys: made and unwrapped, a file each.
 *
 * Making needs the secret of the branch that makes that kind, for the MAC, and
 * the recipient of the one that opens it: so an export can make the identities
 * of returns, which it must not be able to open.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keys/base/files.h"
#include "keys/ring/ring_internal.h"

/* A fresh key as body; what is public of it, and its bytes, to who asks. */
static int
fresh(enum body kind, struct secret *body, uint8_t *public, struct secret *raw,
    struct fault *f)
{
	struct age_identity id = { .kind = AGE_OTHER };
	struct sign_key key = { 0 };
	struct age_recipient to;
	struct secret bare = { 0 };
	int rc = -1;

	switch (kind) {
	case BODY_SECRET:
		if (secret_random(&bare, 32, f) != 0 ||
		    body_of_secret(body, &bare, f) != 0)
			break;
		if (raw != NULL) {
			*raw = bare;
			bare = (struct secret){ 0 }; /* the caller's */
		}
		rc = 0;
		break;
	case BODY_IDENTITY:
		if (age_identity_new(&id, f) != 0 ||
		    age_identity_recipient(&to, &id, f) != 0 ||
		    body_of_identity(body, &id, f) != 0)
			break;
		if (public != NULL)
			memcpy(public, to.key, AGE_X25519_BYTES);
		rc = 0;
		break;
	case BODY_SIGN:
		if (sign_key_new(&key, f) != 0 || tls_key(body, &key, f) != 0)
			break;
		if (public != NULL)
			sign_key_public(&key, public);
		rc = 0;
		break;
	}
	secret_free(&bare);
	age_identity_free(&id);
	sign_key_free(&key);
	return rc;
}

/* Who opens keys of that kind; h->bind is the caller's to free. */
static int
key_holders(struct ring *r, const struct kind_row *row, struct holders *h,
    struct fault *f)
{
	h->to = (struct age_recipients){ &r->to[row->branch], 1 };
	return bind_of_kind(&h->bind, r, row, f);
}

/* Make, seal and put one key; raw and public may be NULL. */
static int
make(struct ring *r, const struct ring_name *name, uint8_t *public,
    struct secret *raw, struct fault *f)
{
	struct secret body = { 0 };
	struct holders h = { .to = { NULL, 0 } };
	struct bytes sealed;
	struct place p;
	struct label l;
	int fd = -1, rc = -1;

	if (key_place(&p, name, f) != 0)
		return -1;
	l = key_label(r, &p);
	bytes_init(&sealed, WRAP_MAX);
	if (folder_open(r->keys, p.folder, &fd, f) != 0)
		goto out;
	if (file_is_there(fd, p.file)) {
		(void)fault_set(f, FAULT_INPUT, "there is such a key already");
		goto out;
	}
	if (key_holders(r, p.row, &h, f) == 0 &&
	    fresh(p.row->body, &body, public, raw, f) == 0 &&
	    wrapped_seal(&sealed, &l, &body, &h, f) == 0 &&
	    file_put(fd, p.file, sealed.at, sealed.len, false, f) == 0)
		rc = 0;
out:
	if (rc != 0) {
		(void)fault_at(f, "keys/%s/%s", p.folder, p.file);
		secret_free(raw);
	}
	file_close(&fd);
	bytes_free(&sealed);
	secret_free(&h.bind);
	secret_free(&body);
	return rc;
}

int
key_make(struct ring *r, const struct ring_name *name, uint8_t *public,
    struct fault *f)
{
	must(name->kind != RING_SHARD);
	return make(r, name, public, NULL, f);
}

int
ring_make_secret(struct ring *r, const struct ring_name *name,
    struct secret *out, struct fault *f)
{
	must(ring_kinds[name->kind].body == BODY_SECRET);
	*out = (struct secret){ 0 };
	return make(r, name, NULL, out, f);
}

int
ring_make_identity(struct ring *r, const struct ring_name *name,
    uint8_t public[AGE_X25519_BYTES], struct fault *f)
{
	must(ring_kinds[name->kind].body == BODY_IDENTITY);
	if (name->kind == RING_SHARD)
		return ring_make_shards(r, name->id, name->number, 1,
		    (uint8_t(*)[AGE_X25519_BYTES]) public, f);
	return make(r, name, public, NULL, f);
}

int
ring_make_sign_key(struct ring *r, const struct ring_name *name,
    uint8_t public[SIGN_PUBLIC_BYTES], struct fault *f)
{
	must(ring_kinds[name->kind].body == BODY_SIGN);
	return make(r, name, public, NULL, f);
}

/* One shard's file, durable itself; its name is not yet. */
static int
make_shard(const struct ring *r, int fd, const struct ring_name *name,
    const struct holders *h, uint8_t public[AGE_X25519_BYTES], struct fault *f)
{
	struct secret body = { 0 };
	struct bytes sealed;
	struct place p;
	struct label l;
	int file = -1, rc = -1;

	bytes_init(&sealed, WRAP_MAX);
	if (key_place(&p, name, f) != 0)
		return -1;
	l = key_label(r, &p);
	if (fresh(BODY_IDENTITY, &body, public, NULL, f) != 0 ||
	    wrapped_seal(&sealed, &l, &body, h, f) != 0)
		goto out;
	file = openat(fd, p.file,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file == -1)
		(void)fault_errno(f, "make");
	else if (file_write(file, sealed.at, sealed.len, f) == 0)
		rc = fdatasync(file) == 0 ? 0 : fault_errno(f, "fsync");
out:
	if (rc != 0)
		(void)fault_at(f, "keys/%s/%s", p.folder, p.file);
	if (rc != 0 && file != -1)
		(void)unlinkat(fd, p.file, 0); /* no key ever used it */
	file_close(&file);
	bytes_free(&sealed);
	secret_free(&body);
	return rc;
}

/* The batch's folder, made durably when it is not there. */
static int
batch_folder(
    const struct ring *r, const struct place *p, int *fd, struct fault *f)
{
	int above = -1, rc = -1;
	char kind[KEY_PATH_MAX];

	(void)snprintf(kind, sizeof(kind), "%s/%s",
	    ring_branches[p->row->branch], p->row->name);
	if (folder_open(r->keys, kind, &above, f) == 0 &&
	    folder_make(r->keys, p->folder, f) == 0 &&
	    folder_sync(above, kind, f) == 0)
		rc = folder_open(r->keys, p->folder, fd, f);
	file_close(&above);
	return rc;
}

/* None of the count names may be taken, and the last must be a number. */
static int
shards_are_free(
    int fd, const char *batch, uint32_t first, uint32_t count, struct fault *f)
{
	struct place p;

	if (count > UINT32_MAX - first)
		return fault_set(f, FAULT_INPUT, "more shards than numbers");
	for (uint32_t i = 0; i < count; i++) {
		struct ring_name name = { RING_SHARD, batch, first + i };

		if (key_place(&p, &name, f) != 0)
			return -1;
		if (file_is_there(fd, p.file))
			return fault_set(f, FAULT_INPUT,
			    "keys/%s/%s: there is such a key already", p.folder,
			    p.file);
	}
	return 0;
}

int
ring_make_shards(struct ring *r, const char *batch, uint32_t first,
    uint32_t count, uint8_t (*public)[AGE_X25519_BYTES], struct fault *f)
{
	struct ring_name name = { RING_SHARD, batch, first };
	struct holders h = { .to = { NULL, 0 } };
	struct place p;
	uint32_t made = 0;
	int fd = -1, rc = -1;

	if (key_place(&p, &name, f) != 0 || key_holders(r, p.row, &h, f) != 0 ||
	    batch_folder(r, &p, &fd, f) != 0)
		goto out;
	if (shards_are_free(fd, batch, first, count, f) != 0)
		goto out;
	for (; made < count; made++) {
		name.number = first + made;
		if (make_shard(r, fd, &name, &h, public[made], f) != 0)
			goto undo;
	}
	if (folder_sync(fd, "a folder of shard keys", f) == 0) {
		rc = 0;
		goto out;
	}
undo:
	(void)!ring_destroy_shards(
	    r, batch, first, made, &(struct fault){ 0 }); /* unused keys */
out:
	secret_free(&h.bind);
	file_close(&fd);
	return rc;
}

/* The body of a key whose branch is unlocked. */
static int
body_of(struct ring *r, const struct ring_name *name, struct secret *body,
    struct fault *f)
{
	struct secret bind = { 0 };
	struct age_identities ids;
	struct bytes file;
	struct place p;
	struct label l;
	int fd = -1, rc = -1;

	*body = (struct secret){ 0 };
	if (key_place(&p, name, f) != 0 ||
	    ring_need(r, 1u << p.row->branch, f) != 0)
		return -1;
	l = key_label(r, &p);
	ids = (struct age_identities){ &r->branch[p.row->branch], 1 };
	bytes_init(&file, WRAP_MAX);
	if (bind_of_kind(&bind, r, p.row, f) != 0 ||
	    key_folder(r, &p, &fd, f) != 0)
		goto out;
	if (fd == -1 || !file_is_there(fd, p.file))
		(void)fault_set(
		    f, FAULT_INPUT, "no such key: never made, or destroyed");
	else if (file_read(fd, p.file, &file, f) == 0 &&
		 wrapped_open(body, &l, &file, &ids, &bind, f) == 0)
		rc = 0;
	else
		fault_own_file(f);
out:
	secret_free(&bind);
	file_close(&fd);
	bytes_free(&file);
	return rc;
}

/* Say which key it was, unless its very name was bad. */
static void
fault_at_key(const struct ring_name *name, struct fault *f)
{
	struct fault bad_name = { 0 };
	struct place p;

	if (key_place(&p, name, &bad_name) == 0)
		(void)fault_at(f, "keys/%s/%s", p.folder, p.file);
}

int
ring_get_secret(struct ring *r, const struct ring_name *name,
    struct secret *out, struct fault *f)
{
	struct secret body;
	int rc = -1;

	must(ring_kinds[name->kind].body == BODY_SECRET);
	*out = (struct secret){ 0 };
	if (body_of(r, name, &body, f) == 0)
		rc = secret_of_body(out, &body, f);
	if (rc != 0)
		fault_at_key(name, f);
	secret_free(&body);
	return rc;
}

int
ring_get_identity(struct ring *r, const struct ring_name *name,
    struct age_identity *out, struct fault *f)
{
	struct secret body;
	int rc = -1;

	must(ring_kinds[name->kind].body == BODY_IDENTITY);
	*out = (struct age_identity){ .kind = AGE_OTHER };
	if (body_of(r, name, &body, f) == 0)
		rc = identity_of_body(out, &body, f);
	if (rc != 0)
		fault_at_key(name, f);
	secret_free(&body);
	return rc;
}

int
ring_get_sign_key(struct ring *r, const struct ring_name *name,
    struct sign_key *out, struct fault *f)
{
	struct secret body;
	int rc = -1;

	must(ring_kinds[name->kind].body == BODY_SIGN);
	*out = (struct sign_key){ 0 };
	if (body_of(r, name, &body, f) == 0)
		rc = sign_key_of_body(out, &body, f);
	if (rc != 0)
		fault_at_key(name, f);
	secret_free(&body);
	return rc;
}

bool
ring_has(const struct ring *r, const struct ring_name *name)
{
	struct fault f = { 0 };
	struct place p;
	int fd = -1;
	bool there;

	if (key_place(&p, name, &f) != 0 || key_folder(r, &p, &fd, &f) != 0)
		return false;
	there = fd != -1 && file_is_there(fd, p.file);
	file_close(&fd);
	return there;
}
