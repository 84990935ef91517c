/*
 * What an owner decides before there is a batch, and what it looks at behind
 * one: a plan approved, a pseudonym looked behind.  Both stand in the log
 * before anything follows from them.
 */

#include <string.h>

#include "gateway/keeper/batches_internal.h"
#include "gateway/keeper/people_internal.h"
#include "keys/base/doc.h"
#include "keys/pseudonym/pseudonym.h"

/* Tokens of one look. */
#define TOKENS_MAX 4096u

/* An entry about a vendor, numbered, with these facts. */
static int
record(struct home *h, const char *kind, json_t *body,
    const struct catalog_fact *facts, size_t n, struct fault *f)
{
	struct catalog_entry e = {
		.kind = kind, .body = body, .facts = facts, .nfacts = n
	};
	int rc;

	if (body == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(body);
	return rc;
}

static int
vendor_of(
    struct home *h, const json_t *in, struct catalog_vendor *v, struct fault *f)
{
	const char *name;

	if (role_need(h, ROLE_OWNER, f) != 0 ||
	    doc_text(in, "vendor", &name, f) != 0)
		return -1;
	if (catalog_vendor(h->catalog, name, v, f) != 0)
		return fault_hint(f, "handoff vendor list");
	return 0;
}

/* ---- Approving ---- */

int
plan_approve(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_vendor v;
	struct bytes plan;
	const char *project, *digest, *by;
	json_t *in, *told = NULL;
	uint64_t n;
	int rc = -1;

	if (home_need(h, a, RING_RELEASE, f) != 0 || home_in(a, &in, f) != 0)
		return -1;
	bytes_init(&plan, 4096);
	if (vendor_of(h, in, &v, f) != 0 ||
	    doc_text(in, "project", &project, f) != 0 ||
	    doc_text(in, "plan", &digest, f) != 0 ||
	    doc_text(in, "by", &by, f) != 0 ||
	    catalog_plans(h->catalog, v.id, &n, f) != 0)
		goto out;
	told = json_pack("{s:s,s:s}", "digest", digest, "project", project);
	if (told == NULL)
		(void)fault_memory(f);
	else if (doc_write(&plan, told, f) == 0) {
		const struct catalog_fact facts[] = {
			{ "approver", slice_of_text(by) },
			{ "plan", { plan.at, plan.len } },
		};

		rc = record(h, "plan-approved",
		    json_pack(
			"{s:I,s:s}", "n", (json_int_t)(n + 1), "vendor", v.id),
		    facts, 2, f);
	}
	if (rc == 0)
		rc = home_out(
		    a, json_pack("{s:I}", "n", (json_int_t)(n + 1)), f);
out:
	bytes_free(&plan);
	json_decref(told);
	json_decref(in);
	return rc;
}

/* One of a vendor's; *same when it is of that digest.  One that was erased is
 * none. */
static int
is_plan(struct home *h, const char *vendor, uint64_t n, const char *digest,
    bool *same, struct fault *f)
{
	const struct catalog_fact_name name = { vendor, "plan", n };
	struct bytes text;
	struct fault why = { 0 };
	const char *other;
	json_t *o = NULL;
	int rc = -1;

	*same = false;
	bytes_init(&text, 4096);
	if (catalog_fact(h->catalog, &name, &text, &why) != 0) {
		rc = why.kind == FAULT_INPUT ? 0 : -1;
		*f = rc == 0 ? *f : why;
		goto out;
	}
	if (doc_read(&o, text.at, text.len, f) == 0 &&
	    doc_text(o, "digest", &other, f) == 0) {
		*same = strcmp(other, digest) == 0;
		rc = 0;
	}
out:
	json_decref(o);
	bytes_free(&text);
	return rc;
}

int
plan_need_approved(struct home *h, const struct catalog_vendor *v,
    const char *digest, struct fault *f)
{
	bool same = false;
	uint64_t n;

	if (catalog_plans(h->catalog, v->id, &n, f) != 0)
		return -1;
	for (; n > 0 && !same; n--)
		if (is_plan(h, v->id, n, digest, &same, f) != 0)
			return -1;
	if (same)
		return 0;
	(void)fault_set(f, FAULT_POLICY,
	    "nobody approved this plan for %s, or the data or the policy "
	    "changed since",
	    v->name);
	return fault_hint(f,
	    "handoff plan approve DATASET --policy POLICY --vendor %s",
	    v->name);
}

/* ---- Looking behind pseudonyms ---- */

int
reveal_ask(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_vendor v;
	struct bytes query;
	const char *project, *by;
	json_t *in, *tokens;
	uint64_t n;
	int rc = -1;

	if (home_need(h, a, RING_RELEASE | RING_EXPORT | RING_REVEAL, f) != 0 ||
	    home_in(a, &in, f) != 0)
		return -1;
	bytes_init(&query, CATALOG_FACT_MAX);
	if (vendor_of(h, in, &v, f) != 0 ||
	    doc_text(in, "project", &project, f) != 0 ||
	    doc_text(in, "by", &by, f) != 0 ||
	    doc_list(in, "tokens", &tokens, f) != 0 ||
	    catalog_reveals(h->catalog, v.id, &n, f) != 0)
		goto out;
	if (json_array_size(tokens) == 0 ||
	    json_array_size(tokens) > TOKENS_MAX) {
		(void)fault_set(
		    f, FAULT_INPUT, "tokens: 1 to %u of them", TOKENS_MAX);
		goto out;
	}
	if (doc_write(&query, in, f) == 0) {
		const struct catalog_fact fact = { "query",
			{ query.at, query.len } };

		rc = record(h, "revealed",
		    json_pack("{s:I,s:I,s:s}", "count",
			(json_int_t)json_array_size(tokens), "n",
			(json_int_t)(n + 1), "vendor", v.id),
		    &fact, 1, f);
	}
	if (rc == 0)
		rc = home_out(a,
		    json_pack(
			"{s:I,s:s}", "n", (json_int_t)(n + 1), "vendor", v.id),
		    f);
out:
	bytes_free(&query);
	json_decref(in);
	return rc;
}

/* What was logged of it: the project, which the answer is bound to. */
static int
logged_project(struct home *h, const json_t *reveal, char *out, size_t room,
    struct fault *f)
{
	struct catalog_fact_name name = { NULL, "query", 0 };
	const char *project;
	struct bytes text;
	json_t *o = NULL;
	int rc = -1;

	bytes_init(&text, CATALOG_FACT_MAX);
	if (doc_text(reveal, "vendor", &name.id, f) == 0 &&
	    doc_number(reveal, "n", CATALOG_NUMBER_MAX, &name.n, f) == 0 &&
	    catalog_fact(h->catalog, &name, &text, f) == 0 &&
	    doc_read(&o, text.at, text.len, f) == 0 &&
	    doc_text(o, "project", &project, f) == 0) {
		(void)snprintf(out, room, "%s.%s", name.id, project);
		rc = 0;
	}
	json_decref(o);
	bytes_free(&text);
	return rc;
}

int
reveal_keys(struct home *h, struct asked *a, const json_t *reveal,
    struct keys_answer *out, struct fault *f)
{
	struct ring_name name = { RING_DOMAIN, out->domain, 0 };

	if (home_need(h, a, RING_EXPORT | RING_REVEAL, f) != 0 ||
	    logged_project(h, reveal, out->domain, sizeof(out->domain), f) != 0)
		return -1;
	if (!ring_has(h->ring, &name))
		return fault_set(f, FAULT_POLICY,
		    "nothing was sent to that vendor in this project");
	/* What a batch's seed decides cannot be found again: any will do. */
	if (ring_get_secret(h->ring, &name, &out->key, f) != 0 ||
	    secret_random(&out->seed, 32, f) != 0)
		return -1;
	return secret_random(&out->subject, 32, f);
}
