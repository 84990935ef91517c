/*
 * References of one file or part, looked up and thrown away: it is masked with
 * everything else kept, so that what is read is what will be read when it
 * leaves.
 */

#include "gateway/flow/worker_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"

/* What is dropped is not read then either, and whole places stay whole. */
static void
keep_others(struct file_plan *plan)
{
	for (size_t i = 0; i < plan->nfields; i++) {
		struct plan_field *p = &plan->fields[i];
		uint32_t line = p->how.line;

		if (p->how.action == TRANSFORM_ITEM_REF ||
		    p->how.action == TRANSFORM_DROP || p->whole)
			continue;
		transform_free(&p->how);
		p->how.action = TRANSFORM_KEEP;
		p->how.line = line;
	}
}

static int
ignore(void *arg, const void *p, size_t len, struct fault *f)
{
	(void)arg;
	(void)p;
	(void)len;
	(void)f;
	return 0;
}

static int
look_up_file(const struct mask_source *src, struct fault *f)
{
	struct mask_change change;
	int rc;

	mask_change_init(&change, false);
	rc = mask_file(src, (struct mask_sink){ ignore, NULL }, &change, f);
	mask_change_free(&change);
	return rc;
}

static int
look_up_rows(const struct mask_source *src, const struct mask_part *part,
    struct fault *f)
{
	struct mask_rows *m = NULL;
	struct mask_row row;
	struct bytes out;
	bool end = false;
	int rc = -1;

	bytes_init(&out, 8 * (size_t)MASK_RECORD_MAX);
	if (mask_rows_open(&m, src, part, NULL, f) != 0)
		return -1;
	while (!end) {
		bytes_reset(&out);
		if (mask_rows_next(m, &row, &out, &end, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(m);
	bytes_free(&out);
	return rc;
}

int
worker_refs(void *state, struct asked *a, struct fault *f)
{
	struct file_plan plan = { .nfields = 0 };
	struct mask_fresh fresh = { .n = 0 };
	struct package_refs *refs = NULL;
	struct worker_source s;
	struct mask_part part;
	uint8_t rows;
	int table = -1, rc = -1;

	(void)state;
	if (worker_take_file(a, 0, &s, f) != 0 ||
	    message_fd(a->request, 1, &table, f) != 0 ||
	    file_plan_take(&a->in, &plan, f) != 0 ||
	    take_u8(&a->in, &rows, f) != 0 ||
	    (rows && worker_take_part(&a->in, &part, f) != 0) ||
	    take_end(&a->in, f) != 0)
		goto out;
	keep_others(&plan);
	if (mask_fresh_make(&fresh, &plan, 1, f) != 0 ||
	    package_refs_open(&refs, table, fresh.item, f) != 0)
		goto out;
	fresh.keys[0].refs = package_refs_use(refs);
	s.src.plan = &plan;
	s.src.keys = &fresh.keys[0];
	rc = rows ? look_up_rows(&s.src, &part, f) : look_up_file(&s.src, f);
out:
	package_refs_close(refs);
	mask_fresh_free(&fresh);
	file_plan_free(&plan);
	worker_source_close(&s);
	file_close(&table);
	return rc;
}
