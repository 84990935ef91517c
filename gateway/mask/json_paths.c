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
		enter(t, i);
	return 0;
}

static int
add(struct json_paths *t, uint32_t parent, const struct slice *name,
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
	enter(t, t->n);
	*out = t->n++;
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

/* The name at the head of a canonical path, as a JSON string in out; *used of
 * the path.  A plan's paths were checked when they were made. */
static int
take_name(const char *path, struct bytes *out, size_t *used, struct fault *f)
{
	bool quoted = path[0] == '[';
	size_t i = quoted ? 2 : 0;

	bytes_reset(out);
	if (bytes_add(out, "\"", 1, f) != 0)
		return -1;
	while (path[i] != '\0' &&
	       (quoted ? path[i] != '"' : path[i] != '.' && path[i] != '[')) {
		size_t n = path[i] == '\\' && path[i + 1] != '\0' ? 2 : 1;

		if (bytes_add(out, path + i, n, f) != 0)
			return -1;
		i += n;
	}
	*used = quoted ? i + 2 : i;
	if (quoted && strncmp(path + i, "\"]", 2) != 0)
		return fault_set(f, FAULT_POLICY, "a path that is none");
	return bytes_add(out, "\"", 1, f);
}

/* The text of the JSON string in quoted, by way of the reader. */
static int
read_name(struct bytes *quoted, struct bytes *scratch, struct slice *name,
    struct fault *f)
{
	struct json_reader r = { 0 };
	enum json_event event;

	if (bytes_reserve(quoted, WINDOW_SLACK, f) != 0)
		return -1;
	memset(quoted->at + quoted->len, 0, WINDOW_SLACK);
	json_read_text(&r, quoted->at, quoted->len, 1);
	if (json_next(&r, &event, f) != 0)
		return -1;
	return json_text(&r, scratch, name, f);
}

/* The place of one canonical path; those around it get to know of it. */
static int
plan_place(
    struct json_paths *t, const char *path, uint32_t *out, struct fault *f)
{
	struct bytes quoted, scratch;
	struct slice name;
	size_t used;
	int rc = -1;

	bytes_init(&quoted, 2 * SHAPE_NAME_MAX + WINDOW_SLACK);
	bytes_init(&scratch, SHAPE_NAME_MAX);
	*out = 0;
	for (path += strcmp(path, "$") == 0; *path != '\0'; path += used) {
		bool any = strncmp(path, "[*]", 3) == 0;

		t->at[*out].below = true;
		path += *path == '.';
		used = 3;
		if (!any && (take_name(path, &quoted, &used, f) != 0 ||
				read_name(&quoted, &scratch, &name, f) != 0))
			goto out;
		if (json_child(t, *out, 0, any ? NULL : &name, out, f) != 0)
			goto out;
	}
	rc = 0;
out:
	bytes_free(&quoted);
	bytes_free(&scratch);
	return rc;
}

int
json_plan(struct json_paths *t, const struct file_plan *plan, struct fault *f)
{
	for (size_t i = 0; i < plan->nfields; i++) {
		const struct plan_field *field = &plan->fields[i];
		uint32_t at;

		if (plan_place(t, field->name, &at, f) != 0)
			return fault_at(f, "the plan's path %s", field->name);
		if (!field->inside)
			t->at[at].field = field;
		t->at[at].number = (uint32_t)i + 1;
		t->at[at].item = i == plan->item;
		t->at[at].subject = i == plan->subject;
	}
	return 0;
}
