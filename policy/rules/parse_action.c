/*
 * Actions: a word, or a map of one word and what it needs.  The table has one
 * row for each, and the row's example is what a hint shows.
 */

#include <string.h>
#include <strings.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/rules/parse_internal.h"

/* "same", or how many fill characters are written. */
static int
read_fills(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	if (n->kind == NODE_SCALAR && strcmp(n->text, "same") == 0) {
		t->fills = 0;
		return 0;
	}
	if (tree_number(y, n, 1, TRANSFORM_FILL_MAX, &t->fills, f) != 0)
		return fault_hint(f, "length is same, or a number of fill "
				     "characters");
	return 0;
}

static int
read_fill(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	const char *text;
	size_t used;
	int32_t c;

	if (tree_text(y, n, "one character", &text, f) != 0)
		return -1;
	c = text[0] == '\0' ? -1 : utf8_next(text, strlen(text), &used);
	if (c < 0 || text[used] != '\0')
		return tree_fault(y, n, f, "expected one character");
	if (c <= 0x20 || (c >= 0x7f && c <= 0xa0))
		return tree_fault(y, n, f, "fill must be a visible character");
	t->fill = (uint32_t)c;
	return 0;
}

static int
read_first(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 0, TRANSFORM_CHARS_MAX, &t->first, f);
}

static int
read_last(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 0, TRANSFORM_CHARS_MAX, &t->last, f);
}

static int
read_mask(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "keep_first", false, read_first },
		{ "keep_last", false, read_last },
		{ "fill", false, read_fill },
		{ "length", false, read_fills },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "mask", to, f);
}

static int
read_domain(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	const char *text;

	if (tree_text(y, n, "the name of a domain", &text, f) != 0)
		return -1;
	if (text[0] == '\0' || strlen(text) > TRANSFORM_NAME_MAX)
		return tree_fault(y, n, f, "a domain's name has 1 to %u bytes",
		    TRANSFORM_NAME_MAX);
	return parse_copy(&t->domain, text, f);
}

static int
read_truncate(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 1, TRANSFORM_CHARS_MAX, &t->first, f);
}

static int
read_constant(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	const char *text;

	if (tree_text(y, n, "a text", &text, f) != 0)
		return fault_hint(f, "{constant: \"\"} blanks a field");
	if (strlen(text) > TRANSFORM_TEXT_MAX)
		return tree_fault(y, n, f, "a constant of more than %u bytes",
		    TRANSFORM_TEXT_MAX);
	return parse_copy(&t->text, text, f);
}

/* {digits, lower ...}, or the characters themselves in quotes. */
static int
read_alphabet(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	const char *text;
	size_t i;

	if (tree_text(y, n, "an alphabet", &text, f) != 0)
		return -1;
	if (n->plain) {
		if (tree_word(y, n, transform_alphabets, &i, f) != 0)
			return fault_hint(f,
			    "an alphabet of your own is written in quotes, "
			    "character by character: \"0123456789ABCDEF\"");
		text = transform_alphabet(transform_alphabets[i]);
	}
	if (strlen(text) > TRANSFORM_TEXT_MAX)
		return tree_fault(y, n, f, "an alphabet of more than %u bytes",
		    TRANSFORM_TEXT_MAX);
	return parse_copy(&t->text, text, f);
}

static int
read_separators(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	const char *text;

	if (tree_text(y, n, "characters", &text, f) != 0)
		return -1;
	if (strlen(text) > TRANSFORM_BETWEEN_MAX)
		return tree_fault(y, n, f, "separators of more than %u bytes",
		    TRANSFORM_BETWEEN_MAX);
	return parse_copy(&t->between, text, f);
}

static int
read_luhn(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "yes", "no", NULL };
	struct transform *t = to;
	size_t i;

	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	t->luhn = i == 0;
	return 0;
}

static int
read_kept_first(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 0, TRANSFORM_KEPT_MAX, &t->first, f);
}

static int
read_kept_last(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 0, TRANSFORM_KEPT_MAX, &t->last, f);
}

static int
read_fpe(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "alphabet", true, read_alphabet },
		{ "domain", false, read_domain },
		{ "luhn", false, read_luhn },
		{ "keep_first", false, read_kept_first },
		{ "keep_last", false, read_kept_last },
		{ "separators", false, read_separators },
		{ NULL, false, NULL },
	};
	struct transform *t = to;

	if (tree_map(y, n, keys, "fpe", to, f) != 0 ||
	    (t->between == NULL && parse_copy(&t->between, "", f) != 0))
		return -1;
	if (t->luhn && strcmp(t->text, transform_alphabet("digits")) != 0)
		return tree_fault(
		    y, n, f, "a check digit (luhn) needs alphabet: digits");
	if (!transform_letters_fit(t->text, t->between))
		return tree_fault(y, n, f,
		    "an alphabet has two visible characters or more, each "
		    "once, and none of them is a separator");
	return 0;
}

static int
read_scope(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "project", "document", "record",
		NULL };
	struct transform *t = to;
	size_t i;

	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	t->scope = (enum transform_scope)i;
	return 0;
}

static int
read_token(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "domain", false, read_domain },
		{ "scope", false, read_scope },
		{ NULL, false, NULL },
	};

	if (n->kind == NODE_MAP && n->child == NULL)
		return tree_fault(y, n, f, "token needs a domain or a scope");
	return tree_map(y, n, keys, "token", to, f);
}

static int
read_reversible(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "domain", true, read_domain },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "reversible", to, f);
}

static int
read_days(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 1, TRANSFORM_DAYS_MAX, &t->first, f);
}

static int
read_by(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "subject", NULL };
	size_t i;

	(void)to;
	return tree_word(y, n, words, &i, f);
}

static int
read_shift(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "days", true, read_days },
		{ "by", true, read_by },
		{ "order", false, parse_order },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "shift", to, f);
}

static int
read_ref_by(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	size_t i;

	if (tree_word(y, n, transform_bys, &i, f) != 0)
		return -1;
	t->first = (uint32_t)i;
	return 0;
}

static int
read_item_ref(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "by", true, read_ref_by },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "item_ref", to, f);
}

static const struct action {
	const char *name;
	enum transform_action action;
	bool bare; /* the word alone is enough */
	int (*read)(const struct tree *y, const struct node *n, void *to,
	    struct fault *f);
	const char *example;
} actions[] = {
	{ "keep", TRANSFORM_KEEP, true, NULL, "keep" },
	{ "drop", TRANSFORM_DROP, true, NULL, "drop" },
	{ "token", TRANSFORM_TOKEN, true, read_token,
	    "token, or {token: {domain: email}}" },
	{ "reversible", TRANSFORM_REVERSIBLE, true, read_reversible,
	    "reversible, or {reversible: {domain: name}}" },
	{ "fpe", TRANSFORM_FPE, false, read_fpe, "{fpe: {alphabet: digits}}" },
	{ "random", TRANSFORM_RANDOM, true, NULL, "random" },
	{ "mask", TRANSFORM_MASK, true, read_mask,
	    "mask, or {mask: {keep_last: 4}}" },
	{ "truncate", TRANSFORM_TRUNCATE, false, read_truncate,
	    "{truncate: 3}" },
	{ "generalise", TRANSFORM_DATE, false, parse_generalise,
	    "{generalise: {date: year}}" },
	{ "shift", TRANSFORM_SHIFT, false, read_shift,
	    "{shift: {days: 30, by: subject}}" },
	{ "noise", TRANSFORM_NOISE, false, parse_noise,
	    "{noise: {within: 5}}" },
	{ "detect", TRANSFORM_DETECT, true, parse_detect,
	    "detect, or {detect: {style: number}}" },
	{ "item_ref", TRANSFORM_ITEM_REF, false, read_item_ref,
	    "{item_ref: {by: path}}" },
	{ "uid", TRANSFORM_UID, true, NULL, "uid" },
	{ "constant", TRANSFORM_CONSTANT, false, read_constant,
	    "{constant: \"x\"}" },
	{ "refuse", TRANSFORM_REFUSE, true, NULL, "refuse" },
};
#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

/* What many a script does in place of a token. */
static bool
is_hash(const char *word)
{
	static const char *const hashes[] = { "hash", "hashed", "md5", "sha1",
		"sha-1", "sha2", "sha256", "sha-256", "sha384", "sha512",
		"sha-512", "sha3", "blake2", "blake2b", "blake3", "crc32",
		NULL };

	for (size_t i = 0; hashes[i] != NULL; i++)
		if (strcasecmp(word, hashes[i]) == 0)
			return true;
	return false;
}

static int
find_action(const struct tree *y, const struct node *n,
    const struct action **out, struct fault *f)
{
	const char *words[ACTIONS + 1] = { NULL };
	size_t i;

	if (n->kind == NODE_SCALAR && is_hash(n->text)) {
		(void)tree_fault(y, n, f,
		    "\"%s\" is no action: a hash without a key is undone by "
		    "trying values",
		    n->text);
		(void)fault_hint(f, "token is a hash with a key that only the "
				    "owner has; write: token");
		return -1;
	}
	for (i = 0; i < ACTIONS; i++)
		words[i] = actions[i].name;
	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	*out = &actions[i];
	return 0;
}

int
parse_action(const struct tree *y, const struct node *n, struct transform *t,
    struct fault *f)
{
	const struct node *word = n->kind == NODE_MAP ? n->child : n;
	const struct action *a;

	if (word == NULL || (n->kind == NODE_MAP && word->next->next != NULL))
		return tree_fault(y, n, f, "a field has one action");
	if (find_action(y, word, &a, f) != 0)
		return -1;
	t->action = a->action;
	t->line = word->line;
	t->fill = a->action == TRANSFORM_MASK ? '*' : 0;
	if (n->kind == NODE_MAP && a->read == NULL) {
		(void)tree_fault(y, word, f, "%s takes nothing", a->name);
		return fault_hint(f, "write: %s", a->example);
	}
	if (n->kind == NODE_MAP) {
		if (a->read(y, word->next, t, f) == 0)
			return 0;
		return fault_hint(f, "write: %s", a->example);
	}
	if (!a->bare) {
		(void)tree_fault(y, word, f, "%s needs to know more", a->name);
		return fault_hint(f, "write: %s", a->example);
	}
	return a->action == TRANSFORM_DETECT ? parse_detect_bare(t, f) : 0;
}
