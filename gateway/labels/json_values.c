/* Objects, lists and plain values out of tokens; see json_internal.h. */

#include <string.h>

#include "gateway/labels/json_internal.h"
#include "keys/base/near.h"
#include "keys/base/text.h"

/* One member, its name being the token. */
static int
read_member(struct labels_json *j, const struct labels_member *members,
    void *to, uint32_t *seen, struct fault *f)
{
	for (unsigned i = 0; members[i].name != NULL; i++) {
		if (j->cut || j->text.len != strlen(members[i].name) ||
		    memcmp(j->text.at, members[i].name, j->text.len) != 0)
			continue;
		if ((*seen >> i & 1) != 0)
			return fault_set(f, FAULT_INPUT,
			    "member \"%s\" comes twice", members[i].name);
		*seen |= (uint32_t)1 << i;
		if (labels_json_next(j, f) != 0)
			return -1;
		j->which = members[i].which;
		if (members[i].read(to, j, f) != 0)
			return j->broken ? -1
					 : fault_at(f, "member \"%s\"",
					       members[i].name);
		return 0;
	}
	return 1;
}

#define SHOWN_MAX 40u /* of a name that a stranger chose */

/* A stranger chose the name: printable ASCII of it, and no more than helps. */
static int
unknown_member(const struct labels_json *j, const struct labels_member *members,
    struct fault *f)
{
	char name[SHOWN_MAX + 1];
	const char *best = NULL;
	unsigned least = NEAR_NOT;
	size_t n = 0;

	for (; n < j->text.len && n < SHOWN_MAX; n++) {
		uint8_t c = j->text.at[n];

		name[n] = (char)(c < 0x20 || c > 0x7e || c == '"' ? '?' : c);
	}
	name[n] = '\0';
	for (; members->name != NULL; members++)
		if (near_distance(name, members->name) < least) {
			least = near_distance(name, members->name);
			best = members->name;
		}
	/* findings have no hints */
	return fault_set(f, FAULT_INPUT, "unknown member \"%s%s\"%s%s%s", name,
	    n < j->text.len ? "..." : "",
	    best != NULL ? ", did you mean \"" : "", best != NULL ? best : "",
	    best != NULL ? "\"" : "");
}

int
labels_json_object(struct labels_json *j, const struct labels_member *members,
    void *to, uint32_t *seen,
    int (*extra)(void *to, const char *name, struct fault *f), struct fault *f)
{
	int rc;

	*seen = 0;
	if (j->token != TOKEN_OBJECT)
		return fault_set(f, FAULT_INPUT, "needs an object");
	for (;;) {
		if (labels_json_next(j, f) != 0)
			return -1;
		if (j->token == TOKEN_OBJECT_END)
			return 0;
		if ((rc = read_member(j, members, to, seen, f)) == 0)
			continue;
		if (rc == -1)
			return -1;
		if (extra == NULL)
			return unknown_member(j, members, f);
		if (extra(to, (const char *)j->text.at, f) != 0 ||
		    labels_json_next(j, f) != 0 || labels_json_skip(j, f) != 0)
			return -1;
	}
}

int
labels_json_list(struct labels_json *j,
    int (*each)(void *to, struct labels_json *j, struct fault *f), void *to,
    struct fault *f)
{
	if (j->token != TOKEN_LIST)
		return fault_set(f, FAULT_INPUT, "needs a list");
	for (;;) {
		if (labels_json_next(j, f) != 0)
			return -1;
		if (j->token == TOKEN_LIST_END)
			return 0;
		if (each(to, j, f) != 0)
			return -1;
	}
}

int
labels_json_text(
    const struct labels_json *j, size_t max, bool empty, struct fault *f)
{
	if (j->token != TOKEN_TEXT)
		return fault_set(f, FAULT_INPUT, "needs text");
	if (j->cut || j->text.len > max)
		return fault_set(f, FAULT_INPUT, "over %zu bytes", max);
	if (j->text.len == 0 && !empty)
		return fault_set(f, FAULT_INPUT, "is empty");
	if (j->text.len > 0 && memchr(j->text.at, 0, j->text.len) != NULL)
		return fault_set(f, FAULT_INPUT, "holds a NUL");
	return 0;
}

int
labels_json_whole(
    const struct labels_json *j, uint64_t max, uint64_t *out, struct fault *f)
{
	if (j->token != TOKEN_NUMBER ||
	    !u64_read(out, (const char *)j->text.at, j->text.len, max))
		return fault_set(f, FAULT_INPUT,
		    "needs a whole number from 0 to %llu",
		    (unsigned long long)max);
	return 0;
}
