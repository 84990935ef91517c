/* Agreements: which papers are in force with whom. */

#include <stdio.h>
#include <string.h>

#include "gateway/cli/asking_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/streams_internal.h"

const struct option agreement_add_options[] = {
	{ "from", 0, "DATE", "in force from the beginning of this day" },
	{ "until", 0, "DATE", "through the end of this day; else open" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option agreement_end_options[] = {
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

int
print_agreements(const json_t *list, struct fault *f)
{
	static const struct column columns[] = {
		{ "AGREEMENT", "id", COLUMN_TEXT },
		{ "VENDOR", "vendor", COLUMN_TEXT },
		{ "TYPE", "type", COLUMN_TEXT },
		{ "IN FORCE", "in_force", COLUMN_TEXT },
		{ "UNTIL", "until", COLUMN_END },
		{ "FROM", "from", COLUMN_DAY },
		{ "ENDED", "ended", COLUMN_DAY },
		{ "PAPER", "name", COLUMN_TEXT },
	};

	return answer_table(list, columns, 8,
	    "no agreements; handoff agreement add VENDOR TYPE FILE --from "
	    "DATE",
	    f);
}

/* The file's name without its folders. */
static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static json_t *
draft(const struct cli *c, int64_t from, int64_t until)
{
	char begin[CLOCK_CHARS + 1], end[CLOCK_CHARS + 1];

	clock_write(begin, from);
	clock_write(end, until);
	return json_pack("{s:s,s:s,s:s,s:s,s:s*}", "vendor", c->words[0],
	    "type", c->words[1], "name", last_part(c->words[2]), "from", begin,
	    "until", until != 0 ? end : NULL);
}

/* One that is over is kept as well: it was in force when something left. */
static void
print_added(const json_t *a, int64_t until)
{
	char day[CLOCK_DATE_CHARS + 1];

	speak("%s: %s with %s\n", answer_text(a, "agreement"),
	    answer_text(a, "type"), answer_text(a, "vendor"));
	if (until == 0 || until > clock_now())
		return;
	clock_write_date(day, until - 1);
	speak("not in force: it ended on %s\n", day);
}

int
cmd_agreement_add(struct cli *c, struct fault *f)
{
	int64_t from = 0, until = 0;
	json_t *out = NULL;
	int fd = -1, rc = -1;

	if (option_from(c, "from", &from, f) != 0 ||
	    option_until(c, "until", &until, f) != 0)
		return -1;
	if (option_text(c, "from") == NULL)
		return fault_set(f, FAULT_USAGE,
		    "needs --from DATE, the first day it is in force");
	if (input_open(c->words[2], &fd, f) == 0)
		rc = ask_home_with(c, RING_RELEASE, KEEPER_AGREEMENT_ADD,
		    draft(c, from, until), fd, &out, f);
	file_close(&fd);
	if (rc == 0 && c->json)
		rc = print_json(out, f);
	else if (rc == 0)
		print_added(out, until);
	json_decref(out);
	return rc;
}

int
cmd_agreement_list(struct cli *c, struct fault *f)
{
	json_t *in = c->nwords > 0 ? json_pack("{s:s}", "vendor", c->words[0])
				   : json_object();
	json_t *out;
	int rc;

	if (ask_home(c, 0, KEEPER_AGREEMENTS, in, &out, f) != 0)
		return -1;
	rc = c->json ? print_json(out, f)
		     : print_agreements(json_object_get(out, "agreements"), f);
	json_decref(out);
	return rc;
}

int
cmd_agreement_end(struct cli *c, struct fault *f)
{
	json_t *out;
	int rc = 0;

	if (ask_home(c, RING_RELEASE, KEEPER_AGREEMENT_END,
		json_pack("{s:s}", "agreement", c->words[0]), &out, f) != 0)
		return -1;
	if (c->json)
		rc = print_json(out, f);
	else
		speak("%s: ended\n", answer_text(out, "agreement"));
	json_decref(out);
	return rc;
}
