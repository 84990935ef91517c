/* gateway/keeper: batches begun, their shards, their manifest. */

#include "gateway/package/package.h"
#include "keys/base/doc.h"
#include "keys/base/text.h"
#include "keys/ring/ring.h"
#include "tests/support/home.h"

#include <sys/mman.h>
#include <sys/stat.h>

static struct fault f;
static struct place place;
static struct keeper *k;
static int home;
static struct card acme;

#define DIGEST_A \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* ---- A home that knows a vendor ---- */

static void
add_vendor(void)
{
	struct sign_key key = { { NULL, 0 } };
	struct age_identity id;
	struct fingerprint print;
	struct bytes text;
	uint8_t public[SIGN_PUBLIC_BYTES];

	bytes_init(&text, CARD_BYTES_MAX);
	acme = (struct card){ .role = ROLE_VENDOR, .name = "acme" };
	id_new(acme.home, 'h');
	assert_ok(sign_key_new(&key, &f));
	sign_key_public(&key, public);
	memset(acme.tls, 7, sizeof(acme.tls));
	memcpy(acme.tls, public, 8);
	assert_ok(vkey_of(&acme.verifier, "acme", public, &f));
	assert_ok(age_identity_new(&id, &f));
	assert_ok(age_identity_recipient(&acme.age, &id, &f));
	assert_ok(card_sign(&text, &acme, &key, &f));
	assert_ok(card_fingerprint(&print, &acme, &f));
	assert_ok(keeper_ask(k, KEEPER_VENDOR_ADD,
	    json_pack("{s:s,s:s%,s:s,s:s,s:s}", "name", "acme", "card",
		(const char *)text.at, text.len, "country", "NL", "model",
		"dedicated", "fingerprint", print.hex),
	    NULL, &f));
	sign_key_free(&key);
	age_identity_free(&id);
	bytes_free(&text);
}

static int
begin(void **state)
{
	static const struct keeper_home owner = { .role = ROLE_OWNER,
		.name = "us" };

	(void)state;
	place_new(&place, "pass\n");
	assert_ok(keeper_create(&place.o, &owner, &f));
	k = place_open(&place, RING_RELEASE | RING_EXPORT, "pass\n");
	assert_ok(folder_open(AT_FDCWD, place.home, &home, &f));
	add_vendor();
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	assert_ok(keeper_close(k, &f));
	file_close(&home);
	place_end(&place);
	return 0;
}

/* ---- Asks ---- */

static json_t *
beginning(const char *name, const char *digest)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:[],s:s,s:I,s:b}", "vendor",
	    "acme", "name", name, "project", "triage", "policy", "handoff: 1\n",
	    "plan", digest, "source", "/data", "agreements", "approve", "self",
	    "retention", (json_int_t)86400, "offline", 0);
}

static json_t *
begun(const char *name)
{
	json_t *out;

	assert_ok(keeper_ask(
	    k, KEEPER_BATCH_BEGIN, beginning(name, DIGEST_A), &out, &f));
	return out;
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	assert_non_null(text);
	return text;
}

static json_t *
keys_for(const char *batch, int first, int count)
{
	json_t *list = json_array(), *out;

	for (int i = 0; i < count; i++)
		json_array_append_new(list, json_integer(first + i));
	assert_ok(keeper_ask(k, KEEPER_SHARD_KEYS,
	    json_pack("{s:s,s:o}", "batch", batch, "shards", list), &out, &f));
	return out;
}

static const char *
recipient(const json_t *keys, size_t i)
{
	return json_string_value(
	    json_array_get(json_object_get(keys, "recipients"), i));
}

/* An object among the home's, sealed to a recipient. */
static size_t
put_object(const char *to, const char *text, char hex[DIGEST_CHARS + 1])
{
	struct age_recipient r;
	struct bytes sealed;
	uint8_t digest[DIGEST_BYTES];
	char path[100];
	size_t len;

	bytes_init(&sealed, 65536);
	assert_ok(age_recipient_read(&r, to, strlen(to), &f));
	assert_ok(age_seal_small(&sealed, &r, 1, text, strlen(text), &f));
	digest_of(digest, sealed.at, sealed.len);
	hex_write(hex, digest, sizeof(digest));
	(void)snprintf(path, sizeof(path), "objects/%.2s", hex);
	assert_ok(folder_make(home, path, &f));
	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	len = sealed.len;
	{
		int fd = openat(
		    home, path, O_WRONLY | O_CREAT | O_CLOEXEC, (mode_t)0600);

		assert_true(fd != -1);
		assert_ok(file_write(fd, sealed.at, sealed.len, &f));
		file_close(&fd);
	}
	bytes_free(&sealed);
	return len;
}

/* Beside every shard lie two objects, here the same two. */
static char beside[2][DIGEST_CHARS + 1];
static size_t beside_bytes[2];

static json_t *
shard_row(const char *batch, int n, const char *object, size_t bytes)
{
	return json_pack("{s:s,s:i,s:s,s:I,s:i,s:s,s:I,s:s,s:I}", "batch",
	    batch, "n", n, "object", object, "bytes", (json_int_t)bytes,
	    "items", 3, "index", beside[0], "index_bytes",
	    (json_int_t)beside_bytes[0], "join", beside[1], "join_bytes",
	    (json_int_t)beside_bytes[1]);
}

static void
seal_shard(const char *batch, int n, const json_t *keys, size_t i,
    struct manifest_shard *out)
{
	char hex[DIGEST_CHARS + 1];
	size_t bytes = put_object(recipient(keys, i), "tar", hex);

	assert_ok(keeper_ask(
	    k, KEEPER_SHARD_SEALED, shard_row(batch, n, hex, bytes), NULL, &f));
	*out = (struct manifest_shard){
		.bytes = bytes, .items = 3, .index_bytes = beside_bytes[0]
	};
	assert_true(hex_read(out->sha256, DIGEST_BYTES, hex, DIGEST_CHARS));
	assert_true(
	    hex_read(out->index_sha256, DIGEST_BYTES, beside[0], DIGEST_CHARS));
}

/* The shard as it would be taken, and a list of persons that is none. */
static void
refuse_persons(const char *batch, const char *hex, size_t bytes)
{
	uint8_t hashes[2 * 32];
	struct keeper_fds fds = { .ngive = 1 };
	json_t *row;
	int fd = memfd_create("persons", MFD_CLOEXEC);

	assert_true(fd != -1);
	fds.give = &fd;
	row = shard_row(batch, 0, hex, bytes);
	json_object_set_new(row, "persons", json_integer(2));
	assert_refused(
	    keeper_ask(k, KEEPER_SHARD_SEALED, json_incref(row), NULL, &f),
	    FAULT_PEER); /* no descriptor */
	assert_refused(keeper_ask_fds(k, KEEPER_SHARD_SEALED, json_incref(row),
			   &fds, NULL, &f),
	    FAULT_INPUT); /* fewer */
	memset(hashes, 9, sizeof(hashes));
	assert_ok(file_write(fd, hashes, sizeof(hashes), &f));
	assert_refused(keeper_ask_fds(k, KEEPER_SHARD_SEALED, json_incref(row),
			   &fds, NULL, &f),
	    FAULT_INPUT); /* one twice */
	/* As what is sent: four hashes of three items. */
	json_object_del(row, "persons");
	json_object_set_new(row, "sent", json_true());
	assert_refused(
	    keeper_ask_fds(k, KEEPER_SHARD_SEALED, row, &fds, NULL, &f),
	    FAULT_INPUT);
	file_close(&fd);
}

/* ---- The tests ---- */

static void
a_batch_needs_a_vendor_and_its_agreements(void **state)
{
	json_t *in = beginning("first", DIGEST_A);

	(void)state;
	json_object_set_new(in, "vendor", json_string("nobody"));
	assert_refused(
	    keeper_ask(k, KEEPER_BATCH_BEGIN, in, NULL, &f), FAULT_INPUT);
	in = beginning("first", DIGEST_A);
	json_object_set_new(in, "agreements", json_pack("[s]", "nda"));
	assert_refused(
	    keeper_ask(k, KEEPER_BATCH_BEGIN, in, NULL, &f), FAULT_POLICY);
	assert_refused(
	    keeper_ask(k, KEEPER_BATCH_CHECK,
		json_pack("{s:s,s:[s]}", "vendor", "acme", "agreements", "nda"),
		NULL, &f),
	    FAULT_POLICY);
	assert_ok(keeper_ask(k, KEEPER_BATCH_CHECK,
	    json_pack("{s:s,s:[]}", "vendor", "acme", "agreements"), NULL, &f));
}

static void
the_same_beginning_finds_the_batch_and_another_says_so(void **state)
{
	json_t *one = begun("second"), *two = begun("second"), *other;

	(void)state;
	assert_string_equal(text_of(one, "batch"), text_of(two, "batch"));
	assert_string_equal(text_of(one, "returns"), text_of(two, "returns"));
	assert_false(json_is_true(json_object_get(one, "resumed")));
	assert_true(json_is_true(json_object_get(two, "resumed")));
	assert_refused(keeper_ask(k, KEEPER_BATCH_BEGIN,
			   beginning("second", DIGEST_B), NULL, &f),
	    FAULT_USAGE);
	other = begun("third");
	assert_string_not_equal(text_of(one, "batch"), text_of(other, "batch"));
	json_decref(one);
	json_decref(two);
	json_decref(other);
}

static void
a_shard_is_logged_only_if_its_own_identity_opens_the_object(void **state)
{
	json_t *b = begun("shards"), *old, *keys;
	const char *batch = text_of(b, "batch");
	struct manifest_shard made;
	char hex[DIGEST_CHARS + 1];
	size_t bytes;

	(void)state;
	old = keys_for(batch, 0, 3);
	for (int i = 0; i < 2; i++)
		beside_bytes[i] = put_object(text_of(b, "returns"),
		    i == 0 ? "index" : "join", beside[i]);
	keys = keys_for(batch, 0, 3); /* those before are destroyed */
	assert_string_not_equal(recipient(old, 0), recipient(keys, 0));
	assert_string_not_equal(recipient(keys, 0), recipient(keys, 1));

	assert_refused(keeper_ask(k, KEEPER_SHARD_SEALED,
			   shard_row(batch, 0, DIGEST_B, 100), NULL, &f),
	    FAULT_INPUT); /* not there */
	bytes = put_object(recipient(old, 0), "tar", hex);
	assert_refused(keeper_ask(k, KEEPER_SHARD_SEALED,
			   shard_row(batch, 0, hex, bytes), NULL, &f),
	    FAULT_INPUT);
	bytes = put_object(recipient(keys, 1), "tar", hex);
	assert_refused(keeper_ask(k, KEEPER_SHARD_SEALED,
			   shard_row(batch, 0, hex, bytes), NULL, &f),
	    FAULT_INPUT);
	bytes = put_object(recipient(keys, 0), "tar", hex);
	assert_refused(keeper_ask(k, KEEPER_SHARD_SEALED,
			   shard_row(batch, 0, hex, bytes + 1), NULL, &f),
	    FAULT_FORGED);
	beside_bytes[1]++;
	assert_refused(keeper_ask(k, KEEPER_SHARD_SEALED,
			   shard_row(batch, 0, hex, bytes), NULL, &f),
	    FAULT_FORGED);
	beside_bytes[1]--;
	refuse_persons(batch, hex, bytes);
	seal_shard(batch, 0, keys, 0, &made);
	/* Once is enough, and its identity stays. */
	assert_refused(keeper_ask(k, KEEPER_SHARD_SEALED,
			   shard_row(batch, 0, hex, bytes), NULL, &f),
	    FAULT_POLICY);
	assert_refused(
	    keeper_ask(k, KEEPER_SHARD_KEYS,
		json_pack("{s:s,s:[i]}", "batch", batch, "shards", 0), NULL,
		&f),
	    FAULT_POLICY);
	assert_refused(
	    keeper_ask(k, KEEPER_SHARD_KEYS,
		json_pack("{s:s,s:[i,i]}", "batch", batch, "shards", 2, 1),
		NULL, &f),
	    FAULT_INPUT);
	json_decref(old);
	json_decref(keys);
	json_decref(b);
}

/* Ask for a manifest to be signed. */
static int
ask_seal(const struct manifest *m, const char *batch, json_t **out)
{
	struct bytes text;
	int fd = open(place.folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	struct keeper_fds fds = { .give = &fd, .ngive = 1 };
	int rc;

	bytes_init(&text, 65536);
	assert_ok(manifest_write(&text, m, &f));
	assert_ok(file_write(fd, text.at, text.len, &f));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	rc = keeper_ask_fds(k, KEEPER_BATCH_SEAL,
	    json_pack("{s:s}", "batch", batch), &fds, out, &f);
	file_close(&fd);
	bytes_free(&text);
	return rc;
}

#define assert_seal_forged(m, batch)                                \
	do {                                                        \
		f = (struct fault){ 0 };                            \
		assert_int_equal(ask_seal((m), (batch), NULL), -1); \
		assert_int_equal(f.kind, FAULT_FORGED);             \
	} while (0)

static void
a_manifest_is_signed_only_if_it_is_of_the_shards_that_are_logged(void **state)
{
	json_t *b = begun("sealed"), *keys, *out, *other;
	const char *batch = text_of(b, "batch");
	struct manifest_shard shards[2];
	struct manifest m = { .revision = 1,
		.created = 1000000,
		.retention = 86400,
		.shards = shards,
		.nshards = 2 };
	char returns[256], log[VKEY_CHARS_MAX + 1], triage[] = "triage",
						    train[] = "train";

	(void)state;
	(void)snprintf(returns, sizeof(returns), "%s", text_of(b, "returns"));
	(void)snprintf(log, sizeof(log), "%s", text_of(b, "log"));
	m.project = triage;
	m.purpose = train;
	m.returns = returns;
	m.log = log;
	(void)snprintf(m.batch, sizeof(m.batch), "%s", batch);
	keys = keys_for(batch, 0, 2);
	seal_shard(batch, 0, keys, 0, &shards[0]);
	seal_shard(batch, 1, keys, 1, &shards[1]);

	m.nshards = 1;
	assert_seal_forged(&m, batch);
	m.nshards = 2;
	shards[1].sha256[0] ^= 1;
	assert_seal_forged(&m, batch);
	shards[1].sha256[0] ^= 1;
	shards[1].items++;
	assert_seal_forged(&m, batch);
	shards[1].items--;
	shards[0].index_sha256[5] ^= 1;
	assert_seal_forged(&m, batch);
	shards[0].index_sha256[5] ^= 1;
	m.retention++;
	assert_seal_forged(&m, batch);
	m.retention--;
	id_new(m.batch, 'b');
	assert_seal_forged(&m, batch);
	(void)snprintf(m.batch, sizeof(m.batch), "%s", batch);
	m.has_labels = m.labels.golden = true;
	assert_seal_forged(&m, batch);
	m.has_labels = m.labels.golden = false;
	assert_seal_forged(&m, batch); /* without its legal grounds */
	m.legal = other = json_deep_copy(json_object_get(b, "decision"));
	json_object_set_new(other, "country", json_string("DE"));
	assert_seal_forged(&m, batch);
	m.legal = json_object_get(b, "decision");

	f = (struct fault){ 0 };
	if (ask_seal(&m, batch, &out) != 0)
		fail_msg("%s", f.text);
	assert_int_equal(strlen(text_of(out, "manifest")), DIGEST_CHARS);
	/* It takes no more. */
	assert_refused(
	    keeper_ask(k, KEEPER_SHARD_KEYS,
		json_pack("{s:s,s:[i]}", "batch", batch, "shards", 2), NULL,
		&f),
	    FAULT_POLICY);
	json_decref(other);
	json_decref(out);
	json_decref(keys);
	json_decref(b);
}

static void
only_a_worker_that_was_introduced_gets_keys_and_of_its_batch_alone(void **state)
{
	json_t *b = begun("worker");
	struct message m, answer;
	struct channel *c;
	struct reader r;
	struct slice key;
	uint16_t n;
	int fd;

	(void)state;
	message_init(&m, 64);
	message_init(&answer, 65536);
	assert_ok(keeper_peer(k, KEEPER_WORKER,
	    json_pack("{s:O,s:[s]}", "batch", json_object_get(b, "batch"),
		"keys", "token:email"),
	    &fd, &f));
	assert_ok(channel_new(&c, fd, &f));
	assert_ok(ask_begin(&m, KEEPER_WORKER_KEYS, &f));
	assert_ok(ask(c, &m, &answer, &r, &f));
	for (int i = 0; i < 6; i++) {
		assert_ok(take_slice(&r, 32, &key, &f));
		assert_int_equal(key.len, 32);
	}
	assert_ok(take_u16(&r, &n, &f));
	assert_int_equal(n, 1);
	assert_ok(take_slice(&r, 32, &key, &f));
	assert_ok(take_end(&r, &f));
	/* What else it asks is not for it. */
	assert_ok(ask_begin(&m, KEEPER_BATCH_SHARDS, &f));
	assert_refused(ask(c, &m, &answer, &r, &f), FAULT_PEER);
	channel_free(c);

	assert_ok(keeper_peer(k, KEEPER_WORKER,
	    json_pack(
		"{s:s,s:[]}", "batch", "b-bbbbbbbbbbbbbbbbbbbbbbbbbb", "keys"),
	    &fd, &f));
	assert_ok(channel_new(&c, fd, &f));
	assert_ok(ask_begin(&m, KEEPER_WORKER_KEYS, &f));
	assert_refused(ask(c, &m, &answer, &r, &f), FAULT_INPUT);
	channel_free(c);
	message_free(&m);
	message_free(&answer);
	json_decref(b);
}

static const struct process_role roles[] = {
	{ "keeper", keeper_role },
	{ "passphrase", keeper_passphrase_role },
	{ NULL, NULL },
};

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_needs_a_vendor_and_its_agreements),
		cmocka_unit_test(
		    the_same_beginning_finds_the_batch_and_another_says_so),
		cmocka_unit_test(
		    a_shard_is_logged_only_if_its_own_identity_opens_the_object),
		cmocka_unit_test(
		    a_manifest_is_signed_only_if_it_is_of_the_shards_that_are_logged),
		cmocka_unit_test(
		    only_a_worker_that_was_introduced_gets_keys_and_of_its_batch_alone),
	};

	process_begin(argc, argv, roles);
	must(secret_start(&f) == 0);
	return cmocka_run_group_tests(tests, begin, finish);
}
