/*
 * Ingest: labels that came back, judged and taken home.
 *
 * Which returns, one after the other; what is refused does not keep the next
 * one from being taken in.  A file that was carried by hand is opened far
 * enough to learn by whom it is and what it is called; then it is logged as
 * returned, lies in quarantine, and goes the way of all others.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/ingest_internal.h"
#include "keys/base/doc.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"

/* What all returns of one call share. */
struct round {
	const struct ingest_options *o;
	struct keeper *keeper;
	int home, drafts, quarantine;
	json_t *returns; /* the reports */
};

static int
round_open(struct round *r, struct fault *f)
{
	if (folder_open(AT_FDCWD, r->o->home, &r->home, f) != 0 ||
	    folder_open(r->home, "drafts", &r->drafts, f) != 0 ||
	    folder_open(r->home, "quarantine", &r->quarantine, f) != 0)
		return fault_at(f, "%s", r->o->home);
	if ((r->returns = json_array()) == NULL)
		return fault_memory(f);
	return 0;
}

static void
round_close(struct round *r)
{
	file_close(&r->home);
	file_close(&r->drafts);
	file_close(&r->quarantine);
	json_decref(r->returns);
}

/* ---- One ---- */

static void
ingest_start(struct ingest *g, const struct round *r)
{
	*g = (struct ingest){ .o = r->o,
		.keeper = r->keeper,
		.home = r->home,
		.drafts = r->drafts,
		.quarantine = r->quarantine,
		.archive = -1,
		.items = -1,
		.answers = -1,
		.origins = -1,
		.golden = -1,
		.before = -1,
		.recalled = -1,
		.folder = -1,
		.outside = -1 };
	for (int i = 0; i < CHECK_OUTPUTS; i++)
		g->out[i] = -1;
	draft_none(&g->spoken);
	draft_none(&g->scores);
	bytes_init(&g->table, (size_t)8 << 20);
}

static void
ingest_end(struct ingest *g)
{
	ingest_drop(g);
	file_close(&g->archive);
	file_close(&g->items);
	file_close(&g->answers);
	file_close(&g->origins);
	file_close(&g->golden);
	file_close(&g->before);
	file_close(&g->recalled);
	json_decref(g->about);
	json_decref(g->contract);
	json_decref(g->report);
	json_decref(g->joined);
	json_decref(g->done);
	json_decref(g->lists);
	bytes_free(&g->table);
}

/* The report, with what only the caller is told: the table, where, and what the
 * vendor is told. */
static int
add_report(struct round *r, struct ingest *g, json_t *report, struct fault *f)
{
	if (json_object_set_new(report, "table",
		json_stringn((const char *)g->table.at, g->table.len)) != 0 ||
	    (g->refused == FAULT_NONE && !r->o->dry_run &&
		json_object_set_new(report, "output",
		    json_sprintf("%s/%s", r->o->out, g->id)) != 0) ||
	    (g->done != NULL &&
		(json_object_set(
		     report, "told", json_object_get(g->done, "told")) != 0 ||
		    json_object_set(report, "withheld",
			json_object_get(g->done, "withheld")) != 0)) ||
	    json_array_append(r->returns, report) != 0)
		return fault_memory(f);
	return 0;
}

static int
take_one(struct round *r, const char *id, struct fault *f)
{
	struct ingest g;
	json_t *report = NULL;
	int rc = -1;

	ingest_start(&g, r);
	if (keeper_ask(r->keeper, KEEPER_INGEST_BEGIN,
		json_pack("{s:s}", "return", id), &g.about, f) != 0 ||
	    doc_text(g.about, "return", &g.id, f) != 0 ||
	    ingest_judge(&g, f) != 0 || ingest_report(&g, &report, f) != 0)
		goto out;
	if (!r->o->dry_run && ingest_publish(&g, report, f) != 0)
		goto out;
	rc = add_report(r, &g, report, f);
out:
	json_decref(report);
	ingest_end(&g);
	return rc;
}

/* ---- All that wait ---- */

/* One of many: what stops it is told in its place, and the next one comes. */
static int
take_next(struct round *r, const char *id, struct fault *f)
{
	struct fault why = { 0 };
	json_t *o;

	if (take_one(r, id, &why) == 0)
		return 0;
	o = json_pack("{s:s,s:s,s:i,s:s}", "return", id, "verdict", "failed",
	    "status", (int)why.kind, "why", why.text);
	return json_array_append_new(r->returns, o) == 0 ? 0 : fault_memory(f);
}

/* Of a shredded batch nothing is, nor ever will be: it is not waited for. */
static bool
is_readable(const json_t *one)
{
	const char *state =
	    json_string_value(json_object_get(one, "batch_state"));

	return state == NULL || strcmp(state, "shredded") != 0;
}

static int
take_all(struct round *r, struct fault *f)
{
	json_t *answer = NULL, *list, *one;
	const char *id, *verdict;
	size_t i;
	int rc = -1;

	if (keeper_ask(r->keeper, KEEPER_RETURN_LIST, json_object(), &answer,
		f) != 0 ||
	    doc_list(answer, "returns", &list, f) != 0)
		goto out;
	json_array_foreach(list, i, one)
	{
		if (doc_text(one, "return", &id, f) != 0)
			goto out;
		verdict = json_string_value(json_object_get(one, "verdict"));
		if (verdict == NULL && is_readable(one) &&
		    take_next(r, id, f) != 0)
			goto out;
		/* a crash came between the log and this */
		if (verdict != NULL && strcmp(verdict, "rejected") != 0)
			ingest_leave(r->quarantine, id);
	}
	rc = 0;
out:
	json_decref(answer);
	return rc;
}

/* ---- Carried by hand ---- */

/* What is known of a file before it has a name of ours. */
struct carried {
	struct draft draft;
	uint8_t sha256[DIGEST_BYTES];
	uint64_t bytes;
	char batch[ID_CHARS + 1], id[ID_CHARS + 1];
};

/* Enough of an age file's head for two recipients of any kind. */
#define HEAD_BYTES 8192u

/* Copy it into the home, where nothing but us changes it. */
static int
copy_in(struct round *r, int from, struct carried *c, struct fault *f)
{
	struct digest *d = NULL;
	uint8_t buf[65536];
	int rc = -1;
	size_t got;

	if (digest_new(&d, f) != 0 || draft_new(&c->draft, r->drafts, f) != 0)
		goto out;
	do {
		if (file_read_some(from, buf, sizeof(buf), &got, f) != 0 ||
		    file_write(c->draft.fd, buf, got, f) != 0)
			goto out;
		digest_add(d, buf, got);
		c->bytes += got;
		if (c->bytes > RETURN_PLAIN_MAX) {
			(void)fault_set(f, FAULT_INPUT, "over %llu bytes",
			    (unsigned long long)RETURN_PLAIN_MAX);
			goto out;
		}
	} while (got > 0);
	digest_end(d, c->sha256);
	rc = 0;
out:
	digest_free(d);
	return rc;
}

/* An id out of an answer. */
static int
answer_id(const json_t *answer, const char *key, char out[ID_CHARS + 1],
    struct fault *f)
{
	const char *text;

	if (doc_text(answer, key, &text, f) != 0)
		return -1;
	if (strlen(text) != ID_CHARS)
		return fault_set(f, FAULT_PEER, "not an id");
	memcpy(out, text, ID_CHARS + 1);
	return 0;
}

static int
find_batch(struct round *r, struct carried *c, struct fault *f)
{
	uint8_t head[HEAD_BYTES];
	json_t *answer = NULL;
	struct bytes text;
	size_t got;
	int rc = -1;

	bytes_init(&text, BASE64_CHARS(HEAD_BYTES) + 1);
	if (file_read_at(c->draft.fd, head, sizeof(head), 0, &got, f) == 0 &&
	    base64_add(&text, head, got, true, f) == 0 &&
	    keeper_ask(r->keeper, KEEPER_RETURN_WHOSE,
		json_pack("{s:o}", "head",
		    json_stringn((const char *)text.at, text.len)),
		&answer, f) == 0)
		rc = answer_id(answer, "batch", c->batch, f);
	json_decref(answer);
	bytes_free(&text);
	return rc;
}

/* Have the keeper verify its envelope, and log it. */
static int
log_returned(struct round *r, struct carried *c, const struct bytes *envelope,
    struct fault *f)
{
	char sha256[DIGEST_CHARS + 1];
	json_t *text, *answer = NULL;
	int rc = -1;

	text = json_stringn((const char *)envelope->at, envelope->len);
	if (text == NULL)
		return fault_set(f, FAULT_INPUT, "an envelope that is no text");
	hex_write(sha256, c->sha256, DIGEST_BYTES);
	if (keeper_ask(r->keeper, KEEPER_RETURN_TAKE,
		json_pack("{s:s,s:o,s:s,s:I}", "batch", c->batch, "envelope",
		    text, "object", sha256, "bytes", (json_int_t)c->bytes),
		&answer, f) == 0)
		rc = answer_id(answer, "return", c->id, f);
	json_decref(answer);
	return rc;
}

static int
learn_and_log(struct round *r, struct carried *c, struct fault *f)
{
	struct unsealer u;
	struct bytes envelope;
	int archive = -1, rc = -1;

	bytes_init(&envelope, RETURN_ENVELOPE_MAX);
	if (unsealer_open(&u, r->keeper, c->batch, f) != 0)
		return -1;
	if (ingest_scratch(r->drafts, &archive, f) == 0 &&
	    unsealer_do(&u, UNSEAL_PLAIN, UNSEAL_RETURN, c->draft.fd, archive,
		f) == 0 &&
	    ingest_envelope(archive, &envelope, f) == 0)
		rc = log_returned(r, c, &envelope, f);
	if (unsealer_close(&u, f) != 0)
		rc = -1;
	file_close(&archive);
	bytes_free(&envelope);
	return rc;
}

/* Where an upload of one part would lie. */
static int
name_it(struct round *r, struct carried *c, struct fault *f)
{
	int dir, rc = -1;

	if (folder_make(r->quarantine, c->id, f) != 0 ||
	    folder_open(r->quarantine, c->id, &dir, f) != 0)
		return -1;
	if (file_put(dir, "of", c->batch, ID_CHARS, true, f) == 0 &&
	    ingest_move(&c->draft, dir, "1", f) == 0)
		rc = folder_sync(r->quarantine, "quarantine", f);
	file_close(&dir);
	return rc;
}

static int
take_file(struct round *r, const char *path, struct fault *f)
{
	struct carried c = { .bytes = 0 };
	int from, rc = -1;

	if (r->o->dry_run)
		return fault_set(f, FAULT_USAGE,
		    "--dry-run is for returns that are in quarantine");
	if (file_open_read(AT_FDCWD, path, &from, f) != 0)
		return -1;
	draft_none(&c.draft);
	if (copy_in(r, from, &c, f) == 0 && find_batch(r, &c, f) == 0 &&
	    learn_and_log(r, &c, f) == 0 && name_it(r, &c, f) == 0)
		rc = 0;
	draft_drop(&c.draft);
	file_close(&from);
	return rc == 0 ? take_one(r, c.id, f) : fault_at(f, "%s", path);
}

int
flow_ingest(struct keeper *k, const struct ingest_options *o, const char *what,
    json_t **report, struct fault *f)
{
	struct round r = {
		.o = o, .keeper = k, .home = -1, .drafts = -1, .quarantine = -1
	};
	int rc = -1;

	if (round_open(&r, f) != 0)
		goto out;
	if (what == NULL)
		rc = take_all(&r, f);
	else if (id_valid(what, 'r'))
		rc = take_one(&r, what, f);
	else
		rc = take_file(&r, what, f);
	if (rc == 0 &&
	    (*report = json_pack("{s:O}", "returns", r.returns)) == NULL)
		rc = fault_memory(f);
out:
	round_close(&r);
	return rc;
}
