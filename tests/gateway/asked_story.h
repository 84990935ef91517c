#ifndef TESTS_GATEWAY_ASKED_STORY_H
#define TESTS_GATEWAY_ASKED_STORY_H

/*
 * An owner's keeper as its listener asks it: a vendor whose keys the test has,
 * a batch that is approved and whose shards are there, and requests signed as
 * that vendor signs them.
 */

#include "tests/gateway/home_story.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "gateway/agent/agent.h"
#include "gateway/keeper/request_internal.h"
#include "gateway/keeper/vendor_internal.h"
#include "gateway/package/package.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"

#define ASKED_SEED 7

struct asked_story {
	struct home_story home;
	struct channel *door; /* as the listener has it */
	struct message request, answer;
	struct agent_answer said; /* by the last answer */
	char text[4096];	  /* its body, where it is not sealed */
	char id[ID_CHARS + 1];	  /* the owner's home */
	struct sign_key key;	  /* the vendor's: it is its TLS key, too */
	uint8_t tls[SIGN_PUBLIC_BYTES];
	char batch[ID_CHARS + 1];
	char objects[2][DIGEST_CHARS + 1]; /* its shards */
	char index[2][DIGEST_CHARS + 1];   /* beside them */
	char join[2][DIGEST_CHARS + 1];
	const char *batch_name;
	bool no_grant;
};

/* ---- Behind the keeper's back ---- */

__attribute__((unused)) static size_t
asked_object(int home, const uint8_t public[AGE_X25519_BYTES],
    const char *plain, char hex[DIGEST_CHARS + 1])
{
	struct age_recipient to = { .kind = AGE_X25519 };
	uint8_t digest[DIGEST_BYTES];
	char path[100];
	struct fault f = { 0 };
	struct bytes sealed;
	size_t len;
	int fd;

	memcpy(to.key, public, AGE_X25519_BYTES);
	bytes_init(&sealed, 65536);
	assert_ok(age_seal_small(&sealed, &to, 1, plain, strlen(plain), &f));
	digest_of(digest, sealed.at, sealed.len);
	hex_write(hex, digest, sizeof(digest));
	(void)snprintf(path, sizeof(path), "objects/%.2s", hex);
	assert_ok(folder_make(home, path, &f));
	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	fd = openat(
	    home, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)0600);
	assert_true(fd != -1);
	assert_ok(file_write(fd, sealed.at, sealed.len, &f));
	file_close(&fd);
	len = sealed.len;
	bytes_free(&sealed);
	return len;
}

/* A batch of two shards, sealed, approved and granted. */
__attribute__((unused)) static void
asked_tell(struct story *story, struct ring *ring, void *arg)
{
	struct asked_story *s = arg;
	struct catalog_fact facts[] = { FACT("name", ""), FACT("plan", "{}"),
		FACT("policy", "handoff: 1\n"), FACT("source", "/data") };
	uint8_t public[2][AGE_X25519_BYTES], back[AGE_X25519_BYTES];
	struct ring_name name = { RING_SEED, s->batch, 0 };
	struct secret seed = { 0 };
	struct catalog_vendor v;
	struct fault f = { 0 };

	id_new(s->batch, 'b');
	facts[0].bytes = slice_of_text(s->batch_name);
	memcpy(story->batch, s->batch, sizeof(s->batch));
	assert_ok(catalog_vendor(story->c, "acme", &v, &f));
	memcpy(story->vendor, v.id, sizeof(v.id));
	assert_ok(story_try(story, &f, "batch-begun",
	    json_pack("{s:[s],s:s,s:s,s:n,s:n,s:b,s:n,s:i,s:s}", "agreements",
		"nda", "approve", "self", "batch", s->batch, "golden", "metric",
		"offline", 0, "pass", "retention", 7776000, "vendor", v.id),
	    facts, 4));
	assert_ok(ring_make_secret(ring, &name, &seed, &f));
	secret_free(&seed);
	name.kind = RING_RETURN;
	assert_ok(ring_make_identity(ring, &name, back, &f));
	assert_ok(ring_make_shards(ring, s->batch, 0, 2, public, &f));
	for (int i = 0; i < 2; i++) {
		char hex[3][DIGEST_CHARS + 1];
		size_t bytes[3];

		bytes[0] = asked_object(story->dir, public[i], "tar", hex[0]);
		bytes[1] = asked_object(story->dir, public[i], "index", hex[1]);
		bytes[2] = asked_object(story->dir, back, "join", hex[2]);
		memcpy(s->objects[i], hex[0], sizeof(hex[0]));
		memcpy(s->index[i], hex[1], sizeof(hex[1]));
		memcpy(s->join[i], hex[2], sizeof(hex[2]));
		STORY(story, "shard-sealed",
		    "{s:s,s:i,s:i,s:n,s:s,s:i,s:s,s:i,s:s,s:i}", "batch",
		    s->batch, "bytes", (int)bytes[0], "items", 10, "items_root",
		    "object", hex[0], "shard", i, "index", hex[1],
		    "index_bytes", (int)bytes[1], "join", hex[2], "join_bytes",
		    (int)bytes[2]);
	}
	story_seal(story, 2);
	assert_ok(story_try_approve(story, &f, 1, "officer one"));
	if (!s->no_grant)
		story_grant(story, PAST, FAR);
}

/* ---- The home ---- */

__attribute__((unused)) static void
asked_door(struct asked_story *s)
{
	struct fault f = { 0 };
	int fd;

	assert_ok(
	    keeper_peer(s->home.k, KEEPER_LISTENER, json_object(), &fd, &f));
	assert_ok(channel_new(&s->door, fd, &f));
}

/* The door closed, something done, the door opened again. */
__attribute__((unused)) static void
asked_behind(struct asked_story *s,
    void (*tell)(struct story *story, struct ring *ring, void *arg), void *arg)
{
	channel_free(s->door);
	s->door = NULL;
	home_behind(&s->home, tell, arg);
	asked_door(s);
}

__attribute__((unused)) static void
asked_batch(struct asked_story *s, const char *name)
{
	s->batch_name = name;
	asked_behind(s, asked_tell, s);
}

__attribute__((unused)) static void
asked_new(struct asked_story *s, bool confirmed)
{
	uint8_t seed[SIGN_SEED_BYTES];
	struct fingerprint print;
	struct fault f = { 0 };
	const char *card;
	json_t *who;

	memset(s, 0, sizeof(*s));
	home_story_new(&s->home, ROLE_OWNER);
	memset(seed, ASKED_SEED, sizeof(seed));
	assert_ok(sign_key_from_seed(&s->key, seed, &f));
	sign_key_public(&s->key, s->tls);
	card = card_of(ROLE_VENDOR, "acme", ASKED_SEED, &print);
	does(&s->home, KEEPER_VENDOR_ADD,
	    vendor_of("acme", card, confirmed ? print.hex : NULL));
	paper(&s->home, "nda", PAST, NULL);
	who = asks(&s->home, KEEPER_WHO, json_object());
	(void)snprintf(s->id, sizeof(s->id), "%s", text_of(who, "home"));
	json_decref(who);
	message_init(&s->request, AGENT_REQUEST_MAX);
	message_init(&s->answer, MESSAGE_MAX);
	asked_door(s);
}

/* And an approved batch. */
__attribute__((unused)) static void
asked_ready(struct asked_story *s)
{
	asked_new(s, true);
	asked_batch(s, "first");
}

__attribute__((unused)) static void
asked_end(struct asked_story *s)
{
	channel_free(s->door);
	message_free(&s->request);
	message_free(&s->answer);
	sign_key_free(&s->key);
	home_story_end(&s->home);
}

/* ---- Requests ---- */

/* Ask; the status, and what else it says in s->said and s->text. */
__attribute__((unused)) static unsigned
asked(struct asked_story *s, enum agent_ask what, const struct agent_request *r)
{
	struct fault f = { 0 };
	struct reader in;

	assert_ok(agent_put_request(&s->request, what, r, &f));
	if (ask(s->door, &s->request, &s->answer, &in, &f) != 0) {
		(void)snprintf(s->text, sizeof(s->text), "%s", f.text);
		switch (f.kind) { /* as the listener tells them */
		case FAULT_POLICY:
		case FAULT_FORGED:
			return 403;
		case FAULT_INPUT:
			return 400;
		default:
			return 500;
		}
	}
	assert_ok(agent_take_answer(&in, &s->said, &f));
	(void)snprintf(s->text, sizeof(s->text), "%.*s", (int)s->said.body.len,
	    (const char *)s->said.body.at);
	return s->said.status;
}

/* A request in the name of the vendor's TLS key. */
__attribute__((unused)) static struct agent_request
asked_request(struct asked_story *s, const char *method, const char *path)
{
	struct agent_request r = { .part = 0 };
	const char *batch = strstr(path, "b-");

	(void)snprintf(r.method, sizeof(r.method), "%s", method);
	(void)snprintf(r.path, sizeof(r.path), "%s", path);
	memcpy(r.key, s->tls, sizeof(r.key));
	if (batch != NULL)
		memcpy(r.batch, batch, ID_CHARS);
	return r;
}

__attribute__((unused)) static void
asked_nonce(struct asked_story *s, char nonce[REQUEST_NONCE_CHARS + 1])
{
	struct agent_request r = asked_request(s, "GET", "/v1/nonce");

	assert_int_equal(asked(s, AGENT_NONCE, &r), 200);
	assert_int_equal(
	    sscanf(s->text, "{\"nonce\":\"%64[0-9a-f]\"}", nonce), 1);
}

/* Sign it, with a fresh nonce; statement is the caller's to free. */
__attribute__((unused)) static void
asked_sign(
    struct asked_story *s, struct agent_request *r, struct bytes *statement)
{
	char nonce[REQUEST_NONCE_CHARS + 1];
	struct request words = { s->id, r->method, r->path, nonce, { 0 } };
	struct fault f = { 0 };

	asked_nonce(s, nonce);
	digest_of(words.body, r->body.at, r->body.len);
	bytes_init(statement, AGENT_STATEMENT_MAX);
	assert_ok(request_sign(statement, &words, &s->key, &f));
	r->statement = (struct slice){ statement->at, statement->len };
}

/* A POST about the batch: path is what comes behind its id. */
__attribute__((unused)) static struct agent_request
asked_post(struct asked_story *s, const char *tail, struct slice body)
{
	char path[AGENT_PATH_MAX + 1];
	struct agent_request r;

	(void)snprintf(path, sizeof(path), "/v1/batches/%s%s", s->batch, tail);
	r = asked_request(s, "POST", path);
	r.body = body;
	return r;
}

/* Signed and sent, once. */
__attribute__((unused)) static unsigned
asked_once(struct asked_story *s, enum agent_ask what, struct agent_request r)
{
	struct bytes statement;
	unsigned status;

	asked_sign(s, &r, &statement);
	status = asked(s, what, &r);
	bytes_free(&statement);
	return status;
}

#define ALL "{\"shards\":\"all\"}"

/* A release of all shards, by a request of its own. */
__attribute__((unused)) static unsigned
asked_release(struct asked_story *s)
{
	return asked_once(
	    s, AGENT_RELEASE, asked_post(s, "/release", slice_of_text(ALL)));
}

/* The last answer is a refusal by that rule. */
#define assert_rule(s, rule)                                            \
	do {                                                            \
		if (strstr((s)->text, "\"rule\":\"" rule "\"") == NULL) \
			fail_msg("not " rule ": %s", (s)->text);        \
	} while (0)

/* ---- Statements ---- */

/* A statement about the batch, of a type; with subjects beyond its shards'
 * where n says so.  The caller frees it. */
__attribute__((unused)) static void
asked_statement(struct asked_story *s, const char *type, json_t *predicate,
    size_t n, struct bytes *out)
{
	struct statement_subject *list = calloc(n, sizeof(*list));
	struct statement_draft d = { type, list, n, predicate };
	struct fault f = { 0 };

	assert_non_null(list);
	for (size_t i = 0; i < n; i++) {
		list[i].name = "shard";
		assert_true(hex_read(list[i].sha256, DIGEST_BYTES,
		    s->objects[i % 2], DIGEST_CHARS));
		if (i >= 2)
			memcpy(list[i].sha256, &i, sizeof(i));
	}
	bytes_init(out, DSSE_BYTES_MAX);
	assert_ok(statement_sign(out, &d, &s->key, &f));
	json_decref(predicate);
	free(list);
}

/* State that the release of that entry arrived, at that second of the day. */
__attribute__((unused)) static unsigned
asked_received(struct asked_story *s, json_int_t release, int second, size_t n)
{
	char at[CLOCK_CHARS + 1];
	struct bytes b;
	unsigned status;

	clock_write(at, 1000000000 + second);
	asked_statement(s, RECEIVED_TYPE,
	    json_pack("{s:s,s:s,s:s,s:s,s:I}", "at", at, "batch", s->batch,
		"home", s->id, "receipt", story_hex('a'), "release", release),
	    n, &b);
	status = asked_once(s, AGENT_ACKNOWLEDGE,
	    asked_post(s, "/acknowledgements", (struct slice){ b.at, b.len }));
	bytes_free(&b);
	return status;
}

/* State that the batch was deleted. */
__attribute__((unused)) static unsigned
asked_deleted(struct asked_story *s, int second, size_t n)
{
	char at[CLOCK_CHARS + 1];
	struct bytes b;
	unsigned status;

	clock_write(at, 1000000000 + second);
	asked_statement(s, DELETED_TYPE,
	    json_pack(
		"{s:s,s:s,s:s}", "at", at, "batch", s->batch, "home", s->id),
	    n, &b);
	status = asked_once(s, AGENT_DELETION,
	    asked_post(s, "/deletions", (struct slice){ b.at, b.len }));
	bytes_free(&b);
	return status;
}

/* How many entries of a kind the log has; the number of the last. */
__attribute__((unused)) static unsigned
asked_entries(struct asked_story *s, const char *kind, json_int_t *last)
{
	json_int_t from = 0, was = -1;
	unsigned n = 0;

	while (from != was) {
		json_t *o = asks(&s->home, KEEPER_ENTRIES,
			   json_pack("{s:I,s:i}", "from", from, "count", 200)),
		       *e;
		size_t i;

		was = from;
		json_array_foreach(json_object_get(o, "entries"), i, e)
		{
			if (strcmp(text_of(json_object_get(e, "entry"), "kind"),
				kind) != 0)
				continue;
			n++;
			if (last != NULL)
				*last = json_integer_value(
				    json_object_get(e, "seq"));
		}
		from = json_integer_value(json_object_get(o, "next"));
		json_decref(o);
	}
	return n;
}

#endif
