/*
 * Values are counted: what kinds they are of, how many differ, how long they
 * are.  Memory is bounded whatever the data: hashes of distinct values have a
 * ceiling over all fields, and past it the fields that are farthest to the
 * right are no longer counted, since what names a record stands at the left.
 */

#include <sodium.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/propose/propose.h"

/* Hashes, open addressing; 0 is free. */
struct hashes {
	uint64_t *at;
	size_t n, room;
};

struct counted {
	struct evidence e;
	struct hashes values;
};

struct survey {
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct counted *fields;
	uint32_t nfields, room;
	size_t hashes; /* room of all fields' together */
	struct hashes files[3];
	struct hashes several[3]; /* names that more than one file has */
	struct bytes asked;	  /* hashes, uint64_t each */
};

_Static_assert(crypto_shorthash_BYTES == 8, "one hash is one number");

int
survey_new(struct survey **out, struct fault *f)
{
	struct survey *s = mem_new(sizeof(*s));

	if (s == NULL)
		return fault_memory(f);
	randombytes_buf(s->key, sizeof(s->key));
	bytes_init(&s->asked, SIZE_MAX);
	*out = s;
	return 0;
}

void
survey_free(struct survey *s)
{
	if (s == NULL)
		return;
	for (uint32_t i = 0; i < s->nfields; i++)
		mem_free(s->fields[i].values.at);
	mem_free(s->fields);
	bytes_free(&s->asked);
	for (size_t i = 0; i < 3; i++) {
		mem_free(s->files[i].at);
		mem_free(s->several[i].at);
	}
	mem_free(s);
}

static uint64_t
hash_of(const struct survey *s, const void *p, size_t len)
{
	uint64_t h;

	(void)crypto_shorthash((uint8_t *)&h, p, len, s->key);
	return h == 0 ? 1 : h;
}

/* Where h is, or would be. */
static size_t
slot_of(const struct hashes *t, uint64_t h)
{
	size_t at = h & (t->room - 1);

	while (t->at[at] != 0 && t->at[at] != h)
		at = (at + 1) & (t->room - 1);
	return at;
}

static bool
has(const struct hashes *t, uint64_t h)
{
	return t->room > 0 && t->at[slot_of(t, h)] == h;
}

static int
grow(struct hashes *t, size_t room, struct fault *f)
{
	struct hashes more = { mem_array(room, sizeof(*more.at)), t->n, room };

	if (more.at == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < t->room; i++)
		if (t->at[i] != 0)
			more.at[slot_of(&more, t->at[i])] = t->at[i];
	mem_free(t->at);
	*t = more;
	return 0;
}

static int
add(struct hashes *t, uint64_t h, struct fault *f)
{
	size_t at;

	if (2 * t->n >= t->room &&
	    grow(t, t->room == 0 ? 32 : 2 * t->room, f) != 0)
		return -1;
	at = slot_of(t, h);
	t->n += t->at[at] == 0;
	t->at[at] = h;
	return 0;
}

/* -- Files that may be named --------------------------------------------- */

static int
add_name(
    struct survey *s, size_t i, const char *name, size_t len, struct fault *f)
{
	uint64_t h = hash_of(s, name, len);

	if (has(&s->files[i], h))
		return add(&s->several[i], h, f);
	return add(&s->files[i], h, f);
}

int
survey_file(struct survey *s, const char *path, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	size_t stem =
	    dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base);

	if (add_name(s, 0, path, strlen(path), f) != 0 ||
	    add_name(s, 1, base, strlen(base), f) != 0)
		return -1;
	return add_name(s, 2, base, stem, f);
}

int
survey_ask(struct survey *s, const void *text, size_t len, struct fault *f)
{
	uint64_t h = hash_of(s, text, len);

	return bytes_add(&s->asked, &h, sizeof(h), f);
}

uint32_t
survey_known(const struct survey *s, uint32_t field, uint32_t first, uint32_t n)
{
	uint32_t known = 0;
	uint64_t h;

	if (field >= s->nfields || s->fields[field].e.more)
		return 0;
	must(((size_t)first + n) * sizeof(h) <= s->asked.len);
	for (uint32_t i = first; i < first + n; i++) {
		memcpy(&h, s->asked.at + i * sizeof(h), sizeof(h));
		known += has(&s->fields[field].values, h);
	}
	return known;
}

/* -- Values -------------------------------------------------------------- */

static int
make_field(struct survey *s, uint32_t field, struct fault *f)
{
	uint32_t room = s->room == 0 ? 32 : s->room;
	struct counted *grown;

	if (field >= SURVEY_FIELDS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u fields", SURVEY_FIELDS_MAX);
	while (room <= field)
		room *= 2;
	if (room > s->room) {
		grown = mem_resize(s->fields, room * sizeof(*grown));
		if (grown == NULL)
			return fault_memory(f);
		s->fields = grown;
		s->room = room;
	}
	memset(s->fields + s->nfields, 0,
	    (field + 1 - s->nfields) * sizeof(*s->fields));
	s->nfields = field + 1;
	return 0;
}

static void
stop_counting(struct survey *s, struct counted *c)
{
	s->hashes -= c->values.room;
	mem_free(c->values.at);
	c->values = (struct hashes){ 0 };
	c->e.more = true;
}

/* Room for another hash; takes that of the last field that has much. */
static bool
may_grow(struct survey *s, struct counted *c)
{
	size_t more = c->values.room == 0 ? 32 : c->values.room;

	while (s->hashes + more > SURVEY_ROOM) {
		struct counted *last = s->fields + s->nfields - 1;

		while (last > c && last->values.room < 65536)
			last--;
		stop_counting(s, last);
		if (last == c)
			return false;
	}
	s->hashes += more;
	return true;
}

static int
count_distinct(struct survey *s, struct counted *c, uint64_t h, struct fault *f)
{
	if (c->e.more || has(&c->values, h))
		return 0;
	if (2 * c->values.n >= c->values.room && !may_grow(s, c))
		return 0;
	if (add(&c->values, h, f) != 0)
		return -1;
	c->e.distinct = c->values.n;
	return 0;
}

/* Digits in front of the point. */
static uint32_t
digits_of(const uint8_t *p, size_t len)
{
	uint32_t n = 0;

	for (size_t i = 0; i < len && p[i] != '.' && (p[i] | 0x20) != 'e'; i++)
		n += p[i] >= '0' && p[i] <= '9' && (n > 0 || p[i] != '0');
	return n;
}

int
survey_see(struct survey *s, uint32_t field, const void *value, size_t len,
    struct fault *f)
{
	struct counted *c;
	uint32_t kinds;
	uint64_t h;

	if (field >= s->nfields && make_field(s, field, f) != 0)
		return -1;
	c = &s->fields[field];
	if (len == 0) {
		c->e.empty++;
		return 0;
	}
	if (c->e.values++ == 0 || len < c->e.shortest)
		c->e.shortest = len;
	if (len > c->e.longest)
		c->e.longest = len;
	kinds = value_kinds(value, len);
	h = hash_of(s, value, len);
	for (uint32_t i = 0; i < 3; i++)
		if (has(&s->files[i], h) && !has(&s->several[i], h))
			kinds |= 1u << (KIND_REF_PATH + i);
	for (uint32_t i = 0; kinds >> i != 0; i++)
		c->e.kinds[i] += kinds >> i & 1;
	if ((kinds & 1u << KIND_NUMBER) != 0 &&
	    digits_of(value, len) > c->e.digits)
		c->e.digits = digits_of(value, len);
	return count_distinct(s, c, h, f);
}

struct evidence
survey_evidence(const struct survey *s, uint32_t field)
{
	return field < s->nfields ? s->fields[field].e : (struct evidence){ 0 };
}

int
evidence_put(struct bytes *b, const struct evidence *e, struct fault *f)
{
	if (put_u64(b, e->values, f) != 0 || put_u64(b, e->empty, f) != 0 ||
	    put_u64(b, e->distinct, f) != 0 || put_u8(b, e->more, f) != 0 ||
	    put_u64(b, e->shortest, f) != 0 || put_u64(b, e->longest, f) != 0 ||
	    put_u32(b, e->digits, f) != 0)
		return -1;
	for (size_t i = 0; i < KINDS; i++)
		if (put_u64(b, e->kinds[i], f) != 0)
			return -1;
	return 0;
}

int
evidence_take(struct reader *r, struct evidence *e, struct fault *f)
{
	uint8_t more;

	if (take_u64(r, &e->values, f) != 0 || take_u64(r, &e->empty, f) != 0 ||
	    take_u64(r, &e->distinct, f) != 0 || take_u8(r, &more, f) != 0 ||
	    take_u64(r, &e->shortest, f) != 0 ||
	    take_u64(r, &e->longest, f) != 0 || take_u32(r, &e->digits, f) != 0)
		return -1;
	e->more = more != 0;
	for (size_t i = 0; i < KINDS; i++)
		if (take_u64(r, &e->kinds[i], f) != 0)
			return -1;
	return 0;
}
