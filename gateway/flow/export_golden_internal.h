#ifndef GATEWAY_FLOW_EXPORT_GOLDEN_INTERNAL_H
#define GATEWAY_FLOW_EXPORT_GOLDEN_INTERNAL_H

#include "gateway/flow/flow.h"
#include "keys/sign/sign.h"

struct golden_lines {
	const char *path;   /* as given, borrowed */
	struct bytes lines; /* canonical, each ended by LF */
	uint8_t digest[DIGEST_BYTES];
	char **ids;
	uint32_t *numbers; /* of the line in the file */
	bool *found;
	size_t n, room;
	struct plan_wanted wanted;
};

/* The lines as a file in memory, from its start; the caller closes *fd. */
NEED int golden_fd(const struct golden_lines *g, int *fd, struct fault *f);

#endif
