/* The page of a plan: what a controller sees before signing. */

#include <string.h>

#include "gateway/report/report_internal.h"

static void
estimate(struct page *h, const json_t *plan)
{
	double s = json_number_value(json_object_get(plan, "estimate"));
	char text[48];

	if (json_object_get(plan, "estimate") == NULL)
		return;
	if (s < 90)
		(void)snprintf(text, sizeof(text), "%.0f s", s < 1 ? 1 : s);
	else if (s < 5400)
		(void)snprintf(text, sizeof(text), "%.0f min", s / 60);
	else
		(void)snprintf(text, sizeof(text), "%.1f h", s / 3600);
	html_tile(h, text, "to seal, about");
}

static void
tiles(struct page *h, const json_t *plan)
{
	char text[32];

	html_raw(h, "<div class=\"tiles\">\n");
	html_tile(h, report_number(text, html_count(plan, "items")),
	    json_object_get(plan, "refusals") != NULL ? "items would leave"
	    : html_count(plan, "items") == 1	      ? "item leaves"
						      : "items leave");
	html_tile(h, report_number(text, html_count(plan, "files")),
	    html_count(plan, "files") == 1 ? "file" : "files");
	html_tile(
	    h, report_size(text, html_count(plan, "bytes")), "as they are");
	html_tile(h, report_number(text, html_count(plan, "excluded")),
	    "files excluded");
	estimate(h, plan);
	html_raw(h, "</div>\n");
}

static void
who_leaves(struct page *h, const json_t *plan)
{
	const json_t *left = json_object_get(plan, "left_behind");
	const struct bar_part parts[] = {
		{ "items leave", html_count(plan, "items") },
		{ "not asked for", html_count(left, "not_selected") },
		{ "not to be processed", html_count(left, "suppressed") },
		{ "would stand out", html_count(left, "risk") },
		{ "sent before", html_count(left, "sent") },
	};

	html_bar(h, parts, sizeof(parts) / sizeof(parts[0]));
}

static void
list_row(struct page *h, const char *what, const json_t *list)
{
	html_raw(h, "<tr><th style=\"width:32%\">");
	(void)html_put(h, what);
	html_raw(h, "</th><td>");
	html_raw(h, json_array_size(list) == 0 ? "none" : "");
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i > 0)
			html_raw(h, ", ");
		(void)html_put(h, json_string_value(json_array_get(list, i)));
	}
	html_raw(h, "</td></tr>\n");
}

/* How much of the dataset's own is looked for in its texts. */
static void
names(struct page *h, const json_t *dictionary)
{
	char values[32], words[32], text[96];

	if (dictionary == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%s values, %s different words",
	    report_number(values, html_count(dictionary, "values")),
	    report_number(words, html_count(dictionary, "words")));
	html_row(h, "Names that texts are searched for", text);
}

static void
head(struct page *h, const json_t *plan)
{
	html_raw(h, "<table>\n");
	html_row(h, "For", html_member(plan, "vendor"));
	html_row(h, "Policy", html_member(plan, "policy"));
	html_row(h, "Project", html_member(plan, "project"));
	html_row(h, "Purpose", html_member(plan, "purpose"));
	list_row(h, "Vendors it may go to", json_object_get(plan, "vendors"));
	list_row(h, "Agreements that must be in force",
	    json_object_get(plan, "agreements"));
	html_row(h, "Kept after release", html_member(plan, "retention"));
	names(h, json_object_get(plan, "dictionary"));
	if (json_object_get(plan, "digest") != NULL)
		html_row(h, "Plan", html_member(plan, "digest"));
	html_row(h, "Made", html_member(plan, "made"));
	html_raw(h, "</table>\n");
}

/* -- Decisions ----------------------------------------------------------- */

static void
examples(struct page *h, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i > 0)
			html_raw(h, "<br>");
		html_raw(h, "<code>");
		(void)html_put(h, json_string_value(json_array_get(list, i)));
		html_raw(h, "</code>");
	}
}

static void
field(struct page *h, const json_t *decision, const json_t *one)
{
	const json_t *all = json_object_get(decision, "examples");
	const json_t *list = json_object_get(all, html_member(one, "name"));

	html_raw(h, "<tr><td>");
	(void)html_put(h, html_member(one, "name"));
	html_raw(h, "</td><td><code>");
	(void)html_put(h, html_member(one, "action"));
	html_raw(h, "</code><br><span class=\"small\">");
	(void)html_put(h, html_member(one, "rule"));
	html_raw(h, "</span></td><td>");
	if (strcmp(html_member(one, "action"), "drop") == 0 ||
	    (all != NULL && json_array_size(list) == 0 &&
		strcmp(html_member(decision, "type"), "dicom") != 0))
		html_raw(h, "<span class=\"small\">nothing is sent</span>");
	else if (all != NULL && json_array_size(list) == 0)
		html_raw(h, "<span class=\"small\">no text to show</span>");
	examples(h, list);
	html_raw(h, "</td></tr>\n");
}

/* Of a picture: the picture itself. */
static void
pixels(struct page *h, const json_t *d)
{
	if (json_object_get(d, "pixels") == NULL)
		return;
	html_raw(h, "<tr><td>the picture itself</td><td><code>pixels: ");
	(void)html_put(h, html_member(d, "pixels"));
	html_raw(h, "</code><br><span class=\"small\">");
	(void)html_put(h, html_member(d, "rule"));
	html_raw(h, "</span></td><td><span class=\"small\">as it is: nobody "
		    "looks for faces or writing in it</span></td></tr>\n");
}

static void
decision(struct page *h, const json_t *d)
{
	const json_t *fields = json_object_get(d, "fields");
	uint64_t files = html_count(d, "files");
	char text[32];

	html_element(h, "h3", html_member(d, "example"));
	html_raw(h, "<p class=\"small\">");
	if (files > 1) {
		html_raw(h, "and ");
		(void)html_put(h, report_number(text, files - 1));
		html_raw(h, " more like it; ");
	}
	if (json_object_get(d, "exclude") != NULL) {
		html_raw(h, "stays behind: ");
		(void)html_put(h, html_member(d, "exclude"));
	} else {
		(void)html_put(h, html_member(d, "type"));
		html_raw(h, ", ");
		(void)html_put(h, report_number(text, html_count(d, "items")));
		html_raw(h, html_count(d, "items") == 1 ? " item" : " items");
	}
	html_raw(h, "; ");
	(void)html_put(h, html_member(d, "rule"));
	html_raw(h, "</p>\n");
	if (json_array_size(fields) > 0 ||
	    json_object_get(d, "pixels") != NULL) {
		html_raw(h, "<table><tr><th style=\"width:26%\">Field</th>"
			    "<th style=\"width:37%\">Decided</th>"
			    "<th>Leaves as, for instance</th></tr>\n");
		for (size_t i = 0; i < json_array_size(fields); i++)
			field(h, d, json_array_get(fields, i));
		pixels(h, d);
		html_raw(h, "</table>\n");
	}
	if (json_object_get(d, "example_text") != NULL)
		html_element(h, "pre", html_member(d, "example_text"));
}

/* -- What is asked of the vendor ----------------------------------------- */

#define DEEP_MAX 6u

static void value(struct page *h, const json_t *v, unsigned deep);

static void
object(struct page *h, const json_t *o, unsigned deep)
{
	const char *key;
	json_t *v;

	html_raw(h, "<table>\n");
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		html_raw(h, "<tr><th style=\"width:32%\">");
		(void)html_put(h, key);
		html_raw(h, "</th><td>");
		/* the least score is in millionths */
		if (strcmp(key, "pass") == 0 && json_is_integer(v)) {
			char text[32];

			(void)snprintf(text, sizeof(text), "%.6g",
			    (double)json_integer_value(v) / 1e6);
			(void)html_put(h, text);
		} else
			value(h, v, deep + 1);
		html_raw(h, "</td></tr>\n");
	}
	html_raw(h, "</table>\n");
}

static void
value(struct page *h, const json_t *v, unsigned deep)
{
	char text[48];

	if (deep > DEEP_MAX)
		html_raw(h, "...");
	else if (json_is_object(v))
		object(h, v, deep);
	else if (json_is_array(v))
		for (size_t i = 0; i < json_array_size(v); i++) {
			if (i > 0 && !json_is_object(json_array_get(v, i)))
				html_raw(h, ", ");
			value(h, json_array_get(v, i), deep + 1);
		}
	else if (json_is_string(v))
		(void)html_put(h, json_string_value(v));
	else if (json_is_integer(v))
		(void)html_put(
		    h, report_number(text, (uint64_t)json_integer_value(v)));
	else if (json_is_real(v)) {
		(void)snprintf(text, sizeof(text), "%.4g", json_real_value(v));
		(void)html_put(h, text);
	} else
		(void)html_put(h, json_is_true(v)    ? "yes"
				  : json_is_false(v) ? "no"
						     : "-");
}

static void
section(struct page *h, const json_t *plan, const char *key, const char *title)
{
	const json_t *v = json_object_get(plan, key);

	if (v == NULL || json_is_null(v))
		return;
	html_element(h, "h2", title);
	value(h, v, 0);
}

/* -- Refusals ------------------------------------------------------------ */

static void
remedies(struct page *h, const json_t *hints)
{
	for (size_t i = 0; i < json_array_size(hints); i++) {
		html_raw(h, "<br><code>");
		(void)html_put(h, json_string_value(json_array_get(hints, i)));
		html_raw(h, "</code>");
	}
}

/* The policy's rules, where no file was decided by them. */
static void
rules(struct page *h, const json_t *list)
{
	if (json_array_size(list) == 0)
		return;
	html_element(h, "h2", "Rules of the policy");
	html_raw(h, "<table><tr><th style=\"width:50%\">Files</th>"
		    "<th>Decided</th><th>Rule</th></tr>\n");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		html_raw(h, "<tr><td>");
		(void)html_put(h, html_member(one, "match"));
		html_raw(h, "</td><td>");
		if (json_object_get(one, "exclude") != NULL)
			html_raw(h, "stay behind: ");
		(void)html_put(h, html_member(one, "exclude"));
		(void)html_put(h, html_member(one, "type"));
		html_raw(h, "</td><td class=\"small\">");
		(void)html_put(h, html_member(one, "rule"));
		html_raw(h, "</td></tr>\n");
	}
	html_raw(h, "</table>\n");
}

static void
refusals(struct page *h, const json_t *list)
{
	char text[32];
	json_t *one;
	size_t i;

	html_element(h, "h2", "Refused: nothing leaves");
	html_raw(h, "<table><tr><th style=\"width:50%\">Why, and what to do"
		    "</th><th class=\"n\" style=\"width:12%\">How often</th>"
		    "<th>Where, for instance</th></tr>\n");
	json_array_foreach(list, i, one)
	{
		const json_t *where = json_object_get(one, "examples");

		html_raw(h, "<tr><td>");
		(void)html_put(h, html_member(one, "cause"));
		remedies(h, json_object_get(one, "hints"));
		html_raw(h, "</td><td class=\"n\">");
		(void)html_put(
		    h, report_number(text, html_count(one, "count")));
		html_raw(h, "</td><td>");
		for (size_t k = 0; k < json_array_size(where); k++) {
			if (k > 0)
				html_raw(h, "<br>");
			(void)html_put(
			    h, json_string_value(json_array_get(where, k)));
		}
		html_raw(h, "</td></tr>\n");
	}
	html_raw(h, "</table>\n");
}

static void
decisions(struct page *h, const json_t *plan)
{
	const json_t *list = json_object_get(plan, "decisions");

	html_element(h, "h2", "What becomes of what");
	html_raw(h, "<p class=\"small\">The examples were masked with keys of "
		    "this page alone: no pseudonym here joins with one that is "
		    "sent.</p>\n");
	for (size_t i = 0; i < json_array_size(list); i++)
		decision(h, json_array_get(list, i));
}

int
report_plan(struct bytes *out, const json_t *plan, struct fault *f)
{
	const json_t *refused = json_object_get(plan, "refusals");
	struct page h = { out, f, 0 };

	html_begin(&h, "Plan");
	if (json_array_size(refused) > 0)
		refusals(&h, refused);
	if (json_object_get(plan, "decisions") != NULL) {
		tiles(&h, plan);
		who_leaves(&h, plan);
	}
	head(&h, plan);
	section(&h, plan, "labels", "What is asked of the vendor");
	html_risks(&h, json_object_get(plan, "risk"));
	html_exposure(&h, json_object_get(plan, "exposure"));
	html_law(&h, json_object_get(plan, "legal"));
	if (json_object_get(plan, "decisions") != NULL)
		decisions(&h, plan);
	rules(&h, json_object_get(plan, "rules"));
	html_end(&h);
	return h.rc;
}
