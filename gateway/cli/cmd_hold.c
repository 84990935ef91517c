/* Holds, the suppression list, and erasing: what must stay, who must not leave,
 * and whom the home forgets. */

#include <stdio.h>
#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/asking_internal.h"
#include "gateway/cli/cli_commands.h"
#include "keys/base/mem.h"

#define SUBJECT_OPTION                                       \
	{                                                    \
		"subject", 0, "-",                           \
		    "a person, whose key comes on standard " \
		    "input"                                  \
	}

const struct option hold_add_options[] = {
	{ "reason", 0, "TEXT", "why; kept beside the log" },
	SUBJECT_OPTION,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option hold_end_options[] = {
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option suppress_add_options[] = {
	{ "reason", 0, "WORD", "objection, restriction or withdrawn" },
	SUBJECT_OPTION,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option suppress_remove_options[] = {
	SUBJECT_OPTION,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option erase_options[] = {
	SUBJECT_OPTION,
	{ "yes", 'y', NULL, "agree without being asked" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

/* A subject's key has at most this. */
#define SUBJECT_ROOM 4098u

/* Is a person meant?  FAULT_USAGE for a key in the arguments, which others on
 * this machine can read. */
static int
is_subject(const struct cli *c, bool *yes, struct fault *f)
{
	const char *said = option_text(c, "subject");

	*yes = said != NULL;
	if (said == NULL || strcmp(said, "-") == 0)
		return 0;
	(void)fault_set(f, FAULT_USAGE,
	    "a person's key does not go into the arguments of a command");
	return fault_hint(f, "--subject - reads it from standard input");
}

/* The key of a person, from standard input or the one who sits there. */
static int
read_subject(const struct cli *c, json_t *in, struct fault *f)
{
	bool given = option_text(c, "subject") != NULL;
	char *line;
	int rc = -1;

	if (!given && !person_there()) {
		(void)fault_set(f, FAULT_USAGE, "of whom?");
		return fault_hint(f,
		    "--subject - reads the person's key from standard "
		    "input");
	}
	if ((line = mem_new(SUBJECT_ROOM)) == NULL)
		return fault_memory(f);
	if (person_line(given && !person_there()
			    ? ""
			    : "The person's key, as the data has it: ",
		line, SUBJECT_ROOM, f) == 0)
		rc = json_object_set_new(in, "subject", json_string(line)) == 0
			 ? 0
			 : fault_set(f, FAULT_USAGE, "the key is not UTF-8");
	mem_free(line);
	return rc;
}

static int
need_reason(const struct cli *c, const char **out, struct fault *f)
{
	if ((*out = option_text(c, "reason")) != NULL)
		return 0;
	return fault_set(f, FAULT_USAGE, "--reason is missing");
}

/* ---- Holds ---- */

static int
draft_hold(const struct cli *c, json_t *in, struct fault *f)
{
	bool subject;

	if (is_subject(c, &subject, f) != 0)
		return -1;
	if (subject == (c->nwords > 0))
		return fault_set(f, FAULT_USAGE,
		    "a hold is of a batch or vendor, or of --subject -");
	if (subject)
		return read_subject(c, in, f);
	if (json_object_set_new(in, "target", json_string(c->words[0])) != 0)
		return fault_set(f, FAULT_USAGE, "the name is not UTF-8");
	return 0;
}

int
cmd_hold_add(struct cli *c, struct fault *f)
{
	unsigned branches = RING_RELEASE;
	const char *reason;
	json_t *in, *out = NULL;
	int rc;

	if (need_reason(c, &reason, f) != 0)
		return -1;
	if ((in = json_pack("{s:s}", "reason", reason)) == NULL)
		return fault_set(f, FAULT_USAGE, "the reason is not UTF-8");
	if (draft_hold(c, in, f) != 0) {
		json_decref(in);
		return -1;
	}
	if (json_object_get(in, "subject") != NULL)
		branches |= RING_EXPORT;
	if (ask_home(c, branches, KEEPER_HOLD_ADD, in, &out, f) != 0)
		return -1;
	rc = c->json ? print_json(out, f) : 0;
	if (!c->json)
		speak("%s: held until handoff hold end %s\n",
		    answer_text(out, "hold"), answer_text(out, "hold"));
	json_decref(out);
	return rc;
}

int
cmd_hold_list(struct cli *c, struct fault *f)
{
	static const struct column columns[] = {
		{ "HOLD", "id", COLUMN_TEXT },
		{ "OF", "of", COLUMN_TEXT },
		{ "NAME", "name", COLUMN_TEXT },
		{ "SINCE", "at", COLUMN_DAY },
		{ "ENDED", "ended", COLUMN_DAY },
		{ "REASON", "reason", COLUMN_TEXT },
	};
	json_t *out;
	int rc;

	if (ask_home(c, 0, KEEPER_HOLDS, json_object(), &out, f) != 0)
		return -1;
	rc = c->json ? print_json(out, f)
		     : answer_table(json_object_get(out, "holds"), columns, 6,
			   "nothing is held", f);
	json_decref(out);
	return rc;
}

int
cmd_hold_end(struct cli *c, struct fault *f)
{
	json_t *out;
	int rc = 0;

	if (ask_home(c, RING_RELEASE, KEEPER_HOLD_END,
		json_pack("{s:s}", "hold", c->words[0]), &out, f) != 0)
		return -1;
	if (c->json)
		rc = print_json(out, f);
	else
		speak("%s: ended\n", answer_text(out, "hold"));
	json_decref(out);
	return rc;
}

/* ---- Suppressions ---- */

/* What of the person is sealed or out already. */
static void
print_added(const json_t *o)
{
	const json_t *list = json_object_get(o, "batches"), *b;
	size_t i;

	speak("%s: nothing of this person leaves (%s)\n",
	    answer_text(o, "suppression"), answer_text(o, "reason"));
	json_array_foreach(list, i, b)
	{
		bool one =
		    json_integer_value(json_object_get(b, "shards")) == 1;

		speak("  batch %s for %s, %s: %s about this person; what was "
		      "not released of %s is refused from now on\n",
		    answer_text(b, "name"), answer_text(b, "vendor"),
		    answer_text(b, "state"), answer_count(b, "shards", "shard"),
		    one ? "it" : "them");
	}
	if (json_array_size(list) > 0)
		speak("an export anew leaves the person out\n");
}

int
cmd_suppress_add(struct cli *c, struct fault *f)
{
	const char *reason;
	json_t *in, *out = NULL;
	bool subject;
	int rc = 0;

	if (need_reason(c, &reason, f) != 0 || is_subject(c, &subject, f) != 0)
		return -1;
	if ((in = json_pack("{s:s}", "reason", reason)) == NULL)
		return fault_set(f, FAULT_USAGE, "the reason is not UTF-8");
	if (read_subject(c, in, f) != 0) {
		json_decref(in);
		return -1;
	}
	if (ask_home(c, RING_RELEASE | RING_EXPORT, KEEPER_SUPPRESS_ADD, in,
		&out, f) != 0)
		return -1;
	if (c->json)
		rc = print_json(out, f);
	else
		print_added(out);
	json_decref(out);
	return rc;
}

int
cmd_suppress_remove(struct cli *c, struct fault *f)
{
	unsigned branches = RING_RELEASE;
	json_t *in, *out = NULL;
	bool subject;
	int rc = 0;

	if (is_subject(c, &subject, f) != 0)
		return -1;
	if (subject && c->nwords > 0)
		return fault_set(
		    f, FAULT_USAGE, "an id, or --subject -, not both");
	if ((in = json_object()) == NULL)
		return fault_memory(f);
	if (c->nwords > 0)
		rc = json_object_set_new(
			 in, "suppression", json_string(c->words[0])) == 0
			 ? 0
			 : fault_set(f, FAULT_USAGE, "the id is not UTF-8");
	else if ((rc = read_subject(c, in, f)) == 0)
		branches |= RING_EXPORT;
	if (rc != 0) {
		json_decref(in);
		return -1;
	}
	if (ask_home(c, branches, KEEPER_SUPPRESS_REMOVE, in, &out, f) != 0)
		return -1;
	if (c->json)
		rc = print_json(out, f);
	else
		speak("%s: ended; it leaves again\n",
		    answer_text(out, "suppression"));
	json_decref(out);
	return rc;
}

int
cmd_suppress_list(struct cli *c, struct fault *f)
{
	static const struct column columns[] = {
		{ "SUPPRESSION", "id", COLUMN_TEXT },
		{ "REASON", "reason", COLUMN_TEXT },
		{ "SINCE", "at", COLUMN_DAY },
		{ "ENDED", "ended", COLUMN_DAY },
	};
	json_t *out;
	int rc;

	if (ask_home(c, 0, KEEPER_SUPPRESSIONS, json_object(), &out, f) != 0)
		return -1;
	rc = c->json ? print_json(out, f)
		     : answer_table(json_object_get(out, "suppressions"),
			   columns, 4, "nobody is suppressed", f);
	json_decref(out);
	return rc;
}

/* ---- Erasing ---- */

static void
print_erased(const json_t *o)
{
	const json_t *list = json_object_get(o, "batches"), *b;
	size_t i;

	speak("erased from %s\n", answer_count(o, "lists", "list"));
	speak("forgotten of what was sent: %s\n",
	    answer_count(o, "sent", "item"));
	if (json_integer_value(json_object_get(o, "others")) > 0)
		speak("forgotten with it: %s of the same shards, which an "
		      "older version sealed\nwithout keeping whom each item "
		      "is about; export --new sends them again\n",
		    answer_count(o, "others", "item"));
	json_array_foreach(list, i, b)
	{
		speak("  batch %s was about this person; what %s was given of "
		      "it\n      stays there until it is deleted\n",
		    answer_text(b, "name"), answer_text(b, "vendor"));
	}
	if (json_array_size(list) > 0)
		speak("keep this: the home does not know it any more\n");
	if (!json_is_true(json_object_get(o, "suppressed")))
		speak("the person is not suppressed: an export of data that "
		      "has them takes them\nalong again\n");
}

int
cmd_erase(struct cli *c, struct fault *f)
{
	json_t *in, *out = NULL;
	bool subject;
	int rc = 0;

	if (is_subject(c, &subject, f) != 0)
		return -1;
	if ((in = json_object()) == NULL)
		return fault_memory(f);
	if (read_subject(c, in, f) != 0 ||
	    person_agrees(c, "erase", false, f) != 0) {
		json_decref(in);
		return -1;
	}
	if (ask_home(
		c, RING_RELEASE | RING_EXPORT, KEEPER_ERASE, in, &out, f) != 0)
		return -1;
	if (c->json)
		rc = print_json(out, f);
	else
		print_erased(out);
	json_decref(out);
	return rc;
}
