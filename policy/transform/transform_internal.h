#ifndef POLICY_TRANSFORM_TRANSFORM_INTERNAL_H
#define POLICY_TRANSFORM_TRANSFORM_INTERNAL_H

#include "policy/transform/transform.h"

#define DECIMAL_ONE 1000000000000000000u /* parts of a whole: 10^18 */

/* The three that generalise.  value has characters other than spaces. */
NEED int generalise_date(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);
NEED int generalise_bins(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);
NEED int generalise_width(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);

/* Is everything in t as the policy language allows it? */
NEED bool transform_sound(const struct transform *t);

#endif
