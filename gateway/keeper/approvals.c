/*
 * Approving: what lets releases of a sealed batch begin.
 *
 *     sealed --> approved (by one, or by two who differ) --> a grant
 *
 * Who approves names the revision that was shown; another one is refused.  The
 * approval and the grant that follows from it stand in one commit.  A grant
 * lasts no longer than every required agreement and the retention, and a
 * release asks the agreements again.
 */

#include <string.h>

#include "gateway/keeper/approvals_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"

/* ---- How long ---- */

static int
check_vendor(const struct catalog_vendor *v, struct fault *f)
{
	if (v->ended != 0)
		return fault_set(
		    f, FAULT_POLICY, "%s: the vendor has been ended", v->name);
	if (v->suspended == 0)
		return 0;
	(void)fault_set(
	    f, FAULT_POLICY, "%s: the vendor is suspended", v->name);
	return fault_hint(f, "handoff vendor resume %s", v->name);
}

int
term_of(struct home *h, const struct catalog_batch *b, struct law *law,
    int64_t *until, const char **why, struct fault *f)
{
	struct catalog_vendor v;

	if (catalog_vendor(h->catalog, b->vendor, &v, f) != 0 ||
	    check_vendor(&v, f) != 0 || law_for_batch(h, law, b, f) != 0)
		return -1;
	*until = law->question.at + (int64_t)b->retention;
	*why = "retention";
	if (law->decision.until < *until) {
		*until = law->decision.until;
		*why = law->decision.why;
	}
	return 0;
}

int64_t
term_unasked(const struct law *law, int64_t until)
{
	int64_t crowd = law->question.at + LEGAL_CROWD_GRANT;

	return law->question.crowd && crowd < until ? crowd : until;
}

/* ---- Approving ---- */

int
take_batch(
    struct home *h, const json_t *in, struct catalog_batch *b, struct fault *f)
{
	const char *name;

	if (role_need(h, ROLE_OWNER, f) != 0 ||
	    doc_text(in, "batch", &name, f) != 0)
		return -1;
	if (catalog_batch(h->catalog, name, b, f) != 0)
		return fault_hint(f, "handoff batch list");
	return 0;
}

struct approval {
	struct catalog_batch batch;
	const char *by;
	int64_t now;
	int64_t until; /* of the grant; 0: none is made yet */
	char grant[ID_CHARS + 1];
};

static int
check_state(const struct catalog_batch *b, uint64_t seen, struct fault *f)
{
	if (b->state == CATALOG_OPEN) {
		(void)fault_set(f, FAULT_POLICY,
		    "%s: is not sealed yet: its export did not end", b->name);
		return fault_hint(f, "run the export again");
	}
	if (b->state != CATALOG_SEALED)
		return fault_set(f, FAULT_POLICY, "%s: has been %s", b->name,
		    b->state == CATALOG_APPROVED
			? "approved already"
			: catalog_state_name(b->state));
	if (b->revision == seen)
		return 0;
	(void)fault_set(f, FAULT_POLICY,
	    "%s: it has a newer manifest than the one that was shown", b->name);
	return fault_hint(f, "handoff batch show %s", b->name);
}

/* The end that was asked for, within what is possible. */
static int
take_until(const json_t *in, struct approval *p, bool last,
    const struct law *law, struct fault *f)
{
	int64_t want;

	if (json_object_get(in, "until") == NULL) {
		p->until = term_unasked(law, p->until);
		return 0;
	}
	if (doc_time(in, "until", &want, f) != 0)
		return -1;
	if (!last)
		return fault_set(f, FAULT_USAGE,
		    "--until belongs to the second approval, which makes the "
		    "grant");
	if (want <= p->now)
		return fault_set(f, FAULT_USAGE, "--until: is over already");
	if (want < p->until)
		p->until = want;
	return 0;
}

static int
take_approval(
    struct home *h, const json_t *in, struct approval *p, struct fault *f)
{
	struct law law = { .has_policy = false };
	const char *why;
	uint64_t seen;
	bool last;
	int rc;

	if (take_batch(h, in, &p->batch, f) != 0 ||
	    doc_text(in, "by", &p->by, f) != 0 ||
	    doc_number(in, "revision", CATALOG_NUMBER_MAX, &seen, f) != 0 ||
	    check_state(&p->batch, seen, f) != 0)
		return -1;
	if (p->by[0] == '\0' || strlen(p->by) > CATALOG_NAME_MAX)
		return fault_set(f, FAULT_USAGE,
		    "who approves: needs 1 to %u bytes", CATALOG_NAME_MAX);
	p->now = audit_now(catalog_audit(h->catalog));
	last = p->batch.approvals + 1 >= p->batch.approvals_needed;
	rc = term_of(h, &p->batch, &law, &p->until, &why, f);
	if (rc == 0)
		rc = take_until(in, p, last, &law, f);
	law_free(&law);
	if (rc != 0)
		return -1;
	if (!last)
		p->until = 0;
	return 0;
}

static int
record_approval(struct home *h, const struct approval *p, struct fault *f)
{
	const struct catalog_fact by = { "by", slice_of_text(p->by) };
	struct catalog_entry e = {
		.kind = "batch-approved", .facts = &by, .nfacts = 1
	};
	int rc;

	e.body = json_pack("{s:s,s:I}", "batch", p->batch.id, "n",
	    (json_int_t)(p->batch.approvals_ever + 1));
	if (e.body == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	if (rc != 0 && f->kind == FAULT_POLICY &&
	    strcmp(catalog_rule(h->catalog), "same-approver") == 0)
		(void)fault_hint(f,
		    "a second person approves: under their own login, or "
		    "--as NAME");
	return rc;
}

static int
record_grant(struct home *h, struct approval *p, struct fault *f)
{
	char from[CLOCK_CHARS + 1], until[CLOCK_CHARS + 1];
	struct catalog_entry e = { .kind = "grant-made" };
	int rc;

	id_new(p->grant, 'g');
	clock_write(from, p->now);
	clock_write(until, p->until);
	e.body = json_pack("{s:s,s:s,s:s,s:s,s:s}", "batch", p->batch.id,
	    "from", from, "grant", p->grant, "until", until, "vendor",
	    p->batch.vendor);
	if (e.body == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	return rc;
}

static json_t *
approval_say(const struct approval *p, struct fault *f)
{
	json_t *o = json_pack("{s:s,s:s,s:i,s:i}", "batch", p->batch.id, "name",
	    p->batch.name, "approvals", (int)p->batch.approvals + 1,
	    "approvals_needed", (int)p->batch.approvals_needed);

	if (o == NULL) {
		(void)fault_memory(f);
		return NULL;
	}
	if (time_say(o, "until", p->until, f) == 0 &&
	    (p->until == 0 ||
		json_object_set_new(o, "grant", json_string(p->grant)) == 0))
		return o;
	(void)fault_memory(f);
	json_decref(o);
	return NULL;
}

int
batch_approve(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct approval p = { .until = 0 };
	json_t *in, *out = NULL;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (home_need(h, a, RING_RELEASE, f) != 0 ||
	    take_approval(h, in, &p, f) != 0 || record_approval(h, &p, f) != 0)
		goto out;
	rc = p.until == 0 ? 0 : record_grant(h, &p, f);
	if (rc == 0 && (out = approval_say(&p, f)) == NULL)
		rc = -1;
	if (rc != 0)
		home_spoil(h);
out:
	json_decref(in);
	return rc == 0 ? home_out(a, out, f) : -1;
}

/* ---- Extending ---- */

static int
take_extension(struct home *h, const json_t *in, const struct catalog_batch *b,
    int64_t *until, struct fault *f)
{
	struct law law = { .has_policy = false };
	char day[CLOCK_DATE_CHARS + 1];
	const char *why;
	int64_t most;
	int rc;

	if (doc_time(in, "until", until, f) != 0)
		return -1;
	rc = term_of(h, b, &law, &most, &why, f);
	law_free(&law);
	if (rc != 0)
		return -1;
	if (*until <= most)
		return 0;
	clock_write_date(day, most - 1);
	return fault_set(f, FAULT_POLICY,
	    "%s: its %s end%s on %s, and no grant lasts longer", b->name, why,
	    strcmp(why, "agreements") == 0 ? "" : "s", day);
}

static int
record_extension(struct home *h, const struct catalog_grant *g, int64_t until,
    struct fault *f)
{
	struct catalog_entry e = { .kind = "grant-extended" };
	char end[CLOCK_CHARS + 1];
	int rc;

	clock_write(end, until);
	e.body = json_pack("{s:s,s:s}", "grant", g->id, "until", end);
	if (e.body == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	return rc;
}

int
batch_extend(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	struct catalog_grant g;
	json_t *in, *out = NULL;
	int64_t until;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (take_batch(h, in, &b, f) != 0 ||
	    home_need(h, a, RING_RELEASE, f) != 0 ||
	    longest_grant(h, b.id, &g, f) != 0)
		goto out;
	if (b.state != CATALOG_APPROVED || g.until == 0) {
		(void)fault_set(f, FAULT_POLICY, "%s: is %s, not approved",
		    b.name, catalog_state_name(b.state));
		goto out;
	}
	if (take_extension(h, in, &b, &until, f) != 0)
		goto out;
	if (until <= g.until)
		(void)fault_set(f, FAULT_POLICY,
		    "%s: its grant lasts at least as long", b.name);
	else
		rc = record_extension(h, &g, until, f);
	if (rc == 0 && (out = json_pack("{s:s,s:s,s:s}", "batch", b.id, "name",
			    b.name, "grant", g.id)) == NULL)
		rc = fault_memory(f);
	if (rc == 0)
		rc = time_say(out, "until", until, f);
out:
	json_decref(in);
	if (rc == 0)
		return home_out(a, out, f);
	json_decref(out);
	return -1;
}
