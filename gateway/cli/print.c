/* Answers on standard output as JSON, and their members. */

#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "gateway/cli/print_internal.h"

#include "keys/base/doc.h"

int
print_json(const json_t *o, struct fault *f)
{
	struct bytes text;
	int rc;

	bytes_init(&text, (size_t)64 << 20);
	rc = doc_write(&text, o, f);
	if (rc == 0 && (rc = bytes_add(&text, "\n", 1, f)) == 0)
		(void)fwrite(text.at, 1, text.len, stdout); /* main() checks */
	bytes_free(&text);
	return rc;
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
