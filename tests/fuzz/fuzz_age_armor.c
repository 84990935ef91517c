/*
 * Whatever age_armor_read accepts is, but for line ends and the white space
 * around it, what age_armor_write writes; and it is one thing however it is
 * cut into pieces on its way in.
 */

#include <string.h>

#include "keys/age/age_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Text without '\r' and outer white space, the last newline added. */
static void
normal(struct bytes *out, const uint8_t *p, size_t len)
{
	struct fault f = { 0 };

	while (len > 0 && strchr(" \t\r\n", *p) != NULL && *p != 0) {
		p++;
		len--;
	}
	while (
	    len > 0 && p[len - 1] != 0 && strchr(" \t\r\n", p[len - 1]) != NULL)
		len--;
	for (size_t i = 0; i < len; i++)
		if (p[i] != '\r')
			must(bytes_add(out, &p[i], 1, &f) == 0);
	must(bytes_add(out, "\n", 1, &f) == 0);
}

/* The same through the pulling reader, a few bytes at a time. */
static void
pull_slowly(const uint8_t *p, size_t len, const struct bytes *want)
{
	struct slice left = { p, len };
	struct age_unarmor u = { .from = { age_memory_pull, &left } };
	struct fault f = { 0 };
	uint8_t some[7];
	size_t got, at = 0;

	do {
		must(age_unarmor_pull(&u, some, sizeof(some), &got, &f) == 0);
		must(at + got <= want->len);
		must(got == 0 || memcmp(some, want->at + at, got) == 0);
		at += got;
	} while (got > 0);
	must(at == want->len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct bytes binary, again, want;
	struct fault f = { 0 };

	bytes_init(&binary, 1 << 20);
	bytes_init(&again, 1 << 20);
	bytes_init(&want, 1 << 20);
	if (age_armor_read(&binary, p, len, &f) == 0) {
		must(age_armor_write(&again, binary.at, binary.len, &f) == 0);
		normal(&want, p, len);
		must(again.len == want.len &&
		     memcmp(again.at, want.at, want.len) == 0);
		pull_slowly(p, len, &binary);
	} else {
		must(f.kind == FAULT_INPUT || f.kind == FAULT_FORGED);
		must(f.text[0] != '\0');
	}
	bytes_free(&binary);
	bytes_free(&again);
	bytes_free(&want);
	return 0;
}
