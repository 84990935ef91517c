/*
 * Row files, before they are sealed: where they are cut into parts, and that no
 * two records have one item id.
 *
 * Both in one pass, on all cores: ids are hashed to 64 bits under a key of this
 * run (SipHash-2-4), and hashes that differ are ids that differ.  Where two
 * are the same, or there are too many to keep, ids are compared by keyed
 * hashes of 128 bits, sorted: 16 bytes a record, at most 64 MiB at a time; a
 * longer file is read once for each share of the hashes.
 */

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/flow/worker_internal.h"
#include "keys/base/mem.h"

#define HASHES_MAX ((uint64_t)4 << 20)

struct hash {
	uint64_t a, b;
};

/* One reading of all ids. */
struct ids {
	const struct mask_source *src;
	struct token_key *key;
	uint64_t shares, share;
	struct hash *at;
	size_t n, room;
};

static struct hash
hash_of(const struct token_key *key, const struct slice *id)
{
	uint8_t mac[TOKEN_MAC_BYTES];
	struct hash h;

	token_mac(key, id->at, id->len, mac);
	memcpy(&h, mac, sizeof(h));
	return h;
}

static int
by_value(const void *x, const void *y)
{
	const struct hash *p = x, *q = y;

	if (p->a != q->a)
		return p->a < q->a ? -1 : 1;
	return p->b < q->b ? -1 : p->b > q->b;
}

/* Show every record of the share to see(); its failure ends the reading. */
static int
each_id(struct ids *ids,
    int (*see)(struct ids *ids, const struct hash *h, uint64_t number,
	void *arg, struct fault *f),
    void *arg, struct fault *f)
{
	struct mask_rows *m = NULL;
	struct mask_row row;
	bool end = false;
	int rc = -1;

	if (mask_rows_open(&m, ids->src, NULL, NULL, f) != 0)
		return -1;
	for (;;) {
		struct hash h;

		if (mask_rows_next(m, &row, NULL, &end, f) != 0)
			goto out;
		if (end)
			break;
		h = hash_of(ids->key, &row.id);
		if (h.b % ids->shares == ids->share &&
		    see(ids, &h, row.number, arg, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(m);
	return rc;
}

static int
gather(struct ids *ids, const struct hash *h, uint64_t number, void *arg,
    struct fault *f)
{
	(void)number;
	(void)arg;
	if (ids->n == ids->room) {
		size_t room = ids->room == 0 ? 4096 : 2 * ids->room;
		struct hash *at = mem_resize(ids->at, room * sizeof(*at));

		if (at == NULL)
			return fault_memory(f);
		ids->at = at;
		ids->room = room;
	}
	ids->at[ids->n++] = *h;
	return 0;
}

/* Hashes that come more than once, sorted, and where each was met first. */
struct repeats {
	const struct hash *at;
	uint64_t *first; /* 0: not yet */
	size_t n;
};

/* The first record that repeats another, in the order of the file. */
static int
find_repeat(struct ids *ids, const struct hash *h, uint64_t number, void *arg,
    struct fault *f)
{
	struct repeats *r = arg;
	const struct hash *hit =
	    bsearch(h, r->at, r->n, sizeof(*r->at), by_value);
	uint64_t *first;

	if (hit == NULL)
		return 0;
	first = &r->first[hit - r->at];
	if (*first == 0) {
		*first = number;
		return 0;
	}
	return fault_set(f, FAULT_INPUT,
	    "%s: record %llu: item id as record %llu", ids->src->path,
	    (unsigned long long)number, (unsigned long long)*first);
}

/* Keep one of each hash that is there more than once, in place. */
static size_t
keep_repeats(struct hash *at, size_t n)
{
	size_t kept = 0;

	for (size_t i = 1; i < n; i++)
		if (by_value(&at[i - 1], &at[i]) == 0 &&
		    (kept == 0 || by_value(&at[kept - 1], &at[i]) != 0))
			at[kept++] = at[i];
	return kept;
}

static int
check_share(struct ids *ids, struct fault *f)
{
	struct repeats r = { .n = 0 };
	int rc;

	ids->n = 0;
	if (each_id(ids, gather, NULL, f) != 0)
		return -1;
	if (ids->n == 0)
		return 0;
	qsort(ids->at, ids->n, sizeof(*ids->at), by_value);
	if ((r.n = keep_repeats(ids->at, ids->n)) == 0)
		return 0;
	r.at = ids->at;
	if ((r.first = mem_array(r.n, sizeof(*r.first))) == NULL)
		return fault_memory(f);
	rc = each_id(ids, find_repeat, &r, f);
	mem_free(r.first);
	return rc;
}

/* No two records may have one item id. */
static int
check_unique(const struct mask_source *src, uint64_t records, struct fault *f)
{
	struct ids ids = { .src = src, .shares = 1 + records / HASHES_MAX };
	uint8_t key[32];
	int rc = -1;

	random_fill(key, sizeof(key));
	if (token_key_new(&ids.key, key, sizeof(key), f) != 0)
		return -1;
	for (; ids.share < ids.shares; ids.share++)
		if (check_share(&ids, f) != 0)
			goto out;
	rc = 0;
out:
	token_key_free(ids.key);
	mem_free(ids.at);
	return rc;
}

/* -- Cut, and hashed on the way ------------------------------------------ */

/* Hashes of the records so far, in a table that is at most half full. */
struct seen {
	uint64_t *at; /* 0: empty */
	size_t room;  /* a power of two */
	size_t n;
	bool unsure; /* the table says nothing: two are alike, or too many */
};

struct cutting {
	uint8_t key[crypto_shorthash_KEYBYTES];
	bool hash; /* records have ids of their own */
	struct bytes hashes[MASK_TEAM_SLOTS];
	struct seen seen;
	struct bytes parts; /* as worker_put_part() writes them */
	uint32_t nparts;
	uint64_t records;
};

static int
grow(struct seen *s, struct fault *f)
{
	size_t room = s->room == 0 ? 65536 : 2 * s->room;
	uint64_t *at;

	if (room > 2 * HASHES_MAX) {
		s->unsure = true;
		return 0;
	}
	if ((at = mem_array(room, sizeof(*at))) == NULL)
		return fault_memory(f);
	mem_scattered(at, room * sizeof(*at));
	for (size_t i = 0; i < s->room; i++) {
		size_t k = (size_t)s->at[i] & (room - 1);

		if (s->at[i] == 0)
			continue;
		while (at[k] != 0)
			k = (k + 1) & (room - 1);
		at[k] = s->at[i];
	}
	mem_free(s->at);
	s->at = at;
	s->room = room;
	return 0;
}

/* Its place is wherever: the cache is told of it some hashes before. */
#define AHEAD (16 * sizeof(uint64_t))

static void
ask_for(const struct seen *s, uint64_t h)
{
	if (s->room > 0)
		__builtin_prefetch(&s->at[(size_t)h & (s->room - 1)]);
}

static int
note(struct seen *s, uint64_t h, struct fault *f)
{
	size_t k;

	h += h == 0; /* alike only with 1: then both are looked at again */
	if (s->unsure || (2 * s->n >= s->room && grow(s, f) != 0))
		return s->unsure ? 0 : -1;
	if (s->unsure)
		return 0;
	k = (size_t)h & (s->room - 1);
	while (s->at[k] != 0 && s->at[k] != h)
		k = (k + 1) & (s->room - 1);
	s->unsure = s->at[k] == h;
	s->at[k] = h;
	s->n++;
	return 0;
}

static int
hash_part(void *arg, const struct mask_source *src,
    const struct mask_part *part, unsigned slot, struct fault *f)
{
	struct cutting *c = arg;
	struct bytes *hashes = &c->hashes[slot];
	struct mask_rows *m = NULL;
	struct mask_row row;
	bool end = false;
	int rc = -1;

	bytes_reset(hashes);
	if (!c->hash)
		return 0;
	if (mask_rows_open(&m, src, part, NULL, f) != 0)
		return -1;
	for (;;) {
		uint8_t h[crypto_shorthash_BYTES];

		if (mask_rows_next(m, &row, NULL, &end, f) != 0)
			goto out;
		if (end)
			break;
		(void)crypto_shorthash(h, row.id.at, row.id.len, c->key);
		if (bytes_add(hashes, h, sizeof(h), f) != 0)
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(m);
	return rc;
}

static int
note_part(
    void *arg, const struct mask_part *part, unsigned slot, struct fault *f)
{
	struct cutting *c = arg;
	const struct bytes *hashes = &c->hashes[slot];
	uint64_t h;

	for (size_t i = 0; i + sizeof(h) <= hashes->len; i += sizeof(h)) {
		if (i + AHEAD + sizeof(h) <= hashes->len) {
			memcpy(&h, hashes->at + i + AHEAD, sizeof(h));
			ask_for(&c->seen, h);
		}
		memcpy(&h, hashes->at + i, sizeof(h));
		if (note(&c->seen, h, f) != 0)
			return -1;
	}
	if (part->records == 0)
		return 0;
	c->records += part->records;
	c->nparts++;
	return worker_put_part(&c->parts, part, f);
}

static int
cut(const struct mask_source *src, struct bytes *out, struct fault *f)
{
	struct cutting c = { .hash = src->plan->item != PLAN_NO_FIELD };
	const struct mask_team team = { .src = src,
		.target = PACKAGE_PART_TARGET,
		.work = hash_part,
		.done = note_part,
		.arg = &c };
	int rc = -1;

	random_fill(c.key, sizeof(c.key));
	bytes_init(&c.parts, MESSAGE_MAX);
	for (unsigned i = 0; i < MASK_TEAM_SLOTS; i++)
		bytes_init(&c.hashes[i], SIZE_MAX);
	if (mask_team_run(&team, f) != 0 ||
	    (c.seen.unsure && check_unique(src, c.records, f) != 0))
		goto out;
	if (put_u64(out, c.records, f) == 0 && put_u32(out, c.nparts, f) == 0 &&
	    bytes_add(out, c.parts.at, c.parts.len, f) == 0)
		rc = 0;
out:
	for (unsigned i = 0; i < MASK_TEAM_SLOTS; i++)
		bytes_free(&c.hashes[i]);
	bytes_free(&c.parts);
	mem_free(c.seen.at);
	return rc;
}

/* -- Is an item of that id there? ---------------------------------------- */

struct named {
	struct hash h;
	uint32_t number;
};

static int
by_hash(const void *x, const void *y)
{
	return by_value(
	    &((const struct named *)x)->h, &((const struct named *)y)->h);
}

struct names_wanted {
	struct named *at;
	uint64_t *record; /* 0: not found */
	uint32_t n;
};

static int
look_up(struct ids *ids, const struct hash *h, uint64_t number, void *arg,
    struct fault *f)
{
	struct names_wanted *w = arg;
	struct named key = { .h = *h };
	const struct named *hit =
	    bsearch(&key, w->at, w->n, sizeof(*w->at), by_hash);

	(void)ids;
	(void)f;
	if (hit != NULL)
		w->record[hit->number] = number;
	return 0;
}

static int
put_records(struct bytes *out, const struct names_wanted *w, struct fault *f)
{
	for (uint32_t i = 0; i < w->n; i++)
		if (put_u64(out, w->record[i], f) != 0)
			return -1;
	return 0;
}

/* Take the ids that are looked for; put for each which record it is. */
static int
find_wanted(const struct mask_source *src, struct reader *r, struct bytes *out,
    struct fault *f)
{
	struct names_wanted w = { .n = 0 };
	struct ids ids = { .src = src, .shares = 1 };
	uint8_t key[32];
	struct slice id;
	uint32_t n;
	int rc = -1;

	if (take_u32(r, &n, f) != 0)
		return -1;
	if (n == 0)
		return 0;
	random_fill(key, sizeof(key));
	w.at = mem_array(n, sizeof(*w.at));
	w.record = mem_array(n, sizeof(*w.record));
	if (w.at == NULL || w.record == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (token_key_new(&ids.key, key, sizeof(key), f) != 0)
		goto out;
	for (; w.n < n; w.n++) {
		if (take_slice(r, PACKAGE_ORIGINAL_MAX, &id, f) != 0)
			goto out;
		w.at[w.n] = (struct named){ hash_of(ids.key, &id), w.n };
	}
	qsort(w.at, w.n, sizeof(*w.at), by_hash);
	if (each_id(&ids, look_up, &w, f) == 0)
		rc = put_records(out, &w, f);
out:
	token_key_free(ids.key);
	mem_free(w.at);
	mem_free(w.record);
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
	    find_wanted(&s.src, &a->in, &a->answer->body, f) == 0)
		rc = take_end(&a->in, f);
out:
	mask_fresh_free(&fresh);
	file_plan_free(&plan);
	worker_source_close(&s);
	return rc;
}
