/*
 * Erasures of after a backup, once more in the home that was made of it; and
 * suppressions (suppress_again.c), which come first, since nothing is lost by
 * one of them.
 *
 *     a log published before --> who was erased, under our key
 *         every person here  --> the same under our key --> erased again
 *
 * The log names nobody to others, and nobody to us whom we do not know already:
 * a person is found because the restored lists have the person again.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/keeper/erase_internal.h"
#include "gateway/keeper/people_internal.h"
#include "keys/base/doc.h"

struct again {
	struct home *home;
	struct token_key *key;
	struct bytes sought; /* MACs, sorted */
	struct bytes found;  /* persons, sorted, each once */
	struct suppressed_again suppressed;
	uint64_t entries; /* of the log that was published before; or 0 */
	uint64_t unnamed; /* erasures by older programs */
	struct catalog_erased done;
	struct {
		bool any;
		uint64_t seq;
		int64_t at;
	} restored;
};

static int
by_bytes(const void *x, const void *y)
{
	return memcmp(x, y, CATALOG_SUBJECT_BYTES);
}

/* Of an erasure after the backup: the person, or that none is named. */
static int
take_one(struct again *x, const json_t *one, struct fault *f)
{
	uint8_t mac[TOKEN_MAC_BYTES];
	uint64_t n;

	if (doc_number(one, "n", CATALOG_NUMBER_MAX, &n, f) != 0)
		return -1;
	if (n < x->restored.seq)
		return 0;
	if (json_object_get(one, "person") == NULL) {
		x->unnamed++;
		return 0;
	}
	return doc_hex(one, "person", mac, sizeof(mac), f) != 0
		   ? -1
		   : bytes_add(&x->sought, mac, sizeof(mac), f);
}

static int
take_sought(struct again *x, const json_t *in, struct fault *f)
{
	const json_t *one;
	json_t *list;
	size_t i;

	if (doc_list(in, "erased", &list, f) != 0)
		return -1;
	json_array_foreach(list, i, one)
	{
		if (take_one(x, one, f) != 0)
			return -1;
	}
	if (x->sought.len > 0)
		qsort(x->sought.at, x->sought.len / TOKEN_MAC_BYTES,
		    TOKEN_MAC_BYTES, by_bytes);
	return 0;
}

static int
see_person(void *arg, const uint8_t *person, struct fault *f)
{
	struct again *x = arg;
	uint8_t mac[TOKEN_MAC_BYTES];

	token_mac(x->key, person, CATALOG_SUBJECT_BYTES, mac);
	return bsearch(mac, x->sought.at, x->sought.len / sizeof(mac),
		   sizeof(mac), by_bytes) == NULL
		   ? 0
		   : bytes_add(&x->found, person, CATALOG_SUBJECT_BYTES, f);
}

/* Who of those is known here; sorted, each once. */
static int
find(struct again *x, struct fault *f)
{
	size_t n = 0, all;

	if (x->sought.len == 0)
		return 0;
	if (catalog_each_person(x->home->catalog, see_person, x, f) != 0)
		return -1;
	all = x->found.len / CATALOG_SUBJECT_BYTES;
	if (all == 0)
		return 0;
	qsort(x->found.at, all, CATALOG_SUBJECT_BYTES, by_bytes);
	for (size_t i = 0; i < all; i++) {
		const uint8_t *one = x->found.at + i * CATALOG_SUBJECT_BYTES;

		if (n > 0 && by_bytes(one - CATALOG_SUBJECT_BYTES, one) == 0)
			continue;
		memmove(x->found.at + n++ * CATALOG_SUBJECT_BYTES, one,
		    CATALOG_SUBJECT_BYTES);
	}
	x->found.len = n * CATALOG_SUBJECT_BYTES;
	return 0;
}

/* ---- Is it a log from after the backup? ---- */

static int
see_entry(
    void *arg, uint64_t seq, const struct audit_leaf *leaf, struct fault *f)
{
	struct again *x = arg;

	(void)f;
	if (audit_leaf_is(leaf, "restored")) {
		x->restored.any = true;
		x->restored.seq = seq;
		x->restored.at = leaf->at;
	}
	return 0;
}

/* The log that goes on from the restoration is this home's: what it says was
 * done is done.  Missing is what one says that goes on without it. */
static int
check_log(struct again *x, const json_t *in, struct fault *f)
{
	uint64_t at = 0;

	if (catalog_each_entry(x->home->catalog, 0, see_entry, x, f) != 0)
		return -1;
	if (!x->restored.any)
		return fault_set(f, FAULT_USAGE,
		    "this home was not made of a backup: who was erased is, "
		    "and "
		    "who is suppressed too");
	if (x->entries == 0)
		return 0;
	if (json_object_get(in, "restored") != NULL &&
	    doc_number(in, "restored", INT64_MAX, &at, f) != 0)
		return -1;
	if ((int64_t)at == x->restored.at)
		return fault_set(f, FAULT_USAGE,
		    "that is the log since the restoration; the one that is "
		    "wanted was published before, and is not in this home");
	if (x->entries < x->restored.seq)
		return fault_set(f, FAULT_USAGE,
		    "that log ends at entry %llu, and the backup at %llu: it "
		    "says nothing of what came after",
		    (unsigned long long)x->entries,
		    (unsigned long long)x->restored.seq);
	return 0;
}

/* ---- Once more ---- */

/* All are asked for before one is touched. */
static int
permit_all(struct again *x, struct fault *f)
{
	for (size_t at = 0; at < x->found.len; at += CATALOG_SUBJECT_BYTES) {
		struct erasing e = { .home = x->home, .batches = json_array() };
		int rc;

		memcpy(e.person, x->found.at + at, sizeof(e.person));
		rc =
		    e.batches == NULL ? fault_memory(f) : erasing_permit(&e, f);
		json_decref(e.batches);
		if (rc != 0)
			return fault_at(f, "somebody who was erased is back");
	}
	return 0;
}

static int
erase_all(struct again *x, struct fault *f)
{
	for (size_t at = 0; at < x->found.len; at += CATALOG_SUBJECT_BYTES) {
		struct erasing e = { .home = x->home };
		struct catalog_erased one = { 0 };

		memcpy(e.person, x->found.at + at, sizeof(e.person));
		if (erasing_record(&e, x->key, &one, f) != 0)
			return -1;
		x->done.lists += one.lists;
		x->done.sent += one.sent;
		x->done.others += one.others;
	}
	return 0;
}

static int
record(struct again *x, struct fault *f)
{
	struct catalog_entry entry = { .kind = "erasures-repeated" };
	int rc;

	entry.body = json_pack("{s:I,s:I}", "count",
	    (json_int_t)(x->found.len / CATALOG_SUBJECT_BYTES), "entries",
	    (json_int_t)x->entries);
	if (entry.body == NULL)
		return fault_memory(f);
	rc = home_add(x->home, &entry, NULL, f);
	json_decref(entry.body);
	if (rc != 0)
		home_spoil(x->home);
	return rc;
}

int
erasures_repeat(void *state, struct asked *a, struct fault *f)
{
	struct again x = { .home = state };
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	bytes_init(&x.sought, SIZE_MAX); /* as many as an ask has */
	bytes_init(&x.found, SIZE_MAX);
	if (role_need(x.home, ROLE_OWNER, f) == 0 &&
	    home_need(x.home, a, RING_RELEASE | RING_EXPORT, f) == 0 &&
	    doc_number(in, "entries", CATALOG_NUMBER_MAX, &x.entries, f) == 0 &&
	    check_log(&x, in, f) == 0 &&
	    suppress_again(x.home, json_object_get(in, "suppressed"),
		x.restored.seq, &x.suppressed, f) == 0 &&
	    take_sought(&x, in, f) == 0 &&
	    erasing_key(x.home, &x.key, f) == 0 && find(&x, f) == 0 &&
	    permit_all(&x, f) == 0 && erase_all(&x, f) == 0 &&
	    record(&x, f) == 0)
		rc = home_out(a,
		    json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "suppressed",
			(json_int_t)x.suppressed.persons, "suppressed_unnamed",
			(json_int_t)x.suppressed.unnamed, "persons",
			(json_int_t)(x.found.len / CATALOG_SUBJECT_BYTES),
			"unnamed", (json_int_t)x.unnamed, "lists",
			(json_int_t)x.done.lists, "sent",
			(json_int_t)x.done.sent, "others",
			(json_int_t)x.done.others),
		    f);
	token_key_free(x.key);
	bytes_free(&x.sought);
	bytes_free(&x.found);
	json_decref(in);
	return rc;
}
