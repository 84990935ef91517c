/*
 * The shards of a batch: brought one after another, each unpacked by a worker
 * while the next is on its way.
 *
 *     bring index --> check what is there --> bring the rest --> unpack
 *                                                 ^                |
 *                                  bad chunks, alone <-- check <---'  forged?
 *
 * A shard is done when its members have their names; a batch when all of that
 * is on disk.  What was done is kept shard by shard, for the next command.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/flow/fetch_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Shards in hand: one on its way, and one a worker. */
#define WORKERS_MAX 4u
#define SLOTS (WORKERS_MAX + 1)

/* How often bad chunks of a shard are brought again before it is given up. */
#define TRIES 3u

struct slot {
	enum { FREE, CHECKING, CHECKED, UNPACKING } state;
	struct bring b;
	unsigned tries;
	struct opener_checked checked;
};

struct fetch_work {
	struct fetch_batch *batch;
	struct pool *pool;
	int keeper; /* the workers' channel, one after another */
	size_t workers;
	struct slot slots[SLOTS];
};

/* ---- Workers ---- */

static int
ready(void *state, struct channel *worker, struct fault *f)
{
	struct fetch_work *w = state;
	int keeper, rc;

	if (keeper_peer(w->batch->keeper, KEEPER_WORKER,
		json_pack("{s:s}", "owner", w->batch->owner->id), &keeper,
		f) != 0)
		return -1;
	rc = opener_begin(worker, keeper, w->batch->out, f);
	file_close(&keeper);
	return rc;
}

int
fetch_work_new(struct fetch_work **out, struct fetch_batch *b, struct fault *f)
{
	struct pool_options o = { .role = "opener", .ready = ready };
	struct fetch_work *w = mem_new(sizeof(*w));

	if (w == NULL)
		return fault_memory(f);
	w->batch = b;
	w->workers = process_cores();
	if (w->workers > WORKERS_MAX)
		w->workers = WORKERS_MAX;
	o.workers = w->workers;
	o.state = w;
	for (size_t i = 0; i < SLOTS; i++)
		w->slots[i].b.draft = w->slots[i].b.index =
		    w->slots[i].b.items = -1;
	if (pool_new(&w->pool, &o, f) != 0) {
		mem_free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void
fetch_work_free(struct fetch_work *w)
{
	if (w == NULL)
		return;
	pool_free(w->pool);
	for (size_t i = 0; i < SLOTS; i++)
		if (w->slots[i].state != FREE)
			bring_close(&w->slots[i].b);
	mem_free(w);
}

static struct opener_object
shard_object(const struct bring *b)
{
	return (struct opener_object){ b->draft,
		{ b->s.header.at, b->s.header.len }, b->s.header.len,
		b->s.bytes - b->s.skip };
}

static struct opener_object
index_object(const struct bring *b)
{
	return (struct opener_object){ b->index,
		{ b->s.index_header.at, b->s.index_header.len },
		b->s.index_skip, b->s.index_bytes - b->s.index_skip };
}

/* Give slot i's job, which put() makes. */
static int
give(struct fetch_work *w, size_t i, bool unpack, struct fault *f)
{
	struct slot *s = &w->slots[i];
	struct opener_object shard = shard_object(&s->b);
	struct opener_object index = index_object(&s->b);
	struct message job;
	int rc;

	message_init(&job, MESSAGE_MAX);
	rc = unpack ? opener_put_unpack(&job, &shard, &index, s->b.items, f)
		    : opener_put_check(&job, &shard, f);
	if (rc == 0)
		rc = pool_give(w->pool, &job, i, f);
	if (rc == 0)
		s->state = unpack ? UNPACKING : CHECKING;
	message_free(&job);
	return rc;
}

/* ---- What workers answer ---- */

static int
done(struct fetch_work *w, struct slot *s, const struct package_unpacked *u,
    struct fault *f)
{
	struct fetch_batch *b = w->batch;
	uint32_t n = s->b.s.n;

	bring_close(&s->b);
	s->state = FREE;
	b->state.done[n / 8] |= (uint8_t)(1u << n % 8);
	b->state.members += u->members;
	b->state.items += u->items;
	b->state.bytes += u->bytes;
	if (inbox_save(b->dir, &b->state, f) != 0)
		return -1;
	if (!b->keep)
		bring_remove(b->dir, n);
	return 0;
}

static int take_one(struct fetch_work *w, struct fault *f);

/* Check slot i's draft and wait for it, whatever else ends meanwhile. */
static int
check(struct fetch_work *w, size_t i, struct fault *f)
{
	while (pool_idle(w->pool) == 0)
		if (take_one(w, f) != 0)
			return -1;
	if (give(w, i, false, f) != 0)
		return -1;
	while (w->slots[i].state != CHECKED)
		if (take_one(w, f) != 0)
			return -1;
	return 0;
}

static int
unpack(struct fetch_work *w, size_t i, struct fault *f)
{
	struct slot *s = &w->slots[i];

	while (pool_idle(w->pool) == 0)
		if (take_one(w, f) != 0)
			return -1;
	if (ftruncate(s->b.items, 0) != 0 ||
	    lseek(s->b.items, 0, SEEK_SET) != 0)
		return fault_errno(f, "inbox: %u.items", s->b.s.n);
	return give(w, i, true, f);
}

/* A shard is given up.  Where it may be for its headers (they are not for us,
 * or no chunk is good, or none is bad), these come anew the next time. */
static int
give_up(struct fetch_work *w, const struct slot *s, const struct fault *why,
    struct fault *f)
{
	const struct opener_checked *c = &s->checked;

	if (w->batch->talk != NULL &&
	    (why->kind == FAULT_INPUT ||
		(why->kind == FAULT_FORGED &&
		    (c->nbad == 0 || c->nbad == c->whole))))
		fetch_forget_answer(w->batch, w->batch->group);
	*f = *why;
	return fault_at(f, "shard %u", s->b.s.n);
}

/* It would not unpack: bring what is bad again, alone.  why: as it said. */
static int
repair(struct fetch_work *w, size_t i, const struct fault *why, struct fault *f)
{
	struct slot *s = &w->slots[i];
	struct opener_checked *c = &s->checked;
	struct talk *t = w->batch->talk;
	struct fault no_key = { 0 };

	if (why->kind != FAULT_FORGED || t == NULL)
		return give_up(w, s, why, f);
	if (check(w, i, f) != 0)
		return -1;
	if (c->nbad == 0) /* it is what the owner sealed, then */
		return give_up(w, s, why, f);
	if (++s->tries > TRIES)
		return give_up(w, s, why, f);
	if (c->nbad < c->whole) {
		for (uint32_t k = 0; k < c->nbad; k++)
			if (bring_chunk(&s->b, t, c->bad[k], f) != 0)
				return -1;
	} else if (s->tries > 1) {
		(void)fault_set(
		    &no_key, FAULT_FORGED, "its header opens nothing of it");
		return give_up(w, s, &no_key, f);
	} else if (bring_chunk(&s->b, t, 0, f) != 0) {
		return -1; /* the nonce is there, which opens all others */
	}
	return unpack(w, i, f);
}

static int
take_result(struct fetch_work *w, struct pool_result *r, struct fault *f)
{
	struct slot *s = &w->slots[r->ticket];
	struct package_unpacked u;

	if (s->state == CHECKING) {
		s->state = CHECKED;
		if (r->fault.kind != FAULT_NONE)
			return give_up(w, s, &r->fault, f);
		return opener_take_checked(&r->body, &s->checked, f);
	}
	if (r->fault.kind != FAULT_NONE)
		return repair(w, r->ticket, &r->fault, f);
	if (opener_take_unpacked(&r->body, &u, f) != 0)
		return -1;
	return done(w, s, &u, f);
}

/* Wait for one job to end, and deal with it. */
static int
take_one(struct fetch_work *w, struct fault *f)
{
	struct pool_result r;
	int rc;

	pool_result_init(&r, MESSAGE_MAX);
	rc = pool_take(w->pool, &r, f);
	if (rc == 0)
		rc = take_result(w, &r, f);
	pool_result_free(&r);
	return rc;
}

/* ---- One after another ---- */

/* What of the draft is good, up to the first chunk that is not. */
static int
good_bytes(struct fetch_work *w, size_t i, uint64_t *have, struct fault *f)
{
	struct slot *s = &w->slots[i];
	uint64_t chunks;

	if (bring_begun(&s->b, have, f) != 0 || *have == 0)
		return f->kind == FAULT_NONE ? 0 : -1;
	if (check(w, i, f) != 0)
		return -1;
	chunks = s->checked.nbad > 0 ? s->checked.bad[0] : s->checked.whole;
	*have = chunks == 0 ? 0 : age_chunk_at(chunks);
	if (*have > s->b.s.bytes - s->b.s.skip)
		*have = s->b.s.bytes - s->b.s.skip; /* the last one is short */
	return 0;
}

static int
free_slot(struct fetch_work *w, size_t *out, struct fault *f)
{
	for (;;) {
		for (size_t i = 0; i <= w->workers; i++)
			if (w->slots[i].state == FREE) {
				*out = i;
				return 0;
			}
		if (take_one(w, f) != 0)
			return -1;
	}
}

static int
one_shard(struct fetch_work *w, size_t nth, struct fault *f)
{
	struct fetch_batch *b = w->batch;
	struct slot *s;
	uint64_t have;
	size_t i;

	if (free_slot(w, &i, f) != 0)
		return -1;
	s = &w->slots[i];
	if ((b->talk != NULL
		    ? bring_open(&s->b, b->dir, &b->released, nth, f)
		    : bring_open_folder(&s->b, b, (uint32_t)nth, f)) != 0)
		return -1;
	s->state = CHECKED;
	s->tries = 0;
	memset(&s->checked, 0, sizeof(s->checked));
	if (b->talk != NULL && (bring_index(&s->b, b->talk, f) != 0 ||
				   good_bytes(w, i, &have, f) != 0 ||
				   bring_rest(&s->b, b->talk, have, f) != 0))
		return -1;
	return unpack(w, i, f);
}

static bool
in_hand(const struct fetch_work *w)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (w->slots[i].state != FREE)
			return true;
	return false;
}

int
fetch_shards(struct fetch_work *w, struct fault *f)
{
	struct fetch_batch *b = w->batch;
	bool all = b->talk == NULL; /* a folder has all of a batch */
	size_t n = all ? b->manifest.nshards : b->released.n;

	for (size_t i = 0; i < n; i++) {
		size_t k = all ? i : b->group * FETCH_GROUP + i;

		if ((b->state.done[k / 8] >> k % 8 & 1) == 0 &&
		    one_shard(w, i, f) != 0)
			return -1;
	}
	while (in_hand(w))
		if (take_one(w, f) != 0)
			return -1;
	return 0;
}

/* ---- The end ---- */

static int
append_items(int dir, uint32_t n, int to, struct fault *f)
{
	uint8_t buf[16384];
	char name[32];
	size_t got = sizeof(buf);
	int fd, rc = 0;

	(void)snprintf(name, sizeof(name), "%u.items", n);
	if (file_open_read(dir, name, &fd, f) != 0)
		return -1;
	while (rc == 0 && got == sizeof(buf))
		if ((rc = file_read_some(fd, buf, sizeof(buf), &got, f)) == 0)
			rc = file_write(to, buf, got, f);
	file_close(&fd);
	return rc;
}

/* All items, as items.jsonl of a folder. */
static int
write_items(const struct fetch_batch *b, int folder, struct fault *f)
{
	struct draft d;
	int rc = 0;

	if (draft_new(&d, folder, f) != 0)
		return -1;
	for (uint32_t n = 0; rc == 0 && n < b->state.shards; n++)
		rc = append_items(b->dir, n, d.fd, f);
	if (rc == 0)
		rc = draft_keep(&d, "items.jsonl", true, f);
	draft_drop(&d);
	return rc;
}

int
fetch_finish(struct fetch_batch *b, struct fault *f)
{
	char name[32];

	if (fetch_count_out(b, f) != 0 || write_items(b, b->out, f) != 0 ||
	    write_items(b, b->dir, f) != 0)
		return -1;
	if (syncfs(b->out) != 0)
		return fault_errno(f, "flush the folder");
	b->state.complete = true;
	if (inbox_save(b->dir, &b->state, f) != 0)
		return -1;
	for (uint32_t n = 0; n < b->state.shards; n++) {
		(void)snprintf(name, sizeof(name), "%u.items", n);
		(void)unlinkat(b->dir, name, 0); /* a leftover is no harm */
	}
	return 0;
}
