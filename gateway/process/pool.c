/*
 * Workers: children that take jobs, one after another; while one is being done
 * the next can lie there already, so that nobody waits for the way between.
 *
 * A worker is started when the first job for it comes, and again after it
 * died; its death costs the jobs that it had and no other.  Whether they are
 * tried again is for the caller to say.
 */

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "gateway/process/process.h"
#include "keys/base/mem.h"

#define END_MS 2000 /* for a worker without a job to notice and end */

struct worker {
	struct process *process; /* NULL: not started, or dead */
	uint64_t starts;
	uint64_t tickets[POOL_DEPTH]; /* in the order given */
	size_t jobs;
	struct fault died; /* without a process and with jobs: why */
};

struct pool {
	struct pool_options o;
	struct worker *workers;
	size_t nworkers;
	struct pollfd *fds;
};

int
pool_new(struct pool **out, const struct pool_options *o, struct fault *f)
{
	struct pool *p;
	size_t n = o->workers != 0 ? o->workers : process_cores();

	if ((p = mem_new(sizeof(*p))) == NULL)
		return fault_memory(f);
	p->o = *o;
	p->nworkers = n;
	p->workers = mem_array(n, sizeof(*p->workers));
	p->fds = mem_array(n, sizeof(*p->fds));
	if (p->workers == NULL || p->fds == NULL) {
		pool_free(p);
		return fault_memory(f);
	}
	/* what may lie unread in all channels, and some for ourselves */
	process_descriptors(n * POOL_DEPTH * MESSAGE_FDS_MAX + 256);
	*out = p;
	return 0;
}

size_t
pool_workers(const struct pool *p)
{
	return p->nworkers;
}

size_t
pool_jobs(const struct pool *p, size_t worker)
{
	must(worker < p->nworkers);
	return p->workers[worker].jobs;
}

uint64_t
pool_starts(const struct pool *p, size_t worker)
{
	must(worker < p->nworkers);
	return p->workers[worker].starts;
}

size_t
pool_idle(const struct pool *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nworkers; i++)
		n += p->workers[i].jobs == 0;
	return n;
}

/* A worker that runs already, before one that would have to be started. */
static size_t
find_idle(const struct pool *p)
{
	size_t unstarted = p->nworkers;

	for (size_t i = 0; i < p->nworkers; i++) {
		const struct worker *w = &p->workers[i];

		if (w->jobs == 0 && w->process != NULL)
			return i;
		if (w->jobs == 0 && unstarted == p->nworkers)
			unstarted = i;
	}
	return unstarted;
}

static int
start_worker(struct pool *p, struct worker *w, struct fault *f)
{
	struct fault died = { 0 };

	if (process_spawn(&w->process, p->o.role, NULL, 0, f) != 0)
		return -1;
	w->starts++;
	if (p->o.ready == NULL ||
	    p->o.ready(p->o.state, process_channel(w->process), f) == 0)
		return 0;
	/* A worker that fell over at the start says better why. */
	if (process_end(w->process, END_MS, &died) != 0 &&
	    f->kind == FAULT_PEER)
		*f = died;
	w->process = NULL;
	return -1;
}

/* Its channel has ended or broken: what jobs it has fail with it. */
static void
bury(struct pool *p, struct worker *w)
{
	fault_clear(&w->died);
	if (process_end(w->process, END_MS, &w->died) == 0)
		(void)fault_set(&w->died, FAULT_SYSTEM,
		    "@%s: ended within its job", p->o.role);
	w->process = NULL;
}

/* To a worker without jobs; one that died meanwhile is started again. */
static int
give_first(struct pool *p, struct worker *w, const struct message *job,
    struct fault *f)
{
	struct fault gone = { 0 };

	if (w->process != NULL) {
		if (channel_send(process_channel(w->process), job, &gone) == 0)
			return 0;
		process_kill(w->process);
		w->process = NULL;
	}
	if (start_worker(p, w, f) != 0)
		return -1;
	if (channel_send(process_channel(w->process), job, f) == 0)
		return 0;
	fault_clear(f);
	if (process_end(w->process, END_MS, f) == 0)
		(void)fault_set(
		    f, FAULT_SYSTEM, "@%s: ended before its job", p->o.role);
	w->process = NULL;
	return -1;
}

int
pool_give_to(struct pool *p, size_t worker, const struct message *job,
    uint64_t ticket, struct fault *f)
{
	struct worker *w = &p->workers[worker];
	struct fault gone = { 0 };

	must(worker < p->nworkers && w->jobs < POOL_DEPTH);
	if (w->jobs == 0) {
		if (give_first(p, w, job, f) != 0)
			return -1;
	} else if (w->process != NULL &&
		   channel_send(process_channel(w->process), job, &gone) != 0) {
		bury(p, w); /* pool_take() tells, of all its jobs */
	}
	w->tickets[w->jobs++] = ticket;
	return 0;
}

int
pool_give(
    struct pool *p, const struct message *job, uint64_t ticket, struct fault *f)
{
	size_t worker = find_idle(p);

	must(worker < p->nworkers);
	return pool_give_to(p, worker, job, ticket, f);
}

/* Has this worker's oldest job ended? */
static bool
collect(struct pool *p, struct worker *w, struct pool_result *r)
{
	struct fault f = { 0 };
	enum channel_got got = CHANNEL_END;

	if (w->process != NULL) {
		if (channel_try(
			process_channel(w->process), &r->answer, &got, &f) != 0)
			got = CHANNEL_END;
		if (got == CHANNEL_NOTHING)
			return false;
		if (got == CHANNEL_END)
			bury(p, w);
	}
	r->died = got == CHANNEL_END;
	if (r->died)
		r->fault = w->died;
	else if (ask_answered(&r->answer, &r->body, &f) != 0)
		r->fault = f;
	r->ticket = w->tickets[0];
	r->worker = (size_t)(w - p->workers);
	w->jobs--;
	memmove(w->tickets, w->tickets + 1, w->jobs * sizeof(w->tickets[0]));
	return true;
}

int
pool_take(struct pool *p, struct pool_result *r, struct fault *f)
{
	must(pool_idle(p) < p->nworkers);
	message_reset(&r->answer);
	r->body = reader_of(NULL, 0);
	fault_clear(&r->fault);
	for (;;) {
		nfds_t n = 0;

		for (size_t i = 0; i < p->nworkers; i++) {
			struct worker *w = &p->workers[i];

			if (w->jobs == 0)
				continue;
			if (collect(p, w, r))
				return 0;
			p->fds[n++] = (struct pollfd){
				channel_fd(process_channel(w->process)), POLLIN,
				0
			};
		}
		if (poll(p->fds, n, -1) < 0 && errno != EINTR)
			return fault_errno(f, "wait for workers");
	}
}

void
pool_result_init(struct pool_result *r, size_t answer_max)
{
	memset(r, 0, sizeof(*r));
	message_init(&r->answer, answer_max);
}

void
pool_result_free(struct pool_result *r)
{
	message_free(&r->answer);
}

void
pool_free(struct pool *p)
{
	struct fault ignored = { 0 };

	if (p == NULL)
		return;
	for (size_t i = 0; p->workers != NULL && i < p->nworkers; i++) {
		struct worker *w = &p->workers[i];

		if (w->jobs > 0)
			process_kill(w->process);
		else if (w->process != NULL)
			(void)!process_end(w->process, END_MS, &ignored);
	}
	mem_free(p->workers);
	mem_free(p->fds);
	mem_free(p);
}
