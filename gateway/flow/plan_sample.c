/*
 * A sample: of items, of persons with all their items, or of items so that
 * every class has its share.
 *
 * Every item (person) has a number out of a keyed hash, under a key that only
 * the seed decides, and those with the smallest numbers are the sample.  So
 * each is as likely as any other; the same seed chooses the same again; and a
 * dataset that grew keeps most of its sample.
 *
 * It takes two readings, three with classes: how many there are of each, which
 * number is the last that is in, and then whoever lies above it stays.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* Classes of a column: what has more is a name or a number. */
#define CLASSES_MAX 4096u

/* The so many smallest numbers of those that came. */
struct smallest {
	uint8_t class[WORKER_HASH_BYTES];
	uint64_t all;  /* items of the class */
	uint64_t want; /* so many; 0: none */
	uint8_t (*at)[WORKER_HASH_BYTES];
	size_t n, room;
	bool full; /* from here on, only below last */
	uint8_t last[WORKER_HASH_BYTES];
};

struct sampling {
	struct plan *p;
	const struct plan_options *o;
	struct pool *pool;
	uint8_t key[DIGEST_BYTES]; /* its first SIP_KEY_BYTES */
	struct smallest *at;	   /* by class; one where there are none */
	size_t n, room;
	uint64_t all;
};

static int
by_number(const void *x, const void *y)
{
	return memcmp(x, y, WORKER_HASH_BYTES);
}

/* Sorted, each once (a person comes with every item), and no more than are
 * wanted. */
static void
shrink(struct smallest *s)
{
	size_t n = 0;

	if (s->n == 0)
		return;
	qsort(s->at, s->n, sizeof(*s->at), by_number);
	for (size_t i = 0; i < s->n && n < s->want; i++)
		if (n == 0 || by_number(s->at[n - 1], s->at[i]) != 0)
			memmove(s->at[n++], s->at[i], sizeof(*s->at));
	s->n = n;
	if (n == s->want) {
		s->full = true;
		memcpy(s->last, s->at[n - 1], sizeof(s->last));
	}
}

/* At most twice as many as are wanted are held. */
static int
smallest_add(struct smallest *s, const uint8_t *number, struct fault *f)
{
	size_t most = 2 * (size_t)s->want + 1024, room;
	void *at;

	if (s->want == 0 || (s->full && by_number(number, s->last) >= 0))
		return 0;
	if (s->n == s->room && s->room == most)
		shrink(s);
	if (s->n == s->room) {
		room = s->room == 0 ? 1024 : 2 * s->room;
		room = room < most ? room : most;
		if ((at = mem_resize(s->at, room * sizeof(*s->at))) == NULL)
			return fault_memory(f);
		s->at = at;
		s->room = room;
	}
	memcpy(s->at[s->n++], number, WORKER_HASH_BYTES);
	return 0;
}

/* -- Classes ------------------------------------------------------------- */

/* That of a class, or where it would be: they are sorted. */
static size_t
place_of(const struct sampling *s, const uint8_t *class)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (by_number(s->at[mid].class, class) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int
add_class(struct sampling *s, size_t at, const uint8_t *class, struct fault *f)
{
	if (s->n == CLASSES_MAX)
		return fault_set(f, FAULT_USAGE,
		    "--class: more than %u different values", CLASSES_MAX);
	if (s->n == s->room) {
		size_t room = s->room == 0 ? 16 : 2 * s->room;
		void *to = mem_resize(s->at, room * sizeof(*s->at));

		if (to == NULL)
			return fault_memory(f);
		s->at = to;
		s->room = room;
	}
	memmove(&s->at[at + 1], &s->at[at], (s->n - at) * sizeof(*s->at));
	s->at[at] = (struct smallest){ .all = 0 };
	memcpy(s->at[at].class, class, WORKER_HASH_BYTES);
	s->n++;
	return 0;
}

/* What has no class is one of its own. */
static const uint8_t *
class_of(const struct sampling *s, const struct plan_seen *seen)
{
	static const uint8_t none[WORKER_HASH_BYTES];

	return s->o->select->by == PLAN_BY_CLASS && seen->subject != NULL
		   ? seen->subject
		   : none;
}

static int
count_class(void *arg, const struct plan_seen *seen, struct fault *f)
{
	struct sampling *s = arg;
	const uint8_t *class = class_of(s, seen);
	size_t at = place_of(s, class);

	if ((at == s->n || by_number(s->at[at].class, class) != 0) &&
	    add_class(s, at, class, f) != 0)
		return -1;
	s->at[at].all++;
	s->all++;
	return 0;
}

/* One of each, and of what is left a part as large as the class is; what
 * rounding leaves goes to those whose part was cut most. */
static int
share_out(struct sampling *s, uint64_t sample, struct fault *f)
{
	uint64_t left = sample - s->n, given = 0;

	if (sample < s->n)
		return fault_set(f, FAULT_USAGE,
		    "--sample %llu: there are %zu classes",
		    (unsigned long long)sample, s->n);
	for (size_t i = 0; i < s->n; i++) {
		uint64_t more =
		    s->all == s->n
			? 0
			: (uint64_t)((unsigned __int128)left *
				     (s->at[i].all - 1) / (s->all - s->n));

		s->at[i].want = 1 + more;
		given += more;
	}
	while (given < left) {
		struct smallest *most = NULL;
		unsigned __int128 cut = 0;

		for (size_t i = 0; i < s->n; i++) {
			struct smallest *c = &s->at[i];
			/* what it should have more, times all */
			unsigned __int128 is =
			    (unsigned __int128)left * (c->all - 1);
			unsigned __int128 has =
			    (unsigned __int128)(c->want - 1) * (s->all - s->n);

			if (is > has && is - has > cut) {
				cut = is - has;
				most = c;
			}
		}
		must(most != NULL);
		most->want++;
		given++;
	}
	return 0;
}

/* -- Passes -------------------------------------------------------------- */

static int
no_subject(
    const struct sampling *s, const struct plan_seen *seen, struct fault *f)
{
	const struct plan *p = s->p;
	const struct plan_unit *u = &p->units[seen->unit];
	const char *path = scan_path(&p->scan, u->file);

	if (u->part == PLAN_WHOLE)
		(void)fault_set(f, FAULT_POLICY,
		    "%s: has no subject to be sampled by", path);
	else
		(void)fault_set(f, FAULT_POLICY,
		    "%s: record %llu: has no subject to be sampled by", path,
		    (unsigned long long)(p->parts[u->part].first +
					 seen->place));
	return fault_hint(f, "in the policy, subject: names who a file or row "
			     "is about; or sample without --by subject");
}

static const uint8_t *
number_of(const struct sampling *s, const struct plan_seen *seen)
{
	return s->o->select->by == PLAN_BY_SUBJECT ? seen->subject : seen->item;
}

static int
see_number(void *arg, const struct plan_seen *seen, struct fault *f)
{
	struct sampling *s = arg;
	const uint8_t *number = number_of(s, seen);

	if (number == NULL)
		return no_subject(s, seen, f);
	return smallest_add(&s->at[place_of(s, class_of(s, seen))], number, f);
}

static int
leave_above(void *arg, const struct plan_seen *seen, struct fault *f)
{
	struct sampling *s = arg;
	const struct smallest *c = &s->at[place_of(s, class_of(s, seen))];

	if (!c->full || by_number(number_of(s, seen), c->last) <= 0)
		return 0;
	return plan_pass_over(s->p, seen, PLAN_UNSELECTED, f);
}

static int
pass(struct sampling *s, uint8_t of,
    int (*see)(void *arg, const struct plan_seen *seen, struct fault *f),
    struct fault *f)
{
	const struct plan_selection *select = s->o->select;
	const struct plan_hashing how = { .of = of,
		.key = s->key,
		.field = select->by == PLAN_BY_CLASS ? select->class : NULL,
		.see = see,
		.arg = s,
		.doing = "choosing a sample" };

	return plan_hashes(s->p, s->pool, &how, &s->o->progress, f);
}

/* Does any file that leaves have the column? */
static int
check_class(const struct sampling *s, struct fault *f)
{
	const char *class = s->o->select->class;

	for (uint32_t i = 0; i < s->p->nplans; i++) {
		const struct file_plan *plan = &s->p->plans[i].plan;

		for (size_t k = 0; k < plan->nfields; k++)
			if (mask_has_rows(plan) && plan->exclude == NULL &&
			    strcmp(plan->fields[k].name, class) == 0)
				return 0;
	}
	return fault_set(f, FAULT_USAGE,
	    "--class %s: no file has such a column or path", class);
}

static int
by_classes(struct sampling *s, uint64_t sample, struct fault *f)
{
	if (check_class(s, f) != 0 ||
	    pass(s, WORKER_OF_SUBJECT, count_class, f) != 0)
		return -1;
	if (sample >= s->all)
		return 0;
	if (share_out(s, sample, f) != 0)
		return -1;
	return pass(s, WORKER_OF_ITEM | WORKER_OF_SUBJECT, see_number, f);
}

static int
by_one(struct sampling *s, uint64_t sample, uint8_t of, struct fault *f)
{
	static const uint8_t none[WORKER_HASH_BYTES];

	if (add_class(s, 0, none, f) != 0)
		return -1;
	s->at[0].want = sample;
	return pass(s, of, see_number, f);
}

static void
take_key(struct sampling *s)
{
	static const char label[] = "handoff sample v1";
	const char *seed = s->o->select->seed;
	uint8_t both[2][DIGEST_BYTES];

	digest_of(both[0], label, sizeof(label));
	digest_of(
	    both[1], seed != NULL ? seed : "", seed != NULL ? strlen(seed) : 0);
	digest_of(s->key, both, sizeof(both));
}

int
plan_sample(struct plan *p, struct pool *pool, const struct plan_options *o,
    struct fault *f)
{
	const struct plan_selection *select = o->select;
	struct sampling s = { .p = p, .o = o, .pool = pool };
	uint8_t of =
	    select->by == PLAN_BY_SUBJECT ? WORKER_OF_SUBJECT : WORKER_OF_ITEM;
	int rc = -1;

	must(select->sample <= PLAN_SAMPLE_MAX);
	take_key(&s);
	if (select->by == PLAN_BY_CLASS) {
		of = WORKER_OF_ITEM | WORKER_OF_SUBJECT;
		rc = by_classes(&s, select->sample, f);
	} else
		rc = by_one(&s, select->sample, of, f);
	for (size_t i = 0; i < s.n; i++)
		shrink(&s.at[i]);
	if (rc == 0)
		rc = pass(&s, of, leave_above, f);
	for (size_t i = 0; i < s.n; i++)
		mem_free(s.at[i].at);
	mem_free(s.at);
	return rc;
}
