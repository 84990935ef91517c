/* Whatever bech32_read accepts, bech32_write writes back, but for case. */

#include <string.h>
#include <strings.h>

#include "keys/age/age.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fault f = { 0 };
	struct age_recipient r;
	struct age_identity id;
	char hrp[AGE_HRP_MAX + 1];
	uint8_t data[2048];
	struct bytes back;
	size_t n;

	if (secret_start(&f) != 0)
		abort();
	if (bech32_read(hrp, data, sizeof(data), &n, (const char *)p, len)) {
		bytes_init(&back, 8192);
		must(bech32_write(&back, hrp, data, n, &f) == 0);
		must(back.len == len && strncasecmp((const char *)back.at,
					    (const char *)p, len) == 0);
		bytes_free(&back);
	}
	if (age_recipient_read(&r, (const char *)p, len, &f) == 0) {
		bytes_init(&back, 8192);
		must(age_recipient_write(&back, &r, &f) == 0);
		must(back.len == len);
		bytes_free(&back);
	} else {
		must(f.kind == FAULT_INPUT);
	}
	f = (struct fault){ 0 };
	if (age_identity_read(&id, (const char *)p, len, &f) == 0)
		age_identity_free(&id);
	else
		must(f.kind == FAULT_INPUT && f.text[0] != '\0');
	return 0;
}
