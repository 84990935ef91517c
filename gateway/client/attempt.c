/*
 * One attempt at a transfer: what libcurl calls back for bytes and headers.
 *
 * Bytes of a range go to their descriptor as they come, once the headers have
 * shown that they are the bytes asked for; so whatever breaks, what is written
 * is a beginning of the range, and the next attempt asks for the rest.
 */

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "gateway/client/line_internal.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"
#include "keys/base/text.h"

/* ---- Progress ---- */

int
attempt_tell(struct attempt *a, uint64_t done, bool now)
{
	struct message m;
	double at = clock_monotonic();
	int rc = -1;

	if (!now && done - a->told < COURIER_PROGRESS_BYTES &&
	    at - a->told_at < COURIER_PROGRESS_SECONDS)
		return 0;
	message_init(&m, 64);
	if (put_u8(&m.body, COURIER_PROGRESS, &a->own) == 0 &&
	    put_u64(&m.body, done, &a->own) == 0 &&
	    put_u64(&m.body, a->total, &a->own) == 0 &&
	    channel_send(a->up, &m, &a->own) == 0)
		rc = 0;
	message_free(&m);
	a->told = done;
	a->told_at = at;
	return rc;
}

int
attempt_tell_connecting(struct attempt *a, struct fault *f)
{
	struct message m;
	int rc = -1;

	message_init(&m, 8);
	if (put_u8(&m.body, COURIER_CONNECTING, f) == 0)
		rc = channel_send(a->up, &m, f);
	message_free(&m);
	return rc;
}

/* ---- libcurl's callbacks ---- */

static long
status_of(const struct attempt *a)
{
	long status = 0;

	(void)curl_easy_getinfo(a->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static size_t
on_body(char *at, size_t one, size_t len, void *arg)
{
	struct attempt *a = arg;
	long status = status_of(a);

	(void)one;
	if (status < 200 || status > 299) {
		/* Longer ones are cut: they are only shown. */
		size_t room = REFUSAL_MAX - a->refusal.len;

		return bytes_add(&a->refusal, at, len < room ? len : room,
			   &a->own) == 0
			   ? len
			   : 0;
	}
	if (a->t->to == -1)
		return bytes_add(a->body, at, len, &a->own) == 0 ? len : 0;
	if (a->total != 0 && len > a->total - a->written) {
		(void)fault_set(
		    &a->own, FAULT_PEER, "more bytes than were asked for");
		return 0;
	}
	if (file_write(a->t->to, at, len, &a->own) != 0)
		return 0;
	a->written += len;
	return attempt_tell(a, a->written, false) == 0 ? len : 0;
}

/* "Content-Range: bytes FIRST-LAST/SIZE": is it the range asked for? */
static bool
read_content_range(struct attempt *a, const char *value)
{
	uint64_t first = a->t->first + a->written, got_first, got_last;

	if (sscanf(value, "bytes %" SCNu64 "-%" SCNu64 "/", &got_first,
		&got_last) != 2 ||
	    got_first != first || got_last < first || got_last == UINT64_MAX)
		return false;
	if (a->t->count == 0)
		a->total = a->written + (got_last - first) + 1;
	return true;
}

/* At the end of the headers: are these the bytes that we want? */
static bool
body_is_wanted(struct attempt *a)
{
	curl_off_t length = -1;
	bool partial = a->t->first + a->written > 0 || a->t->count != 0;
	struct curl_header *range;
	long status = status_of(a);

	if (a->t->to == -1 || status < 200 || status > 299)
		return true;
	if (partial && (status != 206 ||
			   curl_easy_header(a->easy, "Content-Range", 0,
			       CURLH_HEADER, -1, &range) != CURLHE_OK ||
			   !read_content_range(a, range->value))) {
		(void)fault_set(&a->own, FAULT_PEER,
		    "the server sends another range than was asked for");
		return false;
	}
	if (!partial &&
	    curl_easy_getinfo(a->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
		&length) == CURLE_OK &&
	    length > 0)
		a->total = (uint64_t)length;
	return true;
}

static size_t
on_header(char *at, size_t one, size_t len, void *arg)
{
	(void)one;
	if (len == 2 && memcmp(at, "\r\n", 2) == 0 && !body_is_wanted(arg))
		return 0;
	return len;
}

static size_t
on_send(char *at, size_t one, size_t room, void *arg)
{
	struct attempt *a = arg;
	uint64_t left = a->t->length - a->sent;
	size_t got, want = left < room ? (size_t)left : room;

	(void)one;
	if (file_read_at(
		a->t->from, at, want, a->t->at + a->sent, &got, &a->own) != 0)
		return CURL_READFUNC_ABORT;
	if (got != want) {
		(void)fault_set(
		    &a->own, FAULT_INPUT, "what is sent has become shorter");
		return CURL_READFUNC_ABORT;
	}
	a->sent += got;
	if (attempt_tell(a, a->sent, false) != 0)
		return CURL_READFUNC_ABORT;
	return got;
}

static int
on_seek(void *arg, curl_off_t to, int whence)
{
	struct attempt *a = arg;

	if (whence != SEEK_SET || to < 0 || (uint64_t)to > a->t->length)
		return CURL_SEEKFUNC_FAIL;
	a->sent = (uint64_t)to;
	return CURL_SEEKFUNC_OK;
}

/* ---- One attempt ---- */

/* The statement as a header of its own, and those that libcurl would add. */
static int
make_headers(const struct transfer *t, struct curl_slist **out, struct fault *f)
{
	struct bytes text;
	int rc = -1;

	*out = NULL;
	bytes_init(&text, 2 * COURIER_STATEMENT_MAX);
	if (t->statement.len > 0 &&
	    (bytes_add_text(&text, "Handoff-Request: ", f) != 0 ||
		base64_add(&text, t->statement.at, t->statement.len, true, f) !=
		    0 ||
		bytes_end_text(&text, f) != 0))
		goto out;
	if ((*out = curl_slist_append(
		 NULL, "Content-Type: application/json")) == NULL ||
	    (text.len > 0 &&
		curl_slist_append(*out, (char *)text.at) == NULL)) {
		(void)fault_memory(f);
		goto out;
	}
	rc = 0;
out:
	if (rc != 0) {
		curl_slist_free_all(*out);
		*out = NULL;
	}
	bytes_free(&text);
	return rc;
}

#define SET(option, value)                                  \
	if (curl_easy_setopt(e, option, value) != CURLE_OK) \
	return fault_set(f, FAULT_SYSTEM, "libcurl cannot %s", #option)

/* How long it may take until TLS stands: of a server that never answered, what
 * is left of the time for all attempts. */
static long
connect_ms(const struct line *l)
{
	double left = l->began + COURIER_CONNECT_SECONDS - clock_monotonic();

	if (l->answered)
		return COURIER_CONNECT_SECONDS * 1000L;
	return left > 0.1 ? (long)(left * 1000) : 100;
}

/* What differs by method; all of it, since the handle is used again. */
static int
set_method(struct attempt *a, struct fault *f)
{
	const struct transfer *t = a->t;
	uint64_t first = t->first + a->written;
	CURL *e = a->easy;
	char range[64];

	SET(CURLOPT_RANGE, NULL);
	if (strcmp(t->method, "PUT") == 0) {
		SET(CURLOPT_UPLOAD, 1L);
		SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->length);
	} else if (strcmp(t->method, "POST") == 0) {
		SET(CURLOPT_UPLOAD, 0L);
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.len);
		SET(CURLOPT_POSTFIELDS,
		    t->body.len > 0 ? (const char *)t->body.at : "");
	} else {
		SET(CURLOPT_HTTPGET, 1L);
	}
	if (t->to == -1 || (first == 0 && t->count == 0))
		return 0;
	if (t->count != 0)
		(void)snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64,
		    first, t->first + t->count - 1);
	else
		(void)snprintf(range, sizeof(range), "%" PRIu64 "-", first);
	SET(CURLOPT_RANGE, range);
	return 0;
}

static int
set_all(struct line *l, struct attempt *a, struct curl_slist *headers,
    struct fault *f)
{
	char url[COURIER_URL_MAX + COURIER_PATH_MAX + 2];
	CURL *e = a->easy;

	(void)snprintf(url, sizeof(url), "%s%s", l->server.url, a->t->path);
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, a);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, a);
	SET(CURLOPT_READFUNCTION, on_send);
	SET(CURLOPT_READDATA, a);
	SET(CURLOPT_SEEKFUNCTION, on_seek);
	SET(CURLOPT_SEEKDATA, a);
	SET(CURLOPT_CONNECTTIMEOUT_MS, connect_ms(l));
	return set_method(a, f);
}
#undef SET

/* Run the handle to its end; also ours, when the coordinator has gone. */
static int
run(struct line *l, struct attempt *a, CURLcode *result, struct fault *f)
{
	struct curl_waitfd up = { channel_fd(a->up), CURL_WAIT_POLLIN, 0 };
	int running = 1, left;
	CURLMsg *m;

	while (running > 0) {
		if (curl_multi_perform(l->multi, &running) != CURLM_OK ||
		    (running > 0 && curl_multi_poll(l->multi, &up, 1, 1000,
					NULL) != CURLM_OK))
			return fault_set(
			    f, FAULT_SYSTEM, "libcurl does not run");
		if (up.revents != 0)
			return fault_set(
			    f, FAULT_PEER, "the command has ended");
		if (running > 0 && !l->answered &&
		    attempt_tell_connecting(a, f) != 0)
			return -1;
	}
	*result = CURLE_RECV_ERROR;
	while ((m = curl_multi_info_read(l->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE)
			*result = m->data.result;
	return 0;
}

int
attempt_make(struct line *l, struct attempt *a, CURLcode *result, long *status,
    struct fault *f)
{
	struct curl_slist *headers = NULL;
	int rc = -1;

	a->easy = l->easy;
	a->sent = 0;
	if (l->began == 0)
		l->began = clock_monotonic();
	bytes_reset(&a->refusal);
	if (a->t->to == -1)
		bytes_reset(a->body);
	if (make_headers(a->t, &headers, f) != 0 ||
	    set_all(l, a, headers, f) != 0)
		goto out;
	if (curl_multi_add_handle(l->multi, l->easy) != CURLM_OK) {
		(void)fault_memory(f);
		goto out;
	}
	rc = run(l, a, result, f);
	*status = status_of(a);
	l->answered |= *status != 0;
	(void)curl_multi_remove_handle(l->multi, l->easy);
out:
	(void)curl_easy_setopt(l->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	return rc;
}
