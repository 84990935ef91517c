#ifndef TESTS_GATEWAY_HOME_STORY_H
#define TESTS_GATEWAY_HOME_STORY_H

/* A real home with a real keeper, unlocked by an identity file (which is
 * faster than a passphrase), for the tests of what the keeper is asked. */

#include "tests/gateway/catalog_story.h"

#include "gateway/keeper/keeper.h"
#include "keys/base/secret.h"
#include "keys/ring/ring.h"

struct home_story {
	char folder[64];
	char home[128];
	char key[128];
	struct keeper_options o;
	struct keeper *k;
};

__attribute__((unused)) static void
home_write(const char *path, const void *p, size_t len)
{
	struct fault f = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd != -1);
	assert_ok(file_write(fd, p, len, &f));
	file_close(&fd);
}

__attribute__((unused)) static void
home_open_again(struct home_story *s, unsigned branches)
{
	struct fault f = { 0 };

	assert_ok(keeper_close(s->k, &f));
	s->k = NULL;
	s->o.branches = branches;
	assert_ok(keeper_open(&s->k, &s->o, &f));
}

__attribute__((unused)) static void
home_story_new(struct home_story *s, enum role role)
{
	const struct keeper_home h = { .role = role, .name = "us" };
	struct age_identity id = { 0 };
	struct secret text = { 0 };
	struct fault f = { 0 };

	memset(s, 0, sizeof(*s));
	test_folder(s->folder);
	(void)snprintf(s->home, sizeof(s->home), "%s/home", s->folder);
	(void)snprintf(s->key, sizeof(s->key), "%s/key", s->folder);
	assert_ok(age_identity_new(&id, &f));
	assert_ok(age_identity_write(&text, &id, &f));
	home_write(s->key, text.at, strlen((const char *)text.at));
	secret_free(&text);
	age_identity_free(&id);
	s->o = (struct keeper_options){
		.home = s->home, .passphrase = -1, .identity = s->key
	};
	assert_ok(keeper_create(&s->o, &h, &f));
	home_open_again(s, RING_ALL);
}

__attribute__((unused)) static void
home_story_end(struct home_story *s)
{
	struct fault f = { 0 };

	assert_ok(keeper_close(s->k, &f));
	test_folder_remove(s->folder);
}

/* Ask, and get the answer; or the refusal, by its kind and words. */
__attribute__((unused)) static json_t *
asks(struct home_story *s, uint16_t code, json_t *in)
{
	struct fault f = { 0 };
	json_t *out;

	assert_ok(keeper_ask(s->k, code, in, &out, &f));
	return out;
}

__attribute__((unused)) static void
does(struct home_story *s, uint16_t code, json_t *in)
{
	json_decref(asks(s, code, in));
}

__attribute__((unused)) static void
refuses(struct home_story *s, uint16_t code, json_t *in, enum fault_kind kind,
    const char *words)
{
	struct fault f = { 0 };

	assert_refused(keeper_ask(s->k, code, in, NULL, &f), kind);
	if (strstr(f.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, words);
}

/* How many entries the log has. */
__attribute__((unused)) static json_int_t
entries(struct home_story *s)
{
	json_t *who = asks(s, KEEPER_WHO, json_object());
	json_int_t n = json_integer_value(json_object_get(who, "entries"));

	json_decref(who);
	return n;
}

__attribute__((unused)) static const char *
text_of(const json_t *o, const char *member)
{
	const char *text = json_string_value(json_object_get(o, member));

	return text != NULL ? text : "";
}

/* A card whose keys follow from seed; text is NUL-ended, of static storage. */
__attribute__((unused)) static const char *
card_of(
    enum role role, const char *name, uint8_t seed, struct fingerprint *print)
{
	static char text[4][CARD_BYTES_MAX + 1];
	static unsigned i;
	uint8_t bytes[SIGN_SEED_BYTES], public[SIGN_PUBLIC_BYTES];
	char origin[NOTE_NAME_MAX + 1];
	struct card c = { .role = role, .has_log = role == ROLE_OWNER };
	struct age_identity id = { 0 };
	struct sign_key key = { 0 };
	struct fault f = { 0 };
	struct bytes out;

	i = (i + 1) % 4;
	memset(bytes, seed, sizeof(bytes));
	(void)snprintf(c.name, sizeof(c.name), "%s", name);
	(void)snprintf(c.home, sizeof(c.home), "h-%026d", 0);
	memset(c.home + 2, 'a' + seed % 26, 26);
	assert_ok(sign_key_from_seed(&key, bytes, &f));
	sign_key_public(&key, public);
	memcpy(c.tls, public, sizeof(public));
	assert_ok(vkey_of(&c.verifier, name, public, &f));
	(void)snprintf(origin, sizeof(origin), AUDIT_ORIGIN "%s", c.home);
	assert_ok(vkey_of(&c.log, origin, public, &f));
	assert_ok(age_identity_new(&id, &f));
	assert_ok(age_identity_recipient(&c.age, &id, &f));
	bytes_init(&out, CARD_BYTES_MAX);
	assert_ok(card_sign(&out, &c, &key, &f));
	(void)snprintf(text[i], sizeof(text[i]), "%.*s", (int)out.len,
	    (const char *)out.at);
	if (print != NULL)
		assert_ok(card_fingerprint(print, &c, &f));
	bytes_free(&out);
	age_identity_free(&id);
	sign_key_free(&key);
	return text[i];
}

__attribute__((unused)) static json_t *
vendor_of(const char *name, const char *card, const char *fingerprint)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s*}", "name", name, "card", card,
	    "country", "NL", "model", "dedicated", "fingerprint", fingerprint);
}

/* Ask with a paper in a descriptor. */
__attribute__((unused)) static int
paper_try(struct home_story *s, json_t *in, const char *paper, size_t len,
    struct fault *why)
{
	int fd = open(s->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), rc;
	struct keeper_fds fds = { &fd, 1, NULL, 0 };
	struct fault f = { 0 };

	assert_true(fd != -1);
	assert_ok(file_write(fd, paper, len, &f));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	rc = keeper_ask_fds(s->k, KEEPER_AGREEMENT_ADD, in, &fds, NULL, why);
	file_close(&fd);
	return rc;
}

__attribute__((unused)) static void
paper(
    struct home_story *s, const char *type, const char *from, const char *until)
{
	struct fault f = { 0 };

	assert_ok(paper_try(s,
	    json_pack("{s:s,s:s,s:s,s:s,s:s*}", "vendor", "acme", "type", type,
		"name", "paper.pdf", "from", from, "until", until),
	    "signed", 6, &f));
}

/*
 * What has no ask: with the keeper away, open ring and catalog as it would,
 * and tell story of them.
 */
__attribute__((unused)) static void
home_behind(struct home_story *s,
    void (*tell)(struct story *story, struct ring *ring, void *arg), void *arg)
{
	const struct ring_name log = { RING_LOG, "1", 0 };
	struct ring_unlock how = { .means = RING_IDENTITY };
	struct story story = { .dir = -1 };
	struct fault f = { 0 };
	struct bytes text;
	struct ring *ring;

	assert_ok(keeper_close(s->k, &f));
	s->k = NULL;
	bytes_init(&text, 4096);
	test_read_file(s->key, &text);
	assert_ok(secret_copy(&how.text, text.at, text.len, &f));
	bytes_free(&text);
	assert_ok(folder_open(AT_FDCWD, s->home, &story.dir, &f));
	assert_ok(ring_open(&ring, story.dir, &f));
	assert_ok(ring_unlock(ring, RING_ALL, &how, &f));
	assert_ok(ring_get_sign_key(ring, &log, &story.key, &f));
	bytes_init(&text, VKEY_CHARS_MAX + 1);
	assert_ok(file_read(story.dir, "log.vkey", &text, &f));
	assert_ok(
	    vkey_read(&story.log, (const char *)text.at, text.len - 1, &f));
	bytes_free(&text);
	story.open = (struct audit_home){ story.dir, &story.log, &story.key };
	assert_ok(catalog_open(&story.c, &story.open, &f));
	tell(&story, ring, arg);
	catalog_close(story.c);
	sign_key_free(&story.key);
	ring_close(ring);
	secret_free(&how.text);
	file_close(&story.dir);
	home_open_again(s, RING_ALL);
}

#define HOME_STORY_MAIN(tests)                                    \
	static const struct process_role roles[] = {              \
		{ "keeper", keeper_role },                        \
		{ "passphrase", keeper_passphrase_role },         \
		{ NULL, NULL },                                   \
	};                                                        \
                                                                  \
	int main(int argc, char **argv)                           \
	{                                                         \
		struct fault f = { 0 };                           \
                                                                  \
		process_begin(argc, argv, roles);                 \
		must(secret_start(&f) == 0);                      \
		return cmocka_run_group_tests(tests, NULL, NULL); \
	}

#endif
