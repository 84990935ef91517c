/*
 * Measuring: the rows of some files, as they would leave, held by column, and
 * at the end how easily a person is found again in them.
 *
 *     rows --> mask (as in a shard) --> risk_table --> risk_measure
 *                  |
 *                  +-- as they stand --> risk_table --> risk_search
 *
 * The right half is worker_risk_end.c.
 *
 * Keys are of this run, the same for all files: tokens are told apart as those
 * that will leave are, and join with none of them.
 */

#include <string.h>

#include "gateway/flow/worker_risk_internal.h"
#include "keys/base/mem.h"

void
worker_risk_drop(struct worker *w)
{
	struct measuring *m = w->risk;

	w->risk = NULL;
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++) {
		for (size_t k = 0; k < m->columns[i].nlevels; k++)
			transform_free(&m->columns[i].levels[k]);
		mem_free(m->columns[i].levels);
		bytes_free(&m->columns[i].apart);
		mem_free(m->columns[i].name);
	}
	mem_free(m->columns);
	risk_table_free(m->sent);
	risk_table_free(m->found);
	for (size_t i = 0; i < m->names.n; i++) {
		mem_free(m->names.at[i]);
		transform_key_free(m->keys[i]);
	}
	mem_free(m->names.at);
	mem_free(m->keys);
	mem_free(m);
}

/* ---- Begin ---- */

static int
take_column(struct reader *r, struct measured *c, struct fault *f)
{
	char name[SHAPE_NAME_MAX + 1];
	uint8_t role, distance;
	uint16_t n;

	if (take_text(r, name, sizeof(name), f) != 0 ||
	    take_u8(r, &role, f) != 0 || take_u8(r, &distance, f) != 0 ||
	    take_u16(r, &n, f) != 0)
		return -1;
	if ((c->name = mem_text(name, strlen(name))) == NULL ||
	    (c->levels = mem_array(n, sizeof(*c->levels))) == NULL)
		return fault_memory(f);
	bytes_init(&c->apart, 16 * MASK_RECORD_MAX);
	c->role = role == 0 ? RISK_QUASI : RISK_SENSITIVE;
	c->distance = distance == 0 ? RISK_EQUAL : RISK_ORDERED;
	for (; c->nlevels < n; c->nlevels++)
		if (transform_take(r, &c->levels[c->nlevels], f) != 0)
			return -1;
	return 0;
}

static int
new_table(const struct measuring *m, struct risk_table **out, struct fault *f)
{
	struct risk_column columns[2 * RISK_QUASI_MAX];

	must(m->n <= 2 * RISK_QUASI_MAX);
	for (size_t i = 0; i < m->n; i++)
		columns[i] = (struct risk_column){ m->columns[i].name,
			m->columns[i].role, m->columns[i].distance };
	return risk_table_new(out, columns, m->n, m->subjects, 0, f);
}

int
worker_risk_begin(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct measuring *m;
	uint8_t subjects;
	uint16_t n;

	worker_risk_drop(w);
	if (take_u8(&a->in, &subjects, f) != 0 || take_u16(&a->in, &n, f) != 0)
		return -1;
	if (n > 2 * RISK_QUASI_MAX)
		return fault_set(f, FAULT_SYSTEM, "@worker: too many columns");
	if ((m = w->risk = mem_new(sizeof(*m))) == NULL ||
	    (m->columns = mem_array(n, sizeof(*m->columns))) == NULL) {
		(void)fault_memory(f);
		goto fail;
	}
	m->subjects = subjects != 0;
	for (; m->n < n;) {
		struct measured *c = &m->columns[m->n++];

		if (take_column(&a->in, c, f) != 0)
			goto fail;
		m->search |= c->nlevels > 0;
	}
	if (take_end(&a->in, f) == 0 && new_table(m, &m->sent, f) == 0 &&
	    (!m->search || new_table(m, &m->found, f) == 0))
		return 0;
fail:
	worker_risk_drop(w);
	return -1;
}

/* ---- Rows ---- */

/* The key of that name, made when it is first needed. */
static int
run_key(struct measuring *m, const char *name, const struct transform_key **out,
    struct fault *f)
{
	struct transform_key **keys;
	struct secret key = { 0 };
	char **names;
	int rc = -1;

	for (size_t i = 0; i < m->names.n; i++)
		if (strcmp(m->names.at[i], name) == 0) {
			*out = m->keys[i];
			return 0;
		}
	names = mem_resize(m->names.at, (m->names.n + 1) * sizeof(*names));
	if (names == NULL)
		return fault_memory(f);
	m->names.at = names;
	keys = mem_resize(m->keys, (m->names.n + 1) * sizeof(*keys));
	if (keys == NULL)
		return fault_memory(f);
	m->keys = keys;
	if ((names[m->names.n] = mem_text(name, strlen(name))) == NULL)
		return fault_memory(f);
	if (secret_random(&key, 32, f) == 0 &&
	    transform_key_new(&keys[m->names.n], name, &key, f) == 0) {
		*out = keys[m->names.n++];
		rc = 0;
	} else {
		mem_free(names[m->names.n]);
	}
	secret_free(&key);
	return rc;
}

int
measuring_keys(struct measuring *m, const struct file_plan *plan,
    const struct transform_key ***out, struct fault *f)
{
	size_t n = plan->keys.n;

	if ((*out = mem_array(n, sizeof(**out))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < n; i++)
		if (run_key(m, plan->keys.at[i], &(*out)[i], f) != 0)
			return -1;
	return 0;
}

/* Which of the plan's fields each column is; those that leave in fields. */
struct looking {
	size_t fields[2 * RISK_QUASI_MAX];
	size_t column[2 * RISK_QUASI_MAX];
	size_t n;
	uint64_t file;
};

static int
take_fields(struct reader *r, const struct measuring *m,
    const struct file_plan *plan, struct looking *l, struct fault *f)
{
	uint32_t file, field;
	uint16_t n;

	if (take_u32(r, &file, f) != 0 || take_u16(r, &n, f) != 0)
		return -1;
	if (n != m->n)
		return fault_set(f, FAULT_SYSTEM, "@worker: other columns");
	*l = (struct looking){ .file = (uint64_t)file << RISK_ROW_BITS };
	for (size_t i = 0; i < n; i++) {
		if (take_u32(r, &field, f) != 0)
			return -1;
		if (field == RISK_GONE_FIELD)
			continue;
		if (field >= plan->nfields)
			return fault_set(f, FAULT_SYSTEM, "@worker: no field");
		l->fields[l->n] = field;
		l->column[l->n++] = i;
	}
	return take_end(r, f);
}

/*
 * What a quasi-identifier is told apart by.  Values leave as they are spelt: a
 * value in quotes among others without stands out.  So one that is not spelt
 * as its file's first was has its spelling behind it.  Quotes that a value
 * needs are spelt in one way, and an empty one is no example for others.
 */
static int
as_spelt(struct measuring *m, struct measured *c, const struct mask_spelt *s,
    struct slice *value, struct fault *f)
{
	bool one = s->form == MASK_SPELT_BARE || s->form == MASK_SPELT_QUOTED;
	bool has = s->form != 0 || s->raw.len > 0;

	if (one && value->len > 0 && c->usual == 0)
		c->usual = s->form;
	if (has &&
	    (s->form == 0 || (one && (value->len == 0 || s->form == c->usual))))
		return 0;
	m->spelt |= has;
	bytes_reset(&c->apart);
	if (bytes_add(&c->apart, value->at, value->len, f) != 0 ||
	    bytes_add(&c->apart, "\x1f\x1f", 2, f) != 0 ||
	    bytes_add(&c->apart, s->raw.at, s->raw.len, f) != 0)
		return -1;
	*value = (struct slice){ c->apart.at, c->apart.len };
	return 0;
}

static int
add_row(struct measuring *m, const struct looking *l,
    const struct mask_row *row, const struct mask_look *look, struct fault *f)
{
	struct slice sent[2 * RISK_QUASI_MAX] = { { NULL, 0 } };
	struct slice found[2 * RISK_QUASI_MAX] = { { NULL, 0 } };
	uint64_t number = l->file | row->number;

	for (size_t i = 0; i < l->n; i++) {
		size_t c = l->column[i];

		sent[c] = look->sent[i];
		if (m->columns[c].role == RISK_QUASI &&
		    as_spelt(m, &m->columns[c], &look->spelt[i], &sent[c], f) !=
			0)
			return -1;
		if (look->found != NULL)
			found[c] = m->columns[c].nlevels > 0 ? look->found[i]
							     : sent[c];
	}
	if (risk_table_add(m->sent, number, &row->subject, sent, f) != 0)
		return -1;
	return look->found == NULL
		   ? 0
		   : risk_table_add(m->found, number, &row->subject, found, f);
}

static int
add_rows(struct measuring *m, const struct mask_source *src,
    const struct mask_part *part, const struct looking *l, struct fault *f)
{
	struct slice sent[2 * RISK_QUASI_MAX], found[2 * RISK_QUASI_MAX];
	struct mask_spelt spelt[2 * RISK_QUASI_MAX];
	struct mask_look look = { l->fields, l->n, sent,
		m->search ? found : NULL, spelt };
	struct mask_rows *rows = NULL;
	struct mask_row row;
	bool end = false;
	int rc = -1;

	if (m->file != l->file + 1)
		for (size_t i = 0; i < m->n; i++)
			m->columns[i].usual = 0;
	m->file = l->file + 1;
	if (mask_rows_open(&rows, src, part, NULL, f) != 0)
		return -1;
	for (;;) {
		if (mask_rows_look(rows, &row, &look, &end, f) != 0)
			goto out;
		if (end)
			break;
		if (add_row(m, l, &row, &look, f) != 0) {
			(void)fault_at(f, "%s", src->path);
			goto out;
		}
	}
	rc = 0;
out:
	mask_rows_close(rows);
	return rc;
}

int
worker_risk_rows(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	const struct transform_key **keys = NULL;
	struct mask_keys given = { .dictionary = w->dictionary };
	struct worker_source s;
	struct worker_plan *p;
	struct mask_part part = { 0 };
	struct looking l;
	int rc = -1;

	if (w->risk == NULL)
		return fault_set(f, FAULT_SYSTEM, "@worker: measures nothing");
	if (worker_take_file(a, 0, &s, f) == 0 &&
	    worker_take_part(&a->in, &part, f) == 0 &&
	    worker_plan(w, s.plan, &p, f) == 0 &&
	    take_fields(&a->in, w->risk, &p->plan, &l, f) == 0 &&
	    measuring_keys(w->risk, &p->plan, &keys, f) == 0) {
		given.field = keys;
		given.nfields = p->plan.keys.n;
		s.src.plan = &p->plan;
		s.src.keys = &given;
		rc = add_rows(w->risk, &s.src, &part, &l, f);
	}
	mem_free(keys);
	worker_source_close(&s);
	return rc;
}
