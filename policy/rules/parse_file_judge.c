/*
 * A rule for files as a whole: which keys its type may have, which it needs,
 * and what they make together.
 */

#include <string.h>

#include "keys/base/near.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/parse_files_internal.h"

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
		{ d->pixels, "pixels", ON_IMAGE | ON(TYPE_DICOM) },
		{ d->text, "text", ON(TYPE_TEXT) },
		{ d->profile, "profile", ON(TYPE_DICOM) },
		{ d->options, "options", ON(TYPE_DICOM) },
		{ d->tags, "tags", ON(TYPE_DICOM) },
		{ d->burned_in, "burned_in", ON(TYPE_DICOM) },
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
	if (d->rule.type == TYPE_DICOM && d->profile == NULL) {
		(void)tree_fault(y, n, f, "a dicom file needs a profile");
		return fault_hint(f, "profile: %s", dicom_profile.word);
	}
	if ((on & (ON_IMAGE | ON(TYPE_DICOM))) != 0 && d->pixels == NULL) {
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
	if (d->rule.unit >= ITEM_SERIES && d->rule.type != TYPE_DICOM) {
		(void)tree_fault(y, d->unit, f, "a %s file is of no %s",
		    file_type_name(d->rule.type), d->unit->text);
		return fault_hint(
		    f, "item: folder   keeps the files of a folder together");
	}
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

int
finish_rule(const struct tree *y, const struct node *n, struct draft_rule *d,
    struct fault *f)
{
	if (d->rule.exclude != NULL && d->type != NULL)
		return tree_fault(
		    y, d->type, f, "an excluded file has no type");
	if (d->rule.exclude == NULL && d->type == NULL) {
		(void)tree_fault(
		    y, n, f, "a file rule needs \"type\" or \"exclude\"");
		return fault_hint(f, "type: csv, json, jsonl, text, jpeg, "
				     "png or dicom; or exclude: \"why\"");
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
	if (d->rule.type == TYPE_DICOM)
		d->rule.may_miss =
		    true; /* files differ, and are decided whole */
	if (d->tags != NULL)
		return parse_tags(y, d->tags, &d->rule, f);
	return 0;
}
