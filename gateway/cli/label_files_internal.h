#ifndef GATEWAY_CLI_LABEL_FILES_INTERNAL_H
#define GATEWAY_CLI_LABEL_FILES_INTERNAL_H

#include "gateway/cli/cli.h"
#include "gateway/labels/labels.h"

/* What the commands over label files share: operands into a settled set. */

/* Options that every command over label files takes. */
#define LABEL_READING                                                        \
	{ "contract", 'c', "FILE", "what was agreed on, as in a manifest" }, \
	    { "items", 'i', "FILE", "the items as delivered, JSONL" },       \
	    { "format", 'f', "FORMAT", "jsonl or coco; else as it looks" },  \
	{                                                                    \
		"complete", 0, NULL, "the labels say that they are complete" \
	}

/* The format that an option names, or LABELS_AUTO.  FAULT_USAGE. */
NEED int label_format(const struct cli *c, const char *option,
    enum labels_format *out, struct fault *f);

/* One file by its path into a set. */
NEED int label_add_file(struct labels *l, const char *path,
    enum labels_format format, struct fault *f);

/* The operands, under --contract and --items; how gives what these do not
 * say.  The caller labels_free()s *out. */
NEED int label_files_read(const struct cli *c, struct labels_contract how,
    struct labels **out, struct fault *f);

/* The same, but errors in them are told on standard error and FAULT_INPUT. */
NEED int label_files_good(const struct cli *c, struct labels_contract how,
    struct labels **out, struct fault *f);

/* FAULT_INPUT "rejected: ..." with the number of errors; always -1. */
int label_rejected(const struct labels *l, struct fault *f);

/* *l replaced by itself under the original ids, if --join is given. */
NEED int label_join(const struct cli *c, struct labels **l,
    enum labels_frame frame, struct fault *f);

/* The text of labels_report_text(), and what follows it, with only the first
 * most of its findings; what is left out is counted, and rest says where it
 * is. */
void label_print_report(
    FILE *to, const char *report, size_t most, const char *rest);
#define LABEL_FINDINGS 10u

/* A line of canonical JSON on standard output. */
NEED int label_print_json(const json_t *o, struct fault *f);

#endif
