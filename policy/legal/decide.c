/*
 * May this data go to this vendor, now?
 *
 *     country, its decision --> tool of transfer --.
 *     Art. 9, Art. 10, crowd, third country -------+--> papers and contacts
 *                                                   '--> agreements in force
 *
 * Asked at plan, at export and before every release, with the facts and the
 * clock of that moment.  What a decision stands on is collected beside it, and
 * when the first of it ends, so that no grant is made for longer.  The rules
 * are those of the table in docs/POLICY.md ("Law").
 */

#include <stdlib.h>
#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/text.h"
#include "policy/legal/legal_internal.h"

/* What makes the strict rules apply, in words for a refusal. */
struct trigger {
	bool special, criminal, crowd, third;
	bool named; /* special, because some of the data is */
};

const char *
legal_tool_name(enum legal_tool t)
{
	static const char *const names[] = { "none", "adequacy", "scc" };

	must(t <= LEGAL_BY_CLAUSES);
	return names[t];
}

static bool
any(const struct trigger *t)
{
	return t->special || t->criminal || t->crowd || t->third;
}

static const char *
in_words(const struct trigger *t)
{
	return t->third	      ? "a third country"
	       : t->crowd     ? "a crowd"
	       : !t->criminal ? "data of Art. 9"
	       : t->named     ? "data of Art. 9 and 10"
			      : "data of Art. 10";
}

/* Is any data of a special category?  An exception can be named without. */
static bool
names_special(const struct legal_terms *t)
{
	for (size_t i = 0; i < t->data.n; i++)
		if (t->data.at[i]->special)
			return true;
	return false;
}

/* ---- Refusing ---- */

/* "policy.yaml:14: " in front. */
static int
refuse(struct legal_decision *out, const struct legal_question *q,
    uint32_t line, const char *rule, struct fault *f)
{
	const struct legal_terms *t = q->terms;

	out->rule = rule;
	if (t->policy == NULL || t->policy[0] == '\0')
		return -1;
	return fault_at(f, "%s:%u", t->policy, line > 0 ? line : (unsigned)1);
}

static int
refuse_missing(struct legal_decision *out, const struct legal_question *q,
    const struct trigger *t, enum legal_paper p, struct fault *f)
{
	static const char *const articles[] = { "Art. 35", "Art. 46",
		"Art. 46(2)(c)", "Art. 28(2)", "Art. 28(3)(b)", "Art. 45",
		"Art. 10" };

	(void)fault_set(f, FAULT_POLICY,
	    "vendor %s: %s needs the fact \"%s\" (%s), which the policy does "
	    "not name",
	    q->vendor, in_words(t), legal_paper_name(p), articles[p]);
	(void)fault_hint(f,
	    "under legal: facts:   %s: {%ssha256: DIGEST, "
	    "date: YYYY-MM-DD}   (sha256sum FILE)",
	    legal_paper_name(p), p == LEGAL_SCC ? "module: 2, " : "");
	return refuse(out, q, q->terms->line, "terms-missing", f);
}

static int
refuse_key(struct legal_decision *out, const struct legal_question *q,
    const char *what, const char *key, struct fault *f)
{
	(void)fault_set(f, FAULT_POLICY,
	    "vendor %s: %s needs \"%s\" under legal:, which the policy has not",
	    q->vendor, what, key);
	return refuse(out, q, q->terms->line, "terms-missing", f);
}

/* ---- When it ends ---- */

static void
ends(struct legal_decision *out, int64_t until, const char *why)
{
	if (until != 0 && until < out->until) {
		out->until = until;
		out->why = why;
	}
}

/* ---- Papers ---- */

/* Is the paper one of now?  With out NULL nothing is told. */
static bool
paper_now(const struct legal_document *d, int64_t at)
{
	return d->given && d->date <= at && (d->until == 0 || at < d->until);
}

static int
need_paper(struct legal_decision *out, const struct legal_question *q,
    const struct trigger *t, enum legal_paper p, struct fault *f)
{
	const struct legal_document *d = &q->terms->papers[p];
	char day[CLOCK_DATE_CHARS + 1];

	if (!d->given)
		return refuse_missing(out, q, t, p, f);
	out->needs[p] = true;
	ends(out, d->until, legal_paper_name(p));
	if (paper_now(d, q->at))
		return 0;
	if (d->date > q->at) {
		clock_write_date(day, d->date);
		(void)fault_set(f, FAULT_POLICY,
		    "the fact \"%s\" is dated %s, which is to come",
		    legal_paper_name(p), day);
	} else {
		clock_write_date(day, d->until - 1);
		(void)fault_set(f, FAULT_POLICY,
		    "the fact \"%s\" held until %s", legal_paper_name(p), day);
		(void)fault_hint(f, "name the newer document, and export anew");
	}
	return refuse(out, q, d->line, "terms-over", f);
}

/* ---- Transfer ---- */

static int
refuse_country(struct legal_decision *out, const struct legal_question *q,
    const struct legal_row *row, struct fault *f)
{
	const struct legal_row *last =
	    legal_row_last(q->countries, q->country, q->at);
	const char *name = legal_country(q->country);
	char day[CLOCK_DATE_CHARS + 1];

	if (row != NULL && row->status == LEGAL_ADEQUATE)
		(void)fault_set(f, FAULT_POLICY,
		    "vendor %s: of %s only who is \"%s\" is covered (%s)",
		    q->vendor, name, row->scope, row->reference);
	else if (last != NULL && row == NULL) {
		clock_write_date(day, last->until - 1);
		(void)fault_set(f, FAULT_POLICY,
		    "vendor %s: %s is a third country since %s (%s)", q->vendor,
		    name, day, last->reference);
	} else
		(void)fault_set(f, FAULT_POLICY,
		    "vendor %s: %s is a third country, and the policy names no "
		    "clauses",
		    q->vendor, name);
	(void)fault_hint(f,
	    "under legal: facts:   %sscc: {module: 2, sha256: DIGEST, date: "
	    "YYYY-MM-DD}  and  tia: {sha256: DIGEST, date: YYYY-MM-DD}",
	    row != NULL && row->status == LEGAL_ADEQUATE
		? "covered: {sha256: DIGEST, date: YYYY-MM-DD}  or  "
		: "");
	return refuse(out, q, q->terms->line, "no-transfer", f);
}

/* By which tool the data may go there, if by any. */
static int
find_tool(
    struct legal_decision *out, const struct legal_question *q, struct fault *f)
{
	const struct legal_document *papers = q->terms->papers;
	const struct legal_row *row;

	if (legal_country(q->country) == NULL) {
		(void)fault_set(f, FAULT_POLICY,
		    "vendor %s: its country is not known", q->vendor);
		return refuse(out, q, q->terms->line, "no-transfer", f);
	}
	row = legal_row_find(q->countries, q->country, q->at);
	out->tool = LEGAL_BY_CLAUSES;
	if (row != NULL && row->status == LEGAL_EEA)
		out->tool = LEGAL_NO_TRANSFER;
	else if (row != NULL && row->status == LEGAL_ADEQUATE &&
		 (row->scope[0] == '\0' ||
		     paper_now(&papers[LEGAL_COVERED], q->at)))
		out->tool = LEGAL_BY_DECISION;
	if (out->tool != LEGAL_BY_CLAUSES) {
		out->row = row;
		ends(out, row->until, "adequacy");
		if (row->scope[0] == '\0')
			return 0;
		out->needs[LEGAL_COVERED] = true;
		ends(out, papers[LEGAL_COVERED].until,
		    legal_paper_name(LEGAL_COVERED));
		return 0;
	}
	return papers[LEGAL_SCC].given ? 0 : refuse_country(out, q, row, f);
}

/* ---- Agreements ---- */

static void
add_type(struct legal_decision *out, const char *type)
{
	size_t at = 0;

	while (at < out->ntypes && strcmp(out->types[at], type) < 0)
		at++;
	if (at < out->ntypes && strcmp(out->types[at], type) == 0)
		return;
	must(out->ntypes < LEGAL_TYPES_MAX);
	memmove(&out->types[at + 1], &out->types[at],
	    (out->ntypes - at) * sizeof(out->types[0]));
	out->types[at] = type;
	out->ntypes++;
}

/* Are they the clauses that the policy names? */
static bool
are_clauses(const struct legal_question *q, const struct legal_agreement *a)
{
	const struct legal_document *d = &q->terms->papers[LEGAL_SCC];

	return d->given && strcmp(a->fact.type, "scc") == 0 && a->known &&
	       memcmp(a->sha256, d->sha256, sizeof(d->sha256)) == 0;
}

static bool
is_better(const struct legal_question *q, const struct legal_agreement *a,
    const struct legal_agreement *best)
{
	if (best == NULL || are_clauses(q, a) != are_clauses(q, best))
		return best == NULL || are_clauses(q, a);
	return best->fact.until != 0 &&
	       (a->fact.until == 0 || a->fact.until > best->fact.until);
}

const struct legal_agreement *
legal_longest(const struct legal_question *q, const char *type)
{
	const struct legal_agreement *best = NULL;

	for (size_t i = 0; i < q->nagreements; i++) {
		const struct legal_agreement *a = &q->agreements[i];

		if (strcmp(a->fact.type, type) == 0 &&
		    legal_in_force(&a->fact, q->at) && is_better(q, a, best))
			best = a;
	}
	return best;
}

static int
need_agreements(struct legal_decision *out, const struct legal_question *q,
    const struct trigger *t, struct fault *f)
{
	for (size_t i = 0; i < out->ntypes; i++) {
		const struct legal_agreement *a =
		    legal_longest(q, out->types[i]);

		if (a == NULL) {
			(void)fault_set(f, FAULT_POLICY,
			    "vendor %s: no agreement \"%s\" is in force, which "
			    "%s needs",
			    q->vendor, out->types[i], in_words(t));
			(void)fault_hint(f,
			    "handoff agreement add %s %s FILE --from "
			    "YYYY-MM-DD",
			    q->vendor, out->types[i]);
			return refuse(
			    out, q, q->terms->line, "agreement-missing", f);
		}
		ends(out, a->fact.until, "agreements");
	}
	return 0;
}

/* Clauses in force with the vendor must be those that the policy names. */
static int
need_clauses(
    struct legal_decision *out, const struct legal_question *q, struct fault *f)
{
	const struct legal_document *d = &q->terms->papers[LEGAL_SCC];
	const struct legal_agreement *a = legal_longest(q, "scc");
	char hex[HEX_CHARS(sizeof(d->sha256)) + 1];

	if (are_clauses(q, a))
		return 0;
	(void)fault_set(f, FAULT_POLICY,
	    "vendor %s: the clauses in force are not those that the policy "
	    "names",
	    q->vendor);
	if (a->known) {
		hex_write(hex, a->sha256, sizeof(a->sha256));
		(void)fault_hint(f, "in force:   sha256: %s", hex);
	}
	return refuse(out, q, d->line, "terms-missing", f);
}

/* ---- Deciding ---- */

static int
need_terms(struct legal_decision *out, const struct legal_question *q,
    const struct trigger *t, struct fault *f)
{
	const struct legal_terms *y = q->terms;

	if (!y->given) {
		(void)fault_set(f, FAULT_POLICY,
		    "vendor %s: %s needs \"legal:\", which the policy has not",
		    q->vendor, in_words(t));
		(void)fault_hint(f, "docs/POLICY.md, \"Law\", has an example");
		return refuse(out, q, 1, "terms-missing", f);
	}
	if (y->controller == NULL)
		return refuse_key(out, q, in_words(t), "controller", f);
	if (y->dpo == NULL)
		return refuse_key(out, q, in_words(t), "dpo", f);
	if (t->special && y->exception == NULL)
		return refuse_key(out, q, "data of Art. 9", "exception", f);
	if (t->crowd && (t->special || t->criminal) && !y->special_to_crowd) {
		(void)fault_set(f, FAULT_POLICY,
		    "vendor %s: is a crowd, which gets no data of Art. 9 or 10",
		    q->vendor);
		(void)fault_hint(f, "under legal:   crowd: {special: allow}");
		return refuse(out, q, y->line, "terms-missing", f);
	}
	return 0;
}

static int
need_papers(struct legal_decision *out, const struct legal_question *q,
    const struct trigger *t, struct fault *f)
{
	static const enum legal_paper always[] = { LEGAL_DPIA,
		LEGAL_SUB_PROCESSORS, LEGAL_UNDERTAKING };

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (need_paper(out, q, t, always[i], f) != 0)
			return -1;
	if (t->criminal && need_paper(out, q, t, LEGAL_AUTHORITY, f) != 0)
		return -1;
	if (!t->third)
		return 0;
	if (need_paper(out, q, t, LEGAL_SCC, f) != 0)
		return -1;
	return need_paper(out, q, t, LEGAL_TIA, f);
}

/* The policy's own types, and what follows. */
static int
collect_types(struct legal_decision *out, const struct legal_question *q,
    const struct trigger *t, struct fault *f)
{
	if (q->nrequired > LEGAL_TYPES_MAX - 3)
		return fault_set(f, FAULT_INPUT,
		    "more than %u kinds of agreement", LEGAL_TYPES_MAX - 3);
	for (size_t i = 0; i < q->nrequired; i++)
		add_type(out, q->required[i]);
	if (any(t))
		add_type(out, "dpa");
	if (t->crowd)
		add_type(out, "nda");
	if (t->third)
		add_type(out, "scc");
	return 0;
}

/* What the policy requires in so many words comes first. */
static int
check_required(
    struct legal_decision *out, const struct legal_question *q, struct fault *f)
{
	for (size_t i = 0; i < q->nrequired; i++) {
		const struct legal_fact *last = NULL;

		if (legal_longest(q, q->required[i]) != NULL)
			continue;
		/* Of those there were, the last to have stopped says most. */
		for (size_t k = 0; k < q->nagreements; k++) {
			const struct legal_fact *a = &q->agreements[k].fact;

			if (strcmp(a->type, q->required[i]) == 0 &&
			    (last == NULL ||
				legal_stopped(a) > legal_stopped(last)))
				last = a;
		}
		out->rule = "agreement-missing";
		return legal_agreements(&q->required[i], 1, last,
		    last == NULL ? 0 : 1, q->at, q->vendor, f);
	}
	return 0;
}

int
legal_decide(
    struct legal_decision *out, const struct legal_question *q, struct fault *f)
{
	struct trigger t = { legal_special(q->terms), legal_criminal(q->terms),
		q->crowd, false, names_special(q->terms) };

	*out = (struct legal_decision){ .until = INT64_MAX };
	if (check_required(out, q, f) != 0 || find_tool(out, q, f) != 0)
		return -1;
	t.third = out->tool == LEGAL_BY_CLAUSES;
	if (collect_types(out, q, &t, f) != 0)
		return -1;
	if (any(&t) &&
	    (need_terms(out, q, &t, f) != 0 || need_papers(out, q, &t, f) != 0))
		return -1;
	if (need_agreements(out, q, &t, f) != 0)
		return -1;
	return t.third ? need_clauses(out, q, f) : 0;
}
