/*
 * A moving window over a file; see window_internal.h.
 *
 * It starts small enough to stay in the second-level cache, which is faster
 * than fewer, larger reads, and grows only for a record that does not fit.
 */

#include "gateway/mask/window_internal.h"

#include <string.h>

#include "gateway/mask/mask.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define WINDOW_FIRST (64u * 1024)

int
window_open(struct mask_window *w, int fd, uint64_t from, uint64_t end,
    size_t most, struct fault *f)
{
	*w = (struct mask_window){
		.fd = fd, .base = from, .end = end, .most = most
	};
	must(from <= end);
	w->room = most < WINDOW_FIRST ? most : WINDOW_FIRST;
	if (end - from < w->room)
		w->room = (size_t)(end - from);
	if ((w->buf = mem_new(w->room + WINDOW_SLACK)) == NULL)
		return fault_memory(f);
	return 0;
}

void
window_close(struct mask_window *w)
{
	if (w->buf != NULL)
		explicit_bzero(w->buf, w->room);
	mem_free(w->buf);
	*w = (struct mask_window){ .fd = -1 };
}

void
window_move(struct mask_window *w, uint64_t from, uint64_t end)
{
	must(from <= end);
	w->base = from;
	w->end = end;
	w->len = 0;
}

bool
window_whole(const struct mask_window *w)
{
	return w->base + w->len == w->end;
}

void
window_end(struct mask_window *w, size_t len)
{
	must(len <= w->len);
	w->len = len;
	w->end = w->base + len;
	memset(w->buf + len, 0, WINDOW_SLACK);
}

static int
resize(struct mask_window *w, size_t room, struct fault *f)
{
	uint8_t *buf = mem_resize(w->buf, room + WINDOW_SLACK);

	if (buf == NULL)
		return fault_memory(f);
	w->buf = buf;
	w->room = room;
	return 0;
}

int
window_hold(
    struct mask_window *w, int fd, uint64_t from, uint64_t end, struct fault *f)
{
	if (w->room > HELD_BYTES)
		window_close(w);
	w->fd = fd;
	w->most = MASK_RECORD_MAX;
	window_move(w, from, end);
	return w->room == HELD_BYTES ? 0 : resize(w, HELD_BYTES, f);
}

/* Twice the room, for a record that does not fit. */
static int
grow(struct mask_window *w, struct fault *f)
{
	size_t room = w->room > w->most / 2 ? w->most : w->room * 2;

	if (room < WINDOW_FIRST)
		room = w->most < WINDOW_FIRST ? w->most : WINDOW_FIRST;
	return resize(w, room, f);
}

int
window_fill(struct mask_window *w, size_t gone, struct fault *f)
{
	size_t want, got;
	uint64_t left;

	must(gone <= w->len);
	memmove(w->buf, w->buf + gone, w->len - gone);
	w->len -= gone;
	w->base += gone;
	left = w->end - w->base - w->len;
	/* Half full already: or each refill would add little and move much. */
	if (left > 0 && w->len >= w->room / 2 && w->room < w->most &&
	    grow(w, f) != 0)
		return -1;
	if (left > 0 && w->len == w->room)
		return fault_set(
		    f, FAULT_INPUT, "longer than %zu MiB", w->most >> 20);
	want = left < w->room - w->len ? (size_t)left : w->room - w->len;
	if (file_read_at(
		w->fd, w->buf + w->len, want, w->base + w->len, &got, f) != 0)
		return -1;
	if (got != want)
		return fault_set(
		    f, FAULT_INPUT, "became shorter while it was read");
	w->len += got;
	memset(w->buf + w->len, 0, WINDOW_SLACK);
	return 0;
}

size_t
utf8_partial(const uint8_t *p, size_t len)
{
	for (size_t n = 1; n <= 3 && n <= len; n++) {
		uint8_t c = p[len - n];

		if (c >= 0xc0)
			return (c >= 0xf0      ? 4u
				   : c >= 0xe0 ? 3u
					       : 2u) > n
				   ? n
				   : 0;
		if (c < 0x80)
			return 0;
	}
	return 0;
}
