/*
 * Tokens of a record that are made together; see transform.h.
 *
 * Where a token stands is known before what it is: all have the same length.
 *
 * Not here: making several at once (keys/pseudonym, tokens_make()).
 */

#include <string.h>

#include "policy/transform/transform_internal.h"

_Static_assert(TRANSFORM_TOKEN_CHARS == TOKEN_CHARS, "a token is one");

static bool
has_room(const struct transform_later *l, const struct slice *value)
{
	return l->n < TRANSFORM_LATER_MAX && value->len > 0 &&
	       value->len <= TRANSFORM_LATER_BYTES;
}

static inline void
wait(struct transform_later *l, const struct token_key *mac, struct memo *memo,
    const struct slice *value, bool stays, size_t at)
{
	uint8_t *copy = l->copies[l->n];

	l->at[l->n++] = (struct transform_waiting){ mac, memo,
		stays ? value->at : copy, value->len, at };
	if (!stays)
		memcpy(copy, value->at, value->len);
}

bool
transform_later(struct transform_later *l, const struct transform *t,
    const struct transform_key *key, const struct slice *value, bool stays,
    size_t at, char token[TRANSFORM_TOKEN_CHARS])
{
	struct memo *memo;
	const char *known;

	if (t->action != TRANSFORM_TOKEN || t->scope != SCOPE_PROJECT ||
	    !has_room(l, value))
		return false;
	must(key != NULL && key->use == KEY_FIELD);
	memo = key->memo;
	known = memo_find(&memo, value->at, value->len);
	if (known != NULL)
		memcpy(token, known, TRANSFORM_TOKEN_CHARS);
	else
		wait(l, key->mac, memo, value, stays, at);
	return true;
}

bool
transform_later_id(struct transform_later *l, const struct token_key *key,
    const struct slice *id, size_t at)
{
	if (!has_room(l, id))
		return false;
	wait(l, key, NULL, id, false, at);
	return true;
}

void
transform_now(struct transform_later *l, uint8_t *out)
{
	struct token_job jobs[TRANSFORM_LATER_MAX];

	for (size_t i = 0; i < l->n; i++) {
		const struct transform_waiting *w = &l->at[i];

		jobs[i] = (struct token_job){ w->mac, w->value, w->len,
			(char *)out + w->at };
	}
	tokens_make(jobs, l->n);
	for (size_t i = 0; i < l->n; i++)
		if (l->at[i].memo != NULL)
			memo_keep(l->at[i].memo, jobs[i].value, jobs[i].len,
			    jobs[i].out);
	l->n = 0;
}
