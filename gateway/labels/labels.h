#ifndef GATEWAY_LABELS_LABELS_H
#define GATEWAY_LABELS_LABELS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"

/*
 * What a vendor sends back: one return's label files in, a judged set of
 * labels and a list of findings out.
 *
 *     contract, items --> labels_new, labels_add_item
 *     label files     --> labels_read (JSONL or COCO), any number
 *                         labels_settle --> verdict, counts, findings
 *     the owner's side    labels_score, labels_agree, labels_join,
 *                         labels_write_jsonl, labels_write_coco
 *
 * There are no keys, no network and no paths here: functions take descriptors
 * that the caller opened, so that a process that owns nothing can run them.
 * What a vendor wrote wrongly is a finding, never a fault; a fault means that
 * reading could not go on (disk, memory, a limit on the owner's own lists).
 *
 * Each item is in one state: open (nobody said anything), answered, answered
 * empty (somebody said that there is nothing), skipped with a reason.  An item
 * without annotations is open: it is never taken as a negative unless the
 * return says so, or the contract does (unanswered_is_negative: pictures that a
 * COCO file lists and has no annotation of, and in a return that says it is
 * complete every item that nobody spoke of).
 *
 * The formats are described in docs/FORMATS.md, "Labels".
 */
struct labels;

/* An item's id as sent: characters [a-z2-7]. */
#define LABELS_ITEM_CHARS 26u

/*
 * Ceilings on what a return can make us hold, each with its reason.
 */
/* A label file.  COCO of a million pictures with ten boxes each and no
 * segmentation is about half of it. */
#define LABELS_FILE_MAX ((uint64_t)1 << 30)
/* A JSONL line: LABELS_PARTS_MAX boxes at 1 KiB, what no tool writes. */
#define LABELS_LINE_MAX ((size_t)4 << 20)
/* Boxes or spans in one answer: crowd scenes have hundreds. */
#define LABELS_PARTS_MAX 4096u
/* Boxes or spans in one return: 192 MiB of memory. */
#define LABELS_ALL_PARTS_MAX ((size_t)4 << 20)
/* Items of a batch, and answers (items times annotators) of a return. */
#define LABELS_ITEMS_MAX ((size_t)4 << 20)
#define LABELS_ANSWERS_MAX ((size_t)8 << 20)
/* Annotators: more than any team; the memory of their names. */
#define LABELS_ANNOTATORS_MAX 65536u
/* Classes: ImageNet-21k has 21,841. */
#define LABELS_CLASSES_MAX 32768u
/* Bytes of a class or an annotator's name, of an item's or original id (a
 * path), of a reason. */
#define LABELS_NAME_MAX 256u
#define LABELS_ID_MAX 4096u
#define LABELS_REASON_MAX 1000u
/* Findings kept in full, of one code; all are counted. */
#define LABELS_FINDINGS_MAX 200u
/* How far into the future a time may lie: clocks differ. */
#define LABELS_SKEW_SECONDS 300

/*
 * Coordinates are exact decimals: whole numbers of 10^-9 pixel.  A file may
 * write more digits; they are rounded, half away from zero, and a note says
 * so.  Origin: the upper left corner of the upper left pixel; a picture of
 * width 10 reaches from x = 0 to x = 10.
 */
#define LABELS_PIXEL INT64_C(1000000000)
/* Pictures up to 2^31-1 pixels a side, so that sums stay in 64 bits. */
#define LABELS_SIDE_MAX 2147483647u

enum labels_kind { LABELS_ANY, LABELS_CLASS, LABELS_BOXES, LABELS_SPANS };
enum labels_format { LABELS_AUTO = 0, LABELS_JSONL = 1, LABELS_COCO = 2 };
enum labels_state {
	LABELS_OPEN,
	LABELS_ANSWERED,
	LABELS_EMPTY,
	LABELS_SKIPPED
};
enum labels_severity { LABELS_NOTE, LABELS_WARNING, LABELS_ERROR };
enum labels_verdict { LABELS_ACCEPTED, LABELS_PARTIAL, LABELS_REJECTED };

struct labels_box {
	uint32_t class;	    /* index of its name: labels_class_name() */
	bool crowd;	    /* stands for a group (COCO iscrowd) */
	int64_t x, y, w, h; /* 10^-9 pixel */
};

struct labels_span {
	uint32_t class;
	uint64_t start, end; /* code points, end is the first one after */
};

/* One annotator's word on one item. */
struct labels_answer {
	uint32_t item;
	uint32_t annotator; /* labels_annotator_name(); "" when not said */
	int64_t at;	    /* clock.h; 0 when not said */
	enum labels_state state;
	const char *reason; /* of a skip, or NULL */
	uint32_t class;	    /* LABELS_CLASS, when answered */
	uint32_t nparts;
	const struct labels_box *boxes;	 /* LABELS_BOXES, nparts of them */
	const struct labels_span *spans; /* LABELS_SPANS */
	uint32_t file;			 /* where it was read */
	uint32_t line;
};

/* What was agreed on; in the signed manifest of the batch. */
struct labels_contract {
	enum labels_kind kind; /* LABELS_ANY: as the first answer */
	unsigned formats;      /* bits of labels_format; 0: all */
	char **classes;	       /* closed list; none: every name is taken */
	size_t nclasses;
	bool unanswered_is_negative; /* see complete, and labels.h's top */
	bool complete;	/* the return says that it is: with the flag above, what
			   nobody spoke of is then answered empty */
	bool overlap;	/* spans of one answer may overlap */
	bool any_item;	/* items need not be added before: convert */
	bool anonymous; /* annotator and time may be missing: golden */
	const char *annotator; /* where a file does not say, or NULL */
	int64_t at;	       /* likewise, or 0 */
	int64_t now;	       /* later times are findings; 0: not checked */
};

/*
 * The contract as it stands in a manifest: {"kind":"boxes","classes":[...],
 * "formats":["jsonl","coco"],"unanswered":"open" or
 * "negative","overlap":false}; all but kind may be missing.  Other members (the
 * golden commitment) are left to those who know them.  FAULT_INPUT names the
 * member.  The caller frees with labels_contract_free(), which accepts a zeroed
 * contract.
 */
NEED int labels_contract_read(
    struct labels_contract *out, const json_t *o, struct fault *f);
NEED int labels_contract_write(
    const struct labels_contract *c, json_t **out, struct fault *f);
void labels_contract_free(struct labels_contract *c);

/* An item of the batch, as delivered. */
struct labels_item {
	const char *id;
	const char *type;	/* "jpeg", "png", "text" ..., or "" */
	uint32_t width, height; /* pixels; 0: unknown, or not a picture */
	bool has_chars;
	uint64_t chars; /* code points of a text */
};

/* An empty set under a contract, which is copied. */
NEED int labels_new(
    struct labels **out, const struct labels_contract *c, struct fault *f);
void labels_free(struct labels *l);

/* Expect an item.  FAULT_INPUT when its id was added before, is empty or too
 * long, or a side is over LABELS_SIDE_MAX.  Strings are copied. */
NEED int labels_add_item(
    struct labels *l, const struct labels_item *item, struct fault *f);

/* Expect the items of a JSONL list: {"item","type","width","height","chars"}
 * a line, other members ignored.  FAULT_INPUT with name:line. */
NEED int labels_read_items(
    struct labels *l, int fd, const char *name, struct fault *f);

/*
 * Read one label file from where fd stands to its end.  name is what findings
 * call it; format LABELS_AUTO looks at the first member.  A JSONL line that is
 * not understood is a finding and the next one is read; JSON of COCO that is
 * malformed ends the file, with a finding.  LABELS_AUTO needs an fd that can
 * seek.  FAULT_SYSTEM when fd cannot be
 * read or memory ends; the set is then good for labels_free() only.
 */
NEED int labels_read(struct labels *l, int fd, const char *name,
    enum labels_format format, struct fault *f);

/* After the last file: order the answers by item and annotator, find what is
 * missing.  Everything below demands a settled set. */
NEED int labels_settle(struct labels *l, struct fault *f);

enum labels_kind labels_kind(const struct labels *l);
enum labels_verdict labels_verdict(const struct labels *l);
size_t labels_nitems(const struct labels *l);
const struct labels_item *labels_item(const struct labels *l, size_t i);
enum labels_state labels_item_state(const struct labels *l, size_t i);
/* The index of an item's id; false when it is none of the set's. */
bool labels_find_item(const struct labels *l, const char *id, size_t *i);
size_t labels_nanswers(const struct labels *l);
const struct labels_answer *labels_answer(const struct labels *l, size_t i);
/* The answers on item i: the first one's index, and how many. */
size_t labels_answers_on(const struct labels *l, size_t item, size_t *first);
size_t labels_nclasses(const struct labels *l);
const char *labels_class_name(const struct labels *l, uint32_t i);
size_t labels_nannotators(const struct labels *l);
const char *labels_annotator_name(const struct labels *l, uint32_t i);

struct labels_counts {
	size_t items, open, answered, empty, skipped;
	size_t answers, annotators, parts;
	size_t errors, warnings, notes;
};
void labels_count(const struct labels *l, struct labels_counts *out);

/*
 * One thing found.  message is printable and says no more of the vendor's
 * text than a name's first characters.
 */
struct labels_finding {
	const char *code; /* "unknown-item": the list is in FORMATS.md */
	enum labels_severity severity;
	const char *file; /* as given to labels_read, or "" */
	uint32_t line;	  /* from 1; 0: the file or the return as a whole */
	const char *item; /* printable, or "" */
	const char *message;
};
size_t labels_nfindings(const struct labels *l);
const struct labels_finding *labels_finding(const struct labels *l, size_t i);

/* Verdict, counts and findings: lines of text (the first 20 findings of each
 * code), and a JSON object (all that are kept). */
NEED int labels_report_text(
    const struct labels *l, struct bytes *out, struct fault *f);
NEED int labels_report_json(
    const struct labels *l, json_t **out, struct fault *f);

const char *labels_kind_name(enum labels_kind k);
const char *labels_state_name(enum labels_state s);
const char *labels_severity_name(enum labels_severity s);
const char *labels_verdict_name(enum labels_verdict v);

/*
 * Write the answers, in the order of items and then annotators' names; what
 * labels_read() reads again as the same set.  COCO cannot hold spans:
 * FAULT_INPUT; and it holds pictures alone: items of a type that is none (csv,
 * json, jsonl, text) are left out, with their answers.
 */
NEED int labels_write_jsonl(const struct labels *l, int fd, struct fault *f);
NEED int labels_write_coco(const struct labels *l, int fd, struct fault *f);
NEED bool labels_is_picture(const struct labels_item *item);

/*
 * Where an item came from: a row of the owner's join map.  orientation is the
 * EXIF value (1 to 8; 0 for what is no picture) that was undone between the
 * stored pixels of the original and the picture that the vendor's annotators
 * saw: the delivered picture is upright.  width and height are the original's,
 * as stored.
 */
struct labels_origin {
	const char *item;
	const char *original; /* the original id */
	const char *group;    /* keyed subject group, or NULL */
	unsigned orientation;
	uint32_t width, height;
	/* Of a text: what was cut and put, in code points of the original, by
	 * rising place; lost: it was changed, and where is not known. */
	struct labels_shift *shifts;
	size_t nshifts;
	bool lost;
};
struct labels_shift {
	uint64_t at, cut, put;
};

/* A span of the text as delivered, carried over to the original: one that ends
 * within what was put in takes all that was cut for it. */
void labels_span_to_original(
    struct labels_span *span, const struct labels_shift *shifts, size_t n);

/* The join map's rows from JSONL: {"item","original","group","orientation",
 * "width","height","shifts"} a line, the last five optional, the last as "at
 * cut put,at cut put" in decimal or "?" where it is lost; other members
 * ignored. The caller frees with labels_origins_free(). */
struct labels_origins {
	struct labels_origin *at;
	size_t n;
};
NEED int labels_read_origins(
    struct labels_origins *out, int fd, const char *name, struct fault *f);
void labels_origins_free(struct labels_origins *o);

/* A box of the picture with the given stored size, carried over; there and
 * back is the same box.  Exif 2.32 (CIPA DC-008), 4.6.4, tag 0x0112. */
void labels_box_to_delivered(struct labels_box *b, unsigned orientation,
    uint32_t width, uint32_t height);
void labels_box_to_original(struct labels_box *b, unsigned orientation,
    uint32_t width, uint32_t height);

enum labels_frame { LABELS_DELIVERED, LABELS_ORIGINAL };

/*
 * A settled copy of l under the original ids, its boxes and spans as delivered
 * or in the original's own coordinates.  The caller has looked at l's verdict:
 * of a rejected set only the good answers are there.  FAULT_INPUT when an item
 * with answers has no row, two rows have the same item, a row's size is not the
 * item's, or spans of a text are to be carried whose changes are lost.
 */
NEED int labels_join(struct labels **out, const struct labels *l,
    const struct labels_origins *rows, enum labels_frame frame,
    struct fault *f);

/* groups.csv: "item,group", the original id of each row and its group. */
NEED int labels_write_groups(
    const struct labels_origins *rows, int fd, struct fault *f);

/*
 * Score of the answers on golden items.
 *
 * accuracy (class, spans): the share of answers that are the golden class, or
 * all golden spans and no other.
 * mean_iou (boxes, spans): an answer's score is the sum of IoU over its matched
 * pairs, divided by pairs plus unmatched parts on either side; 1 when both are
 * empty.  Pairs are one to one, of equal class, the assignment with the
 * greatest sum (H. W. Kuhn, "The Hungarian method", 1955; where both sides have
 * over 500 of a class, each in turn takes the best one that is free); a pair
 * must overlap.  IoU is of areas (M. Everingham et al., "The PASCAL VOC
 * challenge", 2010, section 4.2), of spans: of characters.  Crowd boxes on
 * either side take no part.
 * span_f1 (spans): 2 x equal spans / (spans of both), class and both ends
 * equal (E. Tjong Kim Sang, "CoNLL-2003"), of each answer; 1 when both empty.
 *
 * The value is the mean over answers; open and skipped golden items are only
 * counted.  Comparing has an end: FAULT_INPUT past about ten seconds' work.
 * The 95 % interval is Wilson's for accuracy (E. B. Wilson, 1927),
 * Student's t for the other two, cut to [0,1]; where all scores are equal,
 * Wilson's again, which is never too narrow for scores in [0,1] (R. Bhatia and
 * C. Davis, 2000).  No answers: value 0, interval [0,1], not passed.
 */
enum labels_metric { LABELS_ACCURACY, LABELS_MEAN_IOU, LABELS_SPAN_F1 };
struct labels_score {
	enum labels_metric metric;
	size_t golden;	 /* golden items */
	size_t open;	 /* of those, without an answer */
	size_t skipped;	 /* or skipped by all who saw them */
	size_t answered; /* the rest */
	size_t answers;	 /* scored */
	double value, low, high;
	double pass;
	bool passed; /* value >= pass */
};
/* l and golden name their items alike and are of one kind, which the metric
 * must fit: FAULT_INPUT. */
NEED int labels_score(const struct labels *l, const struct labels *golden,
    enum labels_metric metric, double pass, struct labels_score *out,
    struct fault *f);
NEED bool labels_metric_read(enum labels_metric *out, const char *name);
const char *labels_metric_name(enum labels_metric m);

/*
 * The same over the returns of a batch: of each golden item the latest word
 * counts, be it an answer or a skip.
 *
 *     labels_golden_new --> labels_golden_recall   the returns before
 *                       --> labels_golden_add      this one
 *                       --> labels_golden_score, labels_golden_write
 *
 * golden is settled, and borrowed until labels_golden_free().  Its faults and
 * those of labels_golden_add() are labels_score()'s: FAULT_INPUT from the
 * latter is about what was returned, of another kind or too much to compare,
 * and g is then good for labels_golden_free() only.
 */
struct labels_golden;
NEED int labels_golden_new(struct labels_golden **out,
    const struct labels *golden, enum labels_metric metric, struct fault *f);
NEED int labels_golden_add(
    struct labels_golden *g, const struct labels *l, struct fault *f);
void labels_golden_score(
    const struct labels_golden *g, double pass, struct labels_score *out);
void labels_golden_free(struct labels_golden *g);

/* What the return that was added says of golden items, as lines: the item's
 * number in the list, from 0, and each answer's score in billionths; none when
 * it was skipped.  Names no item. */
NEED int labels_golden_write(
    const struct labels_golden *g, int fd, struct fault *f);
/* Such lines, of one return after another, oldest first, from where fd stands.
 * FAULT_INPUT when they are not. */
NEED int labels_golden_recall(struct labels_golden *g, int fd, struct fault *f);

/*
 * Is it enough to judge by?  A return that is whole (nothing more will come) is
 * judged by the golden items that were not skipped, any other by all of them;
 * never by none, and from LABELS_GOLDEN_FEWEST on it is enough.  Ten answers
 * that are all right have a 95 % interval from 0.72 (labels_wilson()): with
 * fewer, nobody can be told from somebody who is wrong three times in ten;
 * with more, much would be taken in before it is judged.
 */
#define LABELS_GOLDEN_FEWEST 10u
enum labels_golden_verdict {
	LABELS_GOLDEN_FEW,
	LABELS_GOLDEN_PASSED,
	LABELS_GOLDEN_FAILED
};
/* How many golden items have to be answered: at least 1. */
size_t labels_golden_needed(const struct labels_score *s, bool whole);
enum labels_golden_verdict labels_golden_judge(
    const struct labels_score *s, bool whole);
/* "too few to judge", "passed", "failed". */
const char *labels_golden_name(enum labels_golden_verdict v);

/* Wilson's interval for a mean of n scores in [0,1], 95 %. */
void labels_wilson(double mean, size_t n, double *low, double *high);
/* Student's two-sided 95 % quantile for df degrees of freedom, df > 0. */
double labels_student(double df);

/*
 * Agreement among annotators.
 *
 * alpha: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011),
 * by the coincidence matrix; missing ratings are left out, and units rated
 * once.  percent: agreeing pairs of ratings on the same unit, of all pairs.
 * kappa: J. Cohen (1960), when there are exactly two annotators, over the
 * units that both rated.  A value that is undefined (no pair, or no variation
 * at all) is not given: has_... is false.
 * For boxes and spans, alike is the mean over pairs of answers on the same
 * item of the score above (mean_iou, span_f1), and there is no alpha.
 */
enum labels_level {
	LABELS_NOMINAL,
	LABELS_ORDINAL,
	LABELS_INTERVAL,
	LABELS_RATIO
};
struct labels_agreement {
	size_t annotators;
	size_t units; /* rated at least twice */
	size_t pairs;
	bool has_alpha, has_percent, has_kappa, has_alike;
	double alpha, percent, kappa, alike;
};
/* One annotator's value for one unit; at most one each.  The array is sorted
 * by the call.  FAULT_INPUT for more than 2,048 distinct values. */
struct labels_rating {
	uint32_t unit, annotator;
	double value;
};
NEED int labels_agree_ratings(struct labels_rating *ratings, size_t n,
    enum labels_level level, struct labels_agreement *out, struct fault *f);
/* Of a settled set.  Above LABELS_NOMINAL class names must be numbers:
 * FAULT_INPUT. */
NEED int labels_agree(const struct labels *l, enum labels_level level,
    struct labels_agreement *out, struct fault *f);
NEED bool labels_level_read(enum labels_level *out, const char *name);

#endif
