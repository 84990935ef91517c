/* Owners, as a vendor's home knows them; vendors, as an owner's does. */

#include <stdio.h>
#include <string.h>

#include "gateway/cli/asking_internal.h"
#include "gateway/cli/cards_internal.h"
#include "gateway/cli/cli_commands.h"

#define OPTION_FINGERPRINT                                   \
	{                                                    \
		"fingerprint", 'f', "F",                     \
		    "of the card, as its holder read it out" \
	}

const struct option owner_add_options[] = {
	OPTION_FINGERPRINT,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option vendor_add_options[] = {
	{ "country", 'c', "CC", "where the work is done: NL, US ..." },
	{ "model", 0, "MODEL",
	    "dedicated, or crowd: two approve, for 30 days" },
	OPTION_FINGERPRINT,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option vendor_confirm_options[] = {
	OPTION_FINGERPRINT,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option vendor_change_options[] = {
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

/* ---- Owners ---- */

static void
print_owner(const struct cli *c, const json_t *o)
{
	const json_t *own = json_object_get(o, "own");
	bool confirmed = json_is_true(json_object_get(o, "confirmed"));

	speak("%s (%s): %s\nour card for them: %s\n                   %s\n",
	    answer_text(o, "name"), answer_text(o, "home"),
	    confirmed ? "confirmed" : "not confirmed",
	    answer_text(own, "words"), answer_text(own, "fingerprint"));
	speak("\nNext: handoff card %s > %s.card\n", answer_text(o, "home"),
	    answer_text(own, "name"));
	if (!confirmed)
		speak("\nNothing is fetched before their fingerprint was "
		      "compared:\n\n    handoff owner add %s --fingerprint "
		      "F\n",
		    c->words[0]);
}

int
cmd_owner_add(struct cli *c, struct fault *f)
{
	struct fingerprint print;
	struct bytes text;
	struct card card;
	const char *typed;
	json_t *out = NULL;
	int rc = -1;

	bytes_init(&text, CARD_FILE_MAX);
	if (card_file(c->words[0], &text, &card, f) == 0 &&
	    card_fingerprint(&print, &card, f) == 0 &&
	    person_fingerprint(c, card.name, c->words[0], &print, &typed, f) ==
		0)
		rc = ask_home(c, RING_RELEASE, KEEPER_OWNER_ADD,
		    card_ask(&text, typed), &out, f);
	bytes_free(&text);
	if (rc == 0 && c->json)
		rc = print_json(out, f);
	else if (rc == 0)
		print_owner(c, out);
	json_decref(out);
	return rc;
}

int
cmd_owner_list(struct cli *c, struct fault *f)
{
	static const struct column columns[] = {
		{ "OWNER", "name", COLUMN_TEXT },
		{ "CONFIRMED", "confirmed", COLUMN_TEXT },
		{ "HOME", "home", COLUMN_TEXT },
		{ "FINGERPRINT", "fingerprint", COLUMN_TEXT },
	};
	json_t *out;
	int rc;

	if (ask_home(c, 0, KEEPER_OWNERS, json_object(), &out, f) != 0)
		return -1;
	rc = c->json ? print_json(out, f)
		     : answer_table(json_object_get(out, "owners"), columns, 4,
			   "no owners; handoff owner add CARD", f);
	json_decref(out);
	return rc;
}

/* ---- Vendors: adding and confirming ---- */

static int
print_vendor(const struct cli *c, const json_t *v, struct fault *f)
{
	if (c->json)
		return print_json(v, f);
	speak("%s: %s, %s, %s", answer_text(v, "name"),
	    answer_text(v, "country_name"), answer_text(v, "model"),
	    json_is_null(json_object_get(v, "confirmed")) ? "not confirmed"
							  : "confirmed");
	if (json_is_string(json_object_get(v, "suspended")))
		speak(", suspended");
	if (json_is_string(json_object_get(v, "ended")))
		speak(", ended");
	speak("\n");
	return 0;
}

int
cmd_vendor_add(struct cli *c, struct fault *f)
{
	const char *country = option_text(c, "country"), *typed;
	const char *model = option_text(c, "model");
	struct fingerprint print;
	struct bytes text;
	struct card card;
	json_t *in = NULL, *out = NULL;
	int rc = -1;

	if (country == NULL)
		return fault_set(f, FAULT_USAGE,
		    "needs --country CC: where the work is done");
	bytes_init(&text, CARD_FILE_MAX);
	if (card_file(c->words[1], &text, &card, f) != 0 ||
	    card_fingerprint(&print, &card, f) != 0 ||
	    person_fingerprint(
		c, c->words[0], c->words[1], &print, &typed, f) != 0)
		goto out;
	in = card_ask(&text, typed);
	if (in == NULL ||
	    json_object_set_new(in, "name", json_string(c->words[0])) != 0 ||
	    json_object_set_new(in, "country", json_string(country)) != 0 ||
	    json_object_set_new(in, "model",
		json_string(model != NULL ? model : "dedicated")) != 0) {
		(void)fault_memory(f);
		goto out;
	}
	rc = ask_home(
	    c, RING_RELEASE, KEEPER_VENDOR_ADD, json_incref(in), &out, f);
	if (rc == 0)
		rc = print_vendor(c, out, f);
	if (rc == 0 && !c->json && typed == NULL)
		speak("\nNothing is released before its fingerprint was "
		      "compared:\n\n    handoff vendor confirm %s "
		      "--fingerprint F\n",
		    c->words[0]);
out:
	json_decref(in);
	json_decref(out);
	bytes_free(&text);
	return rc;
}

/* Of several vendors of one name, the one that has not ended, or the last. */
static const json_t *
find_vendor(const json_t *list, const char *name)
{
	const json_t *v, *found = NULL;
	size_t i;

	json_array_foreach(list, i, v)
	{
		const char *id = json_string_value(json_object_get(v, "id"));
		const char *n = json_string_value(json_object_get(v, "name"));

		if (id != NULL && strcmp(id, name) == 0)
			return v;
		if (n != NULL && strcmp(n, name) == 0 &&
		    (found == NULL ||
			json_is_null(json_object_get(v, "ended")) ||
			!json_is_null(json_object_get(found, "ended"))))
			found = v;
	}
	return found;
}

/* What the home says of a vendor; the caller json_decref()s. */
static int
ask_vendor(const struct cli *c, json_t **out, struct fault *f)
{
	const json_t *found;
	json_t *all;

	if (ask_home(c, 0, KEEPER_VENDORS, json_object(), &all, f) != 0)
		return -1;
	found = find_vendor(json_object_get(all, "vendors"), c->words[0]);
	*out = found != NULL ? json_deep_copy(found) : NULL;
	json_decref(all);
	if (*out != NULL)
		return 0;
	(void)fault_set(f, FAULT_INPUT, "%s: no such vendor", c->words[0]);
	return fault_hint(f, "handoff vendor list");
}

/* Ask the person at the terminal, with the fingerprint that the home has. */
static int
compare(const struct cli *c, char typed[256], struct fault *f)
{
	struct fingerprint print = { "", "" };
	const char *said;
	json_t *v;
	int rc;

	if (person_typed(c, &said, f) != 0)
		return -1;
	if (said == NULL && person_there()) {
		if (ask_vendor(c, &v, f) != 0)
			return -1;
		(void)snprintf(print.hex, sizeof(print.hex), "%s",
		    answer_text(v, "fingerprint"));
		(void)snprintf(print.words, sizeof(print.words), "%s",
		    answer_text(v, "words"));
		json_decref(v);
		rc = person_fingerprint(
		    c, c->words[0], "FILE", &print, &said, f);
		if (rc != 0)
			return -1;
	}
	if (said == NULL)
		return fault_set(f, FAULT_USAGE,
		    "needs --fingerprint F, as the vendor read it out");
	(void)snprintf(typed, 256, "%s", said);
	return 0;
}

int
cmd_vendor_confirm(struct cli *c, struct fault *f)
{
	char typed[256];
	json_t *out = NULL;
	int rc;

	if (compare(c, typed, f) != 0)
		return -1;
	rc = ask_home(c, RING_RELEASE, KEEPER_VENDOR_CONFIRM,
	    json_pack("{s:s,s:s}", "vendor", c->words[0], "fingerprint", typed),
	    &out, f);
	if (rc == 0)
		rc = print_vendor(c, out, f);
	json_decref(out);
	return rc;
}

/* ---- Vendors: looking ---- */

int
cmd_vendor_list(struct cli *c, struct fault *f)
{
	static const struct column columns[] = {
		{ "VENDOR", "name", COLUMN_TEXT },
		{ "COUNTRY", "country_name", COLUMN_TEXT },
		{ "CONFIRMED", "confirmed", COLUMN_DAY },
		{ "SUSPENDED", "suspended", COLUMN_DAY },
		{ "ENDED", "ended", COLUMN_DAY },
		{ "MODEL", "model", COLUMN_TEXT },
		{ "ADDED", "added", COLUMN_DAY },
	};
	json_t *out;
	int rc;

	if (ask_home(c, 0, KEEPER_VENDORS, json_object(), &out, f) != 0)
		return -1;
	rc = c->json ? print_json(out, f)
		     : answer_table(json_object_get(out, "vendors"), columns, 7,
			   "no vendors; handoff vendor add NAME CARD", f);
	json_decref(out);
	return rc;
}

int
cmd_vendor_show(struct cli *c, struct fault *f)
{
	json_t *v = NULL, *papers = NULL, *batches = NULL;
	int rc = -1;

	if (ask_vendor(c, &v, f) != 0)
		return -1;
	if (ask_home(c, 0, KEEPER_AGREEMENTS,
		json_pack("{s:s}", "vendor", answer_text(v, "id")), &papers,
		f) != 0 ||
	    ask_home(c, 0, KEEPER_BATCHES,
		json_pack("{s:s}", "vendor", answer_text(v, "id")), &batches,
		f) != 0)
		goto out;
	if (c->json) {
		if (json_object_update(v, papers) != 0 ||
		    json_object_update(v, batches) != 0)
			(void)fault_memory(f);
		else
			rc = print_json(v, f);
		goto out;
	}
	speak("vendor       %s (%s)\ncountry      %s\nmodel        %s\n"
	      "fingerprint  %s\n             %s\n",
	    answer_text(v, "name"), answer_text(v, "id"),
	    answer_text(v, "country_name"), answer_text(v, "model"),
	    answer_text(v, "words"), answer_text(v, "fingerprint"));
	speak("added        %s\nconfirmed    %s\nsuspended    %s\n"
	      "ended        %s\n\n",
	    answer_form(v, "added", COLUMN_DAY),
	    answer_form(v, "confirmed", COLUMN_DAY),
	    answer_form(v, "suspended", COLUMN_DAY),
	    answer_form(v, "ended", COLUMN_DAY));
	rc = print_agreements(json_object_get(papers, "agreements"), f);
	speak("\n");
	if (rc == 0)
		rc = print_batches(json_object_get(batches, "batches"), f);
out:
	json_decref(batches);
	json_decref(papers);
	json_decref(v);
	return rc;
}

/* ---- Vendors: suspending and ending ---- */

static int
change(struct cli *c, const char *to, struct fault *f)
{
	json_t *out;
	int rc;

	if (ask_home(c, RING_RELEASE, KEEPER_VENDOR_CHANGE,
		json_pack("{s:s,s:s}", "to", to, "vendor", c->words[0]), &out,
		f) != 0)
		return -1;
	rc = print_vendor(c, out, f);
	json_decref(out);
	return rc;
}

int
cmd_vendor_suspend(struct cli *c, struct fault *f)
{
	return change(c, "suspended", f);
}

int
cmd_vendor_resume(struct cli *c, struct fault *f)
{
	return change(c, "resumed", f);
}

int
cmd_vendor_end(struct cli *c, struct fault *f)
{
	return change(c, "ended", f);
}
