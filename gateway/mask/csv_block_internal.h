#ifndef GATEWAY_MASK_CSV_BLOCK_INTERNAL_H
#define GATEWAY_MASK_CSV_BLOCK_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "gateway/mask/window_internal.h"

/* For csv_scan.c: the characters that matter in a block of bytes, all at once.
 */

#define BLOCK 64u
_Static_assert(WINDOW_SLACK >= BLOCK, "a block may be read behind the end");

/* Bit i of each says that byte i is such a character. */
struct masks {
	uint64_t quote, delimiter, newline, other; /* other: the other of
						      CR, LF */
	bool high;				   /* any over 0x7f */
	bool nul;				   /* any NUL */
};

#ifdef __SSE2__

/* A block in four registers. */
struct block {
	__m128i a, b, c, d;
};

static inline uint64_t
bits_of(__m128i v)
{
	return (uint64_t)(uint32_t)_mm_movemask_epi8(v);
}

static inline uint64_t
equal(const struct block *v, char c)
{
	const __m128i want = _mm_set1_epi8(c);

	return bits_of(_mm_cmpeq_epi8(v->a, want)) |
	       bits_of(_mm_cmpeq_epi8(v->b, want)) << 16 |
	       bits_of(_mm_cmpeq_epi8(v->c, want)) << 32 |
	       bits_of(_mm_cmpeq_epi8(v->d, want)) << 48;
}

/* The delimiters and newlines of a block in which nothing else matters: no
 * quote, no CR or LF but newlines, nothing over 0x7f and no NUL.  False for any
 * other block.  It takes half as long as look() and what follows from it. */
static inline bool
look_plain(const uint8_t *p, char delimiter, char newline, uint64_t *delimiters,
    uint64_t *newlines)
{
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i other = _mm_set1_epi8(newline == '\n' ? '\r' : '\n');
	const __m128i *at = (const __m128i *)(const void *)p;
	const struct block v = { _mm_loadu_si128(at), _mm_loadu_si128(at + 1),
		_mm_loadu_si128(at + 2), _mm_loadu_si128(at + 3) };
	__m128i odd = _mm_cmpeq_epi8(
	    _mm_min_epu8(_mm_min_epu8(v.a, v.b), _mm_min_epu8(v.c, v.d)),
	    _mm_setzero_si128());

#define ODD(x)                                   \
	odd = _mm_or_si128(_mm_or_si128(odd, x), \
	    _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, other)))
	ODD(v.a);
	ODD(v.b);
	ODD(v.c);
	ODD(v.d);
#undef ODD
	if (bits_of(odd) != 0)
		return false;
	*delimiters = equal(&v, delimiter);
	*newlines = equal(&v, newline);
	return true;
}

static inline struct masks
look(const uint8_t *p, char delimiter, char newline)
{
	const __m128i *at = (const __m128i *)(const void *)p;
	struct block v = { _mm_loadu_si128(at), _mm_loadu_si128(at + 1),
		_mm_loadu_si128(at + 2), _mm_loadu_si128(at + 3) };
	__m128i any =
	    _mm_or_si128(_mm_or_si128(v.a, v.b), _mm_or_si128(v.c, v.d));
	__m128i least =
	    _mm_min_epu8(_mm_min_epu8(v.a, v.b), _mm_min_epu8(v.c, v.d));

	return (struct masks){
		.quote = equal(&v, '"'),
		.delimiter = equal(&v, delimiter),
		.newline = equal(&v, newline),
		.other = equal(&v, newline == '\n' ? '\r' : '\n'),
		.high = bits_of(any) != 0,
		.nul = bits_of(_mm_cmpeq_epi8(least, _mm_setzero_si128())) != 0,
	};
}

#else

/* look() has all that is needed. */
static inline bool
look_plain(const uint8_t *p, char delimiter, char newline, uint64_t *delimiters,
    uint64_t *newlines)
{
	(void)p;
	(void)delimiter;
	(void)newline;
	*delimiters = *newlines = 0;
	return false;
}

static inline struct masks
look(const uint8_t *p, char delimiter, char newline)
{
	const uint8_t d = (uint8_t)delimiter, n = (uint8_t)newline;
	struct masks m = { 0 };

	for (unsigned i = 0; i < BLOCK; i++) {
		uint8_t c = p[i];

		m.quote |= (uint64_t)(c == '"') << i;
		m.delimiter |= (uint64_t)(c == d) << i;
		m.newline |= (uint64_t)(c == n) << i;
		m.other |= (uint64_t)((c == '\n' || c == '\r') && c != n) << i;
		m.high |= c > 0x7f;
		m.nul |= c == 0;
	}
	return m;
}

#endif

#endif
