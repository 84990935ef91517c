#ifndef TESTS_SUPPORT_SHARD_H
#define TESTS_SUPPORT_SHARD_H

/* A shard made in memory, and its three objects opened again. */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/package/package_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "tests/support/test.h"

enum { SHARD, INDEX, JOIN, PERSONS, MADE };

struct batch {
	struct age_identity id;
	struct age_recipient to;
	struct token_key *item, *order, *subject, *person;
	struct package_keys keys;
};

static inline void
batch_start(struct batch *b)
{
	struct fault f = { 0 };
	uint8_t key[32] = { 7 };

	*b = (struct batch){ 0 };
	assert_ok(secret_start(&f));
	assert_ok(age_identity_new(&b->id, &f));
	assert_ok(age_identity_recipient(&b->to, &b->id, &f));
	assert_ok(token_key_new(&b->item, key, sizeof(key), &f));
	key[1] = 1;
	assert_ok(token_key_new(&b->order, key, sizeof(key), &f));
	key[1] = 2;
	assert_ok(token_key_new(&b->subject, key, sizeof(key), &f));
	key[1] = 3;
	assert_ok(token_key_new(&b->person, key, sizeof(key), &f));
	b->keys.mask.item = b->item;
	b->keys.order = b->order;
	b->keys.subject = b->subject;
	b->keys.person = b->person;
}

static inline void
batch_end(struct batch *b)
{
	age_identity_free(&b->id);
	age_recipient_free(&b->to);
	token_key_free(b->item);
	token_key_free(b->order);
	token_key_free(b->subject);
	token_key_free(b->person);
}

static inline int
memory_fd(const void *p, size_t len)
{
	struct fault f = { 0 };
	int fd = memfd_create("shard", MFD_CLOEXEC);

	if (fd == -1 || file_write(fd, p, len, &f) != 0)
		fail_msg("no file in memory");
	return fd;
}

/* Drafts and the shard over them. */
struct making {
	int fd[MADE];
	struct package_room *room;
	struct package_shard *shard;
};

/* In a room that another had before, which becomes m's. */
static inline int
making_start_in(struct making *m, const struct batch *b,
    struct package_room *room, struct fault *f)
{
	struct package_shard_options o = { .to = &b->to,
		.nto = 1,
		.owner = &b->to,
		.nowner = 1,
		.keys = &b->keys };

	m->shard = NULL;
	m->room = room;
	for (int i = 0; i < MADE; i++)
		m->fd[i] = memory_fd("", 0);
	o.shard = m->fd[SHARD];
	o.index = m->fd[INDEX];
	o.join = m->fd[JOIN];
	o.persons = m->fd[PERSONS];
	if (room == NULL && package_room_new(&m->room, f) != 0)
		return -1;
	o.room = m->room;
	return package_shard_new(&m->shard, &o, f);
}

static inline int
making_start(struct making *m, const struct batch *b, struct fault *f)
{
	return making_start_in(m, b, NULL, f);
}

static inline void
making_end(struct making *m)
{
	package_shard_free(m->shard);
	package_room_free(m->room);
	for (int i = 0; i < MADE; i++)
		file_close(&m->fd[i]);
}

/* A source of a plan's type; its fd is closed by source_end(). */
static inline void
source_start(struct mask_source *src, const struct file_plan *plan,
    const char *path, const void *p, size_t len)
{
	*src = (struct mask_source){
		.fd = memory_fd(p, len),
		.size = len,
		.path = path,
		.plan = plan,
	};
}

static inline void
source_end(struct mask_source *src)
{
	file_close(&src->fd);
}

/* An object's payload; the caller secret_free()s *key. */
static inline void
payload_of(struct package_payload *out, struct secret *key, int fd,
    const struct batch *b)
{
	struct fault f = { 0 };
	struct age_header h;
	struct bytes all;

	bytes_init(&all, (size_t)1 << 30);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(file_read_fd(fd, &all, &f));
	assert_ok(age_header_read(&h, all.at, all.len, &f));
	assert_ok(age_header_open(&h, &b->id, 1, key, &f));
	*out = (struct package_payload){
		.fd = fd,
		.at = h.len,
		.bytes = all.len - h.len,
		.file_key = key,
	};
	age_header_free(&h);
	bytes_free(&all);
}

/* All plaintext of an object. */
static inline void
plain_of(struct bytes *out, int fd, const struct batch *b)
{
	struct package_payload payload;
	struct secret key = { 0 };
	struct fault f = { 0 };
	struct plain p;

	bytes_init(out, (size_t)1 << 30);
	payload_of(&payload, &key, fd, b);
	assert_ok(plain_open(&p, &payload, &f));
	for (;;) {
		assert_ok(plain_fill(&p, 1, &f));
		if (p.len == p.at)
			break;
		assert_ok(bytes_add(out, p.buf + p.at, p.len - p.at, &f));
		p.at = p.len;
	}
	plain_close(&p);
	secret_free(&key);
	assert_ok(bytes_end_text(out, &f));
}

/* A whole object sealed from text, for what no writer of ours would make. */
static inline int
object_of(const struct batch *b, const void *p, size_t len)
{
	struct package_seal *s = NULL;
	struct package_object o;
	struct fault f = { 0 };
	int fd = memory_fd("", 0);

	assert_ok(package_seal_new(&s, fd, &b->to, 1, &f));
	assert_ok(package_seal_add(s, p, len, &f));
	assert_ok(package_seal_end(s, &o, &f));
	package_seal_free(s);
	return fd;
}

#endif
