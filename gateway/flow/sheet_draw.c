/*
 * Which items are looked at for a sheet, and which of them are shown.
 *
 * Looked at are ten times as many as are asked for, each item as likely as any
 * other, and beside them up to ten of each kind of file and what the measured
 * risk names.  Shown are the riskiest of those: first the riskiest of every
 * kind, as far as there is room, then whatever is riskiest.
 *
 * The draw hangs on the plan's size and the seed alone, so that a sheet made
 * again shows the same items.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/flow/risk_internal.h"
#include "gateway/flow/sheet_internal.h"
#include "keys/base/mem.h"

#define LOOKS 10u

/* Bytes of whole files that are read while looking; what is shown is read
 * whatever it has. */
#define LOOKED_BYTES_MAX ((uint64_t)256 << 20)

/* ---- Numbers by chance, and always the same ---- */

struct dice {
	uint8_t key[DIGEST_BYTES];
	uint64_t n;
};

static void
dice_start(struct dice *d, const char *seed)
{
	static const char label[] = "handoff sheet v1";
	uint8_t both[2][DIGEST_BYTES];

	digest_of(both[0], label, sizeof(label));
	digest_of(
	    both[1], seed != NULL ? seed : "", seed != NULL ? strlen(seed) : 0);
	digest_of(d->key, both, sizeof(both));
	d->n = 0;
}

/* Below n; of 2^64 the rest does not show. */
static uint64_t
dice_throw(struct dice *d, uint64_t n)
{
	uint8_t out[SIP_HASH_BYTES];
	uint64_t x;

	sip_hash(out, d->key, &d->n, sizeof(d->n));
	d->n++;
	memcpy(&x, out, sizeof(x));
	return x % n;
}

/* ---- Where an item is ---- */

/* The n-th record, from 0, of a part that leaves. */
static uint64_t
place_of(const struct plan *p, uint32_t unit, uint64_t n)
{
	const struct plan_unit *u = &p->units[unit];
	uint64_t place = 0;

	if (u->part == PLAN_WHOLE || u->left == 0)
		return u->part == PLAN_WHOLE ? 0 : n;
	for (;; place++)
		if (plan_leaves(p, unit, place) && n-- == 0)
			return place;
}

static int
add(struct sheet *s, uint32_t unit, uint64_t place, uint32_t kin,
    struct fault *f)
{
	const struct plan *p = s->p;

	if (plan_grow((void **)&s->at, s->n, &s->room, sizeof(*s->at), f) != 0)
		return -1;
	s->at[s->n++] = (struct sheet_one){ .unit = unit,
		.place = place,
		.kind = p->scan.files[p->units[unit].file].plan,
		.risk.kin = kin };
	return 0;
}

/* The item of that number, of all that leave. */
static int
add_nth(struct sheet *s, uint64_t n, struct fault *f)
{
	uint32_t low = 0, high = s->p->nunits;

	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (s->before[mid] <= n)
			low = mid;
		else
			high = mid;
	}
	return add(s, low, place_of(s->p, low, n - s->before[low]), 0, f);
}

/* Items in front of each unit. */
static int
number_units(struct sheet *s, struct fault *f)
{
	uint64_t n = 0;

	s->before = mem_array(s->p->nunits, sizeof(*s->before));
	if (s->before == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < s->p->nunits; i++) {
		s->before[i] = n;
		n += plan_unit_items(s->p, i);
	}
	s->items = n;
	return 0;
}

/* ---- Drawing ---- */

/* One of each kind that leaves, up to *most of them: of a kind's items the one
 * that many places behind its first. */
static int
draw_kinds(struct sheet *s, const uint64_t *first, uint64_t round,
    uint64_t *most, struct fault *f)
{
	const struct plan *p = s->p;
	uint64_t *want = mem_array(p->nplans, sizeof(*want));
	int rc = 0;

	if (want == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < p->nplans; i++)
		if (round < p->plans[i].items)
			want[i] = 1 + (first[i] + round) % p->plans[i].items;
	for (uint32_t i = 0; rc == 0 && i<p->nunits && * most> 0; i++) {
		uint64_t *left = &want[p->scan.files[p->units[i].file].plan];
		uint64_t n = plan_unit_items(p, i);

		if (*left > n) {
			*left -= n;
		} else if (*left > 0) {
			rc = add(s, i, place_of(p, i, *left - 1), 0, f);
			*left = 0;
			(*most)--;
		}
	}
	mem_free(want);
	return rc;
}

/* Which of each kind is its first.  Kinds are numbered as files happened to be
 * read; thrown for are they in the order of the items, which is always the
 * same. */
static int
throw_kinds(
    const struct plan *p, struct dice *d, uint64_t *first, struct fault *f)
{
	bool *thrown = mem_array(p->nplans, sizeof(*thrown));

	if (thrown == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < p->nunits; i++) {
		uint32_t kind = p->scan.files[p->units[i].file].plan;

		if (!thrown[kind] && p->plans[kind].items > 0)
			first[kind] = dice_throw(d, p->plans[kind].items);
		thrown[kind] = true;
	}
	mem_free(thrown);
	return 0;
}

/* Up to LOOKS of each kind, so that what is rare is seen as well. */
static int
draw_rare(struct sheet *s, struct dice *d, struct fault *f)
{
	const struct plan *p = s->p;
	uint64_t *first = mem_array(p->nplans, sizeof(*first));
	uint64_t most = (uint64_t)LOOKS * s->want;
	int rc;

	if (first == NULL)
		return fault_memory(f);
	rc = throw_kinds(p, d, first, f);
	for (uint64_t i = 0; rc == 0 && i < LOOKS && most > 0; i++)
		rc = draw_kinds(s, first, i, &most, f);
	mem_free(first);
	return rc;
}

static int
draw_items(struct sheet *s, struct dice *d, uint64_t most, struct fault *f)
{
	if (s->items <= most) {
		for (uint64_t i = 0; i < s->items; i++)
			if (add_nth(s, i, f) != 0)
				return -1;
		return 0;
	}
	for (uint64_t i = 0; i < most; i++)
		if (add_nth(s, dice_throw(d, s->items), f) != 0)
			return -1;
	return 0;
}

/* A row that the measured risk names, if it still leaves. */
static int
add_row(struct sheet *s, const struct plan_risk *x, uint64_t row,
    uint64_t persons, struct fault *f)
{
	const struct plan *p = s->p;
	uint64_t file = row >> RISK_ROW_BITS;
	uint64_t record = row & (((uint64_t)1 << RISK_ROW_BITS) - 1);
	uint32_t from, to;

	if (file >= x->nfiles)
		return 0;
	plan_units_of(p, x->files[file], &from, &to);
	for (; from < to; from++) {
		const struct mask_part *part;

		if (p->units[from].part == PLAN_WHOLE)
			continue;
		part = &p->parts[p->units[from].part];
		if (record < part->first ||
		    record - part->first >= part->records ||
		    !plan_leaves(p, from, record - part->first))
			continue;
		return add(s, from, record - part->first,
		    persons < UINT32_MAX ? (uint32_t)persons : UINT32_MAX, f);
	}
	return 0;
}

static int
draw_kin(struct sheet *s, struct fault *f)
{
	for (uint32_t i = 0; i < s->p->nrisks; i++) {
		const struct plan_risk *x = &s->p->risks[i];
		const struct risk_report *r = &x->found.report;

		for (size_t k = 0; x->measured && k < r->nshown; k++)
			for (size_t j = 0;
			     j < RISK_SHOWN_ROWS && j < r->shown[k].rows; j++)
				if (add_row(s, x, r->shown[k].first[j],
					r->shown[k].persons, f) != 0)
					return -1;
	}
	return 0;
}

/* ---- Each once ---- */

static int
by_place(const void *x, const void *y)
{
	const struct sheet_one *a = x, *b = y;

	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	/* what is known of one comes first */
	return a->risk.kin > b->risk.kin ? -1 : a->risk.kin < b->risk.kin;
}

static void
once(struct sheet *s)
{
	uint32_t n = 0;

	if (s->n == 0)
		return;
	qsort(s->at, s->n, sizeof(*s->at), by_place);
	for (uint32_t i = 0; i < s->n; i++)
		if (n == 0 || s->at[n - 1].unit != s->at[i].unit ||
		    s->at[n - 1].place != s->at[i].place)
			s->at[n++] = s->at[i];
	s->n = n;
}

/* Whole files are read to be weighed; of those drawn last some are not, where
 * they are too large together. */
static void
bound_bytes(struct sheet *s)
{
	uint64_t bytes = 0;
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct plan_unit *u = &s->p->units[s->at[i].unit];
		enum file_type type = s->p->plans[s->at[i].kind].plan.type;

		if (u->part == PLAN_WHOLE && type != TYPE_JPEG &&
		    type != TYPE_PNG)
			bytes += plan_unit_size(s->p, u);
		if (bytes <= LOOKED_BYTES_MAX || n < s->want)
			s->at[n++] = s->at[i];
	}
	s->n = n;
}

int
sheet_draw(struct sheet *s, struct fault *f)
{
	struct dice dice;

	dice_start(&dice, s->seed);
	if (number_units(s, f) != 0 || draw_kin(s, f) != 0 ||
	    draw_rare(s, &dice, f) != 0 ||
	    draw_items(s, &dice, (uint64_t)LOOKS * s->want, f) != 0)
		return -1;
	bound_bytes(s);
	once(s);
	return 0;
}

/* ---- Choosing ---- */

static int
more_first(uint32_t a, uint32_t b)
{
	return a > b ? -1 : a < b;
}

/* As risky as one another: how much had to be changed is no risk by itself. */
static int
by_rank(const struct sheet_risk *p, const struct sheet_risk *q)
{
	int order;

	if (p->kin != q->kin) /* few are riskier; 0: nothing is known */
		return q->kin == 0 || (p->kin != 0 && p->kin < q->kin) ? -1 : 1;
	if ((order = more_first(p->sure, q->sure)) != 0 ||
	    (order = more_first(p->doubtful, q->doubtful)) != 0)
		return order;
	return more_first(p->words, q->words);
}

/* The order that docs/OPERATIONS.md tells; the first that differs decides. */
static int
by_risk(const void *x, const void *y)
{
	const struct sheet_one *a = x, *b = y;
	const struct sheet_risk *p = &a->risk, *q = &b->risk;
	int order;

	if ((order = by_rank(p, q)) != 0 ||
	    (order = more_first(
		 p->changes + p->blocks, q->changes + q->blocks)) != 0)
		return order;
	return by_place(x, y);
}

/* Of equal risk the first of each kind, then the second ones. */
static int
by_turn(const void *x, const void *y)
{
	const struct sheet_one *a = x, *b = y;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->turn != b->turn)
		return a->turn < b->turn ? -1 : 1;
	return by_risk(x, y);
}

static int
order(struct sheet *s, struct fault *f)
{
	struct turn {
		uint32_t rank, n;
	} *kinds = mem_array(s->p->nplans, sizeof(*kinds));

	if (kinds == NULL)
		return fault_memory(f);
	if (s->n > 0)
		qsort(s->at, s->n, sizeof(*s->at), by_risk);
	for (uint32_t i = 0; i < s->n; i++) {
		struct sheet_one *one = &s->at[i];
		struct turn *kind = &kinds[one->kind];

		one->rank = i == 0
				? 1
				: one[-1].rank +
				      (by_rank(&one[-1].risk, &one->risk) != 0);
		if (kind->rank != one->rank)
			*kind = (struct turn){ one->rank, 0 };
		one->turn = kind->n++;
	}
	if (s->n > 0)
		qsort(s->at, s->n, sizeof(*s->at), by_turn);
	mem_free(kinds);
	return 0;
}

/* Those that are shown, to the front. */
static void
keep_shown(struct sheet *s)
{
	uint32_t n = 0;

	s->looked = s->n;
	for (uint32_t i = 0; i < s->n; i++)
		if (s->at[i].shown)
			s->at[n++] = s->at[i];
	s->n = n;
}

int
sheet_choose(struct sheet *s, struct fault *f)
{
	uint8_t *kinds = mem_array(s->p->nplans, 1);
	uint32_t left = s->want;

	if (kinds == NULL)
		return fault_memory(f);
	if (order(s, f) != 0) {
		mem_free(kinds);
		return -1;
	}
	for (uint32_t i = 0; i < s->n && left > 0; i++)
		if (kinds[s->at[i].kind] == 0) {
			kinds[s->at[i].kind] = 1;
			s->at[i].shown = true;
			left--;
		}
	for (uint32_t i = 0; i < s->n && left > 0; i++)
		if (!s->at[i].shown) {
			s->at[i].shown = true;
			left--;
		}
	keep_shown(s);
	mem_free(kinds);
	return 0;
}
