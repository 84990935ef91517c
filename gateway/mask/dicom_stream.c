/*
 * Compressed frames, looked through for what no picture needs.
 *
 * Encoders leave comments and application segments in frames: names, software,
 * the Exif of the camera that took them.  Their content is overwritten with
 * zeros.  Nothing gets shorter, so that offset tables, lengths and whatever
 * points into a frame stay right.
 *
 * JPEG and JPEG-LS (T.81 B.1, T.87 C): blanked are COM and all APPn but JFIF
 * without a thumbnail, Adobe's and JPEG-LS's colour transform, by which
 * decoders tell colours; and what stands behind EOI.  JPEG 2000 (T.800 A):
 * COM, in the main header and in those of tile parts.
 *
 * Samples are not decoded, and the tables that decoders need are not read: what
 * hides in them stays.
 */

#include <string.h>

#include "gateway/mask/dicom_mask_internal.h"

enum {
	AT_START, /* a fragment that begins a frame: its first byte */
	AT_CODE,  /* behind 0xff */
	AT_MARK,  /* 0xff is next */
	AT_HIGH,  /* a segment's length */
	AT_LOW,
	IN_SEGMENT, /* left bytes of one that stays */
	IN_BLANK,   /* of one that does not */
	IN_PSOT,    /* JPEG 2000: left bytes of an SOT segment */
	IN_SCAN,    /* data up to the next marker */
	IN_TILE,    /* JPEG 2000: left bytes of a tile part's data */
	AT_END	    /* of a frame */
};

/* Markers of both. */
#define JPG 0xc8u /* reserved; hierarchical frames, which T.81 has alone */
#define DHP 0xdeu
#define EXP 0xdfu
#define SOI 0xd8u
#define EOI 0xd9u
#define SOS 0xdau
#define APP0 0xe0u
#define APP8 0xe8u
#define APP14 0xeeu
#define APP15 0xefu
#define JPG0 0xf0u
#define SOF55 0xf7u /* JPEG-LS: its frame header, its parameters */
#define LSE 0xf8u
#define COM 0xfeu
#define J2K_SOC 0x4fu
#define J2K_COM 0x64u
#define J2K_SOT 0x90u
#define J2K_SOD 0x93u
#define J2K_EOC 0xd9u
#define J2K_SOT_BYTES 12u /* with its marker */

/* Of dicom_stream.part: no tile part is in hand; the last, which goes on to the
 * end of the frame. */
#define NO_PART UINT64_MAX
#define TO_THE_END (UINT64_MAX - 1)

static int
broken(struct fault *f)
{
	return fault_set(f, FAULT_INPUT,
	    "a compressed frame is not what its transfer syntax says");
}

static bool
is_over(const struct dicom_stream *s)
{
	return s->state == AT_START || s->state == AT_END;
}

void
dicom_stream_fragment(struct dicom_stream *s)
{
	if (!is_over(s))
		return;
	s->state = AT_START;
	s->part = NO_PART;
}

int
dicom_stream_end(const struct dicom_stream *s, struct fault *f)
{
	if (is_over(s))
		return 0;
	return fault_set(f, FAULT_INPUT, "a compressed frame is cut short");
}

/* ---- Markers ---- */

/* Is it one of the few application segments that change how a frame looks, and
 * says it nothing more? */
static bool
shows(unsigned code, const uint8_t *p, size_t have, uint64_t len)
{
	if (have < len)
		return false;
	if (code == APP0) /* no thumbnail */
		return len == 14 && memcmp(p, "JFIF", 5) == 0 && p[12] == 0 &&
		       p[13] == 0;
	if (code == APP14)
		return len == 12 && memcmp(p, "Adobe", 5) == 0;
	return code == APP8 && len == 5 && memcmp(p, "mrfx", 4) == 0;
}

static bool
stays(const struct dicom_stream *s, const uint8_t *p, size_t have)
{
	if (s->coding == CODING_J2K)
		return s->code != J2K_COM;
	if (s->code >= APP0 && s->code <= APP15)
		return shows(s->code, p, have, s->left);
	if (s->code == SOF55 || s->code == LSE)
		return s->coding == CODING_JPEG_LS;
	return s->code < JPG0;
}

static int
jpeg_code(struct dicom_stream *s, struct fault *f)
{
	unsigned c = s->code;

	if (c == EOI)
		s->state = AT_END;
	else if (c == 0x01 || (c >= 0xd0 && c < SOI))
		s->state = AT_MARK; /* TEM, RSTn */
	else if (c < 0xc0 || c == JPG || c == SOI || c == DHP || c == EXP)
		return broken(f);
	else
		s->state = AT_HIGH;
	return 0;
}

static int
j2k_code(struct dicom_stream *s, struct fault *f)
{
	unsigned c = s->code;

	if (c == J2K_EOC)
		s->state = AT_END;
	else if (c == J2K_SOD) {
		if (s->part == NO_PART)
			return broken(f);
		s->left = s->part;
		s->state = s->part == TO_THE_END ? IN_SCAN
			   : s->part == 0	 ? AT_MARK
						 : IN_TILE;
		s->part = NO_PART;
	} else if (c >= 0x30 && c < 0x40)
		s->state = AT_MARK; /* reserved, without a length */
	else if (c < 0x50 || (c > J2K_COM && c != J2K_SOT))
		return broken(f);
	else
		s->state = AT_HIGH;
	return 0;
}

/* Behind 0xff; any number of them may stand before a marker in JPEG. */
static int
take_code(struct dicom_stream *s, uint8_t c, struct fault *f)
{
	if (c == 0xff && s->coding != CODING_J2K)
		return 0;
	s->code = c;
	return s->coding != CODING_J2K ? jpeg_code(s, f) : j2k_code(s, f);
}

/* Whatever a segment was, it is over. */
static void
end_segment(struct dicom_stream *s)
{
	s->state =
	    s->coding != CODING_J2K && s->code == SOS ? IN_SCAN : AT_MARK;
}

/* A segment's length is in left, the length itself included. */
static int
take_length(
    struct dicom_stream *s, const uint8_t *p, size_t have, struct fault *f)
{
	if (s->left < 2)
		return broken(f);
	s->left -= 2;
	if (s->coding == CODING_J2K && s->code == J2K_SOT) {
		if (s->left != J2K_SOT_BYTES - 4)
			return broken(f);
		s->psot = 0;
		s->state = IN_PSOT;
		return 0;
	}
	s->state = stays(s, p, have) ? IN_SEGMENT : IN_BLANK;
	if (s->left == 0)
		end_segment(s);
	return 0;
}

/* Isot, Psot, TPsot, TNsot: how long the tile part is from its SOT on. */
static int
take_psot(struct dicom_stream *s, uint8_t c, struct fault *f)
{
	s->left--;
	if (s->left < 6 && s->left >= 2)
		s->psot = s->psot << 8 | c;
	if (s->left > 0)
		return 0;
	s->state = AT_MARK;
	if (s->psot == 0)
		s->part = TO_THE_END;
	else if (s->psot >= J2K_SOT_BYTES)
		s->part = s->psot - J2K_SOT_BYTES;
	else
		return broken(f);
	return 0;
}

/* ---- Bytes ---- */

/* In a scan: the next marker's 0xff and what follows it are for the others. */
static size_t
pass_scan(struct dicom_stream *s, const uint8_t *p, size_t len)
{
	const uint8_t *mark = memchr(p, 0xff, len);

	if (mark == NULL)
		return len;
	s->state = AT_CODE;
	s->code = SOS;
	return (size_t)(mark - p) + 1;
}

/* Behind 0xff in a scan: a stuffed byte (JPEG: 0; JPEG-LS: a bit of 0), a
 * restart, or a marker; in the last tile part what is below 0x90, and the
 * markers that packets have (T.800 A.8). */
static bool
is_scan(const struct dicom_stream *s, uint8_t c)
{
	if (s->code != SOS)
		return false;
	if (s->coding == CODING_J2K)
		return c < J2K_SOT || c == J2K_SOT + 1 || c == J2K_SOT + 2;
	return c < 0x80 || (c >= 0xd0 && c < SOI);
}

/* One byte of what is not passed over in runs. */
static int
take_byte(struct dicom_stream *s, const uint8_t *p, size_t len, struct fault *f)
{
	uint8_t c = p[0];

	switch (s->state) {
	case AT_START:
		if (c != 0xff || len < 2 ||
		    p[1] != (s->coding != CODING_J2K ? SOI : J2K_SOC))
			return broken(f);
		s->left = 1;
		s->code = SOI;
		s->state = IN_SEGMENT;
		return 0;
	case AT_MARK:
		s->code = 0;
		s->state = AT_CODE;
		return c == 0xff ? 0 : broken(f);
	case AT_CODE:
		if (is_scan(s, c)) {
			s->state = IN_SCAN;
			return 0;
		}
		return take_code(s, c, f);
	case AT_HIGH:
		s->left = (uint64_t)c << 8;
		s->state = AT_LOW;
		return 0;
	case AT_LOW:
		s->left |= c;
		return take_length(s, p + 1, len - 1, f);
	default:
		return take_psot(s, c, f);
	}
}

/* So many bytes more of a tile part's header. */
static int
count_part(struct dicom_stream *s, size_t n, struct fault *f)
{
	if (s->part >= TO_THE_END)
		return 0;
	if (n > s->part)
		return broken(f);
	s->part -= n;
	return 0;
}

/* A run of what is in hand, at most len bytes. */
static size_t
pass_left(struct dicom_stream *s, size_t len)
{
	size_t n = s->left < len ? (size_t)s->left : len;

	s->left -= n;
	if (s->left == 0)
		end_segment(s);
	return n;
}

/* Is there another frame in what stands behind one? */
static bool
begins(const struct dicom_stream *s, const uint8_t *p, size_t len)
{
	const uint8_t mark[2] = { 0xff,
		s->coding == CODING_J2K ? J2K_SOC : SOI };

	return memmem(p, len, mark, sizeof(mark)) != NULL;
}

int
dicom_stream_look(struct dicom_stream *s, const uint8_t *p, size_t len,
    size_t *keep, size_t *blank, struct fault *f)
{
	size_t n;

	*keep = *blank = 0;
	while (*keep < len && *blank == 0) {
		switch (s->state) {
		case IN_SEGMENT:
		case IN_TILE:
			*keep += n = pass_left(s, len - *keep);
			break;
		case IN_BLANK:
			*blank = n = pass_left(s, len - *keep);
			break;
		case IN_SCAN:
			*keep += n = pass_scan(s, p + *keep, len - *keep);
			break;
		case AT_END:
			*blank = n = len - *keep;
			if (begins(s, p + *keep, n))
				return fault_set(f, FAULT_INPUT,
				    "two compressed frames in one fragment");
			break;
		default:
			n = 0;
			if (count_part(s, 1, f) != 0 ||
			    take_byte(s, p + *keep, len - *keep, f) != 0)
				return -1;
			++*keep;
			break;
		}
		if (count_part(s, n, f) != 0)
			return -1;
	}
	return 0;
}
