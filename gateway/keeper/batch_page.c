/*
 * What a person is shown of batches: a line each, and the one page on which a
 * batch is approved.  Read with nothing unlocked.
 */

#include <string.h>

#include "gateway/keeper/approvals_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* ---- One line ---- */

static int
is_longest(void *arg, const struct catalog_grant *g, struct fault *f)
{
	struct catalog_grant *out = arg;

	(void)f;
	if (g->until > out->until)
		*out = *g;
	return 0;
}

int
longest_grant(struct home *h, const char *batch, struct catalog_grant *out,
    struct fault *f)
{
	memset(out, 0, sizeof(*out));
	return catalog_each_grant(h->catalog, batch, is_longest, out, f);
}

static int
add_shard(void *arg, const struct catalog_shard *s, struct fault *f)
{
	uint64_t *sum = arg; /* shards, items, bytes */

	(void)f;
	sum[0]++;
	sum[1] += s->items;
	sum[2] += s->bytes;
	return 0;
}

json_t *
batch_say(struct home *h, const struct catalog_batch *b, struct fault *f)
{
	uint64_t sum[3] = { 0 };
	struct catalog_vendor v;
	struct catalog_grant g;
	json_t *o;

	if (catalog_vendor(h->catalog, b->vendor, &v, f) != 0 ||
	    longest_grant(h, b->id, &g, f) != 0 ||
	    catalog_each_shard(h->catalog, b->id, add_shard, sum, f) != 0)
		return NULL;
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:b,s:I,s:I,s:I,s:I}", "id",
	    b->id, "name", b->name, "vendor", v.name, "state",
	    catalog_state_name(b->state), "approve",
	    b->approvals_needed == 2 ? "two" : "self", "approvals",
	    (int)b->approvals, "approvals_needed", (int)b->approvals_needed,
	    "offline", (int)b->offline, "shards", (json_int_t)sum[0], "items",
	    (json_int_t)sum[1], "bytes", (json_int_t)sum[2], "retention",
	    (json_int_t)b->retention);
	if (o == NULL)
		(void)fault_memory(f);
	else if (time_say(o, "begun", b->begun, f) == 0 &&
		 time_say(o, "sealed", b->sealed, f) == 0 &&
		 time_say(o, "approved", b->approved, f) == 0 &&
		 time_say(o, "ended", b->ended, f) == 0 &&
		 time_say(o, "until", g.until, f) == 0)
		return o;
	json_decref(o);
	return NULL;
}

/* A list in the making. */
struct listing {
	struct home *home;
	json_t *list;
};

static int
append(json_t *list, json_t *o, struct fault *f)
{
	if (o == NULL)
		return f->kind != FAULT_NONE ? -1 : fault_memory(f);
	return json_array_append_new(list, o) == 0 ? 0 : fault_memory(f);
}

static int
list_one(void *arg, const struct catalog_batch *b, struct fault *f)
{
	struct listing *l = arg;

	return append(l->list, batch_say(l->home, b, f), f);
}

int
batch_list(void *state, struct asked *a, struct fault *f)
{
	struct listing l = { state, NULL };
	struct catalog_vendor v;
	const char *name = NULL;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (role_need(l.home, ROLE_OWNER, f) != 0)
		goto out;
	if (json_object_get(in, "vendor") != NULL &&
	    (doc_text(in, "vendor", &name, f) != 0 ||
		catalog_vendor(l.home->catalog, name, &v, f) != 0))
		goto out;
	if ((l.list = json_array()) == NULL)
		rc = fault_memory(f);
	else
		rc = catalog_each_batch(l.home->catalog,
		    name != NULL ? v.id : NULL, list_one, &l, f);
out:
	json_decref(in);
	if (rc == 0)
		return home_out(a, json_pack("{s:o}", "batches", l.list), f);
	json_decref(l.list);
	return -1;
}

/* ---- One page ---- */

static int
release_one(void *arg, const struct catalog_released *r, struct fault *f)
{
	json_t *o = json_pack("{s:I,s:I,s:b}", "seq", (json_int_t)r->seq,
	    "shards", (json_int_t)r->count, "offline", (int)r->offline);

	if (o != NULL && time_say(o, "at", r->at, f) == 0 &&
	    time_say(o, "acknowledged", r->acknowledged, f) == 0)
		return append(arg, o, f);
	json_decref(o);
	return fault_memory(f);
}

static int
return_one(void *arg, const struct catalog_return *r, struct fault *f)
{
	json_t *o = json_pack("{s:s,s:s,s:I,s:I}", "id", r->id, "verdict",
	    r->verdict, "items", (json_int_t)r->items, "answered",
	    (json_int_t)r->answered);

	if (o != NULL && time_say(o, "at", r->at, f) == 0 &&
	    (!r->scored || json_object_set_new(o, "score",
			       json_integer((json_int_t)r->score_ppm)) == 0))
		return append(arg, o, f);
	json_decref(o);
	return fault_memory(f);
}

/* Who has approved the revision that is shown. */
static int
say_approvers(struct home *h, const struct catalog_batch *b, json_t *list,
    struct fault *f)
{
	struct catalog_fact_name name = { b->id, "by",
		b->approvals_ever - b->approvals };
	struct bytes who;
	int rc = 0;

	bytes_init(&who, CATALOG_NAME_MAX);
	while (rc == 0 && name.n++ < b->approvals_ever) {
		struct fault none = { 0 };

		bytes_reset(&who);
		if (catalog_fact(h->catalog, &name, &who, &none) == 0)
			rc = append(list,
			    json_stringn((const char *)who.at, who.len), f);
		else if (none.kind != FAULT_INPUT) {
			*f = none;
			rc = -1;
		}
	}
	bytes_free(&who);
	return rc;
}

/* A fact of the batch as text, if it has it. */
static int
say_fact(struct home *h, const char *batch, const char *member, json_t *o,
    struct fault *f)
{
	const struct catalog_fact_name name = { batch, member, 0 };
	struct fault none = { 0 };
	struct bytes text;
	int rc = 0;

	bytes_init(&text, CATALOG_FACT_MAX);
	if (catalog_fact(h->catalog, &name, &text, &none) == 0) {
		if (json_object_set_new(o, member,
			json_stringn((const char *)text.at, text.len)) != 0)
			rc = fault_memory(f);
	} else if (none.kind != FAULT_INPUT) {
		*f = none;
		rc = -1;
	}
	bytes_free(&text);
	return rc;
}

/* What an approval now would grant, or what hinders it; and the law's answer
 * today, else as it was when the batch was begun. */
static int
say_term(
    struct home *h, const struct catalog_batch *b, json_t *o, struct fault *f)
{
	struct law law = { .has_policy = false };
	struct fault why_not = { 0 };
	json_t *decision = NULL;
	const char *why;
	int64_t until;
	int rc;

	if (term_of(h, b, &law, &until, &why, &why_not) == 0) {
		rc = time_say(o, "grantable", term_unasked(&law, until), f);
		if (rc == 0)
			rc = time_say(o, "grantable_most", until, f);
		if (rc == 0)
			rc = law_say(&law, &decision, f);
	} else if (why_not.kind == FAULT_POLICY) {
		rc = json_object_set_new(
			 o, "hindered", json_string(why_not.text)) == 0
			 ? law_first(h, b->id, &decision, f)
			 : fault_memory(f);
	} else {
		*f = why_not;
		rc = -1;
	}
	law_free(&law);
	if (rc == 0 && decision != NULL &&
	    json_object_set_new(o, "legal", decision) != 0)
		rc = fault_memory(f);
	return rc;
}

static int
say_numbers(const struct catalog_batch *b, json_t *o, struct fault *f)
{
	char manifest[DIGEST_CHARS + 1], root[DIGEST_CHARS + 1];
	json_t *golden = json_null();

	hex_write(manifest, b->manifest, DIGEST_BYTES);
	hex_write(root, b->golden_root, DIGEST_BYTES);
	if (b->golden)
		golden = json_pack("{s:s,s:s,s:I}", "root", root, "metric",
		    b->metric, "pass", (json_int_t)b->pass_ppm);
	if (json_object_set_new(o, "golden", golden) != 0 ||
	    json_object_set_new(o, "manifest",
		b->revision > 0 ? json_string(manifest) : json_null()) != 0 ||
	    json_object_set_new(
		o, "revision", json_integer((json_int_t)b->revision)) != 0 ||
	    json_object_set_new(o, "required", json_string(b->agreements)) != 0)
		return fault_memory(f);
	return 0;
}

static int
say_lists(
    struct home *h, const struct catalog_batch *b, json_t *o, struct fault *f)
{
	json_t *by = json_array(), *out = json_array(), *back = json_array();
	json_t *papers;

	if (json_object_set_new(o, "approved_by", by) != 0 ||
	    json_object_set_new(o, "releases", out) != 0 ||
	    json_object_set_new(o, "returns", back) != 0)
		return fault_memory(f);
	if (say_approvers(h, b, by, f) != 0 ||
	    catalog_each_release(h->catalog, b->id, release_one, out, f) != 0 ||
	    catalog_each_return(h->catalog, b->id, return_one, back, f) != 0 ||
	    agreements_say(h, b->vendor, &papers, f) != 0)
		return -1;
	if (json_object_set_new(o, "agreements", papers) != 0)
		return fault_memory(f);
	return 0;
}

static int
say_page(
    struct home *h, const struct catalog_batch *b, json_t *o, struct fault *f)
{
	struct catalog_vendor v;
	json_t *to;

	if (catalog_vendor(h->catalog, b->vendor, &v, f) != 0 ||
	    (to = vendor_say(h, &v, f)) == NULL)
		return -1;
	if (json_object_set_new(o, "to", to) != 0)
		return fault_memory(f);
	if (say_numbers(b, o, f) != 0 || say_lists(h, b, o, f) != 0 ||
	    say_term(h, b, o, f) != 0)
		return -1;
	if (say_fact(h, b->id, "report", o, f) != 0)
		return -1;
	return say_fact(h, b->id, "policy", o, f);
}

int
batch_page(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	json_t *in, *o = NULL;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (take_batch(h, in, &b, f) == 0 && (o = batch_say(h, &b, f)) != NULL)
		rc = say_page(h, &b, o, f);
	json_decref(in);
	if (rc == 0)
		return home_out(a, o, f);
	json_decref(o);
	return -1;
}
