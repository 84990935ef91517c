/*
 * A JSON document masked by its plan.
 *
 * Everything that is not touched is delivered as it stands: white space, the
 * spelling of numbers, escapes.  What is dropped takes one comma along, so that
 * what is left is JSON.  Accounting is by offsets of the source: done says up
 * to where all bytes are kept or cut, and each decision moves it on; between
 * decisions, leave() delivers what the window can no longer hold.
 *
 * A value is decided when its first byte has been seen and not by its name
 * alone, since a place may hold an object in one record and a number in the
 * next.
 */

#include <string.h>

#include "gateway/mask/json_internal.h"

/* -- Delivering ---------------------------------------------------------- */

static int
keep_to(struct json_mask *m, uint64_t upto, struct fault *f)
{
	const struct json_reader *r = &m->walk.reader;
	const uint8_t *p = r->p + (m->done - r->base);
	size_t len;

	if (m->out == NULL || upto <= m->done)
		return 0;
	must(m->done >= r->base && upto - r->base <= r->len);
	len = (size_t)(upto - m->done);
	m->done = upto;
	return mask_keep(m->out, p, len, f);
}

/* Everything up to there goes; what is put in its place comes last. */
static int
cut_to(struct json_mask *m, uint64_t upto, const void *put, size_t len,
    struct fault *f)
{
	uint64_t cut = upto - m->done;

	if (m->out == NULL)
		return 0;
	must(upto >= m->done);
	m->done = upto;
	return mask_swap(m->out, cut, put, len, f);
}

static int
end_cut(struct json_mask *m, uint64_t at, struct fault *f)
{
	m->cutting = false;
	return cut_to(m, at, NULL, 0, f);
}

static int
leave(void *arg, uint64_t upto, struct fault *f)
{
	struct json_mask *m = arg;

	/* what goes need not be there when its end is known */
	return m->skip != 0 || m->cutting ? 0 : keep_to(m, upto, f);
}

/* The member in hand is delivered: with the comma in front of it, unless none
 * was delivered before. */
static int
keep_member(struct json_mask *m, struct json_frame *parent, struct fault *f)
{
	const struct json_walk *w = &m->walk;
	bool first = parent->kept == 0;

	if (m->cutting && end_cut(m, first ? w->inner : w->member, f) != 0)
		return -1;
	if (first && w->member != w->inner && m->done < w->inner &&
	    (keep_to(m, w->member, f) != 0 ||
		cut_to(m, w->inner, NULL, 0, f) != 0))
		return -1;
	/* the first behind an `_item` that was put in */
	if (first && m->item != NULL && parent == &m->walk.frames[1] &&
	    (keep_to(m, w->inner, f) != 0 ||
		cut_to(m, w->inner, ",", 1, f) != 0))
		return -1;
	parent->kept++;
	return 0;
}

/* It is not: from its comma on. */
static int
drop_member(struct json_mask *m, struct fault *f)
{
	if (!m->cutting && keep_to(m, m->walk.member, f) != 0)
		return -1;
	m->cutting = true;
	m->cut_end = m->walk.reader.to;
	return 0;
}

/* Put another value in the place of the one that ends at `to`. */
static int
replace(struct json_mask *m, uint64_t to, const void *p, size_t len,
    struct fault *f)
{
	bytes_reset(&m->quoted);
	if (json_write(&m->quoted, p, len, f) != 0)
		return -1;
	return cut_to(m, to, m->quoted.at, m->quoted.len, f);
}

/* -- Deciding ------------------------------------------------------------ */

static int
undecided(struct json_mask *m, const char *what, struct fault *f)
{
	(void)fault_set(f, FAULT_POLICY, "%s", what);
	(void)json_walk_at(&m->walk, f);
	return fault_hint(f,
	    "plan again: the file may have changed; or name it in %s",
	    m->src->plan->policy);
}

/* What decides the value in hand, which is no container with members. */
static int
decide(struct json_mask *m, enum json_event event,
    const struct plan_field **out, struct fault *f)
{
	static const struct plan_field keep = { .how = { .action =
							     TRANSFORM_KEEP } };
	const struct json_walk *w = &m->walk;
	const struct json_place *at = &w->paths.at[w->place];
	const struct plan_field *field = w->frames[w->depth].whole;

	if (field == NULL)
		field = at->field;
	if (field == NULL && event != EVENT_VALUE && at->below)
		field = &keep;
	if (field == NULL)
		return undecided(m, "no decision in the plan", f);
	if (field->hollow && event == EVENT_VALUE)
		return undecided(
		    m, "holds a value, and is planned as null or empty", f);
	*out = field;
	return 0;
}

int
json_transform(struct json_mask *m, const struct plan_field *field,
    struct slice value, struct fault *f)
{
	const struct mask_keys *keys = m->src->keys;
	const struct transform_site site = {
		.key = mask_field_key(keys, field->key),
		.path = m->src->path,
		.field = field->name,
		.record = m->record,
		.nth = m->nth++,
		.subject = { m->person.at, m->person.len },
		.refs = keys->refs,
		.dictionary = keys->dictionary,
	};

	bytes_reset(&m->made);
	if (transform_apply(
		&field->how, &site, value.at, value.len, &m->made, f) != 0)
		return file_plan_at(m->src->plan, field, f);
	return 0;
}

/* A token that the record's end makes, where there is one: its place is that of
 * the value, and all that it can be is known but its letters. */
static int
change_later(struct json_mask *m, const struct plan_field *field,
    const struct slice *old, bool *done, struct fault *f)
{
	const struct mask_keys *keys = m->src->keys;
	char quoted[] = "\"--------------------------\"";
	const size_t len = 1 + TRANSFORM_TOKEN_CHARS + 1;
	uint64_t from = m->walk.reader.from, to = m->walk.reader.to;

	*done = m->later != NULL &&
		transform_later(m->later, &field->how,
		    mask_field_key(keys, field->key), old, false,
		    m->rows->len + (size_t)(from - m->done) + 1, quoted + 1);
	if (!*done)
		return 0;
	m->nth++;
	if (keep_to(m, from, f) != 0)
		return -1;
	return cut_to(m, to, quoted, len, f);
}

/* What is made of a value is a string, whatever it was made of: a number that
 * stayed one now and then would have no type at all.  A string that did not
 * change keeps its spelling. */
static int
change_value(
    struct json_mask *m, const struct plan_field *field, struct fault *f)
{
	struct json_reader *r = &m->walk.reader;
	struct slice old;
	bool later;

	if (json_text(r, &m->text, &old, f) != 0 ||
	    change_later(m, field, &old, &later, f) != 0)
		return -1;
	if (later)
		return 0;
	if (json_transform(m, field, old, f) != 0)
		return -1;
	if (r->string && m->made.len == old.len &&
	    (old.len == 0 || memcmp(m->made.at, old.at, old.len) == 0))
		return 0;
	if (keep_to(m, r->from, f) != 0)
		return -1;
	return replace(m, r->to, m->made.at, m->made.len, f);
}

/* null, {} and [] are nothing to transform; only a constant hides which. */
static int
change_nothing(
    struct json_mask *m, const struct plan_field *field, struct fault *f)
{
	struct json_reader *r = &m->walk.reader;
	struct slice none = { (const uint8_t *)"", 0 };

	if (json_transform(m, field, none, f) != 0)
		return -1;
	if (field->how.action != TRANSFORM_CONSTANT)
		return 0;
	if (keep_to(m, r->from, f) != 0)
		return -1;
	return replace(m, r->to, m->made.at, m->made.len, f);
}

/* -- Keys ---------------------------------------------------------------- */

static int
take_key(struct json_mask *m, struct json_key *k, struct fault *f)
{
	struct slice text;

	if (k->found) {
		(void)fault_set(
		    f, FAULT_INPUT, "is a key, and there more than once");
		return json_walk_at(&m->walk, f);
	}
	k->found = k->sole = true;
	for (unsigned i = 1; i <= m->walk.depth; i++)
		k->sole = k->sole && m->walk.frames[i].object;
	bytes_reset(&k->text);
	if (json_text(&m->walk.reader, &m->text, &text, f) != 0)
		return -1;
	return bytes_add(&k->text, text.at, text.len, f);
}

static int
take_keys(struct json_mask *m, struct fault *f)
{
	const struct json_place *at = &m->walk.paths.at[m->walk.place];

	if ((at->item && take_key(m, &m->id, f) != 0) ||
	    (at->subject && take_key(m, &m->subject, f) != 0))
		return -1;
	return 0;
}

/* `"_item":"..."` behind the bracket of the document, which ends at at. */
static int
put_item(struct json_mask *m, uint64_t at, struct fault *f)
{
	if (keep_to(m, at, f) != 0)
		return -1;
	bytes_reset(&m->quoted);
	if (bytes_addf(&m->quoted, f, "\"_item\":\"%s\"", m->item) != 0)
		return -1;
	return cut_to(m, at, m->quoted.at, m->quoted.len, f);
}

/* -- Events -------------------------------------------------------------- */

static int
on_value(struct json_mask *m, enum json_event event, struct fault *f)
{
	struct json_walk *w = &m->walk;
	const struct plan_field *field = NULL;

	if (event == EVENT_VALUE && take_keys(m, f) != 0)
		return -1;
	if (m->skip != 0)
		return 0;
	if (decide(m, event, &field, f) != 0)
		return -1;
	if (field->how.action == TRANSFORM_DROP)
		return drop_member(m, f);
	if (keep_member(m, &w->frames[w->depth], f) != 0)
		return -1;
	if (w->depth == 0 && m->item != NULL) {
		if (event != EVENT_EMPTY || !w->reader.object)
			return fault_set(f, FAULT_INPUT, "not an object");
		return put_item(m, w->reader.from + 1, f);
	}
	if (m->look != NULL && json_look(m, event, field, f) != 0)
		return -1;
	if (m->out == NULL || field->how.action == TRANSFORM_KEEP)
		return 0;
	return event == EVENT_VALUE ? change_value(m, field, f)
				    : change_nothing(m, field, f);
}

/* An object or array with something in it, whose frame is pushed. */
static int
on_open(struct json_mask *m, struct fault *f)
{
	struct json_walk *w = &m->walk;
	struct json_frame *here = &w->frames[w->depth], *parent = here - 1;
	const struct plan_field *own = w->paths.at[w->place].field;

	if (m->skip != 0)
		return 0;
	here->whole = parent->whole;
	if (here->whole == NULL && own != NULL && own->whole)
		here->whole = own;
	if (here->whole != NULL && here->whole->how.action != TRANSFORM_KEEP) {
		m->skip = w->depth;
		m->by = here->whole;
		if (m->by->how.action == TRANSFORM_DROP)
			return drop_member(m, f);
		if (keep_member(m, parent, f) != 0)
			return -1;
		return keep_to(m, w->reader.from, f);
	}
	if (keep_member(m, parent, f) != 0)
		return -1;
	if (w->depth > 1 || m->item == NULL)
		return 0;
	if (!here->object)
		return fault_set(f, FAULT_INPUT, "not an object");
	return put_item(m, w->reader.to, f);
}

static int
on_close(struct json_mask *m, struct fault *f)
{
	struct slice none = { (const uint8_t *)"", 0 };
	uint64_t to = m->walk.reader.to;

	if (m->skip == 0)
		return m->cutting ? end_cut(m, m->cut_end, f) : 0;
	if (m->walk.depth + 1 != m->skip)
		return 0;
	m->skip = 0;
	m->cut_end = to;
	if (m->by->how.action == TRANSFORM_DROP)
		return 0;
	if (json_transform(m, m->by, none, f) != 0)
		return -1;
	return replace(m, to, m->made.at, m->made.len, f);
}

/* Was nothing like it met where the plan was made? */
static bool
is_new(const struct json_mask *m, enum json_event event)
{
	const struct json_walk *w = &m->walk;
	uint8_t holds = json_holds(event);

	return m->src->met != NULL &&
	       (w->paths.at[w->place].holds & holds) != holds;
}

/* Is all known that is wanted of the document?  What an object has twice, and
 * what is no JSON, was refused where its shape was read. */
static bool
is_known(const struct json_mask *m)
{
	bool item = m->src->plan->item != PLAN_NO_FIELD;
	bool subject = m->src->plan->subject != PLAN_NO_FIELD;

	return m->out == NULL && m->look == NULL && (item || subject) &&
	       (!item || (m->id.found && m->id.sole)) &&
	       (!subject || (m->subject.found && m->subject.sole));
}

int
json_mask_run(struct json_mask *m, struct fault *f)
{
	struct json_walk *w = &m->walk;
	enum json_event event;

	w->reader.leave = leave;
	w->reader.arg = m;
	m->done = w->reader.base;
	m->cutting = false;
	m->skip = 0;
	m->nth = 0;
	m->id.found = m->subject.found = false;
	json_walk_begin(w);
	do {
		int rc = 0;

		if (json_walk_next(w, &event, f) != 0)
			return -1;
		if (is_new(m, event))
			rc = undecided(m, "is not in its beginning", f);
		else if (event == EVENT_OPEN)
			rc = on_open(m, f);
		else if (event == EVENT_CLOSE)
			rc = on_close(m, f);
		else if (event != EVENT_END)
			rc = on_value(m, event, f);
		if (rc != 0)
			return -1;
		if (event == EVENT_VALUE && is_known(m))
			return 0;
	} while (event != EVENT_END);
	if (m->cutting && end_cut(m, m->cut_end, f) != 0)
		return -1;
	return keep_to(m, w->reader.to, f);
}

int
json_mask_know(struct json_mask *m, struct fault *f)
{
	const struct slice *whole = &m->src->subject;

	bytes_reset(&m->person);
	return m->subject.found
		   ? bytes_add(
			 &m->person, m->subject.text.at, m->subject.text.len, f)
		   : bytes_add(&m->person, whole->at, whole->len, f);
}

/* With a dictionary, a text is searched for its own person's names. */
static bool
needs_subject(const struct mask_source *src, const struct plan_field *field)
{
	return transform_needs_subject(&field->how) ||
	       (field->how.action == TRANSFORM_DETECT &&
		   src->keys->dictionary != NULL &&
		   (src->plan->subject != PLAN_NO_FIELD ||
		       src->subject.len > 0));
}

int
json_mask_open(
    struct json_mask *m, const struct mask_source *src, struct fault *f)
{
	*m = (struct json_mask){ .src = src };
	bytes_init(&m->text, MASK_RECORD_MAX);
	bytes_init(&m->made, MASK_RECORD_MAX);
	bytes_init(&m->quoted, 8 * (size_t)MASK_RECORD_MAX);
	bytes_init(&m->id.text, MASK_RECORD_MAX);
	bytes_init(&m->subject.text, MASK_RECORD_MAX);
	bytes_init(&m->person, MASK_RECORD_MAX);
	for (size_t i = 0; i < src->plan->nfields; i++)
		m->by_subject |= needs_subject(src, &src->plan->fields[i]);
	if (json_walk_open(&m->walk, &src->plan->apart, f) != 0)
		return -1;
	if (json_plan(&m->walk.paths, src->plan, f) != 0)
		return -1;
	return src->met == NULL ? 0 : json_met(&m->walk.paths, src->met, f);
}

void
json_mask_close(struct json_mask *m)
{
	json_walk_close(&m->walk);
	bytes_free(&m->text);
	bytes_free(&m->made);
	bytes_free(&m->quoted);
	bytes_free(&m->id.text);
	bytes_free(&m->subject.text);
	bytes_free(&m->person);
}
