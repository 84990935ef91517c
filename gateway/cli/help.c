/* Help made from the command table, so that it cannot disagree with it. */

#include <string.h>

#include "gateway/cli/cli.h"

static void
print_options(const struct option *o)
{
	for (; o != NULL && o->name != NULL; o++) {
		char left[48];

		(void)snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
		    o->letter != 0 ? '-' : ' ',
		    o->letter != 0 ? o->letter : ' ',
		    o->letter != 0 ? ", " : "  ", o->name,
		    o->value != NULL ? " " : "",
		    o->value != NULL ? o->value : "");
		printf("  %-30s %s\n", left, o->what);
	}
}

void
help_command(const struct command *c)
{
	printf("usage: handoff %s%s%s%s\n\n%s\n", c->name,
	    c->options != NULL ? " [OPTION]..." : "",
	    c->args[0] != '\0' ? " " : "", c->args, c->what);
	if (c->options != NULL) {
		printf("\noptions:\n");
		print_options(c->options);
	}
	printf("\nfor every command:\n");
	print_options(global_options);
	if (c->example != NULL)
		printf("\nexample:\n  %s\n", c->example);
}

void
help_all(void)
{
	const char *role = "";

	printf("usage: handoff COMMAND [OPTION]... [OPERAND]...\n");
	for (const struct command *c = commands; c->name != NULL; c++) {
		if (strcmp(c->role, role) != 0)
			printf("\n%s\n", role = c->role);
		printf("  %-18s %s\n", c->name, c->what);
	}
	printf(
	    "\n`handoff COMMAND --help` shows one command.\n"
	    "exit status: 0 done, 2 usage, 3 refused by policy, "
	    "4 forged or altered,\n  5 the other side or the network failed, "
	    "6 malformed or over a limit, 7 system\n");
}
