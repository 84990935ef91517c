/*
 * File plans in memory and as messages.  A worker trusts what it takes: a plan
 * comes from the coordinator over a socketpair; what is checked here is that
 * indices and lists agree, so that a reader need not.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/rules_internal.h"

void
file_plan_free(struct file_plan *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->nfields; i++) {
		mem_free(p->fields[i].name);
		transform_free(&p->fields[i].how);
	}
	mem_free(p->fields);
	mem_free(p->policy);
	mem_free(p->exclude);
	names_free(&p->keys);
	names_free(&p->apart);
	*p = (struct file_plan){ .item = PLAN_NO_FIELD,
		.subject = PLAN_NO_FIELD };
}

static int
put_index(struct bytes *b, size_t i, struct fault *f)
{
	return put_u32(b, i == PLAN_NO_FIELD ? UINT32_MAX : (uint32_t)i, f);
}

static int
put_field(struct bytes *b, const struct plan_field *p, struct fault *f)
{
	if (put_text(b, p->name, f) != 0 || transform_put(b, &p->how, f) != 0 ||
	    put_u16(b, p->key, f) != 0)
		return -1;
	return put_u8(b,
	    (uint8_t)(p->whole | p->hollow << 1 | p->inside << 2 |
		      p->is_item << 3 | p->is_subject << 4),
	    f);
}

/* What a plan of DICOM has besides. */
static int
put_dicom(struct bytes *b, const struct file_plan *p, struct fault *f)
{
	if (p->type != TYPE_DICOM)
		return 0;
	if (put_u8(b, p->options, f) != 0)
		return -1;
	return put_u8(b,
	    (uint8_t)((unsigned)p->burned_in | (unsigned)p->weaker << 1 |
		      p->dates << 2),
	    f);
}

int
file_plan_put(struct bytes *b, const struct file_plan *p, struct fault *f)
{
	if (put_text(b, p->policy, f) != 0 || put_u32(b, p->line, f) != 0 ||
	    put_maybe(b, p->exclude, f) != 0 ||
	    put_u8(b, (uint8_t)p->type, f) != 0 ||
	    put_u8(b, (uint8_t)p->delimiter, f) != 0 ||
	    put_u8(b,
		(uint8_t)((unsigned)p->header |
			  (unsigned)p->drop_metadata << 1 |
			  (unsigned)p->unit << 2),
		f) != 0 ||
	    put_dicom(b, p, f) != 0 || put_index(b, p->item, f) != 0 ||
	    put_index(b, p->subject, f) != 0 ||
	    names_put(b, &p->keys, f) != 0 || names_put(b, &p->apart, f) != 0 ||
	    put_u32(b, (uint32_t)p->nfields, f) != 0)
		return -1;
	for (size_t i = 0; i < p->nfields; i++)
		if (put_field(b, &p->fields[i], f) != 0)
			return -1;
	return 0;
}

static int
broken(struct fault *f)
{
	return fault_set(f, FAULT_INPUT, "message has a broken plan");
}

static int
take_index(struct reader *r, size_t *out, struct fault *f)
{
	uint32_t i;

	if (take_u32(r, &i, f) != 0)
		return -1;
	*out = i == UINT32_MAX ? PLAN_NO_FIELD : i;
	return 0;
}

static int
take_dicom(struct reader *r, struct file_plan *p, struct fault *f)
{
	uint8_t flags;

	if (p->type != TYPE_DICOM)
		return 0;
	if (take_u8(r, &p->options, f) != 0 || take_u8(r, &flags, f) != 0)
		return -1;
	if (p->options >> DICOM_OPTIONS != 0 || flags >> 2 > DATES_UNMODIFIED)
		return broken(f);
	p->burned_in = flags & 1;
	p->weaker = flags >> 1 & 1;
	p->dates = (enum plan_dates)(flags >> 2);
	return 0;
}

static int
take_head(struct reader *r, struct file_plan *p, struct fault *f)
{
	uint8_t type, delimiter, flags;

	if (take_owned(r, SHAPE_NAME_MAX, &p->policy, f) != 0 ||
	    take_u32(r, &p->line, f) != 0 ||
	    take_maybe(r, POLICY_TEXT_MAX, &p->exclude, f) != 0 ||
	    take_u8(r, &type, f) != 0 || take_u8(r, &delimiter, f) != 0 ||
	    take_u8(r, &flags, f) != 0)
		return -1;
	if (type >= FILE_TYPES || flags >> 2 > ITEM_STUDY)
		return broken(f);
	p->type = (enum file_type)type;
	p->delimiter = (char)delimiter;
	p->header = flags & 1;
	p->drop_metadata = flags >> 1 & 1;
	p->unit = (enum item_unit)(flags >> 2);
	if (take_dicom(r, p, f) != 0 || take_index(r, &p->item, f) != 0 ||
	    take_index(r, &p->subject, f) != 0)
		return -1;
	return 0;
}

static int
take_keys(struct reader *r, struct file_plan *p, struct fault *f)
{
	struct slice s;
	uint32_t n;

	if (take_u32(r, &n, f) != 0)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		if (take_slice(r, TRANSFORM_KEY_CHARS, &s, f) != 0)
			return -1;
		if (s.len == 0 || memchr(s.at, 0, s.len) != NULL)
			return broken(f);
		if (names_add(&p->keys, s.at, s.len, UINT16_MAX, f) != 0)
			return -1;
	}
	return 0;
}

static int
take_field(struct reader *r, const struct file_plan *p, struct plan_field *out,
    struct fault *f)
{
	char name[TRANSFORM_KEY_CHARS + 1];
	uint8_t flags;

	if (take_owned(r, SHAPE_NAME_MAX, &out->name, f) != 0 ||
	    transform_take(r, &out->how, f) != 0 ||
	    take_u16(r, &out->key, f) != 0 || take_u8(r, &flags, f) != 0)
		return -1;
	if (flags > 31)
		return broken(f);
	if (transform_key_name(&out->how, name) &&
	    (out->key >= p->keys.n || strcmp(p->keys.at[out->key], name) != 0))
		return broken(f);
	out->whole = flags & 1;
	out->hollow = flags >> 1 & 1;
	out->inside = flags >> 2 & 1;
	out->is_item = flags >> 3 & 1;
	out->is_subject = flags >> 4;
	return 0;
}

static int
take_fields(struct reader *r, struct file_plan *p, struct fault *f)
{
	bool sorted = p->type == TYPE_JSON || p->type == TYPE_JSONL ||
		      p->type == TYPE_DICOM;
	uint32_t n;

	if (take_u32(r, &n, f) != 0)
		return -1;
	if (n > SHAPE_FIELDS_MAX)
		return broken(f);
	if ((p->fields = mem_array(n, sizeof(*p->fields))) == NULL)
		return fault_memory(f);
	for (; p->nfields < n; p->nfields++) {
		struct plan_field *at = &p->fields[p->nfields];

		if (take_field(r, p, at, f) != 0) {
			mem_free(at->name);
			transform_free(&at->how);
			return -1;
		}
		if (sorted && p->nfields > 0 &&
		    strcmp(at[-1].name, at->name) >= 0) {
			p->nfields++;
			return broken(f);
		}
	}
	if ((p->item != PLAN_NO_FIELD && p->item >= n) ||
	    (p->subject != PLAN_NO_FIELD && p->subject >= n))
		return broken(f);
	return 0;
}

int
file_plan_take(struct reader *r, struct file_plan *p, struct fault *f)
{
	*p = (struct file_plan){ .item = PLAN_NO_FIELD };
	if (take_head(r, p, f) != 0 || take_keys(r, p, f) != 0 ||
	    names_take(r, APART_MAX, &p->apart, f) != 0 ||
	    take_fields(r, p, f) != 0) {
		file_plan_free(p);
		return -1;
	}
	return 0;
}

const struct plan_field *
file_plan_find(const struct file_plan *p, const void *path, size_t len)
{
	size_t low = 0, high = p->nfields;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *name = p->fields[middle].name;
		size_t n = strlen(name);
		int c = memcmp(name, path, n < len ? n : len);

		if (c == 0 && n == len)
			return &p->fields[middle];
		if (c < 0 || (c == 0 && n < len))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

int
file_plan_at(
    const struct file_plan *p, const struct plan_field *field, struct fault *f)
{
	return fault_at(f, "%s \"%s\" (%s:%u)", file_type_field(p->type),
	    field->name, p->policy, field->how.line);
}
