/* The child that finds; see detect_child_internal.h.  Both ends are here, so
 * that what is put and what is taken stand side by side. */

#include <fcntl.h>
#include <string.h>

#include "gateway/cli/detect_child_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "policy/detect/detect.h"

enum { BY_COMMAND = 1 };
enum { ASK_DETECT = 1, ASK_BEGIN, ASK_COUNT };

#define SOURCE PROCESS_GIVEN
#define SINK (PROCESS_GIVEN + 1)
#define NAMES (PROCESS_GIVEN + 2)
#define ENTITIES_MAX 1024u
#define TEXT_MAX 16384u

/* ---- In the child ---- */

/* Cut a list at its commas, in place; the list ends with NULL. */
static int
split_names(char *text, const char *names[ENTITIES_MAX + 1], struct fault *f)
{
	size_t n = 0;
	char *rest = text, *name;

	while ((name = strsep(&rest, ",")) != NULL) {
		if (n == ENTITIES_MAX)
			return fault_set(
			    f, FAULT_USAGE, "over %u entities", ENTITIES_MAX);
		names[n++] = name;
	}
	names[n] = NULL;
	return 0;
}

static int
take_request(struct reader *r, struct detect_request *ask, char *entities,
    char *field, struct detection *added, struct fault *f)
{
	uint8_t explain, overlaps, names;

	if (take_text(r, entities, TEXT_MAX, f) != 0 ||
	    take_text(r, field, TEXT_MAX, f) != 0 ||
	    take_u32(r, &ask->min_score, f) != 0 ||
	    take_u8(r, &explain, f) != 0 || take_u8(r, &overlaps, f) != 0 ||
	    take_u8(r, &names, f) != 0 || detection_take(r, added, f) != 0)
		return -1;
	ask->entities = *entities != '\0' ? entities : NULL;
	ask->field = *field != '\0' ? field : NULL;
	ask->explain = explain != 0;
	ask->overlaps = overlaps != 0;
	ask->names = names != 0 ? NAMES : -1;
	return take_end(r, f);
}

/* What a child finds with, until it ends. */
struct finder {
	struct detect_request ask;
	char entities[TEXT_MAX], field[TEXT_MAX];
	struct detect_names known;
	struct detection added;
	struct detection_lists lists;
	struct detector *detector;
};

static void
finder_free(struct finder *x)
{
	detector_free(x->detector);
	detect_names_close(&x->known);
	detection_lists_free(&x->lists);
	detection_free(&x->added);
	mem_free(x);
}

/* names: a descriptor, where the request says that there are some. */
static int
finder_make(struct finder *x, struct reader *r, int names, struct fault *f)
{
	const char *list[ENTITIES_MAX + 1];
	struct detect_options o = { 0 };

	if (take_request(r, &x->ask, x->entities, x->field, &x->added, f) !=
		0 ||
	    detection_lists_new(&x->lists, &x->added, f) != 0)
		return -1;
	if (x->ask.entities != NULL) {
		if (split_names(x->entities, list, f) != 0)
			return -1;
		o.entities = list;
	}
	o.min_score = x->ask.min_score;
	o.overlaps = x->ask.overlaps;
	if (x->ask.names != -1 && detect_names_open(&x->known, names, f) != 0)
		return -1;
	o.dictionary = x->known.dictionary;
	o.allow = x->lists.allow;
	o.deny = x->lists.deny;
	o.custom = x->lists.custom;
	o.ncustom = x->lists.n;
	return detector_new(&x->detector, &o, f);
}

static int
do_detect(void *state, struct asked *a, struct fault *f)
{
	struct finder *x = mem_new(sizeof(*x));
	struct detect_answer done = { 0 };
	int rc = -1;

	(void)state;
	if (x == NULL)
		return fault_memory(f);
	if (finder_make(x, &a->in, NAMES, f) == 0 &&
	    detect_stream(x->detector, &x->ask, SOURCE, SINK, &done, f) == 0 &&
	    put_u64(&a->answer->body, done.bytes, f) == 0 &&
	    put_u64(&a->answer->body, done.records, f) == 0)
		rc = put_u64(&a->answer->body, done.spans, f);
	finder_free(x);
	return rc;
}

/* Once, before the first ASK_COUNT. */
static int
do_begin(void *state, struct asked *a, struct fault *f)
{
	struct finder **x = state;
	int names = -1, rc;

	must(*x == NULL);
	if ((*x = mem_new(sizeof(**x))) == NULL)
		return fault_memory(f);
	if (a->request->nfds > 0 && message_fd(a->request, 0, &names, f) != 0)
		return -1;
	rc = finder_make(*x, &a->in, names, f);
	file_close(&names);
	return rc;
}

static int
do_count(void *state, struct asked *a, struct fault *f)
{
	struct finder **x = state;
	struct detect_counts counts = { .n = 0 };
	struct detect_answer done = { 0 };
	struct bytes *out = &a->answer->body;
	const char *why;
	int fd, rc = -1;

	must(*x != NULL);
	if (take_end(&a->in, f) != 0 || message_fd(a->request, 0, &fd, f) != 0)
		return -1;
	if ((why = detect_not_text(fd, f)) != NULL) {
		if (put_u8(out, 1, f) == 0)
			rc = put_text(out, why, f);
	} else if (f->kind == FAULT_NONE) {
		(*x)->ask.counts = &counts;
		if (detect_stream(
			(*x)->detector, &(*x)->ask, fd, -1, &done, f) == 0 &&
		    put_u8(out, 0, f) == 0 && put_u64(out, done.bytes, f) == 0)
			rc = detect_counts_put(out, &counts, f);
	}
	detect_counts_free(&counts);
	file_close(&fd);
	return rc;
}

static const struct ask_row rows[] = {
	{ ASK_DETECT, "detect", BY_COMMAND, do_detect },
	{ ASK_BEGIN, "begin", BY_COMMAND, do_begin },
	{ ASK_COUNT, "count", BY_COMMAND, do_count },
	{ 0, NULL, 0, NULL },
};

int
detect_child_run(struct channel *up, struct fault *f)
{
	const struct sandbox sandbox = { .role = "detect", .threads = true };
	struct finder *x = NULL;
	const struct serve_options options = {
		.rows = rows, .state = &x, .request_max = MESSAGE_MAX
	};
	struct serve *s = NULL;
	int rc = -1;

	if (detect_start(f) == 0 && sandbox_enter(&sandbox, f) == 0 &&
	    serve_new(&s, &options, f) == 0 &&
	    serve_add(s, up, BY_COMMAND, NULL, f) == 0)
		rc = serve_run(s, f);
	serve_free(s);
	if (x != NULL)
		finder_free(x);
	return rc;
}

/* ---- In the command ---- */

static int
put_request(
    struct bytes *b, const struct detect_request *ask_for, struct fault *f)
{
	if (put_text(b, ask_for->entities == NULL ? "" : ask_for->entities,
		f) != 0 ||
	    put_text(b, ask_for->field == NULL ? "" : ask_for->field, f) != 0 ||
	    put_u32(b, ask_for->min_score, f) != 0 ||
	    put_u8(b, ask_for->explain, f) != 0 ||
	    put_u8(b, ask_for->overlaps, f) != 0)
		return -1;
	if (put_u8(b, ask_for->names != -1, f) != 0)
		return -1;
	return detection_put(b, ask_for->added, f);
}

int
detect_put_begin(
    struct message *m, const struct detect_request *ask_for, struct fault *f)
{
	if (ask_begin(m, ASK_BEGIN, f) != 0 ||
	    (ask_for->names != -1 && message_add_fd(m, ask_for->names, f) != 0))
		return -1;
	return put_request(&m->body, ask_for, f);
}

int
detect_put_count(struct message *m, int fd, struct fault *f)
{
	if (ask_begin(m, ASK_COUNT, f) != 0)
		return -1;
	return message_add_fd(m, fd, f);
}

static int
ask_child(struct process *p, const struct detect_request *ask_for,
    struct detect_answer *out, struct fault *f)
{
	struct message request, answer;
	struct reader r;
	int rc = -1;

	message_init(&request, MESSAGE_MAX);
	message_init(&answer, MESSAGE_MAX);
	if (ask_begin(&request, ASK_DETECT, f) == 0 &&
	    put_request(&request.body, ask_for, f) == 0 &&
	    ask(process_channel(p), &request, &answer, &r, f) == 0 &&
	    take_u64(&r, &out->bytes, f) == 0 &&
	    take_u64(&r, &out->records, f) == 0 &&
	    take_u64(&r, &out->spans, f) == 0)
		rc = take_end(&r, f);
	message_free(&request);
	message_free(&answer);
	return rc;
}

int
detect_child(const struct detect_request *ask_for, const char *path, int source,
    int sink, struct detect_answer *out, struct fault *f)
{
	/* A child's 0 and 1 are made nothing before it is given others. */
	int given[3] = { source, fcntl(sink, F_DUPFD_CLOEXEC, 3),
		ask_for->names };
	struct process *p = NULL;
	struct fault died = { 0 };
	int rc;

	if (given[1] == -1)
		return fault_errno(f, "write");
	rc =
	    process_spawn(&p, "detect", given, ask_for->names == -1 ? 2 : 3, f);
	file_close(&given[1]);
	if (rc != 0)
		return -1;
	rc = ask_child(p, ask_for, out, f);
	if (process_end(p, 1000, &died) != 0) {
		/* why it died says more than that it is gone */
		if (f->kind == FAULT_NONE || f->kind == FAULT_PEER)
			*f = died;
		rc = -1;
	}
	if (rc != 0 && f->kind != FAULT_USAGE)
		(void)fault_at(f, "%s", path);
	return rc;
}
