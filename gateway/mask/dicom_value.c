/*
 * One value of a DICOM file, changed.
 *
 * A transform gets each of an element's values by itself, without padding, and
 * what it makes is held against the value representation before it is written:
 * a date stays a date that a viewer reads, and a token that does not fit is
 * refused and not cut.
 */

#include <string.h>

#include "gateway/mask/dicom_mask_internal.h"
#include "keys/base/files.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/rules.h"
#include "policy/transform/transform.h"

static bool
is_vr(const char *vr, const char *list)
{
	return strstr(list, vr) != NULL;
}

/* Texts in which a backslash is a backslash (PS3.5 6.2). */
static bool
is_one_value(const char *vr)
{
	return is_vr(vr, "LT ST UT UR");
}

/* ---- What fits ---- */

/* Characters, not counting what goes on with one in UTF-8. */
static size_t
characters(const struct slice *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->len; i++)
		n += (s->at[i] & 0xc0) != 0x80;
	return n;
}

/* Is it a value of that VR?  Of texts without a form of their own, how long
 * they are and that nothing in them steers. */
static bool
fits(const char *vr, const struct slice *s)
{
	unsigned most;

	must(dicom_is_text(vr, &most));
	if (most != 0 && characters(s) > most)
		return false;
	if (s->len == 0)
		return true;
	if (is_vr(vr, "DA"))
		return s->len == 8 && dicom_only(s, "0123456789");
	if (is_vr(vr, "DT"))
		return dicom_is_datetime(s);
	if (is_vr(vr, "TM"))
		return dicom_only(s, "0123456789.");
	if (is_vr(vr, "DS"))
		return dicom_only(s, "0123456789.+-eE");
	if (is_vr(vr, "IS"))
		return dicom_only(s, "0123456789+-");
	if (is_vr(vr, "AS"))
		return s->len == 4 && dicom_only(s, "0123456789DWMY");
	if (is_vr(vr, "UI"))
		return dicom_uid_valid(s);
	if (is_vr(vr, "CS"))
		return dicom_only(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _");
	for (size_t i = 0; i < s->len; i++)
		if ((s->at[i] < ' ' &&
			(!is_one_value(vr) ||
			    memchr("\t\n\f\r", s->at[i], 4) == NULL)) ||
		    s->at[i] == 0x7f || (s->at[i] == '\\' && !is_one_value(vr)))
			return false;
	return true;
}

static bool
is_ascii(const struct slice *s)
{
	for (size_t i = 0; i < s->len; i++)
		if (s->at[i] >= 0x80)
			return false;
	return true;
}

/* ---- Dates ---- */

/* "1980", "1980-03", "1980-Q2" or "1980-03-04" as PS3.5 has a date: its first
 * day.  Whatever else it is stays, to be refused. */
static void
spell_date(struct bytes *out, size_t from)
{
	uint8_t *p = out->at + from;
	size_t len = out->len - from;
	char day[9] = "00000101";

	if (len == 8 || len < 4 || (len > 4 && p[4] != '-'))
		return;
	memcpy(day, p, 4);
	if (len == 7 && p[5] == 'Q' && p[6] >= '1' && p[6] <= '4') {
		day[4] = p[6] == '4' ? '1' : '0';
		day[5] = "1470"[p[6] - '1'];
	} else if (len == 7 || (len == 10 && p[7] == '-')) {
		memcpy(day + 4, p + 5, 2);
		if (len == 10)
			memcpy(day + 6, p + 8, 2);
	} else if (len != 4)
		return;
	/* there is room: change_one() saw to it */
	memcpy(p, day, 8);
	out->len = from + 8;
}

/* ---- UIDs ---- */

/*
 * A UID under the standard's own root that the standard may have given out: it
 * stays, since it names a class or a code.  Its numbers are of four digits and
 * less (PS3.6 A); of one that somebody made by appending a date, they are not.
 */
static bool
is_given_out(const struct slice *s)
{
	static const char root[] = "1.2.840.10008.";
	size_t digits = 0, numbers = 0;

	if (s->len < strlen(root) || memcmp(s->at, root, strlen(root)) != 0)
		return true;
	for (size_t i = strlen(root); i < s->len; i++) {
		if (s->at[i] == '.') {
			numbers++;
			digits = 0;
		} else if (++digits > 4)
			return false;
	}
	return numbers <= 8;
}

/* ---- One value ---- */

static int
change_one(struct bytes *out, const struct dicom_change *c,
    const struct slice *value, struct fault *f)
{
	const struct transform *how = &c->field->how;
	struct transform_site site = *c->site;
	struct slice s = *value, rest = { NULL, 0 };
	size_t from = out->len;

	/* of a time the day is what a date's transform reads */
	if (is_vr(c->vr, "DT") && how->action != TRANSFORM_CONSTANT &&
	    s.len > 8) {
		rest = (struct slice){ s.at + 8, s.len - 8 };
		s.len = 8;
	}
	if (how->action == TRANSFORM_UID && !is_given_out(&s))
		return fault_set(f, FAULT_INPUT,
		    "a UID under the standard's own root that it has not given "
		    "out");
	site.nth = (*c->nth)++;
	if (bytes_reserve(out, 8, f) != 0 ||
	    transform_apply(how, &site, s.at, s.len, out, f) != 0)
		return -1;
	if (is_vr(c->vr, "DA DT"))
		spell_date(out, from);
	if (rest.len > 0 && out->len > from && how->action != TRANSFORM_DATE &&
	    bytes_add(out, rest.at, rest.len, f) != 0)
		return -1;
	s = (struct slice){ out->at + from, out->len - from };
	if (!fits(c->vr, &s))
		return fault_set(f, FAULT_POLICY,
		    "what becomes of it is no value of VR %s", c->vr);
	if (!c->utf8 && !is_ascii(&s))
		return fault_set(f, FAULT_POLICY,
		    "what becomes of it is not in the file's character set");
	return 0;
}

int
dicom_change_value(struct bytes *out, const struct dicom_change *c,
    const struct slice *value, struct fault *f)
{
	const uint8_t *at = value->at, *end = at + value->len, *next;
	struct slice one;

	if (is_one_value(c->vr) || value->len == 0 ||
	    c->field->how.action == TRANSFORM_CONSTANT) {
		one = dicom_trim(*value);
		return change_one(out, c, &one, f);
	}
	for (;; at = next + 1) {
		next = memchr(at, '\\', (size_t)(end - at));
		one = dicom_trim((struct slice){
		    at, (size_t)((next == NULL ? end : next) - at) });
		if (change_one(out, c, &one, f) != 0)
			return -1;
		if (next == NULL)
			return 0;
		if (bytes_add(out, "\\", 1, f) != 0)
			return -1;
	}
}

/* ---- And found again ---- */

int
mask_edit_field(const struct mask_source *src, const struct mask_edit *before,
    const struct plan_field **field, struct fault *f)
{
	char name[DICOM_NAME_CHARS + 1];
	uint8_t tag[4];
	size_t got;

	*field = NULL;
	if (file_read_at(src->fd, tag, sizeof(tag), before->at, &got, f) != 0)
		return fault_at(f, "%s", src->path);
	if (got < sizeof(tag))
		return 0;
	dicom_name(name, (uint32_t)(tag[0] | tag[1] << 8) << 16 |
			     (uint32_t)(tag[2] | tag[3] << 8));
	*field = file_plan_find(src->plan, name, strlen(name));
	return 0;
}
