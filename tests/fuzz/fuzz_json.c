/*
 * JSON.  What our reader takes and what it refuses, jansson does; with all kept
 * the bytes are the source's; and what is left after dropping and replacing is
 * what a mask over jansson's tree leaves.  As JSON lines, a record gets its
 * `_item` and is otherwise the same.
 *
 * The first byte chooses what is done to which path, and whether the first and
 * last elements of arrays are told apart.
 */

#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/mask/mask.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/pseudonym/pseudonym.h"
#include "policy/rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static struct fault f;
static struct token_key *item_key;

/* Does jansson read it; or can it not be asked (what it cannot hold)? */
static json_t *
ask_jansson(const uint8_t *p, size_t len, bool *cannot)
{
	json_error_t error;
	json_t *o;
	size_t mark = len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	*cannot = false;
	/* it loses sight of a NUL behind a number */
	if (len > 0 && memchr(p, 0, len) != NULL)
		return NULL;
	o = json_loadb((const char *)p + mark, len - mark,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	*cannot = o == NULL &&
		  (json_error_code(&error) == json_error_numeric_overflow ||
		      json_error_code(&error) == json_error_null_byte_in_key ||
		      json_error_code(&error) == json_error_stack_overflow);
	return o;
}

static int
compare(const void *a, const void *b)
{
	const struct plan_field *fa = a, *fb = b;

	return strcmp(fa->name, fb->name);
}

/* What is done to a path: it must not depend on where the path was met. */
static enum transform_action
choose(const char *name, uint8_t how)
{
	static const enum transform_action actions[4] = { TRANSFORM_KEEP,
		TRANSFORM_DROP, TRANSFORM_CONSTANT, TRANSFORM_KEEP };
	unsigned h = how;

	if (how == 0 || strcmp(name, "$") == 0)
		return TRANSFORM_KEEP;
	for (; *name != '\0'; name++)
		h = h * 31 + (uint8_t)*name;
	return actions[h >> 3 & 3];
}

/* First and last elements have places of their own. */
#define APART 128u
static void
tell_apart(struct names *n)
{
	static const char *const ends[] = { "$..[0]", "$..[-1]" };

	n->at = mem_array(2, sizeof(*n->at));
	for (; n->n < 2; n->n++)
		n->at[n->n] = mem_text(ends[n->n], strlen(ends[n->n]));
}

/* The step to element i of n. */
static void
add_step(struct bytes *path, const struct file_plan *plan, size_t i, size_t n)
{
	bool first = i == 0, last = i == n - 1;

	if (plan->apart.n == 0 || (!first && !last))
		must(path_add_any(path, &f) == 0);
	else
		must(path_add_element(path, first ? 0 : PATH_NO_FRONT,
			 last ? -1 : PATH_NO_BACK, &f) == 0);
}

static bool
make_plan(struct file_plan *plan, const struct mask_source *src,
    enum file_type type, uint8_t how)
{
	struct mask_reading as = { type, false, 0, &plan->apart, false, 0 };
	struct shape s;
	bool made = true;

	*plan = (struct file_plan){ .policy = mem_text("p", 1),
		.type = type,
		.item = PLAN_NO_FIELD,
		.subject = PLAN_NO_FIELD };
	if ((how & APART) != 0)
		tell_apart(&plan->apart);
	shape_init(&s, type);
	f = (struct fault){ 0 };
	if (mask_shape(src, &as, &s, &f) != 0) {
		must(f.kind == FAULT_INPUT);
		made = false;
	}
	plan->fields = mem_array(s.nfields, sizeof(*plan->fields));
	for (size_t i = 0; made && i < s.nfields; i++) {
		struct plan_field *to = &plan->fields[plan->nfields++];
		const char *name = s.fields[i].name;

		to->name = mem_text(name, strlen(name));
		to->how.action = choose(name, how);
		if (to->how.action == TRANSFORM_CONSTANT)
			to->how.text = mem_text("\"\n", 2);
	}
	if (plan->nfields > 1)
		qsort(plan->fields, plan->nfields, sizeof(*plan->fields),
		    compare);
	shape_free(&s);
	return made;
}

static int
collect(void *arg, const void *p, size_t len, struct fault *fault)
{
	return bytes_add(arg, p, len, fault);
}

static int
mask_all(const struct mask_source *src, struct bytes *out)
{
	struct mask_change change;
	int rc;

	f = (struct fault){ 0 };
	mask_change_init(&change, false);
	bytes_reset(out);
	rc = mask_file(src, (struct mask_sink){ collect, out }, &change, &f);
	if (rc == 0)
		must(change.sent_bytes == out->len &&
		     change.sent_bytes - change.put ==
			 change.source_bytes - change.cut);
	mask_change_free(&change);
	return rc;
}

/* The same mask over a tree: a new value, or NULL where it goes. */
static json_t *
mask_tree(json_t *v, struct bytes *path, const struct file_plan *plan)
{
	const struct plan_field *field;
	size_t was = path->len, i;
	json_t *out, *in, *made;
	const char *name;

	if (json_is_object(v) && json_object_size(v) > 0) {
		out = json_object();
		json_object_foreach(v, name, in)
		{
			must(path_add_name(path, name, strlen(name), &f) == 0);
			if ((made = mask_tree(in, path, plan)) != NULL)
				must(json_object_set_new_nocheck(
					 out, name, made) == 0);
			path->len = was;
		}
		return out;
	}
	if (json_is_array(v) && json_array_size(v) > 0) {
		out = json_array();
		json_array_foreach(v, i, in)
		{
			add_step(path, plan, i, json_array_size(v));
			if ((made = mask_tree(in, path, plan)) != NULL)
				must(json_array_append_new(out, made) == 0);
			path->len = was;
		}
		return out;
	}
	field = path->len == 0 ? file_plan_find(plan, "$", 1)
			       : file_plan_find(plan, path->at, path->len);
	must(field != NULL);
	return field->how.action == TRANSFORM_DROP	 ? NULL
	       : field->how.action == TRANSFORM_CONSTANT ? json_string("\"\n")
							 : json_incref(v);
}

static json_t *
expect(json_t *v, const struct file_plan *plan)
{
	struct bytes path;
	json_t *out;

	bytes_init(&path, 1 << 20);
	out = mask_tree(v, &path, plan);
	bytes_free(&path);
	return out;
}

/* One document, one line: with an item id. */
static void
check_line(struct mask_source *src, const struct file_plan *documents,
    json_t *tree, uint8_t how)
{
	static struct mask_keys keys;
	struct file_plan plan;
	struct bytes out;
	json_t *want, *got;
	bool cannot;

	keys.item = item_key;
	src->keys = &keys;
	bytes_init(&out, 1 << 24);
	src->plan = &plan;
	if (make_plan(&plan, src, TYPE_JSONL, how)) {
		must(plan.nfields == documents->nfields);
		if (mask_all(src, &out) == 0) {
			want = expect(tree, &plan);
			got = ask_jansson(out.at, out.len, &cannot);
			must(got != NULL && json_is_object(got));
			must(json_string_length(
				 json_object_get(got, "_item")) == TOKEN_CHARS);
			must(json_object_del(got, "_item") == 0);
			must(json_equal(want, got));
			json_decref(want);
			json_decref(got);
		} else
			must(strstr(f.text, "not an object") != NULL);
	} else
		must(strstr(f.text, "\"_item\"") != NULL);
	file_plan_free(&plan);
	src->plan = NULL;
	bytes_free(&out);
}

static void
check(struct mask_source *src, const uint8_t *p, size_t len, uint8_t how)
{
	static const struct mask_keys none;
	struct file_plan plan;
	struct bytes out;
	json_t *tree, *want, *got;
	bool cannot;

	src->plan = &plan;
	src->keys = &none;
	bytes_init(&out, 1 << 24);
	tree = ask_jansson(p, len, &cannot);
	if (!make_plan(&plan, src, TYPE_JSON, 0)) {
		must(tree == NULL || strstr(f.text, "too deep") != NULL);
		goto out;
	}
	must(tree != NULL || cannot);
	must(mask_all(src, &out) == 0);
	must(out.len == len && memcmp(out.at, p, len) == 0);
	file_plan_free(&plan);
	must(make_plan(&plan, src, TYPE_JSON, how));
	must(mask_all(src, &out) == 0);
	if (tree == NULL)
		goto out;
	got = ask_jansson(out.at, out.len, &cannot);
	want = expect(tree, &plan);
	must(got != NULL && json_equal(want, got));
	json_decref(want);
	json_decref(got);
	if (memchr(p, '\n', len) == NULL)
		check_line(src, &plan, tree, how);
out:
	json_decref(tree);
	file_plan_free(&plan);
	src->plan = NULL;
	bytes_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct mask_source src = { .path = "in.json" };

	if (item_key == NULL) {
		must(secret_start(&f) == 0);
		must(token_key_new(&item_key,
			 "0123456789abcdef0123456789abcdef", 32, &f) == 0);
	}
	if (len < 1)
		return 0;
	src.fd = memfd_create("fuzz", MFD_CLOEXEC);
	src.size = len - 1;
	must(write(src.fd, p + 1, len - 1) == (ssize_t)(len - 1));
	check(&src, p + 1, len - 1, p[0]);
	(void)close(src.fd);
	return 0;
}
