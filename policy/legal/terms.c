/*
 * What a policy says under legal:, and how it travels: as JSON from the command
 * that has read the policy to the keeper, which decides by it, into manifest
 * and log.
 */

#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/legal/legal_internal.h"

#define DAY ((int64_t)86400)

const char *
legal_paper_name(enum legal_paper p)
{
	static const char *const names[] = { "dpia", "tia", "scc",
		"sub-processors", "undertaking", "covered", "authority" };

	must(p < LEGAL_PAPERS);
	return names[p];
}

void
legal_terms_free(struct legal_terms *t)
{
	mem_free(t->policy);
	mem_free(t->controller);
	mem_free(t->dpo);
	*t = (struct legal_terms){ .given = false };
}

bool
legal_special(const struct legal_terms *t)
{
	for (size_t i = 0; i < t->data.n; i++)
		if (t->data.at[i]->special)
			return true;
	return t->exception != NULL;
}

bool
legal_criminal(const struct legal_terms *t)
{
	for (size_t i = 0; i < t->data.n; i++)
		if (t->data.at[i]->criminal)
			return true;
	return false;
}

/* ---- To JSON ---- */

static int
set(json_t *o, const char *key, json_t *value, struct fault *f)
{
	return json_object_set_new(o, key, value) == 0 ? 0 : fault_memory(f);
}

int
legal_set_date(json_t *o, const char *key, int64_t at, struct fault *f)
{
	char day[CLOCK_DATE_CHARS + 1];

	if (at == 0)
		return 0;
	clock_write_date(day, at);
	return set(o, key, json_string(day), f);
}

int
legal_set_last_day(json_t *o, const char *key, int64_t before, struct fault *f)
{
	return legal_set_date(o, key, before == 0 ? 0 : before - DAY, f);
}

static int
set_text(json_t *o, const char *key, const char *text, struct fault *f)
{
	return text == NULL ? 0 : set(o, key, json_string(text), f);
}

static int
set_list(
    json_t *o, const char *key, const struct legal_list *l, struct fault *f)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < l->n; i++)
		if (json_array_append_new(list, json_string(l->at[i]->id)) !=
		    0) {
			json_decref(list);
			return fault_memory(f);
		}
	return set(o, key, list, f);
}

static int
set_paper(json_t *papers, enum legal_paper kind, const struct legal_document *d,
    struct fault *f)
{
	char hex[HEX_CHARS(sizeof(d->sha256)) + 1];
	json_t *o;

	hex_write(hex, d->sha256, sizeof(d->sha256));
	o = json_pack("{s:s,s:I}", "sha256", hex, "line", (json_int_t)d->line);
	if (o == NULL)
		return fault_memory(f);
	if (legal_set_date(o, "date", d->date, f) != 0 ||
	    legal_set_last_day(o, "until", d->until, f) != 0 ||
	    (kind == LEGAL_SCC &&
		set(o, "module", json_integer((json_int_t)d->module), f) !=
		    0)) {
		json_decref(o);
		return -1;
	}
	return set(papers, legal_paper_name(kind), o, f);
}

static int
set_papers(json_t *o, const struct legal_terms *t, struct fault *f)
{
	json_t *papers = json_object();

	if (papers == NULL)
		return fault_memory(f);
	for (unsigned i = 0; i < LEGAL_PAPERS; i++)
		if (t->papers[i].given && set_paper(papers, (enum legal_paper)i,
					      &t->papers[i], f) != 0) {
			json_decref(papers);
			return -1;
		}
	return set(o, "facts", papers, f);
}

int
legal_terms_json(json_t **out, const struct legal_terms *t, struct fault *f)
{
	json_t *o = json_pack("{s:b,s:s,s:I,s:b}", "given", (int)t->given,
	    "policy", t->policy != NULL ? t->policy : "", "line",
	    (json_int_t)t->line, "special_to_crowd", (int)t->special_to_crowd);

	*out = NULL;
	if (o == NULL)
		return fault_memory(f);
	if (set_text(o, "controller", t->controller, f) == 0 &&
	    set_text(o, "dpo", t->dpo, f) == 0 &&
	    set_text(o, "basis", t->basis == NULL ? NULL : t->basis->id, f) ==
		0 &&
	    set_text(o, "exception",
		t->exception == NULL ? NULL : t->exception->id, f) == 0 &&
	    set_list(o, "purposes", &t->purposes, f) == 0 &&
	    set_list(o, "data", &t->data, f) == 0 &&
	    set_list(o, "recipients", &t->recipients, f) == 0 &&
	    set_papers(o, t, f) == 0) {
		*out = o;
		return 0;
	}
	json_decref(o);
	return -1;
}

/* ---- From JSON ---- */

static int
own_text(
    const json_t *o, const char *key, size_t max, char **out, struct fault *f)
{
	const char *text;

	if (json_object_get(o, key) == NULL)
		return 0;
	if (doc_text(o, key, &text, f) != 0)
		return -1;
	if (strlen(text) > max)
		return fault_set(f, FAULT_INPUT, "%s: too long", key);
	if ((*out = mem_text(text, strlen(text))) == NULL)
		return fault_memory(f);
	return 0;
}

static int
take_term(const json_t *o, const char *key, enum dpv_kind kind,
    const struct dpv_term **out, struct fault *f)
{
	const char *text;

	if (json_object_get(o, key) == NULL)
		return 0;
	if (doc_text(o, key, &text, f) != 0)
		return -1;
	if ((*out = dpv_find(kind, text)) == NULL)
		return fault_set(f, FAULT_INPUT, "%s: not a term of it", key);
	return 0;
}

static int
take_list(const json_t *o, const char *key, enum dpv_kind kind,
    struct legal_list *out, struct fault *f)
{
	json_t *list, *one;
	size_t i;

	if (doc_list(o, key, &list, f) != 0)
		return -1;
	json_array_foreach(list, i, one)
	{
		const char *text = json_string_value(one);

		if (out->n == LEGAL_LIST_MAX || text == NULL ||
		    (out->at[out->n] = dpv_find(kind, text)) == NULL)
			return fault_set(
			    f, FAULT_INPUT, "%s: not terms of it", key);
		out->n++;
	}
	return 0;
}

static int
take_date(const json_t *o, const char *key, int64_t *out, struct fault *f)
{
	const char *text;

	if (doc_text(o, key, &text, f) != 0)
		return -1;
	if (!clock_read_date(out, text, strlen(text)) || *out <= 0)
		return fault_set(f, FAULT_INPUT, "%s: no date", key);
	return 0;
}

static int
take_paper(const json_t *o, enum legal_paper kind, struct legal_document *d,
    struct fault *f)
{
	uint64_t line, module = 0;

	if (doc_only(o, "date line module sha256 until", f) != 0 ||
	    doc_hex(o, "sha256", d->sha256, sizeof(d->sha256), f) != 0 ||
	    doc_number(o, "line", UINT32_MAX, &line, f) != 0 ||
	    take_date(o, "date", &d->date, f) != 0)
		return -1;
	if (json_object_get(o, "until") != NULL) {
		if (take_date(o, "until", &d->until, f) != 0)
			return -1;
		d->until += DAY;
	}
	if ((json_object_get(o, "module") != NULL) != (kind == LEGAL_SCC) ||
	    (kind == LEGAL_SCC &&
		(doc_number(o, "module", 4, &module, f) != 0 || module == 0)))
		return fault_set(f, FAULT_INPUT, "module: 1 to 4, of scc");
	d->given = true;
	d->line = (uint32_t)line;
	d->module = (uint32_t)module;
	return 0;
}

static int
take_papers(const json_t *o, struct legal_terms *t, struct fault *f)
{
	json_t *papers;
	size_t seen = 0;

	if (doc_object(o, "facts", &papers, f) != 0)
		return -1;
	for (unsigned i = 0; i < LEGAL_PAPERS; i++) {
		const char *name = legal_paper_name((enum legal_paper)i);
		const json_t *one = json_object_get(papers, name);

		if (one == NULL)
			continue;
		if (take_paper(one, (enum legal_paper)i, &t->papers[i], f) != 0)
			return fault_at(f, "%s", name);
		seen++;
	}
	if (seen != json_object_size(papers))
		return fault_set(f, FAULT_INPUT, "facts: an unknown one");
	return 0;
}

int
legal_terms_take(struct legal_terms *out, const json_t *o, struct fault *f)
{
	struct legal_terms t = { .given = false };
	uint64_t line;

	*out = (struct legal_terms){ .given = false };
	if (doc_only(o,
		"basis controller data dpo exception facts given line policy "
		"purposes recipients special_to_crowd",
		f) == 0 &&
	    doc_bool(o, "given", &t.given, f) == 0 &&
	    doc_number(o, "line", UINT32_MAX, &line, f) == 0 &&
	    doc_bool(o, "special_to_crowd", &t.special_to_crowd, f) == 0 &&
	    own_text(o, "policy", LEGAL_NAME_MAX, &t.policy, f) == 0 &&
	    own_text(o, "controller", LEGAL_CONTACT_MAX, &t.controller, f) ==
		0 &&
	    own_text(o, "dpo", LEGAL_CONTACT_MAX, &t.dpo, f) == 0 &&
	    take_term(o, "basis", DPV_BASIS, &t.basis, f) == 0 &&
	    take_term(o, "exception", DPV_EXCEPTION, &t.exception, f) == 0 &&
	    take_list(o, "purposes", DPV_PURPOSE, &t.purposes, f) == 0 &&
	    take_list(o, "data", DPV_DATA, &t.data, f) == 0 &&
	    take_list(o, "recipients", DPV_RECIPIENT, &t.recipients, f) == 0 &&
	    take_papers(o, &t, f) == 0) {
		t.line = (uint32_t)line;
		*out = t;
		return 0;
	}
	legal_terms_free(&t);
	return fault_at(f, "terms");
}
