/*
 * The pixels of a DICOM file: whether they may leave, and compressed frames as
 * they pass.
 */

#include <string.h>

#include "gateway/mask/dicom_mask_internal.h"
#include "policy/rules/rules.h"

int
masking_pixels(struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	if (!dicom_is_picture(p->tag))
		return 0;
	if (p->depth > 0)
		return fault_set(f, FAULT_INPUT,
		    "pixels inside a sequence, which nothing here looks at");
	if (m->src->plan->burned_in)
		return 0;
	return dicom_facts_clean(&m->facts, f);
}

int
masking_native(struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	uint64_t bytes, at = p->at + p->head;

	if (m->d.coding != CODING_NONE)
		return fault_set(f, FAULT_INPUT,
		    "not compressed, against the file's transfer syntax");
	if (dicom_facts_pixels(&m->facts, p->tag, &bytes, f) != 0)
		return -1;
	if (bytes > p->len)
		return fault_set(
		    f, FAULT_INPUT, "fewer pixels than the picture has");
	if (bytes == p->len)
		return masking_keep(m, p->at, p->head + bytes, f);
	bytes_reset(&m->put);
	if (dicom_put_head(
		&m->put, p->implicit, p->raw, p->vr, (uint32_t)bytes, f) != 0 ||
	    mask_swap(m->o, p->head, m->put.at, m->put.len, f) != 0 ||
	    masking_keep(m, at, bytes, f) != 0)
		return -1;
	return mask_swap(m->o, p->len - bytes, NULL, 0, f);
}

/* An offset table (PS3.5 A.4): nothing, or where frames begin, rising. */
static int
check_offsets(struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	uint64_t at = p->at + p->head, end = at + p->len;
	uint32_t before = 0, offset;
	const uint8_t *bytes;

	for (; at < end; at += 4) {
		if (end - at < 4)
			return fault_set(f, FAULT_INPUT,
			    "compressed frames without a table of offsets");
		if (image_take(&m->d.w, at, 4, &bytes, f) != 0)
			return -1;
		offset = (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 |
			 (uint32_t)bytes[1] << 8 | bytes[0];
		if (at == p->at + p->head ? offset != 0 : offset <= before)
			return fault_set(f, FAULT_INPUT,
			    "compressed frames without a table of offsets");
		before = offset;
	}
	return 0;
}

/* An RLE frame's header (PS3.5 G.5): how many segments, and where they begin.
 */
static int
check_segments(struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	const uint8_t *h;
	uint32_t before = 63, n;

	if (p->len < 64)
		return fault_set(f, FAULT_INPUT, "no frame of RLE");
	if (image_take(&m->d.w, p->at + p->head, 64, &h, f) != 0)
		return -1;
	n = h[0];
	if (n < 1 || n > 15 || h[1] != 0 || h[2] != 0 || h[3] != 0)
		return fault_set(f, FAULT_INPUT, "no frame of RLE");
	for (uint32_t i = 1; i < 16; i++) {
		const uint8_t *q = h + 4 * (size_t)i;
		uint32_t offset = (uint32_t)q[3] << 24 | (uint32_t)q[2] << 16 |
				  (uint32_t)q[1] << 8 | q[0];

		if (i > n ? offset != 0
			  : (offset <= before || offset >= p->len))
			return fault_set(f, FAULT_INPUT, "no frame of RLE");
		before = offset;
	}
	return 0;
}

static bool
all_zero(const uint8_t *p, size_t len)
{
	return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

static int
blank_run(struct masking *m, size_t len, struct fault *f)
{
	static const uint8_t zeros[4096];

	for (size_t n; len > 0; len -= n) {
		n = len < sizeof(zeros) ? len : sizeof(zeros);
		if (mask_swap(m->o, n, zeros, n, f) != 0)
			return -1;
	}
	return 0;
}

/* A run of a compressed frame, what pictures do not need blanked. */
static int
keep_frame(struct masking *m, const uint8_t *p, size_t len, struct fault *f)
{
	size_t kept, blank;

	while (len > 0) {
		if (dicom_stream_look(&m->stream, p, len, &kept, &blank, f) !=
		    0)
			return -1;
		if (all_zero(p + kept, blank)) {
			kept += blank;
			blank = 0;
		}
		if (mask_keep(m->o, p, kept, f) != 0 ||
		    blank_run(m, blank, f) != 0)
			return -1;
		p += kept + blank;
		len -= kept + blank;
	}
	return 0;
}

int
masking_fragment(
    struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	enum dicom_coding coding = m->d.coding;
	uint64_t at = p->at + p->head, end = at + p->len;
	const uint8_t *bytes;
	size_t n;

	if (m->fragments++ == 0)
		return check_offsets(m, p, f) != 0
			   ? -1
			   : masking_keep(m, p->at, p->head + p->len, f);
	if (coding == CODING_RLE)
		return check_segments(m, p, f) != 0
			   ? -1
			   : masking_keep(m, p->at, p->head + p->len, f);
	if (masking_keep(m, p->at, p->head, f) != 0)
		return -1;
	dicom_stream_fragment(&m->stream);
	for (; at < end; at += n)
		if (image_some(&m->d.w, at, end - at, &bytes, &n, f) != 0 ||
		    keep_frame(m, bytes, n, f) != 0)
			return fault_at(
			    f, "offset %llu", (unsigned long long)at);
	return 0;
}

int
masking_frames(struct masking *m, const struct dicom_piece *p, struct fault *f)
{
	const struct plan_field *field;

	bytes_reset(&m->put);
	if (masking_decide(m, p, &field, f) != 0)
		return -1;
	if (field->how.action == TRANSFORM_DROP)
		return masking_cut_whole(m, p, f);
	if (field->how.action != TRANSFORM_KEEP) {
		(void)fault_set(
		    f, FAULT_POLICY, "pixels can be kept or dropped");
		return file_plan_at(m->src->plan, field, f);
	}
	m->fragments = 0;
	m->stream = (struct dicom_stream){ .coding = m->d.coding };
	return masking_pixels(m, p, f) != 0
		   ? -1
		   : masking_keep(m, p->at, p->head, f);
}
