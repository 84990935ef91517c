/* Reports for people who answer for what left. */

#include <inttypes.h>
#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/asking_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/risk_page_internal.h"
#include "keys/base/doc.h"

/* The report that was kept when the batch began: a text within the answer,
 * which is put in its place. */
static int
open_report(json_t *page, struct fault *f)
{
	const char *text = json_string_value(json_object_get(page, "report"));
	json_t *report;

	if (text == NULL)
		return 0;
	if (doc_read(&report, text, strlen(text), f) != 0)
		return -1;
	if (json_object_set_new(page, "report", report) != 0)
		return fault_memory(f);
	return 0;
}

static void
print_left(const json_t *page)
{
	const json_t *releases = json_object_get(page, "releases"), *one;
	uint64_t offline = 0, acknowledged = 0;
	size_t i;

	json_array_foreach(releases, i, one)
	{
		offline += json_is_true(json_object_get(one, "offline"));
		acknowledged +=
		    json_is_string(json_object_get(one, "acknowledged"));
	}
	speak("%s (%s), %s\nfor %s: %s in %s, %s sealed\n",
	    answer_text(page, "name"), answer_text(page, "id"),
	    answer_text(page, "state"),
	    answer_text(json_object_get(page, "to"), "name"),
	    answer_count(page, "items", "item"),
	    answer_count(page, "shards", "shard"),
	    answer_form(page, "bytes", COLUMN_BYTES));
	if (json_array_size(releases) == 0)
		speak("nothing of it was released\n");
	else
		speak("%zu release%s, %" PRIu64 " offline, %" PRIu64
		      " acknowledged\n",
		    json_array_size(releases),
		    json_array_size(releases) == 1 ? "" : "s", offline,
		    acknowledged);
}

int
cmd_report_batch(struct cli *c, struct fault *f)
{
	const json_t *report;
	json_t *page;
	int rc = -1;

	if (ask_home(c, 0, KEEPER_BATCH_PAGE,
		json_pack("{s:s}", "batch", c->words[0]), &page, f) != 0)
		return -1;
	if (open_report(page, f) != 0)
		goto out;
	if (c->json) {
		rc = print_json(page, f);
		goto out;
	}
	print_left(page);
	report = json_object_get(page, "report");
	if (report == NULL)
		speak("its risk was not measured: the policy had no risk:\n");
	else
		speak("as measured when it was exported:\n");
	print_risks(json_object_get(report, "risk"));
	print_exposure(json_object_get(report, "exposure"));
	rc = 0;
out:
	json_decref(page);
	return rc;
}
