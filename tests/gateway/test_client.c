/* gateway/client: the real courier against the real listener, good lines and
 * bad ones. */

#include "tests/support/courier.h"

#define HUGE 8000000u

/* ---- A line that breaks ---- */

/* Pass one connection on, both ways; cut it after cut bytes (0: never). */
static void
relay_one(int near, int far, size_t cut)
{
	struct pollfd p[2] = { { near, POLLIN, 0 }, { far, POLLIN, 0 } };
	size_t passed = 0;
	uint8_t buf[16384];

	while (poll(p, 2, -1) > 0)
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (p[i].revents == 0)
				continue;
			n = recv(p[i].fd, buf, sizeof(buf), 0);
			if (n <= 0)
				return;
			passed += i == 1 ? (size_t)n : 0;
			if (cut > 0 && passed > cut)
				return;
			if (send(p[!i].fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
				return;
		}
}

static int
role_relay(struct channel *up, struct fault *f)
{
	struct relay r;
	struct message m;
	int fd;
	bool end;

	message_init(&m, sizeof(r));
	if (channel_receive(up, &m, -1, &end, f) != 0)
		return -1;
	memcpy(&r, m.body.at, sizeof(r));
	message_free(&m);
	fd = listen_somewhere(up, f);
	for (uint32_t i = 0;; i++) {
		struct pollfd p[2] = { { fd, POLLIN, 0 },
			{ channel_fd(up), POLLIN, 0 } };
		int near, far;

		if (poll(p, 2, -1) < 0 || p[1].revents != 0)
			return 0;
		near = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		far = connect_to(r.port);
		relay_one(near, far, i < r.times ? r.cut : 0);
		file_close(&near);
		file_close(&far);
	}
}

static const struct process_role test_roles[] = {
	{ "relay", role_relay },
	{ "testkeeper", role_test_keeper },
	{ "testagent", role_test_agent },
	{ "listener", agent_listener },
	{ "courier", courier_role },
	{ NULL, NULL },
};

/* ---- The tests ---- */

static void
requests_carry_statement_and_body(void **state)
{
	struct slice statement = slice_of_text("{\"payload\":\"\"}");
	struct courier *c;
	struct bytes out;
	struct fault f;

	(void)state;
	setup();
	assert_ok(open_courier(&c, agent.port, "vendor", 0, &f));
	bytes_init(&out, 10000);
	assert_ok(courier_get(c, "/v1/nonce", none, &out, &f));
	assert_ok(bytes_end_text(&out, &f));
	assert_non_null(strstr((char *)out.at, "\"path\":\"/v1/nonce\""));
	bytes_reset(&out);
	assert_ok(courier_post(c, "/v1/batches/" B "/release", statement,
	    slice_of_text("[1]"), &out, &f));
	assert_ok(bytes_end_text(&out, &f));
	assert_non_null(strstr((char *)out.at, "\"statement\":14,\"body\":3"));
	bytes_reset(&out);
	assert_ok(courier_post(
	    c, "/v1/batches/" B "/deletions", statement, none, &out, &f));
	bytes_free(&out);
	bytes_init(&out, 10);
	assert_refused(
	    courier_get(c, "/v1/nonce", none, &out, &f), FAULT_INPUT);
	bytes_free(&out);
	courier_close(c);
	teardown();
}

static void
refusals_bring_status_error_and_hint(void **state)
{
	struct slice statement = slice_of_text("{}");
	struct courier *c;
	struct bytes out;
	struct fault f;
	char want[200];

	(void)state;
	setup();
	bytes_init(&out, 10000);
	assert_ok(open_courier(&c, agent.port, "vendor", 0, &f));
	assert_refused(courier_post(c, "/v1/batches/" B "/release", statement,
			   slice_of_text("policy"), &out, &f),
	    FAULT_POLICY);
	(void)snprintf(want, sizeof(want),
	    "https://127.0.0.1:%u: status 403: batch \"x\": not approved "
	    "(rule policy)",
	    agent.port);
	assert_string_equal(f.text, want);
	assert_string_equal(f.hint, "handoff batch approve x");
	assert_refused(
	    courier_get(c, "/v1/nowhere", none, &out, &f), FAULT_PEER);
	assert_non_null(strstr(f.text, "status 404: no such path"));
	assert_ok(courier_get(c, "/v1/nonce", none, &out, &f));
	courier_close(c);
	assert_ok(open_courier(&c, agent.port, "stranger", 3, &f));
	assert_refused(
	    courier_get(c, "/v1/nonce", none, &out, &f), FAULT_POLICY);
	assert_non_null(strstr(f.text, "this key is not known here"));
	courier_close(c);
	bytes_free(&out);
	teardown();
}

/* What courier_fetch() tells of. */
struct watch_test {
	uint64_t last, calls, stop_at;
	int fd;
	const struct bytes *want;
};

static int
arrived(void *state, uint64_t got, struct fault *f)
{
	struct watch_test *w = state;
	uint8_t byte;

	assert_true(got >= w->last);
	w->last = got;
	w->calls++;
	/* What has arrived can be read, and verified, at once. */
	if (got > 0) {
		assert_int_equal(pread(w->fd, &byte, 1, (off_t)(got - 1)), 1);
		assert_int_equal(byte, w->want->at[got - 1]);
	}
	if (w->stop_at != 0 && got >= w->stop_at)
		return fault_set(f, FAULT_FORGED, "chunk 3: bad tag");
	return 0;
}

static void
check_file(int fd, const struct bytes *want, size_t first, size_t count)
{
	struct bytes got;
	struct fault f;

	bytes_init(&got, HUGE);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(file_read_fd(fd, &got, &f));
	assert_int_equal(got.len, count);
	assert_memory_equal(got.at, want->at + first, count);
	bytes_free(&got);
}

static int
new_file(void)
{
	int fd =
	    openat(agent.folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_int_not_equal(fd, -1);
	return fd;
}

static void
ranges_are_fetched_and_told_as_they_arrive(void **state)
{
	static const struct {
		uint64_t first, count, want;
	} cases[] = {
		{ 0, 0, HUGE },
		{ 0, 1, 1 },
		{ 65552, 65552, 65552 },
		{ 7999999, 0, 1 },
		{ 7999999, 1, 1 },
	};
	struct bytes content;
	char name[65], path[100];
	struct courier *c;
	struct fault f;
	uint64_t got;

	(void)state;
	setup();
	agent_object(&agent, HUGE, &content, name);
	(void)snprintf(path, sizeof(path), "/v1/objects/%s", name);
	assert_ok(open_courier(&c, agent.port, "vendor", 0, &f));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = new_file();
		struct watch_test w = { .fd = fd, .want = &content };
		struct courier_range r = { .path = path,
			.first = cases[i].first,
			.count = cases[i].count,
			.fd = fd,
			.arrived = i == 0 ? arrived : NULL,
			.state = &w };

		assert_ok(courier_fetch(c, &r, &got, &f));
		assert_int_equal(got, cases[i].want);
		check_file(fd, &content, cases[i].first, cases[i].want);
		if (i == 0)
			assert_true(w.calls > 5 && w.last == HUGE);
		file_close(&fd);
	}
	courier_close(c);
	bytes_free(&content);
	teardown();
}

static void
a_broken_transfer_goes_on_behind_the_last_byte(void **state)
{
	struct relay r = { .cut = 3000000, .times = 2 };
	struct process *relay;
	struct bytes content;
	char name[65], path[100];
	struct courier_range range = { .path = path };
	struct courier *c;
	struct fault f;
	uint64_t got;

	(void)state;
	setup();
	r.port = agent.port;
	agent_object(&agent, HUGE, &content, name);
	(void)snprintf(path, sizeof(path), "/v1/objects/%s", name);
	assert_ok(open_courier(
	    &c, start_server(&relay, "relay", &r, NULL), "vendor", 1, &f));
	range.fd = new_file();
	assert_ok(courier_fetch(c, &range, &got, &f));
	assert_int_equal(got, HUGE);
	check_file(range.fd, &content, 0, HUGE);
	file_close(&range.fd);
	courier_close(c);
	assert_ok(process_end(relay, 5000, &f));

	/* Without retries the caller learns how far it came, and goes on. */
	assert_ok(open_courier(
	    &c, start_server(&relay, "relay", &r, NULL), "vendor", 0, &f));
	range.fd = new_file();
	r.times = 1;
	assert_refused(courier_fetch(c, &range, &got, &f), FAULT_PEER);
	assert_true(got > 1000000 && got < 3000000);
	check_file(range.fd, &content, 0, got);
	file_close(&range.fd);
	courier_close(c);
	assert_ok(process_end(relay, 5000, &f));
	bytes_free(&content);
	teardown();
}

static void
a_transfer_can_be_stopped_and_the_courier_still_serves(void **state)
{
	struct bytes content, out;
	char name[65], path[100];
	struct watch_test w = { .stop_at = 300000, .want = &content };
	struct courier_range r = {
		.path = path, .arrived = arrived, .state = &w
	};
	struct courier *c;
	struct fault f;
	uint64_t got;

	(void)state;
	setup();
	agent_object(&agent, HUGE, &content, name);
	(void)snprintf(path, sizeof(path), "/v1/objects/%s", name);
	assert_ok(open_courier(&c, agent.port, "vendor", 0, &f));
	r.fd = w.fd = new_file();
	assert_refused(courier_fetch(c, &r, &got, &f), FAULT_FORGED);
	assert_string_equal(f.text, "chunk 3: bad tag");
	assert_true(got >= 300000 && got < HUGE);
	bytes_init(&out, 1000);
	assert_ok(courier_get(c, "/v1/nonce", none, &out, &f));
	file_close(&r.fd);
	bytes_free(&out);
	bytes_free(&content);
	courier_close(c);
	teardown();
}

static void
parts_are_sent_from_a_descriptor(void **state)
{
	struct relay r = { .cut = 1, .times = 1 };
	struct process *relay;
	struct bytes content, out, got;
	struct courier *c;
	struct fault f;
	char name[65];
	int fd;

	(void)state;
	setup();
	r.port = agent.port;
	agent_object(&agent, HUGE, &content, name);
	assert_ok(file_open_read(agent.folder, name, &fd, &f));
	/* The line breaks once, in the handshake. */
	assert_ok(open_courier(
	    &c, start_server(&relay, "relay", &r, NULL), "vendor", 2, &f));
	bytes_init(&out, 1000);
	assert_ok(courier_put(c, "/v1/batches/" B "/returns/" R "/parts/5", fd,
	    1000, HUGE - 3000, &out, &f));
	bytes_init(&got, HUGE);
	assert_ok(file_read(agent.folder, "part-5", &got, &f));
	assert_int_equal(got.len, HUGE - 3000);
	assert_memory_equal(got.at, content.at + 1000, got.len);
	assert_refused(
	    courier_put(c, "/v1/batches/" B "/returns/" R "/parts/404", fd, 0,
		2000000, &out, &f),
	    FAULT_PEER);
	assert_non_null(strstr(f.text, "status 404: no such batch"));
	assert_refused(courier_put(c, "/v1/batches/" B "/returns/" R "/parts/6",
			   fd, HUGE - 10, 20, &out, &f),
	    FAULT_INPUT);
	file_close(&fd);
	bytes_free(&content);
	bytes_free(&out);
	bytes_free(&got);
	courier_close(c);
	assert_ok(process_end(relay, 5000, &f));
	teardown();
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_carry_statement_and_body),
		cmocka_unit_test(refusals_bring_status_error_and_hint),
		cmocka_unit_test(ranges_are_fetched_and_told_as_they_arrive),
		cmocka_unit_test(
		    a_broken_transfer_goes_on_behind_the_last_byte),
		cmocka_unit_test(
		    a_transfer_can_be_stopped_and_the_courier_still_serves),
		cmocka_unit_test(parts_are_sent_from_a_descriptor),
	};

	process_begin(argc, argv, test_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
