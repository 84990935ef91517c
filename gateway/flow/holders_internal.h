#ifndef GATEWAY_FLOW_HOLDERS_INTERNAL_H
#define GATEWAY_FLOW_HOLDERS_INTERNAL_H

#include "gateway/catalog/catalog.h"
#include "gateway/flow/risk_internal.h"

/* What batches hold, out of one descriptor (KEEPER_HOLDINGS), merged by
 * person. */

/* An attribute of the union: a column's name. */
struct held_attribute {
	char *name;
	uint16_t number;
	bool sensitive; /* of all who hold it */
	size_t holders; /* batches that have it */
};
struct held_names {
	struct held_attribute *at;
	size_t n;
};

/* The number of a name, new or not; FAULT_INPUT past RISK_ATTRIBUTES_MAX. */
NEED int held_name(struct held_names *names, const char *name, bool sensitive,
    struct held_attribute **out, struct fault *f);
void held_names_free(struct held_names *names);

struct holder;
struct holders {
	int fd;
	struct holder *at;
	size_t n;
	struct held_names *names;
	struct holder *now; /* whose items are being told, or NULL */
	uint8_t value[RISK_HASH_BYTES];
};

/* Find the batches in fd and their attributes; names is borrowed, and added
 * to.  holders_free() follows, after a failure too. */
NEED int holders_open(
    struct holders *h, int fd, struct held_names *names, struct fault *f);
void holders_free(struct holders *h);

/* struct risk_holdings' next, with struct holders for from: things of
 * attributes that leave[number] is not set for are passed over. */
int holders_next(void *from, const void **subject, struct risk_held *item,
    bool *more, struct fault *f);
void holders_skip(struct holders *h, const bool *skip);

#endif
