/* Label files named on a command line, and what goes with them. */

#include <fcntl.h>
#include <string.h>

#include "gateway/cli/label_files_internal.h"
#include "gateway/cli/streams_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"

#define CONTRACT_BYTES_MAX ((size_t)16 << 20)

static int
read_contract(const char *path, struct labels_contract *out, struct fault *f)
{
	json_t *o = NULL;
	struct bytes b;
	int rc = -1;

	bytes_init(&b, CONTRACT_BYTES_MAX);
	if (file_read(AT_FDCWD, path, &b, f) != 0 ||
	    doc_read(&o, b.at, b.len, f) != 0 ||
	    labels_contract_read(out, o, f) != 0)
		(void)fault_at(f, "%s", path);
	else
		rc = 0;
	json_decref(o);
	bytes_free(&b);
	return rc;
}

int
label_format(const struct cli *c, const char *option, enum labels_format *out,
    struct fault *f)
{
	const char *text = option_text(c, option);

	*out = LABELS_AUTO;
	if (text == NULL)
		return 0;
	if (strcmp(text, "jsonl") == 0)
		*out = LABELS_JSONL;
	else if (strcmp(text, "coco") == 0)
		*out = LABELS_COCO;
	else
		return fault_set(
		    f, FAULT_USAGE, "--%s needs jsonl or coco", option);
	return 0;
}

static int
add_items(struct labels *l, const char *path, struct fault *f)
{
	int fd, rc;

	if (file_open_read(AT_FDCWD, path, &fd, f) != 0)
		return -1;
	rc = labels_read_items(l, fd, path, f);
	file_close(&fd);
	return rc;
}

int
label_add_file(struct labels *l, const char *path, enum labels_format format,
    struct fault *f)
{
	const char *name = strrchr(path, '/');
	int fd, rc;

	if (file_open_read(AT_FDCWD, path, &fd, f) != 0)
		return -1;
	rc = labels_read(l, fd, name == NULL ? path : name + 1, format, f);
	file_close(&fd);
	return rc;
}

/* The operands, read under what --contract and --items say; the rest of how
 * (anonymous, defaults) is the caller's. */
int
label_files_read(const struct cli *c, struct labels_contract how,
    struct labels **out, struct fault *f)
{
	const char *contract = option_text(c, "contract");
	const char *items = option_text(c, "items");
	struct labels_contract agreed = { 0 };
	enum labels_format format;
	struct labels *l = NULL;
	int rc = -1;

	if (label_format(c, "format", &format, f) != 0 ||
	    (contract != NULL && read_contract(contract, &agreed, f) != 0))
		return -1;
	how.kind = agreed.kind;
	how.formats = agreed.formats;
	how.classes = agreed.classes;
	how.nclasses = agreed.nclasses;
	how.unanswered_is_negative = agreed.unanswered_is_negative;
	how.overlap = agreed.overlap;
	how.complete = option_set(c, "complete");
	how.any_item = items == NULL;
	how.now = clock_now();
	if (labels_new(&l, &how, f) != 0 ||
	    (items != NULL && add_items(l, items, f) != 0))
		goto out;
	for (int i = 0; i < c->nwords; i++)
		if (label_add_file(l, c->words[i], format, f) != 0)
			goto out;
	if (labels_settle(l, f) != 0)
		goto out;
	*out = l;
	l = NULL; /* the caller's from here */
	rc = 0;
out:
	labels_free(l);
	labels_contract_free(&agreed);
	return rc;
}

/* Findings begin with their severity in a column. */
static bool
is_finding(const char *line)
{
	return strncmp(line, "error   ", 8) == 0 ||
	       strncmp(line, "warning ", 8) == 0 ||
	       strncmp(line, "note    ", 8) == 0;
}

void
label_print_report(FILE *to, const char *report, size_t most, const char *rest)
{
	size_t shown = 0, left = 0;

	for (const char *end; *report != '\0'; report = end) {
		end = strchr(report, '\n');
		end = end != NULL ? end + 1 : report + strlen(report);
		if (is_finding(report) && shown == most) {
			left++;
			continue;
		}
		shown += is_finding(report);
		if (left > 0 && !is_finding(report)) {
			speak_to(to, "%zu more line%s: %s\n", left,
			    left == 1 ? "" : "s", rest);
			left = 0;
		}
		speak_lines(to, report, (size_t)(end - report));
	}
}

int
label_print_json(const json_t *o, struct fault *f)
{
	struct bytes b;
	int rc = -1;

	bytes_init(&b, (size_t)1 << 30);
	if (doc_write(&b, o, f) == 0 && bytes_add(&b, "\n", 1, f) == 0) {
		(void)fwrite(b.at, 1, b.len, stdout); /* main() asks ferror() */
		rc = 0;
	}
	bytes_free(&b);
	return rc;
}

int
label_rejected(const struct labels *l, struct fault *f)
{
	struct labels_counts n;

	labels_count(l, &n);
	return fault_set(f, FAULT_INPUT, "rejected: %zu error%s", n.errors,
	    n.errors == 1 ? "" : "s");
}

/* What was read, for a command that goes on with it: errors stop it. */
int
label_files_good(const struct cli *c, struct labels_contract how,
    struct labels **out, struct fault *f)
{
	if (label_files_read(c, how, out, f) != 0)
		return -1;
	if (labels_verdict(*out) != LABELS_REJECTED)
		return 0;
	for (size_t i = 0, shown = 0; i < labels_nfindings(*out) && shown < 20;
	     i++) {
		const struct labels_finding *found = labels_finding(*out, i);

		if (found->severity != LABELS_ERROR)
			continue;
		speak_to(stderr, "%s:%u: %s: %s\n", found->file, found->line,
		    found->code, found->message);
		shown++;
	}
	(void)label_rejected(*out, f);
	labels_free(*out);
	*out = NULL;
	return fault_hint(f, "handoff labels check %s", c->words[0]);
}

/* l replaced by itself under the original ids, if --join is given. */
int
label_join(const struct cli *c, struct labels **l, enum labels_frame frame,
    struct fault *f)
{
	const char *path = option_text(c, "join");
	struct labels_origins rows = { 0 };
	struct labels *joined = NULL;
	int fd, rc = -1;

	if (path == NULL)
		return 0;
	if (file_open_read(AT_FDCWD, path, &fd, f) != 0)
		return -1;
	if (labels_read_origins(&rows, fd, path, f) == 0 &&
	    labels_join(&joined, *l, &rows, frame, f) == 0) {
		labels_free(*l);
		*l = joined;
		rc = 0;
	}
	file_close(&fd);
	labels_origins_free(&rows);
	return rc;
}
