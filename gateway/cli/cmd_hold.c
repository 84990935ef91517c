/* Holds and the suppression list: what must stay, and who must not leave. */

#include <stdio.h>
#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/asking_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/subject_internal.h"

const struct option hold_add_options[] = {
	{ "reason", 0, "TEXT", "why; kept beside the log" },
	OPTION_SUBJECT,
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
	OPTION_SUBJECT,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option suppress_remove_options[] = {
	OPTION_SUBJECT,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

/* which: one to paste. */
static int
need_reason(
    const struct cli *c, const char *which, const char **out, struct fault *f)
{
	if ((*out = option_text(c, "reason")) != NULL)
		return 0;
	(void)fault_set(f, FAULT_USAGE, "--reason is missing");
	return fault_hint(f, "--reason %s", which);
}

/* ---- Holds ---- */

static int
draft_hold(const struct cli *c, json_t *in, struct fault *f)
{
	bool subject;

	if (subject_meant(c, &subject, f) != 0)
		return -1;
	if (subject == (c->nwords > 0))
		return fault_set(f, FAULT_USAGE,
		    "a hold is of a batch or vendor, or of --subject -");
	if (subject)
		return subject_read(c, in, f);
	if (json_object_set_new(in, "target", json_string(c->words[0])) != 0)
		return fault_set(f, FAULT_USAGE, "the name is not UTF-8");
	return 0;
}

static void
print_held(const json_t *o)
{
	const json_t *list = json_object_get(o, "batches"), *b;
	size_t i;

	speak("%s: held; what ends it:\n  handoff hold end %s\n",
	    answer_text(o, "hold"), answer_text(o, "hold"));
	json_array_foreach(list, i, b)
	{
		speak("  and with it batch %s for %s, %s\n",
		    answer_text(b, "name"), answer_text(b, "vendor"),
		    answer_text(b, "state"));
	}
	if (list != NULL) /* it is a person */
		subject_unknown(list);
}

int
cmd_hold_add(struct cli *c, struct fault *f)
{
	unsigned branches = RING_RELEASE;
	const char *reason;
	json_t *in, *out = NULL;
	int rc;

	if (need_reason(c, "'case 4711'", &reason, f) != 0)
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
		return f->kind == FAULT_INPUT && c->nwords > 0
			   ? fault_hint(f,
				 "a person's key goes on standard input: "
				 "handoff hold add --subject - <key.txt")
			   : -1;
	rc = c->json ? print_json(out, f) : 0;
	if (!c->json)
		print_held(out);
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

		speak("  batch %s for %s, %s: %s about this person;\n"
		      "      what was not released of %s is refused from now "
		      "on\n",
		    answer_text(b, "name"), answer_text(b, "vendor"),
		    answer_text(b, "state"), answer_count(b, "shards", "shard"),
		    one ? "it" : "them");
	}
	if (json_array_size(list) > 0)
		speak("an export anew leaves the person out\n");
	subject_unknown(list);
}

int
cmd_suppress_add(struct cli *c, struct fault *f)
{
	const char *reason;
	json_t *in, *out = NULL;
	bool subject;
	int rc = 0;

	if (need_reason(c, "objection, restriction or withdrawn", &reason, f) !=
		0 ||
	    subject_meant(c, &subject, f) != 0)
		return -1;
	if ((in = json_pack("{s:s}", "reason", reason)) == NULL)
		return fault_set(f, FAULT_USAGE, "the reason is not UTF-8");
	if (subject_read(c, in, f) != 0) {
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

	if (subject_meant(c, &subject, f) != 0)
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
	else if ((rc = subject_read(c, in, f)) == 0)
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
