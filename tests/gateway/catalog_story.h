#ifndef TESTS_GATEWAY_CATALOG_STORY_H
#define TESTS_GATEWAY_CATALOG_STORY_H

/* A home with a catalog, and the events of a batch's life one by one, for the
 * tests of the catalog. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/catalog/catalog.h"
#include "keys/base/files.h"

#define FAR "2999-01-01T00:00:00Z"
#define PAST "2001-01-01T00:00:00Z"

struct story {
	char path[64];
	int dir;
	struct sign_key key;
	struct vkey log;
	struct audit_home open;
	struct catalog *c;
	char vendor[ID_CHARS + 1];
	char agreement[ID_CHARS + 1];
	char batch[ID_CHARS + 1];
	char grant[ID_CHARS + 1];
	char back[ID_CHARS + 1];
	uint64_t seq; /* of the last entry */
};

__attribute__((unused)) static void
story_home(struct story *s)
{
	static const uint8_t seed[SIGN_SEED_BYTES] = { 9 };
	uint8_t public[SIGN_PUBLIC_BYTES];
	char origin[NOTE_NAME_MAX + 1] = AUDIT_ORIGIN;
	struct fault f = { 0 };

	memset(s, 0, sizeof(*s));
	id_new(origin + strlen(origin), 'h');
	test_folder(s->path);
	assert_ok(folder_open(AT_FDCWD, s->path, &s->dir, &f));
	assert_ok(sign_key_from_seed(&s->key, seed, &f));
	sign_key_public(&s->key, public);
	assert_ok(vkey_of(&s->log, origin, public, &f));
	s->open = (struct audit_home){ s->dir, &s->log, &s->key };
	assert_ok(catalog_create(&s->c, &s->open, "owner", &f));
	id_new(s->vendor, 'v');
	id_new(s->agreement, 'a');
	id_new(s->batch, 'b');
	id_new(s->grant, 'g');
	id_new(s->back, 'r');
}

__attribute__((unused)) static void
story_close(struct story *s)
{
	catalog_close(s->c);
	s->c = NULL;
}

__attribute__((unused)) static void
story_open(struct story *s)
{
	struct fault f = { 0 };

	story_close(s);
	assert_ok(catalog_open(&s->c, &s->open, &f));
}

__attribute__((unused)) static void
story_end(struct story *s)
{
	story_close(s);
	sign_key_free(&s->key);
	file_close(&s->dir);
	test_folder_remove(s->path);
}

/* Record an entry; body is given away.  names and texts: pairs of facts. */
__attribute__((unused)) static int
story_try(struct story *s, struct fault *f, const char *kind, json_t *body,
    const struct catalog_fact *facts, size_t nfacts)
{
	struct catalog_entry e = {
		.kind = kind, .body = body, .facts = facts, .nfacts = nfacts
	};
	int rc;

	assert_non_null(body);
	rc = catalog_record(s->c, &e, &s->seq, f);
	json_decref(body);
	return rc;
}

#define STORY(s, entry, ...)                                                   \
	do {                                                                   \
		struct fault f_ = { 0 };                                       \
		if (story_try((s), &f_, (entry), json_pack(__VA_ARGS__), NULL, \
			0) != 0)                                               \
			fail_msg("%s: %s", (entry), f_.text);                  \
	} while (0)

/* The entry is refused by that rule, or as malformed when rule is NULL. */
#define STORY_REFUSED(s, want, entry, ...)                                     \
	do {                                                                   \
		struct fault f_ = { 0 };                                       \
		const char *want_ = (want);                                    \
		uint64_t was_ = audit_size(catalog_audit((s)->c));             \
		if (story_try((s), &f_, (entry), json_pack(__VA_ARGS__), NULL, \
			0) == 0)                                               \
			fail_msg("%s was taken", (entry));                     \
		if (want_ == NULL)                                             \
			assert_int_equal(f_.kind, FAULT_INPUT);                \
		else if (f_.kind != FAULT_POLICY ||                            \
			 strcmp(catalog_rule((s)->c), want_) != 0)             \
			fail_msg("%s: %d %s (%s)", (entry), (int)f_.kind,      \
			    f_.text, catalog_rule((s)->c));                    \
		assert_int_equal(audit_size(catalog_audit((s)->c)), was_);     \
	} while (0)

#define FACT(member, text)                                        \
	{                                                         \
		member,                                           \
		{                                                 \
			(const uint8_t *)(text), sizeof(text) - 1 \
		}                                                 \
	}

/* 64 hexadecimal digits of one kind. */
__attribute__((unused)) static const char *
story_hex(char c)
{
	static char text[8][DIGEST_CHARS + 1];
	static unsigned i;

	i = (i + 1) % 8;
	memset(text[i], c, DIGEST_CHARS);
	return text[i];
}

__attribute__((unused)) static void
story_vendor(struct story *s)
{
	static const struct catalog_fact facts[] = { FACT("card", "{card}"),
		FACT("country", "NL"), FACT("name", "acme") };
	struct fault f = { 0 };

	assert_ok(story_try(s, &f, "vendor-added",
	    json_pack("{s:s,s:s,s:s,s:s,s:s}", "model", "dedicated",
		"recipient", story_hex('1'), "tls", story_hex('2'), "vendor",
		s->vendor, "verifier", story_hex('3')),
	    facts, 3));
}

__attribute__((unused)) static void
story_agreement(
    struct story *s, const char *type, const char *from, const char *until)
{
	static const struct catalog_fact facts[] = { FACT("document", "paper"),
		FACT("name", "nda.pdf") };
	struct fault f = { 0 };

	id_new(s->agreement, 'a');
	assert_ok(story_try(s, &f, "agreement-added",
	    json_pack("{s:s,s:s,s:s,s:s?,s:s}", "agreement", s->agreement,
		"from", from, "type", type, "until", until, "vendor",
		s->vendor),
	    facts, 2));
}

__attribute__((unused)) static int
story_try_batch(struct story *s, struct fault *f, const char *approve)
{
	static const struct catalog_fact facts[] = { FACT("name", "first"),
		FACT("plan", "plan"), FACT("policy", "handoff: 1\n"),
		FACT("source", "/data/visits") };

	return story_try(s, f, "batch-begun",
	    json_pack("{s:[s,s],s:s,s:s,s:n,s:n,s:b,s:n,s:i,s:s}", "agreements",
		"dpa", "nda", "approve", approve, "batch", s->batch, "golden",
		"metric", "offline", 0, "pass", "retention", 7776000, "vendor",
		s->vendor),
	    facts, 4);
}

/* Begin a batch and log that many shards of 10 items. */
__attribute__((unused)) static void
story_shards(struct story *s, const char *approve, int count)
{
	struct fault f = { 0 };

	assert_ok(story_try_batch(s, &f, approve));
	for (int i = 0; i < count; i++)
		STORY(s, "shard-sealed",
		    "{s:s,s:i,s:i,s:n,s:s,s:i,s:s,s:i,s:s,s:i}", "batch",
		    s->batch, "bytes", 1000 + i, "items", 10, "items_root",
		    "object", story_hex((char)('a' + i % 6)), "shard", i,
		    "index", story_hex('9'), "index_bytes", 3, "join",
		    story_hex('8'), "join_bytes", 4);
}

__attribute__((unused)) static void
story_seal(struct story *s, int shards)
{
	STORY(s, "batch-sealed", "{s:s,s:i,s:s,s:i,s:i,s:s,s:i}", "batch",
	    s->batch, "items", 10 * shards, "manifest", story_hex('e'),
	    "revision", 1, "shards", shards, "object", story_hex('d'),
	    "object_bytes", 5);
}

__attribute__((unused)) static int
story_try_approve(struct story *s, struct fault *f, int n, const char *who)
{
	struct catalog_fact by = { "by",
		{ (const uint8_t *)who, strlen(who) } };

	return story_try(s, f, "batch-approved",
	    json_pack("{s:s,s:i}", "batch", s->batch, "n", n), &by, 1);
}

__attribute__((unused)) static void
story_grant(struct story *s, const char *from, const char *until)
{
	id_new(s->grant, 'g');
	STORY(s, "grant-made", "{s:s,s:s,s:s,s:s,s:s}", "batch", s->batch,
	    "from", from, "grant", s->grant, "until", until, "vendor",
	    s->vendor);
}

__attribute__((unused)) static int
story_try_release(struct story *s, struct fault *f, uint8_t request)
{
	uint8_t digest[DIGEST_BYTES];
	struct catalog_release r = { .grant = s->grant, .request = digest };
	int rc;

	memset(digest, request, sizeof(digest));
	if (catalog_begin(s->c, f) != 0)
		return -1;
	rc = catalog_release(s->c, &r, &s->seq, f);
	if (rc != 0) {
		catalog_rollback(s->c);
		return rc;
	}
	return catalog_commit(s->c, f);
}

/* Everything up to a batch of that many shards that can be released. */
__attribute__((unused)) static void
story_ready(struct story *s, int shards)
{
	struct fault f = { 0 };

	story_home(s);
	story_vendor(s);
	STORY(s, "vendor-confirmed", "{s:s}", "vendor", s->vendor);
	story_agreement(s, "nda", PAST, NULL);
	story_agreement(s, "dpa", PAST, FAR);
	story_shards(s, "self", shards);
	story_seal(s, shards);
	assert_ok(story_try_approve(s, &f, 1, "officer one"));
	story_grant(s, PAST, FAR);
}

/* And all that can follow. */
__attribute__((unused)) static void
story_whole(struct story *s)
{
	struct fault f = { 0 };
	uint64_t release;

	story_ready(s, 3);
	assert_ok(story_try_release(s, &f, 0x77));
	release = s->seq;
	STORY(s, "acknowledged", "{s:s,s:i,s:I,s:s}", "batch", s->batch,
	    "count", 3, "release", (json_int_t)release, "statement",
	    story_hex('5'));
	STORY(s, "refused", "{s:n,s:n,s:s}", "batch", "request", "rule",
	    "wrong-key");
	STORY(s, "returned", "{s:s,s:i,s:s,s:s}", "batch", s->batch, "bytes",
	    512, "object", story_hex('6'), "return", s->back);
	STORY(s, "ingested", "{s:i,s:s,s:i,s:i,s:n,s:s,s:i,s:i,s:s,s:s}",
	    "answered", 28, "batch", s->batch, "empty", 1, "items", 30, "lists",
	    "return", s->back, "score", 912345, "skipped", 1, "told",
	    "accepted", "verdict", "accepted");
	STORY(s, "deletion-stated", "{s:s,s:s}", "batch", s->batch, "statement",
	    story_hex('7'));
	STORY(s, "backup-made", "{s:i,s:i,s:s}", "bytes", 9000, "entries", 12,
	    "object", story_hex('8'));
}

/* Run SQL on the closed database, as somebody with an editor would. */
__attribute__((unused)) static void
story_edit(struct story *s, const char *sql)
{
	char path[128];
	sqlite3 *db;
	char *why = NULL;

	story_close(s);
	(void)snprintf(path, sizeof(path), "%s/catalog.db", s->path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The home does not open, and the fault says that. */
__attribute__((unused)) static void
story_refused(struct story *s, const char *says)
{
	struct fault f = { 0 };

	story_close(s);
	assert_refused(catalog_open(&s->c, &s->open, &f), FAULT_FORGED);
	assert_null(s->c);
	if (strstr(f.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, says);
}

#endif
