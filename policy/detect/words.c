/* A table of words by open addressing, at most half full. */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/detect_internal.h"

/* Where a word is, or may be put.  A part of its hash is in its slot, so that
 * hardly ever another word is read. */
static size_t
slot_of(const struct words *w, const char *at, size_t len, uint16_t *tag)
{
	uint32_t h = 2166136261u;
	const struct words_slot *s;
	size_t i;

	for (size_t k = 0; k < len; k++)
		h = (h ^ (uint8_t)at[k]) * 16777619u;
	*tag = (uint16_t)(h >> 16);
	i = (h ^ h >> 15) & (w->room - 1);
	while ((s = &w->slots[i])->at != NULL &&
	       (s->tag != *tag || s->len != len || memcmp(s->at, at, len) != 0))
		i = (i + 1) & (w->room - 1);
	return i;
}

uint32_t *
words_find(const struct words *w, const char *at, size_t len)
{
	struct words_slot *s;
	uint16_t tag;

	if (w->n == 0)
		return NULL;
	s = &w->slots[slot_of(w, at, len, &tag)];
	return s->at == NULL ? NULL : &s->value;
}

static int
grow(struct words *w, struct fault *f)
{
	struct words more = { .room = w->room == 0 ? 256 : 2 * w->room };

	if ((more.slots = mem_array(more.room, sizeof(*more.slots))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < w->room; i++) {
		const struct words_slot *s = &w->slots[i];
		uint16_t tag;

		if (s->at != NULL)
			more.slots[slot_of(&more, s->at, s->len, &tag)] = *s;
	}
	more.n = w->n;
	mem_free(w->slots);
	*w = more;
	return 0;
}

uint32_t *
words_put(struct words *w, const char *at, size_t len, struct fault *f)
{
	struct words_slot *s;
	uint16_t tag;

	must(len <= UINT16_MAX);
	if (2 * (w->n + 1) > w->room && grow(w, f) != 0)
		return NULL;
	s = &w->slots[slot_of(w, at, len, &tag)];
	if (s->at == NULL) {
		*s = (struct words_slot){ at, 0, (uint16_t)len, tag };
		w->n++;
	}
	return &s->value;
}

void
words_free(struct words *w)
{
	mem_free(w->slots);
	memset(w, 0, sizeof(*w));
}
