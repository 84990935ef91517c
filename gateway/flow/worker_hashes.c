/*
 * Keyed hashes of what tells records apart: of original ids and of subjects,
 * so that a coordinator can choose among them without reading one.
 *
 * The key is either of this run, for choosing by chance or from a list, or the
 * one under which a project remembers what a vendor was sent; that one comes
 * from the keeper and is not told to the coordinator.
 */

#include "gateway/flow/worker_internal.h"
#include "gateway/keeper/keeper.h"
#include "keys/base/mem.h"

int
worker_sent(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct message request, answer;
	struct channel *c = NULL;
	struct reader r;
	int fd, rc = -1;

	message_init(&request, 16);
	message_init(&answer, 4096);
	secret_free(&w->sent); /* of another vendor, perhaps */
	if (take_end(&a->in, f) == 0 &&
	    message_fd(a->request, 0, &fd, f) == 0 &&
	    channel_new(&c, fd, f) == 0 &&
	    ask_begin(&request, KEEPER_SENT_KEY, f) == 0 &&
	    ask(c, &request, &answer, &r, f) == 0 &&
	    worker_take_secret(&r, &w->sent, f) == 0)
		rc = take_end(&r, f);
	message_free(&request);
	message_free(&answer);
	channel_free(c);
	return rc;
}

/* What one request asks for. */
struct hashing {
	uint8_t of;
	const uint8_t *key; /* SIP_KEY_BYTES */
	uint32_t from;	    /* place in the part */
	struct bytes *out;
	struct bytes empty; /* a byte a record */
};

/* The key, and what is to be hashed. */
static int
take_how(struct worker *w, struct asked *a, struct hashing *h, struct fault *f)
{
	struct slice key;
	uint8_t sent;

	if (take_u8(&a->in, &h->of, f) != 0 || take_u8(&a->in, &sent, f) != 0)
		return -1;
	h->out = &a->answer->body;
	if (sent == 0) {
		if (take_slice(&a->in, SIP_KEY_BYTES, &key, f) != 0)
			return -1;
		must(key.len == SIP_KEY_BYTES);
		h->key = key.at;
	} else if ((h->key = w->sent.at) == NULL)
		return fault_set(f, FAULT_SYSTEM, "@worker: has no sent key");
	return 0;
}

static int
put_hash(struct hashing *h, const struct slice *value, struct fault *f)
{
	uint8_t hash[SIP_HASH_BYTES];

	sip_hash(hash, h->key, value->at, value->len);
	return bytes_add(h->out, hash, sizeof(hash), f);
}

static int
put_record(struct hashing *h, const struct mask_row *row, struct fault *f)
{
	uint8_t empty = 0;

	if ((h->of & WORKER_OF_ITEM) != 0 && put_hash(h, &row->id, f) != 0)
		return -1;
	if ((h->of & WORKER_OF_SUBJECT) != 0) {
		if (put_hash(h, &row->subject, f) != 0)
			return -1;
		if (row->subject.len == 0)
			empty = WORKER_OF_SUBJECT;
	}
	return put_u8(&h->empty, empty, f);
}

static int
put_records(struct hashing *h, const struct mask_source *src,
    const struct mask_part *part, struct fault *f)
{
	struct mask_rows *m = NULL;
	struct mask_row row;
	size_t head = h->out->len;
	uint32_t n = 0;
	bool end = false;
	int rc = -1;

	if (put_u8(h->out, 0, f) != 0 || put_u32(h->out, 0, f) != 0 ||
	    mask_rows_open(&m, src, part, NULL, f) != 0)
		return -1;
	for (;;) {
		if (mask_rows_next(m, &row, NULL, &end, f) != 0)
			goto out;
		if (end || n == WORKER_HASHES_MAX)
			break;
		if (row.number - part->first < h->from)
			continue;
		if (put_record(h, &row, f) != 0)
			goto out;
		n++;
	}
	h->out->at[head] = end ? 0 : 1;
	for (unsigned i = 0; i < 4; i++) /* big-endian, as wire.h */
		h->out->at[head + 1 + i] = (uint8_t)(n >> (24 - 8 * i));
	rc = bytes_add(h->out, h->empty.at, h->empty.len, f);
out:
	mask_rows_close(m);
	return rc;
}

int
worker_hashes(void *state, struct asked *a, struct fault *f)
{
	struct hashing h = { .of = 0 };
	struct mask_fresh fresh = { .n = 0 };
	struct file_plan plan = { .nfields = 0 };
	struct worker_source s = { .src.fd = -1 };
	struct mask_part part;
	int rc = -1;

	bytes_init(&h.empty, WORKER_HASHES_MAX);
	if (take_how(state, a, &h, f) != 0 ||
	    take_u32(&a->in, &h.from, f) != 0 ||
	    worker_take_file(a, 0, &s, f) != 0 ||
	    file_plan_take(&a->in, &plan, f) != 0 ||
	    worker_take_part(&a->in, &part, f) != 0 ||
	    take_end(&a->in, f) != 0 ||
	    mask_fresh_make(&fresh, &plan, 1, f) != 0)
		goto out;
	s.src.plan = &plan;
	s.src.keys = fresh.keys;
	rc = put_records(&h, &s.src, &part, f);
out:
	mask_fresh_free(&fresh);
	file_plan_free(&plan);
	worker_source_close(&s);
	bytes_free(&h.empty);
	return rc;
}

int
worker_paths(void *state, struct asked *a, struct fault *f)
{
	struct hashing h = { .of = 0 };
	struct mask_row row = { .number = 0 };
	uint32_t n;
	int rc = -1;

	bytes_init(&h.empty, WORKER_HASHES_MAX);
	if (take_how(state, a, &h, f) != 0 || take_u32(&a->in, &n, f) != 0 ||
	    put_u8(h.out, 0, f) != 0 || put_u32(h.out, n, f) != 0)
		goto out;
	while (n-- > 0)
		if (((h.of & WORKER_OF_ITEM) != 0 &&
			take_slice(&a->in, PACKAGE_ORIGINAL_MAX, &row.id, f) !=
			    0) ||
		    ((h.of & WORKER_OF_SUBJECT) != 0 &&
			take_slice(&a->in, WORKER_SUBJECT_MAX, &row.subject,
			    f) != 0) ||
		    put_record(&h, &row, f) != 0)
			goto out;
	if (take_end(&a->in, f) == 0)
		rc = bytes_add(h.out, h.empty.at, h.empty.len, f);
out:
	bytes_free(&h.empty);
	return rc;
}
