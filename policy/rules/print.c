/* A policy in canonical form: every key, every default, one line a field. */

#include <inttypes.h>
#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/text.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/rules_internal.h"

int
print_line(
    struct bytes *out, const char *key, const char *text, struct fault *f)
{
	if (bytes_addf(out, f, "%s: ", key) != 0 ||
	    transform_quote(out, text, f) != 0)
		return -1;
	return bytes_add_text(out, "\n", f);
}

int
print_list(
    struct bytes *out, const char *key, const struct names *n, struct fault *f)
{
	if (bytes_addf(out, f, "%s: [", key) != 0)
		return -1;
	for (size_t i = 0; i < n->n; i++)
		if ((i > 0 && bytes_add_text(out, ", ", f) != 0) ||
		    transform_quote(out, n->at[i], f) != 0)
			return -1;
	return bytes_add_text(out, "]\n", f);
}

static int
print_subject(struct bytes *out, const struct subject_rule *s, struct fault *f)
{
	if (s->by == SUBJECT_PATH)
		return print_line(out, "  - path", s->pattern, f);
	if (print_line(out, "  - file", s->file, f) != 0)
		return -1;
	if (s->by == SUBJECT_REF)
		return bytes_add_text(out, "    by: item_ref\n", f);
	return print_line(
	    out, s->path ? "    field" : "    column", s->field, f);
}

static int
print_subjects(struct bytes *out, const struct policy *p, struct fault *f)
{
	if (p->nsubjects == 0)
		return 0;
	if (bytes_add_text(out, "subject:\n", f) != 0)
		return -1;
	for (size_t i = 0; i < p->nsubjects; i++) {
		const struct subject_rule *s = &p->subjects[i];

		if (print_subject(out, s, f) != 0 ||
		    (s->may_miss &&
			bytes_add_text(out, "    missing: allow\n", f) != 0))
			return -1;
	}
	return 0;
}

/* A path as its rule wrote it, .** included. */
static int
print_field_name(struct bytes *out, const struct field_rule *r, struct fault *f)
{
	char path[SHAPE_NAME_MAX + 8];

	if (!r->below)
		return transform_quote(out, r->name, f);
	(void)snprintf(path, sizeof(path), "%s.**", r->name);
	return transform_quote(out, path, f);
}

static int
print_fields(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	if (bytes_addf(out, f, "    %s:%s\n",
		r->type == TYPE_CSV	? "columns"
		: r->type == TYPE_DICOM ? "tags"
					: "fields",
		r->nfields == 0 ? " {}" : "") != 0)
		return -1;
	for (size_t i = 0; i < r->nfields; i++)
		if (bytes_add_text(out, "      ? ", f) != 0 ||
		    print_field_name(out, &r->fields[i], f) != 0 ||
		    bytes_add_text(out, "\n      : ", f) != 0 ||
		    transform_print(out, &r->fields[i].how, f) != 0 ||
		    bytes_add_text(out, "\n", f) != 0)
			return -1;
	return 0;
}

static int
print_table(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	if (r->type == TYPE_CSV &&
	    bytes_addf(out, f, "    header: %s\n    delimiter: %s\n",
		r->header ? "yes" : "no", delimiter_name(r->delimiter)) != 0)
		return -1;
	if (bytes_addf(out, f, "    missing: %s\n",
		r->may_miss ? "allow" : "refuse") != 0 ||
	    (r->item_id != NULL &&
		print_line(out, "    item_id", r->item_id, f) != 0))
		return -1;
	return print_fields(out, r, f);
}

static int
print_options(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	const char *comma = "";

	for (unsigned i = 0; i < DICOM_OPTIONS; i++) {
		bool dates = 1u << i == DICOM_RETAIN_LONG_MODIFIED_DATES;

		if ((r->options & 1u << i) == 0)
			continue;
		if (bytes_addf(out, f, "%s%s%s", comma, dates ? "{" : "",
			dicom_options[i].word) != 0 ||
		    (dates && (bytes_add_text(out, ": ", f) != 0 ||
				  transform_print(out, &r->dates, f) != 0 ||
				  bytes_add_text(out, "}", f) != 0)))
			return -1;
		comma = ", ";
	}
	return 0;
}

static int
print_dicom(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	if (bytes_addf(out, f, "    profile: %s\n    options: [",
		dicom_profile.word) != 0 ||
	    print_options(out, r, f) != 0 ||
	    bytes_add_text(out, "]\n", f) != 0 || print_fields(out, r, f) != 0)
		return -1;
	return bytes_addf(out, f, "    pixels: keep\n    burned_in: %s\n",
	    r->burned_in ? "accept" : "refuse");
}

static int
print_rule(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	static const char *const units[] = { "", "    item: file\n",
		"    item: folder\n", "    item: series\n",
		"    item: study\n" };

	if (print_line(out, "  - match", r->match, f) != 0)
		return -1;
	if (r->exclude != NULL)
		return print_line(out, "    exclude", r->exclude, f);
	if (bytes_addf(out, f, "    type: %s\n%s", file_type_name(r->type),
		units[r->unit]) != 0)
		return -1;
	switch (r->type) {
	case TYPE_CSV:
	case TYPE_JSON:
	case TYPE_JSONL:
		return print_table(out, r, f);
	case TYPE_TEXT:
		if (r->nfields == 0)
			return bytes_add_text(out, "    text: keep\n", f);
		if (bytes_add_text(out, "    text: ", f) != 0 ||
		    transform_print(out, &r->fields[0].how, f) != 0)
			return -1;
		return bytes_add_text(out, "\n", f);
	case TYPE_JPEG:
	case TYPE_PNG:
		break;
	case TYPE_DICOM:
		return print_dicom(out, r, f);
	}
	return bytes_addf(out, f, "%s    pixels: keep\n",
	    r->drop_metadata ? "    metadata: drop\n" : "");
}

static int
print_labels(struct bytes *out, const struct label_contract *c, struct fault *f)
{
	if (!c->given)
		return 0;
	if (bytes_addf(out, f, "labels:\n  kind: %s\n",
		label_kind_name(c->kind)) != 0 ||
	    print_list(out, "  classes", &c->classes, f) != 0 ||
	    bytes_addf(out, f, "  unanswered: %s\n",
		c->unanswered_negative ? "negative" : "open") != 0)
		return -1;
	if (!c->golden)
		return 0;
	return bytes_addf(out, f,
	    "  golden: {metric: %s, pass: %" PRIu32 ".%06" PRIu32 "}\n",
	    golden_metric_name(c->metric), c->pass / 1000000,
	    c->pass % 1000000);
}

static int
print_terms(struct bytes *out, const char *key, const struct legal_list *l,
    struct fault *f)
{
	if (bytes_addf(out, f, "  %s: [", key) != 0)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		if (bytes_addf(out, f, "%s\"%s\"", i > 0 ? ", " : "",
			l->at[i]->id) != 0)
			return -1;
	return bytes_add_text(out, "]\n", f);
}

static int
print_document(struct bytes *out, enum legal_paper kind,
    const struct legal_document *d, struct fault *f)
{
	char hex[HEX_CHARS(sizeof(d->sha256)) + 1];
	char date[CLOCK_DATE_CHARS + 1], until[CLOCK_DATE_CHARS + 1];

	hex_write(hex, d->sha256, sizeof(d->sha256));
	clock_write_date(date, d->date);
	clock_write_date(until, d->until - 1);
	if (bytes_addf(out, f, "    %s: {", legal_paper_name(kind)) != 0 ||
	    (kind == LEGAL_SCC &&
		bytes_addf(out, f, "module: %" PRIu32 ", ", d->module) != 0) ||
	    bytes_addf(out, f, "sha256: %s, date: %s", hex, date) != 0 ||
	    (d->until != 0 && bytes_addf(out, f, ", until: %s", until) != 0))
		return -1;
	return bytes_add_text(out, "}\n", f);
}

static int
print_documents(struct bytes *out, const struct legal_terms *t, struct fault *f)
{
	bool first = true;

	for (unsigned i = 0; i < LEGAL_PAPERS; i++) {
		if (!t->papers[i].given)
			continue;
		if (first && bytes_add_text(out, "  facts:\n", f) != 0)
			return -1;
		first = false;
		if (print_document(
			out, (enum legal_paper)i, &t->papers[i], f) != 0)
			return -1;
	}
	return 0;
}

static int
print_legal(struct bytes *out, const struct legal_terms *t, struct fault *f)
{
	if (!t->given)
		return 0;
	if (bytes_add_text(out, "legal:\n", f) != 0 ||
	    (t->controller != NULL &&
		print_line(out, "  controller", t->controller, f) != 0) ||
	    (t->dpo != NULL && print_line(out, "  dpo", t->dpo, f) != 0) ||
	    print_line(out, "  basis", t->basis->id, f) != 0 ||
	    (t->exception != NULL &&
		print_line(out, "  exception", t->exception->id, f) != 0) ||
	    print_terms(out, "purposes", &t->purposes, f) != 0 ||
	    print_terms(out, "data", &t->data, f) != 0 ||
	    print_terms(out, "recipients", &t->recipients, f) != 0 ||
	    bytes_addf(out, f, "  crowd: {special: %s}\n",
		t->special_to_crowd ? "allow" : "deny") != 0)
		return -1;
	return print_documents(out, t, f);
}

int
policy_print(struct bytes *out, const struct policy *p, struct fault *f)
{
	if (bytes_addf(out, f, "handoff: 1\nproject: %s\npurpose: %s\n",
		p->project, p->purpose) != 0 ||
	    print_list(out, "recipients", &p->recipients, f) != 0 ||
	    bytes_addf(out, f, "retention: %s\n", p->retention_text) != 0 ||
	    print_list(out, "agreements", &p->agreements, f) != 0 ||
	    bytes_addf(out, f, "plan: %s\n",
		p->plan_approved ? "approved" : "free") != 0 ||
	    (p->approve_given && bytes_addf(out, f, "approve: %s\n",
				     p->two_approvers ? "two" : "self") != 0) ||
	    bytes_addf(
		out, f, "offline: %s\n", p->offline ? "allow" : "deny") != 0 ||
	    print_subjects(out, p, f) != 0 ||
	    bytes_add_text(out, "files:\n", f) != 0)
		return -1;
	for (size_t i = 0; i < p->nfiles; i++)
		if (print_rule(out, &p->files[i], f) != 0)
			return -1;
	if (print_labels(out, &p->labels, f) != 0 ||
	    print_detection(out, p, f) != 0)
		return -1;
	if (print_risk(out, p, f) != 0)
		return -1;
	return print_legal(out, &p->legal, f);
}
