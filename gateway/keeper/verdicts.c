/*
 * What became of a return: an entry in the log, and how much of it its vendor
 * is told.
 *
 * A vendor chooses what is in a return, so a verdict that hangs on golden
 * answers must not tell it about single items: one wrong label a return, and
 * the word "rejected" would name them all.  Therefore
 *
 *     against the contract, not its own   "refused", always: no golden answer
 *                                         takes part in that
 *     not whole, not judged, whatever     nothing: it goes on as "received"
 *     whole, by the golden score          "rejected" up to VERDICTS_MAX times
 *                                         a batch, or "accepted" once, and
 *                                         then no more
 *
 * A return is whole when it says so or leaves nothing open, which its vendor
 * knows.  All that a vendor can learn of a batch's golden items is how often it
 * was rejected before it was accepted, if it was: one of six stories, less
 * than three bits.  What is told is in the log, so that judging again, in
 * whatever order, tells no more.
 */

#include <string.h>

#include "gateway/keeper/keeper_internal.h"
#include "keys/base/doc.h"

/* An honest vendor that was rejected this often should be spoken with. */
#define VERDICTS_MAX 5u

/* What the owner's side found. */
struct found {
	const char *verdict;
	bool whole;
	bool golden; /* rejected by golden items */
};

static int
read_found(const json_t *in, struct found *out, struct fault *f)
{
	if (doc_text(in, "verdict", &out->verdict, f) != 0 ||
	    doc_bool(in, "whole", &out->whole, f) != 0)
		return -1;
	return doc_bool(in, "golden", &out->golden, f);
}

struct tellings {
	size_t rejected;
	bool accepted;
};

static int
count_telling(void *arg, const struct catalog_return *r, struct fault *f)
{
	struct tellings *t = arg;

	(void)f;
	t->rejected += strcmp(r->told, "rejected") == 0;
	t->accepted = t->accepted || strcmp(r->told, "accepted") == 0;
	return 0;
}

/* *told is "", or what its vendor is told; *withheld when it would have been
 * told more. */
static int
decide(struct home *h, const struct catalog_return *r,
    const struct found *found, const char **told, bool *withheld,
    struct fault *f)
{
	bool rejected = strcmp(found->verdict, "rejected") == 0;
	struct tellings t = { 0, false };

	*told = "";
	*withheld = false;
	/* what was told of golden items once is all that is told of them */
	if (strcmp(r->told, "rejected") == 0 ||
	    strcmp(r->told, "accepted") == 0) {
		*told = r->told;
		return 0;
	}
	if (rejected && !found->golden) {
		*told = "refused";
		return 0;
	}
	if (!found->whole)
		return 0;
	if (catalog_each_return(h->catalog, r->batch, count_telling, &t, f) !=
	    0)
		return -1;
	*withheld = t.accepted || t.rejected >= VERDICTS_MAX;
	if (!*withheld)
		*told = rejected ? "rejected" : "accepted";
	return 0;
}

const char *
return_state(const struct catalog_return *r)
{
	return r->told[0] != '\0' ? r->told : "received";
}

/* Two digests by name. */
#define LISTS_BYTES_MAX 512u

/* The digests of what stays in quarantine become a fact that the entry commits
 * to, and no member of it: who has the ids of items, or guesses scores, learns
 * nothing from the log.  Of a rejected return nothing stays. */
static int
take_lists(json_t *in, struct bytes *text, struct fault *f)
{
	const json_t *lists = json_object_get(in, "lists");

	if (lists == NULL || json_is_null(lists))
		return json_object_set_new(in, "lists", json_null()) == 0
			   ? 0
			   : fault_memory(f);
	if (doc_only(lists, "spoken golden", f) != 0 ||
	    doc_write(text, lists, f) != 0)
		return -1;
	return json_object_del(in, "lists") == 0 ? 0 : fault_memory(f);
}

/* The entry's body out of the question. */
static int
entry_body(json_t *in, const struct catalog_return *r, const char *told,
    struct fault *f)
{
	if (json_object_del(in, "whole") != 0 ||
	    json_object_del(in, "golden") != 0 ||
	    json_object_set_new(in, "batch", json_string(r->batch)) != 0 ||
	    json_object_set_new(in, "told",
		told[0] != '\0' ? json_string(told) : json_null()) != 0 ||
	    (json_object_get(in, "score") == NULL &&
		json_object_set_new(in, "score", json_null()) != 0))
		return fault_memory(f);
	return 0;
}

int
ingest_done(void *state, struct asked *a, struct fault *f)
{
	static const char members[] = "return verdict items answered empty "
				      "skipped score whole golden lists";
	struct home *h = state;
	struct catalog_fact lists = { "lists", { NULL, 0 } };
	struct catalog_entry e = { .kind = "ingested", .facts = &lists };
	struct bytes text;
	struct catalog_return r;
	struct found found;
	const char *id, *told;
	bool withheld;
	uint64_t seq;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	bytes_init(&text, LISTS_BYTES_MAX);
	if (doc_only(in, members, f) != 0 ||
	    doc_text(in, "return", &id, f) != 0 ||
	    read_found(in, &found, f) != 0 ||
	    catalog_return(h->catalog, id, &r, f) != 0 ||
	    decide(h, &r, &found, &told, &withheld, f) != 0 ||
	    take_lists(in, &text, f) != 0 || entry_body(in, &r, told, f) != 0)
		goto out;
	lists.bytes = (struct slice){ text.at, text.len };
	e.nfacts = text.len > 0;
	e.body = in;
	if (home_add(h, &e, &seq, f) == 0)
		rc = home_out(a,
		    json_pack("{s:I,s:s,s:b}", "seq", (json_int_t)seq, "told",
			told[0] != '\0' ? told : "received", "withheld",
			(int)withheld),
		    f);
out:
	bytes_free(&text);
	json_decref(in);
	return rc;
}
