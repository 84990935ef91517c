/*
 * What is packed, and what of it stays behind.
 *
 *     units --> leave (selection, objections, risk) --> settle --> digest
 *
 * What stays is a bit a record, in the parts that something stays of and in no
 * other, so that a dataset that leaves whole pays nothing and one that is
 * sampled pays at most a bit a record and reason.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

/* Where a bundle's unit stands. */
struct bundle_start {
	uint32_t file, bundle;
};

static int
by_start(const void *x, const void *y)
{
	const struct bundle_start *a = x, *b = y;

	return a->file < b->file ? -1 : a->file > b->file;
}

const char *
plan_reason_name(enum plan_reason why)
{
	static const char *const names[] = { "not_selected", "suppressed",
		"risk", "sent" };

	return names[why];
}

/* The bundle that begins with the file, as a unit has it, or 0. */
static uint32_t
bundle_at(const struct bundle_start *starts, uint32_t n, uint32_t file)
{
	struct bundle_start key = { .file = file };
	const struct bundle_start *hit =
	    n == 0 ? NULL : bsearch(&key, starts, n, sizeof(key), by_start);

	return hit == NULL ? 0 : hit->bundle;
}

static int
by_file(const void *x, const void *y)
{
	const struct plan_cut *a = x, *b = y;

	return a->file < b->file ? -1 : a->file > b->file;
}

/* Bundles stand where the first of their files does. */
static int
list_starts(const struct plan *p, struct bundle_start **out, struct fault *f)
{
	*out = mem_array(p->nbundles, sizeof(**out));
	if (*out == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < p->nbundles; i++)
		(*out)[i] =
		    (struct bundle_start){ p->bundles[i].lowest, i + 1 };
	if (p->nbundles > 0)
		qsort(*out, p->nbundles, sizeof(**out), by_start);
	return 0;
}

int
plan_units(struct plan *p, struct fault *f)
{
	struct bundle_start *starts;
	uint32_t next = 0;
	size_t most = (size_t)p->scan.n + p->nparts;

	if (most > WORKER_UNITS_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %u files and parts of files; export it in "
		    "several batches",
		    WORKER_UNITS_MAX);
	if (p->ncuts > 0)
		qsort(p->cuts, p->ncuts, sizeof(*p->cuts), by_file);
	if ((p->units = mem_array(most, sizeof(*p->units))) == NULL)
		return fault_memory(f);
	if (list_starts(p, &starts, f) != 0)
		return -1;
	for (uint32_t i = 0; i < p->scan.n; i++) {
		const struct file_plan *plan =
		    &p->plans[p->scan.files[i].plan].plan;
		uint32_t bundle = 0;

		if (plan->exclude != NULL)
			continue;
		if (plan_is_several(plan) &&
		    (bundle = bundle_at(starts, p->nbundles, i)) == 0)
			continue; /* in a unit that is there */
		if (!mask_has_rows(plan)) {
			p->units[p->nunits++] =
			    (struct plan_unit){ i, PLAN_WHOLE, 0, bundle };
			continue;
		}
		must(next < p->ncuts && p->cuts[next].file == i);
		for (uint32_t j = 0; j < p->cuts[next].n; j++)
			p->units[p->nunits++] = (struct plan_unit){ i,
				p->cuts[next].first + j, 0, 0 };
		next++;
	}
	mem_free(starts);
	return 0;
}

/* -- What stays ---------------------------------------------------------- */

static const struct plan_left *
left_of(const struct plan *p, const struct plan_unit *u)
{
	return u->part == PLAN_WHOLE || u->left == 0 ? NULL
						     : &p->left[u->left - 1];
}

uint64_t
plan_unit_all(const struct plan *p, uint32_t unit)
{
	const struct plan_unit *u = &p->units[unit];

	return u->part == PLAN_WHOLE ? 1 : p->parts[u->part].records;
}

uint64_t
plan_unit_items(const struct plan *p, uint32_t unit)
{
	const struct plan_unit *u = &p->units[unit];

	if (u->left == 0)
		return plan_unit_all(p, unit);
	return u->part == PLAN_WHOLE
		   ? 0
		   : plan_unit_all(p, unit) - left_of(p, u)->n;
}

bool
plan_leaves(const struct plan *p, uint32_t unit, uint64_t place)
{
	const struct plan_unit *u = &p->units[unit];

	must(place < plan_unit_all(p, unit));
	return u->left == 0 || (u->part != PLAN_WHOLE &&
				   !mask_left_has(left_of(p, u)->all, place));
}

/* Bits for all records of the unit, none of which stays yet. */
static int
new_bits(const struct plan *p, uint32_t unit, uint8_t **bits, struct fault *f)
{
	*bits = mem_array((size_t)MASK_LEFT_BYTES(plan_unit_all(p, unit)), 1);
	return *bits == NULL ? fault_memory(f) : 0;
}

static int
first_left(struct plan *p, uint32_t unit, struct fault *f)
{
	struct plan_unit *u = &p->units[unit];
	struct plan_left *l;

	if (plan_grow((void **)&p->left, p->nleft, &p->left_room,
		sizeof(*p->left), f) != 0)
		return -1;
	l = &p->left[p->nleft];
	*l = (struct plan_left){ .n = 0 };
	if (new_bits(p, unit, &l->all, f) != 0)
		return -1;
	p->parts[u->part].left = l->all;
	u->left = ++p->nleft;
	return 0;
}

int
plan_leave(struct plan *p, uint32_t unit, uint64_t place, enum plan_reason why,
    struct fault *f)
{
	struct plan_unit *u = &p->units[unit];
	uint8_t bit = (uint8_t)(1u << place % 8);
	struct plan_left *l;

	if (!plan_leaves(p, unit, place))
		return 0;
	if (u->part == PLAN_WHOLE) {
		u->left = 1 + (uint32_t)why;
		return 0;
	}
	if (u->left == 0 && first_left(p, unit, f) != 0)
		return -1;
	l = &p->left[u->left - 1];
	if (l->why[why] == NULL && new_bits(p, unit, &l->why[why], f) != 0)
		return -1;
	l->why[why][place / 8] |= bit;
	l->all[place / 8] |= bit;
	l->n++;
	return 0;
}

void
plan_units_of(const struct plan *p, uint32_t file, uint32_t *from, uint32_t *to)
{
	uint32_t low = 0, high = p->nunits;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (p->units[mid].file < file)
			low = mid + 1;
		else
			high = mid;
	}
	*from = low;
	while (low < p->nunits && p->units[low].file == file)
		low++;
	*to = low;
}

void
plan_left_free(struct plan *p)
{
	for (uint32_t i = 0; i < p->nleft; i++) {
		mem_free(p->left[i].all);
		for (unsigned why = 0; why < PLAN_REASONS; why++)
			mem_free(p->left[i].why[why]);
	}
	mem_free(p->left);
}

/* -- Counted ------------------------------------------------------------- */

static uint64_t
count_bits(const uint8_t *bits, uint64_t records)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < MASK_LEFT_BYTES(records); i++)
		n += (uint64_t)__builtin_popcount(bits[i]);
	return n;
}

static void
count_stay(struct plan *p, uint32_t unit)
{
	const struct plan_unit *u = &p->units[unit];
	const struct plan_left *l = left_of(p, u);

	if (u->left == 0)
		return;
	if (l == NULL) {
		p->stay[u->left - 1]++;
		return;
	}
	for (unsigned why = 0; why < PLAN_REASONS; why++)
		if (l->why[why] != NULL)
			p->stay[why] +=
			    count_bits(l->why[why], plan_unit_all(p, unit));
}

/* Bytes of the source that a unit's items are, about. */
static uint64_t
unit_bytes(const struct plan *p, uint32_t unit)
{
	const struct plan_unit *u = &p->units[unit];
	const struct mask_part *part;

	if (u->part == PLAN_WHOLE)
		return u->left == 0 ? p->scan.files[u->file].size : 0;
	part = &p->parts[u->part];
	return (uint64_t)((unsigned __int128)(part->to - part->from) *
			  plan_unit_items(p, unit) / part->records);
}

/* Files, and what their units hold; a file of which nothing leaves does not. */
static void
count(struct plan *p)
{
	uint32_t next = 0;

	for (uint32_t i = 0; i < p->scan.n; i++) {
		struct plan_one *one = &p->plans[p->scan.files[i].plan];
		uint64_t size = p->scan.files[i].size, items = 0, bytes = 0;
		uint32_t from = next;
		bool all = true;

		if (one->files == 0)
			one->example = i; /* whoever was looked at first */
		one->files++;
		one->bytes += size;
		if (one->plan.exclude != NULL) {
			p->excluded++;
			continue;
		}
		for (; next < p->nunits && p->units[next].file == i; next++) {
			items += plan_unit_items(p, next);
			bytes += unit_bytes(p, next);
			all = all && p->units[next].left == 0;
			count_stay(p, next);
		}
		one->items += items;
		p->items += items;
		if (items == 0 && from < next)
			continue;
		p->files++;
		p->bytes += all ? size : bytes;
	}
	for (uint32_t i = 0; i < p->nunits; i++)
		if (p->units[i].bundle != 0 && p->units[i].left != 0) {
			/* the first of them was not counted */
			p->files -= plan_unit_files(p, &p->units[i]) - 1;
			p->bytes -= plan_unit_size(p, &p->units[i]) -
				    p->scan.files[p->units[i].file].size;
		}
}

/* Those of which something leaves in front, each group in its order. */
static int
part_units(struct plan *p, struct fault *f)
{
	struct plan_unit *stay;
	uint32_t kept = 0, n = 0;

	for (uint32_t i = 0; i < p->nunits; i++)
		n += plan_unit_items(p, i) == 0;
	if (n == 0)
		return 0;
	if ((stay = mem_array(n, sizeof(*stay))) == NULL)
		return fault_memory(f);
	n = 0;
	for (uint32_t i = 0; i < p->nunits; i++)
		if (plan_unit_items(p, i) == 0)
			stay[n++] = p->units[i];
		else
			p->units[kept++] = p->units[i];
	memcpy(&p->units[kept], stay, n * sizeof(*stay));
	p->nunits = kept;
	p->nstay = n;
	mem_free(stay);
	return 0;
}

/* -- The digest ---------------------------------------------------------- */

/* What follows a unit's place: no other unit's first byte is one of them, which
 * is that of a number under 2^24. */
enum { DIGEST_LEFT = 1, DIGEST_STAYS = 2 };

static int
put_unit(struct bytes *b, const struct plan *p, const struct plan_unit *u,
    bool stays, struct fault *f)
{
	const struct mask_part *part;

	if (put_u32(b, u->file, f) != 0)
		return -1;
	if (u->part == PLAN_WHOLE)
		return put_u8(b, DIGEST_STAYS, f);
	part = &p->parts[u->part];
	if (put_u64(b, part->from, f) != 0 || put_u64(b, part->to, f) != 0 ||
	    put_u64(b, part->first, f) != 0 ||
	    put_u64(b, part->records, f) != 0)
		return -1;
	if (stays)
		return put_u8(b, DIGEST_STAYS, f);
	if (u->left == 0)
		return 0;
	if (put_u8(b, DIGEST_LEFT, f) != 0)
		return -1;
	return bytes_add(
	    b, part->left, (size_t)MASK_LEFT_BYTES(part->records), f);
}

/* Over all that decides what the shards hold: the policy, the files as they
 * looked, what they hold (plan_contents.c), their plans and parts, and what
 * stays. */
static int
take_digest(struct plan *p, struct fault *f)
{
	struct digest *d;
	struct bytes b;
	int rc = -1;

	if (digest_new(&d, f) != 0)
		return -1;
	bytes_init(&b, MESSAGE_MAX);
	digest_add(d, p->policy->digest, sizeof(p->policy->digest));
	for (uint32_t i = 0; i < p->scan.n; i++) {
		const struct scan_file *file = &p->scan.files[i];

		bytes_reset(&b);
		if (put_text(&b, scan_path(&p->scan, i), f) != 0 ||
		    put_u64(&b, file->size, f) != 0 ||
		    put_u64(&b, (uint64_t)file->mtime, f) != 0 ||
		    bytes_add(&b, p->plans[file->plan].digest, DIGEST_BYTES,
			f) != 0 ||
		    (p->contents != NULL &&
			bytes_add(&b, p->contents[i], DIGEST_BYTES, f) != 0))
			goto out;
		digest_add(d, b.at, b.len);
	}
	for (uint32_t i = 0; i < p->nunits + p->nstay; i++) {
		bool stays = i >= p->nunits;

		if (p->units[i].part == PLAN_WHOLE && !stays)
			continue;
		bytes_reset(&b);
		if (put_unit(&b, p, &p->units[i], stays, f) != 0)
			goto out;
		digest_add(d, b.at, b.len);
	}
	digest_end(d, p->digest);
	rc = 0;
out:
	bytes_free(&b);
	digest_free(d);
	return rc;
}

int
plan_settle(struct plan *p, struct fault *f)
{
	count(p);
	if (part_units(p, f) != 0)
		return -1;
	return take_digest(p, f);
}
