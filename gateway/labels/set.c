/*
 * The set: items, answers and what was found, in memory.
 *
 *     labels_new --> labels_add_item ... --> labels_read ... --> labels_settle
 *
 * Files are read into growing arrays; settling sorts the answers by item and
 * annotator, drops duplicates with a finding, and gives every item its state.
 * From then on the set does not change, and pointers into it stay.
 */

#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/mem.h"

/* The set's own copy of the caller's contract; names go to l->classes. */
static int
copy_contract(
    struct labels *l, const struct labels_contract *c, struct fault *f)
{
	uint32_t i;

	l->contract = *c;
	l->contract.classes = NULL;
	l->contract.annotator = NULL;
	l->kind = c->kind;
	for (size_t k = 0; k < c->nclasses; k++)
		if (labels_names_add(&l->classes, c->classes[k],
			strlen(c->classes[k]), LABELS_CLASSES_MAX, &i, f) != 0)
			return -1;
	if (c->annotator != NULL &&
	    (l->contract.annotator =
		    mem_text(c->annotator, strlen(c->annotator))) == NULL)
		return fault_memory(f);
	return 0;
}

int
labels_new(
    struct labels **out, const struct labels_contract *c, struct fault *f)
{
	struct labels *l = mem_new(sizeof(*l));

	if (l == NULL)
		return fault_memory(f);
	labels_names_init(&l->items);
	labels_names_init(&l->annotators);
	labels_names_init(&l->classes);
	labels_names_init(&l->files);
	if (copy_contract(l, c, f) != 0) {
		labels_free(l);
		return -1;
	}
	*out = l;
	return 0;
}

void
labels_free(struct labels *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->nitems; i++)
		mem_free(l->item[i].type);
	for (size_t i = 0; i < l->nfound; i++) {
		mem_free(l->found[i].item);
		mem_free(l->found[i].message);
	}
	for (size_t i = 0; i < l->nanswers; i++)
		mem_free((void *)(uintptr_t)l->answer[i].answer.reason);
	mem_free((void *)(uintptr_t)l->contract.annotator);
	labels_names_free(&l->items);
	labels_names_free(&l->annotators);
	labels_names_free(&l->classes);
	labels_names_free(&l->files);
	mem_free(l->item);
	mem_free(l->answer);
	mem_free(l->boxes);
	mem_free(l->spans);
	mem_free(l->found);
	mem_free(l);
}

int
labels_add_item(
    struct labels *l, const struct labels_item *item, struct fault *f)
{
	size_t len = strlen(item->id);
	struct labels_held_item *held;
	uint32_t i;
	char *type;

	must(!l->settled);
	if (len == 0 || len > LABELS_ID_MAX)
		return fault_set(f, FAULT_INPUT,
		    "an item's id needs 1 to %u bytes", LABELS_ID_MAX);
	if (item->width > LABELS_SIDE_MAX || item->height > LABELS_SIDE_MAX)
		return fault_set(
		    f, FAULT_INPUT, "a side over %u pixels", LABELS_SIDE_MAX);
	if (labels_names_find(&l->items, item->id, len, &i))
		return fault_set(f, FAULT_INPUT, "an item comes twice");
	if (labels_grow((void **)&l->item, &l->items_room, l->nitems,
		sizeof(*l->item), LABELS_ITEMS_MAX, f) != 0)
		return -1;
	if ((type = mem_text(item->type, strlen(item->type))) == NULL)
		return fault_memory(f);
	if (labels_names_add(
		&l->items, item->id, len, LABELS_ITEMS_MAX, &i, f) != 0) {
		mem_free(type);
		return -1;
	}
	must(i == l->nitems);
	held = &l->item[l->nitems++];
	*held = (struct labels_held_item){ .item = *item, .type = type };
	held->item.id = l->items.text[i];
	held->item.type = type;
	return 0;
}

int
labels_item_of(struct labels *l, const char *id, bool *known, uint32_t *out,
    struct fault *f)
{
	struct labels_item item = { .id = id, .type = "" };

	*known = labels_names_find(&l->items, id, strlen(id), out);
	if (*known || !l->contract.any_item)
		return 0;
	if (labels_add_item(l, &item, f) != 0)
		return -1;
	*known = true;
	*out = (uint32_t)l->nitems - 1;
	return 0;
}

/* What sorting compares: where an answer belongs, then where it was read. */
struct place {
	uint32_t item, rank, file, line;
	size_t i;
};

static int
compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->i < y->i ? -1 : 1;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(**(char *const *const *)a, **(char *const *const *)b);
}

/* rank[annotator] by name; the caller frees it. */
static uint32_t *
rank_annotators(const struct labels *l)
{
	size_t n = l->annotators.n;
	char ***order = mem_array(n, sizeof(*order));
	uint32_t *rank = mem_array(n, sizeof(*rank));

	if (order == NULL || rank == NULL) {
		mem_free(order);
		mem_free(rank);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		order[i] = &l->annotators.text[i];
	if (n > 0)
		qsort(order, n, sizeof(*order), compare_texts);
	for (uint32_t i = 0; i < n; i++)
		rank[order[i] - l->annotators.text] = i;
	mem_free(order);
	return rank;
}

/* Move the answers into their order; a second one by the same annotator on
 * the same item is a finding and goes. */
static int
order_answers(struct labels *l, const struct place *places, struct fault *f)
{
	struct labels_held_answer *sorted =
	    mem_array(l->nanswers, sizeof(*sorted));
	size_t kept = 0;

	if (sorted == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < l->nanswers; i++) {
		struct labels_held_answer *h = &l->answer[places[i].i];
		const struct labels_answer *last =
		    kept > 0 ? &sorted[kept - 1].answer : NULL;

		if (last == NULL || last->item != h->answer.item ||
		    last->annotator != h->answer.annotator) {
			sorted[kept++] = *h;
			continue;
		}
		l->file = h->answer.file;
		labels_find(l, FOUND_DUPLICATE, h->answer.line,
		    l->item[last->item].item.id,
		    "the same annotator said something on line %u of %s",
		    last->line, l->files.text[last->file]);
		mem_free((void *)(uintptr_t)h->answer.reason);
	}
	mem_free(l->answer);
	l->answer = sorted;
	l->answers_room = l->nanswers;
	l->nanswers = kept;
	return 0;
}

void
labels_index(struct labels *l)
{
	size_t k = 0;

	for (size_t i = 0; i < l->nitems; i++) {
		l->item[i].first = (uint32_t)k;
		while (k < l->nanswers && l->answer[k].answer.item == i)
			k++;
	}
	for (size_t i = 0; i < l->nanswers; i++) {
		struct labels_held_answer *h = &l->answer[i];

		if (h->answer.nparts > 0 && l->kind == LABELS_BOXES)
			h->answer.boxes = l->boxes + h->first;
		if (h->answer.nparts > 0 && l->kind == LABELS_SPANS)
			h->answer.spans = l->spans + h->first;
	}
	l->settled = true;
}

/* By contract and in a return that says it is complete, silence is a no. */
static int
answer_the_rest(struct labels *l, struct fault *f)
{
	struct labels_draft *d;
	bool *spoken;
	int rc = 0;

	if (!l->contract.unanswered_is_negative || !l->contract.complete)
		return 0;
	d = mem_new(sizeof(*d));
	spoken = mem_array(l->nitems, sizeof(*spoken));
	if (d == NULL || spoken == NULL)
		rc = fault_memory(f);
	for (size_t i = 0; rc == 0 && i < l->nanswers; i++)
		spoken[l->answer[i].answer.item] = true;
	l->file = UINT32_MAX;
	for (size_t i = 0; rc == 0 && i < l->nitems; i++) {
		if (spoken[i])
			continue;
		labels_draft_reset(d);
		(void)snprintf(
		    d->item, sizeof(d->item), "%s", l->item[i].item.id);
		d->state = LABELS_EMPTY;
		d->silent = true;
		rc = labels_put(l, d, f);
	}
	mem_free(spoken);
	mem_free(d);
	return rc;
}

int
labels_settle(struct labels *l, struct fault *f)
{
	struct place *places = NULL;
	uint32_t *rank = NULL;
	int rc = -1;

	must(!l->settled);
	if (answer_the_rest(l, f) != 0)
		return -1;
	if ((places = mem_array(l->nanswers, sizeof(*places))) == NULL ||
	    (rank = rank_annotators(l)) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t i = 0; i < l->nanswers; i++) {
		const struct labels_answer *a = &l->answer[i].answer;

		places[i] = (struct place){ a->item, rank[a->annotator],
			a->file, a->line, i };
	}
	if (l->nanswers > 0)
		qsort(places, l->nanswers, sizeof(*places), compare_places);
	if (order_answers(l, places, f) != 0)
		goto out;
	labels_index(l);
	l->file = UINT32_MAX;
	for (size_t i = 0; i < l->nitems; i++)
		if (labels_item_state(l, i) == LABELS_OPEN)
			labels_find(l, FOUND_OPEN_ITEM, 0, l->item[i].item.id,
			    "nobody said anything");
	rc = l->no_memory ? fault_memory(f) : 0;
out:
	mem_free(rank);
	mem_free(places);
	return rc;
}

enum labels_kind
labels_kind(const struct labels *l)
{
	return l->kind;
}

size_t
labels_nitems(const struct labels *l)
{
	return l->nitems;
}

const struct labels_item *
labels_item(const struct labels *l, size_t i)
{
	must(i < l->nitems);
	return &l->item[i].item;
}

bool
labels_find_item(const struct labels *l, const char *id, size_t *i)
{
	uint32_t n;

	if (!labels_names_find(&l->items, id, strlen(id), &n))
		return false;
	*i = n;
	return true;
}

size_t
labels_nanswers(const struct labels *l)
{
	return l->nanswers;
}

const struct labels_answer *
labels_answer(const struct labels *l, size_t i)
{
	must(l->settled && i < l->nanswers);
	return &l->answer[i].answer;
}

size_t
labels_answers_on(const struct labels *l, size_t item, size_t *first)
{
	size_t n = 0;

	must(l->settled && item < l->nitems);
	*first = l->item[item].first;
	while (*first + n < l->nanswers &&
	       l->answer[*first + n].answer.item == item)
		n++;
	return n;
}

enum labels_state
labels_item_state(const struct labels *l, size_t i)
{
	size_t first, n = labels_answers_on(l, i, &first);
	bool empty = false;

	for (size_t k = first; k < first + n; k++) {
		if (l->answer[k].answer.state == LABELS_ANSWERED)
			return LABELS_ANSWERED;
		empty = empty || l->answer[k].answer.state == LABELS_EMPTY;
	}
	return empty ? LABELS_EMPTY : n > 0 ? LABELS_SKIPPED : LABELS_OPEN;
}

size_t
labels_nclasses(const struct labels *l)
{
	return l->classes.n;
}

const char *
labels_class_name(const struct labels *l, uint32_t i)
{
	must(i < l->classes.n);
	return l->classes.text[i];
}

size_t
labels_nannotators(const struct labels *l)
{
	return l->annotators.n;
}

const char *
labels_annotator_name(const struct labels *l, uint32_t i)
{
	must(i < l->annotators.n);
	return l->annotators.text[i];
}

void
labels_count(const struct labels *l, struct labels_counts *out)
{
	struct labels_counts c = { .items = l->nitems };

	for (size_t i = 0; i < l->nitems; i++) {
		enum labels_state s = labels_item_state(l, i);

		c.open += s == LABELS_OPEN;
		c.answered += s == LABELS_ANSWERED;
		c.empty += s == LABELS_EMPTY;
		c.skipped += s == LABELS_SKIPPED;
	}
	c.answers = l->nanswers;
	for (size_t i = 0; i < l->nanswers; i++)
		c.parts += l->answer[i].answer.nparts;
	for (uint32_t i = 0; i < l->annotators.n; i++)
		c.annotators += l->annotators.text[i][0] != '\0';
	for (int i = 0; i < FOUND_CODES; i++) {
		enum labels_severity s =
		    labels_code_severity((enum labels_code)i);

		c.errors += s == LABELS_ERROR ? l->by_code[i] : 0;
		c.warnings += s == LABELS_WARNING ? l->by_code[i] : 0;
		c.notes += s == LABELS_NOTE ? l->by_code[i] : 0;
	}
	*out = c;
}

enum labels_verdict
labels_verdict(const struct labels *l)
{
	struct labels_counts c;

	labels_count(l, &c);
	return c.errors > 0 ? LABELS_REJECTED
	       : c.open > 0 ? LABELS_PARTIAL
			    : LABELS_ACCEPTED;
}
