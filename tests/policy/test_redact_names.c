/* TRANSFORM_DETECT with the dataset's own names: who is known, as whom, and to
 * whom alone. */

#include <stdlib.h>
#include <string.h>

#include "keys/base/secret.h"
#include "keys/pseudonym/pseudonym.h"
#include "policy/detect/detect.h"
#include "policy/rules/rules.h"
#include "policy/transform/transform.h"
#include "tests/support/test.h"

static struct transform_key *key;

static struct transform
detect_with(enum redact_style style, const struct detect_options *o)
{
	struct transform t = { .action = TRANSFORM_DETECT,
		.first = DETECT_MIN_SCORE,
		.style = style };
	struct fault f;

	assert_ok(transform_rules(&t, o, &f));
	t.domain = strdup("detect");
	t.text = strdup("");
	return t;
}

static void
made(const struct transform *t, const char *text, const char *want)
{
	const struct transform_site site = { .key = key, .path = "p" };
	struct bytes out;
	struct fault f;

	bytes_init(&out, 1 << 20);
	assert_ok(transform_apply(t, &site, text, strlen(text), &out, &f));
	assert_ok(bytes_end_text(&out, &f));
	assert_string_equal((const char *)out.at, want);
	bytes_free(&out);
}

/* ---- The dataset's own names ---- */

/* "Anna Maria Kowalska" of the person P1, "Peter Frost" of the second record
 * of t.csv, which has no person. */
static void
seal_names(uint8_t **block, size_t *len)
{
	static const struct slice p1 = { (const uint8_t *)"P1", 2 };
	uint8_t owner[TRANSFORM_OWNER_BYTES];
	struct dictionary_builder *b;
	struct fault f;

	assert_ok(dictionary_new(&b, &f));
	transform_owner(owner, &p1, "x", 9);
	assert_ok(dictionary_add(
	    b, DICTIONARY_NAME, "Anna Maria Kowalska", 19, owner, &f));
	transform_owner(owner, NULL, "t.csv", 2);
	assert_ok(
	    dictionary_add(b, DICTIONARY_NAME, "Peter Frost", 11, owner, &f));
	assert_ok(dictionary_add(b, DICTIONARY_NAME, "Jan Frost", 9, NULL, &f));
	assert_ok(dictionary_seal(b, block, len, &f));
	dictionary_builder_free(b);
}

static void
made_at(const struct transform *t, const struct transform_site *site,
    const char *text, const char *want)
{
	struct bytes out;
	struct fault f;

	bytes_init(&out, 1 << 20);
	assert_ok(transform_apply(t, site, text, strlen(text), &out, &f));
	assert_ok(bytes_end_text(&out, &f));
	assert_string_equal((const char *)out.at, want);
	bytes_free(&out);
}

static void
names_are_found_and_a_record_s_own_with_certainty(void **state)
{
	struct transform t = detect_with(
	    REDACT_TAG, &(struct detect_options){ .min_score = 60 });
	struct transform_site site = { .path = "t.csv", .record = 1 };
	struct transform_dictionary *d;
	uint8_t *block;
	size_t len;
	struct fault f;

	(void)state;
	seal_names(&block, &len);
	assert_ok(transform_dictionary_open(&d, block, len, &f));
	site.dictionary = d;
	made_at(&t, &site, "the bag of Kowalskiej; a frost came",
	    "the bag of <PERSON>; a frost came");
	made_at(&t, &site, "Frost hurts, said anna", "Frost hurts, said anna");
	/* the second record is his, the third is nobody's, and then hers */
	site.record = 2;
	made_at(&t, &site, "Frost hurts", "<PERSON> hurts");
	site.record = 3;
	made_at(&t, &site, "Frost hurts", "Frost hurts");
	site.subject = (struct slice){ (const uint8_t *)"P1", 2 };
	made_at(
	    &t, &site, "Frost hurts, said Anna", "Frost hurts, said <PERSON>");
	/* the same rules without it know nobody */
	made(&t, "the bag of Kowalskiej", "the bag of Kowalskiej");
	transform_free(&t);
	transform_dictionary_free(d);
	free(block);
}

/* However he is written, a person is one person. */
static void
a_person_has_one_number_and_one_surrogate_in_all_forms(void **state)
{
	struct transform t =
	    detect_with(REDACT_NUMBER, &(struct detect_options){ 0 });
	struct transform_site site = { .path = "t.csv", .key = key };
	uint8_t *block;
	size_t len;
	struct fault f;

	(void)state;
	seal_names(&block, &len);
	assert_ok(transform_dictionary_open(&site.dictionary, block, len, &f));
	/* in any text: as the table spells it, in any order and case */
	made_at(&t, &site,
	    "Anna Kowalska, KOWALSKA, ANNA; of Annie Kowalskiej and Anna "
	    "Kowlaska; with Peter Frost, Mrs Kowalska, Mrs Kowalskiej",
	    "<PERSON_1>, <PERSON_1>; of <PERSON_1> and <PERSON_1>; with "
	    "<PERSON_2>, Mrs <PERSON_1>, Mrs <PERSON_1>");
	/* alone she is whom the text names, before or behind, and no more */
	made_at(&t, &site,
	    "Mrs Kowalska; as Maria Kowalska said to Peter Frost, Maria "
	    "Kowalska, known as Anna Maria Kowalska",
	    "Mrs <PERSON_1>; as <PERSON_1> said to <PERSON_2>, <PERSON_1>, "
	    "known as <PERSON_1>");
	made_at(&t, &site, "Jan Frost and Mrs Frost saw Peter Frost; Mr Frost",
	    "<PERSON_1> and Mrs <PERSON_2> saw <PERSON_3>; Mr <PERSON_2>");
	made_at(&t, &site, "Mrs Kowalska and Mr Frost",
	    "Mrs <PERSON_1> and Mr <PERSON_2>");
	/* in his own, whatever part of the name */
	site.subject = (struct slice){ (const uint8_t *)"P1", 2 };
	made_at(&t, &site,
	    "Anna sat. Mrs Kowalska and Anna Maria Kowalska: Kowalskiej; and "
	    "Peter Frost",
	    "<PERSON_1> sat. Mrs <PERSON_1> and <PERSON_1>: <PERSON_1>; and "
	    "<PERSON_2>");
	transform_free(&t);
	t = detect_with(REDACT_SURROGATE, &(struct detect_options){ 0 });
	{
		struct bytes one, two;
		static const char a[] = "Anna Maria Kowalska", b[] = "Kowalska";

		bytes_init(&one, 1 << 10);
		bytes_init(&two, 1 << 10);
		assert_ok(
		    transform_apply(&t, &site, b, sizeof(b) - 1, &one, &f));
		site.subject.len = 0; /* in a text of nobody's */
		assert_ok(
		    transform_apply(&t, &site, a, sizeof(a) - 1, &two, &f));
		assert_int_equal(one.len, two.len);
		assert_memory_equal(one.at, two.at, one.len);
		bytes_free(&one);
		bytes_free(&two);
	}
	transform_free(&t);
	transform_dictionary_free(site.dictionary);
	free(block);
}

static void
a_dictionary_outlives_the_rules_that_met_it(void **state)
{
	struct transform t =
	    detect_with(REDACT_TAG, &(struct detect_options){ 0 });
	struct transform_site site = { .path = "t.csv" };
	uint8_t *block;
	size_t len;
	struct fault f;

	(void)state;
	seal_names(&block, &len);
	assert_ok(transform_dictionary_open(&site.dictionary, block, len, &f));
	made_at(&t, &site, "Peter Frost", "<PERSON>");
	transform_free(&t);
	t = detect_with(REDACT_MASK, &(struct detect_options){ 0 });
	made_at(&t, &site, "Peter Frost", "***");
	transform_free(&t);
	transform_dictionary_free(site.dictionary);
	transform_dictionary_free(NULL);
	free(block);
}

static void
a_block_that_is_none_is_refused(void **state)
{
	struct transform_dictionary *d;
	uint64_t none[64] = { 0 };
	struct fault f;

	(void)state;
	assert_refused(
	    transform_dictionary_open(&d, none, sizeof(none), &f), FAULT_INPUT);
}

/* Whoever guesses the names has the digest's key too, or has nothing. */
static void
a_digest_of_names_is_its_key_s_own(void **state)
{
	uint8_t one[TRANSFORM_DICTIONARY_DIGEST], two[sizeof(one)];
	struct transform_dictionary *d;
	struct transform_key *other;
	struct secret s = { 0 };
	uint8_t *block;
	size_t len;
	struct fault f;

	(void)state;
	seal_names(&block, &len);
	assert_ok(transform_dictionary_open(&d, block, len, &f));
	assert_ok(secret_copy(&s, "abcdef0123456789abcdef0123456789", 32, &f));
	assert_ok(transform_key_new(&other, "token:dictionary", &s, &f));
	transform_dictionary_digest(d, key, one);
	transform_dictionary_digest(d, key, two);
	assert_memory_equal(one, two, sizeof(one));
	transform_dictionary_digest(d, other, two);
	assert_memory_not_equal(one, two, sizeof(one));
	transform_key_free(other);
	secret_free(&s);
	transform_dictionary_free(d);
	free(block);
}

static void
an_owner_is_a_person_or_a_record(void **state)
{
	static const struct slice p1 = { (const uint8_t *)"P1", 2 },
				  p2 = { (const uint8_t *)"P2", 2 },
				  none = { NULL, 0 };
	uint8_t a[TRANSFORM_OWNER_BYTES], b[TRANSFORM_OWNER_BYTES];

	(void)state;
	transform_owner(a, &p1, "a.csv", 1);
	transform_owner(b, &p1, "b.csv", 2);
	assert_memory_equal(a, b, sizeof(a));
	transform_owner(b, &p2, "a.csv", 1);
	assert_memory_not_equal(a, b, sizeof(a));
	transform_owner(a, &none, "a.csv", 1);
	transform_owner(b, NULL, "a.csv", 1);
	assert_memory_equal(a, b, sizeof(a));
	transform_owner(b, &none, "a.csv", 2);
	assert_memory_not_equal(a, b, sizeof(a));
	transform_owner(b, &none, "b.csv", 1);
	assert_memory_not_equal(a, b, sizeof(a));
}

static int
start(void **state)
{
	struct secret s = { 0 };
	struct fault f;

	(void)state;
	assert_ok(secret_start(&f));
	assert_ok(pseudonym_start(&f));
	assert_ok(transform_start(&f));
	assert_ok(secret_copy(&s, "0123456789abcdef0123456789abcdef", 32, &f));
	assert_ok(transform_key_new(&key, "token:detect", &s, &f));
	secret_free(&s);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	transform_key_free(key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    names_are_found_and_a_record_s_own_with_certainty),
		cmocka_unit_test(
		    a_person_has_one_number_and_one_surrogate_in_all_forms),
		cmocka_unit_test(a_dictionary_outlives_the_rules_that_met_it),
		cmocka_unit_test(a_block_that_is_none_is_refused),
		cmocka_unit_test(a_digest_of_names_is_its_key_s_own),
		cmocka_unit_test(an_owner_is_a_person_or_a_record),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
