#ifndef TESTS_SUPPORT_PNG_BYTES_H
#define TESTS_SUPPORT_PNG_BYTES_H

/* A PNG file from its chunks. */

#include "gateway/mask/png_internal.h"
#include "tests/support/picture.h"

/* A file is written as words: a chunk's type, and behind '=' its content in
 * hex.  IHDR, PLTE, IDAT have a content of their own if none is given. */
static inline void
add_chunk(struct bytes *b, const char *type, const char *hex)
{
	struct fault f = { 0 };
	struct bytes content;
	uint8_t crc[4];
	uint32_t c;

	test_hex(&content, hex);
	assert_ok(put_u32(b, (uint32_t)content.len, &f));
	assert_ok(bytes_add(b, type, 4, &f));
	assert_ok(bytes_add(b, content.at, content.len, &f));
	c = png_crc(0, b->at + b->len - content.len - 4, content.len + 4);
	for (int i = 0; i < 4; i++)
		crc[i] = (uint8_t)(c >> (24 - 8 * i));
	assert_ok(bytes_add(b, crc, 4, &f));
	bytes_free(&content);
}

#define GREY       \
	"00000001" \
	"00000001" \
	"0800000000"
#define GREY16     \
	"00000001" \
	"00000001" \
	"1000000000"
#define RGB        \
	"00000001" \
	"00000001" \
	"0802000000"
#define INDEXED    \
	"00000001" \
	"00000001" \
	"0803000000"
#define RGBA       \
	"00000001" \
	"00000001" \
	"0806000000"
#define EXIF_SIX   \
	"4949"     \
	"2a00"     \
	"08000000" \
	"0200"     \
	"1001"     \
	"0200"     \
	"04000000" \
	"6162"     \
	"6300"     \
	"1201"     \
	"0300"     \
	"01000000" \
	"0600"     \
	"0000"     \
	"00000000"
#define LONE_SIX   \
	"4d4d"     \
	"002a"     \
	"00000008" \
	"0001"     \
	"0112"     \
	"0003"     \
	"00000001" \
	"00060000" \
	"00000000"

static inline void
build(struct bytes *b, const char *words)
{
	struct fault f = { 0 };
	char *all = mem_text(words, strlen(words)), *more = NULL;

	bytes_init(b, PICTURE_MAX);
	assert_ok(bytes_add(b, "\x89PNG\r\n\x1a\n", 8, &f));
	for (char *w = strtok_r(all, " ", &more); w != NULL;
	     w = strtok_r(NULL, " ", &more)) {
		const char *hex = "";

		if (w[4] == '=')
			hex = w + 5;
		else if (strcmp(w, "IHDR") == 0)
			hex = GREY;
		else if (strcmp(w, "PLTE") == 0)
			hex = "000000ffffff";
		else if (strcmp(w, "IDAT") == 0)
			hex = "7801010200fdff007f00810080";
		add_chunk(b, w, hex);
	}
	mem_free(all);
}

#endif
