/*
 * The markers of a JPEG file, one piece after another; see jpeg_internal.h.
 *
 * What a decoder needs is kept: SOI, JFIF (its thumbnail taken out), Adobe
 * (it decides the colours), DQT, DHT, DAC, SOFn, DRI, DNL, SOS with its
 * entropy-coded data, EOI.  Every one of these is read to its last byte, so
 * that none carries more than its fields.  What is not on that list is cut:
 * all other APPn, COM, bytes between segments that belong to none (decoders
 * skip them), and whatever follows the first EOI.
 *
 * An ICC profile is cut like the rest.  It changes no pixel value, and it may
 * hold the names of people and serial numbers of screens; a list of profiles
 * known to be harmless was considered and left out, since it would make two
 * pictures of one dataset leave in different ways.
 *
 * Refused: a second SOI or SOFn, hierarchical frames, JPEG-LS and the other
 * codes that T.81 leaves open, and a file without EOI.  Entropy-coded data is
 * not decoded: what hides in it stays.
 */

#include "gateway/mask/jpeg_internal.h"

#include <string.h>

static int
need_length(size_t len, size_t want, const char *what, struct fault *f)
{
	if (len == want)
		return 0;
	return fault_set(f, FAULT_INPUT, "%s of a wrong length", what);
}

static int
read_frame(struct jpeg *j, unsigned code, const uint8_t *p, size_t len,
    struct fault *f)
{
	if (j->frame != 0)
		return fault_set(f, FAULT_INPUT, "a second frame header");
	if (len < 6 || p[5] < 1 || p[5] > JPEG_COMPONENTS_MAX)
		return fault_set(f, FAULT_INPUT,
		    "frame header without 1 to %u components",
		    JPEG_COMPONENTS_MAX);
	if (need_length(len, 6 + 3 * (size_t)p[5], "frame header", f) != 0)
		return -1;
	j->precision = p[0];
	j->height = (uint32_t)p[1] << 8 | p[2];
	j->width = (uint32_t)p[3] << 8 | p[4];
	j->components = p[5];
	if (j->width == 0 || j->precision < 2 || j->precision > 16)
		return fault_set(f, FAULT_INPUT, "frame header out of range");
	for (unsigned i = 0; i < j->components; i++) {
		const uint8_t *part = p + 6 + 3 * (size_t)i;

		j->part[i].id = part[0];
		j->part[i].h = part[1] >> 4;
		j->part[i].v = part[1] & 15;
		if (j->part[i].h < 1 || j->part[i].h > 4 || j->part[i].v < 1 ||
		    j->part[i].v > 4 || part[2] > 3)
			return fault_set(
			    f, FAULT_INPUT, "frame header out of range");
	}
	j->frame = code;
	return 0;
}

static int
read_quantisation(const uint8_t *p, size_t len, struct fault *f)
{
	while (len > 0) {
		size_t table = p[0] >> 4 == 0 ? 65 : 129;

		if (p[0] >> 4 > 1 || (p[0] & 15) > 3 || len < table)
			return fault_set(
			    f, FAULT_INPUT, "quantisation table out of range");
		p += table;
		len -= table;
	}
	return 0;
}

static int
read_huffman(const uint8_t *p, size_t len, struct fault *f)
{
	while (len > 0) {
		size_t values = 0;

		if (len < 17 || p[0] >> 4 > 1 || (p[0] & 15) > 3)
			return fault_set(
			    f, FAULT_INPUT, "Huffman table out of range");
		for (size_t i = 1; i <= 16; i++)
			values += p[i];
		if (values > 256 || len < 17 + values)
			return fault_set(
			    f, FAULT_INPUT, "Huffman table out of range");
		p += 17 + values;
		len -= 17 + values;
	}
	return 0;
}

static int
read_scan(struct jpeg *j, const uint8_t *p, size_t len, struct fault *f)
{
	if (j->frame == 0)
		return fault_set(f, FAULT_INPUT, "scan before its frame");
	if (len < 1 || p[0] < 1 || p[0] > j->components)
		return fault_set(f, FAULT_INPUT, "scan header out of range");
	if (need_length(len, 4 + 2 * (size_t)p[0], "scan header", f) != 0)
		return -1;
	for (size_t i = 0; i < p[0]; i++) {
		unsigned k = 0;

		while (k < j->components && j->part[k].id != p[1 + 2 * i])
			k++;
		if (k == j->components)
			return fault_set(f, FAULT_INPUT,
			    "scan of a component that the frame has not");
	}
	j->scanning = true;
	j->scans++;
	return 0;
}

static int
read_lines(struct jpeg *j, const uint8_t *p, size_t len, struct fault *f)
{
	if (j->scans == 0)
		return fault_set(f, FAULT_INPUT, "line count before a scan");
	if (need_length(len, 2, "line count", f) != 0)
		return -1;
	if (j->height == 0)
		j->height = (uint32_t)p[0] << 8 | p[1];
	return 0;
}

/* A segment that stays as it is. */
static int
read_kept(struct jpeg *j, unsigned code, const uint8_t *p, size_t len,
    struct fault *f)
{
	switch (code) {
	case JPEG_DQT:
		return read_quantisation(p, len, f);
	case JPEG_DHT:
		return read_huffman(p, len, f);
	case JPEG_DAC:
		if (len % 2 != 0 || len > 16)
			return fault_set(f, FAULT_INPUT,
			    "conditioning table of a wrong length");
		return 0;
	case JPEG_DRI:
		return need_length(len, 2, "restart interval", f);
	case JPEG_DNL:
		return read_lines(j, p, len, f);
	case JPEG_SOS:
		return read_scan(j, p, len, f);
	case JPEG_SOI:
		return fault_set(f, FAULT_INPUT, "a second start of image");
	default:
		break;
	}
	if ((code >= JPEG_SOF0 && code <= JPEG_SOF0 + 3) ||
	    (code >= JPEG_SOF9 && code <= JPEG_SOF9 + 2))
		return read_frame(j, code, p, len, f);
	return fault_set(f, FAULT_INPUT, "marker %02x is not supported", code);
}

static int
next_segment(
    struct jpeg *j, struct jpeg_piece *p, unsigned code, struct fault *f)
{
	const uint8_t *head;
	size_t len;

	if (code == JPEG_SOI)
		return read_kept(j, code, NULL, 0, f);
	if (image_take(&j->w, j->at, 4, &head, f) != 0)
		return -1;
	len = (size_t)head[2] << 8 | head[3];
	if (len < 2)
		return fault_set(f, FAULT_INPUT, "segment of a wrong length");
	if (image_take(&j->w, j->at, 2 + len, &head, f) != 0)
		return -1;
	p->len = 2 + len;
	p->kept = head;
	if (code >= JPEG_APP0 && code <= JPEG_APP15) {
		jpeg_application(j, p, code, head + 4, len - 2);
		return 0;
	}
	if (code == JPEG_COM) {
		p->kept = NULL;
		memcpy(p->block, "COM", 4);
		return 0;
	}
	return read_kept(j, code, head + 4, len - 2, f);
}

/* EOI: the picture is whole, and nothing behind it belongs to it. */
static int
next_end(struct jpeg *j, struct fault *f)
{
	if (j->scans == 0)
		return fault_set(f, FAULT_INPUT, "no picture in it");
	if (j->height == 0)
		return fault_set(f, FAULT_INPUT, "a picture without height");
	j->ended = true;
	return 0;
}

/* Bytes that belong to no segment, up to the next marker or as far as the
 * window reaches. */
static int
next_stray(struct jpeg *j, struct jpeg_piece *p, struct fault *f)
{
	const uint8_t *at, *hit;
	size_t len;

	if (image_some(&j->w, j->at, UINT64_MAX, &at, &len, f) != 0)
		return -1;
	p->kept = NULL;
	memcpy(p->block, "stray", 6);
	/* FF 00 outside a scan is no marker, nor is a lone TEM or RSTn. */
	if (at[0] == 0xff) {
		p->len = 2;
		return 0;
	}
	hit = memchr(at, 0xff, len);
	p->len = hit == NULL ? len : (size_t)(hit - at);
	return 0;
}

/* Where the entropy-coded data at p ends, or len: at the first FF that is the
 * head of a marker other than RSTn (B.1.1.5).  An FF at the very end is left
 * for the next window. */
static size_t
scan_length(const uint8_t *p, size_t len)
{
	const uint8_t *at = p, *end = p + len;

	while ((at = memchr(at, 0xff, (size_t)(end - at))) != NULL) {
		if (at + 1 == end)
			return (size_t)(at - p);
		if (at[1] == 0xff) /* fill, or data if 00 follows */
			at++;
		else if (at[1] == 0 ||
			 (at[1] >= JPEG_RST0 && at[1] <= JPEG_RST7))
			at += 2;
		else
			return (size_t)(at - p);
	}
	return len;
}

/* Entropy-coded data, as much of it as is at hand; no length once it ended. */
static int
next_scan(struct jpeg *j, struct jpeg_piece *p, struct fault *f)
{
	const uint8_t *at;
	size_t len;

	/* Two bytes at least, to see what an FF is. */
	if (image_take(&j->w, j->at, 2, &at, f) != 0 ||
	    image_some(&j->w, j->at, UINT64_MAX, &at, &len, f) != 0)
		return -1;
	p->len = scan_length(at, len);
	p->kept = at;
	j->scanning = p->len != 0;
	return 0;
}

/* Fill bytes (B.1.1.2), all but the FF that begins the marker. */
static int
next_fill(struct jpeg *j, struct jpeg_piece *p, struct fault *f)
{
	const uint8_t *at;
	size_t len;

	if (image_some(&j->w, j->at, UINT64_MAX, &at, &len, f) != 0)
		return -1;
	for (p->len = 1; p->len + 1 < len && at[p->len + 1] == 0xff;)
		p->len++;
	p->kept = at;
	return 0;
}

static int
next_marker(struct jpeg *j, struct jpeg_piece *p, struct fault *f)
{
	const uint8_t *at;

	if (image_take(&j->w, j->at, 2, &at, f) != 0)
		return -1;
	if (!j->started) {
		if (at[0] != 0xff || at[1] != JPEG_SOI)
			return fault_set(f, FAULT_INPUT, "not a JPEG file");
		j->started = true;
	} else if (at[0] == 0xff && at[1] == 0xff) {
		return next_fill(j, p, f);
	} else if (at[0] != 0xff || at[1] <= 1 ||
		   (at[1] >= JPEG_RST0 && at[1] <= JPEG_RST7)) {
		return next_stray(j, p, f);
	} else if (at[1] != JPEG_EOI) {
		return next_segment(j, p, at[1], f);
	} else if (next_end(j, f) != 0) {
		return -1;
	}
	p->len = 2;
	p->kept = at;
	return 0;
}

int
jpeg_next(struct jpeg *j, struct jpeg_piece *p, struct fault *f)
{
	uint64_t left = j->w.size - j->at;
	int rc = 0;

	*p = (struct jpeg_piece){ .at = j->at };
	if (j->ended) {
		p->len = left;
		memcpy(p->block, "after-EOI", 10);
	} else {
		if (j->scanning)
			rc = next_scan(j, p, f);
		if (rc == 0 && p->len == 0)
			rc = next_marker(j, p, f);
	}
	if (rc != 0)
		return fault_at(f, "offset %llu", (unsigned long long)j->at);
	j->at += p->len;
	return 0;
}

int
jpeg_open(struct jpeg *j, int fd, uint64_t size, struct fault *f)
{
	*j = (struct jpeg){ .at = 0 };
	return image_open(&j->w, fd, size, f);
}

void
jpeg_close(struct jpeg *j)
{
	image_close(&j->w);
}

void
jpeg_rewind(struct jpeg *j)
{
	*j = (struct jpeg){ .w = j->w };
}
