/* A decision and the facts it stands on, for plan, manifest and log. */

#include "keys/base/clock.h"
#include "keys/base/text.h"
#include "policy/legal/legal_internal.h"

static int
add_id(json_t *list, const char *id, struct fault *f)
{
	return json_array_append_new(list, json_string(id)) == 0
		   ? 0
		   : fault_memory(f);
}

static int
add_ids(json_t *list, const struct legal_list *l, struct fault *f)
{
	for (size_t i = 0; i < l->n; i++)
		if (add_id(list, l->at[i]->id, f) != 0)
			return -1;
	return 0;
}

static int
add_dpv(json_t *list, const struct legal_question *q,
    const struct legal_decision *d, struct fault *f)
{
	const struct legal_terms *t = q->terms;

	if (t->basis != NULL && add_id(list, t->basis->id, f) != 0)
		return -1;
	if (t->exception != NULL && add_id(list, t->exception->id, f) != 0)
		return -1;
	if (add_ids(list, &t->purposes, f) != 0 ||
	    add_ids(list, &t->data, f) != 0 ||
	    add_ids(list, &t->recipients, f) != 0)
		return -1;
	if (d->tool == LEGAL_NO_TRANSFER)
		return 0;
	return add_id(list,
	    d->tool == LEGAL_BY_DECISION ? "eu-gdpr:A45-3" : "eu-gdpr:A46-2-c",
	    f);
}

static int
add_agreement(json_t *list, const struct legal_agreement *a, struct fault *f)
{
	char hex[HEX_CHARS(sizeof(a->sha256)) + 1];
	json_t *o = json_pack("{s:s,s:s}", "type", a->fact.type, "id", a->id);

	hex_write(hex, a->sha256, sizeof(a->sha256));
	if (o == NULL)
		return fault_memory(f);
	if (legal_set_last_day(o, "until", a->fact.until, f) != 0) {
		json_decref(o);
		return -1;
	}
	if ((a->known &&
		json_object_set_new(o, "sha256", json_string(hex)) != 0) ||
	    json_array_append(list, o) != 0) {
		json_decref(o);
		return fault_memory(f);
	}
	json_decref(o);
	return 0;
}

static int
set_countries(json_t *o, const struct legal_countries *c, struct fault *f)
{
	char hex[HEX_CHARS(sizeof(c->digest)) + 1];
	json_t *table;

	hex_write(hex, c->digest, sizeof(c->digest));
	table = json_pack("{s:s,s:b}", "digest", hex, "own", (int)c->own);
	if (table == NULL)
		return fault_memory(f);
	if (legal_set_date(table, "date", c->date, f) != 0) {
		json_decref(table);
		return -1;
	}
	return json_object_set_new(o, "countries", table) == 0
		   ? 0
		   : fault_memory(f);
}

/* Members that may be there or not. */
static int
set_rest(json_t *o, const struct legal_question *q,
    const struct legal_decision *d, struct fault *f)
{
	char at[CLOCK_CHARS + 1];
	json_t *terms;

	clock_write(at, q->at);
	if (json_object_set_new(o, "decided", json_string(at)) != 0 ||
	    (d->row != NULL && d->row->reference[0] != '\0' &&
		json_object_set_new(
		    o, "reference", json_string(d->row->reference)) != 0))
		return fault_memory(f);
	if (d->until != INT64_MAX &&
	    legal_set_last_day(o, "until", d->until, f) != 0)
		return -1;
	if (!q->terms->given)
		return 0;
	if (legal_terms_json(&terms, q->terms, f) != 0)
		return -1;
	return json_object_set_new(o, "terms", terms) == 0 ? 0
							   : fault_memory(f);
}

int
legal_decision_json(json_t **out, const struct legal_question *q,
    const struct legal_decision *d, struct fault *f)
{
	json_t *dpv = json_array(), *papers = json_array();
	enum legal_status status =
	    d->row != NULL ? d->row->status : LEGAL_THIRD;
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "country",
	    q->country, "model", q->crowd ? "crowd" : "dedicated", "status",
	    legal_status_name(status), "tool", legal_tool_name(d->tool), "dpv",
	    dpv, "agreements", papers);
	int rc = 0;

	*out = NULL;
	if (o == NULL)
		return fault_memory(f);
	for (size_t i = 0; rc == 0 && i < d->ntypes; i++)
		rc = add_agreement(papers, legal_longest(q, d->types[i]), f);
	if (rc == 0 && add_dpv(dpv, q, d, f) == 0 &&
	    set_countries(o, q->countries, f) == 0 &&
	    set_rest(o, q, d, f) == 0) {
		*out = o;
		return 0;
	}
	json_decref(o);
	return -1;
}
