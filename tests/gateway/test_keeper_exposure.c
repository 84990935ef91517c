/* gateway/keeper: what vendors hold is told before a batch begins, and kept
 * when it does; a worker that measures gets the keys for it. */

#include "tests/gateway/home_story.h"

#include <sys/mman.h>

#define DIGEST_A \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void
home(struct home_story *s)
{
	struct fingerprint print;
	const char *card;

	home_story_new(s, ROLE_OWNER);
	card = card_of(ROLE_VENDOR, "acme", 7, &print);
	does(s, KEEPER_VENDOR_ADD, vendor_of("acme", card, print.hex));
}

/* A list of one person, at the start of a file in memory. */
static int
list_fd(void)
{
	uint8_t run[CATALOG_SUBJECT_BYTES] = { 1 };
	int fd = memfd_create("list", MFD_CLOEXEC);
	struct fault f = { 0 };
	struct bytes b;

	bytes_init(&b, 4096);
	assert_ok(put_u16(&b, 1, &f));
	assert_ok(put_text(&b, "born", &f));
	assert_ok(put_u16(&b, 0, &f)); /* not sensitive, level 0 */
	assert_ok(bytes_add(&b, run, sizeof(run), &f));
	assert_ok(put_u16(&b, 0, &f)); /* nothing of it */
	assert_ok(file_write(fd, b.at, b.len, &f));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	bytes_free(&b);
	return fd;
}

static int
begin(struct home_story *s, const char *name, const char *digest, int as_of,
    struct fault *f)
{
	struct keeper_fds fds = { .ngive = 1 };
	json_t *out = NULL;
	int fd = list_fd(), rc;

	fds.give = &fd;
	rc = keeper_ask_fds(s->k, KEEPER_BATCH_BEGIN,
	    json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:[],s:s,s:I,s:b,s:{s:s,s:i,s:"
		      "i}}",
		"vendor", "acme", "name", name, "project", "p", "policy",
		"handoff: 1\n", "plan", digest, "source", "/data", "agreements",
		"approve", "self", "retention", (json_int_t)86400, "offline", 0,
		"risk", "report", "{\"risk\":[]}", "suppressed", 2, "as_of",
		as_of),
	    &fds, &out, f);
	json_decref(out);
	file_close(&fd);
	return rc;
}

/* How many batches are held, and how many lists there are. */
static void
assert_held(struct home_story *s, const char *plan, int batches, int as_of)
{
	struct keeper_fds fds = { .ngive = 1 };
	int fd = memfd_create("held", MFD_CLOEXEC);
	struct fault f = { 0 };
	json_t *out;

	fds.give = &fd;
	assert_ok(keeper_ask_fds(s->k, KEEPER_HOLDINGS,
	    json_pack(
		"{s:s,s:[],s:s}", "vendor", "acme", "colluding", "plan", plan),
	    &fds, &out, &f));
	assert_int_equal(
	    json_integer_value(json_object_get(out, "batches")), batches);
	assert_int_equal(
	    json_integer_value(json_object_get(out, "as_of")), as_of);
	assert_true((lseek(fd, 0, SEEK_END) > 0) == (batches > 0));
	json_decref(out);
	file_close(&fd);
}

static void
what_was_begun_meanwhile_must_be_measured_too(void **state)
{
	struct home_story s;
	struct fault f = { 0 };
	json_t *page;

	(void)state;
	home(&s);
	assert_held(&s, DIGEST_A, 0, 0);
	assert_ok(begin(&s, "one", DIGEST_A, 0, &f));
	assert_refused(begin(&s, "two", DIGEST_B, 0, &f), FAULT_USAGE);
	assert_non_null(strstr(f.text, "while this one was measured"));
	assert_held(&s, DIGEST_B, 1, 1);
	assert_held(&s, DIGEST_A, 0, 1); /* that batch itself */
	assert_ok(begin(&s, "two", DIGEST_B, 1, &f));
	/* Begun again it is found, and nothing is kept twice. */
	assert_ok(begin(&s, "two", DIGEST_B, 1, &f));
	assert_held(&s, DIGEST_A, 1, 2);
	does(&s, KEEPER_BATCH_WITHDRAW, json_pack("{s:s}", "batch", "two"));
	assert_held(&s, DIGEST_A, 0, 2);
	page = asks(&s, KEEPER_BATCH_PAGE, json_pack("{s:s}", "batch", "one"));
	assert_string_equal(text_of(page, "report"), "{\"risk\":[]}");
	json_decref(page);
	home_story_end(&s);
}

/* What is asked of a vendor and those it shares with; the caller clears *f. */
static int
ask_group(struct home_story *s, const char *vendor, const char *other,
    json_int_t *batches, struct fault *f)
{
	struct keeper_fds fds = { .ngive = 1 };
	int fd = memfd_create("held", MFD_CLOEXEC), rc;
	json_t *out = NULL;

	fds.give = &fd;
	rc = keeper_ask_fds(s->k, KEEPER_HOLDINGS,
	    json_pack("{s:s,s:[s],s:s}", "vendor", vendor, "colluding", other,
		"plan", DIGEST_B),
	    &fds, &out, f);
	*batches = json_integer_value(json_object_get(out, "batches"));
	json_decref(out);
	file_close(&fd);
	return rc;
}

static void
add_vendor(struct home_story *s, const char *name, uint8_t seed)
{
	struct fingerprint print;
	const char *card = card_of(ROLE_VENDOR, name, seed, &print);

	does(s, KEEPER_VENDOR_ADD, vendor_of(name, card, print.hex));
}

static void
a_group_with_an_unknown_name_is_refused(void **state)
{
	struct fault f = { 0 };
	struct home_story s;
	json_int_t batches;

	(void)state;
	home(&s);
	add_vendor(&s, "beta", 8);
	assert_ok(ask_group(&s, "acme", "beta", &batches, &f));
	assert_refused(
	    ask_group(&s, "acme", "betta", &batches, &f), FAULT_POLICY);
	assert_non_null(strstr(f.text, "colluding: betta: no such vendor"));
	assert_string_equal(f.hint, "did you mean beta?");
	assert_refused(
	    ask_group(&s, "acme", "nobody-yet", &batches, &f), FAULT_POLICY);
	/* Before anything is measured, too. */
	assert_refused(keeper_ask(s.k, KEEPER_BATCH_CHECK,
			   json_pack("{s:s,s:[],s:[s]}", "vendor", "acme",
			       "agreements", "colluding", "betta"),
			   &(json_t *){ NULL }, &f),
	    FAULT_POLICY);
	assert_non_null(strstr(f.text, "betta"));
	home_story_end(&s);
}

static void
who_was_ended_and_added_again_holds_what_it_held(void **state)
{
	struct fault f = { 0 };
	struct home_story s;
	json_int_t batches;

	(void)state;
	home(&s);
	assert_ok(begin(&s, "one", DIGEST_A, 0, &f));
	assert_held(&s, DIGEST_B, 1, 1);
	does(&s, KEEPER_VENDOR_CHANGE,
	    json_pack("{s:s,s:s}", "vendor", "acme", "to", "ended"));
	/* As others share with it, who is no more. */
	add_vendor(&s, "beta", 9);
	assert_ok(ask_group(&s, "beta", "acme", &batches, &f));
	assert_int_equal(batches, 1);
	assert_ok(ask_group(&s, "beta", "beta", &batches, &f));
	assert_int_equal(batches, 0);
	/* The same card under its name; another card of that name; and its keys
	 * under another name. */
	add_vendor(&s, "acme", 7);
	assert_held(&s, DIGEST_B, 1, 1);
	does(&s, KEEPER_VENDOR_CHANGE,
	    json_pack("{s:s,s:s}", "vendor", "acme", "to", "ended"));
	add_vendor(&s, "acme", 10);
	assert_held(&s, DIGEST_B, 1, 1);
	add_vendor(&s, "gamma", 7);
	assert_ok(ask_group(&s, "gamma", "gamma", &batches, &f));
	assert_int_equal(batches, 1);
	home_story_end(&s);
}

/* The keys of a worker that measures: item, order, group, person, layout, what
 * was sent and, last, what is held. */
static void
measuring_keys(struct home_story *s, const char *project, uint8_t out[7][32])
{
	struct message m, answer;
	struct fault f = { 0 };
	struct channel *c;
	struct reader r;
	struct slice key;
	uint16_t n;
	int fd;

	message_init(&m, 64);
	message_init(&answer, 65536);
	assert_ok(keeper_peer(s->k, KEEPER_WORKER,
	    json_pack(
		"{s:s,s:s,s:[]}", "vendor", "acme", "project", project, "keys"),
	    &fd, &f));
	assert_ok(channel_new(&c, fd, &f));
	assert_ok(ask_begin(&m, KEEPER_WORKER_KEYS, &f));
	assert_ok(ask(c, &m, &answer, &r, &f));
	for (int i = 0; i < 7; i++) {
		if (i == 6)
			assert_ok(take_u16(&r, &n, &f));
		assert_ok(take_slice(&r, 32, &key, &f));
		assert_int_equal(key.len, 32);
		memcpy(out[i], key.at, 32);
	}
	assert_ok(take_end(&r, &f));
	channel_free(c);
	message_free(&m);
	message_free(&answer);
}

static void
persons_and_what_they_gave_have_one_key_in_all_projects(void **state)
{
	uint8_t one[7][32], again[7][32], other[7][32];
	struct home_story s;

	(void)state;
	home(&s);
	measuring_keys(&s, "p", one);
	measuring_keys(&s, "p", again);
	measuring_keys(&s, "q", other);
	for (int i = 0; i < 7; i++) {
		bool seed = i == 0 || i == 1 || i == 4;
		bool domain = i == 2 || i == 5;

		/* Of a batch's seed there is none yet. */
		assert_int_equal(memcmp(one[i], again[i], 32) == 0, !seed);
		assert_int_equal(
		    memcmp(one[i], other[i], 32) == 0, !seed && !domain);
	}
	assert_true(memcmp(one[3], one[6], 32) != 0);
	home_story_end(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_was_begun_meanwhile_must_be_measured_too),
	cmocka_unit_test(a_group_with_an_unknown_name_is_refused),
	cmocka_unit_test(who_was_ended_and_added_again_holds_what_it_held),
	cmocka_unit_test(
	    persons_and_what_they_gave_have_one_key_in_all_projects),
};

HOME_STORY_MAIN(tests)
