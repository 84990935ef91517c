/*
 * detect, the action: what is looked for in a text, and what is put in its
 * place; and detect:, at the top, what a policy adds to what is known.
 *
 * Rules are compiled once all of the policy is read, since detect: may stand
 * behind the fields that need it.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/detect/detect.h"
#include "policy/rules/parse_internal.h"

/* ---- The action ---- */

static int
read_style(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	size_t i;

	if (tree_word(y, n, redact_styles, &i, f) != 0)
		return -1;
	t->style = (enum redact_style)i;
	return 0;
}

static int
read_doubtful(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	size_t i;

	if (tree_word(y, n, redact_doubts, &i, f) != 0)
		return -1;
	t->doubtful = (enum redact_doubt)i;
	return 0;
}

static int
read_score(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 1, 100, &t->first, f);
}

static int
read_domain(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	const char *text;

	if (tree_text(y, n, "the name of a domain", &text, f) != 0)
		return -1;
	if (text[0] == '\0' || strlen(text) > TRANSFORM_NAME_MAX)
		return tree_fault(y, n, f, "a domain's name has 1 to %u bytes",
		    TRANSFORM_NAME_MAX);
	return parse_copy(&t->domain, text, f);
}

static int
check_entity(const struct tree *y, const struct node *n, struct fault *f)
{
	const char *text;

	if (tree_text(y, n, "the name of an entity", &text, f) != 0)
		return -1;
	if (!text_only(
		text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", strlen(text)) ||
	    text[0] == '\0' || strlen(text) > REDACT_NAME_MAX) {
		(void)tree_fault(y, n, f, "this is no name of an entity");
		return fault_hint(f, "PERSON, EMAIL_ADDRESS ...: handoff "
				     "detect --list");
	}
	return 0;
}

/* Divided by commas, as a transform has them. */
static int
read_entities(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	struct bytes all;
	int rc = -1;

	if (n->kind != NODE_LIST || n->child == NULL) {
		(void)tree_fault(y, n, f, "expected a list of entities");
		return fault_hint(f, "entities: [PERSON, EMAIL_ADDRESS]");
	}
	bytes_init(&all, REDACT_TEXT_MAX);
	for (const struct node *e = n->child; e != NULL; e = e->next)
		if (check_entity(y, e, f) != 0 ||
		    (e != n->child && bytes_add_text(&all, ", ", f) != 0) ||
		    bytes_add_text(&all, e->text, f) != 0)
			goto out;
	if (bytes_end_text(&all, f) == 0)
		rc = parse_copy(&t->text, (const char *)all.at, f);
out:
	bytes_free(&all);
	return rc;
}

/* What the word alone stands for. */
int
parse_detect_bare(struct transform *t, struct fault *f)
{
	if (t->first == 0)
		t->first = DETECT_MIN_SCORE;
	if (t->domain == NULL && parse_copy(&t->domain, "detect", f) != 0)
		return -1;
	return t->text == NULL ? parse_copy(&t->text, "", f) : 0;
}

int
parse_detect(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "style", false, read_style },
		{ "entities", false, read_entities },
		{ "min_score", false, read_score },
		{ "doubtful", false, read_doubtful },
		{ "domain", false, read_domain },
		{ NULL, false, NULL },
	};
	struct transform *t = to;

	if (tree_map(y, n, keys, "detect", to, f) != 0)
		return -1;
	if (t->domain != NULL && t->style != REDACT_SURROGATE)
		return tree_fault(
		    y, n, f, "a domain goes with style: surrogate");
	return parse_detect_bare(t, f);
}

/* ---- At the top ---- */

static int
read_lists(const struct tree *y, const struct node *n, const char *what,
    struct names *to, struct fault *f)
{
	if (n->kind != NODE_LIST) {
		(void)tree_fault(y, n, f, "expected a list of %s", what);
		return fault_hint(f, "in brackets: [\"one\", \"another\"]");
	}
	for (const struct node *e = n->child; e != NULL; e = e->next) {
		const char *text;

		if (tree_text(y, e, "a text", &text, f) != 0)
			return -1;
		if (text[0] == '\0' || strlen(text) > REDACT_TEXT_MAX)
			return tree_fault(y, e, f, "a text has 1 to %u bytes",
			    REDACT_TEXT_MAX);
		if (names_add(
			to, text, strlen(text), DETECTION_LISTED_MAX, f) != 0)
			return tree_fault(y, e, f, "more than %u %s",
			    DETECTION_LISTED_MAX, what);
	}
	return 0;
}

static int
read_allow(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct detection *d = to;

	return read_lists(y, n, "texts", &d->allow, f);
}

static int
read_deny(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct detection *d = to;

	return read_lists(y, n, "texts", &d->deny, f);
}

static int
read_entity(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct own_recogniser *r = to;

	if (check_entity(y, n, f) != 0)
		return -1;
	return parse_copy(&r->entity, n->text, f);
}

static int
read_pattern(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct own_recogniser *r = to;
	const char *text;

	if (tree_text(y, n, "a pattern", &text, f) != 0)
		return -1;
	return parse_copy(&r->pattern, text, f);
}

static int
read_validator(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct own_recogniser *r = to;
	const char *text;

	if (tree_text(y, n, "the name of a validator", &text, f) != 0)
		return -1;
	return parse_copy(&r->validator, text, f);
}

static int
read_context(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct own_recogniser *r = to;

	return read_lists(y, n, "words", &r->context, f);
}

static int
read_own_score(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct own_recogniser *r = to;

	return tree_number(y, n, 1, 100, &r->score, f);
}

static int
read_recognisers(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "entity", true, read_entity },
		{ "pattern", true, read_pattern },
		{ "validator", false, read_validator },
		{ "context", false, read_context },
		{ "score", false, read_own_score },
		{ NULL, false, NULL },
	};
	struct detection *d = to;

	if (n->kind != NODE_LIST)
		return tree_fault(y, n, f, "expected a list of recognisers");
	for (const struct node *e = n->child; e != NULL; e = e->next) {
		struct own_recogniser *own;

		if (d->nown == REDACT_CUSTOM_MAX)
			return tree_fault(y, e, f, "more than %u recognisers",
			    REDACT_CUSTOM_MAX);
		own = mem_resize(d->own, (d->nown + 1) * sizeof(*own));
		if (own == NULL)
			return fault_memory(f);
		d->own = own;
		own = &d->own[d->nown++];
		*own = (struct own_recogniser){ .score = 50, .line = e->line };
		if (tree_map(y, e, keys, "a recogniser", own, f) != 0)
			return -1;
	}
	return 0;
}

int
detection_read(struct detection *out, const char *name, const void *p,
    size_t len, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "allow", false, read_allow },
		{ "deny", false, read_deny },
		{ "recognisers", false, read_recognisers },
		{ NULL, false, NULL },
	};
	struct tree y = { .name = name };
	int rc = -1;

	if (tree_read(&y, name, p, len, f) == 0)
		rc =
		    tree_map(&y, y.root, keys, "a file of recognisers", out, f);
	tree_free(&y);
	return rc;
}

int
parse_detection(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "allow", false, read_allow },
		{ "deny", false, read_deny },
		{ "recognisers", false, read_recognisers },
		{ "dictionary", false, parse_dictionary },
		{ NULL, false, NULL },
	};
	struct policy *p = to;

	return tree_map(y, n, keys, "detect", &p->detection, f);
}

/* ---- Compiled ---- */

/* "A, B" as a NULL-ended list into list[room]; text is cut up. */
static void
split(char *text, const char **list, size_t room)
{
	size_t n = 0;

	for (char *at = text; at != NULL && *at != '\0' && n + 1 < room; n++) {
		list[n] = at;
		if ((at = strstr(at, ", ")) != NULL) {
			*at = '\0';
			at += 2;
		}
	}
	list[n] = NULL;
}

static int
compile(const struct policy *p, const struct detection_lists *c,
    struct transform *t, struct fault *f)
{
	const char *entities[REDACT_TEXT_MAX / 4];
	char *text = mem_text(t->text, strlen(t->text));
	struct detect_options o = {
		/* what may stay, if doubtful, need not be found */
		.min_score =
		    t->doubtful == DOUBT_KEEP || t->first < REDACT_DOUBT_SCORE
			? t->first
			: REDACT_DOUBT_SCORE,
		.allow = c->allow,
		.deny = c->deny,
		.custom = c->custom,
		.ncustom = c->n,
	};
	int rc;

	if (text == NULL)
		return fault_memory(f);
	split(text, entities, sizeof(entities) / sizeof(entities[0]));
	if (entities[0] != NULL)
		o.entities = entities;
	rc = transform_rules(t, &o, f);
	mem_free(text);
	if (rc == 0)
		return 0;
	if (f->kind == FAULT_USAGE)
		f->kind = FAULT_INPUT; /* of the policy, not of a command */
	return fault_at(f, "%s:%u", p->name, t->line);
}

int
policy_compile_detection(struct policy *p, struct fault *f)
{
	struct detection_lists c;
	int rc = detection_lists_new(&c, &p->detection, f);

	for (size_t i = 0; rc == 0 && i < p->nfiles; i++)
		for (size_t k = 0; rc == 0 && k < p->files[i].nfields; k++) {
			struct transform *t = &p->files[i].fields[k].how;

			if (t->action == TRANSFORM_DETECT)
				rc = compile(p, &c, t, f);
		}
	detection_lists_free(&c);
	return rc;
}

int
policy_search(const struct policy *p, struct transform *out, struct fault *f)
{
	struct detection_lists c = { .allow = NULL };
	int rc = -1;

	*out = (struct transform){ .action = TRANSFORM_DETECT };
	if (parse_detect_bare(out, f) == 0 &&
	    detection_lists_new(&c, &p->detection, f) == 0)
		rc = compile(p, &c, out, f);
	detection_lists_free(&c);
	return rc;
}
