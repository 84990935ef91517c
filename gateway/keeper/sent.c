/*
 * What a vendor was sent in a project: hashes for whoever plans, and the key
 * under which they are for the workers that compare.
 *
 * A batch counts once it is sealed: one that is still open is being made, and
 * an export that is resumed must choose as it did.  One that ended before
 * anything of it was released was never sent.
 */

#include <string.h>

#include "gateway/keeper/batches_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/pseudonym/pseudonym.h"

/* Items of one shard; SHARD_SEALED's file has a hash for each. */
#define HASHES_MAX ((uint64_t)1 << 28)

/* Hashes that are gathered before they are written. */
#define RUN_BYTES (1u << 20)

/* Of whom it is asked. */
struct sent {
	struct home *home;
	char domain[ID_CHARS + CATALOG_NAME_MAX + 2]; /* vendor.project */
	const char *project;
	char batch[ID_CHARS + 1]; /* or "": all of the domain's */
	char vendor[ID_CHARS + 1];
	uint64_t all; /* hashes */
	uint64_t share, shares, written;
	int fd;
	struct bytes run;
};

static int
project_of(
    struct home *h, const char *batch, char *out, size_t room, struct fault *f)
{
	const char *project;
	json_t *facts;
	int rc;

	if (batch_facts(h, batch, &facts, f) != 0)
		return -1;
	rc = doc_text(facts, "project", &project, f);
	if (rc == 0)
		(void)snprintf(out, room, "%s", project);
	json_decref(facts);
	return rc;
}

static int
take_about(struct sent *x, const json_t *about, struct fault *f)
{
	char project[CATALOG_NAME_MAX + 1];
	struct catalog_vendor v;
	struct catalog_batch b;
	json_t *sent;
	const char *name;

	if (doc_object(about, "sent", &sent, f) != 0)
		return -1;
	if (json_object_get(sent, "batch") != NULL) {
		if (doc_text(sent, "batch", &name, f) != 0)
			return -1;
		if (catalog_batch(x->home->catalog, name, &b, f) != 0)
			return fault_hint(f, "handoff batch list");
		if (project_of(x->home, b.id, project, sizeof(project), f) != 0)
			return -1;
		(void)snprintf(x->batch, sizeof(x->batch), "%s", b.id);
		(void)snprintf(x->vendor, sizeof(x->vendor), "%s", b.vendor);
		(void)snprintf(
		    x->domain, sizeof(x->domain), "%s.%s", b.vendor, project);
		return 0;
	}
	if (doc_text(sent, "vendor", &name, f) != 0 ||
	    doc_text(sent, "project", &x->project, f) != 0)
		return -1;
	if (catalog_vendor(x->home->catalog, name, &v, f) != 0)
		return fault_hint(f, "handoff vendor list");
	(void)snprintf(x->vendor, sizeof(x->vendor), "%s", v.id);
	(void)snprintf(x->domain, sizeof(x->domain), "%s.%s", v.id, x->project);
	return 0;
}

/* ---- Which batches count ---- */

static int
note_release(void *arg, const struct catalog_released *r, struct fault *f)
{
	(void)r;
	(void)f;
	*(bool *)arg = true;
	return 0;
}

static int
counts(
    struct sent *x, const struct catalog_batch *b, bool *yes, struct fault *f)
{
	char project[CATALOG_NAME_MAX + 1];

	*yes = false;
	if (b->state == CATALOG_OPEN)
		return 0;
	if (b->state >= CATALOG_WITHDRAWN) {
		bool released = false;

		if (catalog_each_release(x->home->catalog, b->id, note_release,
			&released, f) != 0)
			return -1;
		if (!released)
			return 0;
	}
	if (project_of(x->home, b->id, project, sizeof(project), f) != 0)
		return -1;
	*yes = strcmp(project, x->project) == 0;
	return 0;
}

struct walk {
	struct sent *x;
	int (*each)(void *arg, struct slice hashes, struct fault *f);
};

static int
walk_batch(void *arg, const struct catalog_batch *b, struct fault *f)
{
	const struct walk *w = arg;
	bool yes;

	if (counts(w->x, b, &yes, f) != 0)
		return -1;
	return yes ? catalog_each_sent(
			 w->x->home->catalog, b->id, w->each, w->x, f)
		   : 0;
}

static int
each_sent(struct sent *x,
    int (*each)(void *arg, struct slice hashes, struct fault *f),
    struct fault *f)
{
	struct walk w = { x, each };

	if (x->batch[0] != '\0')
		return catalog_each_sent(
		    x->home->catalog, x->batch, each, x, f);
	return catalog_each_batch(
	    x->home->catalog, x->vendor, walk_batch, &w, f);
}

/* ---- Hashes ---- */

static int
count(void *arg, struct slice hashes, struct fault *f)
{
	(void)f;
	((struct sent *)arg)->all += hashes.len / CATALOG_SENT_BYTES;
	return 0;
}

static int
flush(struct sent *x, struct fault *f)
{
	if (file_write(x->fd, x->run.at, x->run.len, f) != 0)
		return -1;
	bytes_reset(&x->run);
	return 0;
}

static int
write_share(void *arg, struct slice hashes, struct fault *f)
{
	struct sent *x = arg;

	for (size_t at = 0; at < hashes.len; at += CATALOG_SENT_BYTES) {
		const uint8_t *hash = hashes.at + at;

		if (catalog_sent_share(hash, x->shares) != x->share)
			continue;
		if (bytes_add(&x->run, hash, CATALOG_SENT_BYTES, f) != 0 ||
		    (x->run.len == RUN_BYTES && flush(x, f) != 0))
			return -1;
		x->written++;
	}
	return 0;
}

int
sent_hashes(void *state, struct asked *a, struct fault *f)
{
	struct sent x = { .home = state, .fd = -1 };
	uint64_t most;
	json_t *in;
	int rc = -1;

	if (home_need(state, a, RING_EXPORT, f) != 0 || home_in(a, &in, f) != 0)
		return -1;
	bytes_init(&x.run, RUN_BYTES);
	if (doc_number(in, "share", UINT32_MAX, &x.share, f) != 0 ||
	    doc_number(in, "most", HASHES_MAX, &most, f) != 0 ||
	    message_fd(a->request, 0, &x.fd, f) != 0 ||
	    take_about(&x, in, f) != 0 || each_sent(&x, count, f) != 0)
		goto out;
	if (x.all == 0 && x.batch[0] != '\0') {
		(void)fault_set(f, FAULT_POLICY,
		    "nothing is remembered of what was in that batch");
		goto out;
	}
	must(most > 0);
	x.shares = x.all / most + (x.all % most != 0);
	if (x.shares > 0 &&
	    (each_sent(&x, write_share, f) != 0 || flush(&x, f) != 0))
		goto out;
	rc = home_out(a,
	    json_pack("{s:I,s:I}", "shares", (json_int_t)x.shares, "hashes",
		(json_int_t)x.written),
	    f);
out:
	bytes_free(&x.run);
	file_close(&x.fd);
	json_decref(in);
	return rc;
}

int
sent_key(void *state, struct asked *a, struct fault *f)
{
	struct sent x = { .home = state };
	struct ring_name name = { RING_DOMAIN, x.domain, 0 };
	struct secret domain = { 0 }, key = { 0 };
	int rc = -1;

	if (take_end(&a->in, f) != 0 ||
	    home_need(state, a, RING_EXPORT, f) != 0 ||
	    take_about(&x, home_peer(a)->about, f) != 0)
		return -1;
	if (ring_get_secret(x.home->ring, &name, &domain, f) == 0 &&
	    key_derive(&key, &domain, KEY_SENT, x.domain, "", f) == 0)
		rc = put_slice(&a->answer->body, key.at, key.len, f);
	secret_free(&domain);
	secret_free(&key);
	return rc;
}

/* ---- Kept ---- */

int
sent_keep(struct home *h, struct asked *a, const char *batch,
    const struct catalog_shard *s, struct fault *f)
{
	struct catalog_sent sent;
	size_t hashes, whole, got;
	uint8_t *at = NULL;
	int fd, rc = -1;

	if (message_fd(a->request, 0, &fd, f) != 0)
		return -1;
	if (s->items > HASHES_MAX) {
		(void)fault_set(f, FAULT_INPUT, "a shard of too many items");
		goto out;
	}
	hashes = (size_t)s->items * CATALOG_SENT_BYTES;
	whole = hashes + (size_t)s->items * CATALOG_WHOSE_BYTES;
	/* one more would be read */
	if ((at = mem_new(whole + 1)) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (file_read_at(fd, at, whole + 1, 0, &got, f) != 0)
		goto out;
	if (got != hashes && got != whole) {
		(void)fault_set(
		    f, FAULT_INPUT, "hashes of other items than it has");
		goto out;
	}
	sent = (struct catalog_sent){ { at, hashes },
		{ at + hashes, got - hashes } };
	rc = catalog_sent_keep(h->catalog, batch, s->n, &sent, f);
out:
	mem_free(at);
	file_close(&fd);
	return rc;
}
