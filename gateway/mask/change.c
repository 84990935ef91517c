/*
 * The change record: what a masker did to a file, told in ranges.
 *
 * With the source, the list of edits and the delivered bytes an owner can
 * check that nothing else was changed: the source without what was cut is the
 * delivered file without what was put in, and both hash to `kept`.
 *
 * struct mask_out is the only way by which delivered bytes leave a whole-file
 * masker, and it writes the record as a side effect; the record can therefore
 * not be forgotten.
 *
 * Not here: where the bytes go (the caller's sink) and what is kept (the
 * formats).
 */

#include <openssl/evp.h>
#include <string.h>

#include "gateway/mask/mask_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

void
mask_change_init(struct mask_change *c, bool want_kept)
{
	*c = (struct mask_change){ .want_kept = want_kept, .complete = true };
}

void
mask_change_free(struct mask_change *c)
{
	if (c == NULL)
		return;
	mem_free(c->edits);
	mem_free(c->shifts);
	mask_change_init(c, c->want_kept);
}

/* Half a list checks nothing: one that would be too long is given up. */
int
mask_edit_list(
    struct mask_change *c, const struct mask_edit *e, struct fault *f)
{
	struct mask_edit *edits;

	if (c->complete && c->nedits == MASK_EDITS_MAX) {
		c->complete = false;
		c->nedits = 0;
	}
	if (!c->complete)
		return 0;
	if (c->nedits == c->room) {
		size_t room = c->room == 0 ? 16 : c->room * 2;

		edits = mem_resize(c->edits, room * sizeof(*edits));
		if (edits == NULL)
			return fault_memory(f);
		c->edits = edits;
		c->room = room;
	}
	c->edits[c->nedits++] = *e;
	return 0;
}

int
mask_shift_add(
    struct mask_change *c, const struct mask_edit *e, struct fault *f)
{
	struct mask_edit *shifts;

	if (!c->complete) {
		c->nshifts = 0;
		return 0;
	}
	if (c->nshifts == c->shifts_room) {
		size_t room = c->shifts_room == 0 ? 16 : c->shifts_room * 2;

		shifts = mem_resize(c->shifts, room * sizeof(*shifts));
		if (shifts == NULL)
			return fault_memory(f);
		c->shifts = shifts;
		c->shifts_room = room;
	}
	c->shifts[c->nshifts++] = *e;
	return 0;
}

int
mask_change_join(
    struct mask_change *c, const struct mask_change *part, struct fault *f)
{
	for (size_t i = 0; i < part->nedits; i++)
		if (mask_edit_list(c, &part->edits[i], f) != 0)
			return -1;
	if (!part->complete) {
		c->complete = false;
		c->nedits = 0;
	}
	c->nchanges += part->nchanges;
	c->cut += part->cut;
	c->put += part->put;
	c->records += part->records;
	return 0;
}

/* -- Delivery ------------------------------------------------------------ */

int
mask_out_open(struct mask_out *o, struct mask_sink sink,
    struct mask_change *change, struct fault *f)
{
	*o = (struct mask_out){ .sink = sink, .change = change };
	if (!change->want_kept)
		return 0;
	if ((o->kept = EVP_MD_CTX_new()) == NULL)
		return fault_memory(f);
	if (EVP_DigestInit_ex(o->kept, EVP_sha256(), NULL) != 1)
		return fault_set(f, FAULT_SYSTEM, "no SHA-256");
	return 0;
}

void
mask_out_close(struct mask_out *o)
{
	EVP_MD_CTX_free(o->kept);
	o->kept = NULL;
}

int
mask_keep(struct mask_out *o, const void *p, size_t len, struct fault *f)
{
	if (len == 0)
		return 0;
	if (o->kept != NULL && EVP_DigestUpdate(o->kept, p, len) != 1)
		return fault_set(f, FAULT_SYSTEM, "SHA-256 failed");
	if (o->collect != NULL && bytes_add(o->collect, p, len, f) != 0)
		return -1;
	if (o->sink.write(o->sink.arg, p, len, f) != 0)
		return -1;
	o->done += len;
	o->change->sent_bytes += len;
	return 0;
}

int
mask_swap(struct mask_out *o, uint64_t cut, const void *p, size_t put,
    struct fault *f)
{
	if (mask_edit_add(o->change, o->done, cut, put, f) != 0)
		return -1;
	if (put > 0 && o->sink.write(o->sink.arg, p, put, f) != 0)
		return -1;
	o->done += cut;
	o->change->sent_bytes += put;
	return 0;
}

uint64_t
mask_done(const struct mask_out *o)
{
	return o->done;
}

int
mask_out_finish(struct mask_out *o, uint64_t size, struct fault *f)
{
	unsigned len = 0;

	/* A masker that skipped a byte would deliver an unchecked record. */
	must(o->done == size);
	o->change->source_bytes = size;
	if (o->kept == NULL)
		return 0;
	if (EVP_DigestFinal_ex(o->kept, o->change->kept, &len) != 1 ||
	    len != sizeof(o->change->kept))
		return fault_set(f, FAULT_SYSTEM, "SHA-256 failed");
	o->change->has_kept = true;
	return 0;
}

/* -- As JSON ------------------------------------------------------------- */

static json_t *
view_json(const struct mask_view *v)
{
	return json_pack("{s:i, s:b, s:I, s:I, s:I, s:I}", "orientation",
	    (int)v->orientation, "upright", (int)v->upright, "width",
	    (json_int_t)v->width, "height", (json_int_t)v->height, "sent_width",
	    (json_int_t)v->sent_width, "sent_height",
	    (json_int_t)v->sent_height);
}

static json_t *
edits_json(const struct mask_change *c)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < c->nedits; i++) {
		const struct mask_edit *e = &c->edits[i];
		json_t *one =
		    json_pack("{s:I, s:I, s:I}", "at", (json_int_t)e->at, "cut",
			(json_int_t)e->cut, "put", (json_int_t)e->put);

		if (one == NULL || json_array_append_new(list, one) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

int
mask_change_json(json_t **out, const struct mask_change *c, struct fault *f)
{
	char kept[HEX_CHARS(sizeof(c->kept)) + 1];
	json_t *o;

	o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:b, s:o}", "source_bytes",
	    (json_int_t)c->source_bytes, "sent_bytes",
	    (json_int_t)c->sent_bytes, "changes", (json_int_t)c->nchanges,
	    "cut", (json_int_t)c->cut, "put", (json_int_t)c->put, "complete",
	    (int)c->complete, "edits", edits_json(c));
	if (o == NULL)
		return fault_memory(f);
	hex_write(kept, c->kept, sizeof(c->kept));
	if ((c->records > 0 &&
		json_object_set_new(
		    o, "records", json_integer((json_int_t)c->records)) != 0) ||
	    (c->has_kept && json_object_set_new(
				o, "kept_sha256", json_string(kept)) != 0) ||
	    (c->view.orientation > 0 &&
		json_object_set_new(o, "view", view_json(&c->view)) != 0)) {
		json_decref(o);
		return fault_memory(f);
	}
	*out = o;
	return 0;
}

/* -- As a message -------------------------------------------------------- */

int
mask_view_put(struct bytes *b, const struct mask_view *v, struct fault *f)
{
	if (put_u8(b, v->orientation, f) != 0 ||
	    put_u8(b, v->upright ? 1 : 0, f) != 0 ||
	    put_u32(b, v->width, f) != 0 || put_u32(b, v->height, f) != 0 ||
	    put_u32(b, v->sent_width, f) != 0 ||
	    put_u32(b, v->sent_height, f) != 0)
		return -1;
	return put_u64(b, v->chars, f);
}

static int
take_flag(struct reader *r, bool *out, struct fault *f)
{
	uint8_t v;

	if (take_u8(r, &v, f) != 0)
		return -1;
	if (v > 1)
		return fault_set(f, FAULT_INPUT, "message flag is no flag");
	*out = v == 1;
	return 0;
}

int
mask_view_take(struct reader *r, struct mask_view *v, struct fault *f)
{
	struct mask_view got;

	if (take_u8(r, &got.orientation, f) != 0 ||
	    take_flag(r, &got.upright, f) != 0 ||
	    take_u32(r, &got.width, f) != 0 ||
	    take_u32(r, &got.height, f) != 0 ||
	    take_u32(r, &got.sent_width, f) != 0 ||
	    take_u32(r, &got.sent_height, f) != 0 ||
	    take_u64(r, &got.chars, f) != 0)
		return -1;
	if (got.orientation > 8)
		return fault_set(f, FAULT_INPUT, "no such orientation");
	*v = got;
	return 0;
}

int
mask_change_put(struct bytes *b, const struct mask_change *c, struct fault *f)
{
	if (put_u64(b, c->source_bytes, f) != 0 ||
	    put_u64(b, c->sent_bytes, f) != 0 ||
	    put_u64(b, c->records, f) != 0 || put_u64(b, c->nchanges, f) != 0 ||
	    put_u64(b, c->cut, f) != 0 || put_u64(b, c->put, f) != 0 ||
	    put_u8(b, c->complete ? 1 : 0, f) != 0 ||
	    put_u8(b, c->has_kept ? 1 : 0, f) != 0 ||
	    bytes_add(b, c->kept, sizeof(c->kept), f) != 0 ||
	    mask_view_put(b, &c->view, f) != 0 ||
	    put_u32(b, (uint32_t)c->nedits, f) != 0)
		return -1;
	for (size_t i = 0; i < c->nedits; i++)
		if (put_u64(b, c->edits[i].at, f) != 0 ||
		    put_u64(b, c->edits[i].cut, f) != 0 ||
		    put_u64(b, c->edits[i].put, f) != 0)
			return -1;
	return 0;
}

static int
take_edits(struct reader *r, struct mask_change *c, struct fault *f)
{
	uint32_t n;

	if (take_u32(r, &n, f) != 0)
		return -1;
	if (n > MASK_EDITS_MAX || n > reader_left(r) / 24)
		return fault_set(f, FAULT_INPUT, "message has too few edits");
	for (uint32_t i = 0; i < n; i++) {
		struct mask_edit e;

		if (take_u64(r, &e.at, f) != 0 || take_u64(r, &e.cut, f) != 0 ||
		    take_u64(r, &e.put, f) != 0 ||
		    mask_edit_list(c, &e, f) != 0)
			return -1;
	}
	return 0;
}

int
mask_change_take(struct reader *r, struct mask_change *c, struct fault *f)
{
	struct mask_change got;

	mask_change_init(&got, false);
	if (take_u64(r, &got.source_bytes, f) != 0 ||
	    take_u64(r, &got.sent_bytes, f) != 0 ||
	    take_u64(r, &got.records, f) != 0 ||
	    take_u64(r, &got.nchanges, f) != 0 ||
	    take_u64(r, &got.cut, f) != 0 || take_u64(r, &got.put, f) != 0 ||
	    take_flag(r, &got.complete, f) != 0 ||
	    take_flag(r, &got.has_kept, f) != 0 ||
	    take_bytes(r, got.kept, sizeof(got.kept), f) != 0 ||
	    mask_view_take(r, &got.view, f) != 0 ||
	    take_edits(r, &got, f) != 0) {
		mask_change_free(&got);
		return -1;
	}
	*c = got;
	return 0;
}
