/*
 * Tests of a policy.  What is accepted has, in every case, one input at most
 * and one thing that is wanted of it, and as many values as columns; what is
 * refused names a line and a column.
 */

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void
look_at(const struct policy_case *c)
{
	must(c->name != NULL && c->file != NULL && c->line > 0);
	must(c->columns.n == c->values.n);
	must(c->want_columns.n == c->want_values.n);
	must((c->input == CASE_DOCUMENT || c->input == CASE_TEXT) ==
	     (c->text != NULL));
	must(c->input == CASE_ROW || c->columns.n == 0);
	if (c->wants != CASE_GIVES)
		must(c->want != NULL && c->want_columns.n == 0);
	else if (c->input == CASE_ROW)
		must(c->want == NULL);
	else
		must(c->want != NULL && c->input != CASE_NOTHING);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct policy_tests *t = NULL;
	struct fault f = { 0 };
	unsigned line, column;

	/* longer ones, in full words, could pass the ceilings */
	if (len > 16384)
		return 0;
	if (policy_tests_read(&t, "t", p, len, &f) != 0) {
		must(f.kind == FAULT_INPUT && t == NULL);
		must(sscanf(f.text, "t:%u:%u: ", &line, &column) == 2);
		return 0;
	}
	must(t->policy != NULL && t->policy[0] != '/' && t->key != NULL &&
	     t->vendor != NULL && t->ncases > 0);
	for (size_t i = 0; i < t->ncases; i++)
		look_at(&t->cases[i]);
	policy_tests_free(t);
	return 0;
}
