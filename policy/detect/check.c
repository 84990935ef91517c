/*
 * Check digits.  Each function takes digits that its caller has seen to be
 * digits, so that none can run out of its table.
 */

#include "policy/detect/check_internal.h"

int32_t
weigh(const char *digits, const int8_t *weights, size_t n)
{
	int32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (digits[i] - '0') * weights[i];
	return sum;
}

int32_t
weigh_across(const char *digits, const int8_t *weights, size_t n)
{
	int32_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		int32_t product = (digits[i] - '0') * weights[i];

		sum += product / 10 + product % 10;
	}
	return sum;
}

int32_t
modulo(int32_t a, int32_t m)
{
	return (a % m + m) % m;
}

bool
check_luhn(const char *digits, size_t n)
{
	int32_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		int32_t v = digits[n - 1 - i] - '0';

		if (i % 2 == 1)
			v = v * 2 > 9 ? v * 2 - 9 : v * 2;
		sum += v;
	}
	return sum % 10 == 0;
}

/*
 * The dihedral group of order ten: digits below 5 are turns, the others are
 * turns of the pentagon lying on its face.
 */
static uint8_t
turn(uint8_t a, uint8_t b)
{
	if (a < 5)
		return (uint8_t)(b < 5 ? (a + b) % 5 : 5 + (a + b - 5) % 5);
	return (uint8_t)(b < 5 ? 5 + (a - b) % 5 : (a - b + 5) % 5);
}

bool
check_verhoeff(const char *digits, size_t n)
{
	static const uint8_t permutation[] = { 1, 5, 7, 6, 2, 8, 3, 0, 9, 4 };
	uint8_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t v = (uint8_t)(digits[n - 1 - i] - '0');

		for (size_t times = 0; times < i % 8; times++)
			v = permutation[v];
		sum = turn(sum, v);
	}
	return sum == 0;
}

bool
check_damm(const char *digits, size_t n)
{
	static const char table[] = "0317598642"
				    "7092154863"
				    "4206871359"
				    "1750983426"
				    "6123045978"
				    "3674209581"
				    "5869720134"
				    "8945362017"
				    "9438617205"
				    "2581436790";
	size_t row = 0;

	for (size_t i = 0; i < n; i++)
		row =
		    (size_t)(table[row * 10 + (size_t)(digits[i] - '0')] - '0');
	return row == 0;
}

/* What a character of ISO/IEC 7064 is worth. */
static int32_t
worth(char c)
{
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* The hybrid system MOD m+1,m of ISO/IEC 7064, section 9. */
static bool
hybrid(const char *text, size_t n, int32_t m)
{
	int32_t product = m;

	for (size_t i = 0; i + 1 < n; i++) {
		int32_t sum = (product + worth(text[i])) % m;

		product = (sum == 0 ? m : sum) * 2 % (m + 1);
	}
	return n > 0 && (product + worth(text[n - 1])) % m == 1;
}

bool
check_mod11_10(const char *digits, size_t n)
{
	return hybrid(digits, n, 10);
}

bool
check_mod37_36(const char *text, size_t n)
{
	return hybrid(text, n, 36);
}

bool
check_mod11_2(const char *text, size_t n)
{
	int32_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		bool x = text[i] == 'X' && i == n - 1;

		if (!x && (text[i] < '0' || text[i] > '9'))
			return false;
		sum = (sum * 2 + (x ? 10 : text[i] - '0')) % 11;
	}
	return sum == 1;
}

uint32_t
remainder_of(const char *text, size_t n, uint32_t m)
{
	uint64_t r = 0;

	for (size_t i = 0; i < n; i++)
		r = (text[i] <= '9' ? r * 10 : r * 100) % m +
		    (uint64_t)worth(text[i]);
	return (uint32_t)(r % m);
}
