/*
 * The page of a plan that is refused: by what, how often and what to do about
 * it, gathered by cause; and, where no plan was made, the policy that refused.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/clock.h"

/* Of one cause so many places and remedies. */
#define EXAMPLES_MAX 3u

/* The refusal with that cause: made, where it is the first. */
static json_t *
of_cause(json_t *list, const char *cause)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const json_t *has = json_object_get(one, "cause");

		if (strcmp(json_string_value(has), cause) == 0)
			return one;
	}
	one = json_pack("{s:s,s:i,s:[],s:[]}", "cause", cause, "count", 0,
	    "hints", "examples");
	return json_array_append_new(list, one) == 0 ? one : NULL;
}

/* Up to EXAMPLES_MAX different ones. */
static int
add_text(json_t *list, const char *text, size_t len, struct fault *f)
{
	const json_t *one;
	size_t i;

	if (len == 0 || json_array_size(list) == EXAMPLES_MAX)
		return 0;
	json_array_foreach(list, i,
	    one) if (json_string_length(one) == len &&
		     memcmp(json_string_value(one), text, len) == 0) return 0;
	return json_array_append_new(list, json_stringn(text, len)) == 0
		   ? 0
		   : fault_memory(f);
}

/* r, whose text says in its first bytes where it is, and then why. */
static int
add(json_t *told, const struct fault *r, size_t where, const char *why,
    struct fault *f)
{
	json_t *list = json_object_get(told, "refusals"), *one;

	if (list == NULL &&
	    json_object_set_new(told, "refusals", list = json_array()) != 0)
		return fault_memory(f);
	if ((one = of_cause(list, why)) == NULL ||
	    json_object_set_new(one, "count",
		json_integer(json_integer_value(json_object_get(one, "count")) +
			     1)) != 0)
		return fault_memory(f);
	if (add_text(json_object_get(one, "examples"), r->text, where, f) != 0)
		return -1;
	return add_text(
	    json_object_get(one, "hints"), r->hint, strlen(r->hint), f);
}

int
plan_page_refuse(json_t *told, const struct fault *why, struct fault *f)
{
	return add(told, why, 0, why->text, f);
}

/* One of many is "where: why"; where may have been put together of several. */
static int
add_one(json_t *told, const struct fault *r, struct fault *f)
{
	const char *why = r->text, *next;

	while ((next = strstr(why, ": ")) != NULL)
		why = next + 2;
	return add(told, r, why > r->text + 2 ? (size_t)(why - r->text) - 2 : 0,
	    why, f);
}

/* ---- The policy ---- */

static int
add_rules(json_t *told, const struct policy *p, struct fault *f)
{
	json_t *list = json_array();

	if (json_object_set_new(told, "rules", list) != 0)
		return fault_memory(f);
	for (size_t i = 0; i < p->nfiles; i++) {
		const struct file_rule *r = &p->files[i];
		bool stays = r->exclude != NULL;

		if (json_array_append_new(
			list, json_pack("{s:s,s:s,s:o}", "match", r->match,
				  stays ? "exclude" : "type",
				  stays ? r->exclude : file_type_name(r->type),
				  "rule",
				  json_sprintf("%s:%u", p->name,
				      (unsigned)r->line))) != 0)
			return fault_memory(f);
	}
	return 0;
}

static int
add_policy(json_t *told, const struct policy *p, struct fault *f)
{
	char now[CLOCK_CHARS + 1];

	clock_write(now, clock_now());
	if (json_object_set_new(told, "policy", json_string(p->name)) != 0 ||
	    json_object_set_new(told, "project", json_string(p->project)) !=
		0 ||
	    json_object_set_new(told, "purpose", json_string(p->purpose)) !=
		0 ||
	    json_object_set_new(
		told, "retention", json_string(p->retention_text)) != 0 ||
	    json_object_set_new(
		told, "vendors", plan_names_json(&p->recipients)) != 0 ||
	    json_object_set_new(
		told, "agreements", plan_names_json(&p->agreements)) != 0 ||
	    json_object_set_new(told, "made", json_string(now)) != 0)
		return fault_memory(f);
	return add_rules(told, p, f);
}

int
plan_page_refused(const struct refusals *r, const char *policy,
    const char *vendor, const char *dir, struct fault *f)
{
	json_t *told = json_pack("{s:s}", "vendor", vendor);
	struct policy *p = NULL;
	struct bytes text;
	int rc = told == NULL ? fault_memory(f) : 0;

	bytes_init(&text, POLICY_TEXT_MAX);
	for (size_t i = 0; rc == 0 && i < r->n; i++)
		rc = add_one(told, &r->at[i], f);
	if (rc == 0)
		rc = policy_load(&p, policy, &text, f);
	if (rc == 0)
		rc = add_policy(told, p, f);
	if (rc == 0)
		rc = plan_page_write(told, dir, f);
	policy_free(p);
	bytes_free(&text);
	json_decref(told);
	return rc;
}
