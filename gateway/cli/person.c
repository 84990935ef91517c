/*
 * Questions to a person at a terminal: is this fingerprint the one you were
 * told, is this batch the one you mean.  A question is asked on standard error
 * and answered on standard input, and never to a pipe.
 */

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/cli/answer_internal.h"

bool
person_there(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

int
person_line(const char *prompt, char *out, size_t room, struct fault *f)
{
	size_t len = 0;
	int ch;

	fflush(stdout);
	speak_to(stderr, "%s", prompt);
	while ((ch = getc(stdin)) != EOF && ch != '\n') {
		if (ch == '\0')
			return fault_set(
			    f, FAULT_USAGE, "the answer has a NUL in it");
		if (len + 1 == room)
			return fault_set(
			    f, FAULT_USAGE, "the answer is too long");
		out[len++] = (char)ch;
	}
	if (ch == EOF && len == 0)
		return fault_set(f, FAULT_USAGE, "nothing was answered");
	out[len] = '\0';
	while (len > 0 && strchr(" \t\r\n", out[len - 1]) != NULL)
		out[--len] = '\0';
	return 0;
}

/* Are these the first and the last of the fingerprint's words? */
static bool
ends_of(const char *spelt, const char *typed)
{
	const char *last = strrchr(spelt, ' ');
	size_t first = strcspn(spelt, " ");
	char want[32];

	(void)snprintf(want, sizeof(want), "%.*s %s", (int)first, spelt,
	    last != NULL ? last + 1 : "");
	return strcasecmp(want, typed) == 0;
}

int
person_typed(const struct cli *c, const char **typed, struct fault *f)
{
	*typed = option_text(c, "fingerprint");
	if (*typed == NULL || fingerprint_formed(*typed))
		return 0;
	(void)fault_set(f, FAULT_USAGE,
	    "--fingerprint: neither 8 words nor 32 hexadecimal digits");
	return fault_hint(
	    f, "--fingerprint 'lusab babad gutih ...', as its holder reads it");
}

/* As --fingerprint was given, that of the card it must be. */
static int
compare(const struct fingerprint *print, const char *typed, const char *file,
    struct fault *f)
{
	if (fingerprint_same(print, typed))
		return 0;
	(void)fault_set(f, FAULT_FORGED,
	    "fingerprint: not that of this card, which may be forged");
	return fault_hint(
	    f, "handoff card --show %s, and ask its sender", file);
}

int
person_fingerprint(const struct cli *c, const char *whose, const char *file,
    const struct fingerprint *print, const char **typed, struct fault *f)
{
	char line[128];

	if (person_typed(c, typed, f) != 0)
		return -1;
	if (*typed != NULL)
		return compare(print, *typed, file, f);
	if (!person_there())
		return 0;
	speak_to(stderr,
	    "The fingerprint of %s's card:\n\n    %s\n    %s\n\n"
	    "Call them on a number that you did not get with the card, and "
	    "have them\nread theirs to you (handoff card --show FILE).  If "
	    "all of it agrees, type the\nfirst and the last word; nothing "
	    "leaves it unconfirmed.\n",
	    whose, print->words, print->hex);
	if (person_line("First and last word: ", line, sizeof(line), f) != 0)
		return -1;
	if (line[0] == '\0')
		return 0;
	if (!ends_of(print->words, line))
		return fault_set(f, FAULT_FORGED,
		    "fingerprint: these are not its first and last word");
	*typed = print->hex;
	return 0;
}

int
person_agrees(const struct cli *c, const char *name, struct fault *f)
{
	char prompt[CELL_CHARS + 64], line[CELL_CHARS];

	if (option_set(c, "yes"))
		return 0;
	if (!person_there()) {
		(void)fault_set(f, FAULT_USAGE,
		    "nobody is there to agree; --yes says that you did");
		return c->nwords == 0
			   ? fault_hint(f, "handoff %s --subject - --yes",
				 c->command->name)
			   : fault_hint(f, "handoff %s %s --yes",
				 c->command->name, name);
	}
	(void)snprintf(prompt, sizeof(prompt), "Type %s to go on: ", name);
	if (person_line(prompt, line, sizeof(line), f) != 0)
		return -1;
	if (strcmp(line, name) == 0)
		return 0;
	return fault_set(f, FAULT_USAGE, "that is another name; nothing done");
}

int
person_name(const struct cli *c, char out[256], struct fault *f)
{
	const char *as = option_text(c, "as");
	const struct passwd *user;

	if (as == NULL && (user = getpwuid(getuid())) != NULL)
		as = user->pw_name;
	if (as == NULL || as[0] == '\0' || strlen(as) > 255)
		return fault_set(
		    f, FAULT_USAGE, "who is it? --as NAME, to 255 bytes");
	(void)snprintf(out, 256, "%s", as);
	return 0;
}
