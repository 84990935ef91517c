/*
 * What was found wrong, or worth saying: a closed list of codes, each of one
 * severity, counted without end and kept in full up to a ceiling.
 *
 * A finding goes back to the vendor, so it holds nothing that the vendor did
 * not write; and it is shown on the owner's terminal, so what the vendor wrote
 * is made printable first.
 */

#include <stdarg.h>
#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* Findings of one code that a person is shown; the JSON has them all. */
#define SHOWN_MAX 20u

static const struct {
	const char *name;
	enum labels_severity severity;
} codes[FOUND_CODES] = {
	[FOUND_MALFORMED] = { "malformed", LABELS_ERROR },
	[FOUND_WRONG_FORMAT] = { "wrong-format", LABELS_ERROR },
	[FOUND_WRONG_KIND] = { "wrong-kind", LABELS_ERROR },
	[FOUND_TOO_MANY] = { "too-many", LABELS_ERROR },
	[FOUND_UNKNOWN_ITEM] = { "unknown-item", LABELS_ERROR },
	[FOUND_DUPLICATE] = { "duplicate", LABELS_ERROR },
	[FOUND_UNKNOWN_CLASS] = { "unknown-class", LABELS_ERROR },
	[FOUND_ANNOTATOR_MISSING] = { "annotator-missing", LABELS_ERROR },
	[FOUND_TIME_MISSING] = { "time-missing", LABELS_ERROR },
	[FOUND_TIME_MALFORMED] = { "time-malformed", LABELS_ERROR },
	[FOUND_TIME_FUTURE] = { "time-future", LABELS_ERROR },
	[FOUND_REASON_MISSING] = { "reason-missing", LABELS_ERROR },
	[FOUND_BOX_NOT_FINITE] = { "box-not-finite", LABELS_ERROR },
	[FOUND_BOX_NO_AREA] = { "box-no-area", LABELS_ERROR },
	[FOUND_BOX_OUTSIDE] = { "box-outside", LABELS_ERROR },
	[FOUND_SPAN_EMPTY] = { "span-empty", LABELS_ERROR },
	[FOUND_SPAN_OUTSIDE] = { "span-outside", LABELS_ERROR },
	[FOUND_SPAN_OVERLAP] = { "span-overlap", LABELS_ERROR },
	[FOUND_SIZE_DIFFERS] = { "size-differs", LABELS_ERROR },
	[FOUND_IMAGE_UNKNOWN] = { "image-unknown", LABELS_ERROR },
	[FOUND_SAME_BOX] = { "same-box", LABELS_WARNING },
	[FOUND_ANNOTATOR_UNKNOWN] = { "annotator-unknown", LABELS_WARNING },
	[FOUND_TIME_UNKNOWN] = { "time-unknown", LABELS_WARNING },
	[FOUND_SIZE_UNKNOWN] = { "size-unknown", LABELS_WARNING },
	[FOUND_ROUNDED] = { "rounded", LABELS_NOTE },
	[FOUND_IGNORED] = { "ignored", LABELS_NOTE },
	[FOUND_BYTE_ORDER_MARK] = { "byte-order-mark", LABELS_NOTE },
	[FOUND_OPEN_ITEM] = { "open-item", LABELS_NOTE },
};

enum labels_severity
labels_code_severity(enum labels_code code)
{
	return codes[code].severity;
}

const char *
labels_code_name(enum labels_code code)
{
	return codes[code].name;
}

const char *
labels_severity_name(enum labels_severity s)
{
	static const char *const names[] = { "note", "warning", "error" };

	return names[s];
}

const char *
labels_verdict_name(enum labels_verdict v)
{
	static const char *const names[] = { "accepted", "partial",
		"rejected" };

	return names[v];
}

const char *
labels_kind_name(enum labels_kind k)
{
	static const char *const names[] = { "any", "class", "boxes", "spans" };

	return names[k];
}

const char *
labels_state_name(enum labels_state s)
{
	static const char *const names[] = { "open", "answered", "empty",
		"skipped" };

	return names[s];
}

const char *
labels_shown(char out[LABELS_SHOWN_CHARS + 1], const char *text, size_t len)
{
	size_t n = 0, used;

	for (size_t i = 0; i < len; i += used) {
		int32_t c = utf8_next(text + i, len - i, &used);

		if (n + used + 3 > LABELS_SHOWN_CHARS) {
			memcpy(out + n, "...", 3);
			n += 3;
			break;
		}
		if (text_shows(c)) {
			memcpy(out + n, text + i, used);
			n += used;
		} else {
			out[n++] = '?';
		}
	}
	out[n] = '\0';
	return out;
}

void
labels_find(struct labels *l, enum labels_code code, uint32_t line,
    const char *item, const char *fmt, ...)
{
	char text[400], shown[LABELS_SHOWN_CHARS + 1] = "";
	struct labels_found *found;
	struct fault f = { 0 };
	va_list ap;

	if (l->by_code[code]++ >= LABELS_FINDINGS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (item != NULL)
		(void)labels_shown(shown, item, strlen(item));
	if (labels_grow((void **)&l->found, &l->found_room, l->nfound,
		sizeof(*l->found), LABELS_FINDINGS_MAX * FOUND_CODES,
		&f) != 0) {
		l->no_memory = true;
		return;
	}
	found = &l->found[l->nfound];
	found->code = code;
	found->item = mem_text(shown, strlen(shown));
	found->message = mem_text(text, strlen(text));
	l->no_memory =
	    l->no_memory || found->item == NULL || found->message == NULL;
	found->finding = (struct labels_finding){
		.code = codes[code].name,
		.severity = codes[code].severity,
		.file = l->file < l->files.n ? l->files.text[l->file] : "",
		.line = line,
		.item = found->item,
		.message = found->message,
	};
	l->nfound++;
}

size_t
labels_nfindings(const struct labels *l)
{
	return l->nfound;
}

const struct labels_finding *
labels_finding(const struct labels *l, size_t i)
{
	must(i < l->nfound);
	return &l->found[i].finding;
}

static int
text_of_finding(
    const struct labels_finding *found, struct bytes *out, struct fault *f)
{
	char file[LABELS_SHOWN_CHARS + 1];

	(void)labels_shown(file, found->file, strlen(found->file));
	if (bytes_addf(out, f, "%-7s %-17s ",
		labels_severity_name(found->severity), found->code) != 0)
		return -1;
	if (file[0] != '\0' && found->line > 0 &&
	    bytes_addf(out, f, "%s:%u: ", file, found->line) != 0)
		return -1;
	if (file[0] != '\0' && found->line == 0 &&
	    bytes_addf(out, f, "%s: ", file) != 0)
		return -1;
	if (found->item[0] != '\0' &&
	    bytes_addf(out, f, "item %s: ", found->item) != 0)
		return -1;
	return bytes_addf(out, f, "%s\n", found->message);
}

/* The findings of one severity, the first few of each code. */
static int
text_of_severity(const struct labels *l, enum labels_severity severity,
    struct bytes *out, struct fault *f)
{
	size_t shown[FOUND_CODES] = { 0 };

	for (size_t i = 0; i < l->nfound; i++) {
		const struct labels_found *found = &l->found[i];

		if (found->finding.severity == severity &&
		    shown[found->code]++ < SHOWN_MAX &&
		    text_of_finding(&found->finding, out, f) != 0)
			return -1;
	}
	for (int i = 0; i < FOUND_CODES; i++)
		if (codes[i].severity == severity &&
		    l->by_code[i] > SHOWN_MAX &&
		    bytes_addf(out, f, "%-7s %-17s and %zu more\n",
			labels_severity_name(severity), codes[i].name,
			l->by_code[i] - SHOWN_MAX) != 0)
			return -1;
	return 0;
}

int
labels_report_text(const struct labels *l, struct bytes *out, struct fault *f)
{
	struct labels_counts c;

	labels_count(l, &c);
	for (int s = LABELS_ERROR; s >= LABELS_NOTE; s--)
		if (text_of_severity(l, (enum labels_severity)s, out, f) != 0)
			return -1;
	return bytes_addf(out, f,
	    "form %s: items %zu (answered %zu, empty %zu, skipped %zu, open "
	    "%zu)\n"
	    "  answers %zu, annotators %zu; errors %zu, warnings %zu, "
	    "notes %zu\n",
	    labels_verdict_name(labels_verdict(l)), c.items, c.answered,
	    c.empty, c.skipped, c.open, c.answers, c.annotators, c.errors,
	    c.warnings, c.notes);
}

static json_t *
json_of_finding(const struct labels_finding *found)
{
	json_t *o = json_pack("{s:s, s:s, s:s}", "code", found->code,
	    "severity", labels_severity_name(found->severity), "message",
	    found->message);
	int rc = o == NULL ? -1 : 0;

	if (rc == 0 && found->file[0] != '\0')
		rc = json_object_set_new(o, "file", json_string(found->file));
	if (rc == 0 && found->line > 0)
		rc = json_object_set_new(
		    o, "line", json_integer((json_int_t)found->line));
	if (rc == 0 && found->item[0] != '\0')
		rc = json_object_set_new(o, "item", json_string(found->item));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

int
labels_report_json(const struct labels *l, json_t **out, struct fault *f)
{
	struct labels_counts c;
	json_t *list = json_array(), *by_code = json_object(), *o = NULL;
	bool ok = list != NULL && by_code != NULL;

	labels_count(l, &c);
	for (size_t i = 0; ok && i < l->nfound; i++)
		ok = json_array_append_new(
			 list, json_of_finding(&l->found[i].finding)) == 0;
	for (int i = 0; ok && i < FOUND_CODES; i++)
		if (l->by_code[i] > 0)
			ok = json_object_set_new(by_code, codes[i].name,
				 json_integer((json_int_t)l->by_code[i])) == 0;
	if (ok)
		o = json_pack(
		    "{s:s, s:s, s:{s:I, s:I, s:I, s:I, s:I}, s:I, s:I, "
		    "s:O, s:O}",
		    "verdict", labels_verdict_name(labels_verdict(l)), "kind",
		    labels_kind_name(l->kind), "items", "all",
		    (json_int_t)c.items, "open", (json_int_t)c.open, "answered",
		    (json_int_t)c.answered, "empty", (json_int_t)c.empty,
		    "skipped", (json_int_t)c.skipped, "answers",
		    (json_int_t)c.answers, "annotators",
		    (json_int_t)c.annotators, "found", by_code, "findings",
		    list);
	json_decref(list);
	json_decref(by_code);
	if (o == NULL)
		return fault_memory(f);
	*out = o;
	return 0;
}
