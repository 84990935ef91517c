/* risk: and exposure: as sentences. */

#include <inttypes.h>

#include "policy/rules/prose_internal.h"

/* Millionths as a number with what decimals it has. */
static int
say_millionths(struct bytes *out, const char *before, uint64_t n,
    const char *behind, struct fault *f)
{
	uint64_t parts = n % POLICY_MILLION;
	int digits = 6;

	while (digits > 1 && parts % 10 == 0) {
		parts /= 10;
		digits--;
	}
	if (parts == 0)
		return bytes_addf(out, f, "%s%" PRIu64 "%s", before,
		    n / POLICY_MILLION, behind);
	return bytes_addf(out, f, "%s%" PRIu64 ".%0*" PRIu64 "%s", before,
	    n / POLICY_MILLION, digits, parts, behind);
}

static int
say_fields(struct bytes *out, const struct risk_rule *r, struct fault *f)
{
	static const char *const words[] = { " can be known from elsewhere",
		" is sensitive (equal distance)",
		" is sensitive (ordered distance)" };

	for (size_t i = 0; i < r->nfields; i++) {
		const struct risk_field *field = &r->fields[i];

		if (bytes_addf(out, f, "- \"%s\"%s", field->name,
			words[field->role]) != 0)
			return -1;
		for (size_t k = 0; k < field->nlevels; k++)
			if (bytes_add_text(out,
				k == 0 ? "; it can be made more general: it "
				       : ", or it ",
				f) != 0 ||
			    prose_action(out, &field->levels[k], f) != 0)
				return -1;
		if (bytes_add_text(out, ".\n", f) != 0)
			return -1;
	}
	return 0;
}

static int
say_limits(struct bytes *out, const struct risk_rule *r, struct fault *f)
{
	static const char *const shares[] = { "persons that are unique",
		"the prosecutor's risk", "the journalist's risk",
		"the marketer's risk" };

	if (r->k != 0 &&
	    bytes_addf(out, f,
		"- At least %" PRIu32 " persons share each combination of "
		"what can be known (k-anonymity).\n",
		r->k) != 0)
		return -1;
	if (r->l_distinct != 0 &&
	    bytes_addf(out, f,
		"- Each has at least %" PRIu32
		" different sensitive values (distinct l-diversity).\n",
		r->l_distinct) != 0)
		return -1;
	if (r->l_entropy != 0 &&
	    say_millionths(out, "- Its sensitive values have the entropy of ",
		r->l_entropy, " that are equally frequent (l-diversity).\n",
		f) != 0)
		return -1;
	if (r->recursive_l != 0 &&
	    (say_millionths(out, "- Its sensitive values are recursively (",
		 r->recursive_c, ", ", f) != 0 ||
		bytes_addf(out, f, "%" PRIu32 ")-diverse.\n", r->recursive_l) !=
		    0))
		return -1;
	if (r->t != 0 &&
	    say_millionths(out,
		"- Its sensitive values are spread like those of all, up to a "
		"distance of ",
		r->t, " (t-closeness).\n", f) != 0)
		return -1;
	for (unsigned i = 0; i < SHARE_SUPPRESSED; i++)
		if (r->share[i] != RISK_ANY &&
		    (bytes_addf(out, f, "- The share of %s is at most ",
			 shares[i]) != 0 ||
			say_millionths(out, "", (uint64_t)r->share[i] * 100,
			    " %.\n", f) != 0))
			return -1;
	return 0;
}

static bool
has_levels(const struct risk_rule *r)
{
	for (size_t i = 0; i < r->nfields; i++)
		if (r->fields[i].nlevels > 0)
			return true;
	return false;
}

static int
say_rule(struct bytes *out, const struct risk_rule *r, struct fault *f)
{
	if (bytes_addf(out, f,
		"In what leaves of the files \"%s\" the risk is measured that "
		"a person is found again%s:\n\n",
		r->file,
		r->may_miss ? " (a dataset may have no such files)" : "") !=
		0 ||
	    say_fields(out, r, f) != 0 || say_limits(out, r, f) != 0)
		return -1;
	if (r->population.file != NULL &&
	    bytes_addf(out, f,
		"- Whoever does not know who is in it has to look among those "
		"of \"%s\", of whom it is a sample.\n",
		r->population.file) != 0)
		return -1;
	if (!risk_asks(r))
		return bytes_add_text(
		    out, "\nNothing is asked of the result.\n\n", f);
	if (bytes_add_text(
		out, "\nWhat does not meet this stops the export.", f) != 0)
		return -1;
	if (has_levels(r) &&
	    bytes_addf(out, f,
		" A plan proposes the levels that lose the least by %s; the "
		"owner puts them into the policy.",
		risk_loss_words[r->loss]) != 0)
		return -1;
	if (r->share[SHARE_SUPPRESSED] > 0 &&
	    say_millionths(out, " Up to ",
		(uint64_t)r->share[SHARE_SUPPRESSED] * 100,
		" % of the records may be left out instead.", f) != 0)
		return -1;
	return bytes_add_text(out, "\n\n", f);
}

int
prose_risk(struct bytes *out, const struct policy *p, struct fault *f)
{
	if (p->nrisks == 0 &&
	    bytes_add_text(out,
		"The policy asks for no measure of re-identification risk.\n",
		f) != 0)
		return -1;
	for (size_t i = 0; i < p->nrisks; i++)
		if (say_rule(out, &p->risks[i], f) != 0)
			return -1;
	if (p->colluding.n == 0)
		return bytes_add_text(out,
		    "Each recipient is taken to know only what it received "
		    "itself.\n",
		    f);
	if (bytes_add_text(out,
		"These are taken to put together what they "
		"hold: ",
		f) != 0 ||
	    prose_list(out, &p->colluding, f) != 0)
		return -1;
	return bytes_add_text(out, ".\n", f);
}
