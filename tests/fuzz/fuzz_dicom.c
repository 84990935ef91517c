/*
 * Any bytes as a DICOM file.  What leaves is a DICOM file again: it has no
 * attribute that was dropped, at any depth, and by the same decisions it leaves
 * once more byte for byte as it is.
 */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/mask/mask_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What becomes of an attribute of that name: any of the four, but that a file
 * needs what it is called by, and what tells how large its picture is. */
static enum transform_action
decision(const char *name)
{
	static const enum transform_action actions[] = { TRANSFORM_KEEP,
		TRANSFORM_DROP, TRANSFORM_CONSTANT, TRANSFORM_KEEP };
	static const char *const needed[] = { "SOPClassUID", "SOPInstanceUID",
		"SamplesPerPixel", "PhotometricInterpretation",
		"NumberOfFrames", "Rows", "Columns", "BitsAllocated",
		"PixelData", "FloatPixelData", "DoubleFloatPixelData" };
	unsigned sum = 0;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (strcmp(name, needed[i]) == 0)
			return TRANSFORM_KEEP;
	for (size_t i = 0; name[i] != '\0'; i++)
		sum = sum * 31 + (uint8_t)name[i];
	return actions[sum % 4];
}

static int
take(void *arg, const void *p, size_t len, struct fault *f)
{
	return bytes_add(arg, p, len, f);
}

/* 0 if it could be read; *masked whether it left. */
static int
once(const struct bytes *in, struct bytes *out, struct shape *shape,
    bool *masked)
{
	static char nothing[] = "";
	struct file_plan plan = { .type = TYPE_DICOM,
		.policy = nothing,
		.item = PLAN_NO_FIELD,
		.subject = PLAN_NO_FIELD,
		.burned_in = true };
	struct mask_source src = {
		.size = in->len, .plan = &plan, .path = "file"
	};
	const struct mask_reading as = { .type = TYPE_DICOM };
	struct mask_series series;
	struct mask_change change;
	struct fault f = { 0 };
	int rc;

	mask_change_init(&change, false);
	src.fd = memfd_create("dicom", MFD_CLOEXEC);
	must(src.fd != -1 && file_write(src.fd, in->at, in->len, &f) == 0);
	rc = mask_shape(&src, &as, shape, &f);
	must(rc == 0 || (f.kind == FAULT_INPUT && f.text[0] != '\0'));
	plan.nfields = shape->nfields;
	plan.fields = mem_array(plan.nfields, sizeof(*plan.fields));
	must(plan.fields != NULL);
	for (size_t i = 0; i < plan.nfields; i++) {
		plan.fields[i].name = shape->fields[i].name;
		plan.fields[i].how.action = decision(shape->fields[i].name);
		plan.fields[i].how.text = nothing;
	}
	*masked = false;
	if (rc == 0) {
		*masked = mask_file(&src, (struct mask_sink){ take, out },
			      &change, &f) == 0;
		must(*masked || f.text[0] != '\0');
		fault_clear(&f);
		if (mask_series(&src, &series, &f) == 0)
			must(series.study[0] != '\0');
	}
	mask_change_free(&change);
	mem_free(plan.fields);
	(void)close(src.fd);
	return rc;
}

static bool
is_told(const char *name)
{
	return strcmp(name, "PatientIdentityRemoved") == 0 ||
	       strncmp(name, "DeidentificationMethod", 22) == 0 ||
	       strcmp(name, "LongitudinalTemporalInformationModified") == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct bytes in, first, second;
	struct shape shape, left;
	bool masked, again;

	bytes_init(&in, (size_t)64 << 20);
	bytes_init(&first, (size_t)64 << 20);
	bytes_init(&second, (size_t)64 << 20);
	shape_init(&shape, TYPE_DICOM);
	shape_init(&left, TYPE_DICOM);
	must(bytes_add(&in, p, len, &(struct fault){ 0 }) == 0);
	if (once(&in, &first, &shape, &masked) == 0 && masked) {
		must(once(&first, &second, &left, &again) == 0 && again);
		for (size_t i = 0; i < left.nfields; i++)
			must(is_told(left.fields[i].name) ||
			     decision(left.fields[i].name) != TRANSFORM_DROP);
		must(first.len == second.len &&
		     memcmp(first.at, second.at, first.len) == 0);
	}
	shape_free(&shape);
	shape_free(&left);
	bytes_free(&in);
	bytes_free(&first);
	bytes_free(&second);
	return 0;
}
