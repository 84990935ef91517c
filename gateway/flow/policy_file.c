/* A policy as it lies in its folder, with the files beside it that it names. */

#include <fcntl.h>
#include <string.h>

#include "gateway/flow/flow.h"
#include "keys/base/files.h"

/* One file, from the folder of path. */
static int
give(struct policy *p, const char *path, const char *name, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	struct bytes whole, text;
	int rc = -1;

	bytes_init(&whole, folder + POLICY_TEXT_MAX + 1);
	bytes_init(&text, TRANSFORM_LEVELS_BYTES);
	if (bytes_add(&whole, path, folder, f) == 0 &&
	    bytes_add_text(&whole, name, f) == 0 &&
	    bytes_end_text(&whole, f) == 0 &&
	    file_read(AT_FDCWD, (const char *)whole.at, &text, f) == 0)
		rc = policy_give(p, text.at, text.len, f);
	bytes_free(&whole);
	bytes_free(&text);
	return rc;
}

int
policy_load(
    struct policy **out, const char *path, struct bytes *text, struct fault *f)
{
	const char *name;

	*out = NULL;
	if (file_read(AT_FDCWD, path, text, f) != 0 ||
	    policy_read(out, path, text->at, text->len, f) != 0)
		return -1;
	while ((name = policy_wants(*out)) != NULL)
		if (give(*out, path, name, f) != 0) {
			policy_free(*out);
			*out = NULL;
			return -1;
		}
	return 0;
}
