/*
 * The page of a sheet: items before and after, side by side.
 *
 * The only page with original data.  It says so on top, and what is marked in
 * it is what a mask did, not what somebody compared.
 */

#include <stdbool.h>
#include <string.h>

#include "gateway/report/report_internal.h"

enum side { BEFORE, AFTER };

static const char *
text_at(const json_t *list, size_t i)
{
	const char *text = json_string_value(json_array_get(list, i));

	return text != NULL ? text : "";
}

/* ---- Texts ---- */

static void
found(struct page *h, const json_t *piece)
{
	bool sure = json_is_true(json_array_get(piece, 3));

	html_raw(h, sure ? "<mark>" : "<mark class=\"doubt\">");
	(void)html_put(h, text_at(piece, 1));
	html_raw(h, " <small>");
	(void)html_put(h, text_at(piece, 2));
	html_raw(h, sure ? "</small></mark>" : "?</small></mark>");
}

static void
marked(struct page *h, const char *open, const char *text, const char *close)
{
	html_raw(h, open);
	(void)html_put(h, text);
	html_raw(h, close);
}

static void
piece(struct page *h, const json_t *one, enum side side)
{
	const char *kind = text_at(one, 0), *text = text_at(one, 1);

	if (strcmp(kind, "same") == 0)
		(void)html_put(h, text);
	else if (strcmp(kind, "left") == 0)
		found(h, one);
	else if (strcmp(kind, "gap") == 0)
		marked(h, "<span class=\"gap\"> [", text,
		    " bytes that stay as they are] </span>");
	else if (strcmp(kind, "cut") == 0 && side == BEFORE)
		marked(h, "<del>", text, "</del>");
	else if (strcmp(kind, "put") == 0 && side == AFTER)
		marked(h, "<ins>", text, "</ins>");
}

static void
cell(struct page *h, const json_t *pieces, enum side side)
{
	html_raw(h, "<td class=\"v\">");
	for (size_t i = 0; i < json_array_size(pieces); i++)
		piece(h, json_array_get(pieces, i), side);
	html_raw(h, "</td>");
}

/* Is nothing of it there after? */
static bool
empty_after(const json_t *pieces)
{
	for (size_t i = 0; i < json_array_size(pieces); i++)
		if (strcmp(text_at(json_array_get(pieces, i), 0), "cut") != 0)
			return false;
	return true;
}

/* What is in a cell of an attribute that has nothing to be shown. */
static void
no_text(struct page *h, const json_t *one, enum side side)
{
	html_raw(h, side == AFTER && json_is_true(json_object_get(one, "gone"))
			? "<td class=\"small\">goes</td>"
			: "<td class=\"small\">no text, or in a sequence: not "
			  "shown</td>");
}

static void
attribute(struct page *h, const json_t *one)
{
	const json_t *pieces = json_object_get(one, "pieces");
	bool gone = json_is_true(json_object_get(one, "gone"));

	html_raw(h, "<tr><td>");
	(void)html_put(h, html_member(one, "name"));
	html_raw(h, "<br><span class=\"small\">");
	(void)html_put(h, html_member(one, "action"));
	html_raw(h, "</span></td>");
	if (json_array_size(pieces) == 0)
		no_text(h, one, BEFORE);
	else
		cell(h, pieces, BEFORE);
	if (json_array_size(pieces) == 0 || gone)
		no_text(h, one, AFTER);
	else if (empty_after(pieces))
		html_raw(h, "<td class=\"small\">empty</td>");
	else
		cell(h, pieces, AFTER);
	html_raw(h, "</tr>\n");
}

/* Of a DICOM file: what changes and goes, and in a line what stays. */
static void
attributes_part(struct page *h, const json_t *part)
{
	const json_t *fields = json_object_get(part, "fields");
	const json_t *kept = json_object_get(part, "kept");

	html_raw(h, "<table><tr><th style=\"width:34%\">Attribute</th>"
		    "<th>Before</th><th>After</th></tr>\n");
	for (size_t i = 0; i < json_array_size(fields); i++)
		attribute(h, json_array_get(fields, i));
	html_raw(h, "</table>\n<p class=\"small\">Kept as they are: ");
	html_raw(h, json_array_size(kept) == 0 ? "none" : "");
	for (size_t i = 0; i < json_array_size(kept); i++) {
		html_raw(h, i == 0 ? "" : ", ");
		(void)html_put(h, text_at(kept, i));
	}
	html_raw(h, ". ");
	(void)html_put(h, html_member(part, "why"));
	html_raw(h, ".</p>\n");
	if (json_is_true(json_object_get(part, "more")))
		html_raw(h, "<p class=\"small\">It goes on.</p>\n");
}

static void
text_part(struct page *h, const json_t *part)
{
	const json_t *fields = json_object_get(part, "fields");
	bool named = html_member(json_array_get(fields, 0), "name")[0] != '\0';

	html_raw(h, "<table><tr>");
	html_raw(h, named ? "<th style=\"width:18%\">Field</th>" : "");
	html_raw(h, "<th>Before</th><th>After</th></tr>\n");
	for (size_t i = 0; i < json_array_size(fields); i++) {
		const json_t *one = json_array_get(fields, i);
		const json_t *pieces = json_object_get(one, "pieces");

		html_raw(h, "<tr>");
		if (named)
			html_element(h, "td", html_member(one, "name"));
		cell(h, pieces, BEFORE);
		cell(h, pieces, AFTER);
		html_raw(h, "</tr>\n");
	}
	html_raw(h, "</table>\n");
	if (json_is_true(json_object_get(part, "more")))
		html_raw(h, "<p class=\"small\">It goes on.</p>\n");
}

/* ---- Pictures ---- */

/* Base64 is letters, digits, + / and =, and its maker is ours: it is held
 * against that all the same, since here it stands in an attribute. */
static bool
base64(const char *text)
{
	return text[0] != '\0' &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
			    "xyz0123456789+/=") == strlen(text);
}

static void
thumb(struct page *h, const json_t *part, const char *key)
{
	const char *text = html_member(part, key);

	html_raw(h, "<td>");
	if (base64(text)) {
		html_raw(h, "<img alt=\"\" src=\"data:image/jpeg;base64,");
		html_raw(h, text);
		html_raw(h, "\">");
	} else
		html_raw(h, "<span class=\"small\">no thumbnail</span>");
	html_raw(h, "</td>");
}

static void
size(struct page *h, const json_t *list, size_t at)
{
	char text[48];

	(void)snprintf(text, sizeof(text), "%lld x %lld",
	    (long long)json_integer_value(json_array_get(list, at)),
	    (long long)json_integer_value(json_array_get(list, at + 1)));
	html_element(h, "td class=\"small\"", text);
}

static void
picture_part(struct page *h, const json_t *part)
{
	const json_t *blocks = json_object_get(part, "blocks");
	const json_t *sizes = json_object_get(part, "size");

	html_raw(h, "<table><tr><th>Before</th><th>After</th></tr>\n<tr>");
	thumb(h, part, "before");
	thumb(h, part, "after");
	html_raw(h, "</tr>\n");
	if (sizes != NULL) {
		html_raw(h, "<tr>");
		size(h, sizes, 0);
		size(h, sizes, 2);
		html_raw(h, "</tr>\n");
	}
	html_raw(h, "</table>\n<p class=\"small\">");
	for (size_t i = 0; i < json_array_size(blocks); i++) {
		html_raw(h, i == 0 ? "Goes: <del>" : ", <del>");
		(void)html_put(h, text_at(blocks, i));
		html_raw(h, "</del>");
	}
	html_raw(h, json_array_size(blocks) > 0 ? ". " : "");
	html_raw(h, "The pixels leave as they are: nobody looks for faces or "
		    "writing in them. ");
	(void)html_put(h, html_member(part, "why"));
	html_raw(h, "</p>\n");
}

/* ---- Items ---- */

/* One of an item that is a folder has its own name. */
static void
part(struct page *h, const json_t *one, bool named)
{
	if (named)
		html_element(h, "h3", html_member(one, "id"));
	if (json_object_get(one, "kept") != NULL)
		attributes_part(h, one);
	else if (json_object_get(one, "fields") != NULL)
		text_part(h, one);
	else
		picture_part(h, one);
}

static void
item(struct page *h, const json_t *one, size_t number)
{
	const json_t *parts = json_object_get(one, "parts");
	const json_t *why = json_object_get(one, "why");
	char text[64];

	html_raw(h, "<section>\n");
	(void)snprintf(text, sizeof(text), "%zu. ", number);
	html_raw(h, "<h2>");
	(void)html_put(h, text);
	(void)html_put(h, json_array_size(parts) == 1
			      ? html_member(json_array_get(parts, 0), "id")
			      : html_member(one, "path"));
	html_raw(h, "</h2>\n<p class=\"small\">");
	(void)html_put(h, html_member(one, "type"));
	(void)snprintf(text, sizeof(text), ":%llu",
	    (unsigned long long)html_count(one, "line"));
	html_raw(h, ", ");
	(void)html_put(h, html_member(one, "policy"));
	(void)html_put(h, text);
	for (size_t i = 0; i < json_array_size(why); i++) {
		html_raw(h, i == 0 ? "; " : ", ");
		(void)html_put(h, text_at(why, i));
	}
	html_raw(h, "</p>\n");
	for (size_t i = 0; i < json_array_size(parts); i++)
		part(h, json_array_get(parts, i), json_array_size(parts) > 1);
	html_raw(h, "</section>\n");
}

static void
head(struct page *h, const json_t *sheet)
{
	char text[32];

	html_raw(h,
	    "<p class=\"warn\">This page holds original data, as it is before "
	    "anything is masked. It is for its owner's eyes, on the owner's "
	    "machine: it must not leave, neither by mail nor with a batch. "
	    "Delete it when it has been looked at.</p>\n"
	    "<div class=\"tiles\">\n");
	html_tile(h, report_number(text, html_count(sheet, "items")),
	    "items are shown");
	html_tile(h, report_number(text, html_count(sheet, "looked_at")),
	    "were looked at");
	html_tile(
	    h, report_number(text, html_count(sheet, "of")), "items leave");
	html_raw(h, "</div>\n<table>\n");
	html_row(h, "Policy", html_member(sheet, "policy"));
	html_row(h, "Project", html_member(sheet, "project"));
	if (html_member(sheet, "vendor")[0] != '\0')
		html_row(h, "For", html_member(sheet, "vendor"));
	html_row(h, "Made", html_member(sheet, "made"));
	html_raw(h,
	    "</table>\n<p class=\"small\">Riskiest first: a class that fails "
	    "risk:, then <mark>finds that remain</mark>, <mark class=\"doubt\">"
	    "doubtful ones</mark>, words of free text that leave as they are, "
	    "and how much had to be changed. <del>What goes</del> is marked "
	    "before, <ins>what stands for it</ins> after. Pseudonyms are of "
	    "this page alone: none joins with one that is sent.</p>\n");
}

int
report_sheet(struct bytes *out, const json_t *sheet, struct fault *f)
{
	const json_t *shown = json_object_get(sheet, "shown");
	struct page h = { out, f, 0 };

	html_begin_pictures(&h, "Before and after");
	head(&h, sheet);
	for (size_t i = 0; i < json_array_size(shown); i++)
		item(&h, json_array_get(shown, i), i + 1);
	html_end(&h);
	return h.rc;
}
