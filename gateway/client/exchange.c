/* What a coordinator and its courier say to each other, as bytes. */

#include <string.h>

#include "gateway/client/client_internal.h"

int
put_server(struct message *m, const struct server *s, struct fault *f)
{
	struct bytes *b = &m->body;

	if (ask_begin(m, COURIER_SERVER, f) != 0 ||
	    put_text(b, s->url, f) != 0 || put_text(b, s->resolve, f) != 0 ||
	    put_text(b, s->key, f) != 0 ||
	    bytes_add(b, s->pin, sizeof(s->pin), f) != 0)
		return -1;
	return put_u32(b, s->retries, f);
}

int
take_server(struct reader *r, struct server *s, struct fault *f)
{
	uint32_t retries;

	if (take_text(r, s->url, sizeof(s->url), f) != 0 ||
	    take_text(r, s->resolve, sizeof(s->resolve), f) != 0 ||
	    take_text(r, s->key, sizeof(s->key), f) != 0 ||
	    take_bytes(r, s->pin, sizeof(s->pin), f) != 0 ||
	    take_u32(r, &retries, f) != 0 || take_end(r, f) != 0)
		return -1;
	s->retries = retries;
	return 0;
}

int
put_transfer(struct message *m, const struct transfer *t, struct fault *f)
{
	struct bytes *b = &m->body;

	if (ask_begin(m, COURIER_TRANSFER, f) != 0 ||
	    put_text(b, t->method, f) != 0 || put_text(b, t->path, f) != 0 ||
	    put_slice(b, t->statement.at, t->statement.len, f) != 0 ||
	    put_slice(b, t->body.at, t->body.len, f) != 0 ||
	    put_u64(b, t->answer_max, f) != 0 || put_u64(b, t->at, f) != 0 ||
	    put_u64(b, t->length, f) != 0 || put_u64(b, t->first, f) != 0 ||
	    put_u64(b, t->count, f) != 0 || put_u8(b, t->from != -1, f) != 0 ||
	    put_u8(b, t->to != -1, f) != 0)
		return -1;
	if (t->from != -1 && message_add_fd(m, t->from, f) != 0)
		return -1;
	return t->to != -1 ? message_add_fd(m, t->to, f) : 0;
}

int
take_transfer(
    struct reader *r, struct message *m, struct transfer *t, struct fault *f)
{
	uint8_t from, to;

	memset(t, 0, sizeof(*t));
	t->from = t->to = -1;
	if (take_text(r, t->method, sizeof(t->method), f) != 0 ||
	    take_text(r, t->path, sizeof(t->path), f) != 0 ||
	    take_slice(r, COURIER_STATEMENT_MAX, &t->statement, f) != 0 ||
	    take_slice(r, COURIER_BODY_MAX, &t->body, f) != 0 ||
	    take_u64(r, &t->answer_max, f) != 0 ||
	    take_u64(r, &t->at, f) != 0 || take_u64(r, &t->length, f) != 0 ||
	    take_u64(r, &t->first, f) != 0 || take_u64(r, &t->count, f) != 0 ||
	    take_u8(r, &from, f) != 0 || take_u8(r, &to, f) != 0 ||
	    take_end(r, f) != 0)
		return -1;
	if (from != 0 && message_fd(m, 0, &t->from, f) != 0)
		return -1;
	return to != 0 ? message_fd(m, from != 0, &t->to, f) : 0;
}
