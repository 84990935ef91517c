/* Refusals collected, and the YAML that would allow what was refused. */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/decide_internal.h"

/* More than anyone reads; keeps --max-refusals from reserving the world. */
#define REFUSALS_MAX 100000u

int
refusals_init(struct refusals *r, size_t max, struct fault *f)
{
	*r = (struct refusals){ 0 };
	if (max > REFUSALS_MAX)
		max = REFUSALS_MAX;
	if (max > 0 && (r->at = mem_array(max, sizeof(*r->at))) == NULL)
		return fault_memory(f);
	r->max = max;
	return 0;
}

void
refusals_free(struct refusals *r)
{
	if (r == NULL)
		return;
	mem_free(r->at);
	*r = (struct refusals){ 0 };
}

void
refuse(struct deciding *d, const struct fault *why)
{
	must(why->kind != FAULT_NONE);
	if (d->first.kind == FAULT_NONE)
		d->first = *why;
	if (d->more == NULL)
		return;
	d->more->total++;
	if (d->more->n < d->more->max)
		d->more->at[d->more->n++] = *why;
}

static bool
is_word(const char *text)
{
	const char *p = text;

	if (*p == '-' || *p == '.' || *p == '\0')
		return false;
	for (; *p != '\0'; p++)
		if ((*p < 'a' || *p > 'z') && (*p < 'A' || *p > 'Z') &&
		    (*p < '0' || *p > '9') && strchr("_-.", *p) == NULL)
			return false;
	return true;
}

int
policy_key(struct bytes *out, const char *name, struct fault *f)
{
	return is_word(name) ? bytes_add_text(out, name, f)
			     : transform_quote(out, name, f);
}

void
hint_key(char *out, size_t room, const char *name)
{
	struct fault ignored = { 0 };
	struct bytes b;

	bytes_init(&b, 8 * SHAPE_NAME_MAX);
	if (policy_key(&b, name, &ignored) != 0 ||
	    bytes_end_text(&b, &ignored) != 0)
		(void)snprintf(out, room, "%s", name);
	else
		(void)snprintf(out, room, "%s", (const char *)b.at);
	bytes_free(&b);
}

void
refuse_torn(struct deciding *d, const char *name, const struct field_rule *part,
    const struct field_rule *taker)
{
	struct fault f = { 0 };
	struct bytes b;
	char key[160];

	(void)fault_set(&f, FAULT_POLICY,
	    "%s: path \"%s\": line %u of %s decides it, and line %u takes "
	    "whole what it is a part of",
	    d->path, name, part->how.line, d->policy->name, taker->how.line);
	bytes_init(&b, SHAPE_NAME_MAX + 8);
	if (bytes_addf(&b, &f, "%s.**", taker->name) == 0 &&
	    bytes_end_text(&b, &f) == 0) {
		hint_key(key, sizeof(key), (const char *)b.at);
		(void)fault_hint(&f, "in %s:%u write   %s", d->policy->name,
		    taker->how.line, key);
	}
	bytes_free(&b);
	refuse(d, &f);
}

void
refuse_both(struct deciding *d, const char *name, const struct transform *value,
    const struct transform *object)
{
	struct fault f = { 0 };

	(void)fault_set(&f, FAULT_POLICY,
	    "%s: path \"%s\": a value in one place and an object in another, "
	    "decided by lines %u and %u of %s",
	    d->path, name,
	    value->line < object->line ? value->line : object->line,
	    value->line < object->line ? object->line : value->line,
	    d->policy->name);
	(void)fault_hint(&f, "let one line decide both");
	refuse(d, &f);
}
