/* Risk as people and programs read it: figures, thresholds, classes that fail
 * by size and row.  No value of the data is in any of it. */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gateway/flow/risk_internal.h"

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

/* null for what has no end */
static json_t *
real(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static json_t *
millionths(uint64_t n)
{
	return json_real((double)n / POLICY_MILLION);
}

/* ---- Columns, thresholds ---- */

static bool
leaves(const struct plan_risk *x, size_t field)
{
	for (size_t i = 0; i < x->ncolumns; i++)
		if (x->columns[i] == field)
			return true;
	return false;
}

static int
columns_json(json_t *o, const struct plan_risk *x, struct fault *f)
{
	json_t *quasi = json_array(), *gone = json_array();
	int rc = quasi == NULL || gone == NULL ? fault_memory(f) : 0;

	for (size_t i = 0; rc == 0 && i < x->rule->nfields; i++) {
		const struct risk_field *field = &x->rule->fields[i];
		json_t *to = !leaves(x, i)		  ? gone
			     : field->role == FIELD_QUASI ? quasi
							  : NULL;

		if (to != NULL &&
		    json_array_append_new(to, json_string(field->name)) != 0)
			rc = fault_memory(f);
	}
	if (rc == 0)
		rc = put(o, "quasi_identifiers", json_incref(quasi), f);
	if (rc == 0 && json_array_size(gone) > 0)
		rc = put(o, "not_delivered", json_incref(gone), f);
	json_decref(quasi);
	json_decref(gone);
	return rc;
}

static int
thresholds_json(json_t *o, const struct risk_rule *r, struct fault *f)
{
	if ((r->k != 0 && put(o, "k", number(r->k), f) != 0) ||
	    (r->l_distinct != 0 &&
		put(o, "l_distinct", number(r->l_distinct), f) != 0) ||
	    (r->l_entropy != 0 &&
		put(o, "l_entropy", millionths(r->l_entropy), f) != 0) ||
	    (r->recursive_l != 0 &&
		(put(o, "recursive_c", millionths(r->recursive_c), f) != 0 ||
		    put(o, "recursive_l", number(r->recursive_l), f) != 0)) ||
	    (r->t != 0 && put(o, "t", millionths(r->t), f) != 0))
		return -1;
	for (unsigned i = 0; i < RISK_SHARES; i++)
		if (r->share[i] != RISK_ANY &&
		    (i != SHARE_SUPPRESSED || r->share[i] != 0) &&
		    put(o, risk_share_words[i], millionths(r->share[i]), f) !=
			0)
			return -1;
	return 0;
}

/* ---- Classes that fail ---- */

/* "k", "l" ...: what a class fails by. */
static const struct {
	unsigned bit;
	const char *name;
} fails[] = {
	{ RISK_FAILS_K, "k" },
	{ RISK_FAILS_DISTINCT, "l_distinct" },
	{ RISK_FAILS_ENTROPY, "l_entropy" },
	{ RISK_FAILS_RECURSIVE, "l_recursive" },
	{ RISK_FAILS_T, "t" },
	{ RISK_FAILS_POPULATION, "journalist" },
};
#define FAILS (sizeof(fails) / sizeof(fails[0]))

static const char *
row_file(const struct plan *p, const struct plan_risk *x, uint64_t row)
{
	uint64_t file = row >> RISK_ROW_BITS;

	return file < x->nfiles ? scan_path(&p->scan, x->files[file]) : "?";
}

static uint64_t
row_record(uint64_t row)
{
	return row & (((uint64_t)1 << RISK_ROW_BITS) - 1);
}

static int
rows_json(json_t *list, const struct plan *p, const struct plan_risk *x,
    const struct risk_class *c, struct fault *f)
{
	size_t n =
	    c->rows < RISK_SHOWN_ROWS ? (size_t)c->rows : RISK_SHOWN_ROWS;

	for (size_t i = 0; i < n && c->first[i] != 0; i++)
		if (json_array_append_new(
			list, json_pack("{s:s,s:I}", "file",
				  row_file(p, x, c->first[i]), "row",
				  (json_int_t)row_record(c->first[i]))) != 0)
			return fault_memory(f);
	return 0;
}

static int
class_json(json_t *list, const struct plan *p, const struct plan_risk *x,
    const struct risk_class *c, struct fault *f)
{
	json_t *by = json_array(), *rows = json_array(), *o = NULL;
	int rc = by == NULL || rows == NULL ? fault_memory(f) : 0;

	for (size_t i = 0; rc == 0 && i < FAILS; i++)
		if ((c->fails & fails[i].bit) != 0 &&
		    json_array_append_new(by, json_string(fails[i].name)) != 0)
			rc = fault_memory(f);
	if (rc == 0)
		rc = rows_json(rows, p, x, c, f);
	if (rc == 0) {
		o = json_pack("{s:I,s:I,s:O,s:O}", "rows", (json_int_t)c->rows,
		    "persons", (json_int_t)c->persons, "fails", by, "first",
		    rows);
		rc = json_array_append_new(list, o) == 0 ? 0 : fault_memory(f);
	}
	json_decref(by);
	json_decref(rows);
	return rc;
}

static int
classes_json(json_t *o, const struct plan *p, const struct plan_risk *x,
    const struct risk_report *r, struct fault *f)
{
	json_t *list = json_array();

	if (list == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < r->nshown; i++)
		if (class_json(list, p, x, &r->shown[i], f) != 0) {
			json_decref(list);
			return -1;
		}
	if (put(o, "failing_classes", number(r->failing), f) != 0) {
		json_decref(list);
		return -1;
	}
	return put(o, "failing", list, f);
}

/* ---- Figures ---- */

static int
spread_json(json_t *o, const struct plan_risk *x, struct fault *f)
{
	const struct risk_report *r = &x->found.report;
	json_t *list = json_array();
	size_t n = 0;

	if (list == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < x->ncolumns && n < r->nspread; i++) {
		const struct risk_field *field =
		    &x->rule->fields[x->columns[i]];
		const struct risk_spread *s = &r->spread[n];

		if (field->role == FIELD_QUASI)
			continue;
		n++;
		if (json_array_append_new(list,
			json_pack("{s:s,s:s,s:I,s:o,s:o,s:o}", "column",
			    field->name, "distance",
			    field->role == FIELD_ORDERED ? "ordered" : "equal",
			    "l_distinct", (json_int_t)s->distinct, "l_entropy",
			    real(s->entropy), "recursive", real(s->recursive),
			    "t", real(s->closeness))) != 0) {
			json_decref(list);
			return fault_memory(f);
		}
	}
	return put(o, "sensitive", list, f);
}

static int
figures_json(json_t *o, const struct plan_risk *x, struct fault *f)
{
	const struct risk_report *r = &x->found.report;
	const struct risk_chances *c = &r->chances;

	if (put(o, "rows", number(r->rows), f) != 0 ||
	    put(o, "persons", number(r->persons), f) != 0 ||
	    put(o, "classes", number(r->classes), f) != 0 ||
	    put(o, "k", number(r->k), f) != 0 ||
	    put(o, "largest", number(r->largest), f) != 0 ||
	    put(o, "unique", number(r->unique), f) != 0 ||
	    put(o, "uniqueness", real(r->uniqueness), f) != 0 ||
	    put(o, "prosecutor",
		json_pack("{s:f,s:f}", "highest", c->prosecutor_highest,
		    "average", c->prosecutor_average),
		f) != 0 ||
	    put(o, "journalist",
		json_pack("{s:f,s:f,s:b}", "highest", c->journalist_highest,
		    "average", c->journalist_average, "population",
		    c->population),
		f) != 0 ||
	    put(o, "marketer", real(c->marketer), f) != 0)
		return -1;
	return spread_json(o, x, f);
}

static json_t *
loss_json(const double *loss)
{
	return json_pack("{s:f,s:f,s:f}", "granularity", loss[RISK_GRANULARITY],
	    "discernibility", loss[RISK_DISCERNIBILITY], "entropy",
	    loss[RISK_ENTROPY]);
}

/* What a quasi-identifier becomes at a level of the search. */
static int
level_json(
    json_t *o, const struct risk_field *field, unsigned level, struct fault *f)
{
	bool keep =
	    field->nlevels > 0 && field->levels[0].action == TRANSFORM_KEEP;
	size_t at = keep ? level : level - 1;
	struct bytes text;
	int rc = -1;

	if (field->nlevels == 0)
		return put(o, field->name, json_string("as delivered"), f);
	if (level == 0)
		return put(o, field->name, json_string("keep"), f);
	if (at >= field->nlevels)
		return put(o, field->name, json_string("drop"), f);
	bytes_init(&text, 65536);
	if (transform_print(&text, &field->levels[at], f) == 0)
		rc = put(o, field->name,
		    json_stringn((const char *)text.at, text.len), f);
	bytes_free(&text);
	return rc;
}

static int
levels_json(json_t *o, const struct plan_risk *x, struct fault *f)
{
	size_t n = 0;

	for (size_t i = 0; i < x->ncolumns; i++) {
		const struct risk_field *field =
		    &x->rule->fields[x->columns[i]];

		if (field->role == FIELD_QUASI && n < x->found.nchoice &&
		    level_json(o, field, x->found.choice.levels[n++], f) != 0)
			return -1;
	}
	return 0;
}

static int
search_json(json_t *o, const struct plan_risk *x, struct fault *f)
{
	const struct risk_choice *c = &x->found.choice;
	json_t *s, *levels;

	if (x->found.none)
		return put(o, "search", json_pack("{s:b}", "found", 0), f);
	if ((levels = json_object()) == NULL)
		return fault_memory(f);
	if (levels_json(levels, x, f) != 0) {
		json_decref(levels);
		return -1;
	}
	s = json_pack("{s:b,s:o,s:s,s:o,s:I,s:b,s:I,s:I}", "found", 1, "levels",
	    levels, "lose_least", risk_loss_words[x->rule->loss], "loss",
	    loss_json(c->loss), "suppressed", (json_int_t)c->suppressed,
	    "exact", c->exact, "looked", (json_int_t)c->looked, "nodes",
	    c->nodes > INT64_MAX ? (json_int_t)INT64_MAX
				 : (json_int_t)c->nodes);
	return put(o, "search", s, f);
}

static bool
is_met(const struct plan_risk *x)
{
	return !x->measured ||
	       (x->found.report.nsuppress == 0 && x->found.over == 0);
}

static int
risk_json(
    json_t *o, const struct plan *p, const struct plan_risk *x, struct fault *f)
{
	json_t *files = json_array(), *asked = json_object();
	int rc = files == NULL || asked == NULL ? fault_memory(f) : 0;

	for (uint32_t i = 0; rc == 0 && i < x->nfiles && i < 16; i++)
		if (json_array_append_new(files,
			json_string(scan_path(&p->scan, x->files[i]))) != 0)
			rc = fault_memory(f);
	if (rc == 0)
		rc = thresholds_json(asked, x->rule, f);
	if (rc != 0 ||
	    put(o, "rule",
		json_sprintf("%s:%u", p->policy->name, x->rule->line),
		f) != 0 ||
	    put(o, "pattern", json_string(x->rule->file), f) != 0 ||
	    put(o, "files", number(x->nfiles), f) != 0 ||
	    put(o, "first_files", json_incref(files), f) != 0 ||
	    put(o, "by", json_string(x->subjects ? "person" : "row"), f) != 0 ||
	    columns_json(o, x, f) != 0 ||
	    put(o, "thresholds", json_incref(asked), f) != 0 ||
	    put(o, "met", json_boolean(is_met(x)), f) != 0 ||
	    put(o, "suppressed", number(x->suppressed), f) != 0 ||
	    put(o, "measured", json_boolean(x->measured), f) != 0)
		rc = -1;
	json_decref(files);
	json_decref(asked);
	if (rc != 0 || !x->measured)
		return rc;
	if (figures_json(o, x, f) != 0 ||
	    classes_json(o, p, x, &x->found.report, f) != 0)
		return -1;
	return x->found.searched ? search_json(o, x, f) : 0;
}

int
plan_risk_json(json_t *o, const struct plan *p, struct fault *f)
{
	json_t *list, *one;

	if (p->nrisks == 0)
		return 0;
	if ((list = json_array()) == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < p->nrisks; i++) {
		if ((one = json_object()) == NULL) {
			json_decref(list);
			return fault_memory(f);
		}
		if (risk_json(one, p, &p->risks[i], f) != 0) {
			json_decref(one);
			json_decref(list);
			return -1;
		}
		if (json_array_append_new(list, one) != 0) {
			json_decref(list);
			return fault_memory(f);
		}
	}
	return put(o, "risk", list, f);
}
