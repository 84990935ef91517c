/*
 * A part of a row file as one member: its rows masked into memory, put in an
 * order that the batch's key decides, and sent on.
 *
 * Where a row stands tells nothing: not how old a customer is, and not which
 * rows the owner added later because their answers are known.  Rows do not
 * move between parts, and a part is as large as may be held.
 */

#include <string.h>

#include "gateway/package/package_internal.h"
#include "keys/base/mem.h"

/* Rows of a part; 160 MiB of them.  PACKAGE_PART_TARGET has fewer unless a
 * record is a single digit. */
#define PART_ROWS_MAX (1u << 22)

/* A row that waits for its turn.  Offsets are into what is held, into the ids,
 * and from the start of the part. */
struct waiting {
	uint32_t at, len;
	uint32_t item;			  /* offset, like at */
	uint32_t id, id_len, subject_len; /* the subject behind the id */
	uint32_t number, source_at, source_len;
};

/* Rows go on in runs of some 64 KiB: digests and seals cost less that way. */
#define RUN_TARGET ((size_t)60 << 10)

/* Rows ahead at which a row's place, and then the row, is asked for. */
#define FAR 16u
#define NEAR 6u

struct part {
	struct package_shard *s;
	const struct mask_source *src;
	const struct mask_part *where;
	struct bytes ids, run;
	struct waiting *rows;
	uint32_t n, room;
	uint32_t *order;
	size_t header; /* bytes of what is held that are no row */
};

/* What only this part is called: a purpose, the path, the first record. */
static int
part_label(
    struct bytes *b, const struct part *p, const char *use, struct fault *f)
{
	bytes_reset(b);
	if (bytes_add(b, use, strlen(use) + 1, f) != 0 ||
	    bytes_add(b, p->src->path, strlen(p->src->path) + 1, f) != 0)
		return -1;
	return put_u64(b, p->where->first, f);
}

static int
part_add(struct part *p, const struct mask_row *row, size_t at, struct fault *f)
{
	if (p->n == p->room)
		return fault_set(f, FAULT_INPUT,
		    "%s: changed after it was cut into parts", p->src->path);
	p->rows[p->n++] = (struct waiting){
		.at = (uint32_t)at,
		.len = (uint32_t)(p->s->held.len - at),
		.item = (uint32_t)(at + row->item_at),
		.id = (uint32_t)p->ids.len,
		.id_len = (uint32_t)row->id.len,
		.subject_len = (uint32_t)row->subject.len,
		.number = (uint32_t)(row->number - p->where->first),
		.source_at = (uint32_t)(row->at - p->where->from),
		.source_len = (uint32_t)row->len,
	};
	if (bytes_add(&p->ids, row->id.at, row->id.len, f) != 0)
		return -1;
	return bytes_add(&p->ids, row->subject.at, row->subject.len, f);
}

/* Places for the rows, and for their content, half as long again as it was. */
static int
part_room(struct part *p, struct fault *f)
{
	struct bytes *held = &p->s->held;
	uint64_t len = p->where->to - p->where->from;

	if (p->where->records > PART_ROWS_MAX)
		return fault_set(f, FAULT_INPUT, "more than %u rows in a part",
		    PART_ROWS_MAX);
	p->room = (uint32_t)p->where->records;
	if ((p->rows = mem_array(p->room, sizeof(*p->rows))) == NULL)
		return fault_memory(f);
	bytes_reset(held);
	len += len / 2;
	if (len > PACKAGE_PART_MAX)
		len = PACKAGE_PART_MAX;
	if (held->room >= len)
		return 0;
	if (bytes_reserve(held, (size_t)len, f) != 0)
		return -1;
	mem_scattered(held->at, held->room);
	return 0;
}

/* All rows of the part, masked, into the held content. */
static int
part_read(struct part *p, struct fault *f)
{
	struct bytes *held = &p->s->held;
	struct mask_source src = *p->src;
	struct mask_rows *m = NULL;
	struct mask_row row;
	bool end = false;
	int rc = -1;

	src.keys = &p->s->o.keys->mask;
	if (part_room(p, f) != 0)
		return -1;
	if (mask_rows_open(&m, &src, p->where, NULL, f) != 0 ||
	    mask_rows_header(m, held, f) != 0)
		goto out;
	p->header = held->len;
	mask_rows_gather(m);
	for (;;) {
		size_t at = held->len;

		if (mask_rows_next(m, &row, held, &end, f) != 0)
			goto out;
		if (end)
			break;
		if (part_add(p, &row, at, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(m);
	return rc;
}

static int
part_shuffle(struct part *p, struct fault *f)
{
	uint8_t mac[TOKEN_MAC_BYTES];
	struct secret key = { 0 };
	int rc = -1;

	if ((p->order = mem_array(p->n, sizeof(*p->order))) == NULL)
		return fault_memory(f);
	if (part_label(&p->s->line, p, "rows", f) != 0)
		return -1;
	token_mac(p->s->o.keys->order, p->s->line.at, p->s->line.len, mac);
	bytes_reset(&p->s->line);
	if (secret_copy(&key, mac, sizeof(mac), f) == 0 &&
	    shuffle_order(p->order, p->n, &key, f) == 0)
		rc = 0;
	secret_free(&key);
	secret_wipe(mac, sizeof(mac));
	return rc;
}

static int
part_name(struct part *p, struct package_entry *e, struct fault *f)
{
	char id[TOKEN_CHARS + 1];

	if (part_label(&p->s->line, p, "part", f) != 0)
		return -1;
	token_make(p->s->o.keys->mask.item, p->s->line.at, p->s->line.len, id);
	bytes_reset(&p->s->line);
	shard_name_member(e, id, 0, p->src->plan);
	return 0;
}

/* The i-th row as it leaves; where those lie that come next, the cache is told
 * meanwhile, since the order is random: bytes from here on, or just its ids. */
static const struct waiting *
row_of(const struct part *p, uint32_t i, bool whole)
{
	if (i + FAR < p->n)
		__builtin_prefetch(&p->rows[p->order[i + FAR]]);
	if (i + NEAR < p->n) {
		const struct waiting *w = &p->rows[p->order[i + NEAR]];

		if (whole)
			for (size_t k = 0; k < w->len && k < 512; k += 64)
				__builtin_prefetch(p->s->held.at + w->at + k);
		else {
			__builtin_prefetch(p->s->held.at + w->item);
			__builtin_prefetch(p->ids.at + w->id);
		}
	}
	return &p->rows[p->order[i]];
}

static int
put_run(struct part *p, struct fault *f)
{
	int rc = shard_add_member(p->s, p->run.at, p->run.len, f);

	bytes_reset(&p->run);
	return rc;
}

static int
part_put(struct part *p, struct package_entry *e, struct fault *f)
{
	struct package_shard *s = p->s;

	e->bytes = s->held.len;
	e->items = p->n;
	if (shard_begin_member(s, e, f) != 0 ||
	    shard_add_member(s, s->held.at, p->header, f) != 0)
		return -1;
	bytes_reset(&p->run);
	for (uint32_t i = 0; i < p->n; i++) {
		const struct waiting *w = row_of(p, i, true);

		if (p->run.len > RUN_TARGET && put_run(p, f) != 0)
			return -1;
		if (bytes_add(&p->run, s->held.at + w->at, w->len, f) != 0)
			return -1;
	}
	if (put_run(p, f) != 0)
		return -1;
	return shard_end_member(s, e, f);
}

/* A row's lines in index and join. */
static int
part_tell(struct part *p, const struct waiting *w, struct package_entry *e,
    struct fault *f)
{
	const struct package_keys *keys = p->s->o.keys;
	const struct slice subject = { p->ids.at + w->id + w->id_len,
		w->subject_len };
	struct record_row r = {
		.item = e->item,
		.group = e->group,
		.original = { p->ids.at + w->id, w->id_len },
		.row = p->where->first + w->number,
		.at = p->where->from + w->source_at,
		.len = w->source_len,
	};

	memcpy(e->item, p->s->held.at + w->item, TOKEN_CHARS);
	e->group[0] = '\0';
	if (keys->subject != NULL && w->subject_len > 0)
		token_make(keys->subject, subject.at, subject.len, e->group);
	if (keys->person != NULL &&
	    persons_add(&p->s->persons, keys->person, &subject, f) != 0)
		return -1;
	if (record_entry(&p->s->line, e, f) != 0 ||
	    shard_put_line(p->s, p->s->index, f) != 0 ||
	    record_row(&p->s->line, &r, f) != 0 ||
	    shard_note_sent(p->s, &r.original, subject.len > 0, f) != 0)
		return -1;
	return shard_put_line(p->s, p->s->join, f);
}

static int
part_tell_all(struct part *p, const struct package_entry *e, struct fault *f)
{
	struct package_entry row = { .row = true };

	if (record_part(&p->s->line, e, p->src, p->where, f) != 0 ||
	    shard_put_line(p->s, p->s->join, f) != 0)
		return -1;
	for (uint32_t i = 0; i < p->n; i++)
		if (part_tell(p, row_of(p, i, false), &row, f) != 0)
			return -1;
	return 0;
}

int
package_shard_rows(struct package_shard *s, const struct mask_source *src,
    const struct mask_part *part, struct fault *f)
{
	struct part p = { .s = s, .src = src, .where = part };
	struct package_entry e = { .row = false };
	int rc = -1;

	must(s->o.keys->order != NULL);
	if (part->to - part->from > PACKAGE_PART_MAX)
		return fault_set(f, FAULT_INPUT,
		    "%s: a part over %zu MiB is not held", src->path,
		    PACKAGE_PART_MAX >> 20);
	bytes_init(&p.ids, UINT32_MAX);
	bytes_init(&p.run, PACKAGE_PART_MAX);
	if (part_read(&p, f) != 0 || part_shuffle(&p, f) != 0 ||
	    part_name(&p, &e, f) != 0 || part_put(&p, &e, f) != 0 ||
	    part_tell_all(&p, &e, f) != 0)
		goto out;
	rc = 0;
out:
	bytes_free(&p.ids);
	bytes_free(&p.run);
	mem_free(p.rows);
	mem_free(p.order);
	return rc;
}
