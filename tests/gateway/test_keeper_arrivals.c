/* Returns on their way in: what was given up goes, and one vendor does not fill
 * the owner's disk. */

#include "tests/gateway/asked_story.h"
#include "tests/gateway/later.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

/* A batch of which something was released. */
static void
begin(struct asked_story *s)
{
	asked_ready(s);
	assert_int_equal(asked_release(s), 200);
}

/* A part of some return of the batch, of a few bytes: 200, or what refuses it;
 * dropped on the way if so. */
static unsigned
part(struct asked_story *s, const char *ret, uint32_t n, const char *bytes)
{
	struct agent_request r = asked_request(s, "PUT", "/v1/part");
	struct fault f = { 0 };
	struct reader in;
	unsigned status;
	int fd;

	memcpy(r.batch, s->batch, sizeof(r.batch));
	memcpy(r.ret, ret, sizeof(r.ret));
	r.part = n;
	r.length = strlen(bytes);
	if ((status = asked(s, AGENT_RETURN_PART, &r)) != 200)
		return status;
	assert_ok(message_fd(&s->answer, 0, &fd, &f));
	assert_ok(file_write(fd, bytes, strlen(bytes), &f));
	file_close(&fd);
	r.ticket = s->said.ticket;
	digest_of(r.digest, bytes, strlen(bytes));
	assert_ok(
	    agent_put_request(&s->request, AGENT_RETURN_PART_DONE, &r, &f));
	if (ask(s->door, &s->request, &s->answer, &in, &f) != 0)
		return 400;
	return 200;
}

static unsigned
begins(struct asked_story *s)
{
	char ret[ID_CHARS + 1];

	id_new(ret, 'r');
	return part(s, ret, 1, "part");
}

static unsigned
claim(struct asked_story *s, const char *ret, const char *bytes, int parts)
{
	char tail[64], hex[DIGEST_CHARS + 1], body[200];
	uint8_t digest[DIGEST_BYTES];
	struct agent_request r;

	digest_of(digest, bytes, strlen(bytes));
	hex_write(hex, digest, sizeof(digest));
	(void)snprintf(body, sizeof(body),
	    "{\"object\":\"%s\",\"bytes\":%zu,\"parts\":%d}", hex,
	    strlen(bytes), parts);
	(void)snprintf(tail, sizeof(tail), "/returns/%s", ret);
	r = asked_post(s, tail, slice_of_text(body));
	memcpy(r.ret, ret, sizeof(r.ret));
	return asked_once(s, AGENT_RETURN, r);
}

static unsigned
folders(struct asked_story *s)
{
	char command[300];
	unsigned n = 0;
	FILE *p;

	(void)snprintf(
	    command, sizeof(command), "ls %s/quarantine | wc -l", s->home.home);
	p = popen(command, "r"); /* NOLINT: the test's own words */
	assert_non_null(p);
	assert_int_equal(fscanf(p, "%u", &n), 1);
	assert_int_equal(pclose(p), 0);
	return n;
}

static void
uploads_that_were_given_up_do_not_block_their_batch(void **state)
{
	struct asked_story s;

	(void)state;
	begin(&s);
	for (int i = 0; i < 16; i++)
		assert_int_equal(begins(&s), 200);
	assert_int_equal(begins(&s), 403);
	assert_rule(&s, "too-many");
	later(s.home.home, "86000");
	assert_int_equal(begins(&s), 403);
	later(s.home.home, "86500");
	assert_int_equal(begins(&s), 200);
	assert_int_equal(folders(&s), 1);
	asked_end(&s);
}

static void
what_was_given_up_goes_without_anybody_asking(void **state)
{
	char ended[ID_CHARS + 1];
	struct asked_story s;

	(void)state;
	begin(&s);
	id_new(ended, 'r');
	assert_int_equal(part(&s, ended, 1, "labels"), 200);
	assert_int_equal(claim(&s, ended, "labels", 1), 200);
	assert_int_equal(begins(&s), 200);
	assert_int_equal(folders(&s), 2);
	later(s.home.home, "90000");
	for (int i = 0; folders(&s) > 1; i++) {
		assert_true(i < 200);
		(void)poll(NULL, 0, 50);
	}
	/* The one that ended waits for the owner, however long. */
	later(s.home.home, "9000000");
	(void)poll(NULL, 0, 2500);
	assert_int_equal(folders(&s), 1);
	asked_end(&s);
}

static void
a_vendor_begins_no_more_than_its_share_of_the_disk(void **state)
{
	struct asked_story s;

	(void)state;
	begin(&s);
	for (int b = 0; b < 2; b++) {
		for (int i = 0; i < 16; i++)
			assert_int_equal(begins(&s), 200);
		asked_batch(&s, b == 0 ? "second" : "third");
		assert_int_equal(asked_release(&s), 200);
	}
	assert_int_equal(begins(&s), 403);
	assert_rule(&s, "too-much");
	asked_end(&s);
}

static void
a_claim_is_about_all_that_came(void **state)
{
	struct agent_request r;
	char ret[ID_CHARS + 1];
	struct asked_story s;
	struct fault f = { 0 };

	(void)state;
	begin(&s);
	id_new(ret, 'r');
	assert_int_equal(part(&s, ret, 1, "one"), 200);
	assert_int_equal(part(&s, ret, 3, "beside it"), 200);
	assert_int_equal(claim(&s, ret, "one", 1), 400);
	assert_int_equal(part(&s, ret, 2, "two"), 200);
	/* One more is begun, and comes too late. */
	r = asked_request(&s, "PUT", "/v1/part");
	memcpy(r.batch, s.batch, sizeof(r.batch));
	memcpy(r.ret, ret, sizeof(r.ret));
	r.part = 4;
	assert_int_equal(asked(&s, AGENT_RETURN_PART, &r), 200);
	r.ticket = s.said.ticket;
	assert_int_equal(claim(&s, ret, "onetwobeside it", 3), 200);
	assert_ok(
	    agent_put_request(&s.request, AGENT_RETURN_PART_DONE, &r, &f));
	assert_int_equal(asked(&s, AGENT_RETURN_PART_DONE, &r), 400);
	assert_non_null(strstr(s.text, "ended while"));
	asked_end(&s);
}

static void
a_suspended_vendor_uploads_nothing(void **state)
{
	char ret[ID_CHARS + 1];
	struct asked_story s;

	(void)state;
	begin(&s);
	id_new(ret, 'r');
	assert_int_equal(part(&s, ret, 1, "labels"), 200);
	does(&s.home, KEEPER_VENDOR_CHANGE,
	    json_pack("{s:s,s:s}", "vendor", "acme", "to", "suspended"));
	assert_int_equal(part(&s, ret, 2, "labels"), 403);
	assert_rule(&s, "vendor-suspended");
	assert_int_equal(claim(&s, ret, "labels", 1), 403);
	assert_rule(&s, "vendor-suspended");
	does(&s.home, KEEPER_VENDOR_CHANGE,
	    json_pack("{s:s,s:s}", "vendor", "acme", "to", "resumed"));
	assert_int_equal(claim(&s, ret, "labels", 1), 200);
	asked_end(&s);
}

/* The keeper died before the folder said whose it is, or in the midst of
 * removing it: what lies there is nobody's. */
static void
a_folder_that_a_crash_left_is_made_anew(void **state)
{
	char ret[ID_CHARS + 1], path[300];
	struct asked_story s;

	(void)state;
	begin(&s);
	id_new(ret, 'r');
	(void)snprintf(
	    path, sizeof(path), "%s/quarantine/%s", s.home.home, ret);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(part(&s, ret, 1, "labels"), 200);
	assert_int_equal(claim(&s, ret, "labels", 1), 200);

	id_new(ret, 'r');
	(void)snprintf(
	    path, sizeof(path), "%s/quarantine/%s", s.home.home, ret);
	assert_int_equal(part(&s, ret, 2, "of before"), 200);
	(void)strncat(path, "/of", sizeof(path) - strlen(path) - 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(part(&s, ret, 1, "labels"), 200);
	assert_int_equal(claim(&s, ret, "labels", 1), 200);
	asked_end(&s);
}

static const struct CMUnitTest all[] = {
	cmocka_unit_test(uploads_that_were_given_up_do_not_block_their_batch),
	cmocka_unit_test(what_was_given_up_goes_without_anybody_asking),
	cmocka_unit_test(a_vendor_begins_no_more_than_its_share_of_the_disk),
	cmocka_unit_test(a_claim_is_about_all_that_came),
	cmocka_unit_test(a_suspended_vendor_uploads_nothing),
	cmocka_unit_test(a_folder_that_a_crash_left_is_made_anew),
};

HOME_STORY_MAIN(all)
