/*
 * handoff: sensitive data goes out to be labelled, and labels come back that
 * can be trusted.
 *
 * main() finds the command, runs it, and is the only place that prints a fault
 * and turns its kind into the exit status.
 */

#include <string.h>

#include "gateway/cli/cli.h"
#include "keys/base/secret.h"

#define VERSION "0.1.0"

/* The row for argv[0] (and argv[1], for two-word commands); *used words. */
static const struct command *
find_command(int argc, char **argv, int *used)
{
	for (const struct command *c = commands; c->name != NULL; c++) {
		const char *second = strchr(c->name, ' ');
		size_t first = strcspn(c->name, " ");

		if (strlen(argv[0]) != first ||
		    strncmp(argv[0], c->name, first) != 0)
			continue;
		if (second == NULL) {
			*used = 1;
			return c;
		}
		if (argc > 1 && strcmp(argv[1], second + 1) == 0) {
			*used = 2;
			return c;
		}
	}
	return NULL;
}

/* Two-word commands whose first word matches, for "handoff audit". */
static int
print_group(const char *word)
{
	int shown = 0;

	for (const struct command *c = commands; c->name != NULL; c++)
		if (strncmp(c->name, word, strlen(word)) == 0 &&
		    c->name[strlen(word)] == ' ') {
			fprintf(
			    stderr, "  handoff %-18s %s\n", c->name, c->what);
			shown++;
		}
	return shown;
}

static int
report(const char *command, const struct fault *f)
{
	fflush(stdout);
	fprintf(stderr, "handoff: %s: %s\n", command, f->text);
	if (f->hint[0] != '\0')
		fprintf(stderr, "handoff: hint: %s\n", f->hint);
	return (int)f->kind;
}

static int
run(const struct command *command, int argc, char **argv)
{
	struct cli c = { .command = command };
	struct fault f = { 0 };
	int rc;

	rc = options_parse(&c, argc, argv, &f);
	if (rc == 0 && option_set(&c, "help"))
		help_command(command);
	else if (rc == 0)
		rc = command->run(&c, &f);
	if (rc == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		rc = fault_errno(&f, "standard output");
	options_free(&c);
	return rc == 0 ? 0 : report(command->name, &f);
}

static int
help(int argc, char **argv)
{
	int used;
	const struct command *c;

	if (argc > 0 && (c = find_command(argc, argv, &used)) != NULL)
		help_command(c);
	else if (argc == 0 || print_group(argv[0]) == 0)
		help_all();
	return 0;
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
		return 0;
	}
	if ((c = find_command(argc - 1, argv + 1, &used)) != NULL)
		return run(c, argc - 1 - used, argv + 1 + used);
	if (print_group(argv[1]) == 0)
		fprintf(stderr,
		    "handoff: unknown command \"%s\"\nhandoff: hint: handoff "
		    "help\n",
		    argv[1]);
	return FAULT_USAGE;
}
