/*
 * What is told about a return: one document for programs, one table for
 * people, and why it was refused if it was.
 */

#include <math.h>
#include <string.h>

#include "gateway/flow/ingest_internal.h"
#include "gateway/labels/labels.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"

static bool
golden_is(const struct ingest *g, enum labels_golden_verdict v)
{
	const char *said =
	    json_string_value(json_object_get(g->joined, "golden"));

	return said != NULL && strcmp(said, labels_golden_name(v)) == 0;
}

bool
ingest_judged(const struct ingest *g)
{
	return golden_is(g, LABELS_GOLDEN_PASSED) ||
	       golden_is(g, LABELS_GOLDEN_FAILED);
}

const char *
ingest_verdict(const struct ingest *g)
{
	const char *said =
	    json_string_value(json_object_get(g->report, "verdict"));

	if (g->refused != FAULT_NONE || said == NULL)
		return "rejected";
	/* nothing is missing but a verdict */
	return golden_is(g, LABELS_GOLDEN_FEW) ? "partial" : said;
}

/* ---- Refusing ---- */

/* A report with nothing in it, where no checker came to make one. */
static json_t *
no_report(void)
{
	return json_pack("{s:s,s:{s:i,s:i,s:i,s:i,s:i},s:{},s:[]}", "verdict",
	    "rejected", "items", "all", 0, "open", 0, "answered", 0, "empty", 0,
	    "skipped", 0, "found", "findings");
}

/* One more finding, with a code of its own, at the head of the list. */
static int
add_finding(
    struct ingest *g, const char *code, const char *message, struct fault *f)
{
	json_t *o;

	if (g->report == NULL)
		g->report = no_report();
	o = json_pack("{s:s,s:s,s:s}", "code", code, "severity", "error",
	    "message", message);
	if (json_array_insert_new(
		json_object_get(g->report, "findings"), 0, o) != 0 ||
	    json_object_set_new(json_object_get(g->report, "found"), code,
		json_integer(1)) != 0 ||
	    json_object_set_new(
		g->report, "verdict", json_string("rejected")) != 0)
		return fault_memory(f);
	return bytes_addf(
	    &g->table, f, "%-7s %-17s %s\n", "error", code, message);
}

int
ingest_refuse(struct ingest *g, const char *code, struct fault *f)
{
	struct fault why = *f;

	if (f->kind != FAULT_FORGED && f->kind != FAULT_INPUT)
		return -1;
	fault_clear(f);
	g->refused = why.kind;
	return add_finding(g, code, why.text, f);
}

/* ---- The score ---- */

static double
number(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static unsigned long long
whole(const json_t *o, const char *key)
{
	return (unsigned long long)json_integer_value(json_object_get(o, key));
}

static int
say_score(struct ingest *g, const json_t *s, struct fault *f)
{
	char verdict[100] = "";

	if (golden_is(g, LABELS_GOLDEN_FEW))
		(void)snprintf(verdict, sizeof(verdict),
		    "not judged: too few, %llu are needed%s",
		    whole(s, "needed"),
		    json_is_true(json_object_get(g->joined, "whole"))
			? ""
			: "; taken in as provisional");
	else
		(void)snprintf(verdict, sizeof(verdict), "%s the mark of %.4f",
		    golden_is(g, LABELS_GOLDEN_PASSED) ? "judged: passes"
						       : "judged: fails",
		    number(s, "pass"));
	if (bytes_addf(&g->table, f,
		"golden: %llu of %llu items answered so far, %llu skipped\n",
		whole(s, "answered"), whole(s, "golden"),
		whole(s, "skipped")) != 0)
		return -1;
	if (whole(s, "answers") == 0)
		return bytes_addf(&g->table, f, "golden: %s\n", verdict);
	return bytes_addf(&g->table, f,
	    "golden: %s %.4f (95 %%: %.4f to %.4f) over %llu answer%s; %s\n",
	    json_string_value(json_object_get(s, "metric")), number(s, "value"),
	    number(s, "low"), number(s, "high"), whole(s, "answers"),
	    whole(s, "answers") == 1 ? "" : "s", verdict);
}

/* The verdict is also one on those that were taken in without. */
static int
say_unjudged(struct ingest *g, struct fault *f)
{
	const json_t *list = json_object_get(g->about, "unjudged"), *id;
	size_t i;

	if (!ingest_judged(g))
		return 0;
	json_array_foreach(list, i, id)
	{
		if (bytes_addf(&g->table, f,
			"golden: return %s, taken in before it could be "
			"judged, %s with this one\n",
			json_string_value(id),
			golden_is(g, LABELS_GOLDEN_PASSED) ? "passes"
							   : "fails") != 0)
			return -1;
	}
	return 0;
}

/* Refused by golden items; the message says how many, and never which. */
static int
refuse_golden(
    struct ingest *g, const char *code, const char *message, struct fault *f)
{
	g->refused = FAULT_POLICY;
	g->by_golden = true;
	return add_finding(g, code, message, f);
}

static int
judge_golden(struct ingest *g, const json_t *s, struct fault *f)
{
	bool all = json_is_true(json_object_get(g->joined, "whole"));
	char message[160];

	if (golden_is(g, LABELS_GOLDEN_FAILED)) {
		(void)snprintf(message, sizeof(message),
		    "the score %.4f is below the pass mark %.4f",
		    number(s, "value"), number(s, "pass"));
		return refuse_golden(g, "golden-failed",
		    json_is_object(s) ? message
				      : "the answers on golden items are too "
					"much to compare",
		    f);
	}
	if (!golden_is(g, LABELS_GOLDEN_FEW) || !all)
		return 0;
	(void)snprintf(message, sizeof(message),
	    "nothing more will come, and %llu of %llu golden items are "
	    "answered: too few to judge, %llu are needed",
	    whole(s, "answered"), whole(s, "golden"), whole(s, "needed"));
	return refuse_golden(g, "golden-too-few", message, f);
}

int
ingest_scored(struct ingest *g, struct fault *f)
{
	const json_t *s = json_object_get(g->joined, "score");
	const json_t *batch = json_object_get(g->joined, "batch");

	if (bytes_addf(&g->table, f,
		"batch: open after all returns %llu; answered before and now "
		"%llu\n",
		whole(batch, "open"), whole(batch, "again")) != 0 ||
	    (json_is_object(s) && say_score(g, s, f) != 0) ||
	    say_unjudged(g, f) != 0)
		return -1;
	return judge_golden(g, s, f);
}

/* ---- All of it ---- */

/* From the first release to the return's arrival. */
static json_t *
turnaround(const struct ingest *g)
{
	const char *from =
	    json_string_value(json_object_get(g->about, "released"));
	const char *to = json_string_value(json_object_get(g->about, "at"));
	int64_t begun, ended;

	if (from == NULL || to == NULL ||
	    !clock_read(&begun, from, strlen(from)) ||
	    !clock_read(&ended, to, strlen(to)))
		return json_null();
	return json_pack("{s:s,s:s,s:I}", "released", from, "returned", to,
	    "seconds", (json_int_t)(ended - begun));
}

static int
copy_member(json_t *to, const char *as, const json_t *from, const char *key)
{
	json_t *v = json_object_get(from, key);

	return json_object_set_new(
	    to, as, v == NULL ? json_null() : json_incref(v));
}

int
ingest_report(const struct ingest *g, json_t **out, struct fault *f)
{
	json_t *o = json_pack("{s:s,s:s,s:i,s:b,s:b,s:o}", "return", g->id,
	    "verdict", ingest_verdict(g), "status", (int)g->refused, "complete",
	    g->complete ? 1 : 0, "dry_run", g->o->dry_run ? 1 : 0, "turnaround",
	    turnaround(g));

	if (o == NULL || copy_member(o, "batch", g->about, "batch") != 0 ||
	    copy_member(o, "batch_name", g->about, "batch_name") != 0 ||
	    copy_member(o, "vendor_name", g->about, "vendor_name") != 0 ||
	    copy_member(o, "golden", g->joined, "golden") != 0 ||
	    copy_member(o, "score", g->joined, "score") != 0 ||
	    copy_member(o, "unjudged_before", g->about, "unjudged") != 0 ||
	    copy_member(o, "agreement", g->joined, "agreement") != 0 ||
	    copy_member(o, "over_all_returns", g->joined, "batch") != 0 ||
	    json_object_set(o, "labels", g->report) != 0) {
		json_decref(o);
		return fault_memory(f);
	}
	*out = o;
	return 0;
}
