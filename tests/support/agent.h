#ifndef TESTS_SUPPORT_AGENT_H
#define TESTS_SUPPORT_AGENT_H

/*
 * An agent for tests: the real listener in its own process, and behind it a
 * keeper, a process too, that answers the real asks over real files in a
 * folder, but knows one vendor and keeps no log.
 *
 * In a header, since only some test programs have gateway.a to link with.
 */

#include "tests/support/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gateway/agent/agent.h"
#include "gateway/client/client.h"
#include "gateway/process/process.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"
#include "keys/base/secret.h"
#include "keys/sign/sign.h"
#include "keys/tls/tls.h"

#define B "b-abcdefghijklmnopqrstuvwxyz"
#define R "r-abcdefghijklmnopqrstuvwxyz"

/* Seeds of the TLS keys; they guard nothing. */
static const uint8_t agent_seed[32] = { 1 }, vendor_seed[32] = { 2 },
		     stranger_seed[32] = { 3 };

enum { BY_TEST = 1, BY_LISTENER = 2, BY_COURIER = 4 };
enum { TEST_ADOPT = 1, TEST_COUNTS };

/* What the keeper of the tests remembers, for the test to ask. */
struct test_counts {
	uint32_t asks, strangers, drafts, done, dropped;
};

struct test_keeper {
	int folder;
	struct test_counts counts;
	uint64_t ticket;
};

/* ---- The keeper's answers ---- */

static inline int
answer_json(struct asked *a, const char *text, struct fault *f)
{
	struct agent_answer answer = { .status = 200,
		.type = "application/json",
		.body = slice_of_text(text) };

	return agent_put_answer(a->answer, &answer, -1, f);
}

static inline int
keeper_adopt(void *state, struct asked *a, struct fault *f)
{
	struct channel *c;
	uint32_t by;
	int fd;

	(void)state;
	if (take_u32(&a->in, &by, f) != 0 ||
	    message_fd(a->request, 0, &fd, f) != 0 ||
	    channel_new(&c, fd, f) != 0)
		return -1;
	return serve_add(a->serve, c, by, NULL, f);
}

static inline int
keeper_counts(void *state, struct asked *a, struct fault *f)
{
	struct test_keeper *k = state;

	return bytes_add(&a->answer->body, &k->counts, sizeof(k->counts), f);
}

static inline int
keeper_identity(void *state, struct asked *a, struct fault *f)
{
	(void)state;
	return bytes_add(&a->answer->body, agent_seed, sizeof(agent_seed), f);
}

static inline int
keeper_courier(void *state, struct asked *a, struct fault *f)
{
	char key[100];

	(void)state;
	if (take_text(&a->in, key, sizeof(key), f) != 0)
		return -1;
	return bytes_add(&a->answer->body,
	    strcmp(key, "vendor") == 0 ? vendor_seed : stranger_seed, 32, f);
}

static inline int
keeper_who(void *state, struct asked *a, struct fault *f)
{
	struct test_keeper *k = state;
	struct agent_request r;
	uint8_t vendor[32];
	bool known;

	if (agent_take_request(&a->in, &r, f) != 0 ||
	    tls_public(vendor, vendor_seed, f) != 0)
		return -1;
	known = memcmp(r.key, vendor, sizeof(vendor)) == 0;
	k->counts.strangers += !known;
	return put_u8(
	    &a->answer->body, known ? AGENT_VENDOR : AGENT_STRANGER, f);
}

/* Everything that is answered with a line about the request. */
static inline int
keeper_echo(void *state, struct asked *a, struct fault *f)
{
	struct test_keeper *k = state;
	struct agent_request r;
	char text[1024];

	if (agent_take_request(&a->in, &r, f) != 0)
		return -1;
	k->counts.asks++;
	if (r.body.len == 6 && memcmp(r.body.at, "policy", 6) == 0) {
		(void)fault_set(f, FAULT_POLICY, "batch \"x\": not approved");
		return fault_hint(f, "handoff batch approve x");
	}
	if (r.body.len == 6 && memcmp(r.body.at, "system", 6) == 0)
		return fault_set(f, FAULT_SYSTEM, "/home/x/catalog.db: full");
	if (r.body.len == 4 && memcmp(r.body.at, "late", 4) == 0)
		(void)nanosleep(&(struct timespec){ 0, 500000000 }, NULL);
	(void)snprintf(text, sizeof(text),
	    "{\"method\":\"%s\",\"path\":\"%s\",\"batch\":\"%s\","
	    "\"ret\":\"%s\",\"statement\":%zu,\"body\":%zu}",
	    r.method, r.path, r.batch, r.ret, r.statement.len, r.body.len);
	return answer_json(a, text, f);
}

static inline int
keeper_object(void *state, struct asked *a, struct fault *f)
{
	struct test_keeper *k = state;
	struct agent_answer answer = {
		.status = 200, .type = "application/octet-stream", .file = true
	};
	struct agent_request r;
	char name[65];
	struct stat st;
	int fd, rc;

	if (agent_take_request(&a->in, &r, f) != 0)
		return -1;
	hex_write(name, r.digest, sizeof(r.digest));
	if (faccessat(k->folder, name, R_OK, 0) != 0)
		return agent_put_refusal(
		    a->answer, 404, "no such object", "objects", "", f);
	if (file_open_read(k->folder, name, &fd, f) != 0)
		return -1;
	(void)fstat(fd, &st);
	answer.length = (uint64_t)st.st_size;
	rc = agent_put_answer(a->answer, &answer, fd, f);
	file_close(&fd);
	return rc;
}

static inline int
keeper_part(void *state, struct asked *a, struct fault *f)
{
	struct test_keeper *k = state;
	struct agent_answer answer = { .status = 200, .draft = true };
	struct agent_request r;
	char name[40];
	int fd, rc;

	if (agent_take_request(&a->in, &r, f) != 0)
		return -1;
	if (r.part == 404)
		return agent_put_refusal(
		    a->answer, 404, "no such batch", "batches", "", f);
	answer.ticket = ++k->ticket;
	k->counts.drafts++;
	(void)snprintf(name, sizeof(name), "draft-%u", (unsigned)answer.ticket);
	fd = openat(
	    k->folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	rc = agent_put_answer(a->answer, &answer, fd, f);
	file_close(&fd);
	return rc;
}

static inline int
keeper_part_done(void *state, struct asked *a, struct fault *f)
{
	struct test_keeper *k = state;
	struct agent_request r;
	struct bytes got;
	uint8_t digest[32];
	char name[40], part[40];
	int rc = -1;

	bytes_init(&got, AGENT_PART_BYTES_MAX);
	if (agent_take_request(&a->in, &r, f) != 0)
		return -1;
	(void)snprintf(name, sizeof(name), "draft-%u", (unsigned)r.ticket);
	(void)snprintf(part, sizeof(part), "part-%u", (unsigned)r.part);
	if (file_read(k->folder, name, &got, f) != 0)
		goto out;
	digest_of(digest, got.at, got.len);
	if (got.len != r.length || memcmp(digest, r.digest, 32) != 0) {
		(void)fault_set(f, FAULT_FORGED, "part: another digest");
		goto out;
	}
	k->counts.done++;
	(void)renameat(k->folder, name, k->folder, part);
	rc = answer_json(a, "{}", f);
out:
	bytes_free(&got);
	return rc;
}

static inline int
keeper_part_drop(void *state, struct asked *a, struct fault *f)
{
	struct test_keeper *k = state;
	struct agent_request r;
	char name[40];

	if (agent_take_request(&a->in, &r, f) != 0)
		return -1;
	(void)snprintf(name, sizeof(name), "draft-%u", (unsigned)r.ticket);
	k->counts.dropped += unlinkat(k->folder, name, 0) == 0;
	return 0;
}

static const struct ask_row keeper_rows[] = {
	{ TEST_ADOPT, "adopt", BY_TEST, keeper_adopt },
	{ TEST_COUNTS, "counts", BY_TEST, keeper_counts },
	{ AGENT_IDENTITY, "identity", BY_LISTENER, keeper_identity },
	{ COURIER_IDENTITY, "courier", BY_COURIER, keeper_courier },
	{ AGENT_WHO, "who", BY_LISTENER, keeper_who },
	{ AGENT_NONCE, "nonce", BY_LISTENER, keeper_echo },
	{ AGENT_BATCHES, "batches", BY_LISTENER, keeper_echo },
	{ AGENT_RELEASE, "release", BY_LISTENER, keeper_echo },
	{ AGENT_OBJECT, "object", BY_LISTENER, keeper_object },
	{ AGENT_RETURN, "return", BY_LISTENER, keeper_echo },
	{ AGENT_RETURN_STATE, "state", BY_LISTENER, keeper_echo },
	{ AGENT_ACKNOWLEDGE, "acknowledge", BY_LISTENER, keeper_echo },
	{ AGENT_DELETION, "deletion", BY_LISTENER, keeper_echo },
	{ AGENT_LOG, "log", BY_LISTENER, keeper_echo },
	{ AGENT_RETURN_PART, "part", BY_LISTENER, keeper_part },
	{ AGENT_RETURN_PART_DONE, "part done", BY_LISTENER, keeper_part_done },
	{ AGENT_RETURN_PART_DROP, "part drop", BY_LISTENER, keeper_part_drop },
	{ 0, NULL, 0, NULL },
};

/* Given: the folder. */
static inline int
role_test_keeper(struct channel *up, struct fault *f)
{
	struct test_keeper k = { .folder = PROCESS_GIVEN };
	struct serve_options o = { .rows = keeper_rows,
		.state = &k,
		.request_max = AGENT_REQUEST_MAX };
	struct serve *s = NULL;
	int rc = -1;

	if (serve_new(&s, &o, f) == 0 &&
	    serve_add(s, up, BY_TEST, NULL, f) == 0)
		rc = serve_run(s, f);
	serve_free(s);
	return rc;
}

/* ---- The agent: tells its address and its pid once it is ready ---- */

struct test_ready {
	struct channel *up;
	char address[AGENT_ADDRESS_CHARS];
};

static inline void
tell_ready(void *state)
{
	struct test_ready *t = state;
	struct fault f = { 0 };
	struct message m;

	message_init(&m, 1000);
	if (put_text(&m.body, t->address, &f) != 0 ||
	    put_u32(&m.body, (uint32_t)getpid(), &f) != 0 ||
	    channel_send(t->up, &m, &f) != 0)
		_exit(1);
	message_free(&m);
}

/* Given: the channel to the keeper. */
static inline int
role_test_agent(struct channel *up, struct fault *f)
{
	struct test_ready t = { .up = up };
	int fd, rc;

	if (agent_listen("127.0.0.1:0", &fd, t.address, f) != 0)
		return -1;
	rc = agent_run(fd, PROCESS_GIVEN, tell_ready, &t, f);
	file_close(&fd);
	return rc;
}

static const struct process_role agent_roles[] = {
	{ "testkeeper", role_test_keeper },
	{ "testagent", role_test_agent },
	{ "listener", agent_listener },
	{ NULL, NULL },
};

/* ---- Both, running ---- */

struct test_agent {
	char path[64]; /* the keeper's folder */
	int folder;
	struct process *keeper, *agent;
	pid_t pid;
	char address[AGENT_ADDRESS_CHARS];
	unsigned port;
};

/* A channel to the keeper, served as by; the caller closes it. */
static inline int
agent_channel(struct test_agent *t, uint32_t by)
{
	struct message m, a;
	struct reader r;
	struct fault f;
	int pair[2];

	assert_ok(channel_pair(pair, &f));
	message_init(&m, 1000);
	message_init(&a, 1000);
	assert_ok(ask_begin(&m, TEST_ADOPT, &f));
	assert_ok(put_u32(&m.body, by, &f));
	assert_ok(message_add_fd(&m, pair[0], &f));
	assert_ok(ask(process_channel(t->keeper), &m, &a, &r, &f));
	file_close(&pair[0]);
	message_free(&m);
	message_free(&a);
	return pair[1];
}

static inline void
agent_open(struct test_agent *t)
{
	struct message a;
	struct reader r;
	struct fault f;
	uint32_t pid;
	bool end;
	int fd;

	memset(t, 0, sizeof(*t));
	test_folder(t->path);
	assert_ok(folder_open(AT_FDCWD, t->path, &t->folder, &f));
	assert_ok(process_spawn(&t->keeper, "testkeeper", &t->folder, 1, &f));
	fd = agent_channel(t, BY_LISTENER);
	assert_ok(process_spawn(&t->agent, "testagent", &fd, 1, &f));
	file_close(&fd);
	message_init(&a, 1000);
	assert_ok(
	    channel_receive(process_channel(t->agent), &a, 20000, &end, &f));
	r = reader_of(a.body.at, a.body.len);
	assert_ok(take_text(&r, t->address, sizeof(t->address), &f));
	assert_ok(take_u32(&r, &pid, &f));
	t->pid = (pid_t)pid;
	assert_int_equal(sscanf(t->address, "127.0.0.1:%u", &t->port), 1);
	message_free(&a);
}

static inline void
agent_counts(struct test_agent *t, struct test_counts *out)
{
	struct message m, a;
	struct reader r;
	struct fault f;

	message_init(&m, 1000);
	message_init(&a, 1000);
	assert_ok(ask_begin(&m, TEST_COUNTS, &f));
	assert_ok(ask(process_channel(t->keeper), &m, &a, &r, &f));
	assert_ok(take_bytes(&r, out, sizeof(*out), &f));
	message_free(&m);
	message_free(&a);
}

static inline void
agent_close(struct test_agent *t)
{
	struct fault f;

	(void)kill(t->pid, SIGTERM);
	assert_ok(process_end(t->agent, 30000, &f));
	assert_ok(process_end(t->keeper, 10000, &f));
	file_close(&t->folder);
	test_folder_remove(t->path);
}

/* An object of size bytes in the keeper's folder; name gets its digest. */
static inline void
agent_object(
    struct test_agent *t, size_t size, struct bytes *content, char name[65])
{
	struct fault f;
	uint8_t digest[32];

	bytes_init(content, size + 1);
	assert_ok(bytes_reserve(content, size + 1, &f));
	for (size_t i = 0; i < size; i++)
		content->at[i] = (uint8_t)(i * 2654435761u >> 11);
	content->len = size;
	digest_of(digest, content->at, content->len);
	hex_write(name, digest, sizeof(digest));
	assert_ok(file_put(t->folder, name, content->at, size, false, &f));
}

#endif
