#ifndef KEYS_BASE_WIRE_H
#define KEYS_BASE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"

/*
 * The bytes of messages between our own processes: big-endian integers, and
 * runs of bytes behind a 32-bit length.  A reader never reads past its end and
 * its results point into the caller's buffer.  A message is read to its last
 * byte or refused (take_end); every refusal is FAULT_INPUT.
 */
struct reader {
	const uint8_t *at;
	const uint8_t *end;
};

/* A run of bytes inside somebody else's buffer. */
struct slice {
	const uint8_t *at;
	size_t len;
};

struct reader reader_of(const void *p, size_t len);
struct slice slice_of_text(const char *text);
NEED size_t reader_left(const struct reader *r);

NEED int take_u8(struct reader *r, uint8_t *out, struct fault *f);
NEED int take_u16(struct reader *r, uint16_t *out, struct fault *f);
NEED int take_u32(struct reader *r, uint32_t *out, struct fault *f);
NEED int take_u64(struct reader *r, uint64_t *out, struct fault *f);

/* Copy exactly len bytes. */
NEED int take_bytes(struct reader *r, void *out, size_t len, struct fault *f);

/* A run behind its length, at most max bytes, in place. */
NEED int take_slice(
    struct reader *r, size_t max, struct slice *out, struct fault *f);

/* The same as text: copied with a NUL into out[room]; an inner NUL is
 * refused. */
NEED int take_text(struct reader *r, char *out, size_t room, struct fault *f);

/* Nothing may be left. */
NEED int take_end(struct reader *r, struct fault *f);

NEED int put_u8(struct bytes *b, uint8_t v, struct fault *f);
NEED int put_u16(struct bytes *b, uint16_t v, struct fault *f);
NEED int put_u32(struct bytes *b, uint32_t v, struct fault *f);
NEED int put_u64(struct bytes *b, uint64_t v, struct fault *f);

/* A run behind its length.  FAULT_INPUT past 2^32-1 bytes. */
NEED int put_slice(struct bytes *b, const void *p, size_t len, struct fault *f);
NEED int put_text(struct bytes *b, const char *text, struct fault *f);

/* A fault as message, and back, so that a failure in one process is told by
 * another as it was found. */
NEED int put_fault(struct bytes *b, const struct fault *told, struct fault *f);
NEED int take_fault(struct reader *r, struct fault *told, struct fault *f);

#endif
