/* Commands that put one question to a home. */

#include <string.h>

#include "gateway/cli/asking_internal.h"

int
ask_home(const struct cli *c, unsigned branches, uint16_t code, json_t *in,
    json_t **out, struct fault *f)
{
	return ask_home_with(c, branches, code, in, -1, out, f);
}

/* Ask; unlock what the answer says is locked, and ask again. */
static int
ask_twice(struct keeper *k, const struct keeper_options *o, unsigned branches,
    uint16_t code, json_t *in, int give, json_t **out, struct fault *f)
{
	struct keeper_fds fds = { &give, give == -1 ? 0 : 1, NULL, 0 };

	if (keeper_ask_fds(k, code, json_incref(in), &fds, out, f) == 0)
		return 0;
	if (branches == 0 || strcmp(f->text, KEEPER_LOCKED) != 0)
		return -1;
	fault_clear(f);
	if (keeper_unlock(k, o, branches, f) != 0)
		return -1;
	return keeper_ask_fds(k, code, json_incref(in), &fds, out, f);
}

int
ask_home_with(const struct cli *c, unsigned branches, uint16_t code, json_t *in,
    int give, json_t **out, struct fault *f)
{
	char path[HOME_PATH_MAX];
	struct keeper_options o = { .home = path, .passphrase = -1 };
	struct keeper *k = NULL;
	int rc;

	*out = NULL;
	/* Who only looks has no options that unlock. */
	if ((branches != 0 && home_options(c, false, path, &o, f) != 0) ||
	    home_keeper(c, 0, false, &k, f) != 0) {
		json_decref(in);
		return -1;
	}
	rc = ask_twice(k, &o, branches, code, in, give, out, f);
	json_decref(in);
	if (keeper_close(k, f) != 0)
		rc = -1;
	if (rc != 0) {
		json_decref(*out);
		*out = NULL;
	}
	return rc;
}

/* A day, or a moment, in an option. */
static int
read_time(const struct cli *c, const char *name, int64_t *at, bool last,
    struct fault *f)
{
	const char *text = option_text(c, name);

	if (text == NULL)
		return 0;
	if (clock_read_date(at, text, strlen(text))) {
		*at += last ? DAY : 0;
		return 0;
	}
	if (clock_read(at, text, strlen(text)))
		return 0;
	return fault_set(
	    f, FAULT_USAGE, "--%s: not a date such as 2027-01-31", name);
}

int
option_from(const struct cli *c, const char *name, int64_t *at, struct fault *f)
{
	return read_time(c, name, at, false, f);
}

int
option_until(
    const struct cli *c, const char *name, int64_t *at, struct fault *f)
{
	return read_time(c, name, at, true, f);
}
