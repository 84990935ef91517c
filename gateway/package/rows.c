/*
 * A part of a row file as one member: its rows masked into memory, put in an
 * order that the batch's key decides, and sent on.
 *
 *     mask --> held: row, what is behind it, row, what is behind it ...
 *                |
 *                +--> in the order of the keys: rows into the shard,
 *                     and then, once the member has its digest, their lines
 *                     into index and join
 *
 * Where a row stands tells nothing: not how old a customer is, and not which
 * rows the owner added later because their answers are known.  Rows do not
 * move between parts, and a part is as large as may be held.
 *
 * The order is random, and what is read here and there is waited for: so what
 * is known of a row stands beside it, and the cache is told some rows before.
 */

#include <string.h>

#include "gateway/package/package_internal.h"
#include "keys/base/mem.h"

/* Rows of a part.  PACKAGE_PART_TARGET has fewer unless a record is a single
 * digit. */
#define PART_ROWS_MAX (1u << 22)
_Static_assert(
    PACKAGE_PART_TARGET / 2 * 2 * (TOKEN_CHARS + 1) <= PACKAGE_PART_MAX,
    "values of a character may all become tokens");

/* What stands behind a row where it is held; then the value by which it is
 * known, without PATH#, and its subject where there are groups. */
struct behind {
	uint32_t item; /* where in the row its id stands */
	uint32_t value_len, subject_len;
};

/* Rows ahead at which the cache is told. */
#define AHEAD 8u

struct part {
	struct package_shard *s;
	struct bytes *held;
	const struct mask_source *src;
	const struct mask_part *where;
	size_t prefix;	       /* characters of PATH# */
	struct room_row *rows; /* as they come, and then as they leave */
	uint32_t n, room;
	size_t header;	/* bytes of what is held that are no row */
	uint64_t bytes; /* of the member */
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

/* ---- In ---- */

static int
too_large(const struct part *p, struct fault *f)
{
	return fault_set(f, FAULT_INPUT, "%s: a part over %zu MiB is not held",
	    p->src->path, PACKAGE_PART_MAX >> 20);
}

/* Places for the rows, and for their content, half as long again as it was. */
static int
part_room(struct part *p, struct fault *f)
{
	struct package_room *room = p->s->o.room;
	uint64_t len = p->where->to - p->where->from;

	if (p->where->records > PART_ROWS_MAX)
		return fault_set(f, FAULT_INPUT, "more than %u rows in a part",
		    PART_ROWS_MAX);
	p->room = (uint32_t)p->where->records;
	if (room_rows(room, p->room, f) != 0)
		return -1;
	p->rows = room->rows;
	len += len / 2 + p->where->records * (sizeof(struct behind) + 16);
	return room_hold(
	    room, len < PACKAGE_PART_MAX ? (size_t)len : PACKAGE_PART_MAX, f);
}

/* Whom a row is about, and that it is sent. */
static int
part_note(struct part *p, const struct mask_row *row, struct fault *f)
{
	const struct token_key *person = p->s->o.keys->person;

	if (person != NULL &&
	    persons_add(&p->s->persons, person, &row->subject, f) != 0)
		return -1;
	return shard_note_sent(p->s, &row->id, row->subject.len > 0, f);
}

/* The row is held, from at on. */
static int
part_add(struct part *p, const struct mask_row *row, size_t at, struct fault *f)
{
	struct behind b = { .item = (uint32_t)row->item_at,
		.value_len = (uint32_t)(row->id.len - p->prefix) };
	size_t len = p->held->len - at;
	uint8_t *to;

	if (row->id.len > PACKAGE_ORIGINAL_MAX)
		return fault_set(f, FAULT_INPUT, "an original id over %u bytes",
		    PACKAGE_ORIGINAL_MAX);
	if (p->n == p->room)
		return fault_set(f, FAULT_INPUT,
		    "%s: changed after it was cut into parts", p->src->path);
	if ((p->bytes += len) > PACKAGE_PART_MAX)
		return too_large(p, f);
	p->rows[p->n++] = (struct room_row){ (uint32_t)at, (uint32_t)len };
	if (p->s->o.keys->subject != NULL)
		b.subject_len = (uint32_t)row->subject.len;
	len = sizeof(b) + b.value_len + b.subject_len;
	if (bytes_reserve(p->held, len, f) != 0)
		return -1;
	to = p->held->at + p->held->len;
	memcpy(to, &b, sizeof(b));
	memcpy(to + sizeof(b), row->id.at + p->prefix, b.value_len);
	if (b.subject_len > 0)
		memcpy(to + sizeof(b) + b.value_len, row->subject.at,
		    b.subject_len);
	p->held->len += len;
	return part_note(p, row, f);
}

/* All rows of the part, masked, into the held content. */
static int
part_read(struct part *p, struct fault *f)
{
	struct mask_source src = *p->src;
	struct mask_rows *m = NULL;
	struct mask_row row;
	bool end = false;
	int rc = -1;

	src.keys = &p->s->o.keys->mask;
	if (part_room(p, f) != 0)
		return -1;
	if (mask_rows_open(&m, &src, p->where, NULL, f) != 0 ||
	    mask_rows_header(m, p->held, f) != 0)
		goto out;
	p->bytes = p->header = p->held->len;
	mask_rows_gather(m);
	for (;;) {
		size_t at = p->held->len;

		if (mask_rows_next(m, &row, p->held, &end, f) != 0)
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

/* ---- Out ---- */

static int
part_shuffle(struct part *p, struct fault *f)
{
	uint8_t mac[TOKEN_MAC_BYTES];
	struct package_room *room = p->s->o.room;
	struct secret key = { 0 };
	int rc = -1;

	if (part_label(&p->s->line, p, "rows", f) != 0)
		return -1;
	token_mac(p->s->o.keys->order, p->s->line.at, p->s->line.len, mac);
	bytes_reset(&p->s->line);
	if (secret_copy(&key, mac, sizeof(mac), f) == 0 &&
	    shuffle_order(room->order, p->n, &key, f) == 0)
		rc = 0;
	secret_free(&key);
	secret_wipe(mac, sizeof(mac));
	if (rc == 0) {
		for (uint32_t i = 0; i < p->n; i++)
			room->leaving[i] = room->rows[room->order[i]];
		p->rows = room->leaving;
	}
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

/* The i-th row as it leaves; of the one that comes some rows later the cache is
 * told meanwhile: all of it, or just where its id stands and what is behind. */
static const struct room_row *
row_of(const struct part *p, uint32_t i, bool whole)
{
	if (i + AHEAD < p->n) {
		const struct room_row *r = &p->rows[i + AHEAD];
		const uint8_t *at = p->held->at + r->at;

		__builtin_prefetch(at);
		if (whole)
			for (size_t k = 64; k < r->len && k < 512; k += 64)
				__builtin_prefetch(at + k);
		else
			__builtin_prefetch(at + r->len);
	}
	return &p->rows[i];
}

static int
put_row(struct part *p, const struct room_row *r, struct fault *f)
{
	struct package_shard *s = p->s;
	const uint8_t *at = p->held->at + r->at;

	if (r->len > SEAL_ROOM)
		return shard_put(s, at, r->len, f);
	memcpy(seal_room(s->shard), at, r->len);
	return shard_wrote(s, r->len, f);
}

static int
part_put(struct part *p, struct package_entry *e, struct fault *f)
{
	struct package_shard *s = p->s;

	e->bytes = p->bytes;
	e->items = p->n;
	if (shard_begin_member(s, e, f) != 0 ||
	    shard_put(s, p->held->at, p->header, f) != 0)
		return -1;
	for (uint32_t i = 0; i < p->n; i++)
		if (put_row(p, row_of(p, i, true), f) != 0)
			return -1;
	return shard_end_member(s, e, f);
}

/* A row's lines in index and join. */
static int
part_tell(struct part *p, const struct room_row *row, struct fault *f)
{
	const struct token_key *subject = p->s->o.keys->subject;
	const uint8_t *at = p->held->at + row->at, *behind = at + row->len;
	char group[TOKEN_CHARS + 1] = "", *index, *join, *to;
	struct record_row r = { .group = group,
		.numbered = p->src->plan->item == PLAN_NO_FIELD };
	struct behind b;

	memcpy(&b, behind, sizeof(b));
	behind += sizeof(b);
	if (b.subject_len > 0)
		token_make(subject, behind + b.value_len, b.subject_len, group);
	r.item = (const char *)at + b.item;
	r.value = (struct slice){ behind, b.value_len };
	index = (char *)seal_room(p->s->index);
	to = record_row_entry(index, r.item);
	if (seal_wrote(p->s->index, (size_t)(to - index), f) != 0)
		return -1;
	to = join = (char *)seal_room(p->s->join);
	if (record_row(&to, &r, f) != 0)
		return -1;
	return seal_wrote(p->s->join, (size_t)(to - join), f);
}

static int
part_tell_all(struct part *p, const struct package_entry *e, struct fault *f)
{
	if (record_part(&p->s->line, e, p->src, p->where, f) != 0 ||
	    shard_put_line(p->s, p->s->join, f) != 0)
		return -1;
	for (uint32_t i = 0; i < p->n; i++)
		if (part_tell(p, row_of(p, i, false), f) != 0)
			return -1;
	return 0;
}

int
package_shard_rows(struct package_shard *s, const struct mask_source *src,
    const struct mask_part *part, struct fault *f)
{
	struct part p = {
		.s = s, .held = &s->o.room->held, .src = src, .where = part
	};
	struct package_entry e = { .row = false };

	must(s->o.keys->order != NULL);
	if (part->to - part->from > PACKAGE_PART_MAX)
		return too_large(&p, f);
	p.prefix = strlen(src->path) + 1;
	if (part_read(&p, f) != 0 || part_shuffle(&p, f) != 0 ||
	    part_name(&p, &e, f) != 0 || part_put(&p, &e, f) != 0 ||
	    part_tell_all(&p, &e, f) != 0)
		return -1;
	return 0;
}
