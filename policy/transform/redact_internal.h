#ifndef POLICY_TRANSFORM_REDACT_INTERNAL_H
#define POLICY_TRANSFORM_REDACT_INTERNAL_H

#include <pthread.h>

#include "policy/detect/detect.h"
#include "policy/transform/transform_internal.h"

/* What the rules may find: over what there is and what a policy may add. */
#define REDACT_ENTITIES_MAX 1024u
/* What may stand in place of one find: stars for a whole value. */
#define REDACT_PUT_MAX ((size_t)64 << 20)

/* Rules compiled, and scans with them that nobody uses. */
struct redact_set {
	struct detector *detector;
	pthread_mutex_t lock; /* over idle */
	struct redact_scan *idle;
};

/* What one thread scans one text with. */
struct redact_scan {
	struct redact_set *set;
	struct detect_scan *scan;
	struct detect_spans spans;
	struct redact_scan *next;
};

/* Compile options as they travel, with a dictionary or without (NULL);
 * redact_set_end() accepts one that is zeroed. */
NEED int redact_set_begin(struct redact_set *s, struct slice options,
    const struct dictionary *d, struct fault *f);
void redact_set_end(struct redact_set *s);

/* One that nobody else uses, made if there is none; given back by
 * redact_give_back(), which accepts NULL. */
NEED int redact_borrow(
    struct redact_set *s, struct redact_scan **out, struct fault *f);
void redact_give_back(struct redact_scan *scan);

/* The rules by themselves; or, where the site has a dictionary, with it. */
NEED int redact_set_for(struct redact_rules *rules,
    const struct transform_site *site, struct redact_set **out,
    struct fault *f);

/* redact_rules.c, for redact_dictionary.c */
struct redact_set *redact_plain(struct redact_rules *rules);
struct slice redact_options(const struct redact_rules *rules);

/* Another holder; one less (NULL is fine). */
struct redact_rules *redact_share(struct redact_rules *rules);
void redact_drop(struct redact_rules *rules);

/* As bytes of a message.  Rules that are taken and are known in this process
 * already are those. */
NEED int redact_put(
    struct bytes *b, const struct redact_rules *rules, struct fault *f);
NEED int redact_take(
    struct reader *r, struct redact_rules **out, struct fault *f);

NEED int redact_value(const struct transform *t,
    const struct transform_site *site, const struct slice *value,
    struct bytes *out, struct fault *f);

#endif
