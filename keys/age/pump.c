/*
 * A payload through all cores: blocks of a few chunks, in a ring.
 *
 *     read --> seal or open, in place --> write, in order
 *
 * Every worker does all three: it writes the next block if that one is ready
 * and nobody writes, else it takes a free block, reads into it and works on
 * it, else it sleeps.  So a core is never idle while there is something to do,
 * one core alone pays for no hand-over, and a block is still in its core's
 * cache when it is written.  Chunks of a file are read in parallel, those of a
 * pipe in turn.
 *
 * Promises
 *   - Bytes leave in order, and an opened chunk only after its tag was right.
 *   - After a failure everything before it has left, and nothing behind it.
 *   - Memory is the ring, whatever the stream's length.
 *
 * Not here: headers, nonces and armor, which streams.c has dealt with.
 */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "keys/age/age_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Four chunks keep a block inside a core's second-level cache and make the
 * locking, a few microseconds a block, not worth a thought. */
#define BLOCK_CHUNKS 4u
#define BLOCK_BYTES (BLOCK_CHUNKS * AGE_SEALED_CHUNK_BYTES)
/* Blocks a thread: when one is put off the core for a while, the others go on
 * with so many more before they have to wait for it. */
#define RING_BLOCKS 4u
/* 64 blocks, 16 MiB.  More cores than that wait for memory, not for work. */
#define THREADS_MAX 16u

/* How much of a mapped file may stay in our sight behind the writer. */
#define UNMAP_BYTES (8u << 20)

enum place { BLOCK_FREE, BLOCK_BUSY, BLOCK_READY };

struct block {
	enum place place;
	uint64_t number;
	const uint8_t *in[BLOCK_CHUNKS]; /* in at, or in the mapped file */
	size_t len[BLOCK_CHUNKS];	 /* as read, then as to be written */
	unsigned chunks;		 /* chunk i stands at i * sealed size */
	bool ended; /* nothing follows: its last chunk is final */
	bool used;
	struct fault fault; /* told once its good chunks have left */
	uint8_t *at;
};

struct ring {
	const struct age_work *work;
	size_t chunk_in;      /* a whole chunk's bytes as read */
	pthread_mutex_t lock; /* over everything below */
	pthread_cond_t moved;
	struct block *blocks;
	size_t nblocks;
	uint64_t next_read;
	uint64_t next_write;
	bool reading, writing; /* somebody does, without the lock */
	bool read_all;
	bool over;
	struct fault fault;
	const uint8_t *map; /* the whole file, or NULL */
	uint64_t map_bytes;
	/* The reader's alone. */
	bool peeked;
	uint8_t peek;
	/* The writer's alone. */
	uint64_t unmapped;
	struct bytes text;
};

/* len bytes of the stream at place at; less only at its end. */
static int
take(struct ring *r, uint64_t at, void *p, size_t len, size_t *got,
    struct fault *f)
{
	const struct age_work *w = r->work;
	uint8_t *to = p;
	int rc;

	*got = 0;
	if (w->parallel)
		return file_read_at(w->pump->in, p, len, w->start + at, got, f);
	if (r->peeked) {
		*to++ = r->peek;
		len--;
		r->peeked = false;
		rc = w->source.pull(w->source.context, to, len, got, f);
		(*got)++;
		return rc;
	}
	return w->source.pull(w->source.context, to, len, got, f);
}

/* Does anything follow the block that ends at place at? */
static int
peek(struct ring *r, uint64_t at, bool *more, struct fault *f)
{
	uint8_t one;
	size_t got;

	if (take(r, at, &one, 1, &got, f) != 0)
		return -1;
	*more = got == 1;
	if (*more && !r->work->parallel) {
		r->peeked = true;
		r->peek = one;
	}
	return 0;
}

/* Point a block's chunks into the mapped file.  A block behind its end has
 * none, and nobody comes to write it. */
static void
fill_mapped(struct ring *r, struct block *b)
{
	uint64_t at = r->work->start + b->number * BLOCK_CHUNKS * r->chunk_in;
	uint64_t left = at < r->map_bytes ? r->map_bytes - at : 0;

	b->used = true;
	b->chunks = 0;
	while (b->chunks < BLOCK_CHUNKS &&
	       (left > 0 || (b->number == 0 && b->chunks == 0))) {
		unsigned i = b->chunks++;

		b->in[i] = r->map + at;
		b->len[i] = left < r->chunk_in ? (size_t)left : r->chunk_in;
		at += b->len[i];
		left -= b->len[i];
	}
	b->ended = left == 0;
}

/* Fill a block.  A failure to read is kept behind the chunks that came. */
static void
fill(struct ring *r, struct block *b)
{
	uint64_t at = b->number * BLOCK_CHUNKS * r->chunk_in;
	struct fault *f = &b->fault;
	bool more = true;
	int rc = 0;

	b->used = true;
	b->ended = false;
	b->chunks = 0;
	while (rc == 0 && b->chunks < BLOCK_CHUNKS) {
		uint8_t *p = b->at + b->chunks * AGE_SEALED_CHUNK_BYTES;
		size_t *len = &b->len[b->chunks];

		b->in[b->chunks] = p;
		rc = take(r, at, p, r->chunk_in, len, f);
		/* A stream without bytes is one empty chunk. */
		if (*len > 0 || (rc == 0 && at == 0))
			b->chunks++;
		at += *len;
		if (*len < r->chunk_in)
			break;
	}
	if (rc == 0 && b->chunks == BLOCK_CHUNKS &&
	    b->len[BLOCK_CHUNKS - 1] == r->chunk_in)
		rc = peek(r, at, &more, f);
	else
		more = false;
	b->ended = rc == 0 && !more;
	if (rc == 0 && b->chunks == 0)
		(void)fault_set(f, FAULT_INPUT, "it shrank while it was read");
}

/*
 * A whole chunk that is right, only not where it stands: final with bytes
 * behind it (something was added), or not final with nothing behind it (the
 * rest is gone).  It is genuine and leaves, as age lets it, before the file is
 * refused.
 */
static bool
is_misplaced(struct age_stream *s, uint64_t n, bool final, const uint8_t *in,
    size_t len, uint8_t *out, struct fault *f)
{
	struct fault ignored = { 0 };

	if (len != AGE_SEALED_CHUNK_BYTES ||
	    (in == out && !age_chunk_undo(s, n, final, out, len)) ||
	    age_chunk_open(s, n, !final, in, len, out, &ignored) != 0)
		return false;
	fault_clear(f);
	(void)fault_set(f, FAULT_FORGED,
	    final ? "payload: cut short behind chunk %llu"
		  : "payload: bytes behind its final chunk %llu",
	    (unsigned long long)n);
	return true;
}

/* Seal or open chunk i; false when it is the last that counts. */
static bool
work_chunk(
    const struct ring *r, struct age_stream *s, struct block *b, unsigned i)
{
	uint64_t n = b->number * BLOCK_CHUNKS + i;
	uint8_t *p = b->at + i * AGE_SEALED_CHUNK_BYTES;
	bool final = b->ended && i == b->chunks - 1;
	struct fault f = { 0 };
	bool leaves;
	int rc;

	if (r->work->way == AGE_SEAL) {
		rc = age_chunk_seal(s, n, final, b->in[i], b->len[i], p, &f);
		leaves = rc == 0;
		b->len[i] += AGE_TAG_BYTES;
	} else {
		rc = age_chunk_open(s, n, final, b->in[i], b->len[i], p, &f);
		leaves = rc == 0 ||
			 is_misplaced(s, n, final, b->in[i], b->len[i], p, &f);
		b->len[i] -= leaves ? AGE_TAG_BYTES : 0;
	}
	if (rc == 0)
		return true;
	b->fault = f; /* it comes before a failure to read on */
	b->chunks = leaves ? i + 1 : i;
	return false;
}

/*
 * Seal or open what fill() got.  When reading failed, the last chunk may be
 * incomplete, or final without our knowing, so it does not count; unless armor
 * broke off without its END line: then it is the last we shall see, and tells
 * whether the file in the armor is whole (only the armor is malformed) or cut
 * short.  As the final one it does not leave.
 */
static void
work_block(const struct ring *r, struct age_stream *s, struct block *b)
{
	bool broken = b->fault.kind != FAULT_NONE;
	bool cut = broken && r->work->cut != NULL && *r->work->cut;

	if (cut)
		b->ended = true;
	else if (broken && b->chunks > 0)
		b->chunks--;
	for (unsigned i = 0; i < b->chunks; i++)
		if (!work_chunk(r, s, b, i))
			return;
	if (cut && b->chunks > 0) {
		b->chunks--;
		fault_clear(&b->fault);
		(void)fault_set(&b->fault, FAULT_INPUT, "armor: no END line");
	}
}

static int
put(struct ring *r, const void *p, size_t len, struct fault *f)
{
	const struct age_work *w = r->work;

	if (w->armor == NULL)
		return file_write(w->pump->out, p, len, f);
	bytes_reset(&r->text);
	if (age_armor_add(w->armor, &r->text, p, len, f) != 0)
		return -1;
	return file_write(w->pump->out, r->text.at, r->text.len, f);
}

/* Write a block's chunks; sealed ones stand without a gap. */
static int
put_block(struct ring *r, const struct block *b, struct fault *f)
{
	struct age_pump *pump = r->work->pump;
	size_t run = 0;

	if (b->chunks == 0)
		return 0;
	for (unsigned i = 0; i < b->chunks; i++) {
		const uint8_t *p = b->at + i * AGE_SEALED_CHUNK_BYTES;

		run += b->len[i];
		if (r->work->way == AGE_SEAL)
			continue;
		if (put(r, p, b->len[i], f) != 0)
			return -1;
		pump->plain_bytes += b->len[i];
	}
	if (r->work->way == AGE_SEAL) {
		if (put(r, b->at, run, f) != 0)
			return -1;
		pump->plain_bytes += run - b->chunks * AGE_TAG_BYTES;
	}
	if (pump->progress != NULL)
		pump->progress(pump->context, pump->plain_bytes);
	return 0;
}

/* Let go of mapped pages that nobody needs again, now and then. */
static void
unmap_behind(struct ring *r, uint64_t number)
{
	uint64_t done = number * BLOCK_CHUNKS * r->chunk_in & ~(uint64_t)4095;

	if (r->map == NULL || done - r->unmapped < UNMAP_BYTES)
		return;
	(void)madvise((void *)(uintptr_t)(r->map + r->unmapped),
	    done - r->unmapped, MADV_DONTNEED); /* only to use less */
	r->unmapped = done;
}

/* The lock is held, here and in the next two.  False when there is nothing
 * to do. */
static bool
write_next(struct ring *r)
{
	struct block *b = &r->blocks[r->next_write % r->nblocks];
	struct fault f = { 0 };
	int rc;

	if (r->writing || b->place != BLOCK_READY)
		return false;
	must(b->number == r->next_write);
	r->writing = true;
	pthread_mutex_unlock(&r->lock);
	rc = put_block(r, b, &f);
	unmap_behind(r, b->number);
	pthread_mutex_lock(&r->lock);
	r->writing = false;
	if (rc == 0 && b->fault.kind != FAULT_NONE)
		f = b->fault;
	if (f.kind != FAULT_NONE)
		r->fault = f;
	r->over = f.kind != FAULT_NONE || b->ended;
	b->place = BLOCK_FREE;
	r->next_write++;
	pthread_cond_broadcast(&r->moved);
	return true;
}

static bool
read_next(struct ring *r, struct age_stream *s)
{
	struct block *b = &r->blocks[r->next_read % r->nblocks];

	if (r->read_all || b->place != BLOCK_FREE || r->reading)
		return false;
	b->place = BLOCK_BUSY;
	b->number = r->next_read++;
	b->fault = (struct fault){ .kind = FAULT_NONE };
	r->reading = !r->work->parallel;
	pthread_mutex_unlock(&r->lock);
	if (r->map != NULL)
		fill_mapped(r, b);
	else
		fill(r, b);
	if (!r->work->parallel) {
		pthread_mutex_lock(&r->lock);
		r->reading = false;
		r->read_all = b->ended || b->fault.kind != FAULT_NONE;
		pthread_cond_broadcast(&r->moved);
		pthread_mutex_unlock(&r->lock);
	}
	work_block(r, s, b);
	pthread_mutex_lock(&r->lock);
	if (b->ended || b->fault.kind != FAULT_NONE)
		r->read_all = true;
	b->place = BLOCK_READY;
	pthread_cond_broadcast(&r->moved);
	return true;
}

static void *
worker(void *context)
{
	struct ring *r = context;
	const struct age_work *w = r->work;
	struct age_stream *s = NULL;
	struct fault f = { 0 };
	int rc = age_stream_new(&s, w->way, w->file_key, w->nonce, &f);

	pthread_mutex_lock(&r->lock);
	if (rc != 0 && !r->over) {
		r->fault = f;
		r->over = true;
		pthread_cond_broadcast(&r->moved);
	}
	while (!r->over)
		if (!write_next(r) && !read_next(r, s))
			pthread_cond_wait(&r->moved, &r->lock);
	pthread_mutex_unlock(&r->lock);
	age_stream_free(s);
	return NULL;
}

/* As many as can run, and no more than there are blocks. */
static unsigned
count_threads(const struct age_work *w)
{
	unsigned n = w->pump->threads;
	struct stat st;
	cpu_set_t cpus;

	if (n == 0 && sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		n = (unsigned)CPU_COUNT(&cpus);
	n = n == 0 ? 1 : n > THREADS_MAX ? THREADS_MAX : n;
	if (w->parallel && fstat(w->pump->in, &st) == 0 &&
	    (uint64_t)st.st_size < (uint64_t)n * BLOCK_BYTES)
		n = 1;
	return n;
}

static int
ring_new(struct ring *r, unsigned threads, struct fault *f)
{
	r->nblocks = threads > 1 ? threads * RING_BLOCKS : 2;
	r->blocks = mem_array(r->nblocks, sizeof(*r->blocks));
	if (r->blocks == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < r->nblocks; i++)
		if ((r->blocks[i].at = mem_new(BLOCK_BYTES)) == NULL)
			return fault_memory(f);
	return 0;
}

static void
ring_free(struct ring *r)
{
	for (size_t i = 0; r->blocks != NULL && i < r->nblocks; i++) {
		if (r->blocks[i].used)
			secret_wipe(r->blocks[i].at, BLOCK_BYTES);
		mem_free(r->blocks[i].at);
	}
	mem_free(r->blocks);
	if (r->map != NULL)
		(void)munmap((void *)(uintptr_t)r->map, (size_t)r->map_bytes);
	bytes_free(&r->text);
}

/* A file that may be mapped saves the copy, a quarter of the time. */
static void
map_file(struct ring *r)
{
	const struct age_pump *p = r->work->pump;
	struct stat st;
	void *map;

	if (!r->work->parallel || !p->map || fstat(p->in, &st) != 0 ||
	    st.st_size <= 0 || (uint64_t)st.st_size < r->work->start)
		return;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, p->in, 0);
	if (map == MAP_FAILED)
		return; /* it is read then */
	(void)madvise(map, (size_t)st.st_size, MADV_SEQUENTIAL);
	r->map = map;
	r->map_bytes = (uint64_t)st.st_size;
}

int
age_work_run(const struct age_work *w, struct fault *f)
{
	unsigned threads = count_threads(w), started = 0;
	pthread_t ids[THREADS_MAX];
	struct ring r = { .work = w,
		.chunk_in = w->way == AGE_SEAL ? AGE_CHUNK_BYTES
					       : AGE_SEALED_CHUNK_BYTES,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.moved = PTHREAD_COND_INITIALIZER };
	int rc = -1;

	bytes_init(&r.text, 2 * BLOCK_BYTES);
	if (ring_new(&r, threads, f) != 0)
		goto out;
	map_file(&r);
	/* This thread works too; fewer than wished for is only slower. */
	while (started + 1 < threads &&
	       pthread_create(&ids[started], NULL, worker, &r) == 0)
		started++;
	(void)worker(&r);
	for (unsigned i = 0; i < started; i++)
		must(pthread_join(ids[i], NULL) == 0);
	if (r.fault.kind != FAULT_NONE)
		*f = r.fault;
	else
		rc = 0;
out:
	ring_free(&r);
	return rc;
}
