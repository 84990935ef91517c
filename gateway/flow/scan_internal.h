#ifndef GATEWAY_FLOW_SCAN_INTERNAL_H
#define GATEWAY_FLOW_SCAN_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "keys/base/bytes.h"

/*
 * The files of a dataset, and how each looked when it was found.  A million of
 * them are 40 MB and their names.
 */
#define SCAN_FILES_MAX 4000000u

struct scan_file {
	uint64_t size;
	int64_t mtime;	   /* nanoseconds */
	uint64_t identity; /* inode and time of change, as one number */
	uint32_t path;	   /* offset into names */
	uint32_t plan;	   /* the planner's */
};

struct scan {
	int root;	    /* the folder that paths begin in */
	char *source;	    /* the absolute path of what was named */
	struct bytes names; /* paths, each with its NUL */
	struct scan_file *files;
	uint32_t n, room;
};

/*
 * Find every file below a folder, hidden ones too, or the single file; sorted
 * by the bytes of their paths.  FAULT_INPUT for a symbolic link, a device or
 * the like, a path that is not UTF-8 or over its ceiling; FAULT_SYSTEM for
 * what cannot be read.  The caller scan_free()s *s, after a failure too.
 */
NEED int scan_dataset(struct scan *s, const char *dataset, struct fault *f);
void scan_free(struct scan *s);

/* Until scan_free(). */
const char *scan_path(const struct scan *s, uint32_t file);

/* The file of that path; false when there is none. */
NEED bool scan_find(const struct scan *s, const char *path, uint32_t *file);

/* Open a file that must still look as it did.  FAULT_INPUT when it was changed
 * or replaced.  The caller closes *fd. */
NEED int scan_open(
    const struct scan *s, uint32_t file, int *fd, struct fault *f);

#endif
