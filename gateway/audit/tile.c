/*
 * The names of tlog-tiles resources (c2sp.org/tlog-tiles, "Merkle Tree" and
 * "Log entries").  A name is read only in the one form in which it is written,
 * since names arrive in requests and become paths.
 */

#include <stdio.h>
#include <string.h>

#include "gateway/audit/audit.h"
#include "keys/base/text.h"

#define LEVEL_MAX 63u

/* Groups of three digits, all but the last behind an x. */
static void
write_index(char *out, size_t room, uint64_t n)
{
	unsigned group[7];
	size_t len = 0;
	int count = 0;

	do {
		group[count++] = (unsigned)(n % 1000);
		n /= 1000;
	} while (n != 0);
	while (count-- > 0)
		len += (size_t)snprintf(out + len, room - len,
		    count > 0 ? "x%03u/" : "%03u", group[count]);
}

void
audit_tile_path(char out[AUDIT_PATH_MAX + 1], const struct audit_tile *t)
{
	char index[40], partial[8] = "";

	must(t->width >= 1 && t->width <= AUDIT_TILE_WIDTH);
	write_index(index, sizeof(index), t->n);
	if (t->width < AUDIT_TILE_WIDTH)
		(void)snprintf(partial, sizeof(partial), ".p/%u", t->width);
	if (t->entries)
		(void)snprintf(out, AUDIT_PATH_MAX + 1, "tile/entries/%s%s",
		    index, partial);
	else
		(void)snprintf(out, AUDIT_PATH_MAX + 1, "tile/%u/%s%s",
		    t->level, index, partial);
}

/* "x001/x234/067" up to its end or ".p/"; *used gets its length. */
static bool
read_index(const char *p, uint64_t *n, size_t *used)
{
	const char *start = p;

	*n = 0;
	for (;;) {
		bool more = *p == 'x';
		uint64_t group;

		p += more ? 1 : 0;
		for (int i = 0; i < 3; i++)
			if (p[i] < '0' || p[i] > '9')
				return false;
		group = (uint64_t)((p[0] - '0') * 100 + (p[1] - '0') * 10 +
				   (p[2] - '0'));
		if (*n > (UINT64_MAX >> 8) / 1000)
			return false;
		/* A leading group of zeros would be a second spelling. */
		if (more && p == start + 1 && group == 0)
			return false;
		*n = *n * 1000 + group;
		p += 3;
		if (!more)
			break;
		if (*p++ != '/')
			return false;
	}
	*used = (size_t)(p - start);
	return true;
}

bool
audit_tile_read(struct audit_tile *out, const char *path)
{
	struct audit_tile t = { .width = AUDIT_TILE_WIDTH };
	uint64_t v;
	size_t len;

	if (strlen(path) > AUDIT_PATH_MAX || strncmp(path, "tile/", 5) != 0)
		return false;
	path += 5;
	len = strcspn(path, "/");
	if (len == 7 && strncmp(path, "entries", 7) == 0)
		t.entries = true;
	else if (u64_read(&v, path, len, LEVEL_MAX))
		t.level = (unsigned)v;
	else
		return false;
	if (path[len] != '/')
		return false;
	path += len + 1;
	if (!read_index(path, &t.n, &len))
		return false;
	path += len;
	if (strncmp(path, ".p/", 3) == 0) {
		if (!u64_read(
			&v, path + 3, strlen(path + 3), AUDIT_TILE_WIDTH - 1) ||
		    v == 0)
			return false;
		t.width = (unsigned)v;
	} else if (*path != '\0') {
		return false;
	}
	*out = t;
	return true;
}

unsigned
audit_tile_width(uint64_t size, unsigned level, uint64_t n)
{
	uint64_t hashes = level < AUDIT_TILE_LEVELS ? size >> (8 * level) : 0;

	if (n > hashes / AUDIT_TILE_WIDTH)
		return 0;
	if (n < hashes / AUDIT_TILE_WIDTH)
		return AUDIT_TILE_WIDTH;
	return (unsigned)(hashes % AUDIT_TILE_WIDTH);
}
