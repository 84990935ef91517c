/*
 * Recipients and identities: from text, to text, and lists of them as files
 * hold.  What they do with a file key is in the file of their type.
 */

#include <sodium.h>
#include <string.h>

#include "keys/age/age_internal.h"
#include "keys/base/mem.h"

/* A list of keys that an outsider may hand us; AGE_HEADER_MAX holds no more
 * recipients, and so many identities would take seconds to try. */
#define LIST_MAX 10000u

const char *
age_kind_name(enum age_kind kind)
{
	const struct age_type *type = age_type_of(kind);

	return type != NULL ? type->name : "other";
}

const struct age_type *
age_type_of(enum age_kind kind)
{
	switch (kind) {
	case AGE_X25519:
		return &age_x25519;
	case AGE_SCRYPT:
		return &age_scrypt;
	case AGE_HYBRID:
		return &age_hybrid;
	case AGE_OTHER:
		break;
	}
	return NULL;
}

int
age_recipient_read(
    struct age_recipient *out, const char *text, size_t chars, struct fault *f)
{
	char hrp[AGE_HRP_MAX + 1];
	uint8_t key[AGE_HYBRID_PUBLIC_BYTES];
	size_t len;

	*out = (struct age_recipient){ 0 };
	if (!bech32_read(hrp, key, sizeof(key), &len, text, chars))
		return fault_set(f, FAULT_INPUT, "not an age recipient");
	if (strcmp(hrp, "age") == 0 && len == AGE_X25519_BYTES)
		out->kind = AGE_X25519;
	else if (strcmp(hrp, "age1pq") == 0 && len == AGE_HYBRID_PUBLIC_BYTES)
		out->kind = AGE_HYBRID;
	else
		return fault_set(f, FAULT_INPUT,
		    "not a kind of age recipient that this program knows");
	memcpy(out->key, key, len);
	return 0;
}

int
age_recipient_write(
    struct bytes *out, const struct age_recipient *r, struct fault *f)
{
	must(r->kind == AGE_X25519 || r->kind == AGE_HYBRID);
	if (r->kind == AGE_HYBRID)
		return bech32_write(
		    out, "age1pq", r->key, AGE_HYBRID_PUBLIC_BYTES, f);
	return bech32_write(out, "age", r->key, AGE_X25519_BYTES, f);
}

int
age_recipient_passphrase(
    struct age_recipient *out, const void *p, size_t len, struct fault *f)
{
	*out = (struct age_recipient){ 0 };
	if (secret_copy(&out->passphrase, p, len, f) != 0)
		return -1;
	out->kind = AGE_SCRYPT;
	out->log_n = AGE_SCRYPT_LOG_N;
	return 0;
}

void
age_recipient_free(struct age_recipient *r)
{
	if (r == NULL)
		return;
	secret_free(&r->passphrase);
	*r = (struct age_recipient){ 0 };
}

static int
identity_new(struct age_identity *out, enum age_kind kind, struct fault *f)
{
	*out = (struct age_identity){ 0 };
	if (secret_random(&out->secret, AGE_SEED_BYTES, f) != 0)
		return -1;
	out->kind = kind;
	return 0;
}

int
age_identity_new(struct age_identity *out, struct fault *f)
{
	return identity_new(out, AGE_X25519, f);
}

int
age_identity_new_hybrid(struct age_identity *out, struct fault *f)
{
	return identity_new(out, AGE_HYBRID, f);
}

int
age_identity_read(
    struct age_identity *out, const char *text, size_t chars, struct fault *f)
{
	char hrp[AGE_HRP_MAX + 1];
	uint8_t seed[AGE_SEED_BYTES];
	size_t len;
	int rc = -1;

	*out = (struct age_identity){ 0 };
	if (!bech32_read(hrp, seed, sizeof(seed), &len, text, chars) ||
	    len != sizeof(seed))
		(void)fault_set(f, FAULT_INPUT, "not an age identity");
	else if (strcmp(hrp, "age-secret-key-") != 0 &&
		 strcmp(hrp, "age-secret-key-pq-") != 0)
		(void)fault_set(f, FAULT_INPUT,
		    "not a kind of age identity that this program knows");
	else
		rc = secret_copy(&out->secret, seed, sizeof(seed), f);
	if (rc == 0)
		out->kind = strcmp(hrp, "age-secret-key-") == 0 ? AGE_X25519
								: AGE_HYBRID;
	secret_wipe(seed, sizeof(seed));
	return rc;
}

int
age_identity_write(
    struct secret *out, const struct age_identity *id, struct fault *f)
{
	const char *hrp =
	    id->kind == AGE_HYBRID ? "age-secret-key-pq-" : "age-secret-key-";
	size_t chars = age_bech32_chars(hrp, AGE_SEED_BYTES);

	must(id->kind == AGE_X25519 || id->kind == AGE_HYBRID);
	if (secret_new(out, chars + 1, f) != 0)
		return -1;
	age_bech32_encode((char *)out->at, hrp, id->secret.at, AGE_SEED_BYTES);
	for (size_t i = 0; i < chars; i++)
		if (out->at[i] >= 'a' && out->at[i] <= 'z')
			out->at[i] = (uint8_t)(out->at[i] - 'a' + 'A');
	return 0;
}

int
age_identity_passphrase(
    struct age_identity *out, const void *p, size_t len, struct fault *f)
{
	*out = (struct age_identity){ 0 };
	if (secret_copy(&out->secret, p, len, f) != 0)
		return -1;
	out->kind = AGE_SCRYPT;
	return 0;
}

int
age_identity_recipient(
    struct age_recipient *out, const struct age_identity *id, struct fault *f)
{
	must(id->kind == AGE_X25519 || id->kind == AGE_HYBRID);
	*out = (struct age_recipient){ .kind = id->kind };
	if (id->kind == AGE_HYBRID)
		return age_hybrid_public(out->key, &id->secret, f);
	must(crypto_scalarmult_base(out->key, id->secret.at) == 0);
	return 0;
}

void
age_identity_free(struct age_identity *id)
{
	if (id == NULL)
		return;
	secret_free(&id->secret);
	*id = (struct age_identity){ 0 };
}

int
age_recipients_add(
    struct age_recipients *list, struct age_recipient *r, struct fault *f)
{
	struct age_recipient *at;

	if (list->n >= LIST_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u recipients", LIST_MAX);
	if ((at = mem_resize(list->at, (list->n + 1) * sizeof(*at))) == NULL)
		return fault_memory(f);
	list->at = at;
	list->at[list->n++] = *r;
	*r = (struct age_recipient){ 0 };
	return 0;
}

int
age_identities_add(
    struct age_identities *list, struct age_identity *id, struct fault *f)
{
	struct age_identity *at;

	if (list->n >= LIST_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u identities", LIST_MAX);
	if ((at = mem_resize(list->at, (list->n + 1) * sizeof(*at))) == NULL)
		return fault_memory(f);
	list->at = at;
	list->at[list->n++] = *id;
	*id = (struct age_identity){ 0 };
	return 0;
}

static void
recipients_cut(struct age_recipients *list, size_t n)
{
	while (list->n > n)
		age_recipient_free(&list->at[--list->n]);
}

static void
identities_cut(struct age_identities *list, size_t n)
{
	while (list->n > n)
		age_identity_free(&list->at[--list->n]);
}

void
age_recipients_free(struct age_recipients *list)
{
	if (list == NULL)
		return;
	recipients_cut(list, 0);
	mem_free(list->at);
	*list = (struct age_recipients){ 0 };
}

void
age_identities_free(struct age_identities *list)
{
	if (list == NULL)
		return;
	identities_cut(list, 0);
	mem_free(list->at);
	*list = (struct age_identities){ 0 };
}

/* The next line that says something, without its end; false at the end.
 * *number counts every line. */
static bool
next_line(const char **at, const char *end, struct slice *line, size_t *number)
{
	while (*at < end) {
		const char *start = *at;
		const char *lf = memchr(start, '\n', (size_t)(end - start));
		size_t len = (size_t)((lf != NULL ? lf : end) - start);

		*at = lf != NULL ? lf + 1 : end;
		(*number)++;
		if (len > 0 && start[len - 1] == '\r')
			len--;
		*line = (struct slice){ (const uint8_t *)start, len };
		if (len > 0 && start[0] != '#')
			return true;
	}
	return false;
}

int
age_recipients_read(struct age_recipients *list, const char *text, size_t chars,
    struct fault *f)
{
	const char *at = text, *end = text + chars;
	size_t was = list->n, number = 0;
	struct slice line;

	while (next_line(&at, end, &line, &number)) {
		struct age_recipient r;

		if (age_recipient_read(
			&r, (const char *)line.at, line.len, f) != 0 ||
		    age_recipients_add(list, &r, f) != 0) {
			recipients_cut(list, was);
			return fault_at(f, "line %zu", number);
		}
	}
	if (list->n == was)
		return fault_set(f, FAULT_INPUT, "holds no recipient");
	return 0;
}

int
age_identities_read(struct age_identities *list, const char *text, size_t chars,
    struct fault *f)
{
	const char *at = text, *end = text + chars;
	size_t was = list->n, number = 0;
	struct slice line;

	while (next_line(&at, end, &line, &number)) {
		struct age_identity id;

		if (age_identity_read(
			&id, (const char *)line.at, line.len, f) != 0 ||
		    age_identities_add(list, &id, f) != 0) {
			age_identity_free(&id);
			identities_cut(list, was);
			return fault_at(f, "line %zu", number);
		}
	}
	if (list->n == was)
		return fault_set(f, FAULT_INPUT, "holds no identity");
	return 0;
}
