/* A person's key, which others on this machine must not see. */

#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/subject_internal.h"
#include "keys/base/mem.h"

/* A subject's key has at most this. */
#define SUBJECT_ROOM 4098u

int
subject_meant(const struct cli *c, bool *yes, struct fault *f)
{
	const char *said = option_text(c, "subject");

	*yes = said != NULL;
	if (said == NULL || strcmp(said, "-") == 0)
		return 0;
	(void)fault_set(
	    f, FAULT_USAGE, "a person's key does not go into the arguments");
	return fault_hint(f, "--subject - reads it from standard input");
}

/* Has standard input come to its end before it began? */
static bool
nothing_there(void)
{
	int ch = getc(stdin);

	return ch == EOF || ungetc(ch, stdin) == EOF;
}

int
subject_read(const struct cli *c, json_t *in, struct fault *f)
{
	bool given = option_text(c, "subject") != NULL;
	char *line;
	int rc = -1;

	if (!given && !person_there()) {
		(void)fault_set(f, FAULT_USAGE, "of whom?");
		return fault_hint(f,
		    "--subject - reads the person's key from standard "
		    "input");
	}
	if (given && !person_there() && nothing_there())
		return fault_set(
		    f, FAULT_USAGE, "no person's key came on standard input");
	if ((line = mem_new(SUBJECT_ROOM)) == NULL)
		return fault_memory(f);
	if (person_line(given && !person_there()
			    ? ""
			    : "The person's key, as the data has it: ",
		line, SUBJECT_ROOM, f) == 0)
		rc = json_object_set_new(in, "subject", json_string(line)) == 0
			 ? 0
			 : fault_set(f, FAULT_USAGE, "the key is not UTF-8");
	mem_free(line);
	return rc;
}

void
subject_unknown(const json_t *batches)
{
	if (json_array_size(batches) == 0)
		speak("no batch here is about this person; if one should be: "
		      "is the key as the\ndata has it, letter for letter?\n");
}
