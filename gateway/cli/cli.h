#ifndef GATEWAY_CLI_CLI_H
#define GATEWAY_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "gateway/process/process.h"
#include "keys/base/fault.h"

/*
 * The command line.  A command is one row of the table in commands.c; its
 * options are one table in its own file; usage, --help and the man pages' test
 * are made from those two.  A command parses, calls gateway/flow (or a lower
 * room for plumbing), and prints; it decides nothing.
 */

/* One option.  All take the long form; letter is 0 when there is no short
 * one; value is NULL for a switch, else the word shown for it. */
struct option {
	const char *name;
	char letter;
	const char *value;
	const char *what;
};

struct given; /* options as given; options.c */

/* What a command is run with. */
struct cli {
	const struct command *command;
	struct given *given;
	char **words; /* the operands */
	int nwords;
	const char *home; /* --home, or NULL */
	bool json;
	bool quiet;
	bool verbose;
};

struct command {
	const char *name; /* one word or two: "seal", "audit verify" */
	const char *role; /* heading in the help: anyone owner vendor ... */
	const char *args; /* operands as shown: "DATASET [OUT]" */
	const char *what; /* one line */
	int min_words;
	int max_words;		      /* -1: any number */
	const struct option *options; /* ends with a NULL name; or NULL */
	int (*run)(struct cli *c, struct fault *f);
	const char *example; /* one line to paste, or NULL */
};

/* The table; ends with a NULL name. */
extern const struct command commands[];

/* Has it results to tell as JSON?  What filters, and what serves, has not. */
bool command_tells_json(const struct command *c);

/* What children of this program may be (roles.c); ends with a NULL name. */
extern const struct process_role roles[];

/* Options that every command takes. */
extern const struct option global_options[];

/* Split argv (behind the command's name) into options and operands.
 * FAULT_USAGE for an unknown option or a wrong number of operands. */
NEED int options_parse(struct cli *c, int argc, char **argv, struct fault *f);
void options_free(struct cli *c);

/* The last value given for an option, or NULL; was a switch given; the i-th
 * value of one given several times, NULL past the last.  The name must be in
 * the command's table. */
const char *option_text(const struct cli *c, const char *name);
bool option_set(const struct cli *c, const char *name);
const char *option_nth(const struct cli *c, const char *name, size_t i);

/* FAULT_USAGE naming all of the command's options, of up to n, that were not
 * given, with the command completed as a hint. */
NEED int options_need(
    const struct cli *c, const char *const *names, size_t n, struct fault *f);

/* A whole number from 0 to max into *out, untouched when not given. */
NEED int option_number(const struct cli *c, const char *name,
    unsigned long long max, unsigned long long *out, struct fault *f);

/*
 * printf() for people, and the only way there: what a %s brings was chosen by
 * somebody else (a name, a path, an answer), so that what a terminal obeys and
 * what cannot be seen in it (text_shows()) becomes '?', line ends as well.  A
 * width counts characters.  Flags are '-' and '0', conversions those of
 * speak.c.  Output is not checked here: main() asks ferror().
 */
void speak(const char *fmt, ...) PRINTF(1, 2);
void speak_to(FILE *to, const char *fmt, ...) PRINTF(2, 3);

/*
 * The same, one paragraph broken at its spaces, so that no line has over
 * SPEAK_WIDTH characters but one whose only word has; what a text brings is
 * broken too.  Lines behind the first begin with so many spaces.
 */
#define SPEAK_WIDTH 78
void speak_wrapped(FILE *to, int indent, const char *fmt, ...) PRINTF(3, 4);

/* len bytes of text of several lines, cleaned likewise but for its line ends.
 */
void speak_lines(FILE *to, const char *text, size_t len);

/*
 * A line on the terminal for what lasts over a second: what is being done, how
 * far it is, how fast, and how long it may still take.  Nothing where standard
 * error is no terminal, or with --quiet or --json.  progress_end() takes the
 * line away, and comes before anything else is printed; it may be called twice.
 */
struct progress {
	bool on;
	bool drawn;
	double begun, shown;
	char doing[80];
};
void progress_start(struct progress *p, const struct cli *c);

/* So much of all (0: nobody knows; both 0: only that) is done; a
 * flow_progress' tell, p being a struct progress.  doing: "sealing, MiB". */
void progress_tell(void *p, const char *doing, uint64_t done, uint64_t all);
void progress_bytes(void *p, uint64_t bytes); /* the same, of bytes alone */
void progress_end(struct progress *p);

/* The row for argv[0] (and argv[1], for commands of two words), or NULL; *used
 * gets how many words it has. */
const struct command *command_find(int argc, char **argv, int *used);

/* The nearest command or first word of one, or NULL. */
const char *command_near(const char *word);

/* A word of the vocabulary, and what it means; words.c.  The table ends with a
 * NULL word. */
struct word {
	const char *word;
	const char *means;
};
extern const struct word words[];

/* What the exit status says; words.c.  The table ends with a NULL what. */
struct exit_status {
	int status; /* enum fault_kind */
	const char *what;
	const char *more; /* or NULL */
};
extern const struct exit_status exit_statuses[];

/* What `handoff COMMAND --help` prints, as text or as one line of JSON; and
 * that line for every command. */
NEED int help_command(const struct command *c, bool json, struct fault *f);
NEED int help_json(struct fault *f);

/* `handoff help`, and `handoff help WORD...`: a command, the commands of a
 * group, a word of the vocabulary, or several of these; "exit" or "exit
 * status".  FAULT_USAGE for a word that is none, naming the nearest. */
void help_all(void);
NEED int help_about(int argc, char **argv, struct fault *f);

/* The commands of which this is one of two words, on a stream, if any; how
 * many. */
int help_group(FILE *to, const char *word);

#endif
