/*
 * What answerers do with the home, and the round in which many of them share
 * one commit.
 *
 *     asks of a round -> entries in one group -> commit -> acts -> answers
 *
 * An act runs behind the commit, because it makes what may only exist once the
 * log says so: a header for a vendor, a receipt.
 */

#include "gateway/keeper/arrivals_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* How often uploads that were given up are looked for. */
#define SWEEP_SECONDS 3600

int
home_in(struct asked *a, json_t **in, struct fault *f)
{
	struct slice text;

	*in = NULL;
	if (take_slice(&a->in, KEEPER_JSON_MAX, &text, f) != 0 ||
	    take_end(&a->in, f) != 0)
		return -1;
	return doc_read(in, text.at, text.len, f);
}

/* A JSON text as a run of bytes of a message. */
int
keeper_put_json(struct bytes *b, json_t *o, struct fault *f)
{
	struct bytes text;
	int rc = -1;

	if (o == NULL)
		return fault_memory(f);
	bytes_init(&text, KEEPER_JSON_MAX);
	if (doc_write(&text, o, f) == 0 &&
	    put_slice(b, text.at, text.len, f) == 0)
		rc = 0;
	bytes_free(&text);
	json_decref(o);
	return rc;
}

int
home_out(struct asked *a, json_t *out, struct fault *f)
{
	return keeper_put_json(&a->answer->body, out, f);
}

struct home_peer *
home_peer(const struct asked *a)
{
	must(a->peer != NULL);
	return a->peer;
}

int
home_need(
    struct home *h, const struct asked *a, unsigned branches, struct fault *f)
{
	if ((home_peer(a)->branches & branches) != branches)
		return fault_set(f, FAULT_POLICY, KEEPER_LOCKED);
	return ring_need(h->ring, branches, f);
}

/* ---- The round ---- */

static int
begin(struct home *h, struct fault *f)
{
	if (h->log_key.pair.at == NULL)
		return fault_set(
		    f, FAULT_POLICY, "the branch release is locked");
	if (h->spoiled)
		return fault_set(f, FAULT_SYSTEM,
		    "another request failed in the middle; try again");
	if (!h->group && catalog_begin(h->catalog, f) != 0)
		return -1;
	h->group = true;
	return 0;
}

int
home_add(struct home *h, const struct catalog_entry *e, uint64_t *seq,
    struct fault *f)
{
	uint64_t unused;

	if (begin(h, f) != 0)
		return -1;
	return catalog_add(h->catalog, e, seq != NULL ? seq : &unused, f);
}

int
home_release(struct home *h, const struct catalog_release *r, uint64_t *seq,
    struct fault *f)
{
	if (begin(h, f) != 0)
		return -1;
	return catalog_release(h->catalog, r, seq, f);
}

int
home_add_subjects(
    struct home *h, const struct catalog_subjects *list, struct fault *f)
{
	if (begin(h, f) != 0)
		return -1;
	return catalog_subjects_add(h->catalog, list, NULL, f);
}

int
home_erase_subject(struct home *h, const uint8_t person[CATALOG_SUBJECT_BYTES],
    struct catalog_erased *out, struct fault *f)
{
	if (begin(h, f) != 0)
		return -1;
	if (catalog_subject_erase(h->catalog, person, out, f) == 0)
		return 0;
	home_spoil(h); /* some of them, perhaps */
	return -1;
}

int
home_add_holdings(
    struct home *h, const char *batch, struct slice holdings, struct fault *f)
{
	if (begin(h, f) != 0)
		return -1;
	return catalog_holdings_add(h->catalog, batch, holdings, f);
}

void
home_spoil(struct home *h)
{
	h->spoiled = true;
}

int
home_after(struct home *h, struct asked *a,
    int (*act)(
	struct home *h, struct message *answer, void *arg, struct fault *f),
    void *arg, void (*free_arg)(void *arg), struct fault *f)
{
	if (h->nacts == SERVE_ROUND) { /* one an ask, so it has room */
		if (free_arg != NULL)
			free_arg(arg);
		return fault_set(f, FAULT_SYSTEM, "too many acts in a round");
	}
	h->acts[h->nacts++] =
	    (struct home_act){ act, arg, free_arg, a->answer };
	return 0;
}

/* Complete an answer, or make it the fault that stopped it. */
static int
act(struct home *h, const struct home_act *one, struct fault *f)
{
	struct fault why = { 0 };

	if (one->act(h, one->answer, one->arg, &why) == 0)
		return 0;
	message_reset(one->answer);
	if (put_u8(&one->answer->body, 0, f) != 0)
		return -1;
	return put_fault(&one->answer->body, &why, f);
}

static int
commit(struct home *h, struct fault *f)
{
	if (!h->group)
		return 0;
	h->group = false;
	if (h->spoiled) {
		catalog_rollback(h->catalog);
		return fault_set(f, FAULT_SYSTEM,
		    "a request failed in the middle; nothing was recorded");
	}
	if (catalog_commit(h->catalog, f) == 0) {
		h->ahead = true;
		return 0;
	}
	/* Where the disk was full the next round may find room.  Otherwise
	 * nobody knows what is on it, and only opening it again tells. */
	if (audit_broken(catalog_audit(h->catalog))) {
		h->ending = *f;
		serve_stop(h->serve);
	}
	return -1;
}

int
home_settle(void *state, struct fault *f)
{
	struct home *h = state;
	int rc = commit(h, f);

	h->spoiled = false;
	for (size_t i = 0; i < h->nacts; i++) {
		struct home_act *one = &h->acts[i];

		if (rc == 0)
			rc = act(h, one, f);
		if (one->free_arg != NULL)
			one->free_arg(one->arg);
	}
	h->nacts = 0;
	return rc;
}

int
home_tick(void *state, struct fault *f)
{
	struct home *h = state;
	struct fault later = { 0 };

	/* No group is open between rounds.  What fails, the next one tries. */
	if (asker_left_out(h, false, &later) != 0 && h->catalog != NULL &&
	    audit_broken(catalog_audit(h->catalog))) {
		*f = later;
		return -1;
	}
	fault_clear(&later);
	if (h->visits != NULL && clock_monotonic() - h->swept > SWEEP_SECONDS) {
		h->swept = clock_monotonic();
		if (arrival_sweep(h, &later) != 0)
			fault_clear(&later);
	}
	/* The published copy may lag; it is complete at the latest at exit. */
	if (h->ahead && h->log_key.pair.at != NULL &&
	    audit_publish(catalog_audit(h->catalog), &later) == 0)
		h->ahead = false;
	return 0;
}

/* ---- Sealed beside the log; folders ---- */

int
home_sidecar(struct home *h, json_t *facts, struct bytes *out, struct fault *f)
{
	struct age_recipient to[2] = { h->card.age };
	const struct age_recipient *recovery = ring_recovery(h->ring);
	struct bytes text;
	size_t n = 1;
	int rc = -1;

	bytes_init(&text, AUDIT_SIDECAR_MAX);
	if (facts == NULL)
		(void)fault_memory(f);
	else if (doc_write(&text, facts, f) == 0) {
		if (recovery != NULL)
			to[n++] = *recovery;
		rc = age_seal_small(out, to, n, text.at, text.len, f);
	}
	json_decref(facts);
	bytes_free(&text);
	return rc;
}

int
home_folder(const struct home *h, const char *name, int *fd, struct fault *f)
{
	return folder_open(h->dir, name, fd, f);
}
