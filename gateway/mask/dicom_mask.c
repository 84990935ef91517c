/*
 * A DICOM file, de-identified: the plan has a decision for each attribute, and
 * it holds wherever the attribute stands.
 *
 *     pieces --> kept | cut | changed --> out
 *
 * The file stays in its transfer syntax, its elements in their order.  Made
 * anew are the preamble and the meta information, changed values, and what the
 * file says of its de-identification.  Sequences and items that stay are given
 * undefined lengths, so that what is inside may get shorter without anybody
 * going back; group lengths go.  Pixels pass through and are never held.
 *
 * What the plan has not stops the file, and so does a kept attribute whose VR
 * is not that by which the policy was judged.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/mask/dicom_mask_internal.h"
#include "keys/base/mem.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/rules.h"

/* What becomes of one value: of a text with finds replaced it may be more than
 * the value. */
#define CHANGED_MAX ((size_t)1 << 20)

/* ---- Decisions ---- */

static int
by_tag(const void *a, const void *b)
{
	const struct decision *da = a, *db = b;

	return da->tag < db->tag ? -1 : da->tag > db->tag;
}

static int
index_plan(struct masking *m, struct fault *f)
{
	const struct file_plan *plan = m->src->plan;

	m->decisions = mem_array(plan->nfields, sizeof(*m->decisions));
	if (m->decisions == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < plan->nfields; i++) {
		struct decision *d = &m->decisions[m->ndecisions++];

		must(dicom_tag_read(&d->tag, plan->fields[i].name));
		d->field = &plan->fields[i];
	}
	qsort(m->decisions, m->ndecisions, sizeof(*m->decisions), by_tag);
	return 0;
}

static const struct plan_field *
decided(const struct masking *m, uint32_t tag)
{
	const struct decision key = { .tag = tag };
	const struct decision *d = bsearch(
	    &key, m->decisions, m->ndecisions, sizeof(*m->decisions), by_tag);

	return d == NULL ? NULL : d->field;
}

int
masking_decide(const struct masking *m, const struct dicom_piece *p,
    const struct plan_field **out, struct fault *f)
{
	char name[DICOM_NAME_CHARS + 1];

	if ((*out = decided(m, p->tag)) != NULL)
		return 0;
	dicom_name(name, p->tag);
	return fault_set(f, FAULT_POLICY,
	    "the plan says nothing about attribute \"%s\"", name);
}

/* Is it of the kind that the policy's author knew it as?  Texts are one kind,
 * and so are numbers and bytes. */
static int
check_kind(const struct masking *m, const struct dicom_piece *p,
    const struct plan_field *field, struct fault *f)
{
	const struct dicom_attribute *a = dicom_find(p->tag);
	bool sequence = p->event == DICOM_SEQUENCE;
	unsigned chars;

	if (strcmp(p->vr, "UN") == 0)
		(void)fault_set(f, FAULT_POLICY,
		    "nothing tells what kind of value it has, so it can only "
		    "be dropped");
	else if (a != NULL &&
		 (sequence != (strcmp(a->vr, "SQ") == 0) ||
		     (!sequence && dicom_is_text(p->vr, &chars) !=
				       dicom_is_text(a->vr, &chars))))
		(void)fault_set(
		    f, FAULT_INPUT, "has VR %s, and not %s", p->vr, a->vr);
	else
		return 0;
	return file_plan_at(m->src->plan, field, f);
}

/* The VR of its header, if that has one. */
static const char *
spelt_vr(const struct dicom_piece *p)
{
	return p->unnamed && !p->implicit ? "UN" : p->vr;
}

/* ---- Bytes ---- */

int
masking_keep(struct masking *m, uint64_t at, uint64_t len, struct fault *f)
{
	const uint8_t *p;
	size_t n;

	for (uint64_t end = at + len; at < end; at += n)
		if (image_some(&m->d.w, at, end - at, &p, &n, f) != 0 ||
		    mask_keep(m->o, p, n, f) != 0)
			return -1;
	return 0;
}

static int
refuse_kept(struct masking *m, const char *vr, const struct plan_field *field,
    struct fault *f)
{
	(void)fault_set(
	    f, FAULT_INPUT, "what it holds is no value of VR %s", vr);
	(void)fault_hint(f,
	    "in the policy's rule for it, under tags:   %s: drop", field->name);
	return file_plan_at(m->src->plan, field, f);
}

/* A value that stays, and is what the standard says that it is. */
static int
keep_value(struct masking *m, const struct dicom_piece *p,
    const struct plan_field *field, struct fault *f)
{
	const struct dicom_attribute *a = dicom_find(p->tag);
	const char *vr = a == NULL ? p->vr : a->vr;
	uint64_t at = p->at + p->head, end = at + p->len;
	unsigned chars;
	struct slice s;

	/* a number may be of another kind than the table has */
	if (!dicom_is_text(vr, &chars))
		vr = p->vr;
	if (p->len <= DICOM_VALUE_MAX) {
		if (image_take(&m->d.w, at, p->len, &s.at, f) != 0)
			return -1;
		s.len = p->len;
		if (!dicom_kept_fits(p->tag, vr, &s))
			return refuse_kept(m, vr, field, f);
		return masking_keep(m, p->at, p->head + (uint64_t)p->len, f);
	}
	if (masking_keep(m, p->at, p->head, f) != 0)
		return -1;
	for (; at < end; at += s.len) {
		if (image_some(&m->d.w, at, end - at, &s.at, &s.len, f) != 0)
			return -1;
		/* but for the padding at its end */
		if (!dicom_kept_part(vr, s.at, s.len - (at + s.len == end)))
			return refuse_kept(m, vr, field, f);
		if (mask_keep(m->o, s.at, s.len, f) != 0)
			return -1;
	}
	return 0;
}

static int
cut(struct masking *m, uint64_t len, struct fault *f)
{
	return mask_swap(m->o, len, NULL, 0, f);
}

/* What is in put stands in the place of len bytes. */
static int
swap(struct masking *m, uint64_t len, struct fault *f)
{
	return mask_swap(m->o, len, m->put.at, m->put.len, f);
}

/* A sequence and all in it goes, or m->put stands in its place. */
int
masking_cut_whole(
    struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	if (dicom_skip(&m->d, p, f) != 0)
		return -1;
	return swap(m, m->d.at - p->at, f);
}

/* ---- Elements ---- */

/* What becomes of a value into m->text. */
static int
change(struct masking *m, const char *vr, const struct plan_field *field,
    const struct slice *value, struct fault *f)
{
	static const struct mask_keys none = { .field = NULL };
	const struct mask_source *src = m->src;
	const struct mask_keys *keys = src->keys == NULL ? &none : src->keys;
	const struct slice person = { m->facts.subject.at,
		m->facts.subject.len };
	const struct transform_site site = {
		.key = mask_field_key(keys, field->key),
		.path = src->path,
		.field = field->name,
		.subject =
		    mask_names_subject(src->plan) ? person : src->subject,
		.refs = keys->refs,
		.dictionary = keys->dictionary,
	};
	const struct dicom_change c = { field, &site, vr, m->facts.utf8,
		&m->nth };

	bytes_reset(&m->text);
	if (dicom_change_value(&m->text, &c, value, f) == 0)
		return 0;
	return file_plan_at(src->plan, field, f);
}

/* The element that stands in the place of one.  Numbers and bytes are not
 * worked on: a constant is what they can become. */
static int
replace(struct masking *m, const struct dicom_piece *p,
    const struct plan_field *field, struct fault *f)
{
	bool constant = field->how.action == TRANSFORM_CONSTANT;
	struct slice value = slice_of_text("");
	unsigned chars;

	if (dicom_is_text(p->vr, &chars)) {
		const struct dicom_attribute *a = dicom_find(p->tag);

		if ((!constant && dicom_value(&m->d, p, &value, f) != 0) ||
		    change(m, a == NULL ? p->vr : a->vr, field, &value, f) != 0)
			return -1;
		value = (struct slice){ m->text.at, m->text.len };
	} else if (constant) {
		value = slice_of_text(field->how.text);
	} else {
		(void)fault_set(f, FAULT_POLICY,
		    "a value of VR %s can be kept or dropped", p->vr);
		return file_plan_at(m->src->plan, field, f);
	}
	return dicom_put(&m->put, p->implicit, p->raw, spelt_vr(p), &value, f);
}

static int
mask_value(struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	uint64_t whole = p->head + (uint64_t)p->len;
	const struct plan_field *field;

	if (p->group_length)
		return cut(m, whole, f);
	if (masking_decide(m, p, &field, f) != 0)
		return -1;
	if (field->how.action == TRANSFORM_DROP)
		return cut(m, whole, f);
	if (check_kind(m, p, field, f) != 0)
		return -1;
	if (field->how.action == TRANSFORM_KEEP) {
		if (masking_pixels(m, p, f) != 0)
			return -1;
		return dicom_is_picture(p->tag) ? masking_native(m, p, f)
						: keep_value(m, p, field, f);
	}
	bytes_reset(&m->put);
	if (replace(m, p, field, f) != 0)
		return -1;
	/* the value is an edit of its own, so that it can be found again */
	must(m->put.len >= p->head);
	if (mask_swap(m->o, p->head, m->put.at, p->head, f) != 0)
		return -1;
	return mask_swap(
	    m->o, p->len, m->put.at + p->head, m->put.len - p->head, f);
}

/* A header whose end will be marked. */
static int
mask_head(struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	if (p->len == DICOM_UNDEFINED)
		return masking_keep(m, p->at, p->head, f);
	bytes_reset(&m->put);
	if (dicom_put_head(&m->put, p->implicit,
		p->event == DICOM_ITEM ? TAG_ITEM : p->raw, spelt_vr(p),
		DICOM_UNDEFINED, f) != 0)
		return -1;
	return swap(m, p->head, f);
}

static int
mask_sequence(struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	const struct plan_field *field;

	bytes_reset(&m->put);
	if (masking_decide(m, p, &field, f) != 0)
		return -1;
	if (field->how.action == TRANSFORM_DROP)
		return masking_cut_whole(m, p, f);
	if (check_kind(m, p, field, f) != 0)
		return -1;
	if (field->how.action == TRANSFORM_KEEP)
		return mask_head(m, p, f);
	if (field->how.action != TRANSFORM_CONSTANT ||
	    field->how.text[0] != '\0') {
		(void)fault_set(f, FAULT_POLICY,
		    "a sequence can be kept, emptied or dropped");
		return file_plan_at(m->src->plan, field, f);
	}
	if (dicom_put_head(&m->put, p->implicit, p->raw, spelt_vr(p), 0, f) !=
	    0)
		return -1;
	return masking_cut_whole(m, p, f);
}

/* An item or sequence is over: a length said so, or a delimiter. */
static int
mask_end(struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	if (p->head > 0)
		return masking_keep(m, p->at, p->head, f);
	bytes_reset(&m->put);
	if (dicom_put_head(&m->put, p->implicit,
		p->event == DICOM_ITEM_END ? TAG_ITEM_END : TAG_SEQUENCE_END,
		"", 0, f) != 0)
		return -1;
	return swap(m, 0, f);
}

/* ---- The file ---- */

/* Before an element of the top: what the file says of its de-identification,
 * in its order; what an element said of an earlier one goes. */
static int
tell(
    struct masking *m, const struct dicom_piece *p, bool *gone, struct fault *f)
{
	uint32_t tag = p->event == DICOM_END ? UINT32_MAX : p->raw;

	*gone = false;
	for (unsigned i = 0; i < DICOM_TOLD; i++)
		*gone |= p->event != DICOM_END && tag == dicom_told[i];
	while (m->told < DICOM_TOLD && dicom_told[m->told] <= tag) {
		bytes_reset(&m->put);
		if (dicom_put_told(&m->put, m->d.implicit, m->told++,
			m->src->plan, f) != 0 ||
		    swap(m, 0, f) != 0)
			return -1;
	}
	return 0;
}

static int
mask_piece(struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	switch (p->event) {
	case DICOM_VALUE:
		return mask_value(m, p, f);
	case DICOM_SEQUENCE:
		return mask_sequence(m, p, f);
	case DICOM_FRAMES:
		return masking_frames(m, p, f);
	case DICOM_ITEM:
		return mask_head(m, p, f);
	case DICOM_FRAGMENT:
		return masking_fragment(m, p, f);
	case DICOM_FRAMES_END:
		return dicom_stream_end(&m->stream, f) != 0
			   ? -1
			   : masking_keep(m, p->at, p->head, f);
	case DICOM_ITEM_END:
	case DICOM_SEQUENCE_END:
		return mask_end(m, p, f);
	case DICOM_END:
		break;
	}
	return 0;
}

static bool
is_element(const struct dicom_piece *p)
{
	return p->event == DICOM_VALUE || p->event == DICOM_SEQUENCE ||
	       p->event == DICOM_FRAMES || p->event == DICOM_END;
}

static int
mask_pieces(struct masking *m, struct fault *f)
{
	struct dicom_piece p;
	bool gone;

	do {
		if (dicom_next(&m->d, &p, f) != 0)
			return -1;
		gone = false;
		if (p.depth == 0 && is_element(&p) &&
		    tell(m, &p, &gone, f) != 0)
			return -1;
		if (!gone) {
			if (mask_piece(m, &p, f) != 0)
				return -1;
			continue;
		}
		bytes_reset(&m->put);
		if (p.event == DICOM_VALUE
			? cut(m, p.head + (uint64_t)p.len, f) != 0
			: masking_cut_whole(m, &p, f) != 0)
			return -1;
	} while (p.event != DICOM_END);
	return 0;
}

/* The meta information names the instance as the data set will. */
static int
put_start(struct masking *m, struct fault *f)
{
	const struct plan_field *field = decided(m, TAG_SOP_INSTANCE);
	struct slice value = slice_of_text(m->facts.sop_instance);

	bytes_reset(&m->text);
	if (field == NULL || field->how.action == TRANSFORM_KEEP) {
		if (bytes_add(&m->text, value.at, value.len, f) != 0)
			return -1;
	} else if (field->how.action != TRANSFORM_DROP &&
		   change(m, "UI", field, &value, f) != 0)
		return -1;
	if (m->text.len == 0) {
		(void)fault_set(f, FAULT_POLICY, "a file cannot do without it");
		return file_plan_at(m->src->plan, field, f);
	}
	if (bytes_end_text(&m->text, f) != 0)
		return -1;
	bytes_reset(&m->put);
	if (dicom_put_start(&m->put, m->d.syntax, m->facts.sop_class,
		(const char *)m->text.at, f) != 0)
		return -1;
	return swap(m, m->d.dataset, f);
}

/* The tag of whom the file is about, or 0. */
static uint32_t
subject_tag(const struct file_plan *plan)
{
	uint32_t tag = 0;

	if (plan->subject != PLAN_NO_FIELD)
		must(dicom_tag_read(&tag, plan->fields[plan->subject].name));
	return tag;
}

int
dicom_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f)
{
	struct masking m = { .src = src, .o = o };
	int rc = -1;

	bytes_init(&m.facts.subject, 0);
	bytes_init(&m.text, CHANGED_MAX);
	bytes_init(&m.put, CHANGED_MAX + 1024);
	if (dicom_open(&m.d, src, f) != 0 ||
	    dicom_facts_read(&m.facts, &m.d, subject_tag(src->plan), f) != 0 ||
	    dicom_facts_complete(&m.facts, f) != 0 || index_plan(&m, f) != 0 ||
	    put_start(&m, f) != 0 || mask_pieces(&m, f) != 0)
		goto out;
	if (m.facts.columns > 0 && m.facts.rows > 0)
		image_view(view, m.facts.columns, m.facts.rows, 0, false);
	rc = 0;
out:
	mem_free(m.decisions);
	bytes_free(&m.text);
	bytes_free(&m.put);
	dicom_facts_free(&m.facts);
	dicom_close(&m.d);
	return rc;
}
