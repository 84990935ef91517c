/*
 * subject: how it is told whom a row, a document or a whole file is about.
 *
 *     {file: customers.csv, column: customer_id}    a value in the file
 *     {file: "*.dcm", field: PatientID}             an attribute of it
 *     {path: "photos/{subject}.jpg"}               a part of its path
 *     {file: "*.png", by: item_ref}                whoever's row names it
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/parse_internal.h"

#define SUBJECTS_MAX 64u

static int
both(const struct tree *y, const struct node *n, struct fault *f)
{
	return tree_fault(
	    y, n, f, "path is a pattern itself, in the place of file");
}

static int
read_file(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct subject_rule *s = to;

	if (s->by == SUBJECT_PATH)
		return both(y, n, f);
	return parse_glob(y, n, &s->file, f);
}

/* One of column, field, path and by. */
static int
choose(const struct tree *y, const struct node *n, struct subject_rule *s,
    enum subject_by by, struct fault *f)
{
	if (s->field != NULL || s->by != SUBJECT_FIELD)
		return tree_fault(y, n, f,
		    "one of column, field, path and by, not two of them");
	s->by = by;
	return 0;
}

static int
read_column(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct subject_rule *s = to;
	const char *text;

	if (choose(y, n, s, SUBJECT_FIELD, f) != 0 ||
	    tree_text(y, n, "a column", &text, f) != 0)
		return -1;
	return parse_copy(&s->field, text, f);
}

static int
read_field(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct subject_rule *s = to;
	const struct dicom_attribute *a;
	const char *text;

	if (choose(y, n, s, SUBJECT_FIELD, f) != 0 ||
	    tree_text(y, n, "a path", &text, f) != 0)
		return -1;
	a = text[0] == '(' ? dicom_named(text, strlen(text)) : NULL;
	if (a != NULL) {
		s->path = true; /* a keyword is a path of one name */
		return path_read(&s->where, a->keyword, f) == 0
			   ? parse_copy(&s->field, a->keyword, f)
			   : -1;
	}
	if (parse_place(y, n, &s->where, &s->field, f) != 0)
		return -1;
	s->path = true;
	return 0;
}

/* The pattern as a glob: the key is one character or more. */
static int
as_glob(const char *text, char **out, struct fault *f)
{
	size_t head = (size_t)(strstr(text, SUBJECT_SIGN) - text);
	size_t len = strlen(text);
	char *glob = mem_new(len + 1);

	if (glob == NULL)
		return fault_memory(f);
	(void)snprintf(glob, len + 1, "%.*s?*%s", (int)head, text,
	    text + head + strlen(SUBJECT_SIGN));
	mem_free(*out);
	*out = glob;
	return 0;
}

static int
read_path(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct subject_rule *s = to;
	const char *text, *sign, *behind, *problem;

	if (choose(y, n, s, SUBJECT_PATH, f) != 0 ||
	    tree_text(y, n, "a pattern with {subject}", &text, f) != 0)
		return -1;
	if (s->file != NULL)
		return both(y, n, f);
	sign = strstr(text, SUBJECT_SIGN);
	behind = sign == NULL ? text : sign + strlen(SUBJECT_SIGN);
	if (sign == NULL || strstr(behind, SUBJECT_SIGN) != NULL) {
		(void)tree_fault(y, n, f,
		    "{subject} stands once in it, where the person's key is");
		return fault_hint(
		    f, "subject: {path: \"photos/{subject}/*.jpg\"}");
	}
	if (behind[0] == '*' || (sign > text && sign[-1] == '*'))
		return tree_fault(y, n, f,
		    "a * beside {subject}: where the key ends would be a "
		    "guess");
	if (as_glob(text, &s->file, f) != 0)
		return -1;
	if ((problem = glob_problem(s->file)) != NULL)
		return tree_fault(y, n, f, "%s", problem);
	return parse_copy(&s->pattern, text, f);
}

static int
read_by(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "item_ref", NULL };
	struct subject_rule *s = to;
	size_t i;

	if (choose(y, n, s, SUBJECT_REF, f) != 0)
		return -1;
	return tree_word(y, n, words, &i, f);
}

static int
read_missing(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct subject_rule *r = to;

	return parse_missing(y, n, &r->may_miss, f);
}

/* Everything that one needs is there. */
static int
check(const struct tree *y, const struct node *n, const struct subject_rule *s,
    struct fault *f)
{
	if (s->by != SUBJECT_PATH && s->file == NULL) {
		(void)tree_fault(y, n, f, "subject needs a file, or a path");
		return fault_hint(
		    f, "subject: {file: customers.csv, column: customer_id}");
	}
	if (s->by != SUBJECT_FIELD || s->field != NULL)
		return 0;
	if (strstr(s->file, SUBJECT_SIGN) != NULL) {
		(void)tree_fault(
		    y, n, f, "{subject} is for path, in the place of file");
		return fault_hint(f, "subject: {path: \"%s\"}", s->file);
	}
	(void)tree_fault(y, n, f, "subject needs a column or a field");
	return fault_hint(f,
	    "subject: {file: customers.csv, column: customer_id}; of whole "
	    "files  {path: \"photos/{subject}/*.jpg\"}  or by: item_ref");
}

static int
read_subject(const struct tree *y, const struct node *n, struct policy *p,
    struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "file", false, read_file },
		{ "column", false, read_column },
		{ "field", false, read_field },
		{ "path", false, read_path },
		{ "by", false, read_by },
		{ "missing", false, read_missing },
		{ NULL, false, NULL },
	};
	struct subject_rule *grown, *s;

	if (p->nsubjects == SUBJECTS_MAX)
		return tree_fault(
		    y, n, f, "more than %u subjects", SUBJECTS_MAX);
	grown = mem_resize(p->subjects, (p->nsubjects + 1) * sizeof(*grown));
	if (grown == NULL)
		return fault_memory(f);
	p->subjects = grown;
	s = &grown[p->nsubjects++];
	*s = (struct subject_rule){ .line = n->line };
	if (tree_map(y, n, keys, "subject", s, f) != 0)
		return -1;
	return check(y, n, s, f);
}

int
parse_subjects(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	if (n->kind != NODE_LIST)
		return read_subject(y, n, to, f);
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (read_subject(y, e, to, f) != 0)
			return -1;
	return 0;
}

void
policy_free_subjects(struct policy *p)
{
	for (size_t i = 0; i < p->nsubjects; i++) {
		mem_free(p->subjects[i].file);
		mem_free(p->subjects[i].field);
		mem_free(p->subjects[i].pattern);
		path_free(&p->subjects[i].where);
	}
	mem_free(p->subjects);
}
