/*
 * Item ids, over all records of a file: that no two have one, and which records
 * have those that somebody asks for.
 *
 * Ids are compared by keyed hashes of 128 bits; where they are to be unique,
 * sorted: 16 bytes a record, at most 64 MiB at a time.  A longer file is read
 * once for each share of the hashes.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/flow/worker_internal.h"
#include "keys/base/files.h"
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
    int (*see)(struct ids *ids, const struct hash *h,
	const struct mask_row *row, void *arg, struct fault *f),
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
		    see(ids, &h, &row, arg, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(m);
	return rc;
}

static int
gather(struct ids *ids, const struct hash *h, const struct mask_row *row,
    void *arg, struct fault *f)
{
	(void)row;
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

/* Which line of the source begins at that byte, as an editor counts them. */
static int
line_at(
    const struct mask_source *src, uint64_t at, uint64_t *line, struct fault *f)
{
	uint8_t piece[4096], last = 0;
	size_t got;

	*line = 1;
	for (uint64_t from = 0; from < at; from += got) {
		size_t want = at - from < sizeof(piece) ? (size_t)(at - from)
							: sizeof(piece);

		if (file_read_at(src->fd, piece, want, from, &got, f) != 0)
			return -1;
		if (got == 0)
			return fault_set(
			    f, FAULT_INPUT, "%s: became shorter", src->path);
		for (size_t i = 0; i < got; last = piece[i++])
			*line += piece[i] == '\r' ||
				 (piece[i] == '\n' && last != '\r');
	}
	return 0;
}

/* Where, with which record, in which column; the id itself is data. */
static int
refuse_repeat(const struct mask_source *src, const struct mask_row *row,
    uint64_t first, struct fault *f)
{
	const struct file_plan *plan = src->plan;
	uint64_t line;

	if (line_at(src, row->at, &line, f) != 0)
		return -1;
	(void)fault_set(f, FAULT_INPUT,
	    "%s:%llu: record %llu: its item id, %s \"%.64s\", is that of "
	    "record %llu",
	    src->path, (unsigned long long)line,
	    (unsigned long long)row->number,
	    plan->type == TYPE_CSV ? "column" : "path",
	    plan->fields[plan->item].name, (unsigned long long)first);
	return fault_hint(f, "ids are unique: choose another item_id in the "
			     "policy, or leave one of the records out");
}

/* The first record that repeats another, in the order of the file. */
static int
find_repeat(struct ids *ids, const struct hash *h, const struct mask_row *row,
    void *arg, struct fault *f)
{
	struct repeats *r = arg;
	const struct hash *hit =
	    bsearch(h, r->at, r->n, sizeof(*r->at), by_value);
	uint64_t *first;

	if (hit == NULL)
		return 0;
	first = &r->first[hit - r->at];
	if (*first == 0) {
		*first = row->number;
		return 0;
	}
	return refuse_repeat(ids->src, row, *first, f);
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

int
worker_unique(const struct mask_source *src, uint64_t records, struct fault *f)
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
look_up(struct ids *ids, const struct hash *h, const struct mask_row *row,
    void *arg, struct fault *f)
{
	struct names_wanted *w = arg;
	struct named key = { .h = *h };
	const struct named *hit =
	    bsearch(&key, w->at, w->n, sizeof(*w->at), by_hash);

	(void)ids;
	(void)f;
	if (hit != NULL)
		w->record[hit->number] = row->number;
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

int
worker_find(const struct mask_source *src, struct reader *r, struct bytes *out,
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
