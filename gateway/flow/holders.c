/*
 * What batches hold, read side by side: each is in the order of persons, and
 * the least of those in hand comes next.
 *
 * Vendors hold some dozens of batches, so the least is looked for one by one.
 */

#include <string.h>

#include "gateway/flow/holders_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define BUFFER ((size_t)64 << 10)
#define HOLDERS_MAX 65536u
#define ITEM_BYTES (1 + CATALOG_HELD_BYTES)
#define RECORD_HEAD (CATALOG_SUBJECT_BYTES + 2)
#define RECORD_MAX (RECORD_HEAD + (size_t)UINT16_MAX * ITEM_BYTES)

struct holder {
	uint64_t at, end; /* what is not yet in the buffer, in the file */
	struct bytes buf;
	size_t used; /* of the buffer */
	uint16_t number[CATALOG_ATTRIBUTES_MAX];
	uint8_t level[CATALOG_ATTRIBUTES_MAX];
	uint16_t n; /* attributes */
	const bool *skip;
	/* the person in hand */
	bool any;
	uint8_t subject[CATALOG_SUBJECT_BYTES];
	uint16_t items, item;
};

int
held_name(struct held_names *names, const char *name, bool sensitive,
    struct held_attribute **out, struct fault *f)
{
	struct held_attribute *at;

	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->at[i].name, name) == 0) {
			*out = &names->at[i];
			(*out)->sensitive &= sensitive;
			return 0;
		}
	if (names->n == RISK_ATTRIBUTES_MAX)
		return fault_set(f, FAULT_INPUT,
		    "a vendor holds more than %u columns", RISK_ATTRIBUTES_MAX);
	at = mem_resize(names->at, (names->n + 1) * sizeof(*at));
	if (at == NULL)
		return fault_memory(f);
	names->at = at;
	at = &names->at[names->n];
	*at = (struct held_attribute){ .number = (uint16_t)names->n,
		.sensitive = sensitive };
	if ((at->name = mem_text(name, strlen(name))) == NULL)
		return fault_memory(f);
	names->n++;
	*out = at;
	return 0;
}

void
held_names_free(struct held_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		mem_free(names->at[i].name);
	mem_free(names->at);
	*names = (struct held_names){ NULL, 0 };
}

static int
broken(struct fault *f)
{
	return fault_set(f, FAULT_PEER, "what is held: not as it was kept");
}

/* At least want bytes behind o->used, or all that there are. */
static int
fill(struct holder *o, int fd, size_t want, struct fault *f)
{
	size_t have = o->buf.len - o->used, got, more;

	if (have >= want)
		return 0;
	if (have > 0)
		memmove(o->buf.at, o->buf.at + o->used, have);
	o->buf.len = have;
	o->used = 0;
	more = want > BUFFER ? want : BUFFER;
	if (more - have > o->end - o->at)
		more = have + (size_t)(o->end - o->at);
	if (bytes_reserve(&o->buf, more - have, f) != 0 ||
	    file_read_at(fd, o->buf.at + have, more - have, o->at, &got, f) !=
		0)
		return -1;
	o->buf.len += got;
	o->at += got;
	return got == more - have ? 0 : broken(f);
}

static const uint8_t *
hand(const struct holder *o)
{
	return o->buf.at + o->used;
}

/* The next person of a batch, if there is one. */
static int
next_person(struct holder *o, int fd, struct fault *f)
{
	const uint8_t *p;

	o->any = false;
	if (fill(o, fd, RECORD_HEAD, f) != 0)
		return -1;
	if (o->buf.len == o->used)
		return 0;
	if (o->buf.len - o->used < RECORD_HEAD)
		return broken(f);
	p = hand(o);
	memcpy(o->subject, p, sizeof(o->subject));
	o->items = (uint16_t)(p[CATALOG_SUBJECT_BYTES] << 8 |
			      p[CATALOG_SUBJECT_BYTES + 1]);
	o->item = 0;
	o->used += RECORD_HEAD;
	o->any = true;
	return 0;
}

static int
take_attributes(struct holder *o, struct held_names *names, struct reader *r,
    struct fault *f)
{
	char name[SHAPE_NAME_MAX + 1];
	struct held_attribute *at;
	uint8_t sensitive;

	if (take_u16(r, &o->n, f) != 0)
		return -1;
	if (o->n > CATALOG_ATTRIBUTES_MAX)
		return broken(f);
	for (uint16_t i = 0; i < o->n; i++) {
		if (take_text(r, name, sizeof(name), f) != 0 ||
		    take_u8(r, &sensitive, f) != 0 ||
		    take_u8(r, &o->level[i], f) != 0 ||
		    held_name(names, name, sensitive != 0, &at, f) != 0)
			return -1;
		o->number[i] = at->number;
		at->holders++;
	}
	return 0;
}

/* One batch, whose list begins at offset at. */
static int
open_one(struct holders *h, uint64_t at, uint64_t len, struct fault *f)
{
	struct holder *o = mem_resize(h->at, (h->n + 1) * sizeof(*o));
	struct reader r;

	if (o == NULL)
		return fault_memory(f);
	h->at = o;
	o = &h->at[h->n++];
	*o = (struct holder){ .at = at, .end = at + len };
	bytes_init(&o->buf, RECORD_MAX + BUFFER);
	/* the head: names of at most 64 columns, mostly short */
	if (fill(o, h->fd, BUFFER * 8, f) != 0)
		return -1;
	r = reader_of(o->buf.at, o->buf.len);
	if (take_attributes(o, h->names, &r, f) != 0)
		return -1;
	o->used = o->buf.len - reader_left(&r);
	return next_person(o, h->fd, f);
}

int
holders_open(
    struct holders *h, int fd, struct held_names *names, struct fault *f)
{
	uint64_t at = 0, len;
	uint8_t head[8];
	struct reader r;
	size_t got;

	*h = (struct holders){ .fd = fd, .names = names };
	for (;;) {
		if (file_read_at(fd, head, sizeof(head), at, &got, f) != 0)
			return -1;
		if (got == 0)
			return 0;
		r = reader_of(head, got);
		if (h->n == HOLDERS_MAX || take_u64(&r, &len, f) != 0 ||
		    len > CATALOG_PERSONS_MAX)
			return broken(f);
		at += sizeof(head);
		if (open_one(h, at, len, f) != 0)
			return -1;
		at += len;
	}
}

void
holders_free(struct holders *h)
{
	for (size_t i = 0; i < h->n; i++)
		bytes_free(&h->at[i].buf);
	mem_free(h->at);
	*h = (struct holders){ .fd = -1 };
}

void
holders_skip(struct holders *h, const bool *skip)
{
	for (size_t i = 0; i < h->n; i++)
		h->at[i].skip = skip;
}

/* The batch whose person in hand is the least, or NULL. */
static struct holder *
least(const struct holders *h)
{
	struct holder *best = NULL;

	for (size_t i = 0; i < h->n; i++)
		if (h->at[i].any &&
		    (best == NULL || memcmp(h->at[i].subject, best->subject,
					 CATALOG_SUBJECT_BYTES) < 0))
			best = &h->at[i];
	return best;
}

int
holders_next(void *from, const void **subject, struct risk_held *item,
    bool *more, struct fault *f)
{
	struct holders *h = from;
	uint8_t attribute;

	for (;;) {
		struct holder *o = h->now;

		if (o != NULL && o->item == o->items) {
			if (next_person(o, h->fd, f) != 0)
				return -1;
			o = h->now = NULL;
		}
		if (o == NULL && (o = h->now = least(h)) == NULL) {
			*more = false;
			return 0;
		}
		if (o->item == o->items)
			continue;
		if (fill(o, h->fd, ITEM_BYTES, f) != 0)
			return -1;
		if (o->buf.len - o->used < ITEM_BYTES ||
		    (attribute = *hand(o)) >= o->n)
			return broken(f);
		memcpy(h->value, hand(o) + 1, CATALOG_HELD_BYTES);
		o->used += ITEM_BYTES;
		o->item++;
		if (o->skip[o->number[attribute]])
			continue;
		*subject = o->subject;
		*item = (struct risk_held){ .attribute = o->number[attribute],
			.level = o->level[attribute],
			.value = h->value };
		*more = true;
		return 0;
	}
}
