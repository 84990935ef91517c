/* gateway/agent: heads of requests, read strictly, however they are cut. */

#include "tests/support/test.h"

#include <string.h>

#include "gateway/agent/http_internal.h"
#include "gateway/agent/route_internal.h"
#include "keys/base/clock.h"
#include "keys/base/mem.h"

#define HOST "Host: a.example:8471\r\n"
#define B "b-abcdefghijklmnopqrstuvwxyz"
#define R "r-abcdefghijklmnopqrstuvwxyz"

/* The status that a head is refused with, 0 when it is read, 1 when more is
 * wanted; the same however it is cut in two. */
static unsigned
read_head(struct http_parser *p, const char *text, size_t len)
{
	unsigned first = 0;

	for (size_t cut = 0; cut <= len; cut++) {
		enum http_got got = HTTP_MORE;
		unsigned status;
		size_t used = 0, more = 0;

		http_end(p);
		if (cut > 0)
			got = http_feed(p, (const uint8_t *)text, cut, &used);
		if (got == HTTP_MORE && cut < len) {
			assert_int_equal(used, cut);
			got = http_feed(
			    p, (const uint8_t *)text + cut, len - cut, &more);
		}
		status = got == HTTP_BAD ? p->status : got == HTTP_MORE;
		if (cut == 0)
			first = status;
		assert_int_equal(status, first);
		if (got == HTTP_BAD)
			assert_non_null(p->why);
	}
	return first;
}

static unsigned
status_of(const char *text)
{
	struct http_parser p;
	unsigned status;

	http_begin(&p);
	status = read_head(&p, text, strlen(text));
	http_end(&p);
	return status;
}

static void
a_plain_request_is_read(void **state)
{
	struct http_parser p;
	static const char head[] =
	    "PUT /v1/batches/" B "/returns/" R "/parts/7 HTTP/1.1\r\n" HOST
	    "content-LENGTH: 12\r\n"
	    "User-Agent:curl/7.88.1 \r\n"
	    "Accept: */*\r\n"
	    "Handoff-Request:\t eyJhIjoxfQ== \t\r\n"
	    "Expect: 100-continue\r\n"
	    "Connection: close\r\n\r\n";

	(void)state;
	http_begin(&p);
	assert_int_equal(read_head(&p, head, sizeof(head) - 1), 0);
	assert_string_equal(p.method, "PUT");
	assert_string_equal(p.path, "/v1/batches/" B "/returns/" R "/parts/7");
	assert_true(p.has_length && p.length == 12);
	assert_true(p.close && p.expects_continue && !p.range.given);
	assert_int_equal(p.statement.len, 12);
	assert_memory_equal(p.head.at + p.statement.at, "eyJhIjoxfQ==", 12);
	http_end(&p);
}

static void
a_head_ends_where_it_ends(void **state)
{
	static const char two[] =
	    "GET /a HTTP/1.1\r\n" HOST "\r\nGET /b HTTP/1.1\r\n";
	struct http_parser p;
	size_t used;

	(void)state;
	http_begin(&p);
	assert_int_equal(
	    http_feed(&p, (const uint8_t *)two, sizeof(two) - 1, &used),
	    HTTP_WHOLE);
	assert_int_equal(used, strlen("GET /a HTTP/1.1\r\n" HOST "\r\n"));
	assert_string_equal(p.path, "/a");
	http_end(&p);
}

#define GET_ "GET /a HTTP/1.1\r\n"
static const struct {
	const char *text;
	unsigned status;
} ambiguous[] = {
	/* line ends */
	{ "GET /a HTTP/1.1\n", 400 },
	{ GET_ "Host: a\n\r\n", 400 },
	{ GET_ "Host: a\r\r\n\r\n", 400 },
	{ GET_ "Host: a\rX: b\r\n\r\n", 400 },
	{ "\r\n" GET_ HOST "\r\n", 400 },
	/* request line */
	{ " GET /a HTTP/1.1\r\n", 400 },
	{ "GET  /a HTTP/1.1\r\n", 400 },
	{ "GET /a  HTTP/1.1\r\n", 400 },
	{ "GET /a HTTP/1.1 \r\n", 400 },
	{ "GET\t/a\tHTTP/1.1\r\n", 400 },
	{ "GET /a\r\n", 400 },
	{ "GET\r\n", 400 },
	{ "get /a HTTP/1.1\r\n", 400 },
	{ "G=T /a HTTP/1.1\r\n", 400 },
	{ "PROPFIND /a HTTP/1.1\r\n", 501 },
	{ "GET /a http/1.1\r\n", 400 },
	{ "GET /a HTTP/1.0\r\n", 505 },
	{ "GET /a HTTP/2.0\r\n", 505 },
	{ "GET /a HTTP/1.10\r\n", 400 },
	{ "PRI * HTTP/2.0\r\n", 505 },
	/* targets that are no plain path */
	{ "GET http://a/ HTTP/1.1\r\n", 400 },
	{ "GET * HTTP/1.1\r\n", 400 },
	{ "GET a HTTP/1.1\r\n", 400 },
	{ "CONNECT a:1 HTTP/1.1\r\n", 400 },
	{ "GET / HTTP/1.1\r\n", 400 },
	{ "GET //a HTTP/1.1\r\n", 400 },
	{ "GET /a/ HTTP/1.1\r\n", 400 },
	{ "GET /a//b HTTP/1.1\r\n", 400 },
	{ "GET /a/./b HTTP/1.1\r\n", 400 },
	{ "GET /a/.. HTTP/1.1\r\n", 400 },
	{ "GET /a/../b HTTP/1.1\r\n", 400 },
	{ "GET /a%2e HTTP/1.1\r\n", 400 },
	{ "GET /a?b HTTP/1.1\r\n", 400 },
	{ "GET /a#b HTTP/1.1\r\n", 400 },
	{ "GET /a\\b HTTP/1.1\r\n", 400 },
	{ "GET /\xc3\xa4 HTTP/1.1\r\n", 400 },
	/* Host */
	{ GET_ "\r\n", 400 },
	{ GET_ "Host:\r\n\r\n", 400 },
	{ GET_ "Host: a\r\nHost: a\r\n\r\n", 400 },
	{ GET_ "Host: a b\r\n\r\n", 400 },
	{ GET_ "Host: a,b\r\n\r\n", 400 },
	/* fields */
	{ GET_ HOST "X : a\r\n\r\n", 400 },
	{ GET_ HOST ": a\r\n\r\n", 400 },
	{ GET_ HOST "X\r\n\r\n", 400 },
	{ GET_ HOST " X: a\r\n\r\n", 400 },
	{ GET_ HOST "X: a\r\n b\r\n\r\n", 400 },
	{ GET_ HOST "X: a\x01\r\n\r\n", 400 },
	{ GET_ HOST "X: a\x7f\r\n\r\n", 400 },
	{ GET_ HOST "X: \xc3\xa4\r\n\r\n", 400 },
	{ GET_ HOST "X: a\r\nx: b\r\n\r\n", 400 },
	{ GET_ HOST "Range: bytes=0-1\r\nRANGE: bytes=0-1\r\n\r\n", 400 },
	{ GET_ HOST "Connection: upgrade\r\n\r\n", 400 },
	{ GET_ HOST "Expect: gifts\r\n\r\n", 417 },
	/* lengths */
	{ GET_ HOST "Content-Length: +1\r\n\r\n", 400 },
	{ GET_ HOST "Content-Length: -1\r\n\r\n", 400 },
	{ GET_ HOST "Content-Length: 0x1\r\n\r\n", 400 },
	{ GET_ HOST "Content-Length: 01\r\n\r\n", 400 },
	{ GET_ HOST "Content-Length: 1, 1\r\n\r\n", 400 },
	{ GET_ HOST "Content-Length: 1 1\r\n\r\n", 400 },
	{ GET_ HOST "Content-Length:\r\n\r\n", 400 },
	{ GET_ HOST "Content-Length: 99999999999999999999\r\n\r\n", 400 },
	{ GET_ HOST "Content-Length: 9223372036854775808\r\n\r\n", 400 },
	{ GET_ HOST "Content-Length: 1\r\ncontent-length: 1\r\n\r\n", 400 },
	{ GET_ HOST "Transfer-Encoding: chunked\r\n\r\n", 411 },
	{ GET_ HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400 },
	{ GET_ HOST "Transfer-Encoding: identity\r\n\r\n", 400 },
	{ GET_ HOST "Transfer-Encoding : chunked\r\n\r\n", 400 },
	{ GET_ HOST "Content-Length: 1\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n",
	    411 },
	/* ranges */
	{ GET_ HOST "Range: bytes=\r\n\r\n", 400 },
	{ GET_ HOST "Range: bytes=-\r\n\r\n", 400 },
	{ GET_ HOST "Range: bytes=1\r\n\r\n", 400 },
	{ GET_ HOST "Range: bytes=2-1\r\n\r\n", 400 },
	{ GET_ HOST "Range: bytes=0-1,3-4\r\n\r\n", 400 },
	{ GET_ HOST "Range: bytes=0 -1\r\n\r\n", 400 },
	{ GET_ HOST "Range: items=0-1\r\n\r\n", 400 },
	{ GET_ HOST "Range: bytes=a-b\r\n\r\n", 400 },
};

static void
what_two_readers_might_understand_differently_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ambiguous) / sizeof(ambiguous[0]); i++)
		if (status_of(ambiguous[i].text) != ambiguous[i].status)
			fail_msg("%s: %u, not %u", ambiguous[i].text,
			    status_of(ambiguous[i].text), ambiguous[i].status);
	assert_int_equal(status_of(GET_ HOST "X: a\r\nXy: a\r\n\r\n"), 0);
	assert_int_equal(status_of(GET_ HOST), 1);
}

static void
a_nul_is_not_an_end(void **state)
{
	static const char head[] = "GET /a HTTP/1.1\r\nHost: a\0b\r\n\r\n";
	struct http_parser p;

	(void)state;
	http_begin(&p);
	assert_int_equal(read_head(&p, head, sizeof(head) - 1), 400);
	http_end(&p);
}

static void
a_head_has_a_ceiling_in_bytes_and_in_lines(void **state)
{
	struct fault f;
	struct bytes b;

	(void)state;
	bytes_init(&b, 100000);
	assert_ok(bytes_add_text(&b, GET_ HOST "X: ", &f));
	while (b.len < HTTP_HEAD_MAX - 4)
		assert_ok(bytes_add_text(&b, "x", &f));
	assert_ok(bytes_add_text(&b, "\r\n\r\n", &f));
	assert_ok(bytes_end_text(&b, &f));
	assert_int_equal(b.len, HTTP_HEAD_MAX);
	for (int over = 0; over < 2; over++) {
		struct http_parser p;
		size_t used;

		http_begin(&p);
		if (over)
			memcpy(b.at + b.len - 4, "xxxx", 4);
		assert_int_equal(http_feed(&p, b.at, b.len, &used),
		    over ? HTTP_MORE : HTTP_WHOLE);
		if (over) {
			assert_int_equal(
			    http_feed(&p, b.at, 1, &used), HTTP_BAD);
			assert_int_equal(p.status, 431);
		}
		http_end(&p);
	}
	bytes_reset(&b);
	assert_ok(bytes_add_text(&b, GET_ HOST, &f));
	for (unsigned i = 0; i < HTTP_FIELDS_MAX; i++)
		assert_ok(bytes_addf(&b, &f, "X%u: a\r\n", i));
	assert_ok(bytes_end_text(&b, &f));
	assert_int_equal(status_of((char *)b.at), 431);
	bytes_reset(&b);
	assert_ok(bytes_add_text(&b, "GET /", &f));
	while (b.len < 4 + AGENT_PATH_MAX)
		assert_ok(bytes_add_text(&b, "a", &f));
	assert_ok(bytes_add_text(&b, "a HTTP/1.1\r\n", &f));
	assert_ok(bytes_end_text(&b, &f));
	assert_int_equal(status_of((char *)b.at), 414);
	bytes_free(&b);
}

static void
ranges_are_cut_to_the_body_or_refused(void **state)
{
	static const struct {
		const char *range;
		uint64_t size, first, count; /* count 0: refused */
	} cases[] = {
		{ "0-0", 10, 0, 1 },
		{ "0-9", 10, 0, 10 },
		{ "0-99", 10, 0, 10 },
		{ "9-9", 10, 9, 1 },
		{ "9-", 10, 9, 1 },
		{ "10-", 10, 0, 0 },
		{ "10-12", 10, 0, 0 },
		{ "-1", 10, 9, 1 },
		{ "-10", 10, 0, 10 },
		{ "-11", 10, 0, 10 },
		{ "-0", 10, 0, 0 },
		{ "0-", 0, 0, 0 },
		{ "-5", 0, 0, 0 },
		{ "9223372036854775807-", 10, 0, 0 },
		{ "0-9223372036854775807", 10, 0, 10 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_parser p;
		uint64_t first = 0, count = 0;
		char head[200];
		bool some;

		(void)snprintf(head, sizeof(head),
		    GET_ HOST "Range: bytes=%s\r\n\r\n", cases[i].range);
		http_begin(&p);
		assert_int_equal(read_head(&p, head, strlen(head)), 0);
		assert_true(p.range.given);
		some = http_range_of(&p.range, cases[i].size, &first, &count);
		assert_int_equal(some, cases[i].count > 0);
		if (some) {
			assert_int_equal(first, cases[i].first);
			assert_int_equal(count, cases[i].count);
		}
		http_end(&p);
	}
}

static void
dates_are_those_of_rfc_9110(void **state)
{
	char date[HTTP_DATE_CHARS + 1];
	int64_t at;

	(void)state;
	http_date(date, 784111777);
	assert_string_equal(date, "Sun, 06 Nov 1994 08:49:37 GMT");
	http_date(date, 0);
	assert_string_equal(date, "Thu, 01 Jan 1970 00:00:00 GMT");
	assert_true(clock_read(&at, "2028-02-29T23:59:59Z", 20));
	http_date(date, at);
	assert_string_equal(date, "Tue, 29 Feb 2028 23:59:59 GMT");
}

static void
each_path_has_its_ask_and_its_words(void **state)
{
	static const struct {
		const char *method, *path;
		int ask; /* -1: 404, -2: 405 */
		const char *allow;
	} cases[] = {
		{ "GET", "/v1/nonce", AGENT_NONCE, "" },
		{ "POST", "/v1/nonce", -2, "GET" },
		{ "GET", "/v1/nonce/x", -1, "" },
		{ "GET", "/v1/nonc", -1, "" },
		{ "GET", "/v1/batches", AGENT_BATCHES, "" },
		{ "POST", "/v1/batches/" B "/release", AGENT_RELEASE, "" },
		{ "POST", "/v1/batches/" R "/release", -1, "" },
		{ "POST", "/v1/batches/b-x/release", -1, "" },
		{ "POST", "/v1/batches//release", -1, "" },
		{ "PUT", "/v1/batches/" B "/returns/" R "/parts/1",
		    AGENT_RETURN_PART, "" },
		{ "PUT", "/v1/batches/" B "/returns/" R "/parts/0", -1, "" },
		{ "PUT", "/v1/batches/" B "/returns/" R "/parts/10000", -1,
		    "" },
		{ "PUT", "/v1/batches/" B "/returns/" R "/parts/1x", -1, "" },
		{ "POST", "/v1/batches/" B "/returns/" R, AGENT_RETURN, "" },
		{ "GET", "/v1/batches/" B "/returns/" R, AGENT_RETURN_STATE,
		    "" },
		{ "PUT", "/v1/batches/" B "/returns/" R, -2, "POST, GET" },
		{ "POST", "/v1/batches/" B "/acknowledgements",
		    AGENT_ACKNOWLEDGE, "" },
		{ "POST", "/v1/batches/" B "/deletions", AGENT_DELETION, "" },
		{ "GET", "/v1/log/checkpoint", AGENT_LOG, "" },
		{ "GET", "/v1/log/tile/0/x001/234.p/17", AGENT_LOG, "" },
		{ "GET", "/v1/log", -1, "" },
		{ "GET", "/v2/nonce", -1, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct agent_request r = { .part = 0 };
		char allow[ROUTE_ALLOW_CHARS];
		const struct route *route =
		    route_find(cases[i].method, cases[i].path, &r, allow);

		if (cases[i].ask < 0) {
			assert_null(route);
			assert_string_equal(allow, cases[i].allow);
			assert_int_equal(allow[0] != '\0', cases[i].ask == -2);
			continue;
		}
		assert_non_null(route);
		assert_int_equal(route->ask, cases[i].ask);
		if (strstr(cases[i].path, B) != NULL)
			assert_string_equal(r.batch, B);
		if (strstr(cases[i].path, R) != NULL)
			assert_string_equal(r.ret, R);
		if (route->ask == AGENT_RETURN_PART)
			assert_int_equal(r.part, 1);
	}
}

static void
without_memory_a_head_is_503(void **state)
{
	struct http_parser p;
	size_t used;

	(void)state;
	http_begin(&p);
	mem_fail_after(0);
	assert_int_equal(
	    http_feed(&p, (const uint8_t *)"GET", 3, &used), HTTP_BAD);
	mem_fail_after(-1);
	assert_int_equal(p.status, 503);
	http_end(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_request_is_read),
		cmocka_unit_test(a_head_ends_where_it_ends),
		cmocka_unit_test(
		    what_two_readers_might_understand_differently_is_refused),
		cmocka_unit_test(a_nul_is_not_an_end),
		cmocka_unit_test(a_head_has_a_ceiling_in_bytes_and_in_lines),
		cmocka_unit_test(ranges_are_cut_to_the_body_or_refused),
		cmocka_unit_test(dates_are_those_of_rfc_9110),
		cmocka_unit_test(each_path_has_its_ask_and_its_words),
		cmocka_unit_test(without_memory_a_head_is_503),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
