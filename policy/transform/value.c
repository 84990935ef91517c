/*
 * What stands for a value under a key: tokens, deterministic encryption, and
 * random numbers that come out the same when a killed export is run again.
 *
 * A random value is the MAC, under a key of the batch alone, of where the value
 * stands; each part of that behind its length, so that no two places are one.
 */

#include <string.h>

#include "keys/base/text.h"
#include "policy/transform/transform_internal.h"

/* Behind the longest value, the longest path and field. */
#define PLACE_BYTES 65536u

/* What a random value hangs on. */
struct place {
	const char *what;
	const char *path;
	const char *name; /* of the field, or of a domain */
	uint64_t record;
	uint64_t nth;
	struct slice value;
};

static int
place_mac(const struct transform_site *site, const struct place *p,
    uint8_t mac[TOKEN_MAC_BYTES], struct fault *f)
{
	struct bytes b;
	int rc = -1;

	must(site != NULL && site->key != NULL && site->key->use == KEY_VALUE);
	bytes_init(&b, PLACE_BYTES + p->value.len);
	if (put_text(&b, p->what, f) == 0 && put_text(&b, p->path, f) == 0 &&
	    put_text(&b, p->name, f) == 0 && put_u64(&b, p->record, f) == 0 &&
	    put_u64(&b, p->nth, f) == 0 &&
	    put_slice(&b, p->value.at, p->value.len, f) == 0) {
		token_mac(site->key->mac, b.at, b.len, mac);
		rc = 0;
	}
	bytes_free(&b);
	return rc;
}

static int
add_token(
    struct bytes *out, const uint8_t mac[TOKEN_MAC_BYTES], struct fault *f)
{
	char token[TOKEN_CHARS + 1];

	base32_write(token, mac, 16);
	return bytes_add(out, token, TOKEN_CHARS, f);
}

int
place_number(const struct transform_site *site, const char *what, uint64_t *out,
    struct fault *f)
{
	const struct place p = { .what = what,
		.path = site->path,
		.name = site->field,
		.record = site->record,
		.nth = site->nth };
	uint8_t mac[TOKEN_MAC_BYTES];

	if (place_mac(site, &p, mac, f) != 0)
		return -1;
	memcpy(out, mac, sizeof(*out));
	return 0;
}

/* The token of a value, wherever it stands. */
static int
project_token(const struct transform_key *k, const struct slice *value,
    struct bytes *out, struct fault *f)
{
	struct memo *memo = k->memo;
	const char *known = memo_find(&memo, value->at, value->len);
	char token[TOKEN_CHARS + 1];

	must(k->use == KEY_FIELD);
	if (known != NULL)
		return bytes_add(out, known, TOKEN_CHARS, f);
	token_make(k->mac, value->at, value->len, token);
	if (memo != NULL)
		memo_keep(memo, value->at, value->len, token);
	return bytes_add(out, token, TOKEN_CHARS, f);
}

int
value_token(const struct transform *t, const struct transform_site *site,
    const struct slice *value, struct bytes *out, struct fault *f)
{
	struct place p = { .path = site->path };
	uint8_t mac[TOKEN_MAC_BYTES];

	must(site->key != NULL);
	if (t->action == TRANSFORM_TOKEN && t->scope == SCOPE_PROJECT)
		return project_token(site->key, value, out, f);
	if (t->action == TRANSFORM_RANDOM) {
		p.what = "random";
		p.name = site->field;
		p.record = site->record;
		p.nth = site->nth;
	} else {
		p.what = t->scope == SCOPE_DOCUMENT ? "document" : "record";
		p.name = t->domain;
		p.record = t->scope == SCOPE_DOCUMENT ? 0 : site->record;
		p.value = *value;
	}
	if (place_mac(site, &p, mac, f) != 0)
		return -1;
	return add_token(out, mac, f);
}

static int
seal(struct siv *siv, const struct slice *value, struct bytes *out,
    struct fault *f)
{
	const struct siv_data none = { NULL, 0 };
	struct bytes b;
	int rc = -1;

	bytes_init(&b, SIV_TAG_BYTES + value->len);
	if (siv_seal(siv, &none, value, &b, f) == 0 &&
	    bytes_reserve(out, BASE32_CHARS(b.len) + 1, f) == 0) {
		base32_write((char *)out->at + out->len, b.at, b.len);
		out->len += BASE32_CHARS(b.len);
		rc = 0;
	}
	bytes_free(&b);
	return rc;
}

static int
unseal(struct siv *siv, const struct slice *value, struct bytes *out,
    struct fault *f)
{
	const struct siv_data none = { NULL, 0 };
	struct slice sealed;
	struct bytes b;
	size_t len = value->len / 8 * 5 + value->len % 8 * 5 / 8;
	int rc = -1;

	bytes_init(&b, len);
	if (bytes_reserve(&b, len, f) != 0)
		return -1;
	sealed = (struct slice){ b.at, len };
	if (!base32_read(b.at, len, (const char *)value->at, value->len))
		(void)fault_set(f, FAULT_INPUT, "no result of reversible");
	else
		rc = siv_open(siv, &none, &sealed, out, f);
	bytes_free(&b);
	return rc;
}

int
value_reversible(const struct transform_site *site, const struct slice *value,
    bool back, struct bytes *out, struct fault *f)
{
	must(site->key != NULL && site->key->use == KEY_REVERSIBLE);
	return back ? unseal(site->key->siv, value, out, f)
		    : seal(site->key->siv, value, out, f);
}
