/* Loading libcurl; see libcurl_internal.h for why it is not linked. */

#include "gateway/client/libcurl_internal.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

struct libcurl libcurl;

#define FUNCTION(name)                                        \
	{                                                     \
		"curl_" #name, offsetof(struct libcurl, name) \
	}
static const struct {
	const char *name;
	size_t at;
} functions[] = {
	FUNCTION(global_init),
	FUNCTION(easy_init),
	FUNCTION(easy_cleanup),
	FUNCTION(easy_setopt),
	FUNCTION(easy_getinfo),
	FUNCTION(easy_header),
	FUNCTION(easy_strerror),
	FUNCTION(multi_init),
	FUNCTION(multi_cleanup),
	FUNCTION(multi_add_handle),
	FUNCTION(multi_remove_handle),
	FUNCTION(multi_perform),
	FUNCTION(multi_poll),
	FUNCTION(multi_info_read),
	FUNCTION(slist_append),
	FUNCTION(slist_free_all),
};

int
libcurl_load(struct fault *f)
{
	void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);

	if (library == NULL)
		return fault_set(
		    f, FAULT_SYSTEM, "libcurl.so.4 cannot be loaded");
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *found = dlsym(library, functions[i].name);

		if (found == NULL)
			return fault_set(f, FAULT_SYSTEM,
			    "libcurl.so.4 has no %s", functions[i].name);
		memcpy(
		    (char *)&libcurl + functions[i].at, &found, sizeof(found));
	}
	if (libcurl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return fault_set(f, FAULT_SYSTEM, "libcurl does not start");
	return 0;
}
