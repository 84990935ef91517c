#ifndef KEYS_BASE_MEM_H
#define KEYS_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

#include "keys/base/fault.h"

/*
 * Memory that is not secret, and sums of sizes that came from outside.
 * Every allocation of ours goes through here, so that a test can make each of
 * them fail in turn.
 */

/* n bytes, zeroed; NULL when there are none left.  n may be 0. */
NEED void *mem_new(size_t n);

/* count elements of size bytes each, zeroed; NULL also when it overflows. */
NEED void *mem_array(size_t count, size_t size);

/* p grown or shrunk to n bytes; on NULL p is still the caller's. */
NEED void *mem_resize(void *p, size_t n);

/* A copy of the first len bytes at p with a NUL behind; NULL without memory. */
NEED char *mem_text(const void *p, size_t len);

/* Give back what the functions above gave.  NULL does nothing. */
void mem_free(void *p);

/* n bytes at p, of ours, will be read here and there: have them in large pages
 * where the system can, since what looks up a small one takes as long as the
 * reading.  Best before they are first written. */
void mem_scattered(void *p, size_t n);

/* For tests: let n more allocations succeed and all later ones fail;
 * -1 ends that. */
void mem_fail_after(long n);

/* a + b, or a * b.  False on overflow; the result is then not to be used. */
NEED bool size_add(size_t a, size_t b, size_t *sum);
NEED bool size_mul(size_t a, size_t b, size_t *product);

#endif
