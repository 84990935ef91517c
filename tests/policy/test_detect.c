/* policy/detect: what is found, where, how sure, and what is not. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/detect.h"

/* One detector and what it found last. */
struct kit {
	struct detector *d;
	struct detect_scan *s;
	struct detect_spans got;
};

static void
kit_open(struct kit *k, const struct detect_options *o)
{
	struct fault f;

	assert_ok(detector_new(&k->d, o, &f));
	assert_ok(detect_scan_new(&k->s, k->d, &f));
	detect_spans_init(&k->got);
}

static void
kit_close(struct kit *k)
{
	detect_spans_free(&k->got);
	detect_scan_free(k->s);
	detector_free(k->d);
}

/* "ENTITY:text ENTITY:text" of what is in text. */
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

		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s:%.*s",
		    i == 0 ? "" : " ", x->entity, (int)(x->end - x->start),
		    text + x->start);
		assert_true(n < sizeof(out));
	}
	return out;
}

/* All that is found of one entity, whatever its score. */
static const char *
found_of(const char *entity, const char *text)
{
	const char *entities[] = { entity, NULL }, *out;
	struct detect_options o = { .entities = entities };
	struct kit k;

	kit_open(&k, &o);
	out = found(&k, text);
	kit_close(&k);
	return out;
}

static void
addresses_of_mail_sites_and_machines_are_found(void **state)
{
	(void)state;
	assert_string_equal(found_of("EMAIL_ADDRESS",
				"to a.b+c@mail.example.org, x@y, @z.com a@b.c"),
	    "EMAIL_ADDRESS:a.b+c@mail.example.org");
	assert_string_equal(
	    found_of("URL", "see https://www.example.com/a?b=1. Or end.of"),
	    "URL:https://www.example.com/a?b=1");
	assert_string_equal(
	    found_of("URL_CREDENTIALS", "ftp://joe:secret@host.example/x"),
	    "URL_CREDENTIALS:ftp://joe:secret@");
	assert_string_equal(
	    found_of("IP_ADDRESS", "10.0.0.1/8 256.1.1.1 1.2.3 fe80::1%eth0"),
	    "IP_ADDRESS:10.0.0.1/8 IP_ADDRESS:fe80::1%eth0");
	assert_string_equal(
	    found_of("IP_ADDRESS", "std::cout 12:34:56 2001::db8::1"), "");
	assert_string_equal(
	    found_of("MAC_ADDRESS", "00-1A-2B-3C-4D-5E 00-1A:2B-3C-4D-5F"),
	    "MAC_ADDRESS:00-1A-2B-3C-4D-5E");
}

static void
a_check_digit_that_is_wrong_is_no_account(void **state)
{
	(void)state;
	assert_string_equal(
	    found_of("IBAN_CODE", "DE89 3704 0044 0532 0130 00 or so"),
	    "IBAN_CODE:DE89 3704 0044 0532 0130 00");
	assert_string_equal(
	    found_of("IBAN_CODE", "DE89 3704 0044 0532 0130 01"), "");
	assert_string_equal(found_of("IBAN_CODE", "DE8937040044053201300"), "");
	assert_string_equal(found_of("CREDIT_CARD", "x4111111111111111"), "");
	assert_string_equal(
	    found_of("CREDIT_CARD", "4111-1111-1111-1111, 4111111111111112"),
	    "CREDIT_CARD:4111-1111-1111-1111");
	assert_string_equal(
	    found_of("CRYPTO", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT "
			       "1BoatSLRHtKNngkdXEeobR76b53LETtpyU"),
	    "CRYPTO:1BoatSLRHtKNngkdXEeobR76b53LETtpyT");
}

static void
offsets_count_bytes_and_characters(void **state)
{
	static const char text[] = "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff "
				   "a@b.example";
	struct detect_options o = { 0 };
	struct kit k;

	(void)state;
	kit_open(&k, &o);
	(void)found(&k, text);
	assert_int_equal(k.got.n, 1);
	assert_int_equal(k.got.at[0].start, 11);
	assert_int_equal(k.got.at[0].end, 22);
	assert_int_equal(k.got.at[0].char_start, 5);
	assert_int_equal(k.got.at[0].char_end, 16);
	kit_close(&k);
}

static void
a_text_may_hold_anything(void **state)
{
	static const char text[] = "a@b.example\0\xc3(\xe2\x82 c@d.example\xf0";
	struct detect_options o = { 0 };
	struct fault f;
	struct kit k;

	(void)state;
	kit_open(&k, &o);
	assert_ok(detect_text(k.s, text, sizeof(text) - 1, &k.got, &f));
	assert_int_equal(k.got.n, 2);
	assert_ok(detect_text(k.s, "", 0, &k.got, &f));
	assert_int_equal(k.got.n, 0);
	/* A stray byte joins no words, whatever is before it. */
	assert_string_equal(found(&k, "\xc3\x9f\x95ot@mail.example"),
	    "EMAIL_ADDRESS:ot@mail.example");
	kit_close(&k);
}

/* Does a word so many bytes before a number say what it is? */
static bool
is_heard(struct kit *k, const char *before, const char *cue, size_t bytes)
{
	char text[400];
	size_t n = (size_t)snprintf(text, sizeof(text), "%s", before), from = n;

	n += (size_t)snprintf(text + n, sizeof(text) - n, "%s ", cue);
	while (n - from < bytes)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
		    bytes - (n - from) < 3 ? " " : "\xc3\xa9 ");
	(void)snprintf(text + n, sizeof(text) - n, "536-90-4399");
	(void)found(k, text);
	assert_true(k->got.n > 0 && k->got.at[k->got.n - 1].start == n);
	return k->got.at[k->got.n - 1].context != NULL;
}

static void
words_too_far_away_raise_no_score(void **state)
{
	static const char *const entities[] = { "US_SSN", NULL };
	static const char *const before[] = { "", "536-90-4399 ",
		"\xc3\xa9\xc3\xa9 536-90-4399, \xe2\x80\x93 " };
	struct detect_options o = { .entities = entities };
	struct kit k;

	(void)state;
	kit_open(&k, &o);
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		assert_true(is_heard(&k, before[i], "ssn", 71));
		assert_true(is_heard(&k, before[i], "ssn", 72));
		assert_false(is_heard(&k, before[i], "ssn", 73));
		/* the end of a word is no word */
		assert_false(is_heard(&k, before[i], "xssn", 73));
		assert_false(is_heard(&k, before[i], "\xc3\xa9ssn", 73));
		assert_false(is_heard(&k, before[i], "\xc3\xa9ssn", 74));
		/* behind a stray byte one begins */
		assert_true(is_heard(&k, before[i], "\xa9ssn", 73));
	}
	kit_close(&k);
}

/* A text of words that are hardly ever the same. */
static size_t
make_words(char *text, size_t room, uint64_t *seed)
{
	static const char signs[] = "abcdefghijklmnopqrstuvwxyzABCDEF0123456789"
				    "     ....@@--::,/";
	size_t n = 0;

	for (; n < room; n++) {
		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		text[n] = signs[(*seed >> 33) % (sizeof(signs) - 1)];
	}
	return n;
}

static void
what_was_read_before_changes_nothing(void **state)
{
	static const char text[] =
	    "Mrs Anna Smith, SSN 536-90-4399, anna.smith@mail.example, lives "
	    "at 12 Mill Street; her passport, of Monday, is 123456789.";
	static char other[20000];
	struct detect_options o = { .min_score = 1 };
	uint64_t seed = 1;
	struct fault f;
	struct kit k;
	char *first;

	(void)state;
	kit_open(&k, &o);
	first = mem_text(found(&k, text), strlen(found(&k, text)));
	assert_non_null(first);
	for (size_t i = 0; i < 100; i++) {
		size_t n = make_words(other, sizeof(other), &seed);

		assert_ok(detect_text(k.s, other, n, &k.got, &f));
		assert_string_equal(found(&k, text), first);
	}
	mem_free(first);
	kit_close(&k);
}

static void
words_nearby_raise_a_score(void **state)
{
	static const char *const entities[] = { "MAC_ADDRESS", NULL };
	struct detect_options o = { .entities = entities };
	struct kit k;
	unsigned alone;

	(void)state;
	kit_open(&k, &o);
	(void)found(&k, "we saw 00:1A:2B:3C:4D:5E here");
	assert_int_equal(k.got.n, 1);
	assert_null(k.got.at[0].context);
	alone = k.got.at[0].score;
	(void)found(&k, "Ethernet: 00:1A:2B:3C:4D:5E here");
	assert_int_equal(k.got.n, 1);
	assert_string_equal(k.got.at[0].context, "ethernet");
	assert_true(k.got.at[0].score > alone);
	kit_close(&k);
}

static void
the_owner_adds_allows_and_denies(void **state)
{
	static const char *const context[] = { "badge", NULL };
	static const char *const allow[] = { "INFO@Example.org", NULL };
	static const char *const deny[] = { "Project (X)", NULL };
	static const struct detect_custom custom[] = {
		{ "STAFF_NO", "ZZ-\\d{4}", NULL, context, 30 },
		{ "TILL_NO", "T\\d{8}", "luhn", NULL, 50 },
	};
	struct detect_options o = {
		.allow = allow, .deny = deny, .custom = custom, .ncustom = 2
	};
	struct kit k;

	(void)state;
	kit_open(&k, &o);
	assert_string_equal(
	    found(&k, "ZZ-1234 is, as far as I see, no badge: ZZ-1235; "
		      "info@example.org, "
		      "the project  (X), T12345674 T12345675"),
	    "STAFF_NO:ZZ-1235 DENIED:project  (X) TILL_NO:T12345674");
	kit_close(&k);
}

/* Umlauts, the dotless i, Polish, Greek with and without accents, the two small
 * sigmas, Cyrillic, Vietnamese. */
static void
what_is_denied_is_denied_in_any_case(void **state)
{
	static const char *const same[][3] = {
		{ "M\xc3\xbcller", "M\xc3\x9cLLER", "MULLER" },
		{ "\xc5\x81\xc3\xb3"
		  "d\xc5\xba",
		    "\xc5\x81\xc3\x93"
		    "D\xc5\xb9",
		    "\xc5\x82\xc3\xb3"
		    "d\xc5\xba" },
		{ "\xce\xa0\xce\xb1\xcf\x80\xcf\x8c\xcf\x82",
		    "\xce\xa0\xce\x91\xce\xa0\xce\x9f\xce\xa3",
		    "\xcf\x80\xce\xb1\xcf\x80\xce\xbf\xcf\x82" },
		{ "\xd0\xa1\xd1\x91\xd0\xbc", "\xd0\xa1\xd0\x81\xd0\x9c",
		    "\xd1\x81\xd1\x91\xd0\xbc" },
		{ "\xe1\xba\xbe"
		  "ch",
		    "\xe1\xba\xbf"
		    "CH",
		    "\xe1\xba\xbf"
		    "ch" },
	};
	char want[64], text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		for (size_t k = 0; k < 2; k++) {
			const char *deny[] = { same[i][k], NULL };
			struct detect_options o = { .deny = deny };
			struct kit kit;

			kit_open(&kit, &o);
			for (size_t other = 0; other < 3; other++) {
				(void)snprintf(text, sizeof(text), "1, %s.",
				    same[i][other]);
				(void)snprintf(want, sizeof(want), "DENIED:%s",
				    same[i][other]);
				assert_string_equal(found(&kit, text), want);
			}
			kit_close(&kit);
		}
}

static void
what_cannot_be_a_rule_is_refused(void **state)
{
	static const char *const patterns[] = { "a(b", "a)b", "[a", "a{2",
		"a{3,2}", "*a", "^a", "a$", "(?=a)", "\\1", "a{2000}",
		"((((((((((a{99}){99}){99}){99}))))))", "\\", NULL };
	static const char *const entities[] = { "EMAIL_ADRESS", NULL };
	struct detect_custom custom = { .entity = "X", .score = 50 };
	struct detect_options o = { .custom = &custom, .ncustom = 1 };
	struct detector *d;
	struct fault f;

	(void)state;
	for (size_t i = 0; patterns[i] != NULL; i++) {
		custom.pattern = patterns[i];
		assert_refused(detector_new(&d, &o, &f), FAULT_INPUT);
	}
	custom.pattern = "a";
	custom.validator = "lunh";
	assert_refused(detector_new(&d, &o, &f), FAULT_USAGE);
	assert_non_null(strstr(f.hint, "luhn"));
	o = (struct detect_options){ .entities = entities };
	assert_refused(detector_new(&d, &o, &f), FAULT_USAGE);
	assert_non_null(strstr(f.hint, "EMAIL_ADDRESS"));
}

static void
patterns_mean_what_they_say(void **state)
{
	static const struct {
		const char *pattern, *text, *want;
	} cases[] = {
		{ "a{2,3}b?", "a aa aab aaa aaaa", "X:aa X:aab X:aaa" },
		{ "(?:cat|dog)s?", "Cat dogs catsy", "X:Cat X:dogs" },
		{ "[^a-z ]{3}", "123 45 6789 \xc3\x84\xc3\x96\xc3\x9c",
		    "X:123 X:\xc3\x84\xc3\x96\xc3\x9c" },
		{ "[\xc3\xa0-\xc3\xbf]{2}\\d",
		    "\xc3\xa9\xc3\xa8"
		    "1 e\xc3\xa8"
		    "1",
		    "X:\xc3\xa9\xc3\xa8"
		    "1" },
		{ "\\bx\\w+\\.\\d\\b", "xa.1 xb.22 xc_d.3", "X:xa.1 X:xc_d.3" },
		{ "a.c",
		    "abc a\xe2\x82\xac"
		    "c a\nc",
		    "X:abc X:a\xe2\x82\xac"
		    "c" },
		{ "(?i)Ab", "ab AB", "X:ab X:AB" },
		{ "(?-i)A[b-d]\\d", "Ab1 ab1 AB1 AB2 Ad9", "X:Ab1 X:Ad9" },
		{ "(?-i)\xc3\xbc", "\xc3\xbc \xc3\x9c", "X:\xc3\xbc" },
		{ "\xc5\x9f[\xd0\xb0-\xd1\x8f]",
		    "\xc5\x9e\xd0\xaf "
		    "\xc5\x9f\xd0\x9f",
		    "X:\xc5\x9e\xd0\xaf "
		    "X:\xc5\x9f\xd0\x9f" },
		{ "", "nothing", "" },
	};
	struct detect_custom custom = { .entity = "X", .score = 50 };
	const char *entities[] = { "X", NULL };
	struct detect_options o = {
		.entities = entities, .custom = &custom, .ncustom = 1
	};
	struct kit k;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		custom.pattern = cases[i].pattern;
		kit_open(&k, &o);
		assert_string_equal(found(&k, cases[i].text), cases[i].want);
		kit_close(&k);
	}
}

static void
other_rules_have_another_digest(void **state)
{
	static const char *const allow[] = { "a", NULL };
	struct detect_options all = { 0 }, one = { .allow = allow };
	uint8_t a[32], b[32], c[32];
	struct kit k;

	(void)state;
	kit_open(&k, &all);
	detector_digest(k.d, a);
	kit_close(&k);
	kit_open(&k, &all);
	detector_digest(k.d, b);
	kit_close(&k);
	kit_open(&k, &one);
	detector_digest(k.d, c);
	kit_close(&k);
	assert_memory_equal(a, b, 32);
	assert_memory_not_equal(a, c, 32);
}

static void
no_memory_is_a_fault_wherever_it_ends(void **state)
{
	static const char *const entities[] = { "EMAIL_ADDRESS", "IBAN_CODE",
		NULL };
	static const char *const allow[] = { "x", NULL };
	struct detect_options o = { .entities = entities, .allow = allow };
	static const char text[] = "a@b.example DE89 3704 0044 0532 0130 00";
	bool done = false;

	(void)state;
	for (long n = 0; !done; n++) {
		struct detect_spans got;
		struct detect_scan *s = NULL;
		struct detector *d = NULL;
		struct fault f = { 0 };

		detect_spans_init(&got);
		mem_fail_after(n);
		done = detector_new(&d, &o, &f) == 0 &&
		       detect_scan_new(&s, d, &f) == 0 &&
		       detect_text(s, text, strlen(text), &got, &f) == 0;
		mem_fail_after(-1);
		if (done)
			assert_int_equal(got.n, 2);
		else
			assert_int_equal(f.kind, FAULT_SYSTEM);
		detect_spans_free(&got);
		detect_scan_free(s);
		detector_free(d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    addresses_of_mail_sites_and_machines_are_found),
		cmocka_unit_test(a_check_digit_that_is_wrong_is_no_account),
		cmocka_unit_test(offsets_count_bytes_and_characters),
		cmocka_unit_test(a_text_may_hold_anything),
		cmocka_unit_test(words_nearby_raise_a_score),
		cmocka_unit_test(words_too_far_away_raise_no_score),
		cmocka_unit_test(what_was_read_before_changes_nothing),
		cmocka_unit_test(the_owner_adds_allows_and_denies),
		cmocka_unit_test(what_is_denied_is_denied_in_any_case),
		cmocka_unit_test(what_cannot_be_a_rule_is_refused),
		cmocka_unit_test(patterns_mean_what_they_say),
		cmocka_unit_test(other_rules_have_another_digest),
		cmocka_unit_test(no_memory_is_a_fault_wherever_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
