/* Which home a command works on, and what unlocks it. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/cli/home_internal.h"

#define HERE ".handoff"

const char *
home_said(const struct cli *c)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "_-./+:@%";
	static char said[HOME_PATH_MAX + 16];
	const char *quote;

	if (c->home == NULL || strlen(c->home) >= HOME_PATH_MAX ||
	    strchr(c->home, '\'') != NULL)
		return "";
	quote = c->home[strspn(c->home, plain)] == '\0' ? "" : "'";
	(void)snprintf(
	    said, sizeof(said), " --home %s%s%s", quote, c->home, quote);
	return said;
}

static int
fits(int n, struct fault *f)
{
	if (n <= 0 || (size_t)n >= HOME_PATH_MAX)
		return fault_set(f, FAULT_USAGE, "the home's path is too long");
	return 0;
}

int
home_path(
    const struct cli *c, bool make, char out[HOME_PATH_MAX], struct fault *f)
{
	const char *named = c->home != NULL ? c->home : getenv("HANDOFF_HOME");
	const char *data = getenv("XDG_DATA_HOME"), *user = getenv("HOME");

	if (named != NULL && named[0] != '\0')
		return fits(snprintf(out, HOME_PATH_MAX, "%s", named), f);
	if (make || access(HERE, F_OK) == 0)
		return fits(snprintf(out, HOME_PATH_MAX, HERE), f);
	if (data != NULL && data[0] == '/')
		return fits(
		    snprintf(out, HOME_PATH_MAX, "%s/handoff", data), f);
	if (user != NULL && user[0] == '/')
		return fits(snprintf(out, HOME_PATH_MAX,
				"%s/.local/share/handoff", user),
		    f);
	(void)fault_set(f, FAULT_USAGE, "no home of handoff is named");
	return fault_hint(f, "--home DIR");
}

int
home_options(const struct cli *c, bool make, char path[HOME_PATH_MAX],
    struct keeper_options *out, struct fault *f)
{
	unsigned long long n = 0;

	*out = (struct keeper_options){ .home = path,
		.passphrase = -1,
		.identity = option_text(c, "identity") };
	if (home_path(c, make, path, f) != 0)
		return -1;
	if (!option_set(c, "passphrase-fd"))
		return 0;
	if (out->identity != NULL)
		return fault_set(f, FAULT_USAGE,
		    "--identity and --passphrase-fd exclude each other");
	if (option_number(c, "passphrase-fd", 1023, &n, f) != 0)
		return -1;
	out->passphrase = (int)n;
	return 0;
}

int
home_keeper(const struct cli *c, unsigned branches, bool serve,
    struct keeper **out, struct fault *f)
{
	char path[HOME_PATH_MAX];
	struct keeper_options o = { .home = path, .passphrase = -1 };

	/* Who only looks has no options that unlock. */
	if (branches == 0 ? home_path(c, false, path, f) != 0
			  : home_options(c, false, path, &o, f) != 0)
		return -1;
	o.branches = branches;
	o.serve = serve;
	return keeper_open(out, &o, f);
}

int
home_keeper_if_any(
    const struct cli *c, const char *what, struct keeper **out, struct fault *f)
{
	*out = NULL;
	if (home_keeper(c, 0, false, out, f) == 0)
		return 0;
	if (f->kind != FAULT_USAGE || c->home != NULL)
		return -1;
	fault_clear(f);
	speak_to(stderr, "handoff: %s: no home here, so %s not checked\n",
	    c->command->name, what);
	return 0;
}
