/*
 * keys/home.json: who this home is, in the clear.
 *
 * It holds the recipients of the branches, so that keys can be wrapped while
 * everything is locked, and the recovery recipient.  Its digest is sealed with
 * the root and each branch: an altered record stops the next unlock.
 */

#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/ring/ring_internal.h"

#define RECORD_NAME "home.json"
#define RECORD_FORMAT 1u

const char *const ring_branches[RING_BRANCHES] = { "release", "export",
	"reveal" };

static const char *const role_names[] = { "owner", "vendor", "officer" };

const char *
role_name(enum role role)
{
	must(role <= ROLE_OFFICER);
	return role_names[role];
}

/* A recipient as JSON text, null when there is none; NULL with the fault. */
static json_t *
recipient_json(const struct age_recipient *r, struct fault *f)
{
	json_t *value = NULL;
	struct bytes text;

	if (r == NULL)
		return json_null();
	bytes_init(&text, RECORD_MAX);
	if (age_recipient_write(&text, r, f) == 0 &&
	    (value = json_stringn((const char *)text.at, text.len)) == NULL)
		(void)fault_memory(f);
	bytes_free(&text);
	return value;
}

/* Set a member to value, which is then o's, or gone. */
static int
set(json_t *o, const char *key, json_t *value, struct fault *f)
{
	if (value == NULL || json_object_set_new(o, key, value) != 0)
		return f->kind != FAULT_NONE ? -1 : fault_memory(f);
	return 0;
}

static int
fill(json_t *o, json_t *to, const struct ring *r, struct fault *f)
{
	for (unsigned b = 0; b < RING_BRANCHES; b++)
		if (set(to, ring_branches[b], recipient_json(&r->to[b], f),
			f) != 0)
			return -1;
	if (set(o, "format", json_integer(RECORD_FORMAT), f) != 0 ||
	    set(o, "home", json_string(r->id), f) != 0 ||
	    set(o, "role", json_string(role_name(r->role)), f) != 0 ||
	    set(o, "split", json_boolean(r->split), f) != 0)
		return -1;
	return set(o, "recovery",
	    recipient_json(r->has_recovery ? &r->recovery : NULL, f), f);
}

int
record_write(struct ring *r, struct fault *f)
{
	json_t *o = json_object(), *to = json_object();
	struct bytes text;
	int rc = -1;

	bytes_init(&text, RECORD_MAX);
	if (o == NULL || to == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (fill(o, to, r, f) != 0 ||
	    set(o, "branches", json_incref(to), f) != 0 ||
	    doc_write(&text, o, f) != 0 || bytes_add(&text, "\n", 1, f) != 0 ||
	    file_put(r->keys, RECORD_NAME, text.at, text.len, false, f) != 0)
		goto out;
	digest_of(r->record, text.at, text.len);
	rc = 0;
out:
	bytes_free(&text);
	json_decref(to);
	json_decref(o);
	return rc;
}

static int
take_recipient(const json_t *o, const char *key, struct age_recipient *out,
    struct fault *f)
{
	const char *text;

	if (doc_text(o, key, &text, f) != 0)
		return -1;
	if (age_recipient_read(out, text, strlen(text), f) != 0)
		return fault_at(f, "%s", key);
	return 0;
}

int
role_take(const json_t *o, enum role *out, struct fault *f)
{
	const char *text;

	if (doc_text(o, "role", &text, f) != 0)
		return -1;
	for (unsigned i = 0; i < sizeof(role_names) / sizeof(*role_names); i++)
		if (strcmp(text, role_names[i]) == 0) {
			*out = (enum role)i;
			return 0;
		}
	return fault_set(f, FAULT_INPUT, "role: no such role");
}

static int
take_members(struct ring *r, const json_t *o, struct fault *f)
{
	const char *id;
	uint64_t format;
	json_t *to;

	if (!json_is_object(o))
		return fault_set(f, FAULT_INPUT, "not an object");
	if (doc_number(o, "format", UINT32_MAX, &format, f) != 0)
		return -1;
	if (format != RECORD_FORMAT)
		return fault_set(f, FAULT_INPUT,
		    "format %u, and this program knows %u", (unsigned)format,
		    RECORD_FORMAT);
	if (doc_only(o, "branches format home recovery role split", f) != 0 ||
	    doc_text(o, "home", &id, f) != 0 ||
	    role_take(o, &r->role, f) != 0 ||
	    doc_bool(o, "split", &r->split, f) != 0 ||
	    doc_object(o, "branches", &to, f) != 0 ||
	    doc_only(to, "release export reveal", f) != 0)
		return -1;
	if (!id_valid(id, 'h'))
		return fault_set(f, FAULT_INPUT, "home: not an id");
	memcpy(r->id, id, sizeof(r->id));
	for (unsigned b = 0; b < RING_BRANCHES; b++)
		if (take_recipient(to, ring_branches[b], &r->to[b], f) != 0)
			return -1;
	r->has_recovery = !json_is_null(json_object_get(o, "recovery"));
	if (!r->has_recovery)
		return 0;
	return take_recipient(o, "recovery", &r->recovery, f);
}

int
record_read(struct ring *r, struct fault *f)
{
	json_t *o = NULL;
	struct bytes text;
	int rc = -1;

	bytes_init(&text, RECORD_MAX);
	if (file_read(r->keys, RECORD_NAME, &text, f) == 0 &&
	    doc_read(&o, text.at, text.len, f) == 0 &&
	    take_members(r, o, f) == 0)
		rc = 0;
	else
		(void)fault_at(f, "keys/%s", RECORD_NAME);
	digest_of(r->record, text.at, text.len);
	json_decref(o);
	bytes_free(&text);
	return rc;
}
