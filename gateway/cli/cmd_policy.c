/* policy check and explain: an owner's policy, judged and put into words. */

#include <inttypes.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/mask_child_internal.h"
#include "gateway/cli/plan_internal.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/streams_internal.h"
#include "gateway/flow/flow.h"
#include "keys/base/text.h"
#include "policy/rules/rules.h"

const struct option policy_check_options[] = {
	{ "data", 0, "DATASET", "hold it against these files as well" },
	{ "strict", 0, NULL, "a warning is a refusal, exit status 3" },
	REFUSALS_OPTION,
	{ NULL, 0, NULL, NULL },
};

const struct option policy_explain_options[] = {
	{ "prose", 0, NULL, "the whole policy as English sentences" },
	{ "data", 0, "DATASET", "look at the file in it, and name its fields" },
	{ NULL, 0, NULL, NULL },
};

/* -- check --------------------------------------------------------------- */

/* Warnings as they come: to standard error, and into a list for --json. */
struct warned {
	json_t *list; /* or NULL */
	uint64_t n;
	bool failed;
};

static void
take_warning(void *to, const char *text)
{
	struct warned *w = to;

	w->n++;
	if (w->list == NULL)
		speak_to(stderr, "handoff: policy check: warning: %s\n", text);
	else if (json_array_append_new(w->list, json_string(text)) != 0)
		w->failed = true;
}

static int
warn_all(struct cli *c, const struct policy *p, struct warned *w,
    struct refusals *refusals, struct fault *f)
{
	struct progress progress;
	struct policy_check o = { .policy = c->words[0],
		.dataset = option_text(c, "data"),
		.tell = take_warning,
		.to = w,
		.refusals = refusals,
		.progress = { progress_tell, &progress } };
	int rc = 0;

	policy_warnings(p, take_warning, w);
	if (o.dataset != NULL) {
		progress_start(&progress, c);
		rc = flow_policy_check(&o, f);
		progress_end(&progress);
	}
	if (rc == 0 && w->failed)
		return fault_memory(f);
	return rc;
}

/* Is it one of the vendors of a home? */
static bool
is_vendor(const json_t *vendors, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(vendors, i, one)
	{
		if (strcmp(member_text(one, "name"), name) == 0)
			return true;
	}
	return false;
}

/* Vendors taken to share what they hold are known to a home alone; a policy is
 * also checked where there is none. */
static int
check_colluding(
    struct cli *c, const struct policy *p, struct warned *w, struct fault *f)
{
	struct keeper *k = NULL;
	json_t *out = NULL;
	char text[200];
	int rc;

	if (p->colluding.n == 0)
		return 0;
	if (home_keeper_if_any(c, "exposure is", &k, f) != 0)
		return -1;
	if (k == NULL)
		return 0;
	rc = keeper_ask(k, KEEPER_VENDORS, json_object(), &out, f);
	if (keeper_close(k, f) != 0)
		rc = -1;
	for (size_t i = 0; rc == 0 && i < p->colluding.n; i++) {
		if (is_vendor(
			json_object_get(out, "vendors"), p->colluding.at[i]))
			continue;
		(void)snprintf(text, sizeof(text),
		    "%s: exposure: colluding: no vendor %s, so what it holds "
		    "cannot be counted",
		    p->name, p->colluding.at[i]);
		take_warning(w, text);
	}
	if (rc == 0 && w->failed)
		rc = fault_memory(f);
	json_decref(out);
	return rc;
}

static int
print_checked(const struct policy *p, json_t *list, const struct refusals *r,
    struct fault *f)
{
	char digest[HEX_CHARS(sizeof(p->digest)) + 1];
	json_t *o, *stops = json_array();
	int rc;

	hex_write(digest, p->digest, sizeof(p->digest));
	for (size_t i = 0; i < r->n; i++)
		if (json_array_append_new(stops, json_string(r->at[i].text)) !=
		    0) {
			json_decref(stops);
			return fault_memory(f);
		}
	o = json_pack("{s:s, s:s, s:I, s:O, s:o}", "policy", p->name, "digest",
	    digest, "rules", (json_int_t)p->nfiles, "warnings", list,
	    "refusals", stops);
	if (o == NULL)
		return fault_memory(f);
	rc = print_json(o, f);
	json_decref(o);
	return rc;
}

/* What the check comes to, all having been looked at. */
static int
judge(const struct cli *c, const struct policy *p, const struct warned *w,
    const struct refusals *r, struct fault *f)
{
	if (r->total > 0) {
		*f = r->at[0];
		tell_refusals(c, r, f);
		return -1;
	}
	if (option_set(c, "strict") && w->n > 0)
		return fault_set(f, FAULT_POLICY, "%s: %" PRIu64 " warning%s",
		    p->name, w->n, w->n == 1 ? "" : "s");
	if (!c->json)
		speak("%s: ok, %zu %s\n", p->name, p->nfiles,
		    p->nfiles == 1 ? "rule" : "rules");
	return 0;
}

int
cmd_policy_check(struct cli *c, struct fault *f)
{
	struct warned w = { 0 };
	struct refusals refusals = { 0 };
	struct policy *p = NULL;
	struct bytes text;
	size_t most;
	int rc = -1;

	bytes_init(&text, POLICY_BYTES_MAX);
	if (c->json && (w.list = json_array()) == NULL)
		return fault_memory(f);
	if (refusals_most(c, &most, f) != 0 ||
	    refusals_init(&refusals, most, f) != 0 ||
	    policy_load(&p, c->words[0], &text, f) != 0 ||
	    warn_all(c, p, &w, &refusals, f) != 0 ||
	    check_colluding(c, p, &w, f) != 0)
		goto out;
	if (c->json && print_checked(p, w.list, &refusals, f) != 0)
		goto out;
	rc = judge(c, p, &w, &refusals, f);
out:
	refusals_free(&refusals);
	policy_free(p);
	bytes_free(&text);
	json_decref(w.list);
	return rc;
}

/* -- explain ------------------------------------------------------------- */

/* Rules or lines with what is said of each, as narrow as they can be. */
static void
print_rows(const json_t *rows, const char *name)
{
	const char *const columns[] = { "rule", name };
	int width[2] = { 0, 0 };

	for (size_t i = 0; i < json_array_size(rows); i++)
		for (size_t k = 0; k < 2; k++) {
			size_t n = strlen(
			    member_text(json_array_get(rows, i), columns[k]));

			if (n < 29 && (int)n > width[k])
				width[k] = (int)n;
		}
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *r = json_array_get(rows, i);

		speak("    %-*s  %-*s  %s\n", width[0], member_text(r, "rule"),
		    width[1], member_text(r, name), member_text(r, "why"));
	}
}

static void
print_field(const json_t *field, const char *word, bool alone)
{
	const char *undecided = member_text(field, "undecided");

	if (undecided[0] != '\0')
		speak("%s \"%s\": %s\n", word, member_text(field, "name"),
		    undecided);
	else
		speak_wrapped(stdout, 8, "%s \"%s\": %s  (%s)\n", word,
		    member_text(field, "name"), member_text(field, "action"),
		    member_text(field, "rule"));
	if (alone)
		print_rows(json_object_get(field, "lines"), "name");
}

/* What of the file is looked for in texts. */
static void
print_dictionary(const json_t *names)
{
	for (size_t i = 0; i < json_array_size(names); i++) {
		const json_t *n = json_array_get(names, i);
		const char *column = member_text(n, "column");
		const char *path = member_text(n, "path");

		speak("dictionary: %s \"%s%s\", as %s, in every text that is "
		      "searched  (%s)\n",
		    column[0] != '\0' ? "column" : "path", column, path,
		    member_text(n, "as"), member_text(n, "rule"));
	}
}

static void
print_explained(const json_t *o, bool alone)
{
	const json_t *rules = json_object_get(o, "rules");
	const json_t *fields = json_object_get(o, "fields");
	const json_t *subject = json_object_get(o, "subject");
	const char *exclude = member_text(o, "exclude");
	const char *type = member_text(o, "type");

	if (member_text(o, "rule")[0] == '\0')
		speak("%s: %s\n  %s\n", member_text(o, "file"),
		    member_text(o, "undecided"), member_text(o, "hint"));
	else if (exclude[0] != '\0')
		speak("%s stays behind: %s  (%s)\n", member_text(o, "file"),
		    exclude, member_text(o, "rule"));
	else
		speak("%s leaves as %s  (%s)\n", member_text(o, "file"), type,
		    member_text(o, "rule"));
	print_rows(rules, "match");
	if (member_text(o, "item_id")[0] != '\0')
		speak("item: %s\n", member_text(o, "item_id"));
	if (subject != NULL)
		speak("person: %s%s%s  (%s)\n", member_text(subject, "field"),
		    member_text(subject, "path"), member_text(subject, "by"),
		    member_text(subject, "rule"));
	if (member_text(o, "text")[0] != '\0')
		speak("text: %s\n", member_text(o, "text"));
	if (member_text(o, "metadata")[0] != '\0')
		speak(
		    "metadata: %s; pixels: keep\n", member_text(o, "metadata"));
	for (size_t i = 0; i < json_array_size(fields); i++)
		print_field(json_array_get(fields, i),
		    strcmp(type, "csv") == 0	 ? "column"
		    : strcmp(type, "dicom") == 0 ? "attribute"
						 : "path",
		    alone);
	print_dictionary(json_object_get(o, "dictionary"));
}

/* The shape of the file in its dataset, as its rule reads it. */
static int
look_at(struct cli *c, const struct policy *p, struct explain_about *about,
    struct shape *shape, struct fault *f)
{
	const char *data = option_text(c, "data");
	struct mask_child child = { 0 };
	const struct file_rule *rule;
	struct mask_reading as;
	struct bytes path;
	int fd = -1, rc = -1;

	if (policy_match(p, about->path, &rule, f) != 0) {
		fault_clear(f);
		return 0; /* it is explained without */
	}
	if (rule->exclude != NULL)
		return 0;
	as = (struct mask_reading){ rule->type, rule->header, rule->delimiter,
		&rule->apart, rule_searches(rule), 0 };
	bytes_init(&path, 2 * SHAPE_NAME_MAX);
	if (bytes_addf(&path, f, "%s/%s", data, about->path) != 0 ||
	    bytes_end_text(&path, f) != 0 ||
	    input_open((const char *)path.at, &fd, f) != 0 ||
	    mask_child_open(&child, about->path, fd, -1, f) != 0)
		goto out;
	shape_init(shape, rule->type);
	rc = mask_child_shape(&child, &as, shape, f);
	if (mask_child_close(&child, f) != 0)
		rc = -1;
	about->shape = shape;
out:
	file_close(&fd);
	bytes_free(&path);
	return rc;
}

static int
print_prose(const struct policy *p, struct fault *f)
{
	struct bytes text;
	int rc;

	bytes_init(&text, 64 * (size_t)POLICY_BYTES_MAX);
	if ((rc = policy_prose(&text, p, f)) == 0)
		speak_lines(stdout, (const char *)text.at, text.len);
	bytes_free(&text);
	return rc;
}

static int
explain(struct cli *c, const struct policy *p, struct fault *f)
{
	struct explain_about about = { .path = c->words[1],
		.field = c->nwords > 2 ? c->words[2] : NULL };
	struct shape shape;
	json_t *o = NULL;
	int rc = -1;

	shape_init(&shape, TYPE_TEXT);
	while (strncmp(about.path, "./", 2) == 0)
		about.path += 2;
	if (option_text(c, "data") != NULL &&
	    look_at(c, p, &about, &shape, f) != 0)
		goto out;
	if (policy_explain(&o, p, &about, f) != 0)
		goto out;
	rc = 0;
	if (c->json)
		rc = print_json(o, f);
	else
		print_explained(o, about.field != NULL);
out:
	shape_free(&shape);
	json_decref(o);
	return rc;
}

int
cmd_policy_explain(struct cli *c, struct fault *f)
{
	struct policy *p = NULL;
	struct bytes text;
	int rc = -1;

	if (option_set(c, "prose") != (c->nwords == 1)) {
		(void)fault_set(f, FAULT_USAGE,
		    c->nwords == 1 ? "which FILE of the dataset?"
				   : "--prose is about the whole policy");
		return fault_hint(f, "handoff policy explain %s %s",
		    c->words[0], c->nwords == 1 ? "FILE" : "--prose");
	}
	if (option_set(c, "prose") && c->json)
		return fault_set(
		    f, FAULT_USAGE, "--prose is English, and no JSON");
	bytes_init(&text, POLICY_BYTES_MAX);
	if (policy_load(&p, c->words[0], &text, f) == 0)
		rc = option_set(c, "prose") ? print_prose(p, f)
					    : explain(c, p, f);
	policy_free(p);
	bytes_free(&text);
	return rc;
}
