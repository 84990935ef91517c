#ifndef GATEWAY_FLOW_RISK_INTERNAL_H
#define GATEWAY_FLOW_RISK_INTERNAL_H

#include "gateway/flow/plan_internal.h"
#include "policy/risk/risk.h"

/*
 * How easily persons are found again in what leaves: a worker reads the rows
 * and measures (policy/risk), the coordinator says what, and what follows.
 *
 *   RISK_BEGIN  u8 subjects, u16 n, n columns: text name, u8 role, u8 distance,
 *               u16 n, n transforms (the levels to be tried)     -> nothing
 *   RISK_ROWS   file, part, u32 its number in rows' numbers, u16 n, n u32:
 *               for each column the field of the plan, UINT32_MAX for one that
 *               does not leave of this file                      -> nothing
 *   RISK_POPULATION  descriptor; slice of its SHA-256, file (its plan's number
 *               unused), its plan, u16 n, n u32: its column for each quasi-
 *               identifier among the columns, u32 that of the count or
 *               UINT32_MAX                                       -> nothing
 *   RISK_END    asked (risk_put_asked), u8 loss, u8 search; a descriptor for
 *               the rows that fail, u64 each         -> what it found, below
 *
 *   EXPOSE_BEGIN  u16 n, n attributes: text name, u8 sensitive, u8 level
 *                                                                  -> nothing
 *   EXPOSE_ROWS   as RISK_ROWS, with a field for each attribute    -> nothing
 *   EXPOSE_END    asked; descriptors of what is held (KEEPER_HOLDINGS) and for
 *                 what will be (catalog.h, holdings)   -> what it found
 *
 * A row is known by its file's number in the upper 24 bits, its record's in the
 * lower 40.
 */
#define RISK_ROW_BITS 40u
#define RISK_GONE_FIELD UINT32_MAX

/* What is asked, in the numbers of policy/risk. */
struct risk_asked {
	struct risk_thresholds want;
	uint32_t search_k; /* k of a search, which knows of no population */
	uint32_t share[SHARE_SUPPRESSED]; /* as in struct risk_rule */
};
void risk_asked_of(struct risk_asked *out, const struct risk_rule *r);
NEED int risk_put_asked(
    struct bytes *b, const struct risk_asked *a, struct fault *f);
NEED int risk_take_asked(
    struct reader *r, struct risk_asked *a, struct fault *f);

/* What was found.  report.suppress is not told: it is in the descriptor. */
struct risk_found {
	struct risk_report report;
	unsigned over; /* bits of enum risk_share: more than may be */
	bool spelt;    /* values were told apart by how they are spelt */
	bool searched;
	bool none; /* nothing that was tried meets the thresholds */
	size_t nchoice;
	struct risk_choice choice;
};
NEED int risk_put_found(
    struct bytes *b, const struct risk_found *x, struct fault *f);
/* x is empty, or the caller's to risk_report_free(&x->report). */
NEED int risk_take_found(
    struct reader *r, struct risk_found *x, struct fault *f);

/* ---- plan_risk.c ---- */

/* A risk rule and the files that it found. */
struct plan_risk {
	const struct risk_rule *rule;
	uint32_t *files;
	uint32_t nfiles, room;
	size_t *columns; /* indices into rule->fields that leave somewhere */
	size_t ncolumns;
	bool subjects;
	uint64_t rows; /* before any was suppressed */
	uint64_t suppressed;
	bool measured; /* there are rows, and columns */
	struct risk_found found;
	/* The table of whom it is a sample, or -1. */
	int population;
	uint64_t population_bytes;
	struct file_plan population_plan;
	struct population_columns population_columns;
};

NEED int plan_risk(struct plan *p, struct pool *pool, bool search,
    const struct flow_progress *progress, struct fault *f);
void plan_risk_free(struct plan *p);

/* Where a rule's field stands in a file's plan, for RISK_ROWS. */
NEED int risk_put_fields(struct bytes *b, const struct plan *p,
    const struct plan_risk *x, uint32_t file, struct fault *f);

/* ---- plan_population.c ---- */

/* Open the table of a rule's population and decide about its columns.
 * FAULT_INPUT when it is not the one that the policy names. */
NEED int population_open(
    struct plan *p, struct plan_risk *x, struct crew_one *one, struct fault *f);
/* Tell the worker of it, once columns are begun. */
NEED int population_give(const struct plan_risk *x, struct crew_one *one,
    struct message *m, struct fault *f);

/* ---- risk_show.c ---- */

NEED int plan_risk_json(json_t *o, const struct plan *p, struct fault *f);

/* ---- risk_refuse.c ---- */

/* Classes by size and rows: "1 person: row 3; 2 persons: row 5, 9". */
void risk_name_classes(char *out, size_t room, const struct plan *p,
    const struct plan_risk *x, const struct risk_report *r);

#endif
