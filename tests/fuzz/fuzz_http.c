/*
 * A head is read the same however it is cut; what is read is plain, and written
 * again in one spelling it is read as the same request.
 */

#include <inttypes.h>
#include <string.h>

#include "gateway/agent/http_internal.h"
#include "gateway/agent/route_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Read p in pieces of size cut; the bytes that the verdict took. */
static enum http_got
read_cut(struct http_parser *h, const uint8_t *p, size_t len, size_t cut,
    size_t *taken)
{
	enum http_got got = HTTP_MORE;
	size_t used;

	http_end(h);
	for (*taken = 0; got == HTTP_MORE && *taken < len; *taken += used) {
		size_t n = len - *taken < cut ? len - *taken : cut;

		got = http_feed(h, p + *taken, n, &used);
		must(used <= n && (got != HTTP_MORE || used == n));
	}
	return got;
}

static bool
same(const struct http_parser *a, const struct http_parser *b)
{
	return strcmp(a->method, b->method) == 0 &&
	       strcmp(a->path, b->path) == 0 &&
	       a->has_length == b->has_length && a->length == b->length &&
	       a->close == b->close &&
	       a->expects_continue == b->expects_continue &&
	       a->range.given == b->range.given &&
	       a->range.suffix == b->range.suffix &&
	       a->range.open == b->range.open &&
	       a->range.first == b->range.first &&
	       a->range.last == b->range.last &&
	       a->statement.len == b->statement.len &&
	       (a->statement.len == 0 ||
		   memcmp(a->head.at + a->statement.at,
		       b->head.at + b->statement.at, a->statement.len) == 0);
}

static void
check_rewritten(const struct http_parser *h)
{
	const struct http_range *r = &h->range;
	struct http_parser again;
	struct fault f = { 0 };
	struct bytes b;
	size_t taken;

	bytes_init(&b, 2 * HTTP_HEAD_MAX);
	must(bytes_addf(&b, &f, "%s %s HTTP/1.1\r\nhost: a\r\n", h->method,
		 h->path) == 0);
	if (h->has_length)
		must(bytes_addf(&b, &f, "content-length: %" PRIu64 "\r\n",
			 h->length) == 0);
	if (h->close)
		must(bytes_add_text(&b, "connection: close\r\n", &f) == 0);
	if (h->expects_continue)
		must(bytes_add_text(&b, "expect: 100-continue\r\n", &f) == 0);
	if (r->given && r->suffix)
		must(bytes_addf(&b, &f, "range: bytes=-%" PRIu64 "\r\n",
			 r->first) == 0);
	else if (r->given && r->open)
		must(bytes_addf(&b, &f, "range: bytes=%" PRIu64 "-\r\n",
			 r->first) == 0);
	else if (r->given)
		must(bytes_addf(&b, &f,
			 "range: bytes=%" PRIu64 "-%" PRIu64 "\r\n", r->first,
			 r->last) == 0);
	if (h->statement.len > 0)
		must(bytes_addf(&b, &f, "handoff-request: %.*s\r\n",
			 (int)h->statement.len,
			 (const char *)h->head.at + h->statement.at) == 0);
	must(bytes_add_text(&b, "\r\n", &f) == 0);
	http_begin(&again);
	if (b.len <= HTTP_HEAD_MAX) {
		must(
		    read_cut(&again, b.at, b.len, b.len, &taken) == HTTP_WHOLE);
		must(taken == b.len && same(h, &again));
	}
	http_end(&again);
	bytes_free(&b);
}

static void
check_plain(const struct http_parser *h)
{
	struct agent_request r = { .part = 0 };
	char allow[ROUTE_ALLOW_CHARS];

	must(h->path[0] == '/' && strstr(h->path, "//") == NULL);
	must(strstr(h->path, "/../") == NULL);
	for (const char *c = h->path; *c != '\0'; c++)
		must(*c > 0x20 && *c < 0x7f && strchr("%?#\\", *c) == NULL);
	(void)route_find(h->method, h->path, &r, allow);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct http_parser whole, cut;
	enum http_got got;
	size_t taken, again;

	if (len == 0)
		return 0;
	http_begin(&whole);
	http_begin(&cut);
	got = read_cut(&whole, p, len, len, &taken);
	for (size_t n = 1; n <= 31; n = n * 3 + 1) {
		must(read_cut(&cut, p, len, n, &again) == got);
		must(again == taken && cut.status == whole.status);
		must(cut.why == whole.why);
		must(got != HTTP_WHOLE || same(&whole, &cut));
	}
	if (got == HTTP_WHOLE) {
		check_plain(&whole);
		check_rewritten(&whole);
	}
	http_end(&whole);
	http_end(&cut);
	return 0;
}
