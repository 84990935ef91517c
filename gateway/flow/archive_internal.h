#ifndef GATEWAY_FLOW_ARCHIVE_INTERNAL_H
#define GATEWAY_FLOW_ARCHIVE_INTERNAL_H

#include <stdbool.h>

/*
 * The names that a backup may have, judged by the same function when it is
 * written and when it is read: up to five elements of [A-Za-z0-9._-], none of
 * them beginning with a point.  What is not copied (run/, drafts/, log/, lock)
 * no backup may bring either.
 */
#define ARCHIVE_DEPTH_MAX 5u
bool archive_name_valid(const char *path);

/* Is it copied, or transient, or made again? */
bool archive_takes(const char *top);

#endif
