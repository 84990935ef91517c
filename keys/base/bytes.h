#ifndef KEYS_BASE_BYTES_H
#define KEYS_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "keys/base/fault.h"

/*
 * A growing run of bytes that knows, from birth, how large it may become.
 * at may be NULL while len is 0.  A failed call leaves the bytes as they were.
 * Not for secrets: growing leaves copies behind; those go to secret.h.
 */
struct bytes {
	uint8_t *at;
	size_t len;  /* bytes in use */
	size_t room; /* bytes allocated */
	size_t cap;  /* bytes ever allowed */
};

void bytes_init(struct bytes *b, size_t cap);

/* Append len bytes from p.  FAULT_INPUT past cap, FAULT_SYSTEM for memory. */
NEED int bytes_add(struct bytes *b, const void *p, size_t len, struct fault *f);

/* Append the characters of text, without its NUL. */
NEED int bytes_add_text(struct bytes *b, const char *text, struct fault *f);

/* Append formatted text, without a NUL. */
NEED int bytes_addf(struct bytes *b, struct fault *f, const char *fmt, ...)
    PRINTF(3, 4);

/* Have room for more bytes behind len; the caller writes them at b->at +
 * b->len and then adds to b->len. */
NEED int bytes_reserve(struct bytes *b, size_t more, struct fault *f);

/* Forget the contents, keep the memory. */
void bytes_reset(struct bytes *b);

/* A NUL behind the contents, not counted in len, so that b->at is text. */
NEED int bytes_end_text(struct bytes *b, struct fault *f);

/* Wipe and release; b is then as after bytes_init.  Safe to call twice. */
void bytes_free(struct bytes *b);

#endif
