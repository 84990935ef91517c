/*
 * Format-preserving encryption: digits in, as many digits out, and back.
 *
 * FF1 of NIST SP 800-38G (2016), algorithms 7 and 8: ten Feistel rounds over
 * the two halves of the digits, each adding to one half, as a number, what AES
 * makes of the other.  Our own arithmetic, because numbers here are runs of
 * digits of any radix: a half goes to AES as bytes, and what comes back is
 * taken digit by digit, so that no number larger than a 64-bit product is ever
 * held.  Checked against NIST's samples and those of two other programs.
 *
 * Promised: a permutation of all values of one length, decided by key, radix
 * and tweak.  Not promised: that a value cannot be guessed where few exist;
 * the least size of the domain is the one of SP 800-38G revision 1 (one
 * million), and what uses this for less is refused here.
 *
 * Not here: characters, alphabets, check digits (policy/transform).
 */

#include <openssl/evp.h>
#include <string.h>

#include "keys/pseudonym/pseudonym.h"

#define BLOCK 16u
#define ROUNDS 10u

/* A half of the most digits of the largest radix, as bytes. */
#define HALF_BYTES FF1_DIGITS_MAX
/* P, the tweak, its padding, the round, the half. */
#define INPUT_BYTES (BLOCK + FF1_TWEAK_MAX + BLOCK + 1 + HALF_BYTES)

/* Lies in guarded memory, but for what the library keeps of the key. */
struct ff1 {
	EVP_CIPHER_CTX *chain; /* AES-CBC, for the MAC of the input */
	EVP_CIPHER_CTX *block; /* AES-ECB, for more than a block of it */
	uint8_t in[INPUT_BYTES];
	uint8_t out[INPUT_BYTES];
	uint32_t words[HALF_BYTES / 4 + 8];
};

/* One call: the digits' two halves and what all rounds have alike. */
struct run {
	struct ff1 *k;
	uint32_t radix;
	uint16_t *left, *right;
	size_t u, v;
	size_t b;    /* bytes of a half of v digits */
	size_t d;    /* bytes taken from the MAC: a multiple of 4 */
	size_t head; /* bytes of in before the round's number */
};

size_t
ff1_digits_min(uint32_t radix)
{
	uint64_t values = radix;
	size_t n = 1;

	while (values < FF1_VALUES_MIN || n < 2) {
		values *= radix;
		n++;
	}
	return n;
}

static EVP_CIPHER_CTX *
aes(const char *name, const uint8_t *key)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	if (cipher == NULL || c == NULL ||
	    EVP_EncryptInit_ex2(c, cipher, key, NULL, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(c, 0) != 1) {
		EVP_CIPHER_CTX_free(c);
		c = NULL;
	}
	EVP_CIPHER_free(cipher);
	return c;
}

int
ff1_new(struct ff1 **out, const void *key, size_t len, struct fault *f)
{
	struct secret room = { 0 };
	const char *cbc = len == 16   ? "AES-128-CBC"
			  : len == 24 ? "AES-192-CBC"
				      : "AES-256-CBC";
	const char *ecb = len == 16   ? "AES-128-ECB"
			  : len == 24 ? "AES-192-ECB"
				      : "AES-256-ECB";
	struct ff1 *k;

	*out = NULL;
	must(len == 16 || len == 24 || len == 32);
	if (secret_new(&room, sizeof(*k), f) != 0)
		return -1;
	k = (struct ff1 *)(void *)room.at;
	k->chain = aes(cbc, key);
	k->block = aes(ecb, key);
	if (k->chain == NULL || k->block == NULL) {
		ff1_free(k);
		return fault_set(f, FAULT_SYSTEM, "AES does not work");
	}
	*out = k;
	return 0;
}

void
ff1_free(struct ff1 *k)
{
	struct secret room = { (uint8_t *)k, sizeof(*k) };

	if (k == NULL)
		return;
	EVP_CIPHER_CTX_free(k->chain);
	EVP_CIPHER_CTX_free(k->block);
	secret_free(&room);
}

/* The number that n digits are, in len bytes, the highest first. */
static void
to_bytes(
    uint8_t *out, size_t len, const uint16_t *digits, size_t n, uint32_t radix)
{
	memset(out, 0, len);
	for (size_t i = 0; i < n; i++) {
		uint64_t carry = digits[i];

		for (size_t k = len; k-- > 0;) {
			carry += (uint64_t)out[k] * radix;
			out[k] = (uint8_t)carry;
			carry >>= 8;
		}
		must(carry == 0);
	}
}

/* Bytes that the largest number of n digits needs. */
static size_t
bytes_needed(struct ff1 *k, size_t n, uint32_t radix)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t carry = radix - 1;

		/* lowest byte first: the number grows at its end */
		for (size_t j = 0; j < len; j++) {
			carry += (uint64_t)k->out[j] * radix;
			k->out[j] = (uint8_t)carry;
			carry >>= 8;
		}
		for (; carry != 0; carry >>= 8)
			k->out[len++] = (uint8_t)carry;
	}
	return len;
}

/* P, the tweak and its padding: the same in all rounds. */
static void
begin(struct run *r, const void *tweak, size_t len)
{
	uint8_t *p = r->k->in;
	size_t n = r->u + r->v;

	r->b = bytes_needed(r->k, r->v, r->radix);
	r->d = 4 * ((r->b + 3) / 4) + 4;
	r->head = BLOCK + len;
	while ((r->head + 1 + r->b) % BLOCK != 0)
		r->head++;
	memset(p, 0, r->head);
	p[0] = 1;
	p[1] = 2;
	p[2] = 1;
	p[3] = (uint8_t)(r->radix >> 16);
	p[4] = (uint8_t)(r->radix >> 8);
	p[5] = (uint8_t)r->radix;
	p[6] = ROUNDS;
	p[7] = (uint8_t)r->u;
	for (unsigned i = 0; i < 4; i++) {
		p[8 + i] = (uint8_t)(n >> (24 - 8 * i));
		p[12 + i] = (uint8_t)(len >> (24 - 8 * i));
	}
	if (len > 0)
		memcpy(p + BLOCK, tweak, len);
}

/* y of a round over the other half, as d / 4 words, the highest first. */
static int
round_number(const struct run *r, unsigned i, const uint16_t *half, size_t n,
    struct fault *f)
{
	static const uint8_t zero[BLOCK];
	struct ff1 *k = r->k;
	size_t len = r->head + 1 + r->b, blocks = (r->d + BLOCK - 1) / BLOCK;
	const uint8_t *mac = k->out + len - BLOCK;
	uint8_t s[BLOCK];
	int made = 0, rc = -1;

	k->in[r->head] = (uint8_t)i;
	to_bytes(k->in + r->head + 1, r->b, half, n, r->radix);
	if (EVP_EncryptInit_ex2(k->chain, NULL, NULL, zero, NULL) != 1 ||
	    EVP_EncryptUpdate(k->chain, k->out, &made, k->in, (int)len) != 1)
		goto out;
	memcpy(s, mac, BLOCK);
	for (size_t j = 0; j < blocks; j++) {
		if (j > 0) {
			memcpy(s, mac, BLOCK);
			for (unsigned e = 0; e < 4; e++)
				s[BLOCK - 1 - e] ^= (uint8_t)(j >> 8 * e);
			if (EVP_EncryptUpdate(k->block, s, &made, s, BLOCK) !=
			    1)
				goto out;
		}
		for (size_t w = 0; w < 4; w++)
			k->words[4 * j + w] = (uint32_t)s[4 * w] << 24 |
					      (uint32_t)s[4 * w + 1] << 16 |
					      (uint32_t)s[4 * w + 2] << 8 |
					      s[4 * w + 3];
	}
	rc = 0;
out:
	secret_wipe(s, sizeof(s));
	if (rc != 0)
		(void)fault_set(f, FAULT_SYSTEM, "AES does not work");
	return rc;
}

/* The lowest digit of words[n], which are divided by the radix. */
static uint32_t
next_digit(uint32_t *words, size_t n, uint32_t radix)
{
	uint64_t rest = 0;

	for (size_t i = 0; i < n; i++) {
		rest = rest << 32 | words[i];
		words[i] = (uint32_t)(rest / radix);
		rest %= radix;
	}
	return (uint32_t)rest;
}

/* half plus or minus y, modulo radix^n, from the lowest digit up. */
static void
change(const struct run *r, uint16_t *half, size_t n, bool minus)
{
	uint32_t carry = 0;

	for (size_t i = n; i-- > 0;) {
		uint32_t y =
		    next_digit(r->k->words, r->d / 4, r->radix) + carry;
		uint32_t sum = minus ? half[i] + 2 * r->radix - y : half[i] + y;

		half[i] = (uint16_t)(sum % r->radix);
		carry = sum / r->radix;
		if (minus)
			carry = 2 - carry;
	}
}

static int
feistel(struct ff1 *k, const struct ff1_text *t, bool minus, struct fault *f)
{
	struct run r = { .k = k, .radix = t->radix, .u = t->n / 2 };
	uint32_t radix = t->radix;
	size_t n = t->n;

	must(radix >= 2 && radix <= FF1_RADIX_MAX);
	if (n < ff1_digits_min(radix))
		return fault_set(f, FAULT_INPUT,
		    "%zu characters out of %u, and FF1 needs at least %zu: "
		    "fewer have less than a million values",
		    n, radix, ff1_digits_min(radix));
	must(t->tweak_len <= FF1_TWEAK_MAX);
	if (n > FF1_DIGITS_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %u characters to encrypt", FF1_DIGITS_MAX);
	for (size_t i = 0; i < n; i++)
		must(t->digits[i] < radix);
	r.v = n - r.u;
	r.left = t->digits;
	r.right = t->digits + r.u;
	begin(&r, t->tweak, t->tweak_len);
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned round = minus ? ROUNDS - 1 - i : i;
		bool even = round % 2 == 0;

		if (round_number(&r, round, even ? r.right : r.left,
			even ? r.v : r.u, f) != 0)
			return -1;
		change(&r, even ? r.left : r.right, even ? r.u : r.v, minus);
	}
	return 0;
}

int
ff1_encrypt(struct ff1 *k, const struct ff1_text *t, struct fault *f)
{
	return feistel(k, t, false, f);
}

int
ff1_decrypt(struct ff1 *k, const struct ff1_text *t, struct fault *f)
{
	return feistel(k, t, true, f);
}
