/*
 * Exposure over time: what the vendor has and what is about to leave, united by
 * person and measured; and the list of what it will have by this batch.
 *
 *     rows --> keyed hashes --> sorted by person --> holdings (out)
 *                   |
 *     held (in) ----+--> risk_exposure_judge
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/flow/holders_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Rows of one export: twice what a batch's list may have. */
#define ROWS_BYTES_MAX ((size_t)2 * CATALOG_PERSONS_MAX)

struct exposing {
	struct {
		char *name;
		bool sensitive;
		uint8_t level;
	} at[2 * RISK_QUASI_MAX];
	size_t n;
	/* Each row: its number, the person, and for each attribute whether it
	 * is there, and its value's hash. */
	struct bytes rows;
	size_t stride;
	struct bytes text;
};

void
worker_expose_drop(struct worker *w)
{
	struct exposing *x = w->exposing;

	w->exposing = NULL;
	if (x == NULL)
		return;
	for (size_t i = 0; i < x->n; i++)
		mem_free(x->at[i].name);
	bytes_free(&x->rows);
	bytes_free(&x->text);
	mem_free(x);
}

int
worker_expose_begin(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	char name[SHAPE_NAME_MAX + 1];
	struct exposing *x;
	uint8_t sensitive;
	uint16_t n;

	worker_expose_drop(w);
	if (w->held == NULL || take_u16(&a->in, &n, f) != 0 ||
	    n > 2 * RISK_QUASI_MAX)
		return fault_set(f, FAULT_SYSTEM, "@worker: measures nothing");
	if ((x = w->exposing = mem_new(sizeof(*x))) == NULL)
		return fault_memory(f);
	bytes_init(&x->rows, ROWS_BYTES_MAX);
	bytes_init(&x->text, 2 * MASK_RECORD_MAX);
	x->stride = sizeof(uint64_t) + CATALOG_SUBJECT_BYTES +
		    (size_t)n * (1 + CATALOG_HELD_BYTES);
	for (; x->n < n; x->n++) {
		if (take_text(&a->in, name, sizeof(name), f) != 0 ||
		    take_u8(&a->in, &sensitive, f) != 0 ||
		    take_u8(&a->in, &x->at[x->n].level, f) != 0)
			return -1;
		x->at[x->n].sensitive = sensitive != 0;
		if ((x->at[x->n].name = mem_text(name, strlen(name))) == NULL)
			return fault_memory(f);
	}
	return take_end(&a->in, f);
}

/* ---- Rows ---- */

struct reading {
	struct worker *w;
	struct exposing *x;
	size_t fields[2 * RISK_QUASI_MAX], attribute[2 * RISK_QUASI_MAX];
	size_t n;
	uint64_t file;
};

/* The MAC of an attribute, its level and a value. */
static int
hash_value(struct reading *r, size_t attribute, const struct slice *value,
    uint8_t out[TOKEN_MAC_BYTES], struct fault *f)
{
	struct exposing *x = r->x;

	bytes_reset(&x->text);
	if (put_text(&x->text, x->at[attribute].name, f) != 0 ||
	    put_u8(&x->text, x->at[attribute].level, f) != 0 ||
	    bytes_add(&x->text, value->at, value->len, f) != 0)
		return -1;
	token_mac(r->w->held, x->text.at, x->text.len, out);
	return 0;
}

static int
add_row(struct reading *r, const struct mask_row *row,
    const struct mask_look *look, struct fault *f)
{
	struct exposing *x = r->x;
	uint8_t mac[TOKEN_MAC_BYTES], *at;
	uint64_t number = r->file | row->number;

	if (row->subject.len == 0)
		return 0; /* nobody, who could not be known again */
	if (bytes_reserve(&x->rows, x->stride, f) != 0)
		return fault_at(f, "what is about to leave of persons");
	at = x->rows.at + x->rows.len;
	memset(at, 0, x->stride);
	memcpy(at, &number, sizeof(number));
	at += sizeof(number);
	token_mac(r->w->person, row->subject.at, row->subject.len, mac);
	memcpy(at, mac, CATALOG_SUBJECT_BYTES);
	at += CATALOG_SUBJECT_BYTES;
	for (size_t i = 0; i < r->n; i++) {
		uint8_t *to = at + r->attribute[i] * (1 + CATALOG_HELD_BYTES);

		if (hash_value(r, r->attribute[i], &look->sent[i], mac, f) != 0)
			return -1;
		to[0] = 1;
		memcpy(to + 1, mac, CATALOG_HELD_BYTES);
	}
	x->rows.len += x->stride;
	return 0;
}

static int
read_rows(struct reading *r, const struct mask_source *src,
    const struct mask_part *part, struct fault *f)
{
	struct slice sent[2 * RISK_QUASI_MAX];
	struct mask_look look = { r->fields, r->n, sent, NULL, NULL };
	struct mask_rows *rows = NULL;
	struct mask_row row;
	bool end = false;
	int rc = -1;

	if (mask_rows_open(&rows, src, part, NULL, f) != 0)
		return -1;
	for (;;) {
		if (mask_rows_look(rows, &row, &look, &end, f) != 0)
			goto out;
		if (end)
			break;
		if (add_row(r, &row, &look, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(rows);
	return rc;
}

static int
take_fields(struct reader *in, const struct file_plan *plan, struct reading *r,
    struct fault *f)
{
	uint32_t file, field;
	uint16_t n;

	if (take_u32(in, &file, f) != 0 || take_u16(in, &n, f) != 0)
		return -1;
	if (n != r->x->n)
		return fault_set(f, FAULT_SYSTEM, "@worker: other columns");
	r->file = (uint64_t)file << RISK_ROW_BITS;
	for (uint16_t i = 0; i < n; i++) {
		if (take_u32(in, &field, f) != 0)
			return -1;
		if (field == RISK_GONE_FIELD)
			continue;
		if (field >= plan->nfields)
			return fault_set(f, FAULT_SYSTEM, "@worker: no field");
		r->fields[r->n] = field;
		r->attribute[r->n++] = i;
	}
	return take_end(in, f);
}

int
worker_expose_rows(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct reading r = { .w = w, .x = w->exposing };
	struct mask_keys keys = { .dictionary = w->dictionary };
	struct worker_source s;
	struct mask_part part = { 0 };
	int rc = -1;

	if (r.x == NULL)
		return fault_set(f, FAULT_SYSTEM, "@worker: measures nothing");
	if (worker_take_file(a, 0, &s, f) == 0 &&
	    worker_take_part(&a->in, &part, f) == 0 &&
	    worker_use_plan(w, &s, f) == 0 &&
	    take_fields(&a->in, s.src.plan, &r, f) == 0) {
		keys.field = w->keys.mask.field;
		keys.nfields = w->keys.mask.nfields;
		s.src.keys = &keys;
		rc = read_rows(&r, &s.src, &part, f);
	}
	worker_source_close(&s);
	return rc;
}

/* ---- What will be held ---- */

struct order {
	const uint8_t **at; /* rows, by person */
	size_t n;
};

static const uint8_t *
person_of(const uint8_t *row)
{
	return row + sizeof(uint64_t);
}

static int
by_person(const void *one, const void *two)
{
	const uint8_t *const *a = one, *const *b = two;

	return memcmp(person_of(*a), person_of(*b), CATALOG_SUBJECT_BYTES);
}

static int
sort_rows(const struct exposing *x, struct order *o, struct fault *f)
{
	o->n = x->rows.len / x->stride;
	if ((o->at = mem_array(o->n, sizeof(*o->at))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < o->n; i++)
		o->at[i] = x->rows.at + i * x->stride;
	if (o->n > 0)
		qsort(o->at, o->n, sizeof(*o->at), by_person);
	return 0;
}

static int
by_item(const void *one, const void *two)
{
	return memcmp(one, two, 1 + CATALOG_HELD_BYTES);
}

/* All that rows [from, to) of one person have, each once. */
static int
put_person(const struct exposing *x, const struct order *o, size_t from,
    size_t to, struct bytes *out, struct fault *f)
{
	size_t size = 1 + CATALOG_HELD_BYTES, head, n = 0, kept = 0;
	uint8_t *items;

	if (bytes_add(out, person_of(o->at[from]), CATALOG_SUBJECT_BYTES, f) !=
	    0)
		return -1;
	head = out->len;
	if (put_u16(out, 0, f) != 0 ||
	    bytes_reserve(out, (to - from) * x->n * size, f) != 0)
		return -1;
	items = out->at + out->len;
	for (size_t i = from; i < to; i++) {
		const uint8_t *at = person_of(o->at[i]) + CATALOG_SUBJECT_BYTES;

		for (size_t k = 0; k < x->n; k++, at += size) {
			if (at[0] == 0)
				continue;
			items[n * size] = (uint8_t)k;
			memcpy(
			    items + n * size + 1, at + 1, CATALOG_HELD_BYTES);
			n++;
		}
	}
	if (n > 0)
		qsort(items, n, size, by_item);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 ||
		    by_item(items + (kept - 1) * size, items + i * size) != 0)
			memmove(items + kept++ * size, items + i * size, size);
	if (kept > UINT16_MAX)
		return fault_set(f, FAULT_INPUT,
		    "a person with more than %u values", UINT16_MAX);
	out->at[head] = (uint8_t)(kept >> 8);
	out->at[head + 1] = (uint8_t)kept;
	out->len += kept * size;
	return 0;
}

#define WRITE_AT ((size_t)1 << 20)

static int
write_holdings(
    const struct exposing *x, const struct order *o, int fd, struct fault *f)
{
	struct bytes out;
	int rc = -1;

	bytes_init(&out, CATALOG_PERSONS_MAX);
	if (put_u16(&out, (uint16_t)x->n, f) != 0)
		goto out;
	for (size_t i = 0; i < x->n; i++)
		if (put_text(&out, x->at[i].name, f) != 0 ||
		    put_u8(&out, x->at[i].sensitive, f) != 0 ||
		    put_u8(&out, x->at[i].level, f) != 0)
			goto out;
	for (size_t from = 0, to; from < o->n; from = to) {
		for (to = from + 1;
		     to < o->n && by_person(&o->at[from], &o->at[to]) == 0;)
			to++;
		if (put_person(x, o, from, to, &out, f) != 0)
			goto out;
		if (out.len < WRITE_AT)
			continue;
		if (file_write(fd, out.at, out.len, f) != 0)
			goto out;
		bytes_reset(&out);
	}
	rc = file_write(fd, out.at, out.len, f);
out:
	bytes_free(&out);
	return rc;
}

/* ---- The union ---- */

/* l and t compare sensitive values of everybody: a column that a batch did not
 * have is left out of them. */
static void
choose(const struct exposing *x, const struct held_names *names, size_t batches,
    bool *sensitive, bool *skip)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct held_attribute *at = &names->at[i];
		bool leaves = i < x->n;

		skip[i] = at->sensitive && (!leaves || at->holders < batches);
		sensitive[i] = at->sensitive && !skip[i];
	}
}

static int
add_leaving(const struct exposing *x, const bool *skip, struct risk_exposure *e,
    struct fault *f)
{
	struct risk_held items[2 * RISK_QUASI_MAX];
	uint8_t values[2 * RISK_QUASI_MAX][RISK_HASH_BYTES];

	memset(values, 0, sizeof(values));
	for (size_t at = 0; at < x->rows.len; at += x->stride) {
		const uint8_t *row = x->rows.at + at;
		const uint8_t *p = person_of(row) + CATALOG_SUBJECT_BYTES;
		uint64_t number;
		size_t n = 0;

		memcpy(&number, row, sizeof(number));
		for (size_t k = 0; k < x->n; k++, p += 1 + CATALOG_HELD_BYTES) {
			if (p[0] == 0 || skip[k])
				continue;
			memcpy(values[n], p + 1, CATALOG_HELD_BYTES);
			items[n] = (struct risk_held){ (uint16_t)k,
				x->at[k].level, values[n] };
			n++;
		}
		if (risk_exposure_add(e, number, person_of(row), items, n, f) !=
		    0)
			return -1;
	}
	return 0;
}

static int
judge(const struct exposing *x, int held, const struct risk_asked *asked,
    bool leaving, struct risk_report *out, struct fault *f)
{
	bool sensitive[RISK_ATTRIBUTES_MAX] = { false };
	bool skip[RISK_ATTRIBUTES_MAX] = { false };
	struct held_names names = { NULL, 0 };
	struct held_attribute *at;
	struct risk_exposure *e = NULL;
	struct holders h = { .fd = -1 };
	struct risk_holdings from = { holders_next, &h };
	struct risk_thresholds want = asked->want;
	int rc = -1;

	want.suppress_share = 0;
	for (size_t i = 0; i < x->n; i++)
		if (held_name(
			&names, x->at[i].name, x->at[i].sensitive, &at, f) != 0)
			goto out;
	if (holders_open(&h, held, &names, f) != 0)
		goto out;
	choose(x, &names, h.n, sensitive, skip);
	holders_skip(&h, skip);
	if (risk_exposure_new(&e, sensitive, names.n, 0, f) == 0 &&
	    (!leaving || add_leaving(x, skip, e, f) == 0))
		rc = risk_exposure_judge(out, e, &from, &want, f);
out:
	risk_exposure_free(e);
	holders_free(&h);
	held_names_free(&names);
	return rc;
}

/* Classes of those to whom nothing is added may fail; where they did before,
 * and no more do now, this batch is not why. */
static int
judge_all(const struct exposing *x, int held, const struct risk_asked *asked,
    struct risk_report *out, struct fault *f)
{
	struct risk_report before = { .rows = 0 };

	if (judge(x, held, asked, true, out, f) != 0)
		return -1;
	if (out->nsuppress > 0 || out->failing == 0)
		return 0;
	if (judge(x, held, asked, false, &before, f) != 0)
		return -1;
	if (before.failing >= out->failing) {
		out->failing = 0;
		out->nshown = 0;
	}
	risk_report_free(&before);
	return 0;
}

int
worker_expose_end(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct exposing *x = w->exposing;
	struct risk_found found = { .over = 0 };
	struct order o = { NULL, 0 };
	struct risk_asked asked;
	int held = -1, out = -1, rc = -1;

	if (x == NULL)
		return fault_set(f, FAULT_SYSTEM, "@worker: measures nothing");
	if (risk_take_asked(&a->in, &asked, f) != 0 ||
	    take_end(&a->in, f) != 0 ||
	    message_fd(a->request, 0, &held, f) != 0 ||
	    message_fd(a->request, 1, &out, f) != 0 ||
	    sort_rows(x, &o, f) != 0 || write_holdings(x, &o, out, f) != 0)
		goto out;
	if (o.n > 0 && judge_all(x, held, &asked, &found.report, f) != 0)
		goto out;
	rc = risk_put_found(&a->answer->body, &found, f);
out:
	mem_free(o.at);
	risk_report_free(&found.report);
	file_close(&held);
	file_close(&out);
	worker_expose_drop(w);
	return rc;
}
