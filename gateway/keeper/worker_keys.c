/*
 * The keys with which workers mask and measure: derived here, and no others
 * than a plan's fields need.
 */

#include <string.h>

#include "gateway/keeper/batches_internal.h"
#include "gateway/keeper/persons_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/pseudonym/pseudonym.h"

#define DOMAINS_MAX 4096u /* a policy has less than that many fields */

/* A key derived from one of the ring's, into the answer. */
struct deriving {
	struct bytes *out;
	const struct secret *from;
	const char *domain;
};

static int
put_key(const struct deriving *d, enum key_use use, const char *field,
    struct fault *f)
{
	struct secret key = { 0 };
	int rc = -1;

	if (key_derive(&key, d->from, use, d->domain, field, f) == 0)
		rc = put_slice(d->out, key.at, key.len, f);
	secret_free(&key);
	return rc;
}

static int
put_batch_keys(const struct deriving *seed, const struct deriving *domain,
    const struct deriving *person, struct fault *f)
{
	if (put_key(seed, KEY_ITEM, "", f) != 0 ||
	    put_key(seed, KEY_SHUFFLE, "rows", f) != 0 ||
	    put_key(domain, KEY_SUBJECT, "", f) != 0 ||
	    put_key(person, KEY_PERSON, "", f) != 0)
		return -1;
	if (put_key(seed, KEY_SHUFFLE, "layout", f) != 0)
		return -1;
	return put_key(domain, KEY_SENT, "", f);
}

/* What is random comes from the batch's seed, all else from the domain. */
static int
put_field_keys(const struct deriving *seed, const struct deriving *domain,
    const json_t *names, struct fault *f)
{
	size_t n = json_array_size(names);

	if (n > DOMAINS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u keys", DOMAINS_MAX);
	if (put_u16(seed->out, (uint16_t)n, f) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *name = json_string_value(json_array_get(names, i));
		const char *field;
		enum key_use use;

		if (name == NULL)
			return fault_set(f, FAULT_INPUT, "keys: no text");
		if (key_name_read(name, &use, &field, f) != 0 ||
		    put_key(use == KEY_VALUE ? seed : domain, use, field, f) !=
			0)
			return -1;
	}
	return 0;
}

/* Out of the secrets of domain, batch and home. */
struct sources {
	char id[ID_CHARS + CATALOG_NAME_MAX + 2]; /* the domain's */
	struct secret domain, seed, subject;
};

static void
sources_free(struct sources *s)
{
	secret_free(&s->domain);
	secret_free(&s->seed);
	secret_free(&s->subject);
}

static int
put_all(struct asked *a, const struct sources *s, const json_t *names,
    bool held, struct fault *f)
{
	const struct deriving domain = { &a->answer->body, &s->domain, s->id };
	const struct deriving batch = { &a->answer->body, &s->seed, "" };
	const struct deriving person = { &a->answer->body, &s->subject, "" };

	if (put_batch_keys(&batch, &domain, &person, f) != 0 ||
	    put_field_keys(&batch, &domain, names, f) != 0)
		return -1;
	return held ? put_key(&person, KEY_HELD, "", f) : 0;
}

/* The domain's secret, made where it is the vendor's first of the project. */
static int
get_domain(struct home *h, struct sources *s, const char *vendor,
    const char *project, bool make, struct fault *f)
{
	const struct ring_name name = { RING_DOMAIN, s->id, 0 };
	int n = snprintf(s->id, sizeof(s->id), "%s.%s", vendor, project);

	if (n < 0 || (size_t)n >= sizeof(s->id))
		return fault_set(f, FAULT_INPUT, "the project's name is long");
	if (make && !ring_has(h->ring, &name))
		return ring_make_secret(h->ring, &name, &s->domain, f);
	return ring_get_secret(h->ring, &name, &s->domain, f);
}

/* Before there is a batch. */
static int
get_measuring(
    struct home *h, const json_t *about, struct sources *s, struct fault *f)
{
	const char *vendor, *project;
	struct catalog_vendor v;

	if (doc_text(about, "vendor", &vendor, f) != 0 ||
	    doc_text(about, "project", &project, f) != 0 ||
	    catalog_vendor(h->catalog, vendor, &v, f) != 0 ||
	    get_domain(h, s, v.id, project, true, f) != 0)
		return -1;
	return secret_random(&s->seed, 32, f);
}

static int
get_batch(
    struct home *h, const json_t *about, struct sources *s, struct fault *f)
{
	struct catalog_batch b;
	struct ring_name seed;
	json_t *facts = NULL;
	const char *project;
	int rc = -1;

	if (batch_open(h, about, &b, f) != 0 ||
	    batch_facts(h, b.id, &facts, f) != 0)
		return -1;
	seed = (struct ring_name){ RING_SEED, b.id, 0 };
	if (doc_text(facts, "project", &project, f) == 0 &&
	    get_domain(h, s, b.vendor, project, false, f) == 0)
		rc = ring_get_secret(h->ring, &seed, &s->seed, f);
	json_decref(facts);
	return rc;
}

/* Behind pseudonyms, as it was logged. */
static int
put_reveal(struct home *h, struct asked *a, const json_t *reveal,
    const json_t *names, struct fault *f)
{
	struct keys_answer k = { .domain = "" };
	struct sources s = { .id = "" };
	int rc;

	rc = reveal_keys(h, a, reveal, &k, f);
	memcpy(s.id, k.domain, sizeof(s.id));
	s.domain = k.key;
	s.seed = k.seed;
	s.subject = k.subject;
	if (rc == 0)
		rc = put_all(a, &s, names, false, f);
	sources_free(&s);
	return rc;
}

int
batch_worker_keys(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	const json_t *about = home_peer(a)->about;
	bool measures = json_object_get(about, "batch") == NULL;
	struct sources s = { .id = "" };
	json_t *names;
	int rc = -1;

	if (take_end(&a->in, f) != 0 || home_need(h, a, RING_EXPORT, f) != 0 ||
	    doc_list(about, "keys", &names, f) != 0)
		return -1;
	if (json_object_get(about, "reveal") != NULL)
		return put_reveal(
		    h, a, json_object_get(about, "reveal"), names, f);
	if ((measures ? get_measuring : get_batch)(h, about, &s, f) == 0 &&
	    persons_key(h, &s.subject, f) == 0)
		rc = put_all(a, &s, names, measures, f);
	sources_free(&s);
	return rc;
}
