#ifndef TESTS_KEYS_RING_HOME_H
#define TESTS_KEYS_RING_HOME_H

/* A home with a ring, for the tests of keys/ring. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "keys/base/files.h"
#include "keys/base/secret.h"
#include "keys/ring/ring.h"

static struct fault f;

/* A home in a fresh folder, an identity file, a recovery identity. */
struct home {
	char path[64];
	int fd;
	struct ring_unlock unlock;
	struct ring_unlock recovery;
	struct age_recipient recovery_to;
	struct ring *r; /* home_with_ring() */
};

__attribute__((unused)) static void
new_identity_file(
    struct ring_unlock *how, enum ring_means means, struct age_recipient *to)
{
	struct age_identity id;

	how->means = means;
	assert_ok(age_identity_new(&id, &f));
	assert_ok(age_identity_write(&how->text, &id, &f));
	how->text.at[how->text.len - 1] = '\n';
	if (to != NULL)
		assert_ok(age_identity_recipient(to, &id, &f));
	age_identity_free(&id);
}

__attribute__((unused)) static void
home_new(struct home *h)
{
	memset(h, 0, sizeof(*h));
	test_folder(h->path);
	assert_ok(folder_open(AT_FDCWD, h->path, &h->fd, &f));
	new_identity_file(&h->unlock, RING_IDENTITY, NULL);
	new_identity_file(&h->recovery, RING_RECOVERY, &h->recovery_to);
}

__attribute__((unused)) static void
home_end(struct home *h)
{
	ring_close(h->r);
	file_close(&h->fd);
	secret_free(&h->unlock.text);
	secret_free(&h->recovery.text);
	test_folder_remove(h->path);
}

static const struct ring_name first_keys[] = {
	{ RING_LOG, "1", 0 },
	{ RING_MANIFEST, "1", 0 },
	{ RING_OFFICER, "1", 0 },
};

__attribute__((unused)) static struct ring_init
whole_init(const struct home *h)
{
	return (struct ring_init){ .role = ROLE_OWNER,
		.unlock = { &h->unlock },
		.recovery = &h->recovery_to,
		.keys = first_keys,
		.nkeys = 3 };
}

/* Make a whole ring and close it again. */
__attribute__((unused)) static void
make_ring(struct home *h)
{
	struct ring_init init = whole_init(h);
	struct ring *r;

	assert_ok(ring_create(&r, h->fd, &init, &f));
	ring_close(r);
}

__attribute__((unused)) static void
passphrase(struct ring_unlock *how, const char *text)
{
	how->means = RING_PASSPHRASE;
	assert_ok(secret_copy(&how->text, text, strlen(text), &f));
}

/* The three keys are there and open. */
__attribute__((unused)) static void
assert_keys_open(struct ring *r)
{
	struct age_identity id;
	struct sign_key key;

	assert_ok(ring_get_sign_key(r, &first_keys[0], &key, &f));
	sign_key_free(&key);
	assert_ok(ring_get_sign_key(r, &first_keys[1], &key, &f));
	sign_key_free(&key);
	assert_ok(ring_get_identity(r, &first_keys[2], &id, &f));
	age_identity_free(&id);
}

/* A home whose ring is open at h->r, locked and without keys. */
__attribute__((unused)) static void
home_with_ring(struct home *h)
{
	struct ring_init init;

	home_new(h);
	init = whole_init(h);
	init.nkeys = 0;
	assert_ok(ring_create(&h->r, h->fd, &init, &f));
	ring_lock(h->r, RING_ALL);
}

__attribute__((unused)) static void
unlock_all(struct home *h)
{
	assert_ok(ring_unlock(h->r, RING_ALL, &h->unlock, &f));
}

__attribute__((unused)) static bool
is_there(const struct home *h, const char *path)
{
	return faccessat(h->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

#endif
