/*
 * handoff: sensitive data goes out to be labelled, and labels come back that
 * can be trusted.
 *
 * main() finds the command, runs it, and is the only place that prints a fault
 * and turns its kind into the exit status.
 */

#include <string.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/home_internal.h"
#include "keys/base/secret.h"

#define VERSION "0.1.0"

static int
report(const char *command, const struct fault *f)
{
	fflush(stdout);
	speak_to(stderr, "handoff: %s: %s\n", command, f->text);
	if (f->hint[0] != '\0')
		speak_to(stderr, "handoff: hint: %s\n", f->hint);
	return (int)f->kind;
}

/* A hint that is a line to paste works on the home that this one worked on. */
static int
report_at(const struct cli *c, struct fault *f)
{
	struct fault was = *f;
	const struct command *to;
	const char *end;
	char *argv[2], first[24], second[24];
	int n, used = 0;

	n = sscanf(was.hint, "handoff %23[a-z-] %23[a-z-]", first, second);
	argv[0] = first;
	argv[1] = second;
	if (n < 1 || strstr(was.hint, "--home") != NULL ||
	    strstr(was.hint, "--help") != NULL ||
	    strstr(was.hint, "--show") != NULL || /* reads a file alone */
	    (to = command_find(n, argv, &used)) == NULL ||
	    strcmp(to->role, "plumbing") == 0)
		return report(c->command->name, f);
	end = was.hint + strlen("handoff ") + strlen(first);
	if (used == 2)
		end += 1 + strlen(second);
	f->hint[0] = '\0';
	(void)fault_hint(
	    f, "%.*s%s%s", (int)(end - was.hint), was.hint, home_said(c), end);
	return report(c->command->name, f);
}

/* Did all that was said get there?  What nobody can read was not told. */
static int
said(int rc, struct fault *f)
{
	if (rc == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		return fault_errno(f, "standard output");
	return rc;
}

static int
run(const struct command *command, int argc, char **argv)
{
	struct cli c = { .command = command };
	struct fault f = { 0 };
	int rc;

	rc = options_parse(&c, argc, argv, &f);
	if (rc == 0 && option_set(&c, "help"))
		rc = help_command(command, c.json, &f);
	else if (rc == 0)
		rc = command->run(&c, &f);
	rc = said(rc, &f);
	options_free(&c);
	return rc == 0 ? 0 : report_at(&c, &f);
}

static int
help(int argc, char **argv)
{
	struct fault f = { 0 };
	int rc = 0;

	if (argc == 0)
		help_all();
	else if (strcmp(argv[0], "--json") == 0)
		rc = help_json(&f);
	else
		rc = help_about(argc, argv, &f);
	rc = said(rc, &f);
	return rc == 0 ? 0 : report("help", &f);
}

/* One of the two words of several commands: those are what there is. */
static int
group(const char *word, const char *second)
{
	struct fault f = { 0 };

	if (second != NULL &&
	    (strcmp(second, "--help") == 0 || strcmp(second, "-h") == 0)) {
		(void)help_group(stdout, word);
		return said(0, &f) == 0 ? 0 : report("help", &f);
	}
	if (second != NULL && second[0] != '-')
		speak_to(stderr, "handoff: %s %s: no such command; there are\n",
		    word, second);
	(void)help_group(stderr, word);
	return FAULT_USAGE;
}

static int
unknown(const char *word, const char *second)
{
	const char *near = command_near(word);
	struct fault f = { 0 };

	if (help_group(NULL, word) > 0)
		return group(word, second);
	(void)fault_set(&f, FAULT_USAGE, "no such command");
	(void)fault_hint(&f, "handoff %s", near != NULL ? near : "help");
	return report(word, &f);
}

/* "-q status": options stand behind the command, which may be there, too. */
static int
no_command(int argc, char **argv)
{
	char before[200] = "", behind[200] = "";
	const struct command *c = NULL;
	struct fault f = { 0 };
	int used = 0, at = 1;

	while (at < argc &&
	       (c = command_find(argc - at, argv + at, &used)) == NULL)
		at++;
	for (int i = 1; i < argc; i++) {
		char *to = i < at ? before : behind;
		size_t n = strlen(to);

		if (i < at || i >= at + used)
			(void)snprintf(
			    to + n, sizeof(before) - n, " %.80s", argv[i]);
	}
	(void)fault_set(&f, FAULT_USAGE, "options stand behind the command");
	if (c != NULL)
		(void)fault_hint(&f, "handoff %s%s%s", c->name, before, behind);
	else
		(void)fault_hint(&f, "handoff help");
	return report("options", &f);
}

int
main(int argc, char **argv)
{
	struct fault f = { 0 };
	const struct command *c;
	int used;

	process_begin(argc, argv, roles); /* does not return in a child */
	if (secret_start(&f) != 0)
		return report("start", &f);
	if (argc < 2) {
		help_all();
		return FAULT_USAGE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)
		return help(argc - 2, argv + 2);
	if (strcmp(argv[1], "--version") == 0) {
		puts("handoff " VERSION);
		return said(0, &f) == 0 ? 0 : report("version", &f);
	}
	if (argv[1][0] == '-')
		return no_command(argc, argv);
	if ((c = command_find(argc - 1, argv + 1, &used)) != NULL)
		return run(c, argc - 1 - used, argv + 1 + used);
	return unknown(argv[1], argc > 2 ? argv[2] : NULL);
}
