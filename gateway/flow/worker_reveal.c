/*
 * Behind pseudonyms, for their owner: which values of a file become the texts
 * that are looked for, and what reversible and format-preserving ones undo to.
 *
 * The file is masked as for an export, with the same keys, and every place
 * where something was put instead is compared; so what a reader or a transform
 * does is done nowhere else.  What is delivered is thrown away.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/flow/worker_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Texts of one request; their list is in every message. */
#define TEXTS_MAX 4096u

/* A document that is no row file is held while it is compared. */
#define HELD_MAX ((size_t)256 << 20)

/* A text that is looked for, and where it stood in the request. */
struct text {
	struct slice at;
	uint32_t number;
};

/* One text in one column. */
struct find {
	uint32_t text, field;
	uint64_t record, count;
	uint8_t *value;
	size_t len;
	struct find *next;
};

struct looking {
	struct text *texts; /* sorted */
	uint32_t n;
	struct find **finds; /* by number of the text */
	const struct mask_source *src;
	struct mask_change change;
	struct bytes out; /* as delivered */
	struct bytes raw, made;
	const struct plan_field
	    *only; /* that the edit in hand is of, if known */
};

static int
by_text(const void *x, const void *y)
{
	const struct slice *a = &((const struct text *)x)->at,
			   *b = &((const struct text *)y)->at;
	int order = memcmp(a->at, b->at, a->len < b->len ? a->len : b->len);

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static int
take_texts(struct looking *l, struct reader *r, struct fault *f)
{
	if (take_u32(r, &l->n, f) != 0)
		return -1;
	must(l->n <= TEXTS_MAX);
	l->texts = mem_array(l->n, sizeof(*l->texts));
	l->finds = mem_array(l->n, sizeof(struct find *));
	if (l->texts == NULL || l->finds == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < l->n; i++) {
		l->texts[i].number = i;
		if (take_slice(r, MESSAGE_MAX, &l->texts[i].at, f) != 0)
			return -1;
	}
	return 0;
}

static void
looking_init(struct looking *l)
{
	*l = (struct looking){ .n = 0 };
	mask_change_init(&l->change, false);
	bytes_init(&l->out, HELD_MAX);
	bytes_init(&l->raw, 2 * (size_t)MASK_RECORD_MAX);
	bytes_init(&l->made, 2 * (size_t)MASK_RECORD_MAX);
}

static void
looking_free(struct looking *l)
{
	for (uint32_t i = 0; l->finds != NULL && i < l->n; i++)
		while (l->finds[i] != NULL) {
			struct find *next = l->finds[i]->next;

			mem_free(l->finds[i]->value);
			mem_free(l->finds[i]);
			l->finds[i] = next;
		}
	mem_free(l->texts);
	mem_free(l->finds);
	mask_change_free(&l->change);
	bytes_free(&l->out);
	bytes_free(&l->raw);
	bytes_free(&l->made);
}

/* -- What stands in a place ---------------------------------------------- */

/* The value of that number in a DICOM element, without what pads it; of any
 * other format the only one, as it is.  False when there are not so many. */
static bool
one_of(const struct file_plan *plan, struct slice *value, unsigned nth)
{
	const uint8_t *end;

	if (plan->type != TYPE_DICOM)
		return nth == 0;
	for (; nth > 0; nth--) {
		if (value->len == 0 ||
		    (end = memchr(value->at, '\\', value->len)) == NULL)
			return false;
		value->len -= (size_t)(end + 1 - value->at);
		value->at = end + 1;
	}
	if (value->len > 0 &&
	    (end = memchr(value->at, '\\', value->len)) != NULL)
		value->len = (size_t)(end - value->at);
	while (value->len > 0 && (value->at[value->len - 1] == ' ' ||
				     value->at[value->len - 1] == '\0'))
		value->len--;
	for (; value->len > 0 && value->at[0] == ' '; value->len--)
		value->at++;
	return true;
}

/* A value as its format has it, in quotes perhaps, to the value itself. */
static int
unquote(const struct file_plan *plan, struct slice raw, struct bytes *out,
    struct fault *f)
{
	json_t *o;
	int rc;

	bytes_reset(out);
	if (plan->type == TYPE_DICOM || raw.len < 2 || raw.at[0] != '"' ||
	    raw.at[raw.len - 1] != '"')
		return bytes_add(out, raw.at, raw.len, f);
	if (plan->type == TYPE_CSV) {
		for (size_t i = 1; i + 1 < raw.len; i++) {
			if (raw.at[i] == '"' && raw.at[i + 1] == '"' &&
			    i + 2 < raw.len)
				i++;
			if (bytes_add(out, raw.at + i, 1, f) != 0)
				return -1;
		}
		return 0;
	}
	o = json_loadb((const char *)raw.at, raw.len,
	    JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (!json_is_string(o)) {
		json_decref(o);
		return bytes_add(out, raw.at, raw.len, f);
	}
	rc = bytes_add(out, json_string_value(o), json_string_length(o), f);
	json_decref(o);
	return rc;
}

/* Which field makes the text out of the value; nfields when none does. */
static size_t
field_of(struct looking *l, const struct text *text, uint64_t record)
{
	const struct file_plan *plan = l->src->plan;
	size_t i;

	for (i = 0; i < plan->nfields; i++) {
		const struct plan_field *field = &plan->fields[i];
		struct transform_site site = { .path = l->src->path,
			.field = field->name,
			.record = record };
		struct fault none = { 0 };

		if (field->how.action != TRANSFORM_TOKEN &&
		    field->how.action != TRANSFORM_REVERSIBLE &&
		    field->how.action != TRANSFORM_FPE &&
		    field->how.action != TRANSFORM_UID)
			continue;
		if (l->only != NULL && l->only != field)
			continue;
		site.key = l->src->keys->field[field->key];
		bytes_reset(&l->made);
		if (transform_apply(&field->how, &site, l->raw.at, l->raw.len,
			&l->made, &none) == 0 &&
		    l->made.len == text->at.len &&
		    memcmp(l->made.at, text->at.at, text->at.len) == 0)
			break;
	}
	return i;
}

static int
add_find(struct looking *l, uint32_t number, size_t field, uint64_t record,
    struct fault *f)
{
	struct find *x;

	for (x = l->finds[number]; x != NULL; x = x->next)
		if (x->field == field && x->len == l->raw.len &&
		    memcmp(x->value, l->raw.at, x->len) == 0) {
			x->count++;
			return 0;
		}
	if ((x = mem_new(sizeof(*x))) == NULL)
		return fault_memory(f);
	if ((x->value = mem_new(l->raw.len + 1)) == NULL) {
		mem_free(x);
		return fault_memory(f);
	}
	memcpy(x->value, l->raw.at, l->raw.len);
	x->len = l->raw.len;
	x->text = number;
	x->field = (uint32_t)field;
	x->record = record;
	x->count = 1;
	x->next = l->finds[number];
	l->finds[number] = x;
	return 0;
}

/* Of the source, [at, at + len), the value of that number. */
static int
read_value(
    struct looking *l, uint64_t at, uint64_t len, unsigned nth, struct fault *f)
{
	struct slice value;
	struct bytes raw;
	size_t got;
	int rc = -1;

	bytes_init(&raw, MASK_RECORD_MAX);
	if (bytes_reserve(&raw, len, f) == 0 &&
	    file_read_at(l->src->fd, raw.at, len, at, &got, f) == 0) {
		value = (struct slice){ raw.at, got };
		if (!one_of(l->src->plan, &value, nth))
			value.len = 0;
		rc = unquote(l->src->plan, value, &l->raw, f);
	}
	bytes_free(&raw);
	return rc;
}

/* The value of that number that was put there. */
static int
look_at_one(struct looking *l, const struct mask_edit *e, struct slice put,
    unsigned nth, uint64_t record, struct fault *f)
{
	struct text key;
	const struct text *hit;
	size_t field;

	if (unquote(l->src->plan, put, &l->made, f) != 0)
		return -1;
	key.at = (struct slice){ l->made.at, l->made.len };
	if (l->n == 0 || l->made.len == 0 || e->cut == 0)
		return 0;
	hit = bsearch(&key, l->texts, l->n, sizeof(*l->texts), by_text);
	if (hit == NULL)
		return 0;
	if (read_value(l, e->at, e->cut, nth, f) != 0)
		return -1;
	field = field_of(l, hit, record);
	return field == l->src->plan->nfields
		   ? 0
		   : add_find(l, hit->number, field, record, f);
}

static int
look_at(struct looking *l, const struct mask_edit *e, struct slice put,
    uint64_t record, struct fault *f)
{
	struct slice one = put;

	for (unsigned nth = 0; one_of(l->src->plan, &one, nth); nth++) {
		if (look_at_one(l, e, one, nth, record, f) != 0)
			return -1;
		one = put;
	}
	return 0;
}

/* All places of what was delivered, whose source began at from. */
static int
look_at_all(struct looking *l, uint64_t from, uint64_t record, struct fault *f)
{
	uint64_t moved = 0; /* put so far, less what was cut; wraps */

	if (!l->change.complete)
		return fault_set(f, FAULT_INPUT,
		    "%s: too many values in one document to be searched",
		    l->src->path);
	for (size_t i = 0; i < l->change.nedits; i++) {
		const struct mask_edit *e = &l->change.edits[i];
		uint64_t at = e->at - from + moved;

		if (at > l->out.len || e->put > l->out.len - at)
			return fault_set(f, FAULT_SYSTEM,
			    "@worker: an edit outside of what was delivered");
		if (i > 0 && l->src->plan->type == TYPE_DICOM &&
		    mask_edit_field(l->src, e - 1, &l->only, f) != 0)
			return -1;
		if (look_at(l, e,
			(struct slice){ l->out.at + at, (size_t)e->put },
			record, f) != 0)
			return -1;
		moved += e->put - e->cut;
	}
	return 0;
}

/* -- A file -------------------------------------------------------------- */

static int
look_at_rows(struct looking *l, const struct mask_part *part, struct fault *f)
{
	struct mask_rows *m = NULL;
	struct mask_row row;
	bool end = false;
	int rc = -1;

	if (mask_rows_open(&m, l->src, part, &l->change, f) != 0)
		return -1;
	for (;;) {
		bytes_reset(&l->out);
		l->change.nedits = 0; /* those of this record alone */
		if (mask_rows_next(m, &row, &l->out, &end, f) != 0)
			goto out;
		if (end)
			break;
		if (look_at_all(l, row.at, row.number, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(m);
	return rc;
}

static int
hold(void *arg, const void *p, size_t len, struct fault *f)
{
	return bytes_add(arg, p, len, f);
}

static int
look_at_file(struct looking *l, struct fault *f)
{
	const struct mask_sink sink = { hold, &l->out };

	if (mask_file(l->src, sink, &l->change, f) != 0)
		return -1;
	return look_at_all(l, 0, 0, f);
}

static int
put_finds(struct looking *l, struct bytes *out, struct fault *f)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->n; i++)
		for (const struct find *x = l->finds[i]; x != NULL; x = x->next)
			n++;
	if (put_u32(out, n, f) != 0)
		return -1;
	for (uint32_t i = 0; i < l->n; i++)
		for (const struct find *x = l->finds[i]; x != NULL; x = x->next)
			if (put_u32(out, x->text, f) != 0 ||
			    put_text(out, l->src->plan->fields[x->field].name,
				f) != 0 ||
			    put_u64(out, x->record, f) != 0 ||
			    put_u64(out, x->count, f) != 0 ||
			    put_slice(out, x->value, x->len, f) != 0)
				return -1;
	return 0;
}

int
worker_reveal(void *state, struct asked *a, struct fault *f)
{
	struct file_plan plan = { .nfields = 0 };
	const struct transform_key **keys = NULL;
	struct worker_source s = { .src.fd = -1 };
	struct mask_fresh fresh = { .n = 0 };
	struct mask_keys mask;
	struct mask_part part;
	struct looking l;
	uint8_t is_part;
	int rc = -1;

	looking_init(&l);
	if (take_texts(&l, &a->in, f) != 0 ||
	    worker_take_file(a, 0, &s, f) != 0 ||
	    file_plan_take(&a->in, &plan, f) != 0 ||
	    take_u8(&a->in, &is_part, f) != 0 ||
	    (is_part != 0 && worker_take_part(&a->in, &part, f) != 0) ||
	    take_end(&a->in, f) != 0 ||
	    worker_keys_of(state, &plan, &keys, f) != 0 ||
	    mask_fresh_make(&fresh, &plan, 1, f) != 0)
		goto out;
	if (l.n > 0)
		qsort(l.texts, l.n, sizeof(*l.texts), by_text);
	mask = fresh.keys[0]; /* references lead to files of this run */
	mask.item = NULL;
	mask.field = keys;
	mask.nfields = plan.keys.n;
	s.src.plan = &plan;
	s.src.keys = &mask;
	l.src = &s.src;
	if ((is_part != 0 ? look_at_rows(&l, &part, f) : look_at_file(&l, f)) ==
	    0)
		rc = put_finds(&l, &a->answer->body, f);
out:
	looking_free(&l);
	mask_fresh_free(&fresh);
	mem_free(keys);
	file_plan_free(&plan);
	worker_source_close(&s);
	return rc;
}

/* -- Without a file ------------------------------------------------------ */

/* What each text was before that transform, where it can have been made by
 * it. */
static int
undo(struct worker *w, struct looking *l, const struct transform *t,
    uint32_t number, uint32_t *n, struct bytes *out, struct fault *f)
{
	char name[TRANSFORM_KEY_CHARS + 1];
	struct transform_site site = { .path = "", .field = "" };

	if (!transform_key_name(t, name) ||
	    (site.key = worker_key(w, name)) == NULL)
		return fault_set(
		    f, FAULT_SYSTEM, "@worker: no key for a field");
	for (uint32_t i = 0; i < l->n; i++) {
		const struct text *text = &l->texts[i];
		struct fault none = { 0 };

		bytes_reset(&l->made);
		if (transform_reveal(t, &site, text->at.at, text->at.len,
			&l->made, &none) != 0) {
			if (none.kind != FAULT_SYSTEM)
				continue; /* it is none of its results */
			*f = none;
			return -1;
		}
		if (put_u32(out, text->number, f) != 0 ||
		    put_u32(out, number, f) != 0 ||
		    put_slice(out, l->made.at, l->made.len, f) != 0)
			return -1;
		(*n)++;
	}
	return 0;
}

int
worker_undo(void *state, struct asked *a, struct fault *f)
{
	struct bytes list;
	struct looking l;
	uint32_t count, n = 0;
	int rc = -1;

	looking_init(&l);
	bytes_init(&list, MESSAGE_MAX);
	if (take_texts(&l, &a->in, f) != 0 || take_u32(&a->in, &count, f) != 0)
		goto out;
	for (uint32_t i = 0; i < count; i++) {
		struct transform t = { .action = TRANSFORM_REFUSE };
		int did;

		if (transform_take(&a->in, &t, f) != 0)
			goto out;
		did = undo(state, &l, &t, i, &n, &list, f);
		transform_free(&t);
		if (did != 0)
			goto out;
	}
	if (take_end(&a->in, f) == 0 && put_u32(&a->answer->body, n, f) == 0)
		rc = bytes_add(&a->answer->body, list.at, list.len, f);
out:
	looking_free(&l);
	bytes_free(&list);
	return rc;
}
