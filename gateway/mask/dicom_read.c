/*
 * DICOM files, piece by piece; see dicom_internal.h.
 *
 *     preamble, "DICM", meta information | data set: elements, sequences,
 *                                          items, fragments ... to the end
 *
 * Read are the data sets that PS3.5 has today: explicit VR little endian with
 * or without encapsulated pixels, and implicit VR.  Inside a value of VR UN
 * that is a sequence everything is implicit (PS3.5 6.2.2, note 2; CP-246).
 *
 * What two readers could take for two different things is refused: odd
 * lengths, lengths past the end of what they are in, tags out of their order or
 * twice, VRs that PS3.5 has not, items and delimiters where none belong, and
 * whatever is left over.
 */

#include "gateway/mask/dicom_internal.h"

#include <stdio.h>
#include <string.h>

#include "policy/dicom/dicom.h"

#define SHORT_HEAD 8u /* tag, and VR and length, or a long length */
#define LONG_HEAD 12u /* tag, VR, two reserved bytes, a long length */

static uint32_t
get_u16(const uint8_t *p)
{
	return (uint32_t)p[1] << 8 | p[0];
}

static uint32_t
get_u32(const uint8_t *p)
{
	return get_u16(p + 2) << 16 | get_u16(p);
}

static uint32_t
get_tag(const uint8_t *p)
{
	return get_u16(p) << 16 | get_u16(p + 2);
}

struct slice
dicom_trim(struct slice s)
{
	while (s.len > 0 && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == 0))
		s.len--;
	while (s.len > 0 && s.at[0] == ' ') {
		s.at++;
		s.len--;
	}
	return s;
}

bool
dicom_uid_valid(const struct slice *s)
{
	bool first = true; /* of a component */

	if (s->len == 0 || s->len > MASK_UID_CHARS)
		return false;
	for (size_t i = 0; i < s->len; i++) {
		uint8_t c = s->at[i];

		if (c == '.') {
			if (first)
				return false;
			first = true;
			continue;
		}
		if (c < '0' || c > '9' ||
		    (!first && s->at[i - 1] == '0' &&
			(i == 1 || s->at[i - 2] == '.')))
			return false;
		first = false;
	}
	return !first;
}

/* ---- Headers ---- */

/* VRs by PS3.5 table 6.2-1; those with a long length come first. */
static const char long_vrs[] = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";
static const char short_vrs[] =
    "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US";

static bool
is_one(const char *list, const uint8_t *vr)
{
	for (; list[0] != '\0'; list += list[2] == '\0' ? 2 : 3)
		if (list[0] == (char)vr[0] && list[1] == (char)vr[1])
			return true;
	return false;
}

static int
read_explicit(
    struct dicom_piece *p, const uint8_t *h, size_t have, struct fault *f)
{
	memcpy(p->vr, h + 4, 2);
	if (is_one(short_vrs, h + 4)) {
		p->len = get_u16(h + 6);
		p->head = SHORT_HEAD;
		return 0;
	}
	if (!is_one(long_vrs, h + 4))
		return fault_set(
		    f, FAULT_INPUT, "an element of a VR that there is not");
	if (have < LONG_HEAD)
		return fault_set(f, FAULT_INPUT, "cut short");
	if (get_u16(h + 6) != 0)
		return fault_set(
		    f, FAULT_INPUT, "reserved bytes that are not zero");
	p->len = get_u32(h + 8);
	p->head = LONG_HEAD;
	return 0;
}

/* What the standard says of an element. */
static void
know(struct dicom_piece *p)
{
	const struct dicom_attribute *a = dicom_find(p->raw);

	p->tag = a != NULL ? a->tag : p->raw;
	p->group_length = (p->raw & 0xffff) == 0;
	p->unnamed = p->implicit || memcmp(p->vr, "UN", 2) == 0;
	if (!p->unnamed)
		return;
	memcpy(p->vr, a != NULL ? a->vr : "UN", 2);
}

/* In front of a fault: which element it is about. */
static int
at_element(const struct dicom_piece *p, struct fault *f)
{
	char name[DICOM_NAME_CHARS + 1];

	dicom_name(name, p->raw);
	return fault_at(f, "%s", name);
}

/* The header of an element, an item or a delimiter at d->at. */
static int
read_head(struct dicom *d, struct dicom_piece *p, struct fault *f)
{
	const struct dicom_level *l = &d->level[d->top];
	uint64_t left = l->end - d->at;
	size_t have = left < LONG_HEAD ? (size_t)left : LONG_HEAD;
	const uint8_t *h;

	if (have < SHORT_HEAD)
		return fault_set(f, FAULT_INPUT, "cut short");
	if (image_take(&d->w, d->at, have, &h, f) != 0)
		return -1;
	p->raw = get_tag(h);
	p->implicit = l->implicit;
	if (p->raw >> 16 == TAG_ITEM >> 16) {
		p->tag = p->raw;
		p->len = get_u32(h + 4);
		p->head = SHORT_HEAD;
		return 0;
	}
	if (l->implicit) {
		p->len = get_u32(h + 4);
		p->head = SHORT_HEAD;
	} else if (read_explicit(p, h, have, f) != 0)
		return at_element(p, f);
	know(p);
	return 0;
}

/* Its value lies inside what it is in. */
static int
check_length(
    const struct dicom *d, const struct dicom_piece *p, struct fault *f)
{
	if (p->len == DICOM_UNDEFINED)
		return 0;
	if (p->len > d->level[d->top].end - p->at - p->head)
		return fault_set(f, FAULT_INPUT, "cut short");
	if (p->len % 2 != 0) {
		(void)fault_set(f, FAULT_INPUT, "a value of an odd length");
		return dicom_hint_convert(d->path, f);
	}
	return 0;
}

/* ---- Levels ---- */

static int
push(struct dicom *d, const struct dicom_piece *p, enum dicom_inside inside,
    bool implicit, struct fault *f)
{
	const struct dicom_level *around = &d->level[d->top];
	struct dicom_level l = {
		.inside = inside,
		.undefined = p->len == DICOM_UNDEFINED,
		.implicit = implicit,
		.tag = p->tag,
		.end = around->end,
	};

	if (!l.undefined)
		l.end = p->at + p->head + p->len;
	if (d->top + 1 == sizeof(d->level) / sizeof(d->level[0]))
		return fault_set(f, FAULT_INPUT,
		    "more than %u sequences in one another", DICOM_DEPTH_MAX);
	d->level[++d->top] = l;
	return 0;
}

/* What is in hand ends: by its length, or by the delimiter in p. */
static void
pop(struct dicom *d, struct dicom_piece *p)
{
	const struct dicom_level *l = &d->level[d->top];

	p->tag = l->tag;
	switch (l->inside) {
	case IN_SEQUENCE:
		p->event = DICOM_SEQUENCE_END;
		break;
	case IN_FRAMES:
		p->event = DICOM_FRAMES_END;
		break;
	case IN_DATASET:
		p->event = d->top == 0 ? DICOM_END : DICOM_ITEM_END;
		break;
	}
	if (d->top > 0)
		d->top--;
}

/* A delimiter belongs here, and says no more. */
static int
read_delimiter(struct dicom *d, struct dicom_piece *p, struct fault *f)
{
	const struct dicom_level *l = &d->level[d->top];
	uint32_t want =
	    l->inside == IN_DATASET ? TAG_ITEM_END : TAG_SEQUENCE_END;

	if (p->raw != want || !l->undefined || p->len != 0)
		return fault_set(f, FAULT_INPUT,
		    p->raw == TAG_ITEM ? "an item outside a sequence"
				       : "a delimiter that ends nothing");
	pop(d, p);
	return 0;
}

/* In a sequence, or in encapsulated pixels: another item. */
static int
next_item(struct dicom *d, struct dicom_piece *p, struct fault *f)
{
	const struct dicom_level l = d->level[d->top];

	if (p->raw >> 16 != TAG_ITEM >> 16)
		return fault_set(
		    f, FAULT_INPUT, "an element between the items");
	if (p->raw != TAG_ITEM)
		return read_delimiter(d, p, f);
	if (check_length(d, p, f) != 0)
		return -1;
	if (l.inside == IN_SEQUENCE) {
		p->event = DICOM_ITEM;
		return push(d, p, IN_DATASET, l.implicit, f);
	}
	if (p->len == DICOM_UNDEFINED)
		return fault_set(
		    f, FAULT_INPUT, "a fragment of an undefined length");
	p->event = DICOM_FRAGMENT;
	return 0;
}

/* An element of undefined length, or a sequence. */
static int
enter(struct dicom *d, struct dicom_piece *p, struct fault *f)
{
	bool frames = p->len == DICOM_UNDEFINED && p->tag == TAG_PIXELS;

	if (frames && (p->implicit || p->unnamed || d->coding == CODING_NONE))
		return fault_set(f, FAULT_INPUT,
		    "compressed, against the file's transfer syntax");
	/* to whoever goes by another VR its fragments are something else */
	if (frames && strcmp(p->vr, "OB") != 0 && strcmp(p->vr, "OW") != 0)
		return fault_set(f, FAULT_INPUT,
		    "fragments of a VR that is neither OB nor OW");
	if (!frames && p->len == DICOM_UNDEFINED && !p->unnamed &&
	    memcmp(p->vr, "SQ", 2) != 0)
		return fault_set(
		    f, FAULT_INPUT, "a value of an undefined length");
	p->event = frames ? DICOM_FRAMES : DICOM_SEQUENCE;
	if (!frames)
		memcpy(p->vr, "SQ", 2);
	return push(d, p, frames ? IN_FRAMES : IN_SEQUENCE, p->unnamed, f);
}

static int
next_element(struct dicom *d, struct dicom_piece *p, struct fault *f)
{
	struct dicom_level *l = &d->level[d->top];

	if (p->raw >> 16 == TAG_ITEM >> 16)
		return read_delimiter(d, p, f);
	if (p->raw <= l->last || (p->raw >> 16 == 2) != d->meta)
		return fault_set(f, FAULT_INPUT, "out of its order");
	if (check_length(d, p, f) != 0)
		return -1;
	l->last = p->raw;
	if (p->len == DICOM_UNDEFINED || memcmp(p->vr, "SQ", 2) == 0)
		return enter(d, p, f);
	p->event = DICOM_VALUE;
	return 0;
}

int
dicom_next(struct dicom *d, struct dicom_piece *p, struct fault *f)
{
	const struct dicom_level *l = &d->level[d->top];
	int rc;

	*p = (struct dicom_piece){ .at = d->at };
	if (d->at == l->end && !l->undefined) {
		pop(d, p);
		p->depth = d->top / 2;
		return 0;
	}
	rc = read_head(d, p, f);
	if (rc == 0) {
		rc = l->inside == IN_DATASET ? next_element(d, p, f)
					     : next_item(d, p, f);
		if (rc != 0 && p->raw >> 16 != TAG_ITEM >> 16)
			(void)at_element(p, f);
	}
	if (rc != 0)
		return fault_at(f, "offset %llu", (unsigned long long)d->at);
	p->depth = d->top / 2;
	d->at += p->head;
	if (p->event == DICOM_VALUE || p->event == DICOM_FRAGMENT)
		d->at += p->len;
	return 0;
}

int
dicom_skip(struct dicom *d, const struct dicom_piece *p, struct fault *f)
{
	struct dicom_piece inside;
	unsigned top = d->top;

	must(p->event == DICOM_SEQUENCE || p->event == DICOM_FRAMES);
	do {
		if (dicom_next(d, &inside, f) != 0)
			return -1;
	} while (d->top >= top);
	return 0;
}

int
dicom_value(struct dicom *d, const struct dicom_piece *p, struct slice *out,
    struct fault *f)
{
	must(p->event == DICOM_VALUE);
	if (p->len > DICOM_VALUE_MAX) {
		(void)fault_set(f, FAULT_INPUT, "a value over %u KiB",
		    DICOM_VALUE_MAX >> 10);
		return at_element(p, f);
	}
	out->len = p->len;
	return image_take(&d->w, p->at + p->head, p->len, &out->at, f);
}

void
dicom_rewind(struct dicom *d)
{
	d->at = d->dataset;
	d->top = 0;
	d->level[0] = (struct dicom_level){
		.inside = IN_DATASET, .implicit = d->implicit, .end = d->w.size
	};
}
