/*
 * JPEG's application segments: which block each one is, and what of it stays.
 *
 * Two stay, in exactly the fields that a decoder reads: JFIF (JFIF 1.02: a
 * first JFIF means YCbCr, and its density the shape of a pixel) without its
 * thumbnail, and Adobe (Adobe TN 5116: the colour transform).  Everything else
 * goes, under a name of our own choosing: what the segment calls itself is a
 * stranger's text.
 */

#include <stdio.h>
#include <string.h>

#include "gateway/mask/jpeg_internal.h"

#define JFIF_FIELDS 14u	 /* identifier to thumbnail size */
#define ADOBE_FIELDS 12u /* identifier to transform */

static const struct {
	unsigned code;
	const char *head; /* what the content begins with */
	size_t len;
	const char *block;
} known[] = {
	{ JPEG_APP0, "JFIF\0", 5, "APP0:JFIF" },
	{ JPEG_APP0, "JFXX\0", 5, "APP0:JFXX" },
	{ JPEG_APP1, "Exif\0", 5, "APP1:Exif" },
	{ JPEG_APP1, "http://ns.adobe.com/xap/1.0/\0", 29, "APP1:XMP" },
	{ JPEG_APP1, "http://ns.adobe.com/xmp/extension/\0", 35,
	    "APP1:XMP-extended" },
	{ JPEG_APP0 + 2, "ICC_PROFILE\0", 12, "APP2:ICC" },
	{ JPEG_APP0 + 2, "MPF\0", 4, "APP2:MPF" },
	{ JPEG_APP0 + 2, "FPXR\0", 5, "APP2:FlashPix" },
	{ JPEG_APP0 + 11, "JP", 2, "APP11:JUMBF" },
	{ JPEG_APP0 + 13, "Photoshop 3.0\0", 14, "APP13:Photoshop" },
	{ JPEG_APP14, "Adobe", 5, "APP14:Adobe" },
};

/* Keep the first fields bytes of the content and nothing behind them. */
static void
shorten(struct jpeg_piece *p, unsigned code, const uint8_t *body, size_t fields)
{
	p->put[0] = 0xff;
	p->put[1] = (uint8_t)code;
	p->put[2] = 0;
	p->put[3] = (uint8_t)(fields + 2);
	memcpy(p->put + 4, body, fields);
	p->nput = 4 + fields;
	p->kept = NULL;
}

static void
application_jfif(
    struct jpeg *j, struct jpeg_piece *p, const uint8_t *body, size_t len)
{
	if (len < JFIF_FIELDS || j->has_jfif) {
		p->kept = NULL;
		return;
	}
	j->has_jfif = true;
	if (len == JFIF_FIELDS && body[12] == 0 && body[13] == 0)
		return;
	shorten(p, JPEG_APP0, body, JFIF_FIELDS);
	p->put[4 + 12] = p->put[4 + 13] = 0; /* a thumbnail of no size */
	memcpy(p->block, "APP0:JFIF-thumbnail", 20);
}

static void
application_exif(
    struct jpeg *j, struct jpeg_piece *p, const uint8_t *body, size_t len)
{
	p->kept = NULL;
	if (j->has_exif || len < EXIF_IDENTIFIER_BYTES)
		return;
	j->has_exif = true;
	j->orientation = exif_orientation(
	    body + EXIF_IDENTIFIER_BYTES, len - EXIF_IDENTIFIER_BYTES);
	p->exif = true;
}

void
jpeg_application(struct jpeg *j, struct jpeg_piece *p, unsigned code,
    const uint8_t *body, size_t len)
{
	const char *block = NULL;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].code == code && len >= known[i].len &&
		    memcmp(body, known[i].head, known[i].len) == 0)
			block = known[i].block;
	if (block == NULL)
		(void)snprintf(p->block, sizeof(p->block), "APP%u",
		    (code - JPEG_APP0) & 15);
	else
		(void)snprintf(p->block, sizeof(p->block), "%s", block);
	if (block != NULL && strcmp(block, "APP0:JFIF") == 0)
		application_jfif(j, p, body, len);
	else if (block != NULL && strcmp(block, "APP1:Exif") == 0)
		application_exif(j, p, body, len);
	else if (block == NULL || code != JPEG_APP14 || len < ADOBE_FIELDS)
		p->kept = NULL;
	else if (len > ADOBE_FIELDS)
		shorten(p, JPEG_APP14, body, ADOBE_FIELDS);
}
