/*
 * What an owner has for us, and how far we are with it.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/flow/fetch_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"

static const char *
state_word(const struct inbox_state *s)
{
	if (s->complete)
		return s->acknowledged ? "here" : "not acknowledged";
	return "begun";
}

/* Say of a row of the owner's list how far we are. */
static int
say_here(int home, json_t *row, struct fault *f)
{
	const char *id;
	struct fault none = { 0 };
	struct inbox_state s;
	bool there;
	int dir, rc;

	if (doc_text(row, "batch", &id, f) != 0)
		return -1;
	if (inbox_open(home, id, false, &dir, &none) != 0)
		return 0;
	rc = inbox_load(dir, &s, &there, f);
	if (rc == 0 && there &&
	    (json_object_set_new(row, "here", json_string(state_word(&s))) !=
		    0 ||
		json_object_set_new(row, "folder", json_string(s.folder)) != 0))
		rc = fault_memory(f);
	file_close(&dir);
	return rc;
}

/* Without an agent: what is here. */
struct listing {
	const struct owner_known *owner; /* NULL: any */
	json_t *rows;
};

static int
list_here(void *arg, int dir, const struct inbox_state *s, struct fault *f)
{
	struct listing *l = arg;
	json_t *row;

	(void)dir;
	if (l->owner != NULL && strcmp(s->owner, l->owner->id) != 0)
		return 0;
	row = json_pack("{s:s,s:s,s:s,s:s,s:I,s:I}", "batch", s->batch, "name",
	    s->name, "here", state_word(s), "folder", s->folder, "shards",
	    (json_int_t)s->shards, "items", (json_int_t)s->items);
	if (row == NULL || json_array_append_new(l->rows, row) != 0)
		return fault_memory(f);
	return 0;
}

static int
ask_agent(struct keeper *k, const struct flow_inbox *in, struct owner_known *o,
    const char *url, int home, json_t **rows, struct fault *f)
{
	const struct slice nothing = { NULL, 0 };
	json_t *answer = NULL, *list;
	struct talk t;
	int rc = -1;

	if (talk_open(&t, k, o, url, &in->progress, f) != 0)
		return -1;
	if (talk_ask(&t, "/v1/batches", nothing, &answer, f) != 0 ||
	    owner_keep_url(o, url, f) != 0 ||
	    doc_list(answer, "batches", &list, f) != 0)
		goto out;
	rc = 0;
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++)
		rc = say_here(home, json_array_get(list, i), f);
	if (rc == 0)
		*rows = json_incref(list);
out:
	talk_close(&t);
	json_decref(answer);
	return rc;
}

static int
inbox(struct keeper *k, const struct flow_inbox *o, int home, json_t **out,
    struct fault *f)
{
	char url[OWNER_URL_MAX + 1] = "";
	struct owner_known owner;
	struct listing l = { &owner, NULL };
	int rc;

	if (o->agent != NULL && owner_url(url, o->agent, f) != 0)
		return -1;
	if (owner_known_find(
		&owner, k, home, o->owner, url[0] != '\0' ? url : NULL, f) != 0)
		return -1;
	if (url[0] == '\0')
		memcpy(url, owner.url, sizeof(url));
	if (url[0] != '\0')
		rc = ask_agent(k, o, &owner, url, home, &l.rows, f);
	else if ((l.rows = json_array()) == NULL)
		rc = fault_memory(f);
	else
		rc = inbox_each(home, list_here, &l, f);
	if (rc == 0 &&
	    (*out = json_pack("{s:s,s:s,s:s,s:O}", "owner", owner.card.name,
		 "home", owner.id, "agent", url, "batches", l.rows)) == NULL)
		rc = fault_memory(f);
	json_decref(l.rows);
	owner_known_close(&owner);
	return rc;
}

int
flow_inbox_check(const struct flow_inbox *o, struct fault *f)
{
	char url[OWNER_URL_MAX + 1];

	if (o->agent == NULL)
		return 0;
	if (owner_url(url, o->agent, f) != 0)
		return -1;
	return courier_url(url, f);
}

int
flow_inbox(
    struct keeper *k, const struct flow_inbox *o, json_t **out, struct fault *f)
{
	int home, rc;

	*out = NULL;
	if (folder_open(AT_FDCWD, o->home, &home, f) != 0)
		return -1;
	rc = inbox(k, o, home, out, f);
	file_close(&home);
	return rc;
}

int
flow_inbox_here(const char *home, json_t **out, struct fault *f)
{
	struct listing l = { .rows = json_array() };
	int fd, rc = -1;

	*out = NULL;
	if (l.rows == NULL)
		return fault_memory(f);
	if (folder_open(AT_FDCWD, home, &fd, f) == 0) {
		rc = inbox_each(fd, list_here, &l, f);
		file_close(&fd);
	}
	if (rc == 0 && (*out = json_pack("{s:O}", "batches", l.rows)) == NULL)
		rc = fault_memory(f);
	json_decref(l.rows);
	return rc;
}

/* ---- Receipts ---- */

static int
add_receipt(int dir, const struct inbox_state *s, uint32_t g, json_t *rows,
    struct fault *f)
{
	struct bytes text;
	char name[32];
	json_t *row;
	int rc = -1;

	(void)snprintf(name, sizeof(name), "receipt-%u", g);
	if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	bytes_init(&text, AUDIT_RECEIPT_MAX + 1);
	if (file_read(dir, name, &text, f) != 0 ||
	    bytes_end_text(&text, f) != 0)
		goto out;
	row = json_pack("{s:s,s:s,s:s,s:s}", "batch", s->batch, "name", s->name,
	    "owner", s->owner, "receipt", (const char *)text.at);
	if (row == NULL || json_array_append_new(rows, row) != 0)
		(void)fault_memory(f);
	else
		rc = 0;
out:
	bytes_free(&text);
	return rc;
}

static int
list_receipts(void *arg, int dir, const struct inbox_state *s, struct fault *f)
{
	for (uint32_t g = 0; g * FETCH_GROUP < s->shards; g++)
		if (add_receipt(dir, s, g, arg, f) != 0)
			return -1;
	return 0;
}

int
flow_receipts(const char *path, json_t **out, struct fault *f)
{
	json_t *rows = json_array();
	int home, rc;

	*out = NULL;
	if (rows == NULL)
		return fault_memory(f);
	if (folder_open(AT_FDCWD, path, &home, f) != 0) {
		json_decref(rows);
		return -1;
	}
	rc = inbox_each(home, list_receipts, rows, f);
	file_close(&home);
	if (rc == 0 && (*out = json_pack("{s:O}", "receipts", rows)) == NULL)
		rc = fault_memory(f);
	json_decref(rows);
	return rc;
}
