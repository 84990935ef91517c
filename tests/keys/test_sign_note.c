/* keys/sign: C2SP signed notes and verifier keys. */

#include "tests/support/test.h"

#include <jansson.h>
#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"

/* The example of c2sp.org/signed-note. */
static const char example_vkey[] =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
static const char example_note[] =
    "This is an example message.\n\n"
    "\xe2\x80\x94 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ON"
    "ncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

static void
read_key(struct vkey *v, const char *text)
{
	struct fault f = { 0 };

	assert_ok(vkey_read(v, text, strlen(text), &f));
}

static void
the_standards_example_verifies(void **state)
{
	struct fault f = { 0 };
	struct note n;
	struct vkey v;

	(void)state;
	read_key(&v, example_vkey);
	assert_string_equal(v.name, "example.com/foo");
	assert_int_equal(v.id, 0x530d903a);
	assert_ok(note_open(&n, example_note, strlen(example_note), &v, 1, &f));
	assert_int_equal(n.text.len, 28);
	assert_int_equal(n.nlines, 1);
	assert_true(n.lines[0].verified);
}

static void
a_key_reads_back_as_it_was_written(void **state)
{
	char text[VKEY_CHARS_MAX + 1], name[NOTE_NAME_MAX + 2];
	uint8_t public[SIGN_PUBLIC_BYTES] = { 1, 2, 3 };
	struct fault f = { 0 };
	struct vkey v, back;

	(void)state;
	read_key(&v, example_vkey);
	vkey_write(text, &v);
	assert_string_equal(text, example_vkey);
	memset(name, 'n', sizeof(name));
	name[NOTE_NAME_MAX] = '\0';
	assert_ok(vkey_of(&v, name, public, &f));
	vkey_write(text, &v);
	read_key(&back, text);
	assert_memory_equal(&v, &back, sizeof(v));
	name[NOTE_NAME_MAX] = 'n';
	name[NOTE_NAME_MAX + 1] = '\0';
	assert_refused(vkey_of(&v, name, public, &f), FAULT_INPUT);
	assert_refused(vkey_of(&v, "", public, &f), FAULT_INPUT);
	assert_refused(vkey_of(&v, "a+b", public, &f), FAULT_INPUT);
	assert_refused(vkey_of(&v, "a b", public, &f), FAULT_INPUT);
	assert_refused(vkey_of(&v, "a\xc2\xa0", public, &f), FAULT_INPUT);
	assert_refused(vkey_of(&v, "a\xe3\x80\x80z", public, &f), FAULT_INPUT);
	assert_refused(vkey_of(&v, "a\nb", public, &f), FAULT_INPUT);
	assert_refused(vkey_of(&v, "a\xff", public, &f), FAULT_INPUT);
	assert_ok(vkey_of(&v, "h\xc3\xa9", public, &f));
}

static void
no_byte_of_a_key_can_change(void **state)
{
	char text[sizeof(example_vkey)];
	size_t len = sizeof(example_vkey) - 1;
	struct fault f = { 0 };
	struct vkey v;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		memcpy(text, example_vkey, sizeof(text));
		text[i] ^= 1;
		assert_refused(vkey_read(&v, text, len, &f), FAULT_INPUT);
		assert_refused(vkey_read(&v, example_vkey, i, &f), FAULT_INPUT);
	}
	/* Type 2 is no Ed25519 key. */
	assert_refused(vkey_read(&v, "a+00000000+Ag==", 15, &f), FAULT_INPUT);
}

static void
what_we_sign_verifies_and_can_be_signed_twice(void **state)
{
	struct slice text = slice_of_text("origin\n12\n\nroot\n");
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct fault f = { 0 };
	struct sign_key k[2];
	struct vkey v[2];
	struct bytes b;
	struct note n;

	(void)state;
	bytes_init(&b, 4096);
	for (int i = 0; i < 2; i++) {
		assert_ok(sign_key_new(&k[i], &f));
		sign_key_public(&k[i], public);
		assert_ok(vkey_of(&v[i], "log.example", public, &f));
	}
	assert_ok(note_sign(&b, text, "log.example", &k[0], &f));
	assert_ok(note_open(&n, b.at, b.len, v, 2, &f));
	assert_int_equal(n.text.len, text.len);
	assert_memory_equal(n.text.at, text.at, text.len);
	/* Known to nobody: another key of that name. */
	assert_refused(note_open(&n, b.at, b.len, &v[1], 1, &f), FAULT_FORGED);
	assert_refused(note_open(&n, b.at, b.len, v, 0, &f), FAULT_FORGED);
	for (size_t i = 0; i < b.len; i++) {
		f = (struct fault){ 0 };
		b.at[i] ^= 1;
		if (note_open(&n, b.at, b.len, v, 2, &f) == 0)
			fail_msg("byte %zu changed, and it still holds", i);
		b.at[i] ^= 1;
	}
	for (size_t len = 0; len < b.len; len++) {
		f = (struct fault){ 0 };
		assert_int_equal(note_open(&n, b.at, len, v, 2, &f), -1);
	}
	sign_key_free(&k[0]);
	sign_key_free(&k[1]);
	bytes_free(&b);
}

static void
a_line_that_comes_twice_is_told_once(void **state)
{
	const char *line = strstr(example_note, "\xe2\x80\x94");
	struct fault f = { 0 };
	struct bytes b;
	struct vkey v;
	struct note n;

	(void)state;
	read_key(&v, example_vkey);
	bytes_init(&b, 4096);
	assert_ok(bytes_add_text(&b, example_note, &f));
	assert_ok(bytes_add_text(&b, line, &f));
	assert_ok(note_open(&n, b.at, b.len, &v, 1, &f));
	assert_int_equal(n.nlines, 1);
	bytes_free(&b);
}

static void
a_signing_key_reads_back_and_no_byte_of_it_can_change(void **state)
{
	struct fault f = { 0 };
	struct secret text, again;
	struct sign_key k, back;
	struct vkey v;

	(void)state;
	assert_ok(sign_key_new(&k, &f));
	assert_ok(skey_write(&text, &k, "log.example/a", &f));
	assert_ok(
	    skey_read(&back, &v, (struct slice){ text.at, text.len }, &f));
	assert_string_equal(v.name, "log.example/a");
	assert_memory_equal(
	    sign_key_seed(&back), sign_key_seed(&k), SIGN_SEED_BYTES);
	assert_ok(skey_write(&again, &back, v.name, &f));
	assert_int_equal(again.len, text.len);
	assert_memory_equal(again.at, text.at, text.len);
	sign_key_free(&back);
	for (size_t i = 0; i < text.len; i++) {
		text.at[i] ^= 1;
		assert_refused(skey_read(&back, &v,
				   (struct slice){ text.at, text.len }, &f),
		    FAULT_INPUT);
		assert_null(back.pair.at);
		text.at[i] ^= 1;
		assert_refused(
		    skey_read(&back, &v, (struct slice){ text.at, i }, &f),
		    FAULT_INPUT);
	}
	secret_free(&again);
	assert_refused(skey_write(&again, &k, "a name", &f), FAULT_INPUT);
	secret_free(&text);
	sign_key_free(&k);
}

static void
a_signing_key_has_no_second_name_behind_a_nul(void **state)
{
	static const size_t name = sizeof("PRIVATE+KEY+log") - 1;
	uint8_t longer[256];
	struct fault f = { 0 };
	struct secret text;
	struct sign_key k, back;
	struct vkey v;

	(void)state;
	assert_ok(sign_key_new(&k, &f));
	assert_ok(skey_write(&text, &k, "log", &f));
	assert_true(text.len + 2 <= sizeof(longer));
	memcpy(longer, text.at, name);
	memcpy(longer + name, "\0x", 2);
	memcpy(longer + name + 2, text.at + name, text.len - name);
	assert_refused(
	    skey_read(&back, &v, (struct slice){ longer, text.len + 2 }, &f),
	    FAULT_INPUT);
	secret_free(&text);
	sign_key_free(&k);
}

static void
text_that_is_no_note_is_not_signed(void **state)
{
	static const char *const texts[] = { "", "no newline", "tab\there\n",
		"\xff\n" };
	struct fault f = { 0 };
	struct sign_key k;
	struct bytes b;

	(void)state;
	bytes_init(&b, 4096);
	assert_ok(sign_key_new(&k, &f));
	for (size_t i = 0; i < 4; i++)
		assert_refused(
		    note_sign(&b, slice_of_text(texts[i]), "name", &k, &f),
		    FAULT_INPUT);
	assert_refused(note_sign(&b, slice_of_text("text\n"), "a name", &k, &f),
	    FAULT_INPUT);
	assert_int_equal(b.len, 0);
	sign_key_free(&k);
	bytes_free(&b);
}

static void
sixteen_large_unknown_signatures_are_read_over(void **state)
{
	uint8_t blob[4 + 2428];
	struct fault f = { 0 };
	struct vkey v;
	struct bytes b;
	struct note n;

	(void)state;
	read_key(&v, example_vkey);
	bytes_init(&b, NOTE_BYTES_MAX + 1);
	memset(blob, 0x5a, sizeof(blob));
	assert_ok(bytes_add_text(&b, example_note, &f));
	for (int i = 0; i < 16; i++) {
		assert_ok(bytes_addf(&b, &f, "\xe2\x80\x94 w%d ", i));
		assert_ok(base64_add(&b, blob, sizeof(blob), true, &f));
		assert_ok(bytes_add(&b, "\n", 1, &f));
	}
	assert_ok(note_open(&n, b.at, b.len, &v, 1, &f));
	assert_int_equal(n.nlines, 17);
	assert_true(n.lines[0].verified && !n.lines[16].verified);
	while (b.len <= NOTE_BYTES_MAX)
		assert_ok(bytes_add(&b, "\n", 1, &f));
	assert_refused(note_open(&n, b.at, b.len, &v, 1, &f), FAULT_INPUT);
	bytes_free(&b);
}

/* ---- vectors ---- */

static void
from_base64(struct bytes *out, const json_t *v, const char *key)
{
	const char *text = json_string_value(json_object_get(v, key));
	struct fault f = { 0 };

	assert_non_null(text);
	bytes_init(out, strlen(text) + 3);
	assert_ok(bytes_reserve(out, strlen(text) + 3, &f));
	assert_true(base64_read(
	    out->at, out->room, &out->len, text, strlen(text), true));
}

static bool
listed(const json_t *names, struct slice name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(names, i,
	    one) if (json_string_length(one) == name.len &&
		     memcmp(json_string_value(one), name.at, name.len) ==
			 0) return true;
	return false;
}

static void
open_vector(const json_t *v)
{
	const char *want = json_string_value(json_object_get(v, "want"));
	const json_t *keys = json_object_get(v, "verifiers");
	struct vkey k[4];
	struct fault f = { 0 };
	struct bytes msg;
	struct note n;
	int rc;

	from_base64(&msg, v, "msg_b64");
	for (size_t i = 0; i < json_array_size(keys); i++)
		read_key(&k[i], json_string_value(json_array_get(keys, i)));
	rc = note_open(&n, msg.at, msg.len, k, json_array_size(keys), &f);
	if (strcmp(want, "ok") == 0) {
		assert_int_equal(rc, 0);
		assert_int_equal(n.nlines,
		    json_array_size(json_object_get(v, "verified")) +
			json_array_size(json_object_get(v, "unverified")));
		for (size_t i = 0; i < n.nlines; i++)
			assert_true(
			    listed(json_object_get(v, n.lines[i].verified
							  ? "verified"
							  : "unverified"),
				n.lines[i].name));
	} else {
		assert_int_equal(rc, -1);
		assert_int_equal(f.kind, strcmp(want, "malformed") == 0
					     ? FAULT_INPUT
					     : FAULT_FORGED);
		assert_int_equal(strcmp(want, "unverified") == 0,
		    strstr(f.text, "no signature by a known key") != NULL);
	}
	bytes_free(&msg);
}

static void
verifier_vector(const json_t *v)
{
	const char *text = json_string_value(json_object_get(v, "vkey"));
	const char *want = json_string_value(json_object_get(v, "want"));
	struct fault f = { 0 };
	struct bytes b;
	struct vkey k;
	int rc;

	if (text != NULL) {
		rc = vkey_read(&k, text, strlen(text), &f);
	} else {
		from_base64(&b, v, "vkey_b64");
		rc = vkey_read(&k, (const char *)b.at, b.len, &f);
		bytes_free(&b);
	}
	assert_int_equal(rc == 0, strcmp(want, "ok") == 0);
}

/* PRIVATE+KEY+name+id+base64(1 || seed) */
static void
sign_vector(const json_t *v)
{
	const char *skey = json_string_value(json_object_get(v, "skey"));
	const char *text = json_string_value(json_object_get(v, "text"));
	const char *want = json_string_value(json_object_get(v, "want_note"));
	uint8_t typed[1 + SIGN_SEED_BYTES];
	char name[64] = "";
	struct fault f = { 0 };
	struct sign_key k;
	struct bytes b;
	size_t len;
	int at = 0;

	assert_int_equal(
	    sscanf(skey, "PRIVATE+KEY+%63[^+]+%*8[0-9a-f]+%n", name, &at), 1);
	assert_true(base64_read(
	    typed, sizeof(typed), &len, skey + at, strlen(skey + at), true));
	assert_ok(sign_key_from_seed(&k, typed + 1, &f));
	bytes_init(&b, 4096);
	assert_ok(note_sign(&b, slice_of_text(text), name, &k, &f));
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.at, want, b.len);
	bytes_free(&b);
	sign_key_free(&k);
}

static void
all_note_vectors_give_the_result_they_name(void **state)
{
	struct fault f = { 0 };
	size_t count = 0;
	struct bytes all;
	char path[512];

	(void)state;
	test_shared(path, sizeof(path), "vectors/tlog/notes.jsonl");
	test_read_file(path, &all);
	for (char *line = strtok((char *)all.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		const char *op;
		json_t *v;

		assert_ok(doc_read(&v, line, strlen(line), &f));
		op = json_string_value(json_object_get(v, "op"));
		if (strcmp(op, "open") == 0)
			open_vector(v);
		else if (strcmp(op, "verifier") == 0)
			verifier_vector(v);
		else if (strcmp(op, "sign") == 0)
			sign_vector(v);
		else
			fail_msg("unknown vector: %s", op);
		json_decref(v);
		count++;
	}
	print_message("%zu note vectors\n", count);
	assert_true(count >= 151);
	bytes_free(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standards_example_verifies),
		cmocka_unit_test(a_key_reads_back_as_it_was_written),
		cmocka_unit_test(no_byte_of_a_key_can_change),
		cmocka_unit_test(what_we_sign_verifies_and_can_be_signed_twice),
		cmocka_unit_test(a_line_that_comes_twice_is_told_once),
		cmocka_unit_test(
		    a_signing_key_reads_back_and_no_byte_of_it_can_change),
		cmocka_unit_test(a_signing_key_has_no_second_name_behind_a_nul),
		cmocka_unit_test(text_that_is_no_note_is_not_signed),
		cmocka_unit_test(
		    sixteen_large_unknown_signatures_are_read_over),
		cmocka_unit_test(all_note_vectors_give_the_result_they_name),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
