/*
 * options: and tags: of a rule for DICOM files.
 *
 *     options: [retain_uids, {retain_long_modified_dates: {shift: ...}}]
 *     tags: {PatientID: token, "(0008,1030)": detect}
 *
 * A line under tags: is held against the attribute's value representation here,
 * so that what is written is DICOM still; what only a value shows (its length
 * after all) is found when it is masked.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/near.h"
#include "keys/base/text.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/parse_internal.h"

/* Lines of one rule; the table has some 1,850 attributes. */
#define TAGS_MAX 4096u

/* Results of these actions have so many characters at least. */
#define TOKEN_LENGTH 26u
#define SEALED_LENGTH 28u /* AES-SIV's tag and a byte, in base 32 */

/* -- options: ------------------------------------------------------------ */

/* Options of PS3.15 that are none here, and why. */
static const struct {
	const char *word, *why;
} not_offered[] = {
	{ "retain_safe_private",
	    "which private attributes are safe, their makers say, and nobody "
	    "can check" },
	{ "clean_descriptors", "a text is clean when somebody has read it" },
	{ "clean_structured_content",
	    "content is clean when somebody has read it" },
	{ "clean_graphics", "graphics are clean when somebody has seen them" },
	{ "clean_pixel_data", "pixels are clean when somebody has seen them" },
	{ "clean_recognizable_visual_features",
	    "a face is gone when somebody has seen that it is" },
};

static int
refuse_option(const struct tree *y, const struct node *n, struct fault *f)
{
	if (n->kind != NODE_SCALAR)
		return 0;
	for (size_t i = 0; i < sizeof(not_offered) / sizeof(not_offered[0]);
	     i++) {
		if (strcmp(n->text, not_offered[i].word) != 0)
			continue;
		(void)tree_fault(y, n, f, "%s is not offered: %s",
		    not_offered[i].word, not_offered[i].why);
		return fault_hint(f,
		    "decide single attributes:   tags: {SeriesDescription: "
		    "detect}");
	}
	return 0;
}

static int
read_dates(const struct tree *y, const struct node *n, struct file_rule *rule,
    struct fault *f)
{
	static const char hint[] =
	    "{retain_long_modified_dates: {shift: {days: "
	    "180, by: subject}}}";

	if (parse_action(y, n, &rule->dates, f) != 0)
		return -1;
	rule->dates.line = n->line;
	if (rule->dates.action == TRANSFORM_SHIFT)
		return 0;
	(void)tree_fault(y, n, f, "dates are modified by a shift");
	return fault_hint(f, "%s", hint);
}

/* One option: a word, or a map of one word and what it needs. */
static int
read_option(const struct tree *y, const struct node *n, struct file_rule *rule,
    struct fault *f)
{
	const char *words[DICOM_OPTIONS + 1] = { NULL };
	const struct node *word = n->kind == NODE_MAP ? n->child : n;
	unsigned bit;
	size_t i;

	for (i = 0; i < DICOM_OPTIONS; i++)
		words[i] = dicom_options[i].word;
	if (word == NULL || (n->kind == NODE_MAP && word->next->next != NULL))
		return tree_fault(y, n, f, "expected one option");
	if (refuse_option(y, word, f) != 0 ||
	    tree_word(y, word, words, &i, f) != 0)
		return -1;
	bit = 1u << i;
	if ((rule->options & bit) != 0)
		return tree_fault(y, n, f, "%s is there already", words[i]);
	rule->options = (uint8_t)(rule->options | bit);
	if (bit == DICOM_RETAIN_LONG_MODIFIED_DATES) {
		if (n->kind == NODE_MAP)
			return read_dates(y, word->next, rule, f);
		(void)tree_fault(y, n, f, "%s needs to know how", words[i]);
		return fault_hint(
		    f, "{%s: {shift: {days: 180, by: subject}}}", words[i]);
	}
	if (n->kind == NODE_MAP)
		return tree_fault(y, word, f, "%s takes nothing", words[i]);
	return 0;
}

int
parse_dicom_options(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	const unsigned both =
	    DICOM_RETAIN_LONG_FULL_DATES | DICOM_RETAIN_LONG_MODIFIED_DATES;
	struct file_rule *rule = to;

	if (n->kind != NODE_LIST) {
		(void)tree_fault(y, n, f, "expected a list of options");
		return fault_hint(f, "options: [%s]", dicom_options[0].word);
	}
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (read_option(y, e, rule, f) != 0)
			return -1;
	if ((rule->options & both) == both)
		return tree_fault(y, n, f,
		    "dates are retained in full or modified, not both");
	return 0;
}

/* -- tags: --------------------------------------------------------------- */

const char *
tag_near(const char *text)
{
	const struct dicom_attribute *a;
	const char *best = NULL;
	unsigned least = NEAR_NOT;

	for (size_t i = 0; (a = dicom_at(i)) != NULL; i++) {
		unsigned far = near_distance(text, a->keyword);

		if (far < least) {
			least = far;
			best = a->keyword;
		}
	}
	return best;
}

static int
unknown_tag(const struct tree *y, const struct node *k, struct fault *f)
{
	const char *best = tag_near(k->text);
	uint32_t tag;

	if (dicom_tag_read(&tag, k->text))
		return tree_fault(y, k, f,
		    "%s is %s, which is dropped in any case", k->text,
		    (tag >> 16 & 1) != 0 ? "a private attribute"
					 : "no attribute that is known here");
	(void)tree_fault(y, k, f, "unknown attribute \"%s\"", k->text);
	if (best != NULL)
		return fault_hint(f, "did you mean %s?", best);
	return fault_hint(f, "an attribute is a keyword of PS3.6, PatientID, "
			     "or its number, \"(0010,0020)\"");
}

/* Attributes that no line may decide, or not so. */
static int
judge_place(const struct tree *y, const struct node *k,
    const struct dicom_attribute *a, enum transform_action action,
    struct fault *f)
{
	switch (a->tag) {
	case 0x00080005: /* SpecificCharacterSet */
	case 0x00080016: /* SOPClassUID */
		return action == TRANSFORM_KEEP
			   ? 0
			   : tree_fault(y, k, f,
				 "no file can be read without %s: keep",
				 a->keyword);
	case 0x00080018: /* SOPInstanceUID */
	case 0x0020000d: /* StudyInstanceUID */
	case 0x0020000e: /* SeriesInstanceUID */
		return action == TRANSFORM_KEEP || action == TRANSFORM_UID
			   ? 0
			   : tree_fault(y, k, f,
				 "no file is one without %s: uid, or keep",
				 a->keyword);
	case 0x50000000: /* CurveData */
	case 0x60003000: /* OverlayData */
	case 0x60004000: /* OverlayComments */
		return action == TRANSFORM_DROP || action == TRANSFORM_REFUSE
			   ? 0
			   : tree_fault(y, k, f,
				 "%s is of an overlay or a curve, which goes "
				 "whole: drop, or refuse",
				 a->keyword);
	case 0x00120062: /* PatientIdentityRemoved */
	case 0x00120063: /* DeidentificationMethod */
	case 0x00120064: /* DeidentificationMethodCodeSequence */
	case 0x00280303: /* LongitudinalTemporalInformationModified */
		return tree_fault(y, k, f,
		    "%s is written anew: it says what was done", a->keyword);
	}
	if (a->tag >> 16 < 0x0008)
		return tree_fault(y, k, f,
		    "%s is of the file's header, which is written anew",
		    a->keyword);
	if (a->tag >> 16 == 0x7fe0)
		return tree_fault(
		    y, k, f, "%s is decided by pixels:", a->keyword);
	return 0;
}

static int
unfit(const struct tree *y, const struct node *k,
    const struct dicom_attribute *a, const char *may, struct fault *f)
{
	(void)tree_fault(y, k->next, f, "%s is of the representation %s: %s",
	    a->keyword, a->vr, may);
	return -1;
}

/* Does a text of so many characters fit? */
static int
judge_length(const struct tree *y, const struct node *k,
    const struct dicom_attribute *a, const struct transform *how,
    struct fault *f)
{
	unsigned chars, least = 0;

	if (!dicom_is_text(a->vr, &chars))
		return 0;
	if (how->action == TRANSFORM_TOKEN || how->action == TRANSFORM_RANDOM)
		least = TOKEN_LENGTH;
	else if (how->action == TRANSFORM_REVERSIBLE)
		least = SEALED_LENGTH;
	else if (how->action == TRANSFORM_CONSTANT)
		for (const char *c = how->text; *c != '\0'; c++)
			least += ((unsigned char)*c & 0xc0) != 0x80;
	if (chars == 0 || least <= chars)
		return 0;
	(void)tree_fault(y, k->next, f,
	    "%u characters, and %s (%s) has room for %u", least, a->keyword,
	    a->vr, chars);
	return how->action == TRANSFORM_CONSTANT
		   ? -1
		   : fault_hint(f, "{fpe: {alphabet: digits}} is no longer "
				   "than the value; or drop");
}

/* Representations that take some actions alone, and what to say then. */
static int
judge_dates(const struct tree *y, const struct node *k,
    const struct dicom_attribute *a, const struct transform *how,
    struct fault *f)
{
	if (how->action == TRANSFORM_SHIFT ||
	    how->action == TRANSFORM_CONSTANT ||
	    (how->action == TRANSFORM_DATE && how->grain != GRAIN_QUARTER))
		return 0;
	return unfit(y, k, a,
	    "keep, drop, shift, generalise to a year or month, or a constant",
	    f);
}

static int
judge_numbers(const struct tree *y, const struct node *k,
    const struct dicom_attribute *a, const struct transform *how,
    struct fault *f)
{
	if (how->action == TRANSFORM_ROUND || how->action == TRANSFORM_NOISE ||
	    how->action == TRANSFORM_CONSTANT)
		return 0;
	return unfit(y, k, a,
	    "keep, drop, {generalise: {round: {to: 1}}}, noise or a constant",
	    f);
}

static bool
is_one(const char *vr, const char *const *of)
{
	while (*of != NULL && strcmp(vr, *of) != 0)
		of++;
	return *of != NULL;
}

static int
judge_texts(const struct tree *y, const struct node *k,
    const struct dicom_attribute *a, const struct transform *how,
    struct fault *f)
{
	if (how->action == TRANSFORM_UID || how->action == TRANSFORM_SHIFT ||
	    how->action == TRANSFORM_ITEM_REF)
		return unfit(y, k, a, "this is for others", f);
	return 0;
}

static int
judge_representation(const struct tree *y, const struct node *k,
    const struct dicom_attribute *a, const struct transform *how,
    struct fault *f)
{
	static const char *const dates[] = { "DA", "DT", NULL },
				 *const numbers[] = { "DS", "IS", NULL };
	bool blank = how->action == TRANSFORM_CONSTANT && how->text[0] == '\0';
	unsigned chars;

	if (how->action == TRANSFORM_KEEP || how->action == TRANSFORM_DROP ||
	    how->action == TRANSFORM_REFUSE || blank)
		return 0;
	if (strcmp(a->vr, "UI") == 0)
		return how->action == TRANSFORM_UID
			   ? 0
			   : unfit(y, k, a, "keep, drop or uid", f);
	if (!dicom_is_text(a->vr, &chars))
		return unfit(y, k, a, "keep or drop", f);
	if (how->action == TRANSFORM_CONSTANT &&
	    strpbrk(how->text, "\\\r\n\t\f\033") != NULL)
		return tree_fault(y, k->next, f,
		    "a backslash divides values in DICOM, and control "
		    "characters are none");
	if (judge_length(y, k, a, how, f) != 0)
		return -1;
	if (is_one(a->vr, dates))
		return judge_dates(y, k, a, how, f);
	if (is_one(a->vr, numbers))
		return judge_numbers(y, k, a, how, f);
	return judge_texts(y, k, a, how, f);
}

static int
read_tag(const struct tree *y, const struct node *k, struct file_rule *rule,
    struct fault *f)
{
	const struct dicom_attribute *a = dicom_named(k->text, strlen(k->text));
	struct field_rule *r = &rule->fields[rule->nfields];

	if (a == NULL)
		return unknown_tag(y, k, f);
	for (const struct field_rule *e = rule->fields; e < r; e++)
		if (strcmp(e->name, a->keyword) == 0)
			return tree_fault(y, k, f,
			    "%s: line %u already decides it", a->keyword,
			    e->how.line);
	rule->nfields++;
	if (parse_copy(&r->name, a->keyword, f) != 0 ||
	    parse_field_action(y, k, r, f) != 0 ||
	    judge_place(y, k, a, r->how.action, f) != 0)
		return -1;
	return judge_representation(y, k, a, &r->how, f);
}

int
parse_tags(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct file_rule *rule = to;

	if (parse_room(y, n, TAGS_MAX, rule, f) != 0)
		return -1;
	for (const struct node *k = n->child; k != NULL; k = k->next->next)
		if (read_tag(y, k, rule, f) != 0)
			return -1;
	return 0;
}
