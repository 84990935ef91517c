/*
 * Items of a sheet as the page's maker wants them (report.h), out of what a
 * worker told: nothing of it is looked into here.
 */

#include <string.h>

#include "gateway/flow/sheet_internal.h"
#include "keys/base/doc.h"
#include "keys/base/text.h"

/* "3 finds remain", with the number's own form of the words. */
static int
add_why(json_t *list, uint32_t n, const char *one, const char *many,
    struct fault *f)
{
	char number[TEXT_GROUPED];
	json_t *why;

	if (n == 0)
		return 0;
	text_grouped(number, n);
	why = json_sprintf("%s %s", number, n == 1 ? one : many);
	if (why == NULL || json_array_append_new(list, why) != 0)
		return fault_memory(f);
	return 0;
}

static int
add_whys(json_t *list, const struct sheet_risk *r, bool dicom, struct fault *f)
{
	if (add_why(list, r->kin, "person in its class: it fails risk:",
		"persons in its class: it fails risk:", f) != 0 ||
	    add_why(list, r->sure, "find remains", "finds remain", f) != 0 ||
	    add_why(list, r->doubtful, "doubtful find remains",
		"doubtful finds remain", f) != 0 ||
	    add_why(list, r->words, "word of free text leaves as it is",
		"words of free text leave as they are", f) != 0 ||
	    add_why(list, r->changes, "change", "changes", f) != 0)
		return -1;
	return dicom ? add_why(list, r->blocks, "attribute goes",
			   "attributes go", f)
		     : add_why(list, r->blocks, "kind of metadata goes",
			   "kinds of metadata go", f);
}

json_t *
sheet_item(const struct plan *p, const struct sheet_one *one)
{
	const struct plan_one *kind = &p->plans[one->kind];
	json_t *item = json_pack("{s:s,s:s,s:s,s:i,s:[],s:[]}", "path",
	    scan_path(&p->scan, p->units[one->unit].file), "type",
	    file_type_name(kind->plan.type), "policy", kind->plan.policy,
	    "line", (int)kind->plan.line, "why", "parts");
	struct fault none = { 0 };

	if (item != NULL && add_whys(json_object_get(item, "why"), &one->risk,
				kind->plan.type == TYPE_DICOM, &none) == 0)
		return item;
	json_decref(item);
	return NULL;
}

/* ---- Texts ---- */

static const char *
piece_name(uint8_t kind)
{
	static const char *const names[] = { NULL, "same", "left", "cut", "put",
		"gap" };

	return kind <= SHEET_GAP ? names[kind] : NULL;
}

static int
take_piece(json_t *list, uint8_t kind, struct reader *r, struct fault *f)
{
	char entity[REDACT_NAME_MAX + 1];
	struct slice text;
	uint8_t sure = 0;
	json_t *one;

	if (piece_name(kind) == NULL)
		return fault_set(f, FAULT_PEER, "a piece of no kind");
	if (take_slice(r, MESSAGE_MAX, &text, f) != 0 ||
	    (kind == SHEET_LEFT &&
		(take_text(r, entity, sizeof(entity), f) != 0 ||
		    take_u8(r, &sure, f) != 0)))
		return -1;
	one = json_pack(
	    "[s,s%]", piece_name(kind), (const char *)text.at, text.len);
	if (one != NULL && kind == SHEET_LEFT &&
	    (json_array_append_new(one, json_string(entity)) != 0 ||
		json_array_append_new(one, json_boolean(sure)) != 0)) {
		json_decref(one);
		one = NULL;
	}
	return one == NULL || json_array_append_new(list, one) != 0
		   ? fault_memory(f)
		   : 0;
}

static int
take_fields(json_t *part, struct reader *r, struct fault *f)
{
	json_t *fields = json_object_get(part, "fields");
	char name[SHAPE_NAME_MAX + 1];
	uint8_t more, kind;

	for (;;) {
		json_t *field, *pieces;

		if (take_u8(r, &more, f) != 0)
			return -1;
		if (more == 0)
			break;
		if (take_text(r, name, sizeof(name), f) != 0)
			return -1;
		field = json_pack("{s:s,s:[]}", "name", name, "pieces");
		if (field == NULL || json_array_append_new(fields, field) != 0)
			return fault_memory(f);
		pieces = json_object_get(field, "pieces");
		for (;;) {
			if (take_u8(r, &kind, f) != 0)
				return -1;
			if (kind == 0)
				break;
			if (take_piece(pieces, kind, r, f) != 0)
				return -1;
		}
	}
	if (take_u8(r, &more, f) != 0)
		return -1;
	if (json_object_set_new(part, "more", json_boolean(more)) != 0)
		return fault_memory(f);
	return 0;
}

/* ---- Attributes ---- */

/* What the plan decides for it, and whether it goes. */
static int
add_action(json_t *field, const struct file_plan *plan, struct fault *f)
{
	const char *name = json_string_value(json_object_get(field, "name"));
	const struct plan_field *one = file_plan_find(plan, name, strlen(name));
	struct bytes text;
	int rc = -1;

	if (one == NULL)
		return fault_set(f, FAULT_PEER, "an attribute of no plan");
	bytes_init(&text, POLICY_TEXT_MAX * 4);
	if (transform_print(&text, &one->how, f) == 0) {
		bool gone = one->how.action == TRANSFORM_DROP;
		json_t *as = json_stringn((const char *)text.at, text.len);

		rc = json_object_set_new(field, "action", as) != 0 ||
			     json_object_set_new(
				 field, "gone", json_boolean(gone)) != 0
			 ? fault_memory(f)
			 : 0;
	}
	bytes_free(&text);
	return rc;
}

/* Those that stay as they are, and why there is no picture. */
static int
take_attributes(json_t *part, const struct file_plan *plan, struct reader *r,
    struct fault *f)
{
	json_t *kept = json_array();
	json_t *field;
	size_t i;

	if (json_object_set_new(part, "kept", kept) != 0 ||
	    json_object_set_new(part, "why",
		json_string("No thumbnail is made of DICOM files; what pixels "
			    "they have leave as they are: nobody looks for "
			    "faces or writing in them")) != 0)
		return fault_memory(f);
	for (i = 0; i < plan->nfields; i++)
		if (plan->fields[i].how.action == TRANSFORM_KEEP &&
		    json_array_append_new(
			kept, json_string(plan->fields[i].name)) != 0)
			return fault_memory(f);
	if (take_fields(part, r, f) != 0)
		return -1;
	json_array_foreach(json_object_get(part, "fields"), i,
	    field) if (add_action(field, plan, f) != 0) return -1;
	return 0;
}

/* ---- Pictures ---- */

static int
add_thumb(
    json_t *part, const char *key, const struct slice *thumb, struct fault *f)
{
	struct bytes text;
	int rc = 0;

	if (thumb->len == 0)
		return 0;
	bytes_init(&text, BASE64_CHARS(SHEET_THUMB_BYTES) + 1);
	rc = base64_add(&text, thumb->at, thumb->len, true, f);
	if (rc == 0 && json_object_set_new(part, key,
			   json_stringn((const char *)text.at, text.len)) != 0)
		rc = fault_memory(f);
	bytes_free(&text);
	return rc;
}

/* The kinds of metadata that go: those that the plan names. */
static int
add_blocks(json_t *part, const struct file_plan *plan, struct fault *f)
{
	json_t *list = json_array();

	if (json_object_set_new(part, "blocks", list) != 0)
		return fault_memory(f);
	for (size_t i = 0; i < plan->nfields; i++)
		if (json_array_append_new(
			list, json_string(plan->fields[i].name)) != 0)
			return fault_memory(f);
	return 0;
}

static int
take_picture(json_t *part, const struct file_plan *plan, struct reader *r,
    struct fault *f)
{
	char why[sizeof(f->text)];
	struct slice before, after;
	uint32_t size[4];

	for (size_t i = 0; i < 4; i++)
		if (take_u32(r, &size[i], f) != 0)
			return -1;
	if (take_slice(r, SHEET_THUMB_BYTES, &before, f) != 0 ||
	    take_slice(r, SHEET_THUMB_BYTES, &after, f) != 0 ||
	    take_text(r, why, sizeof(why), f) != 0)
		return -1;
	if (size[0] > 0 &&
	    json_object_set_new(part, "size",
		json_pack("[i,i,i,i]", (int)size[0], (int)size[1], (int)size[2],
		    (int)size[3])) != 0)
		return fault_memory(f);
	if (why[0] != '\0' &&
	    json_object_set_new(part, "why", json_string(why)) != 0)
		return fault_memory(f);
	if (add_thumb(part, "before", &before, f) != 0 ||
	    add_thumb(part, "after", &after, f) != 0)
		return -1;
	return add_blocks(part, plan, f);
}

/* ---- An item ---- */

/* "path#17", as the worker calls it, or the file's path. */
static json_t *
name_of(const char *path, const struct slice *id)
{
	json_t *name =
	    id->len == 0 ? NULL : json_stringn((const char *)id->at, id->len);

	return name != NULL ? name : json_string(path);
}

int
sheet_take_shown(json_t *item, const struct plan *p,
    const struct sheet_one *one, uint32_t file, const struct slice *id,
    struct reader *r, struct fault *f)
{
	uint32_t at = plan_unit_file(p, &p->units[one->unit], file);
	const struct file_plan *plan = &p->plans[p->scan.files[at].plan].plan;
	json_t *part = json_object();
	uint8_t kind;

	if (json_array_append_new(json_object_get(item, "parts"), part) != 0 ||
	    json_object_set_new(
		part, "id", name_of(scan_path(&p->scan, at), id)) != 0)
		return fault_memory(f);
	if (take_u8(r, &kind, f) != 0)
		return -1;
	if (kind == SHEET_PICTURE)
		return take_picture(part, plan, r, f);
	if (kind != SHEET_TEXT && kind != SHEET_ATTRIBUTES)
		return fault_set(f, FAULT_PEER, "an item of no kind");
	if (json_object_set_new(part, "fields", json_array()) != 0)
		return fault_memory(f);
	return kind == SHEET_TEXT ? take_fields(part, r, f)
				  : take_attributes(part, plan, r, f);
}

/* ---- In numbers ---- */

int
sheet_tell(
    json_t **out, const struct sheet *s, const char *dir, struct fault *f)
{
	uint32_t kin = 0, sure = 0, doubtful = 0, words = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct sheet_risk *r = &s->at[i].risk;

		kin += r->kin > 0;
		sure += r->sure > 0;
		doubtful += r->doubtful > 0;
		words += r->words > 0;
	}
	*out = json_pack("{s:o,s:I,s:I,s:I,s:{s:I,s:I,s:I,s:I}}", "page",
	    json_sprintf("%s/sheet.html", dir), "items", (json_int_t)s->n, "of",
	    (json_int_t)s->items, "looked_at", (json_int_t)s->looked, "with",
	    "failing_class", (json_int_t)kin, "finds_left", (json_int_t)sure,
	    "doubtful_left", (json_int_t)doubtful, "free_text",
	    (json_int_t)words);
	return *out == NULL ? fault_memory(f) : 0;
}
