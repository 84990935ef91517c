/*
 * Inside the second checker: answers in our own spelling, the owner's secrets
 * beside them.
 *
 *     answers --> under the original ids, pixels as delivered   --> JSONL, COCO
 *             '-> under the original ids, the originals' pixels --> JSONL, COCO
 *                       '-> against the golden answers --> score, record
 *                           records of returns before -------'
 *
 * Golden answers are in the originals' own pixels, as the owner has them; so
 * are the answers when they are compared.
 */

#include <string.h>

#include "gateway/flow/checker_internal.h"
#include "gateway/labels/labels.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Everything read and made; one free for all. */
struct joining {
	const struct check_join_in *in;
	struct labels_contract terms;
	struct labels *answers, *delivered, *original, *golden;
	struct labels_origins origins;
	bool *before; /* by item: spoken of in an earlier return */
};

static void
joining_free(struct joining *j)
{
	labels_free(j->answers);
	labels_free(j->delivered);
	labels_free(j->original);
	labels_free(j->golden);
	labels_origins_free(&j->origins);
	labels_contract_free(&j->terms);
	mem_free(j->before);
}

/* What the first checker wrote: who and when may be missing where COCO had no
 * place for it, and nothing may be wrong. */
static int
read_answers(struct joining *j, struct fault *f)
{
	struct labels_contract terms = j->terms;

	terms.anonymous = true;
	terms.formats = 0;
	if (labels_new(&j->answers, &terms, f) != 0 ||
	    labels_read_items(j->answers, j->in->items, "items", f) != 0 ||
	    labels_read(
		j->answers, j->in->answers, "answers", LABELS_JSONL, f) != 0 ||
	    labels_settle(j->answers, f) != 0)
		return -1;
	if (labels_verdict(j->answers) == LABELS_REJECTED)
		return fault_set(f, FAULT_PEER,
		    "answers that were accepted are refused now");
	return 0;
}

static int
read_golden(struct joining *j, struct fault *f)
{
	struct labels_contract terms = { .kind = j->terms.kind,
		.overlap = true,
		.any_item = true,
		.anonymous = true };

	if (j->in->golden == -1)
		return 0;
	if (labels_new(&j->golden, &terms, f) != 0 ||
	    labels_read(j->golden, j->in->golden, "golden", LABELS_JSONL, f) !=
		0 ||
	    labels_settle(j->golden, f) != 0)
		return -1;
	if (labels_verdict(j->golden) == LABELS_REJECTED)
		return fault_set(f, FAULT_INPUT, "golden answers: %s",
		    labels_finding(j->golden, 0)->message);
	return 0;
}

/* ---- What is still open ---------------------------------------------------
 */

/* Each line of the lists before is an item's id. */
static int
read_before(struct joining *j, struct fault *f)
{
	char line[LABELS_ITEM_CHARS + 1];
	struct bytes all;
	int rc = -1;

	bytes_init(&all, (LABELS_ITEM_CHARS + 1) * LABELS_ANSWERS_MAX);
	j->before = mem_array(labels_nitems(j->answers), sizeof(*j->before));
	if (j->before == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (file_read_fd(j->in->spoken, &all, f) != 0)
		goto out;
	if (all.len % sizeof(line) != 0) {
		(void)fault_set(f, FAULT_INPUT, "spoken: a line cut short");
		goto out;
	}
	for (size_t at = 0, i; at < all.len; at += sizeof(line)) {
		memcpy(line, all.at + at, sizeof(line));
		line[LABELS_ITEM_CHARS] = '\0';
		if (labels_find_item(j->answers, line, &i))
			j->before[i] = true;
	}
	rc = 0;
out:
	bytes_free(&all);
	return rc;
}

/* The origins of items that are open after all returns, as a list of its own
 * that borrows. */
static int
write_open(struct joining *j, size_t *open, struct fault *f)
{
	struct labels_origins left = { 0 };
	size_t item;
	int rc = -1;

	left.at = mem_array(j->origins.n, sizeof(*left.at));
	if (left.at == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < j->origins.n; i++) {
		const struct labels_origin *o = &j->origins.at[i];

		if (labels_find_item(j->answers, o->item, &item) &&
		    labels_item_state(j->answers, item) == LABELS_OPEN &&
		    !j->before[item])
			left.at[left.n++] = *o;
	}
	*open = left.n;
	rc = labels_write_groups(&left, j->in->out[CHECK_OPEN], f);
	mem_free(left.at);
	return rc;
}

static int
write_spoken(struct joining *j, size_t *again, struct fault *f)
{
	struct bytes out;
	int rc = -1;

	bytes_init(&out, (LABELS_ITEM_CHARS + 1) * LABELS_ITEMS_MAX);
	*again = 0;
	for (size_t i = 0; i < labels_nitems(j->answers); i++) {
		if (labels_item_state(j->answers, i) == LABELS_OPEN)
			continue;
		*again += j->before[i];
		if (bytes_addf(
			&out, f, "%s\n", labels_item(j->answers, i)->id) != 0)
			goto out;
	}
	rc = file_write(j->in->out[CHECK_SPOKEN], out.at, out.len, f);
out:
	bytes_free(&out);
	return rc;
}

/* ---- Outputs ---------------------------------------------------------------
 */

/* Pictures, and labels that COCO has a place for. */
static bool
has_coco(const struct joining *j)
{
	if (labels_kind(j->answers) != LABELS_BOXES &&
	    labels_kind(j->answers) != LABELS_CLASS)
		return false;
	for (size_t i = 0; i < labels_nitems(j->answers); i++)
		if (labels_is_picture(labels_item(j->answers, i)))
			return true;
	return false;
}

static int
write_outputs(struct joining *j, struct fault *f)
{
	const int *out = j->in->out;

	if (labels_write_jsonl(j->delivered, out[CHECK_JSONL], f) != 0 ||
	    labels_write_jsonl(j->original, out[CHECK_ORIGINAL_JSONL], f) !=
		0 ||
	    labels_write_groups(&j->origins, out[CHECK_GROUPS], f) != 0)
		return -1;
	if (!has_coco(j))
		return 0;
	if (labels_write_coco(j->delivered, out[CHECK_COCO], f) != 0)
		return -1;
	return labels_write_coco(j->original, out[CHECK_ORIGINAL_COCO], f);
}

/* ---- Score and agreement ---------------------------------------------------
 */

/* A return that says that nothing more will come, or where nothing is missing.
 * That is the vendor's to say, and does not hang on any golden answer. */
static bool
is_whole(const struct joining *j)
{
	struct labels_counts n;

	labels_count(j->answers, &n);
	return j->terms.complete || n.open == 0;
}

static int
read_marks(const struct joining *j, enum labels_metric *metric, double *pass,
    struct fault *f)
{
	const char *name;
	uint64_t ppm;

	if (doc_text(j->in->terms, "metric", &name, f) != 0 ||
	    doc_number(j->in->terms, "pass", 1000000, &ppm, f) != 0)
		return -1;
	*pass = (double)ppm / 1e6;
	return labels_metric_read(metric, name)
		   ? 0
		   : fault_set(f, FAULT_INPUT, "a metric that is not known");
}

static json_t *
score_json(const struct labels_score *s, bool whole)
{
	return json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:f,s:f,s:f,s:f,s:b}",
	    "metric", labels_metric_name(s->metric), "golden",
	    (json_int_t)s->golden, "answered", (json_int_t)s->answered, "open",
	    (json_int_t)s->open, "skipped", (json_int_t)s->skipped, "needed",
	    (json_int_t)labels_golden_needed(s, whole), "answers",
	    (json_int_t)s->answers, "value", s->value, "low", s->low, "high",
	    s->high, "pass", s->pass, "passed", s->passed ? 1 : 0);
}

static int
say_score(json_t *result, json_t *score, enum labels_golden_verdict v,
    struct fault *f)
{
	if (json_object_set_new(result, "score", score) == 0 &&
	    json_object_set_new(
		result, "golden", json_string(labels_golden_name(v))) == 0)
		return 0;
	return fault_memory(f);
}

/* Over this return and those before; "score" and "golden" into result. */
static int
score_all(struct joining *j, struct labels_golden *g, double pass,
    json_t *result, struct fault *f)
{
	bool whole = is_whole(j);
	struct labels_score s;

	if (labels_golden_recall(g, j->in->recalled, f) != 0)
		return fault_at(f, "golden answers before");
	if (labels_golden_add(g, j->original, f) != 0) {
		if (f->kind != FAULT_INPUT)
			return -1;
		/* Not to be scored is to fail: left undone, it would tell the
		 * vendor that there was something to compare with. */
		fault_clear(f);
		return say_score(result, json_null(), LABELS_GOLDEN_FAILED, f);
	}
	if (labels_golden_write(g, j->in->out[CHECK_GOLDEN], f) != 0)
		return -1;
	labels_golden_score(g, pass, &s);
	return say_score(
	    result, score_json(&s, whole), labels_golden_judge(&s, whole), f);
}

static int
score(struct joining *j, json_t *result, struct fault *f)
{
	struct labels_golden *g = NULL;
	enum labels_metric metric;
	double pass;
	int rc = -1;

	if (j->golden == NULL)
		return 0;
	if (read_marks(j, &metric, &pass, f) == 0 &&
	    labels_golden_new(&g, j->golden, metric, f) == 0)
		rc = score_all(j, g, pass, result, f);
	labels_golden_free(g);
	return rc;
}

static int
agreement(struct joining *j, json_t **out, struct fault *f)
{
	struct labels_agreement a;
	bool ok;

	if (labels_agree(j->answers, LABELS_NOMINAL, &a, f) != 0) {
		/* too much to compare is no reason to refuse the labels */
		if (f->kind != FAULT_INPUT)
			return -1;
		fault_clear(f);
		*out = json_null();
		return 0;
	}
	*out =
	    json_pack("{s:I,s:I,s:I}", "annotators", (json_int_t)a.annotators,
		"units", (json_int_t)a.units, "pairs", (json_int_t)a.pairs);
	ok = *out != NULL &&
	     (!a.has_alpha ||
		 json_object_set_new(*out, "alpha", json_real(a.alpha)) == 0) &&
	     (!a.has_percent || json_object_set_new(*out, "percent",
				    json_real(a.percent)) == 0) &&
	     (!a.has_kappa ||
		 json_object_set_new(*out, "kappa", json_real(a.kappa)) == 0) &&
	     (!a.has_alike ||
		 json_object_set_new(*out, "alike", json_real(a.alike)) == 0);
	return ok ? 0 : fault_memory(f);
}

static int
conclude(struct joining *j, json_t **result, struct fault *f)
{
	json_t *agree = NULL, *o = NULL;
	size_t open = 0, again = 0;
	int rc = -1;

	if (agreement(j, &agree, f) != 0 || write_open(j, &open, f) != 0 ||
	    write_spoken(j, &again, f) != 0)
		goto out;
	o = json_pack("{s:O,s:{s:I,s:I},s:b,s:b,s:n,s:n}", "agreement", agree,
	    "batch", "again", (json_int_t)again, "open", (json_int_t)open,
	    "coco", has_coco(j) ? 1 : 0, "whole", is_whole(j) ? 1 : 0, "score",
	    "golden");
	if (o == NULL)
		(void)fault_memory(f);
	else
		rc = score(j, o, f);
	if (rc == 0)
		*result = json_incref(o);
out:
	json_decref(agree);
	json_decref(o);
	return rc;
}

int
check_join_do(const struct check_join_in *in, json_t **result, struct fault *f)
{
	struct joining j = { .in = in };
	int rc = -1;

	if (check_contract(&j.terms, in->terms, f) == 0 &&
	    read_answers(&j, f) == 0 && read_golden(&j, f) == 0 &&
	    labels_read_origins(&j.origins, in->origins, "origins", f) == 0 &&
	    labels_join(&j.delivered, j.answers, &j.origins, LABELS_DELIVERED,
		f) == 0 &&
	    labels_join(
		&j.original, j.answers, &j.origins, LABELS_ORIGINAL, f) == 0 &&
	    read_before(&j, f) == 0 && write_outputs(&j, f) == 0)
		rc = conclude(&j, result, f);
	joining_free(&j);
	return rc;
}
