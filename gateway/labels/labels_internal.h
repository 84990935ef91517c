#ifndef GATEWAY_LABELS_LABELS_INTERNAL_H
#define GATEWAY_LABELS_LABELS_INTERNAL_H

#include "gateway/labels/json_internal.h"
#include "gateway/labels/labels.h"

/*
 * Names met in label files, each kept once and known by a number from 0 in
 * the order of meeting.  A keyed hash (SipHash), since strangers choose them.
 */
struct labels_names {
	char **text;
	uint32_t n, room;
	uint32_t *slots; /* 1 + number; 0 free */
	size_t nslots;
	uint8_t key[16];
};

void labels_names_init(struct labels_names *t);
void labels_names_free(struct labels_names *t);
bool labels_names_find(
    const struct labels_names *t, const char *text, size_t len, uint32_t *out);
/* Find or add.  FAULT_INPUT past max names, FAULT_SYSTEM for memory. */
NEED int labels_names_add(struct labels_names *t, const char *text, size_t len,
    size_t max, uint32_t *out, struct fault *f);

/* Room for one more element in an array that doubles; *room in elements. */
NEED int labels_grow(void **at, size_t *room, size_t n, size_t size, size_t max,
    struct fault *f);

/* What can be found; the order of the table in findings.c. */
enum labels_code {
	FOUND_MALFORMED,
	FOUND_WRONG_FORMAT,
	FOUND_WRONG_KIND,
	FOUND_TOO_MANY,
	FOUND_UNKNOWN_ITEM,
	FOUND_DUPLICATE,
	FOUND_UNKNOWN_CLASS,
	FOUND_ANNOTATOR_MISSING,
	FOUND_TIME_MISSING,
	FOUND_TIME_MALFORMED,
	FOUND_TIME_FUTURE,
	FOUND_REASON_MISSING,
	FOUND_BOX_NOT_FINITE,
	FOUND_BOX_NO_AREA,
	FOUND_BOX_OUTSIDE,
	FOUND_SPAN_EMPTY,
	FOUND_SPAN_OUTSIDE,
	FOUND_SPAN_OVERLAP,
	FOUND_SIZE_DIFFERS,
	FOUND_IMAGE_UNKNOWN,
	FOUND_SAME_BOX,
	FOUND_ANNOTATOR_UNKNOWN,
	FOUND_TIME_UNKNOWN,
	FOUND_SIZE_UNKNOWN,
	FOUND_ROUNDED,
	FOUND_IGNORED,
	FOUND_BYTE_ORDER_MARK,
	FOUND_OPEN_ITEM,
	FOUND_CODES
};

struct labels_found {
	struct labels_finding finding;
	enum labels_code code;
	char *item, *message; /* owned */
};

struct labels_held_item {
	struct labels_item item;
	char *type;	/* owned */
	uint32_t first; /* answer; set by labels_settle() */
	bool listed;	/* a picture of that id stood in a COCO file */
};

struct labels_held_answer {
	struct labels_answer answer;
	size_t first; /* part */
};

struct labels {
	struct labels_contract contract;
	enum labels_kind kind;
	bool settled;

	struct labels_names items, annotators, classes, files;
	struct labels_held_item *item;
	size_t nitems, items_room;

	struct labels_held_answer *answer;
	size_t nanswers, answers_room;
	struct labels_box *boxes;
	struct labels_span *spans;
	size_t nparts, parts_room;

	struct labels_found *found;
	size_t nfound, found_room;
	size_t by_code[FOUND_CODES];
	bool no_memory; /* a finding could not be kept */
	uint32_t file;	/* being read */
};

/* Record a finding about an item (text as the vendor wrote it, or NULL). */
void labels_find(struct labels *l, enum labels_code code, uint32_t line,
    const char *item, const char *fmt, ...) PRINTF(5, 6);
enum labels_severity labels_code_severity(enum labels_code code);
const char *labels_code_name(enum labels_code code);
/* The vendor's text, made printable and cut, into out. */
#define LABELS_SHOWN_CHARS 60u
const char *labels_shown(
    char out[LABELS_SHOWN_CHARS + 1], const char *text, size_t len);

/* The class's number, or a finding (and false) when the list is closed. */
bool labels_class_of(struct labels *l, const char *name, size_t len,
    const char *item, uint32_t line, uint32_t *out);

/*
 * One answer on its way in.  The readers fill it; labels_put() judges it and
 * keeps it if nothing is wrong.  Reused from answer to answer.
 */
struct labels_draft {
	char item[LABELS_ID_MAX + 1];
	char annotator[LABELS_NAME_MAX + 1];
	char reason[LABELS_REASON_MAX + 1];
	bool has_annotator;
	bool tolerant; /* COCO: who and when may be unknown, with a warning */
	bool silent;   /* nobody's answer: silence counts as one */
	bool bad;      /* already found wrong: not kept */
	bool rounded;
	int64_t at; /* 0: not said */
	enum labels_state state;
	enum labels_kind kind; /* LABELS_ANY for a state line */
	uint32_t class;
	uint32_t line;
	struct labels_box *boxes;
	struct labels_span *spans;
	size_t nparts, boxes_room, spans_room;
};
void labels_draft_reset(struct labels_draft *d);
void labels_draft_free(struct labels_draft *d);
NEED int labels_draft_box(
    struct labels_draft *d, const struct labels_box *box, struct fault *f);
NEED int labels_draft_span(
    struct labels_draft *d, const struct labels_span *span, struct fault *f);
NEED int labels_put(struct labels *l, struct labels_draft *d, struct fault *f);

/* A time as written, with a finding when it is none; 0 is then the time. */
int64_t labels_time_of(
    struct labels *l, const char *text, struct labels_draft *d);

/* The number of an item; adds it where the contract lets any item be. */
NEED int labels_item_of(struct labels *l, const char *id, bool *known,
    uint32_t *out, struct fault *f);

NEED int labels_read_jsonl(struct labels *l, int fd, struct fault *f);
NEED int labels_read_coco(struct labels *l, int fd, struct fault *f);

/* Lines of a file, one at a time, in bounded memory. */
struct labels_lines {
	int fd;
	uint64_t left;
	struct bytes buffer;
	size_t start; /* of the next line in buffer */
	bool end;
	uint32_t line; /* number of the line given last */
	bool too_long; /* it was over LABELS_LINE_MAX, and is passed over */
};
NEED int labels_lines_open(struct labels_lines *r, int fd, struct fault *f);
/* *more is false at the end; the line is good until the next call. */
NEED int labels_lines_next(struct labels_lines *r, const uint8_t **line,
    size_t *len, bool *more, struct fault *f);
void labels_lines_free(struct labels_lines *r);

/* Buffered writing to a descriptor. */
struct labels_sink {
	int fd;
	struct bytes buffer;
};
void labels_sink_init(struct labels_sink *s, int fd);
/* Write out what is held once it is much, or all of it at the end. */
NEED int labels_sink_spill(struct labels_sink *s, struct fault *f);
NEED int labels_sink_end(struct labels_sink *s, struct fault *f);
NEED int labels_sink_text(
    struct labels_sink *s, const char *text, struct fault *f);
/* A JSON string, RFC 8785. */
NEED int labels_sink_string(
    struct labels_sink *s, const char *text, struct fault *f);
NEED int labels_sink_decimal(struct labels_sink *s, int64_t v, struct fault *f);

/*
 * Comparing answers by a metric.  class_map turns the second one's classes
 * into the first one's, or UINT32_MAX; NULL where they are the same.  work
 * counts steps, since a stranger chooses how many boxes there are to pair and
 * by how many annotators: about ten seconds' worth, then FAULT_INPUT.
 */
#define LABELS_WORK_MAX ((uint64_t)1 << 33)

/* Has it a box or span that is compared?  Two answers without are wholly alike,
 * one without and one with not at all. */
bool labels_takes_part(const struct labels_answer *a);

struct labels_compare {
	enum labels_metric metric;
	const uint32_t *class_map;
	uint64_t work;
};

/* Are sets of these kinds scored by that metric?  FAULT_INPUT says for what it
 * is. */
NEED int labels_metric_fits(enum labels_metric metric, enum labels_kind a,
    enum labels_kind b, struct fault *f);

/* v, cut to [0,1]. */
double labels_clamp(double v);

/* How alike two answers on one item are, 0 to 1 (labels.h). */
NEED int labels_alike(struct labels_compare *c, const struct labels_answer *a,
    const struct labels_answer *b, double *out, struct fault *f);

/* The one-to-one pairs of rows and columns with the greatest sum of gains;
 * pair[r] gets the column of row r.  rows <= columns, gain[r * columns + c]
 * from 0 up. */
NEED int labels_assign(const double *gain, size_t rows, size_t columns,
    size_t *pair, struct fault *f);

/* Set every item's first answer, the answers being in order. */
void labels_index(struct labels *l);

#endif
