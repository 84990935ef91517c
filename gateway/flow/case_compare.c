/* What a case of `policy test` gave, held against what it expects. */

#include <stdarg.h>
#include <string.h>

#include "gateway/flow/policy_test_internal.h"
#include "keys/base/mem.h"
#include "policy/dicom/dicom.h"

void
policy_case_say(struct case_why *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
}

struct value {
	uint32_t field;
	uint8_t holds;
	char *name, *text;
};
struct values {
	struct value
	    *at; /* of values; then, of n names, those that hold none */
	size_t n;
};

static void
values_free(struct values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		mem_free(v->at[i].name);
		mem_free(v->at[i].text);
	}
	mem_free(v->at);
	*v = (struct values){ 0 };
}

static int
add_value(
    struct values *v, uint32_t field, const struct slice *text, struct fault *f)
{
	struct value *grown = mem_resize(v->at, (v->n + 1) * sizeof(*grown));

	if (grown == NULL)
		return fault_memory(f);
	v->at = grown;
	v->at[v->n] = (struct value){ .field = field };
	v->at[v->n].text = mem_text(text->at, text->len);
	return v->at[v->n++].text == NULL ? fault_memory(f) : 0;
}

/* A name for all values of a field; of one without, what it holds instead. */
static int
name_values(struct values *v, uint32_t field, uint8_t holds,
    const struct slice *name, struct fault *f)
{
	const struct slice null = slice_of_text("null");
	const struct slice empty = slice_of_text("empty");
	bool any = false;

	for (size_t i = 0; i < v->n; i++)
		any = any || v->at[i].field == field;
	if (!any &&
	    add_value(v, field, holds == HOLDS_NULL ? &null : &empty, f) != 0)
		return -1;
	for (size_t i = 0; i < v->n; i++) {
		if (v->at[i].field != field || v->at[i].name != NULL)
			continue;
		v->at[i].holds = any ? HOLDS_VALUE : holds;
		v->at[i].name = mem_text(name->at, name->len);
		if (v->at[i].name == NULL)
			return fault_memory(f);
	}
	return 0;
}

static int
take_values(struct values *v, struct reader *r, struct fault *f)
{
	struct slice s;
	uint32_t field, n;
	uint8_t more, holds;

	for (;;) {
		if (take_u8(r, &more, f) != 0)
			return -1;
		if (more == 0)
			break;
		if (take_u32(r, &field, f) != 0 ||
		    take_slice(r, MESSAGE_MAX, &s, f) != 0 ||
		    add_value(v, field, &s, f) != 0)
			return -1;
	}
	if (take_u32(r, &n, f) != 0)
		return -1;
	while (n-- > 0)
		if (take_u32(r, &field, f) != 0 || take_u8(r, &holds, f) != 0 ||
		    take_slice(r, SHAPE_NAME_MAX, &s, f) != 0 ||
		    name_values(v, field, holds, &s, f) != 0)
			return -1;
	return 0;
}

/* Is a pattern among what is expected that is not to be compiled? */
static bool
is_too_much(const struct policy_case *c, struct case_why *why)
{
	const char *problem = NULL, *want = c->want;

	if (want != NULL)
		problem = policy_case_pattern(want);
	for (size_t i = 0; i < c->want_columns.n && problem == NULL; i++) {
		want = c->want_values.at[i];
		problem = policy_case_pattern(want);
	}
	if (problem != NULL)
		policy_case_say(why, "the pattern \"%s\": %s", want, problem);
	return problem != NULL;
}

/* A name of the case as the file has it: attributes have two. */
static const char *
known_as(enum file_type type, const char *name)
{
	const struct dicom_attribute *a =
	    type == TYPE_DICOM ? dicom_named(name, strlen(name)) : NULL;

	return a != NULL ? a->keyword : name;
}

static bool
has_name(enum file_type type, const struct names *n, const char *name)
{
	for (size_t i = 0; i < n->n; i++)
		if (strcmp(known_as(type, n->at[i]), name) == 0)
			return true;
	return false;
}

/* Is the value expected, or of no interest: what a DICOM file has besides the
 * case's attributes, no file can do without? */
static bool
is_expected(const struct policy_case *c, enum file_type type, const char *name)
{
	return has_name(type, &c->want_columns, name) ||
	       (type == TYPE_DICOM && !has_name(type, &c->columns, name));
}

static void
compare_row(const struct policy_case *c, enum file_type type,
    const struct values *got, struct case_why *why)
{
	const char *word = file_type_field(type);

	for (size_t i = 0; i < c->want_columns.n; i++) {
		const char *name = known_as(type, c->want_columns.at[i]);
		const struct value *v = NULL;

		for (size_t k = 0; k < got->n && v == NULL; k++)
			if (strcmp(got->at[k].name, name) == 0)
				v = &got->at[k];
		if (v == NULL) {
			policy_case_say(why,
			    "%s \"%s\" is expected, and not delivered", word,
			    name);
			return;
		}
		if (!policy_case_meets(c->want_values.at[i], v->text)) {
			policy_case_say(why,
			    "%s \"%s\": expected \"%s\", got \"%s\"", word,
			    name, c->want_values.at[i], v->text);
			return;
		}
	}
	for (size_t k = 0; k < got->n; k++)
		if (!is_expected(c, type, got->at[k].name)) {
			policy_case_say(why,
			    "%s \"%s\" is delivered (\"%s\"), and nothing is "
			    "expected of it",
			    word, got->at[k].name, got->at[k].text);
			return;
		}
}

/* Values in the order of the document, each at its path. */
static void
compare_document(
    const struct values *want, const struct values *got, struct case_why *why)
{
	for (size_t i = 0; i < want->n || i < got->n; i++) {
		if (i >= got->n) {
			policy_case_say(why,
			    "path \"%s\" is expected, and not delivered",
			    want->at[i].name);
			return;
		}
		if (i >= want->n ||
		    strcmp(want->at[i].name, got->at[i].name) != 0) {
			policy_case_say(why,
			    "path \"%s\" is delivered (\"%s\"), and %s%s%s",
			    got->at[i].name, got->at[i].text,
			    i >= want->n ? "nothing is" : "\"",
			    i >= want->n ? "" : want->at[i].name,
			    i >= want->n ? " expected" : "\" is expected");
			return;
		}
		if (want->at[i].holds != got->at[i].holds ||
		    !policy_case_meets(want->at[i].text, got->at[i].text)) {
			policy_case_say(why,
			    "path \"%s\": expected \"%s\", got \"%s\"",
			    got->at[i].name, want->at[i].text, got->at[i].text);
			return;
		}
	}
}

int
policy_case_compare(const struct policy_case *c, enum file_type type,
    struct reader *r, struct case_why *why, struct fault *f)
{
	struct values got = { 0 }, want = { 0 };
	struct slice made;
	char *text;
	int rc = -1;

	if (take_slice(r, MESSAGE_MAX, &made, f) != 0)
		return -1;
	if (is_too_much(c, why))
		return 0;
	if (type > TYPE_JSONL && type != TYPE_DICOM) {
		if ((text = mem_text(made.at, made.len)) == NULL)
			return fault_memory(f);
		if (!policy_case_meets(c->want, text))
			policy_case_say(
			    why, "expected \"%s\", got \"%s\"", c->want, text);
		mem_free(text);
		return take_end(r, f);
	}
	if (take_values(&got, r, f) != 0 ||
	    (c->input == CASE_DOCUMENT && take_values(&want, r, f) != 0) ||
	    take_end(r, f) != 0)
		goto out;
	if (c->input == CASE_DOCUMENT)
		compare_document(&want, &got, why);
	else
		compare_row(c, type, &got, why);
	rc = 0;
out:
	values_free(&got);
	values_free(&want);
	return rc;
}
