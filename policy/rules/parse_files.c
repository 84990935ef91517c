/*
 * files: the rules for files, each a pattern, a type and what that type needs.
 *
 * A rule is read key by key through a table and judged as a whole behind its
 * last key (parse_file_judge.c), since keys may come in any order.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/parse_files_internal.h"

/* Rules of one policy; comparing each with each is then harmless. */
#define RULES_MAX 4096u

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
		"jpeg", "png", "dicom", NULL };
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
	static const enum item_unit units[] = { ITEM_FILE, ITEM_EACH,
		ITEM_FOLDER, ITEM_SERIES, ITEM_STUDY };
	struct draft_rule *d = to;
	size_t i;

	d->unit = n;
	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	d->rule.unit = units[i];
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
read_profile(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	const char *const words[] = { dicom_profile.word, NULL };
	struct draft_rule *d = to;
	size_t i;

	d->profile = n;
	d->rule.profile_line = n->line;
	return tree_word(y, n, words, &i, f);
}

static int
read_options(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct draft_rule *d = to;

	d->options = n;
	return parse_dicom_options(y, n, &d->rule, f);
}

static int
read_tags(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct draft_rule *d = to;

	(void)y;
	(void)f;
	d->tags = n;
	return 0;
}

static int
read_burned_in(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "refuse", "accept", NULL };
	struct draft_rule *d = to;
	size_t i;

	d->burned_in = n;
	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	d->rule.burned_in = i == 1;
	return 0;
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
	{ "profile", false, read_profile },
	{ "options", false, read_options },
	{ "tags", false, read_tags },
	{ "burned_in", false, read_burned_in },
	{ NULL, false, NULL },
};

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
	transform_free(&r->dates);
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
