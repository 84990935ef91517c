/* Memory for sources on their way, which the shards of one worker have one
 * after another: to ask for it anew, and to wipe it, took as long for each as
 * its index does. */

#include "gateway/package/package_internal.h"
#include "keys/base/mem.h"

/* A part, and what stands behind each of its rows. */
#define ROOM_MAX (3 * PACKAGE_PART_MAX)
_Static_assert(ROOM_MAX <= UINT32_MAX, "places are of 32 bits");

int
package_room_new(struct package_room **out, struct fault *f)
{
	struct package_room *r = mem_new(sizeof(*r));

	if (r == NULL)
		return fault_memory(f);
	bytes_init(&r->held, ROOM_MAX);
	bytes_init(&r->sent, SIZE_MAX);
	bytes_init(&r->whose, SIZE_MAX);
	*out = r;
	return 0;
}

static void
drop_rows(struct package_room *r)
{
	mem_free(r->rows);
	mem_free(r->leaving);
	mem_free(r->order);
	r->rows = r->leaving = NULL;
	r->order = NULL;
	r->nrows = 0;
}

void
package_room_free(struct package_room *r)
{
	if (r == NULL)
		return;
	bytes_free(&r->held);
	bytes_free(&r->sent);
	bytes_free(&r->whose);
	drop_rows(r);
	mem_free(r);
}

int
room_rows(struct package_room *r, uint32_t n, struct fault *f)
{
	if (n <= r->nrows && r->rows != NULL)
		return 0;
	drop_rows(r);
	r->rows = mem_array(n, sizeof(*r->rows));
	r->leaving = mem_array(n, sizeof(*r->leaving));
	r->order = mem_array(n, sizeof(*r->order));
	if (r->rows == NULL || r->leaving == NULL || r->order == NULL) {
		drop_rows(r);
		return fault_memory(f);
	}
	r->nrows = n;
	return 0;
}

int
room_hold(struct package_room *r, size_t len, struct fault *f)
{
	bytes_reset(&r->held);
	if (len <= r->held.room)
		return 0;
	/* what is moved does not stay in large pages */
	bytes_free(&r->held);
	if (bytes_reserve(&r->held, len + len / 8, f) != 0)
		return -1;
	mem_scattered(r->held.at, r->held.room);
	return 0;
}
