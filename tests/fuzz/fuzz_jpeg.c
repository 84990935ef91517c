/* Any bytes as a JPEG file. */

#include "tests/fuzz/picture_twice.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const struct picture_format how = { TYPE_JPEG, jpeg_shape,
		jpeg_file, "APP1:Exif" };

	picture_twice(&how, p, len);
	return 0;
}
