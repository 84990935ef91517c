/* gateway/client: servers that are not what a courier hopes for. */

#include "tests/support/courier.h"

#include "gateway/client/client_internal.h"

/* ---- The servers ---- */

/* A server with its own key: tells whether a handshake ended, and how many
 * bytes of a request it could read. */
static int
role_impostor(struct channel *up, struct fault *f)
{
	int fd = listen_somewhere(up, f), near, done, n;
	SSL_CTX *ctx;
	struct message m;
	char buf[100];
	SSL *ssl;

	near = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (tls_server(&ctx, stranger_seed, f) != 0)
		return -1;
	ssl = SSL_new(ctx);
	(void)SSL_set_fd(ssl, near);
	done = SSL_accept(ssl) == 1;
	n = SSL_read(ssl, buf, sizeof(buf));
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	message_init(&m, 100);
	if (put_u32(&m.body, (uint32_t)done, f) != 0 ||
	    put_u32(&m.body, n > 0 ? (uint32_t)n : 0, f) != 0 ||
	    channel_send(up, &m, f) != 0)
		return -1;
	message_free(&m);
	return 0;
}

/* A server that answers everything with the same bytes, from a file. */
static int
role_parrot(struct channel *up, struct fault *f)
{
	int fd = listen_somewhere(up, f), near;
	struct bytes text;
	SSL_CTX *ctx;
	char buf[20000];
	SSL *ssl;

	bytes_init(&text, 100000);
	if (file_read_fd(PROCESS_GIVEN, &text, f) != 0 ||
	    tls_server(&ctx, agent_seed, f) != 0)
		return -1;
	for (;;) {
		near = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		ssl = SSL_new(ctx);
		(void)SSL_set_fd(ssl, near);
		if (SSL_accept(ssl) == 1 &&
		    SSL_read(ssl, buf, sizeof(buf)) > 0 &&
		    SSL_write(ssl, text.at, (int)text.len) > 0)
			(void)SSL_shutdown(ssl);
		SSL_free(ssl);
		file_close(&near);
	}
}

static const struct process_role test_roles[] = {
	{ "impostor", role_impostor },
	{ "parrot", role_parrot },
	{ "testkeeper", role_test_keeper },
	{ "testagent", role_test_agent },
	{ "listener", agent_listener },
	{ "courier", courier_role },
	{ NULL, NULL },
};

/* ---- The tests ---- */

static void
a_wrong_pin_fails_before_any_byte_of_a_request(void **state)
{
	struct process *impostor;
	struct courier *c;
	struct message m;
	struct reader r;
	struct bytes out;
	struct fault f;
	uint32_t done, bytes;
	unsigned port;
	bool end;

	(void)state;
	setup();
	port = start_server(&impostor, "impostor", NULL, NULL);
	bytes_init(&out, 10000);
	assert_ok(open_courier(&c, port, "vendor", 5, &f));
	assert_refused(
	    courier_get(c, "/v1/nonce", none, &out, &f), FAULT_FORGED);
	assert_non_null(strstr(f.text, "another key than the one pinned"));
	message_init(&m, 100);
	assert_ok(
	    channel_receive(process_channel(impostor), &m, 10000, &end, &f));
	r = reader_of(m.body.at, m.body.len);
	assert_ok(take_u32(&r, &done, &f));
	assert_ok(take_u32(&r, &bytes, &f));
	assert_int_equal(done, 0);
	assert_int_equal(bytes, 0);
	assert_ok(process_end(impostor, 5000, &f));
	message_free(&m);
	bytes_free(&out);
	courier_close(c);
	teardown();
}

/* Start a parrot with these bytes. */
static unsigned
start_parrot(struct process **p, const char *text)
{
	int fd =
	    openat(agent.folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct fault f;
	unsigned port;

	assert_ok(file_write(fd, text, strlen(text), &f));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	port = start_server(p, "parrot", NULL, &fd);
	file_close(&fd);
	return port;
}

static void
refusals_are_shown_cut_and_without_control_bytes(void **state)
{
	static const struct {
		const char *answer;
		const char *shown, *hint;
	} cases[] = {
		{ "HTTP/1.1 418 x\r\nContent-Length: 5\r\n\r\n\x1b[2Jx",
		    "status 418: no reason was given", "" },
		{ "HTTP/1.1 400 x\r\nContent-Length: 39\r\n\r\n"
		  "{\"error\":\"a\\u001bb\\nc\",\"hint\":\"\\u0007\"}",
		    "status 400: a?b?c", "?" },
		{ "HTTP/1.1 400 x\r\nContent-Length: 13\r\n\r\n"
		  "{\"error\":[1]}",
		    "status 400: no reason was given", "" },
		{ "HTTP/1.1 307 x\r\nLocation: https://127.0.0.1:1/\r\n"
		  "Content-Length: 0\r\n\r\n",
		    "status 307: no reason was given", "" },
	};

	(void)state;
	setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct process *parrot;
		struct courier *c;
		struct bytes out;
		struct fault f;

		bytes_init(&out, 1000);
		assert_ok(open_courier(&c,
		    start_parrot(&parrot, cases[i].answer), "vendor", 0, &f));
		assert_refused(
		    courier_get(c, "/v1/nonce", none, &out, &f), FAULT_PEER);
		if (strstr(f.text, cases[i].shown) == NULL)
			fail_msg("%s: %s", cases[i].shown, f.text);
		assert_string_equal(f.hint, cases[i].hint);
		bytes_free(&out);
		courier_close(c);
		process_kill(parrot);
	}
	teardown();
}

static void
bytes_that_were_not_asked_for_are_not_written(void **state)
{
	static const char *const answers[] = {
		/* all of it, when a range was wanted */
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789",
		/* another range */
		"HTTP/1.1 206 x\r\nContent-Range: bytes 0-3/10\r\n"
		"Content-Length: 4\r\n\r\n0123",
		"HTTP/1.1 206 x\r\nContent-Range: bytes 5-8/10\r\n"
		"Content-Length: 4\r\n\r\n5678",
		"HTTP/1.1 206 x\r\nContent-Range: bytes 4-3/10\r\n"
		"Content-Length: 4\r\n\r\n0123",
		"HTTP/1.1 206 x\r\nContent-Range: bytes=4-7/10\r\n"
		"Content-Length: 4\r\n\r\n4567",
		"HTTP/1.1 206 x\r\nContent-Length: 4\r\n\r\n4567",
		/* more than the range */
		"HTTP/1.1 206 x\r\nContent-Range: bytes 4-7/10\r\n"
		"Content-Length: 6\r\n\r\n456789",
		/* less */
		"HTTP/1.1 206 x\r\nContent-Range: bytes 4-7/10\r\n"
		"Content-Length: 3\r\n\r\n456",
		"HTTP/1.1 206 x\r\nContent-Range: bytes 4-7/10\r\n"
		"Content-Length: 4\r\n\r\n456",
		/* no HTTP at all */
		"hello, I am a server\r\n\r\n",
	};

	(void)state;
	setup();
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct courier_range r = {
			.path = "/v1/objects/x", .first = 4, .count = 4
		};
		struct process *parrot;
		struct courier *c;
		struct fault f;
		uint64_t got;
		char byte;

		assert_ok(open_courier(
		    &c, start_parrot(&parrot, answers[i]), "vendor", 0, &f));
		r.fd = openat(
		    agent.folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		assert_refused(courier_fetch(c, &r, &got, &f), FAULT_PEER);
		if (got > 3)
			fail_msg("answer %zu: %u bytes", i, (unsigned)got);
		if (got > 0) {
			assert_int_equal(pread(r.fd, &byte, 1, 0), 1);
			assert_int_equal(byte, '4');
		}
		assert_int_equal(lseek(r.fd, 0, SEEK_END), got);
		file_close(&r.fd);
		courier_close(c);
		process_kill(parrot);
	}
	teardown();
}

static void
count(void *state)
{
	++*(unsigned *)state;
}

static void
nobody_listening_is_told_after_the_retries(void **state)
{
	struct courier_options o = { .url = "https://127.0.0.1:1",
		.key = "vendor",
		.retries = 1,
		.connecting = count };
	unsigned told = 0;
	struct courier *c;
	struct bytes out;
	struct fault f;
	double began;

	(void)state;
	setup();
	bytes_init(&out, 1000);
	o.keeper = keeper_end;
	o.state = &told;
	assert_ok(tls_public(o.pin, agent_seed, &f));
	assert_ok(courier_open(&c, &o, &f));
	began = clock_monotonic();
	assert_refused(courier_get(c, "/v1/nonce", none, &out, &f), FAULT_PEER);
	assert_true(clock_monotonic() - began >= 0.4);
	assert_non_null(strstr(f.text,
	    "https://127.0.0.1:1: does not answer: Connection refused"));
	assert_non_null(strstr(f.hint, "is that its address"));
	assert_true(told >= 1);
	bytes_free(&out);
	courier_close(c);
	teardown();
}

static void
addresses_of_servers_have_one_form(void **state)
{
	static const char *const bad[] = { "", "https://", "http://a:1",
		"HTTPS://a:1", "https://a:", "https://a:0", "https://a:65536",
		"https://a:1/", "https://a/x", "https://u@a:1", "https://a b",
		"https://[::1", "https://[x]:1", "https://::1:1", "https://a?b",
		"https://:1" };
	struct server s;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(resolve_server(&s, bad[i], &f), FAULT_USAGE);
	assert_ok(resolve_server(&s, "https://127.0.0.1:8471", &f));
	assert_string_equal(s.url, "https://127.0.0.1:8471");
	assert_string_equal(s.resolve, "");
	assert_ok(resolve_server(&s, "https://[::1]:8471", &f));
	assert_string_equal(s.resolve, "");
	/* This machine needs no file to be found, another by its name does. */
	assert_ok(resolve_server(&s, "https://localhost:8471", &f));
	assert_string_equal(s.resolve, "localhost:8471:127.0.0.1,[::1]");
	assert_ok(resolve_server(&s, "https://a.LocalHost:1", &f));
	assert_string_equal(s.resolve, "a.LocalHost:1:127.0.0.1,[::1]");
	assert_refused(
	    resolve_server(&s, "https://localhost.invalid:1", &f), FAULT_PEER);
	/* Not an address as we write them, but the system reads it. */
	assert_ok(resolve_server(&s, "https://127.1:8471", &f));
	assert_string_equal(s.resolve, "127.1:8471:127.0.0.1");
	assert_refused(
	    resolve_server(&s, "https://nowhere.invalid:1", &f), FAULT_PEER);
}

static void
visit_by_name(const char *name)
{
	struct courier_options o = { .key = "vendor" };
	struct courier *c;
	struct bytes out;
	struct fault f;
	char url[100];

	setup();
	(void)snprintf(url, sizeof(url), "https://%s:%u", name, agent.port);
	o.url = url;
	o.keeper = keeper_end;
	assert_ok(tls_public(o.pin, agent_seed, &f));
	bytes_init(&out, 1000);
	assert_ok(courier_open(&c, &o, &f));
	assert_ok(courier_get(c, "/v1/nonce", none, &out, &f));
	bytes_free(&out);
	courier_close(c);
	teardown();
}

static void
a_name_is_looked_up_before_the_courier_is_confined(void **state)
{
	(void)state;
	visit_by_name("localhost");
	visit_by_name("127.1");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_wrong_pin_fails_before_any_byte_of_a_request),
		cmocka_unit_test(
		    refusals_are_shown_cut_and_without_control_bytes),
		cmocka_unit_test(bytes_that_were_not_asked_for_are_not_written),
		cmocka_unit_test(nobody_listening_is_told_after_the_retries),
		cmocka_unit_test(addresses_of_servers_have_one_form),
		cmocka_unit_test(
		    a_name_is_looked_up_before_the_courier_is_confined),
	};

	process_begin(argc, argv, test_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
