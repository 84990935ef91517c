/* Accounts, cards and wallets. */

#include <openssl/evp.h>
#include <string.h>

#include "policy/detect/generic_internal.h"

/* ---- Payment cards ---- */

#define CARD_MAX 19u

static size_t
digits_of(char out[CARD_MAX], const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			continue;
		if (n == CARD_MAX)
			return 0;
		out[n++] = (char)(text[i] - '0');
	}
	return n;
}

/* Who issues numbers that begin so, and how long they are (ISO/IEC 7812-1 and
 * the issuers' own tables). */
static const struct {
	unsigned from, to; /* the first six digits */
	unsigned least, most;
} issuers[] = {
	{ 400000, 499999, 13, 19 }, /* Visa, Visa Electron */
	{ 510000, 559999, 16, 16 }, /* Mastercard */
	{ 222100, 272099, 16, 16 }, /* Mastercard */
	{ 340000, 349999, 15, 15 }, /* American Express */
	{ 370000, 379999, 15, 15 }, /* American Express */
	{ 300000, 305999, 14, 19 }, /* Diners Club */
	{ 309500, 309599, 14, 19 }, /* Diners Club */
	{ 360000, 369999, 14, 19 }, /* Diners Club */
	{ 380000, 399999, 14, 19 }, /* Diners Club */
	{ 601100, 601199, 16, 19 }, /* Discover */
	{ 622126, 622925, 16, 19 }, /* Discover, UnionPay */
	{ 644000, 659999, 16, 19 }, /* Discover, RuPay */
	{ 352800, 358999, 16, 19 }, /* JCB */
	{ 620000, 629999, 16, 19 }, /* UnionPay */
	{ 810000, 819999, 16, 19 }, /* UnionPay */
	{ 500000, 509999, 12, 19 }, /* Maestro, Dankort, Elo */
	{ 560000, 589999, 12, 19 }, /* Maestro */
	{ 600000, 619999, 12, 19 }, /* Maestro, RuPay, Hipercard */
	{ 630000, 639999, 12, 19 }, /* Maestro, InstaPayment */
	{ 660000, 699999, 12, 19 }, /* Maestro */
	{ 220000, 220499, 16, 19 }, /* Mir */
	{ 979200, 979299, 16, 16 }, /* Troy */
};

static bool
is_issued(const char *digits, size_t n)
{
	unsigned six = 0;

	for (size_t i = 0; i < 6; i++)
		six = six * 10 + (unsigned)digits[i];
	for (size_t i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++)
		if (six >= issuers[i].from && six <= issuers[i].to &&
		    n >= issuers[i].least && n <= issuers[i].most)
			return true;
	return false;
}

static bool
valid_card(const char *text, size_t len)
{
	char digits[CARD_MAX];
	size_t n = digits_of(digits, text, len);
	unsigned sum = 0;

	if (n < 12 || !is_issued(digits, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned)digits[n - 1 - i];

		if (i % 2 == 1)
			d = 2 * d > 9 ? 2 * d - 9 : 2 * d;
		sum += d;
	}
	return sum % 10 == 0;
}

/* ---- Wallets ---- */

/* Base58Check: 25 bytes, of which the last four are of the hash of the others.
 */
static bool
valid_base58(const char *text, size_t len)
{
	static const char set[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
				  "abcdefghijkmnopqrstuvwxyz";
	uint8_t b[25] = { 0 }, one[32], two[32];
	unsigned size;

	for (size_t i = 0; i < len; i++) {
		const char *at = strchr(set, text[i]);
		unsigned carry;

		if (at == NULL || *at == '\0')
			return false;
		carry = (unsigned)(at - set);
		for (size_t k = sizeof(b); k-- > 0;) {
			carry += 58u * b[k];
			b[k] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry != 0)
			return false;
	}
	if (EVP_Digest(b, 21, one, &size, EVP_sha256(), NULL) != 1 ||
	    EVP_Digest(one, 32, two, &size, EVP_sha256(), NULL) != 1)
		return false;
	return memcmp(two, b + 21, 4) == 0;
}

static uint32_t
polymod(uint32_t sum, uint8_t v)
{
	static const uint32_t g[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
		0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ v;
	for (unsigned i = 0; i < 5; i++)
		if ((top >> i & 1) != 0)
			sum ^= g[i];
	return sum;
}

static char
lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* BIP 173 and 350: one case, and the sum over prefix and data. */
static bool
valid_bech32(const char *text, size_t len)
{
	static const char set[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	const char *one = memchr(text, '1', len);
	bool upper = false, small = false;
	uint32_t sum = 1;
	size_t prefix;

	if (one == NULL)
		return false;
	prefix = (size_t)(one - text);
	for (size_t i = 0; i < len; i++) {
		upper = upper || (text[i] >= 'A' && text[i] <= 'Z');
		small = small || (text[i] >= 'a' && text[i] <= 'z');
	}
	if (upper && small)
		return false;
	for (size_t i = 0; i < prefix; i++)
		sum = polymod(sum, (uint8_t)lower(text[i]) >> 5);
	sum = polymod(sum, 0);
	for (size_t i = 0; i < prefix; i++)
		sum = polymod(sum, (uint8_t)lower(text[i]) & 31);
	for (size_t i = prefix + 1; i < len; i++) {
		const char *at = strchr(set, lower(text[i]));

		if (at == NULL || *at == '\0')
			return false;
		sum = polymod(sum, (uint8_t)(at - set));
	}
	return sum == 1 || sum == 0x2bc830a3;
}

/* ---- Rows ---- */

static const char *const iban_patterns[] = {
	"[a-z]{2}\\d{2}(?:[ \\-]?[a-z0-9]){11,30}", NULL
};
static const char *const iban_context[] = { "iban", "bank", "account", "konto",
	"cuenta", "compte", "conto", "conta", "rekening", "hesap", "rachunek",
	NULL };
static const char *const bic_patterns[] = {
	"(?-i)[A-Z]{4}(?:" COUNTRY_CODES ")[A-Z0-9]{2}(?:[A-Z0-9]{3})?", NULL
};
static const char *const bic_context[] = { "bic", "swift", "bank", NULL };
static const char *const card_patterns[] = { "\\d{12,19}",
	"\\d{4}[ \\-]\\d{4}[ \\-]\\d{4}[ \\-]\\d{1,7}",
	"\\d{4}[ \\-]\\d{6}[ \\-]\\d{4,5}", NULL };
static const char *const card_context[] = { "credit", "card", "visa",
	"mastercard", "amex", "debit", "cc", "tarjeta", "karte", "kreditkarte",
	"carte", "carta", "cartao", "kart", "karta", NULL };
static const char *const base58_patterns[] = { "[13LMD][a-z1-9]{25,34}", NULL };
static const char *const bech32_patterns[] = {
	"(?:bc|tb|ltc)1[02-9ac-hj-np-z]{11,87}", NULL
};
static const char *const ether_patterns[] = { "0x[0-9a-f]{40}", NULL };
static const char *const wallet_context[] = { "wallet", "bitcoin", "btc",
	"ethereum", "eth", "crypto", "address", NULL };

const struct recogniser recognisers_money[] = {
	{ "IBAN_CODE", "", iban_patterns, valid_iban, iban_context, 50, 100,
	    false, "ISO 13616-1; SWIFT IBAN registry" },
	{ "BIC_CODE", "", bic_patterns, valid_bic, bic_context, 30, 30, true,
	    "ISO 9362" },
	{ "CREDIT_CARD", "", card_patterns, valid_card, card_context, 30, 100,
	    false, "ISO/IEC 7812-1 annex B" },
	{ "CRYPTO", "", base58_patterns, valid_base58, wallet_context, 50, 100,
	    false, "Bitcoin Base58Check" },
	{ "CRYPTO", "", bech32_patterns, valid_bech32, wallet_context, 50, 100,
	    false, "BIP 173, BIP 350" },
	{ "CRYPTO", "", ether_patterns, NULL, wallet_context, 60, 60, false,
	    "Ethereum yellow paper 4" },
};
const size_t recognisers_money_count =
    sizeof(recognisers_money) / sizeof(recognisers_money[0]);
