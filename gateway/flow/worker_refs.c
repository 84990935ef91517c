/*
 * References of one file or part, looked up and thrown away: it is masked with
 * everything else kept, so that what is read is what will be read when it
 * leaves.  Or told: which files a record names, and whom that record is about.
 */

#include <string.h>

#include "gateway/flow/worker_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"

/* What is dropped is not read then either, and whole places stay whole. */
static void
keep_others(struct file_plan *plan)
{
	for (size_t i = 0; i < plan->nfields; i++) {
		struct plan_field *p = &plan->fields[i];
		uint32_t line = p->how.line;

		if (p->how.action == TRANSFORM_ITEM_REF ||
		    p->how.action == TRANSFORM_DROP || p->whole)
			continue;
		transform_free(&p->how);
		p->how.action = TRANSFORM_KEEP;
		p->how.line = line;
	}
}

static int
ignore(void *arg, const void *p, size_t len, struct fault *f)
{
	(void)arg;
	(void)p;
	(void)len;
	(void)f;
	return 0;
}

static int
look_up_file(const struct mask_source *src, struct fault *f)
{
	struct mask_change change;
	int rc;

	mask_change_init(&change, false);
	rc = mask_file(src, (struct mask_sink){ ignore, NULL }, &change, f);
	mask_change_free(&change);
	return rc;
}

static int
look_up_rows(const struct mask_source *src, const struct mask_part *part,
    struct fault *f)
{
	struct mask_rows *m = NULL;
	struct mask_row row;
	struct bytes out;
	bool end = false;
	int rc = -1;

	bytes_init(&out, 8 * (size_t)MASK_RECORD_MAX);
	if (mask_rows_open(&m, src, part, NULL, f) != 0)
		return -1;
	while (!end) {
		bytes_reset(&out);
		if (mask_rows_next(m, &row, &out, &end, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(m);
	bytes_free(&out);
	return rc;
}

/* A request of both kinds; asking_free() it, failed or not. */
struct asking_refs {
	struct file_plan plan;
	struct mask_fresh fresh;
	struct package_refs *refs; /* NULL: there is no table */
	struct worker_source s;
	struct mask_part part;
	uint8_t rows;
	uint64_t from; /* of whose */
};

static int
take_table(struct asking_refs *q, struct asked *a, struct fault *f)
{
	int fd, rc;

	if (message_fd(a->request, 1, &fd, f) != 0)
		return -1;
	rc = package_refs_open(&q->refs, fd, q->fresh.item, f);
	file_close(&fd);
	return rc;
}

static int
asking_take(struct asking_refs *q, struct asked *a, bool whose, struct fault *f)
{
	uint8_t table = 1;

	*q = (struct asking_refs){ .s.src.fd = -1 };
	if (worker_take_file(a, 0, &q->s, f) != 0 ||
	    file_plan_take(&a->in, &q->plan, f) != 0 ||
	    take_u8(&a->in, &q->rows, f) != 0 ||
	    (q->rows && worker_take_part(&a->in, &q->part, f) != 0) ||
	    (whose && take_u64(&a->in, &q->from, f) != 0) ||
	    (whose && take_u8(&a->in, &table, f) != 0) ||
	    take_end(&a->in, f) != 0)
		return -1;
	keep_others(&q->plan);
	if (mask_fresh_make(&q->fresh, &q->plan, 1, f) != 0 ||
	    (table && take_table(q, a, f) != 0))
		return -1;
	q->s.src.plan = &q->plan;
	q->s.src.keys = &q->fresh.keys[0];
	return 0;
}

static void
asking_free(struct asking_refs *q)
{
	package_refs_close(q->refs);
	mask_fresh_free(&q->fresh);
	file_plan_free(&q->plan);
	worker_source_close(&q->s);
}

int
worker_refs(void *state, struct asked *a, struct fault *f)
{
	struct asking_refs q;
	int rc = -1;

	(void)state;
	if (asking_take(&q, a, false, f) == 0) {
		q.fresh.keys[0].refs = package_refs_use(q.refs);
		rc = q.rows ? look_up_rows(&q.s.src, &q.part, f)
			    : look_up_file(&q.s.src, f);
	}
	asking_free(&q);
	return rc;
}

/* ---- Whose files are -------------------------------------------------------
 */

/* Bytes of names and subjects in one answer. */
#define WHOSE_BYTES ((size_t)1 << 20)

struct whose {
	const struct package_refs *refs;
	struct bytes named; /* texts: the files that the record in hand names */
	struct bytes pairs; /* of the answer */
	size_t last;	    /* in pairs: where the last one begins */
	struct bytes own;   /* of a document: its subject */
	uint64_t next;	    /* the record to go on with, or 0 */
};

/* Note what a value names; nothing is put in its place. */
static int
note(void *arg, enum transform_by by, const struct slice *value,
    struct bytes *out, struct fault *f)
{
	struct whose *w = arg;
	const char *path;

	(void)out;
	if (package_refs_find(w->refs, by, value, &path, f) != 0)
		return -1;
	return put_text(&w->named, path, f);
}

/* What was noted is named by that person's record.  Many records say again
 * what the one before them did. */
static int
tell(struct whose *w, const struct slice *subject, struct fault *f)
{
	struct reader r = reader_of(w->named.at, w->named.len);
	char path[PACKAGE_ORIGINAL_MAX + 1];

	if (subject->len > WORKER_SUBJECT_MAX)
		return fault_set(f, FAULT_INPUT,
		    "a person's key of more than %u bytes", WORKER_SUBJECT_MAX);
	while (subject->len > 0 && reader_left(&r) > 0) {
		struct bytes *b = &w->pairs;
		size_t at = b->len, len;

		if (take_text(&r, path, sizeof(path), f) != 0 ||
		    put_text(b, path, f) != 0 ||
		    put_slice(b, subject->at, subject->len, f) != 0)
			return -1;
		len = b->len - at;
		if (len == at - w->last &&
		    memcmp(b->at + at, b->at + w->last, len) == 0)
			b->len = at;
		else
			w->last = at;
	}
	bytes_reset(&w->named);
	return 0;
}

static int
whose_rows(struct whose *w, const struct mask_source *src,
    const struct mask_part *part, uint64_t from, struct fault *f)
{
	struct mask_rows *m = NULL;
	struct mask_row row;
	struct bytes out;
	bool end = false;
	int rc = -1;

	bytes_init(&out, 8 * (size_t)MASK_RECORD_MAX);
	if (mask_rows_open(&m, src, part, NULL, f) != 0)
		return -1;
	while (w->next == 0) {
		bytes_reset(&out);
		bytes_reset(&w->named);
		if (mask_rows_next(m, &row, &out, &end, f) != 0)
			goto out;
		if (end)
			break;
		if (row.number < from)
			continue;
		if (w->pairs.len > WHOSE_BYTES) {
			w->next = row.number;
		} else if (tell(w, &row.subject, f) != 0) {
			(void)fault_at(f, "%s: record %llu", src->path,
			    (unsigned long long)row.number);
			goto out;
		}
	}
	rc = 0;
out:
	mask_rows_close(m);
	bytes_free(&out);
	return rc;
}

/* Of a file: the subject that it names itself, and the files that it names. */
static int
whose_file(struct whose *w, const struct mask_source *src, struct fault *f)
{
	struct slice subject = src->subject;

	if (mask_names_subject(src->plan)) {
		if (mask_subject(src, &w->own, f) != 0)
			return -1;
		subject = (struct slice){ w->own.at, w->own.len };
	}
	if (w->refs != NULL && look_up_file(src, f) != 0)
		return -1;
	if (tell(w, &subject, f) != 0)
		return fault_at(f, "%s", src->path);
	return 0;
}

static int
whose(struct whose *w, const struct asking_refs *q, struct bytes *out,
    struct fault *f)
{
	if ((q->rows ? whose_rows(w, &q->s.src, &q->part, q->from, f)
		     : whose_file(w, &q->s.src, f)) != 0 ||
	    put_slice(out, w->own.at, w->own.len, f) != 0 ||
	    put_u64(out, w->next, f) != 0)
		return -1;
	return bytes_add(out, w->pairs.at, w->pairs.len, f);
}

int
worker_whose(void *state, struct asked *a, struct fault *f)
{
	struct asking_refs q;
	struct whose w = { .next = 0 };
	struct transform_refs use = { note, &w };
	int rc = -1;

	(void)state;
	bytes_init(&w.named, MESSAGE_MAX);
	bytes_init(&w.pairs, MESSAGE_MAX / 2);
	bytes_init(&w.own, MASK_RECORD_MAX);
	if (asking_take(&q, a, true, f) == 0) {
		w.refs = q.refs;
		q.fresh.keys[0].refs = &use;
		rc = whose(&w, &q, &a->answer->body, f);
	}
	asking_free(&q);
	bytes_free(&w.named);
	bytes_free(&w.pairs);
	bytes_free(&w.own);
	return rc;
}
