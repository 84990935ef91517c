#ifndef TESTS_SUPPORT_DICOM_BYTES_H
#define TESTS_SUPPORT_DICOM_BYTES_H

/* DICOM files from their elements. */

#include <string.h>

#include "gateway/mask/dicom_internal.h"
#include "policy/dicom/dicom.h"
#include "tests/support/mask_plan.h"

#define IMPLICIT "1.2.840.10008.1.2"
#define EXPLICIT "1.2.840.10008.1.2.1"
#define JPEG_BASELINE "1.2.840.10008.1.2.4.50"
#define J2K_LOSSLESS "1.2.840.10008.1.2.4.90"
#define CT_CLASS "1.2.840.10008.5.1.4.1.1.2"

#define MADE_DEEP 300u

/* A file in the making. */
struct made {
	struct bytes b;
	bool implicit;
	/* what is open: where its length is, or 0 where it has none, and
	 * whether it is an item */
	size_t length[MADE_DEEP];
	bool item[MADE_DEEP];
	unsigned top;
};

static inline void
made_number(struct made *m, uint64_t v, unsigned bytes)
{
	struct fault f = { 0 };
	uint8_t p[8];

	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
	assert_ok(bytes_add(&m->b, p, bytes, &f));
}

static inline void
made_head(struct made *m, uint32_t tag, const char *vr, uint32_t len)
{
	struct fault f = { 0 };

	made_number(m, tag >> 16, 2);
	made_number(m, tag & 0xffff, 2);
	if (m->implicit || tag >> 16 == 0xfffe) {
		made_number(m, len, 4);
		return;
	}
	assert_ok(bytes_add(&m->b, vr, 2, &f));
	if (strstr("OB OD OF OL OV OW SQ SV UC UN UR UT UV", vr) == NULL) {
		made_number(m, len, 2);
		return;
	}
	made_number(m, 0, 2);
	made_number(m, len, 4);
}

static inline void
made_bytes(
    struct made *m, uint32_t tag, const char *vr, const void *p, size_t len)
{
	struct fault f = { 0 };

	made_head(m, tag, vr, (uint32_t)len);
	assert_ok(bytes_add(&m->b, p, len, &f));
}

/* A text, padded as its VR asks. */
static inline void
made_text(struct made *m, uint32_t tag, const char *vr, const char *text)
{
	struct fault f = { 0 };
	size_t len = strlen(text);

	made_head(m, tag, vr, (uint32_t)(len + len % 2));
	assert_ok(bytes_add(&m->b, text, len, &f));
	if (len % 2 != 0)
		made_number(m, strcmp(vr, "UI") == 0 ? 0 : ' ', 1);
}

/* Preamble and meta information. */
static inline void
made_start(struct made *m, const char *syntax)
{
	static const uint8_t preamble[128] = "II*";
	struct fault f = { 0 };

	*m = (struct made){ .top = 0 };
	bytes_init(&m->b, (size_t)1 << 30);
	assert_ok(bytes_add(&m->b, preamble, sizeof(preamble), &f));
	assert_ok(bytes_add(&m->b, "DICM", 4, &f));
	made_text(m, 0x00020002, "UI", CT_CLASS);
	made_text(m, 0x00020003, "UI", "1.2.3.4");
	made_text(m, 0x00020010, "UI", syntax);
	made_text(m, 0x00020016, "AE", "OWNERS_AE");
	m->implicit = strcmp(syntax, IMPLICIT) == 0;
}

/* Begin a sequence, or with TAG_ITEM an item of it. */
static inline void
made_open(struct made *m, uint32_t tag, const char *vr, bool undefined)
{
	assert_true(m->top < MADE_DEEP);
	made_head(m, tag, vr, DICOM_UNDEFINED);
	m->item[m->top] = tag == TAG_ITEM;
	m->length[m->top++] = undefined ? 0 : m->b.len - 4;
}

static inline void
made_end(struct made *m)
{
	size_t at;

	assert_true(m->top-- > 0);
	at = m->length[m->top];
	if (at == 0) {
		made_head(m, m->item[m->top] ? TAG_ITEM_END : TAG_SEQUENCE_END,
		    "", 0);
		return;
	}
	for (unsigned i = 0; i < 4; i++)
		m->b.at[at + i] = (uint8_t)((m->b.len - at - 4) >> (8 * i));
}

/* What every image has at its top, as far as group 0020. */
static inline void
made_image(struct made *m, const char *syntax)
{
	made_start(m, syntax);
	made_text(m, TAG_CHARACTER_SET, "CS", "ISO_IR 100");
	made_text(m, TAG_SOP_CLASS, "UI", CT_CLASS);
	made_text(m, TAG_SOP_INSTANCE, "UI", "1.2.3.4");
	made_text(m, 0x00080020, "DA", "20200229");
	made_text(m, TAG_MODALITY, "CS", "CT");
	made_text(m, 0x00100010, "PN", "Doe^Jane");
	made_text(m, 0x00100020, "LO", "P-4711");
	made_text(m, TAG_STUDY, "UI", "1.2.3");
	made_text(m, TAG_SERIES, "UI", "1.2.3.1");
	made_text(m, TAG_INSTANCE_NUMBER, "IS", "7");
}

/* How large its picture is: of 16 bits a pixel. */
static inline void
made_size(struct made *m, uint32_t rows, uint32_t columns)
{
	const uint32_t sizes[][2] = { { TAG_SAMPLES, 1 }, { TAG_ROWS, rows },
		{ TAG_COLUMNS, columns }, { TAG_BITS, 16 } };

	for (size_t i = 0; i < 4; i++) {
		made_head(m, sizes[i][0], "US", 2);
		made_number(m, sizes[i][1], 2);
	}
}

/* Of two rows and columns. */
static inline void
made_pixels(struct made *m)
{
	static const uint8_t pixels[8] = { 1, 0, 2, 0, 3, 0, 4, 0 };

	made_bytes(m, TAG_PIXELS, "OW", pixels, sizeof(pixels));
}

static inline void
made_open_trial(struct made *m, struct trial *t)
{
	trial_open(t, TYPE_DICOM, m->b.at, m->b.len);
}

static inline bool
shape_has(const struct shape *s, const char *name)
{
	for (size_t i = 0; i < s->nfields; i++)
		if (strcmp(s->fields[i].name, name) == 0)
			return true;
	return false;
}

/* What a file that leaves begins with. */
static inline void
made_clean_start(struct made *m, const char *syntax, const char *instance)
{
	static const uint8_t preamble[128];
	struct fault f = { 0 };
	size_t length;

	*m = (struct made){ .top = 0 };
	bytes_init(&m->b, (size_t)1 << 30);
	assert_ok(bytes_add(&m->b, preamble, sizeof(preamble), &f));
	assert_ok(bytes_add(&m->b, "DICM", 4, &f));
	made_bytes(m, 0x00020000, "UL", "\0\0\0\0", 4);
	length = m->b.len;
	made_bytes(m, 0x00020001, "OB", "\0\1", 2);
	made_text(m, 0x00020002, "UI", CT_CLASS);
	made_text(m, 0x00020003, "UI", instance);
	made_text(m, 0x00020010, "UI", syntax);
	made_text(
	    m, 0x00020012, "UI", "2.25.40727585238382955103910802214180759110");
	made_text(m, 0x00020013, "SH", "HANDOFF");
	m->b.at[length - 4] = (uint8_t)(m->b.len - length);
	m->implicit = strcmp(syntax, IMPLICIT) == 0;
}

/* What it says of the profile without options, up to group 0028. */
static inline void
made_told(struct made *m)
{
	static const char title[] = "Basic Application Confidentiality Profile";

	/* the patient's name in front of it is no removed identity */
	made_text(m, 0x00120062, "CS",
	    memmem(m->b.at, m->b.len, "Doe^Jane", 8) == NULL ? "YES" : "NO");
	made_text(m, 0x00120063, "LO", title);
	made_open(m, 0x00120064, "SQ", true);
	made_open(m, TAG_ITEM, "", true);
	made_text(m, 0x00080100, "SH", "113100");
	made_text(m, 0x00080102, "SH", "DCM");
	made_text(m, 0x00080104, "LO", title);
	made_end(m);
	made_end(m);
}

/* Mask m by the trial's plan, which must give want; both are freed. */
static inline void
made_becomes(struct made *m, struct trial *t, struct made *want)
{
	struct fault f = { 0 };

	assert_ok(trial_mask(t, &f));
	for (size_t i = 0; i < t->out.len && i < want->b.len; i++)
		if (t->out.at[i] != want->b.at[i])
			fail_msg("differs at byte %zu", i);
	assert_int_equal(t->out.len, want->b.len);
	trial_check_record(t, m->b.at);
	trial_close(t);
	bytes_free(&m->b);
	bytes_free(&want->b);
}

/* The attribute's decision. */
static inline struct plan_field *
made_decide(struct trial *t, const char *name, enum transform_action action,
    const char *text)
{
	for (size_t i = 0; i < t->plan.nfields; i++) {
		struct plan_field *p = &t->plan.fields[i];

		if (strcmp(p->name, name) != 0)
			continue;
		transform_free(&p->how);
		p->how = (struct transform){ .action = action, .line = 9 };
		if (text != NULL)
			p->how.text = mem_text(text, strlen(text));
		return p;
	}
	fail_msg("no attribute %s", name);
	return NULL;
}

/* A trial of m by a plan that keeps everything. */
static inline void
made_keep_all(struct made *m, struct trial *t)
{
	struct fault f = { 0 };

	made_open_trial(m, t);
	assert_ok(trial_all(t, TRANSFORM_KEEP, &f));
}

static inline void
made_done(struct made *m, struct trial *t)
{
	trial_close(t);
	bytes_free(&m->b);
}

/* What made_image() begins with, without group 0010. */
static inline void
made_top(struct made *w, const char *syntax)
{
	made_clean_start(w, syntax, "1.2.3.4");
	made_text(w, TAG_CHARACTER_SET, "CS", "ISO_IR 100");
	made_text(w, TAG_SOP_CLASS, "UI", CT_CLASS);
	made_text(w, TAG_SOP_INSTANCE, "UI", "1.2.3.4");
	made_text(w, 0x00080020, "DA", "20200229");
	made_text(w, TAG_MODALITY, "CS", "CT");
}

static inline void
made_series_of(struct made *w, uint32_t rows, uint32_t columns)
{
	made_told(w);
	made_text(w, TAG_STUDY, "UI", "1.2.3");
	made_text(w, TAG_SERIES, "UI", "1.2.3.1");
	made_text(w, TAG_INSTANCE_NUMBER, "IS", "7");
	if (rows > 0)
		made_size(w, rows, columns);
	made_text(w, TAG_DATES_MODIFIED, "CS", "REMOVED");
}

static inline void
made_series(struct made *w)
{
	made_series_of(w, 0, 0);
}

#endif
