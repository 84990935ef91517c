/*
 * A sealed dictionary, checked and looked into.  The block comes from another
 * process: each number that is an index later is compared with what it indexes
 * once, here, and lists that are walked are walked no farther than a constant.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/detect_internal.h"
#include "policy/detect/dictionary_internal.h"

static int
bad(struct fault *f)
{
	return fault_set(f, FAULT_INPUT, "not a dictionary, or a damaged one");
}

/* from[0..n] ascends from 0 to count. */
static bool
ascends(const uint32_t *from, size_t n, size_t count)
{
	if (from[0] != 0 || from[n] != count)
		return false;
	for (size_t i = 0; i < n; i++)
		if (from[i] > from[i + 1])
			return false;
	return true;
}

static bool
all_below(
    const uint32_t *v, size_t n, unsigned shift, uint32_t mask, uint32_t limit)
{
	for (size_t i = 0; i < n; i++)
		if ((v[i] >> shift & mask) >= limit)
			return false;
	return true;
}

/* The sections' places and sizes, into at and n (elements). */
static bool
find_sections(const uint8_t *block, size_t len, const void *at[DICT_SECTIONS],
    size_t n[DICT_SECTIONS])
{
	static const size_t sizes[DICT_SECTIONS] = { 1, sizeof(struct dict_key),
		4, 4, 4, 4, 4, 4, 4, DICTIONARY_SUBJECT_BYTES, 4, 4 };
	struct dict_header head;

	if (len < sizeof(head) || len > DICTIONARY_BYTES_MAX)
		return false;
	memcpy(&head, block, sizeof(head));
	if (memcmp(head.magic, DICT_MAGIC, sizeof(head.magic)) != 0 ||
	    head.version != DICT_VERSION)
		return false;
	for (size_t i = 0; i < DICT_SECTIONS; i++) {
		uint64_t from = head.sections[i].at, k = head.sections[i].len;

		if (from % 8 != 0 || from > len || k > len - from ||
		    k % sizes[i] != 0)
			return false;
		at[i] = block + from;
		n[i] = (size_t)k / sizes[i];
	}
	return true;
}

static bool
is_power(size_t n)
{
	return n > 0 && (n & (n - 1)) == 0;
}

static bool
check_keys(struct dictionary *d, const size_t n[DICT_SECTIONS])
{
	for (uint32_t i = 0; i < d->nkeys; i++) {
		const struct dict_key *k = &d->keys[i];

		if (k->len == 0 || k->len > DICT_KEY_MAX ||
		    k->at > n[DICT_TEXT] || k->len > n[DICT_TEXT] - k->at)
			return false;
		d->has_phones = d->has_phones || (k->kinds & D_PHONE) != 0;
		d->has_ids = d->has_ids || (k->kinds & D_ID) != 0;
	}
	for (size_t i = 0; i < n[DICT_SLOTS]; i++)
		if (d->slots[i] > d->nkeys)
			return false;
	return true;
}

static bool
check(struct dictionary *d, const size_t n[DICT_SECTIONS])
{
	size_t keys = n[DICT_KEYS], buckets = n[DICT_BUCKETS] - 1;

	if (n[DICT_BUCKETS] < 2 || !is_power(buckets) ||
	    !is_power(n[DICT_SLOTS]) || keys > DICT_KEYS_MAX)
		return false;
	d->nkeys = (uint32_t)keys;
	d->nsubjects = (uint32_t)n[DICT_SUBJECTS];
	d->slot_mask = (uint32_t)n[DICT_SLOTS] - 1;
	d->bucket_mask = (uint32_t)buckets - 1;
	return n[DICT_NAMES_FROM] == keys + 1 &&
	       n[DICT_PLACES_FROM] == keys + 1 &&
	       n[DICT_OWNED_FROM] == n[DICT_SUBJECTS] + 1 && check_keys(d, n) &&
	       ascends(d->from[0], keys, n[DICT_NAMES_TO]) &&
	       ascends(d->from[1], keys, n[DICT_PLACES_TO]) &&
	       ascends(d->buckets, buckets, n[DICT_DELETIONS]) &&
	       ascends(d->owned_from, n[DICT_SUBJECTS], n[DICT_OWNED]) &&
	       all_below(
		   d->deletions, n[DICT_DELETIONS], 0, 0xffffff, d->nkeys) &&
	       all_below(d->owned, n[DICT_OWNED], 4, UINT32_MAX, d->nkeys);
}

int
dictionary_open(
    struct dictionary **out, const void *block, size_t len, struct fault *f)
{
	const void *at[DICT_SECTIONS];
	struct dict_header head;
	struct dictionary *d;
	size_t n[DICT_SECTIONS];

	must((uintptr_t)block % 8 == 0);
	if (!find_sections(block, len, at, n))
		return bad(f);
	if ((d = mem_new(sizeof(*d))) == NULL)
		return fault_memory(f);
	memcpy(&head, block, sizeof(head));
	d->seed = head.seed;
	d->dense_ids = head.dense_ids;
	d->dense_phones = head.dense_phones;
	d->text = at[DICT_TEXT];
	d->keys = at[DICT_KEYS];
	d->slots = at[DICT_SLOTS];
	d->from[PAIRS_NAME] = at[DICT_NAMES_FROM];
	d->to[PAIRS_NAME] = at[DICT_NAMES_TO];
	d->from[PAIRS_PLACE] = at[DICT_PLACES_FROM];
	d->to[PAIRS_PLACE] = at[DICT_PLACES_TO];
	d->buckets = at[DICT_BUCKETS];
	d->deletions = at[DICT_DELETIONS];
	d->subjects = at[DICT_SUBJECTS];
	d->owned_from = at[DICT_OWNED_FROM];
	d->owned = at[DICT_OWNED];
	if (!check(d, n)) {
		mem_free(d);
		return bad(f);
	}
	*out = d;
	return 0;
}

void
dictionary_free(struct dictionary *d)
{
	mem_free(d);
}

size_t
dictionary_words(const struct dictionary *d)
{
	return d->nkeys;
}

/* ---- Looking up ---- */

uint32_t
dict_find(const struct dictionary *d, const char *key, size_t n)
{
	uint32_t at = (uint32_t)dict_hash(d->seed, key, n) & d->slot_mask;

	for (unsigned i = 0; i < DICT_PROBES_MAX && d->slots[at] != 0; i++) {
		const struct dict_key *k = &d->keys[d->slots[at] - 1];

		if (k->len == n && memcmp(d->text + k->at, key, n) == 0)
			return d->slots[at] - 1;
		at = (at + 1) & d->slot_mask;
	}
	return DICT_NONE;
}

/* The first of a's partners that is not below b; NULL: none. */
static const uint32_t *
partner(
    const struct dictionary *d, enum dict_pairs which, uint32_t a, uint32_t b)
{
	const uint32_t *to = d->to[which];
	uint32_t lo = d->from[which][a], end = d->from[which][a + 1], hi = end;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (to[mid] < b)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < end ? &to[lo] : NULL;
}

bool
dict_pair(
    const struct dictionary *d, enum dict_pairs which, uint32_t a, uint32_t b)
{
	const uint32_t *at = partner(d, which, a, b);

	return at != NULL && *at == b;
}

/* The first key not below text[0..n). */
static uint32_t
first_from(const struct dictionary *d, const char *text, size_t n)
{
	uint32_t lo = 0, hi = d->nkeys;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct dict_key *k = &d->keys[mid];
		int c = memcmp(d->text + k->at, text, k->len < n ? k->len : n);

		if (c < 0 || (c == 0 && k->len < n))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool
dict_initial(
    const struct dictionary *d, uint32_t a, const char *initial, size_t n)
{
	const uint32_t *at =
	    partner(d, PAIRS_NAME, a, first_from(d, initial, n));
	const struct dict_key *k;

	if (at == NULL || *at >= d->nkeys)
		return false;
	k = &d->keys[*at];
	return k->len >= n && memcmp(d->text + k->at, initial, n) == 0;
}

static void
consider(const struct dictionary *d, uint32_t which, const char *key, size_t n,
    uint32_t *out, size_t max, size_t *found)
{
	const struct dict_key *k = &d->keys[which];

	if ((k->kinds & D_WORD) == 0 || k->letters < DICT_NEAR_LETTERS ||
	    !dict_is_near(d->text + k->at, k->len, key, n))
		return;
	for (size_t i = 0; i < *found; i++)
		if (out[i] == which)
			return;
	if (*found < max)
		out[(*found)++] = which;
}

/* Words of which text is a deletion. */
static void
from_bucket(const struct dictionary *d, const char *text, size_t len,
    const char *key, size_t n, uint32_t *out, size_t max, size_t *found)
{
	uint64_t h = dict_hash(d->seed, text, len);
	uint32_t at = d->buckets[h & d->bucket_mask];
	uint32_t end = d->buckets[(h & d->bucket_mask) + 1];

	for (unsigned i = 0; at < end && i < DICT_BUCKET_MAX; at++, i++)
		if (d->deletions[at] >> 24 == (uint32_t)(h >> 56))
			consider(d, d->deletions[at] & 0xffffff, key, n, out,
			    max, found);
}

size_t
dict_near(const struct dictionary *d, const char *key, size_t n, uint32_t *out,
    size_t max)
{
	size_t found = 0, letters = dict_letters(key, n);

	if (letters + 1 < DICT_NEAR_LETTERS || letters > DICT_NEAR_LETTERS_MAX)
		return 0;
	from_bucket(d, key, n, key, n, out, max, &found);
	for (size_t i = 0, k; i < n && found < max; i += k) {
		char less[DICT_KEY_MAX];
		uint32_t shorter;

		k = dict_char(key, i, n);
		memcpy(less, key, i);
		memcpy(less + i, key + i + k, n - i - k);
		from_bucket(d, less, n - k, key, n, out, max, &found);
		shorter = dict_find(d, less, n - k);
		if (shorter != DICT_NONE)
			consider(d, shorter, key, n, out, max, &found);
	}
	return found;
}

const uint32_t *
dict_owned(const struct dictionary *d, const uint8_t *subject, size_t *n)
{
	uint32_t lo = 0, hi = d->nsubjects;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c =
		    memcmp(d->subjects + (size_t)mid * DICTIONARY_SUBJECT_BYTES,
			subject, DICTIONARY_SUBJECT_BYTES);

		if (c == 0) {
			*n = d->owned_from[mid + 1] - d->owned_from[mid];
			return d->owned + d->owned_from[mid];
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*n = 0;
	return NULL;
}
