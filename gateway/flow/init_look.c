/* `policy init`: workers look at every file, many in one message. */

#include <string.h>

#include "gateway/flow/init_internal.h"
#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* A message ends before it has more than so many bytes that may be read. */
#define BATCH_BYTES ((uint64_t)32 << 20)

struct batch {
	uint32_t first;
	uint16_t n;
};

/* Fit to stand in a policy: what cannot be shown is a question mark. */
static char *
shown(const char *text)
{
	char clean[sizeof(((struct fault *)0)->text) + 8];
	size_t at = 0, used;

	for (; *text != '\0' && at + 4 < sizeof(clean); text += used) {
		bool shows = text_shows(utf8_next(text, strlen(text), &used));

		if (!shows)
			clean[at++] = '?';
		for (size_t i = 0; shows && i < used; i++)
			clean[at++] = text[i];
	}
	return mem_text(clean, at);
}

int
init_why(
    struct initing *n, uint32_t file, const struct fault *why, struct fault *f)
{
	const char *text = why->text, *path = scan_path(&n->scan, file);
	size_t len = strlen(path);

	/* the path stands in the rule already */
	if (strncmp(text, path, len) == 0 && strncmp(text + len, ": ", 2) == 0)
		text += len + 2;
	n->looks[file].known = false;
	n->looks[file].why = shown(text);
	return n->looks[file].why == NULL ? fault_memory(f) : 0;
}

int
init_convert(
    const struct initing *n, uint32_t file, char **out, struct fault *f)
{
	const struct look *l = &n->looks[file];
	const struct foreign *x = NULL;
	struct fault how = { 0 };

	*out = NULL;
	if (!l->known && strncmp(l->why, "is ", 3) == 0)
		x = foreign_called(l->why + 3);
	if (x == NULL)
		return 0;
	(void)fault_set(&how, FAULT_INPUT, "is %s", x->what);
	(void)foreign_hint(x, scan_path(&n->scan, file), &how);
	*out = shown(how.hint);
	return *out == NULL ? fault_memory(f) : 0;
}

static int
take_look(struct initing *n, uint32_t file, struct fault *f)
{
	struct reader *r = &n->result.body;
	struct look *l = &n->looks[file];
	uint8_t known, type, header, delimiter;
	struct fault why = { 0 };

	if (take_u8(r, &known, f) != 0)
		return -1;
	if (known == 0)
		return take_fault(r, &why, f) != 0 ? -1
						   : init_why(n, file, &why, f);
	if (take_u8(r, &type, f) != 0 || take_u8(r, &header, f) != 0 ||
	    take_u8(r, &delimiter, f) != 0 ||
	    take_bytes(r, l->names, sizeof(l->names), f) != 0 ||
	    take_bytes(r, l->paths, sizeof(l->paths), f) != 0)
		return -1;
	if (type >= FILE_TYPES)
		return fault_set(f, FAULT_PEER, "@worker: a type of no name");
	l->known = true;
	l->type = (enum file_type)type;
	l->header = header != 0;
	l->delimiter = (char)delimiter;
	return 0;
}

static int
take_batch(struct initing *n, struct batch *flying, struct fault *f)
{
	struct batch *b;

	if (pool_take(n->pool, &n->result, f) != 0)
		return -1;
	b = &flying[n->result.ticket];
	if (n->result.fault.kind != FAULT_NONE) {
		*f = n->result.fault;
		return fault_at(f, "%s", scan_path(&n->scan, b->first));
	}
	for (uint16_t i = 0; i < b->n; i++)
		if (take_look(n, b->first + i, f) != 0)
			return -1;
	n->done += b->n;
	b->n = 0;
	if (n->o->progress.tell != NULL)
		n->o->progress.tell(
		    n->o->progress.arg, "looking at files", n->done, n->scan.n);
	return take_end(&n->result.body, f);
}

static int
put_files(struct initing *n, const struct batch *b, struct message *m,
    struct fault *f)
{
	struct worker_file file = { .plan = PLAN_NONE };
	int fd;

	if (ask_begin(m, WORKER_LOOK, f) != 0 ||
	    put_u16(&m->body, b->n, f) != 0)
		return -1;
	for (uint32_t i = b->first; i < b->first + b->n; i++) {
		file.path = scan_path(&n->scan, i);
		file.size = n->scan.files[i].size;
		if (scan_open(&n->scan, i, &fd, f) != 0 ||
		    message_give_fd(m, fd, f) != 0 ||
		    worker_put_file(&m->body, &file, f) != 0)
			return -1;
	}
	return 0;
}

static int
send_batch(struct initing *n, struct batch *flying, const struct batch *b,
    struct fault *f)
{
	size_t worker, ticket = 0;
	struct message m;
	bool room;
	int rc = -1;

	while (worker = crew_least(n->pool, &room), !room)
		if (take_batch(n, flying, f) != 0)
			return -1;
	while (flying[ticket].n != 0)
		ticket++;
	message_init(&m, MESSAGE_MAX);
	if (put_files(n, b, &m, f) == 0 &&
	    pool_give_to(n->pool, worker, &m, ticket, f) == 0) {
		flying[ticket] = *b;
		rc = 0;
	}
	message_free(&m);
	return rc;
}

static bool
any_flying(const struct pool *p)
{
	for (size_t i = 0; i < pool_workers(p); i++)
		if (pool_jobs(p, i) > 0)
			return true;
	return false;
}

int
init_look(struct initing *n, struct fault *f)
{
	struct batch *flying, b = { 0 };
	uint64_t bytes = 0;
	int rc = -1;

	flying = mem_array(pool_workers(n->pool) * POOL_DEPTH, sizeof(*flying));
	if (flying == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < n->scan.n; i++) {
		n->looks[i].path = scan_path(&n->scan, i);
		bytes += n->scan.files[i].size;
		if (++b.n < WORKER_FILES_MAX && bytes < BATCH_BYTES &&
		    i + 1 < n->scan.n)
			continue;
		if (send_batch(n, flying, &b, f) != 0)
			goto out;
		b = (struct batch){ .first = i + 1 };
		bytes = 0;
	}
	while (any_flying(n->pool))
		if (take_batch(n, flying, f) != 0)
			goto out;
	rc = 0;
out:
	mem_free(flying);
	return rc;
}
