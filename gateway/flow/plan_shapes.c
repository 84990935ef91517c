/*
 * Shapes and decisions: every file is looked at by a worker, many in one
 * message, and files of one shape under one rule share one plan.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* A message ends before it has more than so many bytes to read, so that the
 * workers finish together. */
#define BATCH_BYTES ((uint64_t)32 << 20)

/* Files with many names: their shapes must fit in one answer. */
#define BATCH_NAMED 8u

struct batch {
	uint32_t files[WORKER_FILES_MAX];
	uint16_t n;
	uint32_t rule;
	uint64_t bytes;
};

struct shaping {
	struct plan *p;
	struct pool *pool;
	struct refusals *refusals;
	uint32_t *refused;  /* the file of each */
	struct fault input; /* the first file that is not what it should be */
	uint32_t input_file;
	struct batch *open;   /* by rule: being filled */
	struct batch *flying; /* by ticket: with a worker */
	size_t nflying;
	struct pool_result result;
	struct bytes plan_bytes;
	uint64_t done;
	const struct flow_progress *progress;
};

/* -- Refusals, in the order of the files --------------------------------- */

static void
keep_refusal(struct shaping *s, uint32_t file, const struct fault *why)
{
	struct refusals *r = s->refusals;
	size_t at;

	r->total++;
	if (r->n == r->max) {
		if (r->n == 0 || s->refused[r->n - 1] <= file)
			return;
		r->n--;
	}
	for (at = r->n; at > 0 && s->refused[at - 1] > file; at--) {
		r->at[at] = r->at[at - 1];
		s->refused[at] = s->refused[at - 1];
	}
	r->at[at] = *why;
	s->refused[at] = file;
	r->n++;
}

static void
keep_input(struct shaping *s, uint32_t file, const struct fault *why)
{
	if (s->input.kind != FAULT_NONE && s->input_file <= file)
		return;
	s->input = *why;
	s->input_file = file;
}

/* -- One file's decision ------------------------------------------------- */

static uint32_t
subject_of(const struct policy *policy, const char *path)
{
	struct slice key;
	const struct subject_rule *s = policy_subject(policy, path, &key);

	return s == NULL ? (uint32_t)policy->nsubjects
			 : (uint32_t)(s - policy->subjects);
}

static uint32_t
risk_of(const struct policy *policy, const char *path)
{
	const struct risk_rule *r = risk_match(policy, path);

	return (
	    uint32_t)(r == NULL ? policy->nrisks : (size_t)(r - policy->risks));
}

static uint32_t
slot_of(const struct plan *p, const uint8_t shape[DIGEST_BYTES])
{
	uint32_t at, mask = p->map_room - 1;

	memcpy(&at, shape, sizeof(at));
	for (at &= mask; p->map[at] != 0; at = (at + 1) & mask)
		if (memcmp(p->plans[p->map[at] - 1].shape, shape,
			DIGEST_BYTES) == 0)
			break;
	return at;
}

static int
grow_map(struct plan *p, struct fault *f)
{
	uint32_t *old = p->map, *map;
	uint32_t room = p->map_room == 0 ? 256 : 2 * p->map_room;

	if (p->map_room > 2 * p->nplans)
		return 0;
	if ((map = mem_array(room, sizeof(*map))) == NULL)
		return fault_memory(f);
	p->map = map;
	p->map_room = room;
	for (uint32_t i = 0; i < p->nplans; i++)
		p->map[slot_of(p, p->plans[i].shape)] = i + 1;
	mem_free(old);
	return 0;
}

/* policy_decide() said no: as a refusal, as a bad file, or for good. */
static int
keep_no(struct shaping *s, uint32_t file, const struct refusals *more,
    const struct fault *why, struct fault *f)
{
	switch (why->kind) {
	case FAULT_POLICY:
		for (size_t i = 0; i < more->n; i++)
			keep_refusal(s, file, &more->at[i]);
		s->refusals->total += more->total - more->n;
		return 0;
	case FAULT_INPUT:
		keep_input(s, file, why);
		return 0;
	default:
		*f = *why;
		return -1;
	}
}

static int
add_plan(
    struct shaping *s, uint32_t file, struct plan_one *one, struct fault *f)
{
	struct plan *p = s->p;

	bytes_reset(&s->plan_bytes);
	if (file_plan_put(&s->plan_bytes, &one->plan, f) != 0 ||
	    plan_grow((void **)&p->plans, p->nplans, &p->room,
		sizeof(*p->plans), f) != 0 ||
	    grow_map(p, f) != 0)
		return -1;
	digest_of(one->digest, s->plan_bytes.at, s->plan_bytes.len);
	one->example = file;
	p->map[slot_of(p, one->shape)] = p->nplans + 1;
	p->scan.files[file].plan = p->nplans;
	p->plans[p->nplans++] = *one;
	return 0;
}

/* A shape that was not met before: decide. */
static int
decide(struct shaping *s, uint32_t file, const struct plan_one *key,
    const struct slice *shape_bytes, struct fault *f)
{
	const struct file_rule *rule = &s->p->policy->files[key->rule];
	const char *path = scan_path(&s->p->scan, file);
	struct refusals more = { 0 };
	struct fault why = { 0 };
	struct plan_one one = *key;
	struct shape shape;
	struct reader r;
	int rc = -1;

	shape_init(&shape, rule->type);
	r = reader_of(shape_bytes->at, shape_bytes->len);
	if (rule->exclude == NULL &&
	    (shape_take(&r, &shape, f) != 0 || take_end(&r, f) != 0))
		goto out;
	if (s->p->seen != NULL)
		s->p->seen(s->p->seen_arg, key->rule, &shape);
	if (refusals_init(&more, s->refusals->max, f) != 0)
		goto out;
	if (policy_decide(s->p->policy, path,
		rule->exclude == NULL ? &shape : NULL, &one.plan, &more,
		&why) != 0) {
		rc = keep_no(s, file, &more, &why, f);
		goto out;
	}
	rc = add_plan(s, file, &one, f);
	if (rc != 0)
		file_plan_free(&one.plan);
out:
	refusals_free(&more);
	shape_free(&shape);
	return rc;
}

/* What is known of a file's shape: has another the same? */
static int
settle(struct shaping *s, uint32_t file, uint32_t rule,
    const struct slice *shape, struct fault *f)
{
	struct plan *p = s->p;
	struct plan_one key = { .rule = rule };
	uint8_t head[12];
	struct digest *d;
	uint32_t at, risk = risk_of(p->policy, scan_path(&p->scan, file));

	key.subject = subject_of(p->policy, scan_path(&p->scan, file));
	memcpy(head, &key.rule, 4);
	memcpy(head + 4, &key.subject, 4);
	memcpy(head + 8, &risk, 4);
	if (digest_new(&d, f) != 0)
		return -1;
	digest_add(d, head, sizeof(head));
	digest_add(d, shape->at, shape->len);
	digest_end(d, key.shape);
	digest_free(d);
	s->done++;
	if (p->map_room > 0 && (at = p->map[slot_of(p, key.shape)]) != 0) {
		p->scan.files[file].plan = at - 1;
		return 0;
	}
	return decide(s, file, &key, shape, f);
}

/* -- To the workers and back --------------------------------------------- */

static int
take_said(struct shaping *s, const struct batch *b, struct fault *f)
{
	struct reader *r = &s->result.body;
	struct slice shape = { NULL, 0 };
	struct fault why;
	uint8_t said;

	for (uint16_t i = 0; i < b->n; i++) {
		if (take_u8(r, &said, f) != 0)
			return -1;
		if (said == WORKER_SAID_FAULT) {
			fault_clear(&why);
			if (take_fault(r, &why, f) != 0)
				return -1;
			keep_input(s, b->files[i], &why);
			continue;
		}
		if (said == WORKER_SAID_SHAPE &&
		    take_slice(r, MESSAGE_MAX, &shape, f) != 0)
			return -1;
		if (settle(s, b->files[i], b->rule, &shape, f) != 0)
			return -1;
	}
	return take_end(r, f);
}

static int
take_batch(struct shaping *s, struct fault *f)
{
	struct batch *b;
	int rc = 0;

	if (pool_take(s->pool, &s->result, f) != 0)
		return -1;
	b = &s->flying[s->result.ticket];
	if (s->result.fault.kind != FAULT_NONE) {
		*f = s->result.fault;
		(void)fault_at(f, "%s", scan_path(&s->p->scan, b->files[0]));
		rc = -1;
	} else if (s->input.kind == FAULT_NONE || b->files[0] < s->input_file) {
		rc = take_said(s, b, f);
	}
	b->n = 0;
	s->nflying--;
	if (s->progress->tell != NULL)
		s->progress->tell(s->progress->arg, "looking at files", s->done,
		    s->p->scan.n);
	return rc;
}

/* The request for a batch, its files opened. */
static int
put_batch(struct shaping *s, const struct batch *b, struct message *m,
    struct fault *f)
{
	const struct file_rule *rule = &s->p->policy->files[b->rule];
	const struct mask_reading as = { rule->type, rule->header,
		rule->delimiter, &rule->apart, rule_searches(rule), 0 };
	struct worker_file file = { .plan = PLAN_NONE };
	int fd;

	if (crew_put_shapes(m, &as, b->n, f) != 0)
		return -1;
	for (uint16_t i = 0; i < b->n; i++) {
		file.path = scan_path(&s->p->scan, b->files[i]);
		file.size = s->p->scan.files[b->files[i]].size;
		if (scan_open(&s->p->scan, b->files[i], &fd, f) != 0 ||
		    message_give_fd(m, fd, f) != 0 ||
		    worker_put_file(&m->body, &file, f) != 0)
			return -1;
	}
	return 0;
}

static int
send_batch(struct shaping *s, struct batch *b, struct fault *f)
{
	struct message m;
	size_t worker, ticket = 0;
	bool room;
	int rc = -1;

	for (;;) {
		worker = crew_least(s->pool, &room);
		if (room)
			break;
		if (take_batch(s, f) != 0)
			return -1;
	}
	while (s->flying[ticket].n != 0)
		ticket++;
	message_init(&m, MESSAGE_MAX);
	if (put_batch(s, b, &m, f) == 0 &&
	    pool_give_to(s->pool, worker, &m, ticket, f) == 0) {
		s->flying[ticket] = *b;
		s->nflying++;
		b->n = 0;
		b->bytes = 0;
		rc = 0;
	}
	message_free(&m);
	return rc;
}

static int
add_to_batch(struct shaping *s, uint32_t file, uint32_t rule, struct fault *f)
{
	enum file_type type = s->p->policy->files[rule].type;
	struct batch *b = &s->open[rule];
	unsigned most =
	    type == TYPE_CSV || type == TYPE_JSON || type == TYPE_JSONL
		? BATCH_NAMED
		: WORKER_FILES_MAX;

	b->rule = rule;
	b->files[b->n++] = file;
	b->bytes += s->p->scan.files[file].size;
	if (b->n < most && b->bytes < BATCH_BYTES)
		return 0;
	return send_batch(s, b, f);
}

/* The shape of text that is kept: it has no names. */
static int
settle_text(struct shaping *s, uint32_t file, uint32_t rule, struct fault *f)
{
	struct slice text;
	struct shape shape;
	int rc = -1;

	shape_init(&shape, TYPE_TEXT);
	bytes_reset(&s->plan_bytes);
	if (shape_put(&s->plan_bytes, &shape, f) == 0) {
		struct bytes own = s->plan_bytes;

		/* decide() writes into plan_bytes */
		bytes_init(&s->plan_bytes, own.cap);
		text = (struct slice){ own.at, own.len };
		rc = settle(s, file, rule, &text, f);
		bytes_free(&own);
	}
	shape_free(&shape);
	return rc;
}

static int
look_at(struct shaping *s, uint32_t file, struct fault *f)
{
	const char *path = scan_path(&s->p->scan, file);
	const struct slice none = { NULL, 0 };
	const struct file_rule *rule;
	struct fault why = { 0 };
	uint32_t n;

	s->p->scan.files[file].plan = PLAN_NONE;
	if (policy_match(s->p->policy, path, &rule, &why) != 0) {
		keep_refusal(s, file, &why);
		return 0;
	}
	n = (uint32_t)(rule - s->p->policy->files);
	if (rule->exclude != NULL)
		return settle(s, file, n, &none, f);
	/* Opening a million texts takes time, and only a name like this makes
	 * one likely to be none: of the others export tells. */
	if (rule->type == TYPE_TEXT && !rule_searches(rule) &&
	    foreign_by_name(path) == NULL)
		return settle_text(s, file, n, f);
	return add_to_batch(s, file, n, f);
}

static int
look_at_all(struct shaping *s, struct fault *f)
{
	for (uint32_t i = 0; i < s->p->scan.n; i++) {
		if (s->input.kind != FAULT_NONE)
			break;
		if (look_at(s, i, f) != 0)
			return -1;
	}
	for (size_t i = 0; i < s->p->policy->nfiles; i++)
		if (s->open[i].n > 0 && send_batch(s, &s->open[i], f) != 0)
			return -1;
	while (s->nflying > 0)
		if (take_batch(s, f) != 0)
			return -1;
	return 0;
}

int
plan_shapes(struct plan *p, struct pool *pool, struct refusals *r,
    const struct flow_progress *progress, struct fault *f)
{
	struct shaping s = {
		.p = p, .pool = pool, .refusals = r, .progress = progress
	};
	int rc = -1;

	must(r->max > 0);
	pool_result_init(&s.result, MESSAGE_MAX);
	bytes_init(&s.plan_bytes, MESSAGE_MAX);
	s.refused = mem_array(r->max + 1, sizeof(*s.refused));
	s.open = mem_array(p->policy->nfiles, sizeof(*s.open));
	s.flying =
	    mem_array(pool_workers(pool) * POOL_DEPTH, sizeof(*s.flying));
	if (s.refused == NULL || s.open == NULL || s.flying == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (look_at_all(&s, f) != 0)
		goto out;
	if (s.input.kind != FAULT_NONE)
		*f = s.input;
	else if (r->total > 0 && r->n > 0)
		*f = r->at[0];
	else
		rc = 0;
	must(rc == 0 || f->kind != FAULT_NONE);
out:
	mem_free(s.refused);
	mem_free(s.open);
	mem_free(s.flying);
	bytes_free(&s.plan_bytes);
	pool_result_free(&s.result);
	return rc;
}
