#ifndef POLICY_TRANSFORM_TRANSFORM_INTERNAL_H
#define POLICY_TRANSFORM_TRANSFORM_INTERNAL_H

#include "keys/pseudonym/pseudonym.h"
#include "policy/transform/transform.h"

#define DECIMAL_ONE 1000000000000000000u /* parts of a whole: 10^18 */

struct memo;

struct transform_key {
	enum key_use use;
	struct memo *memo;     /* of tokens; or NULL, with which all goes on */
	struct token_key *mac; /* token, shift, uid, value */
	struct ff1 *ff1;
	struct siv *siv;
};

/* Those that generalise.  value has characters other than spaces. */
NEED int generalise_date(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);
NEED int generalise_age(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);
NEED int generalise_bins(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);
NEED int generalise_width(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);
NEED int generalise_round(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);
NEED int generalise_ends(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);
NEED int generalise_grid(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);
NEED int generalise_postcode(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);
NEED int generalise_ip(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);
NEED int generalise_email(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);

NEED int generalise_level(const struct transform *t, const uint8_t *value,
    size_t len, struct bytes *out, struct fault *f);

/* What a hierarchy's file held: another holder, one less (NULL is fine), and
 * as a message. */
struct levels *levels_share(struct levels *l);
void levels_drop(struct levels *l);
NEED int levels_put(struct bytes *b, const struct levels *l, struct fault *f);
NEED int levels_take(struct reader *r, struct levels **out, struct fault *f);

/* memo.c: NULL when the process has as many as it may, or no memory. */
struct memo *memo_new(void);
void memo_free(struct memo *m);
/* The token that was kept for the value, or NULL: then it is to be kept in *m,
 * if that is not NULL, as it may be before too. */
const char *memo_find(struct memo **m, const void *value, size_t len);
void memo_keep(struct memo *m, const void *value, size_t len,
    const char token[TOKEN_CHARS]);

/* A random number of 64 bits that the site decides: value.c. */
NEED int place_number(const struct transform_site *site, const char *what,
    uint64_t *out, struct fault *f);

/* Those that need to know where a value stands. */
NEED int value_token(const struct transform *t,
    const struct transform_site *site, const struct slice *value,
    struct bytes *out, struct fault *f);
NEED int value_reversible(const struct transform_site *site,
    const struct slice *value, bool back, struct bytes *out, struct fault *f);
NEED int value_fpe(const struct transform *t, const struct transform_site *site,
    const struct slice *value, bool back, struct bytes *out, struct fault *f);
NEED int shift_date(const struct transform *t,
    const struct transform_site *site, const struct slice *value,
    struct bytes *out, struct fault *f);
NEED int add_noise(const struct transform *t, const struct transform_site *site,
    const struct slice *value, struct bytes *out, struct fault *f);

/* uid.c */
NEED int replace_uid(const struct transform_site *site,
    const struct slice *value, struct bytes *out, struct fault *f);

/* A date as date.c reads it. */
struct date {
	int year;
	int month;	   /* 0: not given */
	int day;	   /* likewise */
	const uint8_t *at; /* where the time behind the day begins */
	const uint8_t *end;
};

/* Read a date in one of date.c's forms.  FAULT_INPUT when it is none, or its
 * day and month can be exchanged and t needs to know which is which. */
NEED int date_read(struct date *out, const struct transform *t,
    const uint8_t *value, size_t len, struct fault *f);

/* A decimal as one integer of parts, which 128 bits hold (10^36 < 2^127), and
 * back. */
__int128 decimal_to_parts(const struct decimal *d);
struct decimal decimal_of_parts(__int128 v);

/* The characters of well-formed UTF-8; at most room of them. */
NEED size_t letters_read(uint32_t *out, size_t room, const char *text);
/* The name of an alphabet, or NULL for one of the policy's own. */
const char *letters_name(const char *text);

/* Is everything in t as the policy language allows it? */
NEED bool transform_sound(const struct transform *t);

#endif
