/*
 * labels check, labels convert: label files by hand.  No home, no keys: on
 * files alone, so that a vendor can look at a return before it is sent, and
 * scripts can drive gateway/labels by itself.
 */

#include <string.h>

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/label_files_internal.h"
#include "gateway/cli/streams_internal.h"
#include "keys/base/clock.h"

const struct option labels_check_options[] = {
	LABEL_READING,
	{ NULL, 0, NULL, NULL },
};

const struct option labels_convert_options[] = {
	LABEL_READING,
	{ "to", 't', "FORMAT", "jsonl or coco" },
	{ "out", 'o', "OUT", "write there, whole or nothing" },
	{ "annotator", 'a', "NAME", "where a file does not say who" },
	{ "at", 0, "TIME", "where a file does not say when" },
	{ "join", 'j', "FILE", "give original ids by this join map" },
	{ "frame", 0, "FRAME", "with --join: original or delivered pixels" },
	{ NULL, 0, NULL, NULL },
};

static int
print_report(const struct cli *c, const struct labels *l, struct fault *f)
{
	json_t *o = NULL;
	struct bytes b;
	int rc = -1;

	if (c->json) {
		if (labels_report_json(l, &o, f) == 0)
			rc = label_print_json(o, f);
		json_decref(o);
		return rc;
	}
	bytes_init(&b, (size_t)1 << 30);
	if (labels_report_text(l, &b, f) == 0) {
		(void)fwrite(b.at, 1, b.len, stdout); /* main() asks ferror() */
		rc = 0;
	}
	bytes_free(&b);
	return rc;
}

int
cmd_labels_check(struct cli *c, struct fault *f)
{
	struct labels *l = NULL;
	int rc;

	if (label_files_read(c, (struct labels_contract){ 0 }, &l, f) != 0)
		return -1;
	rc = print_report(c, l, f);
	if (rc == 0 && labels_verdict(l) == LABELS_REJECTED)
		rc = label_rejected(l, f);
	labels_free(l);
	return rc;
}

/* What the other format has no place for. */
static void
tell_losses(const struct labels *l, enum labels_format to)
{
	size_t unsized = 0;

	for (size_t i = 0; i < labels_nfindings(l); i++) {
		const struct labels_finding *found = labels_finding(l, i);

		if (strcmp(found->code, "ignored") == 0 ||
		    strcmp(found->code, "rounded") == 0)
			speak_to(stderr, "handoff: labels convert: lost: %s\n",
			    found->message);
	}
	for (size_t i = 0; i < labels_nitems(l); i++)
		unsized += labels_item(l, i)->width == 0;
	if (to == LABELS_COCO && unsized > 0)
		speak_to(stderr,
		    "handoff: labels convert: lost: %zu pictures have no "
		    "width and height;\n    --items gives them\n",
		    unsized);
}

static int
read_frame(const struct cli *c, enum labels_frame *out, struct fault *f)
{
	const char *text = option_text(c, "frame");

	*out = LABELS_ORIGINAL;
	if (text != NULL && strcmp(text, "delivered") == 0)
		*out = LABELS_DELIVERED;
	else if (text != NULL && strcmp(text, "original") != 0)
		return fault_set(
		    f, FAULT_USAGE, "--frame needs original or delivered");
	return 0;
}

int
cmd_labels_convert(struct cli *c, struct fault *f)
{
	const char *at = option_text(c, "at");
	struct labels_contract how = { .anonymous = true,
		.annotator = option_text(c, "annotator") };
	enum labels_format to;
	enum labels_frame frame;
	struct labels *l = NULL;
	struct output out;
	int rc = -1;

	if (label_format(c, "to", &to, f) != 0 || read_frame(c, &frame, f) != 0)
		return -1;
	if (to == LABELS_AUTO)
		return fault_set(f, FAULT_USAGE, "--to needs jsonl or coco");
	if (at != NULL && !clock_read(&how.at, at, strlen(at)))
		return fault_set(f, FAULT_USAGE,
		    "--at needs a time like 2026-11-23T20:15:00Z");
	if (label_files_good(c, how, &l, f) != 0)
		return -1;
	tell_losses(l, to);
	if (label_join(c, &l, frame, f) != 0)
		goto out_labels;
	if (output_open(&out, option_text(c, "out"), f) != 0 ||
	    (to == LABELS_COCO ? labels_write_coco(l, out.fd, f)
			       : labels_write_jsonl(l, out.fd, f)) != 0)
		goto out;
	rc = output_keep(&out, true, f);
out:
	output_drop(&out);
out_labels:
	labels_free(l);
	return rc;
}
