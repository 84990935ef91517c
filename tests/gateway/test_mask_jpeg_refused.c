/* gateway/mask/jpeg: what is refused, and that nothing less is. */

#include "tests/support/jpeg_bytes.h"

static void
a_file_that_is_no_jpeg_is_refused(void **state)
{
	(void)state;
	refused("", "empty");
	refused("ff", "cut short");
	refused("89504e470d0a1a0a", "not a JPEG");
	refused("00" WHOLE, "not a JPEG");
	refused(SOI EOI, "no picture");
	refused(SOI DQT SOF DHT EOI, "no picture");
}

static void
segments_out_of_order_or_not_supported_are_refused(void **state)
{
	(void)state;
	refused(SOI SOI DQT SOF DHT SOS DATA EOI, "second start");
	refused(SOI DQT SOF SOF DHT SOS DATA EOI, "second frame");
	refused(SOI DQT DHT SOS DATA EOI, "before its frame");
	refused(SOI DQT SOF DHT "ffdc0004"
				"0008" SOS DATA EOI,
	    "before a scan");
	refused(
	    SOI DQT "ffc5000b080008000801011100" DHT SOS DATA EOI, "marker c5");
	refused(SOI "ffde0005"
		    "000000" DQT SOF DHT SOS DATA EOI,
	    "marker de");
	refused(SOI "fff7000b080008000801011100" SOS DATA EOI, "marker f7");
	refused(SOI "ff02" DQT SOF DHT SOS DATA EOI, "offset 2");
}

static void
kept_segments_that_hold_more_than_their_fields_are_refused(void **state)
{
	static const char *const odd[] = {
		"ffdb0044"
		"00" X16("01010101") "41", /* after a table */
		"ffdb0004"
		"0001",
		"ffdb0043"
		"20" X16("01010101"),
		"ffdb0043"
		"04" X16("01010101"),
		"ffc40015"
		"0001"
		"000000000000000000000000000000"
		"0041",
		"ffc40014"
		"0002"
		"000000000000000000000000000000"
		"00",
		"ffc40014"
		"2001"
		"000000000000000000000000000000"
		"00",
		"ffc40005"
		"000100",
		"ffcc0005"
		"001041",
		"ffdd0005"
		"000141",
		"ffdd0003"
		"00",
		"ffdb0001",
		"ffc0000c"
		"08000800080101110041",
		"ffc0000b"
		"08000800000101110041",
		"ffc0000b"
		"080008000801015100",
		"ffc0000b"
		"080008000801010100",
		"ffc0000b"
		"080008000801011104",
		"ffc0000b"
		"010008000801011100",
		"ffc00014"
		"080008000805"
		"011100021100031100041100051100",
		"ffc00008"
		"080008000800",
	};
	char hex[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		(void)snprintf(hex, sizeof(hex),
		    SOI "%s" DQT SOF DHT SOS DATA EOI, odd[i]);
		refused(hex, "offset 2: ");
	}
	refused(HEAD "ffda0008"
		     "010200003f00" DATA EOI,
	    "frame has not");
	refused(HEAD "ffda0009"
		     "010100003f0041" DATA EOI,
	    "scan header");
	refused(HEAD "ffda000a"
		     "0201000200003f00" DATA EOI,
	    "scan header");
	refused(HEAD "ffda0006"
		     "00003f00" DATA EOI,
	    "scan header");
}

static void
a_file_cut_anywhere_is_refused(void **state)
{
	static const char all[] = SOI JFIF EXIF_BIG("0001")
	    XMP DQT SOF COM DHT SOS DATA "ff00ffd0ff" COM SOS DATA EOI;
	struct bytes in;

	(void)state;
	test_hex(&in, all);
	for (size_t len = 0; len < in.len; len++) {
		struct fault f = { 0 };
		struct picture got;

		assert_refused(
		    picture_mask(&got, TYPE_JPEG, in.at, len, &f), FAULT_INPUT);
		picture_free(&got);
	}
	bytes_free(&in);
}

static void
a_picture_over_the_limit_is_refused_by_name(void **state)
{
	struct mask_source src = { .size = ((uint64_t)256 << 20) + 1 };
	struct fault f = { 0 };
	struct shape s;

	(void)state;
	shape_init(&s, TYPE_JPEG);
	src.fd = picture_fd("", 0);
	assert_refused(jpeg_shape(&src, NULL, &s, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "256 MiB"));
	(void)close(src.fd);
	shape_free(&s);
}

static void
a_file_that_shrinks_while_it_is_read_is_refused(void **state)
{
	struct mask_source src = { .size = 4096 };
	struct fault f = { 0 };
	struct bytes in;
	struct shape s;

	(void)state;
	shape_init(&s, TYPE_JPEG);
	test_hex(&in, WHOLE);
	src.fd = picture_fd(in.at, in.len);
	assert_refused(jpeg_shape(&src, NULL, &s, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "became shorter"));
	(void)close(src.fd);
	shape_free(&s);
	bytes_free(&in);
}

static void
a_block_that_the_plan_does_not_name_stops_the_file(void **state)
{
	struct plan_field xmp = { .name = (char[]){ "APP1:XMP" },
		.how.action = TRANSFORM_DROP };
	struct file_plan plan = {
		.type = TYPE_JPEG, .fields = &xmp, .nfields = 1
	};
	struct mask_source src = { .plan = &plan };
	struct fault f = { 0 };
	struct picture got;
	struct bytes in;

	(void)state;
	bytes_init(&got.out, PICTURE_MAX);
	shape_init(&got.shape, TYPE_JPEG);
	mask_change_init(&got.change, false);
	test_hex(&in, SOI XMP COM DQT SOF DHT SOS DATA EOI);
	src.fd = picture_fd(in.at, in.len);
	src.size = in.len;
	assert_refused(picture_run(&got, &src, TYPE_JPEG, &f), FAULT_POLICY);
	assert_non_null(strstr(f.text, "\"COM\""));
	xmp.how.action = TRANSFORM_KEEP;
	assert_refused(picture_run(&got, &src, TYPE_JPEG, &f), FAULT_POLICY);
	(void)close(src.fd);
	bytes_free(&in);
	picture_free(&got);
}

static void
every_allocation_may_fail(void **state)
{
	struct bytes in;
	int done = 0;

	(void)state;
	test_hex(&in, SOI EXIF_BIG("0003") XMP DQT SOF COM DHT SOS DATA EOI);
	for (long n = 0; !done; n++) {
		struct fault f = { 0 };
		struct picture got;

		mem_fail_after(n);
		done = picture_mask(&got, TYPE_JPEG, in.at, in.len, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		picture_free(&got);
	}
	bytes_free(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_no_jpeg_is_refused),
		cmocka_unit_test(
		    segments_out_of_order_or_not_supported_are_refused),
		cmocka_unit_test(
		    kept_segments_that_hold_more_than_their_fields_are_refused),
		cmocka_unit_test(a_file_cut_anywhere_is_refused),
		cmocka_unit_test(a_picture_over_the_limit_is_refused_by_name),
		cmocka_unit_test(
		    a_file_that_shrinks_while_it_is_read_is_refused),
		cmocka_unit_test(
		    a_block_that_the_plan_does_not_name_stops_the_file),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
