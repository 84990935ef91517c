/* gateway/mask/thumb: a picture made small shows what the picture shows. */

#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "gateway/mask/mask.h"
#include "policy/rules/rules.h"
#include "tests/support/test.h"

#define RED 0xff0000u
#define GREEN 0x00ff00u
#define BLUE 0x0000ffu
#define WHITE 0xffffffu

/* Four quarters: red, green; blue, white. */
static uint8_t *
quarters(unsigned w, unsigned h)
{
	static const uint32_t colours[2][2] = { { RED, GREEN },
		{ BLUE, WHITE } };
	uint8_t *rgb = malloc((size_t)w * h * 3);

	assert_non_null(rgb);
	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++) {
			uint32_t c = colours[2 * y >= h][2 * x >= w];
			uint8_t *p = rgb + 3 * ((size_t)y * w + x);

			p[0] = (uint8_t)(c >> 16);
			p[1] = (uint8_t)(c >> 8);
			p[2] = (uint8_t)c;
		}
	return rgb;
}

static void
jpeg_of(struct bytes *out, unsigned w, unsigned h)
{
	uint8_t *rgb = quarters(w, h);
	tjhandle tj = tjInitCompress();
	unsigned char *made = NULL;
	unsigned long len = 0;
	struct fault f;

	assert_int_equal(tjCompress2(tj, rgb, (int)w, 0, (int)h, TJPF_RGB,
			     &made, &len, TJSAMP_444, 95, 0),
	    0);
	bytes_init(out, len);
	assert_ok(bytes_add(out, made, len, &f));
	tjFree(made);
	tjDestroy(tj);
	free(rgb);
}

static void
png_of(struct bytes *out, unsigned w, unsigned h)
{
	uint8_t *rgb = quarters(w, h);
	png_image image = { .version = PNG_IMAGE_VERSION,
		.width = w,
		.height = h,
		.format = PNG_FORMAT_RGB };
	png_alloc_size_t len = 0;
	struct fault f;

	assert_int_equal(
	    png_image_write_to_memory(&image, NULL, &len, 0, rgb, 0, NULL), 1);
	bytes_init(out, len);
	assert_ok(bytes_reserve(out, len, &f));
	assert_int_equal(
	    png_image_write_to_memory(&image, out->at, &len, 0, rgb, 0, NULL),
	    1);
	out->len = len;
	free(rgb);
}

struct seen {
	int w, h;
	uint8_t *rgb;
};

static void
look(struct seen *s, unsigned type, const struct bytes *file,
    unsigned orientation)
{
	const struct slice in = { file->at, file->len };
	tjhandle tj = tjInitDecompress();
	struct bytes thumb;
	struct fault f;
	int sampling, colours;

	bytes_init(&thumb, 1 << 20);
	assert_ok(mask_thumb(&thumb, type, &in, orientation, &f));
	assert_int_equal(tjDecompressHeader3(tj, thumb.at, thumb.len, &s->w,
			     &s->h, &sampling, &colours),
	    0);
	s->rgb = malloc((size_t)s->w * (size_t)s->h * 3);
	assert_int_equal(tjDecompress2(tj, thumb.at, thumb.len, s->rgb, s->w, 0,
			     s->h, TJPF_RGB, 0),
	    0);
	tjDestroy(tj);
	bytes_free(&thumb);
}

/* The colour in the middle of a quarter, as near as JPEG keeps it. */
static void
shows(const struct seen *s, int right, int bottom, uint32_t colour)
{
	int x = s->w / 4 + right * s->w / 2, y = s->h / 4 + bottom * s->h / 2;
	const uint8_t *p = s->rgb + 3 * (y * s->w + x);

	for (int c = 0; c < 3; c++) {
		int want = (int)(colour >> (16 - 8 * c) & 0xff);

		assert_in_range(p[c] + 12, want, want + 24);
	}
}

static void
a_large_picture_is_made_small_and_keeps_its_sides(void **state)
{
	struct bytes file;
	struct seen s;

	(void)state;
	jpeg_of(&file, 3000, 1500);
	look(&s, TYPE_JPEG, &file, 1);
	assert_int_equal(s.w, MASK_THUMB_SIDE);
	assert_int_equal(s.h, MASK_THUMB_SIDE / 2);
	shows(&s, 0, 0, RED);
	shows(&s, 1, 0, GREEN);
	shows(&s, 0, 1, BLUE);
	shows(&s, 1, 1, WHITE);
	free(s.rgb);
	bytes_free(&file);
	png_of(&file, 100, 1000);
	look(&s, TYPE_PNG, &file, 1);
	assert_int_equal(s.w, MASK_THUMB_SIDE / 10);
	assert_int_equal(s.h, MASK_THUMB_SIDE);
	shows(&s, 1, 0, GREEN);
	free(s.rgb);
	bytes_free(&file);
}

static void
a_small_picture_is_not_made_larger(void **state)
{
	struct bytes file;
	struct seen s;

	(void)state;
	png_of(&file, 1, 1);
	look(&s, TYPE_PNG, &file, 1);
	assert_int_equal(s.w, 1);
	assert_int_equal(s.h, 1);
	free(s.rgb);
	bytes_free(&file);
}

/* Where row 0 and column 0 of the stored picture are seen: JEITA CP-3451, tag
 * 0x0112. */
static void
each_orientation_is_seen_upright(void **state)
{
	/* quarters where red (row 0, column 0) and green (row 0, last column)
	 * are: right, bottom */
	static const int at[9][2][2] = { [1] = { { 0, 0 }, { 1, 0 } },
		[2] = { { 1, 0 }, { 0, 0 } },
		[3] = { { 1, 1 }, { 0, 1 } },
		[4] = { { 0, 1 }, { 1, 1 } },
		[5] = { { 0, 0 }, { 0, 1 } },
		[6] = { { 1, 0 }, { 1, 1 } },
		[7] = { { 1, 1 }, { 1, 0 } },
		[8] = { { 0, 1 }, { 0, 0 } } };
	struct bytes file;

	(void)state;
	jpeg_of(&file, 640, 480);
	for (unsigned n = 1; n <= 8; n++) {
		struct seen s;

		look(&s, TYPE_JPEG, &file, n);
		assert_int_equal(s.w > s.h, n < 5);
		shows(&s, at[n][0][0], at[n][0][1], RED);
		shows(&s, at[n][1][0], at[n][1][1], GREEN);
		free(s.rgb);
	}
	bytes_free(&file);
}

static void
refused(unsigned type, const struct bytes *file, size_t len)
{
	const struct slice in = { file->at, len };
	struct bytes thumb;
	struct fault f;

	bytes_init(&thumb, 1 << 20);
	assert_refused(mask_thumb(&thumb, type, &in, 1, &f), FAULT_INPUT);
	assert_int_equal(thumb.len, 0);
	bytes_free(&thumb);
}

static void
what_is_damaged_or_too_large_has_none(void **state)
{
	struct bytes file;

	(void)state;
	png_of(&file, 400, 400);
	refused(TYPE_PNG, &file, file.len / 2);
	refused(TYPE_JPEG, &file, file.len);
	/* its sides, in the first chunk: 2^30 pixels */
	memcpy(file.at + 16, "\0\0\x80\0\0\0\x80\0", 8);
	refused(TYPE_PNG, &file, file.len);
	bytes_free(&file);
	jpeg_of(&file, 32, 32);
	refused(TYPE_JPEG, &file, 20);
	bytes_free(&file);
	jpeg_of(&file, 8000, 5001);
	refused(TYPE_JPEG, &file, file.len);
	bytes_free(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_large_picture_is_made_small_and_keeps_its_sides),
		cmocka_unit_test(a_small_picture_is_not_made_larger),
		cmocka_unit_test(each_orientation_is_seen_upright),
		cmocka_unit_test(what_is_damaged_or_too_large_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
