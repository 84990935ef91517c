/* The rows of a population, counted into the table that is measured. */

#include <string.h>

#include "gateway/flow/worker_risk_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"

/* Lines of a census: how many persons each stands for. */
#define COUNT_MAX ((uint64_t)1 << 40)

/* FAULT_INPUT unless the file is the one that the policy names. */
static int
check_digest(const struct mask_source *src, struct slice want, struct fault *f)
{
	uint8_t digest[DIGEST_BYTES], *buf = mem_new(65536);
	char hex[DIGEST_CHARS + 1];
	struct digest *d = NULL;
	uint64_t at = 0;
	size_t got;
	int rc = -1;

	if (buf == NULL)
		return fault_memory(f);
	if (digest_new(&d, f) != 0)
		goto out;
	do {
		if (file_read_at(src->fd, buf, 65536, at, &got, f) != 0)
			goto out;
		digest_add(d, buf, got);
		at += got;
	} while (got > 0);
	digest_end(d, digest);
	if (want.len == sizeof(digest) &&
	    memcmp(digest, want.at, sizeof(digest)) == 0) {
		rc = 0;
	} else {
		hex_write(hex, digest, sizeof(digest));
		(void)fault_set(f, FAULT_INPUT,
		    "%s is not the file that the policy names", src->path);
		(void)fault_hint(f, "if it is to be this one: sha256: %s", hex);
	}
out:
	digest_free(d);
	mem_free(buf);
	return rc;
}

/* Fields of its plan: the quasi-identifiers in the order of the table's
 * columns, and behind them the count. */
struct counting {
	size_t fields[RISK_QUASI_MAX + 1];
	size_t n; /* quasi-identifiers */
	bool counted;
};

static int
take_columns(struct reader *r, const struct file_plan *plan, struct counting *c,
    struct fault *f)
{
	uint32_t at;
	uint16_t n;

	if (take_u16(r, &n, f) != 0)
		return -1;
	if (n > RISK_QUASI_MAX)
		return fault_set(f, FAULT_SYSTEM, "@worker: too many columns");
	for (c->n = 0; c->n < n; c->n++) {
		if (take_u32(r, &at, f) != 0)
			return -1;
		if (at >= plan->nfields)
			return fault_set(f, FAULT_SYSTEM, "@worker: no field");
		c->fields[c->n] = at;
	}
	if (take_u32(r, &at, f) != 0)
		return -1;
	c->counted = at != RISK_GONE_FIELD;
	if (c->counted && at >= plan->nfields)
		return fault_set(f, FAULT_SYSTEM, "@worker: no field");
	if (c->counted)
		c->fields[n] = at;
	return take_end(r, f);
}

static int
add_row(struct risk_table *t, const struct counting *c,
    const struct mask_row *row, const struct slice *sent, const char *path,
    struct fault *f)
{
	const struct slice *said = &sent[c->n];
	uint64_t count = 1;

	if (c->counted &&
	    !u64_read(&count, (const char *)said->at, said->len, COUNT_MAX))
		return fault_set(f, FAULT_INPUT,
		    "%s: record %llu: the count is no whole number", path,
		    (unsigned long long)row->number);
	return risk_table_add_population(t, count, sent, f);
}

static int
add_rows(struct risk_table *t, const struct counting *c,
    const struct mask_source *src, struct fault *f)
{
	struct slice sent[RISK_QUASI_MAX + 1], found[RISK_QUASI_MAX + 1];
	struct mask_look look = { .fields = c->fields,
		.n = c->n + c->counted,
		.sent = sent,
		.found = found };
	struct mask_rows *rows = NULL;
	struct mask_row row;
	bool end = false;
	int rc = -1;

	if (mask_rows_open(&rows, src, NULL, NULL, f) != 0)
		return -1;
	for (;;) {
		if (mask_rows_look(rows, &row, &look, &end, f) != 0)
			goto out;
		if (end)
			break;
		if (add_row(t, c, &row, sent, src->path, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(rows);
	return rc;
}

int
worker_risk_population(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct worker_source s = { .src.fd = -1 };
	struct file_plan plan = { .nfields = 0 };
	const struct transform_key **keys = NULL;
	struct mask_keys given = { .nfields = 0 };
	struct counting c;
	struct slice digest;
	int rc = -1;

	if (w->risk == NULL)
		return fault_set(f, FAULT_SYSTEM, "@worker: measures nothing");
	if (take_slice(&a->in, DIGEST_BYTES, &digest, f) != 0 ||
	    worker_take_file(a, 0, &s, f) != 0 ||
	    file_plan_take(&a->in, &plan, f) != 0 ||
	    take_columns(&a->in, &plan, &c, f) != 0 ||
	    check_digest(&s.src, digest, f) != 0 ||
	    measuring_keys(w->risk, &plan, &keys, f) != 0)
		goto out;
	given.field = keys;
	given.nfields = plan.keys.n;
	s.src.plan = &plan;
	s.src.keys = &given;
	rc = add_rows(w->risk->sent, &c, &s.src, f);
out:
	mem_free(keys);
	file_plan_free(&plan);
	worker_source_close(&s);
	return rc;
}
