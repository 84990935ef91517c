/* `policy test`: every case, and which rules and lines of the policy none of
 * them met. */

#include <fcntl.h>
#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "gateway/flow/policy_test_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* The name of a file beside the tests, ended with a NUL. */
static int
beside(struct bytes *out, const char *path, const char *name, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash - path) + 1;

	bytes_init(out, folder + POLICY_TEXT_MAX + 1);
	if (bytes_add(out, path, folder, f) != 0 ||
	    bytes_add_text(out, name, f) != 0)
		return -1;
	return bytes_end_text(out, f);
}

static int
load_policy(struct testing *t, const char *path, struct fault *f)
{
	struct bytes whole, text;
	int rc = -1;

	bytes_init(&text, POLICY_BYTES_MAX);
	if (beside(&whole, path, t->tests->policy, f) == 0)
		rc = policy_load(&t->policy, (const char *)whole.at, &text, f);
	bytes_free(&whole);
	bytes_free(&text);
	return rc;
}

/* The program's own table, and what a file beside the tests says. */
static int
load_countries(struct testing *t, const char *path, struct fault *f)
{
	const char *name = t->tests->countries;
	struct bytes whole, text;
	int rc = 0;

	bytes_init(&whole, 1);
	bytes_init(&text, LEGAL_FILE_BYTES + 1);
	if (name != NULL && ((rc = beside(&whole, path, name, f)) != 0 ||
				(rc = file_read(AT_FDCWD,
				     (const char *)whole.at, &text, f)) != 0))
		goto out;
	rc = legal_countries_read(&t->countries,
	    name != NULL ? name : "countries", text.at, text.len, f);
out:
	bytes_free(&whole);
	bytes_free(&text);
	return rc;
}

/* Of the tests' files those that leave and are no table of items. */
static int
find_leaving(struct testing *t, struct fault *f)
{
	const struct names *all = &t->tests->files;
	const struct file_rule *rule;
	struct fault none = { 0 };

	if ((t->leaving = mem_array(all->n, sizeof(*t->leaving))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < all->n; i++)
		if (policy_match(t->policy, all->at[i], &rule, &none) == 0 &&
		    rule->exclude == NULL &&
		    !((rule->type == TYPE_CSV || rule->type == TYPE_JSONL) &&
			rule->unit == ITEM_EACH))
			t->leaving[t->nleaving++] = all->at[i];
	return 0;
}

static int
load(struct testing *t, const char *path, struct fault *f)
{
	struct bytes text;
	int rc = -1;

	bytes_init(&text, POLICY_BYTES_MAX);
	if (file_read(AT_FDCWD, path, &text, f) == 0 &&
	    policy_tests_read(&t->tests, path, text.at, text.len, f) == 0)
		rc = load_policy(t, path, f);
	bytes_free(&text);
	if (rc != 0 || load_countries(t, path, f) != 0 ||
	    find_leaving(t, f) != 0)
		return -1;
	t->used = mem_array(t->policy->nfiles, sizeof(*t->used));
	if (t->used == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < t->policy->nfiles; i++)
		if ((t->used[i] = mem_array(t->policy->files[i].nfields + 1,
			 sizeof(**t->used))) == NULL)
			return fault_memory(f);
	return 0;
}

/* -- Coverage ------------------------------------------------------------ */

static int
add_missing(json_t *list, const struct policy *p, uint32_t line,
    const char *word, const char *name, struct fault *f)
{
	json_t *o = json_pack("{s:o, s:o}", "rule",
	    json_sprintf("%s:%u", p->name, (unsigned)line), "what",
	    json_sprintf("%s \"%s\"", word, name));

	return json_array_append_new(list, o) == 0 ? 0 : fault_memory(f);
}

/* Can a case be about a file of the rule?  Of a picture there is nothing that a
 * case could give or expect. */
static bool
has_cases(const struct file_rule *r)
{
	return r->exclude != NULL ||
	       (r->type != TYPE_JPEG && r->type != TYPE_PNG);
}

static int
cover(const struct testing *t, json_t **out, struct fault *f)
{
	const struct policy *p = t->policy;
	json_t *missing = json_array();
	uint64_t all = 0, covered = 0;

	for (size_t i = 0; missing != NULL && i < p->nfiles; i++) {
		const struct file_rule *r = &p->files[i];

		if (!has_cases(r))
			continue;
		for (size_t k = 0; k <= r->nfields; k++) {
			all++;
			covered += t->used[i][k];
			if (!t->used[i][k] &&
			    add_missing(missing, p,
				k == 0 ? r->line : r->fields[k - 1].how.line,
				k == 0 ? "files" : file_type_field(r->type),
				k == 0 ? r->match : r->fields[k - 1].name,
				f) != 0) {
				json_decref(missing);
				return -1;
			}
		}
	}
	*out = json_pack("{s:I, s:I, s:I, s:o}", "all", (json_int_t)all,
	    "covered", (json_int_t)covered, "percent",
	    (json_int_t)(all == 0 ? 100 : covered * 100 / all), "missing",
	    missing);
	return *out == NULL ? fault_memory(f) : 0;
}

/* -- Cases --------------------------------------------------------------- */

static int
run_all(struct testing *t, json_t *list, uint64_t *failed, struct fault *f)
{
	for (size_t i = 0; i < t->tests->ncases; i++) {
		const struct policy_case *c = &t->tests->cases[i];
		struct case_why why;
		json_t *o;
		bool ok;

		if (policy_case_run(t, c, &why, f) != 0)
			return fault_at(f, "case \"%s\"", c->name);
		ok = why.text[0] == '\0';
		*failed += !ok;
		o = json_pack("{s:s, s:I, s:b}", "name", c->name, "line",
		    (json_int_t)c->line, "ok", ok);
		if (json_array_append_new(list, o) != 0)
			return fault_memory(f);
		/* what was cut within a character is no text of JSON */
		if (!ok && json_object_set_new(
			       o, "why", json_string_nocheck(why.text)) != 0)
			return fault_memory(f);
	}
	return 0;
}

static int
hand_names(void *state, struct channel *worker, struct fault *f)
{
	const struct testing *t = state;
	uint8_t digest[DIGEST_BYTES];
	bool keyed;

	return dictionary_hand(t->names, worker, digest, &keyed, f);
}

int
flow_policy_test(json_t **report, const char *tests, struct fault *f)
{
	struct testing t = { .names = -1 };
	struct pool_options crew = {
		.role = "worker", .workers = 1, .state = &t, .ready = hand_names
	};
	json_t *list = json_array(), *coverage = NULL;
	uint64_t failed = 0;
	int rc = -1;

	if (list == NULL)
		return fault_memory(f);
	if (load(&t, tests, f) != 0 || policy_test_names(&t, f) != 0 ||
	    pool_new(&t.pool, &crew, f) != 0 ||
	    run_all(&t, list, &failed, f) != 0 || cover(&t, &coverage, f) != 0)
		goto out;
	*report = json_pack("{s:s, s:s, s:O, s:I, s:O}", "tests", tests,
	    "policy", t.policy->name, "cases", list, "failed",
	    (json_int_t)failed, "coverage", coverage);
	rc = *report == NULL ? fault_memory(f) : 0;
out:
	json_decref(list);
	json_decref(coverage);
	pool_free(t.pool);
	file_close(&t.names);
	for (size_t i = 0; t.used != NULL && i < t.policy->nfiles; i++)
		mem_free(t.used[i]);
	mem_free(t.used);
	mem_free(t.leaving);
	legal_countries_free(&t.countries);
	policy_free(t.policy);
	policy_tests_free(t.tests);
	return rc;
}
