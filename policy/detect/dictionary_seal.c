/*
 * Sealing: the keys get the numbers of their order, and what is looked up of
 * them is counted first and laid down then, so that each list is one run:
 * partners of a key, deletions of a bucket, keys of a subject.
 */

#include "policy/detect/builder_internal.h"

#include <stdlib.h>
#include <string.h>

#include "keys/base/mem.h"

#define PARTNERS_APART 8u /* words of one name farther apart are not paired */

struct seal {
	struct dictionary_builder *b; /* what is used up of it goes at once */
	const struct dict_key *old;
	const struct built_value *values;
	const uint32_t *words;
	uint32_t nkeys, nvalues;
	uint32_t *rank; /* of a key as it was numbered */
	struct dict_header head;
	struct {
		void *at;
		size_t len;
	} parts[DICT_SECTIONS];
	struct fault *f;
};

/* count elements of size bytes as a section, zeroed. */
static void *
part(struct seal *s, enum dict_section which, size_t count, size_t size)
{
	void *p = mem_array(count + 1, size);

	if (p == NULL) {
		(void)fault_memory(s->f);
		return NULL;
	}
	s->parts[which].at = p;
	s->parts[which].len = count * size;
	return p;
}

/* ---- Keys in order ---- */

static int
by_key(const void *a, const void *b, void *arg)
{
	const struct seal *s = arg;
	const struct dict_key *x = &s->old[*(const uint32_t *)a];
	const struct dict_key *y = &s->old[*(const uint32_t *)b];
	const uint8_t *text = s->b->text.at;
	size_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(text + x->at, text + y->at, n);

	return c != 0 ? c : (int)x->len - (int)y->len;
}

/* Are so many numbers of n digits taken that any number may be one? */
static bool
is_dense(uint64_t count, unsigned digits)
{
	uint64_t all = 1;

	while (digits-- > 0)
		all *= 10;
	return 20 * count > all;
}

static void
note_dense(struct seal *s)
{
	uint64_t ids[16] = { 0 }, phones[16] = { 0 };

	for (uint32_t i = 0; i < s->nkeys; i++) {
		const struct dict_key *k = &s->old[i];
		const char *text = (const char *)s->b->text.at + k->at;
		unsigned n = 0;

		while (n < k->len && text[n] >= '0' && text[n] <= '9')
			n++;
		if (n != k->len || n >= 16)
			continue;
		ids[n] += (k->kinds & D_ID) != 0;
		phones[n] += (k->kinds & D_PHONE) != 0;
	}
	for (unsigned n = 1; n < 16; n++) {
		if (is_dense(ids[n], n))
			s->head.dense_ids |= 1u << n;
		if (is_dense(phones[n], n))
			s->head.dense_phones |= 1u << n;
	}
}

static int
seal_keys(struct seal *s)
{
	uint32_t *order = mem_array(s->nkeys + 1, sizeof(*order));
	struct dict_key *keys =
	    part(s, DICT_KEYS, s->nkeys, sizeof(struct dict_key));
	char *text = part(s, DICT_TEXT, s->b->text.len, 1);
	uint32_t at = 0;

	s->rank = mem_array(s->nkeys + 1, sizeof(*s->rank));
	if (order == NULL || keys == NULL || text == NULL || s->rank == NULL) {
		mem_free(order);
		return fault_memory(s->f);
	}
	for (uint32_t i = 0; i < s->nkeys; i++)
		order[i] = i;
	qsort_r(order, s->nkeys, sizeof(*order), by_key, s);
	for (uint32_t i = 0; i < s->nkeys; i++) {
		keys[i] = s->old[order[i]];
		memcpy(text + at, s->b->text.at + keys[i].at, keys[i].len);
		keys[i].at = at;
		at += keys[i].len;
		s->rank[order[i]] = i;
	}
	mem_free(order);
	note_dense(s);
	bytes_free(&s->b->text);
	bytes_free(&s->b->keys);
	mem_free(s->b->slots);
	s->b->slots = NULL;
	s->old = NULL;
	return 0;
}

/* Fill the slots with one seed; false when some key is too far from its place:
 * whoever chooses the names does not choose how long a look-up takes. */
static bool
try_seed(struct seal *s, uint32_t *slots, size_t room, uint32_t seed)
{
	const struct dict_key *keys = s->parts[DICT_KEYS].at;
	const char *text = s->parts[DICT_TEXT].at;

	memset(slots, 0, room * sizeof(*slots));
	for (uint32_t i = 0; i < s->nkeys; i++) {
		size_t at = dict_hash(seed, text + keys[i].at, keys[i].len) &
			    (room - 1);
		size_t n = 0;

		while (slots[at] != 0) {
			if (++n == DICT_PROBES_MAX)
				return false;
			at = (at + 1) & (room - 1);
		}
		slots[at] = i + 1;
	}
	s->head.seed = seed;
	return true;
}

static int
seal_slots(struct seal *s)
{
	size_t room = 2;
	uint32_t *slots;

	while (room < 2 * (size_t)s->nkeys)
		room *= 2;
	if ((slots = part(s, DICT_SLOTS, room, sizeof(*slots))) == NULL)
		return -1;
	for (uint32_t seed = 0; seed < 64; seed++)
		if (try_seed(s, slots, room, seed))
			return 0;
	return fault_set(
	    s->f, FAULT_INPUT, "a dictionary whose words all collide");
}

/* ---- Partners ---- */

/* Call each() for the pairs of a value. */
static void
value_pairs(const struct seal *s, const struct built_value *v,
    enum dict_pairs which, uint32_t *count, uint32_t *to)
{
	const uint32_t *w = s->words + v->from;
	size_t apart = which == PAIRS_PLACE ? 1 : PARTNERS_APART;

	if (v->kind != (which == PAIRS_PLACE ? D_PLACE : D_NAME))
		return;
	for (size_t i = 0; i < v->n; i++)
		for (size_t k = i + 1; k < v->n && k <= i + apart; k++) {
			uint32_t a = s->rank[w[i]], b = s->rank[w[k]];

			if (to != NULL)
				to[count[a]] = b;
			count[a]++;
			if (which == PAIRS_PLACE)
				continue;
			if (to != NULL)
				to[count[b]] = a;
			count[b]++;
		}
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Counts of each list become where each begins; the sum. */
static size_t
run_up(uint32_t *count, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t c = count[i];

		count[i] = (uint32_t)sum;
		sum += c;
	}
	count[n] = (uint32_t)sum;
	return sum;
}

/* After laying down, from[i] is where list i ends: sort each, drop what is
 * there twice, and have from[i] be where it begins. */
static size_t
tidy(uint32_t *from, uint32_t *to, size_t n)
{
	size_t kept = 0, at = 0;

	for (size_t i = 0; i < n; i++) {
		size_t end = from[i], first = kept;

		if (end - at > 1)
			qsort(to + at, end - at, sizeof(*to), by_number);
		from[i] = (uint32_t)first;
		for (; at < end; at++)
			if (kept == first || to[kept - 1] != to[at])
				to[kept++] = to[at];
	}
	from[n] = (uint32_t)kept;
	return kept;
}

static int
seal_pairs(struct seal *s, enum dict_pairs which)
{
	enum dict_section at =
	    which == PAIRS_PLACE ? DICT_PLACES_FROM : DICT_NAMES_FROM;
	uint32_t *from = part(s, at, (size_t)s->nkeys + 1, sizeof(*from)), *to;
	size_t sum;

	if (from == NULL)
		return -1;
	for (uint32_t i = 0; i < s->nvalues; i++)
		value_pairs(s, &s->values[i], which, from, NULL);
	sum = run_up(from, s->nkeys);
	if ((to = part(s, at + 1, sum, sizeof(*to))) == NULL)
		return -1;
	for (uint32_t i = 0; i < s->nvalues; i++)
		value_pairs(s, &s->values[i], which, from, to);
	s->parts[at + 1].len = sizeof(*to) * tidy(from, to, s->nkeys);
	return 0;
}

/* ---- Deletions ---- */

/* The hashes of a word without each of its letters, counted or laid down. */
static void
delete_each(const struct seal *s, uint32_t key, uint32_t mask, uint32_t *count,
    uint32_t *to)
{
	const struct dict_key *k =
	    (struct dict_key *)s->parts[DICT_KEYS].at + key;
	const char *text = (const char *)s->parts[DICT_TEXT].at + k->at;

	if ((k->kinds & D_WORD) == 0 || k->letters < DICT_NEAR_LETTERS ||
	    k->letters > DICT_NEAR_LETTERS_MAX ||
	    (text[0] >= '0' && text[0] <= '9'))
		return;
	for (size_t i = 0, n; i < k->len; i += n) {
		char less[DICT_KEY_MAX];
		uint64_t h;

		n = dict_char(text, i, k->len);
		memcpy(less, text, i);
		memcpy(less + i, text + i + n, k->len - i - n);
		h = dict_hash(s->head.seed, less, k->len - n);
		if (to != NULL)
			to[count[h & mask]] = (uint32_t)(h >> 56) << 24 | key;
		count[h & mask]++;
	}
}

static int
seal_deletions(struct seal *s)
{
	const struct dict_key *keys = s->parts[DICT_KEYS].at;
	size_t sum = 0, room = 1;
	uint32_t *from, *to;

	for (uint32_t i = 0; i < s->nkeys; i++)
		if ((keys[i].kinds & D_WORD) != 0)
			sum += keys[i].letters;
	while (2 * room < sum)
		room *= 2;
	if ((from = part(s, DICT_BUCKETS, room + 1, sizeof(*from))) == NULL)
		return -1;
	for (uint32_t i = 0; i < s->nkeys; i++)
		delete_each(s, i, (uint32_t)room - 1, from, NULL);
	sum = run_up(from, room);
	if ((to = part(s, DICT_DELETIONS, sum, sizeof(*to))) == NULL)
		return -1;
	for (uint32_t i = 0; i < s->nkeys; i++)
		delete_each(s, i, (uint32_t)room - 1, from, to);
	s->parts[DICT_DELETIONS].len = sizeof(*to) * tidy(from, to, room);
	return 0;
}

/* ---- Subjects ---- */

static int
by_subject(const void *a, const void *b, void *arg)
{
	const struct built_value *values = arg;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	int c = memcmp(
	    values[i].subject, values[k].subject, sizeof(values[i].subject));

	return c != 0 ? c : i < k ? -1 : i > k;
}

static size_t
order_owned(const struct seal *s, uint32_t *order, size_t *nwords)
{
	union {
		const struct built_value *read;
		void *arg;
	} values = { s->values };
	size_t n = 0;

	*nwords = 0;
	for (uint32_t i = 0; i < s->nvalues; i++)
		if (s->values[i].has_subject) {
			order[n++] = i;
			*nwords += s->values[i].n;
		}
	qsort_r(order, n, sizeof(*order), by_subject, values.arg);
	return n;
}

static int
lay_owned(struct seal *s, const uint32_t *order, size_t n, size_t nwords)
{
	uint8_t *subjects = part(s, DICT_SUBJECTS, n, DICTIONARY_SUBJECT_BYTES);
	uint32_t *from = part(s, DICT_OWNED_FROM, n + 1, sizeof(*from));
	uint32_t *owned = part(s, DICT_OWNED, nwords, sizeof(*owned));
	size_t subject = 0, at = 0;

	if (subjects == NULL || from == NULL || owned == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct built_value *v = &s->values[order[i]];
		size_t size = sizeof(v->subject);

		if (subject == 0 || memcmp(subjects + (subject - 1) * size,
					v->subject, size) != 0) {
			memcpy(subjects + subject * sizeof(v->subject),
			    v->subject, sizeof(v->subject));
			from[subject++] = (uint32_t)at;
		}
		for (size_t k = 0; k < v->n; k++)
			owned[at++] =
			    s->rank[s->words[v->from + k]] << 4 | v->kind;
	}
	from[subject] = (uint32_t)at;
	s->parts[DICT_SUBJECTS].len = subject * DICTIONARY_SUBJECT_BYTES;
	s->parts[DICT_OWNED_FROM].len = (subject + 1) * sizeof(*from);
	return 0;
}

static int
seal_owned(struct seal *s)
{
	uint32_t *order = mem_array((size_t)s->nvalues + 1, sizeof(*order));
	size_t n, nwords;
	int rc;

	if (order == NULL)
		return fault_memory(s->f);
	n = order_owned(s, order, &nwords);
	rc = lay_owned(s, order, n, nwords);
	mem_free(order);
	mem_free(s->b->values);
	s->b->values = NULL;
	s->values = NULL;
	bytes_free(&s->b->words);
	return rc;
}

/* ---- One block ---- */

static int
assemble(struct seal *s, uint8_t **block, size_t *len)
{
	size_t at = sizeof(s->head);
	uint8_t *p;

	for (size_t i = 0; i < DICT_SECTIONS; i++) {
		s->head.sections[i].at = at;
		s->head.sections[i].len = s->parts[i].len;
		at += (s->parts[i].len + 7) / 8 * 8;
	}
	if (at > DICTIONARY_BYTES_MAX)
		return fault_set(s->f, FAULT_INPUT, "a dictionary over %u MiB",
		    DICTIONARY_BYTES_MAX >> 20);
	if ((p = mem_new(at)) == NULL)
		return fault_memory(s->f);
	memcpy(s->head.magic, DICT_MAGIC, sizeof(s->head.magic));
	s->head.version = DICT_VERSION;
	memcpy(p, &s->head, sizeof(s->head));
	for (size_t i = 0; i < DICT_SECTIONS; i++)
		if (s->parts[i].len > 0) {
			memcpy(p + s->head.sections[i].at, s->parts[i].at,
			    s->parts[i].len);
			mem_free(s->parts[i].at);
			s->parts[i].at = NULL;
		}
	*block = p;
	*len = at;
	return 0;
}

int
dictionary_seal(
    struct dictionary_builder *b, uint8_t **block, size_t *len, struct fault *f)
{
	struct seal s = { .b = b,
		.old = (const void *)b->keys.at,
		.values = b->values,
		.words = (const void *)b->words.at,
		.nkeys = (uint32_t)builder_count(b),
		.nvalues = (uint32_t)b->nvalues,
		.f = f };
	int rc = seal_keys(&s);

	if (rc == 0)
		rc = seal_slots(&s);
	if (rc == 0)
		rc = seal_pairs(&s, PAIRS_NAME);
	if (rc == 0)
		rc = seal_pairs(&s, PAIRS_PLACE);
	if (rc == 0)
		rc = seal_owned(&s); /* the values are used up */
	if (rc == 0)
		rc = seal_deletions(&s);
	if (rc == 0)
		rc = assemble(&s, block, len);
	for (size_t i = 0; i < DICT_SECTIONS; i++)
		mem_free(s.parts[i].at);
	mem_free(s.rank);
	return rc;
}
