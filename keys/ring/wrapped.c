/*
 * The bytes of a key file.
 *
 * An age file, whose plaintext is
 *
 *     # handoff key v1
 *     # home h-4r2p...
 *     # kind shard
 *     # id b-77ah.../17
 *     # mac 5bf1...
 *     AGE-SECRET-KEY-1...
 *
 * and so, for an identity, is itself a file that `age -d -i` takes; a signing
 * key is PEM that `openssl pkey` takes; a secret is 64 hexadecimal digits.
 * The root and the branches have one more line, "# record" with the SHA-256 of
 * home.json, since that names the recipients that all later keys are sealed
 * to.  There is a "# mac" for each secret of who opens it (bind.c).
 *
 * The label is compared as a whole with what the reader expects, so a file
 * that was renamed, or comes from another home, is noticed; the MAC covers
 * label and key, so one that somebody else sealed is.  What was sealed by us
 * is read back exactly or not at all.
 */

#include <stdio.h>
#include <string.h>

#include "keys/ring/ring_internal.h"

/* Four or five lines; the longest parts are id and record. */
#define LABEL_MAX 384u

/* "# mac ", 64 digits, a newline. */
#define MAC_HEAD "# mac "
#define MAC_HEAD_CHARS (sizeof(MAC_HEAD) - 1)
#define MAC_LINE (MAC_HEAD_CHARS + DIGEST_CHARS + 1)

#define SECRET_BYTES 32u
#define PEM_BEGIN "-----BEGIN PRIVATE KEY-----\n"
#define PEM_END "\n-----END PRIVATE KEY-----\n"
#define PEM_CHARS (sizeof(PEM_BEGIN) - 1 + 64 + sizeof(PEM_END) - 1)

/* RFC 8410, section 7: version 0, Ed25519, an OCTET STRING in another. */
static const uint8_t pkcs8_head[16] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30,
	0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };

/* The label as text; the number of its characters. */
static size_t
label_write(char out[LABEL_MAX], const struct label *l)
{
	char hex[DIGEST_CHARS + 1] = "";
	int n;

	if (l->record != NULL)
		hex_write(hex, l->record, DIGEST_BYTES);
	n = snprintf(out, LABEL_MAX,
	    "# handoff key v1\n# home %s\n# kind %s\n# id %s\n%s%s%s", l->home,
	    l->kind, l->id, l->record != NULL ? "# record " : "", hex,
	    l->record != NULL ? "\n" : "");
	must(n > 0 && (size_t)n < LABEL_MAX);
	return (size_t)n;
}

int
wrapped_seal(struct bytes *out, const struct label *l,
    const struct secret *body, const struct holders *h, struct fault *f)
{
	struct secret plain = { 0 };
	char label[LABEL_MAX];
	uint8_t mac[BIND_BYTES], *at;
	size_t chars = label_write(label, l), macs = h->bind.len / BIND_BYTES;
	int rc = -1;

	if (secret_new(&plain, chars + macs * MAC_LINE + body->len, f) != 0)
		return -1;
	memcpy(plain.at, label, chars);
	at = plain.at + chars;
	for (size_t i = 0; i < macs; i++) {
		bind_mac(mac, &h->bind, i, (struct slice){ plain.at, chars },
		    (struct slice){ body->at, body->len });
		memcpy(at, MAC_HEAD, MAC_HEAD_CHARS);
		hex_write((char *)at + MAC_HEAD_CHARS, mac, sizeof(mac));
		at[MAC_LINE - 1] = '\n';
		at += MAC_LINE;
	}
	memcpy(at, body->at, body->len);
	rc = age_seal_small(out, h->to.at, h->to.n, plain.at, plain.len, f);
	secret_free(&plain);
	return rc;
}

/* The lines of MACs at the head of text, cut off it. */
static struct slice
take_macs(struct slice *text)
{
	struct slice macs = { text->at, 0 };

	while (text->len >= MAC_LINE &&
	       memcmp(text->at, MAC_HEAD, MAC_HEAD_CHARS) == 0) {
		text->at += MAC_LINE;
		text->len -= MAC_LINE;
		macs.len += MAC_LINE;
	}
	return macs;
}

/* Is one of the MACs made with one of the keys? */
static bool
is_bound(const struct secret *bind, struct slice macs, struct slice label,
    struct slice body)
{
	uint8_t want[BIND_BYTES], mac[BIND_BYTES];
	bool right = false;

	for (size_t i = 0; i < bind->len / BIND_BYTES; i++) {
		bind_mac(want, bind, i, label, body);
		for (size_t at = 0; at < macs.len; at += MAC_LINE)
			right |=
			    macs.at[at + MAC_LINE - 1] == '\n' &&
			    hex_read(mac, sizeof(mac),
				(const char *)macs.at + at + MAC_HEAD_CHARS,
				DIGEST_CHARS) &&
			    secret_same(mac, want, sizeof(mac));
	}
	return right;
}

int
wrapped_open(struct secret *body, const struct label *l,
    const struct bytes *file, const struct age_identities *ids,
    const struct secret *bind, struct fault *f)
{
	struct secret plain = { 0 };
	char label[LABEL_MAX];
	size_t chars = label_write(label, l);
	struct slice head, rest, macs;
	int rc = -1;

	*body = (struct secret){ 0 };
	if (age_open_small(&plain, file->at, file->len, ids->at, ids->n, f) !=
	    0)
		return -1;
	if (plain.len < chars || memcmp(plain.at, label, chars) != 0) {
		(void)fault_set(
		    f, FAULT_FORGED, "holds another key than its name says");
		goto out;
	}
	head = (struct slice){ plain.at, chars };
	rest = (struct slice){ plain.at + chars, plain.len - chars };
	macs = take_macs(&rest);
	if (bind->len == 0 ? macs.len != 0 : !is_bound(bind, macs, head, rest))
		(void)fault_set(f, FAULT_FORGED,
		    "was not made by this home: its MAC is wrong or missing");
	else
		rc = secret_copy(body, rest.at, rest.len, f);
out:
	secret_free(&plain);
	return rc;
}

void
fault_own_file(struct fault *f)
{
	if (f->kind == FAULT_INPUT)
		f->kind = FAULT_FORGED;
}

static int
not_a_body(struct fault *f)
{
	return fault_set(f, FAULT_FORGED, "holds no key of its kind");
}

int
body_of_secret(struct secret *body, const struct secret *s, struct fault *f)
{
	must(s->len == SECRET_BYTES);
	if (secret_new(body, HEX_CHARS(SECRET_BYTES) + 1, f) != 0)
		return -1;
	hex_write((char *)body->at, s->at, s->len);
	body->at[HEX_CHARS(SECRET_BYTES)] = '\n';
	return 0;
}

int
secret_of_body(struct secret *s, const struct secret *body, struct fault *f)
{
	*s = (struct secret){ 0 };
	if (body->len != HEX_CHARS(SECRET_BYTES) + 1 ||
	    body->at[body->len - 1] != '\n')
		return not_a_body(f);
	if (secret_new(s, SECRET_BYTES, f) != 0)
		return -1;
	if (!hex_read(s->at, s->len, (const char *)body->at, body->len - 1)) {
		secret_free(s);
		return not_a_body(f);
	}
	return 0;
}

int
body_of_identity(
    struct secret *body, const struct age_identity *id, struct fault *f)
{
	if (age_identity_write(body, id, f) != 0)
		return -1;
	must(body->len > 1 && body->at[body->len - 1] == '\0');
	body->at[body->len - 1] = '\n';
	return 0;
}

int
identity_of_body(
    struct age_identity *id, const struct secret *body, struct fault *f)
{
	*id = (struct age_identity){ .kind = AGE_OTHER };
	if (body->len < 2 || body->at[body->len - 1] != '\n' ||
	    age_identity_read(id, (const char *)body->at, body->len - 1, f) !=
		0) {
		if (f->kind == FAULT_SYSTEM)
			return -1;
		fault_clear(f);
		return not_a_body(f);
	}
	if (id->kind != AGE_X25519) {
		age_identity_free(id);
		return not_a_body(f);
	}
	return 0;
}

int
tls_key(struct secret *pem, const struct sign_key *k, struct fault *f)
{
	uint8_t der[sizeof(pkcs8_head) + SIGN_SEED_BYTES];
	struct bytes text;
	int rc = -1;

	/* One allocation, wiped when freed: no copy stays behind. */
	bytes_init(&text, PEM_CHARS + 8);
	memcpy(der, pkcs8_head, sizeof(pkcs8_head));
	memcpy(der + sizeof(pkcs8_head), sign_key_seed(k), SIGN_SEED_BYTES);
	if (bytes_reserve(&text, PEM_CHARS + 8, f) == 0 &&
	    bytes_add_text(&text, PEM_BEGIN, f) == 0 &&
	    base64_add(&text, der, sizeof(der), true, f) == 0 &&
	    bytes_add_text(&text, PEM_END, f) == 0)
		rc = secret_copy(pem, text.at, text.len, f);
	secret_wipe(der, sizeof(der));
	bytes_free(&text);
	return rc;
}

int
sign_key_of_body(struct sign_key *k, const struct secret *body, struct fault *f)
{
	uint8_t der[sizeof(pkcs8_head) + SIGN_SEED_BYTES];
	const char *text = (const char *)body->at;
	size_t begin = sizeof(PEM_BEGIN) - 1, len;
	int rc = -1;

	*k = (struct sign_key){ 0 };
	if (body->len != PEM_CHARS || memcmp(text, PEM_BEGIN, begin) != 0 ||
	    memcmp(text + begin + 64, PEM_END, sizeof(PEM_END) - 1) != 0 ||
	    !base64_read(der, sizeof(der), &len, text + begin, 64, true) ||
	    len != sizeof(der) ||
	    memcmp(der, pkcs8_head, sizeof(pkcs8_head)) != 0)
		(void)not_a_body(f);
	else
		rc = sign_key_from_seed(k, der + sizeof(pkcs8_head), f);
	secret_wipe(der, sizeof(der));
	return rc;
}
