/*
 * Text that is delivered as it is (policy: `type: text`), once every byte was
 * seen to be UTF-8.  What is in it, nobody looks at here: the policy that
 * keeps text says that its author did.
 */

#include <string.h>

#include "gateway/mask/mask_internal.h"
#include "gateway/mask/window_internal.h"
#include "keys/base/text.h"

#define TEXT_WINDOW (256u * 1024)

int
text_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	(void)src; /* text has no names */
	(void)as;
	(void)out;
	(void)f;
	return 0;
}

/* Of well-formed UTF-8: all bytes but those that go on with a character, which
 * begin with the bits 10.  Eight at a time: a tenth of an export hangs on it.
 */
static uint64_t
code_points(const uint8_t *p, size_t len)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t n = len, eight;
	size_t i = 0;

	for (; i + sizeof(eight) <= len; i += sizeof(eight)) {
		memcpy(&eight, p + i, sizeof(eight));
		n -= ((eight >> 7 & ~eight >> 6 & ones) * ones) >> 56;
	}
	for (; i < len; i++)
		n -= (p[i] & 0xc0) == 0x80;
	return n;
}

int
text_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f)
{
	struct mask_window w;
	size_t ready = 0;
	int rc = -1;

	view->chars = 0;
	if (window_open(&w, src->fd, 0, src->size, TEXT_WINDOW, f) != 0)
		goto out;
	while (!window_whole(&w) || w.len > ready) {
		if (window_fill(&w, ready, f) != 0)
			goto out;
		ready = w.len;
		if (!window_whole(&w))
			ready -= utf8_partial(w.buf, w.len);
		if (!utf8_valid(w.buf, ready)) {
			(void)fault_set(f, FAULT_INPUT,
			    "not UTF-8 text within %zu bytes of byte %llu",
			    ready, (unsigned long long)w.base);
			goto out;
		}
		view->chars += code_points(w.buf, ready);
		if (mask_keep(o, w.buf, ready, f) != 0)
			goto out;
	}
	rc = 0;
out:
	window_close(&w);
	return rc;
}
