/* The law as it is shown: the table of countries, the terms of policies, and a
 * decision in words. */

#include <string.h>

#include "gateway/cli/asking_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/law_internal.h"
#include "keys/base/doc.h"
#include "policy/legal/legal.h"

const struct option countries_options[] = {
	{ "csv", 0, NULL, "as the file that a home can have, for editing" },
	{ NULL, 0, NULL, NULL },
};

/* ---- A decision ---- */

static const char *
text(const json_t *o, const char *key)
{
	const char *t = json_string_value(json_object_get(o, key));

	return t != NULL ? t : "";
}

static void
print_ground(const json_t *d)
{
	const char *tool = text(d, "tool");
	const json_t *facts =
	    json_object_get(json_object_get(d, "terms"), "facts");

	if (strcmp(tool, "none") == 0)
		speak("the Regulation applies there");
	else if (strcmp(tool, "adequacy") == 0)
		speak("adequate: %s", text(d, "reference"));
	else
		speak("a third country, by standard contractual clauses, "
		      "module %lld",
		    (long long)json_integer_value(json_object_get(
			json_object_get(facts, "scc"), "module")));
}

static void
print_dpv(const char *title, const json_t *d)
{
	const json_t *list = json_object_get(d, "dpv"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *id = json_string_value(one);

		speak("%s%s", i == 0 ? title : " ", id != NULL ? id : "");
	}
	if (json_array_size(list) > 0)
		speak("\n");
}

static void
print_facts(const char *title, const json_t *d)
{
	json_t *facts = json_object_get(json_object_get(d, "terms"), "facts");
	const char *name;
	json_t *one;

	json_object_foreach(facts, name, one)
	{
		speak("%s%s of %s", title, name, text(one, "date"));
		if (text(one, "until")[0] != '\0')
			speak(", until %s", text(one, "until"));
		speak(", %.16s...\n", text(one, "sha256"));
	}
}

void
print_law(const json_t *d, const char *margin)
{
	const json_t *table = json_object_get(d, "countries");
	const char *name = legal_country(text(d, "country"));
	char title[64];

	speak("%s%s, %s: ", margin,
	    name != NULL ? name : "a country that is not known",
	    text(d, "model"));
	print_ground(d);
	speak("\n%scountries of %s", margin, text(table, "date"));
	if (json_is_true(json_object_get(table, "own")))
		speak(", with countries.csv of this home (table %.16s...)",
		    text(table, "digest"));
	if (text(d, "until")[0] != '\0')
		speak("; holds until %s", text(d, "until"));
	speak("\n");
	(void)snprintf(title, sizeof(title), "%sterms ", margin);
	print_dpv(title, d);
	(void)snprintf(title, sizeof(title), "%sfact ", margin);
	print_facts(title, d);
}

void
warn_countries(const struct cli *c, const json_t *table)
{
	if (!json_is_true(json_object_get(table, "own")))
		return;
	speak_to(stderr,
	    "handoff: %s: warning: countries.csv of this home says where "
	    "data may go,\nand nothing signs it; the log has the table's "
	    "SHA-256, %.16s...\n(handoff countries --csv | "
	    "sha256sum)\n",
	    c->command->name, text(table, "digest"));
}

/* ---- The table of countries ---- */

/* Of the home, or, where none is, of this program. */
static int
get_countries(const struct cli *c, json_t **out, struct fault *f)
{
	struct legal_countries table;
	struct fault none = { 0 };
	int rc;

	if (ask_home(c, 0, KEEPER_COUNTRIES, json_object(), out, &none) == 0)
		return 0;
	if (none.kind != FAULT_USAGE || c->home != NULL) {
		*f = none;
		return -1;
	}
	if (legal_countries_read(&table, "countries", "", 0, f) != 0)
		return -1;
	rc = legal_countries_json(out, &table, f);
	legal_countries_free(&table);
	return rc;
}

int
cmd_countries(struct cli *c, struct fault *f)
{
	static const struct column columns[] = {
		{ "COUNTRY", "country", COLUMN_TEXT },
		{ "NAME", "name", COLUMN_TEXT },
		{ "STATUS", "status", COLUMN_TEXT },
		{ "FROM", "from", COLUMN_TEXT },
		{ "UNTIL", "until", COLUMN_TEXT },
		{ "ONLY", "scope", COLUMN_TEXT },
		{ "DECISION", "reference", COLUMN_TEXT },
	};
	json_t *table;
	int rc = 0;

	if (get_countries(c, &table, f) != 0)
		return -1;
	if (option_set(c, "csv"))
		speak_lines(
		    stdout, text(table, "csv"), strlen(text(table, "csv")));
	else if (c->json && json_object_del(table, "csv") == 0)
		rc = print_json(table, f);
	else {
		rc = answer_table(json_object_get(table, "countries"), columns,
		    7, "no countries", f);
		speak("\nas of %s%s; all others are third countries\n"
		      "sha256 %s\n",
		    text(table, "date"),
		    json_is_true(json_object_get(table, "own"))
			? ", with countries.csv of this home"
			: "",
		    text(table, "digest"));
	}
	json_decref(table);
	return rc;
}

/* ---- Terms ---- */

static const char *const kinds[] = { "basis", "exception", "purposes", "data",
	"recipients" };

static int
terms_json(json_t **out, struct fault *f)
{
	json_t *list = json_array();

	for (const struct dpv_term *t = dpv_terms;
	     list != NULL && t->id != NULL; t++) {
		json_t *o = json_pack("{s:s,s:s,s:s}", "term", t->id, "key",
		    kinds[t->kind], "means", t->means);

		if (o != NULL && (t->special || t->criminal) &&
		    json_object_set_new(
			o, "article", json_integer(t->special ? 9 : 10)) != 0) {
			json_decref(o);
			o = NULL;
		}
		if (json_array_append_new(list, o) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	if (list == NULL || (*out = json_pack("{s:o}", "terms", list)) == NULL)
		return fault_memory(f);
	return 0;
}

int
cmd_policy_terms(struct cli *c, struct fault *f)
{
	static const struct column columns[] = {
		{ "KEY", "key", COLUMN_TEXT },
		{ "TERM", "term", COLUMN_TEXT },
		{ "ART.", "article", COLUMN_TEXT },
		{ "MEANS", "means", COLUMN_TEXT },
	};
	json_t *all;
	int rc;

	if (terms_json(&all, f) != 0)
		return -1;
	rc = c->json ? print_json(all, f)
		     : answer_table(
			   json_object_get(all, "terms"), columns, 4, "", f);
	json_decref(all);
	return rc;
}
