/* What detect can find, and by which rule. */

#include <stdlib.h>
#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/detect_list_internal.h"
#include "policy/detect/detect.h"

#define RULES_MAX 4096u

struct list {
	struct detect_rule *at;
	size_t n;
};

/* By entity; the best first. */
static int
by_entity(const void *a, const void *b)
{
	const struct detect_rule *x = a, *y = b;
	int order = strcmp(x->entity, y->entity);

	if (order != 0)
		return order;
	if (x->valid_score != y->valid_score)
		return x->valid_score < y->valid_score ? 1 : -1;
	return strcmp(x->patterns[0], y->patterns[0]);
}

/* Whether name is one of a list with commas between; NULL holds all. */
static bool
is_named(const char *names, const char *name)
{
	size_t len = strlen(name);

	if (names == NULL)
		return true;
	for (const char *at = names; *at != '\0';) {
		size_t n = strcspn(at, ",");

		if (n == len && memcmp(at, name, n) == 0)
			return true;
		at += n + (at[n] == ',');
	}
	return false;
}

static int
collect(struct list *l, const char *names, struct fault *f)
{
	struct detect_rule r;

	l->at = calloc(RULES_MAX, sizeof(*l->at));
	if (l->at == NULL)
		return fault_set(f, FAULT_SYSTEM, "out of memory");
	for (size_t i = 0; l->n < RULES_MAX && detect_rule(i, &r); i++)
		if (is_named(names, r.entity))
			l->at[l->n++] = r;
	if (l->n == 0)
		return fault_set(f, FAULT_USAGE,
		    "--entities: none of them is found by a row of a table");
	qsort(l->at, l->n, sizeof(*l->at), by_entity);
	return 0;
}

static json_t *
strings(const char *const *list)
{
	json_t *out = json_array();

	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		(void)json_array_append_new(out, json_string(list[i]));
	return out;
}

/* What makes a find sure. */
static const char *
evidence(const struct detect_rule *r)
{
	if (r->valid_score > r->score)
		return "check";
	return r->needs_context ? "context" : "form";
}

static json_t *
rule_json(const struct detect_rule *r)
{
	return json_pack("{s:s,s:s,s:s,s:i,s:i,s:b,s:b,s:s,s:o,s:o}", "entity",
	    r->entity, "country", r->country, "by", evidence(r), "score",
	    (int)r->score, "valid_score", (int)r->valid_score, "validator",
	    r->validator, "needs_context", r->needs_context, "source",
	    r->source, "patterns", strings(r->patterns), "context",
	    strings(r->context));
}

int
detect_list(const struct cli *c, struct fault *f)
{
	static const struct column columns[] = {
		{ "ENTITY", "entity", COLUMN_TEXT },
		{ "COUNTRY", "country", COLUMN_TEXT },
		{ "BY", "by", COLUMN_TEXT },
		{ "SCORE", "score", COLUMN_TEXT },
		{ "CHECKED", "valid_score", COLUMN_TEXT },
		{ "SOURCE", "source", COLUMN_TEXT },
	};
	struct list l = { NULL, 0 };
	json_t *all = json_array();
	int rc = -1;

	if (all == NULL) {
		(void)fault_set(f, FAULT_SYSTEM, "out of memory");
		goto out;
	}
	if (collect(&l, option_text(c, "entities"), f) != 0)
		goto out;
	for (size_t i = 0; i < l.n; i++) {
		json_t *o = rule_json(&l.at[i]);

		if (json_array_append_new(all, o) != 0) {
			(void)fault_set(f, FAULT_SYSTEM, "out of memory");
			goto out;
		}
		if (c->json && print_json(o, f) != 0)
			goto out;
	}
	rc = c->json ? 0 : answer_table(all, columns, 6, "", f);
out:
	json_decref(all);
	free(l.at);
	return rc;
}
