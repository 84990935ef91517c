/*
 * Tables of countries.  What is accepted is written so that it reads as the
 * same, with the same digest; what is refused has its place.
 */

#include <sodium.h>
#include <string.h>

#include "policy/legal/legal.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return sodium_init() < 0 ? -1 : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct legal_countries c, again;
	struct fault f = { 0 };
	struct bytes text;

	if (legal_countries_read(&c, "c", p, len, &f) != 0) {
		must(f.kind == FAULT_INPUT && c.rows == NULL);
		must(strncmp(f.text, "c:", 2) == 0);
		return 0;
	}
	must(c.own == (len > 0) && c.n > 0);
	bytes_init(&text, LEGAL_FILE_BYTES * 8);
	must(legal_countries_write(&text, &c, &f) == 0);
	if (text.len <= LEGAL_FILE_BYTES && c.n <= LEGAL_ROWS_MAX) {
		must(legal_countries_read(&again, "c", text.at, text.len, &f) ==
		     0);
		must(again.n == c.n && again.date == c.date);
		must(memcmp(again.digest, c.digest, sizeof(c.digest)) == 0);
		legal_countries_free(&again);
	}
	legal_countries_free(&c);
	bytes_free(&text);
	return 0;
}
