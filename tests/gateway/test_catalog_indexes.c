/* gateway/catalog: an index that somebody changed by hand leads to no row that
 * the log has not, and from none that it has. */

#include "tests/gateway/catalog_story.h"

/* Its index is another's, which has none. */
static void
a_row_that_no_index_knows_is_noticed(void **state)
{
	struct story s;

	(void)state;
	story_home(&s);
	story_edit(&s, "INSERT INTO grants VALUES('g-x', 'b-x', 'v-x', '" PAST
		       "', '" FAR "'); PRAGMA writable_schema=ON;"
		       "UPDATE sqlite_schema SET rootpage=(SELECT rootpage"
		       " FROM sqlite_schema WHERE name='batches_vendor')"
		       " WHERE name='grants_batch'");
	story_refused(&s, "table grants, row g-x");
	story_end(&s);
}

/* Change rows and then change them back, while their index is not there to be
 * changed with them. */
static void
forge_index(
    struct story *s, const char *index, const char *change, const char *back)
{
	char sql[400];

	story_edit(s, change);
	(void)snprintf(sql, sizeof(sql),
	    "CREATE TABLE was AS SELECT * FROM sqlite_schema WHERE name='%s';"
	    "PRAGMA writable_schema=ON;"
	    "DELETE FROM sqlite_schema WHERE name='%s'",
	    index, index);
	story_edit(s, sql);
	(void)snprintf(sql, sizeof(sql),
	    "%s; PRAGMA writable_schema=ON;"
	    "INSERT INTO sqlite_schema SELECT * FROM was; DROP TABLE was",
	    back);
	story_edit(s, sql);
}

static void
an_index_that_is_not_its_tables_is_noticed(void **state)
{
	static const struct {
		const char *index, *change, *back, *says;
	} cases[] = {
		{ "agreements_vendor", "UPDATE agreements SET type='x' || type",
		    "UPDATE agreements SET type=substr(type, 2)",
		    "table agreements: row 1 missing from index" },
		{ "vendors_tls", "UPDATE vendors SET tls='x' || tls",
		    "UPDATE vendors SET tls=substr(tls, 2)",
		    "table vendors: row 1 missing from index" },
		{ "grants_batch",
		    "INSERT INTO grants VALUES('g-x', 'b-x', 'v-x', '" PAST
		    "', '" FAR "')",
		    "DELETE FROM grants WHERE id='g-x'",
		    "table grants: wrong # of entries in index" },
	};
	const size_t n = sizeof(cases) / sizeof(cases[0]);

	(void)state;
	for (size_t i = 0; i <= n; i++) {
		const size_t k = i < n ? i : n - 1;
		struct story s;

		if (i == n) /* the last again, of a table without rows */
			story_home(&s);
		else
			story_whole(&s);
		forge_index(&s, cases[k].index, cases[k].change, cases[k].back);
		story_refused(&s, cases[k].says);
		story_end(&s);
	}
}

static void
a_name_that_only_an_index_has_is_noticed(void **state)
{
	struct catalog_vendor v;
	struct catalog_batch b;
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_whole(&s);
	forge_index(&s, "facts_name",
	    "UPDATE facts SET bytes=CAST(bytes || 'x' AS BLOB)"
	    " WHERE member='name'",
	    "UPDATE facts SET bytes=CAST(substr(bytes, 1, length(bytes)-1)"
	    " AS BLOB) WHERE member='name'");
	story_open(&s);
	assert_refused(catalog_vendor(s.c, "acmex", &v, &f), FAULT_FORGED);
	assert_refused(catalog_batch(s.c, "firstx", &b, &f), FAULT_FORGED);
	assert_refused(catalog_check(s.c, &f), FAULT_FORGED);
	assert_non_null(strstr(f.text, "missing from index facts_name"));
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_that_no_index_knows_is_noticed),
		cmocka_unit_test(an_index_that_is_not_its_tables_is_noticed),
		cmocka_unit_test(a_name_that_only_an_index_has_is_noticed),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
