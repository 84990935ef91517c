/* The coordinator's side of a courier: starting it, asking, being told of
 * progress, and starting it again after a transfer was stopped. */

#include <string.h>

#include "gateway/client/client_internal.h"
#include "keys/base/mem.h"

#define END_MS 2000

struct courier {
	struct server server;
	int keeper;
	void (*progress)(void *state, uint64_t done, uint64_t total);
	void (*connecting)(void *state);
	void *state;
	struct process *process; /* NULL after a transfer was stopped */
	struct message request, answer;
};

/* Whom to tell of progress, and what came of it. */
struct watch {
	const struct courier_range *range;
	uint64_t done;
};

static int
start(struct courier *c, struct fault *f)
{
	struct reader body;

	if (c->process != NULL)
		return 0;
	if (process_spawn(&c->process, "courier", &c->keeper, 1, f) != 0)
		return -1;
	if (put_server(&c->request, &c->server, f) == 0 &&
	    ask(process_channel(c->process), &c->request, &c->answer, &body,
		f) == 0)
		return 0;
	return -1;
}

/* The courier's channel ended: it knows better why. */
static int
ended(struct courier *c, struct fault *f)
{
	struct fault died = { 0 };

	if (process_end(c->process, END_MS, &died) != 0) {
		fault_clear(f);
		*f = died;
	} else if (f->kind == FAULT_NONE) {
		(void)fault_set(f, FAULT_PEER, "@courier: ended");
	}
	c->process = NULL;
	return -1;
}

int
courier_open(
    struct courier **out, const struct courier_options *o, struct fault *f)
{
	struct courier *c;

	if ((c = mem_new(sizeof(*c))) == NULL)
		return fault_memory(f);
	message_init(&c->request, COURIER_BODY_MAX + 16384);
	message_init(&c->answer, MESSAGE_MAX);
	must(strlen(o->key) <= COURIER_KEY_CHARS);
	memcpy(c->server.key, o->key, strlen(o->key) + 1);
	memcpy(c->server.pin, o->pin, sizeof(o->pin));
	c->server.retries = o->retries;
	c->keeper = o->keeper;
	c->progress = o->progress;
	c->connecting = o->connecting;
	c->state = o->state;
	if (resolve_server(&c->server, o->url, f) != 0)
		goto fail;
	if (start(c, f) != 0) {
		if (c->process != NULL)
			(void)ended(c, f);
		goto fail;
	}
	*out = c;
	return 0;
fail:
	courier_close(c);
	return -1;
}

void
courier_close(struct courier *c)
{
	struct fault ignored = { 0 };

	if (c == NULL)
		return;
	if (c->process != NULL)
		(void)!process_end(c->process, END_MS, &ignored);
	message_free(&c->request);
	message_free(&c->answer);
	mem_free(c);
}

/* A message that is no answer: pass on what it says. */
static int
tell_progress(struct courier *c, struct watch *w, struct fault *f)
{
	struct reader r = reader_of(c->answer.body.at, c->answer.body.len);
	uint64_t total;
	uint8_t what;

	if (take_u8(&r, &what, f) != 0)
		return -1;
	if (what == COURIER_CONNECTING) {
		if (c->connecting != NULL)
			c->connecting(c->state);
		return take_end(&r, f);
	}
	if (take_u64(&r, &w->done, f) != 0 || take_u64(&r, &total, f) != 0 ||
	    take_end(&r, f) != 0)
		return -1;
	if (c->progress != NULL)
		c->progress(c->state, w->done, total);
	if (w->range == NULL || w->range->arrived == NULL)
		return 0;
	return w->range->arrived(w->range->state, w->done, f);
}

static bool
is_progress(const struct message *m)
{
	return m->body.len > 0 && (m->body.at[0] == COURIER_PROGRESS ||
				      m->body.at[0] == COURIER_CONNECTING);
}

/* One transfer, to its answer. */
static int
carry(struct courier *c, const struct transfer *t, struct watch *w,
    struct bytes *out, struct fault *f)
{
	struct channel *to;
	struct reader body;
	struct slice content;
	uint16_t status;
	bool end;

	if (start(c, f) != 0 || put_transfer(&c->request, t, f) != 0)
		return -1;
	to = process_channel(c->process);
	if (channel_send(to, &c->request, f) != 0)
		return ended(c, f);
	message_reset(&c->request);
	do {
		if (channel_receive(to, &c->answer, -1, &end, f) != 0 || end)
			return ended(c, f);
		if (!is_progress(&c->answer))
			break;
		if (tell_progress(c, w, f) != 0) {
			process_kill(c->process); /* it is in the middle */
			c->process = NULL;
			return -1;
		}
	} while (true);
	if (ask_answered(&c->answer, &body, f) != 0 ||
	    take_u16(&body, &status, f) != 0 ||
	    take_slice(&body, MESSAGE_MAX, &content, f) != 0 ||
	    take_end(&body, f) != 0)
		return -1;
	return out != NULL ? bytes_add(out, content.at, content.len, f) : 0;
}

static int
begin(struct transfer *t, const char *method, const char *path, struct fault *f)
{
	memset(t, 0, sizeof(*t));
	t->from = t->to = -1;
	if (strlen(path) > COURIER_PATH_MAX)
		return fault_set(f, FAULT_INPUT, "the path is too long");
	memcpy(t->method, method, strlen(method) + 1);
	memcpy(t->path, path, strlen(path) + 1);
	return 0;
}

int
courier_get(struct courier *c, const char *path, struct slice statement,
    struct bytes *out, struct fault *f)
{
	struct watch w = { .range = NULL };
	struct transfer t;

	if (begin(&t, "GET", path, f) != 0)
		return -1;
	t.statement = statement;
	t.answer_max = out->cap - out->len;
	return carry(c, &t, &w, out, f);
}

int
courier_post(struct courier *c, const char *path, struct slice statement,
    struct slice body, struct bytes *out, struct fault *f)
{
	struct watch w = { .range = NULL };
	struct transfer t;

	if (begin(&t, "POST", path, f) != 0)
		return -1;
	if (body.len > COURIER_BODY_MAX)
		return fault_set(f, FAULT_INPUT, "a body over %zu bytes",
		    (size_t)COURIER_BODY_MAX);
	t.statement = statement;
	t.body = body;
	t.answer_max = out->cap - out->len;
	return carry(c, &t, &w, out, f);
}

int
courier_put(struct courier *c, const char *path, int fd, uint64_t at,
    uint64_t length, struct bytes *out, struct fault *f)
{
	struct watch w = { .range = NULL };
	struct transfer t;

	if (begin(&t, "PUT", path, f) != 0)
		return -1;
	t.from = fd;
	t.at = at;
	t.length = length;
	t.answer_max = out->cap - out->len;
	return carry(c, &t, &w, out, f);
}

int
courier_fetch(struct courier *c, const struct courier_range *r, uint64_t *got,
    struct fault *f)
{
	struct watch w = { .range = r };
	struct transfer t;
	int rc;

	*got = 0;
	if (begin(&t, "GET", r->path, f) != 0)
		return -1;
	t.to = r->fd;
	t.first = r->first;
	t.count = r->count;
	rc = carry(c, &t, &w, NULL, f);
	*got = w.done;
	return rc;
}
