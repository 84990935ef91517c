/*
 * What every row format shares: ids, parts, the change record of rows.
 *
 * Not here: reading or writing a record (csv_rows.c, jsonl.c).
 */

#include <string.h>

#include "gateway/mask/mask_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "keys/pseudonym/pseudonym.h"
#include "policy/rules/rules.h"

const struct row_format *
row_format_of(const struct file_plan *plan)
{
	return plan->type == TYPE_CSV	  ? &csv_rows
	       : plan->type == TYPE_JSONL ? &jsonl_rows
					  : NULL;
}

bool
mask_has_rows(const struct file_plan *plan)
{
	return row_format_of(plan) != NULL && plan->unit == ITEM_EACH;
}

/* What a value lacks to be a record's original id, behind PATH#; or NULL.  Ids
 * stand in JSON, whose readers end a text at a NUL. */
static const char *
unfit(const struct mask_rows *m, const struct slice *value)
{
	if (value->len == 0)
		return "has no value to be known by";
	if (value->len + m->id.len > MASK_ID_MAX)
		return "has a value too long to be known by";
	if (memchr(value->at, 0, value->len) != NULL)
		return "has a value to be known by that holds a NUL";
	return NULL;
}

int
rows_identify(struct mask_rows *m, struct mask_row *row,
    const struct slice *value, struct fault *f)
{
	struct bytes *id = &m->id;
	char number[U64_CHARS];
	const char *why;

	row->number = m->number;
	id->len = strlen(m->src.path) + 1; /* path# stays */
	if (value != NULL && (why = unfit(m, value)) != NULL) {
		(void)fault_set(f, FAULT_INPUT, "%s", why);
		(void)file_plan_at(
		    m->src.plan, &m->src.plan->fields[m->src.plan->item], f);
		return fault_at(
		    f, "record %llu", (unsigned long long)m->number);
	}
	if (value != NULL
		? bytes_add(id, value->at, value->len, f) != 0
		: bytes_add(id, number, u64_write(number, m->number), f) != 0)
		return -1;
	row->id = (struct slice){ id->at, id->len };
	return 0;
}

void
rows_item(
    struct mask_rows *m, const struct mask_row *row, uint8_t *out, size_t at)
{
	const struct token_key *key = m->src.keys->item;
	char item[TOKEN_CHARS + 1];

	if (transform_later_id(&m->later, key, &row->id, at))
		return;
	token_make(key, row->id.at, row->id.len, item);
	memcpy(out + at, item, TOKEN_CHARS);
}

void
mask_rows_gather(struct mask_rows *m)
{
	m->gather = true;
}

void
rows_made(struct mask_rows *m, uint8_t *out)
{
	/* what is left of the room is for the next record's */
	if (!m->gather || m->later.n >= TRANSFORM_LATER_MAX / 2)
		transform_now(&m->later, out);
}

static int
start(struct mask_rows *m, struct fault *f)
{
	const struct file_plan *plan = m->src.plan;

	for (size_t i = 0; i < plan->nfields; i++)
		must(!transform_needs_key(&plan->fields[i].how) ||
		     plan->fields[i].key < m->src.keys->nfields);
	if (bytes_add_text(&m->id, m->src.path, f) != 0 ||
	    bytes_add_text(&m->id, "#", f) != 0)
		return -1;
	return m->format->open(m, f);
}

int
mask_rows_open(struct mask_rows **out, const struct mask_source *src,
    const struct mask_part *part, struct mask_change *change, struct fault *f)
{
	struct mask_rows *m;

	must(row_format_of(src->plan) != NULL);
	must(change == NULL || part == NULL || part->left == NULL);
	if ((m = mem_new(sizeof(*m))) == NULL)
		return fault_memory(f);
	m->format = row_format_of(src->plan);
	m->src = *src;
	m->change = change;
	m->all = part == NULL;
	if (part != NULL)
		m->part = *part;
	m->number = part != NULL ? part->first : 1;
	bytes_init(&m->id, MASK_RECORD_MAX + SHAPE_NAME_MAX);
	bytes_init(&m->subject, MASK_RECORD_MAX);
	if (start(m, f) != 0) {
		mask_rows_close(m);
		return fault_at(f, "%s", src->path);
	}
	*out = m;
	return 0;
}

int
mask_rows_move(struct mask_rows *m, const struct mask_source *src,
    const struct mask_part *part, struct fault *f)
{
	must(m->change == NULL || part->left == NULL);
	m->src = *src;
	m->part = *part;
	m->number = part->first;
	m->all = false;
	if (m->format->move(m, f) != 0)
		return fault_at(f, "%s", src->path);
	return 0;
}

void
mask_rows_close(struct mask_rows *m)
{
	if (m == NULL)
		return;
	m->format->close(m);
	bytes_free(&m->id);
	bytes_free(&m->subject);
	look_close(m);
	mem_free(m);
}

int
mask_rows_header(struct mask_rows *m, struct bytes *out, struct fault *f)
{
	if (m->format->header(m, out, f) != 0)
		return fault_at(f, "%s", m->src.path);
	return 0;
}

/* The last record was read: does all agree with what was known before? */
static int
finish(struct mask_rows *m, struct fault *f)
{
	if (!m->all && m->number - m->part.first != m->part.records)
		return fault_set(
		    f, FAULT_INPUT, "changed after it was cut into parts");
	if (m->change != NULL)
		m->change->records = m->number - m->part.first;
	return 0;
}

/* Does the next record stay behind?  One past the part is a fault to come. */
static bool
stays(const struct mask_rows *m)
{
	uint64_t place = m->number - m->part.first;

	return place < m->part.records && mask_left_has(m->part.left, place);
}

int
mask_rows_next(struct mask_rows *m, struct mask_row *row, struct bytes *out,
    bool *end, struct fault *f)
{
	bool pass;

	do {
		pass = stays(m);
		if (m->format->next(m, pass ? NULL : row, out, end, f) != 0 ||
		    (*end && finish(m, f) != 0))
			return fault_at(f, "%s", m->src.path);
	} while (pass && !*end);
	if (*end && out != NULL)
		transform_now(&m->later, out->at);
	return 0;
}

/* -- Parts --------------------------------------------------------------- */

static int
cuts_add(struct mask_cuts *c, const struct mask_part *part, struct fault *f)
{
	struct mask_part *parts;

	if (part->records == 0)
		return 0;
	parts = mem_resize(c->parts, (c->nparts + 1) * sizeof(*parts));
	if (parts == NULL)
		return fault_memory(f);
	c->parts = parts;
	parts[c->nparts++] = *part;
	c->records += part->records;
	return 0;
}

void
mask_cuts_free(struct mask_cuts *c)
{
	if (c == NULL)
		return;
	mem_free(c->parts);
	*c = (struct mask_cuts){ 0 };
}

int
mask_rows_cut(const struct mask_source *src, uint64_t target,
    struct mask_cuts *out, struct fault *f)
{
	const struct row_format *format = row_format_of(src->plan);
	struct mask_part part;
	void *cutter = NULL;
	bool more = true;
	int rc = -1;

	*out = (struct mask_cuts){ 0 };
	must(format != NULL && target > 0);
	if (format->cut_open(&cutter, src, target, f) != 0)
		goto out;
	while (more)
		if (format->cut_next(cutter, &part, &more, f) != 0 ||
		    (more && cuts_add(out, &part, f) != 0))
			goto out;
	rc = 0;
out:
	format->cut_close(cutter);
	if (rc == 0)
		return 0;
	mask_cuts_free(out);
	return fault_at(f, "%s", src->path);
}
