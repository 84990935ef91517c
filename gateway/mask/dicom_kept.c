/*
 * What a DICOM attribute may hold that stays as it is.
 *
 * An attribute is kept for what the standard says of it: a number, a date, a
 * word that a device takes from a list of its own.  A file that has something
 * else there is refused, since nobody decided about that.
 */

#include <string.h>

#include "gateway/mask/dicom_mask_internal.h"
#include "policy/dicom/dicom.h"

#define DIGITS "0123456789"

/* Numbers of more digits than PS3.5 allows are common; names have none. */
#define NUMBER_CHARS 64u

/* A character of a text takes up to four bytes, and escape sequences between.
 */
#define CHARACTER_BYTES 8u

/* Values of one SpecificCharacterSet: PS3.3 C.12.1.1.2 has fewer terms. */
#define CHARACTER_SETS_BYTES 256u

bool
dicom_only(const struct slice *s, const char *set)
{
	for (size_t i = 0; i < s->len; i++)
		if (s->at[i] == 0 || strchr(set, s->at[i]) == NULL)
			return false;
	return true;
}

/* Only characters of that set; then how many digits it begins with. */
static bool
digits(const struct slice *s, const char *set, size_t least, size_t most)
{
	size_t n = 0;

	while (n < s->len && s->at[n] >= '0' && s->at[n] <= '9')
		n++;
	return dicom_only(s, set) && n >= least && n <= most;
}

static bool
is_character_set(const struct slice *s)
{
	static const char *const terms[] = { "ISO_IR ", "ISO 2022 IR " };
	struct slice rest;

	if (s->len == 0 || (s->len == 7 && memcmp(s->at, "GB18030", 7) == 0) ||
	    (s->len == 3 && memcmp(s->at, "GBK", 3) == 0))
		return true;
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(terms[i]);

		if (s->len <= n || memcmp(s->at, terms[i], n) != 0)
			continue;
		rest = (struct slice){ s->at + n, s->len - n };
		return rest.len <= 3 && dicom_only(&rest, DIGITS);
	}
	return false;
}

static bool
is_date(const struct slice *s)
{
	if (s->len == 8)
		return dicom_only(s, DIGITS);
	/* as ACR-NEMA had it (PS3.5 6.2, note) */
	return s->len == 10 && s->at[4] == '.' && s->at[7] == '.' &&
	       dicom_only(s, DIGITS ".");
}

/* Not so long that it could have a day in it. */
static bool
is_time(const struct slice *s)
{
	const uint8_t *point = memchr(s->at, '.', s->len);
	size_t whole = point == NULL ? s->len : (size_t)(point - s->at);

	if (memchr(s->at, ':', s->len) != NULL)
		return whole <= 8 && s->len <= 15 && dicom_only(s, DIGITS ".:");
	return whole <= 6 && s->len - whole <= 7 && digits(s, DIGITS ".", 2, 6);
}

/* From s->at[*i] on so many digits, at most. */
static size_t
take_digits(const struct slice *s, size_t *i, size_t most)
{
	size_t n = 0;

	while (
	    n < most && *i < s->len && s->at[*i] >= '0' && s->at[*i] <= '9') {
		n++;
		++*i;
	}
	return n;
}

bool
dicom_is_datetime(const struct slice *s)
{
	size_t i = 0;

	if (take_digits(s, &i, 14) < 4)
		return false;
	if (i == 14 && i < s->len && s->at[i] == '.') {
		i++;
		if (take_digits(s, &i, 6) == 0)
			return false;
	}
	if (i < s->len && (s->at[i] == '+' || s->at[i] == '-')) {
		i++;
		if (take_digits(s, &i, 4) != 4)
			return false;
	}
	return i == s->len;
}

/* Small letters and signs are no code (PS3.5 6.2), and devices write them. */
static bool
is_code(const struct slice *s)
{
	static const char set[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz" DIGITS " _-.+/*():#%";

	return s->len <= 16 && dicom_only(s, set);
}

/* A text without a form: not longer than it may be, and nothing that steers
 * but escapes between character sets. */
static bool
is_words(const char *vr, const struct slice *s)
{
	unsigned most;

	if (dicom_is_text(vr, &most) && most != 0 &&
	    s->len > CHARACTER_BYTES * (size_t)most)
		return false;
	for (size_t i = 0; i < s->len; i++)
		if (s->at[i] == 0 || s->at[i] == 0x7f)
			return false;
	return true;
}

static bool
fits(const char *vr, const struct slice *s)
{
	static const struct {
		char vr[3];
		const char *set;
	} numbers[] = { { "DS", DIGITS "+-.eE" }, { "IS", DIGITS "+-" } };

	if (s->len == 0)
		return true;
	for (size_t i = 0; i < 2; i++)
		if (strcmp(vr, numbers[i].vr) == 0)
			return s->len <= NUMBER_CHARS &&
			       dicom_only(s, numbers[i].set);
	if (strcmp(vr, "AS") == 0)
		return s->len <= 4 && digits(s, DIGITS "DWMY", 1, 3);
	if (strcmp(vr, "CS") == 0)
		return is_code(s);
	if (strcmp(vr, "DA") == 0)
		return is_date(s);
	if (strcmp(vr, "DT") == 0)
		return dicom_is_datetime(s);
	if (strcmp(vr, "TM") == 0)
		return is_time(s);
	if (strcmp(vr, "UI") == 0)
		return dicom_uid_valid(s);
	return is_words(vr, s);
}

/* Bytes of one number of that VR; 1 of what are no numbers. */
static size_t
unit(const char *vr)
{
	static const char *const units[] = { "OW SS US", "AT FL OF OL SL UL",
		"FD OD OV SV UV" };

	for (size_t i = 0; i < 3; i++)
		if (strstr(units[i], vr) != NULL)
			return (size_t)2 << i;
	return 1;
}

bool
dicom_kept_fits(uint32_t tag, const char *vr, const struct slice *value)
{
	const uint8_t *at = value->at, *end = at + value->len, *next;
	struct slice one;
	unsigned chars;

	if (!dicom_is_text(vr, &chars))
		return value->len % unit(vr) == 0;
	if (value->len > 0 && end[-1] == 0)
		end--; /* padding, if there is one */
	if (memchr(at, 0, (size_t)(end - at)) != NULL)
		return false;
	if (tag == TAG_CHARACTER_SET && value->len > CHARACTER_SETS_BYTES)
		return false;
	if (strstr("LT ST UT UR", vr) != NULL) {
		one = (struct slice){ at, (size_t)(end - at) };
		return is_words(vr, &one);
	}
	for (;; at = next + 1) {
		next = memchr(at, '\\', (size_t)(end - at));
		one = dicom_trim((struct slice){
		    at, (size_t)((next == NULL ? end : next) - at) });
		if (tag == TAG_CHARACTER_SET ? !is_character_set(&one)
					     : !fits(vr, &one))
			return false;
		if (next == NULL)
			return true;
	}
}

bool
dicom_kept_part(const char *vr, const uint8_t *p, size_t len)
{
	const struct slice s = { p, len };
	unsigned chars;

	if (!dicom_is_text(vr, &chars))
		return true;
	if (strcmp(vr, "DS") == 0 || strcmp(vr, "IS") == 0)
		return dicom_only(&s, DIGITS "+-.eE \\");
	return (strcmp(vr, "UT") == 0 || strcmp(vr, "UC") == 0) &&
	       memchr(p, 0, len) == NULL;
}
