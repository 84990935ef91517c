/*
 * The schema's tools: maps read by a table of keys, scalars read as what the
 * table expects, and a hint for what was nearly right.
 */

#include <stdio.h>
#include <string.h>

#include "keys/base/near.h"
#include "keys/base/text.h"
#include "policy/rules/tree_internal.h"

void
tree_choices(char *out, size_t room, const char *const *words)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; words[i] != NULL && used < room; i++)
		used += (size_t)snprintf(out + used, room - used, "%s%s",
		    i == 0		   ? ""
		    : words[i + 1] == NULL ? " or "
					   : ", ",
		    words[i]);
}

static const char *
kind_name(const struct node *n)
{
	return n->kind == NODE_MAP    ? "a map"
	       : n->kind == NODE_LIST ? "a list"
				      : "a text";
}

int
tree_text(const struct tree *y, const struct node *n, const char *what,
    const char **out, struct fault *f)
{
	if (n->kind != NODE_SCALAR)
		return tree_fault(
		    y, n, f, "expected %s, found %s", what, kind_name(n));
	if (n->plain && n->text[0] == '\0')
		return tree_fault(y, n, f, "expected %s, found nothing", what);
	*out = n->text;
	return 0;
}

int
tree_point(const char *text, struct fault *f)
{
	if (text != NULL && strchr(text, ',') == NULL)
		return -1;
	return fault_hint(f, "write a decimal with a point: 0.5");
}

int
tree_number(const struct tree *y, const struct node *n, uint32_t min,
    uint32_t max, uint32_t *out, struct fault *f)
{
	const char *text;
	uint64_t v;

	if (tree_text(y, n, "a whole number", &text, f) != 0)
		return -1;
	if (!n->plain)
		return tree_fault(
		    y, n, f, "expected a whole number, without quotes");
	if (!u64_read(&v, text, strlen(text), max) || v < min)
		return tree_fault(
		    y, n, f, "expected a whole number from %u to %u", min, max);
	*out = (uint32_t)v;
	return 0;
}

static int
unknown_word(const struct tree *y, const struct node *n, const char *text,
    const char *const *words, struct fault *f)
{
	const char *near = near_word(text, words);
	char all[240];

	tree_choices(all, sizeof(all), words);
	(void)tree_fault(y, n, f, "unknown \"%s\"", text);
	if (near != NULL)
		return fault_hint(f, "did you mean %s?  (%s)", near, all);
	return fault_hint(f, "it can be %s", all);
}

int
tree_word(const struct tree *y, const struct node *n, const char *const *words,
    size_t *out, struct fault *f)
{
	const char *text;
	char all[240];

	tree_choices(all, sizeof(all), words);
	if (tree_text(y, n, all, &text, f) != 0)
		return -1;
	for (size_t i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], text) == 0) {
			*out = i;
			return 0;
		}
	return unknown_word(y, n, text, words, f);
}

#define KEYS_MAX 24 /* of one map's table */

static int
unknown_key(const struct tree *y, const struct node *k,
    const struct tree_key *keys, const char *what, struct fault *f)
{
	const char *words[KEYS_MAX + 1] = { NULL }, *near;
	char all[240];

	for (size_t i = 0; keys[i].name != NULL; i++) {
		must(i < KEYS_MAX);
		words[i] = keys[i].name;
	}
	tree_choices(all, sizeof(all), words);
	(void)tree_fault(y, k, f, "unknown key \"%s\" in %s", k->text, what);
	if ((near = near_word(k->text, words)) != NULL)
		return fault_hint(f, "did you mean %s?", near);
	return fault_hint(f, "the keys are %s", all);
}

/* {width: 0,5} is {width: 0, 5: }. */
static int
check_commas(const struct tree *y, const struct node *map, struct fault *f)
{
	for (const struct node *k = map->child; k != NULL; k = k->next->next) {
		const struct node *v = k->next;

		if (k->text[0] == '\0' ||
		    strspn(k->text, "0123456789") != strlen(k->text) ||
		    v->kind != NODE_SCALAR || v->text[0] != '\0')
			continue;
		(void)tree_fault(y, k, f, "unexpected \"%s\"", k->text);
		return tree_point(NULL, f);
	}
	return 0;
}

int
tree_map(const struct tree *y, const struct node *n,
    const struct tree_key *keys, const char *what, void *to, struct fault *f)
{
	uint32_t seen = 0;

	if (n->kind != NODE_MAP)
		return tree_fault(y, n, f, "expected %s (a map), found %s",
		    what,
		    n->kind == NODE_SCALAR && n->text[0] == '\0'
			? "nothing"
			: kind_name(n));
	if (check_commas(y, n, f) != 0)
		return -1;
	for (const struct node *k = n->child; k != NULL; k = k->next->next) {
		size_t i = 0;

		while (
		    keys[i].name != NULL && strcmp(keys[i].name, k->text) != 0)
			i++;
		if (keys[i].name == NULL)
			return unknown_key(y, k, keys, what, f);
		seen |= 1u << i;
		if (keys[i].read(y, k->next, to, f) != 0)
			return -1;
	}
	for (size_t i = 0; keys[i].name != NULL; i++)
		if (keys[i].required && (seen & 1u << i) == 0)
			return tree_fault(
			    y, n, f, "%s needs \"%s\"", what, keys[i].name);
	return 0;
}
