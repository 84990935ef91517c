#ifndef TESTS_GATEWAY_AUDIT_STORY_H
#define TESTS_GATEWAY_AUDIT_STORY_H

/* A home with a log and nothing else, for the tests of gateway/audit. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/audit/audit.h"
#include "keys/base/files.h"

#define ORIGIN AUDIT_ORIGIN "h-aaaaaaaaaaaaaaaaaaaaaaaaaa"

struct home {
	char path[64];
	int dir;
	struct sign_key key;
	struct vkey log;
	struct audit_home open;
};

__attribute__((unused)) static void
home_make(struct home *h)
{
	static const uint8_t seed[SIGN_SEED_BYTES] = { 7 };
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct fault f = { 0 };

	test_folder(h->path);
	assert_ok(folder_open(AT_FDCWD, h->path, &h->dir, &f));
	assert_ok(sign_key_from_seed(&h->key, seed, &f));
	sign_key_public(&h->key, public);
	assert_ok(vkey_of(&h->log, ORIGIN, public, &f));
	h->open = (struct audit_home){ h->dir, &h->log, &h->key };
}

__attribute__((unused)) static void
home_remove(struct home *h)
{
	sign_key_free(&h->key);
	file_close(&h->dir);
	test_folder_remove(h->path);
}

/* Add count entries of about 200 bytes as one group; *seq gets the last. */
__attribute__((unused)) static void
add(struct audit *a, int count, uint64_t *seq)
{
	struct fault f = { 0 };
	struct bytes leaf;
	json_t *body = json_pack("{s:s,s:i}", "rule", "no-grant", "n", count);

	bytes_init(&leaf, AUDIT_LEAF_MAX);
	assert_ok(audit_begin(a, &f));
	for (int i = 0; i < count; i++) {
		struct audit_draft d = {
			.kind = "refused", .at = audit_now(a), .body = body
		};

		bytes_reset(&leaf);
		assert_ok(audit_leaf_write(&leaf, &d, &f));
		assert_ok(audit_add(a, (struct slice){ leaf.at, leaf.len },
		    (struct slice){ NULL, 0 }, seq, &f));
	}
	assert_ok(audit_commit(a, &f));
	bytes_free(&leaf);
	json_decref(body);
}

/* Run SQL on the closed database, as somebody with an editor would. */
__attribute__((unused)) static void
edit(const struct home *h, const char *sql)
{
	char path[128];
	sqlite3 *db;
	char *why = NULL;

	(void)snprintf(path, sizeof(path), "%s/catalog.db", h->path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A home with a log of count entries, closed. */
__attribute__((unused)) static void
home_with(struct home *h, int count)
{
	struct fault f = { 0 };
	struct audit *a;
	uint64_t seq;

	home_make(h);
	assert_ok(audit_create(&a, &h->open, &f));
	if (count > 0)
		add(a, count, &seq);
	audit_close(a);
}

__attribute__((unused)) static struct audit *
reopen(const struct home *h)
{
	struct fault f = { 0 };
	struct audit *a = NULL;

	assert_ok(audit_open(&a, &h->open, NULL, &f));
	return a;
}

/* The log does not open, and the fault says that. */
__attribute__((unused)) static void
refused(const struct home *h, const char *what)
{
	struct fault f = { 0 };
	struct audit *a = NULL;

	assert_refused(audit_open(&a, &h->open, NULL, &f), FAULT_FORGED);
	assert_null(a);
	if (strstr(f.text, what) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, what);
}

#endif
