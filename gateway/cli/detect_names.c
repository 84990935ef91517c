/* What `detect --names` reads, in the child: a name a line. */

#include <string.h>

#include "gateway/cli/detect_child_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "policy/detect/detect.h"

#define NAMES_BYTES_MAX (1u << 27) /* some five million names */

static int
add_lines(
    struct dictionary_builder *b, const struct bytes *text, struct fault *f)
{
	size_t line = 0, at = 0;

	while (at < text->len) {
		const uint8_t *p = text->at + at;
		const uint8_t *end = memchr(p, '\n', text->len - at);
		size_t n = end == NULL ? text->len - at : (size_t)(end - p);

		line++;
		if (dictionary_add(
			b, DICTIONARY_NAME, (const char *)p, n, NULL, f) != 0)
			return fault_at(f, "--names: line %zu", line);
		at += n + 1;
	}
	return 0;
}

int
detect_names_open(struct detect_names *out, int fd, struct fault *f)
{
	struct dictionary_builder *b = NULL;
	struct bytes text;
	size_t len = 0;
	int rc = -1;

	bytes_init(&text, NAMES_BYTES_MAX);
	if (file_read_fd(fd, &text, f) != 0)
		(void)fault_at(f, "--names");
	else if (dictionary_new(&b, f) == 0 && add_lines(b, &text, f) == 0 &&
		 dictionary_seal(b, &out->block, &len, f) == 0)
		rc = dictionary_open(&out->dictionary, out->block, len, f);
	dictionary_builder_free(b);
	bytes_free(&text);
	return rc;
}

void
detect_names_close(struct detect_names *names)
{
	dictionary_free(names->dictionary);
	mem_free(names->block);
}
