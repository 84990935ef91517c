#ifndef POLICY_PROPOSE_DRAFT_INTERNAL_H
#define POLICY_PROPOSE_DRAFT_INTERNAL_H

#include "policy/propose/propose.h"

/* Name the domain of a token where the field's name can be none. */
void draft_name_domain(struct draft_field *d);

/* May the policy have a subject with the pattern of that rule? */
NEED bool draft_subject_fits(const struct policy_draft *d, uint32_t rule);

/* Set top, inside, crowd and place of a group's fields. */
NEED int draft_fold(struct draft_group *g, struct fault *f);

/* Where a rule's files say whom they are about; false when nothing does. */
struct draft_whose {
	const struct guess *guess;
	const struct draft_field *field; /* whose values they name */
	const char *glob;		 /* the table's */
	uint32_t known;			 /* files of guess->n that do */
};
NEED bool draft_whose(
    const struct policy_draft *d, uint32_t rule, struct draft_whose *out);

/* The column, path or attribute that holds the key of a person, or NULL. */
const char *draft_subject(const struct draft_group *g);

/* The first of such columns and paths that becomes a token, whose domain all
 * of them have; NULL where there is none. */
const struct draft_field *draft_person(const struct policy_draft *d);

/* write_dicom.c: what a rule for DICOM files has behind its pattern. */
NEED int draft_dicom(struct bytes *out, const struct policy_draft *d,
    struct draft_told *told, struct fault *f);

/* write_names.c: a dictionary for texts, where there are both. */
NEED int draft_names(
    struct bytes *out, const struct policy_draft *d, struct fault *f);

/* Are its names too many for a rule? */
NEED bool draft_is_beyond(const struct draft_group *g);

#endif
