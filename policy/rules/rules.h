#ifndef POLICY_RULES_RULES_H
#define POLICY_RULES_RULES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"
#include "keys/base/wire.h"
#include "policy/legal/legal.h"
#include "policy/transform/transform.h"

struct detect_custom; /* policy/detect */

/*
 * The policy language and the plan.
 *
 * A policy (docs/POLICY.md) is the owner's YAML.  Its rules meet the real
 * shape of a file, as a reader of gateway/mask found it, in policy_decide();
 * the result, a file plan, has exactly one decision for every field, and from
 * there on nobody consults a rule.  What no rule names is refused.
 *
 * Nothing here opens a file: policy text and shapes come as bytes, and plans
 * leave as bytes for the worker processes.
 */

/* Ceilings.  A policy is written and read by people: these are ten times what
 * the largest we can imagine needs, and keep a hostile one harmless. */
#define POLICY_BYTES_MAX (1024u * 1024)
#define POLICY_NODES_MAX 65536u	 /* scalars, lists and maps together */
#define POLICY_DEPTH_MAX 12u	 /* deepest use now is 7 */
#define POLICY_TEXT_MAX 4096u	 /* one scalar */
#define POLICY_NAME_CHARS 32u	 /* project, vendor, agreement */
#define POLICY_CLASSES_MAX 4096u /* Open Images has 600 */
#define POLICY_GLOB_MAX 1024u	 /* bytes of a pattern */

/* Fields of one file.  Wide tables have thousands of columns; JSON with keys
 * made of data can have any number of paths, and is refused past this. */
#define SHAPE_FIELDS_MAX 65536u
#define SHAPE_NAME_MAX 4096u /* bytes of one column name or path */

enum file_type {
	TYPE_CSV,
	TYPE_JSON,
	TYPE_JSONL,
	TYPE_TEXT,
	TYPE_JPEG,
	TYPE_PNG,
	TYPE_DICOM
};
#define FILE_TYPES 7u

/* "csv", "json" ... as the policy spells them. */
const char *file_type_name(enum file_type type);

/* What a field of one is called: "column", "attribute" or "path". */
const char *file_type_field(enum file_type type);

/* A delimiter as policies name it: "semicolon"; "auto" for 0. */
const char *delimiter_name(char delimiter);

/* Texts that a policy lists; owned.  As a message, and back: at most max of
 * SHAPE_NAME_MAX bytes each, added to what *n has. */
struct names {
	char **at;
	size_t n;
};
NEED int names_put(struct bytes *b, const struct names *n, struct fault *f);
NEED int names_take(
    struct reader *r, size_t max, struct names *n, struct fault *f);
void names_free(struct names *n);

/*
 * A JSON path, compiled: what leads from the top of a document to a value, or
 * as a pattern to any number of them (RFC 9535: names, wildcards, indices and
 * descendants).
 */
enum path_kind {
	PATH_NAME,   /* the member of that name */
	PATH_ANY,    /* pattern: any member or element; in a shape or plan: an
			element that no index of the rule names */
	PATH_ELEMENT /* an element by its number */
};
#define PATH_NO_FRONT (-1)
#define PATH_NO_BACK 0
struct path_step {
	enum path_kind kind;
	bool deep;	  /* pattern: there or anywhere below, ".." */
	uint32_t at, len; /* PATH_NAME: in names; it may hold a NUL */
	int32_t front;	  /* PATH_ELEMENT: from 0, or PATH_NO_FRONT */
	int32_t back;	  /* -1 is the last, or PATH_NO_BACK; of a pattern one
			     of the two, of a place maybe both */
};
struct path {
	struct path_step *steps;
	size_t n, room;
	struct bytes names;
	bool below; /* ".**": the place and all below it */
};

/* Steps of a pattern: a bit each.  JSON that people name goes ten deep. */
#define PATH_STEPS_MAX 63u
/* Patterns of one rule that end in an index. */
#define APART_MAX 4096u
/* Steps of a place; readers follow 512. */
#define PATH_DEPTH_MAX 1024u
/* An index from the front or the end; a bound where 32 bits end. */
#define PATH_INDEX_MAX 1000000000

/* One line under columns:, fields: or tags:. */
struct field_rule {
	char *name;	  /* a column, an attribute, or a canonical path without
			     its ".**" */
	struct path path; /* json, jsonl: the same, compiled */
	bool below;	  /* the path ended in .** */
	bool whole; /* decides whatever lies at name, containers included */
	struct transform how;
};

/* What one item is, by item: of a file rule. */
enum item_unit {
	ITEM_EACH = 0, /* a row of csv and jsonl, any other file by itself */
	ITEM_FILE,     /* csv, jsonl: the file */
	ITEM_FOLDER,   /* all such files that lie in one folder */
	ITEM_SERIES,   /* dicom: all of one Series Instance UID */
	ITEM_STUDY     /* dicom: all of one Study Instance UID */
};

/* One entry of files:. */
struct file_rule {
	char *match; /* the glob */
	uint32_t line;
	char *exclude; /* why the file stays behind, or NULL */
	enum file_type type;
	bool header;	/* csv: the first record names the columns */
	char delimiter; /* csv; 0: the reader finds it in the header */
	bool may_miss;	/* missing: allow */
	bool drop_metadata;
	/* dicom: the basic profile's line and its options, DICOM_RETAIN_ bits;
	 * how dates are moved where one of them says so; that what is written
	 * in the pictures was looked for */
	uint32_t profile_line;
	uint8_t options;
	struct transform dates;
	bool burned_in;
	enum item_unit unit;
	char *item_id;	       /* a column or path, or NULL */
	struct path item_path; /* the path, compiled */
	uint32_t item_line;
	/* columns, paths or attributes (each by its dicom_name()); of text one
	 * without a name, unless it is kept */
	struct field_rule *fields;
	size_t nfields;
	uint32_t fields_line; /* where the map of columns or paths begins */
	/* json, jsonl: patterns that end in an index, each once, of this
	 * rule's paths and keys: elements that a shape and a plan have to
	 * tell apart */
	struct names apart;
};

enum label_kind { LABEL_CLASS, LABEL_BOXES, LABEL_SPANS };
enum golden_metric { GOLDEN_ACCURACY, GOLDEN_MEAN_IOU };

/* What the vendor is to answer, and what counts as good enough. */
struct label_contract {
	bool given; /* the policy has labels: */
	enum label_kind kind;
	struct names classes;
	bool unanswered_negative; /* unanswered: negative */
	bool golden;
	enum golden_metric metric;
	uint32_t pass; /* millionths: 0.8 is 800000 */
};
const char *label_kind_name(enum label_kind kind);
const char *golden_metric_name(enum golden_metric metric);

/* How it is told whom a row, a document or a whole file is about. */
enum subject_by {
	SUBJECT_FIELD, /* a column or path in the file */
	SUBJECT_PATH,  /* a part of the file's path */
	SUBJECT_REF    /* the subject of the rows that name it by item_ref */
};
#define SUBJECT_SIGN "{subject}"
struct subject_rule {
	char *file; /* a glob */
	enum subject_by by;
	char *pattern; /* SUBJECT_PATH: as written, with SUBJECT_SIGN */
	char *field;   /* else NULL: a column, or with path a canonical path */
	bool path;
	struct path where; /* the path, compiled */
	bool may_miss;	   /* missing: allow: a dataset may have no such file */
	uint32_t line;
};

/*
 * What is measured before it leaves (policy/risk), in all files that one
 * pattern matches together, and what it has to meet.
 */
#define POLICY_QUASI_MAX 16u /* RISK_QUASI_MAX, RISK_SENSITIVE_MAX */
#define POLICY_RISK_RULES_MAX 64u
#define POLICY_MILLION 1000000u

enum risk_field_role { FIELD_QUASI, FIELD_EQUAL, FIELD_ORDERED };
struct risk_field {
	char *name; /* a column, or a path as written */
	char *path; /* in canonical form, or NULL where it is none */
	uint32_t line;
	enum risk_field_role role; /* sensitive ones by their distance */
	struct transform *levels;  /* of a quasi-identifier, finest first */
	size_t nlevels;
};

/* The largest share that may be, in millionths; RISK_ANY: any. */
enum risk_share {
	SHARE_UNIQUE,
	SHARE_PROSECUTOR,
	SHARE_JOURNALIST,
	SHARE_MARKETER,
	SHARE_SUPPRESSED, /* of the rows; 0: none, which is the default */
	RISK_SHARES
};
#define RISK_ANY UINT32_MAX
extern const char *const risk_share_words[]; /* NULL-ended */

enum risk_loss { LOSS_GRANULARITY, LOSS_DISCERNIBILITY, LOSS_ENTROPY };
extern const char *const risk_loss_words[];

/* Of whom the rows are a sample: a CSV file in the policy's folder. */
struct risk_population {
	char *file; /* NULL: there is none */
	uint8_t sha256[32];
	char
	    *count; /* the column with how many each line stands for, or NULL */
	uint32_t line;
};

struct risk_rule {
	char *file; /* a glob */
	uint32_t line;
	bool may_miss; /* missing: allow: a dataset may have no such file */
	struct risk_population population;
	struct risk_field *fields;
	size_t nfields;
	/* 0 asks nothing; numbers with a point in millionths */
	uint32_t k, l_distinct, recursive_l;
	uint64_t l_entropy, recursive_c, t;
	uint32_t share[RISK_SHARES];
	enum risk_loss loss;
};

/* detect: what a policy adds to what is looked for in texts. */
struct own_recogniser {
	char *entity;
	char *pattern;
	char *validator; /* or NULL */
	struct names context;
	uint32_t score; /* percent */
	uint32_t line;
};

/*
 * detect: dictionary: columns or paths whose values are looked for in every
 * text that is searched.  What one rule names of a record as PERSON is one
 * person's name, in parts.
 */
#define DICTIONARY_RULES_MAX 64u  /* a person wrote each */
#define DICTIONARY_FIELDS_MAX 64u /* of one rule */
enum dictionary_names {
	NAMES_PERSON,
	NAMES_ADDRESS,
	NAMES_LOCATION,
	NAMES_PHONE,
	NAMES_ID
};
#define DICTIONARY_KINDS 5u
/* "PERSON", "ADDRESS" ... by enum dictionary_names, ended by NULL. */
extern const char *const dictionary_names_words[];

struct dictionary_field {
	char *name; /* a column, or a canonical path */
	struct path path;
	enum dictionary_names names;
	uint32_t line, column;
};
struct dictionary_rule {
	char *file; /* a glob */
	bool paths; /* of fields, not columns */
	uint32_t line;
	struct dictionary_field *fields;
	size_t nfields;
};
struct detection {
	struct names allow, deny;
	struct own_recogniser *own;
	size_t nown;
	struct dictionary_rule *dictionary;
	size_t ndictionary;
};

/* Texts of a list that a person writes. */
#define DETECTION_LISTED_MAX 10000u

/*
 * What detect: says, by itself, for a command: a file with the keys allow, deny
 * and recognisers, added to *out; and a list of texts, one a line.  Faults as
 * policy_read()'s.  As a message and back; a dictionary does not travel.  *out
 * is the caller's, zeroed, to detection_free() after a failure too.
 */
NEED int detection_read(struct detection *out, const char *name, const void *p,
    size_t len, struct fault *f);
NEED int detection_lines(struct names *to, const char *name, const void *p,
    size_t len, struct fault *f);
NEED int detection_put(
    struct bytes *b, const struct detection *d, struct fault *f);
NEED int detection_take(struct reader *r, struct detection *d, struct fault *f);
void detection_free(struct detection *d);

/* As detect_options has it, borrowing all texts; the caller
 * detection_lists_free()s *c after a failure too. */
struct detection_lists {
	const char **allow, **deny;
	const char ***contexts;
	struct detect_custom *custom;
	size_t n;
};
NEED int detection_lists_new(
    struct detection_lists *c, const struct detection *d, struct fault *f);
void detection_lists_free(struct detection_lists *c);

struct policy {
	char *name;	    /* of the policy file, as messages say it */
	uint8_t digest[32]; /* SHA-256 of the file's bytes */
	char *project;
	char *purpose;
	struct names recipients; /* vendor names */
	int64_t retention;	 /* seconds */
	char *retention_text;	 /* "90d" */
	struct names agreements; /* types that must be in force */
	bool two_approvers;	 /* approve: two */
	bool approve_given;	 /* else two for a crowd */
	bool offline;		 /* offline: allow */
	bool plan_approved;	 /* plan: approved */
	struct subject_rule *subjects;
	size_t nsubjects;
	struct file_rule *files;
	size_t nfiles;
	struct label_contract labels;
	struct detection detection;
	struct risk_rule *risks;
	size_t nrisks;
	struct names colluding;	  /* exposure: vendors taken to share */
	struct legal_terms legal; /* given or not, it has the policy's name */
};

/*
 * Read a whole policy of len bytes.  name is what messages call it, usually
 * the path given.  FAULT_INPUT "NAME:LINE:COLUMN: what", with a hint where
 * there is one; lines and columns count from 1, columns in characters.
 * On success *out is the caller's, to policy_free(); NULL is fine there.
 */
NEED int policy_read(struct policy **out, const char *name, const void *p,
    size_t len, struct fault *f);
void policy_free(struct policy *p);

/*
 * The files that a policy names (hierarchies of labels), one after the other:
 * the name, in the policy's folder, of the next that is not read yet, or NULL;
 * and its bytes.  FAULT_INPUT when they have another digest than the policy
 * says, with the right line as hint, or are no hierarchy.  A policy that still
 * wants one decides nothing about the fields in question.
 */
const char *policy_wants(const struct policy *p);
NEED int policy_give(
    struct policy *p, const void *bytes, size_t len, struct fault *f);

/* Append the policy in canonical form; read again it is the same policy, and
 * prints the same bytes. */
NEED int policy_print(
    struct bytes *out, const struct policy *p, struct fault *f);

/* Append a name as a key of a policy: plain, or in quotes where it has to be.
 */
NEED int policy_key(struct bytes *out, const char *name, struct fault *f);

/* What is allowed but surely not meant (rules never reached, weak choices),
 * one call of tell() each: "policy.yaml:12: ...". */
void policy_warnings(
    const struct policy *p, void (*tell)(void *to, const char *text), void *to);

/* May the policy's data go to this vendor?  FAULT_POLICY when recipients: does
 * not name it. */
NEED int policy_permits(
    const struct policy *p, const char *vendor, struct fault *f);

/*
 * Refusals, collected so that one run names many.  A list of max 0 collects
 * none.  total counts those past max too.
 */
struct refusals {
	struct fault *at;
	size_t n;
	size_t max;
	uint64_t total;
};
NEED int refusals_init(struct refusals *r, size_t max, struct fault *f);
void refusals_free(struct refusals *r);

/*
 * A detect action that finds in a text whatever the policy's own ones could:
 * every entity, its lists and recognisers, and what is doubtful.  For looking
 * for what is left in texts that leave.  The caller transform_free()s *out,
 * after a failure too.
 */
NEED int policy_search(
    const struct policy *p, struct transform *out, struct fault *f);

/*
 * Formats that nothing here reads: a spreadsheet, a database, what is
 * compressed; and a command that makes of one what is read.  By the ending of a
 * path, or by the first bytes of the file, of which FOREIGN_BYTES are enough;
 * NULL for any other.
 */
struct foreign {
	const char *what;    /* "an Excel workbook" */
	const char *endings; /* "xlsx xls", without dots */
	const char *to;	     /* "CSV" */
	const char *convert;
};
#define FOREIGN_BYTES 4096u
const struct foreign *foreign_by_name(const char *path);
const struct foreign *foreign_called(const char *what); /* by its what */
const struct foreign *foreign_by_bytes(const uint8_t *p, size_t len);
/* The command for that file as the fault's hint.  Always returns -1. */
int foreign_hint(const struct foreign *x, const char *path, struct fault *f);

/* What is in a field anywhere in the file. */
#define HOLDS_VALUE 1u /* a scalar that is not null */
#define HOLDS_NULL 2u
#define HOLDS_EMPTY 4u /* an object or array without members */

/*
 * The shape of a file: what a reader of its format found in it.
 *   csv    the columns, in order ("1", "2" ... without a header)
 *   json   every distinct canonical path (below) of a scalar, a null or an
 *          empty container, in the order first met; jsonl the same, over all
 *          records.  Elements are told apart where file_rule.apart says so
 *   jpeg   a name for each metadata block ("Exif", "XMP", "COM" ...); png the
 *          chunk types, "tEXt:Author" with their keyword.  Not what the
 *          picture needs to be shown.
 *   dicom  the name of each attribute, once, at whatever depth it stands, as
 *          dicom_name() says it (policy/dicom)
 *   text   none; a plan that does not keep it has one field, "text"
 */
struct shape_field {
	char *name;
	uint8_t holds;
};
struct shape {
	enum file_type type;
	char delimiter; /* csv: the one in use */
	struct shape_field *fields;
	size_t nfields;
	size_t room;
};
void shape_init(struct shape *s, enum file_type type);

/* Add a field of len bytes.  FAULT_INPUT past the ceilings above, for a NUL
 * or malformed UTF-8. */
NEED int shape_add(struct shape *s, const void *name, size_t len, uint8_t holds,
    struct fault *f);
NEED int shape_put(struct bytes *b, const struct shape *s, struct fault *f);
NEED int shape_take(struct reader *r, struct shape *s, struct fault *f);
void shape_free(struct shape *s);

/*
 * Canonical JSON paths, after RFC 9535's normalized paths but short: members
 * joined by dots from the top of the document or record, "[*]" for any element
 * of an array, and ["..."] with JSON escapes for a name that is not made of
 * [A-Za-z0-9_-] and bytes over 0x7f.  The top itself is "$".
 *
 *     name    address.city    visits[*].icd    [*].name    a["x.y"].z
 *
 * Where elements are told apart, those that an index names are [0], [-1], or
 * [0,-1] for one that is both, and [*] are the others.
 *
 * A reader builds them with these: path starts as no bytes, is never ended
 * with a NUL, and is cut back by setting path->len.
 */
NEED int path_add_name(
    struct bytes *path, const void *name, size_t len, struct fault *f);
NEED int path_add_any(struct bytes *path, struct fault *f);
NEED int path_add_element(
    struct bytes *path, int32_t front, int32_t back, struct fault *f);

/*
 * Read a path as a policy writes it or as it is in its canonical form, over
 * what *out has (which starts zeroed).  FAULT_INPUT with what is wrong, in a
 * few words.  The caller path_free()s *out, after a failure too.
 */
NEED int path_read(struct path *out, const char *text, struct fault *f);
void path_free(struct path *p);

/* The text of a PATH_NAME step. */
NEED struct slice path_name(const struct path *p, const struct path_step *s);

/*
 * Follow a pattern of at most PATH_STEPS_MAX steps along a path, one step
 * after the other.  Bit k of here: the pattern's first k steps lead just
 * here; of waiting: they led to here or above it, and ".." comes next.
 * It starts at the top with { 1, the pattern's first step is deep }.
 */
struct path_state {
	uint64_t here, waiting;
};
struct path_state path_start(const struct path *pattern);
void path_follow(struct path_state *s, const struct path *pattern,
    const struct path *path, const struct path_step *step);

/* What is decided for one field. */
struct plan_field {
	char *name;
	struct transform how;
	uint16_t key; /* index into file_plan.keys, if how needs one */
	bool whole;   /* json: for all that lies at this path, containers
			 included; the reader need not look inside */
	bool hollow;  /* json: only null or empty containers are expected
			 here; anything else stops the file */
	bool inside;  /* json: lies in a whole entry, which decides; here so
			 that the item or subject key in it is read */
	bool is_item; /* json: the item's key is here */
	bool is_subject;
};

#define PLAN_NO_FIELD SIZE_MAX

/* dicom: what a plan does with the dates of its file that Table E.1-1 has, as
 * (0028,0303) says it: any that is neither kept nor gone is modified. */
enum plan_dates { DATES_REMOVED, DATES_MODIFIED, DATES_UNMODIFIED };

/*
 * The plan of one file.  csv: fields are the file's columns, one for one and
 * in order.  json, jsonl: fields sorted by name (memcmp order); a value
 * (a scalar, a null, an empty container) is decided by the entry of exactly its
 * path, or by a whole entry at a container around it, and by no other: what
 * has none, a reader refuses (FAULT_POLICY, the source changed since it was
 * planned).  jpeg, png: each block, with TRANSFORM_DROP.  dicom: each
 * attribute, sorted by name too; one that has none is refused likewise.  Its
 * decision holds wherever it stands.  TRANSFORM_KEEP of a sequence: each member
 * of its items is decided by its own entry; TRANSFORM_CONSTANT, always "": no
 * items.
 */
struct file_plan {
	char *policy;  /* the policy's name, for messages */
	uint32_t line; /* of the file rule */
	char *exclude; /* why the file stays behind, or NULL; then nothing
			  below counts */
	enum file_type type;
	bool header;
	char delimiter; /* csv: the one in use */
	bool drop_metadata;
	/* dicom: the options of the basic profile, DICOM_RETAIN_ bits; that
	 * somebody looked for what is written in the picture; its dates */
	uint8_t options;
	bool burned_in;
	enum plan_dates dates;
	bool weaker; /* dicom: a line under tags: shows what the profile and
			its options would not */
	enum item_unit unit;
	size_t item;	/* index into fields of item_id, or PLAN_NO_FIELD; of
			   several (json), the first: they have is_item */
	size_t subject; /* index into fields of the subject key, likewise */
	struct plan_field *fields;
	size_t nfields;
	struct names keys;  /* of its fields (transform_key_name), each once */
	struct names apart; /* as the rule's */
};

/* Does it search whole texts for personal data (text: detect), or refuse
 * pictures that may have text in them (burned_in: refuse)? */
NEED bool rule_searches(const struct file_rule *rule);

/* The first rule whose glob matches path (relative, '/'), or FAULT_POLICY with
 * a hint.  *out is borrowed from p.  It says how to read the file's shape. */
NEED int policy_match(const struct policy *p, const char *path,
    const struct file_rule **out, struct fault *f);

/*
 * Decide everything about the file at path.  s is its shape, or NULL when the
 * rule excludes it.  On success *out is the caller's, to file_plan_free().
 * FAULT_POLICY when anything is left undecided or the rule is not met, or when
 * the rule's columns fit the header with another delimiter too, with
 * the first refusal in f and, if more is not NULL, up to more->max of them
 * there; FAULT_INPUT when the file repeats a column; *out is then empty.
 */
NEED int policy_decide(const struct policy *p, const char *path,
    const struct shape *s, struct file_plan *out, struct refusals *more,
    struct fault *f);

NEED int file_plan_put(
    struct bytes *b, const struct file_plan *p, struct fault *f);
NEED int file_plan_take(struct reader *r, struct file_plan *p, struct fault *f);
void file_plan_free(struct file_plan *p);

/* The entry of a path in a json or jsonl plan, or NULL. */
const struct plan_field *file_plan_find(
    const struct file_plan *p, const void *path, size_t len);

/*
 * What of a file is measured by a risk rule, and where in its plan it stands:
 * one index of plan->fields for each of the rule's fields, RISK_GONE for one
 * that does not leave.  at has room for rule->nfields.  FAULT_POLICY for what
 * the file has not.
 */
#define RISK_GONE SIZE_MAX
NEED int risk_fields(const struct policy *p, const struct risk_rule *rule,
    const char *path, const struct file_plan *plan, size_t *at,
    struct fault *f);

/*
 * The plan of a rule's population, whose file has shape s: how[i] is what
 * becomes of rule->fields[i], NULL for one that does not leave.  *out is the
 * caller's, to file_plan_free(); c says where the columns are, RISK_GONE for
 * those that do not count.  FAULT_POLICY for a quasi-identifier that it has
 * not.
 */
struct population_columns {
	size_t at[2 * POLICY_QUASI_MAX]; /* of each of the rule's fields */
	size_t count;
};
NEED int population_plan(const struct policy *p, const struct risk_rule *r,
    const struct transform *const *how, const struct shape *s,
    struct file_plan *out, struct population_columns *c, struct fault *f);

/* The first risk rule for a path, or NULL. */
const struct risk_rule *risk_match(const struct policy *p, const char *path);

/* Does it ask for anything, or does it only measure? */
NEED bool risk_asks(const struct risk_rule *r);

/*
 * Which rule decides a file and its fields, and why: {"policy","file","rules":
 * [{"rule","match","verdict","why"}], "rule"?,"exclude"?,"type"?,"item_id"?,
 * "subject"?,"fields"?:[{"name","action"?,"rule"?,"undecided"?,"lines":[{"rule",
 * "name","action","verdict","why"}]}],"undecided"?,"hint"?,"dictionary"?:
 * [{"column"|"path","as","rule"}]}.  A verdict is "decides", "later" or "no
 * match".  The caller json_decref()s *out.
 * FAULT_INPUT for a field that is no path where paths are meant.
 */
struct explain_about {
	const char *path;	   /* in the dataset */
	const char *field;	   /* a column or path; NULL: all */
	const struct shape *shape; /* of the file, or NULL: not looked at */
};
NEED int policy_explain(json_t **out, const struct policy *p,
    const struct explain_about *about, struct fault *f);

/* The line that decides a field of a file under a rule, or NULL. */
const struct field_rule *policy_line(
    const struct file_rule *rule, const char *field);

/* -- Tests of a policy (docs/POLICY.md, Tests) ---------------------------- */

enum case_input { CASE_NOTHING, CASE_ROW, CASE_DOCUMENT, CASE_TEXT };
enum case_wants { CASE_GIVES, CASE_REFUSED, CASE_EXCLUDED };

struct policy_case {
	char *name, *file;
	uint32_t line;
	char *vendor; /* or NULL: that of all */
	int64_t date; /* or INT64_MIN */
	enum case_input input;
	struct names columns, values; /* of a row, pair by pair */
	char *text;		      /* a document or text */
	enum case_wants wants;
	struct names want_columns, want_values; /* of a row */
	char *want; /* a document or text, or a part of a message */
};

struct test_fact {
	char *vendor, *type;
	int64_t from, until; /* until 0: without end */
	bool known;	     /* its paper's digest is */
	uint8_t sha256[32];
};

/* A vendor as the home would know it, for legal:. */
struct test_vendor {
	char *name;
	char country[3];
	bool crowd;
};

/* A person who is made up for tests, in the place of a dataset's: values by
 * enum dictionary_names, each or NULL. */
struct test_names {
	char *subject, *value[DICTIONARY_KINDS];
};

struct policy_tests {
	char *policy; /* its file, from the folder of the tests */
	char *key;    /* what test keys are derived from */
	char *vendor;
	int64_t date;
	bool judges_facts; /* agreements: was given */
	struct test_fact *facts;
	size_t nfacts;
	struct test_vendor *vendors; /* none: the law is not judged */
	size_t nvendors;
	char *countries;	 /* a file beside the tests, or NULL */
	struct names suppressed; /* keys of persons */
	struct names files;	 /* of the dataset, for item_ref */
	bool judges_files;	 /* files: was given */
	struct policy_case *cases;
	size_t ncases;
	struct test_names *names;
	size_t nnames;
};

/* Read a file of tests, as policy_read() reads a policy. */
NEED int policy_tests_read(struct policy_tests **out, const char *name,
    const void *p, size_t len, struct fault *f);
void policy_tests_free(struct policy_tests *t);

/* Append the whole policy as English sentences, for a controller's file: lines
 * of text under headings in Markdown. */
NEED int policy_prose(
    struct bytes *out, const struct policy *p, struct fault *f);

/* Put the field and the rule that decided it in front of a fault, as in
 * `column "born" (policy.yaml:14): not a date`.  Always returns -1. */
int file_plan_at(
    const struct file_plan *p, const struct plan_field *field, struct fault *f);

/* Where a pattern leads, seen from a canonical path: nowhere near, to
 * something inside, to an object or array around it, or to it. */
enum path_reach { REACH_NOT, REACH_INSIDE, REACH_ABOVE, REACH_HERE };
NEED enum path_reach path_reach(const struct path *pattern, const char *text);

/* Does a canonical path without patterns lie strictly below another? */
NEED bool path_below(const char *path, const char *top);

/* The first subject rule for a path, or NULL; *key is the person's where the
 * path has it (inside path), else empty. */
const struct subject_rule *policy_subject(
    const struct policy *p, const char *path, struct slice *key);

/* What stands in a path where a pattern has SUBJECT_SIGN, once; false when the
 * path does not match, or there is none. */
NEED bool policy_path_subject(
    const char *pattern, const char *path, struct slice *key);

/* Does a glob match a relative path? */
NEED bool glob_matches(const char *glob, const char *path);

#endif
