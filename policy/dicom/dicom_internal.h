#ifndef POLICY_DICOM_DICOM_INTERNAL_H
#define POLICY_DICOM_DICOM_INTERNAL_H

#include "policy/dicom/dicom.h"

/* A line of Table E.1-1; an attribute without one that pictures need; one
 * without a line that does not leave as it is. */
#define LISTED(tag, vr, keyword, profile, options)             \
	{                                                      \
		0x##tag, #vr, #keyword, profile, options, true \
	}
#define IMAGE(tag, vr, keyword)                       \
	{                                             \
		0x##tag, #vr, #keyword, "K", 0, false \
	}
#define OURS(tag, vr, keyword, profile, options)                \
	{                                                       \
		0x##tag, #vr, #keyword, profile, options, false \
	}

/* The columns of Table E.1-1 with a K. */
#define UIDS DICOM_RETAIN_UIDS
#define DEVICE DICOM_RETAIN_DEVICE_IDENTITY
#define PLACE DICOM_RETAIN_INSTITUTION_IDENTITY
#define PATIENT DICOM_RETAIN_PATIENT_CHARACTERISTICS
#define DATES DICOM_RETAIN_LONG_FULL_DATES

/* Parts of the table, each in the order of its tags, and they in this. */
extern const struct dicom_attribute dicom_study[], dicom_modality[],
    dicom_enhanced[], dicom_picture[], dicom_procedure[], dicom_object[];
extern const size_t dicom_study_n, dicom_modality_n, dicom_enhanced_n,
    dicom_picture_n, dicom_procedure_n, dicom_object_n;

#endif
