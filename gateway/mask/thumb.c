/*
 * A picture made small, for people to look at before it leaves.
 *
 * The pixels are decoded by the libraries that everybody's viewers use, so
 * that what is seen here is what a receiver will see; they are averaged over
 * boxes, turned, and coded anew as JPEG.  Nothing of the file but its pixels
 * can be in the result.
 *
 * libjpeg's errors end in TurboJPEG's own setjmp, libpng's in that of its
 * simplified interface; both come back as a status, and neither prints.
 */

#include <string.h>

#include "gateway/mask/mask.h"
#include "gateway/mask/pictures_internal.h"
#include "keys/base/mem.h"
#include "policy/rules/rules.h"

#define QUALITY 82

/* Rows of RGB, without gaps. */
struct raster {
	uint8_t *rgb;
	uint32_t w, h;
};

static int
too_large(uint64_t w, uint64_t h, struct fault *f)
{
	if (w > 0 && h > 0 && w * h <= MASK_THUMB_PIXELS)
		return 0;
	return fault_set(f, FAULT_INPUT,
	    "over %u megapixels: no thumbnail is made",
	    MASK_THUMB_PIXELS / 1000000);
}

static int
raster_new(struct raster *r, uint32_t w, uint32_t h, struct fault *f)
{
	*r = (struct raster){ mem_array((size_t)w * h, 3), w, h };
	return r->rgb == NULL ? fault_memory(f) : 0;
}

/* ---- Decoding ---- */

/* The smallest that libjpeg makes by itself and that is not too small. */
static void
choose_scale(struct raster *r)
{
	uint32_t w = r->w, h = r->h;
	int n = 0;
	const tjscalingfactor *all = tjGetScalingFactors(&n);

	for (int i = 0; all != NULL && i < n; i++) {
		uint32_t sw = (uint32_t)TJSCALED((int)w, all[i]);
		uint32_t sh = (uint32_t)TJSCALED((int)h, all[i]);

		if ((sw > sh ? sw : sh) >= MASK_THUMB_SIDE && sw < r->w) {
			r->w = sw;
			r->h = sh;
		}
	}
}

/* Four inks as most programs write them, none at 255, to RGB in place. */
static void
from_inks(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < 3; c++)
			p[3 * i + c] =
			    (uint8_t)(p[4 * i + c] * p[4 * i + 3] / 255);
}

static int
decode(tjhandle tj, const struct slice *in, int colours, struct raster *r,
    struct fault *f)
{
	bool inks = colours == TJCS_CMYK || colours == TJCS_YCCK;

	r->rgb = mem_array((size_t)r->w * r->h, inks ? 4 : 3);
	if (r->rgb == NULL)
		return fault_memory(f);
	if (tjDecompress2(tj, in->at, (unsigned long)in->len, r->rgb, (int)r->w,
		0, (int)r->h, inks ? TJPF_CMYK : TJPF_RGB,
		TJFLAG_LIMITSCANS) != 0 &&
	    tjGetErrorCode(tj) != TJERR_WARNING)
		return fault_set(
		    f, FAULT_INPUT, "its pixels cannot be read: no thumbnail");
	if (inks)
		from_inks(r->rgb, (size_t)r->w * r->h);
	return 0;
}

static int
read_jpeg(struct raster *r, const struct slice *in, struct fault *f)
{
	int w = 0, h = 0, sampling, colours = 0, rc = -1;
	tjhandle tj = tjInitDecompress();

	if (tj == NULL)
		return fault_memory(f);
	if (tjDecompressHeader3(tj, in->at, (unsigned long)in->len, &w, &h,
		&sampling, &colours) != 0 ||
	    w <= 0 || h <= 0) {
		(void)fault_set(
		    f, FAULT_INPUT, "of a kind that no thumbnail is made of");
	} else if (too_large((uint64_t)w, (uint64_t)h, f) == 0) {
		r->w = (uint32_t)w;
		r->h = (uint32_t)h;
		choose_scale(r);
		rc = decode(tj, in, colours, r, f);
	}
	(void)tjDestroy(tj); /* only frees */
	return rc;
}

/* Does each chunk end in the file?  libpng makes room for what one says it has
 * before it reads it: up to two gigabytes. */
static bool
chunks_fit(const struct slice *in)
{
	size_t at = 8;

	while (in->len - at >= 12) {
		const uint8_t *p = in->at + at;
		uint32_t len = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			       (uint32_t)p[2] << 8 | p[3];

		if (len > in->len - at - 12)
			return false;
		at += (size_t)len + 12;
	}
	return true;
}

static int
read_png(struct raster *r, const struct slice *in, struct fault *f)
{
	static const png_color white = { 255, 255, 255 };
	png_image image = { .version = PNG_IMAGE_VERSION };
	int rc = -1;

	if (in->len < 8 || !chunks_fit(in) ||
	    png_image_begin_read_from_memory(&image, in->at, in->len) == 0) {
		(void)fault_set(
		    f, FAULT_INPUT, "its pixels cannot be read: no thumbnail");
	} else if (too_large(image.width, image.height, f) == 0 &&
		   raster_new(r, image.width, image.height, f) == 0) {
		image.format = PNG_FORMAT_RGB;
		rc = png_image_finish_read(&image, &white, r->rgb, 0, NULL) != 0
			 ? 0
			 : fault_set(f, FAULT_INPUT,
			       "its pixels cannot be read: no thumbnail");
	}
	png_image_free(&image);
	return rc;
}

/* ---- Making it small ---- */

/* One pixel of so many: the average of the box that it stands for. */
static void
average(const struct raster *from, const uint32_t box[4], uint8_t out[3])
{
	uint64_t sum[3] = { 0, 0, 0 };
	uint64_t n = (uint64_t)(box[2] - box[0]) * (box[3] - box[1]);

	must(n > 0); /* nothing is made larger */
	for (uint32_t y = box[1]; y < box[3]; y++) {
		const uint8_t *p =
		    from->rgb + 3 * ((size_t)y * from->w + box[0]);

		for (uint32_t x = box[0]; x < box[2]; x++, p += 3) {
			sum[0] += p[0];
			sum[1] += p[1];
			sum[2] += p[2];
		}
	}
	for (size_t c = 0; c < 3; c++)
		out[c] = (uint8_t)((sum[c] + n / 2) / n);
}

static uint32_t
scaled(uint32_t side, uint32_t longest)
{
	uint64_t n = (uint64_t)side * MASK_THUMB_SIDE / longest;

	return longest <= MASK_THUMB_SIDE ? side : n == 0 ? 1 : (uint32_t)n;
}

static int
shrink(struct raster *r, struct fault *f)
{
	uint32_t longest = r->w > r->h ? r->w : r->h;
	struct raster to;

	if (longest <= MASK_THUMB_SIDE)
		return 0;
	if (raster_new(&to, scaled(r->w, longest), scaled(r->h, longest), f) !=
	    0)
		return -1;
	for (uint32_t y = 0; y < to.h; y++)
		for (uint32_t x = 0; x < to.w; x++) {
			const uint32_t box[4] = { (uint32_t)((uint64_t)x *
							     r->w / to.w),
				(uint32_t)((uint64_t)y * r->h / to.h),
				(uint32_t)((uint64_t)(x + 1) * r->w / to.w),
				(uint32_t)((uint64_t)(y + 1) * r->h / to.h) };

			average(r, box, to.rgb + 3 * ((size_t)y * to.w + x));
		}
	mem_free(r->rgb);
	*r = to;
	return 0;
}

/* ---- Turning it ---- */

/* Which of the stored pixels an upright one is, by Exif's Orientation
 * (JEITA CP-3451, tag 0x0112). */
static size_t
stored(const struct raster *r, unsigned orientation, uint32_t x, uint32_t y)
{
	uint32_t right = r->w - 1, bottom = r->h - 1;
	/* of the stored picture: column and row */
	const uint32_t at[9][2] = { { x, y }, { x, y }, { right - x, y },
		{ right - x, bottom - y }, { x, bottom - y }, { y, x },
		{ y, bottom - x }, { right - y, bottom - x },
		{ right - y, x } };

	return 3 * ((size_t)at[orientation][1] * r->w + at[orientation][0]);
}

static int
turn(struct raster *r, unsigned orientation, struct fault *f)
{
	bool aside = orientation >= 5;
	struct raster to;

	if (orientation <= 1)
		return 0;
	must(orientation <= 8);
	if (raster_new(&to, aside ? r->h : r->w, aside ? r->w : r->h, f) != 0)
		return -1;
	for (uint32_t y = 0; y < to.h; y++)
		for (uint32_t x = 0; x < to.w; x++)
			memcpy(to.rgb + 3 * ((size_t)y * to.w + x),
			    r->rgb + stored(r, orientation, x, y), 3);
	mem_free(r->rgb);
	*r = to;
	return 0;
}

static int
write_jpeg(struct bytes *out, const struct raster *r, struct fault *f)
{
	unsigned char *made = NULL;
	unsigned long len = 0;
	tjhandle tj = tjInitCompress();
	int rc = -1;

	if (tj == NULL)
		return fault_memory(f);
	if (tjCompress2(tj, r->rgb, (int)r->w, 0, (int)r->h, TJPF_RGB, &made,
		&len, TJSAMP_420, QUALITY, 0) == 0)
		rc = bytes_add(out, made, len, f);
	else
		(void)fault_set(f, FAULT_SYSTEM, "a thumbnail was not coded");
	tjFree(made);
	(void)tjDestroy(tj);
	return rc;
}

int
mask_thumb(struct bytes *out, unsigned type, const struct slice *file,
    unsigned orientation, struct fault *f)
{
	struct raster r = { NULL, 0, 0 };
	int rc = -1;

	must(type == TYPE_JPEG || type == TYPE_PNG);
	if (pictures_load(f) != 0)
		return -1;
	if ((type == TYPE_JPEG ? read_jpeg(&r, file, f)
			       : read_png(&r, file, f)) == 0 &&
	    shrink(&r, f) == 0 && turn(&r, orientation, f) == 0)
		rc = write_jpeg(out, &r, f);
	mem_free(r.rgb);
	return rc;
}
