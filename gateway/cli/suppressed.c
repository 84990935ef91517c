/* Whom a plan has to leave out: only the home's keeper knows, and whoever plans
 * unlocks it for that where there is somebody. */

#include "gateway/cli/home_internal.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/suppressed_internal.h"

static int
count(struct keeper *k, size_t *n, struct fault *f)
{
	const json_t *list, *one;
	json_t *out;
	size_t i;

	*n = 0;
	if (keeper_ask(k, KEEPER_SUPPRESSIONS, json_object(), &out, f) != 0)
		return -1;
	list = json_object_get(out, "suppressions");
	json_array_foreach(list, i, one)
	{
		if (json_is_null(json_object_get(one, "ended")))
			(*n)++;
	}
	json_decref(out);
	return 0;
}

int
suppressed_keeper(const struct cli *c, unsigned branches, struct keeper **out,
    struct fault *f)
{
	struct keeper *k = NULL;
	struct fault none = { 0 }, ended = { 0 };
	size_t n;
	int rc;

	*out = NULL;
	if (home_keeper(c, 0, false, &k, &none) != 0) {
		if (none.kind == FAULT_USAGE && c->home == NULL)
			return 0; /* no home, so nobody is known */
		*f = none;
		return -1;
	}
	rc = count(k, &n, f);
	if (keeper_close(k, &ended) != 0 && rc == 0) {
		*f = ended;
		rc = -1;
	}
	if (rc != 0 || n == 0)
		return rc;
	return home_keeper(c, branches, true, out, f);
}

void
print_suppressed(const json_t *plan)
{
	long long n =
	    member_number(json_object_get(plan, "left_behind"), "suppressed");
	const json_t *s = json_object_get(plan, "suppression");
	long long files = member_number(s, "unmatched_files");

	if (s == NULL)
		return;
	speak("%lld item%s of suppressed persons stay%s behind\n", n,
	    n == 1 ? "" : "s", n == 1 ? "s" : "");
	if (files > 0)
		speak("%lld file%s say%s of nobody whom %s about (subject:),\n"
		      "so that no one can be left out there\n",
		    files, files == 1 ? "" : "s", files == 1 ? "s" : "",
		    files == 1 ? "it is" : "they are");
}
