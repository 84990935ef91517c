#ifndef TESTS_POLICY_RISK_TABLES_H
#define TESTS_POLICY_RISK_TABLES_H

/* Small tables out of text, for the tests of policy/risk. */

#include "tests/support/test.h"

#include <string.h>

#include "policy/risk/risk.h"

/* A row's fields, cut at ';'. */
static inline size_t
cut_row(struct slice *out, const char *line, size_t len)
{
	size_t n = 0;

	for (const char *end = line + len;; line++) {
		const char *stop = memchr(line, ';', (size_t)(end - line));

		stop = stop != NULL ? stop : end;
		out[n++] = (struct slice){ (const uint8_t *)line,
			(size_t)(stop - line) };
		line = stop;
		if (stop == end)
			return n;
	}
}

/*
 * A table of lines, rows numbered from 1.  roles has a letter per field: q
 * quasi-identifier, s sensitive, n sensitive and ordered, p the subject, -
 * neither.  Columns are called "c0", "c1" ...
 */
static inline struct risk_table *
table_of(const char *roles, const char *text, size_t len)
{
	static const char *const names[] = { "c0", "c1", "c2", "c3", "c4", "c5",
		"c6", "c7", "c8", "c9" };
	struct risk_column columns[10];
	struct slice in[10], values[10];
	struct risk_table *t;
	struct fault f = { 0 };
	size_t n = 0;
	uint64_t row = 0;

	for (size_t i = 0; roles[i] != '\0'; i++)
		if (roles[i] != 'p' && roles[i] != '-')
			columns[n++] = (struct risk_column){ names[i],
				roles[i] == 'q' ? RISK_QUASI : RISK_SENSITIVE,
				roles[i] == 'n' ? RISK_ORDERED : RISK_EQUAL };
	assert_ok(
	    risk_table_new(&t, columns, n, strchr(roles, 'p') != NULL, 0, &f));
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line = end != NULL ? (size_t)(end - text) : len;
		struct slice *subject = NULL;

		assert_int_equal(
		    cut_row(
			in, text, line - (line > 0 && text[line - 1] == '\r')),
		    strlen(roles));
		n = 0;
		for (size_t i = 0; roles[i] != '\0'; i++) {
			if (roles[i] == 'p')
				subject = &in[i];
			else if (roles[i] != '-')
				values[n++] = in[i];
		}
		assert_ok(risk_table_add(t, ++row, subject, values, &f));
		line += end != NULL;
		text += line;
		len -= line;
	}
	return t;
}

static inline struct risk_hierarchy *
hierarchy_of(const char *text)
{
	struct slice s = { (const uint8_t *)text, strlen(text) };
	struct risk_hierarchy *h;
	struct fault f = { 0 };

	assert_ok(risk_hierarchy_read(&h, "h", &s, ';', &f));
	return h;
}

static inline void
assert_near(double got, double want)
{
	if (!(got - want < 1e-9 && want - got < 1e-9))
		fail_msg("%.17g is not %.17g", got, want);
}

#endif
