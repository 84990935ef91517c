/*
 * The values of a sensitive column in order: numbers by size, others as they
 * came.  After this, l and t see ranks 0, 1, 2 ... and no value.
 */

#include <stdlib.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "policy/risk/risk_internal.h"

/* sign, whole and parts / 10^18 of a decimal number; parts and whole have the
 * sign of the number, so that comparing them in turn compares numbers */
struct number {
	bool there; /* the empty value is not, and comes before all */
	int64_t whole;
	int64_t parts;
	uint32_t code;
};

#define DIGITS_MAX 18

static bool
digits(const uint8_t *p, size_t n, int64_t *out)
{
	if (n == 0 || n > DIGITS_MAX)
		return false;
	for (*out = 0; n > 0; p++, n--) {
		if (*p < '0' || *p > '9')
			return false;
		*out = *out * 10 + (*p - '0');
	}
	return true;
}

static bool
read_number(struct number *out, struct slice s)
{
	bool minus = s.len > 0 && s.at[0] == '-';
	const uint8_t *p = s.at + minus, *dot;
	size_t n = s.len - minus, whole;

	out->whole = out->parts = 0;
	if (!(out->there = s.len > 0))
		return true;
	dot = memchr(p, '.', n);
	whole = dot != NULL ? (size_t)(dot - p) : n;
	if (!digits(p, whole, &out->whole))
		return false;
	if (dot != NULL) {
		if (!digits(dot + 1, n - whole - 1, &out->parts))
			return false;
		for (size_t i = n - whole - 1; i < DIGITS_MAX; i++)
			out->parts *= 10;
	}
	if (minus) {
		out->whole = -out->whole;
		out->parts = -out->parts;
	}
	return true;
}

static int
compare(const void *one, const void *two)
{
	const struct number *a = one, *b = two;

	if (a->there != b->there)
		return a->there ? 1 : -1;
	if (a->whole != b->whole)
		return a->whole < b->whole ? -1 : 1;
	return (a->parts > b->parts) - (a->parts < b->parts);
}

/* The first row that has the code. */
static uint64_t
row_of(const struct risk_table *t, const struct risk_coded *c, uint32_t code)
{
	for (size_t i = 0; i < t->n; i++)
		if (c->rows[i] == code)
			return t->numbers[i];
	return 0;
}

static int
order_numbers(struct risk_ranks *k, const struct risk_table *t,
    const struct risk_coded *c, struct fault *f)
{
	struct number *all = mem_array(c->dict.count, sizeof(*all));
	uint32_t rank = 0;
	int rc = -1;

	if (all == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < c->dict.count; i++) {
		all[i].code = i;
		if (read_number(&all[i], risk_dict_at(&c->dict, i)))
			continue;
		(void)fault_set(f, FAULT_INPUT,
		    "row %llu: column \"%s\": not a decimal number",
		    (unsigned long long)row_of(t, c, i), c->name);
		goto out;
	}
	qsort(all, c->dict.count, sizeof(*all), compare);
	for (size_t i = 0; i < c->dict.count; i++) {
		if (i > 0 && compare(&all[i - 1], &all[i]) != 0)
			rank++;
		k->of_code[all[i].code] = rank;
	}
	k->nvalues = rank + 1;
	rc = 0;
out:
	secret_wipe(all, c->dict.count * sizeof(*all));
	mem_free(all);
	return rc;
}

int
risk_ranks_new(struct risk_ranks *k, const struct risk_table *t, size_t column,
    struct fault *f)
{
	const struct risk_coded *c = &t->columns[column];
	size_t n = c->dict.count;

	k->distance = c->distance;
	k->of_code = mem_array(n, sizeof(*k->of_code));
	k->share = mem_array(n, sizeof(*k->share));
	k->sum = mem_array(n, sizeof(*k->sum));
	k->area = mem_array(n + 1, sizeof(*k->area));
	if (k->of_code == NULL || k->share == NULL || k->sum == NULL ||
	    k->area == NULL)
		return fault_memory(f);
	if (k->distance == RISK_ORDERED)
		return order_numbers(k, t, c, f);
	for (uint32_t i = 0; i < n; i++)
		k->of_code[i] = i;
	k->nvalues = (uint32_t)n;
	return 0;
}

void
risk_ranks_free(struct risk_ranks *k)
{
	mem_free(k->of_code);
	mem_free(k->row);
	mem_free(k->by_value);
	mem_free(k->share);
	mem_free(k->sum);
	mem_free(k->area);
}

int
risk_sort_by(uint32_t **out, const uint32_t *value, size_t n, size_t nvalues,
    struct fault *f)
{
	uint32_t *start = mem_array(nvalues + 1, sizeof(*start));
	uint32_t *order = mem_array(n, sizeof(*order));

	*out = NULL;
	if (start == NULL || order == NULL) {
		mem_free(start);
		mem_free(order);
		return fault_memory(f);
	}
	for (size_t i = 0; i < n; i++)
		start[value[i] + 1]++;
	for (size_t v = 0; v < nvalues; v++)
		start[v + 1] += start[v];
	for (size_t i = 0; i < n; i++)
		order[start[value[i]]++] = (uint32_t)i;
	mem_free(start);
	*out = order;
	return 0;
}
