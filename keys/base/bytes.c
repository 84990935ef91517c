/* Growing bytes with a ceiling; see bytes.h.  Growth doubles, under the cap. */

#include "keys/base/bytes.h"

#include <stdarg.h>
#include <string.h>

#include "keys/base/mem.h"

/* Every public function begins here; a broken buffer is never repaired. */
static void
bytes_check(const struct bytes *b)
{
	must(b != NULL);
	must(b->len <= b->room && b->room <= b->cap);
	must((b->at == NULL) == (b->room == 0));
}

void
bytes_init(struct bytes *b, size_t cap)
{
	*b = (struct bytes){ .cap = cap };
}

int
bytes_reserve(struct bytes *b, size_t more, struct fault *f)
{
	size_t want, room;
	uint8_t *at;

	bytes_check(b);
	if (!size_add(b->len, more, &want) || want > b->cap)
		return fault_set(f, FAULT_INPUT, "more than %zu bytes", b->cap);
	if (want <= b->room)
		return 0;
	room = b->room > b->cap / 2 ? b->cap : b->room * 2;
	if (room < want)
		room = want < 64 && b->cap >= 64 ? 64 : want;
	if ((at = mem_resize(b->at, room)) == NULL)
		return fault_memory(f);
	b->at = at;
	b->room = room;
	return 0;
}

int
bytes_add(struct bytes *b, const void *p, size_t len, struct fault *f)
{
	/* nearly always there is room */
	if (b->room - b->len < len && bytes_reserve(b, len, f) != 0)
		return -1;
	if (len > 0)
		memcpy(b->at + b->len, p, len);
	b->len += len;
	return 0;
}

int
bytes_add_text(struct bytes *b, const char *text, struct fault *f)
{
	return bytes_add(b, text, strlen(text), f);
}

int
bytes_addf(struct bytes *b, struct fault *f, const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;
	int n, rc;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return fault_memory(f);
	rc = bytes_add(b, text, (size_t)n, f);
	free(text);
	return rc;
}

void
bytes_reset(struct bytes *b)
{
	bytes_check(b);
	b->len = 0;
}

int
bytes_end_text(struct bytes *b, struct fault *f)
{
	if (bytes_reserve(b, 1, f) != 0)
		return -1;
	b->at[b->len] = '\0';
	return 0;
}

void
bytes_free(struct bytes *b)
{
	if (b == NULL)
		return;
	bytes_check(b);
	if (b->at != NULL)
		explicit_bzero(b->at, b->room);
	mem_free(b->at);
	*b = (struct bytes){ .cap = b->cap };
}
