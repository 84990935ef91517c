/*
 * What a person reads.  A terminal obeys what it is sent, and most of what we
 * print somebody else has chosen: a vendor, an owner, whoever named a file.  So
 * each text is cleaned here, on its way out, and nowhere before, where one
 * would be forgotten.  The format's own characters are the program's.
 *
 * Not here: JSON, which escapes for itself (print.c), bytes that were asked for
 * (streams.c), and the line of progress, which is the program's alone.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "keys/base/text.h"

/* A conversion: %[-0][width][.precision][size]conversion */
struct spec {
	bool left, zero;
	int width;
	int precision; /* -1: none */
	enum { INT, LONG, LONG_LONG, SIZE } size;
	char conversion;
};

/* The arguments, in a struct so that one can be taken by a function. */
struct rest {
	va_list at;
};

/* ---- Texts ---- */

/* but: a character to be left as it is, or 0. */
static void
put_clean(FILE *to, const char *text, size_t len, char but)
{
	size_t used;

	for (; len > 0; text += used, len -= used)
		if (text_shows(utf8_next(text, len, &used)) ||
		    (*text == but && but != 0))
			(void)fwrite(text, 1, used, to);
		else
			(void)putc('?', to);
}

static int
characters(const char *text, size_t len)
{
	size_t used;
	int n = 0;

	for (; len > 0; text += used, len -= used, n++)
		(void)!utf8_next(text, len, &used);
	return n;
}

static void
put_padded(FILE *to, const struct spec *s, const char *text)
{
	size_t len;
	int pad;

	text = text != NULL ? text : "";
	len = s->precision >= 0 ? strnlen(text, (size_t)s->precision)
				: strlen(text);
	pad = s->width > 0 ? s->width - characters(text, len) : 0;
	for (int i = 0; !s->left && i < pad; i++)
		(void)putc(' ', to);
	put_clean(to, text, len, 0);
	for (int i = 0; s->left && i < pad; i++)
		(void)putc(' ', to);
}

/* ---- Numbers ---- */

static long long
take_signed(const struct spec *s, struct rest *r)
{
	switch (s->size) {
	case LONG:
		return va_arg(r->at, long);
	case LONG_LONG:
		return va_arg(r->at, long long);
	/* NOLINTNEXTLINE(bugprone-branch-clone): one type here only */
	case SIZE:
		return va_arg(r->at, ssize_t);
	default:
		return va_arg(r->at, int);
	}
}

static unsigned long long
take_unsigned(const struct spec *s, struct rest *r)
{
	switch (s->size) {
	case LONG:
		return va_arg(r->at, unsigned long);
	case LONG_LONG:
		return va_arg(r->at, unsigned long long);
	/* NOLINTNEXTLINE(bugprone-branch-clone): one type here only */
	case SIZE:
		return va_arg(r->at, size_t);
	default:
		return va_arg(r->at, unsigned);
	}
}

static void
put_one(FILE *to, const struct spec *s, struct rest *r)
{
	int width = s->left ? -s->width : s->width;

	switch (s->conversion) {
	case 's':
		put_padded(to, s, va_arg(r->at, const char *));
		break;
	case 'd':
		fprintf(
		    to, s->zero ? "%0*lld" : "%*lld", width, take_signed(s, r));
		break;
	case 'u':
		fprintf(to, s->zero ? "%0*llu" : "%*llu", width,
		    take_unsigned(s, r));
		break;
	case 'x':
		fprintf(to, s->zero ? "%0*llx" : "%*llx", width,
		    take_unsigned(s, r));
		break;
	case 'f':
		fprintf(
		    to, "%*.*f", width, s->precision, va_arg(r->at, double));
		break;
	case 'g':
		fprintf(
		    to, "%*.*g", width, s->precision, va_arg(r->at, double));
		break;
	case '%':
		(void)putc('%', to);
		break;
	default:
		must(!"a conversion that speak() has");
	}
}

/* ---- Formats ---- */

static const char *
read_count(const char *fmt, int *out, struct rest *r)
{
	*out = 0;
	if (*fmt == '*') {
		*out = va_arg(r->at, int);
		return fmt + 1;
	}
	for (; *fmt >= '0' && *fmt <= '9'; fmt++)
		*out = 10 * *out + (*fmt - '0');
	return fmt;
}

/* Behind its '%'; to behind its last character. */
static const char *
read_spec(const char *fmt, struct spec *s, struct rest *r)
{
	*s = (struct spec){ .precision = -1 };
	for (; *fmt == '-' || *fmt == '0'; fmt++)
		*(*fmt == '-' ? &s->left : &s->zero) = true;
	fmt = read_count(fmt, &s->width, r);
	if (s->width < 0) {
		s->left = true;
		s->width = -s->width;
	}
	if (*fmt == '.')
		fmt = read_count(fmt + 1, &s->precision, r);
	if (*fmt == 'z') {
		s->size = SIZE;
		fmt++;
	}
	for (; *fmt == 'l'; fmt++)
		s->size = s->size == LONG ? LONG_LONG : LONG;
	s->conversion = *fmt;
	return *fmt != '\0' ? fmt + 1 : fmt;
}

static void
speak_rest(FILE *to, const char *fmt, struct rest *r)
{
	struct spec s;

	while (*fmt != '\0') {
		size_t len = strcspn(fmt, "%");

		(void)fwrite(fmt, 1, len, to);
		fmt += len;
		if (*fmt == '\0')
			break;
		fmt = read_spec(fmt + 1, &s, r);
		put_one(to, &s, r);
	}
}

void
speak(const char *fmt, ...)
{
	struct rest r;

	va_start(r.at, fmt);
	speak_rest(stdout, fmt, &r);
	va_end(r.at);
}

void
speak_to(FILE *to, const char *fmt, ...)
{
	struct rest r;

	va_start(r.at, fmt);
	speak_rest(to, fmt, &r);
	va_end(r.at);
}

static void
put_wrapped(FILE *to, int indent, const char *text)
{
	int column = 0, begins = 0; /* the line, and what it began with */

	while (*text != '\0') {
		size_t gap = strspn(text, " ");
		size_t word = strcspn(text + gap, " ");
		int wide = characters(text + gap, word);

		if (column > begins && column + (int)gap + wide > SPEAK_WIDTH) {
			fprintf(to, "\n%*s", indent, "");
			column = begins = indent;
			text += gap;
			gap = 0;
		}
		(void)fwrite(text, 1, gap + word, to);
		column += (int)gap + wide;
		text += gap + word;
	}
}

void
speak_wrapped(FILE *to, int indent, const char *fmt, ...)
{
	struct rest r;
	char *text = NULL;
	size_t len;
	FILE *whole = open_memstream(&text, &len);

	va_start(r.at, fmt);
	speak_rest(whole != NULL ? whole : to, fmt, &r);
	va_end(r.at);
	if (whole != NULL && fclose(whole) == 0)
		put_wrapped(to, indent, text);
	free(text);
}

void
speak_lines(FILE *to, const char *text, size_t len)
{
	put_clean(to, text, len, '\n');
}
