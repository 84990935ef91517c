/* Every file below a folder, or the one that was named, opened one after the
 * other. */

#include <string.h>
#include <sys/stat.h>

#include "gateway/flow/flow.h"
#include "gateway/flow/scan_internal.h"
#include "keys/base/files.h"

/* As it is told: below the folder that was named, or just that. */
static int
name_of(struct bytes *name, const char *given, const char *path, bool folder,
    struct fault *f)
{
	size_t len = strlen(given);

	bytes_reset(name);
	while (folder && len > 1 && given[len - 1] == '/')
		len--;
	if (bytes_add(name, given, len, f) != 0 ||
	    (folder &&
		((given[len - 1] != '/' && bytes_add_text(name, "/", f) != 0) ||
		    bytes_add_text(name, path, f) != 0)))
		return -1;
	return bytes_end_text(name, f);
}

int
flow_files(const char *given, const struct flow_file_seer *to, struct fault *f)
{
	struct scan scan;
	struct bytes name;
	struct stat st;
	int fd = -1, rc = -1;

	bytes_init(&name, 65536);
	if (scan_dataset(&scan, given, f) != 0)
		goto out;
	if (stat(given, &st) != 0) {
		(void)fault_errno(f, "%s", given);
		goto out;
	}
	for (uint32_t i = 0; i < scan.n; i++) {
		if (name_of(&name, given, scan_path(&scan, i),
			S_ISDIR(st.st_mode), f) != 0 ||
		    scan_open(&scan, i, &fd, f) != 0)
			goto out;
		rc = to->see(to->arg, (const char *)name.at, fd,
		    (struct flow_file){ i, scan.n, scan.files[i].size }, f);
		file_close(&fd);
		if (rc != 0)
			goto out;
	}
	rc = 0;
out:
	bytes_free(&name);
	scan_free(&scan);
	return rc;
}
