/*
 * keys/ring against somebody who can write to the home and knows every public
 * half, but no secret: what he seals to a branch, to the identity that
 * unlocks, or to the recovery, is not taken for ours.
 */

#include "tests/keys/ring_home.h"

#include <sodium.h>
#include <stdio.h>

#include "keys/base/text.h"
#include "keys/pseudonym/pseudonym.h"

/* What an age file of the home says to who has id. */
static void
look_into(const struct home *h, const char *path, const struct age_identity *id,
    struct secret *plain)
{
	struct bytes file;

	bytes_init(&file, 65536);
	assert_ok(file_read(h->fd, path, &file, &f));
	assert_ok(age_open_small(plain, file.at, file.len, id, 1, &f));
	bytes_free(&file);
}

static void
identity_in(const struct secret *plain, struct age_identity *id)
{
	struct age_identities list = { 0 };

	assert_ok(age_identities_read(
	    &list, (const char *)plain->at, plain->len, &f));
	assert_int_equal(list.n, 1);
	*id = list.at[0];
	list.at[0] = (struct age_identity){ 0 };
	age_identities_free(&list);
}

/* The identity in a file that another opens. */
static void
step(const struct home *h, const char *path, const struct age_identity *by,
    struct age_identity *out)
{
	struct secret plain;

	look_into(h, path, by, &plain);
	identity_in(&plain, out);
	secret_free(&plain);
}

/* Put text, sealed to a public half, where path leads. */
static void
put_sealed(const struct home *h, const char *path,
    const struct age_recipient *to, const void *text, size_t len)
{
	const char *slash = strrchr(path, '/');
	char folder[96];
	struct bytes sealed;
	int fd;

	(void)snprintf(
	    folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	bytes_init(&sealed, 65536);
	assert_ok(age_seal_small(&sealed, to, 1, text, len, &f));
	assert_ok(folder_open(h->fd, folder, &fd, &f));
	assert_ok(file_put(fd, slash + 1, sealed.at, sealed.len, true, &f));
	file_close(&fd);
	bytes_free(&sealed);
}

/* The line that begins so, or its end. */
static char *
line_of(struct secret *text, const char *head)
{
	char *at = (char *)text->at;

	while (strncmp(at, head, strlen(head)) != 0) {
		at = strchr(at, '\n');
		assert_non_null(at);
		at++;
	}
	return at;
}

/* The same file with what opens it and its last line changed: once with its
 * MAC, once with none, once with one cut short. */
enum { KEPT, NONE, SHORT, TRIES };

static void
forge(const struct home *h, const char *path, const struct age_recipient *to,
    const struct secret *real, unsigned how)
{
	struct secret text = { 0 };
	char *mac, *end;
	size_t len = real->len;

	assert_ok(secret_copy(&text, real->at, real->len, &f));
	if (how == KEPT)
		text.at[len - 2] ^= 1; /* another last digit, or letter */
	mac = line_of(&text, "# mac ");
	end = strchr(mac, '\n') + 1;
	if (how == SHORT)
		mac = --end - 1; /* its last digit; the newline stays */
	if (how != KEPT) {
		memmove(mac, end, (size_t)((char *)text.at + len - end));
		len -= (size_t)(end - mac);
	}
	put_sealed(h, path, to, text.at, len);
	secret_free(&text);
}

static void
branch_identity(
    const struct home *h, const char *branch, struct age_identity *out)
{
	struct secret file = { 0 };
	struct age_identity unlock, root;
	char path[64];

	assert_ok(
	    secret_copy(&file, h->unlock.text.at, h->unlock.text.len, &f));
	identity_in(&file, &unlock);
	secret_free(&file);
	step(h, "keys/root.age", &unlock, &root);
	(void)snprintf(path, sizeof(path), "keys/%s/branch.age", branch);
	step(h, path, &root, out);
	age_identity_free(&unlock);
	age_identity_free(&root);
}

static void
assert_noticed(struct home *h, const struct ring_name *name, const char *path)
{
	struct age_identity id;
	struct sign_key key;
	struct secret s;

	if (name->kind == RING_DOMAIN || name->kind == RING_SEED)
		assert_refused(
		    ring_get_secret(h->r, name, &s, &f), FAULT_FORGED);
	else if (name->kind == RING_LOG)
		assert_refused(
		    ring_get_sign_key(h->r, name, &key, &f), FAULT_FORGED);
	else
		assert_refused(
		    ring_get_identity(h->r, name, &id, &f), FAULT_FORGED);
	assert_non_null(strstr(f.text, path));
	assert_non_null(strstr(f.text, "MAC"));
}

static void
a_key_that_a_stranger_sealed_to_a_branch_is_not_ours(void **state)
{
	static const struct {
		struct ring_name name;
		const char *branch, *path;
	} of[] = {
		{ { RING_DOMAIN, "v.p", 0 }, "export",
		    "keys/export/domain/v.p.age" },
		{ { RING_SEED, "b", 0 }, "export", "keys/export/seed/b.age" },
		{ { RING_SHARD, "b", 3 }, "release",
		    "keys/release/shard/b/3.age" },
		{ { RING_RETURN, "b", 0 }, "reveal",
		    "keys/reveal/return/b.age" },
		{ { RING_LOG, "1", 0 }, "release", "keys/release/log/1.age" },
	};
	struct age_identity branch;
	struct age_recipient to;
	struct secret plain, made = { 0 };
	uint8_t public[32];
	struct home h;

	(void)state;
	home_with_ring(&h);
	unlock_all(&h);
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		const struct ring_name *name = &of[i].name;

		if (name->kind == RING_LOG)
			assert_ok(ring_make_sign_key(h.r, name, public, &f));
		else if (i < 2)
			assert_ok(ring_make_secret(h.r, name, &made, &f));
		else
			assert_ok(ring_make_identity(h.r, name, public, &f));
		secret_free(&made);
		branch_identity(&h, of[i].branch, &branch);
		assert_ok(age_identity_recipient(&to, &branch, &f));
		look_into(&h, of[i].path, &branch, &plain);
		for (unsigned how = 0; how < TRIES; how++) {
			forge(&h, of[i].path, &to, &plain, how);
			assert_noticed(&h, name, of[i].path);
		}
		put_sealed(&h, of[i].path, &to, plain.at, plain.len);
		secret_free(&plain);
		age_identity_free(&branch);
	}
	assert_ok(ring_get_secret(h.r, &of[0].name, &made, &f));
	secret_free(&made);
	home_end(&h);
}

/* The MAC of a kind says nothing about another, nor that of a branch about
 * what export makes for it. */
static void
a_mac_is_good_for_its_kind_alone(void **state)
{
	const struct ring_name officer = { RING_OFFICER, "b", 0 },
			       back = { RING_RETURN, "b", 0 };
	struct age_identity branch;
	struct age_recipient to;
	struct secret plain, text = { 0 };
	uint8_t public[32];
	char *kind;
	struct home h;

	(void)state;
	home_with_ring(&h);
	unlock_all(&h);
	assert_ok(ring_make_identity(h.r, &officer, public, &f));
	assert_ok(ring_make_identity(h.r, &back, public, &f));
	branch_identity(&h, "reveal", &branch);
	assert_ok(age_identity_recipient(&to, &branch, &f));
	look_into(&h, "keys/reveal/officer/b.age", &branch, &plain);
	assert_ok(secret_new(&text, plain.len, &f));
	/* "officer" becomes "return"; the MAC stays as it is. */
	kind = line_of(&plain, "# kind ") + 7;
	memcpy(text.at, plain.at, (size_t)(kind - (char *)plain.at));
	memcpy(text.at + (kind - (char *)plain.at), "return", 6);
	memcpy(text.at + (kind - (char *)plain.at) + 6, kind + 7,
	    plain.len - (size_t)(kind - (char *)plain.at) - 7);
	put_sealed(&h, "keys/reveal/return/b.age", &to, text.at, plain.len - 1);
	assert_noticed(&h, &back, "keys/reveal/return/b.age");
	secret_free(&text);
	secret_free(&plain);
	age_identity_free(&branch);
	home_end(&h);
}

/* Whoever knows the recipient of the identity file that unlocks. */
static void
a_root_or_branch_that_a_stranger_sealed_does_not_unlock(void **state)
{
	static const char *const paths[] = { "keys/root.age",
		"keys/release/unlock.age" };
	struct age_identity unlock;
	struct age_recipient to;
	struct secret file = { 0 }, plain;
	struct ring_init init;
	struct home h;
	struct ring *r;

	(void)state;
	for (unsigned split = 0; split < 2; split++) {
		home_new(&h);
		init = whole_init(&h);
		init.split = split;
		init.unlock[1] = init.unlock[2] = &h.unlock;
		assert_ok(ring_create(&r, h.fd, &init, &f));
		assert_ok(secret_copy(
		    &file, h.unlock.text.at, h.unlock.text.len, &f));
		identity_in(&file, &unlock);
		secret_free(&file);
		assert_ok(age_identity_recipient(&to, &unlock, &f));
		look_into(&h, paths[split], &unlock, &plain);
		for (unsigned how = 0; how < TRIES; how++) {
			forge(&h, paths[split], &to, &plain, how);
			assert_refused(
			    ring_unlock(r, RING_RELEASE, &h.unlock, &f),
			    FAULT_FORGED);
			assert_non_null(strstr(f.text, paths[split]));
		}
		put_sealed(&h, paths[split], &to, plain.at, plain.len);
		assert_ok(ring_unlock(r, RING_RELEASE, &h.unlock, &f));
		secret_free(&plain);
		age_identity_free(&unlock);
		ring_close(r);
		home_end(&h);
	}
}

/* A label and a MAC as a stranger makes them with a root of his own. */
static void
put_branch(const struct home *h, const struct age_identity *root,
    const struct ring *r, const struct secret *real)
{
	struct age_identity evil;
	struct age_recipient to;
	struct secret key, id;
	struct bytes label;
	uint8_t mac[32];
	char hex[65];

	assert_ok(age_identity_new(&evil, &f));
	assert_ok(age_identity_write(&id, &evil, &f));
	id.at[id.len - 1] = '\n';
	bytes_init(&label, 4096);
	assert_ok(bytes_add(&label, real->at,
	    (size_t)((uint8_t *)memmem(real->at, real->len, "# mac ", 6) -
		     real->at),
	    &f));
	assert_ok(key_derive(
	    &key, &root->secret, KEY_WRAP, ring_home(r), "branch", &f));
	assert_ok(bytes_add(&label, id.at, id.len, &f));
	(void)crypto_auth_hmacsha256(mac, label.at, label.len, key.at);
	label.len -= id.len;
	hex_write(hex, mac, sizeof(mac));
	assert_ok(bytes_addf(&label, &f, "# mac %s\n", hex));
	assert_ok(bytes_add(&label, id.at, id.len, &f));
	assert_ok(age_identity_recipient(&to, root, &f));
	put_sealed(h, "keys/reveal/branch.age", &to, label.at, label.len);
	secret_free(&key);
	secret_free(&id);
	bytes_free(&label);
	age_identity_free(&evil);
}

static void
a_root_that_a_stranger_sealed_to_the_recovery_leads_nowhere(void **state)
{
	struct age_identity unlock, root, evil;
	struct secret file = { 0 }, real, text;
	struct bytes before, after, label;
	struct home h;
	struct ring *r;

	(void)state;
	home_new(&h);
	make_ring(&h);
	assert_ok(ring_open(&r, h.fd, &f));
	assert_ok(secret_copy(&file, h.unlock.text.at, h.unlock.text.len, &f));
	identity_in(&file, &unlock);
	secret_free(&file);
	step(&h, "keys/root.age", &unlock, &root);
	look_into(&h, "keys/reveal/branch.age", &root, &real);
	/* His root, under the right label. */
	assert_ok(age_identity_new(&evil, &f));
	assert_ok(
	    secret_copy(&file, h.recovery.text.at, h.recovery.text.len, &f));
	age_identity_free(&unlock);
	identity_in(&file, &unlock);
	secret_free(&file);
	look_into(&h, "keys/root-recovery.age", &unlock, &file);
	assert_null(memmem(file.at, file.len, "# mac ", 6));
	bytes_init(&label, 4096);
	assert_ok(bytes_add(&label, file.at,
	    (size_t)(line_of(&file, "AGE-") - (char *)file.at), &f));
	assert_ok(age_identity_write(&text, &evil, &f));
	text.at[text.len - 1] = '\n';
	assert_ok(bytes_add(&label, text.at, text.len, &f));
	put_sealed(
	    &h, "keys/root-recovery.age", &h.recovery_to, label.at, label.len);
	put_branch(&h, &evil, r, &real);

	bytes_init(&before, 65536);
	bytes_init(&after, 65536);
	assert_ok(file_read(h.fd, "keys/root.age", &before, &f));
	assert_refused(
	    ring_unlock(r, RING_REVEAL, &h.recovery, &f), FAULT_FORGED);
	assert_non_null(strstr(f.text, "keys/reveal"));
	assert_refused(
	    ring_rewrap(r, &h.recovery, RING_ALL, &h.unlock, &f), FAULT_FORGED);
	assert_ok(file_read(h.fd, "keys/root.age", &after, &f));
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.at, after.at, before.len);
	assert_ok(ring_unlock(r, RING_RELEASE, &h.unlock, &f));

	bytes_free(&before);
	bytes_free(&after);
	bytes_free(&label);
	secret_free(&file);
	secret_free(&text);
	secret_free(&real);
	age_identity_free(&evil);
	age_identity_free(&root);
	age_identity_free(&unlock);
	ring_close(r);
	home_end(&h);
}

/* Sealed to two, opened by either, bound by both. */
static void
any_identity_of_the_file_that_unlocks_does(void **state)
{
	struct ring_unlock one = { 0 }, two = { 0 };
	struct ring_init init;
	struct home h;
	struct ring *r;
	size_t len;

	(void)state;
	home_new(&h);
	new_identity_file(&one, RING_IDENTITY, NULL);
	len = h.unlock.text.len;
	two.means = RING_IDENTITY;
	assert_ok(secret_new(&two.text, len + one.text.len, &f));
	memcpy(two.text.at, h.unlock.text.at, len);
	memcpy(two.text.at + len, one.text.at, one.text.len);
	init = whole_init(&h);
	init.unlock[0] = &two;
	assert_ok(ring_create(&r, h.fd, &init, &f));
	ring_lock(r, RING_ALL);
	assert_ok(ring_unlock(r, RING_ALL, &one, &f));
	ring_lock(r, RING_ALL);
	assert_ok(ring_unlock(r, RING_ALL, &h.unlock, &f));
	assert_keys_open(r);
	ring_close(r);
	secret_free(&one.text);
	secret_free(&two.text);
	home_end(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_key_that_a_stranger_sealed_to_a_branch_is_not_ours),
		cmocka_unit_test(a_mac_is_good_for_its_kind_alone),
		cmocka_unit_test(
		    a_root_or_branch_that_a_stranger_sealed_does_not_unlock),
		cmocka_unit_test(
		    a_root_that_a_stranger_sealed_to_the_recovery_leads_nowhere),
		cmocka_unit_test(any_identity_of_the_file_that_unlocks_does),
	};

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
