/*
 * Records of persons on the suppression list, found where the data is read.
 *
 * The home's key for persons and the list come from the keeper to this process
 * alone; what the coordinator is told is at which places of a part such a
 * record stands.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/catalog/catalog.h"
#include "gateway/flow/worker_internal.h"
#include "gateway/keeper/keeper.h"
#include "keys/base/mem.h"

static int
by_hash(const void *x, const void *y)
{
	return memcmp(x, y, CATALOG_SUBJECT_BYTES);
}

void
worker_suppressed_drop(struct worker *w)
{
	token_key_free(w->suppressing);
	w->suppressing = NULL;
	mem_free(w->suppressed);
	w->suppressed = NULL;
	w->nsuppressed = 0;
}

/* The keeper's answer: the key, and the hashes. */
static int
take_list(struct worker *w, struct reader *r, struct fault *f)
{
	struct slice key, hashes;

	if (take_slice(r, 32, &key, f) != 0 ||
	    take_slice(r, MESSAGE_MAX, &hashes, f) != 0 || take_end(r, f) != 0)
		return -1;
	if (hashes.len % CATALOG_SUBJECT_BYTES != 0)
		return fault_set(f, FAULT_PEER, "half a person");
	if ((w->suppressed = mem_new(hashes.len)) == NULL)
		return fault_memory(f);
	if (hashes.len > 0)
		memcpy(w->suppressed, hashes.at, hashes.len);
	w->nsuppressed = hashes.len / CATALOG_SUBJECT_BYTES;
	if (w->nsuppressed > 0)
		qsort(w->suppressed, w->nsuppressed, CATALOG_SUBJECT_BYTES,
		    by_hash);
	return token_key_new(&w->suppressing, key.at, key.len, f);
}

int
worker_suppressing(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct message request, answer;
	struct channel *c = NULL;
	struct reader r;
	int fd, rc = -1;

	message_init(&request, 16);
	message_init(&answer, MESSAGE_MAX);
	worker_suppressed_drop(w);
	if (take_end(&a->in, f) == 0 &&
	    message_fd(a->request, 0, &fd, f) == 0 &&
	    channel_new(&c, fd, f) == 0 &&
	    ask_begin(&request, KEEPER_SUPPRESSED, f) == 0 &&
	    ask(c, &request, &answer, &r, f) == 0)
		rc = take_list(w, &r, f);
	message_free(&request);
	message_free(&answer); /* wipes */
	channel_free(c);
	return rc;
}

static bool
is_suppressed(const struct worker *w, const struct slice *subject)
{
	uint8_t person[CATALOG_SUBJECT_BYTES];

	if (subject->len == 0 || w->nsuppressed == 0)
		return false;
	token_mac(w->suppressing, subject->at, subject->len, person);
	return bsearch(person, w->suppressed, w->nsuppressed, sizeof(person),
		   by_hash) != NULL;
}

int
worker_suppressed_keys(void *state, struct asked *a, struct fault *f)
{
	const struct worker *w = state;
	struct slice subject;
	uint32_t n;

	if (w->suppressing == NULL)
		return fault_set(
		    f, FAULT_SYSTEM, "@worker: nobody was told suppressed");
	if (take_u32(&a->in, &n, f) != 0)
		return -1;
	while (n-- > 0)
		if (take_slice(&a->in, WORKER_SUBJECT_MAX, &subject, f) != 0 ||
		    put_u8(&a->answer->body, is_suppressed(w, &subject), f) !=
			0)
			return -1;
	return take_end(&a->in, f);
}

/* u8 1 when there is more behind the last, u32 n, n times u32 place. */
static int
put_places(struct worker *w, const struct mask_source *src,
    const struct mask_part *part, uint64_t from, struct bytes *out,
    struct fault *f)
{
	struct mask_look nothing = { .n = 0 }; /* but its subject */
	struct mask_rows *m = NULL;
	struct mask_row row;
	size_t head = out->len;
	uint32_t n = 0;
	bool end = false;
	int rc = -1;

	if (put_u8(out, 0, f) != 0 || put_u32(out, 0, f) != 0 ||
	    mask_rows_open(&m, src, part, NULL, f) != 0)
		return -1;
	for (;;) {
		if (mask_rows_look(m, &row, &nothing, &end, f) != 0)
			goto out;
		if (end || n == WORKER_PLACES_MAX)
			break;
		if (row.number - part->first < from ||
		    !is_suppressed(w, &row.subject))
			continue;
		if (put_u32(out, (uint32_t)(row.number - part->first), f) != 0)
			goto out;
		n++;
	}
	out->at[head] = end ? 0 : 1;
	for (unsigned i = 0; i < 4; i++) /* big-endian, as wire.h */
		out->at[head + 1 + i] = (uint8_t)(n >> (24 - 8 * i));
	rc = 0;
out:
	mask_rows_close(m);
	return rc;
}

int
worker_suppressed(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct mask_fresh fresh = { .n = 0 };
	struct file_plan plan = { .nfields = 0 };
	struct worker_source s = { .src.fd = -1 };
	struct mask_part part;
	uint64_t from;
	int rc = -1;

	if (w->suppressing == NULL)
		return fault_set(
		    f, FAULT_SYSTEM, "@worker: nobody was told suppressed");
	if (worker_take_file(a, 0, &s, f) != 0 ||
	    file_plan_take(&a->in, &plan, f) != 0 ||
	    worker_take_part(&a->in, &part, f) != 0 ||
	    take_u64(&a->in, &from, f) != 0 || take_end(&a->in, f) != 0 ||
	    mask_fresh_make(&fresh, &plan, 1, f) != 0)
		goto out;
	s.src.plan = &plan;
	s.src.keys = fresh.keys;
	rc = put_places(w, &s.src, &part, from, &a->answer->body, f);
out:
	mask_fresh_free(&fresh);
	file_plan_free(&plan);
	worker_source_close(&s);
	return rc;
}
