/* preview --sheet: some of what a plan would send, before and after, as a page
 * for its owner. */

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/plan_internal.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/sheet_internal.h"
#include "gateway/cli/suppressed_internal.h"
#include "gateway/report/report.h"

#define SHEET_ITEMS 20u

static void
print_line(const json_t *with, const char *key, const char *what)
{
	char n[32];

	if (member_number(with, key) > 0)
		speak("  %s %s\n",
		    report_number(n, (uint64_t)member_number(with, key)), what);
}

static void
print_sheet(const json_t *told)
{
	const json_t *with = json_object_get(told, "with");
	char items[32], of[32], looked[32];

	speak("%s: %s of %s items, the riskiest of %s looked at\n",
	    member_text(told, "page"),
	    report_number(items, (uint64_t)member_number(told, "items")),
	    report_number(of, (uint64_t)member_number(told, "of")),
	    report_number(looked, (uint64_t)member_number(told, "looked_at")));
	print_line(with, "failing_class", "in a class that fails risk:");
	print_line(with, "finds_left", "with finds that remain");
	print_line(with, "doubtful_left", "with doubtful finds that remain");
	print_line(with, "free_text", "with free text that leaves as it is");
	speak("it holds original data: look at it here, and delete it\n");
}

static int
tell(const struct cli *c, const json_t *told, struct fault *f)
{
	if (c->json)
		return print_json(told, f);
	print_sheet(told);
	return 0;
}

static int
tell_plan_fault(const struct refusals *r, struct fault *f)
{
	if (f->kind == FAULT_POLICY && r->total > 1)
		return fault_hint(f, "handoff plan shows all %llu refusals",
		    (unsigned long long)r->total);
	return -1;
}

static int
make(struct cli *c, const struct sheet_options *given, struct keeper *k,
    struct fault *f)
{
	struct refusals refusals = { 0 };
	struct sheet_options o = *given;
	struct progress progress;
	static const char *const needed[] = { "policy", "sheet" };
	struct plan_options how = { .dataset = c->words[0],
		.policy = option_text(c, "policy"),
		.vendor = option_text(c, "vendor"),
		.refusals = &refusals,
		.suppressed = k };
	struct plan *plan = NULL;
	json_t *told = NULL;
	int rc = -1;

	if (options_need(c, needed, 2, f) != 0 ||
	    refusals_init(&refusals, 1, f) != 0)
		return -1;
	progress_start(&progress, c);
	how.progress = (struct flow_progress){ progress_tell, &progress };
	o.progress = how.progress;
	if (plan_make(&plan, &how, f) != 0)
		rc = tell_plan_fault(&refusals, f);
	else
		rc = plan_sheet(&told, plan, &o, f);
	progress_end(&progress);
	if (rc == 0)
		rc = tell(c, told, f);
	if (rc == 0)
		rc = plan_risk_met(plan, f);
	json_decref(told);
	plan_free(plan);
	refusals_free(&refusals);
	return rc;
}

int
preview_sheet(struct cli *c, struct fault *f)
{
	struct sheet_options o = { .seed = option_text(c, "seed"),
		.dir = option_text(c, "sheet") };
	struct fault ended = { 0 };
	struct keeper *k = NULL;
	unsigned long long n = SHEET_ITEMS;
	int rc = -1;

	if (option_text(c, "as") != NULL || option_text(c, "records") != NULL)
		return fault_set(f, FAULT_USAGE,
		    "--as and --records go with one file, not with --sheet");
	if (option_number(c, "sample", SHEET_MAX, &n, f) != 0)
		return -1;
	if (n == 0)
		return fault_set(f, FAULT_USAGE, "--sample: of nothing");
	o.n = (uint32_t)n;
	if (suppressed_keeper(c, RING_EXPORT, &k, f) == 0)
		rc = make(c, &o, k, f);
	if (keeper_close(k, &ended) != 0 && rc == 0) {
		*f = ended;
		rc = -1;
	}
	return rc;
}
