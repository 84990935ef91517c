/* A join, line by line, on its way back: item to original. */

#include <string.h>

#include "gateway/package/package_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"

/* Edits of 60 bytes, in bytes and in code points, an id of which every byte is
 * escaped, the rest. */
#define JOIN_LINE_MAX (120 * RECORD_EDITS_MAX + 6 * PACKAGE_ORIGINAL_MAX + 1024)
_Static_assert(JOIN_LINE_MAX < PLAIN_TAKE_MAX, "one line is held");

struct package_join {
	struct plain plain;
	uint64_t line;				 /* from 1 */
	json_t *doc;				 /* the line in hand */
	char part[PACKAGE_MEMBER_CHARS + 1];	 /* whose rows come, or "" */
	size_t prefix;				 /* characters of PATH# of it */
	char original[PACKAGE_ORIGINAL_MAX + 1]; /* PATH#, and of a row more */
};

int
package_join_open(
    struct package_join **out, const struct package_payload *p, struct fault *f)
{
	struct package_join *x;

	if ((x = mem_new(sizeof(*x))) == NULL)
		return fault_memory(f);
	if (plain_open(&x->plain, p, f) != 0) {
		package_join_close(x);
		return -1;
	}
	*out = x;
	return 0;
}

void
package_join_close(struct package_join *x)
{
	if (x == NULL)
		return;
	json_decref(x->doc);
	plain_close(&x->plain);
	mem_free(x);
}

/* A required member, or one that may be missing, into out[room]. */
static int
join_text(const json_t *doc, const char *key, bool required, char *out,
    size_t room, struct fault *f)
{
	const char *text = "";

	if ((required || json_object_get(doc, key) != NULL) &&
	    doc_text(doc, key, &text, f) != 0)
		return -1;
	if (strlen(text) >= room)
		return fault_set(f, FAULT_INPUT, "member \"%s\" too long", key);
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

static int
join_number(const json_t *doc, const char *key, uint64_t max, uint64_t *out,
    struct fault *f)
{
	*out = 0;
	if (json_object_get(doc, key) == NULL)
		return 0;
	return doc_number(doc, key, max, out, f);
}

/* What names a row behind PATH#: its value, or the record's number. */
static int
join_named(struct package_join *x, struct fault *f)
{
	char number[U64_CHARS + 1] = "";
	const char *name = number;
	uint64_t row;

	if (json_object_get(x->doc, "value") != NULL) {
		if (doc_text(x->doc, "value", &name, f) != 0)
			return -1;
	} else if (doc_number(x->doc, "row", UINT64_MAX >> 11, &row, f) != 0)
		return -1;
	else
		number[u64_write(number, row)] = '\0';
	if (x->prefix + strlen(name) > PACKAGE_ORIGINAL_MAX)
		return fault_set(f, FAULT_INPUT, "an original id over %u bytes",
		    PACKAGE_ORIGINAL_MAX);
	memcpy(x->original + x->prefix, name, strlen(name) + 1);
	return 0;
}

/* A row: of the part that came last.  Older programs wrote its whole original
 * id, and the oldest its member too. */
static int
join_row(struct package_join *x, struct package_origin *o, struct fault *f)
{
	if (o->member[0] == '\0') {
		if (x->part[0] == '\0')
			return fault_set(
			    f, FAULT_INPUT, "a row outside its member");
		memcpy(o->member, x->part, sizeof(o->member));
	}
	if (json_object_get(x->doc, "original") != NULL)
		return doc_text(x->doc, "original", &o->original, f);
	o->original = x->original;
	return join_named(x, f);
}

static int
join_read(struct package_join *x, struct package_origin *o, struct fault *f)
{
	const json_t *doc = x->doc;
	bool row = json_object_get(doc, "row") != NULL ||
		   json_object_get(doc, "value") != NULL;
	uint64_t orientation, width, height;

	if (doc_only(doc,
		"at bytes changes char_edits cut edits edits_complete group "
		"height item len member name orientation original put row "
		"sha256 source_bytes "
		"upright value width",
		f) != 0 ||
	    join_text(doc, "item", true, o->item, sizeof(o->item), f) != 0 ||
	    join_text(doc, "member", !row, o->member, sizeof(o->member), f) !=
		0 ||
	    join_text(doc, "group", false, o->group, sizeof(o->group), f) !=
		0 ||
	    (row ? join_row(x, o, f)
		 : doc_text(doc, "original", &o->original, f)) != 0 ||
	    join_number(doc, "orientation", 8, &orientation, f) != 0 ||
	    join_number(doc, "width", UINT32_MAX, &width, f) != 0 ||
	    join_number(doc, "height", UINT32_MAX, &height, f) != 0)
		return -1;
	o->char_edits = json_object_get(doc, "char_edits");
	o->lost = json_is_false(json_object_get(doc, "edits_complete")) &&
		  o->char_edits == NULL && width == 0;
	o->orientation = (unsigned)orientation;
	o->width = (uint32_t)width;
	o->height = (uint32_t)height;
	return 0;
}

/* A part's own line has a path and no item, and its rows come behind it; the
 * first file of a folder speaks for the item. */
static int
join_passes(struct package_join *x, bool *passes, struct fault *f)
{
	const char *member =
	    json_string_value(json_object_get(x->doc, "member"));

	*passes = member != NULL && package_member_nth(member) > 1;
	if (json_object_get(x->doc, "path") == NULL)
		return 0;
	*passes = true;
	if (join_text(x->doc, "member", true, x->part, sizeof(x->part), f) !=
		0 ||
	    join_text(x->doc, "path", true, x->original,
		sizeof(x->original) - 1, f) != 0)
		return -1;
	x->prefix = strlen(x->original) + 1;
	memcpy(x->original + x->prefix - 1, "#", 2);
	return 0;
}

int
package_join_next(struct package_join *x, struct package_origin *o, bool *end,
    struct fault *f)
{
	bool passes = true;
	const char *line;
	size_t len;

	while (passes) {
		x->line++;
		json_decref(x->doc);
		x->doc = NULL;
		if (plain_line(&x->plain, JOIN_LINE_MAX, &line, &len, end, f) !=
		    0)
			goto refused;
		if (*end)
			return 0;
		if (doc_read(&x->doc, line, len, f) != 0 ||
		    join_passes(x, &passes, f) != 0)
			goto refused;
	}
	if (join_read(x, o, f) != 0)
		goto refused;
	return 0;
refused:
	return fault_at(f, "join: line %llu", (unsigned long long)x->line);
}
