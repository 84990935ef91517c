/*
 * The golden score, over the returns of a batch.
 *
 *     earlier returns: their records ---> latest word on each golden item
 *     this one: answers against golden -'              |
 *                    '--> its record                   v
 *                                       score --> judged, or too few
 *
 * A score over one return would tell the vendor, who chooses what is in a
 * return, about one item at a time; and no return need ever be judged that has
 * no golden item in it.  So the score is over all that was taken in, and below
 * a number of items it is no verdict.
 *
 * A record names golden items by their number in the owner's list, which is
 * sealed: by itself it says nothing about any item.  Scores are whole
 * billionths, so that one that was recalled is the one that was recorded, and
 * their sum does not depend on the order of the returns.
 */

#include <math.h>
#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

#define WHOLE 1000000000u /* a score of 1 */

/* The latest word on one golden item. */
struct word {
	enum labels_state state; /* answered, skipped by all, or open */
	bool now;		 /* it is of the return added last */
	uint32_t *score;	 /* of each answer */
	size_t n;
};

struct labels_golden {
	const struct labels *golden;
	enum labels_metric metric;
	struct word *word; /* by the golden answers' order */
};

/* ---- Life ---- */

int
labels_golden_new(struct labels_golden **out, const struct labels *golden,
    enum labels_metric metric, struct fault *f)
{
	struct labels_golden *g;

	must(golden->settled);
	if (labels_metric_fits(metric, golden->kind, golden->kind, f) != 0)
		return -1;
	for (size_t i = 0; i < golden->nanswers; i++) {
		const struct labels_answer *a = &golden->answer[i].answer;

		if (a->state == LABELS_SKIPPED ||
		    (i > 0 && golden->answer[i - 1].answer.item == a->item))
			return fault_set(f, FAULT_INPUT,
			    "golden line %u: needs one answer an item",
			    a->line);
	}
	if ((g = mem_new(sizeof(*g))) == NULL)
		return fault_memory(f);
	*g = (struct labels_golden){ .golden = golden, .metric = metric };
	g->word = mem_array(golden->nanswers, sizeof(*g->word));
	if (g->word == NULL) {
		mem_free(g);
		return fault_memory(f);
	}
	for (size_t i = 0; i < golden->nanswers; i++)
		g->word[i] = (struct word){ .state = LABELS_OPEN };
	*out = g;
	return 0;
}

void
labels_golden_free(struct labels_golden *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; i < g->golden->nanswers; i++)
		mem_free(g->word[i].score);
	mem_free(g->word);
	mem_free(g);
}

/* Another word takes the place of the one before; score is w's from here. */
static void
say(struct word *w, uint32_t *score, size_t n, bool now)
{
	mem_free(w->score);
	*w = (struct word){ .state = n > 0 ? LABELS_ANSWERED : LABELS_SKIPPED,
		.now = now,
		.score = score,
		.n = n };
}

/* ---- This return ---- */

/* The golden classes as the return numbers them; the caller frees. */
static uint32_t *
map_classes(const struct labels *l, const struct labels *golden)
{
	uint32_t *map = mem_array(golden->classes.n, sizeof(*map));

	for (uint32_t i = 0; map != NULL && i < golden->classes.n; i++) {
		const char *name = golden->classes.text[i];

		if (!labels_names_find(
			&l->classes, name, strlen(name), &map[i]))
			map[i] = UINT32_MAX;
	}
	return map;
}

static int
score_item(const struct labels *l, const struct labels_answer *truth,
    size_t item, struct labels_compare *c, struct word *w, struct fault *f)
{
	size_t first, used = 0, n = labels_answers_on(l, item, &first);
	uint32_t *score;
	double v;

	if (labels_item_state(l, item) == LABELS_OPEN)
		return 0;
	if ((score = mem_array(n, sizeof(*score))) == NULL)
		return fault_memory(f);
	for (size_t i = first; i < first + n; i++) {
		const struct labels_answer *a = &l->answer[i].answer;

		if (a->state == LABELS_SKIPPED)
			continue;
		if (labels_alike(c, a, truth, &v, f) != 0) {
			mem_free(score);
			return -1;
		}
		score[used++] = (uint32_t)lround(labels_clamp(v) * WHOLE);
	}
	say(w, score, used, true);
	return 0;
}

int
labels_golden_add(
    struct labels_golden *g, const struct labels *l, struct fault *f)
{
	struct labels_compare c = { .metric = g->metric };
	uint32_t *map;
	int rc = -1;

	must(l->settled);
	if (labels_metric_fits(g->metric, l->kind, g->golden->kind, f) != 0)
		return -1;
	if ((map = map_classes(l, g->golden)) == NULL)
		return fault_memory(f);
	c.class_map = map;
	for (size_t i = 0; i < g->golden->nanswers; i++) {
		const struct labels_answer *truth =
		    &g->golden->answer[i].answer;
		const char *id = labels_item(g->golden, truth->item)->id;
		size_t item;

		if (labels_find_item(l, id, &item) &&
		    score_item(l, truth, item, &c, &g->word[i], f) != 0)
			goto out;
	}
	rc = 0;
out:
	mem_free(map);
	return rc;
}

/* ---- Its record, and those before ---- */

int
labels_golden_write(const struct labels_golden *g, int fd, struct fault *f)
{
	struct labels_sink s;
	int rc = -1;

	labels_sink_init(&s, fd);
	for (size_t i = 0; i < g->golden->nanswers; i++) {
		const struct word *w = &g->word[i];

		if (!w->now)
			continue;
		if (bytes_addf(&s.buffer, f, "%zu", i) != 0)
			goto out;
		for (size_t k = 0; k < w->n; k++)
			if (bytes_addf(&s.buffer, f, " %u", w->score[k]) != 0)
				goto out;
		if (labels_sink_text(&s, "\n", f) != 0 ||
		    labels_sink_spill(&s, f) != 0)
			goto out;
	}
	rc = labels_sink_end(&s, f);
out:
	bytes_free(&s.buffer);
	return rc;
}

/* The number up to the next space or the end; *p then stands there. */
static bool
next_number(const char **p, const char *end, uint64_t max, uint64_t *out)
{
	const char *from = *p;

	while (*p < end && **p != ' ')
		(*p)++;
	return u64_read(out, from, (size_t)(*p - from), max);
}

/* NUMBER[ SCORE]... */
static int
recall_line(
    struct labels_golden *g, const char *p, const char *end, struct fault *f)
{
	uint64_t item, v;
	uint32_t *score;
	size_t n = 0, room = 0;

	if (!next_number(&p, end, UINT32_MAX, &item) ||
	    item >= g->golden->nanswers)
		return fault_set(f, FAULT_INPUT, "not a golden item's number");
	for (const char *c = p; c < end; c++)
		room += *c == ' ';
	if ((score = mem_array(room, sizeof(*score))) == NULL)
		return fault_memory(f);
	for (; p < end; n++) {
		p++; /* the space */
		if (!next_number(&p, end, WHOLE, &v)) {
			mem_free(score);
			return fault_set(f, FAULT_INPUT, "not a score");
		}
		score[n] = (uint32_t)v;
	}
	say(&g->word[item], score, n, false);
	return 0;
}

int
labels_golden_recall(struct labels_golden *g, int fd, struct fault *f)
{
	struct labels_lines r;
	const uint8_t *line;
	size_t len;
	bool more;
	int rc = -1;

	if (labels_lines_open(&r, fd, f) != 0)
		goto out;
	while (
	    (rc = labels_lines_next(&r, &line, &len, &more, f)) == 0 && more) {
		const char *p = (const char *)line;

		if (r.too_long || len == 0)
			rc = fault_set(f, FAULT_INPUT, "not a record");
		else
			rc = recall_line(g, p, p + len, f);
		if (rc != 0) {
			(void)fault_at(f, "line %u", r.line);
			break;
		}
	}
out:
	labels_lines_free(&r);
	return rc;
}

/* ---- The score ---- */

/* From the first score, so that little is lost in the difference. */
struct tally {
	uint64_t sum;
	double squares, first;
	bool vary;
};

static void
tally_add(struct tally *t, size_t n, uint32_t score)
{
	double v = (double)score / WHOLE;

	if (n == 0)
		t->first = v;
	t->vary = t->vary || v != t->first;
	t->sum += score;
	t->squares += (v - t->first) * (v - t->first);
}

static void
conclude(struct labels_score *s, const struct tally *t)
{
	double n = (double)s->answers, off, variance, half;

	s->low = 0;
	s->high = 1;
	if (s->answers == 0)
		return;
	s->value = (double)t->sum / (n * WHOLE);
	s->passed = s->value >= s->pass;
	if (s->metric == LABELS_ACCURACY || !t->vary) {
		labels_wilson(s->value, s->answers, &s->low, &s->high);
		return;
	}
	off = s->value - t->first;
	variance = (t->squares - n * off * off) / (n - 1);
	half = labels_student(n - 1) * sqrt(fmax(variance, 0) / n);
	s->low = labels_clamp(s->value - half);
	s->high = labels_clamp(s->value + half);
}

void
labels_golden_score(
    const struct labels_golden *g, double pass, struct labels_score *out)
{
	struct labels_score s = {
		.metric = g->metric, .pass = pass, .golden = g->golden->nanswers
	};
	struct tally t = { 0 };

	for (size_t i = 0; i < s.golden; i++) {
		const struct word *w = &g->word[i];

		s.open += w->state == LABELS_OPEN;
		s.skipped += w->state == LABELS_SKIPPED;
		s.answered += w->state == LABELS_ANSWERED;
		for (size_t k = 0; k < w->n; k++)
			tally_add(&t, s.answers++, w->score[k]);
	}
	conclude(&s, &t);
	*out = s;
}

int
labels_score(const struct labels *l, const struct labels *golden,
    enum labels_metric metric, double pass, struct labels_score *out,
    struct fault *f)
{
	struct labels_golden *g;
	int rc;

	if (labels_golden_new(&g, golden, metric, f) != 0)
		return -1;
	if ((rc = labels_golden_add(g, l, f)) == 0)
		labels_golden_score(g, pass, out);
	labels_golden_free(g);
	return rc;
}

/* ---- Judging ---- */

size_t
labels_golden_needed(const struct labels_score *s, bool whole)
{
	size_t n = whole ? s->golden - s->skipped : s->golden;

	if (n > LABELS_GOLDEN_FEWEST)
		n = LABELS_GOLDEN_FEWEST;
	return n > 0 ? n : 1;
}

enum labels_golden_verdict
labels_golden_judge(const struct labels_score *s, bool whole)
{
	if (s->answered < labels_golden_needed(s, whole))
		return LABELS_GOLDEN_FEW;
	return s->passed ? LABELS_GOLDEN_PASSED : LABELS_GOLDEN_FAILED;
}

const char *
labels_golden_name(enum labels_golden_verdict v)
{
	static const char *const names[] = { "too few to judge", "passed",
		"failed" };

	return names[v];
}
