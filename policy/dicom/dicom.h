#ifndef POLICY_DICOM_DICOM_H
#define POLICY_DICOM_DICOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/fault.h"

/*
 * DICOM attributes, and what de-identification does with each.
 *
 * One table: every attribute of Table E.1-1 of DICOM PS3.15 (Basic Application
 * Level Confidentiality Profile; 620 lines, as published in 2024), and those of
 * PS3.6 that pictures, their geometry and how they were made need (CT, MR, CR,
 * DX, MG, US, PT, NM, XA, SC, SEG, and what microscopes and eye cameras have
 * of it).  Value representations and keywords are those of PS3.6.  An attribute
 * that the table has not, and every private one, does not leave.
 *
 * Nothing here reads a file, and nothing a policy.
 */

/* What becomes of an attribute. */
enum dicom_action {
	DICOM_DROP,  /* X: the attribute goes */
	DICOM_EMPTY, /* Z: it stays, without a value; a sequence without items
		      */
	DICOM_DUMMY, /* D: a value that says nothing, dicom_dummy() */
	DICOM_UID,   /* U: another UID, the same wherever it stands */
	DICOM_KEEP,  /* K: it stays; of a sequence each member is decided */
	DICOM_SHIFT  /* C of dates: moved, by the days of their person */
};

/* The options of PS3.15, E.3, that can be asked for: bits. */
#define DICOM_RETAIN_UIDS (1u << 0)
#define DICOM_RETAIN_DEVICE_IDENTITY (1u << 1)
#define DICOM_RETAIN_INSTITUTION_IDENTITY (1u << 2)
#define DICOM_RETAIN_PATIENT_CHARACTERISTICS (1u << 3)
#define DICOM_RETAIN_LONG_FULL_DATES (1u << 4)
#define DICOM_RETAIN_LONG_MODIFIED_DATES (1u << 5)
#define DICOM_OPTIONS 6u

/* Of an option, by the number of its bit: as a policy spells it, as the
 * standard calls it, and the code of CID 7050 that says it was applied; and
 * those of the profile itself. */
struct dicom_option {
	const char *word, *title, *code;
};
extern const struct dicom_option dicom_options[DICOM_OPTIONS];
extern const struct dicom_option dicom_profile;

struct dicom_attribute {
	uint32_t tag;	     /* group << 16 | element; 60xx is 6000, 50xx,eeee
				is 5000,0000 */
	char vr[3];	     /* where there are several, OW or US */
	const char *keyword; /* PS3.6 */
	const char *profile; /* as in Table E.1-1: "X/Z/D" ...; or, where that
				has no line, what we do: "K" ... */
	unsigned options;    /* with which of them it stays: K in the table */
	bool listed;	     /* has a line in Table E.1-1 */
};

/* The attribute of a tag, or NULL where the table has none. */
const struct dicom_attribute *dicom_find(uint32_t tag);

/* The attribute that a text of len bytes names: a keyword or a tag as below;
 * NULL where the table has none. */
const struct dicom_attribute *dicom_named(const char *name, size_t len);

/* The tag that a text names: a keyword of the table, or "(gggg,eeee)" in
 * hexadecimal digits of either case; of a repeating group the first. */
NEED bool dicom_tag_read(uint32_t *tag, const char *name);

/* A tag's name in policies, shapes, plans and messages: its keyword, or
 * "(gggg,eeee)" in lower case where the table has none. */
#define DICOM_NAME_CHARS 64u
void dicom_name(char out[DICOM_NAME_CHARS + 1], uint32_t tag);

/* The attributes of the table one by one, in the order of their tags; NULL
 * behind the last. */
const struct dicom_attribute *dicom_at(size_t n);

/*
 * What the profile and these options do with an attribute.  Of alternatives the
 * one that keeps a file conformant: X/Z is read as Z; X/D, Z/D and X/Z/D as D;
 * X/Z/U* as U.  D is Z for a sequence and U for a UID, and U keeps a sequence,
 * so that the UIDs in it are replaced each.  *by is the option that decides, or
 * 0: the profile itself.  Dates that are shifted are so whatever else keeps
 * them; of DT, DA and TM alone, and TM stays as it is, since a shift is of
 * whole days.
 */
NEED enum dicom_action dicom_decide(
    const struct dicom_attribute *a, unsigned options, unsigned *by);

/* A value of that representation that says nothing, for DICOM_DUMMY. */
NEED const char *dicom_dummy(const char vr[3]);

/* Is the value of that representation text, which transforms can work on; and
 * how many characters it may have, 0: any number. */
NEED bool dicom_is_text(const char vr[3], unsigned *chars);

#endif
