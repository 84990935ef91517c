/* policy/detect: characters that look like others, or like nothing. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/detect/detect.h"
#include "policy/detect/fold_internal.h"

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

/* "ENTITY:text|ENTITY:text" of what is in text; each offset in code points is
 * that of the bytes. */
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

		assert_int_equal(
		    x->char_start, detect_characters(text, x->start));
		assert_int_equal(x->char_end, detect_characters(text, x->end));
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s:%.*s",
		    i == 0 ? "" : "|", x->entity, (int)(x->end - x->start),
		    text + x->start);
		assert_true(n < sizeof(out));
	}
	return out;
}

/* text with each from as to. */
static const char *
with(const char *text, char from, const char *to)
{
	static char out[1000];
	size_t n = 0;

	for (; *text != '\0'; text++)
		if (*text == from)
			n += (size_t)snprintf(
			    out + n, sizeof(out) - n, "%s", to);
		else
			out[n++] = *text;
	out[n] = '\0';
	return out;
}

/* text with what between all of its characters. */
static const char *
among(const char *text, const char *what)
{
	static char out[1000];
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%c%s", *text,
		    text[1] == '\0' ? "" : what);
	return out;
}

/* Text is that of the spans in plain, and nothing else. */
static void
same(struct kit *k, const char *plain, const char *text,
    const char *(*change)(const char *, const char *), const char *what)
{
	static char want[1000], changed[1000];

	(void)snprintf(changed, sizeof(changed), "%s", text);
	(void)snprintf(want, sizeof(want), "%s", found(k, plain));
	assert_string_not_equal(want, "");
	/* The entities' names have no blank and no hyphen. */
	(void)snprintf(want, sizeof(want), "%s", change(want, what));
	assert_string_equal(found(k, changed), want);
}

static const char *
blank(const char *text, const char *to)
{
	return with(text, ' ', to);
}

static const char *
hyphen(const char *text, const char *to)
{
	return with(text, '-', to);
}

static void
every_blank_parts_words(void **state)
{
	static const char *const blanks[] = { "\u00a0", "\u1680", "\u2000",
		"\u2007", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f",
		"\u205f", "\u3000", "\x1f", "\v", NULL };
	static const char text[] =
	    "Mr John Smith, call +33 1 42 68 53 00, card 4111 1111 1111 1111, "
	    "born 4 March 1980, DE89 3704 0044 0532 0130 00 now";
	struct detect_options o = { .min_score = 0 };
	struct kit k;

	(void)state;
	kit_open(&k, &o);
	for (size_t i = 0; blanks[i] != NULL; i++)
		same(&k, text, with(text, ' ', blanks[i]), blank, blanks[i]);
	kit_close(&k);
}

static void
every_hyphen_joins_numbers(void **state)
{
	static const char *const hyphens[] = { "\u2010", "\u2011", "\u2012",
		"\u2013", "\u2014", "\u2015", "\u2212", "\ufe58", "\ufe63",
		"\uff0d", "\u058a", NULL };
	static const char text[] =
	    "my SSN is 536-90-4399. Phone 020-7946-0018, card "
	    "4111-1111-1111-1111";
	struct detect_options o = { .min_score = 0 };
	struct kit k;

	(void)state;
	kit_open(&k, &o);
	for (size_t i = 0; hyphens[i] != NULL; i++)
		same(&k, text, with(text, '-', hyphens[i]), hyphen, hyphens[i]);
	kit_close(&k);
}

static void
what_shows_nothing_hides_nothing(void **state)
{
	static const char *const nothing[] = { "\u00ad", "\u034f", "\u061c",
		"\u115f", "\u180e", "\u200b", "\u200c", "\u200d", "\u200e",
		"\u200f", "\u202a", "\u202e", "\u2060", "\u2064", "\u2069",
		"\u206f", "\ufe0f", "\ufeff", "\ufffb", "\U0001d173",
		"\U000e0001", "\U000e0100", "\u0332", "\x01", "\x7f",
		"\xc2\x81", "\u200b\u00ad\u200b", NULL };
	static const char *const texts[] = { "anna@example.org",
		"4111111111111111", "+33142685300", "DE89370400440532013000",
		NULL };
	struct detect_options o = { .min_score = 0 };
	struct kit k;
	char want[600];

	(void)state;
	kit_open(&k, &o);
	for (size_t i = 0; nothing[i] != NULL; i++) {
		for (size_t t = 0; texts[t] != NULL; t++) {
			const char *text = among(texts[t], nothing[i]);

			(void)found(&k, text);
			assert_int_equal(k.got.n, 1);
			assert_int_equal(k.got.at[0].start, 0);
			assert_int_equal(k.got.at[0].end, strlen(text));
		}
		(void)snprintf(want, sizeof(want), "PERSON:J%sohn %sSmith",
		    nothing[i], nothing[i]);
		assert_string_equal(
		    found(&k, with("Mr J|ohn |Smith was", '|', nothing[i])),
		    want);
	}
	kit_close(&k);
}

static void
other_forms_of_ascii_are_ascii(void **state)
{
	static const char *const texts[][2] = {
		{ "an ａｎｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ!",
		    "EMAIL_ADDRESS:ａｎｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ" },
		{ "card ４１１１１１１１１１１１１１１１ is",
		    "CREDIT_CARD:４１１１１１１１１１１１１１１１" },
		{ "see ｈｔｔｐｓ：／／ｅｘａｍｐｌｅ．ｏｒｇ／ａ now",
		    "URL:ｈｔｔｐｓ：／／ｅｘａｍｐｌｅ．ｏｒｇ／ａ" },
		{ "anna﹫example﹒org", "EMAIL_ADDRESS:anna﹫example﹒org" },
		{ "Mr 𝐉𝐨𝐡𝐧 𝐒𝐦𝐢𝐭𝐡 is", "PERSON:𝐉𝐨𝐡𝐧 𝐒𝐦𝐢𝐭𝐡" },
		{ "Mr Peter Grif\ufb01n is", "PERSON:Peter Grif\ufb01n" },
		{ "card ٤١١١١١١١١١١١١١١١ is", "CREDIT_CARD:٤١١١١١١١١١١١١١١١" },
		{ "card ４１११𝟏𝟏𝟏𝟏1111١١١١ is",
		    "CREDIT_CARD:４１११𝟏𝟏𝟏𝟏1111١١١١" },
		{ "a \U000e0061\U000e0040\U000e0062\U000e002e"
		  "\U000e006f\U000e0072\U000e0067.",
		    "EMAIL_ADDRESS:\U000e0061\U000e0040\U000e0062\U000e002e"
		    "\U000e006f\U000e0072\U000e0067" },
	};
	struct detect_options o = { .min_score = 0 };
	struct kit k;

	(void)state;
	kit_open(&k, &o);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(found(&k, texts[i][0]), texts[i][1]);
	kit_close(&k);
}

static void
offsets_are_those_of_the_text_as_it_was(void **state)
{
	static const char *const entities[] = { "EMAIL_ADDRESS", NULL };
	static const char text[] = "\ufeff\u00a0é a\u00adb@c.org\u200b,\u3000"
				   "\u200bx@y.org\u00ad";
	struct detect_options o = { .entities = entities };
	struct kit k;

	(void)state;
	kit_open(&k, &o);
	assert_string_equal(found(&k, text),
	    "EMAIL_ADDRESS:a\u00adb@c.org|EMAIL_ADDRESS:x@y.org");
	assert_int_equal(k.got.at[0].start, 8);
	assert_int_equal(k.got.at[0].end, 18);
	assert_int_equal(k.got.at[0].char_start, 4);
	assert_int_equal(k.got.at[0].char_end, 13);
	assert_int_equal(k.got.at[1].start, 28);
	assert_int_equal(k.got.at[1].end, 35);
	kit_close(&k);
	o.overlaps = true;
	o.entities = NULL;
	o.min_score = 1;
	kit_open(&k, &o);
	(void)found(&k, "at\u00a0https://a\u200b.org/x?m=b@c\u00ad.org "
			"\uff11\uff12\u201310\u20131980");
	assert_true(k.got.n > 3);
	kit_close(&k);
}

static void
the_owners_own_texts_are_folded_too(void **state)
{
	static const char *const allow[] = { "desk\u200b@example.org", NULL };
	static const char *deny[] = { "Project\u00a0Nightfall", "Jos\u00e9",
		"Ro\u00adse", NULL };
	static const struct detect_custom custom[] = {
		{ "WARD", "Ward[\u2010-\u2015]\\d{2}", NULL, NULL, 60 },
		{ "ROOM", "Room\u2013\u00ad\\d{2}", NULL, NULL, 60 },
	};
	struct detect_options o = {
		.allow = allow, .deny = deny, .custom = custom, .ncustom = 2
	};
	struct fault f;
	struct detector *d;
	struct kit k;

	(void)state;
	kit_open(&k, &o);
	assert_string_equal(found(&k, "de\u00adsk@example\u2024org"), "");
	assert_string_equal(found(&k, "on project\u202fnight\u00adfall by"),
	    "DENIED:project\u202fnight\u00adfall");
	assert_string_equal(found(&k, "my jose\u0301 and ro\u2060se"),
	    "DENIED:jose\u0301|DENIED:ro\u2060se");
	assert_string_equal(found(&k, "ward\u201312 ward-13 room-14"),
	    "WARD:ward\u201312|WARD:ward-13|ROOM:room-14");
	kit_close(&k);
	deny[0] = "\u200b\u2060";
	assert_refused(detector_new(&d, &o, &f), FAULT_INPUT);
}

static void
names_of_a_dictionary_are_folded_too(void **state)
{
	static const char name[] = "Xandra\u00a0Vel\u00adkova";
	static const char phone[] = "＋４９\u200730\u2011５５５0124";
	struct detect_options o = { .min_score = 0 };
	struct dictionary_builder *b;
	struct dictionary *d;
	struct kit k;
	struct fault f;
	uint8_t *block;
	size_t len;

	(void)state;
	assert_ok(dictionary_new(&b, &f));
	assert_ok(
	    dictionary_add(b, DICTIONARY_NAME, name, strlen(name), NULL, &f));
	assert_ok(dictionary_add(
	    b, DICTIONARY_PHONE, phone, strlen(phone), NULL, &f));
	assert_ok(dictionary_seal(b, &block, &len, &f));
	dictionary_builder_free(b);
	assert_ok(dictionary_open(&d, block, len, &f));
	o.dictionary = d;
	kit_open(&k, &o);
	assert_string_equal(
	    found(&k, "was Xan\u200bdra\u3000Velkova\u2009there"),
	    "PERSON:Xan\u200bdra\u3000Velkova");
	assert_string_equal(
	    found(&k, "ask 030 \uff15\uff15\uff15\u00a00124 soon"),
	    "PHONE_NUMBER:030 \uff15\uff15\uff15\u00a00124");
	kit_close(&k);
	dictionary_free(d);
	mem_free(block);
}

/* The way back, by one character at a time. */
static void
what_is_folded_goes_back_character_by_character(void **state)
{
	static const char *const pieces[] = { "a", "é", "\u00a0", "\u00ad",
		"\ufb03", "𝐉", "漢", "\xff", "\xe2\x80", "\U000e0041", "1",
		"\n" };
	uint32_t random = 1;
	struct fault f;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct fold o = { NULL, 0 };
		const uint8_t *out;
		char text[200], into[200];
		size_t len = 0, n, at = 0, used;

		for (unsigned i = 0; i < 20; i++) {
			random = random * 1664525u + 1013904223u;
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s", pieces[(random >> 16) % 12]);
		}
		assert_ok(
		    fold_text(&o, (const uint8_t *)text, len, &out, &n, &f));
		assert_true(n <= len);
		assert_int_equal(fold_into(into, sizeof(into), text, len), n);
		assert_memory_equal(into, out, n);
		for (size_t i = 0, was = 0; i < len; i += used, was = at) {
			char as[FOLD_CHARS_MAX];
			int32_t c = utf8_next(text + i, len - i, &used);
			struct detect_span span;
			struct detect_spans one = { &span, 1, 1 };
			size_t k;

			used = c < 0 ? 1 : used;
			k = fold_one(c, as);
			at += k == FOLD_AS_IT_IS ? used : k;
			span = (struct detect_span){ .start = was, .end = at };
			if (at == was)
				continue;
			fold_back((const uint8_t *)text, len, &one);
			assert_int_equal(span.start, i);
			assert_int_equal(span.end, i + used);
			assert_int_equal(
			    span.char_start, detect_characters(text, i));
			assert_int_equal(span.char_end - span.char_start, 1);
		}
		assert_int_equal(at, n);
		fold_free(&o);
	}
}

static void
the_table_is_in_order_and_no_longer_than_what_it_is_for(void **state)
{
	uint8_t bytes[4];
	struct bytes b;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < fold_ranges_count; i++) {
		const struct fold_range *r = &fold_ranges[i];

		assert_true(r->first >= 0x80 && r->first <= r->last);
		assert_true(i == 0 || r->first > r[-1].last);
		for (uint32_t c = r->first; c <= r->last; c++) {
			struct fold o = { NULL, 0 };
			char as[FOLD_CHARS_MAX];
			const uint8_t *out;
			size_t n;

			bytes_init(&b, 4);
			assert_ok(utf8_add(&b, c, &f));
			memcpy(bytes, b.at, b.len);
			assert_ok(fold_text(&o, bytes, b.len, &out, &n, &f));
			assert_true(out != bytes); /* may_fold knows it */
			assert_int_equal(n, fold_one((int32_t)c, as));
			assert_memory_equal(out, as, n);
			assert_true(n <= b.len);
			fold_free(&o);
			bytes_free(&b);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_blank_parts_words),
		cmocka_unit_test(every_hyphen_joins_numbers),
		cmocka_unit_test(what_shows_nothing_hides_nothing),
		cmocka_unit_test(other_forms_of_ascii_are_ascii),
		cmocka_unit_test(offsets_are_those_of_the_text_as_it_was),
		cmocka_unit_test(the_owners_own_texts_are_folded_too),
		cmocka_unit_test(names_of_a_dictionary_are_folded_too),
		cmocka_unit_test(
		    what_is_folded_goes_back_character_by_character),
		cmocka_unit_test(
		    the_table_is_in_order_and_no_longer_than_what_it_is_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
