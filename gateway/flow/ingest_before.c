/*
 * What returns of a batch said that were taken in before: short lists in
 * quarantine, which stay there when their return leaves.
 *
 *     RETURN.spoken    the items that it spoke of
 *     RETURN.golden    its scores on golden items, by number
 *
 * They are made by ingest_publish.c, and the log has committed to their
 * digests: an altered one is FAULT_FORGED.  A list that is lost is told and no
 * reason to stop: its items count as open again, its golden items as
 * unanswered.
 */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "gateway/flow/ingest_internal.h"
#include "keys/base/doc.h"

/* Append one of a return's lists; *there false where it is not. */
static int
append_list(struct ingest *g, const char *id, const char *what, int to,
    bool *there, struct fault *f)
{
	const json_t *lists =
	    json_object_get(json_object_get(g->about, "lists"), id);
	uint8_t want[DIGEST_BYTES];
	char name[INGEST_NAME_MAX];
	struct bytes list;
	int fd, rc;

	(void)snprintf(name, sizeof(name), "%s.%s", id, what);
	/* Whose digest was erased cannot be told from another's. */
	*there = json_object_get(lists, what) != NULL &&
		 faccessat(g->quarantine, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*there)
		return 0;
	if (doc_hex(lists, what, want, sizeof(want), f) != 0)
		return -1;
	if (file_open_read(g->quarantine, name, &fd, f) != 0)
		return -1;
	bytes_init(&list, (size_t)1 << 30);
	if ((rc = ingest_same(fd, want, f)) != 0)
		(void)fault_at(f, "%s", name);
	if (rc == 0)
		rc = file_read_fd(fd, &list, f);
	if (rc == 0)
		rc = file_write(to, list.at, list.len, f);
	bytes_free(&list);
	file_close(&fd);
	return rc;
}

static int
read_return(struct ingest *g, const char *id, bool golden, struct fault *f)
{
	bool there;

	if (append_list(g, id, "spoken", g->before, &there, f) != 0)
		return -1;
	if (there && golden &&
	    append_list(g, id, "golden", g->recalled, &there, f) != 0)
		return -1;
	if (there)
		return 0;
	return bytes_addf(&g->table, f,
	    "batch: what return %s answered is not known any more\n", id);
}

int
ingest_read_before(struct ingest *g, struct fault *f)
{
	json_t *before, *id;
	bool golden;
	size_t i;

	if (doc_list(g->about, "before", &before, f) != 0 ||
	    doc_bool(g->about, "golden", &golden, f) != 0 ||
	    ingest_scratch(g->drafts, &g->before, f) != 0 ||
	    ingest_scratch(g->drafts, &g->recalled, f) != 0)
		return -1;
	json_array_foreach(before, i, id)
	{
		if (read_return(g, json_string_value(id), golden, f) != 0)
			return fault_at(f, "quarantine");
	}
	if (ingest_rewind(g->before, f) != 0)
		return -1;
	return ingest_rewind(g->recalled, f);
}
