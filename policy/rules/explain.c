/*
 * Why a policy decides a file, a column or a path as it does: the rule that
 * wins, and every other that was considered, with what kept it from winning.
 *
 * The same code decides here as in the plan (glob_matches(), path_reach()); for
 * JSON the first line in the policy's order that reaches a place decides it, as
 * in decide_paths.c.
 */

#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/near.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/parse_internal.h"

static int
put(json_t *o, const char *key, json_t *value, struct fault *f)
{
	return json_object_set_new(o, key, value) == 0 ? 0 : fault_memory(f);
}

static int
add(json_t *list, json_t *value, struct fault *f)
{
	return json_array_append_new(list, value) == 0 ? 0 : fault_memory(f);
}

static json_t *
place(const struct policy *p, uint32_t line)
{
	return json_sprintf("%s:%u", p->name, (unsigned)line);
}

/* -- Files --------------------------------------------------------------- */

/* Why the rule's glob does not match. */
static json_t *
apart(const char *glob, const char *path)
{
	size_t glob_at, path_at, len;
	const char *rest, *here;

	glob_parts(glob, path, &glob_at, &path_at);
	here = path + path_at + (path[path_at] == '/' && path_at > 0);
	rest = glob + glob_at;
	len = strcspn(here, "/");
	if (rest[0] == '\0')
		return json_sprintf(
		    "does not match: the pattern ends before \"%s\"", here);
	if (here[0] == '\0')
		return json_sprintf(
		    "does not match: the path ends before \"%s\"", rest);
	return json_sprintf("does not match: \"%.*s\" is not \"%.*s\"",
	    (int)strcspn(rest, "/"), rest, (int)len, here);
}

static int
rule_json(json_t *list, const struct policy *p, size_t i, const char *path,
    size_t wins, struct fault *f)
{
	const struct file_rule *r = &p->files[i];
	bool matches = glob_matches(r->match, path);
	json_t *why = !matches	  ? apart(r->match, path)
		      : i == wins ? json_string("the first that matches")
				  : json_sprintf("matches too, but line %u "
						 "comes first",
					(unsigned)p->files[wins].line);

	return add(list,
	    json_pack("{s:o, s:s, s:s, s:o}", "rule", place(p, r->line),
		"match", r->match, "verdict",
		!matches    ? "no match"
		: i == wins ? "decides"
			    : "later",
		"why", why),
	    f);
}

static int
subject_json(
    json_t *o, const struct policy *p, const char *path, struct fault *f)
{
	struct slice key;
	const struct subject_rule *s = policy_subject(p, path, &key);
	const char *how, *what;

	if (s == NULL)
		return 0;
	how = s->by == SUBJECT_PATH  ? "path"
	      : s->by == SUBJECT_REF ? "by"
				     : "field";
	what = s->by == SUBJECT_PATH  ? s->pattern
	       : s->by == SUBJECT_REF ? "item_ref"
				      : s->field;
	return put(o, "subject",
	    json_pack("{s:s, s:o}", how, what, "rule", place(p, s->line)), f);
}

/* -- Fields -------------------------------------------------------------- */

static enum path_reach
reach_of(
    const struct file_rule *rule, const struct field_rule *r, const char *name)
{
	if (rule->type != TYPE_CSV && rule->type != TYPE_DICOM)
		return path_reach(&r->path, name);
	return strcmp(r->name, name) == 0 ? REACH_HERE : REACH_NOT;
}

/* How a line reaches a name, or NULL when it does not. */
static const char *
reaches(
    const struct file_rule *rule, const struct field_rule *r, const char *name)
{
	enum path_reach reach = reach_of(rule, r, name);

	if (reach == REACH_HERE)
		return r->below ? "names it, and all below it" : "names it";
	if (reach != REACH_ABOVE)
		return NULL;
	if (r->below)
		return "its ** reaches all below";
	return r->whole ? "takes what it names whole, with all that is in it"
			: NULL;
}

const struct field_rule *
policy_line(const struct file_rule *rule, const char *field)
{
	for (size_t i = 0; i < rule->nfields; i++)
		if (reaches(rule, &rule->fields[i], field) != NULL)
			return &rule->fields[i];
	return NULL;
}

static json_t *
action_json(const struct transform *how, struct fault *f)
{
	struct bytes b;
	json_t *text = NULL;

	bytes_init(&b, 64 * 1024);
	if (transform_print(&b, how, f) == 0 &&
	    (text = json_stringn((const char *)b.at, b.len)) == NULL)
		(void)fault_memory(f);
	bytes_free(&b);
	return text;
}

static int
line_json(json_t *list, const struct policy *p, const struct field_rule *r,
    const char *verdict, json_t *why, struct fault *f)
{
	json_t *action = action_json(&r->how, f);

	if (action == NULL) {
		json_decref(why);
		return -1;
	}
	return add(list,
	    json_pack("{s:o, s:s+, s:o, s:s, s:o}", "rule",
		place(p, r->how.line), "name", r->name, r->below ? ".**" : "",
		"action", action, "verdict", verdict, "why", why),
	    f);
}

/* What stands in the way of a name that no line reaches. */
static json_t *
undecided(const struct file_rule *rule, const char *name)
{
	const char *best = NULL;
	unsigned least = NEAR_NOT;

	for (size_t i = 0; i < rule->nfields; i++) {
		unsigned far = near_distance(name, rule->fields[i].name);

		if (far < least) {
			least = far;
			best = rule->fields[i].name;
		}
	}
	if (best != NULL)
		return json_sprintf("no line names it, so the plan stops; did "
				    "you mean \"%s\"?",
		    best);
	return json_string("no line names it, so the plan stops");
}

static int
lines_json(json_t *list, const struct policy *p, const struct file_rule *rule,
    const char *name, const struct field_rule **wins, struct fault *f)
{
	*wins = NULL;
	for (size_t i = 0; i < rule->nfields; i++) {
		const struct field_rule *r = &rule->fields[i];
		const char *how = reaches(rule, r, name);
		json_t *why;

		if (how == NULL && reach_of(rule, r, name) == REACH_NOT)
			continue;
		if (how == NULL && reach_of(rule, r, name) == REACH_INSIDE)
			why = json_string("decides a part of it alone");
		else if (how == NULL)
			why = json_string("decides what stands there itself, "
					  "and nothing inside");
		else if (*wins == NULL)
			why = json_string(how);
		else
			why = json_sprintf("%s, but line %u comes first", how,
			    (unsigned)(*wins)->how.line);
		if (line_json(list, p, r,
			how == NULL	? "no match"
			: *wins == NULL ? "decides"
					: "later",
			why, f) != 0)
			return -1;
		if (how != NULL && *wins == NULL)
			*wins = r;
	}
	return 0;
}

/* What the profile of a rule for DICOM files says of an attribute, behind its
 * lines; it decides where none of them does. */
static int
profile_json(json_t *o, json_t *lines, const struct policy *p,
    const struct file_rule *rule, const struct field_rule *wins,
    struct fault *f)
{
	const char *name = json_string_value(json_object_get(o, "name"));
	struct transform how = profile_transform(rule, name);
	char why[PROFILE_WHY_CHARS + 1];

	profile_why(why, sizeof(why), rule, name);
	if (add(lines,
		json_pack("{s:o, s:s, s:o, s:s, s:o}", "rule",
		    place(p, how.line), "name", "profile: basic", "action",
		    action_json(&how, f), "verdict",
		    wins == NULL ? "decides" : "later", "why",
		    wins == NULL ? json_string(why)
				 : json_sprintf("%s, but line %u comes first",
				       why, (unsigned)wins->how.line)),
		f) != 0)
		return -1;
	if (wins != NULL)
		return 0;
	if (put(o, "action", action_json(&how, f), f) != 0)
		return -1;
	return put(o, "rule", place(p, how.line), f);
}

static int
field_json(json_t *list, const struct policy *p, const struct file_rule *rule,
    const char *name, struct fault *f)
{
	const struct field_rule *wins = NULL;
	json_t *lines = json_array(), *o;
	json_t *action;

	if (lines == NULL)
		return fault_memory(f);
	if (lines_json(lines, p, rule, name, &wins, f) != 0) {
		json_decref(lines);
		return -1;
	}
	if ((o = json_pack("{s:s, s:o}", "name", name, "lines", lines)) == NULL)
		return fault_memory(f);
	if (add(list, o, f) != 0)
		return -1;
	if (rule->type == TYPE_DICOM &&
	    profile_json(o, lines, p, rule, wins, f) != 0)
		return -1;
	if (wins == NULL && rule->type == TYPE_DICOM)
		return 0;
	if (wins == NULL)
		return put(o, "undecided", undecided(rule, name), f);
	if ((action = action_json(&wins->how, f)) == NULL)
		return -1;
	if (put(o, "action", action, f) != 0)
		return -1;
	return put(o, "rule", place(p, wins->how.line), f);
}

static int
tag_json(json_t *list, const struct policy *p, const struct file_rule *rule,
    const char *field, struct fault *f)
{
	char name[DICOM_NAME_CHARS + 1];
	uint32_t tag;

	if (!dicom_tag_read(&tag, field)) {
		(void)fault_set(f, FAULT_INPUT,
		    "\"%s\": no attribute that is known here", field);
		if (tag_near(field) != NULL)
			return fault_hint(
			    f, "did you mean %s?", tag_near(field));
		return fault_hint(f, "an attribute is a keyword of PS3.6, "
				     "PatientID, or its number, "
				     "\"(0010,0020)\"");
	}
	dicom_name(name, tag);
	return field_json(list, p, rule, name, f);
}

/* The name asked for, each of the file's, or each of the rule's. */
static int
fields_json(json_t *o, const struct policy *p, const struct file_rule *rule,
    const struct explain_about *about, struct fault *f)
{
	json_t *list = json_array();
	char *path = NULL;
	int rc = 0;

	if (put(o, "fields", list, f) != 0)
		return -1;
	if (about->field != NULL && rule->type == TYPE_CSV)
		return field_json(list, p, rule, about->field, f);
	if (about->field != NULL && rule->type == TYPE_DICOM)
		return tag_json(list, p, rule, about->field, f);
	if (about->field != NULL) {
		rc = path_canonical(&path, about->field, f);
		if (rc == 0)
			rc = field_json(list, p, rule, path, f);
		mem_free(path);
		return rc;
	}
	if (about->shape != NULL) {
		for (size_t i = 0; i < about->shape->nfields && rc == 0; i++)
			rc = field_json(
			    list, p, rule, about->shape->fields[i].name, f);
		return rc;
	}
	for (size_t i = 0; i < rule->nfields && rc == 0; i++)
		rc = field_json(list, p, rule, rule->fields[i].name, f);
	return rc;
}

/* -- The dictionary ------------------------------------------------------ */

/* Is it asked about?  As a path a name counts in any spelling; one that is no
 * path names none. */
static int
is_asked(const struct explain_about *about, const struct dictionary_rule *r,
    const struct dictionary_field *field, bool *yes, struct fault *f)
{
	struct fault none = { 0 };
	char *path = NULL;

	if (about->field == NULL || !r->paths) {
		*yes = about->field == NULL ||
		       strcmp(about->field, field->name) == 0;
		return 0;
	}
	*yes = path_canonical(&path, about->field, &none) == 0 &&
	       path_reach(&field->path, path) == REACH_HERE;
	mem_free(path);
	return none.kind == FAULT_SYSTEM ? fault_memory(f) : 0;
}

static int
dictionary_rule_json(json_t *list, const struct policy *p,
    const struct dictionary_rule *r, const struct explain_about *about,
    struct fault *f)
{
	for (size_t i = 0; i < r->nfields; i++) {
		const struct dictionary_field *field = &r->fields[i];
		bool asked;

		if (is_asked(about, r, field, &asked, f) != 0)
			return -1;
		if (asked && add(list,
				 json_pack("{s:s, s:s, s:o}",
				     r->paths ? "path" : "column", field->name,
				     "as", dictionary_names_words[field->names],
				     "rule", place(p, field->line)),
				 f) != 0)
			return -1;
	}
	return 0;
}

/* What of the file is looked for in texts: whether it leaves or not. */
static int
dictionary_json(json_t *o, const struct policy *p,
    const struct explain_about *about, struct fault *f)
{
	const struct detection *d = &p->detection;
	json_t *list = json_array();

	if (list == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < d->ndictionary; i++)
		if (glob_matches(d->dictionary[i].file, about->path) &&
		    dictionary_rule_json(
			list, p, &d->dictionary[i], about, f) != 0) {
			json_decref(list);
			return -1;
		}
	if (json_array_size(list) > 0)
		return put(o, "dictionary", list, f);
	json_decref(list);
	return 0;
}

/* -- Together ------------------------------------------------------------ */

static int
decides_json(json_t *o, const struct policy *p, const struct file_rule *r,
    const struct explain_about *about, struct fault *f)
{
	if (put(o, "rule", place(p, r->line), f) != 0)
		return -1;
	if (r->exclude != NULL)
		return put(o, "exclude", json_string(r->exclude), f);
	if (put(o, "type", json_string(file_type_name(r->type)), f) != 0 ||
	    subject_json(o, p, about->path, f) != 0 ||
	    (r->item_id != NULL &&
		put(o, "item_id", json_string(r->item_id), f) != 0))
		return -1;
	if (r->type == TYPE_JPEG || r->type == TYPE_PNG)
		return put(o, "metadata",
		    json_string(r->drop_metadata
				    ? "drop"
				    : "undecided: a file that has some stops "
				      "the plan"),
		    f);
	if (r->type == TYPE_TEXT) { /* it has no names: one line decides it */
		json_t *text = r->nfields == 0
				   ? json_string("keep")
				   : action_json(&r->fields[0].how, f);

		return text == NULL ? -1 : put(o, "text", text, f);
	}
	return fields_json(o, p, r, about, f);
}

int
policy_explain(json_t **out, const struct policy *p,
    const struct explain_about *about, struct fault *f)
{
	const struct file_rule *wins = NULL;
	struct fault none = { 0 };
	json_t *o = json_object(), *rules = json_array();
	bool found = policy_match(p, about->path, &wins, &none) == 0;
	size_t n = found ? (size_t)(wins - p->files) : p->nfiles;
	int rc = -1;

	if (o == NULL || rules == NULL) {
		json_decref(rules);
		(void)fault_memory(f);
		goto out;
	}
	if (put(o, "rules", rules, f) != 0 ||
	    put(o, "file", json_string(about->path), f) != 0 ||
	    put(o, "policy", json_string(p->name), f) != 0)
		goto out;
	for (size_t i = 0; i < p->nfiles; i++)
		if (rule_json(rules, p, i, about->path, n, f) != 0)
			goto out;
	if (!found && (put(o, "undecided",
			   json_string("no rule matches it, so the plan "
				       "stops"),
			   f) != 0 ||
			  put(o, "hint", json_string(none.hint), f) != 0))
		goto out;
	if ((found && decides_json(o, p, wins, about, f) != 0) ||
	    dictionary_json(o, p, about, f) != 0)
		goto out;
	*out = o;
	o = NULL;
	rc = 0;
out:
	json_decref(o);
	return rc;
}
