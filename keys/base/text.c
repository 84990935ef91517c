/* Strict encodings; see text.h. */

#include "keys/base/text.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "keys/base/secret.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base32_digits[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
hex_write(char *out, const void *p, size_t len)
{
	const uint8_t *in = p;

	for (size_t i = 0; i < len; i++) {
		*out++ = hex_digits[in[i] >> 4];
		*out++ = hex_digits[in[i] & 15];
	}
	*out = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool
hex_read(uint8_t *out, size_t len, const char *text, size_t chars)
{
	if (chars % 2 != 0 || chars / 2 != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int hi = hex_value(text[2 * i]);
		int lo = hex_value(text[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

/* Five bytes as eight digits at once, one in each byte of a word: tokens are
 * made by the million, and a table look-up a digit is a sixth of their time. */
static void
base32_write_five(char out[8], const uint8_t in[5])
{
	uint32_t first;
	uint64_t v, digit;

	memcpy(&first, in, sizeof(first));
	v = (uint64_t)be32toh(first) << 8 | in[4];
	v = (v & 0xfffff00000u) << 12 | (v & 0xfffff);
	v = (v & 0x000ffc00000ffc00u) << 6 | (v & 0x000003ff000003ffu);
	v = (v & 0x03e003e003e003e0u) << 3 | (v & 0x001f001f001f001fu);
	digit = (v + 0x6666666666666666u) >> 7 & 0x0101010101010101u;
	v += 0x6161616161616161u - digit * ('a' + 26 - '2');
	v = htobe64(v);
	memcpy(out, &v, sizeof(v));
}

void
base32_write(char *out, const void *p, size_t len)
{
	const uint8_t *in = p;
	uint32_t have = 0;
	unsigned bits = 0;

	for (; len >= 5; len -= 5, in += 5, out += 8)
		base32_write_five(out, in);
	for (size_t i = 0; i < len; i++) {
		have = have << 8 | in[i];
		bits += 8;
		while (bits >= 5) {
			bits -= 5;
			*out++ = base32_digits[have >> bits & 31];
		}
	}
	if (bits > 0)
		*out++ = base32_digits[have << (5 - bits) & 31];
	*out = '\0';
}

static int
base32_value(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
}

bool
base32_read(uint8_t *out, size_t len, const char *text, size_t chars)
{
	uint32_t have = 0;
	unsigned bits = 0;

	if (len > SIZE_MAX / 16 || chars != BASE32_CHARS(len))
		return false;
	for (size_t i = 0; i < chars; i++) {
		int value = base32_value(text[i]);

		if (value < 0)
			return false;
		have = (have << 5 | (uint32_t)value) & 0xfff;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			*out++ = (uint8_t)(have >> bits);
		}
	}
	return (have & ((1u << bits) - 1)) == 0;
}

int
base64_add(
    struct bytes *out, const void *p, size_t len, bool pad, struct fault *f)
{
	const uint8_t *in = p;
	uint8_t *to;
	size_t i;

	if (bytes_reserve(out, len / 3 * 4 + 4, f) != 0)
		return -1;
	to = out->at + out->len;
	for (i = 0; i + 3 <= len; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 |
			     in[i + 2];

		for (unsigned k = 0; k < 4; k++)
			*to++ = (uint8_t)base64_digits[v >> (18 - 6 * k) & 63];
	}
	if (i < len) {
		uint32_t v = (uint32_t)in[i] << 16 |
			     (i + 1 < len ? (uint32_t)in[i + 1] << 8 : 0);

		*to++ = (uint8_t)base64_digits[v >> 18];
		*to++ = (uint8_t)base64_digits[v >> 12 & 63];
		if (i + 1 < len)
			*to++ = (uint8_t)base64_digits[v >> 6 & 63];
		else if (pad)
			*to++ = '=';
		if (pad)
			*to++ = '=';
	}
	out->len = (size_t)(to - out->at);
	return 0;
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
base64_read(uint8_t *out, size_t room, size_t *len, const char *text,
    size_t chars, bool pad)
{
	uint32_t have = 0;
	unsigned bits = 0;
	size_t n = 0;

	if (pad) {
		if (chars % 4 != 0)
			return false;
		for (int k = 0; k < 2 && chars > 0; k++)
			if (text[chars - 1] == '=')
				chars--;
	}
	if (chars % 4 == 1)
		return false;
	for (size_t i = 0; i < chars; i++) {
		int v = base64_value(text[i]);

		if (v < 0)
			return false;
		have = have << 6 | (uint32_t)v;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			if (n == room)
				return false;
			out[n++] = (uint8_t)(have >> bits);
		}
	}
	if ((have & ((1u << bits) - 1)) != 0)
		return false;
	*len = n;
	return true;
}

int32_t
utf8_next(const void *p, size_t len, size_t *used)
{
	const uint8_t *s = p;
	uint32_t c = s[0];
	size_t n;

	*used = 1;
	if (c < 0x80)
		return (int32_t)c;
	n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || c > 0xf4 || n > len)
		return -1;
	c &= 0x7fu >> n;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
	    (n == 3 && c < 0x800) || (n == 4 && c < 0x10000))
		return -1;
	*used = n;
	return (int32_t)c;
}

bool
text_shows(int32_t c)
{
	/* Of general category Cc, Cf, Zl, Zp (Unicode 15), but for the format
	 * characters that are seen: Arabic number signs, notes, hieroglyphs. */
	static const struct {
		int32_t first, last;
	} hidden[] = {
		{ -1, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, /* soft hyphen */
		{ 0x61c, 0x61c },   /* Arabic letter mark */
		{ 0x180e, 0x180e }, /* Mongolian vowel separator */
		{ 0x200b, 0x200f }, /* of no width; marks of direction */
		{ 0x2028, 0x202e }, /* ends of lines; embeddings, overrides */
		{ 0x2060, 0x206f }, /* invisible operators; isolates */
		{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f }, /* tags */
	};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return false;
	return true;
}

bool
utf8_valid(const void *p, size_t len)
{
	const uint8_t *s = p;
	size_t i = 0, used;

	while (i < len) {
		uint64_t eight;

		if (i + 8 <= len) {
			memcpy(&eight, s + i, 8);
			if ((eight & 0x8080808080808080u) == 0) {
				i += 8;
				continue;
			}
		}
		if (utf8_next(s + i, len - i, &used) < 0)
			return false;
		i += used;
	}
	return true;
}

int
utf8_add(struct bytes *b, uint32_t c, struct fault *f)
{
	uint8_t s[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return fault_set(f, FAULT_INPUT, "not a character of Unicode");
	for (size_t i = n; i-- > 1; c >>= 6)
		s[i] = (uint8_t)(0x80 | (c & 0x3f));
	s[0] = (uint8_t)(lead[n] | c);
	return bytes_add(b, s, n, f);
}

/* How many digits it has: about as many as its bits times log 2, which is 1233
 * 4096ths, and one more where that power of ten is reached. */
static size_t
u64_digits(uint64_t n)
{
	static const uint64_t tens[U64_CHARS] = { 0, 10u, 100u, 1000u, 10000u,
		100000u, 1000000u, 10000000u, 100000000u, 1000000000u,
		10000000000u, 100000000000u, 1000000000000u, 10000000000000u,
		100000000000000u, 1000000000000000u, 10000000000000000u,
		100000000000000000u, 1000000000000000000u,
		10000000000000000000u };
	unsigned about = (64u - (unsigned)__builtin_clzll(n | 1)) * 1233 >> 12;

	return about + (n >= tens[about]);
}

size_t
u64_write(char out[U64_CHARS], uint64_t n)
{
	size_t digits = u64_digits(n);

	for (size_t at = digits; at-- > 0; n /= 10)
		out[at] = (char)('0' + n % 10);
	return digits;
}

bool
u64_read(uint64_t *out, const char *text, size_t chars, uint64_t max)
{
	uint64_t v = 0;

	if (chars == 0 || (chars > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < chars; i++) {
		uint64_t digit;

		if (text[i] < '0' || text[i] > '9')
			return false;
		digit = (uint64_t)(text[i] - '0');
		if (v > (max - digit) / 10 || digit > max)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}

bool
text_only(const char *text, const char *set, size_t max)
{
	size_t n = strspn(text, set);

	return n > 0 && n <= max && text[n] == '\0';
}

void
text_grouped(char out[TEXT_GROUPED], uint64_t n)
{
	char digits[24];
	int len =
	    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	size_t at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
}

void
id_new(char out[ID_CHARS + 1], char letter)
{
	uint8_t random[16];

	random_fill(random, sizeof(random));
	out[0] = letter;
	out[1] = '-';
	base32_write(out + 2, random, sizeof(random));
}

bool
id_valid(const char *text, char letter)
{
	return text[0] == letter && text[1] == '-' &&
	       strlen(text) == ID_CHARS &&
	       text_only(text + 2, base32_digits, ID_CHARS - 2);
}
