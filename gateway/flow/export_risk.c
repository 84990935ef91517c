/* What was measured of a batch before it began: judged, and handed to the
 * keeper, who keeps it with the batch. */

#include "gateway/flow/export_internal.h"
#include "gateway/flow/risk_internal.h"
#include "keys/base/doc.h"

int
export_exposure(struct story *s, struct fault *f)
{
	struct exposure *e = &s->exposure;
	json_t *decision = NULL;
	int rc;

	if (!exposure_any(e->plan))
		return 0;
	/* what the law says no to needs no measuring */
	rc = export_check(e->keeper, e->plan, e->vendor, &decision, f);
	if (rc == 0 && (rc = exposure_measure(e, f)) == 0)
		rc = exposure_met(e, f);
	json_decref(decision);
	return rc;
}

int
export_set_risk(const struct story *s, json_t *in, struct fault *f)
{
	const struct plan *p = s->o->plan;
	uint64_t suppressed = 0;
	json_t *report, *risk;
	struct bytes text;
	int rc = -1;

	if (p->nrisks == 0)
		return 0;
	if ((report = json_object()) == NULL)
		return fault_memory(f);
	bytes_init(&text, 1u << 20);
	for (uint32_t i = 0; i < p->nrisks; i++)
		suppressed += p->risks[i].suppressed;
	if (plan_risk_json(report, p, f) != 0)
		goto out;
	if (s->exposure.found != NULL &&
	    json_object_set(report, "exposure", s->exposure.found) != 0) {
		(void)fault_memory(f);
		goto out;
	}
	if (doc_write(&text, report, f) != 0)
		goto out;
	risk = json_pack("{s:s%,s:I}", "report", (const char *)text.at,
	    text.len, "suppressed", (json_int_t)suppressed);
	if (risk == NULL ||
	    (s->exposure.holdings != -1 &&
		json_object_set_new(risk, "as_of",
		    json_integer((json_int_t)s->exposure.as_of)) != 0) ||
	    json_object_set_new(in, "risk", risk) != 0)
		(void)fault_memory(f);
	else
		rc = 0;
out:
	json_decref(report);
	bytes_free(&text);
	return rc;
}
