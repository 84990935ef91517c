/*
 * Whom a shard's items are about: keyed hashes of subjects, so that one person
 * can be found in all that ever left, and taken out of what is known.
 *
 *     shard-subjects entry: commitment --> fact "subjects": sorted hashes
 *
 * The log has a commitment and a count.  A list from which somebody was erased
 * is a new list with an entry and a salt of its own; the one before goes with
 * its salt, so that nobody can try whether a person had been on it.  Which list
 * of a shard is the last follows from the log (table subjects).
 */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"
#include "keys/base/mem.h"

int
apply_shard_subjects(const struct step *s, struct fault *f)
{
	const struct slice *batch = value_text(s, "batch");
	int64_t shard = value_number(s, "shard"), n = value_number(s, "n");
	int64_t known, before;
	sqlite3_stmt *row;
	bool open;

	if (rows_run(s->fold->rows, &row, f,
		"SELECT b.state, (SELECT COUNT(*) FROM commitments"
		" WHERE id=b.id AND member='subjects'), COALESCE(t.count, -1)"
		" FROM batches b JOIN shards d ON d.batch=b.id AND d.n=?"
		" LEFT JOIN subjects t ON t.batch=b.id AND t.shard=d.n"
		" WHERE b.id=?",
		"is", shard, batch) != 0)
		return -1;
	if (row == NULL)
		return fold_refuse(s->fold, f, "unknown-batch",
		    "no such shard of such a batch");
	open = sqlite3_column_int(row, 0) == CATALOG_OPEN;
	known = sqlite3_column_int64(row, 1);
	before = sqlite3_column_int64(row, 2);
	rows_done(row);
	if (n != known)
		return fold_refuse(
		    s->fold, f, "out-of-order", "its number is not the next");
	if (before == -1 ? !open : value_number(s, "count") > before)
		return fold_refuse(s->fold, f, "out-of-order",
		    before == -1 ? "the batch takes no more subjects"
				 : "a later list has no more subjects");
	return rows_run(s->fold->rows, NULL, f,
	    "INSERT INTO subjects VALUES(?, ?, ?, ?)"
	    " ON CONFLICT(batch, shard) DO UPDATE SET n=excluded.n,"
	    " count=excluded.count",
	    "siii", batch, shard, n, value_number(s, "count"));
}

/* The lists without the person have entries of their own. */
int
apply_subject_erased(const struct step *s, struct fault *f)
{
	(void)s;
	(void)f;
	return 0;
}

int
apply_erasures_repeated(const struct step *s, struct fault *f)
{
	return rows_run(s->fold->rows, NULL, f,
	    "INSERT INTO repeated VALUES(0, ?)"
	    " ON CONFLICT(id) DO UPDATE SET at=excluded.at",
	    "s", value_text(s, "at"));
}

static bool
in_order(const struct slice *hashes)
{
	if (hashes->len % CATALOG_SUBJECT_BYTES != 0)
		return false;
	for (size_t at = CATALOG_SUBJECT_BYTES; at < hashes->len;
	     at += CATALOG_SUBJECT_BYTES)
		if (memcmp(hashes->at + at - CATALOG_SUBJECT_BYTES,
			hashes->at + at, CATALOG_SUBJECT_BYTES) >= 0)
			return false;
	return true;
}

int
catalog_subjects_add(struct catalog *c, const struct catalog_subjects *list,
    uint64_t *seq, struct fault *f)
{
	const struct catalog_fact fact = { "subjects", list->hashes };
	struct catalog_entry e = {
		.kind = "shard-subjects", .facts = &fact, .nfacts = 1
	};
	struct slice batch = slice_of_text(list->batch);
	sqlite3_stmt *row;
	uint64_t at;
	int64_t n;
	int rc;

	if (!in_order(&list->hashes))
		return fault_set(f, FAULT_INPUT,
		    "shard %u: its subjects are not sorted, each once",
		    (unsigned)list->shard);
	if (rows_run(c->rows, &row, f,
		"SELECT COUNT(*) FROM commitments WHERE id=?"
		" AND member='subjects'",
		"s", &batch) != 0)
		return -1;
	must(row != NULL);
	n = sqlite3_column_int64(row, 0);
	rows_done(row);
	e.body = json_pack("{s:s,s:I,s:I,s:I}", "batch", list->batch, "count",
	    (json_int_t)(list->hashes.len / CATALOG_SUBJECT_BYTES), "n",
	    (json_int_t)n, "shard", (json_int_t)list->shard);
	if (e.body == NULL)
		return fault_memory(f);
	rc = catalog_add(c, &e, seq != NULL ? seq : &at, f);
	json_decref(e.body);
	return rc;
}

#define LISTS                                                          \
	"SELECT f.salt, f.bytes, c.digest, t.batch, t.shard, t.n"      \
	" FROM subjects t LEFT JOIN facts f ON f.id=t.batch"           \
	" AND f.member='subjects' AND f.n=t.n LEFT JOIN commitments c" \
	" ON c.id=f.id AND c.member=f.member AND c.n=f.n "

static int
tell_list(sqlite3_stmt *row,
    int (*each)(
	void *arg, const struct catalog_subjects *list, struct fault *f),
    void *arg, struct fault *f)
{
	struct catalog_subjects list = {
		.batch = (const char *)sqlite3_column_text(row, 3),
		.shard = (uint32_t)column_number(row, 4),
		.n = column_number(row, 5),
		.hashes = rows_slice(row, 1),
	};

	if (!fact_holds(row) || !in_order(&list.hashes))
		return fact_unlike(row, list.batch, "subjects", f);
	return each(arg, &list, f);
}

int
catalog_each_subjects(struct catalog *c, const char *batch,
    int (*each)(
	void *arg, const struct catalog_subjects *list, struct fault *f),
    void *arg, struct fault *f)
{
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c,
		batch == NULL ? LISTS "ORDER BY t.batch, t.shard"
			      : LISTS "WHERE t.batch=? ORDER BY t.shard",
		batch, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if ((rc = tell_list(k.row, each, arg, f)) != 0)
			break;
	cursor_close(&k);
	return rc;
}

int
catalog_shard_subjects(struct catalog *c, const char *batch, uint32_t shard,
    int (*each)(
	void *arg, const struct catalog_subjects *list, struct fault *f),
    void *arg, struct fault *f)
{
	sqlite3_stmt *row;
	int rc;

	if (rows_run(c->rows, &row, f, LISTS "WHERE t.batch=? AND t.shard=?",
		"ti", batch, (int64_t)shard) != 0)
		return -1;
	if (row == NULL)
		return 0;
	rc = tell_list(row, each, arg, f);
	rows_done(row);
	return rc;
}

/* ---- One person ---- */

const uint8_t *
catalog_subjects_find(const struct catalog_subjects *list,
    const uint8_t subject[CATALOG_SUBJECT_BYTES])
{
	size_t low = 0, high = list->hashes.len / CATALOG_SUBJECT_BYTES;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const uint8_t *at =
		    list->hashes.at + middle * CATALOG_SUBJECT_BYTES;
		int order = memcmp(subject, at, CATALOG_SUBJECT_BYTES);

		if (order == 0)
			return at;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static int
walk_list(void *arg, const struct catalog_subjects *list, struct fault *f)
{
	const struct person_walk *w = arg;
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < list->hashes.len;
	     at += CATALOG_SUBJECT_BYTES)
		rc = w->each(w->arg, list->hashes.at + at, f);
	return rc;
}

int
catalog_each_person(struct catalog *c,
    int (*each)(void *arg, const uint8_t *person, struct fault *f), void *arg,
    struct fault *f)
{
	struct person_walk w = { each, arg };

	if (catalog_each_subjects(c, NULL, walk_list, &w, f) != 0)
		return -1;
	return holdings_each_person(c, &w, f);
}

/* Lists with the person in them, as they shall be without. */
struct erasing {
	const uint8_t *subject;
	struct shorter {
		char batch[ID_CHARS + 1];
		uint32_t shard;
		uint64_t n;
		struct bytes rest;
	} * at;
	size_t n;
};

static int
shorten(void *arg, const struct catalog_subjects *list, struct fault *f)
{
	struct erasing *e = arg;
	const uint8_t *hit = catalog_subjects_find(list, e->subject);
	struct shorter *s;
	size_t head;

	if (hit == NULL)
		return 0;
	if ((s = mem_resize(e->at, (e->n + 1) * sizeof(*s))) == NULL)
		return fault_memory(f);
	e->at = s;
	s = &e->at[e->n++];
	*s = (struct shorter){ .shard = list->shard, .n = list->n };
	(void)snprintf(s->batch, sizeof(s->batch), "%s", list->batch);
	bytes_init(&s->rest, CATALOG_PERSONS_MAX);
	head = (size_t)(hit - list->hashes.at);
	if (bytes_add(&s->rest, list->hashes.at, head, f) != 0)
		return -1;
	return bytes_add(&s->rest, hit + CATALOG_SUBJECT_BYTES,
	    list->hashes.len - head - CATALOG_SUBJECT_BYTES, f);
}

static int
replace(struct catalog *c, const struct shorter *s, struct fault *f)
{
	const struct catalog_subjects list = { .batch = s->batch,
		.shard = s->shard,
		.hashes = { s->rest.at, s->rest.len } };
	const struct catalog_fact_name old = { s->batch, "subjects", s->n };

	if (catalog_subjects_add(c, &list, NULL, f) != 0)
		return -1;
	return fact_erase(c, &old, f);
}

int
catalog_subject_erase(struct catalog *c,
    const uint8_t subject[CATALOG_SUBJECT_BYTES], struct catalog_erased *out,
    struct fault *f)
{
	struct erasing e = { .subject = subject };
	int rc = catalog_each_subjects(c, NULL, shorten, &e, f);

	*out = (struct catalog_erased){ .lists = e.n };
	for (size_t i = 0; rc == 0 && i < e.n; i++) {
		rc = replace(c, &e.at[i], f);
		if (rc == 0)
			rc = sent_erase_shard(
			    c, e.at[i].batch, e.at[i].shard, &out->others, f);
	}
	for (size_t i = 0; i < e.n; i++)
		bytes_free(&e.at[i].rest);
	mem_free(e.at);
	if (rc == 0)
		rc = sent_erase(c, subject, &out->sent, f);
	return rc != 0 ? rc : holdings_erase(c, subject, &out->lists, f);
}
