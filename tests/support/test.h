#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

/* cmocka wants these before its header, in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"

/* How often, or how large: a build with sanitizers does the less of it where
 * more shows them nothing that less does not.  The other build does all. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define TEST_SANITIZED 1
#else
#define TEST_SANITIZED 0
#endif
#define TEST_SIZE(all, sanitized) (TEST_SANITIZED ? (sanitized) : (all))

/* The call succeeds; if not, its fault is what the test prints. */
#define assert_ok(call)                                    \
	do {                                               \
		f = (struct fault){ 0 };                   \
		if ((call) != 0)                           \
			fail_msg("%s: %s", #call, f.text); \
	} while (0)

/* The call fails with a fault of that kind and says something. */
#define assert_refused(call, want)                                 \
	do {                                                       \
		f = (struct fault){ 0 };                           \
		assert_int_equal((call), -1);                      \
		if (f.kind != (want))                              \
			fail_msg("%s: kind %d, not %d: %s", #call, \
			    (int)f.kind, (int)(want), f.text);     \
		assert_true(f.text[0] != '\0');                    \
	} while (0)

/*
 * The path of a shared vector or sample into path[room], or skip the test
 * (said aloud) when the folder that $SHARED names, ../shared by default, does
 * not hold it.
 */
void test_shared(char *path, size_t room, const char *name);

/* Everything in a file, or fail the test.  The caller bytes_free()s out. */
void test_read_file(const char *path, struct bytes *out);

/* A fresh folder for one test under $TMPDIR or /tmp, and its removal. */
void test_folder(char path[64]);
void test_folder_remove(const char *path);

/* Lower-case hex text to bytes; fails the test on anything else. */
void test_hex(struct bytes *out, const char *hex);

#endif
