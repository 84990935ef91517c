/*
 * A draft as the text of a policy: every line with its evidence above it.
 *
 * Comments hold counts and words of ours; names of columns and paths stand as
 * keys, in quotes where YAML would take them for something else.
 */

#include <inttypes.h>
#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/text.h"
#include "policy/propose/draft_internal.h"

struct writing {
	const struct policy_draft *d;
	struct bytes *out;
	struct draft_told *told;
	uint64_t files; /* of the rule being written */
};

/* A text from outside in a comment: one line, nothing that steers. */
static int
add_plain(struct bytes *out, const char *text, struct fault *f)
{
	size_t used;

	for (size_t n = 0; *text != '\0' && n < 120; text += used, n++) {
		bool shows = text_shows(utf8_next(text, strlen(text), &used));

		if (bytes_add(out, shows ? text : "?", shows ? used : 1, f) !=
		    0)
			return -1;
	}
	return 0;
}

/* The dataset's name as a project: a-z, 0-9, -. */
static void
project_of(char out[33], const char *dataset)
{
	size_t n = 0, end = strlen(dataset);
	const char *from;

	while (end > 0 && dataset[end - 1] == '/')
		end--;
	from = memrchr(dataset, '/', end);
	from = from == NULL ? dataset : from + 1;
	for (const char *p = from; p < dataset + end && n < 32; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[n++] = c;
		else if (n > 0 && out[n - 1] != '-')
			out[n++] = '-';
	}
	while (n > 0 && out[n - 1] == '-')
		n--;
	out[n] = '\0';
	if (n == 0)
		(void)snprintf(out, 33, "labelling");
}

/* -- The top ------------------------------------------------------------- */

static int
write_head(struct writing *w, struct fault *f)
{
	static const char *const agreements[PROFILES] = { "nda, dpa",
		"nda, dpa, dpia", "nda, baa", "nda, dpa, dpia", "nda, dpa" };
	bool two =
	    w->d->profile != PROFILE_NONE && w->d->profile != PROFILE_CHAT;
	char day[CLOCK_DATE_CHARS + 1], project[33];

	clock_write_date(day, w->d->today);
	project_of(project, w->d->dataset);
	if (bytes_addf(w->out, f, "# A first policy for ") != 0 ||
	    add_plain(w->out, w->d->dataset, f) != 0 ||
	    bytes_addf(w->out, f,
		", from what was in it on %s (profile: %s).\n"
		"# Each line is a proposal with its evidence above it. Read "
		"all, decide what is\n# refused, then check and plan.\n"
		"handoff: 1\n"
		"# with the vendor it names the pseudonymisation domain\n"
		"project: %s\n"
		"# what the data are for\n"
		"purpose: labelling\n",
		day, profile_words[w->d->profile], project) != 0)
		return -1;
	return bytes_addf(w->out, f,
	    "%srecipients: [%s]\n"
	    "# how long the vendor may keep the data\n"
	    "retention: 90d\n"
	    "# papers that must be in force at every release\n"
	    "agreements: [%s]\n"
	    "# self, or two persons\n"
	    "approve: %s\n",
	    w->d->vendor == NULL
		? "# who gets the data, as vendor add knows it: put its name "
		  "here\n"
		: "",
	    w->d->vendor != NULL ? w->d->vendor : "vendor",
	    agreements[w->d->profile], two ? "two" : "self");
}

static int
write_quoted(struct bytes *out, const char *before, const char *text,
    const char *behind, struct fault *f)
{
	if (bytes_add_text(out, before, f) != 0 ||
	    transform_quote(out, text, f) != 0)
		return -1;
	return bytes_add_text(out, behind, f);
}

/* Numbers so short are in many names that say nothing of a person. */
#define SHORT_NUMBER 3u

/* A rule's files, if their paths say whom they are about, or a table does. */
static int
write_whose(struct writing *w, uint32_t rule, struct fault *f)
{
	const struct draft_group *g =
	    &w->d->groups[w->d->rules->at[rule].group];
	const char *glob = w->d->rules->at[rule].glob, *but = NULL;
	char known[TEXT_GROUPED], all[TEXT_GROUPED];
	const struct evidence *e;
	struct draft_whose x;

	if (draft_subject(g) != NULL || !draft_whose(w->d, rule, &x))
		return 0;
	e = &x.field->e;
	if (g->type == TYPE_TEXT ||
	    (w->d->profile == PROFILE_HIPAA && g->type != TYPE_JSON))
		but = "once they leave";
	else if (x.guess->pattern != NULL && e->longest <= SHORT_NUMBER &&
		 e->kinds[KIND_INTEGER] == e->values)
		but = "if it is not by chance: the numbers are short";
	else if (x.guess->pattern == NULL &&
		 (e->more || e->distinct < e->values))
		but = "once none is named by rows of two persons: several rows "
		      "name the same";
	text_grouped(known, x.known);
	text_grouped(all, x.guess->n);
	if (bytes_addf(w->out, f, "  # %s of %s paths %s", known, all,
		x.guess->pattern != NULL ? "have there a value of "
					 : "are named by rows of ") != 0 ||
	    add_plain(w->out, x.glob, f) != 0 ||
	    bytes_add_text(w->out, ": ", f) != 0 ||
	    add_plain(w->out, x.field->name, f) != 0 ||
	    bytes_addf(w->out, f, "%s%s\n  %s- ", but != NULL ? "; " : "",
		but != NULL ? but : "", but != NULL ? "# " : "") != 0)
		return -1;
	return x.guess->pattern != NULL
		   ? write_quoted(w->out, "{path: ", x.guess->pattern, "}\n", f)
		   : write_quoted(
			 w->out, "{file: ", glob, ", by: item_ref}\n", f);
}

static int
write_subjects(struct writing *w, struct fault *f)
{
	const struct look_rules *r = w->d->rules;
	bool any = false;

	for (uint32_t i = 0; i < r->n; i++) {
		const struct draft_group *g = &w->d->groups[r->at[i].group];

		if (draft_subject(g) == NULL || !draft_subject_fits(w->d, i))
			continue;
		if (!any && bytes_add_text(w->out,
				"# which column holds the key of the person "
				"that a record is about\nsubject:\n",
				f) != 0)
			return -1;
		any = true;
		if (write_quoted(w->out, "  - {file: ", r->at[i].glob, "", f) !=
			0 ||
		    write_quoted(w->out,
			g->type == TYPE_CSV ? ", column: " : ", field: ",
			draft_subject(g), "}\n", f) != 0)
			return -1;
	}
	for (uint32_t i = 0; any && i < r->n; i++)
		if (write_whose(w, i, f) != 0)
			return -1;
	return any ? 0
		   : bytes_add_text(w->out,
			 "# subject: {file: ..., column: ...} would tell which "
			 "column holds a person's key\n",
			 f);
}

/* -- Fields -------------------------------------------------------------- */

static int
write_field(struct writing *w, const char *name, const char *ending,
    const struct proposal *p, struct fault *f)
{
	char path[SHAPE_NAME_MAX + 8];

	w->told->fields++;
	w->told->refused += p->refuse;
	w->told->dropped += strcmp(p->action, "drop") == 0;
	if (bytes_addf(w->out, f, "      # %s\n", p->why) != 0 ||
	    (p->choose[0] != '\0' &&
		bytes_addf(w->out, f, "      # choose from: %s\n", p->choose) !=
		    0))
		return -1;
	(void)snprintf(path, sizeof(path), "%s%s", name, ending);
	if (bytes_add_text(w->out, "      ", f) != 0 ||
	    policy_key(w->out, path, f) != 0)
		return -1;
	return bytes_addf(w->out, f, ": %s\n", p->action);
}

/* What has no values: null, {} and [] alone, beside what is inside. */
static void
hollow(struct proposal *p)
{
	*p = (struct proposal){ .seems = "empty" };
	(void)snprintf(p->action, sizeof(p->action), "drop");
	(void)snprintf(p->why, sizeof(p->why), "nothing: always null or empty");
}

static void
mixed(struct proposal *p)
{
	*p = (struct proposal){ .seems = "unsure", .refuse = true };
	(void)snprintf(p->action, sizeof(p->action), "refuse");
	(void)snprintf(p->why, sizeof(p->why),
	    "unsure: sometimes a value, sometimes an object or array");
	(void)snprintf(p->choose, sizeof(p->choose),
	    "drop; or a line for the value and lines for what is inside");
}

static void
crowded(struct proposal *p, uint64_t names)
{
	char n[TEXT_GROUPED];

	text_grouped(n, names);
	*p = (struct proposal){ .seems = "identifier" };
	(void)snprintf(p->action, sizeof(p->action), "drop");
	(void)snprintf(p->why, sizeof(p->why),
	    "%s different names at this place: they are data themselves", n);
}

static int
write_paths(struct writing *w, const struct draft_group *g, struct fault *f)
{
	struct proposal p;

	for (size_t i = 0; i < g->nfields; i++) {
		const struct draft_field *d = &g->fields[i];
		bool inside = d->inside;

		if (d->top != i) /* decided with what is around it */
			continue;
		if (d->crowd > 0) {
			crowded(&p, d->crowd);
			if (write_field(w, d->place, ".**", &p, f) != 0)
				return -1;
			continue;
		}
		if ((d->holds & HOLDS_VALUE) == 0 && inside)
			continue; /* hollow: needs no rule */
		if ((d->holds & HOLDS_VALUE) == 0)
			hollow(&p);
		else if (inside)
			mixed(&p);
		else
			p = d->p;
		if (write_field(w, d->name, inside ? ".**" : "", &p, f) != 0)
			return -1;
	}
	return 0;
}

static int
write_columns(struct writing *w, const struct draft_group *g, struct fault *f)
{
	for (size_t i = 0; i < g->nfields; i++)
		if (write_field(w, g->fields[i].name, "", &g->fields[i].p, f) !=
		    0)
			return -1;
	return 0;
}

/* -- Rules --------------------------------------------------------------- */

static int
write_excluded(
    struct writing *w, const char *comment, const char *why, struct fault *f)
{
	w->told->excluded++;
	w->told->left += w->files;
	if (comment[0] != '\0' &&
	    bytes_addf(w->out, f, "    # %s\n", comment) != 0)
		return -1;
	return write_quoted(w->out, "    exclude: ", why, "\n", f);
}

static int
write_picture(struct writing *w, const struct draft_group *g, struct fault *f)
{
	if (w->d->profile == PROFILE_HIPAA)
		return write_excluded(w,
		    "choose from: this; or type, metadata: drop, pixels: keep, "
		    "if no face and no writing is in them",
		    "pictures: full-face photographs and comparable images are "
		    "identifiers (45 CFR 164.514(b)(2)(i)(Q))",
		    f);
	return bytes_addf(w->out, f,
	    "    # media: faces, and what is written in a picture, identify; "
	    "choose from: this, or exclude\n"
	    "    type: %s\n    metadata: drop\n    pixels: keep\n",
	    file_type_name(g->type));
}

static int
write_rows(struct writing *w, const struct draft_group *g, struct fault *f)
{
	if (bytes_addf(w->out, f, "    type: %s\n", file_type_name(g->type)) !=
	    0)
		return -1;
	if (g->type == TYPE_CSV &&
	    bytes_addf(w->out, f, "%s    delimiter: %s\n",
		g->header ? ""
			  : "    # no header: columns are numbered\n"
			    "    header: no\n",
		delimiter_name(g->delimiter)) != 0)
		return -1;
	if (g->varies && bytes_add_text(w->out,
			     "    # its files have not all the same names\n"
			     "    missing: allow\n",
			     f) != 0)
		return -1;
	if (g->item != SIZE_MAX &&
	    (bytes_add_text(w->out,
		 "    # in every record, and never twice\n    item_id: ", f) !=
		    0 ||
		policy_key(w->out, g->fields[g->item].name, f) != 0 ||
		bytes_add_text(w->out, "\n", f) != 0))
		return -1;
	if (bytes_addf(w->out, f, "    %s:%s\n",
		g->type == TYPE_CSV ? "columns" : "fields",
		g->nfields == 0 ? " {}" : "") != 0)
		return -1;
	return g->type == TYPE_CSV ? write_columns(w, g, f)
				   : write_paths(w, g, f);
}

static int
write_rule(struct writing *w, const struct look_rule *r, struct fault *f)
{
	const struct draft_group *g = &w->d->groups[r->group];
	char files[TEXT_GROUPED], records[TEXT_GROUPED];

	w->told->rules++;
	w->files = r->files;
	text_grouped(files, r->files);
	text_grouped(records, g->records);
	if (bytes_addf(w->out, f, "  # %s file%s", files,
		r->files == 1 ? "" : "s") != 0 ||
	    (g->known && (g->type == TYPE_CSV || g->type == TYPE_JSONL) &&
		bytes_addf(w->out, f, ", %s records%s", records,
		    r->files == g->files ? "" : " with all like them") != 0) ||
	    write_quoted(w->out, "\n  - match: ", r->glob, "\n", f) != 0)
		return -1;
	if (!g->known)
		return write_excluded(
		    w, g->convert != NULL ? g->convert : "", g->why, f);
	if (g->type == TYPE_TEXT) {
		w->told->texts += r->files;
		return write_excluded(w,
		    "choose from: this; or type: text, text: detect, which "
		    "replaces the personal data that it finds",
		    "free text: it can hold anything, and nobody has decided "
		    "yet",
		    f);
	}
	if (g->type == TYPE_JPEG || g->type == TYPE_PNG)
		return write_picture(w, g, f);
	if (g->type == TYPE_DICOM)
		return draft_dicom(w->out, w->d, w->told, f);
	if (draft_is_beyond(g))
		return write_excluded(w, "",
		    "its names are data themselves, too many to be decided", f);
	return write_rows(w, g, f);
}

/* May the field tell persons apart in what leaves? */
static bool
is_quasi(const struct draft_group *g, size_t i)
{
	const struct draft_field *d = &g->fields[i];

	return d->top == i && d->crowd == 0 && !d->inside && !d->p.refuse &&
	       strcmp(d->p.seems, "quasi-identifier") == 0 &&
	       strcmp(d->p.action, "drop") != 0;
}

/* A rule of risk: for one pattern, as a comment; nothing without such fields.
 */
static int
write_risk_rule(
    struct writing *w, const struct look_rule *r, bool *any, struct fault *f)
{
	const struct draft_group *g = &w->d->groups[r->group];
	bool first = true;

	if (!g->known || (g->type != TYPE_CSV && g->type != TYPE_JSONL) ||
	    draft_is_beyond(g))
		return 0;
	for (size_t i = 0; i < g->nfields; i++) {
		if (!is_quasi(g, i))
			continue;
		if (!*any && bytes_add_text(w->out,
				 "# how hard persons must be to find again; "
				 "the plan then stops where they are not\n"
				 "# risk:\n",
				 f) != 0)
			return -1;
		*any = true;
		if ((first && write_quoted(w->out, "#   - {file: ", r->glob,
				  ", quasi_identifiers: [", f) != 0) ||
		    (!first && bytes_add_text(w->out, ", ", f) != 0) ||
		    policy_key(w->out, g->fields[i].name, f) != 0)
			return -1;
		first = false;
	}
	return first ? 0 : bytes_add_text(w->out, "], k: 5}\n", f);
}

static int
write_risk(struct writing *w, struct fault *f)
{
	bool any = false;

	for (uint32_t i = 0; i < w->d->rules->n; i++)
		if (write_risk_rule(w, &w->d->rules->at[i], &any, f) != 0)
			return -1;
	return w->d->profile != PROFILE_GDPR_HEALTH
		   ? 0
		   : bytes_add_text(w->out,
			 "# legal: the basis, the exception of Art. 9(2), the "
			 "assessment of impact: docs/POLICY.md, Law\n",
			 f);
}

static int
write_labels(struct writing *w, struct fault *f)
{
	if (w->d->profile == PROFILE_FACES)
		return bytes_add_text(w->out,
		    "# what the vendor is asked\n"
		    "labels:\n  kind: boxes\n  classes: [face]\n"
		    "  unanswered: open\n",
		    f);
	return bytes_add_text(w->out,
	    "# what the vendor is asked; without it no labels can be taken "
	    "in:\n"
	    "# labels: {kind: class, classes: [one, other], golden: {metric: "
	    "accuracy, pass: 0.9}}\n",
	    f);
}

int
draft_write(struct bytes *out, const struct policy_draft *d,
    struct draft_told *told, struct fault *f)
{
	struct writing w = { d, out, told, 0 };

	*told = (struct draft_told){ 0 };
	if (write_head(&w, f) != 0 || write_subjects(&w, f) != 0 ||
	    bytes_add_text(out, "files:\n", f) != 0)
		return -1;
	for (uint32_t i = 0; i < d->rules->n; i++)
		if (write_rule(&w, &d->rules->at[i], f) != 0)
			return -1;
	if (d->rules->n == 0 &&
	    bytes_add_text(out,
		"  # no file was found\n  - match: \"**\"\n"
		"    exclude: \"there was nothing to decide\"\n",
		f) != 0)
		return -1;
	if (draft_names(out, d, f) != 0 || write_risk(&w, f) != 0)
		return -1;
	return write_labels(&w, f);
}
