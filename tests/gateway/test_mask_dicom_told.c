/* DICOM files: what one says of its de-identification, and in its header. */

#include "tests/support/dicom_bytes.h"

static void
what_the_file_said_of_its_identity_is_said_anew(void **state)
{
	struct made m, w;
	struct trial t;

	(void)state;
	made_start(&m, EXPLICIT);
	made_text(&m, TAG_SOP_CLASS, "UI", CT_CLASS);
	made_text(&m, TAG_SOP_INSTANCE, "UI", "1.2.3.4");
	made_text(&m, 0x00120062, "CS", "NO");
	made_text(&m, 0x00120063, "LO", "by hand, by Doe");
	made_open(&m, 0x00120064, "SQ", true);
	made_open(&m, TAG_ITEM, "", true);
	made_text(&m, 0x00080100, "SH", "113111");
	made_end(&m);
	made_end(&m);
	made_text(&m, TAG_DATES_MODIFIED, "CS", "UNMODIFIED");
	made_keep_all(&m, &t);
	made_clean_start(&w, EXPLICIT, "1.2.3.4");
	made_text(&w, TAG_SOP_CLASS, "UI", CT_CLASS);
	made_text(&w, TAG_SOP_INSTANCE, "UI", "1.2.3.4");
	made_told(&w);
	made_text(&w, TAG_DATES_MODIFIED, "CS", "REMOVED");
	made_becomes(&m, &t, &w);
}

static void
options_are_told_with_their_codes(void **state)
{
	static const char *const codes[] = { "113100", "113110", "113107" };
	static const char *const titles[] = {
		"Basic Application Confidentiality Profile",
		"Retain UIDs Option",
		"Retain Longitudinal Temporal Information Modified Dates "
		"Option"
	};
	struct made m, w;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_keep_all(&m, &t);
	t.plan.options = DICOM_RETAIN_UIDS | DICOM_RETAIN_LONG_MODIFIED_DATES;
	t.plan.dates = DATES_MODIFIED;
	made_top(&w, EXPLICIT);
	made_text(&w, 0x00100010, "PN", "Doe^Jane");
	made_text(&w, 0x00100020, "LO", "P-4711");
	made_text(&w, 0x00120062, "CS", "NO");
	made_text(&w, 0x00120063, "LO",
	    "Basic Application Confidentiality Profile\\Retain UIDs Option\\"
	    "Retain Longitudinal Temporal Information Modified Dates Option");
	made_open(&w, 0x00120064, "SQ", true);
	for (size_t i = 0; i < 3; i++) {
		made_open(&w, TAG_ITEM, "", true);
		made_text(&w, 0x00080100, "SH", codes[i]);
		made_text(&w, 0x00080102, "SH", "DCM");
		made_text(&w, 0x00080104, "LO", titles[i]);
		made_end(&w);
	}
	made_end(&w);
	made_text(&w, TAG_STUDY, "UI", "1.2.3");
	made_text(&w, TAG_SERIES, "UI", "1.2.3.1");
	made_text(&w, TAG_INSTANCE_NUMBER, "IS", "7");
	made_text(&w, TAG_DATES_MODIFIED, "CS", "MODIFIED");
	made_becomes(&m, &t, &w);
}

/* Who the patient is, kept as it was, is not removed; what the patient is like
 * may be. */
static void
an_identity_that_is_kept_is_not_said_to_be_removed(void **state)
{
	static const char yes[] = "\x12\0\x62\0CS\4\0YES ";
	static const char no[] = "\x12\0\x62\0CS\2\0NO";
	static const char *const who[] = { "PatientName", "PatientID" };
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	(void)state;
	made_start(&m, EXPLICIT);
	made_text(&m, TAG_SOP_CLASS, "UI", CT_CLASS);
	made_text(&m, TAG_SOP_INSTANCE, "UI", "1.2.3.4");
	made_text(&m, 0x00100010, "PN", "Doe^Jane");
	made_text(&m, 0x00100020, "LO", "P-4711");
	made_text(&m, 0x00100040, "CS", "F");
	made_keep_all(&m, &t);
	for (size_t i = 0; i < 2; i++) {
		assert_ok(trial_mask(&t, &f));
		assert_non_null(
		    memmem(t.out.at, t.out.len, no, sizeof(no) - 1));
		(void)made_decide(&t, who[i], TRANSFORM_CONSTANT, "");
	}
	assert_ok(trial_mask(&t, &f));
	assert_non_null(memmem(t.out.at, t.out.len, yes, sizeof(yes) - 1));
	made_done(&m, &t);
}

static void
exceptions_from_the_profile_are_told(void **state)
{
	static const char want[] = "Basic Application Confidentiality Profile\\"
				   "Attributes retained by the owner's policy";
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_keep_all(&m, &t);
	assert_ok(trial_mask(&t, &f));
	assert_null(memmem(t.out.at, t.out.len, want, strlen(want)));
	t.plan.weaker = true;
	assert_ok(trial_mask(&t, &f));
	assert_non_null(memmem(t.out.at, t.out.len, want, strlen(want)));
	made_done(&m, &t);
}

/* Wherever a UID stands it becomes the same one. */
static void
an_instance_is_named_alike_in_the_header(void **state)
{
	struct fault f = { 0 };
	struct made m;
	struct trial t;
	const uint8_t *at, *end;
	unsigned found = 0;
	size_t same = 0;

	(void)state;
	made_start(&m, EXPLICIT);
	made_text(&m, TAG_SOP_CLASS, "UI", CT_CLASS);
	made_text(&m, TAG_SOP_INSTANCE, "UI", "1.2.3.4");
	made_text(&m, 0x00081155, "UI", "1.2.3.4\\1.2.3.5");
	made_keep_all(&m, &t);
	trial_key(&t, "uid:");
	(void)made_decide(&t, "SOPInstanceUID", TRANSFORM_UID, NULL);
	(void)made_decide(&t, "ReferencedSOPInstanceUID", TRANSFORM_UID, NULL);
	assert_ok(trial_mask(&t, &f));
	at = t.out.at + 132;
	end = t.out.at + t.out.len;
	while ((at = memmem(at, (size_t)(end - at), "2.25.", 5)) != NULL) {
		/* the second is this program's */
		if (found == 0)
			same = (size_t)(at - t.out.at);
		else if (found == 2 || found == 3)
			assert_memory_equal(at, t.out.at + same, 40);
		else if (found == 4)
			assert_memory_not_equal(at, t.out.at + same, 40);
		found++;
		at += 5;
	}
	assert_int_equal(found, 5);
	assert_null(memmem(t.out.at, t.out.len, "1.2.3.4", 7));
	made_done(&m, &t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_the_file_said_of_its_identity_is_said_anew),
		cmocka_unit_test(options_are_told_with_their_codes),
		cmocka_unit_test(
		    an_identity_that_is_kept_is_not_said_to_be_removed),
		cmocka_unit_test(exceptions_from_the_profile_are_told),
		cmocka_unit_test(an_instance_is_named_alike_in_the_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
