/* Which key a transform needs, and that key ready for use. */

#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/transform/transform_internal.h"

/* What t needs a key for; false when for nothing. */
static bool
use_of(const struct transform *t, enum key_use *use)
{
	switch (t->action) {
	case TRANSFORM_TOKEN:
		*use = t->scope == SCOPE_PROJECT ? KEY_FIELD : KEY_VALUE;
		return true;
	case TRANSFORM_DETECT:
		*use = KEY_FIELD;
		return t->style == REDACT_SURROGATE;
	case TRANSFORM_REVERSIBLE:
		*use = KEY_REVERSIBLE;
		return true;
	case TRANSFORM_FPE:
		*use = KEY_FPE;
		return true;
	case TRANSFORM_SHIFT:
		*use = KEY_SHIFT;
		return true;
	case TRANSFORM_UID:
		*use = KEY_UID;
		return true;
	case TRANSFORM_RANDOM:
	case TRANSFORM_NOISE:
		*use = KEY_VALUE;
		return true;
	default:
		return false;
	}
}

bool
transform_needs_key(const struct transform *t)
{
	enum key_use use;

	return use_of(t, &use);
}

bool
transform_key_name(const struct transform *t, char out[TRANSFORM_KEY_CHARS + 1])
{
	enum key_use use;
	bool shared;

	if (!use_of(t, &use))
		return false;
	shared = use == KEY_VALUE || use == KEY_SHIFT || use == KEY_UID;
	(void)snprintf(out, TRANSFORM_KEY_CHARS + 1, "%s:%s", key_use_word(use),
	    shared ? "" : t->domain);
	return true;
}

int
transform_key_new(struct transform_key **out, const char *name,
    const struct secret *key, struct fault *f)
{
	struct transform_key *k;
	const char *field;
	enum key_use use;
	int rc;

	*out = NULL;
	if (key_name_read(name, &use, &field, f) != 0)
		return -1;
	if ((k = mem_new(sizeof(*k))) == NULL)
		return fault_memory(f);
	k->use = use;
	if (use == KEY_FPE)
		rc = ff1_new(&k->ff1, key->at, key->len, f);
	else if (use == KEY_REVERSIBLE)
		rc = siv_of(&k->siv, key, f);
	else
		rc = token_key_new(&k->mac, key->at, key->len, f);
	if (use == KEY_FIELD)
		k->memo = memo_new();
	if (rc != 0) {
		transform_key_free(k);
		return -1;
	}
	*out = k;
	return 0;
}

void
transform_key_free(struct transform_key *k)
{
	if (k == NULL)
		return;
	memo_free(k->memo);
	token_key_free(k->mac);
	ff1_free(k->ff1);
	siv_free(k->siv);
	mem_free(k);
}
