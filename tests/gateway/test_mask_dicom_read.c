/* DICOM files: what is read, what is named, and what is no DICOM file. */

#include "tests/support/dicom_bytes.h"

/* The names of all attributes, with ' ' between and behind. */
static void
names_are(struct made *m, const char *want)
{
	struct fault f = { 0 };
	struct bytes got;
	struct shape s;
	struct trial t;

	bytes_init(&got, 65536);
	made_open_trial(m, &t);
	assert_ok(trial_shape(&t, &s, &f));
	for (size_t i = 0; i < s.nfields; i++) {
		assert_int_equal(s.fields[i].holds, HOLDS_VALUE);
		assert_ok(bytes_addf(&got, &f, "%s ", s.fields[i].name));
	}
	assert_ok(bytes_end_text(&got, &f));
	assert_string_equal((const char *)got.at, want);
	bytes_free(&got);
	shape_free(&s);
	trial_close(&t);
	bytes_free(&m->b);
}

static void
bytes_refused(const void *p, size_t len, const char *why)
{
	struct fault f = { 0 };
	struct shape s;
	struct trial t;

	trial_open(&t, TYPE_DICOM, p, len);
	assert_refused(trial_shape(&t, &s, &f), FAULT_INPUT);
	if (strstr(f.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, why);
	shape_free(&s);
	trial_close(&t);
}

static void
refused(struct made *m, const char *why)
{
	bytes_refused(m->b.at, m->b.len, why);
	bytes_free(&m->b);
}

#define TOP                                                          \
	"SpecificCharacterSet SOPClassUID SOPInstanceUID StudyDate " \
	"Modality PatientName PatientID StudyInstanceUID "           \
	"SeriesInstanceUID InstanceNumber "

static void
every_attribute_is_named_once_in_either_form(void **state)
{
	static const char *const forms[] = { IMPLICIT, EXPLICIT };
	struct made m;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		made_image(&m, forms[i]);
		made_pixels(&m);
		names_are(&m, TOP "PixelData ");
	}
}

static void
attributes_inside_sequences_are_named(void **state)
{
	struct made m;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		made_image(&m, i & 1 ? IMPLICIT : EXPLICIT);
		made_open(&m, 0x00400275, "SQ", (i & 2) != 0);
		made_open(&m, TAG_ITEM, "", (i & 4) != 0);
		made_text(&m, 0x00080050, "SH", "A1");
		made_open(&m, 0x00082218, "SQ", (i & 4) == 0);
		made_open(&m, TAG_ITEM, "", (i & 2) == 0);
		made_text(&m, 0x00080104, "LO", "a meaning");
		made_end(&m);
		made_open(&m, TAG_ITEM, "", true);
		made_end(&m);
		made_end(&m);
		made_end(&m);
		made_open(&m, TAG_ITEM, "", false);
		made_end(&m);
		made_end(&m);
		made_text(&m, 0x00400280, "ST", "a comment");
		names_are(&m, TOP "RequestAttributesSequence AccessionNumber "
				  "AnatomicRegionSequence CodeMeaning "
				  "CommentsOnThePerformedProcedureStep ");
	}
}

static void
private_attributes_have_numbers_and_repeating_groups_one_name(void **state)
{
	struct made m;

	(void)state;
	made_image(&m, EXPLICIT);
	made_text(&m, 0x00210010, "LO", "A MAKER");
	made_open(&m, 0x00211001, "SQ", true);
	made_open(&m, TAG_ITEM, "", true);
	made_text(&m, 0x00100010, "PN", "Again");
	made_end(&m);
	made_end(&m);
	made_text(&m, 0x60003000, "OB", "..");
	made_text(&m, 0x60023000, "OB", "..");
	names_are(&m, TOP "(0021,0010) (0021,1001) OverlayData ");
}

static void
group_lengths_are_not_named(void **state)
{
	struct made m;

	(void)state;
	made_start(&m, EXPLICIT);
	made_bytes(&m, 0x00080000, "UL", "\x1c\0\0", 4);
	made_text(&m, TAG_SOP_CLASS, "UI", CT_CLASS);
	made_text(&m, TAG_SOP_INSTANCE, "UI", "1.2.3.4");
	names_are(&m, "SOPClassUID SOPInstanceUID ");
}

static void
a_sequence_of_unknown_form_is_implicit_inside(void **state)
{
	struct made m;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		made_image(&m, EXPLICIT);
		made_open(&m, 0x00400275, "UN", i == 0);
		m.implicit = true;
		made_open(&m, TAG_ITEM, "", i == 0);
		made_text(&m, 0x00080050, "", "A1");
		made_end(&m);
		m.implicit = false;
		made_end(&m);
		/* a length that says less than there is may hide anything */
		made_bytes(&m, 0x00411010, "UN", "\x08\0\x50\0SH\x02\0", 8);
		names_are(&m, TOP "RequestAttributesSequence AccessionNumber "
				  "(0041,1010) ");
	}
}

static void
other_transfer_syntaxes_are_refused_with_what_helps(void **state)
{
	static const struct {
		const char *uid, *why, *hint;
	} wrong[] = {
		{ "1.2.840.10008.1.2.2", "big endian",
		    "dcmconv +te dir/in OUT.dcm" },
		{ "1.2.840.10008.1.2.1.99", "deflated",
		    "dcmconv +te dir/in OUT.dcm" },
		{ "1.2.840.10008.1.2.4.102", "a video", "" },
		{ "1.2.840.10008.1.2.4.94", "is not read", "" },
		{ "1.2.3.4.5", "transfer syntax 1.2.3.4.5 is not read", "" },
		{ "1.2.x", "no UID", "" },
		{ "", "no UID", "" },
	};
	struct fault f = { 0 };
	struct shape s;
	struct made m;
	struct trial t;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		made_image(&m, wrong[i].uid);
		made_open_trial(&m, &t);
		assert_refused(trial_shape(&t, &s, &f), FAULT_INPUT);
		assert_non_null(strstr(f.text, wrong[i].why));
		assert_string_equal(f.hint, wrong[i].hint);
		shape_free(&s);
		trial_close(&t);
		bytes_free(&m.b);
	}
}

static void
what_is_no_dicom_file_is_refused(void **state)
{
	struct fault f = { 0 };
	struct made m;

	(void)state;
	bytes_refused("", 0, "an empty file");
	bytes_refused("DICM", 4, "no \"DICM\" at byte 128");
	made_image(&m, EXPLICIT);
	m.b.at[128] = 'd';
	refused(&m, "no \"DICM\" at byte 128");
	/* nothing says how it is written */
	made_image(&m, EXPLICIT);
	bytes_refused(m.b.at, 132, "no transfer syntax");
	bytes_free(&m.b);
	/* nothing says what it is */
	made_start(&m, EXPLICIT);
	refused(&m, "no SOPClassUID");
	made_start(&m, EXPLICIT);
	made_text(&m, TAG_SOP_CLASS, "UI", CT_CLASS);
	refused(&m, "no SOPInstanceUID");
	/* a list of other files */
	made_start(&m, EXPLICIT);
	bytes_reset(&m.b);
	m.b.len = 128;
	assert_ok(bytes_add(&m.b, "DICM", 4, &f));
	made_text(&m, 0x00020002, "UI", "1.2.840.10008.1.3.10");
	made_text(&m, 0x00020010, "UI", EXPLICIT);
	refused(&m, "a DICOMDIR");
}

static void
what_two_readers_could_read_in_two_ways_is_refused(void **state)
{
	struct made m;

	(void)state;
	made_image(&m, EXPLICIT);
	made_text(&m, 0x00200013, "IS", "8");
	refused(&m, "InstanceNumber: out of its order");
	made_image(&m, EXPLICIT);
	made_text(&m, 0x00100010, "PN", "Doe^John");
	refused(&m, "PatientName: out of its order");
	made_image(&m, EXPLICIT);
	made_open(&m, 0x00400275, "SQ", true);
	made_open(&m, TAG_ITEM, "", true);
	made_text(&m, 0x00020010, "UI", EXPLICIT);
	made_end(&m);
	made_end(&m);
	refused(&m, "(0002,0010): out of its order");
	made_image(&m, EXPLICIT);
	made_bytes(&m, 0x00204000, "LT", "odd", 3);
	refused(&m, "ImageComments: a value of an odd length");
	made_image(&m, EXPLICIT);
	made_text(&m, 0x00204000, "XX", "text");
	refused(&m, "a VR that there is not");
	made_image(&m, EXPLICIT);
	made_head(&m, 0x00204000, "UT", DICOM_UNDEFINED);
	refused(&m, "a value of an undefined length");
	made_image(&m, EXPLICIT);
	made_head(&m, TAG_PIXELS, "OB", DICOM_UNDEFINED);
	refused(&m, "against the file's transfer syntax");
	made_image(&m, EXPLICIT);
	made_text(&m, 0x0020ffff, "UT", "text");
	m.b.at[m.b.len - 10] = 'J';
	refused(&m, "reserved bytes");
	made_image(&m, EXPLICIT);
	made_head(&m, TAG_ITEM, "", 0);
	refused(&m, "an item outside a sequence");
	made_image(&m, EXPLICIT);
	made_head(&m, TAG_SEQUENCE_END, "", 0);
	refused(&m, "a delimiter that ends nothing");
	made_image(&m, EXPLICIT);
	made_open(&m, 0x00400275, "SQ", true);
	made_text(&m, 0x00400280, "ST", "x");
	refused(&m, "an element between the items");
	made_image(&m, EXPLICIT);
	made_open(&m, 0x00400275, "SQ", false);
	made_head(&m, TAG_SEQUENCE_END, "", 0);
	made_end(&m);
	refused(&m, "a delimiter that ends nothing");
	made_image(&m, EXPLICIT);
	made_open(&m, 0x00400275, "SQ", true);
	made_open(&m, TAG_ITEM, "", true);
	made_head(&m, TAG_SEQUENCE_END, "", 0);
	refused(&m, "a delimiter that ends nothing");
	made_image(&m, EXPLICIT);
	made_open(&m, 0x00400275, "SQ", true);
	made_head(&m, TAG_SEQUENCE_END, "", 2);
	refused(&m, "a delimiter that ends nothing");
	/* fragments to us, and a sequence to others */
	made_image(&m, JPEG_BASELINE);
	made_open(&m, TAG_PIXELS, "SQ", true);
	made_end(&m);
	refused(&m, "neither OB nor OW");
	made_image(&m, JPEG_BASELINE);
	made_head(&m, TAG_PIXELS, "OB", DICOM_UNDEFINED);
	made_head(&m, TAG_ITEM, "", DICOM_UNDEFINED);
	refused(&m, "a fragment of an undefined length");
	made_image(&m, EXPLICIT);
	made_number(&m, 0, 4);
	refused(&m, "cut short");
}

/* An item that is longer than its sequence would take in what follows it. */
static void
nothing_is_longer_than_what_it_is_in(void **state)
{
	struct made m;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		made_image(&m, EXPLICIT);
		made_open(&m, 0x00400275, "SQ", false);
		made_open(&m, TAG_ITEM, "", false);
		made_text(&m, 0x00080050, "SH", "A1");
		made_end(&m);
		made_end(&m);
		m.b.at[m.b.len - (i == 0 ? 14 : 4)] += 2;
		made_text(&m, 0x00400280, "ST", "a comment");
		refused(&m, "cut short");
	}
}

static void
sequences_nest_so_deep_and_no_deeper(void **state)
{
	struct made m;

	(void)state;
	for (unsigned deep = DICOM_DEPTH_MAX; deep <= DICOM_DEPTH_MAX + 1;
	     deep++) {
		made_image(&m, EXPLICIT);
		for (unsigned i = 0; i < deep; i++) {
			made_open(&m, 0x0040a730, "SQ", i % 2 == 0);
			made_open(&m, TAG_ITEM, "", i % 3 == 0);
		}
		while (m.top > 0)
			made_end(&m);
		if (deep == DICOM_DEPTH_MAX)
			names_are(&m, TOP "ContentSequence ");
		else
			refused(&m, "more than 64 sequences in one another");
	}
}

static void
a_file_cut_anywhere_is_refused(void **state)
{
	struct fault f = { 0 };
	struct made m;
	struct shape s;
	struct trial t;
	size_t whole = 0;

	(void)state;
	made_image(&m, EXPLICIT);
	made_open(&m, 0x00400275, "SQ", true);
	made_open(&m, TAG_ITEM, "", false);
	made_text(&m, 0x00080050, "SH", "A1");
	made_end(&m);
	made_end(&m);
	made_pixels(&m);
	for (size_t len = 0; len < m.b.len; len++) {
		trial_open(&t, TYPE_DICOM, m.b.at, len);
		if (trial_shape(&t, &s, &f) == 0)
			whole++; /* between two elements of the top */
		else
			assert_int_equal(f.kind, FAULT_INPUT);
		fault_clear(&f);
		shape_free(&s);
		trial_close(&t);
	}
	/* behind the third to tenth element, and the sequence */
	assert_int_equal(whole, 9);
	bytes_free(&m.b);
}

static void
every_allocation_may_fail(void **state)
{
	struct fault f = { 0 };
	bool done = false;
	struct made m;
	struct shape s;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_open_trial(&m, &t);
	for (long n = 0; !done; n++) {
		fault_clear(&f);
		mem_fail_after(n);
		done = trial_shape(&t, &s, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		shape_free(&s);
	}
	trial_close(&t);
	bytes_free(&m.b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_attribute_is_named_once_in_either_form),
		cmocka_unit_test(attributes_inside_sequences_are_named),
		cmocka_unit_test(
		    private_attributes_have_numbers_and_repeating_groups_one_name),
		cmocka_unit_test(group_lengths_are_not_named),
		cmocka_unit_test(a_sequence_of_unknown_form_is_implicit_inside),
		cmocka_unit_test(
		    other_transfer_syntaxes_are_refused_with_what_helps),
		cmocka_unit_test(what_is_no_dicom_file_is_refused),
		cmocka_unit_test(
		    what_two_readers_could_read_in_two_ways_is_refused),
		cmocka_unit_test(nothing_is_longer_than_what_it_is_in),
		cmocka_unit_test(sequences_nest_so_deep_and_no_deeper),
		cmocka_unit_test(a_file_cut_anywhere_is_refused),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
