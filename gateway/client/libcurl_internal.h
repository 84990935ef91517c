#ifndef GATEWAY_CLIENT_LIBCURL_INTERNAL_H
#define GATEWAY_CLIENT_LIBCURL_INTERNAL_H

#define CURL_DISABLE_TYPECHECK /* its macros name functions, not pointers */
#include <curl/curl.h>

#include "keys/base/library.h"

/* libcurl, loaded by the courier and by nobody else: it brings two dozen
 * libraries. */
#define LIBCURL(F)                  \
	F(curl_global_init)         \
	F(curl_easy_init)           \
	F(curl_easy_cleanup)        \
	F(curl_easy_setopt)         \
	F(curl_easy_getinfo)        \
	F(curl_easy_header)         \
	F(curl_easy_strerror)       \
	F(curl_multi_init)          \
	F(curl_multi_cleanup)       \
	F(curl_multi_add_handle)    \
	F(curl_multi_remove_handle) \
	F(curl_multi_perform)       \
	F(curl_multi_poll)          \
	F(curl_multi_info_read)     \
	F(curl_slist_append)        \
	F(curl_slist_free_all)
LIBRARY(libcurl, LIBCURL);

/* macros of curl's, which count arguments; the compiler does, too */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#define curl_global_init libcurl.curl_global_init
#define curl_easy_init libcurl.curl_easy_init
#define curl_easy_cleanup libcurl.curl_easy_cleanup
#define curl_easy_setopt libcurl.curl_easy_setopt
#define curl_easy_getinfo libcurl.curl_easy_getinfo
#define curl_easy_header libcurl.curl_easy_header
#define curl_easy_strerror libcurl.curl_easy_strerror
#define curl_multi_init libcurl.curl_multi_init
#define curl_multi_cleanup libcurl.curl_multi_cleanup
#define curl_multi_add_handle libcurl.curl_multi_add_handle
#define curl_multi_remove_handle libcurl.curl_multi_remove_handle
#define curl_multi_perform libcurl.curl_multi_perform
#define curl_multi_poll libcurl.curl_multi_poll
#define curl_multi_info_read libcurl.curl_multi_info_read
#define curl_slist_append libcurl.curl_slist_append
#define curl_slist_free_all libcurl.curl_slist_free_all

/* Load it, for the life of the process; before a sandbox.  FAULT_SYSTEM when it
 * is not there or lacks a function. */
NEED int libcurl_load(struct fault *f);

#endif
