/* On what legal grounds data leaves, as sentences. */

#include "keys/base/clock.h"
#include "keys/base/text.h"
#include "policy/rules/prose_internal.h"

/* "scientific research (dpv:ScientificResearch) and ..." */
static int
say_terms(struct bytes *out, const struct legal_list *l, struct fault *f)
{
	for (size_t i = 0; i < l->n; i++)
		if (bytes_addf(out, f, "%s%s (%s)",
			i == 0		? ""
			: i + 1 == l->n ? " and "
					: ", ",
			l->at[i]->means, l->at[i]->id) != 0)
			return -1;
	return 0;
}

static int
say_basis(struct bytes *out, const struct legal_terms *t, struct fault *f)
{
	if (bytes_addf(out, f,
		"The legal basis of the processing (GDPR Article 6(1)) is %s "
		"(%s). ",
		t->basis->means, t->basis->id) != 0)
		return -1;
	if (t->exception != NULL &&
	    bytes_addf(out, f,
		"Data of special categories is processed on the exception of "
		"Article 9(2): %s (%s). ",
		t->exception->means, t->exception->id) != 0)
		return -1;
	if (bytes_add_text(out, "Its purposes are ", f) != 0 ||
	    say_terms(out, &t->purposes, f) != 0 ||
	    bytes_add_text(out, ". The data is ", f) != 0 ||
	    say_terms(out, &t->data, f) != 0 ||
	    bytes_add_text(out, ". Recipients are ", f) != 0 ||
	    say_terms(out, &t->recipients, f) != 0)
		return -1;
	return bytes_add_text(out, ".\n", f);
}

static int
say_contacts(struct bytes *out, const struct legal_terms *t, struct fault *f)
{
	if (bytes_addf(out, f, "The controller is %s. ",
		t->controller != NULL ? t->controller : "not named") != 0)
		return -1;
	return bytes_addf(out, f,
	    "The data protection officer is %s%s. Data of Articles 9 and 10 "
	    "%s a crowd.\n",
	    t->dpo != NULL ? "reached at " : "",
	    t->dpo != NULL ? t->dpo : "not named",
	    t->special_to_crowd ? "may go to" : "does not go to");
}

static int
say_paper(struct bytes *out, enum legal_paper kind,
    const struct legal_document *d, struct fault *f)
{
	static const char *const titles[] = {
		"the data protection impact assessment (Article 35)",
		"the assessment of the transfer (Article 46)",
		"the standard contractual clauses (Decision (EU) 2021/914)",
		"the approval of sub-processors (Article 28(2))",
		"the recipient's undertaking of secrecy (Article 28(3)(b))",
		"that an adequacy decision covers the recipient (Article 45)",
		"the law that permits processing data of Article 10",
	};
	char hex[HEX_CHARS(sizeof(d->sha256)) + 1];
	char date[CLOCK_DATE_CHARS + 1], until[CLOCK_DATE_CHARS + 1];

	hex_write(hex, d->sha256, sizeof(d->sha256));
	clock_write_date(date, d->date);
	clock_write_date(until, d->until - 1);
	if (bytes_addf(
		out, f, "A document of %s shows %s", date, titles[kind]) != 0 ||
	    (kind == LEGAL_SCC &&
		bytes_addf(out, f, ", module %u", (unsigned)d->module) != 0) ||
	    (d->until != 0 && bytes_addf(out, f, ", until %s", until) != 0))
		return -1;
	return bytes_addf(out, f, " (SHA-256 %s).\n", hex);
}

int
prose_legal(struct bytes *out, const struct policy *p, struct fault *f)
{
	const struct legal_terms *t = &p->legal;

	if (!t->given)
		return bytes_add_text(out,
		    "The policy names no legal grounds. Data of Articles 9 and "
		    "10, a crowd, and a country where the GDPR's protection "
		    "does not follow are therefore out of the question.\n",
		    f);
	if (say_basis(out, t, f) != 0 || say_contacts(out, t, f) != 0)
		return -1;
	for (unsigned i = 0; i < LEGAL_PAPERS; i++)
		if (t->papers[i].given &&
		    say_paper(out, (enum legal_paper)i, &t->papers[i], f) != 0)
			return -1;
	return bytes_addf(out, f,
	    "All of this is asked again before every release, with the "
	    "country of the recipient, the agreements of that day, and a "
	    "table of adequacy decisions: the program's own is of %s, and a "
	    "file of the home goes before it.\n",
	    legal_builtin_date);
}
