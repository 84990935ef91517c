/*
 * What unlocks a home, changed.  The root and the keys stay as they are: it is
 * their wrap that is written anew, so what somebody kept of the old one (a
 * backup, a copy of the disk) still opens with the old passphrase.
 *
 * Both texts reach the keeper as descriptors, from processes that read them.
 */

#include <fcntl.h>
#include <string.h>

#include "gateway/keeper/keeper_internal.h"
#include "gateway/keeper/start_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"

/* ---- The keeper's side ---- */

int
home_rotate(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct ring_unlock now = { 0 }, to = { 0 };
	uint64_t branches, means, means_to;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (doc_number(in, "branches", RING_ALL, &branches, f) == 0 &&
	    doc_number(in, "now", RING_RECOVERY, &means, f) == 0 &&
	    doc_number(in, "to", RING_IDENTITY, &means_to, f) == 0 &&
	    home_take_unlock(a, 0, &now, f) == 0 &&
	    home_take_unlock(a, 1, &to, f) == 0) {
		now.means = (enum ring_means)means;
		to.means = (enum ring_means)means_to;
		rc = ring_rewrap(h->ring, &now, (unsigned)branches, &to, f);
	}
	secret_free(&now.text);
	secret_free(&to.text);
	json_decref(in);
	return rc == 0 ? home_out(a, json_object(), f) : -1;
}

/* ---- The command's side ---- */

static int
rotate_once(struct keeper *k, const struct keeper_change *c, unsigned branches,
    const char *prompt, const char *new_prompt, struct fault *f)
{
	int texts[2] = { -1, -1 }, rc = -1;
	struct keeper_fds fds = { texts, 2, NULL, 0 };
	enum ring_means now = c->recovery != NULL	? RING_RECOVERY
			      : c->now.identity != NULL ? RING_IDENTITY
							: RING_PASSPHRASE;

	if (c->recovery != NULL
		? file_open_read(AT_FDCWD, c->recovery, &texts[0], f) != 0
		: unlock_text(&c->now, prompt, false, &texts[0], f) != 0)
		return -1;
	if (unlock_text(&c->to, new_prompt, true, &texts[1], f) == 0)
		rc = keeper_ask_fds(k, KEEPER_ROTATE,
		    json_pack("{s:i,s:i,s:i}", "branches", (int)branches, "now",
			now, "to",
			c->to.identity != NULL ? RING_IDENTITY
					       : RING_PASSPHRASE),
		    &fds, NULL, f);
	file_close(&texts[0]);
	file_close(&texts[1]);
	return rc;
}

static int
rotate(struct keeper *k, const struct keeper_change *c, unsigned branches,
    const char *first, const char *new_prompt, struct fault *f)
{
	char prompt[PROMPT_CHARS];
	unsigned tries = 0;
	int rc;

	(void)snprintf(prompt, sizeof(prompt), "%s", first);
	do
		rc = rotate_once(k, c, branches, prompt, new_prompt, f);
	while (rc != 0 && c->recovery == NULL &&
	       unlock_again(&c->now, &tries, prompt, f));
	return rc;
}

/* Who goes on must know which branches have changed already. */
static int
stopped_at(unsigned b, unsigned branches, struct fault *f)
{
	static const char *const names[RING_BRANCHES] = { "release", "export",
		"reveal" };
	char text[2][64] = { "", "" };

	for (unsigned i = 0; i < RING_BRANCHES; i++) {
		char *to = text[i < b ? 0 : 1];
		size_t len = strlen(to);

		if ((branches >> i & 1) != 0)
			(void)snprintf(to + len, sizeof(text[0]) - len,
			    i < b ? " %s" : " --branch %s", names[i]);
	}
	if (text[0][0] == '\0')
		return -1;
	(void)fault_at(f, "changed:%s; the rest not", text[0]);
	f->hint[0] = '\0';
	return fault_hint(f, "handoff keys rotate%s", text[1]);
}

int
keeper_change(struct keeper *k, const struct keeper_change *c,
    unsigned branches, struct fault *f)
{
	static const char *const prompts[RING_BRANCHES][2] = {
		{ "Passphrase (release): ", "New passphrase (release): " },
		{ "Passphrase (export): ", "New passphrase (export): " },
		{ "Passphrase (reveal): ", "New passphrase (reveal): " },
	};
	json_t *who = NULL;
	bool split;
	int rc;

	if (keeper_ask(k, KEEPER_WHO, json_object(), &who, f) != 0)
		return -1;
	rc = doc_bool(who, "split", &split, f);
	json_decref(who);
	if (rc != 0)
		return -1;
	if (!split)
		return rotate(
		    k, c, RING_ALL, "Passphrase: ", "New passphrase: ", f);
	for (unsigned b = 0; b < RING_BRANCHES; b++) {
		if ((branches >> b & 1) == 0)
			continue;
		rc = rotate(k, c, 1u << b, prompts[b][0], prompts[b][1], f);
		if (rc != 0)
			return stopped_at(b, branches, f);
	}
	return 0;
}
