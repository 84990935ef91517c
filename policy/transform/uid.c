/*
 * A DICOM UID by another one (PS3.15, E.1.1, action U): the same for the same
 * under one key, so that the instances of a series still refer to each other.
 *
 * The new one is made of a UUID (PS3.5, B.2): "2.25." and its 128 bits in
 * decimal digits.  The UUID is of version 8 (RFC 9562, 5.8), bits that are
 * ours: here the first 16 bytes of the UID's MAC.
 *
 * UIDs that the standard itself gave out name a class, a syntax or a table, and
 * never an instance; they stay.
 */

#include <string.h>

#include "policy/transform/transform_internal.h"

#define UID_CHARS 64u /* PS3.5, 9.1 */
#define UUID_BYTES 16u
#define STANDARD "1.2.840.10008."
#define OF_UUID "2.25."
#define DIGITS 39u /* of 2^128 - 1 */

/* Digits in groups between points.  Leading zeros are forbidden and found. */
static bool
is_uid(const uint8_t *p, size_t len)
{
	bool digit = false;

	if (len == 0 || len > UID_CHARS)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '.' ? !digit : p[i] < '0' || p[i] > '9')
			return false;
		digit = p[i] != '.';
	}
	return digit;
}

/* Big-endian, without leading zeros. */
static int
add_decimal(struct bytes *out, const uint8_t p[UUID_BYTES], struct fault *f)
{
	char digits[DIGITS];
	size_t n = DIGITS;
	unsigned __int128 v = 0;

	for (size_t i = 0; i < UUID_BYTES; i++)
		v = v << 8 | p[i];
	do {
		digits[--n] = (char)('0' + (int)(v % 10));
		v /= 10;
	} while (v > 0);
	return bytes_add(out, digits + n, DIGITS - n, f);
}

int
replace_uid(const struct transform_site *site, const struct slice *value,
    struct bytes *out, struct fault *f)
{
	uint8_t mac[TOKEN_MAC_BYTES];

	must(site != NULL && site->key != NULL && site->key->use == KEY_UID);
	if (!is_uid(value->at, value->len))
		return fault_set(f, FAULT_INPUT, "not a DICOM UID");
	if (value->len > strlen(STANDARD) &&
	    memcmp(value->at, STANDARD, strlen(STANDARD)) == 0)
		return bytes_add(out, value->at, value->len, f);
	token_mac(site->key->mac, value->at, value->len, mac);
	mac[6] = (uint8_t)(0x80 | (mac[6] & 0x0f)); /* version 8 */
	mac[8] = (uint8_t)(0x80 | (mac[8] & 0x3f)); /* variant 10 */
	if (bytes_add_text(out, OF_UUID, f) != 0)
		return -1;
	return add_decimal(out, mac, f);
}
