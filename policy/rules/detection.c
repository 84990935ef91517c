/* What is added to what is looked for in texts: as lists that a detector is
 * made of, as lines of a file, and as a message. */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/detect.h"
#include "policy/rules/parse_internal.h"

void
detection_free(struct detection *d)
{
	names_free(&d->allow);
	names_free(&d->deny);
	for (size_t i = 0; i < d->nown; i++) {
		mem_free(d->own[i].entity);
		mem_free(d->own[i].pattern);
		mem_free(d->own[i].validator);
		names_free(&d->own[i].context);
	}
	mem_free(d->own);
	policy_free_dictionary(d);
}

/* ---- For a detector ---- */

/* NULL-ended, borrowing the texts. */
static const char **
ended(const struct names *n)
{
	const char **list = mem_array(n->n + 1, sizeof(*list));

	for (size_t i = 0; list != NULL && i < n->n; i++)
		list[i] = n->at[i];
	return list;
}

int
detection_lists_new(
    struct detection_lists *c, const struct detection *d, struct fault *f)
{
	*c = (struct detection_lists){ .allow = ended(&d->allow),
		.deny = ended(&d->deny),
		.contexts = mem_array(d->nown, sizeof(*c->contexts)),
		.custom = mem_array(d->nown, sizeof(*c->custom)) };
	if (c->allow == NULL || c->deny == NULL || c->contexts == NULL ||
	    c->custom == NULL)
		return fault_memory(f);
	for (; c->n < d->nown; c->n++) {
		const struct own_recogniser *own = &d->own[c->n];

		if ((c->contexts[c->n] = ended(&own->context)) == NULL)
			return fault_memory(f);
		c->custom[c->n] =
		    (struct detect_custom){ own->entity, own->pattern,
			    own->validator, c->contexts[c->n], own->score };
	}
	return 0;
}

void
detection_lists_free(struct detection_lists *c)
{
	for (size_t i = 0; i < c->n; i++)
		mem_free(c->contexts[i]);
	mem_free(c->contexts);
	mem_free(c->allow);
	mem_free(c->deny);
	mem_free(c->custom);
}

/* ---- Lines ---- */

int
detection_lines(struct names *to, const char *name, const void *p, size_t len,
    struct fault *f)
{
	const char *at = p, *end = at + len;

	for (unsigned line = 1; at < end; line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((stop == NULL ? end : stop) - at);

		if (n > 0 && at[n - 1] == '\r')
			n--;
		if (n > REDACT_TEXT_MAX || memchr(at, 0, n) != NULL)
			return fault_set(f, FAULT_INPUT,
			    "%s:%u: a text has 1 to %u bytes", name, line,
			    REDACT_TEXT_MAX);
		if (n > 0 && names_add(to, at, n, DETECTION_LISTED_MAX, f) != 0)
			return fault_at(f, "%s:%u", name, line);
		at = stop == NULL ? end : stop + 1;
	}
	return 0;
}

/* ---- A message ---- */

int
detection_put(struct bytes *b, const struct detection *d, struct fault *f)
{
	if (names_put(b, &d->allow, f) != 0 || names_put(b, &d->deny, f) != 0 ||
	    put_u16(b, (uint16_t)d->nown, f) != 0)
		return -1;
	for (size_t i = 0; i < d->nown; i++) {
		const struct own_recogniser *r = &d->own[i];

		if (put_text(b, r->entity, f) != 0 ||
		    put_text(b, r->pattern, f) != 0 ||
		    put_maybe(b, r->validator, f) != 0 ||
		    names_put(b, &r->context, f) != 0 ||
		    put_u32(b, r->score, f) != 0)
			return -1;
	}
	return 0;
}

static int
take_own(struct reader *r, struct own_recogniser *to, struct fault *f)
{
	if (take_owned(r, REDACT_TEXT_MAX, &to->entity, f) != 0 ||
	    take_owned(r, REDACT_TEXT_MAX, &to->pattern, f) != 0 ||
	    take_maybe(r, REDACT_TEXT_MAX, &to->validator, f) != 0 ||
	    names_take(r, DETECTION_LISTED_MAX, &to->context, f) != 0)
		return -1;
	return take_u32(r, &to->score, f);
}

int
detection_take(struct reader *r, struct detection *d, struct fault *f)
{
	uint16_t n;

	if (names_take(r, DETECTION_LISTED_MAX, &d->allow, f) != 0 ||
	    names_take(r, DETECTION_LISTED_MAX, &d->deny, f) != 0 ||
	    take_u16(r, &n, f) != 0)
		return -1;
	if (n > REDACT_CUSTOM_MAX)
		return fault_set(f, FAULT_INPUT, "more than %u recognisers",
		    REDACT_CUSTOM_MAX);
	if ((d->own = mem_array(n, sizeof(*d->own))) == NULL)
		return fault_memory(f);
	while (d->nown < n)
		if (take_own(r, &d->own[d->nown++], f) != 0)
			return -1;
	return 0;
}
