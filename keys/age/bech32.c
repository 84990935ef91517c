/*
 * Bech32 (BIP 173), without its limit of 90 characters, as age writes keys.
 * Nothing here keeps a copy of what it encodes: identities pass through.
 */

#include <string.h>

#include "keys/age/age_internal.h"

static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t
polymod(uint32_t sum, uint32_t value)
{
	static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d,
		0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (unsigned i = 0; i < 5; i++)
		if ((top >> i & 1) != 0)
			sum ^= generator[i];
	return sum;
}

/* The checksum's state behind the prefix, in lower case. */
static uint32_t
polymod_hrp(const char *hrp, size_t chars)
{
	uint32_t sum = 1;

	for (size_t i = 0; i < chars; i++)
		sum = polymod(sum, (uint32_t)(unsigned char)hrp[i] >> 5);
	sum = polymod(sum, 0);
	for (size_t i = 0; i < chars; i++)
		sum = polymod(sum, (uint32_t)(unsigned char)hrp[i] & 31);
	return sum;
}

size_t
age_bech32_chars(const char *hrp, size_t len)
{
	return strlen(hrp) + 1 + (len * 8 + 4) / 5 + 6;
}

void
age_bech32_encode(char *out, const char *hrp, const void *p, size_t len)
{
	const uint8_t *in = p;
	uint32_t sum = polymod_hrp(hrp, strlen(hrp)), have = 0;
	unsigned bits = 0;

	memcpy(out, hrp, strlen(hrp));
	out += strlen(hrp);
	*out++ = '1';
	for (size_t i = 0; i < len || bits > 0;) {
		if (bits < 5 && i < len) {
			have = have << 8 | in[i++];
			bits += 8;
		} else if (bits < 5) {
			have <<= 5 - bits;
			bits = 5;
		}
		bits -= 5;
		*out++ = digits[have >> bits & 31];
		sum = polymod(sum, have >> bits & 31);
	}
	for (unsigned i = 0; i < 6; i++)
		sum = polymod(sum, 0);
	sum ^= 1;
	for (unsigned i = 0; i < 6; i++)
		*out++ = digits[sum >> (5 * (5 - i)) & 31];
}

int
bech32_write(struct bytes *out, const char *hrp, const void *p, size_t len,
    struct fault *f)
{
	size_t chars = age_bech32_chars(hrp, len);

	if (bytes_reserve(out, chars, f) != 0)
		return -1;
	age_bech32_encode((char *)out->at + out->len, hrp, p, len);
	out->len += chars;
	return 0;
}

/* All of one case, printable; the place of the last '1', 0 when none. */
static size_t
find_separator(const char *text, size_t chars)
{
	bool lower = false, upper = false;
	size_t at = 0;

	for (size_t i = 0; i < chars; i++) {
		if (text[i] < 33 || text[i] > 126)
			return 0;
		lower |= text[i] >= 'a' && text[i] <= 'z';
		upper |= text[i] >= 'A' && text[i] <= 'Z';
		if (text[i] == '1')
			at = i;
	}
	return lower && upper ? 0 : at;
}

static char
lower_case(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
bech32_read(char hrp[AGE_HRP_MAX + 1], uint8_t *out, size_t room, size_t *len,
    const char *text, size_t chars)
{
	size_t one = find_separator(text, chars), n = 0;
	uint32_t sum, have = 0;
	unsigned bits = 0;

	if (one == 0 || one > AGE_HRP_MAX || chars - one - 1 < 6)
		return false;
	for (size_t i = 0; i < one; i++)
		hrp[i] = lower_case(text[i]);
	hrp[one] = '\0';
	sum = polymod_hrp(hrp, one);
	for (size_t i = one + 1; i < chars; i++) {
		const char *at = strchr(digits, lower_case(text[i]));
		uint32_t value;

		if (at == NULL)
			return false;
		value = (uint32_t)(at - digits);
		sum = polymod(sum, value);
		if (i + 6 >= chars)
			continue; /* the checksum itself */
		have = (have << 5 | value) & 0xfff;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			if (n == room)
				return false;
			out[n++] = (uint8_t)(have >> bits);
		}
	}
	if (sum != 1 || bits >= 5 || (have & ((1u << bits) - 1)) != 0)
		return false;
	*len = n;
	return true;
}
