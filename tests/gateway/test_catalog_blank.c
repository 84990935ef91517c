/* gateway/catalog/blank.c: tables that are laid down as bytes, beside those
 * that SQLite makes of the same statements. */

#include "tests/support/test.h"

#include <string.h>

#include "gateway/catalog/catalog_internal.h"

struct both {
	struct rows *blank;
	struct rows *made;
};

static int
both_make(void **state)
{
	static struct both b;
	struct fault f = { 0 };
	const char *sql;

	assert_ok(rows_open(&b.blank, -1, NULL, true, &f));
	assert_ok(rows_open(&b.made, -1, NULL, true, &f));
	assert_ok(blank_make(b.blank, &f));
	for (size_t i = 0; (sql = fold_script(i)) != NULL; i++)
		assert_ok(rows_script(b.made, sql, &f));
	*state = &b;
	return 0;
}

static int
both_end(void **state)
{
	struct both *b = *state;

	rows_close(b->blank);
	rows_close(b->made);
	return 0;
}

/* All that a query says, of the one and of the other; how many rows. */
static size_t
same(const struct both *b, const char *sql)
{
	sqlite3_stmt *has, *want;
	struct fault f = { 0 };
	size_t n = 0;

	assert_ok(rows_run(b->blank, &has, &f, sql, ""));
	assert_ok(rows_run(b->made, &want, &f, sql, ""));
	for (; has != NULL && want != NULL; n++) {
		for (int i = 0; i < sqlite3_column_count(want); i++) {
			struct slice x = rows_slice(has, i);
			struct slice y = rows_slice(want, i);

			assert_int_equal(x.len, y.len);
			if (y.len > 0)
				assert_memory_equal(x.at, y.at, y.len);
		}
		assert_ok(rows_next(b->blank, &has, &f));
		assert_ok(rows_next(b->made, &want, &f));
	}
	assert_true(has == NULL && want == NULL);
	return n;
}

static void
it_has_every_table_and_index_that_the_statements_make(void **state)
{
	assert_true(same(*state, "SELECT type, name, tbl_name, sql"
				 " FROM sqlite_schema ORDER BY rowid") > 40);
}

static void
tables_are_of_the_same_kind_and_their_indexes_too(void **state)
{
	assert_true(same(*state, "SELECT name, type, ncol, wr, strict"
				 " FROM pragma_table_list ORDER BY name") > 20);
	assert_true(
	    same(*state,
		"SELECT t.name, i.name, i.\"unique\", i.origin,"
		" i.partial FROM pragma_table_list t"
		" JOIN pragma_index_list(t.name) i ORDER BY 1, 2") > 20);
}

static void
sqlite_finds_nothing_wrong_in_it(void **state)
{
	const struct both *b = *state;
	sqlite3_stmt *row;
	struct fault f = { 0 };

	assert_ok(rows_run(b->blank, &row, &f, "PRAGMA integrity_check", ""));
	assert_non_null(row);
	assert_string_equal((const char *)sqlite3_column_text(row, 0), "ok");
	rows_done(row);
	assert_int_equal(same(b, "SELECT * FROM pragma_encoding"), 1);
}

/* Also once each table and index has grown past the page that it began as. */
static void
rows_go_in_and_what_is_unique_stays_so(void **state)
{
	static const char more[] = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL"
				   " SELECT n+1 FROM t WHERE n<2000)";
	const struct both *b = *state;
	struct rows *each[] = { b->blank, b->made };
	struct fault f = { 0 };
	char sql[400];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(sql, sizeof(sql),
		    "%s INSERT INTO deletions SELECT n, 'b', 't',"
		    " hex(n) FROM t",
		    more);
		assert_ok(rows_script(each[i], sql, &f));
		(void)snprintf(sql, sizeof(sql),
		    "%s INSERT INTO shards SELECT 'b-' || n %% 7, n, hex(n),"
		    " 1, 2, NULL, 'c', 3, 'o', 4 FROM t",
		    more);
		assert_ok(rows_script(each[i], sql, &f));
		assert_refused(rows_script(each[i],
				   "INSERT INTO deletions"
				   " VALUES(3000, 'b', 't', hex(7))",
				   &f),
		    FAULT_SYSTEM);
		assert_refused(rows_script(each[i],
				   "INSERT INTO home VALUES(0, 1, 2, 'x', 'y',"
				   " NULL, NULL)",
				   &f),
		    FAULT_SYSTEM);
	}
	assert_int_equal(same(b, "SELECT * FROM deletions"), 2000);
	assert_int_equal(same(b, "SELECT * FROM shards"), 2000);
	sqlite_finds_nothing_wrong_in_it(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, both_make, both_end)
		TEST(it_has_every_table_and_index_that_the_statements_make),
		TEST(tables_are_of_the_same_kind_and_their_indexes_too),
		TEST(sqlite_finds_nothing_wrong_in_it),
		TEST(rows_go_in_and_what_is_unique_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
