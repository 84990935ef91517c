/* The record that a text belongs to: its words and numbers, as keys. */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/known_internal.h"

int
known_new(struct known_scan **out, struct fault *f)
{
	struct known_scan *k = mem_new(sizeof(*k));

	if (k == NULL)
		return fault_memory(f);
	if ((k->memo = mem_array(KNOWN_MEMO, sizeof(*k->memo))) == NULL) {
		mem_free(k);
		return fault_memory(f);
	}
	*out = k;
	return 0;
}

void
known_free(struct known_scan *k)
{
	if (k == NULL)
		return;
	mem_free(k->memo);
	mem_free(k->seen);
	mem_free(k->pending);
	known_named_free(&k->named);
	mem_free(k);
}

static void
add(struct known_scan *k, unsigned kind, const char *key, size_t n)
{
	struct own_key *o;

	if (n == 0 || k->nown == DETECT_OWN_MAX)
		return;
	o = &k->own[k->nown++];
	memcpy(o->key, key, n);
	o->n = (uint8_t)n;
	o->letters = (uint8_t)dict_letters(key, n);
	o->kind = (uint8_t)kind;
}

static void
add_value(struct known_scan *k, const struct detect_value *v)
{
	char seen[DICTIONARY_VALUE_MAX], key[DICT_KEY_MAX] = { 0 };
	size_t len = fold_into(seen, sizeof(seen), v->text, v->len);
	const uint8_t *p = (const uint8_t *)seen;

	if (v->kind == DICTIONARY_PHONE) {
		add(k, D_PHONE, key, dict_phone_key(key, p, len));
		return;
	}
	if (v->kind == DICTIONARY_ID) {
		add(k, D_ID, key, dict_id_key(key, p, len));
		return;
	}
	for (size_t at = 0, end; at < len; at = end) {
		for (end = at; end < len && letters_word(p, end, len);)
			end += dict_char(seen, end, len);
		if (end == at)
			end++;
		else
			add(k, v->kind == DICTIONARY_NAME ? D_NAME : D_PLACE,
			    key, dict_word_key(key, p + at, end - at, v->kind));
	}
}

int
detect_scan_record(
    struct detect_scan *s, const struct detect_record *r, struct fault *f)
{
	const struct dictionary *d = s->d->dictionary;
	const uint32_t *owned;
	size_t n = 0;

	if (d == NULL)
		return fault_set(f, FAULT_USAGE,
		    "a record is of a dictionary, and there is none");
	s->known->nown = 0;
	if (r == NULL)
		return 0;
	for (size_t i = 0; i < r->n; i++)
		add_value(s->known, &r->values[i]);
	if (r->subject == NULL ||
	    (owned = dict_owned(d, r->subject, &n)) == NULL)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const struct dict_key *k = &d->keys[owned[i] >> 4];

		add(s->known, owned[i] & 0xf, d->text + k->at, k->len);
	}
	return 0;
}
