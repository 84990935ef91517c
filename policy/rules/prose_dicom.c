/* What a rule for DICOM files says, in English. */

#include "policy/dicom/dicom.h"
#include "policy/rules/prose_internal.h"

static int
say_option(
    struct bytes *out, const struct file_rule *r, unsigned bit, struct fault *f)
{
	switch (bit) {
	case DICOM_RETAIN_UIDS:
		return bytes_add_text(out,
		    "Identifiers of studies, series and instances are "
		    "delivered as they are, so that whoever has the originals "
		    "finds them.\n",
		    f);
	case DICOM_RETAIN_DEVICE_IDENTITY:
		return bytes_add_text(
		    out, "What names the device is delivered as it is.\n", f);
	case DICOM_RETAIN_INSTITUTION_IDENTITY:
		return bytes_add_text(out,
		    "What names the institution is delivered as it is.\n", f);
	case DICOM_RETAIN_PATIENT_CHARACTERISTICS:
		return bytes_add_text(out,
		    "Age, sex, height, weight and other characteristics of the "
		    "patient are delivered as they are.\n",
		    f);
	case DICOM_RETAIN_LONG_FULL_DATES:
		return bytes_add_text(out,
		    "Dates and times, but those of birth, are delivered as "
		    "they are.\n",
		    f);
	case DICOM_RETAIN_LONG_MODIFIED_DATES:
		if (bytes_add_text(out,
			"Times of day are delivered as they are. Each date, "
			"but that of birth, ",
			f) != 0 ||
		    prose_action(out, &r->dates, f) != 0)
			return -1;
		return bytes_add_text(out, ".\n", f);
	}
	must(!"an option without a sentence");
	return -1;
}

int
prose_profile(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	if (r->exclude != NULL || r->type != TYPE_DICOM)
		return 0;
	if (bytes_addf(out, f,
		"Each attribute, at any depth, is dealt with as the %s of "
		"DICOM "
		"PS3.15 (Table E.1-1) says: removed, emptied, or replaced by a "
		"value or UID that says nothing. An attribute that is not in "
		"that table is delivered only where pictures need it, as the "
		"program's own list has it; every private one is removed.\n",
		dicom_profile.title) != 0)
		return -1;
	for (unsigned i = 0; i < DICOM_OPTIONS; i++)
		if ((r->options & 1u << i) != 0 &&
		    (bytes_addf(out, f, "Its %s is applied. ",
			 dicom_options[i].title) != 0 ||
			say_option(out, r, 1u << i, f) != 0))
			return -1;
	return r->nfields == 0
		   ? 0
		   : bytes_add_text(
			 out, "The lines below go before all that.\n", f);
}

int
prose_burned_in(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	return bytes_add_text(out,
	    r->burned_in
		? "The picture is delivered as it is, faces too. Somebody "
		  "answers for it that nothing which names a person is "
		  "written in it; the program has not looked.\n"
		: "The picture is delivered as it is, faces too. One that may "
		  "have something written in it stops the export: one that "
		  "says so, or that does not say and was not made by a device "
		  "that writes nothing.\n",
	    f);
}
