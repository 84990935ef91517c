#ifndef KEYS_BASE_FILES_H
#define KEYS_BASE_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "keys/base/bytes.h"

/*
 * Files as this program uses them: opened once and passed as descriptors,
 * read with a ceiling, and made visible only when whole and durable.
 * dir is a folder's descriptor or AT_FDCWD; every descriptor is O_CLOEXEC.
 * Symbolic links are not followed in the last element of a path.
 */

/* Open a regular file for reading; the caller closes *fd.  FAULT_INPUT when it
 * is not there or not a regular file. */
NEED int file_open_read(int dir, const char *path, int *fd, struct fault *f);

/* Open a folder; the caller closes *fd. */
NEED int folder_open(int dir, const char *path, int *fd, struct fault *f);

/* Make a folder (0700) unless it is there already. */
NEED int folder_make(int dir, const char *path, struct fault *f);

/* Is nothing in a folder?  fd stays where it is. */
NEED int folder_is_empty(int fd, bool *empty, struct fault *f);

/* fsync of a folder, so that names in it are durable. */
NEED int folder_sync(int fd, const char *what, struct fault *f);

/* All of a descriptor from where it stands, or of a file by name, into out.
 * FAULT_INPUT past out->cap. */
NEED int file_read_fd(int fd, struct bytes *out, struct fault *f);
NEED int file_read(
    int dir, const char *path, struct bytes *out, struct fault *f);

/* Up to len bytes at offset at; *got is less only at the end of the file. */
NEED int file_read_at(
    int fd, void *p, size_t len, uint64_t at, size_t *got, struct fault *f);

/* Up to len bytes from where fd stands; *got is less only at the end. */
NEED int file_read_some(
    int fd, void *p, size_t len, size_t *got, struct fault *f);

/* All len bytes, through interruptions and short writes. */
NEED int file_write(int fd, const void *p, size_t len, struct fault *f);

/* Have the kernel begin to put on disk what was written to fd, without waiting
 * for it, so that the sync to come finds less to do.  Only a hint: nothing is
 * durable by it, and its failure is none. */
void file_flush_early(int fd);

/*
 * A draft: a file (0600) that nobody sees until draft_keep(), which makes it
 * durable and gives it its name.  Dropped or crashed drafts leave at most a
 * name of ".draft-" and 16 characters [a-z2-7], for the next start to sweep.
 */
struct draft {
	int fd;
	int dir; /* borrowed from the caller of draft_new */
	char name[40];
};

NEED int draft_new(struct draft *d, int dir, struct fault *f);

/* fsync, give the name, fsync the folder.  With replace an older file of that
 * name goes; without, FAULT_SYSTEM when the name is taken.  d is then closed.
 * On failure d is as it was. */
NEED int draft_keep(
    struct draft *d, const char *name, bool replace, struct fault *f);

/* Close and delete.  A kept or zeroed-by-draft_none draft does nothing. */
void draft_drop(struct draft *d);
void draft_none(struct draft *d);

/* Write a small file whole: draft, keep. */
NEED int file_put(int dir, const char *name, const void *p, size_t len,
    bool replace, struct fault *f);

/* Delete leftover drafts in a folder; no other name, however it begins. */
NEED int draft_sweep(int dir, struct fault *f);

/* Delete a folder and all in it, following no link; one that is not there is
 * no failure. */
NEED int folder_remove(int dir, const char *name, struct fault *f);

/* close(2) unless fd is -1; sets it to -1. */
void file_close(int *fd);

#endif
