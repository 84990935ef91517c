#ifndef POLICY_PROPOSE_PROPOSE_INTERNAL_H
#define POLICY_PROPOSE_PROPOSE_INTERNAL_H

#include "policy/propose/propose.h"

/* Is every value, or are nine of ten, of a kind?  No where there is none. */
NEED bool evidence_all(const struct evidence *e, enum value_kind kind);
NEED bool evidence_most(const struct evidence *e, enum value_kind kind);

/* Fill why and choose: where values name files, where nothing is known, where
 * name (NAME_UNKNOWN: of no meaning) and values disagree because of a kind
 * (KINDS: too few of them are what the name says), and else. */
void propose_referring(struct proposal *p, const struct evidence *e,
    enum value_kind kind, const char *by);
void propose_unknown(struct proposal *p, const struct evidence *e);
void propose_disagree(struct proposal *p, enum name_meaning named,
    const struct evidence *e, enum value_kind against);
void propose_why(struct proposal *p, enum name_meaning named,
    const struct evidence *e, const char *choose);

#endif
