/* The owner's objects opened in a child; see unsealer_internal.h.  Both ends
 * are here. */

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/flow.h"
#include "gateway/flow/unsealer_internal.h"
#include "gateway/package/package.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"

enum { BY_FLOW = 1 };
enum { ASK_UNSEAL = 1 };

/* Headers of one or two recipients; the keeper's own ceiling. */
#define HEADER_MAX 65536u
/* Lines of the lists go out in runs of this size. */
#define RUN_BYTES 65536u

/* ---- In the child ----------------------------------------------------------
 */

#define KEEPER_END PROCESS_GIVEN

struct opening {
	int object, out;
	struct secret file_key;
	struct package_payload payload;
	struct bytes lines;
};

/* The object's header, which says where the payload lies. */
static int
read_header(struct opening *o, struct slice *text, uint8_t buf[HEADER_MAX],
    struct fault *f)
{
	struct age_header h;
	struct stat st;
	size_t got;

	if (fstat(o->object, &st) != 0)
		return fault_errno(f, "its size");
	if (file_read_at(o->object, buf, HEADER_MAX, 0, &got, f) != 0 ||
	    age_header_read(&h, buf, got, f) != 0)
		return -1;
	*text = (struct slice){ buf, h.len };
	age_header_free(&h);
	o->payload = (struct package_payload){ .fd = o->object,
		.at = text->len,
		.bytes = (uint64_t)st.st_size - text->len,
		.file_key = &o->file_key };
	return 0;
}

static int
ask_key(
    struct opening *o, struct channel *keeper, uint32_t shard, struct fault *f)
{
	struct message request, answer;
	uint8_t buf[HEADER_MAX];
	struct slice header = { NULL, 0 };
	struct reader r;
	int rc = -1;

	message_init(&request, HEADER_MAX + 64);
	message_init(&answer, 4096);
	if (read_header(o, &header, buf, f) == 0 &&
	    ask_begin(&request, KEEPER_RETURN_KEY, f) == 0 &&
	    put_u8(&request.body, shard != UNSEAL_RETURN, f) == 0 &&
	    put_u32(&request.body, shard != UNSEAL_RETURN ? shard : 0, f) ==
		0 &&
	    put_slice(&request.body, header.at, header.len, f) == 0 &&
	    ask(keeper, &request, &answer, &r, f) == 0 &&
	    secret_new(&o->file_key, AGE_FILE_KEY_BYTES, f) == 0 &&
	    take_bytes(&r, o->file_key.at, o->file_key.len, f) == 0)
		rc = take_end(&r, f);
	message_free(&request);
	message_free(&answer);
	return rc;
}

static int
spill(struct opening *o, size_t more_than, struct fault *f)
{
	if (o->lines.len <= more_than)
		return 0;
	if (file_write(o->out, o->lines.at, o->lines.len, f) != 0)
		return -1;
	bytes_reset(&o->lines);
	return 0;
}

static int
plain(struct opening *o, struct fault *f)
{
	struct age_pump p = { .in = o->object, .out = o->out, .threads = 1 };

	if (lseek(o->object, 0, SEEK_SET) != 0)
		return fault_errno(f, "its first byte");
	return age_open_fd_with_key(&p, &o->file_key, f);
}

static int
items(struct opening *o, struct fault *f)
{
	struct package_index *x = NULL;
	struct package_entry e;
	char type[PACKAGE_EXTENSION_CHARS + 1] = "";
	bool end = false;
	int rc = -1;

	if (package_index_open(&x, &o->payload, f) != 0)
		return -1;
	for (;;) {
		if (package_index_next(x, &e, &end, f) != 0)
			goto out;
		if (end)
			break;
		if (!e.row)
			memcpy(type, e.type, sizeof(type));
		if (e.item[0] == '\0' || (!e.row && e.items == 0))
			continue;
		if (bytes_addf(&o->lines, f,
			"{\"item\":\"%s\",\"type\":\"%s\",\"width\":%u,"
			"\"height\":%u",
			e.item, type, e.width, e.height) != 0 ||
		    (package_entry_has_chars(&e) &&
			bytes_addf(&o->lines, f, ",\"chars\":%" PRIu64,
			    e.chars) != 0) ||
		    bytes_add(&o->lines, "}\n", 2, f) != 0 ||
		    spill(o, RUN_BYTES, f) != 0)
			goto out;
	}
	rc = spill(o, 0, f);
out:
	package_index_close(x);
	return rc;
}

/* As labels_read_origins() wants them: "at cut put" in decimal, divided by
 * ','; "?" where they are not known. */
static json_t *
shifts_json(const struct package_origin *from, struct fault *f)
{
	json_t *text = NULL, *one;
	struct bytes b;
	size_t i;

	bytes_init(&b, MESSAGE_MAX);
	if (from->lost && bytes_add_text(&b, "?", f) != 0)
		goto out;
	json_array_foreach(from->char_edits, i, one) for (size_t k = 0; k < 3;
							  k++)
	{
		const json_t *n = json_array_get(one, k);

		if (!json_is_integer(n) || json_integer_value(n) < 0) {
			(void)fault_set(f, FAULT_INPUT,
			    "char_edits: not three whole numbers");
			goto out;
		}
		if (bytes_addf(&b, f, "%s%lld",
			k > 0	? " "
			: i > 0 ? ","
				: "",
			(long long)json_integer_value(n)) != 0)
			goto out;
	}
	if ((text = json_stringn(b.len > 0 ? (const char *)b.at : "", b.len)) ==
	    NULL)
		(void)fault_memory(f);
out:
	bytes_free(&b);
	return text;
}

static int
add_origin(
    struct opening *o, const struct package_origin *from, struct fault *f)
{
	json_t *line = json_pack("{s:s,s:s,s:I,s:I,s:I}", "item", from->item,
	    "original", from->original, "orientation",
	    (json_int_t)from->orientation, "width", (json_int_t)from->width,
	    "height", (json_int_t)from->height);
	json_t *shifts;
	int rc = -1;

	if ((from->char_edits != NULL || from->lost) && line != NULL &&
	    ((shifts = shifts_json(from, f)) == NULL ||
		json_object_set_new(line, "shifts", shifts) != 0)) {
		json_decref(line);
		return fault_memory(f);
	}
	if (line == NULL ||
	    (from->group[0] != '\0' && json_object_set_new(line, "group",
					   json_string(from->group)) != 0))
		(void)fault_memory(f);
	else if (doc_write(&o->lines, line, f) == 0)
		rc = bytes_add(&o->lines, "\n", 1, f);
	json_decref(line);
	return rc;
}

static int
origins(struct opening *o, struct fault *f)
{
	struct package_join *x = NULL;
	struct package_origin from;
	bool end = false;
	int rc = -1;

	if (package_join_open(&x, &o->payload, f) != 0)
		return -1;
	for (;;) {
		if (package_join_next(x, &from, &end, f) != 0)
			goto out;
		if (end)
			break;
		if (add_origin(o, &from, f) != 0 || spill(o, RUN_BYTES, f) != 0)
			goto out;
	}
	rc = spill(o, 0, f);
out:
	package_join_close(x);
	return rc;
}

static int
do_unseal(void *state, struct asked *a, struct fault *f)
{
	static int (*const ways[UNSEAL_WAYS])(
	    struct opening * o, struct fault * f) = { plain, items, origins };
	struct opening o = { .object = -1, .out = -1 };
	uint32_t shard;
	uint8_t as;
	int rc = -1;

	bytes_init(&o.lines, RUN_BYTES + (1u << 20));
	if (take_u8(&a->in, &as, f) != 0 || take_u32(&a->in, &shard, f) != 0 ||
	    take_end(&a->in, f) != 0 ||
	    message_fd(a->request, 0, &o.object, f) != 0 ||
	    message_fd(a->request, 1, &o.out, f) != 0)
		goto out;
	must(as < UNSEAL_WAYS);
	if (ask_key(&o, state, shard, f) == 0)
		rc = ways[as](&o, f);
out:
	secret_free(&o.file_key);
	bytes_free(&o.lines);
	file_close(&o.object);
	file_close(&o.out);
	return rc;
}

static const struct ask_row rows[] = {
	{ ASK_UNSEAL, "unseal", BY_FLOW, do_unseal },
	{ 0, NULL, 0, NULL },
};

int
unsealer_role(struct channel *up, struct fault *f)
{
	const struct sandbox sandbox = { .role = "unsealer" };
	struct serve_options options = { .rows = rows, .request_max = 4096 };
	struct channel *keeper = NULL;
	struct serve *s = NULL;
	int rc = -1;

	digest_start();
	if (sandbox_enter(&sandbox, f) != 0 ||
	    channel_new(&keeper, KEEPER_END, f) != 0)
		return -1;
	options.state = keeper;
	if (serve_new(&s, &options, f) == 0 &&
	    serve_add(s, up, BY_FLOW, NULL, f) == 0)
		rc = serve_run(s, f);
	serve_free(s);
	channel_free(keeper);
	return rc;
}

/* ---- In the flow -----------------------------------------------------------
 */

int
unsealer_open(
    struct unsealer *u, struct keeper *k, const char *batch, struct fault *f)
{
	int fd = -1, rc;

	u->process = NULL;
	if (keeper_peer(k, KEEPER_WORKER, json_pack("{s:s}", "ingest", batch),
		&fd, f) != 0)
		return -1;
	rc = process_spawn(&u->process, "unsealer", &fd, 1, f);
	file_close(&fd);
	return rc;
}

int
unsealer_close(struct unsealer *u, struct fault *f)
{
	struct fault died = { 0 };
	struct process *p = u->process;

	u->process = NULL;
	if (p == NULL || process_end(p, 1000, &died) == 0)
		return 0;
	/* why it died says more than that it is gone */
	if (f->kind == FAULT_NONE || f->kind == FAULT_PEER)
		*f = died;
	return -1;
}

int
unsealer_do(struct unsealer *u, enum unseal as, uint32_t shard, int object,
    int out, struct fault *f)
{
	struct message request, answer;
	struct reader r;
	int rc = -1;

	message_init(&request, 4096);
	message_init(&answer, 4096);
	if (ask_begin(&request, ASK_UNSEAL, f) == 0 &&
	    put_u8(&request.body, (uint8_t)as, f) == 0 &&
	    put_u32(&request.body, shard, f) == 0 &&
	    message_add_fd(&request, object, f) == 0 &&
	    message_add_fd(&request, out, f) == 0 &&
	    ask(process_channel(u->process), &request, &answer, &r, f) == 0)
		rc = take_end(&r, f);
	message_free(&request);
	message_free(&answer);
	return rc;
}
