/* Where a stream's bytes come from: memory, a descriptor, one after another. */

#include <string.h>

#include "keys/age/age_internal.h"
#include "keys/base/files.h"

int
age_memory_pull(
    void *context, void *p, size_t len, size_t *got, struct fault *f)
{
	struct slice *left = context;

	(void)f;
	*got = len < left->len ? len : left->len;
	if (*got > 0) {
		memcpy(p, left->at, *got);
		left->at += *got;
		left->len -= *got;
	}
	return 0;
}

int
age_chained_pull(
    void *context, void *p, size_t len, size_t *got, struct fault *f)
{
	struct age_chained *c = context;
	size_t more = 0;
	int rc = 0;

	if (age_memory_pull(&c->first, p, len, got, f) != 0)
		return -1;
	if (*got < len)
		rc = c->then.pull(
		    c->then.context, (uint8_t *)p + *got, len - *got, &more, f);
	*got += more;
	return rc;
}

int
age_fd_pull(void *context, void *p, size_t len, size_t *got, struct fault *f)
{
	const int *fd = context;

	*got = 0;
	return file_read_some(*fd, p, len, got, f);
}
