/* plan and export: what would leave, and what is sealed. */

#include <inttypes.h>
#include <string.h>

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/law_internal.h"
#include "gateway/cli/risk_page_internal.h"
#include "gateway/cli/suppressed_internal.h"
#include "gateway/flow/flow.h"
#include "keys/base/doc.h"

#define POLICY_OPTION                                          \
	{                                                      \
		"policy", 0, "FILE", "the policy that decides" \
	}
#define VENDOR_OPTION                                            \
	{                                                        \
		"vendor", 0, "NAME", "the vendor that it is for" \
	}
#define REFUSALS_OPTION                                                  \
	{                                                                \
		"max-refusals", 0, "N", "show up to N refusals, else 10" \
	}

const struct option export_options[] = { POLICY_OPTION, VENDOR_OPTION,
	REFUSALS_OPTION,
	{ "golden", 0, "FILE", "items whose answers are known, JSONL" },
	{ "name", 0, "NAME", "what the batch is called" },
	{ "dry-run", 0, NULL, "the plan alone" },
	{ "to", 0, "DIR",
	    "deliver a batch that is approved, without an agent" },
	OPTION_PASSPHRASE, OPTION_IDENTITY, { NULL, 0, NULL, NULL } };
const struct option plan_options[] = { POLICY_OPTION, VENDOR_OPTION,
	REFUSALS_OPTION, OPTION_PASSPHRASE, OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL } };

/* -- A plan on paper ----------------------------------------------------- */

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

static uint64_t
number_of(const json_t *o, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(o, key));
}

/* 1234 as "1,234". */
static const char *
grouped(char out[32], uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	size_t at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

static const char *
sized(char out[32], uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB",
		"TiB" };
	double n = (double)bytes;
	size_t unit = 0;

	while (n >= 1024 && unit < 4) {
		n /= 1024;
		unit++;
	}
	(void)snprintf(
	    out, 32, unit == 0 ? "%.0f %s" : "%.1f %s", n, units[unit]);
	return out;
}

static void
print_decision(const json_t *d)
{
	const char *exclude = text_of(d, "exclude");
	uint64_t files = number_of(d, "files");
	char n[32];
	const json_t *fields = json_object_get(d, "fields");

	speak("%s", text_of(d, "example"));
	if (files > 1)
		speak(" and %s more like it", grouped(n, files - 1));
	if (exclude[0] != '\0') {
		speak("  stay%s behind: %s  (%s)\n", files > 1 ? "" : "s",
		    exclude, text_of(d, "rule"));
		return;
	}
	speak("  %s", text_of(d, "type"));
	if (json_object_get(d, "delimiter") != NULL)
		speak(", %s", text_of(d, "delimiter"));
	speak("  (%s)\n", text_of(d, "rule"));
	for (size_t i = 0; i < json_array_size(fields); i++) {
		const json_t *field = json_array_get(fields, i);

		speak("    %-24s %-32s %s\n", text_of(field, "name"),
		    text_of(field, "action"), text_of(field, "rule"));
	}
}

static void
print_labels(const json_t *labels)
{
	const json_t *golden = json_object_get(labels, "golden");
	const json_t *classes = json_object_get(labels, "classes");

	speak("labels: %s", text_of(labels, "kind"));
	for (size_t i = 0; i < json_array_size(classes); i++)
		speak("%s %s", i == 0 ? " of" : ",",
		    json_string_value(json_array_get(classes, i)));
	speak("; what is not answered is %s", text_of(labels, "unanswered"));
	if (golden != NULL)
		speak("; golden items: %s of at least %.3g",
		    text_of(golden, "metric"),
		    (double)number_of(golden, "pass") / 1e6);
	speak("\n");
}

static void
print_plan(const json_t *plan)
{
	char files[32], items[32], bytes[32], excluded[32];
	const json_t *list = json_object_get(plan, "decisions");

	for (size_t i = 0; i < json_array_size(list); i++)
		print_decision(json_array_get(list, i));
	speak("%s files, %s items, %s leave; %s stay behind\n",
	    grouped(files, number_of(plan, "files")),
	    grouped(items, number_of(plan, "items")),
	    sized(bytes, number_of(plan, "bytes")),
	    grouped(excluded, number_of(plan, "excluded")));
	speak("for %s, kept %s after release, approved by %s\n",
	    text_of(plan, "purpose"), text_of(plan, "retention"),
	    strcmp(text_of(plan, "approve"), "two") == 0 ? "two people"
							 : "one person");
	print_suppressed(plan);
	print_risks(json_object_get(plan, "risk"));
	if (json_object_get(plan, "labels") != NULL)
		print_labels(json_object_get(plan, "labels"));
	if (json_object_get(plan, "legal") != NULL)
		print_law(json_object_get(plan, "legal"), "law: ");
}

static int
print_json(const json_t *o, struct fault *f)
{
	struct bytes out;
	int rc = -1;

	bytes_init(&out, (size_t)1 << 30);
	if (doc_write(&out, o, f) == 0 && bytes_add(&out, "\n", 1, f) == 0) {
		(void)fwrite(out.at, 1, out.len, stdout); /* main() checks */
		rc = 0;
	}
	bytes_free(&out);
	return rc;
}

/* -- Making it ----------------------------------------------------------- */

static int
need_option(
    const struct cli *c, const char *name, const char **out, struct fault *f)
{
	if ((*out = option_text(c, name)) != NULL)
		return 0;
	return fault_set(f, FAULT_USAGE, "--%s is missing", name);
}

/* Several were asked for: all that are kept; then the fault counts them. */
static void
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

/* A plan, and the keeper that was asked for it; NULL where none had to be. */
struct planned {
	struct plan *plan;
	struct keeper *keeper;
};

/* Free and close; rc is what was reached so far. */
static int
planned_close(struct planned *p, int rc, struct fault *f)
{
	struct fault ended = { 0 };

	plan_free(p->plan);
	if (keeper_close(p->keeper, &ended) != 0 &&
	    (rc == 0 || f->kind == FAULT_PEER)) {
		*f = ended;
		rc = -1;
	}
	*p = (struct planned){ .plan = NULL };
	return rc;
}

/* The plan that the options ask for.  Where somebody is suppressed a keeper is
 * opened with these branches.  The caller planned_close()s *out, also after a
 * failure. */
static int
plan_given(struct cli *c, const struct plan_wanted *wanted, unsigned branches,
    struct planned *out, struct fault *f)
{
	struct progress progress;
	struct refusals refusals = { 0 };
	struct plan_options o = { .dataset = c->words[0],
		.refusals = &refusals,
		.wanted = wanted,
		.search = strcmp(c->command->name, "plan") == 0,
		.progress = { progress_tell, &progress } };
	unsigned long long most = 10;
	int rc = -1;

	*out = (struct planned){ .plan = NULL };
	if (need_option(c, "policy", &o.policy, f) != 0 ||
	    need_option(c, "vendor", &o.vendor, f) != 0 ||
	    option_number(c, "max-refusals", 100000, &most, f) != 0)
		return -1;
	if (suppressed_keeper(c, branches, &out->keeper, f) != 0)
		return -1;
	o.suppressed = out->keeper;
	if (refusals_init(&refusals, most > 0 ? most : 1, f) != 0)
		return -1;
	progress_start(&progress, c);
	rc = plan_make(&out->plan, &o, f);
	progress_end(&progress);
	if (rc != 0)
		tell_refusals(c, &refusals, f);
	refusals_free(&refusals);
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
	if (home_keeper(c, 0, false, &k, &none) != 0) {
		if (none.kind == FAULT_USAGE && c->home == NULL) {
			speak_to(stderr,
			    "handoff: %s: no home here, so vendor "
			    "and agreements are not checked\n",
			    c->command->name);
			return 0;
		}
		*f = none;
		return -1;
	}
	rc = export_check(k, p->plan, option_text(c, "vendor"), decision, f);
	if (keeper_close(k, &none) != 0 && rc == 0) {
		*f = none;
		rc = -1;
	}
	return rc;
}

/* The decision, and what it means for who has to approve. */
static int
add_law(json_t *plan, json_t *decision, struct fault *f)
{
	bool crowd = strcmp(text_of(decision, "model"), "crowd") == 0;

	if (json_is_null(json_object_get(plan, "approve")) &&
	    json_object_set_new(
		plan, "approve", json_string(crowd ? "two" : "self")) != 0)
		return fault_memory(f);
	if (decision != NULL && json_object_set(plan, "legal", decision) != 0)
		return fault_memory(f);
	return 0;
}

int
cmd_plan(struct cli *c, struct fault *f)
{
	struct planned p;
	json_t *o = NULL, *decision = NULL;
	int rc = -1;

	if (plan_given(c, NULL, RING_EXPORT, &p, f) != 0 ||
	    check_vendor(c, &p, &decision, f) != 0 ||
	    plan_json(&o, p.plan, f) != 0 || add_law(o, decision, f) != 0)
		goto out;
	if (c->json && print_json(o, f) != 0)
		goto out;
	if (!c->json)
		print_plan(o);
	rc = plan_risk_met(p.plan, f);
out:
	json_decref(decision);
	json_decref(o);
	return planned_close(&p, rc, f);
}

/* -- Carrying it out ----------------------------------------------------- */

/* What sealing needs unlocked. */
#define SEALING (RING_RELEASE | RING_EXPORT)

static void
print_export(const struct cli *c, const json_t *o)
{
	char files[32], items[32], bytes[32], shards[32];

	speak(
	    "batch %s (%s): %s items of %s files in %s shard%s, %s sealed%s\n",
	    text_of(o, "name"), text_of(o, "batch"),
	    grouped(items, number_of(o, "items")),
	    grouped(files, number_of(o, "files")),
	    grouped(shards, number_of(o, "shards")),
	    number_of(o, "shards") == 1 ? "" : "s",
	    sized(bytes, number_of(o, "bytes")),
	    json_object_get(o, "manifest") == NULL ? " before" : "");
	speak("nothing is released: handoff batch approve %s%s\n",
	    text_of(o, "name"), home_said(c));
}

static int
seal_plan(struct cli *c, struct planned *p, const struct golden_lines *golden,
    json_t **out, struct fault *f)
{
	struct keeper_options how;
	char home[HOME_PATH_MAX];
	struct progress progress;
	struct export_options o = { .plan = p->plan,
		.home = home,
		.vendor = option_text(c, "vendor"),
		.name = option_text(c, "name"),
		.golden = golden,
		.progress = { progress_tell, &progress } };
	int rc;

	if (home_options(c, false, home, &how, f) != 0 ||
	    (p->keeper == NULL &&
		home_keeper(c, SEALING, true, &p->keeper, f) != 0))
		return -1;
	o.keeper = p->keeper;
	progress_start(&progress, c);
	rc = export_batch(out, &o, f);
	progress_end(&progress);
	return rc;
}

/* -- Delivering it without an agent -------------------------------------- */

static int
deliver(struct cli *c, struct fault *f)
{
	struct keeper_options how;
	char home[HOME_PATH_MAX], bytes[32], shards[32];
	struct progress progress;
	struct fault ended = { 0 };
	struct offline_options o = { .home = home,
		.to = option_text(c, "to"),
		.progress = { progress_tell, &progress } };
	json_t *told = NULL;
	int rc;

	if (need_option(c, "name", &o.batch, f) != 0 ||
	    home_options(c, false, home, &how, f) != 0 ||
	    home_keeper(c, RING_RELEASE, true, &o.keeper, f) != 0)
		return -1;
	progress_start(&progress, c);
	rc = offline_deliver(&told, &o, f);
	progress_end(&progress);
	if (keeper_close(o.keeper, &ended) != 0 && rc == 0) {
		*f = ended;
		rc = -1;
	}
	if (rc == 0 && c->json)
		rc = print_json(told, f);
	else if (rc == 0)
		speak("batch %s: %s shard%s, %s, released and written to %s\n"
		      "its vendor begins with %s/START-HERE.txt\n",
		    text_of(told, "name"),
		    grouped(shards, number_of(told, "shards")),
		    number_of(told, "shards") == 1 ? "" : "s",
		    sized(bytes, number_of(told, "bytes")), o.to, o.to);
	json_decref(told);
	return rc;
}

int
cmd_export(struct cli *c, struct fault *f)
{
	const char *path = option_text(c, "golden");
	struct golden_lines *golden = NULL;
	struct planned p = { .plan = NULL };
	json_t *o = NULL;
	int rc = -1;

	if (option_text(c, "to") != NULL) {
		if (c->nwords == 0)
			return deliver(c, f);
		(void)fault_set(f, FAULT_USAGE,
		    "a batch is sealed, approved, and then delivered");
		return fault_hint(
		    f, "handoff export --name BATCH --to DIR, once approved");
	}
	if (c->nwords == 0)
		return fault_set(f, FAULT_USAGE, "which DATASET?");
	if (option_set(c, "dry-run"))
		return cmd_plan(c, f);
	if (path != NULL && golden_read(&golden, path, f) != 0)
		return -1;
	if (plan_given(c, path != NULL ? golden_wanted(golden) : NULL, SEALING,
		&p, f) != 0 ||
	    (path != NULL && golden_check(golden, p.plan, f) != 0) ||
	    plan_risk_met(p.plan, f) != 0 ||
	    seal_plan(c, &p, golden, &o, f) != 0)
		goto out;
	if (c->json) {
		rc = print_json(o, f);
		goto out;
	}
	print_export(c, o);
	rc = 0;
out:
	json_decref(o);
	rc = planned_close(&p, rc, f);
	golden_free(golden);
	return rc;
}
