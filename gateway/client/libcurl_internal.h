#ifndef GATEWAY_CLIENT_LIBCURL_INTERNAL_H
#define GATEWAY_CLIENT_LIBCURL_INTERNAL_H

#define CURL_DISABLE_TYPECHECK /* its macros name functions, not pointers */
#include <curl/curl.h>

#include "keys/base/fault.h"

/*
 * libcurl, loaded by the courier and by nobody else.
 *
 * Linked with, it and the two dozen libraries that it brings would be mapped
 * into every process, keeper and workers too, and take 3.4 of the 5.3 ms in
 * which this program starts.
 */
struct libcurl {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_header) *easy_header;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_multi_init) *multi_init;
	__typeof__(curl_multi_cleanup) *multi_cleanup;
	__typeof__(curl_multi_add_handle) *multi_add_handle;
	__typeof__(curl_multi_remove_handle) *multi_remove_handle;
	__typeof__(curl_multi_perform) *multi_perform;
	__typeof__(curl_multi_poll) *multi_poll;
	__typeof__(curl_multi_info_read) *multi_info_read;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
};

/* Its functions, once libcurl_load() has found them. */
extern struct libcurl libcurl;

/* Load it, for the life of the process; before a sandbox.  FAULT_SYSTEM when it
 * is not there or lacks a function. */
NEED int libcurl_load(struct fault *f);

#endif
