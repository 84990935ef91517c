/* Any bytes as a PNG file. */

#include "tests/fuzz/picture_twice.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const struct picture_format how = { TYPE_PNG, png_shape,
		png_file, "eXIf" };

	picture_twice(&how, p, len);
	return 0;
}
