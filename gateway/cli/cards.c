/* Cards as files. */

#include <string.h>

#include "gateway/cli/cards_internal.h"
#include "gateway/cli/streams_internal.h"
#include "keys/base/files.h"

int
card_file(
    const char *path, struct bytes *text, struct card *out, struct fault *f)
{
	int fd = -1, rc = -1;

	bytes_reset(text);
	if (input_open(path, &fd, f) == 0 && file_read_fd(fd, text, f) == 0) {
		while (text->len > 0 && text->at[text->len - 1] == '\n')
			text->len--;
		rc = card_read(out, text->at, text->len, f);
	}
	file_close(&fd);
	return rc == 0 ? 0 : fault_at(f, "%s", path);
}

json_t *
card_ask(const struct bytes *text, const char *fingerprint)
{
	return json_pack("{s:s%,s:s*}", "card",
	    text->len > 0 ? (const char *)text->at : "", text->len,
	    "fingerprint", fingerprint);
}
