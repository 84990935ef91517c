/*
 * Entries of our own logs: canonical JSON of a narrow kind (audit.h).
 *
 * A leaf is read thousands of times at every start, so its reader is not a
 * JSON parser: it walks the one byte sequence that the writer makes, and
 * whatever strays from it (white space, escapes, members out of order, numbers
 * in another spelling) is not a leaf.  Reader and writer agree because the
 * writer ends by reading what it wrote.
 */

#include <string.h>

#include "gateway/audit/audit.h"
#include "keys/base/doc.h"
#include "keys/base/text.h"

struct walk {
	const uint8_t *at;
	const uint8_t *end;
};

static bool
take(struct walk *w, uint8_t c)
{
	if (w->at == w->end || *w->at != c)
		return false;
	w->at++;
	return true;
}

/* 0x20 to 0x7e but '"' and '\\', a bit each: most bytes of a leaf are asked. */
static const uint32_t plain[8] = { 0, 0xfffffffb, 0xefffffff, 0x7fffffff };

static bool
take_text_value(struct walk *w, struct slice *out)
{
	const uint8_t *p = w->at, *end = w->end;

	if (!take(w, '"'))
		return false;
	for (p++; p < end && (plain[*p >> 5] >> (*p & 31) & 1) != 0; p++)
		;
	*out = (struct slice){ w->at, (size_t)(p - w->at) };
	w->at = p;
	return take(w, '"');
}

/* "0" or digits without a leading zero, up to 2^53-1; nothing of ours is
 * negative. */
static bool
take_number(struct walk *w, struct slice *out)
{
	const uint8_t *start = w->at;
	uint64_t v;

	while (w->at < w->end && *w->at >= '0' && *w->at <= '9')
		w->at++;
	*out = (struct slice){ start, (size_t)(w->at - start) };
	return u64_read(&v, (const char *)start, out->len, 9007199254740991);
}

static bool
take_word(struct walk *w, struct slice *out)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(words[i]);

		if ((size_t)(w->end - w->at) >= len &&
		    memcmp(w->at, words[i], len) == 0) {
			*out = (struct slice){ w->at, len };
			w->at += len;
			return true;
		}
	}
	return false;
}

static bool
take_list(struct walk *w, struct slice *out)
{
	const uint8_t *start = w->at;
	struct slice one;

	if (!take(w, '['))
		return false;
	if (!take(w, ']')) {
		do {
			if (!take_text_value(w, &one))
				return false;
		} while (take(w, ','));
		if (!take(w, ']'))
			return false;
	}
	*out = (struct slice){ start, (size_t)(w->at - start) };
	return true;
}

static bool
take_value(struct walk *w, struct audit_member *m)
{
	uint8_t c = w->at < w->end ? *w->at : 0;

	if (c == '"') {
		m->type = AUDIT_TEXT;
		return take_text_value(w, &m->value);
	}
	if (c == '[') {
		m->type = AUDIT_TEXTS;
		return take_list(w, &m->value);
	}
	if (c >= '0' && c <= '9') {
		m->type = AUDIT_NUMBER;
		return take_number(w, &m->value);
	}
	m->type = AUDIT_WORD;
	return take_word(w, &m->value);
}

/* Plain characters sort as bytes, as RFC 8785 wants names sorted. */
static bool
before(const struct slice *a, const struct slice *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int c = memcmp(a->at, b->at, n);

	return c != 0 ? c < 0 : a->len < b->len;
}

static bool
take_object(struct walk *w, struct audit_leaf *l)
{
	if (!take(w, '{'))
		return false;
	do {
		struct audit_member *m = &l->members[l->nmembers];

		if (l->nmembers == AUDIT_MEMBERS_MAX ||
		    !take_text_value(w, &m->name) || !take(w, ':') ||
		    !take_value(w, m) ||
		    (l->nmembers > 0 && !before(&m[-1].name, &m->name)))
			return false;
		l->nmembers++;
	} while (take(w, ','));
	return take(w, '}') && w->at == w->end;
}

const struct audit_member *
audit_leaf_member(const struct audit_leaf *l, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < l->nmembers; i++)
		if (l->members[i].name.len == len &&
		    memcmp(l->members[i].name.at, name, len) == 0)
			return &l->members[i];
	return NULL;
}

bool
audit_leaf_is(const struct audit_leaf *l, const char *kind)
{
	return l->kind.len == strlen(kind) &&
	       memcmp(l->kind.at, kind, l->kind.len) == 0;
}

static bool
is_hex(const struct audit_member *m, size_t bytes)
{
	uint8_t out[DIGEST_BYTES];

	return m->type == AUDIT_TEXT &&
	       hex_read(out, bytes, (const char *)m->value.at, m->value.len);
}

int
audit_leaf_read(
    struct audit_leaf *out, const void *p, size_t len, struct fault *f)
{
	struct walk w = { p, (const uint8_t *)p + len };
	const struct audit_member *m;

	out->bytes = (struct slice){ p, len };
	out->nmembers = 0;
	if (len > AUDIT_LEAF_MAX || !take_object(&w, out))
		return fault_set(
		    f, FAULT_FORGED, "not an entry in canonical form");
	if ((m = audit_leaf_member(out, "at")) == NULL ||
	    m->type != AUDIT_TEXT || m->value.len != CLOCK_CHARS ||
	    !clock_read(&out->at, (const char *)m->value.at, m->value.len))
		return fault_set(f, FAULT_FORGED, "entry has no time");
	if ((m = audit_leaf_member(out, "salt")) == NULL ||
	    !is_hex(m, AUDIT_SALT_BYTES))
		return fault_set(f, FAULT_FORGED, "entry has no salt");
	if ((m = audit_leaf_member(out, "sidecar")) != NULL &&
	    !is_hex(m, DIGEST_BYTES))
		return fault_set(
		    f, FAULT_FORGED, "entry has a malformed sidecar digest");
	if ((m = audit_leaf_member(out, "kind")) == NULL ||
	    m->type != AUDIT_TEXT || m->value.len == 0)
		return fault_set(f, FAULT_FORGED, "entry has no kind");
	out->kind = m->value;
	return 0;
}

/* The members that every entry has, beside those of body. */
static int
add_frame(json_t *doc, const struct audit_draft *d, struct fault *f)
{
	uint8_t salt[AUDIT_SALT_BYTES], digest[DIGEST_BYTES];
	char at[CLOCK_CHARS + 1], hex[DIGEST_CHARS + 1];

	if (json_object_get(doc, "at") != NULL ||
	    json_object_get(doc, "kind") != NULL ||
	    json_object_get(doc, "salt") != NULL ||
	    json_object_get(doc, "sidecar") != NULL)
		return fault_set(
		    f, FAULT_INPUT, "entry body has a member of the frame");
	clock_write(at, d->at);
	random_fill(salt, sizeof(salt));
	hex_write(hex, salt, sizeof(salt));
	if (json_object_set_new(doc, "at", json_string(at)) != 0 ||
	    json_object_set_new(doc, "kind", json_string(d->kind)) != 0 ||
	    json_object_set_new(doc, "salt", json_string(hex)) != 0)
		return fault_memory(f);
	if (d->sidecar.len == 0)
		return 0;
	digest_of(digest, d->sidecar.at, d->sidecar.len);
	hex_write(hex, digest, sizeof(digest));
	if (json_object_set_new(doc, "sidecar", json_string(hex)) != 0)
		return fault_memory(f);
	return 0;
}

int
audit_leaf_write(
    struct bytes *out, const struct audit_draft *d, struct fault *f)
{
	struct fault strict = { .kind = FAULT_NONE };
	struct audit_leaf leaf;
	size_t was = out->len;
	json_t *doc;
	int rc = -1;

	if (!json_is_object(d->body))
		return fault_set(
		    f, FAULT_INPUT, "%s: body is no object", d->kind);
	if ((doc = json_copy((json_t *)(uintptr_t)d->body)) == NULL)
		return fault_memory(f);
	if (add_frame(doc, d, f) != 0 || doc_write(out, doc, f) != 0)
		goto out;
	if (audit_leaf_read(&leaf, out->at + was, out->len - was, &strict) !=
	    0) {
		(void)fault_set(f, FAULT_INPUT, "%s: %s", d->kind, strict.text);
		goto out;
	}
	rc = 0;
out:
	if (rc != 0)
		out->len = was;
	json_decref(doc);
	return rc;
}
