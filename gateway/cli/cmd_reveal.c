/* reveal: what pseudonyms stand for, to a terminal or a file and nowhere else.
 */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/plan_internal.h"
#include "gateway/cli/streams_internal.h"
#include "gateway/package/package.h"
#include "keys/base/doc.h"

#define ALL_BRANCHES (RING_RELEASE | RING_EXPORT | RING_REVEAL)

const struct option reveal_options[] = { POLICY_OPTION,
	{ "vendor", 0, "NAME", "the vendor whose pseudonyms they are" },
	{ "project", 0, "NAME", "its project, else the policy's" },
	{ "as", 0, "NAME", "who looks; else the login name" },
	{ "output", 'o', "FILE", "write it there, instead of to the terminal" },
	OPTION_PASSPHRASE, OPTION_IDENTITY, { NULL, 0, NULL, NULL } };

/* Values are shown to who sits here, or go where they are told to: into no pipe
 * by mistake. */
static int
check_output(const struct cli *c, struct fault *f)
{
	const char *path = option_text(c, "output");

	if (path != NULL && strcmp(path, "-") != 0 && access(path, F_OK) == 0)
		return fault_set(f, FAULT_USAGE, "%s is there already", path);
	if (path != NULL || isatty(STDOUT_FILENO) == 1)
		return 0;
	(void)fault_set(f, FAULT_USAGE,
	    "values are shown at a terminal, or written with -o FILE");
	return fault_hint(f, "handoff reveal ... -o found.txt");
}

/* The last word is the dataset, where there is such a file or folder. */
static const char *
dataset_of(const struct cli *c)
{
	const char *last = c->words[c->nwords - 1];
	struct stat st;

	return c->nwords > 1 && stat(last, &st) == 0 ? last : NULL;
}

/* One value found, as a line without its end. */
static int
found_line(struct bytes *out, const json_t *one, struct fault *f)
{
	const json_t *value = json_object_get(one, "value");
	const char *text = json_string_value(value);
	bool where = json_object_get(one, "where") != NULL;

	return bytes_addf(out, f, "%s  %s%s  (%s, %s%s%s%s)",
	    member_text(one, "pseudonym"), text != NULL ? "" : "hex ",
	    text != NULL ? text
			 : json_string_value(json_object_get(value, "hex")),
	    member_text(one, "field"), member_text(one, "how"),
	    json_is_true(json_object_get(one, "proven")) ? ""
							 : ", if it is one",
	    where ? "; " : "", where ? member_text(one, "where") : "");
}

/* To the terminal each line for itself, since a value may hold what steers it;
 * into a file all of them as they are. */
static int
put_line(struct bytes *line, struct bytes *file, struct fault *f)
{
	int rc = 0;

	if (file == NULL) {
		speak("%.*s\n", (int)line->len, (const char *)line->at);
	} else if (bytes_add(file, line->at, line->len, f) != 0 ||
		   bytes_add(file, "\n", 1, f) != 0) {
		rc = -1;
	}
	bytes_reset(line);
	return rc;
}

/* What was found nowhere may be an item's id, which is of one batch alone. */
static void
speak_of_ids(const json_t *told)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(told, "unknown"), i, one)
	{
		if (json_string_length(one) < TOKEN_CHARS)
			continue;
		speak("an item's id, or the name of a delivered file, is no "
		      "pseudonym: the join map of\nits batch leads back, "
		      "docs/FORMATS.md, and labels come back by it\n");
		return;
	}
}

static int
put_lines(const json_t *told, struct bytes *file, struct fault *f)
{
	struct bytes line;
	json_t *one;
	size_t i;
	int rc = 0;

	bytes_init(&line, (size_t)1 << 30);
	json_array_foreach(json_object_get(told, "found"), i, one)
	{
		if (rc == 0 && (rc = found_line(&line, one, f)) == 0)
			rc = put_line(&line, file, f);
	}
	json_array_foreach(json_object_get(told, "unknown"), i, one)
	{
		if (rc == 0 && (rc = bytes_addf(&line, f, "%s  not found",
				    json_string_value(one))) == 0)
			rc = put_line(&line, file, f);
	}
	bytes_free(&line);
	return rc;
}

static int
write_file(const char *path, const struct bytes *out, struct fault *f)
{
	struct output o;
	int rc = -1;

	if (output_open(&o, path, f) == 0 &&
	    file_write(o.fd, out->at, out->len, f) == 0)
		rc = output_keep(&o, false, f);
	output_drop(&o);
	return rc;
}

static int
put_out(const struct cli *c, const json_t *told, struct fault *f)
{
	const char *path = option_text(c, "output");
	struct bytes out;
	int rc;

	if (!c->json)
		speak_of_ids(told);
	if (path == NULL)
		return c->json ? print_json(told, f) : put_lines(told, NULL, f);
	bytes_init(&out, (size_t)1 << 30);
	if (c->json) {
		rc = doc_write(&out, told, f);
		if (rc == 0)
			rc = bytes_add(&out, "\n", 1, f);
	} else
		rc = put_lines(told, &out, f);
	if (rc == 0)
		rc = write_file(path, &out, f);
	bytes_free(&out);
	return rc;
}

static int
look(struct cli *c, struct reveal_options *o, struct fault *f)
{
	struct progress progress;
	struct fault ended = { 0 };
	json_t *told = NULL;
	int rc;

	if (home_keeper(c, ALL_BRANCHES, true, &o->keeper, f) != 0)
		return -1;
	progress_start(&progress, c);
	o->progress = (struct flow_progress){ progress_tell, &progress };
	rc = reveal(&told, o, f);
	progress_end(&progress);
	o->progress = (struct flow_progress){ NULL, NULL };
	if (keeper_close(o->keeper, &ended) != 0 && rc == 0) {
		*f = ended;
		rc = -1;
	}
	if (rc == 0)
		rc = put_out(c, told, f);
	json_decref(told);
	return rc;
}

int
cmd_reveal(struct cli *c, struct fault *f)
{
	struct refusals refusals = { 0 };
	struct reveal_options o = { .refusals = &refusals };
	char by[256];
	int rc = -1;

	if (plan_options_need(c, f) != 0 || check_output(c, f) != 0 ||
	    person_name(c, by, f) != 0 || refusals_init(&refusals, 1, f) != 0)
		return -1;
	o.policy = option_text(c, "policy");
	o.vendor = option_text(c, "vendor");
	o.project = option_text(c, "project");
	o.by = by;
	o.dataset = dataset_of(c);
	o.tokens = (const char *const *)c->words;
	o.n = (size_t)c->nwords - (o.dataset != NULL ? 1 : 0);
	rc = look(c, &o, f);
	refusals_free(&refusals);
	return rc;
}
