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
text_shape(const struct mask_source *src, struct shape *out, struct fault *f)
{
	(void)src; /* text has no names */
	(void)out;
	(void)f;
	return 0;
}

int
text_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f)
{
	struct mask_window w;
	size_t ready = 0;
	int rc = -1;

	(void)view;
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
		if (mask_keep(o, w.buf, ready, f) != 0)
			goto out;
	}
	rc = 0;
out:
	window_close(&w);
	return rc;
}
