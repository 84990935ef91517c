/*
 * The owners that a vendor's home works for.
 *
 * Each owner gets an identity of its own, so that two owners who compare notes
 * do not find that they share a vendor's keys.  Adding an owner is repeatable:
 * keys that are there are used, the same keys make the same card to the byte,
 * and a card that the log has is not issued again.  So whatever a crash left
 * in the middle, the same command completes.
 */

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/keeper/people_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"

#define OWNERS "owners"
#define CARD "card"
#define OWN_CARD "own-card"

/* ---- Reading ---- */

static int
owner_folder(const struct home *h, const char *id, int *fd, struct fault *f)
{
	char path[sizeof(OWNERS) + 1 + ID_CHARS];

	if (!id_valid(id, 'h'))
		return fault_set(f, FAULT_INPUT, "no such owner");
	(void)snprintf(path, sizeof(path), OWNERS "/%s", id);
	return home_folder(h, path, fd, f);
}

static bool
same_bytes(const struct bytes *a, const struct bytes *b)
{
	return a->len == b->len &&
	       (a->len == 0 || memcmp(a->at, b->at, a->len) == 0);
}

/* How many cards we issued, and which of them this one is, from 1; 0: none. */
static int
issued_as(struct home *h, const struct bytes *own, uint64_t *n, uint64_t *all,
    struct fault *f)
{
	struct bytes other;
	bool there = true;
	int rc = 0;

	*n = *all = 0;
	bytes_init(&other, CARD_BYTES_MAX);
	while (rc == 0 && there) {
		bytes_reset(&other);
		rc = card_issued(h, *all + 1, &other, &there, f);
		if (rc == 0 && there && ++*all > 0 && same_bytes(&other, own))
			*n = *all;
	}
	bytes_free(&other);
	return rc;
}

/* Was the fingerprint of this very card compared?  The log knows. */
static int
read_card(struct home *h, int dir, struct owner *out, struct fault *f)
{
	struct bytes text, pinned;
	uint64_t n;
	int rc = -1;

	bytes_init(&text, CARD_BYTES_MAX);
	bytes_init(&pinned, CARD_BYTES_MAX);
	if (file_read(dir, CARD, &text, f) != 0 ||
	    card_read(&out->card, text.at, text.len, f) != 0 ||
	    card_pinned(h, out->id, &n, &pinned, f) != 0)
		goto out;
	out->confirmed = n > 0;
	if (n == 0 || same_bytes(&text, &pinned))
		rc = 0;
	else {
		(void)fault_set(
		    f, FAULT_FORGED, CARD ": not the card that was confirmed");
		(void)fault_hint(f, "handoff owner add CARD --fingerprint F");
	}
out:
	bytes_free(&text);
	bytes_free(&pinned);
	return rc;
}

static int
read_own(struct home *h, int dir, struct owner *out, struct fault *f)
{
	struct bytes text;
	uint64_t n, all;
	int rc = -1;

	bytes_init(&text, CARD_BYTES_MAX);
	if (file_read(dir, OWN_CARD, &text, f) == 0 &&
	    card_read(&out->own, text.at, text.len, f) == 0 &&
	    issued_as(h, &text, &n, &all, f) == 0)
		rc = n > 0 ? 0
			   : fault_set(f, FAULT_FORGED,
				 OWN_CARD ": not a card that this home issued");
	bytes_free(&text);
	return rc;
}

int
owner_read(struct home *h, const char *id, struct owner *out, struct fault *f)
{
	int dir = -1, rc = -1;

	memset(out, 0, sizeof(*out));
	if (owner_folder(h, id, &dir, f) != 0)
		return -1;
	(void)snprintf(out->id, sizeof(out->id), "%s", id);
	if (read_card(h, dir, out, f) == 0 && read_own(h, dir, out, f) == 0)
		rc = 0;
	if (rc == 0 && strcmp(out->card.home, id) != 0)
		rc = fault_set(f, FAULT_FORGED, "the card of another home");
	file_close(&dir);
	return rc == 0 ? 0 : fault_at(f, OWNERS "/%s", id);
}

int
owner_own_card(
    const struct home *h, const char *id, struct bytes *out, struct fault *f)
{
	int dir = -1, rc;

	if (owner_folder(h, id, &dir, f) != 0)
		return -1;
	rc = file_read(dir, OWN_CARD, out, f);
	file_close(&dir);
	return rc;
}

/* Is the folder that of an owner who was added to the end? */
static bool
owner_whole(const struct home *h, const char *id)
{
	char path[sizeof(OWNERS) + ID_CHARS + 1 + sizeof(OWN_CARD)];

	(void)snprintf(path, sizeof(path), OWNERS "/%s/" OWN_CARD, id);
	return id_valid(id, 'h') &&
	       faccessat(h->dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
each_owner(struct home *h,
    int (*each)(void *arg, const struct owner *o, struct fault *f), void *arg,
    struct fault *f)
{
	struct dirent *e;
	DIR *list;
	int fd, rc = 0;

	if (home_folder(h, OWNERS, &fd, f) != 0)
		return -1;
	if ((list = fdopendir(fd)) == NULL) {
		file_close(&fd);
		return fault_errno(f, OWNERS);
	}
	while (rc == 0 && (e = readdir(list)) != NULL) {
		struct owner o;

		if (owner_whole(h, e->d_name) &&
		    (rc = owner_read(h, e->d_name, &o, f)) == 0)
			rc = each(arg, &o, f);
	}
	(void)closedir(list);
	return rc;
}

struct wanted {
	const char *name; /* NULL: any */
	struct owner *out;
	unsigned found;
};

static int
is_wanted(void *arg, const struct owner *o, struct fault *f)
{
	struct wanted *w = arg;

	(void)f;
	if (w->name != NULL && strcmp(w->name, o->id) != 0 &&
	    strcmp(w->name, o->card.name) != 0)
		return 0;
	*w->out = *o;
	w->found++;
	return 0;
}

int
owner_find(
    struct home *h, const char *name_or_id, struct owner *out, struct fault *f)
{
	struct wanted w = { name_or_id, out, 0 };

	if (each_owner(h, is_wanted, &w, f) != 0)
		return -1;
	if (w.found == 1)
		return 0;
	if (w.found == 0)
		(void)fault_set(f, FAULT_INPUT, "%s: no such owner",
		    name_or_id != NULL ? name_or_id : "this home");
	else
		(void)fault_set(
		    f, FAULT_USAGE, "several owners; name one by its id");
	return fault_hint(f, "handoff owner list");
}

/* ---- Adding ---- */

/* The keys that are for this owner alone, made where they are not there. */
static int
make_keys(struct home *h, const char *id, struct card *c,
    struct sign_key *verifier, struct fault *f)
{
	const struct ring_name age = { RING_VENDOR, id, 0 },
			       sign = { RING_VENDOR_SIGN, id, 0 },
			       tls = { RING_TLS, id, 0 };
	struct age_identity identity = { 0 };
	struct sign_key door = { 0 };
	uint8_t public[SIGN_PUBLIC_BYTES];
	int rc = -1;

	if ((!ring_has(h->ring, &age) &&
		ring_make_identity(h->ring, &age, public, f) != 0) ||
	    (!ring_has(h->ring, &sign) &&
		ring_make_sign_key(h->ring, &sign, public, f) != 0) ||
	    (!ring_has(h->ring, &tls) &&
		ring_make_sign_key(h->ring, &tls, public, f) != 0))
		return -1;
	if (ring_get_identity(h->ring, &age, &identity, f) != 0 ||
	    ring_get_sign_key(h->ring, &sign, verifier, f) != 0 ||
	    ring_get_sign_key(h->ring, &tls, &door, f) != 0)
		goto out;
	sign_key_public(&door, c->tls);
	sign_key_public(verifier, public);
	if (vkey_of(&c->verifier, c->name, public, f) == 0)
		rc = age_identity_recipient(&c->age, &identity, f);
out:
	age_identity_free(&identity);
	sign_key_free(&door);
	return rc;
}

/* By what name this home goes: as it is asked, or as it was called before. */
static int
own_name(struct home *h, const json_t *in, char out[CARD_NAME_MAX + 1],
    struct fault *f)
{
	struct bytes text;
	struct card c;
	const char *name;
	bool there;
	int rc = -1;

	if (json_object_get(in, "name") != NULL) {
		if (doc_text(in, "name", &name, f) != 0)
			return -1;
		if (!card_name_valid(name))
			return fault_set(f, FAULT_USAGE,
			    "the name is not 1 to %u of a-z, 0-9 and '-'",
			    CARD_NAME_MAX);
		(void)snprintf(out, CARD_NAME_MAX + 1, "%s", name);
		return 0;
	}
	bytes_init(&text, CARD_BYTES_MAX);
	if (card_issued(h, 1, &text, &there, f) == 0) {
		if (!there)
			(void)fault_set(f, FAULT_USAGE, "needs a name");
		else if ((rc = card_read(&c, text.at, text.len, f)) == 0)
			(void)snprintf(out, CARD_NAME_MAX + 1, "%s", c.name);
	}
	bytes_free(&text);
	return rc;
}

/* An entry that commits to a card, the n-th of its kind. */
static int
log_card(struct home *h, const char *kind, json_t *body, struct slice card,
    struct fault *f)
{
	struct catalog_fact fact = { "card", card };
	struct catalog_entry e = {
		.kind = kind, .body = body, .facts = &fact, .nfacts = 1
	};
	int rc;

	if (body == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(body);
	return rc;
}

/* Log our card unless it was. */
static int
issue(struct home *h, const struct bytes *own, struct fault *f)
{
	uint64_t n, all;

	if (issued_as(h, own, &n, &all, f) != 0)
		return -1;
	if (n > 0)
		return 0;
	return log_card(h, "card-issued",
	    json_pack("{s:I}", "n", (json_int_t)all + 1),
	    (struct slice){ own->at, own->len }, f);
}

/* Log that this card of theirs was confirmed, unless it is the last that
 * was. */
static int
pin(struct home *h, const char *owner, struct slice card, struct fault *f)
{
	struct bytes pinned;
	uint64_t n;
	int rc;

	bytes_init(&pinned, CARD_BYTES_MAX);
	rc = card_pinned(h, owner, &n, &pinned, f);
	if (rc == 0 && (pinned.len != card.len ||
			   memcmp(pinned.at, card.at, card.len) != 0))
		rc = log_card(h, "owner-confirmed",
		    json_pack(
			"{s:I,s:s}", "n", (json_int_t)n + 1, "owner", owner),
		    card, f);
	bytes_free(&pinned);
	return rc;
}

/* What is written of an owner, each file whole; behind the log. */
static int
keep(struct home *h, const struct card *theirs, struct slice card,
    const struct bytes *own, struct fault *f)
{
	char path[sizeof(OWNERS) + 1 + ID_CHARS];
	int all = -1, dir = -1, rc = -1;

	(void)snprintf(path, sizeof(path), OWNERS "/%s", theirs->home);
	if (home_folder(h, OWNERS, &all, f) != 0 ||
	    folder_make(h->dir, path, f) != 0 ||
	    folder_sync(all, OWNERS, f) != 0 ||
	    home_folder(h, path, &dir, f) != 0)
		goto out;
	if (file_put(dir, CARD, card.at, card.len, true, f) == 0 &&
	    file_put(dir, OWN_CARD, own->at, own->len, true, f) == 0)
		rc = 0;
out:
	file_close(&dir);
	file_close(&all);
	return rc;
}

/* An owner whose card is not the one we have is somebody else, unless the
 * fingerprint says so. */
static int
check_known(struct home *h, const struct card *theirs, bool confirms,
    bool *confirmed, struct fault *f)
{
	struct fingerprint now, before;
	struct owner known;

	*confirmed = confirms;
	if (confirms || !owner_whole(h, theirs->home))
		return 0;
	if (owner_read(h, theirs->home, &known, f) != 0 ||
	    card_fingerprint(&now, theirs, f) != 0 ||
	    card_fingerprint(&before, &known.card, f) != 0)
		return -1;
	if (strcmp(now.hex, before.hex) == 0) {
		*confirmed = known.confirmed;
		return 0;
	}
	(void)fault_set(f, FAULT_POLICY,
	    "%s: its card is not the one that was added; compare fingerprints",
	    theirs->name);
	return fault_hint(f, "handoff owner add CARD --fingerprint F");
}

static json_t *
owner_say(const struct owner *o, struct fault *f)
{
	struct fingerprint own;
	json_t *j;

	if (card_fingerprint(&own, &o->own, f) != 0)
		return NULL;
	j = json_pack("{s:s,s:s,s:b,s:{s:s,s:s,s:s}}", "home", o->id, "name",
	    o->card.name, "confirmed", (int)o->confirmed, "own", "name",
	    o->own.name, "fingerprint", own.hex, "words", own.words);
	if (j == NULL)
		(void)fault_memory(f);
	else if (card_say(j, &o->card, f) != 0) {
		json_decref(j);
		return NULL;
	}
	return j;
}

static int
add(struct home *h, const json_t *in, struct owner *o, struct fault *f)
{
	struct sign_key verifier = { 0 };
	struct slice card;
	struct bytes own;
	bool confirms;
	int rc = -1;

	memset(o, 0, sizeof(*o));
	o->own.role = ROLE_VENDOR;
	bytes_init(&own, CARD_BYTES_MAX);
	if (card_take(in, ROLE_OWNER, &o->card, &card, f) != 0 ||
	    card_confirms(in, &o->card, &confirms, f) != 0 ||
	    check_known(h, &o->card, confirms, &o->confirmed, f) != 0 ||
	    own_name(h, in, o->own.name, f) != 0)
		goto out;
	(void)snprintf(o->id, sizeof(o->id), "%s", o->card.home);
	(void)snprintf(
	    o->own.home, sizeof(o->own.home), "%s", ring_home(h->ring));
	if (make_keys(h, o->id, &o->own, &verifier, f) == 0 &&
	    card_sign(&own, &o->own, &verifier, f) == 0 &&
	    issue(h, &own, f) == 0 &&
	    (!o->confirmed || pin(h, o->id, card, f) == 0))
		rc = keep(h, &o->card, card, &own, f);
out:
	sign_key_free(&verifier);
	bytes_free(&own);
	return rc;
}

int
owner_add(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct owner o;
	json_t *in, *out = NULL;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (role_need(h, ROLE_VENDOR, f) == 0 &&
	    home_need(h, a, RING_RELEASE, f) == 0 && add(h, in, &o, f) == 0)
		out = owner_say(&o, f);
	json_decref(in);
	return out != NULL ? home_out(a, out, f) : -1;
}

static int
list_one(void *arg, const struct owner *o, struct fault *f)
{
	json_t *one = owner_say(o, f);

	if (one == NULL)
		return -1;
	return json_array_append_new(arg, one) == 0 ? 0 : fault_memory(f);
}

int
owner_list(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	json_t *in, *list;

	if (home_in(a, &in, f) != 0)
		return -1;
	json_decref(in);
	if (role_need(h, ROLE_VENDOR, f) != 0)
		return -1;
	if ((list = json_array()) == NULL)
		return fault_memory(f);
	if (each_owner(h, list_one, list, f) != 0) {
		json_decref(list);
		return -1;
	}
	return home_out(a, json_pack("{s:o}", "owners", list), f);
}
