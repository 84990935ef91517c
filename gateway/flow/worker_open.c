/*
 * The opener's role, and its jobs on what an owner sent.
 *
 *     keeper -- file key --> opener --> members, in the folder
 *     draft, index  -------^      '--> lines about items
 *
 * It can open files below the one folder that it unpacks into, and nothing
 * else.  A shard's members become visible only whole and verified
 * (package_unpack()).
 */

#include <inttypes.h>
#include <seccomp.h>
#include <string.h>

#include "gateway/flow/worker_open_internal.h"
#include "gateway/keeper/keeper.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

enum { BY_FLOW = 1 };

struct opener {
	struct channel *keeper; /* NULL: it was given none */
	int folder;		/* -1: likewise */
};

/* ---- Objects and their keys ---- */

static int
put_object(struct message *m, const struct opener_object *o, struct fault *f)
{
	if (put_slice(&m->body, o->header.at, o->header.len, f) != 0 ||
	    put_u64(&m->body, o->at, f) != 0 ||
	    put_u64(&m->body, o->bytes, f) != 0)
		return -1;
	return message_add_fd(m, o->fd, f);
}

/* An object as a job has it; opened_free() it, failed or not. */
struct opened {
	struct package_payload payload;
	struct secret key;
};

static int
ask_key(
    struct opener *w, struct slice header, struct secret *key, struct fault *f)
{
	struct message m, answer;
	struct reader r;
	int rc = -1;

	if (w->keeper == NULL)
		return fault_set(f, FAULT_USAGE, "no keeper to ask");
	message_init(&m, AGE_HEADER_MAX + 64);
	message_init(&answer, 4096);
	if (ask_begin(&m, KEEPER_FILE_KEY, f) == 0 &&
	    put_slice(&m.body, header.at, header.len, f) == 0 &&
	    ask(w->keeper, &m, &answer, &r, f) == 0 &&
	    secret_new(key, AGE_FILE_KEY_BYTES, f) == 0 &&
	    take_bytes(&r, key->at, key->len, f) == 0)
		rc = take_end(&r, f);
	message_free(&m);
	message_free(&answer);
	return rc;
}

static int
take_object(struct opener *w, struct asked *a, size_t nth, struct opened *o,
    struct fault *f)
{
	struct slice header;

	if (take_slice(&a->in, AGE_HEADER_MAX, &header, f) != 0 ||
	    take_u64(&a->in, &o->payload.at, f) != 0 ||
	    take_u64(&a->in, &o->payload.bytes, f) != 0 ||
	    message_fd(a->request, nth, &o->payload.fd, f) != 0)
		return -1;
	o->payload.file_key = &o->key;
	return ask_key(w, header, &o->key, f);
}

static void
opened_free(struct opened *o)
{
	file_close(&o->payload.fd);
	secret_free(&o->key);
}

/* ---- Check ---- */

int
opener_put_check(
    struct message *job, const struct opener_object *o, struct fault *f)
{
	if (ask_begin(job, OPENER_CHECK, f) != 0)
		return -1;
	return put_object(job, o, f);
}

int
opener_take_checked(
    struct reader *r, struct opener_checked *out, struct fault *f)
{
	if (take_u64(r, &out->whole, f) != 0 || take_u32(r, &out->nbad, f) != 0)
		return -1;
	if (out->nbad > OPENER_BAD_MAX)
		return fault_set(f, FAULT_PEER, "too many bad chunks");
	for (uint32_t i = 0; i < out->nbad; i++)
		if (take_u64(r, &out->bad[i], f) != 0)
			return -1;
	return take_end(r, f);
}

/* One chunk: *there false when the draft ends before it does. */
static int
check_chunk(struct age_stream *s, const struct package_payload *p, uint64_t n,
    uint8_t *buf, bool *there, bool *good, struct fault *f)
{
	uint64_t at = age_chunk_at(n), left = p->bytes - at;
	bool final = left <= AGE_SEALED_CHUNK_BYTES;
	size_t len = final ? (size_t)left : AGE_SEALED_CHUNK_BYTES, got;
	struct fault why = { 0 };

	if (file_read_at(p->fd, buf, len, p->at + at, &got, f) != 0)
		return -1;
	*there = got == len;
	*good = *there && age_chunk_open(s, n, final, buf, len, buf, &why) == 0;
	return 0;
}

static int
check_all(struct age_stream *s, const struct package_payload *p,
    struct opener_checked *out, uint64_t chunks, struct fault *f)
{
	uint8_t *buf = mem_new(AGE_SEALED_CHUNK_BYTES);
	bool there = true, good;
	int rc = buf == NULL ? fault_memory(f) : 0;

	while (rc == 0 && out->whole < chunks && out->nbad < OPENER_BAD_MAX) {
		rc = check_chunk(s, p, out->whole, buf, &there, &good, f);
		if (rc != 0 || !there)
			break;
		if (!good)
			out->bad[out->nbad++] = out->whole;
		out->whole++;
	}
	if (buf != NULL)
		secret_wipe(buf, AGE_SEALED_CHUNK_BYTES);
	mem_free(buf);
	return rc;
}

static int
check_payload(const struct package_payload *p, struct opener_checked *out,
    struct fault *f)
{
	uint8_t nonce[AGE_NONCE_BYTES];
	struct age_stream *s = NULL;
	uint64_t plain;
	size_t got;
	int rc;

	if (!age_plain_bytes(p->bytes, &plain))
		return fault_set(f, FAULT_FORGED, "a size that no payload has");
	if (file_read_at(p->fd, nonce, sizeof(nonce), p->at, &got, f) != 0)
		return -1;
	if (got != sizeof(nonce))
		return 0; /* nothing of it is there */
	if (age_stream_new(&s, AGE_OPEN, p->file_key, nonce, f) != 0)
		return -1;
	rc = check_all(s, p, out, age_chunks(plain), f);
	age_stream_free(s);
	return rc;
}

static int
do_check(void *state, struct asked *a, struct fault *f)
{
	struct opener_checked *c = mem_new(sizeof(*c));
	struct opened o = { .payload.fd = -1 };
	struct bytes *b = &a->answer->body;
	int rc = -1;

	if (c == NULL)
		return fault_memory(f);
	if (take_object(state, a, 0, &o, f) != 0 || take_end(&a->in, f) != 0 ||
	    check_payload(&o.payload, c, f) != 0)
		goto out;
	if (put_u64(b, c->whole, f) != 0 || put_u32(b, c->nbad, f) != 0)
		goto out;
	rc = 0;
	for (uint32_t i = 0; rc == 0 && i < c->nbad; i++)
		rc = put_u64(b, c->bad[i], f);
out:
	opened_free(&o);
	mem_free(c);
	return rc;
}

/* ---- Unpack ---- */

int
opener_put_unpack(struct message *job, const struct opener_object *shard,
    const struct opener_object *index, int items, struct fault *f)
{
	if (ask_begin(job, OPENER_UNPACK, f) != 0 ||
	    put_object(job, shard, f) != 0 || put_object(job, index, f) != 0)
		return -1;
	return message_add_fd(job, items, f);
}

int
opener_take_unpacked(
    struct reader *r, struct package_unpacked *out, struct fault *f)
{
	if (take_u64(r, &out->members, f) != 0 ||
	    take_u64(r, &out->items, f) != 0 ||
	    take_u64(r, &out->bytes, f) != 0)
		return -1;
	return take_end(r, f);
}

static int
put_item(struct bytes *b, const struct package_entry *e, const char *type,
    struct fault *f)
{
	if (package_entry_has_chars(e))
		return bytes_addf(b, f,
		    "{\"chars\":%" PRIu64 ",\"item\":\"%s\",\"type\":\"%s\"}\n",
		    e->chars, e->item, type);
	if (e->width == 0)
		return bytes_addf(
		    b, f, "{\"item\":\"%s\",\"type\":\"%s\"}\n", e->item, type);
	return bytes_addf(b, f,
	    "{\"height\":%u,\"item\":\"%s\",\"type\":\"%s\",\"width\":%u}\n",
	    e->height, e->item, type, e->width);
}

/* Written out now and then. */
#define ITEMS_ROOM 65536u

static int
flush(struct bytes *b, int fd, struct fault *f)
{
	int rc = file_write(fd, b->at, b->len, f);

	bytes_reset(b);
	return rc;
}

/* The items that an index lists, rows being of their part's type. */
static int
list_items(const struct package_payload *index, int fd, struct fault *f)
{
	char type[PACKAGE_EXTENSION_CHARS + 1] = "";
	struct package_index *x = NULL;
	struct package_entry e;
	struct bytes b;
	bool end = false;
	int rc = -1;

	bytes_init(&b, 2 * ITEMS_ROOM);
	if (package_index_open(&x, index, f) != 0)
		goto out;
	for (;;) {
		if (package_index_next(x, &e, &end, f) != 0)
			goto out;
		if (end)
			break;
		if (!e.row)
			memcpy(type, e.type, sizeof(type));
		if (e.item[0] != '\0' && (e.row || e.items > 0) &&
		    put_item(&b, &e, type, f) != 0)
			goto out;
		if (b.len >= ITEMS_ROOM && flush(&b, fd, f) != 0)
			goto out;
	}
	rc = flush(&b, fd, f);
out:
	package_index_close(x);
	bytes_free(&b);
	return rc;
}

static int
do_unpack(void *state, struct asked *a, struct fault *f)
{
	struct opener *w = state;
	struct opened shard = { .payload.fd = -1 };
	struct opened index = { .payload.fd = -1 };
	struct package_unpacked done = { 0 };
	struct bytes *b = &a->answer->body;
	int items = -1, rc = -1;

	if (take_object(w, a, 0, &shard, f) != 0 ||
	    take_object(w, a, 1, &index, f) != 0 || take_end(&a->in, f) != 0 ||
	    message_fd(a->request, 2, &items, f) != 0)
		goto out;
	if (package_unpack(
		&shard.payload, &index.payload, w->folder, &done, f) != 0 ||
	    list_items(&index.payload, items, f) != 0)
		goto out;
	if (put_u64(b, done.members, f) == 0 && put_u64(b, done.items, f) == 0)
		rc = put_u64(b, done.bytes, f);
out:
	file_close(&items);
	opened_free(&shard);
	opened_free(&index);
	return rc;
}

/* ---- The role ---- */

static const struct ask_row rows[] = {
	{ OPENER_CHECK, "check", BY_FLOW, do_check },
	{ OPENER_UNPACK, "unpack", BY_FLOW, do_unpack },
	{ OPENER_NAME, "name", BY_FLOW, opener_name },
	{ OPENER_SEAL, "seal", BY_FLOW, opener_seal },
	{ OPENER_JUDGE, "judge", BY_FLOW, opener_judge },
	{ 0, NULL, 0, NULL },
};

int
opener_begin(struct channel *worker, int keeper, int folder, struct fault *f)
{
	struct message m;
	int rc = -1;

	message_init(&m, 16);
	if (put_u8(&m.body, keeper != -1, f) == 0 &&
	    put_u8(&m.body, folder != -1, f) == 0 &&
	    (keeper == -1 || message_add_fd(&m, keeper, f) == 0) &&
	    (folder == -1 || message_add_fd(&m, folder, f) == 0))
		rc = channel_send(worker, &m, f);
	message_free(&m);
	return rc;
}

static int
take_start(struct opener *w, struct channel *up, struct fault *f)
{
	uint8_t keeper, folder;
	struct message m;
	struct reader r;
	bool end = false;
	size_t next = 0;
	int fd = -1, rc = -1;

	message_init(&m, 16);
	if (channel_receive(up, &m, -1, &end, f) != 0)
		goto out;
	if (end) {
		(void)fault_set(f, FAULT_PEER, "the flow has ended");
		goto out;
	}
	r = reader_of(m.body.at, m.body.len);
	if (take_u8(&r, &keeper, f) != 0 || take_u8(&r, &folder, f) != 0 ||
	    take_end(&r, f) != 0)
		goto out;
	if (keeper != 0 && (message_fd(&m, next++, &fd, f) != 0 ||
			       channel_new(&w->keeper, fd, f) != 0))
		goto out;
	if (folder != 0 && message_fd(&m, next, &w->folder, f) != 0)
		goto out;
	rc = 0;
out:
	message_free(&m);
	return rc;
}

#define CALL(name) SCMP_SYS(name), SANDBOX_ALLOW
#define ANY 0, 0, 0
static const struct sandbox_call calls[] = {
	{ CALL(openat), ANY, "members, in the folder" },
	{ CALL(renameat), ANY, "a member that is whole gets its name" },
	{ CALL(unlinkat), ANY, "one that is not goes" },
	{ 0, SANDBOX_ALLOW, ANY, NULL },
};

static int
confine(const struct opener *w, struct fault *f)
{
	struct sandbox_path path = { w->folder, true, "the folder" };
	struct sandbox s = { .role = "opener" };

	digest_start();
	if (w->folder != -1) {
		s.calls = calls;
		s.paths = &path;
		s.npaths = 1;
	}
	return sandbox_enter(&s, f);
}

int
opener_role(struct channel *up, struct fault *f)
{
	struct opener w = { .folder = -1 };
	const struct serve_options options = {
		.rows = rows, .state = &w, .request_max = MESSAGE_MAX
	};
	struct serve *s = NULL;
	int rc = -1;

	if (take_start(&w, up, f) == 0 && confine(&w, f) == 0 &&
	    serve_new(&s, &options, f) == 0 &&
	    serve_add(s, up, BY_FLOW, NULL, f) == 0)
		rc = serve_run(s, f);
	serve_free(s);
	channel_free(w.keeper);
	return rc;
}
