/* The pixels of DICOM files: which may leave, and what is blanked in compressed
 * frames. */

#include "tests/support/dicom_bytes.h"

#define SECONDARY_CAPTURE "1.2.840.10008.5.1.4.1.1.7"

/* ---- Burned-in text ---- */

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

/* ---- Frames ---- */

/* A file of those fragments, in hex, with ' ' between; padded to be even. */
static void
made_frames(struct made *m, const char *syntax, const char *fragments)
{
	char *all = mem_text(fragments, strlen(fragments)), *more = NULL;

	made_image(m, syntax);
	made_open(m, TAG_PIXELS, "OB", true);
	made_head(m, TAG_ITEM, "", 0); /* the offset table */
	for (char *w = strtok_r(all, " ", &more); w != NULL;
	     w = strtok_r(NULL, " ", &more)) {
		struct fault f = { 0 };
		struct bytes b;

		test_hex(&b, w);
		made_head(m, TAG_ITEM, "", (uint32_t)(b.len + b.len % 2));
		assert_ok(bytes_add(&m->b, b.at, b.len, &f));
		made_number(m, 0, b.len % 2);
		bytes_free(&b);
	}
	made_end(m);
	mem_free(all);
}

/* They leave as want, which is as long; in whatever way they are cut into
 * fragments. */
static void
frames_become(const char *syntax, const char *fragments, const char *want)
{
	struct fault f = { 0 };
	struct made m, w;
	struct trial t;
	size_t tail;

	assert_int_equal(strlen(fragments), strlen(want));
	made_frames(&m, syntax, fragments);
	made_frames(&w, syntax, want);
	tail = w.b.len - 132;
	made_open_trial(&m, &t);
	assert_ok(trial_all(&t, TRANSFORM_KEEP, &f));
	assert_ok(trial_mask(&t, &f));
	for (size_t i = 6; i <= tail; i++) {
		/* up to where the sequence begins */
		if (memcmp(w.b.at + w.b.len - i, "\xe0\x7f\x10\0OB", 6) == 0) {
			assert_memory_equal(
			    t.out.at + t.out.len - i, w.b.at + w.b.len - i, i);
			break;
		}
		assert_true(i < tail);
	}
	trial_check_record(&t, m.b.at);
	trial_close(&t);
	bytes_free(&m.b);
	bytes_free(&w.b);
}

static void
frames_refused(const char *syntax, const char *fragments, const char *why)
{
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	made_frames(&m, syntax, fragments);
	made_open_trial(&m, &t);
	assert_ok(trial_all(&t, TRANSFORM_KEEP, &f));
	assert_refused(trial_mask(&t, &f), FAULT_INPUT);
	if (strstr(f.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, why);
	trial_close(&t);
	bytes_free(&m.b);
}

#define SOI "ffd8"
#define EOI "ffd9"
#define JFIF                         \
	"ffe0"                       \
	"0010"                       \
	"4a464946000102000001000100" \
	"00"
#define ADOBE                    \
	"ffee"                   \
	"000e"                   \
	"41646f6265006400000000" \
	"00"
#define MRFX                \
	"ffe800076d7266780" \
	"2"
#define DQT        \
	"ffdb0004" \
	"aaff"
#define SOF        \
	"ffc00006" \
	"ffd800ff"
#define SOS        \
	"ffda0004" \
	"01ff"
#define SCAN           \
	"12ff0034ffd0" \
	"ff00ffd756"

static void
jpeg_frames_without_metadata_leave_as_they_came(void **state)
{
	static const char *const frames[] = {
		SOI DQT SOF SOS SCAN EOI,
		SOI JFIF ADOBE DQT SOF SOS SCAN DQT SOS SCAN EOI "00",
		/* fill bytes; JPEG-LS: its parameters, a bit of 0 stuffed */
		SOI "ff" MRFX "ffff" DQT SOF "fff80004abcd" SOS
		    "12ff7fff00" EOI,
		/* two frames, and one in two fragments */
		SOI DQT SOF SOS SCAN EOI " " SOI DQT SOF SOS SCAN EOI "00",
		SOI "ff" DQT "ff"
		    " c00006ffd800ff" SOS "1212ff"
		    " 0034" EOI,
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		frames_become(JPEG_BASELINE, frames[i], frames[i]);
	frames_become("1.2.840.10008.1.2.4.80", frames[2], frames[2]);
}

static void
comments_and_applications_are_blanked_in_jpeg_frames(void **state)
{
	static const char *const pairs[][2] = {
		{ SOI "fffe0006446f6521" DQT SOF SOS SCAN EOI,
		    SOI "fffe000600000000" DQT SOF SOS SCAN EOI },
		{ SOI "ffe10008457869660000" DQT SOF SOS SCAN EOI,
		    SOI "ffe10008000000000000" DQT SOF SOS SCAN EOI },
		/* a comment between scans, an empty one */
		{ SOI SOF SOS SCAN "fffe0003"
				   "61"
				   "fffe0002" SOS SCAN EOI,
		    SOI SOF SOS SCAN "fffe0003"
				     "00"
				     "fffe0002" SOS SCAN EOI },
		/* JFIF with a thumbnail, and what says to be Adobe's */
		{ SOI "ffe00013"
		      "4a4649460001020000010001"
		      "0101"
		      "aabbcc" SOF SOS SCAN EOI,
		    SOI "ffe00013"
			"000000000000000000000000"
			"0000"
			"000000" SOF SOS SCAN EOI },
		{ SOI "ffee0008"
		      "41646f626541" SOF SOS SCAN EOI,
		    SOI "ffee0008"
			"000000000000" SOF SOS SCAN EOI },
		/* behind the end */
		{ SOI SOF SOS SCAN EOI "446f6521",
		    SOI SOF SOS SCAN EOI "00000000" },
		/* a comment over three fragments, the second frame's */
		{ SOI SOF SOS SCAN EOI " " SOI "fffffe00"
				       " 08446f6f"
				       " 652100" SOF SOS SCAN EOI,
		    SOI SOF SOS SCAN EOI " " SOI "fffffe00"
					 " 08000000"
					 " 000000" SOF SOS SCAN EOI },
		/* reserved markers */
		{ SOI "fff00004"
		      "6162" SOF SOS SCAN EOI,
		    SOI "fff00004"
			"0000" SOF SOS SCAN EOI },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		frames_become(JPEG_BASELINE, pairs[i][0], pairs[i][1]);
}

/* A codestream: SOC, SIZ (cut short), a tile part of n bytes, EOC. */
#define SOC "ff4f"
#define SIZ        \
	"ff510004" \
	"abcd"
#define SOT(psot) "ff90000a0000" psot "0001"
#define SOD "ff93"
#define EOC "ffd9"

static void
comments_are_blanked_in_jpeg_2000_frames(void **state)
{
	static const char *const pairs[][2] = {
		{ SOC SIZ SOT("00000012") SOD "ff64aabb" EOC,
		    SOC SIZ SOT("00000012") SOD "ff64aabb" EOC },
		{ SOC SIZ "ff640006"
			  "0001446f" SOT("00000012") SOD "ff64aabb" EOC,
		    SOC SIZ "ff640006"
			    "00000000" SOT("00000012") SOD "ff64aabb" EOC },
		/* in a tile part's header, of the second of two */
		{ SOC SIZ SOT("0000000e") SOD SOT("00000018") "ff640006"
							      "0001446f" SOD
							      "aa64" EOC,
		    SOC SIZ SOT("0000000e") SOD SOT("00000018") "ff640006"
								"00000000" SOD
								"aa64" EOC },
		/* the last part goes on to the end */
		{ SOC SIZ SOT("00000000") SOD "ff64000461" EOC "00"
					      " " SOC SIZ SOT("00000010") SOD
		    "aabb" EOC,
		    SOC SIZ SOT("00000000") SOD "ff64000461" EOC "00"
						" " SOC SIZ SOT("00000010") SOD
		    "aabb" EOC },
		/* behind the end */
		{ SOC SIZ SOT("00000010") SOD "aabb" EOC "446f",
		    SOC SIZ SOT("00000010") SOD "aabb" EOC "0000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		frames_become(J2K_LOSSLESS, pairs[i][0], pairs[i][1]);
}

static void
what_is_no_frame_is_refused(void **state)
{
	static const char what[] = "not what its transfer syntax says";

	(void)state;
	frames_refused(JPEG_BASELINE, "00000000", what);
	frames_refused(JPEG_BASELINE, "ff4f", what);
	frames_refused(JPEG_BASELINE, SOI SOI, what);
	frames_refused(JPEG_BASELINE, SOI "ff02", what);
	frames_refused(JPEG_BASELINE, SOI "0000", what);
	frames_refused(JPEG_BASELINE, SOI "ffdb0001", what);
	frames_refused(JPEG_BASELINE, SOI SOF SOS SCAN SOI, what);
	frames_refused(JPEG_BASELINE, SOI SOF SOS SCAN "00", "cut short");
	frames_refused(JPEG_BASELINE, SOI "fffe0006446f", "cut short");
	frames_refused(JPEG_BASELINE, SOI "ff00", what);
	/* a JP2 file, where PS3.5 A.4.4 has a codestream */
	frames_refused(J2K_LOSSLESS, "0000000c6a5020200d0a870a", what);
	frames_refused(J2K_LOSSLESS, SOC SIZ SOD, what);
	frames_refused(J2K_LOSSLESS, SOC "ffff", what);
	frames_refused(J2K_LOSSLESS,
	    SOC "ff90000c"
		"0000",
	    what);
	frames_refused(J2K_LOSSLESS, SOC SOT("0000000b") SOD, what);
	frames_refused(J2K_LOSSLESS, SOC SOT("0000000d") SOD, what);
	frames_refused(J2K_LOSSLESS, SOC SOT("00000010") SOD "aabb0000", what);
	frames_refused(J2K_LOSSLESS, SOC SIZ, "cut short");
}

static void
frames_of_other_codes_are_not_looked_into(void **state)
{
	static const char rle[] = "fffe0006446f6521 0000ff64";

	(void)state;
	frames_become("1.2.840.10008.1.2.5", rle, rle);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    pictures_that_may_have_text_in_them_are_refused),
		cmocka_unit_test(
		    jpeg_frames_without_metadata_leave_as_they_came),
		cmocka_unit_test(
		    comments_and_applications_are_blanked_in_jpeg_frames),
		cmocka_unit_test(comments_are_blanked_in_jpeg_2000_frames),
		cmocka_unit_test(what_is_no_frame_is_refused),
		cmocka_unit_test(frames_of_other_codes_are_not_looked_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
