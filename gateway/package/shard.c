/*
 * A shard: whole files one after another into a tar, the tar into an age file,
 * a line for each into index and join.
 *
 *     source --> mask --> [held] --> header, content, padding --> seal
 *                            |
 *                            +--> SHA-256 --> index, join
 *
 * A header needs the size first.  A file that comes out no larger than
 * HELD_MAX is masked into memory; a larger one is masked twice, the first time
 * only to be counted.  Every delivered byte is digested twice: as part of its
 * member, just before it is sealed (seal.c), and as part of the object.
 *
 * Not here: rows (rows.c), the order of sources, and whether a source is still
 * the one that was planned, beyond what masking it again would notice.
 */

#include <stdio.h>
#include <string.h>

#include "gateway/package/package_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Largest member that is held.  Photos are; whole-slide tiles and dumps of
 * databases need not be. */
#define HELD_MAX ((size_t)16 << 20)

static const uint8_t zeros[TAR_END];

int
package_shard_new(struct package_shard **out,
    const struct package_shard_options *o, struct fault *f)
{
	struct package_shard *s;
	int rc = -1;

	must(o->keys->mask.item != NULL && o->room != NULL);
	if ((s = mem_new(sizeof(*s))) == NULL)
		return fault_memory(f);
	s->o = *o;
	bytes_init(&s->line, PACKAGE_PART_MAX);
	persons_init(&s->persons);
	bytes_reset(&o->room->sent);
	bytes_reset(&o->room->whose);
	if (digest_new(&s->member, f) != 0 ||
	    package_seal_new(&s->shard, o->shard, o->to, o->nto, f) != 0 ||
	    package_seal_new(&s->index, o->index, o->to, o->nto, f) != 0 ||
	    package_seal_new(&s->join, o->join, o->owner, o->nowner, f) != 0)
		goto out;
	*out = s;
	s = NULL;
	rc = 0;
out:
	package_shard_free(s);
	return rc;
}

void
package_shard_free(struct package_shard *s)
{
	if (s == NULL)
		return;
	package_seal_free(s->shard);
	package_seal_free(s->index);
	package_seal_free(s->join);
	digest_free(s->member);
	bytes_free(&s->line);
	persons_free(&s->persons);
	mem_free(s);
}

uint64_t
package_shard_plain(const struct package_shard *s)
{
	return s->made.shard.plain;
}

int
shard_put_line(
    struct package_shard *s, struct package_seal *to, struct fault *f)
{
	int rc = package_seal_add(to, s->line.at, s->line.len, f);

	bytes_reset(&s->line);
	return rc;
}

int
shard_put(struct package_shard *s, const void *p, size_t len, struct fault *f)
{
	s->made.shard.plain += len;
	return package_seal_add(s->shard, p, len, f);
}

int
shard_begin_member(
    struct package_shard *s, const struct package_entry *e, struct fault *f)
{
	uint8_t header[TAR_HEADER_MAX];
	size_t len = tar_header(header, e->member, e->bytes);

	if (shard_put(s, header, len, f) != 0)
		return -1;
	seal_digest(s->shard, s->member);
	return 0;
}

int
shard_wrote(struct package_shard *s, size_t len, struct fault *f)
{
	s->made.shard.plain += len;
	return seal_wrote(s->shard, len, f);
}

int
shard_end_member(
    struct package_shard *s, struct package_entry *e, struct fault *f)
{
	seal_digest(s->shard, NULL);
	digest_end(s->member, e->sha256);
	s->made.members++;
	s->made.items += e->items;
	if (shard_put(s, zeros, tar_padding(e->bytes), f) != 0 ||
	    record_entry(&s->line, e, f) != 0)
		return -1;
	return shard_put_line(s, s->index, f);
}

void
shard_name_member(struct package_entry *e, const char *id, uint32_t nth,
    const struct file_plan *plan)
{
	package_member_name(e->member, id, nth, mask_extension(plan));
	(void)snprintf(
	    e->type, sizeof(e->type), "%s", file_type_name(plan->type));
}

/* -- Where a masked file goes: held, counted, or through ------------------ */

struct passing {
	struct package_shard *s;
	uint64_t bytes;
	bool over; /* it did not fit */
};

static int
pass_held(void *arg, const void *p, size_t len, struct fault *f)
{
	struct passing *to = arg;

	if (len > HELD_MAX - to->s->o.room->held.len) {
		to->over = true;
		return fault_set(f, FAULT_INPUT, "too large to be held");
	}
	return bytes_add(&to->s->o.room->held, p, len, f);
}

static int
pass_counted(void *arg, const void *p, size_t len, struct fault *f)
{
	struct passing *to = arg;

	(void)p;
	(void)f;
	to->bytes += len;
	return 0;
}

static int
pass_through(void *arg, const void *p, size_t len, struct fault *f)
{
	struct passing *to = arg;

	to->bytes += len;
	return shard_put(to->s, p, len, f);
}

static int
mask_into(struct passing *to, const struct mask_source *src,
    int (*write)(void *arg, const void *p, size_t len, struct fault *f),
    struct mask_change *c, struct fault *f)
{
	struct mask_keys keys = to->s->o.keys->mask;
	struct mask_source keyed = *src;
	struct mask_sink sink = { write, to };

	/* the rows of a table that is one item have no ids */
	keys.item = NULL;
	keyed.keys = &keys;
	mask_change_free(c);
	mask_change_init(c, false);
	to->bytes = 0;
	return mask_file(&keyed, sink, c, f);
}

/* Out of memory, where hold_file() put it. */
static int
put_held(struct package_shard *s, const struct mask_source *src,
    struct package_entry *e, struct mask_change *c, struct fault *f)
{
	(void)src;
	(void)c;
	e->bytes = s->o.room->held.len;
	if (shard_begin_member(s, e, f) != 0 ||
	    shard_put(s, s->o.room->held.at, s->o.room->held.len, f) != 0)
		return -1;
	return shard_end_member(s, e, f);
}

/* Twice: the first time only its size counts. */
static int
put_large(struct package_shard *s, const struct mask_source *src,
    struct package_entry *e, struct mask_change *c, struct fault *f)
{
	struct passing to = { .s = s };

	/* Text that is kept leaves as it is. */
	to.bytes = src->size;
	if ((src->plan->type != TYPE_TEXT || src->plan->nfields > 0) &&
	    mask_into(&to, src, pass_counted, c, f) != 0)
		return -1;
	e->bytes = to.bytes;
	if (shard_begin_member(s, e, f) != 0 ||
	    mask_into(&to, src, pass_through, c, f) != 0)
		return -1;
	if (to.bytes != e->bytes)
		return fault_set(
		    f, FAULT_INPUT, "%s: changed while it was read", src->path);
	e->chars = c->view.chars;
	return shard_end_member(s, e, f);
}

static void
picture_size(struct package_entry *e, const struct mask_view *v)
{
	/* Orientations 5 to 8 that are still to be applied exchange sides. */
	bool aside = !v->upright && v->orientation >= 5;

	e->width = aside ? v->sent_height : v->sent_width;
	e->height = aside ? v->sent_width : v->sent_height;
}

/* Mask the file into memory; *fits says whether it went there. */
static int
hold_file(struct package_shard *s, const struct mask_source *src,
    struct mask_change *c, bool *fits, struct fault *f)
{
	struct passing to = { .s = s };

	bytes_reset(&s->o.room->held);
	*fits = false;
	if (src->size > HELD_MAX)
		return 0;
	if (mask_into(&to, src, pass_held, c, f) == 0) {
		*fits = true;
		return 0;
	}
	if (!to.over)
		return -1;
	fault_clear(f);
	return 0;
}

int
shard_note_sent(struct package_shard *s, const struct slice *original,
    bool about, struct fault *f)
{
	static const uint8_t nobody[PACKAGE_WHOSE_BYTES];
	uint8_t hash[SIP_HASH_BYTES];

	if (s->o.keys->sent == NULL)
		return 0;
	sip_hash(hash, s->o.keys->sent, original->at, original->len);
	if (bytes_add(&s->o.room->sent, hash, sizeof(hash), f) != 0)
		return -1;
	return s->o.keys->person == NULL ? 0
					 : bytes_add(&s->o.room->whose,
					       about ? s->persons.last : nobody,
					       PACKAGE_WHOSE_BYTES, f);
}

int
package_shard_file(struct package_shard *s, const struct mask_source *src,
    const struct slice *item, uint32_t nth, struct fault *f)
{
	struct package_entry e = { .items = nth <= 1 };
	const struct slice original =
	    nth == 0 ? slice_of_text(src->path) : *item;
	struct mask_change c;
	bool fits;
	int rc = -1;

	mask_change_init(&c, false);
	token_make(s->o.keys->mask.item, original.at, original.len, e.item);
	shard_name_member(&e, e.item, nth, src->plan);
	if (hold_file(s, src, &c, &fits, f) != 0)
		goto out;
	picture_size(&e, &c.view);
	e.chars = c.view.chars;
	if ((fits ? put_held : put_large)(s, src, &e, &c, f) != 0)
		goto out;
	if (s->o.keys->subject != NULL && src->subject.len > 0)
		token_make(s->o.keys->subject, src->subject.at,
		    src->subject.len, e.group);
	if (s->o.keys->person != NULL &&
	    persons_add(&s->persons, s->o.keys->person, &src->subject, f) != 0)
		goto out;
	if (record_file(&s->line, &e, &original, src, &c, f) != 0 ||
	    shard_put_line(s, s->join, f) != 0)
		goto out;
	/* of an item, once */
	rc = nth <= 1 ? shard_note_sent(s, &original, src->subject.len > 0, f)
		      : 0;
out:
	mask_change_free(&c);
	return rc;
}

/* What was sent, and whom it was about where anybody was named. */
static int
write_sent(const struct package_shard *s, struct fault *f)
{
	const struct package_room *r = s->o.room;

	if (r->sent.len == 0)
		return 0;
	if (file_write(s->o.sent, r->sent.at, r->sent.len, f) != 0)
		return -1;
	return s->persons.n == 0
		   ? 0
		   : file_write(s->o.sent, r->whose.at, r->whose.len, f);
}

int
package_shard_end(
    struct package_shard *s, struct package_made *out, struct fault *f)
{
	struct package_made made = s->made;

	if (shard_put(s, zeros, TAR_END, f) != 0 ||
	    package_seal_end(s->shard, &made.shard, f) != 0 ||
	    package_seal_end(s->index, &made.index, f) != 0 ||
	    package_seal_end(s->join, &made.join, f) != 0 ||
	    (s->persons.n > 0 &&
		persons_write(&s->persons, s->o.persons, f) != 0) ||
	    write_sent(s, f) != 0)
		return -1;
	made.persons = s->persons.n;
	*out = made;
	return 0;
}

static int
put_object(struct bytes *b, const struct package_object *o, struct fault *f)
{
	if (bytes_add(b, o->sha256, DIGEST_BYTES, f) != 0 ||
	    put_u64(b, o->bytes, f) != 0)
		return -1;
	return put_u64(b, o->plain, f);
}

static int
take_object(struct reader *r, struct package_object *o, struct fault *f)
{
	if (take_bytes(r, o->sha256, DIGEST_BYTES, f) != 0 ||
	    take_u64(r, &o->bytes, f) != 0)
		return -1;
	return take_u64(r, &o->plain, f);
}

int
package_made_put(struct bytes *b, const struct package_made *m, struct fault *f)
{
	if (put_object(b, &m->shard, f) != 0 ||
	    put_object(b, &m->index, f) != 0 ||
	    put_object(b, &m->join, f) != 0 || put_u64(b, m->items, f) != 0 ||
	    put_u64(b, m->members, f) != 0)
		return -1;
	return put_u64(b, m->persons, f);
}

int
package_made_take(struct reader *r, struct package_made *m, struct fault *f)
{
	if (take_object(r, &m->shard, f) != 0 ||
	    take_object(r, &m->index, f) != 0 ||
	    take_object(r, &m->join, f) != 0 ||
	    take_u64(r, &m->items, f) != 0 || take_u64(r, &m->members, f) != 0)
		return -1;
	return take_u64(r, &m->persons, f);
}
