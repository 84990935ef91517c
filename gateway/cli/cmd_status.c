/*
 * What is out, what is due, what is wrong with a home, in words.  The keeper
 * says what there is; what to do about it is a command on each line.
 */

#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/print_internal.h"
#include "gateway/flow/flow.h"
#include "keys/base/clock.h"

/* The last day of what ends with the first second of the next. */
#define THROUGH "through"

/* What a line says, in front of and behind the name, and what would help. */
struct wording {
	const char *what;
	const char *says; /* %s: the name */
	const char *time; /* what "at" means; NULL: not shown */
	const char *help; /* %s: the name */
};

static const struct wording wordings[] = {
	{ "approve", "batch %s waits for approval", "sealed",
	    "handoff batch approve %s" },
	{ "ingest", "a return for batch %s waits to be ingested", "came",
	    "handoff ingest --all" },
	{ "acknowledge", "a release of batch %s was not acknowledged", "made",
	    "handoff batch show %s" },
	{ "hindered", "nothing of batch %s is released now", NULL, NULL },
	{ "grant-ends", "the grant for batch %s ends soon", THROUGH,
	    "handoff batch extend %s --until DATE" },
	{ "agreement-ends", "an agreement with %s ends soon", THROUGH,
	    "handoff agreement list" },
	{ "no-recovery", "this home has no recovery recipient", NULL,
	    "there can be no backup, and a lost passphrase is the end of it" },
	{ "no-backup", "no backup was ever made", NULL, "handoff backup FILE" },
	{ "old-backup", "no backup for over 7 days", "last",
	    "handoff backup FILE" },
	{ "restored", "this home was restored from a backup", "on",
	    "what was done after that backup is not in it, and was done all "
	    "the same:\n"
	    "      tell the vendors, ask them for their receipts, repeat "
	    "endings, then\n"
	    "      handoff backup FILE" },
	{ "restored-vendor", "this home was restored from a backup", "on",
	    "what was fetched and returned after that backup is not known "
	    "here:\n"
	    "      fetch it again; before labels are sent again ask the owner "
	    "whether they\n"
	    "      are there; then handoff backup FILE" },
	{ "erased-again",
	    "who was erased or suppressed after the backup is not", "restored",
	    "handoff erase --log DIR, the log/ that was published before;\n"
	    "      handoff erase --no-log if there is no copy of it anywhere" },
	{ "vendor-not-confirmed", "vendor %s is not confirmed", "added",
	    "handoff vendor show %s" },
	{ "draft", "batch %s was begun and not finished", "on",
	    "run its export again" },
	{ "agreement-over", "an agreement with %s has run out", THROUGH,
	    "handoff agreement add" },
	{ "suppressed", "batch %s is about a person who is suppressed", NULL,
	    "handoff batch withdraw %s, and export anew" },
	{ "held", "%s is held", "since", "handoff hold list" },
	{ "objects-missing", "sealed objects of batch %s are missing", NULL,
	    "copy them back into objects/, then handoff audit verify "
	    "--objects" },
	{ "objects-altered", "sealed objects of batch %s have another size",
	    NULL, "handoff audit verify --objects" },
	{ "papers-missing", "papers of agreements are missing", NULL,
	    "handoff audit verify --objects" },
	{ "grant-over", "batch %s is approved and no grant is live", NULL,
	    "handoff batch extend %s --until DATE" },
	{ NULL, NULL, NULL, NULL },
};

static const struct wording *
find(const char *what)
{
	const struct wording *w = wordings;

	while (w->what != NULL && strcmp(w->what, what) != 0)
		w++;
	return w->what != NULL ? w : NULL;
}

/* Text with %s replaced by name. */
static void
print_named(const char *text, const char *name)
{
	const char *at = strstr(text, "%s");

	if (at == NULL) {
		speak_lines(stdout, text, strlen(text));
		return;
	}
	speak("%.*s%s%s", (int)(at - text), text, name, at + 2);
}

/* A time as its day. */
static void
print_day(const char *at, bool through)
{
	char day[CLOCK_DATE_CHARS + 1];
	int64_t when;

	if (!clock_read(&when, at, strlen(at)))
		return;
	clock_write_date(day, through ? when - 1 : when);
	speak("%s", day);
}

static void
print_line(const json_t *o)
{
	const char *name = member_text(o, "name"), *at = member_text(o, "at");
	const struct wording *w = find(member_text(o, "what"));

	if (w == NULL) { /* a keeper newer than this */
		speak("  %s\n", member_text(o, "what"));
		return;
	}
	speak("  ");
	print_named(w->says, name);
	if (member_text(o, "type")[0] != '\0')
		speak(" (%s)", member_text(o, "type"));
	if (w->time != NULL && at[0] != '\0') {
		speak(", %s ", w->time);
		print_day(at, strcmp(w->time, THROUGH) == 0);
	}
	if (member_text(o, "why")[0] != '\0')
		speak("\n      %s", member_text(o, "why"));
	if (w->help != NULL) {
		speak("\n      ");
		print_named(w->help, name);
	}
	speak("\n");
}

static void
print_out(const json_t *o)
{
	const char *until = member_text(o, "until");

	speak("  %s to %s\n      %s of %lld in %s; last %.10s\n      ",
	    member_text(o, "name"), member_text(o, "vendor"),
	    answer_count(o, "shards", "shard"), member_number(o, "of"),
	    answer_count(o, "releases", "release"), member_text(o, "last"));
	if (member_text(o, "hindered")[0] != '\0')
		speak("nothing is released now");
	else if (until[0] != '\0') {
		speak("grant through ");
		print_day(until, true);
	} else if (strcmp(member_text(o, "state"), "approved") == 0)
		speak("its grant is over");
	else
		speak("%s", member_text(o, "state"));
	speak("; to be deleted by %.10s\n", member_text(o, "delete_by"));
	if (json_is_true(json_object_get(o, "held")))
		speak("      held: not before that ends\n");
}

/* A heading and its lines, or that there are none. */
static void
print_list(const json_t *status, const char *key, const char *heading,
    void (*print)(const json_t *o))
{
	const json_t *list = json_object_get(status, key);

	if (json_array_size(list) == 0) {
		speak("%s: nothing\n", heading);
		return;
	}
	speak("%s:\n", heading);
	for (size_t i = 0; i < json_array_size(list); i++)
		print(json_array_get(list, i));
}

/* Of a vendor's home there are ids; "names" has their names. */
static void
print_ids(const json_t *status, const char *key)
{
	const json_t *list = json_object_get(status, key);
	const json_t *names = json_object_get(status, "names");

	speak("%s:%s\n", key, json_array_size(list) == 0 ? " nothing" : "");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *id = json_string_value(json_array_get(list, i));
		const char *name = member_text(names, id);

		if (name[0] != '\0')
			speak("  %s (%s)\n", name, id);
		else
			speak("  %s\n", id);
	}
}

static void
print_status(const json_t *o)
{
	const char *backup = member_text(o, "backup");

	speak("%s (%s), %lld entries, backup %.20s\n", member_text(o, "home"),
	    member_text(o, "role"), member_number(o, "entries"),
	    backup[0] != '\0' ? backup : "never");
	if (strcmp(member_text(o, "role"), "owner") == 0) {
		print_list(o, "out", "out", print_out);
		print_list(o, "due", "due", print_line);
	} else {
		print_ids(o, "owners");
		print_ids(o, "inbox");
	}
	if (json_array_size(json_object_get(o, "held")) > 0)
		print_list(o, "held", "held", print_line);
	print_list(o, "wrong", "wrong", print_line);
	if (member_number(o, "more") > 0)
		speak("and %lld more\n", member_number(o, "more"));
}

/* For scripts: what is due is work, what is wrong is not as it should be. */
static int
judge(const json_t *o, struct fault *f)
{
	size_t n = json_array_size(json_object_get(o, "wrong"));

	return n == 0 ? 0
		      : fault_set(f, FAULT_SYSTEM, "%zu thing%s wrong", n,
			    n == 1 ? " is" : "s are");
}

const struct option status_options[] = {
	{ "check", 0, NULL, "exit status 7 if anything is wrong" },
	{ NULL, 0, NULL, NULL },
};

static int
add_names(json_t *names, const json_t *list, const char *id, struct fault *f)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		if (json_object_set_new(names, member_text(one, id),
			json_string(member_text(one, "name"))) != 0)
			return fault_memory(f);
	}
	return 0;
}

/* How owners and batches of a vendor's home are called. */
static int
name_ids(const struct cli *c, struct keeper *k, json_t *status, struct fault *f)
{
	char home[HOME_PATH_MAX];
	json_t *owners = NULL, *inbox = NULL, *names;
	struct fault none = { 0 }; /* a damaged inbox has ids all the same */
	int rc = -1;

	if (strcmp(member_text(status, "role"), "vendor") != 0)
		return 0;
	if ((names = json_object()) == NULL)
		return fault_memory(f);
	if (keeper_ask(k, KEEPER_OWNERS, json_object(), &owners, f) == 0 &&
	    home_path(c, false, home, f) == 0 &&
	    (flow_inbox_here(home, &inbox, &none) != 0 ||
		add_names(names, json_object_get(inbox, "batches"), "batch",
		    f) == 0) &&
	    add_names(names, json_object_get(owners, "owners"), "home", f) == 0)
		rc = json_object_set(status, "names", names) == 0
			 ? 0
			 : fault_memory(f);
	json_decref(names);
	json_decref(owners);
	json_decref(inbox);
	return rc;
}

int
cmd_status(struct cli *c, struct fault *f)
{
	struct keeper *k = NULL;
	json_t *o = NULL;
	int rc;

	if (home_keeper(c, 0, false, &k, f) != 0)
		return -1;
	rc = keeper_ask(k, KEEPER_STATUS, json_object(), &o, f);
	if (rc == 0)
		rc = name_ids(c, k, o, f);
	if (keeper_close(k, f) != 0)
		rc = -1;
	if (rc == 0 && c->json)
		rc = print_json(o, f);
	else if (rc == 0)
		print_status(o);
	if (rc == 0 && option_set(c, "check"))
		rc = judge(o, f);
	json_decref(o);
	return rc;
}
