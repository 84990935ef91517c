/*
 * Who came: nonces given out and not yet used, and keys of which it has been
 * noted that they were here.
 *
 * Both are rings of a fixed size, so that nobody can make the keeper hold more:
 * what is oldest goes, and who loses a nonce by it asks for another.
 */

#include <string.h>

#include "gateway/keeper/request_internal.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/base/text.h"

#define NOTE_SECONDS 3600

struct nonce {
	double given; /* 0: free */
	uint8_t key[32];
	uint8_t value[REQUEST_NONCE_CHARS / 2];
	bool used;
	uint8_t request[DIGEST_BYTES]; /* that used it */
};

struct noted {
	double at; /* 0: free */
	uint8_t about[DIGEST_BYTES];
};

struct visits {
	struct nonce nonces[VISITS_NONCES_MAX];
	struct noted notes[VISITS_NOTED_MAX];
};

int
visits_new(struct visits **out, struct fault *f)
{
	if ((*out = mem_new(sizeof(**out))) == NULL)
		return fault_memory(f);
	return 0;
}

void
visits_free(struct visits *v)
{
	mem_free(v);
}

static bool
is_over(const struct nonce *n, double now)
{
	return n->given == 0 || now - n->given > VISITS_NONCE_SECONDS;
}

/* A place for one more of key: its own oldest when it has its share, else one
 * that is free or over, else the oldest of all. */
static struct nonce *
find_place(struct visits *v, const uint8_t key[32], double now)
{
	struct nonce *mine = NULL, *best = &v->nonces[0];
	size_t share = 0;

	for (size_t i = 0; i < VISITS_NONCES_MAX; i++) {
		struct nonce *n = &v->nonces[i];

		if (is_over(n, now))
			n->given = 0;
		if (n->given < best->given)
			best = n;
		if (n->given == 0 || memcmp(n->key, key, 32) != 0)
			continue;
		share++;
		if (mine == NULL || n->given < mine->given)
			mine = n;
	}
	return share >= VISITS_NONCES_EACH ? mine : best;
}

void
visits_nonce(struct visits *v, const uint8_t key[32], double now,
    char out[REQUEST_NONCE_CHARS + 1])
{
	struct nonce *n = find_place(v, key, now);

	*n = (struct nonce){ .given = now };
	memcpy(n->key, key, sizeof(n->key));
	random_fill(n->value, sizeof(n->value));
	hex_write(out, n->value, sizeof(n->value));
}

bool
visits_take(struct visits *v, const uint8_t key[32], const char *nonce,
    const uint8_t request[DIGEST_BYTES], double now)
{
	uint8_t value[REQUEST_NONCE_CHARS / 2];

	if (!hex_read(value, sizeof(value), nonce, strlen(nonce)))
		return false;
	for (size_t i = 0; i < VISITS_NONCES_MAX; i++) {
		struct nonce *n = &v->nonces[i];

		if (is_over(n, now) || memcmp(n->key, key, 32) != 0 ||
		    memcmp(n->value, value, sizeof(value)) != 0)
			continue;
		if (n->used)
			return memcmp(n->request, request, DIGEST_BYTES) == 0;
		n->used = true;
		memcpy(n->request, request, DIGEST_BYTES);
		return true;
	}
	return false;
}

bool
visits_note(
    struct visits *v, const uint8_t key[32], const char *what, double now)
{
	uint8_t about[DIGEST_BYTES];
	struct noted *place = NULL;

	digest_salted(about, key, what, strlen(what));
	for (size_t i = 0; i < VISITS_NOTED_MAX; i++) {
		struct noted *n = &v->notes[i];

		if (n->at == 0 || now - n->at > NOTE_SECONDS)
			place = n;
		else if (memcmp(n->about, about, sizeof(about)) == 0)
			return false;
	}
	if (place == NULL)
		return false;
	place->at = now;
	memcpy(place->about, about, sizeof(about));
	return true;
}
