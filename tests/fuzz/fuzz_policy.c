/*
 * The policy language.  What is accepted, printed in canonical form and read
 * again, is the same policy: it prints the same, and decides the same about
 * some files.  What is refused names a line and a column.
 */

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const char *const paths[] = { "customers.csv", "a.jsonl", "docs/a.json",
	"photos/x/y.jpg", "icons/a.png", "scans/a.dcm", "README", "notes/a/b",
	"a" };
static const char *const fields[] = { "a", "id", "name", "patient.id",
	"visits[*].icd", "[\"odd.name\"]", "NO", "PatientID", "StudyDate",
	"SOPInstanceUID", "(0009,1001)" };

/* Plan every path under a policy, as bytes. */
static void
decide_all(struct bytes *out, const struct policy *p)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct fault f = { 0 }, none = { 0 };
		const struct file_rule *rule;
		struct file_plan plan;
		struct shape s;

		if (policy_match(p, paths[i], &rule, &f) != 0) {
			must(f.kind == FAULT_POLICY);
			continue;
		}
		shape_init(&s, rule->type);
		for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++)
			must(shape_add(&s, fields[k], strlen(fields[k]),
				 (uint8_t)(1u << k % 3), &none) == 0);
		if (policy_decide(p, paths[i], &s, &plan, NULL, &f) == 0) {
			/* lines may differ; all else may not */
			plan.line = 0;
			for (size_t k = 0; k < plan.nfields; k++)
				plan.fields[k].how.line = 0;
			must(file_plan_put(out, &plan, &none) == 0);
			file_plan_free(&plan);
		} else {
			must(f.kind == FAULT_POLICY);
			must(bytes_add_text(out, "refused", &none) == 0);
		}
		shape_free(&s);
	}
}

static void
ignore(void *to, const char *text)
{
	(void)to;
	must(text[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fault f = { 0 };
	struct policy *first, *second;
	struct bytes one, two;
	unsigned line, column;

	/* longer ones, in full words, could pass the ceilings */
	if (len > 16384)
		return 0;
	if (policy_read(&first, "p", p, len, &f) != 0) {
		must(f.kind == FAULT_INPUT);
		must(sscanf(f.text, "p:%u:%u: ", &line, &column) == 2);
		return 0;
	}
	bytes_init(&one, 64 * POLICY_BYTES_MAX);
	bytes_init(&two, 64 * POLICY_BYTES_MAX);
	must(policy_print(&one, first, &f) == 0);
	must(policy_read(&second, "p", one.at, one.len, &f) == 0);
	must(policy_print(&two, second, &f) == 0);
	decide_all(&one, first);
	decide_all(&two, second);
	must(one.len == two.len);
	must(memcmp(one.at, two.at, one.len) == 0);
	policy_free(second);
	policy_warnings(first, ignore, NULL);
	policy_free(first);
	bytes_free(&one);
	bytes_free(&two);
	return 0;
}
