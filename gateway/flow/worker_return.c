/*
 * The opener's jobs on what a vendor sends back.
 *
 * Label files are read here and nowhere else on the vendor's side: as bytes,
 * to be digested and sealed, and as labels, to say before they are sent what
 * the owner's checker would say after.
 *
 *     return.dsse | labels/0001.jsonl | labels/0002.json ...   a tar
 *                                                              an age file
 */

#include <string.h>
#include <unistd.h>

#include "gateway/flow/worker_open_internal.h"
#include "gateway/labels/labels.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define RUN ((size_t)256 << 10)
#define CONTRACT_MAX ((size_t)8 << 20)

/* ---- Files of a job ---- */

static int
put_files(struct message *m, const struct return_file *files, size_t n,
    struct fault *f)
{
	if (put_u32(&m->body, (uint32_t)n, f) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (put_text(&m->body, files[i].name, f) != 0 ||
		    bytes_add(&m->body, files[i].sha256, DIGEST_BYTES, f) !=
			0 ||
		    put_u64(&m->body, files[i].bytes, f) != 0 ||
		    message_add_fd(m, files[i].fd, f) != 0)
			return -1;
	return 0;
}

struct files {
	size_t n;
	struct return_file at[RETURN_FILES_MAX];
};

static void
files_close(struct files *s)
{
	for (size_t i = 0; i < s->n; i++)
		file_close(&s->at[i].fd);
}

/* Descriptors from number first on; files_close() it, failed or not. */
static int
take_files(struct asked *a, size_t first, struct files *s, struct fault *f)
{
	uint32_t n;

	s->n = 0;
	if (take_u32(&a->in, &n, f) != 0)
		return -1;
	if (n > RETURN_FILES_MAX)
		return fault_set(
		    f, FAULT_INPUT, "over %u label files", RETURN_FILES_MAX);
	for (size_t i = 0; i < n; i++) {
		struct return_file *file = &s->at[i];

		if (take_text(&a->in, file->name, sizeof(file->name), f) != 0 ||
		    take_bytes(&a->in, file->sha256, DIGEST_BYTES, f) != 0 ||
		    take_u64(&a->in, &file->bytes, f) != 0 ||
		    message_fd(a->request, first + i, &file->fd, f) != 0)
			return -1;
		s->n++;
	}
	return take_end(&a->in, f);
}

/* ---- Digest ---- */

int
opener_put_digest(struct message *job, const struct return_file *files,
    size_t n, struct fault *f)
{
	if (ask_begin(job, OPENER_DIGEST, f) != 0)
		return -1;
	return put_files(job, files, n, f);
}

int
opener_take_digest(
    struct reader *r, struct return_file *files, size_t n, struct fault *f)
{
	for (size_t i = 0; i < n; i++)
		if (take_bytes(r, files[i].sha256, DIGEST_BYTES, f) != 0 ||
		    take_u64(r, &files[i].bytes, f) != 0)
			return -1;
	return take_end(r, f);
}

/* A file's bytes from its start: into a digest, and into seal if not NULL. */
static int
read_file(struct return_file *file, struct package_seal *seal, uint8_t *buf,
    struct fault *f)
{
	uint8_t sha256[DIGEST_BYTES];
	struct digest *d;
	uint64_t bytes = 0;
	size_t got = 1;
	int rc;

	if (digest_new(&d, f) != 0)
		return -1;
	for (rc = 0; rc == 0 && got > 0; bytes += got) {
		rc = file_read_at(file->fd, buf, RUN, bytes, &got, f);
		if (rc != 0)
			break;
		digest_add(d, buf, got);
		if (seal != NULL && bytes + got > file->bytes)
			rc = fault_set(f, FAULT_INPUT, "grew meanwhile");
		else if (seal != NULL)
			rc = package_seal_add(seal, buf, got, f);
	}
	digest_end(d, sha256);
	digest_free(d);
	if (rc == 0 && seal != NULL &&
	    (bytes != file->bytes ||
		memcmp(sha256, file->sha256, DIGEST_BYTES) != 0))
		rc = fault_set(f, FAULT_INPUT, "changed meanwhile");
	memcpy(file->sha256, sha256, DIGEST_BYTES);
	file->bytes = bytes;
	return rc;
}

int
opener_digest(void *state, struct asked *a, struct fault *f)
{
	struct files s = { 0 };
	uint8_t *buf = mem_new(RUN);
	int rc = -1;

	(void)state;
	if (buf == NULL)
		return fault_memory(f);
	if (take_files(a, 0, &s, f) != 0)
		goto out;
	for (size_t i = 0; i < s.n; i++)
		if (read_file(&s.at[i], NULL, buf, f) != 0 ||
		    bytes_add(&a->answer->body, s.at[i].sha256, DIGEST_BYTES,
			f) != 0 ||
		    put_u64(&a->answer->body, s.at[i].bytes, f) != 0)
			goto out;
	rc = 0;
out:
	files_close(&s);
	mem_free(buf);
	return rc;
}

/* ---- Seal ---- */

int
opener_put_seal(
    struct message *job, const struct opener_seal *s, struct fault *f)
{
	if (ask_begin(job, OPENER_SEAL, f) != 0 ||
	    put_text(&job->body, s->recipient, f) != 0 ||
	    put_slice(&job->body, s->statement.at, s->statement.len, f) != 0 ||
	    message_add_fd(job, s->out, f) != 0)
		return -1;
	return put_files(job, s->files, s->n, f);
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

static int
seal_header(
    struct package_seal *seal, const char *name, uint64_t size, struct fault *f)
{
	uint8_t header[TAR_HEADER_MAX];

	return package_seal_add(
	    seal, header, tar_header(header, name, size), f);
}

static int
seal_padding(struct package_seal *seal, uint64_t size, struct fault *f)
{
	static const uint8_t zeros[TAR_BLOCK];

	return package_seal_add(seal, zeros, tar_padding(size), f);
}

static int
seal_all(struct package_seal *seal, struct slice statement, struct files *s,
    uint8_t *buf, struct fault *f)
{
	static const uint8_t end[TAR_END];

	if (seal_header(seal, "return.dsse", statement.len, f) != 0 ||
	    package_seal_add(seal, statement.at, statement.len, f) != 0 ||
	    seal_padding(seal, statement.len, f) != 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		struct return_file *file = &s->at[i];

		if (seal_header(seal, file->name, file->bytes, f) != 0 ||
		    read_file(file, seal, buf, f) != 0 ||
		    seal_padding(seal, file->bytes, f) != 0)
			return fault_at(f, "%s", file->name);
	}
	return package_seal_add(seal, end, sizeof(end), f);
}

int
opener_seal(void *state, struct asked *a, struct fault *f)
{
	struct age_recipient to = { .kind = AGE_OTHER };
	struct package_object made = { .bytes = 0 };
	struct package_seal *seal = NULL;
	struct files s = { 0 };
	struct bytes *b = &a->answer->body;
	uint8_t *buf = mem_new(RUN);
	struct slice statement;
	char text[2048];
	int out = -1, rc = -1;

	(void)state;
	if (buf == NULL)
		return fault_memory(f);
	if (take_text(&a->in, text, sizeof(text), f) != 0 ||
	    take_slice(&a->in, DSSE_BYTES_MAX, &statement, f) != 0 ||
	    message_fd(a->request, 0, &out, f) != 0 ||
	    take_files(a, 1, &s, f) != 0 ||
	    age_recipient_read(&to, text, strlen(text), f) != 0)
		goto out;
	if (package_seal_new(&seal, out, &to, 1, f) != 0 ||
	    seal_all(seal, statement, &s, buf, f) != 0 ||
	    package_seal_end(seal, &made, f) != 0)
		goto out;
	if (bytes_add(b, made.sha256, DIGEST_BYTES, f) == 0 &&
	    put_u64(b, made.bytes, f) == 0)
		rc = put_u64(b, made.plain, f);
out:
	package_seal_free(seal);
	age_recipient_free(&to);
	files_close(&s);
	file_close(&out);
	mem_free(buf);
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
	return put_files(job, j->files, j->n, f);
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
judge_files(struct labels *l, int items, struct files *s, struct fault *f)
{
	if (labels_read_items(l, items, "items.jsonl", f) != 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		if (lseek(s->at[i].fd, 0, SEEK_SET) != 0)
			return fault_errno(f, "%s", s->at[i].name);
		if (labels_read(
			l, s->at[i].fd, s->at[i].name, LABELS_AUTO, f) != 0)
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
	struct files s = { 0 };
	struct slice text;
	uint8_t complete;
	int items = -1, rc = -1;

	(void)state;
	if (take_slice(&a->in, CONTRACT_MAX, &text, f) != 0 ||
	    take_u8(&a->in, &complete, f) != 0 ||
	    message_fd(a->request, 0, &items, f) != 0 ||
	    take_files(a, 1, &s, f) != 0 ||
	    read_contract(text, &contract, f) != 0)
		goto out;
	contract.complete = complete != 0;
	contract.now = clock_now();
	if (labels_new(&l, &contract, f) == 0 &&
	    judge_files(l, items, &s, f) == 0)
		rc = put_judged(&a->answer->body, l, f);
out:
	labels_free(l);
	labels_contract_free(&contract);
	files_close(&s);
	file_close(&items);
	return rc;
}
