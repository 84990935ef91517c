/* Loading the libraries that decode pictures; see pictures_internal.h. */

#include "gateway/mask/pictures_internal.h"

#include <stddef.h>

struct libpng libpng;
struct libturbojpeg libturbojpeg;

int
pictures_load(struct fault *f)
{
	static const char *const png[] = { LIBPNG(LIBRARY_NAME) NULL };
	static const char *const jpeg[] = { LIBTURBOJPEG(LIBRARY_NAME) NULL };

	if (library_load(LIBPNG_FILE, png, &libpng, f) != 0)
		return -1;
	return library_load(LIBTURBOJPEG_FILE, jpeg, &libturbojpeg, f);
}
