/* gateway/report: nothing of the data becomes markup. */

#include <stdio.h>
#include <string.h>

#include "gateway/report/report.h"
#include "tests/support/test.h"

static void
shows(const char *text, size_t len, const char *want)
{
	struct bytes out;
	struct fault f;

	bytes_init(&out, 1 << 16);
	assert_ok(report_text(&out, text, len, &f));
	assert_int_equal(out.len, strlen(want));
	if (out.len > 0)
		assert_memory_equal(out.at, want, out.len);
	bytes_free(&out);
}
#define SHOWS(text, want) shows(text, sizeof(text) - 1, want)

static void
text_is_shown_and_never_markup(void **state)
{
	(void)state;
	SHOWS("", "");
	SHOWS(
	    "Z\xc3\xbcrich \xf0\x9f\x98\x80", "Z\xc3\xbcrich \xf0\x9f\x98\x80");
	SHOWS("<script>", "&lt;script&gt;");
	SHOWS("\" onload='x' &amp;", "&quot; onload=&#39;x&#39; &amp;amp;");
	SHOWS("a\0b\x1b[2J\x7f", "a\xef\xbf\xbd"
				 "b\xef\xbf\xbd[2J\xef\xbf\xbd");
	SHOWS("\xff<\xc3", "\xef\xbf\xbd&lt;\xef\xbf\xbd");
	/* overlong '<' is no character */
	SHOWS("\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd");
	SHOWS("exe.\xe2\x80\xaegnp", "exe.[U+202E]gnp");
}

#define EVIL "</td><script>alert(1)</script>\"'><img src=x onerror=y>"

/* Every text of a page is the one that would act. */
static json_t *
evil_plan(void)
{
	return json_pack(
	    "{s:s,s:s,s:s,s:s,s:[s,s],s:[s],s:s,s:s,s:s,s:i,s:i,s:i,s:i,s:f,"
	    "s:{s:i},s:{s:s,s:[s]},s:[{s:s,s:s,s:s,s:[s],s:b,s:[{s:s,s:s}],s:i,"
	    "s:[{s:i,s:i,s:[s],s:[{s:s,s:i}]}],s:{s:b,s:s,s:{s:s}}}],"
	    "s:{s:s,s:s,s:s,s:s,s:s,s:{s:s},s:[s],s:{s:{s:{s:s,s:s}}}},"
	    "s:[{s:s,s:i,s:i,s:s,s:s,s:[{s:s,s:s,s:s}],s:{s:[s,s]},s:s},"
	    "{s:s,s:s,s:s}]}",
	    "policy", EVIL, "project", EVIL, "purpose", EVIL, "vendor", EVIL,
	    "vendors", EVIL, EVIL, "agreements", EVIL, "retention", EVIL,
	    "digest", EVIL, "made", EVIL, "files", 1, "items", 2, "bytes", 3,
	    "excluded", 4, "estimate", 5000.0, "left_behind", "not_selected", 7,
	    "labels", EVIL, EVIL, "classes", EVIL, "risk", "pattern", EVIL,
	    "rule", EVIL, "by", EVIL, "quasi_identifiers", EVIL, "measured", 1,
	    "sensitive", "column", EVIL, "distance", EVIL, "failing_classes", 3,
	    "failing", "persons", 1, "rows", 2, "fails", EVIL, "first", "file",
	    EVIL, "row", 7, "search", "found", 1, "lose_least", EVIL, "levels",
	    EVIL, EVIL, "legal", "country", EVIL, "model", EVIL, "tool",
	    "adequacy", "reference", EVIL, "until", EVIL, "countries", "date",
	    EVIL, "dpv", EVIL, "terms", "facts", EVIL, "date", EVIL, "sha256",
	    EVIL, "decisions", "example", EVIL, "files", 3, "items", 9, "type",
	    EVIL, "rule", EVIL, "fields", "name", EVIL, "action", EVIL, "rule",
	    EVIL, "examples", EVIL, EVIL, EVIL, "example_text", EVIL, "example",
	    EVIL, "exclude", EVIL, "rule", EVIL);
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static void
page_of(json_t *plan, struct bytes *out)
{
	struct fault f;

	bytes_init(out, 1 << 20);
	assert_non_null(plan);
	assert_ok(report_plan(out, plan, &f));
	assert_ok(bytes_end_text(out, &f));
	json_decref(plan);
}

static void
a_page_has_no_tag_that_the_data_brought(void **state)
{
	struct bytes out;
	const char *page;

	(void)state;
	page_of(evil_plan(), &out);
	page = (const char *)out.at;
	assert_int_equal(count(page, "<script"), 0);
	assert_int_equal(count(page, "<img"), 0);
	assert_in_range(count(page, "&lt;script&gt;"), 30, 60);
	/* and what it opens it closes */
	assert_int_equal(count(page, "<table"), count(page, "</table>"));
	assert_int_equal(count(page, "<tr>"), count(page, "</tr>"));
	assert_int_equal(count(page, "<td"), count(page, "</td>"));
	assert_int_equal(count(page, "<svg"), count(page, "</svg>"));
	/* nothing is fetched, nothing runs */
	assert_int_equal(count(page, "default-src 'none'"), 1);
	assert_int_equal(count(page, "http:") + count(page, "https:"), 0);
	assert_int_equal(count(page, "src="), count(page, "src=x"));
	bytes_free(&out);
}

static void
refusals_stand_alone(void **state)
{
	struct bytes out;
	const char *page;

	(void)state;
	page_of(
	    json_pack("{s:[{s:s,s:i,s:[s,s],s:[s]}],s:s,s:[{s:s,s:s,s:s}]}",
		"refusals", "cause", "no rule names it", "count", 12345,
		"hints", "other: drop", EVIL, "examples", EVIL, "policy", EVIL,
		"rules", "match", EVIL, "exclude", EVIL, "rule", EVIL),
	    &out);
	page = (const char *)out.at;
	assert_int_equal(count(page, "no rule names it"), 1);
	assert_int_equal(count(page, "12,345"), 1);
	assert_int_equal(count(page, "<code>other: drop</code>"), 1);
	assert_int_equal(count(page, "&lt;script&gt;"), 6);
	assert_int_equal(count(page, "items leave"), 0);
	assert_int_equal(count(page, "<script"), 0);
	bytes_free(&out);
}

static json_t *
evil_sheet(void)
{
	return json_pack(
	    "{s:s,s:s,s:s,s:s,s:i,s:i,s:i,s:[{s:s,s:s,s:s,s:i,s:[s],s:["
	    "{s:s,s:b,s:[{s:s,s:[[s,s],[s,s],[s,s],[s,s],[s,s,s,b]]}]},"
	    "{s:s,s:s,s:s,s:[i,i,i,i],s:s,s:[s]},"
	    "{s:s,s:[s],s:s,s:[{s:s,s:s,s:b,s:[[s,s],[s,s]]},"
	    "{s:s,s:s,s:b,s:[]}]}]}]}",
	    "policy", EVIL, "project", EVIL, "vendor", EVIL, "made", EVIL,
	    "items", 1, "of", 2, "looked_at", 3, "shown", "path", EVIL, "type",
	    EVIL, "policy", EVIL, "line", 7, "why", EVIL, "parts", "id", EVIL,
	    "more", 1, "fields", "name", EVIL, "pieces", "same", EVIL, "cut",
	    EVIL, "put", EVIL, "gap", EVIL, "left", EVIL, EVIL, 1, "id", EVIL,
	    "before", "AAA+/w==", "after", EVIL, "size", 1, 2, 3, 4, "why",
	    EVIL, "blocks", EVIL, "id", EVIL, "kept", EVIL, "why", EVIL,
	    "fields", "name", EVIL, "action", EVIL, "gone", 0, "pieces", "cut",
	    EVIL, "put", EVIL, "name", EVIL, "action", EVIL, "gone", 1,
	    "pieces");
}

static void
a_sheet_shows_all_as_text_and_pictures_from_itself_alone(void **state)
{
	json_t *sheet = evil_sheet();
	struct bytes out;
	struct fault f;
	const char *page;

	(void)state;
	assert_non_null(sheet);
	bytes_init(&out, 1 << 20);
	assert_ok(report_sheet(&out, sheet, &f));
	assert_ok(bytes_end_text(&out, &f));
	page = (const char *)out.at;
	assert_int_equal(count(page, "<script"), 0);
	assert_in_range(count(page, "&lt;script&gt;"), 20, 50);
	assert_int_equal(count(page, "goes</td>"), 1);
	/* what is no base64 is no picture */
	assert_int_equal(count(page, "<img"), 1);
	assert_int_equal(count(page, "data:image/jpeg;base64,AAA+/w==\""), 1);
	assert_int_equal(count(page, "no thumbnail"), 1);
	assert_int_equal(count(page, "<table"), count(page, "</table>"));
	assert_int_equal(count(page, "<tr>"), count(page, "</tr>"));
	assert_int_equal(count(page, "<td"), count(page, "</td>"));
	assert_int_equal(count(page, "<del>"), count(page, "</del>"));
	assert_int_equal(count(page, "img-src data:"), 1);
	assert_int_equal(count(page, "default-src 'none'"), 1);
	assert_int_equal(count(page, "http:") + count(page, "https:"), 0);
	assert_int_equal(count(page, "holds original data"), 1);
	bytes_free(&out);
	json_decref(sheet);
}

static void
what_was_found_is_shown_by_number_and_as_text(void **state)
{
	json_t *found = json_pack(
	    "{s:i,s:i,s:{s:{s:i,s:i,s:[]},s:{s:i,s:i,s:[{s:s,s:s,s:i,"
	    "s:i}]}},s:[{s:s,s:i,s:i,s:{}},{s:s,s:i,s:i,s:{s:i}}],"
	    "s:[{s:s,s:s}]}",
	    "n", 1234, "bytes", 2048, "entities", "FEW", "n", 34, "files", 1,
	    "examples", EVIL, "n", 1200, "files", 1, "examples", "text", EVIL,
	    "file", EVIL, "line", 77, "score", 40, "files", "file", "none.txt",
	    "bytes", 1, "n", 0, "entities", "file", EVIL, "bytes", 2047, "n",
	    1234, "entities", EVIL, 1200, "skipped", "file", EVIL, "why", EVIL);
	struct bytes out;
	struct fault f;
	const char *page;

	(void)state;
	assert_non_null(found);
	bytes_init(&out, 1 << 20);
	assert_ok(report_found(&out, found, &f));
	assert_ok(bytes_end_text(&out, &f));
	page = (const char *)out.at;
	assert_int_equal(count(page, "<script") + count(page, "<img"), 0);
	assert_int_equal(count(page, "default-src 'none'"), 1);
	assert_int_equal(count(page, "<table"), count(page, "</table>"));
	assert_int_equal(count(page, "<tr>"), count(page, "</tr>"));
	assert_int_equal(count(page, "<td"), count(page, "</td>"));
	/* the most first; files without a find are only counted */
	assert_true(strstr(page, "<td>FEW<") > strstr(page, ">1,200</td>"));
	assert_int_equal(count(page, "none.txt"), 0);
	assert_int_equal(count(page, ":77, 40 %"), 1);
	bytes_free(&out);
	json_decref(found);
}

static void
a_page_that_is_too_long_is_a_fault(void **state)
{
	json_t *plan = evil_plan();
	struct bytes out;
	struct fault f;

	(void)state;
	bytes_init(&out, 3000);
	assert_refused(report_plan(&out, plan, &f), FAULT_INPUT);
	bytes_free(&out);
	json_decref(plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_shown_and_never_markup),
		cmocka_unit_test(a_page_has_no_tag_that_the_data_brought),
		cmocka_unit_test(refusals_stand_alone),
		cmocka_unit_test(
		    a_sheet_shows_all_as_text_and_pictures_from_itself_alone),
		cmocka_unit_test(what_was_found_is_shown_by_number_and_as_text),
		cmocka_unit_test(a_page_that_is_too_long_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
