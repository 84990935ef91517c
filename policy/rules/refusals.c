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

void
hint_key(char *out, size_t room, const char *name)
{
	struct fault ignored = { 0 };
	struct bytes b;

	bytes_init(&b, 8 * SHAPE_NAME_MAX);
	if (is_word(name) || transform_quote(&b, name, &ignored) != 0 ||
	    bytes_end_text(&b, &ignored) != 0)
		(void)snprintf(out, room, "%s", name);
	else
		(void)snprintf(out, room, "%s", (const char *)b.at);
	bytes_free(&b);
}
