#ifndef POLICY_RISK_RISK_H
#define POLICY_RISK_RISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"
#include "keys/base/wire.h"

/*
 * How easily a person is found again in rows that are to leave, and which
 * generalisation makes it hard enough.  No file, no network, no policy text:
 * a caller streams rows in and gets figures, levels and row numbers out.
 *
 *     rows --> risk_table --+
 *                           +--> risk_lattice --> risk_measure, risk_search
 *     CSV --> risk_hierarchy+
 *     held + leaving --> risk_exposure --> risk_exposure_judge
 *
 * An equivalence class is the rows whose quasi-identifiers read the same once
 * generalised.  No figure here shows that data is anonymous: that is the
 * controller's assessment.
 *
 * WHO IS COUNTED.  With subjects, persons: the size of a class is its number
 * of distinct subjects, because five rows of one person hide nobody.  In l and
 * t a person counts once too.  One who has several values of a sensitive
 * column in a class counts under the one of them that most persons there have
 * (of equals, the one that sorts first), so that the share of the commonest
 * value is the share of persons who have it, and never looks smaller.  Rows
 * without a subject count as one person together.  Without subjects, each row
 * is a person of its own.
 *
 * Messages name rows and columns, never a value.
 */

/* Ceilings.  Sixteen quasi-identifiers of sixteen levels make a vector of
 * levels that fits 64 bits; people assess five to ten. */
#define RISK_QUASI_MAX 16u
#define RISK_SENSITIVE_MAX 16u
#define RISK_LEVELS_MAX 16u
/* One value: a category, a date or a code; free text is neither. */
#define RISK_VALUE_MAX 65536u
/* Rows are numbered in 32 bits inside; at 44 bytes a row of eight columns the
 * memory ceiling is met first. */
#define RISK_ROWS_MAX 100000000u
/* What a table may hold unless its maker says otherwise. */
#define RISK_MEMORY_DEFAULT ((size_t)512 * 1024 * 1024)
/* A hierarchy's records: all postcodes of a large country. */
#define RISK_LINES_MAX 4194304u
/* Classes listed for a person to look at, and rows of each. */
#define RISK_SHOWN_CLASSES 64u
#define RISK_SHOWN_ROWS 8u
/* A lattice of so many level vectors is always searched to the end, and no
 * search looks at the classes of more. */
#define RISK_SEARCH_NODES 65536u

enum risk_role { RISK_QUASI = 0, RISK_SENSITIVE };

/* How far apart two sensitive values are, for t-closeness. */
enum risk_distance {
	RISK_EQUAL = 0, /* 1 between any two */
	RISK_ORDERED	/* numbers, by rank */
};

struct risk_column {
	const char *name; /* for messages; copied */
	enum risk_role role;
	enum risk_distance distance; /* sensitive columns */
};

/*
 * Rows, dictionary-encoded: a value is stored once per column and stands as a
 * 32-bit code in each row.  The dictionaries are keyed with SipHash-2-4
 * (libsodium, crypto_shorthash) under a key fresh in each table, so that rows
 * cannot be chosen to collide.
 */
struct risk_table;

/*
 * A table of these columns, in the order in which rows will give them; at
 * least one is a quasi-identifier.  subjects says whether rows name a person.
 * memory_max: bytes that rows and dictionaries may take, 0 for
 * RISK_MEMORY_DEFAULT; measuring takes up to about 70 bytes a row besides.
 * FAULT_USAGE for columns over the ceilings.  secret_start() came first.
 * *out is freed by risk_table_free().
 */
NEED int risk_table_new(struct risk_table **out,
    const struct risk_column *columns, size_t n, bool subjects,
    size_t memory_max, struct fault *f);
void risk_table_free(struct risk_table *t);

/*
 * Add a row: its number, as the caller will want it named, its values in the
 * order of the columns, and, in a table with subjects, who it is about (any
 * bytes; a keyed hash of 16 or more is meant; NULL or empty: nobody named).
 * The empty value is a value like any other.
 * FAULT_INPUT past a ceiling, naming the column.  A failed call leaves the
 * rows as they were.
 */
NEED int risk_table_add(struct risk_table *t, uint64_t row,
    const struct slice *subject, const struct slice *values, struct fault *f);

/*
 * Add to the population that the rows are a sample of, for the journalist and
 * marketer risks: count persons whose quasi-identifiers read so, given in the
 * order of the columns, the sensitive ones left out.
 */
NEED int risk_table_add_population(struct risk_table *t, uint64_t count,
    const struct slice *values, struct fault *f);

size_t risk_table_rows(const struct risk_table *t);

/* The distinct values of a column, 0 ... risk_table_values() - 1, in the order
 * in which they came; borrowed until the next row. */
size_t risk_table_values(const struct risk_table *t, size_t column);
struct slice risk_table_value(
    const struct risk_table *t, size_t column, size_t value);

/* Bytes held in rows and dictionaries. */
size_t risk_table_bytes(const struct risk_table *t);

/*
 * What a quasi-identifier's values become at each level.  Level 0 is the
 * value; the last level is one label for all, "*" as a rule.
 */
struct risk_hierarchy;

/*
 * Read `value<d>level 1<d>level 2...` lines: RFC 4180 with the delimiter d
 * (ARX writes `;`), LF or CRLF, quotes allowed, a UTF-8 byte order mark
 * skipped, the last line end optional.  what names it in messages.
 * FAULT_INPUT, naming the record: bad quoting, a number of levels that is not
 * the first record's, a value given twice, a level that is not a function of
 * the level below, a last level of more than one label, or past a ceiling.
 * *out is freed by risk_hierarchy_free().
 */
NEED int risk_hierarchy_read(struct risk_hierarchy **out, const char *what,
    const struct slice *text, char delimiter, struct fault *f);
void risk_hierarchy_free(struct risk_hierarchy *h);

/* Levels above 0, and values. */
unsigned risk_hierarchy_levels(const struct risk_hierarchy *h);
size_t risk_hierarchy_values(const struct risk_hierarchy *h);

/* What stands for a value at a level; false for a value it does not know.
 * *out points into h.  level is at most risk_hierarchy_levels(). */
NEED bool risk_hierarchy_at(const struct risk_hierarchy *h, const void *value,
    size_t len, unsigned level, struct slice *out);

/*
 * A table whose rows are all there, and what each value becomes at each level
 * of each quasi-identifier.
 */
struct risk_lattice;

/*
 * hierarchies: one per quasi-identifier in the columns' order, borrowed for
 * this call alone; NULL for one without, which then has two levels, the value
 * and "*".  t is borrowed until risk_lattice_free() and takes no more rows.
 * FAULT_INPUT naming row and column: a value that its hierarchy does not know,
 * or in a RISK_ORDERED column what is no decimal number ([-]digits[.digits],
 * up to 18 each; the empty value ranks below all).  FAULT_USAGE when there are
 * no rows.
 */
NEED int risk_lattice_new(struct risk_lattice **out, struct risk_table *t,
    const struct risk_hierarchy *const *hierarchies, struct fault *f);
void risk_lattice_free(struct risk_lattice *x);

/* Levels of a quasi-identifier above 0. */
unsigned risk_lattice_levels(const struct risk_lattice *x, size_t quasi);

/*
 * What is asked of every class; 0 asks nothing.  All sensitive columns are
 * held to the same.  Entropies and distances are compared with a tolerance of
 * 1e-9, so that a class of exactly l equal parts passes.
 */
struct risk_thresholds {
	uint32_t k; /* at least k persons (Sweeney 2002) */
	/* at least so many in the population, or F = f where that is larger
	 * (see risk_chances); not looked at by a search */
	uint32_t k_population;
	uint32_t l_distinct; /* at least l values */
	/* exp(entropy) >= l: Machanavajjhala et al., TKDD 1(1), 2007,
	 * Definition 4.1 */
	double l_entropy;
	/* r1 < c (rl + ... + rm): same, Definition 4.2; both or neither */
	double recursive_c;
	uint32_t recursive_l;
	/* distance from the whole table at most t: Li, Li and
	 * Venkatasubramanian, ICDE 2007.  The whole table is that of all rows,
	 * the suppressed ones too. */
	double t;
	/* Rows of classes that fail may be left out, up to the larger of a
	 * number and a share of all rows. */
	uint64_t suppress_rows;
	double suppress_share;
};

/* Why a class fails; bits. */
#define RISK_FAILS_K 1u
#define RISK_FAILS_DISTINCT 2u
#define RISK_FAILS_ENTROPY 4u
#define RISK_FAILS_RECURSIVE 8u
#define RISK_FAILS_T 16u
#define RISK_FAILS_POPULATION 32u

enum risk_metric {
	/*
	 * Granularity (Iyengar, KDD 2002, section 3, LM): of a generalised
	 * value under which M' of a hierarchy's M values lie, (M' - 1) /
	 * (M - 1); a suppressed row counts 1.  Mean over rows and
	 * quasi-identifiers.  Without a hierarchy, M is the number of values
	 * in the table.
	 */
	RISK_GRANULARITY = 0,
	/*
	 * Discernibility (Bayardo and Agrawal, ICDE 2005, section 2.2): the
	 * sum of E * E over kept classes of E rows and N * E over suppressed
	 * ones; divided by N * N.
	 */
	RISK_DISCERNIBILITY,
	/*
	 * Non-uniform entropy (de Waal and Willenborg, Netherlands Official
	 * Statistics 14, 1999; Gionis and Tassa, TKDE 21(2), 2009): the sum
	 * over rows and quasi-identifiers of -log(n(x) / n(x')), where n
	 * counts rows that have the value x, or its generalisation x', in the
	 * whole table; a suppressed row counts as if x' were "*".  Divided by
	 * that sum with all at "*"; 0 where that is 0.
	 */
	RISK_ENTROPY,
	RISK_METRICS
};

/*
 * The chance that a row is linked to its person, by who tries (El Emam and
 * Dankar, JAMIA 15(5), 2008; averages: El Emam, Guide to the De-Identification
 * of Personal Health Information, 2013, chapter 16).  With f the size of a
 * class here, F in the population, J classes and n persons counted:
 *     prosecutor, who knows that the target is here:  1 / min f,  J / n
 *     journalist, who does not:  1 / min F,
 *                                max(J / sum F, (1 / n) sum f / F)
 *     marketer, who links all that can be:  (1 / n) sum f / F
 * A person whose rows are in two classes is counted in both.  Without a
 * population F = f: an upper bound for the journalist and the marketer.  Where
 * the population has fewer than f, F = f too.
 */
struct risk_chances {
	double prosecutor_highest;
	double prosecutor_average;
	double journalist_highest;
	double journalist_average;
	double marketer;
	bool population; /* were F known? */
};

/* The worst class, of one sensitive column. */
struct risk_spread {
	uint32_t distinct; /* fewest values */
	double entropy;	   /* least exp(entropy): "l" as a real number */
	/* largest r1 / (rl + ... + rm), at recursive_l or 2; infinite where
	 * fewer than l values are */
	double recursive;
	double closeness; /* largest distance from the whole table */
};

/* A class that fails: sizes and row numbers, no values. */
struct risk_class {
	uint64_t rows;
	uint64_t persons;
	unsigned fails;			 /* RISK_FAILS_ bits */
	uint64_t first[RISK_SHOWN_ROWS]; /* its first rows' numbers */
};

struct risk_size {
	uint64_t persons; /* in a class */
	uint64_t classes; /* so large */
};

struct risk_report {
	uint64_t rows;
	uint64_t persons; /* distinct, in the whole table */
	uint64_t classes;
	uint64_t k;	  /* the smallest class */
	uint64_t largest; /* the largest */
	uint64_t unique;  /* classes of one person */
	/* persons alone in their class, of persons counted by class */
	double uniqueness;
	struct risk_chances chances;
	struct risk_spread spread[RISK_SENSITIVE_MAX];
	size_t nspread;
	struct risk_size *sizes; /* the histogram, rising; owned */
	size_t nsizes;

	/* What failed: the classes that do, of them the smallest to show, and
	 * every row of theirs by number, rising; owned. */
	uint64_t failing;
	struct risk_class shown[RISK_SHOWN_CLASSES];
	size_t nshown;
	uint64_t *suppress;
	size_t nsuppress;
	/* Are the thresholds met, once those rows are left out?  Not when they
	 * are too many, nor when no row is left. */
	bool met;
	double loss[RISK_METRICS]; /* with those rows counted as suppressed */
};

/*
 * Measure the classes at levels[quasi-identifiers].  Figures are of the whole
 * table, before anything is suppressed.
 * FAULT_USAGE for a level that is not there or thresholds out of range,
 * FAULT_SYSTEM for memory.  On success *out is freed by risk_report_free();
 * on failure it is empty.
 */
NEED int risk_measure(struct risk_report *out, const struct risk_lattice *x,
    const uint8_t *levels, const struct risk_thresholds *want, struct fault *f);
void risk_report_free(struct risk_report *r);

struct risk_goal {
	struct risk_thresholds want;
	enum risk_metric metric;	 /* loses least by this */
	uint8_t lowest[RISK_QUASI_MAX];	 /* levels that may be chosen */
	uint8_t highest[RISK_QUASI_MAX]; /* 0 for the top; see fixed */
	bool fixed[RISK_QUASI_MAX];	 /* stays at lowest */
	uint64_t nodes_max;		 /* 0: RISK_SEARCH_NODES */
};

struct risk_choice {
	uint8_t levels[RISK_QUASI_MAX];
	double loss[RISK_METRICS];
	uint64_t suppressed; /* rows */
	uint64_t nodes;	 /* level vectors in the lattice; UINT64_MAX: more */
	uint64_t looked; /* of which the classes were computed */
	/* Was it shown that no vector loses less?  Always, in a lattice of up
	 * to nodes_max vectors; beyond, when the search happened to end. */
	bool exact;
};

/*
 * Full-domain generalisation: the level vector that meets the thresholds and
 * loses least; of equals, the one that was found first, which is always the
 * same one.
 *
 * Best first by a lower bound of the loss that never falls as levels rise.  A
 * vector that fails beyond what may be suppressed proves the same of every
 * finer one, and they are not looked at, where what fails is monotone class by
 * class: k always, l_distinct where no subject has two rows; and, where no row
 * may be suppressed and no subject has two rows, the entropy and recursive l
 * and t as well (TKDD 2007, Theorem 4.3 and section 4.2; ICDE 2007, Property
 * 1).  With suppression these are not monotone: a class left out on one level
 * can pull down a good one that it joins on the next.
 *
 * FAULT_POLICY when nothing meets the thresholds, or, beyond nodes_max,
 * nothing looked at; FAULT_USAGE for levels that are not there.
 */
NEED int risk_search(struct risk_choice *out, const struct risk_lattice *x,
    const struct risk_goal *goal, struct fault *f);

/*
 * Exposure over time: classes over what one receiver will hold of each
 * subject, the union of what it has and what is about to leave.
 *
 * One thing held is an attribute, a level and a value's keyed hash.  Two
 * subjects are in one class when the receiver holds just the same of both, of
 * attributes that are quasi-identifiers.  This is the worst case: somebody of
 * whom less is held might be anybody of whom more is, and is not counted so.
 * An attribute held at two levels, or with two values, is held twice.
 * Sensitive attributes go to l and t, by equal distance: hashes have no order.
 */
struct risk_exposure;

struct risk_held {
	uint16_t attribute; /* the caller's number, below nattributes */
	uint8_t level;
	const void *value; /* RISK_HASH_BYTES of a keyed hash */
};
#define RISK_HASH_BYTES 32u
#define RISK_ATTRIBUTES_MAX 1024u

/* Is attribute i sensitive?  At most RISK_SENSITIVE_MAX are.  memory_max as
 * for a table.  *out is freed by risk_exposure_free(). */
NEED int risk_exposure_new(struct risk_exposure **out, const bool *sensitive,
    size_t nattributes, size_t memory_max, struct fault *f);
void risk_exposure_free(struct risk_exposure *e);

/* A row about to leave, in any order of subjects; subject is a keyed hash of
 * RISK_HASH_BYTES. */
NEED int risk_exposure_add(struct risk_exposure *e, uint64_t row,
    const void *subject, const struct risk_held *items, size_t n,
    struct fault *f);

/*
 * What the receiver holds already, one thing a call, in rising order of
 * subjects (memcmp): as `SELECT ... ORDER BY subject` gives it, of one vendor
 * or of a group that is taken to share.  next sets *more to false at the end.
 * What it points to need stay only until the next call.
 */
struct risk_holdings {
	int (*next)(void *from, const void **subject, struct risk_held *item,
	    bool *more, struct fault *f);
	void *from;
};

/*
 * Judge the union.  held may be NULL: nothing is.  Memory grows with subjects
 * and distinct things held, not with what is read.
 * In *out, persons are the subjects and rows the lines of (subject, sensitive
 * value) that were judged; suppress has the rows about to leave, of subjects
 * whose class fails, and shown[].first those of a class's first lines.  A class
 * may fail and have none: classes are of everybody, also of those to whom
 * nothing is added, who are left when others are told apart.  met counts lines
 * against what may be suppressed; leaving rows out changes the classes of the
 * rest, so judge again without them.  loss is 0.  May be called once.
 * FAULT_INPUT for subjects out of order, attributes unknown or past the memory
 * ceiling; FAULT_USAGE when nothing is held or leaves.
 */
NEED int risk_exposure_judge(struct risk_report *out, struct risk_exposure *e,
    const struct risk_holdings *held, const struct risk_thresholds *want,
    struct fault *f);

#endif
