/* policy test: an owner's own cases, for the owner's own CI. */

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/print_internal.h"
#include "gateway/flow/flow.h"

const struct option policy_test_options[] = {
	{ "tap", 0, NULL, "print TAP, for a test harness" },
	{ "min-coverage", 0, "N", "fail below N percent of rules and lines" },
	{ NULL, 0, NULL, NULL },
};

static void
print_tap(const json_t *report)
{
	const json_t *cases = json_object_get(report, "cases");

	speak("TAP version 13\n1..%zu\n", json_array_size(cases));
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *c = json_array_get(cases, i);
		bool ok = json_is_true(json_object_get(c, "ok"));

		speak("%sok %zu - %s\n", ok ? "" : "not ", i + 1,
		    member_text(c, "name"));
		if (!ok)
			speak("# %s:%lld: %s\n", member_text(report, "tests"),
			    member_number(c, "line"), member_text(c, "why"));
	}
}

static void
print_failed(const json_t *report)
{
	const json_t *cases = json_object_get(report, "cases");

	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *c = json_array_get(cases, i);

		if (!json_is_true(json_object_get(c, "ok")))
			speak("%s:%lld: %s: %s\n", member_text(report, "tests"),
			    member_number(c, "line"), member_text(c, "name"),
			    member_text(c, "why"));
	}
}

static void
print_coverage(const json_t *report, const char *mark)
{
	const json_t *coverage = json_object_get(report, "coverage");
	const json_t *missing = json_object_get(coverage, "missing");

	for (size_t i = 0; i < json_array_size(missing); i++) {
		const json_t *m = json_array_get(missing, i);

		speak("%s%s: no case has %s\n", mark, member_text(m, "rule"),
		    member_text(m, "what"));
	}
	speak("%s%zu cases, %lld failed; %lld of %lld rules and lines met "
	      "(%lld %%)\n",
	    mark, json_array_size(json_object_get(report, "cases")),
	    member_number(report, "failed"), member_number(coverage, "covered"),
	    member_number(coverage, "all"), member_number(coverage, "percent"));
}

static int
verdict(const json_t *report, unsigned long long least, struct fault *f)
{
	const json_t *coverage = json_object_get(report, "coverage");
	long long failed = member_number(report, "failed");

	if (failed > 0)
		return fault_set(f, FAULT_POLICY, "%s: %lld case%s failed",
		    member_text(report, "tests"), failed,
		    failed == 1 ? "" : "s");
	if ((unsigned long long)member_number(coverage, "percent") < least)
		return fault_set(f, FAULT_POLICY,
		    "%s: %lld %% of rules and lines are met, and %llu %% are "
		    "asked for",
		    member_text(report, "tests"),
		    member_number(coverage, "percent"), least);
	return 0;
}

int
cmd_policy_test(struct cli *c, struct fault *f)
{
	unsigned long long least = 0;
	json_t *report = NULL;
	int rc = -1;

	if (option_number(c, "min-coverage", 100, &least, f) != 0 ||
	    flow_policy_test(&report, c->words[0], f) != 0)
		return -1;
	if (c->json) {
		if (print_json(report, f) != 0)
			goto out;
	} else if (option_set(c, "tap")) {
		print_tap(report);
		print_coverage(report, "# ");
	} else {
		print_failed(report);
		print_coverage(report, "");
	}
	rc = verdict(report, least, f);
out:
	json_decref(report);
	return rc;
}
