/*
 * What listener and keeper say to each other, as bytes; the forms are agent.h's
 * structs in the order of their members.  Both ends run the same build, so
 * there are no versions; yet the keeper reads a request as a stranger's, since
 * the listener may have become one.
 */

#include <string.h>

#include "gateway/agent/agent.h"
#include "gateway/agent/exchange_internal.h"
#include "keys/base/doc.h"

int
agent_put_request(struct message *m, enum agent_ask ask,
    const struct agent_request *r, struct fault *f)
{
	struct bytes *b = &m->body;

	if (ask_begin(m, (uint16_t)ask, f) != 0 ||
	    bytes_add(b, r->key, sizeof(r->key), f) != 0 ||
	    put_text(b, r->method, f) != 0 || put_text(b, r->path, f) != 0 ||
	    put_text(b, r->batch, f) != 0 || put_text(b, r->ret, f) != 0 ||
	    put_u32(b, r->part, f) != 0 ||
	    bytes_add(b, r->digest, sizeof(r->digest), f) != 0 ||
	    put_u64(b, r->length, f) != 0 || put_u64(b, r->ticket, f) != 0 ||
	    put_slice(b, r->statement.at, r->statement.len, f) != 0)
		return -1;
	return put_slice(b, r->body.at, r->body.len, f);
}

/* An id of its kind, or none. */
static int
take_id(struct reader *in, char out[ID_CHARS + 1], char letter, struct fault *f)
{
	if (take_text(in, out, ID_CHARS + 1, f) != 0)
		return -1;
	if (out[0] != '\0' && !id_valid(out, letter))
		return fault_set(f, FAULT_INPUT, "request: not an id");
	return 0;
}

int
agent_take_request(struct reader *in, struct agent_request *r, struct fault *f)
{
	struct agent_request q;

	memset(&q, 0, sizeof(q));
	if (take_bytes(in, q.key, sizeof(q.key), f) != 0 ||
	    take_text(in, q.method, sizeof(q.method), f) != 0 ||
	    take_text(in, q.path, sizeof(q.path), f) != 0 ||
	    take_id(in, q.batch, 'b', f) != 0 ||
	    take_id(in, q.ret, 'r', f) != 0 || take_u32(in, &q.part, f) != 0 ||
	    take_bytes(in, q.digest, sizeof(q.digest), f) != 0 ||
	    take_u64(in, &q.length, f) != 0 ||
	    take_u64(in, &q.ticket, f) != 0 ||
	    take_slice(in, AGENT_STATEMENT_MAX, &q.statement, f) != 0 ||
	    take_slice(in, AGENT_BODY_MAX, &q.body, f) != 0 ||
	    take_end(in, f) != 0)
		return -1;
	if (q.part > AGENT_PARTS_MAX || q.length > AGENT_PART_BYTES_MAX)
		return fault_set(f, FAULT_INPUT, "request: over its limits");
	*r = q;
	return 0;
}

int
agent_put_answer(
    struct message *m, const struct agent_answer *a, int fd, struct fault *f)
{
	struct bytes *b = &m->body;

	if (put_u16(b, a->status, f) != 0 || put_text(b, a->type, f) != 0 ||
	    put_text(b, a->location, f) != 0 ||
	    put_u32(b, a->retry_after, f) != 0 || put_u8(b, a->file, f) != 0 ||
	    put_u8(b, a->draft, f) != 0 || put_u64(b, a->offset, f) != 0 ||
	    put_u64(b, a->length, f) != 0 || put_u64(b, a->ticket, f) != 0 ||
	    put_slice(b, a->body.at, a->body.len, f) != 0)
		return -1;
	must((a->file || a->draft) == (fd != -1));
	return fd != -1 ? message_add_fd(m, fd, f) : 0;
}

int
agent_take_answer(struct reader *in, struct agent_answer *a, struct fault *f)
{
	struct agent_answer q;
	uint8_t file, draft;

	memset(&q, 0, sizeof(q));
	if (take_u16(in, &q.status, f) != 0 ||
	    take_text(in, q.type, sizeof(q.type), f) != 0 ||
	    take_text(in, q.location, sizeof(q.location), f) != 0 ||
	    take_u32(in, &q.retry_after, f) != 0 ||
	    take_u8(in, &file, f) != 0 || take_u8(in, &draft, f) != 0 ||
	    take_u64(in, &q.offset, f) != 0 ||
	    take_u64(in, &q.length, f) != 0 ||
	    take_u64(in, &q.ticket, f) != 0 ||
	    take_slice(in, MESSAGE_MAX, &q.body, f) != 0 ||
	    take_end(in, f) != 0)
		return -1;
	if (q.status < 200 || q.status > 599 || q.offset > INT64_MAX ||
	    q.length > INT64_MAX - q.offset)
		return fault_set(f, FAULT_INPUT, "answer: over its limits");
	q.file = file != 0;
	q.draft = draft != 0;
	*a = q;
	return 0;
}

/* A JSON string of text whose bytes may be anything. */
static json_t *
json_of(const char *text)
{
	size_t len = strlen(text), used;
	char clean[512];

	if (len >= sizeof(clean))
		len = sizeof(clean) - 1;
	for (size_t i = 0; i < len; i += used) {
		if (utf8_next(text + i, len - i, &used) < 0)
			clean[i] = '?';
		else
			memcpy(clean + i, text + i, used);
	}
	return json_stringn(clean, len);
}

int
refusal_text(struct bytes *out, const char *error, const char *rule,
    const char *hint, struct fault *f)
{
	json_t *o = json_pack("{so, so, so}", "error", json_of(error), "rule",
	    json_of(rule), "hint", json_of(hint));
	int rc;

	if (o == NULL)
		return fault_memory(f);
	rc = doc_write(out, o, f);
	json_decref(o);
	return rc;
}

int
agent_put_refusal(struct message *m, uint16_t status, const char *error,
    const char *rule, const char *hint, struct fault *f)
{
	struct agent_answer a = { .status = status,
		.type = "application/json" };
	struct bytes text;
	int rc = -1;

	bytes_init(&text, 16384);
	if (refusal_text(&text, error, rule, hint, f) == 0) {
		a.body = (struct slice){ text.at, text.len };
		rc = agent_put_answer(m, &a, -1, f);
	}
	bytes_free(&text);
	return rc;
}

int
agent_put_later(struct message *m, uint32_t seconds, const char *error,
    const char *rule, struct fault *f)
{
	struct agent_answer a = { .status = 429,
		.type = "application/json",
		.retry_after = seconds };
	struct bytes text;
	char hint[64];
	int rc = -1;

	bytes_init(&text, 16384);
	(void)snprintf(hint, sizeof(hint), "ask again in %u minutes",
	    (unsigned)(seconds / 60 + 1));
	if (refusal_text(&text, error, rule, hint, f) == 0) {
		a.body = (struct slice){ text.at, text.len };
		rc = agent_put_answer(m, &a, -1, f);
	}
	bytes_free(&text);
	return rc;
}
