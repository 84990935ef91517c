#ifndef KEYS_BASE_TEXT_H
#define KEYS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"

/*
 * Bytes as text and back.  Every reader here is strict: one spelling for one
 * value, so that what was signed and what is shown cannot differ.
 */

/* Characters without the NUL. */
#define HEX_CHARS(n) (2 * (n))
#define BASE32_CHARS(n) (((n)*8 + 4) / 5)
#define BASE64_CHARS(n) (((n) + 2) / 3 * 4)

/* Lower-case hexadecimal; out has room for HEX_CHARS(len) + 1. */
void hex_write(char *out, const void *p, size_t len);

/* Exactly len bytes from 2 * len lower-case digits at text. */
NEED bool hex_read(uint8_t *out, size_t len, const char *text, size_t chars);

/* RFC 4648 section 6, lower case a-z2-7, no padding; out has room for
 * BASE32_CHARS(len) + 1. */
void base32_write(char *out, const void *p, size_t len);

/* Exactly len bytes from BASE32_CHARS(len) digits at text; unused bits are
 * zero. */
NEED bool base32_read(uint8_t *out, size_t len, const char *text, size_t chars);

/* RFC 4648 section 4, with padding (pad) or without. */
NEED int base64_add(
    struct bytes *out, const void *p, size_t len, bool pad, struct fault *f);

/*
 * Decode chars characters at text into out[room]; *len gets the size.  Only
 * the canonical encoding is read: no white space, padding exactly as pad says,
 * unused bits zero.  False otherwise, or when out is too small.
 */
NEED bool base64_read(uint8_t *out, size_t room, size_t *len, const char *text,
    size_t chars, bool pad);

/* Is it well-formed UTF-8 (RFC 3629; no surrogates, nothing over U+10FFFF)? */
NEED bool utf8_valid(const void *p, size_t len);

/* The character at the head of p, or -1 when malformed; *used gets its size,
 * 1 to 4 (1 when malformed).  len is at least 1. */
NEED int32_t utf8_next(const void *p, size_t len, size_t *used);

/*
 * May this character, of utf8_next(), be shown to a person among others?  Not
 * what a terminal obeys (C0, DEL, C1), what ends a line or turns the direction
 * of writing, what has no width and so makes two names look alike, nor -1.
 */
NEED bool text_shows(int32_t c);

/* Append one character.  FAULT_INPUT for half a surrogate pair and what is
 * beyond U+10FFFF. */
NEED int utf8_add(struct bytes *b, uint32_t c, struct fault *f);

/* Decimal digits only, no sign, no leading zero, at most max. */
NEED bool u64_read(uint64_t *out, const char *text, size_t chars, uint64_t max);

/* In decimal, without a NUL; returns how many characters.  printf() takes as
 * long as two MACs, which tells where millions of rows are written. */
#define U64_CHARS 20u
size_t u64_write(char out[U64_CHARS], uint64_t n);

/* Does text (NUL-ended) consist of 1 to max characters out of set? */
NEED bool text_only(const char *text, const char *set, size_t max);

/* A number with commas between thousands: "1,234". */
#define TEXT_GROUPED 32u
void text_grouped(char out[TEXT_GROUPED], uint64_t n);

/* A fresh random id: a letter, '-', and 26 characters [a-z2-7]. */
#define ID_CHARS 28u
void id_new(char out[ID_CHARS + 1], char letter);
NEED bool id_valid(const char *text, char letter);

#endif
