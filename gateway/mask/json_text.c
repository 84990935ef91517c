/* The text that a JSON string means, and the string for a text. */

#include <string.h>

#include "gateway/mask/json_internal.h"
#include "keys/base/text.h"

struct slice
json_token(const struct json_reader *r)
{
	must(r->from >= r->base && r->to - r->base <= r->len);
	return (struct slice){ r->p + (r->from - r->base),
		(size_t)(r->to - r->from) };
}

/* The value of four digits that the reader has seen to be hexadecimal. */
static uint32_t
read_hex4(const uint8_t *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 4 | (uint32_t)(p[i] <= '9' ? p[i] - '0'
						    : (p[i] | 32) - 'a' + 10);
	return v;
}

/* One escape at p, behind the backslash; *used of it. */
static uint32_t
read_escape(const uint8_t *p, size_t *used)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *at = strchr(from, p[0]);
	uint32_t c;

	*used = 1;
	if (at != NULL)
		return (uint8_t)to[at - from];
	if (p[0] != 'u')
		return p[0];
	c = read_hex4(p + 1);
	*used = 5;
	if (c < 0xd800 || c > 0xdfff)
		return c;
	*used = 11;
	return 0x10000 + ((c - 0xd800) << 10) + (read_hex4(p + 7) - 0xdc00);
}

int
json_text(const struct json_reader *r, struct bytes *scratch, struct slice *out,
    struct fault *f)
{
	struct slice raw = json_token(r);
	size_t used;

	if (raw.at[0] != '"') {
		*out = raw;
		return 0;
	}
	raw.at++;
	raw.len -= 2;
	*out = raw;
	if (!r->escaped)
		return 0;
	bytes_reset(scratch);
	for (size_t i = 0; i < raw.len; i += used) {
		const uint8_t *slash = memchr(raw.at + i, '\\', raw.len - i);
		size_t n =
		    slash == NULL ? raw.len - i : (size_t)(slash - raw.at) - i;

		if (bytes_add(scratch, raw.at + i, n, f) != 0)
			return -1;
		used = n;
		if (slash == NULL)
			break;
		if (utf8_add(scratch, read_escape(slash + 1, &used), f) != 0)
			return -1;
		used += n + 1;
	}
	*out = (struct slice){ scratch->at, scratch->len };
	return 0;
}

int
json_write(struct bytes *out, const void *p, size_t len, struct fault *f)
{
	const uint8_t *in = p;
	size_t was = out->len, from = 0;

	if (bytes_add(out, "\"", 1, f) != 0)
		goto out;
	for (size_t i = 0; i < len; i++) {
		int rc;

		if (in[i] >= 0x20 && in[i] != '"' && in[i] != '\\')
			continue;
		if (bytes_add(out, in + from, i - from, f) != 0)
			goto out;
		from = i + 1;
		rc = in[i] < 0x20 ? bytes_addf(out, f, "\\u%04x", in[i])
				  : bytes_addf(out, f, "\\%c", (char)in[i]);
		if (rc != 0)
			goto out;
	}
	if (bytes_add(out, in + from, len - from, f) != 0 ||
	    bytes_add(out, "\"", 1, f) != 0)
		goto out;
	return 0;
out:
	out->len = was;
	return -1;
}
