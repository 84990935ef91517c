/*
 * A home's own log for its people: entries listed and shown, a sidecar opened,
 * a receipt cut out for somebody outside.
 */

#include <inttypes.h>
#include <string.h>

#include "gateway/catalog/catalog.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/streams_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/near.h"
#include "keys/base/text.h"

#define PAGE 512

const struct option audit_list_options[] = {
	{ "kind", 'k', "KIND", "entries of that kind alone" },
	{ "since", 0, "DATE", "entries of that day and later" },
	{ NULL, 0, NULL, NULL },
};

const struct option audit_show_options[] = {
	{ "sidecar", 's', NULL, "open the private facts beside it" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option audit_prove_options[] = {
	{ "out", 'o', "FILE", "write the receipt there" },
	{ NULL, 0, NULL, NULL },
};

/* ---- Members of an entry as words ---- */

static void
print_value(const json_t *v)
{
	const json_t *one;
	size_t i;

	if (json_is_string(v))
		speak("%s", json_string_value(v));
	else if (json_is_integer(v))
		speak("%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_array(v)) {
		json_array_foreach(v, i, one)
		{
			speak("%s", i > 0 ? "," : "");
			print_value(one);
		}
	} else
		speak("%s", json_is_true(v)    ? "yes"
			    : json_is_false(v) ? "no"
					       : "none");
}

#define INDENT 8

/* Characters of it, where that is known without printing it. */
static int
width_of(const char *key, const json_t *v)
{
	return (int)(strlen(key) + 2 +
		     (json_is_string(v) ? json_string_length(v) : 8));
}

/* What an entry is about: its ids and counts, not its digests.  So much of the
 * line is taken; on a terminal further lines are indented. */
static void
print_about(json_t *entry, int taken)
{
	const int room = print_columns();
	const char *key;
	json_t *v;

	json_object_foreach(entry, key, v)
	{
		if (strcmp(key, "at") == 0 || strcmp(key, "kind") == 0 ||
		    strcmp(key, "salt") == 0 || json_is_null(v))
			continue;
		if (json_is_string(v) && json_string_length(v) >= 64)
			continue;
		if (width_of(key, v) > room - taken) {
			speak("\n%*s", INDENT, "");
			taken = INDENT;
		}
		taken += width_of(key, v);
		speak(" %s=", key);
		print_value(v);
	}
}

/* ---- audit list ---- */

struct wanted {
	const char *kind; /* or NULL */
	int64_t since;
};

static bool
is_wanted(const struct wanted *w, const json_t *entry)
{
	const char *at = member_text(entry, "at");
	int64_t when;

	if (w->kind != NULL && strcmp(w->kind, member_text(entry, "kind")) != 0)
		return false;
	return !clock_read(&when, at, strlen(at)) || when >= w->since;
}

static int
print_page(const struct cli *c, const struct wanted *w, const json_t *page,
    struct fault *f)
{
	json_t *one, *entry;
	size_t i;

	json_array_foreach(json_object_get(page, "entries"), i, one)
	{
		entry = json_object_get(one, "entry");
		if (!is_wanted(w, entry))
			continue;
		if (c->json) {
			if (print_json(one, f) != 0)
				return -1;
			continue;
		}
		speak("%6lld  %-20s  %-20s", member_number(one, "seq"),
		    member_text(entry, "at"), member_text(entry, "kind"));
		print_about(entry, 6 + 2 + 20 + 2 + 20);
		speak("\n");
	}
	return 0;
}

static int
list(const struct cli *c, struct keeper *k, const struct wanted *w,
    struct fault *f)
{
	json_int_t from = 0, next = -1;

	while (next != from) {
		json_t *page;
		int rc;

		if (next != -1)
			from = next;
		if (keeper_ask(k, KEEPER_ENTRIES,
			json_pack("{s:I,s:i}", "from", from, "count", PAGE),
			&page, f) != 0)
			return -1;
		rc = print_page(c, w, page, f);
		next = member_number(page, "next");
		json_decref(page);
		if (rc != 0)
			return -1;
	}
	return 0;
}

/* FAULT_USAGE names those that hold the word, else the nearest. */
static int
check_kind(const char *kind, struct fault *f)
{
	const char *name, *near = NULL;
	char like[200] = "";
	unsigned least = NEAR_NOT;
	size_t n = 0;

	if (kind == NULL)
		return 0;
	for (size_t i = 0; (name = catalog_kind(i)) != NULL; i++) {
		unsigned far = near_distance(kind, name);

		if (strcmp(kind, name) == 0)
			return 0;
		if (far < least) {
			least = far;
			near = name;
		}
		if (kind[0] != '\0' && strstr(name, kind) != NULL &&
		    n + strlen(name) + 3 < sizeof(like))
			n += (size_t)snprintf(like + n, sizeof(like) - n,
			    "%s%s", n > 0 ? ", " : "", name);
	}
	(void)fault_set(f, FAULT_USAGE, "no kind of entry is called %s", kind);
	if (n > 0)
		return fault_hint(f, "there are %s", like);
	return near != NULL ? fault_hint(f, "did you mean %s?", near)
			    : fault_hint(f, "handoff audit list shows all");
}

int
cmd_audit_list(struct cli *c, struct fault *f)
{
	const char *since = option_text(c, "since");
	struct wanted w = { option_text(c, "kind"), INT64_MIN };
	struct keeper *k = NULL;
	int rc;

	if (since != NULL && !clock_read_date(&w.since, since, strlen(since)) &&
	    !clock_read(&w.since, since, strlen(since)))
		return fault_set(f, FAULT_USAGE,
		    "--since: neither 2026-11-23 nor 2026-11-23T20:15:00Z");
	if (check_kind(w.kind, f) != 0 || home_keeper(c, 0, false, &k, f) != 0)
		return -1;
	rc = list(c, k, &w, f);
	if (keeper_close(k, f) != 0)
		rc = -1;
	return rc;
}

/* ---- audit show ---- */

static int
take_seq(const struct cli *c, uint64_t *seq, struct fault *f)
{
	const char *text = c->words[0];

	if (!u64_read(seq, text, strlen(text), CATALOG_NUMBER_MAX))
		return fault_set(f, FAULT_USAGE, "not an entry's number");
	return 0;
}

/* The entry, with the facts of its sidecar as member "facts" where wanted. */
static int
get_entry(
    struct keeper *k, uint64_t seq, bool sidecar, json_t **out, struct fault *f)
{
	json_t *page = NULL, *facts = NULL, *one;
	int rc = -1;

	if (keeper_ask(k, KEEPER_ENTRIES,
		json_pack("{s:I,s:i}", "from", (json_int_t)seq, "count", 1),
		&page, f) != 0)
		return -1;
	one = json_array_get(json_object_get(page, "entries"), 0);
	if (one == NULL) {
		(void)fault_set(f, FAULT_INPUT,
		    "entry %llu: none of that number", (unsigned long long)seq);
		goto out;
	}
	if (sidecar &&
	    (keeper_ask(k, KEEPER_SIDECAR,
		 json_pack("{s:I}", "seq", (json_int_t)seq), &facts, f) != 0 ||
		json_object_update(one, facts) != 0))
		goto out;
	*out = json_incref(one);
	rc = 0;
out:
	json_decref(facts);
	json_decref(page);
	return rc;
}

static void
print_members(const char *heading, json_t *o)
{
	const char *key;
	json_t *v;

	if (o == NULL)
		return;
	speak("%s\n", heading);
	json_object_foreach(o, key, v)
	{
		char *text =
		    json_is_object(v) ? json_dumps(v, JSON_SORT_KEYS) : NULL;

		speak("  %-12s ", key);
		if (text != NULL)
			speak("%s", text);
		else
			print_value(v);
		speak("\n");
		free(text);
	}
}

int
cmd_audit_show(struct cli *c, struct fault *f)
{
	bool sidecar = option_set(c, "sidecar");
	struct keeper *k = NULL;
	json_t *one = NULL;
	char heading[64];
	uint64_t seq;
	int rc;

	if (take_seq(c, &seq, f) != 0 ||
	    home_keeper(c, sidecar ? RING_REVEAL : 0, false, &k, f) != 0)
		return -1;
	rc = get_entry(k, seq, sidecar, &one, f);
	if (keeper_close(k, f) != 0)
		rc = -1;
	if (rc == 0 && c->json)
		rc = print_json(one, f);
	else if (rc == 0) {
		(void)snprintf(heading, sizeof(heading), "entry %llu",
		    (unsigned long long)seq);
		print_members(heading, json_object_get(one, "entry"));
		print_members("sidecar", json_object_get(one, "facts"));
	}
	json_decref(one);
	return rc;
}

/* ---- audit prove ---- */

static int
write_receipt(const struct cli *c, const json_t *answer, struct fault *f)
{
	const char *text;
	struct output out;
	int rc = -1;

	if (doc_text(answer, "receipt", &text, f) != 0)
		return -1;
	if (output_open(&out, option_text(c, "out"), f) == 0 &&
	    file_write(out.fd, text, strlen(text), f) == 0)
		rc = output_keep(&out, true, f);
	output_drop(&out);
	return rc;
}

int
cmd_audit_prove(struct cli *c, struct fault *f)
{
	struct keeper *k = NULL;
	json_t *answer = NULL;
	uint64_t seq;
	int rc;

	if (take_seq(c, &seq, f) != 0 || home_keeper(c, 0, false, &k, f) != 0)
		return -1;
	rc = keeper_ask(k, KEEPER_PROVE,
	    json_pack("{s:I}", "seq", (json_int_t)seq), &answer, f);
	if (keeper_close(k, f) != 0)
		rc = -1;
	if (rc == 0)
		rc = write_receipt(c, answer, f);
	json_decref(answer);
	return rc;
}
