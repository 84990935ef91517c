/*
 * {hierarchy: {file, level, sha256}}: labels that lie in a file beside the
 * policy.  Its digest stands in the policy, so that the digest of the policy,
 * which manifests and the log name, is that of the labels too.
 */

#include <sodium.h>
#include <string.h>

#include "keys/base/text.h"
#include "policy/rules/parse_internal.h"

int
parse_beside(const struct tree *y, const struct node *n, const char *what,
    char **out, struct fault *f)
{
	const char *text;

	if (tree_text(y, n, "the name of a file", &text, f) != 0)
		return -1;
	if (text[0] == '\0' || text[0] == '.' || strchr(text, '/') != NULL ||
	    strlen(text) > HIERARCHY_NAME_MAX) {
		(void)tree_fault(
		    y, n, f, "%s lies in the folder of the policy", what);
		return fault_hint(f,
		    "its name is 1 to %u bytes, without / and "
		    "without . in front",
		    HIERARCHY_NAME_MAX);
	}
	return parse_copy(out, text, f);
}

static int
read_file(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return parse_beside(y, n, "a hierarchy", &t->text, f);
}

static int
read_level(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 1, TRANSFORM_LEVELS_DEEP, &t->first, f);
}

int
parse_sha256(const struct tree *y, const struct node *n, uint8_t out[32],
    struct fault *f)
{
	const char *text;

	if (tree_text(y, n, "a digest", &text, f) != 0)
		return -1;
	if (!hex_read(out, 32, text, strlen(text))) {
		(void)tree_fault(
		    y, n, f, "expected a SHA-256 of 64 digits 0-9 a-f");
		return fault_hint(f, "sha256sum FILE");
	}
	return 0;
}

static int
read_sha256(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return parse_sha256(y, n, t->sha256, f);
}

int
parse_hierarchy(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "file", true, read_file },
		{ "level", true, read_level },
		{ "sha256", true, read_sha256 },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "hierarchy", to, f);
}

static bool
is_unread(const struct transform *t)
{
	return t->action == TRANSFORM_LEVEL && t->levels == NULL;
}

static struct transform *
unread_level(const struct risk_rule *r)
{
	for (size_t i = 0; i < r->nfields; i++)
		for (size_t k = 0; k < r->fields[i].nlevels; k++)
			if (is_unread(&r->fields[i].levels[k]))
				return &r->fields[i].levels[k];
	return NULL;
}

/* The next field or level, in the order of the policy, whose hierarchy is not
 * read. */
static struct transform *
unread(const struct policy *p)
{
	struct transform *t;

	for (size_t i = 0; i < p->nfiles; i++)
		for (size_t k = 0; k < p->files[i].nfields; k++)
			if (is_unread(&p->files[i].fields[k].how))
				return &p->files[i].fields[k].how;
	for (size_t i = 0; i < p->nrisks; i++)
		if ((t = unread_level(&p->risks[i])) != NULL)
			return t;
	return NULL;
}

const char *
policy_wants(const struct policy *p)
{
	const struct transform *t = unread(p);

	return t == NULL ? NULL : t->text;
}

int
policy_give(struct policy *p, const void *bytes, size_t len, struct fault *f)
{
	struct transform *t = unread(p);
	uint8_t digest[32];
	char hex[HEX_CHARS(sizeof(digest)) + 1];

	must(t != NULL);
	must(crypto_hash_sha256(digest, bytes, len) == 0);
	if (memcmp(digest, t->sha256, sizeof(digest)) != 0) {
		hex_write(hex, digest, sizeof(digest));
		(void)fault_set(f, FAULT_INPUT,
		    "%s:%u: %s is not the file that the policy names", p->name,
		    t->line, t->text);
		return fault_hint(
		    f, "if it is to be this one: sha256: %s", hex);
	}
	if (transform_levels_read(t, bytes, len, f) != 0)
		return fault_at(f, "%s", t->text);
	return 0;
}
