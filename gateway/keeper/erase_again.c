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
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/text.h"

#define SALT_CHARS HEX_CHARS(AUDIT_SALT_BYTES)

/* A restoration of this home: its entry, and the salts, which no two entries
 * share, of that one and of the one before. */
struct restoration {
	uint64_t seq;
	int64_t at;
	char before[SALT_CHARS + 1], here[SALT_CHARS + 1];
	const json_t *log; /* that goes on there without it, or NULL */
};

/* A home is seldom restored; each costs a backup. */
#define RESTORATIONS_MAX 256u

struct again {
	struct home *home;
	struct token_key *key;
	struct bytes sought; /* MACs, sorted */
	struct bytes found;  /* persons, sorted, each once */
	struct suppressed_again suppressed;
	uint64_t entries; /* of the logs that were published before; or 0 */
	uint64_t unnamed; /* erasures by older programs */
	struct catalog_erased done;
	struct restoration restored[RESTORATIONS_MAX];
	size_t nrestored;
	size_t answered; /* of them, the first */
	char last[SALT_CHARS + 1];
};

static int
by_bytes(const void *x, const void *y)
{
	return memcmp(x, y, CATALOG_SUBJECT_BYTES);
}

/* Of an erasure after the backup: the person, or that none is named. */
static int
take_one(struct again *x, const json_t *one, uint64_t from, struct fault *f)
{
	uint8_t mac[TOKEN_MAC_BYTES];
	uint64_t n;

	if (doc_number(one, "n", CATALOG_NUMBER_MAX, &n, f) != 0)
		return -1;
	if (n < from)
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
take_sought(struct again *x, const struct restoration *r, struct fault *f)
{
	const json_t *one;
	json_t *list;
	size_t i;

	if (doc_list(r->log, "erased", &list, f) != 0)
		return -1;
	json_array_foreach(list, i, one)
	{
		if (take_one(x, one, r->seq, f) != 0)
			return -1;
	}
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
	qsort(x->sought.at, x->sought.len / TOKEN_MAC_BYTES, TOKEN_MAC_BYTES,
	    by_bytes);
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

/* ---- Which log goes with which restoration ---- */

static void
salt_of(char out[SALT_CHARS + 1], const struct audit_leaf *leaf)
{
	const struct audit_member *m = audit_leaf_member(leaf, "salt");

	must(m->value.len == SALT_CHARS);
	memcpy(out, m->value.at, SALT_CHARS);
	out[SALT_CHARS] = '\0';
}

static int
see_entry(
    void *arg, uint64_t seq, const struct audit_leaf *leaf, struct fault *f)
{
	struct again *x = arg;
	struct restoration *r;

	if (audit_leaf_is(leaf, "restored")) {
		if (x->nrestored == RESTORATIONS_MAX)
			return fault_set(f, FAULT_INPUT,
			    "restored more than %u times", RESTORATIONS_MAX);
		r = &x->restored[x->nrestored++];
		r->seq = seq;
		r->at = leaf->at;
		memcpy(r->before, x->last, sizeof(r->before));
		salt_of(r->here, leaf);
	}
	if (audit_leaf_is(leaf, "erasures-repeated"))
		x->answered = x->nrestored;
	salt_of(x->last, leaf);
	return 0;
}

/* Every restoration, and those of them that were made good. */
static int
see_restorations(struct again *x, struct fault *f)
{
	if (catalog_each_entry(x->home->catalog, 0, see_entry, x, f) != 0)
		return -1;
	if (x->nrestored == 0)
		return fault_set(f, FAULT_USAGE,
		    "this home was not made of a backup: who was erased is, "
		    "and "
		    "who is suppressed too");
	return 0;
}

/* The log's own word for the salt of an entry; "" behind its end. */
static const char *
log_salt(const json_t *log, uint64_t seq)
{
	char n[U64_CHARS + 1];
	const char *salt;

	n[u64_write(n, seq)] = '\0';
	salt = json_string_value(
	    json_object_get(json_object_get(log, "salts"), n));
	return salt == NULL ? "" : salt;
}

/* A log that has all that the backup had, and goes on otherwise. */
static bool
goes_on(const struct restoration *r, const json_t *log)
{
	const char *here = log_salt(log, r->seq);

	return strcmp(log_salt(log, r->seq - 1), r->before) == 0 &&
	       here[0] != '\0' && strcmp(here, r->here) != 0;
}

/* Why a log is none of those that are wanted; r is the last restoration. */
static int
refuse_log(const struct restoration *r, const json_t *log, struct fault *f)
{
	uint64_t entries;

	if (doc_number(log, "entries", CATALOG_NUMBER_MAX, &entries, f) != 0)
		return -1;
	if (strcmp(log_salt(log, r->seq), r->here) == 0)
		return fault_set(f, FAULT_USAGE,
		    "that is the log since the restoration; the one that is "
		    "wanted was published before, and is not in this home");
	if (entries <= r->seq)
		return fault_set(f, FAULT_USAGE,
		    "that log ends at entry %llu, and the backup at %llu: it "
		    "says nothing of what came after",
		    (unsigned long long)entries, (unsigned long long)r->seq);
	return fault_set(f, FAULT_USAGE,
	    "that log goes on from no backup of which this home was made");
}

static int
match_log(struct again *x, const json_t *log, struct fault *f)
{
	bool used = false;
	uint64_t entries;

	if (doc_number(log, "entries", CATALOG_NUMBER_MAX, &entries, f) != 0)
		return -1;
	for (size_t i = 0; i < x->nrestored; i++)
		if (goes_on(&x->restored[i], log)) {
			x->restored[i].log = log;
			used = true;
		}
	if (!used)
		return refuse_log(&x->restored[x->nrestored - 1], log, f);
	x->entries += entries;
	return 0;
}

/* Each restoration that was not made good has its log, unless it is said that
 * one has none. */
static int
match_logs(struct again *x, const json_t *in, struct fault *f)
{
	bool none = json_is_true(json_object_get(in, "none"));
	char day[CLOCK_DATE_CHARS + 1];
	size_t i, without = 0;
	json_t *list, *log;

	if (doc_list(in, "logs", &list, f) != 0)
		return -1;
	json_array_foreach(list, i, log)
	{
		if (match_log(x, log, f) != 0)
			return -1;
	}
	for (i = x->answered; i < x->nrestored; i++) {
		if (x->restored[i].log != NULL)
			continue;
		without++;
		if (none)
			continue;
		clock_write_date(day, x->restored[i].at);
		(void)fault_set(f, FAULT_USAGE,
		    "the restoration of %s: the log that was published "
		    "before it is none of these",
		    day);
		return fault_hint(f,
		    "handoff erase --log DIR --log DIR, one for each; with "
		    "--no-log where there is no copy");
	}
	return !none || without > 0
		   ? 0
		   : fault_set(f, FAULT_USAGE,
			 "--no-log: each restoration has its log");
}

/* Who was suppressed, at once, and who was erased, to be looked for. */
static int
take_logs(struct again *x, struct fault *f)
{
	for (size_t i = 0; i < x->nrestored; i++) {
		const struct restoration *r = &x->restored[i];

		if (r->log != NULL &&
		    (suppress_again(x->home,
			 json_object_get(r->log, "suppressed"), r->seq,
			 &x->suppressed, f) != 0 ||
			take_sought(x, r, f) != 0))
			return -1;
	}
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
restorations_open(struct home *h, bool *open, struct fault *f)
{
	struct again x = { .home = h };

	if (catalog_each_entry(h->catalog, 0, see_entry, &x, f) != 0)
		return -1;
	*open = x.answered < x.nrestored;
	return 0;
}

int
restorations_tell(void *state, struct asked *a, struct fault *f)
{
	struct again x = { .home = state };
	json_t *in, *list;

	if (home_in(a, &in, f) != 0)
		return -1;
	json_decref(in);
	if (role_need(x.home, ROLE_OWNER, f) != 0 ||
	    see_restorations(&x, f) != 0)
		return -1;
	if ((list = json_array()) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < x.nrestored; i++)
		if (json_array_append_new(list,
			json_integer((json_int_t)x.restored[i].seq)) != 0) {
			json_decref(list);
			return fault_memory(f);
		}
	return home_out(a, json_pack("{s:o}", "restored", list), f);
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
	    see_restorations(&x, f) == 0 && match_logs(&x, in, f) == 0 &&
	    take_logs(&x, f) == 0 && erasing_key(x.home, &x.key, f) == 0 &&
	    find(&x, f) == 0 && permit_all(&x, f) == 0 &&
	    erase_all(&x, f) == 0 && record(&x, f) == 0)
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
