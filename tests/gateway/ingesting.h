#ifndef TESTS_GATEWAY_INGESTING_H
#define TESTS_GATEWAY_INGESTING_H

/* Calls of ingest in a world of returns, and what came of them. */

#include "gateway/flow/flow.h"
#include "tests/support/returned.h"

static struct fault f;

/* One call, with a keeper of its own.  The caller json_decref()s *one, the
 * first report. */
static inline int
ingest(struct world *w, const char *what, bool dry, json_t **one)
{
	struct keeper_options how = { .home = w->home,
		.branches = RING_RELEASE | RING_REVEAL,
		.passphrase = -1,
		.identity = w->identity };
	struct ingest_options o = {
		.home = w->home, .out = w->out, .dry_run = dry
	};
	struct keeper *k = NULL;
	json_t *report = NULL;
	int rc;

	f = (struct fault){ 0 };
	*one = NULL;
	assert_ok(keeper_open(&k, &how, &f));
	rc = flow_ingest(k, &o, what, &report, &f);
	assert_int_equal(keeper_close(k, &f), 0);
	if (rc == 0)
		*one = json_incref(
		    json_array_get(json_object_get(report, "returns"), 0));
	json_decref(report);
	return rc;
}

static inline const char *
word(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

static inline int
number(const json_t *o, const char *key)
{
	return (int)json_integer_value(json_object_get(o, key));
}

/* What the catalog says of a return. */
static inline struct catalog_return
known(struct world *w, const char *id)
{
	struct catalog_return r;

	world_edit(w);
	assert_ok(catalog_return(w->c, id, &r, &f));
	world_done(w);
	return r;
}

static const struct process_role test_roles[] = {
	{ "keeper", keeper_role },
	{ "passphrase", keeper_passphrase_role },
	{ "checker", checker_role },
	{ "unsealer", unsealer_role },
	{ NULL, NULL },
};

#endif
