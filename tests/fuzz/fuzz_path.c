/*
 * JSON paths.  Input is two patterns and a place, a line each.  What is read
 * is printed in one form, which means the same.  What the policy's checks
 * conclude from two patterns alone holds for the place: a pattern that covers
 * another leads wherever that leads; one that lies below another leads to
 * nothing that is not inside; one that does not touch another never leads to
 * what is.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/rules_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static bool
read_line(struct path *out, const char **text)
{
	size_t len = strcspn(*text, "\n");
	char *line = mem_text(*text, len);
	struct fault f = { 0 };
	bool read;

	must(line != NULL);
	*text += len + ((*text)[len] == '\n');
	read = path_read(out, line, &f) == 0;
	must(read || f.kind == FAULT_INPUT);
	mem_free(line);
	return read;
}

/* One spelling, that is read as the same. */
static void
check_spelling(const struct path *p)
{
	struct path again = { .n = 0 };
	struct bytes one, two;
	struct fault f = { 0 };

	bytes_init(&one, 1 << 20);
	bytes_init(&two, 1 << 20);
	if (path_print(&one, p, &f) != 0) {
		must(strstr(f.text, "UTF-8") != NULL);
		goto out;
	}
	must(bytes_end_text(&one, &f) == 0);
	if (one.len <= SHAPE_NAME_MAX) {
		must(path_read(&again, (const char *)one.at, &f) == 0);
		must(again.n == p->n);
		must(path_print(&two, &again, &f) == 0);
		must(
		    two.len == one.len && memcmp(one.at, two.at, one.len) == 0);
	}
out:
	path_free(&again);
	bytes_free(&one);
	bytes_free(&two);
}

static bool
is_pattern(const struct path *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == PATH_ELEMENT &&
		    p->steps[i].front != PATH_NO_FRONT &&
		    p->steps[i].back != PATH_NO_BACK)
			return false;
	return p->n <= PATH_STEPS_MAX;
}

/* Does p lead to one of place's heads of fewer than most steps? */
static bool
leads_above(const struct path *p, const struct path *place, size_t most)
{
	struct path head = *place;

	for (head.n = 0; head.n < most; head.n++)
		if (path_leads(p, &head))
			return true;
	return false;
}

static void
check_order(
    const struct path *a, const struct path *b, const struct path *place)
{
	bool to_a = path_leads(a, place), to_b = path_leads(b, place);

	must(path_covers(a, a));
	must(!path_covers(a, b) || !to_b || to_a);
	must(
	    !path_lies_below(a, b) || !to_a || leads_above(b, place, place->n));
	if (!path_touches(a, false, b) && to_a)
		must(!leads_above(b, place, place->n + 1));
	if (!path_touches(a, true, b) && to_b)
		must(!leads_above(a, place, place->n + 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct path a = { .n = 0 }, b = { .n = 0 }, place = { .n = 0 };
	const char *text;
	char *all;

	if (len > 4096 || memchr(p, 0, len) != NULL)
		return 0;
	must((all = mem_text(p, len)) != NULL);
	text = all;
	if (read_line(&a, &text) && read_line(&b, &text) &&
	    read_line(&place, &text)) {
		check_spelling(&a);
		check_spelling(&b);
		check_spelling(&place);
		if (is_pattern(&a) && is_pattern(&b)) {
			check_order(&a, &b, &place);
			check_order(&b, &a, &place);
		}
	}
	path_free(&a);
	path_free(&b);
	path_free(&place);
	mem_free(all);
	return 0;
}
