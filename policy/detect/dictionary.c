/*
 * The dictionary while it is made: keys in the order in which they came, and
 * the values as runs of them.  Sealing (dictionary_seal.c) gives them their
 * final numbers.
 */

#include "policy/detect/builder_internal.h"

#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/detect_internal.h"

size_t
builder_count(const struct dictionary_builder *b)
{
	return b->keys.len / sizeof(struct dict_key);
}

int
dictionary_new(struct dictionary_builder **out, struct fault *f)
{
	struct dictionary_builder *b = mem_new(sizeof(*b));

	if (b == NULL)
		return fault_memory(f);
	bytes_init(&b->text, DICTIONARY_BYTES_MAX);
	bytes_init(&b->keys, DICTIONARY_BYTES_MAX);
	bytes_init(&b->words, DICTIONARY_BYTES_MAX);
	*out = b;
	return 0;
}

void
dictionary_builder_free(struct dictionary_builder *b)
{
	if (b == NULL)
		return;
	bytes_free(&b->text);
	bytes_free(&b->keys);
	bytes_free(&b->words);
	mem_free(b->values);
	mem_free(b->slots);
	mem_free(b);
}

/* Where a key is, or would be. */
static size_t
slot_of(const struct dictionary_builder *b, const char *key, size_t n)
{
	const struct dict_key *keys = (const void *)b->keys.at;
	size_t i = dict_hash(0, key, n) & (b->room - 1);

	for (; b->slots[i] != 0; i = (i + 1) & (b->room - 1)) {
		const struct dict_key *k = &keys[b->slots[i] - 1];

		if (k->len == n && memcmp(b->text.at + k->at, key, n) == 0)
			break;
	}
	return i;
}

static int
grow(struct dictionary_builder *b, struct fault *f)
{
	const struct dict_key *keys = (const void *)b->keys.at;
	uint32_t *old = b->slots;

	b->room = b->room == 0 ? 1024 : 2 * b->room;
	if ((b->slots = mem_array(b->room, sizeof(*b->slots))) == NULL) {
		b->slots = old;
		return fault_memory(f);
	}
	for (size_t i = 0; i < builder_count(b); i++)
		b->slots[slot_of(b, (const char *)b->text.at + keys[i].at,
		    keys[i].len)] = (uint32_t)i + 1;
	mem_free(old);
	return 0;
}

/* Append the key to the value that is being added. */
static int
add_key(struct dictionary_builder *b, const char *key, size_t n, unsigned kinds,
    struct fault *f)
{
	size_t count = builder_count(b), slot, letters = dict_letters(key, n);
	uint32_t which;

	if (n == 0) /* a word of marks alone, which stray bytes may make */
		return 0;
	if (2 * (count + 1) > b->room && grow(b, f) != 0)
		return -1;
	slot = slot_of(b, key, n);
	if (b->slots[slot] == 0) {
		struct dict_key k = { .at = (uint32_t)b->text.len,
			.len = (uint8_t)n,
			.letters = (uint8_t)letters };

		if (count == DICT_KEYS_MAX)
			return fault_set(f, FAULT_INPUT,
			    "over %u different words", DICT_KEYS_MAX);
		if (bytes_add(&b->text, key, n, f) != 0 ||
		    bytes_add(&b->keys, &k, sizeof(k), f) != 0)
			return -1;
		b->slots[slot] = (uint32_t)count + 1;
	}
	which = b->slots[slot] - 1;
	((struct dict_key *)(void *)b->keys.at)[which].kinds |= (uint8_t)kinds;
	return bytes_add(&b->words, &which, sizeof(which), f);
}

static int
add_words(struct dictionary_builder *b, enum dictionary_kind kind,
    const uint8_t *p, size_t len, struct fault *f)
{
	size_t first = b->words.len, at = 0;
	uint32_t only;

	while (at < len) {
		size_t end = at;
		char key[DICT_KEY_MAX];

		while (end < len && letters_word(p, end, len))
			end += dict_char((const char *)p, end, len);
		if (end == at) {
			at++;
			continue;
		}
		if (add_key(b, key, dict_word_key(key, p + at, end - at, kind),
			kind == DICTIONARY_NAME ? D_NAME : D_PLACE, f) != 0)
			return -1;
		at = end;
	}
	if (kind != DICTIONARY_PLACE || b->words.len != first + sizeof(only))
		return 0;
	memcpy(&only, b->words.at + first, sizeof(only));
	((struct dict_key *)(void *)b->keys.at)[only].kinds |= D_TOWN;
	return 0;
}

static int
add_value(
    struct dictionary_builder *b, const struct built_value *v, struct fault *f)
{
	size_t room = b->values_room + b->values_room / 4 + 1024;
	struct built_value *values;

	if (b->nvalues == b->values_room) {
		if (room > DICTIONARY_BYTES_MAX / sizeof(*v))
			return fault_set(f, FAULT_INPUT,
			    "a dictionary over %u MiB",
			    DICTIONARY_BYTES_MAX >> 20);
		values = mem_resize(b->values, room * sizeof(*values));
		if (values == NULL)
			return fault_memory(f);
		b->values = values;
		b->values_room = room;
	}
	b->values[b->nvalues++] = *v;
	return 0;
}

int
dictionary_add(struct dictionary_builder *b, enum dictionary_kind kind,
    const char *value, size_t len,
    const uint8_t subject[DICTIONARY_SUBJECT_BYTES], struct fault *f)
{
	static const uint8_t kinds[] = { D_NAME, D_PLACE, D_PHONE, D_ID };
	struct built_value v = { .kind = kinds[kind],
		.from = (uint32_t)(b->words.len / sizeof(uint32_t)),
		.has_subject = subject != NULL };
	char key[DICT_KEY_MAX], seen[DICTIONARY_VALUE_MAX];
	size_t n;

	if (len > DICTIONARY_VALUE_MAX)
		return fault_set(f, FAULT_INPUT,
		    "a value over %u bytes: this is no name, address or number",
		    DICTIONARY_VALUE_MAX);
	len = fold_into(seen, sizeof(seen), value, len);
	value = seen;
	if (kind == DICTIONARY_NAME || kind == DICTIONARY_PLACE) {
		if (add_words(b, kind, (const uint8_t *)value, len, f) != 0)
			return -1;
	} else {
		n = kind == DICTIONARY_PHONE ? dict_phone_key(key, value, len)
					     : dict_id_key(key, value, len);
		if (n > 0 && add_key(b, key, n, kinds[kind], f) != 0)
			return -1;
	}
	v.n = (uint16_t)(b->words.len / sizeof(uint32_t) - v.from);
	if (v.n == 0)
		return 0;
	if (subject != NULL)
		memcpy(v.subject, subject, sizeof(v.subject));
	return add_value(b, &v, f);
}
