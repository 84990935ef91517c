/* C2SP tlog-checkpoint: a signed note of three lines: origin, size, root.
 * We write no extension lines; those of other logs are signed but say nothing
 * to us. */

#include <string.h>

#include "gateway/audit/audit.h"
#include "keys/base/text.h"

int
audit_checkpoint_sign(struct bytes *out, const struct audit_checkpoint *c,
    const char *name, const struct sign_key *key, struct fault *f)
{
	struct bytes text;
	int rc = -1;

	bytes_init(&text, AUDIT_CHECKPOINT_MAX);
	if (bytes_addf(&text, f, "%s\n%llu\n", name,
		(unsigned long long)c->size) != 0 ||
	    base64_add(&text, c->root, DIGEST_BYTES, true, f) != 0 ||
	    bytes_add(&text, "\n", 1, f) != 0)
		goto out;
	rc = note_sign(out, (struct slice){ text.at, text.len }, name, key, f);
out:
	bytes_free(&text);
	return rc;
}

/* The next line of s, without its newline; s moves behind it. */
static bool
next_line(struct slice *s, struct slice *line)
{
	const uint8_t *nl = s->len == 0 ? NULL : memchr(s->at, '\n', s->len);

	if (nl == NULL)
		return false;
	line->at = s->at;
	line->len = (size_t)(nl - s->at);
	s->len -= line->len + 1;
	s->at = nl + 1;
	return true;
}

int
audit_checkpoint_open(struct audit_checkpoint *out, const void *p, size_t len,
    const struct vkey *log, struct fault *f)
{
	struct slice text, origin, size, root, extension;
	struct audit_checkpoint c;
	struct note note;
	size_t got;

	if (len > AUDIT_CHECKPOINT_MAX)
		return fault_set(f, FAULT_INPUT, "checkpoint: over %u bytes",
		    AUDIT_CHECKPOINT_MAX);
	if (note_open(&note, p, len, log, 1, f) != 0)
		return fault_at(f, "checkpoint");
	text = note.text;
	if (!next_line(&text, &origin) || !next_line(&text, &size) ||
	    !next_line(&text, &root))
		return fault_set(
		    f, FAULT_INPUT, "checkpoint: under three lines");
	while (next_line(&text, &extension))
		if (extension.len == 0)
			return fault_set(
			    f, FAULT_INPUT, "checkpoint: an empty line");
	if (origin.len != strlen(log->name) ||
	    memcmp(origin.at, log->name, origin.len) != 0)
		return fault_set(
		    f, FAULT_FORGED, "checkpoint: of another origin");
	if (!u64_read(
		&c.size, (const char *)size.at, size.len, UINT64_MAX >> 1) ||
	    !base64_read(c.root, sizeof(c.root), &got, (const char *)root.at,
		root.len, true) ||
	    got != sizeof(c.root))
		return fault_set(
		    f, FAULT_INPUT, "checkpoint: malformed size or root");
	*out = c;
	return 0;
}
