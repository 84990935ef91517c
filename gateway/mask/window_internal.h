#ifndef GATEWAY_MASK_WINDOW_INTERNAL_H
#define GATEWAY_MASK_WINDOW_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/fault.h"

/*
 * A stretch of a file in memory, moving forward.  Read with large preads and
 * not mapped: a source that is cut short under us is a fault and no SIGBUS.
 */
struct mask_window {
	int fd;	       /* borrowed */
	uint64_t base; /* where in the file buf[0] lies */
	uint64_t end;  /* where to stop reading */
	uint8_t *buf;
	size_t len;  /* bytes held */
	size_t room; /* never past most */
	size_t most;
};

/* Zero bytes that always follow buf[len], so that a reader may look at whole
 * blocks. */
#define WINDOW_SLACK 64u

/* Bytes [from, end) of fd, at most most of them held at once.  The caller ends
 * with window_close(), after a failure too. */
NEED int window_open(struct mask_window *w, int fd, uint64_t from, uint64_t end,
    size_t most, struct fault *f);
void window_close(struct mask_window *w);

/* Begin with [from, end) of fd in *w, which starts zeroed, for a part that is
 * held; more room than HELD_BYTES, which a long record took before, is given
 * back. */
NEED int window_hold(struct mask_window *w, int fd, uint64_t from, uint64_t end,
    struct fault *f);

/* What is read at once of a part that is held: it and what is made of it stay
 * in a core's cache. */
#define HELD_BYTES ((size_t)192 << 10)

/* Nothing is wanted behind the first len bytes held: they are now all of it. */
void window_end(struct mask_window *w, size_t len);

/* Go on elsewhere in the same file, keeping the memory. */
void window_move(struct mask_window *w, uint64_t from, uint64_t end);

/*
 * Forget the first gone bytes and read on behind the rest; indexes into buf
 * move down by gone.  If not all of the file is held already, at least one
 * byte is added.  FAULT_INPUT when the file ends early, or when what is to be
 * kept is as large as most already.
 */
NEED int window_fill(struct mask_window *w, size_t gone, struct fault *f);

/* How many bytes at the end of p[0..len) may begin a character that is not all
 * there: 0 to 3. */
size_t utf8_partial(const uint8_t *p, size_t len);

/* Nothing is left behind buf[len]. */
bool window_whole(const struct mask_window *w);

#endif
