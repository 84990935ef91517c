/* policy/risk: what a receiver can put together from several batches. */

#include "tests/policy/risk_tables.h"

#include <stdlib.h>

#include "keys/base/mem.h"
#include "keys/base/secret.h"

enum { AGE, ZIP, ILLNESS, ATTRIBUTES };

static const bool sensitive[ATTRIBUTES] = { [ILLNESS] = true };

/* What a receiver holds; what the catalog will keep. */
struct thing {
	uint8_t subject[RISK_HASH_BYTES];
	uint16_t attribute;
	uint8_t level;
	uint8_t value[RISK_HASH_BYTES];
};

struct store {
	struct thing things[1000];
	size_t n, at;
};

/* No hash, but as good as one here; the order is not that of the numbers. */
static void
hash(uint8_t out[RISK_HASH_BYTES], unsigned n)
{
	memset(out, 0, RISK_HASH_BYTES);
	out[0] = (uint8_t)(n * 167);
	out[1] = (uint8_t)n;
	out[31] = 7;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, RISK_HASH_BYTES);
}

static void
hold(struct store *s, unsigned subject, uint16_t attribute, uint8_t level,
    unsigned value)
{
	struct thing *t = &s->things[s->n++];

	hash(t->subject, subject);
	t->attribute = attribute;
	t->level = level;
	hash(t->value, value);
}

static int
next(void *from, const void **subject, struct risk_held *item, bool *more,
    struct fault *f)
{
	struct store *s = from;
	const struct thing *t = &s->things[s->at];

	(void)f;
	*more = s->at < s->n;
	if (!*more)
		return 0;
	s->at++;
	*subject = t->subject;
	*item = (struct risk_held){ t->attribute, t->level, t->value };
	return 0;
}

/* Judge leaving against held, both in the order of leaving->things, a row per
 * thing, numbered from 1. */
static int
judge(struct risk_report *r, const struct store *leaving, struct store *held,
    const struct risk_thresholds *want, struct fault *f)
{
	struct risk_holdings from = { next, held };
	struct risk_exposure *e = NULL;
	int rc = -1;

	*r = (struct risk_report){ 0 };
	if (held != NULL) {
		held->at = 0;
		qsort(held->things, held->n, sizeof(*held->things), compare);
	}
	if (risk_exposure_new(&e, sensitive, ATTRIBUTES, 0, f) != 0)
		return -1;
	for (size_t i = 0; i < leaving->n; i++) {
		const struct thing *t = &leaving->things[i];
		struct risk_held item = { t->attribute, t->level, t->value };

		if (risk_exposure_add(e, i + 1, t->subject, &item, 1, f) != 0)
			goto out;
	}
	rc = risk_exposure_judge(r, e, held != NULL ? &from : NULL, want, f);
out:
	risk_exposure_free(e);
	return rc;
}

/* Ages of 20 subjects in two classes of ten; their postcodes in four of five,
 * cut across the ages: 0-7 and 8-9, and so on. */
static void
two_batches(struct store *ages, struct store *zips)
{
	memset(ages, 0, sizeof(*ages));
	memset(zips, 0, sizeof(*zips));
	for (unsigned i = 0; i < 20; i++) {
		hold(ages, i, AGE, 1, i / 10);
		hold(zips, i, ZIP, 2, (i + 2) / 5 % 4);
	}
}

static void
two_batches_of_k_5_are_together_refused(void **state)
{
	static struct store ages, zips;
	const struct risk_thresholds want = { .k = 5 };
	struct risk_report r;
	struct fault f = { 0 };

	(void)state;
	two_batches(&ages, &zips);
	assert_ok(judge(&r, &ages, NULL, &want, &f));
	assert_true(r.met);
	assert_int_equal(r.k, 10);
	risk_report_free(&r);
	assert_ok(judge(&r, &zips, NULL, &want, &f));
	assert_true(r.met);
	assert_int_equal(r.k, 5);
	risk_report_free(&r);

	assert_ok(judge(&r, &zips, &ages, &want, &f));
	assert_false(r.met);
	assert_int_equal(r.persons, 20);
	/* 0-2 | 3-7 | 8-9, 10-12 | 13-17 | 18-19 */
	assert_int_equal(r.classes, 6);
	assert_int_equal(r.k, 2);
	assert_int_equal(r.failing, 4);
	assert_int_equal(r.nsuppress, 10);
	assert_int_equal(r.suppress[0], 1);
	assert_int_equal(r.suppress[2], 3);
	assert_int_equal(r.suppress[3], 9);
	assert_int_equal(r.suppress[9], 20);
	assert_int_equal(r.shown[0].persons, 2);
	risk_report_free(&r);
}

static void
what_is_held_already_can_be_sent_again(void **state)
{
	static struct store ages, zips;
	const struct risk_thresholds want = { .k = 10 };
	struct risk_report r;
	struct fault f = { 0 };

	(void)state;
	two_batches(&ages, &zips);
	zips = ages;
	assert_ok(judge(&r, &zips, &ages, &want, &f));
	assert_true(r.met);
	assert_int_equal(r.k, 10);
	risk_report_free(&r);
}

static void
those_who_are_left_behind_are_judged_too(void **state)
{
	static struct store ages, zips;
	const struct risk_thresholds want = { .k = 3 };
	struct risk_report r;
	struct fault f = { 0 };

	(void)state;
	two_batches(&ages, &zips);
	/* eight of ten get the same postcode: the other two stand out */
	zips.n = 0;
	for (unsigned i = 0; i < 8; i++)
		hold(&zips, i, ZIP, 2, 1);
	assert_ok(judge(&r, &zips, &ages, &want, &f));
	assert_false(r.met);
	assert_int_equal(r.k, 2);
	assert_int_equal(r.failing, 1);
	assert_int_equal(r.nsuppress, 0);
	assert_int_equal(r.shown[0].first[0], 0);
	risk_report_free(&r);
}

static void
another_level_or_another_value_is_something_more(void **state)
{
	static struct store held, leaving;
	const struct risk_thresholds want = { .k = 4 };
	struct risk_report r;
	struct fault f = { 0 };

	(void)state;
	memset(&held, 0, sizeof(held));
	memset(&leaving, 0, sizeof(leaving));
	for (unsigned i = 0; i < 4; i++)
		hold(&held, i, AGE, 1, 0);
	hold(&leaving, 3, AGE, 0, 0);
	assert_ok(judge(&r, &leaving, &held, &want, &f));
	assert_int_equal(r.k, 1);
	assert_int_equal(r.nsuppress, 1);
	risk_report_free(&r);
	leaving.n = 0;
	hold(&leaving, 3, AGE, 1, 5);
	assert_ok(judge(&r, &leaving, &held, &want, &f));
	assert_int_equal(r.k, 1);
	risk_report_free(&r);
	leaving.n = 0;
	hold(&leaving, 3, AGE, 1, 0);
	assert_ok(judge(&r, &leaving, &held, &want, &f));
	assert_int_equal(r.k, 4);
	risk_report_free(&r);
}

static void
illnesses_of_two_batches_count_together(void **state)
{
	static struct store held, leaving;
	const struct risk_thresholds want = { .k = 3, .l_distinct = 2 };
	struct risk_report r;
	struct fault f = { 0 };

	(void)state;
	memset(&held, 0, sizeof(held));
	memset(&leaving, 0, sizeof(leaving));
	for (unsigned i = 0; i < 3; i++) {
		hold(&leaving, i, AGE, 1, 0);
		hold(&leaving, i, ILLNESS, 0, i);
	}
	assert_ok(judge(&r, &leaving, NULL, &want, &f));
	assert_true(r.met);
	assert_int_equal(r.spread[0].distinct, 3);
	risk_report_free(&r);
	/* before, the three were said to have one more, all the same */
	for (unsigned i = 0; i < 3; i++)
		hold(&held, i, ILLNESS, 0, 9);
	assert_ok(judge(&r, &leaving, &held, &want, &f));
	assert_int_equal(r.spread[0].distinct, 1);
	assert_int_equal(r.shown[0].fails, RISK_FAILS_DISTINCT);
	assert_int_equal(r.nsuppress, 6);
	risk_report_free(&r);
}

static int
next_wrong(void *from, const void **subject, struct risk_held *item, bool *more,
    struct fault *f)
{
	struct store *s = from;
	size_t i = s->n - 1 - s->at;

	if (s->at == s->n) {
		*more = false;
		return 0;
	}
	s->at++;
	*more = true;
	*subject = s->things[i].subject;
	*item =
	    (struct risk_held){ s->things[i].attribute, 0, s->things[i].value };
	(void)f;
	return 0;
}

static void
holdings_out_of_order_or_of_no_known_attribute_are_refused(void **state)
{
	static struct store held;
	struct risk_holdings from = { next_wrong, &held };
	const struct risk_thresholds want = { .k = 2 };
	struct risk_exposure *e;
	struct risk_report r;
	struct fault f = { 0 };

	(void)state;
	memset(&held, 0, sizeof(held));
	for (unsigned i = 0; i < 3; i++)
		hold(&held, i, AGE, 0, 1);
	qsort(held.things, held.n, sizeof(*held.things), compare);
	assert_ok(risk_exposure_new(&e, sensitive, ATTRIBUTES, 0, &f));
	assert_refused(
	    risk_exposure_judge(&r, e, &from, &want, &f), FAULT_INPUT);
	risk_exposure_free(e);

	held.n = 1;
	held.at = 0;
	held.things[0].attribute = ATTRIBUTES;
	assert_ok(risk_exposure_new(&e, sensitive, ATTRIBUTES, 0, &f));
	assert_refused(
	    risk_exposure_judge(&r, e, &from, &want, &f), FAULT_INPUT);
	risk_exposure_free(e);

	assert_ok(risk_exposure_new(&e, sensitive, ATTRIBUTES, 0, &f));
	assert_refused(
	    risk_exposure_judge(&r, e, NULL, &want, &f), FAULT_USAGE);
	risk_exposure_free(e);
	assert_refused(risk_exposure_new(&e, sensitive, 0, 0, &f), FAULT_USAGE);
	assert_null(e);
}

static void
every_allocation_may_fail(void **state)
{
	static struct store ages, zips;
	const struct risk_thresholds want = { .k = 5 };
	long n = 0;
	int rc;

	(void)state;
	two_batches(&ages, &zips);
	do {
		struct fault f = { 0 };
		struct risk_report r;

		mem_fail_after(n++);
		rc = judge(&r, &zips, &ages, &want, &f);
		mem_fail_after(-1);
		if (rc != 0)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		risk_report_free(&r);
	} while (rc != 0);
	assert_true(n > 40);
}

static int
start(void **state)
{
	struct fault f = { 0 };

	(void)state;
	return secret_start(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_batches_of_k_5_are_together_refused),
		cmocka_unit_test(what_is_held_already_can_be_sent_again),
		cmocka_unit_test(those_who_are_left_behind_are_judged_too),
		cmocka_unit_test(
		    another_level_or_another_value_is_something_more),
		cmocka_unit_test(illnesses_of_two_batches_count_together),
		cmocka_unit_test(
		    holdings_out_of_order_or_of_no_known_attribute_are_refused),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
