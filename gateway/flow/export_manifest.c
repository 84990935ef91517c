/* The manifest of a batch, written here out of what is logged, signed by the
 * keeper once it agrees. */

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

/* Which rules texts were searched by, and which names. */
static void
fill_detect(const struct story *s, struct manifest *m)
{
	const struct crew_keys *k = &s->x.keys;

	m->has_detect = k->has_rules;
	memcpy(m->detect, k->rules, sizeof(m->detect));
	m->has_dictionary = k->has_rules && k->has_dictionary;
	memcpy(m->dictionary, k->dictionary, sizeof(m->dictionary));
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
	    fill_shards(s, &m, f) == 0 && fill_labels(s, &m, f) == 0) {
		fill_detect(s, &m);
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
