/* An index, line by line: what it says, and that it says it in order. */

#include <string.h>

#include "gateway/package/package_internal.h"
#include "keys/base/mem.h"

/* The longest line is a picture's, under 300 bytes. */
#define INDEX_LINE_MAX 511u

struct package_index {
	struct plain plain;
	uint64_t line; /* from 1 */
	uint64_t rows; /* still to come of the part in hand */
	char member[PACKAGE_MEMBER_CHARS + 1];
};

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
	mem_free(x);
}

/* Rows follow their member, as many as it said. */
static int
index_order(
    struct package_index *x, const struct package_entry *e, struct fault *f)
{
	if (e->row) {
		if (x->rows == 0 || strcmp(x->member, e->member) != 0)
			return fault_set(
			    f, FAULT_INPUT, "a row outside its member");
		x->rows--;
		return 0;
	}
	if (x->rows != 0)
		return fault_set(f, FAULT_INPUT, "a member without its rows");
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
