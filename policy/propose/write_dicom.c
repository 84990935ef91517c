/* The rule that is proposed for DICOM files.  Nothing of them has been counted:
 * what their attributes are, the standard says. */

#include "policy/propose/draft_internal.h"

/* What a profile adds to the basic one of the standard, and why. */
static const struct {
	const char *options, *why;
} proposals[PROFILES] = {
	[PROFILE_NONE] = { "", "" },
	[PROFILE_GDPR_HEALTH] = { "retain_patient_characteristics",
	    "    # age, sex, weight and the like are kept, since health is the "
	    "purpose\n" },
	[PROFILE_HIPAA] = { "",
	    "    # without options no date leaves, and no age (45 CFR "
	    "164.514(b)(2)(i)(C))\n" },
	[PROFILE_FACES] = { "", "" },
	[PROFILE_CHAT] = { "", "" },
};

static int
write_patient(struct bytes *out, const struct policy_draft *d, struct fault *f)
{
	const struct draft_field *person = draft_person(d);

	if (bytes_add_text(out,
		"    tags:\n"
		"      # identifier, the number of a patient, which would be "
		"the "
		"same for all; choose from:\n"
		"      # token (what joins stays joined), random, drop\n"
		"      PatientID: ",
		f) != 0)
		return -1;
	if (d->profile == PROFILE_HIPAA)
		return bytes_add_text(out, "random\n", f);
	if (person == NULL)
		return bytes_add_text(out, "token\n", f);
	if (person->p.action[0] == '{')
		return bytes_addf(out, f, "%s\n", person->p.action);
	if (bytes_add_text(out, "{token: {domain: ", f) != 0 ||
	    transform_quote(out, person->name, f) != 0)
		return -1;
	return bytes_add_text(out, "}}\n", f);
}

static int
write_pixels(struct bytes *out, enum profile profile, struct fault *f)
{
	return bytes_addf(out, f,
	    "    # media: faces identify, those too that a scan of a head "
	    "shows "
	    "when it is rendered%s;\n"
	    "    # choose from: this, or exclude\n"
	    "    pixels: keep\n"
	    "    # a picture that may have something written in it stops the "
	    "export; choose from:\n"
	    "    # refuse; accept, when somebody has looked at all of them\n"
	    "    burned_in: refuse\n",
	    profile == PROFILE_HIPAA ? "\n    # (45 CFR 164.514(b)(2)(i)(Q))"
				     : "");
}

int
draft_dicom(struct bytes *out, const struct policy_draft *d,
    struct draft_told *told, struct fault *f)
{
	told->fields++;
	if (bytes_addf(out, f,
		"    type: dicom\n"
		"    # choose from: file; series or study, whose files are one "
		"item together\n"
		"    item: file\n"
		"    # attributes are removed, emptied or replaced as DICOM "
		"PS3.15 says; what nobody\n"
		"    # knows, and what is private, goes\n"
		"    profile: basic\n"
		"%s"
		"    # choose from: retain_uids, retain_device_identity ... "
		"(docs/POLICY.md, DICOM)\n"
		"    options: [%s]\n",
		proposals[d->profile].why, proposals[d->profile].options) != 0)
		return -1;
	if (write_patient(out, d, f) != 0)
		return -1;
	return write_pixels(out, d->profile, f);
}
