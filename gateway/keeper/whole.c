/*
 * The sealed objects that the log names: are they there, and as large as they
 * were?
 *
 * An object's name is the digest of its bytes, so whoever has the list can hash
 * them without the keeper, and does (flow_objects()); here names and sizes are
 * looked at, which is cheap enough for every `status`.
 *
 * Named are, of every batch that was not shredded, its shards with index and
 * join map, its manifest and its golden answers; and the papers of agreements.
 * A paper or answers that were erased are named no longer.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/keeper/batches_internal.h"
#include "gateway/keeper/people_internal.h"
#include "keys/base/doc.h"

/* Shards of one answer: three rows of some 130 bytes each. */
#define PAGE_SHARDS 4096u

/* One object; bytes 0: how large it is stands nowhere. */
struct named {
	const char *what;
	uint32_t shard; /* of shards */
	char hex[DIGEST_CHARS + 1];
	uint64_t bytes;
};

struct naming {
	struct home *home;
	int (*each)(void *arg, const struct named *n, struct fault *f);
	void *arg;
	uint32_t from, count; /* shards to name */
};

static int
name_one(const struct naming *n, const char *what, uint32_t shard,
    const uint8_t digest[DIGEST_BYTES], uint64_t bytes, struct fault *f)
{
	struct named one = { .what = what, .shard = shard, .bytes = bytes };

	hex_write(one.hex, digest, DIGEST_BYTES);
	return n->each(n->arg, &one, f);
}

static int
name_shard(void *arg, const struct catalog_shard *s, struct fault *f)
{
	const struct naming *n = arg;

	if (s->n < n->from || s->n - n->from >= n->count)
		return 0;
	if (name_one(n, "shard", s->n, s->object, s->bytes, f) != 0 ||
	    name_one(n, "index of shard", s->n, s->index, s->index_bytes, f) !=
		0)
		return -1;
	return name_one(
	    n, "join map of shard", s->n, s->join, s->join_bytes, f);
}

/* The object of golden answers, unless the fact that names it was erased. */
static int
name_golden(
    const struct naming *n, const struct catalog_batch *b, struct fault *f)
{
	const struct catalog_fact_name name = { b->id, "plan", 0 };
	uint8_t digest[DIGEST_BYTES];
	json_t *facts = NULL, *golden;
	struct fault why = { 0 };
	struct bytes text;
	uint64_t bytes;
	int rc = -1;

	bytes_init(&text, CATALOG_FACT_MAX);
	if (catalog_fact(n->home->catalog, &name, &text, &why) != 0) {
		if (why.kind == FAULT_INPUT)
			rc = 0;
		else
			*f = why;
		goto out;
	}
	if (doc_read(&facts, text.at, text.len, f) == 0 &&
	    doc_object(facts, "golden", &golden, f) == 0 &&
	    doc_hex(golden, "object", digest, sizeof(digest), f) == 0 &&
	    doc_number(golden, "bytes", CATALOG_NUMBER_MAX, &bytes, f) == 0)
		rc = name_one(n, "golden answers", 0, digest, bytes, f);
out:
	json_decref(facts);
	bytes_free(&text);
	return rc;
}

/* A batch's: its shards in n's range, and with the first of them the rest. */
static int
name_batch(struct naming *n, const struct catalog_batch *b, struct fault *f)
{
	if (b->state == CATALOG_SHREDDED)
		return 0;
	if (n->from == 0 && b->revision > 0 &&
	    name_one(n, "manifest", 0, b->manifest_object, b->manifest_bytes,
		f) != 0)
		return -1;
	if (n->from == 0 && b->golden && name_golden(n, b, f) != 0)
		return -1;
	return catalog_each_shard(n->home->catalog, b->id, name_shard, n, f);
}

static int
name_paper(void *arg, const struct catalog_agreement *g, struct fault *f)
{
	const struct naming *n = arg;
	struct named one = { .what = "paper of an agreement" };

	if (paper_object(n->home, g->id, one.hex, f) != 0)
		return -1;
	return one.hex[0] != '\0' ? n->each(n->arg, &one, f) : 0;
}

/* ---- Are they there? ---- */

static int
see_size(void *arg, const struct named *o, struct fault *f)
{
	struct objects_seen *seen = arg;
	char path[sizeof("objects/aa/") + DIGEST_CHARS];
	struct stat st;

	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", o->hex, o->hex);
	seen->all++;
	if (fstatat(seen->dir, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno != ENOENT)
			return fault_errno(f, "%s", path);
		seen->missing++;
	} else if (!S_ISREG(st.st_mode) ||
		   (o->bytes != 0 && (uint64_t)st.st_size != o->bytes))
		seen->altered++;
	return 0;
}

int
objects_of_batch(struct home *h, const struct catalog_batch *b,
    struct objects_seen *seen, struct fault *f)
{
	struct naming n = { h, see_size, seen, 0, UINT32_MAX };

	seen->dir = h->dir;
	return name_batch(&n, b, f);
}

int
objects_of_people(struct home *h, struct objects_seen *seen, struct fault *f)
{
	struct naming n = { h, see_size, seen, 0, UINT32_MAX };

	seen->dir = h->dir;
	return catalog_each_agreement(h->catalog, NULL, name_paper, &n, f);
}

/* ---- The list ---- */

static int
list_one(void *arg, const struct named *o, struct fault *f)
{
	json_t *one = json_pack("{s:s,s:I,s:s,s:I}", "what", o->what, "n",
	    (json_int_t)o->shard, "sha256", o->hex, "bytes",
	    (json_int_t)o->bytes);

	return json_array_append_new(arg, one) == 0 ? 0 : fault_memory(f);
}

static int
list_batch(void *arg, const struct catalog_batch *b, struct fault *f)
{
	return json_array_append_new(arg, json_string(b->id)) == 0
		   ? 0
		   : fault_memory(f);
}

/* The objects of one batch, a page of shards at a time. */
static int
page(struct home *h, const json_t *in, const char *batch, json_t *out,
    struct fault *f)
{
	struct naming n = { h, list_one, json_object_get(out, "objects"), 0,
		PAGE_SHARDS };
	struct catalog_batch b;
	uint64_t from;

	if (doc_number(in, "from", UINT32_MAX, &from, f) != 0 ||
	    catalog_batch(h->catalog, batch, &b, f) != 0)
		return -1;
	n.from = (uint32_t)from;
	if (name_batch(&n, &b, f) != 0)
		return -1;
	if (json_object_set_new(out, "name", json_string(b.name)) != 0 ||
	    (b.state != CATALOG_SHREDDED && from + PAGE_SHARDS < b.shards &&
		json_object_set_new(out, "next",
		    json_integer((json_int_t)(from + PAGE_SHARDS))) != 0))
		return fault_memory(f);
	return 0;
}

int
home_objects(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct naming n = { h, list_one, NULL, 0, PAGE_SHARDS };
	json_t *in, *out = json_pack("{s:[],s:[]}", "batches", "objects");
	const char *batch;
	int rc = -1;

	if (out == NULL)
		return fault_memory(f);
	if (home_in(a, &in, f) != 0) {
		json_decref(out);
		return -1;
	}
	n.arg = json_object_get(out, "objects");
	if (json_object_get(in, "batch") != NULL) {
		if (doc_text(in, "batch", &batch, f) == 0)
			rc = page(h, in, batch, out, f);
	} else if (catalog_each_batch(h->catalog, NULL, list_batch,
		       json_object_get(out, "batches"), f) == 0)
		rc =
		    catalog_each_agreement(h->catalog, NULL, name_paper, &n, f);
	json_decref(in);
	if (rc == 0)
		return home_out(a, out, f);
	json_decref(out);
	return -1;
}
