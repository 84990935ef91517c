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

bool
transform_later(struct transform_later *l, const struct transform *t,
    const struct transform_key *key, const struct slice *value, size_t at,
    char token[TRANSFORM_TOKEN_CHARS])
{
	struct transform_waiting *w = &l->at[l->n];
	const char *known;

	if (t->action != TRANSFORM_TOKEN || t->scope != SCOPE_PROJECT ||
	    l->n == TRANSFORM_LATER_MAX || value->len == 0 ||
	    value->len > sizeof(w->value))
		return false;
	must(key != NULL && key->use == KEY_FIELD);
	known = memo_find(key->memo, value->at, value->len);
	memcpy(token, known != NULL ? known : "--------------------------",
	    TRANSFORM_TOKEN_CHARS);
	if (known != NULL)
		return true;
	w->key = key;
	w->at = at;
	w->len = (uint8_t)value->len;
	memcpy(w->value, value->at, value->len);
	l->n++;
	return true;
}

void
transform_now(struct transform_later *l, uint8_t *out)
{
	struct token_job jobs[TRANSFORM_LATER_MAX];

	for (size_t i = 0; i < l->n; i++) {
		const struct transform_waiting *w = &l->at[i];

		jobs[i] = (struct token_job){ w->key->mac, w->value, w->len,
			(char *)out + w->at };
	}
	tokens_make(jobs, l->n);
	for (size_t i = 0; i < l->n; i++)
		memo_keep(l->at[i].key->memo, l->at[i].value, l->at[i].len,
		    jobs[i].out);
	l->n = 0;
}
