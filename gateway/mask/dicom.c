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
		if (as->searched && p.tag == TAG_PIXELS && p.depth == 0 &&
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

/* ---- What it says of itself ---- */

/* A UID, or nothing. */
static int
take_uid(char out[MASK_UID_CHARS + 1], struct slice s, struct fault *f)
{
	if (s.len == 0)
		return 0;
	if (!dicom_uid_valid(&s))
		return fault_set(f, FAULT_INPUT, "not a UID (PS3.5 9.1)");
	memcpy(out, s.at, s.len);
	return 0;
}

/* A short text; of a longer one the beginning, which is then no word that
 * anybody asks for. */
static void
take_word(char out[17], struct slice s)
{
	memcpy(out, s.at, s.len < 16 ? s.len : 16);
}

/* Is SECONDARY the second value of ImageType (PS3.3 C.7.6.1.1.2)? */
static bool
is_secondary(struct slice s)
{
	const uint8_t *second = memchr(s.at, '\\', s.len);

	if (second == NULL)
		return false;
	s.len -= (size_t)(++second - s.at);
	s.at = second;
	return s.len >= 9 && memcmp(s.at, "SECONDARY", 9) == 0;
}

static int
take_fact(
    struct dicom_facts *out, uint32_t tag, struct slice s, struct fault *f)
{
	switch (tag) {
	case TAG_CHARACTER_SET:
		out->utf8 = s.len == 10 && memcmp(s.at, "ISO_IR 192", 10) == 0;
		return 0;
	case TAG_IMAGE_TYPE:
		out->secondary = is_secondary(s);
		return 0;
	case TAG_SOP_CLASS:
		return take_uid(out->sop_class, s, f);
	case TAG_SOP_INSTANCE:
		return take_uid(out->sop_instance, s, f);
	case TAG_STUDY:
		return take_uid(out->study, s, f);
	case TAG_SERIES:
		return take_uid(out->series, s, f);
	case TAG_INSTANCE_NUMBER:
		take_word(out->instance_number, s);
		return 0;
	case TAG_MODALITY:
		take_word(out->modality, s);
		return 0;
	case TAG_BURNED_IN:
		take_word(out->burned_in, s);
		return 0;
	default:
		return 0;
	}
}

static bool
is_fact(uint32_t tag)
{
	static const uint32_t facts[] = { TAG_CHARACTER_SET, TAG_IMAGE_TYPE,
		TAG_SOP_CLASS, TAG_SOP_INSTANCE, TAG_MODALITY, TAG_STUDY,
		TAG_SERIES, TAG_INSTANCE_NUMBER, TAG_ROWS, TAG_COLUMNS,
		TAG_BURNED_IN };

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (facts[i] == tag)
			return true;
	return false;
}

static int
read_fact(struct dicom_facts *out, struct dicom *d, const struct dicom_piece *p,
    uint32_t subject, struct fault *f)
{
	char name[DICOM_NAME_CHARS + 1];
	struct slice s;
	int rc;

	if (!is_fact(p->tag) && p->tag != subject)
		return 0;
	if ((rc = dicom_value(d, p, &s, f)) != 0)
		return rc;
	if (p->tag == TAG_ROWS || p->tag == TAG_COLUMNS) {
		if (s.len == 2)
			*(p->tag == TAG_ROWS ? &out->rows : &out->columns) =
			    (uint32_t)s.at[1] << 8 | s.at[0];
		return 0;
	}
	s = dicom_trim(s);
	rc = take_fact(out, p->tag, s, f);
	if (rc == 0 && p->tag == subject)
		rc = bytes_add(&out->subject, s.at, s.len, f);
	if (rc != 0) {
		dicom_name(name, p->tag);
		return fault_at(f, "%s", name);
	}
	return 0;
}

int
dicom_facts_read(
    struct dicom_facts *out, struct dicom *d, uint32_t subject, struct fault *f)
{
	/* the last of them, or whom it is about */
	uint32_t last = subject > TAG_BURNED_IN ? subject : TAG_BURNED_IN;
	struct dicom_piece p;

	*out = (struct dicom_facts){ .modality = "" };
	bytes_init(&out->subject, DICOM_VALUE_MAX);
	for (;;) {
		if (dicom_next(d, &p, f) != 0)
			return -1;
		if (p.event == DICOM_END || p.tag > last)
			break;
		if (p.event == DICOM_VALUE
			? read_fact(out, d, &p, subject, f) != 0
			: dicom_skip(d, &p, f) != 0)
			return -1;
	}
	dicom_rewind(d);
	return 0;
}

int
dicom_facts_complete(const struct dicom_facts *facts, struct fault *f)
{
	if (facts->sop_class[0] != '\0' && facts->sop_instance[0] != '\0')
		return 0;
	return fault_set(f, FAULT_INPUT, "no %s",
	    facts->sop_class[0] == '\0' ? "SOPClassUID" : "SOPInstanceUID");
}

/*
 * Why there may be text in the picture (PS3.3 C.7.6.1.1.5), or NULL.  Where
 * nobody says that there is none, scanners that write none into pictures of
 * their own are believed; a picture made of one may be a page of numbers and
 * names.
 */
static const char *
may_have_text(const struct dicom_facts *facts)
{
	static const char *const clean[] = { "CT", "MR", "PT", "NM" };
	static const char capture[] = "1.2.840.10008.5.1.4.1.1.7";

	if (facts->burned_in[0] != '\0')
		return strcmp(facts->burned_in, "NO") == 0
			   ? NULL
			   : "BurnedInAnnotation is not NO";
	if (strncmp(facts->sop_class, capture, strlen(capture)) == 0)
		return "a secondary capture without BurnedInAnnotation";
	if (facts->secondary)
		return "made from another one, without BurnedInAnnotation";
	for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++)
		if (strcmp(facts->modality, clean[i]) == 0)
			return NULL;
	return "no BurnedInAnnotation, and not of CT, MR, PT or NM";
}

int
dicom_facts_clean(const struct dicom_facts *facts, struct fault *f)
{
	const char *why = may_have_text(facts);

	if (why == NULL)
		return 0;
	(void)fault_set(
	    f, FAULT_POLICY, "there may be text in the picture: %s", why);
	return fault_hint(f,
	    "when somebody has looked, in the policy's rule for it:   "
	    "burned_in: accept");
}

void
dicom_facts_free(struct dicom_facts *facts)
{
	bytes_free(&facts->subject);
}

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
