/* DICOM files: what leaves of one, attribute by attribute. */

#include "tests/support/dicom_bytes.h"

static void
refused(struct trial *t, enum fault_kind kind, const char *why)
{
	struct fault f = { 0 };

	assert_refused(trial_mask(t, &f), kind);
	if (strstr(f.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, why);
}

static void
what_is_dropped_is_gone_and_the_rest_is_as_it_was(void **state)
{
	static const char *const syntaxes[] = { IMPLICIT, EXPLICIT };
	struct made m, w;
	struct trial t;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		made_image(&m, syntaxes[i]);
		made_size(&m, 2, 2);
		made_pixels(&m);
		made_keep_all(&m, &t);
		(void)made_decide(&t, "PatientName", TRANSFORM_DROP, NULL);
		(void)made_decide(&t, "PatientID", TRANSFORM_DROP, NULL);
		made_top(&w, syntaxes[i]);
		made_series_of(&w, 2, 2);
		made_pixels(&w);
		made_becomes(&m, &t, &w);
	}
}

/* Once a file has left it leaves the same again. */
static void
a_file_that_left_is_not_changed_again(void **state)
{
	struct fault f = { 0 };
	struct made m, again;
	struct trial t, u;

	(void)state;
	made_image(&m, EXPLICIT);
	made_size(&m, 2, 2);
	made_open(&m, 0x00400275, "SQ", false);
	made_open(&m, TAG_ITEM, "", false);
	made_text(&m, 0x00080050, "SH", "A1");
	made_end(&m);
	made_end(&m);
	made_pixels(&m);
	made_keep_all(&m, &t);
	assert_ok(trial_mask(&t, &f));
	again.b = t.out;
	made_keep_all(&again, &u);
	assert_ok(trial_mask(&u, &f));
	assert_int_equal(u.out.len, t.out.len);
	assert_memory_equal(u.out.at, t.out.at, t.out.len);
	trial_close(&u);
	made_done(&m, &t);
}

static void
an_attribute_has_one_decision_at_any_depth(void **state)
{
	struct made m, w;
	struct trial t;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		const char *syntax = i & 1 ? IMPLICIT : EXPLICIT;

		made_image(&m, syntax);
		made_open(&m, 0x00400275, "SQ", (i & 2) != 0);
		made_open(&m, TAG_ITEM, "", (i & 4) != 0);
		made_text(&m, 0x00080050, "SH", "A1");
		made_open(&m, 0x00082218, "SQ", (i & 4) == 0);
		made_open(&m, TAG_ITEM, "", (i & 2) == 0);
		made_text(&m, 0x00080104, "LO", "a meaning");
		made_text(&m, 0x00100010, "PN", "Doe^Jane");
		made_end(&m);
		made_end(&m);
		made_text(&m, 0x00100020, "LO", "P-4711");
		made_end(&m);
		made_open(&m, TAG_ITEM, "", (i & 2) != 0);
		made_end(&m);
		made_end(&m);
		made_keep_all(&m, &t);
		(void)made_decide(&t, "PatientName", TRANSFORM_DROP, NULL);
		(void)made_decide(&t, "PatientID", TRANSFORM_CONSTANT, "anon");
		(void)made_decide(
		    &t, "AccessionNumber", TRANSFORM_CONSTANT, "");
		made_top(&w, syntax);
		made_text(&w, 0x00100020, "LO", "anon");
		made_series(&w);
		made_open(&w, 0x00400275, "SQ", true);
		made_open(&w, TAG_ITEM, "", true);
		made_text(&w, 0x00080050, "SH", "");
		made_open(&w, 0x00082218, "SQ", true);
		made_open(&w, TAG_ITEM, "", true);
		made_text(&w, 0x00080104, "LO", "a meaning");
		made_end(&w);
		made_end(&w);
		made_text(&w, 0x00100020, "LO", "anon");
		made_end(&w);
		made_open(&w, TAG_ITEM, "", true);
		made_end(&w);
		made_end(&w);
		made_becomes(&m, &t, &w);
	}
}

static void
sequences_that_go_go_whole(void **state)
{
	struct made m, w;
	struct trial t;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		const char *syntax = i & 1 ? IMPLICIT : EXPLICIT;

		made_image(&m, syntax);
		for (unsigned k = 0; k < 2; k++) {
			made_open(&m, k == 0 ? 0x00380004 : 0x00400275, "SQ",
			    (i & 2) != 0);
			made_open(&m, TAG_ITEM, "", (i & 4) != 0);
			made_text(&m, 0x00080050, "SH", "A1");
			made_end(&m);
			made_end(&m);
		}
		made_keep_all(&m, &t);
		(void)made_decide(
		    &t, "ReferencedPatientAliasSequence", TRANSFORM_DROP, NULL);
		(void)made_decide(
		    &t, "RequestAttributesSequence", TRANSFORM_CONSTANT, "");
		made_top(&w, syntax);
		made_text(&w, 0x00100010, "PN", "Doe^Jane");
		made_text(&w, 0x00100020, "LO", "P-4711");
		made_series(&w);
		made_open(&w, 0x00400275, "SQ", false);
		made_end(&w);
		made_becomes(&m, &t, &w);
	}
}

static void
group_lengths_go_at_any_depth(void **state)
{
	struct made m, w;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_bytes(&m, 0x00400000, "UL", "\x10\0\0\0", 4);
	made_open(&m, 0x00400275, "SQ", true);
	made_open(&m, TAG_ITEM, "", true);
	made_bytes(&m, 0x00080000, "UL", "\x10\0\0\0", 4);
	made_text(&m, 0x00080050, "SH", "A1");
	made_end(&m);
	made_end(&m);
	made_keep_all(&m, &t);
	made_top(&w, EXPLICIT);
	made_text(&w, 0x00100010, "PN", "Doe^Jane");
	made_text(&w, 0x00100020, "LO", "P-4711");
	made_series(&w);
	made_open(&w, 0x00400275, "SQ", true);
	made_open(&w, TAG_ITEM, "", true);
	made_text(&w, 0x00080050, "SH", "A1");
	made_end(&w);
	made_end(&w);
	made_becomes(&m, &t, &w);
}

static void
what_the_plan_has_not_stops_the_file(void **state)
{
	struct made m;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_open(&m, 0x00400275, "SQ", true);
	made_open(&m, TAG_ITEM, "", true);
	made_text(&m, 0x00080050, "SH", "A1");
	made_end(&m);
	made_end(&m);
	made_keep_all(&m, &t);
	/* the last one is that inside the sequence, by name the first */
	mem_free(t.plan.fields[0].name);
	t.plan.fields[0].name = mem_text("StudyTime", 9);
	refused(&t, FAULT_POLICY,
	    "dir/in: the plan says nothing about attribute "
	    "\"AccessionNumber\"");
	/* what goes whole takes its members along */
	(void)made_decide(
	    &t, "RequestAttributesSequence", TRANSFORM_DROP, NULL);
	{
		struct fault f = { 0 };

		assert_ok(trial_mask(&t, &f));
	}
	made_done(&m, &t);
}

static void
a_file_keeps_its_name(void **state)
{
	struct made m;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_keep_all(&m, &t);
	(void)made_decide(&t, "SOPInstanceUID", TRANSFORM_DROP, NULL);
	refused(&t, FAULT_POLICY, "cannot do without it");
	(void)made_decide(&t, "SOPInstanceUID", TRANSFORM_CONSTANT, "");
	refused(&t, FAULT_POLICY, "cannot do without it");
	made_done(&m, &t);
}

/* A date is a date, whatever the file calls it. */
static void
what_is_changed_is_of_the_standards_form(void **state)
{
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	(void)state;
	made_start(&m, EXPLICIT);
	made_text(&m, TAG_SOP_CLASS, "UI", CT_CLASS);
	made_text(&m, TAG_SOP_INSTANCE, "UI", "1.2.3.4");
	made_text(&m, 0x00080020, "LO", "20200229");
	made_keep_all(&m, &t);
	(void)made_decide(&t, "StudyDate", TRANSFORM_DATE, NULL);
	assert_ok(trial_mask(&t, &f));
	assert_non_null(memmem(t.out.at, t.out.len, "20200101", 8));
	(void)made_decide(&t, "StudyDate", TRANSFORM_CONSTANT, "never");
	refused(&t, FAULT_POLICY, "no value of VR DA");
	made_done(&m, &t);
}

/* Dropped it does no harm. */
static void
done_well(struct trial *t, const char *name)
{
	struct fault f = { 0 };

	(void)made_decide(t, name, TRANSFORM_DROP, NULL);
	assert_ok(trial_mask(t, &f));
}

/* The policy was judged by the standard's VR: another kind of value in its
 * place is nobody's decision. */
static void
a_kept_value_of_another_kind_is_refused(void **state)
{
	static const struct {
		uint32_t tag;
		const char *vr, *text, *name;
	} forms[] = {
		{ 0x00280030, "DS", "0.5\\Doe", "PixelSpacing" },
		{ 0x00280008, "IS", "1.5", "NumberOfFrames" },
		{ 0x00280008, "IS", "Jane", "NumberOfFrames" },
		{ 0x00200052, "UI", "1.2.840.Doe", "FrameOfReferenceUID" },
		{ 0x00209161, "UI", "Doe", "ConcatenationUID" },
	};
	struct made m;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_text(&m, 0x00280010, "LO", "a name");
	made_keep_all(&m, &t);
	refused(&t, FAULT_INPUT, "has VR LO, and not US");
	(void)made_decide(&t, "Rows", TRANSFORM_DROP, NULL);
	assert_int_equal(trial_mask(&t, &(struct fault){ 0 }), 0);
	made_done(&m, &t);

	made_image(&m, EXPLICIT);
	made_text(&m, 0x00400275, "LT", "a text");
	made_keep_all(&m, &t);
	refused(&t, FAULT_INPUT, "has VR LT, and not SQ");
	made_done(&m, &t);

	made_image(&m, EXPLICIT);
	made_open(&m, 0x00280010, "SQ", true);
	made_end(&m);
	made_keep_all(&m, &t);
	refused(&t, FAULT_INPUT, "has VR SQ, and not US");
	made_done(&m, &t);

	/* a name in the place of a number */
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		made_image(&m, EXPLICIT);
		made_text(&m, forms[i].tag, forms[i].vr, forms[i].text);
		made_keep_all(&m, &t);
		refused(&t, FAULT_INPUT, "no value of VR ");
		done_well(&t, forms[i].name);
		made_done(&m, &t);
	}

	/* nothing tells what is in a private attribute without VR */
	made_image(&m, IMPLICIT);
	made_text(&m, 0x00290010, "", "A MAKER");
	made_keep_all(&m, &t);
	refused(&t, FAULT_POLICY, "can only be dropped");
	(void)made_decide(&t, "(0029,0010)", TRANSFORM_DROP, NULL);
	assert_int_equal(trial_mask(&t, &(struct fault){ 0 }), 0);
	made_done(&m, &t);
}

static void
a_value_of_unknown_form_stays_so_where_the_standard_knows_it(void **state)
{
	struct made m, w;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_open(&m, 0x00400275, "UN", true);
	m.implicit = true;
	made_open(&m, TAG_ITEM, "", false);
	made_text(&m, 0x00080050, "", "A1");
	made_text(&m, 0x00100010, "", "Doe^Jane");
	made_end(&m);
	made_end(&m);
	made_keep_all(&m, &t);
	(void)made_decide(&t, "PatientName", TRANSFORM_DROP, NULL);
	(void)made_decide(&t, "PatientID", TRANSFORM_DROP, NULL);
	made_top(&w, EXPLICIT);
	made_series(&w);
	made_open(&w, 0x00400275, "UN", true);
	w.implicit = true;
	made_open(&w, TAG_ITEM, "", true);
	made_text(&w, 0x00080050, "", "A1");
	made_end(&w);
	made_end(&w);
	made_becomes(&m, &t, &w);
}

static void
the_view_has_the_size_of_the_picture(void **state)
{
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_bytes(&m, TAG_ROWS, "US", "\x10\x02", 2);
	made_bytes(&m, TAG_COLUMNS, "US", "\x80\x01", 2);
	made_keep_all(&m, &t);
	assert_ok(trial_mask(&t, &f));
	assert_int_equal(t.change.view.orientation, 1);
	assert_int_equal(t.change.view.width, 0x180);
	assert_int_equal(t.change.view.height, 0x210);
	assert_int_equal(t.change.view.sent_width, 0x180);
	made_done(&m, &t);
}

static void
values_larger_than_memory_for_them_pass_through(void **state)
{
	const size_t big = 40u << 20;
	uint8_t *bytes = mem_new(big);
	struct made m, w;
	struct trial t;

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < big; i++)
		bytes[i] = (uint8_t)(i * 7 >> 3);
	made_image(&m, EXPLICIT);
	made_size(&m, 5120, 4096);
	made_bytes(&m, TAG_PIXELS, "OW", bytes, big);
	made_keep_all(&m, &t);
	made_top(&w, EXPLICIT);
	made_text(&w, 0x00100010, "PN", "Doe^Jane");
	made_text(&w, 0x00100020, "LO", "P-4711");
	made_series_of(&w, 5120, 4096);
	made_bytes(&w, TAG_PIXELS, "OW", bytes, big);
	made_becomes(&m, &t, &w);
	mem_free(bytes);
}

static void
every_allocation_may_fail(void **state)
{
	struct fault f = { 0 };
	bool whole = false;
	struct made m;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_keep_all(&m, &t);
	(void)made_decide(&t, "PatientID", TRANSFORM_CONSTANT, "anon");
	assert_ok(bytes_reserve(&t.out, 4096, &f));
	for (long n = 0; !whole; n++) {
		fault_clear(&f);
		mem_fail_after(n);
		whole = trial_mask(&t, &f) == 0;
		mem_fail_after(-1);
		if (!whole)
			assert_int_equal(f.kind, FAULT_SYSTEM);
	}
	made_done(&m, &t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_dropped_is_gone_and_the_rest_is_as_it_was),
		cmocka_unit_test(a_file_that_left_is_not_changed_again),
		cmocka_unit_test(an_attribute_has_one_decision_at_any_depth),
		cmocka_unit_test(sequences_that_go_go_whole),
		cmocka_unit_test(group_lengths_go_at_any_depth),
		cmocka_unit_test(what_the_plan_has_not_stops_the_file),
		cmocka_unit_test(a_file_keeps_its_name),
		cmocka_unit_test(a_kept_value_of_another_kind_is_refused),
		cmocka_unit_test(
		    a_value_of_unknown_form_stays_so_where_the_standard_knows_it),
		cmocka_unit_test(what_is_changed_is_of_the_standards_form),
		cmocka_unit_test(the_view_has_the_size_of_the_picture),
		cmocka_unit_test(
		    values_larger_than_memory_for_them_pass_through),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
