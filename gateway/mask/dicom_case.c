/*
 * A small DICOM file out of texts, and the texts of one: for tests of policies,
 * whose cases are rows of attributes.
 *
 * What no file can do without, and a case need not say, is added: it is a CT
 * image without pixels, of texts in UTF-8.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/mask/dicom_mask_internal.h"
#include "keys/base/mem.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/rules.h"

#define EXPLICIT_LITTLE "1.2.840.10008.1.2.1"

struct part {
	const struct dicom_attribute *a;
	const char *value;
};

static const struct {
	uint32_t tag;
	const char *value;
} needed[] = {
	{ TAG_CHARACTER_SET, "ISO_IR 192" },
	{ TAG_SOP_CLASS, "1.2.840.10008.5.1.4.1.1.2" },
	{ TAG_SOP_INSTANCE, "1.2.3.4" },
};
#define NEEDED (sizeof(needed) / sizeof(needed[0]))

static int
by_tag(const void *x, const void *y)
{
	const struct part *a = x, *b = y;

	return a->a->tag < b->a->tag ? -1 : a->a->tag > b->a->tag;
}

/* Whole numbers in binary: of so many bytes, or 0 for no such representation.
 */
static unsigned
number_bytes(const char *vr)
{
	if (strcmp(vr, "US") == 0 || strcmp(vr, "SS") == 0)
		return 2;
	return strcmp(vr, "UL") == 0 || strcmp(vr, "SL") == 0 ? 4 : 0;
}

static int
put_number(struct bytes *out, const struct part *p, struct fault *f)
{
	unsigned bytes = number_bytes(p->a->vr);
	struct decimal d;
	uint8_t little[4];
	bool exact;

	if (!decimal_read(&d, p->value, strlen(p->value), &exact) || !exact ||
	    d.parts != 0 || d.whole < -(1ll << (8 * bytes - 1)) ||
	    d.whole >= 1ll << (8 * bytes))
		return fault_set(f, FAULT_INPUT, "%s: no number of %u bits",
		    p->a->keyword, 8 * bytes);
	for (unsigned i = 0; i < bytes; i++)
		little[i] = (uint8_t)((uint64_t)d.whole >> (8 * i));
	return dicom_put(out, false, p->a->tag, p->a->vr,
	    &(struct slice){ little, bytes }, f);
}

static int
put_part(struct bytes *out, const struct part *p, struct fault *f)
{
	const struct slice text = slice_of_text(p->value);
	unsigned chars;

	if (number_bytes(p->a->vr) > 0)
		return put_number(out, p, f);
	if (!dicom_is_text(p->a->vr, &chars))
		return fault_set(f, FAULT_INPUT,
		    "%s is of the representation %s, which a row cannot have",
		    p->a->keyword, p->a->vr);
	return dicom_put(out, false, p->a->tag, p->a->vr, &text, f);
}

static int
find_parts(struct part *parts, size_t *n, const struct names *names,
    const struct names *values, struct fault *f)
{
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->at[i];

		parts[i].a = dicom_named(name, strlen(name));
		parts[i].value = values->at[i];
		if (parts[i].a == NULL || parts[i].a->tag < TAG_CHARACTER_SET)
			return fault_set(f, FAULT_INPUT,
			    "\"%s\": no attribute that is known here", name);
	}
	*n = names->n;
	for (size_t i = 0; i < NEEDED; i++) {
		bool there = false;

		for (size_t k = 0; k < names->n; k++)
			there = there || parts[k].a->tag == needed[i].tag;
		if (!there)
			parts[(*n)++] =
			    (struct part){ dicom_find(needed[i].tag),
				    needed[i].value };
	}
	qsort(parts, *n, sizeof(*parts), by_tag);
	for (size_t i = 1; i < *n; i++)
		if (parts[i - 1].a == parts[i].a)
			return fault_set(f, FAULT_INPUT, "%s is there twice",
			    parts[i].a->keyword);
	return 0;
}

static const char *
value_of(const struct part *parts, uint32_t tag)
{
	while (parts->a->tag != tag)
		parts++;
	return parts->value;
}

int
mask_dicom_make(struct bytes *out, const struct names *names,
    const struct names *values, struct fault *f)
{
	struct part *parts = mem_array(names->n + NEEDED, sizeof(*parts));
	size_t n = 0;
	int rc = -1;

	must(names->n == values->n);
	if (parts == NULL)
		return fault_memory(f);
	if (find_parts(parts, &n, names, values, f) != 0 ||
	    dicom_put_start(out, EXPLICIT_LITTLE,
		value_of(parts, TAG_SOP_CLASS),
		value_of(parts, TAG_SOP_INSTANCE), f) != 0)
		goto out;
	for (size_t i = 0; i < n; i++)
		if (put_part(out, &parts[i], f) != 0)
			goto out;
	rc = 0;
out:
	mem_free(parts);
	return rc;
}

/* Of one value; several, and what is no number, are told as nothing. */
static int
see_number(const struct dicom_texts *to, const char *name, const char *vr,
    struct slice s, struct fault *f)
{
	bool negative =
	    vr[0] == 'S' && s.len > 0 && (s.at[s.len - 1] & 0x80) != 0;
	uint64_t v = negative ? UINT64_MAX : 0;
	char text[24] = "";

	if (s.len == number_bytes(vr) && s.len > 0) {
		for (size_t i = s.len; i-- > 0;)
			v = v << 8 | s.at[i];
		(void)snprintf(text, sizeof(text), "%lld", (long long)v);
	}
	s = slice_of_text(text);
	return to->see(to->arg, name, &s, f);
}

static int
see_piece(struct dicom *d, const struct dicom_piece *p,
    const struct dicom_texts *to, struct fault *f)
{
	char name[DICOM_NAME_CHARS + 1];
	struct slice s = { NULL, 0 };
	unsigned chars;

	if (p->event != DICOM_VALUE)
		return dicom_skip(d, p, f);
	dicom_name(name, p->tag);
	if (number_bytes(p->vr) == 0 && !dicom_is_text(p->vr, &chars))
		return 0;
	if (dicom_value(d, p, &s, f) != 0)
		return -1;
	if (number_bytes(p->vr) > 0)
		return see_number(to, name, p->vr, s, f);
	s = dicom_trim(s);
	return to->see(to->arg, name, &s, f);
}

int
mask_dicom_texts(const struct mask_source *src, const struct dicom_texts *to,
    struct fault *f)
{
	struct dicom_piece p;
	struct dicom d;
	int rc = -1;

	if (dicom_open(&d, src, f) != 0)
		goto out;
	for (;;) {
		if (dicom_next(&d, &p, f) != 0)
			goto out;
		if (p.event == DICOM_END)
			break;
		if (see_piece(&d, &p, to, f) != 0)
			goto out;
	}
	rc = 0;
out:
	dicom_close(&d);
	return rc == 0 ? 0 : fault_at(f, "%s", src->path);
}
