#ifndef GATEWAY_CLI_PLAN_INTERNAL_H
#define GATEWAY_CLI_PLAN_INTERNAL_H

#include "gateway/cli/cli.h"
#include "gateway/flow/flow.h"

/* What plan and export share: the options that make a plan, and making it. */

#define POLICY_OPTION                                          \
	{                                                      \
		"policy", 0, "FILE", "the policy that decides" \
	}
#define VENDOR_OPTION                                            \
	{                                                        \
		"vendor", 0, "NAME", "the vendor that it is for" \
	}
#define REFUSALS_OPTION                                                  \
	{                                                                \
		"max-refusals", 0, "N", "show up to N refusals, else 10" \
	}

#define GOLDEN_OPTION                                                       \
	{                                                                   \
		"golden", 0, "FILE", "items whose answers are known, JSONL" \
	}

/* What of the dataset is asked for. */
#define CHOICE_OPTIONS                                                       \
	{ "items", 0, "LIST", "only the items whose ids are in the file" },  \
	    { "new", 0, NULL, "only what the vendor has not had" },          \
	    { "overlap-with", 0, "BATCH", "only what was in that batch" },   \
	    { "sample", 0, "N", "only N of them, by chance" },               \
	    { "by", 0, "WHAT", "subject: N persons; class: of each class" }, \
	    { "class", 0, "NAME", "the column or path with the class" },     \
	{                                                                    \
		"seed", 0, "TEXT", "another sample than without"             \
	}

/* A plan, and the keeper that was asked for it; the latter NULL where none had
 * to be. */
struct planned {
	struct plan *plan;
	struct keeper *keeper;
	struct golden_lines *golden; /* of --golden, checked; or NULL */
};

/*
 * The plan that the options ask for.  Where it depends on what vendors were
 * sent, a keeper is opened with these branches.  Refusals are told.  The caller
 * planned_close()s *out, also after a failure.
 */
NEED int plan_given(
    struct cli *c, unsigned branches, struct planned *out, struct fault *f);

/*
 * Where risk: tells persons apart, measure what the vendor would then hold,
 * into the plan's JSON as "exposure"; pseudonyms are unlocked where it holds
 * something already.  *e has .holdings = -1, and is the caller's to
 * exposure_free(), failed or not; exposure_met() then says whether it may be.
 */
NEED int plan_exposed(struct cli *c, struct planned *p, json_t *told,
    struct exposure *e, struct fault *f);

/* Free and close; rc is what was reached so far, and is returned unless the
 * keeper says worse. */
NEED int planned_close(struct planned *p, int rc, struct fault *f);

/* plan_print.c, from what plan_json() says: all of a plan; and what stays
 * behind, files by their rules and items by what they stay for. */
void print_plan(const json_t *plan);
void print_stays(const json_t *plan);

/* How many refusals are wanted at most: one at least. */
NEED int refusals_most(const struct cli *c, size_t *out, struct fault *f);

/* Several refusals were asked for: print all that are kept, and have the fault
 * (of FAULT_POLICY, or none) count them. */
void tell_refusals(
    const struct cli *c, const struct refusals *r, struct fault *f);

/* FAULT_USAGE without policy and vendor. */
NEED int plan_options_need(const struct cli *c, struct fault *f);

#endif
