/*
 * PNG pictures: everything leaves that is not the picture.
 *
 *     chunks --> kept | cut --> out
 *
 * Chunks that are kept are copied, checksum and all, so the picture decodes to
 * exactly the same samples; every checksum is verified, those of cut chunks
 * too.  Which chunks stay is decided in png_chunk.c; what follows IEND never
 * does (a screenshot cut down by its owner may have the rest of itself there).
 *
 * An Orientation in eXIf is carried on in an eXIf chunk that holds nothing
 * else.  PNG pictures are never turned: that would mean compressing every
 * sample anew.  The compressed data are not unpacked: what hides in them, or
 * behind their end inside an IDAT chunk, stays.
 */

#include <string.h>

#include "gateway/mask/mask_internal.h"
#include "gateway/mask/png_internal.h"
#include "policy/rules/rules.h"

#define SIGNATURE_BYTES 8u
#define HEAD_BYTES 8u /* length and type */
#define CRC_BYTES 4u
#define LONE_CHUNK_BYTES (HEAD_BYTES + EXIF_LONE_BYTES + CRC_BYTES)

/* As much of an eXIf chunk as is searched: what fits a JPEG segment. */
#define EXIF_SEARCHED_MAX (64u * 1024)

static uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void
set_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

int
png_open(struct png *g, int fd, uint64_t size, struct fault *f)
{
	*g = (struct png){ .at = 0 };
	return image_open(&g->w, fd, size, f);
}

void
png_close(struct png *g)
{
	image_close(&g->w);
}

static int
next_signature(struct png *g, struct png_piece *p, struct fault *f)
{
	static const uint8_t want[SIGNATURE_BYTES] = { 0x89, 'P', 'N', 'G',
		'\r', '\n', 0x1a, '\n' };

	if (image_take(&g->w, 0, SIGNATURE_BYTES, &p->kept, f) != 0)
		return -1;
	if (memcmp(p->kept, want, SIGNATURE_BYTES) != 0)
		return fault_set(f, FAULT_INPUT, "not a PNG file");
	p->len = SIGNATURE_BYTES;
	return 0;
}

static int
check_crc(struct png *g, uint64_t at, uint32_t crc, const uint8_t **p,
    struct fault *f)
{
	if (image_take(&g->w, at, CRC_BYTES, p, f) != 0)
		return -1;
	if (get_u32(*p) != crc)
		return fault_set(f, FAULT_INPUT, "wrong checksum");
	return 0;
}

/* The content of a kept chunk, as much as is at hand, or its checksum. */
static int
next_inside(struct png *g, struct png_piece *p, struct fault *f)
{
	size_t len;

	if (g->data == 0) {
		if (check_crc(g, g->at, g->crc, &p->kept, f) != 0)
			return -1;
		p->len = CRC_BYTES;
		g->in_chunk = false;
		return 0;
	}
	if (image_some(&g->w, g->at, g->data, &p->kept, &len, f) != 0)
		return -1;
	g->crc = png_crc(g->crc, p->kept, len);
	g->data -= len;
	p->len = len;
	return 0;
}

/* "tEXt:Author", or "tEXt" where the keyword is not plain ASCII. */
static void
name_block(char block[PNG_BLOCK_CHARS + 1], const uint8_t *type,
    const uint8_t *head, size_t len)
{
	size_t n = 0;

	memcpy(block, type, 4);
	block[4] = '\0';
	if (memcmp(type, "tEXt", 4) != 0 && memcmp(type, "zTXt", 4) != 0 &&
	    memcmp(type, "iTXt", 4) != 0)
		return;
	while (n < len && n < 79 && head[n] >= ' ' && head[n] <= '~')
		n++;
	if (n == 0 || n == len || head[n] != '\0')
		return;
	block[4] = ':';
	memcpy(block + 5, head, n);
	block[5 + n] = '\0';
}

static void
read_exif(struct png *g, const uint8_t *p, size_t len)
{
	g->has_exif = true;
	if (len > EXIF_IDENTIFIER_BYTES &&
	    memcmp(p, EXIF_IDENTIFIER, EXIF_IDENTIFIER_BYTES) == 0) {
		p += EXIF_IDENTIFIER_BYTES;
		len -= EXIF_IDENTIFIER_BYTES;
	}
	g->orientation = exif_orientation(p, len);
}

/* A whole chunk that does not stay. */
static int
next_cut(struct png *g, struct png_piece *p, uint32_t len, struct fault *f)
{
	uint32_t part = len < EXIF_SEARCHED_MAX ? len : EXIF_SEARCHED_MAX;
	uint64_t at = g->at + 4, end = g->at + HEAD_BYTES + len;
	const uint8_t *type, *bytes;
	uint32_t crc = 0;
	size_t n;

	if (image_take(&g->w, at, 4 + (size_t)part, &type, f) != 0)
		return -1;
	name_block(p->block, type, type + 4, part);
	if (!g->has_exif && memcmp(type, "eXIf", 4) == 0) {
		read_exif(g, type + 4, part);
		p->exif = true;
	}
	for (; at < end; at += n) {
		if (image_some(&g->w, at, end - at, &bytes, &n, f) != 0)
			return -1;
		crc = png_crc(crc, bytes, n);
	}
	if (check_crc(g, end, crc, &bytes, f) != 0)
		return -1;
	p->len = HEAD_BYTES + (uint64_t)len + CRC_BYTES;
	return 0;
}

static bool
is_type(const uint8_t *p)
{
	for (size_t i = 0; i < 4; i++)
		if ((p[i] | 0x20) < 'a' || (p[i] | 0x20) > 'z')
			return false;
	return true;
}

static int
next_chunk(struct png *g, struct png_piece *p, struct fault *f)
{
	const uint8_t *head;
	uint8_t type[4];
	uint32_t len;
	bool kept;

	if (image_take(&g->w, g->at, HEAD_BYTES, &head, f) != 0)
		return -1;
	len = get_u32(head);
	memcpy(type, head + 4, sizeof(type));
	if (len > INT32_MAX || !is_type(type))
		return fault_set(f, FAULT_INPUT, "not a chunk");
	if (len > g->w.size - g->at - HEAD_BYTES)
		return fault_set(f, FAULT_INPUT, "cut short");
	if (image_take(&g->w, g->at,
		HEAD_BYTES + (len < PNG_HEAD_BYTES ? len : PNG_HEAD_BYTES),
		&head, f) != 0 ||
	    png_chunk_judge(g, type, len, head + HEAD_BYTES, &kept, f) != 0)
		return -1;
	if (!kept)
		return next_cut(g, p, len, f);
	p->kept = head;
	p->len = HEAD_BYTES;
	g->in_chunk = true;
	g->data = len;
	g->crc = png_crc(0, type, sizeof(type));
	return 0;
}

int
png_next(struct png *g, struct png_piece *p, struct fault *f)
{
	int rc;

	*p = (struct png_piece){ .at = g->at };
	if (g->at == 0) {
		rc = next_signature(g, p, f);
	} else if (g->in_chunk) {
		rc = next_inside(g, p, f);
	} else if (g->stage == PNG_END) {
		p->len = g->w.size - g->at;
		memcpy(p->block, "after-IEND", 11);
		rc = 0;
	} else {
		rc = next_chunk(g, p, f);
	}
	if (rc != 0)
		return fault_at(f, "offset %llu", (unsigned long long)g->at);
	g->at += p->len;
	return 0;
}

int
png_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	struct png_piece p;
	struct png g;
	int rc = -1;

	(void)as;
	if (png_open(&g, src->fd, src->size, f) != 0)
		goto out;
	do {
		if (png_next(&g, &p, f) != 0)
			goto out;
		if (p.len != 0 && p.kept == NULL &&
		    image_block_found(out, p.block, f) != 0)
			goto out;
	} while (p.len != 0);
	rc = 0;
out:
	png_close(&g);
	return rc;
}

/* The chunk that carries an orientation on, in place of a whole eXIf. */
static void
write_lone_chunk(uint8_t out[LONE_CHUNK_BYTES], unsigned orientation)
{
	set_u32(out, EXIF_LONE_BYTES);
	memcpy(out + 4, "eXIf", 4);
	exif_write_lone(out + HEAD_BYTES, orientation);
	set_u32(out + HEAD_BYTES + EXIF_LONE_BYTES,
	    png_crc(0, out + 4, 4 + EXIF_LONE_BYTES));
}

/* One block that does not leave, and what does in its place. */
static int
cut_piece(const struct mask_source *src, struct mask_out *o,
    const struct png_piece *p, unsigned orientation, struct fault *f)
{
	uint8_t lone[LONE_CHUNK_BYTES];

	if (image_block_decided(src->plan, p->block, f) != 0)
		return -1;
	if (!p->exif || orientation <= 1)
		return mask_swap(o, p->len, NULL, 0, f);
	write_lone_chunk(lone, orientation);
	return mask_swap(o, p->len, lone, sizeof(lone), f);
}

int
png_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f)
{
	struct png_piece p;
	struct png g;
	int rc = -1;

	if (png_open(&g, src->fd, src->size, f) != 0)
		goto out;
	do {
		if (png_next(&g, &p, f) != 0)
			goto out;
		if (p.kept != NULL) {
			if (mask_keep(o, p.kept, (size_t)p.len, f) != 0)
				goto out;
		} else if (p.len != 0 &&
			   cut_piece(src, o, &p, g.orientation, f) != 0) {
			goto out;
		}
	} while (p.len != 0);
	image_view(view, g.width, g.height, g.orientation, false);
	rc = 0;
out:
	png_close(&g);
	return rc;
}
