/*
 * One worker that is asked in order: what it is told builds on what it was told
 * before, so that the requests of one measuring must not be spread over a pool.
 */

#include "gateway/flow/plan_internal.h"

static int
take(struct crew_one *c, struct fault *f)
{
	if (pool_take(c->pool, &c->result, f) != 0)
		return -1;
	if (c->result.fault.kind == FAULT_NONE)
		return 0;
	*f = c->result.fault;
	return -1;
}

int
crew_one_give(struct crew_one *c, const struct message *m, struct fault *f)
{
	while (pool_jobs(c->pool, 0) >= POOL_DEPTH)
		if (take(c, f) != 0)
			return -1;
	return pool_give_to(c->pool, 0, m, 0, f);
}

int
crew_one_drain(struct crew_one *c, struct fault *f)
{
	while (pool_jobs(c->pool, 0) > 0)
		if (take(c, f) != 0)
			return -1;
	return 0;
}

int
crew_one_plan(struct crew_one *c, struct message *m, const struct plan *p,
    uint32_t plan, struct fault *f)
{
	message_reset(m);
	if (ask_begin(m, WORKER_PLANS, f) != 0 ||
	    put_u32(&m->body, 1, f) != 0 || put_u32(&m->body, plan, f) != 0 ||
	    file_plan_put(&m->body, &p->plans[plan].plan, f) != 0)
		return -1;
	return crew_one_give(c, m, f);
}

int
crew_ask(struct pool *pool, const struct message *m, struct pool_result *r,
    struct fault *f)
{
	if (pool_give_to(pool, 0, m, 0, f) != 0 || pool_take(pool, r, f) != 0)
		return -1;
	if (r->fault.kind == FAULT_NONE)
		return 0;
	*f = r->fault;
	return -1;
}

int
crew_put_shapes(struct message *m, const struct mask_reading *as, uint16_t n,
    struct fault *f)
{
	if (ask_begin(m, WORKER_SHAPES, f) != 0 ||
	    put_u8(&m->body, (uint8_t)as->type, f) != 0 ||
	    put_u8(&m->body, as->header ? 1 : 0, f) != 0 ||
	    put_u8(&m->body, (uint8_t)as->delimiter, f) != 0 ||
	    names_put(&m->body, as->apart, f) != 0 ||
	    put_u8(&m->body, as->searched ? 1 : 0, f) != 0)
		return -1;
	return put_u16(&m->body, n, f);
}

int
crew_put_part(struct message *m, uint16_t ask, const struct plan *p,
    uint32_t unit, uint32_t number, struct fault *f)
{
	const struct plan_unit *u = &p->units[unit];
	const struct worker_file w = plan_file(p, u->file);
	int fd;

	message_reset(m);
	if (ask_begin(m, ask, f) != 0 ||
	    scan_open(&p->scan, u->file, &fd, f) != 0 ||
	    message_give_fd(m, fd, f) != 0 ||
	    worker_put_file(&m->body, &w, f) != 0 ||
	    worker_put_part(&m->body, &p->parts[u->part], f) != 0)
		return -1;
	return put_u32(&m->body, number, f);
}
