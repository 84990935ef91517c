/* inbox, fetch, return, receipts: the way of a batch at its vendor. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/label_files_internal.h"
#include "gateway/flow/flow.h"

const struct option inbox_options[] = {
	{ "agent", 0, "ADDR", "the owner's agent, HOST:PORT" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option fetch_options[] = {
	{ "out", 'o', "DIR", "unpack there; else a folder of its name" },
	{ "batch", 'b', "BATCH", "that one alone, even if it is here" },
	{ "owner", 0, "OWNER", "whose, by name or id" },
	{ "keep", 0, NULL, "keep the sealed shards in the inbox" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option return_options[] = {
	{ "complete", 0, NULL, "nothing more will come for this batch" },
	{ "out", 'o', "FILE", "write a file to carry by hand instead" },
	{ "agent", 0, "ADDR", "the owner's agent, HOST:PORT" },
	{ "force", 0, NULL, "send also what the owner would reject" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

static const char *
text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "-";
}

static json_int_t
number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const char *
name_of(const json_t *batch)
{
	const char *name = text(batch, "name");

	return name[0] != '\0' ? name : text(batch, "batch");
}

static void
print_inbox(const json_t *out)
{
	const json_t *rows = json_object_get(out, "batches");
	int width, widest = 20;

	if (json_array_size(rows) == 0) {
		speak("nothing from %s yet\n", text(out, "owner"));
		return;
	}
	for (size_t i = 0; i < json_array_size(rows); i++)
		if ((width = (int)strlen(name_of(json_array_get(rows, i)))) >
		    widest)
			widest = width;
	speak("%-*s %-10s %8s %10s  %-10s %s\n", widest, "BATCH", "STATE",
	    "ITEMS", "SIZE", "UNTIL", "HERE");
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *r = json_array_get(rows, i);

		speak("%-*s ", widest, name_of(r));
		speak("%-10s %8" JSON_INTEGER_FORMAT " %10s  %-10s ",
		    text(r, "state"), number(r, "items"),
		    answer_form(r, "bytes", COLUMN_BYTES),
		    answer_form(r, "until", COLUMN_LAST_DAY));
		speak("%s ", text(r, "here"));
		putchar('\n');
	}
}

int
cmd_inbox(struct cli *c, struct fault *f)
{
	char path[HOME_PATH_MAX];
	struct progress p;
	struct flow_inbox o = { .home = path,
		.owner = c->nwords > 0 ? c->words[0] : NULL,
		.agent = option_text(c, "agent"),
		.progress = { progress_tell, &p } };
	struct keeper *k;
	json_t *out = NULL;
	int rc;

	if (home_path(c, false, path, f) != 0 || flow_inbox_check(&o, f) != 0 ||
	    home_keeper(c, RING_RELEASE, false, &k, f) != 0)
		return -1;
	progress_start(&p, c);
	rc = flow_inbox(k, &o, &out, f);
	progress_end(&p);
	if (keeper_close(k, f) != 0)
		rc = -1;
	if (rc == 0 && c->json)
		rc = label_print_json(out, f);
	else if (rc == 0)
		print_inbox(out);
	json_decref(out);
	return rc;
}

/* Nothing was fetched: why of each batch that there is. */
static void
print_nothing(const json_t *out)
{
	static const struct {
		const char *key, *says;
	} why[] = { { "here", "here already (--batch NAME gets it again)" },
		{ "waiting", "waiting for the owner's approval" },
		{ "ended", "withdrawn or shredded" } };
	const char *before = ": ";

	speak("nothing new");
	for (size_t i = 0; i < sizeof(why) / sizeof(why[0]); i++)
		if (number(out, why[i].key) > 0) {
			speak("%s%" JSON_INTEGER_FORMAT " %s", before,
			    number(out, why[i].key), why[i].says);
			before = ", ";
		}
	speak("%s\n", before[0] == ':' ? ": no batch for us yet" : "");
}

static void
print_fetched(const json_t *out)
{
	const json_t *rows = json_object_get(out, "batches");

	if (json_array_size(rows) == 0)
		print_nothing(out);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *r = json_array_get(rows, i);
		const char *name = text(r, "name"), *to = text(r, "folder");
		char said[160];

		(void)snprintf(said, sizeof(said), "%s %s in %s, verified,",
		    name[0] != '\0' ? name : text(r, "batch"),
		    answer_count(r, "items", "item"),
		    answer_count(r, "members", "file"));
		/* a path is not broken: it may have spaces of its own */
		speak(strlen(said) + 4 + strlen(to) > SPEAK_WIDTH
			  ? "%s\n    in %s\n"
			  : "%s in %s\n",
		    said, to);
	}
}

int
cmd_fetch(struct cli *c, struct fault *f)
{
	char path[HOME_PATH_MAX];
	struct progress p;
	struct flow_fetch o = { .home = path,
		.from = c->words[0],
		.owner = option_text(c, "owner"),
		.folder = option_text(c, "out"),
		.batch = option_text(c, "batch"),
		.keep = option_set(c, "keep"),
		.progress = { progress_tell, &p } };
	struct keeper *k;
	json_t *out = NULL;
	int rc;

	if (home_path(c, false, path, f) != 0 || flow_fetch_check(&o, f) != 0 ||
	    home_keeper(c, RING_RELEASE, false, &k, f) != 0)
		return -1;
	progress_start(&p, c);
	rc = flow_fetch(k, &o, &out, f);
	progress_end(&p);
	if (keeper_close(k, f) != 0)
		rc = -1;
	if (rc == 0 && c->json)
		rc = label_print_json(out, f);
	else if (rc == 0)
		print_fetched(out);
	json_decref(out);
	return rc;
}

static void
print_returned(const struct cli *c, const json_t *out)
{
	if (c->verbose)
		speak_lines(
		    stdout, text(out, "report"), strlen(text(out, "report")));
	speak("%s: %s, %" JSON_INTEGER_FORMAT " bytes sealed\n",
	    text(out, "return"), text(out, "state"), number(out, "bytes"));
	if (json_object_get(out, "instead_of") != NULL)
		speak("the owner no longer had %s, which these labels were\n"
		      "sent as: they were sent again\n",
		    text(out, "instead_of"));
}

int
cmd_return(struct cli *c, struct fault *f)
{
	char path[HOME_PATH_MAX];
	struct progress p;
	struct flow_return o = { .home = path,
		.batch = c->words[0],
		.labels = c->words + 1,
		.nlabels = (size_t)c->nwords - 1,
		.complete = option_set(c, "complete"),
		.force = option_set(c, "force"),
		.to = option_text(c, "out"),
		.agent = option_text(c, "agent"),
		.progress = { progress_tell, &p } };
	struct keeper *k;
	json_t *out = NULL;
	int rc;

	if (home_path(c, false, path, f) != 0 ||
	    flow_return_check(&o, f) != 0 ||
	    home_keeper(c, RING_RELEASE, false, &k, f) != 0)
		return -1;
	progress_start(&p, c);
	rc = flow_return(k, &o, &out, f);
	progress_end(&p);
	if (keeper_close(k, f) != 0)
		rc = -1;
	if (rc == 0 && c->json)
		rc = label_print_json(out, f);
	else if (rc == 0)
		print_returned(c, out);
	else if (out != NULL && c->json) { /* what they were rejected for */
		struct fault other = { 0 };

		if (label_print_json(out, &other) != 0)
			*f = other;
	} else if (out != NULL)
		label_print_report(stderr, text(out, "report"),
		    c->verbose ? SIZE_MAX : LABEL_FINDINGS,
		    "see the hint below, or -v");
	json_decref(out);
	return rc;
}

int
cmd_receipts(struct cli *c, struct fault *f)
{
	char path[HOME_PATH_MAX];
	json_t *out = NULL;
	const json_t *rows;
	int rc;

	if (home_path(c, false, path, f) != 0 ||
	    flow_receipts(path, &out, f) != 0)
		return -1;
	if (c->json) {
		rc = label_print_json(out, f);
		json_decref(out);
		return rc;
	}
	rows = json_object_get(out, "receipts");
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *r = json_array_get(rows, i);

		speak("%-20s %s %s\n", text(r, "name"), text(r, "batch"),
		    text(r, "owner"));
		speak_lines(
		    stdout, text(r, "receipt"), strlen(text(r, "receipt")));
		speak("\n");
	}
	json_decref(out);
	return 0;
}
