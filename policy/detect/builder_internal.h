#ifndef POLICY_DETECT_BUILDER_INTERNAL_H
#define POLICY_DETECT_BUILDER_INTERNAL_H

#include "keys/base/bytes.h"
#include "policy/detect/dictionary_internal.h"

/* A value: its words, and whose it is. */
struct built_value {
	uint32_t from; /* in words */
	uint16_t n;
	uint8_t kind; /* enum dict_kind */
	bool has_subject;
	uint8_t subject[DICTIONARY_SUBJECT_BYTES];
};

struct dictionary_builder {
	struct bytes text, keys, words; /* dict_key, uint32_t */
	uint32_t *slots;		/* key + 1 */
	size_t room;
	struct built_value *values; /* the most of it all */
	size_t nvalues, values_room;
};

NEED size_t builder_count(const struct dictionary_builder *b);

#endif
