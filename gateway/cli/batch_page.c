/*
 * The page on which a batch is approved: where it goes, what for, what is in
 * it, under which papers, and how its labels will be judged.  It fits a
 * terminal, and what is missing stands on it as such.
 */

#include <stdio.h>
#include <string.h>

#include "gateway/cli/asking_internal.h"
#include "gateway/cli/batch_page_internal.h"
#include "gateway/cli/law_internal.h"
#include "policy/rules/rules.h"

#define LINE "  %-12s "
#define LAW "  law          "

static bool
is_null(const json_t *o, const char *member)
{
	const json_t *v = json_object_get(o, member);

	return v == NULL || json_is_null(v);
}

/* ---- From the policy ---- */

static void
print_types(const struct policy *p)
{
	bool seen[FILE_TYPES] = { false };
	const char *between = ": ";

	for (size_t i = 0; i < p->nfiles; i++)
		if (p->files[i].exclude == NULL)
			seen[p->files[i].type] = true;
	for (unsigned t = 0; t < FILE_TYPES; t++)
		if (seen[t]) {
			speak(
			    "%s%s", between, file_type_name((enum file_type)t));
			between = ", ";
		}
}

int
batch_page_policy(const json_t *page, struct policy **out, struct fault *f)
{
	const json_t *text = json_object_get(page, "policy");

	*out = NULL;
	if (!json_is_string(text))
		return 0;
	return policy_read(out, "the batch's policy", json_string_value(text),
	    json_string_length(text), f);
}

static void
print_contents(const json_t *page, const struct policy *p)
{
	if (p != NULL)
		speak(LINE "%s\n" LINE "%s\n", "project", p->project, "purpose",
		    p->purpose);
	speak(LINE "%s in %s, %s", "contains",
	    answer_count(page, "items", "item"),
	    answer_count(page, "shards", "shard"),
	    answer_form(page, "bytes", COLUMN_BYTES));
	if (p != NULL)
		print_types(p);
	speak("\n");
}

/* ---- Who ---- */

static void
print_vendor(const json_t *to)
{
	speak(LINE "%s, %s, %s%s%s\n", "vendor", answer_text(to, "name"),
	    answer_text(to, "country_name"), answer_text(to, "model"),
	    is_null(to, "suspended") ? "" : ", SUSPENDED",
	    is_null(to, "ended") ? "" : ", ENDED");
	speak(LINE "%s\n", "", answer_text(to, "words"));
	if (is_null(to, "confirmed"))
		speak(LINE "NOT CONFIRMED: handoff vendor confirm %s\n", "",
		    answer_text(to, "name"));
	else
		speak(LINE "confirmed on %s\n", "",
		    answer_form(to, "confirmed", COLUMN_DAY));
}

/* ---- Papers ---- */

/* One line for a required type: those of its papers that are in force. */
static void
print_paper(const json_t *page, const char *title, const char *type, int len)
{
	const json_t *paper, *list = json_object_get(page, "agreements");
	bool found = false;
	size_t i;

	json_array_foreach(list, i, paper)
	{
		const char *t =
		    json_string_value(json_object_get(paper, "type"));

		if (t == NULL || strncmp(t, type, (size_t)len) != 0 ||
		    t[len] != '\0' ||
		    !json_is_true(json_object_get(paper, "in_force")))
			continue;
		speak(LINE "%.*s from %s ", title, len, type,
		    answer_form(paper, "from", COLUMN_DAY));
		speak(is_null(paper, "until") ? "without end\n" : "to %s\n",
		    answer_form(paper, "until", COLUMN_END));
		title = "";
		found = true;
	}
	if (!found)
		speak(LINE "%.*s: NOT IN FORCE\n", title, len, type);
}

static void
print_papers(const json_t *page)
{
	const char *p = json_string_value(json_object_get(page, "required"));
	const char *title = "agreements";

	if (p == NULL || *p == '\0')
		speak(LINE "none required\n", title);
	while (p != NULL && *p != '\0') {
		size_t len = strcspn(p, " ");

		print_paper(page, title, p, (int)len);
		title = "";
		p += len + strspn(p + len, " ");
	}
}

/* ---- Numbers ---- */

static void
print_golden(const json_t *page)
{
	const json_t *g = json_object_get(page, "golden");

	if (json_is_null(g)) {
		speak(LINE "none: labels will not be scored\n", "golden");
		return;
	}
	speak(LINE "hidden among the items; %s at least %.3f\n", "golden",
	    answer_text(g, "metric"),
	    (double)json_integer_value(json_object_get(g, "pass")) / 1e6);
	speak(LINE "%s\n", "", answer_text(g, "root"));
}

static void
print_approvals(const json_t *page)
{
	const json_t *by = json_object_get(page, "approved_by"), *who;
	char name[CELL_CHARS];
	size_t i;

	speak(LINE "%s of %s", "approvals", answer_text(page, "approvals"),
	    answer_text(page, "approvals_needed"));
	json_array_foreach(by, i, who)
	{
		answer_cell(who, COLUMN_TEXT, name);
		speak("%s %s", i == 0 ? ", by" : " and", name);
	}
	speak("\n");
}

static bool
is_over(const json_t *page)
{
	const char *until = json_string_value(json_object_get(page, "until"));
	int64_t at;

	return until != NULL && clock_read(&at, until, strlen(until)) &&
	       at <= clock_now();
}

/* Until when, and until when at most where that is another day. */
static void
print_grantable(const json_t *page)
{
	const char *until = answer_form(page, "grantable", COLUMN_LAST_DAY);
	const char *most = answer_form(page, "grantable_most", COLUMN_LAST_DAY);

	speak("Approved %s, it can be released until %s",
	    member_number(page, "approvals_needed") -
			member_number(page, "approvals") >
		    1
		? "by two persons"
		: "now",
	    until);
	if (strcmp(until, most) < 0)
		speak(",\nor with --until up to %s", most);
	speak(".\n");
}

/* What is true of it now, in one sentence. */
static void
print_now(const json_t *page)
{
	const char *state = answer_text(page, "state");

	if (strcmp(state, "open") == 0)
		speak("Its export did not end; run it again.\n");
	else if (strcmp(state, "sealed") == 0 && !is_null(page, "hindered"))
		speak("It cannot be approved: %s.\n",
		    answer_text(page, "hindered"));
	else if (strcmp(state, "sealed") == 0)
		print_grantable(page);
	else if (strcmp(state, "approved") == 0 && !is_null(page, "hindered"))
		speak("Nothing of it is released now: %s.\n",
		    answer_text(page, "hindered"));
	else if (strcmp(state, "approved") == 0)
		speak(is_over(page) ? "Its grant is over: it could be released "
				      "until %s.\n"
				    : "It can be released until %s.\n",
		    answer_form(page, "until", COLUMN_LAST_DAY));
	else
		speak("It was %s on %s.\n", state,
		    answer_form(page, "ended", COLUMN_DAY));
}

static int
print_movements(const json_t *page, struct fault *f)
{
	static const struct column out[] = {
		{ "RELEASED", "at", COLUMN_TEXT },
		{ "SHARDS", "shards", COLUMN_TEXT },
		{ "OFFLINE", "offline", COLUMN_TEXT },
		{ "ACKNOWLEDGED", "acknowledged", COLUMN_TEXT },
		{ "ENTRY", "seq", COLUMN_TEXT },
	};
	static const struct column back[] = {
		{ "RETURNED", "at", COLUMN_TEXT },
		{ "VERDICT", "verdict", COLUMN_TEXT },
		{ "ANSWERED", "answered", COLUMN_TEXT },
		{ "OF", "items", COLUMN_TEXT },
		{ "RETURN", "id", COLUMN_TEXT },
	};
	const json_t *releases = json_object_get(page, "releases");
	const json_t *returns = json_object_get(page, "returns");

	if (json_array_size(releases) > 0) {
		speak("\n");
		if (answer_table(releases, out, 5, "", f) != 0)
			return -1;
	}
	if (json_array_size(returns) == 0)
		return 0;
	speak("\n");
	return answer_table(returns, back, 5, "", f);
}

int
print_batch_page(const json_t *page, struct fault *f)
{
	struct policy *p;

	if (batch_page_policy(page, &p, f) != 0)
		return -1;
	speak("%s (%s), %s\n\n", answer_text(page, "name"),
	    answer_text(page, "id"), answer_text(page, "state"));
	print_vendor(json_object_get(page, "to"));
	print_contents(page, p);
	print_papers(page);
	if (!is_null(page, "legal"))
		print_law(json_object_get(page, "legal"), LAW);
	if (p != NULL)
		speak(LINE "%s\n", "retention", p->retention_text);
	print_golden(page);
	speak(LINE "%s\n", "offline",
	    json_is_true(json_object_get(page, "offline"))
		? "allowed: a delivery that cannot be withdrawn"
		: "no");
	if (!is_null(page, "manifest"))
		speak(LINE "revision %s\n" LINE "%s\n", "manifest",
		    answer_text(page, "revision"), "",
		    answer_text(page, "manifest"));
	print_approvals(page);
	speak("\n");
	print_now(page);
	policy_free(p);
	return print_movements(page, f);
}
