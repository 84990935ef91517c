/*
 * The page that a plan is approved by: examples from workers, and how long it
 * will take.
 */

#include <string.h>
#include <sys/mman.h>

#include "gateway/flow/plan_internal.h"
#include "gateway/report/report.h"
#include "keys/base/clock.h"
#include "keys/base/mem.h"

/* A page with an example of every field of a wide dataset. */
#define PAGE_MAX ((size_t)64 << 20)

/* What one core seals of rows a second, and what a file costs beside, both as
 * `make bench` measures on two cores: for a guess, and told as one. */
#define BYTES_A_SECOND 190e6
#define SECONDS_A_FILE 50e-6

int
plan_page_write(const json_t *plan, const char *dir, struct fault *f)
{
	struct bytes out;
	int rc = -1;

	bytes_init(&out, PAGE_MAX);
	if (report_plan(&out, plan, f) == 0)
		rc = report_keep(dir, "plan.html", &out, f);
	bytes_free(&out);
	return rc;
}

/* -- Examples ------------------------------------------------------------ */

int
plan_give_memory(struct message *m, struct fault *f)
{
	int fd = memfd_create("made", MFD_CLOEXEC);

	if (fd == -1)
		return fault_errno(f, "a file in memory");
	return message_give_fd(m, fd, f);
}

/* A text, or what is none as one. */
static json_t *
text_json(const struct slice *s)
{
	json_t *text = json_stringn((const char *)s->at, s->len);

	return text != NULL ? text : json_string("(no text)");
}

static int
take_fields(const struct file_plan *plan, json_t *decision, struct reader *r,
    struct fault *f)
{
	json_t *all = json_object();
	struct slice s;
	uint32_t n;
	uint8_t k;

	if (all == NULL || json_object_set_new(decision, "examples", all) != 0)
		return fault_memory(f);
	if (take_u32(r, &n, f) != 0)
		return -1;
	if (n != plan->nfields)
		return fault_set(f, FAULT_PEER, "examples of other fields");
	for (uint32_t i = 0; i < n; i++) {
		json_t *list = json_array();

		if (json_object_set_new(all, plan->fields[i].name, list) != 0)
			return fault_memory(f);
		if (take_u8(r, &k, f) != 0)
			return -1;
		while (k-- > 0) {
			if (take_slice(r, WORKER_EXAMPLE_BYTES, &s, f) != 0)
				return -1;
			if (json_array_append_new(list, text_json(&s)) != 0)
				return fault_memory(f);
		}
	}
	return take_end(r, f);
}

static int
take_examples(const struct file_plan *plan, json_t *decision, struct reader *r,
    struct fault *f)
{
	struct slice s;
	uint8_t kind;

	if (take_u8(r, &kind, f) != 0)
		return -1;
	if (kind == EXAMPLES_FIELDS)
		return take_fields(plan, decision, r, f);
	if (kind != EXAMPLES_TEXT)
		return take_end(r, f);
	if (take_slice(r, WORKER_EXAMPLE_TEXT, &s, f) != 0)
		return -1;
	if (json_object_set_new(decision, "example_text", text_json(&s)) != 0)
		return fault_memory(f);
	return take_end(r, f);
}

/* A unit of that plan that leaves; false when all of it stays. */
static bool
unit_of(const struct plan *p, uint32_t plan, uint32_t *unit)
{
	for (*unit = 0; *unit < p->nunits; (*unit)++)
		if (p->scan.files[p->units[*unit].file].plan == plan)
			return true;
	return false;
}

/* The first file of each of the units behind that one that has such. */
static int
put_more(const struct plan *p, uint32_t plan, uint32_t unit, struct message *m,
    struct fault *f)
{
	uint32_t files[WORKER_EXAMPLE_FILES - 1];
	uint8_t n = 0;

	while (++unit < p->nunits && n < WORKER_EXAMPLE_FILES - 1)
		if (p->scan.files[p->units[unit].file].plan == plan)
			files[n++] = p->units[unit].file;
	if (plan_give_memory(m, f) != 0 || put_u8(&m->body, n, f) != 0)
		return -1;
	for (uint8_t i = 0; i < n; i++) {
		const struct worker_file wf = plan_file(p, files[i]);
		int fd;

		if (scan_open(&p->scan, files[i], &fd, f) != 0 ||
		    message_give_fd(m, fd, f) != 0 ||
		    plan_give_memory(m, f) != 0 ||
		    worker_put_file(&m->body, &wf, f) != 0)
			return -1;
	}
	return 0;
}

static int
put_refs(const struct plan *p, struct message *m, struct fault *f)
{
	if (put_u8(&m->body, p->refs != -1, f) != 0)
		return -1;
	return p->refs == -1 ? 0 : message_add_fd(m, p->refs, f);
}

static int
ask_examples(const struct plan *p, struct pool *pool, uint32_t plan,
    json_t *decision, struct fault *f)
{
	struct pool_result result;
	const struct plan_unit *u;
	struct worker_file wf;
	struct message m;
	uint32_t unit;
	int fd, rc = -1;

	if (!unit_of(p, plan, &unit))
		return 0;
	u = &p->units[unit];
	wf = plan_file(p, u->file);
	pool_result_init(&result, MESSAGE_MAX);
	message_init(&m, MESSAGE_MAX);
	if (ask_begin(&m, WORKER_EXAMPLES, f) != 0 ||
	    scan_open(&p->scan, u->file, &fd, f) != 0 ||
	    message_give_fd(&m, fd, f) != 0 ||
	    worker_put_file(&m.body, &wf, f) != 0 ||
	    file_plan_put(&m.body, &p->plans[plan].plan, f) != 0 ||
	    put_u8(&m.body, u->part != PLAN_WHOLE, f) != 0 ||
	    (u->part != PLAN_WHOLE &&
		worker_put_part(&m.body, &p->parts[u->part], f) != 0) ||
	    put_refs(p, &m, f) != 0 ||
	    (p->plans[plan].plan.type == TYPE_DICOM &&
		put_more(p, plan, unit, &m, f) != 0) ||
	    pool_give_to(pool, 0, &m, 0, f) != 0 ||
	    pool_take(pool, &result, f) != 0)
		goto out;
	if (result.fault.kind != FAULT_NONE)
		*f = result.fault;
	else
		rc = take_examples(
		    &p->plans[plan].plan, decision, &result.body, f);
out:
	message_free(&m);
	pool_result_free(&result);
	return rc;
}

/* The plan whose decision it is: it has the path of a file as example. */
static bool
plan_of(const struct plan *p, const json_t *decision, uint32_t *plan)
{
	const char *path =
	    json_string_value(json_object_get(decision, "example"));

	for (*plan = 0; path != NULL && *plan < p->nplans; (*plan)++)
		if (strcmp(scan_path(&p->scan, p->plans[*plan].example),
			path) == 0)
			return p->plans[*plan].plan.exclude == NULL;
	return false;
}

static int
add_examples(const struct plan *p, json_t *told,
    const struct flow_progress *progress, struct fault *f)
{
	union {
		const struct plan *read;
		void *state;
	} of = { p };
	struct pool_options crew = { .role = "worker",
		.workers = 1,
		.state = of.state,
		.ready = plan_hand_names };
	const json_t *list = json_object_get(told, "decisions");
	struct pool *pool;
	int rc = 0;

	if (pool_new(&pool, &crew, f) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		json_t *decision = json_array_get(list, i);
		uint32_t plan;

		if (progress->tell != NULL)
			progress->tell(progress->arg, "masking examples", i,
			    json_array_size(list));
		if (plan_of(p, decision, &plan))
			rc = ask_examples(p, pool, plan, decision, f);
	}
	pool_free(pool);
	return rc;
}

int
plan_page(const struct plan *p, json_t *told, const char *dir,
    const struct flow_progress *progress, struct fault *f)
{
	char now[CLOCK_CHARS + 1];
	double seconds =
	    (double)p->bytes / (BYTES_A_SECOND * (double)process_cores()) +
	    (double)p->files * SECONDS_A_FILE;

	clock_write(now, clock_now());
	if (json_object_set_new(told, "made", json_string(now)) != 0 ||
	    json_object_set_new(told, "estimate", json_real(seconds)) != 0)
		return fault_memory(f);
	if (add_examples(p, told, progress, f) != 0)
		return -1;
	return plan_page_write(told, dir, f);
}
