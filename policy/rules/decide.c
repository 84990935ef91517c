/*
 * Rules meet the shape of a file, and every field gets its decision.
 *
 * Promises: a field without a rule is a refusal, never a default; a rule
 * without a field is one too, because a slip of the pen in a rule's name is
 * how a column leaves by mistake; each refusal says which line of YAML would
 * change it.  All of a file's refusals are found in one pass.
 *
 * Not here: which file rule matches (match.c), paths (decide_paths.c), reading
 * files.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/near.h"
#include "policy/rules/decide_internal.h"

int
compare_texts(const void *a, const void *b)
{
	const char *const *ta = a, *const *tb = b;

	return strcmp(*ta, *tb);
}

static int
compare_rules(const void *a, const void *b)
{
	const struct field_rule *const *ra = a, *const *rb = b;
	int c = strcmp((*ra)->name, (*rb)->name);

	return c != 0 ? c : *ra < *rb ? -1 : 1;
}

int
index_make(struct deciding *d, struct fault *f)
{
	size_t n = d->rule->nfields;

	d->index.at = mem_array(n, sizeof(struct field_rule *));
	d->used = mem_array(n, sizeof(*d->used));
	if (d->index.at == NULL || d->used == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < n; i++)
		d->index.at[i] = &d->rule->fields[i];
	d->index.n = n;
	qsort(d->index.at, n, sizeof(struct field_rule *), compare_rules);
	return 0;
}

/* strcmp() of a name with name[len]. */
static int
compare_name(const char *name, const char *with, size_t len)
{
	int c = strncmp(name, with, len);

	return c != 0 ? c : name[len] != '\0';
}

const struct field_rule *const *
index_find(const struct field_index *x, const char *name, size_t len)
{
	size_t low = 0, high = x->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_name(x->at[middle]->name, name, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < x->n && compare_name(x->at[low]->name, name, len) == 0)
		return (const struct field_rule *const *)&x->at[low];
	return NULL;
}

const char *
list_name(const struct deciding *d)
{
	return d->rule->type == TYPE_CSV     ? "columns"
	       : d->rule->type == TYPE_DICOM ? "tags"
					     : "fields";
}

const char *
field_word(const struct deciding *d)
{
	return file_type_field(d->rule->type);
}

/* A field as a YAML key that names it. */
static void
hint_field(const struct deciding *d, char *out, size_t room, const char *name)
{
	struct path path = { .n = 0 };
	struct fault ignored = { 0 };
	struct bytes b;

	bytes_init(&b, SHAPE_NAME_MAX + 1);
	/* what is meant is not that very element */
	if (d->rule->type != TYPE_CSV && d->rule->type != TYPE_DICOM &&
	    path_read(&path, name, &ignored) == 0) {
		for (size_t i = 0; i < path.n; i++)
			if (path.steps[i].kind == PATH_ELEMENT)
				path.steps[i].kind = PATH_ANY;
		if (path_print(&b, &path, &ignored) == 0 &&
		    bytes_end_text(&b, &ignored) == 0)
			name = (const char *)b.at;
	}
	hint_key(out, room, name);
	bytes_free(&b);
	path_free(&path);
}

void
refuse_unnamed(struct deciding *d, const char *name)
{
	struct fault f = { 0 };
	char key[160];

	hint_field(d, key, sizeof(key), name);
	(void)fault_set(&f, FAULT_POLICY, "%s: %s \"%s\": no rule names it",
	    d->path, field_word(d), name);
	(void)fault_hint(&f, "%s:%u, under %s:   %s: drop", d->policy->name,
	    d->rule->fields_line, list_name(d), key);
	refuse(d, &f);
}

void
refuse_refused(
    struct deciding *d, const char *name, const struct transform *how)
{
	struct fault f = { 0 };
	char key[160];

	hint_field(d, key, sizeof(key), name);
	(void)fault_set(&f, FAULT_POLICY, "%s: %s \"%s\": %s:%u refuses it",
	    d->path, field_word(d), name, d->policy->name, how->line);
	(void)fault_hint(&f, "decide, in %s:%u:   %s: drop", d->policy->name,
	    how->line, key);
	refuse(d, &f);
}

/* Refusals of a file that say what was probably meant: as many as are read. */
#define GUESSES_MAX 50u

/* The nearest name in the file, or of those that no rule has, or NULL. */
static const char *
nearest_field(const struct deciding *d, const char *name, bool unnamed)
{
	const char *best = NULL;
	unsigned least = NEAR_NOT;

	for (size_t i = 0; i < d->shape->nfields; i++) {
		const char *have = d->shape->fields[i].name;
		unsigned far = near_distance(name, have);

		if (far < least && (!unnamed || index_find(&d->index, have,
						    strlen(have)) == NULL)) {
			least = far;
			best = have;
		}
	}
	return best;
}

void
refuse_absent(
    struct deciding *d, const char *word, const char *name, uint32_t line)
{
	struct fault f = { 0 };
	/* A key of the file is a column of its own, too. */
	bool field = strcmp(word, field_word(d)) == 0;
	/* Each guess is a comparison with every name of the file. */
	bool shown = d->more == NULL ? d->first.kind == FAULT_NONE
				     : d->more->n < d->more->max;
	const char *near = shown && d->guesses < GUESSES_MAX
			       ? nearest_field(d, name, field)
			       : NULL;

	d->guesses += shown;

	(void)fault_set(&f, FAULT_POLICY,
	    "%s: %s \"%s\" of %s:%u is not in the file", d->path, word, name,
	    d->policy->name, line);
	if (near != NULL)
		(void)fault_hint(&f, "did you mean \"%s\"?", near);
	else if (field)
		(void)fault_hint(&f,
		    "take the line out, or, for files that differ, add to the "
		    "rule in %s:%u   missing: allow",
		    d->policy->name, d->rule->line);
	refuse(d, &f);
}

static int
number_key(struct deciding *d, struct plan_field *p, struct fault *f)
{
	struct names *keys = &d->plan->keys;
	char name[TRANSFORM_KEY_CHARS + 1];
	size_t i = 0;

	if (!transform_key_name(&p->how, name))
		return 0;
	while (i < keys->n && strcmp(keys->at[i], name) != 0)
		i++;
	if (i == keys->n &&
	    names_add(keys, name, strlen(name), DOMAINS_MAX, f) != 0)
		return -1;
	p->key = (uint16_t)i;
	return 0;
}

int
plan_add(struct deciding *d, const char *name, const struct transform *how,
    struct plan_field **out, struct fault *f)
{
	struct file_plan *p = d->plan;
	struct plan_field *field;

	if (p->nfields == d->room) {
		size_t room = d->room == 0 ? 16 : 2 * d->room;
		void *grown = mem_resize(p->fields, room * sizeof(*p->fields));

		if (grown == NULL)
			return fault_memory(f);
		p->fields = grown;
		d->room = room;
	}
	field = &p->fields[p->nfields++];
	*field = (struct plan_field){ 0 };
	if (transform_copy(&field->how, how, f) != 0)
		return -1;
	if ((field->name = mem_text(name, strlen(name))) == NULL)
		return fault_memory(f);
	*out = field;
	return number_key(d, field, f);
}

/* No two columns of one name: which would a rule mean? */
static int
check_columns(const struct deciding *d, struct fault *f)
{
	const struct shape *s = d->shape;
	const char **names = mem_array(s->nfields, sizeof(*names));
	int rc = 0;

	if (names == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < s->nfields; i++)
		names[i] = s->fields[i].name;
	qsort(names, s->nfields, sizeof(*names), compare_texts);
	for (size_t i = 1; i < s->nfields && rc == 0; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			rc = fault_set(f, FAULT_INPUT,
			    "%s: two columns are named \"%s\"", d->path,
			    names[i]);
	mem_free(names);
	return rc;
}

static int
decide_columns(struct deciding *d, struct fault *f)
{
	const struct shape *s = d->shape;

	if (check_columns(d, f) != 0)
		return -1;
	for (size_t i = 0; i < s->nfields; i++) {
		const char *name = s->fields[i].name;
		const struct field_rule *const *r =
		    index_find(&d->index, name, strlen(name));
		struct plan_field *field;

		if (r == NULL) {
			refuse_unnamed(d, name);
			continue;
		}
		d->used[*r - d->rule->fields] = true;
		if ((*r)->how.action == TRANSFORM_REFUSE)
			refuse_refused(d, name, &(*r)->how);
		if (plan_add(d, name, &(*r)->how, &field, f) != 0)
			return -1;
	}
	return 0;
}

/* Every metadata block goes, or is a refusal. */
static int
decide_blocks(struct deciding *d, struct fault *f)
{
	struct transform drop = { .action = TRANSFORM_DROP,
		.line = d->rule->line };
	struct plan_field *field;

	d->plan->drop_metadata = d->rule->drop_metadata;
	for (size_t i = 0; i < d->shape->nfields; i++) {
		const char *name = d->shape->fields[i].name;
		struct fault why = { 0 };

		if (d->rule->drop_metadata) {
			if (plan_add(d, name, &drop, &field, f) != 0)
				return -1;
			continue;
		}
		(void)fault_set(&why, FAULT_POLICY,
		    "%s: metadata block \"%s\": no rule covers it", d->path,
		    name);
		(void)fault_hint(&why, "in the rule of %s:%u:   metadata: drop",
		    d->policy->name, d->rule->line);
		refuse(d, &why);
	}
	return 0;
}

static int
decide_all(struct deciding *d, struct fault *f)
{
	struct file_plan *p = d->plan;
	struct plan_field *field;
	struct slice key;

	p->type = d->rule->type;
	p->header = d->rule->header;
	p->unit = d->rule->unit;
	p->delimiter = d->shape->delimiter;
	d->subject = policy_subject(d->policy, d->path, &key);
	if (index_make(d, f) != 0)
		return -1;
	switch (d->rule->type) {
	case TYPE_CSV:
		if (decide_columns(d, f) != 0)
			return -1;
		break;
	case TYPE_JSON:
	case TYPE_JSONL:
		if (decide_paths(d, f) != 0)
			return -1;
		break;
	case TYPE_JPEG:
	case TYPE_PNG:
		if (decide_blocks(d, f) != 0)
			return -1;
		break;
	case TYPE_DICOM:
		if (decide_tags(d, f) != 0)
			return -1;
		break;
	case TYPE_TEXT:
		for (size_t i = 0; i < d->rule->nfields; i++)
			if (plan_add(d, d->rule->fields[i].name,
				&d->rule->fields[i].how, &field, f) != 0)
				return -1;
		break;
	}
	decide_keys(d);
	for (size_t i = 0; i < p->nfields; i++)
		need_hierarchy(d, &p->fields[i]);
	return d->rule->type == TYPE_CSV ? decide_delimiter(d, f) : 0;
}

/* What every plan has, matched and excluded alike. */
static int
decide_head(struct deciding *d, struct fault *f)
{
	struct file_plan *p = d->plan;
	const char *why = d->rule->exclude, *name = d->policy->name;

	p->line = d->rule->line;
	if ((p->policy = mem_text(name, strlen(name))) == NULL)
		return fault_memory(f);
	if (why != NULL && (p->exclude = mem_text(why, strlen(why))) == NULL)
		return fault_memory(f);
	return 0;
}

int
policy_decide(const struct policy *p, const char *path, const struct shape *s,
    struct file_plan *out, struct refusals *more, struct fault *f)
{
	struct deciding d = {
		.policy = p, .path = path, .shape = s, .plan = out, .more = more
	};
	struct fault none = { 0 };
	int rc = -1;

	*out = (struct file_plan){ .item = PLAN_NO_FIELD,
		.subject = PLAN_NO_FIELD };
	if (policy_match(p, path, &d.rule, &none) != 0) {
		refuse(&d, &none);
		goto out;
	}
	if (decide_head(&d, f) != 0)
		goto out;
	if (d.rule->exclude == NULL) {
		must(s != NULL && s->type == d.rule->type);
		if (decide_all(&d, f) != 0)
			goto out;
	}
	if (d.first.kind == FAULT_NONE)
		rc = 0;
out:
	if (rc != 0 && f->kind == FAULT_NONE)
		*f = d.first;
	mem_free(d.index.at);
	mem_free(d.used);
	if (rc != 0)
		file_plan_free(out);
	return rc;
}
