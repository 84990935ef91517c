#ifndef POLICY_LEGAL_LEGAL_H
#define POLICY_LEGAL_LEGAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"

/*
 * Law as far as a program can execute it: which papers are in force on a day,
 * whether data may go to a country, what a policy must name before it may, how
 * long data may be kept.  Pure functions over facts that the caller took from
 * policy, catalog and home; times are those of keys/base/clock.h.
 *
 *     terms (policy) + recipient, papers (catalog) + countries (this program,
 *     or a file of the home) + a moment --> a decision, or why not
 *
 * It executes what the General Data Protection Regulation, (EU) 2016/679, makes
 * checkable: that facts are named and in force.  Whether they are true, and
 * whether the law asks for more, is for the controller.
 */

/* One agreement with a vendor, as the catalog has it. */
struct legal_fact {
	const char *type; /* "nda", "dpa" ... as policies name them */
	int64_t from;	  /* in force from this second */
	int64_t until;	  /* to before this one; 0: without end */
	int64_t ended;	  /* ended early at this second; 0: not */
};

/* Is the fact in force at a time? */
NEED bool legal_in_force(const struct legal_fact *fact, int64_t at);

/*
 * Is an agreement of every required type in force at a time?  FAULT_POLICY
 * names the first that is not, and since or until when.  vendor is for the
 * message.
 */
NEED int legal_agreements(char *const *required, size_t nrequired,
    const struct legal_fact *facts, size_t nfacts, int64_t at,
    const char *vendor, struct fault *f);

/* The types of agreement that are usual, NULL-ended, to warn of slips.  A type
 * is any word of 1 to 32 characters [a-z0-9-]. */
extern const char *const legal_usual_types[];

/* The English short name of an ISO 3166-1 alpha-2 code (upper case), or NULL
 * when no country has it. */
const char *legal_country(const char *code);

/* ---- dpv.c: terms of the Data Privacy Vocabulary -------------------------
 */

/*
 * Identifiers of the W3C Data Privacy Vocabulary (version 2) that a policy may
 * use, by prefix: dpv, pd (personal data), eu-gdpr.  A closed list, so that a
 * slip of the pen is an error and not a category of its own.
 */
enum dpv_kind {
	DPV_BASIS,     /* Art. 6(1) */
	DPV_EXCEPTION, /* Art. 9(2) */
	DPV_PURPOSE,
	DPV_DATA,
	DPV_RECIPIENT
};
struct dpv_term {
	const char *id;	   /* "eu-gdpr:A6-1-a" */
	const char *means; /* in English, for people */
	enum dpv_kind kind;
	bool special;  /* data of Art. 9(1) */
	bool criminal; /* data of Art. 10 */
};

/* The term of that kind, or NULL. */
const struct dpv_term *dpv_find(enum dpv_kind kind, const char *id);

/* The nearest of that kind, or NULL when none is near. */
const struct dpv_term *dpv_near(enum dpv_kind kind, const char *id);

/* All, ended by a NULL id, kind by kind. */
extern const struct dpv_term dpv_terms[];

/* ---- adequacy.c, countries_file.c: where data may go --------------------- */

enum legal_status {
	LEGAL_EEA,	/* the Regulation applies there */
	LEGAL_ADEQUATE, /* a decision under Art. 45(3) */
	LEGAL_THIRD	/* neither */
};
/* "eea", "adequate", "third". */
const char *legal_status_name(enum legal_status s);

#define LEGAL_SCOPE_CHARS 32u
#define LEGAL_REFERENCE_BYTES 96u
struct legal_row {
	char country[3];
	enum legal_status status;
	int64_t from;  /* in force from this second; 0: always */
	int64_t until; /* to before this one; 0: without end */
	/* Whom it covers: empty is everybody there, else a word, such as
	 * "certified"; that a vendor is one has to be shown (LEGAL_COVERED). */
	char scope[LEGAL_SCOPE_CHARS + 1];
	char reference[LEGAL_REFERENCE_BYTES + 1];
	bool own; /* out of the home's file */
};

/* The day of the table of this program, "2026-08-05". */
extern const char legal_builtin_date[];

/* Rows by country; what a country has none of in force is third. */
struct legal_countries {
	int64_t date;	    /* of the newest part of the table */
	bool own;	    /* a file of the home is part of it */
	uint8_t digest[32]; /* SHA-256 of legal_countries_write() */
	struct legal_row *rows;
	size_t n;
};

/* Ceilings of a file: there are 249 countries, with two decisions each. */
#define LEGAL_FILE_BYTES (128u * 1024)
#define LEGAL_ROWS_MAX 1024u

/*
 * The table of this program, and with len > 0 a file of len bytes before it: a
 * country that the file names has the file's rows and no others.  name is for
 * messages, FAULT_INPUT "NAME:LINE:COLUMN: what".  The form is in
 * docs/POLICY.md.  On success *out is the caller's to legal_countries_free().
 */
NEED int legal_countries_read(struct legal_countries *out, const char *name,
    const void *p, size_t len, struct fault *f);
void legal_countries_free(struct legal_countries *c);

/* Append the whole table in the form that is read. */
NEED int legal_countries_write(
    struct bytes *out, const struct legal_countries *c, struct fault *f);

/* The same as JSON: {"csv" as
 * written,"date","digest","own","countries":[{"country","name",
 * "status","from"?,"until"?,"scope"?,"reference"?,"own"?}]}. */
NEED int legal_countries_json(
    json_t **out, const struct legal_countries *c, struct fault *f);

/* ---- terms.c: what a policy says under legal: ---------------------------- */

/* Documents that a policy can name. */
enum legal_paper {
	LEGAL_DPIA,	      /* Art. 35 */
	LEGAL_TIA,	      /* of the transfer; Art. 46, EDPB 01/2020 */
	LEGAL_SCC,	      /* (EU) 2021/914, and which module */
	LEGAL_SUB_PROCESSORS, /* Art. 28(2): that they were approved */
	LEGAL_UNDERTAKING,    /* Art. 28(3)(b): the vendor's, on secrecy */
	LEGAL_COVERED,	      /* that an adequacy decision covers the vendor */
	LEGAL_AUTHORITY,      /* Art. 10: what law permits it */
	LEGAL_PAPERS
};
/* "dpia", "tia", "scc", "sub-processors", "undertaking", "covered",
 * "authority": as policies spell them. */
const char *legal_paper_name(enum legal_paper p);

struct legal_document {
	bool given;
	uint32_t line;
	uint8_t sha256[32];
	int64_t date;	 /* of the document */
	int64_t until;	 /* not after; 0: without end */
	uint32_t module; /* of LEGAL_SCC: 1 to 4 */
};

#define LEGAL_LIST_MAX 64u     /* terms of one kind */
#define LEGAL_CONTACT_MAX 256u /* bytes */
#define LEGAL_NAME_MAX 4096u   /* bytes of a policy's name */

struct legal_list {
	const struct dpv_term *at[LEGAL_LIST_MAX];
	size_t n;
};

/* Owned: the texts. */
struct legal_terms {
	bool given;	  /* the policy has legal: */
	char *policy;	  /* its name, for messages */
	uint32_t line;	  /* of legal:, or 1 */
	char *controller; /* who it is and how to reach it, or NULL */
	char *dpo; /* how to reach the data protection officer, or NULL */
	const struct dpv_term *basis;	  /* DPV_BASIS */
	const struct dpv_term *exception; /* DPV_EXCEPTION, or NULL */
	struct legal_list purposes;
	struct legal_list data;
	struct legal_list recipients;
	bool special_to_crowd; /* crowd: {special: allow} */
	struct legal_document papers[LEGAL_PAPERS];
};
void legal_terms_free(struct legal_terms *t);

/* Is data of Art. 9, or of Art. 10, declared? */
NEED bool legal_special(const struct legal_terms *t);
NEED bool legal_criminal(const struct legal_terms *t);

/* Terms as JSON, and back.  FAULT_INPUT for what legal_terms_json() does not
 * write; *out is then empty, and otherwise the caller's to free. */
NEED int legal_terms_json(
    json_t **out, const struct legal_terms *t, struct fault *f);
NEED int legal_terms_take(
    struct legal_terms *out, const json_t *o, struct fault *f);

/* ---- decide.c: may it go there, now? ------------------------------------- */

/* An agreement with the vendor, with its document where it is known. */
struct legal_agreement {
	struct legal_fact fact;
	const char *id;
	bool known; /* sha256 is */
	uint8_t sha256[32];
};

/* Everything is borrowed. */
struct legal_question {
	const struct legal_terms *terms;
	const struct legal_countries *countries;
	const char *vendor;  /* its name, for messages */
	const char *country; /* ISO 3166-1 alpha-2; empty: not known any more */
	bool crowd;
	char *const *required; /* types that the policy requires */
	size_t nrequired;
	const struct legal_agreement *agreements;
	size_t nagreements;
	int64_t at;
};

/* How the data gets there lawfully. */
enum legal_tool { LEGAL_NO_TRANSFER, LEGAL_BY_DECISION, LEGAL_BY_CLAUSES };
/* "none", "adequacy", "scc". */
const char *legal_tool_name(enum legal_tool t);

#define LEGAL_TYPES_MAX 16u
struct legal_decision {
	enum legal_tool tool;
	const struct legal_row *row; /* of the countries; NULL for third */
	/* Types of agreement that must be in force: those of the policy and
	 * those that follow; borrowed, sorted, each once. */
	const char *types[LEGAL_TYPES_MAX];
	size_t ntypes;
	bool needs[LEGAL_PAPERS]; /* what it stands on */
	int64_t until;	 /* before this second; INT64_MAX: nothing of it ends */
	const char *why; /* what ends it then, or NULL */
	const char *rule; /* when it is refused: the rule's code */
};

/* Decide.  FAULT_POLICY says which rule refuses (out->rule: "agreement-
 * missing", "terms-missing", "terms-over", "no-transfer") with the policy's
 * line, and the hint what would allow it. */
NEED int legal_decide(struct legal_decision *out,
    const struct legal_question *q, struct fault *f);

/* What was decided and on which facts, for manifest and log: {"agreements":
 * [{"id","type","until"?,"sha256"?}],"country","countries":{"date","digest",
 * "own"},"decided","dpv":[...],"model","reference"?,"status","terms"?,"tool",
 * "until"?}. */
NEED int legal_decision_json(json_t **out, const struct legal_question *q,
    const struct legal_decision *d, struct fault *f);

/* Defaults that are stricter for a crowd: how many seconds a grant lasts when
 * nobody says how long. */
#define LEGAL_CROWD_GRANT ((int64_t)30 * 86400)

/* A time that data may be kept: digits and d, w or y (365 days), over zero and
 * at most 100 years, in seconds.  Not m: minutes or months would be a guess. */
NEED bool legal_retention(int64_t *out, const char *text);

#endif
