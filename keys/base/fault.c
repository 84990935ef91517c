/*
 * The fault: filled by the function that finds a failure, printed by main().
 * See fault.h for the rules; nothing here prints, exits or allocates, so that
 * a fault can be reported when memory is gone.
 */

#include "keys/base/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "keys/base/text.h"

/* A character that a cut at the end of the buffer split goes as a whole. */
static void
drop_split_character(char *text)
{
	size_t i = strlen(text), follow = 0;

	while (i > 0 && ((unsigned char)text[i - 1] & 0xc0) == 0x80) {
		i--;
		follow++;
	}
	if (i > 0 && (unsigned char)text[i - 1] >= 0xc0) {
		unsigned char lead = (unsigned char)text[i - 1];
		size_t want = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;

		if (follow < want)
			text[i - 1] = '\0';
	}
}

/*
 * A file's name may hold anything, and a terminal obeys control characters:
 * what should not be shown and what is not UTF-8 become '?'.
 */
static void
make_printable(char *text)
{
	size_t len, used;
	char *to = text;

	drop_split_character(text);
	len = strlen(text);
	for (char *p = text; len > 0; p += used, len -= used) {
		int32_t c = utf8_next(p, len, &used);

		if (!text_shows(c)) {
			*to++ = '?';
		} else {
			memmove(to, p, used);
			to += used;
		}
	}
	*to = '\0';
}

int
fault_set(struct fault *f, enum fault_kind kind, const char *fmt, ...)
{
	va_list ap;

	must(kind != FAULT_NONE);
	if (f->kind != FAULT_NONE)
		return -1;
	f->kind = kind;
	f->hint[0] = '\0';
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	make_printable(f->text);
	return -1;
}

int
fault_errno(struct fault *f, const char *fmt, ...)
{
	int saved = errno;
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	(void)fault_set(f, FAULT_SYSTEM, "%s: %s", what, strerror(saved));
	return saved == ENOSPC || saved == EDQUOT
		   ? fault_hint(f, "make room there, and give the same command "
				   "again")
		   : -1;
}

int
fault_at(struct fault *f, const char *fmt, ...)
{
	char was[sizeof(f->text)];
	size_t used;
	va_list ap;

	must(f->kind != FAULT_NONE);
	memcpy(was, f->text, sizeof(was));
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	used = strlen(f->text);
	(void)snprintf(f->text + used, sizeof(f->text) - used, ": %s", was);
	make_printable(f->text);
	return -1;
}

int
fault_hint(struct fault *f, const char *fmt, ...)
{
	va_list ap;

	if (f->kind == FAULT_NONE || f->hint[0] != '\0')
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(f->hint, sizeof(f->hint), fmt, ap);
	va_end(ap);
	make_printable(f->hint);
	return -1;
}

int
fault_memory(struct fault *f)
{
	return fault_set(f, FAULT_SYSTEM, "out of memory");
}

void
fault_clear(struct fault *f)
{
	*f = (struct fault){ .kind = FAULT_NONE };
}
