/*
 * A permutation that a key decides.
 *
 * The order of items in a batch says nothing about the order in the dataset,
 * hides where the golden items are, and comes out the same when a killed
 * export is run again.
 */

#include <sodium.h>

#include "keys/pseudonym/pseudonym.h"

/* The stream, a page at a time. */
struct stream {
	struct secret page;
	const uint8_t *key;
	uint32_t block; /* ChaCha20's counter of the next page */
	size_t at;
};

#define PAGE_BYTES 4096u
#define STREAM_BLOCK 64u

/* 2^32 blocks hold 16 words for each of the most draws there can be, and a
 * draw needs fewer than two on average: the counter does not come round. */
static uint32_t
stream_next(struct stream *s)
{
	static const uint8_t nonce[crypto_stream_chacha20_ietf_NONCEBYTES];
	const uint8_t *p;

	if (s->at == s->page.len) {
		sodium_memzero(s->page.at, s->page.len);
		(void)crypto_stream_chacha20_ietf_xor_ic(s->page.at, s->page.at,
		    s->page.len, nonce, s->block, s->key);
		s->block += PAGE_BYTES / STREAM_BLOCK;
		s->at = 0;
	}
	p = s->page.at + s->at;
	s->at += 4;
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* 0 ... n - 1, each equally likely: the high half of word * n, where the low
 * halves that would make some results likelier are drawn again. */
static uint32_t
draw(struct stream *s, uint32_t n)
{
	uint64_t m = (uint64_t)stream_next(s) * n;

	if ((uint32_t)m < n) {
		uint32_t spare = (0u - n) % n;

		while ((uint32_t)m < spare)
			m = (uint64_t)stream_next(s) * n;
	}
	return (uint32_t)(m >> 32);
}

int
shuffle_order(
    uint32_t *order, uint32_t count, const struct secret *key, struct fault *f)
{
	struct stream s = { .key = key->at, .at = PAGE_BYTES };

	must(key->len == crypto_stream_chacha20_ietf_KEYBYTES);
	if (secret_new(&s.page, PAGE_BYTES, f) != 0)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	for (uint32_t i = count; i > 1; i--) {
		uint32_t j = draw(&s, i);
		uint32_t kept = order[i - 1];

		order[i - 1] = order[j];
		order[j] = kept;
	}
	secret_free(&s.page);
	return 0;
}
