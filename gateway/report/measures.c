/* What was found of a plan, on its page: risk, what a vendor would then hold,
 * the law.  Whoever wants all figures has them as JSON (plan --json). */

#include <stdbool.h>
#include <string.h>

#include "gateway/report/report_internal.h"

/* That fail: who reads it sees of what kind they are. */
#define CLASSES_MAX 10u

/* ---- Figures in words ---- */

static void
put_number(struct page *h, const json_t *o, const char *key)
{
	char text[32];

	(void)html_put(h, report_number(text, html_count(o, key)));
}

static void
put_real(struct page *h, const json_t *n)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%.4g", json_number_value(n));
	(void)html_put(h, text);
}

/* A share of one, in percent. */
static void
put_share(struct page *h, const json_t *n)
{
	char text[32];

	(void)snprintf(
	    text, sizeof(text), "%.4g %%", 100 * json_number_value(n));
	(void)html_put(h, text);
}

static void
open_row(struct page *h, const char *what)
{
	html_raw(h, "<tr><th style=\"width:32%\">");
	(void)html_put(h, what);
	html_raw(h, "</th><td>");
}

static void
close_row(struct page *h)
{
	html_raw(h, "</td></tr>\n");
}

static void
put_list(struct page *h, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *one = json_string_value(json_array_get(list, i));

		html_raw(h, i == 0 ? "" : ", ");
		(void)html_put(h, one != NULL ? one : "");
	}
}

/* ---- Risk ---- */

/* What the policy asks and what was found, side by side. */
static const struct {
	const char *asked, *said;
	bool share;
} thresholds[] = {
	{ "k", "persons in a class, at least (k)", false },
	{ "l_distinct", "different values in a class, at least (l)", false },
	{ "l_entropy", "values by entropy, at least (l)", false },
	{ "recursive_c", "c of recursive (c,l)-diversity", false },
	{ "recursive_l", "l of recursive (c,l)-diversity", false },
	{ "t", "distance from all, at most (t)", false },
	{ "prosecutor", "prosecutor risk, at most", true },
	{ "journalist", "journalist risk, at most", true },
	{ "marketer", "marketer risk, at most", true },
	{ "uniqueness", "unique persons, at most", true },
	{ "suppressed", "rows that may stay behind, at most", true },
};

static void
asked(struct page *h, const json_t *r)
{
	const json_t *all = json_object_get(r, "thresholds");

	for (size_t i = 0; i < sizeof(thresholds) / sizeof(thresholds[0]);
	     i++) {
		const json_t *n = json_object_get(all, thresholds[i].asked);

		if (n == NULL)
			continue;
		open_row(h, thresholds[i].said);
		if (thresholds[i].share)
			put_share(h, n);
		else
			put_real(h, n);
		close_row(h);
	}
	if (json_object_size(all) == 0)
		html_row(h, "Asked for", "nothing: it is measured alone");
	else
		html_row(h, "These are",
		    json_is_true(json_object_get(r, "met")) ? "met"
							    : "not met");
}

static void
chance(struct page *h, const json_t *r, const char *key, const char *what)
{
	const json_t *one = json_object_get(r, key);

	open_row(h, what);
	put_share(h, json_object_get(one, "highest"));
	html_raw(h, " at most, ");
	put_share(h, json_object_get(one, "average"));
	html_raw(h, " on average");
	if (json_object_get(one, "population") != NULL)
		html_raw(h, json_is_true(json_object_get(one, "population"))
				? " (in the population)"
				: " (at most: no population is known)");
	close_row(h);
}

static void
figures(struct page *h, const json_t *r)
{
	open_row(h, "Found");
	put_number(h, r, "rows");
	html_raw(h, " rows of ");
	put_number(h, r, "persons");
	html_raw(h, " persons in ");
	put_number(h, r, "classes");
	html_raw(h, " classes: the smallest has ");
	put_number(h, r, "k");
	html_raw(h, " (k), the largest ");
	put_number(h, r, "largest");
	close_row(h);
	open_row(h, "Unique persons");
	put_share(h, json_object_get(r, "uniqueness"));
	close_row(h);
	chance(h, r, "prosecutor", "Prosecutor risk");
	chance(h, r, "journalist", "Journalist risk");
	open_row(h, "Marketer risk");
	put_share(h, json_object_get(r, "marketer"));
	close_row(h);
}

static void
sensitive(struct page *h, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *s = json_array_get(list, i);
		const json_t *c = json_object_get(s, "recursive");

		open_row(h, html_member(s, "column"));
		html_raw(h, "l is ");
		put_number(h, s, "l_distinct");
		html_raw(h, " distinct, ");
		put_real(h, json_object_get(s, "l_entropy"));
		html_raw(h, " by entropy");
		if (json_is_number(c)) {
			html_raw(h, ", c over ");
			put_real(h, c);
			html_raw(h, " recursive");
		}
		html_raw(h, "; t is ");
		put_real(h, json_object_get(s, "t"));
		html_raw(h, " (");
		(void)html_put(h, html_member(s, "distance"));
		html_raw(h, ")");
		close_row(h);
	}
}

static void
class_row(struct page *h, const json_t *c)
{
	const json_t *first = json_object_get(c, "first");

	html_raw(h, "<tr><td>");
	put_list(h, json_object_get(c, "fails"));
	html_raw(h, "</td><td class=\"n\">");
	put_number(h, c, "persons");
	html_raw(h, "</td><td class=\"n\">");
	put_number(h, c, "rows");
	html_raw(h, "</td><td>");
	for (size_t i = 0; i < json_array_size(first); i++) {
		const json_t *row = json_array_get(first, i);

		html_raw(h, i == 0 ? "" : ", ");
		(void)html_put(h, html_member(row, "file"));
		html_raw(h, " row ");
		put_number(h, row, "row");
	}
	html_raw(
	    h, html_count(c, "rows") > json_array_size(first) ? " ..." : "");
	html_raw(h, "</td></tr>\n");
}

static void
failing(struct page *h, const json_t *r)
{
	const json_t *list = json_object_get(r, "failing");
	uint64_t all = html_count(r, "failing_classes");
	size_t n = json_array_size(list);
	char text[32];

	if (n == 0)
		return;
	n = n < CLASSES_MAX ? n : CLASSES_MAX;
	html_raw(h, "<table><tr><th style=\"width:22%\">Class that fails by"
		    "</th><th class=\"n\" style=\"width:12%\">Persons</th>"
		    "<th class=\"n\" style=\"width:12%\">Rows</th>"
		    "<th>Which, for instance</th></tr>\n");
	for (size_t i = 0; i < n; i++)
		class_row(h, json_array_get(list, i));
	html_raw(h, "</table>\n");
	if (all <= n)
		return;
	html_raw(h, "<p class=\"small\">and ");
	(void)html_put(h, report_number(text, all - n));
	html_raw(h, " more</p>\n");
}

static void
search(struct page *h, const json_t *s)
{
	json_t *levels = json_object_get(s, "levels"), *level;
	const char *name;

	if (s == NULL)
		return;
	if (!json_is_true(json_object_get(s, "found"))) {
		html_raw(h, "<p>No choice of levels meets the thresholds.</p>"
			    "\n");
		return;
	}
	html_raw(h, "<p>With these levels it loses the least (");
	(void)html_put(h, html_member(s, "lose_least"));
	html_raw(h, json_is_true(json_object_get(s, "exact"))
			? ", proven), and "
			: ", of those looked at), and ");
	put_number(h, s, "suppressed");
	html_raw(h, " rows stay behind; they are not applied, they are for the "
		    "policy:</p>\n<table>\n");
	json_object_foreach(levels, name, level)
	{
		const char *text = json_string_value(level);

		html_row(h, name, text != NULL ? text : "");
	}
	html_raw(h, "</table>\n");
}

static void
risk(struct page *h, const json_t *r)
{
	html_element(h, "h3", html_member(r, "pattern"));
	html_raw(h, "<table>\n");
	html_row(h, "Rule", html_member(r, "rule"));
	html_row(h, "A person is a", html_member(r, "by"));
	open_row(h, "Quasi-identifiers");
	put_list(h, json_object_get(r, "quasi_identifiers"));
	close_row(h);
	if (!json_is_true(json_object_get(r, "measured"))) {
		html_row(
		    h, "Found", "none of its rows and quasi-identifiers leave");
		html_raw(h, "</table>\n");
		return;
	}
	asked(h, r);
	figures(h, r);
	sensitive(h, json_object_get(r, "sensitive"));
	if (html_count(r, "suppressed") > 0) {
		open_row(h, "Rows that stay behind for it");
		put_number(h, r, "suppressed");
		close_row(h);
	}
	html_raw(h, "</table>\n");
	failing(h, r);
	search(h, json_object_get(r, "search"));
}

void
html_risks(struct page *h, const json_t *list)
{
	if (json_array_size(list) == 0)
		return;
	html_element(h, "h2", "Risk of being recognised");
	for (size_t i = 0; i < json_array_size(list); i++)
		risk(h, json_array_get(list, i));
}

void
html_exposure(struct page *h, const json_t *e)
{
	const json_t *met = json_object_get(e, "met");

	if (e == NULL)
		return;
	html_element(h, "h2", "What the vendor would then hold");
	html_raw(h, "<table>\n");
	open_row(h, "Other batches that are held");
	put_number(h, e, "batches");
	close_row(h);
	if (json_object_get(e, "persons") != NULL) {
		open_row(h, "Together");
		put_number(h, e, "persons");
		html_raw(h, " persons, ");
		put_number(h, e, "classes");
		html_raw(h, " classes, k is ");
		put_number(h, e, "k");
		close_row(h);
	}
	if (met != NULL)
		html_row(h, "The thresholds are",
		    json_is_true(met) ? "met" : "not met");
	html_raw(h, "</table>\n");
}

/* ---- The law ---- */

static void
ground(struct page *h, const json_t *d)
{
	const json_t *facts =
	    json_object_get(json_object_get(d, "terms"), "facts");
	const char *tool = html_member(d, "tool");

	open_row(h, "On the ground that");
	if (strcmp(tool, "none") == 0)
		html_raw(h, "the Regulation applies there");
	else if (strcmp(tool, "adequacy") == 0) {
		html_raw(h, "its protection is adequate: ");
		(void)html_put(h, html_member(d, "reference"));
	} else {
		html_raw(h, "there are standard contractual clauses, module ");
		put_number(h, json_object_get(facts, "scc"), "module");
	}
	close_row(h);
}

static void
documents(struct page *h, const json_t *d)
{
	json_t *facts = json_object_get(json_object_get(d, "terms"), "facts");
	const char *name;
	json_t *one;

	json_object_foreach(facts, name, one)
	{
		open_row(h, name);
		html_raw(h, "of ");
		(void)html_put(h, html_member(one, "date"));
		if (html_member(one, "until")[0] != '\0') {
			html_raw(h, ", until ");
			(void)html_put(h, html_member(one, "until"));
		}
		html_raw(h, "<br><code>");
		(void)html_put(h, html_member(one, "sha256"));
		html_raw(h, "</code>");
		close_row(h);
	}
}

void
html_law(struct page *h, const json_t *d)
{
	const json_t *table = json_object_get(d, "countries");

	if (!json_is_object(d))
		return;
	html_element(h, "h2", "Transfer");
	html_raw(h, "<table>\n");
	html_row(h, "Country", html_member(d, "country"));
	html_row(h, "The vendor is", html_member(d, "model"));
	ground(h, d);
	if (html_member(d, "until")[0] != '\0')
		html_row(h, "Holds until", html_member(d, "until"));
	open_row(h, "Table of countries of");
	(void)html_put(h, html_member(table, "date"));
	html_raw(h, json_is_true(json_object_get(table, "own"))
			? ", with countries.csv of this home"
			: "");
	close_row(h);
	if (json_array_size(json_object_get(d, "dpv")) > 0) {
		open_row(h, "Terms (DPV)");
		put_list(h, json_object_get(d, "dpv"));
		close_row(h);
	}
	documents(h, d);
	html_raw(h, "</table>\n");
}
