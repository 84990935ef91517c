/*
 * The dataset's own names: read by one worker, used by all.
 *
 * The one that makes the dictionary (DICTIONARY) reads the columns and paths
 * that the policy names, file by file, and at the end writes a block into
 * memory that is then sealed.  Every worker that masks is given that memory
 * (KNOWN) and maps it.  No value is in an answer.
 */

#include <string.h>

#include "gateway/flow/worker_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "policy/detect/detect.h"

#define FIELD_NONE UINT8_MAX
_Static_assert(DICTIONARY_FIELDS_MAX < FIELD_NONE, "a field is a byte");

/* Of one record, before its subject is known; what has more is no record of a
 * person. */
#define PENDING_MAX ((size_t)64 << 20)

struct worker_dictionary {
	struct dictionary_builder *builder;
	uint64_t values;
};

void
worker_drop_dictionary(struct worker *w)
{
	if (w->making != NULL)
		dictionary_builder_free(w->making->builder);
	mem_free(w->making);
	w->making = NULL;
}

/* ---- One file's values ---- */

struct wanted {
	struct path path;
	char *name;
	enum dictionary_names names;
	bool found;
};

/* A value that waits for its record to end. */
struct pending {
	uint32_t at, len; /* in text */
	uint8_t kind;	  /* enum dictionary_kind */
};

struct naming {
	struct worker_dictionary *to;
	struct worker_source source;
	struct mask_reading as;
	struct names apart;
	bool paths;
	struct wanted *wanted;
	uint16_t n;
	char *subject;	/* the field of it, or NULL */
	uint8_t *field; /* by number: which of those, or FIELD_NONE */
	bool *owns;	/* by number: it is the subject's */
	size_t nfields;
	bool learning;
	struct mask_values *values;
	uint64_t before, record; /* records read when it began; in hand */
	/* of the record in hand */
	struct bytes owner, person, text, pending;
	bool said[DICTIONARY_FIELDS_MAX]; /* of the person in hand */
};

static const enum dictionary_kind kinds[] = {
	[NAMES_PERSON] = DICTIONARY_NAME,
	[NAMES_ADDRESS] = DICTIONARY_PLACE,
	[NAMES_LOCATION] = DICTIONARY_PLACE,
	[NAMES_PHONE] = DICTIONARY_PHONE,
	[NAMES_ID] = DICTIONARY_ID,
};

static int
wait_for_owner(struct naming *s, enum dictionary_kind kind, const void *p,
    size_t len, struct fault *f)
{
	const struct pending one = { (uint32_t)s->text.len, (uint32_t)len,
		(uint8_t)kind };

	if (len == 0)
		return 0;
	if (bytes_add(&s->text, p, len, f) != 0)
		return -1;
	return bytes_add(&s->pending, &one, sizeof(one), f);
}

/* All parts of a name are known: it is one value. */
static int
end_person(struct naming *s, struct fault *f)
{
	int rc =
	    wait_for_owner(s, DICTIONARY_NAME, s->person.at, s->person.len, f);

	memset(s->said, 0, sizeof(s->said));
	bytes_reset(&s->person);
	return rc;
}

static int
end_record(struct naming *s, struct fault *f)
{
	const struct slice subject =
	    s->subject != NULL ? (struct slice){ s->owner.at, s->owner.len }
			       : s->source.src.subject;
	uint8_t owner[TRANSFORM_OWNER_BYTES];
	size_t n;

	if (end_person(s, f) != 0)
		return -1;
	transform_owner(owner, &subject, s->source.path, s->record);
	n = s->pending.len / sizeof(struct pending);
	for (size_t i = 0; i < n; i++) {
		struct pending one;

		memcpy(&one, s->pending.at + i * sizeof(one), sizeof(one));
		if (dictionary_add(s->to->builder,
			(enum dictionary_kind)one.kind,
			(const char *)s->text.at + one.at, one.len, owner,
			f) != 0) {
			if (s->record > 0)
				(void)fault_at(f, "record %llu",
				    (unsigned long long)s->record);
			return fault_at(f, "%s", s->source.path);
		}
		s->to->values++;
	}
	bytes_reset(&s->owner);
	bytes_reset(&s->text);
	bytes_reset(&s->pending);
	return 0;
}

/* The record that a value shown now is of, as masks number it. */
static uint64_t
number(const struct naming *s)
{
	uint64_t n = mask_values_records(s->values) - s->before;

	return s->as.type == TYPE_JSON ? 0 : s->as.type == TYPE_CSV ? n + 1 : n;
}

static int
add_part(
    struct naming *s, uint8_t k, const void *p, size_t len, struct fault *f)
{
	/* one whose part is said twice is another */
	if (s->said[k] && end_person(s, f) != 0)
		return -1;
	s->said[k] = true;
	if (len == 0)
		return 0;
	if (s->person.len > 0 && bytes_add_text(&s->person, " ", f) != 0)
		return -1;
	return bytes_add(&s->person, p, len, f);
}

static int
see(void *arg, uint32_t field, const void *value, size_t len, struct fault *f)
{
	struct naming *s = arg;
	uint8_t k;
	uint64_t record;

	if (s->learning || field >= s->nfields)
		return 0;
	k = s->field[field];
	if (k == FIELD_NONE && !s->owns[field])
		return 0;
	record = number(s);
	if (record != s->record) {
		if (end_record(s, f) != 0)
			return -1;
		s->record = record;
	}
	if (s->owns[field]) {
		bytes_reset(&s->owner);
		if (bytes_add(&s->owner, value, len, f) != 0)
			return -1;
	}
	if (k == FIELD_NONE)
		return 0;
	if (s->wanted[k].names == NAMES_PERSON)
		return add_part(s, k, value, len, f);
	return wait_for_owner(s, kinds[s->wanted[k].names], value, len, f);
}

/* ---- Which fields they are ---- */

static bool
is_named(const struct naming *s, const struct wanted *w, const char *name)
{
	return s->paths ? path_reach(&w->path, name) == REACH_HERE
			: strcmp(w->name, name) == 0;
}

static int
find_fields(struct naming *s, const struct shape *shape,
    const uint32_t *numbers, struct fault *f)
{
	for (size_t i = 0; i < shape->nfields; i++)
		if (numbers[i] >= s->nfields)
			s->nfields = (size_t)numbers[i] + 1;
	s->field = mem_array(s->nfields, 1);
	s->owns = mem_array(s->nfields, sizeof(*s->owns));
	if (s->field == NULL || s->owns == NULL)
		return fault_memory(f);
	memset(s->field, FIELD_NONE, s->nfields);
	for (size_t i = 0; i < shape->nfields; i++) {
		const char *name = shape->fields[i].name;
		uint8_t *to = &s->field[numbers[i]];

		for (uint8_t k = 0; k < s->n && *to == FIELD_NONE; k++)
			if (is_named(s, &s->wanted[k], name)) {
				s->wanted[k].found = true;
				*to = k;
			}
		s->owns[numbers[i]] =
		    s->subject != NULL && strcmp(s->subject, name) == 0;
	}
	return 0;
}

/* A document's places are numbered as they are met: it is read once for them,
 * and once more for what is there. */
static int
learn(struct naming *s, struct fault *f)
{
	uint32_t *numbers = NULL;
	struct shape shape;
	int rc = -1;

	s->learning = true;
	shape_init(&shape, (enum file_type)s->as.type);
	if (s->as.type == TYPE_CSV) {
		if (mask_shape(&s->source.src, &s->as, &shape, f) != 0)
			goto out;
		if ((numbers = mem_array(shape.nfields, sizeof(*numbers))) ==
		    NULL) {
			(void)fault_memory(f);
			goto out;
		}
		for (size_t i = 0; i < shape.nfields; i++)
			numbers[i] = (uint32_t)i;
	} else if (mask_values_file(s->values, &s->source.src, f) != 0 ||
		   mask_values_names(s->values, &shape, &numbers, f) != 0) {
		goto out;
	}
	rc = find_fields(s, &shape, numbers, f);
out:
	s->learning = false;
	mem_free(numbers);
	shape_free(&shape);
	return rc;
}

static int
read_values(struct naming *s, struct fault *f)
{
	const struct mask_viewer to = { see, s };

	bytes_init(&s->owner, MASK_RECORD_MAX);
	bytes_init(&s->person, PENDING_MAX);
	bytes_init(&s->text, PENDING_MAX);
	bytes_init(&s->pending, PENDING_MAX);
	if (mask_values_open(&s->values, &s->as, &to, f) != 0 ||
	    learn(s, f) != 0)
		return -1;
	s->before = mask_values_records(s->values);
	if (mask_values_file(s->values, &s->source.src, f) != 0)
		return -1;
	return end_record(s, f);
}

/* ---- What is asked ---- */

static int
take_field(struct reader *r, struct naming *s, struct fault *f)
{
	struct wanted *w = &s->wanted[s->n++];
	char name[SHAPE_NAME_MAX + 1];
	uint8_t names;

	if (take_u8(r, &names, f) != 0 ||
	    take_text(r, name, sizeof(name), f) != 0)
		return -1;
	must(names <= NAMES_ID);
	w->names = (enum dictionary_names)names;
	if ((w->name = mem_text(name, strlen(name))) == NULL)
		return fault_memory(f);
	return s->paths ? path_read(&w->path, name, f) : 0;
}

static int
take_wanted(struct reader *r, struct naming *s, struct fault *f)
{
	char subject[SHAPE_NAME_MAX + 1];
	uint8_t type, header, delimiter, paths;
	uint16_t n;

	if (take_u8(r, &type, f) != 0 || take_u8(r, &header, f) != 0 ||
	    take_u8(r, &delimiter, f) != 0 || take_u8(r, &paths, f) != 0 ||
	    take_u16(r, &n, f) != 0)
		return -1;
	must(type <= TYPE_JSONL && n <= DICTIONARY_FIELDS_MAX);
	s->as = (struct mask_reading){ .type = type,
		.header = header != 0,
		.delimiter = (char)delimiter };
	s->paths = paths != 0;
	if ((s->wanted = mem_array(n, sizeof(*s->wanted))) == NULL)
		return fault_memory(f);
	while (s->n < n)
		if (take_field(r, s, f) != 0)
			return -1;
	if (take_text(r, subject, sizeof(subject), f) != 0)
		return -1;
	if (subject[0] != '\0' &&
	    (s->subject = mem_text(subject, strlen(subject))) == NULL)
		return fault_memory(f);
	return take_end(r, f);
}

static void
naming_free(struct naming *s)
{
	for (uint16_t i = 0; s->wanted != NULL && i < s->n; i++) {
		mem_free(s->wanted[i].name);
		path_free(&s->wanted[i].path);
	}
	mem_free(s->wanted);
	mem_free(s->subject);
	mem_free(s->field);
	mem_free(s->owns);
	mask_values_close(s->values);
	bytes_free(&s->owner);
	bytes_free(&s->person);
	bytes_free(&s->text);
	bytes_free(&s->pending);
	worker_source_close(&s->source);
}

static int
begin(struct worker *w, struct fault *f)
{
	worker_drop_dictionary(w);
	if ((w->making = mem_new(sizeof(*w->making))) == NULL)
		return fault_memory(f);
	return dictionary_new(&w->making->builder, f);
}

int
worker_dictionary(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct naming s = { .source.src.fd = -1 };
	uint8_t first;
	int rc = -1;

	if (take_u8(&a->in, &first, f) != 0 || (first && begin(w, f) != 0))
		return -1;
	if (w->making == NULL)
		return fault_set(
		    f, FAULT_SYSTEM, "@worker: no dictionary was begun");
	s.to = w->making;
	if (worker_take_file(a, 0, &s.source, f) == 0 &&
	    take_wanted(&a->in, &s, f) == 0)
		rc = read_values(&s, f);
	for (uint16_t i = 0; rc == 0 && i < s.n; i++)
		rc = put_u8(&a->answer->body, s.wanted[i].found, f);
	naming_free(&s);
	return rc;
}

int
worker_dictionary_end(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct dictionary *d = NULL;
	uint8_t *block = NULL;
	size_t len;
	int fd = -1, rc = -1;

	if (w->making == NULL)
		return fault_set(
		    f, FAULT_SYSTEM, "@worker: no dictionary was begun");
	if (take_end(&a->in, f) == 0 &&
	    message_fd(a->request, 0, &fd, f) == 0 &&
	    dictionary_seal(w->making->builder, &block, &len, f) == 0 &&
	    file_write(fd, block, len, f) == 0 &&
	    dictionary_open(&d, block, len, f) == 0 &&
	    put_u64(&a->answer->body, w->making->values, f) == 0 &&
	    put_u64(&a->answer->body, dictionary_words(d), f) == 0)
		rc = put_u64(&a->answer->body, len, f);
	dictionary_free(d);
	mem_free(block);
	file_close(&fd);
	worker_drop_dictionary(w);
	return rc;
}

/* ---- In every worker ---- */

void
worker_forget_names(struct worker *w)
{
	transform_dictionary_free(w->dictionary);
	sealed_unmap(w->known, w->known_len);
	w->dictionary = NULL;
	w->known = NULL;
}

int
worker_known(void *state, struct asked *a, struct fault *f)
{
	struct bytes *out = &a->answer->body;
	const struct transform_key *key;
	uint8_t digest[TRANSFORM_DICTIONARY_DIGEST];
	struct worker *w = state;
	int fd, rc;

	worker_forget_names(w);
	if (take_end(&a->in, f) != 0 || message_fd(a->request, 0, &fd, f) != 0)
		return -1;
	rc = sealed_map(&w->known, &w->known_len, fd, "a dictionary", f);
	file_close(&fd);
	if (rc != 0 || transform_dictionary_open(
			   &w->dictionary, w->known, w->known_len, f) != 0)
		return -1;
	if ((key = worker_key(w, WORKER_DICTIONARY_KEY)) == NULL)
		return put_slice(out, NULL, 0, f);
	transform_dictionary_digest(w->dictionary, key, digest);
	return put_slice(out, digest, sizeof(digest), f);
}

int
worker_rules(void *state, struct asked *a, struct fault *f)
{
	/* a label that no value of a field begins with */
	uint8_t labelled[8 + DIGEST_BYTES] = { 'h', 'a', 'n', 'd', 'r', 'u',
		'l', 'e' };
	uint8_t digest[DIGEST_BYTES];
	const struct transform_key *key;

	if (take_bytes(&a->in, labelled + 8, DIGEST_BYTES, f) != 0 ||
	    take_end(&a->in, f) != 0)
		return -1;
	if ((key = worker_key(state, WORKER_RULES_KEY)) == NULL)
		return fault_set(
		    f, FAULT_SYSTEM, "@worker: no key for its rules");
	transform_keyed_digest(key, labelled, sizeof(labelled), digest);
	return bytes_add(&a->answer->body, digest, sizeof(digest), f);
}
