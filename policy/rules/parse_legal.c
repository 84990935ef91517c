/*
 * legal: what the controller has to be able to say about the data, in terms of
 * the Data Privacy Vocabulary and in documents named by digest.  Whether it is
 * enough for a vendor is decided when the vendor is known (policy/legal).
 */

#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/text.h"
#include "policy/rules/parse_internal.h"

#define DAY ((int64_t)86400)

/* ---- Terms ---- */

static int
read_term(const struct tree *y, const struct node *n, enum dpv_kind kind,
    const struct dpv_term **out, struct fault *f)
{
	static const char *const kinds[] = { "a legal basis of Art. 6(1)",
		"an exception of Art. 9(2)", "a purpose", "a category of data",
		"a role of recipients" };
	const struct dpv_term *near;
	const char *text;

	if (tree_text(y, n, kinds[kind], &text, f) != 0)
		return -1;
	if ((*out = dpv_find(kind, text)) != NULL)
		return 0;
	(void)tree_fault(
	    y, n, f, "\"%s\" is not %s that is known here", text, kinds[kind]);
	if ((near = dpv_near(kind, text)) != NULL)
		return fault_hint(f, "did you mean %s?", near->id);
	return fault_hint(f, "handoff policy terms lists them");
}

static int
read_terms(const struct tree *y, const struct node *n, enum dpv_kind kind,
    struct legal_list *out, struct fault *f)
{
	const struct dpv_term *term;

	if (n->kind != NODE_LIST || n->child == NULL) {
		(void)tree_fault(y, n, f, "expected a list");
		return fault_hint(f, "write [%s]",
		    n->kind == NODE_SCALAR ? n->text : "dpv:...");
	}
	out->n = 0;
	for (const struct node *e = n->child; e != NULL; e = e->next) {
		if (read_term(y, e, kind, &term, f) != 0)
			return -1;
		for (size_t i = 0; i < out->n; i++)
			if (out->at[i] == term)
				return tree_fault(
				    y, e, f, "\"%s\" is here twice", term->id);
		if (out->n == LEGAL_LIST_MAX)
			return tree_fault(
			    y, e, f, "more than %u terms", LEGAL_LIST_MAX);
		out->at[out->n++] = term;
	}
	return 0;
}

static int
read_basis(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct legal_terms *t = to;

	return read_term(y, n, DPV_BASIS, &t->basis, f);
}

static int
read_exception(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct legal_terms *t = to;

	return read_term(y, n, DPV_EXCEPTION, &t->exception, f);
}

static int
read_purposes(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct legal_terms *t = to;

	return read_terms(y, n, DPV_PURPOSE, &t->purposes, f);
}

static int
read_data(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct legal_terms *t = to;

	return read_terms(y, n, DPV_DATA, &t->data, f);
}

static int
read_recipients(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct legal_terms *t = to;

	return read_terms(y, n, DPV_RECIPIENT, &t->recipients, f);
}

/* ---- Contacts ---- */

static int
read_contact(const struct tree *y, const struct node *n, const char *what,
    char **out, struct fault *f)
{
	const char *text;

	if (tree_text(y, n, what, &text, f) != 0)
		return -1;
	if (text[0] == '\0' || strlen(text) > LEGAL_CONTACT_MAX ||
	    strpbrk(text, "\t\r\n") != NULL)
		return tree_fault(y, n, f, "%s has 1 to %u bytes in one line",
		    what, LEGAL_CONTACT_MAX);
	return parse_copy(out, text, f);
}

static int
read_controller(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct legal_terms *t = to;

	return read_contact(y, n, "the controller", &t->controller, f);
}

static int
read_dpo(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct legal_terms *t = to;

	return read_contact(y, n, "a contact", &t->dpo, f);
}

/* ---- Documents ---- */

static int
read_sha256(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct legal_document *d = to;

	return parse_sha256(y, n, d->sha256, f);
}

static int
read_day(
    const struct tree *y, const struct node *n, int64_t *out, struct fault *f)
{
	const char *text;

	if (tree_text(y, n, "a date", &text, f) != 0)
		return -1;
	if (!clock_read_date(out, text, strlen(text)) || *out < DAY)
		return tree_fault(y, n, f, "expected a date like 2026-01-31");
	return 0;
}

static int
read_date(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct legal_document *d = to;

	return read_day(y, n, &d->date, f);
}

static int
read_until(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct legal_document *d = to;

	if (read_day(y, n, &d->until, f) != 0)
		return -1;
	d->until += DAY; /* through its last day */
	return 0;
}

static int
read_module(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct legal_document *d = to;

	return tree_number(y, n, 1, 4, &d->module, f);
}

static int
read_document(const struct tree *y, const struct node *n, void *to,
    enum legal_paper kind, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "sha256", true, read_sha256 },
		{ "date", true, read_date },
		{ "until", false, read_until },
		{ NULL, false, NULL },
	};
	static const struct tree_key clauses[] = {
		{ "module", true, read_module },
		{ "sha256", true, read_sha256 },
		{ "date", true, read_date },
		{ "until", false, read_until },
		{ NULL, false, NULL },
	};
	struct legal_document *d = &((struct legal_terms *)to)->papers[kind];

	d->given = true;
	d->line = n->line;
	if (tree_map(y, n, kind == LEGAL_SCC ? clauses : keys,
		legal_paper_name(kind), d, f) != 0)
		return -1;
	if (d->until != 0 && d->until <= d->date)
		return tree_fault(y, n, f, "it ends before its date");
	return 0;
}

#define DOCUMENT(name, kind)                                               \
	static int read_##name(const struct tree *y, const struct node *n, \
	    void *to, struct fault *f)                                     \
	{                                                                  \
		return read_document(y, n, to, kind, f);                   \
	}
DOCUMENT(dpia, LEGAL_DPIA)
DOCUMENT(tia, LEGAL_TIA)
DOCUMENT(scc, LEGAL_SCC)
DOCUMENT(sub_processors, LEGAL_SUB_PROCESSORS)
DOCUMENT(undertaking, LEGAL_UNDERTAKING)
DOCUMENT(covered, LEGAL_COVERED)
DOCUMENT(authority, LEGAL_AUTHORITY)

static int
read_facts(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "dpia", false, read_dpia },
		{ "tia", false, read_tia },
		{ "scc", false, read_scc },
		{ "sub-processors", false, read_sub_processors },
		{ "undertaking", false, read_undertaking },
		{ "covered", false, read_covered },
		{ "authority", false, read_authority },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "facts", to, f);
}

/* ---- crowd: ---- */

static int
read_special(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "deny", "allow", NULL };
	struct legal_terms *t = to;
	size_t i;

	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	t->special_to_crowd = i == 1;
	return 0;
}

static int
read_crowd(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "special", false, read_special },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "crowd", to, f);
}

/* ---- All of it ---- */

/* Clauses between a controller and a processor are module 2, between
 * processors module 3; 1 and 4 have a controller receive. */
static int
check_module(const struct tree *y, const struct node *n,
    const struct legal_terms *t, struct fault *f)
{
	const struct legal_document *d = &t->papers[LEGAL_SCC];

	if (!d->given || (d->module != 1 && d->module != 4))
		return 0;
	for (size_t i = 0; i < t->recipients.n; i++)
		if (strstr(t->recipients.at[i]->id, "Processor") != NULL) {
			(void)tree_fault(y, n, f,
			    "module %u of the clauses is not for %s",
			    (unsigned)d->module, t->recipients.at[i]->means);
			return fault_hint(f,
			    "module: 2 (from a controller) or 3 (from a "
			    "processor), or recipients: [dpv:DataController]");
		}
	return 0;
}

int
parse_legal(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "controller", false, read_controller },
		{ "dpo", false, read_dpo },
		{ "basis", true, read_basis },
		{ "exception", false, read_exception },
		{ "purposes", true, read_purposes },
		{ "data", true, read_data },
		{ "recipients", false, read_recipients },
		{ "crowd", false, read_crowd },
		{ "facts", false, read_facts },
		{ NULL, false, NULL },
	};
	struct legal_terms *t = &((struct policy *)to)->legal;

	t->given = true;
	t->line = n->line;
	t->recipients.at[0] = dpv_find(DPV_RECIPIENT, "dpv:DataProcessor");
	t->recipients.n = 1;
	if (tree_map(y, n, keys, "legal", t, f) != 0)
		return -1;
	return check_module(y, n, t, f);
}
