/*
 * What the owner adds: recognisers and denied texts, copied, as rows like those
 * of the tables.
 */

#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/near.h"
#include "keys/base/text.h"
#include "policy/detect/detect_internal.h"

#define OWN_MAX                                                      \
	65536u /* recognisers and denied texts: more is a dictionary \
		*/
#define OWN_CHARS_MAX 256u

struct own {
	struct recogniser *rows;
	size_t nrows;
	char **texts; /* all strings */
	size_t ntexts, texts_room;
	const char ***lists; /* of patterns and context */
	size_t nlists, lists_room;
};

static const char denied_entity[] = "DENIED";

static int
keep_text(struct own *own, const char *text, size_t len, const char **out,
    struct fault *f)
{
	char *copy;

	if (own->ntexts == own->texts_room) {
		size_t room = own->texts_room == 0 ? 64 : 2 * own->texts_room;
		char **more = mem_resize(own->texts, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(f);
		own->texts = more;
		own->texts_room = room;
	}
	if ((copy = mem_text(text, len)) == NULL)
		return fault_memory(f);
	own->texts[own->ntexts++] = copy;
	*out = copy;
	return 0;
}

int
own_fold(struct own *own, const char *text, const char **out, size_t *len,
    struct fault *f)
{
	char folded[OWN_CHARS_MAX];

	if (strlen(text) > OWN_CHARS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "allow: over %u bytes", OWN_CHARS_MAX);
	*len = detect_fold(folded, sizeof(folded), text, strlen(text));
	return keep_text(own, folded, *len, out, f);
}

/* A copy of a NULL-ended list. */
static int
keep_list(struct own *own, const char *const *list, const char *const **out,
    struct fault *f)
{
	const char **copy;
	size_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	if (own->nlists == own->lists_room) {
		size_t room = own->lists_room == 0 ? 64 : 2 * own->lists_room;
		const char ***more =
		    mem_resize(own->lists, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(f);
		own->lists = more;
		own->lists_room = room;
	}
	if ((copy = mem_array(n + 1, sizeof(*copy))) == NULL)
		return fault_memory(f);
	own->lists[own->nlists++] = copy;
	for (size_t i = 0; i < n; i++)
		if (keep_text(own, list[i], strlen(list[i]), &copy[i], f) != 0)
			return -1;
	*out = copy;
	return 0;
}

/* ---- Validators by name ---- */

static bool
luhn(const char *text, size_t len)
{
	unsigned sum = 0, n = 0;

	for (size_t i = len; i-- > 0;) {
		unsigned digit = (unsigned)(text[i] - '0');

		if (digit > 9)
			continue;
		if (n++ % 2 == 1)
			digit = 2 * digit > 9 ? 2 * digit - 9 : 2 * digit;
		sum += digit;
	}
	return n > 1 && sum % 10 == 0;
}

/* An entity of ours has the validator of its first row with one. */
static int
find_validator(
    const char *name, bool (**out)(const char *, size_t), struct fault *f)
{
	const char *entities[1024] = { "luhn" }, *near;
	size_t n = 1;

	if (strcmp(name, "luhn") == 0) {
		*out = luhn;
		return 0;
	}
	for (size_t t = 0; t < recogniser_tables_count; t++)
		for (size_t i = 0; i < *recogniser_tables[t].count; i++) {
			const struct recogniser *row =
			    &recogniser_tables[t].rows[i];

			if (row->valid == NULL)
				continue;
			if (strcmp(row->entity, name) == 0) {
				*out = row->valid;
				return 0;
			}
			if (n + 1 < sizeof(entities) / sizeof(entities[0]))
				entities[n++] = row->entity;
		}
	near = near_word(name, entities);
	(void)fault_set(f, FAULT_USAGE, "unknown validator \"%s\"", name);
	return near == NULL ? -1 : fault_hint(f, "did you mean %s?", near);
}

/* ---- Rows ---- */

static int
check_custom(const struct detect_custom *c, struct fault *f)
{
	size_t n = strlen(c->entity);

	if (n == 0 || n > 64 ||
	    strspn(c->entity, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != n)
		return fault_set(
		    f, FAULT_INPUT, "an entity is 1 to 64 of A-Z, 0-9 and _");
	if (c->score < 1 || c->score > 100)
		return fault_set(
		    f, FAULT_INPUT, "%s: a score is 1 to 100", c->entity);
	return 0;
}

static int
add_custom(struct own *own, const struct detect_custom *c, struct fault *f)
{
	struct recogniser *row = &own->rows[own->nrows];
	const char *patterns[2] = { c->pattern, NULL };

	if (check_custom(c, f) != 0)
		return -1;
	*row = (struct recogniser){ .country = "",
		.score = (uint8_t)c->score,
		.valid_score = (uint8_t)(c->score < 85 ? 85 : c->score),
		.source = "the policy" };
	if (c->validator != NULL &&
	    find_validator(c->validator, &row->valid, f) != 0)
		return fault_at(f, "%s", c->entity);
	own->nrows++;
	if (keep_text(own, c->entity, strlen(c->entity), &row->entity, f) !=
		0 ||
	    keep_list(own, patterns, &row->patterns, f) != 0)
		return -1;
	return keep_list(own, c->context, &row->context, f);
}

/* What a text that is denied is searched as: of iota, two bytes, a class of
 * seven letters. */
#define DENIED_MAX (8u * OWN_CHARS_MAX)

/* The letters of Greek that fold to one, as a class: capitals are written
 * without accents, and of sigma there are two small ones. */
static size_t
deny_greek(char *out, const char *bare, size_t len)
{
	char one[4];
	size_t n = 0;

	out[n++] = '[';
	for (uint32_t c = 0x380; c < 0x3cf; c++) {
		const char as[2] = { (char)(0xc0 | c >> 6),
			(char)(0x80 | (c & 0x3f)) };

		if (letters_fold(one, sizeof(one), as, 2) != len ||
		    memcmp(one, bare, len) != 0)
			continue;
		memcpy(out + n, as, 2);
		n += 2;
	}
	out[n++] = ']';
	return n;
}

/* One character p[0..used) of it, into out: a blank is any few blanks, a letter
 * with an accent also that without (its accent may be a character of its own,
 * which is not seen), any other sign is itself. */
static size_t
deny_one(char *out, const char *p, size_t used)
{
	char bare[4];
	size_t n = 0, k = letters_fold(bare, sizeof(bare), p, used);

	if (*p == ' ') {
		memcpy(out, "\\s{1,4}", 7);
		return 7;
	}
	if (k == 2 && memcmp(bare, "\xce\x80", 2) >= 0 &&
	    memcmp(bare, "\xcf\x8e", 2) <= 0)
		return deny_greek(out, bare, k);
	if (used > 1 && k > 0 && (uint8_t)bare[0] < 0x80)
		return (size_t)snprintf(
		    out, 16, "(?:%.*s|%.*s)", (int)used, p, (int)k, bare);
	if (strchr("\\()[]{}.*+?|^$-", *p) != NULL)
		out[n++] = '\\';
	memcpy(out + n, p, used);
	return n + used;
}

/* A denied text as a pattern over what is searched. */
static int
add_denied(struct own *own, const char *text, struct fault *f)
{
	struct recogniser *row = &own->rows[own->nrows];
	char pattern[DENIED_MAX + 1], seen[OWN_CHARS_MAX];
	const char *patterns[2] = { pattern, NULL };
	size_t n = 0, used, len = strlen(text);

	if (len == 0 || len > OWN_CHARS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "deny: 1 to %u bytes", OWN_CHARS_MAX);
	len = fold_into(seen, sizeof(seen), text, len);
	if (len == 0)
		return fault_set(
		    f, FAULT_INPUT, "deny: a text of which nothing is seen");
	for (size_t i = 0; i < len; i += used) {
		if (utf8_next(seen + i, len - i, &used) < 0)
			used = 1;
		n += deny_one(pattern + n, seen + i, used);
	}
	pattern[n] = '\0';
	*row = (struct recogniser){ .entity = denied_entity,
		.country = "",
		.score = 100,
		.valid_score = 100,
		.source = "the list of denied texts" };
	own->nrows++;
	if (keep_list(own, patterns, &row->patterns, f) != 0)
		return -1;
	return keep_list(own, NULL, &row->context, f);
}

int
own_new(struct own **out, const struct detect_options *o, struct fault *f)
{
	struct own *own = mem_new(sizeof(*own));
	size_t ndeny = 0;

	if (own == NULL)
		return fault_memory(f);
	*out = own;
	while (o->deny != NULL && o->deny[ndeny] != NULL)
		ndeny++;
	if (ndeny > OWN_MAX || o->ncustom > OWN_MAX)
		return fault_set(f, FAULT_INPUT,
		    "over %u recognisers or denied texts", OWN_MAX);
	own->rows = mem_array(ndeny + o->ncustom + 1, sizeof(*own->rows));
	if (own->rows == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < o->ncustom; i++)
		if (add_custom(own, &o->custom[i], f) != 0)
			return -1;
	for (size_t i = 0; i < ndeny; i++)
		if (add_denied(own, o->deny[i], f) != 0)
			return -1;
	return 0;
}

size_t
own_rows(const struct own *own)
{
	return own->nrows;
}

const struct recogniser *
own_row(const struct own *own, size_t i)
{
	return &own->rows[i];
}

void
own_free(struct own *own)
{
	if (own == NULL)
		return;
	for (size_t i = 0; i < own->ntexts; i++)
		mem_free(own->texts[i]);
	for (size_t i = 0; i < own->nlists; i++)
		mem_free(own->lists[i]);
	mem_free(own->texts);
	mem_free(own->lists);
	mem_free(own->rows);
	mem_free(own);
}
