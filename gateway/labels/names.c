/* Names met in label files, each once; and arrays that double. */

#include <sodium.h>
#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"

_Static_assert(crypto_shorthash_KEYBYTES == 16, "the key in labels_names");

int
labels_grow(
    void **at, size_t *room, size_t n, size_t size, size_t max, struct fault *f)
{
	size_t want = *room < 8 ? 8 : *room * 2, bytes;
	void *more;

	if (n < *room)
		return 0;
	if (n >= max)
		return fault_set(f, FAULT_INPUT, "more than %zu", max);
	if (want > max)
		want = max;
	if (!size_mul(want, size, &bytes) ||
	    (more = mem_resize(*at, bytes)) == NULL)
		return fault_memory(f);
	*at = more;
	*room = want;
	return 0;
}

void
labels_names_init(struct labels_names *t)
{
	*t = (struct labels_names){ 0 };
	random_fill(t->key, sizeof(t->key));
}

void
labels_names_free(struct labels_names *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		mem_free(t->text[i]);
	mem_free(t->text);
	mem_free(t->slots);
	*t = (struct labels_names){ 0 };
}

/* The slot that holds the text, or the free one where it belongs. */
static size_t
slot_of(const struct labels_names *t, const char *text, size_t len)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint64_t h;
	size_t i;

	(void)crypto_shorthash(hash, (const uint8_t *)text, len, t->key);
	memcpy(&h, hash, sizeof(h));
	for (i = (size_t)h & (t->nslots - 1); t->slots[i] != 0;
	     i = (i + 1) & (t->nslots - 1)) {
		const char *held = t->text[t->slots[i] - 1];

		if (strncmp(held, text, len) == 0 && held[len] == '\0')
			break;
	}
	return i;
}

bool
labels_names_find(
    const struct labels_names *t, const char *text, size_t len, uint32_t *out)
{
	size_t i;

	if (t->nslots == 0)
		return false;
	i = slot_of(t, text, len);
	if (t->slots[i] == 0)
		return false;
	*out = t->slots[i] - 1;
	return true;
}

/* Keep the table at most half full. */
static int
rehash(struct labels_names *t, struct fault *f)
{
	size_t nslots = t->nslots == 0 ? 16 : t->nslots * 2;
	uint32_t *slots;

	if ((size_t)t->n * 2 < t->nslots)
		return 0;
	if ((slots = mem_array(nslots, sizeof(*slots))) == NULL)
		return fault_memory(f);
	mem_free(t->slots);
	t->slots = slots;
	t->nslots = nslots;
	for (uint32_t i = 0; i < t->n; i++)
		t->slots[slot_of(t, t->text[i], strlen(t->text[i]))] = i + 1;
	return 0;
}

int
labels_names_add(struct labels_names *t, const char *text, size_t len,
    size_t max, uint32_t *out, struct fault *f)
{
	size_t room = t->room;
	char *copy;
	int rc;

	if (labels_names_find(t, text, len, out))
		return 0;
	rc = labels_grow(
	    (void **)&t->text, &room, t->n, sizeof(*t->text), max, f);
	t->room = (uint32_t)room;
	if (rc != 0 || rehash(t, f) != 0)
		return -1;
	if ((copy = mem_text(text, len)) == NULL)
		return fault_memory(f);
	t->text[t->n] = copy;
	t->slots[slot_of(t, text, len)] = t->n + 1;
	*out = t->n++;
	return 0;
}
