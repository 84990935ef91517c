#ifndef TESTS_SUPPORT_MASK_PLAN_H
#define TESTS_SUPPORT_MASK_PLAN_H

/* Sources in memory, plans by hand, and what comes out, for tests of masks. */

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/mask/mask.h"
#include "keys/base/mem.h"
#include "keys/pseudonym/pseudonym.h"
#include "policy/rules/rules.h"
#include "tests/support/test.h"

struct trial {
	struct file_plan plan;
	struct mask_keys keys;
	struct token_key *domain, *item;
	struct transform_key *field;
	const struct transform_key *fields[1];
	struct mask_source src;
	struct mask_change change;
	struct bytes out;
};

static inline int
trial_write(void *arg, const void *p, size_t len, struct fault *f)
{
	return bytes_add(arg, p, len, f);
}

/* That many rows of three fields, some with a blank line behind or lines
 * inside. */
static inline void
trial_rows(struct bytes *text, size_t rows, bool json)
{
	struct fault f;

	bytes_init(text, 1 << 28);
	if (!json)
		assert_ok(bytes_add_text(text, "id,name,note\r\n", &f));
	for (size_t i = 0; i < rows; i++)
		assert_ok(bytes_addf(text, &f,
		    json ? "{\"id\": %zu, \"name\":\"N%zu\",\"note\":\"n\"}\n%s"
			 : "%zu,N%zu,\"with \"\"quotes\"\"\r\n and lines\"%s",
		    i, i % 97, json ? i % 50 == 0 ? "\n" : "" : "\r\n"));
}

/* The key of all fields, for another use. */
static inline void
trial_key(struct trial *b, const char *name)
{
	struct secret key;
	struct fault f;

	transform_key_free(b->field);
	assert_ok(
	    secret_copy(&key, "0123456789abcdef0123456789abcdef", 32, &f));
	assert_ok(transform_key_new(&b->field, name, &key, &f));
	b->fields[0] = b->field;
	secret_free(&key);
}

static inline void
trial_open(struct trial *b, enum file_type type, const void *p, size_t len)
{
	struct fault f;

	memset(b, 0, sizeof(*b));
	assert_ok(secret_start(&f));
	assert_ok(pseudonym_start(&f));
	assert_ok(token_key_new(
	    &b->domain, "0123456789abcdef0123456789abcdef", 32, &f));
	assert_ok(token_key_new(
	    &b->item, "item5678item5678item5678item5678", 32, &f));
	trial_key(b, "token:x");
	b->keys = (struct mask_keys){ .field = b->fields, .nfields = 1 };
	b->plan.policy = mem_text("p.yaml", 6);
	b->plan.type = type;
	b->plan.header = true;
	b->plan.item = b->plan.subject = PLAN_NO_FIELD;
	b->src =
	    (struct mask_source){ .fd = memfd_create("source", MFD_CLOEXEC),
		    .size = len,
		    .path = "dir/in",
		    .plan = &b->plan,
		    .keys = &b->keys,
		    .threads = 1 };
	if (write(b->src.fd, p, len) != (ssize_t)len)
		fail_msg("cannot write a source");
	mask_change_init(&b->change, true);
	bytes_init(&b->out, (size_t)1 << 28);
}

static inline void
trial_close(struct trial *b)
{
	(void)close(b->src.fd);
	token_key_free(b->domain);
	transform_key_free(b->field);
	token_key_free(b->item);
	file_plan_free(&b->plan);
	mask_change_free(&b->change);
	bytes_free(&b->out);
}

/* The next field of the plan; JSON's in memcmp order. */
static inline struct plan_field *
trial_field(struct trial *b, const char *name, enum transform_action action)
{
	struct file_plan *p = &b->plan;
	struct plan_field *field;

	/* Room for twice as many whenever they are a power of two: sanitizers
	 * copy all of it each time. */
	if ((p->nfields & (p->nfields - 1)) == 0)
		p->fields = mem_resize(
		    p->fields, (2 * p->nfields + 1) * sizeof(*p->fields));
	field = &p->fields[p->nfields++];
	*field = (struct plan_field){ .name = mem_text(name, strlen(name)),
		.how = { .action = action, .line = (uint32_t)p->nfields } };
	if (action == TRANSFORM_CONSTANT)
		field->how.text = mem_text("x,y", 3);
	if (action == TRANSFORM_TRUNCATE)
		field->how.first = 2;
	return field;
}

static inline int
trial_shape(struct trial *b, struct shape *shape, struct fault *f)
{
	struct mask_reading as = { b->plan.type, b->plan.header,
		b->plan.delimiter, &b->plan.apart, false, 0 };

	shape_init(shape, b->plan.type);
	return mask_shape(&b->src, &as, shape, f);
}

static inline int
trial_compare(const void *a, const void *b)
{
	const struct plan_field *fa = a, *fb = b;

	return strcmp(fa->name, fb->name);
}

/* Plan every name of the source with one action. */
static inline int
trial_all(struct trial *b, enum transform_action action, struct fault *f)
{
	struct shape s;
	int rc = trial_shape(b, &s, f);

	for (size_t i = 0; rc == 0 && i < s.nfields; i++)
		(void)trial_field(b, s.fields[i].name, action);
	if (b->plan.type != TYPE_CSV && b->plan.nfields > 1)
		qsort(b->plan.fields, b->plan.nfields, sizeof(*b->plan.fields),
		    trial_compare);
	b->plan.delimiter = s.delimiter;
	shape_free(&s);
	return rc;
}

static inline int
trial_mask(struct trial *b, struct fault *f)
{
	struct mask_sink sink = { trial_write, &b->out };

	bytes_reset(&b->out);
	mask_change_free(&b->change);
	return mask_file(&b->src, sink, &b->change, f);
}

/* Apply the record's edits to the source; what was put in comes from out. */
static inline void
trial_check_record(const struct trial *b, const void *source)
{
	const uint8_t *text = source;
	uint64_t at = 0, sent = 0;

	assert_true(b->change.complete);
	for (size_t i = 0; i <= b->change.nedits; i++) {
		const struct mask_edit *e =
		    i < b->change.nedits ? &b->change.edits[i] : NULL;
		uint64_t to = e != NULL ? e->at : b->src.size;

		assert_true(to >= at);
		if (to > at)
			assert_memory_equal(
			    b->out.at + sent, text + at, to - at);
		sent += to - at + (e != NULL ? e->put : 0);
		at = to + (e != NULL ? e->cut : 0);
	}
	assert_int_equal(at, b->src.size);
	assert_int_equal(sent, b->out.len);
	assert_int_equal(b->change.sent_bytes, sent);
	assert_int_equal(b->change.source_bytes, at);
	assert_true(b->change.has_kept);
}

/* Every record of the part that does not stay behind (NULL: of the source, and
 * its header), with its item id, behind what b's out has. */
static inline void
trial_take(struct trial *b, const struct mask_part *part, bool gather)
{
	struct mask_rows *m;
	struct mask_row row;
	struct fault f;
	bool end = false;

	assert_ok(mask_rows_open(&m, &b->src, part, NULL, &f));
	if (part == NULL)
		assert_ok(mask_rows_header(m, &b->out, &f));
	if (gather)
		mask_rows_gather(m);
	while (!end)
		assert_ok(mask_rows_next(m, &row, &b->out, &end, &f));
	mask_rows_close(m);
}

#define assert_out(b, text)                                               \
	do {                                                              \
		if ((b)->out.len != sizeof(text) - 1 ||                   \
		    memcmp((b)->out.at, text, sizeof(text) - 1) != 0)     \
			fail_msg("got \"%.*s\", not \"%s\"",              \
			    (int)(b)->out.len, (const char *)(b)->out.at, \
			    text);                                        \
	} while (0)

#endif
