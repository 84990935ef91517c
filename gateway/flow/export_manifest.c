/* The manifest of a batch, written here out of what is logged, signed by the
 * keeper once it agrees. */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/flow/export_internal.h"
#include "gateway/flow/risk_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"

static int
fill_shards(struct story *s, struct manifest *m, struct fault *f)
{
	json_t *one;
	size_t i;

	m->nshards = json_array_size(s->shards);
	m->shards = mem_array(m->nshards, sizeof(*m->shards));
	if (m->shards == NULL)
		return fault_memory(f);
	json_array_foreach(s->shards, i, one)
	{
		struct manifest_shard *to = &m->shards[i];

		if (doc_hex(one, "object", to->sha256, DIGEST_BYTES, f) != 0 ||
		    doc_number(one, "bytes", INT64_MAX, &to->bytes, f) != 0 ||
		    doc_number(one, "items", INT64_MAX, &to->items, f) != 0 ||
		    doc_hex(one, "index", to->index_sha256, DIGEST_BYTES, f) !=
			0 ||
		    doc_number(one, "index_bytes", INT64_MAX, &to->index_bytes,
			f) != 0)
			return -1;
	}
	return 0;
}

static int
fill_labels(struct story *s, struct manifest *m, struct fault *f)
{
	const struct label_contract *l = &s->o->plan->policy->labels;

	m->has_labels = l->given;
	m->labels.kind = l->kind;
	m->labels.classes = l->classes.at; /* borrowed for the writing */
	m->labels.nclasses = l->classes.n;
	m->labels.unanswered_negative = l->unanswered_negative;
	m->labels.golden = s->o->golden != NULL;
	m->labels.metric = l->metric;
	m->labels.pass = l->pass;
	return s->o->golden == NULL ? 0
				    : doc_hex(s->begun, "golden",
					  m->labels.root, DIGEST_BYTES, f);
}

static int
by_bytes(const void *x, const void *y)
{
	return memcmp(x, y, DIGEST_BYTES);
}

/* Which rules texts were searched by. */
static int
fill_detect(struct story *s, struct manifest *m, struct fault *f)
{
	const struct plan *p = s->o->plan;
	struct bytes all;
	struct digest *d = NULL;
	size_t n = 0;
	int rc = -1;

	bytes_init(&all, (size_t)64 << 20);
	for (uint32_t i = 0; i < p->nplans; i++)
		for (size_t k = 0; k < p->plans[i].plan.nfields; k++) {
			uint8_t one[DIGEST_BYTES];

			if (!transform_rules_digest(
				&p->plans[i].plan.fields[k].how, one))
				continue;
			if (bytes_add(&all, one, sizeof(one), f) != 0)
				goto out;
			n++;
		}
	if (n == 0) {
		rc = 0;
		goto out;
	}
	qsort(all.at, n, DIGEST_BYTES, by_bytes);
	if (digest_new(&d, f) != 0)
		goto out;
	for (size_t i = 0; i < n; i++)
		if (i == 0 ||
		    memcmp(all.at + i * DIGEST_BYTES,
			all.at + (i - 1) * DIGEST_BYTES, DIGEST_BYTES) != 0)
			digest_add(d, all.at + i * DIGEST_BYTES, DIGEST_BYTES);
	digest_end(d, m->detect);
	m->has_detect = true;
	m->has_dictionary = s->x.keys.has_dictionary;
	memcpy(m->dictionary, s->x.keys.dictionary, sizeof(m->dictionary));
	rc = 0;
out:
	digest_free(d);
	bytes_free(&all);
	return rc;
}

static int
write_manifest(struct story *s, struct bytes *out, struct fault *f)
{
	const struct policy *y = s->o->plan->policy;
	const char *log;
	struct manifest m = { .revision = 1,
		.project = y->project,
		.purpose = y->purpose,
		.retention = (uint64_t)y->retention,
		.legal = json_object_get(s->begun, "decision") };
	const struct plan *plan = s->o->plan;
	struct bytes returns, logged;
	int rc = -1;

	for (uint32_t i = 0; i < plan->nrisks; i++)
		m.suppressed += plan->risks[i].suppressed;

	bytes_init(&returns, 8192);
	bytes_init(&logged, VKEY_CHARS_MAX + 1);
	(void)snprintf(m.batch, sizeof(m.batch), "%s", s->x.batch);
	if (doc_text(s->begun, "log", &log, f) == 0 &&
	    bytes_add_text(&returns, s->x.returns, f) == 0 &&
	    bytes_end_text(&returns, f) == 0 &&
	    bytes_add_text(&logged, log, f) == 0 &&
	    bytes_end_text(&logged, f) == 0 &&
	    doc_hex(s->begun, "owner", m.owner, DIGEST_BYTES, f) == 0 &&
	    doc_time(s->begun, "begun", &m.created, f) == 0 &&
	    fill_shards(s, &m, f) == 0 && fill_labels(s, &m, f) == 0 &&
	    fill_detect(s, &m, f) == 0) {
		m.returns = (char *)returns.at;
		m.log = (char *)logged.at;
		rc = manifest_write(out, &m, f);
	}
	mem_free(m.shards); /* all else is borrowed */
	bytes_free(&returns);
	bytes_free(&logged);
	return rc;
}

int
export_seal(struct story *s, json_t **sealed, struct fault *f)
{
	struct keeper_fds fds = { .ngive = 1 };
	struct bytes text;
	int fd = -1, rc = -1;

	bytes_init(&text, DSSE_BYTES_MAX);
	if (write_manifest(s, &text, f) != 0)
		goto out;
	if ((fd = memfd_create("manifest", MFD_CLOEXEC)) == -1) {
		(void)fault_errno(f, "a file in memory");
		goto out;
	}
	if (file_write(fd, text.at, text.len, f) != 0)
		goto out;
	if (lseek(fd, 0, SEEK_SET) != 0) {
		(void)fault_errno(f, "a file in memory");
		goto out;
	}
	fds.give = &fd;
	rc = keeper_ask_fds(s->o->keeper, KEEPER_BATCH_SEAL,
	    json_pack("{s:s}", "batch", s->x.batch), &fds, sealed, f);
out:
	file_close(&fd);
	bytes_free(&text);
	return rc;
}
