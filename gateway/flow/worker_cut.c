/*
 * Row files, before they are sealed: where they are cut into parts, and that no
 * two records have one item id.
 *
 * Both in one reading, on all cores: ids are hashed to 64 bits under a key of
 * this run (SipHash-2-4), and hashes that differ are ids that differ.  They are
 * thrown into heaps by some of their bits as they come, and each heap is looked
 * through by itself, in the cache.  Where two are the same, or there are too
 * many to keep, it is decided as worker_rows.c does it, and who has an id twice
 * is found there as well.
 */

#include <sodium.h>
#include <string.h>

#include "gateway/flow/worker_internal.h"
#include "keys/base/mem.h"

/* Hashes that are kept, in 64 MiB and some; and those of one heap when there
 * are so many, with a table twice as long, fit a second-level cache. */
#define KEPT_MAX ((uint64_t)8 << 20)
#define HEAPS 256u

/* A heap is a list of blocks, the last first; blocks are cut from slabs. */
#define BLOCK_HASHES 510u
struct block {
	struct block *before;
	size_t n;
	uint64_t at[BLOCK_HASHES];
};
#define SLAB_BLOCKS 1023u
struct slab {
	struct slab *before;
	size_t n;
	struct block at[SLAB_BLOCKS];
};

struct cutting {
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct bytes hashes[MASK_TEAM_SLOTS];
	struct mask_rows *rows[MASK_TEAM_SLOTS];
	struct block *heaps[HEAPS];
	struct slab *slabs;
	uint64_t kept;
	bool unsure; /* the heaps say nothing: two are alike, or too many */
	struct mask_part part; /* as far as it was read */
	struct bytes parts;    /* as worker_put_part() writes them */
	uint32_t nparts;
	uint64_t records;
};

static void
drop_heaps(struct cutting *c)
{
	struct slab *s;

	while ((s = c->slabs) != NULL) {
		c->slabs = s->before;
		mem_free(s);
	}
	memset(c->heaps, 0, sizeof(c->heaps));
}

static int
add_block(struct cutting *c, struct block **heap, struct fault *f)
{
	struct slab *s = c->slabs;
	struct block *b;

	if (s == NULL || s->n == SLAB_BLOCKS) {
		if ((s = mem_new(sizeof(*s))) == NULL)
			return fault_memory(f);
		mem_scattered(s, sizeof(*s));
		s->before = c->slabs;
		c->slabs = s;
	}
	b = &s->at[s->n++];
	b->before = *heap;
	*heap = b;
	return 0;
}

static int
keep(struct cutting *c, uint64_t h, struct fault *f)
{
	struct block **heap = &c->heaps[h % HEAPS];

	if ((*heap == NULL || (*heap)->n == BLOCK_HASHES) &&
	    add_block(c, heap, f) != 0)
		return -1;
	(*heap)->at[(*heap)->n++] = h;
	return 0;
}

/* A table of room places, a power of two. */
struct table {
	uint64_t *at; /* 0: free */
	size_t room;
	bool zero; /* was there, as an empty place is */
};

/* Was the hash there before? */
static bool
met(struct table *t, uint64_t h)
{
	size_t k = (size_t)(h / HEAPS) & (t->room - 1);
	bool zero = t->zero;

	if (h == 0) {
		t->zero = true;
		return zero;
	}
	while (t->at[k] != 0 && t->at[k] != h)
		k = (k + 1) & (t->room - 1);
	if (t->at[k] == h)
		return true;
	t->at[k] = h;
	return false;
}

/* Are two of the heap alike? */
static bool
alike(const struct block *heap, struct table *t)
{
	memset(t->at, 0, t->room * sizeof(*t->at));
	t->zero = false;
	for (; heap != NULL; heap = heap->before)
		for (size_t i = 0; i < heap->n; i++)
			if (met(t, heap->at[i]))
				return true;
	return false;
}

static size_t
count(const struct block *heap)
{
	size_t n = 0;

	for (; heap != NULL; heap = heap->before)
		n += heap->n;
	return n;
}

static int
look_through(struct cutting *c, struct fault *f)
{
	struct table t = { .room = 1 };
	size_t most = 0;

	for (unsigned i = 0; i < HEAPS; i++)
		if (count(c->heaps[i]) > most)
			most = count(c->heaps[i]);
	while (t.room < 2 * most)
		t.room *= 2;
	if ((t.at = mem_array(t.room, sizeof(*t.at))) == NULL)
		return fault_memory(f);
	for (unsigned i = 0; i < HEAPS && !c->unsure; i++)
		c->unsure = alike(c->heaps[i], &t);
	mem_free(t.at);
	return 0;
}

static int
hash_ids(void *arg, const struct mask_source *src, const struct mask_part *part,
    unsigned slot, struct fault *f)
{
	struct cutting *c = arg;
	struct bytes *hashes = &c->hashes[slot];
	struct mask_rows **m = &c->rows[slot];
	struct mask_row row;
	bool end = false;

	bytes_reset(hashes);
	if ((*m != NULL ? mask_rows_move(*m, src, part, f)
			: mask_rows_open(m, src, part, NULL, f)) != 0)
		return -1;
	for (;;) {
		uint8_t h[crypto_shorthash_BYTES];

		if (mask_rows_next(*m, &row, NULL, &end, f) != 0)
			return -1;
		if (end)
			return 0;
		(void)crypto_shorthash(h, row.id.at, row.id.len, c->key);
		if (bytes_add(hashes, h, sizeof(h), f) != 0)
			return -1;
	}
}

static int
keep_all(struct cutting *c, const struct bytes *hashes, struct fault *f)
{
	uint64_t h;

	c->kept += hashes->len / sizeof(h);
	if (c->kept > KEPT_MAX && !c->unsure) {
		c->unsure = true;
		drop_heaps(c);
	}
	for (size_t i = 0; i < hashes->len && !c->unsure; i += sizeof(h)) {
		memcpy(&h, hashes->at + i, sizeof(h));
		if (keep(c, h, f) != 0)
			return -1;
	}
	return 0;
}

static int
end_part(struct cutting *c, struct fault *f)
{
	struct mask_part part = c->part;

	c->part.from = part.to;
	c->part.records = 0;
	if (part.records == 0)
		return 0;
	c->records += part.records;
	c->nparts++;
	return worker_put_part(&c->parts, &part, f);
}

/* A piece of the part in hand, or all of it. */
static int
add_piece(
    void *arg, const struct mask_part *piece, unsigned slot, struct fault *f)
{
	struct cutting *c = arg;

	if (keep_all(c, &c->hashes[slot], f) != 0)
		return -1;
	if (c->part.records == 0) {
		c->part.first = piece->first;
		if (c->part.to == 0)
			c->part.from = piece->from;
	}
	c->part.to = piece->to;
	c->part.records += piece->records;
	return c->part.to - c->part.from < PACKAGE_PART_TARGET ? 0
							       : end_part(c, f);
}

static int
hash_none(void *arg, const struct mask_source *src,
    const struct mask_part *part, unsigned slot, struct fault *f)
{
	(void)arg;
	(void)src;
	(void)part;
	(void)slot;
	(void)f;
	return 0;
}

/* Records without ids of their own are counted, and not read. */
static int
cut_all(struct cutting *c, const struct mask_source *src, struct fault *f)
{
	bool ids = src->plan->item != PLAN_NO_FIELD;
	const struct mask_team team = { .src = src,
		.target = ids ? 0 : PACKAGE_PART_TARGET,
		.whole = PACKAGE_PART_TARGET,
		.work = ids ? hash_ids : hash_none,
		.done = add_piece,
		.arg = c };

	if (mask_team_run(&team, f) != 0 || end_part(c, f) != 0 ||
	    (!c->unsure && look_through(c, f) != 0))
		return -1;
	drop_heaps(c);
	return c->unsure ? worker_unique(src, c->records, f) : 0;
}

static int
cut(const struct mask_source *src, struct bytes *out, struct fault *f)
{
	struct cutting c = { .kept = 0 };
	int rc = -1;

	random_fill(c.key, sizeof(c.key));
	bytes_init(&c.parts, MESSAGE_MAX);
	for (unsigned i = 0; i < MASK_TEAM_SLOTS; i++)
		bytes_init(&c.hashes[i], SIZE_MAX);
	if (cut_all(&c, src, f) == 0 && put_u64(out, c.records, f) == 0 &&
	    put_u32(out, c.nparts, f) == 0 &&
	    bytes_add(out, c.parts.at, c.parts.len, f) == 0)
		rc = 0;
	for (unsigned i = 0; i < MASK_TEAM_SLOTS; i++) {
		bytes_free(&c.hashes[i]);
		mask_rows_close(c.rows[i]);
	}
	drop_heaps(&c);
	bytes_free(&c.parts);
	return rc;
}

int
worker_cut(void *state, struct asked *a, struct fault *f)
{
	struct mask_fresh fresh = { .n = 0 };
	struct file_plan plan = { .nfields = 0 };
	struct worker_source s;
	const struct worker *w = state;
	int rc = -1;

	if (worker_take_file(a, 0, &s, f) != 0 ||
	    file_plan_take(&a->in, &plan, f) != 0 ||
	    mask_fresh_make(&fresh, &plan, w->threads, f) != 0)
		goto out;
	s.src.plan = &plan;
	s.src.keys = fresh.keys;
	s.src.threads = w->threads;
	if (cut(&s.src, &a->answer->body, f) == 0 &&
	    worker_find(&s.src, &a->in, &a->answer->body, f) == 0)
		rc = take_end(&a->in, f);
out:
	mask_fresh_free(&fresh);
	file_plan_free(&plan);
	worker_source_close(&s);
	return rc;
}
