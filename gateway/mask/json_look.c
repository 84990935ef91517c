/* Values of a document or record for who wants to see what leaves of them, and
 * how it is spelt there. */

#include <string.h>

#include "gateway/mask/json_internal.h"

/* How a value that leaves is spelt: as it stands, or as replace() writes it. */
static int
look_spelling(struct json_mask *m, size_t i, const struct slice *old,
    const struct slice *sent, bool kept, struct fault *f)
{
	struct json_reader *r = &m->walk.reader;
	struct slice raw = json_token(r), plain;
	unsigned form = r->string ? MASK_SPELT_QUOTED : MASK_SPELT_BARE;

	if (m->look->look->spelt == NULL)
		return 0;
	kept |= r->string && sent->len == old->len &&
		(old->len == 0 || memcmp(sent->at, old->at, old->len) == 0);
	if (kept && !r->escaped)
		return look_spelt(m->look, i, &raw, form, f);
	bytes_reset(&m->quoted);
	if (json_write(&m->quoted, sent->at, sent->len, f) != 0)
		return -1;
	plain = (struct slice){ m->quoted.at, m->quoted.len };
	if (!kept)
		return look_spelt(m->look, i, &plain, MASK_SPELT_QUOTED, f);
	if (raw.len != plain.len || memcmp(raw.at, plain.at, raw.len) != 0)
		form = MASK_SPELT_ODD;
	return look_spelt(m->look, i, &raw, form, f);
}

/* null, {} and []: nothing leaves but that, or a constant in its place. */
static int
look_at_nothing(struct json_mask *m, const struct plan_field *field, size_t i,
    struct fault *f)
{
	const struct slice none = { (const uint8_t *)"", 0 };
	struct slice raw = json_token(&m->walk.reader), sent;

	if (field->how.action != TRANSFORM_CONSTANT)
		return m->look->look->spelt == NULL
			   ? 0
			   : look_spelt(m->look, i, &raw, MASK_SPELT_ODD, f);
	if (json_transform(m, field, none, f) != 0)
		return -1;
	sent = (struct slice){ m->made.at, m->made.len };
	if (look_note(m->look, i, &none, &sent, f) != 0)
		return -1;
	return look_spelling(m, i, &none, &sent, false, f);
}

int
json_look(struct json_mask *m, enum json_event event,
    const struct plan_field *field, struct fault *f)
{
	const struct json_place *at = &m->walk.paths.at[m->walk.place];
	const struct mask_look *look = m->look->look;
	bool kept = field->how.action == TRANSFORM_KEEP;
	struct slice old, sent;
	size_t i = 0;

	while (i < look->n && at->number != look->fields[i] + 1)
		i++;
	if (i == look->n)
		return 0;
	if (event != EVENT_VALUE)
		return look_at_nothing(m, field, i, f);
	if (json_text(&m->walk.reader, &m->text, &old, f) != 0)
		return -1;
	sent = old;
	if (!kept) {
		if (json_transform(m, field, old, f) != 0)
			return -1;
		sent = (struct slice){ m->made.at, m->made.len };
	}
	if (look_note(m->look, i, &old, &sent, f) != 0)
		return -1;
	return look_spelling(m, i, &old, &sent, kept, f);
}
