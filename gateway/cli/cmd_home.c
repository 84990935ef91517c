/*
 * Making a home, and the card by which others know it.
 *
 * What is asked of a person is asked before the home is begun, and a home
 * appears whole: enroll adds its first owner before the home gets its name.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/cards_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"

#define OPTION_RECOVERY                                             \
	{ "recovery", 'r', "RECIPIENT",                             \
		"age recipient that can open the home's backups" }, \
	{                                                           \
		"no-recovery", 0, NULL,                             \
		    "nobody can help when the passphrase is lost"   \
	}

const struct option init_options[] = {
	{ "name", 0, "NAME", "how cards call us; the host's name" },
	OPTION_RECOVERY,
	{ "split", 0, NULL, "a passphrase each to release, export, reveal" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option enroll_options[] = {
	{ "owner", 0, "CARD", "the card of the owner we work for" },
	{ "fingerprint", 'f', "F", "of that card, as its owner read it out" },
	OPTION_RECOVERY,
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

const struct option card_options[] = {
	{ "show", 0, "FILE", "tell whose card a file is, and its fingerprint" },
	{ NULL, 0, NULL, NULL },
};

/* ---- Making ---- */

/* The host's name up to its first dot, as far as a name may have it. */
static void
host_name(char out[CARD_NAME_MAX + 1])
{
	char host[256] = "";
	size_t n = 0;

	(void)gethostname(host, sizeof(host) - 1);
	for (const char *p = host; *p != '\0' && *p != '.'; p++) {
		char c = *p;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
			c = '-';
		if (n < CARD_NAME_MAX && (c != '-' || n > 0))
			out[n++] = c;
	}
	while (n > 0 && out[n - 1] == '-')
		n--;
	out[n] = '\0';
	if (n == 0)
		(void)snprintf(out, CARD_NAME_MAX + 1, "owner");
}

static int
check_name(const char *name, struct fault *f)
{
	if (card_name_valid(name))
		return 0;
	return fault_set(f, FAULT_USAGE,
	    "the name is not 1 to %u of a-z, 0-9 and '-'", CARD_NAME_MAX);
}

/* Who can recover the home, or that nobody can: one has to be said, for it
 * cannot be made good later. */
static int
read_recovery(const struct cli *c, struct age_recipient *to, struct fault *f)
{
	const char *text = option_text(c, "recovery");
	bool none = option_set(c, "no-recovery");

	if (text == NULL && !none) {
		(void)fault_set(f, FAULT_USAGE,
		    "for a lost passphrase: --recovery RECIPIENT, or "
		    "--no-recovery");
		return fault_hint(f,
		    "handoff keygen -o recovery.key makes one; keep that "
		    "offline");
	}
	if (text == NULL)
		return 0;
	if (none)
		return fault_set(f, FAULT_USAGE,
		    "--recovery and --no-recovery exclude each other");
	if (age_recipient_read(to, text, strlen(text), f) == 0)
		return 0;
	f->kind = FAULT_USAGE;
	(void)fault_at(f, "--recovery");
	return fault_hint(f, "handoff keygen -o recovery.key");
}

/* What becomes of the new home. */
struct making {
	struct age_recipient recovery;
	json_t *ask;	/* enroll: what adds the owner; or NULL */
	json_t *answer; /* our card, or the owner */
};

static int
look(struct keeper *k, void *arg, struct fault *f)
{
	struct making *m = arg;

	return keeper_ask(k, KEEPER_CARD, json_object(), &m->answer, f);
}

static int
add_owner(struct keeper *k, void *arg, struct fault *f)
{
	struct making *m = arg;

	return keeper_ask(
	    k, KEEPER_OWNER_ADD, json_incref(m->ask), &m->answer, f);
}

static int
make(const struct cli *c, struct keeper_home *h, struct making *m,
    struct fault *f)
{
	struct keeper_options o;
	char path[HOME_PATH_MAX];

	if (home_options(c, true, path, &o, f) != 0)
		return -1;
	if (option_text(c, "recovery") != NULL)
		h->recovery = &m->recovery;
	h->arg = m;
	if (keeper_create(&o, h, f) != 0)
		return -1;
	if (json_object_set_new(m->answer, "path", json_string(path)) != 0)
		return fault_memory(f);
	return 0;
}

static void
print_recovery(const struct cli *c)
{
	const char *to = option_text(c, "recovery");

	if (to == NULL)
		speak("recovery     none: if the passphrase is lost, so are "
		      "the keys\n");
	else
		speak("recovery     %.24s...: keep its identity offline\n", to);
}

static void
print_made(const struct cli *c, const json_t *a)
{
	speak("home         %s\nname         %s\nfingerprint  %s\n"
	      "             %s\n",
	    answer_text(a, "path"), answer_text(a, "name"),
	    answer_text(a, "words"), answer_text(a, "fingerprint"));
	print_recovery(c);
	speak(
	    "\nNext: send every vendor our card, and read the fingerprint "
	    "to them over\nanother channel:\n\n    handoff card%s > %s.card\n",
	    home_said(c), answer_text(a, "name"));
}

int
cmd_init(struct cli *c, struct fault *f)
{
	const char *named = option_text(c, "name");
	struct making m = { .ask = NULL };
	struct keeper_home h = { .role = ROLE_OWNER,
		.split = option_set(c, "split"),
		.more = look };
	char name[CARD_NAME_MAX + 1];
	int rc;

	if (named == NULL)
		host_name(name);
	h.name = named != NULL ? named : name;
	if (check_name(h.name, f) != 0)
		return fault_hint(f, "handoff init --name our-name");
	if (read_recovery(c, &m.recovery, f) != 0)
		return -1;
	rc = make(c, &h, &m, f);
	if (rc == 0 && c->json)
		rc = print_json(m.answer, f);
	else if (rc == 0)
		print_made(c, m.answer);
	json_decref(m.answer);
	return rc;
}

static void
print_enrolled(const struct cli *c, const json_t *a)
{
	const json_t *own = json_object_get(a, "own");
	bool confirmed = json_is_true(json_object_get(a, "confirmed"));

	speak("home         %s\nname         %s\nowner        %s, %s\n"
	      "fingerprint  %s\n             %s\n",
	    answer_text(a, "path"), answer_text(own, "name"),
	    answer_text(a, "name"), confirmed ? "confirmed" : "not confirmed",
	    answer_text(own, "words"), answer_text(own, "fingerprint"));
	print_recovery(c);
	speak("\n");
	speak_wrapped(stdout, 0,
	    "Next: send %s our card, and read the fingerprint above to them "
	    "over another channel:\n",
	    answer_text(a, "name"));
	speak("\n    handoff card%s > %s.card\n", home_said(c),
	    answer_text(own, "name"));
	if (!confirmed)
		speak("\nNothing is fetched before their fingerprint was "
		      "compared:\n\n    handoff owner add %s --fingerprint "
		      "F%s\n",
		    option_text(c, "owner"), home_said(c));
}

int
cmd_enroll(struct cli *c, struct fault *f)
{
	const char *path = option_text(c, "owner"), *typed;
	struct making m = { .ask = NULL };
	struct keeper_home h = {
		.role = ROLE_VENDOR, .name = c->words[0], .more = add_owner
	};
	struct fingerprint print;
	struct bytes text;
	struct card card;
	int rc = -1;

	if (path == NULL)
		return fault_set(
		    f, FAULT_USAGE, "needs --owner CARD, the owner's card");
	if (check_name(h.name, f) != 0 || read_recovery(c, &m.recovery, f) != 0)
		return -1;
	bytes_init(&text, CARD_FILE_MAX);
	if (card_file(path, &text, &card, f) != 0 ||
	    card_fingerprint(&print, &card, f) != 0 ||
	    person_fingerprint(c, card.name, path, &print, &typed, f) != 0)
		goto out;
	m.ask = card_ask(&text, typed);
	if (m.ask == NULL ||
	    json_object_set_new(m.ask, "name", json_string(h.name)) != 0) {
		(void)fault_memory(f);
		goto out;
	}
	rc = make(c, &h, &m, f);
	if (rc == 0 && c->json)
		rc = print_json(m.answer, f);
	else if (rc == 0)
		print_enrolled(c, m.answer);
out:
	json_decref(m.ask);
	json_decref(m.answer);
	bytes_free(&text);
	return rc;
}

/* ---- Cards ---- */

static int
show(const struct cli *c, const char *path, struct fault *f)
{
	char verifier[VKEY_CHARS_MAX + 1], log[VKEY_CHARS_MAX + 1];
	struct fingerprint print;
	struct bytes text;
	struct card card;
	json_t *o = NULL;
	int rc = -1;

	bytes_init(&text, CARD_FILE_MAX);
	if (card_file(path, &text, &card, f) != 0 ||
	    card_fingerprint(&print, &card, f) != 0)
		goto out;
	vkey_write(verifier, &card.verifier);
	if (card.has_log)
		vkey_write(log, &card.log);
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s*}", "name", card.name,
	    "role", role_name(card.role), "home", card.home, "fingerprint",
	    print.hex, "words", print.words, "verifier", verifier, "log",
	    card.has_log ? log : NULL);
	if (o == NULL)
		rc = fault_memory(f);
	else if (c->json)
		rc = print_json(o, f);
	else {
		speak("name         %s, %s %s\nhome         %s\n"
		      "fingerprint  %s\n             %s\n",
		    card.name, card.role == ROLE_VENDOR ? "a" : "an",
		    role_name(card.role), card.home, print.words, print.hex);
		speak("signs with   %s\n", verifier);
		if (card.has_log)
			speak("its log      %s\n", log);
		rc = 0;
	}
out:
	json_decref(o);
	bytes_free(&text);
	return rc;
}

/* Ours: an owner's, or for that owner. */
static int
ask_card(const struct cli *c, json_t **out, struct fault *f)
{
	struct keeper *k = NULL;
	int rc;

	if (home_keeper(c, 0, false, &k, f) != 0)
		return -1;
	rc = keeper_ask(k, KEEPER_CARD,
	    c->nwords > 0 ? json_pack("{s:s}", "owner", c->words[0])
			  : json_object(),
	    out, f);
	return keeper_close(k, f) != 0 ? -1 : rc;
}

int
cmd_card(struct cli *c, struct fault *f)
{
	const char *file = option_text(c, "show");
	json_t *out = NULL;
	int rc;

	if (file != NULL && c->nwords > 0)
		return fault_set(
		    f, FAULT_USAGE, "--show FILE and OWNER exclude each other");
	if (file != NULL)
		return show(c, file, f);
	rc = ask_card(c, &out, f);
	if (rc != 0 && c->nwords > 0 && access(c->words[0], R_OK) == 0) {
		fault_clear(f);
		(void)fault_set(
		    f, FAULT_USAGE, "%s: a file, and no owner", c->words[0]);
		return fault_hint(f, "handoff card --show %s", c->words[0]);
	}
	if (rc == 0 && c->json)
		rc = print_json(out, f);
	else if (rc == 0)
		speak("%s\n", json_string_value(json_object_get(out, "card")));
	json_decref(out);
	return rc;
}
