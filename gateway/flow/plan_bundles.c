/*
 * Items of several files: which files are one item, and in which order.
 *
 *     item: folder            the files that lie in one folder
 *     item: series, study     those with one UID (plan_series.c)
 *
 * A bundle is one unit, so that its files stay in one shard, and known by its
 * original id: the folder's path, or the UID.  The files come in the order of
 * their numbers, where they have some, and names; what labels are about, the
 * one picture of boxes or the one text of spans, comes first and speaks for
 * the item.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

static const struct file_plan *
plan_of(const struct plan *p, uint32_t file)
{
	return &p->plans[p->scan.files[file].plan].plan;
}

bool
plan_is_several(const struct file_plan *plan)
{
	return plan->exclude == NULL && plan->unit >= ITEM_FOLDER;
}

/* Is it what labels of the contract are about? */
static bool
is_main(const struct plan *p, uint32_t file)
{
	const struct label_contract *l = &p->policy->labels;
	enum file_type type = plan_of(p, file)->type;

	if (!l->given)
		return false;
	return (l->kind == LABEL_BOXES && type > TYPE_TEXT) ||
	       (l->kind == LABEL_SPANS && type == TYPE_TEXT);
}

/* Up to the last slash of its path; empty for a file in no folder. */
static struct slice
folder_of(const struct plan *p, uint32_t file)
{
	const char *path = scan_path(&p->scan, file);
	const char *slash = strrchr(path, '/');

	return (struct slice){ (const uint8_t *)path,
		slash == NULL ? 0 : (size_t)(slash - path) };
}

/* The original id of the item that the file is one of several of. */
static struct slice
id_of(const struct plan *p, uint32_t file)
{
	return plan_of(p, file)->unit == ITEM_FOLDER ? folder_of(p, file)
						     : plan_series_uid(p, file);
}

static int
compare_ids(const struct slice *a, const struct slice *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int order = n == 0 ? 0 : memcmp(a->at, b->at, n);

	return order != 0 ? order : a->len < b->len ? -1 : a->len > b->len;
}

static int
by_id(const void *x, const void *y, void *arg)
{
	const uint32_t *a = x, *b = y;
	const struct plan *p = arg;
	struct slice i = id_of(p, *a), j = id_of(p, *b);
	uint32_t n = plan_series_number(p, *a), m = plan_series_number(p, *b);
	int order = compare_ids(&i, &j);

	if (order == 0)
		order = is_main(p, *b) - is_main(p, *a);
	if (order == 0 && n != m)
		order = n < m ? -1 : 1;
	return order != 0 ? order : *a < *b ? -1 : *a > *b;
}

static int
list_members(struct plan *p, struct fault *f)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->scan.n; i++)
		n += plan_is_several(plan_of(p, i));
	if (n == 0)
		return 0;
	if ((p->members = mem_array(n, sizeof(*p->members))) == NULL ||
	    (p->bundles = mem_array(n, sizeof(*p->bundles))) == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < p->scan.n; i++) {
		if (!plan_is_several(plan_of(p, i)))
			continue;
		if (id_of(p, i).len == 0) {
			(void)fault_set(f, FAULT_POLICY,
			    "%s: an item that is a folder, and it lies in none",
			    scan_path(&p->scan, i));
			return fault_hint(f,
			    "give it a rule of its own, without item: folder");
		}
		p->members[p->nmembers++] = i;
	}
	qsort_r(p->members, n, sizeof(*p->members), by_id, p);
	return 0;
}

/* An original id is one item's: no folder, no other kind of item and no file
 * may have a UID for a name. */
static int
judge_id(const struct plan *p, const struct plan_bundle *d, struct fault *f)
{
	struct slice id = id_of(p, p->members[d->first]);
	char text[MASK_UID_CHARS + 1];
	uint32_t file;
	bool twice = false;

	for (uint32_t i = 1; i < d->n; i++)
		twice = twice || plan_of(p, p->members[d->first + i])->unit !=
				     plan_of(p, p->members[d->first])->unit;
	if (!twice && plan_of(p, p->members[d->first])->unit != ITEM_FOLDER) {
		memcpy(text, id.at, id.len);
		text[id.len] = '\0';
		twice = scan_find(&p->scan, text, &file) &&
			plan_of(p, file)->exclude == NULL;
	}
	if (!twice)
		return 0;
	return fault_set(f, FAULT_INPUT,
	    "%.*s: two items would be known by it: a series, a study, a folder "
	    "or a file",
	    (int)id.len, (const char *)id.at);
}

/* One box or span must be about one file. */
static int
judge(const struct plan *p, const struct plan_bundle *d, struct fault *f)
{
	struct slice id = id_of(p, p->members[d->first]);
	const char *text = (const char *)id.at;
	uint32_t mains = 0;

	for (uint32_t i = 0; i < d->n; i++)
		mains += is_main(p, p->members[d->first + i]);
	if (mains > 1) {
		(void)fault_set(f, FAULT_POLICY,
		    "%.*s: %u %s in one item: a label would not say which",
		    (int)id.len, text, (unsigned)mains,
		    p->policy->labels.kind == LABEL_BOXES ? "pictures"
							  : "texts");
		return fault_hint(
		    f, "labels of kind: class, or items that are files");
	}
	if (d->n > PACKAGE_FILES_MAX)
		return fault_set(f, FAULT_INPUT,
		    "%.*s: more than %u files in one item", (int)id.len, text,
		    PACKAGE_FILES_MAX);
	return judge_id(p, d, f);
}

int
plan_bundles(struct plan *p, struct fault *f)
{
	if (list_members(p, f) != 0)
		return -1;
	for (uint32_t i = 0; i < p->nmembers; i++) {
		struct plan_bundle *d = &p->bundles[p->nbundles];
		struct slice id = id_of(p, p->members[i]), last;

		if (i > 0)
			last = id_of(p, p->members[i - 1]);
		if (i == 0 || compare_ids(&last, &id) != 0) {
			*d = (struct plan_bundle){ .first = i,
				.lowest = p->members[i] };
			p->nbundles++;
		} else {
			d--;
		}
		d->n++;
		if (p->members[i] < d->lowest)
			d->lowest = p->members[i];
	}
	for (uint32_t i = 0; i < p->nbundles; i++)
		if (judge(p, &p->bundles[i], f) != 0)
			return -1;
	return 0;
}

bool
plan_bundle_find(const struct plan *p, const char *id, uint32_t *file)
{
	const struct slice want = slice_of_text(id);
	uint32_t low = 0, high = p->nbundles;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		struct slice at = id_of(p, p->members[p->bundles[mid].first]);
		int order = compare_ids(&at, &want);

		if (order == 0) {
			*file = p->bundles[mid].lowest;
			return true;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

struct slice
plan_bundle_id(const struct plan *p, const struct plan_bundle *d)
{
	return id_of(p, p->members[d->first]);
}

/* -- Units ---------------------------------------------------------------- */

struct slice
plan_unit_original(const struct plan *p, const struct plan_unit *u)
{
	return u->bundle == 0 ? slice_of_text(scan_path(&p->scan, u->file))
			      : plan_bundle_id(p, &p->bundles[u->bundle - 1]);
}

uint32_t
plan_unit_files(const struct plan *p, const struct plan_unit *u)
{
	return u->bundle == 0 ? 1 : p->bundles[u->bundle - 1].n;
}

uint32_t
plan_unit_file(const struct plan *p, const struct plan_unit *u, uint32_t i)
{
	return u->bundle == 0 ? u->file
			      : p->members[p->bundles[u->bundle - 1].first + i];
}

uint64_t
plan_unit_size(const struct plan *p, const struct plan_unit *u)
{
	uint64_t size = 0;

	if (u->part != PLAN_WHOLE)
		return p->parts[u->part].to - p->parts[u->part].from;
	for (uint32_t i = 0; i < plan_unit_files(p, u); i++)
		size += p->scan.files[plan_unit_file(p, u, i)].size;
	return size;
}
