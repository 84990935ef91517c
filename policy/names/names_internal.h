#ifndef POLICY_NAMES_NAMES_INTERNAL_H
#define POLICY_NAMES_NAMES_INTERNAL_H

#include "policy/names/names.h"

struct name_row {
	enum name_meaning meaning;
	const char *words; /* between bars */
};
extern const struct name_row name_rows[];
extern const size_t name_rows_count;
extern const char name_people[], name_numbers[], name_few[];

#endif
