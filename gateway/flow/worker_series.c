/* Which series or study DICOM files are of, and their numbers in it. */

#include <string.h>

#include "gateway/flow/worker_internal.h"

int
worker_series(void *state, struct asked *a, struct fault *f)
{
	struct bytes *out = &a->answer->body;
	struct mask_series read;
	uint8_t study;
	uint16_t n;
	int rc;

	(void)state;
	if (take_u8(&a->in, &study, f) != 0 || take_u16(&a->in, &n, f) != 0)
		return -1;
	for (uint16_t i = 0; i < n; i++) {
		struct worker_source s;

		rc = worker_take_file(a, i, &s, f);
		if (rc == 0)
			rc = mask_series(&s.src, &read, f);
		worker_source_close(&s);
		if (rc != 0 ||
		    put_text(out, study ? read.study : read.series, f) != 0 ||
		    put_u32(out, read.instance, f) != 0)
			return -1;
	}
	return take_end(&a->in, f);
}
