/* ingest: labels that came back, judged and taken home. */

#include <stdio.h>
#include <string.h>

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/label_files_internal.h"
#include "gateway/flow/flow.h"

const struct option ingest_options[] = {
	{ "all", 'a', NULL, "every return that waits" },
	{ "out", 'o', "DIR", "folder for what is accepted (./accepted)" },
	{ "dry-run", 'n', NULL, "judge, but record and keep nothing" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

static const char *
word(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text == NULL ? "" : text;
}

/* Where all of its findings are. */
static void
name_findings(
    const struct cli *c, const char *home, const json_t *o, char *out, size_t n)
{
	const char *output = word(o, "output");

	if (json_is_true(json_object_get(o, "dry_run")))
		(void)snprintf(out, n, "handoff ingest -n -v%s %s",
		    home_said(c), word(o, "return"));
	else if (output[0] != '\0')
		(void)snprintf(out, n, "%s/report.txt", output);
	else
		(void)snprintf(out, n, "%s/quarantine/%s/findings.txt", home,
		    word(o, "return"));
}

/* What its vendor sees, which is less. */
static void
print_told(const json_t *o)
{
	if (word(o, "told")[0] == '\0')
		return;
	speak("its vendor sees: %s\n", word(o, "told"));
	if (json_is_true(json_object_get(o, "withheld")))
		speak("its vendor is told no more verdicts on this batch: "
		      "speak with it\n");
}

static void
print_one(const struct cli *c, const char *home, const json_t *o)
{
	char rest[2 * HOME_PATH_MAX];

	speak("return %s, batch %s, from %s\n", word(o, "return"),
	    word(o, "batch_name"), word(o, "vendor_name"));
	name_findings(c, home, o, rest, sizeof(rest));
	label_print_report(stdout, word(o, "table"),
	    c->verbose ? SIZE_MAX : LABEL_FINDINGS, rest);
	if (json_is_string(json_object_get(o, "why")))
		speak("failed: %s\n", word(o, "why"));
	else if (json_is_string(json_object_get(o, "output")))
		speak("%s: %s\n", word(o, "verdict"), word(o, "output"));
	else
		speak("%s\n", word(o, "verdict"));
	print_told(o);
}

/* The exit status: that of the first return that was not taken in. */
static int
conclude(const json_t *report, struct fault *f)
{
	const json_t *list = json_object_get(report, "returns"), *one;
	enum fault_kind first = FAULT_NONE;
	size_t i, bad = 0;

	json_array_foreach(list, i, one)
	{
		json_int_t status =
		    json_integer_value(json_object_get(one, "status"));

		if (status == FAULT_NONE)
			continue;
		if (bad++ == 0)
			first = (enum fault_kind)status;
	}
	if (bad == 0)
		return 0;
	return fault_set(f, first, "%zu of %zu return%s not taken in", bad,
	    json_array_size(list), json_array_size(list) == 1 ? "" : "s");
}

int
cmd_ingest(struct cli *c, struct fault *f)
{
	struct progress progress;
	struct ingest_options o = { .out = option_text(c, "out"),
		.dry_run = option_set(c, "dry-run"),
		.progress = { progress_tell, &progress } };
	struct keeper_options how;
	struct keeper *k = NULL;
	char home[HOME_PATH_MAX];
	json_t *report = NULL;
	int rc;

	if (option_set(c, "all") == (c->nwords == 1))
		return fault_set(
		    f, FAULT_USAGE, "needs a return, a file, or --all");
	if (home_options(c, false, home, &how, f) != 0)
		return -1;
	how.branches = RING_RELEASE | RING_REVEAL;
	o.home = home;
	if (o.out == NULL)
		o.out = "accepted";
	if (keeper_open(&k, &how, f) != 0)
		return -1;
	progress_start(&progress, c);
	rc =
	    flow_ingest(k, &o, c->nwords == 1 ? c->words[0] : NULL, &report, f);
	progress_end(&progress);
	if (keeper_close(k, f) != 0)
		rc = -1;
	if (rc == 0 && c->json)
		rc = label_print_json(report, f);
	else if (rc == 0) {
		const json_t *list = json_object_get(report, "returns"), *one;
		size_t i;

		json_array_foreach(list, i, one)
		{
			print_one(c, home, one);
		}
		if (json_array_size(list) == 0 && !c->quiet)
			speak("no return waits\n");
	}
	if (rc == 0)
		rc = conclude(report, f);
	json_decref(report);
	return rc;
}
