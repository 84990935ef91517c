/*
 * Behind pseudonyms.
 *
 *     plan (with a dataset) --> logged (keeper) --> workers with the domain's
 *         keys: undo, and search --> what was found
 *
 * The log has it before a worker has a key.  Values pass through here on their
 * way from a worker to the owner who asked, and are kept nowhere.
 */

#include <string.h>

#include "gateway/flow/reveal_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"

/* ---- What can be undone ---- */

static int
each_undone(struct revealing *r,
    int (*each)(struct revealing *r, const struct transform *t,
	const char *field, void *arg, struct fault *f),
    void *arg, struct fault *f)
{
	for (size_t i = 0; i < r->policy->nfiles; i++) {
		const struct file_rule *rule = &r->policy->files[i];

		for (size_t k = 0; k < rule->nfields; k++) {
			const struct field_rule *field = &rule->fields[k];

			if ((field->how.action == TRANSFORM_REVERSIBLE ||
				field->how.action == TRANSFORM_FPE) &&
			    each(r, &field->how, field->name, arg, f) != 0)
				return -1;
		}
	}
	return 0;
}

static int
add_key(struct revealing *r, const struct transform *t, const char *field,
    void *arg, struct fault *f)
{
	char name[TRANSFORM_KEY_CHARS + 1];

	(void)field;
	(void)arg;
	return transform_key_name(t, name) ? crew_keys_add(&r->keys, name, f)
					   : 0;
}

struct listed {
	struct bytes *out;
	uint32_t n;
	const char *fields[4096]; /* as many as are sent */
	const struct transform *how[4096];
};

static int
put_transform(struct revealing *r, const struct transform *t, const char *field,
    void *arg, struct fault *f)
{
	struct listed *l = arg;

	(void)r;
	if (l->n == sizeof(l->fields) / sizeof(l->fields[0]))
		return fault_set(f, FAULT_INPUT,
		    "more than %u fields that can be undone", (unsigned)l->n);
	l->fields[l->n] = field;
	l->how[l->n++] = t;
	return transform_put(l->out, t, f);
}

/* ---- Asking workers ---- */

static int
take_undone(struct revealing *r, const struct listed *l, struct fault *f)
{
	struct reader *in = &r->result.body;
	struct slice value;
	uint32_t n, text, how;

	if (take_u32(in, &n, f) != 0)
		return -1;
	while (n-- > 0) {
		json_t *one;

		if (take_u32(in, &text, f) != 0 || take_u32(in, &how, f) != 0 ||
		    take_slice(in, MESSAGE_MAX, &value, f) != 0)
			return -1;
		if (text >= r->o->n || how >= l->n)
			return fault_set(f, FAULT_PEER, "an answer to nothing");
		one =
		    reveal_find(r->o->tokens[text], l->how[how], l->fields[how],
			&value, l->how[how]->action == TRANSFORM_REVERSIBLE);
		/* two columns of one domain undo to the same */
		if (one != NULL && reveal_before(r, one) != NULL) {
			json_decref(one);
			continue;
		}
		if (reveal_add(r, one, f) != 0)
			return -1;
		r->known[text] = true;
	}
	return take_end(in, f);
}

static int
undo(struct revealing *r, struct fault *f)
{
	struct listed *l = mem_new(sizeof(*l));
	struct bytes list;
	struct message m;
	int rc = -1;

	if (l == NULL)
		return fault_memory(f);
	bytes_init(&list, MESSAGE_MAX);
	message_init(&m, MESSAGE_MAX);
	l->out = &list;
	if (each_undone(r, put_transform, l, f) != 0)
		goto out;
	if (l->n == 0) {
		rc = 0;
		goto out;
	}
	if (ask_begin(&m, WORKER_UNDO, f) != 0 ||
	    reveal_put_texts(r, &m, f) != 0 || put_u32(&m.body, l->n, f) != 0 ||
	    bytes_add(&m.body, list.at, list.len, f) != 0 ||
	    pool_give_to(r->pool, 0, &m, 0, f) != 0 ||
	    pool_take(r->pool, &r->result, f) != 0)
		goto out;
	if (r->result.fault.kind != FAULT_NONE)
		*f = r->result.fault;
	else
		rc = take_undone(r, l, f);
out:
	message_free(&m);
	bytes_free(&list);
	mem_free(l);
	return rc;
}

/* ---- All of it ---- */

static int
prepare(struct revealing *r, struct fault *f)
{
	const struct reveal_options *o = r->o;
	struct plan_options plan = { .dataset = o->dataset,
		.policy = o->policy,
		.vendor = o->vendor,
		.refusals = o->refusals,
		.progress = o->progress };

	if (policy_load(&r->policy, o->policy, &r->text, f) != 0)
		return -1;
	r->project = o->project != NULL ? o->project : r->policy->project;
	if (o->dataset != NULL &&
	    (plan_make(&r->plan, &plan, f) != 0 ||
		crew_keys_of_plan(&r->keys, r->plan, f) != 0))
		return -1;
	if (each_undone(r, add_key, NULL, f) != 0)
		return -1;
	if (r->keys.n > 0)
		return 0;
	(void)fault_set(f, FAULT_INPUT,
	    "%s: nothing in it can be undone without the data", o->policy);
	return fault_hint(f, "name the dataset behind the pseudonyms");
}

/* Logged before anybody has a key. */
static int
log_it(struct revealing *r, struct fault *f)
{
	const struct reveal_options *o = r->o;
	json_t *tokens = json_array(), *answer = NULL;
	int rc;

	for (size_t i = 0; tokens != NULL && i < o->n; i++)
		if (json_array_append_new(tokens, json_string(o->tokens[i])) !=
		    0) {
			json_decref(tokens);
			return fault_set(f, FAULT_USAGE,
			    "a pseudonym that is no UTF-8 text");
		}
	rc = keeper_ask(o->keeper, KEEPER_REVEAL,
	    json_pack("{s:s,s:s,s:s,s:o}", "vendor", o->vendor, "project",
		r->project, "by", o->by, "tokens", tokens),
	    &answer, f);
	if (rc != 0)
		return -1;
	r->keys.keeper = o->keeper;
	r->keys.about = json_pack("{s:O}", "reveal", answer);
	json_decref(answer);
	return r->keys.about == NULL ? fault_memory(f) : 0;
}

static int
tell(struct revealing *r, json_t **out, struct fault *f)
{
	json_t *unknown = json_array();

	for (size_t i = 0; unknown != NULL && i < r->o->n; i++)
		if (!r->known[i] && json_array_append_new(unknown,
					json_string(r->o->tokens[i])) != 0) {
			json_decref(unknown);
			unknown = NULL;
		}
	*out = json_pack("{s:s,s:s,s:O,s:o}", "vendor", r->o->vendor, "project",
	    r->project, "found", r->found, "unknown", unknown);
	return *out == NULL ? fault_memory(f) : 0;
}

int
reveal(json_t **out, const struct reveal_options *o, struct fault *f)
{
	struct revealing r = { .o = o };
	struct pool_options crew = {
		.role = "worker", .state = &r.keys, .ready = crew_hand_keys
	};
	int rc = -1;

	bytes_init(&r.text, POLICY_BYTES_MAX);
	pool_result_init(&r.result, MESSAGE_MAX);
	r.found = json_array();
	r.known = mem_array(o->n, sizeof(*r.known));
	if (r.found == NULL || r.known == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (prepare(&r, f) == 0 && log_it(&r, f) == 0 &&
	    pool_new(&r.pool, &crew, f) == 0 && undo(&r, f) == 0 &&
	    (r.plan == NULL || reveal_search(&r, f) == 0))
		rc = tell(&r, out, f);
out:
	pool_free(r.pool);
	pool_result_free(&r.result);
	crew_keys_free(&r.keys);
	plan_free(r.plan);
	policy_free(r.policy);
	bytes_free(&r.text);
	json_decref(r.found);
	mem_free(r.known);
	mem_free(r.flying);
	return rc;
}
