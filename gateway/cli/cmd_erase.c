/* Erasing: whom the home forgets, and forgets again when a backup brought them
 * back. */

#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/asking_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/subject_internal.h"
#include "gateway/flow/flow.h"
#include "keys/base/doc.h"

const struct option erase_options[] = {
	OPTION_SUBJECT,
	{ "yes", 'y', NULL, "agree without being asked" },
	{ "log", 0, "DIR", "whom a log of before a restoration says were" },
	{ "no-log", 0, NULL, "there is no such log, of one: say so" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

static void
print_counts(const json_t *o)
{
	speak("erased from %s\n", answer_count(o, "lists", "list"));
	speak("forgotten of what was sent: %s\n",
	    answer_count(o, "sent", "item"));
	if (member_number(o, "others") > 0)
		speak("forgotten with it: %s of the same shards, which an "
		      "older version sealed\nwithout keeping whom each item "
		      "is about; export --new sends them again\n",
		    answer_count(o, "others", "item"));
}

static void
print_erased(const json_t *o)
{
	const json_t *list = json_object_get(o, "batches"), *b;
	size_t i;

	print_counts(o);
	json_array_foreach(list, i, b)
	{
		speak("  batch %s was about this person; what %s was given of "
		      "it\n      stays there until it is deleted\n",
		    answer_text(b, "name"), answer_text(b, "vendor"));
	}
	if (member_number(o, "lists") == 0 && member_number(o, "sent") == 0)
		subject_unknown(list);
	if (json_array_size(list) > 0)
		speak("keep this: the home does not know it any more\n");
	if (!json_is_true(json_object_get(o, "suppressed")))
		speak("the person is not suppressed: an export of data that "
		      "has them takes them\nalong again\n");
}

/* One person. */
static int
erase_person(const struct cli *c, struct fault *f)
{
	json_t *in, *out = NULL;
	bool subject;
	int rc = 0;

	if (subject_meant(c, &subject, f) != 0)
		return -1;
	if ((in = json_object()) == NULL)
		return fault_memory(f);
	if (subject_read(c, in, f) != 0 || person_agrees(c, "erase", f) != 0) {
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

/* ---- After a restoration ---- */

/* Every log that was given, added to logs. */
static int
read_logs(const struct cli *c, const struct vkey *log, const json_t *restored,
    json_t *logs, struct fault *f)
{
	const char *folder;
	json_t *one;

	for (size_t i = 0; (folder = option_nth(c, "log", i)) != NULL; i++)
		if (flow_since_backup(folder, log, restored, &one, f) != 0)
			return -1;
		else if (json_array_append_new(logs, one) != 0)
			return fault_memory(f);
	return 0;
}

/* What the keeper is asked: the logs, and whether one is missing. */
static int
make_ask(const struct cli *c, struct keeper *k, json_t **ask, struct fault *f)
{
	json_t *who = NULL, *told = NULL, *logs = json_array();
	struct vkey log;
	const char *key;
	int rc = -1;

	*ask = NULL;
	if (logs == NULL)
		return fault_memory(f);
	if (keeper_ask(k, KEEPER_WHO, json_object(), &who, f) == 0 &&
	    doc_text(who, "log", &key, f) == 0 &&
	    vkey_read(&log, key, strlen(key), f) == 0 &&
	    keeper_ask(k, KEEPER_RESTORATIONS, json_object(), &told, f) == 0 &&
	    read_logs(c, &log, json_object_get(told, "restored"), logs, f) == 0)
		rc = 0;
	json_decref(who);
	json_decref(told);
	if (rc == 0) {
		*ask = json_pack(
		    "{s:O,s:b}", "logs", logs, "none", option_set(c, "no-log"));
		rc = *ask == NULL ? fault_memory(f) : 0;
	}
	json_decref(logs);
	return rc;
}

static void
print_again(const json_t *o, bool log)
{
	if (!log) {
		speak("nothing was erased or suppressed again: whom you know "
		      "to have been after the\nbackup, erase and suppress by "
		      "hand\n");
		return;
	}
	speak("who had been suppressed and is again: %s\n",
	    answer_count(o, "suppressed", "person"));
	if (member_number(o, "suppressed_unnamed") > 0)
		speak("not to be read by this home: %s; go by your own file "
		      "of requests\n",
		    answer_count(o, "suppressed_unnamed", "suppression"));
	speak("who had been erased and was back: %s\n",
	    answer_count(o, "persons", "person"));
	print_counts(o);
	if (member_number(o, "unnamed") > 0)
		speak("logged by an older version, without whom: %s; do them "
		      "by hand\n",
		    answer_count(o, "unnamed", "erasure"));
}

static int
erase_again(const struct cli *c, struct fault *f)
{
	json_t *ask = NULL, *out = NULL;
	struct keeper *k = NULL;
	int rc;

	if (home_keeper(c, RING_RELEASE | RING_EXPORT, false, &k, f) != 0)
		return -1;
	rc = make_ask(c, k, &ask, f);
	if (rc == 0)
		rc = keeper_ask(k, KEEPER_ERASE_AGAIN, ask, &out, f);
	if (keeper_close(k, f) != 0)
		rc = -1;
	if (rc == 0 && c->json)
		rc = print_json(out, f);
	else if (rc == 0)
		print_again(out, option_set(c, "log"));
	json_decref(out);
	return rc;
}

int
cmd_erase(struct cli *c, struct fault *f)
{
	bool again = option_set(c, "log") || option_set(c, "no-log");

	if (again && option_set(c, "subject"))
		return fault_set(f, FAULT_USAGE,
		    "one of --subject -, --log DIR and --no-log");
	return again ? erase_again(c, f) : erase_person(c, f);
}
