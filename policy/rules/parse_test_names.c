/*
 * dictionary: in a file of tests: made-up persons, in the place of those that
 * the policy would find in a dataset.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/parse_internal.h"

#define TEST_NAMES_MAX 10000u

/* One person: what he is called by, and his key. */
static int
read_person(const struct tree *y, const struct node *n, struct test_names *t,
    struct fault *f)
{
	const char *words[DICTIONARY_KINDS + 2] = { NULL };
	const char *text;
	size_t which;

	for (size_t i = 0; i < DICTIONARY_KINDS; i++)
		words[i] = dictionary_names_words[i];
	words[DICTIONARY_KINDS] = "subject";
	if (n->kind != NODE_MAP || n->child == NULL) {
		(void)tree_fault(y, n, f, "expected a map of names");
		return fault_hint(f, "- {PERSON: Ann Lee, subject: P1}");
	}
	for (const struct node *k = n->child; k != NULL; k = k->next->next) {
		if (tree_word(y, k, words, &which, f) != 0 ||
		    tree_text(y, k->next, "a text", &text, f) != 0 ||
		    parse_copy(which == DICTIONARY_KINDS ? &t->subject
							 : &t->value[which],
			text, f) != 0)
			return -1;
	}
	return 0;
}

int
parse_test_names(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy_tests *t = to;
	size_t count = 0;

	if (n->kind != NODE_LIST || n->child == NULL) {
		(void)tree_fault(y, n, f, "expected a list of persons");
		return fault_hint(f, "- {PERSON: Ann Lee, subject: P1}");
	}
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (++count > TEST_NAMES_MAX)
			return tree_fault(
			    y, e, f, "more than %u persons", TEST_NAMES_MAX);
	if ((t->names = mem_array(count, sizeof(*t->names))) == NULL)
		return fault_memory(f);
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (read_person(y, e, &t->names[t->nnames++], f) != 0)
			return -1;
	return 0;
}

void
test_names_free(struct policy_tests *t)
{
	for (size_t i = 0; i < t->nnames; i++) {
		mem_free(t->names[i].subject);
		for (size_t k = 0; k < DICTIONARY_KINDS; k++)
			mem_free(t->names[i].value[k]);
	}
	mem_free(t->names);
}
