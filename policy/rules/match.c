/*
 * Which rule takes a file, and which vendors a policy names.
 *
 * Promises: the first glob that matches wins; what no rule matches, and whom
 * the policy does not name, is refused.
 */

#include <string.h>
#include <strings.h>

#include "keys/base/near.h"
#include "policy/rules/decide_internal.h"

/* A short YAML rule for a path that has none. */
static void
hint_file_rule(struct fault *f, const char *path, const char *policy)
{
	static const struct {
		const char *ending;
		const char *rule;
	} known[] = {
		{ ".jpg", "type: jpeg, metadata: drop, pixels: keep" },
		{ ".jpeg", "type: jpeg, metadata: drop, pixels: keep" },
		{ ".png", "type: png, metadata: drop, pixels: keep" },
		{ ".dcm", "type: dicom, profile: basic, pixels: keep" },
	};
	const char *dot = strrchr(path, '.'), *rule = "exclude: \"not needed\"";
	char key[160], all[16];

	hint_key(key, sizeof(key), path);
	for (size_t i = 0; dot != NULL && i < sizeof(known) / sizeof(known[0]);
	     i++)
		if (strcasecmp(dot, known[i].ending) == 0) {
			/* as it is spelt here: globs know the case */
			rule = known[i].rule;
			(void)snprintf(all, sizeof(all), "**/*%s", dot);
			hint_key(key, sizeof(key), all);
		}
	(void)fault_hint(
	    f, "in %s, under files:   - {match: %s, %s}", policy, key, rule);
}

bool
rule_searches(const struct file_rule *rule)
{
	return (rule->type == TYPE_TEXT && rule->nfields > 0) ||
	       (rule->type == TYPE_DICOM && !rule->burned_in);
}

int
policy_match(const struct policy *p, const char *path,
    const struct file_rule **out, struct fault *f)
{
	const struct foreign *foreign;

	for (size_t i = 0; i < p->nfiles; i++)
		if (glob_matches(p->files[i].match, path)) {
			*out = &p->files[i];
			return 0;
		}
	(void)fault_set(
	    f, FAULT_POLICY, "%s: no rule of %s matches it", path, p->name);
	if ((foreign = foreign_by_name(path)) != NULL)
		return foreign_hint(foreign, path, f);
	hint_file_rule(f, path, p->name);
	return -1;
}

bool
policy_path_subject(const char *pattern, const char *path, struct slice *key)
{
	const char *sign = strstr(pattern, SUBJECT_SIGN);

	return sign != NULL &&
	       glob_key(pattern, sign, strlen(SUBJECT_SIGN), path, key);
}

const struct subject_rule *
policy_subject(const struct policy *p, const char *path, struct slice *key)
{
	*key = (struct slice){ NULL, 0 };
	for (size_t i = 0; i < p->nsubjects; i++) {
		const struct subject_rule *s = &p->subjects[i];

		if (!glob_matches(s->file, path))
			continue;
		if (s->by == SUBJECT_PATH)
			must(policy_path_subject(s->pattern, path, key));
		return s;
	}
	return NULL;
}

/* Whom the policy does name: a slip is likelier than a new recipient, and who
 * gets the data is nothing to paste. */
static int
hint_recipients(struct fault *f, const struct policy *p, const char *vendor)
{
	char list[160];
	size_t n = 0;
	const char *best = NULL;
	unsigned least = NEAR_NOT;

	list[0] = '\0';
	for (size_t i = 0; i < p->recipients.n; i++) {
		const char *name = p->recipients.at[i];
		unsigned far = near_distance(vendor, name);

		if (far < least) {
			least = far;
			best = name;
		}
		if (n + strlen(name) + 8 < sizeof(list))
			n += (size_t)snprintf(list + n, sizeof(list) - n,
			    "%s%s", n > 0 ? ", " : "", name);
		else if (list[n - 1] != '.')
			n += (size_t)snprintf(
			    list + n, sizeof(list) - n, ", ...");
	}
	if (best != NULL)
		return fault_hint(f, "did you mean %s?", best);
	return fault_hint(f, "%s names %s", p->name, list);
}

int
policy_permits(const struct policy *p, const char *vendor, struct fault *f)
{
	for (size_t i = 0; i < p->recipients.n; i++)
		if (strcmp(p->recipients.at[i], vendor) == 0)
			return 0;
	(void)fault_set(f, FAULT_POLICY,
	    "vendor %s: not among the recipients of %s", vendor, p->name);
	return hint_recipients(f, p, vendor);
}
