/*
 * The dataset's own names: what the policy says under detect: dictionary:, read
 * by one worker, then known to all.
 *
 *     files that the rules name --> one worker --> block in sealed memory
 *                                                    '--> every worker
 *
 * The coordinator sees none of them: it hands descriptors on.  Files that stay
 * behind are read like others; that a table of names never leaves is the usual
 * case.
 */

#include <string.h>
#include <strings.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/near.h"

struct naming {
	const struct policy *policy;
	const struct scan *scan;
	const struct plan *plan; /* what was decided of the files, or NULL */
	struct pool *pool;
	const struct flow_progress *progress;
	struct pool_result result;
	struct dictionary_made made;
	bool begun;
};

/* ---- How a file is read ---- */

static bool
ends_in(const char *path, const char *const *endings)
{
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot != NULL && endings[i] != NULL; i++)
		if (strcasecmp(dot + 1, endings[i]) == 0)
			return true;
	return false;
}

/* Of a file that stays behind no rule says how; its ending does. */
static bool
by_ending(const char *path, struct mask_reading *as)
{
	static const char *const table[] = { "csv", "tsv", "tab", "psv", NULL };
	static const char *const lines[] = { "jsonl", "ndjson", NULL };
	static const char *const json[] = { "json", "geojson", NULL };

	*as = (struct mask_reading){ .header = true };
	if (ends_in(path, table))
		as->type = TYPE_CSV;
	else if (ends_in(path, lines))
		as->type = TYPE_JSONL;
	else if (ends_in(path, json))
		as->type = TYPE_JSON;
	else
		return false;
	return true;
}

static int
reading_of(const struct naming *s, const struct dictionary_rule *r,
    const char *path, struct mask_reading *as, struct fault *f)
{
	const struct policy *y = s->policy;
	const struct file_rule *rule;
	bool known = true;

	if (policy_match(y, path, &rule, f) != 0)
		return -1;
	*as = (struct mask_reading){ rule->type, rule->header, rule->delimiter,
		NULL, false, 0 };
	if (rule->exclude != NULL)
		known = by_ending(path, as);
	if (!known || as->type > TYPE_JSONL) {
		(void)fault_set(f, FAULT_POLICY,
		    "%s:%u: dictionary: %s is no table and no JSON", y->name,
		    r->line, path);
		return fault_hint(f,
		    "names are read from CSV, JSON and JSON lines; narrow the "
		    "pattern \"%s\"",
		    r->file);
	}
	if (r->paths == (as->type != TYPE_CSV))
		return 0;
	(void)fault_set(f, FAULT_POLICY, "%s:%u: dictionary: %s has %s",
	    y->name, r->line, path, r->paths ? "columns" : "paths");
	return fault_hint(
	    f, "%s: {NAME: PERSON}", r->paths ? "columns" : "fields");
}

/* ---- One file ---- */

static int
put_file(struct naming *s, const struct dictionary_rule *r, uint32_t file,
    struct message *m, struct fault *f)
{
	const struct scan *scan = s->scan;
	const char *path = scan_path(scan, file);
	struct worker_file wf = {
		.path = path, .size = scan->files[file].size, .plan = PLAN_NONE
	};
	const struct subject_rule *subject =
	    policy_subject(s->policy, path, &wf.subject);
	bool in_field = subject != NULL && subject->by == SUBJECT_FIELD &&
			subject->path == r->paths;
	struct mask_reading as;
	int fd;

	if (reading_of(s, r, path, &as, f) != 0 ||
	    ask_begin(m, WORKER_DICTIONARY, f) != 0 ||
	    put_u8(&m->body, !s->begun, f) != 0 ||
	    scan_open(scan, file, &fd, f) != 0 ||
	    message_give_fd(m, fd, f) != 0 ||
	    worker_put_file(&m->body, &wf, f) != 0 ||
	    put_u8(&m->body, (uint8_t)as.type, f) != 0 ||
	    put_u8(&m->body, as.header, f) != 0 ||
	    put_u8(&m->body, (uint8_t)as.delimiter, f) != 0 ||
	    put_u8(&m->body, r->paths, f) != 0 ||
	    put_u16(&m->body, (uint16_t)r->nfields, f) != 0)
		return -1;
	for (size_t i = 0; i < r->nfields; i++)
		if (put_u8(&m->body, (uint8_t)r->fields[i].names, f) != 0 ||
		    put_text(&m->body, r->fields[i].name, f) != 0)
			return -1;
	return put_text(&m->body, in_field ? subject->field : "", f);
}

static int
read_file(struct naming *s, const struct dictionary_rule *r, uint32_t file,
    bool *found, struct fault *f)
{
	const char *path = scan_path(s->scan, file);
	struct message m;
	uint8_t has;
	int rc = -1;

	message_init(&m, MESSAGE_MAX);
	if (put_file(s, r, file, &m, f) != 0)
		goto out;
	if (crew_ask(s->pool, &m, &s->result, f) != 0) {
		if (s->result.died)
			(void)fault_at(f, "%s", path);
		goto out;
	}
	s->begun = true;
	s->made.files++;
	rc = 0;
	for (size_t i = 0; rc == 0 && i < r->nfields; i++) {
		rc = take_u8(&s->result.body, &has, f);
		found[i] |= rc == 0 && has != 0;
	}
	if (rc == 0)
		rc = take_end(&s->result.body, f);
out:
	message_free(&m);
	return rc;
}

/* ---- A rule: its files, and what none of them has ---- */

/* The name nearest to one that is in no file, among those of files that
 * leave. */
static const char *
nearest(
    const struct naming *s, const struct dictionary_rule *r, const char *name)
{
	for (uint32_t i = 0; s->plan != NULL && i < s->scan->n; i++) {
		const struct file_plan *plan;
		const char **names, *near;

		if (s->scan->files[i].plan == PLAN_NONE ||
		    !glob_matches(r->file, scan_path(s->scan, i)))
			continue;
		plan = &s->plan->plans[s->scan->files[i].plan].plan;
		names = mem_array(plan->nfields + 1, sizeof(*names));
		for (size_t k = 0; names != NULL && k < plan->nfields; k++)
			names[k] = plan->fields[k].name;
		near = names != NULL ? near_word(name, names) : NULL;
		mem_free(names);
		if (near != NULL)
			return near;
	}
	return NULL;
}

static int
missing(const struct naming *s, const struct dictionary_rule *r,
    const struct dictionary_field *field, struct fault *f)
{
	const char *near = nearest(s, r, field->name);

	(void)fault_set(f, FAULT_POLICY,
	    "%s:%u:%u: dictionary: no file that matches \"%s\" has the %s "
	    "\"%s\"",
	    s->policy->name, field->line, field->column, r->file,
	    r->paths ? "path" : "column", field->name);
	if (near != NULL)
		return fault_hint(f, "did you mean %s?", near);
	return fault_hint(f, "names count as they stand in the file, upper and "
			     "lower case included");
}

static int
read_rule(struct naming *s, const struct dictionary_rule *r, struct fault *f)
{
	const struct scan *scan = s->scan;
	bool found[DICTIONARY_FIELDS_MAX] = { false }, any = false;

	for (uint32_t i = 0; i < scan->n; i++) {
		if (!glob_matches(r->file, scan_path(scan, i)))
			continue;
		any = true;
		if (read_file(s, r, i, found, f) != 0)
			return -1;
		if (s->progress->tell != NULL)
			s->progress->tell(s->progress->arg,
			    "reading names, files", s->made.files, 0);
	}
	if (!any) {
		(void)fault_set(f, FAULT_POLICY,
		    "%s:%u: dictionary: no file matches \"%s\"",
		    s->policy->name, r->line, r->file);
		return fault_hint(f, "paths count from the top of the dataset");
	}
	for (size_t i = 0; i < r->nfields; i++)
		if (!found[i])
			return missing(s, r, &r->fields[i], f);
	return 0;
}

/* ---- All of it ---- */

static int
seal(struct naming *s, struct fault *f)
{
	struct reader *r = &s->result.body;
	struct message m;
	int rc = -1;

	message_init(&m, 64);
	if (sealed_new(&s->made.fd, "a dictionary", f) == 0 &&
	    ask_begin(&m, WORKER_DICTIONARY_END, f) == 0 &&
	    message_add_fd(&m, s->made.fd, f) == 0 &&
	    crew_ask(s->pool, &m, &s->result, f) == 0 &&
	    take_u64(r, &s->made.values, f) == 0 &&
	    take_u64(r, &s->made.words, f) == 0 &&
	    take_u64(r, &s->made.bytes, f) == 0 && take_end(r, f) == 0)
		rc = sealed_end(s->made.fd, "a dictionary", f);
	message_free(&m);
	return rc;
}

/* Workers that run already; later ones get it as they begin. */
static int
tell_all(struct naming *s, struct fault *f)
{
	struct message m;
	int rc = 0;

	message_init(&m, 64);
	for (size_t i = 0; rc == 0 && i < pool_workers(s->pool); i++) {
		if (pool_starts(s->pool, i) == 0)
			continue;
		message_reset(&m);
		rc = -1;
		if (ask_begin(&m, WORKER_KNOWN, f) == 0 &&
		    message_add_fd(&m, s->made.fd, f) == 0 &&
		    pool_give_to(s->pool, i, &m, 0, f) == 0 &&
		    pool_take(s->pool, &s->result, f) == 0)
			rc = 0;
		if (rc == 0 && s->result.fault.kind != FAULT_NONE) {
			*f = s->result.fault;
			rc = -1;
		}
	}
	message_free(&m);
	return rc;
}

/* made.fd is the caller's, and -1 after a failure. */
static int
make(struct naming *s, struct fault *f)
{
	const struct detection *d = &s->policy->detection;
	int rc = 0;

	s->made.fd = -1;
	for (size_t i = 0; rc == 0 && i < d->ndictionary; i++)
		rc = read_rule(s, &d->dictionary[i], f);
	if (rc == 0)
		rc = seal(s, f);
	if (rc != 0)
		file_close(&s->made.fd);
	return rc;
}

int
plan_dictionary(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f)
{
	struct naming s = { .policy = p->policy,
		.scan = &p->scan,
		.plan = p,
		.pool = pool,
		.progress = progress };
	int rc;

	if (p->policy->detection.ndictionary == 0)
		return 0;
	pool_result_init(&s.result, 65536);
	if ((rc = make(&s, f)) == 0) {
		p->dictionary = s.made;
		rc = tell_all(&s, f);
	}
	pool_result_free(&s.result);
	return rc;
}

int
flow_dictionary(int *fd, const struct policy *p, const char *dataset,
    const struct flow_progress *progress, struct fault *f)
{
	struct pool_options crew = { .role = "worker", .workers = 1 };
	struct scan scan = { .root = -1 };
	struct naming s = { .policy = p, .scan = &scan, .progress = progress };
	int rc = -1;

	pool_result_init(&s.result, 65536);
	if (scan_dataset(&scan, dataset, f) == 0 &&
	    pool_new(&s.pool, &crew, f) == 0)
		rc = make(&s, f);
	*fd = rc == 0 ? s.made.fd : -1;
	pool_free(s.pool);
	pool_result_free(&s.result);
	scan_free(&scan);
	return rc;
}

static int
put_lines(struct message *m, const struct bytes *lines, struct fault *f)
{
	const struct worker_file wf = {
		.path = "dictionary", .size = lines->len, .plan = PLAN_NONE
	};
	int fd;

	if (sealed_new(&fd, "names", f) != 0)
		return -1;
	if (file_write(fd, lines->at, lines->len, f) != 0) {
		file_close(&fd);
		return -1;
	}
	if (ask_begin(m, WORKER_DICTIONARY, f) != 0 ||
	    put_u8(&m->body, 1, f) != 0 || message_give_fd(m, fd, f) != 0 ||
	    worker_put_file(&m->body, &wf, f) != 0 ||
	    put_u8(&m->body, TYPE_JSONL, f) != 0 ||
	    put_u8(&m->body, 0, f) != 0 || put_u8(&m->body, 0, f) != 0 ||
	    put_u8(&m->body, 1, f) != 0 ||
	    put_u16(&m->body, DICTIONARY_KINDS, f) != 0)
		return -1;
	for (unsigned i = 0; i < DICTIONARY_KINDS; i++)
		if (put_u8(&m->body, (uint8_t)i, f) != 0 ||
		    put_text(&m->body, dictionary_names_words[i], f) != 0)
			return -1;
	return put_text(&m->body, "subject", f);
}

int
dictionary_of_lines(int *fd, const struct bytes *lines, struct fault *f)
{
	struct pool_options crew = { .role = "worker", .workers = 1 };
	struct naming s = { .made.fd = -1 };
	struct message m;
	int rc = -1;

	pool_result_init(&s.result, 65536);
	message_init(&m, MESSAGE_MAX);
	if (pool_new(&s.pool, &crew, f) == 0 && put_lines(&m, lines, f) == 0 &&
	    crew_ask(s.pool, &m, &s.result, f) == 0)
		rc = seal(&s, f);
	if (rc != 0)
		file_close(&s.made.fd);
	*fd = s.made.fd;
	message_free(&m);
	pool_free(s.pool);
	pool_result_free(&s.result);
	return rc;
}

int
dictionary_hand(int fd, struct channel *worker, uint8_t digest[DIGEST_BYTES],
    bool *keyed, struct fault *f)
{
	struct message m, answer;
	struct slice said;
	struct reader r;
	int rc = -1;

	*keyed = false;
	if (fd == -1)
		return 0;
	message_init(&m, 64);
	message_init(&answer, 4096);
	if (ask_begin(&m, WORKER_KNOWN, f) == 0 &&
	    message_add_fd(&m, fd, f) == 0 &&
	    ask(worker, &m, &answer, &r, f) == 0 &&
	    take_slice(&r, DIGEST_BYTES, &said, f) == 0)
		rc = take_end(&r, f);
	if (rc == 0 && said.len == DIGEST_BYTES) {
		memcpy(digest, said.at, DIGEST_BYTES);
		*keyed = true;
	}
	message_free(&m);
	message_free(&answer);
	return rc;
}

int
plan_hand_names(void *state, struct channel *worker, struct fault *f)
{
	const struct plan *p = state;
	uint8_t digest[DIGEST_BYTES];
	bool keyed;

	return dictionary_hand(p->dictionary.fd, worker, digest, &keyed, f);
}
