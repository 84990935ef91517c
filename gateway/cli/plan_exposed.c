/* What the vendor would then hold of persons, as plan shows it: only the home
 * knows what it has already. */

#include "gateway/cli/home_internal.h"
#include "gateway/cli/plan_internal.h"

/* How many batches there are to be measured against.  *known is false without
 * a home. */
static int
count(struct cli *c, const struct planned *p, struct exposure *e, bool *known,
    struct fault *f)
{
	struct fault none = { 0 };
	int rc;

	*known = true;
	e->keeper = p->keeper;
	if (e->keeper != NULL)
		return exposure_count(e, f);
	if (home_keeper(c, 0, false, &e->keeper, &none) != 0) {
		*known = false;
		if (none.kind == FAULT_USAGE && c->home == NULL)
			return 0; /* it was said that there is none */
		*f = none;
		return -1;
	}
	rc = exposure_count(e, f);
	if (keeper_close(e->keeper, &none) != 0 && rc == 0) {
		*f = none;
		rc = -1;
	}
	e->keeper = NULL;
	return rc;
}

static int
measure(struct cli *c, struct planned *p, struct exposure *e, struct fault *f)
{
	struct progress progress;
	int rc;

	if (p->keeper == NULL &&
	    home_keeper(c, RING_EXPORT, true, &p->keeper, f) != 0)
		return -1;
	e->keeper = p->keeper;
	progress_start(&progress, c);
	e->progress = (struct flow_progress){ progress_tell, &progress };
	rc = exposure_measure(e, f);
	progress_end(&progress);
	if (rc == 0 && json_object_set_new(e->found, "met",
			   json_boolean(e->why.kind == FAULT_NONE)) != 0)
		return fault_memory(f);
	return rc;
}

int
plan_exposed(struct cli *c, struct planned *p, json_t *told, struct exposure *e,
    struct fault *f)
{
	bool known;

	if (!exposure_any(p->plan))
		return 0;
	e->plan = p->plan;
	e->vendor = option_text(c, "vendor");
	if (count(c, p, e, &known, f) != 0)
		return -1;
	if (!known)
		return 0;
	if (e->batches == 0) {
		if (json_object_set_new(told, "exposure",
			json_pack("{s:I}", "batches", (json_int_t)0)) != 0)
			return fault_memory(f);
		return 0;
	}
	if (measure(c, p, e, f) != 0)
		return -1;
	return json_object_set(told, "exposure", e->found) == 0
		   ? 0
		   : fault_memory(f);
}
