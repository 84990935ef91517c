/*
 * What some values would leave as, for the page of a plan: masked with keys of
 * this run alone, so that nothing on the page joins with what is sent.
 */

#include <string.h>

#include "gateway/flow/worker_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Records that are looked at: examples are told apart by what they show. */
#define RECORDS_MAX 200u

struct examples {
	const struct mask_source *src;
	size_t n; /* fields */
	size_t *fields;
	struct slice *sent;
	struct example {
		uint8_t n;
		size_t len[WORKER_EXAMPLES_MAX];
		uint8_t text[WORKER_EXAMPLES_MAX][WORKER_EXAMPLE_BYTES];
	} * at;
};

/* At most that many bytes, and no character cut in two. */
static size_t
cut(const struct slice *s, size_t most)
{
	size_t n = s->len < most ? s->len : most;

	if (n < s->len)
		while (n > 0 && (s->at[n] & 0xc0) == 0x80)
			n--;
	return n;
}

static void
note_one(struct example *e, const struct slice *sent)
{
	size_t len = cut(sent, WORKER_EXAMPLE_BYTES);

	if (len == 0 || e->n == WORKER_EXAMPLES_MAX)
		return;
	for (uint8_t i = 0; i < e->n; i++)
		if (e->len[i] == len && memcmp(e->text[i], sent->at, len) == 0)
			return;
	memcpy(e->text[e->n], sent->at, len);
	e->len[e->n++] = len;
}

/* Of several values that a path has in a record, each. */
static void
note(struct example *e, const struct slice *sent)
{
	struct slice left = *sent, one;
	const uint8_t *end;

	while (left.len > 0) {
		end = memchr(left.at, MASK_LOOK_BETWEEN, left.len);
		one = (struct slice){ left.at,
			end == NULL ? left.len : (size_t)(end - left.at) };
		note_one(e, &one);
		if (end == NULL)
			break;
		left.at += one.len + 1;
		left.len -= one.len + 1;
	}
}

static int
look(struct examples *x, const struct mask_part *part, struct fault *f)
{
	struct mask_look look = { x->fields, x->n, x->sent, NULL, NULL };
	struct mask_rows *m = NULL;
	struct mask_row row;
	bool end = false;
	int rc = -1;

	if (mask_rows_open(&m, x->src, part, NULL, f) != 0)
		return -1;
	for (unsigned records = 0; records < RECORDS_MAX; records++) {
		if (mask_rows_look(m, &row, &look, &end, f) != 0)
			goto out;
		if (end)
			break;
		for (size_t i = 0; i < x->n; i++)
			note(&x->at[i], &x->sent[i]);
	}
	rc = 0;
out:
	mask_rows_close(m);
	return rc;
}

static int
put_fields(const struct examples *x, struct bytes *out, struct fault *f)
{
	if (put_u8(out, EXAMPLES_FIELDS, f) != 0 ||
	    put_u32(out, (uint32_t)x->n, f) != 0)
		return -1;
	for (size_t i = 0; i < x->n; i++) {
		const struct example *e = &x->at[i];

		if (put_u8(out, e->n, f) != 0)
			return -1;
		for (uint8_t k = 0; k < e->n; k++)
			if (put_slice(out, e->text[k], e->len[k], f) != 0)
				return -1;
	}
	return 0;
}

static int
of_rows(const struct mask_source *src, const struct mask_part *part,
    struct bytes *out, struct fault *f)
{
	struct examples x = { .src = src, .n = src->plan->nfields };
	int rc = -1;

	x.fields = mem_array(x.n, sizeof(*x.fields));
	x.sent = mem_array(x.n, sizeof(*x.sent));
	x.at = mem_array(x.n, sizeof(*x.at));
	if (x.fields == NULL || x.sent == NULL || x.at == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t i = 0; i < x.n; i++)
		x.fields[i] = i;
	if (look(&x, part, f) == 0)
		rc = put_fields(&x, out, f);
out:
	mem_free(x.fields);
	mem_free(x.sent);
	mem_free(x.at);
	return rc;
}

/* -- Attributes ---------------------------------------------------------- */

static int
look_attributes(struct examples *x, int made, struct fault *f)
{
	struct worker_attributes a = { .n = 0 };
	int rc = worker_attributes(&a, x->src, made, f);

	for (size_t i = 0; rc == 0 && i < x->n; i++) {
		const struct slice sent = worker_attribute(&a, &a.after[i]);

		note(&x->at[i], &sent);
	}
	worker_attributes_free(&a);
	return rc;
}

/* The next file, whose descriptors begin at *fd, or the one that was first. */
static int
one_file(struct examples *x, struct asked *a, bool first, size_t *fd,
    struct fault *f)
{
	const struct mask_source *of = x->src;
	struct worker_source more = { .src.fd = -1 };
	int made = -1, rc = -1;

	if (!first) {
		if (worker_take_file(a, (*fd)++, &more, f) != 0)
			goto out;
		more.src.plan = of->plan;
		more.src.keys = of->keys;
		x->src = &more.src;
	}
	if (message_fd(a->request, (*fd)++, &made, f) == 0)
		rc = look_attributes(x, made, f);
out:
	x->src = of;
	worker_source_close(&more);
	file_close(&made);
	return rc;
}

static int
of_attributes(
    const struct mask_source *src, struct asked *a, size_t fd, struct fault *f)
{
	struct examples x = { .src = src, .n = src->plan->nfields };
	uint8_t more;
	int rc = -1;

	if ((x.at = mem_array(x.n, sizeof(*x.at))) == NULL)
		return fault_memory(f);
	if (take_u8(&a->in, &more, f) != 0 ||
	    one_file(&x, a, true, &fd, f) != 0)
		goto out;
	for (; more > 0; more--)
		if (one_file(&x, a, false, &fd, f) != 0)
			goto out;
	if (take_end(&a->in, f) == 0)
		rc = put_fields(&x, &a->answer->body, f);
out:
	mem_free(x.at);
	return rc;
}

/* -- The beginning of a document ----------------------------------------- */

struct beginning {
	struct bytes text;
	bool over;
};

static int
hold(void *arg, const void *p, size_t len, struct fault *f)
{
	struct beginning *b = arg;
	size_t room = WORKER_EXAMPLE_TEXT + 4 - b->text.len;

	b->over = len > room;
	if (bytes_add(&b->text, p, b->over ? room : len, f) != 0)
		return -1;
	/* enough was seen: the mask need not go on */
	return b->over ? fault_set(f, FAULT_SYSTEM, "enough") : 0;
}

static int
of_document(const struct mask_source *src, struct bytes *out, struct fault *f)
{
	struct beginning b = { .over = false };
	const struct mask_sink sink = { hold, &b };
	struct mask_change change;
	struct slice text;
	int rc;

	bytes_init(&b.text, WORKER_EXAMPLE_TEXT + 8);
	mask_change_init(&change, false);
	rc = mask_file(src, sink, &change, f);
	if (rc != 0 && b.over) {
		fault_clear(f);
		rc = 0;
	}
	text = (struct slice){ b.text.at, b.text.len };
	if (rc == 0 && (rc = put_u8(out, EXAMPLES_TEXT, f)) == 0)
		rc =
		    put_slice(out, text.at, cut(&text, WORKER_EXAMPLE_TEXT), f);
	mask_change_free(&change);
	bytes_free(&b.text);
	return rc;
}

/* -- The request --------------------------------------------------------- */

static int
examples_of(struct asked *a, const struct mask_source *src,
    const struct mask_part *part, size_t fd, struct fault *f)
{
	if (src->plan->type == TYPE_DICOM)
		return of_attributes(src, a, fd, f);
	if (take_end(&a->in, f) != 0)
		return -1;
	if (part != NULL)
		return of_rows(src, part, &a->answer->body, f);
	if (src->plan->type == TYPE_TEXT || src->plan->type == TYPE_JSON)
		return of_document(src, &a->answer->body, f);
	return put_u8(&a->answer->body, EXAMPLES_NONE, f);
}

/* What the dataset's files are delivered as, where there is a table. */
static int
take_refs(struct package_refs **refs, struct mask_fresh *fresh, struct asked *a,
    size_t *fd, struct fault *f)
{
	uint8_t any;
	int table = -1, rc;

	if (take_u8(&a->in, &any, f) != 0)
		return -1;
	if (any == 0)
		return 0;
	if (message_fd(a->request, (*fd)++, &table, f) != 0)
		return -1;
	rc = package_refs_open(refs, table, fresh->item, f);
	if (rc == 0)
		fresh->keys[0].refs = package_refs_use(*refs);
	file_close(&table);
	return rc;
}

int
worker_examples(void *state, struct asked *a, struct fault *f)
{
	struct mask_fresh fresh = { .n = 0 };
	struct file_plan plan = { .nfields = 0 };
	struct worker_source s = { .src.fd = -1 };
	struct package_refs *refs = NULL;
	struct mask_part part;
	const struct worker *w = state;
	size_t fd = 1;
	uint8_t is_part;
	int rc = -1;

	if (worker_take_file(a, 0, &s, f) != 0 ||
	    file_plan_take(&a->in, &plan, f) != 0 ||
	    take_u8(&a->in, &is_part, f) != 0 ||
	    (is_part != 0 && worker_take_part(&a->in, &part, f) != 0) ||
	    mask_fresh_make(&fresh, &plan, 1, f) != 0 ||
	    take_refs(&refs, &fresh, a, &fd, f) != 0)
		goto out;
	s.src.plan = &plan;
	fresh.keys[0].dictionary = w->dictionary;
	s.src.keys = fresh.keys;
	rc = examples_of(a, &s.src, is_part != 0 ? &part : NULL, fd, f);
out:
	package_refs_close(refs);
	mask_fresh_free(&fresh);
	file_plan_free(&plan);
	worker_source_close(&s);
	return rc;
}
