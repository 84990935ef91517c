/* One shard from descriptors to three sealed drafts, request by request. */

#include <string.h>

#include "gateway/flow/worker_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* A recipient's text; hybrid ones have some 2,000 characters. */
#define RECIPIENT_CHARS 4096u

void
worker_drop_shard(struct worker *w)
{
	package_shard_free(w->shard);
	w->shard = NULL;
	package_refs_close(w->refs);
	w->refs = NULL;
	for (size_t i = 0; i < WORKER_DRAFTS; i++)
		file_close(&w->drafts[i]);
	age_recipients_free(&w->to);
	age_recipients_free(&w->owner);
}

static int
take_recipients(struct reader *r, struct age_recipients *list, struct fault *f)
{
	char text[RECIPIENT_CHARS];
	struct age_recipient one;
	uint16_t n;

	if (take_u16(r, &n, f) != 0)
		return -1;
	for (uint16_t i = 0; i < n; i++) {
		if (take_text(r, text, sizeof(text), f) != 0 ||
		    age_recipient_read(&one, text, strlen(text), f) != 0)
			return -1;
		if (age_recipients_add(list, &one, f) != 0) {
			age_recipient_free(&one);
			return -1;
		}
	}
	return 0;
}

/* The table of references, behind the drafts, where there is one. */
static int
take_refs(struct worker *w, struct asked *a, struct fault *f)
{
	uint8_t any;
	int fd, rc;

	if (take_u8(&a->in, &any, f) != 0)
		return -1;
	if (!any)
		return 0;
	if (message_fd(a->request, WORKER_DRAFTS, &fd, f) != 0)
		return -1;
	rc = package_refs_open(&w->refs, fd, w->item, f);
	file_close(&fd);
	return rc;
}

int
worker_begin(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct package_shard_options o;

	worker_drop_shard(w);
	if (w->item == NULL)
		return fault_set(f, FAULT_SYSTEM, "@worker: has no keys");
	if (take_recipients(&a->in, &w->to, f) != 0 ||
	    take_recipients(&a->in, &w->owner, f) != 0 ||
	    take_refs(w, a, f) != 0 || take_end(&a->in, f) != 0)
		goto fail;
	for (size_t i = 0; i < WORKER_DRAFTS; i++)
		if (message_fd(a->request, i, &w->drafts[i], f) != 0)
			goto fail;
	w->keys = (struct package_keys){ .mask = { .item = w->item,
					     .dictionary = w->dictionary },
		.order = w->order,
		.subject = w->subject,
		.person = w->person,
		.sent = w->sent.at };
	if (w->refs != NULL)
		w->keys.mask.refs = package_refs_use(w->refs);
	o = (struct package_shard_options){ .shard = w->drafts[0],
		.index = w->drafts[1],
		.join = w->drafts[2],
		.to = w->to.at,
		.nto = w->to.n,
		.owner = w->owner.at,
		.nowner = w->owner.n,
		.keys = &w->keys,
		.persons = w->drafts[3],
		.sent = w->drafts[4] };
	if (w->room == NULL && package_room_new(&w->room, f) != 0)
		goto fail;
	o.room = w->room;
	if (package_shard_new(&w->shard, &o, f) == 0)
		return 0;
fail:
	worker_drop_shard(w);
	return -1;
}

const struct transform_key *
worker_key(const struct worker *w, const char *name)
{
	for (size_t i = 0; i < w->nnames; i++)
		if (strcmp(w->names[i], name) == 0)
			return w->field_keys[i];
	return NULL;
}

int
worker_keys_of(const struct worker *w, const struct file_plan *plan,
    const struct transform_key ***out, struct fault *f)
{
	const struct names *names = &plan->keys;
	const struct transform_key **keys = mem_array(names->n, sizeof(*keys));

	if (keys == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < names->n; i++)
		if ((keys[i] = worker_key(w, names->at[i])) == NULL) {
			mem_free(keys);
			return fault_set(
			    f, FAULT_SYSTEM, "@worker: no key for a field");
		}
	*out = keys;
	return 0;
}

/* The plan and its fields' keys for the next source.  The shard holds w->keys
 * by its address and looks there anew for every source. */
int
worker_use_plan(struct worker *w, struct worker_source *s, struct fault *f)
{
	struct worker_plan *p;
	size_t n;

	if (worker_plan(w, s->plan, &p, f) != 0)
		return -1;
	n = p->plan.keys.n;
	if (p->keys == NULL && worker_keys_of(w, &p->plan, &p->keys, f) != 0)
		return -1;
	w->keys.mask.field = p->keys;
	w->keys.mask.nfields = n;
	s->src.plan = &p->plan;
	return 0;
}

static int
need_shard(const struct worker *w, struct fault *f)
{
	if (w->shard == NULL)
		return fault_set(f, FAULT_SYSTEM, "@worker: no shard begun");
	return 0;
}

static int
add_file(struct worker *w, struct asked *a, size_t i, struct fault *f)
{
	struct worker_source s;
	struct slice item;
	uint32_t nth;
	int rc = -1;

	if (worker_take_file(a, i, &s, f) == 0 &&
	    take_u32(&a->in, &nth, f) == 0 &&
	    take_slice(&a->in, PACKAGE_ORIGINAL_MAX, &item, f) == 0 &&
	    worker_use_plan(w, &s, f) == 0)
		rc = package_shard_file(w->shard, &s.src, &item, nth, f);
	worker_source_close(&s);
	return rc;
}

int
worker_files(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	uint16_t n;
	int rc = -1;

	if (need_shard(w, f) != 0 || take_u16(&a->in, &n, f) != 0)
		return -1;
	for (uint16_t i = 0; i < n; i++)
		if (add_file(w, a, i, f) != 0)
			goto out;
	rc = take_end(&a->in, f);
out:
	if (rc != 0)
		worker_drop_shard(w);
	return rc;
}

int
worker_rows(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct worker_source s;
	struct mask_part part;
	int rc = -1;

	if (need_shard(w, f) != 0)
		return -1;
	if (worker_take_file(a, 0, &s, f) == 0 &&
	    worker_take_part(&a->in, &part, f) == 0 &&
	    take_end(&a->in, f) == 0 && worker_use_plan(w, &s, f) == 0)
		rc = package_shard_rows(w->shard, &s.src, &part, f);
	worker_source_close(&s);
	if (rc != 0)
		worker_drop_shard(w);
	return rc;
}

int
worker_end(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct package_made made;
	int rc = -1;

	if (need_shard(w, f) != 0)
		return -1;
	if (take_end(&a->in, f) == 0 &&
	    package_shard_end(w->shard, &made, f) == 0)
		rc = package_made_put(&a->answer->body, &made, f);
	worker_drop_shard(w);
	return rc;
}
