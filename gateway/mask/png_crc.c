/*
 * CRC-32 as PNG has it (third edition, Annex D), eight bytes a step
 * ("slicing by eight", Kounavis and Berry, 2005): every byte of a picture goes
 * through it.
 */

#include "gateway/mask/png_internal.h"

static uint32_t tables[8][256];

static void
tables_fill(void)
{
	for (uint32_t n = 0; n < 256; n++) {
		uint32_t c = n;

		for (int k = 0; k < 8; k++)
			c = (c & 1) != 0 ? 0xedb88320u ^ c >> 1 : c >> 1;
		tables[0][n] = c;
	}
	for (uint32_t n = 0; n < 256; n++)
		for (int k = 1; k < 8; k++)
			tables[k][n] = tables[0][tables[k - 1][n] & 0xff] ^
				       tables[k - 1][n] >> 8;
}

uint32_t
png_crc(uint32_t crc, const uint8_t *p, size_t len)
{
	uint32_t c = ~crc;

	if (tables[0][1] == 0)
		tables_fill();
	for (; len >= 8; p += 8, len -= 8) {
		c ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		     (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		c = tables[7][c & 0xff] ^ tables[6][c >> 8 & 0xff] ^
		    tables[5][c >> 16 & 0xff] ^ tables[4][c >> 24] ^
		    tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^
		    tables[0][p[7]];
	}
	for (; len > 0; p++, len--)
		c = tables[0][(c ^ *p) & 0xff] ^ c >> 8;
	return ~c;
}
