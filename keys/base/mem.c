/* Counted allocation; see mem.h.  The count exists for tests alone. */

#include "keys/base/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

static atomic_long left = -1;

static bool
refused(void)
{
	long n = atomic_load_explicit(&left, memory_order_relaxed);

	if (n < 0)
		return false;
	if (n == 0)
		return true;
	atomic_store_explicit(&left, n - 1, memory_order_relaxed);
	return false;
}

void *
mem_new(size_t n)
{
	return refused() ? NULL : calloc(1, n > 0 ? n : 1);
}

void *
mem_array(size_t count, size_t size)
{
	size_t n;

	return size_mul(count, size, &n) ? mem_new(n) : NULL;
}

void *
mem_resize(void *p, size_t n)
{
	return refused() ? NULL : realloc(p, n > 0 ? n : 1);
}

char *
mem_text(const void *p, size_t len)
{
	size_t n;
	char *text;

	if (!size_add(len, 1, &n) || (text = mem_new(n)) == NULL)
		return NULL;
	if (len > 0)
		memcpy(text, p, len);
	return text;
}

void
mem_free(void *p)
{
	free(p);
}

void
mem_scattered(void *p, size_t n)
{
	const uintptr_t large = (uintptr_t)2 << 20;
	uintptr_t from = ((uintptr_t)p + large - 1) / large * large;
	uintptr_t to = ((uintptr_t)p + n) / large * large;

	/* a wish: without it all is as it was */
	if (p != NULL && from < to)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

void
mem_fail_after(long n)
{
	atomic_store(&left, n);
}

bool
size_add(size_t a, size_t b, size_t *sum)
{
	return !__builtin_add_overflow(a, b, sum);
}

bool
size_mul(size_t a, size_t b, size_t *product)
{
	return !__builtin_mul_overflow(a, b, product);
}
