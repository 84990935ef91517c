/* TRANSFORM_DETECT: what is found never stays, everything else does. */

#include <string.h>

#include "keys/base/secret.h"
#include "keys/pseudonym/pseudonym.h"
#include "policy/detect/detect.h"
#include "policy/rules/rules.h"
#include "policy/transform/transform.h"
#include "tests/support/test.h"

#define MAIL "anna@example.org"
#define OTHER "bob@example.org"
#define CARD "4111 1111 1111 1111"

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

static void
each_style_puts_what_it_says(void **state)
{
	static const char text[] =
	    "J\xc3\xb6rg: " MAIL ", " OTHER ", " MAIL ".";
	static const struct {
		enum redact_style style;
		const char *want;
	} cases[] = {
		{ REDACT_TAG, "J\xc3\xb6rg: <EMAIL_ADDRESS>, <EMAIL_ADDRESS>, "
			      "<EMAIL_ADDRESS>." },
		{ REDACT_NUMBER, "J\xc3\xb6rg: <EMAIL_ADDRESS_1>, "
				 "<EMAIL_ADDRESS_2>, <EMAIL_ADDRESS_1>." },
		{ REDACT_MASK, "J\xc3\xb6rg: ***, ***, ***." },
		{ REDACT_SAME_LENGTH, "J\xc3\xb6rg: ****************, "
				      "***************, ****************." },
		{ REDACT_DROP, "J\xc3\xb6rg: , , ." },
	};
	static const char *const mails[] = { "EMAIL_ADDRESS", NULL };
	const struct detect_options o = { .entities = mails };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct transform t = detect_with(cases[i].style, &o);

		made(&t, text, cases[i].want);
		made(&t, "", "");
		made(&t, "nothing here", "nothing here");
		transform_free(&t);
	}
}

/* Equal finds have equal surrogates, in any text, by case and accents alike;
 * another key has others. */
static void
a_surrogate_is_the_same_in_all_texts(void **state)
{
	static const char *const mails[] = { "EMAIL_ADDRESS", NULL };
	const struct detect_options o = { .entities = mails };
	struct transform t = detect_with(REDACT_SURROGATE, &o);
	struct transform_site site = { .key = key, .path = "p" };
	struct transform_key *another;
	struct secret s = { 0 };
	struct bytes a, b, c, d;
	struct fault f;

	(void)state;
	assert_ok(secret_copy(&s, "fedcba9876543210fedcba9876543210", 32, &f));
	assert_ok(transform_key_new(&another, "token:detect", &s, &f));
	bytes_init(&a, 1000);
	bytes_init(&b, 1000);
	bytes_init(&c, 1000);
	bytes_init(&d, 1000);
	assert_ok(transform_apply(&t, &site, MAIL, strlen(MAIL), &a, &f));
	assert_ok(transform_apply(
	    &t, &site, "Anna@Example.org", strlen(MAIL), &b, &f));
	assert_ok(transform_apply(&t, &site, OTHER, strlen(OTHER), &c, &f));
	site.key = another;
	assert_ok(transform_apply(&t, &site, MAIL, strlen(MAIL), &d, &f));
	assert_int_equal(a.len, strlen("<EMAIL_ADDRESS_>") + 10);
	assert_int_equal(b.len, a.len);
	assert_memory_equal(a.at, b.at, a.len);
	assert_memory_not_equal(a.at, c.at, a.len);
	assert_memory_not_equal(a.at, d.at, a.len);
	assert_true(transform_needs_key(&t));
	bytes_free(&a);
	bytes_free(&b);
	bytes_free(&c);
	bytes_free(&d);
	transform_key_free(another);
	secret_free(&s);
	transform_free(&t);
}

/* A card number whose digits do not add up is doubtful at most. */
static void
what_is_doubtful_goes_stays_or_stops(void **state)
{
	static const struct detect_custom ward = { "WARD", "ward [a-z]", NULL,
		NULL, 30 };
	const struct detect_options low = {
		.min_score = REDACT_DOUBT_SCORE, .custom = &ward, .ncustom = 1
	};
	const struct detect_options high = {
		.min_score = DETECT_MIN_SCORE, .custom = &ward, .ncustom = 1
	};
	struct transform t = detect_with(REDACT_TAG, &low);
	struct bytes out;
	struct fault f;

	(void)state;
	made(&t, "on ward b since", "on <WARD> since");
	t.doubtful = DOUBT_REFUSE;
	bytes_init(&out, 1000);
	assert_refused(
	    transform_apply(&t, NULL, "on ward b since", 15, &out, &f),
	    FAULT_POLICY);
	assert_string_equal(
	    f.text, "characters 3 to 9 may be WARD (30 %), which is doubtful");
	assert_int_equal(out.len, 0);
	made(&t, "card " CARD, "card <CREDIT_CARD>");
	transform_free(&t);
	t = detect_with(REDACT_TAG, &high);
	t.doubtful = DOUBT_KEEP;
	made(&t, "on ward b since", "on ward b since");
	transform_free(&t);
	bytes_free(&out);
}

static void
what_is_no_text_is_refused(void **state)
{
	const struct detect_options o = { .min_score = 40 };
	struct transform t = detect_with(REDACT_TAG, &o);
	struct bytes out;
	struct fault f;

	(void)state;
	bytes_init(&out, 1000);
	assert_refused(
	    transform_apply(&t, NULL, "a\xff" MAIL, 18, &out, &f), FAULT_INPUT);
	assert_int_equal(out.len, 0);
	transform_free(&t);
	bytes_free(&out);
}

struct pieces {
	struct bytes kept;
	struct redact_cut cuts[4];
	size_t n;
};

static int
keep(void *arg, const void *p, size_t len, struct fault *f)
{
	struct pieces *s = arg;

	return bytes_add(&s->kept, p, len, f);
}

static int
swap(void *arg, const struct redact_cut *cut, struct fault *f)
{
	struct pieces *s = arg;

	(void)f;
	assert_true(s->n < 4);
	s->cuts[s->n++] = *cut;
	return 0;
}

static void
cuts_are_told_in_bytes_and_in_code_points(void **state)
{
	static const char text[] =
	    "\xc3\xa4\xc3\xb6 " MAIL " \xe2\x82\xac " OTHER;
	static const char *const mails[] = { "EMAIL_ADDRESS", NULL };
	const struct detect_options o = { .entities = mails };
	struct transform t = detect_with(REDACT_TAG, &o);
	struct pieces s = { .n = 0 };
	const struct redact_pieces to = { keep, swap, &s };
	struct fault f;

	(void)state;
	bytes_init(&s.kept, 1000);
	assert_ok(transform_redact(&t, NULL, text, strlen(text), &to, &f));
	assert_int_equal(s.n, 2);
	assert_int_equal(s.cuts[0].at, 5);
	assert_int_equal(s.cuts[0].char_at, 3);
	assert_int_equal(s.cuts[0].bytes, strlen(MAIL));
	assert_int_equal(s.cuts[1].char_at, 3 + strlen(MAIL) + 3);
	assert_int_equal(s.cuts[1].at, 5 + strlen(MAIL) + 5);
	assert_int_equal(s.kept.len, strlen(text) - strlen(MAIL OTHER));
	bytes_free(&s.kept);
	transform_free(&t);
}

/* It travels to workers with its lists, and finds the same there. */
static void
a_part_of_one_name_that_the_text_says_in_full_is_that_person(void **state)
{
	struct transform t =
	    detect_with(REDACT_NUMBER, &(struct detect_options){ 0 });

	(void)state;
	made(&t,
	    "Mrs Schmidt left. Mrs Anna Schmidt came, and Anna SCHMIDT wrote. "
	    "Mr Weber saw Dr Schmidt.",
	    "Mrs <PERSON_1> left. Mrs <PERSON_1> came, and <PERSON_1> wrote. "
	    "Mr <PERSON_2> saw Dr <PERSON_1>.");
	/* Of two it is nobody's. */
	made(&t,
	    "Mrs Anna Schmidt and Mr Bernd Schmidt came. Mrs Schmidt left. "
	    "Mr Bernd said so.",
	    "Mrs <PERSON_1> and Mr <PERSON_2> came. Mrs <PERSON_3> left. "
	    "Mr <PERSON_2> said so.");
	/* An initial may be another's, and what was said of one text is not
	 * known in the next. */
	made(&t, "Mr Bernd Schmidt came. Mr A. Schmidt left.",
	    "Mr <PERSON_1> came. Mr <PERSON_2> left.");
	made(&t, "Mr Schmidt came. Mrs Anna Weber left. Mrs Weber too.",
	    "Mr <PERSON_1> came. Mrs <PERSON_2> left. Mrs <PERSON_2> too.");
	transform_free(&t);
}

static void
a_detect_travels_whole_or_not_at_all(void **state)
{
	static const char *const allow[] = { OTHER, NULL };
	static const char *const deny[] = { "Project Nightfall", NULL };
	static const char *const words[] = { "station", NULL };
	static const struct detect_custom own = { "WARD", "ward [a-z]", NULL,
		words, 60 };
	const struct detect_options o = {
		.allow = allow, .deny = deny, .custom = &own, .ncustom = 1
	};
	struct transform t = detect_with(REDACT_NUMBER, &o), back, copy;
	uint8_t one[32], two[32];
	struct bytes b;
	struct reader r;
	struct fault f;

	(void)state;
	bytes_init(&b, 1 << 20);
	assert_ok(transform_put(&b, &t, &f));
	for (size_t n = 0; n < b.len; n++) {
		r = reader_of(b.at, n);
		assert_refused(transform_take(&r, &back, &f), FAULT_INPUT);
		assert_int_equal(back.action, TRANSFORM_REFUSE);
	}
	assert_true(transform_rules_digest(&t, one));
	r = reader_of(b.at, b.len);
	assert_ok(transform_take(&r, &back, &f));
	assert_ok(take_end(&r, &f));
	transform_free(&t); /* the last of its process but for back */
	assert_ok(transform_copy(&copy, &back, &f));
	transform_free(&back);
	assert_true(transform_rules_digest(&copy, two));
	assert_memory_equal(one, two, 32);
	made(&copy, OTHER ", " MAIL ", project nightfall, ward b",
	    OTHER ", <EMAIL_ADDRESS_1>, <DENIED_1>, <WARD_1>");
	transform_free(&copy);
	bytes_free(&b);
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
		cmocka_unit_test(each_style_puts_what_it_says),
		cmocka_unit_test(a_surrogate_is_the_same_in_all_texts),
		cmocka_unit_test(what_is_doubtful_goes_stays_or_stops),
		cmocka_unit_test(what_is_no_text_is_refused),
		cmocka_unit_test(cuts_are_told_in_bytes_and_in_code_points),
		cmocka_unit_test(
		    a_part_of_one_name_that_the_text_says_in_full_is_that_person),
		cmocka_unit_test(a_detect_travels_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
