/*
 * Whom a shard is about: one keyed hash for each distinct subject.
 *
 * A table that is its own hash function: its entries are MACs under a key that
 * no outsider has, so their first bytes are spread as well as any hash of them
 * would be, and nobody can choose subjects that collide.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/package/package_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

static const uint8_t nobody[TOKEN_MAC_BYTES];

void
persons_init(struct persons *p)
{
	*p = (struct persons){ .n = 0 };
	bytes_init(&p->subject, MASK_RECORD_MAX);
}

void
persons_free(struct persons *p)
{
	mem_free(p->at);
	bytes_free(&p->subject);
	*p = (struct persons){ .n = 0 };
}

/* Where the MAC is, or where it goes. */
static uint8_t *
place(uint8_t (*at)[TOKEN_MAC_BYTES], size_t room,
    const uint8_t mac[TOKEN_MAC_BYTES])
{
	uint64_t i;

	memcpy(&i, mac, sizeof(i));
	for (i &= room - 1;; i = (i + 1) & (room - 1))
		if (memcmp(at[i], mac, TOKEN_MAC_BYTES) == 0 ||
		    memcmp(at[i], nobody, TOKEN_MAC_BYTES) == 0)
			return at[i];
}

static int
grow(struct persons *p, struct fault *f)
{
	size_t room = p->room == 0 ? 1024 : 2 * p->room;
	uint8_t(*at)[TOKEN_MAC_BYTES] = mem_array(room, sizeof(*at));

	if (at == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < p->room; i++)
		if (memcmp(p->at[i], nobody, TOKEN_MAC_BYTES) != 0)
			memcpy(place(at, room, p->at[i]), p->at[i],
			    TOKEN_MAC_BYTES);
	mem_free(p->at);
	p->at = at;
	p->room = room;
	return 0;
}

int
persons_add(struct persons *p, const struct token_key *key,
    const struct slice *subject, struct fault *f)
{
	uint8_t *at;

	/* Rows of one person often stand together. */
	if (subject->len == 0 ||
	    (subject->len == p->subject.len &&
		memcmp(subject->at, p->subject.at, subject->len) == 0))
		return 0;
	if (p->n >= p->room / 2) {
		if (p->n >= PERSONS_MAX)
			return fault_set(f, FAULT_INPUT,
			    "more than %zu subjects in a shard", PERSONS_MAX);
		if (grow(p, f) != 0)
			return -1;
	}
	bytes_reset(&p->subject);
	if (bytes_add(&p->subject, subject->at, subject->len, f) != 0)
		return -1;
	token_mac(key, subject->at, subject->len, p->last);
	at = place(p->at, p->room, p->last);
	if (memcmp(at, nobody, TOKEN_MAC_BYTES) == 0) {
		memcpy(at, p->last, TOKEN_MAC_BYTES);
		p->n++;
	}
	return 0;
}

static int
by_bytes(const void *x, const void *y)
{
	return memcmp(x, y, TOKEN_MAC_BYTES);
}

/* Nothing is added after this. */
int
persons_write(struct persons *p, int fd, struct fault *f)
{
	size_t n = 0;

	for (size_t i = 0; i < p->room; i++)
		if (memcmp(p->at[i], nobody, TOKEN_MAC_BYTES) != 0)
			memmove(p->at[n++], p->at[i], TOKEN_MAC_BYTES);
	must(n == p->n);
	if (n > 0)
		qsort(p->at, n, TOKEN_MAC_BYTES, by_bytes);
	return file_write(fd, p->at, n * TOKEN_MAC_BYTES, f);
}
