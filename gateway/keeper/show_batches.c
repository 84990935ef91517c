/*
 * Of batches: what is out, what is due, what is wrong (show.c).
 *
 * A shard that was released twice is out once; and what its vendor said it has
 * it has, by whichever release, so that one that was broken off is no matter.
 */

#include <string.h>

#include "gateway/keeper/approvals_internal.h"
#include "gateway/keeper/show_internal.h"

#define GRANT_DAYS 14

/* A batch in hand. */
struct seen {
	struct view *v;
	const struct catalog_batch *b;
	uint64_t releases;
	struct catalog_shards_out out;
	int64_t last;	 /* release */
	int64_t waiting; /* the last one that was not acknowledged */
	bool offline;
	int64_t until;
	struct fault hindered; /* why nothing is released now, if so */
};

static int
due(const struct seen *w, const char *what, int64_t at, struct fault *f)
{
	struct line l = {
		.what = what, .id = w->b->id, .name = w->b->name, .at = at
	};

	return view_add(w->v, w->v->due, &l, f);
}

static int
wrong(const struct seen *w, const char *what, int64_t at, struct fault *f)
{
	struct line l = {
		.what = what, .id = w->b->id, .name = w->b->name, .at = at
	};

	return view_add(w->v, w->v->wrong, &l, f);
}

/* ---- What left, and what came back ---- */

static int
see_release(void *arg, const struct catalog_released *r, struct fault *f)
{
	struct seen *w = arg;

	(void)f;
	w->releases++;
	w->offline |= r->offline;
	if (r->at > w->last)
		w->last = r->at;
	if (r->acknowledged == 0 && !r->offline)
		w->waiting = r->at;
	return 0;
}

/* Of a delivery in a folder no word comes back, and none is waited for. */
static int
see_releases(struct seen *w, struct fault *f)
{
	struct catalog *c = w->v->h->catalog;

	if (catalog_each_release(c, w->b->id, see_release, w, f) != 0 ||
	    catalog_shards_out(c, w->b->id, &w->out, f) != 0)
		return -1;
	return w->out.unacknowledged == 0
		   ? 0
		   : due(w, "acknowledge", w->waiting, f);
}

static int
see_return(void *arg, const struct catalog_return *r, struct fault *f)
{
	struct seen *w = arg;
	struct line l = {
		.what = "ingest", .id = r->id, .name = w->b->name, .at = r->at
	};

	if (r->ingested != 0 || w->b->state == CATALOG_SHREDDED)
		return 0; /* what was shredded nobody can read */
	return view_add(w->v, w->v->due, &l, f);
}

/* A batch of which something left. */
static int
add_out(struct seen *w, const char *vendor, struct fault *f)
{
	const struct catalog_batch *b = w->b;
	bool held;
	json_t *o;

	if (catalog_held(w->v->h->catalog, b->id, &held, f) != 0)
		return -1;
	o = json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:b,s:b,s:I}", "batch",
	    b->id, "name", b->name, "vendor", vendor, "state",
	    catalog_state_name(b->state), "releases", (json_int_t)w->releases,
	    "shards", (json_int_t)w->out.released, "of", (json_int_t)b->shards,
	    "offline", (int)w->offline, "held", (int)held, "unacknowledged",
	    (json_int_t)w->out.unacknowledged);
	if (o == NULL)
		return fault_memory(f);
	if (view_time(o, "last", w->last, f) == 0 &&
	    view_time(o, "until", w->until, f) == 0 &&
	    view_time(o, "delete_by", w->last + (int64_t)b->retention, f) ==
		0 &&
	    (w->hindered.kind == FAULT_NONE ||
		view_text(o, "hindered", w->hindered.text, f) == 0))
		return view_append(w->v, w->v->out, o, f);
	json_decref(o);
	return -1;
}

/* ---- Can it be released? ---- */

/* A rule that says no today: what it hinders is due while something of the
 * batch is still to leave. */
static int
see_hindered(struct seen *w, struct fault *f)
{
	struct line l = { .what = "hindered",
		.id = w->b->id,
		.name = w->b->name,
		.why = w->hindered.text };
	struct law law = { .has_policy = false };
	const char *why;
	int64_t until;
	int rc;

	rc = term_of(w->v->h, w->b, &law, &until, &why, &w->hindered);
	law_free(&law);
	if (rc == 0)
		return 0;
	if (w->hindered.kind != FAULT_POLICY) {
		*f = w->hindered;
		return -1;
	}
	return w->out.released == w->b->shards
		   ? 0
		   : view_add(w->v, w->v->due, &l, f);
}

/* Until when? */
static int
see_grant(struct seen *w, struct fault *f)
{
	struct catalog_grant g;
	bool live;

	if (w->b->state != CATALOG_APPROVED)
		return 0;
	if (catalog_live_grant(
		w->v->h->catalog, w->b->id, w->v->now, &live, &g, f) != 0)
		return -1;
	if (!live)
		return w->releases == 0 ? wrong(w, "grant-over", 0, f) : 0;
	w->until = g.until;
	if (g.until - w->v->now <= GRANT_DAYS * DAY &&
	    due(w, "grant-ends", g.until, f) != 0)
		return -1;
	return see_hindered(w, f);
}

/* Is what was sealed there, and as large as it was? */
static int
see_objects(const struct seen *w, struct fault *f)
{
	struct objects_seen *all = &w->v->objects, was = *all;

	if (objects_of_batch(w->v->h, w->b, all, f) != 0 ||
	    (all->missing > was.missing &&
		wrong(w, "objects-missing", 0, f) != 0))
		return -1;
	return all->altered > was.altered ? wrong(w, "objects-altered", 0, f)
					  : 0;
}

/* May it be released while it is about somebody who is suppressed? */
static int
see_suppressed(const struct seen *w, struct fault *f)
{
	uint32_t shard;
	bool yes;

	if (w->b->state > CATALOG_APPROVED)
		return 0;
	if (suppressed_in(w->v->h, w->b->id, NULL, 0, &yes, &shard, f) != 0)
		return -1;
	return yes ? wrong(w, "suppressed", 0, f) : 0;
}

static int
see_batch(void *arg, const struct catalog_batch *b, struct fault *f)
{
	struct seen w = { .v = arg, .b = b };
	struct catalog *c = w.v->h->catalog;
	struct catalog_vendor vendor;

	if (see_objects(&w, f) != 0 || see_suppressed(&w, f) != 0)
		return -1;
	if (b->state == CATALOG_OPEN)
		return wrong(&w, "draft", b->begun, f);
	if (b->state == CATALOG_SEALED && due(&w, "approve", b->sealed, f) != 0)
		return -1;
	if (catalog_vendor(c, b->vendor, &vendor, f) != 0 ||
	    see_releases(&w, f) != 0 ||
	    catalog_each_return(c, b->id, see_return, &w, f) != 0 ||
	    see_grant(&w, f) != 0)
		return -1;
	return w.releases == 0 ? 0 : add_out(&w, vendor.name, f);
}

int
view_batches(struct view *v, struct fault *f)
{
	return catalog_each_batch(v->h->catalog, NULL, see_batch, v, f);
}
