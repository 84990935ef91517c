/*
 * What a DICOM file says of itself at its top: which instance it is, whom it is
 * about, what kind of picture it has.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/mask/dicom_internal.h"
#include "keys/base/text.h"
#include "policy/dicom/dicom.h"

/* UIDs of the standard's own (PS3.6 A) name classes and codes, and no instance:
 * one that begins so was made by somebody else, of who knows what. */
#define STANDARD_ROOT "1.2.840.10008."

/* A UID, or nothing. */
static int
take_uid(
    char out[MASK_UID_CHARS + 1], struct slice s, bool own, struct fault *f)
{
	size_t root = strlen(STANDARD_ROOT);

	if (s.len == 0)
		return 0;
	if (!dicom_uid_valid(&s))
		return fault_set(f, FAULT_INPUT, "not a UID (PS3.5 9.1)");
	if (own && s.len >= root && memcmp(s.at, STANDARD_ROOT, root) == 0)
		return fault_set(
		    f, FAULT_INPUT, "a UID under the standard's own root");
	memcpy(out, s.at, s.len);
	return 0;
}

/* A short text; of one that is longer, or has a NUL inside, which hides the
 * rest from some readers, nothing that anybody asks for. */
static int
take_word(char out[17], struct slice s)
{
	if (s.len > 16 || memchr(s.at, 0, s.len) != NULL)
		s = slice_of_text("?");
	memcpy(out, s.at, s.len);
	return 0;
}

/* Is SECONDARY one of ImageType's values (PS3.3 C.7.6.1.1.2)? */
static bool
is_secondary(struct slice s)
{
	static const char word[] = "SECONDARY";

	return memmem(s.at, s.len, word, strlen(word)) != NULL;
}

/* Whom it is about must be one text to every reader. */
static int
take_subject(struct bytes *out, struct slice s, struct fault *f)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < ' ' || s.at[i] == 0x7f || s.at[i] == '\\')
			return fault_set(f, FAULT_INPUT,
			    "tells of a subject in more values than one, or "
			    "has characters that steer");
	if (!utf8_valid(s.at, s.len))
		return fault_set(f, FAULT_INPUT,
		    "tells of a subject in a character set that is not read");
	return bytes_add(out, s.at, s.len, f);
}

static uint32_t
number(struct slice s)
{
	return s.len == 2 ? (uint32_t)s.at[1] << 8 | s.at[0] : 0;
}

/* What is text; trimmed. */
static int
take_one(struct dicom_facts *out, uint32_t tag, struct slice s, struct fault *f)
{
	switch (tag) {
	case TAG_CHARACTER_SET:
		out->utf8 = s.len == 10 && memcmp(s.at, "ISO_IR 192", 10) == 0;
		return 0;
	case TAG_IMAGE_TYPE:
		out->secondary = is_secondary(s);
		return 0;
	case TAG_SOP_CLASS:
		return take_uid(out->sop_class, s, false, f);
	case TAG_SOP_INSTANCE:
		return take_uid(out->sop_instance, s, true, f);
	case TAG_STUDY:
		return take_uid(out->study, s, true, f);
	case TAG_SERIES:
		return take_uid(out->series, s, true, f);
	case TAG_INSTANCE_NUMBER:
		return take_word(out->instance_number, s);
	case TAG_MODALITY:
		return take_word(out->modality, s);
	case TAG_PHOTOMETRIC:
		return take_word(out->photometric, s);
	case TAG_FRAMES:
		return take_word(out->frames, s);
	default:
		return take_word(out->burned_in, s);
	}
}

/* Which texts and numbers are read. */
static bool
is_text(uint32_t tag)
{
	static const uint32_t texts[] = { TAG_CHARACTER_SET, TAG_IMAGE_TYPE,
		TAG_SOP_CLASS, TAG_SOP_INSTANCE, TAG_MODALITY, TAG_STUDY,
		TAG_SERIES, TAG_INSTANCE_NUMBER, TAG_PHOTOMETRIC, TAG_FRAMES,
		TAG_BURNED_IN };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i] == tag)
			return true;
	return false;
}

static uint32_t *
number_of(struct dicom_facts *out, uint32_t tag)
{
	return tag == TAG_ROWS	    ? &out->rows
	       : tag == TAG_COLUMNS ? &out->columns
	       : tag == TAG_SAMPLES ? &out->samples
	       : tag == TAG_BITS    ? &out->bits
				    : NULL;
}

static int
read_fact(struct dicom_facts *out, struct dicom *d, const struct dicom_piece *p,
    uint32_t subject, struct fault *f)
{
	uint32_t *to = number_of(out, p->tag);
	/* of any of the groups 6000 to 60FF */
	bool overlay = (p->raw & 0xff01ffffu) == TAG_OVERLAY_BIT;
	char name[DICOM_NAME_CHARS + 1];
	struct slice s;
	int rc = 0;

	if (to == NULL && !overlay && !is_text(p->tag) && p->tag != subject)
		return 0;
	if (dicom_value(d, p, &s, f) != 0)
		return -1;
	if (to != NULL)
		*to = number(s);
	if (overlay)
		out->embedded |= s.len != 2 || number(s) != 0;
	s = dicom_trim(s);
	if (is_text(p->tag))
		rc = take_one(out, p->tag, s, f);
	if (rc == 0 && p->tag == subject)
		rc = take_subject(&out->subject, s, f);
	if (rc != 0) {
		dicom_name(name, p->tag);
		return fault_at(f, "%s", name);
	}
	return 0;
}

int
dicom_facts_read(
    struct dicom_facts *out, struct dicom *d, uint32_t subject, struct fault *f)
{
	struct dicom_piece p;

	*out = (struct dicom_facts){ .modality = "" };
	bytes_init(&out->subject, DICOM_VALUE_MAX);
	for (;;) {
		if (dicom_next(d, &p, f) != 0)
			return -1;
		/* behind the overlays there are pixels, and no facts */
		if (p.event == DICOM_END || p.tag >= TAG_FLOAT_PIXELS)
			break;
		if (p.event == DICOM_VALUE
			? read_fact(out, d, &p, subject, f) != 0
			: dicom_skip(d, &p, f) != 0)
			return -1;
	}
	dicom_rewind(d);
	return 0;
}

int
dicom_facts_complete(const struct dicom_facts *facts, struct fault *f)
{
	if (facts->sop_class[0] != '\0' && facts->sop_instance[0] != '\0')
		return 0;
	return fault_set(f, FAULT_INPUT, "no %s",
	    facts->sop_class[0] == '\0' ? "SOPClassUID" : "SOPInstanceUID");
}

/*
 * Why there may be text in the picture (PS3.3 C.7.6.1.1.5), or NULL.  Where
 * nobody says that there is none, scanners that write none into pictures of
 * their own are believed; a picture made of one may be a page of numbers and
 * names.
 */
static const char *
may_have_text(const struct dicom_facts *facts)
{
	static const char *const clean[] = { "CT", "MR", "PT", "NM" };
	static const char capture[] = "1.2.840.10008.5.1.4.1.1.7";

	if (facts->embedded)
		return "an overlay lies in the bits of its pixels";
	if (facts->burned_in[0] != '\0')
		return strcmp(facts->burned_in, "NO") == 0
			   ? NULL
			   : "BurnedInAnnotation is not NO";
	if (strncmp(facts->sop_class, capture, strlen(capture)) == 0)
		return "a secondary capture without BurnedInAnnotation";
	if (facts->secondary)
		return "made from another one, without BurnedInAnnotation";
	for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++)
		if (strcmp(facts->modality, clean[i]) == 0)
			return NULL;
	return "no BurnedInAnnotation, and not of CT, MR, PT or NM";
}

int
dicom_facts_clean(const struct dicom_facts *facts, struct fault *f)
{
	const char *why = may_have_text(facts);

	if (why == NULL)
		return 0;
	(void)fault_set(
	    f, FAULT_POLICY, "there may be text in the picture: %s", why);
	return fault_hint(f,
	    "when somebody has looked, in the policy's rule for it:   "
	    "burned_in: accept");
}

bool
dicom_is_picture(uint32_t tag)
{
	return tag == TAG_PIXELS || tag == TAG_FLOAT_PIXELS ||
	       tag == TAG_DOUBLE_PIXELS;
}

int
dicom_facts_pixels(const struct dicom_facts *facts, uint32_t tag,
    uint64_t *bytes, struct fault *f)
{
	/* chrominance is there for every other pixel (PS3.3 C.7.6.3.1.2) */
	bool half = strcmp(facts->photometric, "YBR_FULL_422") == 0 ||
		    strcmp(facts->photometric, "YBR_PARTIAL_422") == 0;
	uint32_t bits = tag == TAG_FLOAT_PIXELS	   ? 32
			: tag == TAG_DOUBLE_PIXELS ? 64
						   : facts->bits;
	uint64_t frames = 1, n;

	if (facts->frames[0] != '\0' &&
	    !u64_read(&frames, facts->frames, strlen(facts->frames), INT32_MAX))
		frames = 0;
	/* four products of 16 bits and less, one of 31: under 2^64 */
	n = (uint64_t)facts->rows * facts->columns;
	if (n == 0 || frames == 0 || facts->samples == 0 ||
	    facts->samples > 4 || bits == 0 || bits > 64)
		return fault_set(
		    f, FAULT_INPUT, "pixels whose size the file does not tell");
	n *= half ? 2 : facts->samples;
	if (n > (UINT64_MAX >> 7) / frames)
		return fault_set(f, FAULT_INPUT, "more pixels than there are");
	*bytes = (n * frames * bits + 7) / 8;
	*bytes += *bytes % 2;
	return 0;
}

void
dicom_facts_free(struct dicom_facts *facts)
{
	bytes_free(&facts->subject);
}
