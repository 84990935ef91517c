/* The rule that is proposed for DICOM files.  Nothing of them has been counted:
 * what their attributes are, the standard says. */

#include "policy/propose/draft_internal.h"

/* What a profile adds to the basic one of the standard. */
static const struct {
	const char *options, *why;
	const char *patient; /* what becomes of the number of the patient */
} proposals[PROFILES] = {
	[PROFILE_NONE] = { "", "", "token" },
	[PROFILE_GDPR_HEALTH] = { "retain_patient_characteristics",
	    "age, sex, weight and the like are kept, since health is the "
	    "purpose; ",
	    "token" },
	[PROFILE_HIPAA] = { "",
	    "without them no date leaves, and no age (45 CFR "
	    "164.514(b)(2)(i)(C)); ",
	    "random" },
	[PROFILE_FACES] = { "", "", "token" },
	[PROFILE_CHAT] = { "", "", "token" },
};

static int
write_pixels(struct bytes *out, enum profile profile, struct fault *f)
{
	if (bytes_addf(out, f,
		"    # media: faces identify, and those that a scan of a head "
		"shows when it is rendered%s; choose\n"
		"    # from: this, or exclude\n"
		"    pixels: keep\n",
		profile == PROFILE_HIPAA ? " (45 CFR 164.514(b)(2)(i)(Q))"
					 : "") != 0)
		return -1;
	return bytes_add_text(out,
	    "    # a picture that may have something written in it stops the "
	    "export; choose from: refuse;\n"
	    "    # accept, when somebody has looked at all of them\n"
	    "    burned_in: refuse\n",
	    f);
}

int
draft_dicom(struct bytes *out, enum profile profile, struct draft_told *told,
    struct fault *f)
{
	told->fields++;
	if (bytes_addf(out, f,
		"    type: dicom\n"
		"    # choose from: file; series or study, whose files are one "
		"item together\n"
		"    item: file\n"
		"    # attributes are removed, emptied or replaced as DICOM "
		"PS3.15 says; what nobody knows, and\n"
		"    # what is private, goes\n"
		"    profile: basic\n"
		"    # %schoose from: retain_uids, retain_device_identity, ... "
		"(docs/POLICY.md, DICOM)\n"
		"    options: [%s]\n",
		proposals[profile].why, proposals[profile].options) != 0)
		return -1;
	if (bytes_addf(out, f,
		"    tags:\n"
		"      # identifier, the number of a patient; without this "
		"line "
		"all would have the same; choose\n"
		"      # from: token (what joins stays joined), random, drop\n"
		"      PatientID: %s\n",
		proposals[profile].patient) != 0)
		return -1;
	return write_pixels(out, profile, f);
}
