/* A plan on paper, from its JSON (plan_json). */

#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/law_internal.h"
#include "gateway/cli/plan_internal.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/risk_page_internal.h"
#include "gateway/cli/suppressed_internal.h"
#include "gateway/report/report.h"

static void
print_decision(const json_t *d)
{
	const char *exclude = member_text(d, "exclude");
	uint64_t files = (uint64_t)member_number(d, "files");
	char n[32], more[64];
	const json_t *fields = json_object_get(d, "fields");

	(void)snprintf(more, sizeof(more), " and %s more like it",
	    report_number(n, files - 1));
	if (files < 2)
		more[0] = '\0';
	if (exclude[0] != '\0') {
		speak_wrapped(stdout, 4, "%s%s  stay%s behind: %s  (%s)\n",
		    member_text(d, "example"), more, files > 1 ? "" : "s",
		    exclude, member_text(d, "rule"));
		return;
	}
	speak("%s%s", member_text(d, "example"), more);
	speak("  %s", member_text(d, "type"));
	if (json_object_get(d, "delimiter") != NULL)
		speak(", %s", member_text(d, "delimiter"));
	speak("  (%s)\n", member_text(d, "rule"));
	if (json_object_get(d, "pixels") != NULL)
		speak("    %-24s %-32s %s\n", "pixels",
		    member_text(d, "pixels"), member_text(d, "rule"));
	for (size_t i = 0; i < json_array_size(fields); i++) {
		const json_t *field = json_array_get(fields, i);

		speak_wrapped(stdout, 8, "    %-24s %-32s %s\n",
		    member_text(field, "name"), member_text(field, "action"),
		    member_text(field, "rule"));
	}
}

static void
print_labels(const json_t *labels)
{
	const json_t *golden = json_object_get(labels, "golden");
	const json_t *classes = json_object_get(labels, "classes");

	speak("labels: %s", member_text(labels, "kind"));
	for (size_t i = 0; i < json_array_size(classes); i++)
		speak("%s %s", i == 0 ? " of" : ",",
		    json_string_value(json_array_get(classes, i)));
	speak("\n  what is not answered is %s\n",
	    member_text(labels, "unanswered"));
	if (golden != NULL)
		speak("  golden items: %s of at least %.3g\n",
		    member_text(golden, "metric"),
		    (double)(uint64_t)member_number(golden, "pass") / 1e6);
}

static void
print_items(const json_t *left, const char *key, const char *why)
{
	uint64_t items = (uint64_t)member_number(left, key);
	char n[32];

	speak("%s item%s: %s\n", report_number(n, items),
	    items == 1 ? " stays" : "s stay", why);
}

/* Items that the policy would let go, and that stay. */
static void
print_left(const json_t *plan)
{
	static const struct {
		const char *key, *said;
	} reasons[] = {
		{ "not_selected", "not asked for" },
		{ "risk", "would stand out" },
		{ "sent", "the vendor has had them" },
	};
	const json_t *left = json_object_get(plan, "left_behind");
	uint64_t gone = (uint64_t)member_number(plan, "gone");
	char n[32];

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (json_object_get(left, reasons[i].key) != NULL)
			print_items(left, reasons[i].key, reasons[i].said);
	if (json_object_get(plan, "gone") != NULL)
		speak("%s item%s of that batch %s not there any more\n",
		    report_number(n, gone), gone == 1 ? "" : "s",
		    gone == 1 ? "is" : "are");
}

/* Files that stay behind, by the rule that says so. */
void
print_stays(const json_t *plan)
{
	const json_t *list = json_object_get(plan, "decisions");
	uint64_t left = (uint64_t)member_number(plan, "excluded");
	char n[32];

	if (left > 0)
		speak("%s file%s stay%s behind:\n", report_number(n, left),
		    left == 1 ? "" : "s", left == 1 ? "s" : "");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *d = json_array_get(list, i);
		const char *rule = member_text(d, "rule");
		uint64_t files = 0;
		bool told = false;

		if (member_text(d, "exclude")[0] == '\0')
			continue;
		for (size_t k = 0; k < json_array_size(list) && !told; k++) {
			const json_t *other = json_array_get(list, k);

			if (strcmp(member_text(other, "rule"), rule) != 0)
				continue;
			told = k < i;
			files += (uint64_t)member_number(other, "files");
		}
		if (!told)
			speak_wrapped(stdout, 4, "  %s by %s: %s\n",
			    report_number(n, files), rule,
			    member_text(d, "exclude"));
	}
	print_left(plan);
}

/* What texts are searched for of the dataset's own. */
static void
print_names(const json_t *dictionary)
{
	uint64_t nvalues = (uint64_t)member_number(dictionary, "values");
	uint64_t nfiles = (uint64_t)member_number(dictionary, "files");
	char values[32], files[32];

	if (dictionary == NULL)
		return;
	speak("texts are searched for the dataset's own names: %s value%s of "
	      "%s file%s\n",
	    report_number(values, nvalues), nvalues == 1 ? "" : "s",
	    report_number(files, nfiles), nfiles == 1 ? "" : "s");
}

void
print_plan(const json_t *plan)
{
	uint64_t nfiles = (uint64_t)member_number(plan, "files");
	uint64_t nitems = (uint64_t)member_number(plan, "items");
	uint64_t stay = (uint64_t)member_number(plan, "excluded");
	char files[32], items[32], bytes[32], excluded[32];
	const json_t *list = json_object_get(plan, "decisions");

	for (size_t i = 0; i < json_array_size(list); i++)
		print_decision(json_array_get(list, i));
	speak("%s file%s, %s item%s, %s leave; %s stay%s behind\n",
	    report_number(files, nfiles), nfiles == 1 ? "" : "s",
	    report_number(items, nitems), nitems == 1 ? "" : "s",
	    report_size(bytes, (uint64_t)member_number(plan, "bytes")),
	    report_number(excluded, stay), stay == 1 ? "s" : "");
	print_left(plan);
	print_names(json_object_get(plan, "dictionary"));
	speak("for %s, kept %s after release, approved by %s\n",
	    member_text(plan, "purpose"), member_text(plan, "retention"),
	    strcmp(member_text(plan, "approve"), "two") == 0 ? "two people"
							     : "one person");
	print_suppressed(plan);
	print_risks(json_object_get(plan, "risk"));
	print_exposure(json_object_get(plan, "exposure"));
	if (json_object_get(plan, "labels") != NULL)
		print_labels(json_object_get(plan, "labels"));
	if (json_object_get(plan, "legal") != NULL)
		print_law(json_object_get(plan, "legal"), "law: ");
}
