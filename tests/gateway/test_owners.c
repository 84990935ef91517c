/* Owners, as a vendor's keeper is asked about them. */

#include "tests/gateway/home_story.h"

static json_t *
owner_of(const char *card, const char *name, const char *fingerprint)
{
	return json_pack("{s:s,s:s*,s:s*}", "card", card, "name", name,
	    "fingerprint", fingerprint);
}

static void
each_owner_gets_an_identity_of_its_own(void **state)
{
	struct home_story s;
	json_t *a, *b, *first, *second;
	const char *one = card_of(ROLE_OWNER, "one", 1, NULL);

	(void)state;
	home_story_new(&s, ROLE_VENDOR);
	refuses(&s, KEEPER_OWNER_ADD, owner_of(one, NULL, NULL), FAULT_USAGE,
	    "needs a name");
	a = asks(&s, KEEPER_OWNER_ADD, owner_of(one, "acme", NULL));
	first = asks(&s, KEEPER_CARD, json_object());
	b = asks(&s, KEEPER_OWNER_ADD,
	    owner_of(card_of(ROLE_OWNER, "two", 2, NULL), NULL, NULL));
	refuses(&s, KEEPER_CARD, json_object(), FAULT_USAGE, "several");
	second = asks(&s, KEEPER_CARD, json_pack("{s:s}", "owner", "two"));
	assert_string_equal(text_of(second, "name"), "acme");
	assert_string_equal(text_of(first, "home"), text_of(second, "home"));
	assert_string_not_equal(
	    text_of(first, "fingerprint"), text_of(second, "fingerprint"));
	assert_int_equal(entries(&s), 3);
	/* Again: the same keys, the same card, no entry. */
	json_decref(b);
	b = asks(&s, KEEPER_OWNER_ADD, owner_of(one, "acme", NULL));
	assert_true(json_equal(a, b));
	assert_int_equal(entries(&s), 3);
	refuses(&s, KEEPER_CARD, json_pack("{s:s}", "owner", "three"),
	    FAULT_INPUT, "no such owner");
	json_decref(a);
	json_decref(b);
	json_decref(first);
	json_decref(second);
	home_story_end(&s);
}

static bool
is_confirmed(struct home_story *s)
{
	json_t *all = asks(s, KEEPER_OWNERS, json_object());
	bool yes = json_is_true(json_object_get(
	    json_array_get(json_object_get(all, "owners"), 0), "confirmed"));

	json_decref(all);
	return yes;
}

static void
an_owner_with_another_card_needs_its_fingerprint(void **state)
{
	struct home_story s;
	struct fingerprint print, other;
	const char *card = card_of(ROLE_OWNER, "one", 1, &print);
	const char *next = card_of(ROLE_OWNER, "one", 27, &other);
	char path[300];
	json_t *o;

	(void)state;
	home_story_new(&s, ROLE_VENDOR);
	refuses(&s, KEEPER_OWNER_ADD, owner_of(card, "acme", other.hex),
	    FAULT_FORGED, "fingerprint");
	does(&s, KEEPER_OWNER_ADD, owner_of(card, "acme", NULL));
	assert_false(is_confirmed(&s));
	does(&s, KEEPER_OWNER_ADD, owner_of(card, "acme", print.words));
	assert_true(is_confirmed(&s));
	o = asks(&s, KEEPER_OWNER_ADD, owner_of(card, "acme", NULL));
	assert_true(json_is_true(json_object_get(o, "confirmed")));
	json_decref(o);
	assert_true(is_confirmed(&s));
	/* Seeds 1 and 27 name the same home: that owner has new keys, or
	 * somebody says so. */
	refuses(&s, KEEPER_OWNER_ADD, owner_of(next, NULL, NULL), FAULT_POLICY,
	    "not the one that was added");
	does(&s, KEEPER_OWNER_ADD, owner_of(next, NULL, other.hex));
	assert_true(is_confirmed(&s));
	/* Confirmed is the card that was compared last, and no other: not one
	 * that was once, nor one that was signed rightly by somebody else. */
	(void)snprintf(path, sizeof(path), "%s/owners/h-%s/card", s.home,
	    "bbbbbbbbbbbbbbbbbbbbbbbbbb");
	home_write(path, card, strlen(card));
	refuses(&s, KEEPER_OWNERS, json_object(), FAULT_FORGED,
	    "not the card that was confirmed");
	refuses(&s, KEEPER_OWNER_ADD, owner_of(card, NULL, NULL), FAULT_FORGED,
	    "not the card that was confirmed");
	does(&s, KEEPER_OWNER_ADD, owner_of(next, NULL, other.hex));
	assert_true(is_confirmed(&s));
	home_story_end(&s);
}

static void
our_card_to_an_owner_is_one_that_the_log_has(void **state)
{
	struct home_story s;
	const char *card = card_of(ROLE_OWNER, "one", 1, NULL);
	const char *other = card_of(ROLE_VENDOR, "acme", 3, NULL);
	char path[300];

	(void)state;
	home_story_new(&s, ROLE_VENDOR);
	does(&s, KEEPER_OWNER_ADD, owner_of(card, "acme", NULL));
	(void)snprintf(path, sizeof(path), "%s/owners/h-%s/own-card", s.home,
	    "bbbbbbbbbbbbbbbbbbbbbbbbbb");
	home_write(path, other, strlen(other));
	refuses(&s, KEEPER_OWNERS, json_object(), FAULT_FORGED,
	    "not a card that this home issued");
	home_story_end(&s);
}

static void
a_crash_in_the_middle_of_an_owner_is_completed(void **state)
{
	static const char *const written[] = { "own-card", "card" };
	struct home_story s;
	const char *card = card_of(ROLE_OWNER, "one", 1, NULL);
	char path[300];
	json_t *a, *b;

	(void)state;
	home_story_new(&s, ROLE_VENDOR);
	a = asks(&s, KEEPER_OWNER_ADD, owner_of(card, "acme", NULL));
	for (size_t i = 0; i < 2; i++) {
		for (size_t n = 0; n <= i; n++) {
			(void)snprintf(path, sizeof(path), "%s/owners/h-%s/%s",
			    s.home, "bbbbbbbbbbbbbbbbbbbbbbbbbb", written[n]);
			assert_int_equal(unlink(path), 0);
		}
		b = asks(&s, KEEPER_OWNERS, json_object());
		assert_int_equal(
		    json_array_size(json_object_get(b, "owners")), 0);
		json_decref(b);
		b = asks(&s, KEEPER_OWNER_ADD, owner_of(card, NULL, NULL));
		assert_true(json_equal(a, b));
		json_decref(b);
	}
	assert_int_equal(entries(&s), 2);
	json_decref(a);
	home_story_end(&s);
}

static void
each_side_keeps_to_its_side(void **state)
{
	struct home_story s;

	(void)state;
	home_story_new(&s, ROLE_OWNER);
	refuses(&s, KEEPER_OWNER_ADD,
	    owner_of(card_of(ROLE_OWNER, "one", 1, NULL), "us", NULL),
	    FAULT_USAGE, "a vendor's home");
	refuses(&s, KEEPER_OWNERS, json_object(), FAULT_USAGE, "vendor's");
	refuses(&s, KEEPER_CARD, json_pack("{s:s}", "owner", "one"),
	    FAULT_USAGE, "one card for everybody");
	home_story_end(&s);
	home_story_new(&s, ROLE_VENDOR);
	refuses(&s, KEEPER_VENDOR_ADD,
	    vendor_of("acme", card_of(ROLE_VENDOR, "acme", 1, NULL), NULL),
	    FAULT_USAGE, "an owner's home");
	refuses(&s, KEEPER_AGREEMENTS, json_object(), FAULT_USAGE, "owner's");
	refuses(&s, KEEPER_CARD, json_object(), FAULT_INPUT, "no such owner");
	refuses(&s, KEEPER_OWNER_ADD,
	    owner_of(card_of(ROLE_VENDOR, "v", 1, NULL), "us", NULL),
	    FAULT_INPUT, "a vendor's, not an owner's");
	home_story_end(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(each_owner_gets_an_identity_of_its_own),
	cmocka_unit_test(an_owner_with_another_card_needs_its_fingerprint),
	cmocka_unit_test(our_card_to_an_owner_is_one_that_the_log_has),
	cmocka_unit_test(a_crash_in_the_middle_of_an_owner_is_completed),
	cmocka_unit_test(each_side_keeps_to_its_side),
};

HOME_STORY_MAIN(tests)
