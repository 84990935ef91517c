/* Risk on paper: what plan and report batch say of it. */

#include <inttypes.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/risk_page_internal.h"

static uint64_t
number_of(const json_t *o, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(o, key));
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

static double
percent_of(const json_t *o, const char *key)
{
	return 100 * json_number_value(json_object_get(o, key));
}

static void
print_list(const char *what, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		speak("%s %s", i == 0 ? what : ",",
		    json_string_value(json_array_get(list, i)));
}

static void
print_figures(const json_t *r)
{
	const json_t *prosecutor = json_object_get(r, "prosecutor");
	const json_t *journalist = json_object_get(r, "journalist");

	speak("  %" PRIu64 " rows, %" PRIu64 " persons, %" PRIu64
	      " classes: k is %" PRIu64 ", the largest has %" PRIu64 "\n",
	    number_of(r, "rows"), number_of(r, "persons"),
	    number_of(r, "classes"), number_of(r, "k"),
	    number_of(r, "largest"));
	speak("  unique %.4g%%; prosecutor %.4g%% at most, %.4g%% on average; "
	      "journalist %.4g%%, %.4g%%%s; marketer %.4g%%\n",
	    percent_of(r, "uniqueness"), percent_of(prosecutor, "highest"),
	    percent_of(prosecutor, "average"),
	    percent_of(journalist, "highest"),
	    percent_of(journalist, "average"),
	    json_is_true(json_object_get(journalist, "population"))
		? " (in the population)"
		: " (at most: no population is known)",
	    percent_of(r, "marketer"));
}

static void
print_spread(const json_t *list)
{
	const json_t *s;
	size_t i;

	json_array_foreach(list, i, s)
	{
		const json_t *recursive = json_object_get(s, "recursive");

		speak("  %s: l is %" PRIu64 " distinct, %.3g by entropy",
		    text_of(s, "column"), number_of(s, "l_distinct"),
		    json_number_value(json_object_get(s, "l_entropy")));
		if (json_is_number(recursive))
			speak(", c over %.3g recursive",
			    json_number_value(recursive));
		speak("; t is %.3g (%s)\n",
		    json_number_value(json_object_get(s, "t")),
		    text_of(s, "distance"));
	}
}

static void
print_rows(const json_t *rows)
{
	const char *last = "";
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *file = text_of(row, "file");

		if (strcmp(file, last) != 0)
			speak("%s %s row", i == 0 ? "" : ";", file);
		speak("%s %" PRIu64, strcmp(file, last) == 0 ? "," : "",
		    number_of(row, "row"));
		last = file;
	}
}

static void
print_failing(const json_t *r)
{
	const json_t *list = json_object_get(r, "failing"), *c;
	size_t i;

	json_array_foreach(list, i, c)
	{
		uint64_t persons = number_of(c, "persons");

		if (i == 8) {
			speak("  ... of %" PRIu64 " classes that fail\n",
			    number_of(r, "failing_classes"));
			return;
		}
		speak("  fails by");
		print_list("", json_object_get(c, "fails"));
		speak(": %" PRIu64 " person%s in %" PRIu64 " row%s:", persons,
		    persons == 1 ? "" : "s", number_of(c, "rows"),
		    number_of(c, "rows") == 1 ? "" : "s");
		print_rows(json_object_get(c, "first"));
		speak(
		    "%s\n", number_of(c, "rows") >
				    json_array_size(json_object_get(c, "first"))
				? " ..."
				: "");
	}
}

static void
print_search(const json_t *s)
{
	const json_t *loss = json_object_get(s, "loss");
	json_t *levels = json_object_get(s, "levels"), *level;
	const char *name;

	if (s == NULL)
		return;
	if (!json_is_true(json_object_get(s, "found"))) {
		speak("  no choice of levels meets the thresholds\n");
		return;
	}
	speak("  least %s lost (%s):\n", text_of(s, "lose_least"),
	    json_is_true(json_object_get(s, "exact"))
		? "proven"
		: "of those looked at; not proven");
	json_object_foreach(levels, name, level)
	{
		speak("    %-24s %s\n", name, json_string_value(level));
	}
	speak("    granularity %.4g, discernibility %.4g, entropy %.4g; "
	      "%" PRIu64 " rows stay behind\n",
	    json_number_value(json_object_get(loss, "granularity")),
	    json_number_value(json_object_get(loss, "discernibility")),
	    json_number_value(json_object_get(loss, "entropy")),
	    number_of(s, "suppressed"));
}

static void
print_risk(const json_t *r)
{
	speak("risk of %s (%s), by %s:", text_of(r, "pattern"),
	    text_of(r, "rule"), text_of(r, "by"));
	print_list("", json_object_get(r, "quasi_identifiers"));
	speak("\n");
	if (!json_is_true(json_object_get(r, "measured"))) {
		speak("  none of its rows and quasi-identifiers leave\n");
		return;
	}
	print_figures(r);
	print_spread(json_object_get(r, "sensitive"));
	print_failing(r);
	if (number_of(r, "suppressed") > 0)
		speak("  %" PRIu64 " row%s behind for it\n",
		    number_of(r, "suppressed"),
		    number_of(r, "suppressed") == 1 ? " stays" : "s stay");
	print_search(json_object_get(r, "search"));
	if (json_object_size(json_object_get(r, "thresholds")) > 0)
		speak("  the thresholds are %s\n",
		    json_is_true(json_object_get(r, "met")) ? "met"
							    : "not met");
}

void
print_exposure(const json_t *e)
{
	const json_t *met = json_object_get(e, "met");
	uint64_t n = number_of(e, "batches");

	if (e == NULL)
		return;
	if (json_object_get(e, "persons") == NULL) {
		speak("no other batch is held: no more can be told than from "
		      "this one\n");
		return;
	}
	speak("with %" PRIu64 " other batch%s that %s held: ", n,
	    n == 1 ? "" : "es",
	    met == NULL ? n == 1 ? "was" : "were"
	    : n == 1	? "is"
			: "are");
	speak("%" PRIu64 " persons, %" PRIu64 " classes, k is %" PRIu64 "%s\n",
	    number_of(e, "persons"), number_of(e, "classes"), number_of(e, "k"),
	    met == NULL		? ""
	    : json_is_true(met) ? "; the thresholds are met"
				: "; the thresholds are not met");
}

void
print_risks(const json_t *risks)
{
	const json_t *r;
	size_t i;

	json_array_foreach(risks, i, r)
	{
		print_risk(r);
	}
}
