/*
 * Inside the first checker: a stranger's label files under a contract.
 *
 *     archive --> one file, its digest --> labels_read --> labels_settle
 *                                                |--> report, table
 *                                                '--> answers, our spelling
 *
 * Every label file is copied to a scratch file and digested on the way, so that
 * what was signed is what is read.
 */

#include <string.h>

#include "gateway/flow/checker_internal.h"
#include "gateway/labels/labels.h"
#include "keys/base/doc.h"

/* NOLINTNEXTLINE(misc-redundant-expression): two macros that must agree */
_Static_assert(LABELS_FILE_MAX == RETURN_LABEL_MAX, "one ceiling, said twice");

int
check_contract(
    struct labels_contract *out, const json_t *terms, struct fault *f)
{
	json_t *contract;
	uint64_t now;

	memset(out, 0, sizeof(*out));
	if (doc_number(terms, "now", UINT64_MAX >> 12, &now, f) != 0 ||
	    (json_object_get(terms, "contract") != NULL &&
		(doc_object(terms, "contract", &contract, f) != 0 ||
		    labels_contract_read(out, contract, f) != 0)))
		return -1;
	out->now = (int64_t)now;
	if (doc_bool(terms, "complete", &out->complete, f) == 0)
		return 0;
	labels_contract_free(out);
	return -1;
}

/* Label file i: its name and digest as they were signed. */
static int
signed_as(const json_t *files, size_t i, const struct return_member *m,
    uint8_t sha256[DIGEST_BYTES], struct fault *f)
{
	const json_t *file = json_array_get(files, i);
	const char *name;

	if (doc_text(file, "name", &name, f) != 0 ||
	    doc_hex(file, "sha256", sha256, DIGEST_BYTES, f) != 0)
		return -1;
	if (strcmp(name, m->name) != 0)
		return fault_set(
		    f, FAULT_FORGED, "return: %s was not signed", m->name);
	return 0;
}

static int
read_files(struct labels *l, const struct check_labels_in *in, struct fault *f)
{
	uint8_t sha256[DIGEST_BYTES];
	json_t *files;

	if (doc_list(in->terms, "labels", &files, f) != 0)
		return -1;
	if (json_array_size(files) != in->archive->nlabels)
		return fault_set(f, FAULT_FORGED,
		    "return: %zu label files, %zu were signed",
		    in->archive->nlabels, json_array_size(files));
	for (size_t i = 0; i < in->archive->nlabels; i++) {
		const struct return_member *m = &in->archive->labels[i];

		if (signed_as(files, i, m, sha256, f) != 0 ||
		    return_file_label(in->archive, i, in->scratch, sha256, f) !=
			0 ||
		    labels_read(l, in->scratch, m->name, LABELS_AUTO, f) != 0)
			return -1;
	}
	return 0;
}

int
check_labels_do(const struct check_labels_in *in, json_t **report,
    struct bytes *table, struct fault *f)
{
	struct labels_contract terms;
	struct labels *l = NULL;
	int rc = -1;

	if (check_contract(&terms, in->terms, f) != 0)
		return -1;
	if (labels_new(&l, &terms, f) != 0 ||
	    labels_read_items(l, in->items, "items", f) != 0 ||
	    read_files(l, in, f) != 0 || labels_settle(l, f) != 0 ||
	    labels_write_jsonl(l, in->answers, f) != 0 ||
	    labels_report_text(l, table, f) != 0)
		goto out;
	rc = labels_report_json(l, report, f);
out:
	labels_free(l);
	labels_contract_free(&terms);
	return rc;
}
