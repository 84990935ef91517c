/* keys/ring: cards and their fingerprints. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/base/text.h"
#include "keys/ring/ring.h"

static struct fault f;

/* A vendor's card and the key that signs it; the same every time. */
static void
a_card(struct card *c, struct sign_key *key)
{
	uint8_t seed[SIGN_SEED_BYTES];

	memset(seed, 7, sizeof(seed));
	memset(c, 0, sizeof(*c));
	assert_ok(sign_key_from_seed(key, seed, &f));
	c->role = ROLE_VENDOR;
	(void)snprintf(c->name, sizeof(c->name), "acme-labels");
	(void)snprintf(
	    c->home, sizeof(c->home), "h-abcdefghijklmnopqrstuvwxy2");
	c->age.kind = AGE_X25519;
	memset(c->age.key, 3, AGE_X25519_BYTES);
	sign_key_public(key, seed);
	assert_ok(vkey_of(&c->verifier, "handoff.invalid/acme", seed, &f));
	memset(c->tls, 5, sizeof(c->tls));
}

static void
signed_card(struct bytes *out, const struct card *c, const struct sign_key *key)
{
	bytes_init(out, CARD_BYTES_MAX);
	assert_ok(card_sign(out, c, key, &f));
}

static void
assert_same_card(const struct card *a, const struct card *b)
{
	assert_int_equal(a->role, b->role);
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->home, b->home);
	assert_memory_equal(a->age.key, b->age.key, AGE_X25519_BYTES);
	assert_string_equal(a->verifier.name, b->verifier.name);
	assert_memory_equal(a->verifier.key, b->verifier.key, 32);
	assert_memory_equal(a->tls, b->tls, 32);
	assert_int_equal(a->has_log, b->has_log);
}

static void
a_card_reads_back_as_it_was_written(void **state)
{
	struct card c, back;
	struct sign_key key;
	struct bytes text;

	(void)state;
	a_card(&c, &key);
	signed_card(&text, &c, &key);
	assert_true(text.len < 2048);
	assert_ok(card_read(&back, text.at, text.len, &f));
	assert_same_card(&c, &back);
	bytes_free(&text);

	c.role = ROLE_OWNER;
	c.has_log = true;
	c.log = c.verifier;
	signed_card(&text, &c, &key);
	assert_ok(card_read(&back, text.at, text.len, &f));
	assert_same_card(&c, &back);
	assert_int_equal(back.log.id, c.log.id);
	bytes_free(&text);
	sign_key_free(&key);
}

static void
a_card_with_a_bad_member_is_not_written(void **state)
{
	static const char *const names[] = { "", "Acme", "a b", "a/b",
		"acme.labels", "\xc3\xa4" };
	struct card c, good;
	struct sign_key key;
	struct bytes text;

	(void)state;
	a_card(&good, &key);
	bytes_init(&text, CARD_BYTES_MAX);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		c = good;
		(void)snprintf(c.name, sizeof(c.name), "%s", names[i]);
		assert_refused(card_sign(&text, &c, &key, &f), FAULT_INPUT);
		assert_false(card_name_valid(names[i]));
	}
	assert_true(card_name_valid("abcdefghijklmnopqrstuvwxyz-01234"));
	assert_false(card_name_valid("abcdefghijklmnopqrstuvwxyz-012345"));
	c = good;
	c.home[0] = 'b';
	assert_refused(card_sign(&text, &c, &key, &f), FAULT_INPUT);
	c = good;
	c.role = ROLE_OWNER;
	assert_refused(card_sign(&text, &c, &key, &f), FAULT_INPUT);
	c = good;
	c.has_log = true;
	c.log = c.verifier;
	assert_refused(card_sign(&text, &c, &key, &f), FAULT_INPUT);
	assert_int_equal(text.len, 0);
	sign_key_free(&key);
}

static void
no_altered_byte_of_a_card_reads_as_another_card(void **state)
{
	struct card c, back;
	struct sign_key key;
	struct bytes text;

	(void)state;
	a_card(&c, &key);
	signed_card(&text, &c, &key);
	for (size_t at = 0; at < text.len; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			f = (struct fault){ 0 };
			text.at[at] ^= (uint8_t)(1u << bit);
			/* The keyid is a hint that DSSE leaves unsigned. */
			if (card_read(&back, text.at, text.len, &f) == 0)
				assert_same_card(&c, &back);
			else
				assert_true(f.kind == FAULT_INPUT ||
					    f.kind == FAULT_FORGED);
			text.at[at] ^= (uint8_t)(1u << bit);
		}
	for (size_t len = 0; len < text.len; len++)
		assert_refused(card_read(&back, text.at, len, &f), FAULT_INPUT);
	bytes_free(&text);
	sign_key_free(&key);
}

/* A statement with that predicate text, signed by key. */
static int
read_with(const char *predicate, const char *type, const struct sign_key *key)
{
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct statement_subject subject = {
		.name = "h-abcdefghijklmnopqrstuvwxy2"
	};
	struct statement_draft d = { type, &subject, 1, NULL };
	struct bytes text;
	struct card back;
	int rc;

	sign_key_public(key, public);
	digest_of(subject.sha256, public, sizeof(public));
	assert_ok(doc_read(&d.predicate, predicate, strlen(predicate), &f));
	bytes_init(&text, 65536);
	assert_ok(statement_sign(&text, &d, key, &f));
	f = (struct fault){ 0 };
	rc = card_read(&back, text.at, text.len, &f);
	bytes_free(&text);
	json_decref(d.predicate);
	return rc;
}

#define TLS "0505050505050505050505050505050505050505050505050505050505050505"

static void
a_predicate_that_says_more_less_or_otherwise_is_refused(void **state)
{
	static const struct {
		const char *was, *is;
	} edits[] = {
		{ "\"role\":\"vendor\"", "\"role\":\"Vendor\"" },
		{ "\"role\":\"vendor\"", "\"role\":1" },
		{ "\"role\":\"vendor\"", "\"role\":\"owner\"" },
		{ "\"role\":\"vendor\",", "" },
		{ "\"role\":\"vendor\"", "\"role\":\"vendor\",\"x\":1" },
		{ "\"role\":\"vendor\"", "\"role\":\"vendor\",\"log\":null" },
		{ "\"name\":\"acme\"", "\"name\":\"\"" },
		{ "\"name\":\"acme\"", "\"name\":\"ac\\u0000me\"" },
		{ "\"name\":\"acme\"",
		    "\"name\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"" },
		{ "\"home\":\"h-abcdefghijklmnopqrstuvwxy2\"",
		    "\"home\":\"h-abcdefghijklmnopqrstuvwxy1\"" },
		{ "\"home\":\"h-abcdefghijklmnopqrstuvwxy2\"",
		    "\"home\":\"h-abcdefghijklmnopqrstuvwxz2\"" },
		{ "\"age\":\"age1", "\"age\":\"AGE1" },
		{ "\"age\":\"age1", "\"age\":\"age2" },
		{ "\"age\":\"age1", "\"age\":\" age1" },
		{ "\"tls\":\"05", "\"tls\":\"5" },
		{ "\"tls\":\"05", "\"tls\":\"0F" },
		{ "\"verifier\":\"handoff", "\"verifier\":\"Handoff" },
		{ "\"verifier\":\"handoff", "\"verifier\":\"+handoff" },
	};
	char good[1024], bad[1200], vkey[VKEY_CHARS_MAX + 1];
	struct sign_key key, other;
	struct bytes age;
	struct card c;

	(void)state;
	a_card(&c, &key);
	vkey_write(vkey, &c.verifier);
	bytes_init(&age, 128);
	assert_ok(age_recipient_write(&age, &c.age, &f));
	assert_ok(bytes_end_text(&age, &f));
	(void)snprintf(good, sizeof(good),
	    "{\"role\":\"vendor\",\"name\":\"acme\","
	    "\"home\":\"h-abcdefghijklmnopqrstuvwxy2\",\"age\":\"%s\","
	    "\"verifier\":\"%s\",\"tls\":\"%s\"}",
	    (const char *)age.at, vkey, TLS);
	assert_ok(read_with(good, CARD_PREDICATE, &key));
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		char *at = strstr(good, edits[i].was);

		assert_non_null(at);
		(void)snprintf(bad, sizeof(bad), "%.*s%s%s", (int)(at - good),
		    good, edits[i].is, at + strlen(edits[i].was));
		if (read_with(bad, CARD_PREDICATE, &key) == 0)
			fail_msg("%s was read", edits[i].is);
		assert_int_equal(f.kind, FAULT_INPUT);
	}
	assert_int_equal(
	    read_with(good, "https://handoff.invalid/manifest/v1", &key), -1);
	assert_int_equal(f.kind, FAULT_INPUT);
	/* Whole and well-formed, but by another key than it carries. */
	assert_ok(sign_key_new(&other, &f));
	assert_int_equal(read_with(good, CARD_PREDICATE, &other), -1);
	assert_int_equal(f.kind, FAULT_INPUT); /* the subject is not its key */
	bytes_free(&age);
	sign_key_free(&other);
	sign_key_free(&key);
}

static void
a_card_signed_by_another_key_is_forged(void **state)
{
	struct sign_key key, other;
	struct bytes text, forged;
	struct dsse d;
	struct card c, back;

	(void)state;
	a_card(&c, &key);
	signed_card(&text, &c, &key);
	assert_ok(dsse_read(&d, text.at, text.len, &f));
	assert_ok(sign_key_new(&other, &f));
	bytes_init(&forged, CARD_BYTES_MAX);
	assert_ok(dsse_sign(&forged, STATEMENT_PAYLOAD,
	    (struct slice){ d.payload.at, d.payload.len }, &other, &f));
	assert_refused(
	    card_read(&back, forged.at, forged.len, &f), FAULT_FORGED);
	bytes_reset(&forged);
	assert_ok(dsse_sign(&forged, "text/plain",
	    (struct slice){ d.payload.at, d.payload.len }, &key, &f));
	assert_refused(
	    card_read(&back, forged.at, forged.len, &f), FAULT_INPUT);
	dsse_free(&d);
	bytes_free(&forged);
	bytes_free(&text);
	sign_key_free(&other);
	sign_key_free(&key);
}

static void
a_card_over_its_limit_is_refused_unread(void **state)
{
	struct card back;
	struct bytes big;

	(void)state;
	bytes_init(&big, CARD_BYTES_MAX + 1);
	assert_ok(bytes_reserve(&big, CARD_BYTES_MAX + 1, &f));
	memset(big.at, ' ', CARD_BYTES_MAX + 1);
	assert_refused(
	    card_read(&back, big.at, CARD_BYTES_MAX + 1, &f), FAULT_INPUT);
	assert_string_equal(f.text, "card: over 8192 bytes");
	bytes_free(&big);
}

/* What was made once is what must come out for ever: it is printed on paper
 * and read out by telephone. */
static void
the_fingerprint_is_the_published_one_in_both_spellings(void **state)
{
	struct fingerprint print;
	struct sign_key key;
	struct card c;

	(void)state;
	a_card(&c, &key);
	assert_ok(card_fingerprint(&print, &c, &f));
	assert_string_equal(
	    print.hex, "4b52 70ab c905 1ad3 17bd 2837 0fe7 5125");
	assert_string_equal(
	    print.words, "hotif lafor sohaj dorig divut fobul buzol jahoj");
	sign_key_free(&key);
}

static void
every_member_counts_in_the_fingerprint(void **state)
{
	struct fingerprint print, other;
	struct sign_key key;
	struct card good, c;

	(void)state;
	a_card(&good, &key);
	assert_ok(card_fingerprint(&print, &good, &f));
	for (int i = 0; i < 7; i++) {
		c = good;
		switch (i) {
		case 0:
			c.role = ROLE_OFFICER;
			break;
		case 1:
			c.name[0] = 'b';
			break;
		case 2:
			c.home[27] = '3';
			break;
		case 3:
			c.age.key[31] ^= 1;
			break;
		case 4:
			assert_ok(vkey_of(&c.verifier, "x", c.tls, &f));
			break;
		case 5:
			c.tls[0] ^= 1;
			break;
		default:
			c.role = ROLE_OWNER;
			c.has_log = true;
			c.log = c.verifier;
		}
		assert_ok(card_fingerprint(&other, &c, &f));
		assert_string_not_equal(print.hex, other.hex);
		assert_string_not_equal(print.words, other.words);
	}
	sign_key_free(&key);
}

static void
a_typed_fingerprint_is_compared_whole_and_leniently(void **state)
{
	static const struct fingerprint print = {
		"7f00 0001 3f54 dcc1 0102 0304 0506 0708",
		"lusab babad gutih tugad bahaf baron bahif bakum",
	};
	static const char *const good[] = {
		"7f00 0001 3f54 dcc1 0102 0304 0506 0708",
		"7f0000013f54dcc10102030405060708",
		"7F00-0001-3F54-DCC1-0102-0304-0506-0708",
		"  7f00  00013f54dcc1 01020304 05060708 ",
		"lusab babad gutih tugad bahaf baron bahif bakum",
		"Lusab-Babad-Gutih-Tugad-Bahaf-Baron-Bahif-Bakum",
		"lusabbabadgutihtugadbahafbaronbahifbakum",
	};
	static const char *const bad[] = { "", " ", "-", "7f00",
		"7f00 0001 3f54 dcc1 0102 0304 0506 070",
		"7f00 0001 3f54 dcc1 0102 0304 0506 0709",
		"7f00 0001 3f54 dcc1 0102 0304 0506 07080",
		"7f00:0001:3f54:dcc1:0102:0304:0506:0708",
		"lusab babad gutih tugad bahaf baron bahif",
		"lusab babad gutih tugad bahaf baron bahif bakun",
		"7f00 0001 3f54 dcc1 bahaf baron bahif bakum" };

	static const char *const malformed[] = { "", " - ", "7f00",
		"7f00 0001 3f54 dcc1 0102 0304 0506 070",
		"7f00 0001 3f54 dcc1 0102 0304 0506 07080",
		"7f00:0001:3f54:dcc1:0102:0304:0506:0708",
		"7g00 0001 3f54 dcc1 0102 0304 0506 0708",
		"lusab babad gutih tugad bahaf baron bahif",
		"lusab babad gutih tugad bahaf baron bahif bakum bakum",
		"lusab babad gutih tugad bahaf baron bahif baekm",
		"lusab babad gutih tugad bahaf baron bahif baxum",
		"7f00 0001 3f54 dcc1 bahaf baron bahif bakum" };
	static const char *const formed[] = {
		"7f00 0001 3f54 dcc1 0102 0304 0506 0709",
		"lusab babad gutih tugad bahaf baron bahif bakun"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(fingerprint_same(&print, good[i]));
		assert_true(fingerprint_formed(good[i]));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(fingerprint_same(&print, bad[i]));
	/* Another's is one as well; what nobody spells so is none. */
	for (size_t i = 0; i < sizeof(formed) / sizeof(formed[0]); i++)
		assert_true(fingerprint_formed(formed[i]));
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		assert_false(fingerprint_formed(malformed[i]));
}

static void
a_card_survives_every_lack_of_memory(void **state)
{
	struct sign_key key;
	struct card c, back;
	struct bytes text;
	bool done = false;

	(void)state;
	a_card(&c, &key);
	for (long n = 0; !done; n++) {
		f = (struct fault){ 0 };
		bytes_init(&text, CARD_BYTES_MAX);
		mem_fail_after(n);
		done = card_sign(&text, &c, &key, &f) == 0 &&
		       card_read(&back, text.at, text.len, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		bytes_free(&text);
	}
	assert_same_card(&c, &back);
	sign_key_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_card_reads_back_as_it_was_written),
		cmocka_unit_test(a_card_with_a_bad_member_is_not_written),
		cmocka_unit_test(
		    no_altered_byte_of_a_card_reads_as_another_card),
		cmocka_unit_test(
		    a_predicate_that_says_more_less_or_otherwise_is_refused),
		cmocka_unit_test(a_card_signed_by_another_key_is_forged),
		cmocka_unit_test(a_card_over_its_limit_is_refused_unread),
		cmocka_unit_test(
		    the_fingerprint_is_the_published_one_in_both_spellings),
		cmocka_unit_test(every_member_counts_in_the_fingerprint),
		cmocka_unit_test(
		    a_typed_fingerprint_is_compared_whole_and_leniently),
		cmocka_unit_test(a_card_survives_every_lack_of_memory),
	};

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
