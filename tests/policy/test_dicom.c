/* policy/dicom: the table against the published Table E.1-1 and against the
 * dictionary of dcmtk, and what the profile and its options make of it. */

#include "tests/support/test.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/dicom/dicom.h"

static const struct dicom_attribute *
named(const char *name)
{
	const struct dicom_attribute *a = dicom_named(name, strlen(name));

	if (a == NULL)
		fail_msg("no attribute %s", name);
	return a;
}

/* -- The published table ------------------------------------------------- */

enum column {
	C_TAG = 1,
	C_PROFILE = 4,
	C_UIDS = 6,
	C_DEVICE,
	C_INSTITUTION,
	C_PATIENT,
	C_FULL,
	C_MODIFIED,
	COLUMNS = 15
};

/* Cut a line at its tabs; columns that it has not are empty. */
static void
columns_of(char *line, char *out[COLUMNS])
{
	static char empty[1];

	line[strcspn(line, "\r\n")] = '\0';
	for (size_t i = 0; i < COLUMNS; i++) {
		out[i] = line == NULL ? empty : strsep(&line, "\t");
	}
}

/* What the line asks for under one option: its letter there, or else that of
 * the profile. */
static enum dicom_action
asked(char *const c[COLUMNS], unsigned option, const char *vr)
{
	static const struct {
		const char *text;
		enum dicom_action action;
	} read[] = {
		{ "X", DICOM_DROP }, { "Z", DICOM_EMPTY },
		{ "X/Z", DICOM_EMPTY }, { "D", DICOM_DUMMY },
		{ "X/D", DICOM_DUMMY }, { "Z/D", DICOM_DUMMY },
		{ "X/Z/D", DICOM_DUMMY }, { "U", DICOM_UID },
		{ "X/Z/U*", DICOM_UID },
		{ "", DICOM_DROP }, /* (0088,0200): a slip of the vectors */
	};
	bool sequence = strcmp(vr, "SQ") == 0;

	if (option < DICOM_OPTIONS && strcmp(c[C_UIDS + option], "K") == 0)
		return DICOM_KEEP;
	if (option == C_MODIFIED - C_UIDS && strcmp(c[C_MODIFIED], "C") == 0) {
		if (strcmp(vr, "DA") == 0 || strcmp(vr, "DT") == 0)
			return DICOM_SHIFT;
		if (strcmp(vr, "TM") == 0)
			return DICOM_KEEP;
	}
	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++)
		if (strcmp(read[i].text, c[C_PROFILE]) == 0) {
			if (sequence && read[i].action == DICOM_DUMMY)
				return DICOM_EMPTY;
			if (sequence && read[i].action == DICOM_UID)
				return DICOM_KEEP;
			if (strcmp(vr, "UI") == 0 &&
			    read[i].action == DICOM_DUMMY)
				return DICOM_UID;
			return read[i].action;
		}
	fail_msg("%s: %s?", c[C_TAG], c[C_PROFILE]);
	return DICOM_DROP;
}

static const struct dicom_attribute *
line_attribute(const char *tag)
{
	uint32_t number;

	if (strcmp(tag, "(50XX,XXXX)") == 0)
		tag = "(5012,0110)";
	else if (strcmp(tag, "(60XX,3000)") == 0)
		tag = "(60fe,3000)";
	else if (strcmp(tag, "(60XX,4000)") == 0)
		tag = "(6000,4000)";
	if (!dicom_tag_read(&number, tag))
		return NULL;
	return dicom_find(number);
}

static void
every_line_of_the_published_table_is_decided_as_it_says(void **state)
{
	char path[4096], line[1024];
	size_t lines = 0, listed = 0;
	FILE *in;

	(void)state;
	test_shared(path, sizeof(path), "vectors/dicom/e1-1.tsv");
	assert_non_null(in = fopen(path, "r"));
	assert_non_null(fgets(line, sizeof(line), in));
	while (fgets(line, sizeof(line), in) != NULL) {
		const struct dicom_attribute *a;
		char *c[COLUMNS];
		unsigned by;

		columns_of(line, c);
		if (c[C_TAG][0] != '(' || c[C_TAG][5] != ',')
			continue; /* the second half of a line cut in two */
		if (strncmp(c[C_TAG], "(GGGG", 5) == 0)
			continue; /* private ones: below */
		a = line_attribute(c[C_TAG]);
		assert_non_null(a);
		assert_true(a->listed);
		for (unsigned option = 0; option <= DICOM_OPTIONS; option++)
			if (dicom_decide(a, 1u << option & 0x3f, &by) !=
			    asked(c, option, a->vr))
				fail_msg("%s, option %u", a->keyword, option);
		lines++;
	}
	assert_int_equal(fclose(in), 0);
	for (size_t i = 0; dicom_at(i) != NULL; i++)
		listed += dicom_at(i)->listed;
	assert_int_equal(listed, lines);
	assert_true(lines > 600);
}

static void
private_attributes_are_not_in_the_table(void **state)
{
	const struct dicom_attribute *a;

	(void)state;
	for (size_t i = 0; (a = dicom_at(i)) != NULL; i++)
		assert_int_equal(a->tag >> 16 & 1, 0);
	assert_null(dicom_find(0x00090010));
	assert_null(dicom_find(0x60013000));
	assert_null(dicom_find(0x50010000));
}

/* -- dcmtk's dictionary -------------------------------------------------- */

/* A line: "(60xx-60ff" has one there for 128 groups. */
static const struct dicom_attribute *
dictionary_read(const char *row, char vr[3], char keyword[128])
{
	static const char *const old[] = { "RETIRED_", "ACR_NEMA_" };
	const struct dicom_attribute *a;
	unsigned group, last, element;
	char name[128];

	if (sscanf(row, "(%4x,%4x)\t%2s\t%127s", &group, &element, vr,
		keyword) != 4 &&
	    sscanf(row, "(%4x-%4x,%4x)\t%2s\t%127s", &group, &last, &element,
		vr, keyword) != 5)
		return NULL;
	for (size_t i = 0; i < 2; i++)
		if (strncmp(keyword, old[i], strlen(old[i])) == 0) {
			(void)strcpy(name, keyword + strlen(old[i]));
			(void)strcpy(keyword, name);
		}
	a = dicom_find(group << 16 | element);
	return a != NULL && a->tag == (group << 16 | element) ? a : NULL;
}

/* dcmtk writes xs, ox, px, lt and up where several are possible. */
static bool
same_vr(const char *ours, const char *theirs)
{
	if (strcmp(theirs, "xs") == 0)
		return strcmp(ours, "US") == 0;
	if (strcmp(theirs, "up") == 0)
		return strcmp(ours, "UL") == 0;
	if (strcmp(theirs, "ox") == 0 || strcmp(theirs, "px") == 0 ||
	    strcmp(theirs, "lt") == 0)
		return strcmp(ours, "OW") == 0;
	return strcmp(ours, theirs) == 0;
}

static void
keywords_and_representations_are_those_of_dcmtk(void **state)
{
	const struct dicom_attribute *a, *last = NULL;
	char vr[3], keyword[128], row[512];
	size_t same = 0;
	glob_t found;
	FILE *in;

	(void)state;
	if (glob("/usr/share/libdcmtk*/dicom.dic", 0, NULL, &found) != 0) {
		print_message("no dictionary of dcmtk here\n");
		skip();
	}
	in = fopen(found.gl_pathv[found.gl_pathc - 1], "r");
	assert_non_null(in);
	globfree(&found);
	while (fgets(row, sizeof(row), in) != NULL) {
		a = dictionary_read(row, vr, keyword);
		/* of two lines for one tag the first counts */
		if (a == NULL || a == last)
			continue;
		last = a;
		if (strcmp(keyword, a->keyword) != 0 || !same_vr(a->vr, vr))
			fail_msg("%s %s: dcmtk has %s %s", a->keyword, a->vr,
			    keyword, vr);
		same++;
	}
	assert_int_equal(fclose(in), 0);
	assert_true(same > 1800);
}

/* -- Names --------------------------------------------------------------- */

static void
a_tag_has_one_name_and_a_name_one_tag(void **state)
{
	const struct dicom_attribute *a;
	char name[DICOM_NAME_CHARS + 1], hex[16];
	uint32_t tag, before = 0;

	(void)state;
	for (size_t i = 0; (a = dicom_at(i)) != NULL; i++) {
		assert_true(i == 0 || a->tag > before);
		before = a->tag;
		assert_ptr_equal(dicom_find(a->tag), a);
		dicom_name(name, a->tag);
		assert_string_equal(name, a->keyword);
		assert_ptr_equal(named(name), a);
		assert_true(dicom_tag_read(&tag, name));
		assert_int_equal(tag, a->tag);
		(void)snprintf(hex, sizeof(hex), "(%04X,%04X)",
		    (unsigned)(a->tag >> 16), (unsigned)(a->tag & 0xffff));
		assert_ptr_equal(named(hex), a);
		assert_int_equal(strlen(a->vr), 2);
	}
}

static void
a_tag_that_is_not_known_is_called_by_its_number(void **state)
{
	static const char *const wrong[] = { "", "(", "(0010,0010", "0010,0010",
		"(0010,001g)", "(0010,00100)", "(00100010)", "patientname",
		"(0010.0010)", "PatientName ", "(0010,0010) " };
	char name[DICOM_NAME_CHARS + 1];
	uint32_t tag;

	(void)state;
	dicom_name(name, 0x0009100a);
	assert_string_equal(name, "(0009,100a)");
	assert_true(dicom_tag_read(&tag, name));
	assert_int_equal(tag, 0x0009100a);
	assert_null(dicom_named(name, strlen(name)));
	dicom_name(name, 0x60fe3000);
	assert_string_equal(name, "OverlayData");
	dicom_name(name, 0x50020010);
	assert_string_equal(name, "CurveData");
	dicom_name(name, 0x60fe0010);
	assert_string_equal(name, "(60fe,0010)");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(dicom_tag_read(&tag, wrong[i]));
		assert_null(dicom_named(wrong[i], strlen(wrong[i])));
	}
}

/* -- The profile --------------------------------------------------------- */

static void
only_what_the_table_lists_or_pictures_need_stays(void **state)
{
	static const struct {
		const char *name;
		unsigned options;
		enum dicom_action action;
		unsigned by;
	} rows[] = {
		{ "PatientName", 0x3f, DICOM_EMPTY, 0 },
		{ "PatientID", 0x3f, DICOM_DUMMY, 0 },
		{ "PatientSex", 0, DICOM_EMPTY, 0 },
		{ "PatientSex", DICOM_RETAIN_PATIENT_CHARACTERISTICS,
		    DICOM_KEEP, DICOM_RETAIN_PATIENT_CHARACTERISTICS },
		{ "Allergies", 0x3f, DICOM_DROP, 0 },
		{ "SOPInstanceUID", 0, DICOM_UID, 0 },
		{ "SOPInstanceUID", DICOM_RETAIN_UIDS, DICOM_KEEP,
		    DICOM_RETAIN_UIDS },
		{ "AnnotationGroupUID", 0, DICOM_UID, 0 },
		{ "SOPClassUID", 0, DICOM_KEEP, 0 },
		{ "VolumeFrameOfReferenceUID", 0, DICOM_UID, 0 },
		{ "VolumeFrameOfReferenceUID", DICOM_RETAIN_UIDS, DICOM_KEEP,
		    DICOM_RETAIN_UIDS },
		{ "StudyDate", 0, DICOM_EMPTY, 0 },
		{ "StudyDate", DICOM_RETAIN_LONG_FULL_DATES, DICOM_KEEP,
		    DICOM_RETAIN_LONG_FULL_DATES },
		{ "StudyDate", DICOM_RETAIN_LONG_MODIFIED_DATES, DICOM_SHIFT,
		    DICOM_RETAIN_LONG_MODIFIED_DATES },
		{ "StudyTime", DICOM_RETAIN_LONG_MODIFIED_DATES, DICOM_KEEP,
		    DICOM_RETAIN_LONG_MODIFIED_DATES },
		{ "CalibrationDateTime",
		    DICOM_RETAIN_LONG_MODIFIED_DATES |
			DICOM_RETAIN_DEVICE_IDENTITY,
		    DICOM_SHIFT, DICOM_RETAIN_LONG_MODIFIED_DATES },
		{ "PatientBirthDate", 0x3f, DICOM_EMPTY, 0 },
		{ "ReferencedImageSequence", 0, DICOM_KEEP, 0 },
		{ "VerifyingObserverSequence", 0, DICOM_EMPTY, 0 },
		{ "IconImageSequence", 0x3f, DICOM_DROP, 0 },
		{ "StudyDescription", 0x3f, DICOM_DROP, 0 },
		{ "PixelData", 0, DICOM_KEEP, 0 },
		{ "DeidentificationMethod", 0x3f, DICOM_DROP, 0 },
	};
	const struct dicom_attribute *a;
	unsigned by, chars;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (dicom_decide(named(rows[i].name), rows[i].options, &by) !=
		    rows[i].action)
			fail_msg("%s", rows[i].name);
		assert_int_equal(by, rows[i].by);
	}
	/* where the standard says nothing we keep no writing of persons, no
	 * date, and no UID that is one of an object */
	for (size_t i = 0; (a = dicom_at(i)) != NULL; i++) {
		static const char *const never[] = { "PN", "DA", "DT", "TM",
			"AS", "AE", "LT", "ST", "UT", "UN" };

		if (a->listed || dicom_decide(a, 0, &by) != DICOM_KEEP)
			continue;
		for (size_t k = 0; k < sizeof(never) / sizeof(never[0]); k++)
			assert_string_not_equal(a->vr, never[k]);
		if (strcmp(a->vr, "UI") == 0 &&
		    strstr(a->keyword, "SOPClass") == NULL &&
		    strcmp(a->keyword, "ContextUID") != 0 &&
		    strcmp(a->keyword, "MappingResourceUID") != 0)
			fail_msg("%s is kept", a->keyword);
		assert_int_not_equal(a->tag >> 16, 0x0010);
	}
	assert_true(dicom_is_text("LO", &chars) && chars == 64);
	assert_false(dicom_is_text("US", &chars));
	assert_false(dicom_is_text("SQ", &chars));
}

static void
a_dummy_fits_its_representation(void **state)
{
	const struct dicom_attribute *a;
	unsigned by, chars;

	(void)state;
	for (size_t i = 0; (a = dicom_at(i)) != NULL; i++) {
		if (dicom_decide(a, 0, &by) != DICOM_DUMMY)
			continue;
		assert_true(dicom_dummy(a->vr)[0] != '\0');
		if (dicom_is_text(a->vr, &chars))
			assert_true(
			    chars == 0 || strlen(dicom_dummy(a->vr)) <= chars);
		else if (strcmp(a->vr, "OB") != 0 && strcmp(a->vr, "UN") != 0)
			fail_msg("%s: no dummy of %s", a->keyword, a->vr);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_line_of_the_published_table_is_decided_as_it_says),
		cmocka_unit_test(private_attributes_are_not_in_the_table),
		cmocka_unit_test(
		    keywords_and_representations_are_those_of_dcmtk),
		cmocka_unit_test(a_tag_has_one_name_and_a_name_one_tag),
		cmocka_unit_test(
		    a_tag_that_is_not_known_is_called_by_its_number),
		cmocka_unit_test(
		    only_what_the_table_lists_or_pictures_need_stays),
		cmocka_unit_test(a_dummy_fits_its_representation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
