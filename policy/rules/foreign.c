/*
 * Formats that are not read here, and what makes one that is.
 *
 * Known by their first bytes, which do not err, and by their endings, which is
 * all there is while nobody has opened the file.
 */

#include <string.h>
#include <strings.h>

#include "policy/rules/rules.h"

/* In a command: '@' the file, '#' and letters the file with that ending. */
static const struct foreign formats[] = {
	{ "an Excel workbook", "xlsx xlsm xls xlsb", "CSV",
	    "ssconvert @ #csv" },
	{ "an OpenDocument spreadsheet", "ods", "CSV", "ssconvert @ #csv" },
	{ "a Word document", "docx docm", "text", "pandoc -t plain -o #txt @" },
	{ "an OpenDocument text", "odt", "text", "pandoc -t plain -o #txt @" },
	{ "a document in RTF", "rtf", "text", "pandoc -t plain -o #txt @" },
	{ "an Office document of before 2007", "doc ppt", "text",
	    "soffice --headless --convert-to txt:Text @" },
	{ "a PowerPoint presentation", "pptx", "text",
	    "soffice --headless --convert-to pdf @" },
	{ "a PDF", "pdf", "text", "pdftotext @ #txt" },
	{ "Parquet", "parquet pq", "CSV",
	    "duckdb -c \"COPY (FROM '@') TO '#csv' (HEADER)\"" },
	{ "an SQLite database", "sqlite sqlite3 db db3", "CSV",
	    "sqlite3 -header -csv @ 'SELECT * FROM TABLE' >#csv" },
	{ "a DuckDB database", "duckdb", "CSV",
	    "duckdb @ -c \"COPY TABLE TO '#csv' (HEADER)\"" },
	{ "an Access database", "mdb accdb", "CSV",
	    "mdb-export @ TABLE >#csv" },
	{ "Arrow", "arrow feather", "CSV",
	    "python3 -c 'import sys, pandas; pandas.read_feather(sys.argv[1])"
	    ".to_csv(sys.argv[2], index=False)' @ #csv" },
	{ "ORC", "orc", "CSV",
	    "python3 -c 'import sys, pandas; pandas.read_orc(sys.argv[1])"
	    ".to_csv(sys.argv[2], index=False)' @ #csv" },
	{ "Avro", "avro", "JSON Lines", "avro-tools tojson @ >#jsonl" },
	{ "Stata", "dta", "CSV",
	    "python3 -c 'import sys, pandas; pandas.read_stata(sys.argv[1])"
	    ".to_csv(sys.argv[2], index=False)' @ #csv" },
	{ "SPSS", "sav", "CSV",
	    "python3 -c 'import sys, pandas; pandas.read_spss(sys.argv[1])"
	    ".to_csv(sys.argv[2], index=False)' @ #csv" },
	{ "compressed by gzip", "gz", "what is in it", "gunzip @" },
	{ "compressed by bzip2", "bz2", "what is in it", "bunzip2 @" },
	{ "compressed by xz", "xz", "what is in it", "unxz @" },
	{ "compressed by zstd", "zst", "what is in it", "zstd -d @" },
	{ "a 7-Zip archive", "7z", "what is in it", "7z x @" },
	{ "a ZIP archive", "zip", "what is in it", "unzip @ -d #d" },
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

const struct foreign *
foreign_called(const char *what)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].what, what) == 0)
			return &formats[i];
	return NULL;
}

static const struct foreign *
named(const char *what)
{
	const struct foreign *x = foreign_called(what);

	must(x != NULL);
	return x;
}

const struct foreign *
foreign_by_name(const char *path)
{
	const char *dot = strrchr(path, '.');
	size_t len = dot == NULL ? 0 : strlen(++dot);

	for (size_t i = 0; len > 0 && i < FORMATS; i++)
		for (const char *e = formats[i].endings; *e != '\0';) {
			size_t n = strcspn(e, " ");

			if (n == len && strncasecmp(e, dot, n) == 0)
				return &formats[i];
			e += n + (e[n] == ' ');
		}
	return NULL;
}

/* -- By their first bytes ------------------------------------------------ */

static bool
has(const uint8_t *p, size_t len, const char *text)
{
	return memmem(p, len, text, strlen(text)) != NULL;
}

/* ZIP: what is in it tells, and is named at its head (OPC puts the list of
 * types first, OpenDocument its own name). */
static const struct foreign *
zip_of(const uint8_t *p, size_t len)
{
	static const struct {
		const char *inside, *what;
	} known[] = {
		{ "opendocument.spreadsheet", "an OpenDocument spreadsheet" },
		{ "opendocument.text", "an OpenDocument text" },
		{ "xl/", "an Excel workbook" },
		{ "word/", "a Word document" },
		{ "ppt/", "a PowerPoint presentation" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (has(p, len, known[i].inside))
			return named(known[i].what);
	return named("a ZIP archive");
}

/* Letters that a text could begin with need a byte near by that none has. */
static bool
binary(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len && i < 64; i++)
		if (p[i] < 8)
			return true;
	return false;
}

const struct foreign *
foreign_by_bytes(const uint8_t *p, size_t len)
{
	static const struct {
		size_t at, len;
		const char *magic;
		bool text; /* it could be the beginning of a text */
		const char *what;
	} known[] = {
		{ 0, 4, "PAR1", true, "Parquet" },
		{ 0, 16, "SQLite format 3", false, "an SQLite database" },
		{ 8, 4, "DUCK", true, "a DuckDB database" },
		{ 4, 15, "Standard Jet DB", false, "an Access database" },
		{ 4, 15, "Standard ACE DB", false, "an Access database" },
		{ 0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", false,
		    "an Office document of before 2007" },
		{ 0, 5, "{\\rtf", false, "a document in RTF" },
		{ 0, 5, "%PDF-", false, "a PDF" },
		{ 0, 6, "ARROW1", true, "Arrow" },
		{ 0, 3, "ORC", true, "ORC" },
		{ 0, 4, "Obj\1", false, "Avro" },
		{ 0, 11, "<stata_dta>", false, "Stata" },
		{ 0, 4, "$FL2", true, "SPSS" },
		{ 0, 3, "\x1f\x8b\x08", false, "compressed by gzip" },
		{ 0, 4, "BZh9", true, "compressed by bzip2" },
		{ 0, 6,
		    "\xfd"
		    "7zXZ\0",
		    false, "compressed by xz" },
		{ 0, 4, "\x28\xb5\x2f\xfd", false, "compressed by zstd" },
		{ 0, 6, "7z\xbc\xaf\x27\x1c", false, "a 7-Zip archive" },
	};

	if (len >= 4 && memcmp(p, "PK\3\4", 4) == 0)
		return zip_of(p, len);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (len >= known[i].at + known[i].len &&
		    memcmp(p + known[i].at, known[i].magic, known[i].len) ==
			0 &&
		    (!known[i].text || binary(p, len)))
			return named(known[i].what);
	return NULL;
}

/* -- What to do about it ------------------------------------------------- */

struct command {
	char text[200];
	size_t len;
	bool fits;
};

static void
add(struct command *c, const char *p, size_t len)
{
	c->fits = c->fits && c->len + len < sizeof(c->text);
	if (!c->fits)
		return;
	memcpy(c->text + c->len, p, len);
	c->len += len;
	c->text[c->len] = '\0';
}

/* A path's first len bytes and an ending.  In quotes where the shell would take
 * it apart, unless it stands in quotes of the command's own. */
static void
add_path(struct command *c, const char *path, size_t len, const char *ending,
    size_t ending_len, bool quoted)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "_-./+:@%,=";
	bool quote = !quoted && (strspn(path, plain) < len || path[0] == '-');

	if (strchr(path, '\'') != NULL || (quoted && strpbrk(path, "\"\\$`")))
		c->fits = false;
	add(c, "'", quote);
	add(c, path, len);
	add(c, ".", ending_len > 0);
	add(c, ending, ending_len);
	add(c, "'", quote);
}

static void
expand(struct command *c, const char *how, const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	size_t stem = dot == NULL || (slash != NULL && dot < slash)
			  ? strlen(path)
			  : (size_t)(dot - path);

	for (const char *p = how; *p != '\0'; p++) {
		bool quoted = p > how && p[-1] == '\'';
		size_t n = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz");

		if (*p == '@') {
			add_path(c, path, strlen(path), "", 0, quoted);
		} else if (*p == '#') {
			add_path(c, path, stem, p + 1, n, quoted);
			p += n;
		} else {
			add(c, p, 1);
		}
	}
}

int
foreign_hint(const struct foreign *x, const char *path, struct fault *f)
{
	struct command c = { .fits = true };

	expand(&c, x->convert, path);
	if (!c.fits) {
		c = (struct command){ .fits = true };
		expand(&c, x->convert, "FILE");
	}
	return fault_hint(f, "handoff reads %s: %s", x->to, c.text);
}
