/* Verifier keys as commands take them: the key itself, or a file with it. */

#include <string.h>

#include "gateway/cli/verifier_internal.h"
#include "keys/base/files.h"

/* A key and a newline. */
#define FILE_MAX_BYTES (VKEY_CHARS_MAX + 2u)

int
read_verifier(struct vkey *out, const char *value, struct fault *f)
{
	struct fault as_text = { .kind = FAULT_NONE };
	struct bytes b;
	int rc = -1;

	if (vkey_read(out, value, strlen(value), &as_text) == 0)
		return 0;
	bytes_init(&b, FILE_MAX_BYTES);
	if (strchr(value, '+') != NULL ||
	    file_read(AT_FDCWD, value, &b, f) != 0) {
		fault_clear(f);
		(void)fault_set(f, FAULT_USAGE, "--key: %s", as_text.text);
		(void)fault_hint(f,
		    "a key looks like example.com/log+33d7b496+AeHTu4Q3h...");
		goto out;
	}
	if (b.len > 0 && b.at[b.len - 1] == '\n')
		b.len--;
	rc = vkey_read(out, (const char *)b.at, b.len, f);
	if (rc != 0)
		(void)fault_at(f, "%s", value);
out:
	bytes_free(&b);
	return rc;
}
