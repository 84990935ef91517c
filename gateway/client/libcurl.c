/* Loading libcurl; see libcurl_internal.h. */

#include "gateway/client/libcurl_internal.h"

#include <stddef.h>

struct libcurl libcurl;

int
libcurl_load(struct fault *f)
{
	static const char *const names[] = { LIBCURL(LIBRARY_NAME) NULL };

	if (library_load(LIBCURL_FILE, names, &libcurl, f) != 0)
		return -1;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return fault_set(f, FAULT_SYSTEM, "libcurl does not start");
	return 0;
}
