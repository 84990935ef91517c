/* policy/propose: the rule that DICOM files get. */

#include "tests/support/test.h"

#include <string.h>

#include "keys/base/mem.h"
#include "policy/dicom/dicom.h"
#include "policy/propose/propose.h"

static struct fault f;

#define TODAY 1780000000

static char warned[2048];

static void
keep_warning(void *to, const char *text)
{
	(void)to;
	(void)snprintf(warned, sizeof(warned), "%s", text);
}

/* What is written for scans beside a table of persons, read again. */
static struct policy *
drafted(enum profile profile, struct draft_told *told)
{
	struct draft_field *field = mem_array(1, sizeof(*field));
	struct draft_group groups[2] = { { .known = true,
					     .type = TYPE_CSV,
					     .header = true,
					     .delimiter = ',',
					     .files = 1,
					     .records = 3,
					     .fields = field,
					     .nfields = 1 },
		{ .known = true,
		    .type = TYPE_DICOM,
		    .files = 7,
		    .item = SIZE_MAX,
		    .subject = SIZE_MAX } };
	struct look_rule rows[] = { { (char[]){ "people.csv" }, 0, 1 },
		{ (char[]){ "scans/**/*.dcm" }, 1, 7 } };
	struct look_rules rules = { rows, 2, 2, 2 };
	struct policy_draft d = { .dataset = "data",
		.vendor = "acme",
		.profile = profile,
		.rules = &rules,
		.groups = groups,
		.today = TODAY };
	struct policy *p = NULL;
	struct bytes out;

	assert_non_null(field);
	field->name = mem_text("patient_id", 10);
	field->holds = HOLDS_VALUE;
	field->e = (struct evidence){ .values = 3, .distinct = 3 };
	bytes_init(&out, 1 << 20);
	assert_ok(draft_decide(&d, &f));
	assert_ok(draft_write(&out, &d, told, &f));
	if (policy_read(&p, "p", out.at, out.len, &f) != 0)
		fail_msg("%s\n%.*s", f.text, (int)out.len, (char *)out.at);
	bytes_free(&out);
	draft_group_free(&groups[0]);
	return p;
}

static void
scans_get_a_whole_rule(void **state)
{
	static const struct {
		enum profile profile;
		unsigned options;
		enum transform_action patient;
	} rows[] = {
		{ PROFILE_NONE, 0, TRANSFORM_TOKEN },
		{ PROFILE_GDPR_HEALTH, DICOM_RETAIN_PATIENT_CHARACTERISTICS,
		    TRANSFORM_TOKEN },
		{ PROFILE_HIPAA, 0, TRANSFORM_RANDOM },
		{ PROFILE_FACES, 0, TRANSFORM_TOKEN },
		{ PROFILE_CHAT, 0, TRANSFORM_TOKEN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct draft_told told;
		struct policy *p = drafted(rows[i].profile, &told);
		const struct file_rule *r = &p->files[1];

		assert_int_equal(p->nfiles, 2);
		assert_int_equal(r->type, TYPE_DICOM);
		assert_int_equal(r->unit, ITEM_EACH);
		assert_int_equal(r->options, rows[i].options);
		assert_false(r->burned_in);
		assert_int_equal(r->nfields, 1);
		assert_string_equal(r->fields[0].name, "PatientID");
		assert_int_equal(r->fields[0].how.action, rows[i].patient);
		/* what joins in the table joins here */
		if (rows[i].patient == TRANSFORM_TOKEN)
			assert_string_equal(
			    r->fields[0].how.domain, "patient_id");
		assert_int_equal(p->nsubjects, 2);
		assert_string_equal(p->subjects[1].field, "PatientID");
		assert_string_equal(p->subjects[1].file, "scans/**/*.dcm");
		assert_int_equal(told.fields, 2);
		assert_int_equal(told.excluded, 0);
		warned[0] = '\0';
		policy_warnings(p, keep_warning, NULL);
		assert_string_equal(warned, "");
		policy_free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scans_get_a_whole_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
