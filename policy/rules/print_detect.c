/* detect: in canonical form. */

#include <inttypes.h>

#include "policy/rules/rules_internal.h"

static int
print_own(struct bytes *out, const struct own_recogniser *r, struct fault *f)
{
	if (print_line(out, "    - entity", r->entity, f) != 0 ||
	    print_line(out, "      pattern", r->pattern, f) != 0 ||
	    (r->validator != NULL &&
		print_line(out, "      validator", r->validator, f) != 0) ||
	    (r->context.n > 0 &&
		print_list(out, "      context", &r->context, f) != 0))
		return -1;
	return bytes_addf(out, f, "      score: %" PRIu32 "\n", r->score);
}

static int
print_dictionary(
    struct bytes *out, const struct dictionary_rule *r, struct fault *f)
{
	if (print_line(out, "    - file", r->file, f) != 0 ||
	    bytes_addf(
		out, f, "      %s:\n", r->paths ? "fields" : "columns") != 0)
		return -1;
	for (size_t i = 0; i < r->nfields; i++)
		if (bytes_add_text(out, "        ? ", f) != 0 ||
		    transform_quote(out, r->fields[i].name, f) != 0 ||
		    bytes_addf(out, f, "\n        : %s\n",
			dictionary_names_words[r->fields[i].names]) != 0)
			return -1;
	return 0;
}

int
print_detection(struct bytes *out, const struct policy *p, struct fault *f)
{
	const struct detection *d = &p->detection;

	if (d->allow.n == 0 && d->deny.n == 0 && d->nown == 0 &&
	    d->ndictionary == 0)
		return 0;
	if (bytes_add_text(out, "detect:\n", f) != 0 ||
	    print_list(out, "  allow", &d->allow, f) != 0 ||
	    print_list(out, "  deny", &d->deny, f) != 0 ||
	    (d->nown > 0 && bytes_add_text(out, "  recognisers:\n", f) != 0))
		return -1;
	for (size_t i = 0; i < d->nown; i++)
		if (print_own(out, &d->own[i], f) != 0)
			return -1;
	if (d->ndictionary > 0 &&
	    bytes_add_text(out, "  dictionary:\n", f) != 0)
		return -1;
	for (size_t i = 0; i < d->ndictionary; i++)
		if (print_dictionary(out, &d->dictionary[i], f) != 0)
			return -1;
	return 0;
}
