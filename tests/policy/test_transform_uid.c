/* policy/transform: uid, the UIDs of DICOM. */

#include "tests/policy/keyed.h"

static const struct transform uid = { .action = TRANSFORM_UID };

/* Made by Python's hmac and its integers, after PS3.5, B.2 and RFC 9562, 5.8.
 */
static void
a_uid_becomes_the_uuid_of_its_mac(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "1.2.3", "2.25.246342646813187423995122678742724610137" },
		{ "1.3.6.1.4.1.14519.5.2.1.7009.2403."
		  "334240657131972136850343327463",
		    "2.25.208642327955236911928897087808587085545" },
		{ "2.25.0", "2.25.49277770599383369589961249116319872289" },
	};
	struct transform_site site = { .path = "f" };

	(void)state;
	site.key = key_of(&uid, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *made_of =
		    made(transform_apply, &uid, &site, rows[i].from);

		assert_string_equal(made_of, rows[i].to);
		mem_free(made_of);
	}
	site_free(&site);
}

static void
a_uid_is_the_same_in_every_field_and_another_for_another_vendor(void **state)
{
	struct transform_site a = { .path = "f", .field = "SOPInstanceUID" },
			      b = { .path = "g",
				      .field = "ReferencedSOPInstanceUID",
				      .record = 7 },
			      c = { .path = "f" };
	char *one, *same, *other;

	(void)state;
	a.key = key_of(&uid, 1);
	b.key = key_of(&uid, 1);
	c.key = key_of(&uid, 2);
	one = made(transform_apply, &uid, &a, "1.2.3.4");
	same = made(transform_apply, &uid, &b, "1.2.3.4");
	other = made(transform_apply, &uid, &c, "1.2.3.4");
	assert_string_equal(one, same);
	assert_string_not_equal(one, other);
	mem_free(one);
	mem_free(same);
	mem_free(other);
	site_free(&a);
	site_free(&b);
	site_free(&c);
}

static void
uids_of_the_standard_stay_and_their_likes_do_not(void **state)
{
	static const struct {
		const char *uid;
		bool stays;
	} rows[] = {
		{ "1.2.840.10008.1.2.1", true },
		{ "1.2.840.10008.5.1.4.1.1.2", true },
		{ "", true },
		{ "1.2.840.10008", false },
		{ "1.2.840.100081.5", false },
		{ "11.2.840.10008.1", false },
	};
	struct transform_site site = { .path = "f" };

	(void)state;
	site.key = key_of(&uid, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *got = made(transform_apply, &uid, &site, rows[i].uid);

		assert_int_equal(strcmp(got, rows[i].uid) == 0, rows[i].stays);
		assert_true(strlen(got) <= 64);
		mem_free(got);
	}
	site_free(&site);
}

static void
what_is_no_uid_is_refused(void **state)
{
	static const char *const wrong[] = { "1.2.", ".1.2", "1..2", "1.2.x",
		"1.2 ", " 1.2", "1.2\\1.3", "PatientName",
		"1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23."
		"24.25" };
	struct transform_site site = { .path = "f" };

	(void)state;
	site.key = key_of(&uid, 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_refuses(
		    transform_apply, &uid, &site, wrong[i], "not a DICOM UID");
	assert_refuses(
	    transform_reveal, &uid, &site, "1.2.3", "only reversible and fpe");
	site_free(&site);
}

static void
it_travels_and_is_written_as_the_policy_has_it(void **state)
{
	struct transform back;
	struct bytes b;
	struct reader r;

	(void)state;
	bytes_init(&b, 1024);
	assert_ok(transform_put(&b, &uid, &f));
	r = (struct reader){ b.at, b.at + b.len };
	assert_ok(transform_take(&r, &back, &f));
	assert_int_equal(back.action, TRANSFORM_UID);
	transform_free(&back);
	bytes_reset(&b);
	assert_ok(transform_print(&b, &uid, &f));
	assert_ok(bytes_end_text(&b, &f));
	assert_string_equal((const char *)b.at, "uid");
	bytes_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_uid_becomes_the_uuid_of_its_mac),
		cmocka_unit_test(
		    a_uid_is_the_same_in_every_field_and_another_for_another_vendor),
		cmocka_unit_test(
		    uids_of_the_standard_stay_and_their_likes_do_not),
		cmocka_unit_test(what_is_no_uid_is_refused),
		cmocka_unit_test(
		    it_travels_and_is_written_as_the_policy_has_it),
	};

	return cmocka_run_group_tests(tests, keyed_start, NULL);
}
