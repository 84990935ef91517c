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

	must(strlen(name) < 100 && size <= USTAR_SIZE_MAX);
	memset(b, 0, TAR_BLOCK);
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
