/*
 * Help made from the command table, so that it cannot disagree with it, and
 * from the vocabulary (words.c).  The man pages are compared with the JSON
 * that help_command() writes.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "keys/base/near.h"

static void
print_options(const struct option *o, bool json)
{
	for (; o != NULL && o->name != NULL; o++) {
		char left[48];

		if (!json && strcmp(o->name, "json") == 0)
			continue;

		(void)snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
		    o->letter != 0 ? '-' : ' ',
		    o->letter != 0 ? o->letter : ' ',
		    o->letter != 0 ? ", " : "  ", o->name,
		    o->value != NULL ? " " : "",
		    o->value != NULL ? o->value : "");
		speak_wrapped(stdout, 33, "  %-30s %s\n", left, o->what);
	}
}

static json_t *
options_json(const struct option *o)
{
	json_t *list = json_array();

	for (; o != NULL && o->name != NULL; o++) {
		char letter[2] = { o->letter, '\0' };

		/* jansson passes a NULL list, or object, on as a failure */
		if (json_array_append_new(list,
			json_pack("{s:s?, s:s, s:s?, s:s}", "letter",
			    o->letter != 0 ? letter : NULL, "name", o->name,
			    "value", o->value, "what", o->what)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static int
command_json(const struct command *c, struct fault *f)
{
	json_t *row = json_pack("{s:s, s:s?, s:b, s:s, s:o, s:s, s:s}", "args",
	    c->args, "example", c->example, "json", (int)command_tells_json(c),
	    "name", c->name, "options", options_json(c->options), "role",
	    c->role, "what", c->what);
	char *text = json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS);

	json_decref(row);
	if (text == NULL)
		return fault_memory(f);
	puts(text);
	free(text);
	return 0;
}

int
help_command(const struct command *c, bool json, struct fault *f)
{
	if (json)
		return command_json(c, f);
	speak("usage: handoff %s%s%s%s\n\n%s\n", c->name,
	    c->options != NULL ? " [OPTION]..." : "",
	    c->args[0] != '\0' ? " " : "", c->args, c->what);
	if (c->options != NULL) {
		speak("\noptions:\n");
		print_options(c->options, true);
	}
	speak("\nfor every command:\n");
	print_options(global_options, command_tells_json(c));
	if (c->example != NULL)
		speak("\nexample:\n  %s\n", c->example);
	return 0;
}

int
help_json(struct fault *f)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (command_json(c, f) != 0)
			return -1;
	return 0;
}

/* before: what each line begins with */
static void
put_exits(const char *before)
{
	for (const struct exit_status *e = exit_statuses; e->what != NULL; e++)
		speak_wrapped(stdout, (int)strlen(before) + 3, "%s%d  %s%s%s\n",
		    before, e->status, e->what, e->more != NULL ? ": " : "",
		    e->more != NULL ? e->more : "");
}

void
help_all(void)
{
	const char *role = "";

	speak("usage: handoff COMMAND [OPTION]... [OPERAND]...\n");
	for (const struct command *c = commands; c->name != NULL; c++) {
		if (strcmp(c->role, role) != 0)
			speak("\n%s\n", role = c->role);
		speak("  %-18s %s\n", c->name, c->what);
	}
	speak(
	    "\n`handoff COMMAND --help` shows one command, `handoff help WORD` "
	    "explains a word:\n");
	speak("  %s", words[0].word);
	for (size_t i = 1, at = strlen(words[0].word); words[i].word != NULL;
	     i++) {
		size_t len = strlen(words[i].word) + 2;
		bool fits = at + len < SPEAK_WIDTH - 2;

		speak(fits ? ", %s" : ",\n  %s", words[i].word);
		at = fits ? at + len : len;
	}
	putchar('\n');
	speak("\nexit status\n");
	put_exits("  ");
}

int
help_group(FILE *to, const char *word)
{
	int shown = 0;

	for (const struct command *c = commands; c->name != NULL; c++) {
		const char *second = strchr(c->name, ' ');

		if (second != NULL &&
		    (strcmp(second + 1, word) == 0 ||
			(strncmp(c->name, word, strlen(word)) == 0 &&
			    c->name[strlen(word)] == ' '))) {
			if (to != NULL)
				speak_to(to, "  handoff %-18s %s\n", c->name,
				    c->what);
			shown++;
		}
	}
	return shown;
}

static bool
print_word(const char *name)
{
	for (const struct word *w = words; w->word != NULL; w++)
		if (strcmp(w->word, name) == 0) {
			speak_wrapped(stdout, 0, "%s\n", w->means);
			return true;
		}
	for (const struct word *w = words; w->word != NULL; w++) {
		size_t first = strcspn(w->word, " ");

		if (w->word[first] == ' ' && strlen(name) == first &&
		    strncmp(w->word, name, first) == 0) {
			speak_wrapped(stdout, 0, "%s\n", w->means);
			return true;
		}
	}
	return false;
}

const struct command *
command_find(int argc, char **argv, int *used)
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

/* Keep the nearer of two: *best and its distance, or name. */
static void
nearer(const char **best, unsigned *far, const char *word, const char *name)
{
	unsigned d = near_distance(word, name);

	if (d < *far) {
		*far = d;
		*best = name;
	}
}

const char *
command_near(const char *word)
{
	const char *best = NULL;
	unsigned far = NEAR_NOT;

	for (const struct command *c = commands; c->name != NULL; c++) {
		char first[32];

		(void)snprintf(first, sizeof(first), "%.*s",
		    (int)strcspn(c->name, " "), c->name);
		if (near_distance(word, first) < far) {
			far = near_distance(word, first);
			best = c->name;
		}
		nearer(&best, &far, word, c->name);
	}
	return best;
}

/* Nothing has that name: say which is nearest. */
static int
not_known(const char *name, struct fault *f)
{
	const char *best = command_near(name);
	unsigned far = best != NULL ? near_distance(name, best) : NEAR_NOT;

	for (const struct word *w = words; w->word != NULL; w++)
		nearer(&best, &far, name, w->word);
	(void)fault_set(f, FAULT_USAGE, "no command or word \"%s\"", name);
	return best != NULL ? fault_hint(f, "handoff help %s", best)
			    : fault_hint(f, "handoff help");
}

int
help_about(int argc, char **argv, struct fault *f)
{
	const struct command *c;
	char two[64];
	bool known;
	int used;

	(void)snprintf(two, sizeof(two), "%s%s%s", argv[0], argc > 1 ? " " : "",
	    argc > 1 ? argv[1] : "");
	if (strcmp(two, "exit") == 0 || strcmp(two, "exit status") == 0) {
		put_exits("");
		return 0;
	}
	known = print_word(two) || print_word(argv[0]);
	c = command_find(argc, argv, &used);
	if (known && c != NULL)
		putchar('\n');
	if (c != NULL)
		return help_command(c, false, f);
	if (help_group(stdout, argv[0]) > 0 || known)
		return 0;
	return not_known(two, f);
}
