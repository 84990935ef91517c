/*
 * Tar headers (POSIX.1-2017, pax: ustar Interchange Format), of which we write
 * one kind: a regular file with a name of our own making, nobody's, of no
 * time.  The same name and size give the same bytes, so that the reader of our
 * own archives needs no parser: it writes the header that must come, and
 * compares.
 */

#include <stdio.h>
#include <string.h>

#include "gateway/package/package_internal.h"

/* What eleven octal digits hold. */
#define USTAR_SIZE_MAX 077777777777ull

/* How much of a name goes into prefix: up to the last slash that fits, and 0
 * for a name that needs none. */
static size_t
prefix_of(const char *name)
{
	size_t len = strlen(name);

	if (len < 100)
		return 0;
	for (size_t i = len < 155 ? len : 155; i-- > 1;)
		if (name[i] == '/')
			return len - i - 1 < 100 ? i : 0;
	return 0;
}

bool
tar_name_fits(const char *name)
{
	size_t len = strlen(name);

	return len <= TAR_NAME_MAX && (len < 100 || prefix_of(name) > 0);
}

/*
 *   0 name[100]   100 mode[8]   108 uid[8]   116 gid[8]   124 size[12]
 * 136 mtime[12]   148 chksum[8]   156 typeflag   157 linkname[100]
 * 257 magic[6]   263 version[2]   265 uname[32]   297 gname[32]
 * 329 devmajor[8]   337 devminor[8]   345 prefix[155]   500 zeros
 */
static void
ustar_block(uint8_t b[TAR_BLOCK], const char *name, uint64_t size, char type)
{
	unsigned sum = 0;
	char digits[16];
	size_t prefix;

	must(tar_name_fits(name) && size <= USTAR_SIZE_MAX);
	memset(b, 0, TAR_BLOCK);
	if ((prefix = prefix_of(name)) > 0) {
		memcpy(b + 345, name, prefix);
		name += prefix + 1;
	}
	memcpy(b, name, strlen(name));
	memcpy(b + 100, "0000644", 7);
	memcpy(b + 108, "0000000", 7);
	memcpy(b + 116, "0000000", 7);
	(void)snprintf(
	    digits, sizeof(digits), "%011llo", (unsigned long long)size);
	memcpy(b + 124, digits, 11);
	memcpy(b + 136, "00000000000", 11);
	memcpy(b + 148, "        ", 8);
	b[156] = (uint8_t)type;
	memcpy(b + 257, "ustar\00000", 8);
	memcpy(b + 329, "0000000", 7);
	memcpy(b + 337, "0000000", 7);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += b[i];
	(void)snprintf(digits, sizeof(digits), "%06o", sum);
	memcpy(b + 148, digits, 7); /* its NUL, and one of the spaces */
}

size_t
tar_header(uint8_t out[TAR_HEADER_MAX], const char *name, uint64_t size)
{
	char record[32];
	int len;

	if (size <= USTAR_SIZE_MAX) {
		ustar_block(out, name, size, '0');
		return TAR_BLOCK;
	}
	/* "LENGTH size=DIGITS\n", its own length counted: sizes here have 10
	 * to 20 digits, so LENGTH has two. */
	len = snprintf(
	    record, sizeof(record), "size=%llu\n", (unsigned long long)size);
	len = snprintf(record, sizeof(record), "%d size=%llu\n", len + 3,
	    (unsigned long long)size);
	ustar_block(out, "pax", (uint64_t)len, 'x');
	memset(out + TAR_BLOCK, 0, TAR_BLOCK);
	memcpy(out + TAR_BLOCK, record, (size_t)len);
	ustar_block(out + (size_t)2 * TAR_BLOCK, name, 0, '0');
	return TAR_HEADER_MAX;
}

size_t
tar_padding(uint64_t size)
{
	return (size_t)(-size % TAR_BLOCK);
}

/* ---- Reading ---- */

static bool
octal(const uint8_t *p, size_t digits, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < digits; i++) {
		if (p[i] < '0' || p[i] > '7')
			return false;
		*out = *out * 8 + (uint64_t)(p[i] - '0');
	}
	return true;
}

/* "NN size=DIGITS" and a newline, from the record of a pax header. */
static bool
pax_size(const uint8_t *p, size_t len, uint64_t *out)
{
	static const char key[] = " size=";
	const size_t before = 2 + sizeof(key) - 1;
	uint64_t digits;

	if (len <= before + 1 || len > 40 || p[len - 1] != '\n' ||
	    memcmp(p + 2, key, sizeof(key) - 1) != 0 || p[0] < '0' ||
	    p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	digits = (uint64_t)(p[0] - '0') * 10 + (uint64_t)(p[1] - '0');
	return digits == len && u64_read(out, (const char *)p + before,
				    len - before - 1, UINT64_MAX / 2);
}

bool
tar_claims(const uint8_t *p, size_t len, char name[TAR_NAME_MAX + 2],
    uint64_t *size, bool *more)
{
	const uint8_t *last = p + len - TAR_BLOCK;
	size_t n, prefix;

	must(len == TAR_BLOCK || len == TAR_HEADER_MAX);
	*more = len == TAR_BLOCK && p[156] == 'x';
	if (*more)
		return true;
	if (!octal(p + 124, 11, size))
		return false;
	if (len == TAR_HEADER_MAX &&
	    (*size > TAR_BLOCK ||
		!pax_size(p + TAR_BLOCK, (size_t)*size, size)))
		return false;
	n = strnlen((const char *)last, 100);
	prefix = strnlen((const char *)last + 345, 155);
	if (n == 0 || n == 100 || n + prefix + 1 > TAR_NAME_MAX + 1)
		return false;
	(void)snprintf(name, TAR_NAME_MAX + 2, "%.*s%s%.*s", (int)prefix,
	    (const char *)last + 345, prefix > 0 ? "/" : "", (int)n,
	    (const char *)last);
	return tar_name_fits(name);
}
