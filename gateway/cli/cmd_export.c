/* export: what the plan says is sealed, and delivered. */

#include <string.h>

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/law_internal.h"
#include "gateway/cli/plan_internal.h"
#include "gateway/cli/print_internal.h"
#include "gateway/report/report.h"
#include "keys/base/text.h"

const struct option export_options[] = { POLICY_OPTION, VENDOR_OPTION,
	REFUSALS_OPTION, CHOICE_OPTIONS, GOLDEN_OPTION,
	{ "name", 0, "NAME", "what the batch is called" },
	{ "dry-run", 0, NULL, "the plan alone" },
	{ "to", 0, "DIR", "deliver an approved batch, without an agent" },
	OPTION_PASSPHRASE, OPTION_IDENTITY, { NULL, 0, NULL, NULL } };
/* It stands in a column of tables. */
#define BATCH_NAME_CHARS 64u
/* What sealing needs unlocked. */
#define SEALING (RING_RELEASE | RING_EXPORT)

/* -- Carrying it out ----------------------------------------------------- */

static void
print_export(const struct cli *c, const json_t *o, const json_t *plan)
{
	char files[32], items[32], bytes[32], shards[32];

	speak_wrapped(stdout, 4,
	    "batch %s (%s): %s item%s of %s file%s in %s shard%s, %s "
	    "sealed%s\n",
	    member_text(o, "name"), member_text(o, "batch"),
	    report_number(items, (uint64_t)member_number(o, "items")),
	    member_number(o, "items") == 1 ? "" : "s",
	    report_number(files, (uint64_t)member_number(o, "files")),
	    member_number(o, "files") == 1 ? "" : "s",
	    report_number(shards, (uint64_t)member_number(o, "shards")),
	    (uint64_t)member_number(o, "shards") == 1 ? "" : "s",
	    report_size(bytes, (uint64_t)member_number(o, "bytes")),
	    json_object_get(o, "manifest") == NULL ? " before" : "");
	print_stays(plan);
	if (strcmp(member_text(o, "state"), "sealed") == 0)
		speak("nothing is released: handoff batch approve %s%s\n",
		    member_text(o, "name"), home_said(c));
	else
		speak("it is %s: handoff batch show %s%s\n",
		    member_text(o, "state"), member_text(o, "name"),
		    home_said(c));
}

/* One word of a shell and of a line, no option, and nobody's id, so that it
 * can be said back to us. */
static int
check_batch_name(const char *name, struct fault *f)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len;

	if (name == NULL)
		return 0;
	len = strlen(name);
	if (len > 0 && len <= BATCH_NAME_CHARS && strspn(name, set) == len &&
	    strchr("._-", name[0]) == NULL && !id_valid(name, 'b'))
		return 0;
	(void)fault_set(f, FAULT_USAGE,
	    "--name: not 1 to %u letters, digits, '.', '_' and '-'",
	    BATCH_NAME_CHARS);
	return fault_hint(
	    f, "--name first-1; it begins with a letter or digit");
}

static int
seal_plan(struct cli *c, struct planned *p, json_t **out, struct fault *f)
{
	struct keeper_options how;
	char home[HOME_PATH_MAX];
	struct progress progress;
	struct export_options o = { .plan = p->plan,
		.home = home,
		.vendor = option_text(c, "vendor"),
		.name = option_text(c, "name"),
		.golden = p->golden,
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
	static const char *const needed[] = { "name", "to" };
	struct keeper_options how;
	char home[HOME_PATH_MAX], bytes[32], shards[32];
	struct progress progress;
	struct fault ended = { 0 };
	struct offline_options o = { .home = home,
		.batch = option_text(c, "name"),
		.to = option_text(c, "to"),
		.progress = { progress_tell, &progress } };
	json_t *told = NULL;
	int rc;

	if (options_need(c, needed, 2, f) != 0 ||
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
		    member_text(told, "name"),
		    report_number(
			shards, (uint64_t)member_number(told, "shards")),
		    (uint64_t)member_number(told, "shards") == 1 ? "" : "s",
		    report_size(bytes, (uint64_t)member_number(told, "bytes")),
		    o.to, o.to);
	json_decref(told);
	return rc;
}

/* It was asked for what is new, and there is nothing: that is no failure of who
 * asks every night. */
static int
tell_nothing_new(const struct cli *c, uint64_t had, struct fault *f)
{
	char n[32];
	json_t *o;
	int rc;

	if (!c->json) {
		speak("nothing new: the vendor has had all %s items\n",
		    report_number(n, had));
		return 0;
	}
	o = json_pack("{s:n,s:I,s:I}", "batch", "items", (json_int_t)0,
	    "sent_before", (json_int_t)had);
	rc = o == NULL ? fault_memory(f) : print_json(o, f);
	json_decref(o);
	return rc;
}

/* How much stays behind; of what stays nothing is in the batch. */
static int
add_stays(json_t *o, const json_t *plan, struct fault *f)
{
	json_t *left = json_object_get(plan, "left_behind");

	if (json_object_set(o, "excluded", json_object_get(plan, "excluded")) !=
		0 ||
	    (left != NULL && json_object_set(o, "left_behind", left) != 0))
		return fault_memory(f);
	return 0;
}

/* A batch out of a dataset. */
static int
seal(struct cli *c, struct fault *f)
{
	struct planned p;
	json_t *o = NULL, *plan = NULL;
	uint64_t had;
	int rc = -1;

	if (check_batch_name(option_text(c, "name"), f) != 0)
		return -1;
	if (plan_given(c, SEALING, &p, f) != 0)
		goto out;
	if (plan_nothing_new(p.plan, &had)) {
		rc = tell_nothing_new(c, had, f);
		goto out;
	}
	if (plan_risk_met(p.plan, f) != 0 || seal_plan(c, &p, &o, f) != 0)
		goto out;
	warn_countries(c, json_object_get(o, "countries"));
	if (plan_json(&plan, p.plan, f) != 0)
		goto out;
	if (!c->json) {
		print_export(c, o, plan);
		rc = 0;
	} else if (add_stays(o, plan, f) == 0) {
		rc = print_json(o, f);
	}
out:
	json_decref(plan);
	json_decref(o);
	return planned_close(&p, rc, f);
}

int
cmd_export(struct cli *c, struct fault *f)
{
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
	return option_set(c, "dry-run") ? cmd_plan(c, f) : seal(c, f);
}
