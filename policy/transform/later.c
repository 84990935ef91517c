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

static void
wait(struct transform_later *l, const struct token_key *mac, struct memo *memo,
    const struct slice *value, size_t at)
{
	struct transform_waiting *w = &l->at[l->n++];

	w->mac = mac;
	w->memo = memo;
	w->at = at;
	w->len = (uint8_t)value->len;
	memcpy(w->value, value->at, value->len);
}

static bool
has_room(const struct transform_later *l, const struct slice *value)
{
	return l->n < TRANSFORM_LATER_MAX && value->len > 0 &&
	       value->len <= sizeof(l->at[0].value);
}

bool
transform_later(struct transform_later *l, const struct transform *t,
    const struct transform_key *key, const struct slice *value, size_t at,
    char token[TRANSFORM_TOKEN_CHARS])
{
	const char *known;

	if (t->action != TRANSFORM_TOKEN || t->scope != SCOPE_PROJECT ||
	    !has_room(l, value))
		return false;
	must(key != NULL && key->use == KEY_FIELD);
	known = memo_find(key->memo, value->at, value->len);
	memcpy(token, known != NULL ? known : "--------------------------",
	    TRANSFORM_TOKEN_CHARS);
	if (known == NULL)
		wait(l, key->mac, key->memo, value, at);
	return true;
}

bool
transform_later_id(struct transform_later *l, const struct token_key *key,
    const struct slice *id, size_t at)
{
	if (!has_room(l, id))
		return false;
	wait(l, key, NULL, id, at);
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
		memo_keep(
		    l->at[i].memo, l->at[i].value, l->at[i].len, jobs[i].out);
	l->n = 0;
}
