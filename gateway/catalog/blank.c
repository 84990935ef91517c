/*
 * A home's tables in memory, empty, without a CREATE statement run.
 *
 * The fold of the log needs them each time that a home is opened, and SQLite,
 * which parses its schema again for every table that is created, takes as long
 * over them as a process takes to start.  So the database is laid down as it
 * would stand in a file, out of the same statements, and SQLite then reads it
 * once.  An empty table or index is a page that says so; the rest is the rows
 * of sqlite_schema.  Comments name sections of
 * https://www.sqlite.org/fileformat2.html, a format that is promised to stay.
 *
 *     page 1       header, and a root over the leaves of sqlite_schema
 *     all others   a leaf of sqlite_schema, or a table or index without rows
 */

#include <stdio.h>
#include <string.h>

#include "gateway/catalog/catalog_internal.h"

#define PAGE 4096u    /* the longest statement fits into one (1.6: U-35) */
#define PAGES_MAX 96u /* twice what there is */
#define NAME_ROOM 64u /* for tables and indexes, and those named after them */
#define HEADER 100u   /* 1.3, in front of page 1 */
#define FORMAT_4 4u   /* 1.3.7, what SQLite has written since 2006 */
#define UTF_8 1u      /* 1.3.13 */

/* 1.6, B-tree pages. */
#define OVER_ROWS 0x05u /* interior, table */
#define ROWS 0x0du	/* leaf, table */
#define KEYS 0x0au	/* leaf, index; a table WITHOUT ROWID is one, too */

struct blank {
	uint8_t *at;
	unsigned pages;
	unsigned leaf; /* where the next row of sqlite_schema goes */
	unsigned rows;
};

/* A row of sqlite_schema, without its root page. */
struct object {
	bool table;
	char name[NAME_ROOM];
	char of[NAME_ROOM];
	struct slice sql; /* empty: NULL, of an index that a table implies */
	uint8_t type;	  /* of its page */
};

static void
put_16(uint8_t *at, unsigned n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

static unsigned
get_16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* 1.6, of up to 14 bits. */
static uint8_t *
varint(uint8_t *to, size_t n)
{
	must(n < 1u << 14);
	if (n > 0x7f)
		*to++ = (uint8_t)(0x80 | n >> 7);
	*to++ = (uint8_t)(n & 0x7f);
	return to;
}

static uint8_t *
page(const struct blank *b, unsigned n)
{
	return b->at + (size_t)(n - 1) * PAGE;
}

/* One more page, without cells; its header starts at from. */
static unsigned
add_page(struct blank *b, uint8_t type, unsigned from)
{
	uint8_t *at;

	must(b->pages < PAGES_MAX);
	at = page(b, ++b->pages);
	memset(at, 0, PAGE);
	at[from] = type;
	put_16(at + from + 5, PAGE); /* cells start at its end */
	return b->pages;
}

/* Is there room?  Then put a cell behind the others of that page. */
static bool
add_cell(uint8_t *at, unsigned from, const uint8_t *cell, size_t len)
{
	unsigned n = get_16(at + from + 3), top = get_16(at + from + 5);
	unsigned slots = from + (at[from] == OVER_ROWS ? 12 : 8);

	if (slots + 2 * (n + 1) + len > top)
		return false;
	top -= (unsigned)len;
	memcpy(at + top, cell, len);
	put_16(at + slots + 2 * n, top);
	put_16(at + from + 3, n + 1);
	put_16(at + from + 5, top);
	return true;
}

/* 2.1, record format: type, name, tbl_name, rootpage, sql. */
static size_t
record(uint8_t out[PAGE], const struct object *o, unsigned root)
{
	const struct slice texts[] = { slice_of_text(
					   o->table ? "table" : "index"),
		slice_of_text(o->name), slice_of_text(o->of), { NULL, 0 },
		o->sql };
	uint8_t *to = out + 1;

	for (size_t i = 0; i < 5; i++)
		if (i == 3)
			to = varint(to, 2); /* 16 bits */
		else
			to = varint(
			    to, texts[i].len == 0 ? 0 : 2 * texts[i].len + 13);
	out[0] = (uint8_t)(to - out);
	for (size_t i = 0; i < 5; i++) {
		must((size_t)(to - out) + texts[i].len + 2 <= PAGE);
		if (i == 3) {
			put_16(to, root);
			to += 2;
		} else if (texts[i].len > 0) {
			memcpy(to, texts[i].at, texts[i].len);
			to += texts[i].len;
		}
	}
	return (size_t)(to - out);
}

/* The leaf is full, or the last: its number, and its last row's. */
static void
end_leaf(struct blank *b, bool last)
{
	uint8_t cell[6] = { 0 }, *end;

	if (last) { /* the right-most pointer */
		put_16(page(b, 1) + HEADER + 10, b->leaf);
		return;
	}
	put_16(cell + 2, b->leaf);
	end = varint(cell + 4, b->rows);
	must(add_cell(page(b, 1), HEADER, cell, (size_t)(end - cell)));
	b->leaf = add_page(b, ROWS, 0);
}

static void
add_object(struct blank *b, const struct object *o)
{
	unsigned root = add_page(b, o->type, 0);
	uint8_t row[PAGE], cell[PAGE + 4], *to;
	size_t len = record(row, o, root);

	must(len <= PAGE - 35); /* 1.6: no overflow pages */
	to = varint(varint(cell, len), b->rows + 1);
	memcpy(to, row, len);
	len += (size_t)(to - cell);
	if (!add_cell(page(b, b->leaf), 0, cell, len)) {
		end_leaf(b, false);
		must(add_cell(page(b, b->leaf), 0, cell, len));
	}
	b->rows++;
}

static bool
says(struct slice sql, const char *word)
{
	return memmem(sql.at, sql.len, word, strlen(word)) != NULL;
}

/* The index that SQLite makes for a table of itself, if it would: for columns
 * that are unique, or the key of a table that has rowids besides. */
static void
add_implied(struct blank *b, const struct object *table)
{
	struct object o = { .type = KEYS };
	bool unique = says(table->sql, "UNIQUE");

	must(!unique || table->type == ROWS);
	if (table->type == KEYS ||
	    (!unique && !says(table->sql, " PRIMARY KEY(")))
		return;
	(void)snprintf(
	    o.name, NAME_ROOM, "sqlite_autoindex_%.40s_1", table->name);
	memcpy(o.of, table->name, NAME_ROOM);
	add_object(b, &o);
}

static void
add_statement(struct blank *b, struct slice sql)
{
	static const char end[] = "WITHOUT ROWID";
	const char *text = (const char *)sql.at;
	struct object o = { .sql = sql, .type = KEYS };

	if (sscanf(text, "CREATE TABLE %39[a-z_](", o.name) == 1) {
		o.table = true;
		memcpy(o.of, o.name, NAME_ROOM);
		if (sql.len < sizeof(end) ||
		    memcmp(text + sql.len + 1 - sizeof(end), end,
			sizeof(end) - 1) != 0)
			o.type = ROWS;
		add_object(b, &o);
		add_implied(b, &o);
		return;
	}
	must(sscanf(text, "CREATE INDEX %63[a-z_] ON %39[a-z_](", o.name,
		 o.of) == 2 ||
	     sscanf(text, "CREATE UNIQUE INDEX %63[a-z_] ON %39[a-z_](", o.name,
		 o.of) == 2);
	add_object(b, &o);
}

/* 1.3, database header; zero is right for what is left out. */
static void
end_header(struct blank *b)
{
	uint8_t *at = page(b, 1);

	memcpy(at, "SQLite format 3", 16);
	put_16(at + 16, PAGE);
	at[18] = at[19] = 1; /* no write-ahead log */
	at[21] = 64;
	at[22] = at[23] = 32;
	at[27] = at[95] = 1; /* the change counter, and for which one the */
	put_16(at + 30, b->pages); /* number of pages is valid */
	at[43] = 1;
	at[47] = FORMAT_4;
	at[59] = UTF_8;
}

int
blank_make(struct rows *rows, struct fault *f)
{
	size_t room = (size_t)PAGES_MAX * PAGE;
	struct blank b = { .at = sqlite3_malloc64(room) };
	const char *sql;

	if (b.at == NULL)
		return fault_memory(f);
	(void)add_page(&b, OVER_ROWS, HEADER);
	b.leaf = add_page(&b, ROWS, 0);
	for (size_t i = 0; (sql = fold_script(i)) != NULL; i++)
		for (const char *end; (end = strchr(sql, ';')) != NULL;
		     sql = end + 1)
			add_statement(&b, (struct slice){ (const uint8_t *)sql,
					      (size_t)(end - sql) });
	end_leaf(&b, true);
	end_header(&b);
	if (sqlite3_deserialize(rows_db(rows), "main", b.at,
		(sqlite3_int64)b.pages * PAGE, (sqlite3_int64)room,
		SQLITE_DESERIALIZE_FREEONCLOSE |
		    SQLITE_DESERIALIZE_RESIZEABLE) != SQLITE_OK)
		return rows_fault(rows, f); /* and b.at is freed */
	return 0;
}
