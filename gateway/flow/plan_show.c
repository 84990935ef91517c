/* A plan as its owner reads it: which rule decided what, for how many. */

#include <stdlib.h>

#include "gateway/flow/risk_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/transform/transform.h"

/* o[key] = value, which is taken over; NULL was no memory. */
static int
put(json_t *o, const char *key, json_t *value, struct fault *f)
{
	if (json_object_set_new(o, key, value) != 0)
		return fault_memory(f);
	return 0;
}

static json_t *
number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

json_t *
plan_names_json(const struct names *names)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < names->n; i++)
		if (json_array_append_new(list, json_string(names->at[i])) !=
		    0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* "policy.yaml:14" */
static json_t *
rule_json(const struct policy *p, uint32_t line)
{
	return json_sprintf("%s:%u", p->name, (unsigned)line);
}

static int
field_json(json_t **out, const struct policy *p, const struct plan_field *field,
    struct fault *f)
{
	struct bytes action;
	json_t *o;
	int rc = -1;

	bytes_init(&action, 64 * 1024);
	if (field->hollow ? bytes_add_text(&action, "empty", f) != 0
			  : transform_print(&action, &field->how, f) != 0)
		goto out;
	o = json_pack("{s:s, s:s%, s:o}", "name", field->name, "action",
	    (const char *)action.at, action.len, "rule",
	    rule_json(p, field->how.line));
	if (o == NULL)
		(void)fault_memory(f);
	else
		rc = 0;
	*out = o;
out:
	bytes_free(&action);
	return rc;
}

static int
fields_json(json_t *list, const struct policy *p, const struct file_plan *plan,
    struct fault *f)
{
	json_t *o;

	for (size_t i = 0; i < plan->nfields; i++) {
		if (plan->fields[i].inside)
			continue;
		if (field_json(&o, p, &plan->fields[i], f) != 0)
			return -1;
		if (json_array_append_new(list, o) != 0)
			return fault_memory(f);
	}
	return 0;
}

static int
decision_json(json_t *o, const struct plan *p, const struct plan_one *one,
    struct fault *f)
{
	const struct file_plan *plan = &one->plan;
	json_t *fields;

	if (put(o, "example", json_string(scan_path(&p->scan, one->example)),
		f) != 0 ||
	    put(o, "files", number(one->files), f) != 0 ||
	    put(o, "bytes", number(one->bytes), f) != 0 ||
	    put(o, "items", number(one->items), f) != 0 ||
	    put(o, "rule", rule_json(p->policy, plan->line), f) != 0)
		return -1;
	if (plan->exclude != NULL)
		return put(o, "exclude", json_string(plan->exclude), f);
	if (put(o, "type", json_string(file_type_name(plan->type)), f) != 0 ||
	    (plan->type == TYPE_CSV &&
		put(o, "delimiter",
		    json_string(delimiter_name(plan->delimiter)), f) != 0))
		return -1;
	if ((plan->type == TYPE_JPEG || plan->type == TYPE_PNG ||
		plan->type == TYPE_DICOM) &&
	    put(o, "pixels", json_string("keep"), f) != 0)
		return -1;
	if ((fields = json_array()) == NULL)
		return fault_memory(f);
	if (fields_json(fields, p->policy, plan, f) != 0) {
		json_decref(fields);
		return -1;
	}
	return put(o, "fields", fields, f);
}

static int
by_example(const void *x, const void *y)
{
	const struct plan_one *const *a = x, *const *b = y;

	return (*a)->example < (*b)->example ? -1
					     : (*a)->example > (*b)->example;
}

/* In the order of the files, whichever worker was first. */
static int
decisions_json(json_t *list, const struct plan *p, struct fault *f)
{
	const struct plan_one **order = mem_array(p->nplans, sizeof(*order));
	json_t *o;
	int rc = -1;

	if (order == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < p->nplans; i++)
		order[i] = &p->plans[i];
	qsort(order, p->nplans, sizeof(*order), by_example);
	for (uint32_t i = 0; i < p->nplans; i++) {
		if ((o = json_object()) == NULL) {
			(void)fault_memory(f);
			goto out;
		}
		if (decision_json(o, p, order[i], f) != 0) {
			json_decref(o);
			goto out;
		}
		if (json_array_append_new(list, o) != 0) {
			(void)fault_memory(f);
			goto out;
		}
	}
	rc = 0;
out:
	mem_free(order);
	return rc;
}

static json_t *
labels_json(const struct label_contract *l)
{
	json_t *o = json_pack("{s:s, s:o, s:s}", "kind",
	    label_kind_name(l->kind), "classes", plan_names_json(&l->classes),
	    "unanswered", l->unanswered_negative ? "negative" : "open");

	if (o != NULL && l->golden &&
	    json_object_set_new(o, "golden",
		json_pack("{s:s, s:I}", "metric", golden_metric_name(l->metric),
		    "pass", (json_int_t)l->pass)) != 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

/* Items that stay, by reason; nothing when all leave. */
static int
stay_json(json_t *o, const struct plan *p, struct fault *f)
{
	json_t *stay = json_object();

	if (stay == NULL)
		return fault_memory(f);
	for (unsigned why = 0; why < PLAN_REASONS; why++)
		if (p->stay[why] > 0 &&
		    put(stay, plan_reason_name((enum plan_reason)why),
			number(p->stay[why]), f) != 0) {
			json_decref(stay);
			return -1;
		}
	if (json_object_size(stay) == 0)
		json_decref(stay);
	else if (put(o, "left_behind", stay, f) != 0)
		return -1;
	if (p->gone > 0 && put(o, "gone", number(p->gone), f) != 0)
		return -1;
	return p->suppressing ? put(o, "suppression",
				    json_pack("{s:I}", "unmatched_files",
					(json_int_t)p->unmatched),
				    f)
			      : 0;
}

/* How many there are; who they are is nobody's business. */
static int
names_known_json(json_t *o, const struct plan *p, struct fault *f)
{
	const struct dictionary_made *d = &p->dictionary;

	if (d->fd == -1)
		return 0;
	return put(o, "dictionary",
	    json_pack("{s:I,s:I,s:I,s:I}", "files", (json_int_t)d->files,
		"values", (json_int_t)d->values, "words", (json_int_t)d->words,
		"bytes", (json_int_t)d->bytes),
	    f);
}

static int
head_json(json_t *o, const struct plan *p, struct fault *f)
{
	const struct policy *y = p->policy;
	char digest[DIGEST_CHARS + 1];

	hex_write(digest, p->digest, sizeof(p->digest));
	if (put(o, "policy", json_string(y->name), f) != 0 ||
	    put(o, "project", json_string(y->project), f) != 0 ||
	    put(o, "purpose", json_string(y->purpose), f) != 0 ||
	    put(o, "retention", json_string(y->retention_text), f) != 0 ||
	    put(o, "agreements", plan_names_json(&y->agreements), f) != 0 ||
	    put(o, "approve",
		y->approve_given
		    ? json_string(y->two_approvers ? "two" : "self")
		    : json_null(),
		f) != 0 ||
	    put(o, "plan", json_string(y->plan_approved ? "approved" : "free"),
		f) != 0 ||
	    put(o, "offline", json_boolean(y->offline), f) != 0 ||
	    put(o, "vendors", plan_names_json(&y->recipients), f) != 0 ||
	    put(o, "digest", json_string(digest), f) != 0 ||
	    put(o, "files", number(p->files), f) != 0 ||
	    put(o, "bytes", number(p->bytes), f) != 0 ||
	    put(o, "items", number(p->items), f) != 0 ||
	    put(o, "excluded", number(p->excluded), f) != 0 ||
	    stay_json(o, p, f) != 0 || names_known_json(o, p, f) != 0 ||
	    plan_risk_json(o, p, f) != 0)
		return -1;
	return y->labels.given ? put(o, "labels", labels_json(&y->labels), f)
			       : 0;
}

int
plan_json(json_t **out, const struct plan *p, struct fault *f)
{
	json_t *o = json_object(), *list = json_array();

	if (o == NULL || list == NULL) {
		(void)fault_memory(f);
		goto fail;
	}
	if (head_json(o, p, f) != 0 || decisions_json(list, p, f) != 0)
		goto fail;
	if (json_object_set(o, "decisions", list) != 0) {
		(void)fault_memory(f);
		goto fail;
	}
	json_decref(list);
	*out = o;
	return 0;
fail:
	json_decref(o);
	json_decref(list);
	return -1;
}
