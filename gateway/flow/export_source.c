/* A source file in a request to a worker: its descriptor, whom it is about, and
 * which item it is of. */

#include "gateway/flow/export_internal.h"

int
export_put_source(const struct export *x, const struct plan_unit *u, uint32_t i,
    struct message *m, struct fault *f)
{
	uint32_t at = plan_unit_file(x->plan, u, i);
	struct worker_file w = plan_file(x->plan, at);
	int fd;

	if (u->part == PLAN_WHOLE) /* of an item, all of it */
		w.subject = plan_unit_subject(x->plan, u);
	if (scan_open(&x->plan->scan, at, &fd, f) != 0 ||
	    message_give_fd(m, fd, f) != 0)
		return -1;
	return worker_put_file(&m->body, &w, f);
}

int
export_put_file(const struct export *x, const struct plan_unit *u, uint32_t i,
    struct message *m, struct fault *f)
{
	struct slice item = { NULL, 0 };

	if (u->bundle != 0)
		item = plan_unit_original(x->plan, u);
	if (export_put_source(x, u, i, m, f) != 0 ||
	    put_u32(&m->body, u->bundle == 0 ? 0 : i + 1, f) != 0)
		return -1;
	return put_slice(&m->body, item.at, item.len, f);
}
