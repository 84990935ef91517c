/*
 * The rows of all tables, for people to read.
 */

#include "policy/detect/detect.h"
#include "policy/detect/recogniser_internal.h"

bool
detect_rule(size_t i, struct detect_rule *out)
{
	const struct recogniser *r;
	size_t t = 0;

	while (t < recogniser_tables_count && i >= *recogniser_tables[t].count)
		i -= *recogniser_tables[t++].count;
	if (t == recogniser_tables_count)
		return false;
	r = &recogniser_tables[t].rows[i];
	*out = (struct detect_rule){ .entity = r->entity,
		.country = r->country,
		.patterns = r->patterns,
		.context = r->context,
		.score = r->score,
		.valid_score = r->valid == NULL ? r->score : r->valid_score,
		.validator = r->valid != NULL,
		.needs_context = r->needs_context,
		.source = r->source };
	return true;
}
