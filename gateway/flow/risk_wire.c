/* What is asked of a measuring worker and what it found, as messages. */

#include <string.h>

#include "gateway/flow/risk_internal.h"
#include "keys/base/mem.h"

_Static_assert(POLICY_QUASI_MAX == RISK_QUASI_MAX,
    "quasi-identifiers that a policy may name can be measured");
_Static_assert(
    RISK_SENSITIVE_MAX == RISK_QUASI_MAX, "and as many sensitive columns");
_Static_assert(
    (unsigned)LOSS_ENTROPY == (unsigned)RISK_ENTROPY &&
	(unsigned)LOSS_DISCERNIBILITY == (unsigned)RISK_DISCERNIBILITY,
    "losses have one order");

static int
put_real(struct bytes *b, double x, struct fault *f)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return put_u64(b, bits, f);
}

static int
take_real(struct reader *r, double *x, struct fault *f)
{
	uint64_t bits;

	if (take_u64(r, &bits, f) != 0)
		return -1;
	memcpy(x, &bits, sizeof(bits));
	return 0;
}

static int
put_reals(struct bytes *b, const double *x, size_t n, struct fault *f)
{
	for (size_t i = 0; i < n; i++)
		if (put_real(b, x[i], f) != 0)
			return -1;
	return 0;
}

static int
take_reals(struct reader *r, double *x, size_t n, struct fault *f)
{
	for (size_t i = 0; i < n; i++)
		if (take_real(r, &x[i], f) != 0)
			return -1;
	return 0;
}

static int
put_numbers(struct bytes *b, const uint64_t *x, size_t n, struct fault *f)
{
	for (size_t i = 0; i < n; i++)
		if (put_u64(b, x[i], f) != 0)
			return -1;
	return 0;
}

static int
take_numbers(struct reader *r, uint64_t *x, size_t n, struct fault *f)
{
	for (size_t i = 0; i < n; i++)
		if (take_u64(r, &x[i], f) != 0)
			return -1;
	return 0;
}

/* ---- Asked ---- */

/* The smallest class in which nobody is likelier than that. */
static uint32_t
class_of(uint32_t share)
{
	return share == RISK_ANY ? 0 : (POLICY_MILLION + share - 1) / share;
}

void
risk_asked_of(struct risk_asked *out, const struct risk_rule *r)
{
	uint32_t k = r->k, other = class_of(r->share[SHARE_PROSECUTOR]);

	k = k > other ? k : other;
	other = class_of(r->share[SHARE_JOURNALIST]);
	/* Without a population the journalist knows as much as the
	 * prosecutor; levels are chosen as if there were none. */
	*out = (struct risk_asked){ .search_k = k > other ? k : other };
	if (r->population.file == NULL)
		k = out->search_k;
	else
		out->want.k_population = other;
	out->want = (struct risk_thresholds){ .k = k,
		.k_population = out->want.k_population,
		.l_distinct = r->l_distinct,
		.recursive_l = r->recursive_l };
	out->want.l_entropy = (double)r->l_entropy / POLICY_MILLION;
	out->want.recursive_c = (double)r->recursive_c / POLICY_MILLION;
	out->want.t = (double)r->t / POLICY_MILLION;
	out->want.suppress_share =
	    (double)r->share[SHARE_SUPPRESSED] / POLICY_MILLION;
	memcpy(out->share, r->share, sizeof(out->share));
}

int
risk_put_asked(struct bytes *b, const struct risk_asked *a, struct fault *f)
{
	const double reals[] = { a->want.l_entropy, a->want.recursive_c,
		a->want.t, a->want.suppress_share };

	if (put_u32(b, a->want.k, f) != 0 ||
	    put_u32(b, a->want.k_population, f) != 0 ||
	    put_u32(b, a->search_k, f) != 0 ||
	    put_u32(b, a->want.l_distinct, f) != 0 ||
	    put_u32(b, a->want.recursive_l, f) != 0 ||
	    put_reals(b, reals, 4, f) != 0)
		return -1;
	for (unsigned i = 0; i < SHARE_SUPPRESSED; i++)
		if (put_u32(b, a->share[i], f) != 0)
			return -1;
	return 0;
}

int
risk_take_asked(struct reader *r, struct risk_asked *a, struct fault *f)
{
	double reals[4];

	*a = (struct risk_asked){ .want = { .k = 0 } };
	if (take_u32(r, &a->want.k, f) != 0 ||
	    take_u32(r, &a->want.k_population, f) != 0 ||
	    take_u32(r, &a->search_k, f) != 0 ||
	    take_u32(r, &a->want.l_distinct, f) != 0 ||
	    take_u32(r, &a->want.recursive_l, f) != 0 ||
	    take_reals(r, reals, 4, f) != 0)
		return -1;
	a->want.l_entropy = reals[0];
	a->want.recursive_c = reals[1];
	a->want.t = reals[2];
	a->want.suppress_share = reals[3];
	for (unsigned i = 0; i < SHARE_SUPPRESSED; i++)
		if (take_u32(r, &a->share[i], f) != 0)
			return -1;
	return 0;
}

/* ---- Found ---- */

static int
put_classes(struct bytes *b, const struct risk_report *x, struct fault *f)
{
	if (put_u64(b, x->failing, f) != 0 ||
	    put_u16(b, (uint16_t)x->nshown, f) != 0)
		return -1;
	for (size_t i = 0; i < x->nshown; i++) {
		const struct risk_class *c = &x->shown[i];

		if (put_u64(b, c->rows, f) != 0 ||
		    put_u64(b, c->persons, f) != 0 ||
		    put_u32(b, c->fails, f) != 0 ||
		    put_numbers(b, c->first, RISK_SHOWN_ROWS, f) != 0)
			return -1;
	}
	return 0;
}

static int
take_classes(struct reader *r, struct risk_report *x, struct fault *f)
{
	uint32_t fails;
	uint16_t n;

	if (take_u64(r, &x->failing, f) != 0 || take_u16(r, &n, f) != 0)
		return -1;
	if (n > RISK_SHOWN_CLASSES)
		return fault_set(f, FAULT_PEER, "more classes than are shown");
	x->nshown = n;
	for (size_t i = 0; i < n; i++) {
		struct risk_class *c = &x->shown[i];

		if (take_u64(r, &c->rows, f) != 0 ||
		    take_u64(r, &c->persons, f) != 0 ||
		    take_u32(r, &fails, f) != 0 ||
		    take_numbers(r, c->first, RISK_SHOWN_ROWS, f) != 0)
			return -1;
		c->fails = fails;
	}
	return 0;
}

static int
put_sizes(struct bytes *b, const struct risk_report *x, struct fault *f)
{
	if (put_u32(b, (uint32_t)x->nsizes, f) != 0)
		return -1;
	for (size_t i = 0; i < x->nsizes; i++)
		if (put_u64(b, x->sizes[i].persons, f) != 0 ||
		    put_u64(b, x->sizes[i].classes, f) != 0)
			return -1;
	return 0;
}

static int
take_sizes(struct reader *r, struct risk_report *x, struct fault *f)
{
	uint32_t n;

	if (take_u32(r, &n, f) != 0)
		return -1;
	if (n > MESSAGE_MAX / (2 * sizeof(uint64_t)))
		return fault_set(f, FAULT_PEER, "sizes past any message");
	if ((x->sizes = mem_array(n, sizeof(*x->sizes))) == NULL)
		return fault_memory(f);
	for (; x->nsizes < n; x->nsizes++)
		if (take_u64(r, &x->sizes[x->nsizes].persons, f) != 0 ||
		    take_u64(r, &x->sizes[x->nsizes].classes, f) != 0)
			return -1;
	return 0;
}

static int
put_spread(struct bytes *b, const struct risk_report *x, struct fault *f)
{
	if (put_u16(b, (uint16_t)x->nspread, f) != 0)
		return -1;
	for (size_t i = 0; i < x->nspread; i++) {
		const double reals[] = { x->spread[i].entropy,
			x->spread[i].recursive, x->spread[i].closeness };

		if (put_u32(b, x->spread[i].distinct, f) != 0 ||
		    put_reals(b, reals, 3, f) != 0)
			return -1;
	}
	return 0;
}

static int
take_spread(struct reader *r, struct risk_report *x, struct fault *f)
{
	double reals[3];
	uint16_t n;

	if (take_u16(r, &n, f) != 0)
		return -1;
	if (n > RISK_SENSITIVE_MAX)
		return fault_set(f, FAULT_PEER, "more columns than there are");
	x->nspread = n;
	for (size_t i = 0; i < n; i++) {
		if (take_u32(r, &x->spread[i].distinct, f) != 0 ||
		    take_reals(r, reals, 3, f) != 0)
			return -1;
		x->spread[i].entropy = reals[0];
		x->spread[i].recursive = reals[1];
		x->spread[i].closeness = reals[2];
	}
	return 0;
}

#define COUNTS 7u
#define REALS 6u

static int
put_report(struct bytes *b, const struct risk_report *x, struct fault *f)
{
	const uint64_t counts[COUNTS] = { x->rows, x->persons, x->classes, x->k,
		x->largest, x->unique, x->nsuppress };
	const double reals[REALS] = { x->uniqueness,
		x->chances.prosecutor_highest, x->chances.prosecutor_average,
		x->chances.journalist_highest, x->chances.journalist_average,
		x->chances.marketer };

	if (put_numbers(b, counts, COUNTS, f) != 0 ||
	    put_reals(b, reals, REALS, f) != 0 || put_u8(b, x->met, f) != 0 ||
	    put_u8(b, x->chances.population, f) != 0 ||
	    put_reals(b, x->loss, RISK_METRICS, f) != 0 ||
	    put_spread(b, x, f) != 0 || put_sizes(b, x, f) != 0)
		return -1;
	return put_classes(b, x, f);
}

static int
take_report(struct reader *r, struct risk_report *x, struct fault *f)
{
	uint64_t counts[COUNTS];
	double reals[REALS];
	uint8_t met, population;

	if (take_numbers(r, counts, COUNTS, f) != 0 ||
	    take_reals(r, reals, REALS, f) != 0 || take_u8(r, &met, f) != 0 ||
	    take_u8(r, &population, f) != 0 ||
	    take_reals(r, x->loss, RISK_METRICS, f) != 0)
		return -1;
	x->rows = counts[0];
	x->persons = counts[1];
	x->classes = counts[2];
	x->k = counts[3];
	x->largest = counts[4];
	x->unique = counts[5];
	x->nsuppress = counts[6];
	x->uniqueness = reals[0];
	x->chances = (struct risk_chances){ reals[1], reals[2], reals[3],
		reals[4], reals[5], population != 0 };
	x->met = met != 0;
	if (take_spread(r, x, f) != 0 || take_sizes(r, x, f) != 0)
		return -1;
	return take_classes(r, x, f);
}

int
risk_put_found(struct bytes *b, const struct risk_found *x, struct fault *f)
{
	const struct risk_choice *c = &x->choice;

	if (put_report(b, &x->report, f) != 0 || put_u32(b, x->over, f) != 0 ||
	    put_u8(b, x->spelt, f) != 0 || put_u8(b, x->searched, f) != 0 ||
	    put_u8(b, x->none, f) != 0 ||
	    put_u8(b, (uint8_t)x->nchoice, f) != 0 ||
	    bytes_add(b, c->levels, RISK_QUASI_MAX, f) != 0 ||
	    put_reals(b, c->loss, RISK_METRICS, f) != 0 ||
	    put_u64(b, c->suppressed, f) != 0 || put_u64(b, c->nodes, f) != 0 ||
	    put_u64(b, c->looked, f) != 0)
		return -1;
	return put_u8(b, c->exact, f);
}

int
risk_take_found(struct reader *r, struct risk_found *x, struct fault *f)
{
	uint8_t spelt, searched, none, n, exact;
	struct risk_choice *c = &x->choice;
	uint32_t over;

	*x = (struct risk_found){ .over = 0 };
	if (take_report(r, &x->report, f) != 0 || take_u32(r, &over, f) != 0 ||
	    take_u8(r, &spelt, f) != 0 || take_u8(r, &searched, f) != 0 ||
	    take_u8(r, &none, f) != 0 || take_u8(r, &n, f) != 0 ||
	    take_bytes(r, c->levels, RISK_QUASI_MAX, f) != 0 ||
	    take_reals(r, c->loss, RISK_METRICS, f) != 0 ||
	    take_u64(r, &c->suppressed, f) != 0 ||
	    take_u64(r, &c->nodes, f) != 0 || take_u64(r, &c->looked, f) != 0 ||
	    take_u8(r, &exact, f) != 0 || take_end(r, f) != 0)
		return -1;
	if (n > RISK_QUASI_MAX)
		return fault_set(f, FAULT_PEER, "more levels than there are");
	x->over = over;
	x->spelt = spelt != 0;
	x->searched = searched != 0;
	x->none = none != 0;
	x->nchoice = n;
	c->exact = exact != 0;
	return 0;
}
