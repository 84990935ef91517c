/*
 * Asking an owner's agent: a nonce, a statement by our keeper over the request,
 * the courier, and the answer opened by our keeper again.
 */

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/flow/flow.h"
#include "gateway/flow/owner_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define NONCE_PATH "/v1/nonce"

static void
tell(void *state, uint64_t done, uint64_t total)
{
	const struct flow_progress *p = ((const struct talk *)state)->progress;

	if (p->tell != NULL)
		p->tell(p->arg, "transferring, MiB", done >> 20, total >> 20);
}

static void
tell_connecting(void *state)
{
	const struct talk *t = state;

	if (t->progress->tell != NULL)
		t->progress->tell(t->progress->arg, t->connecting, 0, 0);
}

int
talk_open(struct talk *t, struct keeper *k, struct owner_known *o,
    const char *url, const struct flow_progress *progress, struct fault *f)
{
	struct courier_options c = { .url = url,
		.key = o->id,
		.retries = COURIER_RETRIES,
		.progress = tell,
		.connecting = tell_connecting,
		.state = t };
	const char *host = strstr(url, "://");

	*t = (struct talk){
		.keeper = k, .owner = o, .channel = -1, .progress = progress
	};
	(void)snprintf(t->connecting, sizeof(t->connecting), "connecting to %s",
	    host != NULL ? host + 3 : url);
	memcpy(c.pin, o->card.tls, sizeof(c.pin));
	if (keeper_peer(k, KEEPER_COURIER, json_pack("{s:s}", "owner", o->id),
		&t->channel, f) != 0)
		return -1;
	c.keeper = t->channel;
	if (courier_open(&t->courier, &c, f) != 0) {
		talk_close(t);
		return -1;
	}
	return 0;
}

void
talk_close(struct talk *t)
{
	courier_close(t->courier);
	t->courier = NULL;
	file_close(&t->channel);
}

/* ---- Requests ---- */

static int
get_nonce(struct talk *t, char out[2 * DIGEST_BYTES + 1], struct fault *f)
{
	const struct slice none = { NULL, 0 };
	uint8_t raw[DIGEST_BYTES];
	struct bytes b;
	json_t *o = NULL;
	int rc = -1;

	bytes_init(&b, 4096);
	if (courier_get(t->courier, NONCE_PATH, none, &b, f) == 0 &&
	    doc_read(&o, b.at, b.len, f) == 0 &&
	    doc_hex(o, "nonce", raw, sizeof(raw), f) == 0) {
		hex_write(out, raw, sizeof(raw));
		rc = 0;
	}
	json_decref(o);
	bytes_free(&b);
	return rc;
}

int
talk_sign(struct talk *t, const struct talk_request *r, struct bytes *statement,
    struct fault *f)
{
	char nonce[2 * DIGEST_BYTES + 1], body[DIGEST_CHARS + 1];
	uint8_t digest[DIGEST_BYTES];
	const char *text;
	json_t *out = NULL;
	int rc = -1;

	if (get_nonce(t, nonce, f) != 0)
		return -1;
	digest_of(digest, r->body.at, r->body.len);
	hex_write(body, digest, sizeof(digest));
	if (keeper_ask(t->keeper, KEEPER_SIGN_REQUEST,
		json_pack("{s:s,s:s,s:s,s:s,s:s}", "owner", t->owner->id,
		    "method", r->body.at == NULL ? "GET" : "POST", "path",
		    r->path, "nonce", nonce, "body", body),
		&out, f) == 0 &&
	    doc_text(out, "statement", &text, f) == 0)
		rc = bytes_add_text(statement, text, f);
	json_decref(out);
	return rc;
}

/* Bytes in a file of no name, which stands at its start. */
static int
file_of(struct slice s, int *fd, struct fault *f)
{
	if ((*fd = memfd_create("handoff", MFD_CLOEXEC)) == -1)
		return fault_errno(f, "a file in memory");
	if ((s.len == 0 || file_write(*fd, s.at, s.len, f) == 0) &&
	    lseek(*fd, 0, SEEK_SET) == 0)
		return 0;
	file_close(fd);
	return f->kind != FAULT_NONE ? -1 : fault_errno(f, "seek");
}

int
talk_unseal(struct keeper *k, const char *owner, struct slice sealed,
    struct bytes *out, struct fault *f)
{
	const struct slice none = { NULL, 0 };
	int fds[2] = { -1, -1 }, rc = -1;
	struct keeper_fds pass = { fds, 2, NULL, 0 };

	if (file_of(sealed, &fds[0], f) != 0 || file_of(none, &fds[1], f) != 0)
		goto out;
	if (keeper_ask_fds(k, KEEPER_OPEN_SEALED,
		json_pack("{s:s}", "owner", owner), &pass, NULL, f) != 0)
		goto out;
	if (lseek(fds[1], 0, SEEK_SET) != 0)
		(void)fault_errno(f, "seek");
	else
		rc = file_read_fd(fds[1], out, f);
out:
	file_close(&fds[0]);
	file_close(&fds[1]);
	return rc;
}

int
talk_send(struct talk *t, const struct talk_request *r, struct bytes *answer,
    struct fault *f)
{
	struct bytes sealed;
	int rc;

	bytes_init(&sealed, MESSAGE_MAX);
	if (r->body.at == NULL)
		rc = courier_get(t->courier, r->path, r->statement, &sealed, f);
	else
		rc = courier_post(
		    t->courier, r->path, r->statement, r->body, &sealed, f);
	if (rc == 0)
		rc = talk_unseal(t->keeper, t->owner->id,
		    (struct slice){ sealed.at, sealed.len }, answer, f);
	bytes_free(&sealed);
	return rc;
}

bool
talk_is_stale(const struct fault *f)
{
	return f->kind == FAULT_POLICY &&
	       strstr(f->text, "(rule nonce)") != NULL;
}

static int
ask_signed(struct talk *t, struct talk_request *r, struct bytes *answer,
    struct fault *f)
{
	struct bytes statement;
	int rc = -1;

	bytes_init(&statement, DSSE_BYTES_MAX);
	if (talk_sign(t, r, &statement, f) == 0) {
		r->statement = (struct slice){ statement.at, statement.len };
		rc = talk_send(t, r, answer, f);
	}
	bytes_free(&statement);
	return rc;
}

int
talk_ask(struct talk *t, const char *path, struct slice body, json_t **out,
    struct fault *f)
{
	struct talk_request r = { .path = path, .body = body };
	struct bytes answer;
	int rc;

	*out = NULL;
	bytes_init(&answer, MESSAGE_MAX);
	rc = ask_signed(t, &r, &answer, f);
	if (rc != 0 && talk_is_stale(f)) {
		fault_clear(f);
		bytes_reset(&answer);
		rc = ask_signed(t, &r, &answer, f);
	}
	if (rc == 0)
		rc = doc_read(out, answer.at, answer.len, f);
	bytes_free(&answer);
	return rc;
}

/* ---- Objects and the log ---- */

#define RUN ((size_t)256 << 10)

static int
digest_file(int fd, uint8_t out[DIGEST_BYTES], struct fault *f)
{
	uint8_t *buf = mem_new(RUN);
	struct digest *d = NULL;
	size_t got = RUN;
	int rc = -1;

	if (buf == NULL)
		return fault_memory(f);
	if (lseek(fd, 0, SEEK_SET) != 0)
		(void)fault_errno(f, "seek");
	else
		rc = digest_new(&d, f);
	while (rc == 0 && got == RUN)
		if ((rc = file_read_some(fd, buf, RUN, &got, f)) == 0)
			digest_add(d, buf, got);
	if (rc == 0)
		digest_end(d, out);
	digest_free(d);
	mem_free(buf);
	return rc;
}

int
talk_object(struct talk *t, const uint8_t sha256[DIGEST_BYTES], uint64_t bytes,
    int fd, struct fault *f)
{
	char hex[DIGEST_CHARS + 1], path[DIGEST_CHARS + 32];
	struct courier_range r = { .path = path, .count = bytes, .fd = fd };
	uint8_t is[DIGEST_BYTES];
	uint64_t got;

	hex_write(hex, sha256, DIGEST_BYTES);
	(void)snprintf(path, sizeof(path), "/v1/objects/%s", hex);
	if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return fault_errno(f, "a file for object %.12s...", hex);
	if (courier_fetch(t->courier, &r, &got, f) != 0 ||
	    digest_file(fd, is, f) != 0)
		return -1;
	if (memcmp(is, sha256, DIGEST_BYTES) != 0)
		return fault_set(f, FAULT_FORGED,
		    "object %.12s...: what came has another digest", hex);
	return 0;
}

static int
get_tile(void *arg, const struct audit_tile *tile, struct bytes *out,
    struct fault *f)
{
	const struct slice none = { NULL, 0 };
	char path[AUDIT_PATH_MAX + 16], name[AUDIT_PATH_MAX + 1];
	struct talk *t = arg;

	audit_tile_path(name, tile);
	(void)snprintf(path, sizeof(path), "/v1/log/%s", name);
	return courier_get(t->courier, path, none, out, f);
}

struct audit_tiles
talk_tiles(struct talk *t)
{
	return (struct audit_tiles){ get_tile, t };
}
