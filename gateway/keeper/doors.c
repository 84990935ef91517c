/*
 * What the listener may have for whoever knocks: its own TLS key, whether a key
 * is known, nonces, ciphertext, and the log's hashes.
 */

#include <string.h>
#include <sys/stat.h>

#include "gateway/keeper/asker_internal.h"
#include "gateway/keeper/request_internal.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"

int
door_identity(void *state, struct asked *a, struct fault *f)
{
	static const struct ring_name name = { RING_TLS, "1", 0 };
	struct home *h = state;
	struct sign_key k = { 0 };
	int rc;

	if (take_end(&a->in, f) != 0 || home_need(h, a, RING_RELEASE, f) != 0 ||
	    ring_get_sign_key(h->ring, &name, &k, f) != 0)
		return -1;
	rc = bytes_add(&a->answer->body, sign_key_seed(&k), SIGN_SEED_BYTES, f);
	sign_key_free(&k);
	return rc;
}

/* A key that nobody knows was here. */
static int
record_stranger(struct home *h, const struct asker *k, struct fault *f)
{
	struct catalog_fact key = { "tls", { k->r.key, sizeof(k->r.key) } };
	struct catalog_entry e = {
		.kind = "stranger", .facts = &key, .nfacts = 1
	};
	struct visit v = { "", k->r.key, "" };
	char id[ID_CHARS + 1];
	bool note;
	int rc;

	if (visits_note(h->visits, &v, clock_monotonic(), &note, f) != 0)
		return -1;
	if (!note)
		return 0;
	id_new(id, 'x');
	if ((e.body = json_pack("{s:s}", "stranger", id)) == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	return rc;
}

int
door_who(void *state, struct asked *a, struct fault *f)
{
	struct asker k;
	enum agent_who who = AGENT_VENDOR;

	if (asker_known(state, a, &k, f) != 0) {
		if (k.rule == NULL)
			return -1;
		fault_clear(f);
		who = AGENT_STRANGER;
		if (record_stranger(state, &k, f) != 0)
			return -1;
	}
	return put_u8(&a->answer->body, (uint8_t)who, f);
}

int
door_nonce(void *state, struct asked *a, struct fault *f)
{
	struct agent_answer out = { .status = 200, .type = "application/json" };
	char nonce[REQUEST_NONCE_CHARS + 1];
	char body[REQUEST_NONCE_CHARS + 32];
	struct home *h = state;
	struct asker k;

	if (asker_known(h, a, &k, f) != 0)
		return asker_end(h, a, &k, -1, f);
	visits_nonce(h->visits, k.r.key, clock_monotonic(), nonce);
	(void)snprintf(body, sizeof(body), "{\"nonce\":\"%s\"}", nonce);
	out.body = slice_of_text(body);
	return agent_put_answer(a->answer, &out, -1, f);
}

int
object_open(const struct home *h, const uint8_t sha256[DIGEST_BYTES], int *fd,
    uint64_t *bytes, struct fault *f)
{
	char hex[DIGEST_CHARS + 1], path[DIGEST_CHARS + 16];
	struct stat st;

	hex_write(hex, sha256, DIGEST_BYTES);
	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	if (file_open_read(h->dir, path, fd, f) != 0)
		return -1;
	if (fstat(*fd, &st) != 0) {
		(void)fault_errno(f, "%s", path);
		file_close(fd);
		return -1;
	}
	*bytes = (uint64_t)st.st_size;
	return 0;
}

static int
no_object(struct asked *a, struct fault *f)
{
	return agent_put_refusal(a->answer, 404, "there is no such object",
	    "objects", "handoff inbox", f);
}

/* Ciphertext, to the vendor whose batch it is of, while it could be released:
 * who has a header from before it was withdrawn gets no bytes for it. */
int
door_object(void *state, struct asked *a, struct fault *f)
{
	struct agent_answer out = {
		.status = 200, .type = "application/octet-stream", .file = true
	};
	struct home *h = state;
	struct catalog_object of;
	struct asker k;
	bool found;
	int fd = -1, rc;

	if (asker_known(h, a, &k, f) != 0 || asker_served(&k, f) != 0)
		return asker_end(h, a, &k, -1, f);
	if (catalog_object(
		h->catalog, k.vendor.id, k.r.digest, &found, &of, f) != 0)
		return asker_end(h, a, &k, -1, f);
	if (!found)
		return no_object(a, f);
	if (asker_object(h, &k, &of, f) != 0)
		return asker_end(h, a, &k, -1, f);
	if (object_open(h, k.r.digest, &fd, &out.length, f) != 0) {
		if (f->kind != FAULT_INPUT)
			return -1;
		fault_clear(f);
		return no_object(a, f);
	}
	rc = agent_put_answer(a->answer, &out, fd, f);
	file_close(&fd);
	return rc;
}

#define LOG_PATH "/v1/log/"

/* Hashes to whoever is confirmed, suspended or not, since they are what vendors
 * watch the log by; entries are for officers. */
static int
log_resource(
    struct home *h, struct asker *k, struct bytes *out, struct fault *f)
{
	const char *tail = k->r.path + strlen(LOG_PATH);
	struct audit *log = catalog_audit(h->catalog);
	struct audit_tile t;

	if (strcmp(tail, "checkpoint") == 0) {
		struct slice head = audit_head(log);

		return bytes_add(out, head.at, head.len, f);
	}
	if (!audit_tile_read(&t, tail))
		return fault_set(
		    f, FAULT_INPUT, "there is no such part of a log");
	if (t.entries)
		return asker_refuse(
		    k, f, "officers-only", "entries are for officers");
	return audit_tile_get(log, &t, out, f);
}

int
door_log(void *state, struct asked *a, struct fault *f)
{
	struct agent_answer out = { .status = 200,
		.type = "application/octet-stream" };
	struct home *h = state;
	struct bytes body;
	struct asker k;
	int rc = -1;

	if (asker_known(h, a, &k, f) != 0 || asker_confirmed(&k, f) != 0)
		return asker_end(h, a, &k, -1, f);
	if (strncmp(k.r.path, LOG_PATH, strlen(LOG_PATH)) != 0)
		return fault_set(f, FAULT_INPUT, "not a path of the log");
	bytes_init(&body, AUDIT_BUNDLE_MAX);
	if (log_resource(h, &k, &body, f) == 0) {
		out.body = (struct slice){ body.at, body.len };
		rc = agent_put_answer(a->answer, &out, -1, f);
	} else if (f->kind == FAULT_INPUT) {
		struct fault why = *f;

		fault_clear(f);
		rc = agent_put_refusal(a->answer, 404, why.text, "log", "", f);
	} else {
		rc = asker_end(h, a, &k, -1, f);
	}
	bytes_free(&body);
	return rc;
}
