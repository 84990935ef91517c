/*
 * What of a value that was replaced as a whole is the same: its words compared
 * with those that stand in its place.
 *
 * A longest common subsequence by the plain table (Wagner and Fischer, JACM
 * 21(1), 1974), of what is left between a common beginning and end.  What is
 * the same but has no letter or digit, between two words that are not, is not
 * worth a mark of its own.
 */

#include <string.h>

#include "gateway/flow/sheet_internal.h"
#include "keys/base/mem.h"

/* Words and what stands between them, of each side: 8 MiB of a table. */
#define TOKENS_MAX 2048u

struct token {
	const uint8_t *at;
	size_t len;
};
struct tokens {
	struct token at[TOKENS_MAX];
	size_t n;
};
struct diff {
	struct tokens a, b;
	uint16_t *table; /* (a.n + 1) * (b.n + 1): longest from there on */
};

static bool
word_byte(uint8_t c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* False when there are too many. */
static bool
split(struct tokens *t, struct slice s)
{
	t->n = 0;
	for (size_t i = 0, start; i < s.len;) {
		start = i++;
		if (word_byte(s.at[start]))
			while (i < s.len && word_byte(s.at[i]))
				i++;
		if (t->n == TOKENS_MAX)
			return false;
		t->at[t->n++] = (struct token){ s.at + start, i - start };
	}
	return true;
}

static bool
same(const struct token *x, const struct token *y)
{
	return x->len == y->len && memcmp(x->at, y->at, x->len) == 0;
}

static void
fill(struct diff *d)
{
	size_t width = d->b.n + 1;

	for (size_t i = d->a.n; i-- > 0;)
		for (size_t k = d->b.n; k-- > 0;) {
			uint16_t *to = &d->table[i * width + k];
			uint16_t down = to[width], right = to[1];

			*to = down > right ? down : right;
			if (same(&d->a.at[i], &d->b.at[k]))
				*to = (uint16_t)(to[width + 1] + 1);
		}
}

/* Edits in the making: a and b are how far they have come. */
struct making {
	struct mask_edit *out;
	size_t n, room;
	uint64_t a, b;
	bool open;  /* the last edit may still grow */
	bool words; /* there was one since it ended */
};

static bool
change(struct making *m, uint64_t cut, uint64_t put)
{
	struct mask_edit *e;

	if (!m->open || m->words) {
		if (m->n == m->room)
			return false;
		m->out[m->n++] = (struct mask_edit){ m->a, 0, 0 };
		m->words = false;
		m->open = true;
	}
	e = &m->out[m->n - 1];
	/* what was the same since it ended, and no word, is in it */
	put += m->a - (e->at + e->cut);
	m->a += cut;
	e->cut = m->a - e->at;
	e->put += put;
	return true;
}

static bool
follow(const struct diff *d, struct making *m)
{
	size_t width = d->b.n + 1, i = 0, k = 0;

	while (i < d->a.n || k < d->b.n) {
		const uint16_t *at = &d->table[i * width + k];

		if (i < d->a.n && k < d->b.n &&
		    same(&d->a.at[i], &d->b.at[k])) {
			m->words = m->words || word_byte(d->a.at[i].at[0]);
			m->a += d->a.at[i].len;
			i++;
			k++;
		} else if (k == d->b.n || (i < d->a.n && at[width] >= at[1])) {
			if (!change(m, d->a.at[i].len, 0))
				return false;
			i++;
		} else {
			if (!change(m, 0, d->b.at[k].len))
				return false;
			k++;
		}
	}
	return true;
}

/* Tokens at both ends that are the same need no table. */
static size_t
trim(struct diff *d)
{
	size_t front = 0, bytes = 0, n;

	while (d->a.n > 0 && d->b.n > 0 &&
	       same(&d->a.at[d->a.n - 1], &d->b.at[d->b.n - 1])) {
		d->a.n--;
		d->b.n--;
	}
	while (front < d->a.n && front < d->b.n &&
	       same(&d->a.at[front], &d->b.at[front]))
		bytes += d->a.at[front++].len;
	n = d->a.n -= front;
	memmove(d->a.at, d->a.at + front, n * sizeof(d->a.at[0]));
	n = d->b.n -= front;
	memmove(d->b.at, d->b.at + front, n * sizeof(d->b.at[0]));
	return bytes;
}

int
sheet_diff(const struct slice *cut, const struct slice *put,
    struct mask_edit *out, size_t *n, struct fault *f)
{
	struct making m = { .out = out, .room = *n };
	struct diff *d = mem_new(sizeof(*d));
	int rc = 0;

	if (d == NULL)
		return fault_memory(f);
	*n = 1;
	out[0] = (struct mask_edit){ 0, cut->len, put->len };
	if (split(&d->a, *cut) && split(&d->b, *put)) {
		m.a = trim(d);
		d->table = mem_array((d->a.n + 1) * (d->b.n + 1), 2);
		if (d->table == NULL) {
			rc = fault_memory(f);
		} else {
			fill(d);
			if (follow(d, &m))
				*n = m.n;
			else
				out[0] =
				    (struct mask_edit){ 0, cut->len, put->len };
		}
		mem_free(d->table);
	}
	mem_free(d);
	return rc;
}
