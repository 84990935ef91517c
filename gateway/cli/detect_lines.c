/* What detect prints: one object a span. */

#include <inttypes.h>

#include "gateway/cli/detect_child_internal.h"
#include "policy/detect/detect.h"

/* Text of the rules in JSON; it has no control characters. */
static int
add_member(
    struct bytes *out, const char *name, const char *text, struct fault *f)
{
	if (text == NULL || *text == '\0')
		return 0;
	if (bytes_addf(out, f, ",\"%s\":\"", name) != 0)
		return -1;
	for (; *text != '\0'; text++) {
		if ((*text == '"' || *text == '\\') &&
		    bytes_add(out, "\\", 1, f) != 0)
			return -1;
		if (bytes_add(out, text, 1, f) != 0)
			return -1;
	}
	return bytes_add(out, "\"", 1, f);
}

int
detect_line(struct bytes *out, const struct detect_span *s, uint64_t bytes,
    uint64_t chars, bool explain, struct fault *f)
{
	if (bytes_addf(out, f,
		"{\"entity\":\"%s\",\"start\":%" PRIu64 ",\"end\":%" PRIu64
		",\"byte_start\":%" PRIu64 ",\"byte_end\":%" PRIu64
		",\"score\":%u.%02u",
		s->entity, chars + s->char_start, chars + s->char_end,
		bytes + s->start, bytes + s->end, s->score / 100u,
		s->score % 100u) != 0)
		return -1;
	if (explain && (bytes_addf(out, f, ",\"checksum\":%s",
			    s->proven ? "true" : "false") != 0 ||
			   add_member(out, "pattern", s->pattern, f) != 0 ||
			   add_member(out, "context", s->context, f) != 0 ||
			   add_member(out, "list", s->list, f) != 0 ||
			   add_member(out, "country", s->country, f) != 0 ||
			   add_member(out, "source", s->source, f) != 0))
		return -1;
	return bytes_add(out, "}", 1, f);
}
