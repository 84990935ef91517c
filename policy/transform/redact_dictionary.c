/*
 * The dataset's own names beside the rules: for each rule set that meets a
 * dictionary, rules compiled with it, once.
 */

#include <sodium.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/transform/redact_internal.h"

_Static_assert(TRANSFORM_OWNER_BYTES == DICTIONARY_SUBJECT_BYTES,
    "an owner is a dictionary's subject");

/* Rules that met it, which are held as long as it lives. */
struct met {
	struct redact_rules *rules;
	struct redact_set set;
	struct met *next;
};

struct transform_dictionary {
	const void *block;
	size_t len;
	struct dictionary *dictionary;
	pthread_mutex_t lock; /* over met */
	struct met *met;
};

int
transform_dictionary_open(struct transform_dictionary **out, const void *block,
    size_t len, struct fault *f)
{
	struct transform_dictionary *d;

	if ((d = mem_new(sizeof(*d))) == NULL)
		return fault_memory(f);
	if (dictionary_open(&d->dictionary, block, len, f) != 0) {
		mem_free(d);
		return -1;
	}
	d->block = block;
	d->len = len;
	must(pthread_mutex_init(&d->lock, NULL) == 0);
	*out = d;
	return 0;
}

void
transform_keyed_digest(const struct transform_key *k, const void *p, size_t len,
    uint8_t digest[TRANSFORM_DICTIONARY_DIGEST])
{
	must(k->use == KEY_FIELD && k->mac != NULL);
	token_mac(k->mac, p, len, digest);
}

void
transform_dictionary_digest(const struct transform_dictionary *d,
    const struct transform_key *k, uint8_t digest[TRANSFORM_DICTIONARY_DIGEST])
{
	transform_keyed_digest(k, d->block, d->len, digest);
}

void
transform_dictionary_free(struct transform_dictionary *d)
{
	if (d == NULL)
		return;
	while (d->met != NULL) {
		struct met *m = d->met;

		d->met = m->next;
		redact_set_end(&m->set);
		redact_drop(m->rules);
		mem_free(m);
	}
	(void)pthread_mutex_destroy(&d->lock); /* nobody waits for it */
	dictionary_free(d->dictionary);
	mem_free(d);
}

static int
meet(struct transform_dictionary *d, struct redact_rules *rules,
    struct redact_set **out, struct fault *f)
{
	struct met *m;

	if ((m = mem_new(sizeof(*m))) == NULL)
		return fault_memory(f);
	if (redact_set_begin(
		&m->set, redact_options(rules), d->dictionary, f) != 0) {
		mem_free(m);
		return -1;
	}
	m->rules = redact_share(rules);
	m->next = d->met;
	d->met = m;
	*out = &m->set;
	return 0;
}

int
redact_set_for(struct redact_rules *rules, const struct transform_site *site,
    struct redact_set **out, struct fault *f)
{
	struct transform_dictionary *d = site != NULL ? site->dictionary : NULL;
	struct met *m;
	int rc = 0;

	if (d == NULL) {
		*out = redact_plain(rules);
		return 0;
	}
	pthread_mutex_lock(&d->lock);
	for (m = d->met; m != NULL && m->rules != rules;)
		m = m->next;
	if (m != NULL)
		*out = &m->set;
	else
		rc = meet(d, rules, out, f);
	pthread_mutex_unlock(&d->lock);
	return rc;
}

/* A hash without a key: it is compared here and goes nowhere. */
void
transform_owner(uint8_t out[TRANSFORM_OWNER_BYTES], const struct slice *subject,
    const char *path, uint64_t record)
{
	static const uint8_t person = 1, place = 2;
	crypto_generichash_state s;
	bool known = subject != NULL && subject->len > 0;

	must(crypto_generichash_init(&s, NULL, 0, TRANSFORM_OWNER_BYTES) == 0 &&
	     crypto_generichash_update(&s, known ? &person : &place, 1) == 0);
	if (known)
		must(crypto_generichash_update(&s, subject->at, subject->len) ==
		     0);
	else
		must(crypto_generichash_update(
			 &s, (const uint8_t *)&record, sizeof(record)) == 0 &&
		     crypto_generichash_update(
			 &s, (const uint8_t *)path, strlen(path)) == 0);
	must(crypto_generichash_final(&s, out, TRANSFORM_OWNER_BYTES) == 0);
}
