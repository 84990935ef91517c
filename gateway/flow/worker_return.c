/*
 * The opener's jobs on what a vendor sends back.
 *
 * Label files are read here and nowhere else on the vendor's side: as bytes,
 * to be named and sealed, and as labels, to say before they are sent what
 * the owner's checker would say after.
 */

#include <string.h>
#include <unistd.h>

#include "gateway/flow/worker_open_internal.h"
#include "gateway/labels/labels.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define CONTRACT_MAX ((size_t)8 << 20)
#define GIVEN_MAX 4096u

/* ---- Label files of a job ---- */

static int
put_labels(struct message *m, const struct opener_label *labels, size_t n,
    struct fault *f)
{
	if (put_u32(&m->body, (uint32_t)n, f) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct return_label *l = &labels[i].label;

		if (put_text(&m->body, labels[i].given, f) != 0 ||
		    put_text(&m->body, l->name, f) != 0 ||
		    bytes_add(&m->body, l->sha256, DIGEST_BYTES, f) != 0 ||
		    put_u64(&m->body, l->bytes, f) != 0 ||
		    message_add_fd(m, l->fd, f) != 0)
			return -1;
	}
	return 0;
}

struct taken {
	size_t n;
	struct return_label at[RETURN_LABELS_MAX];
	char given[RETURN_LABELS_MAX][GIVEN_MAX];
};

static void
taken_free(struct taken *t)
{
	for (size_t i = 0; t != NULL && i < t->n; i++)
		file_close(&t->at[i].fd);
	mem_free(t);
}

/* The labels, whose descriptors are the request's from number first on; the
 * request ends with them.  taken_free() them. */
static int
take_labels(struct asked *a, size_t first, struct taken **out, struct fault *f)
{
	struct taken *t = mem_new(sizeof(*t));
	uint32_t n;

	*out = t;
	if (t == NULL)
		return fault_memory(f);
	if (take_u32(&a->in, &n, f) != 0)
		return -1;
	if (n > RETURN_LABELS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "over %u label files", RETURN_LABELS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct return_label *l = &t->at[i];

		if (take_text(&a->in, t->given[i], GIVEN_MAX, f) != 0 ||
		    take_text(&a->in, l->name, sizeof(l->name), f) != 0 ||
		    take_bytes(&a->in, l->sha256, DIGEST_BYTES, f) != 0 ||
		    take_u64(&a->in, &l->bytes, f) != 0 ||
		    message_fd(a->request, first + i, &l->fd, f) != 0)
			return -1;
		t->n++;
	}
	return take_end(&a->in, f);
}

/* ---- Name ---- */

int
opener_put_name(struct message *job, const struct opener_label *labels,
    size_t n, struct fault *f)
{
	if (ask_begin(job, OPENER_NAME, f) != 0)
		return -1;
	return put_labels(job, labels, n, f);
}

int
opener_take_named(
    struct reader *r, struct opener_label *labels, size_t n, struct fault *f)
{
	for (size_t i = 0; i < n; i++) {
		struct return_label *l = &labels[i].label;

		if (take_text(r, l->name, sizeof(l->name), f) != 0 ||
		    take_bytes(r, l->sha256, DIGEST_BYTES, f) != 0 ||
		    take_u64(r, &l->bytes, f) != 0)
			return -1;
	}
	return take_end(r, f);
}

int
opener_name(void *state, struct asked *a, struct fault *f)
{
	struct bytes *b = &a->answer->body;
	struct taken *t = NULL;
	int rc = -1;

	(void)state;
	if (take_labels(a, 0, &t, f) != 0)
		goto out;
	for (size_t i = 0; i < t->n; i++) {
		struct return_label *l = &t->at[i];

		if (return_label_of(l, i, t->given[i], f) != 0) {
			(void)fault_at(f, "%s", t->given[i]);
			goto out;
		}
		if (put_text(b, l->name, f) != 0 ||
		    bytes_add(b, l->sha256, DIGEST_BYTES, f) != 0 ||
		    put_u64(b, l->bytes, f) != 0)
			goto out;
	}
	rc = 0;
out:
	taken_free(t);
	return rc;
}

/* ---- Seal ---- */

int
opener_put_seal(
    struct message *job, const struct opener_seal *s, struct fault *f)
{
	if (ask_begin(job, OPENER_SEAL, f) != 0 ||
	    put_text(&job->body, s->recipient, f) != 0 ||
	    put_slice(&job->body, s->envelope.at, s->envelope.len, f) != 0 ||
	    message_add_fd(job, s->out, f) != 0)
		return -1;
	return put_labels(job, s->labels, s->n, f);
}

int
opener_take_sealed(
    struct reader *r, struct package_object *out, struct fault *f)
{
	if (take_bytes(r, out->sha256, DIGEST_BYTES, f) != 0 ||
	    take_u64(r, &out->bytes, f) != 0 ||
	    take_u64(r, &out->plain, f) != 0)
		return -1;
	return take_end(r, f);
}

int
opener_seal(void *state, struct asked *a, struct fault *f)
{
	struct age_recipient to = { .kind = AGE_OTHER };
	struct return_draft d = { .to = &to, .nto = 1 };
	struct package_object made = { .bytes = 0 };
	struct bytes *b = &a->answer->body;
	struct taken *t = NULL;
	char text[2048];
	int out = -1, rc = -1;

	(void)state;
	if (take_text(&a->in, text, sizeof(text), f) != 0 ||
	    take_slice(&a->in, RETURN_ENVELOPE_MAX, &d.envelope, f) != 0 ||
	    message_fd(a->request, 0, &out, f) != 0 ||
	    take_labels(a, 1, &t, f) != 0 ||
	    age_recipient_read(&to, text, strlen(text), f) != 0)
		goto out;
	d.labels = t->at;
	d.nlabels = t->n;
	if (return_file_write(out, &d, &made, f) == 0 &&
	    bytes_add(b, made.sha256, DIGEST_BYTES, f) == 0 &&
	    put_u64(b, made.bytes, f) == 0)
		rc = put_u64(b, made.plain, f);
out:
	age_recipient_free(&to);
	taken_free(t);
	file_close(&out);
	return rc;
}

/* ---- Judge ---- */

int
opener_put_judge(
    struct message *job, const struct opener_judge *j, struct fault *f)
{
	if (ask_begin(job, OPENER_JUDGE, f) != 0 ||
	    put_slice(&job->body, j->contract.at, j->contract.len, f) != 0 ||
	    put_u8(&job->body, j->complete, f) != 0 ||
	    message_add_fd(job, j->items, f) != 0)
		return -1;
	return put_labels(job, j->labels, j->n, f);
}

int
opener_take_judged(struct reader *r, struct opener_judged *out, struct fault *f)
{
	if (take_u8(r, &out->verdict, f) != 0 ||
	    take_u64(r, &out->errors, f) != 0 ||
	    take_slice(r, OPENER_REPORT_MAX, &out->report, f) != 0)
		return -1;
	return take_end(r, f);
}

static int
judge_labels(
    struct labels *l, int items, const struct taken *t, struct fault *f)
{
	if (labels_read_items(l, items, "items.jsonl", f) != 0)
		return -1;
	for (size_t i = 0; i < t->n; i++) {
		const char *name = strrchr(t->given[i], '/');

		name = name != NULL ? name + 1 : t->given[i];
		if (lseek(t->at[i].fd, 0, SEEK_SET) != 0)
			return fault_errno(f, "%s", name);
		if (labels_read(l, t->at[i].fd, name, LABELS_AUTO, f) != 0)
			return -1;
	}
	return labels_settle(l, f);
}

static int
put_judged(struct bytes *b, const struct labels *l, struct fault *f)
{
	struct labels_counts n;
	struct bytes text;
	int rc = -1;

	bytes_init(&text, (size_t)64 << 20);
	labels_count(l, &n);
	if (labels_report_text(l, &text, f) == 0 &&
	    put_u8(b, (uint8_t)labels_verdict(l), f) == 0 &&
	    put_u64(b, n.errors, f) == 0)
		rc = put_slice(b, text.at,
		    text.len < OPENER_REPORT_MAX ? text.len : OPENER_REPORT_MAX,
		    f);
	bytes_free(&text);
	return rc;
}

static int
read_contract(struct slice text, struct labels_contract *out, struct fault *f)
{
	json_t *o = NULL;
	int rc = -1;

	if (doc_read(&o, text.at, text.len, f) == 0)
		rc = labels_contract_read(out, o, f);
	json_decref(o);
	return rc;
}

int
opener_judge(void *state, struct asked *a, struct fault *f)
{
	struct labels_contract contract = { 0 };
	struct labels *l = NULL;
	struct taken *t = NULL;
	struct slice text;
	uint8_t complete;
	int items = -1, rc = -1;

	(void)state;
	if (take_slice(&a->in, CONTRACT_MAX, &text, f) != 0 ||
	    take_u8(&a->in, &complete, f) != 0 ||
	    message_fd(a->request, 0, &items, f) != 0 ||
	    take_labels(a, 1, &t, f) != 0 ||
	    read_contract(text, &contract, f) != 0)
		goto out;
	contract.complete = complete != 0;
	contract.now = clock_now();
	if (labels_new(&l, &contract, f) == 0 &&
	    judge_labels(l, items, t, f) == 0)
		rc = put_judged(&a->answer->body, l, f);
out:
	labels_free(l);
	labels_contract_free(&contract);
	taken_free(t);
	file_close(&items);
	return rc;
}
