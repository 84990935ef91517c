#ifndef KEYS_BASE_LIBRARY_H
#define KEYS_BASE_LIBRARY_H

#include "keys/base/fault.h"

/*
 * Libraries that one or two roles need, loaded by them alone.
 *
 * What this program is linked with is mapped and bound in each of its
 * processes before main(), and its code lies in the keeper's memory, too.
 * With libcurl that took 3.4 of the 5.3 ms in which a process starts; libssl,
 * libevent, libpng and libturbojpeg took a quarter of the rest.  So those are
 * not linked with.  The room that uses one says which functions it needs, in
 * an internal header:
 *
 *     #include <png.h>
 *     #define LIBPNG(F)                 \
 *             F(png_image_finish_read)  \
 *             F(png_image_free)
 *     LIBRARY(libpng, LIBPNG);
 *     #define png_image_finish_read libpng.png_image_finish_read
 *     #define png_image_free libpng.png_image_free
 *
 * so that calls read as they do elsewhere, and in one .c file:
 *
 *     struct libpng libpng;
 *     static const char *const names[] = { LIBPNG(LIBRARY_NAME) NULL };
 *     ... library_load(LIBPNG_FILE, names, &libpng, f)
 */
#define LIBCURL_FILE "libcurl.so.4"
#define LIBEVENT_FILE "libevent_core-2.1.so.7"
#define LIBEVENT_OPENSSL_FILE "libevent_openssl-2.1.so.7"
#define LIBPNG_FILE "libpng16.so.16"
#define LIBSSL_FILE "libssl.so.3"
#define LIBTURBOJPEG_FILE "libturbojpeg.so.0"

#define LIBRARY_PAGE 4096
#define LIBRARY_POINTER(name) __typeof__(name) *name;
#define LIBRARY_NAME(name) #name,

/* A page of its own, since it is made read-only. */
#define LIBRARY(library, FUNCTIONS)               \
	struct library {                          \
		FUNCTIONS(LIBRARY_POINTER)        \
	} __attribute__((aligned(LIBRARY_PAGE))); \
	extern struct library library

/*
 * Load a library for the life of the process, fill the table, whose members
 * are named in their order and end with NULL, and make it read-only.  Does
 * nothing when that was done.  From one thread, and before a sandbox.
 * FAULT_SYSTEM when the library is not there or lacks a function.
 */
NEED int library_load(
    const char *file, const char *const *names, void *table, struct fault *f);

/* The first of all those files that cannot be loaded, or NULL. */
NEED const char *library_missing(void);

#endif
