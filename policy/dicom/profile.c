/* The profile and its options: what is done with an attribute, as PS3.15, E.1.1
 * and E.3, reads Table E.1-1. */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/dicom/dicom_internal.h"

const struct dicom_option dicom_profile = { "basic",
	"Basic Application Confidentiality Profile", "113100" };

/* In the order of their bits. */
const struct dicom_option dicom_options[DICOM_OPTIONS] = {
	{ "retain_uids", "Retain UIDs Option", "113110" },
	{ "retain_device_identity", "Retain Device Identity Option", "113109" },
	{ "retain_institution_identity", "Retain Institution Identity Option",
	    "113112" },
	{ "retain_patient_characteristics",
	    "Retain Patient Characteristics Option", "113108" },
	{ "retain_long_full_dates",
	    "Retain Longitudinal Temporal Information Full Dates Option",
	    "113106" },
	{ "retain_long_modified_dates",
	    "Retain Longitudinal Temporal Information Modified Dates Option",
	    "113107" },
};

/* Those of text: what is written for a dummy, and how much fits. */
static const struct representation {
	const char *dummy;
	unsigned chars; /* PS3.5, 6.2; 0: no bound that matters */
	char vr[3];
} representations[] = {
	{ "ANONYMIZED", 16, "AE" },
	{ "000Y", 4, "AS" },
	{ "ANONYMIZED", 16, "CS" },
	{ "19000101", 8, "DA" },
	{ "0", 16, "DS" },
	{ "19000101000000", 26, "DT" },
	{ "0", 12, "IS" },
	{ "Anonymized", 64, "LO" },
	{ "Anonymized", 10240, "LT" },
	{ "Anonymized", 64, "PN" },
	{ "Anonymized", 16, "SH" },
	{ "Anonymized", 1024, "ST" },
	{ "000000", 14, "TM" },
	{ "Anonymized", 0, "UC" },
	{ "", 64, "UI" },
	{ "about:blank", 0, "UR" },
	{ "Anonymized", 0, "UT" },
};

static const struct representation *
representation(const char vr[3])
{
	for (size_t i = 0;
	     i < sizeof(representations) / sizeof(representations[0]); i++)
		if (strcmp(representations[i].vr, vr) == 0)
			return &representations[i];
	return NULL;
}

const char *
dicom_dummy(const char vr[3])
{
	const struct representation *r = representation(vr);

	return r == NULL ? "00" : r->dummy; /* OB, UN: two bytes */
}

bool
dicom_is_text(const char vr[3], unsigned *chars)
{
	const struct representation *r = representation(vr);

	*chars = r == NULL ? 0 : r->chars;
	return r != NULL;
}

/* The profile's column, alternatives read as dicom.h says. */
static enum dicom_action
profile_action(const struct dicom_attribute *a)
{
	static const struct reading {
		const char *text;
		enum dicom_action action;
	} readings[] = {
		{ "X", DICOM_DROP },
		{ "Z", DICOM_EMPTY },
		{ "D", DICOM_DUMMY },
		{ "U", DICOM_UID },
		{ "K", DICOM_KEEP },
		{ "X/Z", DICOM_EMPTY },
		{ "X/D", DICOM_DUMMY },
		{ "Z/D", DICOM_DUMMY },
		{ "X/Z/D", DICOM_DUMMY },
		{ "X/Z/U*", DICOM_UID },
	};

	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++)
		if (strcmp(readings[i].text, a->profile) == 0)
			return readings[i].action;
	must(!"a line of the table that nobody can read");
	return DICOM_DROP;
}

/* Of a date that the table cleans: moved, where it has a day. */
static bool
modified(const struct dicom_attribute *a, enum dicom_action *action)
{
	if ((a->options & DICOM_RETAIN_LONG_FULL_DATES) == 0)
		return false;
	if (strcmp(a->vr, "DA") == 0 || strcmp(a->vr, "DT") == 0)
		*action = DICOM_SHIFT;
	else if (strcmp(a->vr, "TM") == 0)
		*action = DICOM_KEEP;
	else
		return false;
	return true;
}

enum dicom_action
dicom_decide(const struct dicom_attribute *a, unsigned options, unsigned *by)
{
	unsigned kept = a->options & options;
	enum dicom_action action;

	if ((options & DICOM_RETAIN_LONG_MODIFIED_DATES) != 0 &&
	    modified(a, &action)) {
		*by = DICOM_RETAIN_LONG_MODIFIED_DATES;
		return action;
	}
	*by = kept & ~(kept - 1); /* the first of them */
	if (kept != 0)
		return DICOM_KEEP;
	action = profile_action(a);
	if (action == DICOM_DUMMY && strcmp(a->vr, "SQ") == 0)
		return DICOM_EMPTY;
	if (action == DICOM_DUMMY && strcmp(a->vr, "UI") == 0)
		return DICOM_UID;
	if (action == DICOM_UID && strcmp(a->vr, "SQ") == 0)
		return DICOM_KEEP;
	return action;
}
