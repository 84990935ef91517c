/*
 * Any bytes as a picture that is to be made small: the first says of which kind
 * and how it is turned.  What comes is a JPEG file of no more pixels than asked
 * for, and the same again; or nothing, for a reason.
 */

#include <string.h>
#include <turbojpeg.h>

#include "gateway/mask/mask.h"
#include "keys/base/mem.h"
#include "policy/rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Larger ones only take longer. */
#define OUT_MAX ((size_t)1 << 20)

static int
small(struct bytes *out, const uint8_t *p, size_t len)
{
	const struct slice file = { p + 1, len - 1 };
	struct fault f = { 0 };
	int rc;

	bytes_init(out, OUT_MAX);
	rc = mask_thumb(out, p[0] % 2 == 0 ? TYPE_JPEG : TYPE_PNG, &file,
	    1 + p[0] / 2 % 8, &f);
	must(rc == 0 || (f.kind != FAULT_NONE && out->len == 0));
	return rc;
}

static void
fits(const struct bytes *out)
{
	int w = 0, h = 0, sampling, colours;
	tjhandle tj = tjInitDecompress();

	must(tj != NULL);
	must(tjDecompressHeader3(
		 tj, out->at, out->len, &w, &h, &sampling, &colours) == 0);
	must(w > 0 && h > 0 && w <= (int)MASK_THUMB_SIDE &&
	     h <= (int)MASK_THUMB_SIDE);
	(void)tjDestroy(tj);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct bytes once, twice;

	if (len == 0)
		return 0;
	if (small(&once, p, len) == 0) {
		fits(&once);
		must(small(&twice, p, len) == 0 && twice.len == once.len &&
		     memcmp(twice.at, once.at, once.len) == 0);
		bytes_free(&twice);
	}
	bytes_free(&once);
	return 0;
}
