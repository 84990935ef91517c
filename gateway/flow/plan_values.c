/*
 * `policy check --data`: lines that let through what values are, whatever their
 * column is called.
 *
 * The counting is that of `policy init`: workers look at values, and what comes
 * back is how many of them are what.
 */

#include <inttypes.h>
#include <string.h>

#include "gateway/flow/init_internal.h"
#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* Files of a rule that are looked at.  Of tables the first, since the columns
 * of others can come in another order. */
#define VALUES_FILES 256u
/* Larger files would be counted for longer than the plan takes. */
#define VALUES_BYTES ((uint64_t)256 << 20)
/* A token of so few values, each so often, is known by how often it comes. */
#define FEW_VALUES 10u
#define FEW_TIMES 20u
/* Coordinates have three decimals or more: prices are shorter. */
#define COORDINATE_BYTES 7u

static void PRINTF(4, 5)
    tell(const struct plan *p, const struct policy_check *o,
	const struct field_rule *line, const char *fmt, ...)
{
	char what[500], text[700];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	(void)snprintf(text, sizeof(text), "%s:%u: %s", p->policy->name,
	    (unsigned)line->how.line, what);
	o->tell(o->to, text);
}

/* -- What values are ----------------------------------------------------- */

/* Nine of ten, as for policy init. */
static bool
most(const struct evidence *e, enum value_kind kind)
{
	return e->values > 0 && 10 * e->kinds[kind] >= 9 * e->values;
}

/* Has policy_warnings() warned by the name, or is the name's meaning another
 * than what the values look like? */
static bool
is_told(enum name_meaning m)
{
	return name_identifies(m) || name_is_special(m) || m == NAME_BIRTH ||
	       m == NAME_POSTCODE || m == NAME_LATITUDE ||
	       m == NAME_LONGITUDE || m == NAME_TEXT;
}

/* What most values are that should not leave as they are, in the plural; NULL:
 * nothing. */
static const char *
telling(const struct evidence *e, enum name_meaning m, bool measured)
{
	static const struct {
		enum value_kind kind;
		const char *what;
	} persons[] = { { KIND_EMAIL, "e-mail addresses" },
		{ KIND_PHONE, "telephone numbers" },
		{ KIND_IBAN, "bank accounts" },
		{ KIND_CARD, "numbers of payment cards" },
		{ KIND_IP, "IP addresses" } };

	for (size_t i = 0; i < sizeof(persons) / sizeof(persons[0]); i++)
		if (most(e, persons[i].kind))
			return persons[i].what;
	if (most(e, KIND_TEXT))
		return "texts of five words or more, in which persons may be "
		       "named";
	if (measured)
		return NULL;
	if (most(e, KIND_MONTH) && m != NAME_DATE)
		return "dates; those of birth are one person's with a few "
		       "other facts";
	if (most(e, KIND_COORDINATE) && e->shortest >= COORDINATE_BYTES)
		return "coordinates";
	if (most(e, KIND_POSTCODE) && !most(e, KIND_INTEGER))
		return "postcodes";
	return NULL;
}

static bool
is_measured(const struct policy *p, const char *path, const char *name)
{
	const struct risk_rule *r = risk_match(p, path);

	for (size_t i = 0; r != NULL && risk_asks(r) && i < r->nfields; i++)
		if (strcmp(r->fields[i].name, name) == 0 ||
		    (r->fields[i].path != NULL &&
			strcmp(r->fields[i].path, name) == 0))
			return true;
	return false;
}

static void
judge_field(const struct plan *p, const struct policy_check *o,
    const char *path, const struct field_rule *line,
    const struct draft_field *d)
{
	const struct evidence *e = &d->e;
	enum name_meaning m = name_says(d->name);
	char n[TEXT_GROUPED];
	const char *what;

	text_grouped(n, e->values);
	if (line->how.action == TRANSFORM_KEEP && !is_told(m) &&
	    (what = telling(e, m, is_measured(p->policy, path, d->name))) !=
		NULL)
		tell(p, o, line,
		    "keep: of %s values of \"%.64s\" nine of ten or more are "
		    "%s",
		    n, d->name, what);
	if (line->how.action == TRANSFORM_TOKEN &&
	    line->how.scope == SCOPE_PROJECT && !name_has_few_values(d->name) &&
	    !e->more && e->distinct <= FEW_VALUES &&
	    e->values >= FEW_TIMES * e->distinct && e->values > 0)
		tell(p, o, line,
		    "token: of %s values of \"%.64s\" %" PRIu64
		    " are different, which are told by how often each comes",
		    n, d->name, e->distinct);
}

/* -- Counting them ------------------------------------------------------- */

static bool
is_judged(const struct file_rule *r)
{
	if (r->exclude != NULL || r->type > TYPE_JSONL)
		return false;
	for (size_t i = 0; i < r->nfields; i++)
		if (r->fields[i].how.action == TRANSFORM_KEEP ||
		    r->fields[i].how.action == TRANSFORM_TOKEN)
			return true;
	return false;
}

/* The rules as groups, each of the first of its files. */
static int
make_groups(struct initing *n, const struct plan *p, struct fault *f)
{
	const struct policy *y = p->policy;
	struct fault none = { 0 };
	const struct file_rule *r;
	uint32_t at = 0;

	n->looks = mem_array(n->scan.n, sizeof(*n->looks));
	n->order = mem_array(n->scan.n, sizeof(*n->order));
	n->start = mem_array(y->nfiles + 1, sizeof(*n->start));
	n->groups = mem_array(y->nfiles, sizeof(*n->groups));
	if (n->looks == NULL || n->order == NULL || n->start == NULL ||
	    n->groups == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < n->scan.n; i++) {
		n->looks[i].group = UINT32_MAX;
		if (policy_match(y, scan_path(&n->scan, i), &r, &none) != 0 ||
		    !is_judged(r))
			continue;
		n->looks[i] = (struct look){ .known = true,
			.type = r->type,
			.header = r->header,
			.delimiter = r->delimiter,
			.group = (uint32_t)(r - y->files) };
	}
	for (uint32_t g = 0; g < y->nfiles; g++) {
		uint32_t room = y->files[g].type == TYPE_CSV ? 1 : VALUES_FILES;

		n->start[g] = at;
		for (uint32_t i = 0; i < n->scan.n && room > 0; i++)
			if (n->looks[i].group == g &&
			    n->scan.files[i].size <= VALUES_BYTES) {
				n->order[at++] = i;
				room--;
			}
	}
	n->start[y->nfiles] = at;
	return 0;
}

static void
judge_all(
    const struct initing *n, const struct plan *p, const struct policy_check *o)
{
	for (uint32_t g = 0; g < p->policy->nfiles; g++) {
		const struct draft_group *group = &n->groups[g];
		const char *path;

		if (n->start[g] == n->start[g + 1])
			continue;
		path = scan_path(&n->scan, n->order[n->start[g]]);
		for (size_t i = 0; i < group->nfields; i++) {
			const struct field_rule *line = policy_line(
			    &p->policy->files[g], group->fields[i].name);

			if (line != NULL)
				judge_field(
				    p, o, path, line, &group->fields[i]);
		}
	}
}

int
plan_values(const struct plan *p, const struct policy_check *o, struct fault *f)
{
	const struct policy_init as = { .progress = o->progress };
	struct pool_options crew = { .role = "worker" };
	struct initing n = { .o = &as, .scan = p->scan }; /* borrowed */
	bool again;
	int rc = -1;

	pool_result_init(&n.result, MESSAGE_MAX);
	n.rules.groups = (uint32_t)p->policy->nfiles;
	if (make_groups(&n, p, f) != 0 || pool_new(&n.pool, &crew, f) != 0 ||
	    init_count(&n, &again, f) != 0)
		goto out;
	judge_all(&n, p, o);
	rc = 0;
out:
	for (size_t g = 0; n.groups != NULL && g < p->policy->nfiles; g++)
		draft_group_free(&n.groups[g]);
	for (uint32_t i = 0; n.looks != NULL && i < n.scan.n; i++)
		mem_free(n.looks[i].why);
	mem_free(n.looks);
	mem_free(n.order);
	mem_free(n.start);
	mem_free(n.groups);
	pool_free(n.pool);
	pool_result_free(&n.result);
	return rc;
}
