/*
 * The page of what detect finds: how much of what, where, and what it looks
 * like.  Of a value there is its shape; paths are as they are.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/report/report_internal.h"
#include "keys/base/mem.h"

/* Files that are listed; all are in the table beside the page. */
#define FILES_MAX 1000u

/* Rows of the data, the larger number first; of equals as they came. */
struct ranked {
	const char *name; /* NULL: it is in the row */
	const json_t *row;
	size_t place;
};

static int
by_number(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;
	uint64_t p = html_count(a->row, "n"), q = html_count(b->row, "n");

	if (p != q)
		return p > q ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

static struct ranked *
rank_files(const json_t *list)
{
	size_t n = json_array_size(list);
	struct ranked *all = mem_array(n, sizeof(*all));

	for (size_t i = 0; all != NULL && i < n; i++)
		all[i] = (struct ranked){ NULL, json_array_get(list, i), i };
	if (all != NULL && n > 0)
		qsort(all, n, sizeof(*all), by_number);
	return all;
}

static struct ranked *
rank_members(const json_t *o)
{
	struct ranked *all = mem_array(json_object_size(o), sizeof(*all));
	const char *key;
	json_t *row;
	size_t n = 0;

	if (all == NULL)
		return NULL;
	json_object_foreach((json_t *)(uintptr_t)o, key, row)
	{
		all[n] = (struct ranked){ key, row, n };
		n++;
	}
	if (n > 0)
		qsort(all, n, sizeof(*all), by_number);
	return all;
}

static void
number_cell(struct page *h, uint64_t n)
{
	char text[32];

	html_element(h, "td class=\"n\"", report_number(text, n));
}

/* ---- By entity ---- */

static void
examples(struct page *h, const json_t *list)
{
	char text[64];

	html_raw(h, "<td>");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		html_raw(h, "<code>");
		(void)html_put(h, html_member(one, "text"));
		html_raw(h, "</code> <span class=\"small\">");
		(void)html_put(h, html_member(one, "file"));
		(void)snprintf(text, sizeof(text), ":%llu, %llu %%",
		    (unsigned long long)html_count(one, "line"),
		    (unsigned long long)html_count(one, "score"));
		(void)html_put(h, text);
		html_raw(h, "</span><br>\n");
	}
	html_raw(h, "</td>");
}

static void
entities(struct page *h, const struct ranked *all, size_t n)
{
	html_element(h, "h2", "What was found");
	html_raw(h,
	    "<p class=\"small\">Of every find there is its shape: X and x "
	    "stand "
	    "for letters, 0 for digits, the first letter is its own. What is "
	    "no "
	    "such thing (a town that is called like a person) goes into allow: "
	    "of the policy, or is looked for with a higher score.</p>\n"
	    "<table><tr><th style=\"width:27%\">Entity</th><th class=\"n\" "
	    "style=\"width:11%\">Finds</th><th class=\"n\" style=\"width:10%\">"
	    "Files</th><th>Looks like</th></tr>\n");
	for (size_t i = 0; i < n; i++) {
		html_raw(h, "<tr>");
		html_element(h, "td", all[i].name);
		number_cell(h, html_count(all[i].row, "n"));
		number_cell(h, html_count(all[i].row, "files"));
		examples(h, json_object_get(all[i].row, "examples"));
		html_raw(h, "</tr>\n");
	}
	html_raw(h, "</table>\n");
}

#define BAR_PARTS 6u

static void
bar(struct page *h, const struct ranked *all, size_t n)
{
	struct bar_part parts[BAR_PARTS] = { { NULL, 0 } };
	size_t shown = n < BAR_PARTS ? n : BAR_PARTS - 1;

	for (size_t i = 0; i < shown; i++)
		parts[i] = (struct bar_part){ all[i].name,
			html_count(all[i].row, "n") };
	for (size_t i = shown; i < n; i++) {
		parts[shown].what = "others";
		parts[shown].n += html_count(all[i].row, "n");
	}
	html_bar(h, parts, n < BAR_PARTS ? n : BAR_PARTS);
}

/* ---- By file ---- */

static void
file_row(struct page *h, const json_t *file)
{
	const json_t *of = json_object_get(file, "entities");
	char text[32];
	const char *key;
	json_t *n;
	size_t i = 0;

	html_raw(h, "<tr>");
	html_element(h, "td", html_member(file, "file"));
	number_cell(h, html_count(file, "n"));
	html_raw(h, "<td class=\"small\">");
	json_object_foreach((json_t *)(uintptr_t)of, key, n)
	{
		html_raw(h, i++ == 0 ? "" : ", ");
		(void)html_put(h, key);
		html_raw(h, " ");
		(void)html_put(
		    h, report_number(text, (uint64_t)json_integer_value(n)));
	}
	html_raw(h, "</td></tr>\n");
}

static void
files(struct page *h, const struct ranked *all, size_t n)
{
	size_t found = 0;

	while (found < n && html_count(all[found].row, "n") > 0)
		found++;
	html_element(h, "h2", "Where");
	html_raw(h,
	    "<table><tr><th style=\"width:45%\">File</th><th class=\"n\" "
	    "style=\"width:11%\">Finds</th><th>Of what</th></tr>\n");
	for (size_t i = 0; i < found && i < FILES_MAX; i++)
		file_row(h, all[i].row);
	html_raw(h, "</table>\n");
	if (found > FILES_MAX)
		html_raw(h,
		    "<p class=\"small\">And more: detect.csv has all.</p>\n");
}

static void
skipped(struct page *h, const json_t *list)
{
	if (json_array_size(list) == 0)
		return;
	html_element(h, "h2", "Not read");
	html_raw(h, "<table>\n");
	for (size_t i = 0; i < json_array_size(list) && i < FILES_MAX; i++) {
		const json_t *one = json_array_get(list, i);

		html_raw(h, "<tr>");
		html_element(h, "td", html_member(one, "file"));
		html_element(h, "td", html_member(one, "why"));
		html_raw(h, "</tr>\n");
	}
	html_raw(h, "</table>\n");
}

static void
head(struct page *h, const json_t *found, const struct ranked *all, size_t n)
{
	size_t with = 0;
	char text[32];

	while (with < n && html_count(all[with].row, "n") > 0)
		with++;
	html_raw(h, "<div class=\"tiles\">\n");
	html_tile(h, report_number(text, html_count(found, "n")), "finds");
	html_tile(h, report_number(text, with), "files with finds");
	html_tile(h, report_number(text, n), "files were read");
	html_tile(
	    h, report_size(text, html_count(found, "bytes")), "were searched");
	html_raw(h, "</div>\n");
}

int
report_found(struct bytes *out, const json_t *found, struct fault *f)
{
	const json_t *of = json_object_get(found, "entities");
	const json_t *list = json_object_get(found, "files");
	struct ranked *by_entity = rank_members(of);
	struct ranked *by_file = rank_files(list);
	struct page h = { out, f, 0 };

	if (by_entity == NULL || by_file == NULL) {
		h.rc = fault_memory(f);
	} else {
		html_begin(&h, "Personal data found");
		head(&h, found, by_file, json_array_size(list));
		bar(&h, by_entity, json_object_size(of));
		entities(&h, by_entity, json_object_size(of));
		files(&h, by_file, json_array_size(list));
		skipped(&h, json_object_get(found, "skipped"));
		html_end(&h);
	}
	mem_free(by_entity);
	mem_free(by_file);
	return h.rc;
}
