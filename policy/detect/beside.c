/*
 * Texts that are pieces of a longer one although no letter or digit joins
 * them: three groups of an IPv6 address with a group too long, "std::cout".
 */

#include <string.h>

#include "policy/detect/detect_internal.h"

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Is before p[at] a group of an address, whole or the end of one too long, or
 * another colon?  "mac:" and "IPv6:" before an address are not a part of it. */
static bool
group_before(const uint8_t *p, size_t at)
{
	size_t from = at;

	if (at > 0 && p[at - 1] == ':')
		return true;
	while (from > 0 && at - from < 8 && is_hex(p[from - 1]))
		from--;
	return at - from >= 3 || (from < at && letters_cut(p, from, at));
}

static bool
beside_colons(const uint8_t *p, size_t at, size_t end, size_t len)
{
	if (memchr(p + at, ':', end - at) == NULL)
		return true;
	if (p[at] == ':') {
		if (at > 0 && (p[at - 1] == ':' || p[at - 1] >= 0x80 ||
				  letters_word(p, at - 1, at)))
			return false;
	} else if (at > 0 && p[at - 1] == ':' && group_before(p, at - 1))
		return false;
	if (end == len)
		return true;
	if (p[end] == '.' && end + 1 < len && is_digit(p[end + 1]))
		return false;
	if (p[end] == ':')
		return end + 1 == len ||
		       (p[end + 1] != ':' && !letters_word(p, end + 1, len));
	return p[end - 1] != ':' || !letters_word(p, end, len);
}

bool (*beside_of(const char *entity))(const uint8_t *, size_t, size_t, size_t)
{
	if (strcmp(entity, "IP_ADDRESS") == 0 ||
	    strcmp(entity, "MAC_ADDRESS") == 0)
		return beside_colons;
	return NULL;
}
