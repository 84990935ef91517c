/*
 * Labels on their way back, up to the sealed file.
 *
 *     label files --> worker: names, digests --> keeper: signature
 *                     worker: judgement      --> worker: tar, age
 *
 * What was sealed is found again by what is in it, so that the same command
 * sends the same return, and not a second one.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/return_internal.h"
#include "gateway/labels/labels.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"

#define CONTRACT "contract.json"
#define CONTRACT_MAX ((size_t)8 << 20)
#define KEPT_MAX 4096u

/* One job, to its end; *r is the caller's to pool_result_free(). */
static int
work(struct returning *w, struct message *job, struct pool_result *r,
    struct fault *f)
{
	if (pool_give(w->pool, job, 0, f) != 0 || pool_take(w->pool, r, f) != 0)
		return -1;
	if (r->fault.kind == FAULT_NONE)
		return 0;
	*f = r->fault;
	return -1;
}

/* ---- Judging ---- */

static enum labels_kind
kind_of(enum label_kind k)
{
	return k == LABEL_CLASS	  ? LABELS_CLASS
	       : k == LABEL_BOXES ? LABELS_BOXES
				  : LABELS_SPANS;
}

/* What the manifest agreed on, in the inbox for `labels check` too. */
static int
write_contract(struct returning *w, struct bytes *out, struct fault *f)
{
	const struct manifest_labels *l = &w->manifest.labels;
	struct labels_contract c = { .kind = kind_of(l->kind),
		.classes = l->classes,
		.nclasses = l->nclasses,
		.unanswered_is_negative = l->unanswered_negative };
	json_t *o = NULL;
	int rc = -1;

	if (labels_contract_write(&c, &o, f) == 0 && doc_write(out, o, f) == 0)
		rc = file_put(w->dir, CONTRACT, out->at, out->len, true, f);
	json_decref(o);
	return rc;
}

static int
rejected(struct returning *w, const struct opener_judged *j, struct fault *f)
{
	const char *home = w->o->home, *batch = w->state.batch;

	if (j->verdict != LABELS_REJECTED || w->o->force)
		return 0;
	w->rejected = true;
	(void)fault_set(f, FAULT_POLICY,
	    "the labels would be rejected: %llu error%s",
	    (unsigned long long)j->errors, j->errors == 1 ? "" : "s");
	return fault_hint(f,
	    "handoff labels check -c %s/inbox/%s/" CONTRACT
	    " -i %s/inbox/%s/items.jsonl %s",
	    home, batch, home, batch, w->o->labels[0]);
}

int
return_judge(struct returning *w, struct fault *f)
{
	struct opener_judge j = { .complete = w->o->complete,
		.items = -1,
		.labels = w->labels,
		.n = w->nlabels };
	struct opener_judged said;
	struct pool_result r;
	struct message job;
	struct bytes contract;
	int rc = -1;

	if (!w->manifest.has_labels)
		return 0;
	bytes_init(&contract, CONTRACT_MAX);
	message_init(&job, MESSAGE_MAX);
	pool_result_init(&r, MESSAGE_MAX);
	if (write_contract(w, &contract, f) != 0 ||
	    file_open_read(w->dir, "items.jsonl", &j.items, f) != 0)
		goto out;
	j.contract = (struct slice){ contract.at, contract.len };
	if (opener_put_judge(&job, &j, f) != 0 || work(w, &job, &r, f) != 0 ||
	    opener_take_judged(&r.body, &said, f) != 0)
		goto out;
	w->report = json_stringn((const char *)said.report.at, said.report.len);
	rc = w->report != NULL ? rejected(w, &said, f) : fault_memory(f);
out:
	file_close(&j.items);
	pool_result_free(&r);
	message_free(&job);
	bytes_free(&contract);
	return rc;
}

/* ---- What is in it ---- */

static int
name_labels(struct returning *w, struct fault *f)
{
	struct pool_result r;
	struct message job;
	int rc = -1;

	message_init(&job, MESSAGE_MAX);
	pool_result_init(&r, MESSAGE_MAX);
	if (opener_put_name(&job, w->labels, w->nlabels, f) == 0 &&
	    work(w, &job, &r, f) == 0)
		rc = opener_take_named(&r.body, w->labels, w->nlabels, f);
	pool_result_free(&r);
	message_free(&job);
	return rc;
}

/* The key of the same labels for the same revision. */
static int
make_key(struct returning *w, struct fault *f)
{
	uint8_t sum[DIGEST_BYTES], complete = w->o->complete;
	struct digest *d;

	if (digest_new(&d, f) != 0)
		return -1;
	digest_add(d, w->manifest_digest, DIGEST_BYTES);
	digest_add(d, &complete, 1);
	for (size_t i = 0; i < w->nlabels; i++) {
		digest_add(d, w->labels[i].label.name, RETURN_NAME_CHARS);
		digest_add(d, w->labels[i].label.sha256, DIGEST_BYTES);
	}
	digest_end(d, sum);
	digest_free(d);
	hex_write(w->key, sum, sizeof(w->key) / 2);
	return 0;
}

/* ---- What is kept of it ---- */

static void
file_name(const struct returning *w, const char *what, char out[64])
{
	(void)snprintf(out, 64, "return-%s.%s", w->key, what);
}

int
return_keep(const struct returning *w, struct fault *f)
{
	char name[64], hex[DIGEST_CHARS + 1];
	struct bytes text;
	json_t *o;
	int rc = -1;

	file_name(w, "json", name);
	hex_write(hex, w->object, DIGEST_BYTES);
	o = json_pack("{s:s,s:s,s:I,s:b}", "return", w->id, "object", hex,
	    "bytes", (json_int_t)w->bytes, "sent", (int)w->sent);
	if (o == NULL)
		return fault_memory(f);
	bytes_init(&text, KEPT_MAX);
	if (doc_write(&text, o, f) == 0)
		rc = file_put(w->dir, name, text.at, text.len, true, f);
	bytes_free(&text);
	json_decref(o);
	if (rc == 0 && w->sent) {
		file_name(w, "age", name);
		(void)unlinkat(w->dir, name, 0); /* a leftover is no harm */
	}
	return rc;
}

static int
read_kept(struct returning *w, const json_t *o, struct fault *f)
{
	const char *id;

	if (doc_text(o, "return", &id, f) != 0 ||
	    doc_hex(o, "object", w->object, DIGEST_BYTES, f) != 0 ||
	    doc_number(o, "bytes", UINT64_MAX >> 11, &w->bytes, f) != 0 ||
	    doc_bool(o, "sent", &w->sent, f) != 0)
		return -1;
	if (!id_valid(id, 'r'))
		return fault_set(f, FAULT_INPUT, "not a return's id");
	memcpy(w->id, id, ID_CHARS + 1);
	return 0;
}

/* Was it sealed before? */
static int
find_kept(struct returning *w, bool *there, struct fault *f)
{
	char name[64];
	struct bytes text;
	json_t *o = NULL;
	int rc = -1;

	file_name(w, "json", name);
	*there = faccessat(w->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*there)
		return 0;
	bytes_init(&text, KEPT_MAX);
	if (file_read(w->dir, name, &text, f) == 0 &&
	    doc_read(&o, text.at, text.len, f) == 0)
		rc = read_kept(w, o, f);
	json_decref(o);
	bytes_free(&text);
	if (rc != 0)
		return fault_at(f, "inbox: %s", name);
	file_name(w, "age", name);
	*there =
	    w->sent || faccessat(w->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	return !*there || w->sent ? 0
				  : file_open_read(w->dir, name, &w->sealed, f);
}

/* ---- Signing and sealing ---- */

static json_t *
files_json(const struct returning *w)
{
	json_t *list = json_array();
	char hex[DIGEST_CHARS + 1];

	for (size_t i = 0; list != NULL && i < w->nlabels; i++) {
		const struct return_label *l = &w->labels[i].label;

		hex_write(hex, l->sha256, DIGEST_BYTES);
		if (json_array_append_new(list, json_pack("{s:s,s:s}", "name",
						    l->name, "sha256", hex)) !=
		    0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static int
sign(struct returning *w, json_t **out, struct fault *f)
{
	char manifest[DIGEST_CHARS + 1];

	hex_write(manifest, w->manifest_digest, DIGEST_BYTES);
	return keeper_ask(w->keeper, KEEPER_SIGN_RETURN,
	    json_pack("{s:s,s:s,s:s,s:s,s:b,s:o}", "owner", w->owner.id,
		"batch", w->state.batch, "manifest", manifest, "return", w->id,
		"complete", (int)w->o->complete, "files", files_json(w)),
	    out, f);
}

static int
seal_into(struct returning *w, const char *envelope, int fd, struct fault *f)
{
	struct opener_seal s = { .recipient = w->manifest.returns,
		.envelope = slice_of_text(envelope),
		.labels = w->labels,
		.n = w->nlabels,
		.out = fd };
	struct package_object made = { 0 };
	struct pool_result r;
	struct message job;
	int rc = -1;

	message_init(&job, MESSAGE_MAX);
	pool_result_init(&r, MESSAGE_MAX);
	if (opener_put_seal(&job, &s, f) == 0 && work(w, &job, &r, f) == 0)
		rc = opener_take_sealed(&r.body, &made, f);
	pool_result_free(&r);
	message_free(&job);
	if (rc == 0) {
		memcpy(w->object, made.sha256, DIGEST_BYTES);
		w->bytes = made.bytes;
	}
	return rc;
}

static int
make(struct returning *w, struct fault *f)
{
	const char *envelope;
	json_t *said = NULL;
	struct draft d;
	char name[64];
	int rc = -1;

	draft_none(&d);
	id_new(w->id, 'r');
	if (sign(w, &said, f) != 0 ||
	    doc_text(said, "statement", &envelope, f) != 0 ||
	    draft_new(&d, w->dir, f) != 0 ||
	    seal_into(w, envelope, d.fd, f) != 0)
		goto out;
	file_name(w, "age", name);
	if (draft_keep(&d, name, true, f) == 0 && return_keep(w, f) == 0)
		rc = file_open_read(w->dir, name, &w->sealed, f);
out:
	draft_drop(&d);
	json_decref(said);
	return rc;
}

int
return_seal(struct returning *w, struct fault *f)
{
	bool there;

	if (name_labels(w, f) != 0 || make_key(w, f) != 0 ||
	    return_judge(w, f) != 0 || find_kept(w, &there, f) != 0)
		return -1;
	return there ? 0 : make(w, f);
}

int
return_again(struct returning *w, struct fault *f)
{
	memcpy(w->lost, w->id, sizeof(w->lost));
	w->sent = false;
	return make(w, f);
}
