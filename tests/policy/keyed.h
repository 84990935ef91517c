#ifndef TESTS_POLICY_KEYED_H
#define TESTS_POLICY_KEYED_H

/* Keys as a vendor's domain has them, and values under them. */

#include "tests/support/test.h"

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/pseudonym/pseudonym.h"
#include "policy/transform/transform.h"

static struct fault f;
__attribute__((unused)) static char domain[] = "card";

/* The key that t needs, as derived from a vendor's secret. */
static inline struct transform_key *
key_of(const struct transform *t, uint8_t vendor)
{
	char name[TRANSFORM_KEY_CHARS + 1];
	struct secret from, key;
	struct transform_key *k;
	const char *field;
	enum key_use use;

	assert_true(transform_key_name(t, name));
	assert_ok(key_name_read(name, &use, &field, &f));
	assert_ok(secret_new(&from, 32, &f));
	from.at[0] = vendor;
	assert_ok(key_derive(&key, &from, use, "v.p", field, &f));
	assert_ok(transform_key_new(&k, name, &key, &f));
	secret_free(&from);
	secret_free(&key);
	return k;
}

typedef int call(const struct transform *, const struct transform_site *,
    const void *, size_t, struct bytes *, struct fault *);

static inline void
site_free(struct transform_site *site)
{
	transform_key_free((struct transform_key *)(uintptr_t)site->key);
	site->key = NULL;
}

/* The result of a call as text; the caller's to mem_free(). */
static inline char *
made(call *by, const struct transform *t, const struct transform_site *site,
    const char *value)
{
	struct bytes out;
	char *text;

	bytes_init(&out, 65536);
	f = (struct fault){ 0 };
	if (by(t, site, value, strlen(value), &out, &f) != 0)
		fail_msg("\"%s\": %s", value, f.text);
	text = mem_text(out.at, out.len);
	assert_non_null(text);
	bytes_free(&out);
	return text;
}

static inline void
assert_refuses(call *by, const struct transform *t,
    const struct transform_site *site, const char *value, const char *why)
{
	struct bytes out;

	bytes_init(&out, 65536);
	assert_ok(bytes_add_text(&out, "before", &f));
	f = (struct fault){ 0 };
	if (by(t, site, value, strlen(value), &out, &f) == 0)
		fail_msg("\"%s\" was let through", value);
	assert_int_equal(out.len, 6);
	if (strstr(f.text, why) == NULL)
		fail_msg("\"%s\": %s", value, f.text);
	if (strlen(value) > 3)
		assert_null(strstr(f.text, value));
	bytes_free(&out);
}

static inline int
keyed_start(void **state)
{
	(void)state;
	return secret_start(&f) != 0 || pseudonym_start(&f) != 0 ? -1 : 0;
}

#endif
