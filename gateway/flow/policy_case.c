/*
 * One case of `policy test`: its row, document or text becomes a small file,
 * which goes the way of every file, by shape, decision and mask, in a worker.
 *
 * Not here: what came out held against what is expected (case_compare.c).
 */

#include <string.h>
#include <sys/mman.h>

#include "gateway/flow/policy_test_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* -- The file ------------------------------------------------------------ */

/* In quotes, always: what is in a case is a value, whatever it looks like. */
static int
add_record(
    struct bytes *out, const struct names *n, char delimiter, struct fault *f)
{
	for (size_t i = 0; i < n->n; i++) {
		if (bytes_addf(out, f, "%.*s\"", i > 0, &delimiter) != 0)
			return -1;
		for (const char *p = n->at[i]; *p != '\0'; p++)
			if (bytes_add(out, *p == '"' ? "\"\"" : p,
				*p == '"' ? 2 : 1, f) != 0)
				return -1;
		if (bytes_add_text(out, "\"", f) != 0)
			return -1;
	}
	return bytes_add_text(out, "\n", f);
}

static int
make_source(struct bytes *out, const struct policy_case *c,
    const struct file_rule *rule, struct fault *f)
{
	char delimiter = rule->delimiter != 0 ? rule->delimiter : ',';

	if (c->input != CASE_ROW)
		return bytes_add_text(out, c->text, f);
	if (rule->type == TYPE_DICOM)
		return mask_dicom_make(out, &c->columns, &c->values, f);
	if (rule->header && add_record(out, &c->columns, delimiter, f) != 0)
		return -1;
	return add_record(out, &c->values, delimiter, f);
}

static int
in_memory(const void *p, size_t len, int *fd, struct fault *f)
{
	if ((*fd = memfd_create("case", MFD_CLOEXEC)) == -1)
		return fault_errno(f, "a file in memory");
	return file_write(*fd, p, len, f);
}

/* -- Asking the worker --------------------------------------------------- */

static int
ask_worker(struct testing *t, struct message *m, struct pool_result *r,
    struct fault *f)
{
	if (pool_give(t->pool, m, 0, f) != 0)
		return -1;
	return pool_take(t->pool, r, f);
}

/* p: with whom it is about, as its path says. */
static int
put_source(struct message *m, const struct policy *p,
    const struct policy_case *c, const struct bytes *source, struct fault *f)
{
	struct worker_file file = { c->file, source->len, UINT32_MAX,
		{ NULL, 0 } };
	int fd;

	if (p != NULL)
		(void)policy_subject(p, c->file, &file.subject);

	if (in_memory(source->at, source->len, &fd, f) != 0 ||
	    message_give_fd(m, fd, f) != 0)
		return -1;
	return worker_put_file(&m->body, &file, f);
}

/* The shape, or the fault that there is instead. */
static int
ask_shape(struct testing *t, const struct policy_case *c,
    const struct file_rule *rule, const struct bytes *source,
    struct shape *shape, struct fault *got, struct fault *f)
{
	const struct mask_reading as = { rule->type, rule->header,
		rule->delimiter, &rule->apart, rule_searches(rule), 0 };
	struct pool_result r;
	struct message m;
	struct slice s;
	struct reader in;
	uint8_t said;
	int rc = -1;

	message_init(&m, MESSAGE_MAX);
	pool_result_init(&r, MESSAGE_MAX);
	if (crew_put_shapes(&m, &as, 1, f) != 0 ||
	    put_source(&m, NULL, c, source, f) != 0 ||
	    ask_worker(t, &m, &r, f) != 0)
		goto out;
	if (r.fault.kind != FAULT_NONE) {
		*got = r.fault;
		rc = 0;
		goto out;
	}
	if (take_u8(&r.body, &said, f) != 0)
		goto out;
	if (said == WORKER_SAID_FAULT) {
		rc = take_fault(&r.body, got, f);
		goto out;
	}
	if (take_slice(&r.body, MESSAGE_MAX, &s, f) != 0)
		goto out;
	in = reader_of(s.at, s.len);
	rc = shape_take(&in, shape, f);
out:
	message_free(&m);
	pool_result_free(&r);
	return rc;
}

/* -- The mask ------------------------------------------------------------ */

/* u8 whether files were given, and those that leave. */
static int
put_leaving(struct bytes *b, const struct testing *t, struct fault *f)
{
	if (put_u8(b, t->tests->judges_files, f) != 0 ||
	    put_u32(b, (uint32_t)t->nleaving, f) != 0)
		return -1;
	for (size_t i = 0; i < t->nleaving; i++)
		if (put_text(b, t->leaving[i], f) != 0)
			return -1;
	return 0;
}

static bool
is_suppressed(const struct policy_tests *t, const struct slice *person)
{
	for (size_t i = 0; person->len > 0 && i < t->suppressed.n; i++)
		if (strlen(t->suppressed.at[i]) == person->len &&
		    memcmp(t->suppressed.at[i], person->at, person->len) == 0)
			return true;
	return false;
}

static int
mask(struct testing *t, const struct policy_case *c,
    const struct file_plan *plan, const struct bytes *source,
    struct case_why *why, struct fault *got, struct fault *f)
{
	bool gives = c->wants == CASE_GIVES;
	bool document = gives && c->input == CASE_DOCUMENT;
	struct pool_result r;
	struct slice person;
	struct message m;
	int fd, rc = -1;

	message_init(&m, MESSAGE_MAX);
	pool_result_init(&r, MESSAGE_MAX);
	if (ask_begin(&m, WORKER_CASE, f) != 0 ||
	    put_source(&m, t->policy, c, source, f) != 0 ||
	    file_plan_put(&m.body, plan, f) != 0 ||
	    put_text(&m.body, t->tests->key, f) != 0 ||
	    put_u64(&m.body, document ? strlen(c->want) : 0, f) != 0 ||
	    put_leaving(&m.body, t, f) != 0 || in_memory("", 0, &fd, f) != 0 ||
	    message_give_fd(&m, fd, f) != 0)
		goto out;
	if (document && (in_memory(c->want, strlen(c->want), &fd, f) != 0 ||
			    message_give_fd(&m, fd, f) != 0))
		goto out;
	if (ask_worker(t, &m, &r, f) != 0)
		goto out;
	rc = 0;
	if (r.fault.kind != FAULT_NONE)
		*got = r.fault;
	else if ((rc = take_slice(&r.body, MESSAGE_MAX, &person, f)) == 0 &&
		 is_suppressed(t->tests, &person))
		why->stays = "its person is suppressed";
	else if (rc == 0 && gives)
		rc = policy_case_compare(c, plan->type, &r.body, why, f);
out:
	message_free(&m);
	pool_result_free(&r);
	return rc;
}

/* -- A case -------------------------------------------------------------- */

/* Does the rule's type take what the case gives? */
static bool
fits(const struct file_rule *rule, enum case_input input)
{
	switch (rule->type) {
	case TYPE_CSV:
	case TYPE_DICOM:
		return input == CASE_ROW;
	case TYPE_JSON:
	case TYPE_JSONL:
		return input == CASE_DOCUMENT;
	case TYPE_TEXT:
		return input == CASE_TEXT;
	default:
		return false;
	}
}

static void
note_use(
    struct testing *t, const struct file_rule *rule, const struct shape *shape)
{
	bool *used = t->used[rule - t->policy->files];

	if (rule->type == TYPE_TEXT && rule->nfields > 0)
		used[1] = true; /* its one line has no name to be met */
	for (size_t i = 0; i < shape->nfields; i++) {
		const struct field_rule *line =
		    policy_line(rule, shape->fields[i].name);

		if (line != NULL)
			used[1 + (line - rule->fields)] = true;
	}
}

/* By shape, decision and mask; *got is a refusal, if it came to one. */
static int
go(struct testing *t, const struct policy_case *c, const struct file_rule *rule,
    struct case_why *why, struct fault *got, struct fault *f)
{
	struct file_plan plan = { .nfields = 0 };
	struct bytes source;
	struct shape shape;
	int rc = -1;

	bytes_init(&source, MESSAGE_MAX);
	shape_init(&shape, rule->type);
	if (make_source(&source, c, rule, f) != 0 ||
	    ask_shape(t, c, rule, &source, &shape, got, f) != 0)
		goto out;
	rc = 0;
	if (got->kind != FAULT_NONE)
		goto out;
	note_use(t, rule, &shape);
	if (policy_decide(t->policy, c->file, &shape, &plan, NULL, got) == 0)
		rc = mask(t, c, &plan, &source, why, got, f);
out:
	file_plan_free(&plan);
	shape_free(&shape);
	bytes_free(&source);
	return rc;
}

/* Is what came of it what was wanted? */
static void
judge(const struct policy_case *c, const struct file_rule *rule,
    const struct fault *got, struct case_why *why)
{
	const char *exclude = why->stays != NULL ? why->stays
			      : rule != NULL	 ? rule->exclude
						 : NULL;

	if (why->text[0] != '\0')
		return;
	if (got->kind != FAULT_NONE) {
		if (c->wants != CASE_REFUSED)
			policy_case_say(why, "refused: %s", got->text);
		else if (strstr(got->text, c->want) == NULL)
			policy_case_say(why,
			    "expected a refusal with \"%s\", got: %s", c->want,
			    got->text);
	} else if (exclude != NULL) {
		if (c->wants != CASE_EXCLUDED)
			policy_case_say(why, "stays behind: %s", exclude);
		else if (strstr(exclude, c->want) == NULL)
			policy_case_say(why,
			    "expected to stay behind for \"%s\", got: %s",
			    c->want, exclude);
	} else if (c->wants != CASE_GIVES) {
		policy_case_say(why, "expected to %s, and it leaves",
		    c->wants == CASE_REFUSED ? "be refused" : "stay behind");
	}
}

int
policy_case_run(struct testing *t, const struct policy_case *c,
    struct case_why *why, struct fault *f)
{
	const struct file_rule *rule = NULL;
	struct fault got = { 0 };

	*why = (struct case_why){ .stays = NULL };
	if (policy_case_vendor(t, c, &got) == 0 &&
	    policy_match(t->policy, c->file, &rule, &got) == 0) {
		t->used[rule - t->policy->files][0] = true;
		if (rule->exclude == NULL && !fits(rule, c->input))
			policy_case_say(why,
			    "the file is %s by its rule, and the case "
			    "gives %s",
			    file_type_name(rule->type),
			    c->input == CASE_ROW	? "a row"
			    : c->input == CASE_DOCUMENT ? "a document"
			    : c->input == CASE_TEXT	? "a text"
							: "nothing");
		else if (rule->exclude == NULL &&
			 go(t, c, rule, why, &got, f) != 0)
			return -1;
	}
	judge(c, rule, &got, why);
	return 0;
}
