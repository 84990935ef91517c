/*
 * A DICOM file's beginning (PS3.10 7.1): the preamble, and the meta
 * information, of which only the transfer syntax counts, since all of it is
 * made anew.
 */

#include <string.h>

#include "gateway/mask/dicom_internal.h"

#define PREAMBLE_BYTES 128u
#define PREFIX "DICM"
#define START_BYTES (PREAMBLE_BYTES + 4)

int
dicom_hint_convert(const char *path, struct fault *f)
{
	return fault_hint(f, "dcmconv +te %s OUT.dcm", path);
}

/* Transfer syntaxes (PS3.6 table A-1): those whose data sets are read, and
 * those of which dcmtk makes one that is. */
static const struct syntax {
	const char *uid;
	enum dicom_coding coding;
	const char *not_read; /* what it is instead, or NULL */
} syntaxes[] = {
	{ "1.2.840.10008.1.2", CODING_NONE, NULL }, /* implicit VR */
	{ "1.2.840.10008.1.2.1", CODING_NONE, NULL },
	{ "1.2.840.10008.1.2.1.99", CODING_NONE, "deflated" },
	{ "1.2.840.10008.1.2.2", CODING_NONE, "big endian" },
	{ "1.2.840.10008.1.2.4.50", CODING_JPEG, NULL },
	{ "1.2.840.10008.1.2.4.51", CODING_JPEG, NULL },
	{ "1.2.840.10008.1.2.4.53", CODING_JPEG, NULL },
	{ "1.2.840.10008.1.2.4.55", CODING_JPEG, NULL },
	{ "1.2.840.10008.1.2.4.57", CODING_JPEG, NULL },
	{ "1.2.840.10008.1.2.4.70", CODING_JPEG, NULL },
	{ "1.2.840.10008.1.2.4.80", CODING_JPEG_LS, NULL },
	{ "1.2.840.10008.1.2.4.81", CODING_JPEG_LS, NULL },
	{ "1.2.840.10008.1.2.4.90", CODING_J2K, NULL },
	{ "1.2.840.10008.1.2.4.91", CODING_J2K, NULL },
	{ "1.2.840.10008.1.2.4.92", CODING_J2K, NULL },
	{ "1.2.840.10008.1.2.4.93", CODING_J2K, NULL },
	{ "1.2.840.10008.1.2.4.201", CODING_J2K, NULL },
	{ "1.2.840.10008.1.2.4.202", CODING_J2K, NULL },
	{ "1.2.840.10008.1.2.4.203", CODING_J2K, NULL },
	{ "1.2.840.10008.1.2.5", CODING_RLE, NULL },
};

/* Videos: MPEG, H.264 and HEVC, 4.100 to 4.108 and what goes on from them. */
#define VIDEO "1.2.840.10008.1.2.4.10"

/* Of a medium that lists what else is on it (PS3.3 F). */
#define DIRECTORY "1.2.840.10008.1.3.10"

static int
take_syntax(struct dicom *d, struct fault *f)
{
	const struct syntax *s = NULL;

	for (size_t i = 0; i < sizeof(syntaxes) / sizeof(*syntaxes); i++)
		if (strcmp(d->syntax, syntaxes[i].uid) == 0)
			s = &syntaxes[i];
	if (s == NULL && strncmp(d->syntax, VIDEO, strlen(VIDEO)) == 0)
		return fault_set(f, FAULT_INPUT,
		    "a video, whose sound and captions nothing here reads");
	if (s == NULL)
		return fault_set(f, FAULT_INPUT,
		    "transfer syntax %s is not read", d->syntax);
	if (s->not_read != NULL) {
		(void)fault_set(f, FAULT_INPUT,
		    "in a transfer syntax that is not read: %s", s->not_read);
		return dicom_hint_convert(d->path, f);
	}
	d->coding = s->coding;
	d->implicit = s == &syntaxes[0];
	return 0;
}

static int
take_start(struct dicom *d, struct fault *f)
{
	const uint8_t *p;

	if (d->w.size >= START_BYTES) {
		if (image_take(&d->w, 0, START_BYTES, &p, f) != 0)
			return -1;
		if (memcmp(p + PREAMBLE_BYTES, PREFIX, 4) == 0) {
			d->at = START_BYTES;
			return 0;
		}
	}
	(void)fault_set(f, FAULT_INPUT,
	    "not a DICOM file: no \"DICM\" at byte %u", PREAMBLE_BYTES);
	return fault_hint(f,
	    "dcmconv +te %s OUT.dcm, if it is a data set without its header",
	    d->path);
}

/* One element of the meta information. */
static int
take_meta(struct dicom *d, const struct dicom_piece *p, struct fault *f)
{
	struct slice s;

	if (p->event != DICOM_VALUE)
		return fault_set(
		    f, FAULT_INPUT, "a sequence in the meta information");
	if (p->raw != TAG_TRANSFER_SYNTAX && p->raw != TAG_MEDIA_CLASS)
		return 0;
	if (dicom_value(d, p, &s, f) != 0)
		return -1;
	s = dicom_trim(s);
	if (p->raw == TAG_MEDIA_CLASS) {
		if (s.len != strlen(DIRECTORY) ||
		    memcmp(s.at, DIRECTORY, s.len) != 0)
			return 0;
		(void)fault_set(f, FAULT_INPUT,
		    "a DICOMDIR, which lists other files and is no image");
		return fault_hint(f,
		    "leave it behind: {match: \"**/DICOMDIR*\", "
		    "exclude: \"a list of the others\"}");
	}
	if (!dicom_uid_valid(&s))
		return fault_set(
		    f, FAULT_INPUT, "a transfer syntax that is no UID");
	memcpy(d->syntax, s.at, s.len);
	return 0;
}

/* Group 2 is in explicit VR little endian, whatever comes behind it; where it
 * ends is not left to its own word for it. */
static int
read_meta(struct dicom *d, struct fault *f)
{
	struct dicom_piece p;
	const uint8_t *h;

	for (;;) {
		if (d->w.size - d->at < 2)
			break;
		if (image_take(&d->w, d->at, 2, &h, f) != 0)
			return -1;
		if (h[0] != 2 || h[1] != 0)
			break;
		if (dicom_next(d, &p, f) != 0 || take_meta(d, &p, f) != 0)
			return -1;
	}
	if (d->syntax[0] != '\0')
		return 0;
	(void)fault_set(f, FAULT_INPUT, "no transfer syntax is told");
	return dicom_hint_convert(d->path, f);
}

int
dicom_open(struct dicom *d, const struct mask_source *src, struct fault *f)
{
	*d = (struct dicom){ .path = src->path };
	if (image_open_long(&d->w, src->fd, src->size, f) != 0 ||
	    take_start(d, f) != 0)
		return -1;
	d->level[0].end = src->size;
	d->meta = true;
	if (read_meta(d, f) != 0 || take_syntax(d, f) != 0)
		return -1;
	d->meta = false;
	d->dataset = d->at;
	dicom_rewind(d);
	return 0;
}

void
dicom_close(struct dicom *d)
{
	image_close(&d->w);
}
