/*
 * `policy test`, in the worker: one small file masked by its plan, under keys
 * that follow from the tests' own, and what came out as names and values.
 *
 * Nothing here is a key of a home: a test's result is the same on every
 * machine, and joins with no delivery.
 */

#include <sodium.h>
#include <string.h>

#include "gateway/flow/worker_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"

/* The largest that a test gives or expects; a policy's scalar has less. */
#define CASE_BYTES (8u * POLICY_TEXT_MAX)
#define CASE_FILES_MAX 10000u

struct one_case {
	struct worker_source src;
	struct file_plan plan;
	struct slice seed;			 /* the tests' key */
	struct transform_dictionary *dictionary; /* borrowed, or NULL */
	struct transform_key **keys;
	size_t nkeys;
	struct bytes made;
	int out;	     /* a file to write to and read again, or -1 */
	bool refers;	     /* the dataset's files are known */
	struct names files;  /* those that leave as items */
	struct bytes person; /* whom it is about */
};

static int
make_key(struct one_case *c, size_t i, struct fault *f)
{
	static const char label[] = "handoff policy test";
	const char *name = c->plan.keys.at[i];
	struct secret key = { 0 };
	uint8_t hash[32];
	crypto_hash_sha256_state s;
	int rc = -1;

	must(crypto_hash_sha256_init(&s) == 0 &&
	     crypto_hash_sha256_update(
		 &s, (const uint8_t *)label, sizeof(label)) == 0 &&
	     crypto_hash_sha256_update(&s, c->seed.at, c->seed.len) == 0 &&
	     crypto_hash_sha256_update(&s, (const uint8_t *)"", 1) == 0 &&
	     crypto_hash_sha256_update(
		 &s, (const uint8_t *)name, strlen(name)) == 0 &&
	     crypto_hash_sha256_final(&s, hash) == 0);
	if (secret_copy(&key, hash, sizeof(hash), f) == 0)
		rc = transform_key_new(&c->keys[i], name, &key, f);
	sodium_memzero(hash, sizeof(hash));
	secret_free(&key);
	return rc;
}

/* ---- References: to the path of the file, as <PATH> ---- */

static bool
is_called(const char *path, enum transform_by by, const struct slice *value)
{
	const char *slash = strrchr(path, '/');
	const char *name = by == BY_PATH || slash == NULL ? path : slash + 1;
	const char *dot = strrchr(name, '.');
	size_t len = by == BY_IDENTIFIER && dot != NULL && dot != name
			 ? (size_t)(dot - name)
			 : strlen(name);

	return len == value->len && memcmp(name, value->at, len) == 0;
}

static int
find_file(void *arg, enum transform_by by, const struct slice *value,
    struct bytes *out, struct fault *f)
{
	const struct names *files = arg;
	const char *found = NULL;

	for (size_t i = 0; i < files->n; i++) {
		if (!is_called(files->at[i], by, value))
			continue;
		if (found != NULL)
			return fault_set(f, FAULT_POLICY,
			    "names more than one file that leaves");
		found = files->at[i];
	}
	if (found == NULL) {
		(void)fault_set(
		    f, FAULT_POLICY, "names no file that leaves as an item");
		return fault_hint(f, "the tests' files: lists the dataset's");
	}
	return bytes_addf(out, f, "<%s>", found);
}

/* ---- Whom it is about, as a list of the suppressed would have it ---- */

static int
find_person(struct one_case *c, struct fault *f)
{
	struct mask_rows *m = NULL;
	struct mask_row row;
	bool end = true;
	int rc = -1;

	if (mask_names_subject(&c->plan))
		return mask_subject(&c->src.src, &c->person, f);
	if (!mask_has_rows(&c->plan))
		return bytes_add(&c->person, c->src.src.subject.at,
		    c->src.src.subject.len, f);
	if (mask_rows_open(&m, &c->src.src, NULL, NULL, f) != 0)
		return -1;
	if (mask_rows_next(m, &row, NULL, &end, f) == 0)
		rc = end ? 0
			 : bytes_add(
			       &c->person, row.subject.at, row.subject.len, f);
	mask_rows_close(m);
	return rc;
}

static int
take(void *arg, const void *p, size_t len, struct fault *f)
{
	return bytes_add(arg, p, len, f);
}

static int
mask_case(struct one_case *c, struct fault *f)
{
	const struct transform_refs refs = { find_file, &c->files };
	struct mask_keys keys = { .nfields = c->plan.keys.n,
		.refs = c->refers ? &refs : NULL,
		.dictionary = c->dictionary };
	struct mask_change change;
	int rc = -1;

	c->keys = mem_array(c->plan.keys.n, sizeof(struct transform_key *));
	if (c->keys == NULL)
		return fault_memory(f);
	for (; c->nkeys < c->plan.keys.n; c->nkeys++)
		if (make_key(c, c->nkeys, f) != 0)
			return -1;
	keys.field = (const struct transform_key *const *)c->keys;
	c->src.src.plan = &c->plan;
	c->src.src.keys = &keys;
	mask_change_init(&change, false);
	rc = mask_file(
	    &c->src.src, (struct mask_sink){ take, &c->made }, &change, f);
	mask_change_free(&change);
	if (rc == 0)
		rc = find_person(c, f);
	return rc;
}

static int
take_files(struct one_case *c, struct reader *r, struct fault *f)
{
	uint8_t refers;

	if (take_u8(r, &refers, f) != 0)
		return -1;
	c->refers = refers != 0;
	return names_take(r, CASE_FILES_MAX, &c->files, f);
}

/* -- What came out, by names --------------------------------------------- */

/* field u32 and value, as they come; then the names. */
struct listing {
	struct bytes *out;
	uint32_t n;
};

static int
list(void *arg, uint32_t field, const void *value, size_t len, struct fault *f)
{
	struct listing *l = arg;

	l->n++;
	if (put_u8(l->out, 1, f) != 0 || put_u32(l->out, field, f) != 0)
		return -1;
	return put_slice(l->out, value, len, f);
}

/* u8 1, u32 field, value ...; u8 0; u32 n, n times u32 field, u8 holds, name */
static int
put_values(struct mask_source *src, const struct mask_reading *as,
    struct bytes *out, struct fault *f)
{
	struct listing l = { .out = out };
	struct mask_viewer to = { list, &l };
	struct mask_values *v = NULL;
	uint32_t *numbers = NULL;
	struct shape shape;
	int rc = -1;

	shape_init(&shape, (enum file_type)as->type);
	if (mask_values_open(&v, as, &to, f) != 0 ||
	    mask_values_file(v, src, f) != 0 || put_u8(out, 0, f) != 0 ||
	    mask_values_names(v, &shape, &numbers, f) != 0 ||
	    put_u32(out, (uint32_t)shape.nfields, f) != 0)
		goto out;
	for (size_t i = 0; i < shape.nfields; i++)
		if (put_u32(out, numbers[i], f) != 0 ||
		    put_u8(out, shape.fields[i].holds, f) != 0 ||
		    put_text(out, shape.fields[i].name, f) != 0)
			goto out;
	rc = 0;
out:
	mem_free(numbers);
	mask_values_close(v);
	shape_free(&shape);
	return rc;
}

/* The same of the attributes of a DICOM file, numbered as they come. */
struct naming {
	struct listing list;
	struct bytes names; /* as they follow the values */
};

static int
name(void *arg, const char *attribute, const struct slice *value,
    struct fault *f)
{
	struct naming *n = arg;
	uint32_t number = n->list.n;

	if (put_u32(&n->names, number, f) != 0 ||
	    put_u8(&n->names, HOLDS_VALUE, f) != 0 ||
	    put_text(&n->names, attribute, f) != 0)
		return -1;
	return list(&n->list, number, value->at, value->len, f);
}

static int
put_attributes(
    const struct mask_source *src, struct bytes *out, struct fault *f)
{
	struct naming n = { .list = { .out = out } };
	const struct dicom_texts to = { name, &n };
	int rc = -1;

	bytes_init(&n.names, 64 * (size_t)CASE_BYTES);
	if (mask_dicom_texts(src, &to, f) == 0 && put_u8(out, 0, f) == 0 &&
	    put_u32(out, n.list.n, f) == 0)
		rc = bytes_add(out, n.names.at, n.names.len, f);
	bytes_free(&n.names);
	return rc;
}

/* The values of what was made, read from the file it is written to. */
static int
put_made(struct one_case *c, struct bytes *out, struct fault *f)
{
	const struct mask_reading as = { .type = c->plan.type,
		.header = c->plan.header,
		.delimiter = c->plan.delimiter };
	struct mask_source src = {
		.fd = c->out, .size = c->made.len, .path = c->src.path
	};

	if (file_write(c->out, c->made.at, c->made.len, f) != 0)
		return -1;
	return as.type == TYPE_DICOM ? put_attributes(&src, out, f)
				     : put_values(&src, &as, out, f);
}

/* Those of the document that is expected, if there is one. */
static int
put_wanted(struct one_case *c, struct asked *a, uint64_t size, struct fault *f)
{
	const struct mask_reading as = { .type = c->plan.type };
	struct mask_source src = {
		.fd = -1, .size = size, .path = "what is expected"
	};
	int rc;

	if (size == 0)
		return 0;
	if (message_fd(a->request, 2, &src.fd, f) != 0)
		return -1;
	rc = put_values(&src, &as, &a->answer->body, f);
	file_close(&src.fd);
	return rc;
}

static int
run_case(struct one_case *c, struct asked *a, struct fault *f)
{
	struct reader *r = &a->in;
	uint64_t wanted;

	if (worker_take_file(a, 0, &c->src, f) != 0 ||
	    file_plan_take(r, &c->plan, f) != 0 ||
	    take_slice(r, POLICY_TEXT_MAX, &c->seed, f) != 0 ||
	    take_u64(r, &wanted, f) != 0 || take_files(c, r, f) != 0 ||
	    take_end(r, f) != 0 || message_fd(a->request, 1, &c->out, f) != 0 ||
	    mask_case(c, f) != 0 ||
	    put_slice(&a->answer->body, c->person.at, c->person.len, f) != 0 ||
	    put_slice(&a->answer->body, c->made.at, c->made.len, f) != 0)
		return -1;
	if (c->plan.type > TYPE_JSONL && c->plan.type != TYPE_DICOM)
		return 0;
	if (c->made.len == 0)
		return fault_set(
		    f, FAULT_POLICY, "%s: nothing of it leaves", c->src.path);
	if (put_made(c, &a->answer->body, f) != 0)
		return -1;
	return put_wanted(c, a, wanted, f);
}

int
worker_case(void *state, struct asked *a, struct fault *f)
{
	const struct worker *w = state;
	struct one_case c = { .out = -1, .dictionary = w->dictionary };
	int rc;

	c.src.src.fd = -1;
	bytes_init(&c.made, 64 * (size_t)CASE_BYTES);
	bytes_init(&c.person, CASE_BYTES);
	rc = run_case(&c, a, f);
	for (size_t i = 0; i < c.nkeys; i++)
		transform_key_free(c.keys[i]);
	mem_free(c.keys);
	file_plan_free(&c.plan);
	bytes_free(&c.made);
	bytes_free(&c.person);
	names_free(&c.files);
	worker_source_close(&c.src);
	file_close(&c.out);
	return rc;
}
