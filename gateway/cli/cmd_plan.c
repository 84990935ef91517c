/* plan: what would leave, before a byte does. */

#include <inttypes.h>
#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/law_internal.h"
#include "gateway/cli/plan_internal.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/risk_page_internal.h"
#include "gateway/cli/suppressed_internal.h"
#include "gateway/report/report.h"

const struct option plan_options[] = { POLICY_OPTION, VENDOR_OPTION,
	REFUSALS_OPTION, CHOICE_OPTIONS, GOLDEN_OPTION,
	{ "html", 0, "DIR", "write it as a page, DIR/plan.html, too" },
	OPTION_PASSPHRASE, OPTION_IDENTITY, { NULL, 0, NULL, NULL } };

/* Refusals that a page gathers by cause. */
#define PAGE_REFUSALS 1000u

/* Where a page is wanted; export has no such option. */
static const char *
page_folder(const struct cli *c)
{
	return strncmp(c->command->name, "plan", 4) == 0
		   ? option_text(c, "html")
		   : NULL;
}

/* -- Making it ----------------------------------------------------------- */

int
plan_options_need(const struct cli *c, struct fault *f)
{
	static const char *const names[] = { "policy", "vendor" };

	return options_need(c, names, 2, f);
}

int
refusals_most(const struct cli *c, size_t *out, struct fault *f)
{
	unsigned long long most = 10;

	if (option_number(c, "max-refusals", 100000, &most, f) != 0)
		return -1;
	*out = most > 0 ? (size_t)most : 1;
	return 0;
}

void
tell_refusals(const struct cli *c, const struct refusals *r, struct fault *f)
{
	if (f->kind != FAULT_POLICY || r->total <= 1)
		return;
	if (r->max == 1) {
		size_t len = strlen(f->text);

		(void)snprintf(f->text + len, sizeof(f->text) - len,
		    " (and %" PRIu64 " more; --max-refusals shows them)",
		    r->total - 1);
		return;
	}
	for (size_t i = 0; i < r->n; i++) {
		speak_to(stderr, "handoff: %s: %s\n", c->command->name,
		    r->at[i].text);
		if (r->at[i].hint[0] != '\0')
			speak_to(stderr, "handoff: hint: %s\n", r->at[i].hint);
	}
	fault_clear(f);
	(void)fault_set(f, FAULT_POLICY,
	    "%" PRIu64 " refusals; nothing leaves%s", r->total,
	    r->total > r->n ? "; --max-refusals shows more" : "");
}

static int
read_by(const struct cli *c, struct plan_selection *s, struct fault *f)
{
	const char *by = option_text(c, "by");

	s->class = option_text(c, "class");
	if (by != NULL && strcmp(by, "subject") == 0)
		s->by = PLAN_BY_SUBJECT;
	else if (by != NULL && strcmp(by, "class") == 0)
		s->by = PLAN_BY_CLASS;
	else if (by != NULL)
		return fault_set(f, FAULT_USAGE, "--by: subject or class");
	if ((s->by == PLAN_BY_CLASS) != (s->class != NULL))
		return fault_set(
		    f, FAULT_USAGE, "--by class and --class NAME go together");
	if (s->sample == 0 && (by != NULL || s->seed != NULL))
		return fault_set(
		    f, FAULT_USAGE, "--by and --seed go with --sample");
	return 0;
}

/* What is asked for; *any: not simply all. */
static int
read_choice(
    const struct cli *c, struct plan_selection *s, bool *any, struct fault *f)
{
	unsigned long long n = 0;

	s->items = option_text(c, "items");
	s->fresh = option_set(c, "new");
	s->overlap = option_text(c, "overlap-with");
	s->seed = option_text(c, "seed");
	if (option_number(c, "sample", PLAN_SAMPLE_MAX, &n, f) != 0)
		return -1;
	if (option_text(c, "sample") != NULL && n == 0)
		return fault_set(f, FAULT_USAGE, "--sample: of nothing");
	s->sample = n;
	*any =
	    s->items != NULL || s->fresh || s->overlap != NULL || s->sample > 0;
	return read_by(c, s, f);
}

/* A refusal that is not among those that shapes are refused with is alone. */
static int
page_refused(const struct cli *c, const struct refusals *r,
    const struct fault *why, const char *dir, struct fault *f)
{
	struct fault copy = *why;
	const struct refusals one = {
		.at = &copy, .n = 1, .total = 1, .max = 1
	};

	return plan_page_refused(r->n > 0 ? r : &one, option_text(c, "policy"),
	    option_text(c, "vendor"), dir, f);
}

/* The plan that the options ask for. */
static int
plan_chosen(struct cli *c, const struct plan_wanted *wanted,
    const struct plan_selection *select, struct keeper *suppressed,
    struct plan **out, struct fault *f)
{
	struct progress progress;
	struct refusals refusals = { 0 };
	struct plan_options o = { .dataset = c->words[0],
		.refusals = &refusals,
		.wanted = wanted,
		.select = select,
		.suppressed = suppressed,
		.policy = option_text(c, "policy"),
		.vendor = option_text(c, "vendor"),
		.search = strcmp(c->command->name, "plan") == 0,
		.progress = { progress_tell, &progress } };
	struct fault other = { 0 };
	const char *html;
	size_t most;
	int rc = -1;

	if (refusals_most(c, &most, f) != 0)
		return -1;
	html = page_folder(c);
	if (refusals_init(&refusals,
		html != NULL && most < PAGE_REFUSALS ? PAGE_REFUSALS : most,
		f) != 0)
		return -1;
	progress_start(&progress, c);
	rc = plan_make(out, &o, f);
	progress_end(&progress);
	if (rc != 0 && html != NULL && f->kind == FAULT_POLICY &&
	    page_refused(c, &refusals, f, html, &other) != 0) {
		fault_clear(f);
		*f = other;
	} else if (rc != 0) {
		refusals.max = most;
		refusals.n = refusals.n < most ? refusals.n : most;
		tell_refusals(c, &refusals, f);
	}
	refusals_free(&refusals);
	return rc;
}

int
plan_given(
    struct cli *c, unsigned branches, struct planned *out, struct fault *f)
{
	const char *golden = option_text(c, "golden");
	struct plan_selection select = { .sample = 0 };
	struct keeper *suppressed;
	bool any = false;

	*out = (struct planned){ .plan = NULL };
	if (plan_options_need(c, f) != 0 ||
	    read_choice(c, &select, &any, f) != 0 ||
	    (golden != NULL && golden_read(&out->golden, golden, f) != 0) ||
	    suppressed_keeper(c, branches, &out->keeper, f) != 0)
		return -1;
	suppressed = out->keeper;
	if ((select.fresh || select.overlap != NULL) && suppressed == NULL &&
	    home_keeper(c, branches, true, &out->keeper, f) != 0)
		return -1;
	select.keeper = out->keeper;
	if (plan_chosen(c, golden != NULL ? golden_wanted(out->golden) : NULL,
		any ? &select : NULL, suppressed, &out->plan, f) != 0)
		return -1;
	return golden == NULL ? 0 : golden_check(out->golden, out->plan, f);
}

int
planned_close(struct planned *p, int rc, struct fault *f)
{
	struct fault ended = { 0 };

	plan_free(p->plan);
	golden_free(p->golden);
	if (keeper_close(p->keeper, &ended) != 0 &&
	    (rc == 0 || f->kind == FAULT_PEER)) {
		*f = ended;
		rc = -1;
	}
	*p = (struct planned){ .plan = NULL };
	return rc;
}

/* With a home: may a batch be begun for that vendor, and on what grounds?
 * *decision is NULL without one. */
static int
check_vendor(
    struct cli *c, const struct planned *p, json_t **decision, struct fault *f)
{
	struct keeper *k = NULL;
	struct fault none = { 0 };
	int rc;

	if (p->keeper != NULL)
		return export_check(
		    p->keeper, p->plan, option_text(c, "vendor"), decision, f);
	if (home_keeper_if_any(c, "vendor and agreements are", &k, f) != 0)
		return -1;
	if (k == NULL)
		return 0;
	rc = export_check(k, p->plan, option_text(c, "vendor"), decision, f);
	if (keeper_close(k, &none) != 0 && rc == 0) {
		*f = none;
		rc = -1;
	}
	return rc;
}

/* The decision, and what it means for who has to approve. */
static int
add_law(const struct cli *c, json_t *plan, json_t *decision, struct fault *f)
{
	bool crowd = strcmp(member_text(decision, "model"), "crowd") == 0;

	warn_countries(c, json_object_get(decision, "countries"));
	if (json_is_null(json_object_get(plan, "approve")) &&
	    json_object_set_new(
		plan, "approve", json_string(crowd ? "two" : "self")) != 0)
		return fault_memory(f);
	if (decision != NULL && json_object_set(plan, "legal", decision) != 0)
		return fault_memory(f);
	return 0;
}

/* With --html, the page. */
static int
write_page(
    struct cli *c, const struct planned *p, json_t *told, struct fault *f)
{
	const char *dir = page_folder(c);
	struct progress progress;
	struct flow_progress tell = { progress_tell, &progress };
	int rc;

	if (dir == NULL)
		return 0;
	if (json_object_set_new(
		told, "vendor", json_string(option_text(c, "vendor"))) != 0)
		return fault_memory(f);
	progress_start(&progress, c);
	rc = plan_page(p->plan, told, dir, &tell, f);
	progress_end(&progress);
	if (rc == 0 && !c->json)
		speak("%s/plan.html\n", dir);
	return rc;
}

/* The vendor, its agreements or the law refuse it, as f says: with --html there
 * is a page all the same, which says so.  Always returns -1. */
static int
vendor_refused(struct cli *c, const struct planned *p, struct fault *f)
{
	struct fault other = { 0 };
	json_t *o = NULL;

	if (page_folder(c) == NULL || f->kind != FAULT_POLICY)
		return -1;
	if (plan_json(&o, p->plan, &other) != 0 ||
	    plan_page_refuse(o, f, &other) != 0 ||
	    write_page(c, p, o, &other) != 0) {
		fault_clear(f);
		*f = other;
	}
	json_decref(o);
	return -1;
}

/* Thresholds that are not met stop it as well, and the page says so. */
static int
tell_unmet(const struct cli *c, const struct planned *p,
    const struct exposure *e, json_t *told, struct fault *f)
{
	struct fault risk = { 0 }, exposure = { 0 };

	if (page_folder(c) == NULL)
		return 0;
	if (plan_risk_met(p->plan, &risk) != 0 &&
	    plan_page_refuse(told, &risk, f) != 0)
		return -1;
	if (exposure_met(e, &exposure) != 0)
		return plan_page_refuse(told, &exposure, f);
	return 0;
}

int
cmd_plan(struct cli *c, struct fault *f)
{
	struct exposure exposure = { .holdings = -1 };
	struct planned p;
	json_t *o = NULL, *decision = NULL;
	int rc = -1;

	if (plan_given(c, RING_EXPORT, &p, f) != 0)
		goto out;
	if (check_vendor(c, &p, &decision, f) != 0) {
		(void)vendor_refused(c, &p, f);
		goto out;
	}
	if (plan_json(&o, p.plan, f) != 0 || add_law(c, o, decision, f) != 0 ||
	    plan_exposed(c, &p, o, &exposure, f) != 0)
		goto out;
	if (c->json && print_json(o, f) != 0)
		goto out;
	if (!c->json)
		print_plan(o);
	if (tell_unmet(c, &p, &exposure, o, f) == 0 &&
	    write_page(c, &p, o, f) == 0 && plan_risk_met(p.plan, f) == 0)
		rc = exposure_met(&exposure, f);
out:
	exposure_free(&exposure);
	json_decref(decision);
	json_decref(o);
	return planned_close(&p, rc, f);
}

/* -- Approving it -------------------------------------------------------- */

const struct option plan_approve_options[] = { POLICY_OPTION, VENDOR_OPTION,
	REFUSALS_OPTION, CHOICE_OPTIONS, GOLDEN_OPTION,
	{ "html", 0, "DIR", "write it as a page, DIR/plan.html, too" },
	{ "as", 0, "NAME", "who approves; else the login name" },
	OPTION_PASSPHRASE, OPTION_IDENTITY, { NULL, 0, NULL, NULL } };

static int
tell_approved(
    const struct cli *c, const json_t *plan, const char *by, struct fault *f)
{
	json_t *o;
	int rc;

	if (!c->json) {
		speak("approved by %s: plan %s\n"
		      "an export of it, unchanged: the same command with "
		      "export\n",
		    by, member_text(plan, "digest"));
		return 0;
	}
	o = json_pack(
	    "{s:s,s:O}", "by", by, "plan", json_object_get(plan, "digest"));
	rc = o == NULL ? fault_memory(f) : print_json(o, f);
	json_decref(o);
	return rc;
}

#define BOTH (RING_RELEASE | RING_EXPORT)

/* Who approves sees what: the plan is printed before it is logged.  What an
 * export would refuse is not approved. */
int
cmd_plan_approve(struct cli *c, struct fault *f)
{
	const char *vendor = option_text(c, "vendor");
	struct exposure exposure = { .holdings = -1 };
	struct planned p;
	char by[256];
	json_t *o = NULL, *decision = NULL;
	int rc = -1;

	if (person_name(c, by, f) != 0)
		return -1;
	if (plan_given(c, BOTH, &p, f) != 0 || plan_json(&o, p.plan, f) != 0 ||
	    (p.keeper == NULL &&
		home_keeper(c, exposure_any(p.plan) ? BOTH : RING_RELEASE, true,
		    &p.keeper, f) != 0) ||
	    export_check(p.keeper, p.plan, vendor, &decision, f) != 0 ||
	    add_law(c, o, decision, f) != 0 ||
	    plan_exposed(c, &p, o, &exposure, f) != 0)
		goto out;
	if (!c->json)
		print_plan(o);
	if (tell_unmet(c, &p, &exposure, o, f) != 0 ||
	    write_page(c, &p, o, f) != 0 || plan_risk_met(p.plan, f) != 0 ||
	    exposure_met(&exposure, f) != 0)
		goto out;
	if (keeper_ask(p.keeper, KEEPER_PLAN_APPROVE,
		json_pack("{s:s,s:O,s:O,s:s}", "vendor", vendor, "project",
		    json_object_get(o, "project"), "plan",
		    json_object_get(o, "digest"), "by", by),
		NULL, f) == 0)
		rc = tell_approved(c, o, by, f);
out:
	exposure_free(&exposure);
	json_decref(decision);
	json_decref(o);
	return planned_close(&p, rc, f);
}
