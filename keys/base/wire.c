/* Messages between our own processes; see wire.h for the encoding. */

#include "keys/base/wire.h"

#include <string.h>

struct reader
reader_of(const void *p, size_t len)
{
	const uint8_t *at = p;

	return (struct reader){ at, at == NULL ? at : at + len };
}

struct slice
slice_of_text(const char *text)
{
	return (struct slice){ (const uint8_t *)text, strlen(text) };
}

size_t
reader_left(const struct reader *r)
{
	must(r->at <= r->end);
	return (size_t)(r->end - r->at);
}

static int
take_int(struct reader *r, size_t len, uint64_t *out, struct fault *f)
{
	uint64_t v = 0;

	if (reader_left(r) < len)
		return fault_set(f, FAULT_INPUT, "message cut short");
	for (size_t i = 0; i < len; i++)
		v = v << 8 | *r->at++;
	*out = v;
	return 0;
}

int
take_u8(struct reader *r, uint8_t *out, struct fault *f)
{
	uint64_t v = 0;

	if (take_int(r, 1, &v, f) != 0)
		return -1;
	*out = (uint8_t)v;
	return 0;
}

int
take_u16(struct reader *r, uint16_t *out, struct fault *f)
{
	uint64_t v = 0;

	if (take_int(r, 2, &v, f) != 0)
		return -1;
	*out = (uint16_t)v;
	return 0;
}

int
take_u32(struct reader *r, uint32_t *out, struct fault *f)
{
	uint64_t v = 0;

	if (take_int(r, 4, &v, f) != 0)
		return -1;
	*out = (uint32_t)v;
	return 0;
}

int
take_u64(struct reader *r, uint64_t *out, struct fault *f)
{
	return take_int(r, 8, out, f);
}

int
take_bytes(struct reader *r, void *out, size_t len, struct fault *f)
{
	if (reader_left(r) < len)
		return fault_set(f, FAULT_INPUT, "message cut short");
	if (len > 0)
		memcpy(out, r->at, len);
	r->at += len;
	return 0;
}

int
take_slice(struct reader *r, size_t max, struct slice *out, struct fault *f)
{
	struct reader was = *r;
	uint32_t len;

	if (take_u32(r, &len, f) != 0)
		return -1;
	if (len > max || len > reader_left(r)) {
		*r = was;
		return fault_set(f, FAULT_INPUT,
		    len > max ? "message field over its limit"
			      : "message cut short");
	}
	*out = (struct slice){ r->at, len };
	r->at += len;
	return 0;
}

int
take_text(struct reader *r, char *out, size_t room, struct fault *f)
{
	struct slice s;

	must(room > 0);
	if (take_slice(r, room - 1, &s, f) != 0)
		return -1;
	if (s.len > 0 && memchr(s.at, 0, s.len) != NULL)
		return fault_set(f, FAULT_INPUT, "message text holds a NUL");
	if (s.len > 0)
		memcpy(out, s.at, s.len);
	out[s.len] = '\0';
	return 0;
}

int
take_end(struct reader *r, struct fault *f)
{
	if (reader_left(r) != 0)
		return fault_set(f, FAULT_INPUT, "message has bytes left over");
	return 0;
}

static int
put_int(struct bytes *b, uint64_t v, size_t len, struct fault *f)
{
	uint8_t be[8];

	for (size_t i = 0; i < len; i++)
		be[i] = (uint8_t)(v >> (8 * (len - 1 - i)));
	return bytes_add(b, be, len, f);
}

int
put_u8(struct bytes *b, uint8_t v, struct fault *f)
{
	return put_int(b, v, 1, f);
}

int
put_u16(struct bytes *b, uint16_t v, struct fault *f)
{
	return put_int(b, v, 2, f);
}

int
put_u32(struct bytes *b, uint32_t v, struct fault *f)
{
	return put_int(b, v, 4, f);
}

int
put_u64(struct bytes *b, uint64_t v, struct fault *f)
{
	return put_int(b, v, 8, f);
}

int
put_slice(struct bytes *b, const void *p, size_t len, struct fault *f)
{
	size_t was = b->len;

	if (len > UINT32_MAX)
		return fault_set(f, FAULT_INPUT, "message field over 4 GiB");
	if (put_u32(b, (uint32_t)len, f) != 0)
		return -1;
	if (bytes_add(b, p, len, f) != 0) {
		b->len = was;
		return -1;
	}
	return 0;
}

int
put_text(struct bytes *b, const char *text, struct fault *f)
{
	return put_slice(b, text, strlen(text), f);
}

int
put_fault(struct bytes *b, const struct fault *told, struct fault *f)
{
	if (put_u8(b, (uint8_t)told->kind, f) != 0 ||
	    put_text(b, told->text, f) != 0)
		return -1;
	return put_text(b, told->hint, f);
}

int
take_fault(struct reader *r, struct fault *told, struct fault *f)
{
	struct fault got = { 0 };
	uint8_t kind;

	if (take_u8(r, &kind, f) != 0 ||
	    take_text(r, got.text, sizeof(got.text), f) != 0 ||
	    take_text(r, got.hint, sizeof(got.hint), f) != 0)
		return -1;
	if (kind == 1 || kind > FAULT_SYSTEM)
		return fault_set(f, FAULT_INPUT, "message names no fault");
	got.kind = (enum fault_kind)kind;
	*told = got;
	return 0;
}
