/*
 * Returns on their way in: ciphertext from a vendor, into quarantine.
 *
 *     quarantine/<return id>/of      whose batch it is for
 *     quarantine/<return id>/<n>     part n, whole
 *     quarantine/<return id>/<n>.sha256
 *
 * Parts come before anything is signed, so what they can fill is bounded: bytes
 * of one return, unfinished returns of a batch and how long they wait for their
 * next part, bytes of one vendor, returns at all.  The signed
 * request that ends a return names its digest, and only then is it one: an
 * entry in the log.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/keeper/arrivals_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* Parts that are being written at once: connections of one vendor. */
#define OPEN_MAX_PARTS 64u

struct arriving {
	uint64_t ticket; /* 0: free */
	int dir;
	struct draft draft;
	char ret[ID_CHARS + 1];
	uint32_t part;
	uint64_t length;
};

struct arrivals {
	uint64_t last; /* ticket */
	struct arriving at[OPEN_MAX_PARTS];
};

static void
arriving_end(struct arriving *w)
{
	if (w->ticket == 0)
		return;
	draft_drop(&w->draft);
	file_close(&w->dir);
	w->ticket = 0;
}

void
arrivals_free(struct arrivals *all)
{
	for (size_t i = 0; all != NULL && i < OPEN_MAX_PARTS; i++)
		arriving_end(&all->at[i]);
	mem_free(all);
}

static struct arriving *
find_ticket(struct home *h, uint64_t ticket)
{
	for (size_t i = 0; h->arrivals != NULL && i < OPEN_MAX_PARTS; i++)
		if (ticket != 0 && h->arrivals->at[i].ticket == ticket)
			return &h->arrivals->at[i];
	return NULL;
}

static int
free_place(struct home *h, struct arriving **out, struct fault *f)
{
	*out = NULL;
	if (h->arrivals == NULL &&
	    (h->arrivals = mem_new(sizeof(*h->arrivals))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < OPEN_MAX_PARTS; i++)
		if (h->arrivals->at[i].ticket == 0)
			*out = &h->arrivals->at[i];
	return 0;
}

/* Bytes of that return that are announced and not yet whole; another try at
 * the same part takes the place of the one before. */
static uint64_t
announced(struct home *h, const char *ret, uint32_t part)
{
	uint64_t sum = 0;

	for (size_t i = 0; h->arrivals != NULL && i < OPEN_MAX_PARTS; i++) {
		struct arriving *w = &h->arrivals->at[i];

		if (w->ticket == 0 || strcmp(w->ret, ret) != 0)
			continue;
		if (w->part == part)
			arriving_end(w);
		else
			sum += w->length;
	}
	return sum;
}

/* ---- A part ---- */

static int
check_room(struct home *h, struct asker *k, int dir, struct fault *f)
{
	struct arrival sum;
	uint64_t more = announced(h, k->r.ret, k->r.part);

	if (arrival_sum(dir, k->r.part, &sum, f) != 0)
		return -1;
	if (more + sum.bytes + k->r.length > ARRIVAL_BYTES_MAX)
		return asker_refuse(
		    k, f, "too-large", "a return has at most 1 GiB");
	return 0;
}

static int
begin_part(struct home *h, struct asked *a, struct asker *k, struct fault *f)
{
	struct agent_answer out = { .status = 200, .draft = true };
	struct arriving *w;
	int dir = -1, rc = -1;

	if (arrival_folder(h, k, true, &dir, f) != 0 ||
	    check_room(h, k, dir, f) != 0 || free_place(h, &w, f) != 0)
		goto out;
	if (w == NULL) {
		rc = agent_put_refusal(a->answer, 503, "too many parts at once",
		    "arrivals", "", f);
		goto out;
	}
	if (draft_new(&w->draft, dir, f) != 0)
		goto out;
	out.ticket = ++h->arrivals->last;
	if ((rc = agent_put_answer(a->answer, &out, w->draft.fd, f)) != 0) {
		draft_drop(&w->draft);
		goto out;
	}
	w->ticket = out.ticket;
	w->dir = dir;
	w->part = k->r.part;
	w->length = k->r.length;
	memcpy(w->ret, k->r.ret, sizeof(w->ret));
	return 0;
out:
	file_close(&dir);
	return rc;
}

int
arrival_part(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	struct asker k;
	int rc = -1;

	if (asker_known(h, a, &k, f) == 0 && asker_served(&k, f) == 0 &&
	    asker_batch(h, &k, &b, f) == 0 && arrival_welcome(h, &k, f) == 0)
		rc = begin_part(h, a, &k, f);
	return asker_end(h, a, &k, rc, f);
}

static int
keep_part(struct arriving *w, const struct asker *k, struct fault *f)
{
	char name[32], hex[DIGEST_CHARS + 1];
	struct stat st;

	if (strcmp(w->ret, k->r.ret) != 0 || w->part != k->r.part)
		return fault_set(f, FAULT_INPUT, "another part's ticket");
	if (fstat(w->draft.fd, &st) != 0)
		return fault_errno(f, "part");
	if ((uint64_t)st.st_size != w->length || k->r.length != w->length)
		return fault_set(f, FAULT_INPUT, "the part is not whole");
	hex_write(hex, k->r.digest, DIGEST_BYTES);
	(void)snprintf(name, sizeof(name), "%u.sha256", w->part);
	if (file_put(w->dir, name, hex, DIGEST_CHARS, true, f) != 0)
		return -1;
	(void)snprintf(name, sizeof(name), "%u", w->part);
	return draft_keep(&w->draft, name, true, f);
}

int
arrival_done(void *state, struct asked *a, struct fault *f)
{
	struct agent_answer out = { .status = 200,
		.type = "application/json",
		.body = slice_of_text("{}") };
	struct home *h = state;
	struct catalog_return was;
	struct arriving *w;
	struct asker k;
	bool known;
	int rc;

	if (asker_known(h, a, &k, f) != 0)
		return asker_end(h, a, &k, -1, f);
	if ((w = find_ticket(h, k.r.ticket)) == NULL)
		return fault_set(f, FAULT_INPUT, "the part is not awaited");
	rc = arrival_known(h, w->ret, &known, &was, f);
	if (rc == 0 && known)
		rc = fault_set(
		    f, FAULT_INPUT, "the return was ended while the part came");
	if (rc == 0)
		rc = keep_part(w, &k, f);
	arriving_end(w);
	return rc == 0 ? agent_put_answer(a->answer, &out, -1, f) : -1;
}

int
arrival_drop(void *state, struct asked *a, struct fault *f)
{
	struct agent_request r;
	struct arriving *w;

	if (agent_take_request(&a->in, &r, f) != 0)
		return -1;
	if ((w = find_ticket(state, r.ticket)) != NULL)
		arriving_end(w);
	return 0;
}

/* ---- The whole ---- */

struct claim {
	uint8_t object[DIGEST_BYTES];
	uint64_t bytes, parts;
};

static int
read_claim(struct slice body, struct claim *c, struct fault *f)
{
	json_t *o;
	int rc = -1;

	if (doc_read(&o, body.at, body.len, f) != 0)
		return -1;
	if (doc_only(o, "object bytes parts", f) == 0 &&
	    doc_hex(o, "object", c->object, DIGEST_BYTES, f) == 0 &&
	    doc_number(o, "bytes", ARRIVAL_BYTES_MAX, &c->bytes, f) == 0)
		rc = doc_number(o, "parts", AGENT_PARTS_MAX, &c->parts, f);
	json_decref(o);
	return rc;
}

static int
check_claim(
    struct home *h, struct asker *k, const struct claim *c, struct fault *f)
{
	uint8_t digest[DIGEST_BYTES];
	struct arrival all;
	uint64_t bytes;
	int dir, rc = -1;

	if (arrival_folder(h, k, false, &dir, f) != 0)
		return -1;
	if (arrival_sum(dir, 0, &all, f) != 0 ||
	    arrival_digest(dir, c->parts, digest, &bytes, f) != 0)
		goto out;
	/* Nothing may lie beside what is signed: it is what is counted. */
	if (all.parts != c->parts || bytes != c->bytes ||
	    memcmp(digest, c->object, DIGEST_BYTES) != 0)
		(void)fault_set(
		    f, FAULT_INPUT, "the parts are not what the request says");
	else
		rc = 0;
out:
	file_close(&dir);
	return rc;
}

static int
record(struct home *h, const struct asker *k, const struct claim *c,
    struct fault *f)
{
	struct catalog_entry e = { .kind = "returned" };
	char object[DIGEST_CHARS + 1];
	int rc;

	hex_write(object, c->object, DIGEST_BYTES);
	e.body = json_pack("{s:s,s:s,s:s,s:I}", "return", k->r.ret, "batch",
	    k->r.batch, "object", object, "bytes", (json_int_t)c->bytes);
	if (e.body == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	return rc;
}

static int
take_whole(struct home *h, struct asker *k, struct fault *f)
{
	struct catalog_return was;
	struct claim c;
	bool known;

	if (read_claim(k->r.body, &c, f) != 0 ||
	    arrival_known(h, k->r.ret, &known, &was, f) != 0)
		return -1;
	/* Its answer was lost, then. */
	if (known && strcmp(was.batch, k->r.batch) == 0 &&
	    memcmp(was.object, c.object, DIGEST_BYTES) == 0)
		return 0;
	if (known)
		return asker_refuse(k, f, "repeated",
		    "another return has that id; make a new one");
	if (check_claim(h, k, &c, f) != 0)
		return -1;
	return record(h, k, &c, f);
}

int
arrival_whole(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	struct asker k;
	int rc = -1;

	if (asker_signed(h, a, &k, f) == 0 && asker_served(&k, f) == 0 &&
	    asker_batch(h, &k, &b, f) == 0 && take_whole(h, &k, f) == 0)
		rc = asker_answer(a->answer, &k.card,
		    json_pack(
			"{s:s,s:s}", "return", k.r.ret, "state", "received"),
		    f);
	return asker_end(h, a, &k, rc, f);
}

/* ---- How it stands ---- */

static int
state_of(struct home *h, struct asker *k, json_t **out, struct fault *f)
{
	struct catalog_return r;
	json_t *parts = NULL;
	bool known;
	int dir;

	if (arrival_known(h, k->r.ret, &known, &r, f) != 0)
		return -1;
	if (known && strcmp(r.batch, k->r.batch) != 0)
		return asker_refuse(
		    k, f, "unknown-return", "there is no such return for you");
	if (known) {
		*out = json_pack("{s:s,s:s,s:[]}", "return", r.id, "state",
		    return_state(&r), "parts");
		return *out != NULL ? 0 : fault_memory(f);
	}
	if (arrival_folder(h, k, false, &dir, f) != 0) {
		if (f->kind != FAULT_INPUT)
			return -1;
		fault_clear(f);
		parts = json_array();
	} else {
		int rc = arrival_parts(dir, &parts, f);

		file_close(&dir);
		if (rc != 0)
			return -1;
	}
	*out = json_pack("{s:s,s:s,s:o}", "return", k->r.ret, "state",
	    "uploading", "parts", parts);
	return *out != NULL ? 0 : fault_memory(f);
}

int
arrival_state(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	struct asker k;
	json_t *out;
	int rc = -1;

	if (asker_signed(h, a, &k, f) == 0 && asker_batch(h, &k, &b, f) == 0 &&
	    state_of(h, &k, &out, f) == 0)
		rc = asker_answer(a->answer, &k.card, out, f);
	return asker_end(h, a, &k, rc, f);
}
