/*
 * The law, asked with what the home knows: the vendor's country and model, its
 * agreements and their papers, the table of countries, the clock of the log.
 *
 *     terms of the policy --.
 *     catalog, countries ---+--> policy/legal --> yes, on these grounds; or no
 *
 * The terms come from the command that has read the policy and are kept, as a
 * fact, with the first decision about a batch; every later question about it,
 * at each release too, is asked with those and the facts of that moment.  When
 * the grounds change (other clauses, another table) the log has a new entry.
 */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/keeper/law_internal.h"
#include "gateway/keeper/people_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define COUNTRIES "countries.csv"

/* Agreements with one vendor; people make them one by one. */
#define AGREEMENTS_MAX 1024u

struct law_papers {
	struct catalog_agreement kept[AGREEMENTS_MAX];
	struct legal_agreement all[AGREEMENTS_MAX];
	size_t n;
};

void
law_free(struct law *l)
{
	for (size_t i = 0; i < LEGAL_TYPES_MAX; i++)
		mem_free(l->types[i]);
	legal_terms_free(&l->terms);
	legal_countries_free(&l->countries);
	mem_free(l->papers);
	memset(l, 0, sizeof(*l));
}

/* ---- What is known ---- */

int
law_countries(struct home *h, struct legal_countries *out, struct fault *f)
{
	struct bytes text;
	int rc = 0;

	bytes_init(&text, LEGAL_FILE_BYTES + 1);
	if (faccessat(h->dir, COUNTRIES, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		rc = file_read(h->dir, COUNTRIES, &text, f);
		if (rc == 0 && text.len == 0)
			rc = fault_set(f, FAULT_INPUT, COUNTRIES ": is empty");
	}
	if (rc == 0)
		rc = legal_countries_read(out, COUNTRIES, text.at, text.len, f);
	bytes_free(&text);
	return rc;
}

/* A fact as JSON; NULL where it was erased. */
static int
read_fact(struct home *h, const struct catalog_fact_name *name, json_t **out,
    struct fault *f)
{
	struct fault none = { 0 };
	struct bytes text;
	int rc = 0;

	*out = NULL;
	bytes_init(&text, CATALOG_FACT_MAX);
	if (catalog_fact(h->catalog, name, &text, &none) == 0) {
		rc = doc_read(out, text.at, text.len, f);
	} else if (none.kind != FAULT_INPUT) {
		*f = none;
		rc = -1;
	}
	bytes_free(&text);
	return rc;
}

/* The digest of an agreement's paper. */
static int
read_paper(struct home *h, struct legal_agreement *a, struct fault *f)
{
	const struct catalog_fact_name name = { a->id, "document", 0 };
	json_t *o;
	int rc;

	if (read_fact(h, &name, &o, f) != 0)
		return -1;
	if (o == NULL)
		return 0;
	rc = doc_hex(o, "sha256", a->sha256, sizeof(a->sha256), f);
	a->known = rc == 0;
	json_decref(o);
	return rc;
}

struct collecting {
	struct home *home;
	struct law_papers *papers;
	int64_t now;
};

static int
collect(void *arg, const struct catalog_agreement *g, struct fault *f)
{
	struct collecting *c = arg;
	struct law_papers *p = c->papers;
	struct legal_agreement *a = &p->all[p->n];

	if (p->n == AGREEMENTS_MAX)
		return fault_set(f, FAULT_INPUT,
		    "over %u agreements with one vendor", AGREEMENTS_MAX);
	p->kept[p->n] = *g;
	g = &p->kept[p->n++];
	*a = (struct legal_agreement){
		.fact = { g->type, g->from, g->until, g->ended }, .id = g->id
	};
	return legal_in_force(&a->fact, c->now) ? read_paper(c->home, a, f) : 0;
}

static int
read_country(struct home *h, struct law *l, const char *vendor, struct fault *f)
{
	const struct catalog_fact_name name = { vendor, "country", 0 };
	struct fault none = { 0 };
	struct bytes text;

	bytes_init(&text, sizeof(l->country) - 1);
	if (catalog_fact(h->catalog, &name, &text, &none) == 0 &&
	    text.len == sizeof(l->country) - 1)
		memcpy(l->country, text.at, text.len);
	bytes_free(&text);
	if (none.kind == FAULT_NONE || none.kind == FAULT_INPUT)
		return 0; /* erased: then no country, which is refused */
	*f = none;
	return -1;
}

/* ---- Asking ---- */

/* l->terms and the nrequired l->types are there. */
static int
decide(struct home *h, struct law *l, const struct catalog_vendor *v,
    size_t nrequired, struct fault *f)
{
	struct collecting c = { h, NULL, audit_now(catalog_audit(h->catalog)) };

	if ((l->papers = c.papers = mem_new(sizeof(*l->papers))) == NULL)
		return fault_memory(f);
	if (law_countries(h, &l->countries, f) != 0 ||
	    read_country(h, l, v->id, f) != 0 ||
	    catalog_each_agreement(h->catalog, v->id, collect, &c, f) != 0)
		return -1;
	l->question = (struct legal_question){ .terms = &l->terms,
		.countries = &l->countries,
		.vendor = v->name,
		.country = l->country,
		.crowd = v->crowd,
		.required = l->types,
		.nrequired = nrequired,
		.agreements = l->papers->all,
		.nagreements = l->papers->n,
		.at = c.now };
	return legal_decide(&l->decision, &l->question, f);
}

static int
add_type(struct law *l, size_t n, const char *type, size_t len, struct fault *f)
{
	if (n == LEGAL_TYPES_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %u kinds of agreement", LEGAL_TYPES_MAX);
	if ((l->types[n] = mem_text(type, len)) == NULL)
		return fault_memory(f);
	return 0;
}

int
law_for(struct home *h, struct law *l, const struct catalog_vendor *v,
    const json_t *terms, const json_t *types, struct fault *f)
{
	const json_t *one;
	size_t i;

	json_array_foreach(types, i, one)
	{
		const char *type = json_string_value(one);

		if (type == NULL)
			return fault_set(f, FAULT_INPUT, "agreements: no text");
		if (add_type(l, i, type, strlen(type), f) != 0)
			return -1;
	}
	if (terms != NULL && !json_is_null(terms) &&
	    legal_terms_take(&l->terms, terms, f) != 0)
		return -1;
	return decide(h, l, v, json_array_size(types), f);
}

/* Terms and policy as the first decision has them. */
static int
take_first(struct law *l, const json_t *first, struct fault *f)
{
	const json_t *terms = json_object_get(first, "terms");

	if (json_object_get(first, "policy") != NULL) {
		if (doc_hex(first, "policy", l->policy, DIGEST_BYTES, f) != 0)
			return -1;
		l->has_policy = true;
	}
	return terms == NULL ? 0 : legal_terms_take(&l->terms, terms, f);
}

int
law_first(struct home *h, const char *batch, json_t **out, struct fault *f)
{
	const struct catalog_fact_name name = { batch, "decision", 1 };
	uint64_t n;

	*out = NULL;
	if (catalog_last_decision(h->catalog, batch, &n, f) != 0)
		return -1;
	if (n == 0)
		return 0;
	if (read_fact(h, &name, out, f) != 0)
		return -1;
	return *out != NULL
		   ? 0
		   : fault_set(f, FAULT_FORGED,
			 "catalog.db: the decision about %s is gone", batch);
}

int
law_for_batch(struct home *h, struct law *l, const struct catalog_batch *b,
    struct fault *f)
{
	struct catalog_vendor v;
	const char *p = b->agreements;
	json_t *first;
	size_t n = 0;
	int rc = 0;

	for (; *p != '\0'; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		if (add_type(l, n++, p, len, f) != 0)
			return -1;
		p += len;
	}
	if (catalog_vendor(h->catalog, b->vendor, &v, f) != 0 ||
	    law_first(h, b->id, &first, f) != 0)
		return -1;
	if (first != NULL)
		rc = take_first(l, first, f);
	json_decref(first);
	return rc == 0 ? decide(h, l, &v, n, f) : -1;
}

/* ---- Telling and recording ---- */

json_t *
law_types(const struct law *l)
{
	const struct legal_decision *d = &l->decision;
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < d->ntypes; i++)
		if (json_array_append_new(list, json_string(d->types[i])) !=
		    0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

int
law_say(const struct law *l, json_t **out, struct fault *f)
{
	char hex[DIGEST_CHARS + 1];

	if (legal_decision_json(out, &l->question, &l->decision, f) != 0)
		return -1;
	if (!l->has_policy)
		return 0;
	hex_write(hex, l->policy, DIGEST_BYTES);
	if (json_object_set_new(*out, "policy", json_string(hex)) == 0)
		return 0;
	json_decref(*out);
	*out = NULL;
	return fault_memory(f);
}

/* Is the last decision the same but for its moment? */
static int
is_known(struct home *h, const char *batch, uint64_t n, const json_t *now,
    bool *yes, struct fault *f)
{
	const struct catalog_fact_name name = { batch, "decision", n };
	json_t *last;

	*yes = false;
	if (n == 0)
		return 0;
	if (read_fact(h, &name, &last, f) != 0)
		return -1;
	if (last != NULL && json_object_set(last, "decided",
				json_object_get(now, "decided")) == 0)
		*yes = json_equal(last, now);
	json_decref(last);
	return 0;
}

static int
add_entry(struct home *h, const struct law *l, const char *batch, uint64_t n,
    const json_t *now, struct fault *f)
{
	struct catalog_fact fact = { "decision", { NULL, 0 } };
	struct catalog_entry e = {
		.kind = "legal-decided", .facts = &fact, .nfacts = 1
	};
	char countries[DIGEST_CHARS + 1];
	struct bytes text;
	int rc = -1;

	bytes_init(&text, CATALOG_FACT_MAX);
	hex_write(countries, l->countries.digest, DIGEST_BYTES);
	e.body = json_pack("{s:s,s:s,s:I}", "batch", batch, "countries",
	    countries, "n", (json_int_t)n);
	if (e.body == NULL)
		(void)fault_memory(f);
	else if (doc_write(&text, now, f) == 0) {
		fact.bytes = (struct slice){ text.at, text.len };
		rc = home_add(h, &e, NULL, f);
	}
	json_decref(e.body);
	bytes_free(&text);
	return rc;
}

int
law_record(struct home *h, const struct law *l, const char *batch, json_t **out,
    struct fault *f)
{
	json_t *now;
	uint64_t n;
	bool known;
	int rc = -1;

	if (law_say(l, &now, f) != 0)
		return -1;
	if (catalog_last_decision(h->catalog, batch, &n, f) == 0 &&
	    is_known(h, batch, n, now, &known, f) == 0)
		rc = known ? 0 : add_entry(h, l, batch, n + 1, now, f);
	if (rc == 0 && out != NULL)
		*out = json_incref(now);
	json_decref(now);
	return rc;
}

/* ---- The table ---- */

int
law_list_countries(void *state, struct asked *a, struct fault *f)
{
	struct legal_countries c;
	json_t *in, *out;
	int rc;

	if (home_in(a, &in, f) != 0)
		return -1;
	json_decref(in);
	if (role_need(state, ROLE_OWNER, f) != 0 ||
	    law_countries(state, &c, f) != 0)
		return -1;
	rc = legal_countries_json(&out, &c, f);
	legal_countries_free(&c);
	return rc == 0 ? home_out(a, out, f) : -1;
}
