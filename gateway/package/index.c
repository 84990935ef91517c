/*
 * An index, line by line: what it says, that it says it in order, and that it
 * names no member twice.  Of two members of one name the second would be
 * unpacked over the first, and both be counted as verified.
 */

#include <string.h>

#include "gateway/package/package_internal.h"
#include "keys/base/mem.h"

/* The longest line is a picture's, under 300 bytes. */
#define INDEX_LINE_MAX 511u

/* The ids of the members so far: a table of open addressing, at most half full,
 * whose size is a power of two.  Ids are random, or a stranger's, who can make
 * it slow for himself. */
struct members {
	struct package_member {
		char id[TOKEN_CHARS]; /* "" where there is none */
	} * at;
	size_t room;
	size_t n;
};

struct package_index {
	struct plain plain;
	uint64_t line; /* from 1 */
	uint64_t rows; /* still to come of the part in hand */
	char member[PACKAGE_MEMBER_CHARS + 1];
	struct members members;
};

/* ---- No member twice ---- */

/* Where an id is, or would be. */
static struct package_member *
members_slot(const struct members *m, const char id[TOKEN_CHARS])
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a, 64 bits */
	size_t at;

	for (size_t i = 0; i < TOKEN_CHARS; i++)
		hash = (hash ^ (uint8_t)id[i]) * UINT64_C(1099511628211);
	for (at = hash & (m->room - 1); m->at[at].id[0] != '\0';
	     at = (at + 1) & (m->room - 1))
		if (memcmp(m->at[at].id, id, TOKEN_CHARS) == 0)
			break;
	return &m->at[at];
}

static int
members_grow(struct members *m, struct fault *f)
{
	struct members more = { .room = m->room == 0 ? 64 : 2 * m->room,
		.n = m->n };

	if (m->n < m->room / 2)
		return 0;
	if (m->n >= PACKAGE_MEMBERS_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %u members in a shard", PACKAGE_MEMBERS_MAX);
	if ((more.at = mem_array(more.room, sizeof(*more.at))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < m->room; i++)
		if (m->at[i].id[0] != '\0')
			*members_slot(&more, m->at[i].id) = m->at[i];
	mem_free(m->at);
	*m = more;
	return 0;
}

static int
members_add(struct members *m, const char id[TOKEN_CHARS], struct fault *f)
{
	struct package_member *to;

	if (members_grow(m, f) != 0)
		return -1;
	to = members_slot(m, id);
	if (to->id[0] != '\0')
		return fault_set(f, FAULT_INPUT, "a member that was there");
	memcpy(to->id, id, TOKEN_CHARS);
	m->n++;
	return 0;
}

/* ---- Lines ---- */

bool
package_entry_has_chars(const struct package_entry *e)
{
	return !e->row && strcmp(e->type, "text") == 0 &&
	       (e->chars > 0 || e->bytes == 0);
}

int
package_index_open(struct package_index **out, const struct package_payload *p,
    struct fault *f)
{
	struct package_index *x;

	if ((x = mem_new(sizeof(*x))) == NULL)
		return fault_memory(f);
	if (plain_open(&x->plain, p, f) != 0) {
		package_index_close(x);
		return -1;
	}
	*out = x;
	return 0;
}

void
package_index_close(struct package_index *x)
{
	if (x == NULL)
		return;
	plain_close(&x->plain);
	mem_free(x->members.at);
	mem_free(x);
}

/* Rows follow their member, as many as it said, and are of it. */
static int
index_order(struct package_index *x, struct package_entry *e, struct fault *f)
{
	if (e->row) {
		bool same =
		    e->member[0] == '\0' || strcmp(x->member, e->member) == 0;

		if (x->rows == 0 || !same)
			return fault_set(
			    f, FAULT_INPUT, "a row outside its member");
		memcpy(e->member, x->member, sizeof(e->member));
		x->rows--;
		return 0;
	}
	if (x->rows != 0)
		return fault_set(f, FAULT_INPUT, "a member without its rows");
	if (package_member_nth(e->member) > 1) {
		if (memcmp(x->member, e->member, TOKEN_CHARS) != 0 ||
		    package_member_nth(x->member) + 1 !=
			package_member_nth(e->member))
			return fault_set(
			    f, FAULT_INPUT, "a folder's file behind another's");
	} else if (members_add(&x->members, e->member, f) != 0)
		return -1;
	x->rows = e->item[0] == '\0' ? e->items : 0;
	memcpy(x->member, e->member, sizeof(x->member));
	return 0;
}

int
package_index_next(struct package_index *x, struct package_entry *e, bool *end,
    struct fault *f)
{
	const char *line;
	size_t len;

	x->line++;
	if (plain_line(&x->plain, INDEX_LINE_MAX, &line, &len, end, f) != 0)
		goto refused;
	if (*end && x->rows != 0) {
		(void)fault_set(f, FAULT_INPUT, "a member without its rows");
		goto refused;
	}
	if (!*end && (record_read_entry(e, line, len, f) != 0 ||
			 index_order(x, e, f) != 0))
		goto refused;
	return 0;
refused:
	return fault_at(f, "index: line %llu", (unsigned long long)x->line);
}
