/*
 * Whom a text names in full, so that a part of a name is known for whom it
 * means: "Anna Kowalska came. Kowalska coughs." is of one person, if no other
 * Kowalska is named with it.
 *
 * A name is the keys of its words, ascending.  Of each word the one name that
 * has it is kept, the longer where one is a part of the other; a word of two
 * names that are not is nobody's.  With it is kept where the text says it.
 */

#include "policy/detect/known_internal.h"

#include <string.h>

#include "keys/base/mem.h"

#define NOBODY UINT32_MAX

/* In the pool: how many keys, where the text says it, and the keys. */
#define HEAD 4u

bool
known_within(const struct known_name *part, const struct known_name *whole)
{
	size_t k = 0;

	for (size_t i = 0; i < part->n; i++, k++) {
		while (k < whole->n && whole->ids[k] < part->ids[i])
			k++;
		if (k == whole->n || whole->ids[k] != part->ids[i])
			return false;
	}
	return true;
}

static struct known_name
name_at(const struct known_named *d, uint32_t at)
{
	const uint32_t *p = d->pool + at;

	return (struct known_name){ p + HEAD, p[0],
		(size_t)p[1] << 16 << 16 | p[2], p[3] };
}

static size_t
slot_of(const struct known_named *d, uint32_t id)
{
	size_t at = (id * 2654435761u) & (d->room - 1);

	while (d->slots[at].text == d->text && d->slots[at].id != id)
		at = (at + 1) & (d->room - 1);
	return at;
}

static int
grow_slots(struct known_named *d, struct fault *f)
{
	struct known_named more = { .room = d->room == 0 ? 64 : 2 * d->room,
		.text = d->text };

	more.slots = mem_array(more.room, sizeof(*more.slots));
	if (more.slots == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < d->room; i++)
		if (d->slots[i].text == d->text)
			more.slots[slot_of(&more, d->slots[i].id)] =
			    d->slots[i];
	mem_free(d->slots);
	d->slots = more.slots;
	d->room = more.room;
	return 0;
}

static int
keep(struct known_named *d, const struct known_name *name, uint32_t *at,
    struct fault *f)
{
	uint32_t *to;

	if (d->pooled + name->n + HEAD > d->pool_room) {
		size_t room = 2 * d->pool_room + name->n + 256;
		uint32_t *more = mem_resize(d->pool, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(f);
		d->pool = more;
		d->pool_room = room;
	}
	*at = (uint32_t)d->pooled;
	to = d->pool + d->pooled;
	to[0] = (uint32_t)name->n;
	to[1] = (uint32_t)(name->start >> 16 >> 16);
	to[2] = (uint32_t)name->start;
	to[3] = (uint32_t)name->len;
	memcpy(to + HEAD, name->ids, name->n * sizeof(*name->ids));
	d->pooled += name->n + HEAD;
	return 0;
}

int
known_name_add(
    struct known_named *d, const struct known_name *name, struct fault *f)
{
	struct known_name whole;
	uint32_t at = 0;

	if (name->n < 2 || known_named(d, name, &whole))
		return 0; /* it is kept, or a part of one that is */
	if (keep(d, name, &at, f) != 0)
		return -1;
	for (size_t i = 0; i < name->n; i++) {
		struct known_name old;
		size_t slot;

		if (2 * (d->n + 1) > d->room && grow_slots(d, f) != 0)
			return -1;
		slot = slot_of(d, name->ids[i]);
		if (d->slots[slot].text != d->text) {
			d->slots[slot] =
			    (struct known_slot){ name->ids[i], at, d->text };
			d->n++;
			continue;
		}
		if (d->slots[slot].name == NOBODY)
			continue;
		old = name_at(d, d->slots[slot].name);
		d->slots[slot].name = known_within(&old, name) ? at : NOBODY;
	}
	return 0;
}

bool
known_named(const struct known_named *d, const struct known_name *part,
    struct known_name *whole)
{
	for (size_t i = 0; i < part->n && d->n > 0; i++) {
		const struct known_slot *s =
		    &d->slots[slot_of(d, part->ids[i])];

		if (s->text != d->text || s->name == NOBODY)
			continue;
		*whole = name_at(d, s->name);
		if (known_within(part, whole))
			return true;
	}
	return false;
}

void
known_named_reset(struct known_named *d)
{
	d->n = d->pooled = 0;
	if (++d->text == 0) {
		if (d->room > 0)
			memset(d->slots, 0, d->room * sizeof(*d->slots));
		d->text = 1;
	}
}

void
known_named_free(struct known_named *d)
{
	if (d == NULL)
		return;
	mem_free(d->slots);
	mem_free(d->pool);
	mem_free(d);
}
