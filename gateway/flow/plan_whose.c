/*
 * Whom whole files are about: pictures, texts, documents, folders, tables that
 * are one item.
 *
 *     a part of the path                 known from the policy
 *     a field of a document, an attribute of a DICOM file: read by a worker
 *     a record that names the file       likewise (plan_refs.c)
 *
 * An item is about one person, or nobody knows whom.  A file that the policy
 * says is named by somebody's record, and is not, stops the plan: its record
 * may have been taken out because its person objected.
 *
 * Persons' keys are here as paths are, as they stand in the dataset; keyed
 * hashes of them are made by workers alone.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

static const struct subject_rule *
rule_of(const struct plan *p, uint32_t file)
{
	uint32_t i = p->plans[p->scan.files[file].plan].subject;

	return i < p->policy->nsubjects ? &p->policy->subjects[i] : NULL;
}

bool
plan_is_named(const struct plan *p)
{
	for (size_t i = 0; i < p->policy->nsubjects; i++)
		if (p->policy->subjects[i].by == SUBJECT_REF)
			return true;
	return false;
}

struct slice
plan_subject(const struct plan *p, uint32_t file)
{
	const struct subject_rule *s = rule_of(p, file);
	struct slice key = { NULL, 0 };

	if (s == NULL)
		return key;
	if (s->by == SUBJECT_PATH) {
		(void)policy_subject(
		    p->policy, scan_path(&p->scan, file), &key);
	} else if (p->whose != NULL && p->whose[file] != 0) {
		size_t at = p->whose[file] - 1;
		struct reader r =
		    reader_of(p->persons.at + at, p->persons.len - at);
		struct fault none = { 0 };

		must(take_slice(&r, WORKER_SUBJECT_MAX, &key, &none) == 0);
	}
	return key;
}

struct slice
plan_unit_subject(const struct plan *p, const struct plan_unit *u)
{
	struct slice key = { NULL, 0 };

	for (uint32_t i = 0; i < plan_unit_files(p, u) && key.len == 0; i++)
		key = plan_subject(p, plan_unit_file(p, u, i));
	return key;
}

struct worker_file
plan_file(const struct plan *p, uint32_t file)
{
	const struct scan_file *s = &p->scan.files[file];

	return (struct worker_file){ scan_path(&p->scan, file), s->size,
		s->plan, plan_subject(p, file) };
}

static bool
same(const struct slice *a, const struct slice *b)
{
	return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

int
plan_is_of(
    struct plan *p, uint32_t file, const struct slice *key, struct fault *f)
{
	size_t at = p->persons.len;

	if (at >= UINT32_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than 4 GiB of persons' keys");
	if (put_slice(&p->persons, key->at, key->len, f) != 0)
		return -1;
	p->whose[file] = (uint32_t)at + 1;
	return 0;
}

int
plan_named_by(
    struct plan *p, uint32_t file, const struct slice *key, struct fault *f)
{
	const struct subject_rule *s = rule_of(p, file);
	struct slice was = plan_subject(p, file);

	if (s == NULL || s->by != SUBJECT_REF)
		return 0;
	if (was.len == 0)
		return plan_is_of(p, file, key, f);
	if (same(&was, key))
		return 0;
	(void)fault_set(f, FAULT_POLICY,
	    "%s: records of two persons name it (subject, %s:%u), and an item "
	    "is about one",
	    scan_path(&p->scan, file), p->policy->name, s->line);
	return fault_hint(f,
	    "leave it behind with a rule of its own: exclude; or say whose it "
	    "is by its path; or, if it is nobody's, without that subject");
}

/* Every file that is to be named is. */
static int
check_named(const struct plan *p, struct fault *f)
{
	for (uint32_t i = 0; i < p->scan.n; i++) {
		const struct plan_one *one = &p->plans[p->scan.files[i].plan];
		const struct subject_rule *s = rule_of(p, i);

		if (s == NULL || s->by != SUBJECT_REF ||
		    one->plan.exclude != NULL || p->whose[i] != 0)
			continue;
		(void)fault_set(f, FAULT_POLICY,
		    "%s: no record names it, so that nobody knows whom it is "
		    "about (subject, %s:%u)",
		    scan_path(&p->scan, i), p->policy->name, s->line);
		return fault_hint(f,
		    "a row with a subject names it by item_ref; or leave it "
		    "behind with a rule of its own: exclude");
	}
	return 0;
}

/* The files of one item are about one person. */
static int
check_bundles(const struct plan *p, struct fault *f)
{
	for (uint32_t i = 0; i < p->nbundles; i++) {
		const struct plan_bundle *d = &p->bundles[i];
		struct slice first = { NULL, 0 }, id = plan_bundle_id(p, d);

		for (uint32_t k = 0; k < d->n; k++) {
			uint32_t file = p->members[d->first + k];
			struct slice key = plan_subject(p, file);

			if (first.len == 0)
				first = key;
			if (key.len == 0 || same(&first, &key))
				continue;
			(void)fault_set(f, FAULT_POLICY,
			    "%.*s: its files are about two persons, and it is "
			    "one item",
			    (int)id.len, (const char *)id.at);
			return fault_hint(f,
			    "without item: folder, series or study each file "
			    "is an item");
		}
	}
	return 0;
}

int
plan_whose(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f)
{
	bool asked = plan_is_named(p);

	for (uint32_t i = 0; i < p->nplans; i++)
		asked = asked || mask_names_subject(&p->plans[i].plan);
	if (asked) {
		p->whose = mem_array(p->scan.n, sizeof(*p->whose));
		if (p->whose == NULL)
			return fault_memory(f);
		if (plan_refs_whose(p, pool, progress, f) != 0 ||
		    check_named(p, f) != 0)
			return -1;
	}
	return check_bundles(p, f);
}
