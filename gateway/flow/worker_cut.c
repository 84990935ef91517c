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

/* Hashes that are kept, in at most 80 MiB; and those of one heap when there are
 * so many, with a table twice as long, fit a second-level cache. */
#define KEPT_MAX ((uint64_t)8 << 20)
#define HEAPS 256u

struct heap {
	uint64_t *at;
	size_t n, room;
};

struct cutting {
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct bytes hashes[MASK_TEAM_SLOTS];
	struct mask_rows *rows[MASK_TEAM_SLOTS];
	struct heap heaps[HEAPS];
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
	for (unsigned i = 0; i < HEAPS; i++) {
		mem_free(c->heaps[i].at);
		c->heaps[i] = (struct heap){ .n = 0 };
	}
}

static int
keep(struct cutting *c, uint64_t h, struct fault *f)
{
	struct heap *to = &c->heaps[h % HEAPS];

	if (to->n == to->room) {
		size_t room = to->room == 0 ? 256 : to->room + to->room / 4;
		uint64_t *at = mem_resize(to->at, room * sizeof(*at));

		if (at == NULL)
			return fault_memory(f);
		to->at = at;
		to->room = room;
	}
	to->at[to->n++] = h;
	return 0;
}

/* Are two of the heap alike?  table has room for twice as many, a power of
 * two. */
static bool
alike(const struct heap *heap, uint64_t *table, size_t room)
{
	bool zero = false;

	memset(table, 0, room * sizeof(*table));
	for (size_t i = 0; i < heap->n; i++) {
		uint64_t h = heap->at[i];
		size_t k = (size_t)(h / HEAPS) & (room - 1);

		if (h == 0) { /* as an empty place is */
			if (zero)
				return true;
			zero = true;
			continue;
		}
		while (table[k] != 0 && table[k] != h)
			k = (k + 1) & (room - 1);
		if (table[k] == h)
			return true;
		table[k] = h;
	}
	return false;
}

static int
look_through(struct cutting *c, struct fault *f)
{
	size_t most = 0, room = 1;
	uint64_t *table;

	for (unsigned i = 0; i < HEAPS; i++)
		if (c->heaps[i].n > most)
			most = c->heaps[i].n;
	while (room < 2 * most)
		room *= 2;
	if ((table = mem_array(room, sizeof(*table))) == NULL)
		return fault_memory(f);
	for (unsigned i = 0; i < HEAPS && !c->unsure; i++)
		c->unsure = alike(&c->heaps[i], table, room);
	mem_free(table);
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
