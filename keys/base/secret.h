#ifndef KEYS_BASE_SECRET_H
#define KEYS_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/fault.h"

/*
 * Guarded memory: locked, kept out of core dumps, between guard pages, wiped
 * when freed (libsodium, sodium_malloc).  Every key and passphrase lives here
 * or in a stack array that secret_wipe() clears before its function returns.
 */
struct secret {
	uint8_t *at;
	size_t len;
};

/* Prepare libsodium; main() and every test call it first, once. */
NEED int secret_start(struct fault *f);

/* len zeroed bytes.  FAULT_SYSTEM when memory cannot be locked. */
NEED int secret_new(struct secret *s, size_t len, struct fault *f);

/* len bytes fresh from the operating system. */
NEED int secret_random(struct secret *s, size_t len, struct fault *f);

/* A copy of len bytes; the caller wipes its own. */
NEED int secret_copy(
    struct secret *s, const void *p, size_t len, struct fault *f);

/*
 * Read a passphrase from fd up to its end or a newline, which is not kept; at
 * most 1,024 bytes, FAULT_INPUT beyond or when it is empty.  With a terminal,
 * echo is switched off and prompt is written to it.
 */
NEED int secret_read_passphrase(
    struct secret *s, int fd, const char *prompt, struct fault *f);

/* Wipe and release; s is then empty.  NULL and empty are fine. */
void secret_free(struct secret *s);

/* Fill with fresh randomness that need not stay secret: ids, nonces, salts. */
void random_fill(void *p, size_t len);

/* Clear memory so that no compiler leaves it out. */
void secret_wipe(void *p, size_t len);

/* Compare in constant time. */
NEED bool secret_same(const void *a, const void *b, size_t len);

/* Make this process undumpable and untraceable by its own user. */
NEED int secret_seal_process(struct fault *f);

#endif
