/*
 * What is made anew of a DICOM file: headers, the meta information, and what it
 * says of its own de-identification.
 *
 * The meta information is not taken over: application entities, the maker of
 * the file and private information stand there, and the preamble is 128 bytes
 * that may be anything, a whole TIFF file among others.
 */

#include <string.h>

#include "gateway/mask/dicom_mask_internal.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/rules.h"

#define PREAMBLE_BYTES 128u

static int
put_little(struct bytes *b, uint32_t v, unsigned bytes, struct fault *f)
{
	uint8_t p[4];

	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
	return bytes_add(b, p, bytes, f);
}

/* Does its explicit header have a long length (PS3.5 7.1.2)? */
static bool
is_long(const char *vr)
{
	static const char list[] = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";

	return strstr(list, vr) != NULL;
}

int
dicom_put_head(struct bytes *b, bool implicit, uint32_t tag, const char *vr,
    uint32_t len, struct fault *f)
{
	if (put_little(b, tag >> 16, 2, f) != 0 ||
	    put_little(b, tag & 0xffff, 2, f) != 0)
		return -1;
	if (implicit || tag >> 16 == TAG_ITEM >> 16)
		return put_little(b, len, 4, f);
	if (bytes_add(b, vr, 2, f) != 0)
		return -1;
	if (is_long(vr))
		return put_little(b, 0, 2, f) != 0 ? -1
						   : put_little(b, len, 4, f);
	must(len <= UINT16_MAX);
	return put_little(b, len, 2, f);
}

int
dicom_put(struct bytes *b, bool implicit, uint32_t tag, const char *vr,
    const struct slice *value, struct fault *f)
{
	/* PS3.5 6.2: NULs behind UIDs and bytes, spaces behind other texts */
	bool nul = strcmp(vr, "UI") == 0 || strcmp(vr, "OB") == 0 ||
		   strcmp(vr, "UN") == 0;
	size_t pad = value->len % 2;

	if (!implicit && !is_long(vr) && value->len + pad > UINT16_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u bytes", UINT16_MAX);
	if (dicom_put_head(
		b, implicit, tag, vr, (uint32_t)(value->len + pad), f) != 0 ||
	    bytes_add(b, value->at, value->len, f) != 0)
		return -1;
	return pad == 0 ? 0 : bytes_add(b, nul ? "" : " ", 1, f);
}

static int
put_chars(struct bytes *b, bool implicit, uint32_t tag, const char *vr,
    const char *text, struct fault *f)
{
	const struct slice s = slice_of_text(text);

	return dicom_put(b, implicit, tag, vr, &s, f);
}

int
dicom_put_start(struct bytes *b, const char *syntax, const char *sop_class,
    const char *sop_instance, struct fault *f)
{
	static const uint8_t preamble[PREAMBLE_BYTES];
	static const struct slice version = { (const uint8_t *)"\0\1", 2 };
	size_t length, from;

	if (bytes_add(b, preamble, sizeof(preamble), f) != 0 ||
	    bytes_add_text(b, "DICM", f) != 0 ||
	    dicom_put_head(b, false, 0x00020000, "UL", 4, f) != 0)
		return -1;
	length = b->len;
	if (put_little(b, 0, 4, f) != 0)
		return -1;
	from = b->len;
	if (dicom_put(b, false, 0x00020001, "OB", &version, f) != 0 ||
	    put_chars(b, false, TAG_MEDIA_CLASS, "UI", sop_class, f) != 0 ||
	    put_chars(b, false, 0x00020003, "UI", sop_instance, f) != 0 ||
	    put_chars(b, false, TAG_TRANSFER_SYNTAX, "UI", syntax, f) != 0 ||
	    put_chars(b, false, 0x00020012, "UI", DICOM_IMPLEMENTATION, f) !=
		0 ||
	    put_chars(b, false, 0x00020013, "SH", DICOM_VERSION, f) != 0)
		return -1;
	for (unsigned i = 0; i < 4; i++)
		b->at[length + i] = (uint8_t)((b->len - from) >> (8 * i));
	return 0;
}

/* ---- What was done ---- */

const uint32_t dicom_told[DICOM_TOLD] = { TAG_IDENTITY_REMOVED, TAG_METHOD,
	TAG_METHOD_CODES, TAG_DATES_MODIFIED };

/* Where the policy shows of an attribute what the profile would not. */
#define EXCEPTIONS "Attributes retained by the owner's policy"

/* The profile, one value for each option, and whether that is all. */
static int
put_method(struct bytes *b, bool implicit, const struct file_plan *plan,
    struct fault *f)
{
	struct bytes text;
	int rc;

	bytes_init(&text, 1024);
	rc = bytes_add_text(&text, dicom_profile.title, f);
	for (unsigned i = 0; rc == 0 && i < DICOM_OPTIONS; i++)
		if ((plan->options >> i & 1) != 0)
			rc = bytes_addf(
			    &text, f, "\\%s", dicom_options[i].title);
	if (rc == 0 && plan->weaker)
		rc = bytes_add_text(&text, "\\" EXCEPTIONS, f);
	if (rc == 0) {
		const struct slice s = { text.at, text.len };

		rc = dicom_put(b, implicit, TAG_METHOD, "LO", &s, f);
	}
	bytes_free(&text);
	return rc;
}

/* An item with a code of PS3.16 CID 7050. */
static int
put_code(struct bytes *b, bool implicit, const struct dicom_option *o,
    struct fault *f)
{
	if (dicom_put_head(b, implicit, TAG_ITEM, "", DICOM_UNDEFINED, f) !=
		0 ||
	    put_chars(b, implicit, 0x00080100, "SH", o->code, f) != 0 ||
	    put_chars(b, implicit, 0x00080102, "SH", "DCM", f) != 0 ||
	    put_chars(b, implicit, 0x00080104, "LO", o->title, f) != 0)
		return -1;
	return dicom_put_head(b, implicit, TAG_ITEM_END, "", 0, f);
}

static int
put_codes(struct bytes *b, bool implicit, unsigned options, struct fault *f)
{
	if (dicom_put_head(
		b, implicit, TAG_METHOD_CODES, "SQ", DICOM_UNDEFINED, f) != 0 ||
	    put_code(b, implicit, &dicom_profile, f) != 0)
		return -1;
	for (unsigned i = 0; i < DICOM_OPTIONS; i++)
		if ((options >> i & 1) != 0 &&
		    put_code(b, implicit, &dicom_options[i], f) != 0)
			return -1;
	return dicom_put_head(b, implicit, TAG_SEQUENCE_END, "", 0, f);
}

/* Does it let pass who the patient is, as it was? */
static bool
keeps_identity(const struct file_plan *plan)
{
	for (size_t i = 0; i < plan->nfields; i++) {
		const struct plan_field *field = &plan->fields[i];
		const struct dicom_attribute *a =
		    dicom_named(field->name, strlen(field->name));

		if (field->how.action == TRANSFORM_KEEP && a != NULL &&
		    a->listed && a->tag >> 16 == 0x0010 &&
		    (a->options & DICOM_RETAIN_PATIENT_CHARACTERISTICS) == 0)
			return true;
	}
	return false;
}

int
dicom_put_told(struct bytes *b, bool implicit, unsigned n,
    const struct file_plan *plan, struct fault *f)
{
	static const char *const dates[] = { [DATES_REMOVED] = "REMOVED",
		[DATES_MODIFIED] = "MODIFIED",
		[DATES_UNMODIFIED] = "UNMODIFIED" };

	must(n < DICOM_TOLD);
	switch (dicom_told[n]) {
	case TAG_METHOD:
		return put_method(b, implicit, plan, f);
	case TAG_METHOD_CODES:
		return put_codes(b, implicit, plan->options, f);
	case TAG_DATES_MODIFIED:
		return put_chars(b, implicit, TAG_DATES_MODIFIED, "CS",
		    dates[plan->dates], f);
	default:
		return put_chars(b, implicit, TAG_IDENTITY_REMOVED, "CS",
		    keeps_identity(plan) ? "NO" : "YES", f);
	}
}
