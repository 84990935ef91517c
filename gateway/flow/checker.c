/* A return judged in a child; see checker_internal.h.  Both ends are here, so
 * that what is put and what is taken stand side by side. */

#include <string.h>

#include "gateway/flow/checker_internal.h"
#include "gateway/flow/flow.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"

enum { BY_FLOW = 1 };
enum { ASK_ARCHIVE = 1, ASK_LABELS, ASK_JOIN };

/* Terms: the contract's classes, and sixty digests. */
#define TERMS_MAX ((size_t)15 << 20)

/* ---- In the child ----------------------------------------------------------
 */

struct checking {
	int fd; /* of the archive, or -1 */
	struct return_file archive;
};

static int
do_archive(void *state, struct asked *a, struct fault *f)
{
	struct checking *c = state;

	if (c->fd != -1)
		return fault_set(f, FAULT_PEER, "one return a checker");
	if (take_end(&a->in, f) != 0 ||
	    message_fd(a->request, 0, &c->fd, f) != 0 ||
	    return_file_read(&c->archive, c->fd, f) != 0)
		return -1;
	return put_slice(&a->answer->body, c->archive.envelope.at,
	    c->archive.envelope.len, f);
}

static int
take_terms(struct asked *a, json_t **terms, struct fault *f)
{
	struct slice text;

	if (take_slice(&a->in, TERMS_MAX, &text, f) != 0 ||
	    take_end(&a->in, f) != 0)
		return -1;
	return doc_read(terms, text.at, text.len, f);
}

/* Descriptors 0 to n - 1 of the request. */
static int
take_fds(struct asked *a, int *fds, size_t n, struct fault *f)
{
	for (size_t i = 0; i < n; i++)
		if (message_fd(a->request, i, &fds[i], f) != 0)
			return -1;
	return 0;
}

static void
close_fds(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		file_close(&fds[i]);
}

static int
put_json(struct bytes *b, const json_t *o, struct fault *f)
{
	struct bytes text;
	int rc = -1;

	bytes_init(&text, TERMS_MAX);
	if (doc_write(&text, o, f) == 0)
		rc = put_slice(b, text.at, text.len, f);
	bytes_free(&text);
	return rc;
}

static int
do_labels(void *state, struct asked *a, struct fault *f)
{
	struct checking *c = state;
	struct check_labels_in in = { .archive = &c->archive };
	int fds[3] = { -1, -1, -1 }, rc = -1;
	json_t *terms = NULL, *report = NULL;
	struct bytes table;

	bytes_init(&table, (size_t)4 << 20);
	if (c->archive.nlabels == 0) {
		(void)fault_set(f, FAULT_PEER, "no archive was read");
		goto out;
	}
	if (take_terms(a, &terms, f) != 0 || take_fds(a, fds, 3, f) != 0)
		goto out;
	in.terms = terms;
	in.items = fds[0];
	in.scratch = fds[1];
	in.answers = fds[2];
	if (check_labels_do(&in, &report, &table, f) == 0 &&
	    put_json(&a->answer->body, report, f) == 0)
		rc = put_slice(&a->answer->body, table.at, table.len, f);
out:
	close_fds(fds, 3);
	bytes_free(&table);
	json_decref(terms);
	json_decref(report);
	return rc;
}

#define JOIN_FDS (5 + CHECK_OUTPUTS)

static int
do_join(void *state, struct asked *a, struct fault *f)
{
	struct check_join_in in = { .golden = -1 };
	int fds[JOIN_FDS + 1], rc = -1;
	json_t *terms = NULL, *result = NULL;

	(void)state;
	memset(fds, -1, sizeof(fds));
	if (take_terms(a, &terms, f) != 0 || take_fds(a, fds, JOIN_FDS, f) != 0)
		goto out;
	if (json_object_get(terms, "metric") != NULL &&
	    message_fd(a->request, JOIN_FDS, &fds[JOIN_FDS], f) != 0)
		goto out;
	in.terms = terms;
	in.items = fds[0];
	in.answers = fds[1];
	in.origins = fds[2];
	in.spoken = fds[3];
	in.recalled = fds[4];
	in.out = fds + 5;
	in.golden = fds[JOIN_FDS];
	if (check_join_do(&in, &result, f) == 0)
		rc = put_json(&a->answer->body, result, f);
out:
	close_fds(fds, JOIN_FDS + 1);
	json_decref(terms);
	json_decref(result);
	return rc;
}

static const struct ask_row rows[] = {
	{ ASK_ARCHIVE, "archive", BY_FLOW, do_archive },
	{ ASK_LABELS, "labels", BY_FLOW, do_labels },
	{ ASK_JOIN, "join", BY_FLOW, do_join },
	{ 0, NULL, 0, NULL },
};

int
checker_role(struct channel *up, struct fault *f)
{
	const struct sandbox sandbox = { .role = "checker" };
	struct checking state = { .fd = -1 };
	const struct serve_options options = {
		.rows = rows, .state = &state, .request_max = MESSAGE_MAX
	};
	struct serve *s = NULL;
	int rc = -1;

	digest_start();
	if (sandbox_enter(&sandbox, f) == 0 &&
	    serve_new(&s, &options, f) == 0 &&
	    serve_add(s, up, BY_FLOW, NULL, f) == 0)
		rc = serve_run(s, f);
	serve_free(s);
	return_file_free(&state.archive);
	file_close(&state.fd);
	return rc;
}

/* ---- In the flow -----------------------------------------------------------
 */

int
checker_open(struct checker *c, struct fault *f)
{
	c->process = NULL;
	return process_spawn(&c->process, "checker", NULL, 0, f);
}

int
checker_close(struct checker *c, struct fault *f)
{
	struct fault died = { 0 };
	struct process *p = c->process;

	c->process = NULL;
	if (p == NULL || process_end(p, 1000, &died) == 0)
		return 0;
	/* why it died says more than that it is gone */
	if (f->kind == FAULT_NONE || f->kind == FAULT_PEER)
		*f = died;
	return -1;
}

int
checker_archive(
    struct checker *c, int fd, struct bytes *envelope, struct fault *f)
{
	struct message request, answer;
	struct reader r;
	struct slice text;
	int rc = -1;

	message_init(&request, MESSAGE_MAX);
	message_init(&answer, MESSAGE_MAX);
	if (ask_begin(&request, ASK_ARCHIVE, f) == 0 &&
	    message_add_fd(&request, fd, f) == 0 &&
	    ask(process_channel(c->process), &request, &answer, &r, f) == 0 &&
	    take_slice(&r, RETURN_ENVELOPE_MAX, &text, f) == 0 &&
	    take_end(&r, f) == 0)
		rc = bytes_add(envelope, text.at, text.len, f);
	message_free(&request);
	message_free(&answer);
	return rc;
}

/* The terms as a document of their own. */
static json_t *
terms_json(const struct check_terms *t)
{
	json_t *o = json_pack("{s:b,s:I}", "complete", t->complete ? 1 : 0,
	    "now", (json_int_t)t->now);

	if (o != NULL && t->contract != NULL &&
	    json_object_set_new(o, "contract", json_deep_copy(t->contract)) !=
		0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

/* Add a list of the label files that were signed. */
static int
add_signed(json_t *terms, const struct return_statement *says, struct fault *f)
{
	json_t *files = json_array();
	char sha256[DIGEST_CHARS + 1];
	int rc = files == NULL ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < says->nlabels; i++) {
		hex_write(sha256, says->labels[i].sha256, DIGEST_BYTES);
		rc = json_array_append_new(
		    files, json_pack("{s:s,s:s}", "name", says->labels[i].name,
			       "sha256", sha256));
	}
	if (rc == 0)
		rc = json_object_set(terms, "labels", files);
	json_decref(files);
	return rc == 0 ? 0 : fault_memory(f);
}

static int
begin(struct message *request, uint16_t code, const json_t *terms,
    const int *fds, size_t nfds, struct fault *f)
{
	if (ask_begin(request, code, f) != 0 ||
	    put_json(&request->body, terms, f) != 0)
		return -1;
	for (size_t i = 0; i < nfds; i++)
		if (message_add_fd(request, fds[i], f) != 0)
			return -1;
	return 0;
}

static int
take_json(struct reader *r, json_t **out, struct fault *f)
{
	struct slice text;

	if (take_slice(r, TERMS_MAX, &text, f) != 0)
		return -1;
	return doc_read(out, text.at, text.len, f);
}

int
checker_labels(struct checker *c, const struct check_labels *job,
    json_t **report, struct bytes *table, struct fault *f)
{
	const int fds[] = { job->items, job->scratch, job->answers };
	json_t *terms = terms_json(&job->terms);
	struct message request, answer;
	struct reader r;
	struct slice text;
	int rc = -1;

	*report = NULL;
	message_init(&request, MESSAGE_MAX);
	message_init(&answer, MESSAGE_MAX);
	if (terms == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (add_signed(terms, job->says, f) == 0 &&
	    begin(&request, ASK_LABELS, terms, fds, 3, f) == 0 &&
	    ask(process_channel(c->process), &request, &answer, &r, f) == 0 &&
	    take_json(&r, report, f) == 0 &&
	    take_slice(&r, MESSAGE_MAX, &text, f) == 0 && take_end(&r, f) == 0)
		rc = bytes_add(table, text.at, text.len, f);
out:
	json_decref(terms);
	message_free(&request);
	message_free(&answer);
	return rc;
}

int
checker_join(struct checker *c, const struct check_join *job, json_t **result,
    struct fault *f)
{
	int fds[JOIN_FDS + 1] = { job->items, job->answers, job->origins,
		job->spoken, job->recalled };
	json_t *terms = terms_json(&job->terms);
	struct message request, answer;
	struct reader r;
	int rc = -1;

	*result = NULL;
	message_init(&request, MESSAGE_MAX);
	message_init(&answer, MESSAGE_MAX);
	memcpy(fds + 5, job->out, sizeof(job->out));
	fds[JOIN_FDS] = job->golden;
	if (terms == NULL ||
	    (job->golden != -1 &&
		(json_object_set_new(
		     terms, "metric", json_string(job->metric)) != 0 ||
		    json_object_set_new(terms, "pass",
			json_integer((json_int_t)job->pass)) != 0))) {
		(void)fault_memory(f);
		goto out;
	}
	if (begin(&request, ASK_JOIN, terms, fds,
		JOIN_FDS + (job->golden != -1), f) == 0 &&
	    ask(process_channel(c->process), &request, &answer, &r, f) == 0 &&
	    take_json(&r, result, f) == 0)
		rc = take_end(&r, f);
out:
	json_decref(terms);
	message_free(&request);
	message_free(&answer);
	return rc;
}
