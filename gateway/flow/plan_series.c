/*
 * The series and study that DICOM files are of, where these are the items:
 * workers read the UIDs, and each file's number in its series.
 *
 * UIDs are here as paths are: as they stand in the dataset.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

/* ITEM_SERIES or ITEM_STUDY; 0 for a file of another item. */
static unsigned
asks(const struct plan *p, uint32_t file)
{
	const struct file_plan *plan = &p->plans[p->scan.files[file].plan].plan;
	bool one = plan->unit == ITEM_SERIES || plan->unit == ITEM_STUDY;

	return plan->exclude == NULL && one ? plan->unit : 0;
}

struct slice
plan_series_uid(const struct plan *p, uint32_t file)
{
	const char *text;

	must(p->series != NULL && p->series[file].uid != 0);
	text = (const char *)p->uids.at + p->series[file].uid - 1;
	return slice_of_text(text);
}

uint32_t
plan_series_number(const struct plan *p, uint32_t file)
{
	return p->series == NULL ? 0 : p->series[file].number;
}

static int
begin(struct message *m, unsigned kind, struct fault *f)
{
	if (ask_begin(m, WORKER_SERIES, f) != 0)
		return -1;
	return put_u8(&m->body, kind == ITEM_STUDY, f);
}

static int
take(struct plan *p, uint32_t file, struct reader *r, struct fault *f)
{
	struct plan_series *to = &p->series[file];
	char uid[MASK_UID_CHARS + 1];
	size_t at = p->uids.len;

	if (take_text(r, uid, sizeof(uid), f) != 0 ||
	    take_u32(r, &to->number, f) != 0 ||
	    bytes_add(&p->uids, uid, strlen(uid) + 1, f) != 0)
		return -1;
	if (at >= UINT32_MAX)
		return fault_set(f, FAULT_INPUT, "more than 4 GiB of UIDs");
	to->uid = (uint32_t)at + 1;
	return 0;
}

int
plan_series(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f)
{
	const struct crew_files how = { p, pool, progress, "reading series",
		UINT64_MAX, asks, begin, take };
	bool any = false;

	for (uint32_t i = 0; i < p->scan.n && !any; i++)
		any = asks(p, i) != 0;
	if (!any)
		return 0;
	p->series = mem_array(p->scan.n, sizeof(*p->series));
	return p->series == NULL ? fault_memory(f) : crew_ask_files(&how, f);
}
