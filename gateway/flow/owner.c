/*
 * An owner as a vendor's home knows it: what `owner add` wrote, where its agent
 * was, and the newest checkpoint of its log that we saw.
 *
 * The card is what everything else is judged by, so it is used only once
 * somebody has compared its fingerprint: the keeper says so, whose log has the
 * card that was.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/flow/flow.h"
#include "gateway/flow/owner_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"

#define CARD "card"
#define OWN_CARD "own-card"
#define URL "url"
#define CHECKPOINT "checkpoint"
#define GIVEN "checkpoint-given" /* by a delivery, and not compared yet */

void
owner_known_close(struct owner_known *o)
{
	file_close(&o->dir);
}

static int
read_card(int dir, const char *name, struct card *out, struct fault *f)
{
	struct bytes text;
	int rc = -1;

	bytes_init(&text, CARD_BYTES_MAX);
	if (file_read(dir, name, &text, f) == 0)
		rc = card_read(out, text.at, text.len, f);
	bytes_free(&text);
	return rc;
}

/* A small file as text without its newline; "" where it is not there. */
static int
read_text(int dir, const char *name, char *out, size_t room, struct fault *f)
{
	struct bytes text;
	int rc;

	out[0] = '\0';
	if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	bytes_init(&text, room - 1);
	if ((rc = file_read(dir, name, &text, f)) == 0) {
		memcpy(out, text.at, text.len);
		out[text.len] = '\0';
		out[strcspn(out, "\n")] = '\0';
	}
	bytes_free(&text);
	return rc;
}

static int
load(struct owner_known *o, int owners, const char *id, struct fault *f)
{
	memset(o, 0, sizeof(*o));
	o->dir = -1;
	memcpy(o->id, id, ID_CHARS);
	if (folder_open(owners, id, &o->dir, f) != 0)
		return -1;
	if (read_card(o->dir, CARD, &o->card, f) != 0 ||
	    read_card(o->dir, OWN_CARD, &o->own, f) != 0 ||
	    read_text(o->dir, URL, o->url, sizeof(o->url), f) != 0)
		goto fail;
	if (strcmp(o->card.home, id) != 0 || !o->card.has_log) {
		(void)fault_set(f, FAULT_FORGED, "not the card of that owner");
		goto fail;
	}
	return 0;
fail:
	owner_known_close(o);
	return fault_at(f, "owners/%s", id);
}

/* Does the keeper call these cards by the same fingerprints? */
static int
compare(
    const struct owner_known *o, const json_t *said, bool *yes, struct fault *f)
{
	struct fingerprint theirs, own;
	const char *a, *b;
	json_t *us;

	*yes = false;
	if (doc_text(said, "fingerprint", &a, f) != 0 ||
	    doc_object(said, "own", &us, f) != 0 ||
	    doc_text(us, "fingerprint", &b, f) != 0 ||
	    card_fingerprint(&theirs, &o->card, f) != 0 ||
	    card_fingerprint(&own, &o->own, f) != 0)
		return -1;
	if (!fingerprint_same(&theirs, a) || !fingerprint_same(&own, b))
		return fault_set(f, FAULT_FORGED,
		    "owners/%s: changed while it was read", o->id);
	return doc_bool(said, "confirmed", yes, f);
}

static int
check_confirmed(struct keeper *k, const struct owner_known *o, struct fault *f)
{
	json_t *answer = NULL, *list;
	bool confirmed = false;
	int rc = -1;

	if (keeper_ask(k, KEEPER_OWNERS, json_object(), &answer, f) != 0 ||
	    doc_list(answer, "owners", &list, f) != 0)
		goto out;
	rc = 0;
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *id;

		if ((rc = doc_text(one, "home", &id, f)) == 0 &&
		    strcmp(id, o->id) == 0)
			rc = compare(o, one, &confirmed, f);
	}
	if (rc == 0 && !confirmed) {
		(void)fault_set(f, FAULT_POLICY,
		    "%s: the fingerprint of its card was not confirmed",
		    o->card.name);
		rc = fault_hint(f, "handoff owner add CARD --fingerprint F");
	}
out:
	json_decref(answer);
	return rc;
}

/* The search: what is wanted, and the best so far. */
struct search {
	const char *name, *url;
	unsigned found;
	bool by_url;
};

/* Keep o in *best if it is wanted; otherwise close it. */
static void
consider(struct search *s, struct owner_known *best, struct owner_known *o)
{
	bool at_url =
	    s->name == NULL && s->url != NULL && strcmp(o->url, s->url) == 0;
	bool wanted = s->name == NULL || strcmp(o->id, s->name) == 0 ||
		      strcmp(o->card.name, s->name) == 0;

	if (!wanted || (s->by_url && !at_url)) {
		owner_known_close(o);
		return;
	}
	if (at_url && !s->by_url) {
		s->by_url = true;
		s->found = 0;
	}
	owner_known_close(best);
	*best = *o;
	s->found++;
}

static int
search(struct search *s, int owners, struct owner_known *best, struct fault *f)
{
	int fd = openat(owners, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	    rc = 0;
	struct owner_known o;
	struct dirent *e;
	DIR *list;

	if (fd == -1 || (list = fdopendir(fd)) == NULL) {
		(void)fault_errno(f, "owners");
		file_close(&fd);
		return -1;
	}
	while (rc == 0 && (e = readdir(list)) != NULL) {
		if (!id_valid(e->d_name, 'h'))
			continue;
		if ((rc = load(&o, owners, e->d_name, f)) == 0)
			consider(s, best, &o);
	}
	(void)closedir(list); /* reading: nothing to lose */
	return rc;
}

/* An owner's home has none of them, which is another mistake. */
static int
none_such(struct keeper *k, const char *name, struct fault *f)
{
	json_t *who;
	bool owner;

	if (keeper_ask(k, KEEPER_WHO, json_object(), &who, f) != 0)
		return -1;
	owner = strcmp(json_string_value(json_object_get(who, "role")),
		    "owner") == 0;
	json_decref(who);
	if (owner)
		return fault_set(f, FAULT_USAGE,
		    "this is for a vendor's home, and this is an owner's");
	if (name != NULL)
		(void)fault_set(f, FAULT_INPUT, "%s: no such owner", name);
	else
		(void)fault_set(
		    f, FAULT_INPUT, "this home knows no owner of that address");
	return fault_hint(f, "handoff owner list");
}

int
owner_known_find(struct owner_known *out, struct keeper *k, int home,
    const char *name, const char *url, struct fault *f)
{
	struct search s = { name, url, 0, false };
	int owners, rc;

	memset(out, 0, sizeof(*out));
	out->dir = -1;
	if (folder_open(home, "owners", &owners, f) != 0)
		return -1;
	rc = search(&s, owners, out, f);
	file_close(&owners);
	if (rc == 0 && s.found == 0)
		rc = none_such(k, name, f);
	else if (rc == 0 && s.found > 1) {
		(void)fault_set(f, FAULT_USAGE, "several owners would do");
		rc = fault_hint(f, "name one that handoff owner list has");
	} else if (rc == 0) {
		rc = check_confirmed(k, out, f);
	}
	if (rc != 0)
		owner_known_close(out);
	return rc;
}

int
owner_url(char out[OWNER_URL_MAX + 1], const char *given, struct fault *f)
{
	static const char https[] = "https://";
	bool whole = strncmp(given, https, sizeof(https) - 1) == 0;
	int n =
	    snprintf(out, OWNER_URL_MAX + 1, "%s%s", whole ? "" : https, given);

	if (n < 0 || (size_t)n > OWNER_URL_MAX)
		return fault_set(f, FAULT_USAGE, "the address is too long");
	while (n > 0 && out[n - 1] == '/')
		out[--n] = '\0';
	return 0;
}

int
owner_keep_url(struct owner_known *o, const char *url, struct fault *f)
{
	if (strcmp(o->url, url) == 0)
		return 0;
	(void)snprintf(o->url, sizeof(o->url), "%s", url);
	return file_put(o->dir, URL, url, strlen(url), true, f);
}

int
owner_recipient(
    const struct owner_known *o, uint8_t out[DIGEST_BYTES], struct fault *f)
{
	struct bytes text;
	int rc;

	bytes_init(&text, 4096);
	if ((rc = age_recipient_write(&text, &o->own.age, f)) == 0)
		digest_of(out, text.at, text.len);
	bytes_free(&text);
	return rc;
}

/* A checkpoint that is kept; size 0: none. */
static int
kept_checkpoint(const struct owner_known *o, const char *name,
    struct audit_checkpoint *out, struct fault *f)
{
	struct bytes text;
	int rc = -1;

	*out = (struct audit_checkpoint){ .size = 0 };
	if (faccessat(o->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	bytes_init(&text, AUDIT_CHECKPOINT_MAX);
	if (file_read(o->dir, name, &text, f) == 0)
		rc = audit_checkpoint_open(
		    out, text.at, text.len, &o->card.log, f);
	bytes_free(&text);
	return rc == 0 ? 0 : fault_at(f, "owners/%s/%s", o->id, name);
}

static int
same_root(const struct owner_known *o, const struct audit_checkpoint *a,
    const struct audit_checkpoint *b, struct fault *f)
{
	if (memcmp(a->root, b->root, DIGEST_BYTES) == 0)
		return 0;
	return fault_set(
	    f, FAULT_FORGED, "%s: its log has two histories", o->card.name);
}

/* Does the log as it is now hold all that it held then? */
static int
check_grown(const struct owner_known *o, const char *name,
    const struct audit_checkpoint *was, const struct audit_checkpoint *now,
    const struct audit_tiles *tiles, struct fault *f)
{
	if (was->size == 0)
		return 0;
	if (now->size == was->size)
		return same_root(o, was, now, f);
	if (now->size > was->size)
		return audit_consistent(was, now, tiles, f) == 0
			   ? 0
			   : fault_at(f, "%s: its log", o->card.name);
	(void)fault_set(f, FAULT_FORGED,
	    "%s: its log is shorter than it was (%llu entries, not %llu)",
	    o->card.name, (unsigned long long)now->size,
	    (unsigned long long)was->size);
	return fault_hint(f,
	    "ask the owner whether a backup was restored; keep owners/%s/%s",
	    o->id, name);
}

/* A delivery in a folder brings a checkpoint without the log.  It may be older
 * than what we saw, or newer; there is no telling yet, and it is asked about
 * when the agent is reached: of several the longest, which holds the others. */
static int
keep_given(const struct owner_known *o, const struct audit_checkpoint *was,
    const struct audit_checkpoint *now, struct slice text, struct fault *f)
{
	struct audit_checkpoint given;

	if (was->size == 0)
		return file_put(o->dir, CHECKPOINT, text.at, text.len, true, f);
	if (now->size == was->size)
		return same_root(o, was, now, f);
	if (kept_checkpoint(o, GIVEN, &given, f) != 0)
		return -1;
	if (now->size == given.size)
		return same_root(o, &given, now, f);
	return now->size < given.size
		   ? 0
		   : file_put(o->dir, GIVEN, text.at, text.len, true, f);
}

int
owner_checkpoint(struct owner_known *o, const struct audit_checkpoint *now,
    struct slice text, const struct audit_tiles *tiles, struct fault *f)
{
	struct audit_checkpoint was, given;

	if (kept_checkpoint(o, CHECKPOINT, &was, f) != 0)
		return -1;
	if (tiles == NULL)
		return keep_given(o, &was, now, text, f);
	if (check_grown(o, CHECKPOINT, &was, now, tiles, f) != 0 ||
	    kept_checkpoint(o, GIVEN, &given, f) != 0 ||
	    check_grown(o, GIVEN, &given, now, tiles, f) != 0)
		return -1;
	if (now->size > was.size &&
	    file_put(o->dir, CHECKPOINT, text.at, text.len, true, f) != 0)
		return -1;
	if (given.size > 0 && unlinkat(o->dir, GIVEN, 0) != 0)
		return fault_errno(f, "owners/%s/" GIVEN, o->id);
	return 0;
}
