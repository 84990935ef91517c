/* Finds counted by what they are, and shown by their shape alone: in the child,
 * so that no value leaves it. */

#include <string.h>

#include "gateway/cli/detect_child_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/detect/detect.h"
#include "policy/rules/rules.h"

void
detect_counts_free(struct detect_counts *c)
{
	mem_free(c->at);
	*c = (struct detect_counts){ .n = 0 };
}

static bool
letter(int32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= 0xaa && text_shows(c));
}

/* What a character shows of itself. */
static char
shape_of(int32_t c)
{
	if (c >= '0' && c <= '9')
		return '0';
	if (c >= 'A' && c <= 'Z')
		return 'X';
	if (letter(c))
		return 'x';
	return c > ' ' && c < 0x7f ? (char)c : ' ';
}

void
detect_shape(char out[DETECT_EXAMPLE_BYTES], const uint8_t *p, size_t len)
{
	size_t n = 0, chars = 0, used;

	for (size_t i = 0; i < len; i += used, chars++) {
		int32_t c = utf8_next(p + i, len - i, &used);

		if (chars == DETECT_EXAMPLE_CHARS) {
			memcpy(out + n, "...", 3);
			n += 3;
			break;
		}
		if (chars == 0 && letter(c)) {
			memcpy(out, p, used);
			n = used;
		} else
			out[n++] = shape_of(c);
	}
	out[n] = '\0';
}

static int
count_of(struct detect_counts *c, const char *entity, struct detect_count **out,
    struct fault *f)
{
	size_t i = 0;

	while (i < c->n && c->at[i].entity != entity)
		i++;
	if (i == c->room) {
		size_t room = c->room == 0 ? 16 : 2 * c->room;
		void *at = mem_resize(c->at, room * sizeof(*c->at));

		if (at == NULL)
			return fault_memory(f);
		c->at = at;
		c->room = room;
	}
	if (i == c->n)
		c->at[c->n++] = (struct detect_count){ .entity = entity };
	*out = &c->at[i];
	return 0;
}

int
detect_counts_add(struct detect_counts *c, const uint8_t *text,
    const struct detect_span *s, uint64_t line, struct fault *f)
{
	struct detect_example x = { .line = line, .score = s->score };
	struct detect_count *count = NULL;

	if (count_of(c, s->entity, &count, f) != 0)
		return -1;
	count->n++;
	if (count->nexamples == DETECT_EXAMPLES_MAX)
		return 0;
	detect_shape(x.text, text + s->start, s->end - s->start);
	for (uint8_t i = 0; i < count->nexamples; i++)
		if (strcmp(count->examples[i].text, x.text) == 0)
			return 0;
	count->examples[count->nexamples++] = x;
	return 0;
}

int
detect_counts_put(
    struct bytes *out, const struct detect_counts *c, struct fault *f)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct detect_count *x = &c->at[i];

		if (put_text(out, x->entity, f) != 0 ||
		    put_u64(out, x->n, f) != 0 ||
		    put_u8(out, x->nexamples, f) != 0)
			return -1;
		for (uint8_t k = 0; k < x->nexamples; k++)
			if (put_text(out, x->examples[k].text, f) != 0 ||
			    put_u64(out, x->examples[k].line, f) != 0 ||
			    put_u8(out, x->examples[k].score, f) != 0)
				return -1;
	}
	return 0;
}

const char *
detect_not_text(int fd, struct fault *f)
{
	uint8_t head[FOREIGN_BYTES];
	const struct foreign *x;
	size_t got;

	if (file_read_at(fd, head, sizeof(head), 0, &got, f) != 0)
		return NULL;
	if ((x = foreign_by_bytes(head, got)) != NULL)
		return x->what;
	if (got >= 3 && (memcmp(head, "\xff\xd8\xff", 3) == 0 ||
			    memcmp(head, "\x89PN", 3) == 0))
		return "a picture";
	/* text in no encoding that is read here has one so early */
	return got > 0 && memchr(head, 0, got) != NULL ? "no UTF-8 text" : NULL;
}
