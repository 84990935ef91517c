/* Lines in, in bounded memory; bytes out, in large writes. */

#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"

#define READ_BYTES ((size_t)64 << 10)
#define SPILL_BYTES ((size_t)256 << 10)
/* One answer on its way out: LABELS_PARTS_MAX parts with long names. */
#define SINK_MAX (SPILL_BYTES + ((size_t)16 << 20))

int
labels_lines_open(struct labels_lines *r, int fd, struct fault *f)
{
	*r = (struct labels_lines){ .fd = fd, .left = LABELS_FILE_MAX };
	bytes_init(&r->buffer, LABELS_LINE_MAX + 2 * READ_BYTES);
	return bytes_reserve(&r->buffer, 2 * READ_BYTES, f);
}

void
labels_lines_free(struct labels_lines *r)
{
	bytes_free(&r->buffer);
}

/* Another piece of the file behind what is held. */
static int
fill(struct labels_lines *r, struct fault *f)
{
	struct bytes *b = &r->buffer;
	size_t got;

	if (r->start > 0) {
		memmove(b->at, b->at + r->start, b->len - r->start);
		b->len -= r->start;
		r->start = 0;
	}
	if (bytes_reserve(b, READ_BYTES, f) != 0 ||
	    file_read_some(r->fd, b->at + b->len, READ_BYTES, &got, f) != 0)
		return -1;
	if (got > r->left)
		return fault_set(f, FAULT_INPUT, "over %llu bytes",
		    (unsigned long long)LABELS_FILE_MAX);
	r->left -= got;
	b->len += got;
	r->end = got == 0;
	return 0;
}

/* Forget what is held of a line that is too long, up to its newline. */
static int
pass_over(struct labels_lines *r, struct fault *f)
{
	struct bytes *b = &r->buffer;
	const uint8_t *newline = NULL;

	r->too_long = true;
	while (newline == NULL && !r->end) {
		bytes_reset(b);
		r->start = 0;
		if (fill(r, f) != 0)
			return -1;
		newline = b->len > 0 ? memchr(b->at, '\n', b->len) : NULL;
	}
	r->start = newline == NULL ? b->len : (size_t)(newline - b->at) + 1;
	return 0;
}

int
labels_lines_next(struct labels_lines *r, const uint8_t **line, size_t *len,
    bool *more, struct fault *f)
{
	struct bytes *b = &r->buffer;
	size_t seen = 0;

	r->too_long = false;
	for (;;) {
		const uint8_t *from = b->at + r->start, *newline;
		size_t held = b->len - r->start;

		newline = memchr(from + seen, '\n', held - seen);
		if (newline != NULL || (r->end && held > 0)) {
			r->line++;
			*more = true;
			*line = from;
			*len =
			    newline != NULL ? (size_t)(newline - from) : held;
			r->start += *len + (newline != NULL ? 1 : 0);
			return 0;
		}
		if (r->end) {
			*more = false;
			return 0;
		}
		if (held > LABELS_LINE_MAX) {
			r->line++;
			*more = true;
			*len = 0;
			*line = from;
			return pass_over(r, f);
		}
		seen = held;
		if (fill(r, f) != 0)
			return -1;
	}
}

void
labels_sink_init(struct labels_sink *s, int fd)
{
	s->fd = fd;
	bytes_init(&s->buffer, SINK_MAX);
}

int
labels_sink_spill(struct labels_sink *s, struct fault *f)
{
	if (s->buffer.len < SPILL_BYTES)
		return 0;
	if (file_write(s->fd, s->buffer.at, s->buffer.len, f) != 0)
		return -1;
	bytes_reset(&s->buffer);
	return 0;
}

int
labels_sink_end(struct labels_sink *s, struct fault *f)
{
	if (s->buffer.len > 0 &&
	    file_write(s->fd, s->buffer.at, s->buffer.len, f) != 0)
		return -1;
	bytes_reset(&s->buffer);
	return 0;
}

int
labels_sink_text(struct labels_sink *s, const char *text, struct fault *f)
{
	return bytes_add_text(&s->buffer, text, f);
}

int
labels_sink_string(struct labels_sink *s, const char *text, struct fault *f)
{
	json_t *v = json_string(text);
	int rc;

	if (v == NULL)
		return fault_memory(f);
	rc = doc_write(&s->buffer, v, f);
	json_decref(v);
	return rc;
}

int
labels_sink_decimal(struct labels_sink *s, int64_t v, struct fault *f)
{
	char text[LABELS_DECIMAL_CHARS + 1];

	labels_decimal_write(text, v);
	return bytes_add_text(&s->buffer, text, f);
}
