/*
 * Workers: children that take jobs, one each at a time.
 *
 * A worker is started when the first job for it comes, and again after it
 * died; its death costs the job that it had and no other.  Whether that job is
 * tried again is for the caller to say.
 */

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "gateway/process/process.h"
#include "keys/base/mem.h"

#define END_MS 2000 /* for a worker without a job to notice and end */

struct worker {
	struct process *process; /* NULL: not started */
	bool busy;
	uint64_t ticket;
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
	*out = p;
	return 0;
}

size_t
pool_idle(const struct pool *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nworkers; i++)
		n += !p->workers[i].busy;
	return n;
}

/* A worker that runs already, before one that would have to be started. */
static struct worker *
find_idle(struct pool *p)
{
	struct worker *unstarted = NULL;

	for (size_t i = 0; i < p->nworkers; i++) {
		struct worker *w = &p->workers[i];

		if (!w->busy && w->process != NULL)
			return w;
		if (!w->busy && unstarted == NULL)
			unstarted = w;
	}
	return unstarted;
}

static int
start_worker(struct pool *p, struct worker *w, struct fault *f)
{
	struct fault died = { 0 };

	if (process_spawn(&w->process, p->o.role, NULL, 0, f) != 0)
		return -1;
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

int
pool_give(
    struct pool *p, const struct message *job, uint64_t ticket, struct fault *f)
{
	struct worker *w = find_idle(p);
	struct fault gone = { 0 };

	must(w != NULL);
	/* One that died while it had nothing to do is started again. */
	if (w->process != NULL &&
	    channel_send(process_channel(w->process), job, &gone) != 0) {
		process_kill(w->process);
		w->process = NULL;
	} else if (w->process != NULL) {
		goto given;
	}
	if (start_worker(p, w, f) != 0)
		return -1;
	if (channel_send(process_channel(w->process), job, f) != 0) {
		fault_clear(f);
		if (process_end(w->process, END_MS, f) == 0)
			(void)fault_set(f, FAULT_SYSTEM,
			    "@%s: ended before its job", p->o.role);
		w->process = NULL;
		return -1;
	}
given:
	w->busy = true;
	w->ticket = ticket;
	return 0;
}

/* The worker's channel has ended or broken: its job failed with it. */
static void
bury(struct pool *p, struct worker *w, struct pool_result *r)
{
	struct fault died = { 0 };

	if (process_end(w->process, END_MS, &died) == 0)
		(void)fault_set(&died, FAULT_SYSTEM,
		    "@%s: ended within its job", p->o.role);
	w->process = NULL;
	r->fault = died;
}

/* Has this worker's job ended? */
static bool
collect(struct pool *p, struct worker *w, struct pool_result *r)
{
	struct fault f = { 0 };
	enum channel_got got;

	if (channel_try(process_channel(w->process), &r->answer, &got, &f) != 0)
		got = CHANNEL_END;
	if (got == CHANNEL_NOTHING)
		return false;
	if (got == CHANNEL_END)
		bury(p, w, r);
	else if (ask_answered(&r->answer, &r->body, &f) != 0)
		r->fault = f;
	w->busy = false;
	r->ticket = w->ticket;
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

			if (!w->busy)
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

		if (w->busy)
			process_kill(w->process);
		else if (w->process != NULL)
			(void)!process_end(w->process, END_MS, &ignored);
	}
	mem_free(p->workers);
	mem_free(p->fds);
	mem_free(p);
}
