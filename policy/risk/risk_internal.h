#ifndef POLICY_RISK_RISK_INTERNAL_H
#define POLICY_RISK_RISK_INTERNAL_H

#include <sodium.h>

#include "policy/risk/risk.h"

#define RISK_NONE UINT32_MAX
/* Entropies and distances this close are equal; see risk_thresholds. */
#define RISK_CLOSE 1e-9

/* Bytes held, against a ceiling that several owners share. */
struct risk_budget {
	size_t used;
	size_t max;
};

/* Grow *p, of *room elements of size bytes each, to hold want of them, by
 * half as much again; counted in b.  FAULT_INPUT past the ceiling. */
NEED int risk_grow(struct risk_budget *b, void *p, size_t *room, size_t want,
    size_t size, struct fault *f);

/* Values <-> codes 0, 1, 2 ... in the order in which they came. */
struct risk_dict {
	struct risk_budget *budget;
	uint8_t *bytes; /* the values, one behind the other */
	size_t len, room;
	uint32_t *end; /* of each code's value in bytes */
	size_t end_room;
	uint32_t *hash; /* of each */
	size_t hash_room;
	uint32_t *slots; /* code + 1, or 0 */
	size_t nslots;	 /* a power of two, or 0 */
	size_t count;
	uint8_t key[crypto_shorthash_KEYBYTES];
};

void risk_dict_init(struct risk_dict *d, struct risk_budget *budget);
void risk_dict_free(struct risk_dict *d);
NEED int risk_dict_add(struct risk_dict *d, const void *p, size_t len,
    uint32_t *code, struct fault *f);
/* RISK_NONE for a value that is not there. */
NEED uint32_t risk_dict_find(
    const struct risk_dict *d, const void *p, size_t len);
struct slice risk_dict_at(const struct risk_dict *d, uint32_t code);

struct risk_coded {
	char *name;
	struct risk_dict dict;
	enum risk_distance distance;
	uint32_t *rows; /* a code each */
	size_t room;
	uint32_t *population; /* quasi-identifiers: a code each */
	size_t population_room;
};

struct risk_table {
	struct risk_budget budget;
	struct risk_coded *columns; /* in the caller's order */
	size_t ncolumns;
	size_t quasi[RISK_QUASI_MAX]; /* indices of columns */
	size_t nquasi;
	size_t sensitive[RISK_SENSITIVE_MAX];
	size_t nsensitive;
	size_t n; /* rows */
	uint64_t *numbers;
	size_t numbers_room;
	bool subjects;
	struct risk_dict people;
	uint32_t *person; /* a code of people each, if subjects */
	size_t person_room;
	uint64_t *counts; /* of the population's lines */
	size_t counts_room;
	size_t npopulation;
	bool sealed; /* a lattice reads it: no more rows */
};

/* Level l of a hierarchy: which label each value has. */
struct risk_step {
	struct risk_dict labels;
	uint32_t *label; /* of each value */
	size_t room;
};

struct risk_hierarchy {
	struct risk_budget budget;
	struct risk_dict values;
	struct risk_step *steps; /* levels 1 ... nsteps */
	unsigned nsteps;
};

/* A quasi-identifier at one level. */
struct risk_rung {
	uint32_t *up;	    /* generalised code of each of the table's codes */
	uint32_t ncodes;    /* generalised codes are below */
	uint32_t *leaves;   /* values under each */
	uint32_t *rows;	    /* that have it */
	double granularity; /* sums over rows */
	double entropy;	    /* in nats */
};

struct risk_ladder {
	struct risk_rung rungs[RISK_LEVELS_MAX];
	unsigned top;
	uint32_t leaves; /* M of risk_metric */
};

/* A sensitive column as values 0 ... nvalues - 1, which have the order of its
 * numbers if it is ordered. */
struct risk_ranks {
	uint32_t *of_code;
	uint32_t *row;	    /* of each row */
	uint32_t *by_value; /* rows, sorted by it */
	uint32_t nvalues;
	enum risk_distance distance;
	/* The whole table, by person: shares, and for an ordered column their
	 * running sums and the running sums of those. */
	double *share;
	double *sum;  /* sum[i]: shares 0 ... i */
	double *area; /* area[i]: sums 0 ... i - 1 */
};

struct risk_lattice {
	struct risk_table *t;
	struct risk_ladder *quasi; /* nquasi */
	struct risk_ranks *ranks;  /* nsensitive */
	size_t persons;
	bool repeated; /* a subject has two rows */
};

/*
 * What judging works on: rows, or rows that are alike in everything folded
 * into one with a weight.
 */
struct risk_units {
	size_t n;
	const uint32_t *weight; /* rows in each; NULL: 1 */
	const uint32_t *person; /* NULL: each row is one of its own */
	size_t npersons;
	const uint32_t *value[RISK_SENSITIVE_MAX];    /* ranks */
	const uint32_t *by_value[RISK_SENSITIVE_MAX]; /* units, sorted so */
	size_t nvalue; /* sensitive columns to look at */
	bool all;      /* fill the spread, also where nothing is asked */
};

/* A class, below n, of each unit or row; every class has one. */
struct risk_classes {
	uint32_t *of;
	size_t n;
};

/* What the classes of some units turned out to be. */
struct risk_verdict {
	size_t nclasses;
	uint64_t *rows;	   /* of each class */
	uint64_t *persons; /* of each class */
	uint8_t *fails;	   /* RISK_FAILS_ bits of each class */
	struct risk_spread spread[RISK_SENSITIVE_MAX];
	/* scratch */
	uint32_t *fill;	     /* by class, and one more: ends in order */
	uint32_t *order;     /* units, sorted by class */
	uint32_t *run_value; /* of one class: its values, rising ... */
	uint32_t *run_count; /* ... and how many persons have each */
	uint32_t *mark;	     /* by person: the last stamp seen ... */
	uint32_t *seen;	     /* ... and that of the class ... */
	uint32_t *best;	     /* ... and the run under which one counts */
	uint32_t stamp;
	size_t units_room, classes_room, persons_room;
};

void risk_verdict_free(struct risk_verdict *v);

/* Judge the classes; all of v but its scratch is then an answer.  Memory is
 * kept from call to call; start with a zeroed v. */
NEED int risk_judge(struct risk_verdict *v, const struct risk_lattice *x,
    const struct risk_units *u, const struct risk_classes *c,
    const struct risk_thresholds *want, struct fault *f);

/* FAULT_USAGE for what cannot be asked. */
NEED int risk_thresholds_check(
    const struct risk_thresholds *w, struct fault *f);
/* How many of n rows may be suppressed. */
uint64_t risk_may_suppress(const struct risk_thresholds *w, size_t n);
/* Is anything asked about sensitive columns? */
bool risk_asks_values(const struct risk_thresholds *w);

/* The values of one class, as persons count: n runs of rising value. */
struct risk_runs {
	const uint32_t *value;
	const uint32_t *count;
	size_t n;
	uint64_t total;
};

/* The runs of some units of one class, sorted by value of column s; they lie
 * in v until the next call. */
struct risk_runs risk_runs_of(struct risk_verdict *v,
    const struct risk_units *u, size_t s, const uint32_t *order, size_t n);
/* Room for that. */
NEED int risk_verdict_room(struct risk_verdict *v, const struct risk_units *u,
    size_t nclasses, struct fault *f);

/* Before a pass over all classes, which takes less than UINT32_MAX / 2. */
void risk_verdict_stamps(struct risk_verdict *v, const struct risk_units *u);

/* exp(entropy) of the shares. */
double risk_effective(const struct risk_runs *r);
/* r1 / (rl + ... + rm); infinite when there are fewer than l. */
double risk_recursive(const struct risk_runs *r, uint32_t l);
/* Distance of a class from the whole table. */
double risk_closeness(const struct risk_runs *r, const struct risk_ranks *k);

/* Ranks of a sensitive column, and their shares in the whole table. */
NEED int risk_ranks_new(struct risk_ranks *k, const struct risk_table *t,
    size_t column, struct fault *f);
NEED int risk_ranks_share(struct risk_ranks *k, const struct risk_units *u,
    size_t s, struct fault *f);
void risk_ranks_free(struct risk_ranks *k);

/* Indices 0 ... n - 1 stably sorted by value[i] < nvalues. */
NEED int risk_sort_by(uint32_t **out, const uint32_t *value, size_t n,
    size_t nvalues, struct fault *f);

/* One number per row to group by: codes of a column, and what they become. */
struct risk_digit {
	const uint32_t *code;
	const uint32_t *up; /* NULL: the code itself */
	uint64_t radix;	    /* up[code] is below */
};

/* Groups rows by tuples of digits; memory is kept from call to call.  Exact:
 * see grouping.c. */
struct risk_grouper {
	uint64_t *keys;
	uint32_t *slots;
	uint32_t *first; /* the first row of each class */
	size_t keys_room, slots_room;
	uint64_t secret[2];
};

void risk_grouper_init(struct risk_grouper *g);
void risk_grouper_free(struct risk_grouper *g);
/* Room for n rows. */
NEED int risk_grouper_room(struct risk_grouper *g, size_t n, struct fault *f);

/* c->of[n], the caller's, gets classes numbered as they first appear;
 * g->first then has the first row of each. */
NEED int risk_group(struct risk_grouper *g, const struct risk_digit *digits,
    size_t ndigits, size_t n, struct risk_classes *c, struct fault *f);

/* FAULT_USAGE for levels that are not there. */
NEED int risk_levels_check(
    const struct risk_lattice *x, const uint8_t *levels, struct fault *f);

/* The digits of rows at a vector of levels. */
size_t risk_digits(struct risk_digit *out, const struct risk_lattice *x,
    const uint8_t *levels);

/* Every row as a unit; borrowed from x. */
void risk_units_of_rows(struct risk_units *u, const struct risk_lattice *x);

/* Once the rungs of quasi-identifier q are there. */
void risk_loss_prepare(struct risk_lattice *x, size_t q);
/* What a row of a class loses more by being suppressed, by granularity and by
 * entropy; code is the table's code of a row in it, by quasi-identifier. */
void risk_loss_rest(double rest[RISK_METRICS], const struct risk_lattice *x,
    const uint8_t *levels, const uint32_t *code);
/* What is lost at these levels when nothing is suppressed, by granularity and
 * by entropy; in the same units, rows times quasi-identifiers and nats. */
void risk_loss_base(double loss[RISK_METRICS], const struct risk_lattice *x,
    const uint8_t *levels);
/* From those units to 0 ... 1. */
void risk_loss_scale(double loss[RISK_METRICS], const struct risk_lattice *x);

#endif
