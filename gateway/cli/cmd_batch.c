/* Sealed batches: looking, approving, ending. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/cli/asking_internal.h"
#include "gateway/cli/batch_page_internal.h"
#include "gateway/cli/cli_commands.h"

#define OPTION_YES                                            \
	{                                                     \
		"yes", 'y', NULL, "agree without being asked" \
	}

const struct option batch_approve_options[] = {
	{ "until", 0, "DATE",
	    "releases through it; else as long as can "
	    "be" },
	{ "as", 0, "NAME", "who approves; else the login name" },
	OPTION_YES,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option batch_extend_options[] = {
	{ "until", 0, "DATE", "releases through this day" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

/* An end that has to be quick is not asked about; scripts say --yes to all. */
const struct option batch_withdraw_options[] = {
	{ "yes", 'y', NULL, "may be said; nothing is asked" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option batch_shred_options[] = {
	OPTION_YES,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

/* ---- Looking ---- */

int
print_batches(const json_t *list, struct fault *f)
{
	static const struct column columns[] = {
		{ "BATCH", "name", COLUMN_TEXT },
		{ "VENDOR", "vendor", COLUMN_TEXT },
		{ "STATE", "state", COLUMN_TEXT },
		{ "ITEMS", "items", COLUMN_TEXT },
		{ "UNTIL", "until", COLUMN_LAST_DAY },
		{ "SIZE", "bytes", COLUMN_BYTES },
		{ "BEGUN", "begun", COLUMN_DAY },
		{ "SHARDS", "shards", COLUMN_TEXT },
	};

	return answer_table(
	    list, columns, 8, "no batches; handoff export DATASET", f);
}

int
cmd_batch_list(struct cli *c, struct fault *f)
{
	json_t *out;
	int rc;

	if (ask_home(c, 0, KEEPER_BATCHES, json_object(), &out, f) != 0)
		return -1;
	rc = c->json ? print_json(out, f)
		     : print_batches(json_object_get(out, "batches"), f);
	json_decref(out);
	return rc;
}

static int
ask_page(const struct cli *c, json_t **page, struct fault *f)
{
	return ask_home(c, 0, KEEPER_BATCH_PAGE,
	    json_pack("{s:s}", "batch", c->words[0]), page, f);
}

int
cmd_batch_show(struct cli *c, struct fault *f)
{
	json_t *page;
	int rc;

	if (ask_page(c, &page, f) != 0)
		return -1;
	rc = c->json ? print_json(page, f) : print_batch_page(page, f);
	json_decref(page);
	return rc;
}

/* ---- Approving ---- */

static json_t *
approval(const json_t *page, const char *by, int64_t until)
{
	char end[CLOCK_CHARS + 1];

	clock_write(end, until);
	return json_pack("{s:s,s:O,s:s,s:s*}", "batch",
	    json_string_value(json_object_get(page, "id")), "revision",
	    json_object_get(page, "revision"), "by", by, "until",
	    until != 0 ? end : NULL);
}

static void
print_approved(const json_t *o, const char *by)
{
	const json_t *until = json_object_get(o, "until");

	if (json_is_string(until))
		speak("%s: approved by %s; it can be released until %s\n",
		    answer_text(o, "name"), by,
		    answer_form(o, "until", COLUMN_LAST_DAY));
	else
		speak("%s: approved by %s, who is %s of %s;\n"
		      "another person has to approve it too\n",
		    answer_text(o, "name"), by, answer_text(o, "approvals"),
		    answer_text(o, "approvals_needed"));
}

/* The page says the end that was asked for, not the one without. */
static int
show_until(json_t *page, int64_t until, struct fault *f)
{
	char end[CLOCK_CHARS + 1];

	clock_write(end, until);
	if (until == 0 || strcmp(end, member_text(page, "grantable_most")) > 0)
		return 0;
	return json_object_set_new(page, "grantable", json_string(end)) == 0
		   ? 0
		   : fault_memory(f);
}

/* Whoever lets a batch go has seen it: at a terminal the name is typed, and a
 * script has to say --yes. */
int
cmd_batch_approve(struct cli *c, struct fault *f)
{
	json_t *page = NULL, *out = NULL;
	char by[256];
	int64_t until = 0;
	int rc = -1;

	if (person_name(c, by, f) != 0 ||
	    option_until(c, "until", &until, f) != 0 ||
	    ask_page(c, &page, f) != 0)
		return -1;
	if (show_until(page, until, f) != 0 ||
	    (!c->json && print_batch_page(page, f) != 0))
		goto out;
	if (person_agrees(c, member_text(page, "name"), f) != 0 ||
	    ask_home(c, RING_RELEASE, KEEPER_BATCH_APPROVE,
		approval(page, by, until), &out, f) != 0)
		goto out;
	rc = c->json ? print_json(out, f) : 0;
	if (!c->json)
		print_approved(out, by);
out:
	json_decref(page);
	json_decref(out);
	return rc;
}

int
cmd_batch_extend(struct cli *c, struct fault *f)
{
	char end[CLOCK_CHARS + 1];
	int64_t until = 0;
	json_t *out;
	int rc = 0;

	if (option_until(c, "until", &until, f) != 0)
		return -1;
	if (until == 0)
		return fault_set(f, FAULT_USAGE, "needs --until DATE");
	clock_write(end, until);
	if (ask_home(c, RING_RELEASE, KEEPER_BATCH_EXTEND,
		json_pack("{s:s,s:s}", "batch", c->words[0], "until", end),
		&out, f) != 0)
		return -1;
	if (c->json)
		rc = print_json(out, f);
	else
		speak("%s: it can be released until %s\n",
		    answer_text(out, "name"),
		    answer_form(out, "until", COLUMN_LAST_DAY));
	json_decref(out);
	return rc;
}

/* ---- Ending ---- */

/* What no ending can call back. */
static void
print_left(const json_t *o)
{
	long long releases = member_number(o, "releases");
	long long offline = member_number(o, "offline");

	if (releases == 0)
		speak("  nothing of it was released\n");
	else
		speak("  too late for what was released to %s: %s, %lld "
		      "acknowledged;\n  what they fetched stays there until "
		      "they delete it, and no more of it is sent\n",
		    answer_text(o, "vendor"),
		    answer_count(o, "releases", "release"),
		    member_number(o, "acknowledged"));
	if (offline > 0)
		speak("  delivered offline: readable without asking us\n");
}

int
cmd_batch_withdraw(struct cli *c, struct fault *f)
{
	json_t *out;
	int rc = 0;

	if (ask_home(c, RING_RELEASE, KEEPER_BATCH_WITHDRAW,
		json_pack("{s:s}", "batch", c->words[0]), &out, f) != 0)
		return -1;
	if (c->json)
		rc = print_json(out, f);
	else {
		speak("%s: withdrawn; there is no further release\n",
		    answer_text(out, "name"));
		print_left(out);
	}
	json_decref(out);
	return rc;
}

static void
print_shredded(const json_t *o)
{
	speak("%s: shredded; %s and %s destroyed\n", answer_text(o, "name"),
	    answer_count(o, "keys", "key"),
	    answer_count(o, "objects", "object"));
	print_left(o);
	speak("  backups made before keep its keys until they expire\n");
}

int
cmd_batch_shred(struct cli *c, struct fault *f)
{
	json_t *page, *out = NULL;
	int rc;

	if (ask_page(c, &page, f) != 0)
		return -1;
	if (!c->json && person_there())
		speak_to(stderr,
		    "Shredding destroys our keys to %s (%s for %s) and our "
		    "copies of it;\nreturns that were not ingested cannot be "
		    "read any more.  There is no way back.\n",
		    answer_text(page, "name"),
		    answer_count(page, "items", "item"),
		    answer_text(page, "vendor"));
	rc = person_agrees(c, member_text(page, "name"), f);
	json_decref(page);
	if (rc != 0 ||
	    ask_home(c, RING_RELEASE, KEEPER_BATCH_SHRED,
		json_pack("{s:s}", "batch", c->words[0]), &out, f) != 0)
		return -1;
	if (c->json)
		rc = print_json(out, f);
	else
		print_shredded(out);
	json_decref(out);
	return rc;
}

static void
print_stopped(const json_t *o)
{
	const json_t *list = json_object_get(o, "batches"), *b;
	size_t i;

	speak("%s: stopped\n", answer_text(o, "name"));
	json_array_foreach(list, i, b)
	{
		speak("%s: %s\n", answer_text(b, "name"),
		    answer_text(b, "state"));
		print_left(b);
	}
	speak("\nNext: tell the officer; handoff audit list shows what "
	      "happened when.\n");
}

int
cmd_stop(struct cli *c, struct fault *f)
{
	json_t *out;
	int rc = 0;

	if (ask_home(c, RING_RELEASE, KEEPER_STOP,
		json_pack("{s:s}", "target", c->words[0]), &out, f) != 0)
		return -1;
	if (c->json)
		rc = print_json(out, f);
	else
		print_stopped(out);
	json_decref(out);
	return rc;
}
