/*
 * preview --sheet: some of what would leave, before and after, riskiest first,
 * on one page for the owner's eyes.
 *
 *     draw --> weigh (a worker) --> choose --> show (the worker) --> page
 *
 * The page has original data, which is what it is for.  It is written into a
 * folder that nobody else can enter, and nothing of it goes into a log, a
 * message or a batch.
 */

#include <string.h>

#include "gateway/flow/sheet_internal.h"
#include "gateway/report/report.h"
#include "keys/base/clock.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"

/* As many items with thumbnails as a browser opens. */
#define SHEET_PAGE_MAX ((size_t)128 << 20)

/* ---- Asking ---- */

/* Members that the policy's paths name. */
static int
add_members(
    struct names *to, size_t *room, const struct path *path, struct fault *f)
{
	for (size_t i = 0; i < path->n; i++) {
		const struct path_step *step = &path->steps[i];
		const uint8_t *name = path->names.at + step->at;

		if (step->kind != PATH_NAME ||
		    memchr(name, '\0', step->len) != NULL)
			continue;
		if (to->n == *room) {
			size_t more = *room == 0 ? 64 : 2 * *room;
			void *at = mem_resize(to->at, more * sizeof(*to->at));

			if (at == NULL)
				return fault_memory(f);
			to->at = at;
			*room = more;
		}
		if ((to->at[to->n] = mem_text(name, step->len)) == NULL)
			return fault_memory(f);
		to->n++;
	}
	return 0;
}

static int
put_members(struct bytes *b, const struct policy *p, struct fault *f)
{
	struct names members = { .n = 0 };
	size_t room = 0;
	int rc = 0;

	for (size_t i = 0; i < p->nfiles; i++)
		for (size_t k = 0; rc == 0 && k < p->files[i].nfields; k++)
			rc = add_members(
			    &members, &room, &p->files[i].fields[k].path, f);
	if (rc == 0)
		rc = names_put(b, &members, f);
	names_free(&members);
	return rc;
}

static int
begin(struct sheet *s, struct fault *f)
{
	uint8_t seed[MASK_SEED_BYTES];
	struct transform search = { .action = TRANSFORM_REFUSE };
	struct message m;
	int rc = -1;

	message_init(&m, MESSAGE_MAX);
	random_fill(seed, sizeof(seed));
	if (policy_search(s->p->policy, &search, f) == 0 &&
	    ask_begin(&m, WORKER_SHEET_BEGIN, f) == 0 &&
	    put_slice(&m.body, seed, sizeof(seed), f) == 0 &&
	    transform_put(&m.body, &search, f) == 0 &&
	    put_members(&m.body, s->p->policy, f) == 0 &&
	    crew_ask(s->pool, &m, &s->result, f) == 0)
		rc = take_end(&s->result.body, f);
	secret_wipe(seed, sizeof(seed));
	transform_free(&search);
	message_free(&m);
	return rc;
}

static int
tell_plan(struct sheet *s, uint32_t plan, struct fault *f)
{
	struct message m;
	int rc = -1;

	if (s->told[plan] != 0)
		return 0;
	message_init(&m, MESSAGE_MAX);
	if (ask_begin(&m, WORKER_PLANS, f) == 0 &&
	    put_u32(&m.body, 1, f) == 0 && put_u32(&m.body, plan, f) == 0 &&
	    file_plan_put(&m.body, &s->p->plans[plan].plan, f) == 0 &&
	    crew_ask(s->pool, &m, &s->result, f) == 0)
		rc = take_end(&s->result.body, f);
	s->told[plan] = 1;
	message_free(&m);
	return rc;
}

/* A part of which all stays but those items. */
static int
put_part(struct bytes *b, const struct plan *p, const struct sheet_one *one,
    uint32_t n, struct fault *f)
{
	struct mask_part part = p->parts[p->units[one->unit].part];
	size_t len = (size_t)MASK_LEFT_BYTES(part.records);
	uint8_t *left = mem_array(len, 1);
	int rc;

	if (left == NULL)
		return fault_memory(f);
	memset(left, 0xff, len);
	for (uint32_t i = 0; i < n; i++)
		left[one[i].place / 8] &= (uint8_t) ~(1u << one[i].place % 8);
	part.left = left;
	rc = worker_put_part(b, &part, f);
	mem_free(left);
	return rc;
}

/* The n items of one part from one on, or the file-th of its unit's files. */
static int
ask_items(struct sheet *s, const struct sheet_one *one, uint32_t n,
    uint32_t file, bool show, struct fault *f)
{
	const struct plan *p = s->p;
	const struct plan_unit *u = &p->units[one->unit];
	uint32_t at = plan_unit_file(p, u, file);
	const struct worker_file wf = plan_file(p, at);
	bool part = u->part != PLAN_WHOLE;
	struct message m;
	int fd, rc = -1;

	if (tell_plan(s, wf.plan, f) != 0)
		return -1;
	message_init(&m, MESSAGE_MAX);
	if (ask_begin(&m, WORKER_SHEET, f) == 0 &&
	    scan_open(&p->scan, at, &fd, f) == 0 &&
	    message_give_fd(&m, fd, f) == 0 &&
	    (p->plans[wf.plan].plan.type != TYPE_DICOM ||
		plan_give_memory(&m, f) == 0) &&
	    worker_put_file(&m.body, &wf, f) == 0 &&
	    put_u8(&m.body, part, f) == 0 &&
	    (!part || put_part(&m.body, p, one, n, f) == 0) &&
	    put_u8(&m.body, show, f) == 0)
		rc = crew_ask(s->pool, &m, &s->result, f);
	message_free(&m);
	return rc;
}

/* ---- Answers ---- */

static int
take_weights(
    struct reader *r, struct sheet_one *one, struct slice *id, struct fault *f)
{
	struct sheet_risk x = { .kin = 0 };
	uint32_t *const all[] = { &x.sure, &x.doubtful, &x.words, &x.changes,
		&x.blocks };
	uint64_t record;

	if (take_u64(r, &record, f) != 0 ||
	    take_slice(r, MESSAGE_MAX, id, f) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (take_u32(r, all[i], f) != 0)
			return -1;
	one->risk.sure += x.sure;
	one->risk.doubtful += x.doubtful;
	one->risk.words += x.words;
	one->risk.changes += x.changes;
	one->risk.blocks += x.blocks;
	return 0;
}

static uint32_t
files_of(const struct sheet *s, const struct sheet_one *one)
{
	uint32_t n = plan_unit_files(s->p, &s->p->units[one->unit]);

	return n < SHEET_FOLDER_FILES ? n : SHEET_FOLDER_FILES;
}

/* Items of one unit, from one on, each weighed. */
static int
weigh(struct sheet *s, struct sheet_one *one, uint32_t n, struct fault *f)
{
	struct slice id;

	for (uint32_t file = 0; file < files_of(s, one); file++) {
		if (ask_items(s, one, n, file, false, f) != 0)
			return -1;
		for (uint32_t i = 0; i < n; i++)
			if (take_weights(&s->result.body, &one[i], &id, f) != 0)
				return -1;
		if (take_end(&s->result.body, f) != 0)
			return -1;
	}
	return 0;
}

static int
weigh_all(struct sheet *s, struct fault *f)
{
	for (uint32_t i = 0, n; i < s->n; i += n) {
		for (n = 1; n < SHEET_RECORDS_MAX && i + n < s->n &&
			    s->at[i + n].unit == s->at[i].unit;
		     n++)
			;
		if (s->progress->tell != NULL)
			s->progress->tell(s->progress->arg,
			    "looking for the riskiest", i, s->n);
		if (weigh(s, &s->at[i], n, f) != 0)
			return -1;
	}
	return 0;
}

static int
show_all(struct sheet *s, json_t *list, struct fault *f)
{
	struct slice id;

	for (uint32_t i = 0; i < s->n; i++) {
		struct sheet_one *one = &s->at[i];
		json_t *item = sheet_item(s->p, one);

		if (item == NULL || json_array_append_new(list, item) != 0)
			return fault_memory(f);
		if (s->progress->tell != NULL)
			s->progress->tell(
			    s->progress->arg, "showing items", i, s->n);
		for (uint32_t file = 0; file < files_of(s, one); file++) {
			struct sheet_one again = *one;
			struct reader *r = &s->result.body;

			if (ask_items(s, one, 1, file, true, f) != 0 ||
			    take_weights(r, &again, &id, f) != 0 ||
			    sheet_take_shown(
				item, s->p, one, file, &id, r, f) != 0 ||
			    take_end(r, f) != 0)
				return -1;
		}
	}
	return 0;
}

/* ---- The page ---- */

static int
write_page(
    const struct sheet *s, json_t *told, const char *dir, struct fault *f)
{
	char now[CLOCK_CHARS + 1];
	struct bytes out;
	int rc = -1;

	(void)s;
	clock_write(now, clock_now());
	if (json_object_set_new(told, "made", json_string(now)) != 0)
		return fault_memory(f);
	bytes_init(&out, SHEET_PAGE_MAX);
	if (report_sheet(&out, told, f) == 0)
		rc = report_keep(dir, "sheet.html", &out, f);
	bytes_free(&out);
	return rc;
}

static json_t *
summary(const struct sheet *s)
{
	return json_pack("{s:s,s:s,s:I,s:I,s:I,s:[]}", "policy",
	    s->p->policy->name, "project", s->p->policy->project, "items",
	    (json_int_t)s->n, "of", (json_int_t)s->items, "looked_at",
	    (json_int_t)s->looked, "shown");
}

static int
make(struct sheet *s, const char *dir, json_t **out, struct fault *f)
{
	json_t *told = NULL;
	int rc = -1;

	if (begin(s, f) != 0 || sheet_draw(s, f) != 0 || weigh_all(s, f) != 0 ||
	    sheet_choose(s, f) != 0)
		return -1;
	if ((told = summary(s)) == NULL)
		return fault_memory(f);
	if (show_all(s, json_object_get(told, "shown"), f) == 0 &&
	    write_page(s, told, dir, f) == 0)
		rc = sheet_tell(out, s, dir, f);
	json_decref(told);
	return rc;
}

int
plan_sheet(json_t **told, const struct plan *p, const struct sheet_options *o,
    struct fault *f)
{
	union {
		const struct plan *read;
		void *state;
	} of = { p };
	struct pool_options crew = { .role = "worker",
		.workers = 1,
		.state = of.state,
		.ready = plan_hand_names };
	struct sheet s = {
		.p = p, .want = o->n, .seed = o->seed, .progress = &o->progress
	};
	int rc = -1;

	must(o->n > 0 && o->n <= SHEET_MAX);
	*told = NULL;
	pool_result_init(&s.result, MESSAGE_MAX);
	if ((s.told = mem_array(p->nplans, 1)) == NULL)
		(void)fault_memory(f);
	else if (pool_new(&s.pool, &crew, f) == 0)
		rc = make(&s, o->dir, told, f);
	pool_free(s.pool);
	pool_result_free(&s.result);
	mem_free(s.told);
	mem_free(s.before);
	mem_free(s.at);
	return rc;
}
