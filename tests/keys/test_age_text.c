/* keys/age: keys as text, the header's grammar, armor. */

#include "tests/support/test.h"

#include <jansson.h>
#include <string.h>

#include "keys/age/age.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* From age.md: an identity, and a recipient (of another). */
#define IDENTITY          \
	"AGE-SECRET-KEY-" \
	"1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
#define RECIPIENT \
	"age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
#define SHARE "O6DLx/wDIawpUC978NSPjYvrfDtJVnZApXKp4FMPHCY"
#define BODY "3aKjozt9agh7jGmvOKvR4iax41Wl4zj95MKK4X9JuWc"
#define MAC "HK2NmOBN9Dpq0Gw6xMCuhFcQlQLvZ/wQUi/2scLG75s"
#define VERSION "age-encryption.org/v1\n"

static void
bech32_vectors_are_judged_as_they_say(void **state)
{
	char path[512];
	struct bytes text;
	unsigned count = 0;

	(void)state;
	test_shared(path, sizeof(path), "vectors/crypto/age_bech32.jsonl");
	test_read_file(path, &text);
	for (char *line = strtok((char *)text.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n"), count++) {
		json_t *v = json_loads(line, 0, NULL);
		char hrp[AGE_HRP_MAX + 1];
		struct bytes string, back;
		struct fault f = { 0 };
		uint8_t data[2048];
		size_t len;
		bool valid, want;

		assert_non_null(v);
		want = json_is_true(json_object_get(v, "valid"));
		test_hex(&string,
		    json_string_value(json_object_get(v, "string_hex")));
		valid = bech32_read(hrp, data, sizeof(data), &len,
		    (char *)string.at, string.len);
		if (valid != want)
			fail_msg("%.60s: %d", string.at, valid);
		bytes_init(&back, 4096);
		if (valid) {
			assert_ok(bech32_write(&back, hrp, data, len, &f));
			assert_int_equal(back.len, string.len);
			assert_int_equal(strncasecmp((char *)back.at,
					     (char *)string.at, back.len),
			    0);
		}
		bytes_free(&back);
		bytes_free(&string);
		json_decref(v);
	}
	assert_true(count >= 21);
	bytes_free(&text);
}

/* Whole bytes stand behind the last '1', filled up with zero bits; BIP 173's
 * own strings also hold others. */
static bool
holds_bytes(const struct bytes *string)
{
	static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	size_t one = string->len, bits, at;

	while (one > 0 && string->at[one - 1] != '1')
		one--;
	bits = (string->len - one - 6) * 5;
	if (bits % 8 == 0)
		return true;
	at = (size_t)(strchr(digits, string->at[string->len - 7] | 0x20) -
		      digits);
	return bits % 8 < 5 && (at & ((1u << bits % 8) - 1)) == 0;
}

/* The strings of BIP 173 and of BIP 350, whose checksum is another. */
static void
strings_of_the_bips_are_judged_as_they_say(void **state)
{
	unsigned count = 0, read = 0, longer = 0;
	char path[512];
	struct bytes text;

	(void)state;
	test_shared(path, sizeof(path), "vectors/crypto/bech32.jsonl");
	test_read_file(path, &text);
	for (char *line = strtok((char *)text.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n"), count++) {
		json_t *v = json_loads(line, 0, NULL);
		char hrp[AGE_HRP_MAX + 1];
		struct bytes string;
		uint8_t data[128];
		bool valid, want;
		size_t len;

		assert_non_null(v);
		test_hex(&string,
		    json_string_value(json_object_get(v, "string_hex")));
		want = strcmp(json_string_value(json_object_get(v, "spec")),
			   "bech32") == 0 &&
		       json_is_true(json_object_get(v, "valid")) &&
		       holds_bytes(&string);
		valid = bech32_read(hrp, data, sizeof(data), &len,
		    (char *)string.at, string.len);
		/* Wrong there by nothing but its length, which age allows. */
		if (string.len > 90 && valid)
			longer++;
		else if (valid != want)
			fail_msg("%.100s: %d", string.at, valid);
		read += valid ? 1 : 0;
		bytes_free(&string);
		json_decref(v);
	}
	assert_true(count == 40 && read >= 4 && longer <= 1);
	bytes_free(&text);
}

static void
a_slip_of_one_character_in_a_key_is_noticed(void **state)
{
	static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	char text[] = RECIPIENT;
	struct age_recipient r;
	struct fault f = { 0 };

	(void)state;
	assert_ok(age_recipient_read(&r, text, sizeof(text) - 1, &f));
	assert_int_equal(r.kind, AGE_X25519);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		char was = text[i];

		for (size_t k = 0; k < 32; k++) {
			if (digits[k] == was)
				continue;
			text[i] = digits[k];
			assert_refused(
			    age_recipient_read(&r, text, sizeof(text) - 1, &f),
			    FAULT_INPUT);
		}
		text[i] = was;
	}
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		assert_refused(
		    age_recipient_read(&r, text, len, &f), FAULT_INPUT);
}

static void
keys_are_written_as_they_were_read(void **state)
{
	static const char *const wrong[] = { RECIPIENT, "", "AGE-SECRET-KEY-1",
		"age-secret-key", "AGE-PLUGIN-YUBIKEY-1QQPSQQQQQQQQQQ" };
	struct age_identity id;
	struct age_recipient r;
	struct secret text;
	struct fault f = { 0 };
	struct bytes out;

	(void)state;
	assert_ok(age_identity_read(&id, IDENTITY, strlen(IDENTITY), &f));
	assert_ok(age_identity_write(&text, &id, &f));
	assert_string_equal((char *)text.at, IDENTITY);
	assert_int_equal(text.len, sizeof(IDENTITY));
	secret_free(&text);
	age_identity_free(&id);
	age_identity_free(&id);
	assert_ok(age_recipient_read(&r, RECIPIENT, strlen(RECIPIENT), &f));
	bytes_init(&out, 200);
	assert_ok(age_recipient_write(&out, &r, &f));
	assert_int_equal(out.len, strlen(RECIPIENT));
	assert_memory_equal(out.at, RECIPIENT, out.len);
	bytes_free(&out);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_refused(
		    age_identity_read(&id, wrong[i], strlen(wrong[i]), &f),
		    FAULT_INPUT);
		assert_null(id.secret.at);
	}
	assert_refused(age_recipient_read(&r, IDENTITY, strlen(IDENTITY), &f),
	    FAULT_INPUT);
	assert_null(strstr(f.text, "GFPYY"));
}

/* Right checksum, wrong in some other way. */
static void
a_key_of_the_wrong_length_kind_or_case_is_refused(void **state)
{
	static const uint8_t zeros[AGE_HYBRID_PUBLIC_BYTES + 1];
	static const struct {
		const char *hrp;
		size_t len;
	} keys[] = { { "age", 31 }, { "age", 33 }, { "age", 0 },
		{ "age1pq", 32 }, { "age1pq", 1215 }, { "age1pq", 1217 },
		{ "age1tag", 33 }, { "agf", 32 } };
	char mixed[] = IDENTITY;
	struct age_identity id;
	struct age_recipient r;
	struct fault f = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct bytes text;

		bytes_init(&text, 4096);
		assert_ok(
		    bech32_write(&text, keys[i].hrp, zeros, keys[i].len, &f));
		assert_refused(
		    age_recipient_read(&r, (char *)text.at, text.len, &f),
		    FAULT_INPUT);
		bytes_free(&text);
	}
	mixed[0] = 'a';
	assert_refused(
	    age_identity_read(&id, mixed, sizeof(mixed) - 1, &f), FAULT_INPUT);
	for (size_t i = 0; i < sizeof(mixed) - 1; i++)
		if (mixed[i] >= 'A' && mixed[i] <= 'Z')
			mixed[i] = (char)(mixed[i] - 'A' + 'a');
	assert_ok(age_identity_read(&id, mixed, sizeof(mixed) - 1, &f));
	age_identity_free(&id);
}

static void
key_files_have_comments_and_name_the_bad_line(void **state)
{
	static const char good[] = "# comment\r\n\n" IDENTITY "\r\n" IDENTITY;
	static const char bad[] = IDENTITY "\n# fine\n" RECIPIENT "\n";
	struct age_identities ids = { 0 };
	struct age_recipients to = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_ok(age_identities_read(&ids, good, sizeof(good) - 1, &f));
	assert_int_equal(ids.n, 2);
	assert_refused(
	    age_identities_read(&ids, bad, sizeof(bad) - 1, &f), FAULT_INPUT);
	assert_memory_equal(f.text, "line 3: ", 8);
	assert_int_equal(ids.n, 2); /* as it was */
	assert_refused(
	    age_identities_read(&ids, "# none\n", 7, &f), FAULT_INPUT);
	assert_ok(age_recipients_read(
	    &to, RECIPIENT "\n#\n", strlen(RECIPIENT) + 3, &f));
	assert_int_equal(to.n, 1);
	assert_refused(
	    age_recipients_read(&to, " " RECIPIENT, strlen(RECIPIENT) + 1, &f),
	    FAULT_INPUT);
	assert_int_equal(to.n, 1);
	age_identities_free(&ids);
	age_recipients_free(&to);
}

static void
a_header_is_read_to_its_last_newline(void **state)
{
	static const char text[] =
	    VERSION "-> X25519 " SHARE "\n" BODY "\n-> one two three four\n\n"
		    "--- " MAC "\n--- not ours\n";
	struct fault f = { 0 };
	struct age_header h;

	(void)state;
	assert_ok(age_header_read(&h, text, sizeof(text) - 1, &f));
	assert_int_equal(h.len, sizeof(text) - 1 - 13);
	assert_int_equal(h.nstanzas, 2);
	assert_int_equal(h.stanzas[0].kind, AGE_X25519);
	assert_int_equal(h.stanzas[0].nargs, 2);
	assert_int_equal(h.stanzas[0].body.len, 32);
	assert_int_equal(h.stanzas[1].kind, AGE_OTHER);
	assert_int_equal(h.stanzas[1].nargs, 4);
	assert_int_equal(h.stanzas[1].body.len, 0);
	assert_memory_equal(h.stanzas[1].arg[2].at, "three", 5);
	age_header_free(&h);
}

static void
a_header_cut_anywhere_is_cut_short(void **state)
{
	static const char text[] =
	    VERSION "-> X25519 " SHARE "\n" BODY "\n-> a bc\n" BODY
		    "AAAAAAAAAAAAAAAAAAAAA\nAA\n"
		    "--- " MAC "\n";
	struct fault f = { 0 };
	struct age_header h;

	(void)state;
	assert_ok(age_header_read(&h, text, sizeof(text) - 1, &f));
	age_header_free(&h);
	for (size_t len = 1; len < sizeof(text) - 1; len++) {
		assert_refused(
		    age_header_read(&h, text, len, &f), FAULT_FORGED);
		assert_null(h.stanzas);
	}
}

/* Each is one step away from a good header. */
static void
a_malformed_header_is_refused(void **state)
{
	static const char *const headers[] = { "age-encryption.org/v2\n",
		"age-encryption.org/v1\r\n", "Age-encryption.org/v1\n", "\n",
		"-----BEGIN", VERSION "--- " MAC "\n",
		VERSION "-> \n\n--- " MAC "\n", VERSION "->\n\n--- " MAC "\n",
		VERSION "->  a\n\n--- " MAC "\n",
		VERSION "-> a \n\n--- " MAC "\n",
		VERSION "-> a  b\n\n--- " MAC "\n",
		VERSION "-> a\tb\n\n--- " MAC "\n",
		VERSION "-> \303\251\n\n--- " MAC "\n",
		VERSION "-> a\n--- " MAC "\n", VERSION "-> a\nAAAA=\n--- " MAC,
		VERSION "-> a\nAB\n--- " MAC "\n", /* not canonical */
		VERSION "-> a\nA\n--- " MAC "\n",
		VERSION "-> a\n\n\n--- " MAC "\n",
		VERSION "-> a\n" BODY "AAAAAAAAAAAAAAAAAAAAAA\n--- " MAC "\n",
		VERSION "-> a\n" BODY "AAAAAAAAAAAAAAAAAAAAA\n--- " MAC "\n",
		VERSION "-> a\n\n---" MAC "\n", VERSION "-> a\n\n---  " MAC,
		VERSION "-> a\n\n--- " MAC " \n", VERSION "-> a\n\n--- \n",
		VERSION "-> a\n\n--- " MAC "A\n", VERSION "-> a\n\n-- " MAC,
		VERSION "=> a\n\n--- " MAC "\n" };
	struct fault f = { 0 };
	struct age_header h;

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		f = (struct fault){ 0 };
		if (age_header_read(&h, headers[i], strlen(headers[i]), &f) !=
			-1 ||
		    f.kind != FAULT_INPUT)
			fail_msg("%zu: kind %d: %s", i, (int)f.kind, f.text);
		assert_null(h.stanzas);
	}
}

static void
a_header_over_its_ceiling_is_refused(void **state)
{
	static const char stanza[] = "-> X25519 " SHARE "\n" BODY "\n";
	struct fault f = { 0 };
	struct age_header h;
	struct bytes text;

	(void)state;
	bytes_init(&text, 2 * AGE_HEADER_MAX);
	assert_ok(bytes_add_text(&text, VERSION, &f));
	while (text.len < AGE_HEADER_MAX - 200)
		assert_ok(bytes_add_text(&text, stanza, &f));
	assert_ok(bytes_add_text(&text, "--- " MAC "\n", &f));
	assert_ok(age_header_read(&h, text.at, text.len, &f));
	assert_true(h.nstanzas > 9000);
	age_header_free(&h);
	text.len -= sizeof("--- " MAC "\n") - 1;
	for (unsigned i = 0; i < 3; i++)
		assert_ok(bytes_add_text(&text, stanza, &f));
	assert_ok(bytes_add_text(&text, "--- " MAC "\n", &f));
	assert_refused(age_header_read(&h, text.at, text.len, &f), FAULT_INPUT);
	bytes_free(&text);
}

static void
armor_holds_any_number_of_bytes(void **state)
{
	struct bytes text, back;
	struct fault f = { 0 };
	uint8_t data[300];

	(void)state;
	random_fill(data, sizeof(data));
	for (size_t len = 0; len <= sizeof(data); len++) {
		bytes_init(&text, 4096);
		bytes_init(&back, len > 0 ? len : 1);
		assert_ok(age_armor_write(&text, data, len, &f));
		assert_true(age_is_armor(text.at, text.len));
		assert_ok(age_armor_read(&back, text.at, text.len, &f));
		assert_int_equal(back.len, len);
		if (len > 0)
			assert_memory_equal(back.at, data, len);
		bytes_free(&back);
		if (len > 1) { /* a ceiling below what it holds */
			bytes_init(&back, len - 1);
			assert_refused(
			    age_armor_read(&back, text.at, text.len, &f),
			    FAULT_INPUT);
			assert_int_equal(back.len, 0);
			bytes_free(&back);
		}
		bytes_free(&text);
	}
}

#define BEGIN "-----BEGIN AGE ENCRYPTED FILE-----\n"
#define END "-----END AGE ENCRYPTED FILE-----\n"

static void
armor_is_strict(void **state)
{
	static const struct {
		const char *text;
		enum fault_kind kind;
	} cases[] = {
		{ BEGIN "AAAA\n" END, FAULT_NONE },
		{ " \r\n\t" BEGIN "AAA=\r\n" END "\n\n ", FAULT_NONE },
		{ BEGIN "AAAA\n-----END AGE ENCRYPTED FILE-----", FAULT_NONE },
		{ BEGIN "AAA\n" END, FAULT_INPUT },
		{ BEGIN "AAB=\n" END, FAULT_INPUT },
		{ BEGIN "AAAA \n" END, FAULT_INPUT },
		{ BEGIN " AAAA\n" END, FAULT_INPUT },
		{ BEGIN "AAAA\nAAAA\n" END, FAULT_INPUT },
		{ BEGIN "AAAA\n\n" END, FAULT_INPUT },
		{ BEGIN "\nAAAA\n" END, FAULT_INPUT },
		{ BEGIN "Header: x\n\nAAAA\n" END, FAULT_INPUT },
		{ BEGIN "AA_-\n" END, FAULT_INPUT },
		{ BEGIN "AAAA\n" END "x", FAULT_INPUT },
		{ "x" BEGIN "AAAA\n" END, FAULT_INPUT },
		{ BEGIN "AAAA\n" BEGIN, FAULT_INPUT },
		{ "-----BEGIN PGP MESSAGE-----\nAAAA\n" END, FAULT_INPUT },
		{ BEGIN "AAAA\n-----END AGE ENCRYPTED FILE----\n",
		    FAULT_INPUT },
		{ BEGIN "AAAA\n", FAULT_FORGED },
		{ BEGIN "AAAA", FAULT_FORGED },
		{ BEGIN, FAULT_FORGED },
		{ "-----BEGIN AGE", FAULT_FORGED },
	};
	struct fault f;
	struct bytes out;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f = (struct fault){ 0 };
		bytes_init(&out, 100);
		if ((age_armor_read(&out, cases[i].text, strlen(cases[i].text),
			 &f) == 0) != (cases[i].kind == FAULT_NONE) ||
		    f.kind != cases[i].kind)
			fail_msg("%zu: kind %d: %s", i, (int)f.kind, f.text);
		if (cases[i].kind == FAULT_INPUT)
			assert_int_equal(out.len, 0);
		bytes_free(&out);
	}
}

static void
white_space_around_armor_has_a_ceiling(void **state)
{
	char text[4096];
	struct fault f = { 0 };
	struct bytes out;

	(void)state;
	bytes_init(&out, 100);
	for (int n = 1023; n <= 1025; n++) {
		(void)snprintf(text, sizeof(text),
		    "%*s" BEGIN "AAAA\n" END "%*s", n, "", n, "");
		if (n <= 1024)
			assert_ok(age_armor_read(&out, text, strlen(text), &f));
		else
			assert_refused(
			    age_armor_read(&out, text, strlen(text), &f),
			    FAULT_INPUT);
	}
	bytes_free(&out);
}

int
main(void)
{
	struct fault f = { 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bech32_vectors_are_judged_as_they_say),
		cmocka_unit_test(strings_of_the_bips_are_judged_as_they_say),
		cmocka_unit_test(a_slip_of_one_character_in_a_key_is_noticed),
		cmocka_unit_test(keys_are_written_as_they_were_read),
		cmocka_unit_test(
		    a_key_of_the_wrong_length_kind_or_case_is_refused),
		cmocka_unit_test(key_files_have_comments_and_name_the_bad_line),
		cmocka_unit_test(a_header_is_read_to_its_last_newline),
		cmocka_unit_test(a_header_cut_anywhere_is_cut_short),
		cmocka_unit_test(a_malformed_header_is_refused),
		cmocka_unit_test(a_header_over_its_ceiling_is_refused),
		cmocka_unit_test(armor_holds_any_number_of_bytes),
		cmocka_unit_test(armor_is_strict),
		cmocka_unit_test(white_space_around_armor_has_a_ceiling),
	};

	must(secret_start(&f) == 0);
	return cmocka_run_group_tests_name("age text", tests, NULL, NULL);
}
