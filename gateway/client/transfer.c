/*
 * A transfer: attempts, until one succeeds or it is of no use to go on.
 *
 * What broke is tried again, later each time, up to a limit; but whenever bytes
 * of a range have come, the count begins anew, so that a bad line makes a
 * transfer slow and not impossible.  What the server refused is not tried
 * again, nor is a server with the wrong key; and one that has never answered
 * only for COURIER_CONNECT_SECONDS.
 */

#include <poll.h>
#include <string.h>

#include "gateway/client/line_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"

#define FIRST_WAIT_MS 500
#define LONGEST_WAIT_MS 30000
#define CONNECT_WAIT_MS 1000 /* while nobody has answered at all */

/* How an attempt ended. */
enum outcome { DONE, AGAIN, NEVER };

/* A member of the refusal, or what is given instead. */
static const char *
member(const json_t *o, const char *name, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text != NULL && text[0] != '\0' ? text : otherwise;
}

/* What the server said, as a fault. */
static void
read_refusal(
    const struct attempt *a, const char *url, long status, struct fault *f)
{
	enum fault_kind kind = status == 403 ? FAULT_POLICY : FAULT_PEER;
	struct fault ignored = { 0 };
	json_t *o = NULL;
	const char *hint, *rule;

	if (doc_read(&o, a->refusal.at, a->refusal.len, &ignored) != 0)
		o = NULL;
	rule = member(o, "rule", NULL);
	(void)fault_set(f, kind, "%s: status %ld: %.300s%s%.40s%s", url, status,
	    member(o, "error", "no reason was given"),
	    rule != NULL ? " (rule " : "", rule != NULL ? rule : "",
	    rule != NULL ? ")" : "");
	if ((hint = member(o, "hint", NULL)) != NULL)
		(void)fault_hint(f, "%s", hint);
	json_decref(o);
}

/* Worth another attempt: what a server says when it is busy or restarting. */
static bool
is_passing(long status)
{
	return status == 429 || status == 502 || status == 503 ||
	       status == 504 || status == 408;
}

/* Why the server was not reached, in words. */
static void
not_reached(const struct line *l, CURLcode result, struct fault *f)
{
	const char *url = l->server.url, *why = curl_easy_strerror(result);
	long no = 0;

	if (result == CURLE_COULDNT_CONNECT &&
	    curl_easy_getinfo(l->easy, CURLINFO_OS_ERRNO, &no) == CURLE_OK &&
	    no != 0)
		why = strerror((int)no); /* libcurl's own say less */
	if (l->answered) {
		(void)fault_set(f, FAULT_PEER, "%s: %s", url, why);
	} else {
		(void)fault_set(f, FAULT_PEER,
		    "%s: does not answer: %s (tried for %.0f s)", url, why,
		    clock_monotonic() - l->began);
		(void)fault_hint(f, "is that its address, and does the owner's "
				    "agent run there? handoff agent");
	}
}

static enum outcome
judge(const struct line *l, struct attempt *a, CURLcode result, long status,
    struct fault *f)
{
	const char *url = l->server.url;

	if (a->own.kind != FAULT_NONE) {
		*f = a->own;
		return NEVER;
	}
	if (result == CURLE_PEER_FAILED_VERIFICATION ||
	    result == CURLE_SSL_PINNEDPUBKEYNOTMATCH) {
		(void)fault_set(f, FAULT_FORGED,
		    "%s: the server has another key than the one pinned", url);
		(void)fault_hint(f, "compare its card's fingerprint with the "
				    "owner, by telephone");
		return NEVER;
	}
	if (result != CURLE_OK) {
		not_reached(l, result, f);
		return AGAIN;
	}
	if (status >= 200 && status <= 299)
		return DONE;
	read_refusal(a, url, status, f);
	return is_passing(status) ? AGAIN : NEVER;
}

/* Is it of no use to try once more, after so many that failed in a row? */
static bool
is_hopeless(const struct line *l, unsigned failed)
{
	if (l->server.retries == 0 || failed > l->server.retries)
		return true;
	return !l->answered &&
	       clock_monotonic() + CONNECT_WAIT_MS / 1e3 - l->began >=
		   COURIER_CONNECT_SECONDS;
}

/* Wait before attempt n (from 1), unless the coordinator ends. */
static int
wait_a_while(
    const struct line *l, struct attempt *a, unsigned n, struct fault *f)
{
	struct pollfd up = { channel_fd(a->up), POLLIN, 0 };
	curl_off_t asked = 0;
	int ms = n > 6 ? LONGEST_WAIT_MS : FIRST_WAIT_MS << (n - 1);

	if (curl_easy_getinfo(a->easy, CURLINFO_RETRY_AFTER, &asked) ==
		CURLE_OK &&
	    asked > ms / 1000)
		ms = asked < LONGEST_WAIT_MS / 1000 ? (int)asked * 1000
						    : LONGEST_WAIT_MS;
	if (ms > LONGEST_WAIT_MS)
		ms = LONGEST_WAIT_MS;
	if (!l->answered)
		ms = CONNECT_WAIT_MS;
	fault_clear(f);
	if (attempt_tell_connecting(a, f) != 0)
		return -1;
	if (poll(&up, 1, ms) == 1)
		return fault_set(f, FAULT_PEER, "the command has ended");
	return 0;
}

/* Is the range there, all of it? */
static int
check_whole(const struct attempt *a, const char *url, struct fault *f)
{
	if (a->t->to == -1 || a->total == 0 || a->written == a->total)
		return 0;
	return fault_set(
	    f, FAULT_PEER, "%s: fewer bytes than were announced", url);
}

static int
try_all(struct line *l, struct attempt *a, long *status, struct fault *f)
{
	unsigned failed = 0;

	for (;;) {
		uint64_t before = a->written;
		CURLcode result;
		enum outcome how;

		fault_clear(f);
		if (attempt_make(l, a, &result, status, f) != 0)
			return -1;
		how = judge(l, a, result, *status, f);
		if (how == DONE)
			return check_whole(a, l->server.url, f);
		failed = a->written > before ? 0 : failed + 1;
		if (how == NEVER || is_hopeless(l, failed))
			return -1;
		if (wait_a_while(l, a, failed > 0 ? failed : 1, f) != 0)
			return -1;
	}
}

int
line_transfer(struct line *l, const struct transfer *t, struct channel *up,
    unsigned *status, struct bytes *body, struct fault *f)
{
	struct attempt a = { .t = t, .up = up, .body = body };
	uint64_t done;
	long code = 0;
	int rc;

	a.total = t->from != -1 ? t->length : t->count;
	bytes_init(&a.refusal, REFUSAL_MAX);
	rc = try_all(l, &a, &code, f);
	*status = (unsigned)code;
	done = t->from != -1 ? a.sent : a.written;
	if (t->from != -1 || t->to != -1) {
		fault_clear(&a.own);
		if (attempt_tell(&a, done, true) != 0 && rc == 0) {
			*f = a.own;
			rc = -1;
		}
	}
	bytes_free(&a.refusal);
	return rc;
}
