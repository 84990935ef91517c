/*
 * `policy init`: a first policy out of what is in the data.
 *
 *     walk --> what each file is (workers) --> groups and their patterns
 *          --> values counted (workers) --> proposals --> text
 *
 * The coordinator reads no file.  What cannot be read stays behind, with the
 * reason; nothing of a dataset is left without a line.
 */

#include <string.h>

#include "gateway/flow/init_internal.h"
#include "gateway/flow/plan_internal.h"
#include "keys/base/clock.h"
#include "keys/base/mem.h"

static void
drop_groups(struct initing *n)
{
	for (uint32_t i = 0; n->groups != NULL && i < n->rules.groups; i++)
		draft_group_free(&n->groups[i]);
	mem_free(n->groups);
	mem_free(n->order);
	mem_free(n->start);
	guesses_free(&n->guesses);
	look_rules_free(&n->rules);
	n->groups = NULL;
	n->order = n->start = NULL;
}

/* Have the files of a group not all the same paths? */
static bool
varies(const struct initing *n, uint32_t group)
{
	const struct look *first = &n->looks[n->order[n->start[group]]];

	for (uint32_t i = n->start[group]; i < n->start[group + 1]; i++)
		if (memcmp(n->looks[n->order[i]].paths, first->paths,
			sizeof(first->paths)) != 0)
			return true;
	return false;
}

/* Files by their groups, and what is known of a group by its first file. */
static int
sort_groups(struct initing *n, struct fault *f)
{
	uint32_t groups = n->rules.groups, *next;

	n->groups = mem_array(groups, sizeof(*n->groups));
	n->order = mem_array(n->scan.n, sizeof(*n->order));
	n->start = mem_array((size_t)groups + 1, sizeof(*n->start));
	next = mem_array((size_t)groups + 1, sizeof(*next));
	if (n->groups == NULL || n->order == NULL || n->start == NULL ||
	    next == NULL) {
		mem_free(next);
		return fault_memory(f);
	}
	for (uint32_t i = 0; i < n->scan.n; i++)
		n->start[n->looks[i].group + 1]++;
	for (uint32_t g = 0; g < groups; g++) {
		n->start[g + 1] += n->start[g];
		next[g] = n->start[g];
	}
	for (uint32_t i = 0; i < n->scan.n; i++)
		n->order[next[n->looks[i].group]++] = i;
	mem_free(next);
	for (uint32_t g = 0; g < groups; g++) {
		const struct look *l = &n->looks[n->order[n->start[g]]];
		uint32_t files = n->start[g + 1] - n->start[g];

		n->groups[g] = (struct draft_group){ .known = l->known,
			.type = l->type,
			.header = l->header || l->type != TYPE_CSV,
			.varies = l->known && varies(n, g),
			.delimiter = l->delimiter,
			.why = l->why,
			.files = files,
			.item = SIZE_MAX,
			.subject = SIZE_MAX };
		if (init_convert(n, n->order[n->start[g]],
			&n->groups[g].convert, f) != 0)
			return -1;
	}
	return 0;
}

/* Each time round one file less can be read, so it ends. */
static int
survey(struct initing *n, struct fault *f)
{
	bool again;

	if (init_look(n, f) != 0)
		return -1;
	do {
		drop_groups(n);
		again = false;
		if (looks_group(n->looks, n->scan.n, &n->rules, f) != 0 ||
		    sort_groups(n, f) != 0 ||
		    guesses_make(
			&n->guesses, n->looks, n->scan.n, &n->rules, f) != 0 ||
		    init_count(n, &again, f) != 0)
			return -1;
	} while (again);
	return 0;
}

static int
write_draft(
    struct initing *n, struct bytes *out, json_t **told, struct fault *f)
{
	struct policy_draft d = { .dataset = n->o->dataset,
		.vendor = n->o->vendor,
		.profile = (enum profile)n->o->profile,
		.today = clock_now(),
		.rules = &n->rules,
		.groups = n->groups,
		.guesses = &n->guesses };
	struct draft_told t = { 0 };

	if (draft_decide(&d, f) != 0 || draft_write(out, &d, &t, f) != 0)
		return -1;
	*told = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rules",
	    (json_int_t)t.rules, "fields", (json_int_t)t.fields, "dropped",
	    (json_int_t)t.dropped, "refused", (json_int_t)t.refused, "excluded",
	    (json_int_t)t.excluded, "files", (json_int_t)n->scan.n,
	    "files_excluded", (json_int_t)t.left, "texts_excluded",
	    (json_int_t)t.texts);
	return *told == NULL ? fault_memory(f) : 0;
}

int
flow_policy_init(struct bytes *out, json_t **told, const struct policy_init *o,
    struct fault *f)
{
	struct pool_options crew = { .role = "worker" };
	struct initing n = { .o = o, .scan = { .root = -1 } };
	int rc = -1;

	must(o->profile < PROFILES);
	bytes_init(&n.scan.names, 0);
	pool_result_init(&n.result, MESSAGE_MAX);
	if (scan_dataset(&n.scan, o->dataset, f) != 0 ||
	    pool_new(&n.pool, &crew, f) != 0)
		goto out;
	if ((n.looks = mem_array(n.scan.n, sizeof(*n.looks))) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (survey(&n, f) == 0)
		rc = write_draft(&n, out, told, f);
out:
	drop_groups(&n);
	for (uint32_t i = 0; n.looks != NULL && i < n.scan.n; i++)
		mem_free(n.looks[i].why);
	mem_free(n.looks);
	pool_free(n.pool);
	pool_result_free(&n.result);
	scan_free(&n.scan);
	return rc;
}
