/* The pixels of DICOM files: which may leave, and how many of them. */

#include "tests/support/dicom_bytes.h"

#define SECONDARY_CAPTURE "1.2.840.10008.5.1.4.1.1.7"

struct image {
	const char *sop_class, *modality, *type, *burned_in;
	bool leaves;
};

static void
made_of(struct made *m, const struct image *i)
{
	made_start(m, EXPLICIT);
	if (i->type != NULL)
		made_text(m, TAG_IMAGE_TYPE, "CS", i->type);
	made_text(m, TAG_SOP_CLASS, "UI", i->sop_class);
	made_text(m, TAG_SOP_INSTANCE, "UI", "1.2.3");
	if (i->modality != NULL)
		made_text(m, TAG_MODALITY, "CS", i->modality);
	made_size(m, 2, 2);
	if (i->burned_in != NULL)
		made_text(m, TAG_BURNED_IN, "CS", i->burned_in);
}

static void
pictures_that_may_have_text_in_them_are_refused(void **state)
{
	static const struct image images[] = {
		{ CT_CLASS, "CT", "ORIGINAL\\PRIMARY\\AXIAL", NULL, true },
		{ CT_CLASS, "CT", NULL, NULL, true },
		{ CT_CLASS, "MR", "DERIVED\\PRIMARY", NULL, true },
		{ CT_CLASS, "PT", NULL, "NO", true },
		{ CT_CLASS, "US", NULL, "NO", true },
		{ CT_CLASS, "US", NULL, NULL, false },
		{ CT_CLASS, NULL, NULL, NULL, false },
		{ CT_CLASS, "CT", NULL, "YES", false },
		{ CT_CLASS, "CT", NULL, "no", false },
		{ CT_CLASS, "CTX", NULL, NULL, false },
		{ CT_CLASS, "CT", "DERIVED\\SECONDARY\\REFORMATTED", NULL,
		    false },
		{ CT_CLASS, "CT", "DERIVED\\SECONDARY", "NO", true },
		{ SECONDARY_CAPTURE, "CT", NULL, NULL, false },
		{ SECONDARY_CAPTURE ".2", "MR", NULL, NULL, false },
		{ SECONDARY_CAPTURE, "CT", NULL, "NO", true },
	};
	const struct mask_reading as = { .type = TYPE_DICOM, .searched = true };
	struct fault f = { 0 };
	struct shape s;
	struct made m;
	struct trial t;

	(void)state;
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		made_of(&m, &images[i]);
		made_pixels(&m);
		made_open_trial(&m, &t);
		assert_ok(trial_all(&t, TRANSFORM_KEEP, &f));
		if (images[i].leaves)
			assert_ok(trial_mask(&t, &f));
		else {
			assert_refused(trial_mask(&t, &f), FAULT_POLICY);
			assert_non_null(strstr(f.text, "there may be text"));
			assert_non_null(strstr(f.hint, "burned_in: accept"));
		}
		/* which is known before anything leaves */
		shape_init(&s, TYPE_DICOM);
		if (images[i].leaves)
			assert_ok(mask_shape(&t.src, &as, &s, &f));
		else
			assert_refused(
			    mask_shape(&t.src, &as, &s, &f), FAULT_POLICY);
		shape_free(&s);
		fault_clear(&f);
		/* somebody has looked; or they do not leave */
		t.plan.burned_in = true;
		assert_ok(trial_mask(&t, &f));
		t.plan.burned_in = false;
		(void)made_decide(&t, "PixelData", TRANSFORM_DROP, NULL);
		assert_ok(trial_mask(&t, &f));
		trial_close(&t);
		bytes_free(&m.b);
		/* what is no picture has no text in it */
		made_of(&m, &images[i]);
		made_open_trial(&m, &t);
		assert_ok(trial_all(&t, TRANSFORM_KEEP, &f));
		assert_ok(trial_mask(&t, &f));
		trial_close(&t);
		bytes_free(&m.b);
	}
}

/* As many bytes as the picture has leave, and what is behind them does not. */
static void
native_pixels_are_as_many_as_the_picture_has(void **state)
{
	static const char pixels[] = "\1\0\2\0\3\0\4\0Doe^Jane";
	static const struct {
		uint32_t rows, columns;
		const char *syntax;
		size_t len, sent;
	} files[] = {
		{ 2, 2, EXPLICIT, 8, 8 },
		{ 2, 2, EXPLICIT, 16, 8 },
		{ 2, 2, IMPLICIT, 16, 8 },
		{ 2, 3, EXPLICIT, 8, 0 },
		{ 0, 2, EXPLICIT, 8, 0 },
		{ 2, 2, JPEG_BASELINE, 8, 0 },
	};
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		made_image(&m, files[i].syntax);
		made_size(&m, files[i].rows, files[i].columns);
		made_bytes(&m, TAG_PIXELS, "OW", pixels, files[i].len);
		made_open_trial(&m, &t);
		assert_ok(trial_all(&t, TRANSFORM_KEEP, &f));
		(void)made_decide(&t, "PatientName", TRANSFORM_DROP, NULL);
		if (files[i].sent == 0)
			assert_refused(trial_mask(&t, &f), FAULT_INPUT);
		else {
			assert_ok(trial_mask(&t, &f));
			assert_memory_equal(
			    t.out.at + t.out.len - 8, pixels, files[i].sent);
			assert_int_equal(t.out.at[t.out.len - 12], 8);
			assert_null(memmem(t.out.at, t.out.len, "Doe^Jane", 8));
		}
		trial_close(&t);
		bytes_free(&m.b);
	}
}

static void
other_kinds_of_pixels_may_have_text_in_them_too(void **state)
{
	static const struct image us = { CT_CLASS, "US", NULL, NULL, false };
	static const struct image ct = { CT_CLASS, "CT", "DERIVED\\ SECONDARY",
		NULL, false };
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		static const uint8_t floats[16];

		made_of(&m, i == 1 ? &ct : &us);
		if (i == 2) {
			/* an overlay in the bits that no sample counts */
			bytes_free(&m.b);
			made_of(&m, &(struct image){
					CT_CLASS, "CT", NULL, "NO", false });
			made_bytes(&m, 0x60020102, "US", "\x0c\0", 2);
		}
		made_bytes(&m, TAG_FLOAT_PIXELS, "OF", floats, 16);
		made_open_trial(&m, &t);
		assert_ok(trial_all(&t, TRANSFORM_KEEP, &f));
		assert_refused(trial_mask(&t, &f), FAULT_POLICY);
		t.plan.burned_in = true;
		assert_ok(trial_mask(&t, &f));
		trial_close(&t);
		bytes_free(&m.b);
	}
}

static void
pixels_in_sequences_are_refused(void **state)
{
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	(void)state;
	made_image(&m, EXPLICIT);
	made_open(&m, 0x00880200, "SQ", true);
	made_open(&m, TAG_ITEM, "", true);
	made_pixels(&m);
	made_end(&m);
	made_end(&m);
	made_keep_all(&m, &t);
	t.plan.burned_in = true;
	assert_refused(trial_mask(&t, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "pixels inside a sequence"));
	(void)made_decide(&t, "IconImageSequence", TRANSFORM_DROP, NULL);
	assert_ok(trial_mask(&t, &f));
	made_done(&m, &t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    pictures_that_may_have_text_in_them_are_refused),
		cmocka_unit_test(native_pixels_are_as_many_as_the_picture_has),
		cmocka_unit_test(
		    other_kinds_of_pixels_may_have_text_in_them_too),
		cmocka_unit_test(pixels_in_sequences_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
