/*
 * A home opened, made, unlocked.
 *
 * It is opened for reading, with what is public: log.vkey beside the keys says
 * who signs the log.  When a command unlocks the release branch, the log key
 * comes out of the ring, must be that one, and the catalog is opened again for
 * writing.  That branch then stays open until this keeper ends; the other two
 * are locked again when the last command that unlocked them goes.
 */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/keeper/asker_internal.h"
#include "gateway/keeper/keeper_internal.h"
#include "gateway/keeper/people_internal.h"
#include "gateway/keeper/persons_internal.h"
#include "gateway/keeper/request_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/pseudonym/pseudonym.h"

#define LOG_FILE "log.vkey"
#define SECRET_TEXT_MAX 65536u /* an identity file */

static const struct ring_name log_name = { RING_LOG, "1", 0 };

/* ---- Opening ---- */

static int
read_log_key(struct home *h, struct fault *f)
{
	struct bytes text;
	int rc = -1;

	bytes_init(&text, VKEY_CHARS_MAX + 1);
	if (file_read(h->dir, LOG_FILE, &text, f) == 0) {
		if (text.len > 0 && text.at[text.len - 1] == '\n')
			text.len--;
		rc = vkey_read(&h->log, (const char *)text.at, text.len, f);
		if (rc != 0)
			(void)fault_at(f, LOG_FILE);
	}
	bytes_free(&text);
	return rc;
}

/* Our own card: the newest that was issued, as the log committed to it. */
static int
read_card(struct home *h, struct fault *f)
{
	struct bytes text;
	uint64_t n;
	int rc = -1;

	bytes_init(&text, CARD_BYTES_MAX);
	if (card_pinned(h, ring_home(h->ring), &n, &text, f) == 0)
		rc = card_read(&h->card, text.at, text.len, f);
	bytes_free(&text);
	return rc;
}

static int
open_catalog(struct home *h, struct fault *f)
{
	bool writing = h->log_key.pair.at != NULL;
	struct audit_home at = { h->dir, &h->log,
		writing ? &h->log_key : NULL };

	if (catalog_open(&h->catalog, &at, f) != 0)
		return -1;
	if (strcmp(catalog_home(h->catalog), ring_home(h->ring)) != 0)
		return fault_set(
		    f, FAULT_FORGED, "the log is another home's than the keys");
	if (ring_role(h->ring) != ROLE_OWNER)
		return 0;
	return read_card(h, f);
}

int
home_open(struct home *h, struct fault *f)
{
	if (faccessat(h->dir, "keys", F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	if (ring_open(&h->ring, h->dir, f) != 0 || read_log_key(h, f) != 0)
		return -1;
	return open_catalog(h, f);
}

void
home_close(struct home *h)
{
	catalog_close(h->catalog);
	sign_key_free(&h->log_key);
	ring_close(h->ring);
	visits_free(h->visits);
	arrivals_free(h->arrivals);
	file_close(&h->dir);
}

/* ---- Unlocking ---- */

int
home_take_unlock(
    struct asked *a, size_t i, struct ring_unlock *how, struct fault *f)
{
	struct secret all = { 0 };
	size_t got;
	int fd = -1, rc = -1;

	if (message_fd(a->request, i, &fd, f) != 0 ||
	    secret_new(&all, SECRET_TEXT_MAX, f) != 0 ||
	    file_read_some(fd, all.at, all.len, &got, f) != 0)
		goto out;
	if (got == 0 || got == SECRET_TEXT_MAX)
		(void)fault_set(f, FAULT_INPUT,
		    got == 0 ? "nothing was given to unlock with"
			     : "what unlocks is over 64 KiB");
	else
		rc = secret_copy(&how->text, all.at, got, f);
out:
	secret_free(&all);
	file_close(&fd);
	return rc;
}

/* The log key is ours to sign with from here on, if it is not yet. */
static int
begin_writing(struct home *h, struct fault *f)
{
	uint8_t public[SIGN_PUBLIC_BYTES];

	if (h->log_key.pair.at != NULL)
		return 0;
	if (ring_get_sign_key(h->ring, &log_name, &h->log_key, f) != 0)
		return -1;
	sign_key_public(&h->log_key, public);
	if (memcmp(public, h->log.key, sizeof(public)) != 0) {
		sign_key_free(&h->log_key);
		return fault_set(f, FAULT_FORGED,
		    LOG_FILE ": not the key that this home signs with");
	}
	catalog_close(h->catalog);
	h->catalog = NULL;
	return open_catalog(h, f);
}

/* Count the branches as this peer's. */
static void
hold(struct home *h, struct home_peer *p, unsigned branches)
{
	unsigned fresh = branches & ~p->branches;

	for (unsigned b = 0; b < RING_BRANCHES; b++)
		h->held[b] += (fresh >> b) & 1;
	p->branches |= branches;
}

void
home_leave(struct home *h, struct home_peer *p)
{
	unsigned over = 0;

	for (unsigned b = 0; b < RING_BRANCHES; b++) {
		if ((p->branches >> b & 1) == 0)
			continue;
		must(h->held[b] > 0);
		if (--h->held[b] == 0 && 1u << b != RING_RELEASE)
			over |= 1u << b;
	}
	if (h->ring != NULL && over != 0)
		ring_lock(h->ring, over);
	json_decref(p->about);
	mem_free(p);
}

int
home_unlock(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct ring_unlock how = { 0 };
	uint64_t branches, means;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (doc_number(in, "branches", RING_ALL, &branches, f) == 0 &&
	    doc_number(in, "means", RING_RECOVERY, &means, f) == 0 &&
	    home_take_unlock(a, 0, &how, f) == 0 &&
	    /* before the first value is derived; who only looks waits less */
	    pseudonym_start(f) == 0) {
		how.means = (enum ring_means)means;
		rc = ring_unlock(h->ring, (unsigned)branches, &how, f);
	}
	if (rc == 0 && (branches & RING_RELEASE) != 0 &&
	    (rc = begin_writing(h, f)) != 0)
		serve_stop(a->serve); /* without a catalog nothing is served */
	if (rc == 0)
		hold(h, home_peer(a), (unsigned)branches);
	secret_free(&how.text);
	json_decref(in);
	return rc == 0 ? home_out(a, json_object(), f) : -1;
}

/* ---- Making ---- */

static const struct ring_name owner_keys[] = {
	{ RING_LOG, "1", 0 },
	{ RING_TLS, "1", 0 },
	{ RING_MANIFEST, "1", 0 },
	{ RING_OFFICER, "1", 0 },
};

static int
make_log(struct home *h, struct fault *f)
{
	char origin[NOTE_NAME_MAX + 1], key[VKEY_CHARS_MAX + 1];
	char text[VKEY_CHARS_MAX + 2];
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct audit_home at = { h->dir, &h->log, &h->log_key };

	(void)snprintf(
	    origin, sizeof(origin), AUDIT_ORIGIN "%s", ring_home(h->ring));
	if (ring_get_sign_key(h->ring, &log_name, &h->log_key, f) != 0)
		return -1;
	sign_key_public(&h->log_key, public);
	if (vkey_of(&h->log, origin, public, f) != 0)
		return -1;
	vkey_write(key, &h->log);
	(void)snprintf(text, sizeof(text), "%s\n", key);
	if (file_put(h->dir, LOG_FILE, text, strlen(text), false, f) != 0)
		return -1;
	return catalog_create(
	    &h->catalog, &at, role_name(ring_role(h->ring)), f);
}

/* The public halves of an owner's keys, as its card. */
static int
fill_card(struct home *h, const char *name, struct card *c,
    struct sign_key *verifier, struct fault *f)
{
	struct sign_key tls = { 0 };
	struct age_identity officer = { 0 };
	uint8_t public[SIGN_PUBLIC_BYTES];
	int rc = -1;

	c->role = ROLE_OWNER;
	(void)snprintf(c->name, sizeof(c->name), "%s", name);
	(void)snprintf(c->home, sizeof(c->home), "%s", ring_home(h->ring));
	c->has_log = true;
	c->log = h->log;
	if (ring_get_sign_key(h->ring, &owner_keys[1], &tls, f) != 0 ||
	    ring_get_sign_key(h->ring, &owner_keys[2], verifier, f) != 0 ||
	    ring_get_identity(h->ring, &owner_keys[3], &officer, f) != 0)
		goto out;
	sign_key_public(&tls, c->tls);
	sign_key_public(verifier, public);
	if (vkey_of(&c->verifier, name, public, f) == 0)
		rc = age_identity_recipient(&c->age, &officer, f);
out:
	sign_key_free(&tls);
	age_identity_free(&officer);
	return rc;
}

static int
issue_card(struct home *h, const char *name, struct fault *f)
{
	struct card c = { 0 };
	struct sign_key verifier = { 0 };
	struct catalog_fact fact = { "card", { NULL, 0 } };
	struct catalog_entry e = {
		.kind = "card-issued", .facts = &fact, .nfacts = 1
	};
	struct bytes text;
	uint64_t seq;
	int rc = -1;

	bytes_init(&text, CARD_BYTES_MAX);
	if ((e.body = json_pack("{s:i}", "n", 1)) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (fill_card(h, name, &c, &verifier, f) == 0 &&
	    card_sign(&text, &c, &verifier, f) == 0) {
		fact.bytes = (struct slice){ text.at, text.len };
		rc = catalog_record(h->catalog, &e, &seq, f);
		h->card = c;
	}
out:
	json_decref(e.body);
	sign_key_free(&verifier);
	bytes_free(&text);
	return rc;
}

/* What shall unlock: one text, or one for each branch. */
static int
take_texts(struct asked *a, const json_t *in, struct ring_init *init,
    struct ring_unlock texts[RING_BRANCHES], struct fault *f)
{
	uint64_t means;
	size_t n;

	if (doc_bool(in, "split", &init->split, f) != 0 ||
	    doc_number(in, "means", RING_IDENTITY, &means, f) != 0)
		return -1;
	n = init->split ? RING_BRANCHES : 1;
	for (size_t i = 0; i < n; i++) {
		texts[i].means = (enum ring_means)means;
		init->unlock[i] = &texts[i];
		if (home_take_unlock(a, i, &texts[i], f) != 0)
			return -1;
	}
	return 0;
}

static int
take_recovery(const json_t *in, struct ring_init *init,
    struct age_recipient *to, struct fault *f)
{
	const char *text;

	if (json_object_get(in, "recovery") == NULL)
		return 0;
	if (doc_text(in, "recovery", &text, f) != 0 ||
	    age_recipient_read(to, text, strlen(text), f) != 0)
		return -1;
	init->recovery = to;
	return 0;
}

static int
make(struct home *h, const json_t *in, const struct ring_init *init,
    struct fault *f)
{
	const char *name;

	if (keeper_folders(h->dir, f) != 0)
		return -1;
	if (ring_create(&h->ring, h->dir, init, f) != 0 || make_log(h, f) != 0)
		return -1;
	if (init->role != ROLE_OWNER)
		return folder_sync(h->dir, "the home", f);
	if (doc_text(in, "name", &name, f) != 0 || issue_card(h, name, f) != 0)
		return -1;
	return folder_sync(h->dir, "the home", f);
}

/* The key for persons is made with the home, so that every backup has it: who
 * is suppressed first of all may be so after the first backup. */
static int
make_persons_key(struct home *h, struct fault *f)
{
	struct secret key = { 0 };
	int rc = ring_role(h->ring) == ROLE_OWNER ? persons_key(h, &key, f) : 0;

	secret_free(&key);
	return rc;
}

int
home_create(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct ring_init init = { .keys = owner_keys };
	struct ring_unlock texts[RING_BRANCHES] = { { 0 } };
	struct age_recipient recovery;
	const char *role;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (h->ring != NULL) {
		(void)fault_set(f, FAULT_USAGE, "this home is made already");
		goto out;
	}
	if (doc_text(in, "role", &role, f) != 0)
		goto out;
	init.role = strcmp(role, "owner") == 0 ? ROLE_OWNER : ROLE_VENDOR;
	init.nkeys = init.role == ROLE_OWNER ? 4 : 1;
	if (take_texts(a, in, &init, texts, f) != 0 ||
	    take_recovery(in, &init, &recovery, f) != 0 ||
	    (rc = make(h, in, &init, f)) != 0)
		goto out;
	hold(h, home_peer(a), RING_ALL);
	rc = make_persons_key(h, f);
out:
	for (size_t i = 0; i < RING_BRANCHES; i++)
		secret_free(&texts[i].text);
	json_decref(in);
	return rc == 0 ? home_out(a, json_object(), f) : -1;
}
