/*
 * What a vendor signs about a return: an in-toto Statement v1 whose subjects
 * are the label files and whose predicate is
 *
 *   {"at","batch","complete","manifest","return"}
 *
 * with manifest the SHA-256 of the batch's manifest envelope, so that labels
 * made for one batch, or one revision of it, cannot be passed off as another's.
 */

#include <string.h>

#include "gateway/package/package.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"

static json_t *
predicate_json(const struct return_statement *s)
{
	char at[CLOCK_CHARS + 1], manifest[DIGEST_CHARS + 1];

	clock_write(at, s->at);
	hex_write(manifest, s->manifest, DIGEST_BYTES);
	return json_pack("{s:s, s:s, s:b, s:s, s:s}", "at", at, "batch",
	    s->batch, "complete", s->complete ? 1 : 0, "manifest", manifest,
	    "return", s->id);
}

int
return_statement_sign(struct bytes *out, const struct return_statement *s,
    const struct sign_key *k, struct fault *f)
{
	struct statement_subject subjects[RETURN_LABELS_MAX];
	struct statement_draft d = { .predicate_type = RETURN_TYPE,
		.subjects = subjects,
		.nsubjects = s->nlabels };
	int rc;

	if (!id_valid(s->batch, 'b') || !id_valid(s->id, 'r') ||
	    s->nlabels == 0 || s->nlabels > RETURN_LABELS_MAX)
		return fault_set(f, FAULT_INPUT,
		    "return: a batch, an id, and 1 to %u label files",
		    RETURN_LABELS_MAX);
	for (size_t i = 0; i < s->nlabels; i++) {
		if (!return_name_valid(s->labels[i].name, i))
			return fault_set(f, FAULT_INPUT,
			    "return: label file %zu: not its name", i + 1);
		subjects[i].name = s->labels[i].name;
		memcpy(subjects[i].sha256, s->labels[i].sha256, DIGEST_BYTES);
	}
	if ((d.predicate = predicate_json(s)) == NULL)
		return fault_memory(f);
	rc = statement_sign(out, &d, k, f);
	json_decref(d.predicate);
	return rc;
}

static int
read_id(const json_t *p, const char *key, char letter, char out[ID_CHARS + 1],
    struct fault *f)
{
	const char *text;

	if (doc_text(p, key, &text, f) != 0)
		return -1;
	if (!id_valid(text, letter))
		return fault_set(f, FAULT_INPUT, "member \"%s\": no id", key);
	memcpy(out, text, ID_CHARS + 1);
	return 0;
}

static int
read_statement(
    struct return_statement *out, const struct statement *st, struct fault *f)
{
	const json_t *p = st->predicate;
	struct statement_subject subject;

	if (doc_only(p, "at batch complete manifest return", f) != 0 ||
	    doc_time(p, "at", &out->at, f) != 0 ||
	    read_id(p, "batch", 'b', out->batch, f) != 0 ||
	    doc_bool(p, "complete", &out->complete, f) != 0 ||
	    doc_hex(p, "manifest", out->manifest, DIGEST_BYTES, f) != 0 ||
	    read_id(p, "return", 'r', out->id, f) != 0)
		return -1;
	if (st->nsubjects > RETURN_LABELS_MAX)
		return fault_set(f, FAULT_INPUT, "more than %u label files",
		    RETURN_LABELS_MAX);
	for (size_t i = 0; i < st->nsubjects; i++) {
		statement_subject(st, i, &subject);
		if (!return_name_valid(subject.name, i))
			return fault_set(f, FAULT_INPUT,
			    "subject %zu: not a label file's name", i + 1);
		memcpy(out->labels[i].name, subject.name,
		    strlen(subject.name) + 1);
		memcpy(out->labels[i].sha256, subject.sha256, DIGEST_BYTES);
	}
	out->nlabels = st->nsubjects;
	return 0;
}

int
return_statement_open(struct return_statement *out, struct slice envelope,
    const uint8_t public[SIGN_PUBLIC_BYTES], struct fault *f)
{
	struct statement st;
	int rc;

	memset(out, 0, sizeof(*out));
	if (statement_open(&st, envelope, RETURN_TYPE, public, f) != 0)
		return fault_at(f, "return");
	rc = read_statement(out, &st, f);
	statement_free(&st);
	if (rc == 0)
		return 0;
	memset(out, 0, sizeof(*out));
	return fault_at(f, "return");
}

int
return_file_matches(const struct return_file *r,
    const struct return_statement *s, struct fault *f)
{
	if (r->nlabels != s->nlabels)
		return fault_set(f, FAULT_FORGED,
		    "return: %zu label files, %zu were signed", r->nlabels,
		    s->nlabels);
	for (size_t i = 0; i < r->nlabels; i++)
		if (strcmp(r->labels[i].name, s->labels[i].name) != 0)
			return fault_set(f, FAULT_FORGED,
			    "return: %s was not signed", r->labels[i].name);
	return 0;
}
