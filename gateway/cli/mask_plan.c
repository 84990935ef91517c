/* The plan of one file outside any dataset, for `sanitise` and `preview`. */

#include <fcntl.h>
#include <string.h>

#include "gateway/cli/mask_child_internal.h"
#include "gateway/flow/flow.h"
#include "keys/base/files.h"

/* What is read of a long file of JSON lines for its plan: lines are alike
 * mostly, and to read all of it would take as long as to mask it. */
#define BEGINNING ((uint64_t)4 << 20)

/* What a picture without a policy gets. */
static const char picture_policy[] = "handoff: 1\n"
				     "project: none\n"
				     "purpose: none\n"
				     "recipients: [none]\n"
				     "retention: 1d\n"
				     "agreements: []\n"
				     "files:\n"
				     "  - match: \"**\"\n"
				     "    type: %s\n"
				     "    %s\n"
				     "    pixels: keep\n";

/* The policy for a picture, by its first bytes (they are looked at for their
 * kind alone; the reading is the child's). */
static int
read_default(int source, const char *path, struct policy **out, struct fault *f)
{
	static const struct {
		const char *type, *magic;
		size_t at, len;
		const char *more;
	} kinds[] = { { "jpeg", "\xff\xd8\xff", 0, 3, "metadata: drop" },
		{ "png", "\x89PNG\r\n\x1a\n", 0, 8, "metadata: drop" },
		{ "dicom", "DICM", 128, 4, "profile: basic" } };
	char text[sizeof(picture_policy) + 32];
	uint8_t head[132] = { 0 };
	size_t got;

	if (file_read_at(source, head, sizeof(head), 0, &got, f) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int n;

		if (got < kinds[i].at + kinds[i].len ||
		    memcmp(head + kinds[i].at, kinds[i].magic, kinds[i].len) !=
			0)
			continue;
		n = snprintf(text, sizeof(text), picture_policy, kinds[i].type,
		    kinds[i].more);
		return policy_read(out, "built in", text, (size_t)n, f);
	}
	(void)fault_set(
	    f, FAULT_USAGE, "%s: only pictures can do without a policy", path);
	return fault_hint(f, "handoff policy init");
}

static int
read_given(const char *name, struct policy **out, struct fault *f)
{
	struct bytes text;
	int rc;

	bytes_init(&text, POLICY_BYTES_MAX);
	rc = policy_load(out, name, &text, f);
	bytes_free(&text);
	return rc;
}

/* A file's path as a dataset would have it. */
static const char *
path_inside(const char *path)
{
	const char *slash = strrchr(path, '/');

	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (path[0] != '/' && strncmp(path, "../", 3) != 0 &&
	    strstr(path, "/../") == NULL)
		return path;
	return slash != NULL ? slash + 1 : path;
}

/* What the policy's texts are searched for beside its rules. */
static int
find_names(struct mask_child *c, const struct policy *p,
    const struct file_plan *plan, struct fault *f)
{
	const struct flow_progress quiet = { NULL, NULL };
	bool searched = false;

	file_close(&c->dictionary); /* of a plan before this one */
	for (size_t i = 0; i < plan->nfields; i++)
		searched |= plan->fields[i].how.action == TRANSFORM_DETECT;
	if (p->detection.ndictionary == 0 || !searched)
		return 0;
	if (c->dataset != NULL)
		return flow_dictionary(
		    &c->dictionary, p, c->dataset, &quiet, f);
	(void)fault_set(f, FAULT_USAGE,
	    "%s:%u: the policy has a dictionary, which is read from a dataset",
	    p->name, p->detection.dictionary[0].line);
	return fault_hint(f, "--dataset DIR names the folder");
}

/* A file was named as it lies here, and refused: an end of that path may be its
 * path in the dataset. */
static int
try_ends(const struct policy *p, const char *path, struct fault *f)
{
	const struct file_rule *rule;

	for (const char *end = path; (end = strchr(end, '/')) != NULL;) {
		struct fault none = { 0 };

		if (policy_match(p, ++end, &rule, &none) != 0 ||
		    rule->exclude != NULL)
			continue;
		f->hint[0] = '\0';
		return fault_hint(f,
		    "--as %s, if that is its path from the top of the dataset",
		    end);
	}
	return fault_hint(
	    f, "--as PATH says where it lies, from the top of the dataset");
}

/* The rule by which it leaves. */
static int
find_rule(const struct policy *p, const char *path, bool given,
    const struct file_rule **rule, struct fault *f)
{
	if (policy_match(p, path, rule, f) == 0) {
		if ((*rule)->exclude == NULL)
			return 0;
		(void)fault_set(f, FAULT_POLICY, "%s: stays behind (%s:%u): %s",
		    path, p->name, (*rule)->line, (*rule)->exclude);
	}
	return given ? -1 : try_ends(p, path, f);
}

int
mask_child_plan(struct mask_child *c, int source, const char *policy,
    const char *as, struct file_plan *out, struct fault *f)
{
	const char *path = as != NULL ? as : path_inside(c->path);
	const struct file_rule *rule;
	struct mask_reading reading;
	struct policy *p = NULL;
	struct shape shape;
	struct slice key;
	int rc = -1;

	shape_init(&shape, TYPE_TEXT);
	if ((policy != NULL ? read_given(policy, &p, f)
			    : read_default(source, c->path, &p, f)) != 0 ||
	    find_rule(p, path, as != NULL, &rule, f) != 0)
		goto out;
	(void)policy_subject(p, path, &key);
	if (key.len > 0 && key.len < sizeof(c->subject))
		memcpy(c->subject, key.at, key.len);
	reading = (struct mask_reading){ rule->type, rule->header,
		rule->delimiter, &rule->apart, rule_searches(rule), 0 };
	c->begun =
	    c->beginning && rule->type == TYPE_JSONL && c->size > BEGINNING;
	if (c->begun)
		reading.most = BEGINNING;
	c->inside = path;
	if (mask_child_shape(c, &reading, &shape, f) == 0 &&
	    policy_decide(p, path, &shape, out, NULL, f) == 0)
		rc = find_names(c, p, out, f);
out:
	shape_free(&shape);
	policy_free(p);
	return rc;
}
