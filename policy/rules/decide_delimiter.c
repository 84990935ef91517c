/*
 * `delimiter: auto`, held against the rule's columns.
 *
 * The reader guesses from the header which of the four stands there most often.
 * A wrong guess gives names that no rule has, and stops the file, unless the
 * rule names the columns of that reading too: then one table could leave under
 * the decisions of another.  So the header is cut at each of the others as
 * well, and if the rule names all that comes out, nobody can tell.
 *
 * Not here: the guess itself (gateway/mask/csv.c), and files without a header,
 * whose delimiter has to be given (parse_files.c).
 */

#include <string.h>

#include "policy/rules/decide_internal.h"

/* The header as it stood there, but for quotes. */
static int
join_names(const struct deciding *d, struct bytes *out, struct fault *f)
{
	for (size_t i = 0; i < d->shape->nfields; i++)
		if ((i > 0 &&
			bytes_add(out, &d->shape->delimiter, 1, f) != 0) ||
		    bytes_add_text(out, d->shape->fields[i].name, f) != 0)
			return -1;
	return bytes_end_text(out, f);
}

static bool
all_named(
    const struct deciding *d, const char *header, size_t len, char delimiter)
{
	const char *end = header + len, *at = header;

	for (;;) {
		const char *to = memchr(at, delimiter, (size_t)(end - at));

		if (index_find(&d->index, at,
			(size_t)((to == NULL ? end : to) - at)) == NULL)
			return false;
		if (to == NULL)
			return true;
		at = to + 1;
	}
}

static void
refuse_ambiguous(struct deciding *d, char other)
{
	struct fault f = { 0 };
	const char *found = delimiter_name(d->shape->delimiter);

	(void)fault_set(&f, FAULT_POLICY,
	    "%s: its delimiter can be %s or %s: the columns of %s:%u fit both",
	    d->path, found, delimiter_name(other), d->policy->name,
	    d->rule->line);
	(void)fault_hint(&f, "in the rule of %s:%u:   delimiter: %s",
	    d->policy->name, d->rule->line, found);
	refuse(d, &f);
}

int
decide_delimiter(struct deciding *d, struct fault *f)
{
	static const char delimiters[] = ",;\t|";
	struct bytes header;
	int rc = -1;

	if (d->rule->delimiter != 0 || d->first.kind != FAULT_NONE)
		return 0;
	bytes_init(&header, SHAPE_FIELDS_MAX * (SHAPE_NAME_MAX + (size_t)1));
	if (join_names(d, &header, f) != 0)
		goto out;
	for (const char *other = delimiters; *other != '\0'; other++) {
		if (*other == d->shape->delimiter ||
		    (d->shape->nfields == 1 &&
			memchr(header.at, *other, header.len) == NULL))
			continue;
		if (all_named(d, (const char *)header.at, header.len, *other)) {
			refuse_ambiguous(d, *other);
			break;
		}
	}
	rc = 0;
out:
	bytes_free(&header);
	return rc;
}
