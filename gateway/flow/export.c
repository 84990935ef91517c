/*
 * A batch from a plan: begun or found again, every shard sealed and logged,
 * the manifest signed.
 *
 * The order of things is what survives a crash.  The batch is logged before a
 * shard is; a shard once its objects are durable; the manifest once all shards
 * are.  Whoever runs it again finds the open batch by what it was begun with,
 * throws away what is not logged, and goes on.
 */

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "gateway/flow/export_golden_internal.h"
#include "gateway/flow/export_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* ---- Begin ---- */

static json_t *
names_json(const struct names *names)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < names->n; i++)
		if (json_array_append_new(list, json_string(names->at[i])) !=
		    0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static int
by_text(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* Types sorted and each once, as the log has them. */
static json_t *
types_json(const struct names *names, struct fault *f)
{
	char **sorted = mem_array(names->n, sizeof(*sorted));
	struct names once = { sorted, 0 };
	json_t *list;

	if (sorted == NULL) {
		(void)fault_memory(f);
		return NULL;
	}
	if (names->n > 0) {
		memcpy(sorted, names->at, names->n * sizeof(*sorted));
		qsort(sorted, names->n, sizeof(*sorted), by_text);
	}
	for (size_t i = 0; i < names->n; i++)
		if (once.n == 0 || strcmp(sorted[once.n - 1], sorted[i]) != 0)
			sorted[once.n++] = sorted[i];
	if ((list = names_json(&once)) == NULL)
		(void)fault_memory(f);
	mem_free(sorted);
	return list;
}

/* What the policy says under legal:, null when it has none. */
static int
set_terms(json_t *in, const struct policy *y, struct fault *f)
{
	json_t *terms;

	if (legal_terms_json(&terms, &y->legal, f) != 0)
		return -1;
	return json_object_set_new(in, "terms", terms) == 0 ? 0
							    : fault_memory(f);
}

/* Whom it takes to share with the vendor. */
static int
set_colluding(json_t *in, const struct policy *y, struct fault *f)
{
	json_t *list = names_json(&y->colluding);

	return json_object_set_new(in, "colluding", list) == 0
		   ? 0
		   : fault_memory(f);
}

int
export_check(struct keeper *k, const struct plan *p, const char *vendor,
    json_t **decision, struct fault *f)
{
	json_t *types = types_json(&p->policy->agreements, f), *in, *out;
	int rc;

	if (types == NULL)
		return -1;
	in = json_pack("{s:s,s:o}", "vendor", vendor, "agreements", types);
	if (in == NULL)
		return fault_memory(f);
	if (set_terms(in, p->policy, f) != 0 ||
	    set_colluding(in, p->policy, f) != 0) {
		json_decref(in);
		return -1;
	}
	if (keeper_ask(k, KEEPER_BATCH_CHECK, in, &out, f) != 0)
		return -1;
	rc = doc_object(out, "decision", decision, f);
	if (rc == 0)
		(void)json_incref(*decision);
	json_decref(out);
	return rc;
}

json_t *
export_hex(const uint8_t digest[DIGEST_BYTES])
{
	char hex[DIGEST_CHARS + 1];

	hex_write(hex, digest, DIGEST_BYTES);
	return json_string(hex);
}

static int
set_options(const struct story *s, json_t *in, struct fault *f)
{
	const struct label_contract *l = &s->o->plan->policy->labels;
	const struct golden_lines *g = s->o->golden;

	if (s->o->name != NULL &&
	    json_object_set_new(in, "name", json_string(s->o->name)) != 0)
		return fault_memory(f);
	if (g != NULL &&
	    json_object_set_new(in, "golden",
		json_pack("{s:s,s:I,s:o}", "metric",
		    golden_metric_name(l->metric), "pass", (json_int_t)l->pass,
		    "lines", export_hex(g->digest))) != 0)
		return fault_memory(f);
	return 0;
}

static int
ask_begun(struct story *s, json_t *in, struct fault *f)
{
	int give[2], lines = -1, rc;
	struct keeper_fds fds = { .give = give };

	if (s->o->golden != NULL) {
		if (golden_fd(s->o->golden, &lines, f) != 0) {
			json_decref(in);
			return -1;
		}
		give[fds.ngive++] = lines;
	}
	if (s->exposure.holdings != -1)
		give[fds.ngive++] = s->exposure.holdings;
	rc = keeper_ask_fds(
	    s->o->keeper, KEEPER_BATCH_BEGIN, in, &fds, &s->begun, f);
	file_close(&lines);
	return rc;
}

static int
begin(struct story *s, struct fault *f)
{
	const struct plan *p = s->o->plan;
	const struct policy *y = p->policy;
	json_t *in, *types = types_json(&y->agreements, f);

	if (types == NULL)
		return -1;
	in = json_pack("{s:s,s:s,s:s%,s:o,s:s,s:o,s:s?,s:I,s:b}", "vendor",
	    s->o->vendor, "project", y->project, "policy",
	    (const char *)p->text.at, p->text.len, "plan",
	    export_hex(p->digest), "source", p->scan.source, "agreements",
	    types, "approve",
	    !y->approve_given  ? NULL
	    : y->two_approvers ? "two"
			       : "self",
	    "retention", (json_int_t)y->retention, "offline", y->offline);
	if (in == NULL || json_object_set_new(in, "plan_approved",
			      json_boolean(y->plan_approved)) != 0) {
		json_decref(in);
		return fault_memory(f);
	}
	if (set_options(s, in, f) != 0 || set_terms(in, y, f) != 0 ||
	    export_set_risk(s, in, f) != 0) {
		json_decref(in);
		return -1;
	}
	return ask_begun(s, in, f);
}

/* What the keeper said, where the sealing looks for it. */
static int
note_begun(struct story *s, struct fault *f)
{
	const char *batch;

	if (doc_text(s->begun, "batch", &batch, f) != 0 ||
	    doc_text(s->begun, "returns", &s->x.returns, f) != 0)
		return -1;
	s->x.recovery =
	    json_string_value(json_object_get(s->begun, "recovery"));
	(void)snprintf(s->x.batch, sizeof(s->x.batch), "%s", batch);
	return 0;
}

/* ---- The drafts' folder, one export at a time ---- */

static int
open_drafts(struct story *s, struct fault *f)
{
	char path[sizeof("drafts/") + ID_CHARS];

	(void)snprintf(path, sizeof(path), "drafts/%s", s->x.batch);
	if (folder_open(AT_FDCWD, s->o->home, &s->x.home, f) != 0 ||
	    folder_make(s->x.home, path, f) != 0 ||
	    folder_open(s->x.home, path, &s->x.drafts, f) != 0)
		return -1;
	if (flock(s->x.drafts, LOCK_EX | LOCK_NB) != 0)
		return fault_set(
		    f, FAULT_USAGE, "another export of this batch is running");
	return 0;
}

static void
close_drafts(struct story *s, bool remove)
{
	char path[sizeof("drafts/") + ID_CHARS];

	(void)snprintf(path, sizeof(path), "drafts/%s", s->x.batch);
	if (remove && s->x.home != -1)
		(void)unlinkat(s->x.home, path, AT_REMOVEDIR);
	file_close(&s->x.drafts);
	file_close(&s->x.home);
}

/* ---- What is logged already ---- */

static int
read_logged(struct story *s, struct fault *f)
{
	const char *state;
	json_t *answer;
	int rc;

	if (keeper_ask(s->o->keeper, KEEPER_BATCH_SHARDS,
		json_pack("{s:s}", "batch", s->x.batch), &answer, f) != 0)
		return -1;
	json_decref(s->shards);
	s->shards = NULL;
	rc = doc_list(answer, "shards", &s->shards, f);
	if (rc == 0)
		(void)json_incref(s->shards);
	if (rc == 0 && (rc = doc_text(answer, "state", &state, f)) == 0)
		s->open = strcmp(state, "open") == 0;
	json_decref(answer);
	return rc;
}

static bool
is_logged(void *arg, const char *hex)
{
	static const char *const keys[] = { "object", "index", "join" };
	const struct story *s = arg;
	json_t *one;
	size_t i;

	json_array_foreach(s->shards, i, one) for (size_t k = 0; k < 3; k++)
	{
		const char *text =
		    json_string_value(json_object_get(one, keys[k]));

		if (text != NULL && strcmp(text, hex) == 0)
			return true;
	}
	return false;
}

static int
note_done(struct story *s, struct fault *f)
{
	struct export *x = &s->x;
	json_t *one;
	uint64_t n;
	size_t i;

	if ((x->done = mem_array(x->layout.nshards, sizeof(*x->done))) == NULL)
		return fault_memory(f);
	json_array_foreach(s->shards, i, one)
	{
		if (doc_number(one, "n", x->layout.nshards - 1, &n, f) != 0)
			return fault_at(f, "batch %s", x->batch);
		x->done[n] = true;
	}
	return 0;
}

/* ---- What exports of other batches have left ---- */

/* A batch that was withdrawn while it was open is not gone on with. */
static int
sweep_ended(struct story *s, const char *batch, struct fault *f)
{
	struct story other = { .o = s->o };
	char path[sizeof("drafts/") + ID_CHARS];
	struct fault none = { 0 };
	int drafts = -1, rc = 0;

	memcpy(other.x.batch, batch, ID_CHARS);
	(void)snprintf(path, sizeof(path), "drafts/%s", other.x.batch);
	if (read_logged(&other, &none) != 0) {
		if (none.kind == FAULT_INPUT)
			return 0; /* no batch of ours */
		*f = none;
		return -1;
	}
	if (!other.open && folder_open(s->x.home, path, &drafts, f) == 0 &&
	    flock(drafts, LOCK_EX | LOCK_NB) == 0) {
		rc = settle_sweep(s->x.home, drafts, is_logged, &other, f);
		(void)unlinkat(s->x.home, path, AT_REMOVEDIR);
	}
	file_close(&drafts);
	json_decref(other.shards);
	return rc;
}

static int
sweep_others(struct story *s, struct fault *f)
{
	const struct dirent *e;
	DIR *d;
	int fd, rc = 0;

	if (folder_open(s->x.home, "drafts", &fd, f) != 0)
		return -1;
	if ((d = fdopendir(fd)) == NULL) {
		file_close(&fd);
		return fault_errno(f, "drafts");
	}
	while (rc == 0 && (e = readdir(d)) != NULL)
		if (id_valid(e->d_name, 'b') &&
		    strcmp(e->d_name, s->x.batch) != 0)
			rc = sweep_ended(s, e->d_name, f);
	(void)closedir(d);
	return rc;
}

/* ---- All of it ---- */

static int
seal_shards(struct story *s, struct fault *f)
{
	struct crew_keys *keys = &s->x.keys;
	struct pool_options crew = {
		.role = "worker", .state = keys, .ready = crew_hand_keys
	};

	keys->keeper = s->x.keeper;
	keys->about = json_pack("{s:s}", "batch", s->x.batch);
	if (keys->about == NULL)
		return fault_memory(f);
	if (crew_keys_of_plan(keys, s->x.plan, f) != 0 ||
	    pool_new(&s->pool, &crew, f) != 0 ||
	    export_layout(&s->x, s->pool, f) != 0 || note_done(s, f) != 0)
		return -1;
	return export_shards(&s->x, s->pool, f);
}

/* What was made, of what the keeper said and the shards are. */
static int
tell(struct story *s, const json_t *sealed, json_t **out, struct fault *f)
{
	json_t *countries =
	    json_object_get(json_object_get(s->begun, "decision"), "countries");
	uint64_t items = 0, bytes = 0;
	json_t *one, *o;
	size_t i;

	json_array_foreach(s->shards, i, one)
	{
		items +=
		    (uint64_t)json_integer_value(json_object_get(one, "items"));
		bytes +=
		    (uint64_t)json_integer_value(json_object_get(one, "bytes"));
	}
	o = json_pack("{s:s,s:O,s:s,s:O,s:I,s:I,s:I,s:I}", "batch", s->x.batch,
	    "name", json_object_get(s->begun, "name"), "state",
	    sealed != NULL
		? "sealed"
		: json_string_value(json_object_get(s->begun, "state")),
	    "resumed", json_object_get(s->begun, "resumed"), "shards",
	    (json_int_t)json_array_size(s->shards), "items", (json_int_t)items,
	    "bytes", (json_int_t)bytes, "files", (json_int_t)s->o->plan->files);
	if (o == NULL ||
	    (countries != NULL &&
		json_object_set(o, "countries", countries) != 0) ||
	    (sealed != NULL && json_object_set(o, "manifest",
				   json_object_get(sealed, "manifest")) != 0)) {
		json_decref(o);
		return fault_memory(f);
	}
	*out = o;
	return 0;
}

static int
carry_out(struct story *s, json_t **out, struct fault *f)
{
	json_t *sealed = NULL;
	int rc = -1;

	if (export_exposure(s, f) != 0 || begin(s, f) != 0 ||
	    note_begun(s, f) != 0 || read_logged(s, f) != 0)
		return -1;
	if (!s->open) /* it was done before */
		return tell(s, NULL, out, f);
	/* Another export may have gone on with it until we had its folder. */
	if (open_drafts(s, f) != 0 || read_logged(s, f) != 0)
		return -1;
	if (!s->open)
		return tell(s, NULL, out, f);
	if (sweep_others(s, f) != 0 ||
	    settle_sweep(s->x.home, s->x.drafts, is_logged, s, f) != 0 ||
	    seal_shards(s, f) != 0)
		return -1;
	if (read_logged(s, f) == 0 && export_seal(s, &sealed, f) == 0 &&
	    tell(s, sealed, out, f) == 0) {
		close_drafts(s, true);
		rc = 0;
	}
	json_decref(sealed);
	return rc;
}

static int
nothing(const struct plan *p, struct fault *f)
{
	bool stay = p->nstay > 0;

	return fault_set(f, FAULT_INPUT, "%s: nothing %s leaves",
	    p->scan.source, stay ? "that was asked for" : "in it");
}

int
export_batch(json_t **out, const struct export_options *o, struct fault *f)
{
	struct story s = { .o = o,
		.x = { .plan = o->plan,
		    .keeper = o->keeper,
		    .vendor = o->vendor,
		    .home = -1,
		    .drafts = -1,
		    .progress = o->progress },
		.exposure = { .plan = o->plan,
		    .keeper = o->keeper,
		    .vendor = o->vendor,
		    .progress = o->progress,
		    .holdings = -1 } };
	int rc;

	if (o->plan->nunits == 0)
		return nothing(o->plan, f);
	rc = carry_out(&s, out, f);
	pool_free(s.pool);
	close_drafts(&s, false);
	package_layout_free(&s.x.layout);
	mem_free(s.x.done);
	crew_keys_free(&s.x.keys);
	exposure_free(&s.exposure);
	json_decref(s.begun);
	json_decref(s.shards);
	return rc;
}
