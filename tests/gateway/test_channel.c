/* gateway/process: messages, channels, descriptors, and peers that misbehave.
 */

#include "tests/support/test.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/process/process.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

struct ends {
	struct channel *a;
	struct channel *b;
	int raw; /* a's socket, to write garbage to */
};

static void
open_ends(struct ends *e)
{
	struct fault f;
	int fds[2];

	assert_ok(channel_pair(fds, &f));
	e->raw = fds[0];
	assert_ok(channel_new(&e->a, fds[0], &f));
	assert_ok(channel_new(&e->b, fds[1], &f));
}

static void
close_ends(struct ends *e)
{
	channel_free(e->a);
	channel_free(e->b);
}

static void
fill(struct message *m, size_t len)
{
	struct fault f;

	message_init(m, MESSAGE_MAX);
	assert_ok(bytes_reserve(&m->body, len, &f));
	for (size_t i = 0; i < len; i++)
		m->body.at[i] = (uint8_t)(i * 2654435761u >> 13);
	m->body.len = len;
}

static void *
send_it(void *arg)
{
	struct fault f = { 0 };
	void **a = arg;

	return channel_send(a[0], a[1], &f) == 0 ? NULL : arg;
}

static void
check_crosses(size_t len)
{
	struct fault f;
	struct ends e;
	struct message out, in;
	pthread_t sender;
	void *args[2], *failed;
	bool end;

	open_ends(&e);
	fill(&out, len);
	message_init(&in, MESSAGE_MAX);
	args[0] = e.a;
	args[1] = &out;
	assert_int_equal(pthread_create(&sender, NULL, send_it, args), 0);
	assert_ok(channel_receive(e.b, &in, 20000, &end, &f));
	assert_int_equal(pthread_join(sender, &failed), 0);
	assert_null(failed);
	assert_false(end);
	assert_int_equal(in.body.len, len);
	if (len > 0)
		assert_memory_equal(in.body.at, out.body.at, len);
	message_free(&in);
	message_free(&out);
	close_ends(&e);
}

static void
messages_of_0_1_and_16_mib_arrive_as_they_were(void **state)
{
	static const size_t sizes[] = { 0, 1, 7, 65536, 1000003, MESSAGE_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		check_crosses(sizes[i]);
}

static void
a_message_over_the_readers_ceiling_is_refused_before_it_is_held(void **state)
{
	struct fault f;
	struct ends e;
	struct message out, in;
	bool end;

	(void)state;
	open_ends(&e);
	fill(&out, 101);
	message_init(&in, 100);
	assert_ok(channel_send(e.a, &out, &f));
	assert_refused(channel_receive(e.b, &in, 1000, &end, &f), FAULT_PEER);
	assert_string_equal(f.text, "channel: a message over 100 bytes");
	assert_null(in.body.at);
	assert_refused(channel_receive(e.b, &in, 1000, &end, &f), FAULT_PEER);
	message_free(&out);
	close_ends(&e);
}

static void
sixty_four_descriptors_travel_with_one_message(void **state)
{
	struct fault f;
	struct ends e;
	struct message out, in;
	bool end;

	(void)state;
	open_ends(&e);
	fill(&out, 3);
	for (unsigned i = 0; i < MESSAGE_FDS_MAX; i++) {
		int fd = memfd_create("given", MFD_CLOEXEC);
		char digit = (char)('0' + i % 10);

		assert_int_equal(pwrite(fd, &digit, 1, i), 1);
		assert_ok(message_add_fd(&out, fd, &f));
		file_close(&fd);
	}
	assert_refused(message_add_fd(&out, 0, &f), FAULT_INPUT);
	message_init(&in, 100);
	assert_ok(channel_send(e.a, &out, &f));
	assert_ok(channel_receive(e.b, &in, 1000, &end, &f));
	assert_int_equal(in.nfds, MESSAGE_FDS_MAX);
	for (unsigned i = 0; i < MESSAGE_FDS_MAX; i++) {
		struct stat st;
		int fd;

		assert_ok(message_fd(&in, i, &fd, &f));
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_size, i + 1);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		file_close(&fd);
		assert_refused(message_fd(&in, i, &fd, &f), FAULT_PEER);
	}
	assert_refused(message_fd(&in, 64, &(int){ 0 }, &f), FAULT_PEER);
	message_free(&in);
	message_free(&out);
	close_ends(&e);
}

static int
open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void
descriptors_nobody_takes_are_closed_with_the_message(void **state)
{
	struct fault f;
	struct ends e;
	struct message out, in;
	int before;
	bool end;

	(void)state;
	open_ends(&e);
	before = open_descriptors();
	message_init(&out, 0);
	for (int i = 0; i < 10; i++)
		assert_ok(message_add_fd(&out, 2, &f));
	message_init(&in, 0);
	assert_ok(channel_send(e.a, &out, &f));
	assert_ok(channel_receive(e.b, &in, 1000, &end, &f));
	assert_int_equal(open_descriptors(), before + 20);
	message_free(&in);
	message_free(&out);
	assert_int_equal(open_descriptors(), before);
	close_ends(&e);
}

/* Raw bytes, perhaps with descriptors, as a peer gone wrong sends them. */
static void
send_raw(int fd, const void *p, size_t len, size_t nfds)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * 8)];
	} control = { .room = { 0 } };
	struct iovec io = { .iov_len = len };
	struct msghdr h = { .msg_iov = &io, .msg_iovlen = 1 };
	int two[8] = { 2, 2, 2, 2, 2, 2, 2, 2 };

	memcpy(&io.iov_base, &p, sizeof(p));
	if (nfds > 0) {
		h.msg_control = control.room;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(&control.align), two, sizeof(int) * nfds);
	}
	assert_int_equal(sendmsg(fd, &h, 0), (ssize_t)len);
}

static void
what_is_not_a_message_ends_the_channel(void **state)
{
	static const struct {
		const char *bytes;
		size_t len, nfds;
		const char *text;
	} bad[] = {
		{ "\0\0\0\0\0hf2", 8, 0, "channel: not a message" },
		{ "GET / HTTP/1.1\r\n", 16, 0, "channel: not a message" },
		{ "\0\0\0\0\1hf1", 8, 0,
		    "channel: 1 descriptors announced, 0 came" },
		{ "\0\0\0\0\0hf1", 8, 1,
		    "channel: 0 descriptors announced, 1 came" },
		{ "\0\0\0\0\2hf1", 8, 3,
		    "channel: 2 descriptors announced, 3 came" },
		{ "\xff\xff\xff\xff\0hf1", 8, 0,
		    "channel: a message over 1000 bytes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fault f;
		struct ends e;
		struct message in;
		int before;
		bool end;

		open_ends(&e);
		before = open_descriptors();
		message_init(&in, 1000);
		send_raw(e.raw, bad[i].bytes, bad[i].len, bad[i].nfds);
		assert_refused(
		    channel_receive(e.b, &in, 1000, &end, &f), FAULT_PEER);
		assert_string_equal(f.text, bad[i].text);
		assert_int_equal(open_descriptors(), before);
		close_ends(&e);
	}
}

static void
a_descriptor_in_the_middle_of_a_message_is_refused(void **state)
{
	struct fault f;
	struct ends e;
	struct message in;
	bool end;

	(void)state;
	open_ends(&e);
	message_init(&in, 1000);
	send_raw(e.raw, "\0\0\0\2\0hf1x", 9, 0);
	send_raw(e.raw, "y", 1, 1);
	assert_refused(channel_receive(e.b, &in, 1000, &end, &f), FAULT_PEER);
	assert_string_equal(f.text, "channel: a descriptor inside a message");
	close_ends(&e);
}

static void
an_end_between_messages_is_no_fault_and_inside_one_is(void **state)
{
	static const char *const part[] = { "", "\0", "\0\0\0\2\0hf1",
		"\0\0\0\2\0hf1x" };
	static const size_t lens[] = { 0, 1, 8, 9 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct fault f;
		struct ends e;
		struct message in;
		bool end = false;

		open_ends(&e);
		message_init(&in, 1000);
		if (lens[i] > 0)
			send_raw(e.raw, part[i], lens[i], 0);
		channel_free(e.a);
		e.a = NULL;
		if (lens[i] == 0) {
			assert_ok(channel_receive(e.b, &in, 1000, &end, &f));
			assert_true(end);
		} else {
			assert_refused(
			    channel_receive(e.b, &in, 1000, &end, &f),
			    FAULT_PEER);
			assert_string_equal(
			    f.text, "channel: ended inside a message");
		}
		close_ends(&e);
	}
}

static void
half_a_message_holds_nobody_past_the_time_given(void **state)
{
	struct fault f;
	struct ends e;
	struct message in;
	enum channel_got got;
	bool end;

	(void)state;
	open_ends(&e);
	message_init(&in, 1000);
	send_raw(e.raw, "\0\0\0\2\0hf1x", 9, 0);
	assert_ok(channel_try(e.b, &in, &got, &f));
	assert_int_equal(got, CHANNEL_NOTHING);
	assert_refused(channel_receive(e.b, &in, 50, &end, &f), FAULT_PEER);
	assert_string_equal(f.text, "channel: no message within 50 ms");
	send_raw(e.raw, "y", 1, 0);
	assert_ok(channel_receive(e.b, &in, 1000, &end, &f));
	assert_int_equal(in.body.len, 2);
	assert_memory_equal(in.body.at, "xy", 2);
	message_free(&in);
	close_ends(&e);
}

static void
a_message_is_the_same_however_it_is_cut(void **state)
{
	static const char whole[] = "\0\0\0\5\0hf1hello\0\0\0\0\0hf1";

	(void)state;
	for (size_t cut = 1; cut < sizeof(whole) - 1; cut++) {
		struct fault f;
		struct ends e;
		struct message in;
		enum channel_got got;
		size_t seen = 0;

		open_ends(&e);
		message_init(&in, 5);
		for (int half = 0; half < 2; half++) {
			send_raw(e.raw, half ? whole + cut : whole,
			    half ? sizeof(whole) - 1 - cut : cut, 0);
			for (;;) {
				assert_ok(channel_try(e.b, &in, &got, &f));
				if (got != CHANNEL_MESSAGE)
					break;
				assert_int_equal(in.body.len, seen++ ? 0 : 5);
			}
		}
		assert_int_equal(seen, 2);
		message_free(&in);
		close_ends(&e);
	}
}

static void
a_queue_takes_what_the_socket_does_not(void **state)
{
	struct fault f;
	struct ends e;
	struct message out, in;
	enum channel_got got;
	size_t seen = 0;

	(void)state;
	open_ends(&e);
	for (int i = 0; i < 3; i++) {
		fill(&out, 1 << 20);
		assert_ok(channel_queue(e.a, &out, &f));
		assert_int_equal(out.body.len, 0);
	}
	assert_true(channel_unsent(e.a) > 2 << 20);
	message_init(&in, MESSAGE_MAX);
	while (seen < 3) {
		assert_ok(channel_flush(e.a, &f));
		assert_ok(channel_try(e.b, &in, &got, &f));
		seen += got == CHANNEL_MESSAGE;
	}
	assert_int_equal(channel_unsent(e.a), 0);
	assert_int_equal(in.body.len, 1 << 20);
	message_free(&in);
	close_ends(&e);
}

static void
sending_to_a_peer_that_is_gone_is_a_fault_and_no_signal(void **state)
{
	struct fault f;
	struct ends e;
	struct message out;

	(void)state;
	open_ends(&e);
	channel_free(e.b);
	e.b = NULL;
	fill(&out, 10);
	assert_refused(channel_send(e.a, &out, &f), FAULT_PEER);
	assert_string_equal(f.text, "channel: the other side is gone");
	assert_refused(channel_send(e.a, &out, &f), FAULT_PEER);
	message_free(&out);
	close_ends(&e);
}

static void
without_memory_a_channel_fails_cleanly(void **state)
{
	int done = 0;

	(void)state;
	for (long n = 0; !done; n++) {
		struct fault f = { 0 };
		struct channel *a = NULL, *b = NULL;
		struct message out, in;
		int fds[2], before = open_descriptors();
		enum channel_got got = CHANNEL_NOTHING;

		message_init(&in, 100);
		message_init(&out, 100);
		mem_fail_after(n);
		assert_int_equal(channel_pair(fds, &f), 0);
		done = channel_new(&a, fds[0], &f) == 0;
		done = channel_new(&b, fds[1], &f) == 0 && done;
		done = done && bytes_add_text(&out.body, "x", &f) == 0 &&
		       channel_queue(a, &out, &f) == 0 &&
		       channel_try(b, &in, &got, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		message_free(&in);
		message_free(&out);
		channel_free(a);
		channel_free(b);
		assert_int_equal(open_descriptors(), before);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    messages_of_0_1_and_16_mib_arrive_as_they_were),
		cmocka_unit_test(
		    a_message_over_the_readers_ceiling_is_refused_before_it_is_held),
		cmocka_unit_test(
		    sixty_four_descriptors_travel_with_one_message),
		cmocka_unit_test(
		    descriptors_nobody_takes_are_closed_with_the_message),
		cmocka_unit_test(what_is_not_a_message_ends_the_channel),
		cmocka_unit_test(
		    a_descriptor_in_the_middle_of_a_message_is_refused),
		cmocka_unit_test(
		    an_end_between_messages_is_no_fault_and_inside_one_is),
		cmocka_unit_test(
		    half_a_message_holds_nobody_past_the_time_given),
		cmocka_unit_test(a_message_is_the_same_however_it_is_cut),
		cmocka_unit_test(a_queue_takes_what_the_socket_does_not),
		cmocka_unit_test(
		    sending_to_a_peer_that_is_gone_is_a_fault_and_no_signal),
		cmocka_unit_test(without_memory_a_channel_fails_cleanly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
