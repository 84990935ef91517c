/*
 * What is in a DICOM file, before anything of it is decided: the names of its
 * attributes, at any depth, and what it says of itself at the top.
 *
 * The names do not tell where an attribute stands, since a policy decides by
 * attribute alone: PatientName goes wherever it is found.  Not named are the
 * meta information, which is made anew whole, and group lengths, which go.
 */

#include <string.h>

#include "gateway/mask/dicom_internal.h"
#include "gateway/mask/mask_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/rules.h"

/* ---- Names ---- */

/* Tags that were met: open addressing, at most half full. */
struct seen {
	uint32_t *at; /* 0: free */
	size_t n, room;
};

static size_t
seen_slot(const struct seen *s, uint32_t tag)
{
	/* Fibonacci hashing; Knuth, The Art of Computer Programming 3, 6.4 */
	size_t i = (tag * 2654435769u) & (s->room - 1);

	while (s->at[i] != 0 && s->at[i] != tag)
		i = (i + 1) & (s->room - 1);
	return i;
}

static int
seen_grow(struct seen *s, struct fault *f)
{
	struct seen to = { .room = s->room == 0 ? 1024 : 2 * s->room };

	if ((to.at = mem_array(to.room, sizeof(*to.at))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < s->room; i++)
		if (s->at[i] != 0)
			to.at[seen_slot(&to, s->at[i])] = s->at[i];
	to.n = s->n;
	mem_free(s->at);
	*s = to;
	return 0;
}

static int
name_tag(struct seen *s, uint32_t tag, struct shape *out, struct fault *f)
{
	char name[DICOM_NAME_CHARS + 1];
	size_t i;

	if (2 * s->n >= s->room && seen_grow(s, f) != 0)
		return -1;
	i = seen_slot(s, tag);
	if (s->at[i] == tag)
		return 0;
	dicom_name(name, tag);
	if (shape_add(out, name, strlen(name), HOLDS_VALUE, f) != 0)
		return -1;
	s->at[i] = tag;
	s->n++;
	return 0;
}

int
dicom_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	struct seen seen = { NULL, 0, 0 };
	struct dicom_facts facts;
	struct dicom_piece p;
	struct dicom d;
	int rc = -1;

	bytes_init(&facts.subject, 0);
	if (dicom_open(&d, src, f) != 0 ||
	    dicom_facts_read(&facts, &d, 0, f) != 0 ||
	    dicom_facts_complete(&facts, f) != 0)
		goto out;
	do {
		if (dicom_next(&d, &p, f) != 0)
			goto out;
		if ((p.event == DICOM_VALUE || p.event == DICOM_SEQUENCE ||
			p.event == DICOM_FRAMES) &&
		    !p.group_length && name_tag(&seen, p.tag, out, f) != 0)
			goto out;
		if (as->searched && p.depth == 0 && dicom_is_picture(p.tag) &&
		    dicom_facts_clean(&facts, f) != 0)
			goto out;
	} while (p.event != DICOM_END);
	rc = 0;
out:
	mem_free(seen.at);
	dicom_facts_free(&facts);
	dicom_close(&d);
	return rc;
}

/* ---- Whom it is about ---- */

int
dicom_subject(const struct mask_source *src, struct bytes *out, struct fault *f)
{
	const struct file_plan *plan = src->plan;
	struct dicom_facts facts;
	uint32_t tag = 0;
	struct dicom d;
	int rc = -1;

	bytes_init(&facts.subject, 0);
	if (plan->subject != PLAN_NO_FIELD)
		must(dicom_tag_read(&tag, plan->fields[plan->subject].name));
	if (dicom_open(&d, src, f) == 0 &&
	    dicom_facts_read(&facts, &d, tag, f) == 0)
		rc = bytes_add(out, facts.subject.at, facts.subject.len, f);
	dicom_facts_free(&facts);
	dicom_close(&d);
	return rc;
}

/* ---- Which series ---- */

/* InstanceNumber is IS: a sign and digits.  Whatever else is there orders
 * nothing. */
static uint32_t
instance_number(const char *text)
{
	uint64_t n = 0;

	if (text[0] == '+')
		text++;
	while (text[0] == '0')
		text++;
	if (text[0] == '\0' || !u64_read(&n, text, strlen(text), UINT32_MAX))
		return 0;
	return (uint32_t)n;
}

int
dicom_series(
    const struct mask_source *src, struct mask_series *out, struct fault *f)
{
	struct dicom_facts facts;
	struct dicom d;
	int rc = -1;

	bytes_init(&facts.subject, 0);
	if (dicom_open(&d, src, f) != 0 ||
	    dicom_facts_read(&facts, &d, 0, f) != 0)
		goto out;
	if (facts.study[0] == '\0' || facts.series[0] == '\0') {
		(void)fault_set(f, FAULT_INPUT, "no %s",
		    facts.study[0] == '\0' ? "StudyInstanceUID"
					   : "SeriesInstanceUID");
		goto out;
	}
	*out = (struct mask_series){ .instance = instance_number(
					 facts.instance_number) };
	memcpy(out->study, facts.study, sizeof(out->study));
	memcpy(out->series, facts.series, sizeof(out->series));
	rc = 0;
out:
	dicom_facts_free(&facts);
	dicom_close(&d);
	return rc;
}
