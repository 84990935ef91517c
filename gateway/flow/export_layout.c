/* Which unit goes into which shard, and for whom a shard is sealed: both are
 * asked for, of a worker that has the batch's key and of the keeper. */

#include <string.h>

#include "gateway/flow/export_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"

/* Tar header and padding of a small file count, where there are many. */
#define MEMBER_COST 1024u

/* -- The order ----------------------------------------------------------- */

static uint64_t
unit_size(const struct plan *p, const struct plan_unit *u)
{
	uint64_t bytes = plan_unit_size(p, u);

	if (u->part != PLAN_WHOLE && u->left != 0)
		bytes -=
		    bytes / p->parts[u->part].records * p->left[u->left - 1].n;
	return bytes + (uint64_t)MEMBER_COST * plan_unit_files(p, u);
}

static int
take_layout(struct export *x, struct reader *r, struct fault *f)
{
	struct package_layout *l = &x->layout;

	l->n = x->plan->nunits;
	if (take_u32(r, &l->nshards, f) != 0)
		return -1;
	if (l->nshards == 0 || l->nshards > PACKAGE_SHARDS_MAX)
		return fault_set(f, FAULT_PEER, "a layout of no shards");
	l->end = mem_array(l->nshards, sizeof(*l->end));
	l->order = mem_array(l->n, sizeof(*l->order));
	if (l->end == NULL || l->order == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < l->nshards; i++)
		if (take_u32(r, &l->end[i], f) != 0)
			return -1;
	for (uint32_t i = 0; i < l->n; i++)
		if (take_u32(r, &l->order[i], f) != 0)
			return -1;
	return take_end(r, f);
}

/* A worker that dies costs an attempt. */
static int
ask_layout(struct pool *pool, const struct message *m,
    struct pool_result *result, struct fault *f)
{
	for (unsigned attempt = 1;; attempt++) {
		struct fault why = { 0 };

		if (pool_give_to(pool, 0, m, 0, &why) == 0) {
			if (pool_take(pool, result, f) != 0)
				return -1;
			if (!result->died || attempt == EXPORT_ATTEMPTS)
				return 0;
		} else if (attempt == EXPORT_ATTEMPTS) {
			*f = why;
			return -1;
		}
	}
}

int
export_layout(struct export *x, struct pool *pool, struct fault *f)
{
	const struct plan *p = x->plan;
	struct pool_result result;
	struct message m;
	int rc = -1;

	message_init(&m, MESSAGE_MAX);
	pool_result_init(&result, MESSAGE_MAX);
	if (ask_begin(&m, WORKER_LAYOUT, f) != 0 ||
	    put_u64(&m.body, PACKAGE_SHARD_TARGET, f) != 0 ||
	    put_u32(&m.body, p->nunits, f) != 0)
		goto out;
	for (uint32_t i = 0; i < p->nunits; i++)
		if (put_u64(&m.body, unit_size(p, &p->units[i]), f) != 0)
			goto out;
	if (ask_layout(pool, &m, &result, f) != 0)
		goto out;
	if (result.fault.kind != FAULT_NONE)
		*f = result.fault;
	else
		rc = take_layout(x, &result.body, f);
out:
	message_free(&m);
	pool_result_free(&result);
	return rc;
}

/* -- Identities ---------------------------------------------------------- */

/* Shards from n on that are not done, as many as there is room for. */
static json_t *
list_wanted(const struct export *x, uint32_t n)
{
	json_t *list = json_array();
	size_t count = 0;

	for (;
	     list != NULL && n < x->layout.nshards && count < EXPORT_KEYS_AHEAD;
	     n++) {
		if (x->done[n])
			continue;
		if (json_array_append_new(list, json_integer(n)) != 0) {
			json_decref(list);
			return NULL;
		}
		count++;
	}
	return list;
}

static int
take_spares(struct export_spares *s, const json_t *wanted, const json_t *answer,
    struct fault *f)
{
	json_t *list;

	if (doc_list(answer, "recipients", &list, f) != 0)
		return -1;
	if (json_array_size(list) != json_array_size(wanted))
		return fault_set(f, FAULT_PEER, "other identities than asked");
	s->n = 0;
	for (size_t i = json_array_size(list); i-- > 0;) {
		struct export_spare *one = &s->at[s->n++];
		const char *text = json_string_value(json_array_get(list, i));

		if (text == NULL || strlen(text) >= RECIPIENT_ROOM)
			return fault_set(f, FAULT_PEER, "no recipient");
		(void)snprintf(one->recipient, RECIPIENT_ROOM, "%s", text);
		one->shard =
		    (uint32_t)json_integer_value(json_array_get(wanted, i));
	}
	return 0;
}

static int
make_identities(const struct export *x, struct export_spares *s, json_t *wanted,
    struct fault *f)
{
	json_t *answer = NULL;
	int rc = -1;

	if (keeper_ask(x->keeper, KEEPER_SHARD_KEYS,
		json_pack("{s:s,s:O}", "batch", x->batch, "shards", wanted),
		&answer, f) == 0)
		rc = take_spares(s, wanted, answer, f);
	json_decref(answer);
	return rc;
}

int
export_recipient(const struct export *x, struct export_spares *s,
    uint32_t shard, bool alone, char out[RECIPIENT_ROOM], struct fault *f)
{
	json_t *wanted;
	int rc;

	if (alone || s->n == 0 || s->at[s->n - 1].shard != shard) {
		wanted = alone ? json_pack("[I]", (json_int_t)shard)
			       : list_wanted(x, shard);
		if (wanted == NULL)
			return fault_memory(f);
		rc = make_identities(x, s, wanted, f);
		json_decref(wanted);
		if (rc != 0)
			return -1;
	}
	must(s->n > 0 && s->at[s->n - 1].shard == shard);
	memcpy(out, s->at[--s->n].recipient, RECIPIENT_ROOM);
	return 0;
}
