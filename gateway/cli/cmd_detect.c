/* detect: personal data in a text, one line a find. */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/detect_child_internal.h"
#include "gateway/cli/detect_list_internal.h"
#include "gateway/cli/detect_report_internal.h"
#include "gateway/cli/streams_internal.h"

const struct option detect_options[] = {
	{ "entities", 0, "A,B", "look for these alone, however weak" },
	{ "min-score", 0, "N", "report from this score on: 0.4, or 40" },
	{ "names", 0, "FILE",
	    "find these, a name a line, in any case or order" },
	{ "allow", 0, "FILE", "texts that are never a find, one a line" },
	{ "deny", 0, "FILE", "texts that always are, one a line" },
	{ "custom", 0, "FILE",
	    "recognisers, as a policy has them under detect" },
	{ "explain", 0, NULL, "say why: pattern, checksum, context, list" },
	{ "overlaps", 0, NULL, "report also what a better find covers" },
	{ "jsonl", 0, "FIELD", "JSON lines: read this member of each record" },
	{ "report", 0, "DIR",
	    "count over files, into DIR/detect.html and .csv" },
	{ "list", 0, NULL, "print what can be found, and by which rule" },
	{ NULL, 0, NULL, NULL },
};

/* 0.4 or 40: percent. */
static int
read_score(const char *text, uint32_t *out, struct fault *f)
{
	uint32_t n = 0, digits = 0;
	const char *p = text;

	if (text == NULL)
		return 0;
	if (strcmp(text, "1") == 0 || strcmp(text, "1.0") == 0) {
		*out = 100;
		return 0;
	}
	if (p[0] == '0' && p[1] == '.') {
		for (p += 2; *p >= '0' && *p <= '9' && digits < 2;
		     p++, digits++)
			n = n * 10 + (uint32_t)(*p - '0');
		n = digits == 1 ? n * 10 : n;
	} else
		for (; *p >= '0' && *p <= '9' && n <= 100; p++)
			n = n * 10 + (uint32_t)(*p - '0');
	if (*p != '\0' || p == text || n > 100)
		return fault_set(f, FAULT_USAGE,
		    "--min-score: 0.01 to 1, or 2 to 100 per cent");
	*out = n == 0 ? 1 : n;
	return 0;
}

/* What a policy adds under detect:, from files of its own. */
static int
read_added(const struct cli *c, struct detection *d, struct fault *f)
{
	const char *allow = option_text(c, "allow"),
		   *deny = option_text(c, "deny"),
		   *custom = option_text(c, "custom");
	struct bytes text;
	int rc = 0;

	bytes_init(&text, POLICY_BYTES_MAX);
	if (allow != NULL && (rc = file_read(AT_FDCWD, allow, &text, f)) == 0)
		rc = detection_lines(&d->allow, allow, text.at, text.len, f);
	bytes_reset(&text);
	if (rc == 0 && deny != NULL &&
	    (rc = file_read(AT_FDCWD, deny, &text, f)) == 0)
		rc = detection_lines(&d->deny, deny, text.at, text.len, f);
	bytes_reset(&text);
	if (rc == 0 && custom != NULL &&
	    (rc = file_read(AT_FDCWD, custom, &text, f)) == 0)
		rc = detection_read(d, custom, text.at, text.len, f);
	bytes_free(&text);
	return rc;
}

/* One text, or standard input. */
static int
detect_one(const struct cli *c, struct detect_request *ask, struct fault *f)
{
	const char *path = c->nwords > 0 ? c->words[0] : NULL,
		   *names = option_text(c, "names");
	struct detect_answer done;
	int fd = -1, rc = -1;

	if (c->nwords > 1)
		return fault_set(f, FAULT_USAGE,
		    "one file at a time; or many with --report DIR");
	if ((names == NULL || input_open(names, &ask->names, f) == 0) &&
	    input_open(path, &fd, f) == 0)
		rc = detect_child(ask, path == NULL ? "standard input" : path,
		    fd, STDOUT_FILENO, &done, f);
	file_close(&ask->names);
	file_close(&fd);
	return rc;
}

int
cmd_detect(struct cli *c, struct fault *f)
{
	struct detection added = { .nown = 0 };
	struct detect_request ask = { .entities = option_text(c, "entities"),
		.field = option_text(c, "jsonl"),
		.explain = option_set(c, "explain"),
		.overlaps = option_set(c, "overlaps"),
		.names = -1,
		.added = &added };
	int rc = -1;

	if (option_set(c, "list"))
		return detect_list(c, f);
	if (read_score(option_text(c, "min-score"), &ask.min_score, f) == 0 &&
	    read_added(c, &added, f) == 0)
		rc = option_text(c, "report") != NULL
			 ? detect_report(c, &ask, f)
			 : detect_one(c, &ask, f);
	detection_free(&added);
	return rc;
}
