/* The answer to a release, as a listener could send it: only the one that the
 * owner's log stands behind is believed. */

#include "tests/gateway/audit_story.h"

#include "gateway/flow/released_internal.h"
#include "keys/base/doc.h"
#include "keys/base/secret.h"
#include "keys/base/text.h"

#define B "b-aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER "b-bbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SHARDS 3u

static const uint8_t request[DIGEST_BYTES] = { 1 }, recipient[32] = { 2 },
		     manifest[32] = { 3 };

/* A log with the release in it, and the answer that goes with it. */
struct story {
	struct home home;
	struct audit *log;
	uint64_t seq;
	json_t *answer;
	struct released_asked asked;
};

static void
hex_of(char out[DIGEST_CHARS + 1], uint8_t first)
{
	uint8_t d[DIGEST_BYTES] = { first };

	hex_write(out, d, sizeof(d));
}

static json_t *
shards_json(void)
{
	json_t *list = json_array();

	for (unsigned n = 0; n < SHARDS; n++) {
		char object[DIGEST_CHARS + 1], index[DIGEST_CHARS + 1];

		hex_of(object, (uint8_t)(10 - n));
		hex_of(index, (uint8_t)(20 + n));
		assert_int_equal(
		    json_array_append_new(
			list, json_pack("{s:i,s:s,s:i,s:s,s:i,s:s,s:i,s:s,s:i}",
				  "n", (int)n, "object", object, "bytes", 1000,
				  "header", "aGVhZA==", "skip", 200, "index",
				  index, "index_bytes", 500, "index_header",
				  "aGVhZA==", "index_skip", 200)),
		    0);
	}
	return list;
}

static json_t *
entry_body(void)
{
	uint8_t list[SHARDS][DIGEST_BYTES] = { { 10 }, { 9 }, { 8 } }, root[32];
	char hex[4][DIGEST_CHARS + 1];

	digest_sort(list, SHARDS);
	merkle_root_of(root, (const uint8_t(*)[DIGEST_BYTES])list, SHARDS);
	hex_write(hex[0], request, 32);
	hex_write(hex[1], recipient, 32);
	hex_write(hex[2], manifest, 32);
	hex_write(hex[3], root, 32);
	return json_pack("{s:s,s:i,s:s,s:s,s:b,s:s,s:s,s:s}", "batch", B,
	    "count", (int)SHARDS, "grant", "g-aaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "manifest", hex[2], "offline", 0, "recipient", hex[1], "request",
	    hex[0], "root", hex[3]);
}

static uint64_t
record(struct audit *log, const char *kind, const json_t *body)
{
	struct audit_draft d = { .kind = kind, .body = body };
	struct bytes leaf;
	struct fault f;
	uint64_t seq;

	bytes_init(&leaf, AUDIT_LEAF_MAX);
	assert_ok(audit_begin(log, &f));
	d.at = audit_now(log);
	assert_ok(audit_leaf_write(&leaf, &d, &f));
	assert_ok(audit_add(log, (struct slice){ leaf.at, leaf.len },
	    (struct slice){ NULL, 0 }, &seq, &f));
	assert_ok(audit_commit(log, &f));
	bytes_free(&leaf);
	return seq;
}

static json_t *
answer_for(struct story *s, uint64_t seq)
{
	struct bytes receipt;
	char hex[DIGEST_CHARS + 1];
	struct fault f;
	json_t *o;

	hex_of(hex, 99);
	bytes_init(&receipt, AUDIT_RECEIPT_MAX);
	assert_ok(audit_prove(s->log, seq, &receipt, &f));
	o = json_pack("{s:s,s:I,s:s%,s:s,s:o}", "batch", B, "release",
	    (json_int_t)seq, "receipt", (char *)receipt.at, receipt.len,
	    "manifest", hex, "shards", shards_json());
	assert_non_null(o);
	bytes_free(&receipt);
	return o;
}

static void
tell(struct story *s)
{
	struct fault f;
	uint64_t last;
	json_t *body;

	home_make(&s->home);
	assert_ok(audit_create(&s->log, &s->home.open, &f));
	add(s->log, 3, &last);
	body = entry_body();
	s->seq = record(s->log, "release", body);
	add(s->log, 5, &last);
	json_decref(body);
	s->answer = answer_for(s, s->seq);
	s->asked = (struct released_asked){ .batch = B,
		.request = request,
		.recipient = recipient,
		.manifest = manifest,
		.count = SHARDS };
}

static void
untell(struct story *s)
{
	json_decref(s->answer);
	audit_close(s->log);
	home_remove(&s->home);
}

/* Read and check the answer as it now is. */
static int
judge(struct story *s, struct released_proof *p, struct fault *f)
{
	struct released r;
	struct bytes text;
	int rc = -1;

	bytes_init(&text, 1u << 20);
	assert_int_equal(doc_write(&text, s->answer, f), 0);
	if (released_read(&r, text.at, text.len, f) == 0) {
		rc = released_check(&r, &s->asked, &s->home.log, p, f);
		released_free(&r);
	}
	bytes_free(&text);
	return rc;
}

static void
the_answer_that_was_logged_is_believed(void **state)
{
	struct released_proof p;
	struct story s;
	struct fault f;

	(void)state;
	tell(&s);
	assert_ok(judge(&s, &p, &f));
	assert_memory_equal(p.manifest, manifest, 32);
	assert_int_equal(p.checkpoint.size, 9);
	s.asked.manifest = NULL;
	assert_ok(judge(&s, &p, &f));
	untell(&s);
}

static void
another_question_is_not_answered_by_it(void **state)
{
	static const uint8_t other[DIGEST_BYTES] = { 77 };
	struct released_asked was;
	struct released_proof p;
	struct story s;
	struct fault f;

	(void)state;
	tell(&s);
	was = s.asked;
	s.asked.request = other;
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	s.asked.request = NULL;
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	s.asked = was;
	s.asked.recipient = other;
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	s.asked = was;
	s.asked.manifest = other;
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	s.asked = was;
	s.asked.batch = OTHER;
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	s.asked = was;
	s.asked.count = 2;
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	s.asked = was;
	s.asked.first = 1;
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	untell(&s);
}

/* Another object, in the place of one that was released. */
static void
another_object_is_not_the_one_released(void **state)
{
	char hex[DIGEST_CHARS + 1];
	struct released_proof p;
	struct story s;
	struct fault f;

	(void)state;
	tell(&s);
	hex_of(hex, 66);
	json_object_set_new(
	    json_array_get(json_object_get(s.answer, "shards"), 1), "object",
	    json_string(hex));
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	untell(&s);
}

/* The receipt of another entry, of another log, or with a byte turned. */
static void
another_receipt_does_not_do(void **state)
{
	static const uint8_t seed[SIGN_SEED_BYTES] = { 8 };
	struct released_proof p;
	struct sign_key key;
	struct vkey was;
	struct story s;
	struct fault f;
	uint8_t public[32];
	json_t *right;
	char *text;

	(void)state;
	tell(&s);
	right = s.answer;
	s.answer = answer_for(&s, s.seq + 1);
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	json_object_set_new(
	    s.answer, "release", json_integer((json_int_t)s.seq));
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	json_decref(s.answer);
	s.answer = right;

	was = s.home.log;
	assert_ok(sign_key_from_seed(&key, seed, &f));
	sign_key_public(&key, public);
	assert_ok(vkey_of(&s.home.log, was.name, public, &f));
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	s.home.log = was;
	sign_key_free(&key);

	text = strdup(json_string_value(json_object_get(s.answer, "receipt")));
	assert_non_null(text);
	for (size_t i = 30; i < strlen(text); i += 7) {
		char c = text[i];

		text[i] = c == 'A' ? 'B' : 'A';
		json_object_set_new(s.answer, "receipt", json_string(text));
		f = (struct fault){ 0 };
		assert_int_equal(judge(&s, &p, &f), -1);
		text[i] = c;
	}
	free(text);
	untell(&s);
}

/* Entries of the owner's own log that are no such release. */
static void
another_entry_is_no_release(void **state)
{
	static const char *const members[] = { "batch", "count", "root",
		"recipient", "request", "offline" };
	struct released_proof p;
	struct story s;
	struct fault f;
	json_t *body;

	(void)state;
	tell(&s);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		body = entry_body();
		json_object_set_new(body, members[i], json_string("x"));
		json_decref(s.answer);
		s.answer = answer_for(&s, record(s.log, "release", body));
		json_decref(body);
		assert_refused(judge(&s, &p, &f), FAULT_FORGED);
		assert_non_null(strstr(f.text, "entry has another"));
	}
	body = entry_body();
	json_decref(s.answer);
	s.answer = answer_for(&s, record(s.log, "refused", body));
	json_decref(body);
	assert_refused(judge(&s, &p, &f), FAULT_FORGED);
	untell(&s);
}

/* One member of a shard, or of the whole, as no keeper would write it. */
static void
spoilt(const char *key, json_t *value, bool shard, enum fault_kind want)
{
	struct released_proof p;
	struct story s;
	struct fault f;
	json_t *o;

	tell(&s);
	o = shard ? json_array_get(json_object_get(s.answer, "shards"), 1)
		  : s.answer;
	if (value == NULL)
		json_object_del(o, key);
	else
		json_object_set_new(o, key, value);
	assert_refused(judge(&s, &p, &f), want);
	untell(&s);
}

static void
what_is_garbled_is_not_read(void **state)
{
	(void)state;
	spoilt("n", json_integer(0), true, FAULT_INPUT);
	spoilt("n", json_integer(-1), true, FAULT_INPUT);
	spoilt("skip", json_integer(1000), true, FAULT_INPUT);
	spoilt("skip", json_integer(1000 - 31), true, FAULT_INPUT);
	spoilt("bytes", json_integer(200), true, FAULT_INPUT);
	spoilt("object", json_string("00"), true, FAULT_INPUT);
	spoilt("header", json_string(""), true, FAULT_INPUT);
	spoilt("header", json_string("????"), true, FAULT_INPUT);
	spoilt("more", json_true(), true, FAULT_INPUT);
	spoilt("index", NULL, true, FAULT_INPUT);
	spoilt("batch", json_string("first"), false, FAULT_INPUT);
	spoilt("shards", json_array(), false, FAULT_INPUT);
	spoilt("shards", json_string("all"), false, FAULT_INPUT);
	spoilt("manifest", NULL, false, FAULT_INPUT);
	spoilt("receipt", json_string("c2sp.org/tlog-proof@v1\n"), false,
	    FAULT_INPUT);
	spoilt("more", json_true(), false, FAULT_INPUT);
}

static void
a_shard_is_the_manifests(void **state)
{
	struct manifest_shard row = { .bytes = 1000, .index_bytes = 500 };
	struct manifest m = { .shards = &row, .nshards = 1 };
	struct released_shard s = { .bytes = 1000, .index_bytes = 500 };
	struct fault f;

	(void)state;
	assert_ok(released_matches(&s, &m, &f));
	s.n = 1;
	assert_refused(released_matches(&s, &m, &f), FAULT_FORGED);
	s.n = 0;
	s.object[0] = 1;
	assert_refused(released_matches(&s, &m, &f), FAULT_FORGED);
	s.object[0] = 0;
	s.index[31] = 1;
	assert_refused(released_matches(&s, &m, &f), FAULT_FORGED);
	s.index[31] = 0;
	s.bytes++;
	assert_refused(released_matches(&s, &m, &f), FAULT_FORGED);
	s.bytes--;
	s.index_bytes--;
	assert_refused(released_matches(&s, &m, &f), FAULT_FORGED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_that_was_logged_is_believed),
		cmocka_unit_test(another_question_is_not_answered_by_it),
		cmocka_unit_test(another_object_is_not_the_one_released),
		cmocka_unit_test(another_receipt_does_not_do),
		cmocka_unit_test(another_entry_is_no_release),
		cmocka_unit_test(what_is_garbled_is_not_read),
		cmocka_unit_test(a_shard_is_the_manifests),
	};
	struct fault f;

	return secret_start(&f) != 0
		   ? 1
		   : cmocka_run_group_tests(tests, NULL, NULL);
}
