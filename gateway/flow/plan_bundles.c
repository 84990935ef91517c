/*
 * Items that are folders: which files are one item, and in which order.
 *
 * All files that lie in one folder, and whose rules say `item: folder`, are
 * one unit, so that they stay in one shard.  They come in the order of their
 * names; what labels are about, the one picture of boxes or the one text of
 * spans, comes first and speaks for the item.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

/* Does the rule of a file make it a part of a folder? */
static bool
in_folder(const struct plan *p, uint32_t file)
{
	const struct file_plan *plan = &p->plans[p->scan.files[file].plan].plan;

	return plan->exclude == NULL && plan->unit == ITEM_FOLDER;
}

/* Is it what labels of the contract are about? */
static bool
is_main(const struct plan *p, uint32_t file)
{
	const struct label_contract *l = &p->policy->labels;
	enum file_type type = p->plans[p->scan.files[file].plan].plan.type;

	if (!l->given)
		return false;
	return (l->kind == LABEL_BOXES &&
		   (type == TYPE_JPEG || type == TYPE_PNG)) ||
	       (l->kind == LABEL_SPANS && type == TYPE_TEXT);
}

static int
compare_folders(const struct plan *p, uint32_t a, uint32_t b)
{
	const char *x = scan_path(&p->scan, a), *y = scan_path(&p->scan, b);
	size_t n = package_folder_len(x), m = package_folder_len(y);
	int order = memcmp(x, y, n < m ? n : m);

	return order != 0 ? order : n < m ? -1 : n > m;
}

static int
by_folder(const void *x, const void *y, void *arg)
{
	const uint32_t *a = x, *b = y;
	const struct plan *p = arg;
	int order = compare_folders(p, *a, *b);

	if (order == 0)
		order = is_main(p, *b) - is_main(p, *a);
	return order != 0 ? order : *a < *b ? -1 : *a > *b;
}

static int
list_members(struct plan *p, struct fault *f)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->scan.n; i++)
		n += in_folder(p, i);
	if (n == 0)
		return 0;
	if ((p->members = mem_array(n, sizeof(*p->members))) == NULL ||
	    (p->folders = mem_array(n, sizeof(*p->folders))) == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < p->scan.n; i++) {
		if (!in_folder(p, i))
			continue;
		if (package_folder_len(scan_path(&p->scan, i)) == 0) {
			(void)fault_set(f, FAULT_POLICY,
			    "%s: an item that is a folder, and it lies in none",
			    scan_path(&p->scan, i));
			return fault_hint(f,
			    "give it a rule of its own, without item: folder");
		}
		p->members[p->nmembers++] = i;
	}
	qsort_r(p->members, n, sizeof(*p->members), by_folder, p);
	return 0;
}

/* One box or span must be about one file. */
static int
judge(const struct plan *p, const struct plan_folder *d, struct fault *f)
{
	const char *path = scan_path(&p->scan, p->members[d->first]);
	int len = (int)package_folder_len(path);
	uint32_t mains = 0;

	for (uint32_t i = 0; i < d->n; i++)
		mains += is_main(p, p->members[d->first + i]);
	if (mains > 1) {
		(void)fault_set(f, FAULT_POLICY,
		    "%.*s: %u %s in one item: a label would not say which", len,
		    path, (unsigned)mains,
		    p->policy->labels.kind == LABEL_BOXES ? "pictures"
							  : "texts");
		return fault_hint(
		    f, "labels of kind: class, or without item: folder");
	}
	if (d->n > PACKAGE_FOLDER_MAX)
		return fault_set(f, FAULT_INPUT,
		    "%.*s: more than %u files in one item", len, path,
		    PACKAGE_FOLDER_MAX);
	return 0;
}

int
plan_folders(struct plan *p, struct fault *f)
{
	if (list_members(p, f) != 0)
		return -1;
	for (uint32_t i = 0; i < p->nmembers; i++) {
		struct plan_folder *d = &p->folders[p->nfolders];

		if (i == 0 ||
		    compare_folders(p, p->members[i - 1], p->members[i]) != 0) {
			*d = (struct plan_folder){ .first = i,
				.lowest = p->members[i] };
			p->nfolders++;
		} else {
			d--;
		}
		d->n++;
		if (p->members[i] < d->lowest)
			d->lowest = p->members[i];
	}
	for (uint32_t i = 0; i < p->nfolders; i++)
		if (judge(p, &p->folders[i], f) != 0)
			return -1;
	return 0;
}

bool
plan_has_folder(const struct plan *p, const char *path)
{
	uint32_t low = 0, high = p->nfolders;
	size_t len = strlen(path);

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const char *at =
		    scan_path(&p->scan, p->members[p->folders[mid].first]);
		size_t n = package_folder_len(at);
		int order = memcmp(at, path, n < len ? n : len);

		if (order == 0 && n == len)
			return true;
		if (order < 0 || (order == 0 && n < len))
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

uint32_t
plan_unit_files(const struct plan *p, const struct plan_unit *u)
{
	return u->folder == 0 ? 1 : p->folders[u->folder - 1].n;
}

uint32_t
plan_unit_file(const struct plan *p, const struct plan_unit *u, uint32_t i)
{
	return u->folder == 0 ? u->file
			      : p->members[p->folders[u->folder - 1].first + i];
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
