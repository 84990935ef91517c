#ifndef TESTS_SUPPORT_WORKER_H
#define TESTS_SUPPORT_WORKER_H

/* One worker in a pool, with keys as a keeper would give them. */

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/flow/worker_internal.h"
#include "gateway/keeper/keeper.h"
#include "keys/base/files.h"
#include "tests/support/test.h"

enum { SHARD, INDEX, JOIN, PERSONS, SENT, DRAFTS };
#define OBJECTS PERSONS

struct bench {
	struct pool *pool;
	struct age_identity id;
	char recipient[128];
	uint8_t seed; /* every key is made of it */
	struct pool_result r;
};

static inline int
memory_fd(const void *p, size_t len)
{
	struct fault f = { 0 };
	int fd = memfd_create("source", MFD_CLOEXEC);

	if (fd == -1 || file_write(fd, p, len, &f) != 0)
		fail_msg("no file in memory");
	return fd;
}

/* The keeper's part: the worker asks it for keys before it answers us. */
static inline int
give_keys(struct channel *keeper, uint8_t seed, struct fault *f)
{
	struct message m;
	uint8_t key[32];
	bool end;
	int rc = -1;

	message_init(&m, 4096);
	if (channel_receive(keeper, &m, 5000, &end, f) != 0 || end)
		goto out;
	message_reset(&m);
	if (put_u8(&m.body, 1, f) != 0)
		goto out;
	for (uint8_t i = 0; i < 7; i++) {
		memset(key, seed + i, sizeof(key));
		if ((i == 6 && put_u16(&m.body, 1, f) != 0) ||
		    put_slice(&m.body, key, sizeof(key), f) != 0)
			goto out;
	}
	rc = channel_send(keeper, &m, f);
out:
	message_free(&m);
	return rc;
}

static inline int
hand_keys(void *state, struct channel *worker, struct fault *f)
{
	const struct bench *b = state;
	struct channel *keeper;
	struct message m;
	struct reader body;
	bool end;
	int ends[2], rc = -1;

	message_init(&m, 4096);
	if (channel_pair(ends, f) != 0 || channel_new(&keeper, ends[0], f) != 0)
		return -1;
	if (ask_begin(&m, WORKER_KEYS, f) == 0 &&
	    message_give_fd(&m, ends[1], f) == 0 &&
	    put_u16(&m.body, 1, f) == 0 &&
	    put_text(&m.body, "token:id", f) == 0 &&
	    channel_send(worker, &m, f) == 0 &&
	    give_keys(keeper, b->seed, f) == 0 &&
	    channel_receive(worker, &m, 5000, &end, f) == 0 && !end)
		rc = ask_answered(&m, &body, f);
	message_free(&m);
	channel_free(keeper);
	return rc;
}

static inline void
bench_start(struct bench *b, uint8_t seed)
{
	struct pool_options o = { .role = "worker", .workers = 1 };
	struct age_recipient to;
	struct bytes text;
	struct fault f;

	*b = (struct bench){ .seed = seed };
	o.state = b;
	o.ready = hand_keys;
	assert_ok(secret_start(&f));
	assert_ok(pool_new(&b->pool, &o, &f));
	assert_ok(age_identity_new(&b->id, &f));
	assert_ok(age_identity_recipient(&to, &b->id, &f));
	bytes_init(&text, sizeof(b->recipient) - 1);
	assert_ok(age_recipient_write(&text, &to, &f));
	memcpy(b->recipient, text.at, text.len);
	bytes_free(&text);
	pool_result_init(&b->r, MESSAGE_MAX);
}

static inline void
bench_end(struct bench *b)
{
	pool_result_free(&b->r);
	pool_free(b->pool);
	age_identity_free(&b->id);
}

/* Send m, wait for its answer; the fault is in b->r. */
static inline void
run(struct bench *b, struct message *m)
{
	struct fault f;

	assert_ok(pool_give(b->pool, m, 0, &f));
	assert_ok(pool_take(b->pool, &b->r, &f));
	message_free(m);
}

#define assert_done(b)                                     \
	do {                                               \
		if ((b)->r.fault.kind != FAULT_NONE)       \
			fail_msg("%s", (b)->r.fault.text); \
	} while (0)

static inline void
assert_said(const struct bench *b, enum fault_kind kind, const char *text)
{
	assert_int_equal(b->r.fault.kind, kind);
	if (strstr(b->r.fault.text, text) == NULL)
		fail_msg("not \"%s\" but: %s", text, b->r.fault.text);
}

static inline void
put_source(struct message *m, const char *path, const char *text, uint32_t plan)
{
	struct worker_file file = {
		.path = path, .size = strlen(text), .plan = plan
	};
	struct fault f;

	assert_ok(message_give_fd(m, memory_fd(text, strlen(text)), &f));
	assert_ok(worker_put_file(&m->body, &file, &f));
}

#endif
