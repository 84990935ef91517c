/*
 * One return: from quarantine to a verdict.
 *
 *     quarantine --> unsealer --> archive --> checker --> envelope
 *                                    |                       |
 *                                    |        keeper: by the vendor? about
 *                                    |        this batch, as this return?
 *                                    v                       |
 *     indexes --> items --------> checker <-- digests -------'
 *                                    |
 *                                 answers
 *                                    v
 *     joins, golden answers --> 2nd checker --> score, outputs
 *
 * This process only passes descriptors on.  The first step opens the batch's
 * manifest by the same key: where that fails it is our home that lacks
 * something, and no return is blamed for it.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/ingest_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/sign/sign.h"

int
ingest_scratch(int folder, int *fd, struct fault *f)
{
	struct draft d;

	if (draft_new(&d, folder, f) != 0)
		return -1;
	if ((*fd = fcntl(d.fd, F_DUPFD_CLOEXEC, 0)) == -1)
		(void)fault_errno(f, "a file without a name");
	draft_drop(&d);
	return *fd == -1 ? -1 : 0;
}

int
ingest_rewind(int fd, struct fault *f)
{
	return lseek(fd, 0, SEEK_SET) == 0 ? 0 : fault_errno(f, "rewind");
}

int
ingest_digest(int fd, uint8_t out[DIGEST_BYTES], struct fault *f)
{
	uint8_t buf[65536];
	struct digest *d = NULL;
	size_t n = 0;
	int rc = 0;

	if (digest_new(&d, f) != 0)
		return -1;
	do {
		rc = file_read_some(fd, buf, sizeof(buf), &n, f);
		digest_add(d, buf, rc == 0 ? n : 0);
	} while (rc == 0 && n > 0);
	digest_end(d, out);
	digest_free(d);
	return rc;
}

int
ingest_same(int fd, const uint8_t want[DIGEST_BYTES], struct fault *f)
{
	uint8_t got[DIGEST_BYTES];

	if (ingest_digest(fd, got, f) != 0)
		return -1;
	if (memcmp(got, want, sizeof(got)) != 0)
		return fault_set(f, FAULT_FORGED, "not what was logged");
	return ingest_rewind(fd, f);
}

/* Open one of the home's objects, by the digest in that member.  Whoever can
 * write to the home could seal another one to the same recipients. */
static int
open_object(struct ingest *g, const json_t *o, const char *key, int *fd,
    struct fault *f)
{
	uint8_t digest[DIGEST_BYTES];
	char path[DIGEST_CHARS + 16];
	const char *hex;

	if (doc_hex(o, key, digest, sizeof(digest), f) != 0 ||
	    doc_text(o, key, &hex, f) != 0)
		return -1;
	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	if (file_open_read(g->home, path, fd, f) != 0)
		return -1;
	return ingest_same(*fd, digest, f);
}

static int
unseal_object(struct ingest *g, const json_t *o, const char *key,
    enum unseal as, uint32_t shard, int out, struct fault *f)
{
	int fd = -1, rc = -1;

	if (open_object(g, o, key, &fd, f) == 0)
		rc = unsealer_do(&g->unsealer, as, shard, fd, out, f);
	file_close(&fd);
	return rc == 0 ? 0 : fault_at(f, "%s", key);
}

/* ---- The manifest, and what it agrees on ---- */

/* The contract out of an envelope whose digest the log has. */
static int
read_contract(struct ingest *g, const struct bytes *envelope, struct fault *f)
{
	uint8_t want[DIGEST_BYTES], got[DIGEST_BYTES];
	struct statement st;
	struct dsse d;
	int rc = -1;

	if (doc_hex(g->about, "manifest", want, sizeof(want), f) != 0)
		return -1;
	digest_of(got, envelope->at, envelope->len);
	if (memcmp(got, want, sizeof(got)) != 0)
		return fault_set(
		    f, FAULT_FORGED, "not the one that was logged");
	if (dsse_read(&d, envelope->at, envelope->len, f) != 0)
		return -1;
	if (statement_read(&st, (struct slice){ d.payload.at, d.payload.len },
		MANIFEST_TYPE, f) == 0) {
		g->contract =
		    json_incref(json_object_get(st.predicate, "labels"));
		statement_free(&st);
		rc = 0;
	}
	dsse_free(&d);
	return rc;
}

static int
open_manifest(struct ingest *g, struct fault *f)
{
	struct bytes envelope;
	int fd = -1, rc = -1;

	bytes_init(&envelope, DSSE_BYTES_MAX);
	if (ingest_scratch(g->drafts, &fd, f) == 0 &&
	    unseal_object(g, g->about, "manifest_object", UNSEAL_PLAIN,
		UNSEAL_RETURN, fd, f) == 0 &&
	    ingest_rewind(fd, f) == 0 && file_read_fd(fd, &envelope, f) == 0)
		rc = read_contract(g, &envelope, f);
	bytes_free(&envelope);
	file_close(&fd);
	return rc == 0 ? 0 : fault_at(f, "manifest");
}

/* ---- The return itself ---- */

/* Append part n of what came; *there false where there is none. */
static int
copy_part(
    int dir, unsigned n, int to, struct digest *d, bool *there, struct fault *f)
{
	uint8_t buf[65536];
	char name[16];
	size_t got;
	int fd, rc;

	(void)snprintf(name, sizeof(name), "%u", n);
	*there = faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*there)
		return 0;
	if (file_open_read(dir, name, &fd, f) != 0)
		return -1;
	do {
		rc = file_read_some(fd, buf, sizeof(buf), &got, f);
		if (rc == 0) {
			digest_add(d, buf, got);
			rc = file_write(to, buf, got, f);
		}
	} while (rc == 0 && got > 0);
	file_close(&fd);
	return rc;
}

/* The parts that lie in quarantine, as one file, which must be the one that
 * was logged: otherwise somebody was in our home. */
static int
copy_parts(struct ingest *g, int to, struct fault *f)
{
	uint8_t want[DIGEST_BYTES], got[DIGEST_BYTES];
	struct digest *d = NULL;
	bool there = true;
	int dir = -1, rc = -1;

	if (doc_hex(g->about, "object", want, sizeof(want), f) != 0 ||
	    digest_new(&d, f) != 0 ||
	    folder_open(g->quarantine, g->id, &dir, f) != 0)
		goto out;
	for (unsigned n = 1; there; n++)
		if (copy_part(dir, n, to, d, &there, f) != 0)
			goto out;
	digest_end(d, got);
	if (memcmp(got, want, sizeof(got)) != 0)
		(void)fault_set(
		    f, FAULT_FORGED, "%s: not what was logged", g->id);
	else
		rc = ingest_rewind(to, f);
out:
	file_close(&dir);
	digest_free(d);
	return rc == 0 ? 0 : fault_at(f, "quarantine");
}

static int
open_return(struct ingest *g, struct fault *f)
{
	struct stat st;
	int fd = -1, rc = -1;

	if (ingest_scratch(g->drafts, &fd, f) != 0 ||
	    copy_parts(g, fd, f) != 0 ||
	    ingest_scratch(g->drafts, &g->archive, f) != 0)
		goto out;
	if (fstat(fd, &st) != 0) {
		(void)fault_errno(f, "its size");
		goto out;
	}
	/* sealing adds less than a thousandth, and a header */
	if ((uint64_t)st.st_size >
	    RETURN_PLAIN_MAX + RETURN_PLAIN_MAX / 1000 + AGE_HEADER_MAX)
		(void)fault_set(f, FAULT_INPUT, "over %llu bytes",
		    (unsigned long long)RETURN_PLAIN_MAX);
	else
		rc = unsealer_do(&g->unsealer, UNSEAL_PLAIN, UNSEAL_RETURN, fd,
		    g->archive, f);
	if (rc != 0)
		rc = ingest_refuse(g, "unreadable", f);
out:
	file_close(&fd);
	return rc;
}

/* ---- Lists out of the shards' objects ---- */

static int
read_shards(
    struct ingest *g, const char *key, enum unseal as, int out, struct fault *f)
{
	const struct flow_progress *p = &g->o->progress;
	json_t *shards, *s;
	uint64_t n;
	size_t i;

	if (doc_list(g->about, "shards", &shards, f) != 0)
		return -1;
	json_array_foreach(shards, i, s)
	{
		if (p->tell != NULL)
			p->tell(p->arg, "reading what was sent, shards", i,
			    json_array_size(shards));
		if (doc_number(s, "n", UINT32_MAX - 1, &n, f) != 0 ||
		    unseal_object(g, s, key, as,
			as == UNSEAL_ITEMS ? (uint32_t)n : UNSEAL_RETURN, out,
			f) != 0)
			return fault_at(f, "shard %zu", i);
	}
	return ingest_rewind(out, f);
}

/* ---- The first checker ---- */

static int
read_statement(const json_t *o, struct return_statement *out, struct fault *f)
{
	json_t *labels, *one;
	const char *name;
	size_t i;

	memset(out, 0, sizeof(*out));
	if (doc_bool(o, "complete", &out->complete, f) != 0 ||
	    doc_list(o, "labels", &labels, f) != 0)
		return -1;
	json_array_foreach(labels, i, one)
	{
		struct return_label *l = &out->labels[i];

		if (i == RETURN_LABELS_MAX)
			return fault_set(f, FAULT_PEER, "too many label files");
		if (doc_text(one, "name", &name, f) != 0 ||
		    doc_hex(one, "sha256", l->sha256, DIGEST_BYTES, f) != 0)
			return -1;
		(void)snprintf(l->name, sizeof(l->name), "%s", name);
		out->nlabels++;
	}
	return 0;
}

/* The keeper's word on an envelope. */
static int
verify(struct ingest *g, const struct bytes *envelope,
    struct return_statement *says, struct fault *f)
{
	json_t *text = json_stringn((const char *)envelope->at, envelope->len),
	       *answer = NULL;
	int rc = -1;

	if (text == NULL)
		return fault_set(f, FAULT_INPUT, "an envelope that is no text");
	if (keeper_ask(g->keeper, KEEPER_INGEST_VERIFY,
		json_pack("{s:s,s:o}", "return", g->id, "envelope", text),
		&answer, f) == 0)
		rc = read_statement(answer, says, f);
	json_decref(answer);
	g->complete = says->complete;
	return rc;
}

static struct check_terms
terms_of(const struct ingest *g)
{
	return (struct check_terms){ g->contract, g->complete, clock_now() };
}

static int
judge_archive(struct ingest *g, struct checker *c, struct fault *f)
{
	struct return_statement says = { .nlabels = 0 };
	struct check_labels job = { .says = &says, .items = g->items };
	struct bytes envelope;
	int rc = -1;

	bytes_init(&envelope, RETURN_ENVELOPE_MAX);
	job.answers = g->answers;
	if (checker_archive(c, g->archive, &envelope, f) != 0) {
		rc = ingest_refuse(g, "archive", f);
		goto out;
	}
	if (verify(g, &envelope, &says, f) != 0) {
		rc = ingest_refuse(g, "signature", f);
		goto out;
	}
	if (read_shards(g, "index", UNSEAL_ITEMS, g->items, f) != 0 ||
	    ingest_scratch(g->drafts, &job.scratch, f) != 0)
		goto out;
	job.terms = terms_of(g);
	rc = checker_labels(c, &job, &g->report, &g->table, f);
	file_close(&job.scratch);
	if (rc != 0 && f->kind == FAULT_FORGED)
		rc = ingest_refuse(g, "altered", f);
out:
	bytes_free(&envelope);
	return rc;
}

static int
first_checker(struct ingest *g, struct fault *f)
{
	struct checker c;
	const char *verdict;
	int rc;

	if (ingest_scratch(g->drafts, &g->items, f) != 0 ||
	    ingest_scratch(g->drafts, &g->answers, f) != 0 ||
	    checker_open(&c, f) != 0)
		return -1;
	rc = judge_archive(g, &c, f);
	if (checker_close(&c, f) != 0)
		rc = -1;
	if (rc != 0 || g->refused != FAULT_NONE)
		return rc;
	if (doc_text(g->report, "verdict", &verdict, f) != 0)
		return -1;
	if (strcmp(verdict, "rejected") == 0)
		g->refused = FAULT_INPUT;
	return 0;
}

int
ingest_envelope(int archive, struct bytes *envelope, struct fault *f)
{
	struct checker c;
	int rc;

	if (checker_open(&c, f) != 0)
		return -1;
	rc = checker_archive(&c, archive, envelope, f);
	return checker_close(&c, f) == 0 ? rc : -1;
}

/* ---- The second ---- */

static int
golden_answers(struct ingest *g, struct check_join *job, struct fault *f)
{
	bool golden;

	job->golden = -1;
	if (doc_bool(g->about, "golden", &golden, f) != 0 || !golden)
		return f->kind == FAULT_NONE ? 0 : -1;
	if (doc_text(g->about, "metric", &job->metric, f) != 0 ||
	    doc_number(g->about, "pass", 1000000, &job->pass, f) != 0 ||
	    ingest_scratch(g->drafts, &g->golden, f) != 0 ||
	    unseal_object(g, g->about, "golden_object", UNSEAL_PLAIN,
		UNSEAL_RETURN, g->golden, f) != 0 ||
	    ingest_rewind(g->golden, f) != 0)
		return -1;
	job->golden = g->golden;
	return 0;
}

static int
second_checker(struct ingest *g, struct fault *f)
{
	struct check_join job = { .terms = terms_of(g) };
	struct checker c;
	int rc;

	if (ingest_scratch(g->drafts, &g->origins, f) != 0 ||
	    read_shards(g, "join", UNSEAL_ORIGINS, g->origins, f) != 0 ||
	    ingest_read_before(g, f) != 0 || golden_answers(g, &job, f) != 0 ||
	    ingest_rewind(g->items, f) != 0 ||
	    ingest_rewind(g->answers, f) != 0 || ingest_outputs(g, f) != 0)
		return -1;
	job.items = g->items;
	job.answers = g->answers;
	job.origins = g->origins;
	job.spoken = g->before;
	job.recalled = g->recalled;
	memcpy(job.out, g->out, sizeof(job.out));
	if (checker_open(&c, f) != 0)
		return -1;
	rc = checker_join(&c, &job, &g->joined, f);
	if (checker_close(&c, f) != 0)
		rc = -1;
	return rc == 0 ? ingest_scored(g, f) : -1;
}

int
ingest_judge(struct ingest *g, struct fault *f)
{
	const char *batch;
	int rc = -1;

	if (doc_text(g->about, "batch", &batch, f) != 0 ||
	    unsealer_open(&g->unsealer, g->keeper, batch, f) != 0)
		return -1;
	if (open_manifest(g, f) == 0 && open_return(g, f) == 0)
		rc = 0;
	if (rc == 0 && g->refused == FAULT_NONE)
		rc = first_checker(g, f);
	if (rc == 0 && g->refused == FAULT_NONE)
		rc = second_checker(g, f);
	if (unsealer_close(&g->unsealer, f) != 0)
		rc = -1;
	return rc;
}
