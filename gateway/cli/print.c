/* Answers on standard output: as JSON, or piece by piece into sentences. */

#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "gateway/cli/padded_internal.h"
#include "gateway/cli/print_internal.h"

#include "keys/base/doc.h"

int
print_json(const json_t *o, struct fault *f)
{
	struct bytes text;
	int rc;

	bytes_init(&text, (size_t)64 << 20);
	rc = doc_write(&text, o, f);
	if (rc == 0)
		printf("%.*s\n", (int)text.len, (const char *)text.at);
	bytes_free(&text);
	return rc;
}

void
print_plain(const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		putchar(c < 0x20 || c == 0x7f ? '?' : c);
	}
}

void
print_padded(const char *text, int width)
{
	int n = 0;

	print_plain(text);
	for (; *text != '\0'; text++) /* characters, not bytes of UTF-8 */
		n += (*text & 0xc0) != 0x80;
	printf("%*s", n < width ? width - n + 1 : 1, "");
}

int
print_columns(void)
{
	struct winsize w = { .ws_col = 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
		return isatty(STDOUT_FILENO) ? 80 : INT_MAX;
	return w.ws_col;
}

const char *
member_text(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

long long
member_number(const json_t *o, const char *key)
{
	return (long long)json_integer_value(json_object_get(o, key));
}
