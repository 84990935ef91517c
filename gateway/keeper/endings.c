/*
 * Endings that are decisions and nothing more: withdraw, and stop; and of what
 * has an id of its own, a hold or an agreement.
 *
 * Neither of the first two can call back what has left.  So both answer with
 * what had been released, for whoever has to ask for its deletion.
 */

#include <string.h>

#include "gateway/keeper/approvals_internal.h"
#include "keys/base/doc.h"

int
ending_of_none(struct home *h, struct fault *f)
{
	if (f->kind == FAULT_POLICY &&
	    strncmp(catalog_rule(h->catalog), "unknown-", 8) == 0)
		f->kind = FAULT_INPUT;
	return -1;
}

static int
record(struct home *h, const char *kind, const char *member, const char *id,
    struct fault *f)
{
	struct catalog_entry e = { .kind = kind };
	int rc;

	if ((e.body = json_pack("{s:s}", member, id)) == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	return rc != 0 ? ending_of_none(h, f) : 0;
}

int
end_by_id(
    struct home *h, struct asked *a, const struct ending *of, struct fault *f)
{
	const char *text;
	char id[ID_CHARS + 1];
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (role_need(h, ROLE_OWNER, f) == 0 &&
	    doc_text(in, of->member, &text, f) == 0) {
		if (!id_valid(text, of->letter)) {
			(void)fault_set(f, FAULT_USAGE, "%s", of->no_id);
			(void)fault_hint(f, "%s", of->list);
		} else if (home_need(h, a, RING_RELEASE, f) == 0) {
			(void)snprintf(id, sizeof(id), "%s", text);
			rc = record(h, of->kind, of->member, id, f);
		}
	}
	json_decref(in);
	if (rc == 0)
		rc = home_out(a, json_pack("{s:s}", of->member, id), f);
	return rc;
}

/* ---- What had left ---- */

struct released {
	json_int_t releases;
	json_int_t offline;
	json_int_t acknowledged;
};

static int
count_one(void *arg, const struct catalog_released *r, struct fault *f)
{
	struct released *n = arg;

	(void)f;
	n->releases++;
	n->offline += r->offline ? 1 : 0;
	n->acknowledged += r->acknowledged != 0 ? 1 : 0;
	return 0;
}

json_t *
ended_say(struct home *h, const char *id, struct fault *f)
{
	struct released n = { 0 };
	struct catalog_batch b;
	struct catalog_vendor v;
	json_t *o;

	if (catalog_batch(h->catalog, id, &b, f) != 0 ||
	    catalog_vendor(h->catalog, b.vendor, &v, f) != 0 ||
	    catalog_each_release(h->catalog, b.id, count_one, &n, f) != 0)
		return NULL;
	o = json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:I}", "batch", b.id, "name",
	    b.name, "vendor", v.name, "state", catalog_state_name(b.state),
	    "releases", n.releases, "offline", n.offline, "acknowledged",
	    n.acknowledged);
	if (o == NULL)
		(void)fault_memory(f);
	return o;
}

/* ---- Withdrawing ---- */

int
batch_withdraw(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	json_t *in, *out = NULL;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (take_batch(h, in, &b, f) != 0)
		goto out;
	if (b.state >= CATALOG_WITHDRAWN)
		(void)fault_set(f, FAULT_POLICY, "%s: has been %s already",
		    b.name, catalog_state_name(b.state));
	else if (home_need(h, a, RING_RELEASE, f) == 0 &&
		 record(h, "batch-withdrawn", "batch", b.id, f) == 0 &&
		 (out = ended_say(h, b.id, f)) == NULL)
		home_spoil(h);
out:
	json_decref(in);
	return out != NULL ? home_out(a, out, f) : -1;
}

/* ---- Stopping ---- */

int
find_target(struct home *h, const char *name, struct catalog_batch *b,
    struct catalog_vendor *v, struct fault *f)
{
	struct fault no_batch = { 0 }, no_vendor = { 0 };

	if (catalog_batch(h->catalog, name, b, &no_batch) != 0) {
		if (no_batch.kind != FAULT_INPUT) {
			*f = no_batch;
			return -1;
		}
		b->id[0] = '\0';
	}
	if (catalog_vendor(h->catalog, name, v, &no_vendor) != 0) {
		if (no_vendor.kind != FAULT_INPUT) {
			*f = no_vendor;
			return -1;
		}
		v->id[0] = '\0';
	}
	if (b->id[0] != '\0' && v->id[0] != '\0') {
		(void)fault_set(f, FAULT_USAGE,
		    "%s: both a batch and a vendor are called so", name);
		return fault_hint(
		    f, "handoff stop %s, or handoff stop %s", b->id, v->id);
	}
	if (b->id[0] == '\0' && v->id[0] == '\0')
		return fault_set(
		    f, FAULT_INPUT, "%s: no such batch or vendor", name);
	if (v->id[0] != '\0' && v->ended != 0)
		return fault_set(
		    f, FAULT_POLICY, "%s: the vendor has been ended", name);
	return 0;
}

struct stopped {
	struct home *home;
	json_t *list;
};

static int
say_one(void *arg, const struct catalog_batch *b, struct fault *f)
{
	struct stopped *s = arg;
	json_t *o = ended_say(s->home, b->id, f);

	if (o == NULL)
		return -1;
	return json_array_append_new(s->list, o) == 0 ? 0 : fault_memory(f);
}

static int
say_stopped(struct home *h, const struct catalog_batch *b,
    const struct catalog_vendor *v, json_t **out, struct fault *f)
{
	struct stopped s = { h, json_array() };
	int rc;

	if (s.list == NULL)
		return fault_memory(f);
	rc = b->id[0] != '\0'
		 ? say_one(&s, b, f)
		 : catalog_each_batch(h->catalog, v->id, say_one, &s, f);
	if (rc == 0) {
		*out = json_pack("{s:s,s:s,s:O}", "target",
		    b->id[0] != '\0' ? b->id : v->id, "name",
		    b->id[0] != '\0' ? b->name : v->name, "batches", s.list);
		rc = *out != NULL ? 0 : fault_memory(f);
	}
	json_decref(s.list);
	return rc;
}

int
stop(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	struct catalog_vendor v;
	const char *name;
	json_t *in, *out = NULL;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (role_need(h, ROLE_OWNER, f) != 0 ||
	    doc_text(in, "target", &name, f) != 0 ||
	    find_target(h, name, &b, &v, f) != 0 ||
	    home_need(h, a, RING_RELEASE, f) != 0 ||
	    record(h, "stopped", "target", b.id[0] != '\0' ? b.id : v.id, f) !=
		0)
		goto out;
	rc = say_stopped(h, &b, &v, &out, f);
	if (rc != 0)
		home_spoil(h);
out:
	json_decref(in);
	return rc == 0 ? home_out(a, out, f) : -1;
}
