/* Asking over a channel and reading the answer; see process.h. */

#include "gateway/process/process.h"

int
ask_begin(struct message *m, uint16_t code, struct fault *f)
{
	message_reset(m);
	return put_u16(&m->body, code, f);
}

int
ask_answered(const struct message *answer, struct reader *body, struct fault *f)
{
	struct reader r = reader_of(answer->body.at, answer->body.len);
	struct fault told = { 0 };
	uint8_t ok;

	if (take_u8(&r, &ok, f) != 0)
		goto garbled;
	if (ok == 1) {
		*body = r;
		return 0;
	}
	if (ok != 0 || take_fault(&r, &told, f) != 0 || take_end(&r, f) != 0 ||
	    told.kind == FAULT_NONE)
		goto garbled;
	/* What a peer says is shown: fault_set() takes control bytes out. */
	(void)fault_set(f, told.kind, "%s", told.text);
	if (told.hint[0] != '\0')
		(void)fault_hint(f, "%s", told.hint);
	return -1;
garbled:
	fault_clear(f);
	return fault_set(f, FAULT_PEER, "channel: not an answer");
}

int
ask(struct channel *c, const struct message *request, struct message *answer,
    struct reader *body, struct fault *f)
{
	bool end;

	if (channel_send(c, request, f) != 0 ||
	    channel_receive(c, answer, -1, &end, f) != 0)
		return -1;
	if (end)
		return fault_set(
		    f, FAULT_PEER, "channel: the other side is gone");
	return ask_answered(answer, body, f);
}
