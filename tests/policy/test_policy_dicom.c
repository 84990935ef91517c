/* policy/rules: type dicom, from the policy's text to the decision about each
 * attribute of a file. */

#include "tests/policy/dicom_rule.h"

#include "policy/dicom/dicom.h"

static const char whole[] =
    "    item: series\n"
    "    profile: basic\n"
    "    options: [retain_device_identity, {retain_long_modified_dates: "
    "{shift: {days: 180, by: subject}}}]\n"
    "    tags:\n"
    "      PatientID: token\n"
    "      \"(0010,0040)\": keep\n"
    "      StudyDescription: detect\n"
    "      SeriesDate: {generalise: {date: year}}\n"
    "      ContentSequence: keep\n"
    "      \"(0020,000D)\": keep\n"
    "    pixels: keep\n"
    "    burned_in: accept\n"
    "subject: {file: \"**/*.dcm\", field: \"(0010,0020)\"}\n";

/* Decide a file with these attributes, divided by '|'. */
static int
decide(const struct policy *p, const char *names, struct file_plan *plan)
{
	struct shape s;
	int rc;

	shape_init(&s, TYPE_DICOM);
	while (*names != '\0') {
		size_t len = strcspn(names, "|");

		assert_ok(shape_add(&s, names, len, HOLDS_VALUE, &f));
		names += len + (names[len] == '|');
	}
	f = (struct fault){ 0 };
	rc = policy_decide(p, "x/a.dcm", &s, plan, NULL, &f);
	shape_free(&s);
	return rc;
}

/* What the plan does with an attribute, as the policy writes it. */
static void
assert_does(const struct file_plan *plan, const char *name, const char *want)
{
	const struct plan_field *field =
	    file_plan_find(plan, name, strlen(name));
	struct bytes b;

	if (field == NULL)
		fail_msg("%s is not in the plan", name);
	bytes_init(&b, 4096);
	assert_ok(transform_print(&b, &field->how, &f));
	assert_ok(bytes_end_text(&b, &f));
	if (strcmp((const char *)b.at, want) != 0)
		fail_msg("%s: %s, not %s", name, (const char *)b.at, want);
	bytes_free(&b);
}

static const char all[] =
    "StudyInstanceUID|PatientName|PatientID|PatientSex|PatientAge|"
    "StudyDescription|StudyDate|StudyTime|SeriesDate|DeviceSerialNumber|"
    "InstitutionName|SOPInstanceUID|SOPClassUID|PixelData|(0009,0010)|"
    "(0009,1001)|(0028,0a02)|ContentSequence|VerifyingObserverName|"
    "ReferencedImageSequence|Rows|PatientIdentityRemoved";

static void
every_attribute_has_its_decision(void **state)
{
	struct policy *p = read_rule(whole);
	struct file_plan plan;

	(void)state;
	assert_ok(decide(p, all, &plan));
	assert_int_equal(plan.nfields, 22);
	assert_int_equal(plan.unit, ITEM_SERIES);
	assert_int_equal(plan.options,
	    DICOM_RETAIN_DEVICE_IDENTITY | DICOM_RETAIN_LONG_MODIFIED_DATES);
	assert_true(plan.burned_in);
	assert_true(plan.weaker);
	assert_int_equal(plan.dates, DATES_MODIFIED);
	assert_string_equal(plan.fields[plan.subject].name, "PatientID");
	assert_true(plan.fields[plan.subject].is_subject);
	/* lines of the policy */
	assert_does(&plan, "PatientID", "{token: {domain: \"PatientID\"}}");
	assert_does(&plan, "PatientSex", "keep");
	assert_does(&plan, "SeriesDate", "{generalise: {date: year}}");
	assert_does(&plan, "ContentSequence", "keep");
	assert_does(&plan, "StudyInstanceUID", "keep");
	/* the profile and its options */
	assert_does(&plan, "PatientName", "{constant: \"\"}");
	assert_does(&plan, "PatientAge", "drop");
	assert_does(&plan, "StudyDate", "{shift: {days: 180, by: subject}}");
	assert_does(&plan, "StudyTime", "keep");
	assert_does(&plan, "DeviceSerialNumber", "keep");
	assert_does(&plan, "InstitutionName", "{constant: \"Anonymized\"}");
	assert_does(&plan, "SOPInstanceUID", "uid");
	assert_does(
	    &plan, "VerifyingObserverName", "{constant: \"Anonymized\"}");
	assert_does(&plan, "ReferencedImageSequence", "keep");
	/* what is in no table of ours, and what is written anew */
	assert_does(&plan, "(0009,0010)", "drop");
	assert_does(&plan, "(0009,1001)", "drop");
	assert_does(&plan, "(0028,0a02)", "drop");
	assert_does(&plan, "PatientIdentityRemoved", "drop");
	/* what pictures need */
	assert_does(&plan, "SOPClassUID", "keep");
	assert_does(&plan, "PixelData", "keep");
	assert_does(&plan, "Rows", "keep");
	file_plan_free(&plan);
	policy_free(p);
}

/* The whole table under no option: what policies decide is what the table
 * says, and each decision can be written, sent and taken. */
static void
a_plan_of_all_attributes_travels(void **state)
{
	struct policy *p = read_rule("    profile: basic\n    pixels: keep\n");
	const struct dicom_attribute *a;
	struct file_plan plan, back;
	struct shape s;
	struct bytes b;
	struct reader r;
	size_t kept = 0, same = 0;
	unsigned by;

	(void)state;
	shape_init(&s, TYPE_DICOM);
	for (size_t i = 0; (a = dicom_at(i)) != NULL; i++)
		assert_ok(shape_add(
		    &s, a->keyword, strlen(a->keyword), HOLDS_VALUE, &f));
	assert_ok(policy_decide(p, "a.dcm", &s, &plan, NULL, &f));
	assert_int_equal(plan.nfields, s.nfields);
	for (size_t i = 0; (a = dicom_at(i)) != NULL; i++) {
		static const enum transform_action meant[] = {
			[DICOM_DROP] = TRANSFORM_DROP,
			[DICOM_EMPTY] = TRANSFORM_CONSTANT,
			[DICOM_DUMMY] = TRANSFORM_CONSTANT,
			[DICOM_UID] = TRANSFORM_UID,
			[DICOM_KEEP] = TRANSFORM_KEEP,
		};
		const struct plan_field *field =
		    file_plan_find(&plan, a->keyword, strlen(a->keyword));

		assert_non_null(field);
		assert_int_equal(
		    field->how.action, meant[dicom_decide(a, 0, &by)]);
		kept += field->how.action == TRANSFORM_KEEP && a->listed;
	}
	/* two sequences whose UIDs are replaced, and no other listed one */
	assert_int_equal(kept, 2);
	assert_false(plan.weaker);
	assert_int_equal(plan.dates, DATES_REMOVED);
	assert_int_equal(plan.keys.n, 1);
	assert_string_equal(plan.keys.at[0], "uid:");
	bytes_init(&b, 1 << 20);
	assert_ok(file_plan_put(&b, &plan, &f));
	r = reader_of(b.at, b.len);
	assert_ok(file_plan_take(&r, &back, &f));
	assert_int_equal(back.options, 0);
	for (size_t i = 0; i < plan.nfields; i++)
		same += strcmp(plan.fields[i].name, back.fields[i].name) == 0;
	assert_int_equal(same, plan.nfields);
	for (size_t len = 0; len < b.len; len += 1 + b.len / 300) {
		struct file_plan cut;

		r = reader_of(b.at, len);
		assert_refused(file_plan_take(&r, &cut, &f), FAULT_INPUT);
	}
	file_plan_free(&back);
	file_plan_free(&plan);
	bytes_free(&b);
	shape_free(&s);
	policy_free(p);
}

static void
dates_are_said_to_be_what_they_became(void **state)
{
	static const struct {
		const char *rest;
		const char *names;
		enum plan_dates dates;
		bool weaker;
	} rows[] = {
		{ "", "StudyDate|PatientBirthDate", DATES_REMOVED, false },
		{ "    options: [retain_long_full_dates]\n",
		    "StudyDate|StudyTime", DATES_UNMODIFIED, false },
		{ "    options: [retain_long_full_dates]\n", "PatientBirthDate",
		    DATES_REMOVED, false },
		{ "    tags: {StudyDate: keep}\n", "StudyDate|SeriesDate",
		    DATES_UNMODIFIED, true },
		{ "    tags: {StudyDate: keep}\n", "SeriesDate", DATES_REMOVED,
		    false },
		{ "    tags: {StudyDate: {generalise: {date: year}}}\n",
		    "StudyDate", DATES_MODIFIED, true },
		{ "    tags: {PatientBirthDate: {generalise: {date: year}}}\n",
		    "PatientBirthDate", DATES_REMOVED, true },
		{ "    tags: {StudyDate: drop, PatientID: token}\n",
		    "StudyDate|PatientID", DATES_REMOVED, false },
		{ "    options: [retain_long_full_dates]\n"
		  "    tags: {StudyDate: {generalise: {date: year}}}\n",
		    "StudyDate|StudyTime", DATES_MODIFIED, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[400];
		struct file_plan plan;
		struct policy *p;

		(void)snprintf(text, sizeof(text),
		    "    profile: basic\n    pixels: keep\n%s", rows[i].rest);
		p = read_rule(text);
		assert_ok(decide(p, rows[i].names, &plan));
		if (plan.dates != rows[i].dates ||
		    plan.weaker != rows[i].weaker)
			fail_msg("%s on %s: %d, %d", rows[i].rest,
			    rows[i].names, (int)plan.dates, (int)plan.weaker);
		assert_false(plan.burned_in);
		assert_int_equal(plan.unit, ITEM_EACH);
		file_plan_free(&plan);
		policy_free(p);
	}
}

static void
what_a_policy_asks_for_has_to_be_there(void **state)
{
	struct policy *p = read_rule(whole);
	struct file_plan plan;

	(void)state;
	assert_refused(decide(p, "StudyDate|Rows", &plan), FAULT_POLICY);
	assert_non_null(
	    strstr(f.text, "subject \"PatientID\" of p:22 is not in the file"));
	policy_free(p);
	p = read_rule("    profile: basic\n    pixels: keep\n"
		      "    tags: {PatientName: refuse}\n");
	assert_ok(decide(p, "PatientID", &plan));
	file_plan_free(&plan);
	assert_refused(decide(p, "PatientID|PatientName", &plan), FAULT_POLICY);
	assert_non_null(
	    strstr(f.text, "attribute \"PatientName\": p:12 refuses it"));
	assert_non_null(strstr(f.hint, "PatientName: drop"));
	policy_free(p);
	p = read_rule("    profile: basic\n    pixels: keep\n    options: "
		      "[{retain_long_modified_dates: {shift: {days: 9, by: "
		      "subject}}}]\n");
	assert_refused(decide(p, "StudyDate", &plan), FAULT_POLICY);
	assert_non_null(
	    strstr(f.text, "attribute \"StudyDate\" (p:10): whose date it is"));
	assert_ok(decide(p, "StudyTime|PatientID", &plan));
	file_plan_free(&plan);
	policy_free(p);
}

static void
a_rule_printed_and_read_again_is_the_same(void **state)
{
	struct policy *p = read_rule(whole), *again;
	struct bytes one, two;

	(void)state;
	bytes_init(&one, 1 << 20);
	bytes_init(&two, 1 << 20);
	assert_ok(policy_print(&one, p, &f));
	assert_ok(policy_read(&again, "p", one.at, one.len, &f));
	assert_ok(policy_print(&two, again, &f));
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.at, two.at, one.len);
	assert_int_equal(again->files[0].options, p->files[0].options);
	assert_int_equal(again->files[0].dates.first, 180);
	assert_int_equal(again->files[0].nfields, 6);
	assert_int_equal(again->files[0].unit, ITEM_SERIES);
	assert_true(again->files[0].burned_in);
	policy_free(p);
	policy_free(again);
	bytes_free(&one);
	bytes_free(&two);
}

/* -- Warnings, explanations, sentences ----------------------------------- */

static char warned[4096];

static void
keep_warning(void *to, const char *text)
{
	size_t n = strlen(warned);

	(void)to;
	(void)snprintf(warned + n, sizeof(warned) - n, "%s\n", text);
}

static void
weak_lines_are_warned_of(void **state)
{
	static const struct {
		const char *rest, *want;
	} rows[] = {
		{ "    tags: {PatientID: token, StudyDescription: detect, "
		  "\"(0010,0010)\": drop}\n",
		    "" },
		{ "    tags: {PatientName: keep}\n",
		    "p:12: keep: \"PatientName\" is called after a person's "
		    "name; what names a person is dropped or a token\n" },
		{ "    tags: {StudyDescription: keep}\n",
		    "p:12: keep: \"StudyDescription\" is a text, and persons "
		    "may be named in it; detect finds most of that\n" },
		{ "    tags: {PatientSex: keep}\n",
		    "p:12: keep: \"PatientSex\" is what options: "
		    "[retain_patient_characteristics] is for, which says so in "
		    "the file as well\n" },
		{ "    tags: {ContentSequence: keep}\n",
		    "p:12: keep: \"ContentSequence\" is what the profile does "
		    "not let through\n" },
		{ "    tags: {PatientComments: drop}\n",
		    "p:12: \"PatientComments\": the profile of line 10 does "
		    "the "
		    "same with it\n" },
		{ "    tags: {Rows: keep}\n",
		    "p:12: \"Rows\": the profile of line 10 does the same with "
		    "it\n" },
		{ "    options: [{retain_long_modified_dates: {shift: {days: "
		  "9, by: subject}}}]\n",
		    "p:12: shift: needs to know whose date it is, and there is "
		    "no subject: at the top\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[400];
		struct policy *p;

		(void)snprintf(text, sizeof(text),
		    "    profile: basic\n    pixels: keep\n%s", rows[i].rest);
		p = read_rule(text);
		warned[0] = '\0';
		policy_warnings(p, keep_warning, NULL);
		if (strcmp(warned, rows[i].want) != 0)
			fail_msg("%s warns %s", rows[i].rest, warned);
		policy_free(p);
	}
}

static void
what_decides_an_attribute_is_explained(void **state)
{
	static const struct {
		const char *field, *action, *rule, *why;
	} rows[] = {
		{ "PatientID", "{token: {domain: \"PatientID\"}}", "p:14",
		    "names it" },
		{ "(0010,0020)", "{token: {domain: \"PatientID\"}}", "p:14",
		    "names it" },
		{ "(0010,0010)", "{constant: \"\"}", "p:11", "Table E.1-1: Z" },
		{ "StudyDate", "{shift: {days: 180, by: subject}}", "p:11",
		    "Table E.1-1, retain_long_modified_dates: C" },
		{ "DeviceSerialNumber", "keep", "p:11",
		    "Table E.1-1, retain_device_identity: K" },
		{ "(0009,1001)", "drop", "p:11", "a private attribute" },
		{ "(0008,9999)", "drop", "p:11",
		    "no attribute that is known here" },
		{ "Rows", "keep", "p:11",
		    "not in Table E.1-1, and pictures need it" },
	};
	struct policy *p = read_rule(whole);
	struct explain_about about = { .path = "x/a.dcm" };
	json_t *o;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *field, *line, *decides = NULL;
		size_t k;

		about.field = rows[i].field;
		assert_ok(policy_explain(&o, p, &about, &f));
		field = json_array_get(json_object_get(o, "fields"), 0);
		assert_string_equal(
		    json_string_value(json_object_get(field, "action")),
		    rows[i].action);
		assert_string_equal(
		    json_string_value(json_object_get(field, "rule")),
		    rows[i].rule);
		json_array_foreach(json_object_get(field, "lines"), k,
		    line) if (strcmp(json_string_value(json_object_get(line,
					 "verdict")),
				  "decides") == 0)
		{
			assert_null(decides);
			decides = line;
		}
		assert_string_equal(
		    json_string_value(json_object_get(decides, "why")),
		    rows[i].why);
		json_decref(o);
	}
	about.field = "Patient";
	assert_refused(policy_explain(&o, p, &about, &f), FAULT_INPUT);
	policy_free(p);
}

static void
the_prose_says_every_key(void **state)
{
	static const char *const says[] = { "They are DICOM files",
		"The files of each series are one item together",
		"Basic Application Confidentiality Profile",
		"Retain Device Identity Option is applied",
		"moved by 1 to 180 days", "Somebody answers for it",
		"- \"PatientID\" is replaced by a token" };
	struct policy *p = read_rule(whole);
	struct bytes b;

	(void)state;
	bytes_init(&b, 1 << 20);
	assert_ok(policy_prose(&b, p, &f));
	assert_ok(bytes_end_text(&b, &f));
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++)
		if (strstr((const char *)b.at, says[i]) == NULL)
			fail_msg("not said: %s", says[i]);
	bytes_free(&b);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_attribute_has_its_decision),
		cmocka_unit_test(a_plan_of_all_attributes_travels),
		cmocka_unit_test(dates_are_said_to_be_what_they_became),
		cmocka_unit_test(what_a_policy_asks_for_has_to_be_there),
		cmocka_unit_test(a_rule_printed_and_read_again_is_the_same),
		cmocka_unit_test(weak_lines_are_warned_of),
		cmocka_unit_test(what_decides_an_attribute_is_explained),
		cmocka_unit_test(the_prose_says_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
