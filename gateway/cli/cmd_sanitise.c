/* sanitise and preview: what a policy does to one file, without a home. */

#include <string.h>
#include <unistd.h>

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/mask_child_internal.h"
#include "gateway/cli/sheet_internal.h"
#include "gateway/cli/streams_internal.h"
#include "keys/base/doc.h"
#include "keys/base/text.h"

const struct option sanitise_options[] = {
	{ "output", 'o', "OUT", "where the result goes" },
	{ "policy", 0, "POLICY", "what is decided; pictures can do without" },
	{ "as", 0, "PATH", "the file's path in its dataset" },
	{ "dataset", 0, "DIR", "where a policy's dictionary finds its names" },
	{ NULL, 0, NULL, NULL },
};

const struct option preview_options[] = {
	{ "policy", 0, "POLICY", "what is decided; pictures can do without" },
	{ "as", 0, "PATH", "the file's path in its dataset" },
	{ "dataset", 0, "DIR", "where a policy's dictionary finds its names" },
	{ "records", 'n', "N", "how many records (3)" },
	{ "sheet", 0, "DIR", "of a dataset, as a page: DIR/sheet.html" },
	{ "sample", 0, "N", "how many items are on it (20)" },
	{ "seed", 0, "TEXT", "other items than without" },
	{ "vendor", 0, "NAME", "whom they are for" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

/* -- sanitise ------------------------------------------------------------ */

static int
print_change(
    const char *path, const struct mask_change *change, struct fault *f)
{
	json_t *o = NULL;
	struct bytes text;
	int rc = -1;

	bytes_init(&text, (size_t)256 << 20);
	if (mask_change_json(&o, change, f) != 0)
		return -1;
	if (json_object_set_new(o, "file", json_string(path)) != 0)
		(void)fault_memory(f);
	else if (doc_write(&text, o, f) == 0) {
		(void)fwrite(text.at, 1, text.len, stdout); /* see main() */
		(void)putchar('\n');
		rc = 0;
	}
	json_decref(o);
	bytes_free(&text);
	return rc;
}

static int
plan_and_mask(struct cli *c, struct mask_child *child, int source,
    struct mask_change *change, struct fault *f)
{
	struct file_plan plan = { 0 };
	int rc = mask_child_plan(child, source, option_text(c, "policy"),
	    option_text(c, "as"), &plan, f);

	if (rc == 0)
		rc = mask_child_file(child, &plan, change, f);
	file_plan_free(&plan);
	return rc;
}

/*
 * Plan by the beginning of the file, and mask.  Where something comes up that
 * was not there, or is wrong, all of the file is read for its plan first, and
 * that reading says what is wrong with it.
 */
static int
sanitise(struct cli *c, struct mask_child *child, int source, int sink,
    struct mask_change *change, struct fault *f)
{
	child->beginning = true;
	if (plan_and_mask(c, child, source, change, f) == 0)
		return 0;
	if (!child->begun ||
	    (f->kind != FAULT_POLICY && f->kind != FAULT_INPUT))
		return -1;
	fault_clear(f);
	child->beginning = false;
	if (ftruncate(sink, 0) != 0 || lseek(sink, 0, SEEK_SET) != 0)
		return fault_errno(f, "begin again");
	return plan_and_mask(c, child, source, change, f);
}

int
cmd_sanitise(struct cli *c, struct fault *f)
{
	const char *path = c->words[0], *to = option_text(c, "output");
	struct mask_child child = { 0 };
	struct mask_change change;
	struct output out = { .fd = -1, .folder = -1 };
	int fd = -1, rc = -1;

	draft_none(&out.draft);
	mask_change_init(&change, true);
	if (to == NULL || strcmp(to, "-") == 0) {
		(void)fault_set(f, FAULT_USAGE, "no -o OUT is given");
		return fault_hint(f, "handoff sanitise %s -o OUT", path);
	}
	if (input_open(path, &fd, f) != 0 || output_open(&out, to, f) != 0 ||
	    output_apart(&out, fd, f) != 0 ||
	    mask_child_open(&child, path, fd, out.fd, f) != 0)
		goto out;
	child.dataset = option_text(c, "dataset");
	rc = sanitise(c, &child, fd, out.fd, &change, f);
	if (mask_child_close(&child, f) != 0 || rc != 0) {
		rc = -1;
		goto out;
	}
	rc = output_keep(&out, true, f);
	if (rc == 0)
		rc = print_change(path, &change, f);
out:
	output_drop(&out);
	file_close(&fd);
	mask_change_free(&change);
	return rc;
}

/* -- preview ------------------------------------------------------------- */

/* Text as it is; what could steer a terminal, and what is no text, as \xNN. */
static void
print_marked(const char *mark, struct slice s)
{
	bool start = true;

	for (size_t i = 0; i < s.len;) {
		size_t used;
		int32_t c = utf8_next(s.at + i, s.len - i, &used);

		if (c == '\r' && i + 1 < s.len && s.at[i + 1] == '\n') {
			i++;
			continue;
		}
		if (start)
			speak("%s ", mark);
		start = false;
		if (c == '\n') {
			(void)putchar('\n');
			start = true;
		} else if (c == '\t' || text_shows(c))
			(void)fwrite(s.at + i, 1, used, stdout);
		else
			for (size_t k = 0; k < used; k++)
				speak("\\x%02x", s.at[i + k]);
		i += used;
	}
	if (!start)
		(void)putchar('\n');
}

static int
print_sample(void *arg, const struct mask_sample *s, struct fault *f)
{
	(void)arg;
	(void)f;
	if (s->id.len > 0) {
		(void)putchar('\n');
		print_marked("#", s->id);
	}
	print_marked("-", s->before);
	print_marked("+", s->after);
	if (s->more)
		puts("  ...");
	return 0;
}

/* A picture cannot be shown here: the names of what goes can. */
static void
print_blocks(const struct file_plan *plan)
{
	for (size_t i = 0; i < plan->nfields; i++) {
		const char *name = plan->fields[i].name;

		print_marked(
		    "-", (struct slice){ (const uint8_t *)name, strlen(name) });
	}
	puts("+ the pixels");
}

/* Of a DICOM file it is decided by attribute. */
static int
print_attributes(const struct file_plan *plan, struct fault *f)
{
	struct bytes text;
	int rc = 0;

	bytes_init(&text, POLICY_TEXT_MAX * 4);
	for (size_t i = 0; rc == 0 && i < plan->nfields; i++) {
		const struct plan_field *field = &plan->fields[i];

		bytes_reset(&text);
		rc = bytes_addf(&text, f, "%s: ", field->name);
		if (rc == 0)
			rc = transform_print(&text, &field->how, f);
		if (rc == 0)
			print_marked(
			    field->how.action == TRANSFORM_DROP ? "-" : "+",
			    (struct slice){ text.at, text.len });
	}
	bytes_free(&text);
	return rc;
}

int
cmd_preview(struct cli *c, struct fault *f)
{
	const char *path = c->words[0];
	unsigned long long n = 3;
	struct file_plan plan = { 0 };
	struct mask_child child = { 0 };
	int fd = -1, rc = -1;

	if (option_text(c, "sheet") != NULL)
		return preview_sheet(c, f);
	if (option_text(c, "sample") != NULL ||
	    option_text(c, "seed") != NULL || option_text(c, "vendor") != NULL)
		return fault_set(f, FAULT_USAGE,
		    "--sample, --seed and --vendor go with --sheet DIR");
	if (c->json)
		return fault_set(
		    f, FAULT_USAGE, "--json goes with --sheet DIR");
	if (!isatty(STDOUT_FILENO)) {
		(void)fault_set(f, FAULT_USAGE,
		    "shows what is not masked: only on a terminal");
		return fault_hint(f,
		    "handoff sanitise %s -o OUT, or preview --sheet DIR", path);
	}
	if (option_number(c, "records", MASK_SAMPLES_MAX, &n, f) != 0 ||
	    input_open(path, &fd, f) != 0 ||
	    mask_child_open(&child, path, fd, -1, f) != 0)
		goto out;
	child.dataset = option_text(c, "dataset");
	rc = mask_child_plan(&child, fd, option_text(c, "policy"),
	    option_text(c, "as"), &plan, f);
	if (rc == 0 && (plan.type == TYPE_JPEG || plan.type == TYPE_PNG))
		print_blocks(&plan);
	else if (rc == 0 && plan.type == TYPE_DICOM)
		rc = print_attributes(&plan, f);
	else if (rc == 0)
		rc = mask_child_sample(
		    &child, &plan, (uint32_t)n, print_sample, NULL, f);
	if (rc == 0 && plan.keys.n > 0)
		puts("\ntokens are of this preview alone");
	if (mask_child_close(&child, f) != 0)
		rc = -1;
out:
	file_close(&fd);
	file_plan_free(&plan);
	return rc;
}
