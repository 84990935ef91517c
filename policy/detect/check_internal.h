#ifndef POLICY_DETECT_CHECK_INTERNAL_H
#define POLICY_DETECT_CHECK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What validators are made of: a number without its separators, dates, and
 * the check digits that more than one country uses.
 */

/* Longer than any number of the tables (20 of an Italian health card). */
#define NUMBER_MAX 40

/* ASCII letters in upper case and digits; at[len] is 0. */
struct number {
	char at[NUMBER_MAX + 1];
	size_t len;
};

/*
 * Keep the letters and digits of text.  False over NUMBER_MAX of them, or if
 * there is no digit but zeros: nobody is number nought.
 */
bool number_read(struct number *n, const char *text, size_t len);

/* The same, and false unless it is count digits and no letter. */
bool digits_read(struct number *n, const char *text, size_t len, size_t count);

/* The same after the letters of prefix, which must be there. */
bool prefixed_read(struct number *n, const char *text, size_t len,
    const char *prefix, size_t count);

/* Whether all of at[from..to) are digits; to is within the number. */
bool number_digits(const struct number *n, size_t from, size_t to);

/*
 * Whether no ASCII letter of text is in lower case: plates and register
 * numbers are capitals, "10 at 12" is not one of them.
 */
bool text_upper(const char *text, size_t len);

/* Whether every character is the same. */
bool number_same(const struct number *n);

/* The value of len digits, at most nine. */
uint32_t digits_value(const char *digits, size_t len);

/* Whether a Gregorian day exists; year 0 counts as a leap year (unknown). */
bool date_exists(uint32_t year, uint32_t month, uint32_t day);

/* DDMMYY and YYMMDD in some century; 29 February of a year that is no leap
 * year in either 1900 or 2000 is none. */
bool date_ddmmyy(const char *digits);
bool date_yymmdd(const char *digits);

/* Whether word is one of words, which are parted by single spaces. */
bool word_in(const char *words, const char *word, size_t len);

/* Weights of check digits, for weigh(). */
#define W(...) ((const int8_t[]){ __VA_ARGS__ })

/* The sum of n digits times their weights. */
int32_t weigh(const char *digits, const int8_t *weights, size_t n);

/* The same of the products' digit sums (12 counts as 3). */
int32_t weigh_across(const char *digits, const int8_t *weights, size_t n);

/* a modulo m as mathematicians have it, never negative. */
int32_t modulo(int32_t a, int32_t m);

/* ISO/IEC 7812-1 Annex B, over n digits with the check digit last. */
bool check_luhn(const char *digits, size_t n);

/* J. Verhoeff, Error detecting decimal codes (1969); check digit last. */
bool check_verhoeff(const char *digits, size_t n);

/* H. M. Damm, Total anti-symmetrische Quasigruppen (2004), section 6. */
bool check_damm(const char *digits, size_t n);

/* ISO/IEC 7064: MOD 11,10 and MOD 37,36 (hybrid systems, section 9). */
bool check_mod11_10(const char *digits, size_t n);
bool check_mod37_36(const char *text, size_t n);

/* ISO/IEC 7064: MOD 11-2 (pure system, section 7): the last may be X. */
bool check_mod11_2(const char *text, size_t n);

/*
 * The remainder by m of a number written in digits; letters count as two
 * digits, A = 10, as in ISO/IEC 7064 MOD 97-10.
 */
uint32_t remainder_of(const char *text, size_t n, uint32_t m);

#endif
