/* gateway/flow: a text before and after, in pieces. */

#include <stdlib.h>
#include <string.h>

#include "gateway/flow/sheet_internal.h"
#include "tests/support/test.h"

/* ---- The difference of two values ---- */

/* The edits applied to cut are put, and rise. */
static size_t
agree(const char *cut, const char *put)
{
	const struct slice a = { (const uint8_t *)cut, strlen(cut) };
	const struct slice b = { (const uint8_t *)put, strlen(put) };
	struct mask_edit e[64];
	struct bytes made;
	size_t n = 64, was = 0, is = 0;
	struct fault f;

	bytes_init(&made, 1 << 16);
	assert_ok(sheet_diff(&a, &b, e, &n, &f));
	for (size_t i = 0; i < n; i++) {
		assert_true(e[i].at >= was && e[i].at + e[i].cut <= a.len);
		assert_ok(bytes_add(&made, cut + was, e[i].at - was, &f));
		is += e[i].at - was;
		assert_true(is + e[i].put <= b.len);
		assert_ok(bytes_add(&made, put + is, e[i].put, &f));
		is += e[i].put;
		was = e[i].at + e[i].cut;
	}
	assert_ok(bytes_add(&made, cut + was, a.len - was, &f));
	assert_int_equal(made.len, b.len);
	if (b.len > 0)
		assert_memory_equal(made.at, put, b.len);
	bytes_free(&made);
	return n;
}

static void
the_difference_makes_the_one_of_the_other(void **state)
{
	(void)state;
	assert_int_equal(agree("a b c", "a b c"), 0);
	assert_int_equal(
	    agree("Seen by Ann on Monday", "Seen by <P> on Monday"), 1);
	assert_int_equal(
	    agree("Ann saw Bob, then Ann left", "<P> saw <P>, then <P> left"),
	    3);
	/* a blank alone is no reason to end a mark */
	assert_int_equal(agree("I am Mary Ann Jones", "I am <P>"), 1);
	assert_int_equal(agree("I am Mary Ann Jones", "I am ** *** *****"), 1);
	(void)agree("", "all new");
	(void)agree("all gone", "");
	(void)agree("J\xc3\xbcrgen lebt in K\xc3\xb6ln", "<P> lebt in <L>");
}

static void
the_difference_of_any_texts_is_right(void **state)
{
	static const char *const words[] = { "a", "b", " ", " ", "<P>", ",",
		"xyz", "\xc3\xa9" };
	char a[200], b[200];

	(void)state;
	srand(7);
	for (int i = 0; i < 3000; i++) {
		a[0] = b[0] = '\0';
		for (int k = rand() % 20; k > 0; k--)
			strcat(a, words[rand() % 8]);
		for (int k = rand() % 20; k > 0; k--)
			strcat(b, words[rand() % 8]);
		(void)agree(a, b);
	}
}

static void
what_is_too_long_to_compare_is_changed_as_a_whole(void **state)
{
	static char a[20000], b[20000];
	struct mask_edit e[4];
	const struct slice x = { (uint8_t *)a, sizeof(a) };
	const struct slice y = { (uint8_t *)b, sizeof(b) };
	size_t n = 4;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(a); i++) {
		a[i] = i % 2 == 0 ? 'a' : ' ';
		b[i] = i % 2 == 0 ? 'b' : ' ';
	}
	assert_ok(sheet_diff(&x, &y, e, &n, &f));
	assert_int_equal(n, 1);
	assert_int_equal(e[0].cut, sizeof(a));
	assert_int_equal(e[0].put, sizeof(b));
}

/* ---- Pieces ---- */

struct sides {
	struct bytes before, after, left;
	bool gap;
};

static void
take_sides(struct sides *s, const struct bytes *out)
{
	struct reader r = { out->at, out->at + out->len };
	char entity[REDACT_NAME_MAX + 1];
	struct slice text;
	struct fault f;
	uint8_t kind, sure;

	for (;;) {
		assert_ok(take_u8(&r, &kind, &f));
		if (kind == 0)
			break;
		assert_ok(take_slice(&r, 1 << 20, &text, &f));
		s->gap |= kind == SHEET_GAP;
		if (kind == SHEET_LEFT) {
			assert_ok(take_text(&r, entity, sizeof(entity), &f));
			assert_ok(take_u8(&r, &sure, &f));
			assert_ok(bytes_addf(&s->left, &f, "%s:%.*s%s ", entity,
			    (int)text.len, (const char *)text.at,
			    sure ? "" : "?"));
		}
		if (kind != SHEET_PUT && kind != SHEET_GAP)
			assert_ok(bytes_add(&s->before, text.at, text.len, &f));
		if (kind != SHEET_CUT && kind != SHEET_GAP)
			assert_ok(bytes_add(&s->after, text.at, text.len, &f));
	}
	assert_int_equal(reader_left(&r), 0);
}

static void
is_text(struct bytes *b, const char *want)
{
	struct fault f;

	assert_ok(bytes_end_text(b, &f));
	assert_string_equal((const char *)b->at, want);
}

/* How before becomes after by those edits: what was left, and the weights. */
static struct sheet_risk
view(const char *before, const char *after, const struct mask_edit *edits,
    size_t n, const char *left)
{
	static const char text[] = "handoff: 1\nproject: p\npurpose: t\n"
				   "recipients: [a]\nretention: 1d\n"
				   "agreements: []\nfiles:\n"
				   "  - {match: x, type: text, text: keep}\n"
				   "detect: {allow: [ok@example.org]}\n";
	const struct sheet_text t = {
		.before = { (const uint8_t *)before, strlen(before) },
		.after = { (const uint8_t *)after, strlen(after) },
		.edits = edits,
		.nedits = n,
	};
	struct transform search;
	struct policy *p;
	struct bytes out;
	struct sides s = { .gap = false };
	struct sheet_view v = { .room = SHEET_ITEM_BYTES, .out = &out };
	struct sheet_view weighed = { .room = SHEET_ITEM_BYTES };
	struct fault f;

	assert_ok(policy_read(&p, "p", text, sizeof(text) - 1, &f));
	assert_ok(policy_search(p, &search, &f));
	policy_free(p);
	bytes_init(&out, 1 << 20);
	bytes_init(&s.before, 1 << 20);
	bytes_init(&s.after, 1 << 20);
	bytes_init(&s.left, 1 << 20);
	v.search = weighed.search = &search;
	assert_ok(sheet_view_text(&v, &t, &f));
	take_sides(&s, &out);
	if (!s.gap) {
		is_text(&s.before, before);
		is_text(&s.after, after);
	}
	is_text(&s.left, left);
	/* weighing alone comes to the same */
	assert_ok(sheet_view_text(&weighed, &t, &f));
	assert_memory_equal(&weighed.risk, &v.risk, sizeof(v.risk));
	bytes_free(&out);
	bytes_free(&s.before);
	bytes_free(&s.after);
	bytes_free(&s.left);
	transform_free(&search);
	return v.risk;
}

static void
what_is_still_found_is_marked_and_what_was_put_in_is_not(void **state)
{
	const struct mask_edit e = { 8, 3, 17 };
	struct sheet_risk r;

	(void)state;
	r = view("Mail to Ann or bob@example.com.",
	    "Mail to ann@there.example or bob@example.com.", &e, 1,
	    "EMAIL_ADDRESS:bob@example.com ");
	assert_int_equal(r.sure, 1);
	assert_int_equal(r.changes, 1);
	r = view("ok@example.org", "ok@example.org", NULL, 0, "");
	assert_int_equal(r.sure + r.doubtful + r.changes + r.words, 0);
	r = view("", "", NULL, 0, "");
	assert_int_equal(r.words, 0);
}

static void
a_sentence_that_was_replaced_is_looked_into(void **state)
{
	static const char before[] =
	    "Write to us at ann@example.com or bob@example.com";
	static const char after[] =
	    "Write to us at <EMAIL_ADDRESS> or bob@example.com";
	const struct mask_edit all = { 0, sizeof(before) - 1,
		sizeof(after) - 1 };
	struct sheet_risk r =
	    view(before, after, &all, 1, "EMAIL_ADDRESS:bob@example.com ");

	(void)state;
	assert_int_equal(r.sure, 1);
	assert_int_equal(r.changes, 1);
}

/* What is left of finds at those places, as digits of their numbers. */
static void
drops(const char *text, const char *found, const char *want)
{
	char *names[] = { (char[]){ "id" }, (char[]){ "a b" } };
	const struct names members = { names, 2 };
	const struct slice all = slice_of_text(text);
	struct sheet_find at[8];
	char left[9] = "";
	size_t n = 0;

	/* a find is an X over its bytes */
	for (size_t i = 0; found[i] != '\0'; i++) {
		if (found[i] == ' ')
			continue;
		if (n == 0 || at[n - 1].to < i || found[i - 1] != found[i])
			at[n++] = (struct sheet_find){ i, i, NULL, true };
		at[n - 1].to = i + 1;
	}
	n = sheet_drop_members(at, n, &all, &members);
	for (size_t i = 0; i < n; i++)
		left[i] = found[at[i].from];
	assert_string_equal(left, want);
}

static void
the_name_of_a_member_that_the_policy_names_is_no_find(void **state)
{
	(void)state;
	drops("{\"id\":\"id\"}", "  11   22", "2");
	drops("{\"id\" : 1,\"x\":2}", " 1111      2", "2");
	/* neither a part of one, nor what is more than one */
	drops("{\"a b\":\"id\"}", "  1 2  44", "4");
	drops("{\"id\":\"x\"}", "  11111", "1");
	drops("{\"idx\":1}", "  11", "1");
	/* an escaped quote ends no string; one that never ends is no name */
	drops("{\"\\\"id\":\"id\"}", "    11   22", "12");
	drops("{\"id", "  11", "1");
	drops("[\"id\"]", "  11", "1");
	drops("", "", "");
}

static void
words_count_where_they_are_a_sentence(void **state)
{
	(void)state;
	assert_int_equal(
	    view("one two three", "one two three", NULL, 0, "").words, 0);
	assert_int_equal(
	    view("it is so, and is well", "it is so, and is well", NULL, 0, "")
		.words,
	    6);
	assert_int_equal(
	    view("{\"a\":\"b\",\"c\":\"d\",\"e\":\"f\"}",
		"{\"a\":\"b\",\"c\":\"d\",\"e\":\"f\"}", NULL, 0, "")
		.words,
	    0);
}

static void
what_stays_for_long_is_cut_in_the_middle(void **state)
{
	char text[20001];

	(void)state;
	for (size_t i = 0; i < 20000; i++)
		text[i] = "word "[i % 5];
	text[20000] = '\0';
	assert_int_equal(view(text, text, NULL, 0, "").words, 4000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_difference_makes_the_one_of_the_other),
		cmocka_unit_test(the_difference_of_any_texts_is_right),
		cmocka_unit_test(
		    what_is_too_long_to_compare_is_changed_as_a_whole),
		cmocka_unit_test(
		    what_is_still_found_is_marked_and_what_was_put_in_is_not),
		cmocka_unit_test(a_sentence_that_was_replaced_is_looked_into),
		cmocka_unit_test(
		    the_name_of_a_member_that_the_policy_names_is_no_find),
		cmocka_unit_test(words_count_where_they_are_a_sentence),
		cmocka_unit_test(what_stays_for_long_is_cut_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
