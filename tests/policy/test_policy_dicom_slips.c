/* policy/rules: what a rule for DICOM files must have, and which lines fit
 * which attributes. */

#include "tests/policy/dicom_rule.h"

static void
slips_are_told_with_their_place(void **state)
{
	static const struct {
		const char *rest, *text, *hint;
	} rows[] = {
		{ "    pixels: keep\n", "p:8:5: a dicom file needs a profile",
		    "profile: basic" },
		{ "    profile: basic\n",
		    "p:8:5: a dicom file needs its pixels decided",
		    "pixels: keep" },
		{ "    profile: full\n", "p:10:14: unknown \"full\"",
		    "it can be basic" },
		{ "    columns: {a: keep}\n",
		    "p:10:14: a dicom file has no columns", NULL },
		{ "    metadata: drop\n",
		    "p:10:15: a dicom file has no metadata", NULL },
		{ "    missing: allow\n",
		    "p:10:14: a dicom file has no missing", NULL },
		{ "    item_id: PatientID\n",
		    "p:10:14: a dicom file has no item_id", NULL },
		{ "    item: row\n    profile: basic\n    pixels: keep\n",
		    "p:10:11: a dicom file has no rows", NULL },
		{ "    item: serie\n", "p:10:11: unknown \"serie\"",
		    "did you mean series?" },
		{ "    burned_in: yes\n", "p:10:16: unknown \"yes\"",
		    "it can be refuse or accept" },
		{ "    options: retain_uids\n",
		    "p:10:14: expected a list of options",
		    "options: [retain_uids]" },
		{ "    options: [retain_uid]\n",
		    "p:10:15: unknown \"retain_uid\"",
		    "did you mean retain_uids?" },
		{ "    options: [retain_uids, retain_uids]\n",
		    "p:10:28: retain_uids is there already", NULL },
		{ "    options: [{retain_uids: 1}]\n",
		    "p:10:16: retain_uids takes nothing", NULL },
		{ "    options: [{}]\n", "p:10:15: expected one option", NULL },
		{ "    options: [clean_descriptors]\n",
		    "p:10:15: clean_descriptors is not offered: a text is "
		    "clean when somebody has read it",
		    "tags: {SeriesDescription: detect}" },
		{ "    options: [retain_safe_private]\n",
		    "p:10:15: retain_safe_private is not offered: which "
		    "private attributes are safe, their makers say, and nobody "
		    "can check",
		    NULL },
		{ "    options: [retain_long_modified_dates]\n",
		    "p:10:15: retain_long_modified_dates needs to know how",
		    "{retain_long_modified_dates: {shift: {days: 180, by: "
		    "subject}}}" },
		{ "    options: [{retain_long_modified_dates: keep}]\n",
		    "p:10:44: dates are modified by a shift",
		    "{shift: {days: 180, by: subject}}" },
		{ "    options: [retain_long_full_dates, "
		  "{retain_long_modified_dates: {shift: {days: 9, by: "
		  "subject}}}]\n",
		    "p:10:14: dates are retained in full or modified, not both",
		    NULL },
	};
	struct policy *p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_refused(try_policy(&p, rows[i].rest), FAULT_INPUT);
		if (strcmp(f.text, rows[i].text) != 0)
			fail_msg("%s gives %s", rows[i].rest, f.text);
		if (rows[i].hint != NULL &&
		    strstr(f.hint, rows[i].hint) == NULL)
			fail_msg("%s hints %s", rows[i].rest, f.hint);
	}
}

struct line {
	const char *line, *text, *hint;
};

/* Each is the first under tags:, in line 12. */
static void
assert_lines(const struct line *rows, size_t n)
{
	struct policy *p;

	for (size_t i = 0; i < n; i++) {
		char text[400], want[300];

		(void)snprintf(text, sizeof(text),
		    "    profile: basic\n    tags:\n      %s\n    pixels: "
		    "keep\n",
		    rows[i].line);
		(void)snprintf(want, sizeof(want), "p:%s", rows[i].text);
		assert_refused(try_policy(&p, text), FAULT_INPUT);
		if (strcmp(f.text, want) != 0)
			fail_msg("%s gives %s", rows[i].line, f.text);
		if (rows[i].hint != NULL &&
		    strstr(f.hint, rows[i].hint) == NULL)
			fail_msg("%s hints %s", rows[i].line, f.hint);
	}
}

static void
a_line_names_an_attribute_that_may_be_decided(void **state)
{
	static const struct line rows[] = {
		{ "PatientIdd: drop", "12:7: unknown attribute \"PatientIdd\"",
		    "did you mean PatientID?" },
		{ "\"(0010,002)\": drop",
		    "12:7: unknown attribute \"(0010,002)\"", "(0010,0020)" },
		{ "\"(0009,1001)\": keep",
		    "12:7: (0009,1001) is a private attribute, which is "
		    "dropped in any case",
		    NULL },
		{ "\"(0028,0a02)\": keep",
		    "12:7: (0028,0a02) is no attribute that is known here, "
		    "which is dropped in any case",
		    NULL },
		{ "PatientID: drop\n      \"(0010,0020)\": token",
		    "13:7: PatientID: line 12 already decides it", NULL },
		{ "SOPClassUID: drop",
		    "12:7: no file can be read without SOPClassUID: keep",
		    NULL },
		{ "SpecificCharacterSet: drop",
		    "12:7: no file can be read without SpecificCharacterSet: "
		    "keep",
		    NULL },
		{ "SOPInstanceUID: drop",
		    "12:7: no file is one without SOPInstanceUID: uid, or keep",
		    NULL },
		{ "DeidentificationMethod: keep",
		    "12:7: DeidentificationMethod is written anew: it says "
		    "what was done",
		    NULL },
		{ "MediaStorageSOPInstanceUID: keep",
		    "12:7: MediaStorageSOPInstanceUID is of the file's header, "
		    "which is written anew",
		    NULL },
		{ "OverlayData: keep",
		    "12:7: OverlayData is of an overlay or a curve, which goes "
		    "whole: drop, or refuse",
		    NULL },
		{ "PixelData: drop",
		    "12:7: PixelData is decided by pixels:", NULL },
	};

	(void)state;
	assert_lines(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
a_line_has_to_fit_the_representation(void **state)
{
	static const struct line rows[] = {
		{ "StudyID: token",
		    "12:16: 26 characters, and StudyID (SH) has room for 16",
		    "fpe" },
		{ "StudyID: {constant: \"12345678901234567\"}",
		    "12:16: 17 characters, and StudyID (SH) has room for 16",
		    NULL },
		{ "InstitutionName: {constant: \"a\\\\b\"}",
		    "12:24: a backslash divides values in DICOM, and control "
		    "characters are none",
		    NULL },
		{ "Rows: {noise: {within: 5}}",
		    "12:13: Rows is of the representation US: keep or drop",
		    NULL },
		{ "ContentSequence: detect",
		    "12:24: ContentSequence is of the representation SQ: keep "
		    "or drop",
		    NULL },
		{ "StudyInstanceUID: token",
		    "12:7: no file is one without StudyInstanceUID: uid, or "
		    "keep",
		    NULL },
		{ "FrameOfReferenceUID: token",
		    "12:28: FrameOfReferenceUID is of the representation UI: "
		    "keep, drop or uid",
		    NULL },
		{ "PatientID: uid",
		    "12:18: PatientID is of the representation LO: this is for "
		    "others",
		    NULL },
		{ "StudyDate: {generalise: {date: quarter}}",
		    "12:18: StudyDate is of the representation DA: keep, drop, "
		    "shift, generalise to a year or month, or a constant",
		    NULL },
		{ "PatientWeight: {generalise: {width: 10}}",
		    "12:22: PatientWeight is of the representation DS: keep, "
		    "drop, {generalise: {round: {to: 1}}}, noise or a constant",
		    NULL },
		{ "PatientBirthDate: token",
		    "12:25: a birth date is too easily guessed for a token or "
		    "encryption",
		    NULL },
	};

	(void)state;
	assert_lines(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
a_line_that_fits_is_accepted(void **state)
{
	static const char *const lines[] = { "PatientID: reversible",
		"PatientID: {fpe: {alphabet: digits}}", "PatientID: random",
		"StudyID: {fpe: {alphabet: digits}}", "StudyID: mask",
		"StudyID: {constant: \"1234567890123456\"}",
		"PatientName: {constant: X}", "Rows: {constant: \"\"}",
		"ContentSequence: {constant: \"\"}", "ContentSequence: drop",
		"StudyDate: {shift: {days: 3, by: subject}}",
		"AcquisitionDateTime: {generalise: {date: month}}",
		"StudyTime: {truncate: 2}", "FrameOfReferenceUID: uid",
		"PatientWeight: {generalise: {round: {to: 5}}}",
		"PatientSize: {noise: {within: 0.1, to: 0.01}}",
		"\"(60fe,4000)\": drop", "StudyInstanceUID: keep",
		"PatientBirthDate: {generalise: {date: year}}",
		"PatientComments: {detect: {style: number}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[400];

		(void)snprintf(text, sizeof(text),
		    "    profile: basic\n    tags: {%s}\n    pixels: keep\n",
		    lines[i]);
		policy_free(read_rule(text));
	}
}

static void
only_dicom_has_series_and_studies(void **state)
{
	struct policy *p;
	static const char text[] =
	    "handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n"
	    "retention: 1d\nagreements: []\nfiles:\n"
	    "  - {match: a, type: png, pixels: keep, item: study}\n";

	(void)state;
	assert_refused(
	    policy_read(&p, "p", text, strlen(text), &f), FAULT_INPUT);
	assert_string_equal(f.text, "p:8:47: a png file is of no study");
	p = read_rule(
	    "    profile: basic\n    pixels: keep\n    item: study\n");
	assert_int_equal(p->files[0].unit, ITEM_STUDY);
	policy_free(p);
	p = read_rule("    profile: basic\n    pixels: keep\n    item: file\n");
	assert_int_equal(p->files[0].unit, ITEM_EACH);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_are_told_with_their_place),
		cmocka_unit_test(a_line_names_an_attribute_that_may_be_decided),
		cmocka_unit_test(a_line_has_to_fit_the_representation),
		cmocka_unit_test(a_line_that_fits_is_accepted),
		cmocka_unit_test(only_dicom_has_series_and_studies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
