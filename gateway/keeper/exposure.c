/*
 * What vendors hold of persons: told to who measures an export against it, and
 * kept when a batch begins.
 *
 * A vendor that was ended and added again holds what it held: it is whoever has
 * the name, and whoever has a key of one that has it, by whatever id.
 *
 * Between the two another batch may begin; so the first says how many lists
 * there are, and the second refuses when there are more.
 */

#include <string.h>

#include "gateway/keeper/batches_internal.h"
#include "gateway/keeper/persons_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/near.h"

/* ---- Told ---- */

struct telling {
	struct home *home;
	const char *plan;
	int fd; /* -1: they are only counted */
	uint64_t batches;
};

/* One that is gone on with, or begun again, is no other batch. */
static int
is_same(struct telling *t, const char *batch, bool *same, struct fault *f)
{
	const char *digest;
	json_t *facts;

	if (batch_facts(t->home, batch, &facts, f) != 0)
		return -1;
	digest = json_string_value(json_object_get(facts, "digest"));
	*same = digest != NULL && strcmp(digest, t->plan) == 0;
	json_decref(facts);
	return 0;
}

static int
tell(void *arg, const struct catalog_holdings *holdings, struct fault *f)
{
	struct telling *t = arg;
	struct bytes length;
	bool same;
	int rc = -1;

	if (is_same(t, holdings->batch, &same, f) != 0)
		return -1;
	if (same)
		return 0;
	t->batches++;
	if (t->fd == -1)
		return 0;
	bytes_init(&length, 8);
	if (put_u64(&length, holdings->bytes.len, f) == 0 &&
	    file_write(t->fd, length.at, length.len, f) == 0)
		rc = file_write(
		    t->fd, holdings->bytes.at, holdings->bytes.len, f);
	bytes_free(&length);
	return rc;
}

/* ---- Who shares ---- */

struct sharer {
	struct catalog_vendor vendor;
	bool in;
};
struct group {
	struct sharer *at;
	size_t n;
};

static int
collect(void *arg, const struct catalog_vendor *v, struct fault *f)
{
	struct group *g = arg;
	struct sharer *more;

	if ((more = mem_resize(g->at, (g->n + 1) * sizeof(*more))) == NULL)
		return fault_memory(f);
	g->at = more;
	g->at[g->n++] = (struct sharer){ *v, false };
	return 0;
}

static int
unknown(const struct group *g, const char *name, struct fault *f)
{
	const char *best = NULL;
	unsigned least = NEAR_NOT;

	for (size_t i = 0; i < g->n; i++) {
		unsigned d = near_distance(name, g->at[i].vendor.name);

		if (d < least) {
			least = d;
			best = g->at[i].vendor.name;
		}
	}
	(void)fault_set(f, FAULT_POLICY,
	    "exposure: colluding: %s: no such vendor, so that nobody knows "
	    "what it has",
	    name);
	if (best != NULL)
		return fault_hint(f, "did you mean %s?", best);
	return fault_hint(f, "handoff vendor list");
}

static int
take_name(struct group *g, const char *name, struct fault *f)
{
	bool found = false;

	for (size_t i = 0; i < g->n; i++)
		if (strcmp(g->at[i].vendor.name, name) == 0 ||
		    strcmp(g->at[i].vendor.id, name) == 0)
			found = g->at[i].in = true;
	return found ? 0 : unknown(g, name, f);
}

static bool
same_keys(const struct catalog_vendor *a, const struct catalog_vendor *b)
{
	return memcmp(a->recipient, b->recipient, DIGEST_BYTES) == 0 ||
	       memcmp(a->verifier, b->verifier, DIGEST_BYTES) == 0 ||
	       memcmp(a->tls, b->tls, DIGEST_BYTES) == 0;
}

/* Whoever has a key of one that is in, or its name. */
static bool
take_others(struct group *g)
{
	bool more = false;

	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; k < g->n; k++) {
			const struct catalog_vendor *a = &g->at[i].vendor;
			const struct catalog_vendor *b = &g->at[k].vendor;

			if (!g->at[i].in || g->at[k].in ||
			    (!same_keys(a, b) && strcmp(a->name, b->name) != 0))
				continue;
			g->at[k].in = true;
			more = true;
		}
	return more;
}

/* All ids of the vendors of these names; the caller mem_free()s g->at. */
static int
find_group(
    struct home *h, const json_t *names, struct group *g, struct fault *f)
{
	const json_t *one;
	size_t i;

	if (catalog_each_vendor(h->catalog, collect, g, f) != 0)
		return -1;
	json_array_foreach(names, i, one)
	{
		const char *name = json_string_value(one);

		if (name == NULL)
			return fault_set(f, FAULT_INPUT, "colluding: no text");
		if (take_name(g, name, f) != 0)
			return -1;
	}
	while (take_others(g))
		;
	return 0;
}

int
exposure_known(struct home *h, const json_t *names, struct fault *f)
{
	struct group g = { NULL, 0 };
	int rc = find_group(h, names, &g, f);

	mem_free(g.at);
	return rc;
}

static int
tell_group(
    struct telling *t, const char *vendor, json_t *names, struct fault *f)
{
	struct group g = { NULL, 0 };
	json_t *all = json_copy(names);
	int rc = -1;

	if (all == NULL || json_array_append_new(all, json_string(vendor)) != 0)
		(void)fault_memory(f);
	else
		rc = find_group(t->home, all, &g, f);
	for (size_t i = 0; rc == 0 && i < g.n; i++)
		if (g.at[i].in)
			rc = catalog_each_holdings(
			    t->home->catalog, g.at[i].vendor.id, tell, t, f);
	mem_free(g.at);
	json_decref(all);
	return rc;
}

int
exposure_holdings(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct telling t = { .home = h, .fd = -1 };
	json_t *in, *group;
	const char *vendor;
	uint64_t count;
	bool alone;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	alone = json_is_true(json_object_get(in, "count"));
	if ((alone || home_need(h, a, RING_EXPORT, f) == 0) &&
	    doc_text(in, "vendor", &vendor, f) == 0 &&
	    doc_text(in, "plan", &t.plan, f) == 0 &&
	    doc_list(in, "colluding", &group, f) == 0 &&
	    (alone || message_fd(a->request, 0, &t.fd, f) == 0) &&
	    catalog_holdings_count(h->catalog, &count, f) == 0 &&
	    tell_group(&t, vendor, group, f) == 0)
		rc = home_out(a,
		    json_pack("{s:I,s:I}", "batches", (json_int_t)t.batches,
			"as_of", (json_int_t)count),
		    f);
	file_close(&t.fd);
	json_decref(in);
	return rc;
}

/* ---- Kept ---- */

static int
keep_holdings(struct home *h, struct asked *a, const char *batch,
    uint64_t as_of, size_t fd, struct fault *f)
{
	struct bytes list;
	uint64_t count;
	int from = -1, rc = -1;

	if (catalog_holdings_count(h->catalog, &count, f) != 0)
		return -1;
	if (count != as_of) {
		(void)fault_set(f, FAULT_USAGE,
		    "another batch was begun while this one was measured");
		return fault_hint(f, "run the export again");
	}
	bytes_init(&list, CATALOG_PERSONS_MAX);
	if (message_fd(a->request, fd, &from, f) == 0 &&
	    file_read_fd(from, &list, f) == 0)
		rc = home_add_holdings(
		    h, batch, (struct slice){ list.at, list.len }, f);
	file_close(&from);
	bytes_free(&list);
	return rc;
}

static int
keep_report(struct home *h, const char *batch, const char *report,
    uint64_t suppressed, struct fault *f)
{
	const struct catalog_fact fact = { "report", slice_of_text(report) };
	struct catalog_entry e = {
		.kind = "risk-measured", .facts = &fact, .nfacts = 1
	};
	int rc;

	e.body = json_pack(
	    "{s:s,s:I}", "batch", batch, "suppressed", (json_int_t)suppressed);
	if (e.body == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	return rc;
}

int
exposure_begin(struct home *h, struct asked *a, const char *batch,
    const json_t *risk, size_t fd, struct fault *f)
{
	const char *report;
	uint64_t suppressed, as_of;

	if (risk == NULL)
		return 0;
	if (doc_text(risk, "report", &report, f) != 0 ||
	    doc_number(
		risk, "suppressed", CATALOG_NUMBER_MAX, &suppressed, f) != 0 ||
	    keep_report(h, batch, report, suppressed, f) != 0)
		return -1;
	if (json_object_get(risk, "as_of") == NULL)
		return 0;
	if (doc_number(risk, "as_of", CATALOG_NUMBER_MAX, &as_of, f) != 0)
		return -1;
	return keep_holdings(h, a, batch, as_of, fd, f);
}
