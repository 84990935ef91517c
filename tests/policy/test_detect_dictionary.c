/* policy/detect: the dataset's own names, found in its texts. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/detect.h"

static const uint8_t subject_one[16] = { 1 }, subject_two[16] = { 2 };

static const struct {
	enum dictionary_kind kind;
	const char *value;
	const uint8_t *subject;
} values[] = {
	{ DICTIONARY_NAME, "J\xc3\xbcrgen M\xc3\xbcller-Lang", subject_one },
	{ DICTIONARY_PLACE,
	    "Rosenheimer Stra\xc3\x9f"
	    "e 12, 81669 Weikersheim",
	    subject_one },
	{ DICTIONARY_PHONE, "0176 123 45678", subject_one },
	{ DICTIONARY_ID, "MRN-004711-X", subject_one },
	{ DICTIONARY_NAME, "Anna Kowalska", subject_two },
	{ DICTIONARY_NAME, "Piotr Wi\xc5\x9bniewski", NULL },
	{ DICTIONARY_NAME, "Will Long", NULL },
	{ DICTIONARY_NAME,
	    "Ay\xc5\x9f"
	    "e Y\xc4\xb1lmaz",
	    NULL },
	{ DICTIONARY_NAME, "Jonas Kazlauskas", NULL },
	{ DICTIONARY_NAME, "Li Wu", NULL },
	{ DICTIONARY_NAME, "Ursula Zwetschgenberger", NULL },
	{ DICTIONARY_NAME, "Maria de la Quintana", NULL },
	{ DICTIONARY_PLACE, "Quellenried", NULL },
	{ DICTIONARY_PHONE, "22 12 34 56", NULL },
	{ DICTIONARY_ID, "123", subject_two },
	{ DICTIONARY_NAME, "\xcc\x02\x80", NULL }, /* a mark, of stray bytes */
};

struct kit {
	uint8_t *block;
	struct dictionary *dictionary;
	struct detector *d;
	struct detect_scan *s;
	struct detect_spans got;
};

static uint8_t *
sealed(size_t *len)
{
	struct dictionary_builder *b;
	uint8_t *block;
	struct fault f;

	assert_ok(dictionary_new(&b, &f));
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_ok(dictionary_add(b, values[i].kind, values[i].value,
		    strlen(values[i].value), values[i].subject, &f));
	assert_ok(dictionary_seal(b, &block, len, &f));
	dictionary_builder_free(b);
	return block;
}

static int
open_kit(void **state)
{
	static const char *const entities[] = { "PERSON", "ADDRESS", "LOCATION",
		"PHONE_NUMBER", "ID_NUMBER", NULL };
	struct detect_options o = {
		.entities = entities, .min_score = 40, .overlaps = true
	};
	struct kit *k = mem_new(sizeof(*k));
	struct fault f;
	size_t len;

	k->block = sealed(&len);
	assert_ok(dictionary_open(&k->dictionary, k->block, len, &f));
	o.dictionary = k->dictionary;
	assert_ok(detector_new(&k->d, &o, &f));
	assert_ok(detect_scan_new(&k->s, k->d, &f));
	detect_spans_init(&k->got);
	*state = k;
	return 0;
}

static int
close_kit(void **state)
{
	struct kit *k = *state;

	detect_spans_free(&k->got);
	detect_scan_free(k->s);
	detector_free(k->d);
	dictionary_free(k->dictionary);
	mem_free(k->block);
	mem_free(k);
	return 0;
}

/* "text|text" of what the dictionary or the record found, and nothing else. */
static const char *
found(struct kit *k, const char *text)
{
	static char out[1000];
	struct fault f;
	size_t n = 0;

	assert_ok(detect_text(k->s, text, strlen(text), &k->got, &f));
	out[0] = '\0';
	for (size_t i = 0; i < k->got.n; i++) {
		const struct detect_span *x = &k->got.at[i];

		if (x->list == NULL || (strcmp(x->list, "dictionary") != 0 &&
					   strcmp(x->list, "own record") != 0))
			continue;
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s",
		    n == 0 ? "" : "|", (int)(x->end - x->start),
		    text + x->start);
		assert_true(n < sizeof(out));
	}
	return out;
}

static void
of_record(struct kit *k, const uint8_t *subject)
{
	struct detect_record r = { .subject = subject };
	struct fault f;

	assert_ok(detect_scan_record(k->s, subject == NULL ? NULL : &r, &f));
}

static void
words_of_one_name_are_found_in_any_order_and_spelling(void **state)
{
	static const struct {
		const char *text, *found;
	} rows[] = {
		{ "seen: Anna Kowalska, again", "Anna Kowalska" },
		{ "KOWALSKA, ANNA: x-ray", "KOWALSKA, ANNA" },
		{ "anna kowalska came", "anna kowalska" },
		{ "scan_Kowalska_Anna.pdf", "Kowalska_Anna" },
		{ "with Anma Kowalska", "Anma Kowalska" },
		{ "with Anna Kowaslka", "Anna Kowaslka" },
		{ "saw Kowaslka von Anna, today", "Anna" }, /* too far */
		{ "with A. Kowalska", "A. Kowalska" },
		{ "with Anna K.", "Anna K" },
		{ "with Anna M. Kowalska", "Anna M. Kowalska" },
		{ "Herr Juergen Mueller kam", "Juergen Mueller" },
		{ "for J\xc3\xbcrgen Lang", "J\xc3\xbcrgen Lang" },
		{ "that Will Long came", "Will Long" },
		{ "to Mar\xc3\xad"
		  "a de la Quintana",
		    "Mar\xc3\xad"
		    "a de la Quintana" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(found(*state, rows[i].text), rows[i].found);
}

static void
words_of_two_names_are_not_one(void **state)
{
	assert_string_equal(found(*state, "it will long be so"), "");
	assert_string_equal(found(*state, "wu anna and li kowalska"), "");
	assert_string_equal(found(*state, "from Anna Kowalska Piotr "
					  "Wi\xc5\x9bniewski"),
	    "Anna Kowalska|Piotr Wi\xc5\x9bniewski");
	assert_string_equal(
	    found(*state, "a lot de la quintessence de la vie"), "");
}

static void
names_are_found_in_their_cases(void **state)
{
	static const struct {
		const char *text, *found;
	} rows[] = {
		{ "o pani Annie Kowalskiej tu", "Annie Kowalskiej" },
		{ "dla Piotra Wi\xc5\x9bniewskiego tu",
		    "Piotra Wi\xc5\x9bniewskiego" },
		{ "su Jonu Kazlausku", "Jonu Kazlausku" },
		{ "nach Zwetschgenbergers Entlassung", "Zwetschgenbergers" },
		{ "die Zwetschgenbergerin kam", "Zwetschgenbergerin" },
		{ "bug\xc3\xbcn Y\xc4\xb1lmaz'\xc4\xb1n raporu",
		    "Y\xc4\xb1lmaz" },
		{ "bug\xc3\xbcn Y\xc4\xb1lmazdan geldi", "Y\xc4\xb1lmazdan" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(found(*state, rows[i].text), rows[i].found);
}

static void
a_name_alone_needs_a_capital_inside_a_sentence(void **state)
{
	struct kit *k = *state;

	assert_string_equal(
	    found(k, "then Zwetschgenberger left"), "Zwetschgenberger");
	assert_string_equal(found(k, "then zwetschgenberger left"), "");
	assert_string_equal(found(k, "Zwetschgenberger left."), "");
	assert_string_equal(
	    found(k, "Zwetschgenberger left. Then Zwetschgenberger fell."),
	    "Zwetschgenberger|Zwetschgenberger");
	assert_string_equal(found(k, "then Zwetschgenbreger left"), "");
	assert_string_equal(found(k, "some Long time"), "");
	assert_string_equal(found(k, "the Li battery"), "");
	assert_string_equal(found(k, "to Mrs Long and Mr. Wu"), "Long|Wu");
}

static void
a_record_finds_its_own_words_however_they_are(void **state)
{
	struct kit *k = *state;
	struct detect_value own[] = { { DICTIONARY_NAME, "Will Saeed Wu", 13 },
		{ DICTIONARY_PHONE, "4711-0815", 9 },
		{ DICTIONARY_ID, "A7", 2 }, { DICTIONARY_ID, "77-1", 4 } };
	struct detect_record r = { .values = own, .n = 4 };
	struct fault f;

	of_record(k, subject_one);
	assert_string_equal(
	    found(k, "Lang came. M\xc3\xbcllre fell. jurgen slept"),
	    "Lang|M\xc3\xbcllre|jurgen");
	assert_string_equal(found(k, "not for long"), "");
	of_record(k, subject_two);
	assert_string_equal(found(k, "Lang came; Ana; no. 123 and 124"), "123");
	assert_ok(detect_scan_record(k->s, &r, &f));
	assert_string_equal(
	    found(k, "Will will see Wu at 47110815, A7, 771; saeed"),
	    "Will|Wu|47110815|771|saeed");
	of_record(k, NULL);
	assert_string_equal(found(k, "Lang came; Wu; 47110815; 771; 123"), "");
}

static void
numbers_are_compared_by_their_signs_alone(void **state)
{
	struct kit *k = *state;

	assert_string_equal(found(k, "call +49 (0)176/12345678 or 017612345678"
				     " or 0176-123-456-78"),
	    "+49 (0)176/12345678|017612345678|0176-123-456-78");
	assert_string_equal(
	    found(k, "call +47 22123456, not 9922123456"), "+47 22123456");
	assert_string_equal(found(k, "not 0176 123 45679 or 5 123 45678"), "");
	assert_string_equal(found(k, "of mrn004711x and MRN 004711 X"),
	    "mrn004711x|MRN 004711 X");
	assert_string_equal(found(k, "of mrn004711y and xmrn004711x, 123"), "");
}

static void
an_address_is_found_by_two_words_of_it(void **state)
{
	struct kit *k = *state;

	assert_string_equal(
	    found(k, "in der Rosenheimer Str. 12 und"), "Rosenheimer Str. 12");
	assert_string_equal(
	    found(k, "nach 81669 Weikersheim, dann"), "81669 Weikersheim");
	assert_string_equal(found(k, "in Quellenried wohnt"), "Quellenried");
	assert_string_equal(found(k, "in quellenried wohnt"), "");
	assert_string_equal(
	    found(k, "in der Rosenheimer Gasse, 12 mal, Weikersheim"), "");
}

static void
every_find_says_why(void **state)
{
	struct kit *k = *state;

	of_record(k, NULL);
	assert_string_equal(found(k, "to Anna Kowalska"), "Anna Kowalska");
	assert_string_equal(k->got.at[0].entity, "PERSON");
	assert_string_equal(k->got.at[0].list, "dictionary");
	assert_string_equal(k->got.at[0].context, "words of one name");
	assert_int_equal(k->got.at[0].score, 100);
	assert_string_equal(found(k, "to Anma Kowalska"), "Anma Kowalska");
	assert_int_equal(k->got.at[0].score, 90);
	of_record(k, subject_two);
	assert_string_equal(found(k, "to Anna"), "Anna");
	assert_string_equal(k->got.at[0].list, "own record");
	of_record(k, NULL);
}

static void
what_a_better_find_leaves_of_a_name_is_still_found(void **state)
{
	static const char text[] = "with Anna Kowalska and extraordinarily";
	struct kit *k = *state;
	static const struct detect_custom firm = { .entity = "FIRM",
		.pattern = "Kowalska and [a-z]{3,40}",
		.score = 95 };
	struct detect_options o = {
		.dictionary = k->dictionary, .custom = &firm, .ncustom = 1
	};
	struct detect_spans got;
	struct detector *d;
	struct detect_scan *s;
	struct fault f;

	assert_ok(detector_new(&d, &o, &f));
	assert_ok(detect_scan_new(&s, d, &f));
	detect_spans_init(&got);
	assert_ok(detect_text(s, text, sizeof(text) - 1, &got, &f));
	for (size_t at = 5; at < sizeof(text) - 1; at++) {
		bool covered = text[at] == ' ';

		for (size_t i = 0; i < got.n; i++)
			covered = covered ||
				  (at >= got.at[i].start && at < got.at[i].end);
		if (!covered)
			fail_msg("left open: %s", text + at);
	}
	detect_spans_free(&got);
	detect_scan_free(s);
	detector_free(d);
}

static void
a_block_that_was_changed_is_refused_or_harmless(void **state)
{
	struct kit *k = *state;
	struct dictionary *d;
	uint8_t *block, *copy;
	struct fault f;
	size_t len;

	(void)k;
	block = sealed(&len);
	copy = mem_new(len);
	for (size_t n = 0; n < len; n += n < 300 ? 1 : 97) {
		memcpy(copy, block, len);
		f = (struct fault){ 0 };
		if (dictionary_open(&d, copy, n, &f) == 0)
			fail_msg("%zu bytes of it are a dictionary", n);
		assert_int_equal(f.kind, FAULT_INPUT);
	}
	/* A digit of the magic, of the version, of a section's place. */
	for (size_t at = 0; at < 12; at++) {
		memcpy(copy, block, len);
		copy[at] ^= 1;
		f = (struct fault){ 0 };
		assert_int_equal(dictionary_open(&d, copy, len, &f), -1);
	}
	mem_free(copy);
	mem_free(block);
}

static void
a_dictionary_says_what_is_too_much_and_what_is_missing(void **state)
{
	struct dictionary_builder *b;
	struct detector *d;
	struct detect_scan *s;
	struct detect_options o = { .min_score = 40 };
	struct detect_record r = { .n = 0 };
	char value[DICTIONARY_VALUE_MAX + 1];
	struct fault f = { 0 };

	(void)state;
	assert_ok(dictionary_new(&b, &f));
	memset(value, 'a', sizeof(value));
	assert_int_equal(
	    dictionary_add(b, DICTIONARY_NAME, value, sizeof(value), NULL, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_INPUT);
	dictionary_builder_free(b);
	assert_ok(detector_new(&d, &o, &f));
	assert_ok(detect_scan_new(&s, d, &f));
	assert_int_equal(detect_scan_record(s, &r, &f), -1);
	assert_int_equal(f.kind, FAULT_USAGE);
	detect_scan_free(s);
	detector_free(d);
}

static void
the_same_values_make_the_same_block(void **state)
{
	size_t a, b;
	uint8_t *x = sealed(&a), *y = sealed(&b);

	(void)state;
	assert_int_equal(a, b);
	assert_memory_equal(x, y, a);
	mem_free(x);
	mem_free(y);
}

/* Texts that all but are what is looked for, over and over. */
static const char *const tedious[] = { "Anna ", "Anna, ", "A. ", "Anma ",
	"Anna Kowalska ", "Kowalskiej-", "anna kowalska_", "Zwetschgenberger. ",
	"0176 123 ", "0176123456", "1-", "MRN-004711-", "Rosenheimer Str. ",
	"12 ", "Qwertzui ", "de la ", "May ", "\xc3\xbc", "Mr. " };

/* The text over and over, the last word cut off. */
static size_t
repeat(char *out, size_t room, const char *text)
{
	size_t n = 0, k = strlen(text);

	for (; n + k <= room; n += k)
		memcpy(out + n, text, k);
	return n;
}

/* Counted from its first instruction to its last. */
__attribute__((noinline)) size_t scan_counted(struct detect_scan *s,
    const char *text, size_t len, struct detect_spans *spans);

size_t
scan_counted(struct detect_scan *s, const char *text, size_t len,
    struct detect_spans *spans)
{
	struct fault f = { 0 };

	if (detect_text(s, text, len, spans, &f) != 0)
		return SIZE_MAX;
	return spans->n;
}

#define TEDIOUS_BYTES 4096u

static void
twice_the_text_has_twice_the_finds_at_most(void **state)
{
	static char text[2 * TEDIOUS_BYTES];
	struct kit *k = *state;

	of_record(k, subject_one);
	for (size_t i = 0; i < sizeof(tedious) / sizeof(tedious[0]); i++) {
		size_t len = repeat(text, sizeof(text), tedious[i]);
		size_t one = scan_counted(k->s, text, len / 2, &k->got);
		size_t two = scan_counted(k->s, text, len, &k->got);

		if (two > 2 * one + 4)
			fail_msg("%s: %zu, then %zu", tedious[i], one, two);
	}
	of_record(k, NULL);
}

/* For tests/interop/81-detect-linear.sh, as test_detect_linear does it. */
static int
scan_all(void)
{
	static char text[2 * TEDIOUS_BYTES];
	void *state = NULL;
	struct fault f = { 0 };
	struct kit *k;

	(void)open_kit(&state);
	k = state;
	of_record(k, subject_one);
	for (size_t i = 0; i < sizeof(tedious) / sizeof(tedious[0]); i++) {
		size_t len = repeat(text, sizeof(text), tedious[i]);

		if (detect_text(k->s, text, len, &k->got, &f) != 0)
			return 1;
		printf("dictionary %zu\n", i);
		(void)scan_counted(k->s, text, len / 2, &k->got);
		(void)scan_counted(k->s, text, len, &k->got);
	}
	return close_kit(&state);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    words_of_one_name_are_found_in_any_order_and_spelling),
		cmocka_unit_test(words_of_two_names_are_not_one),
		cmocka_unit_test(names_are_found_in_their_cases),
		cmocka_unit_test(
		    a_name_alone_needs_a_capital_inside_a_sentence),
		cmocka_unit_test(a_record_finds_its_own_words_however_they_are),
		cmocka_unit_test(numbers_are_compared_by_their_signs_alone),
		cmocka_unit_test(an_address_is_found_by_two_words_of_it),
		cmocka_unit_test(
		    what_a_better_find_leaves_of_a_name_is_still_found),
		cmocka_unit_test(every_find_says_why),
		cmocka_unit_test(
		    a_block_that_was_changed_is_refused_or_harmless),
		cmocka_unit_test(
		    a_dictionary_says_what_is_too_much_and_what_is_missing),
		cmocka_unit_test(the_same_values_make_the_same_block),
		cmocka_unit_test(twice_the_text_has_twice_the_finds_at_most),
	};

	if (argc == 2 && strcmp(argv[1], "scan") == 0)
		return scan_all();
	return cmocka_run_group_tests_name(
	    "detect: dictionary", tests, open_kit, close_kit);
}
