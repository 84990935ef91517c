/* The persons that a file of tests makes up, as the dictionary of its cases:
 * lines of JSON, read by a worker as a dataset's would be. */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "gateway/flow/policy_test_internal.h"
#include "keys/base/files.h"

static int
add_line(struct bytes *out, const struct test_names *t, struct fault *f)
{
	json_t *o = json_object();
	char *text;
	int rc;

	if (o == NULL)
		return fault_memory(f);
	rc = t->subject == NULL
		 ? 0
		 : json_object_set_new(o, "subject", json_string(t->subject));
	for (size_t i = 0; rc == 0 && i < DICTIONARY_KINDS; i++)
		if (t->value[i] != NULL)
			rc = json_object_set_new(o, dictionary_names_words[i],
			    json_string(t->value[i]));
	text = rc == 0 ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (text == NULL)
		return fault_memory(f);
	rc = bytes_add_text(out, text, f);
	free(text); /* jansson's */
	return rc != 0 ? -1 : bytes_add_text(out, "\n", f);
}

int
policy_test_names(struct testing *t, struct fault *f)
{
	struct bytes lines;
	int rc = 0;

	if (t->tests->nnames == 0)
		return 0;
	bytes_init(&lines, 4 * (size_t)POLICY_BYTES_MAX);
	for (size_t i = 0; rc == 0 && i < t->tests->nnames; i++)
		rc = add_line(&lines, &t->tests->names[i], f);
	if (rc == 0)
		rc = dictionary_of_lines(&t->names, &lines, f);
	bytes_free(&lines);
	return rc;
}
