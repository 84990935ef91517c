/*
 * The worker: reads shapes, cuts row files, masks and seals shards.
 *
 * It gets descriptors, never paths that it could open, and the keys of one
 * batch; it enters its sandbox before its first request.  What it is sent is
 * the coordinator's word; what stands in the descriptors is anybody's.
 */

#include <string.h>

#include "gateway/flow/flow.h"
#include "gateway/flow/worker_internal.h"
#include "gateway/keeper/keeper.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

enum { BY_COORDINATOR = 1 };

/* Plans of one dataset: as many as there are different shapes. */
#define PLANS_MAX 65536u

int
worker_put_file(
    struct bytes *b, const struct worker_file *file, struct fault *f)
{
	if (put_text(b, file->path, f) != 0 || put_u64(b, file->size, f) != 0)
		return -1;
	if (put_u32(b, file->plan, f) != 0)
		return -1;
	return put_slice(b, file->subject.at, file->subject.len, f);
}

int
worker_put_part(struct bytes *b, const struct mask_part *p, struct fault *f)
{
	if (put_u64(b, p->from, f) != 0 || put_u64(b, p->to, f) != 0 ||
	    put_u64(b, p->first, f) != 0 || put_u64(b, p->records, f) != 0)
		return -1;
	return put_slice(b, p->left,
	    p->left == NULL ? 0 : (size_t)MASK_LEFT_BYTES(p->records), f);
}

int
worker_take_part(struct reader *r, struct mask_part *p, struct fault *f)
{
	struct slice left;

	*p = (struct mask_part){ .held = NULL };
	if (take_u64(r, &p->from, f) != 0 || take_u64(r, &p->to, f) != 0 ||
	    take_u64(r, &p->first, f) != 0 ||
	    take_u64(r, &p->records, f) != 0 ||
	    take_slice(r, MESSAGE_MAX, &left, f) != 0)
		return -1;
	if (left.len != 0 && left.len != MASK_LEFT_BYTES(p->records))
		return fault_set(f, FAULT_SYSTEM, "a part of another size");
	p->left = left.len == 0 ? NULL : left.at;
	return 0;
}

int
worker_take_file(
    struct asked *a, size_t i, struct worker_source *s, struct fault *f)
{
	s->src = (struct mask_source){ .fd = -1, .path = s->path };
	if (take_text(&a->in, s->path, sizeof(s->path), f) != 0 ||
	    take_u64(&a->in, &s->src.size, f) != 0 ||
	    take_u32(&a->in, &s->plan, f) != 0 ||
	    take_slice(&a->in, WORKER_SUBJECT_MAX, &s->src.subject, f) != 0)
		return -1;
	return message_fd(a->request, i, &s->src.fd, f);
}

void
worker_source_close(struct worker_source *s)
{
	file_close(&s->src.fd);
}

int
worker_plan(struct worker *w, uint32_t number, struct worker_plan **out,
    struct fault *f)
{
	if (number >= w->nplans || !w->plans[number].known)
		return fault_set(f, FAULT_SYSTEM,
		    "@worker: plan %u was not told", (unsigned)number);
	*out = &w->plans[number];
	return 0;
}

static int
take_plan(struct worker *w, struct reader *r, struct fault *f)
{
	struct worker_plan *plans;
	uint32_t n;

	if (take_u32(r, &n, f) != 0)
		return -1;
	if (n >= PLANS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u plans", PLANS_MAX);
	if (n >= w->nplans) {
		size_t room = w->nplans * 2 > n + 1 ? w->nplans * 2 : n + 1;

		plans = mem_resize(w->plans, room * sizeof(*plans));
		if (plans == NULL)
			return fault_memory(f);
		memset(
		    plans + w->nplans, 0, (room - w->nplans) * sizeof(*plans));
		w->plans = plans;
		w->nplans = room;
	}
	if (w->plans[n].known) { /* told again */
		w->plans[n].known = false;
		file_plan_free(&w->plans[n].plan);
		mem_free(w->plans[n].keys);
		w->plans[n].keys = NULL;
	}
	if (file_plan_take(r, &w->plans[n].plan, f) != 0)
		return -1;
	w->plans[n].known = true;
	return 0;
}

static int
take_plans(void *state, struct asked *a, struct fault *f)
{
	uint32_t n;

	if (take_u32(&a->in, &n, f) != 0)
		return -1;
	while (n-- > 0)
		if (take_plan(state, &a->in, f) != 0)
			return -1;
	return take_end(&a->in, f);
}

/* -- Shapes -------------------------------------------------------------- */

/* What the last shape was, for files that have the same. */
struct said {
	struct bytes last, now;
	bool any;
	unsigned threads; /* that read one file */
};

static int
say_shape(struct said *s, struct bytes *out, struct fault *f)
{
	struct bytes swap;

	if (s->any && s->now.len == s->last.len &&
	    memcmp(s->now.at, s->last.at, s->now.len) == 0)
		return put_u8(out, WORKER_SAID_SAME, f);
	swap = s->last;
	s->last = s->now;
	s->now = swap;
	s->any = true;
	if (put_u8(out, WORKER_SAID_SHAPE, f) != 0)
		return -1;
	return put_slice(out, s->last.at, s->last.len, f);
}

static int
shape_of(const struct mask_source *src, const struct mask_reading *as,
    struct said *said, struct fault *f)
{
	struct shape shape;
	int rc;

	bytes_reset(&said->now);
	shape_init(&shape, (enum file_type)as->type);
	rc = mask_shape(src, as, &shape, f);
	if (rc == 0)
		rc = shape_put(&said->now, &shape, f);
	shape_free(&shape);
	return rc;
}

static int
read_shapes(struct asked *a, const struct mask_reading *as, uint16_t n,
    struct said *said, struct fault *f)
{
	struct bytes *out = &a->answer->body;
	struct worker_source s;

	for (uint16_t i = 0; i < n; i++) {
		struct fault own = { 0 };
		int rc;

		if (worker_take_file(a, i, &s, f) != 0)
			return -1;
		s.src.threads = said->threads;
		rc = shape_of(&s.src, as, said, &own);
		worker_source_close(&s);
		if (rc == 0)
			rc = say_shape(said, out, f);
		else if ((rc = put_u8(out, WORKER_SAID_FAULT, f)) == 0)
			rc = put_fault(out, &own, f);
		if (rc != 0)
			return -1;
	}
	return take_end(&a->in, f);
}

static int
read_shapes_asked(void *state, struct asked *a, struct fault *f)
{
	const struct worker *w = state;
	struct said said = { .threads = w->threads };
	struct names apart = { .n = 0 };
	struct mask_reading as;
	uint8_t type, header, delimiter, searched;
	uint16_t n;
	int rc = -1;

	if (take_u8(&a->in, &type, f) != 0 ||
	    take_u8(&a->in, &header, f) != 0 ||
	    take_u8(&a->in, &delimiter, f) != 0 ||
	    names_take(&a->in, APART_MAX, &apart, f) != 0 ||
	    take_u8(&a->in, &searched, f) != 0 || take_u16(&a->in, &n, f) != 0)
		goto out;
	must(type < FILE_TYPES);
	as = (struct mask_reading){ type, header != 0, (char)delimiter, &apart,
		searched != 0, 0 };
	bytes_init(&said.last, MESSAGE_MAX);
	bytes_init(&said.now, MESSAGE_MAX);
	rc = read_shapes(a, &as, n, &said, f);
out:
	names_free(&apart);
	bytes_free(&said.last);
	bytes_free(&said.now);
	return rc;
}

/* -- Keys ---------------------------------------------------------------- */

static int
take_key(struct reader *r, struct token_key **out, struct fault *f)
{
	struct slice key;

	if (take_slice(r, 32, &key, f) != 0)
		return -1;
	if (key.len != 32)
		return fault_set(f, FAULT_PEER, "a key of another size");
	return token_key_new(out, key.at, key.len, f);
}

int
worker_take_secret(struct reader *r, struct secret *out, struct fault *f)
{
	struct slice key;

	if (take_slice(r, 32, &key, f) != 0)
		return -1;
	if (key.len != 32)
		return fault_set(f, FAULT_PEER, "a key of another size");
	return secret_copy(out, key.at, key.len, f);
}

static int
take_field_key(struct reader *r, const char *name, struct transform_key **out,
    struct fault *f)
{
	struct secret key = { 0 };
	int rc = -1;

	if (worker_take_secret(r, &key, f) == 0)
		rc = transform_key_new(out, name, &key, f);
	secret_free(&key);
	return rc;
}

/* As keeper.h has it, KEEPER_WORKER_KEYS. */
static int
take_keys(struct worker *w, struct reader *r, struct fault *f)
{
	uint16_t n;

	if (take_key(r, &w->item, f) != 0 || take_key(r, &w->order, f) != 0 ||
	    take_key(r, &w->subject, f) != 0 ||
	    take_key(r, &w->person, f) != 0 ||
	    worker_take_secret(r, &w->layout, f) != 0 ||
	    worker_take_secret(r, &w->sent, f) != 0 || take_u16(r, &n, f) != 0)
		return -1;
	if (n != w->nnames)
		return fault_set(f, FAULT_PEER, "keys for other fields");
	for (size_t i = 0; i < n; i++)
		if (take_field_key(r, w->names[i], &w->field_keys[i], f) != 0)
			return -1;
	if (reader_left(r) > 0 && take_key(r, &w->held, f) != 0)
		return -1;
	return take_end(r, f);
}

static int
take_names(struct worker *w, struct reader *r, struct fault *f)
{
	char name[SHAPE_NAME_MAX + 1];
	uint16_t n;

	if (take_u16(r, &n, f) != 0)
		return -1;
	w->names = mem_array(n, sizeof(*w->names));
	w->field_keys = mem_array(n, sizeof(struct transform_key *));
	if (w->names == NULL || w->field_keys == NULL)
		return fault_memory(f);
	for (; w->nnames < n; w->nnames++) {
		if (take_text(r, name, sizeof(name), f) != 0)
			return -1;
		w->names[w->nnames] = mem_text(name, strlen(name));
		if (w->names[w->nnames] == NULL)
			return fault_memory(f);
	}
	return take_end(r, f);
}

static int
ask_keys(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct message request, answer;
	struct channel *c = NULL;
	struct reader r;
	int fd, rc = -1;

	message_init(&request, 16);
	message_init(&answer, MESSAGE_MAX);
	must(w->item == NULL);
	if (take_names(w, &a->in, f) == 0 &&
	    message_fd(a->request, 0, &fd, f) == 0 &&
	    channel_new(&c, fd, f) == 0 &&
	    ask_begin(&request, KEEPER_WORKER_KEYS, f) == 0 &&
	    ask(c, &request, &answer, &r, f) == 0)
		rc = take_keys(w, &r, f);
	message_free(&request);
	message_free(&answer);
	channel_free(c);
	return rc;
}

/* -- Layout -------------------------------------------------------------- */

static int
put_layout(struct bytes *b, const struct package_layout *l, struct fault *f)
{
	if (put_u32(b, l->nshards, f) != 0)
		return -1;
	for (uint32_t i = 0; i < l->nshards; i++)
		if (put_u32(b, l->end[i], f) != 0)
			return -1;
	for (uint32_t i = 0; i < l->n; i++)
		if (put_u32(b, l->order[i], f) != 0)
			return -1;
	return 0;
}

static int
lay_out(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct package_layout l = { .n = 0 };
	uint64_t target, *sizes;
	uint32_t n;
	int rc = -1;

	if (take_u64(&a->in, &target, f) != 0 || take_u32(&a->in, &n, f) != 0)
		return -1;
	must(n <= WORKER_UNITS_MAX && w->layout.len == 32);
	if ((sizes = mem_array(n, sizeof(*sizes))) == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < n; i++)
		if (take_u64(&a->in, &sizes[i], f) != 0)
			goto out;
	if (take_end(&a->in, f) == 0 &&
	    package_layout_make(&l, sizes, n, target, &w->layout, f) == 0)
		rc = put_layout(&a->answer->body, &l, f);
out:
	package_layout_free(&l);
	mem_free(sizes);
	return rc;
}

/* -- The role ------------------------------------------------------------ */

static const struct ask_row rows[] = {
	{ WORKER_KEYS, "keys", BY_COORDINATOR, ask_keys },
	{ WORKER_PLANS, "plans", BY_COORDINATOR, take_plans },
	{ WORKER_SHAPES, "shapes", BY_COORDINATOR, read_shapes_asked },
	{ WORKER_CUT, "cut", BY_COORDINATOR, worker_cut },
	{ WORKER_REFS, "refs", BY_COORDINATOR, worker_refs },
	{ WORKER_WHOSE, "whose", BY_COORDINATOR, worker_whose },
	{ WORKER_SENT, "sent", BY_COORDINATOR, worker_sent },
	{ WORKER_HASHES, "hashes", BY_COORDINATOR, worker_hashes },
	{ WORKER_PATHS, "paths", BY_COORDINATOR, worker_paths },
	{ WORKER_REVEAL, "reveal", BY_COORDINATOR, worker_reveal },
	{ WORKER_UNDO, "undo", BY_COORDINATOR, worker_undo },
	{ WORKER_EXAMPLES, "examples", BY_COORDINATOR, worker_examples },
	{ WORKER_LAYOUT, "layout", BY_COORDINATOR, lay_out },
	{ WORKER_BEGIN, "begin", BY_COORDINATOR, worker_begin },
	{ WORKER_FILES, "files", BY_COORDINATOR, worker_files },
	{ WORKER_ROWS, "rows", BY_COORDINATOR, worker_rows },
	{ WORKER_END, "end", BY_COORDINATOR, worker_end },
	{ WORKER_LOOK, "look", BY_COORDINATOR, worker_look },
	{ WORKER_SURVEY, "survey", BY_COORDINATOR, worker_survey },
	{ WORKER_CASE, "case", BY_COORDINATOR, worker_case },
	{ WORKER_RISK_BEGIN, "risk begin", BY_COORDINATOR, worker_risk_begin },
	{ WORKER_RISK_ROWS, "risk rows", BY_COORDINATOR, worker_risk_rows },
	{ WORKER_RISK_POPULATION, "population", BY_COORDINATOR,
	    worker_risk_population },
	{ WORKER_RISK_END, "risk end", BY_COORDINATOR, worker_risk_end },
	{ WORKER_SUPPRESSING, "suppressing", BY_COORDINATOR,
	    worker_suppressing },
	{ WORKER_SUPPRESSED, "suppressed", BY_COORDINATOR, worker_suppressed },
	{ WORKER_SUPPRESSED_KEYS, "suppressed keys", BY_COORDINATOR,
	    worker_suppressed_keys },
	{ WORKER_EXPOSE_BEGIN, "expose begin", BY_COORDINATOR,
	    worker_expose_begin },
	{ WORKER_EXPOSE_ROWS, "expose rows", BY_COORDINATOR,
	    worker_expose_rows },
	{ WORKER_EXPOSE_END, "expose end", BY_COORDINATOR, worker_expose_end },
	{ WORKER_DICTIONARY, "dictionary", BY_COORDINATOR, worker_dictionary },
	{ WORKER_DICTIONARY_END, "dictionary end", BY_COORDINATOR,
	    worker_dictionary_end },
	{ WORKER_KNOWN, "known", BY_COORDINATOR, worker_known },
	{ WORKER_SHEET_BEGIN, "sheet begin", BY_COORDINATOR,
	    worker_sheet_begin },
	{ WORKER_SHEET, "sheet", BY_COORDINATOR, worker_sheet },
	{ WORKER_RULES, "rules", BY_COORDINATOR, worker_rules },
	{ WORKER_CONTENTS, "contents", BY_COORDINATOR, worker_contents },
	{ WORKER_SERIES, "series", BY_COORDINATOR, worker_series },
	{ 0, NULL, 0, NULL },
};

static void
worker_free(struct worker *w)
{
	worker_drop_survey(w);
	worker_drop_shard(w);
	package_room_free(w->room);
	worker_risk_drop(w);
	worker_suppressed_drop(w);
	worker_expose_drop(w);
	worker_drop_dictionary(w);
	worker_forget_names(w);
	worker_sheet_drop(w);
	token_key_free(w->held);
	for (size_t i = 0; i < w->nplans; i++) {
		if (w->plans[i].known)
			file_plan_free(&w->plans[i].plan);
		mem_free(w->plans[i].keys);
	}
	mem_free(w->plans);
	for (size_t i = 0; i < w->nnames; i++) {
		mem_free(w->names[i]);
		transform_key_free(w->field_keys[i]);
	}
	mem_free(w->names);
	mem_free(w->field_keys);
	token_key_free(w->item);
	token_key_free(w->order);
	token_key_free(w->subject);
	token_key_free(w->person);
	secret_free(&w->sent);
	secret_free(&w->layout);
}

int
worker_role(struct channel *up, struct fault *f)
{
	const struct sandbox sandbox = { .role = "worker", .threads = true };
	struct worker w = { .threads = mask_threads(),
		.drafts = { -1, -1, -1, -1, -1 } };
	const struct serve_options options = { .rows = rows,
		.state = &w,
		.request_max = MESSAGE_MAX,
		.round = 1 };
	struct serve *s = NULL;
	int rc = -1;

	if (mask_start(f) == 0 && sandbox_enter(&sandbox, f) == 0 &&
	    serve_new(&s, &options, f) == 0 &&
	    serve_add(s, up, BY_COORDINATOR, NULL, f) == 0)
		rc = serve_run(s, f);
	serve_free(s);
	worker_free(&w);
	return rc;
}
