/*
 * A policy as sentences, for those who answer for it and do not read YAML.
 *
 *     table of keys --> who says each --> paragraphs under headings (Markdown)
 *
 * Promises: every key that the policy has, or leaves at its default, is said;
 * nothing is said that the program does not do.
 */

#include <inttypes.h>
#include <string.h>

#include "keys/base/text.h"
#include "policy/rules/prose_internal.h"

int
prose_list(struct bytes *out, const struct names *n, struct fault *f)
{
	for (size_t i = 0; i < n->n; i++)
		if (bytes_addf(out, f, "%s%s",
			i == 0		? ""
			: i + 1 == n->n ? " and "
					: ", ",
			n->at[i]) != 0)
			return -1;
	return 0;
}

/* -- The top ------------------------------------------------------------- */

static int
say_project(struct bytes *out, const struct policy *p, struct fault *f)
{
	return bytes_addf(out, f,
	    "The data are processed for the project \"%s\" and the purpose "
	    "\"%s\". Project and vendor together are the pseudonymisation "
	    "domain: pseudonyms of one such pair can be linked with each "
	    "other and with those of no other.\n",
	    p->project, p->purpose);
}

static int
say_recipients(struct bytes *out, const struct policy *p, struct fault *f)
{
	if (bytes_addf(out, f, "Data go to the vendor%s ",
		p->recipients.n == 1 ? "" : "s") != 0 ||
	    prose_list(out, &p->recipients, f) != 0)
		return -1;
	return bytes_add_text(out, ", and to nobody else.\n", f);
}

static int
say_retention(struct bytes *out, const struct policy *p, struct fault *f)
{
	return bytes_addf(out, f,
	    "A recipient may keep what it received for %" PRId64
	    " days after it was released, and deletes it then.\n",
	    p->retention / 86400);
}

static int
say_agreements(struct bytes *out, const struct policy *p, struct fault *f)
{
	if (p->agreements.n == 0)
		return bytes_add_text(out,
		    "The policy itself requires no agreement with a "
		    "recipient.\n",
		    f);
	if (bytes_add_text(out,
		"With a recipient an agreement of each of these types has to "
		"be in force, when a batch is made and again at every "
		"release: ",
		f) != 0 ||
	    prose_list(out, &p->agreements, f) != 0)
		return -1;
	return bytes_add_text(out, ".\n", f);
}

static int
say_approve(struct bytes *out, const struct policy *p, struct fault *f)
{
	return bytes_addf(out, f,
	    "Before anything of a batch is released %s to approve it%s.\n",
	    p->two_approvers ? "two different persons have" : "one person has",
	    p->approve_given ? "" : ", and two where the vendor is a crowd");
}

static int
say_plan(struct bytes *out, const struct policy *p, struct fault *f)
{
	return bytes_add_text(out,
	    p->plan_approved
		? "Nothing is sealed before a person has approved the plan, as "
		  "it is; other data, another policy or another choice of "
		  "items is another plan.\n"
		: "",
	    f);
}

static int
say_offline(struct bytes *out, const struct policy *p, struct fault *f)
{
	return bytes_add_text(out,
	    p->offline ? "A whole batch may be delivered on a medium or in a "
			 "folder; it then counts as released at once, and "
			 "cannot be withdrawn in part.\n"
		       : "Batches are released over the agent alone, shard by "
			 "shard; delivery in a folder is not allowed.\n",
	    f);
}

static int
say_subject(struct bytes *out, const struct subject_rule *s, struct fault *f)
{
	if (s->by == SUBJECT_PATH)
		return bytes_addf(out, f,
		    "Files \"%s\" are about the person whose key stands in "
		    "their path in the place of {subject}.\n",
		    s->pattern);
	if (s->by == SUBJECT_REF)
		return bytes_addf(out, f,
		    "Files \"%s\" are about the person whose records name "
		    "them.\n",
		    s->file);
	return bytes_addf(out, f,
	    "In files \"%s\" the %s \"%s\" holds the key of the person that a "
	    "record is about. It groups the records of one person, and is "
	    "delivered only as its own rule below says.\n",
	    s->file, s->path ? "field" : "column", s->field);
}

static int
say_subjects(struct bytes *out, const struct policy *p, struct fault *f)
{
	if (p->nsubjects == 0)
		return bytes_add_text(out,
		    "No column tells which person a record is about; what "
		    "belongs to one person cannot be found by its key.\n",
		    f);
	for (size_t i = 0; i < p->nsubjects; i++)
		if (say_subject(out, &p->subjects[i], f) != 0 ||
		    (p->subjects[i].may_miss &&
			bytes_add_text(out,
			    "A dataset may have no such files.\n", f) != 0))
			return -1;
	return 0;
}

/* -- Files --------------------------------------------------------------- */

static const char *
type_text(enum file_type type)
{
	switch (type) {
	case TYPE_CSV:
		return "tables (CSV)";
	case TYPE_JSON:
		return "JSON documents";
	case TYPE_JSONL:
		return "files of JSON lines";
	case TYPE_TEXT:
		return "texts";
	case TYPE_JPEG:
		return "JPEG pictures";
	case TYPE_PNG:
		return "PNG pictures";
	case TYPE_DICOM:
		return "DICOM files";
	}
	must(!"a type without a word");
	return "";
}

static int
say_type(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	if (r->exclude != NULL)
		return bytes_addf(
		    out, f, "They stay behind, because: %s.\n", r->exclude);
	return bytes_addf(
	    out, f, "They are %s, and leave as follows.\n", type_text(r->type));
}

static int
say_header(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	if (r->exclude != NULL || r->type != TYPE_CSV)
		return 0;
	if (bytes_add_text(out,
		r->header ? "The first record names the columns"
			  : "Columns have no names and are numbered",
		f) != 0)
		return -1;
	return r->delimiter == 0
		   ? bytes_add_text(out, ".\n", f)
		   : bytes_addf(out, f, "; they are divided by a %s.\n",
			 delimiter_name(r->delimiter));
}

static int
say_missing(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	const char *what = r->type == TYPE_CSV ? "column" : "field";

	if (r->exclude != NULL || r->type > TYPE_JSONL)
		return 0;
	return bytes_addf(out, f,
	    "A %s that is not named here stops the export. One that is named "
	    "and not there %s.\n",
	    what, r->may_miss ? "may be missing" : "stops it too");
}

static int
say_item(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	if (r->exclude != NULL)
		return 0;
	if (r->unit == ITEM_FOLDER)
		return bytes_add_text(out,
		    "The files of each folder are one item together.\n", f);
	if (r->unit == ITEM_SERIES || r->unit == ITEM_STUDY)
		return bytes_addf(out, f,
		    "The files of each %s are one item together, known by "
		    "their %s Instance UID.\n",
		    r->unit == ITEM_SERIES ? "series" : "study",
		    r->unit == ITEM_SERIES ? "Series" : "Study");
	if (r->unit == ITEM_FILE)
		return bytes_add_text(out, "Each file is an item.\n", f);
	if (r->type > TYPE_JSONL)
		return 0;
	if (r->item_id != NULL)
		return bytes_addf(out, f,
		    "Each record is an item, known to the owner by \"%s\".\n",
		    r->item_id);
	return bytes_add_text(out,
	    r->type == TYPE_JSON ? "Each file is an item.\n"
				 : "Each record is an item, known to the owner "
				   "by its number.\n",
	    f);
}

static int
say_fields(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	if (r->exclude != NULL ||
	    (r->type > TYPE_JSONL && r->type != TYPE_DICOM))
		return 0;
	if (r->nfields > 0 && bytes_add_text(out, "\n", f) != 0)
		return -1;
	for (size_t i = 0; i < r->nfields; i++) {
		const struct field_rule *d = &r->fields[i];

		if (bytes_addf(out, f, "- \"%s\"%s ", d->name,
			d->below ? " and all below it that no line above has"
				 : "") != 0 ||
		    prose_action(out, &d->how, f) != 0 ||
		    bytes_add_text(out, ".\n", f) != 0)
			return -1;
	}
	return 0;
}

static int
say_text(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	if (r->exclude != NULL || r->type != TYPE_TEXT)
		return 0;
	if (r->nfields == 0)
		return bytes_add_text(out,
		    "The text is delivered as it is, whatever stands in it.\n",
		    f);
	if (bytes_add_text(out, "The text ", f) != 0 ||
	    prose_action(out, &r->fields[0].how, f) != 0)
		return -1;
	return bytes_add_text(out, ".\n", f);
}

static int
say_pixels(struct bytes *out, const struct file_rule *r, struct fault *f)
{
	if (r->exclude != NULL || r->type < TYPE_JPEG)
		return 0;
	if (r->type == TYPE_DICOM)
		return prose_burned_in(out, r, f);
	if (bytes_add_text(out,
		"The picture is delivered as it is: faces, and what is "
		"written in it, can be seen. ",
		f) != 0)
		return -1;
	return bytes_add_text(out,
	    r->drop_metadata ? "Everything around it (position, camera, "
			       "thumbnail, comments) is cut out.\n"
			     : "A picture with metadata stops the export.\n",
	    f);
}

/* In the order in which they are said. */
const struct prose_rule_row prose_rule_rows[] = {
	{ "match", NULL, "files" },
	{ "type", say_type, NULL },
	{ "exclude", NULL, "type" },
	{ "header", say_header, NULL },
	{ "delimiter", NULL, "header" },
	{ "item_id", say_item, NULL },
	{ "item", NULL, "item_id" },
	{ "text", say_text, NULL },
	{ "profile", prose_profile, NULL },
	{ "options", NULL, "profile" },
	{ "tags", NULL, "columns" },
	{ "pixels", say_pixels, NULL },
	{ "burned_in", NULL, "pixels" },
	{ "metadata", NULL, "pixels" },
	{ "missing", say_missing, NULL },
	{ "columns", say_fields, NULL },
	{ "fields", NULL, "columns" },
	{ NULL, NULL, NULL },
};

static int
say_files(struct bytes *out, const struct policy *p, struct fault *f)
{
	if (bytes_add_text(out,
		"A file is decided by the first of these rules whose pattern "
		"matches its path; one that none matches stops the export, "
		"and so does anything in a file that its rule does not "
		"name. The names of files are not delivered.\n",
		f) != 0)
		return -1;
	for (size_t i = 0; i < p->nfiles; i++) {
		const struct file_rule *r = &p->files[i];

		if (bytes_addf(out, f, "\n### Files \"%s\" (%s:%u)\n\n",
			r->match, p->name, r->line) != 0)
			return -1;
		for (const struct prose_rule_row *w = prose_rule_rows;
		     w->key != NULL; w++)
			if (w->say != NULL && w->say(out, r, f) != 0)
				return -1;
	}
	return 0;
}

/* -- Labels -------------------------------------------------------------- */

static int
say_classes(struct bytes *out, const struct policy *p, struct fault *f)
{
	static const char *const asks[] = {
		[LABEL_CLASS] = "one class for each item",
		[LABEL_BOXES] = "rectangles in each picture, with a class",
		[LABEL_SPANS] = "stretches of each text, with a class",
	};

	if (bytes_addf(out, f, "The recipient answers with %s, out of: ",
		asks[p->labels.kind]) != 0 ||
	    prose_list(out, &p->labels.classes, f) != 0)
		return -1;
	return bytes_add_text(out, ".\n", f);
}

static int
say_unanswered(struct bytes *out, const struct policy *p, struct fault *f)
{
	return bytes_add_text(out,
	    p->labels.unanswered_negative
		? "An item without an answer counts as one where nothing was "
		  "found.\n"
		: "An item without an answer is open.\n",
	    f);
}

static int
say_golden(struct bytes *out, const struct policy *p, struct fault *f)
{
	if (!p->labels.golden)
		return bytes_add_text(
		    out, "Answers are not compared with known ones.\n", f);
	return bytes_addf(out, f,
	    "Items whose answer the owner knows are hidden among the others; "
	    "answers are accepted from a score (%s) of %" PRIu32 ".%06" PRIu32
	    " on them.\n",
	    golden_metric_name(p->labels.metric), p->labels.pass / 1000000,
	    p->labels.pass % 1000000);
}

const struct prose_row prose_label_rows[] = {
	{ "kind", say_classes, NULL },
	{ "classes", NULL, "kind" },
	{ "unanswered", say_unanswered, NULL },
	{ "golden", say_golden, NULL },
	{ NULL, NULL, NULL },
};

static int
say_labels(struct bytes *out, const struct policy *p, struct fault *f)
{
	if (!p->labels.given)
		return bytes_add_text(out,
		    "The policy says nothing of labels: none can be taken in."
		    "\n",
		    f);
	for (const struct prose_row *w = prose_label_rows; w->key != NULL; w++)
		if (w->say != NULL && w->say(out, p, f) != 0)
			return -1;
	return 0;
}

/* -- All of it ----------------------------------------------------------- */

/* In the order in which they are said; a heading is a row without a function
 * or a key to go with. */
const struct prose_row prose_rows[] = {
	{ "handoff", NULL, "the title" },
	{ "project", say_project, NULL },
	{ "purpose", NULL, "project" },
	{ "recipients", say_recipients, NULL },
	{ "retention", say_retention, NULL },
	{ "agreements", say_agreements, NULL },
	{ "plan", say_plan, NULL },
	{ "approve", say_approve, NULL },
	{ "offline", say_offline, NULL },
	{ "subject", say_subjects, NULL },
	{ "files", say_files, NULL },
	{ "risk", prose_risk, NULL },
	{ "exposure", NULL, "risk" },
	{ "legal", prose_legal, NULL },
	{ "detect", prose_detection, NULL },
	{ "labels", say_labels, NULL },
	{ NULL, NULL, NULL },
};

static const char *
heading(const char *key)
{
	return strcmp(key, "project") == 0   ? "Purpose and recipients"
	       : strcmp(key, "subject") == 0 ? "Persons"
	       : strcmp(key, "files") == 0   ? "What leaves, and in which form"
	       : strcmp(key, "risk") == 0    ? "How hard persons are to find"
	       : strcmp(key, "legal") == 0   ? "On what legal grounds"
	       : strcmp(key, "detect") == 0  ? "Personal data in texts"
	       : strcmp(key, "labels") == 0  ? "What is asked for"
					     : NULL;
}

int
policy_prose(struct bytes *out, const struct policy *p, struct fault *f)
{
	char digest[HEX_CHARS(sizeof(p->digest)) + 1];

	hex_write(digest, p->digest, sizeof(p->digest));
	if (bytes_addf(out, f,
		"# Policy of the project \"%s\"\n\nThis describes %s, "
		"SHA-256 %s, in the language of version 1. Where the two "
		"differ the policy is what the program does.\n",
		p->project, p->name, digest) != 0)
		return -1;
	for (const struct prose_row *w = prose_rows; w->key != NULL; w++) {
		if (heading(w->key) != NULL &&
		    bytes_addf(out, f, "\n## %s\n\n", heading(w->key)) != 0)
			return -1;
		if (w->say != NULL && w->say(out, p, f) != 0)
			return -1;
	}
	return 0;
}
