/*
 * The courier: the process that speaks to the network on a command's behalf.
 *
 * It gets the TLS key from the keeper, prepares libcurl, and confines itself:
 * it may make TCP connections, but open no file and start nothing.  A server
 * that finds a hole in libcurl or OpenSSL finds ciphertext, and one TLS key,
 * which admits to a listener and authorises nothing.
 */

#include <string.h>
#include <sys/socket.h>

#include <seccomp.h>

#include "gateway/client/client_internal.h"
#include "keys/base/files.h"
#include "keys/base/secret.h"
#include "keys/tls/tls.h"

#define KEEPER PROCESS_GIVEN

#define CALL(name) SCMP_SYS(name), SANDBOX_ALLOW
static const struct sandbox_call calls[] = {
	{ CALL(socket), 0, UINT32_MAX, AF_INET, "TCP" },
	{ CALL(socket), 0, UINT32_MAX, AF_INET6, "the same" },
	{ CALL(connect), 0, 0, 0, "the server" },
	{ CALL(getsockname), 0, 0, 0, "libcurl notes both ends" },
	{ CALL(getpeername), 0, 0, 0, "the same" },
	{ CALL(getsockopt), 0, 0, 0, "did the connection fail?" },
	{ CALL(setsockopt), 0, 0, 0, "TCP_NODELAY, keepalive" },
	{ CALL(sendto), 0, 0, 0, "send()" },
	{ CALL(recvfrom), 0, 0, 0, "recv()" },
	{ CALL(shutdown), 0, 0, 0, "ends" },
	{ 0, SANDBOX_ALLOW, 0, 0, 0, NULL },
};
static const struct sandbox box = { .role = "courier", .calls = calls };

static int
get_seed(const struct server *s, uint8_t seed[32], struct fault *f)
{
	struct channel *keeper = NULL;
	struct message m;
	struct reader body;
	int rc = -1;

	message_init(&m, 1024);
	if (channel_new(&keeper, KEEPER, f) == 0 &&
	    ask_begin(&m, COURIER_IDENTITY, f) == 0 &&
	    put_text(&m.body, s->key, f) == 0 &&
	    ask(keeper, &m, &m, &body, f) == 0 &&
	    take_bytes(&body, seed, 32, f) == 0 && take_end(&body, f) == 0)
		rc = 0;
	message_free(&m);
	channel_free(keeper);
	return rc;
}

/* The first request: where to, and with which key.  Then no way back. */
static int
prepare(struct line *l, struct reader *in, struct fault *f)
{
	uint8_t seed[32];
	struct server s;
	int rc = -1;

	if (take_server(in, &s, f) != 0)
		return -1;
	if (tls_start(f) == 0 && get_seed(&s, seed, f) == 0 &&
	    line_server(l, &s, seed, f) == 0)
		rc = sandbox_enter(&box, f);
	secret_wipe(seed, sizeof(seed));
	return rc;
}

static int
transfer(struct line *l, struct message *request, struct reader *in,
    struct channel *up, struct message *answer, struct fault *f)
{
	struct transfer t;
	struct bytes body;
	unsigned status;
	int rc = -1;

	if (take_transfer(in, request, &t, f) != 0)
		return -1;
	bytes_init(&body, t.answer_max < MESSAGE_MAX - 16 ? (size_t)t.answer_max
							  : MESSAGE_MAX - 16);
	if (line_transfer(l, &t, up, &status, &body, f) == 0 &&
	    put_u16(&answer->body, (uint16_t)status, f) == 0 &&
	    put_slice(&answer->body, body.at, body.len, f) == 0)
		rc = 0;
	file_close(&t.from);
	file_close(&t.to);
	bytes_free(&body);
	return rc;
}

static int
answer_one(struct line *l, struct message *request, struct channel *up,
    struct fault *f)
{
	struct reader in = reader_of(request->body.at, request->body.len);
	struct fault why = { 0 };
	struct message answer;
	uint16_t code;
	int rc = -1;

	message_init(&answer, MESSAGE_MAX);
	if (take_u16(&in, &code, f) != 0 || put_u8(&answer.body, 1, f) != 0)
		goto out;
	if (code == COURIER_SERVER)
		rc = prepare(l, &in, &why);
	else if (code == COURIER_TRANSFER)
		rc = transfer(l, request, &in, up, &answer, &why);
	else
		(void)fault_set(&why, FAULT_INPUT, "unknown request");
	if (rc != 0) {
		message_reset(&answer);
		if (put_u8(&answer.body, 0, f) != 0 ||
		    put_fault(&answer.body, &why, f) != 0)
			goto out;
	}
	rc = channel_send(up, &answer, f);
out:
	message_free(&answer);
	return rc;
}

int
courier_role(struct channel *up, struct fault *f)
{
	struct line *l = NULL;
	struct message request;
	bool end = false;
	int rc = -1;

	message_init(&request, COURIER_BODY_MAX + 16384);
	if (line_new(&l, f) != 0)
		goto out;
	do
		rc = channel_receive(up, &request, -1, &end, f);
	while (rc == 0 && !end && (rc = answer_one(l, &request, up, f)) == 0);
out:
	message_free(&request);
	line_free(l);
	return rc;
}
