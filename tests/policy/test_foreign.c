/* policy/rules: formats that nothing here reads, and what to do about them. */

#include <string.h>

#include "policy/rules/rules.h"
#include "tests/support/test.h"

static const char *
what(const void *p, size_t len)
{
	const struct foreign *x = foreign_by_bytes(p, len);

	return x == NULL ? "" : x->what;
}
#define WHAT(bytes) what(bytes, sizeof(bytes) - 1)

static void
formats_are_known_by_their_first_bytes(void **state)
{
	(void)state;
	assert_string_equal(
	    WHAT("PK\3\4\x14\0\6\0[Content_Types].xml ... xl/workbook.xml"),
	    "an Excel workbook");
	assert_string_equal(
	    WHAT("PK\3\4\x14\0\6\0[Content_Types].xml word/document.xml"),
	    "a Word document");
	assert_string_equal(
	    WHAT("PK\3\4....mimetypeapplication/vnd.oasis.opendocument."
		 "spreadsheetPK"),
	    "an OpenDocument spreadsheet");
	assert_string_equal(WHAT("PK\3\4 photos/a.jpg"), "a ZIP archive");
	assert_string_equal(WHAT("PAR1\x15\4\x15\x10"), "Parquet");
	assert_string_equal(
	    WHAT("SQLite format 3\0\x10\0\1\1"), "an SQLite database");
	assert_string_equal(
	    WHAT("12345678DUCK\x40\0\0\0"), "a DuckDB database");
	assert_string_equal(WHAT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"),
	    "an Office document of before 2007");
	assert_string_equal(WHAT("%PDF-1.7\n"), "a PDF");
	assert_string_equal(WHAT("\x1f\x8b\x08\0"), "compressed by gzip");
}

static void
a_text_that_begins_alike_is_none(void **state)
{
	(void)state;
	assert_string_equal(WHAT("PAR1,PAR2,PAR3\n1,2,3\n"), "");
	assert_string_equal(WHAT("ORC,elf,dwarf\n"), "");
	assert_string_equal(WHAT("the eye DUCK\tof the newt\n"), "");
	assert_string_equal(WHAT("id,name\r\n1,PK\n"), "");
	assert_string_equal(WHAT("PK\3"), "");
	assert_string_equal(WHAT(""), "");
	assert_string_equal(WHAT("\xff\xd8\xff\xe0\0\x10JFIF\0"), "");
	assert_string_equal(WHAT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "");
}

static void
hints(const char *path, const char *want)
{
	const struct foreign *x = foreign_by_name(path);
	struct fault f = { 0 };

	assert_non_null(x);
	assert_ok(fault_set(&f, FAULT_POLICY, "no") == -1 ? 0 : -1);
	assert_int_equal(foreign_hint(x, path, &f), -1);
	assert_string_equal(f.hint, want);
}

static void
the_hint_is_a_command_for_that_file(void **state)
{
	(void)state;
	hints("a.xlsx", "handoff reads CSV: ssconvert a.xlsx a.csv");
	hints("x/My Table.XLSX",
	    "handoff reads CSV: ssconvert 'x/My Table.XLSX' 'x/My Table.csv'");
	hints("d/a.parquet",
	    "handoff reads CSV: duckdb -c \"COPY (FROM 'd/a.parquet') TO "
	    "'d/a.csv' (HEADER)\"");
	hints("a.docx", "handoff reads text: pandoc -t plain -o a.txt a.docx");
	hints("b.sqlite", "handoff reads CSV: sqlite3 -header -csv b.sqlite "
			  "'SELECT * FROM TABLE' >b.csv");
	hints("-rf.zip",
	    "handoff reads what is in it: unzip '-rf.zip' -d '-rf.d'");
	/* what the shell would take apart even in quotes */
	hints("it's.xlsx", "handoff reads CSV: ssconvert FILE FILE.csv");
	hints("$(reboot).parquet",
	    "handoff reads CSV: duckdb -c \"COPY (FROM 'FILE') TO 'FILE.csv' "
	    "(HEADER)\"");
}

static void
other_endings_are_nobodys(void **state)
{
	static const char *const ours[] = { "a.csv", "a.jpg", "a", "a.", "xlsx",
		"a.xlsx/b", ".", "a.xls.csv" };

	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		assert_null(foreign_by_name(ours[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_known_by_their_first_bytes),
		cmocka_unit_test(a_text_that_begins_alike_is_none),
		cmocka_unit_test(the_hint_is_a_command_for_that_file),
		cmocka_unit_test(other_endings_are_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
