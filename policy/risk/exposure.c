/*
 * What one receiver will hold of each subject, as classes.
 *
 *     leaving, any order --> sorted by subject --+
 *                                                +--> union --> a table of
 *     held, in order of subjects ----------------+    one quasi-identifier
 *
 * The union of a subject is the set of things held, each an (attribute, level,
 * value hash) with a code of its own.  The codes of quasi-identifiers, sorted,
 * are that subject's one quasi-identifier: the same codes, the same class.  A
 * batch that is harmless alone splits the classes of an earlier one here,
 * where it can be seen.
 *
 * Not here: where what is held is kept, and how its hashes are keyed.
 */

#include <stdlib.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/risk/risk_internal.h"

/* attribute[2] level[1] hash[32], big-endian */
#define ITEM_BYTES (3 + RISK_HASH_BYTES)
/* Things held of one subject: a row of each of a thousand batches. */
#define UNION_MAX (RISK_VALUE_MAX / sizeof(uint32_t))

struct risk_exposure {
	struct risk_budget budget;
	bool *sensitive;
	size_t nattributes;
	size_t column[RISK_SENSITIVE_MAX]; /* attributes, rising */
	size_t nsensitive;
	struct risk_dict items, subjects;
	/* leaving */
	uint64_t *rows;
	uint32_t *subject; /* of each row */
	uint32_t *end;	   /* of each row's codes */
	uint32_t *codes;
	size_t rows_room, subject_room, end_room, codes_room, n;
	uint32_t *order; /* subjects, then their rows */
	/* the subject being united */
	uint8_t now[RISK_HASH_BYTES];
	uint64_t *all;	 /* sort keys; see key_of() */
	uint32_t *quasi; /* codes of those that are no sensitive ones */
	size_t nall, all_room, quasi_room;
	uint64_t leaves; /* 1 + the first of its rows, or 0 */
	struct risk_table *t;
	uint32_t persons; /* subjects united so far */
	bool judged;
};

int
risk_exposure_new(struct risk_exposure **out, const bool *sensitive,
    size_t nattributes, size_t memory_max, struct fault *f)
{
	struct risk_exposure *e;

	*out = NULL;
	if (nattributes == 0 || nattributes > RISK_ATTRIBUTES_MAX)
		return fault_set(f, FAULT_USAGE, "not 1 to %u attributes",
		    RISK_ATTRIBUTES_MAX);
	if ((e = mem_new(sizeof(*e))) == NULL)
		return fault_memory(f);
	e->budget.max = memory_max > 0 ? memory_max : RISK_MEMORY_DEFAULT;
	risk_dict_init(&e->items, &e->budget);
	risk_dict_init(&e->subjects, &e->budget);
	e->nattributes = nattributes;
	e->sensitive = mem_array(nattributes, sizeof(*e->sensitive));
	if (e->sensitive == NULL) {
		(void)fault_memory(f);
		goto fail;
	}
	for (size_t i = 0; i < nattributes; i++) {
		e->sensitive[i] = sensitive[i];
		if (sensitive[i] && e->nsensitive == RISK_SENSITIVE_MAX) {
			(void)fault_set(f, FAULT_USAGE,
			    "more than %u sensitive attributes",
			    RISK_SENSITIVE_MAX);
			goto fail;
		}
		if (sensitive[i])
			e->column[e->nsensitive++] = i;
	}
	*out = e;
	return 0;
fail:
	risk_exposure_free(e);
	return -1;
}

void
risk_exposure_free(struct risk_exposure *e)
{
	if (e == NULL)
		return;
	risk_table_free(e->t);
	risk_dict_free(&e->items);
	risk_dict_free(&e->subjects);
	mem_free(e->sensitive);
	mem_free(e->rows);
	mem_free(e->subject);
	mem_free(e->end);
	mem_free(e->codes);
	mem_free(e->order);
	mem_free(e->all);
	mem_free(e->quasi);
	mem_free(e);
}

static int
code_item(struct risk_exposure *e, const struct risk_held *h, uint32_t *code,
    struct fault *f)
{
	uint8_t item[ITEM_BYTES] = { (uint8_t)(h->attribute >> 8),
		(uint8_t)h->attribute, h->level };

	if (h->attribute >= e->nattributes)
		return fault_set(
		    f, FAULT_INPUT, "attribute %u is not known", h->attribute);
	memcpy(item + 3, h->value, RISK_HASH_BYTES);
	return risk_dict_add(&e->items, item, sizeof(item), code, f);
}

int
risk_exposure_add(struct risk_exposure *e, uint64_t row, const void *subject,
    const struct risk_held *items, size_t n, struct fault *f)
{
	size_t at = e->n > 0 ? e->end[e->n - 1] : 0;

	must(!e->judged);
	if (e->n == RISK_ROWS_MAX || n > RISK_ATTRIBUTES_MAX ||
	    at + n > UINT32_MAX)
		return fault_set(f, FAULT_INPUT, "more than can be judged");
	if (risk_grow(&e->budget, &e->rows, &e->rows_room, e->n + 1,
		sizeof(*e->rows), f) != 0 ||
	    risk_grow(&e->budget, &e->subject, &e->subject_room, e->n + 1,
		sizeof(*e->subject), f) != 0 ||
	    risk_grow(&e->budget, &e->end, &e->end_room, e->n + 1,
		sizeof(*e->end), f) != 0 ||
	    risk_grow(&e->budget, &e->codes, &e->codes_room, at + n,
		sizeof(*e->codes), f) != 0 ||
	    risk_dict_add(&e->subjects, subject, RISK_HASH_BYTES,
		&e->subject[e->n], f) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (code_item(e, &items[i], &e->codes[at + i], f) != 0)
			return -1;
	e->rows[e->n] = row;
	e->end[e->n++] = (uint32_t)(at + n);
	return 0;
}

/* Sorts quasi-identifiers first, then by attribute, then by code. */
static uint64_t
key_of(const struct risk_exposure *e, uint32_t code)
{
	const uint8_t *item = risk_dict_at(&e->items, code).at;
	uint64_t attribute = (uint64_t)item[0] << 8 | item[1];

	return (uint64_t)e->sensitive[attribute] << 48 | attribute << 32 | code;
}

#define KEY_SENSITIVE ((uint64_t)1 << 48)

static int
compare_keys(const void *one, const void *two)
{
	const uint64_t *a = one, *b = two;

	return (*a > *b) - (*a < *b);
}

/* One more thing held of the subject that is being united. */
static int
unite(struct risk_exposure *e, uint32_t code, struct fault *f)
{
	if (risk_grow(&e->budget, &e->all, &e->all_room, e->nall + 1,
		sizeof(*e->all), f) != 0)
		return -1;
	e->all[e->nall++] = key_of(e, code);
	return 0;
}

/* Sort the union, each thing once; *nquasi of them go to quasi. */
static int
sort_union(struct risk_exposure *e, size_t *nquasi, struct fault *f)
{
	size_t kept = 0;

	if (e->nall > 0)
		qsort(e->all, e->nall, sizeof(*e->all), compare_keys);
	for (size_t i = 0; i < e->nall; i++)
		if (i == 0 || e->all[i] != e->all[i - 1])
			e->all[kept++] = e->all[i];
	e->nall = kept;
	if (kept > UNION_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %zu things held of one subject", UNION_MAX);
	if (risk_grow(&e->budget, &e->quasi, &e->quasi_room, kept,
		sizeof(*e->quasi), f) != 0)
		return -1;
	for (*nquasi = 0; *nquasi < kept; ++*nquasi) {
		if (e->all[*nquasi] >= KEY_SENSITIVE)
			break;
		e->quasi[*nquasi] = (uint32_t)e->all[*nquasi];
	}
	return 0;
}

/* Where each sensitive column's values are in the union; the largest count,
 * and at least 1. */
static size_t
find_values(const struct risk_exposure *e, size_t at,
    size_t from[RISK_SENSITIVE_MAX], size_t count[RISK_SENSITIVE_MAX])
{
	size_t most = 1;

	for (size_t s = 0; s < e->nsensitive; s++) {
		from[s] = at;
		while (at < e->nall &&
		       (e->all[at] & (KEY_SENSITIVE - 1)) >> 32 == e->column[s])
			at++;
		count[s] = at - from[s];
		most = count[s] > most ? count[s] : most;
	}
	return most;
}

/* The subject is complete: as many lines of the table as the sensitive
 * attribute with most values has values, the others' repeating. */
static int
finish_subject(struct risk_exposure *e, struct fault *f)
{
	size_t from[RISK_SENSITIVE_MAX], count[RISK_SENSITIVE_MAX];
	size_t n = 0, lines;
	struct slice values[1 + RISK_SENSITIVE_MAX], who;

	if (sort_union(e, &n, f) != 0)
		return -1;
	lines = find_values(e, n, from, count);
	who =
	    (struct slice){ (const uint8_t *)&e->persons, sizeof(e->persons) };
	values[0] =
	    (struct slice){ (const uint8_t *)e->quasi, n * sizeof(*e->quasi) };
	for (size_t line = 0; line < lines; line++) {
		for (size_t s = 0; s < e->nsensitive; s++)
			values[1 + s] =
			    count[s] == 0
				? slice_of_text("")
				: risk_dict_at(&e->items,
				      (uint32_t)
					  e->all[from[s] + line % count[s]]);
		if (risk_table_add(e->t, e->leaves, &who, values, f) != 0)
			return -1;
	}
	e->persons++;
	e->nall = 0;
	e->leaves = 0;
	return 0;
}

/* The subjects' rows, sorted by subject: order[n], by memcmp of hashes. */
struct keyed {
	const uint8_t *hash;
	uint32_t subject;
};

static int
compare_keyed(const void *one, const void *two)
{
	const struct keyed *a = one, *b = two;

	return memcmp(a->hash, b->hash, RISK_HASH_BYTES);
}

/* Rows by subject, subjects rising. */
static int
sort_leaving(struct risk_exposure *e, struct fault *f)
{
	size_t subjects = e->subjects.count;
	struct keyed *k = mem_array(subjects, sizeof(*k));
	uint32_t *place = mem_array(subjects, sizeof(*place));
	uint32_t *placed = mem_array(e->n, sizeof(*placed));
	int rc = -1;

	if (k == NULL || place == NULL || placed == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (uint32_t i = 0; i < subjects; i++)
		k[i] = (struct keyed){ risk_dict_at(&e->subjects, i).at, i };
	qsort(k, subjects, sizeof(*k), compare_keyed);
	for (uint32_t i = 0; i < subjects; i++)
		place[k[i].subject] = i;
	for (size_t i = 0; i < e->n; i++)
		placed[i] = place[e->subject[i]];
	rc = risk_sort_by(&e->order, placed, e->n, subjects, f);
out:
	mem_free(k);
	mem_free(place);
	mem_free(placed);
	return rc;
}

/* What is held, one thing ahead. */
struct ahead {
	const struct risk_holdings *from;
	const void *subject;
	struct risk_held item;
	bool more;
	uint8_t last[RISK_HASH_BYTES];
	bool any;
};

static int
advance(struct ahead *a, struct fault *f)
{
	if (a->from == NULL)
		return 0;
	if (a->from->next(a->from->from, &a->subject, &a->item, &a->more, f) !=
	    0)
		return -1;
	if (!a->more)
		return 0;
	if (a->any && memcmp(a->last, a->subject, RISK_HASH_BYTES) > 0)
		return fault_set(
		    f, FAULT_INPUT, "what is held: subjects out of order");
	memcpy(a->last, a->subject, RISK_HASH_BYTES);
	a->any = true;
	return 0;
}

/* Unite the codes of leaving rows of the subject now; *at moves on. */
static int
unite_leaving(struct risk_exposure *e, size_t *at, struct fault *f)
{
	for (; *at < e->n; ++*at) {
		uint32_t row = e->order[*at];
		size_t from = row > 0 ? e->end[row - 1] : 0;

		if (memcmp(risk_dict_at(&e->subjects, e->subject[row]).at,
			e->now, RISK_HASH_BYTES) != 0)
			return 0;
		if (e->leaves == 0)
			e->leaves = (uint64_t)row + 1;
		for (size_t i = from; i < e->end[row]; i++)
			if (unite(e, e->codes[i], f) != 0)
				return -1;
	}
	return 0;
}

/* Merge both sides, subject by subject. */
static int
merge(
    struct risk_exposure *e, const struct risk_holdings *held, struct fault *f)
{
	struct ahead a = { .from = held, .more = held != NULL };
	size_t at = 0;
	uint32_t code;

	if (advance(&a, f) != 0)
		return -1;
	while (at < e->n || a.more) {
		const uint8_t *next = at < e->n ? risk_dict_at(&e->subjects,
						      e->subject[e->order[at]])
						      .at
						: NULL;

		if (next == NULL ||
		    (a.more && memcmp(a.subject, next, RISK_HASH_BYTES) < 0))
			next = a.subject;
		memcpy(e->now, next, RISK_HASH_BYTES);
		while (
		    a.more && memcmp(a.subject, e->now, RISK_HASH_BYTES) == 0)
			if (code_item(e, &a.item, &code, f) != 0 ||
			    unite(e, code, f) != 0 || advance(&a, f) != 0)
				return -1;
		if (unite_leaving(e, &at, f) != 0 || finish_subject(e, f) != 0)
			return -1;
	}
	return 0;
}

/* From the lines of the table, which name a subject's first row about to
 * leave or none, to all rows of those subjects. */
static int
name_rows(struct risk_report *r, const struct risk_exposure *e, struct fault *f)
{
	uint8_t *fails = mem_new(e->subjects.count);
	uint64_t *rows = mem_array(e->n, sizeof(*rows));
	size_t n = 0;

	if (fails == NULL || rows == NULL) {
		mem_free(fails);
		mem_free(rows);
		return fault_memory(f);
	}
	for (size_t i = 0; i < r->nsuppress; i++)
		if (r->suppress[i] > 0)
			fails[e->subject[r->suppress[i] - 1]] = 1;
	for (size_t i = 0; i < e->n; i++)
		if (fails[e->subject[i]])
			rows[n++] = e->rows[i];
	mem_free(fails);
	mem_free(r->suppress);
	r->suppress = rows;
	r->nsuppress = n;
	if (n > 0)
		qsort(rows, n, sizeof(*rows), compare_keys);
	for (size_t i = 0; i < r->nshown; i++) {
		uint64_t *first = r->shown[i].first;
		size_t kept = 0;

		for (size_t k = 0; k < RISK_SHOWN_ROWS; k++)
			if (first[k] > 0)
				first[kept++] = e->rows[first[k] - 1];
		while (kept < RISK_SHOWN_ROWS)
			first[kept++] = 0;
	}
	memset(r->loss, 0, sizeof(r->loss));
	return 0;
}

/* A table of what is held: one quasi-identifier, the sensitive attributes. */
static int
make_table(struct risk_exposure *e, struct fault *f)
{
	struct risk_column columns[1 + RISK_SENSITIVE_MAX];
	size_t left = e->budget.max - e->budget.used;

	columns[0] = (struct risk_column){ .name = "all that is held",
		.role = RISK_QUASI };
	for (size_t s = 0; s < e->nsensitive; s++)
		columns[1 + s] = (struct risk_column){ .name = "sensitive",
			.role = RISK_SENSITIVE };
	return risk_table_new(
	    &e->t, columns, 1 + e->nsensitive, true, left > 0 ? left : 1, f);
}

int
risk_exposure_judge(struct risk_report *out, struct risk_exposure *e,
    const struct risk_holdings *held, const struct risk_thresholds *want,
    struct fault *f)
{
	static const uint8_t levels[RISK_QUASI_MAX];
	struct risk_lattice *x = NULL;
	struct risk_report r = { 0 };
	int rc = -1;

	*out = (struct risk_report){ 0 };
	must(!e->judged);
	e->judged = true;
	if (sort_leaving(e, f) != 0 || make_table(e, f) != 0 ||
	    merge(e, held, f) != 0 ||
	    risk_lattice_new(&x, e->t, NULL, f) != 0 ||
	    risk_measure(&r, x, levels, want, f) != 0 ||
	    name_rows(&r, e, f) != 0)
		goto out;
	*out = r;
	r = (struct risk_report){ 0 }; /* the caller's from here */
	rc = 0;
out:
	risk_report_free(&r);
	risk_lattice_free(x);
	return rc;
}
