/*
 * The table as a whole: found by tag and by name.
 *
 * Its parts are sorted by tag and follow each other, so that a tag is found by
 * halving; for names there is an index, made when it is first needed.
 */

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/dicom/dicom_internal.h"

/* For the index; there are some 1,850. */
#define ATTRIBUTES_MAX 4096u

#define PARTS 6u
static const struct part {
	const struct dicom_attribute *at;
	const size_t *n;
} parts[PARTS] = {
	{ dicom_study, &dicom_study_n },
	{ dicom_modality, &dicom_modality_n },
	{ dicom_enhanced, &dicom_enhanced_n },
	{ dicom_picture, &dicom_picture_n },
	{ dicom_procedure, &dicom_procedure_n },
	{ dicom_object, &dicom_object_n },
};

static struct {
	pthread_once_t once;
	const struct dicom_attribute *at[ATTRIBUTES_MAX];
	size_t n;
} names = { .once = PTHREAD_ONCE_INIT };

static int
by_keyword(const void *a, const void *b)
{
	const struct dicom_attribute *const *x = a, *const *y = b;

	return strcmp((*x)->keyword, (*y)->keyword);
}

static void
index_names(void)
{
	const struct dicom_attribute *a;

	for (size_t i = 0; (a = dicom_at(i)) != NULL; i++) {
		must(i < ATTRIBUTES_MAX);
		names.at[names.n++] = a;
	}
	qsort(names.at, names.n, sizeof(names.at[0]), by_keyword);
}

const struct dicom_attribute *
dicom_at(size_t n)
{
	for (size_t i = 0; i < PARTS; i++) {
		if (n < *parts[i].n)
			return &parts[i].at[n];
		n -= *parts[i].n;
	}
	return NULL;
}

/* Repeating groups (PS3.5, 7.6): overlays are 6000 to 60FF and curves, of which
 * every element is one attribute in Table E.1-1, 5000 to 50FF; even ones. */
static uint32_t
first_of_group(uint32_t tag)
{
	if ((tag & 0xff010000u) == 0x60000000u)
		return 0x60000000u | (tag & 0xffffu);
	if ((tag & 0xff010000u) == 0x50000000u)
		return 0x50000000u;
	return tag;
}

static int
by_tag(const void *key, const void *row)
{
	const uint32_t *tag = key;
	const struct dicom_attribute *a = row;

	return *tag < a->tag ? -1 : *tag > a->tag;
}

const struct dicom_attribute *
dicom_find(uint32_t tag)
{
	uint32_t key = first_of_group(tag);

	for (size_t i = 0; i < PARTS; i++) {
		size_t n = *parts[i].n;

		if (key <= parts[i].at[n - 1].tag)
			return bsearch(
			    &key, parts[i].at, n, sizeof(*parts[i].at), by_tag);
	}
	return NULL;
}

/* (gggg,eeee) */
static bool
read_numbers(uint32_t *tag, const char *name, size_t len)
{
	*tag = 0;
	if (len != 11 || name[0] != '(' || name[5] != ',' || name[10] != ')')
		return false;
	for (size_t i = 1; i < 10; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *d;

		if (i == 5)
			continue;
		if (name[i] == '\0' ||
		    (d = strchr(digits, tolower((unsigned char)name[i]))) ==
			NULL)
			return false;
		*tag = *tag << 4 | (uint32_t)(d - digits);
	}
	return true;
}

static int
by_name(const void *key, const void *row)
{
	const char *name = key;
	const struct dicom_attribute *const *a = row;

	return strcmp(name, (*a)->keyword);
}

const struct dicom_attribute *
dicom_named(const char *name, size_t len)
{
	char text[DICOM_NAME_CHARS + 1];
	const struct dicom_attribute *const *found;
	uint32_t tag;

	if (read_numbers(&tag, name, len))
		return dicom_find(tag);
	if (len > DICOM_NAME_CHARS)
		return NULL;
	memcpy(text, name, len);
	text[len] = '\0';
	must(pthread_once(&names.once, index_names) == 0);
	found = bsearch(text, names.at, names.n, sizeof(names.at[0]), by_name);
	return found == NULL ? NULL : *found;
}

bool
dicom_tag_read(uint32_t *tag, const char *name)
{
	const struct dicom_attribute *a = dicom_named(name, strlen(name));

	if (a == NULL)
		return read_numbers(tag, name, strlen(name));
	*tag = a->tag;
	return true;
}

void
dicom_name(char out[DICOM_NAME_CHARS + 1], uint32_t tag)
{
	const struct dicom_attribute *a = dicom_find(tag);

	if (a != NULL)
		(void)snprintf(out, DICOM_NAME_CHARS + 1, "%s", a->keyword);
	else
		(void)snprintf(out, DICOM_NAME_CHARS + 1, "(%04x,%04x)",
		    (unsigned)(tag >> 16), (unsigned)(tag & 0xffffu));
}
