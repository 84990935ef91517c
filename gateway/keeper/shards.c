/*
 * Shards of an open batch: identities before they are sealed, the entry when
 * they are, and the keys with which workers mask.
 *
 * A shard is logged only if its objects are among the home's and it opens with
 * the identity that lies in the ring for it now: one sealed to an identity that
 * was destroyed meanwhile could never be released.
 */

#include <string.h>

#include "gateway/keeper/asker_internal.h"
#include "gateway/keeper/batches_internal.h"
#include "gateway/keeper/persons_internal.h"
#include "gateway/package/package.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define KEYS_MAX 256u	 /* identities in one ask */
#define HEADER_MAX 4096u /* of an object with one recipient */

int
batch_open(
    struct home *h, const json_t *in, struct catalog_batch *b, struct fault *f)
{
	const char *name;

	if (doc_text(in, "batch", &name, f) != 0 ||
	    catalog_batch(h->catalog, name, b, f) != 0)
		return -1;
	if (b->state != CATALOG_OPEN)
		return fault_set(f, FAULT_POLICY,
		    "batch %s is %s and takes no more shards", b->name,
		    catalog_state_name(b->state));
	return 0;
}

/* ---- Those that are logged ---- */

static int
list_shard(void *arg, const struct catalog_shard *s, struct fault *f)
{
	json_t *list = arg;

	if (json_array_append_new(list,
		json_pack("{s:I,s:o,s:I,s:I,s:o,s:I,s:o,s:I}", "n",
		    (json_int_t)s->n, "object", batch_hex(s->object), "bytes",
		    (json_int_t)s->bytes, "items", (json_int_t)s->items,
		    "index", batch_hex(s->index), "index_bytes",
		    (json_int_t)s->index_bytes, "join", batch_hex(s->join),
		    "join_bytes", (json_int_t)s->join_bytes)) == 0)
		return 0;
	return fault_memory(f);
}

int
batch_shards(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	const char *name;
	json_t *in, *list = json_array();
	int rc = -1;

	if (list == NULL)
		return fault_memory(f);
	if (home_in(a, &in, f) != 0) {
		json_decref(list);
		return -1;
	}
	if (doc_text(in, "batch", &name, f) == 0 &&
	    catalog_batch(h->catalog, name, &b, f) == 0 &&
	    catalog_each_shard(h->catalog, b.id, list_shard, list, f) == 0)
		rc = home_out(a,
		    json_pack("{s:s,s:s,s:o,s:I,s:O}", "batch", b.id, "state",
			catalog_state_name(b.state), "manifest",
			batch_hex(b.manifest_object), "manifest_bytes",
			(json_int_t)b.manifest_bytes, "shards", list),
		    f);
	json_decref(list);
	json_decref(in);
	return rc;
}

/* ---- Identities ---- */

static int
take_numbers(const json_t *in, uint32_t *out, uint32_t *n, struct fault *f)
{
	json_t *list;
	size_t count;

	if (doc_list(in, "shards", &list, f) != 0)
		return -1;
	count = json_array_size(list);
	if (count == 0 || count > KEYS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "shards: 1 to %u of them", KEYS_MAX);
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i);
		json_int_t v = json_integer_value(one);

		if (!json_is_integer(one) || v < 0 || v >= PACKAGE_SHARDS_MAX ||
		    (i > 0 && v <= (json_int_t)out[i - 1]))
			return fault_set(f, FAULT_INPUT,
			    "shards: not rising numbers of shards");
		out[i] = (uint32_t)v;
	}
	*n = (uint32_t)count;
	return 0;
}

static int
not_logged(struct home *h, const char *batch, uint32_t n, struct fault *f)
{
	struct catalog_shard s;
	struct fault none = { 0 };

	if (catalog_shard(h->catalog, batch, n, &s, &none) == 0)
		return fault_set(f, FAULT_POLICY,
		    "shard %u is logged: its identity stays", (unsigned)n);
	if (none.kind == FAULT_INPUT)
		return 0;
	*f = none;
	return -1;
}

static int
put_recipient(
    json_t *list, const uint8_t public[AGE_X25519_BYTES], struct fault *f)
{
	struct age_recipient to = { .kind = AGE_X25519 };
	struct bytes text;
	int rc = -1;

	bytes_init(&text, 256);
	memcpy(to.key, public, AGE_X25519_BYTES);
	if (age_recipient_write(&text, &to, f) == 0)
		rc = json_array_append_new(list,
			 json_stringn((const char *)text.at, text.len)) == 0
			 ? 0
			 : fault_memory(f);
	bytes_free(&text);
	return rc;
}

/* Numbers that follow one another share one flush. */
static int
make_run(struct home *h, const char *batch, const uint32_t *numbers,
    uint32_t count, json_t *list, struct fault *f)
{
	uint8_t public[KEYS_MAX][AGE_X25519_BYTES];
	uint32_t first = numbers[0];

	for (uint32_t i = 0; i < count; i++) {
		struct ring_name name = { RING_SHARD, batch, first + i };

		if (not_logged(h, batch, first + i, f) != 0 ||
		    (ring_has(h->ring, &name) &&
			ring_destroy(h->ring, &name, f) != 0))
			return -1;
	}
	if (ring_make_shards(h->ring, batch, first, count, public, f) != 0)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		if (put_recipient(list, public[i], f) != 0)
			return -1;
	return 0;
}

int
batch_shard_keys(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	uint32_t numbers[KEYS_MAX], n = 0, run;
	json_t *in, *list;
	int rc = -1;

	if (home_need(h, a, RING_RELEASE | RING_EXPORT, f) != 0 ||
	    home_in(a, &in, f) != 0)
		return -1;
	if ((list = json_array()) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (batch_open(h, in, &b, f) != 0 ||
	    take_numbers(in, numbers, &n, f) != 0)
		goto out;
	for (uint32_t i = 0; i < n; i += run) {
		for (run = 1;
		     i + run < n && numbers[i + run] == numbers[i] + run;)
			run++;
		if (make_run(h, b.id, numbers + i, run, list, f) != 0)
			goto out;
	}
	rc = home_out(a, json_pack("{s:O}", "recipients", list), f);
out:
	json_decref(list);
	json_decref(in);
	return rc;
}

/* ---- Sealed ---- */

/* Is an object of that size there? */
static int
check_size(struct home *h, const uint8_t sha256[DIGEST_BYTES], uint64_t want,
    int *fd, struct fault *f)
{
	uint64_t bytes;

	if (object_open(h, sha256, fd, &bytes, f) != 0)
		return -1;
	if (bytes == want)
		return 0;
	file_close(fd);
	return fault_set(f, FAULT_FORGED, "an object's size differs");
}

/* Are its objects there, and does its identity open it? */
static int
check_objects(struct home *h, const char *batch, const struct catalog_shard *s,
    struct fault *f)
{
	const struct ring_name name = { RING_SHARD, batch, s->n };
	struct age_identity id = { .kind = AGE_OTHER };
	struct age_header header = { .len = 0 };
	struct secret file_key = { 0 };
	uint8_t head[HEADER_MAX];
	size_t got;
	int fd = -1, rc = -1;

	if (check_size(h, s->index, s->index_bytes, &fd, f) != 0)
		goto out;
	file_close(&fd);
	if (check_size(h, s->join, s->join_bytes, &fd, f) != 0)
		goto out;
	file_close(&fd);
	if (check_size(h, s->object, s->bytes, &fd, f) != 0 ||
	    file_read_at(fd, head, sizeof(head), 0, &got, f) != 0 ||
	    age_header_read(&header, head, got, f) != 0 ||
	    ring_get_identity(h->ring, &name, &id, f) != 0 ||
	    age_header_open(&header, &id, 1, &file_key, f) != 0)
		goto out;
	rc = 0;
out:
	if (rc != 0)
		(void)fault_at(f, "shard %u", (unsigned)s->n);
	secret_free(&file_key);
	age_identity_free(&id);
	age_header_free(&header);
	file_close(&fd);
	return rc;
}

static int
take_shard(const json_t *in, struct catalog_shard *s, struct fault *f)
{
	uint64_t n;

	if (doc_number(in, "n", PACKAGE_SHARDS_MAX - 1, &n, f) != 0 ||
	    doc_hex(in, "object", s->object, DIGEST_BYTES, f) != 0 ||
	    doc_hex(in, "index", s->index, DIGEST_BYTES, f) != 0 ||
	    doc_hex(in, "join", s->join, DIGEST_BYTES, f) != 0 ||
	    doc_number(in, "bytes", CATALOG_NUMBER_MAX, &s->bytes, f) != 0 ||
	    doc_number(in, "items", CATALOG_NUMBER_MAX, &s->items, f) != 0 ||
	    doc_number(in, "index_bytes", CATALOG_NUMBER_MAX, &s->index_bytes,
		f) != 0 ||
	    doc_number(
		in, "join_bytes", CATALOG_NUMBER_MAX, &s->join_bytes, f) != 0)
		return -1;
	s->n = (uint32_t)n;
	return 0;
}

/* How many, and the descriptor of their hashes; -1 where there are none. */
static int
take_persons(
    struct asked *a, const json_t *in, uint64_t *n, int *fd, struct fault *f)
{
	*n = 0;
	*fd = -1;
	if (json_object_get(in, "persons") == NULL)
		return 0;
	if (doc_number(in, "persons",
		CATALOG_PERSONS_MAX / CATALOG_SUBJECT_BYTES, n, f) != 0)
		return -1;
	return *n == 0 ? 0
		       : message_fd(a->request,
			     json_is_true(json_object_get(in, "sent")), fd, f);
}

static int
log_shard(struct home *h, const struct catalog_batch *b,
    const struct catalog_shard *s, struct fault *f)
{
	struct catalog_entry e = { .kind = "shard-sealed" };
	int rc;

	e.body = json_pack("{s:s,s:I,s:o,s:I,s:I,s:n,s:o,s:I,s:o,s:I}", "batch",
	    b->id, "bytes", (json_int_t)s->bytes, "index", batch_hex(s->index),
	    "index_bytes", (json_int_t)s->index_bytes, "items",
	    (json_int_t)s->items, "items_root", "join", batch_hex(s->join),
	    "join_bytes", (json_int_t)s->join_bytes, "object",
	    batch_hex(s->object), "shard", (json_int_t)s->n);
	if (e.body == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	return rc;
}

int
batch_shard_sealed(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	struct catalog_shard s;
	uint64_t persons;
	json_t *in;
	int fd = -1, rc = -1;

	if (home_need(h, a, RING_RELEASE, f) != 0 || home_in(a, &in, f) != 0)
		return -1;
	if (batch_open(h, in, &b, f) != 0 || take_shard(in, &s, f) != 0 ||
	    take_persons(a, in, &persons, &fd, f) != 0 ||
	    check_objects(h, b.id, &s, f) != 0 || log_shard(h, &b, &s, f) != 0)
		goto out;
	if (persons > 0) {
		const struct catalog_subjects of = { .batch = b.id,
			.shard = s.n };

		rc = persons_keep(h, &of, persons, fd, f);
	} else {
		rc = 0;
	}
	if (rc == 0 && json_is_true(json_object_get(in, "sent")))
		rc = sent_keep(h, a, b.id, &s, f);
	if (rc == 0)
		rc = home_out(a, json_object(), f);
	if (rc != 0)
		home_spoil(h);
out:
	file_close(&fd);
	json_decref(in);
	return rc;
}
