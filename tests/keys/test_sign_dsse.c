/* keys/sign: DSSE envelopes and the in-toto statements inside. */

#include "tests/support/test.h"

#include <jansson.h>
#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"

#define TYPE "https://handoff.invalid/manifest/v1"

static void
make_key(struct sign_key *k, uint8_t public[SIGN_PUBLIC_BYTES])
{
	static const uint8_t seed[SIGN_SEED_BYTES] = { 3 };
	struct fault f = { 0 };

	assert_ok(sign_key_from_seed(k, seed, &f));
	sign_key_public(k, public);
}

static void
the_encoding_of_the_standards_example(void **state)
{
	struct fault f = { 0 };
	struct bytes b;

	(void)state;
	bytes_init(&b, 100);
	assert_ok(dsse_pae(&b, slice_of_text("http://example.com/HelloWorld"),
	    slice_of_text("hello world"), &f));
	assert_ok(bytes_end_text(&b, &f));
	assert_string_equal((char *)b.at,
	    "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
	bytes_free(&b);
	bytes_init(&b, 20);
	assert_ok(bytes_add_text(&b, "before", &f));
	assert_refused(dsse_pae(&b, slice_of_text("type"),
			   slice_of_text("more than fits"), &f),
	    FAULT_INPUT);
	assert_int_equal(b.len, 6);
	bytes_free(&b);
}

static void
an_envelope_reads_back_and_verifies(void **state)
{
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct fault f = { 0 };
	struct sign_key k;
	struct bytes b;
	struct dsse d;

	(void)state;
	make_key(&k, public);
	bytes_init(&b, 4096);
	assert_ok(dsse_sign(&b, "text/x", slice_of_text("body"), &k, &f));
	assert_ok(dsse_read(&d, b.at, b.len, &f));
	assert_string_equal(d.type, "text/x");
	assert_int_equal(d.payload.len, 4);
	assert_memory_equal(d.payload.at, "body", 4);
	assert_ok(dsse_verify(&d, public, &f));
	public[0] ^= 1;
	assert_refused(dsse_verify(&d, public, &f), FAULT_FORGED);
	dsse_free(&d);
	dsse_free(NULL);
	assert_refused(
	    dsse_sign(&b, "a \"type", slice_of_text(""), &k, &f), FAULT_INPUT);
	sign_key_free(&k);
	bytes_free(&b);
}

/* form with its %s, if it has one, replaced by value. */
static void
fill(char *out, size_t room, const char *form, const char *value)
{
	const char *gap = strstr(form, "%s");
	size_t len = gap == NULL ? strlen(form) : (size_t)(gap - form);

	(void)snprintf(out, room, "%.*s%s%s", (int)len, form,
	    gap == NULL ? "" : value, gap == NULL ? "" : gap + 2);
}

/* Make an envelope by hand around a signature for "x" and "a". */
static int
read_form(const char *form, struct dsse *d, struct fault *f)
{
	uint8_t public[SIGN_PUBLIC_BYTES], sig[SIGN_BYTES];
	char text[512];
	struct sign_key k;
	struct bytes b;
	int rc;

	make_key(&k, public);
	sign_make(&k, "DSSEv1 1 x 1 a", 14, sig);
	sign_key_free(&k);
	bytes_init(&b, 256);
	*f = (struct fault){ 0 };
	assert_int_equal(base64_add(&b, sig, sizeof(sig), true, f), 0);
	assert_int_equal(bytes_end_text(&b, f), 0);
	fill(text, sizeof(text), form, (char *)b.at);
	bytes_free(&b);
	rc = dsse_read(d, text, strlen(text), f);
	if (rc == 0)
		rc = dsse_verify(d, public, f);
	return rc;
}

static void
foreign_spellings_of_an_envelope_are_read(void **state)
{
	static const char *const good[] = {
		"{\"payload\":\"YQ==\",\"payloadType\":\"x\","
		"\"signatures\":[{\"sig\":\"%s\"}]}",
		" { \"signatures\" : [ {\"sig\":\"%s\",\"keyid\":\"\","
		"\"cert\":[1]} ],\n\"payloadType\":\"x\",\"payload\":\"YQ==\","
		"\"more\":{}}",
		/* one of another algorithm, one that is wrong, one right */
		"{\"payload\":\"YQ==\",\"payloadType\":\"x\","
		"\"signatures\":[{\"sig\":\"YWJj\"},{\"sig\":\"AAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAA==\"},{\"sig\":\"%s\"}]}",
	};
	struct fault f = { 0 };
	struct dsse d;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (read_form(good[i], &d, &f) != 0)
			fail_msg("%zu: %s", i, f.text);
		dsse_free(&d);
	}
}

static void
both_base64_alphabets_are_read_but_not_mixed(void **state)
{
	static const char form[] = "{\"payload\":\"%s\",\"payloadType\":\"x\","
				   "\"signatures\":[{\"sig\":\"AA==\"}]}";
	struct fault f = { 0 };
	char text[256];
	struct dsse d;

	(void)state;
	fill(text, sizeof(text), form, "-_-_");
	assert_ok(dsse_read(&d, text, strlen(text), &f));
	assert_memory_equal(d.payload.at, "\xfb\xff\xbf", 3);
	dsse_free(&d);
	fill(text, sizeof(text), form, "+/+/");
	assert_ok(dsse_read(&d, text, strlen(text), &f));
	assert_memory_equal(d.payload.at, "\xfb\xff\xbf", 3);
	dsse_free(&d);
	fill(text, sizeof(text), form, "+_+_");
	assert_refused(dsse_read(&d, text, strlen(text), &f), FAULT_INPUT);
	fill(text, sizeof(text), form, "YQ");
	assert_refused(dsse_read(&d, text, strlen(text), &f), FAULT_INPUT);
}

static void
what_is_no_envelope_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"7",
		"{}",
		"{\"payload\":\"YQ==\"}",
		"{\"payload\":\"YQ==\",\"payloadType\":\"x\"}",
		"{\"payload\":\"YQ==\",\"payloadType\":\"x\",\"signatures\":"
		"[]}",
		"{\"payload\":\"YQ==\",\"payloadType\":\"x\",\"signatures\":"
		"[{}]}",
		"{\"payload\":\"YQ==\",\"payloadType\":\"x\",\"signatures\":"
		"[7]}",
		"{\"payload\":\"YQ==\",\"payloadType\":7,\"signatures\":"
		"[{\"sig\":\"%s\"}]}",
		"{\"payload\":[],\"payloadType\":\"x\",\"signatures\":"
		"[{\"sig\":\"%s\"}]}",
		"{\"payload\":\"YQ==\",\"payload\":\"YQ==\",\"payloadType\":"
		"\"x\",\"signatures\":[{\"sig\":\"%s\"}]}",
		"{\"payload\":\"YQ==\",\"payloadType\":\"x\",\"signatures\":"
		"[{\"sig\":\"%s\"}]} x",
		"{\"payload\":\"Y?==\",\"payloadType\":\"x\",\"signatures\":"
		"[{\"sig\":\"%s\"}]}",
		"{\"payload\":\"YQ==\",\"payloadType\":\"x\",\"signatures\":"
		"[{\"sig\":\"*\"}]}",
	};
	struct fault f = { 0 };
	struct dsse d;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_form(bad[i], &d, &f), -1);
		if (f.kind != FAULT_INPUT)
			fail_msg("%zu: %s", i, f.text);
		assert_null(d.type);
	}
	/* Well formed, but about another type or another body. */
	assert_int_equal(
	    read_form("{\"payload\":\"Yg==\",\"payloadType\":\"x\","
		      "\"signatures\":[{\"sig\":\"%s\"}]}",
		&d, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_FORGED);
	dsse_free(&d);
	assert_int_equal(
	    read_form("{\"payload\":\"YQ==\",\"payloadType\":\"y\","
		      "\"signatures\":[{\"sig\":\"%s\"}]}",
		&d, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_FORGED);
	dsse_free(&d);
}

static void
all_dsse_vectors_come_out(void **state)
{
	size_t count = 0;
	struct bytes all;
	char path[512];

	(void)state;
	test_shared(path, sizeof(path), "vectors/crypto/dsse.jsonl");
	test_read_file(path, &all);
	for (char *line = strtok((char *)all.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		struct fault f = { 0 };
		struct bytes body, want, got;
		json_t *v, *env;

		assert_ok(doc_read(&v, line, strlen(line), &f));
		env = json_object_get(v, "envelope");
		bytes_init(&got, 4096);
		if (env == NULL) {
			test_hex(&body, json_string_value(
					    json_object_get(v, "payload_hex")));
			test_hex(&want,
			    json_string_value(json_object_get(v, "pae_hex")));
			assert_ok(dsse_pae(&got,
			    slice_of_text(
				json_string_value(json_object_get(v, "type"))),
			    (struct slice){ body.at, body.len }, &f));
			assert_int_equal(got.len, want.len);
			assert_memory_equal(got.at, want.at, got.len);
			bytes_free(&body);
			bytes_free(&want);
		} else {
			/* P-256: we read it, and it is signed by no key of
			 * ours. */
			uint8_t public[SIGN_PUBLIC_BYTES] = { 1 };
			struct dsse d;

			assert_ok(doc_write(&got, env, &f));
			assert_ok(dsse_read(&d, got.at, got.len, &f));
			assert_int_equal(d.payload.len, 11);
			assert_refused(
			    dsse_verify(&d, public, &f), FAULT_FORGED);
			dsse_free(&d);
		}
		bytes_free(&got);
		json_decref(v);
		count++;
	}
	assert_true(count >= 4);
	bytes_free(&all);
}

/* ---- statements ---- */

static void
a_statement_reads_back_out_of_its_envelope(void **state)
{
	struct statement_subject subjects[2] = { { "one", { 1 } },
		{ "two", { 2 } } };
	json_t *predicate = json_pack("{s:i}", "n", 5);
	struct statement_draft draft = { TYPE, subjects, 2, predicate };
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct statement_subject got;
	struct fault f = { 0 };
	struct statement s;
	struct sign_key k;
	struct bytes b;

	(void)state;
	make_key(&k, public);
	bytes_init(&b, 4096);
	assert_ok(statement_write(&b, &draft, &f));
	assert_ok(bytes_end_text(&b, &f));
	assert_string_equal((char *)b.at,
	    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":"
	    "{\"n\":5},\"predicateType\":\"" TYPE "\",\"subject\":"
	    "[{\"digest\":{\"sha256\":\"01000000000000000000000000000000000000"
	    "00000000000000000000000000\"},\"name\":\"one\"},{\"digest\":"
	    "{\"sha256\":\"020000000000000000000000000000000000000000000000000"
	    "0000000000000\"},\"name\":\"two\"}]}");
	bytes_reset(&b);
	assert_ok(statement_sign(&b, &draft, &k, &f));
	assert_ok(statement_open(
	    &s, (struct slice){ b.at, b.len }, TYPE, public, &f));
	assert_int_equal(s.nsubjects, 2);
	statement_subject(&s, 1, &got);
	assert_string_equal(got.name, "two");
	assert_memory_equal(got.sha256, subjects[1].sha256, DIGEST_BYTES);
	assert_true(json_equal(s.predicate, predicate));
	statement_free(&s);
	statement_free(NULL);
	assert_refused(statement_open(&s, (struct slice){ b.at, b.len },
			   "https://handoff.invalid/return/v1", public, &f),
	    FAULT_INPUT);
	assert_null(s.doc);
	public[1] ^= 1;
	assert_refused(
	    statement_open(&s, (struct slice){ b.at, b.len }, TYPE, public, &f),
	    FAULT_FORGED);
	json_decref(predicate);
	sign_key_free(&k);
	bytes_free(&b);
}

static void
an_envelope_around_something_else_is_no_statement(void **state)
{
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct fault f = { 0 };
	struct statement s;
	struct sign_key k;
	struct bytes b;

	(void)state;
	make_key(&k, public);
	bytes_init(&b, 4096);
	/* Even when it would be one under the right type. */
	assert_ok(dsse_sign(&b, "text/plain",
	    slice_of_text("{\"_type\":\"" STATEMENT_TYPE "\",\"predicate\":{},"
			  "\"predicateType\":\"x\",\"subject\":[{\"name\":"
			  "\"a\",\"digest\":{\"sha256\":\"00000000000000000000"
			  "00000000000000000000000000000000000000000000\"}}]}"),
	    &k, &f));
	assert_refused(
	    statement_open(&s, (struct slice){ b.at, b.len }, NULL, public, &f),
	    FAULT_INPUT);
	sign_key_free(&k);
	bytes_free(&b);
}

static void
what_is_no_statement_is_refused(void **state)
{
#define S(type, subject)                                          \
	"{\"_type\":\"" type "\",\"predicateType\":\"" TYPE "\"," \
	"\"predicate\":{},\"subject\":" subject "}"
#define D "{\"sha256\":\"%s\"}"
	static const char *const bad[] = { "", "[]", "{}",
		S("https://in-toto.io/Statement/v0.1", "[]"),
		S(STATEMENT_TYPE, "[]"), S(STATEMENT_TYPE, "{}"),
		S(STATEMENT_TYPE, "[{}]"), S(STATEMENT_TYPE, "[[]]"),
		S(STATEMENT_TYPE, "[{\"name\":\"a\"}]"),
		S(STATEMENT_TYPE, "[{\"name\":\"a\",\"digest\":{}}]"),
		S(STATEMENT_TYPE,
		    "[{\"name\":\"a\",\"digest\":{\"sha256\":\"00\"}}]") };
	struct fault f = { 0 };
	struct statement s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_refused(
		    statement_read(&s, slice_of_text(bad[i]), NULL, &f),
		    FAULT_INPUT);
		assert_null(s.doc);
	}
}

static void
every_allocation_of_a_statement_may_fail(void **state)
{
	struct statement_subject subject = { "one", { 1 } };
	json_t *predicate = json_pack("{s:i}", "n", 5);
	struct statement_draft draft = { TYPE, &subject, 1, predicate };
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct sign_key k;
	bool done = false;

	(void)state;
	make_key(&k, public);
	for (long n = 0; !done; n++) {
		struct fault f = { 0 };
		struct statement s = { 0 };
		struct bytes b;

		bytes_init(&b, 4096);
		mem_fail_after(n);
		done = statement_sign(&b, &draft, &k, &f) == 0 &&
		       statement_open(&s, (struct slice){ b.at, b.len }, TYPE,
			   public, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		statement_free(&s);
		bytes_free(&b);
	}
	json_decref(predicate);
	sign_key_free(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_encoding_of_the_standards_example),
		cmocka_unit_test(an_envelope_reads_back_and_verifies),
		cmocka_unit_test(foreign_spellings_of_an_envelope_are_read),
		cmocka_unit_test(both_base64_alphabets_are_read_but_not_mixed),
		cmocka_unit_test(what_is_no_envelope_is_refused),
		cmocka_unit_test(all_dsse_vectors_come_out),
		cmocka_unit_test(a_statement_reads_back_out_of_its_envelope),
		cmocka_unit_test(
		    an_envelope_around_something_else_is_no_statement),
		cmocka_unit_test(what_is_no_statement_is_refused),
		cmocka_unit_test(every_allocation_of_a_statement_may_fail),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
