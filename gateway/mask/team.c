/*
 * A row source through all cores: parts in a ring.
 *
 *     cut --> work, any number at a time --> done, in order
 *
 * Every thread does all three: it finishes the next part if that one is ready
 * and nobody finishes, else it cuts a part off and works on it, else it
 * sleeps; as keys/age/pump.c does it with chunks.  What is cut while others
 * work needs no pass of its own.
 *
 * A source that cannot be cut is given to work from where the cutting stopped:
 * whoever reads it field by field says better what is wrong with it.  What is
 * wrong in an earlier part is told before what is wrong in a later one.
 */

#include <pthread.h>

#include "gateway/mask/mask_internal.h"

enum place { PART_FREE, PART_BUSY, PART_READY };

struct slot {
	enum place place;
	struct mask_part part;
	void *held; /* the format's, if parts are held */
	struct fault fault;
};

struct team {
	const struct mask_team *t;
	const struct row_format *format;
	void *cutter;
	pthread_mutex_t lock; /* over everything below */
	pthread_cond_t moved;
	struct slot slots[MASK_TEAM_SLOTS];
	unsigned nslots;
	uint64_t next_cut;
	uint64_t next_done;
	bool cutting, finishing; /* somebody does, without the lock */
	bool cut_all;
	bool over;
	struct fault fault;
};

struct member {
	struct team *team;
	unsigned number;
};

/* The lock is held, here and in the next.  False: nothing to do. */
static bool
finish_next(struct team *m)
{
	unsigned i = (unsigned)(m->next_done % m->nslots);
	struct slot *s = &m->slots[i];
	struct fault f = { 0 };

	if (m->cut_all && m->next_done == m->next_cut) {
		m->over = true;
		pthread_cond_broadcast(&m->moved);
		return true;
	}
	if (m->finishing || s->place != PART_READY)
		return false;
	m->finishing = true;
	pthread_mutex_unlock(&m->lock);
	if (s->fault.kind != FAULT_NONE)
		f = s->fault;
	else
		(void)m->t->done(m->t->arg, &s->part, i, &f); /* f tells */
	pthread_mutex_lock(&m->lock);
	m->finishing = false;
	m->over = f.kind != FAULT_NONE;
	m->fault = f;
	s->place = PART_FREE;
	m->next_done++;
	pthread_cond_broadcast(&m->moved);
	return true;
}

/* Cut the slot's part off; false when nothing is left.  broken has why it
 * could not be cut, and the part is then all the rest. */
static bool
cut_one(struct team *m, struct slot *s, struct fault *broken)
{
	bool more = false;

	if ((m->t->target > 0
		    ? m->format->cut_next(m->cutter, &s->part, &more, broken)
		    : m->format->cut_held(
			  m->cutter, &s->held, &s->part, &more, broken)) == 0)
		return more;
	(void)fault_at(broken, "%s", m->t->src->path);
	s->part.to = m->t->src->size;
	s->part.records = 0;
	return true;
}

static bool
work_next(struct team *m, unsigned thread)
{
	unsigned i = (unsigned)(m->next_cut % m->nslots);
	struct mask_source src = *m->t->src;
	struct slot *s = &m->slots[i];
	struct fault broken = { 0 };
	bool more;

	if (m->cutting || m->cut_all || s->place != PART_FREE)
		return false;
	m->cutting = true;
	pthread_mutex_unlock(&m->lock);
	s->fault = (struct fault){ .kind = FAULT_NONE };
	more = cut_one(m, s, &broken);
	pthread_mutex_lock(&m->lock);
	m->cutting = false;
	m->cut_all = !more || broken.kind != FAULT_NONE;
	if (more) {
		s->place = PART_BUSY;
		m->next_cut++;
	}
	pthread_cond_broadcast(&m->moved);
	if (!more)
		return true;
	pthread_mutex_unlock(&m->lock);
	src.keys = m->t->src->keys + thread;
	src.threads = 1;
	if (m->t->work(m->t->arg, &src, &s->part, i, &s->fault) == 0 &&
	    broken.kind != FAULT_NONE)
		s->fault = broken;
	pthread_mutex_lock(&m->lock);
	s->place = PART_READY;
	pthread_cond_broadcast(&m->moved);
	return true;
}

static void *
run(void *arg)
{
	struct member *me = arg;
	struct team *m = me->team;

	pthread_mutex_lock(&m->lock);
	while (!m->over)
		if (!finish_next(m) && !work_next(m, me->number))
			pthread_cond_wait(&m->moved, &m->lock);
	pthread_mutex_unlock(&m->lock);
	return NULL;
}

/* This thread works too; fewer than wished for is only slower. */
static void
run_all(struct team *m, unsigned threads)
{
	struct member members[MASK_THREADS_MAX] = { { NULL, 0 } };
	pthread_t ids[MASK_THREADS_MAX];
	unsigned started = 1;

	for (unsigned i = 0; i < threads; i++)
		members[i] = (struct member){ m, i };
	while (started < threads &&
	       pthread_create(&ids[started], NULL, run, &members[started]) == 0)
		started++;
	(void)run(&members[0]);
	for (unsigned i = 1; i < started; i++)
		must(pthread_join(ids[i], NULL) == 0);
}

int
mask_team_run(const struct mask_team *t, struct fault *f)
{
	unsigned threads = t->src->threads > 1 ? t->src->threads : 1;
	struct team m = { .t = t,
		.format = row_format_of(t->src->plan),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.moved = PTHREAD_COND_INITIALIZER };
	int rc = -1;

	must(m.format != NULL && threads <= MASK_THREADS_MAX);
	/* A part more than threads is under way while the next is finished. */
	m.nslots = threads + 2;
	must(m.nslots <= MASK_TEAM_SLOTS);
	if (m.format->cut_open(&m.cutter, t->src,
		t->target > 0 ? t->target : t->whole, f) != 0) {
		(void)fault_at(f, "%s", t->src->path);
		goto out;
	}
	run_all(&m, threads);
	if (m.fault.kind != FAULT_NONE)
		*f = m.fault;
	else
		rc = 0;
out:
	m.format->cut_close(m.cutter);
	for (unsigned i = 0; i < MASK_TEAM_SLOTS; i++)
		m.format->held_free(m.slots[i].held);
	return rc;
}
