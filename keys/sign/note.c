/*
 * C2SP signed notes and verifier keys (c2sp.org/signed-note@v1.0.0), with the
 * ceilings and the reading of repeats of golang.org/x/mod/sumdb/note: a second
 * line by the same key is left out unread, so that nobody can make us verify
 * the same thing a hundred times.
 *
 *     text, ending in a newline
 *     (blank line)
 *     U+2014 " " name " " base64(id[4] || signature) newline, once or more
 *
 * Only type 0x01, Ed25519.  Cosignatures of witnesses have another type and
 * are unknown lines here, which the standard says to ignore.
 */

#include <string.h>

#include "keys/base/text.h"
#include "keys/sign/sign.h"

#define TYPE_ED25519 1u
#define DASH "\xe2\x80\x94 "
#define DASH_LEN 4u

/* Unicode's White_Space, which is what "Unicode spaces" are to the standard. */
static bool
is_space(int32_t c)
{
	return (c >= 9 && c <= 13) || c == 0x20 || c == 0x85 || c == 0xa0 ||
	       c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	       c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

static bool
valid_name(const uint8_t *p, size_t len)
{
	size_t used;

	if (len == 0 || len > NOTE_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i += used) {
		int32_t c = utf8_next(p + i, len - i, &used);

		if (c < 0x20 || c == '+' || is_space(c))
			return false;
	}
	return true;
}

/* The first four bytes of SHA-256(name || "\n" || type || key). */
static uint32_t
key_id(const char *name, const uint8_t key[SIGN_PUBLIC_BYTES])
{
	uint8_t in[NOTE_NAME_MAX + 2 + SIGN_PUBLIC_BYTES], hash[DIGEST_BYTES];
	size_t len = strlen(name);

	must(len <= NOTE_NAME_MAX);
	memcpy(in, name, len);
	in[len++] = '\n';
	in[len++] = TYPE_ED25519;
	memcpy(in + len, key, SIGN_PUBLIC_BYTES);
	digest_of(hash, in, len + SIGN_PUBLIC_BYTES);
	return (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 |
	       (uint32_t)hash[2] << 8 | hash[3];
}

static void
put_id(uint8_t out[4], uint32_t id)
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint8_t)(id >> (24 - 8 * i));
}

int
vkey_of(struct vkey *out, const char *name,
    const uint8_t public[SIGN_PUBLIC_BYTES], struct fault *f)
{
	size_t len = strlen(name);

	if (!valid_name((const uint8_t *)name, len))
		return fault_set(f, FAULT_INPUT,
		    "key name: needs 1 to %u bytes without space or plus",
		    NOTE_NAME_MAX);
	memset(out, 0, sizeof(*out));
	memcpy(out->name, name, len);
	memcpy(out->key, public, SIGN_PUBLIC_BYTES);
	out->id = key_id(out->name, public);
	return 0;
}

void
vkey_write(char out[VKEY_CHARS_MAX + 1], const struct vkey *v)
{
	uint8_t typed[1 + SIGN_PUBLIC_BYTES], text[48];
	struct fault f = { .kind = FAULT_NONE };
	/* Room that is there already, so that lack of memory cannot stop us. */
	struct bytes b = { text, 0, sizeof(text), sizeof(text) };

	typed[0] = TYPE_ED25519;
	memcpy(typed + 1, v->key, SIGN_PUBLIC_BYTES);
	must(base64_add(&b, typed, sizeof(typed), true, &f) == 0);
	(void)snprintf(out, VKEY_CHARS_MAX + 1, "%s+%08x+%.*s", v->name,
	    (unsigned)v->id, (int)b.len, (const char *)b.at);
}

int
vkey_read(struct vkey *out, const char *text, size_t chars, struct fault *f)
{
	uint8_t id[4], typed[1 + SIGN_PUBLIC_BYTES], want[4];
	const char *plus = memchr(text, '+', chars), *rest;
	size_t name, len;
	struct vkey v;

	memset(&v, 0, sizeof(v));
	name = plus == NULL ? 0 : (size_t)(plus - text);
	if (plus == NULL || !valid_name((const uint8_t *)text, name))
		return fault_set(f, FAULT_INPUT, "verifier key: no valid name");
	memcpy(v.name, text, name);
	rest = plus + 1;
	chars -= name + 1;
	if (chars < 9 || !hex_read(id, 4, rest, 8) || rest[8] != '+')
		return fault_set(f, FAULT_INPUT, "verifier key: no key id");
	if (!base64_read(
		typed, sizeof(typed), &len, rest + 9, chars - 9, true) ||
	    len != sizeof(typed) || typed[0] != TYPE_ED25519)
		return fault_set(
		    f, FAULT_INPUT, "verifier key: not an Ed25519 key");
	memcpy(v.key, typed + 1, SIGN_PUBLIC_BYTES);
	v.id = key_id(v.name, v.key);
	put_id(want, v.id);
	if (memcmp(id, want, sizeof(id)) != 0)
		return fault_set(f, FAULT_INPUT,
		    "verifier key: the id belongs to another key or name");
	*out = v;
	return 0;
}

/* One signature line: its parts, in place. */
struct line {
	struct slice name;
	uint32_t id;
	struct slice whole;
	size_t len; /* of the signature */
	uint8_t sig[SIGN_BYTES];
};

/* The text between dash and newline.  A longer signature than ours is of an
 * unknown type; its size is all that is looked at. */
static int
read_line(struct line *out, const uint8_t *p, size_t len, struct fault *f)
{
	uint8_t blob[8192]; /* ML-DSA-44 and its timestamp take 2,432 */
	const uint8_t *space = memchr(p, ' ', len);
	size_t n = 0, got;

	if (space != NULL)
		n = (size_t)(space - p);
	if (!valid_name(p, n) ||
	    !base64_read(blob, sizeof(blob), &got, (const char *)p + n + 1,
		len - n - 1, true) ||
	    got < 5)
		return fault_set(
		    f, FAULT_INPUT, "note: malformed signature line");
	*out = (struct line){ .name = { p, n }, .whole = { p, len } };
	out->id = (uint32_t)blob[0] << 24 | (uint32_t)blob[1] << 16 |
		  (uint32_t)blob[2] << 8 | blob[3];
	out->len = got - 4;
	if (out->len == SIGN_BYTES)
		memcpy(out->sig, blob + 4, SIGN_BYTES);
	return 0;
}

static const struct vkey *
known_key(const struct line *l, const struct vkey *keys, size_t nkeys)
{
	for (size_t i = 0; i < nkeys; i++)
		if (keys[i].id == l->id &&
		    strlen(keys[i].name) == l->name.len &&
		    memcmp(keys[i].name, l->name.at, l->name.len) == 0)
			return &keys[i];
	return NULL;
}

static bool
seen(const struct note *n, const struct line *l)
{
	for (size_t i = 0; i < n->nlines; i++)
		if (n->lines[i].id == l->id &&
		    n->lines[i].name.len == l->name.len &&
		    memcmp(n->lines[i].name.at, l->name.at, l->name.len) == 0)
			return true;
	return false;
}

/* Where the text ends: behind the newline before the last blank line. */
static int
find_text(size_t *text, const uint8_t *p, size_t len, struct fault *f)
{
	if (len > NOTE_BYTES_MAX)
		return fault_set(
		    f, FAULT_INPUT, "note: over %u bytes", NOTE_BYTES_MAX);
	if (!utf8_valid(p, len))
		return fault_set(f, FAULT_INPUT, "note: not UTF-8");
	for (size_t i = 0; i < len; i++)
		if (p[i] < 0x20 && p[i] != '\n')
			return fault_set(
			    f, FAULT_INPUT, "note: holds a control character");
	for (size_t i = len; i >= 2; i--) {
		if (p[i - 1] == '\n' && p[i - 2] == '\n') {
			*text = i - 1;
			return 0;
		}
	}
	return fault_set(
	    f, FAULT_INPUT, "note: no blank line before the signatures");
}

static int
add_line(struct note *n, const struct line *l, const struct vkey *keys,
    size_t nkeys, struct fault *f)
{
	const struct vkey *k = known_key(l, keys, nkeys);

	if (seen(n, l))
		return 0;
	if (k != NULL &&
	    (l->len != SIGN_BYTES ||
		!sign_check(k->key, n->text.at, n->text.len, l->sig)))
		return fault_set(f, FAULT_FORGED,
		    "note: the signature by %s is wrong", k->name);
	n->lines[n->nlines++] = (struct note_line){
		.name = l->name, .id = l->id, .verified = k != NULL
	};
	return 0;
}

int
note_open(struct note *out, const void *msg, size_t len,
    const struct vkey *keys, size_t nkeys, struct fault *f)
{
	const uint8_t *p = msg, *end = p + len;
	size_t text = 0, count = 0;
	bool any = false;

	memset(out, 0, sizeof(*out));
	if (find_text(&text, p, len, f) != 0)
		return -1;
	out->text = (struct slice){ p, text };
	p += text + 1;
	if (p == end)
		return fault_set(f, FAULT_INPUT, "note: no signature");
	while (p < end) {
		const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
		struct line l;

		if (nl == NULL || (size_t)(nl - p) < DASH_LEN ||
		    memcmp(p, DASH, DASH_LEN) != 0)
			return fault_set(
			    f, FAULT_INPUT, "note: malformed signature line");
		if (++count > NOTE_SIGNATURES_MAX)
			return fault_set(f, FAULT_INPUT,
			    "note: over %u signatures", NOTE_SIGNATURES_MAX);
		p += DASH_LEN;
		if (read_line(&l, p, (size_t)(nl - p), f) != 0 ||
		    add_line(out, &l, keys, nkeys, f) != 0)
			return -1;
		p = nl + 1;
	}
	for (size_t i = 0; i < out->nlines; i++)
		any = any || out->lines[i].verified;
	if (!any)
		return fault_set(
		    f, FAULT_FORGED, "note: no signature by a known key");
	return 0;
}

int
note_sign(struct bytes *out, struct slice text, const char *name,
    const struct sign_key *k, struct fault *f)
{
	uint8_t blob[4 + SIGN_BYTES], public[SIGN_PUBLIC_BYTES];
	size_t was = out->len;
	struct vkey v;

	sign_key_public(k, public);
	if (vkey_of(&v, name, public, f) != 0)
		return -1;
	if (text.len == 0 || text.at[text.len - 1] != '\n' ||
	    !utf8_valid(text.at, text.len))
		return fault_set(f, FAULT_INPUT,
		    "note: needs UTF-8 text that ends in a newline");
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < 0x20 && text.at[i] != '\n')
			return fault_set(
			    f, FAULT_INPUT, "note: holds a control character");
	put_id(blob, v.id);
	sign_make(k, text.at, text.len, blob + 4);
	if (bytes_add(out, text.at, text.len, f) == 0 &&
	    bytes_addf(out, f, "\n" DASH "%s ", v.name) == 0 &&
	    base64_add(out, blob, sizeof(blob), true, f) == 0 &&
	    bytes_add(out, "\n", 1, f) == 0)
		return 0;
	out->len = was;
	return -1;
}
