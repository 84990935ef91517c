#ifndef TESTS_SUPPORT_JPEG_BYTES_H
#define TESTS_SUPPORT_JPEG_BYTES_H

/* A JPEG file from its segments, in hex, and what is expected of it. */

#include "tests/support/picture.h"

/* 8x8 grey, from its segments. */
#define X16(x) x x x x x x x x x x x x x x x x
#define SOI "ffd8"
#define JFIF "ffe000104a46494600010101004800480000"
#define DQT        \
	"ffdb0043" \
	"00" X16("01010101")
#define SOF "ffc0000b080008000801011100"
#define DHT                              \
	"ffc40014"                       \
	"0001"                           \
	"000000000000000000000000000000" \
	"00"                             \
	"ffc40014"                       \
	"1001"                           \
	"000000000000000000000000000000" \
	"00"
#define SOS        \
	"ffda0008" \
	"010100003f00"
#define DATA "3f"
#define EOI "ffd9"
#define HEAD SOI JFIF DQT SOF DHT
#define WHOLE HEAD SOS DATA EOI

/* Blocks that do not leave. */
#define COM        \
	"fffe0006" \
	"73656372"
#define JFXX         \
	"ffe0000a"   \
	"4a46585800" \
	"100000"
#define ICC                        \
	"ffe20010"                 \
	"4943435f50524f46494c4500" \
	"0101"
#define MPF        \
	"ffe20008" \
	"4d504600" \
	"4949"
#define XMP                                                \
	"ffe10021"                                         \
	"687474703a2f2f6e732e61646f62652e636f6d2f7861702f" \
	"312e302f00"                                       \
	"3c78"
#define XMP_MORE                                           \
	"ffe10027"                                         \
	"687474703a2f2f6e732e61646f62652e636f6d2f786d702f" \
	"657874656e73696f6e2f00"                           \
	"4142"
#define JUMBF      \
	"ffeb0006" \
	"4a500001"
#define IPTC                           \
	"ffed0012"                     \
	"50686f746f73686f7020332e3000" \
	"3842"
#define ADOBE        \
	"ffee000e"   \
	"41646f6265" \
	"00640000000001"

/* Exif whose first directory has one entry, Orientation. */
#define EXIF(order, magic, at, n, entry) \
	"ffe10022"                       \
	"457869660000" order magic at n entry "00000000"
#define EXIF_BIG(value)                          \
	EXIF("4d4d", "002a", "00000008", "0001", \
	    "0112"                               \
	    "0003"                               \
	    "00000001" value "0000")
#define EXIF_LITTLE(value)                       \
	EXIF("4949", "2a00", "08000000", "0100", \
	    "1201"                               \
	    "0300"                               \
	    "01000000" value "0000")

static inline void
run(struct picture *got, const char *hex)
{
	struct fault f = { 0 };
	struct bytes in;

	test_hex(&in, hex);
	assert_ok(picture_mask(got, TYPE_JPEG, in.at, in.len, &f));
	picture_agrees(got, in.at, in.len);
	bytes_free(&in);
}

static inline void
becomes(const char *hex, const char *want_hex)
{
	struct picture got;
	struct bytes want;

	run(&got, hex);
	test_hex(&want, want_hex);
	assert_int_equal(got.out.len, want.len);
	assert_memory_equal(got.out.at, want.at, want.len);
	bytes_free(&want);
	picture_free(&got);
}

static inline void
refused(const char *hex, const char *why)
{
	struct fault f = { 0 };
	struct picture got;
	struct bytes in;

	test_hex(&in, hex);
	assert_refused(
	    picture_mask(&got, TYPE_JPEG, in.at, in.len, &f), FAULT_INPUT);
	if (strstr(f.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, why);
	bytes_free(&in);
	picture_free(&got);
}

#endif
