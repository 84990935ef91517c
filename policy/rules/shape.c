/* Shapes of files, and lists of names, in memory and as messages. */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/rules/rules_internal.h"

const char *
file_type_name(enum file_type type)
{
	static const char *const names[] = { "csv", "json", "jsonl", "text",
		"jpeg", "png", "dicom" };

	_Static_assert(sizeof(names) / sizeof(names[0]) == FILE_TYPES, "all");
	must(type < FILE_TYPES);
	return names[type];
}

const char *
file_type_field(enum file_type type)
{
	return type == TYPE_CSV	    ? "column"
	       : type == TYPE_DICOM ? "attribute"
				    : "path";
}

const char *
delimiter_name(char delimiter)
{
	switch (delimiter) {
	case ',':
		return "comma";
	case ';':
		return "semicolon";
	case '\t':
		return "tab";
	case '|':
		return "pipe";
	default:
		return "auto";
	}
}

int
names_add(
    struct names *n, const void *text, size_t len, size_t max, struct fault *f)
{
	char **grown;

	if (n->n >= max)
		return fault_set(f, FAULT_INPUT, "more than %zu names", max);
	grown = mem_resize(n->at, (n->n + 1) * sizeof(*grown));
	if (grown == NULL)
		return fault_memory(f);
	n->at = grown;
	if ((n->at[n->n] = mem_text(text, len)) == NULL)
		return fault_memory(f);
	n->n++;
	return 0;
}

void
names_free(struct names *n)
{
	for (size_t i = 0; i < n->n; i++)
		mem_free(n->at[i]);
	mem_free(n->at);
	*n = (struct names){ 0 };
}

int
names_copy(struct names *to, const struct names *from, struct fault *f)
{
	for (size_t i = 0; i < from->n; i++)
		if (names_add(
			to, from->at[i], strlen(from->at[i]), SIZE_MAX, f) != 0)
			return -1;
	return 0;
}

int
names_put(struct bytes *b, const struct names *n, struct fault *f)
{
	if (put_u32(b, (uint32_t)n->n, f) != 0)
		return -1;
	for (size_t i = 0; i < n->n; i++)
		if (put_text(b, n->at[i], f) != 0)
			return -1;
	return 0;
}

int
names_take(struct reader *r, size_t max, struct names *n, struct fault *f)
{
	struct slice text;
	uint32_t count;

	if (take_u32(r, &count, f) != 0)
		return -1;
	while (count-- > 0) {
		if (take_slice(r, SHAPE_NAME_MAX, &text, f) != 0)
			return -1;
		if (text.len > 0 && memchr(text.at, 0, text.len) != NULL)
			return fault_set(
			    f, FAULT_INPUT, "message text holds a NUL");
		if (names_add(n, text.at, text.len, max, f) != 0)
			return -1;
	}
	return 0;
}

int
take_owned(struct reader *r, size_t max, char **out, struct fault *f)
{
	struct slice s;

	if (take_slice(r, max, &s, f) != 0)
		return -1;
	if (s.len > 0 && memchr(s.at, 0, s.len) != NULL)
		return fault_set(f, FAULT_INPUT, "message text holds a NUL");
	if ((*out = mem_text(s.at, s.len)) == NULL)
		return fault_memory(f);
	return 0;
}

int
put_maybe(struct bytes *b, const char *text, struct fault *f)
{
	if (put_u8(b, text != NULL, f) != 0)
		return -1;
	return text == NULL ? 0 : put_text(b, text, f);
}

int
take_maybe(struct reader *r, size_t max, char **out, struct fault *f)
{
	uint8_t there;

	if (take_u8(r, &there, f) != 0)
		return -1;
	if (there > 1)
		return fault_set(f, FAULT_INPUT, "message has a broken flag");
	return there ? take_owned(r, max, out, f) : 0;
}

void
shape_init(struct shape *s, enum file_type type)
{
	*s = (struct shape){ .type = type };
}

static int
make_room(struct shape *s, struct fault *f)
{
	size_t room = s->room == 0 ? 16 : 2 * s->room;
	struct shape_field *grown;

	if (s->nfields < s->room)
		return 0;
	if (s->nfields >= SHAPE_FIELDS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u fields", SHAPE_FIELDS_MAX);
	grown = mem_resize(s->fields, room * sizeof(*grown));
	if (grown == NULL)
		return fault_memory(f);
	s->fields = grown;
	s->room = room;
	return 0;
}

int
shape_add(struct shape *s, const void *name, size_t len, uint8_t holds,
    struct fault *f)
{
	if (len > SHAPE_NAME_MAX)
		return fault_set(f, FAULT_INPUT,
		    "field %zu: a name over %u bytes", s->nfields + 1,
		    SHAPE_NAME_MAX);
	if ((len > 0 && memchr(name, 0, len) != NULL) || !utf8_valid(name, len))
		return fault_set(f, FAULT_INPUT,
		    "field %zu: a name that is not UTF-8 text", s->nfields + 1);
	if (make_room(s, f) != 0)
		return -1;
	s->fields[s->nfields].holds = holds;
	s->fields[s->nfields].name = mem_text(name, len);
	if (s->fields[s->nfields].name == NULL)
		return fault_memory(f);
	s->nfields++;
	return 0;
}

int
shape_put(struct bytes *b, const struct shape *s, struct fault *f)
{
	if (put_u8(b, (uint8_t)s->type, f) != 0 ||
	    put_u8(b, (uint8_t)s->delimiter, f) != 0 ||
	    put_u32(b, (uint32_t)s->nfields, f) != 0)
		return -1;
	for (size_t i = 0; i < s->nfields; i++)
		if (put_text(b, s->fields[i].name, f) != 0 ||
		    put_u8(b, s->fields[i].holds, f) != 0)
			return -1;
	return 0;
}

int
shape_take(struct reader *r, struct shape *s, struct fault *f)
{
	uint8_t type, delimiter, holds;
	struct slice name;
	uint32_t n;

	shape_init(s, TYPE_CSV);
	if (take_u8(r, &type, f) != 0 || take_u8(r, &delimiter, f) != 0 ||
	    take_u32(r, &n, f) != 0)
		return -1;
	if (type >= FILE_TYPES || n > SHAPE_FIELDS_MAX)
		return fault_set(f, FAULT_INPUT, "message has a broken shape");
	s->type = (enum file_type)type;
	s->delimiter = (char)delimiter;
	for (uint32_t i = 0; i < n; i++)
		if (take_slice(r, SHAPE_NAME_MAX, &name, f) != 0 ||
		    take_u8(r, &holds, f) != 0 ||
		    shape_add(s, name.at, name.len, holds, f) != 0) {
			shape_free(s);
			return -1;
		}
	return 0;
}

void
shape_free(struct shape *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->nfields; i++)
		mem_free(s->fields[i].name);
	mem_free(s->fields);
	shape_init(s, s->type);
}
