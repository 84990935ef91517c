/*
 * A home out of a backup.
 *
 *     IN --> age, here --> pipe --> unpack, confined --> folder beside the
 * place folder --> keeper: checked, unlocked by the recovery identity, its
 *     passphrase changed, the restoration logged --> renamed into its place
 *
 * The identity is known to this process and, for a moment, to the new keeper;
 * what reads the archive has neither it nor anything else.
 */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/flow.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/ring/ring.h"

/* ---- Opening and unpacking -------------------------------------------------
 */

/* No archive is longer than what it is sealed in. */
static uint64_t
longest(int in)
{
	struct stat st;

	if (fstat(in, &st) != 0 || !S_ISREG(st.st_mode))
		return UINT64_MAX / 2;
	return (uint64_t)st.st_size;
}

static int
start_unpacking(
    struct process **p, int from, int folder, uint64_t most, struct fault *f)
{
	int given[2] = { from, folder };
	struct message m;
	int rc = -1;

	if (process_spawn(p, "unpack", given, 2, f) != 0)
		return -1;
	message_init(&m, 64);
	if (put_u64(&m.body, most, f) == 0)
		rc = channel_send(process_channel(*p), &m, f);
	message_free(&m);
	if (rc != 0) {
		process_kill(*p);
		*p = NULL;
	}
	return rc;
}

/* How many files it wrote; -1 with its own words where it failed. */
static int
end_unpacking(struct process *p, uint64_t *files, struct fault *f)
{
	struct fault none = { 0 };
	struct message m;
	struct reader r;
	bool end = true;

	message_init(&m, 64);
	if (channel_receive(process_channel(p), &m, -1, &end, &none) == 0 &&
	    !end) {
		r = reader_of(m.body.at, m.body.len);
		end = take_u64(&r, files, &none) != 0;
	}
	message_free(&m);
	if (process_end(p, -1, f) != 0)
		return -1;
	return end ? fault_set(f, FAULT_SYSTEM, "@unpack: ended early") : 0;
}

static int
open_into(
    const struct flow_restore *o, int folder, uint64_t *files, struct fault *f)
{
	struct age_pump pump = { .in = o->in };
	struct fault theirs = { 0 };
	struct process *p = NULL;
	int ends[2], rc, unpacked;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return fault_errno(f, "a pipe");
	pump.out = ends[1];
	rc = start_unpacking(&p, ends[0], folder, longest(o->in), f);
	file_close(&ends[0]);
	if (rc == 0)
		rc = age_open_fd(&pump, o->ids->at, o->ids->n, f);
	file_close(&ends[1]);
	if (p == NULL)
		return -1;
	unpacked = end_unpacking(p, files, &theirs);
	if (unpacked != 0 && (rc == 0 || f->kind == FAULT_SYSTEM)) {
		*f = theirs; /* it left first, and we had nobody to write to */
		rc = -1;
	}
	return rc;
}

/* ---- The new home's keeper -------------------------------------------------
 */

static int
check_key(const struct flow_restore *o, const json_t *who, struct fault *f)
{
	const char *log;

	if (doc_text(who, "log", &log, f) != 0)
		return -1;
	if (o->key != NULL && strcmp(o->key, log) != 0)
		return fault_set(f, FAULT_FORGED,
		    "this is a backup of another home: its log has another "
		    "key");
	return 0;
}

/* Of an owner's home, whose card it has: that must name the same log. */
static int
check_card(const struct flow_restore *o, struct keeper *k, json_t *who,
    struct fault *f)
{
	const char *role, *log, *text;
	char ours[VKEY_CHARS_MAX + 1];
	struct fingerprint print;
	json_t *answer = NULL;
	struct card c;
	int rc = -1;

	if (doc_text(who, "role", &role, f) != 0 ||
	    doc_text(who, "log", &log, f) != 0)
		return -1;
	if (strcmp(role, "owner") != 0)
		return o->fingerprint == NULL
			   ? 0
			   : fault_set(f, FAULT_USAGE,
				 "a vendor's home has no one card: compare its "
				 "log's key");
	if (keeper_ask(k, KEEPER_CARD, json_object(), &answer, f) != 0)
		return -1;
	if (doc_text(answer, "card", &text, f) != 0 ||
	    card_read(&c, text, strlen(text), f) != 0 ||
	    card_fingerprint(&print, &c, f) != 0)
		goto out;
	vkey_write(ours, &c.log);
	if (strcmp(ours, log) != 0)
		(void)fault_set(
		    f, FAULT_FORGED, "the card in it names another log");
	else if (o->fingerprint != NULL &&
		 !fingerprint_same(&print, o->fingerprint))
		(void)fault_set(f, FAULT_FORGED,
		    "this is a backup of another home: its card has another "
		    "fingerprint");
	else if (json_object_set_new(who, "name", json_string(c.name)) != 0 ||
		 json_object_set_new(
		     who, "fingerprint", json_string(print.hex)) != 0 ||
		 json_object_set_new(who, "words", json_string(print.words)) !=
		     0)
		(void)fault_memory(f);
	else
		rc = 0;
out:
	json_decref(answer);
	return rc;
}

static int
unlock(struct keeper *k, const char *identity, struct fault *f)
{
	struct keeper_fds fds = { .ngive = 1 };
	int fd, rc;

	if (file_open_read(AT_FDCWD, identity, &fd, f) != 0)
		return -1;
	fds.give = &fd;
	rc = keeper_ask_fds(k, KEEPER_UNLOCK,
	    json_pack(
		"{s:i,s:i}", "branches", RING_ALL, "means", RING_RECOVERY),
	    &fds, NULL, f);
	file_close(&fd);
	return rc;
}

/* Look before anything is unlocked, then make it ours. */
static int
take_over(const struct flow_restore *o, struct keeper *k,
    struct flow_restored *done, struct fault *f)
{
	struct keeper_change change = { .recovery = o->identity, .to = o->to };

	if (keeper_ask(k, KEEPER_WHO, json_object(), &done->who, f) != 0 ||
	    check_key(o, done->who, f) != 0 ||
	    check_card(o, k, done->who, f) != 0 ||
	    doc_number(done->who, "entries", INT64_MAX, &done->entries, f) !=
		0 ||
	    keeper_ask(k, KEEPER_CHECK, json_object(), NULL, f) != 0 ||
	    unlock(k, o->identity, f) != 0 ||
	    keeper_change(k, &change, RING_ALL, f) != 0)
		return -1;
	return keeper_ask(k, KEEPER_RESTORED,
	    json_pack("{s:I}", "entries", (json_int_t)done->entries), NULL, f);
}

static int
revive(const struct flow_restore *o, const char *path,
    struct flow_restored *done, struct fault *f)
{
	struct keeper_options look = { .home = path, .passphrase = -1 };
	struct keeper *k = NULL;
	int rc;

	if (keeper_open(&k, &look, f) != 0)
		return -1;
	rc = take_over(o, k, done, f);
	if (keeper_close(k, f) != 0)
		rc = -1;
	return rc;
}

int
flow_restore(
    const struct flow_restore *o, struct flow_restored *done, struct fault *f)
{
	struct keeper_place place;
	int rc = -1;

	*done = (struct flow_restored){ .who = NULL };
	if (keeper_place_new(&place, o->to.home, f) != 0)
		return -1;
	/* The unpacking process may end first; that is no reason to die. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (open_into(o, place.folder, &done->files, f) == 0 &&
	    keeper_folders(place.folder, f) == 0 &&
	    ring_folders(place.folder, f) == 0 &&
	    revive(o, place.path, done, f) == 0)
		rc = keeper_place_keep(&place, f);
	keeper_place_drop(&place);
	if (rc != 0) {
		json_decref(done->who);
		done->who = NULL;
	}
	return rc;
}
