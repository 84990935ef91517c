/*
 * Which of the items that may leave are asked for.
 *
 *     listed (--items) --> new to the vendor (--new), or in another batch
 *         (--overlap-with) --> a sample (--sample)
 *
 * Each step leaves behind what it does not want; items that must leave in any
 * case, because their answers are known, are passed over by all of them.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/catalog/catalog.h"
#include "gateway/flow/plan_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* A list of ids: ten million of some twenty-five bytes. */
#define LIST_MAX ((size_t)256 << 20)

/* What a vendor holds is compared in shares of that many hashes, 128 MB. */
#define SENT_MAX ((uint64_t)8 << 20)

/* A hash and where it came from. */
struct known {
	uint8_t hash[WORKER_HASH_BYTES];
	uint32_t number; /* a line, or 0 */
	uint32_t seen;
};

struct choosing {
	struct plan *p;
	struct pool *pool;
	const struct plan_options *o;
	struct known *at;
	size_t n;
	uint64_t share, shares; /* of all that is known, what is there now */
	bool keep_known; /* those that are known leave, else the others */
	enum plan_reason why;
};

/* -- Items that leave in any case ---------------------------------------- */

bool
plan_find(const struct plan *p, const struct plan_place *at, uint32_t *unit,
    uint64_t *place)
{
	uint32_t from, to;

	*unit = 0;
	*place = 0;
	if (at->file == PLAN_NONE)
		return false;
	plan_units_of(p, at->file, &from, &to);
	for (*unit = from; *unit < to; (*unit)++) {
		const struct plan_unit *u = &p->units[*unit];
		const struct mask_part *part;

		if (u->part == PLAN_WHOLE)
			return at->record == 0;
		part = &p->parts[u->part];
		if (at->record >= part->first &&
		    at->record - part->first < part->records) {
			*place = at->record - part->first;
			return true;
		}
	}
	return false;
}

static int
by_item(const void *x, const void *y)
{
	const struct plan_item *a = x, *b = y;

	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

static int
mark_kept(struct plan *p, size_t n, struct fault *f)
{
	if ((p->kept = mem_array(n, sizeof(*p->kept))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < n; i++) {
		struct plan_item *to = &p->kept[p->nkept];

		if (plan_find(p, &p->wanted[i], &to->unit, &to->place))
			p->nkept++;
	}
	if (p->nkept > 0)
		qsort(p->kept, p->nkept, sizeof(*p->kept), by_item);
	return 0;
}

int
plan_pass_over(struct plan *p, const struct plan_seen *s, enum plan_reason why,
    struct fault *f)
{
	const struct plan_item key = { s->unit, s->place };

	if (p->nkept > 0 &&
	    bsearch(&key, p->kept, p->nkept, sizeof(key), by_item) != NULL)
		return 0;
	return plan_leave(p, s->unit, s->place, why, f);
}

/* -- Known hashes -------------------------------------------------------- */

static int
by_hash(const void *x, const void *y)
{
	return memcmp(((const struct known *)x)->hash,
	    ((const struct known *)y)->hash, WORKER_HASH_BYTES);
}

static int
see(void *arg, const struct plan_seen *s, struct fault *f)
{
	struct choosing *c = arg;
	struct known key = { .seen = 0 }, *hit = NULL;

	if (c->shares > 1 && catalog_sent_share(s->item, c->shares) != c->share)
		return 0;
	memcpy(key.hash, s->item, WORKER_HASH_BYTES);
	if (c->n > 0)
		hit = bsearch(&key, c->at, c->n, sizeof(*c->at), by_hash);
	if (hit != NULL)
		hit->seen = 1;
	if ((hit != NULL) == c->keep_known)
		return 0;
	return plan_pass_over(c->p, s, c->why, f);
}

static int
compare(struct choosing *c, const uint8_t *key, struct fault *f)
{
	const struct plan_hashing how = { .of = WORKER_OF_ITEM,
		.key = key,
		.see = see,
		.arg = c,
		.doing = "choosing items" };

	if (c->n > 0)
		qsort(c->at, c->n, sizeof(*c->at), by_hash);
	return plan_hashes(c->p, c->pool, &how, &c->o->progress, f);
}

/* -- A list -------------------------------------------------------------- */

static int
add_line(struct choosing *c, const uint8_t *key, const struct slice *line,
    uint32_t number, struct fault *f)
{
	struct known *at;

	if (c->n % 4096 == 0) {
		at = mem_resize(c->at, (c->n + 4096) * sizeof(*at));
		if (at == NULL)
			return fault_memory(f);
		c->at = at;
	}
	at = &c->at[c->n++];
	sip_hash(at->hash, key, line->at, line->len);
	at->number = number;
	at->seen = 0;
	return 0;
}

static int
read_list(
    struct choosing *c, const char *path, const uint8_t *key, struct fault *f)
{
	struct bytes text;
	uint32_t number = 0;
	int rc = -1;

	bytes_init(&text, LIST_MAX);
	if (file_read(AT_FDCWD, path, &text, f) != 0)
		goto out;
	for (size_t at = 0; at < text.len;) {
		const uint8_t *p = text.at + at;
		const uint8_t *end = memchr(p, '\n', text.len - at);
		size_t len = end != NULL ? (size_t)(end - p) : text.len - at;
		struct slice line = { p, len };

		at += len + 1;
		number++;
		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		if (line.len > 0 && add_line(c, key, &line, number, f) != 0)
			goto out;
	}
	rc = 0;
	if (c->n == 0)
		rc = fault_set(f, FAULT_INPUT, "%s: lists no item", path);
out:
	bytes_free(&text);
	return rc;
}

/* The first line that is about no item; of two lines of one id one is seen. */
static int
check_list(const struct choosing *c, const char *path, struct fault *f)
{
	uint32_t first = UINT32_MAX;

	for (size_t i = 0; i < c->n; i++) {
		bool seen = c->at[i].seen != 0;

		for (size_t j = i;
		     !seen && j > 0 && by_hash(&c->at[j - 1], &c->at[i]) == 0;)
			seen = c->at[--j].seen != 0;
		for (size_t j = i; !seen && j + 1 < c->n &&
				   by_hash(&c->at[j + 1], &c->at[i]) == 0;)
			seen = c->at[++j].seen != 0;
		if (!seen && c->at[i].number < first)
			first = c->at[i].number;
	}
	if (first == UINT32_MAX)
		return 0;
	(void)fault_set(f, FAULT_INPUT, "%s:%u: no such item leaves", path,
	    (unsigned)first);
	return fault_hint(f, "an item is known by its path or UID, and a row "
			     "by path#VALUE of its "
			     "item_id or path#NUMBER");
}

static int
choose_listed(struct choosing *c, const char *path, struct fault *f)
{
	uint8_t key[SIP_KEY_BYTES];

	random_fill(key, sizeof(key)); /* of this run, and no secret */
	c->keep_known = true;
	c->shares = 1;
	c->why = PLAN_UNSELECTED;
	if (read_list(c, path, key, f) != 0 || compare(c, key, f) != 0)
		return -1;
	return check_list(c, path, f);
}

/* -- What is sent -------------------------------------------------------- */

/* One share of the hashes out of the keeper's file. */
static int
read_sent(struct choosing *c, int fd, struct fault *f)
{
	off_t size = lseek(fd, 0, SEEK_END);
	uint8_t hash[4096];
	uint64_t at = 0;
	size_t got;

	if (size < 0)
		return fault_errno(f, "a file in memory");
	mem_free(c->at);
	c->n = 0;
	c->at = mem_array((size_t)size / WORKER_HASH_BYTES, sizeof(*c->at));
	if (c->at == NULL)
		return fault_memory(f);
	for (; at < (uint64_t)size; at += got) {
		if (file_read_at(fd, hash, sizeof(hash), at, &got, f) != 0)
			return -1;
		for (size_t i = 0; i + WORKER_HASH_BYTES <= got;
		     i += WORKER_HASH_BYTES)
			memcpy(c->at[c->n++].hash, hash + i, WORKER_HASH_BYTES);
	}
	return 0;
}

/* Ask for c->share; c->shares is how many there are. */
static int
ask_sent(struct choosing *c, json_t *about, struct fault *f)
{
	struct keeper_fds fds = { .ngive = 1 };
	json_t *in = json_pack("{s:O,s:I,s:I}", "sent", about, "share",
	    (json_int_t)c->share, "most", (json_int_t)SENT_MAX);
	json_t *answer = NULL;
	int fd = memfd_create("sent", MFD_CLOEXEC), rc = -1;

	if (fd == -1) {
		json_decref(in);
		return fault_errno(f, "a file in memory");
	}
	fds.give = &fd;
	if (keeper_ask_fds(
		c->o->select->keeper, KEEPER_SENT, in, &fds, &answer, f) == 0 &&
	    doc_number(answer, "shares", UINT32_MAX, &c->shares, f) == 0)
		rc = read_sent(c, fd, f);
	json_decref(answer);
	file_close(&fd);
	return rc;
}

/* Compare with what the keeper says was sent.  Of no share: nobody was sent
 * anything, and there is no key to compare under. */
static int
choose_sent(struct choosing *c, json_t *about, struct fault *f)
{
	int rc = -1;

	if (about == NULL)
		return fault_memory(f);
	c->shares = 1;
	for (c->share = 0; c->share < c->shares; c->share++) {
		if (ask_sent(c, about, f) != 0)
			goto out;
		if (c->shares == 0)
			break;
		if (c->share == 0 &&
		    plan_hashes_sent(c->pool, c->o->select->keeper,
			json_pack("{s:O}", "sent", about), f) != 0)
			goto out;
		if (compare(c, NULL, f) != 0)
			goto out;
		for (size_t i = 0; c->keep_known && i < c->n; i++)
			c->p->gone += c->at[i].seen == 0;
	}
	rc = 0;
out:
	json_decref(about);
	return rc;
}

static int
choose_new(struct choosing *c, struct fault *f)
{
	c->keep_known = false;
	c->why = PLAN_SENT;
	return choose_sent(c,
	    json_pack("{s:s,s:s}", "vendor", c->o->vendor, "project",
		c->p->policy->project),
	    f);
}

static int
choose_overlap(struct choosing *c, const char *batch, struct fault *f)
{
	c->keep_known = true;
	c->why = PLAN_UNSELECTED;
	return choose_sent(c, json_pack("{s:s}", "batch", batch), f);
}

/* -- All of it ----------------------------------------------------------- */

int
plan_choose(struct plan *p, struct pool *pool, const struct plan_options *o,
    struct fault *f)
{
	const struct plan_selection *s = o->select;
	struct choosing c = { .p = p, .pool = pool, .o = o };
	int rc = -1;

	if (s == NULL)
		return 0;
	must(s->keeper != NULL || (!s->fresh && s->overlap == NULL));
	if (o->wanted != NULL && mark_kept(p, o->wanted->n, f) != 0)
		return -1;
	if ((s->items == NULL || choose_listed(&c, s->items, f) == 0) &&
	    (!s->fresh || choose_new(&c, f) == 0) &&
	    (s->overlap == NULL || choose_overlap(&c, s->overlap, f) == 0) &&
	    (s->sample == 0 || plan_sample(p, pool, o, f) == 0))
		rc = 0;
	mem_free(c.at);
	return rc;
}
