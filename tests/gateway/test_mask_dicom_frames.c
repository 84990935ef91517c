/* Compressed frames in DICOM files: what is blanked in them, and refused. */

#include "tests/support/dicom_bytes.h"

#define JPEG_LS "1.2.840.10008.1.2.4.80"
#define RLE "1.2.840.10008.1.2.5"

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
	/* JPEG-LS: its frame header, its parameters, a bit of 0 stuffed */
	static const char ls[] = SOI "fff70004abcd"
				     "fff80004abcd" SOS "12ff7fff00" EOI;
	static const char *const frames[] = {
		SOI DQT SOF SOS SCAN EOI,
		SOI JFIF ADOBE DQT SOF SOS SCAN DQT SOS SCAN EOI "00",
		/* fill bytes */
		SOI "ff" MRFX "ffff" DQT SOF SOS "12ff7fff00" EOI,
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
	frames_become(JPEG_LS, ls, ls);
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
		{ SOI "fff80004"
		      "6162" SOF SOS SCAN EOI,
		    SOI "fff80004"
			"0000" SOF SOS SCAN EOI },
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
		/* the last part goes on to the end, and no further */
		{ SOC SIZ SOT("00000000") SOD "ff64ff91" EOC "446f6521",
		    SOC SIZ SOT("00000000") SOD "ff64ff91" EOC "00000000" },
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
	frames_refused(JPEG_BASELINE, SOI "ffc80004abcd", what);
	frames_refused(JPEG_BASELINE, SOI "ffde0004abcd", what);
	frames_refused(JPEG_BASELINE, SOI "ffdf0004abcd", what);
	frames_refused(J2K_LOSSLESS, SOC "ff650004abcd", what);
	frames_refused(
	    J2K_LOSSLESS, SOC SIZ SOT("00000000") SOD "aabb", "cut short");
	frames_refused(RLE, "fffe0006446f6521", "no frame of RLE");
	frames_refused(JPEG_BASELINE, SOI SOF SOS SCAN EOI SOI SOF SOS SCAN EOI,
	    "two compressed frames");
	frames_refused(J2K_LOSSLESS, SOC SIZ SOT("00000010") SOD "aabb" EOC SOC,
	    "two compressed frames");
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

/* Header and n segments at those offsets; the frame has 8 bytes more. */
static void
rle_frame(char *out, unsigned n, uint32_t first, uint32_t second)
{
	const uint32_t words[16] = { n, first, second };

	for (size_t i = 0; i < 64; i++)
		(void)snprintf(out + 2 * i, 3, "%02x",
		    (unsigned)(words[i / 4] >> (8 * (i % 4)) & 0xff));
	memcpy(out + 128, "fffe0006446f6521", 17);
}

static void
a_frame_of_rle_has_a_table_of_its_segments(void **state)
{
	char frame[128 + 17];

	(void)state;
	rle_frame(frame, 1, 64, 0);
	frames_become(RLE, frame, frame);
	rle_frame(frame, 2, 64, 70);
	frames_become(RLE, frame, frame);
	rle_frame(frame, 0, 0, 0);
	frames_refused(RLE, frame, "no frame of RLE");
	rle_frame(frame, 16, 64, 70);
	frames_refused(RLE, frame, "no frame of RLE");
	rle_frame(frame, 2, 70, 64);
	frames_refused(RLE, frame, "no frame of RLE");
	rle_frame(frame, 1, 72, 0);
	frames_refused(RLE, frame, "no frame of RLE");
	rle_frame(frame, 1, 64, 70);
	frames_refused(RLE, frame, "no frame of RLE");
}

/* The first item is a table of offsets, or a frame that nobody looked at. */
static void
frames_begin_with_a_table_of_offsets(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool good;
	} tables[] = {
		{ "", 0, true },
		{ "\0\0\0\0", 4, true },
		{ "\0\0\0\0\x10\0\0\0\x20\1\0\0", 12, true },
		{ "\0\0\0\0\x10\0\0\0\x10\0\0\0", 12, false },
		{ "\1\0\0\0", 4, false },
		{ "\0\0\0\0\1\0", 6, false },
		{ "\xff\xd8\xff\xfe\0\2\xff\xd9", 8, false },
		{ "Doe^Jane", 8, false },
	};
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		made_image(&m, JPEG_BASELINE);
		made_open(&m, TAG_PIXELS, "OB", true);
		made_head(&m, TAG_ITEM, "", (uint32_t)tables[i].len);
		assert_ok(bytes_add(&m.b, tables[i].bytes, tables[i].len, &f));
		made_end(&m);
		made_open_trial(&m, &t);
		assert_ok(trial_all(&t, TRANSFORM_KEEP, &f));
		if (tables[i].good)
			assert_ok(trial_mask(&t, &f));
		else {
			assert_refused(trial_mask(&t, &f), FAULT_INPUT);
			assert_non_null(strstr(f.text, "table of offsets"));
		}
		trial_close(&t);
		bytes_free(&m.b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    jpeg_frames_without_metadata_leave_as_they_came),
		cmocka_unit_test(
		    comments_and_applications_are_blanked_in_jpeg_frames),
		cmocka_unit_test(comments_are_blanked_in_jpeg_2000_frames),
		cmocka_unit_test(what_is_no_frame_is_refused),
		cmocka_unit_test(a_frame_of_rle_has_a_table_of_its_segments),
		cmocka_unit_test(frames_begin_with_a_table_of_offsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
