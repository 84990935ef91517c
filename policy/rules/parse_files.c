/*
 * files: the rules for files, each a pattern, a type and what that type needs.
 *
 * A rule is read key by key through a table and judged as a whole behind its
 * last key, since keys may come in any order.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/near.h"
#include "policy/rules/parse_internal.h"

/* Rules of one policy; comparing each with each is then harmless. */
#define RULES_MAX 4096u

/* A rule while it is read: which keys it has, with their places. */
struct draft_rule {
	struct file_rule rule;
	const struct node *type;
	const struct node *columns;
	const struct node *paths;
	const struct node *header;
	const struct node *delimiter;
	const struct node *missing;
	const struct node *metadata;
	const struct node *pixels;
	const struct node *text;
	const struct node *item;
	const struct node *unit;
};

static int
read_match(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct draft_rule *d = to;

	return parse_glob(y, n, &d->rule.match, f);
}

static int
read_exclude(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct draft_rule *d = to;
	const char *text;

	if (tree_text(y, n, "a reason", &text, f) != 0)
		return -1;
	if (text[strspn(text, " \t\r\n")] == '\0')
		return tree_fault(y, n, f, "exclude needs a reason");
	return parse_copy(&d->rule.exclude, text, f);
}

static int
read_type(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const types[] = { "csv", "json", "jsonl", "text",
		"jpeg", "png", NULL };
	struct draft_rule *d = to;
	size_t i;

	if (tree_word(y, n, types, &i, f) != 0)
		return -1;
	d->type = n;
	d->rule.type = (enum file_type)i;
	return 0;
}

static int
read_header(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "yes", "no", NULL };
	struct draft_rule *d = to;
	size_t i;

	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	d->header = n;
	d->rule.header = i == 0;
	return 0;
}

static int
read_delimiter(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "auto", "comma", "semicolon",
		"tab", "pipe", NULL };
	static const char *const marks[] = { "auto", ",", ";", "\t", "|",
		NULL };
	static const char meant[] = { 0, ',', ';', '\t', '|' };
	struct draft_rule *d = to;
	size_t i;

	d->delimiter = n;
	for (i = 0; marks[i] != NULL; i++)
		if (n->kind == NODE_SCALAR && strcmp(n->text, marks[i]) == 0) {
			d->rule.delimiter = meant[i];
			return 0;
		}
	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	d->rule.delimiter = meant[i];
	return 0;
}

static int
read_missing(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct draft_rule *d = to;

	d->missing = n;
	return parse_missing(y, n, &d->rule.may_miss, f);
}

static int
read_item(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct draft_rule *d = to;
	const char *text;

	d->item = n;
	d->rule.item_line = n->line;
	return tree_text(y, n, "a column or path", &text, f);
}

static int
read_unit(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "file", "row", "folder", "series",
		"study", NULL };
	struct draft_rule *d = to;
	size_t i;

	d->unit = n;
	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	if (i > 2) {
		(void)tree_fault(y, n, f,
		    "%s is a grouping of DICOM files, which this version does "
		    "not read",
		    words[i]);
		return fault_hint(
		    f, "item: folder   keeps the files of a folder together");
	}
	d->rule.unit = i == 0 ? ITEM_FILE : i == 1 ? ITEM_EACH : ITEM_FOLDER;
	return 0;
}

static int
read_columns(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct draft_rule *d = to;

	(void)y;
	(void)f;
	d->columns = n;
	return 0;
}

static int
read_paths(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct draft_rule *d = to;

	(void)y;
	(void)f;
	d->paths = n;
	return 0;
}

/* metadata: drop.  There is no keep: what a block may hold is not bounded by
 * its name, so each that is to stay will have to be read and rewritten. */
static int
read_metadata(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "drop", NULL };
	struct draft_rule *d = to;
	size_t i;

	d->metadata = n;
	d->rule.drop_metadata = true;
	return tree_word(y, n, words, &i, f);
}

static int
read_keep(const struct tree *y, const struct node *n, struct fault *f)
{
	static const char *const words[] = { "keep", NULL };
	size_t i;

	return tree_word(y, n, words, &i, f);
}

static int
read_pixels(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct draft_rule *d = to;

	d->pixels = n;
	return read_keep(y, n, f);
}

static int
read_text(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct draft_rule *d = to;
	struct transform how = { .action = TRANSFORM_REFUSE };

	d->text = n;
	if (parse_action(y, n, &how, f) != 0)
		goto out;
	if (how.action == TRANSFORM_KEEP)
		return 0;
	if (how.action != TRANSFORM_DETECT) {
		(void)tree_fault(
		    y, n, f, "a text is kept, or searched for personal data");
		(void)fault_hint(f, "text: detect, or text: keep");
		goto out;
	}
	if ((d->rule.fields = mem_array(1, sizeof(*d->rule.fields))) == NULL ||
	    (d->rule.fields[0].name = mem_text("text", 4)) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	d->rule.fields[0].how = how;
	d->rule.nfields = 1;
	return 0;
out:
	transform_free(&how);
	return -1;
}

const struct tree_key rule_keys[] = {
	{ "match", true, read_match },
	{ "exclude", false, read_exclude },
	{ "type", false, read_type },
	{ "header", false, read_header },
	{ "delimiter", false, read_delimiter },
	{ "missing", false, read_missing },
	{ "item", false, read_unit },
	{ "item_id", false, read_item },
	{ "columns", false, read_columns },
	{ "fields", false, read_paths },
	{ "metadata", false, read_metadata },
	{ "pixels", false, read_pixels },
	{ "text", false, read_text },
	{ NULL, false, NULL },
};

/* Which types may have each key. */
#define ON(type) (1u << (type))
#define ON_TABLE (ON(TYPE_CSV))
#define ON_PATHS (ON(TYPE_JSON) | ON(TYPE_JSONL))
#define ON_IMAGE (ON(TYPE_JPEG) | ON(TYPE_PNG))

static int
check_keys(const struct tree *y, const struct draft_rule *d, struct fault *f)
{
	const struct {
		const struct node *at;
		const char *key;
		unsigned types;
	} keys[] = {
		{ d->header, "header", ON_TABLE },
		{ d->delimiter, "delimiter", ON_TABLE },
		{ d->missing, "missing", ON_TABLE | ON_PATHS },
		{ d->unit, "item", ~0u },
		{ d->item, "item_id", ON_TABLE | ON(TYPE_JSONL) },
		{ d->columns, "columns", ON_TABLE },
		{ d->paths, "fields", ON_PATHS },
		{ d->metadata, "metadata", ON_IMAGE },
		{ d->pixels, "pixels", ON_IMAGE },
		{ d->text, "text", ON(TYPE_TEXT) },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].at == NULL)
			continue;
		if (d->rule.exclude != NULL)
			return tree_fault(y, keys[i].at, f,
			    "an excluded file has no %s", keys[i].key);
		if ((keys[i].types & ON(d->rule.type)) == 0)
			return tree_fault(y, keys[i].at, f,
			    "a %s file has no %s", file_type_name(d->rule.type),
			    keys[i].key);
	}
	return 0;
}

/* What each type cannot do without: nothing leaves by silence. */
static int
check_needs(const struct tree *y, const struct node *n,
    const struct draft_rule *d, struct fault *f)
{
	unsigned on = ON(d->rule.type);

	if ((on & ON_TABLE) != 0 && d->columns == NULL) {
		(void)tree_fault(y, n, f, "a csv file needs columns");
		return fault_hint(f, "columns: {NAME: drop}");
	}
	/* a header guessed wrongly has names that no rule has; numbers fit any
	 * guess */
	if ((on & ON_TABLE) != 0 && !d->rule.header && d->rule.delimiter == 0) {
		(void)tree_fault(y,
		    d->delimiter != NULL ? d->delimiter : d->header, f,
		    "without a header the delimiter must be named");
		return fault_hint(
		    f, "delimiter: comma, semicolon, tab or pipe");
	}
	if ((on & ON_PATHS) != 0 && d->paths == NULL) {
		(void)tree_fault(y, n, f, "a %s file needs fields",
		    file_type_name(d->rule.type));
		return fault_hint(f, "fields: {some.path: drop}");
	}
	if ((on & ON_IMAGE) != 0 && d->pixels == NULL) {
		(void)tree_fault(y, n, f, "a %s file needs its pixels decided",
		    file_type_name(d->rule.type));
		return fault_hint(f, "pixels: keep");
	}
	if (d->rule.type == TYPE_TEXT && d->text == NULL) {
		(void)tree_fault(y, n, f, "a text file needs its text decided");
		return fault_hint(f, "text: detect, or text: keep");
	}
	return 0;
}

/* Rows are told from files where there are any. */
static int
finish_unit(const struct tree *y, struct draft_rule *d, struct fault *f)
{
	bool rows = d->rule.type == TYPE_CSV || d->rule.type == TYPE_JSONL;

	if (d->unit != NULL && d->rule.unit == ITEM_EACH && !rows)
		return tree_fault(y, d->unit, f, "a %s file has no rows",
		    file_type_name(d->rule.type));
	if (d->item != NULL && d->rule.unit != ITEM_EACH)
		return tree_fault(y, d->item, f,
		    "item_id names rows, and the items are files or folders");
	if (d->rule.unit == ITEM_FILE && !rows)
		d->rule.unit = ITEM_EACH;
	return 0;
}

static int
finish_item(const struct tree *y, struct draft_rule *d, struct fault *f)
{
	if (d->item == NULL)
		return 0;
	if (d->rule.type == TYPE_CSV)
		return parse_copy(&d->rule.item_id, d->item->text, f);
	return parse_place(y, d->item, &d->rule.item_path, &d->rule.item_id, f);
}

/* Every column of a file has to be named, the item's too: what is not among
 * them can never be in a file that this rule takes. */
static int
check_item_column(
    const struct tree *y, const struct draft_rule *d, struct fault *f)
{
	const char *best = NULL;
	unsigned least = NEAR_NOT;

	if (d->item == NULL)
		return 0;
	for (size_t i = 0; i < d->rule.nfields; i++) {
		const char *name = d->rule.fields[i].name;
		unsigned far = near_distance(d->rule.item_id, name);

		if (strcmp(name, d->rule.item_id) == 0)
			return 0;
		if (far < least) {
			least = far;
			best = name;
		}
	}
	(void)tree_fault(y, d->item, f, "item_id \"%s\" is none of the columns",
	    d->item->text);
	if (best != NULL)
		return fault_hint(f, "did you mean \"%s\"?", best);
	return -1;
}

static int
finish_rule(const struct tree *y, const struct node *n, struct draft_rule *d,
    struct fault *f)
{
	if (d->rule.exclude != NULL && d->type != NULL)
		return tree_fault(
		    y, d->type, f, "an excluded file has no type");
	if (d->rule.exclude == NULL && d->type == NULL) {
		(void)tree_fault(
		    y, n, f, "a file rule needs \"type\" or \"exclude\"");
		return fault_hint(f, "type: csv, json, jsonl, text, jpeg or "
				     "png; or exclude: \"why\"");
	}
	if (check_keys(y, d, f) != 0)
		return -1;
	if (d->rule.exclude != NULL)
		return 0;
	if (check_needs(y, n, d, f) != 0 || finish_unit(y, d, f) != 0 ||
	    finish_item(y, d, f) != 0)
		return -1;
	if (d->columns != NULL)
		return parse_columns(y, d->columns, &d->rule, f) == 0
			   ? check_item_column(y, d, f)
			   : -1;
	if (d->paths != NULL)
		return parse_fields(y, d->paths, &d->rule, f);
	return 0;
}

void
policy_free_file_rule(struct file_rule *r)
{
	for (size_t i = 0; i < r->nfields; i++) {
		mem_free(r->fields[i].name);
		path_free(&r->fields[i].path);
		transform_free(&r->fields[i].how);
	}
	names_free(&r->apart);
	path_free(&r->item_path);
	mem_free(r->fields);
	mem_free(r->match);
	mem_free(r->exclude);
	mem_free(r->item_id);
}

static int
read_rule(const struct tree *y, const struct node *n, struct policy *p,
    struct fault *f)
{
	struct draft_rule d = { .rule = { .header = true } };

	d.rule.line = n->line;
	if (tree_map(y, n, rule_keys, "a file rule", &d, f) != 0 ||
	    finish_rule(y, n, &d, f) != 0) {
		policy_free_file_rule(&d.rule);
		return -1;
	}
	p->files[p->nfiles++] = d.rule;
	return 0;
}

int
parse_files(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct policy *p = to;
	size_t count = 0;

	if (n->kind != NODE_LIST || n->child == NULL) {
		(void)tree_fault(y, n, f, "expected a list of file rules");
		return fault_hint(f, "files:  and below it  - match: \"**\"");
	}
	for (const struct node *r = n->child; r != NULL; r = r->next)
		if (++count > RULES_MAX)
			return tree_fault(
			    y, r, f, "more than %u rules", RULES_MAX);
	if ((p->files = mem_array(count, sizeof(*p->files))) == NULL)
		return fault_memory(f);
	for (const struct node *r = n->child; r != NULL; r = r->next)
		if (read_rule(y, r, p, f) != 0)
			return -1;
	return 0;
}
