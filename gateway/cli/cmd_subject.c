/*
 * What the home knows of one person, for whoever has to answer them: what left
 * about them, to whom, what for, and when it is to be gone there.
 */

#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/asking_internal.h"
#include "gateway/cli/batch_page_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/subject_internal.h"
#include "keys/base/clock.h"

const struct option report_subject_options[] = {
	OPTION_SUBJECT,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

/* ---- Of a batch ---- */

static int
set(json_t *o, const char *key, const char *text, struct fault *f)
{
	return json_object_set_new(o, key, json_string(text)) == 0
		   ? 0
		   : fault_memory(f);
}

/* When it was last released, and until when that may be kept. */
static int
add_release(json_t *batch, const json_t *page, struct fault *f)
{
	const json_t *one, *list = json_object_get(page, "releases");
	char by[CLOCK_CHARS + 1];
	const char *last = NULL;
	int64_t at;
	size_t i;

	json_array_foreach(list, i, one)
	{
		last = member_text(one, "at");
	}
	if (last == NULL || !clock_read(&at, last, strlen(last)))
		return 0;
	clock_write(by, at + member_number(page, "retention"));
	return set(batch, "released", last, f) == 0
		   ? set(batch, "delete_by", by, f)
		   : -1;
}

/* What for, as the policy said that it was made under. */
static int
add_purpose(json_t *batch, const json_t *page, struct fault *f)
{
	struct policy *p;
	int rc = -1;

	if (batch_page_policy(page, &p, f) != 0)
		return -1;
	if (p == NULL)
		return 0;
	if (set(batch, "project", p->project, f) == 0 &&
	    set(batch, "purpose", p->purpose, f) == 0)
		rc = set(batch, "retention", p->retention_text, f);
	policy_free(p);
	return rc;
}

static int
add_page(struct keeper *k, json_t *batch, struct fault *f)
{
	json_t *page = NULL;
	int rc = -1;

	if (keeper_ask(k, KEEPER_BATCH_PAGE,
		json_pack("{s:s}", "batch", member_text(batch, "id")), &page,
		f) == 0 &&
	    set(batch, "country",
		member_text(json_object_get(page, "to"), "country_name"),
		f) == 0 &&
	    add_purpose(batch, page, f) == 0)
		rc = add_release(batch, page, f);
	json_decref(page);
	return rc;
}

static void
print_batch(const json_t *b)
{
	speak("%s to %s in %s, %s: %s about the person\n",
	    answer_text(b, "name"), answer_text(b, "vendor"),
	    answer_text(b, "country"), answer_text(b, "state"),
	    answer_count(b, "shards", "shard"));
	if (json_object_get(b, "purpose") != NULL)
		speak("      project %s, for %s, kept %s\n",
		    answer_text(b, "project"), answer_text(b, "purpose"),
		    answer_text(b, "retention"));
	if (json_object_get(b, "released") == NULL)
		speak("      nothing of it was released\n");
	else
		speak("      released, last on %s; to be deleted by %s\n",
		    answer_form(b, "released", COLUMN_DAY),
		    answer_form(b, "delete_by", COLUMN_DAY));
}

/* ---- Of the person ---- */

static void
print_person(const json_t *o)
{
	const json_t *list = json_object_get(o, "batches"), *b;
	const json_t *suppression = json_object_get(o, "suppression");
	size_t i;

	json_array_foreach(list, i, b)
	{
		print_batch(b);
	}
	subject_unknown(list);
	if (json_is_object(suppression))
		speak(
		    "suppressed since %s (%s): nothing of the person leaves\n",
		    answer_form(suppression, "at", COLUMN_DAY),
		    answer_text(suppression, "reason"));
	json_array_foreach(json_object_get(o, "holds"), i, b)
	{
		speak("held, as %s\n", json_string_value(b));
	}
}

static int
what_is_known(struct keeper *k, json_t *in, json_t **out, struct fault *f)
{
	json_t *b;
	size_t i;

	if (keeper_ask(k, KEEPER_PERSON, in, out, f) != 0)
		return -1;
	json_array_foreach(json_object_get(*out, "batches"), i, b)
	{
		if (add_page(k, b, f) != 0)
			return -1;
	}
	return 0;
}

int
cmd_report_subject(struct cli *c, struct fault *f)
{
	struct keeper *k = NULL;
	json_t *in, *out = NULL;
	bool subject;
	int rc;

	if (subject_meant(c, &subject, f) != 0)
		return -1;
	if ((in = json_object()) == NULL)
		return fault_memory(f);
	if (subject_read(c, in, f) != 0 ||
	    home_keeper(c, RING_EXPORT, false, &k, f) != 0) {
		json_decref(in);
		return -1;
	}
	rc = what_is_known(k, in, &out, f);
	if (keeper_close(k, f) != 0)
		rc = -1;
	if (rc == 0 && c->json)
		rc = print_json(out, f);
	else if (rc == 0)
		print_person(out);
	json_decref(out);
	return rc;
}
