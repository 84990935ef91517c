#ifndef GATEWAY_MASK_CSV_INTERNAL_H
#define GATEWAY_MASK_CSV_INTERNAL_H

#include "gateway/mask/mask_internal.h"
#include "gateway/mask/window_internal.h"
#include "policy/rules/rules.h"

/*
 * CSV as RFC 4180 has it, and the dialects people have:
 *   - the delimiter is `,`, `;`, tab or `|`: given, or the one that stands in
 *     the header most often outside quotes (of two equals, neither)
 *   - a record ends in LF or CRLF, each as it likes; or, if the first record
 *     ends in a CR alone, in CR everywhere
 *   - a field that begins with `"` is quoted: it ends at the next `"` that is
 *     not doubled, and only a delimiter or line end may follow
 *   - a `"` anywhere else is a character like others (37'8"N), but not where
 *     only spaces precede it: other readers take that for a quoted field
 *   - UTF-8, with or without a byte order mark
 *   - an empty line is no record, unless the file has a single column
 * Refused, since two readers would read two things: a record with another
 * number of fields than the first, a bare CR among LF, a bare LF among CR, text
 * behind a closing quote, a quote never closed, NUL.
 */

enum csv_state {
	CSV_START,  /* a field begins */
	CSV_PLAIN,  /* in a field without quotes */
	CSV_QUOTED, /* in quotes */
	CSV_QUOTE,  /* behind a quote in quotes: its end, or doubled */
	CSV_CR	    /* behind a CR, which only LF may follow */
};

/* Marks found at a time, if more records than one are in them: their arrays
 * stay in the cache. */
#define CSV_BATCH 4096u
#define CSV_MARKS (2 * MASK_NAMES_MAX)

/*
 * Where fields and records end, found 64 bytes at a time.  A mark is the index
 * of a delimiter or line end outside quotes; an end is the number of marks up
 * to and with a line end.  Indexes are into the window.
 */
struct csv_scan {
	char delimiter;
	char newline; /* '\n', or '\r' where lines end so */
	bool count;   /* only line ends are wanted: marks hold nothing else */
	size_t batch; /* marks that are enough at a time: CSV_BATCH */
	enum csv_state state;
	size_t at;	/* all before is scanned */
	size_t record;	/* behind the last line end */
	size_t field;	/* behind the last delimiter or line end */
	size_t text;	/* the last field seen to begin with text */
	size_t partial; /* bytes before at of a character not yet whole */
	uint32_t *marks;
	size_t nmarks;
	uint32_t *ends;
	size_t nends;
	const char *bad; /* why the scan stopped at at, or NULL */
};

/* The caller ends with csv_scan_close(), after a failure too. */
NEED int csv_scan_open(
    struct csv_scan *s, char delimiter, char newline, struct fault *f);
void csv_scan_close(struct csv_scan *s);

/* Begin anew at a record's start, with no marks. */
void csv_scan_reset(struct csv_scan *s, size_t at);

/*
 * Scan p[s->at, len) until there are s->batch marks and a line end among
 * them, or CSV_MARKS, or the end.  p has WINDOW_SLACK bytes behind len.  With
 * final, len is the end of the source: a record without line end gets a mark
 * at len.  Without, up to 63 bytes may be left unscanned.
 * What cannot be read stops the scan: s->bad.
 */
void csv_scan(struct csv_scan *s, const uint8_t *p, size_t len, bool final);

/* Forget the first nmarks and nends, and move what is left down by gone. */
void csv_scan_drop(
    struct csv_scan *s, size_t nmarks, size_t nends, size_t gone);

/* The first record of a file, and what it says of the others. */
struct csv_head {
	bool bom;
	char delimiter;
	char newline;
	bool crlf;	      /* it ended in CRLF */
	bool names;	      /* it is a header */
	uint64_t data;	      /* where the first record of data begins */
	struct bytes raw;     /* the header without byte order mark */
	struct csv_scan scan; /* of raw: one mark for each column */
};

/*
 * Read the first record.  delimiter 0 finds it; with names it is a header, and
 * else a record like the others that only says how many columns there are.
 * FAULT_INPUT for an empty file, for a column `_item`, and for a delimiter that
 * cannot be found: two are seen as often, or names is false.  The caller ends
 * with csv_head_close(), after a failure too.
 */
NEED int csv_head_read(struct csv_head *h, const struct mask_source *src,
    bool names, char delimiter, struct fault *f);
void csv_head_close(struct csv_head *h);

/* Column i of the header as it stands there, or as the text it means. */
struct slice csv_head_raw(const struct csv_head *h, size_t i);
NEED int csv_head_name(const struct csv_head *h, size_t i,
    struct bytes *scratch, struct slice *out, struct fault *f);

/* A part that was read and scanned where it was cut off: all of it is in the
 * window, and all of its marks are there. */
struct csv_held {
	struct mask_window window;
	struct csv_scan scan;
};

enum csv_step_kind { STEP_KEEP, STEP_DROP, STEP_CHANGE };

/* Columns [from, to], all of one kind; a change is of one column. */
struct csv_step {
	enum csv_step_kind kind;
	size_t from, to;
};

struct csv_rows {
	struct csv_head head;
	/* of the part in hand: its own, or those below */
	struct mask_window *window;
	struct csv_scan *scan;
	struct csv_held read; /* for parts that are read here */
	size_t ncolumns;
	struct csv_step *steps;
	size_t nsteps;
	bool drops;	    /* a column is dropped */
	size_t record;	    /* where the next record begins */
	size_t mark, end;   /* marks and ends that are used up */
	struct bytes text;  /* a field's text, where it is not in place */
	struct bytes made;  /* a changed value */
	struct bytes spelt; /* the same as it is written, to be looked at */
};

/* The record in hand: its bytes, its fields' ends. */
struct csv_record {
	const uint8_t *p; /* the window's */
	const uint32_t *marks;
	size_t n;
	size_t from; /* first byte */
	size_t to;   /* behind the last field */
	size_t next; /* behind its line end */
	uint64_t at; /* where in the source p[0] lies */
};

/* Field i as it stands. */
static inline struct slice
csv_field(const struct csv_record *r, size_t i)
{
	size_t from = i == 0 ? r->from : r->marks[i - 1] + 1u;
	size_t to = i + 1 == r->n ? r->to : r->marks[i];

	return (struct slice){ r->p + from, to - from };
}

/* Where r's last field and its line end, in len bytes at r->p: to, next. */
void csv_find_end(struct csv_record *r, size_t len);

/* Where writing has got to in a record. */
struct csv_pen {
	struct mask_rows *m;
	const struct csv_record *r;
	struct bytes *out;
	struct mask_row *row; /* as it was identified; of a header, NULL */
	bool first;	      /* no column of the source is written yet */
	bool header;	      /* names: those of changed columns are kept */
	struct slice subject; /* the person's key, or empty */
};

/* Does what is made of a field keep the quotes that it had? */
NEED bool csv_stays_quoted(const struct plan_field *pf, struct slice old);

/* Append the record in w, behind its item id where there is a key for it. */
NEED int csv_write_record(struct csv_pen *w, struct fault *f);

/* What the plan makes of a value, appended to out as it is. */
NEED int csv_change(struct csv_pen *w, const struct plan_field *pf,
    struct slice value, struct bytes *out, struct fault *f);

/* Tell the change record, if there is one, that cut bytes at p, in the record,
 * gave way to put others. */
NEED static inline int
csv_edit(const struct csv_pen *w, const uint8_t *p, size_t cut, size_t put,
    struct fault *f)
{
	if (w->m->change == NULL)
		return 0;
	return mask_edit_add(
	    w->m->change, w->r->at + (uint64_t)(p - w->r->p), cut, put, f);
}

/* Take the next record and show its values. */
NEED int csv_next_values(struct mask_rows *m, const struct mask_viewer *to,
    bool *end, struct fault *f);

/* csv_cut.c: row_format.cut_open, cut_next, cut_held, held_free, cut_close */
NEED int csv_cut_open(void **out, const struct mask_source *src,
    uint64_t target, struct fault *f);
NEED int csv_cut_next(
    void *cutter, struct mask_part *part, bool *more, struct fault *f);
NEED int csv_cut_held(void *cutter, void **held, struct mask_part *part,
    bool *more, struct fault *f);
void csv_held_free(void *held);
void csv_cut_close(void *cutter);

/* A field's text: without quotes, doubled ones single.  *out points into p or
 * into scratch, which is overwritten. */
NEED int csv_value(const uint8_t *p, size_t len, struct bytes *scratch,
    struct slice *out, struct fault *f);

/* Append a value as a field, in quotes if asked for or needed. */
NEED int csv_write(struct bytes *out, const void *p, size_t len, bool quoted,
    char delimiter, struct fault *f);

#endif
