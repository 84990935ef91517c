/* gateway/agent: the real listener, over real TLS, before a keeper. */

#include "tests/support/line.h"

#include <stdlib.h>

static struct test_agent agent;

#define HOST "Host: a\r\n"
#define STATEMENT "Handoff-Request: e30=\r\n"

/* ---- The tests ---- */

static void
each_request_reaches_its_ask_on_one_connection(void **state)
{
	static const struct {
		const char *request, *says;
	} cases[] = {
		{ "GET /v1/nonce HTTP/1.1\r\n" HOST "\r\n",
		    "\"path\":\"/v1/nonce\"" },
		{ "GET /v1/batches HTTP/1.1\r\n" HOST STATEMENT "\r\n",
		    "\"statement\":2,\"body\":0" },
		{ "POST /v1/batches/" B "/release HTTP/1.1\r\n" HOST STATEMENT
		  "Content-Length: 7\r\n\r\n[1,2,3]",
		    "\"batch\":\"" B "\",\"ret\":\"\",\"statement\":2,"
		    "\"body\":7" },
		{ "POST /v1/batches/" B "/returns/" R
		  " HTTP/1.1\r\n" HOST STATEMENT "Content-Length: 0\r\n\r\n",
		    "\"ret\":\"" R "\",\"statement\":2,\"body\":0" },
		{ "GET /v1/batches/" B "/returns/" R
		  " HTTP/1.1\r\n" HOST STATEMENT "\r\n",
		    "\"method\":\"GET\"" },
		{ "POST /v1/batches/" B
		  "/acknowledgements HTTP/1.1\r\n" HOST STATEMENT
		  "Content-Length: 1\r\n\r\n1",
		    "/acknowledgements" },
		{ "POST /v1/batches/" B "/deletions HTTP/1.1\r\n" HOST STATEMENT
		  "Content-Length: 1\r\n\r\n1",
		    "/deletions" },
		{ "GET /v1/log/tile/0/000 HTTP/1.1\r\n" HOST "\r\n",
		    "/v1/log/tile/0/000" },
		{ "GET /healthz HTTP/1.1\r\n" HOST "\r\n", "ok\n" },
		{ "GET /metrics HTTP/1.1\r\n" HOST "\r\n",
		    "handoff_agent_answers_2xx_total 9\n" },
	};
	struct line l;

	(void)state;
	agent_open(&agent);
	line_open(&l, &agent, vendor_seed);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		line_send(&l, cases[i].request, strlen(cases[i].request));
		assert_int_equal(line_answer(&l), 200);
		if (!line_says(&l, cases[i].says))
			fail_msg("%s: %s", cases[i].says, (char *)l.got.at);
	}
	line_close(&l);
	agent_close(&agent);
}

static void
refusals_have_a_status_a_rule_and_a_hint(void **state)
{
#define RELEASE "POST /v1/batches/" B "/release HTTP/1.1\r\n" HOST STATEMENT
	static const struct {
		const char *request;
		unsigned status;
		const char *says;
	} cases[] = {
		{ RELEASE "Content-Length: 6\r\n\r\npolicy", 403,
		    "{\"error\":\"batch \\\"x\\\": not approved\","
		    "\"hint\":\"handoff batch approve x\","
		    "\"rule\":\"policy\"}" },
		{ RELEASE "Content-Length: 6\r\n\r\nsystem", 500,
		    "{\"error\":\"the agent failed; its own messages say "
		    "why\"" },
		{ "GET /v1/batches HTTP/1.1\r\n" HOST "\r\n", 403,
		    "signed-requests" },
		{ "GET /v1/batches HTTP/1.1\r\n" HOST
		  "Handoff-Request: e30\r\n\r\n",
		    403, "signed-requests" },
		{ "GET /v1/nowhere HTTP/1.1\r\n" HOST "\r\n", 404, "routes" },
		{ "POST /v1/nonce HTTP/1.1\r\n" HOST
		  "Content-Length: 0\r\n\r\n",
		    405, "Allow: GET\r\n" },
		{ "GET /v1/nonce HTTP/1.1\r\n" HOST
		  "Content-Length: 3\r\n\r\nabc",
		    400, "a GET has no body" },
		{ RELEASE "\r\n", 411, "Content-Length is missing" },
		{ RELEASE "Content-Length: 1048577\r\n\r\n", 413, "limits" },
		{ RELEASE "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411,
		    "chunked" },
		{ RELEASE "Transfer-Encoding: x\r\n\r\n", 400, "http" },
		{ RELEASE "Content-Length: 1\r\nContent-Length: 1\r\n\r\n1",
		    400, "a header comes twice" },
		{ "GET /v1/nonce HTTP/1.1\r\n" HOST "\r\n"
		  "GET /v1/nonce HTTP/1.1\r\n" HOST "\r\n",
		    400, "a second request came" },
		{ RELEASE "Content-Length: 1\r\n\r\n1GET", 400,
		    "a second request came" },
		{ "GET /v1/nonce HTTP/1.1\n\n", 400, "CRLF" },
		{ "GET /v1/nonce HTTP/1.0\r\n\r\n", 505, "HTTP/1.1" },
		{ "GET /v1/objects/"
		  "0000000000000000000000000000000000000000000000000000000000"
		  "000000 HTTP/1.1\r\n" HOST "\r\n",
		    404, "no such object" },
	};

	(void)state;
	agent_open(&agent);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct line l;
		unsigned status;

		line_open(&l, &agent, vendor_seed);
		line_send(&l, cases[i].request, strlen(cases[i].request));
		status = line_answer(&l);
		if (status != cases[i].status || !line_says(&l, cases[i].says))
			fail_msg("%s: %u %s", cases[i].request, status,
			    (char *)l.got.at);
		assert_false(line_says(&l, "catalog.db"));
		if (status == 400 || status == 411 || status == 505) {
			assert_true(line_says(&l, "Connection: close\r\n") ||
				    status == 411);
		}
		line_close(&l);
	}
	agent_close(&agent);
}

static void
a_request_before_the_last_answer_is_refused_however_it_comes(void **state)
{
	static const char *const first[] = {
		"GET /v1/nowhere HTTP/1.1\r\n" HOST "\r\nG",
		"GET /healthz HTTP/1.1\r\n" HOST "\r\nG",
		RELEASE "Content-Length: 2\r\n\r\n[",
	};
	struct line l;

	(void)state;
	agent_open(&agent);
	for (size_t i = 0; i < 3; i++) {
		line_open(&l, &agent, vendor_seed);
		line_send(&l, first[i], strlen(first[i]));
		if (i == 2) {
			(void)poll(NULL, 0, 100);
			line_send(&l, "]GET", 4);
		}
		assert_int_equal(line_answer(&l), 400);
		assert_true(line_says(&l, "a second request came"));
		assert_true(line_ended(&l));
		line_close(&l);
	}
	agent_close(&agent);
}

static void
a_stranger_is_told_so_and_reaches_nothing(void **state)
{
	static const char *const requests[] = {
		"GET /v1/nonce HTTP/1.1\r\n" HOST "\r\n",
		"GET /v1/nowhere HTTP/1.1\r\n" HOST "\r\n",
		"GET /metrics HTTP/1.1\r\n" HOST "\r\n",
		RELEASE "Content-Length: 6\r\n\r\npolicy",
	};
	struct test_counts counts;
	struct line l;

	(void)state;
	agent_open(&agent);
	for (size_t i = 0; i < 4; i++) {
		line_open(&l, &agent, stranger_seed);
		line_send(&l, requests[i], strlen(requests[i]));
		assert_int_equal(line_answer(&l), 403);
		assert_true(line_says(&l, "\"rule\":\"known-keys\""));
		assert_true(line_says(&l, "handoff card"));
		assert_true(line_ended(&l));
		line_close(&l);
	}
	line_open(&l, &agent, stranger_seed);
	line_send(&l, "GET /healthz HTTP/1.1\r\n" HOST "\r\n", 34);
	assert_int_equal(line_answer(&l), 200);
	line_close(&l);
	agent_counts(&agent, &counts);
	assert_int_equal(counts.strangers, 5);
	assert_int_equal(counts.asks, 0);
	agent_close(&agent);
}

static void
objects_come_whole_or_in_ranges(void **state)
{
	static const struct {
		const char *range;
		unsigned status;
		size_t first, count;
	} cases[] = {
		{ "", 200, 0, 3000000 },
		{ "Range: bytes=0-0\r\n", 206, 0, 1 },
		{ "Range: bytes=65552-\r\n", 206, 65552, 3000000 - 65552 },
		{ "Range: bytes=-100\r\n", 206, 2999900, 100 },
		{ "Range: bytes=2999999-4000000\r\n", 206, 2999999, 1 },
		{ "Range: bytes=3000000-\r\n", 416, 0, 0 },
	};
	struct bytes content;
	char name[65], request[300];
	struct line l;

	(void)state;
	agent_open(&agent);
	agent_object(&agent, 3000000, &content, name);
	line_open(&l, &agent, vendor_seed);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(request, sizeof(request),
		    "GET /v1/objects/%s HTTP/1.1\r\n" HOST "%s\r\n", name,
		    cases[i].range);
		line_send(&l, request, strlen(request));
		assert_int_equal(line_answer(&l), cases[i].status);
		assert_int_equal(l.got.len - l.body, cases[i].count);
		assert_memory_equal(l.got.at + l.body,
		    content.at + cases[i].first, cases[i].count);
		if (cases[i].status == 416)
			assert_true(line_says(
			    &l, "Content-Range: bytes */3000000\r\n"));
	}
	bytes_free(&content);
	line_close(&l);
	agent_close(&agent);
}

static void
put_part(struct line *l, unsigned part, size_t size, const char *more)
{
	char head[400];

	(void)snprintf(head, sizeof(head),
	    "PUT /v1/batches/" B "/returns/" R "/parts/%u HTTP/1.1\r\n" HOST
	    "Content-Length: %zu\r\n%s\r\n",
	    part, size, more);
	line_send(l, head, strlen(head));
}

static void
parts_stream_into_the_drafts_that_the_keeper_lends(void **state)
{
	struct bytes content;
	struct test_counts counts;
	char name[65];
	struct line l;
	struct bytes got;
	struct fault f;

	(void)state;
	agent_open(&agent);
	agent_object(&agent, 3000000, &content, name);
	line_open(&l, &agent, vendor_seed);
	put_part(&l, 7, content.len, "");
	for (size_t at = 0; at < content.len; at += 100000)
		line_send(&l, (char *)content.at + at, 100000);
	assert_int_equal(line_answer(&l), 200);
	bytes_init(&got, 4000000);
	assert_ok(file_read(agent.folder, "part-7", &got, &f));
	assert_int_equal(got.len, content.len);
	assert_memory_equal(got.at, content.at, content.len);
	bytes_free(&got);

	/* The draft is there before the client is told to go on. */
	put_part(&l, 8, 5, "Expect: 100-continue\r\n");
	assert_int_equal(line_answer(&l), 100);
	line_send(&l, "hello", 5);
	assert_int_equal(line_answer(&l), 200);
	put_part(&l, 9, 0, "");
	assert_int_equal(line_answer(&l), 200);

	/* A refusal comes before the body, which is then not read. */
	put_part(&l, 404, 5, "Expect: 100-continue\r\n");
	assert_int_equal(line_answer(&l), 404);
	assert_true(line_ended(&l));
	line_close(&l);
	line_open(&l, &agent, vendor_seed);
	put_part(&l, 10, (64u << 20) + 1, "");
	assert_int_equal(line_answer(&l), 413);
	line_close(&l);
	agent_counts(&agent, &counts);
	assert_int_equal(counts.drafts, 3);
	assert_int_equal(counts.done, 3);
	assert_int_equal(counts.dropped, 0);
	bytes_free(&content);
	agent_close(&agent);
}

static void
a_part_that_breaks_off_gives_its_draft_back(void **state)
{
	struct test_counts counts = { 0 };
	struct line l;

	(void)state;
	agent_open(&agent);
	line_open(&l, &agent, vendor_seed);
	put_part(&l, 1, 1000000, "Expect: 100-continue\r\n");
	assert_int_equal(line_answer(&l), 100);
	line_send(&l, "only this", 9);
	line_close(&l);
	for (int i = 0; i < 200 && counts.dropped == 0; i++) {
		(void)poll(NULL, 0, 20);
		agent_counts(&agent, &counts);
	}
	assert_int_equal(counts.drafts, 1);
	assert_int_equal(counts.dropped, 1);
	assert_int_equal(counts.done, 0);
	agent_close(&agent);
}

/* ---- Foreign clients ---- */

static int
run(const char *command)
{
	int status = system(command); /* NOLINT: the test's own words */

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
write_pem(const char *name, const uint8_t seed[32])
{
	struct bytes pem;
	struct fault f;

	bytes_init(&pem, 10000);
	assert_ok(tls_pem(&pem, seed, true, &f));
	assert_ok(file_put(agent.folder, name, pem.at, pem.len, true, &f));
	bytes_free(&pem);
}

static void
curl_fetches_with_a_pin_and_a_certificate(void **state)
{
	char pin[TLS_PIN_CHARS + 1], command[1000];
	uint8_t key[32];
	struct fault f;

	(void)state;
	agent_open(&agent);
	write_pem("vendor.pem", vendor_seed);
	assert_ok(tls_public(key, agent_seed, &f));
	assert_ok(tls_pin(pin, key, &f));
	(void)snprintf(command, sizeof(command),
	    "curl -sS -k --tlsv1.3 --noproxy '*' --max-time 20 "
	    "--pinnedpubkey '%s' --cert %s/vendor.pem "
	    "https://%s/v1/nonce | grep -q '\"path\":\"/v1/nonce\"'",
	    pin, agent.path, agent.address);
	assert_int_equal(run(command), 0);
	(void)snprintf(command, sizeof(command),
	    "head -c 3000000 /dev/urandom >%s/body && "
	    "curl -sS -f -k --noproxy '*' --max-time 20 -T %s/body "
	    "--pinnedpubkey '%s' --cert %s/vendor.pem "
	    "https://%s/v1/batches/" B "/returns/" R "/parts/3 && "
	    "cmp %s/body %s/part-3",
	    agent.path, agent.path, pin, agent.path, agent.address, agent.path,
	    agent.path);
	assert_int_equal(run(command), 0);
	agent_close(&agent);
}

static void
only_tls_1_3_with_an_ed25519_certificate_gets_in(void **state)
{
	static const struct {
		const char *options;
		int let_in;
	} cases[] = {
		{ "-cert vendor.pem -key vendor.pem", 1 },
		{ "", 0 },
		{ "-cert rsa.pem -key rsa.pem", 0 },
		{ "-cert vendor.pem -key vendor.pem -tls1_2", 0 },
		{ "-cert vendor.pem -key vendor.pem -sigalgs "
		  "ECDSA+SHA256",
		    0 },
	};
	char command[1000];

	(void)state;
	agent_open(&agent);
	write_pem("vendor.pem", vendor_seed);
	(void)snprintf(command, sizeof(command),
	    "cd %s && openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x "
	    "-keyout k.pem -out c.pem 2>/dev/null && cat c.pem k.pem >rsa.pem",
	    agent.path);
	assert_int_equal(run(command), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(command, sizeof(command),
		    "cd %s && { printf 'GET /healthz HTTP/1.1\\r\\nHost: "
		    "a\\r\\nConnection: close\\r\\n\\r\\n'; sleep 0.5; } | "
		    "openssl s_client -connect %s %s -ign_eof >out 2>&1; "
		    "grep -q 'HTTP/1.1 200 OK' out",
		    agent.path, agent.address, cases[i].options);
		if ((run(command) == 0) != cases[i].let_in)
			fail_msg("\"%s\"", cases[i].options);
	}
	(void)snprintf(command, sizeof(command),
	    "cd %s && openssl s_client -connect %s -cert vendor.pem -key "
	    "vendor.pem </dev/null >out 2>&1; "
	    "grep -q 'New, TLSv1.3' out && ! grep -q 'New Session Ticket' out "
	    "&& grep -q 'Peer signature type: ed25519' out",
	    agent.path, agent.address);
	assert_int_equal(run(command), 0);
	agent_close(&agent);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_request_reaches_its_ask_on_one_connection),
		cmocka_unit_test(refusals_have_a_status_a_rule_and_a_hint),
		cmocka_unit_test(
		    a_request_before_the_last_answer_is_refused_however_it_comes),
		cmocka_unit_test(a_stranger_is_told_so_and_reaches_nothing),
		cmocka_unit_test(objects_come_whole_or_in_ranges),
		cmocka_unit_test(
		    parts_stream_into_the_drafts_that_the_keeper_lends),
		cmocka_unit_test(a_part_that_breaks_off_gives_its_draft_back),
		cmocka_unit_test(curl_fetches_with_a_pin_and_a_certificate),
		cmocka_unit_test(
		    only_tls_1_3_with_an_ed25519_certificate_gets_in),
	};

	process_begin(argc, argv, agent_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
