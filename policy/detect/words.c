/* A table of words by open addressing, at most half full. */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/detect_internal.h"

static size_t
slot_of(const struct words *w, const char *at, size_t len)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (size_t k = 0; k < len; k++)
		h = (h ^ (uint8_t)at[k]) * 16777619u;
	i = (h ^ h >> 15) & (w->room - 1);
	while (w->slots[i].at != NULL &&
	       (w->slots[i].len != len || memcmp(w->slots[i].at, at, len) != 0))
		i = (i + 1) & (w->room - 1);
	return i;
}

uint32_t *
words_find(const struct words *w, const char *at, size_t len)
{
	struct words_slot *s;

	if (w->n == 0)
		return NULL;
	s = &w->slots[slot_of(w, at, len)];
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

		if (s->at != NULL)
			more.slots[slot_of(&more, s->at, s->len)] = *s;
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

	if (2 * (w->n + 1) > w->room && grow(w, f) != 0)
		return NULL;
	s = &w->slots[slot_of(w, at, len)];
	if (s->at == NULL) {
		*s = (struct words_slot){ at, (uint32_t)len, 0 };
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
