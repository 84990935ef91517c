/*
 * Which PNG chunks stay, and what each of those may be.
 *
 * The critical chunks stay, and those that change how the picture looks: tRNS,
 * gAMA, cHRM, sRGB, cICP, mDCV, cLLI, sBIT, bKGD, pHYs, and an animation's
 * acTL, fcTL and fdAT (its frames are pixels, and pixels are the picture).
 * Each has a fixed length and no text, and one that is out of its place, twice
 * there or of another length is refused: decoders disagree about those, and
 * so about what a labeller would see.
 *
 * Any other ancillary chunk is metadata: tEXt, zTXt, iTXt, eXIf, tIME, iCCP
 * (for the reason given in jpeg_marker.c), sPLT and pCAL and sCAL (they hold
 * text), hIST, caBX, private ones.  A critical chunk that is not known is
 * refused, as the standard wants it (13.3).
 */

#include <string.h>

#include "gateway/mask/png_internal.h"

static uint32_t
png_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* The bit depths of each colour type, one bit for each (11.2.1, Table 11). */
static bool
depth_allowed(uint8_t colour, uint8_t depth)
{
	static const uint32_t allowed[7] = {
		[0] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16,
		[2] = 1u << 8 | 1u << 16,
		[3] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8,
		[4] = 1u << 8 | 1u << 16,
		[6] = 1u << 8 | 1u << 16,
	};

	return colour < 7 && depth < 32 && (allowed[colour] >> depth & 1) != 0;
}

static bool
header_read(struct png *g, uint32_t len, const uint8_t *p)
{
	(void)len;
	g->width = png_u32(p);
	g->height = png_u32(p + 4);
	g->depth = p[8];
	g->colour = p[9];
	g->stage = PNG_HEADER;
	return g->width - 1 < INT32_MAX && g->height - 1 < INT32_MAX &&
	       depth_allowed(g->colour, g->depth) && p[10] == 0 && p[11] == 0 &&
	       p[12] <= 1;
}

static bool
palette_read(struct png *g, uint32_t len, const uint8_t *p)
{
	(void)p;
	g->palette = len / 3;
	g->stage = PNG_PALETTE;
	return len % 3 == 0 && g->palette >= 1 && g->palette <= 256 &&
	       (g->colour & 2) != 0;
}

static bool
data_read(struct png *g, uint32_t len, const uint8_t *p)
{
	bool ok = g->stage != PNG_BEHIND && (g->colour != 3 || g->palette != 0);

	(void)len;
	(void)p;
	g->stage = PNG_DATA;
	return ok;
}

static bool
end_read(struct png *g, uint32_t len, const uint8_t *p)
{
	bool ok = g->stage == PNG_BEHIND && len == 0;

	(void)p;
	g->stage = PNG_END;
	return ok;
}

/* Lengths that depend on the colour type (11.3). */
static bool
transparency_read(struct png *g, uint32_t len, const uint8_t *p)
{
	(void)p;
	if (g->colour == 3)
		return len >= 1 && len <= g->palette;
	return (g->colour == 0 && len == 2) || (g->colour == 2 && len == 6);
}

static bool
significant_read(struct png *g, uint32_t len, const uint8_t *p)
{
	static const uint8_t want[7] = { 1, 0, 3, 3, 2, 0, 4 };

	(void)p;
	return len == want[g->colour];
}

static bool
background_read(struct png *g, uint32_t len, const uint8_t *p)
{
	static const uint8_t want[7] = { 2, 0, 6, 1, 2, 0, 6 };

	(void)p;
	return len == want[g->colour] && (g->colour != 3 || g->palette != 0);
}

static bool
animation_read(struct png *g, uint32_t len, const uint8_t *p)
{
	(void)len;
	g->animated = true;
	return png_u32(p) != 0;
}

/* Frames are numbered through, and come after the word that there are any. */
static bool
frame_read(struct png *g, uint32_t len, const uint8_t *p)
{
	(void)len;
	g->has_frame = true;
	return g->animated && png_u32(p) == g->sequence++;
}

static bool
frame_data_read(struct png *g, uint32_t len, const uint8_t *p)
{
	return len >= 4 && g->has_frame && g->stage == PNG_BEHIND &&
	       png_u32(p) == g->sequence++;
}

/* Where a chunk may stand: before PLTE and IDAT, before IDAT, or anywhere;
 * and whether there may be more than one. */
enum { BEFORE_PALETTE = 1, BEFORE_DATA = 2, MANY = 4 };

#define LEN_READ UINT32_MAX /* read() judges it */

static const struct {
	char type[5];
	uint8_t rule;
	uint32_t len;
	bool (*read)(struct png *g, uint32_t len, const uint8_t *head);
} kept_chunks[] = {
	{ "IHDR", 0, 13, header_read },
	{ "PLTE", BEFORE_DATA, LEN_READ, palette_read },
	{ "IDAT", MANY, LEN_READ, data_read },
	{ "IEND", 0, 0, end_read },
	{ "tRNS", BEFORE_DATA, LEN_READ, transparency_read },
	{ "gAMA", BEFORE_PALETTE, 4, NULL },
	{ "cHRM", BEFORE_PALETTE, 32, NULL },
	{ "sRGB", BEFORE_PALETTE, 1, NULL },
	{ "cICP", BEFORE_PALETTE, 4, NULL },
	{ "mDCV", BEFORE_PALETTE, 24, NULL },
	{ "cLLI", BEFORE_PALETTE, 8, NULL },
	{ "sBIT", BEFORE_PALETTE, LEN_READ, significant_read },
	{ "bKGD", BEFORE_DATA, LEN_READ, background_read },
	{ "pHYs", BEFORE_DATA, 9, NULL },
	{ "acTL", BEFORE_DATA, 8, animation_read },
	{ "fcTL", MANY, 26, frame_read },
	{ "fdAT", MANY, LEN_READ, frame_data_read },
};
#define KEPT_CHUNKS (sizeof(kept_chunks) / sizeof(kept_chunks[0]))

static bool
in_place(const struct png *g, size_t i)
{
	uint8_t rule = kept_chunks[i].rule;

	if (g->stage == PNG_START)
		return i == 0;
	if ((rule & MANY) == 0 && (g->seen & 1u << i) != 0)
		return false;
	if ((rule & BEFORE_PALETTE) != 0)
		return g->stage < PNG_PALETTE;
	return (rule & BEFORE_DATA) == 0 || g->stage < PNG_DATA;
}

int
png_chunk_judge(struct png *g, const uint8_t *type, uint32_t len,
    const uint8_t *head, bool *kept, struct fault *f)
{
	size_t i = 0;

	while (i < KEPT_CHUNKS && memcmp(kept_chunks[i].type, type, 4) != 0)
		i++;
	*kept = i < KEPT_CHUNKS;
	/* IDAT chunks stand together; one more after another chunk is a gap. */
	if (g->stage == PNG_DATA && memcmp(type, "IDAT", 4) != 0)
		g->stage = PNG_BEHIND;
	if (*kept) {
		if (!in_place(g, i) ||
		    (kept_chunks[i].len != LEN_READ &&
			kept_chunks[i].len != len) ||
		    (kept_chunks[i].read != NULL &&
			!kept_chunks[i].read(g, len, head)))
			return fault_set(f, FAULT_INPUT,
			    "%s chunk out of place or malformed",
			    kept_chunks[i].type);
		g->seen |= 1u << i;
		return 0;
	}
	if (g->stage == PNG_START)
		return fault_set(f, FAULT_INPUT, "no header");
	if (type[0] >= 'A' && type[0] <= 'Z')
		return fault_set(
		    f, FAULT_INPUT, "a critical chunk that is not known");
	return 0;
}
