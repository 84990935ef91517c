/*
 * in-toto Statement v1 (in-toto attestation framework, spec/v1/statement.md):
 * a predicate about subjects, each a name and a SHA-256.  Every signed document
 * of this program is one, in a DSSE envelope.
 *
 * Reading: members that we do not know are ignored, as that standard says;
 * what a predicate may hold is judged by who knows its type.
 */

#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"

static json_t *
subject_json(const struct statement_subject *s)
{
	char hex[DIGEST_CHARS + 1];

	hex_write(hex, s->sha256, DIGEST_BYTES);
	return json_pack("{s:s,s:{s:s}}", "name", s->name, "digest", "sha256",
	    (const char *)hex);
}

int
statement_write(
    struct bytes *out, const struct statement_draft *d, struct fault *f)
{
	json_t *list = json_array(), *doc = NULL;
	size_t was = out->len;
	int rc = -1;

	must(d->nsubjects > 0 && d->nsubjects <= STATEMENT_SUBJECTS_MAX);
	for (size_t i = 0; i < d->nsubjects; i++)
		if (json_array_append_new(
			list, subject_json(&d->subjects[i])) != 0)
			goto out;
	doc = json_pack("{s:s,s:O,s:s,s:O}", "_type", STATEMENT_TYPE, "subject",
	    list, "predicateType", d->predicate_type, "predicate",
	    d->predicate);
	if (doc != NULL)
		rc = doc_write(out, doc, f);
out:
	json_decref(doc);
	json_decref(list);
	if (rc != 0)
		out->len = was;
	/* jansson says only that it failed: no memory, or text not UTF-8. */
	if (rc != 0 && f->kind == FAULT_NONE)
		(void)fault_set(f, FAULT_INPUT,
		    "statement: out of memory, or text that is not UTF-8");
	return rc;
}

int
statement_sign(struct bytes *out, const struct statement_draft *d,
    const struct sign_key *k, struct fault *f)
{
	struct bytes payload;
	int rc = -1;

	bytes_init(&payload, DSSE_BYTES_MAX);
	if (statement_write(&payload, d, f) == 0)
		rc = dsse_sign(out, STATEMENT_PAYLOAD,
		    (struct slice){ payload.at, payload.len }, k, f);
	bytes_free(&payload);
	return rc;
}

static int
check_subject(const json_t *one, struct fault *f)
{
	uint8_t digest[DIGEST_BYTES];
	const char *name;
	json_t *digests;

	if (!json_is_object(one))
		return fault_set(f, FAULT_INPUT, "needs an object");
	if (doc_text(one, "name", &name, f) != 0 ||
	    doc_object(one, "digest", &digests, f) != 0)
		return -1;
	return doc_hex(digests, "sha256", digest, sizeof(digest), f);
}

static int
read_members(struct statement *s, const char *predicate_type, struct fault *f)
{
	const char *type;

	if (!json_is_object(s->doc))
		return fault_set(f, FAULT_INPUT, "needs an object");
	if (doc_text(s->doc, "_type", &type, f) != 0 ||
	    doc_text(s->doc, "predicateType", &s->predicate_type, f) != 0 ||
	    doc_list(s->doc, "subject", &s->subjects, f) != 0 ||
	    doc_object(s->doc, "predicate", &s->predicate, f) != 0)
		return -1;
	if (strcmp(type, STATEMENT_TYPE) != 0)
		return fault_set(f, FAULT_INPUT, "not " STATEMENT_TYPE);
	if (predicate_type != NULL &&
	    strcmp(s->predicate_type, predicate_type) != 0)
		return fault_set(
		    f, FAULT_INPUT, "predicate type is not %s", predicate_type);
	s->nsubjects = json_array_size(s->subjects);
	if (s->nsubjects == 0 || s->nsubjects > STATEMENT_SUBJECTS_MAX)
		return fault_set(f, FAULT_INPUT, "needs 1 to %u subjects",
		    STATEMENT_SUBJECTS_MAX);
	for (size_t i = 0; i < s->nsubjects; i++)
		if (check_subject(json_array_get(s->subjects, i), f) != 0)
			return fault_at(f, "subject %zu", i + 1);
	return 0;
}

int
statement_read(struct statement *out, struct slice payload,
    const char *predicate_type, struct fault *f)
{
	*out = (struct statement){ .doc = NULL };
	if (doc_read(&out->doc, payload.at, payload.len, f) != 0 ||
	    read_members(out, predicate_type, f) != 0) {
		statement_free(out);
		return fault_at(f, "statement");
	}
	return 0;
}

int
statement_open(struct statement *out, struct slice envelope,
    const char *predicate_type, const uint8_t public[SIGN_PUBLIC_BYTES],
    struct fault *f)
{
	struct dsse d;
	int rc = -1;

	*out = (struct statement){ .doc = NULL };
	if (dsse_read(&d, envelope.at, envelope.len, f) != 0)
		return -1;
	if (dsse_verify(&d, public, f) != 0)
		goto out;
	if (strcmp(d.type, STATEMENT_PAYLOAD) != 0) {
		(void)fault_set(
		    f, FAULT_INPUT, "envelope: payload is no statement");
		goto out;
	}
	rc = statement_read(out, (struct slice){ d.payload.at, d.payload.len },
	    predicate_type, f);
out:
	dsse_free(&d);
	return rc;
}

void
statement_subject(
    const struct statement *s, size_t i, struct statement_subject *out)
{
	const json_t *one = json_array_get(s->subjects, i);
	const char *hex = json_string_value(
	    json_object_get(json_object_get(one, "digest"), "sha256"));

	must(i < s->nsubjects);
	out->name = json_string_value(json_object_get(one, "name"));
	must(hex_read(out->sha256, DIGEST_BYTES, hex, DIGEST_CHARS));
}

void
statement_free(struct statement *s)
{
	if (s == NULL)
		return;
	json_decref(s->doc);
	*s = (struct statement){ .doc = NULL };
}
