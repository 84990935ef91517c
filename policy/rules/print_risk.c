/* risk: and exposure: in canonical form. */

#include <inttypes.h>

#include "keys/base/text.h"
#include "policy/rules/rules_internal.h"

static int
print_fields(struct bytes *out, const struct risk_rule *r, struct fault *f)
{
	static const char *const distances[] = { "", "equal", "ordered" };
	const char *between = "    quasi_identifiers: [";

	for (size_t i = 0; i < r->nfields; i++) {
		if (r->fields[i].role != FIELD_QUASI)
			continue;
		if (bytes_add_text(out, between, f) != 0 ||
		    transform_quote(out, r->fields[i].name, f) != 0)
			return -1;
		between = ", ";
	}
	if (bytes_add_text(out, "]\n", f) != 0)
		return -1;
	between = "    sensitive:\n      ";
	for (size_t i = 0; i < r->nfields; i++) {
		if (r->fields[i].role == FIELD_QUASI)
			continue;
		if (bytes_add_text(out, between, f) != 0 ||
		    transform_quote(out, r->fields[i].name, f) != 0 ||
		    bytes_addf(
			out, f, ": %s\n", distances[r->fields[i].role]) != 0)
			return -1;
		between = "      ";
	}
	return 0;
}

static int
print_levels(struct bytes *out, const struct risk_rule *r, struct fault *f)
{
	const char *head = "    levels:\n";

	for (size_t i = 0; i < r->nfields; i++) {
		const struct risk_field *field = &r->fields[i];

		if (field->nlevels == 0)
			continue;
		if (bytes_addf(out, f, "%s      ", head) != 0 ||
		    transform_quote(out, field->name, f) != 0 ||
		    bytes_add_text(out, ": [", f) != 0)
			return -1;
		head = "";
		for (size_t k = 0; k < field->nlevels; k++)
			if ((k > 0 && bytes_add_text(out, ", ", f) != 0) ||
			    transform_print(out, &field->levels[k], f) != 0)
				return -1;
		if (bytes_add_text(out, "]\n", f) != 0)
			return -1;
	}
	return bytes_addf(
	    out, f, "    lose_least: %s\n", risk_loss_words[r->loss]);
}

static int
number(struct bytes *out, const char *key, uint64_t millionths,
    const char *behind, struct fault *f)
{
	return bytes_addf(out, f, "%s%" PRIu64 ".%06" PRIu64 "%s", key,
	    millionths / POLICY_MILLION, millionths % POLICY_MILLION, behind);
}

static int
percent(struct bytes *out, const char *key, uint32_t millionths,
    const char *behind, struct fault *f)
{
	return bytes_addf(out, f, "%s%u.%04u%%%s", key, millionths / 10000,
	    millionths % 10000, behind);
}

static int
print_l(struct bytes *out, const struct risk_rule *r, struct fault *f)
{
	if (r->l_distinct == 0 && r->l_entropy == 0 && r->recursive_l == 0)
		return 0;
	if (bytes_add_text(out, "    l:\n", f) != 0)
		return -1;
	if (r->l_distinct != 0 &&
	    bytes_addf(out, f, "      distinct: %u\n", r->l_distinct) != 0)
		return -1;
	if (r->l_entropy != 0 &&
	    number(out, "      entropy: ", r->l_entropy, "\n", f) != 0)
		return -1;
	if (r->recursive_l == 0)
		return 0;
	if (number(out, "      recursive: {c: ", r->recursive_c, ", ", f) != 0)
		return -1;
	return bytes_addf(out, f, "l: %u}\n", r->recursive_l);
}

static int
print_shares(struct bytes *out, const struct risk_rule *r, struct fault *f)
{
	const char *head = "    max:\n";

	for (unsigned i = 0; i < SHARE_SUPPRESSED; i++) {
		if (r->share[i] == RISK_ANY)
			continue;
		if (bytes_addf(
			out, f, "%s      %s", head, risk_share_words[i]) != 0 ||
		    percent(out, ": ", r->share[i], "\n", f) != 0)
			return -1;
		head = "";
	}
	if (r->share[SHARE_SUPPRESSED] == 0)
		return 0;
	return percent(
	    out, "    suppress_at_most: ", r->share[SHARE_SUPPRESSED], "\n", f);
}

static int
print_population(
    struct bytes *out, const struct risk_population *p, struct fault *f)
{
	char hex[HEX_CHARS(sizeof(p->sha256)) + 1];

	hex_write(hex, p->sha256, sizeof(p->sha256));
	if (bytes_add_text(out, "    population:\n", f) != 0 ||
	    print_line(out, "      file", p->file, f) != 0 ||
	    print_line(out, "      sha256", hex, f) != 0)
		return -1;
	return p->count == NULL ? 0
				: print_line(out, "      count", p->count, f);
}

static int
print_rule(struct bytes *out, const struct risk_rule *r, struct fault *f)
{
	if (print_line(out, "  - file", r->file, f) != 0 ||
	    (r->may_miss &&
		bytes_add_text(out, "    missing: allow\n", f) != 0) ||
	    print_fields(out, r, f) != 0 || print_levels(out, r, f) != 0)
		return -1;
	if (r->k != 0 && bytes_addf(out, f, "    k: %u\n", r->k) != 0)
		return -1;
	if (print_l(out, r, f) != 0 ||
	    (r->t != 0 && number(out, "    t: ", r->t, "\n", f) != 0))
		return -1;
	if (print_shares(out, r, f) != 0)
		return -1;
	return r->population.file == NULL
		   ? 0
		   : print_population(out, &r->population, f);
}

int
print_risk(struct bytes *out, const struct policy *p, struct fault *f)
{
	if (p->nrisks > 0 && bytes_add_text(out, "risk:\n", f) != 0)
		return -1;
	for (size_t i = 0; i < p->nrisks; i++)
		if (print_rule(out, &p->risks[i], f) != 0)
			return -1;
	if (p->colluding.n == 0)
		return 0;
	if (bytes_add_text(out, "exposure:\n", f) != 0)
		return -1;
	return print_list(out, "  colluding", &p->colluding, f);
}
