/*
 * What is counted: persons, each once in a class (see WHO IS COUNTED in
 * risk.h).
 *
 * The units of a class come sorted by value, so that those with one value are
 * a run.  Without persons a run counts its rows.  With persons it counts those
 * who have the value, and then each person is left in one run alone: the one
 * that most have.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/risk/risk_internal.h"

void
risk_verdict_free(struct risk_verdict *v)
{
	mem_free(v->rows);
	mem_free(v->persons);
	mem_free(v->fails);
	mem_free(v->fill);
	mem_free(v->order);
	mem_free(v->run_value);
	mem_free(v->run_count);
	mem_free(v->mark);
	mem_free(v->seen);
	mem_free(v->best);
	*v = (struct risk_verdict){ 0 };
}

/* Replace *p by want zeroed elements of size bytes. */
static bool
fresh(void *p, size_t want, size_t size)
{
	void *old, *new = mem_array(want, size);

	memcpy(&old, p, sizeof(old));
	mem_free(old);
	memcpy(p, &new, sizeof(new));
	return new != NULL;
}

int
risk_verdict_room(struct risk_verdict *v, const struct risk_units *u,
    size_t nclasses, struct fault *f)
{
	bool ok = true;

	if (v->order == NULL || u->n > v->units_room) {
		ok = fresh(&v->order, u->n, sizeof(*v->order)) &&
		     fresh(&v->run_value, u->n, sizeof(*v->run_value)) &&
		     fresh(&v->run_count, u->n, sizeof(*v->run_count));
		v->units_room = ok ? u->n : 0;
	}
	if (ok && (v->fill == NULL || nclasses > v->classes_room)) {
		ok = fresh(&v->rows, nclasses, sizeof(*v->rows)) &&
		     fresh(&v->persons, nclasses, sizeof(*v->persons)) &&
		     fresh(&v->fails, nclasses, sizeof(*v->fails)) &&
		     fresh(&v->fill, nclasses + 1, sizeof(*v->fill));
		v->classes_room = ok ? nclasses : 0;
	}
	if (ok && u->person != NULL && u->npersons > v->persons_room) {
		ok = fresh(&v->mark, u->npersons, sizeof(*v->mark)) &&
		     fresh(&v->seen, u->npersons, sizeof(*v->seen)) &&
		     fresh(&v->best, u->npersons, sizeof(*v->best));
		v->persons_room = ok ? u->npersons : 0;
		v->stamp = 0;
	}
	if (!ok)
		return fault_memory(f);
	return 0;
}

void
risk_verdict_stamps(struct risk_verdict *v, const struct risk_units *u)
{
	if (u->person == NULL || v->stamp < UINT32_MAX / 2)
		return;
	memset(v->mark, 0, v->persons_room * sizeof(*v->mark));
	memset(v->seen, 0, v->persons_room * sizeof(*v->seen));
	v->stamp = 0;
}

/* Count the persons of each run; a person may be in several. */
static void
count_persons(struct risk_verdict *v, const struct risk_units *u, size_t s,
    const uint32_t *order, struct risk_runs *r)
{
	size_t run = 0;

	for (size_t i = 0; i < r->n; i++)
		v->run_count[i] = 0;
	v->stamp++;
	for (size_t i = 0; i < r->total; i++) {
		uint32_t p = u->person[order[i]];

		if (u->value[s][order[i]] != v->run_value[run]) {
			run++;
			v->stamp++;
		}
		if (v->mark[p] == v->stamp)
			continue;
		v->mark[p] = v->stamp;
		v->run_count[run]++;
	}
}

/* Leave each person in the run that most persons are in. */
static void
settle(struct risk_verdict *v, const struct risk_units *u, size_t s,
    const uint32_t *order, struct risk_runs *r)
{
	size_t run = 0, kept = 0, units = (size_t)r->total;

	v->stamp += 2;
	for (size_t i = 0; i < units; i++) {
		uint32_t p = u->person[order[i]];

		if (u->value[s][order[i]] != v->run_value[run])
			run++;
		if (v->seen[p] != v->stamp) {
			v->seen[p] = v->stamp;
			v->best[p] = (uint32_t)run;
		} else if (v->run_count[run] > v->run_count[v->best[p]]) {
			v->best[p] = (uint32_t)run;
		}
	}
	for (size_t i = 0; i < r->n; i++)
		v->run_count[i] = 0;
	r->total = 0;
	for (size_t i = 0; i < units; i++) {
		uint32_t p = u->person[order[i]];

		if (v->seen[p] != v->stamp)
			continue;
		v->seen[p] = v->stamp - 1;
		v->run_count[v->best[p]]++;
		r->total++;
	}
	for (size_t i = 0; i < r->n; i++) {
		if (v->run_count[i] == 0)
			continue;
		v->run_value[kept] = v->run_value[i];
		v->run_count[kept++] = v->run_count[i];
	}
	r->n = kept;
}

struct risk_runs
risk_runs_of(struct risk_verdict *v, const struct risk_units *u, size_t s,
    const uint32_t *order, size_t n)
{
	const uint32_t *value = u->value[s];
	struct risk_runs r = { v->run_value, v->run_count, 0, 0 };

	for (size_t i = 0; i < n; i++) {
		uint32_t w = u->weight != NULL ? u->weight[order[i]] : 1;

		if (r.n == 0 || value[order[i]] != v->run_value[r.n - 1]) {
			v->run_value[r.n] = value[order[i]];
			v->run_count[r.n++] = 0;
		}
		v->run_count[r.n - 1] += w;
		r.total += w;
	}
	if (u->person != NULL && n == 1) {
		r.total = v->run_count[0] = 1;
	} else if (u->person != NULL) {
		r.total = n;
		count_persons(v, u, s, order, &r);
		settle(v, u, s, order, &r);
	}
	return r;
}

int
risk_ranks_share(
    struct risk_ranks *k, const struct risk_units *u, size_t s, struct fault *f)
{
	struct risk_verdict v = { 0 };
	struct risk_runs r;

	if (risk_verdict_room(&v, u, 1, f) != 0) {
		risk_verdict_free(&v);
		return -1;
	}
	r = risk_runs_of(&v, u, s, u->by_value[s], u->n);
	for (size_t i = 0; i < r.n; i++)
		k->share[r.value[i]] = (double)r.count[i] / (double)r.total;
	risk_verdict_free(&v);
	for (uint32_t i = 0; i < k->nvalues; i++) {
		k->sum[i] = (i > 0 ? k->sum[i - 1] : 0) + k->share[i];
		k->area[i + 1] = k->area[i] + k->sum[i];
	}
	return 0;
}
