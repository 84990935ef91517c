/* labels score, labels agree: how good answers are, on files alone. */

#include <string.h>

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/label_files_internal.h"

const struct option labels_score_options[] = {
	LABEL_READING,
	{ "golden", 'g', "FILE", "the answers that are known" },
	{ "metric", 'm', "METRIC", "accuracy, mean_iou or span_f1" },
	{ "pass", 'p', "SCORE", "exit 3 below it" },
	{ "join", 'j', "FILE", "golden ids and pixels are the originals'" },
	{ NULL, 0, NULL, NULL },
};

const struct option labels_agree_options[] = {
	LABEL_READING,
	{ "level", 'l', "LEVEL", "nominal, ordinal, interval or ratio" },
	{ NULL, 0, NULL, NULL },
};

/* The golden answers: label lines without annotator and time. */
static int
read_golden(const char *path, struct labels **out, struct fault *f)
{
	const struct labels_contract how = { .any_item = true,
		.anonymous = true };
	struct labels *l = NULL;
	int rc = -1;

	if (labels_new(&l, &how, f) != 0 ||
	    label_add_file(l, path, LABELS_AUTO, f) != 0 ||
	    labels_settle(l, f) != 0)
		goto out;
	if (labels_verdict(l) == LABELS_REJECTED) {
		const struct labels_finding *found = labels_finding(l, 0);

		(void)fault_set(f, FAULT_INPUT, "%s:%u: %s", path, found->line,
		    found->message);
		goto out;
	}
	*out = l;
	l = NULL; /* the caller's from here */
	rc = 0;
out:
	labels_free(l);
	return rc;
}

static int
print_score(const struct cli *c, const struct labels_score *s, struct fault *f)
{
	const char *name = labels_metric_name(s->metric);
	json_t *o;
	int rc;

	if (!c->json) {
		speak("%s %.4f, 95%% interval %.4f to %.4f, of %zu answers\n"
		      "    on %zu golden items (%zu open, %zu skipped)\n",
		    name, s->value, s->low, s->high, s->answers, s->golden,
		    s->open, s->skipped);
		return 0;
	}
	o = json_pack("{s:s, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:f, s:b}",
	    "metric", name, "value", s->value, "low", s->low, "high", s->high,
	    "golden", (json_int_t)s->golden, "open", (json_int_t)s->open,
	    "skipped", (json_int_t)s->skipped, "answers",
	    (json_int_t)s->answers, "pass", s->pass, "passed", (int)s->passed);
	if (o == NULL)
		return fault_memory(f);
	rc = label_print_json(o, f);
	json_decref(o);
	return rc;
}

/* --metric, or the one that fits what is scored. */
static int
read_metric(const struct cli *c, const struct labels *golden,
    enum labels_metric *out, struct fault *f)
{
	const char *name = option_text(c, "metric");

	*out = labels_kind(golden) == LABELS_BOXES   ? LABELS_MEAN_IOU
	       : labels_kind(golden) == LABELS_SPANS ? LABELS_SPAN_F1
						     : LABELS_ACCURACY;
	if (name != NULL && !labels_metric_read(out, name))
		return fault_set(f, FAULT_USAGE,
		    "--metric needs accuracy, mean_iou or span_f1");
	return 0;
}

static int
read_pass(const struct cli *c, double *out, struct fault *f)
{
	const char *text = option_text(c, "pass");
	char *end;

	*out = 0;
	if (text == NULL)
		return 0;
	*out = strtod(text, &end);
	if (end != text && *end == '\0' && *out >= 0 && *out <= 1)
		return 0;
	(void)fault_set(f, FAULT_USAGE, "--pass needs a number from 0 to 1");
	if (strchr(text, ',') != NULL)
		(void)fault_hint(f, "write it with a point: --pass 0.9");
	return -1;
}

int
cmd_labels_score(struct cli *c, struct fault *f)
{
	const char *path = option_text(c, "golden");
	const struct labels_contract how = { .anonymous = true };
	struct labels *l = NULL, *golden = NULL;
	enum labels_metric metric;
	struct labels_score s;
	double pass;
	int rc = -1;

	if (path == NULL)
		return fault_set(f, FAULT_USAGE, "--golden FILE is missing");
	if (read_pass(c, &pass, f) != 0 || read_golden(path, &golden, f) != 0 ||
	    read_metric(c, golden, &metric, f) != 0 ||
	    label_files_good(c, how, &l, f) != 0 ||
	    label_join(c, &l, LABELS_ORIGINAL, f) != 0 ||
	    labels_score(l, golden, metric, pass, &s, f) != 0 ||
	    print_score(c, &s, f) != 0)
		goto out;
	rc = 0;
	if (option_text(c, "pass") != NULL && !s.passed)
		rc = fault_set(f, FAULT_POLICY,
		    "%s %.4f is below the pass mark of %.4f",
		    labels_metric_name(metric), s.value, pass);
out:
	labels_free(l);
	labels_free(golden);
	return rc;
}

static int
print_measure(json_t *o, bool json, const char *name, bool has, double v)
{
	if (json)
		return json_object_set_new(
		    o, name, has ? json_real(v) : json_null());
	if (has)
		speak("%-8s %.6f\n", name, v);
	else
		speak("%-8s undefined\n", name);
	return 0;
}

static int
print_agreement(const struct cli *c, const struct labels *l,
    const struct labels_agreement *a, struct fault *f)
{
	bool parts =
	    labels_kind(l) == LABELS_BOXES || labels_kind(l) == LABELS_SPANS;
	json_t *o = json_pack("{s:I, s:I, s:I}", "annotators",
	    (json_int_t)a->annotators, "units", (json_int_t)a->units, "pairs",
	    (json_int_t)a->pairs);
	int rc = o == NULL ? fault_memory(f) : 0;

	if (rc == 0 && !c->json)
		speak("%zu annotators, %zu items answered twice or more, "
		      "%zu pairs of answers\n",
		    a->annotators, a->units, a->pairs);
	if (rc == 0 && parts)
		rc = print_measure(o, c->json, "alike", a->has_alike, a->alike);
	if (rc == 0 && !parts &&
	    (print_measure(o, c->json, "alpha", a->has_alpha, a->alpha) != 0 ||
		print_measure(
		    o, c->json, "percent", a->has_percent, a->percent) != 0 ||
		(a->annotators == 2 && print_measure(o, c->json, "kappa",
					   a->has_kappa, a->kappa) != 0)))
		rc = fault_memory(f);
	if (rc == 0 && c->json)
		rc = label_print_json(o, f);
	json_decref(o);
	return rc;
}

int
cmd_labels_agree(struct cli *c, struct fault *f)
{
	const char *name = option_text(c, "level");
	enum labels_level level = LABELS_NOMINAL;
	struct labels_agreement a;
	struct labels *l = NULL;
	int rc = -1;

	if (name != NULL && !labels_level_read(&level, name))
		return fault_set(f, FAULT_USAGE,
		    "--level needs nominal, ordinal, interval or ratio");
	if (label_files_good(c, (struct labels_contract){ 0 }, &l, f) != 0)
		return -1;
	if (labels_agree(l, level, &a, f) == 0)
		rc = print_agreement(c, l, &a, f);
	labels_free(l);
	return rc;
}
