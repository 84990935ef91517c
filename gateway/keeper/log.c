/*
 * The log, shown: entries, their sidecars, receipts, and the whole of it
 * checked.  Everything but a sidecar needs nothing unlocked.
 */

#include <string.h>

#include "gateway/keeper/keeper_internal.h"
#include "keys/base/doc.h"

/* Entries of one answer, and their bytes. */
#define PAGE_MAX 512u
#define PAGE_BYTES ((size_t)4 << 20)

/* What an officer may be shown of an entry: {"seq"}. */
static int
take_seq(struct asked *a, uint64_t *seq, struct fault *f)
{
	json_t *in;
	int rc;

	if (home_in(a, &in, f) != 0)
		return -1;
	rc = doc_number(in, "seq", CATALOG_NUMBER_MAX, seq, f);
	json_decref(in);
	return rc;
}

/* ---- Entries ---- */

static int
append_entry(
    json_t *list, uint64_t seq, const struct bytes *leaf, struct fault *f)
{
	json_t *entry, *one;

	if (doc_read(&entry, leaf->at, leaf->len, f) != 0)
		return -1;
	one = json_pack("{s:I,s:o}", "seq", (json_int_t)seq, "entry", entry);
	if (one == NULL || json_array_append_new(list, one) != 0)
		return fault_memory(f);
	return 0;
}

static int
append_page(struct audit *log, json_t *list, uint64_t *seq, uint64_t count,
    struct fault *f)
{
	struct bytes leaf;
	size_t bytes = 0;
	int rc = 0;

	bytes_init(&leaf, AUDIT_LEAF_MAX);
	while (rc == 0 && count-- > 0 && *seq < audit_size(log) &&
	       bytes < PAGE_BYTES) {
		bytes_reset(&leaf);
		if ((rc = audit_entry(log, *seq, &leaf, f)) == 0)
			rc = append_entry(list, *seq, &leaf, f);
		bytes += leaf.len;
		(*seq)++;
	}
	bytes_free(&leaf);
	return rc;
}

int
home_entries(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	json_t *in, *list = NULL;
	uint64_t seq, count;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (doc_number(in, "from", CATALOG_NUMBER_MAX, &seq, f) != 0 ||
	    doc_number(in, "count", PAGE_MAX, &count, f) != 0)
		goto out;
	if ((list = json_array()) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (append_page(catalog_audit(h->catalog), list, &seq, count, f) == 0)
		rc = home_out(a,
		    json_pack(
			"{s:O,s:I}", "entries", list, "next", (json_int_t)seq),
		    f);
out:
	json_decref(list);
	json_decref(in);
	return rc;
}

/* ---- Sidecars ---- */

static const struct ring_name officer_name = { RING_OFFICER, "1", 0 };

static int
answer_facts(struct asked *a, const struct secret *text, struct fault *f)
{
	json_t *facts;

	if (doc_read(&facts, text->at, text->len, f) != 0)
		return -1;
	return home_out(a, json_pack("{s:o}", "facts", facts), f);
}

int
home_open_sidecar(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct age_identity officer = { 0 };
	struct secret text = { 0 };
	struct bytes sealed;
	uint64_t seq;
	int rc = -1;

	bytes_init(&sealed, AUDIT_SIDECAR_MAX);
	if (take_seq(a, &seq, f) != 0 || home_need(h, a, RING_REVEAL, f) != 0)
		goto out;
	if (audit_sidecar(catalog_audit(h->catalog), seq, &sealed, f) != 0 ||
	    ring_get_identity(h->ring, &officer_name, &officer, f) != 0)
		goto out;
	if (age_open_small(&text, sealed.at, sealed.len, &officer, 1, f) != 0)
		(void)fault_at(
		    f, "sidecar of entry %llu", (unsigned long long)seq);
	else
		rc = answer_facts(a, &text, f);
out:
	secret_free(&text);
	age_identity_free(&officer);
	bytes_free(&sealed);
	return rc;
}

/* ---- Proofs ---- */

int
home_prove(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct bytes receipt;
	uint64_t seq;
	int rc = -1;

	bytes_init(&receipt, AUDIT_RECEIPT_MAX);
	if (take_seq(a, &seq, f) == 0 &&
	    audit_prove(catalog_audit(h->catalog), seq, &receipt, f) == 0)
		rc = home_out(a,
		    json_pack("{s:s%}", "receipt", (const char *)receipt.at,
			receipt.len),
		    f);
	bytes_free(&receipt);
	return rc;
}

int
home_check(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	json_t *in;

	if (home_in(a, &in, f) != 0)
		return -1;
	json_decref(in);
	if (catalog_check(h->catalog, f) != 0)
		return -1;
	return home_out(a,
	    json_pack("{s:I}", "entries",
		(json_int_t)audit_size(catalog_audit(h->catalog))),
	    f);
}
