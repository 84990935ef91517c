/* DICOM files: what leaves of one, attribute by attribute. */

#include "tests/support/dicom_bytes.h"

/* A trial of m by a plan that keeps everything. */
static void
keep_all(struct made *m, struct trial *t)
{
	struct fault f = { 0 };

	made_open_trial(m, t);
	assert_ok(trial_all(t, TRANSFORM_KEEP, &f));
}

static void
refused(struct trial *t, enum fault_kind kind, const char *why)
{
	struct fault f = { 0 };

	assert_refused(trial_mask(t, &f), kind);
	if (strstr(f.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, why);
}

static void
done(struct made *m, struct trial *t)
{
	trial_close(t);
	bytes_free(&m->b);
}

/* What made_image() begins with, without group 0010. */
static void
want_top(struct made *w, const char *syntax)
{
	made_clean_start(w, syntax, "1.2.3.4");
	made_text(w, TAG_CHARACTER_SET, "CS", "ISO_IR 100");
	made_text(w, TAG_SOP_CLASS, "UI", CT_CLASS);
	made_text(w, TAG_SOP_INSTANCE, "UI", "1.2.3.4");
	made_text(w, 0x00080020, "DA", "20200229");
	made_text(w, TAG_MODALITY, "CS", "CT");
}

static void
want_series(struct made *w)
{
	made_told(w);
	made_text(w, TAG_STUDY, "UI", "1.2.3");
	made_text(w, TAG_SERIES, "UI", "1.2.3.1");
	made_text(w, TAG_INSTANCE_NUMBER, "IS", "7");
	made_text(w, TAG_DATES_MODIFIED, "CS", "REMOVED");
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
		made_pixels(&m);
		keep_all(&m, &t);
		(void)made_decide(&t, "PatientName", TRANSFORM_DROP, NULL);
		(void)made_decide(&t, "PatientID", TRANSFORM_DROP, NULL);
		want_top(&w, syntaxes[i]);
		want_series(&w);
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
	made_open(&m, 0x00400275, "SQ", false);
	made_open(&m, TAG_ITEM, "", false);
	made_text(&m, 0x00080050, "SH", "A1");
	made_end(&m);
	made_end(&m);
	made_pixels(&m);
	keep_all(&m, &t);
	assert_ok(trial_mask(&t, &f));
	again.b = t.out;
	keep_all(&again, &u);
	assert_ok(trial_mask(&u, &f));
	assert_int_equal(u.out.len, t.out.len);
	assert_memory_equal(u.out.at, t.out.at, t.out.len);
	trial_close(&u);
	done(&m, &t);
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
		keep_all(&m, &t);
		(void)made_decide(&t, "PatientName", TRANSFORM_DROP, NULL);
		(void)made_decide(&t, "PatientID", TRANSFORM_CONSTANT, "anon");
		(void)made_decide(
		    &t, "AccessionNumber", TRANSFORM_CONSTANT, "");
		want_top(&w, syntax);
		made_text(&w, 0x00100020, "LO", "anon");
		want_series(&w);
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
		keep_all(&m, &t);
		(void)made_decide(
		    &t, "ReferencedPatientAliasSequence", TRANSFORM_DROP, NULL);
		(void)made_decide(
		    &t, "RequestAttributesSequence", TRANSFORM_CONSTANT, "");
		want_top(&w, syntax);
		made_text(&w, 0x00100010, "PN", "Doe^Jane");
		made_text(&w, 0x00100020, "LO", "P-4711");
		want_series(&w);
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
	keep_all(&m, &t);
	want_top(&w, EXPLICIT);
	made_text(&w, 0x00100010, "PN", "Doe^Jane");
	made_text(&w, 0x00100020, "LO", "P-4711");
	want_series(&w);
	made_open(&w, 0x00400275, "SQ", true);
	made_open(&w, TAG_ITEM, "", true);
	made_text(&w, 0x00080050, "SH", "A1");
	made_end(&w);
	made_end(&w);
	made_becomes(&m, &t, &w);
}

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
	keep_all(&m, &t);
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
	keep_all(&m, &t);
	t.plan.options = DICOM_RETAIN_UIDS | DICOM_RETAIN_LONG_MODIFIED_DATES;
	t.plan.dates = DATES_MODIFIED;
	want_top(&w, EXPLICIT);
	made_text(&w, 0x00100010, "PN", "Doe^Jane");
	made_text(&w, 0x00100020, "LO", "P-4711");
	made_text(&w, 0x00120062, "CS", "YES");
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
	keep_all(&m, &t);
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
	done(&m, &t);
}

static void
a_file_keeps_its_name(void **state)
{
	struct made m;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	keep_all(&m, &t);
	(void)made_decide(&t, "SOPInstanceUID", TRANSFORM_DROP, NULL);
	refused(&t, FAULT_POLICY, "cannot do without it");
	(void)made_decide(&t, "SOPInstanceUID", TRANSFORM_CONSTANT, "");
	refused(&t, FAULT_POLICY, "cannot do without it");
	done(&m, &t);
}

/* The policy was judged by the standard's VR: another kind of value in its
 * place is nobody's decision. */
static void
a_kept_value_of_another_kind_is_refused(void **state)
{
	struct made m;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_text(&m, 0x00280010, "LO", "a name");
	keep_all(&m, &t);
	refused(&t, FAULT_INPUT, "has VR LO, and not US");
	(void)made_decide(&t, "Rows", TRANSFORM_DROP, NULL);
	assert_int_equal(trial_mask(&t, &(struct fault){ 0 }), 0);
	done(&m, &t);

	made_image(&m, EXPLICIT);
	made_text(&m, 0x00400275, "LT", "a text");
	keep_all(&m, &t);
	refused(&t, FAULT_INPUT, "has VR LT, and not SQ");
	done(&m, &t);

	made_image(&m, EXPLICIT);
	made_open(&m, 0x00280010, "SQ", true);
	made_end(&m);
	keep_all(&m, &t);
	refused(&t, FAULT_INPUT, "has VR SQ, and not US");
	done(&m, &t);

	/* nothing tells what is in a private attribute without VR */
	made_image(&m, IMPLICIT);
	made_text(&m, 0x00290010, "", "A MAKER");
	keep_all(&m, &t);
	refused(&t, FAULT_POLICY, "can only be dropped");
	(void)made_decide(&t, "(0029,0010)", TRANSFORM_DROP, NULL);
	assert_int_equal(trial_mask(&t, &(struct fault){ 0 }), 0);
	done(&m, &t);
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
	keep_all(&m, &t);
	(void)made_decide(&t, "PatientName", TRANSFORM_DROP, NULL);
	(void)made_decide(&t, "PatientID", TRANSFORM_DROP, NULL);
	want_top(&w, EXPLICIT);
	want_series(&w);
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
	keep_all(&m, &t);
	assert_ok(trial_mask(&t, &f));
	assert_int_equal(t.change.view.orientation, 1);
	assert_int_equal(t.change.view.width, 0x180);
	assert_int_equal(t.change.view.height, 0x210);
	assert_int_equal(t.change.view.sent_width, 0x180);
	done(&m, &t);
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
	made_bytes(&m, TAG_PIXELS, "OW", bytes, big);
	keep_all(&m, &t);
	want_top(&w, EXPLICIT);
	made_text(&w, 0x00100010, "PN", "Doe^Jane");
	made_text(&w, 0x00100020, "LO", "P-4711");
	want_series(&w);
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
	keep_all(&m, &t);
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
	done(&m, &t);
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
		cmocka_unit_test(
		    what_the_file_said_of_its_identity_is_said_anew),
		cmocka_unit_test(options_are_told_with_their_codes),
		cmocka_unit_test(what_the_plan_has_not_stops_the_file),
		cmocka_unit_test(a_file_keeps_its_name),
		cmocka_unit_test(a_kept_value_of_another_kind_is_refused),
		cmocka_unit_test(
		    a_value_of_unknown_form_stays_so_where_the_standard_knows_it),
		cmocka_unit_test(the_view_has_the_size_of_the_picture),
		cmocka_unit_test(
		    values_larger_than_memory_for_them_pass_through),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
