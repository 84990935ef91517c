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
	if (p->tag != TAG_PIXELS || m->src->plan->burned_in)
		return 0;
	return dicom_facts_clean(&m->facts, f);
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

	/* the first is a table of offsets */
	if (m->fragments++ == 0 ||
	    (coding != CODING_JPEG && coding != CODING_J2K))
		return masking_keep(m, p->at, p->head + (uint64_t)p->len, f);
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
