/* Signed requests: every word altered, every nonce used twice. */

#include "tests/support/test.h"

#include <string.h>

#include "gateway/keeper/request_internal.h"
#include "keys/base/secret.h"

#define HOME "h-abcdefghijklmnopqrstuvwxyz"
#define NONCE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct sign_key key, other;
static uint8_t public[32], foreign[32];

static struct request
words(void)
{
	struct request r = { HOME, "POST", "/v1/batches", NONCE, { 0 } };

	digest_of(r.body, "{}", 2);
	return r;
}

static void
make(struct bytes *out, const struct request *r)
{
	struct fault f;

	bytes_init(out, 8192);
	assert_ok(request_sign(out, r, &key, &f));
}

static int
check(const struct bytes *b, const struct request *want, struct fault *f)
{
	char nonce[REQUEST_NONCE_CHARS + 1];

	return request_check(
	    want, (struct slice){ b->at, b->len }, public, nonce, f);
}

static void
a_request_is_read_as_it_was_signed(void **state)
{
	struct request r = words();
	char nonce[REQUEST_NONCE_CHARS + 1];
	struct bytes b;
	struct fault f;

	(void)state;
	make(&b, &r);
	assert_true(b.len < 2048);
	assert_ok(request_check(
	    &r, (struct slice){ b.at, b.len }, public, nonce, &f));
	assert_string_equal(nonce, NONCE);
	bytes_free(&b);
}

static void
another_word_is_refused(void **state)
{
	struct request r = words(), w;
	struct bytes b;
	struct fault f;

	(void)state;
	make(&b, &r);
	w = r;
	w.home = "h-bbbbbbbbbbbbbbbbbbbbbbbbbb";
	assert_refused(check(&b, &w, &f), FAULT_FORGED);
	w = r;
	w.method = "GET";
	assert_refused(check(&b, &w, &f), FAULT_FORGED);
	w = r;
	w.path = "/v1/batches/";
	assert_refused(check(&b, &w, &f), FAULT_FORGED);
	w = r;
	w.body[31] ^= 1;
	assert_refused(check(&b, &w, &f), FAULT_FORGED);
	bytes_free(&b);
}

static void
another_signer_is_refused(void **state)
{
	struct request r = words();
	char nonce[REQUEST_NONCE_CHARS + 1];
	struct bytes b;
	struct fault f;

	(void)state;
	make(&b, &r);
	assert_refused(request_check(&r, (struct slice){ b.at, b.len }, foreign,
			   nonce, &f),
	    FAULT_FORGED);
	bytes_free(&b);
}

/* Only the key id, which is a hint and optional, may differ. */
static void
no_byte_can_be_altered(void **state)
{
	struct request r = words();
	struct bytes b;
	struct fault f;
	size_t id;

	(void)state;
	make(&b, &r);
	assert_ok(bytes_end_text(&b, &f));
	assert_non_null(strstr((char *)b.at, "\"keyid\":\""));
	id = (size_t)(strstr((char *)b.at, "\"keyid\":\"") - (char *)b.at) + 9;
	for (size_t i = 0; i < b.len; i++) {
		if (i + 9 >= id && i < id + 65)
			continue;
		b.at[i] ^= 1;
		assert_int_equal(check(&b, &r, &f), -1);
		b.at[i] ^= 1;
	}
	assert_ok(check(&b, &r, &f));
	bytes_free(&b);
}

/* A statement of that type with another predicate or subject. */
static void
odd(const char *predicate, const char *name, size_t n, enum fault_kind want)
{
	struct request r = words();
	struct statement_subject s[2] = { { .name = name }, { .name = name } };
	struct statement_draft d = { REQUEST_TYPE, s, n, NULL };
	struct bytes b;
	struct fault f;

	memcpy(s[0].sha256, r.body, 32);
	bytes_init(&b, 8192);
	assert_non_null(d.predicate = json_loads(predicate, 0, NULL));
	assert_ok(statement_sign(&b, &d, &key, &f));
	assert_refused(check(&b, &r, &f), want);
	json_decref(d.predicate);
	bytes_free(&b);
}

static void
members_are_those_and_no_other(void **state)
{
#define WORDS \
	"\"home\":\"" HOME "\",\"method\":\"POST\",\"path\":\"/v1/batches\""
	(void)state;
	odd("{" WORDS "}", "body", 1, FAULT_INPUT);
	odd("{" WORDS ",\"nonce\":\"00\"}", "body", 1, FAULT_INPUT);
	odd("{" WORDS ",\"nonce\":7}", "body", 1, FAULT_INPUT);
	odd("{" WORDS ",\"nonce\":\"" NONCE "\",\"more\":1}", "body", 1,
	    FAULT_INPUT);
	odd("{" WORDS ",\"nonce\":\"" NONCE "\"}", "head", 1, FAULT_INPUT);
	odd("{" WORDS ",\"nonce\":\"" NONCE "\"}", "body", 2, FAULT_INPUT);
}

static void
another_type_is_refused(void **state)
{
	struct request r = words();
	struct statement_subject s = { .name = "body" };
	struct statement_draft d = { "https://handoff.invalid/return/v1", &s, 1,
		NULL };
	struct bytes b;
	struct fault f;

	(void)state;
	bytes_init(&b, 8192);
	d.predicate = json_pack("{s:s,s:s,s:s,s:s}", "home", HOME, "method",
	    "POST", "path", "/v1/batches", "nonce", NONCE);
	memcpy(s.sha256, r.body, 32);
	assert_ok(statement_sign(&b, &d, &key, &f));
	assert_refused(check(&b, &r, &f), FAULT_INPUT);
	json_decref(d.predicate);
	bytes_free(&b);
}

static void
a_nonce_serves_one_request_of_one_key(void **state)
{
	uint8_t me[32] = { 1 }, you[32] = { 2 }, one[32] = { 3 },
		two[32] = { 4 };
	char n[REQUEST_NONCE_CHARS + 1], old[REQUEST_NONCE_CHARS + 1];
	struct visits *v;
	struct fault f;

	(void)state;
	assert_ok(visits_new(&v, &f));
	visits_nonce(v, me, 1000, n);
	assert_false(visits_take(v, you, n, one, 1001));
	assert_true(visits_take(v, me, n, one, 1001));
	assert_true(visits_take(v, me, n, one, 1002));
	assert_false(visits_take(v, me, n, two, 1002));
	assert_false(visits_take(v, me, NONCE, one, 1002));
	assert_false(visits_take(v, me, "", one, 1002));
	visits_nonce(v, me, 2000, old);
	assert_false(
	    visits_take(v, me, old, one, 2000 + VISITS_NONCE_SECONDS + 1));
	visits_free(v);
}

static void
nobody_can_crowd_out_another(void **state)
{
	uint8_t me[32] = { 1 }, you[32] = { 2 }, r[32] = { 3 };
	char mine[REQUEST_NONCE_CHARS + 1], n[REQUEST_NONCE_CHARS + 1];
	struct visits *v;
	struct fault f;

	(void)state;
	assert_ok(visits_new(&v, &f));
	visits_nonce(v, me, 1000, mine);
	for (unsigned i = 0; i < 2 * VISITS_NONCES_MAX; i++)
		visits_nonce(v, you, 1001, n);
	assert_true(visits_take(v, me, mine, r, 1002));
	assert_true(visits_take(v, you, n, r, 1002));
	visits_free(v);
}

/* Is it noted? */
static bool
notes(struct visits *v, const char *vendor, const uint8_t who[32],
    const char *what, double now)
{
	struct visit about = { vendor, who, what };
	struct fault f;
	bool note;

	assert_ok(visits_note(v, &about, now, &note, &f));
	return note;
}

static void
the_same_is_noted_once_an_hour_and_then_counted(void **state)
{
	uint8_t k[32] = { 1 };
	struct left_out l;
	struct visits *v;
	struct fault f;

	(void)state;
	assert_ok(visits_new(&v, &f));
	assert_true(notes(v, "", k, "", 1000));
	assert_false(visits_left_out(v, 1001, true, &l));
	assert_false(notes(v, "", k, "", 1000 + 3599));
	assert_false(notes(v, "", k, "", 1000 + 3599));
	assert_true(notes(v, "", k, "withdrawn", 1000 + 3599));
	assert_true(notes(v, "", k, "", 1000 + 3601));
	assert_false(visits_left_out(v, 1000 + 3700, false, &l));
	assert_true(visits_left_out(v, 1000 + 3599 + 3600, false, &l));
	assert_string_equal(l.vendor, "");
	assert_int_equal(l.count, 2);
	visits_told(v, &l);
	assert_false(visits_left_out(v, 100000, true, &l));
	visits_free(v);
}

#define ACME "v-aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER "v-bbbbbbbbbbbbbbbbbbbbbbbbbb"

/* So many different things; how many of them were noted? */
static unsigned
crowd(struct visits *v, const char *vendor, unsigned n, double now)
{
	uint8_t k[32] = { 9 };
	unsigned noted = 0;

	for (unsigned i = 0; i < n; i++) {
		memcpy(k + 1, &i, sizeof(i));
		noted += notes(v, vendor, k, "x", now);
	}
	return noted;
}

static void
nobody_silences_the_notes_of_another(void **state)
{
	uint8_t k[32] = { 1 };
	struct left_out l;
	struct visits *v;
	struct fault f;

	(void)state;
	assert_ok(visits_new(&v, &f));
	assert_int_equal(crowd(v, "", 5000, 20000), VISITS_NOTED_HOURLY);
	assert_true(notes(v, ACME, k, "withdrawn", 20001));
	assert_int_equal(crowd(v, ACME, 5000, 20002), VISITS_NOTED_HOURLY - 1);
	assert_true(notes(v, OTHER, k, "withdrawn", 20003));
	/* Nor for an hour itself: a minute earns another note. */
	assert_false(notes(v, ACME, k, "nonce", 20010));
	assert_true(notes(v, ACME, k, "nonce", 20070));
	assert_true(notes(v, "", k, "", 20070));
	for (unsigned i = 0; i < 2; i++) {
		assert_true(visits_left_out(v, 20070, true, &l));
		assert_int_equal(l.count, l.vendor[0] == '\0'
					      ? 5000 - VISITS_NOTED_HOURLY
					      : 5002 - VISITS_NOTED_HOURLY);
		visits_told(v, &l);
	}
	assert_false(visits_left_out(v, 20070, true, &l));
	visits_free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_read_as_it_was_signed),
		cmocka_unit_test(another_word_is_refused),
		cmocka_unit_test(another_signer_is_refused),
		cmocka_unit_test(no_byte_can_be_altered),
		cmocka_unit_test(members_are_those_and_no_other),
		cmocka_unit_test(another_type_is_refused),
		cmocka_unit_test(a_nonce_serves_one_request_of_one_key),
		cmocka_unit_test(nobody_can_crowd_out_another),
		cmocka_unit_test(
		    the_same_is_noted_once_an_hour_and_then_counted),
		cmocka_unit_test(nobody_silences_the_notes_of_another),
	};
	struct fault f;
	int rc;

	if (secret_start(&f) != 0 || sign_key_new(&key, &f) != 0 ||
	    sign_key_new(&other, &f) != 0)
		return 1;
	sign_key_public(&key, public);
	sign_key_public(&other, foreign);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	sign_key_free(&key);
	sign_key_free(&other);
	return rc;
}
