/* gateway/mask/jpeg: what leaves of a JPEG file. */

#include "tests/support/jpeg_bytes.h"

static void
a_picture_without_metadata_leaves_as_it_came(void **state)
{
	struct picture got;

	(void)state;
	becomes(WHOLE, WHOLE);
	run(&got, WHOLE);
	assert_int_equal(got.shape.nfields, 0);
	assert_int_equal(got.change.nchanges, 0);
	assert_int_equal(got.view.orientation, 1);
	assert_true(got.view.upright);
	assert_int_equal(got.view.width, 8);
	assert_int_equal(got.view.sent_height, 8);
	picture_free(&got);
}

static void
every_metadata_block_is_named_and_cut(void **state)
{
	static const char *const want[] = { "APP1:Exif", "APP1:XMP",
		"APP1:XMP-extended", "APP2:ICC", "APP2:MPF", "APP0:JFXX",
		"APP11:JUMBF", "APP13:Photoshop", "COM", "APP7", "after-EOI" };
	static const char all[] = SOI JFIF EXIF_BIG("0001")
	    XMP XMP_MORE ICC MPF JFXX DQT JUMBF IPTC SOF COM
	    "ffe70003"
	    "41" COM DHT SOS DATA EOI WHOLE;
	struct picture got;

	(void)state;
	becomes(all, WHOLE);
	run(&got, all);
	assert_int_equal(got.shape.nfields, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		if (!picture_has(&got, want[i]))
			fail_msg("no block \"%s\"", want[i]);
	picture_free(&got);
}

static void
a_segment_that_only_resembles_a_known_one_goes_under_its_number(void **state)
{
	struct picture got;

	(void)state;
	becomes(SOI "ffe00006"
		    "41564931" DQT SOF DHT SOS DATA EOI,
	    SOI DQT SOF DHT SOS DATA EOI);
	run(&got, SOI "ffee0006"
		      "41646f62" DQT SOF DHT SOS DATA EOI);
	assert_true(picture_has(&got, "APP14"));
	picture_free(&got);
}

static void
the_jfif_thumbnail_goes_and_its_header_stays(void **state)
{
	struct picture got;

	(void)state;
	becomes(SOI "ffe00013"
		    "4a46494600"
		    "0101010048004801"
		    "01aabbcc" DQT SOF DHT SOS DATA EOI,
	    WHOLE);
	run(&got, SOI "ffe00013"
		      "4a46494600"
		      "0101010048004801"
		      "01aabbcc" DQT SOF DHT SOS DATA EOI);
	assert_true(picture_has(&got, "APP0:JFIF-thumbnail"));
	assert_int_equal(got.change.cut, 21);
	assert_int_equal(got.change.put, 18);
	picture_free(&got);
}

static void
a_second_or_shortened_jfif_goes(void **state)
{
	(void)state;
	becomes(SOI JFIF JFIF DQT SOF DHT SOS DATA EOI, WHOLE);
	becomes(SOI "ffe00009"
		    "4a46494600"
		    "0101" JFIF DQT SOF DHT SOS DATA EOI,
	    WHOLE);
}

static void
adobe_stays_since_it_decides_the_colours_but_not_what_follows_it(void **state)
{
	(void)state;
	becomes(SOI ADOBE DQT SOF DHT SOS DATA EOI,
	    SOI ADOBE DQT SOF DHT SOS DATA EOI);
	becomes(SOI "ffee0010"
		    "41646f6265"
		    "00640000000001"
		    "6162" DQT SOF DHT SOS DATA EOI,
	    SOI ADOBE DQT SOF DHT SOS DATA EOI);
	becomes(SOI "ffee000d"
		    "41646f6265"
		    "006400000000" DQT SOF DHT SOS DATA EOI,
	    SOI DQT SOF DHT SOS DATA EOI);
}

static void
fill_bytes_stay_and_stray_bytes_go(void **state)
{
	struct picture got;

	(void)state;
	becomes(SOI "ffff" JFIF DQT "ff" SOF DHT SOS DATA "ffff" EOI,
	    SOI "ffff" JFIF DQT "ff" SOF DHT SOS DATA "ffff" EOI);
	becomes(SOI JFIF "0000" DQT "41ff0042" SOF "ff01"
			 "ffd3" DHT SOS DATA EOI,
	    WHOLE);
	run(&got, SOI JFIF "00" DQT SOF DHT SOS DATA EOI);
	assert_true(picture_has(&got, "stray"));
	picture_free(&got);
}

static void
stuffed_bytes_restarts_and_fill_inside_a_scan_stay(void **state)
{
	static const char scans[] = HEAD "ffdd0004"
					 "0001" SOS "3fff00ffd00fffff00ffffd11f"
					 "ffff" EOI;

	(void)state;
	becomes(scans, scans);
}

static void
blocks_between_scans_go_too(void **state)
{
	(void)state;
	becomes(HEAD SOS DATA COM XMP DHT SOS DATA "ff01" EOI,
	    HEAD SOS DATA DHT SOS DATA EOI);
}

static void
every_kind_of_frame_that_is_not_hierarchical_is_kept(void **state)
{
	static const char *const codes[] = { "c0", "c1", "c2", "c3", "c9", "ca",
		"cb" };
	char hex[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		(void)snprintf(hex, sizeof(hex),
		    SOI JFIF DQT "ff%s000b0c0008000801011100"
				 "ffcc0004"
				 "0010" DHT SOS DATA EOI,
		    codes[i]);
		becomes(hex, hex);
	}
}

static void
a_height_that_comes_behind_the_scan_is_read(void **state)
{
	struct picture got;

	(void)state;
	run(&got, SOI DQT "ffc0000b080000000801011100" DHT SOS DATA "ffdc0004"
			  "0008" EOI);
	assert_int_equal(got.view.height, 8);
	picture_free(&got);
	refused(
	    SOI DQT "ffc0000b080000000801011100" DHT SOS DATA EOI, "height");
}

static void
an_orientation_that_says_upright_leaves_nothing(void **state)
{
	(void)state;
	becomes(SOI EXIF_BIG("0001") DQT SOF DHT SOS DATA EOI,
	    SOI DQT SOF DHT SOS DATA EOI);
	becomes(SOI EXIF_LITTLE("0100") DQT SOF DHT SOS DATA EOI,
	    SOI DQT SOF DHT SOS DATA EOI);
}

static void
no_orientation_is_believed_that_is_not_plainly_there(void **state)
{
	static const char *const odd[] = {
		EXIF_BIG("0000"),
		EXIF_BIG("0009"),
		EXIF_BIG("0106"),
		/* a LONG, two of them, another tag */
		EXIF("4d4d", "002a", "00000008", "0001",
		    "0112"
		    "0004"
		    "00000001"
		    "00000006"),
		EXIF("4d4d", "002a", "00000008", "0001",
		    "0112"
		    "0003"
		    "00000002"
		    "00060006"),
		EXIF("4d4d", "002a", "00000008", "0001",
		    "0113"
		    "0003"
		    "00000001"
		    "00060000"),
		/* a directory past the end, at it, and one that runs out */
		EXIF("4d4d", "002a", "ffffffff", "0001",
		    "0112"
		    "0003"
		    "00000001"
		    "00060000"),
		EXIF("4d4d", "002a", "00000019", "0001",
		    "0112"
		    "0003"
		    "00000001"
		    "00060000"),
		EXIF("4d4d", "002a", "0000000a", "0001",
		    "0112"
		    "0003"
		    "00000001"
		    "00060000"),
		/* no TIFF */
		EXIF("4d4d", "2a00", "00000008", "0001",
		    "0112"
		    "0003"
		    "00000001"
		    "00060000"),
		EXIF("4d49", "002a", "00000008", "0001",
		    "0112"
		    "0003"
		    "00000001"
		    "00060000"),
		"ffe10008"
		"457869660000",
		"ffe10007"
		"4578696600",
		"ffe1000f"
		"457869660000"
		"4d4d002a000000",
	};
	char hex[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		(void)snprintf(hex, sizeof(hex),
		    SOI "%s" DQT SOF DHT SOS DATA EOI, odd[i]);
		becomes(hex, SOI DQT SOF DHT SOS DATA EOI);
	}
}

static void
only_the_first_exif_block_speaks(void **state)
{
	(void)state;
	becomes(SOI EXIF_BIG("0001") EXIF_BIG("0006") DQT SOF DHT SOS DATA EOI,
	    SOI DQT SOF DHT SOS DATA EOI);
}

static void
what_cannot_be_turned_carries_its_orientation_alone(void **state)
{
	/* 12 bits a sample: libjpeg-turbo turns no such picture */
	static const char deep[] = "ffc1000b0c0008000801011100";
	char hex[1024], want[1024];
	struct picture got;

	(void)state;
	(void)snprintf(hex, sizeof(hex),
	    SOI JFIF EXIF_LITTLE("0600") DQT "%s" DHT SOS DATA EOI, deep);
	(void)snprintf(want, sizeof(want),
	    SOI JFIF EXIF_BIG("0006") DQT "%s" DHT SOS DATA EOI, deep);
	becomes(hex, want);
	run(&got, hex);
	assert_false(got.view.upright);
	assert_int_equal(got.view.orientation, 6);
	picture_free(&got);
}

/* A scan larger than the window, with FF at every place around its edges. */
static void
a_scan_larger_than_memory_for_it_leaves_as_it_came(void **state)
{
	struct fault f = { 0 };
	struct bytes head;

	(void)state;
	test_hex(&head, HEAD SOS);
	for (size_t edge = 0; edge < 4; edge++) {
		size_t len = head.len + ((size_t)600 << 10);
		uint8_t *big = mem_new(len + 2);
		struct picture got;

		memcpy(big, head.at, head.len);
		memset(big + head.len, 'e', len - head.len);
		memcpy(big + len, "\xff\xd9", 2);
		memcpy(big + ((size_t)256 << 10) - edge, "\xff\x00\xff\xd5", 4);
		memcpy(big + ((size_t)512 << 10) - edge, "\xff\xff\xff\x00", 4);
		assert_ok(picture_mask(&got, TYPE_JPEG, big, len + 2, &f));
		assert_int_equal(got.out.len, len + 2);
		assert_memory_equal(got.out.at, big, len + 2);
		assert_int_equal(got.shape.nfields, 0);
		picture_free(&got);
		mem_free(big);
	}
	bytes_free(&head);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_without_metadata_leaves_as_it_came),
		cmocka_unit_test(every_metadata_block_is_named_and_cut),
		cmocka_unit_test(
		    a_segment_that_only_resembles_a_known_one_goes_under_its_number),
		cmocka_unit_test(the_jfif_thumbnail_goes_and_its_header_stays),
		cmocka_unit_test(a_second_or_shortened_jfif_goes),
		cmocka_unit_test(
		    adobe_stays_since_it_decides_the_colours_but_not_what_follows_it),
		cmocka_unit_test(fill_bytes_stay_and_stray_bytes_go),
		cmocka_unit_test(
		    stuffed_bytes_restarts_and_fill_inside_a_scan_stay),
		cmocka_unit_test(blocks_between_scans_go_too),
		cmocka_unit_test(
		    every_kind_of_frame_that_is_not_hierarchical_is_kept),
		cmocka_unit_test(a_height_that_comes_behind_the_scan_is_read),
		cmocka_unit_test(
		    an_orientation_that_says_upright_leaves_nothing),
		cmocka_unit_test(
		    no_orientation_is_believed_that_is_not_plainly_there),
		cmocka_unit_test(only_the_first_exif_block_speaks),
		cmocka_unit_test(
		    what_cannot_be_turned_carries_its_orientation_alone),
		cmocka_unit_test(
		    a_scan_larger_than_memory_for_it_leaves_as_it_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
