/* Options and operands, from one table a command; see cli.h. */

#include <fcntl.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* The highest that a passphrase may be read from. */
#define DESCRIPTOR_MAX 1023

struct given {
	size_t n;
	struct {
		const struct option *option;
		const char *value;
	} at[];
};

const struct option global_options[] = {
	{ "home", 0, "DIR", "the gateway's home" },
	{ "json", 0, NULL, "results as JSON" },
	{ "quiet", 'q', NULL, "no progress" },
	{ "verbose", 'v', NULL, "say more" },
	{ "help", 'h', NULL, "show this" },
	{ NULL, 0, NULL, NULL },
};

static const struct option *
find(const struct option *table, const char *name, size_t len, char letter)
{
	for (; table != NULL && table->name != NULL; table++)
		if (letter != 0 ? table->letter == letter
				: strlen(table->name) == len &&
				      strncmp(table->name, name, len) == 0)
			return table;
	return NULL;
}

static const struct option *
find_any(const struct cli *c, const char *name, size_t len, char letter)
{
	const struct option *o = find(c->command->options, name, len, letter);

	return o != NULL ? o : find(global_options, name, len, letter);
}

static int
unknown(const struct cli *c, const char *word, struct fault *f)
{
	(void)fault_set(f, FAULT_USAGE, "unknown option %s", word);
	return fault_hint(f, "handoff %s --help", c->command->name);
}

/* One word that begins with '-'; *i moves over a value in the next word. */
static int
parse_option(struct cli *c, int argc, char **argv, int *i, struct fault *f)
{
	const char *word = argv[*i], *value = NULL;
	const struct option *o;

	if (word[1] == '-') {
		size_t len = strcspn(word + 2, "=");

		if ((o = find_any(c, word + 2, len, 0)) == NULL)
			return unknown(c, word, f);
		if (word[2 + len] == '=')
			value = word + 2 + len + 1;
	} else {
		if ((o = find_any(c, NULL, 0, word[1])) == NULL)
			return unknown(c, word, f);
		if (word[2] != '\0')
			value = word + 2;
	}
	if (o->value == NULL && value != NULL)
		return fault_set(
		    f, FAULT_USAGE, "--%s takes no value", o->name);
	if (o->value != NULL && value == NULL) {
		if (*i + 1 >= argc)
			return fault_set(
			    f, FAULT_USAGE, "--%s needs %s", o->name, o->value);
		value = argv[++*i];
	}
	c->given->at[c->given->n].option = o;
	c->given->at[c->given->n].value = value;
	c->given->n++;
	return 0;
}

/* A passphrase is read from a descriptor that we were given.  Were it not open
 * now, one that we open ourselves would get its number, and be read. */
static int
check_descriptors(const struct cli *c, struct fault *f)
{
	for (size_t i = 0; i < c->given->n; i++) {
		const char *text = c->given->at[i].value;
		uint64_t n;
		int flags;

		if (strcmp(c->given->at[i].option->name, "passphrase-fd") != 0)
			continue;
		if (!u64_read(&n, text, strlen(text), DESCRIPTOR_MAX))
			return fault_set(f, FAULT_USAGE,
			    "--passphrase-fd needs a whole number up to %d",
			    DESCRIPTOR_MAX);
		/* what is closed on exec is our own: no exec left it open */
		flags = fcntl((int)n, F_GETFD);
		if (flags != -1 && (flags & FD_CLOEXEC) == 0)
			continue;
		(void)fault_set(
		    f, FAULT_USAGE, "descriptor %d is not open", (int)n);
		return fault_hint(f, "--passphrase-fd 3 3<FILE");
	}
	return 0;
}

/* A key is personal data, and every process can read the others' operands. */
static int
key_from_input(const struct cli *c, struct fault *f)
{
	const char *example = c->command->example;

	if (strstr(example, "--subject -") != NULL)
		return fault_hint(
		    f, "a person's key goes on standard input: %s", example);
	return fault_hint(f,
	    "a person's key goes on standard input: handoff %s --subject - "
	    "<key.txt",
	    c->command->name);
}

int
options_parse(struct cli *c, int argc, char **argv, struct fault *f)
{
	bool only_words = false;

	c->given =
	    mem_new(sizeof(*c->given) + (size_t)argc * sizeof(c->given->at[0]));
	c->words = mem_array((size_t)argc + 1, sizeof(*c->words));
	if (c->given == NULL || c->words == NULL)
		return fault_memory(f);
	for (int i = 0; i < argc; i++) {
		if (!only_words && strcmp(argv[i], "--") == 0)
			only_words = true;
		else if (only_words || argv[i][0] != '-' || argv[i][1] == '\0')
			c->words[c->nwords++] = argv[i];
		else if (parse_option(c, argc, argv, &i, f) != 0)
			return -1;
	}
	c->home = option_text(c, "home");
	c->json = option_set(c, "json");
	c->quiet = option_set(c, "quiet");
	c->verbose = option_set(c, "verbose");
	if (option_set(c, "help"))
		return 0;
	if (c->nwords < c->command->min_words ||
	    (c->command->max_words >= 0 && c->nwords > c->command->max_words)) {
		(void)fault_set(f, FAULT_USAGE, "%s: needs %s",
		    c->nwords < c->command->min_words ? "something is missing"
						      : "too many operands",
		    c->command->args[0] != '\0' ? c->command->args
						: "no operands");
		if (c->nwords > c->command->min_words &&
		    find(c->command->options, "subject", 7, 0) != NULL)
			return key_from_input(c, f);
		if (c->nwords > c->command->min_words &&
		    find(c->command->options, "fingerprint", 11, 0) != NULL)
			return fault_hint(f,
			    "several words in quotes: --fingerprint 'lusab "
			    "babad ...'");
		return fault_hint(f, "handoff %s --help", c->command->name);
	}
	if (c->json && !command_tells_json(c->command)) {
		(void)fault_set(
		    f, FAULT_USAGE, "--json: this command writes no JSON");
		return fault_hint(f, "man handoff says which do not, and why");
	}
	return check_descriptors(c, f);
}

void
options_free(struct cli *c)
{
	mem_free(c->given);
	mem_free(c->words);
	c->given = NULL;
	c->words = NULL;
}

const char *
option_nth(const struct cli *c, const char *name, size_t i)
{
	const struct option *o = find_any(c, name, strlen(name), 0);

	must(o != NULL);
	for (size_t k = 0; k < c->given->n; k++)
		if (c->given->at[k].option == o && i-- == 0)
			return o->value != NULL ? c->given->at[k].value : "";
	return NULL;
}

bool
option_set(const struct cli *c, const char *name)
{
	return option_nth(c, name, 0) != NULL;
}

const char *
option_text(const struct cli *c, const char *name)
{
	const char *last = NULL, *value;

	for (size_t i = 0; (value = option_nth(c, name, i)) != NULL; i++)
		last = value;
	return last;
}

int
options_need(
    const struct cli *c, const char *const *names, size_t n, struct fault *f)
{
	char which[120] = "", all[320] = "";
	size_t missing = 0, named = 0, at = 0, len = 0;

	for (size_t i = 0; i < n; i++)
		missing += option_text(c, names[i]) == NULL;
	if (missing == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const struct option *o =
		    find_any(c, names[i], strlen(names[i]), 0);
		const char *given = option_text(c, names[i]);

		len += (size_t)snprintf(all + len, sizeof(all) - len,
		    " --%s %.60s", o->name, given != NULL ? given : o->value);
		if (given == NULL)
			at += (size_t)snprintf(which + at, sizeof(which) - at,
			    "%s--%s",
			    named++ == 0       ? ""
			    : named == missing ? " and "
					       : ", ",
			    o->name);
		must(at < sizeof(which) && len < sizeof(all));
	}
	(void)fault_set(f, FAULT_USAGE, "%s %s missing", which,
	    missing == 1 ? "is" : "are");
	return fault_hint(f, "handoff %s%s%s%s", c->command->name,
	    c->nwords > 0 ? " " : "", c->nwords > 0 ? c->words[0] : "", all);
}

int
option_number(const struct cli *c, const char *name, unsigned long long max,
    unsigned long long *out, struct fault *f)
{
	const char *text = option_text(c, name);
	uint64_t n;

	if (text == NULL)
		return 0;
	if (!u64_read(&n, text, strlen(text), max))
		return fault_set(f, FAULT_USAGE,
		    "--%s needs a whole number up to %llu", name, max);
	*out = n;
	return 0;
}
