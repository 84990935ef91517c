/* gateway/mask/jpeg: pictures that lie on their side leave upright. */

#include <stdlib.h>
#include <turbojpeg.h>

#include "tests/support/picture.h"

/* A picture without symmetry, as a camera makes it: stored pixels, and an Exif
 * block whose Orientation says how to hold them. */
static void
make(struct bytes *out, int width, int height, int sampling, int flags,
    unsigned orientation)
{
	static const uint8_t exif[] = { 0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f',
		0, 0, 'M', 'M', 0, '*', 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0,
		0, 1, 0, 0, 0, 0, 0, 0, 0, 0 };
	uint8_t *rgb = mem_array((size_t)width * (size_t)height, 3);
	tjhandle tj = tjInitCompress();
	struct fault f = { 0 };
	unsigned char *jpeg = NULL;
	unsigned long len = 0;

	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			uint8_t *p = rgb + 3 * (y * width + x);

			p[0] = (uint8_t)(x * 250 / width);
			p[1] = (uint8_t)(y * 250 / height);
			p[2] = x * 4 < width && y * 3 < height ? 220 : 30;
		}
	if (tjCompress2(tj, rgb, width, 0, height, TJPF_RGB, &jpeg, &len,
		sampling, 90, flags) != 0)
		fail_msg("%s", tjGetErrorStr2(tj));
	bytes_init(out, PICTURE_MAX);
	assert_ok(bytes_add(out, jpeg, 2, &f));
	assert_ok(bytes_add(out, exif, sizeof(exif), &f));
	out->at[2 + 29] = (uint8_t)orientation;
	assert_ok(bytes_add(out, jpeg + 2, len - 2, &f));
	tjFree(jpeg);
	(void)tjDestroy(tj);
	mem_free(rgb);
}

struct pixels {
	int width, height;
	uint8_t *rgb;
};

static void
decode(struct pixels *p, const struct bytes *jpeg)
{
	tjhandle tj = tjInitDecompress();
	int sampling, space;

	assert_int_equal(tjDecompressHeader3(tj, jpeg->at, jpeg->len, &p->width,
			     &p->height, &sampling, &space),
	    0);
	p->rgb = mem_array((size_t)p->width * (size_t)p->height, 3);
	assert_int_equal(tjDecompress2(tj, jpeg->at, jpeg->len, p->rgb,
			     p->width, 0, p->height, TJPF_RGB, 0),
	    0);
	(void)tjDestroy(tj);
}

/* Where the upright pixel (x, y) lies among those stored with a width and
 * height of w and h: Exif 2.32, Orientation, case by case. */
static void
stored_at(unsigned orientation, int w, int h, int *x, int *y)
{
	int ux = *x, uy = *y;

	*x = orientation == 2 || orientation == 3 ? w - 1 - ux : ux;
	*y = orientation == 3 || orientation == 4 ? h - 1 - uy : uy;
	if (orientation < 5)
		return;
	*x = orientation == 7 || orientation == 8 ? w - 1 - uy : uy;
	*y = orientation == 6 || orientation == 7 ? h - 1 - ux : ux;
}

/* Equal but for the rounding of a transform whose rows and columns changed
 * places. */
static void
upright_of(
    const struct pixels *got, const struct pixels *was, unsigned orientation)
{
	long off = 0;

	assert_int_equal(
	    got->width, orientation >= 5 ? was->height : was->width);
	assert_int_equal(
	    got->height, orientation >= 5 ? was->width : was->height);
	for (int y = 0; y < got->height; y++)
		for (int x = 0; x < got->width; x++) {
			int sx = x, sy = y;

			stored_at(
			    orientation, was->width, was->height, &sx, &sy);
			for (int c = 0; c < 3; c++)
				off += labs(
				    got->rgb[3 * (y * got->width + x) + c] -
				    was->rgb[3 * (sy * was->width + sx) + c]);
		}
	if (off > 2L * got->width * got->height)
		fail_msg("orientation %u: off by %ld", orientation, off);
}

static void
turns(int width, int height, int sampling, int flags, unsigned orientation)
{
	struct pixels was, is;
	struct fault f = { 0 };
	struct picture got;
	struct bytes in;

	make(&in, width, height, sampling, flags, orientation);
	assert_ok(picture_mask(&got, TYPE_JPEG, in.at, in.len, &f));
	assert_true(got.view.upright);
	assert_int_equal(got.view.orientation, orientation);
	decode(&was, &in);
	decode(&is, &got.out);
	assert_int_equal(got.view.width, was.width);
	assert_int_equal(got.view.height, was.height);
	assert_int_equal(got.view.sent_width, is.width);
	assert_int_equal(got.view.sent_height, is.height);
	upright_of(&is, &was, orientation);
	assert_int_equal(got.change.nedits, 1);
	assert_int_equal(got.change.cut, in.len);
	assert_int_equal(got.change.put, got.out.len);
	assert_null(memmem(got.out.at, got.out.len, "Exif", 4));
	mem_free(was.rgb);
	mem_free(is.rgb);
	picture_free(&got);
	bytes_free(&in);
}

/* The other way: the same bytes behind an Exif block with one entry. */
static void
keeps(const struct bytes *in, unsigned orientation)
{
	struct fault f = { 0 };
	struct picture got;

	assert_ok(picture_mask(&got, TYPE_JPEG, in->at, in->len, &f));
	assert_false(got.view.upright);
	assert_int_equal(got.view.orientation, orientation);
	assert_int_equal(got.view.width, got.view.sent_width);
	assert_int_equal(got.out.len, in->len);
	assert_memory_equal(got.out.at, in->at, in->len);
	picture_free(&got);
}

static void
all_orientations_turn_upright_in_all_samplings(void **state)
{
	static const int samplings[] = { TJSAMP_444, TJSAMP_422, TJSAMP_420,
		TJSAMP_440, TJSAMP_411, TJSAMP_GRAY };

	(void)state;
	for (size_t i = 0; i < sizeof(samplings) / sizeof(samplings[0]); i++)
		for (unsigned o = 2; o <= 8; o++)
			if (samplings[i] != TJSAMP_411 || o < 5)
				turns(96, 64, samplings[i], 0, o);
}

static void
a_sampling_that_has_no_name_on_its_side_is_not_turned_there(void **state)
{
	struct bytes in;

	(void)state;
	make(&in, 96, 64, TJSAMP_411, 0, 6);
	keeps(&in, 6);
	bytes_free(&in);
}

static void
a_progressive_picture_stays_progressive(void **state)
{
	struct fault f = { 0 };
	struct picture got;
	struct bytes in;

	(void)state;
	turns(96, 64, TJSAMP_420, TJFLAG_PROGRESSIVE, 6);
	make(&in, 96, 64, TJSAMP_420, TJFLAG_PROGRESSIVE, 8);
	assert_ok(picture_mask(&got, TYPE_JPEG, in.at, in.len, &f));
	assert_non_null(memmem(got.out.at, got.out.len, "\xff\xc2\x00\x11", 4));
	picture_free(&got);
	bytes_free(&in);
}

static void
only_the_edges_that_move_need_whole_blocks(void **state)
{
	(void)state;
	turns(90, 64, TJSAMP_420, 0, 4);
	turns(90, 64, TJSAMP_420, 0, 6);
	turns(90, 60, TJSAMP_420, 0, 5);
	turns(96, 60, TJSAMP_420, 0, 2);
	turns(96, 60, TJSAMP_420, 0, 8);
	/* 88 is whole in blocks of 8, and not of 16 */
	turns(88, 72, TJSAMP_444, 0, 3);
	turns(88, 72, TJSAMP_GRAY, 0, 7);
}

static void
where_block_edges_forbid_it_the_orientation_goes_along(void **state)
{
	static const struct {
		int width, height, sampling;
		unsigned orientation;
	} edges[] = {
		{ 90, 64, TJSAMP_420, 2 },
		{ 90, 64, TJSAMP_420, 3 },
		{ 96, 60, TJSAMP_420, 3 },
		{ 96, 60, TJSAMP_420, 4 },
		{ 96, 60, TJSAMP_420, 6 },
		{ 90, 64, TJSAMP_420, 7 },
		{ 90, 64, TJSAMP_420, 8 },
		{ 88, 72, TJSAMP_420, 3 },
		{ 91, 64, TJSAMP_GRAY, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		struct bytes in;

		make(&in, edges[i].width, edges[i].height, edges[i].sampling, 0,
		    edges[i].orientation);
		keeps(&in, edges[i].orientation);
		bytes_free(&in);
	}
}

static void
what_libjpeg_finds_broken_is_not_written_anew(void **state)
{
	struct bytes in;

	(void)state;
	make(&in, 96, 64, TJSAMP_420, 0, 6);
	/* entropy-coded data that ends too early */
	memcpy(in.at + in.len - 60, in.at + in.len - 2, 2);
	in.len -= 58;
	keeps(&in, 6);
	bytes_free(&in);
}

static void
a_picture_too_large_to_turn_keeps_its_orientation(void **state)
{
	struct bytes in;

	(void)state;
	make(&in, 4800, 4000, TJSAMP_444, 0, 6);
	keeps(&in, 6);
	bytes_free(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    all_orientations_turn_upright_in_all_samplings),
		cmocka_unit_test(
		    a_sampling_that_has_no_name_on_its_side_is_not_turned_there),
		cmocka_unit_test(a_progressive_picture_stays_progressive),
		cmocka_unit_test(only_the_edges_that_move_need_whole_blocks),
		cmocka_unit_test(
		    where_block_edges_forbid_it_the_orientation_goes_along),
		cmocka_unit_test(what_libjpeg_finds_broken_is_not_written_anew),
		cmocka_unit_test(
		    a_picture_too_large_to_turn_keeps_its_orientation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
