/*
 * Agreements: the papers that must be in force before data goes to a vendor.
 *
 * The paper itself lies among the objects, sealed to the officer; the fact
 * that names it, and through it the log, holds the digest of what was signed
 * and of what is kept.  The keeper seals the paper and does not look into it.
 */

#include <string.h>

#include "gateway/keeper/people_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/text.h"
#include "policy/legal/legal.h"

/* A scanned contract of a hundred pages; it is in memory twice. */
#define PAPER_MAX ((size_t)16 << 20)
#define NAME "name"

/* ---- Adding ---- */

struct paper {
	struct catalog_vendor vendor;
	const char *type;
	const char *name;
	int64_t from;
	int64_t until; /* 0: open */
};

static bool
is_type(const char *type)
{
	for (const char *const *t = legal_usual_types; *t != NULL; t++)
		if (strcmp(type, *t) == 0)
			return true;
	return strcmp(type, "other") == 0;
}

static int
take_paper(struct home *h, const json_t *in, struct paper *p, struct fault *f)
{
	const char *vendor;

	p->until = 0;
	if (doc_text(in, "vendor", &vendor, f) != 0 ||
	    doc_text(in, "type", &p->type, f) != 0 ||
	    doc_text(in, NAME, &p->name, f) != 0 ||
	    doc_time(in, "from", &p->from, f) != 0)
		return -1;
	if (json_object_get(in, "until") != NULL &&
	    doc_time(in, "until", &p->until, f) != 0)
		return -1;
	if (!is_type(p->type)) {
		(void)fault_set(
		    f, FAULT_USAGE, "%s: no type of agreement", p->type);
		return fault_hint(f, "nda, dpa, scc, baa, tia, dpia, "
				     "undertaking, sub-processors, other");
	}
	if (p->until != 0 && p->until <= p->from)
		return fault_set(f, FAULT_USAGE, "it ends before it begins");
	if (catalog_vendor(h->catalog, vendor, &p->vendor, f) != 0)
		return fault_hint(f, "handoff vendor list");
	return 0;
}

/* Seal the paper that came as a descriptor; append what names it. */
static int
keep_paper(struct home *h, struct asked *a, struct bytes *out,
    char object[DIGEST_CHARS + 1], struct fault *f)
{
	struct age_recipient to[2] = { h->card.age };
	const struct age_recipient *recovery = ring_recovery(h->ring);
	char plain[DIGEST_CHARS + 1];
	uint8_t digest[DIGEST_BYTES];
	struct bytes paper, sealed;
	json_t *o = NULL;
	int fd = -1, rc = -1;

	bytes_init(&paper, PAPER_MAX);
	bytes_init(&sealed, PAPER_MAX + (1u << 20));
	if (recovery != NULL)
		to[1] = *recovery;
	if (message_fd(a->request, 0, &fd, f) != 0 ||
	    file_read_fd(fd, &paper, f) != 0)
		goto out;
	if (paper.len == 0) {
		(void)fault_set(f, FAULT_INPUT, "the paper is empty");
		goto out;
	}
	digest_of(digest, paper.at, paper.len);
	hex_write(plain, digest, sizeof(digest));
	if (age_seal_small(&sealed, to, recovery != NULL ? 2 : 1, paper.at,
		paper.len, f) != 0 ||
	    home_put_object(h, &sealed, object, f) != 0)
		goto out;
	o = json_pack("{s:I,s:s,s:s}", "bytes", (json_int_t)paper.len, "object",
	    object, "sha256", plain);
	rc = o != NULL ? doc_write(out, o, f) : fault_memory(f);
out:
	json_decref(o);
	file_close(&fd);
	bytes_free(&paper);
	bytes_free(&sealed);
	return rc;
}

static int
log_paper(struct home *h, const struct paper *p, const struct bytes *document,
    char id[ID_CHARS + 1], struct fault *f)
{
	const struct catalog_fact facts[] = {
		{ "document", { document->at, document->len } },
		{ NAME, slice_of_text(p->name) },
	};
	struct catalog_entry e = {
		.kind = "agreement-added", .facts = facts, .nfacts = 2
	};
	char from[CLOCK_CHARS + 1], until[CLOCK_CHARS + 1];
	int rc;

	id_new(id, 'a');
	clock_write(from, p->from);
	clock_write(until, p->until);
	e.body = json_pack("{s:s,s:s,s:s,s:s?,s:s}", "agreement", id, "from",
	    from, "type", p->type, "until", p->until != 0 ? until : NULL,
	    "vendor", p->vendor.id);
	if (e.body == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	return rc;
}

int
agreement_add(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct paper p;
	struct bytes document;
	char id[ID_CHARS + 1], object[DIGEST_CHARS + 1];
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	bytes_init(&document, 1024);
	if (role_need(h, ROLE_OWNER, f) == 0 && take_paper(h, in, &p, f) == 0 &&
	    home_need(h, a, RING_RELEASE, f) == 0 &&
	    keep_paper(h, a, &document, object, f) == 0 &&
	    log_paper(h, &p, &document, id, f) == 0 &&
	    (rc = home_object_recorded(h, a, object, f)) != 0)
		home_spoil(h);
	if (rc == 0)
		rc = home_out(a,
		    json_pack("{s:s,s:s,s:s}", "agreement", id, "vendor",
			p.vendor.name, "type", p.type),
		    f);
	bytes_free(&document);
	json_decref(in);
	return rc;
}

/* ---- Telling ---- */

struct telling {
	struct home *home;
	json_t *list;
	int64_t now;
};

/* A fact of an agreement as JSON, NULL when erased: text, or a document. */
static int
say_fact(struct home *h, const char *id, const char *member, json_t **out,
    struct fault *f)
{
	const struct catalog_fact_name name = { id, member, 0 };
	struct fault none = { 0 };
	struct bytes text;
	int rc = 0;

	*out = NULL;
	bytes_init(&text, 2048);
	if (catalog_fact(h->catalog, &name, &text, &none) != 0) {
		if (none.kind != FAULT_INPUT) {
			*f = none;
			rc = -1;
		}
	} else if (strcmp(member, NAME) != 0) {
		rc = doc_read(out, text.at, text.len, f);
	} else {
		*out = json_stringn((const char *)text.at, text.len);
		rc = *out != NULL ? 0 : fault_memory(f);
	}
	bytes_free(&text);
	return rc;
}

/* The paper's name, and what was kept of it. */
static int
say_paper(struct home *h, const char *id, json_t *o, struct fault *f)
{
	static const char *const members[] = { NAME, "document" };

	for (size_t i = 0; i < 2; i++) {
		json_t *value;

		if (say_fact(h, id, members[i], &value, f) != 0)
			return -1;
		if (value != NULL &&
		    json_object_set_new(o, members[i], value) != 0)
			return fault_memory(f);
	}
	return 0;
}

int
paper_object(
    struct home *h, const char *id, char hex[DIGEST_CHARS + 1], struct fault *f)
{
	const char *object;
	json_t *doc;
	int rc = 0;

	hex[0] = '\0';
	if (say_fact(h, id, "document", &doc, f) != 0)
		return -1;
	if (doc != NULL && (rc = doc_text(doc, "object", &object, f)) == 0)
		(void)snprintf(hex, DIGEST_CHARS + 1, "%s", object);
	json_decref(doc);
	return rc;
}

static json_t *
agreement_say(
    struct telling *t, const struct catalog_agreement *g, struct fault *f)
{
	struct catalog_vendor v;
	bool force = g->from <= t->now &&
		     (g->until == 0 || t->now < g->until) && g->ended == 0;
	json_t *o;

	if (catalog_vendor(t->home->catalog, g->vendor, &v, f) != 0)
		return NULL;
	o = json_pack("{s:s,s:s,s:s,s:b}", "id", g->id, "vendor", v.name,
	    "type", g->type, "in_force", (int)force);
	if (o == NULL) {
		(void)fault_memory(f);
		return NULL;
	}
	if (time_say(o, "from", g->from, f) == 0 &&
	    time_say(o, "until", g->until, f) == 0 &&
	    time_say(o, "ended", g->ended, f) == 0 &&
	    say_paper(t->home, g->id, o, f) == 0)
		return o;
	json_decref(o);
	return NULL;
}

static int
list_one(void *arg, const struct catalog_agreement *g, struct fault *f)
{
	struct telling *t = arg;
	json_t *o = agreement_say(t, g, f);

	if (o == NULL)
		return -1;
	return json_array_append_new(t->list, o) == 0 ? 0 : fault_memory(f);
}

int
agreements_say(
    struct home *h, const char *vendor, json_t **out, struct fault *f)
{
	struct telling t = { h, json_array(),
		audit_now(catalog_audit(h->catalog)) };

	if (t.list == NULL)
		return fault_memory(f);
	if (catalog_each_agreement(h->catalog, vendor, list_one, &t, f) != 0) {
		json_decref(t.list);
		return -1;
	}
	*out = t.list;
	return 0;
}

int
agreement_list(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_vendor v;
	const char *name = NULL;
	json_t *in, *list = NULL;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (role_need(h, ROLE_OWNER, f) != 0)
		goto out;
	if (json_object_get(in, "vendor") != NULL &&
	    doc_text(in, "vendor", &name, f) != 0)
		goto out;
	if (name == NULL)
		rc = agreements_say(h, NULL, &list, f);
	else if (catalog_vendor(h->catalog, name, &v, f) == 0)
		rc = agreements_say(h, v.id, &list, f);
	else
		(void)fault_hint(f, "handoff vendor list");
out:
	json_decref(in);
	if (rc != 0)
		return -1;
	return home_out(a, json_pack("{s:o}", "agreements", list), f);
}

/* ---- Ending ---- */

int
agreement_end(void *state, struct asked *a, struct fault *f)
{
	static const struct ending agreement = { "agreement", "agreement-ended",
		'a', "not an agreement's id", "handoff agreement list" };

	return end_by_id(state, a, &agreement, f);
}
