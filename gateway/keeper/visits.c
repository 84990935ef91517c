/*
 * Who came: nonces given out and not yet used, and what has been noted of whom.
 *
 * Both are rings of a fixed size, so that nobody can make the keeper hold more:
 * what is oldest goes, and who loses a nonce by it asks for another.
 *
 *     strangers, all of them --> one ring, one budget --> "stranger"
 *     each vendor            --> its ring, its budget --> "refused"
 *                                       |
 *                                       over it, or the same --> counted
 *
 * Nobody can fill the log, then, and nobody can hide another, nor itself: what
 * is not written by itself is written as a number.
 */

#include <string.h>

#include "gateway/keeper/request_internal.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/base/text.h"

#define NOTE_SECONDS 3600

/* Strangers' keys and vendors' rules and batches that are remembered. */
#define STRANGERS 1024u
#define OF_A_VENDOR 64u

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

/* One whose notes share a budget. */
struct watch {
	struct watch *next;
	char vendor[ID_CHARS + 1]; /* "": all strangers */
	double budget;		   /* notes that it may still have */
	double seen;		   /* when that was so */
	double since;		   /* when the first was left out */
	uint64_t left_out;
	size_t n;
	struct noted notes[];
};

struct visits {
	struct nonce nonces[VISITS_NONCES_MAX];
	struct watch *watches; /* as many as vendors came, whom we know */
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
	struct watch *next;

	for (struct watch *w = v != NULL ? v->watches : NULL; w != NULL;
	     w = next) {
		next = w->next;
		mem_free(w);
	}
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

/* ---- Notes ---- */

/* NULL: memory ended. */
static struct watch *
find_watch(struct visits *v, const char *vendor)
{
	size_t n = vendor[0] == '\0' ? STRANGERS : OF_A_VENDOR;
	struct watch *w = v->watches;

	while (w != NULL && strcmp(w->vendor, vendor) != 0)
		w = w->next;
	if (w != NULL)
		return w;
	if ((w = mem_new(sizeof(*w) + n * sizeof(w->notes[0]))) == NULL)
		return NULL;
	must(strlen(vendor) < sizeof(w->vendor));
	memcpy(w->vendor, vendor, strlen(vendor) + 1);
	w->budget = VISITS_NOTED_HOURLY;
	w->n = n;
	w->next = v->watches;
	v->watches = w;
	return w;
}

/* Was the same noted within the hour?  Otherwise it is from now on, in the
 * place of the oldest. */
static bool
is_noted(struct watch *w, const uint8_t about[DIGEST_BYTES], double now)
{
	struct noted *oldest = &w->notes[0];

	for (size_t i = 0; i < w->n; i++) {
		struct noted *n = &w->notes[i];

		if (n->at != 0 && now - n->at <= NOTE_SECONDS &&
		    memcmp(n->about, about, sizeof(n->about)) == 0)
			return true;
		if (n->at < oldest->at)
			oldest = n;
	}
	if (w->budget >= 1) {
		oldest->at = now;
		memcpy(oldest->about, about, sizeof(oldest->about));
	}
	return false;
}

static void
earn(struct watch *w, double now)
{
	w->budget += (now - w->seen) * VISITS_NOTED_HOURLY / NOTE_SECONDS;
	if (w->budget > VISITS_NOTED_HOURLY)
		w->budget = VISITS_NOTED_HOURLY;
	w->seen = now;
}

int
visits_note(struct visits *v, const struct visit *what, double now, bool *note,
    struct fault *f)
{
	uint8_t about[DIGEST_BYTES];
	struct watch *w = find_watch(v, what->vendor);

	if (w == NULL)
		return fault_memory(f);
	digest_salted(about, what->key, what->what, strlen(what->what));
	earn(w, now);
	*note = !is_noted(w, about, now) && w->budget >= 1;
	if (*note)
		w->budget -= 1;
	else if (w->left_out++ == 0)
		w->since = now;
	return 0;
}

bool
visits_left_out(struct visits *v, double now, bool end, struct left_out *out)
{
	for (struct watch *w = v->watches; w != NULL; w = w->next) {
		if (w->left_out == 0 || (!end && now - w->since < NOTE_SECONDS))
			continue;
		memcpy(out->vendor, w->vendor, sizeof(out->vendor));
		out->count = w->left_out;
		return true;
	}
	return false;
}

void
visits_told(struct visits *v, const struct left_out *what)
{
	for (struct watch *w = v->watches; w != NULL; w = w->next)
		if (strcmp(w->vendor, what->vendor) == 0)
			w->left_out = 0;
}
