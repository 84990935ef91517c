/* What each action does, in English; the switch has no default, so that an
 * action without its sentence does not compile. */

#include <inttypes.h>
#include <string.h>

#include "keys/base/clock.h"
#include "policy/rules/prose_internal.h"

static const char *
grain_text(enum transform_grain grain)
{
	switch (grain) {
	case GRAIN_YEAR:
		return "year";
	case GRAIN_MONTH:
		return "month";
	case GRAIN_QUARTER:
		return "quarter";
	}
	return "";
}

static const char *
scope_text(enum transform_scope scope)
{
	switch (scope) {
	case SCOPE_PROJECT:
		return "in all files and batches of the project for one "
		       "recipient";
	case SCOPE_DOCUMENT:
		return "within one file of one batch";
	case SCOPE_RECORD:
		return "within one record of one batch";
	}
	return "";
}

static int
say_token(struct bytes *out, const struct transform *t, struct fault *f)
{
	return bytes_addf(out, f,
	    "is replaced by a token, a keyed hash (HMAC-SHA-256) in the "
	    "domain \"%s\"; equal values have equal tokens %s, and only who "
	    "has the owner's key can test a guess",
	    t->domain, scope_text(t->scope));
}

static int
say_reversible(struct bytes *out, const struct transform *t, struct fault *f)
{
	return bytes_addf(out, f,
	    "is encrypted (AES-SIV, RFC 5297) in the domain \"%s\", so that "
	    "only the owner can read it again; equal values look alike",
	    t->domain);
}

static int
say_fpe(struct bytes *out, const struct transform *t, struct fault *f)
{
	if (bytes_addf(out, f,
		"is encrypted (FF1, NIST SP 800-38G) into as many characters "
		"of its own alphabet, in the domain \"%s\"; the owner can "
		"read it again",
		t->domain) != 0)
		return -1;
	if (t->first + t->last > 0 &&
	    bytes_addf(out, f,
		"; its first %" PRIu32 " and last %" PRIu32
		" characters are delivered as they are",
		t->first, t->last) != 0)
		return -1;
	return t->luhn ? bytes_add_text(out, "; its check digit stays right", f)
		       : 0;
}

static int
say_mask(struct bytes *out, const struct transform *t, struct fault *f)
{
	if (bytes_addf(out, f,
		"is masked: its first %" PRIu32 " and last %" PRIu32
		" characters stay, and ",
		t->first, t->last) != 0)
		return -1;
	if (t->fills == 0)
		return bytes_add_text(
		    out, "each other is replaced by a sign", f);
	return bytes_addf(out, f,
	    "the others are replaced by %" PRIu32
	    " signs, whatever their number",
	    t->fills);
}

/* Some words, and numbers between commas. */
static int
say_numbers(struct bytes *out, const char *words, const struct transform *t,
    struct fault *f)
{
	if (bytes_add_text(out, words, f) != 0)
		return -1;
	for (size_t i = 0; i < t->nedges; i++)
		if ((i > 0 && bytes_add_text(out, ", ", f) != 0) ||
		    decimal_print(out, &t->edges[i], f) != 0)
			return -1;
	return 0;
}

static int
say_edge(struct bytes *out, const char *before, const struct decimal *d,
    const char *behind, struct fault *f)
{
	if (bytes_add_text(out, before, f) != 0 ||
	    decimal_print(out, d, f) != 0)
		return -1;
	return bytes_add_text(out, behind, f);
}

/* width, round and the ends alone. */
static int
say_steps(struct bytes *out, const struct transform *t, struct fault *f)
{
	const struct decimal *e = t->edges;
	int rc = 0;

	if (t->action == TRANSFORM_WIDTH)
		rc = say_edge(out, "becomes the range of width ", e++,
		    " that it lies in", f);
	else if (t->action == TRANSFORM_ROUND)
		rc = say_edge(out, "is rounded to a multiple of ", e++, "", f);
	else
		rc = bytes_add_text(
		    out, "is delivered as it is unless it is far out", f);
	if (rc == 0 && (t->ends & ENDS_BOTTOM) != 0)
		rc = say_edge(out, "; all below ", e++, " is one class", f);
	if (rc == 0 && (t->ends & ENDS_TOP) != 0)
		rc = say_edge(out, "; all from ", e, " on is one class", f);
	return rc;
}

static int
say_noise(struct bytes *out, const struct transform *t, struct fault *f)
{
	return say_edge(out, "is a number, replaced by one that lies at most ",
		   &t->edges[0], " away", f) == 0
		   ? say_edge(out, ", a multiple of ", &t->edges[1], "", f)
		   : -1;
}

static int
say_age(struct bytes *out, const struct transform *t, struct fault *f)
{
	char day[CLOCK_DATE_CHARS + 1];

	clock_write_date(day, t->at * 86400);
	return bytes_addf(out, f,
	    "becomes the age on %s in bands of %" PRIu32
	    " years; all who are older than %" PRIu32 " are one class",
	    day, t->first, t->last);
}

static int
say_detect(struct bytes *out, const struct transform *t, struct fault *f)
{
	static const char *const puts[] = {
		[REDACT_TAG] = "the kind of what was found",
		[REDACT_NUMBER] = "the kind of what was found and a number, "
				  "the same for the same within a text",
		[REDACT_SURROGATE] = "the kind of what was found and a "
				     "pseudonym, the same for the same in all "
				     "texts of the project for this recipient",
		[REDACT_MASK] = "three stars",
		[REDACT_SAME_LENGTH] = "a star for each character",
		[REDACT_DROP] = "nothing",
	};
	static const char *const doubts[] = {
		[DOUBT_REDACT] = "so is what is doubtful",
		[DOUBT_KEEP] = "what is doubtful stays",
		[DOUBT_REFUSE] = "what is doubtful stops the export",
	};

	if (bytes_addf(out, f,
		"is searched for personal data (%s), from a score of %" PRIu32
		" %% on; in its place stands %s",
		t->text[0] != '\0' ? t->text : "of every kind", t->first,
		puts[t->style]) != 0)
		return -1;
	return bytes_addf(out, f, "; %s", doubts[t->doubtful]);
}

/* Whose values are looked for; columns and paths are no data. */
static int
say_dictionary(struct bytes *out, const struct policy *p, struct fault *f)
{
	const struct detection *d = &p->detection;

	for (size_t i = 0; i < d->ndictionary; i++) {
		const struct dictionary_rule *r = &d->dictionary[i];

		if (bytes_addf(out, f,
			"What \"%s\" holds (%s:%u) is looked for in every text "
			"that is searched, inflected, in part and misspelt: ",
			r->file, p->name, r->line) != 0)
			return -1;
		for (size_t k = 0; k < r->nfields; k++)
			if (bytes_addf(out, f, "%s\"%s\" as %s",
				k == 0 ? "" : ", ", r->fields[k].name,
				dictionary_names_words[r->fields[k].names]) !=
			    0)
				return -1;
		if (bytes_add_text(out, ".\n", f) != 0)
			return -1;
	}
	return d->ndictionary == 0
		   ? 0
		   : bytes_add_text(out,
			 "In texts of the person whose values they are, short "
			 "and common words among them are found too.\n",
			 f);
}

/* What the owner adds to what is looked for; how many, since what stands in
 * these lists is personal data as a rule. */
int
prose_detection(struct bytes *out, const struct policy *p, struct fault *f)
{
	const struct detection *d = &p->detection;

	if (d->allow.n + d->deny.n + d->nown + d->ndictionary == 0)
		return bytes_add_text(out,
		    "Nothing is added to the program's own rules of what is "
		    "personal data in texts.\n",
		    f);
	if (bytes_addf(out, f,
		"To the program's own rules of what is personal data in texts "
		"the owner adds %zu texts that are never such, %zu that always "
		"are, and %zu recognisers.\n",
		d->allow.n, d->deny.n, d->nown) != 0)
		return -1;
	return say_dictionary(out, p, f);
}

static int
say_ref(struct bytes *out, const struct transform *t, struct fault *f)
{
	return bytes_addf(out, f,
	    "names another file by its %s, and becomes what that file is "
	    "delivered as; a name of no such file stops the export",
	    transform_bys[t->first]);
}

/* What has nothing to say beside its name. */
static const char *
plain_sentence(enum transform_action action)
{
	switch (action) {
	case TRANSFORM_REFUSE:
		return "is not decided yet, and stops the export where it "
		       "occurs";
	case TRANSFORM_KEEP:
		return "is delivered as it is";
	case TRANSFORM_DROP:
		return "is left out";
	case TRANSFORM_RANDOM:
		return "is replaced by a random text that no other value has";
	case TRANSFORM_UID:
		return "is a DICOM UID, replaced by another, the same wherever "
		       "it stands in the project for this recipient; UIDs of "
		       "the standard itself stay";
	case TRANSFORM_EMAIL:
		return "is a mail address of which the domain is delivered";
	default:
		return NULL;
	}
}

int
prose_action(struct bytes *out, const struct transform *t, struct fault *f)
{
	const char *plain = plain_sentence(t->action);

	if (plain != NULL)
		return bytes_add_text(out, plain, f);
	switch (t->action) {
	case TRANSFORM_TOKEN:
		return say_token(out, t, f);
	case TRANSFORM_MASK:
		return say_mask(out, t, f);
	case TRANSFORM_TRUNCATE:
		return bytes_addf(out, f,
		    "is cut to its first %" PRIu32 " characters", t->first);
	case TRANSFORM_DATE:
		return bytes_addf(out, f,
		    "is a date of which only the %s is delivered",
		    grain_text(t->grain));
	case TRANSFORM_BINS:
		return say_numbers(out,
		    "becomes the range that it lies in, between the edges ", t,
		    f);
	case TRANSFORM_WIDTH:
	case TRANSFORM_ROUND:
	case TRANSFORM_ENDS:
		return say_steps(out, t, f);
	case TRANSFORM_CONSTANT:
		return bytes_addf(out, f,
		    "is replaced by the same text everywhere, \"%s\"", t->text);
	case TRANSFORM_REVERSIBLE:
		return say_reversible(out, t, f);
	case TRANSFORM_FPE:
		return say_fpe(out, t, f);
	case TRANSFORM_AGE:
		return say_age(out, t, f);
	case TRANSFORM_POSTCODE:
		return bytes_addf(out, f,
		    "is a postcode of which the first %" PRIu32
		    " characters are delivered",
		    t->first);
	case TRANSFORM_GRID:
		return say_edge(out,
		    "is a coordinate, delivered to the edge of its cell of ",
		    &t->edges[0], " degrees", f);
	case TRANSFORM_IP:
		return bytes_addf(out, f,
		    "is an IP address of which the network is delivered: "
		    "%" PRIu32 " bits of version 4, %" PRIu32 " of version 6",
		    t->first, t->last);
	case TRANSFORM_SHIFT:
		return bytes_addf(out, f,
		    "is a date, moved by 1 to %" PRIu32
		    " days, the same for all dates of one person",
		    t->first);
	case TRANSFORM_NOISE:
		return say_noise(out, t, f);
	case TRANSFORM_DETECT:
		return say_detect(out, t, f);
	case TRANSFORM_LEVEL:
		return bytes_addf(out, f,
		    "is replaced by what the file of a hierarchy says for it "
		    "at level %" PRIu32,
		    t->first);
	case TRANSFORM_ITEM_REF:
		return say_ref(out, t, f);
	case TRANSFORM_REFUSE:
	case TRANSFORM_KEEP:
	case TRANSFORM_DROP:
	case TRANSFORM_RANDOM:
	case TRANSFORM_EMAIL:
	case TRANSFORM_UID:
		break;
	}
	must(!"an action without a sentence");
	return -1;
}
