/*
 * Tokens that were made lately, by value: names, towns and the like repeat,
 * and a token costs ten times what it takes to find it here.
 *
 * A row is a cache line, found by a hash of the value and thrown out by the
 * next value that has the same.  The hash needs no key: who chooses values so
 * that they collide makes his own export slow, and nothing else.  A column
 * whose values do not repeat is noticed by its misses, and is let alone for a
 * while.
 *
 * Not here: which values these are worth remembering (value.c).
 */

#include <stdatomic.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/transform/transform_internal.h"

#define MEMO_ROWS 2048u /* 128 KiB: a few stay in a second-level cache */
#define VALUE_MAX (64u - 1 - TOKEN_CHARS)

/* Memos of a process: a policy of a thousand token columns gets no more. */
#define MEMOS_MAX 32u

/* Half have to be found, or the next so many are not looked for: to look in
 * vain costs as much as half a token. */
#define MEMO_TRIAL 1024u
#define MEMO_FOUND (MEMO_TRIAL / 2)
#define MEMO_REST (64 * MEMO_TRIAL)

struct row {
	uint8_t len; /* 0: empty */
	uint8_t value[VALUE_MAX];
	char token[TOKEN_CHARS];
};
_Static_assert(sizeof(struct row) == 64, "a cache line");

struct memo {
	unsigned asked, found;
	unsigned rest; /* values that are let pass yet */
	struct row rows[MEMO_ROWS];
};

static atomic_uint memos;

struct memo *
memo_new(void)
{
	struct memo *m = NULL;

	if (atomic_fetch_add(&memos, 1) < MEMOS_MAX)
		m = mem_new(sizeof(*m));
	if (m == NULL)
		(void)atomic_fetch_sub(&memos, 1);
	return m;
}

void
memo_free(struct memo *m)
{
	if (m == NULL)
		return;
	secret_wipe(m, sizeof(*m));
	mem_free(m);
	(void)atomic_fetch_sub(&memos, 1);
}

/* Eight bytes at a time, each spread by the 64-bit golden ratio. */
static size_t
place_of(const uint8_t *value, size_t len)
{
	uint64_t h = len, word;

	for (; len > 8; len -= 8, value += 8) {
		memcpy(&word, value, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	word = 0;
	memcpy(&word, value, len);
	h = (h ^ word) * 0x9e3779b97f4a7c15u;
	return (size_t)(h >> 40) % MEMO_ROWS;
}

/* Do values of this key repeat? */
static bool
worth_it(struct memo *m)
{
	if (m->rest > 0) {
		m->rest--;
		return false;
	}
	if (m->asked++ < MEMO_TRIAL)
		return true;
	if (m->found < MEMO_FOUND)
		m->rest = MEMO_REST;
	m->asked = m->found = 0;
	return true;
}

const char *
memo_find(struct memo **memo, const void *value, size_t len)
{
	struct memo *m = *memo;
	const struct row *r;

	if (m == NULL)
		return NULL;
	if (len == 0 || len > VALUE_MAX || !worth_it(m)) {
		*memo = NULL;
		return NULL;
	}
	r = &m->rows[place_of(value, len)];
	if (r->len != len || memcmp(r->value, value, len) != 0)
		return NULL;
	m->found++;
	return r->token;
}

void
memo_keep(struct memo *m, const void *value, size_t len,
    const char token[TOKEN_CHARS])
{
	struct row *r = &m->rows[place_of(value, len)];

	must(len > 0 && len <= VALUE_MAX);
	r->len = (uint8_t)len;
	memcpy(r->value, value, len);
	memcpy(r->token, token, TOKEN_CHARS);
}
