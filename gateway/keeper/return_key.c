/*
 * Keys of the way back: what a worker opens a return with, and what must lie
 * beside it to be judged.
 *
 * A worker is known by the batch that is being ingested and gets the keys of
 * nothing else.  Only a header, some hundred bytes, is read here; what it
 * guards is not.
 */

#include <string.h>

#include "gateway/keeper/keeper_internal.h"
#include "keys/base/doc.h"

/* Headers of one or two recipients. */
#define HEADER_MAX 65536u

enum { KEY_RETURN, KEY_SHARD };

/* The file key that id finds in the header at the head of text. */
static int
open_header(struct slice text, const struct age_identity *id,
    struct secret *file_key, struct fault *f)
{
	struct age_header header;
	int rc;

	if (age_header_read(&header, text.at, text.len, f) != 0)
		return -1;
	rc = age_header_open(&header, id, 1, file_key, f);
	age_header_free(&header);
	return rc;
}

int
return_key(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct ring_name name = { .kind = RING_RETURN };
	struct age_identity id = { .kind = AGE_OTHER };
	struct secret file_key = { 0 };
	struct slice header;
	uint8_t kind;
	int rc = -1;

	if (take_u8(&a->in, &kind, f) != 0 ||
	    take_u32(&a->in, &name.number, f) != 0 ||
	    take_slice(&a->in, HEADER_MAX, &header, f) != 0 ||
	    take_end(&a->in, f) != 0 ||
	    doc_text(home_peer(a)->about, "ingest", &name.id, f) != 0 ||
	    home_need(
		h, a, kind == KEY_SHARD ? RING_RELEASE : RING_REVEAL, f) != 0)
		return -1;
	if (kind == KEY_SHARD)
		name.kind = RING_SHARD;
	else if (kind != KEY_RETURN || name.number != 0)
		return fault_set(f, FAULT_INPUT, "no such key");
	if (ring_get_identity(h->ring, &name, &id, f) == 0 &&
	    open_header(header, &id, &file_key, f) == 0)
		rc = bytes_add(&a->answer->body, file_key.at, file_key.len, f);
	secret_free(&file_key);
	age_identity_free(&id);
	return rc;
}

/* ---- Whose it is ---- */

struct search {
	struct home *home;
	struct slice header;
	char batch[ID_CHARS + 1];
};

static int
try_batch(void *arg, const struct catalog_batch *b, struct fault *f)
{
	struct search *s = arg;
	struct ring_name name = { .kind = RING_RETURN, .id = b->id };
	struct age_identity id = { .kind = AGE_OTHER };
	struct secret file_key = { 0 };
	struct fault why = { 0 };
	int rc = 0;

	if (s->batch[0] != '\0' || !ring_has(s->home->ring, &name))
		return 0;
	if (ring_get_identity(s->home->ring, &name, &id, f) != 0)
		return -1;
	if (open_header(s->header, &id, &file_key, &why) == 0)
		memcpy(s->batch, b->id, sizeof(s->batch));
	else if (why.kind == FAULT_SYSTEM) {
		*f = why;
		rc = -1;
	}
	secret_free(&file_key);
	age_identity_free(&id);
	return rc;
}

int
return_whose(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct search s = { .home = h };
	uint8_t header[HEADER_MAX];
	const char *text;
	json_t *in;
	int rc = -1;

	if (home_need(h, a, RING_REVEAL, f) != 0 || home_in(a, &in, f) != 0)
		return -1;
	s.header.at = header;
	if (doc_text(in, "head", &text, f) != 0)
		goto out;
	if (!base64_read(header, sizeof(header), &s.header.len, text,
		strlen(text), true)) {
		(void)fault_set(f, FAULT_INPUT, "head: not base64");
		goto out;
	}
	if (catalog_each_batch(h->catalog, NULL, try_batch, &s, f) != 0)
		goto out;
	if (s.batch[0] == '\0')
		(void)fault_set(
		    f, FAULT_INPUT, "not a return to any batch of this home");
	else
		rc = home_out(a, json_pack("{s:s}", "batch", s.batch), f);
out:
	json_decref(in);
	return rc;
}
