/* A file masked in a child; see mask_child_internal.h.  Both ends are here,
 * so that what is put and what is taken stand side by side. */

#include <string.h>
#include <sys/stat.h>

#include "gateway/cli/mask_child_internal.h"
#include "keys/base/files.h"

enum { BY_COMMAND = 1 };
enum { ASK_SHAPE = 1, ASK_FILE, ASK_SAMPLE };

#define SOURCE PROCESS_GIVEN
#define SINK (PROCESS_GIVEN + 1)
#define PATH_MAX_BYTES 4096u

/* -- In the child -------------------------------------------------------- */

/* What the child has between two requests. */
struct masking {
	unsigned threads;
	struct shape met; /* in the beginning, if only that was asked for */
};

/* The file a request is about: its path and size, and whose it is. */
struct subject {
	char path[PATH_MAX_BYTES];
	struct mask_source src;
	struct file_plan plan;
	struct mask_fresh fresh;
	const void *known; /* the dataset's own names, or NULL */
	size_t known_len;
	struct transform_dictionary *dictionary;
};

static int
take_source(struct reader *r, struct subject *s, struct fault *f)
{
	s->src = (struct mask_source){ .fd = SOURCE, .path = s->path };
	if (take_text(r, s->path, sizeof(s->path), f) != 0)
		return -1;
	if (take_u64(r, &s->src.size, f) != 0)
		return -1;
	return take_slice(r, SHAPE_NAME_MAX, &s->src.subject, f);
}

static int
do_shape(void *state, struct asked *a, struct fault *f)
{
	struct masking *m = state;
	struct subject s;
	struct names apart = { .n = 0 };
	struct mask_reading as;
	uint8_t type, header, delimiter, searched;
	struct shape shape;
	uint64_t most;
	int rc = -1;

	if (take_source(&a->in, &s, f) != 0 || take_u8(&a->in, &type, f) != 0 ||
	    take_u8(&a->in, &header, f) != 0 ||
	    take_u8(&a->in, &delimiter, f) != 0 ||
	    names_take(&a->in, APART_MAX, &apart, f) != 0 ||
	    take_u8(&a->in, &searched, f) != 0 ||
	    take_u64(&a->in, &most, f) != 0 || take_end(&a->in, f) != 0)
		goto out;
	must(type < FILE_TYPES);
	as = (struct mask_reading){ type, header != 0, (char)delimiter, &apart,
		searched != 0, most };
	s.src.threads = m->threads;
	shape_init(&shape, (enum file_type)type);
	if (mask_shape(&s.src, &as, &shape, f) == 0)
		rc = shape_put(&a->answer->body, &shape, f);
	shape_free(&m->met);
	m->met = shape;
out:
	names_free(&apart);
	return rc;
}

/* A descriptor of names, where there is one. */
static int
take_names(struct asked *a, struct subject *s, struct fault *f)
{
	uint8_t any;
	int fd, rc;

	if (take_u8(&a->in, &any, f) != 0)
		return -1;
	if (!any)
		return 0;
	if (message_fd(a->request, 0, &fd, f) != 0)
		return -1;
	rc = sealed_map(&s->known, &s->known_len, fd, "a dictionary", f);
	file_close(&fd);
	if (rc != 0 || transform_dictionary_open(
			   &s->dictionary, s->known, s->known_len, f) != 0)
		return -1;
	for (unsigned t = 0; t < s->fresh.threads; t++)
		s->fresh.keys[t].dictionary = s->dictionary;
	return 0;
}

/* The source, its plan, and keys for it; subject_free() it, failed or not. */
static int
take_subject(
    struct asked *a, struct subject *s, unsigned threads, struct fault *f)
{
	memset(s, 0, sizeof(*s));
	if (take_source(&a->in, s, f) != 0 ||
	    file_plan_take(&a->in, &s->plan, f) != 0)
		return -1;
	s->src.plan = &s->plan;
	s->src.keys = s->fresh.keys;
	s->src.threads = threads;
	if (mask_fresh_make(&s->fresh, &s->plan, threads, f) != 0)
		return -1;
	return take_names(a, s, f);
}

static void
subject_free(struct subject *s)
{
	transform_dictionary_free(s->dictionary);
	sealed_unmap(s->known, s->known_len);
	mask_fresh_free(&s->fresh);
	file_plan_free(&s->plan);
}

/* After every so many bytes the disk begins with them: the flush at the end
 * is what a person waits for. */
#define FLUSH_EARLY ((uint64_t)8 << 20)

static int
write_sink(void *arg, const void *p, size_t len, struct fault *f)
{
	uint64_t *written = arg, before = *written;

	if (file_write(SINK, p, len, f) != 0)
		return -1;
	*written += len;
	if (*written / FLUSH_EARLY != before / FLUSH_EARLY)
		file_flush_early(SINK);
	return 0;
}

static int
do_file(void *state, struct asked *a, struct fault *f)
{
	const struct masking *m = state;
	uint64_t written = 0;
	struct mask_sink sink = { write_sink, &written };
	struct mask_change change;
	struct subject s;
	uint8_t begun;
	int rc = -1;

	mask_change_init(&change, true);
	if (take_subject(a, &s, m->threads, f) != 0 ||
	    take_u8(&a->in, &begun, f) != 0 || take_end(&a->in, f) != 0)
		goto out;
	s.src.met = begun != 0 ? &m->met : NULL;
	if (mask_file(&s.src, sink, &change, f) == 0)
		rc = mask_change_put(&a->answer->body, &change, f);
out:
	mask_change_free(&change);
	subject_free(&s);
	return rc;
}

/* Keeps the first bytes of what it is given. */
static int
write_head(void *arg, const void *p, size_t len, struct fault *f)
{
	struct bytes *head = arg;
	size_t left = head->cap - head->len;

	return bytes_add(head, p, len < left ? len : left, f);
}

static int
put_head(struct bytes *b, const void *p, size_t len, struct fault *f)
{
	return put_slice(
	    b, p, len < MASK_SAMPLE_BYTES ? len : MASK_SAMPLE_BYTES, f);
}

/* Bytes of the source, for "before". */
static int
put_source(struct bytes *b, uint64_t at, uint64_t len, struct fault *f)
{
	uint8_t head[MASK_SAMPLE_BYTES];
	size_t got;

	if (file_read_at(SOURCE, head,
		len < sizeof(head) ? (size_t)len : sizeof(head), at, &got,
		f) != 0)
		return -1;
	return put_slice(b, head, got, f);
}

static int
sample_file(struct subject *s, struct bytes *b, struct fault *f)
{
	struct mask_change change;
	struct bytes head;
	int rc = -1;

	bytes_init(&head, MASK_SAMPLE_BYTES);
	mask_change_init(&change, false);
	if (mask_file(&s->src, (struct mask_sink){ write_head, &head }, &change,
		f) == 0 &&
	    put_slice(b, "", 0, f) == 0 &&
	    put_source(b, 0, s->src.size, f) == 0 &&
	    put_head(b, head.at, head.len, f) == 0 &&
	    put_u8(b, s->src.size > MASK_SAMPLE_BYTES, f) == 0)
		rc = 0;
	mask_change_free(&change);
	bytes_free(&head);
	return rc;
}

/* One record's sample; the header's, which ends where the record begins, goes
 * before the first. */
static int
put_row(struct bytes *b, const struct mask_row *row, const struct bytes *out,
    struct fault *f)
{
	if (put_head(b, row->id.at, row->id.len, f) != 0 ||
	    put_source(b, row->at, row->len, f) != 0 ||
	    put_head(b, out->at, out->len, f) != 0)
		return -1;
	return put_u8(b, row->len > MASK_SAMPLE_BYTES, f);
}

static int
put_header(
    struct bytes *b, uint64_t len, const struct bytes *head, struct fault *f)
{
	if (head->len == 0)
		return 0;
	if (put_slice(b, "", 0, f) != 0 || put_source(b, 0, len, f) != 0 ||
	    put_head(b, head->at, head->len, f) != 0)
		return -1;
	return put_u8(b, len > MASK_SAMPLE_BYTES, f);
}

static int
sample_rows(struct subject *s, uint32_t n, struct bytes *b, struct fault *f)
{
	struct mask_rows *m = NULL;
	struct mask_row row = { .at = s->src.size };
	struct bytes head, out;
	bool end = false;
	int rc = -1;

	bytes_init(&head, 8 * (size_t)MASK_RECORD_MAX);
	bytes_init(&out, 8 * (size_t)MASK_RECORD_MAX);
	if (mask_rows_open(&m, &s->src, NULL, NULL, f) != 0 ||
	    mask_rows_header(m, &head, f) != 0)
		goto out;
	for (uint32_t i = 0; i < n && !end; i++) {
		bytes_reset(&out);
		if (mask_rows_next(m, &row, &out, &end, f) != 0 ||
		    (i == 0 && put_header(b, row.at, &head, f) != 0) ||
		    (!end && put_row(b, &row, &out, f) != 0))
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(m);
	bytes_free(&head);
	bytes_free(&out);
	return rc;
}

static int
do_sample(void *state, struct asked *a, struct fault *f)
{
	struct subject s;
	uint32_t n;
	int rc = -1;

	(void)state;
	if (take_subject(a, &s, 1, f) == 0 && take_u32(&a->in, &n, f) == 0 &&
	    take_end(&a->in, f) == 0)
		rc = mask_has_rows(&s.plan)
			 ? sample_rows(&s, n, &a->answer->body, f)
			 : sample_file(&s, &a->answer->body, f);
	subject_free(&s);
	return rc;
}

static const struct ask_row rows[] = {
	{ ASK_SHAPE, "shape", BY_COMMAND, do_shape },
	{ ASK_FILE, "file", BY_COMMAND, do_file },
	{ ASK_SAMPLE, "sample", BY_COMMAND, do_sample },
	{ 0, NULL, 0, NULL },
};

int
mask_child_run(struct channel *up, struct fault *f)
{
	const struct sandbox sandbox = { .role = "mask", .threads = true };
	size_t cores = process_cores();
	struct masking m = { .threads = cores < MASK_THREADS_MAX
					    ? (unsigned)cores
					    : MASK_THREADS_MAX };
	const struct serve_options options = {
		.rows = rows, .state = &m, .request_max = MESSAGE_MAX
	};
	struct serve *s = NULL;
	int rc = -1;

	if (mask_start(f) == 0 && sandbox_enter(&sandbox, f) == 0 &&
	    serve_new(&s, &options, f) == 0 &&
	    serve_add(s, up, BY_COMMAND, NULL, f) == 0)
		rc = serve_run(s, f);
	serve_free(s);
	shape_free(&m.met);
	return rc;
}

/* -- In the command ------------------------------------------------------ */

int
mask_child_open(struct mask_child *c, const char *path, int source, int sink,
    struct fault *f)
{
	int given[2] = { source, sink };
	struct stat st;

	*c = (struct mask_child){ .path = path, .dictionary = -1 };
	if (fstat(source, &st) != 0)
		return fault_errno(f, "%s", path);
	if (!S_ISREG(st.st_mode))
		return fault_set(
		    f, FAULT_INPUT, "%s: not a regular file", path);
	c->size = (uint64_t)st.st_size;
	return process_spawn(&c->process, "mask", given, sink == -1 ? 1 : 2, f);
}

int
mask_child_close(struct mask_child *c, struct fault *f)
{
	struct fault died = { 0 };

	file_close(&c->dictionary);
	if (c->process == NULL)
		return 0;
	if (process_end(c->process, 1000, &died) != 0) {
		/* why it died says more than that it is gone */
		if (f->kind == FAULT_NONE || f->kind == FAULT_PEER)
			*f = died;
		c->process = NULL;
		return -1;
	}
	c->process = NULL;
	return 0;
}

static int
begin(struct mask_child *c, struct message *request, uint16_t code,
    struct fault *f)
{
	/* with names, whose a record is follows from its place in the dataset
	 */
	const char *path = c->dictionary != -1 ? c->inside : c->path;

	message_init(request, MESSAGE_MAX);
	if (ask_begin(request, code, f) != 0 ||
	    put_text(&request->body, path, f) != 0)
		return -1;
	if (put_u64(&request->body, c->size, f) != 0)
		return -1;
	return put_slice(&request->body, c->subject, strlen(c->subject), f);
}

static int
put_plan(const struct mask_child *c, struct message *request,
    const struct file_plan *plan, struct fault *f)
{
	if (file_plan_put(&request->body, plan, f) != 0 ||
	    put_u8(&request->body, c->dictionary != -1, f) != 0)
		return -1;
	return c->dictionary == -1 ? 0
				   : message_add_fd(request, c->dictionary, f);
}

int
mask_child_shape(struct mask_child *c, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	struct message request, answer;
	struct reader r;
	int rc = -1;

	message_init(&answer, MESSAGE_MAX);
	if (begin(c, &request, ASK_SHAPE, f) == 0 &&
	    put_u8(&request.body, (uint8_t)as->type, f) == 0 &&
	    put_u8(&request.body, as->header ? 1 : 0, f) == 0 &&
	    put_u8(&request.body, (uint8_t)as->delimiter, f) == 0 &&
	    names_put(&request.body, as->apart, f) == 0 &&
	    put_u8(&request.body, as->searched, f) == 0 &&
	    put_u64(&request.body, as->most, f) == 0 &&
	    ask(process_channel(c->process), &request, &answer, &r, f) == 0 &&
	    shape_take(&r, out, f) == 0)
		rc = 0;
	message_free(&request);
	message_free(&answer);
	return rc;
}

int
mask_child_file(struct mask_child *c, const struct file_plan *plan,
    struct mask_change *out, struct fault *f)
{
	struct message request, answer;
	struct reader r;
	int rc = -1;

	message_init(&answer, MESSAGE_MAX);
	if (begin(c, &request, ASK_FILE, f) == 0 &&
	    put_plan(c, &request, plan, f) == 0 &&
	    put_u8(&request.body, c->begun, f) == 0 &&
	    ask(process_channel(c->process), &request, &answer, &r, f) == 0 &&
	    mask_change_take(&r, out, f) == 0)
		rc = 0;
	message_free(&request);
	message_free(&answer);
	return rc;
}

static int
take_sample(struct reader *r, struct mask_sample *s, struct fault *f)
{
	uint8_t more;

	if (take_slice(r, MASK_SAMPLE_BYTES, &s->id, f) != 0 ||
	    take_slice(r, MASK_SAMPLE_BYTES, &s->before, f) != 0 ||
	    take_slice(r, MASK_SAMPLE_BYTES, &s->after, f) != 0 ||
	    take_u8(r, &more, f) != 0)
		return -1;
	s->more = more != 0;
	return 0;
}

int
mask_child_sample(struct mask_child *c, const struct file_plan *plan,
    uint32_t n,
    int (*tell)(void *arg, const struct mask_sample *s, struct fault *f),
    void *arg, struct fault *f)
{
	struct message request, answer;
	struct mask_sample s;
	struct reader r;
	int rc = -1;

	must(n <= MASK_SAMPLES_MAX);
	message_init(&answer, MESSAGE_MAX);
	if (begin(c, &request, ASK_SAMPLE, f) == 0 &&
	    put_plan(c, &request, plan, f) == 0 &&
	    put_u32(&request.body, n, f) == 0 &&
	    ask(process_channel(c->process), &request, &answer, &r, f) == 0)
		rc = 0;
	while (rc == 0 && reader_left(&r) > 0)
		if ((rc = take_sample(&r, &s, f)) == 0)
			rc = tell(arg, &s, f);
	message_free(&request);
	message_free(&answer);
	return rc;
}
