/*
 * `policy init`, in the worker: what a file is, and what its values are like.
 *
 * Looking (LOOK) reads a file's first bytes and its names; counting (SURVEY)
 * reads every value of the files of one group, over as many requests as they
 * take, and answers the last with what was counted.  No value is in an answer.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/flow/worker_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"
#include "policy/propose/propose.h"

/* -- Looking ------------------------------------------------------------- */

/* Bytes that tell what a file is. */
#define HEAD_BYTES 4096u

struct looked {
	struct mask_reading as;
	uint8_t names[DIGEST_BYTES], paths[DIGEST_BYTES];
	struct fault why;
};

static bool
ends_in(const char *path, const char *endings)
{
	const char *dot = strrchr(path, '.');
	size_t len;

	if (dot == NULL)
		return false;
	len = strlen(++dot);
	for (const char *e = endings; *e != '\0';) {
		size_t n = strcspn(e, " ");

		if (n == len && strncasecmp(e, dot, n) == 0)
			return true;
		e += n + (e[n] == ' ');
	}
	return false;
}

/* What it is instead, if anybody knows; how it is converted is for whoever has
 * its path (init.c). */
static int
not_read(
    const struct mask_source *src, const struct foreign *x, struct fault *f)
{
	const struct foreign *named = foreign_by_name(src->path);

	/* of a ZIP archive whose list is at its end, the name says more */
	if (x == NULL ||
	    (named != NULL && strcmp(x->what, "a ZIP archive") == 0))
		x = named;
	return x != NULL ? fault_set(f, FAULT_INPUT, "is %s", x->what)
			 : fault_set(f, FAULT_INPUT,
			       "not of a format that is read here");
}

/* By its bytes where they tell, by its ending where it is text. */
static int
find_type(const struct mask_source *src, unsigned *type, struct fault *f)
{
	uint8_t head[HEAD_BYTES];
	const struct foreign *x;
	size_t got, len;

	if (file_read_at(src->fd, head, sizeof(head), 0, &got, f) != 0)
		return -1;
	if (got >= 3 && memcmp(head, "\xff\xd8\xff", 3) == 0) {
		*type = TYPE_JPEG;
		return 0;
	}
	if (got >= 8 && memcmp(head, "\x89PNG\r\n\x1a\n", 8) == 0) {
		*type = TYPE_PNG;
		return 0;
	}
	if (got >= 132 && memcmp(head + 128, "DICM", 4) == 0) {
		*type = TYPE_DICOM;
		return 0;
	}
	if ((x = foreign_by_bytes(head, got)) != NULL)
		return not_read(src, x, f);
	/* a character may be cut at the end */
	for (len = got; len > 0 && got - len < 4; len--)
		if (utf8_valid(head, len))
			break;
	if ((got > 0 && (len == 0 || got - len == 4)) ||
	    memchr(head, 0, got) != NULL)
		return not_read(src, NULL, f);
	/* a PDF may be all ASCII, and have something in front of its mark */
	if (ends_in(src->path, "pdf"))
		return not_read(src, NULL, f);
	*type = ends_in(src->path, "csv tsv tab psv") ? TYPE_CSV
		: ends_in(src->path, "jsonl ndjson")  ? TYPE_JSONL
		: ends_in(src->path, "json geojson")  ? TYPE_JSON
						      : TYPE_TEXT;
	return 0;
}

/* Do the names of a first record look like values? */
static bool
are_values(const struct shape *s)
{
	const uint32_t values = 1u << KIND_EMAIL | 1u << KIND_URL |
				1u << KIND_UUID | 1u << KIND_IP |
				1u << KIND_IBAN | 1u << KIND_PHONE |
				1u << KIND_COORDINATE;
	size_t numbers = 0;

	for (size_t i = 0; i < s->nfields; i++) {
		const char *name = s->fields[i].name;
		uint32_t kinds = value_kinds(name, strlen(name));

		if ((kinds & values) != 0 ||
		    ((kinds & 1u << KIND_DATE) != 0 && strlen(name) > 4))
			return true;
		numbers += (kinds & 1u << KIND_NUMBER) != 0;
		for (size_t k = 0; k < i && s->nfields <= 64; k++)
			if (strcmp(s->fields[k].name, name) == 0)
				return true;
	}
	return 2 * numbers > s->nfields;
}

static int
look_at_table(const struct mask_source *src, struct looked *l, struct fault *f)
{
	struct shape s;
	struct bytes names;
	int rc = -1;

	bytes_init(&names, MESSAGE_MAX);
	shape_init(&s, TYPE_CSV);
	l->as.header = true;
	if (mask_shape(src, &l->as, &s, f) != 0)
		goto out;
	l->as.delimiter = s.delimiter;
	l->as.header = !are_values(&s);
	for (size_t i = 0; i < s.nfields; i++)
		if (put_text(&names, l->as.header ? s.fields[i].name : "", f) !=
		    0)
			goto out;
	digest_of(l->names, names.at, names.len);
	rc = 0;
out:
	shape_free(&s);
	bytes_free(&names);
	return rc;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A digest of a shape's names, in whatever order they came. */
static int
digest_names(uint8_t out[DIGEST_BYTES], const struct shape *s, struct fault *f)
{
	const char **sorted = mem_array(s->nfields, sizeof(*sorted));
	struct bytes names;
	int rc = 0;

	if (sorted == NULL)
		return fault_memory(f);
	bytes_init(&names, (size_t)SHAPE_FIELDS_MAX * (SHAPE_NAME_MAX + 2));
	for (size_t i = 0; i < s->nfields; i++)
		sorted[i] = s->fields[i].name;
	if (s->nfields > 0)
		qsort(sorted, s->nfields, sizeof(*sorted), compare_texts);
	for (size_t i = 0; i < s->nfields && rc == 0; i++)
		rc = put_text(&names, sorted[i], f);
	digest_of(out, names.at, names.len);
	bytes_free(&names);
	mem_free(sorted);
	return rc;
}

/* Is it a document, or lines of them under a document's name? */
static int
look_at_json(const struct mask_source *src, struct looked *l, struct fault *f)
{
	struct fault none = { 0 };
	struct shape s;
	int rc;

	shape_init(&s, TYPE_JSON);
	if ((rc = mask_shape(src, &l->as, &s, f)) == 0)
		rc = digest_names(l->paths, &s, f);
	shape_free(&s);
	if (rc == 0)
		return 0;
	l->as.type = TYPE_JSONL;
	shape_init(&s, TYPE_JSONL);
	if (mask_shape(src, &l->as, &s, &none) == 0) {
		fault_clear(f);
		rc = digest_names(l->paths, &s, f);
	}
	shape_free(&s);
	return rc;
}

static int
look_at(const struct mask_source *src, struct looked *l, struct fault *f)
{
	struct shape s;
	int rc;

	*l = (struct looked){ 0 };
	if (find_type(src, &l->as.type, f) != 0)
		return -1;
	switch (l->as.type) {
	case TYPE_CSV:
		return look_at_table(src, l, f);
	case TYPE_JSON:
		return look_at_json(src, l, f);
	case TYPE_TEXT:
		return 0;
	default:
		break;
	}
	shape_init(&s, (enum file_type)l->as.type);
	rc = mask_shape(src, &l->as, &s, f);
	if (rc == 0 && l->as.type == TYPE_JSONL)
		rc = digest_names(l->paths, &s, f);
	shape_free(&s);
	return rc;
}

static int
put_looked(struct bytes *b, const struct looked *l, struct fault *f)
{
	if (put_u8(b, 1, f) != 0 || put_u8(b, (uint8_t)l->as.type, f) != 0 ||
	    put_u8(b, l->as.header, f) != 0 ||
	    put_u8(b, (uint8_t)l->as.delimiter, f) != 0)
		return -1;
	if (bytes_add(b, l->names, sizeof(l->names), f) != 0)
		return -1;
	return bytes_add(b, l->paths, sizeof(l->paths), f);
}

int
worker_look(void *state, struct asked *a, struct fault *f)
{
	struct bytes *out = &a->answer->body;
	struct worker_source s;
	struct looked l;
	uint16_t n;

	(void)state;
	if (take_u16(&a->in, &n, f) != 0)
		return -1;
	for (uint16_t i = 0; i < n; i++) {
		struct fault own = { 0 };
		int rc;

		if (worker_take_file(a, i, &s, f) != 0)
			return -1;
		rc = look_at(&s.src, &l, &own);
		worker_source_close(&s);
		if (rc == 0)
			rc = put_looked(out, &l, f);
		else if ((rc = put_u8(out, 0, f)) == 0)
			rc = put_fault(out, &own, f);
		if (rc != 0)
			return -1;
	}
	return take_end(&a->in, f);
}

/* -- Counting ------------------------------------------------------------ */

struct worker_survey {
	struct survey *survey;
	struct mask_values *values;
	uint32_t *asked; /* texts of each guess, one guess after the other */
	uint32_t guesses;
};

void
worker_drop_survey(struct worker *w)
{
	if (w->survey == NULL)
		return;
	survey_free(w->survey->survey);
	mask_values_close(w->survey->values);
	mem_free(w->survey->asked);
	mem_free(w->survey);
	w->survey = NULL;
}

static int
see(void *arg, uint32_t field, const void *value, size_t len, struct fault *f)
{
	return survey_see(arg, field, value, len, f);
}

/* u32 n, n guesses: u32 how many texts; those, slices */
static int
take_guesses(struct worker_survey *s, struct reader *r, struct fault *f)
{
	uint64_t all = 0;
	struct slice text;

	if (take_u32(r, &s->guesses, f) != 0)
		return -1;
	if (s->guesses > reader_left(r) / 4)
		return fault_set(f, FAULT_INPUT, "guesses that are not there");
	if ((s->asked = mem_array((size_t)s->guesses + 1, sizeof(*s->asked))) ==
	    NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < s->guesses; i++) {
		if (take_u32(r, &s->asked[i], f) != 0)
			return -1;
		all += s->asked[i];
	}
	while (all-- > 0)
		if (take_slice(r, PACKAGE_ORIGINAL_MAX, &text, f) != 0 ||
		    survey_ask(s->survey, text.at, text.len, f) != 0)
			return -1;
	return 0;
}

/* u8 type, header, delimiter; u32 n, n paths of the dataset; guesses */
static int
begin(struct worker *w, struct reader *r, struct fault *f)
{
	struct mask_viewer to = { .see = see };
	char path[PACKAGE_ORIGINAL_MAX + 1];
	uint8_t type, header, delimiter;
	struct mask_reading as;
	uint32_t n;

	worker_drop_survey(w);
	if (take_u8(r, &type, f) != 0 || take_u8(r, &header, f) != 0 ||
	    take_u8(r, &delimiter, f) != 0 || take_u32(r, &n, f) != 0)
		return -1;
	must(type <= TYPE_JSONL);
	as = (struct mask_reading){ .type = type,
		.header = header != 0,
		.delimiter = (char)delimiter };
	if ((w->survey = mem_new(sizeof(*w->survey))) == NULL)
		return fault_memory(f);
	if (survey_new(&w->survey->survey, f) != 0)
		return -1;
	to.arg = w->survey->survey;
	while (n-- > 0)
		if (take_text(r, path, sizeof(path), f) != 0 ||
		    survey_file(w->survey->survey, path, f) != 0)
			return -1;
	if (take_guesses(w->survey, r, f) != 0)
		return -1;
	return mask_values_open(&w->survey->values, &as, &to, f);
}

/* Of each guess, how many texts are values; only of a field that may name a
 * person or files. */
static int
put_known(const struct worker_survey *s, const char *name, uint32_t field,
    struct bytes *out, struct fault *f)
{
	struct evidence e = survey_evidence(s->survey, field);
	enum name_meaning m = name_says(name);
	bool may = s->guesses > 0 && (m == NAME_PERSON_KEY || m == NAME_KEY ||
					 e.kinds[KIND_REF_PATH] > 0 ||
					 e.kinds[KIND_REF_BASENAME] > 0 ||
					 e.kinds[KIND_REF_IDENTIFIER] > 0);
	uint32_t first = 0;

	if (put_u8(out, may, f) != 0)
		return -1;
	for (uint32_t i = 0; may && i < s->guesses; i++) {
		if (put_u32(out,
			survey_known(s->survey, field, first, s->asked[i]),
			f) != 0)
			return -1;
		first += s->asked[i];
	}
	return 0;
}

static int
put_counted(struct worker_survey *s, struct bytes *out, struct fault *f)
{
	uint32_t *numbers = NULL;
	struct evidence e;
	struct shape shape;
	int rc = -1;

	shape_init(&shape, TYPE_JSON);
	if (mask_values_names(s->values, &shape, &numbers, f) != 0 ||
	    put_u64(out, mask_values_records(s->values), f) != 0 ||
	    shape_put(out, &shape, f) != 0)
		goto out;
	for (size_t i = 0; i < shape.nfields; i++) {
		e = survey_evidence(s->survey, numbers[i]);
		if (evidence_put(out, &e, f) != 0 ||
		    put_known(s, shape.fields[i].name, numbers[i], out, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mem_free(numbers);
	shape_free(&shape);
	return rc;
}

int
worker_survey(void *state, struct asked *a, struct fault *f)
{
	struct bytes *out = &a->answer->body;
	struct worker *w = state;
	struct worker_source s;
	uint8_t first, last;
	uint16_t n;

	if (take_u8(&a->in, &first, f) != 0 || take_u8(&a->in, &last, f) != 0 ||
	    (first != 0 && begin(w, &a->in, f) != 0) ||
	    take_u16(&a->in, &n, f) != 0)
		return -1;
	if (w->survey == NULL)
		return fault_set(
		    f, FAULT_SYSTEM, "@worker: no survey was begun");
	for (uint16_t i = 0; i < n; i++) {
		struct fault own = { 0 };
		int rc;

		if (worker_take_file(a, i, &s, f) != 0)
			return -1;
		rc = mask_values_file(w->survey->values, &s.src, &own);
		worker_source_close(&s);
		if (put_u8(out, rc == 0, f) != 0 ||
		    (rc != 0 && put_fault(out, &own, f) != 0))
			return -1;
	}
	if (last != 0 && put_counted(w->survey, out, f) != 0)
		return -1;
	return take_end(&a->in, f);
}
