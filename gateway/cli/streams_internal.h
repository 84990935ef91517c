#ifndef GATEWAY_CLI_STREAMS_INTERNAL_H
#define GATEWAY_CLI_STREAMS_INTERNAL_H

#include "gateway/cli/cli.h"
#include "keys/base/files.h"

/* What plumbing commands read and write: FILE or standard input, -o OUT or
 * standard output. */

/* Open an operand for reading; NULL and "-" are standard input.  FAULT_INPUT
 * when it is not there.  The caller file_close()s *fd. */
NEED int input_open(const char *path, int *fd, struct fault *f);

/* A command that maps its input ends in order (exit 7, nothing kept) when
 * somebody cuts the file short meanwhile. */
void input_may_be_mapped(void);

/* Where a command's result goes.  A file is a draft until output_keep(): whole
 * or nothing.  Standard output is written as we go. */
struct output {
	int fd;
	int folder;		 /* -1 for standard output */
	const char *path, *name; /* borrowed; its last element */
	struct draft draft;
};

/* path is NULL or "-" for standard output, whose fd is then borrowed. */
NEED int output_open(struct output *o, const char *path, struct fault *f);

/* FAULT_USAGE when the file that would be replaced is the open one, in. */
NEED int output_apart(const struct output *o, int in, struct fault *f);

/* Give the file its name; with replace an older file of that name goes, else
 * FAULT_USAGE when there is one. */
NEED int output_keep(struct output *o, bool replace, struct fault *f);

/* Leave nothing behind, unless kept.  Safe after a failed output_open. */
void output_drop(struct output *o);

#endif
