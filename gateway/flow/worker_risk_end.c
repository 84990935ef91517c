/* The rows are there: how easily a person is found again in them, and which
 * levels would make it hard enough. */

#include <string.h>

#include "gateway/flow/worker_risk_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Work of a search: rows looked at. */
#define SEARCH_ROWS ((uint64_t)400000000)
#define SEARCH_NODES_MIN 64u

/* A field of a hierarchy's line, in quotes. */
static int
put_cell(struct bytes *out, const uint8_t *p, size_t len, struct fault *f)
{
	if (bytes_add(out, "\"", 1, f) != 0)
		return -1;
	for (const uint8_t *end = p + len, *q; p < end; p = q) {
		q = memchr(p, '"', (size_t)(end - p));
		q = q == NULL ? end : q + 1;
		if (bytes_add(out, p, (size_t)(q - p), f) != 0 ||
		    (q[-1] == '"' && bytes_add(out, "\"", 1, f) != 0))
			return -1;
	}
	return bytes_add(out, "\"", 1, f);
}

/* What each value of a column becomes at each level, as a hierarchy's lines. */
static int
write_levels(const struct risk_table *t, const struct measured *c, size_t at,
    struct bytes *out, struct fault *f)
{
	bool keep = c->levels[0].action == TRANSFORM_KEEP;
	struct bytes made;
	int rc = -1;

	bytes_init(&made, RISK_VALUE_MAX);
	for (size_t i = 0; i < risk_table_values(t, at); i++) {
		const struct slice value = risk_table_value(t, at, i);

		if (put_cell(out, value.at, value.len, f) != 0)
			goto out;
		for (size_t k = keep ? 1 : 0; k < c->nlevels; k++) {
			bytes_reset(&made);
			if (transform_apply(&c->levels[k], NULL, value.at,
				value.len, &made, f) != 0 ||
			    bytes_add(out, ",", 1, f) != 0 ||
			    put_cell(out, made.at, made.len, f) != 0)
				goto out;
		}
		if (bytes_add_text(out, ",*\n", f) != 0)
			goto out;
	}
	rc = 0;
out:
	bytes_free(&made);
	return rc == 0 ? 0 : fault_at(f, "levels of %s", c->name);
}

struct ladders {
	struct risk_hierarchy *at[RISK_QUASI_MAX];
	const struct measured *column[RISK_QUASI_MAX];
	size_t n;
};

/* Of lines that we wrote, all that can be wrong is that a level does not follow
 * from that before it. */
static int
read_ladder(struct risk_hierarchy **out, const struct measured *c,
    const struct bytes *text, struct fault *f)
{
	struct slice lines = { text->at, text->len };
	struct fault why = { 0 };

	if (risk_hierarchy_read(out, c->name, &lines, ',', &why) == 0)
		return 0;
	*f = why;
	(void)fault_at(f, "levels");
	if (f->kind == FAULT_SYSTEM)
		return -1;
	return fault_hint(f,
	    "line %u of the policy: each level puts together whatever the one "
	    "before does%s; leave one of the two out",
	    (unsigned)c->levels[0].line,
	    c->levels[0].action == TRANSFORM_KEEP ? " (level 1 is behind keep)"
						  : "");
}

static int
make_ladders(const struct measuring *m, struct ladders *l, struct fault *f)
{
	struct bytes text;
	int rc = -1;

	bytes_init(&text, (size_t)1 << 30);
	for (size_t i = 0; i < m->n; i++) {
		const struct measured *c = &m->columns[i];

		if (c->role != RISK_QUASI)
			continue;
		l->column[l->n++] = c;
		if (c->nlevels == 0)
			continue;
		bytes_reset(&text);
		if (write_levels(m->found, c, i, &text, f) != 0)
			goto out;
		if (read_ladder(&l->at[l->n - 1], c, &text, f) != 0)
			goto out;
	}
	rc = 0;
out:
	bytes_free(&text);
	return rc;
}

static void
set_goal(struct risk_goal *g, const struct ladders *l, size_t rows)
{
	uint64_t nodes = SEARCH_ROWS / (rows + 1);

	for (size_t i = 0; i < l->n; i++) {
		const struct measured *c = l->column[i];

		g->fixed[i] = c->nlevels == 0;
		g->lowest[i] =
		    c->nlevels > 0 && c->levels[0].action != TRANSFORM_KEEP;
	}
	g->nodes_max = nodes < SEARCH_NODES_MIN	   ? SEARCH_NODES_MIN
		       : nodes > RISK_SEARCH_NODES ? RISK_SEARCH_NODES
						   : nodes;
}

/* The levels that lose least, where there are any to try. */
static int
search(const struct measuring *m, const struct risk_asked *asked,
    enum risk_metric metric, struct risk_found *out, struct fault *f)
{
	struct risk_goal goal = { .want = asked->want, .metric = metric };
	struct risk_lattice *x = NULL;
	struct ladders l = { .n = 0 };
	struct fault none = { 0 };
	int rc = -1;

	if (make_ladders(m, &l, f) != 0 ||
	    risk_lattice_new(&x, m->found,
		(const struct risk_hierarchy *const *)l.at, f) != 0)
		goto out;
	goal.want.k = asked->search_k;
	goal.want.k_population = 0;
	set_goal(&goal, &l, risk_table_rows(m->found));
	out->searched = true;
	out->nchoice = l.n;
	if (risk_search(&out->choice, x, &goal, &none) == 0) {
		rc = 0;
	} else if (none.kind == FAULT_POLICY) {
		out->none = true;
		rc = 0;
	} else {
		*f = none;
	}
out:
	risk_lattice_free(x);
	for (size_t i = 0; i < RISK_QUASI_MAX; i++)
		risk_hierarchy_free(l.at[i]);
	return rc;
}

static unsigned
over(const struct risk_asked *a, const struct risk_report *r)
{
	const double found[SHARE_SUPPRESSED] = { r->uniqueness,
		r->chances.prosecutor_highest, r->chances.journalist_highest,
		r->chances.marketer };
	unsigned bits = 0;

	for (unsigned i = 0; i < SHARE_SUPPRESSED; i++)
		if (a->share[i] != RISK_ANY &&
		    found[i] > (double)a->share[i] / POLICY_MILLION + 1e-9)
			bits |= 1u << i;
	return bits;
}

/* Persons alone in their class fail where they are too many of all. */
static int
measure(const struct measuring *m, const struct risk_asked *asked,
    struct risk_report *out, unsigned *bits, struct fault *f)
{
	static const uint8_t as_sent[RISK_QUASI_MAX];
	const struct risk_hierarchy *none[RISK_QUASI_MAX] = { NULL };
	struct risk_thresholds want = asked->want;
	struct risk_lattice *x;
	int rc;

	/* Which rows may be left out is decided where they are counted. */
	want.suppress_share = 0;
	if (risk_lattice_new(&x, m->sent, none, f) != 0)
		return -1;
	rc = risk_measure(out, x, as_sent, &want, f);
	if (rc == 0)
		*bits = over(asked, out);
	if (rc == 0 && (*bits & 1u << SHARE_UNIQUE) != 0 && want.k < 2) {
		want.k = 2;
		risk_report_free(out);
		rc = risk_measure(out, x, as_sent, &want, f);
	}
	risk_lattice_free(x);
	return rc;
}

static int
write_rows(int fd, const struct risk_report *r, struct fault *f)
{
	return file_write(
	    fd, r->suppress, r->nsuppress * sizeof(*r->suppress), f);
}

int
worker_risk_end(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct risk_found found = { .over = 0 };
	struct risk_asked asked;
	uint8_t loss, wanted;
	int fd = -1, rc = -1;

	if (w->risk == NULL)
		return fault_set(f, FAULT_SYSTEM, "@worker: measures nothing");
	if (risk_take_asked(&a->in, &asked, f) == 0 &&
	    take_u8(&a->in, &loss, f) == 0 &&
	    take_u8(&a->in, &wanted, f) == 0 && take_end(&a->in, f) == 0 &&
	    message_fd(a->request, 0, &fd, f) == 0 &&
	    measure(w->risk, &asked, &found.report, &found.over, f) == 0 &&
	    (wanted == 0 || !w->risk->search ||
		search(w->risk, &asked, (enum risk_metric)loss, &found, f) ==
		    0) &&
	    write_rows(fd, &found.report, f) == 0) {
		found.spelt = w->risk->spelt;
		rc = risk_put_found(&a->answer->body, &found, f);
	}
	risk_report_free(&found.report);
	file_close(&fd);
	worker_risk_drop(w);
	return rc;
}
