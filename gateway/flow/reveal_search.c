/* Looking for pseudonyms in a dataset, and what was found, each thing once. */

#include <string.h>

#include "gateway/flow/reveal_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"

/* ---- What was found ---- */

/* A value that is no UTF-8 text is told as one that is not: byte by byte. */
static json_t *
value_json(const struct slice *v)
{
	json_t *text = json_stringn((const char *)v->at, v->len);
	char *hex;

	if (text != NULL)
		return text;
	if ((hex = mem_new(2 * v->len + 1)) == NULL)
		return NULL;
	hex_write(hex, v->at, v->len);
	text = json_pack("{s:s}", "hex", hex);
	mem_free(hex);
	return text;
}

json_t *
reveal_find(const char *pseudonym, const struct transform *how,
    const char *field, const struct slice *value, bool proven)
{
	return json_pack("{s:s,s:s,s:o,s:b,s:s}", "pseudonym", pseudonym, "how",
	    how->action == TRANSFORM_TOKEN	  ? "token"
	    : how->action == TRANSFORM_UID	  ? "uid"
	    : how->action == TRANSFORM_REVERSIBLE ? "reversible"
						  : "fpe",
	    "value", value_json(value), "proven", proven, "field", field);
}

int
reveal_add(struct revealing *r, json_t *one, struct fault *f)
{
	if (one == NULL || json_array_append_new(r->found, one) != 0)
		return fault_memory(f);
	return 0;
}

/* The same pseudonym, field and value, found before? */
json_t *
reveal_before(const struct revealing *r, const json_t *one)
{
	static const char *const same[] = { "pseudonym", "field", "value" };
	json_t *other;
	size_t i;

	json_array_foreach(r->found, i, other)
	{
		size_t k = 0;

		while (k < 3 && json_equal(json_object_get(one, same[k]),
				    json_object_get(other, same[k])))
			k++;
		if (k == 3)
			return other;
	}
	return NULL;
}

int
reveal_put_texts(const struct revealing *r, struct message *m, struct fault *f)
{
	if (put_u32(&m->body, (uint32_t)r->o->n, f) != 0)
		return -1;
	for (size_t i = 0; i < r->o->n; i++)
		if (put_text(&m->body, r->o->tokens[i], f) != 0)
			return -1;
	return 0;
}

/* ---- Searching ---- */

static const struct plan_field *
field_named(const struct file_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->nfields; i++)
		if (strcmp(plan->fields[i].name, name) == 0)
			return &plan->fields[i];
	return NULL;
}

static int
take_find(struct revealing *r, uint32_t file, struct fault *f)
{
	struct reader *in = &r->result.body;
	const char *path = scan_path(&r->plan->scan, file);
	const struct file_plan *plan =
	    &r->plan->plans[r->plan->scan.files[file].plan].plan;
	char name[SHAPE_NAME_MAX + 1];
	const struct plan_field *field;
	json_t *one, *other;
	struct slice value;
	uint64_t record, count;
	uint32_t text;

	if (take_u32(in, &text, f) != 0 ||
	    take_text(in, name, sizeof(name), f) != 0 ||
	    take_u64(in, &record, f) != 0 || take_u64(in, &count, f) != 0 ||
	    take_slice(in, MESSAGE_MAX, &value, f) != 0)
		return -1;
	if (text >= r->o->n || (field = field_named(plan, name)) == NULL)
		return fault_set(f, FAULT_PEER, "an answer to nothing");
	one = reveal_find(r->o->tokens[text], &field->how, name, &value, true);
	if (one == NULL)
		return fault_memory(f);
	r->known[text] = true;
	if ((other = reveal_before(r, one)) == NULL) {
		json_t *where = record > 0
				    ? json_sprintf("%s: record %llu", path,
					  (unsigned long long)record)
				    : json_string(path);

		if (json_object_set_new(one, "where", where) != 0 ||
		    json_object_set_new(
			one, "times", json_integer((json_int_t)count)) != 0) {
			json_decref(one);
			return fault_memory(f);
		}
		return reveal_add(r, one, f);
	}
	json_decref(one);
	count += (uint64_t)json_integer_value(json_object_get(other, "times"));
	if (json_object_set_new(
		other, "times", json_integer((json_int_t)count)) != 0 ||
	    json_object_set_new(other, "proven", json_true()) != 0)
		return fault_memory(f);
	if (json_object_get(other, "where") == NULL &&
	    json_object_set_new(other, "where", json_string(path)) != 0)
		return fault_memory(f);
	return 0;
}

static int
take_finds(struct revealing *r, struct fault *f)
{
	uint32_t file, n;

	if (pool_take(r->pool, &r->result, f) != 0)
		return -1;
	file = r->flying[r->result.ticket];
	r->flying[r->result.ticket] = PLAN_NONE;
	r->nflying--;
	if (r->result.fault.kind != FAULT_NONE) {
		*f = r->result.fault;
		return -1;
	}
	if (r->o->progress.tell != NULL)
		r->o->progress.tell(r->o->progress.arg, "searching files",
		    ++r->done, r->plan->nunits);
	if (take_u32(&r->result.body, &n, f) != 0)
		return -1;
	while (n-- > 0)
		if (take_find(r, file, f) != 0)
			return -1;
	return take_end(&r->result.body, f);
}

static int
put_unit(struct revealing *r, const struct plan_unit *u, struct message *m,
    struct fault *f)
{
	struct plan *p = r->plan;
	const struct worker_file wf = plan_file(p, u->file);
	int fd;

	if (ask_begin(m, WORKER_REVEAL, f) != 0 ||
	    reveal_put_texts(r, m, f) != 0 ||
	    scan_open(&p->scan, u->file, &fd, f) != 0 ||
	    message_give_fd(m, fd, f) != 0 ||
	    worker_put_file(&m->body, &wf, f) != 0 ||
	    file_plan_put(&m->body, &p->plans[wf.plan].plan, f) != 0 ||
	    put_u8(&m->body, u->part != PLAN_WHOLE, f) != 0)
		return -1;
	return u->part == PLAN_WHOLE
		   ? 0
		   : worker_put_part(&m->body, &p->parts[u->part], f);
}

/* Does anything in it stand for something that can be found? */
static bool
has_pseudonyms(const struct plan *p, const struct plan_unit *u)
{
	const struct file_plan *plan =
	    &p->plans[p->scan.files[u->file].plan].plan;

	for (size_t i = 0; i < plan->nfields; i++) {
		enum transform_action how = plan->fields[i].how.action;

		if (how == TRANSFORM_TOKEN || how == TRANSFORM_REVERSIBLE ||
		    how == TRANSFORM_FPE || how == TRANSFORM_UID)
			return true;
	}
	return false;
}

static int
send_unit(struct revealing *r, const struct plan_unit *u, struct fault *f)
{
	size_t worker, ticket = 0;
	struct message m;
	bool room;
	int rc = -1;

	for (;;) {
		worker = crew_least(r->pool, &room);
		if (room)
			break;
		if (take_finds(r, f) != 0)
			return -1;
	}
	while (r->flying[ticket] != PLAN_NONE)
		ticket++;
	message_init(&m, MESSAGE_MAX);
	if (put_unit(r, u, &m, f) == 0 &&
	    pool_give_to(r->pool, worker, &m, ticket, f) == 0) {
		r->flying[ticket] = u->file;
		r->nflying++;
		rc = 0;
	}
	message_free(&m);
	return rc;
}

/* The file, part, or files that a unit is. */
static int
send_files(struct revealing *r, const struct plan_unit *u, struct fault *f)
{
	const struct plan_bundle *d;

	if (u->bundle == 0)
		return has_pseudonyms(r->plan, u) ? send_unit(r, u, f) : 0;
	d = &r->plan->bundles[u->bundle - 1];
	for (uint32_t i = 0; i < d->n; i++) {
		const struct plan_unit one = { r->plan->members[d->first + i],
			PLAN_WHOLE, 0, 0 };

		if (has_pseudonyms(r->plan, &one) && send_unit(r, &one, f) != 0)
			return -1;
	}
	return 0;
}

int
reveal_search(struct revealing *r, struct fault *f)
{
	size_t slots = pool_workers(r->pool) * POOL_DEPTH;

	if ((r->flying = mem_array(slots, sizeof(*r->flying))) == NULL)
		return fault_memory(f);
	memset(r->flying, 0xff, slots * sizeof(*r->flying));
	for (uint32_t i = 0; i < r->plan->nunits; i++)
		if (send_files(r, &r->plan->units[i], f) != 0)
			return -1;
	while (r->nflying > 0)
		if (take_finds(r, f) != 0)
			return -1;
	return 0;
}
