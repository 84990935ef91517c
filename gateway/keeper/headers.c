/* Headers for a vendor over payloads that lie in the home: what a release
 * makes, once the log has it. */

#include "gateway/keeper/asker_internal.h"
#include "keys/base/files.h"
#include "keys/base/text.h"

/* The header of an object of ours: one or two recipients. */
#define HEADER_MAX 65536u

struct wrapping {
	const struct home *h;
	struct age_identity id;
	const struct age_recipient *to;
};

/* An object's header, rewrapped to the vendor, in base64; and how long the one
 * that lies there is. */
static int
rewrap(const struct wrapping *w, const uint8_t sha256[DIGEST_BYTES],
    struct bytes *text, size_t *skip, struct fault *f)
{
	struct age_header h = { 0 };
	struct bytes head, made;
	uint64_t size;
	size_t got;
	int fd = -1, rc = -1;

	bytes_init(&head, HEADER_MAX);
	bytes_init(&made, HEADER_MAX);
	if (object_open(w->h, sha256, &fd, &size, f) != 0 ||
	    bytes_reserve(&head, HEADER_MAX, f) != 0 ||
	    file_read_at(fd, head.at, HEADER_MAX, 0, &got, f) != 0 ||
	    age_header_read(&h, head.at, got, f) != 0 ||
	    age_header_rewrap(&made, &h, &w->id, w->to, 1, f) != 0)
		goto out;
	*skip = h.len;
	bytes_reset(text);
	if (base64_add(text, made.at, made.len, true, f) == 0)
		rc = bytes_end_text(text, f);
out:
	age_header_free(&h);
	file_close(&fd);
	bytes_free(&head);
	bytes_free(&made);
	return rc;
}

static json_t *
shard_words(const struct catalog_shard *s, const struct bytes header[2],
    const size_t skip[2])
{
	char object[DIGEST_CHARS + 1], index[DIGEST_CHARS + 1];

	hex_write(object, s->object, DIGEST_BYTES);
	hex_write(index, s->index, DIGEST_BYTES);
	return json_pack("{s:i,s:s,s:I,s:s,s:I,s:s,s:I,s:s,s:I}", "n",
	    (int)s->n, "object", object, "bytes", (json_int_t)s->bytes,
	    "header", (const char *)header[0].at, "skip", (json_int_t)skip[0],
	    "index", index, "index_bytes", (json_int_t)s->index_bytes,
	    "index_header", (const char *)header[1].at, "index_skip",
	    (json_int_t)skip[1]);
}

int
headers_add(struct home *h, const char *batch, const struct age_recipient *to,
    const struct catalog_shard *s, json_t *list, struct fault *f)
{
	const struct ring_name name = { RING_SHARD, batch, s->n };
	struct wrapping w = { .h = h, .to = to };
	struct bytes header[2];
	size_t skip[2];
	json_t *o = NULL;
	int rc = -1;

	bytes_init(&header[0], 2 * HEADER_MAX);
	bytes_init(&header[1], 2 * HEADER_MAX);
	if (ring_get_identity(h->ring, &name, &w.id, f) != 0 ||
	    rewrap(&w, s->object, &header[0], &skip[0], f) != 0 ||
	    rewrap(&w, s->index, &header[1], &skip[1], f) != 0)
		goto out;
	o = shard_words(s, header, skip);
	if (o == NULL || json_array_append_new(list, o) != 0)
		(void)fault_memory(f);
	else
		rc = 0;
out:
	age_identity_free(&w.id);
	bytes_free(&header[0]);
	bytes_free(&header[1]);
	return rc != 0 ? fault_at(f, "shard %u", s->n) : 0;
}
