/* Why risk stops an export: one line that names the classes, and what would
 * let it pass. */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/flow/risk_internal.h"

/* A share of the rows, in percent, past which nobody would rather lose them. */
#define NEED_WORTH 50.0

/* Classes and rows of each that fit a line. */
#define NAMED_CLASSES 3u
#define NAMED_ROWS 4u

/* A text that ends where its room does. */
struct saying {
	char *out;
	size_t at, room;
};

static void PRINTF(2, 3) say(struct saying *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (s->at + 1 >= s->room)
		return;
	va_start(ap, fmt);
	n = vsnprintf(s->out + s->at, s->room - s->at, fmt, ap);
	va_end(ap);
	s->at += n < 0 ? 0 : (size_t)n;
}

static void
say_class(struct saying *s, const struct plan *p, const struct plan_risk *x,
    const struct risk_class *c)
{
	uint64_t last = UINT64_MAX;

	say(s, "%" PRIu64 " %s:", c->persons,
	    c->persons == 1 ? "person" : "persons");
	for (size_t k = 0; k < NAMED_ROWS && k < c->rows && c->first[k] != 0;
	     k++) {
		uint64_t file = c->first[k] >> RISK_ROW_BITS;
		uint64_t row =
		    c->first[k] & (((uint64_t)1 << RISK_ROW_BITS) - 1);

		if (file != last && x->nfiles > 1 && file < x->nfiles)
			say(s, " %.80s", scan_path(&p->scan, x->files[file]));
		say(s, file != last ? " row %" PRIu64 : ", %" PRIu64, row);
		last = file;
	}
	if (c->rows > NAMED_ROWS)
		say(s, " ...");
}

void
risk_name_classes(char *out, size_t room, const struct plan *p,
    const struct plan_risk *x, const struct risk_report *r)
{
	struct saying s = { .out = out, .room = room };

	out[0] = '\0';
	for (size_t i = 0; i < r->nshown && i < NAMED_CLASSES; i++) {
		if (i > 0)
			say(&s, "; ");
		say_class(&s, p, x, &r->shown[i]);
	}
	if (r->failing > NAMED_CLASSES)
		say(&s, "; and %" PRIu64 " more", r->failing - NAMED_CLASSES);
}

static int
refuse_share(const struct plan *p, const struct plan_risk *x, struct fault *f)
{
	static const char *const names[] = { "uniqueness", "prosecutor risk",
		"journalist risk", "marketer risk" };
	const struct risk_report *r = &x->found.report;
	const double found[] = { r->uniqueness, r->chances.prosecutor_highest,
		r->chances.journalist_highest, r->chances.marketer };
	unsigned i = 0;

	while ((x->found.over & 1u << i) == 0)
		i++;
	(void)fault_set(f, FAULT_POLICY,
	    "risk (%s:%u): %s is %.4g%%, and may be %.4g%%", p->policy->name,
	    (unsigned)x->rule->line, names[i], 100 * found[i],
	    (double)x->rule->share[i] / 10000);
	return fault_hint(f, "generalise the quasi-identifiers further; with "
			     "levels: handoff plan looks for how");
}

static int
refuse_classes(const struct plan *p, const struct plan_risk *x, struct fault *f)
{
	const struct risk_report *r = &x->found.report;
	char classes[400];
	double need =
	    100.0 * (double)(x->suppressed + r->nsuppress) / (double)x->rows;

	risk_name_classes(classes, sizeof(classes), p, x, r);
	(void)fault_set(f, FAULT_POLICY,
	    "risk (%s:%u): %" PRIu64 " of %" PRIu64
	    " classes fail, %zu rows (k is %" PRIu64 "): %s",
	    p->policy->name, (unsigned)x->rule->line, r->failing, r->classes,
	    r->nsuppress, r->k, classes);
	if (x->found.spelt)
		return fault_hint(f,
		    "values are spelt in several ways (quotes, escapes, null), "
		    "leave so, and are told apart by it: write equal ones "
		    "alike");
	if (x->rule->k + x->rule->l_distinct + x->rule->recursive_l +
		x->rule->l_entropy + x->rule->t ==
	    0)
		return fault_hint(
		    f, "generalise the quasi-identifiers further");
	if (x->found.searched && !x->found.none)
		return fault_hint(f,
		    "the levels that were found meet it: write them into the "
		    "policy");
	if (need > NEED_WORTH)
		return fault_hint(f,
		    "generalise further: %.1f%% of the rows would have to stay "
		    "behind",
		    need);
	return fault_hint(f,
	    "generalise further, or let such rows stay behind: "
	    "suppress_at_most: %.2f%%",
	    need + 0.005);
}

int
plan_risk_met(const struct plan *p, struct fault *f)
{
	for (uint32_t i = 0; i < p->nrisks; i++) {
		const struct plan_risk *x = &p->risks[i];

		if (!x->measured)
			continue;
		if (x->found.report.nsuppress > 0)
			return refuse_classes(p, x, f);
		if (x->found.over != 0)
			return refuse_share(p, x, f);
	}
	return 0;
}
