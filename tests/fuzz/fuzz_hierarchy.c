/*
 * Generalisation hierarchies.  What is accepted is a tree: a value at a level
 * follows from the level below, and the last level is one label.  Written out
 * again with every field quoted, it reads as the same.
 */

#include <string.h>

#include "policy/risk/risk_internal.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return sodium_init() < 0 ? -1 : 0;
}

/* Value v at a level. */
static struct slice
at(const struct risk_hierarchy *h, uint32_t v, unsigned level)
{
	struct slice value = risk_dict_at(&h->values, v), s;

	must(risk_hierarchy_at(h, value.at, value.len, level, &s));
	return s;
}

static bool
same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static void
put_quoted(struct bytes *out, struct slice s, const char *end)
{
	struct fault none = { 0 };

	must(bytes_add(out, "\"", 1, &none) == 0);
	for (size_t i = 0; i < s.len; i++)
		must(bytes_add(out,
			 s.at[i] == '"' ? "\"\"" : (const char *)s.at + i,
			 s.at[i] == '"' ? 2 : 1, &none) == 0);
	must(bytes_addf(out, &none, "\"%s", end) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct slice text = { p, len };
	struct risk_hierarchy *h, *again;
	struct fault f = { 0 };
	struct bytes out;
	uint32_t n;
	unsigned top;

	if (risk_hierarchy_read(&h, "h", &text, ';', &f) != 0) {
		must(f.kind == FAULT_INPUT && h == NULL);
		must(strncmp(f.text, "h: ", 3) == 0);
		return 0;
	}
	n = (uint32_t)risk_hierarchy_values(h);
	top = risk_hierarchy_levels(h);
	must(n > 0 && top > 0 && top < RISK_LEVELS_MAX);
	bytes_init(&out, 16 * len + 1024);
	for (uint32_t v = 0; v < n; v++) {
		must(same(at(h, v, top), at(h, 0, top)));
		for (uint32_t w = v + 1; w < n && w < v + 8; w++)
			for (unsigned l = 1; l < top; l++)
				must(!same(at(h, v, l), at(h, w, l)) ||
				     same(at(h, v, l + 1), at(h, w, l + 1)));
		for (unsigned l = 0; l <= top; l++)
			put_quoted(&out, at(h, v, l), l < top ? ";" : "\r\n");
	}
	text = (struct slice){ out.at, out.len };
	must(risk_hierarchy_read(&again, "h", &text, ';', &f) == 0);
	must(risk_hierarchy_values(again) == n);
	must(risk_hierarchy_levels(again) == top);
	for (uint32_t v = 0; v < n; v++)
		for (unsigned l = 0; l <= top; l++)
			must(same(at(h, v, l), at(again, v, l)));
	risk_hierarchy_free(again);
	risk_hierarchy_free(h);
	bytes_free(&out);
	return 0;
}
