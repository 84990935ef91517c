/* Values as keys: one spelling for all that are taken for the same. */

#include <string.h>

#include "keys/base/text.h"
#include "policy/detect/detect_internal.h"
#include "policy/detect/dictionary_internal.h"

/* A street's kind, as it is abbreviated; the end of a word, or the word. */
#define STREET(end, brief)                                     \
	{                                                      \
		end, brief, sizeof(end) - 1, sizeof(brief) - 1 \
	}
static const struct {
	const char *end, *brief;
	uint8_t nend, nbrief;
} streets[] = { STREET("strasse", "str"), STREET("street", "st"),
	STREET("avenue", "ave"), STREET("avenida", "avda"),
	STREET("road", "rd"), STREET("lane", "ln"), STREET("drive", "dr"),
	STREET("straat", "str"), STREET("ulica", "ul"),
	STREET("boulevard", "blvd"), STREET("platz", "pl"),
	STREET("caddesi", "cad"), STREET("sokak", "sok"),
	STREET("cadde", "cad") };

/* ae, oe, ue: the letter written out where a keyboard lacks it. */
static size_t
join_vowels(char *key, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		key[to++] = key[i];
		if (i + 1 < n && key[i + 1] == 'e' &&
		    (key[i] == 'a' || key[i] == 'o' || key[i] == 'u'))
			i++;
	}
	return to;
}

size_t
dict_word_key(
    char *out, const void *word, size_t len, enum dictionary_kind kind)
{
	size_t n = letters_fold(out, DICT_KEY_MAX, word, len);

	if (kind == DICTIONARY_PLACE)
		for (size_t i = 0; i < sizeof(streets) / sizeof(streets[0]);
		     i++) {
			size_t k = streets[i].nend, m = streets[i].nbrief;

			if (n < k || out[n - 1] != streets[i].end[k - 1] ||
			    memcmp(out + n - k, streets[i].end, k) != 0)
				continue;
			memcpy(out + n - k, streets[i].brief, m);
			n = n - k + m;
			break;
		}
	return join_vowels(out, n);
}

size_t
dict_phone_key(char *out, const void *p, size_t len)
{
	const char *c = p;
	size_t n = 0;

	for (size_t i = len; i-- > 0 && n < 9;)
		if (c[i] >= '0' && c[i] <= '9')
			out[8 - n++] = c[i];
	memmove(out, out + 9 - n, n);
	return n < 6 ? 0 : n;
}

size_t
dict_id_key(char *out, const void *p, size_t len)
{
	const char *c = p;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char k = c[i];

		if (k >= 'A' && k <= 'Z')
			k = (char)(k + 32);
		if ((k < 'a' || k > 'z') && (k < '0' || k > '9'))
			continue;
		if (n == DICT_KEY_MAX)
			return 0;
		out[n++] = k;
	}
	return n;
}

/* Eight bytes at a time, each round a multiplication; the same on machines of
 * one byte order, which is all that a block travels between. */
uint64_t
dict_hash(uint32_t seed, const char *key, size_t len)
{
	uint64_t h = (uint64_t)seed * 0x9e3779b97f4a7c15u + len, w;

	for (size_t i = 0; i < len; i += 8) {
		size_t k = len - i < 8 ? len - i : 8;

		w = 0;
		memcpy(&w, key + i, k);
		h = (h ^ w) * 0xd6e8feb86659fd93u;
		h ^= h >> 32;
	}
	h *= 0xd6e8feb86659fd93u;
	return h ^ h >> 29;
}

size_t
dict_char(const char *key, size_t at, size_t len)
{
	size_t n = 1;

	while (at + n < len && n < 4 && ((uint8_t)key[at + n] & 0xc0) == 0x80)
		n++;
	return n;
}

size_t
dict_letters(const char *key, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i += dict_char(key, i, len))
		n++;
	return n;
}

bool
dict_is_near(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t from = 0, n, an, bn, a1, b1;

	if (alen > blen + 4 || blen > alen + 4)
		return false;
	while (from < alen && from < blen && a[from] == b[from])
		from++;
	while (
	    from > 0 && ((from < alen && ((uint8_t)a[from] & 0xc0) == 0x80) ||
			    (from < blen && ((uint8_t)b[from] & 0xc0) == 0x80)))
		from--;
	a += from, alen -= from;
	b += from, blen -= from;
	for (n = 0; n < alen && n < blen && a[alen - n - 1] == b[blen - n - 1];)
		n++;
	while (n > 0 && ((uint8_t)a[alen - n] & 0xc0) == 0x80)
		n--;
	an = alen - n;
	bn = blen - n;
	a1 = an == 0 ? 0 : dict_char(a, 0, an);
	b1 = bn == 0 ? 0 : dict_char(b, 0, bn);
	if (an == a1 && bn == b1)
		return true;
	return an == bn && an == a1 + b1 && memcmp(a, b + b1, a1) == 0 &&
	       memcmp(a + a1, b, b1) == 0;
}
