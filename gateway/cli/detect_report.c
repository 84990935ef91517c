/*
 * detect --report: what is found in many files, counted by entity and file.
 *
 *     files --> children, a file each --> counts and shapes --> page and table
 *
 * Values stay in the children: what comes back of a find is its shape.
 */

#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/detect_report_internal.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/streams_internal.h"
#include "gateway/flow/flow.h"
#include "gateway/report/report.h"
#include "keys/base/mem.h"
#include "policy/detect/detect.h"

/* A page and a table of a million files. */
#define REPORT_BYTES_MAX ((size_t)256 << 20)

struct reporting {
	struct cli *c;
	struct detect_request *ask;
	const char *names; /* the file, or NULL */
	struct pool *pool;
	struct pool_result result;
	struct progress progress;
	json_t *done;	/* what a child said of each file */
	size_t *flying; /* by ticket: which of them, from 1; 0: none */
	size_t nflying;
	json_t *told;	    /* as report_found() wants it */
	struct bytes table; /* the same as CSV */
};

/* ---- The table ---- */

/* A field of a CSV file; what a spreadsheet would take for a formula is made
 * text (OWASP, CSV injection). */
static int
add_cell(struct bytes *b, const char *text, struct fault *f)
{
	if (bytes_add(b, "\"", 1, f) != 0 ||
	    (strchr("=+-@\t\r", text[0]) != NULL && text[0] != '\0' &&
		bytes_add(b, "'", 1, f) != 0))
		return -1;
	for (; *text != '\0'; text++)
		if ((*text == '"' && bytes_add(b, "\"", 1, f) != 0) ||
		    bytes_add(b, text, 1, f) != 0)
			return -1;
	return bytes_add(b, "\"", 1, f);
}

static int
add_row(struct bytes *b, const char *path, const char *entity, uint64_t n,
    struct fault *f)
{
	if (add_cell(b, path, f) != 0 ||
	    bytes_addf(b, f, ",%s,%llu\r\n", entity, (unsigned long long)n) !=
		0)
		return -1;
	return 0;
}

/* ---- What a child said of a file ---- */

/* {"file","why"}, or {"file","bytes","found":[{"entity","n","examples"}]}. */
static int
take_examples(json_t *list, const char *path, struct reader *r, struct fault *f)
{
	char text[DETECT_EXAMPLE_BYTES];
	uint64_t line;
	uint8_t n, score;

	if (take_u8(r, &n, f) != 0)
		return -1;
	while (n-- > 0) {
		json_t *one;

		if (take_text(r, text, sizeof(text), f) != 0 ||
		    take_u64(r, &line, f) != 0 || take_u8(r, &score, f) != 0)
			return -1;
		one = json_pack("{s:s,s:s,s:I,s:i}", "text", text, "file", path,
		    "line", (json_int_t)line, "score", (int)score);
		if (one == NULL || json_array_append_new(list, one) != 0)
			return fault_memory(f);
	}
	return 0;
}

static int
take_found(json_t *list, const char *path, struct reader *r, struct fault *f)
{
	char entity[REDACT_NAME_MAX + 1];
	json_t *one;
	uint64_t n;

	if (take_text(r, entity, sizeof(entity), f) != 0 ||
	    take_u64(r, &n, f) != 0)
		return -1;
	one = json_pack(
	    "{s:s,s:I,s:[]}", "entity", entity, "n", (json_int_t)n, "examples");
	if (one == NULL || json_array_append_new(list, one) != 0)
		return fault_memory(f);
	return take_examples(json_object_get(one, "examples"), path, r, f);
}

static int
take_file(json_t *file, const char *path, struct reader *r, struct fault *f)
{
	json_t *list = json_array();
	uint8_t skipped;
	uint64_t bytes;
	char why[256];

	if (json_object_set_new(file, "found", list) != 0)
		return fault_memory(f);
	if (take_u8(r, &skipped, f) != 0)
		return -1;
	if (skipped != 0) {
		if (take_text(r, why, sizeof(why), f) != 0)
			return -1;
		if (json_object_set_new(file, "why", json_string(why)) != 0)
			return fault_memory(f);
		return take_end(r, f);
	}
	if (take_u64(r, &bytes, f) != 0)
		return -1;
	if (json_object_set_new(
		file, "bytes", json_integer((json_int_t)bytes)) != 0)
		return fault_memory(f);
	while (reader_left(r) > 0)
		if (take_found(list, path, r, f) != 0)
			return -1;
	return 0;
}

/* ---- All of them together, in the order of the files ---- */

static int
add_to(json_t *o, const char *key, json_int_t n, struct fault *f)
{
	json_int_t had = json_integer_value(json_object_get(o, key));

	return json_object_set_new(o, key, json_integer(had + n)) == 0
		   ? 0
		   : fault_memory(f);
}

/* The row of an entity over all files. */
static json_t *
entity_row(json_t *entities, const char *entity)
{
	json_t *row = json_object_get(entities, entity);

	if (row != NULL)
		return row;
	row = json_pack("{s:i,s:i,s:[]}", "n", 0, "files", 0, "examples");
	return json_object_set_new(entities, entity, row) == 0 ? row : NULL;
}

/* One more, of a shape that is not there. */
static int
add_example(json_t *list, json_t *example, struct fault *f)
{
	const char *text = member_text(example, "text");
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (strcmp(member_text(one, "text"), text) == 0)
			return 0;
	}
	if (i < REPORT_EXAMPLES_MAX && json_array_append(list, example) != 0)
		return fault_memory(f);
	return 0;
}

static int
add_found(struct reporting *x, json_t *file, const json_t *one, struct fault *f)
{
	const char *entity = member_text(one, "entity");
	json_int_t n = (json_int_t)member_number(one, "n");
	json_t *row = entity_row(json_object_get(x->told, "entities"), entity);
	json_t *list = json_object_get(row, "examples"), *example;
	size_t i;

	if (row == NULL)
		return fault_memory(f);
	json_array_foreach(json_object_get(one, "examples"), i, example)
	{
		if (add_example(list, example, f) != 0)
			return -1;
	}
	if (add_to(row, "n", n, f) != 0 || add_to(row, "files", 1, f) != 0 ||
	    add_to(file, "n", n, f) != 0 || add_to(x->told, "n", n, f) != 0 ||
	    add_to(json_object_get(file, "entities"), entity, n, f) != 0)
		return -1;
	return add_row(
	    &x->table, member_text(file, "file"), entity, (uint64_t)n, f);
}

static int
add_file(struct reporting *x, const json_t *done, struct fault *f)
{
	const char *path = member_text(done, "file");
	json_t *file, *one;
	size_t i;

	if (json_object_get(done, "why") != NULL) {
		file = json_pack(
		    "{s:s,s:s}", "file", path, "why", member_text(done, "why"));
		return json_array_append_new(
			   json_object_get(x->told, "skipped"), file) == 0
			   ? 0
			   : fault_memory(f);
	}
	file = json_pack("{s:s,s:I,s:i,s:{}}", "file", path, "bytes",
	    (json_int_t)member_number(done, "bytes"), "n", 0, "entities");
	if (json_array_append_new(json_object_get(x->told, "files"), file) != 0)
		return fault_memory(f);
	if (add_to(x->told, "bytes", (json_int_t)member_number(done, "bytes"),
		f) != 0)
		return -1;
	json_array_foreach(json_object_get(done, "found"), i, one)
	{
		if (add_found(x, file, one, f) != 0)
			return -1;
	}
	return 0;
}

/* ---- Files to children and back ---- */

static int
take_one(struct reporting *x, struct fault *f)
{
	json_t *file;
	const char *path;
	int rc = -1;

	if (pool_take(x->pool, &x->result, f) != 0)
		return -1;
	file = json_array_get(x->done, x->flying[x->result.ticket] - 1);
	path = member_text(file, "file");
	x->flying[x->result.ticket] = 0;
	x->nflying--;
	if (x->result.fault.kind == FAULT_NONE)
		rc = take_file(file, path, &x->result.body, f);
	else
		*f = x->result.fault;
	if (rc != 0 && f->kind != FAULT_USAGE)
		(void)fault_at(f, "%s", path);
	return rc;
}

static int
see_file(
    void *arg, const char *path, int fd, struct flow_file file, struct fault *f)
{
	struct reporting *x = arg;
	struct message m;
	size_t slot = 0;
	int rc = -1;

	progress_tell(&x->progress, "looking into files", file.n, file.of);
	while (pool_idle(x->pool) == 0)
		if (take_one(x, f) != 0)
			return -1;
	while (x->flying[slot] != 0)
		slot++;
	if (json_array_append_new(x->done, json_pack("{s:s}", "file", path)) !=
	    0)
		return fault_memory(f);
	message_init(&m, MESSAGE_MAX);
	if (detect_put_count(&m, fd, f) == 0 &&
	    pool_give(x->pool, &m, slot, f) == 0) {
		x->flying[slot] = json_array_size(x->done);
		x->nflying++;
		rc = 0;
	}
	message_free(&m);
	return rc;
}

/* Each child reads the names itself. */
static int
begin_child(void *state, struct channel *child, struct fault *f)
{
	struct reporting *x = state;
	struct detect_request own = *x->ask;
	struct message m, answer;
	struct reader r;
	int rc = -1;

	message_init(&m, MESSAGE_MAX);
	message_init(&answer, MESSAGE_MAX);
	own.names = -1;
	if ((x->names == NULL || input_open(x->names, &own.names, f) == 0) &&
	    detect_put_begin(&m, &own, f) == 0 &&
	    ask(child, &m, &answer, &r, f) == 0)
		rc = take_end(&r, f);
	file_close(&own.names);
	message_free(&m);
	message_free(&answer);
	return rc;
}

static int
look(struct reporting *x, struct fault *f)
{
	const struct flow_file_seer to = { see_file, x };
	struct pool_options crew = {
		.role = "detect", .state = x, .ready = begin_child
	};

	if (pool_new(&x->pool, &crew, f) != 0)
		return -1;
	x->flying = mem_array(pool_workers(x->pool), sizeof(*x->flying));
	if (x->flying == NULL)
		return fault_memory(f);
	for (int i = 0; i < x->c->nwords; i++)
		if (flow_files(x->c->words[i], &to, f) != 0)
			return -1;
	while (x->nflying > 0)
		if (take_one(x, f) != 0)
			return -1;
	for (size_t i = 0; i < json_array_size(x->done); i++)
		if (add_file(x, json_array_get(x->done, i), f) != 0)
			return -1;
	return 0;
}

/* ---- Telling ---- */

static void
print_found(const json_t *told, const char *dir)
{
	const json_t *entities = json_object_get(told, "entities"), *row;
	char a[32], b[32], d[32];
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)entities, key, row)
	{
		speak("%-28s %12s in %s files\n", key,
		    report_number(a, (uint64_t)member_number(row, "n")),
		    report_number(b, (uint64_t)member_number(row, "files")));
	}
	speak("%s/detect.html: %s finds in %s files, %s not read\n", dir,
	    report_number(a, (uint64_t)member_number(told, "n")),
	    report_number(b, json_array_size(json_object_get(told, "files"))),
	    report_number(
		d, json_array_size(json_object_get(told, "skipped"))));
}

static int
keep(struct reporting *x, const char *dir, struct fault *f)
{
	struct bytes page;
	int rc = -1;

	bytes_init(&page, REPORT_BYTES_MAX);
	if (report_found(&page, x->told, f) == 0 &&
	    report_keep(dir, "detect.csv", &x->table, f) == 0)
		rc = report_keep(dir, "detect.html", &page, f);
	bytes_free(&page);
	if (rc != 0)
		return -1;
	if (x->c->json)
		return print_json(x->told, f);
	print_found(x->told, dir);
	return 0;
}

static void
end(struct reporting *x)
{
	pool_free(x->pool);
	mem_free(x->flying);
	pool_result_free(&x->result);
	bytes_free(&x->table);
	json_decref(x->told);
	json_decref(x->done);
}

int
detect_report(struct cli *c, struct detect_request *ask, struct fault *f)
{
	struct reporting x = {
		.c = c, .ask = ask, .names = option_text(c, "names")
	};
	const char *dir = option_text(c, "report");
	int rc = -1;

	if (option_set(c, "explain") || option_set(c, "overlaps") ||
	    ask->field != NULL)
		return fault_set(f, FAULT_USAGE,
		    "--explain, --overlaps and --jsonl do not go with "
		    "--report");
	if (c->nwords == 0 || (x.names != NULL && strcmp(x.names, "-") == 0))
		return fault_set(f, FAULT_USAGE,
		    "--report reads files and folders, not standard input");
	pool_result_init(&x.result, MESSAGE_MAX);
	bytes_init(&x.table, REPORT_BYTES_MAX);
	progress_start(&x.progress, c);
	x.told = json_pack("{s:i,s:i,s:{},s:[],s:[]}", "n", 0, "bytes", 0,
	    "entities", "files", "skipped");
	x.done = json_array();
	if (x.told == NULL || x.done == NULL)
		(void)fault_memory(f);
	else if (bytes_add_text(&x.table, "file,entity,finds\r\n", f) == 0)
		rc = look(&x, f);
	progress_end(&x.progress);
	if (rc == 0)
		rc = keep(&x, dir, f);
	end(&x);
	return rc;
}
