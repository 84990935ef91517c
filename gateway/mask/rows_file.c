/*
 * A row source masked whole, into one sink: by as many threads as its caller
 * has keys for, and in order.
 */

#include <openssl/evp.h>
#include <stdatomic.h>

#include "gateway/mask/mask_internal.h"
#include "gateway/mask/window_internal.h"

/* What is made of a part: of records that fit one reading, or of one that is as
 * large as it may be. */
#define FILE_PART_MAX (HELD_BYTES + 8 * (size_t)MASK_RECORD_MAX)

/* What has been made of one part. */
struct made {
	struct mask_rows *rows; /* for one part after the other */
	struct bytes out, kept;
	struct mask_change change;
};

struct whole {
	struct mask_sink sink;
	struct mask_change *change;
	EVP_MD_CTX *kept;  /* NULL: nobody asked for it */
	atomic_bool lists; /* the change record still has room for edits */
	struct made made[MASK_TEAM_SLOTS];
};

static void
made_reset(struct made *d, bool lists)
{
	bytes_reset(&d->out);
	bytes_reset(&d->kept);
	mask_change_free(&d->change);
	d->change.complete = lists;
}

static int
mask_part(void *arg, const struct mask_source *src,
    const struct mask_part *part, unsigned slot, struct fault *f)
{
	struct whole *w = arg;
	struct made *d = &w->made[slot];
	struct mask_row row;
	bool end = false;

	made_reset(d, atomic_load(&w->lists));
	if ((d->rows != NULL
		    ? mask_rows_move(d->rows, src, part, f)
		    : mask_rows_open(&d->rows, src, part, &d->change, f)) != 0)
		return -1;
	mask_rows_gather(d->rows);
	d->rows->kept = w->kept != NULL && d->change.complete ? &d->kept : NULL;
	while (!end)
		if (mask_rows_next(d->rows, &row, &d->out, &end, f) != 0)
			return -1;
	return 0;
}

static int
pass_on(void *arg, const struct mask_part *part, unsigned slot, struct fault *f)
{
	struct whole *w = arg;
	struct made *d = &w->made[slot];

	(void)part;
	if (mask_change_join(w->change, &d->change, f) != 0)
		return -1;
	atomic_store(&w->lists, w->change->complete);
	w->change->sent_bytes += d->out.len;
	if (w->kept != NULL && w->change->complete &&
	    EVP_DigestUpdate(w->kept, d->kept.at, d->kept.len) != 1)
		return fault_set(f, FAULT_SYSTEM, "SHA-256 failed");
	if (d->out.len == 0)
		return 0;
	return w->sink.write(w->sink.arg, d->out.at, d->out.len, f);
}

/* What goes before the rows, as if it were a part. */
static int
mask_header(struct whole *w, const struct mask_source *src, struct fault *f)
{
	struct made *d = &w->made[0];
	struct mask_rows *m = NULL;
	int rc = -1;

	made_reset(d, atomic_load(&w->lists));
	if (mask_rows_open(&m, src, NULL, &d->change, f) != 0)
		return -1;
	m->kept = w->kept != NULL ? &d->kept : NULL;
	if (mask_rows_header(m, &d->out, f) == 0)
		rc = pass_on(w, NULL, 0, f);
	mask_rows_close(m);
	return rc;
}

static int
end_kept(struct whole *w, struct fault *f)
{
	unsigned len = 0;

	/* Without the list nobody could check it. */
	if (w->kept == NULL || !w->change->complete)
		return 0;
	if (EVP_DigestFinal_ex(w->kept, w->change->kept, &len) != 1 ||
	    len != sizeof(w->change->kept))
		return fault_set(f, FAULT_SYSTEM, "SHA-256 failed");
	w->change->has_kept = true;
	return 0;
}

static int
whole_open(struct whole *w, struct fault *f)
{
	for (unsigned i = 0; i < MASK_TEAM_SLOTS; i++) {
		bytes_init(&w->made[i].out, FILE_PART_MAX);
		bytes_init(&w->made[i].kept, FILE_PART_MAX);
		mask_change_init(&w->made[i].change, false);
	}
	atomic_init(&w->lists, w->change->complete);
	if (!w->change->want_kept)
		return 0;
	if ((w->kept = EVP_MD_CTX_new()) == NULL)
		return fault_memory(f);
	if (EVP_DigestInit_ex(w->kept, EVP_sha256(), NULL) != 1)
		return fault_set(f, FAULT_SYSTEM, "no SHA-256");
	return 0;
}

static void
whole_close(struct whole *w)
{
	for (unsigned i = 0; i < MASK_TEAM_SLOTS; i++) {
		mask_rows_close(w->made[i].rows);
		bytes_free(&w->made[i].out);
		bytes_free(&w->made[i].kept);
		mask_change_free(&w->made[i].change);
	}
	EVP_MD_CTX_free(w->kept);
}

int
rows_file(const struct mask_source *src, struct mask_sink sink,
    struct mask_change *change, struct fault *f)
{
	struct whole w = { .sink = sink, .change = change };
	const struct mask_team team = {
		.src = src, .work = mask_part, .done = pass_on, .arg = &w
	};
	int rc = -1;

	change->source_bytes = src->size;
	change->sent_bytes = 0;
	if (whole_open(&w, f) == 0 && mask_header(&w, src, f) == 0 &&
	    mask_team_run(&team, f) == 0)
		rc = end_kept(&w, f);
	whole_close(&w);
	return rc;
}
