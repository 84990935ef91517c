/*
 * Answers as people read them, in tables.  Names in answers were chosen by
 * other people, so no control character of theirs reaches a terminal.
 */

#include <stdio.h>
#include <string.h>

#include "gateway/cli/answer_internal.h"
#include "keys/base/clock.h"
#include "keys/base/text.h"

#define COLUMNS_MAX 12u

/* "12.3 MiB"; whole bytes below a KiB. */
static void
write_bytes(char *out, size_t room, json_int_t n)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB",
		"TiB", "PiB" };
	double v = (double)n;
	size_t u = 0;

	while (v >= 1024 && u + 1 < sizeof(units) / sizeof(*units)) {
		v /= 1024;
		u++;
	}
	(void)snprintf(out, room, u == 0 ? "%.0f %s" : "%.1f %s", v, units[u]);
}

/* What should not be shown becomes a question mark. */
static void
write_plain(char *out, const char *text)
{
	size_t len = strlen(text), n = 0;

	while (len > 0 && n + 5 < CELL_CHARS) {
		size_t used;
		int32_t c = utf8_next(text, len, &used);

		if (!text_shows(c)) {
			out[n++] = '?';
		} else {
			memcpy(out + n, text, used);
			n += used;
		}
		text += used;
		len -= used;
	}
	out[n] = '\0';
}

#define DAY_SECONDS 86400

static bool
ends_with_a_day(const char *time)
{
	int64_t at;

	return clock_read(&at, time, strlen(time)) && at % DAY_SECONDS == 0;
}

static void
write_day(char *out, const char *time, int64_t back)
{
	char day[CLOCK_DATE_CHARS + 1];
	int64_t at;

	if (!clock_read(&at, time, strlen(time))) {
		(void)snprintf(out, CELL_CHARS, "?");
		return;
	}
	clock_write_date(day, at - back);
	(void)snprintf(out, CELL_CHARS, "%s", day);
}

void
answer_cell(const json_t *value, enum column_form form, char out[CELL_CHARS])
{
	const char *text = json_string_value(value);

	if (value == NULL || json_is_null(value) ||
	    (text != NULL && text[0] == '\0'))
		(void)snprintf(out, CELL_CHARS, "-");
	else if (json_is_boolean(value))
		(void)snprintf(
		    out, CELL_CHARS, "%s", json_is_true(value) ? "yes" : "no");
	else if (json_is_integer(value) && form == COLUMN_BYTES)
		write_bytes(out, CELL_CHARS, json_integer_value(value));
	else if (json_is_integer(value))
		(void)snprintf(out, CELL_CHARS, "%lld",
		    (long long)json_integer_value(value));
	else if (text == NULL)
		(void)snprintf(out, CELL_CHARS, "?");
	else if (form == COLUMN_DAY)
		write_day(out, text, 0);
	else if (form == COLUMN_LAST_DAY ||
		 (form == COLUMN_END && ends_with_a_day(text)))
		write_day(out, text, 1);
	else
		write_plain(out, text);
}

static char *
next_text(void)
{
	static char text[8][CELL_CHARS];
	static unsigned i;

	i = (i + 1) % 8;
	return text[i];
}

const char *
answer_form(const json_t *o, const char *member, enum column_form form)
{
	char *out = next_text();

	answer_cell(json_object_get(o, member), form, out);
	return out;
}

const char *
answer_text(const json_t *o, const char *member)
{
	return answer_form(o, member, COLUMN_TEXT);
}

const char *
answer_count(const json_t *o, const char *member, const char *one)
{
	json_int_t n = json_integer_value(json_object_get(o, member));
	char *out = next_text();

	(void)snprintf(
	    out, CELL_CHARS, "%lld %s%s", (long long)n, one, n == 1 ? "" : "s");
	return out;
}

/* Characters, as a terminal counts most of them. */
static int
width_of(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static void
print_cell(const char *text, int width, bool last)
{
	if (last)
		speak("%s\n", text);
	else
		speak("%-*s  ", width, text);
}

int
answer_table(const json_t *list, const struct column *columns, size_t ncolumns,
    const char *none, struct fault *f)
{
	int width[COLUMNS_MAX];
	char cell[CELL_CHARS];
	const json_t *row;
	int room = print_columns();
	size_t i;

	if (ncolumns > COLUMNS_MAX || !json_is_array(list))
		return fault_set(f, FAULT_INPUT, "the answer is no table");
	if (json_array_size(list) == 0) {
		speak("%s\n", none);
		return 0;
	}
	for (size_t n = 0; n < ncolumns; n++) {
		width[n] = width_of(columns[n].title);
		json_array_foreach(list, i, row)
		{
			answer_cell(json_object_get(row, columns[n].member),
			    columns[n].form, cell);
			if (width_of(cell) > width[n])
				width[n] = width_of(cell);
		}
	}
	for (size_t n = 0; n < ncolumns; room -= width[n++] + 2)
		if (n > 0 && width[n] > room)
			ncolumns = n;
	for (size_t n = 0; n < ncolumns; n++)
		print_cell(columns[n].title, width[n], n + 1 == ncolumns);
	json_array_foreach(list, i, row)
	{
		for (size_t n = 0; n < ncolumns; n++) {
			answer_cell(json_object_get(row, columns[n].member),
			    columns[n].form, cell);
			print_cell(cell, width[n], n + 1 == ncolumns);
		}
	}
	return 0;
}
