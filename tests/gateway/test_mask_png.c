/* gateway/mask/png: what leaves of a PNG file, and what is refused. */

#include "tests/support/png_bytes.h"

static void
becomes(const char *words, const char *want_words)
{
	struct fault f = { 0 };
	struct bytes in, want;
	struct picture got;

	build(&in, words);
	build(&want, want_words);
	assert_ok(picture_mask(&got, TYPE_PNG, in.at, in.len, &f));
	picture_agrees(&got, in.at, in.len);
	assert_int_equal(got.out.len, want.len);
	assert_memory_equal(got.out.at, want.at, want.len);
	picture_free(&got);
	bytes_free(&in);
	bytes_free(&want);
}

static void
stays(const char *words)
{
	becomes(words, words);
}

static void
bytes_refused(const struct bytes *in, const char *why)
{
	struct fault f = { 0 };
	struct picture got;

	assert_refused(
	    picture_mask(&got, TYPE_PNG, in->at, in->len, &f), FAULT_INPUT);
	if (strstr(f.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, why);
	picture_free(&got);
}

static void
refused(const char *words, const char *why)
{
	struct bytes in;

	build(&in, words);
	bytes_refused(&in, why);
	bytes_free(&in);
}

static void
checksums_are_those_of_the_standard(void **state)
{
	const uint8_t *digits = (const uint8_t *)"123456789";

	(void)state;
	assert_int_equal(png_crc(0, digits, 9), 0xcbf43926u);
	assert_int_equal(
	    png_crc(png_crc(0, digits, 3), digits + 3, 6), 0xcbf43926u);
	assert_int_equal(png_crc(0, (const uint8_t *)"IEND", 4), 0xae426082u);
	assert_int_equal(png_crc(0, NULL, 0), 0);
}

static void
a_picture_without_metadata_leaves_as_it_came(void **state)
{
	(void)state;
	stays("IHDR IDAT IEND");
	stays("IHDR IDAT=78 IDAT= IDAT=01 IEND");
	stays("IHDR=" INDEXED " PLTE IDAT IEND");
	stays("IHDR=" RGB " PLTE IDAT IEND");
}

static void
chunks_that_change_how_a_picture_looks_stay(void **state)
{
	(void)state;
	stays("IHDR gAMA=0000b18f sRGB=00 sBIT=08 pHYs=000000010000000200 "
	      "cICP=01020001 cLLI=0000000000000001 bKGD=0001 tRNS=0001 IDAT "
	      "IEND");
	stays("IHDR=" INDEXED " sBIT=080808 PLTE tRNS=0001 bKGD=01 IDAT IEND");
	stays("IHDR=" RGBA " sBIT=08080808 bKGD=000000000000 IDAT IEND");
	stays("IHDR=" RGB " tRNS=000000000000 IDAT IEND");
}

static void
every_other_chunk_is_named_and_cut(void **state)
{
	static const char *const want[] = { "tEXt:Author", "zTXt:Comment",
		"iTXt:XML", "eXIf", "tIME", "iCCP", "sPLT", "hIST", "caBX",
		"prVt", "tEXt", "after-IEND" };
	struct fault f = { 0 };
	struct picture got;
	struct bytes in;

	(void)state;
	build(&in,
	    "IHDR tEXt=417574686f720041 iCCP=6100 caBX=00 "
	    "zTXt=436f6d6d656e740041 sPLT=00 hIST=00 IDAT IDAT "
	    "iTXt=584d4c0041 eXIf=00 tIME=07e80101000000 prVt tEXt=e40041 "
	    "tEXt=417574686f720042 IEND");
	assert_ok(bytes_add(&in, "more", 4, &f));
	assert_ok(picture_mask(&got, TYPE_PNG, in.at, in.len, &f));
	picture_agrees(&got, in.at, in.len);
	assert_int_equal(got.shape.nfields, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		if (!picture_has(&got, want[i]))
			fail_msg("no block \"%s\"", want[i]);
	bytes_free(&in);
	build(&in, "IHDR IDAT IDAT IEND");
	assert_int_equal(got.out.len, in.len);
	assert_memory_equal(got.out.at, in.at, in.len);
	picture_free(&got);
	bytes_free(&in);
}

static void
a_keyword_that_is_not_plain_text_is_not_repeated(void **state)
{
	static const char *const odd[] = { "IHDR tEXt=00 IDAT IEND",
		"IHDR tEXt=4142 IDAT IEND", "IHDR tEXt=410a0041 IDAT IEND",
		"IHDR tEXt= IDAT IEND" };

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct fault f = { 0 };
		struct picture got;
		struct bytes in;

		build(&in, odd[i]);
		assert_ok(picture_mask(&got, TYPE_PNG, in.at, in.len, &f));
		assert_int_equal(got.shape.nfields, 1);
		assert_string_equal(got.shape.fields[0].name, "tEXt");
		picture_free(&got);
		bytes_free(&in);
	}
}

static void
an_orientation_is_carried_on_alone(void **state)
{
	struct fault f = { 0 };
	struct picture got;
	struct bytes in;

	(void)state;
	becomes("IHDR eXIf=" EXIF_SIX " IDAT IEND",
	    "IHDR eXIf=" LONE_SIX " IDAT IEND");
	becomes("IHDR IDAT eXIf=457869660000" EXIF_SIX " IEND",
	    "IHDR IDAT eXIf=" LONE_SIX " IEND");
	becomes("IHDR IDAT eXIf=00 eXIf=" EXIF_SIX " IEND", "IHDR IDAT IEND");
	build(&in, "IHDR eXIf=" EXIF_SIX " IDAT IEND");
	assert_ok(picture_mask(&got, TYPE_PNG, in.at, in.len, &f));
	assert_int_equal(got.view.orientation, 6);
	assert_false(got.view.upright);
	assert_int_equal(got.view.sent_width, 1);
	picture_free(&got);
	bytes_free(&in);
}

#define ACTL " acTL=0000000200000000 "
#define FRAME(n)                                                    \
	" fcTL=000000" n "0000000100000001000000000000000000000000" \
	"0000 "

static void
the_frames_of_an_animation_stay(void **state)
{
	(void)state;
	stays(
	    "IHDR" ACTL FRAME("00") "IDAT" FRAME("01") "fdAT=0000000278 IEND");
	stays("IHDR" ACTL "IDAT" FRAME("00") "fdAT=0000000178 IEND");
	refused("IHDR" FRAME("00") "IDAT IEND", "fcTL");
	refused("IHDR" ACTL FRAME("01") "IDAT IEND", "fcTL");
	refused("IHDR" ACTL "IDAT fdAT=0000000078 IEND", "fdAT");
	refused("IHDR" ACTL FRAME("00") "fdAT=0000000178 IDAT IEND", "fdAT");
	refused("IHDR" ACTL FRAME("00") "IDAT fdAT=0000000278 IEND", "fdAT");
	refused("IHDR" ACTL FRAME("00") "IDAT fdAT=000001 IEND", "fdAT");
	refused("IHDR IDAT" ACTL "IEND", "acTL");
	refused("IHDR acTL=0000000000000000 IDAT IEND", "acTL");
}

static void
every_combination_of_depth_and_colour_is_judged(void **state)
{
	static const uint8_t depths[] = { 0, 1, 2, 3, 4, 8, 16, 32, 255 };

	(void)state;
	for (unsigned colour = 0; colour < 9; colour++)
		for (size_t i = 0; i < sizeof(depths); i++) {
			unsigned d = depths[i];
			bool ok = d == 8 || (d == 16 && colour != 3) ||
				  ((d == 1 || d == 2 || d == 4) &&
				      (colour == 0 || colour == 3));
			char words[160];

			ok = ok && (colour < 5 || colour == 6) && colour != 1;
			(void)snprintf(words, sizeof(words),
			    "IHDR=0000000100000001%02x%02x000000 %s IDAT IEND",
			    d, colour, colour == 3 ? "PLTE" : "gAMA=00000001");
			if (ok)
				stays(words);
			else
				refused(words, "IHDR");
		}
}

static void
a_header_out_of_range_is_refused(void **state)
{
	(void)state;
	refused("IHDR=00000000000000010800000000 IDAT IEND", "IHDR");
	refused("IHDR=00000001000000000800000000 IDAT IEND", "IHDR");
	refused("IHDR=80000000000000010800000000 IDAT IEND", "IHDR");
	refused("IHDR=00000001000000010800010000 IDAT IEND", "IHDR");
	refused("IHDR=00000001000000010800000100 IDAT IEND", "IHDR");
	refused("IHDR=00000001000000010800000002 IDAT IEND", "IHDR");
	refused("IHDR=000000010000000108000000 IDAT IEND", "IHDR");
	refused("IHDR=0000000100000001080000000000 IDAT IEND", "IHDR");
}

static void
chunks_out_of_order_are_refused(void **state)
{
	(void)state;
	refused("IDAT IHDR IEND", "IDAT");
	refused("tEXt=4100 IHDR IDAT IEND", "no header");
	refused("IHDR IHDR IDAT IEND", "IHDR");
	refused("IHDR IEND", "IEND");
	refused("IHDR IDAT tEXt=4100 IDAT IEND", "IDAT");
	refused("IHDR=" INDEXED " IDAT IEND", "IDAT");
	refused("IHDR=" INDEXED " PLTE IDAT PLTE IEND", "PLTE");
	refused("IHDR=" INDEXED " PLTE PLTE IDAT IEND", "PLTE");
	refused("IHDR=" INDEXED " tRNS=00 PLTE IDAT IEND", "tRNS");
	refused("IHDR=" INDEXED " bKGD=00 PLTE IDAT IEND", "bKGD");
	refused("IHDR=" INDEXED " PLTE gAMA=00000001 IDAT IEND", "gAMA");
	refused("IHDR IDAT gAMA=00000001 IEND", "gAMA");
	refused("IHDR gAMA=00000001 gAMA=00000001 IDAT IEND", "gAMA");
	refused("IHDR IDAT pHYs=000000010000000200 IEND", "pHYs");
}

static void
kept_chunks_of_a_wrong_length_are_refused(void **state)
{
	(void)state;
	refused("IHDR PLTE IDAT IEND", "PLTE");
	refused("IHDR=" INDEXED " PLTE= IDAT IEND", "PLTE");
	refused("IHDR=" INDEXED " PLTE=00000000 IDAT IEND", "PLTE");
	refused("IHDR=" INDEXED " PLTE tRNS=000000 IDAT IEND", "tRNS");
	refused("IHDR=" RGBA " tRNS=0000 IDAT IEND", "tRNS");
	refused("IHDR tRNS= IDAT IEND", "tRNS");
	refused("IHDR gAMA=0000000100 IDAT IEND", "gAMA");
	refused("IHDR sRGB= IDAT IEND", "sRGB");
	refused("IHDR sBIT=0808 IDAT IEND", "sBIT");
	refused("IHDR=" GREY16 " bKGD=00 IDAT IEND", "bKGD");
	refused("IHDR pHYs=0000000100000002 IDAT IEND", "pHYs");
	refused("IHDR IDAT IEND=00", "IEND");
}

static void
what_is_no_chunk_or_not_known_is_refused(void **state)
{
	struct bytes in;

	(void)state;
	refused("IHDR CgBI=50002002 IDAT IEND", "critical");
	refused("IHDR JDAT=00 IDAT IEND", "critical");
	refused("IHDR te-t=00 IDAT IEND", "not a chunk");
	build(&in, "IHDR IDAT IEND");
	in.at[8 + 25] = 0x80; /* IDAT's length */
	bytes_refused(&in, "not a chunk");
	in.at[8 + 25] = 0x7f;
	bytes_refused(&in, "cut short");
	in.at[4] = '\n'; /* as a transfer in text mode leaves it */
	bytes_refused(&in, "not a PNG");
	bytes_free(&in);
}

static void
one_wrong_bit_anywhere_is_refused(void **state)
{
	struct bytes in;

	(void)state;
	build(&in, "IHDR gAMA=0000b18f tEXt=410042 IDAT eXIf=4949 IEND");
	for (size_t i = 0; i < in.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			in.at[i] ^= (uint8_t)(1 << bit);
			bytes_refused(&in, "");
			in.at[i] ^= (uint8_t)(1 << bit);
		}
	bytes_free(&in);
}

static void
a_file_cut_anywhere_is_refused(void **state)
{
	struct bytes in;

	(void)state;
	build(&in, "IHDR gAMA=0000b18f tEXt=410042 IDAT IDAT eXIf=4949 IEND");
	for (; in.len > 0; in.len--) {
		struct bytes cut = in;

		cut.len--;
		bytes_refused(&cut, cut.len == 0 ? "empty" : "cut short");
	}
	bytes_free(&in);
}

static void
chunks_larger_than_memory_for_them_pass_through(void **state)
{
	size_t len = (size_t)700 << 10;
	char *hex = mem_new(2 * len + 64), *words = mem_new(4 * len + 256);

	(void)state;
	memset(hex, '7', 2 * len);
	(void)snprintf(words, 4 * len + 256,
	    "IHDR prVt=%s IDAT=%s eXIf=%s IEND", hex, hex, "00");
	{
		struct fault f = { 0 };
		struct picture got;
		struct bytes in;

		build(&in, words);
		assert_ok(picture_mask(&got, TYPE_PNG, in.at, in.len, &f));
		picture_agrees(&got, in.at, in.len);
		assert_int_equal(got.change.cut, len + 12 + 13);
		in.at[8 + 25 + 8 + len / 2] ^= 1;
		bytes_refused(&in, "wrong checksum");
		in.at[8 + 25 + 8 + len / 2] ^= 1;
		in.at[8 + 25 + 12 + len + 8 + len / 2] ^= 1;
		bytes_refused(&in, "wrong checksum");
		picture_free(&got);
		bytes_free(&in);
	}
	mem_free(hex);
	mem_free(words);
}

static void
kinds_of_blocks_without_end_are_refused(void **state)
{
	char *words = mem_new(64 + 32 * 300), *at = words;

	(void)state;
	at += sprintf(at, "IHDR");
	for (int i = 0; i < 257; i++)
		at +=
		    sprintf(at, " tEXt=%02x%02x00", 'A' + i / 16, 'A' + i % 16);
	(void)sprintf(at, " IDAT IEND");
	refused(words, "256 kinds");
	mem_free(words);
}

static void
every_allocation_may_fail(void **state)
{
	struct bytes in;
	int done = 0;

	(void)state;
	build(&in, "IHDR tEXt=410042 eXIf=" EXIF_SIX " IDAT IEND");
	for (long n = 0; !done; n++) {
		struct fault f = { 0 };
		struct picture got;

		mem_fail_after(n);
		done = picture_mask(&got, TYPE_PNG, in.at, in.len, &f) == 0;
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
		cmocka_unit_test(checksums_are_those_of_the_standard),
		cmocka_unit_test(a_picture_without_metadata_leaves_as_it_came),
		cmocka_unit_test(chunks_that_change_how_a_picture_looks_stay),
		cmocka_unit_test(every_other_chunk_is_named_and_cut),
		cmocka_unit_test(
		    a_keyword_that_is_not_plain_text_is_not_repeated),
		cmocka_unit_test(an_orientation_is_carried_on_alone),
		cmocka_unit_test(the_frames_of_an_animation_stay),
		cmocka_unit_test(
		    every_combination_of_depth_and_colour_is_judged),
		cmocka_unit_test(a_header_out_of_range_is_refused),
		cmocka_unit_test(chunks_out_of_order_are_refused),
		cmocka_unit_test(kept_chunks_of_a_wrong_length_are_refused),
		cmocka_unit_test(what_is_no_chunk_or_not_known_is_refused),
		cmocka_unit_test(one_wrong_bit_anywhere_is_refused),
		cmocka_unit_test(a_file_cut_anywhere_is_refused),
		cmocka_unit_test(
		    chunks_larger_than_memory_for_them_pass_through),
		cmocka_unit_test(kinds_of_blocks_without_end_are_refused),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
