/*
 * The places in documents of one shape, each known by its parent and its name.
 *
 * Records of one source have the same members in the same order nearly always,
 * so each place remembers which sibling came next last time: where that guess
 * is right, finding a place costs one comparison.  Behind it stands a hash
 * table keyed at random, since names come from outside.
 */

#include <sodium.h>
#include <string.h>

#include "gateway/mask/json_internal.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"

_Static_assert(
    sizeof(((struct json_paths *)0)->key) == crypto_shorthash_KEYBYTES,
    "SipHash-2-4");

int
json_paths_init(struct json_paths *t, struct fault *f)
{
	*t = (struct json_paths){ .room = 64, .slots = 256, .n = 1 };
	bytes_init(&t->names, JSON_NAMES_MAX);
	random_fill(t->key, sizeof(t->key));
	t->at = mem_array(t->room, sizeof(*t->at));
	t->table = mem_array(t->slots, sizeof(*t->table));
	if (t->at == NULL || t->table == NULL)
		return fault_memory(f);
	t->at[0].name = JSON_ANY; /* the top is nobody's child */
	return 0;
}

void
json_paths_free(struct json_paths *t)
{
	json_apart_free(t);
	mem_free(t->at);
	mem_free(t->table);
	bytes_free(&t->names);
	*t = (struct json_paths){ 0 };
}

static uint32_t
slot_of(const struct json_paths *t, uint32_t parent, const struct slice *name)
{
	uint8_t digest[crypto_shorthash_BYTES];
	uint64_t h = 0;

	if (name != NULL) {
		(void)crypto_shorthash(digest, name->at, name->len, t->key);
		memcpy(&h, digest, sizeof(h));
	}
	h = (h ^ parent) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(h >> 32) & (t->slots - 1);
}

static struct slice
name_of(const struct json_paths *t, const struct json_place *p)
{
	if (p->chars == 0)
		return (struct slice){ NULL, 0 };
	return (struct slice){ t->names.at + p->name, p->chars };
}

static bool
is_child(const struct json_paths *t, uint32_t i, uint32_t parent,
    const struct slice *name)
{
	const struct json_place *p = &t->at[i];

	if (p->parent != parent || (p->name == JSON_ANY) != (name == NULL))
		return false;
	return name == NULL ||
	       (p->chars == name->len &&
		   (name->len == 0 ||
		       memcmp(name_of(t, p).at, name->at, name->len) == 0));
}

static void
enter(struct json_paths *t, uint32_t i)
{
	const struct json_place *p = &t->at[i];
	struct slice name = { NULL, 0 };
	uint32_t slot;

	if (p->name != JSON_ANY)
		name = name_of(t, p);
	slot = slot_of(t, p->parent, p->name == JSON_ANY ? NULL : &name);
	while (t->table[slot] != 0)
		slot = (slot + 1) & (t->slots - 1);
	t->table[slot] = i;
}

/* An element told apart is found by its array. */
static bool
is_kind(const struct json_place *p)
{
	return p->name == JSON_ANY && p->chars > 0;
}

static int
grow(struct json_paths *t, struct fault *f)
{
	struct json_place *at;
	uint32_t *table;

	if (t->n >= JSON_PLACES_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %u different places", JSON_PLACES_MAX);
	at = mem_resize(t->at, 2 * t->room * sizeof(*at));
	if (at == NULL)
		return fault_memory(f);
	t->at = at;
	table = mem_array(2 * t->slots, sizeof(*table));
	if (table == NULL)
		return fault_memory(f);
	mem_free(t->table);
	t->table = table;
	t->room *= 2;
	t->slots *= 2;
	for (uint32_t i = 1; i < t->n; i++)
		if (!is_kind(&t->at[i]))
			enter(t, i);
	return 0;
}

int
json_place_add(struct json_paths *t, uint32_t parent, const struct slice *name,
    uint32_t *out, struct fault *f)
{
	struct json_place *p;

	if (t->n == t->room && grow(t, f) != 0)
		return -1;
	p = &t->at[t->n];
	*p = (struct json_place){ .parent = parent, .name = JSON_ANY };
	if (name != NULL) {
		p->name = (uint32_t)t->names.len;
		p->chars = (uint32_t)name->len;
		if (bytes_add(&t->names, name->at, name->len, f) != 0)
			return fault_at(f, "names of members");
	}
	*out = t->n++;
	return 0;
}

static int
add(struct json_paths *t, uint32_t parent, const struct slice *name,
    uint32_t *out, struct fault *f)
{
	if (json_place_add(t, parent, name, out, f) != 0)
		return -1;
	enter(t, *out);
	return 0;
}

static int
find(struct json_paths *t, uint32_t parent, const struct slice *name,
    uint32_t *out, struct fault *f)
{
	uint32_t slot = slot_of(t, parent, name);

	for (; t->table[slot] != 0; slot = (slot + 1) & (t->slots - 1))
		if (is_child(t, t->table[slot], parent, name)) {
			*out = t->table[slot];
			return 0;
		}
	return add(t, parent, name, out, f);
}

int
json_child(struct json_paths *t, uint32_t parent, uint32_t last,
    const struct slice *name, uint32_t *out, struct fault *f)
{
	uint32_t guess = last != 0 ? t->at[last].next : t->at[parent].first;

	if (guess != 0 && is_child(t, guess, parent, name)) {
		*out = guess;
		return 0;
	}
	if (find(t, parent, name, out, f) != 0)
		return -1;
	if (last != 0)
		t->at[last].next = *out;
	else
		t->at[parent].first = *out;
	return 0;
}

int
json_path(const struct json_paths *t, uint32_t place, struct bytes *out,
    struct fault *f)
{
	uint32_t chain[MASK_DEPTH_MAX + 1];
	size_t n = 0;

	for (uint32_t i = place; i != 0; i = t->at[i].parent) {
		must(n < sizeof(chain) / sizeof(chain[0]));
		chain[n++] = i;
	}
	if (n == 0)
		return bytes_add(out, "$", 1, f);
	while (n > 0) {
		const struct json_place *p = &t->at[chain[--n]];
		struct slice name = { NULL, 0 };

		if (is_kind(p)) {
			const struct json_kind *k = &t->kinds[p->chars - 1];

			if (path_add_element(out, k->front, k->back, f) != 0)
				return -1;
			continue;
		}
		if (p->name == JSON_ANY) {
			if (path_add_any(out, f) != 0)
				return -1;
			continue;
		}
		name = name_of(t, p);
		if (path_add_name(out, name.at, name.len, f) != 0)
			return -1;
	}
	return 0;
}

/* -- The places of a plan ------------------------------------------------ */

/* The place of one path of a plan or a shape; where it is a plan's, those
 * around it get to know of it. */
static int
place_of(struct json_paths *t, const struct path *path, bool plan,
    uint32_t *out, struct fault *f)
{
	*out = 0;
	for (size_t i = 0; i < path->n; i++) {
		const struct path_step *s = &path->steps[i];
		struct slice name = path_name(path, s);

		t->at[*out].below |= plan;
		if ((s->kind == PATH_ELEMENT
			    ? json_element(t, *out, s->front, s->back, out, f)
			    : json_child(t, *out, 0,
				  s->kind == PATH_ANY ? NULL : &name, out,
				  f)) != 0)
			return -1;
	}
	return 0;
}

int
json_plan(struct json_paths *t, const struct file_plan *plan, struct fault *f)
{
	struct path path = { .n = 0 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->nfields; i++) {
		const struct plan_field *field = &plan->fields[i];
		uint32_t at;

		if (path_read(&path, field->name, f) != 0 ||
		    place_of(t, &path, true, &at, f) != 0) {
			rc = fault_at(f, "the plan's path %s", field->name);
			break;
		}
		if (!field->inside)
			t->at[at].field = field;
		t->at[at].number = (uint32_t)i + 1;
		t->at[at].item = field->is_item || i == plan->item;
		t->at[at].subject = field->is_subject || i == plan->subject;
	}
	path_free(&path);
	return rc;
}

int
json_met(struct json_paths *t, const struct shape *met, struct fault *f)
{
	struct path path = { .n = 0 };
	uint32_t at;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < met->nfields; i++) {
		rc = path_read(&path, met->fields[i].name, f);
		if (rc == 0)
			rc = place_of(t, &path, false, &at, f);
		if (rc == 0)
			t->at[at].holds = met->fields[i].holds;
	}
	path_free(&path);
	return rc;
}
