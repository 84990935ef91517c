/*
 * detect: dictionary: the dataset's own names, as the columns and paths that
 * hold them.
 *
 *     dictionary:
 *       - file: patients.csv
 *         columns: {given: PERSON, family: PERSON, phone: PHONE_NUMBER}
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/parse_internal.h"

const char *const dictionary_names_words[] = { "PERSON", "ADDRESS", "LOCATION",
	"PHONE_NUMBER", "ID_NUMBER", NULL };

static int
read_file(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct dictionary_rule *r = to;

	return parse_glob(y, n, &r->file, f);
}

/* All elements of an array are one path here. */
static int
check_path(const struct tree *y, const struct node *n, const struct path *p,
    struct fault *f)
{
	if (p->below)
		return tree_fault(y, n, f,
		    "path \"%s\": ** is not one kind of name", n->text);
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == PATH_ELEMENT)
			return tree_fault(y, n, f,
			    "path \"%s\": a dictionary has all elements: [*]",
			    n->text);
	return 0;
}

static int
read_field(const struct tree *y, const struct node *k,
    struct dictionary_rule *r, struct fault *f)
{
	struct dictionary_field *field;
	size_t names;

	if (r->nfields == DICTIONARY_FIELDS_MAX)
		return tree_fault(y, k, f, "more than %u names in one rule",
		    DICTIONARY_FIELDS_MAX);
	field = mem_resize(r->fields, (r->nfields + 1) * sizeof(*field));
	if (field == NULL)
		return fault_memory(f);
	r->fields = field;
	field = &r->fields[r->nfields++];
	*field =
	    (struct dictionary_field){ .line = k->line, .column = k->column };
	if (r->paths ? parse_path(y, k, &field->path, &field->name, f) != 0 ||
			   check_path(y, k, &field->path, f) != 0
		     : parse_copy(&field->name, k->text, f) != 0)
		return -1;
	if (tree_word(y, k->next, dictionary_names_words, &names, f) != 0)
		return -1;
	field->names = (enum dictionary_names)names;
	return 0;
}

static int
read_names(const struct tree *y, const struct node *n,
    struct dictionary_rule *r, bool paths, struct fault *f)
{
	if (r->nfields > 0)
		return tree_fault(y, n, f, "columns or fields, not both");
	r->paths = paths;
	if (n->kind != NODE_MAP || n->child == NULL) {
		(void)tree_fault(y, n, f,
		    "expected a map from %s to what they name",
		    paths ? "paths" : "columns");
		return fault_hint(f,
		    "{name: PERSON, street: ADDRESS, city: LOCATION, "
		    "phone: PHONE_NUMBER, number: ID_NUMBER}");
	}
	for (const struct node *k = n->child; k != NULL; k = k->next->next)
		if (read_field(y, k, r, f) != 0)
			return -1;
	return 0;
}

static int
read_columns(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	return read_names(y, n, to, false, f);
}

static int
read_fields(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	return read_names(y, n, to, true, f);
}

static int
read_rule(const struct tree *y, const struct node *n, struct detection *d,
    struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "file", true, read_file },
		{ "columns", false, read_columns },
		{ "fields", false, read_fields },
		{ NULL, false, NULL },
	};
	struct dictionary_rule *r;

	if (d->ndictionary == DICTIONARY_RULES_MAX)
		return tree_fault(y, n, f, "more than %u rules of a dictionary",
		    DICTIONARY_RULES_MAX);
	r = mem_resize(d->dictionary, (d->ndictionary + 1) * sizeof(*r));
	if (r == NULL)
		return fault_memory(f);
	d->dictionary = r;
	r = &d->dictionary[d->ndictionary++];
	*r = (struct dictionary_rule){ .line = n->line };
	if (tree_map(y, n, keys, "a dictionary's rule", r, f) != 0)
		return -1;
	if (r->nfields > 0)
		return 0;
	(void)tree_fault(
	    y, n, f, "a dictionary's rule needs columns or fields");
	return fault_hint(f, "{file: patients.csv, columns: {name: PERSON}}");
}

int
parse_dictionary(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	if (n->kind != NODE_LIST || n->child == NULL) {
		(void)tree_fault(
		    y, n, f, "expected a list of files with names in them");
		return fault_hint(
		    f, "- {file: patients.csv, columns: {name: PERSON}}");
	}
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (read_rule(y, e, to, f) != 0)
			return -1;
	return 0;
}

void
policy_free_dictionary(struct detection *d)
{
	for (size_t i = 0; i < d->ndictionary; i++) {
		struct dictionary_rule *r = &d->dictionary[i];

		for (size_t k = 0; k < r->nfields; k++) {
			mem_free(r->fields[k].name);
			path_free(&r->fields[k].path);
		}
		mem_free(r->fields);
		mem_free(r->file);
	}
	mem_free(d->dictionary);
}
