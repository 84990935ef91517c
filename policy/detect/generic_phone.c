/*
 * Telephone numbers: international (E.164) by the lengths that each country's
 * plan has, national ones by their form and what is said beside them.
 */

#include <string.h>

#include "policy/detect/generic_internal.h"

/* Country codes and how many digits follow (ITU-T E.164 and the national
 * numbering plans).  Of several that fit the longest code counts. */
static const struct {
	uint16_t code;
	uint8_t least, most;
} plans[] = { { 1, 10, 10 }, { 7, 10, 10 }, { 20, 8, 10 }, { 27, 9, 9 },
	{ 30, 10, 10 }, { 31, 9, 9 }, { 32, 8, 9 }, { 33, 9, 9 }, { 34, 9, 9 },
	{ 36, 8, 9 }, { 39, 6, 11 }, { 40, 9, 9 }, { 41, 9, 9 }, { 43, 4, 13 },
	{ 44, 9, 10 }, { 45, 8, 8 }, { 46, 7, 10 }, { 47, 8, 8 }, { 48, 9, 9 },
	{ 49, 6, 13 }, { 51, 8, 9 }, { 52, 10, 11 }, { 53, 8, 8 },
	{ 54, 10, 11 }, { 55, 10, 11 }, { 56, 9, 9 }, { 57, 10, 10 },
	{ 58, 10, 10 }, { 60, 7, 10 }, { 61, 9, 9 }, { 62, 7, 12 },
	{ 63, 8, 10 }, { 64, 8, 10 }, { 65, 8, 8 }, { 66, 8, 9 }, { 81, 9, 10 },
	{ 82, 8, 11 }, { 84, 9, 10 }, { 86, 10, 11 }, { 90, 10, 10 },
	{ 91, 10, 10 }, { 92, 9, 10 }, { 93, 9, 9 }, { 94, 9, 9 },
	{ 95, 7, 10 }, { 98, 10, 10 }, { 211, 9, 9 }, { 212, 9, 9 },
	{ 213, 8, 9 }, { 216, 8, 8 }, { 218, 8, 9 }, { 220, 7, 7 },
	{ 221, 9, 9 }, { 223, 8, 8 }, { 225, 8, 10 }, { 226, 8, 8 },
	{ 227, 8, 8 }, { 228, 8, 8 }, { 229, 8, 10 }, { 230, 7, 8 },
	{ 233, 9, 9 }, { 234, 7, 10 }, { 237, 9, 9 }, { 243, 9, 9 },
	{ 244, 9, 9 }, { 249, 9, 9 }, { 250, 9, 9 }, { 251, 9, 9 },
	{ 254, 9, 10 }, { 255, 9, 9 }, { 256, 9, 9 }, { 258, 8, 9 },
	{ 260, 9, 9 }, { 261, 9, 9 }, { 263, 9, 10 }, { 264, 8, 9 },
	{ 267, 7, 8 }, { 350, 8, 8 }, { 351, 9, 9 }, { 352, 6, 11 },
	{ 353, 7, 9 }, { 354, 7, 9 }, { 355, 8, 9 }, { 356, 8, 8 },
	{ 357, 8, 8 }, { 358, 5, 12 }, { 359, 7, 9 }, { 370, 8, 8 },
	{ 371, 8, 8 }, { 372, 7, 8 }, { 373, 8, 8 }, { 374, 8, 8 },
	{ 375, 9, 9 }, { 376, 6, 9 }, { 377, 8, 9 }, { 378, 6, 10 },
	{ 380, 9, 9 }, { 381, 8, 9 }, { 382, 8, 8 }, { 383, 8, 8 },
	{ 385, 8, 9 }, { 386, 8, 8 }, { 387, 8, 8 }, { 389, 8, 8 },
	{ 420, 9, 9 }, { 421, 9, 9 }, { 423, 7, 9 }, { 501, 7, 7 },
	{ 502, 8, 8 }, { 503, 8, 8 }, { 504, 8, 8 }, { 505, 8, 8 },
	{ 506, 8, 8 }, { 507, 7, 8 }, { 509, 8, 8 }, { 591, 8, 8 },
	{ 592, 7, 7 }, { 593, 8, 9 }, { 595, 9, 9 }, { 598, 8, 8 },
	{ 852, 8, 8 }, { 853, 8, 8 }, { 855, 8, 9 }, { 856, 8, 10 },
	{ 880, 8, 10 }, { 886, 8, 9 }, { 960, 7, 7 }, { 961, 7, 8 },
	{ 962, 8, 9 }, { 963, 8, 9 }, { 964, 8, 10 }, { 965, 8, 8 },
	{ 966, 8, 9 }, { 967, 7, 9 }, { 968, 8, 8 }, { 970, 8, 9 },
	{ 971, 8, 9 }, { 972, 8, 9 }, { 973, 8, 8 }, { 974, 8, 8 },
	{ 975, 7, 8 }, { 976, 8, 8 }, { 977, 8, 10 }, { 992, 9, 9 },
	{ 993, 8, 8 }, { 994, 9, 9 }, { 995, 9, 9 }, { 996, 9, 9 },
	{ 998, 9, 9 } };

#define DIGITS_MAX 24u

/* The digits before an extension; 0 when there are too many. */
static size_t
digits_of(char out[DIGITS_MAX], const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == 'x' || text[i] == 'X' || text[i] == 'e' ||
		    text[i] == 'E' || text[i] == '#')
			break;
		if (text[i] < '0' || text[i] > '9')
			continue;
		if (n == DIGITS_MAX)
			return 0;
		out[n++] = text[i];
	}
	return n;
}

/* Are brackets closed where they were opened? */
static bool
is_closed(const char *text, size_t len)
{
	int open = 0;

	for (size_t i = 0; i < len; i++) {
		open += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
		if (open < 0 || open > 1)
			return false;
	}
	return open == 0;
}

static bool
is_plan(const char *digits, size_t n)
{
	unsigned code = 0;
	bool fits = false;

	for (size_t i = 0; i < 3 && i < n; i++) {
		code = code * 10 + (unsigned)(digits[i] - '0');
		for (size_t k = 0; k < sizeof(plans) / sizeof(plans[0]); k++) {
			size_t rest = n - i - 1, from = i + 1;

			if (plans[k].code != code)
				continue;
			/* (0): the trunk prefix that is left out abroad */
			if (rest > 0 && digits[from] == '0' &&
			    rest == (size_t)plans[k].most + 1)
				rest--;
			fits = rest >= plans[k].least && rest <= plans[k].most;
		}
	}
	return fits;
}

static bool
valid_e164(const char *text, size_t len)
{
	char digits[DIGITS_MAX];
	size_t n = digits_of(digits, text, len);
	size_t skip = n > 2 && digits[0] == '0' && digits[1] == '0' ? 2 : 0;

	return is_closed(text, len) && n > skip + 6 &&
	       is_plan(digits + skip, n - skip);
}

/* 7 to 12 digits, in closed brackets, and no date. */
static bool
valid_national(const char *text, size_t len)
{
	char digits[DIGITS_MAX];
	size_t n = digits_of(digits, text, len);

	return n >= 7 && n <= 12 && is_closed(text, len);
}

static bool
valid_long(const char *text, size_t len)
{
	char digits[DIGITS_MAX];
	size_t n = digits_of(digits, text, len);

	return n >= 7 && n <= 15 && is_closed(text, len);
}

/* National forms of Turkey: an area (2 to 4) or a mobile (5), ten digits. */
static bool
valid_turkish(const char *text, size_t len)
{
	char digits[DIGITS_MAX];
	const char *at = digits;
	size_t n = digits_of(digits, text, len);

	if (n == 12 && memcmp(at, "90", 2) == 0) {
		at += 2;
		n -= 2;
	} else if (n == 11 && at[0] == '0') {
		at++;
		n--;
	}
	return n == 10 && at[0] >= '2' && at[0] <= '5' && is_closed(text, len);
}

/* ---- Patterns ---- */

#define GAP "[ .\\-/]{0,2}"
#define EXT "(?:[ ,]{0,2}(?:x|ext\\.?|extension|#) ?\\d{1,6})?"

static const char *const e164_patterns[] = { "\\+\\d{1,3}" GAP
					     "(?:\\(\\d{1,4}\\)" GAP
					     ")?\\d{1,5}"
					     "(?:" GAP "\\d{1,5}){1,5}" EXT,
	"00[ ]?[1-9]\\d{0,2}" GAP "(?:\\(\\d{1,4}\\)" GAP ")?\\d{1,5}"
	"(?:" GAP "\\d{1,5}){1,5}" EXT,
	NULL };
static const char *const american_patterns[] = {
	"(?:\\+?1[ .\\-]?)?\\(\\d{3}\\)[ .\\-]{0,2}\\d{3}[ .\\-]\\d{4}" EXT,
	"(?:\\+?1[ .\\-]|001[ .\\-])?\\d{3}[.\\-]\\d{3}[.\\-]\\d{4}" EXT,
	"\\d{3} \\d{3}[ \\-]\\d{4}" EXT, NULL
};
static const char *const extension_patterns[] = {
	"\\+?\\(?\\d{1,4}\\)?(?:[ .\\-]?\\(?\\d{2,4}\\)?){1,4}x\\d{2,6}",
	"\\d{10}x\\d{2,6}", NULL
};
static const char *const trunk_patterns[] = {
	"\\(?0\\d{1,4}\\)?[ ./\\-]{1,3}\\d{2,8}(?:[ .\\-]\\d{2,5}){0,4}",
	"\\(?0\\d{1,4}\\)? ?\\(\\d{2,4}\\) ?\\d{2,4}(?:[ .\\-]?\\d{2,4}){1,3}",
	NULL
};
static const char *const bracket_patterns[] = {
	"\\(\\d{2,5}\\)[ \\-]?\\d{2,4}[ .\\-]?\\d{2,4}(?:[ .\\-]\\d{2,4}){0,2}",
	NULL
};
static const char *const group_patterns[] = {
	"\\d{2,4}(?:[ .\\-]{1,2}\\d{2,4}){1,4}", "\\d{2,3}[ \\-]\\d{5,8}", NULL
};
static const char *const bare_patterns[] = { "0?\\d{7,11}", NULL };
static const char *const mobile_patterns[] = { "1[3-9]\\d{9}", "0[1-9]\\d{8,9}",
	"[6-9]\\d{8}", "\\(\\d{1,4}\\) ?\\d{3,9}", NULL };
static const char *const spanish_patterns[] = {
	"(?:\\(?(?:\\+|00)?34\\)?[ \\-]{0,3})?[6789]\\d{8}",
	"(?:\\(?(?:\\+|00)?34\\)?[ \\-]{0,3})?[6789]\\d{1,2}"
	"[ .\\-]\\d{2,3}[ .\\-]\\d{2,3}(?:[ .\\-]\\d{2,3})?",
	"(?:\\(?(?:\\+|00)?34\\)?[ \\-]{0,3})?[6789]\\d[ \\-]\\d{7}", NULL
};
static const char *const phone_context[] = { "phone", "telephone", "tel",
	"telf", "tlf", "tfno", "tfn", "tlfno", "telefono", "teléfono", "mobile",
	"cell", "call", "called", "calling", "call me", "reach", "dial", "fax",
	"text me", "contact", "sms", "whatsapp", "movil", "celular", "telefon",
	"handy", "mobil", "rufnummer", "fon", "téléphone", "portable",
	"telefoon", "cellulare", "cell", "telemovel", "numer", "komorka",
	"puhelin", "gsm", "cep", "hotline", "llamar", "numero", "number",
	"busca", "телефон", "тел", NULL };

static const char *const philippine_patterns[] = {
	"\\+63[ \\-]?9\\d{2}[ \\-]?\\d{3}[ \\-]?\\d{4}",
	"0 ?\\(?9\\d{2}\\)?[ \\-]?\\d{3}[ \\-]?\\d{4}", NULL
};
static const char *const philippine_context[] = { "mobile", "phone", "cell",
	"telepono", "cellphone", "selpon", "numero", "globe", "smart", "gcash",
	"text", NULL };
static const char *const turkish_patterns[] = {
	"\\+90 ?\\(?[2-5]\\d{2}\\)?[ .\\-]?\\d{3}[ .\\-]?\\d{2}[ .\\-]?\\d{2}",
	"0 ?\\(?[2-5]\\d{2}\\)?[ .\\-]?\\d{3}[ .\\-]?\\d{2}[ .\\-]?\\d{2}", NULL
};
static const char *const turkish_bare_patterns[] = {
	"[2-5]\\d{2}[ .\\-]?\\d{3}[ .\\-]?\\d{2}[ .\\-]?\\d{2}", NULL
};
static const char *const turkish_context[] = { "telefon", "tel", "cep", "gsm",
	"numara", "numaram", "phone", "mobil", "faks", NULL };

#define E164 "ITU-T E.164"

const struct recogniser recognisers_phone[] = {
	{ "PHONE_NUMBER", "", e164_patterns, valid_e164, phone_context, 60, 75,
	    false, E164 },
	{ "PHONE_NUMBER", "", american_patterns, valid_long, phone_context, 50,
	    50, false, "NANPA numbering plan" },
	{ "PHONE_NUMBER", "", extension_patterns, valid_long, phone_context, 60,
	    60, false, "RFC 3966 3, extensions as written" },
	{ "PHONE_NUMBER", "", trunk_patterns, valid_national, phone_context, 45,
	    45, false, "ITU-T E.123, trunk prefix 0" },
	{ "PHONE_NUMBER", "", bracket_patterns, valid_national, phone_context,
	    45, 45, false, "ITU-T E.123, area in brackets" },
	{ "PHONE_NUMBER", "ES", spanish_patterns, NULL, phone_context, 30, 30,
	    true, "Plan nacional de numeracion telefonica" },
	{ "PHONE_NUMBER", "", mobile_patterns, valid_national, phone_context,
	    20, 20, true, E164 },
	{ "PHONE_NUMBER", "", group_patterns, valid_national, phone_context, 20,
	    20, true, "ITU-T E.123, groups" },
	{ "PHONE_NUMBER", "", bare_patterns, valid_national, phone_context, 5,
	    5, true, E164 },
	{ "PH_MOBILE_NUMBER", "PH", philippine_patterns, NULL,
	    philippine_context, 40, 40, false, "NTC MC 04-10-2014" },
	{ "TR_PHONE_NUMBER", "TR", turkish_patterns, valid_turkish,
	    turkish_context, 40, 40, false, "BTK ulusal numaralandirma plani" },
	{ "TR_PHONE_NUMBER", "TR", turkish_bare_patterns, valid_turkish,
	    turkish_context, 10, 10, true, "BTK ulusal numaralandirma plani" },
};
const size_t recognisers_phone_count =
    sizeof(recognisers_phone) / sizeof(recognisers_phone[0]);
